/*
 * Cryptography: AES, SHA-1, SHA-2, SHA-3, SM3 and SM4, on 128 bits.
 *
 * DDI 0487, C7.2 (AESE .. XAR); J1 shared/functions/crypto; FIPS 197, FIPS 180-4, GB/T 32905, GB/T 32907.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/simd.h"

/* ---- words ---- */

typedef struct Words { uint32_t w[4]; } Words;

static Words words_of(const ArmV *v) { return (Words){ { v->d[0], v->d[0] >> 32, v->d[1], v->d[1] >> 32 } }; }
static ArmV of_words(Words x) { return (ArmV){ { x.w[0] | (uint64_t)x.w[1] << 32, x.w[2] | (uint64_t)x.w[3] << 32 } }; }
static uint32_t rol(uint32_t x, unsigned by) { return x << by | x >> (32 - by); }
static uint32_t ror(uint32_t x, unsigned by) { return x >> by | x << (32 - by); }
static uint64_t ror64(uint64_t x, unsigned by) { return by ? x >> by | x << (64 - by) : x; }
static uint32_t choose(uint32_t x, uint32_t y, uint32_t z) { return ((y ^ z) & x) ^ z; }
static uint32_t majority(uint32_t x, uint32_t y, uint32_t z) { return (x & y) | ((x | y) & z); }

/* ---- AES ---- */

static uint8_t sbox[256], inverse_sbox[256], sm4_sbox[256];

static uint8_t rotate8(uint8_t a, unsigned by) { return a << by | a >> (8 - by); }

static uint8_t product_in(uint8_t a, uint8_t b, unsigned polynomial)
{
    unsigned product = 0;
    for (unsigned bit = 0; bit < 8; bit++) {
        product ^= b >> bit & 1 ? (unsigned)a << bit : 0;
    }
    for (int bit = 14; bit >= 8; bit--) {
        product ^= product >> bit & 1 ? polynomial << (bit - 8) : 0;
    }
    return product;
}

/* a^254 */
static uint8_t inverse_in(uint8_t a, unsigned polynomial)
{
    uint8_t result = 1;
    for (unsigned n = 0; n < 254; n++) {
        result = product_in(result, a, polynomial);
    }
    return a ? result : 0;
}

/* Two affine maps around the inverse modulo x^8 + x^7 + x^6 + x^5 + x^4 + x^2 + 1. */
static uint8_t sm4_affine(uint8_t a)
{
    uint8_t result = 0;
    for (unsigned bit = 0; bit < 8; bit++) {
        result |= (__builtin_popcount(a & rotate8(0xa7, bit)) & 1) << bit;
    }
    return result ^ 0xd3;
}

static void __attribute__((constructor)) make_tables(void)
{
    for (unsigned i = 0; i < 256; i++) {
        uint8_t a = inverse_in(i, 0x11b), s = a ^ rotate8(a, 1) ^ rotate8(a, 2) ^ rotate8(a, 3) ^ rotate8(a, 4) ^ 0x63;
        sbox[i] = s;
        inverse_sbox[s] = i;
        sm4_sbox[i] = sm4_affine(inverse_in(sm4_affine(i), 0x1f5));
    }
}

static ArmV aes_round(ArmV state, bool decrypts)
{
    ArmV r;
    for (unsigned i = 0; i < 16; i++) {
        unsigned row = i % 4, column = (i / 4 + (decrypts ? 4 - row : row)) % 4;
        uint8_t byte = arm_v_get(&state, 0, 4 * column + row);
        arm_v_set(&r, 0, i, decrypts ? inverse_sbox[byte] : sbox[byte]);
    }
    return r;
}

static ArmV aes_mix(ArmV state, bool inverse)
{
    static const uint8_t factors[2][4] = { { 2, 3, 1, 1 }, { 14, 11, 13, 9 } };
    ArmV r;
    for (unsigned i = 0; i < 16; i++) {
        uint8_t byte = 0;
        for (unsigned k = 0; k < 4; k++) {
            byte ^= product_in(arm_v_get(&state, 0, (i & 12) + k), factors[inverse][(k - i) & 3], 0x11b);
        }
        arm_v_set(&r, 0, i, byte);
    }
    return r;
}

/* ---- SHA-1 and SHA-256 ---- */

static ArmV sha1_hash(SimdOp op, Words x, uint32_t y, Words w)
{
    for (unsigned e = 0; e < 4; e++) {
        uint32_t t = op == OP_SHA1C ? choose(x.w[1], x.w[2], x.w[3]) : op == OP_SHA1P ? x.w[1] ^ x.w[2] ^ x.w[3] : majority(x.w[1], x.w[2], x.w[3]);
        y += rol(x.w[0], 5) + t + w.w[e];
        uint32_t top = x.w[3];
        x = (Words){ { y, x.w[0], rol(x.w[1], 30), x.w[2] } };
        y = top;
    }
    return of_words(x);
}

static ArmV sha256_hash(Words x, Words y, Words w, bool first)
{
    for (unsigned e = 0; e < 4; e++) {
        uint32_t t = y.w[3] + (ror(y.w[0], 6) ^ ror(y.w[0], 11) ^ ror(y.w[0], 25)) + choose(y.w[0], y.w[1], y.w[2]) + w.w[e];
        uint32_t x3 = t + x.w[3], y3 = t + (ror(x.w[0], 2) ^ ror(x.w[0], 13) ^ ror(x.w[0], 22)) + majority(x.w[0], x.w[1], x.w[2]);
        x = (Words){ { y3, x.w[0], x.w[1], x.w[2] } };
        y = (Words){ { x3, y.w[0], y.w[1], y.w[2] } };
    }
    return of_words(first ? x : y);
}

static ArmV sha1_schedule_1(Words d, Words n)
{
    uint32_t t[4] = { d.w[0] ^ n.w[1], d.w[1] ^ n.w[2], d.w[2] ^ n.w[3], d.w[3] };
    return of_words((Words){ { rol(t[0], 1), rol(t[1], 1), rol(t[2], 1), rol(t[3], 1) ^ rol(t[0], 2) } });
}

static ArmV sha256_schedule_0(Words d, Words n)
{
    Words r;
    for (unsigned e = 0; e < 4; e++) {
        uint32_t t = e < 3 ? d.w[e + 1] : n.w[0];
        r.w[e] = (ror(t, 7) ^ ror(t, 18) ^ t >> 3) + d.w[e];
    }
    return of_words(r);
}

static ArmV sha256_schedule_1(Words d, Words n, Words m)
{
    Words r;
    for (unsigned e = 0; e < 4; e++) {
        uint32_t t = e < 2 ? m.w[e + 2] : r.w[e - 2];
        r.w[e] = (ror(t, 17) ^ ror(t, 19) ^ t >> 10) + d.w[e] + (e < 3 ? n.w[e + 1] : m.w[0]);
    }
    return of_words(r);
}

/* ---- SHA-512 ---- */

static ArmV sha512(SimdOp op, const ArmV *w, const ArmV *x, const ArmV *y)
{
#define SIGMA_1(v) (ror64(v, 14) ^ ror64(v, 18) ^ ror64(v, 41))
#define SIGMA_0(v) (ror64(v, 28) ^ ror64(v, 34) ^ ror64(v, 39))
#define SMALL_0(v) (ror64(v, 1) ^ ror64(v, 8) ^ (v) >> 7)
#define SMALL_1(v) (ror64(v, 19) ^ ror64(v, 61) ^ (v) >> 6)
    uint64_t low, high, t;
    switch (op) {
    case OP_SHA512H:
        high = ((y->d[1] & x->d[0]) ^ (~y->d[1] & x->d[1])) + SIGMA_1(y->d[1]) + w->d[1];
        t = high + y->d[0];
        low = ((t & y->d[1]) ^ (~t & x->d[0])) + SIGMA_1(t) + w->d[0];
        break;
    case OP_SHA512H2:
        high = ((x->d[0] & y->d[1]) ^ (x->d[0] & y->d[0]) ^ (y->d[1] & y->d[0])) + SIGMA_0(y->d[0]) + w->d[1];
        low = ((high & y->d[0]) ^ (high & y->d[1]) ^ (y->d[1] & y->d[0])) + SIGMA_0(high) + w->d[0];
        break;
    case OP_SHA512SU0:
        low = w->d[0] + SMALL_0(w->d[1]);
        high = w->d[1] + SMALL_0(x->d[0]);
        break;
    default:
        low = w->d[0] + SMALL_1(x->d[0]) + y->d[0];
        high = w->d[1] + SMALL_1(x->d[1]) + y->d[1];
        break;
    }
    return (ArmV){ { low, high } };
}

/* ---- SM3 ---- */

static ArmV sm3_schedule_1(Words d, Words n, Words m)
{
    Words r;
    for (unsigned i = 0; i < 4; i++) {
        uint32_t t = d.w[i] ^ n.w[i] ^ (i < 3 ? rol(m.w[i + 1], 15) : rol(r.w[0], 15));
        r.w[i] = t ^ rol(t, 15) ^ rol(t, 23);
    }
    return of_words(r);
}

static ArmV sm3_schedule_2(Words d, Words n, Words m)
{
    Words r;
    for (unsigned i = 0; i < 4; i++) {
        r.w[i] = d.w[i] ^ n.w[i] ^ rol(m.w[i], 7);
    }
    uint32_t t = rol(n.w[0] ^ rol(m.w[0], 7), 15);
    r.w[3] ^= t ^ rol(t, 15) ^ rol(t, 23);
    return of_words(r);
}

static ArmV sm3_round(SimdOp op, unsigned index, Words d, Words n, Words m)
{
    bool first = op == OP_SM3TT1A || op == OP_SM3TT1B;
    uint32_t t = op == OP_SM3TT1A || op == OP_SM3TT2A ? d.w[3] ^ d.w[2] ^ d.w[1] : first ? majority(d.w[3], d.w[2], d.w[1]) : choose(d.w[3], d.w[2], d.w[1]);
    t += d.w[0] + m.w[index] + (first ? n.w[3] ^ rol(d.w[3], 12) : n.w[3]);
    return of_words((Words){ { d.w[1], rol(d.w[2], first ? 9 : 19), d.w[3], first ? t : t ^ rol(t, 9) ^ rol(t, 17) } });
}

/* ---- SM4 ---- */

static ArmV sm4(Words state, Words key, bool makes_key)
{
    for (unsigned i = 0; i < 4; i++) {
        uint32_t t = state.w[3] ^ state.w[2] ^ state.w[1] ^ key.w[i];
        t = sm4_sbox[t & 0xff] | sm4_sbox[t >> 8 & 0xff] << 8 | sm4_sbox[t >> 16 & 0xff] << 16 | (uint32_t)sm4_sbox[t >> 24] << 24;
        t ^= makes_key ? rol(t, 13) ^ rol(t, 23) : rol(t, 2) ^ rol(t, 10) ^ rol(t, 18) ^ rol(t, 24);
        state = (Words){ { state.w[1], state.w[2], state.w[3], t ^ state.w[0] } };
    }
    return of_words(state);
}

/* ---- all of it ---- */

ArmV arm_simd_crypto(uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m)
{
    SimdOp op = simd_op(spec);
    Words wd = words_of(d), wn = words_of(n), wm = words_of(m);
    unsigned imm = simd_imm(spec);
    switch (op) {
    case OP_AESE: case OP_AESD: return aes_round((ArmV){ { d->d[0] ^ n->d[0], d->d[1] ^ n->d[1] } }, op == OP_AESD);
    case OP_AESMC: case OP_AESIMC: return aes_mix(*n, op == OP_AESIMC);
    case OP_SHA1C: case OP_SHA1P: case OP_SHA1M: return sha1_hash(op, wd, wn.w[0], wm);
    case OP_SHA1SU0: return (ArmV){ { d->d[0] ^ d->d[1] ^ m->d[0], d->d[1] ^ n->d[0] ^ m->d[1] } };
    case OP_SHA1SU1: return sha1_schedule_1(wd, wn);
    case OP_SHA1H: return (ArmV){ { rol(wn.w[0], 30), 0 } };
    case OP_SHA256H: return sha256_hash(wd, wn, wm, true);
    case OP_SHA256H2: return sha256_hash(wn, wd, wm, false);
    case OP_SHA256SU0: return sha256_schedule_0(wd, wn);
    case OP_SHA256SU1: return sha256_schedule_1(wd, wn, wm);
    case OP_SHA512H: case OP_SHA512H2: case OP_SHA512SU0: case OP_SHA512SU1: return sha512(op, d, n, m);
    case OP_RAX1: return (ArmV){ { n->d[0] ^ ror64(m->d[0], 63), n->d[1] ^ ror64(m->d[1], 63) } };
    case OP_XAR: return (ArmV){ { ror64(n->d[0] ^ m->d[0], imm), ror64(n->d[1] ^ m->d[1], imm) } };
    case OP_EOR3: return (ArmV){ { n->d[0] ^ m->d[0] ^ d->d[0], n->d[1] ^ m->d[1] ^ d->d[1] } };
    case OP_BCAX: return (ArmV){ { n->d[0] ^ (m->d[0] & ~d->d[0]), n->d[1] ^ (m->d[1] & ~d->d[1]) } };
    case OP_SM3PARTW1: return sm3_schedule_1(wd, wn, wm);
    case OP_SM3PARTW2: return sm3_schedule_2(wd, wn, wm);
    case OP_SM3SS1: return of_words((Words){ { 0, 0, 0, rol(rol(wn.w[3], 12) + wm.w[3] + wd.w[3], 7) } });
    case OP_SM3TT1A: case OP_SM3TT1B: case OP_SM3TT2A: case OP_SM3TT2B: return sm3_round(op, imm, wd, wn, wm);
    case OP_SM4E: return sm4(wd, wn, false);
    default: return sm4(wn, wm, true);
    }
}
