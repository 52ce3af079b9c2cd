/*
 * AdvSIMD: arithmetic and logic of integers.
 *
 * DDI 0487, C7.2. What the host has no instructions for is put together of those that it has, or done by C code where it is rare.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-simd.h"

static IrRef add(ArmTranslate *s, unsigned size, IrRef a, IrRef b) { return simd_op2(s, IR_VADD, size, a, b); }
static IrRef sub(ArmTranslate *s, unsigned size, IrRef a, IrRef b) { return simd_op2(s, IR_VSUB, size, a, b); }
static IrRef and(ArmTranslate *s, IrRef a, IrRef b) { return simd_op2(s, IR_VAND, 3, a, b); }
static IrRef or(ArmTranslate *s, IrRef a, IrRef b) { return simd_op2(s, IR_VOR, 3, a, b); }
static IrRef xor(ArmTranslate *s, IrRef a, IrRef b) { return simd_op2(s, IR_VXOR, 3, a, b); }
static IrRef andn(ArmTranslate *s, IrRef a, IrRef b) { return simd_op2(s, IR_VANDN, 3, a, b); }
static IrRef zeroes(ArmTranslate *s) { return simd_const(s, 0); }
static IrRef sign_bits(ArmTranslate *s, unsigned size) { return simd_lanes(s, size, BIT((8u << size) - 1)); }

/* ---- shifts ---- */

IrRef simd_shift_left(ArmTranslate *s, unsigned size, unsigned by, IrRef a)
{
    if (size) {
        return simd_imm1(s, IR_VSHL_IMM, size, by, a);
    }
    return and(s, simd_imm1(s, IR_VSHL_IMM, 1, by, a), simd_lanes(s, 0, 0xff << by));
}

/* by up to the width. */
IrRef simd_shift_right(ArmTranslate *s, unsigned size, bool u, unsigned by, IrRef a)
{
    if (u) {
        return size ? simd_imm1(s, IR_VSHR_IMM, size, by, a) : and(s, simd_imm1(s, IR_VSHR_IMM, 1, by, a), simd_lanes(s, 0, 0xff >> by));
    }
    if (size == 1 || size == 2) {
        return simd_imm1(s, IR_VSAR_IMM, size, by, a);
    }
    if (size == 3) {
        IrRef signs = simd_op2(s, IR_VCMPGT_S, 3, zeroes(s), a);
        return or(s, simd_imm1(s, IR_VSHR_IMM, 3, by, a), simd_imm1(s, IR_VSHL_IMM, 3, 64 - by, signs));
    }
    if (by == 8) {
        return simd_op2(s, IR_VCMPGT_S, 0, zeroes(s), a);
    }
    IrRef sign = simd_lanes(s, 0, 0x80 >> by);
    return sub(s, 0, xor(s, simd_shift_right(s, 0, true, by, a), sign), sign);
}

static IrRef shift_right_rounding(ArmTranslate *s, unsigned size, bool u, unsigned by, IrRef a)
{
    IrRef carry = and(s, by == 1 ? a : simd_shift_right(s, size, true, by - 1, a), simd_lanes(s, size, 1));
    return add(s, size, simd_shift_right(s, size, u, by, a), carry);
}

/* The low or the high half, in lanes twice as wide. */
static IrRef widened(ArmTranslate *s, unsigned size, bool u, bool high, IrRef a)
{
    if (high) {
        a = simd_imm1(s, IR_VSHR_BYTES, 0, 8, a);
    }
    return ir_emit(s->b, u ? IR_VWIDEN_U : IR_VWIDEN_S, IR_V128, size, size + 1, a, 0, 0);
}

/* Lanes of size to half the width: the low or the high one of each, into the low half of the result. */
static IrRef halves(ArmTranslate *s, unsigned size, bool high, IrRef a)
{
    uint8_t indices[16];
    unsigned half = 1u << (size - 1);
    for (unsigned i = 0; i < 16; i++) {
        indices[i] = i < 8 ? (i / half * 2 + high) * half + i % half : 0x80;
    }
    return simd_shuffle(s, a, indices);
}

/* By places, negative ones to the right. */
static IrRef shift_by_places(ArmTranslate *s, unsigned size, bool u, IrRef n, IrRef places)
{
    IrRef left = simd_op2(s, IR_VSHL_EACH, size, n, places), right = sub(s, size, zeroes(s), places);
    if (u) {
        return or(s, left, simd_op2(s, IR_VSHR_EACH, size, n, right));
    }
    IrRef negative = simd_imm1(s, IR_VSAR_IMM, 2, 31, places);
    return or(s, and(s, negative, simd_op2(s, IR_VSAR_EACH, 2, n, right)), andn(s, negative, left));
}

/* USHL, SSHL, URSHL, SRSHL: by the lowest byte of each lane of m, with its sign. 0: the host has nothing for it. Small lanes are widened. */
static IrRef shift_by(ArmTranslate *s, unsigned size, bool u, bool rounds, IrRef n, IrRef m)
{
    if (size < 2) {
        IrRef low = shift_by(s, size + 1, u, rounds, widened(s, size, u, false, n), widened(s, size, false, false, m));
        IrRef high = shift_by(s, size + 1, u, rounds, widened(s, size, u, true, n), widened(s, size, false, true, m));
        return simd_op2(s, IR_VUNPACK_LO, 3, halves(s, size + 1, false, low), halves(s, size + 1, false, high));
    }
    if (!u && size == 3) {
        return 0;
    }
    IrRef places = simd_shift_right(s, size, false, (8u << size) - 8, simd_imm1(s, IR_VSHL_IMM, size, (8u << size) - 8, m));
    IrRef r = shift_by_places(s, size, u, n, places);
    if (!rounds) {
        return r;
    }
    /* The last bit that a shift to the right loses. */
    IrRef lost = shift_by_places(s, size, u, n, add(s, size, places, simd_lanes(s, size, 1)));
    return add(s, size, r, and(s, and(s, lost, simd_lanes(s, size, 1)), simd_op2(s, IR_VCMPGT_S, size, zeroes(s), places)));
}

/* ---- comparison and extremes ---- */

IrRef simd_greater(ArmTranslate *s, unsigned size, bool u, IrRef a, IrRef b)
{
    if (u) {
        a = xor(s, a, sign_bits(s, size));
        b = xor(s, b, sign_bits(s, size));
    }
    return simd_op2(s, IR_VCMPGT_S, size, a, b);
}

static IrRef extreme(ArmTranslate *s, unsigned size, bool u, bool max, IrRef a, IrRef b)
{
    return simd_op2(s, max ? (u ? IR_VMAX_U : IR_VMAX_S) : u ? IR_VMIN_U : IR_VMIN_S, size, a, b);
}

static IrRef greater_equal(ArmTranslate *s, unsigned size, bool u, IrRef a, IrRef b)
{
    return size < 3 ? simd_op2(s, IR_VCMPEQ, size, extreme(s, size, u, true, a, b), a) : simd_not(s, simd_greater(s, size, u, b, a));
}

static IrRef difference(ArmTranslate *s, unsigned size, bool u, IrRef a, IrRef b)
{
    return sub(s, size, extreme(s, size, u, true, a, b), extreme(s, size, u, false, a, b));
}

/* ---- products, means ---- */

IrRef simd_product(ArmTranslate *s, unsigned size, IrRef a, IrRef b)
{
    if (size) {
        return simd_op2(s, IR_VMUL, size, a, b);
    }
    IrRef low = and(s, simd_op2(s, IR_VMUL, 1, a, b), simd_lanes(s, 1, 0xff));
    IrRef high = simd_op2(s, IR_VMUL, 1, simd_imm1(s, IR_VSHR_IMM, 1, 8, a), simd_imm1(s, IR_VSHR_IMM, 1, 8, b));
    return or(s, low, simd_imm1(s, IR_VSHL_IMM, 1, 8, high));
}

/* The sum halved; rounds: up. */
static IrRef mean(ArmTranslate *s, unsigned size, bool u, bool rounds, IrRef a, IrRef b)
{
    if (size < 2 && u && rounds) {
        return simd_op2(s, IR_VAVG_U, size, a, b);
    }
    IrRef half = simd_shift_right(s, size, u, 1, xor(s, a, b));
    return rounds ? sub(s, size, or(s, a, b), half) : add(s, size, and(s, a, b), half);
}

/* The difference halved. */
static IrRef half_difference(ArmTranslate *s, unsigned size, bool u, IrRef a, IrRef b)
{
    return sub(s, size, simd_shift_right(s, size, u, 1, xor(s, a, b)), andn(s, a, b));
}

static IrRef bitwise(ArmTranslate *s, SimdOp op, IrRef d, IrRef n, IrRef m)
{
    switch (op) {
    case OP_AND: return and(s, n, m);
    case OP_BIC: return andn(s, m, n);
    case OP_ORR: return or(s, n, m);
    case OP_ORN: return or(s, n, simd_not(s, m));
    case OP_EOR: return xor(s, n, m);
    case OP_BSL: return xor(s, m, and(s, xor(s, m, n), d));
    case OP_BIT: return xor(s, d, and(s, xor(s, d, n), m));
    default: return xor(s, d, andn(s, m, xor(s, d, n)));
    }
}

/* ---- saturation ---- */

/* FPSR.QC is set where two values are not the same; all: of 128 bits. */
static void note_saturation(ArmTranslate *s, bool all, IrRef plain, IrRef r)
{
    IrRef mask = ir_emit(s->b, IR_VMOVMSK, IR_I32, 0, 0, simd_op2(s, IR_VCMPEQ, 0, plain, r), 0, 0);
    IrRef wanted = all ? mask : ir_op2(s->b, IR_AND, IR_I32, mask, arm_i32(s, 0xff));
    IrRef saturated = ir_setcc(s->b, IR_CC_NE, wanted, arm_i32(s, all ? 0xffff : 0xff));
    ir_write(s->b, SLOT_QC, ir_op2(s->b, IR_OR, IR_I32, ir_read(s->b, SLOT_QC), saturated));
}

/* Of 32 bits. Without sign: a sum below an operand has overflowed. With: it has another sign than both operands (the second negated in a difference). */
static IrRef saturated_word(ArmTranslate *s, bool subtracts, bool u, IrRef plain, IrRef n, IrRef m)
{
    if (u && subtracts) {
        return sub(s, 2, extreme(s, 2, true, true, n, m), m);
    }
    if (u) {
        return or(s, plain, simd_not(s, simd_op2(s, IR_VCMPEQ, 2, extreme(s, 2, true, true, plain, n), plain)));
    }
    IrRef overflow = and(s, xor(s, n, plain), subtracts ? xor(s, n, m) : xor(s, m, plain));
    IrRef limit = xor(s, simd_imm1(s, IR_VSAR_IMM, 2, 31, n), simd_lanes(s, 2, INT32_MAX));
    IrRef where = simd_imm1(s, IR_VSAR_IMM, 2, 31, overflow);
    return or(s, and(s, where, limit), andn(s, where, plain));
}

static IrRef saturating(ArmTranslate *s, bool subtracts, unsigned size, bool u, bool all, IrRef n, IrRef m)
{
    IrRef plain = simd_op2(s, subtracts ? IR_VSUB : IR_VADD, size, n, m);
    IrRef r = size == 2 ? saturated_word(s, subtracts, u, plain, n, m)
        : simd_op2(s, subtracts ? (u ? IR_VSUBS_U : IR_VSUBS_S) : u ? IR_VADDS_U : IR_VADDS_S, size, n, m);
    note_saturation(s, all, plain, r);
    return r;
}

/* The high half of twice the product of words: of even lanes, and of odd ones. */
static IrRef doubling_high_words(ArmTranslate *s, bool rounds, IrRef n, IrRef m)
{
    IrRef halves[2];
    for (unsigned odd = 0; odd < 2; odd++) {
        IrRef a = odd ? simd_imm1(s, IR_VSHR_IMM, 3, 32, n) : n, b = odd ? simd_imm1(s, IR_VSHR_IMM, 3, 32, m) : m, p = simd_op2(s, IR_VMULX_S, 2, a, b);
        p = add(s, 3, p, p);
        halves[odd] = rounds ? add(s, 3, p, simd_lanes(s, 3, BIT(31))) : p;
    }
    return or(s, simd_imm1(s, IR_VSHR_IMM, 3, 32, halves[0]), and(s, halves[1], simd_lanes(s, 3, MAKE_MASK(32, 32))));
}

/* SQDMULH, SQRDMULH: of all products that of twice the least number alone overflows, to the least number. */
static IrRef doubling_high(ArmTranslate *s, unsigned size, bool rounds, bool all, IrRef n, IrRef m)
{
    IrRef plain = size == 2 ? doubling_high_words(s, rounds, n, m) : rounds ? simd_op2(s, IR_VMULHRS, 1, n, m)
        : or(s, simd_imm1(s, IR_VSHL_IMM, 1, 1, simd_op2(s, IR_VMULHI_S, 1, n, m)), simd_imm1(s, IR_VSHR_IMM, 1, 15, simd_op2(s, IR_VMUL, 1, n, m)));
    IrRef r = xor(s, plain, simd_op2(s, IR_VCMPEQ, size, plain, sign_bits(s, size)));
    note_saturation(s, all, plain, r);
    return r;
}

/* ---- three registers ---- */

/* 0: not here. */
IrRef simd_three(ArmTranslate *s, SimdOp op, unsigned size, bool u, bool all, IrRef d, IrRef n, IrRef m)
{
    switch (op) {
    case OP_ADD: return add(s, size, n, m);
    case OP_SUB: return sub(s, size, n, m);
    case OP_HADD: return mean(s, size, u, false, n, m);
    case OP_RHADD: return mean(s, size, u, true, n, m);
    case OP_HSUB: return half_difference(s, size, u, n, m);
    case OP_QADD: case OP_QSUB: return size < 3 ? saturating(s, op == OP_QSUB, size, u, all, n, m) : 0;
    case OP_QDMULH: case OP_QRDMULH: return doubling_high(s, size, op == OP_QRDMULH, all, n, m);
    case OP_CMGT: return simd_greater(s, size, u, n, m);
    case OP_CMGE: return greater_equal(s, size, u, n, m);
    case OP_CMEQ: return simd_op2(s, IR_VCMPEQ, size, n, m);
    case OP_CMTST: return simd_not(s, simd_op2(s, IR_VCMPEQ, size, and(s, n, m), zeroes(s)));
    case OP_SHL: return shift_by(s, size, u, false, n, m);
    case OP_RSHL: return shift_by(s, size, u, true, n, m);
    case OP_MAX: return extreme(s, size, u, true, n, m);
    case OP_MIN: return extreme(s, size, u, false, n, m);
    case OP_ABD: return difference(s, size, u, n, m);
    case OP_ABA: return add(s, size, d, difference(s, size, u, n, m));
    case OP_MLA: return add(s, size, d, simd_product(s, size, n, m));
    case OP_MLS: return sub(s, size, d, simd_product(s, size, n, m));
    case OP_MUL: return simd_product(s, size, n, m);
    case OP_AND: case OP_BIC: case OP_ORR: case OP_ORN: case OP_EOR: case OP_BSL: case OP_BIT: case OP_BIF: return bitwise(s, op, d, n, m);
    default: return 0;
    }
}

static bool reads_destination(SimdOp op)
{
    return op == OP_ABA || op == OP_MLA || op == OP_MLS || op == OP_BSL || op == OP_BIT || op == OP_BIF || op == OP_QRDMLAH || op == OP_QRDMLSH || op == OP_QDMLAL
        || op == OP_QDMLSL || op == OP_QADDO || op == OP_SRA || op == OP_RSRA || op == OP_SRI || op == OP_SLI;
}

bool a64v_op_three(ArmTranslate *s, const A64vOperands *o)
{
    if (o->size == 3 && !o->q && !o->scalar && !(o->op >= OP_AND && o->op <= OP_BIF)) {
        return false;
    }
    if (!simd_access(s)) {
        return true;
    }
    IrRef r = 0;
    bool reads = reads_destination(o->op);
    if (!simd_redoes(s) && (!o->scalar || o->size == 3)) {
        r = simd_three(s, o->op, o->size, o->u, o->q, reads ? a64_v(s, o->rd) : 0, a64_v(s, o->rn), a64_v(s, o->rm));
    }
    if (r) {
        simd_finish(s, o->rd, o->q, r);
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_EACH, o->size, simd_form_of(o), o->u, 0), o->rd, reads ? o->rd : SIMD_NONE, o->rn, o->rm);
}

bool a64v_op_pairwise(ArmTranslate *s, const A64vOperands *o)
{
    if (o->size == 3 && !o->q && !o->scalar) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef n = a64_v(s, o->rn), m = o->scalar ? n : a64_v(s, o->rm);
    bool all = o->q || o->scalar;
    IrRef even = simd_unzip(s, o->size, false, all, n, m), odd = simd_unzip(s, o->size, true, all, n, m);
    simd_finish(s, o->rd, o->q, simd_three(s, o->op, o->size, o->u, o->q, 0, even, odd));
    return true;
}

/* ---- of results twice as wide ---- */

/* wide: n is so already. 0: not here. */
static IrRef long_result(ArmTranslate *s, SimdOp op, unsigned size, bool u, bool wide, bool high, IrRef d, IrRef n, IrRef m)
{
    if (op != OP_ADD && op != OP_SUB && op != OP_ABA && op != OP_ABD && op != OP_MUL && op != OP_MLA && op != OP_MLS) {
        return 0;
    }
    if ((op == OP_ABA || op == OP_ABD) && size == 2) {
        return 0;
    }
    n = wide ? n : widened(s, size, u, high, n);
    m = widened(s, size, u, high, m);
    if (op == OP_ABA || op == OP_ABD) {
        IrRef r = difference(s, size + 1, false, n, m);
        return op == OP_ABA ? add(s, size + 1, d, r) : r;
    }
    if (size == 2 && op >= OP_MLA && op <= OP_MUL) {
        IrRef r = simd_op2(s, u ? IR_VMULX_U : IR_VMULX_S, 2, n, m);
        return op == OP_MUL ? r : op == OP_MLA ? add(s, 3, d, r) : sub(s, 3, d, r);
    }
    return simd_three(s, op, size + 1, u, true, d, n, m);
}

bool a64v_op_long(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    bool reads = reads_destination(o->op);
    IrRef r = o->scalar ? 0 : long_result(s, o->op, o->size, o->u, o->shape == SHAPE_WIDE, o->q, reads ? a64_v(s, o->rd) : 0, a64_v(s, o->rn), a64_v(s, o->rm));
    if (r) {
        a64_set_v(s, o->rd, r);
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(o->op, o->shape, o->size + 1, simd_form_of(o), o->u, 0), o->rd, reads ? o->rd : SIMD_NONE, o->rn, o->rm);
}

static void set_narrow(ArmTranslate *s, const A64vOperands *o, IrRef low)
{
    a64_set_v(s, o->rd, o->q ? simd_op2(s, IR_VUNPACK_LO, 3, a64_v(s, o->rd), low) : low);
}

bool a64v_op_narrow_high(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    unsigned size = o->size + 1;
    IrRef r = simd_three(s, o->op, size, true, true, 0, a64_v(s, o->rn), a64_v(s, o->rm));
    if (o->u) {
        r = add(s, size, r, simd_lanes(s, size, BIT((8u << o->size) - 1)));
    }
    set_narrow(s, o, halves(s, size, true, r));
    return true;
}

/* To half the width, shifted right before. 0: not here. */
static IrRef narrowed(ArmTranslate *s, SimdOp op, unsigned size, bool u, unsigned by, IrRef n)
{
    bool from_unsigned = u && op != OP_QXTUN && op != OP_QRXTUN, to_unsigned = u;
    if (op == OP_XTN || op == OP_RXTN) {
        n = op == OP_RXTN ? add(s, size, n, simd_lanes(s, size, BIT(by - 1))) : n;
        return halves(s, size, false, by ? simd_imm1(s, IR_VSHR_IMM, size, by, n) : n);
    }
    if (size == 3) {
        return 0;
    }
    if (by) {
        n = op >= OP_RXTN ? shift_right_rounding(s, size, from_unsigned, by, n) : simd_shift_right(s, size, from_unsigned, by, n);
    }
    unsigned bits = 4u << size;
    IrRef r = extreme(s, size, from_unsigned, false, n, simd_lanes(s, size, MAKE_MASK(0, to_unsigned ? bits : bits - 1)));
    if (!from_unsigned) {
        r = extreme(s, size, false, true, r, to_unsigned ? zeroes(s) : simd_lanes(s, size, -BIT(bits - 1)));
    }
    note_saturation(s, true, n, r);
    return halves(s, size, false, r);
}

static bool narrow(ArmTranslate *s, const A64vOperands *o, unsigned size, unsigned by)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef low = o->scalar ? 0 : narrowed(s, o->op, size, o->u, by, a64_v(s, o->rn));
    if (low) {
        set_narrow(s, o, low);
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_NARROW, size, simd_form_of(o), o->u, by), o->rd, o->q ? o->rd : SIMD_NONE, o->rn, SIMD_NONE);
}

bool a64v_op_narrow(ArmTranslate *s, const A64vOperands *o) { return narrow(s, o, o->size + 1, 0); }

/* ---- by element ---- */

bool a64v_op_element(ArmTranslate *s, const A64vOperands *o)
{
    SimdIndex at = simd_index_of(o, o->size);
    if (!arm_fp_access(s)) {
        return true;
    }
    bool reads = reads_destination(o->op), is_long = o->shape == SHAPE_LONG;
    IrRef r = 0;
    if (!o->scalar && (o->op == OP_MUL || o->op == OP_MLA || o->op == OP_MLS || o->op == OP_QDMULH || o->op == OP_QRDMULH)) {
        IrRef n = a64_v(s, o->rn), m = simd_splat_lane(s, o->size, at.index, a64_v(s, at.rm)), d = reads ? a64_v(s, o->rd) : 0;
        r = is_long ? long_result(s, o->op, o->size, o->u, false, o->q, d, n, m) : simd_three(s, o->op, o->size, o->u, o->q, d, n, m);
    }
    if (r) {
        simd_finish(s, o->rd, o->q || is_long, r);
        return true;
    }
    uint32_t spec = SIMD_SPEC(o->op, is_long ? SHAPE_LONG : SHAPE_EACH, o->size + is_long, simd_form_of(o), o->u, 0) | SIMD_ELEMENT(o->size, at.index);
    return simd_by_c(s, spec, o->rd, reads ? o->rd : SIMD_NONE, o->rn, at.rm);
}

/* Products of four bytes each, added to words. USDOT: n without sign, m with; SUDOT (u): the other way round. */
static IrRef dot(ArmTranslate *s, const A64vOperands *o, IrRef m)
{
    bool n_unsigned = o->op == OP_USDOT ? !o->u : o->u, m_unsigned = o->u;
    IrRef pairs[2], n = a64_v(s, o->rn);
    for (unsigned high = 0; high < 2; high++) {
        pairs[high] = simd_op2(s, IR_VMADD_S16, 0, widened(s, 0, n_unsigned, high, n), widened(s, 0, m_unsigned, high, m));
    }
    return add(s, 2, a64_v(s, o->rd), simd_op2(s, IR_VHADD, 2, pairs[0], pairs[1]));
}

bool a64v_op_dot(ArmTranslate *s, const A64vOperands *o)
{
    if (!simd_access(s)) {
        return true;
    }
    if (o->op == OP_DOT || o->op == OP_USDOT) {
        simd_finish(s, o->rd, o->q, dot(s, o, a64_v(s, o->rm)));
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_WHOLE, 2, simd_form_of(o), o->u, 0), o->rd, o->rd, o->rn, o->rm);
}

bool a64v_op_dot_element(ArmTranslate *s, const A64vOperands *o)
{
    SimdIndex at = simd_index_of(o, 2);
    if (!simd_access(s)) {
        return true;
    }
    if (o->op == OP_DOT || o->op == OP_USDOT) {
        simd_finish(s, o->rd, o->q, dot(s, o, simd_splat_lane(s, 2, at.index, a64_v(s, at.rm))));
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_WHOLE, 2, simd_form_of(o), o->u, 0) | SIMD_ELEMENT(2, at.index), o->rd, o->rd, o->rn, at.rm);
}

bool a64v_op_half_element(ArmTranslate *s, const A64vOperands *o)
{
    SimdIndex at = simd_index_of(o, 1);
    if (!simd_access(s)) {
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_WHOLE, 2, simd_form_of(o), 0, o->upper) | SIMD_ELEMENT(1, at.index), o->rd, o->rd, o->rn, at.rm);
}

/* ---- two registers ---- */

IrRef simd_count_bits(ArmTranslate *s, IrRef n)
{
    IrRef counts = simd_halves(s, UINT64_C(0x0302020102010100), UINT64_C(0x0403030203020201)), mask = simd_lanes(s, 0, 15);
    IrRef low = simd_op2(s, IR_VTABLE8, 0, counts, and(s, n, mask)), high = simd_op2(s, IR_VTABLE8, 0, counts, and(s, simd_imm1(s, IR_VSHR_IMM, 1, 4, n), mask));
    return add(s, 0, low, high);
}

IrRef simd_absolute(ArmTranslate *s, unsigned size, IrRef n)
{
    if (size < 3) {
        return simd_imm1(s, IR_VABS, size, 0, n);
    }
    IrRef signs = simd_op2(s, IR_VCMPGT_S, 3, zeroes(s), n);
    return sub(s, 3, xor(s, n, signs), signs);
}

bool a64v_op_two(ArmTranslate *s, const A64vOperands *o)
{
    if (o->size == 3 && !o->q && !o->scalar) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef n = a64_v(s, o->rn), r = o->op == OP_CNT ? simd_count_bits(s, n) : o->op == OP_NOT ? simd_not(s, n) : o->op == OP_ABS ? simd_absolute(s, o->size, n)
        : o->op == OP_NEG ? sub(s, o->size, zeroes(s), n) : 0;
    if (r) {
        simd_finish(s, o->rd, o->q, r);
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_EACH, o->size, simd_form_of(o), o->u, 0), o->rd, reads_destination(o->op) ? o->rd : SIMD_NONE, o->rn, SIMD_NONE);
}

bool a64v_op_compare_zero(ArmTranslate *s, const A64vOperands *o)
{
    if (o->size == 3 && !o->q && !o->scalar) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef n = a64_v(s, o->rn), zero = zeroes(s);
    simd_finish(s, o->rd, o->q, simd_three(s, o->op, o->size, false, o->q, 0, o->swap ? zero : n, o->swap ? n : zero));
    return true;
}

bool a64v_op_reverse(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    uint8_t indices[16];
    unsigned turned = (1u << o->width) - (1u << o->size);
    for (unsigned i = 0; i < 16; i++) {
        indices[i] = i ^ turned;
    }
    simd_finish(s, o->rd, o->q, simd_shuffle(s, a64_v(s, o->rn), indices));
    return true;
}

/* 0: not here. */
static IrRef sums_of_pairs(ArmTranslate *s, unsigned size, bool u, IrRef n)
{
    IrRef ones = simd_lanes(s, size, 1);
    if (size == 0) {
        return simd_op2(s, IR_VMADD_U8S8, 0, u ? n : ones, u ? ones : n);
    }
    if (size == 1 && !u) {
        return simd_op2(s, IR_VMADD_S16, 0, n, ones);
    }
    unsigned bits = 8u << size;
    return u ? add(s, size + 1, and(s, n, simd_lanes(s, size + 1, MAKE_MASK(0, bits))), simd_imm1(s, IR_VSHR_IMM, size + 1, bits, n)) : 0;
}

bool a64v_op_add_pairs(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    bool adds = o->op == OP_ADALP;
    IrRef r = sums_of_pairs(s, o->size, o->u, a64_v(s, o->rn));
    if (r) {
        simd_finish(s, o->rd, o->q, adds ? add(s, o->size + 1, a64_v(s, o->rd), r) : r);
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_WHOLE, o->size + 1, simd_form_of(o), o->u, 0), o->rd, adds ? o->rd : SIMD_NONE, o->rn, SIMD_NONE);
}

/* Halves, quarters ... of the register meet until one lane is left. */
bool a64v_op_across(ArmTranslate *s, const A64vOperands *o)
{
    if (o->size == 2 && !o->q) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef r = a64_v(s, o->rn);
    if (o->lengthens && o->size == 0 && o->u) {
        r = simd_op2(s, IR_VSAD_U8, 0, o->q ? r : simd_zero_upper(s, r), zeroes(s));
        a64_set_v(s, o->rd, o->q ? simd_zero_upper(s, add(s, 3, r, simd_imm1(s, IR_VSHR_BYTES, 0, 8, r))) : r);
        return true;
    }
    if (o->lengthens) {
        return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_ACROSS_LONG, o->size + 1, simd_form_of(o), o->u, 0), o->rd, SIMD_NONE, o->rn, SIMD_NONE);
    }
    for (unsigned bytes = o->q ? 8 : 4; bytes >= 1u << o->size; bytes /= 2) {
        r = simd_three(s, o->op, o->size, o->u, true, 0, r, simd_imm1(s, IR_VSHR_BYTES, 0, bytes, r));
    }
    a64_set_v(s, o->rd, and(s, r, ir_const_v128(s->b, MAKE_MASK(0, 8u << o->size), 0)));
    return true;
}

/* ---- shifts by immediates ---- */

/* immh:immb: the highest bit tells the size. */
static unsigned size_of_shift(unsigned shift) { return 31 - __builtin_clz(shift) - 3; }

bool a64v_op_shift_right(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size = size_of_shift(o->shift), by = (16u << size) - o->shift;
    if (size == 3 && !o->q && !o->scalar) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef n = a64_v(s, o->rn), d = o->op == OP_SHR || o->op == OP_RSHR ? 0 : a64_v(s, o->rd), r;
    if (o->op == OP_SRI) {
        unsigned bits = 8u << size;
        r = by == bits ? d : or(s, simd_shift_right(s, size, true, by, n), and(s, d, simd_lanes(s, size, MAKE_MASK(bits - by, by))));
    } else {
        bool rounds = o->op == OP_RSHR || o->op == OP_RSRA;
        r = rounds ? shift_right_rounding(s, size, o->u, by, n) : simd_shift_right(s, size, o->u, by, n);
        r = d ? add(s, size, d, r) : r;
    }
    simd_finish(s, o->rd, o->q, r);
    return true;
}

bool a64v_op_shift_left(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size = size_of_shift(o->shift), by = o->shift - (8u << size);
    if (size == 3 && !o->q && !o->scalar) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    if (o->op == OP_SHL || o->op == OP_SLI) {
        IrRef r = by ? simd_shift_left(s, size, by, a64_v(s, o->rn)) : a64_v(s, o->rn);
        if (o->op == OP_SLI && by) {
            r = or(s, r, and(s, a64_v(s, o->rd), simd_lanes(s, size, MAKE_MASK(0, by))));
        }
        simd_finish(s, o->rd, o->q, r);
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_SHIFT, size, simd_form_of(o), o->u, by), o->rd, SIMD_NONE, o->rn, SIMD_NONE);
}

bool a64v_op_shift_narrow(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size = size_of_shift(o->shift) + 1;
    return narrow(s, o, size, (8u << size) - o->shift);
}

bool a64v_op_shift_long(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size = size_of_shift(o->shift), by = o->shift - (8u << size);
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef r = widened(s, size, o->u, o->q, a64_v(s, o->rn));
    a64_set_v(s, o->rd, by ? simd_shift_left(s, size + 1, by, r) : r);
    return true;
}

bool a64v_op_shift_long_whole(ArmTranslate *s, const A64vOperands *o)
{
    if (arm_fp_access(s)) {
        a64_set_v(s, o->rd, simd_shift_left(s, o->size + 1, 8u << o->size, widened(s, o->size, true, o->q, a64_v(s, o->rn))));
    }
    return true;
}
