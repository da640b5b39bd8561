/* Sums of values chosen by their rank in each column: median, trimmed mean, Bulyan's second step.
 *
 * Columns are sorted together, row against row, by a network that doesn't look at the values.
 */
#include "kernels.h"

#define LANES 512 /* columns sorted at once */

/* `network` holds pairs of rows: a comparator puts the lesser values into the first. Summed are the
 * rows from `low` to `high` (not included), in ascending order; or, if `near` isn't 0, so many values
 * closest to the median, of equally near ones the lesser. */
#define RANKED(T, NAME)                                                                            \
    static void compare_##NAME(T *restrict a, T *restrict b, int n) {                              \
        for (int i = 0; i < n; i++) {                                                              \
            T x = a[i], y = b[i];                                                                  \
            a[i] = x < y ? x : y;                                                                  \
            b[i] = x < y ? y : x;                                                                  \
        }                                                                                          \
    }                                                                                              \
    static void sum_##NAME(int64_t *restrict sums, const T *restrict row, int n) {                 \
        for (int i = 0; i < n; i++) sums[i] += row[i];                                             \
    }                                                                                              \
    /* The window moves up by one where that comes nearer: so it does from the first row on, and   \
     * not again once it has stopped, because the rows ascend. */                                  \
    static void move_##NAME(int64_t *restrict sums, const T *restrict from, const T *restrict to,  \
                            const int64_t *restrict middle, int n) {                               \
        for (int i = 0; i < n; i++) {                                                              \
            int64_t low = from[i], high = to[i];                                                   \
            sums[i] += low + high < middle[i] ? high - low : 0;                                    \
        }                                                                                          \
    }                                                                                              \
    static void nearest_##NAME(const T *rows, int64_t count, int64_t near, int n, int64_t *sums) { \
        int64_t middle[LANES];                                                                     \
        const T *lower = rows + (count - 1) / 2 * LANES, *upper = rows + count / 2 * LANES;        \
        /* Twice the median, which between two values may be no integer. */                        \
        for (int i = 0; i < n; i++) middle[i] = (int64_t)lower[i] + upper[i];                      \
        for (int64_t r = 0; r < near; r++) sum_##NAME(sums, rows + r * LANES, n);                  \
        for (int64_t r = 0; r + near < count; r++)                                                 \
            move_##NAME(sums, rows + r * LANES, rows + (r + near) * LANES, middle, n);             \
    }                                                                                              \
    int ranked_##NAME(const T **vectors, int64_t count, const int32_t *network, int64_t steps,     \
                      int64_t low, int64_t high, int64_t near, int64_t start, int64_t end,         \
                      const Target *to) {                                                          \
        int64_t kept[LANES];                                                                       \
        T *rows = aligned_alloc(64, count * LANES * sizeof(T));                                    \
        if (rows == NULL) return OUT_OF_MEMORY;                                                    \
        for (int64_t at = start; at < end; at += LANES) {                                          \
            int n = (int)(end - at < LANES ? end - at : LANES);                                    \
            int64_t *sums = to->quotients ? kept : to->sums + at;                                  \
            for (int64_t i = 0; i < count; i++)                                                    \
                memcpy(rows + i * LANES, vectors[i] + at, n * sizeof(T));                          \
            for (int64_t s = 0; s < 2 * steps; s += 2)                                             \
                compare_##NAME(rows + (int64_t)network[s] * LANES,                                 \
                               rows + (int64_t)network[s + 1] * LANES, n);                         \
            memset(sums, 0, n * sizeof(int64_t));                                                  \
            if (near)                                                                              \
                nearest_##NAME(rows, count, near, n, sums);                                        \
            else                                                                                   \
                for (int64_t r = low; r < high; r++) sum_##NAME(sums, rows + r * LANES, n);        \
            if (to->quotients) divide(sums, n, to, to->quotients + at);                            \
        }                                                                                          \
        free(rows);                                                                                \
        return 0;                                                                                  \
    }

RANKED(int8_t, i8)
RANKED(int16_t, i16)
RANKED(int32_t, i32)
RANKED(int64_t, i64)
