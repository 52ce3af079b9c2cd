/*
 * AdvSIMD in C: what is more than one element with its like: complex numbers, dot products, matrices, permutations.
 *
 * DDI 0487, C7.2: FCADD, FCMLA, SDOT, SMMLA, BFDOT, BFMMLA, BFMLALB, FMLAL, ZIP, UZP, TRN, EXT, SADDLP.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/simd.h"

static unsigned bytes_of(uint32_t spec) { return simd_form(spec) == FORM_128 ? 16 : 8; }

/* imm: the rotation in quarters of a turn. */
static ArmV complex_add(ArmFloat *f, uint32_t spec, const ArmV *n, const ArmV *m)
{
    ArmV r = { { 0, 0 } };
    unsigned size = simd_size(spec), nr = bytes_of(spec) >> size;
    bool three = simd_imm(spec) == 3;
    for (unsigned i = 0; i < nr; i += 2) {
        uint64_t imaginary = arm_v_get(m, size, i + 1), real = arm_v_get(m, size, i);
        arm_v_set(&r, size, i, arm_float_add(f, size, arm_v_get(n, size, i), three ? imaginary : arm_float_neg(f, size, imaginary)));
        arm_v_set(&r, size, i + 1, arm_float_add(f, size, arm_v_get(n, size, i + 1), three ? arm_float_neg(f, size, real) : real));
    }
    return r;
}

static ArmV complex_muladd(ArmFloat *f, uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m)
{
    ArmV r = { { 0, 0 } };
    unsigned size = simd_size(spec), nr = bytes_of(spec) >> size, turns = simd_imm(spec), odd = turns & 1;
    for (unsigned i = 0; i < nr; i += 2) {
        uint64_t a = arm_v_get(n, size, i + odd), real = arm_v_get(m, size, i + odd), imaginary = arm_v_get(m, size, i + !odd);
        real = turns == 1 || turns == 2 ? arm_float_neg(f, size, real) : real;
        imaginary = turns >= 2 ? arm_float_neg(f, size, imaginary) : imaginary;
        arm_v_set(&r, size, i, arm_float_muladd(f, size, arm_v_get(d, size, i), a, real));
        arm_v_set(&r, size, i + 1, arm_float_muladd(f, size, arm_v_get(d, size, i + 1), a, imaginary));
    }
    return r;
}

/* Products of nr elements of a quarter of the width, from places of n and m. */
static uint64_t dot(uint64_t sum, const ArmV *n, const ArmV *m, unsigned size, unsigned nr, unsigned i, unsigned j, bool n_unsigned, bool m_unsigned)
{
    for (unsigned k = 0; k < nr; k++) {
        sum += (uint64_t)(arm_extend(arm_v_get(n, size, i + k), 8u << size, n_unsigned) * arm_extend(arm_v_get(m, size, j + k), 8u << size, m_unsigned));
    }
    return sum;
}

/* USDOT: n without sign, m with; SUDOT (u): the other way round. */
static ArmV dot_product(uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m)
{
    ArmV r = { { 0, 0 } };
    unsigned size = simd_size(spec);
    bool u = simd_unsigned(spec), mixed = simd_op(spec) == OP_USDOT;
    for (unsigned i = 0; i < bytes_of(spec) >> size; i++) {
        arm_v_set(&r, size, i, dot(arm_v_get(d, size, i), n, m, size - 2, 4, 4 * i, 4 * i, mixed ? !u : u, u));
    }
    return r;
}

static ArmV matrix(uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m)
{
    ArmV r;
    bool u = simd_unsigned(spec), mixed = simd_op(spec) == OP_USMMLA;
    for (unsigned i = 0; i < 4; i++) {
        arm_v_set(&r, 2, i, dot(arm_v_get(d, 2, i), n, m, 0, 8, i / 2 * 8, i % 2 * 8, u || mixed, u && !mixed));
    }
    return r;
}

static ArmV bf16(SimdEnv *env, uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m)
{
    ArmV r = { { 0, 0 } };
    SimdOp op = simd_op(spec);
    for (unsigned i = 0; i < bytes_of(spec) / 4; i++) {
        uint32_t a = arm_v_get(d, 2, i), x = arm_v_get(n, 2, i), y = arm_v_get(m, 2, i);
        if (op == OP_BFDOT) {
            a = arm_bf16_dot(&env->fp, a, x, y);
        } else if (op == OP_BFMMLA) {
            for (unsigned k = 0; k < 2; k++) {
                a = arm_bf16_dot(&env->fp, a, arm_v_get(n, 2, i / 2 * 2 + k), arm_v_get(m, 2, i % 2 * 2 + k));
            }
        } else {
            bool top = op == OP_BFMLALT;
            a = arm_bf16_muladd(&env->fp, a, top ? x & 0xffff0000 : x << 16, top ? y & 0xffff0000 : y << 16);
        }
        arm_v_set(&r, 2, i, a);
    }
    return r;
}

/* imm 1: of the upper halves. */
static ArmV muladd_long(ArmFloat *f, uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m)
{
    ArmV r = { { 0, 0 } };
    unsigned nr = bytes_of(spec) / 4, from = simd_imm(spec) ? nr : 0;
    for (unsigned i = 0; i < nr; i++) {
        uint64_t a = arm_v_get(n, 1, from + i);
        a = simd_op(spec) == OP_FMLSL ? arm_float_neg(f, FLOAT_H, a) : a;
        arm_v_set(&r, 2, i, arm_float_muladd_half(f, arm_v_get(d, 2, i), a, arm_v_get(m, 1, from + i)));
    }
    return r;
}

static ArmV permute(uint32_t spec, const ArmV *n, const ArmV *m)
{
    ArmV r = { { 0, 0 } };
    SimdOp op = simd_op(spec);
    unsigned size = simd_size(spec), nr = bytes_of(spec) >> size, second = op == OP_ZIP2 || op == OP_UZP2 || op == OP_TRN2;
    for (unsigned i = 0; i < nr; i++) {
        const ArmV *from = i & 1 ? m : n;
        unsigned at;
        if (op == OP_ZIP1 || op == OP_ZIP2) {
            at = i / 2 + second * (nr / 2);
        } else if (op == OP_TRN1 || op == OP_TRN2) {
            at = (i & ~1u) + second;
        } else {
            from = i < nr / 2 ? n : m;
            at = i % (nr / 2) * 2 + second;
        }
        arm_v_set(&r, size, i, arm_v_get(from, size, at));
    }
    return r;
}

static ArmV extract(uint32_t spec, const ArmV *n, const ArmV *m)
{
    ArmV r = { { 0, 0 } };
    unsigned bytes = bytes_of(spec);
    for (unsigned i = 0; i < bytes; i++) {
        unsigned at = i + simd_imm(spec);
        arm_v_set(&r, 0, i, at < bytes ? arm_v_get(n, 0, at) : arm_v_get(m, 0, at - bytes));
    }
    return r;
}

static ArmV add_pairs(uint32_t spec, const ArmV *d, const ArmV *n)
{
    ArmV r = { { 0, 0 } };
    unsigned size = simd_size(spec), half = size - 1;
    bool u = simd_unsigned(spec);
    for (unsigned i = 0; i < bytes_of(spec) >> size; i++) {
        uint64_t sum = (uint64_t)arm_extend(arm_v_get(n, half, 2 * i), 8u << half, u) + (uint64_t)arm_extend(arm_v_get(n, half, 2 * i + 1), 8u << half, u);
        arm_v_set(&r, size, i, sum + (simd_op(spec) == OP_ADALP ? arm_v_get(d, size, i) : 0));
    }
    return r;
}

/* Elements of a table (n, and d behind it) by indices of 2 or 4 bits, which are the part of m that imm tells. */
static ArmV look_up(uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m)
{
    ArmV r;
    unsigned size = simd_size(spec), nr = 16 >> size, bits = simd_op(spec) == OP_LUTI2 ? 2 : 4;
    for (unsigned i = 0; i < nr; i++) {
        unsigned at = (simd_imm(spec) * nr + i) * bits, index = m->d[at / 64] >> (at % 64) & MAKE_MASK(0, bits);
        arm_v_set(&r, size, i, index < nr ? arm_v_get(n, size, index) : arm_v_get(d, size, index - nr));
    }
    return r;
}

ArmV arm_simd_whole(SimdEnv *env, uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m)
{
    switch (simd_op(spec)) {
    case OP_FCADD: return complex_add(&env->fp, spec, n, m);
    case OP_FCMLA: return complex_muladd(&env->fp, spec, d, n, m);
    case OP_DOT: case OP_USDOT: return dot_product(spec, d, n, m);
    case OP_MMLA: case OP_USMMLA: return matrix(spec, d, n, m);
    case OP_BFDOT: case OP_BFMMLA: case OP_BFMLALB: case OP_BFMLALT: return bf16(env, spec, d, n, m);
    case OP_FMLAL: case OP_FMLSL: return muladd_long(&env->fp, spec, d, n, m);
    case OP_ZIP1: case OP_ZIP2: case OP_UZP1: case OP_UZP2: case OP_TRN1: case OP_TRN2: return permute(spec, n, m);
    case OP_EXT: return extract(spec, n, m);
    case OP_LUTI2: case OP_LUTI4: return look_up(spec, d, n, m);
    case OP_ADDLP: case OP_ADALP: return add_pairs(spec, d, n);
    default: return arm_simd_crypto(spec, d, n, m);
    }
}
