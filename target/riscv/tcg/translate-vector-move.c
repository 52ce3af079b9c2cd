/*
 * Vector moves in IR: between registers, merges, slides, gathers by bytes, reductions; masks and their logic.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 30.11.15, 30.14 to 30.16.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/translate-vector.h"

/* ---- whole groups ---- */

/* VMV.V, VMERGE. */
static bool merge(RvVector *v)
{
    if (!rvv_aligned(v->vd, v->lmul) || (rvv_is_vector(v) && !rvv_aligned(v->vs1, v->lmul)) || (v->masked ? v->vd == 0 || !rvv_aligned(v->vs2, v->lmul) : v->vs2 != 0)) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        results.at[k] = rvv_second(v, k);
        if (v->masked) {
            /* Lanes behind vl do not matter here. */
            IrRef mask = rvv_active(v, k, v->sew);
            results.at[k] = rvv_blend(v, rvv_read(v, v->vs2 + k), results.at[k], mask);
        }
    }
    v->masked = false;      /* all elements are written */
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

/* VMV1R to VMV8R. */
static bool move_whole(RvVector *v)
{
    unsigned count = v->vs1 + 1;
    if (v->masked || v->vs1 > 7 || !IS_POWER_OF_2(count) || (v->vd & (count - 1)) || (v->vs2 & (count - 1))) {
        return false;
    }
    RvGroup values;
    for (unsigned k = 0; k < count; k++) {
        values.at[k] = rvv_read(v, v->vs2 + k);
    }
    v->vl_max = true;
    v->vlmax = count * VREG_BYTES >> v->sew;
    rvv_write(v, v->sew, __builtin_ctz(count), &values);
    return true;
}

/* ---- the first element ---- */

static IrRef first_lane(RvVector *v, unsigned sew, IrRef vector) { return ir_emit(v->b, IR_VEXTRACT, sew == 3 ? IR_I64 : IR_I32, sew, 0, vector, 0, 0); }

static void to_register(RvVector *v)
{
    rv_set_x(v->s, v->vd, ir_sext(v->b, IR_I64, v->sew, first_lane(v, v->sew, rvv_read(v, v->vs2))));
}

/* The lane is written where vl is not 0. */
static void write_first(RvVector *v, IrRef integer)
{
    IrRef old = rvv_read(v, v->vd), body = v->vl_max ? 0 : rvv_body(v, 0, v->sew);
    IrRef value = ir_emit(v->b, IR_VINSERT, IR_V128, v->sew, 0, old, v->sew == 3 ? ir_zext(v->b, IR_I64, 3, integer) : ir_trunc(v->b, integer), 0);
    RvGroup one = { { body ? rvv_blend(v, old, value, body) : value } };
    v->vl_max = true;
    v->vlmax = VREG_BYTES >> v->sew;
    rvv_write(v, v->sew, 0, &one);
}

/* VMV.X.S, VCPOP.M, VFIRST.M. */
static bool scalar_result(RvVector *v)
{
    RvBits active;
    if (v->vs1 == 0) {
        if (v->masked) {
            return false;
        }
        to_register(v);
        return true;
    }
    if ((v->vs1 != 16 && v->vs1 != 17) || v->vlmax > 64 || !rvv_active_bits(v, false, &active)) {
        return false;
    }
    IrRef bits = ir_op2(v->b, IR_AND, IR_I64, ir_emit(v->b, IR_VEXTRACT, IR_I64, 3, 0, rvv_read(v, v->vs2), 0, 0), active.lo), result;
    if (v->vs1 == 16) {
        result = ir_op1(v->b, IR_POPCNT, IR_I64, bits);
    } else {
        IrRef none = ir_setcc(v->b, IR_CC_EQ, bits, rv_i64(v->s, 0));
        result = ir_op3(v->b, IR_SELECT, IR_I64, none, rv_i64(v->s, VONES), ir_op1(v->b, IR_CTZ, IR_I64, bits));
    }
    rv_set_x(v->s, v->vd, result);
    return true;
}

/* ---- reductions ---- */

/* What does not change a result. */
static uint64_t identity(unsigned funct6, unsigned bits)
{
    static const uint64_t others[8] = { [1] = VONES, [4] = VONES };
    return funct6 == 5 ? MAKE_MASK(0, bits - 1) : funct6 == 7 ? BIT(bits - 1) : others[funct6];
}

/* funct6 of the OPIVV that does it on two lanes. */
static unsigned reduction_op(unsigned funct6)
{
    static const uint8_t ops[8] = { 0x00, 0x09, 0x0a, 0x0b, 0x04, 0x05, 0x06, 0x07 };
    return ops[funct6];
}

static bool reduce(RvVector *v)
{
    unsigned op = reduction_op(v->funct6);
    if (!v->vl_max || !rvv_aligned(v->vs2, v->lmul)) {
        return false;
    }
    IrRef neutral = rvv_splat_const(v, v->sew, identity(v->funct6, 8u << v->sew)), sum = 0;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        IrRef active = rvv_active(v, k, v->sew), a = rvv_read(v, v->vs2 + k);
        a = active ? rvv_blend(v, neutral, a, active) : a;
        sum = sum ? rvv_simple(v, op, v->sew, sum, a) : a;
    }
    for (unsigned half = VREG_BYTES / 2; half >= 1u << v->sew; half /= 2) {
        sum = rvv_simple(v, op, v->sew, sum, rvv_imm(v, IR_VSHR_BYTES, 0, half, sum, 0));
    }
    sum = rvv_simple(v, op, v->sew, sum, rvv_read(v, v->vs1));
    v->masked = false;
    write_first(v, first_lane(v, v->sew, sum));
    return true;
}

/* ---- slides ---- */

/* 16 bytes from so many bytes on in the group at reg, whose registers there are n; behind it zeroes (the value, where there is one). */
static IrRef from_group(RvVector *v, unsigned reg, unsigned n, int byte, IrRef behind)
{
    IrRef zero = ir_const_v128(v->b, 0, 0);
    int at = byte >= 0 ? byte / VREG_BYTES : -((VREG_BYTES - 1 - byte) / VREG_BYTES), within = byte - at * VREG_BYTES;
    IrRef low = at < 0 ? zero : at >= (int)n ? behind : rvv_read(v, reg + (unsigned)at);
    if (!within) {
        return low;
    }
    IrRef high = at + 1 < 0 ? zero : at + 1 >= (int)n ? behind : rvv_read(v, reg + (unsigned)at + 1);
    return rvv_imm(v, IR_VALIGNR, 0, (unsigned)within, high, low);
}

static bool slide_ok(const RvVector *v, bool up)
{
    return rvv_dest_ok(v, v->lmul) && rvv_aligned(v->vs2, v->lmul) && !(up && !rvv_apart(v->vd, v->lmul, v->vs2, v->lmul));
}

/* By an immediate. */
static bool slide_down(RvVector *v)
{
    unsigned by = v->vs1, n = rvv_regs(v->lmul);
    /* (A group of less than a register: elements behind VLMAX would come in.) */
    if (v->funct3 != 3 || v->lmul < 0 || !slide_ok(v, false)) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < n; k++) {
        uint64_t byte = (uint64_t)k * VREG_BYTES + ((uint64_t)by << v->sew);
        results.at[k] = from_group(v, v->vs2, n, (int)byte, ir_const_v128(v->b, 0, 0));
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

/* Elements below the offset stay. */
static bool slide_up(RvVector *v)
{
    unsigned by = v->vs1 << v->sew, n = rvv_regs(v->lmul);
    if (v->funct3 != 3 || !slide_ok(v, true)) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < n; k++) {
        int byte = (int)(k * VREG_BYTES) - (int)by;
        IrRef moved = from_group(v, v->vs2, n, byte, ir_const_v128(v->b, 0, 0));
        unsigned keep = byte >= 0 ? 0 : MIN((unsigned)-byte, VREG_BYTES);
        if (keep) {
            uint64_t low = keep >= 8 ? 0 : VONES << 8 * keep, high = keep <= 8 ? VONES : keep == 16 ? 0 : VONES << 8 * (keep - 8);
            moved = rvv_blend(v, rvv_read(v, v->vd + k), moved, ir_const_v128(v->b, low, high));
        }
        results.at[k] = moved;
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

/* By one, with a scalar at the end that is free; value: it in every lane. */
static bool slide_one(RvVector *v, bool up)
{
    unsigned n = rvv_regs(v->lmul), lane = 1u << v->sew;
    if (!slide_ok(v, up) || (!up && (!v->vl_max || v->lmul < 0))) {
        return false;
    }
    IrRef value = rvv_splat(v, v->sew, rv_x(v->s, v->vs1));
    RvGroup results;
    for (unsigned k = 0; k < n; k++) {
        IrRef self = rvv_read(v, v->vs2 + k);
        IrRef neighbour = up ? (k ? rvv_read(v, v->vs2 + k - 1) : value) : k + 1 < n ? rvv_read(v, v->vs2 + k + 1) : value;
        results.at[k] = up ? rvv_imm(v, IR_VALIGNR, 0, VREG_BYTES - lane, self, neighbour) : rvv_imm(v, IR_VALIGNR, 0, lane, neighbour, self);
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

/* ---- gathers ---- */

/* Bytes of one register by the bytes of another: an index beyond 15 gives 0. */
static bool gather_bytes(RvVector *v)
{
    if (v->sew || v->lmul || !rvv_dest_ok(v, 0) || v->vd == v->vs2 || v->vd == v->vs1) {
        return false;
    }
    IrRef index = rvv_op(v, IR_VADDS_U, 0, rvv_read(v, v->vs1), rvv_splat_const(v, 0, 0x70));
    RvGroup result = { { rvv_op(v, IR_VTABLE8, 0, rvv_read(v, v->vs2), index) } };
    rvv_write(v, 0, 0, &result);
    return true;
}

/* One element to all, by an immediate. */
static bool gather_one(RvVector *v)
{
    unsigned lanes = VREG_BYTES >> v->sew;
    if (!slide_ok(v, true)) {
        return false;
    }
    IrRef value = v->vs1 < v->vlmax ? rvv_splat(v, v->sew, ir_emit(v->b, IR_VEXTRACT, v->sew == 3 ? IR_I64 : IR_I32, v->sew, v->vs1 % lanes,
                                                                   rvv_read(v, v->vs2 + v->vs1 / lanes), 0, 0)) : ir_const_v128(v->b, 0, 0);
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        results.at[k] = value;
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

/* ---- masks ---- */

static IrRef logic(RvVector *v, unsigned kind, IrRef a, IrRef b)
{
    switch (kind) {
    case 0: return rvv_op(v, IR_VANDN, 3, b, a);
    case 1: return rvv_op(v, IR_VAND, 3, a, b);
    case 2: return rvv_op(v, IR_VOR, 3, a, b);
    case 3: return rvv_op(v, IR_VXOR, 3, a, b);
    case 4: return rvv_op(v, IR_VOR, 3, a, rvv_not(v, b));
    case 5: return rvv_not(v, rvv_op(v, IR_VAND, 3, a, b));
    case 6: return rvv_not(v, rvv_op(v, IR_VOR, 3, a, b));
    default: return rvv_not(v, rvv_op(v, IR_VXOR, 3, a, b));
    }
}

static RvBits bits_of(RvVector *v, IrRef vector)
{
    return (RvBits){ ir_emit(v->b, IR_VEXTRACT, IR_I64, 3, 0, vector, 0, 0), ir_emit(v->b, IR_VEXTRACT, IR_I64, 3, 1, vector, 0, 0) };
}

static bool mask_logic(RvVector *v)
{
    return !v->masked && rvv_write_mask(v, bits_of(v, logic(v, v->funct6 & 7, rvv_read(v, v->vs2), rvv_read(v, v->vs1))));
}

/* VMSBF, VMSIF, VMSOF: up to the first bit that is set. */
static bool mask_first(RvVector *v)
{
    RvBits active;
    if (v->vs1 < 1 || v->vs1 > 3 || v->vd == v->vs2 || (v->masked && v->vd == 0) || v->vlmax > 64 || !rvv_active_bits(v, false, &active)) {
        return false;
    }
    IrRef bits = ir_op2(v->b, IR_AND, IR_I64, bits_of(v, rvv_read(v, v->vs2)).lo, active.lo), less = ir_op2(v->b, IR_SUB, IR_I64, bits, rv_i64(v->s, 1));
    /* Below the lowest bit; that too; that alone. */
    IrRef result = v->vs1 == 1 ? ir_op2(v->b, IR_ANDN, IR_I64, less, bits) : v->vs1 == 3 ? ir_op2(v->b, IR_XOR, IR_I64, bits, less)
        : ir_op2(v->b, IR_ANDN, IR_I64, bits, less);
    return rvv_write_mask(v, (RvBits){ result, rv_i64(v->s, 0) });
}

/* VID. */
static bool count_up(RvVector *v)
{
    if (v->vs1 != 17 || v->vs2 || !rvv_dest_ok(v, v->lmul)) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        results.at[k] = rvv_numbers(v, k);
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

/* ---- which it is ---- */

static bool opi_move(RvVector *v)
{
    switch (v->funct6) {
    case 0x0c: return v->funct3 == 0 ? gather_bytes(v) : v->funct3 == 3 && gather_one(v);
    case 0x0e: return slide_up(v);
    case 0x0f: return slide_down(v);
    case 0x17: return merge(v);
    case 0x27: return v->funct3 == 3 && move_whole(v);
    default: return false;
    }
}

static bool from_register(RvVector *v)
{
    if (v->masked || v->vs2) {
        return false;
    }
    write_first(v, rv_x(v->s, v->vs1));
    return true;
}

bool rvv_move(RvVector *v)
{
    if (v->funct3 != 2 && v->funct3 != 6) {
        return opi_move(v);
    }
    bool vector = v->funct3 == 2;
    switch (v->funct6) {
    case 0x00: case 0x01: case 0x02: case 0x03: case 0x04: case 0x05: case 0x06: case 0x07: return vector && reduce(v);
    case 0x0e: case 0x0f: return !vector && slide_one(v, v->funct6 == 0x0e);
    case 0x10: return vector ? scalar_result(v) : from_register(v);
    case 0x14: return vector && (v->vs1 >= 16 ? count_up(v) : mask_first(v));
    case 0x18: case 0x19: case 0x1a: case 0x1b: case 0x1c: case 0x1d: case 0x1e: case 0x1f: return vector && mask_logic(v);
    default: return false;
    }
}
