/*
 * Floating point in the integer registers: Zfinx, Zdinx, Zhinx. By C code throughout.
 *
 * A narrow operand is the low bits of its register, a narrow result is sign-extended; doubles of RV32 are in pairs, of which x0's is 0 and takes nothing.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 25 "Zfinx, Zdinx, Zhinx, Zhinxmin"; volume II, 4 "Smstateen" (FCSR).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/float-host.h"
#include "target/riscv/tcg/translate.h"

static bool is_pair(const RvTranslate *s, int fmt) { return fmt == FMT_D && s->rv32; }

/* As a register of the floating-point unit would hold it. */
static IrRef source(RvTranslate *s, int fmt, unsigned n)
{
    static const uint64_t boxes[] = { [FMT_S] = UINT64_C(0xffffffff00000000), [FMT_D] = 0, [FMT_H] = UINT64_C(0xffffffffffff0000) };
    if (is_pair(s, fmt)) {
        return n ? ir_emit(s->b, IR_DEPOSIT, IR_I64, 32, 32, rv_x(s, n), rv_x(s, n + 1), 0) : rv_i64(s, 0);
    }
    return boxes[fmt] ? ir_op2(s->b, IR_OR, IR_I64, rv_x(s, n), rv_i64(s, boxes[fmt])) : rv_x(s, n);
}

static void set_result(RvTranslate *s, int fmt, unsigned n, IrRef value)
{
    if (is_pair(s, fmt)) {
        rv_set_x(s, n, ir_sext(s->b, IR_I64, 2, value));
        rv_set_x(s, n ? n + 1 : 0, ir_op2(s->b, IR_SAR, IR_I64, value, rv_i32(s, 32)));
    } else {
        rv_set_x(s, n, fmt == FMT_D ? value : ir_sext(s->b, IR_I64, fmt == FMT_S ? 2 : 1, value));
    }
}

bool rv_finx(RvTranslate *s, const RvOperands *o, int op, int rm)
{
    bool from_integer = op >= FP_FROM_W && op <= FP_FROM_LU, to_integer = (op >= FP_TO_W && op <= FP_TO_LU) || (op >= FP_EQ && op <= FP_LE) || op == FP_CLASS;
    bool one = from_integer || op == FP_SQRT || op == FP_CONVERT || op == FP_CLASS || (op >= FP_TO_W && op <= FP_TO_LU), three = op >= FP_MADD && op <= FP_NMADD;
    int from = op == FP_CONVERT ? o->from : o->fmt;
    if (FIELD_GET(s->mode, RV_MODE_FLOAT) == FLOAT_OFF) {
        RV_CALL(s, finx_off, rv_i64(s, s->insn));
    }
    bool odd_source = is_pair(s, from) && ((!from_integer && (o->rs1 & 1)) || (!one && (o->rs2 & 1)) || (three && (o->rs3 & 1)));
    if (rm < 0 || odd_source || (is_pair(s, o->fmt) && !to_integer && (o->rd & 1))) {
        return false;
    }
    IrRef zero = rv_i64(s, 0), a = from_integer ? rv_x(s, o->rs1) : source(s, from, o->rs1);
    IrRef value = RV_CALL(s, float_op, rv_i32(s, FLOAT_SPEC(op, o->fmt, rm, from)), a, one ? zero : source(s, o->fmt, o->rs2), three ? source(s, o->fmt, o->rs3) : zero);
    if (to_integer) {
        rv_set_x(s, o->rd, value);
    } else {
        set_result(s, o->fmt, o->rd, value);
    }
    return true;
}
