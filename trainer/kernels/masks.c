/* Packed values of any width, and keystreams of mask seeds, added to residues modulo 2^64.
 *
 * A vector's values follow each other bit by bit, the most significant first, in packed bytes as in a
 * keystream, of which block n is sha256(seed | n as 8 bytes). Words below are 32 bits of that in the
 * machine's own order. Blocks come from OpenSSL's own SHA256_Transform, which the caller hands in.
 * `portable_masks.py` computes the same in hashlib and NumPy.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#define VALUES 4096                    /* worked on at once: residues and words stay in the first cache */
#define WORDS (VALUES * 64 / 32 + 32) /* the widest values; vectors are read past the last one */
#define WORDS_OF_BLOCK 8

typedef int (*Init)(void *);
typedef void (*Transform)(void *, const uint8_t *);

/* Adds or subtracts the values that stand in words, of up to 32 bits; higher bits are anything. */
static void add_narrow(const uint32_t *words, int64_t count, int width, int minus, uint32_t *sums) {
    const int spare = 32 - width;
    int64_t i = 0;
#ifdef __AVX512F__
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i places = _mm512_mullo_epi32(lane, _mm512_set1_epi32(width));
    const __m512i all = _mm512_set1_epi32(32), within = _mm512_set1_epi32(31);
    for (; i + 16 <= count; i += 16) {
        /* Sixteen values begin in one of at most seventeen words, at its first or seventeenth bit. */
        const int64_t begin = i * width;
        const uint32_t *from = words + (begin >> 5);
        const __m512i bits = _mm512_add_epi32(places, _mm512_set1_epi32((int)(begin & 31)));
        const __m512i word = _mm512_srli_epi32(bits, 5), left = _mm512_and_si512(bits, within);
        __m512i high = _mm512_permutexvar_epi32(word, _mm512_loadu_si512(from));
        __m512i low = _mm512_permutexvar_epi32(word, _mm512_loadu_si512(from + 1));
        /* A shift by 32 gives zero here, unlike in C. */
        high = _mm512_sllv_epi32(high, left);
        low = _mm512_srlv_epi32(low, _mm512_sub_epi32(all, left));
        __m512i value = _mm512_srl_epi32(_mm512_or_si512(high, low), _mm_cvtsi32_si128(spare));
        __m512i sum = _mm512_loadu_si512(sums + i);
        sum = minus ? _mm512_sub_epi32(sum, value) : _mm512_add_epi32(sum, value);
        _mm512_storeu_si512(sums + i, sum);
    }
#endif
    for (; i < count; i++) {
        const int64_t bit = i * width;
        const uint64_t two = (uint64_t)words[bit >> 5] << 32 | words[(bit >> 5) + 1];
        const uint32_t value = (uint32_t)(two << (bit & 31) >> 32) >> spare;
        sums[i] += minus ? -value : value;
    }
}

/* The same of up to 64 bits. */
static void add_wide(const uint32_t *words, int64_t count, int width, int minus, uint64_t *sums) {
    int64_t i = 0;
#ifdef __AVX512F__
    const __m512i lane = _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
    const __m512i places = _mm512_mullo_epi32(lane, _mm512_set1_epi32(width));
    const __m512i second = _mm512_set1_epi64(1), all = _mm512_set1_epi64(32);
    for (; i + 8 <= count; i += 8) {
        /* Eight values begin in one of at most fifteen words. The first two words of each make a lane. */
        const int64_t begin = i * width;
        const uint32_t *from = words + (begin >> 5);
        const __m512i bits = _mm512_add_epi32(places, _mm512_set1_epi32((int)(begin & 31)));
        const __m512i word = _mm512_srli_epi32(bits, 5);
        const __m512i left = _mm512_and_si512(bits, _mm512_set1_epi64(31));
        const __m512i pair = _mm512_add_epi64(word, second);
        const __m512i two = _mm512_permutexvar_epi32(pair, _mm512_loadu_si512(from));
        const __m512i third = _mm512_maskz_permutexvar_epi32(0x5555, pair, _mm512_loadu_si512(from + 1));
        __m512i value = _mm512_or_si512(_mm512_sllv_epi64(two, left),
                                        _mm512_srlv_epi64(third, _mm512_sub_epi64(all, left)));
        value = _mm512_srl_epi64(value, _mm_cvtsi32_si128(64 - width));
        __m512i sum = _mm512_loadu_si512(sums + i);
        sum = minus ? _mm512_sub_epi64(sum, value) : _mm512_add_epi64(sum, value);
        _mm512_storeu_si512(sums + i, sum);
    }
#endif
    for (; i < count; i++) {
        const int64_t bit = i * width;
        const uint32_t *from = words + (bit >> 5);
        const int left = (int)(bit & 31);
        /* The third word in two shifts: by 32 at once is undefined. */
        uint64_t value = ((uint64_t)from[0] << 32 | from[1]) << left | (uint64_t)from[2] >> 1 >> (31 - left);
        value >>= 64 - width;
        sums[i] += minus ? -value : value;
    }
}

typedef struct {
    uint32_t words[WORDS];
    uint32_t sums[VALUES]; /* of values of up to 32 bits */
} Work;

static void add_words(Work *work, int64_t count, int width, int minus, uint64_t *residues) {
    if (width <= 32)
        add_narrow(work->words, count, width, minus, work->sums);
    else
        add_wide(work->words, count, width, minus, residues);
}

static void settle(Work *work, int64_t count, uint64_t *residues) {
    for (int64_t i = 0; i < count; i++) residues[i] += work->sums[i];
}

/* Adds `vectors` packed vectors of `count` values each. */
void add_packed(const uint8_t *const *packed, int64_t vectors, int64_t count, int width,
                uint64_t *residues) {
    Work work;
    for (int64_t at = 0; at < count; at += VALUES) {
        const int64_t values = count - at < VALUES ? count - at : VALUES;
        const int64_t begin = at * width / 8, bytes = (values * width + 7) / 8, words = (bytes + 3) / 4;
        memset(work.sums, 0, sizeof work.sums);
        for (int64_t vector = 0; vector < vectors; vector++) {
            work.words[bytes / 4] = 0; /* what the last bytes leave of a word */
            memcpy(work.words, packed[vector] + begin, (size_t)bytes);
            for (int64_t i = 0; i < words; i++) work.words[i] = __builtin_bswap32(work.words[i]);
            add_words(&work, values, width, 0, residues + at);
        }
        if (width <= 32) settle(&work, values, residues + at);
    }
}

static void write_blocks(Init init, Transform transform, const uint8_t *seed, uint64_t number,
                         int64_t blocks, uint32_t *words) {
    uint64_t begun[64], context[64]; /* OpenSSL's has 112 bytes and begins with its eight words */
    uint8_t message[64] = {0};
    init(begun);
    memcpy(context, begun, sizeof begun);
    memcpy(message, seed, 32);
    message[40] = 0x80, message[62] = 40 * 8 >> 8, message[63] = (40 * 8) & 255;
    for (int64_t i = 0; i < blocks; i++) {
        const uint64_t swapped = __builtin_bswap64(number + (uint64_t)i);
        memcpy(message + 32, &swapped, 8);
        memcpy(context, begun, 4 * WORDS_OF_BLOCK);
        transform(context, message);
        memcpy(words + WORDS_OF_BLOCK * i, context, 4 * WORDS_OF_BLOCK);
    }
}

/* Adds the keystreams of `added` seeds from block `number` on, and subtracts those of the `subtracted`
 * that follow them. */
void add_keystreams(Init init, Transform transform, const uint8_t *seeds, int64_t added,
                    int64_t subtracted, uint64_t number, int64_t count, int width, uint64_t *residues) {
    Work work;
    for (int64_t at = 0; at < count; at += VALUES) {
        const int64_t values = count - at < VALUES ? count - at : VALUES;
        const int64_t blocks = (values * width + 255) / 256;
        const uint64_t first = number + (uint64_t)(at / 256 * width);
        memset(work.sums, 0, sizeof work.sums);
        for (int64_t i = 0; i < added + subtracted; i++) {
            write_blocks(init, transform, seeds + 32 * i, first, blocks, work.words);
            add_words(&work, values, width, i >= added, residues + at);
        }
        if (width <= 32) settle(&work, values, residues + at);
    }
}

/* Writes the last `bits` of what is held, 1 to 39; returns where the first goes that aren't a byte. */
static inline uint8_t *put(uint8_t *to, uint64_t held, int *bits) {
    const uint64_t swapped = __builtin_bswap64(held << (64 - *bits));
    memcpy(to, &swapped, 8);
    to += *bits >> 3;
    *bits &= 7;
    return to;
}

/* Writes residues modulo 2^width, packed. */
void pack_residues(const uint64_t *residues, int64_t count, int width, uint8_t *out) {
    const uint64_t ones = ~(uint64_t)0 >> (64 - width);
    const int low = width < 32 ? width : 32, high = width - low;
    uint8_t written[VALUES * 8 + 8]; /* a store is eight bytes, of which the last may be none of ours */
    for (int64_t at = 0; at < count; at += VALUES) {
        const int64_t values = count - at < VALUES ? count - at : VALUES;
        uint8_t *to = written;
        uint64_t held = 0; /* its last bits, fewer than eight between values, aren't written yet */
        int bits = 0;
        for (int64_t i = 0; i < values; i++) {
            const uint64_t value = residues[at + i] & ones;
            if (high) {
                held = held << high | value >> 32;
                bits += high;
                to = put(to, held, &bits);
            }
            held = held << low | (value & (ones >> high));
            bits += low;
            to = put(to, held, &bits);
        }
        const int64_t bytes = (values * width + 7) / 8;
        memcpy(out + at * width / 8, written, (size_t)bytes);
    }
}
