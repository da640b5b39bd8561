/* Sums of multiples of vectors: the weighted mean, and every rule that is one with other weights. */
#include "kernels.h"

#ifndef BLOCK
#define BLOCK 8192 /* values; what is summed up stays in the nearest cache */
#endif
#define MOST 512   /* terms of one block */

typedef struct {
    const int16_t *values;
    int16_t factor;
    int64_t size; /* the largest product */
} Term;

#define WEIGHTED(T, NAME)                                                                          \
    static void narrow_##NAME(int32_t *restrict sums, const T *restrict v, int32_t c, int n) {     \
        for (int i = 0; i < n; i++) sums[i] += (int32_t)v[i] * c;                                  \
    }                                                                                              \
    static void wide_##NAME(int64_t *restrict sums, const T *restrict v, int64_t c, int n) {       \
        for (int i = 0; i < n; i++) sums[i] += (int64_t)v[i] * c;                                  \
    }                                                                                              \
    static void block_##NAME(const T **vectors, const int64_t *factors, int64_t count, int64_t at, \
                             int n, int64_t *sums) {                                               \
        int32_t part[BLOCK];                                                                       \
        const int64_t reach = (int64_t)1 << (8 * sizeof(T) - 1);                                   \
        int64_t bound = 0;                                                                         \
        memset(sums, 0, n * sizeof(int64_t));                                                      \
        memset(part, 0, n * sizeof(int32_t));                                                      \
        for (int64_t i = 0; i < count; i++) {                                                      \
            int64_t size = factors[i] < 0 ? -factors[i] : factors[i];                              \
            if (size >= ((int64_t)1 << 31) / reach) {                                              \
                wide_##NAME(sums, vectors[i] + at, factors[i], n);                                 \
                continue;                                                                          \
            }                                                                                      \
            /* Half the work of 64 bits, and as exact: the bound says so. */                       \
            if (bound + size * reach >= ((int64_t)1 << 31)) {                                      \
                for (int j = 0; j < n; j++) sums[j] += part[j];                                    \
                memset(part, 0, n * sizeof(int32_t));                                              \
                bound = 0;                                                                         \
            }                                                                                      \
            narrow_##NAME(part, vectors[i] + at, (int32_t)factors[i], n);                          \
            bound += size * reach;                                                                 \
        }                                                                                          \
        for (int j = 0; j < n; j++) sums[j] += part[j];                                            \
    }

#define WHOLE(T, NAME)                                                                             \
    void weighted_##NAME(const T **vectors, const int64_t *factors, int64_t count, int64_t start,  \
                         int64_t end, const Target *to) {                                          \
        int64_t kept[BLOCK];                                                                       \
        for (int64_t at = start; at < end; at += BLOCK) {                                          \
            int n = (int)(end - at < BLOCK ? end - at : BLOCK);                                    \
            int64_t *sums = to->quotients ? kept : to->sums + at;                                  \
            block_##NAME(vectors, factors, count, at, n, sums);                                    \
            if (to->quotients) divide(sums, n, to, to->quotients + at);                            \
        }                                                                                          \
    }

WEIGHTED(int8_t, i8)
WEIGHTED(int16_t, plain)
WEIGHTED(int32_t, i32)
WEIGHTED(int64_t, i64)

#ifdef __AVX2__
static int largest(const int16_t *v, int n) {
    __m256i top = _mm256_setzero_si256();
    for (int i = 0; i < n; i += 16)
        top = _mm256_max_epu16(top, _mm256_abs_epi16(_mm256_loadu_si256((const __m256i *)(v + i))));
    uint16_t lanes[16];
    memcpy(lanes, &top, sizeof lanes);
    int found = 0;
    for (int i = 0; i < 16; i++) found = lanes[i] > found ? lanes[i] : found;
    return found;
}

/* Adds up to four terms, two by two: one instruction multiplies both and adds the products. In `part`
 * the values keep the places that interleaving gives them. */
static void add_terms(int32_t *part, const Term *terms, int count, int n) {
    static const int16_t zeros[BLOCK];
    const Term none = {zeros, 0, 0};
    const Term a = terms[0], b = count > 1 ? terms[1] : none;
    const Term c = count > 2 ? terms[2] : none, d = count > 3 ? terms[3] : none;
    const __m256i ab = _mm256_set1_epi32((uint16_t)a.factor | (int32_t)((uint32_t)(uint16_t)b.factor << 16));
    const __m256i cd = _mm256_set1_epi32((uint16_t)c.factor | (int32_t)((uint32_t)(uint16_t)d.factor << 16));
    for (int i = 0; i < n; i += 16) {
        __m256i x = _mm256_loadu_si256((const __m256i *)(a.values + i));
        __m256i y = _mm256_loadu_si256((const __m256i *)(b.values + i));
        __m256i low = _mm256_madd_epi16(_mm256_unpacklo_epi16(x, y), ab);
        __m256i high = _mm256_madd_epi16(_mm256_unpackhi_epi16(x, y), ab);
        x = _mm256_loadu_si256((const __m256i *)(c.values + i));
        y = _mm256_loadu_si256((const __m256i *)(d.values + i));
        low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_unpacklo_epi16(x, y), cd));
        high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_unpackhi_epi16(x, y), cd));
        __m256i *into = (__m256i *)(part + i);
        _mm256_storeu_si256(into, _mm256_add_epi32(_mm256_loadu_si256(into), low));
        _mm256_storeu_si256(into + 1, _mm256_add_epi32(_mm256_loadu_si256(into + 1), high));
    }
}

static void empty_into(int64_t *restrict sums, int32_t *restrict part, int n) {
    for (int i = 0; i < n; i += 16)
        for (int j = 0; j < 4; j++) {
            sums[i + j] += part[i + j];
            sums[i + 8 + j] += part[i + 4 + j];
            sums[i + 4 + j] += part[i + 8 + j];
            sums[i + 12 + j] += part[i + 12 + j];
        }
    memset(part, 0, n * sizeof(int32_t));
}

/* Cuts the factors into terms of 16 bits; returns how many, 0 if there are too many. */
static int terms_of(const int16_t **vectors, const int64_t *factors, int64_t count, int64_t at, int n,
                    Term *terms) {
    int found = 0;
    for (int64_t i = 0; i < count; i++) {
        const int16_t *values = vectors[i] + at;
        int64_t rest = factors[i], size = largest(values, n);
        do {
            if (found == MOST) return 0;
            int64_t factor = rest > INT16_MAX ? INT16_MAX : rest < -INT16_MAX ? -INT16_MAX : rest;
            terms[found++] = (Term){values, (int16_t)factor, size * (factor < 0 ? -factor : factor)};
            rest -= factor;
        } while (rest);
    }
    return found;
}

static void block_i16(const int16_t **vectors, const int64_t *factors, int64_t count, int64_t at, int n,
                      int64_t *sums) {
    Term terms[MOST];
    int32_t part[BLOCK];
    int found = n % 16 ? 0 : terms_of(vectors, factors, count, at, n, terms);
    if (!found) {
        block_plain(vectors, factors, count, at, n, sums);
        return;
    }
    memset(sums, 0, n * sizeof(int64_t));
    memset(part, 0, n * sizeof(int32_t));
    int64_t bound = 0;
    for (int i = 0; i < found;) {
        int64_t size = 0;
        int group = 0;
        while (group < 4 && i + group < found && size + terms[i + group].size <= INT32_MAX)
            size += terms[i + group++].size;
        if (bound + size > INT32_MAX) {
            empty_into(sums, part, n);
            bound = 0;
        }
        add_terms(part, terms + i, group, n);
        bound += size;
        i += group;
    }
    empty_into(sums, part, n);
}
#else
#define block_i16 block_plain
#endif

WHOLE(int8_t, i8)
WHOLE(int16_t, i16)
WHOLE(int32_t, i32)
WHOLE(int64_t, i64)
