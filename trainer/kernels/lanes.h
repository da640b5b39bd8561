/* Blocks of a keystream, sha256(seed | number as 8 bytes), by AVX-512: sixteen at once, one a lane.
 *
 * FIPS 180-4, section 6.2.2. One block is one compression, whose rounds wait for each other, so one after
 * the other leaves most of the processor idle. The first eight rounds take in the seed alone: they are the
 * same for all blocks. A test holds the lanes against OpenSSL's function and hashlib.
 */
#ifndef TALLYSTICK_LANES_H
#define TALLYSTICK_LANES_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define LANES 16
#define SEED_ROUNDS 8

static const uint32_t INITIAL[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
static const uint32_t ROUND[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

#define SUM(X, Y) _mm512_add_epi32(X, Y)
#define XOR3(X, Y, Z) _mm512_ternarylogic_epi32(X, Y, Z, 0x96)
#define TURNED(X, A, B, C)                                                                         \
    XOR3(_mm512_ror_epi32(X, A), _mm512_ror_epi32(X, B), _mm512_ror_epi32(X, C))
#define SHIFTED(X, A, B, C)                                                                        \
    XOR3(_mm512_ror_epi32(X, A), _mm512_ror_epi32(X, B), _mm512_srli_epi32(X, C))

typedef struct {
    uint32_t words[SEED_ROUNDS]; /* the seed's, which are the first of the message */
    uint32_t state[8];           /* after their rounds */
} Seed;

static inline uint32_t turned(uint32_t x, int bits) { return x >> bits | x << (32 - bits); }

/* The rounds that all blocks of a seed begin with. */
static void take_seed(const uint8_t *seed, Seed *to) {
    uint32_t *s = to->state;
    memcpy(s, INITIAL, sizeof INITIAL);
    for (int t = 0; t < SEED_ROUNDS; t++) {
        uint32_t word;
        memcpy(&word, seed + 4 * t, 4);
        to->words[t] = word = __builtin_bswap32(word);
        uint32_t a = s[0], b = s[1], c = s[2], e = s[4], f = s[5], g = s[6];
        uint32_t first = s[7] + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) +
                         ROUND[t] + word;
        uint32_t second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += first;
        s[0] = first + second;
    }
}

/* Writes eight vectors of sixteen lanes as sixteen blocks of eight words. */
static inline void transpose_lanes(__m512i v[8], uint32_t *out) {
    static const uint32_t by_word[2][16] = {
        {0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23},
        {8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31}};
    static const uint32_t by_two[2][16] = {{0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23},
                                           {8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31}};
    static const uint32_t by_four[2][16] = {{0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23},
                                            {8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31}};
    __m512i one[8], two[8];
#define MIXED(X, Y, HOW, HALF) _mm512_permutex2var_epi32(X, _mm512_loadu_si512(HOW[HALF]), Y)
    /* Each step pairs what lies side by side in a block, and halves the lanes that a vector holds. */
    for (int pair = 0; pair < 4; pair++)
        for (int half = 0; half < 2; half++)
            one[2 * pair + half] = MIXED(v[2 * pair], v[2 * pair + 1], by_word, half);
    for (int four = 0; four < 2; four++)
        for (int part = 0; part < 4; part++)
            two[4 * four + part] =
                MIXED(one[4 * four + part / 2], one[4 * four + 2 + part / 2], by_two, part % 2);
    for (int part = 0; part < 8; part++)
        _mm512_storeu_si512(out + 16 * part, MIXED(two[part / 2], two[4 + part / 2], by_four, part % 2));
#undef MIXED
}

/* Writes the blocks from `number` on as words of the machine's own order: sixteen of eight words. */
static void sixteen_blocks(const Seed *seed, uint64_t number, uint32_t *out) {
    const __m512i zero = _mm512_setzero_si512(), one = _mm512_set1_epi32(1);
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i first = _mm512_set1_epi32((int)(uint32_t)number), low = SUM(first, lane);
    __m512i s[8], w[16], high = _mm512_set1_epi32((int)(uint32_t)(number >> 32));
    high = _mm512_mask_add_epi32(high, _mm512_cmplt_epu32_mask(low, first), high, one);
    for (int j = 0; j < 8; j++) s[j] = _mm512_set1_epi32((int)seed->state[j]);
    for (int t = 0; t < SEED_ROUNDS; t++) w[t] = _mm512_set1_epi32((int)seed->words[t]);
    w[8] = high, w[9] = low, w[10] = _mm512_set1_epi32(INT32_MIN); /* then the padding's first bit */
    w[11] = w[12] = w[13] = w[14] = zero, w[15] = _mm512_set1_epi32(40 * 8);
#pragma GCC unroll 64
    for (int t = SEED_ROUNDS; t < 64; t++) {
        __m512i *word = &w[t & 15];
        if (t >= 16) {
            __m512i near = w[(t + 14) & 15], far = w[(t + 1) & 15];
            *word = SUM(SUM(*word, w[(t + 9) & 15]), SUM(SHIFTED(far, 7, 18, 3), SHIFTED(near, 17, 19, 10)));
        }
        /* The eight places stay, their names move on by one each round. */
#define AT(J) s[((J) + 64 - t) & 7]
        __m512i choice = _mm512_ternarylogic_epi32(AT(4), AT(5), AT(6), 0xca);
        __m512i majority = _mm512_ternarylogic_epi32(AT(0), AT(1), AT(2), 0xe8);
        __m512i sum = SUM(SUM(*word, _mm512_set1_epi32((int)ROUND[t])), SUM(AT(7), choice));
        sum = SUM(sum, TURNED(AT(4), 6, 11, 25));
        AT(3) = SUM(AT(3), sum);
        AT(7) = SUM(sum, SUM(majority, TURNED(AT(0), 2, 13, 22)));
#undef AT
    }
    for (int j = 0; j < 8; j++) s[j] = SUM(s[j], _mm512_set1_epi32((int)INITIAL[j]));
    transpose_lanes(s, out);
}

#endif
