/* Inner products of all pairs of vectors: from these, exactly, every distance and every angle. */
#include "kernels.h"

#ifdef __AVX2__
#define LOAD(P) _mm256_loadu_si256((const __m256i *)(P))
#define ADD_PRODUCTS(SUM, X, Y) SUM = _mm256_add_epi32(SUM, _mm256_madd_epi16(X, Y))
#endif

#define STRETCH 1024 /* values of every vector at a time: they stay in the second cache */
#define ROWS 2
#define COLUMNS 4

/* Adds the inner products of two rows with four columns. A product of two values has at most 30 bits;
 * `safe` sums of two of them fit 32. */
static void tile(const int16_t *row, const int16_t *column, int safe, int64_t sums[ROWS][COLUMNS]) {
#ifdef __AVX2__
    for (int at = 0; at < STRETCH;) {
        int stop = (STRETCH - at) / 16 <= safe ? STRETCH : at + 16 * safe;
        __m256i p[ROWS][COLUMNS];
        memset(p, 0, sizeof p);
        __m256i p00 = p[0][0], p01 = p00, p02 = p00, p03 = p00;
        __m256i p10 = p00, p11 = p00, p12 = p00, p13 = p00;
        for (; at < stop; at += 16) {
            __m256i x = LOAD(row + at), y = LOAD(row + STRETCH + at), z = LOAD(column + at);
            ADD_PRODUCTS(p00, x, z);
            ADD_PRODUCTS(p10, y, z);
            z = LOAD(column + STRETCH + at);
            ADD_PRODUCTS(p01, x, z);
            ADD_PRODUCTS(p11, y, z);
            z = LOAD(column + 2 * STRETCH + at);
            ADD_PRODUCTS(p02, x, z);
            ADD_PRODUCTS(p12, y, z);
            z = LOAD(column + 3 * STRETCH + at);
            ADD_PRODUCTS(p03, x, z);
            ADD_PRODUCTS(p13, y, z);
        }
        p[0][0] = p00, p[0][1] = p01, p[0][2] = p02, p[0][3] = p03;
        p[1][0] = p10, p[1][1] = p11, p[1][2] = p12, p[1][3] = p13;
        for (int i = 0; i < ROWS; i++)
            for (int j = 0; j < COLUMNS; j++) {
                int32_t lanes[8];
                memcpy(lanes, &p[i][j], sizeof lanes);
                for (int l = 0; l < 8; l++) sums[i][j] += lanes[l];
            }
    }
#else
    (void)safe;
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            for (int k = 0; k < STRETCH; k++)
                sums[i][j] += (int32_t)row[i * STRETCH + k] * column[j * STRETCH + k];
#endif
}

/* The same for products of the full 30 bits, two of which are all that 32 bits can take. */
static void wide_tile(const int16_t *row, const int16_t *column, int64_t sums[ROWS][COLUMNS]) {
#ifdef __AVX2__
    const __m256i top = _mm256_set1_epi32(INT32_MIN), low = _mm256_set1_epi64x(UINT32_MAX);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            const int16_t *a = row + i * STRETCH, *b = column + j * STRETCH;
            __m256i even = _mm256_setzero_si256(), odd = even;
            for (int k = 0; k < STRETCH; k += 16) {
                __m256i two = _mm256_madd_epi16(LOAD(a + k), LOAD(b + k));
                /* Moved up by 2^31 it has no sign, so its halves can be cut apart. */
                two = _mm256_xor_si256(two, top);
                even = _mm256_add_epi64(even, _mm256_and_si256(two, low));
                odd = _mm256_add_epi64(odd, _mm256_srli_epi64(two, 32));
            }
            int64_t lanes[4];
            even = _mm256_add_epi64(even, odd);
            memcpy(lanes, &even, sizeof lanes);
            for (int l = 0; l < 4; l++) sums[i][j] += lanes[l];
            sums[i][j] -= (int64_t)(STRETCH / 2) << 31; /* and down again */
        }
#else
    tile(row, column, 1, sums);
#endif
}

static void add_pairs(const int16_t *rows, int64_t count, int largest, int64_t *out) {
    int64_t safe = largest ? INT32_MAX / (2 * (int64_t)largest * largest) : STRETCH;
    for (int64_t i = 0; i < count; i += ROWS)
        for (int64_t j = i / COLUMNS * COLUMNS; j < count; j += COLUMNS) {
            int64_t sums[ROWS][COLUMNS] = {{0}};
            if (safe >= 4)
                tile(rows + i * STRETCH, rows + j * STRETCH,
                     (int)(safe < STRETCH ? safe : STRETCH), sums);
            else
                wide_tile(rows + i * STRETCH, rows + j * STRETCH, sums);
            for (int64_t a = 0; a < ROWS && i + a < count; a++)
                for (int64_t b = 0; b < COLUMNS && j + b < count; b++)
                    out[(i + a) * count + j + b] += sums[a][b];
        }
}

/* Adds the inner products of all pairs to `out` (count x count), on and above the diagonal. */
#define GRAM(T, NAME)                                                                              \
    static int largest_##NAME(int16_t *restrict row, const T *restrict from, int n) {              \
        int16_t least = 0, most = 0;                                                               \
        for (int k = 0; k < n; k++) {                                                              \
            int16_t value = from[k];                                                               \
            row[k] = value;                                                                        \
            least = value < least ? value : least;                                                 \
            most = value > most ? value : most;                                                    \
        }                                                                                          \
        return -(int)least > most ? -(int)least : most;                                            \
    }                                                                                              \
    int gram_##NAME(const T **vectors, int64_t count, int64_t start, int64_t end, int64_t *out) {  \
        /* Tiles are whole: beyond the last vector they read rows of zeros. */                     \
        size_t size = (count + COLUMNS) / COLUMNS * COLUMNS * STRETCH * sizeof(int16_t);           \
        int16_t *rows = aligned_alloc(64, size);                                                   \
        if (rows == NULL) return OUT_OF_MEMORY;                                                    \
        memset(rows, 0, size);                                                                     \
        for (int64_t at = start; at < end; at += STRETCH) {                                        \
            int n = (int)(end - at < STRETCH ? end - at : STRETCH), largest = 0;                   \
            if (n < STRETCH) memset(rows, 0, size);                                                \
            for (int64_t i = 0; i < count; i++) {                                                  \
                int found = largest_##NAME(rows + i * STRETCH, vectors[i] + at, n);                \
                largest = found > largest ? found : largest;                                       \
            }                                                                                      \
            /* -2^15: two squares of it, which one instruction adds, leave 32 bits. */             \
            if (largest > INT16_MAX) {                                                             \
                free(rows);                                                                        \
                return OUT_OF_LATTICE;                                                             \
            }                                                                                      \
            add_pairs(rows, count, largest, out);                                                  \
        }                                                                                          \
        free(rows);                                                                                \
        return 0;                                                                                  \
    }

GRAM(int8_t, i8)
GRAM(int16_t, i16)
