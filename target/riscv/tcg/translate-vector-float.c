/*
 * Vector floating point in IR, on the host's unit under the guest's rounding mode. Results that are NaNs become the canonical one; where the host does otherwise than
 * RISC-V in more than that the block is left and C code does the instruction (RV_REASON_VECTOR). Lanes that are not active compute with 1, so that they raise nothing.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 30.13.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/float-host.h"
#include "target/riscv/tcg/translate-vector.h"

enum { PREDICATE_EQ = 0, PREDICATE_LT = 1, PREDICATE_LE = 2, PREDICATE_UNORDERED = 3, PREDICATE_NE = 4 };      /* of VFCMP; EQ, UNORDERED and NE are quiet */
enum { FMA_SUBTRACTS = 1, FMA_NEGATES = 2 };

/* ---- operands ---- */

static uint64_t one_of(unsigned sew) { return sew == 2 ? 0x3f800000 : UINT64_C(0x3ff) << 52; }
static uint64_t canonical_nan(unsigned sew) { return sew == 2 ? 0x7fc00000 : UINT64_C(0x7ff8) << 48; }

static IrRef scalar(RvVector *v)
{
    return rvv_splat(v, v->sew, v->sew == 2 ? ir_op1(v->b, IR_FBITS, IR_I32, rv_f32(v->s, v->vs1)) : rv_f_bits(v->s, v->vs1));
}

static IrRef second(RvVector *v, unsigned k) { return rvv_is_vector(v) ? rvv_read(v, v->vs1 + k) : scalar(v); }

/* An operand with 1 in the lanes that are not active. */
static IrRef guarded(RvVector *v, unsigned k, unsigned sew, IrRef x)
{
    IrRef active = rvv_active(v, k, sew);
    return active ? rvv_blend(v, rvv_splat_const(v, sew, one_of(sew)), x, active) : x;
}

static bool aligned_all(const RvVector *v)
{
    return rvv_dest_ok(v, v->lmul) && rvv_aligned(v->vs2, v->lmul) && (!rvv_is_vector(v) || rvv_aligned(v->vs1, v->lmul));
}

/* ---- results ---- */

static IrRef is_nan(RvVector *v, unsigned sew, IrRef x) { return rvv_imm(v, IR_VFCMP, sew, PREDICATE_UNORDERED, x, x); }
static IrRef number(RvVector *v, unsigned sew, IrRef x) { return rvv_blend(v, x, rvv_splat_const(v, sew, canonical_nan(sew)), is_nan(v, sew, x)); }

/* C code does it all where a lane says so: before anything is written. */
static void redo_if(RvVector *v, unsigned sew, IrRef lanes)
{
    ir_exit_fault_if(v->b, ir_emit(v->b, IR_VMOVMSK, IR_I32, sew, 0, lanes, 0, 0), RV_REASON_VECTOR);
}

/* ---- two and three operands ---- */

static IrRef arithmetic_lanes(RvVector *v, unsigned funct6, unsigned sew, IrRef a, IrRef b)
{
    bool vector = rvv_is_vector(v);
    switch (funct6) {
    case 0x00: return rvv_op(v, IR_VFADD, sew, a, b);
    case 0x02: return rvv_op(v, IR_VFSUB, sew, a, b);
    case 0x20: return rvv_op(v, IR_VFDIV, sew, a, b);
    case 0x21: return vector ? 0 : rvv_op(v, IR_VFDIV, sew, b, a);
    case 0x24: return rvv_op(v, IR_VFMUL, sew, a, b);
    case 0x27: return vector ? 0 : rvv_op(v, IR_VFSUB, sew, b, a);
    default: return 0;
    }
}

static bool is_arithmetic(unsigned funct6) { return funct6 == 0 || funct6 == 2 || funct6 == 0x20 || funct6 == 0x21 || funct6 == 0x24 || funct6 == 0x27; }

static bool arithmetic(RvVector *v)
{
    if (!aligned_all(v) || (rvv_is_vector(v) && (v->funct6 == 0x21 || v->funct6 == 0x27))) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        IrRef a = guarded(v, k, v->sew, rvv_read(v, v->vs2 + k)), b = guarded(v, k, v->sew, second(v, k));
        results.at[k] = number(v, v->sew, arithmetic_lanes(v, v->funct6, v->sew, a, b));
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

/* By the low bits of funct6: add, negated add, subtract, negated subtract. */
static IrRef multiply_add_lanes(RvVector *v, unsigned sew, IrRef a, IrRef b, IrRef c)
{
    static const uint8_t kinds[4] = { 0, FMA_NEGATES | FMA_SUBTRACTS, FMA_SUBTRACTS, FMA_NEGATES };
    return ir_emit(v->b, IR_VFMA, IR_V128, sew, kinds[v->funct6 & 3], a, b, c);
}

static bool multiply_add(RvVector *v)
{
    if (!aligned_all(v)) {
        return false;
    }
    bool accumulates = v->funct6 >= 0x2c;
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        IrRef a = guarded(v, k, v->sew, rvv_read(v, v->vs2 + k)), b = guarded(v, k, v->sew, second(v, k)), d = guarded(v, k, v->sew, rvv_read(v, v->vd + k));
        results.at[k] = multiply_add_lanes(v, v->sew, b, accumulates ? a : d, accumulates ? d : a);
        /* (Infinity times 0 plus a quiet NaN is invalid here and not on the host.) */
        redo_if(v, v->sew, is_nan(v, v->sew, results.at[k]));
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

/* The host's depend on the order of operands for two zeroes: both orders together give the sign. */
static bool minmax(RvVector *v)
{
    if (!aligned_all(v)) {
        return false;
    }
    IrOp op = v->funct6 == 0x04 ? IR_VFMIN : IR_VFMAX, join = v->funct6 == 0x04 ? IR_VOR : IR_VAND;
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        IrRef a = guarded(v, k, v->sew, rvv_read(v, v->vs2 + k)), b = guarded(v, k, v->sew, second(v, k));
        redo_if(v, v->sew, rvv_imm(v, IR_VFCMP, v->sew, PREDICATE_UNORDERED, a, b));
        results.at[k] = rvv_op(v, join, 3, rvv_op(v, op, v->sew, a, b), rvv_op(v, op, v->sew, b, a));
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

static bool signs(RvVector *v)
{
    if (!aligned_all(v)) {
        return false;
    }
    IrRef sign = rvv_splat_const(v, v->sew, BIT((8u << v->sew) - 1));
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        IrRef a = rvv_read(v, v->vs2 + k), b = second(v, k);
        if (v->funct6 == 0x0a) {
            results.at[k] = rvv_op(v, IR_VXOR, 3, a, rvv_op(v, IR_VAND, 3, b, sign));
        } else {
            IrRef from = v->funct6 == 0x09 ? rvv_op(v, IR_VANDN, 3, b, sign) : rvv_op(v, IR_VAND, 3, b, sign);
            results.at[k] = rvv_op(v, IR_VOR, 3, rvv_op(v, IR_VANDN, 3, sign, a), from);
        }
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

/* ---- comparison ---- */

static bool compare(RvVector *v)
{
    static const struct { bool known, swap, scalar_only; uint8_t predicate; } kinds[8] = {
        [0] = { true, false, false, PREDICATE_EQ }, [1] = { true, false, false, PREDICATE_LE }, [3] = { true, false, false, PREDICATE_LT },
        [4] = { true, false, false, PREDICATE_NE }, [5] = { true, true, true, PREDICATE_LT }, [7] = { true, true, true, PREDICATE_LE },
    };
    unsigned n = v->funct6 & 7;
    bool vector = rvv_is_vector(v), apart = rvv_apart(v->vd, 0, v->vs2, v->lmul) || v->vd == v->vs2;
    bool apart1 = !vector || rvv_apart(v->vd, 0, v->vs1, v->lmul) || v->vd == v->vs1;
    if (!kinds[n].known || (kinds[n].scalar_only && vector) || !rvv_aligned(v->vs2, v->lmul) || (vector && !rvv_aligned(v->vs1, v->lmul)) || !apart || !apart1
        || (!v->vl_max && v->vlmax > 64)) {
        return false;
    }
    RvGroup lanes;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        IrRef a = guarded(v, k, v->sew, rvv_read(v, v->vs2 + k)), b = guarded(v, k, v->sew, second(v, k));
        lanes.at[k] = rvv_imm(v, IR_VFCMP, v->sew, kinds[n].predicate, kinds[n].swap ? b : a, kinds[n].swap ? a : b);
    }
    return rvv_write_mask(v, rvv_collect(v, v->sew, v->lmul, &lanes));
}

/* ---- one operand ---- */

static bool square_root(RvVector *v)
{
    if (v->vs1 || !rvv_is_vector(v) || !rvv_dest_ok(v, v->lmul) || !rvv_aligned(v->vs2, v->lmul)) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        IrRef root = ir_emit(v->b, IR_VFSQRT, IR_V128, v->sew, 0, guarded(v, k, v->sew, rvv_read(v, v->vs2 + k)), 0, 0);
        results.at[k] = number(v, v->sew, root);
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

/* Between words and singles. What is out of range is for C code: the host's result for it is the same for all. */
static bool convert_words(RvVector *v)
{
    bool to_integer = v->vs1 == 1 || v->vs1 == 7;
    if (v->sew != 2 || (!to_integer && v->vs1 != 3) || !rvv_dest_ok(v, v->lmul) || !rvv_aligned(v->vs2, v->lmul)) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        IrRef a = guarded(v, k, 2, rvv_read(v, v->vs2 + k));
        results.at[k] = ir_emit(v->b, to_integer ? IR_VCVT_PS_DQ : IR_VCVT_DQ_PS, IR_V128, 2, v->vs1 == 7, a, 0, 0);
        if (to_integer) {
            redo_if(v, 2, rvv_op(v, IR_VCMPEQ, 2, results.at[k], rvv_splat_const(v, 2, BIT(31))));
        }
    }
    rvv_write(v, 2, v->lmul, &results);
    return true;
}

/* ---- two widths: singles and doubles ---- */

/* Two singles of register k / 2 of a group as doubles: those that become register k. Inactive ones are guarded by the caller's width. */
static IrRef wide_lanes(RvVector *v, unsigned reg, unsigned k)
{
    IrRef x = rvv_read(v, reg + k / 2), active = rvv_active(v, k / 2, 2);
    x = active ? rvv_blend(v, rvv_splat_const(v, 2, one_of(2)), x, active) : x;
    x = k & 1 ? rvv_imm(v, IR_VSHR_BYTES, 0, 8, x, 0) : x;
    return ir_emit(v->b, IR_VCVT_PS_PD, IR_V128, 2, 0, x, 0, 0);
}

static IrRef wide_second(RvVector *v, unsigned k)
{
    return rvv_is_vector(v) ? wide_lanes(v, v->vs1, k) : ir_emit(v->b, IR_VCVT_PS_PD, IR_V128, 2, 0, scalar(v), 0, 0);
}

static bool source_under_ok(const RvVector *v, int emul, unsigned source)
{
    return rvv_apart(v->vd, emul, source, v->lmul) || (v->lmul >= 0 && v->vd + rvv_regs(emul) == source + rvv_regs(v->lmul));
}

static bool widen(RvVector *v)
{
    static const uint8_t plain[16] = { [0x0] = 0x00, [0x2] = 0x02, [0x4] = 0x00, [0x6] = 0x02, [0x8] = 0x24 };
    int emul = v->lmul + 1;
    bool wide_source = v->funct6 == 0x34 || v->funct6 == 0x36, fused = v->funct6 >= 0x3c, vector = rvv_is_vector(v);
    /* A scalar that is a signalling NaN raises even where no lane is active. */
    if (v->sew != 2 || emul > 3 || !rvv_dest_ok(v, emul) || !rvv_aligned(v->vs2, wide_source ? emul : v->lmul) || (!wide_source && !source_under_ok(v, emul, v->vs2))
        || (vector ? !rvv_aligned(v->vs1, v->lmul) || !source_under_ok(v, emul, v->vs1) : !v->vl_max || v->masked)) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(emul); k++) {
        IrRef a = wide_source ? guarded(v, k, 3, rvv_read(v, v->vs2 + k)) : wide_lanes(v, v->vs2, k), b = wide_second(v, k);
        if (fused) {
            results.at[k] = multiply_add_lanes(v, 3, b, a, guarded(v, k, 3, rvv_read(v, v->vd + k)));
            redo_if(v, 3, is_nan(v, 3, results.at[k]));
        } else {
            results.at[k] = number(v, 3, arithmetic_lanes(v, plain[v->funct6 & 15], 3, a, b));
        }
    }
    rvv_write(v, 3, emul, &results);
    return true;
}

static bool widen_singles(RvVector *v)
{
    int emul = v->lmul + 1;
    if (v->sew != 2 || emul > 3 || !rvv_dest_ok(v, emul) || !rvv_aligned(v->vs2, v->lmul) || !source_under_ok(v, emul, v->vs2)) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(emul); k++) {
        results.at[k] = number(v, 3, wide_lanes(v, v->vs2, k));
    }
    rvv_write(v, 3, emul, &results);
    return true;
}

static bool narrow_doubles(RvVector *v)
{
    int emul = v->lmul + 1;
    if (v->sew != 2 || emul > 3 || !rvv_dest_ok(v, v->lmul) || !rvv_aligned(v->vs2, emul) || !(rvv_apart(v->vd, v->lmul, v->vs2, emul) || v->vd == v->vs2)) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        IrRef low = ir_emit(v->b, IR_VCVT_PD_PS, IR_V128, 2, 0, guarded(v, 2 * k, 3, rvv_read(v, v->vs2 + 2 * k)), 0, 0), both = low;
        if (emul > 0) {
            IrRef high = ir_emit(v->b, IR_VCVT_PD_PS, IR_V128, 2, 0, guarded(v, 2 * k + 1, 3, rvv_read(v, v->vs2 + 2 * k + 1)), 0, 0);
            both = rvv_op(v, IR_VUNPACK_LO, 3, low, high);
        }
        results.at[k] = number(v, 2, both);
    }
    rvv_write(v, 2, v->lmul, &results);
    return true;
}

static bool conversion(RvVector *v)
{
    return !rvv_is_vector(v) ? false : v->vs1 == 12 ? widen_singles(v) : v->vs1 == 20 ? narrow_doubles(v) : convert_words(v);
}

/* ---- moves ---- */

/* VFMV.V.F, VFMERGE. */
static bool merge(RvVector *v)
{
    if (rvv_is_vector(v) || !rvv_aligned(v->vd, v->lmul) || (v->masked ? v->vd == 0 || !rvv_aligned(v->vs2, v->lmul) : v->vs2 != 0)) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        results.at[k] = scalar(v);
        if (v->masked) {
            results.at[k] = rvv_blend(v, rvv_read(v, v->vs2 + k), results.at[k], rvv_active(v, k, v->sew));
        }
    }
    v->masked = false;
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

static bool first_element(RvVector *v)
{
    if (v->masked || (rvv_is_vector(v) ? v->vs1 : v->vs2)) {
        return false;
    }
    if (rvv_is_vector(v)) {
        IrRef lane = ir_emit(v->b, IR_VEXTRACT, v->sew == 3 ? IR_I64 : IR_I32, v->sew, 0, rvv_read(v, v->vs2), 0, 0);
        rv_set_f_bits(v->s, v->sew == 3, v->vd, lane);
        return true;
    }
    IrRef body = v->vl_max ? 0 : rvv_body(v, 0, v->sew), first = ir_const_v128(v->b, MAKE_MASK(0, 8u << v->sew), 0);
    rvv_write_lanes(v, v->vd, scalar(v), body ? rvv_op(v, IR_VAND, 3, body, first) : first);
    rvv_touched(v);
    return true;
}

bool rvv_float(RvVector *v)
{
    unsigned frm = FIELD_GET(v->s->mode, RV_MODE_FRM);
    if (FIELD_GET(v->s->mode, RV_MODE_FLOAT) != FLOAT_DIRTY || frm >= RM_RMM || v->sew < 2 || !riscv_has(v->s->cpu, zve32f)
        || (v->sew == 3 && !riscv_has(v->s->cpu, zve64d))) {
        return false;
    }
    switch (v->funct6) {
    case 0x04: case 0x06: return minmax(v);
    case 0x08: case 0x09: case 0x0a: return signs(v);
    case 0x10: return first_element(v);
    case 0x12: return conversion(v);
    case 0x13: return square_root(v);
    case 0x17: return merge(v);
    case 0x18: case 0x19: case 0x1a: case 0x1b: case 0x1c: case 0x1d: case 0x1e: case 0x1f: return compare(v);
    case 0x28: case 0x29: case 0x2a: case 0x2b: case 0x2c: case 0x2d: case 0x2e: case 0x2f: return multiply_add(v);
    case 0x30: case 0x32: case 0x34: case 0x36: case 0x38: case 0x3c: case 0x3d: case 0x3e: case 0x3f:
        return riscv_has(v->s->cpu, zve64d) && widen(v);
    default: return is_arithmetic(v->funct6) && arithmetic(v);
    }
}
