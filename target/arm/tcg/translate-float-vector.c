/*
 * Floating point of vectors: as scalars are done (translate-float.c), all lanes at once.
 *
 * DDI 0487, C7.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-float.h"

/* Predicates of VFCMP. */
enum { PRED_EQ = 0, PRED_LT = 1, PRED_LE = 2, PRED_UNORDERED = 3, PRED_EQ_UNORDERED = 8 };

/* 1 half, 2 single, 3 double. */
static unsigned size_of(const A64vOperands *o) { return o->half ? FLOAT_H : FLOAT_S + o->sz; }
static bool is_reserved(const A64vOperands *o) { return !o->half && o->sz && !o->q && !o->scalar; }

/* An operand of which the host may look at all lanes. */
static IrRef lanes(ArmTranslate *s, const A64vOperands *o, IrRef v)
{
    if (o->scalar) {
        return simd_op2(s, IR_VAND, 3, v, ir_const_v128(s->b, MAKE_MASK(0, 8u << size_of(o)), 0));
    }
    return o->q ? v : simd_zero_upper(s, v);
}

static IrRef compare(ArmTranslate *s, unsigned size, unsigned predicate, IrRef a, IrRef b) { return ir_emit(s->b, IR_VFCMP, IR_V128, size, predicate, a, b, 0); }
static IrRef magnitude(ArmTranslate *s, unsigned size, IrRef a) { return simd_op2(s, IR_VAND, 3, a, simd_lanes(s, size, ~arm_float_sign(size))); }

static void redo_where(ArmTranslate *s, unsigned size, IrRef mask) { simd_redo_if(s, ir_emit(s->b, IR_VMOVMSK, IR_I32, size, 0, mask, 0, 0)); }
static void redo_nans(ArmTranslate *s, unsigned size, IrRef r) { redo_where(s, size, compare(s, size, PRED_UNORDERED, r, r)); }
static void redo_special(ArmTranslate *s, unsigned size, IrRef r)
{
    redo_where(s, size, compare(s, size, PRED_EQ_UNORDERED, magnitude(s, size, r), simd_lanes(s, size, size == FLOAT_D ? BIT(52) : BIT(23))));
}

static IrRef extreme(ArmTranslate *s, unsigned size, bool min, IrRef a, IrRef b)
{
    redo_where(s, size, compare(s, size, PRED_UNORDERED, a, b));
    IrOp op = min ? IR_VFMIN : IR_VFMAX;
    return simd_op2(s, min ? IR_VOR : IR_VAND, 3, simd_op2(s, op, size, a, b), simd_op2(s, op, size, b, a));
}

/* Operands have been through lanes(). 0: not here. */
static IrRef three(ArmTranslate *s, ArmFloatOp op, unsigned size, IrRef d, IrRef n, IrRef m)
{
    IrRef r;
    switch (op) {
    case FLOAT_ADD: case FLOAT_SUB: case FLOAT_ABD:
        r = simd_op2(s, op == FLOAT_ADD ? IR_VFADD : IR_VFSUB, size, n, m);
        redo_nans(s, size, r);
        return op == FLOAT_ABD ? magnitude(s, size, r) : r;
    case FLOAT_MUL: case FLOAT_DIV:
        r = simd_op2(s, op == FLOAT_MUL ? IR_VFMUL : IR_VFDIV, size, n, m);
        redo_special(s, size, r);
        return r;
    case FLOAT_MLA: case FLOAT_MLS:
        r = ir_emit(s->b, IR_VFMA, IR_V128, size, op == FLOAT_MLA ? 0 : 2, n, m, d);
        redo_special(s, size, r);
        return r;
    case FLOAT_MAX: case FLOAT_MAXNM: return extreme(s, size, false, n, m);
    case FLOAT_MIN: case FLOAT_MINNM: return extreme(s, size, true, n, m);
    case FLOAT_CMEQ: return compare(s, size, PRED_EQ, n, m);
    case FLOAT_CMGE: return compare(s, size, PRED_LE, m, n);
    case FLOAT_CMGT: return compare(s, size, PRED_LT, m, n);
    case FLOAT_ACGE: return compare(s, size, PRED_LE, magnitude(s, size, m), magnitude(s, size, n));
    case FLOAT_ACGT: return compare(s, size, PRED_LT, magnitude(s, size, m), magnitude(s, size, n));
    default: return 0;
    }
}

/* The result of an instruction on lanes. */
static bool finish(ArmTranslate *s, const A64vOperands *o, IrRef r)
{
    if (o->scalar) {
        a64_set_v(s, o->rd, lanes(s, o, r));
    } else {
        simd_finish(s, o->rd, o->q, r);
    }
    return true;
}

static bool accumulates(ArmFloatOp op) { return op == FLOAT_MLA || op == FLOAT_MLS; }

bool a64v_op_float_three(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size = size_of(o);
    if (is_reserved(o)) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    bool adds = accumulates(o->op);
    if (float_is_fast(s, size) && !(o->op == FLOAT_DIV && !o->q)) {
        IrRef r = three(s, o->op, size, adds ? lanes(s, o, a64_v(s, o->rd)) : 0, lanes(s, o, a64_v(s, o->rn)), lanes(s, o, a64_v(s, o->rm)));
        if (r) {
            return finish(s, o, r);
        }
    }
    return simd_by_c(s, SIMD_SPEC(OP_FLOAT + o->op, SHAPE_EACH, size, simd_form_of(o), 0, 0), o->rd, adds ? o->rd : SIMD_NONE, o->rn, o->rm);
}

bool a64v_op_float_element(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size = size_of(o);
    SimdIndex at = simd_index_of(o, size);
    if (is_reserved(o) || (size == FLOAT_D && o->l)) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    bool adds = accumulates(o->op);
    if (float_is_fast(s, size) && o->op != FLOAT_MULX) {
        IrRef m = simd_splat_lane(s, size, at.index, a64_v(s, at.rm));
        return finish(s, o, three(s, o->op, size, adds ? lanes(s, o, a64_v(s, o->rd)) : 0, lanes(s, o, a64_v(s, o->rn)), lanes(s, o, m)));
    }
    uint32_t spec = SIMD_SPEC(OP_FLOAT + o->op, SHAPE_EACH, size, simd_form_of(o), 0, 0) | SIMD_ELEMENT(size, at.index);
    return simd_by_c(s, spec, o->rd, adds ? o->rd : SIMD_NONE, o->rn, at.rm);
}

bool a64v_op_float_pairwise(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size = size_of(o);
    if (is_reserved(o)) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    if (float_is_fast(s, size)) {
        IrRef n = a64_v(s, o->rn), even, odd;
        if (o->scalar) {
            even = lanes(s, o, n);
            odd = lanes(s, o, simd_imm1(s, IR_VSHR_BYTES, 0, 1u << size, n));
        } else {
            even = simd_unzip(s, size, false, o->q, n, a64_v(s, o->rm));
            odd = simd_unzip(s, size, true, o->q, n, a64_v(s, o->rm));
        }
        return finish(s, o, three(s, o->op, size, 0, even, odd));
    }
    return simd_by_c(s, SIMD_SPEC(OP_FLOAT + o->op, SHAPE_PAIR, size, simd_form_of(o), 0, 0), o->rd, SIMD_NONE, o->rn, o->scalar ? SIMD_NONE : o->rm);
}

bool a64v_op_float_across(ArmTranslate *s, const A64vOperands *o)
{
    if (!simd_access(s)) {
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(OP_FLOAT + o->op, SHAPE_ACROSS, size_of(o), o->q ? FORM_128 : FORM_64, 0, 0), o->rd, SIMD_NONE, o->rn, SIMD_NONE);
}

bool a64v_op_muladd_long(ArmTranslate *s, const A64vOperands *o)
{
    if (!simd_access(s)) {
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_WHOLE, FLOAT_S, simd_form_of(o), 0, o->upper), o->rd, o->rd, o->rn, o->rm);
}

/* ---- complex numbers ---- */

bool a64v_op_complex(ArmTranslate *s, const A64vOperands *o)
{
    if ((o->size == 3 && !o->q) || (o->size == 1 && !NEEDS(advsimd_fp16))) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    bool adds = o->op == OP_FCMLA;
    unsigned turns = adds ? o->rot : o->rot ? 3 : 1;
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_WHOLE, o->size, simd_form_of(o), 0, turns), o->rd, adds ? o->rd : SIMD_NONE, o->rn, o->rm);
}

/* An element is a pair. */
bool a64v_op_complex_element(ArmTranslate *s, const A64vOperands *o)
{
    unsigned index = o->size == 1 ? o->h << 1 | o->l : o->h;
    if ((o->size == 2 && (o->l || !o->q)) || (o->size == 1 && ((o->h && !o->q) || !NEEDS(advsimd_fp16)))) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    uint32_t spec = SIMD_SPEC(OP_FCMLA, SHAPE_WHOLE, o->size, simd_form_of(o), 0, o->rot) | SIMD_ELEMENT(o->size + 1, index);
    return simd_by_c(s, spec, o->rd, o->rd, o->rn, o->rm | o->m << 4);
}

/* ---- two registers ---- */

bool a64v_op_float_two(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size = size_of(o);
    if (is_reserved(o)) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    int rounding = float_host_rounding(o->op);
    if (!simd_redoes(s) && (o->op == FLOAT_ABS || o->op == FLOAT_NEG) && !(s->mode & ARM_MODE_AH)) {
        IrRef n = a64_v(s, o->rn);
        return finish(s, o, o->op == FLOAT_ABS ? magnitude(s, size, n) : simd_op2(s, IR_VXOR, 3, n, simd_lanes(s, size, arm_float_sign(size))));
    }
    if (float_is_fast(s, size) && (o->op == FLOAT_SQRT || rounding >= 0)) {
        IrRef n = lanes(s, o, a64_v(s, o->rn));
        IrRef r = rounding < 0 ? simd_imm1(s, IR_VFSQRT, size, 0, n) : simd_imm1(s, IR_VFROUND, size, rounding, n);
        redo_nans(s, size, r);
        return finish(s, o, r);
    }
    return simd_by_c(s, SIMD_SPEC(OP_FLOAT + o->op, SHAPE_EACH, size, simd_form_of(o), 0, 0), o->rd, SIMD_NONE, o->rn, SIMD_NONE);
}

bool a64v_op_float_compare_zero(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size = size_of(o);
    if (is_reserved(o)) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    if (float_is_fast(s, size)) {
        IrRef n = lanes(s, o, a64_v(s, o->rn)), zero = simd_const(s, 0);
        return finish(s, o, three(s, o->op, size, 0, o->swap ? zero : n, o->swap ? n : zero));
    }
    uint32_t spec = SIMD_SPEC(OP_FLOAT + o->op, SHAPE_EACH, size, simd_form_of(o), 0, 0);
    return o->swap ? simd_by_c(s, spec, o->rd, SIMD_NONE, SIMD_NONE, o->rn) : simd_by_c(s, spec, o->rd, SIMD_NONE, o->rn, SIMD_NONE);
}

/* ---- conversions ---- */

bool a64v_op_float_to_lanes(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size = size_of(o);
    if (is_reserved(o)) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    if (float_is_fast(s, size) && size == FLOAT_S && !o->u && o->rounding == ROUND_ZERO) {
        IrRef r = simd_imm1(s, IR_VCVT_PS_DQ, 0, 1, lanes(s, o, a64_v(s, o->rn)));
        redo_where(s, 2, simd_op2(s, IR_VCMPEQ, 2, r, simd_lanes(s, 2, BIT(31))));
        return finish(s, o, r);
    }
    return simd_by_c(s, SIMD_SPEC(OP_FTOI, SHAPE_EACH, size, simd_form_of(o), o->u, o->rounding), o->rd, SIMD_NONE, o->rn, SIMD_NONE);
}

bool a64v_op_float_from_lanes(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size = size_of(o);
    if (is_reserved(o)) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    if (size == FLOAT_S && !o->u) {
        return finish(s, o, simd_imm1(s, IR_VCVT_DQ_PS, 0, 0, lanes(s, o, a64_v(s, o->rn))));
    }
    if (size == FLOAT_D && !o->u) {
        IrRef n = a64_v(s, o->rn), zero = simd_const(s, 0), low = ir_op1(s->b, IR_FCVT_INT, IR_F64, ir_op1(s->b, IR_VTO_INT, IR_I64, n));
        low = ir_op2(s->b, IR_VSET_FLANE, IR_V128, zero, low);
        if (!o->scalar) {
            IrRef high = ir_op1(s->b, IR_FCVT_INT, IR_F64, ir_emit(s->b, IR_VEXTRACT, IR_I64, 3, 1, n, 0, 0));
            low = simd_op2(s, IR_VUNPACK_LO, 3, low, ir_op2(s->b, IR_VSET_FLANE, IR_V128, zero, high));
        }
        a64_set_v(s, o->rd, low);
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(OP_ITOF, SHAPE_EACH, size, simd_form_of(o), o->u, 0), o->rd, SIMD_NONE, o->rn, SIMD_NONE);
}

/* immh:immb: the size by its highest bit, and the bits behind the point. false: not allocated. */
static bool fixed(ArmTranslate *s, const A64vOperands *o, unsigned *size, unsigned *fraction_bits)
{
    *size = 31 - __builtin_clz(o->shift) - 3;
    *fraction_bits = (16u << *size) - o->shift;
    return (*size != FLOAT_D || o->q || o->scalar) && (*size != FLOAT_H || NEEDS(advsimd_fp16));
}

bool a64v_op_float_to_fixed(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size, bits;
    if (!fixed(s, o, &size, &bits)) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(OP_FTOFIX, SHAPE_EACH, size, simd_form_of(o), o->u, bits), o->rd, SIMD_NONE, o->rn, SIMD_NONE);
}

bool a64v_op_float_from_fixed(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size, bits;
    if (!fixed(s, o, &size, &bits)) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(OP_ITOF, SHAPE_EACH, size, simd_form_of(o), o->u, bits), o->rd, SIMD_NONE, o->rn, SIMD_NONE);
}

bool a64v_op_float_widen(ArmTranslate *s, const A64vOperands *o)
{
    if (!simd_access(s)) {
        return true;
    }
    if (o->sz && float_is_fast(s, FLOAT_D)) {
        IrRef n = a64_v(s, o->rn), r = simd_imm1(s, IR_VCVT_PS_PD, 0, 0, o->q ? simd_imm1(s, IR_VSHR_BYTES, 0, 8, n) : n);
        redo_nans(s, FLOAT_D, r);
        a64_set_v(s, o->rd, r);
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(OP_FCVTL, SHAPE_LONG, FLOAT_S + o->sz, simd_form_of(o), 0, 0), o->rd, SIMD_NONE, o->rn, SIMD_NONE);
}

bool a64v_op_float_narrow(ArmTranslate *s, const A64vOperands *o)
{
    if (!simd_access(s)) {
        return true;
    }
    if (o->op == OP_FCVTN && o->sz && float_is_fast(s, FLOAT_D)) {
        IrRef r = simd_imm1(s, IR_VCVT_PD_PS, 0, 0, a64_v(s, o->rn));
        redo_special(s, FLOAT_S, r);
        a64_set_v(s, o->rd, o->q ? simd_op2(s, IR_VUNPACK_LO, 3, a64_v(s, o->rd), r) : r);
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_NARROW, FLOAT_S + o->sz, simd_form_of(o), 0, 0), o->rd, o->q ? o->rd : SIMD_NONE, o->rn, SIMD_NONE);
}
