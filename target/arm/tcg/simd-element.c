/*
 * AdvSIMD in C: one element of each integer operation (and of SVE's, which are the same).
 *
 * DDI 0487, C7.2 (the operation sections of the instructions).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/simd.h"

typedef __int128 Int;

/* n as it counts: 64-bit numbers without sign are not negative. */
static Int wide(int64_t n, bool u) { return u ? (Int)(uint64_t)n : (Int)n; }

static uint64_t saturate(SimdEnv *env, Int value, unsigned bits, bool u)
{
    Int largest = ((Int)1 << (u ? bits : bits - 1)) - 1, smallest = u ? 0 : -largest - 1, result = value > largest ? largest : value < smallest ? smallest : value;
    env->saturated |= result != value;
    return (uint64_t)result;
}

/* By a signed number of places: left, or right where it is negative. */
static uint64_t shift(SimdEnv *env, unsigned bits, bool u, int64_t n, int places, bool rounds, bool saturates)
{
    Int value = wide(n, u);
    if (places < 0) {
        unsigned by = -places;
        if (by > bits + 1) {
            by = bits + 1;
        }
        return (uint64_t)((value + (rounds ? (Int)1 << (by - 1) : 0)) >> by);
    }
    if (!saturates) {
        return places >= (int)bits ? 0 : (uint64_t)n << places;
    }
    if (value == 0) {
        return 0;
    }
    if (places >= (int)bits) {
        return saturate(env, (value < 0 ? (Int)-1 : (Int)1) << 100, bits, u);
    }
    /* The places do not go beyond 63, the value not beyond 64 bits: what is lost at the top is seen before. */
    Int limit = (Int)1 << (126 - places);
    return saturate(env, value >= limit ? (Int)1 << 100 : value < -limit ? (Int)-1 << 100 : value << places, bits, u);
}

static uint64_t polynomial(uint64_t n, uint64_t m, unsigned bits)
{
    uint64_t result = 0;
    for (unsigned i = 0; i < bits; i++) {
        result ^= m >> i & 1 ? n << i : 0;
    }
    return result;
}

/* Twice the product, its high half; added to what is given. */
static uint64_t doubling_high(SimdEnv *env, unsigned bits, int64_t d, int64_t n, int64_t m, bool rounds, bool accumulates, bool subtracts)
{
    /* At 64 bits (SVE alone) the sum may go beyond an Int: the low bits are kept apart. */
    Int product = (Int)n * m, sum;
    product = subtracts ? -product : product;
    if (bits < 64) {
        sum = 2 * product + (rounds ? (Int)1 << (bits - 1) : 0) + (accumulates ? (Int)d << bits : 0);
        return saturate(env, sum >> bits, bits, false);
    }
    sum = (product + (rounds ? (Int)1 << 62 : 0)) >> 63;
    return saturate(env, sum + (accumulates ? d : 0), bits, false);
}

static uint64_t bit_reverse(uint64_t n, unsigned bits)
{
    uint64_t result = 0;
    for (unsigned i = 0; i < bits; i++) {
        result |= (n >> i & 1) << (bits - 1 - i);
    }
    return result;
}

/* To bits from twice as many, shifted right before. */
static uint64_t narrow(SimdEnv *env, SimdOp op, unsigned bits, bool u, int64_t n, unsigned by)
{
    bool rounds = op >= OP_RXTN, from_unsigned = u && op != OP_QXTUN && op != OP_QRXTUN;
    Int value = (wide(n, from_unsigned) + (rounds && by ? (Int)1 << (by - 1) : 0)) >> by;
    return op == OP_XTN || op == OP_RXTN ? (uint64_t)value : saturate(env, value, bits, u);
}

static uint64_t unary(SimdEnv *env, SimdOp op, unsigned bits, int64_t n)
{
    uint64_t low = (uint64_t)n & MAKE_MASK(0, bits);
    switch (op) {
    case OP_CLS: {
        uint64_t changes = (low ^ low >> 1) & MAKE_MASK(0, bits - 1);
        return changes ? __builtin_clzll(changes) - (64 - bits) - 1 : bits - 1;
    }
    case OP_CLZ: return low ? __builtin_clzll(low) - (64 - bits) : bits;
    case OP_CNT: return __builtin_popcountll(low);
    case OP_NOT: return ~n;
    case OP_RBIT: return bit_reverse(low, bits);
    case OP_ABS: return n < 0 ? -(uint64_t)n : (uint64_t)n;
    case OP_NEG: return -(uint64_t)n;
    case OP_QABS: return saturate(env, n < 0 ? -(Int)n : n, bits, false);
    case OP_QNEG: return saturate(env, -(Int)n, bits, false);
    case OP_REV: return __builtin_bswap64(low) >> (64 - bits);
    case OP_URECPE: return arm_float_recip_estimate(low);
    default: return arm_float_rsqrt_estimate(low);
    }
}

static uint64_t bitwise(SimdOp op, uint64_t d, uint64_t n, uint64_t m)
{
    switch (op) {
    case OP_AND: return n & m;
    case OP_BIC: return n & ~m;
    case OP_ORR: return n | m;
    case OP_ORN: return n | ~m;
    case OP_EOR: return n ^ m;
    case OP_BSL: return (d & n) | (~d & m);
    case OP_BIT: return (d & ~m) | (n & m);
    default: return (d & m) | (n & ~m);
    }
}

static uint64_t insert(uint64_t d, uint64_t n, unsigned from, unsigned length)
{
    uint64_t mask = length ? MAKE_MASK(from, length) : 0;
    return (d & ~mask) | (n & mask);
}

/* The others: of m places. */
static uint64_t shift_imm(SimdEnv *env, SimdOp op, unsigned bits, bool u, uint64_t d, int64_t n, unsigned m)
{
    switch (op) {
    case OP_SHR: return shift(env, bits, u, n, -(int)m, false, false);
    case OP_SRA: return d + shift(env, bits, u, n, -(int)m, false, false);
    case OP_RSHR: return shift(env, bits, u, n, -(int)m, true, false);
    case OP_RSRA: return d + shift(env, bits, u, n, -(int)m, true, false);
    case OP_SRI: return m >= bits ? d : insert(d, ((uint64_t)n & MAKE_MASK(0, bits)) >> m, 0, bits - m);
    case OP_SLI: return insert(d, (uint64_t)n << m, m, bits - m);
    default: return saturate(env, wide(n, false) << m, bits, true);
    }
}

uint64_t arm_simd_element(SimdEnv *env, SimdOp op, unsigned bits, bool u, unsigned imm, uint64_t d, int64_t n, int64_t m)
{
    Int a = wide(n, u), b = wide(m, u);
    uint64_t ones = MAKE_MASK(0, bits);
    switch (op) {
    case OP_ADD: return (uint64_t)n + (uint64_t)m;
    case OP_SUB: return (uint64_t)n - (uint64_t)m;
    case OP_HADD: return (uint64_t)((a + b) >> 1);
    case OP_HSUB: return (uint64_t)((a - b) >> 1);
    case OP_RHADD: return (uint64_t)((a + b + 1) >> 1);
    case OP_QADD: return saturate(env, a + b, bits, u);
    case OP_QSUB: return saturate(env, a - b, bits, u);
    case OP_QADDO: return saturate(env, wide(arm_extend(d, bits, u), u) + wide(arm_extend(n, bits, !u), !u), bits, u);
    case OP_CMGT: return a > b ? ones : 0;
    case OP_CMGE: return a >= b ? ones : 0;
    case OP_CMEQ: return a == b ? ones : 0;
    case OP_CMTST: return n & m ? ones : 0;
    case OP_SHL: return shift(env, bits, u, n, (int8_t)m, false, false);
    case OP_QSHL: return shift(env, bits, u, n, (int8_t)m, false, true);
    case OP_RSHL: return shift(env, bits, u, n, (int8_t)m, true, false);
    case OP_QRSHL: return shift(env, bits, u, n, (int8_t)m, true, true);
    case OP_MAX: return (uint64_t)(a > b ? a : b);
    case OP_MIN: return (uint64_t)(a < b ? a : b);
    case OP_ABD: return (uint64_t)(a > b ? a - b : b - a);
    case OP_ABA: return d + (uint64_t)(a > b ? a - b : b - a);
    case OP_MLA: return d + (uint64_t)n * (uint64_t)m;
    case OP_MLS: return d - (uint64_t)n * (uint64_t)m;
    case OP_MUL: return (uint64_t)n * (uint64_t)m;
    case OP_PMUL: case OP_PMULL: return polynomial(n & ones, m & ones, bits);
    case OP_QDMULH: return doubling_high(env, bits, 0, n, m, false, false, false);
    case OP_QRDMULH: return doubling_high(env, bits, 0, n, m, true, false, false);
    case OP_QRDMLAH: return doubling_high(env, bits, arm_extend(d, bits, false), n, m, true, true, false);
    case OP_QRDMLSH: return doubling_high(env, bits, arm_extend(d, bits, false), n, m, true, true, true);
    case OP_QDMULL: return saturate(env, (Int)n * m * 2, bits, false);
    case OP_QDMLAL: return saturate(env, (Int)arm_extend(d, bits, false) + (int64_t)saturate(env, (Int)n * m * 2, bits, false), bits, false);
    case OP_QDMLSL: return saturate(env, (Int)arm_extend(d, bits, false) - (int64_t)saturate(env, (Int)n * m * 2, bits, false), bits, false);
    case OP_AND: case OP_BIC: case OP_ORR: case OP_ORN: case OP_EOR: case OP_BSL: case OP_BIT: case OP_BIF: return bitwise(op, d, n, m);
    case OP_SHR: case OP_SRA: case OP_RSHR: case OP_RSRA: case OP_SRI: case OP_SLI: case OP_QSHLU: return shift_imm(env, op, bits, u, d, n, m);
    case OP_XTN: case OP_QXTN: case OP_QXTUN: case OP_RXTN: case OP_QRXTN: case OP_QRXTUN: return narrow(env, op, bits, u, n, imm);
    default: return unary(env, op, bits, n);
    }
}
