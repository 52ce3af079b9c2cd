/*
 * System instructions of AArch32: status registers, coprocessors, calls, waiting, barriers.
 *
 * DDI 0487, F5.2, G8.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-a32.h"

static bool call_ends(ArmTranslate *s)
{
    ir_exit_event(s->b);
    s->ended = true;
    return true;
}

/* ---- CPSR, SPSR ---- */

/* b: SPSR. */
bool a32_op_mrs(ArmTranslate *s, const A32Operands *o)
{
    if (o->rd == 15 || (o->b && (a32_user(s) || (s->mode & ARM_MODE_SYS)))) {
        return false;
    }
    a32_set_r(s, o->rd, ARM_CALL(s, a32_mrs, arm_i32(s, o->b)));
    return true;
}

static bool write_status(ArmTranslate *s, const A32Operands *o, IrRef value)
{
    if (o->b && (a32_user(s) || (s->mode & ARM_MODE_SYS))) {
        return false;
    }
    ARM_CALL(s, a32_msr, arm_i32(s, o->b | o->mask << 8), value);
    arm_end_event(s);
    return true;
}

bool a32_op_msr_reg(ArmTranslate *s, const A32Operands *o) { return write_status(s, o, a32_r(s, o->rn)); }

bool a32_op_msr_imm(ArmTranslate *s, const A32Operands *o)
{
    unsigned rotate = o->imm >> 8 << 1;
    uint32_t byte = o->imm & 0xff;
    return write_status(s, o, arm_i32(s, rotate ? byte >> rotate | byte << (32 - rotate) : byte));
}

/* Registers of other modes: b SPSR; x:imm the number. */
bool a32_op_mrs_banked(ArmTranslate *s, const A32Operands *o)
{
    if (a32_user(s)) {
        return false;
    }
    a32_set_r(s, o->rd, ARM_CALL(s, a32_mrs_banked, arm_i32(s, o->b << 5 | o->x << 4 | o->imm)));
    return o->rd != 15;
}

bool a32_op_msr_banked(ArmTranslate *s, const A32Operands *o)
{
    if (a32_user(s)) {
        return false;
    }
    ARM_CALL(s, a32_msr_banked, arm_i32(s, o->b << 5 | o->x << 4 | o->imm), a32_r(s, o->rn));
    return true;
}

/* op: 2 enables (clears), 3 disables interrupts of imm (A, I, F); x: to a mode. */
static bool change_state(ArmTranslate *s, unsigned op, unsigned bits, bool to_mode, unsigned mode)
{
    if (a32_user(s)) {
        return true;
    }
    ARM_CALL(s, a32_cps, arm_i32(s, op | bits << 2 | to_mode << 5 | mode << 6));
    arm_end_event(s);
    return true;
}

bool a32_op_cps(ArmTranslate *s, const A32Operands *o) { return o->op != 1 && change_state(s, o->op, o->imm, o->x, o->mode); }
bool a32_op_cps16(ArmTranslate *s, const A32Operands *o) { return change_state(s, 2 | o->op, o->imm, false, 0); }

bool a32_op_setend(ArmTranslate *s, const A32Operands *o)
{
    ARM_CALL(s, a32_setend, arm_i32(s, o->x));
    arm_end_lookup(s);
    return true;
}

bool a32_op_setpan(ArmTranslate *s, const A32Operands *o)
{
    if (a32_user(s)) {
        return true;
    }
    ARM_CALL(s, pstate_field, arm_i32(s, 4), arm_i32(s, o->x));
    arm_end_lookup(s);
    return true;
}

/* ---- calls ---- */

bool a32_op_svc(ArmTranslate *s, const A32Operands *o)
{
    ARM_CALL(s, svc, arm_i32(s, o->imm));
    return call_ends(s);
}

bool a32_op_hvc(ArmTranslate *s, const A32Operands *o)
{
    if (a32_user(s)) {
        return false;
    }
    ARM_CALL(s, hvc, arm_i32(s, o->imm), ir_pc(s->b, s->next));
    return call_ends(s);
}

bool a32_op_smc(ArmTranslate *s, const A32Operands *o)
{
    if (a32_user(s)) {
        return false;
    }
    ARM_CALL(s, smc, arm_i32(s, o->imm), ir_pc(s->b, s->next));
    return call_ends(s);
}

bool a32_op_bkpt(ArmTranslate *s, const A32Operands *o)
{
    ARM_CALL(s, a32_bkpt, arm_i32(s, o->imm));
    return call_ends(s);
}

/* Semihosting's number in each instruction set is that of HLT in A64. Before ARMv8 there is no HLT, but the call all the same: specification 2.0, 3.1. */
bool a32_op_hlt(ArmTranslate *s, const A32Operands *o)
{
    enum { A32_CALL = 0xf000, T32_CALL = 0x3c, A64_CALL = 0xf000 };
    if (o->imm != (s->thumb ? T32_CALL : A32_CALL)) {
        return false;
    }
    ARM_CALL(s, hlt, arm_i32(s, A64_CALL), ir_pc(s->b, s->next));
    return call_ends(s);
}

bool a32_op_eret(ArmTranslate *s, const A32Operands *o)
{
    if (a32_user(s) || (s->mode & ARM_MODE_SYS)) {
        return false;
    }
    if (s->mode & ARM_MODE_HYP) {
        ARM_CALL0(s, a32_hyp_return);
    } else {
        ARM_CALL(s, a32_return, a32_r(s, 14));
    }
    return call_ends(s);
}

/* SUBS PC, LR, #imm. */
bool a32_op_eret_thumb(ArmTranslate *s, const A32Operands *o)
{
    if (o->imm == 0) {
        return a32_op_eret(s, o);
    }
    if (a32_user(s) || (s->mode & (ARM_MODE_SYS | ARM_MODE_HYP))) {
        return false;
    }
    ARM_CALL(s, a32_return, a32_op2(s, IR_SUB, a32_r(s, 14), arm_i32(s, o->imm)));
    return call_ends(s);
}

/* ---- waiting, barriers ---- */

bool a32_op_hint(ArmTranslate *s, const A32Operands *o)
{
    enum { HINT_YIELD = 1, HINT_WFE, HINT_WFI, HINT_SEV, HINT_SEVL };
    IrRef next = ir_pc(s->b, s->next);
    switch (o->imm) {
    case HINT_WFE:
    case HINT_WFI:
        ir_write(s->b, SLOT_IT, arm_i32(s, 0));
        ARM_CALL(s, wfx, arm_i32(s, o->imm == HINT_WFE), next);
        return call_ends(s);
    case HINT_SEV:
    case HINT_SEVL:
        ARM_CALL(s, sev, arm_i32(s, o->imm == HINT_SEVL));
        return true;
    default:
        return true;
    }
}

bool a32_op_dmb(ArmTranslate *s, const A32Operands *o)
{
    ir_fence(s->b, (o->crm & 3) == 1 || (o->crm & 3) == 2 ? IR_ORDER_ACQUIRE : IR_ORDER_SEQ);
    return true;
}

bool a32_op_dsb(ArmTranslate *s, const A32Operands *o)
{
    ir_fence(s->b, IR_ORDER_SEQ);
    if (!a32_user(s) && !s->it) {
        IrRef waits = a32_op2(s, IR_XOR, ARM_CALL0(s, dsb), arm_i32(s, 1));
        ir_exit_event_if(s->b, waits, s->start);
    }
    return true;
}

bool a32_op_isb(ArmTranslate *s, const A32Operands *o)
{
    ir_fence(s->b, IR_ORDER_SEQ);
    return true;
}

/* ---- coprocessors 14 and 15 ---- */

static uint32_t spec_of(const A32Operands *o) { return o->cop | o->opc1 << 4 | o->crn << 8 | o->crm << 12 | o->opc2 << 16 | o->rt << 20 | o->rt2 << 24; }

/* The thread registers: Linux reads them all the time. */
static int thread_slot(const ArmTranslate *s, const A32Operands *o)
{
    if (o->cop != 15 || o->opc1 != 0 || o->crn != 13 || o->crm != 0 || arm_el(s) > 1 || (s->mode & (ARM_MODE_TRAP_FEW | ARM_MODE_SECURE))) {
        return -1;
    }
    bool user = a32_user(s);
    return o->opc2 == 2 ? SLOT_TPIDR_EL0 : o->opc2 == 3 && (o->op || !user) ? SLOT_TPIDRRO_EL0 : o->opc2 == 4 && !user ? SLOT_TPIDR_EL1 : -1;
}

/* op 1: MRC; of register 15 the flags are written. */
bool a32_op_mcr(ArmTranslate *s, const A32Operands *o)
{
    int slot = thread_slot(s, o);
    if (o->cop != 14 && o->cop != 15) {
        return false;
    }
    if (slot >= 0 && o->rt != 15) {
        if (o->op) {
            a32_set_r(s, o->rt, ir_trunc(s->b, ir_read(s->b, slot)));
        } else {
            ir_write(s->b, slot, a32_x(s, o->rt));
        }
        return true;
    }
    if (o->op) {
        IrRef value = ARM_CALL(s, a32_mrc, arm_i32(s, spec_of(o)));
        if (o->rt == 15) {
            ARM_CALL(s, a32_msr, arm_i32(s, 8 << 8), a32_op2(s, IR_AND, value, arm_i32(s, 0xf0000000)));
        } else {
            a32_set_r(s, o->rt, value);
        }
        return true;
    }
    ARM_CALL(s, a32_mcr, arm_i32(s, spec_of(o)), a32_r(s, o->rt));
    arm_end_event(s);
    return true;
}

bool a32_op_mcrr(ArmTranslate *s, const A32Operands *o)
{
    if ((o->cop != 14 && o->cop != 15) || o->rt == 15 || o->rt2 == 15) {
        return false;
    }
    if (o->op) {
        IrRef value = ARM_CALL(s, a32_mrrc, arm_i32(s, spec_of(o)));
        a32_set_r(s, o->rt, ir_trunc(s->b, value));
        a32_set_r(s, o->rt2, ir_trunc(s->b, ir_op2(s->b, IR_SHR, IR_I64, value, arm_i32(s, 32))));
        return true;
    }
    ARM_CALL(s, a32_mcrr, arm_i32(s, spec_of(o)), ir_emit(s->b, IR_DEPOSIT, IR_I64, 32, 32, a32_x(s, o->rt), a32_x(s, o->rt2), 0));
    arm_end_event(s);
    return true;
}
