/*
 * SVE in IR: floating point, as that of AdvSIMD (translate-float-vector.c): on the host's unit, and where a lane is special C code does the instruction. Lanes that are not
 * active compute with 1, so that they are never special and raise nothing.
 *
 * DDI 0487, C8.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-float.h"
#include "target/arm/tcg/translate-sve.h"

enum { FMA_SUBTRACTS = 1, FMA_NEGATES = 2 };

static uint64_t one_of(unsigned size) { return size == FLOAT_S ? 0x3f800000 : UINT64_C(0x3ff) << 52; }
static uint64_t infinity_of(unsigned size) { return size == FLOAT_S ? 0x7f800000 : UINT64_C(0x7ff) << 52; }
static IrRef guarded(SveIr *v, unsigned size, IrRef x, IrRef mask) { return svei_blend(v, simd_lanes(v->s, size, one_of(size)), x, mask); }

/* ---- two operands ---- */

static bool is_simple(unsigned op)
{
    return op == FLOAT_ADD || op == FLOAT_SUB || op == FLOAT_MUL || op == FLOAT_DIV || op == FLOAT_ABD || op == FLOAT_MAX || op == FLOAT_MAXNM || op == FLOAT_MIN
        || op == FLOAT_MINNM;
}

/* constant: in place of rm. */
static bool binary(SveIr *v, const SveOperands *o, const uint64_t *constant)
{
    if (!float_is_fast(v->s, o->size) || !is_simple(o->op)) {
        return false;
    }
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef d = svei_z(v, o->rd, k), mask = svei_mask(v, o->pg, o->size, k), n = guarded(v, o->size, d, mask);
        IrRef m = constant ? simd_lanes(v->s, o->size, *constant) : guarded(v, o->size, svei_z(v, o->rm, k), mask);
        r.at[k] = svei_blend(v, d, float_three(v->s, o->op, o->size, 0, o->reversed ? m : n, o->reversed ? n : m), mask);
    }
    svei_write(v, o->rd, &r);
    return true;
}

bool svei_op_float_binary(SveIr *v, const SveOperands *o) { return binary(v, o, NULL); }

bool svei_op_float_imm(SveIr *v, const SveOperands *o)
{
    uint64_t m = sve_float_constant(o);
    return binary(v, o, &m);
}

bool svei_op_float_binary_all(SveIr *v, const SveOperands *o)
{
    if (!float_is_fast(v->s, o->size) || !is_simple(o->op)) {
        return false;
    }
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        r.at[k] = float_three(v->s, o->op, o->size, 0, svei_z(v, o->rn, k), svei_z(v, o->rm, k));
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* ---- multiplication and addition ---- */

static unsigned fma_kind(unsigned op)
{
    switch (op) {
    case FLOAT_MLA: return 0;
    case FLOAT_MLS: return FMA_NEGATES;
    case FLOAT_NMLA: return FMA_NEGATES | FMA_SUBTRACTS;
    default: return FMA_SUBTRACTS;
    }
}

static IrRef fused(SveIr *v, const SveOperands *o, IrRef n, IrRef m, IrRef a)
{
    IrRef r = ir_emit(v->b, IR_VFMA, v->s->vector, o->size, fma_kind(o->op), n, m, a);
    float_redo_special(v->s, o->size, r);
    return r;
}

bool svei_op_float_muladd(SveIr *v, const SveOperands *o)
{
    if (!float_is_fast(v->s, o->size)) {
        return false;
    }
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef old = svei_z(v, o->rd, k), mask = svei_mask(v, o->pg, o->size, k), d = guarded(v, o->size, old, mask), m = guarded(v, o->size, svei_z(v, o->rm, k), mask);
        IrRef other = guarded(v, o->size, svei_z(v, o->multiplicand ? o->ra : o->rn, k), mask);
        r.at[k] = svei_blend(v, old, o->multiplicand ? fused(v, o, d, m, other) : fused(v, o, other, m, d), mask);
    }
    svei_write(v, o->rd, &r);
    return true;
}

bool svei_op_float_indexed(SveIr *v, const SveOperands *o)
{
    if (!float_is_fast(v->s, o->size)) {
        return false;
    }
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef n = svei_z(v, o->rn, k), m = simd_splat_lane(v->s, o->size, o->index, svei_z(v, o->rmx, k));
        r.at[k] = o->op == FLOAT_MUL ? float_three(v->s, o->op, o->size, 0, n, m) : fused(v, o, n, m, svei_z(v, o->rd, k));
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* ---- one operand ---- */

static IrRef unary(SveIr *v, const SveOperands *o, IrRef n)
{
    int rounding = float_host_rounding(o->op);
    switch (o->op) {
    case FLOAT_ABS: return float_magnitude(v->s, o->size, n);
    case FLOAT_NEG: return simd_op2(v->s, IR_VXOR, 3, n, simd_lanes(v->s, o->size, arm_float_sign(o->size)));
    default: break;
    }
    IrRef r = rounding < 0 ? simd_imm1(v->s, IR_VFSQRT, o->size, 0, n) : simd_imm1(v->s, IR_VFROUND, o->size, rounding, n);
    float_redo_nans(v->s, o->size, r);
    return r;
}

bool svei_op_float_unary(SveIr *v, const SveOperands *o)
{
    bool sign_alone = (o->op == FLOAT_ABS || o->op == FLOAT_NEG) && !(v->s->mode & ARM_MODE_AH);
    if (!sign_alone && (!float_is_fast(v->s, o->size) || (o->op != FLOAT_SQRT && float_host_rounding(o->op) < 0))) {
        return false;
    }
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef n = svei_z(v, o->rn, k), mask = svei_mask(v, o->pg, o->size, k);
        r.at[k] = svei_blend(v, svei_z(v, o->rd, k), unary(v, o, sign_alone ? n : guarded(v, o->size, n, mask)), mask);
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* ---- reductions ---- */

/* Neighbours meet until one lane is left (FPReduce): all of the vector, rounded up to a power of two. */
static IrRef reduced(SveIr *v, const SveOperands *o, IrRef *quads, unsigned nr)
{
    for (; nr > 1; nr /= 2) {
        for (unsigned j = 0; j < nr / 2; j++) {
            IrRef even = simd_unzip(v->s, o->size, false, true, quads[2 * j], quads[2 * j + 1]), odd = simd_unzip(v->s, o->size, true, true, quads[2 * j], quads[2 * j + 1]);
            quads[j] = float_three(v->s, o->op, o->size, 0, even, odd);
        }
    }
    for (unsigned lanes = 16 >> o->size; lanes > 1; lanes /= 2) {
        IrRef even = simd_unzip(v->s, o->size, false, true, quads[0], quads[0]), odd = simd_unzip(v->s, o->size, true, true, quads[0], quads[0]);
        quads[0] = float_three(v->s, o->op, o->size, 0, even, odd);
    }
    return quads[0];
}

static bool has_identity(unsigned op, unsigned size, uint64_t *value)
{
    *value = op == FLOAT_ADD ? 0 : op == FLOAT_MIN ? infinity_of(size) : infinity_of(size) | arm_float_sign(size);
    return op == FLOAT_ADD || op == FLOAT_MIN || op == FLOAT_MAX;
}

bool svei_op_float_reduce(SveIr *v, const SveOperands *o)
{
    uint64_t none;
    unsigned nr = v->vl / 16, all = 1;
    IrRef quads[SVEI_MAX_QUADS];
    if (!float_is_fast(v->s, o->size) || !has_identity(o->op, o->size, &none)) {
        return false;
    }
    while (all < nr) {
        all *= 2;
    }
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef x = svei_blend(v, simd_lanes(v->s, o->size, none), svei_z(v, o->rn, k), svei_mask(v, o->pg, o->size, k));
        if (svei_type(v, k) == IR_V128) {
            quads[2 * k] = x;
        } else {
            quads[2 * k] = ir_op1(v->b, IR_VLOW, IR_V128, x);
            quads[2 * k + 1] = ir_op1(v->b, IR_VHIGH, IR_V128, x);
        }
    }
    v->s->vector = IR_V128;
    for (unsigned j = nr; j < all; j++) {
        quads[j] = simd_lanes(v->s, o->size, none);
    }
    IrRef r = reduced(v, o, quads, all);
    svei_write_scalar(v, o->rd, ir_emit(v->b, IR_VEXTRACT, o->size == FLOAT_D ? IR_I64 : IR_I32, o->size, 0, r, 0, 0));
    return true;
}

/* C code does it where lane 0 is a NaN: looked at as an integer, for a comparison would signal. */
static void redo_nan_in_first(SveIr *v, unsigned size, IrRef quad)
{
    v->s->vector = IR_V128;
    IrRef magnitude = simd_op2(v->s, IR_VAND, 3, quad, ir_const_v128(v->b, MAKE_MASK(0, (8u << size) - 1), 0));
    float_redo_where(v->s, size, simd_op2(v->s, IR_VCMPGT_S, size, magnitude, simd_lanes(v->s, size, infinity_of(size))));
}

/* Lane after lane. What is not active adds -0, which changes no number where rounding is to nearest. */
bool svei_op_fadda(SveIr *v, const SveOperands *o)
{
    if (!float_is_fast(v->s, o->size) || (v->s->mode >> ARM_MODE_FPCR_RMODE_SHIFT & 3) || v->vl > 64) {
        return false;
    }
    IrType type = float_type(o->size);
    redo_nan_in_first(v, o->size, svei_quad(v, o->rd, 0));
    IrRef sum = ir_op1(v->b, IR_FLANE, type, svei_quad(v, o->rd, 0));
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef x = svei_blend(v, simd_lanes(v->s, o->size, arm_float_sign(o->size)), svei_z(v, o->rn, k), svei_mask(v, o->pg, o->size, k));
        for (unsigned at = 0; at < svei_bytes(v, k); at += 1u << o->size) {
            IrRef quad = svei_type(v, k) == IR_V128 ? x : ir_op1(v->b, at < 16 ? IR_VLOW : IR_VHIGH, IR_V128, x);
            IrRef lane = at % 16 ? ir_emit(v->b, IR_VSHR_BYTES, IR_V128, 0, at % 16, quad, 0, 0) : quad;
            sum = ir_op2(v->b, IR_FADD, type, sum, ir_op1(v->b, IR_FLANE, type, lane));
        }
    }
    v->s->vector = IR_V128;
    IrRef r = ir_op2(v->b, IR_VSET_FLANE, IR_V128, ir_const_v128(v->b, 0, 0), sum);
    float_redo_nans(v->s, o->size, r);
    svei_write_scalar(v, o->rd, ir_emit(v->b, IR_VEXTRACT, o->size == FLOAT_D ? IR_I64 : IR_I32, o->size, 0, r, 0, 0));
    return true;
}

/* ---- conversions between numbers of one width ---- */

bool svei_op_float_from_int(SveIr *v, const SveOperands *o)
{
    if (o->u || o->from != FLOAT_S || o->to != FLOAT_S) {
        return false;
    }
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef mask = svei_mask(v, o->pg, 2, k), n = svei_and(v, svei_z(v, o->rn, k), mask);
        r.at[k] = svei_blend(v, svei_z(v, o->rd, k), simd_imm1(v->s, IR_VCVT_DQ_PS, 0, 0, n), mask);
    }
    svei_write(v, o->rd, &r);
    return true;
}

bool svei_op_float_to_int(SveIr *v, const SveOperands *o)
{
    if (o->u || o->from != FLOAT_S || o->to != FLOAT_S || !float_is_fast(v->s, FLOAT_S)) {
        return false;
    }
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef mask = svei_mask(v, o->pg, 2, k), x = simd_imm1(v->s, IR_VCVT_PS_DQ, 0, 1, guarded(v, FLOAT_S, svei_z(v, o->rn, k), mask));
        float_redo_where(v->s, FLOAT_S, simd_op2(v->s, IR_VCMPEQ, 2, x, simd_lanes(v->s, 2, BIT(31))));
        r.at[k] = svei_blend(v, svei_z(v, o->rd, k), x, mask);
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* ---- comparison: no flags but those of FPSR ---- */

static IrRef compared(SveIr *v, const SveOperands *o, IrRef n, IrRef m)
{
    switch (o->op) {
    case COMPARE_EQ: return float_compare(v->s, o->size, PRED_EQ, n, m);
    case COMPARE_NE: return float_compare(v->s, o->size, PRED_NE, n, m);
    case COMPARE_GE: return float_compare(v->s, o->size, PRED_LE, m, n);
    case COMPARE_GT: return float_compare(v->s, o->size, PRED_LT, m, n);
    case COMPARE_LE: return float_compare(v->s, o->size, PRED_LE, n, m);
    case COMPARE_LT: return float_compare(v->s, o->size, PRED_LT, n, m);
    default: return float_compare(v->s, o->size, PRED_UNORDERED, n, m);
    }
}

bool svei_op_float_compare(SveIr *v, const SveOperands *o)
{
    if (!float_is_fast(v->s, o->size)) {
        return false;
    }
    IrRef r[SVEI_MAX_WORDS];
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef mask = svei_mask(v, o->pg, o->size, k), n = guarded(v, o->size, svei_z(v, o->rn, k), mask);
        IrRef m = o->zero ? simd_const(v->s, 0) : guarded(v, o->size, svei_z(v, o->rm, k), mask);
        if (o->absolute) {
            n = float_magnitude(v->s, o->size, n);
            m = float_magnitude(v->s, o->size, m);
        }
        IrRef bits = svei_bits_of(v, k, compared(v, o, n, m));
        r[k / 2] = k & 1 ? svei_op(v, IR_OR, r[k / 2], bits) : bits;
    }
    for (unsigned w = 0; w < v->words; w++) {
        svei_set_p(v, o->pd, w, svei_op(v, IR_AND, svei_op(v, IR_AND, r[w], svei_p(v, o->pg, w)), svei_const(v, svei_element_bits(v, o->size, w))));
    }
    return true;
}
