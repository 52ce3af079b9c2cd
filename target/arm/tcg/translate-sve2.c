/*
 * SVE2 in IR: what takes few operations of the host's: logic, shifts, halving, products, long, wide and narrow forms.
 *
 * DDI 0487, C8.2. Bottom (t = 0) and top are the even and the odd narrow lanes: as lanes of the wide size, the low and the high half of each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-sve2.h"

static IrRef op2(SveIr *v, IrOp op, unsigned size, IrRef a, IrRef b) { return simd_op2(v->s, op, size, a, b); }
static IrRef add(SveIr *v, unsigned size, IrRef a, IrRef b) { return op2(v, IR_VADD, size, a, b); }
static IrRef and(SveIr *v, IrRef a, IrRef b) { return op2(v, IR_VAND, 3, a, b); }
static IrRef or(SveIr *v, IrRef a, IrRef b) { return op2(v, IR_VOR, 3, a, b); }
static IrRef xor(SveIr *v, IrRef a, IrRef b) { return op2(v, IR_VXOR, 3, a, b); }
static IrRef and_not(SveIr *v, IrRef a, IrRef not) { return op2(v, IR_VANDN, 3, not, a); }
static IrRef lanes(SveIr *v, unsigned size, uint64_t value) { return simd_lanes(v->s, size, value); }
static IrRef left(SveIr *v, unsigned size, unsigned by, IrRef a) { return by ? simd_shift_left(v->s, size, by, a) : a; }
static IrRef right(SveIr *v, unsigned size, bool u, unsigned by, IrRef a) { return by ? simd_shift_right(v->s, size, u, by, a) : a; }
static IrRef right_rounding(SveIr *v, unsigned size, bool u, unsigned by, IrRef a)
{
    return by ? add(v, size, right(v, size, u, by, a), and(v, right(v, size, true, by - 1, a), lanes(v, size, 1))) : a;
}

/* ---- one instruction: piece by piece ---- */

/* What the instruction does to piece k; 0: C code does it. */
typedef IrRef Piece(SveIr *v, const Sve2Operands *o, unsigned k);

static bool by_pieces(SveIr *v, const Sve2Operands *o, Piece *piece)
{
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        r.at[k] = piece(v, o, k);
        if (!r.at[k]) {
            return false;
        }
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* Of active lanes of size; the others stay. */
static bool predicated(SveIr *v, const Sve2Operands *o, unsigned size, Piece *piece)
{
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef x = piece(v, o, k);
        if (!x) {
            return false;
        }
        r.at[k] = svei_blend(v, svei_z(v, o->rd, k), x, svei_mask(v, o->pg, size, k));
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* The second operand: all of it, or one lane of each 128 bits everywhere. */
static IrRef second(SveIr *v, const Sve2Operands *o, unsigned size, unsigned k)
{
    IrRef m = svei_z(v, o->rm, k);
    return o->indexed ? simd_splat_lane(v->s, size, o->index, m) : m;
}

/* ---- logic ---- */

static IrRef select_bits(SveIr *v, IrRef mask, IrRef a, IrRef b) { return or(v, and(v, a, mask), and_not(v, b, mask)); }

static IrRef logic3(SveIr *v, const Sve2Operands *o, unsigned k)
{
    IrRef d = svei_z(v, o->rd, k), m = svei_z(v, o->rm, k), n = svei_z(v, o->rn, k);
    switch (o->op) {
    case SVE2_EOR3: return xor(v, xor(v, d, m), n);
    case SVE2_BCAX: return xor(v, d, and_not(v, m, n));
    case SVE2_BSL: return select_bits(v, n, d, m);
    case SVE2_BSL1N: return select_bits(v, n, simd_not(v->s, d), m);
    case SVE2_BSL2N: return select_bits(v, n, d, simd_not(v->s, m));
    default: return simd_not(v->s, select_bits(v, n, d, m));
    }
}

static IrRef xor_rotate(SveIr *v, const Sve2Operands *o, unsigned k)
{
    unsigned size = sve2_shift_size(o), by = sve2_shift_right(o), bits = 8u << size;
    IrRef a = xor(v, svei_z(v, o->rd, k), svei_z(v, o->rm, k));
    return by == bits ? a : or(v, right(v, size, true, by, a), left(v, size, bits - by, a));
}

bool sve2i_op_logic3(SveIr *v, const Sve2Operands *o) { return by_pieces(v, o, logic3); }
bool sve2i_op_xor_rotate(SveIr *v, const Sve2Operands *o) { return by_pieces(v, o, xor_rotate); }

/* ---- lanes of one size ---- */

static IrRef binary(SveIr *v, const Sve2Operands *o, unsigned k)
{
    IrRef d = svei_z(v, o->rd, k), m = svei_z(v, o->rm, k);
    return svei_three(v, o->op, o->size, o->u, 0, o->reversed ? m : d, o->reversed ? d : m);
}

/* Products, added or not, and ABA, which is the difference added. */
static IrRef product(SveIr *v, SimdOp op, unsigned size, bool u, IrRef d, IrRef n, IrRef m)
{
    switch (op) {
    case OP_ABA: return add(v, size, d, svei_three(v, OP_ABD, size, u, 0, n, m));
    case OP_ADD: case OP_SUB: case OP_ABD: case OP_MUL: case OP_MLA: case OP_MLS: return svei_three(v, op, size, u, d, n, m);
    default: return 0;
    }
}

static IrRef each(SveIr *v, const Sve2Operands *o, unsigned k)
{
    return product(v, o->op, o->size, o->u, svei_z(v, o->rd, k), svei_z(v, o->rn, k), second(v, o, o->size, k));
}

/* Even lanes are of pairs of rd, odd ones of rm. */
static IrRef pairwise(SveIr *v, const Sve2Operands *o, unsigned k)
{
    IrRef d = svei_z(v, o->rd, k), m = svei_z(v, o->rm, k);
    return svei_three(v, o->op, o->size, o->u, 0, simd_transpose(v->s, o->size, false, d, m), simd_transpose(v->s, o->size, true, d, m));
}

static IrRef shift_imm_all(SveIr *v, const Sve2Operands *o, unsigned k)
{
    unsigned size = sve2_shift_size(o), by = o->left ? sve2_shift_left(o) : sve2_shift_right(o), bits = 8u << size;
    IrRef d = svei_z(v, o->rd, k), n = svei_z(v, o->rn, k);
    switch (o->op) {
    case OP_SRA: return add(v, size, d, right(v, size, o->u, by, n));
    case OP_RSRA: return add(v, size, d, right_rounding(v, size, o->u, by, n));
    case OP_SRI: return by == bits ? d : select_bits(v, lanes(v, size, MAKE_MASK(0, bits - by)), right(v, size, true, by, n), d);
    default: return select_bits(v, lanes(v, size, UINT64_MAX << by), left(v, size, by, n), d);
    }
}

static IrRef shift_imm(SveIr *v, const Sve2Operands *o, unsigned k)
{
    return o->op == OP_RSHR ? right_rounding(v, sve2_shift_size(o), o->u, sve2_shift_right(o), svei_z(v, o->rd, k)) : 0;
}

bool sve2i_op_binary(SveIr *v, const Sve2Operands *o) { return predicated(v, o, o->size, binary); }
bool sve2i_op_each(SveIr *v, const Sve2Operands *o) { return by_pieces(v, o, each); }
bool sve2i_op_pairwise(SveIr *v, const Sve2Operands *o) { return predicated(v, o, o->size, pairwise); }
bool sve2i_op_shift_imm(SveIr *v, const Sve2Operands *o) { return predicated(v, o, sve2_shift_size(o), shift_imm); }
bool sve2i_op_shift_imm_all(SveIr *v, const Sve2Operands *o) { return by_pieces(v, o, shift_imm_all); }

/* ---- to twice the width ---- */

/* A half of each lane of size, extended. */
static IrRef half_of(SveIr *v, unsigned size, bool u, bool top, IrRef a)
{
    unsigned bits = 4u << size;
    if (!top && u) {
        return and(v, a, lanes(v, size, MAKE_MASK(0, bits)));
    }
    return right(v, size, u, bits, top ? a : left(v, size, bits, a));
}

static IrRef long_result(SveIr *v, const Sve2Operands *o, unsigned k)
{
    IrRef d = svei_z(v, o->rd, k), n = half_of(v, o->size, o->u, o->t, svei_z(v, o->rn, k));
    IrRef m = half_of(v, o->size, o->u, o->t ^ o->crossed, second(v, o, o->size - 1, k));
    if (o->size < 3 || o->op < OP_MLA || o->op > OP_MUL) {
        return product(v, o->op, o->size, o->u, d, n, m);
    }
    IrRef r = op2(v, o->u ? IR_VMULX_U : IR_VMULX_S, 2, n, m);
    return o->op == OP_MUL ? r : op2(v, o->op == OP_MLA ? IR_VADD : IR_VSUB, 3, d, r);
}

static IrRef wide(SveIr *v, const Sve2Operands *o, unsigned k)
{
    return svei_three(v, o->op, o->size, o->u, 0, svei_z(v, o->rn, k), half_of(v, o->size, o->u, o->t, svei_z(v, o->rm, k)));
}

static IrRef shift_long(SveIr *v, const Sve2Operands *o, unsigned k)
{
    unsigned size = sve2_shift_size(o) + 1;
    return left(v, size, sve2_shift_left(o), half_of(v, size, o->u, o->t, svei_z(v, o->rn, k)));
}

static IrRef add_pairs_long(SveIr *v, const Sve2Operands *o, unsigned k)
{
    IrRef n = svei_z(v, o->rn, k);
    return add(v, o->size, svei_z(v, o->rd, k), add(v, o->size, half_of(v, o->size, o->u, false, n), half_of(v, o->size, o->u, true, n)));
}

bool sve2i_op_long(SveIr *v, const Sve2Operands *o) { return by_pieces(v, o, long_result); }
bool sve2i_op_wide(SveIr *v, const Sve2Operands *o) { return by_pieces(v, o, wide); }
bool sve2i_op_shift_long(SveIr *v, const Sve2Operands *o) { return by_pieces(v, o, shift_long); }
bool sve2i_op_add_pairs_long(SveIr *v, const Sve2Operands *o) { return predicated(v, o, o->size, add_pairs_long); }

/* ---- to half the width: bottom results have 0 beside them, top ones leave what is there ---- */

/* value: lanes of size, of which the low halves are the results. */
static IrRef placed(SveIr *v, const Sve2Operands *o, unsigned size, unsigned k, IrRef value)
{
    IrRef low = lanes(v, size, MAKE_MASK(0, 4u << size));
    return o->t ? or(v, left(v, size, 4u << size, value), and(v, svei_z(v, o->rd, k), low)) : and(v, value, low);
}

/* The bounds of a lane of half of size. */
static IrRef saturated(SveIr *v, const Sve2Operands *o, unsigned size, IrRef a)
{
    unsigned bits = 4u << size;
    uint64_t most = MAKE_MASK(0, bits);
    switch (o->op) {
    case OP_XTN: case OP_RXTN: return a;
    case OP_QXTUN: case OP_QRXTUN: return svei_three(v, OP_MIN, size, false, 0, svei_three(v, OP_MAX, size, false, 0, a, lanes(v, size, 0)), lanes(v, size, most));
    default:
        if (o->u) {
            return svei_three(v, OP_MIN, size, true, 0, a, lanes(v, size, most));
        }
        return svei_three(v, OP_MIN, size, false, 0, svei_three(v, OP_MAX, size, false, 0, a, lanes(v, size, ~(most >> 1))), lanes(v, size, most >> 1));
    }
}

static IrRef shift_narrow(SveIr *v, const Sve2Operands *o, unsigned k)
{
    unsigned size = sve2_shift_size(o) + 1, by = sve2_shift_right(o);
    bool rounds = o->op == OP_RXTN || o->op == OP_QRXTN || o->op == OP_QRXTUN, u = o->u && o->op != OP_QXTUN && o->op != OP_QRXTUN;
    IrRef n = svei_z(v, o->rn, k);
    return placed(v, o, size, k, saturated(v, o, size, rounds ? right_rounding(v, size, u, by, n) : right(v, size, u, by, n)));
}

static IrRef extract_narrow(SveIr *v, const Sve2Operands *o, unsigned k)
{
    unsigned size = __builtin_ctz(o->tsz) + 1;
    return placed(v, o, size, k, saturated(v, o, size, svei_z(v, o->rn, k)));
}

static IrRef add_high(SveIr *v, const Sve2Operands *o, unsigned k)
{
    unsigned bits = 4u << o->size;
    IrRef sum = svei_three(v, o->op, o->size, true, 0, svei_z(v, o->rn, k), svei_z(v, o->rm, k));
    sum = o->r ? add(v, o->size, sum, lanes(v, o->size, BIT(bits - 1))) : sum;
    return placed(v, o, o->size, k, right(v, o->size, true, bits, sum));
}

bool sve2i_op_shift_narrow(SveIr *v, const Sve2Operands *o) { return by_pieces(v, o, shift_narrow); }
bool sve2i_op_extract_narrow(SveIr *v, const Sve2Operands *o) { return by_pieces(v, o, extract_narrow); }
bool sve2i_op_add_high(SveIr *v, const Sve2Operands *o) { return by_pieces(v, o, add_high); }
