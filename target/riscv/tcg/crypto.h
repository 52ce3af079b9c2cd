/*
 * Parts of block ciphers and hashes that the scalar and the vector instructions share: helpers-crypto.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_TCG_CRYPTO_H
#define TARGET_RISCV_TCG_CRYPTO_H

#include <stdint.h>

extern uint8_t riscv_aes_sbox[256], riscv_aes_inverse_sbox[256], riscv_sm4_sbox[256];
/* Rows of the matrices of MixColumns and its inverse. */
extern const uint8_t riscv_aes_mix[4], riscv_aes_inverse_mix[4];

/* A column by a circulant matrix; byte 0 is the lowest. */
uint32_t riscv_aes_mix_column(uint32_t column, const uint8_t row[4]);
/* Each byte through a box. */
uint32_t riscv_substitute_word(uint32_t word, const uint8_t box[256]);
/* Of round 1 to 10. */
uint32_t riscv_aes_round_constant(unsigned round);

static inline uint32_t rol32(uint32_t a, unsigned by) { return by % 32 ? a << by % 32 | a >> (32 - by % 32) : a; }
static inline uint32_t ror32(uint32_t a, unsigned by) { return rol32(a, 32 - by); }
static inline uint64_t ror64(uint64_t a, unsigned by) { return a >> by | a << (64 - by); }

static inline uint64_t sha512_sum0(uint64_t a) { return ror64(a, 28) ^ ror64(a, 34) ^ ror64(a, 39); }
static inline uint64_t sha512_sum1(uint64_t a) { return ror64(a, 14) ^ ror64(a, 18) ^ ror64(a, 41); }
static inline uint64_t sha512_sig0(uint64_t a) { return ror64(a, 1) ^ ror64(a, 8) ^ a >> 7; }
static inline uint64_t sha512_sig1(uint64_t a) { return ror64(a, 19) ^ ror64(a, 61) ^ a >> 6; }
static inline uint32_t sha256_sum0(uint32_t a) { return ror32(a, 2) ^ ror32(a, 13) ^ ror32(a, 22); }
static inline uint32_t sha256_sum1(uint32_t a) { return ror32(a, 6) ^ ror32(a, 11) ^ ror32(a, 25); }
static inline uint32_t sha256_sig0(uint32_t a) { return ror32(a, 7) ^ ror32(a, 18) ^ a >> 3; }
static inline uint32_t sha256_sig1(uint32_t a) { return ror32(a, 17) ^ ror32(a, 19) ^ a >> 10; }
static inline uint32_t sm3_p0(uint32_t a) { return a ^ rol32(a, 9) ^ rol32(a, 17); }
static inline uint32_t sm3_p1(uint32_t a) { return a ^ rol32(a, 15) ^ rol32(a, 23); }

#endif
