/*
 * AES rounds, products without carries and GF(2^8), of one 128-bit lane, as the x86 instructions have them.
 *
 * FIPS 197; Intel SDM volume 2, AESENC, AESDEC, AESIMC, AESKEYGENASSIST, PCLMULQDQ, GF2P8MULB, GF2P8AFFINEQB, GF2P8AFFINEINVQB.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "interp.h"
#include <string.h>

/* In GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. */
static uint8_t multiply(uint8_t x, uint8_t y)
{
    uint8_t product = 0;
    for (; y; y >>= 1, x = x << 1 ^ (x & 0x80 ? 0x1b : 0)) {
        product ^= y & 1 ? x : 0;
    }
    return product;
}

/* The S-box, its inverse and the reciprocals (of 0: 0), made once. */
typedef struct Boxes { uint8_t forward[256], inverse[256], reciprocal[256]; } Boxes;

static const Boxes *boxes(void)
{
    static Boxes b;
    static gsize made;
    if (g_once_init_enter(&made)) {
        uint8_t power = 1, inverse = 1;
        do {
            /* power runs through all but 0 by 3, inverse by its inverse. */
            power = multiply(power, 3);
            inverse = multiply(inverse, 0xf6);
            b.reciprocal[power] = inverse;
            uint8_t s = inverse;
            for (unsigned i = 1; i < 5; i++) {
                s ^= inverse << i | inverse >> (8 - i);
            }
            b.forward[power] = s ^ 0x63;
        } while (power != 1);
        b.forward[0] = 0x63;
        for (unsigned i = 0; i < 256; i++) {
            b.inverse[b.forward[i]] = i;
        }
        g_once_init_leave(&made, 1);
    }
    return &b;
}

static void mix_columns(const uint8_t *in, uint8_t *out, bool encrypt)
{
    static const uint8_t forward[4] = { 2, 3, 1, 1 }, inverse[4] = { 14, 11, 13, 9 };
    const uint8_t *factors = encrypt ? forward : inverse;
    for (unsigned i = 0; i < 16; i++) {
        out[i] = 0;
        for (unsigned k = 0; k < 4; k++) {
            out[i] ^= multiply(in[(i & 12) + k], factors[(k - i) & 3]);
        }
    }
}

void interp_aes_round(const uint8_t *in, const uint8_t *key, uint8_t *out, bool encrypt, bool last)
{
    const Boxes *b = boxes();
    uint8_t shifted[16], mixed[16];
    for (unsigned i = 0; i < 16; i++) {
        unsigned row = i & 3, from = encrypt ? (i + 4 * row) & 15 : (i - 4 * row) & 15;
        shifted[i] = encrypt ? b->forward[in[from]] : b->inverse[in[from]];
    }
    if (last) {
        memcpy(mixed, shifted, 16);
    } else {
        mix_columns(shifted, mixed, encrypt);
    }
    for (unsigned i = 0; i < 16; i++) {
        out[i] = mixed[i] ^ key[i];
    }
}

void interp_aes_imc(const uint8_t *in, uint8_t *out)
{
    uint8_t copy[16];
    memcpy(copy, in, 16);
    mix_columns(copy, out, false);
}

void interp_aes_keygen(const uint8_t *in, unsigned constant, uint8_t *out)
{
    const Boxes *b = boxes();
    uint8_t result[16];
    for (unsigned half = 0; half < 2; half++) {
        for (unsigned i = 0; i < 4; i++) {
            result[8 * half + i] = b->forward[in[8 * half + 4 + i]];
        }
        for (unsigned i = 0; i < 4; i++) {
            result[8 * half + 4 + i] = result[8 * half + ((i + 1) & 3)] ^ (i == 0 ? constant : 0);
        }
    }
    memcpy(out, result, 16);
}

void interp_clmul(uint64_t x, uint64_t y, uint64_t *out)
{
    uint64_t low = 0, high = 0;
    for (unsigned i = 0; i < 64; i++) {
        if (y >> i & 1) {
            low ^= x << i;
            high ^= i ? x >> (64 - i) : 0;
        }
    }
    out[0] = low;
    out[1] = high;
}

void interp_gf2_multiply(const uint8_t *x, const uint8_t *y, uint8_t *out)
{
    for (unsigned i = 0; i < 16; i++) {
        out[i] = multiply(x[i], y[i]);
    }
}

/* Bit b of a byte is the parity of that byte with row 7 - b of the matrix of its eight. */
void interp_gf2_affine(const uint8_t *x, const uint64_t *matrices, unsigned constant, bool inverse, uint8_t *out)
{
    const Boxes *b = boxes();
    for (unsigned i = 0; i < 16; i++) {
        uint8_t value = inverse ? b->reciprocal[x[i]] : x[i], r = 0;
        for (unsigned bit = 0; bit < 8; bit++) {
            r |= __builtin_parity(value & (matrices[i / 8] >> 8 * (7 - bit) & 0xff)) << bit;
        }
        out[i] = r ^ constant;
    }
}
