/*
 * SIMD floating point that is not one packed op: scalars, comparisons, conversions.
 *
 * Intel SDM volume 2; volume 1, 4.8.4 and 11.5 (exceptions). Lanes that are not converted must not be looked at: they could raise exceptions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/simd.h"

static IrType scalar_type(const X86Simd *i)
{
    return i->sub == 3 ? IR_F64 : IR_F32;
}

static IrRef first_lane(X86Translate *s, const X86Simd *i)
{
    return ir_op1(s->b, IR_FLANE, scalar_type(i), simd_first128(s));
}

/* Lane 0 := value, the rest from the first source. */
static void write_scalar(X86Translate *s, IrRef value)
{
    value = simd_guard_out(s, value);
    simd_write128(s, s->reg, ir_op2(s->b, IR_VSET_FLANE, IR_V128, simd_first128(s), value));
}

/* ---- arithmetic ---- */

bool simd_scalar(X86Translate *s, const X86Simd *i)
{
    IrRef x = first_lane(s, i), y = simd_source_float(s, scalar_type(i));
    write_scalar(s, ir_emit(s->b, i->op, scalar_type(i), 0, 0, x, y, 0));
    return true;
}

bool simd_scalar_unary(X86Translate *s, const X86Simd *i)
{
    write_scalar(s, ir_emit(s->b, i->op, scalar_type(i), 0, 0, simd_source_float(s, scalar_type(i)), 0, 0));
    return true;
}

/* RCPSS, RSQRTSS. */
bool simd_scalar_approx(X86Translate *s, const X86Simd *i)
{
    IrRef r = ir_emit(s->b, i->op, IR_V128, 2, 1, simd_source_low(s, 2), 0, 0);
    write_scalar(s, ir_op1(s->b, IR_FLANE, IR_F32, r));
    return true;
}

bool simd_round_scalar(X86Translate *s, const X86Simd *i)
{
    write_scalar(s, ir_emit(s->b, IR_FROUND, scalar_type(i), 0, s->immediate & 15, simd_source_float(s, scalar_type(i)), 0, 0));
    return true;
}

/* ---- comparison ---- */

/* CMPPS, CMPPD: 8 predicates, 32 with VEX. */
static unsigned predicate(const X86Translate *s)
{
    return s->immediate & (s->vex ? 31 : 7);
}

bool simd_compare(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_first(s), y = simd_source(s, i);
    simd_result(s, simd_op2(s, IR_VFCMP, i->sub, predicate(s), x, y));
    return true;
}

bool simd_compare_scalar(X86Translate *s, const X86Simd *i)
{
    IrRef x = first_lane(s, i), y = simd_source_float(s, scalar_type(i));
    IrRef mask = simd_guard_out(s, ir_emit(s->b, IR_FCMP_MASK, x86_type(i->sub), 0, predicate(s), x, y, 0));
    simd_write128(s, s->reg, ir_emit(s->b, IR_VINSERT, IR_V128, i->sub, 0, simd_first128(s), mask, 0));
    return true;
}

/* UCOMISS, UCOMISD; COMISS, COMISD (imm 1). */
bool simd_comis(X86Translate *s, const X86Simd *i)
{
    IrRef x = ir_op1(s->b, IR_FLANE, scalar_type(i), simd_read128(s, s->reg)), y = simd_source_float(s, scalar_type(i));
    IrRef flags = ir_emit(s->b, IR_FCMP, IR_FLAGS, 0, i->imm, x, y, 0);
    if (s->mode & X86_MODE_XM) {
        flags = ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, simd_guard_out(s, ir_op1(s->b, IR_FL_PACK, IR_I32, flags)));
    }
    ir_write(s->b, SLOT_FLAGS, flags);
    return true;
}

/* ---- scalar conversions ---- */

static unsigned integer_log2(const X86Translate *s)
{
    return x86_in_64(s) && (s->vex ? s->vex_w : s->rex & 8) ? 3 : 2;
}

/* CVTSI2SS, CVTSI2SD. */
bool simd_cvt_int_to_float(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_guard_in(s, x86_read_rm(s, integer_log2(s)));
    write_scalar(s, ir_op1(s->b, IR_FCVT_INT, scalar_type(i), x));
    return true;
}

/* CVTSS2SI, CVTSD2SI; CVTTSS2SI, CVTTSD2SI (imm 1). */
bool simd_cvt_float_to_int(X86Translate *s, const X86Simd *i)
{
    unsigned log2 = integer_log2(s);
    IrRef x = simd_source_float(s, scalar_type(i));
    x86_write_g(s, log2, simd_guard_out(s, ir_emit(s->b, IR_INT_FCVT, x86_type(log2), 0, i->imm, x, 0, 0)));
    return true;
}

/* CVTSS2SD, CVTSD2SS: sub is the source's. */
bool simd_cvt_scalar(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_source_float(s, scalar_type(i));
    write_scalar(s, ir_op1(s->b, IR_FCVT, i->sub == 3 ? IR_F32 : IR_F64, x));
    return true;
}

/* ---- packed conversions between lanes of 4 and 8 bytes ---- */

/* CVTPS2PD, CVTDQ2PD: the source has half the width. */
bool simd_cvt_widen(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_source_low(s, s->simd_form == FORM_VEX256 ? 4 : 3);
    simd_result(s, simd_op1(s, i->op, 0, 0, x));
    return true;
}

/* CVTPD2PS, CVTPD2DQ, CVTTPD2DQ: the result has. */
bool simd_cvt_narrow(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_source(s, i);
    simd_write128(s, s->reg, simd_guard_out(s, ir_emit(s->b, i->op, IR_V128, 0, i->imm, x, 0, 0)));
    return true;
}

/* ---- packed conversions with MMX registers ---- */

static IrRef mmx_source(X86Translate *s)
{
    IrRef x = s->is_memory ? x86_load(s, x86_operand_address(s, 8, X86_ACCESS_LOAD), IR_I64, 3) : simd_read_mmx(s, s->rm);
    return simd_guard_in(s, ir_op1(s->b, IR_VFROM_INT, IR_V128, x));
}

/* CVTPI2PS (sub 2), CVTPI2PD (sub 3). */
bool simd_cvt_pi2p(X86Translate *s, const X86Simd *i)
{
    IrRef r = simd_guard_out(s, ir_op1(s->b, i->op, IR_V128, mmx_source(s)));
    if (i->sub == 2) {
        r = ir_emit(s->b, IR_VINSERT, IR_V128, 3, 0, simd_read128(s, s->reg), ir_op1(s->b, IR_VTO_INT, IR_I64, r), 0);
    }
    simd_write128(s, s->reg, r);
    return true;
}

/* CVTPS2PI, CVTTPS2PI (sub 2), CVTPD2PI, CVTTPD2PI (sub 3). */
bool simd_cvt_p2pi(X86Translate *s, const X86Simd *i)
{
    IrRef x = i->sub == 3 ? simd_source(s, i) : simd_source_low(s, 3);
    if (i->sub == 2 && !s->is_memory) {
        x = ir_op1(s->b, IR_VZERO_UPPER, IR_V128, x);
    }
    IrRef r = simd_guard_out(s, ir_emit(s->b, i->op, IR_V128, 0, i->imm, x, 0, 0));
    simd_write_mmx(s, s->reg, ir_op1(s->b, IR_VTO_INT, IR_I64, r));
    return true;
}

/* ---- dot products ---- */

/* All ones in the lanes that the immediate takes into the sum. */
static IrRef dot_mask(X86Translate *s, const X86Simd *i)
{
    uint64_t half[2] = { 0, 0 };
    for (unsigned lane = 0; lane < (i->sub == 3 ? 2 : 4); lane++) {
        if (s->immediate >> (4 + lane) & 1) {
            half[i->sub == 3 ? lane : lane >> 1] |= i->sub == 3 ? UINT64_MAX : (uint64_t)UINT32_MAX << (lane & 1) * 32;
        }
    }
    IrRef mask = ir_const_v128(s->b, half[0], half[1]);
    return simd_type(s) == IR_V256 ? ir_op2(s->b, IR_VJOIN, IR_V256, mask, mask) : mask;
}

/* DPPS, DPPD: every product may raise an exception; that of a tiny one that is exact does not show in the sum (SDM volume 1, 4.9.1.5). */
bool simd_dot(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_first(s), y = simd_source(s, i);
    if (s->mode & X86_MODE_XM) {
        IrRef mask = dot_mask(s, i);
        simd_guard_out(s, simd_op2(s, IR_VFMUL, i->sub, 0, simd_op2(s, IR_VAND, 0, 0, x, mask), simd_op2(s, IR_VAND, 0, 0, y, mask)));
        y = simd_guard_in(s, y);
    }
    simd_result(s, simd_op2(s, i->op, i->sub, s->immediate, x, y));
    return true;
}
