/*
 * The media instructions of AArch32: saturation, parallel arithmetic, packing, selection.
 *
 * DDI 0487, F1.4.4 to F1.4.8, F5.1.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-a32.h"

static IrRef choose(ArmTranslate *s, IrRef cond, IrRef yes, IrRef no) { return ir_op3(s->b, IR_SELECT, IR_I32, cond, yes, no); }

/* ---- saturation ---- */

/* Between low and high; *saturated gathers whether it was not. */
static IrRef clamp(ArmTranslate *s, IrRef value, int32_t low, int32_t high, IrRef *saturated)
{
    IrRef below = ir_setcc(s->b, IR_CC_LT, value, arm_i32(s, low)), above = ir_setcc(s->b, IR_CC_GT, value, arm_i32(s, high));
    *saturated = a32_op2(s, IR_OR, below, above);
    return choose(s, below, arm_i32(s, low), choose(s, above, arm_i32(s, high), value));
}

/* sat: of a signed result the width less one, of an unsigned one the width. x: ASR instead of LSL. */
bool a32_op_sat(ArmTranslate *s, const A32Operands *o)
{
    IrRef carry, saturated, value = a32_shift_imm(s, a32_r(s, o->rn), o->x ? 2 : 0, o->imm, &carry);
    int32_t high = (int32_t)MAKE_MASK(0, o->sat), low = o->sign ? -high - 1 : 0;
    IrRef result = clamp(s, value, low, high, &saturated);
    a32_set_q(s, saturated);
    a32_set_r(s, o->rd, result);
    return o->rd != 15 && o->rn != 15;
}

bool a32_op_sat16(ArmTranslate *s, const A32Operands *o)
{
    IrRef value = a32_r(s, o->rn), first, second;
    int32_t high = (int32_t)MAKE_MASK(0, o->sat), low = o->sign ? -high - 1 : 0;
    IrRef bottom = clamp(s, ir_sext(s->b, IR_I32, 1, value), low, high, &first), top = clamp(s, a32_op2(s, IR_SAR, value, arm_i32(s, 16)), low, high, &second);
    a32_set_q(s, a32_op2(s, IR_OR, first, second));
    a32_set_r(s, o->rd, ir_emit(s->b, IR_DEPOSIT, IR_I32, 16, 16, ir_zext(s->b, IR_I32, 1, bottom), top, 0));
    return o->rd != 15 && o->rn != 15;
}

static IrRef saturating(ArmTranslate *s, bool subtracts, IrRef a, IrRef b, IrRef *saturated)
{
    IrRef overflow = ir_test(s->b, IR_CC_O, ir_flags(s->b, subtracts ? IR_FL_SUB : IR_FL_ADD, 2, a, b, 0));
    IrRef limit = a32_op2(s, IR_XOR, a32_op2(s, IR_SAR, a, arm_i32(s, 31)), arm_i32(s, INT32_MAX));
    *saturated = overflow;
    return choose(s, overflow, limit, a32_op2(s, subtracts ? IR_SUB : IR_ADD, a, b));
}

/* op: bit 0 subtracts, bit 1 doubles the second operand first. */
bool a32_op_saturating(ArmTranslate *s, const A32Operands *o)
{
    IrRef a = a32_r(s, o->rm), b = a32_r(s, o->rn), first = arm_i32(s, 0), second;
    if (o->op & 2) {
        b = saturating(s, false, b, b, &first);
    }
    IrRef result = saturating(s, o->op & 1, a, b, &second);
    a32_set_q(s, a32_op2(s, IR_OR, first, second));
    a32_set_r(s, o->rd, result);
    return o->rd != 15 && o->rn != 15 && o->rm != 15;
}

/* ---- parallel ---- */

bool a32_op_parallel(ArmTranslate *s, const A32Operands *o)
{
    if ((o->op > 4 && o->op != 7) || o->rd == 15 || o->rn == 15 || o->rm == 15) {
        return false;
    }
    bool sets_ge = o->kind == PARALLEL_S || o->kind == PARALLEL_U;
    IrRef both = ARM_CALL(s, a32_parallel, arm_i32(s, o->kind | o->op << 8), a32_r(s, o->rn), a32_r(s, o->rm));
    if (sets_ge) {
        ir_write(s->b, SLOT_GE, ir_trunc(s->b, ir_op2(s->b, IR_SHR, IR_I64, both, arm_i32(s, 32))));
    }
    a32_set_r(s, o->rd, ir_trunc(s->b, both));
    return true;
}

/* Bytes of rn where GE is set, else of rm. */
bool a32_op_sel(ArmTranslate *s, const A32Operands *o)
{
    IrRef bits = a32_op2(s, IR_PDEP, ir_read(s->b, SLOT_GE), arm_i32(s, 0x01010101)), mask = a32_op2(s, IR_MUL, bits, arm_i32(s, 0xff));
    IrRef chosen = a32_op2(s, IR_AND, a32_r(s, o->rn), mask), other = a32_op2(s, IR_ANDN, a32_r(s, o->rm), mask);
    a32_set_r(s, o->rd, a32_op2(s, IR_OR, chosen, other));
    return o->rd != 15;
}

/* op 0 PKHBT (LSL), 1 PKHTB (ASR). */
bool a32_op_pkh(ArmTranslate *s, const A32Operands *o)
{
    IrRef carry, shifted = a32_shift_imm(s, a32_r(s, o->rm), o->op ? 2 : 0, o->imm, &carry), other = a32_r(s, o->rn);
    a32_set_r(s, o->rd, o->op ? ir_emit(s->b, IR_DEPOSIT, IR_I32, 16, 0, other, shifted, 0) : ir_emit(s->b, IR_DEPOSIT, IR_I32, 16, 0, shifted, other, 0));
    return o->rd != 15 && o->rn != 15 && o->rm != 15;
}

bool a32_op_usada8(ArmTranslate *s, const A32Operands *o)
{
    IrRef a = ir_op1(s->b, IR_VFROM_INT, IR_V128, a32_r(s, o->rn)), b = ir_op1(s->b, IR_VFROM_INT, IR_V128, a32_r(s, o->rm));
    IrRef sum = ir_op1(s->b, IR_VTO_INT, IR_I32, ir_op2(s->b, IR_VSAD_U8, IR_V128, a, b));
    a32_set_r(s, o->rd, o->ra == 15 ? sum : a32_op2(s, IR_ADD, sum, a32_r(s, o->ra)));
    return o->rd != 15;
}
