/*
 * Floating point of vectors: as scalars are done (translate-float.c), all lanes at once.
 *
 * DDI 0487, C7.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-float.h"

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

IrRef float_compare(ArmTranslate *s, unsigned size, unsigned predicate, IrRef a, IrRef b) { return ir_emit(s->b, IR_VFCMP, s->vector, size, predicate, a, b, 0); }
IrRef float_magnitude(ArmTranslate *s, unsigned size, IrRef a) { return simd_op2(s, IR_VAND, 3, a, simd_lanes(s, size, ~arm_float_sign(size))); }

void float_redo_where(ArmTranslate *s, unsigned size, IrRef mask) { simd_redo_if(s, ir_emit(s->b, IR_VMOVMSK, IR_I32, size, 0, mask, 0, 0)); }
void float_redo_nans(ArmTranslate *s, unsigned size, IrRef r) { float_redo_where(s, size, float_compare(s, size, PRED_UNORDERED, r, r)); }
/* NaNs, and what may have been tiny before it was rounded. */
void float_redo_special(ArmTranslate *s, unsigned size, IrRef r)
{
    float_redo_where(s, size, float_compare(s, size, PRED_EQ_UNORDERED, float_magnitude(s, size, r), simd_lanes(s, size, size == FLOAT_D ? BIT(52) : BIT(23))));
}

/*
 * ---- where subnormals are flushed to zero, of singles alone ----
 *
 * The host does not flush. C code does the instruction again, before the host's flags could tell of it, where an operand is subnormal or a product may be tiny (the product's
 * magnitude as an integer is at least the sum of the factors' less that of 1, for the logarithm is about linear between powers of 2). A sum that is tiny is exact.
 */
static bool flushes(const ArmTranslate *s) { return s->mode & (ARM_MODE_FZ | ARM_MODE_AARCH32); }
enum { SINGLE_ONE = 0x3f800000, SINGLE_TINY = 0x00800000, SINGLE_PRODUCT_EXACT = 27 << 23 };

/* The magnitude as an integer, less 1: that of zero is the greatest number. */
static IrRef size_of_magnitude(ArmTranslate *s, IrRef v) { return simd_op2(s, IR_VADD, 2, float_magnitude(s, FLOAT_S, v), simd_lanes(s, 2, UINT32_MAX)); }
static IrRef is_at_most(ArmTranslate *s, IrRef a, uint32_t limit) { return simd_op2(s, IR_VCMPEQ, 2, simd_op2(s, IR_VMIN_U, 2, a, simd_lanes(s, 2, limit)), a); }

/* Of as many values as are given (0: none): is one subnormal (or of the smallest normal magnitude)? */
static IrRef small_among(ArmTranslate *s, IrRef a, IrRef b, IrRef c)
{
    IrRef least = size_of_magnitude(s, a);
    least = b ? simd_op2(s, IR_VMIN_U, 2, least, size_of_magnitude(s, b)) : least;
    least = c ? simd_op2(s, IR_VMIN_U, 2, least, size_of_magnitude(s, c)) : least;
    return is_at_most(s, least, SINGLE_TINY - 1);
}

/* Operands that are flushed. */
static void redo_small(ArmTranslate *s, IrRef a, IrRef b, IrRef c)
{
    if (flushes(s)) {
        float_redo_where(s, 2, small_among(s, a, b, c));
    }
}

/* And products, that are not 0, up to a magnitude. */
static void redo_small_product(ArmTranslate *s, IrRef a, IrRef b, IrRef c, uint32_t limit)
{
    if (flushes(s)) {
        IrRef sum = simd_op2(s, IR_VADD, 2, simd_imm1(s, IR_VSHR_IMM, 2, 1, size_of_magnitude(s, a)), simd_imm1(s, IR_VSHR_IMM, 2, 1, size_of_magnitude(s, b)));
        float_redo_where(s, 2, simd_op2(s, IR_VOR, 3, small_among(s, a, b, c), is_at_most(s, sum, (SINGLE_ONE + limit) / 2)));
    }
}

/* Results of sums. */
static void redo_sum(ArmTranslate *s, unsigned size, IrRef r)
{
    if (flushes(s)) {
        float_redo_where(s, 2, simd_op2(s, IR_VOR, 3, float_compare(s, size, PRED_UNORDERED, r, r), small_among(s, r, 0, 0)));
    } else {
        float_redo_nans(s, size, r);
    }
}

/* The host's arithmetic is the guest's but for what is special. */
static bool is_fast(const ArmTranslate *s, unsigned size)
{
    if (simd_redoes(s) || size < FLOAT_S || (s->mode & ARM_MODE_AH) || (flushes(s) && size != FLOAT_S)) {
        return false;
    }
    return !(s->mode & ARM_MODE_AARCH32) || (s->mode >> ARM_MODE_FPCR_RMODE_SHIFT & 3) == ROUND_NEAREST;
}

static IrRef extreme(ArmTranslate *s, unsigned size, bool min, IrRef a, IrRef b)
{
    redo_small(s, a, b, 0);
    float_redo_where(s, size, float_compare(s, size, PRED_UNORDERED, a, b));
    IrOp op = min ? IR_VFMIN : IR_VFMAX;
    return simd_op2(s, min ? IR_VOR : IR_VAND, 3, simd_op2(s, op, size, a, b), simd_op2(s, op, size, b, a));
}

static IrRef sum(ArmTranslate *s, unsigned size, bool subtracts, IrRef n, IrRef m)
{
    redo_small(s, n, m, 0);
    IrRef r = simd_op2(s, subtracts ? IR_VFSUB : IR_VFADD, size, n, m);
    redo_sum(s, size, r);
    return r;
}

static IrRef product(ArmTranslate *s, unsigned size, IrRef n, IrRef m)
{
    redo_small_product(s, n, m, 0, SINGLE_TINY);
    IrRef r = simd_op2(s, IR_VFMUL, size, n, m);
    float_redo_special(s, size, r);
    return r;
}

/* FMLA, FMLS: a tiny sum is exact where the product is not small. */
static IrRef fused(ArmTranslate *s, unsigned size, bool subtracts, IrRef d, IrRef n, IrRef m)
{
    redo_small_product(s, n, m, d, SINGLE_PRODUCT_EXACT);
    IrRef r = ir_emit(s->b, IR_VFMA, s->vector, size, subtracts ? 2 : 0, n, m, d);
    if (flushes(s)) {
        redo_sum(s, size, r);
    } else {
        float_redo_special(s, size, r);
    }
    return r;
}

/* Of AArch32. VRECPS: 2 - n * m, VRSQRTS: (3 - n * m) / 2. */
static IrRef chained(ArmTranslate *s, ArmFloatOp op, unsigned size, IrRef d, IrRef n, IrRef m)
{
    bool root = op == FLOAT_CHAIN_RSQRTS;
    if (op == FLOAT_CHAIN_RECPS || root) {
        /* Zero times infinity is zero. */
        IrRef infinite = simd_lanes(s, size, 0x7f800000);
        float_redo_where(s, size, simd_op2(s, IR_VOR, 3, simd_op2(s, IR_VCMPEQ, 2, float_magnitude(s, size, n), infinite), simd_op2(s, IR_VCMPEQ, 2, float_magnitude(s, size, m), infinite)));
        d = simd_lanes(s, size, arm_float_immediate(size, root ? 0x08 : 0x00));
    }
    IrRef r = sum(s, size, op != FLOAT_CHAIN_MLA, d, product(s, size, n, m));
    return root ? simd_op2(s, IR_VFMUL, size, r, simd_lanes(s, size, arm_float_immediate(size, 0x60))) : r;
}

static IrRef relation(ArmTranslate *s, ArmFloatOp op, unsigned size, IrRef n, IrRef m)
{
    redo_small(s, n, m, 0);
    switch (op) {
    case FLOAT_CMEQ: return float_compare(s, size, PRED_EQ, n, m);
    case FLOAT_CMGE: return float_compare(s, size, PRED_LE, m, n);
    case FLOAT_CMGT: return float_compare(s, size, PRED_LT, m, n);
    case FLOAT_ACGE: return float_compare(s, size, PRED_LE, float_magnitude(s, size, m), float_magnitude(s, size, n));
    default: return float_compare(s, size, PRED_LT, float_magnitude(s, size, m), float_magnitude(s, size, n));
    }
}

static IrRef quotient(ArmTranslate *s, unsigned size, IrRef n, IrRef m)
{
    IrRef r = simd_op2(s, IR_VFDIV, size, n, m);
    float_redo_special(s, size, r);
    return r;
}

/* Operands have been through lanes(). 0: not here. */
IrRef float_three(ArmTranslate *s, ArmFloatOp op, unsigned size, IrRef d, IrRef n, IrRef m)
{
    switch (op) {
    case FLOAT_ADD: case FLOAT_SUB: return sum(s, size, op == FLOAT_SUB, n, m);
    case FLOAT_ABD: return float_magnitude(s, size, sum(s, size, true, n, m));
    case FLOAT_MUL: return product(s, size, n, m);
    case FLOAT_DIV: return flushes(s) ? 0 : quotient(s, size, n, m);
    case FLOAT_MLA: case FLOAT_MLS: return fused(s, size, op == FLOAT_MLS, d, n, m);
    case FLOAT_CHAIN_MLA: case FLOAT_CHAIN_MLS: case FLOAT_CHAIN_RECPS: case FLOAT_CHAIN_RSQRTS: return chained(s, op, size, d, n, m);
    case FLOAT_MAX: case FLOAT_MAXNM: return extreme(s, size, false, n, m);
    case FLOAT_MIN: case FLOAT_MINNM: return extreme(s, size, true, n, m);
    case FLOAT_CMEQ: case FLOAT_CMGE: case FLOAT_CMGT: case FLOAT_ACGE: case FLOAT_ACGT: return relation(s, op, size, n, m);
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

static bool accumulates(ArmFloatOp op) { return op == FLOAT_MLA || op == FLOAT_MLS || op == FLOAT_CHAIN_MLA || op == FLOAT_CHAIN_MLS; }

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
    if (is_fast(s, size) && !(o->op == FLOAT_DIV && !o->q)) {
        IrRef r = float_three(s, o->op, size, adds ? lanes(s, o, a64_v(s, o->rd)) : 0, lanes(s, o, a64_v(s, o->rn)), lanes(s, o, a64_v(s, o->rm)));
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
    if (is_fast(s, size) && o->op != FLOAT_MULX) {
        IrRef m = simd_splat_lane(s, size, at.index, a64_v(s, at.rm));
        return finish(s, o, float_three(s, o->op, size, adds ? lanes(s, o, a64_v(s, o->rd)) : 0, lanes(s, o, a64_v(s, o->rn)), lanes(s, o, m)));
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
    if (is_fast(s, size)) {
        IrRef n = a64_v(s, o->rn), even, odd;
        if (o->scalar) {
            even = lanes(s, o, n);
            odd = lanes(s, o, simd_imm1(s, IR_VSHR_BYTES, 0, 1u << size, n));
        } else {
            even = simd_unzip(s, size, false, o->q, n, a64_v(s, o->rm));
            odd = simd_unzip(s, size, true, o->q, n, a64_v(s, o->rm));
        }
        return finish(s, o, float_three(s, o->op, size, 0, even, odd));
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
    if ((o->size == 3 && !o->q) || (o->size == 1 && !simd_has_half(s))) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    bool adds = o->op == OP_FCMLA;
    unsigned turns = adds ? o->rot : o->rot ? 3 : 1;
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_WHOLE, o->size, simd_form_of(o), 0, turns), o->rd, adds ? o->rd : SIMD_NONE, o->rn, o->rm);
}

bool simd_complex_element(ArmTranslate *s, const A64vOperands *o, unsigned m, unsigned index)
{
    if (o->size == 1 && !simd_has_half(s)) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    /* (An element is a pair.) */
    return simd_by_c(s, SIMD_SPEC(OP_FCMLA, SHAPE_WHOLE, o->size, simd_form_of(o), 0, o->rot) | SIMD_ELEMENT(o->size + 1, index), o->rd, o->rd, o->rn, m);
}

bool a64v_op_complex_element(ArmTranslate *s, const A64vOperands *o)
{
    unsigned index = o->size == 1 ? o->h << 1 | o->l : o->h;
    if ((o->size == 2 && (o->l || !o->q)) || (o->size == 1 && o->h && !o->q)) {
        return false;
    }
    return simd_complex_element(s, o, o->rm | o->m << 4, index);
}

/* ---- estimates (RecipEstimate, RecipSqrtEstimate) ----
 *
 * The greatest integer b below 1024 for which a product is small enough: the host's own estimate, whose error is below 2^-11, is at most 1 away from it. (Integers alone, or the
 * host's flags would tell of something inexact.)
 */

static IrRef shifted(ArmTranslate *s, int left, IrRef a) { return simd_imm1(s, left > 0 ? IR_VSHL_IMM : IR_VSHR_IMM, 2, left > 0 ? left : -left, a); }
static IrRef masked(ArmTranslate *s, IrRef a, uint32_t mask) { return simd_op2(s, IR_VAND, 3, a, simd_lanes(s, 2, mask)); }
static IrRef plus(ArmTranslate *s, IrRef a, uint32_t b) { return simd_op2(s, IR_VADD, 2, a, simd_lanes(s, 2, b)); }

/* b * d, or b * b * d. */
static IrRef term(ArmTranslate *s, bool root, IrRef b, IrRef d)
{
    IrRef r = simd_op2(s, IR_VMUL, 2, b, d);
    return root ? simd_op2(s, IR_VMUL, 2, r, b) : r;
}

/* Bits of the fraction, of the greatest b whose term is at most the limit; guess: b as a float, times any power of 2. */
static IrRef estimated_fraction(ArmTranslate *s, bool root, uint32_t limit, IrRef guess, IrRef d)
{
    IrRef b = shifted(s, -14, simd_op2(s, IR_VOR, 3, masked(s, guess, MAKE_MASK(0, 23)), simd_lanes(s, 2, BIT(23))));
    b = simd_op2(s, IR_VADD, 2, b, simd_op2(s, IR_VCMPGT_S, 2, term(s, root, b, d), simd_lanes(s, 2, limit)));
    b = simd_op2(s, IR_VSUB, 2, b, simd_op2(s, IR_VCMPGT_S, 2, simd_lanes(s, 2, limit + 1), term(s, root, plus(s, b, 1), d)));
    return shifted(s, 15, masked(s, shifted(s, -1, plus(s, b, 1)), 0xff));
}

/* Of normal numbers whose result is normal. */
static IrRef reciprocal_estimate(ArmTranslate *s, IrRef n)
{
    IrRef size = float_magnitude(s, FLOAT_S, n);
    float_redo_where(s, 2, simd_not(s, is_at_most(s, plus(s, size, -SINGLE_TINY), 0x7e7fffff - SINGLE_TINY)));
    IrRef d = simd_op2(s, IR_VOR, 3, masked(s, shifted(s, -14, size), 0x1fe), simd_lanes(s, 2, 0x201));
    IrRef guess = simd_imm1(s, IR_VFRCP, FLOAT_S, 0, simd_op2(s, IR_VOR, 3, masked(s, size, 0x007f8000), simd_lanes(s, 2, 0x3f804000)));
    IrRef exponent = simd_op2(s, IR_VSUB, 2, simd_lanes(s, 2, 253u << 23), masked(s, size, 0x7f800000));
    IrRef sign = masked(s, n, BIT(31)), fraction = estimated_fraction(s, false, 1 << 19, guess, d);
    return simd_op2(s, IR_VOR, 3, simd_op2(s, IR_VOR, 3, sign, exponent), fraction);
}

/* Of normal positive numbers. d: of odd exponents 257 to 511, of even ones 514 to 1022. */
static IrRef root_estimate(ArmTranslate *s, IrRef n)
{
    float_redo_where(s, 2, simd_not(s, is_at_most(s, plus(s, n, -SINGLE_TINY), 0x7f7fffff - SINGLE_TINY)));
    IrRef odd = simd_imm1(s, IR_VSAR_IMM, 2, 31, shifted(s, 8, n));
    IrRef of_odd = plus(s, masked(s, shifted(s, -15, n), 0xfe), 257), of_even = plus(s, masked(s, shifted(s, -14, n), 0x1fc), 514);
    IrRef d = simd_op2(s, IR_VOR, 3, simd_op2(s, IR_VAND, 3, odd, of_odd), simd_op2(s, IR_VANDN, 3, odd, of_even));
    IrRef guess = simd_imm1(s, IR_VFRSQRT, FLOAT_S, 0, simd_imm1(s, IR_VCVT_DQ_PS, 0, 0, d));
    IrRef exponent = shifted(s, 23, shifted(s, -1, simd_op2(s, IR_VSUB, 2, simd_lanes(s, 2, 380), shifted(s, -23, n))));
    return simd_op2(s, IR_VOR, 3, exponent, estimated_fraction(s, true, (1 << 28) - 1, guess, d));
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
    if (is_fast(s, size) && size == FLOAT_S && (o->op == FLOAT_RECPE || o->op == FLOAT_RSQRTE) && !o->scalar) {
        IrRef n = a64_v(s, o->rn);
        /* (Not to be found special in the upper half.) */
        n = o->q ? n : simd_op2(s, IR_VUNPACK_LO, 3, n, n);
        return finish(s, o, o->op == FLOAT_RECPE ? reciprocal_estimate(s, n) : root_estimate(s, n));
    }
    if (!simd_redoes(s) && (o->op == FLOAT_ABS || o->op == FLOAT_NEG) && !(s->mode & ARM_MODE_AH)) {
        IrRef n = a64_v(s, o->rn);
        return finish(s, o, o->op == FLOAT_ABS ? float_magnitude(s, size, n) : simd_op2(s, IR_VXOR, 3, n, simd_lanes(s, size, arm_float_sign(size))));
    }
    if (is_fast(s, size) && (o->op == FLOAT_SQRT || rounding >= 0)) {
        IrRef n = lanes(s, o, a64_v(s, o->rn));
        redo_small(s, n, 0, 0);
        IrRef r = rounding < 0 ? simd_imm1(s, IR_VFSQRT, size, 0, n) : simd_imm1(s, IR_VFROUND, size, rounding, n);
        float_redo_nans(s, size, r);
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
    if (is_fast(s, size)) {
        IrRef n = lanes(s, o, a64_v(s, o->rn)), zero = simd_const(s, 0);
        return finish(s, o, float_three(s, o->op, size, 0, o->swap ? zero : n, o->swap ? n : zero));
    }
    uint32_t spec = SIMD_SPEC(OP_FLOAT + o->op, SHAPE_EACH, size, simd_form_of(o), 0, 0);
    return o->swap ? simd_by_c(s, spec, o->rd, SIMD_NONE, SIMD_NONE, o->rn) : simd_by_c(s, spec, o->rd, SIMD_NONE, o->rn, SIMD_NONE);
}

/* ---- conversions ---- */

/* Towards zero. Without sign, what a number with sign would be no use for is seen before: 2^31 and more (and NaNs), -1 and less. */
static IrRef to_words(ArmTranslate *s, bool u, IrRef n)
{
    enum { TWO_TO_31 = 0x4f000000, MINUS_ONE = 0xbf800000 };
    redo_small(s, n, 0, 0);
    if (u) {
        IrRef negative = simd_op2(s, IR_VAND, 3, n, simd_op2(s, IR_VCMPGT_S, 2, n, simd_lanes(s, 2, MINUS_ONE - 1)));
        float_redo_where(s, 2, simd_op2(s, IR_VOR, 3, simd_op2(s, IR_VCMPGT_S, 2, n, simd_lanes(s, 2, TWO_TO_31 - 1)), negative));
    }
    IrRef r = simd_imm1(s, IR_VCVT_PS_DQ, 0, 1, n);
    if (!u) {
        float_redo_where(s, 2, simd_op2(s, IR_VCMPEQ, 2, r, simd_lanes(s, 2, BIT(31))));
    }
    return r;
}

/* Without sign: halves are exact, and their sum is rounded once. */
static IrRef from_words(ArmTranslate *s, bool u, IrRef n)
{
    enum { TWO_TO_16 = 0x47800000 };
    if (!u) {
        return simd_imm1(s, IR_VCVT_DQ_PS, 0, 0, n);
    }
    IrRef high = simd_imm1(s, IR_VCVT_DQ_PS, 0, 0, simd_imm1(s, IR_VSHR_IMM, 2, 16, n));
    IrRef low = simd_imm1(s, IR_VCVT_DQ_PS, 0, 0, simd_op2(s, IR_VAND, 3, n, simd_lanes(s, 2, 0xffff)));
    return simd_op2(s, IR_VFADD, FLOAT_S, simd_op2(s, IR_VFMUL, FLOAT_S, high, simd_lanes(s, 2, TWO_TO_16)), low);
}

bool a64v_op_float_to_lanes(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size = size_of(o);
    if (is_reserved(o)) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    if (is_fast(s, size) && size == FLOAT_S && o->rounding == ROUND_ZERO) {
        return finish(s, o, to_words(s, o->u, lanes(s, o, a64_v(s, o->rn))));
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
    if (size == FLOAT_S && is_fast(s, size)) {
        return finish(s, o, from_words(s, o->u, lanes(s, o, a64_v(s, o->rn))));
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
    return (*size != FLOAT_D || o->q || o->scalar) && (*size != FLOAT_H || simd_has_half(s));
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
        float_redo_nans(s, FLOAT_D, r);
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
        float_redo_special(s, FLOAT_S, r);
        a64_set_v(s, o->rd, o->q ? simd_op2(s, IR_VUNPACK_LO, 3, a64_v(s, o->rd), r) : r);
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_NARROW, FLOAT_S + o->sz, simd_form_of(o), 0, 0), o->rd, o->q ? o->rd : SIMD_NONE, o->rn, SIMD_NONE);
}
