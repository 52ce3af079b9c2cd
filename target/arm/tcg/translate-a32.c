/*
 * AArch32: fetching, conditions, IT blocks, registers and the program counter.
 *
 * DDI 0487, F1 to F4, E1.2 (ITSTATE), G1.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-a32.h"
#include "target/arm/tcg/translate-neon.h"
#include "target/arm/tcg/translate-vfp.h"

enum { COND_AL = 14, COND_UNCONDITIONAL = 15 };

/* ---- registers ---- */

static int32_t pc_offset(const ArmTranslate *s) { return s->start + (s->thumb ? 4 : 8); }

IrRef a32_x(ArmTranslate *s, unsigned n) { return n == 15 ? ir_pc(s->b, pc_offset(s)) : ir_read(s->b, SLOT_X0 + n); }
IrRef a32_r(ArmTranslate *s, unsigned n) { return ir_trunc(s->b, a32_x(s, n)); }
IrRef a32_base(ArmTranslate *s, unsigned n) { return n == 15 ? ir_pc(s->b, pc_offset(s) & ~3) : ir_read(s->b, SLOT_X0 + n); }
void a32_set_r(ArmTranslate *s, unsigned n, IrRef value) { ir_write(s->b, SLOT_X0 + n, ir_zext(s->b, IR_I64, 2, value)); }

static void go_to(ArmTranslate *s, IrRef value, uint32_t mask)
{
    ir_write(s->b, SLOT_PC, ir_zext(s->b, IR_I64, 2, a32_op2(s, IR_AND, value, arm_i32(s, mask))));
    ir_write(s->b, SLOT_IT, arm_i32(s, 0));
    ir_exit_lookup(s->b);
    s->ended = true;
}

void a32_exchange(ArmTranslate *s, IrRef value)
{
    IrRef thumb = a32_op2(s, IR_AND, value, arm_i32(s, 1));
    ir_write(s->b, SLOT_THUMB, thumb);
    go_to(s, value, ~1u);
}

void a32_write_pc(ArmTranslate *s, IrRef value)
{
    if (s->thumb) {
        go_to(s, value, ~1u);
    } else {
        a32_exchange(s, value);
    }
}

void a32_result(ArmTranslate *s, unsigned n, IrRef value)
{
    if (n == 15) {
        a32_write_pc(s, value);
    } else {
        a32_set_r(s, n, value);
    }
}

void a32_loaded(ArmTranslate *s, unsigned n, IrRef value)
{
    if (n == 15) {
        a32_exchange(s, value);
    } else {
        a32_set_r(s, n, value);
    }
}

IrRef a32_carry(ArmTranslate *s) { return ir_test(s->b, IR_CC_GEU, ir_read(s->b, SLOT_FLAGS)); }

void a32_set_q(ArmTranslate *s, IrRef saturated)
{
    IrRef bit = ir_setcc(s->b, IR_CC_NE, saturated, arm_i32(s, 0));
    ir_write(s->b, SLOT_Q, a32_op2(s, IR_OR, ir_read(s->b, SLOT_Q), bit));
}

/* ---- IT blocks ---- */

static unsigned it_condition(uint8_t it) { return it >> 4; }

/* The instructions from here to the end of the IT block have the same condition. */
static bool it_is_uniform(uint8_t it)
{
    unsigned cond = it_condition(it);
    for (; it; it = arm_it_advance(it)) {
        if (it_condition(it) != cond) {
            return false;
        }
    }
    return true;
}

/* Where an IT block ends: the instructions that are left are looked at for their lengths. false: they cannot be fetched. */
static bool it_end(ArmTranslate *s, int32_t *end)
{
    int32_t at = s->start;
    for (uint8_t it = s->it; it; it = arm_it_advance(it)) {
        uint8_t half[2];
        if (!tcg_fetch(s->t->source, at, half, 2)) {
            return false;
        }
        at += (load_le16(half) >> 11) >= 0x1d ? 4 : 2;
    }
    *end = at;
    return true;
}

/* ---- conditions ---- */

static bool is_entered_in_it(const ArmTranslate *s) { return FIELD_GET(s->mode, ARM_MODE_IT) != 0; }

/* Leaves when the condition fails. */
static void leave_unless(ArmTranslate *s, unsigned cond, int32_t next)
{
    if (cond >= COND_AL) {
        return;
    }
    IrRef fails = arm_condition(s, cond ^ 1);
    int32_t end;
    if (!s->it) {
        ir_exit_goto_if(s->b, fails, next);
    } else if (!is_entered_in_it(s) && it_is_uniform(s->it) && it_end(s, &end)) {
        ir_write(s->b, SLOT_IT, arm_i32(s, 0));
        ir_exit_goto_if(s->b, fails, end);
        ir_write(s->b, SLOT_IT, arm_i32(s, s->it));     /* (what a fault of this instruction shows) */
    } else {
        ir_exit_fault_if(s->b, fails, ARM_REASON_SKIP | (next - s->start) << 8);
    }
}

/* ---- instructions ---- */

static bool translate_one(ArmTranslate *s, bool *fetched)
{
    uint8_t bytes[4];
    s->simd = false;
    if (!s->thumb) {
        s->next = s->start + 4;
        if (!(*fetched = tcg_fetch(s->t->source, s->start, bytes, 4))) {
            return true;
        }
        s->insn = load_le32(bytes);
        unsigned cond = s->insn >> 28;
        if (cond == COND_UNCONDITIONAL) {
            return a32u_decode(s, s->insn) || vfp_translate(s, s->insn, true) || neon_translate(s);
        }
        leave_unless(s, cond, s->next);
        return vfp_is_coprocessor(s->insn) ? vfp_translate(s, s->insn, false) : a32_decode(s, s->insn);
    }
    if (!(*fetched = tcg_fetch(s->t->source, s->start, bytes, 2))) {
        return true;
    }
    s->insn = load_le16(bytes);
    s->wide = s->insn >> 11 >= 0x1d;
    s->next = s->start + (s->wide ? 4 : 2);
    if (s->wide) {
        if (!(*fetched = tcg_fetch(s->t->source, s->start + 2, bytes + 2, 2))) {
            return true;
        }
        s->insn = s->insn << 16 | load_le16(bytes + 2);
    }
    if (s->it) {
        leave_unless(s, it_condition(s->it), s->next);
    }
    if (!s->wide) {
        return t16_decode(s, s->insn);
    }
    return t32_decode(s, s->insn) || vfp_translate_t32(s) || neon_translate_t32(s);
}

bool a32_translate(ArmTranslate *s, bool *fetched)
{
    uint8_t it = s->it;
    if ((s->start & (s->thumb ? 1 : 3)) || (s->mode & ARM_MODE_ILLEGAL)) {
        s->next = s->start + 4;
        ir_exit_fault(s->b, s->mode & ARM_MODE_ILLEGAL ? ARM_REASON_ILLEGAL_STATE : ARM_REASON_PC_ALIGNMENT);
        s->ended = true;
        return true;
    }
    bool allocated = translate_one(s, fetched);
    if (allocated && *fetched && it && !s->ended) {
        s->it = arm_it_advance(it);
        ir_write(s->b, SLOT_IT, arm_i32(s, s->it));
    }
    return allocated;
}

/* IMPLEMENTATION DEFINED where the condition fails (F1.3.1): it is skipped. */
void a32_undefined(ArmTranslate *s)
{
    unsigned cond = !s->thumb ? s->insn >> 28 : s->it ? it_condition(s->it) : COND_AL;
    leave_unless(s, cond, s->next);
    arm_undefined(s);
}

/* ---- branches ---- */

/* To another instruction of the same instruction set; what may follow an IT block's last instruction. */
static bool branch(ArmTranslate *s, int64_t target)
{
    if (is_entered_in_it(s)) {
        ir_write(s->b, SLOT_PC, ir_pc(s->b, target));
        ir_write(s->b, SLOT_IT, arm_i32(s, 0));
        ir_exit_lookup(s->b);
        s->ended = true;
        return true;
    }
    if (s->it) {
        ir_write(s->b, SLOT_IT, arm_i32(s, 0));
    }
    arm_end_goto(s, target);
    return true;
}

static bool link_and_branch(ArmTranslate *s, int64_t target)
{
    IrRef back = ir_trunc(s->b, ir_pc(s->b, s->next));
    a32_set_r(s, 14, s->thumb ? a32_op2(s, IR_OR, back, arm_i32(s, 1)) : back);
    if (is_entered_in_it(s)) {
        return branch(s, target);
    }
    if (s->it) {
        ir_write(s->b, SLOT_IT, arm_i32(s, 0));
    }
    ir_exit_call(s->b, target, s->next);
    s->ended = true;
    return true;
}

/* BLX to an address: the other instruction set. */
static bool link_and_exchange(ArmTranslate *s, int64_t target)
{
    IrRef back = ir_trunc(s->b, ir_pc(s->b, s->next));
    a32_set_r(s, 14, s->thumb ? a32_op2(s, IR_OR, back, arm_i32(s, 1)) : back);
    ir_write(s->b, SLOT_THUMB, arm_i32(s, !s->thumb));
    ir_write(s->b, SLOT_IT, arm_i32(s, 0));
    ir_write(s->b, SLOT_PC, ir_pc(s->b, target));
    ir_exit_lookup(s->b);
    s->ended = true;
    return true;
}

bool a32_op_b(ArmTranslate *s, const A32Operands *o) { return branch(s, pc_offset(s) + (int64_t)o->offset * 4); }
bool a32_op_b_thumb(ArmTranslate *s, const A32Operands *o) { return branch(s, pc_offset(s) + (int64_t)o->offset); }
bool a32_op_bl(ArmTranslate *s, const A32Operands *o) { return link_and_branch(s, pc_offset(s) + (int64_t)o->offset * 4); }
bool a32_op_blx_imm(ArmTranslate *s, const A32Operands *o) { return link_and_exchange(s, pc_offset(s) + (int64_t)o->offset * 4 + o->x * 2); }

bool a32_op_b_cond(ArmTranslate *s, const A32Operands *o)
{
    int64_t target = pc_offset(s) + (int64_t)o->offset;
    if (s->it || o->cond >= COND_AL) {
        return false;
    }
    ir_exit_goto_if(s->b, arm_condition(s, o->cond), target);
    return branch(s, s->next);
}

/* B, BL, BLX of T32: bits 23 and 22 of the offset are J1 and J2, inverted where they differ from the sign. */
bool a32_op_b_long(ArmTranslate *s, const A32Operands *o)
{
    enum { LONG_B, LONG_BL, LONG_BLX };
    unsigned sign = o->offset < 0, i1 = o->x == (int)sign, i2 = o->y == (int)sign;
    int64_t offset = (o->offset & ~(3 << 22)) | i1 << 23 | i2 << 22;
    if (o->op == LONG_BLX) {
        return link_and_exchange(s, (pc_offset(s) & ~3) + offset);
    }
    return o->op == LONG_BL ? link_and_branch(s, pc_offset(s) + offset) : branch(s, pc_offset(s) + offset);
}

bool a32_op_bx(ArmTranslate *s, const A32Operands *o)
{
    a32_exchange(s, a32_r(s, o->rm));
    return true;
}

bool a32_op_blx_reg(ArmTranslate *s, const A32Operands *o)
{
    IrRef target = a32_r(s, o->rm), back = ir_trunc(s->b, ir_pc(s->b, s->next));
    a32_set_r(s, 14, s->thumb ? a32_op2(s, IR_OR, back, arm_i32(s, 1)) : back);
    a32_exchange(s, target);
    return true;
}

bool a32_op_cbz(ArmTranslate *s, const A32Operands *o)
{
    int64_t target = pc_offset(s) + (int64_t)o->imm;
    ir_exit_goto_if(s->b, ir_setcc(s->b, o->op ? IR_CC_NE : IR_CC_EQ, a32_r(s, o->rn), arm_i32(s, 0)), target);
    return branch(s, s->next);
}

/* Forward by twice an entry of a table of bytes or halfwords. */
bool a32_op_tbb(ArmTranslate *s, const A32Operands *o)
{
    IrRef index = a32_x(s, o->rm), base = o->rn == 15 ? ir_pc(s->b, pc_offset(s)) : a32_x(s, o->rn);
    if (o->x) {
        index = ir_op2(s->b, IR_SHL, IR_I64, index, arm_i32(s, 1));
    }
    IrRef entry = ir_load(s->b, IR_I32, ir_op2(s->b, IR_ADD, IR_I64, base, index), arm_mem(s, o->x));
    IrRef pc = ir_trunc(s->b, ir_pc(s->b, pc_offset(s)));
    go_to(s, a32_op2(s, IR_ADD, pc, a32_op2(s, IR_SHL, entry, arm_i32(s, 1))), ~1u);
    return true;
}

bool a32_op_it(ArmTranslate *s, const A32Operands *o)
{
    if (s->it || (o->imm & 15) == 0) {
        return false;
    }
    s->it = o->imm;
    ir_write(s->b, SLOT_IT, arm_i32(s, s->it));
    return true;
}

bool a32_op_nop(ArmTranslate *s, const A32Operands *o) { return true; }
bool a32_op_udf(ArmTranslate *s, const A32Operands *o) { return false; }
