/* Exact integer kernels over many vectors of one type, block by block.
 *
 * Each function works on the values from `start` to `end`, so that threads can share vectors; what it
 * gives doesn't depend on how a range is cut. Sums go to `sums`; where `quotients` isn't null they are
 * divided there instead, roundHalfAway(2^guard * sum / denominator), as A-1 says.
 * `trainer/kernels/portable.py` computes the same in NumPy, and a test holds one against the other.
 */
#ifndef TALLYSTICK_KERNELS_H
#define TALLYSTICK_KERNELS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#define OUT_OF_MEMORY (-1)
#define OUT_OF_LATTICE (-2)

typedef struct {
    int64_t *sums;
    int32_t *quotients;
    int64_t denominator;
    int64_t guard;
    int64_t largest; /* what no sum exceeds in size */
} Target;

#ifdef __AVX2__
/* Divides as long as every number is below 2^51: binary64 then holds it exactly. Returns how many. */
static inline int divide_by_four(const int64_t *sums, int n, const Target *to, int32_t *out) {
    /* Added as an integer, and taken away as a float, it turns the one into the other. */
    const __m256i magic = _mm256_set1_epi64x(0x4338000000000000);
    const __m256d offset = _mm256_set1_pd(6755399441055744.0), sign = _mm256_set1_pd(-0.0);
    const __m256d scale = _mm256_set1_pd((double)((int64_t)2 << to->guard));
    const __m256d half = _mm256_set1_pd((double)to->denominator), twice = _mm256_add_pd(half, half);
    const __m256d inverse = _mm256_div_pd(_mm256_set1_pd(1.0), twice), one = _mm256_set1_pd(1.0);
    int i = 0;
    for (; i + 4 <= n; i += 4) {
        __m256i sum = _mm256_add_epi64(_mm256_loadu_si256((const __m256i *)(sums + i)), magic);
        __m256d value = _mm256_sub_pd(_mm256_castsi256_pd(sum), offset);
        __m256d size = _mm256_andnot_pd(sign, value);
        __m256d numerator = _mm256_add_pd(_mm256_mul_pd(size, scale), half);
        /* The inverse is rounded, so the quotient may be off by one; the rest, which is exact,
         * says so. */
        __m256d quotient = _mm256_floor_pd(_mm256_mul_pd(numerator, inverse));
        __m256d rest = _mm256_sub_pd(numerator, _mm256_mul_pd(quotient, twice));
        __m256d more = _mm256_cmp_pd(rest, twice, _CMP_GE_OQ);
        __m256d less = _mm256_cmp_pd(rest, _mm256_setzero_pd(), _CMP_LT_OQ);
        quotient = _mm256_add_pd(quotient, _mm256_and_pd(more, one));
        quotient = _mm256_sub_pd(quotient, _mm256_and_pd(less, one));
        quotient = _mm256_or_pd(quotient, _mm256_and_pd(sign, value));
        _mm_storeu_si128((__m128i *)(out + i), _mm256_cvttpd_epi32(quotient));
    }
    return i;
}
#endif

/* |sum| * 2^(guard + 1) + denominator has to fit 63 bits, which the caller has checked. */
static inline void divide(const int64_t *sums, int n, const Target *to, int32_t *out) {
    const int64_t denominator = to->denominator, guard = to->guard, twice = 2 * denominator;
    const double inverse = 1.0 / (double)twice;
    int i = 0;
#ifdef __AVX2__
    if ((to->largest << (guard + 1)) + 2 * denominator < (int64_t)1 << 51)
        i = divide_by_four(sums, n, to, out);
#endif
    for (; i < n; i++) {
        int64_t sum = sums[i], size = sum < 0 ? -sum : sum;
        int64_t numerator = (size << (guard + 1)) + denominator;
        /* The quotient has 32 bits, so the estimate is off by one at most. */
        int64_t quotient = (int64_t)((double)numerator * inverse);
        int64_t rest = numerator - quotient * twice;
        quotient += (rest >= twice) - (rest < 0);
        out[i] = (int32_t)(sum < 0 ? -quotient : quotient);
    }
}

#endif
