/*
 * Hardware task switches by 16-bit and 32-bit TSS.
 *
 * Intel SDM volume 3, 7.2 (TSS), 7.3 (task switching: order and checks, table 7-1), 7.4 (linking), 7.6 (16-bit TSS).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/internal.h"

/* The segments in the order of the TSS. */
static const int tss_segments[] = { R_ES, R_CS, R_SS, R_DS, R_FS, R_GS };

typedef struct TaskState {
    uint32_t cr3, eip, eflags, regs[8];
    uint16_t segs[6], ldt;
    bool trap;
} TaskState;

enum { TSS32_CR3 = 0x1c, TSS32_EIP = 0x20, TSS32_EFLAGS = 0x24, TSS32_REGS = 0x28, TSS32_SEGS = 0x48, TSS32_LDT = 0x60, TSS32_TRAP = 0x64,
       TSS16_IP = 0x0e, TSS16_FLAGS = 0x10, TSS16_REGS = 0x12, TSS16_SEGS = 0x22, TSS16_LDT = 0x2a };

static bool load(X86Cpu *cpu, uint64_t base, uint32_t offset, unsigned bytes, uint32_t *value)
{
    uint64_t v;
    if (!tcg_load(&cpu->parent, (uint32_t)(base + offset), bytes, X86_PRIV_SYSTEM, &v)) {
        return false;
    }
    *value = v;
    return true;
}

static bool store(X86Cpu *cpu, uint64_t base, uint32_t offset, unsigned bytes, uint32_t value)
{
    return tcg_store(&cpu->parent, (uint32_t)(base + offset), bytes, X86_PRIV_SYSTEM, value);
}

static bool read_state(X86Cpu *cpu, uint64_t base, bool wide, TaskState *t)
{
    *t = (TaskState){ 0 };
    unsigned bytes = wide ? 4 : 2, segments = wide ? 6 : 4;
    bool ok = load(cpu, base, wide ? TSS32_EIP : TSS16_IP, bytes, &t->eip)
        && load(cpu, base, wide ? TSS32_EFLAGS : TSS16_FLAGS, bytes, &t->eflags);
    for (unsigned i = 0; ok && i < 8; i++) {
        ok = load(cpu, base, (wide ? TSS32_REGS : TSS16_REGS) + i * bytes, bytes, &t->regs[i]);
        if (!wide) {
            t->regs[i] |= 0xffff0000u;
        }
    }
    uint32_t value = 0;
    for (unsigned i = 0; ok && i < segments; i++) {
        ok = load(cpu, base, (wide ? TSS32_SEGS : TSS16_SEGS) + i * bytes, 2, &value);
        t->segs[i] = value;
    }
    ok = ok && load(cpu, base, wide ? TSS32_LDT : TSS16_LDT, 2, &value);
    t->ldt = value;
    if (ok && wide) {
        ok = load(cpu, base, TSS32_CR3, 4, &t->cr3) && load(cpu, base, TSS32_TRAP, 2, &value);
        t->trap = value & 1;
    }
    return ok;
}

static bool save_state(X86Cpu *cpu, bool wide, uint32_t eip, uint32_t eflags)
{
    unsigned bytes = wide ? 4 : 2, segments = wide ? 6 : 4;
    uint64_t base = cpu->tr.base;
    bool ok = store(cpu, base, wide ? TSS32_EIP : TSS16_IP, bytes, eip) && store(cpu, base, wide ? TSS32_EFLAGS : TSS16_FLAGS, bytes, eflags);
    for (unsigned i = 0; ok && i < 8; i++) {
        ok = store(cpu, base, (wide ? TSS32_REGS : TSS16_REGS) + i * bytes, bytes, cpu->regs[i]);
    }
    for (unsigned i = 0; ok && i < segments; i++) {
        ok = store(cpu, base, (wide ? TSS32_SEGS : TSS16_SEGS) + i * bytes, 2, cpu->segs[tss_segments[i]].selector);
    }
    return ok;
}

/* Sets or clears the busy bit of a TSS descriptor in the GDT. */
static bool mark_busy(X86Cpu *cpu, uint16_t selector, bool busy)
{
    uint32_t high;
    uint64_t addr = cpu->gdt.base + (selector & ~7u) + 4;
    return load(cpu, addr, 0, 4, &high) && store(cpu, addr, 0, 4, busy ? high | 0x200 : high & ~0x200u);
}

static bool fail(X86Cpu *cpu, int vector, uint16_t selector)
{
    x86_record_exception_error(cpu, vector, selector & 0xfffc);
    return false;
}

/* The LDT of the new task; faults belong to it. */
static bool load_task_ldt(X86Cpu *cpu, uint16_t selector)
{
    cpu->ldt = (SegmentCache){ .selector = selector };
    if ((selector & 0xfffc) == 0) {
        return true;
    }
    Descriptor d;
    if (selector & 4) {
        return fail(cpu, EXCP_TS, selector);
    }
    if (!x86_fetch_descriptor(cpu, selector, &d, EXCP_TS)) {
        return false;
    }
    if ((d.high & DESC_S_MASK) || descriptor_type(d) != SYS_LDT || !(d.high & DESC_P_MASK)) {
        return fail(cpu, EXCP_TS, selector);
    }
    cpu->ldt = (SegmentCache){ .selector = selector, .attributes = d.high & DESC_ATTRIBUTES, .limit = descriptor_limit(d),
                               .base = descriptor_base(d) };
    return true;
}

static bool load_task_code(X86Cpu *cpu, uint16_t selector)
{
    Descriptor d;
    if ((selector & 0xfffc) == 0) {
        return fail(cpu, EXCP_TS, 0);
    }
    if (!x86_fetch_descriptor(cpu, selector, &d, EXCP_TS)) {
        return false;
    }
    unsigned rpl = selector & 3, dpl = descriptor_dpl(d);
    if (!descriptor_is_code(d) || (d.high & DESC_C_MASK ? dpl > rpl : dpl != rpl)) {
        return fail(cpu, EXCP_TS, selector);
    }
    if (!(d.high & DESC_P_MASK)) {
        return fail(cpu, EXCP_NP, selector);
    }
    if (!x86_set_accessed(cpu, selector, &d)) {
        return false;
    }
    x86_load_cs(cpu, selector, d, rpl);
    return true;
}

static bool load_task_data(X86Cpu *cpu, int seg, uint16_t selector)
{
    Descriptor d;
    if (seg == R_SS) {
        if (!x86_check_stack_segment(cpu, selector, x86_cpl(cpu), EXCP_TS, 0, &d)) {
            return false;
        }
    } else {
        if ((selector & 0xfffc) == 0) {
            x86_load_segment(cpu, seg, selector, 0, 0, 0);
            return true;
        }
        if (!x86_fetch_descriptor(cpu, selector, &d, EXCP_TS)) {
            return false;
        }
        bool code = d.high & DESC_CS_MASK, conforming = code && (d.high & DESC_C_MASK);
        unsigned least = MAX(x86_cpl(cpu), (unsigned)(selector & 3));
        if (!(d.high & DESC_S_MASK) || (code && !(d.high & DESC_R_MASK)) || (!conforming && descriptor_dpl(d) < least)) {
            return fail(cpu, EXCP_TS, selector);
        }
        if (!(d.high & DESC_P_MASK)) {
            return fail(cpu, EXCP_NP, selector);
        }
    }
    if (!x86_set_accessed(cpu, selector, &d)) {
        return false;
    }
    x86_load_segment_descriptor(cpu, seg, selector, d);
    return true;
}

/* Everything from here on happens in the new task: a fault is recorded there and the switch stands. */
static bool load_task_segments(X86Cpu *cpu, const TaskState *t)
{
    if (x86_vm86(cpu)) {
        for (unsigned i = 0; i < 6; i++) {
            x86_load_segment_vm86(cpu, tss_segments[i], t->segs[i]);
        }
        return load_task_ldt(cpu, t->ldt);
    }
    if (!load_task_ldt(cpu, t->ldt) || !load_task_code(cpu, t->segs[1]) || !load_task_data(cpu, R_SS, t->segs[2])) {
        return false;
    }
    for (unsigned i = 0; i < 6; i++) {
        if (tss_segments[i] != R_CS && tss_segments[i] != R_SS && !load_task_data(cpu, tss_segments[i], t->segs[i])) {
            return false;
        }
    }
    return true;
}

/* Selectors that have not been checked yet: not usable, but there for the handler of a fault to see. */
static void load_bare_selectors(X86Cpu *cpu, const TaskState *t)
{
    unsigned cpl = t->segs[1] & 3;
    for (unsigned i = 0; i < 6; i++) {
        int seg = tss_segments[i];
        uint32_t attributes = seg == R_CS ? DESC_P_MASK | DESC_S_MASK | DESC_CS_MASK | DESC_B_MASK | cpl << DESC_DPL_SHIFT
            : seg == R_SS ? DESC_P_MASK | DESC_S_MASK | DESC_W_MASK | DESC_B_MASK | cpl << DESC_DPL_SHIFT : 0;
        x86_load_segment(cpu, seg, t->segs[i], 0, seg == R_CS || seg == R_SS ? UINT32_MAX : 0, attributes);
    }
}

static bool push_error_code(X86Cpu *cpu, bool wide, uint32_t error)
{
    X86Stack s = x86_current_stack(cpu, x86_cpl(cpu) == 3 ? X86_PRIV_USER : X86_PRIV_SYSTEM);
    x86_stack_push(&s, error, wide ? 4 : 2);
    if (!s.failed) {
        set_stack_pointer(cpu, s.mask, s.sp);
    }
    return !s.failed;
}

bool x86_switch_task(X86Cpu *cpu, uint16_t selector, Descriptor d, X86TaskSwitch how, uint64_t next_pc, const uint32_t *error)
{
    bool wide = d.high & 0x800, old_wide = cpu->tr.attributes & 0x800;
    uint32_t base = descriptor_base(d), limit = descriptor_limit(d);
    if (limit < (wide ? 103u : 43u)) {
        return fail(cpu, EXCP_TS, selector);
    }
    if (cpu->tr.limit < (old_wide ? 103u : 43u)) {
        return fail(cpu, EXCP_TS, cpu->tr.selector);
    }
    TaskState t;
    uint32_t eflags = x86_get_eflags(cpu);
    if (how == TASK_IRET) {
        eflags &= ~NT_MASK;
    }
    uint16_t old_selector = cpu->tr.selector;
    bool ok = read_state(cpu, base, wide, &t) && save_state(cpu, old_wide, next_pc, eflags);
    if (ok && (how == TASK_JMP || how == TASK_IRET)) {
        ok = mark_busy(cpu, old_selector, false);
    }
    if (ok && (how == TASK_CALL || how == TASK_INTERRUPT)) {
        ok = store(cpu, base, 0, 2, old_selector);
        t.eflags |= NT_MASK;
    }
    if (ok && how != TASK_IRET) {
        ok = mark_busy(cpu, selector, true);
    }
    if (!ok) {
        return false;
    }

    cpu->tr = (SegmentCache){ .selector = selector, .attributes = (d.high & DESC_ATTRIBUTES) | 0x200, .limit = limit, .base = base };
    cpu->cr[0] |= CR0_TS;
    if (wide && (cpu->cr[0] & CR0_PG)) {
        x86_set_cr3(cpu, t.cr3);
    }
    cpu->pc = t.eip;
    x86_set_eflags(cpu, wide ? t.eflags : (t.eflags & 0xffff));
    for (unsigned i = 0; i < 8; i++) {
        cpu->regs[i] = t.regs[i];
    }
    cpu->dr[7] &= ~UINT64_C(0x55);      /* local breakpoints are the old task's */
    x86_debug_registers_changed(cpu);
    load_bare_selectors(cpu, &t);
    if (load_task_segments(cpu, &t) && error) {
        push_error_code(cpu, wide, *error);
    }
    if (cpu->exception < 0 && cpu->pc > cpu->segs[R_CS].limit) {
        x86_record_exception_error(cpu, EXCP_GP, 0);
    }
    if (cpu->exception < 0 && t.trap) {
        cpu->dr[6] |= BIT(15);
        x86_record_exception(cpu, EXCP_DB);
    }
    return true;
}
