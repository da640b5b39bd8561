/* Many short SHA-256 hashes in one call, by OpenSSL's own functions, which the caller hands in. */
#include <stddef.h>
#include <stdint.h>

typedef int (*Init)(void *);
typedef int (*Update)(void *, const void *, size_t);
typedef int (*Final)(unsigned char *, void *);

/* Hashes `prefix` and each piece of `width` bytes, the last may be shorter, to 32 bytes each. Returns
 * 0 where OpenSSL refused. Its context has 112 bytes. */
int hash_pieces(Init init, Update update, Final final, int prefix, const uint8_t *data, int64_t size,
                int64_t width, uint8_t *out) {
    uint64_t context[64];
    const uint8_t first = (uint8_t)prefix;
    int done = 1;
    for (int64_t at = 0; at < size; at += width, out += 32) {
        int64_t count = size - at < width ? size - at : width;
        done &= init(context) && update(context, &first, 1);
        done &= update(context, data + at, (size_t)count) && final(out, context);
    }
    return done;
}
