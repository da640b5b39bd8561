/* Many short SHA-256 hashes in one call, by OpenSSL's own functions, which the caller hands in. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LONGEST 2048 /* bytes of a piece: 256 values of 64 bits */

typedef int (*Init)(void *);
typedef int (*Update)(void *, const void *, size_t);
typedef int (*Final)(unsigned char *, void *);

#define SWAPPED(BITS)                                                                              \
    static void swapped_##BITS(uint8_t *to, const uint8_t *from, int64_t size) {                   \
        uint##BITS##_t values[LONGEST / sizeof(uint##BITS##_t)];                                   \
        const int64_t count = size / (int64_t)sizeof *values;                                      \
        memcpy(values, from, (size_t)size);                                                        \
        for (int64_t i = 0; i < count; i++) values[i] = __builtin_bswap##BITS(values[i]);          \
        memcpy(to, values, (size_t)size);                                                          \
    }

SWAPPED(16)
SWAPPED(32)
SWAPPED(64)

/* Hashes `prefix` and each piece of `width` bytes, the last may be shorter, to 32 bytes each. The bytes
 * of every `swap` are turned round first, for 2, 4 or 8. Returns 0 where OpenSSL refused, or a piece is
 * too long. OpenSSL's context has 112 bytes. */
int hash_pieces(Init init, Update update, Final final, int prefix, const uint8_t *data, int64_t size,
                int64_t width, int swap, uint8_t *out) {
    uint64_t context[64];
    uint8_t piece[1 + LONGEST];
    int done = width > 0 && width <= LONGEST;
    piece[0] = (uint8_t)prefix;
    for (int64_t at = 0; done && at < size; at += width, out += 32) {
        int64_t count = size - at < width ? size - at : width;
        switch (swap) {
        case 2: swapped_16(piece + 1, data + at, count); break;
        case 4: swapped_32(piece + 1, data + at, count); break;
        case 8: swapped_64(piece + 1, data + at, count); break;
        default: memcpy(piece + 1, data + at, (size_t)count);
        }
        done = init(context) && update(context, piece, 1 + (size_t)count) && final(out, context);
    }
    return done;
}
