/*
 * Vector integers in IR, lane by lane: arithmetic, shifts, comparison, multiplication, and the widening and narrowing forms.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 30.11.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/translate-vector.h"

/* ---- add, subtract, minima, logic ---- */

/* By lane: a where a is the greater one (less: the smaller one). */
static IrRef choose_wide(RvVector *v, IrRef a, IrRef b, bool is_signed, bool less)
{
    IrRef x = is_signed ? a : rvv_bias(v, 3, a), y = is_signed ? b : rvv_bias(v, 3, b);
    return rvv_blend(v, less ? a : b, less ? b : a, rvv_op(v, IR_VCMPGT_S, 3, x, y));
}

IrRef rvv_simple(RvVector *v, unsigned funct6, unsigned sew, IrRef a, IrRef b)
{
    static const IrOp extremes[4] = { IR_VMIN_U, IR_VMIN_S, IR_VMAX_U, IR_VMAX_S };
    switch (funct6) {
    case 0x00: return rvv_op(v, IR_VADD, sew, a, b);
    case 0x02: return rvv_op(v, IR_VSUB, sew, a, b);
    case 0x03: return rvv_op(v, IR_VSUB, sew, b, a);
    case 0x04: case 0x05: case 0x06: case 0x07:
        return sew == 3 ? choose_wide(v, a, b, funct6 & 1, funct6 < 6) : rvv_op(v, extremes[funct6 - 4], sew, a, b);
    case 0x09: return rvv_op(v, IR_VAND, 3, a, b);
    case 0x0a: return rvv_op(v, IR_VOR, 3, a, b);
    case 0x0b: return rvv_op(v, IR_VXOR, 3, a, b);
    default: return 0;
    }
}

/* ---- shifts ---- */

/* A logical right shift with the sign filled in: m is the sign bit shifted as far. */
static IrRef fill_sign(RvVector *v, unsigned sew, IrRef shifted, IrRef m) { return rvv_op(v, IR_VSUB, sew, rvv_op(v, IR_VXOR, 3, shifted, m), m); }

IrRef rvv_shift_all(RvVector *v, RvShift kind, unsigned sew, IrRef a, IrRef count)
{
    static const IrOp ops[3] = { IR_VSHL, IR_VSHR, IR_VSAR };
    IrRef by = ir_op1(v->b, IR_VFROM_INT, IR_V128, count), m;
    if (sew == 1 || sew == 2 || (sew == 3 && kind != SHIFT_ARITHMETIC)) {
        return rvv_op(v, ops[kind], sew, a, by);
    }
    if (sew == 3) {
        m = rvv_op(v, IR_VSHR, 3, rvv_splat_const(v, 3, BIT(63)), by);
        return fill_sign(v, 3, rvv_op(v, IR_VSHR, 3, a, by), m);
    }
    /* Bytes two at a time: what comes from the neighbour is cut off. */
    IrRef ones = ir_op2(v->b, kind == SHIFT_LEFT ? IR_SHL : IR_SHR, IR_I32, rv_i32(v->s, 0xff), count);
    IrRef shifted = rvv_op(v, IR_VAND, 3, rvv_op(v, kind == SHIFT_LEFT ? IR_VSHL : IR_VSHR, 1, a, by), rvv_splat(v, 0, ones));
    if (kind != SHIFT_ARITHMETIC) {
        return shifted;
    }
    return fill_sign(v, 0, shifted, rvv_splat(v, 0, ir_op2(v->b, IR_SHR, IR_I32, rv_i32(v->s, 0x80), count)));
}

IrRef rvv_shift_each(RvVector *v, RvShift kind, unsigned sew, IrRef a, IrRef count)
{
    static const IrOp ops[3] = { IR_VSHL_EACH, IR_VSHR_EACH, IR_VSAR_EACH };
    if (sew < 2) {
        return 0;
    }
    IrRef by = rvv_op(v, IR_VAND, 3, count, rvv_splat_const(v, sew, (8u << sew) - 1));
    if (sew == 2 || kind != SHIFT_ARITHMETIC) {
        return rvv_op(v, ops[kind], sew, a, by);
    }
    return fill_sign(v, 3, rvv_op(v, IR_VSHR_EACH, 3, a, by), rvv_op(v, IR_VSHR_EACH, 3, rvv_splat_const(v, 3, BIT(63)), by));
}

IrRef rvv_shift_count(RvVector *v, unsigned sew)
{
    IrRef mask = rv_i32(v->s, (8u << sew) - 1);
    return ir_op2(v->b, IR_AND, IR_I32, v->funct3 == 3 ? rv_i32(v->s, v->vs1) : rv_x32(v->s, v->vs1), mask);
}

static IrRef shift(RvVector *v, RvShift kind, unsigned k)
{
    IrRef a = rvv_read(v, v->vs2 + k);
    return rvv_is_vector(v) ? rvv_shift_each(v, kind, v->sew, a, rvv_read(v, v->vs1 + k)) : rvv_shift_all(v, kind, v->sew, a, rvv_shift_count(v, v->sew));
}

/* ---- multiplication ---- */

static IrRef multiply_bytes(RvVector *v, IrRef a, IrRef b)
{
    IrRef even = rvv_op(v, IR_VMUL, 1, a, b);
    IrRef odd = rvv_op(v, IR_VMUL, 1, rvv_imm(v, IR_VSHR_IMM, 1, 8, a, 0), rvv_imm(v, IR_VSHR_IMM, 1, 8, b, 0));
    return rvv_op(v, IR_VOR, 3, rvv_op(v, IR_VAND, 3, even, rvv_splat_const(v, 1, 0xff)), rvv_imm(v, IR_VSHL_IMM, 1, 8, odd, 0));
}

static IrRef multiply_wide(RvVector *v, IrRef a, IrRef b)
{
    IrRef cross = rvv_op(v, IR_VADD, 3, rvv_op(v, IR_VMULX_U, 2, rvv_imm(v, IR_VSHR_IMM, 3, 32, a, 0), b),
                         rvv_op(v, IR_VMULX_U, 2, a, rvv_imm(v, IR_VSHR_IMM, 3, 32, b, 0)));
    return rvv_op(v, IR_VADD, 3, rvv_op(v, IR_VMULX_U, 2, a, b), rvv_imm(v, IR_VSHL_IMM, 3, 32, cross, 0));
}

IrRef rvv_multiply(RvVector *v, unsigned sew, IrRef a, IrRef b)
{
    return sew == 0 ? multiply_bytes(v, a, b) : sew == 3 ? multiply_wide(v, a, b) : rvv_op(v, IR_VMUL, sew, a, b);
}

static IrRef multiply_high(RvVector *v, bool is_signed, IrRef a, IrRef b)
{
    if (v->sew == 1) {
        return rvv_op(v, is_signed ? IR_VMULHI_S : IR_VMULHI_U, 1, a, b);
    }
    if (v->sew != 2) {
        return 0;
    }
    IrOp op = is_signed ? IR_VMULX_S : IR_VMULX_U;
    IrRef even = rvv_op(v, op, 2, a, b), odd = rvv_op(v, op, 2, rvv_imm(v, IR_VSHR_IMM, 3, 32, a, 0), rvv_imm(v, IR_VSHR_IMM, 3, 32, b, 0));
    IrRef high = rvv_op(v, IR_VAND, 3, odd, rvv_splat_const(v, 3, VONES << 32));
    return rvv_op(v, IR_VOR, 3, rvv_imm(v, IR_VSHR_IMM, 3, 32, even, 0), high);
}

/* With the destination as third operand. */
static IrRef multiply_add(RvVector *v, unsigned k)
{
    IrRef a = rvv_read(v, v->vs2 + k), b = rvv_second(v, k), d = rvv_read(v, v->vd + k);
    switch (v->funct6) {
    case 0x29: return rvv_op(v, IR_VADD, v->sew, rvv_multiply(v, v->sew, b, d), a);
    case 0x2b: return rvv_op(v, IR_VSUB, v->sew, a, rvv_multiply(v, v->sew, b, d));
    case 0x2d: return rvv_op(v, IR_VADD, v->sew, rvv_multiply(v, v->sew, b, a), d);
    default: return rvv_op(v, IR_VSUB, v->sew, d, rvv_multiply(v, v->sew, b, a));
    }
}

/* ---- comparison ---- */

/* Whether a is greater, as a mask by lane. */
static IrRef greater(RvVector *v, bool is_signed, IrRef a, IrRef b)
{
    return rvv_op(v, IR_VCMPGT_S, v->sew, is_signed ? a : rvv_bias(v, v->sew, a), is_signed ? b : rvv_bias(v, v->sew, b));
}

static IrRef compare_lanes(RvVector *v, IrRef a, IrRef b)
{
    switch (v->funct6) {
    case 0x18: return rvv_op(v, IR_VCMPEQ, v->sew, a, b);
    case 0x19: return rvv_not(v, rvv_op(v, IR_VCMPEQ, v->sew, a, b));
    case 0x1a: case 0x1b: return greater(v, v->funct6 & 1, b, a);
    case 0x1c: case 0x1d: return rvv_not(v, greater(v, v->funct6 & 1, a, b));
    default: return greater(v, v->funct6 & 1, a, b);
    }
}

/* Which of the comparisons has the form: bits 0 to 2 VV, VX, VI. */
static bool compare(RvVector *v)
{
    static const uint8_t forms[8] = { 7, 7, 3, 3, 7, 7, 6, 6 };
    unsigned form = v->funct3 == 0 ? 1 : v->funct3 == 4 ? 2 : 4;
    RvGroup lanes;
    /* A destination within a source group is legal in its lowest register only, and its own source then. */
    bool apart = rvv_apart(v->vd, 0, v->vs2, v->lmul) || v->vd == v->vs2, apart1 = !rvv_is_vector(v) || rvv_apart(v->vd, 0, v->vs1, v->lmul) || v->vd == v->vs1;
    if (!(forms[v->funct6 & 7] & form) || !rvv_aligned(v->vs2, v->lmul) || (rvv_is_vector(v) && !rvv_aligned(v->vs1, v->lmul)) || !apart || !apart1) {
        return false;
    }
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        lanes.at[k] = compare_lanes(v, rvv_read(v, v->vs2 + k), rvv_second(v, k));
    }
    return rvv_write_mask(v, rvv_collect(v, v->sew, v->lmul, &lanes));
}

/* ---- one width ---- */

static IrRef opi_lanes(RvVector *v, unsigned k)
{
    static const uint8_t forms[12] = { [0x00] = 7, [0x02] = 3, [0x03] = 6, [0x04] = 3, [0x05] = 3, [0x06] = 3, [0x07] = 3, [0x09] = 7, [0x0a] = 7, [0x0b] = 7 };
    unsigned form = v->funct3 == 0 ? 1 : v->funct3 == 4 ? 2 : 4;
    if (v->funct6 < G_N_ELEMENTS(forms)) {
        return forms[v->funct6] & form ? rvv_simple(v, v->funct6, v->sew, rvv_read(v, v->vs2 + k), rvv_second(v, k)) : 0;
    }
    return v->funct6 == 0x25 ? shift(v, SHIFT_LEFT, k) : v->funct6 == 0x28 ? shift(v, SHIFT_RIGHT, k) : v->funct6 == 0x29 ? shift(v, SHIFT_ARITHMETIC, k) : 0;
}

static IrRef opm_lanes(RvVector *v, unsigned k)
{
    switch (v->funct6) {
    case 0x24: return multiply_high(v, false, rvv_read(v, v->vs2 + k), rvv_second(v, k));
    case 0x25: return rvv_multiply(v, v->sew, rvv_read(v, v->vs2 + k), rvv_second(v, k));
    case 0x27: return multiply_high(v, true, rvv_read(v, v->vs2 + k), rvv_second(v, k));
    case 0x29: case 0x2b: case 0x2d: case 0x2f: return multiply_add(v, k);
    default: return 0;
    }
}

bool rvv_integer(RvVector *v)
{
    bool opm = v->funct3 == 2 || v->funct3 == 6;
    RvGroup results;
    if (!opm && v->funct6 >= 0x18 && v->funct6 < 0x20) {
        return compare(v);
    }
    if (!rvv_dest_ok(v, v->lmul) || !rvv_aligned(v->vs2, v->lmul) || (rvv_is_vector(v) && !rvv_aligned(v->vs1, v->lmul))) {
        return false;
    }
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        results.at[k] = opm ? opm_lanes(v, k) : opi_lanes(v, k);
        if (!results.at[k]) {
            return false;
        }
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

/* ---- two widths ---- */

IrRef rvv_widened(RvVector *v, unsigned reg, unsigned k, unsigned from_sew, unsigned steps, bool is_signed)
{
    unsigned offset = (k * VREG_BYTES) >> steps;
    IrRef source = rvv_read(v, reg + offset / VREG_BYTES);
    if (offset % VREG_BYTES) {
        source = rvv_imm(v, IR_VSHR_BYTES, 0, offset % VREG_BYTES, source, 0);
    }
    return rvv_imm(v, is_signed ? IR_VWIDEN_S : IR_VWIDEN_U, from_sew, from_sew + steps, source, 0);
}

static IrRef widened_scalar(RvVector *v, bool is_signed)
{
    IrRef x = rv_x(v->s, v->vs1);
    return rvv_splat(v, v->sew + 1, is_signed ? ir_sext(v->b, IR_I64, v->sew, x) : ir_zext(v->b, IR_I64, v->sew, x));
}

/* Operands that are widened already; 64-bit lanes have 32 bits each. */
static IrRef multiply_widened(RvVector *v, bool is_signed, IrRef a, IrRef b)
{
    return v->sew == 2 ? rvv_op(v, is_signed ? IR_VMULX_S : IR_VMULX_U, 2, a, b) : rvv_op(v, IR_VMUL, v->sew + 1, a, b);
}

/* What the widening instructions of OPMVV and OPMVX do. */
typedef struct Widening { bool known, multiplies, accumulates, subtracts, wide_source, signed_a, signed_b; } Widening;

static Widening widening_of(unsigned funct6)
{
    switch (funct6) {
    case 0x30: case 0x31: case 0x32: case 0x33: case 0x34: case 0x35: case 0x36: case 0x37:
        return (Widening){ .known = true, .subtracts = funct6 & 2, .wide_source = funct6 & 4, .signed_a = funct6 & 1, .signed_b = funct6 & 1 };
    case 0x38: case 0x3b:
        return (Widening){ .known = true, .multiplies = true, .signed_a = funct6 & 1, .signed_b = funct6 & 1 };
    case 0x3a:
        return (Widening){ .known = true, .multiplies = true, .signed_a = true };
    case 0x3c: case 0x3d:
        return (Widening){ .known = true, .multiplies = true, .accumulates = true, .signed_a = funct6 & 1, .signed_b = funct6 & 1 };
    default:
        return (Widening){ 0 };
    }
}

bool rvv_source_under_ok(const RvVector *v, int dest_emul, unsigned source, int source_emul)
{
    return rvv_apart(v->vd, dest_emul, source, source_emul)
        || (source_emul >= 0 && v->vd + rvv_regs(dest_emul) == source + rvv_regs(source_emul));
}

static bool widen(RvVector *v)
{
    Widening w = widening_of(v->funct6);
    int emul = v->lmul + 1;
    if (!w.known || v->sew == 3 || emul > 3 || !rvv_dest_ok(v, emul) || !rvv_aligned(v->vs2, w.wide_source ? emul : v->lmul)
        || (!w.wide_source && !rvv_source_under_ok(v, emul, v->vs2, v->lmul)) || (w.multiplies && v->sew == 2 && w.signed_a != w.signed_b)
        || (rvv_is_vector(v) && (!rvv_aligned(v->vs1, v->lmul) || !rvv_source_under_ok(v, emul, v->vs1, v->lmul)))) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(emul); k++) {
        IrRef a = w.wide_source ? rvv_read(v, v->vs2 + k) : rvv_widened(v, v->vs2, k, v->sew, 1, w.signed_a);
        IrRef b = rvv_is_vector(v) ? rvv_widened(v, v->vs1, k, v->sew, 1, w.signed_b) : widened_scalar(v, w.signed_b);
        IrRef r = w.multiplies ? multiply_widened(v, w.signed_a, a, b) : rvv_op(v, w.subtracts ? IR_VSUB : IR_VADD, v->sew + 1, a, b);
        results.at[k] = w.accumulates ? rvv_op(v, IR_VADD, v->sew + 1, r, rvv_read(v, v->vd + k)) : r;
    }
    rvv_write(v, v->sew + 1, emul, &results);
    return true;
}

/* VZEXT and VSEXT by 2, 4, 8. */
static bool extend(RvVector *v)
{
    unsigned steps = v->vs1 <= 3 ? 3 : v->vs1 <= 5 ? 2 : 1;
    int from_lmul = v->lmul - (int)steps;
    if (v->vs1 < 2 || v->vs1 > 7 || steps > v->sew || from_lmul < -3 || !rvv_dest_ok(v, v->lmul) || !rvv_aligned(v->vs2, from_lmul)
        || !rvv_source_under_ok(v, v->lmul, v->vs2, from_lmul)) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        results.at[k] = rvv_widened(v, v->vs2, k, v->sew - steps, steps, v->vs1 & 1);
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

/* The lower halves of lanes of two registers. */
static IrRef narrowed(RvVector *v, IrRef low, IrRef high)
{
    if (v->sew == 2) {
        return rvv_imm(v, IR_VSHUF_PS, 2, 0x88, low, high);
    }
    IrRef mask = rvv_splat_const(v, v->sew + 1, MAKE_MASK(0, 8u << v->sew));
    return rvv_op(v, IR_VPACK_US, v->sew + 1, rvv_op(v, IR_VAND, 3, low, mask), rvv_op(v, IR_VAND, 3, high, mask));
}

/* VNSRL and VNSRA by one count. */
static bool narrow(RvVector *v)
{
    int emul = v->lmul + 1;
    if (rvv_is_vector(v) || v->sew == 3 || emul > 3 || !rvv_dest_ok(v, v->lmul) || !rvv_aligned(v->vs2, emul)
        || !(rvv_apart(v->vd, v->lmul, v->vs2, emul) || v->vd == v->vs2)) {
        return false;
    }
    RvShift kind = v->funct6 == 0x2d ? SHIFT_ARITHMETIC : SHIFT_RIGHT;
    IrRef count = rvv_shift_count(v, v->sew + 1), zero = ir_const_v128(v->b, 0, 0);
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        IrRef low = rvv_shift_all(v, kind, v->sew + 1, rvv_read(v, v->vs2 + 2 * k), count);
        results.at[k] = narrowed(v, low, emul > 0 ? rvv_shift_all(v, kind, v->sew + 1, rvv_read(v, v->vs2 + 2 * k + 1), count) : zero);
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

bool rvv_widening(RvVector *v)
{
    bool opm = v->funct3 == 2 || v->funct3 == 6;
    if (opm) {
        return v->funct6 == 0x12 ? v->funct3 == 2 && extend(v) : widen(v);
    }
    return (v->funct6 == 0x2c || v->funct6 == 0x2d) && narrow(v);
}
