/*
 * Scalar cryptography: AES, SHA-2, SM3, SM4 and the crossbar permutations.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 31 "Scalar cryptography"; FIPS 197, FIPS 180-4, GB/T 32905, GB/T 32907.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/crypto.h"
#include "target/riscv/tcg/helpers.h"

/* ---- the field of AES ---- */

static uint8_t times_x(uint8_t a) { return a << 1 ^ (a & 0x80 ? 0x1b : 0); }

static uint8_t times(uint8_t a, uint8_t b)
{
    uint8_t result = 0;
    for (; b; b >>= 1, a = times_x(a)) {
        result ^= b & 1 ? a : 0;
    }
    return result;
}

uint8_t riscv_aes_sbox[256], riscv_aes_inverse_sbox[256], riscv_sm4_sbox[256];

static uint8_t rotate8(uint8_t a, unsigned by) { return a << by | a >> (8 - by); }

static uint8_t inverse_in(uint8_t a, unsigned polynomial)
{
    /* a^254 by repeated multiplication modulo the polynomial. */
    uint8_t result = 1;
    for (unsigned n = 0; n < 254; n++) {
        unsigned product = 0;
        for (unsigned bit = 0; bit < 8; bit++) {
            product ^= a >> bit & 1 ? (unsigned)result << bit : 0;
        }
        for (int bit = 15; bit >= 8; bit--) {
            product ^= product >> bit & 1 ? polynomial << (bit - 8) : 0;
        }
        result = product;
    }
    return a ? result : 0;
}

/* SM4's: two affine maps around the inverse modulo x^8 + x^7 + x^6 + x^5 + x^4 + x^2 + 1, with the rows of a circulant matrix. */
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
        uint8_t a = inverse_in(i, 0x11b);
        uint8_t s = a ^ rotate8(a, 1) ^ rotate8(a, 2) ^ rotate8(a, 3) ^ rotate8(a, 4) ^ 0x63;
        riscv_aes_sbox[i] = s;
        riscv_aes_inverse_sbox[s] = i;
        riscv_sm4_sbox[i] = sm4_affine(inverse_in(sm4_affine(i), 0x1f5));
    }
}

uint32_t riscv_aes_mix_column(uint32_t column, const uint8_t row[4])
{
    uint32_t result = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t byte = 0;
        for (unsigned k = 0; k < 4; k++) {
            byte ^= times(column >> 8 * k & 0xff, row[(k + 4 - i) % 4]);
        }
        result |= (uint32_t)byte << 8 * i;
    }
    return result;
}

const uint8_t riscv_aes_mix[4] = { 2, 3, 1, 1 }, riscv_aes_inverse_mix[4] = { 14, 11, 13, 9 };

static uint64_t mix_both(uint64_t value, const uint8_t row[4])
{
    return riscv_aes_mix_column(value, row) | (uint64_t)riscv_aes_mix_column(value >> 32, row) << 32;
}

/* Two columns of the shifted state: rs2:rs1 is the whole. */
static uint64_t shifted_bytes(uint64_t low, uint64_t high, const uint8_t box[256], bool inverse)
{
    uint64_t result = 0;
    for (unsigned column = 0; column < 2; column++) {
        for (unsigned row = 0; row < 4; row++) {
            unsigned from = (column + (inverse ? 4 - row : row)) % 4, byte = 4 * from + row;
            uint8_t value = byte < 8 ? low >> 8 * byte : high >> 8 * (byte - 8);
            result |= (uint64_t)box[value] << 8 * (4 * column + row);
        }
    }
    return result;
}

uint32_t riscv_substitute_word(uint32_t word, const uint8_t box[256])
{
    return box[word & 0xff] | box[word >> 8 & 0xff] << 8 | box[word >> 16 & 0xff] << 16 | (uint32_t)box[word >> 24] << 24;
}

uint32_t riscv_aes_round_constant(unsigned round)
{
    static const uint8_t constants[] = { 1, 2, 4, 8, 16, 32, 64, 128, 0x1b, 0x36 };
    return constants[round - 1];
}

static uint64_t key_schedule_1(uint64_t a, unsigned round)
{
    uint32_t word = a >> 32;
    if (round < 10) {
        word = ror32(word, 8);
    }
    word = riscv_substitute_word(word, riscv_aes_sbox) ^ (round < 10 ? riscv_aes_round_constant(round + 1) : 0);
    return word | (uint64_t)word << 32;
}

/* RV32's: one byte of rs2 through the box and perhaps the column, into rs1. */
static uint32_t aes32(uint32_t a, uint32_t b, unsigned bs, bool decrypts, bool mixes)
{
    uint8_t byte = (decrypts ? riscv_aes_inverse_sbox : riscv_aes_sbox)[b >> 8 * bs & 0xff];
    uint32_t column = mixes ? riscv_aes_mix_column(byte, decrypts ? riscv_aes_inverse_mix : riscv_aes_mix) : byte;
    return a ^ rol32(column, 8 * bs);
}

static uint32_t sm4(uint32_t a, uint32_t b, unsigned bs, bool key)
{
    uint32_t x = riscv_sm4_sbox[b >> 8 * bs & 0xff], y;
    if (key) {
        y = x ^ (x & 7) << 29 ^ (x & 0xfe) << 7 ^ (x & 1) << 23 ^ (x & 0xf8) << 13;
    } else {
        y = x ^ x << 8 ^ x << 2 ^ x << 18 ^ (x & 0x3f) << 26 ^ (x & 0xc0) << 10;
    }
    return a ^ rol32(y, 8 * bs);
}

/* ---- SHA-2, SM3 ---- */

static uint64_t words64(uint32_t op, uint64_t a)
{
    switch (op) {
    case CRYPTO_SHA512SUM0: return sha512_sum0(a);
    case CRYPTO_SHA512SUM1: return sha512_sum1(a);
    case CRYPTO_SHA512SIG0: return sha512_sig0(a);
    default: return sha512_sig1(a);
    }
}

static uint32_t words32(uint32_t op, uint32_t a)
{
    switch (op) {
    case CRYPTO_SHA256SUM0: return sha256_sum0(a);
    case CRYPTO_SHA256SUM1: return sha256_sum1(a);
    case CRYPTO_SHA256SIG0: return sha256_sig0(a);
    case CRYPTO_SHA256SIG1: return sha256_sig1(a);
    case CRYPTO_SM3P0: return sm3_p0(a);
    default: return sm3_p1(a);
    }
}

/* Halves of SHA-512 on RV32. */
static uint32_t halves(uint32_t op, uint32_t a, uint32_t b)
{
    switch (op) {
    case CRYPTO_SHA512SUM0R: return a << 25 ^ a << 30 ^ a >> 28 ^ b >> 7 ^ b >> 2 ^ b << 4;
    case CRYPTO_SHA512SUM1R: return a << 23 ^ a >> 14 ^ a >> 18 ^ b >> 9 ^ b << 18 ^ b << 14;
    case CRYPTO_SHA512SIG0L: return a >> 1 ^ a >> 7 ^ a >> 8 ^ b << 31 ^ b << 25 ^ b << 24;
    case CRYPTO_SHA512SIG0H: return a >> 1 ^ a >> 7 ^ a >> 8 ^ b << 31 ^ b << 24;
    case CRYPTO_SHA512SIG1L: return a << 3 ^ a >> 6 ^ a >> 19 ^ b >> 29 ^ b << 26 ^ b << 13;
    default: return a << 3 ^ a >> 6 ^ a >> 19 ^ b >> 29 ^ b << 13;
    }
}

/* ---- permutations ---- */

static uint64_t crossbar(uint64_t table, uint64_t indices, unsigned width, unsigned xlen)
{
    uint64_t result = 0, mask = MAKE_MASK(0, width);
    for (unsigned at = 0; at < xlen; at += width) {
        uint64_t index = (indices >> at & mask) * width;
        result |= (index < xlen ? table >> index & mask : 0) << at;
    }
    return result;
}

uint64_t rv_helper_crypto(Cpu *cpu, uint32_t spec, uint64_t a, uint64_t b)
{
    uint32_t op = spec & 0xff;
    unsigned bs = spec >> 8 & 3, round = spec >> 16 & 15, xlen = spec >> 24 & 1 ? 32 : 64;
    uint64_t result;
    switch (op) {
    case CRYPTO_XPERM4: result = crossbar(a, b, 4, xlen); return xlen == 32 ? (uint64_t)(int32_t)result : result;
    case CRYPTO_XPERM8: result = crossbar(a, b, 8, xlen); return xlen == 32 ? (uint64_t)(int32_t)result : result;
    case CRYPTO_SHA512SUM0: case CRYPTO_SHA512SUM1: case CRYPTO_SHA512SIG0: case CRYPTO_SHA512SIG1: return words64(op, a);
    case CRYPTO_AES64ES: return shifted_bytes(a, b, riscv_aes_sbox, false);
    case CRYPTO_AES64ESM: return mix_both(shifted_bytes(a, b, riscv_aes_sbox, false), riscv_aes_mix);
    case CRYPTO_AES64DS: return shifted_bytes(a, b, riscv_aes_inverse_sbox, true);
    case CRYPTO_AES64DSM: return mix_both(shifted_bytes(a, b, riscv_aes_inverse_sbox, true), riscv_aes_inverse_mix);
    case CRYPTO_AES64IM: return mix_both(a, riscv_aes_inverse_mix);
    case CRYPTO_AES64KS1I: return key_schedule_1(a, round);
    case CRYPTO_AES64KS2: {
        uint32_t low = a >> 32 ^ (uint32_t)b, high = low ^ (uint32_t)(b >> 32);
        return low | (uint64_t)high << 32;
    }
    case CRYPTO_AES32ESI: result = aes32(a, b, bs, false, false); break;
    case CRYPTO_AES32ESMI: result = aes32(a, b, bs, false, true); break;
    case CRYPTO_AES32DSI: result = aes32(a, b, bs, true, false); break;
    case CRYPTO_AES32DSMI: result = aes32(a, b, bs, true, true); break;
    case CRYPTO_SM4ED: result = sm4(a, b, bs, false); break;
    case CRYPTO_SM4KS: result = sm4(a, b, bs, true); break;
    case CRYPTO_SHA512SUM0R: case CRYPTO_SHA512SUM1R: case CRYPTO_SHA512SIG0L: case CRYPTO_SHA512SIG0H: case CRYPTO_SHA512SIG1L: case CRYPTO_SHA512SIG1H:
        result = halves(op, a, b);
        break;
    default: result = words32(op, a); break;
    }
    return (uint64_t)(int32_t)result;
}
