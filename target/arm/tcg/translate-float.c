/*
 * Scalar floating point: on the host's unit under the guest's rounding mode, where the host's result is Arm's or can be made so; else by C code.
 *
 * What is rare leaves the block and is done by C code there (ARM_REASON_FLOAT): results that are NaNs, conversions out of range, and results of the smallest normal
 * magnitude, which Arm counts as underflow when they were less before rounding. Half precision, and all arithmetic while subnormals are flushed, is done by helpers.
 *
 * DDI 0487, A1.5, C7.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/helpers-simd.h"
#include "target/arm/tcg/translate-float.h"

/* ---- operands ---- */

/* By ptype; -1: not allocated. */
static int size_of(const ArmTranslate *s, int ptype)
{
    return ptype == 0 ? FLOAT_S : ptype == 1 ? FLOAT_D : ptype == 3 && NEEDS(fp16) ? FLOAT_H : -1;
}

IrRef float_read(ArmTranslate *s, unsigned size, unsigned n) { return ir_op1(s->b, IR_FLANE, float_type(size), a64_v(s, n)); }
static IrRef in_register(ArmTranslate *s, IrRef value) { return ir_op2(s->b, IR_VSET_FLANE, IR_V128, simd_const(s, 0), value); }
void float_write(ArmTranslate *s, unsigned n, IrRef value) { a64_set_v(s, n, in_register(s, value)); }

/* As integers. */
static IrRef bits_of(ArmTranslate *s, unsigned size, unsigned n)
{
    IrRef value = ir_op1(s->b, IR_VTO_INT, size == 3 ? IR_I64 : IR_I32, a64_v(s, n));
    return size == 3 ? value : ir_zext(s->b, IR_I64, size, value);
}

static uint64_t home_bits(const ArmTranslate *s, unsigned size, unsigned n) { return arm_v_get((const ArmV *)s->cpu->v[n], size, 0); }

static IrRef constant(ArmTranslate *s, unsigned size, double value)
{
    union { float f; uint32_t u; } single = { .f = (float)value };
    union { double f; uint64_t u; } wide = { .f = value };
    return size == FLOAT_D ? ir_const(s->b, IR_F64, wide.u) : ir_const(s->b, IR_F32, single.u);
}

static IrRef compare(ArmTranslate *s, bool signals, IrRef a, IrRef b) { return ir_emit(s->b, IR_FCMP, IR_FLAGS, 0, signals, a, b, 0); }

/* ---- results ---- */

void float_redo_nan(ArmTranslate *s, IrRef value) { simd_redo_if(s, ir_test(s->b, IR_CC_P, compare(s, false, value, value))); }

/* NaNs, and what may have been tiny before it was rounded: unordered and equal look the same to the host. */
static void redo_special(ArmTranslate *s, unsigned size, IrRef value)
{
    IrRef magnitude = simd_op2(s, IR_VAND, 3, in_register(s, value), ir_const_v128(s->b, MAKE_MASK(0, (8u << size) - 1), 0));
    IrRef smallest = size == FLOAT_D ? ir_const(s->b, IR_F64, BIT(52)) : ir_const(s->b, IR_F32, BIT(23));
    simd_redo_if(s, ir_test(s->b, IR_CC_EQ, compare(s, false, ir_op1(s->b, IR_FLANE, float_type(size), magnitude), smallest)));
}

/* ---- one operand ---- */

/* As ROUNDSS has them, quiet about inexact results; -1: none. */
int float_host_rounding(ArmFloatOp op)
{
    switch (op) {
    case FLOAT_RINTN: return 8;
    case FLOAT_RINTM: return 9;
    case FLOAT_RINTP: return 10;
    case FLOAT_RINTZ: return 11;
    case FLOAT_RINTI: return 12;
    case FLOAT_RINTX: return 4;
    default: return -1;
    }
}

/* Signs alone. */
static bool move(ArmTranslate *s, const A64vOperands *o, unsigned size)
{
    uint64_t sign = arm_float_sign(size), mask = MAKE_MASK(0, 8u << size);
    if (o->op != FLOAT_MOV && (s->mode & ARM_MODE_AH)) {
        return false;
    }
    IrRef n = a64_v(s, o->rn);
    if (o->op == FLOAT_MOV && size == FLOAT_D) {
        simd_finish(s, o->rd, false, n);
        return true;
    }
    IrRef r = simd_op2(s, IR_VAND, 3, n, ir_const_v128(s->b, o->op == FLOAT_ABS ? mask & ~sign : mask, 0));
    a64_set_v(s, o->rd, o->op == FLOAT_NEG ? simd_op2(s, IR_VXOR, 3, r, ir_const_v128(s->b, sign, 0)) : r);
    return true;
}

bool a64v_op_scalar_one(ArmTranslate *s, const A64vOperands *o)
{
    int size = size_of(s, o->ptype);
    if (size < 0) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    int rounding = float_host_rounding(o->op);
    if (!simd_redoes(s) && o->op <= FLOAT_NEG && o->op >= FLOAT_MOV && move(s, o, size)) {
        return true;
    }
    if (float_is_fast(s, size) && (o->op == FLOAT_SQRT || rounding >= 0)) {
        IrRef n = float_read(s, size, o->rn);
        IrRef r = ir_emit(s->b, o->op == FLOAT_SQRT ? IR_FSQRT : IR_FROUND, float_type(size), 0, rounding < 0 ? 0 : rounding, n, 0, 0);
        float_redo_nan(s, r);
        float_write(s, o->rd, r);
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(OP_FLOAT + o->op, SHAPE_EACH, size, FORM_SCALAR, 0, 0), o->rd, SIMD_NONE, o->rn, SIMD_NONE);
}

bool a64v_op_scalar_convert(ArmTranslate *s, const A64vOperands *o)
{
    static const int8_t sizes[4] = { FLOAT_S, FLOAT_D, -1, FLOAT_H };
    int from = sizes[o->ptype], to = sizes[o->opc];
    if (from < 0 || to < 0 || from == to) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    if (from == FLOAT_H || to == FLOAT_H) {
        a64_set_v(s, o->rd, ir_op1(s->b, IR_VFROM_INT, IR_V128, ARM_CALL(s, float_convert, arm_i32(s, to | from << 4), bits_of(s, from, o->rn))));
        return true;
    }
    if (float_is_fast(s, from)) {
        IrRef r = ir_op1(s->b, IR_FCVT, float_type(to), float_read(s, from, o->rn));
        if (to == FLOAT_S) {
            redo_special(s, to, r);
        } else {
            float_redo_nan(s, r);
        }
        float_write(s, o->rd, r);
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(to == FLOAT_D ? OP_FCVTL : OP_FCVTN, to == FLOAT_D ? SHAPE_LONG : SHAPE_NARROW, FLOAT_D, FORM_SCALAR, 0, 0), o->rd, SIMD_NONE, o->rn,
                     SIMD_NONE);
}

bool a64v_op_scalar_to_bf16(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    a64_set_v(s, o->rd, ir_op1(s->b, IR_VFROM_INT, IR_V128, ARM_CALL(s, float_convert, arm_i32(s, FLOAT_BF16 | FLOAT_S << 4), bits_of(s, FLOAT_S, o->rn))));
    return true;
}

/* ---- two and three operands ---- */

/* The host's depend on the order of operands for two zeroes: both orders together give the sign. */
static void extreme(ArmTranslate *s, const A64vOperands *o, unsigned size, bool min, IrRef a, IrRef b)
{
    simd_redo_if(s, ir_test(s->b, IR_CC_P, compare(s, false, a, b)));
    IrOp op = min ? IR_FMIN : IR_FMAX;
    IrRef one = in_register(s, ir_op2(s->b, op, float_type(size), a, b)), other = in_register(s, ir_op2(s->b, op, float_type(size), b, a));
    a64_set_v(s, o->rd, simd_op2(s, min ? IR_VOR : IR_VAND, 3, one, other));
}

static bool arithmetic(ArmTranslate *s, const A64vOperands *o, unsigned size)
{
    IrRef a = float_read(s, size, o->rn), b = float_read(s, size, o->rm), r;
    IrType t = float_type(size);
    switch (o->op) {
    case FLOAT_ADD: case FLOAT_SUB:
        /* A tiny sum is exact. */
        r = ir_op2(s->b, o->op == FLOAT_ADD ? IR_FADD : IR_FSUB, t, a, b);
        float_redo_nan(s, r);
        float_write(s, o->rd, r);
        return true;
    case FLOAT_MUL: case FLOAT_DIV: case FLOAT_NMUL:
        r = ir_op2(s->b, o->op == FLOAT_DIV ? IR_FDIV : IR_FMUL, t, a, b);
        redo_special(s, size, r);
        r = in_register(s, r);
        a64_set_v(s, o->rd, o->op == FLOAT_NMUL ? simd_op2(s, IR_VXOR, 3, r, ir_const_v128(s->b, arm_float_sign(size), 0)) : r);
        return true;
    case FLOAT_MAX: case FLOAT_MAXNM: case FLOAT_MIN: case FLOAT_MINNM:
        extreme(s, o, size, o->op == FLOAT_MIN || o->op == FLOAT_MINNM, a, b);
        return true;
    default:
        return false;
    }
}

bool a64v_op_scalar_two(ArmTranslate *s, const A64vOperands *o)
{
    int size = size_of(s, o->ptype);
    if (size < 0) {
        return false;
    }
    if (!simd_access(s) || (float_is_fast(s, size) && arithmetic(s, o, size))) {
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(OP_FLOAT + o->op, SHAPE_EACH, size, FORM_SCALAR, 0, 0), o->rd, SIMD_NONE, o->rn, o->rm);
}

bool a64v_op_scalar_three(ArmTranslate *s, const A64vOperands *o)
{
    static const uint8_t signs[] = { [FLOAT_MLA - FLOAT_MLA] = 0, [FLOAT_MLS - FLOAT_MLA] = 2, [FLOAT_NMLA - FLOAT_MLA] = 3, [FLOAT_NMLS - FLOAT_MLA] = 1 };
    int size = size_of(s, o->ptype);
    if (size < 0) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    if (float_is_fast(s, size)) {
        IrRef a = float_read(s, size, o->rn), b = float_read(s, size, o->rm), c = float_read(s, size, o->ra);
        IrRef r = ir_emit(s->b, IR_FMA, float_type(size), 0, signs[o->op - FLOAT_MLA], a, b, c);
        redo_special(s, size, r);
        float_write(s, o->rd, r);
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(OP_FLOAT + o->op, SHAPE_EACH, size, FORM_SCALAR, 0, 0), o->rd, o->ra, o->rn, o->rm);
}

/* ---- comparison ---- */

/* Less: SF and CF; equal: ZF; unordered: OF. */
static IrRef compare_flags(ArmTranslate *s, bool signals, IrRef a, IrRef b) { return ir_emit(s->b, IR_FCMP, IR_FLAGS, 0, 2 | signals, a, b, 0); }

/* Flags as they are in the slot, of N, Z, C, V. */
static uint32_t flags_of(unsigned nzcv)
{
    return (nzcv & 8 ? FLAGS_SF : 0) | (nzcv & 4 ? FLAGS_ZF : 0) | (nzcv & 2 ? 0 : FLAGS_CF) | (nzcv & 1 ? FLAGS_OF : 0) | FLAGS_ONE;
}

static bool compare_again(ArmTranslate *s, unsigned size, uint64_t a, uint64_t b, bool signals)
{
    ArmCpu *cpu = (ArmCpu *)s->cpu;
    ArmFloat f = arm_float_of(cpu);
    cpu->nzcv = flags_of(arm_float_compare(&f, size, a, b, signals));
    cpu->fpsr |= f.flags;
    return true;
}

bool a64v_op_scalar_compare(ArmTranslate *s, const A64vOperands *o)
{
    int size = size_of(s, o->ptype);
    if (size < 0) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    if (simd_redoes(s)) {
        return compare_again(s, size, home_bits(s, size, o->rn), o->rm < 0 ? 0 : home_bits(s, size, o->rm), o->signals);
    }
    if (float_is_fast(s, size)) {
        IrRef a = float_read(s, size, o->rn), b = o->rm < 0 ? constant(s, size, 0) : float_read(s, size, o->rm);
        ir_write(s->b, SLOT_FLAGS, compare_flags(s, o->signals, a, b));
        return true;
    }
    IrRef a = bits_of(s, size, o->rn), b = o->rm < 0 ? arm_i64(s, 0) : bits_of(s, size, o->rm);
    ir_write(s->b, SLOT_FLAGS, ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, ARM_CALL(s, float_compare, arm_i32(s, size | o->signals << 4), a, b)));
    return true;
}

/* Where the condition does not hold, zeroes are compared: no flag of FPSR comes of it. */
bool a64v_op_scalar_ccmp(ArmTranslate *s, const A64vOperands *o)
{
    int size = size_of(s, o->ptype);
    if (size < 0) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    IrRef cond = arm_condition(s, o->cond), zero = arm_i64(s, 0), flags;
    IrRef a = ir_op3(s->b, IR_SELECT, IR_I64, cond, bits_of(s, size, o->rn), zero), b = ir_op3(s->b, IR_SELECT, IR_I64, cond, bits_of(s, size, o->rm), zero);
    if (float_is_fast(s, size)) {
        a = ir_op1(s->b, IR_FBITS, float_type(size), size == FLOAT_D ? a : ir_trunc(s->b, a));
        b = ir_op1(s->b, IR_FBITS, float_type(size), size == FLOAT_D ? b : ir_trunc(s->b, b));
        flags = ir_op1(s->b, IR_FL_PACK, IR_I32, compare_flags(s, o->u, a, b));
    } else {
        flags = ARM_CALL(s, float_compare, arm_i32(s, size | o->u << 4), a, b);
    }
    uint32_t other = (o->nzcv & 8 ? 0x80 : 0) | (o->nzcv & 4 ? 0x40 : 0) | (o->nzcv & 2 ? 0 : 1) | (o->nzcv & 1 ? 0x800 : 0);
    ir_write(s->b, SLOT_FLAGS, ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, ir_op3(s->b, IR_SELECT, IR_I32, cond, flags, arm_i32(s, other))));
    return true;
}

bool a64v_op_scalar_select(ArmTranslate *s, const A64vOperands *o)
{
    int size = size_of(s, o->ptype);
    if (size < 0) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef cond = arm_condition(s, o->cond);
    a64_set_v(s, o->rd, ir_op1(s->b, IR_VFROM_INT, IR_V128, ir_op3(s->b, IR_SELECT, IR_I64, cond, bits_of(s, size, o->rn), bits_of(s, size, o->rm))));
    return true;
}

/* ---- integers ---- */

static bool to_int_again(ArmTranslate *s, const A64vOperands *o, uint32_t spec)
{
    ArmCpu *cpu = (ArmCpu *)s->cpu;
    uint64_t r = arm_helper_float_to_int(&cpu->parent, spec, home_bits(s, spec & 3, o->rn));
    if (o->rd != 31) {
        cpu->x[o->rd] = r;
    }
    return true;
}

/* The number rounded to an integer first, where the host does not do that while it converts. */
static IrRef rounded(ArmTranslate *s, unsigned size, unsigned rounding, bool quiet, IrRef a)
{
    static const uint8_t modes[] = { [ROUND_NEAREST] = 0, [ROUND_MINUS] = 1, [ROUND_PLUS] = 2, [ROUND_ZERO] = 3 };
    return ir_emit(s->b, IR_FROUND, float_type(size), 0, modes[rounding] | quiet << 3, a, 0, 0);
}

/* What does not fit, and NaNs, are for C code. */
static IrRef to_int(ArmTranslate *s, const A64vOperands *o, unsigned size, unsigned rounding)
{
    IrRef a = float_read(s, size, o->rn), whole = a, r;
    bool truncates = rounding == ROUND_ZERO, by_host = truncates || (!o->u && rounding == FIELD_GET(s->mode, ARM_MODE_FPCR) % 4);
    if (!by_host) {
        whole = rounded(s, size, rounding, true, a);
        truncates = true;
    }
    if (o->u) {
        IrRef bound = constant(s, size, o->sf ? 9223372036854775808.0 : 4294967296.0);
        simd_redo_if(s, ir_test(s->b, IR_CC_LEU, compare(s, false, bound, whole)));
        simd_redo_if(s, ir_test(s->b, IR_CC_LEU, compare(s, false, whole, constant(s, size, -1.0))));
        r = ir_emit(s->b, IR_INT_FCVT, IR_I64, 0, 1, whole, 0, 0);
        r = o->sf ? r : ir_trunc(s->b, r);
    } else {
        IrType t = o->sf ? IR_I64 : IR_I32;
        r = ir_emit(s->b, IR_INT_FCVT, t, 0, truncates, whole, 0, 0);
        simd_redo_if(s, ir_setcc(s->b, IR_CC_EQ, r, ir_const(s->b, t, o->sf ? BIT(63) : BIT(31))));
    }
    if (!by_host) {
        rounded(s, size, rounding, false, a);       /* for the flag that says inexact */
    }
    return r;
}

bool a64v_op_scalar_to_int(ArmTranslate *s, const A64vOperands *o)
{
    int size = size_of(s, o->ptype);
    if (size < 0) {
        return false;
    }
    uint32_t spec = FLOAT_INT_SPEC(size, o->sf, o->u, o->rmode, 0);
    if (!simd_access(s)) {
        return true;
    }
    if (simd_redoes(s)) {
        return to_int_again(s, o, spec);
    }
    if (float_is_fast(s, size) && o->rmode != ROUND_TIES_AWAY) {
        a64_set_reg(s, o->rd, o->sf, to_int(s, o, size, o->rmode));
    } else {
        a64_set_x(s, o->rd, ARM_CALL(s, float_to_int, arm_i32(s, spec), bits_of(s, size, o->rn)));
    }
    return true;
}

bool a64v_op_scalar_to_fixed(ArmTranslate *s, const A64vOperands *o)
{
    int size = size_of(s, o->ptype);
    if (size < 0 || (!o->sf && o->scale < 32)) {
        return false;
    }
    if (arm_fp_access(s)) {
        uint32_t spec = FLOAT_INT_SPEC(size, o->sf, o->u, ROUND_ZERO, 64 - o->scale);
        a64_set_x(s, o->rd, ARM_CALL(s, float_to_int, arm_i32(s, spec), bits_of(s, size, o->rn)));
    }
    return true;
}

static void from_int_by_c(ArmTranslate *s, const A64vOperands *o, unsigned size, unsigned fraction_bits)
{
    uint32_t spec = FLOAT_INT_SPEC(size, o->sf, o->u, 0, fraction_bits);
    a64_set_v(s, o->rd, ir_op1(s->b, IR_VFROM_INT, IR_V128, ARM_CALL(s, float_from_int, arm_i32(s, spec), a64_x(s, o->rn))));
}

static bool from_int_again(ArmTranslate *s, const A64vOperands *o, unsigned size)
{
    ArmCpu *cpu = (ArmCpu *)s->cpu;
    uint64_t r = arm_helper_float_from_int(&cpu->parent, FLOAT_INT_SPEC(size, o->sf, o->u, 0, 0), o->rn == 31 ? 0 : cpu->x[o->rn]);
    memset(cpu->v[o->rd], 0, ARM_MAX_VL_BYTES);
    memcpy(cpu->v[o->rd], &r, 8);
    return true;
}

bool a64v_op_scalar_from_int(ArmTranslate *s, const A64vOperands *o)
{
    int size = size_of(s, o->ptype);
    if (size < 0) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    if (simd_redoes(s)) {
        return from_int_again(s, o, size);
    }
    if (size == FLOAT_H) {
        from_int_by_c(s, o, size, 0);
        return true;
    }
    IrRef x = a64_reg(s, o->rn, o->sf);
    if (o->u && o->sf) {
        simd_redo_if(s, ir_setcc(s->b, IR_CC_LT, x, arm_i64(s, 0)));
    } else if (o->u) {
        x = ir_zext(s->b, IR_I64, 2, x);
    }
    float_write(s, o->rd, ir_op1(s->b, IR_FCVT_INT, float_type(size), x));
    return true;
}

bool a64v_op_scalar_from_fixed(ArmTranslate *s, const A64vOperands *o)
{
    int size = size_of(s, o->ptype);
    if (size < 0 || (!o->sf && o->scale < 32)) {
        return false;
    }
    if (arm_fp_access(s)) {
        from_int_by_c(s, o, size, 64 - o->scale);
    }
    return true;
}

/* FEAT_FPRCVT: integers in vector registers, of other sizes than the numbers. */
static bool lane_sizes_differ(const A64vOperands *o, int size) { return size >= 0 && size != (o->sf ? FLOAT_D : FLOAT_S); }

bool a64v_op_scalar_to_int_lane(ArmTranslate *s, const A64vOperands *o)
{
    int size = size_of(s, o->ptype);
    if (!lane_sizes_differ(o, size)) {
        return false;
    }
    if (arm_fp_access(s)) {
        uint32_t spec = FLOAT_INT_SPEC(size, o->sf, o->u, o->rmode, 0);
        a64_set_v(s, o->rd, ir_op1(s->b, IR_VFROM_INT, IR_V128, ARM_CALL(s, float_to_int, arm_i32(s, spec), bits_of(s, size, o->rn))));
    }
    return true;
}

bool a64v_op_scalar_from_int_lane(ArmTranslate *s, const A64vOperands *o)
{
    int size = size_of(s, o->ptype);
    if (!lane_sizes_differ(o, size)) {
        return false;
    }
    if (arm_fp_access(s)) {
        IrRef integer = bits_of(s, o->sf ? FLOAT_D : FLOAT_S, o->rn);
        a64_set_v(s, o->rd, ir_op1(s->b, IR_VFROM_INT, IR_V128, ARM_CALL(s, float_from_int, arm_i32(s, FLOAT_INT_SPEC(size, o->sf, o->u, 0, 0)), integer)));
    }
    return true;
}

bool a64v_op_scalar_to_js(ArmTranslate *s, const A64vOperands *o)
{
    if (arm_fp_access(s)) {
        IrRef both = ARM_CALL(s, float_to_js, bits_of(s, FLOAT_D, o->rn));
        IrRef z = ir_trunc(s->b, ir_op2(s->b, IR_SHR, IR_I64, both, arm_i32(s, 32 - 6)));
        z = ir_op2(s->b, IR_AND, IR_I32, z, arm_i32(s, 0x40));
        a64_set_w(s, o->rd, ir_trunc(s->b, both));
        ir_write(s->b, SLOT_FLAGS, ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, ir_op2(s->b, IR_OR, IR_I32, z, arm_i32(s, 1))));
    }
    return true;
}

/* ---- bits ---- */

bool a64v_op_scalar_immediate(ArmTranslate *s, const A64vOperands *o)
{
    int size = size_of(s, o->ptype);
    if (size < 0) {
        return false;
    }
    if (arm_fp_access(s)) {
        a64_set_v(s, o->rd, ir_const_v128(s->b, arm_float_immediate(size, o->imm8), 0));
    }
    return true;
}

/* size 4: the high half of a register. */
bool a64v_op_scalar_to_bits(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    a64_set_x(s, o->rd, o->size == 4 ? ir_emit(s->b, IR_VEXTRACT, IR_I64, 3, 1, a64_v(s, o->rn), 0, 0) : bits_of(s, o->size, o->rn));
    return true;
}

bool a64v_op_scalar_from_bits(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef x = a64_x(s, o->rn);
    if (o->size == 4) {
        a64_set_v(s, o->rd, ir_emit(s->b, IR_VINSERT, IR_V128, 3, 1, a64_v(s, o->rd), x, 0));
    } else {
        a64_set_v(s, o->rd, ir_op1(s->b, IR_VFROM_INT, IR_V128, o->size == 3 ? x : o->size == 2 ? ir_trunc(s->b, x) : ir_zext(s->b, IR_I32, o->size, x)));
    }
    return true;
}
