/* What training changed, on the lattice (L-2): difference, step, rounding, bound, count, one pass. */
#include "floats.h"

#define BLOCK 1024

/* Added and taken away again it rounds any number below 2^51 half to even. */
static const double ROUND = 6755399441055744.0;

/* Rounds steps in place, none to more than the integer after `most`. */
static void rounded(double *restrict steps, double most, int n) {
    const double beyond = most + 1;
    for (int i = 0; i < n; i++) {
        double value = steps[i];
        /* Bounded before it is rounded: ROUND does for numbers below 2^51 only, and an infinity
         * that the scale made is bounded with them. */
        value = value > beyond ? beyond : value;
        value = value < -beyond ? -beyond : value;
        steps[i] = (value + ROUND) - ROUND;
    }
}

/* Bounds rounded steps in place; returns how many lie at the bounds then. */
static int64_t bounded(double *restrict steps, double most, int n) {
    int64_t over = 0;
    for (int i = 0; i < n; i++) {
        double value = steps[i];
        over += fabs(value) >= most;
        value = value > most ? most : value;
        steps[i] = value < -most ? -most : value;
    }
    return over;
}

/* Returns the place of the first difference that isn't a number, or -1; adds to `clamped` how many
 * values lie at the bounds. `scale` is one over the step, a power of two. */
#define QUANTIZED(T, NAME, Q, BITS)                                                                \
    int64_t quantized_##NAME##_i##BITS(const T *restrict base, const T *restrict trained,          \
                                       double scale, int64_t n, Q *restrict out,                   \
                                       int64_t *clamped) {                                         \
        double steps[BLOCK];                                                                       \
        for (int64_t at = 0; at < n; at += BLOCK) {                                                \
            const int count = (int)(n - at < BLOCK ? n - at : BLOCK);                              \
            int lost = 0;                                                                          \
            for (int i = 0; i < count; i++) {                                                      \
                double moved = read_##NAME(trained[at + i]) - read_##NAME(base[at + i]);           \
                lost |= !(fabs(moved) <= DBL_MAX);                                                 \
                steps[i] = moved * scale;                                                          \
            }                                                                                      \
            /* Which one it was is looked for only once there is one. */                           \
            for (int i = 0; lost && i < count; i++)                                                \
                if (!(fabs(read_##NAME(trained[at + i]) - read_##NAME(base[at + i])) <= DBL_MAX))  \
                    return at + i;                                                                 \
            rounded(steps, INT##BITS##_MAX, count);                                                \
            *clamped += bounded(steps, INT##BITS##_MAX, count);                                    \
            for (int i = 0; i < count; i++) out[at + i] = (Q)(int32_t)steps[i];                    \
        }                                                                                          \
        return -1;                                                                                 \
    }

#define EACH_WIDTH(T, NAME)                                                                        \
    QUANTIZED(T, NAME, int8_t, 8)                                                                  \
    QUANTIZED(T, NAME, int16_t, 16)                                                                \
    QUANTIZED(T, NAME, int32_t, 32)

EACH_FLOAT(EACH_WIDTH)
