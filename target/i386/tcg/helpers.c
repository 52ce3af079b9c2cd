/*
 * The table of helpers (helpers.def) and those of them that belong to no group: the trap flag, segment checks, system registers as read by unprivileged stores, ENTER.
 *
 * Intel SDM volume 3, 5.3 (limits), 17.3.1.4 (single step); volume 2 (ENTER).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers.h"
#include "target/i386/internal.h"

#define ALL_SLOTS UINT64_MAX
#define HELPER(name, result, effects, written, ...) \
    X86_HELPER_FULL(x86_ir_##name, x86_helper_##name, result, effects, SLOTS_NONE, SLOT_SET(written), __VA_ARGS__);
#include "target/i386/tcg/helpers.def"
#undef HELPER

void x86_helper_trap_step(Cpu *c, uint64_t next_pc)
{
    X86Cpu *cpu = X86_CPU(c);
    cpu->pc = next_pc;
    cpu->dr[6] |= BIT(14);
    x86_raise(cpu, EXCP_DB);
}

uint64_t x86_helper_read_system(Cpu *c, uint32_t what)
{
    const X86Cpu *cpu = X86_CPU(c);
    switch (what) {
    case X86_SYSTEM_LDT:
        return cpu->ldt.selector;
    case X86_SYSTEM_TR:
        return cpu->tr.selector;
    case X86_SYSTEM_MSW:
        return cpu->cr[0];
    case X86_SYSTEM_GDT_BASE:
        return cpu->gdt.base;
    case X86_SYSTEM_GDT_LIMIT:
        return cpu->gdt.limit;
    case X86_SYSTEM_IDT_BASE:
        return cpu->idt.base;
    default:
        return cpu->idt.limit;
    }
}

/* ---- segments ---- */

bool x86_segment_allows(const X86Cpu *cpu, unsigned seg, uint64_t offset, uint64_t size, bool write)
{
    const SegmentCache *s = &cpu->segs[seg];
    uint32_t a = s->attributes;
    uint64_t last = offset + size - 1, limit = s->limit;
    if (x86_protected_mode(cpu)) {
        bool code = a & DESC_CS_MASK;
        if (!(a & DESC_P_MASK) || !(a & DESC_S_MASK)) {
            return false;
        }
        if (write ? code || !(a & DESC_W_MASK) : code && !(a & DESC_R_MASK)) {
            return false;
        }
        if (!code && (a & DESC_E_MASK)) {
            return offset > limit && last <= (a & DESC_B_MASK ? UINT32_MAX : 0xffff);
        }
    }
    return last <= limit;
}

void x86_helper_check_segment(Cpu *c, uint32_t seg, uint64_t offset, uint32_t size)
{
    X86Cpu *cpu = X86_CPU(c);
    if (!x86_segment_allows(cpu, seg, offset, size & ~BIT(31), size >> 31)) {
        x86_raise_error(cpu, seg == R_SS ? EXCP_SS : EXCP_GP, 0);
    }
}

void x86_helper_store_word_if(Cpu *c, uint64_t address, uint32_t value, uint32_t cond)
{
    if (cond) {
        tcg_store_or_leave(c, (uint32_t)address, 2, x86_priv(X86_CPU(c)), value);
    }
}

/* ---- ENTER ---- */

void x86_helper_enter(Cpu *c, uint32_t size, uint32_t level, uint32_t bytes)
{
    X86Cpu *cpu = X86_CPU(c);
    uint64_t mask = stack_mask(cpu, cpu->segs[R_SS].attributes);
    uint64_t base = x86_code64(cpu) ? 0 : cpu->segs[R_SS].base, bp = cpu->regs[R_EBP], value;
    X86Stack s = x86_current_stack(cpu, x86_priv(cpu));
    x86_stack_push(&s, bp, bytes);
    uint64_t frame = s.sp;
    for (unsigned i = 1; i < level; i++) {
        bp -= bytes;
        uint64_t linear = base + (bp & mask);
        x86_or_leave(cpu, !s.failed && tcg_load(c, x86_code64(cpu) ? linear : (uint32_t)linear, bytes, x86_priv(cpu), &value));
        x86_stack_push(&s, value, bytes);
    }
    x86_stack_push(&s, frame, bytes);
    /* The space for the locals must be writable too. */
    uint64_t new_sp = s.sp - size, top = base + (new_sp & mask);
    x86_or_leave(cpu, !s.failed && tcg_probe(c, x86_code64(cpu) ? top : (uint32_t)top, 1, TCG_ACCESS_STORE, x86_priv(cpu)));
    set_stack_pointer(cpu, mask, new_sp);
    if (bytes == 2) {
        cpu->regs[R_EBP] = (cpu->regs[R_EBP] & ~UINT64_C(0xffff)) | (frame & 0xffff);
    } else {
        cpu->regs[R_EBP] = bytes == 4 ? (uint32_t)frame : frame;
    }
}
