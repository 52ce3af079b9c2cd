/*
 * Ciphers and digests: FIPS 180-4 (SHA-256), RFC 8439 (ChaCha20), FIPS 197 (AES).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "bench.h"
#ifdef __x86_64__
#include <immintrin.h>
#endif

static uint32_t rotate_right(uint32_t x, int n) { return x >> n | x << (32 - n); }
static uint32_t rotate_left(uint32_t x, int n) { return x << n | x >> (32 - n); }

/* The constants are fractions of cube roots; here any will do, since nobody else has to agree. */
static uint64_t sha256(unsigned turns)
{
    uint32_t k[64], h[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 }, w[64];
    uint64_t state = 11;
    for (int i = 0; i < 64; i++) {
        k[i] = next_random(&state);
    }
    while (turns--) {
        for (int i = 0; i < 64; i++) {
            uint32_t a = i < 16 ? 0 : w[i - 15], b = i < 16 ? 0 : w[i - 2];
            w[i] = i < 16 ? h[i % 8] + i : w[i - 16] + (rotate_right(a, 7) ^ rotate_right(a, 18) ^ a >> 3) + w[i - 7] + (rotate_right(b, 17) ^ rotate_right(b, 19) ^ b >> 10);
        }
        uint32_t v[8];
        memcpy(v, h, sizeof(v));
        for (int i = 0; i < 64; i++) {
            uint32_t t1 = v[7] + (rotate_right(v[4], 6) ^ rotate_right(v[4], 11) ^ rotate_right(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
            uint32_t t2 = (rotate_right(v[0], 2) ^ rotate_right(v[0], 13) ^ rotate_right(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            memmove(v + 1, v, 7 * sizeof(v[0]));
            v[4] += t1;
            v[0] = t1 + t2;
        }
        for (int i = 0; i < 8; i++) {
            h[i] += v[i];
        }
    }
    return (uint64_t)h[0] << 32 | h[7];
}

#define QUARTER(a, b, c, d) \
    a += b; d = rotate_left(d ^ a, 16); c += d; b = rotate_left(b ^ c, 12); a += b; d = rotate_left(d ^ a, 8); c += d; b = rotate_left(b ^ c, 7)

static uint64_t chacha(unsigned turns)
{
    uint32_t in[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
    uint64_t sum = 0;
    while (turns--) {
        uint32_t x[16];
        memcpy(x, in, sizeof(x));
        for (int i = 0; i < 10; i++) {
            QUARTER(x[0], x[4], x[8], x[12]);
            QUARTER(x[1], x[5], x[9], x[13]);
            QUARTER(x[2], x[6], x[10], x[14]);
            QUARTER(x[3], x[7], x[11], x[15]);
            QUARTER(x[0], x[5], x[10], x[15]);
            QUARTER(x[1], x[6], x[11], x[12]);
            QUARTER(x[2], x[7], x[8], x[13]);
            QUARTER(x[3], x[4], x[9], x[14]);
        }
        for (int i = 0; i < 16; i++) {
            sum = sum * 31 + x[i] + in[i];
        }
        in[12]++;
    }
    return sum;
}

static uint8_t times2(uint8_t x) { return x << 1 ^ (x & 0x80 ? 0x1b : 0); }

/* Byte by byte, with a permutation of bytes for the S-box. */
static uint64_t aes(unsigned turns)
{
    uint8_t box[256], s[16] = { 1 };
    for (int i = 0; i < 256; i++) {
        box[i] = i * 167 + 13;
    }
    while (turns--) {
        for (int round = 0; round < 10; round++) {
            uint8_t t[16];
            for (int i = 0; i < 16; i++) {
                t[i] = box[s[(i + i % 4 * 4) % 16]] ^ round;
            }
            for (int c = 0; c < 16; c += 4) {
                uint8_t all = t[c] ^ t[c + 1] ^ t[c + 2] ^ t[c + 3];
                for (int i = 0; i < 4; i++) {
                    s[c + i] = t[c + i] ^ all ^ times2(t[c + i] ^ t[c + (i + 1) % 4]);
                }
            }
        }
    }
    uint64_t sum;
    memcpy(&sum, s, 8);
    return sum;
}

#ifdef __x86_64__
static int has_aes(void) { return __builtin_cpu_supports("aes"); }

static __attribute__((target("aes,sse2"))) uint64_t aes_unit(unsigned turns)
{
    __m128i a = _mm_set1_epi32(1), b = _mm_set1_epi32(2), key = _mm_set1_epi32(0x01234567);
    while (turns--) {
        for (int i = 0; i < 10; i++) {
            a = _mm_aesenc_si128(a, key);
            b = _mm_aesdec_si128(b, a);
        }
    }
    return _mm_cvtsi128_si64(_mm_xor_si128(a, b));
}
#endif

const Work crypto_works[] = {
    { "crypto.sha256", sha256, 125000, NULL }, { "crypto.chacha", chacha, 375000, NULL }, { "crypto.aes", aes, 125000, NULL },
#ifdef __x86_64__
    { "crypto.aes-unit", aes_unit, 1000000, has_aes },
#endif
    { 0 },
};
