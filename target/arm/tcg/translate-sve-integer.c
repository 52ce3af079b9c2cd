/*
 * SVE in IR: integers, lane by lane; comparison; reductions.
 *
 * DDI 0487, C8.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-sve.h"

/* ---- what the host has not for 64 bits ---- */

static IrRef op2(SveIr *v, IrOp op, unsigned size, IrRef a, IrRef b) { return simd_op2(v->s, op, size, a, b); }
static IrRef zeroes(SveIr *v) { return simd_const(v->s, 0); }

static IrRef product64(SveIr *v, IrRef a, IrRef b)
{
    IrRef low = op2(v, IR_VMULX_U, 2, a, b);
    IrRef first = op2(v, IR_VMULX_U, 2, simd_imm1(v->s, IR_VSHR_IMM, 3, 32, a), b), second = op2(v, IR_VMULX_U, 2, a, simd_imm1(v->s, IR_VSHR_IMM, 3, 32, b));
    return op2(v, IR_VADD, 3, low, simd_imm1(v->s, IR_VSHL_IMM, 3, 32, op2(v, IR_VADD, 3, first, second)));
}

static IrRef extreme64(SveIr *v, bool u, bool max, IrRef a, IrRef b)
{
    IrRef greater = simd_greater(v->s, 3, u, a, b);
    return max ? svei_blend(v, b, a, greater) : svei_blend(v, a, b, greater);
}

static IrRef three64(SveIr *v, SimdOp op, bool u, IrRef d, IrRef n, IrRef m)
{
    switch (op) {
    case OP_MUL: return product64(v, n, m);
    case OP_MLA: return op2(v, IR_VADD, 3, d, product64(v, n, m));
    case OP_MLS: return op2(v, IR_VSUB, 3, d, product64(v, n, m));
    case OP_MAX: return extreme64(v, u, true, n, m);
    case OP_MIN: return extreme64(v, u, false, n, m);
    case OP_ABD: return op2(v, IR_VSUB, 3, extreme64(v, u, true, n, m), extreme64(v, u, false, n, m));
    default: return simd_three(v->s, op, 3, u, true, d, n, m);
    }
}

/* Without QC, which SVE does not have. */
static IrRef saturating(SveIr *v, SimdOp op, unsigned size, bool u, IrRef n, IrRef m)
{
    if (size > 1) {
        return 0;
    }
    return op2(v, op == OP_QADD ? (u ? IR_VADDS_U : IR_VADDS_S) : u ? IR_VSUBS_U : IR_VSUBS_S, size, n, m);
}

IrRef svei_three(SveIr *v, SimdOp op, unsigned size, bool u, IrRef d, IrRef n, IrRef m)
{
    if (op == OP_QADD || op == OP_QSUB) {
        return saturating(v, op, size, u, n, m);
    }
    return size == 3 ? three64(v, op, u, d, n, m) : simd_three(v->s, op, size, u, true, d, n, m);
}

/* ---- two operands ---- */

bool svei_op_binary(SveIr *v, const SveOperands *o)
{
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef d = svei_z(v, o->rd, k), m = svei_z(v, o->rm, k), x = svei_three(v, o->op, o->size, o->u, 0, o->reversed ? m : d, o->reversed ? d : m);
        r.at[k] = svei_blend(v, d, x, svei_mask(v, o->pg, o->size, k));
    }
    svei_write(v, o->rd, &r);
    return true;
}

bool svei_op_binary_all(SveIr *v, const SveOperands *o)
{
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        r.at[k] = svei_three(v, o->op, o->size, o->u, 0, svei_z(v, o->rn, k), svei_z(v, o->rm, k));
        if (!r.at[k]) {
            return false;
        }
    }
    svei_write(v, o->rd, &r);
    return true;
}

bool svei_op_muladd(SveIr *v, const SveOperands *o)
{
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef d = svei_z(v, o->rd, k), m = svei_z(v, o->rm, k);
        IrRef x = o->multiplicand ? svei_three(v, o->op, o->size, true, svei_z(v, o->ra, k), d, m) : svei_three(v, o->op, o->size, true, d, svei_z(v, o->rn, k), m);
        r.at[k] = svei_blend(v, d, x, svei_mask(v, o->pg, o->size, k));
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* The high halves of products; 0: not here. */
static IrRef product_high(SveIr *v, unsigned size, bool u, IrRef n, IrRef m)
{
    if (size == 1) {
        return op2(v, u ? IR_VMULHI_U : IR_VMULHI_S, 1, n, m);
    }
    if (size != 2) {
        return 0;
    }
    IrOp multiply = u ? IR_VMULX_U : IR_VMULX_S;
    IrRef even = op2(v, multiply, 2, n, m), odd = op2(v, multiply, 2, simd_imm1(v->s, IR_VSHR_IMM, 3, 32, n), simd_imm1(v->s, IR_VSHR_IMM, 3, 32, m));
    return op2(v, IR_VOR, 3, simd_imm1(v->s, IR_VSHR_IMM, 3, 32, even), op2(v, IR_VAND, 3, odd, simd_const(v->s, UINT64_C(0xffffffff00000000))));
}

bool svei_op_multiply_high(SveIr *v, const SveOperands *o)
{
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef d = svei_z(v, o->rd, k), x = product_high(v, o->size, o->u, d, svei_z(v, o->rm, k));
        if (!x) {
            return false;
        }
        r.at[k] = svei_blend(v, d, x, svei_mask(v, o->pg, o->size, k));
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* Of bytes to 32 bits: products of those at even and at odd places, whose pairs one op adds. mixed: n without sign, m with. */
static IrRef dot_product(SveIr *v, bool n_unsigned, bool m_unsigned, IrRef n, IrRef m)
{
    IrRef even_n = simd_shift_right(v->s, 1, n_unsigned, 8, simd_shift_left(v->s, 1, 8, n)), even_m = simd_shift_right(v->s, 1, m_unsigned, 8, simd_shift_left(v->s, 1, 8, m));
    IrRef odd = op2(v, IR_VMADD_S16, 1, simd_shift_right(v->s, 1, n_unsigned, 8, n), simd_shift_right(v->s, 1, m_unsigned, 8, m));
    return op2(v, IR_VADD, 2, op2(v, IR_VMADD_S16, 1, even_n, even_m), odd);
}

bool svei_op_dot(SveIr *v, const SveOperands *o)
{
    if (o->size != 2) {
        return false;
    }
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef x = dot_product(v, o->u || o->mixed, o->u, svei_z(v, o->rn, k), svei_z(v, o->rm, k));
        r.at[k] = op2(v, IR_VADD, 2, svei_z(v, o->rd, k), x);
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* ---- shifts ---- */

/* By the lanes of m as they are, unsigned; 0: not here. */
static IrRef shift_by(SveIr *v, unsigned op, unsigned size, IrRef n, IrRef m)
{
    if (op == SHIFT_LSL || op == SHIFT_LSR) {
        return op2(v, op == SHIFT_LSL ? IR_VSHL_EACH : IR_VSHR_EACH, size, n, m);
    }
    if (size == 2) {
        return op2(v, IR_VSAR_EACH, 2, n, m);
    }
    IrRef signs = simd_greater(v->s, 3, false, zeroes(v), n);
    return op2(v, IR_VXOR, 3, op2(v, IR_VSHR_EACH, 3, op2(v, IR_VXOR, 3, n, signs), m), signs);
}

bool svei_op_shift_vector(SveIr *v, const SveOperands *o)
{
    if (o->size < 2 || o->wide) {
        return false;
    }
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef d = svei_z(v, o->rd, k), m = svei_z(v, o->rm, k);
        r.at[k] = svei_blend(v, d, shift_by(v, o->op, o->size, o->reversed ? m : d, o->reversed ? d : m), svei_mask(v, o->pg, o->size, k));
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* tsz:imm tells the size and the places. */
static IrRef shift_by_imm(SveIr *v, const SveOperands *o, unsigned size, IrRef n)
{
    unsigned by = o->op == SHIFT_LSL ? o->tszimm - (8u << size) : (16u << size) - o->tszimm;
    if (o->op == SHIFT_LSL) {
        return by ? simd_shift_left(v->s, size, by, n) : n;
    }
    if (o->op == SHIFT_ASRD) {      /* towards 0 */
        unsigned bits = 8u << size;
        n = op2(v, IR_VADD, size, n, simd_shift_right(v->s, size, true, bits - by, simd_shift_right(v->s, size, false, bits - 1, n)));
    }
    return simd_shift_right(v->s, size, o->op == SHIFT_LSR, by, n);
}

static unsigned size_of_shift(const SveOperands *o) { return 31 - __builtin_clz(o->tszimm) - 3; }

bool svei_op_shift_imm(SveIr *v, const SveOperands *o)
{
    unsigned size = size_of_shift(o);
    if (o->op == SHIFT_ASRD && o->tszimm == 8 << size) {
        return false;       /* by all of the width */
    }
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef d = svei_z(v, o->rd, k);
        r.at[k] = svei_blend(v, d, shift_by_imm(v, o, size, d), svei_mask(v, o->pg, size, k));
    }
    svei_write(v, o->rd, &r);
    return true;
}

bool svei_op_shift_imm_all(SveIr *v, const SveOperands *o)
{
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        r.at[k] = shift_by_imm(v, o, size_of_shift(o), svei_z(v, o->rn, k));
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* ---- one operand ---- */

static IrRef unary(SveIr *v, SimdOp op, unsigned size, IrRef n)
{
    switch (op) {
    case OP_ABS: return simd_absolute(v->s, size, n);
    case OP_NEG: return op2(v, IR_VSUB, size, zeroes(v), n);
    case OP_NOT: return simd_not(v->s, n);
    case OP_CNT: return size == 0 ? simd_count_bits(v->s, n) : 0;
    default: return 0;
    }
}

static IrRef extended(SveIr *v, const SveOperands *o, IrRef n)
{
    unsigned by = (8u << o->size) - (8u << o->from);
    if (o->u) {
        return op2(v, IR_VAND, 3, n, simd_lanes(v->s, o->size, MAKE_MASK(0, 8u << o->from)));
    }
    return simd_shift_right(v->s, o->size, false, by, simd_shift_left(v->s, o->size, by, n));
}

/* Parts of 1 << from bytes within each lane, turned. */
static IrRef reversed_parts(SveIr *v, const SveOperands *o, IrRef n)
{
    uint8_t indices[16];
    unsigned turned = (1u << o->size) - (1u << o->from);
    for (unsigned i = 0; i < 16; i++) {
        indices[i] = i ^ turned;
    }
    return simd_shuffle(v->s, n, indices);
}

enum { ONE_UNARY, ONE_EXTEND, ONE_REVERSE, ONE_CNOT, ONE_MOVE };

static IrRef one_operand(SveIr *v, const SveOperands *o, unsigned kind, IrRef n)
{
    switch (kind) {
    case ONE_UNARY: return unary(v, o->op, o->size, n);
    case ONE_EXTEND: return extended(v, o, n);
    case ONE_REVERSE: return reversed_parts(v, o, n);
    case ONE_CNOT: return op2(v, IR_VAND, 3, op2(v, IR_VCMPEQ, o->size, n, zeroes(v)), simd_lanes(v->s, o->size, 1));
    default: return n;
    }
}

/* merges: lanes that are not active stay, else they are 0. */
static bool predicated(SveIr *v, const SveOperands *o, unsigned kind, bool merges)
{
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef x = one_operand(v, o, kind, svei_z(v, o->rn, k)), mask = x ? svei_mask(v, o->pg, o->size, k) : 0;
        if (!x) {
            return false;
        }
        r.at[k] = merges ? svei_blend(v, svei_z(v, o->rd, k), x, mask) : svei_and(v, x, mask);
    }
    svei_write(v, o->rd, &r);
    return true;
}

bool svei_op_unary(SveIr *v, const SveOperands *o) { return predicated(v, o, ONE_UNARY, true); }
bool svei_op_extend(SveIr *v, const SveOperands *o) { return predicated(v, o, ONE_EXTEND, true); }
bool svei_op_reverse(SveIr *v, const SveOperands *o) { return predicated(v, o, ONE_REVERSE, true); }
bool svei_op_cnot(SveIr *v, const SveOperands *o) { return predicated(v, o, ONE_CNOT, true); }
bool svei_op_movprfx(SveIr *v, const SveOperands *o) { return predicated(v, o, ONE_MOVE, o->m); }

/* ---- immediates ---- */

bool svei_op_arith_imm(SveIr *v, const SveOperands *o)
{
    SveValue r;
    uint64_t value = (uint64_t)o->imm8 << (o->sh ? 8 : 0);
    if ((o->op == OP_QADD || o->op == OP_QSUB) && !o->u && value >> ((8u << o->size) - 1)) {
        return false;       /* no lane holds it with a sign */
    }
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef d = svei_z(v, o->rd, k), imm = simd_lanes(v->s, o->size, value);
        r.at[k] = svei_three(v, o->op, o->size, o->u, 0, o->reversed ? imm : d, o->reversed ? d : imm);
        if (!r.at[k]) {
            return false;
        }
    }
    svei_write(v, o->rd, &r);
    return true;
}

bool svei_op_min_max_imm(SveIr *v, const SveOperands *o)
{
    SveValue r;
    uint64_t imm = o->u ? (uint64_t)(o->simm8 & 0xff) : (uint64_t)(int64_t)o->simm8;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        r.at[k] = svei_three(v, o->op, o->size, o->u, 0, svei_z(v, o->rd, k), simd_lanes(v->s, o->size, imm));
    }
    svei_write(v, o->rd, &r);
    return true;
}

bool svei_op_bitwise_imm(SveIr *v, const SveOperands *o)
{
    SveValue r;
    uint64_t mask = 0;
    sve_bit_mask(o->imm13, &mask);
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef imm = simd_const(v->s, mask);
        r.at[k] = o->only ? imm : svei_three(v, o->op, 3, true, 0, svei_z(v, o->rd, k), imm);
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* ---- sequences, addresses, lengths ---- */

typedef struct Sequence { uint64_t base, step; } Sequence;
static uint64_t sequence_lane(unsigned lane, const void *opaque)
{
    const Sequence *s = opaque;
    return s->base + lane * s->step;
}

bool svei_op_index(SveIr *v, const SveOperands *o)
{
    IrRef base = o->base_register ? a64_x(v->s, o->rn) : svei_const(v, (uint64_t)arm_extend(o->imm5, 5, false));
    IrRef step = o->step_register ? a64_x(v->s, o->rm) : svei_const(v, (uint64_t)arm_extend(o->imm5b, 5, false));
    uint64_t known_step;
    bool fixed = ir_get_const(v->b, step, &known_step);
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        IrRef first = svei_splat(v, k, o->size, base), rest = svei_lanes(v, k, o->size, sequence_lane, &(Sequence){ 0, fixed ? known_step : 1 });
        rest = fixed ? rest : svei_three(v, OP_MUL, o->size, true, 0, rest, svei_splat(v, k, o->size, step));
        r.at[k] = op2(v, IR_VADD, o->size, first, rest);
    }
    svei_write(v, o->rd, &r);
    return true;
}

bool svei_op_adr(SveIr *v, const SveOperands *o)
{
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef offset = svei_z(v, o->rm, k);
        if (o->signed_offset) {
            offset = simd_shift_right(v->s, 3, false, 32, simd_shift_left(v->s, 3, 32, offset));
        } else if (o->unsigned_offset) {
            offset = op2(v, IR_VAND, 3, offset, simd_const(v->s, UINT32_MAX));
        }
        r.at[k] = op2(v, IR_VADD, o->size, svei_z(v, o->rn, k), o->msz ? simd_shift_left(v->s, o->size, o->msz, offset) : offset);
    }
    svei_write(v, o->rd, &r);
    return true;
}

bool svei_op_add_length(SveIr *v, const SveOperands *o)
{
    IrRef add = svei_const(v, (uint64_t)((int64_t)o->imm * (int64_t)(o->predicate ? v->vl / 8 : v->vl)));
    if (o->nothing) {
        a64_set_x(v->s, o->rd, add);
    } else {
        a64_set_sp(v->s, o->rd, svei_op(v, IR_ADD, a64_sp(v->s, o->rn), add));
    }
    return true;
}

/* ---- comparison ---- */

/* The lanes where it holds, or (*inverted) where it does not. */
static IrRef compared(SveIr *v, unsigned op, unsigned size, bool u, IrRef n, IrRef m, bool *inverted)
{
    *inverted = op == COMPARE_NE || op == COMPARE_GE || op == COMPARE_LE;
    switch (op) {
    case COMPARE_EQ: case COMPARE_NE: return op2(v, IR_VCMPEQ, size, n, m);
    case COMPARE_GT: case COMPARE_LE: return simd_greater(v->s, size, u, n, m);
    default: return simd_greater(v->s, size, u, m, n);
    }
}

static bool compare(SveIr *v, const SveOperands *o, bool immediate)
{
    IrRef g[SVEI_MAX_WORDS], r[SVEI_MAX_WORDS];
    bool inverted = false;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        IrRef m = immediate ? simd_lanes(v->s, o->size, o->u ? (uint64_t)o->imm7 : (uint64_t)(int64_t)o->simm5) : svei_z(v, o->rm, k);
        IrRef bits = svei_bits_of(v, k, compared(v, o->op, o->size, o->u, svei_z(v, o->rn, k), m, &inverted));
        r[k / 2] = k & 1 ? svei_op(v, IR_OR, r[k / 2], bits) : bits;
    }
    for (unsigned w = 0; w < v->words; w++) {
        g[w] = svei_op(v, IR_AND, svei_p(v, o->pg, w), svei_const(v, svei_element_bits(v, o->size, w)));
        r[w] = svei_op(v, inverted ? IR_ANDN : IR_AND, g[w], r[w]);
    }
    svei_test(v, g, r, o->size);
    for (unsigned w = 0; w < v->words; w++) {
        svei_set_p(v, o->pd, w, r[w]);
    }
    return true;
}

bool svei_op_compare(SveIr *v, const SveOperands *o) { return !o->wide && compare(v, o, false); }
bool svei_op_compare_imm(SveIr *v, const SveOperands *o) { return compare(v, o, true); }

/* ---- reductions ---- */

/* All lanes of a piece's sum, as two of 64 bits. */
static IrRef wide_sums(SveIr *v, unsigned size, IrRef x)
{
    if (size == 0) {
        return op2(v, IR_VSAD_U8, 0, x, zeroes(v));
    }
    for (; size < 3; size++) {
        unsigned bits = 8u << size;
        IrRef low = op2(v, IR_VAND, 3, x, simd_lanes(v->s, size + 1, MAKE_MASK(0, bits)));
        x = op2(v, IR_VADD, size + 1, low, simd_imm1(v->s, IR_VSHR_IMM, size + 1, bits, x));
    }
    return x;
}

/* Of pieces to one quad. */
static IrRef joined(SveIr *v, const SveValue *x, IrRef (*join)(SveIr *v, const SveOperands *o, IrRef a, IrRef b), const SveOperands *o)
{
    IrRef all = x->at[0], last = 0;
    for (unsigned k = 1; k < v->pieces; k++) {
        svei_piece(v, k);
        if (svei_type(v, k) == IR_V128) {
            last = x->at[k];
        } else {
            all = join(v, o, all, x->at[k]);
        }
    }
    bool halves = svei_type(v, 0) == IR_V256;
    v->s->vector = IR_V128;
    all = halves ? join(v, o, ir_op1(v->b, IR_VLOW, IR_V128, all), ir_op1(v->b, IR_VHIGH, IR_V128, all)) : all;
    return last ? join(v, o, all, last) : all;
}

static IrRef add64(SveIr *v, const SveOperands *o, IrRef a, IrRef b) { return op2(v, IR_VADD, 3, a, b); }
static IrRef by_op(SveIr *v, const SveOperands *o, IrRef a, IrRef b) { return svei_three(v, o->op, o->size, o->u, 0, a, b); }

bool svei_op_add_across(SveIr *v, const SveOperands *o)
{
    if (!o->u && o->size != 3) {
        return false;
    }
    SveValue sums;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        sums.at[k] = wide_sums(v, o->size, svei_and(v, svei_z(v, o->rn, k), svei_mask(v, o->pg, o->size, k)));
    }
    IrRef quad = joined(v, &sums, add64, o);
    quad = op2(v, IR_VADD, 3, quad, simd_imm1(v->s, IR_VSHR_BYTES, 0, 8, quad));
    svei_write_scalar(v, o->rd, ir_op1(v->b, IR_VTO_INT, IR_I64, quad));
    return true;
}

/* What lanes that are not active count as. */
static uint64_t identity(const SveOperands *o)
{
    uint64_t ones = MAKE_MASK(0, 8u << o->size), top = ones & ~(ones >> 1);
    return o->op == OP_MAX ? (o->u ? 0 : top) : o->op == OP_MIN ? (o->u ? ones : ones >> 1) : o->op == OP_AND ? ones : 0;
}

bool svei_op_reduce(SveIr *v, const SveOperands *o)
{
    SveValue x;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        x.at[k] = svei_blend(v, simd_lanes(v->s, o->size, identity(o)), svei_z(v, o->rn, k), svei_mask(v, o->pg, o->size, k));
    }
    IrRef quad = joined(v, &x, by_op, o);
    for (unsigned bytes = 8; bytes >= 1u << o->size; bytes /= 2) {
        quad = by_op(v, o, quad, simd_imm1(v->s, IR_VSHR_BYTES, 0, bytes, quad));
    }
    svei_write_scalar(v, o->rd, ir_emit(v->b, IR_VEXTRACT, o->size == 3 ? IR_I64 : IR_I32, o->size, 0, quad, 0, 0));
    return true;
}
