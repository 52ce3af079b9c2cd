/*
 * Far transfers: JMP, CALL and RET between segments, call gates, IRET in all modes.
 *
 * Intel SDM volume 2 (pseudo-code of the instructions), volume 3, 5.8 (control transfers between privilege levels), 20.2 (virtual-8086).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/far.h"

static bool refuse(X86Cpu *cpu, int vector, uint16_t selector)
{
    x86_record_exception_error(cpu, vector, selector & 0xfffc);
    return false;
}

static X86Stack current_stack(X86Cpu *cpu)
{
    return x86_current_stack(cpu, x86_priv(cpu));
}

static void load_real_cs(X86Cpu *cpu, uint16_t selector)
{
    if (x86_vm86(cpu)) {
        x86_load_segment_vm86(cpu, R_CS, selector);
    } else {
        cpu->segs[R_CS].selector = selector;
        cpu->segs[R_CS].base = (uint32_t)selector << 4;
    }
}

/* Where a code segment descriptor lets a jump arrive: 64-bit code has no limit but canonical addresses. */
static bool check_target(X86Cpu *cpu, Descriptor d, uint64_t offset)
{
    bool code64 = x86_long_mode(cpu) && (d.high & DESC_L_MASK);
    if (code64 ? !x86_canonical(cpu, offset) : offset > descriptor_limit(d)) {
        return refuse(cpu, EXCP_GP, 0);
    }
    return true;
}

/* Common to jumps and calls straight to a code segment: it must be there and of our ring. */
static bool check_code(X86Cpu *cpu, uint16_t selector, Descriptor d)
{
    unsigned cpl = x86_cpl(cpu), dpl = descriptor_dpl(d);
    bool fits = d.high & DESC_C_MASK ? dpl <= cpl : dpl == cpl && (selector & 3) <= cpl;
    bool both = x86_long_mode(cpu) && (d.high & DESC_L_MASK) && (d.high & DESC_B_MASK);
    if (!descriptor_is_code(d) || !fits || both) {
        return refuse(cpu, EXCP_GP, selector);
    }
    return (d.high & DESC_P_MASK) || refuse(cpu, EXCP_NP, selector);
}

/* ---- gates ---- */

typedef struct CallGate { uint16_t selector; uint64_t offset; unsigned bytes, parameters; Descriptor code; } CallGate;

static bool read_call_gate(X86Cpu *cpu, uint16_t selector, Descriptor d, CallGate *g)
{
    bool long_mode = x86_long_mode(cpu);
    unsigned type = descriptor_type(d);
    if (descriptor_dpl(d) < x86_cpl(cpu) || descriptor_dpl(d) < (selector & 3u) || (long_mode && type != SYS_CALL32)) {
        return refuse(cpu, EXCP_GP, selector);
    }
    if (!(d.high & DESC_P_MASK)) {
        return refuse(cpu, EXCP_NP, selector);
    }
    *g = (CallGate){ .selector = d.low >> 16, .bytes = long_mode ? 8 : type == SYS_CALL32 ? 4 : 2, .parameters = d.high & 31 };
    g->offset = g->bytes == 2 ? d.low & 0xffff : (d.high & 0xffff0000u) | (d.low & 0xffff);
    if (long_mode) {
        Descriptor upper;
        if (!x86_fetch_descriptor(cpu, selector + 8, &upper, EXCP_GP)) {
            return false;
        }
        if (descriptor_type(upper)) {
            return refuse(cpu, EXCP_GP, selector);
        }
        g->offset |= (uint64_t)upper.low << 32;
        g->parameters = 0;
    }
    if ((g->selector & 0xfffc) == 0) {
        return refuse(cpu, EXCP_GP, 0);
    }
    if (!x86_fetch_descriptor(cpu, g->selector, &g->code, EXCP_GP)) {
        return false;
    }
    if (!descriptor_is_code(g->code) || descriptor_dpl(g->code) > x86_cpl(cpu)
        || (long_mode && (g->code.high & (DESC_L_MASK | DESC_B_MASK)) != DESC_L_MASK)) {
        return refuse(cpu, EXCP_GP, g->selector);
    }
    return (g->code.high & DESC_P_MASK) || refuse(cpu, EXCP_NP, g->selector);
}

static bool jump_through_gate(X86Cpu *cpu, uint16_t selector, Descriptor d)
{
    CallGate g;
    if (!read_call_gate(cpu, selector, d, &g)) {
        return false;
    }
    if (!(g.code.high & DESC_C_MASK) && descriptor_dpl(g.code) != x86_cpl(cpu)) {
        return refuse(cpu, EXCP_GP, g.selector);
    }
    if (!check_target(cpu, g.code, g.offset) || !x86_set_accessed(cpu, g.selector, &g.code)) {
        return false;
    }
    x86_load_cs(cpu, g.selector, g.code, x86_cpl(cpu));
    cpu->pc = g.offset;
    return true;
}

/* Task gates and TSS descriptors, for JMP and CALL. */
static bool transfer_to_task(X86Cpu *cpu, uint16_t selector, Descriptor d, X86TaskSwitch how, uint64_t next_pc)
{
    if (x86_long_mode(cpu) || descriptor_dpl(d) < x86_cpl(cpu) || descriptor_dpl(d) < (selector & 3u)) {
        return refuse(cpu, EXCP_GP, selector);
    }
    if (!(d.high & DESC_P_MASK)) {
        return refuse(cpu, EXCP_NP, selector);
    }
    if (descriptor_type(d) == SYS_TASK_GATE) {
        selector = d.low >> 16;
        if (selector & 4) {
            return refuse(cpu, EXCP_GP, selector);
        }
        if (!x86_fetch_descriptor(cpu, selector, &d, EXCP_GP)) {
            return false;
        }
        if ((d.high & DESC_S_MASK) || (descriptor_type(d) != SYS_TSS16 && descriptor_type(d) != SYS_TSS32)) {
            return refuse(cpu, EXCP_GP, selector);
        }
        if (!(d.high & DESC_P_MASK)) {
            return refuse(cpu, EXCP_NP, selector);
        }
    } else if (selector & 4) {
        return refuse(cpu, EXCP_GP, selector);
    }
    return x86_switch_task(cpu, selector, d, how, next_pc, NULL);
}

static bool is_task(Descriptor d)
{
    unsigned type = descriptor_type(d);
    return type == SYS_TASK_GATE || type == SYS_TSS16 || type == SYS_TSS32;
}

static bool is_call_gate(Descriptor d)
{
    return descriptor_type(d) == SYS_CALL16 || descriptor_type(d) == SYS_CALL32;
}

/* ---- JMP ---- */

bool x86_far_jump(X86Cpu *cpu, uint16_t selector, uint64_t offset, uint64_t next_pc)
{
    if (!x86_protected_mode(cpu)) {
        if (offset > cpu->segs[R_CS].limit) {
            return refuse(cpu, EXCP_GP, 0);
        }
        load_real_cs(cpu, selector);
        cpu->pc = offset;
        return true;
    }
    Descriptor d;
    if ((selector & 0xfffc) == 0) {
        return refuse(cpu, EXCP_GP, 0);
    }
    if (!x86_fetch_descriptor(cpu, selector, &d, EXCP_GP)) {
        return false;
    }
    if (!(d.high & DESC_S_MASK)) {
        return is_call_gate(d) ? jump_through_gate(cpu, selector, d)
            : is_task(d) ? transfer_to_task(cpu, selector, d, TASK_JMP, next_pc) : refuse(cpu, EXCP_GP, selector);
    }
    if (!check_code(cpu, selector, d) || !check_target(cpu, d, offset) || !x86_set_accessed(cpu, selector, &d)) {
        return false;
    }
    x86_load_cs(cpu, selector, d, x86_cpl(cpu));
    cpu->pc = offset;
    return true;
}

/* ---- CALL ---- */

static bool call_inner(X86Cpu *cpu, const CallGate *g, unsigned dpl, uint64_t next_pc)
{
    X86Stack old = current_stack(cpu), s;
    uint16_t ss = dpl;
    Descriptor stack = { .high = DESC_P_MASK | DESC_S_MASK | DESC_W_MASK | DESC_B_MASK | DESC_G_MASK | 0xf0000 | dpl << DESC_DPL_SHIFT, .low = 0xffff };
    if (g->bytes == 8) {
        uint64_t rsp;
        if (!x86_tss_stack64(cpu, dpl, &rsp)) {
            return false;
        }
        s = x86_stack(cpu, 0, rsp, UINT64_MAX, X86_PRIV_SYSTEM);
    } else {
        uint32_t esp;
        if (!x86_tss_stack(cpu, dpl, &ss, &esp) || !x86_check_stack_segment(cpu, ss, dpl, EXCP_TS, 0, &stack)
            || !x86_set_accessed(cpu, ss, &stack)) {
            return false;
        }
        s = x86_descriptor_stack(cpu, stack, esp, X86_PRIV_SYSTEM);
        s.error = ss & 0xfffc;
    }
    x86_stack_push(&s, cpu->segs[R_SS].selector, g->bytes);
    x86_stack_push(&s, cpu->regs[R_ESP], g->bytes);
    for (unsigned i = g->parameters; i-- > 0;) {
        X86Stack from = old;
        from.sp += i * g->bytes;
        uint64_t value = x86_stack_pop(&from, g->bytes);
        if (from.failed) {
            return false;
        }
        x86_stack_push(&s, value, g->bytes);
    }
    x86_stack_push(&s, cpu->segs[R_CS].selector, g->bytes);
    x86_stack_push(&s, next_pc, g->bytes);
    if (s.failed) {
        return false;
    }
    x86_load_segment_descriptor(cpu, R_SS, g->bytes == 8 ? dpl : (ss & ~3u) | dpl, stack);
    set_stack_pointer(cpu, s.mask, s.sp);
    x86_load_cs(cpu, g->selector, g->code, dpl);
    cpu->pc = g->offset;
    return true;
}

static bool call_through_gate(X86Cpu *cpu, uint16_t selector, Descriptor d, uint64_t next_pc)
{
    CallGate g;
    if (!read_call_gate(cpu, selector, d, &g) || !check_target(cpu, g.code, g.offset) || !x86_set_accessed(cpu, g.selector, &g.code)) {
        return false;
    }
    unsigned cpl = x86_cpl(cpu);
    if (!(g.code.high & DESC_C_MASK) && descriptor_dpl(g.code) < cpl) {
        return call_inner(cpu, &g, descriptor_dpl(g.code), next_pc);
    }
    X86Stack s = current_stack(cpu);
    if (g.bytes == 8) {
        s = x86_stack(cpu, 0, cpu->regs[R_ESP], UINT64_MAX, s.priv);
    }
    x86_stack_push(&s, cpu->segs[R_CS].selector, g.bytes);
    x86_stack_push(&s, next_pc, g.bytes);
    if (s.failed) {
        return false;
    }
    set_stack_pointer(cpu, s.mask, s.sp);
    x86_load_cs(cpu, g.selector, g.code, cpl);
    cpu->pc = g.offset;
    return true;
}

bool x86_far_call(X86Cpu *cpu, uint16_t selector, uint64_t offset, unsigned bytes, uint64_t next_pc)
{
    Descriptor d = { 0 };
    bool protected_mode = x86_protected_mode(cpu);
    if (protected_mode) {
        if ((selector & 0xfffc) == 0) {
            return refuse(cpu, EXCP_GP, 0);
        }
        if (!x86_fetch_descriptor(cpu, selector, &d, EXCP_GP)) {
            return false;
        }
        if (!(d.high & DESC_S_MASK)) {
            return is_call_gate(d) ? call_through_gate(cpu, selector, d, next_pc)
                : is_task(d) ? transfer_to_task(cpu, selector, d, TASK_CALL, next_pc) : refuse(cpu, EXCP_GP, selector);
        }
        if (!check_code(cpu, selector, d) || !check_target(cpu, d, offset)) {
            return false;
        }
    } else if (offset > cpu->segs[R_CS].limit) {
        return refuse(cpu, EXCP_GP, 0);
    }
    X86Stack s = current_stack(cpu);
    x86_stack_push(&s, cpu->segs[R_CS].selector, bytes);
    x86_stack_push(&s, next_pc, bytes);
    if (s.failed || (protected_mode && !x86_set_accessed(cpu, selector, &d))) {
        return false;
    }
    set_stack_pointer(cpu, s.mask, s.sp);
    if (protected_mode) {
        x86_load_cs(cpu, selector, d, x86_cpl(cpu));
    } else {
        load_real_cs(cpu, selector);
    }
    cpu->pc = offset;
    return true;
}

/* ---- RET and the protected part of IRET ---- */

/* What is popped, before it is believed. */
typedef struct ReturnFrame { uint64_t pc; uint16_t cs; uint32_t eflags; } ReturnFrame;

static bool check_return_code(X86Cpu *cpu, uint16_t selector, Descriptor *d)
{
    if ((selector & 0xfffc) == 0) {
        return refuse(cpu, EXCP_GP, 0);
    }
    if (!x86_fetch_descriptor(cpu, selector, d, EXCP_GP)) {
        return false;
    }
    unsigned rpl = selector & 3, dpl = descriptor_dpl(*d);
    bool both = x86_long_mode(cpu) && (d->high & DESC_L_MASK) && (d->high & DESC_B_MASK);
    if (!descriptor_is_code(*d) || rpl < x86_cpl(cpu) || (d->high & DESC_C_MASK ? dpl > rpl : dpl != rpl) || both) {
        return refuse(cpu, EXCP_GP, selector);
    }
    return (d->high & DESC_P_MASK) || refuse(cpu, EXCP_NP, selector);
}

/* Checks the stack segment of the outer ring (or of the same in 64-bit IRET). */
static bool check_return_stack(X86Cpu *cpu, uint16_t ss, unsigned rpl, bool code64, Descriptor *d)
{
    if ((ss & 0xfffc) == 0) {
        if (!code64 || rpl == 3) {
            return refuse(cpu, EXCP_GP, 0);
        }
        *d = (Descriptor){ .low = 0xffff, .high = DESC_P_MASK | DESC_S_MASK | DESC_W_MASK | DESC_B_MASK | DESC_G_MASK | 0xf0000 | rpl << DESC_DPL_SHIFT };
        return true;
    }
    return x86_check_stack_segment(cpu, ss, rpl, EXCP_GP, 0, d) && x86_set_accessed(cpu, ss, d);
}

static void load_return_stack(X86Cpu *cpu, uint16_t ss, Descriptor d)
{
    if ((ss & 0xfffc) == 0) {
        x86_load_segment(cpu, R_SS, ss, 0, UINT32_MAX, d.high & DESC_ATTRIBUTES);
    } else {
        x86_load_segment_descriptor(cpu, R_SS, ss, d);
    }
}

/* Goes back to f from stack s, which stands behind what was popped; release: bytes of parameters (RET n). iret: the frame's SS and ESP follow even in the
 * same ring in 64-bit mode. On success CS, SS, ESP and PC are the caller's. */
static bool return_protected(X86Cpu *cpu, const ReturnFrame *f, X86Stack *s, unsigned bytes, unsigned release, bool iret)
{
    Descriptor code, stack;
    if (!check_return_code(cpu, f->cs, &code)) {
        return false;
    }
    unsigned rpl = f->cs & 3;
    bool code64 = x86_long_mode(cpu) && (code.high & DESC_L_MASK);
    bool outer = rpl > x86_cpl(cpu);
    if (!check_target(cpu, code, f->pc)) {
        return false;
    }
    if (!outer && !(iret && x86_code64(cpu))) {
        if (!x86_set_accessed(cpu, f->cs, &code)) {
            return false;
        }
        set_stack_pointer(cpu, s->mask, s->sp + release);
        x86_load_cs(cpu, f->cs, code, rpl);
        cpu->pc = f->pc;
        return true;
    }
    s->sp += release;
    uint64_t sp = x86_stack_pop(s, bytes);
    uint16_t ss = x86_stack_pop(s, bytes);
    if (s->failed || !check_return_stack(cpu, ss, rpl, code64, &stack) || !x86_set_accessed(cpu, f->cs, &code)) {
        return false;
    }
    x86_load_cs(cpu, f->cs, code, rpl);
    load_return_stack(cpu, ss, stack);
    cpu->pc = f->pc;
    uint64_t mask = code64 ? UINT64_MAX : stack.high & DESC_B_MASK ? 0xffffffffu : 0xffffu;
    set_stack_pointer(cpu, mask, sp + release);
    if (outer) {
        x86_hide_inner_segments(cpu, rpl);
    }
    return true;
}

bool x86_far_return(X86Cpu *cpu, unsigned bytes, unsigned release)
{
    X86Stack s = current_stack(cpu);
    ReturnFrame f = { .pc = x86_stack_pop(&s, bytes) };
    f.cs = x86_stack_pop(&s, bytes);
    if (s.failed) {
        return false;
    }
    if (x86_protected_mode(cpu)) {
        return return_protected(cpu, &f, &s, bytes, release, false);
    }
    if (f.pc > cpu->segs[R_CS].limit) {
        return refuse(cpu, EXCP_GP, 0);
    }
    set_stack_pointer(cpu, s.mask, s.sp + release);
    load_real_cs(cpu, f.cs);
    cpu->pc = f.pc;
    return true;
}

/* ---- IRET ---- */

/* The bits of EFLAGS that change from old by mask. */
static void load_eflags(X86Cpu *cpu, uint32_t value, uint32_t mask, unsigned bytes)
{
    if (bytes == 2) {
        mask &= 0xffff;
    }
    uint32_t old = x86_get_eflags(cpu);
    x86_set_eflags(cpu, (old & ~mask) | (value & mask));
}

#define IRET_MASK (CC_ALL | TF_MASK | DF_MASK | NT_MASK | RF_MASK | AC_MASK | ID_MASK)

static bool iret_real(X86Cpu *cpu, unsigned bytes)
{
    X86Stack s = current_stack(cpu);
    ReturnFrame f = { .pc = x86_stack_pop(&s, bytes) };
    f.cs = x86_stack_pop(&s, bytes);
    f.eflags = x86_stack_pop(&s, bytes);
    if (s.failed) {
        return false;
    }
    if (f.pc > cpu->segs[R_CS].limit) {
        return refuse(cpu, EXCP_GP, 0);
    }
    set_stack_pointer(cpu, s.mask, s.sp);
    load_real_cs(cpu, f.cs);
    cpu->pc = f.pc;
    load_eflags(cpu, f.eflags, IRET_MASK | IF_MASK | (x86_vm86(cpu) ? 0 : IOPL_MASK), bytes);
    return true;
}

static bool iret_from_vm86(X86Cpu *cpu, unsigned bytes)
{
    if ((cpu->eflags & IOPL_MASK) == IOPL_MASK) {
        return iret_real(cpu, bytes);
    }
    if (!(cpu->cr[4] & CR4_VME) || bytes != 2) {
        return refuse(cpu, EXCP_GP, 0);
    }
    X86Stack s = current_stack(cpu);
    uint16_t ip = x86_stack_pop(&s, 2), cs = x86_stack_pop(&s, 2), flags = x86_stack_pop(&s, 2);
    if (s.failed) {
        return false;
    }
    if (((flags & IF_MASK) && (cpu->eflags & VIP_MASK)) || (flags & TF_MASK)) {
        return refuse(cpu, EXCP_GP, 0);
    }
    set_stack_pointer(cpu, s.mask, s.sp);
    load_real_cs(cpu, cs);
    cpu->pc = ip;
    uint32_t eflags = (x86_get_eflags(cpu) & ~(0xffffu & (IRET_MASK | VIF_MASK)) & ~VIF_MASK) | (flags & IRET_MASK & 0xffff)
        | (flags & IF_MASK ? VIF_MASK : 0);
    x86_set_eflags(cpu, eflags);
    return true;
}

/* A frame with VM set, popped in ring 0: nine words. */
static bool iret_to_vm86(X86Cpu *cpu, const ReturnFrame *f, X86Stack *s)
{
    uint32_t esp = x86_stack_pop(s, 4);
    uint16_t segs[5];
    for (unsigned i = 0; i < ARRAY_SIZE(segs); i++) {
        segs[i] = x86_stack_pop(s, 4);
    }
    if (s->failed) {
        return false;
    }
    static const int order[] = { R_SS, R_ES, R_DS, R_FS, R_GS };
    load_eflags(cpu, f->eflags, IRET_MASK | IF_MASK | IOPL_MASK | VM_MASK | VIF_MASK | VIP_MASK, 4);
    x86_load_segment_vm86(cpu, R_CS, f->cs);
    for (unsigned i = 0; i < ARRAY_SIZE(order); i++) {
        x86_load_segment_vm86(cpu, order[i], segs[i]);
    }
    cpu->regs[R_ESP] = esp;
    cpu->pc = f->pc & 0xffff;
    return true;
}

static bool iret_to_task(X86Cpu *cpu, uint64_t next_pc)
{
    uint64_t link;
    if (x86_long_mode(cpu)) {
        return refuse(cpu, EXCP_GP, 0);
    }
    if (!tcg_load(&cpu->parent, (uint32_t)cpu->tr.base, 2, X86_PRIV_SYSTEM, &link)) {
        return false;
    }
    Descriptor d;
    uint16_t selector = link;
    if (selector & 4) {
        return refuse(cpu, EXCP_TS, selector);
    }
    if (!x86_fetch_descriptor(cpu, selector, &d, EXCP_TS)) {
        return false;
    }
    if ((d.high & DESC_S_MASK) || (descriptor_type(d) & ~8u) != SYS_TSS16_BUSY) {
        return refuse(cpu, EXCP_TS, selector);
    }
    if (!(d.high & DESC_P_MASK)) {
        return refuse(cpu, EXCP_NP, selector);
    }
    return x86_switch_task(cpu, selector, d, TASK_IRET, next_pc, NULL);
}

bool x86_iret(X86Cpu *cpu, unsigned bytes, uint64_t next_pc)
{
    cpu->nmi_blocked = false;
    if (!(cpu->cr[0] & CR0_PE)) {
        return iret_real(cpu, bytes);
    }
    if (x86_vm86(cpu)) {
        return iret_from_vm86(cpu, bytes);
    }
    if (cpu->eflags & NT_MASK) {
        return iret_to_task(cpu, next_pc);
    }
    X86Stack s = current_stack(cpu);
    ReturnFrame f = { .pc = x86_stack_pop(&s, bytes) };
    f.cs = x86_stack_pop(&s, bytes);
    f.eflags = x86_stack_pop(&s, bytes);
    if (s.failed) {
        return false;
    }
    unsigned cpl = x86_cpl(cpu), iopl = cpu->eflags >> 12 & 3;
    if (bytes == 4 && (f.eflags & VM_MASK) && cpl == 0 && !x86_long_mode(cpu)) {
        return iret_to_vm86(cpu, &f, &s);
    }
    if (!return_protected(cpu, &f, &s, bytes, 0, true)) {
        return false;
    }
    uint32_t mask = IRET_MASK;
    if (cpl <= iopl) {
        mask |= IF_MASK;
    }
    if (cpl == 0) {
        mask |= IOPL_MASK | VIF_MASK | VIP_MASK;
    }
    load_eflags(cpu, f.eflags, mask, bytes);
    cpu->resume_pc = x86_code64(cpu) ? cpu->pc : (uint32_t)(cpu->segs[R_CS].base + cpu->pc);
    return true;
}
