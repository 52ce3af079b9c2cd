/*
 * Breakpoints, watchpoints: a debugger's and the guest's own, kept in one list of the CPU.
 *
 * Code on a page with a breakpoint runs an instruction at a time; a page with a watchpoint has no fast access. An access that meets one is made by its instruction
 * alone, so that the stop comes right behind it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/internal.h"

static const Breakpoint *breakpoint(const TcgVcpu *v, unsigned i)
{
    return &g_array_index(v->cpu->breakpoints, Breakpoint, i);
}

static bool is_code(const Breakpoint *b)
{
    return b->kind == BREAK_SW || b->kind == BREAK_HW;
}

bool debug_page_has_breakpoint(const TcgVcpu *v, uint64_t linear)
{
    for (unsigned i = 0; i < v->cpu->breakpoints->len; i++) {
        const Breakpoint *b = breakpoint(v, i);
        /* An instruction that begins on the page before may reach into this one. */
        if (is_code(b) && (b->addr & ~PAGE_MASK_LOW) == (linear & ~PAGE_MASK_LOW)) {
            return true;
        }
    }
    return false;
}

bool debug_page_has_watchpoint(const TcgVcpu *v, uint64_t vaddr)
{
    uint64_t page = vaddr & ~PAGE_MASK_LOW;
    for (unsigned i = 0; i < v->cpu->breakpoints->len; i++) {
        const Breakpoint *b = breakpoint(v, i);
        if (!is_code(b) && b->addr <= (page | PAGE_MASK_LOW) && b->addr + MAX(b->len, 1) - 1 >= page) {
            return true;
        }
    }
    return false;
}

const Breakpoint *debug_breakpoint_at(const TcgVcpu *v, uint64_t linear)
{
    const Breakpoint *found = NULL;
    for (unsigned i = 0; i < v->cpu->breakpoints->len; i++) {
        const Breakpoint *b = breakpoint(v, i);
        if (is_code(b) && b->addr == linear && (!found || b->by_gdb)) {
            found = b;
        }
    }
    return found;
}

bool debug_watch_access(TcgVcpu *v, uint64_t vaddr, unsigned size, TcgAccess access)
{
    for (unsigned i = 0; i < v->cpu->breakpoints->len; i++) {
        const Breakpoint *b = breakpoint(v, i);
        bool fits = b->kind == WATCH_ACCESS || b->kind == (access == TCG_ACCESS_STORE ? WATCH_WRITE : WATCH_READ);
        if (fits && !is_code(b) && vaddr <= b->addr + MAX(b->len, 1) - 1 && vaddr + size - 1 >= b->addr) {
            v->watch_hit = true;
            v->watch_by_gdb = b->by_gdb;
            v->watch_addr = MAX(vaddr, b->addr);
            v->watch_kind = b->kind;
            return true;
        }
    }
    return false;
}

static bool same(const Breakpoint *a, const Breakpoint *b)
{
    return a->kind == b->kind && a->addr == b->addr && a->len == b->len && a->by_gdb == b->by_gdb;
}

bool debug_breakpoint_insert(Cpu *cpu, const Breakpoint *b, GError **err)
{
    bool there = false;
    for (unsigned i = 0; i < cpu->breakpoints->len; i++) {
        there |= same(&g_array_index(cpu->breakpoints, Breakpoint, i), b);
    }
    if (!there) {
        g_array_append_val(cpu->breakpoints, *b);
    }
    debug_changed(cpu);
    return true;
}

bool debug_breakpoint_remove(Cpu *cpu, const Breakpoint *b, GError **err)
{
    for (unsigned i = 0; i < cpu->breakpoints->len; i++) {
        if (same(&g_array_index(cpu->breakpoints, Breakpoint, i), b)) {
            g_array_remove_index(cpu->breakpoints, i);
            break;
        }
    }
    debug_changed(cpu);
    return true;
}

void debug_changed(Cpu *cpu)
{
    if (!cpu->accel) {
        return;
    }
    if (cpu == cpu_current()) {
        tcg_tlb_flush_all(cpu);     /* watched pages must miss, pages with breakpoints be left */
    } else {
        vcpu_request(tcg_vcpu(cpu), PENDING_FLUSH);
    }
}
