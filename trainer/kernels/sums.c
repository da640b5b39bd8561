/* Sums of multiples of vectors: the weighted mean, and every rule that is one with other weights. */
#include "kernels.h"

#ifndef BLOCK
#define BLOCK 8192 /* values; what is summed up stays in the nearest cache */
#endif
#define GROUP 8      /* vectors that are added together */
#define MOST_LIMBS 4 /* parts of a factor */

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
            /* Already one product might leave 32 bits. */                                         \
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
/* Factors cut into limbs, `factor = limb0 + (limb1 << shift) + (limb2 << 2 shift) + ...`, so small that
 * 32 bits hold the sum of each limb's products whatever the values are: the vectors are read once, and
 * nobody has to look at them before. */
typedef struct {
    int16_t *limbs; /* of each limb `padded` numbers, one per vector; the last ones are zeros */
    int64_t padded;
    int count; /* limbs, at most MOST_LIMBS */
    int shift;
} Cut;

/* Cuts factors into so many limbs; 0 if that is too few. A limb's sizes may sum up to 65535. */
static int cut_into(const int64_t *factors, int64_t rows, int count, Cut *cut) {
    const int64_t unit = (int64_t)1 << cut->shift;
    int64_t sums[MOST_LIMBS] = {0};
    cut->count = count;
    for (int64_t i = 0; i < rows; i++) {
        int64_t rest = factors[i];
        for (int k = 0; k < count; k++) {
            /* To the nearest, not down: limbs of both signs are half as large. */
            int64_t next = k + 1 < count ? (rest + unit / 2) >> cut->shift : 0;
            int64_t limb = rest - next * unit;
            if (limb < -INT16_MAX || limb > INT16_MAX) return 0;
            sums[k] += limb < 0 ? -limb : limb;
            /* Limbs of 65535 in all, times values of size 2^15, still fit 32 bits. */
            if (sums[k] > UINT16_MAX) return 0;
            cut->limbs[k * cut->padded + i] = (int16_t)limb;
            rest = next;
        }
    }
    return 1;
}

/* Cuts factors into as few limbs as may be; 0 if there is no way. */
static int cut_factors(const int64_t *factors, int64_t rows, Cut *cut) {
    /* A limb is up to 2^(shift - 1) in size: of more vectors it has to be smaller. */
    for (cut->shift = 14; cut->shift && rows << (cut->shift - 1) > UINT16_MAX;) cut->shift--;
    for (int count = 1; count <= MOST_LIMBS && cut->shift; count++)
        if (cut_into(factors, rows, count, cut)) return 1;
    return 0;
}

/* Adds a group's products to the sums of each limb, two vectors at a time: one instruction multiplies
 * two values and adds the products. In a sum the values keep the places that interleaving gives. */
#define ADD_GROUP(LIMBS)                                                                           \
    static void add_group_##LIMBS(int32_t (*parts)[BLOCK], const int16_t *const *rows,             \
                                  const __m256i (*by)[GROUP / 2], int n) {                         \
        for (int i = 0; i < n; i += 16) {                                                          \
            __m256i low[LIMBS], high[LIMBS];                                                       \
            for (int k = 0; k < LIMBS; k++) {                                                      \
                low[k] = _mm256_loadu_si256((const __m256i *)(parts[k] + i));                      \
                high[k] = _mm256_loadu_si256((const __m256i *)(parts[k] + i + 8));                 \
            }                                                                                      \
            for (int g = 0; g < GROUP / 2; g++) {                                                  \
                __m256i x = _mm256_loadu_si256((const __m256i *)(rows[2 * g] + i));                \
                __m256i y = _mm256_loadu_si256((const __m256i *)(rows[2 * g + 1] + i));            \
                __m256i first = _mm256_unpacklo_epi16(x, y), last = _mm256_unpackhi_epi16(x, y);   \
                for (int k = 0; k < LIMBS; k++) {                                                  \
                    low[k] = _mm256_add_epi32(low[k], _mm256_madd_epi16(first, by[k][g]));         \
                    high[k] = _mm256_add_epi32(high[k], _mm256_madd_epi16(last, by[k][g]));        \
                }                                                                                  \
            }                                                                                      \
            for (int k = 0; k < LIMBS; k++) {                                                      \
                _mm256_storeu_si256((__m256i *)(parts[k] + i), low[k]);                            \
                _mm256_storeu_si256((__m256i *)(parts[k] + i + 8), high[k]);                       \
            }                                                                                      \
        }                                                                                          \
    }

ADD_GROUP(1)
ADD_GROUP(2)
ADD_GROUP(3)
ADD_GROUP(4)

static void add_rows(const int16_t **vectors, const Cut *cut, int64_t count, int64_t at, int n,
                     int32_t (*parts)[BLOCK]) {
    static const int16_t zeros[BLOCK];
    for (int64_t i = 0; i < count; i += GROUP) {
        const int16_t *rows[GROUP];
        __m256i by[MOST_LIMBS][GROUP / 2];
        for (int g = 0; g < GROUP; g++) rows[g] = i + g < count ? vectors[i + g] + at : zeros;
        for (int k = 0; k < cut->count; k++)
            for (int g = 0; g < GROUP / 2; g++) {
                const int16_t *two = cut->limbs + k * cut->padded + i + 2 * g;
                by[k][g] = _mm256_set1_epi32((uint16_t)two[0] | (int32_t)((uint32_t)(uint16_t)two[1] << 16));
            }
        switch (cut->count) {
        case 1: add_group_1(parts, rows, by, n); break;
        case 2: add_group_2(parts, rows, by, n); break;
        case 3: add_group_3(parts, rows, by, n); break;
        default: add_group_4(parts, rows, by, n);
        }
    }
}

/* Adds the limbs' sums up, and puts the values back into their places. */
static void join(int32_t (*parts)[BLOCK], const Cut *cut, int n, int64_t *restrict sums) {
    for (int i = 0; i < n; i += 4) {
        /* Interleaving works in halves of 128 bits: of 16 values the second and third four
         * change places. */
        int place = i % 16 / 4, from = i + (place == 1 ? 4 : place == 2 ? -4 : 0);
        for (int j = 0; j < 4; j++) sums[i + j] = parts[0][from + j];
        for (int k = 1; k < cut->count; k++) {
            const int64_t unit = (int64_t)1 << k * cut->shift;
            for (int j = 0; j < 4; j++) sums[i + j] += parts[k][from + j] * unit;
        }
    }
}

static int weighted_by_limbs(const int16_t **vectors, const int64_t *factors, int64_t count, int64_t start,
                             int64_t end, const Target *to) {
    int32_t parts[MOST_LIMBS][BLOCK];
    int64_t kept[BLOCK];
    Cut cut = {.padded = (count + GROUP - 1) / GROUP * GROUP};
    cut.limbs = calloc(MOST_LIMBS * cut.padded, sizeof(int16_t));
    int done = cut.limbs && cut_factors(factors, count, &cut);
    for (int64_t at = start; done && at < end; at += BLOCK) {
        int n = (int)(end - at < BLOCK ? end - at : BLOCK), whole = n / 16 * 16;
        int64_t *sums = to->quotients ? kept : to->sums + at;
        for (int k = 0; k < cut.count; k++) memset(parts[k], 0, whole * sizeof(int32_t));
        add_rows(vectors, &cut, count, at, whole, parts);
        join(parts, &cut, whole, sums);
        if (whole < n) block_plain(vectors, factors, count, at + whole, n - whole, sums + whole);
        if (to->quotients) divide(sums, n, to, to->quotients + at);
    }
    free(cut.limbs);
    return done;
}
#endif

WHOLE(int8_t, i8)
WHOLE(int16_t, plain)
WHOLE(int32_t, i32)
WHOLE(int64_t, i64)

void weighted_i16(const int16_t **vectors, const int64_t *factors, int64_t count, int64_t start, int64_t end,
                  const Target *to) {
#ifdef __AVX2__
    if (weighted_by_limbs(vectors, factors, count, start, end, to)) return;
#endif
    weighted_plain(vectors, factors, count, start, end, to);
}
