/* The floating types of tensors, read into binary64 and rounded back from it, as A-3 says.
 *
 * 16-bit types go through binary32: each conversion rounds half to even. Bits only, so that no
 * machine needs the types. The library is compiled without contraction: a product and a sum are two
 * roundings everywhere.
 */
#ifndef TALLYSTICK_FLOATS_H
#define TALLYSTICK_FLOATS_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static inline float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double read_f64(double value) { return value; }
static inline double read_f32(float value) { return value; }
static inline double read_bf16(uint16_t bits) { return float_of((uint32_t)bits << 16); }

/* Subnormal halves are normal in binary32: a subtraction puts their leading one in place. */
static inline double read_f16(uint16_t half) {
    uint32_t size = (uint32_t)(half & 0x7fff) << 13, sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t normal = size + (112u << 23), endless = size + (224u << 23);
    uint32_t tiny = bits_of(float_of(size + (113u << 23)) - float_of(113u << 23));
    uint32_t found = size >= (31u << 23) ? endless : size < (1u << 23) ? tiny : normal;
    return float_of(found | sign);
}

static inline double write_f64(double value) { return value; }
static inline float write_f32(double value) { return (float)value; }

static inline uint16_t write_bf16(double value) {
    uint32_t bits = bits_of((float)value);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static inline uint16_t write_f16(double value) {
    uint32_t bits = bits_of((float)value), sign = bits & 0x80000000u, size = bits ^ sign;
    /* Added to a number below 2^-14, 2^-1 leaves its multiples of 2^-24, rounded. */
    uint32_t tiny = bits_of(float_of(size) + float_of(126u << 23)) - (126u << 23);
    uint32_t normal = (size - (112u << 23) + 0xfff + (size >> 13 & 1)) >> 13;
    uint32_t found = size >= (143u << 23) ? 0x7c00 : size < (113u << 23) ? tiny : normal;
    return (uint16_t)(found | sign >> 16);
}

/* Whether what was written is a number; of `value`, from which it was written, as well: a NaN's bits
 * may have been rounded to others. */
static inline int lost_f64(double value, double written) {
    (void)written;
    return !(fabs(value) <= DBL_MAX);
}
static inline int lost_f32(double value, float written) {
    (void)value;
    return !(fabsf(written) <= FLT_MAX);
}
static inline int lost_bf16(double value, uint16_t written) {
    return !(fabs(value) <= DBL_MAX) | ((written & 0x7f80) == 0x7f80);
}
static inline int lost_f16(double value, uint16_t written) {
    return !(fabs(value) <= DBL_MAX) | ((written & 0x7c00) == 0x7c00);
}

#define EACH_FLOAT(DO)                                                                             \
    DO(double, f64)                                                                                \
    DO(float, f32)                                                                                 \
    DO(uint16_t, bf16)                                                                             \
    DO(uint16_t, f16)

#endif
