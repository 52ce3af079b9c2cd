/*
 * Building a block: instruction after instruction until control goes elsewhere, the mode changes, the page ends or the block is full; and the ways to end.
 *
 * Intel SDM volume 3, 17.3.1.4 (the trap flag), volume 2, STI and MOV (the interrupt shadow).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/translate.h"
#include "target/i386/tcg/decode.h"
#include "target/i386/internal.h"

enum { PAGE = 4096, MAX_BRANCHES = 2 };

/* ---- ends ---- */

IrRef x86_next_pc(X86Translate *s)
{
    return ir_pc(s->b, s->next);
}

/* More than a jump has to happen behind this instruction. */
static bool is_special(const X86Translate *s)
{
    return (s->entry_mode & X86_MODE_TF) || s->shadowed || s->casts_shadow || s->mode != s->entry_mode;
}

/* The trap behind an instruction that ran with TF set. */
static void trap_step(X86Translate *s, IrRef pc)
{
    if ((s->entry_mode & X86_MODE_TF) && !s->no_trap) {
        X86_CALL(s, trap_step, pc);
    }
}

static void leave_to(X86Translate *s, IrRef pc, bool event)
{
    trap_step(s, pc);
    ir_write(s->b, SLOT_PC, pc);
    if ((s->shadowed || event) && !s->casts_shadow) {
        ir_exit_event(s->b);
    } else {
        ir_exit_lookup(s->b);
    }
    s->ended = true;
}

/* Behind the instruction that an interrupt shadow lay over interrupts may come. What they have to wait for is seen at the kick flag; what has been waiting, here. */
static IrRef request_waits(X86Translate *s)
{
    return ir_setcc(s->b, IR_CC_NE, ir_read(s->b, SLOT_REQUEST), x86_i32(s, 0));
}

/* The shadow is all that is special here. Where the block began in it, it has to end: its mode is another than that of what follows. */
static bool ends_shadow(const X86Translate *s)
{
    return s->shadowed && !(s->t->mode & X86_MODE_SHADOW) && !(s->entry_mode & X86_MODE_TF) && !s->casts_shadow && s->mode == s->entry_mode;
}

static void leave_shadow(X86Translate *s, int64_t target_offset)
{
    if (ends_shadow(s)) {
        ir_exit_event_if(s->b, request_waits(s), target_offset);
        s->shadowed = false;
    }
}

void x86_end_goto(X86Translate *s, int64_t target_offset)
{
    leave_shadow(s, target_offset);
    if (is_special(s)) {
        leave_to(s, ir_pc(s->b, target_offset), false);
        return;
    }
    ir_exit_goto(s->b, target_offset);
    s->ended = true;
}

/*
 * Whether the block goes on behind a jump that is not taken: not behind one backwards, which is taken as a rule, and not for ever, since what comes behind is
 * translated again for each block that leads to it.
 */
static bool goes_on(X86Translate *s, int64_t target_offset)
{
    return target_offset > s->start && s->nr_branches++ < MAX_BRANCHES;
}

void x86_jump(X86Translate *s, int64_t target_offset)
{
    if (!is_special(s) && target_offset < PAGE - IR_NEAR_PAGE_END && goes_on(s, target_offset)) {
        s->next = target_offset;
        return;
    }
    x86_end_goto(s, target_offset);
}

void x86_end_goto_if(X86Translate *s, IrRef cond, int64_t target_offset)
{
    if (ends_shadow(s)) {
        ir_exit_event_if(s->b, ir_op2(s->b, IR_AND, IR_I32, request_waits(s), ir_setcc(s->b, IR_CC_NE, cond, x86_i32(s, 0))), target_offset);
        leave_shadow(s, s->next);
    }
    if (is_special(s)) {
        leave_to(s, ir_op3(s->b, IR_SELECT, IR_I64, cond, ir_pc(s->b, target_offset), x86_next_pc(s)), false);
        return;
    }
    ir_exit_goto_if(s->b, cond, target_offset);
    if (goes_on(s, target_offset)) {
        return;
    }
    ir_exit_goto(s->b, s->next);
    s->ended = true;
}

void x86_end_call(X86Translate *s, int64_t target_offset)
{
    leave_shadow(s, target_offset);
    if (is_special(s)) {
        leave_to(s, ir_pc(s->b, target_offset), false);
        return;
    }
    ir_exit_call(s->b, target_offset, s->next);
    s->ended = true;
}

void x86_end_indirect(X86Translate *s, IrExitKind kind, IrRef pc)
{
    if (x86_in_64(s)) {
        uint32_t what = kind == IR_EXIT_CALL_INDIRECT ? X86_JUMP_CALL : kind == IR_EXIT_RETURN ? X86_JUMP_RETURN : X86_JUMP_PLAIN;
        uint32_t released = kind == IR_EXIT_RETURN ? (uint32_t)s->immediate << X86_JUMP_RELEASED_SHIFT : 0;
        ir_write(s->b, SLOT_LAST_JUMP, x86_i32(s, released | what | (uint32_t)s->start));
    }
    if (is_special(s)) {
        leave_to(s, pc, false);
        return;
    }
    switch (kind) {
    case IR_EXIT_CALL_INDIRECT:
        ir_exit_call_indirect(s->b, pc, s->next);
        break;
    case IR_EXIT_RETURN:
        ir_exit_return(s->b, pc);
        break;
    default:
        ir_exit_indirect(s->b, pc);
        break;
    }
    s->ended = true;
}

void x86_end_next(X86Translate *s)
{
    x86_end_goto(s, s->next);
}

void x86_end_lookup(X86Translate *s)
{
    leave_to(s, x86_next_pc(s), false);
}

void x86_end_event(X86Translate *s)
{
    leave_to(s, x86_next_pc(s), true);
}

void x86_end_after_transfer(X86Translate *s, bool event)
{
    if (s->entry_mode & X86_MODE_TF) {
        trap_step(s, ir_read(s->b, SLOT_PC));
    }
    ir_write(s->b, SLOT_LAST_JUMP, x86_i32(s, 0));
    if (event || s->shadowed) {
        ir_exit_event(s->b);
    } else {
        ir_exit_lookup(s->b);
    }
    s->ended = true;
}

void x86_end_left(X86Translate *s)
{
    ir_exit_lookup(s->b);
    s->ended = true;
}

bool x86_end_fault(X86Translate *s, uint32_t reason)
{
    ir_exit_fault(s->b, reason);
    s->ended = true;
    return true;
}

/* ---- the floating-point unit's availability ---- */

static bool require(X86Translate *s, bool invalid)
{
    if (invalid) {
        x86_end_fault(s, X86_FAULT(EXCP_UD));
        return false;
    }
    if (s->mode & X86_MODE_TS) {
        x86_end_fault(s, X86_FAULT(EXCP_NM));
        return false;
    }
    return true;
}

bool x86_require_sse(X86Translate *s)
{
    return require(s, (s->mode & X86_MODE_EM) || !(s->mode & X86_MODE_OSFXSR));
}

bool x86_require_mmx(X86Translate *s)
{
    return require(s, s->mode & X86_MODE_EM);
}

bool x86_require_x87(X86Translate *s)
{
    if (s->mode & (X86_MODE_EM | X86_MODE_TS)) {
        x86_end_fault(s, X86_FAULT(EXCP_NM));
        return false;
    }
    return true;
}

/* ---- instructions ---- */

/* 16-bit code at offset may be at the end of its 64 KiB: the end is at a page's, or it may be anywhere. */
static bool may_end_segment(const X86Translate *s, int32_t offset)
{
    bool code16 = !(s->mode & (X86_MODE_CODE32 | X86_MODE_CODE64));
    return code16 && x86_mode_limit(s->mode, R_CS) == X86_LIMIT_64K && ((s->mode & X86_MODE_CS_END) || offset >= PAGE);
}

/* What comes behind the last byte of 64 KiB is not the first one: IP goes beyond the limit. */
static void check_run_over_end(X86Translate *s, int32_t offset)
{
    if (may_end_segment(s, offset)) {
        ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_EQ, ir_pc(s->b, offset), x86_i64(s, 0)), X86_FAULT_0(EXCP_GP));
    }
}

/* The instruction must lie within its code segment. */
static void check_code_limit(X86Translate *s)
{
    unsigned class = x86_mode_limit(s->mode, R_CS);
    if (s->follows) {
        check_run_over_end(s, s->start);
    }
    if (class == X86_LIMIT_64K && (s->mode & X86_MODE_CODE32)) {
        ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_GTU, ir_pc(s->b, s->next - 1), x86_i64(s, 0xffff)), X86_FAULT_0(EXCP_GP));
    } else if (may_end_segment(s, s->next)) {
        IrRef last = ir_op2(s->b, IR_ADD, IR_I64, ir_pc(s->b, s->start), x86_i64(s, s->next - 1 - s->start));
        ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_GTU, last, x86_i64(s, 0xffff)), X86_FAULT_0(EXCP_GP));
    } else if (class == X86_LIMIT_UP || class == X86_LIMIT_ODD) {
        IrRef limit = ir_zext(s->b, IR_I64, 2, ir_read(s->b, SLOT_ES_LIMIT + R_CS));
        ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_GTU, ir_pc(s->b, s->next - 1), limit), X86_FAULT_0(EXCP_GP));
    }
}

static void start_instruction(X86Translate *s)
{
    ir_insn_start(s->b, s->start, 0);
    if (s->shadowed) {
        ir_write(s->b, SLOT_INHIBIT, x86_i32(s, 0));
    }
    if (s->entry_mode & X86_MODE_RF) {
        ir_write(s->b, SLOT_EFLAGS, ir_op2(s->b, IR_AND, IR_I32, ir_read(s->b, SLOT_EFLAGS), x86_i32(s, ~RF_MASK)));
        s->mode &= ~X86_MODE_RF;
    }
}

static void fault_instead(X86Translate *s, IrMark mark, uint32_t reason)
{
    ir_rewind(s->b, mark);
    start_instruction(s);
    x86_end_fault(s, reason);
}

/* false: the instruction does not belong to the block, which is to end before it. */
static bool translate_instruction(X86Translate *s, bool first)
{
    IrMark mark = ir_mark(s->b);
    s->start = s->next;
    s->casts_shadow = s->no_trap = false;
    switch (x86_decode(s)) {
    case X86_DECODED_NO_FETCH:
        s->next = s->start;
        if (!first) {
            return false;
        }
        fault_instead(s, mark, TCG_REASON_FETCH);
        return true;
    case X86_DECODED_GP:
        fault_instead(s, mark, X86_FAULT_0(EXCP_GP));
        return true;
    case X86_DECODED_UD:
        fault_instead(s, mark, X86_FAULT(EXCP_UD));
        return true;
    case X86_DECODED:
        break;
    }
    if ((s->flags & X86_OP_CPL0) && x86_cpl_of(s) != 0) {
        fault_instead(s, mark, X86_FAULT_0(EXCP_GP));
        return true;
    }
    start_instruction(s);
    check_code_limit(s);
    uint64_t mode = s->mode;
    int32_t behind = s->next;
    if (!s->op->translate(s)) {
        s->mode = mode;
        fault_instead(s, mark, X86_FAULT(EXCP_UD));
    }
    s->follows = s->next == behind;
    return true;
}

/* The same. An instruction that reaches over the end of the page begins a block of its own: only such blocks depend on two pages, and they are few. */
static bool translate_or_leave_out(X86Translate *s, bool first)
{
    if (first || s->next <= PAGE - IR_NEAR_PAGE_END) {
        return translate_instruction(s, first);
    }
    IrMark mark = ir_mark(s->b);
    X86Translate before = *s;
    bool fits = translate_instruction(s, first);
    if (fits && s->next > PAGE) {
        ir_rewind(s->b, mark);
        *s = before;
        return false;
    }
    return fits;
}

static unsigned pc_bits(uint64_t mode)
{
    return mode & X86_MODE_CODE64 ? 64 : mode & X86_MODE_CODE32 ? 32 : 16;
}

void x86_translate(TcgTranslate *t)
{
    X86Translate s = { .b = t->builder, .t = t, .cpu = X86_CPU(t->cpu), .mode = t->mode, .entry_mode = t->mode, .next = t->offset };
    int left = t->mode & (X86_MODE_TF | X86_MODE_RF) ? 1 : t->max_insns;
    bool shadow = t->mode & X86_MODE_SHADOW, first = true;
    s.mode &= ~X86_MODE_SHADOW;
    s.entry_mode &= ~X86_MODE_SHADOW;
    ir_begin(s.b, t->mode & X86_MODE_CODE64 ? 64 : 32, pc_bits(t->mode));
    for (;;) {
        s.shadowed = shadow;
        bool fits = translate_or_leave_out(&s, first);
        t->end = s.next;
        if (s.ended) {
            return;
        }
        if (!fits) {
            /* Where a shadow was to lie over the instruction, the slot says so. */
            s.shadowed = false;
            s.casts_shadow = shadow;
            break;
        }
        leave_shadow(&s, s.next);
        if (s.shadowed && !s.casts_shadow) {
            x86_end_event(&s);
            return;
        }
        shadow = s.casts_shadow;
        first = false;
        if (--left <= 0 || s.next >= PAGE || ir_full(s.b)) {
            break;
        }
    }
    if (s.follows && may_end_segment(&s, s.next)) {
        ir_insn_start(s.b, s.next, 0);
        check_run_over_end(&s, s.next);
    }
    x86_end_next(&s);
}
