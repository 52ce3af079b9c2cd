/*
 * Compressed code's stack frames, pairs of moves, and jumps by table: Zcmp, Zcmt.
 *
 * All loads of a frame come before the first register is written, and sp is moved last: a fault leaves nothing half done but stores below sp, which are done again.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 28.13 "Zcmp", 28.14 "Zcmt".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/translate.h"

enum { RA = 1, SP = 2, A0 = 10, A1 = 11, MAX_SAVED = 13 };

/* ---- frames ---- */

static unsigned saved_register(unsigned n) { return n < 2 ? 8 + n : 16 + n; }     /* s0 to s11 */

/* The registers of a list, ra first. How many; 0: a reserved list. */
static unsigned registers_of(unsigned list, uint8_t regs[MAX_SAVED])
{
    if (list < 4) {
        return 0;
    }
    unsigned saved = list == 15 ? 12 : list - 4;
    regs[0] = RA;
    for (unsigned i = 0; i < saved; i++) {
        regs[1 + i] = (uint8_t)saved_register(i);
    }
    return 1 + saved;
}

static IrRef at_sp(RvTranslate *s, int64_t offset, IrMem *mem, unsigned kinds)
{
    *mem = (IrMem){ .offset = (int32_t)offset, .size_log2 = s->rv32 ? 2 : 3, .sign = true, .priv = rv_data_index(s) };
    return rv_base(s, rv_x(s, SP), mem, kinds);
}

static void move_sp(RvTranslate *s, int64_t by)
{
    IrRef sp = ir_op2(s->b, IR_ADD, IR_I64, rv_x(s, SP), rv_i64(s, (uint64_t)by));
    rv_set_x(s, SP, s->rv32 ? ir_sext(s->b, IR_I64, 2, sp) : sp);
}

static bool jump_to(RvTranslate *s, RiscvTransfer type, IrRef target)
{
    target = ir_op2(s->b, IR_AND, IR_I64, target, rv_i64(s, ~UINT64_C(1)));
    target = s->rv32 ? ir_zext(s->b, IR_I64, 2, target) : target;
    rv_record(s, type, target);
    ir_write(s->b, SLOT_PC, target);
    ir_exit_lookup(s->b);
    s->ended = true;
    return true;
}

bool rv_op_cm_frame(RvTranslate *s, const RvOperands *o)
{
    uint8_t regs[MAX_SAVED];
    unsigned count = registers_of(s->insn >> 4 & 15, regs), bytes = s->rv32 ? 4 : 8;
    int64_t size = ROUND_UP(count * bytes, 16) + (s->insn >> 2 & 3) * 16;
    IrRef loaded[MAX_SAVED];
    IrMem mem;
    if (!count) {
        return false;
    }
    /* The last of the list is nearest to the frame's upper end. */
    int64_t above = o->op == CM_PUSH ? 0 : size;
    for (unsigned i = 0; i < count; i++) {
        IrRef base = at_sp(s, above - (int64_t)((count - i) * bytes), &mem, o->op == CM_PUSH ? RISCV_TRIGGER_STORES : RISCV_TRIGGER_LOADS);
        if (o->op == CM_PUSH) {
            ir_store(s->b, base, rv_x(s, regs[i]), mem);
        } else {
            loaded[i] = ir_load(s->b, IR_I64, base, mem);
        }
    }
    for (unsigned i = 0; o->op != CM_PUSH && i < count; i++) {
        rv_set_x(s, regs[i], loaded[i]);
    }
    move_sp(s, o->op == CM_PUSH ? -size : size);
    if (o->op == CM_POPRETZ) {
        rv_set_x(s, A0, rv_i64(s, 0));
    }
    return o->op == CM_PUSH || o->op == CM_POP || jump_to(s, CTR_RETURN, loaded[0]);
}

/* ---- pairs ---- */

bool rv_op_cm_moves(RvTranslate *s, const RvOperands *o)
{
    unsigned first = saved_register(s->insn >> 7 & 7), second = saved_register(s->insn >> 2 & 7);
    if (o->op == CM_MVA01S) {
        IrRef a = rv_x(s, first), b = rv_x(s, second);
        rv_set_x(s, A0, a);
        rv_set_x(s, A1, b);
        return true;
    }
    if (first == second) {
        return false;
    }
    rv_set_x(s, first, rv_x(s, A0));
    rv_set_x(s, second, rv_x(s, A1));
    return true;
}

/* ---- tables ---- */

bool rv_op_cm_table(RvTranslate *s, const RvOperands *o)
{
    unsigned index = s->insn >> 2 & 0xff;
    IrRef target = RV_CALL(s, table_jump, rv_i32(s, index), rv_i64(s, s->insn));
    if (index >= 32) {
        rv_set_x(s, RA, rv_pc(s, s->next));         /* CM.JALT */
    }
    return jump_to(s, index >= 32 ? CTR_DIRECT_CALL : CTR_DIRECT_JUMP, target);
}
