/*
 * Branches of A64, pointer authentication, and branch targets.
 *
 * DDI 0487, C4.1.93, C6.2, D5.1.5 (BranchTo, AddrTop), D8.10 (pointer authentication), D8.4.5 (guarded pages).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-a64.h"

/* ---- direct ---- */

static int64_t target_of(const ArmTranslate *s, int32_t words) { return s->start + (int64_t)words * 4; }

bool a64_op_b(ArmTranslate *s, const A64Operands *o)
{
    arm_end_goto(s, target_of(s, o->imm));
    return true;
}

/* ---- guarded control stacks: D11 ---- */

static void push_return(ArmTranslate *s)
{
    if (s->mode & ARM_MODE_GCS) {
        ARM_CALL(s, gcs_push, ir_pc(s->b, s->next));
    }
}

/* kind: of the return, as the syndrome has it. */
static IrRef pop_return(ArmTranslate *s, unsigned rn, unsigned kind, IrRef target)
{
    return s->mode & ARM_MODE_GCS ? ARM_CALL(s, gcs_pop, target, arm_i32(s, rn << 5 | kind)) : target;
}

bool a64_op_bl(ArmTranslate *s, const A64Operands *o)
{
    push_return(s);
    a64_set_x(s, 30, ir_pc(s->b, s->next));
    ir_exit_call(s->b, target_of(s, o->imm), s->next);
    s->ended = true;
    return true;
}

static bool branch_if(ArmTranslate *s, IrRef cond, int64_t target)
{
    ir_exit_goto_if(s->b, cond, target);
    arm_end_goto(s, s->next);
    return true;
}

bool a64_op_b_cond(ArmTranslate *s, const A64Operands *o)
{
    if (o->cond >= 14) {
        arm_end_goto(s, target_of(s, o->imm));
        return true;
    }
    return branch_if(s, arm_condition(s, o->cond), target_of(s, o->imm));
}

bool a64_op_cbz(ArmTranslate *s, const A64Operands *o)
{
    IrRef zero = o->sf ? arm_i64(s, 0) : arm_i32(s, 0);
    return branch_if(s, ir_setcc(s->b, o->op ? IR_CC_NE : IR_CC_EQ, a64_reg(s, o->rt, o->sf), zero), target_of(s, o->imm));
}

bool a64_op_tbz(ArmTranslate *s, const A64Operands *o)
{
    IrRef masked = ir_op2(s->b, IR_AND, IR_I64, a64_x(s, o->rt), arm_i64(s, BIT(o->b5 << 5 | o->b40)));
    return branch_if(s, ir_setcc(s->b, o->op ? IR_CC_NE : IR_CC_EQ, masked, arm_i64(s, 0)), target_of(s, o->imm));
}

/* FEAT_CMPBR: the low byte, halfword, or all of both registers; flags stay. */
bool a64_op_compare_branch(ArmTranslate *s, const A64Operands *o)
{
    bool is_signed = o->op == IR_CC_GT || o->op == IR_CC_GE;
    IrRef t = a64_reg(s, o->rt, o->sf), m = a64_reg(s, o->rm, o->sf);
    if (o->size < 2) {
        t = is_signed ? ir_sext(s->b, IR_I32, o->size, t) : ir_zext(s->b, IR_I32, o->size, t);
        m = is_signed ? ir_sext(s->b, IR_I32, o->size, m) : ir_zext(s->b, IR_I32, o->size, m);
    }
    return branch_if(s, ir_setcc(s->b, o->op, t, m), target_of(s, o->imm));
}

bool a64_op_compare_branch_imm(ArmTranslate *s, const A64Operands *o)
{
    return branch_if(s, ir_setcc(s->b, o->op, a64_reg(s, o->rt, o->sf), o->sf ? arm_i64(s, o->uimm) : arm_i32(s, o->uimm)), target_of(s, o->imm));
}

/* ---- indirect ---- */

/* Without the tag in bits 63 to 56, where the regime ignores it there. */
static IrRef without_tag(ArmTranslate *s, IrRef target)
{
    unsigned tbi = FIELD_GET(s->mode, ARM_MODE_TBI);
    if (!tbi) {
        return target;
    }
    IrRef extended = ir_emit(s->b, IR_SEXTRACT, IR_I64, 56, 0, target, 0, 0);
    if (tbi == 3) {
        return extended;
    }
    return tbi == 1 ? ir_op2(s->b, IR_AND, IR_I64, target, extended) : ir_op2(s->b, IR_OR, IR_I64, target, extended);
}

/* BTYPE that the branch leaves (DDI 0487, D8.4.5.1), looked at here: nothing remembers it. */
static void check_target(ArmTranslate *s, unsigned op, unsigned rn, IrRef target)
{
    if ((s->mode & ARM_MODE_GUARDED) && op != BRANCH_RET) {
        ARM_CALL(s, bti_branch, target, arm_i32(s, op == BRANCH_BLR ? 2 : rn == 16 || rn == 17 ? 1 : 3));
    }
}

static bool branch_to(ArmTranslate *s, unsigned op, unsigned rn, unsigned kind, IrRef target)
{
    if (op == BRANCH_BLR) {
        push_return(s);
    } else if (op == BRANCH_RET) {
        target = pop_return(s, rn, kind, target);
    }
    target = without_tag(s, target);
    check_target(s, op, rn, target);
    if (op == BRANCH_BLR) {
        a64_set_x(s, 30, ir_pc(s->b, s->next));
    }
    s->ended = true;
    if (op == BRANCH_BLR) {
        ir_exit_call_indirect(s->b, target, s->next);
    } else if (op == BRANCH_RET) {
        ir_exit_return(s->b, target);
    } else {
        ir_exit_indirect(s->b, target);
    }
    return true;
}

bool a64_op_br(ArmTranslate *s, const A64Operands *o)
{
    return branch_to(s, o->op, o->rn, GCS_RET, a64_x(s, o->rn));
}

/* ---- pointer authentication ---- */

IrRef a64_authenticate(ArmTranslate *s, bool sign, IrRef pointer, IrRef modifier, unsigned key)
{
    if (!(FIELD_GET(s->mode, ARM_MODE_PAUTH) >> key & 1)) {
        return pointer;
    }
    return sign ? ARM_CALL(s, pac, pointer, modifier, arm_i32(s, key)) : ARM_CALL(s, aut, pointer, modifier, arm_i32(s, key));
}

/* BRAA ... RETAB: x 1: the modifier is a register or SP; else 0, and SP for RETAx. */
bool a64_op_bra(ArmTranslate *s, const A64Operands *o)
{
    IrRef modifier = o->op == BRANCH_RET ? a64_sp(s, 31) : o->x ? a64_sp(s, o->rm) : arm_i64(s, 0);
    return branch_to(s, o->op, o->rn, o->m ? GCS_RET_KEYB : GCS_RET_KEYA, a64_authenticate(s, false, a64_x(s, o->rn), modifier, o->m));
}

/* rn 32: the modifier is 0; 31: SP. */
static IrRef modifier_of(ArmTranslate *s, unsigned rn) { return rn == 32 ? arm_i64(s, 0) : a64_sp(s, rn); }

bool a64_op_pac(ArmTranslate *s, const A64Operands *o)
{
    a64_set_x(s, o->rd, a64_authenticate(s, o->op == PAC_SIGN, a64_x(s, o->rd), modifier_of(s, o->rn), o->key));
    return true;
}

bool a64_op_pac_hint(ArmTranslate *s, const A64Operands *o) { return a64_op_pac(s, o); }

bool a64_op_pacga(ArmTranslate *s, const A64Operands *o)
{
    a64_set_x(s, o->rd, ARM_CALL(s, pacga, a64_x(s, o->rn), a64_sp(s, o->rm)));
    return true;
}

bool a64_op_xpac(ArmTranslate *s, const A64Operands *o)
{
    a64_set_x(s, o->rd, ARM_CALL(s, xpac, a64_x(s, o->rd), arm_i32(s, o->op)));
    return true;
}

bool a64_op_xpaclri(ArmTranslate *s, const A64Operands *o)
{
    a64_set_x(s, 30, ARM_CALL(s, xpac, a64_x(s, 30), arm_i32(s, 0)));
    return true;
}

/* ---- exception return ---- */

static bool exception_return(ArmTranslate *s, unsigned authenticated)
{
    if (arm_el(s) == 0) {
        return false;
    }
    ARM_CALL(s, eret, arm_i32(s, authenticated));
    ir_exit_event(s->b);
    s->ended = true;
    return true;
}

bool a64_op_eret(ArmTranslate *s, const A64Operands *o) { return exception_return(s, 0); }
bool a64_op_eretaa(ArmTranslate *s, const A64Operands *o) { return exception_return(s, 1 + o->m); }
