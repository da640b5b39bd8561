/* New tensors from a base and what moves it: one pass, no number above what is read. */
#include "floats.h"

/* Each returns whether a new value is beyond its type. `unit` is a power of two, so the product is
 * exact, and the sum is the only rounding before the type's own. */
#define MOVED(T, NAME)                                                                             \
    int moved_##NAME(const T *restrict base, const int32_t *restrict aggregate, double unit,       \
                     int64_t n, T *restrict out) {                                                 \
        int lost = 0;                                                                              \
        for (int64_t i = 0; i < n; i++) {                                                          \
            double value = read_##NAME(base[i]) + aggregate[i] * unit;                             \
            T written = write_##NAME(value);                                                       \
            lost |= lost_##NAME(value, written);                                                   \
            out[i] = written;                                                                      \
        }                                                                                          \
        return lost;                                                                               \
    }                                                                                              \
    int stepped_##NAME(const T *restrict base, const double *restrict step, int64_t n,             \
                       T *restrict out) {                                                          \
        int lost = 0;                                                                              \
        for (int64_t i = 0; i < n; i++) {                                                          \
            double value = read_##NAME(base[i]) + step[i];                                         \
            T written = write_##NAME(value);                                                       \
            lost |= lost_##NAME(value, written);                                                   \
            out[i] = written;                                                                      \
        }                                                                                          \
        return lost;                                                                               \
    }

EACH_FLOAT(MOVED)
