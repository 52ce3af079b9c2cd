/*
 * Building a block: instruction after instruction until control goes elsewhere, the mode changes, the page ends or the block is full; and the ways to end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/translate.h"

enum { PAGE = 4096 };

IrRef rv_pc(RvTranslate *s, int64_t offset)
{
    IrRef pc = ir_pc(s->b, offset);
    return s->rv32 ? ir_sext(s->b, IR_I64, 2, pc) : pc;
}

static IrRef plus(RvTranslate *s, IrRef base, int64_t offset) { return offset ? ir_op2(s->b, IR_ADD, IR_I64, base, rv_i64(s, (uint64_t)offset)) : base; }

static IrRef masked(RvTranslate *s, IrRef base, IrMem *mem)
{
    unsigned mask = FIELD_GET(s->mode, RV_MODE_PMM);
    if (!mask) {
        return base;
    }
    IrRef bits = rv_i32(s, (mask & 3) == PMM_16 ? 16 : 7), address = plus(s, base, mem->offset);
    mem->offset = 0;
    return ir_op2(s->b, mask & PMM_ZEROES ? IR_SHR : IR_SAR, IR_I64, ir_op2(s->b, IR_SHL, IR_I64, address, bits), bits);
}

IrRef rv_base(RvTranslate *s, IrRef base, IrMem *mem, unsigned kinds)
{
    base = masked(s, base, mem);
    if (kinds && (s->mode & RV_MODE_TRIGGERS_ACCESS)) {
        RV_CALL(s, trigger_access, plus(s, base, mem->offset), rv_i32(s, 1u << mem->size_log2), rv_i32(s, kinds));
    }
    return base;
}

/* ---- ends ---- */

void rv_end_goto(RvTranslate *s, int64_t target)
{
    if (s->status_changed) {
        ir_write(s->b, SLOT_PC, ir_pc(s->b, target));
        ir_exit_lookup(s->b);
    } else {
        ir_exit_goto(s->b, target);
    }
    s->ended = true;
}

void rv_end_next(RvTranslate *s)
{
    rv_end_goto(s, s->next);
}

void rv_end_lookup(RvTranslate *s)
{
    ir_write(s->b, SLOT_PC, ir_pc(s->b, s->next));
    ir_exit_lookup(s->b);
    s->ended = true;
}

void rv_end_event(RvTranslate *s)
{
    ir_write(s->b, SLOT_PC, ir_pc(s->b, s->next));
    ir_exit_event(s->b);
    s->ended = true;
}

bool rv_fault(RvTranslate *s, uint32_t cause)
{
    ir_exit_fault(s->b, RV_FAULT(cause));
    s->ended = true;
    return true;
}

static bool raise_with_insn(RvTranslate *s, uint32_t cause)
{
    RV_CALL(s, raise, rv_i32(s, cause), rv_i64(s, s->insn));
    ir_exit_lookup(s->b);
    s->ended = true;
    return true;
}

bool rv_illegal(RvTranslate *s) { return raise_with_insn(s, CAUSE_ILLEGAL_INSTRUCTION); }
bool rv_virtual(RvTranslate *s) { return raise_with_insn(s, CAUSE_VIRTUAL_INSTRUCTION); }

/* ---- instructions ---- */

static void meet_triggers(RvTranslate *s)
{
    if (s->mode & RV_MODE_TRIGGERS_EXECUTE) {
        RV_CALL(s, trigger_execute, ir_pc(s->b, s->start), rv_i32(s, (uint32_t)(s->next - s->start)));
    }
}

typedef enum Decoded { DECODED, DECODED_ILLEGAL, DECODED_NO_FETCH } Decoded;

static Decoded decode(RvTranslate *s)
{
    uint16_t half[2] = { 0 };
    if (!tcg_fetch(s->t->source, s->start, &half[0], 2)) {
        return DECODED_NO_FETCH;
    }
    s->insn = half[0];
    if ((half[0] & 3) != 3) {
        s->next = s->start + 2;
        meet_triggers(s);
        if (s->mode & RV_MODE_ELP) {
            return rv_landing_pad(s) ? DECODED : DECODED_ILLEGAL;
        }
        return NEEDS(zca) && rvc_decode(s, half[0]) && !s->no_register ? DECODED : DECODED_ILLEGAL;
    }
    if (!tcg_fetch(s->t->source, s->start + 2, &half[1], 2)) {
        return DECODED_NO_FETCH;
    }
    s->next = s->start + 4;
    s->insn |= (uint32_t)half[1] << 16;
    meet_triggers(s);
    if (s->mode & RV_MODE_ELP) {
        return rv_landing_pad(s) ? DECODED : DECODED_ILLEGAL;
    }
    return rv_decode(s, s->insn) && !s->no_register ? DECODED : DECODED_ILLEGAL;
}

static void start_again(RvTranslate *s, IrMark mark, const RvTranslate *before)
{
    int32_t next = s->next;
    uint32_t insn = s->insn;
    ir_rewind(s->b, mark);
    *s = *before;
    s->next = next;
    s->insn = insn;
    ir_insn_start(s->b, s->start, 0);
    meet_triggers(s);
}

/* false: the instruction does not belong to the block, which is to end before it. */
static bool translate_instruction(RvTranslate *s, bool first)
{
    IrMark mark = ir_mark(s->b);
    s->start = s->next;
    RvTranslate before = *s;
    ir_insn_start(s->b, s->start, 0);
    switch (decode(s)) {
    case DECODED_NO_FETCH:
        ir_rewind(s->b, mark);
        *s = before;
        if (!first) {
            return false;
        }
        ir_insn_start(s->b, s->start, 0);
        s->next = s->start + 4;
        ir_exit_fault(s->b, TCG_REASON_FETCH);
        s->ended = true;
        return true;
    case DECODED_ILLEGAL:
        start_again(s, mark, &before);
        return rv_illegal(s);
    default:
        return true;
    }
}

/* The same. An instruction that reaches over the end of the page begins a block of its own: only such blocks depend on two pages, and they are few. */
static bool translate_or_leave_out(RvTranslate *s, bool first)
{
    if (first || s->next <= PAGE - 4) {
        return translate_instruction(s, first);
    }
    IrMark mark = ir_mark(s->b);
    RvTranslate before = *s;
    bool fits = translate_instruction(s, first);
    if (fits && s->next > PAGE) {
        ir_rewind(s->b, mark);
        *s = before;
        return false;
    }
    return fits;
}

void riscv_translate(TcgTranslate *t)
{
    RvTranslate s = { .b = t->builder, .t = t, .cpu = RISCV_CPU(t->cpu), .mode = t->mode, .rv32 = t->mode & RV_MODE_RV32, .next = t->offset };
    int left = t->max_insns;
    bool first = true;
    ir_begin(s.b, s.rv32 ? 32 : 64, s.rv32 ? 32 : 64);
    do {
        bool fits = translate_or_leave_out(&s, first);
        t->end = s.next;
        if (s.ended) {
            return;
        }
        if (!fits) {
            break;
        }
        first = false;
    } while (--left > 0 && s.next < PAGE && !ir_full(s.b));
    rv_end_next(&s);
}
