/*
 * SVE in IR: copies and permutations of lanes.
 *
 * DDI 0487, C8.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-sve.h"

/* ---- copies ---- */

/* The same lane everywhere, or only in the active ones, the others as they are (merges) or 0. */
static bool fill(SveIr *v, unsigned rd, unsigned size, IrRef value)
{
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        r.at[k] = svei_splat(v, k, size, value);
    }
    svei_write(v, rd, &r);
    return true;
}

static bool fill_active(SveIr *v, const SveOperands *o, IrRef value, bool merges)
{
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        IrRef x = svei_splat(v, k, o->size, value), mask = svei_mask(v, o->pg, o->size, k);
        r.at[k] = merges ? svei_blend(v, svei_z(v, o->rd, k), x, mask) : svei_and(v, x, mask);
    }
    svei_write(v, o->rd, &r);
    return true;
}

static IrRef first_lane(SveIr *v, unsigned n, unsigned size)
{
    IrRef lane = ir_emit(v->b, IR_VEXTRACT, size == 3 ? IR_I64 : IR_I32, size, 0, svei_quad(v, n, 0), 0, 0);
    return size == 3 ? lane : ir_zext(v->b, IR_I64, 2, lane);
}

static uint64_t wide_imm(const SveOperands *o) { return (uint64_t)(int64_t)o->simm8 << (o->sh ? 8 : 0); }

bool svei_op_dup_imm(SveIr *v, const SveOperands *o) { return fill(v, o->rd, o->size, svei_const(v, wide_imm(o))); }
bool svei_op_dup_float(SveIr *v, const SveOperands *o) { return fill(v, o->rd, o->size, svei_const(v, arm_float_immediate(o->size, o->imm8))); }
bool svei_op_dup_register(SveIr *v, const SveOperands *o) { return fill(v, o->rd, o->size, a64_sp(v->s, o->rn)); }
bool svei_op_copy_imm(SveIr *v, const SveOperands *o) { return fill_active(v, o, svei_const(v, wide_imm(o)), o->m); }
bool svei_op_copy_float(SveIr *v, const SveOperands *o) { return fill_active(v, o, svei_const(v, arm_float_immediate(o->size, o->imm8)), true); }
bool svei_op_copy_register(SveIr *v, const SveOperands *o) { return fill_active(v, o, o->vector ? first_lane(v, o->rn, o->size) : a64_sp(v->s, o->rn), true); }

bool svei_op_dup_indexed(SveIr *v, const SveOperands *o)
{
    unsigned word = o->imm2 << 5 | o->tsz, size = __builtin_ctz(word), index = word >> (size + 1), at = index << size;
    if (size == 4) {
        return false;
    }
    if (at >= v->vl) {
        return fill(v, o->rd, 3, svei_const(v, 0));
    }
    IrRef lane = ir_emit(v->b, IR_VEXTRACT, size == 3 ? IR_I64 : IR_I32, size, at % 16 >> size, svei_quad(v, o->rn, at / 16), 0, 0);
    return fill(v, o->rd, size, size == 3 ? lane : ir_zext(v->b, IR_I64, 2, lane));
}

bool svei_op_move_all(SveIr *v, const SveOperands *o)
{
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_set_z(v, o->rd, k, svei_z(v, o->rn, k));
    }
    return true;
}

bool svei_op_sel(SveIr *v, const SveOperands *o)
{
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        r.at[k] = svei_blend(v, svei_z(v, o->rm, k), svei_z(v, o->rn, k), svei_mask(v, o->pg, o->size, k));
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* ---- by quads ---- */

static IrRef quad_op(SveIr *v, IrOp op, unsigned size, unsigned imm, IrRef a, IrRef b) { return ir_emit(v->b, op, IR_V128, size, imm, a, b, 0); }
/* 16 bytes from byte `by` of low on, high behind it. */
static IrRef across(SveIr *v, IrRef low, IrRef high, unsigned by) { return by ? quad_op(v, IR_VALIGNR, 0, by, high, low) : low; }

bool svei_op_insr(SveIr *v, const SveOperands *o)
{
    unsigned quads = v->vl / 16, bytes = 1u << o->size;
    IrRef r[SVEI_MAX_QUADS], value = o->vector ? first_lane(v, o->rn, o->size) : a64_x(v->s, o->rn);
    for (unsigned j = 0; j < quads; j++) {
        IrRef quad = svei_quad(v, o->rd, j);
        r[j] = j ? across(v, svei_quad(v, o->rd, j - 1), quad, 16 - bytes) : quad_op(v, IR_VSHL_BYTES, 0, bytes, quad, 0);
    }
    r[0] = quad_op(v, IR_VINSERT, o->size, 0, r[0], o->size == 3 ? value : ir_trunc(v->b, value));
    svei_write_quads(v, o->rd, r);
    return true;
}

bool svei_op_ext(SveIr *v, const SveOperands *o)
{
    unsigned quads = v->vl / 16, from = (unsigned)o->imm8 < v->vl ? o->imm8 : 0;
    IrRef all[2 * SVEI_MAX_QUADS], r[SVEI_MAX_QUADS];
    for (unsigned j = 0; j < quads; j++) {
        all[j] = svei_quad(v, o->rd, j);
        all[quads + j] = svei_quad(v, o->rn, j);
    }
    for (unsigned j = 0; j < quads; j++) {
        unsigned first = from / 16 + j;
        r[j] = across(v, all[first], all[MIN(first + 1, 2 * quads - 1)], from % 16);
    }
    svei_write_quads(v, o->rd, r);
    return true;
}

bool svei_op_reverse_all(SveIr *v, const SveOperands *o)
{
    unsigned quads = v->vl / 16;
    uint8_t indices[16];
    IrRef r[SVEI_MAX_QUADS];
    for (unsigned i = 0; i < 16; i++) {
        indices[i] = (15 - i) ^ ((1u << o->size) - 1);
    }
    v->s->vector = IR_V128;
    for (unsigned j = 0; j < quads; j++) {
        r[j] = simd_shuffle(v->s, svei_quad(v, o->rn, quads - 1 - j), indices);
    }
    svei_write_quads(v, o->rd, r);
    return true;
}

/* The half that is widened begins with a quad but where VL is an odd multiple of 128. */
bool svei_op_unpack(SveIr *v, const SveOperands *o)
{
    unsigned quads = v->vl / 16, half = o->size - 1;
    IrOp widen = o->u ? IR_VWIDEN_U : IR_VWIDEN_S;
    if (v->vl == 16) {
        IrRef n = svei_quad(v, o->rn, 0);
        svei_set_z(v, o->rd, 0, quad_op(v, widen, half, half + 1, o->h ? quad_op(v, IR_VSHR_BYTES, 0, 8, n, 0) : n, 0));
        return true;
    }
    if (quads & 1) {
        return false;
    }
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        r.at[k] = ir_emit(v->b, widen, IR_V256, half, half + 1, svei_quad(v, o->rn, k + (o->h ? quads / 2 : 0)), 0, 0);
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* ---- tables, where vectors are short enough ---- */

enum { TABLE_MAX_BYTES = 64 };

/* Indices of elements as those of their bytes; what is behind the vector stays so. */
static IrRef byte_indices(SveIr *v, unsigned size, IrRef indices)
{
    uint8_t low[16], place[16];
    uint64_t both[2];
    IrRef last = simd_lanes(v->s, size, v->vl >> size);
    if (size == 0) {
        return indices;
    }
    indices = size < 3 ? simd_op2(v->s, IR_VMIN_U, size, indices, last) : svei_blend(v, indices, last, simd_greater(v->s, 3, true, indices, last));
    indices = simd_shift_left(v->s, size, size, indices);
    for (unsigned i = 0; i < 16; i++) {
        low[i] = i & ~((1u << size) - 1);
        place[i] = i & ((1u << size) - 1);
    }
    memcpy(both, place, 16);
    return simd_op2(v->s, IR_VOR, 3, simd_shuffle(v->s, indices, low), ir_const_v128(v->b, both[0], both[1]));
}

bool svei_op_table(SveIr *v, const SveOperands *o)
{
    unsigned quads = v->vl / 16;
    IrRef r[TABLE_MAX_BYTES / 16];
    if (v->vl > TABLE_MAX_BYTES) {
        return false;
    }
    v->s->vector = IR_V128;
    for (unsigned j = 0; j < quads; j++) {
        IrRef indices = byte_indices(v, o->size, svei_quad(v, o->rm, j));
        r[j] = 0;
        for (unsigned i = 0; i < quads; i++) {
            /* An index counts for one quad when it is below 16; any other becomes one beyond 127. */
            IrRef own = i ? simd_op2(v->s, IR_VSUB, 0, indices, simd_lanes(v->s, 0, 16 * i)) : indices;
            IrRef part = simd_op2(v->s, IR_VTABLE8, 0, svei_quad(v, o->rn, i), simd_op2(v->s, IR_VADDS_U, 0, own, simd_lanes(v->s, 0, 0x70)));
            r[j] = i ? simd_op2(v->s, IR_VOR, 3, r[j], part) : part;
        }
    }
    svei_write_quads(v, o->rd, r);
    return true;
}

static void zip_quads(SveIr *v, const SveOperands *o, IrRef *r)
{
    unsigned quads = v->vl / 16;
    bool second = o->op == OP_ZIP2;
    for (unsigned j = 0; j < quads; j++) {
        unsigned half = j + (second ? quads : 0);
        r[j] = quad_op(v, half & 1 ? IR_VUNPACK_HI : IR_VUNPACK_LO, o->size, 0, svei_quad(v, o->rn, half / 2), svei_quad(v, o->rm, half / 2));
    }
}

static void unzip_quads(SveIr *v, const SveOperands *o, IrRef *r)
{
    unsigned quads = v->vl / 16;
    IrRef all[2 * SVEI_MAX_QUADS];
    for (unsigned j = 0; j < quads; j++) {
        all[j] = svei_quad(v, o->rn, j);
        all[quads + j] = svei_quad(v, o->rm, j);
    }
    for (unsigned j = 0; j < quads; j++) {
        r[j] = simd_unzip(v->s, o->size, o->op == OP_UZP2, true, all[2 * j], all[2 * j + 1]);
    }
}

bool svei_op_permute(SveIr *v, const SveOperands *o)
{
    IrRef r[SVEI_MAX_QUADS];
    SveValue pieces;
    if (o->size == 4) {
        return false;
    }
    switch (o->op) {
    case OP_ZIP1: case OP_ZIP2:
        zip_quads(v, o, r);
        break;
    case OP_UZP1: case OP_UZP2:
        unzip_quads(v, o, r);
        break;
    default:
        for (unsigned k = 0; k < v->pieces; k++) {
            svei_piece(v, k);
            pieces.at[k] = simd_transpose(v->s, o->size, o->op == OP_TRN2, svei_z(v, o->rn, k), svei_z(v, o->rm, k));
        }
        svei_write(v, o->rd, &pieces);
        return true;
    }
    svei_write_quads(v, o->rd, r);
    return true;
}
