/*
 * Exceptions and interrupts: recording one, and taking the CPU to its handler in real, virtual-8086, protected and long mode, with double
 * and triple faults.
 *
 * Intel SDM volume 3, chapter 6 (6.12 procedure, 6.13 error code, 6.14 64-bit mode, 6.15 #DF table) and 20.1.4, 20.3 (virtual-8086).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/internal.h"
#include "system/runstate.h"
#include "util/log.h"
#include <inttypes.h>

/* ---- recording ---- */

void x86_record_exception(X86Cpu *cpu, int vector)
{
    cpu->exception = vector;
    cpu->exception_has_error = false;
    cpu->exception_soft = false;
    cpu->exception_error = 0;
}

void x86_record_exception_error(X86Cpu *cpu, int vector, uint32_t error)
{
    x86_record_exception(cpu, vector);
    cpu->exception_has_error = true;
    cpu->exception_error = error;
}

void x86_record_software_interrupt(X86Cpu *cpu, int vector, uint64_t next_pc)
{
    x86_record_exception(cpu, vector);
    cpu->exception_soft = true;
    cpu->exception_next_pc = next_pc;
}

void x86_raise(X86Cpu *cpu, int vector)
{
    x86_record_exception(cpu, vector);
    tcg_leave(&cpu->parent);
}

void x86_raise_error(X86Cpu *cpu, int vector, uint32_t error)
{
    x86_record_exception_error(cpu, vector, error);
    tcg_leave(&cpu->parent);
}

bool x86_exception_pending(Cpu *cpu)
{
    return X86_CPU(cpu)->exception >= 0;
}

static X86Event take_recorded(X86Cpu *cpu)
{
    X86Event e = { .vector = cpu->exception, .has_error = cpu->exception_has_error, .error = cpu->exception_error,
                   .software = cpu->exception_soft, .return_pc = cpu->exception_soft ? cpu->exception_next_pc : cpu->pc };
    cpu->exception = -1;
    return e;
}

/* ---- what all modes share ---- */

static bool refuse_gate(X86Cpu *cpu, const X86Event *e, int exception)
{
    x86_record_exception_error(cpu, exception, e->vector * 8 + 2 + !e->software);
    return false;
}

static bool refuse_selector(X86Cpu *cpu, const X86Event *e, int exception, uint16_t selector)
{
    x86_record_exception_error(cpu, exception, (selector & 0xfffc) | !e->software);
    return false;
}

/* EFLAGS as the handler's frame shows them: a fault's has RF set, so that returning to it does not hit the same breakpoint. */
static uint32_t frame_eflags(const X86Cpu *cpu, const X86Event *e)
{
    bool fault = !e->software && !e->external && e->vector != EXCP_DB && e->vector != EXCP_DF;
    return x86_get_eflags(cpu) | (fault ? RF_MASK : 0);
}

static void enter_handler_flags(X86Cpu *cpu, bool interrupt_gate)
{
    cpu->eflags &= ~(TF_MASK | VM_MASK | RF_MASK | NT_MASK);
    if (interrupt_gate) {
        cpu->eflags &= ~IF_MASK;
    }
}

static void copy_low(X86Cpu *cpu, const X86Stack *s)
{
    set_stack_pointer(cpu, s->mask, s->sp);
}

/* ---- real mode ---- */

static bool deliver_real(X86Cpu *cpu, const X86Event *e)
{
    uint32_t offset = e->vector * 4;
    uint64_t entry;
    if (offset + 3 > cpu->idt.limit) {
        return refuse_gate(cpu, e, EXCP_GP);
    }
    if (!tcg_load(&cpu->parent, (uint32_t)(cpu->idt.base + offset), 4, X86_PRIV_SYSTEM, &entry)) {
        return false;
    }
    X86Stack s = x86_current_stack(cpu, X86_PRIV_SYSTEM);
    x86_stack_push(&s, x86_get_eflags(cpu), 2);
    x86_stack_push(&s, cpu->segs[R_CS].selector, 2);
    x86_stack_push(&s, e->return_pc, 2);
    if (s.failed) {
        return false;
    }
    copy_low(cpu, &s);
    cpu->segs[R_CS].selector = entry >> 16;
    cpu->segs[R_CS].base = entry >> 16 << 4;
    cpu->pc = entry & 0xffff;
    cpu->eflags &= ~(IF_MASK | TF_MASK | AC_MASK | RF_MASK);
    return true;
}

/* ---- protected mode ---- */

/* Checks the code segment that a gate leads to; *dpl gets the ring of the handler. */
static bool check_handler_segment(X86Cpu *cpu, const X86Event *e, uint16_t selector, Descriptor *d, unsigned *dpl)
{
    bool outside;
    if ((selector & 0xfffc) == 0) {
        return refuse_selector(cpu, e, EXCP_GP, 0);
    }
    if (!x86_read_descriptor(cpu, selector, d, &outside)) {
        return outside ? refuse_selector(cpu, e, EXCP_GP, selector) : false;
    }
    unsigned cpl = x86_cpl(cpu);
    if (!descriptor_is_code(*d) || descriptor_dpl(*d) > cpl) {
        return refuse_selector(cpu, e, EXCP_GP, selector);
    }
    if (x86_long_mode(cpu) && (d->high & (DESC_L_MASK | DESC_B_MASK)) != DESC_L_MASK) {
        return refuse_selector(cpu, e, EXCP_GP, selector);
    }
    if (!(d->high & DESC_P_MASK)) {
        return refuse_selector(cpu, e, EXCP_NP, selector);
    }
    *dpl = d->high & DESC_C_MASK ? cpl : descriptor_dpl(*d);
    if (x86_vm86(cpu) && *dpl != 0) {
        return refuse_selector(cpu, e, EXCP_GP, selector);
    }
    return x86_set_accessed(cpu, selector, d);
}

static bool deliver_by_task(X86Cpu *cpu, const X86Event *e, uint16_t selector)
{
    Descriptor d;
    bool outside = selector & 4;
    if (outside || !x86_read_descriptor(cpu, selector, &d, &outside)) {
        return outside ? refuse_selector(cpu, e, EXCP_GP, selector) : false;
    }
    if ((d.high & DESC_S_MASK) || (descriptor_type(d) != SYS_TSS16 && descriptor_type(d) != SYS_TSS32)) {
        return refuse_selector(cpu, e, EXCP_GP, selector);
    }
    if (!(d.high & DESC_P_MASK)) {
        return refuse_selector(cpu, e, EXCP_NP, selector);
    }
    return x86_switch_task(cpu, selector, d, TASK_INTERRUPT, e->return_pc, e->has_error ? &e->error : NULL);
}

static void push_vm86_segments(X86Cpu *cpu, X86Stack *s, unsigned bytes)
{
    x86_stack_push(s, cpu->segs[R_GS].selector, bytes);
    x86_stack_push(s, cpu->segs[R_FS].selector, bytes);
    x86_stack_push(s, cpu->segs[R_DS].selector, bytes);
    x86_stack_push(s, cpu->segs[R_ES].selector, bytes);
}

/* Through an interrupt or trap gate of 16 or 32 bits. */
static bool deliver_by_gate(X86Cpu *cpu, const X86Event *e, Descriptor gate)
{
    uint16_t selector = gate.low >> 16;
    unsigned type = descriptor_type(gate), bytes = type & 8 ? 4 : 2, dpl;
    Descriptor code, stack = { 0 };
    if (!check_handler_segment(cpu, e, selector, &code, &dpl)) {
        return false;
    }
    bool vm86 = x86_vm86(cpu), inner = dpl < x86_cpl(cpu);
    X86Stack s;
    uint16_t ss = 0;
    if (inner) {
        uint32_t esp;
        if (!x86_tss_stack(cpu, dpl, &ss, &esp) || !x86_check_stack_segment(cpu, ss, dpl, EXCP_TS, !e->software, &stack)
            || !x86_set_accessed(cpu, ss, &stack)) {
            return false;
        }
        s = x86_descriptor_stack(cpu, stack, esp, X86_PRIV_SYSTEM);
        s.error = (ss & 0xfffc) | !e->software;
        if (vm86) {
            push_vm86_segments(cpu, &s, bytes);
        }
        x86_stack_push(&s, cpu->segs[R_SS].selector, bytes);
        x86_stack_push(&s, cpu->regs[R_ESP], bytes);
    } else {
        s = x86_current_stack(cpu, dpl == 3 ? X86_PRIV_USER : X86_PRIV_SYSTEM);
        s.error = !e->software;
    }
    x86_stack_push(&s, frame_eflags(cpu, e), bytes);
    x86_stack_push(&s, cpu->segs[R_CS].selector, bytes);
    x86_stack_push(&s, e->return_pc, bytes);
    if (e->has_error) {
        x86_stack_push(&s, e->error, bytes);
    }
    if (s.failed) {
        return false;
    }
    enter_handler_flags(cpu, !(type & 1));
    if (inner) {
        if (vm86) {
            x86_load_segment(cpu, R_ES, 0, 0, 0, 0);
            x86_load_segment(cpu, R_DS, 0, 0, 0, 0);
            x86_load_segment(cpu, R_FS, 0, 0, 0, 0);
            x86_load_segment(cpu, R_GS, 0, 0, 0, 0);
        }
        x86_load_segment_descriptor(cpu, R_SS, (ss & ~3u) | dpl, stack);
    }
    copy_low(cpu, &s);
    x86_load_cs(cpu, selector, code, dpl);
    cpu->pc = bytes == 4 ? (gate.high & 0xffff0000u) | (gate.low & 0xffff) : gate.low & 0xffff;
    return true;
}

static bool deliver_protected(X86Cpu *cpu, const X86Event *e)
{
    uint32_t offset = e->vector * 8;
    uint64_t value;
    if (offset + 7 > cpu->idt.limit) {
        return refuse_gate(cpu, e, EXCP_GP);
    }
    if (!tcg_load(&cpu->parent, (uint32_t)(cpu->idt.base + offset), 8, X86_PRIV_SYSTEM, &value)) {
        return false;
    }
    Descriptor gate = { .low = value, .high = value >> 32 };
    unsigned type = descriptor_type(gate);
    bool known = !(gate.high & DESC_S_MASK)
        && (type == SYS_TASK_GATE || type == SYS_INT16 || type == SYS_TRAP16 || type == SYS_INT32 || type == SYS_TRAP32);
    if (!known || (e->software && descriptor_dpl(gate) < x86_cpl(cpu))) {
        return refuse_gate(cpu, e, EXCP_GP);
    }
    if (!(gate.high & DESC_P_MASK)) {
        return refuse_gate(cpu, e, EXCP_NP);
    }
    return type == SYS_TASK_GATE ? deliver_by_task(cpu, e, gate.low >> 16) : deliver_by_gate(cpu, e, gate);
}

/* ---- long mode ---- */

static bool deliver_long(X86Cpu *cpu, const X86Event *e)
{
    uint32_t offset = e->vector * 16;
    uint64_t low, high;
    if (offset + 15 > cpu->idt.limit) {
        return refuse_gate(cpu, e, EXCP_GP);
    }
    if (!tcg_load(&cpu->parent, cpu->idt.base + offset, 8, X86_PRIV_SYSTEM, &low)
        || !tcg_load(&cpu->parent, cpu->idt.base + offset + 8, 8, X86_PRIV_SYSTEM, &high)) {
        return false;
    }
    Descriptor gate = { .low = low, .high = low >> 32 }, code;
    unsigned type = descriptor_type(gate), dpl, ist = gate.high & 7;
    if ((gate.high & DESC_S_MASK) || (type != SYS_INT32 && type != SYS_TRAP32) || (e->software && descriptor_dpl(gate) < x86_cpl(cpu))) {
        return refuse_gate(cpu, e, EXCP_GP);
    }
    if (!(gate.high & DESC_P_MASK)) {
        return refuse_gate(cpu, e, EXCP_NP);
    }
    uint16_t selector = gate.low >> 16;
    if (!check_handler_segment(cpu, e, selector, &code, &dpl)) {
        return false;
    }
    bool inner = dpl < x86_cpl(cpu);
    uint64_t rsp = cpu->regs[R_ESP];
    if (ist ? !x86_tss_stack64(cpu, ist + 3, &rsp) : inner && !x86_tss_stack64(cpu, dpl, &rsp)) {
        return false;
    }
    X86Stack s = x86_stack(cpu, 0, rsp & ~UINT64_C(15), UINT64_MAX, dpl == 3 ? X86_PRIV_USER : X86_PRIV_SYSTEM);
    s.error = !e->software;
    x86_stack_push(&s, cpu->segs[R_SS].selector, 8);
    x86_stack_push(&s, cpu->regs[R_ESP], 8);
    x86_stack_push(&s, frame_eflags(cpu, e), 8);
    x86_stack_push(&s, cpu->segs[R_CS].selector, 8);
    x86_stack_push(&s, e->return_pc, 8);
    if (e->has_error) {
        x86_stack_push(&s, e->error, 8);
    }
    if (s.failed) {
        return false;
    }
    enter_handler_flags(cpu, !(type & 1));
    if (inner) {
        x86_load_segment(cpu, R_SS, dpl, 0, UINT32_MAX, DESC_P_MASK | DESC_S_MASK | DESC_W_MASK | DESC_B_MASK | dpl << DESC_DPL_SHIFT);
    }
    cpu->regs[R_ESP] = s.sp;
    x86_load_cs(cpu, selector, code, dpl);
    cpu->pc = (gate.low & 0xffff) | (gate.high & 0xffff0000u) | (high & UINT32_MAX) << 32;
    return true;
}

/* ---- double and triple faults ---- */

static bool is_contributory(int vector)
{
    return vector == EXCP_DE || (vector >= EXCP_TS && vector <= EXCP_GP) || vector == EXCP_CP;
}

void x86_shut_down(X86Cpu *cpu)
{
    log_mask(LOG_CPU_RESET | LOG_INT, "Triple fault\n");
    cpu->shutdown = true;
    atomic_store(&cpu->parent.halted, true);
    system_reset_request(SHUTDOWN_GUEST_RESET);
}

/* The event that a fault during delivery of first makes; false: the triple fault. */
static bool combine(const X86Event *first, X86Event *second)
{
    if (first->vector == EXCP_DF && !first->software) {
        return false;
    }
    bool benign = first->software || first->external || first->vector >= 32;
    bool twice = !benign && ((is_contributory(first->vector) && is_contributory(second->vector))
                             || (first->vector == EXCP_PF && (is_contributory(second->vector) || second->vector == EXCP_PF)));
    if (twice) {
        *second = (X86Event){ .vector = EXCP_DF, .has_error = true, .return_pc = second->return_pc };
    }
    return true;
}

static bool try_deliver(X86Cpu *cpu, const X86Event *e)
{
    if (!(cpu->cr[0] & CR0_PE)) {
        return deliver_real(cpu, e);
    }
    return x86_long_mode(cpu) ? deliver_long(cpu, e) : deliver_protected(cpu, e);
}

static void log_event(const X86Cpu *cpu, const X86Event *e)
{
    log_printf("v=%02x e=%04x i=%d cpl=%u IP=%04x:%016" PRIx64 " pc=%016" PRIx64 " SP=%04x:%016" PRIx64 " %s=%016" PRIx64 "\n",
               (unsigned)e->vector, e->error, e->software, x86_cpl(cpu), cpu->segs[R_CS].selector, cpu->pc,
               cpu->segs[R_CS].base + cpu->pc, cpu->segs[R_SS].selector, cpu->regs[R_ESP],
               e->vector == EXCP_PF ? "CR2" : "env->regs[R_EAX]", e->vector == EXCP_PF ? cpu->cr[2] : cpu->regs[R_EAX]);
}

void x86_deliver_event(X86Cpu *cpu, X86Event event)
{
    cpu->last_jump = 0;
    /* Each failure either goes up to a double fault or is followed by one that delivers: faults that are raised while a benign one is
     * delivered could go on for ever only by way of a page fault, which is not benign. */
    for (int attempt = 0; attempt < 8; attempt++) {
        if (log_on(LOG_INT)) {
            log_event(cpu, &event);
        }
        cpu->old_exception = event.vector;
        bool done = try_deliver(cpu, &event);
        cpu->old_exception = -1;
        if (done) {
            /* A task switch can deliver and fault in the new task: that one is recorded and comes next. */
            return;
        }
        X86Event next = take_recorded(cpu);
        if (!combine(&event, &next)) {
            break;
        }
        event = next;
    }
    x86_shut_down(cpu);
}

void x86_deliver(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    X86Event e = take_recorded(cpu);
    if (e.vector == EXCP_DB && (cpu->dr[7] & BIT(13))) {
        cpu->dr[7] &= ~BIT(13);     /* DR7.GD goes, so that the handler can use the registers */
    }
    x86_deliver_event(cpu, e);
}
