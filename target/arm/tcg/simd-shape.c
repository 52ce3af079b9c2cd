/*
 * AdvSIMD in C: from elements to registers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/simd.h"

bool arm_simd_is_float(SimdOp op)
{
    return op >= OP_FLOAT && op <= OP_FMLSL;
}

/* Operands are of size (of half the size where the result is twice as wide: size counts for the result; a result half as wide: size counts for the operand). */
static uint64_t float_element(ArmFloat *f, SimdOp op, unsigned size, bool u, unsigned imm, uint64_t d, uint64_t n, uint64_t m)
{
    unsigned bits = 8u << size;
    switch (op) {
    case OP_FTOI: return arm_float_to_fixed(f, size, n, 0, u, imm, bits);
    case OP_FTOFIX: return arm_float_to_fixed(f, size, n, imm, u, ROUND_ZERO, bits);
    case OP_ITOF: return arm_float_from_fixed(f, size, n, imm, u, bits);
    case OP_FCVTL: return arm_float_convert(f, size, size - 1, n, f->rounding);
    case OP_FCVTN: return arm_float_convert(f, size - 1, size, n, f->rounding);
    case OP_FCVTXN: return arm_float_convert(f, size - 1, size, n, ROUND_ODD);
    case OP_BFCVTN: return arm_float_convert(f, FLOAT_BF16, FLOAT_S, n, f->rounding);
    default: return arm_float_op(f, (ArmFloatOp)(op - OP_FLOAT), size, d, n, m);
    }
}

/* size: of the result. n and m are in elements of operand size. */
static uint64_t element(SimdEnv *env, uint32_t spec, unsigned size, unsigned operand, uint64_t d, uint64_t n, uint64_t m)
{
    SimdOp op = simd_op(spec);
    bool u = simd_unsigned(spec);
    if (arm_simd_is_float(op)) {
        return float_element(&env->fp, op, simd_size(spec), u, simd_imm(spec), d, n, m);
    }
    bool extend_unsigned = u && op != OP_QXTUN && op != OP_QRXTUN;
    return arm_simd_element(env, op, 8u << size, u, simd_imm(spec), d, arm_extend(n, 8u << operand, extend_unsigned), arm_extend(m, 8u << operand, extend_unsigned));
}

static unsigned count(uint32_t spec, unsigned size)
{
    unsigned form = simd_form(spec);
    return form == FORM_SCALAR ? 1 : (form == FORM_128 ? 16 : 8) >> size;
}

static ArmV each(SimdEnv *env, uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m)
{
    ArmV r = { { 0, 0 } };
    unsigned size = simd_size(spec);
    bool shift = simd_shape(spec) == SHAPE_SHIFT;
    for (unsigned i = 0; i < count(spec, size); i++) {
        uint64_t b = shift ? simd_imm(spec) : arm_v_get(m, size, i);
        arm_v_set(&r, size, i, element(env, spec, size, size, arm_v_get(d, size, i), arm_v_get(n, size, i), b));
    }
    return r;
}

static ArmV widening(SimdEnv *env, uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m)
{
    ArmV r = { { 0, 0 } };
    SimdShape shape = simd_shape(spec);
    unsigned size = simd_size(spec), half = size - 1, nr = simd_form(spec) == FORM_SCALAR ? 1 : 16 >> size, from = simd_form(spec) == FORM_128 ? nr : 0;
    bool u = simd_unsigned(spec);
    for (unsigned i = 0; i < nr; i++) {
        uint64_t a = shape == SHAPE_WIDE ? arm_v_get(n, size, i) : arm_v_get(n, half, from + i);
        uint64_t b = shape == SHAPE_LONG_SHIFT ? simd_imm(spec) : arm_v_get(m, half, from + i);
        if (!arm_simd_is_float(simd_op(spec))) {
            a = shape == SHAPE_WIDE ? a : (uint64_t)arm_extend(a, 8u << half, u);
            b = shape == SHAPE_LONG_SHIFT ? b : (uint64_t)arm_extend(b, 8u << half, u);
        }
        arm_v_set(&r, size, i, element(env, spec, size, size, arm_v_get(d, size, i), a, b));
    }
    return r;
}

static ArmV narrowing(SimdEnv *env, uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m)
{
    ArmV r = { { 0, 0 } };
    unsigned size = simd_size(spec), half = size - 1, nr = simd_form(spec) == FORM_SCALAR ? 1 : 16 >> size;
    bool high = simd_form(spec) == FORM_128;
    for (unsigned i = 0; i < nr; i++) {
        uint64_t value, a = arm_v_get(n, size, i);
        if (simd_shape(spec) == SHAPE_NARROW_HIGH) {
            uint64_t b = arm_v_get(m, size, i), rounding = simd_unsigned(spec) ? BIT((8u << half) - 1) : 0;
            value = ((simd_op(spec) == OP_ADD ? a + b : a - b) + rounding) >> (8u << half);
        } else {
            value = element(env, spec, half, size, 0, a, 0);
        }
        arm_v_set(&r, half, (high ? nr : 0) + i, value);
    }
    r.d[0] = high ? d->d[0] : r.d[0];
    return r;
}

static ArmV pairs(SimdEnv *env, uint32_t spec, const ArmV *n, const ArmV *m)
{
    ArmV r = { { 0, 0 } };
    unsigned size = simd_size(spec), nr = count(spec, size);
    if (simd_form(spec) == FORM_SCALAR) {
        arm_v_set(&r, size, 0, element(env, spec, size, size, 0, arm_v_get(n, size, 0), arm_v_get(n, size, 1)));
        return r;
    }
    for (unsigned i = 0; i < nr; i++) {
        const ArmV *from = i < nr / 2 ? n : m;
        unsigned at = i % (nr / 2) * 2;
        arm_v_set(&r, size, i, element(env, spec, size, size, 0, arm_v_get(from, size, at), arm_v_get(from, size, at + 1)));
    }
    return r;
}

/* Halves first, as FPReduce does. */
static uint64_t reduce(SimdEnv *env, uint32_t spec, const ArmV *n, unsigned from, unsigned nr)
{
    unsigned size = simd_size(spec);
    if (nr == 1) {
        return arm_v_get(n, size, from);
    }
    uint64_t low = reduce(env, spec, n, from, nr / 2), high = reduce(env, spec, n, from + nr / 2, nr / 2);
    return element(env, spec, size, size, 0, low, high);
}

static ArmV across(SimdEnv *env, uint32_t spec, const ArmV *n)
{
    ArmV r = { { 0, 0 } };
    unsigned size = simd_size(spec);
    if (simd_shape(spec) == SHAPE_ACROSS) {
        arm_v_set(&r, size, 0, reduce(env, spec, n, 0, count(spec, size)));
        return r;
    }
    uint64_t sum = 0;
    for (unsigned i = 0; i < count(spec, size - 1); i++) {
        sum += (uint64_t)arm_extend(arm_v_get(n, size - 1, i), 8u << (size - 1), simd_unsigned(spec));
    }
    arm_v_set(&r, size, 0, sum);
    return r;
}

static ArmV everywhere(const ArmV *m, unsigned size, unsigned index)
{
    ArmV r;
    uint64_t value = arm_v_get(m, size, index);
    for (unsigned i = 0; i < 16u >> size; i++) {
        arm_v_set(&r, size, i, value);
    }
    return r;
}

ArmV arm_simd_compute(SimdEnv *env, uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m)
{
    ArmV element_of_m;
    if (spec >> 25 & 1) {
        element_of_m = everywhere(m, spec >> 26 & 3, spec >> 28);
        m = &element_of_m;
    }
    switch (simd_shape(spec)) {
    case SHAPE_LONG: case SHAPE_LONG_SHIFT: case SHAPE_WIDE: return widening(env, spec, d, n, m);
    case SHAPE_NARROW: case SHAPE_NARROW_HIGH: return narrowing(env, spec, d, n, m);
    case SHAPE_PAIR: return pairs(env, spec, n, m);
    case SHAPE_ACROSS: case SHAPE_ACROSS_LONG: return across(env, spec, n);
    case SHAPE_WHOLE: return arm_simd_whole(env, spec, d, n, m);
    default: return each(env, spec, d, n, m);
    }
}

ArmV arm_simd_run(ArmCpu *cpu, uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m)
{
    SimdEnv env = { .fp = cpu->aarch64 ? arm_float_of(cpu) : arm_float_standard(cpu->fpcr) };
    ArmV r = arm_simd_compute(&env, spec, d, n, m);
    /* (Not cpu->qc: that is a slot, of which translated code may hold another value.) */
    cpu->fpsr |= env.fp.flags | (env.saturated ? (uint32_t)FPSR_QC : 0);
    return r;
}
