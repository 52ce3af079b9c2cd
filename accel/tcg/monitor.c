/*
 * Waiting for a write to a line of 64 bytes: MONITOR and MWAIT of x86.
 *
 * A watched line is a granule like one with code: whoever writes to it, a vCPU or a device, comes by units_drop_range. Its page is marked for as long, and for some
 * writes after, since the next MONITOR is probably of the same line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/internal.h"

static uint64_t line_bit(uint64_t ram_addr)
{
    return BIT(ram_addr >> 6 & 63);
}

/* code_lock. A bit that another vCPU watches stays. */
static void forget_line(TcgAccel *t, TcgVcpu *v)
{
    CodePage *page = v->monitored == NO_RAM ? NULL : page_find(v->monitored);
    uint64_t line = v->monitored;
    v->monitored = NO_RAM;
    for (unsigned i = 0; page && i < t->vcpus->len; i++) {
        if (((TcgVcpu *)t->vcpus->pdata[i])->monitored == line) {
            return;
        }
    }
    if (page) {
        page->watched &= ~line_bit(line);
    }
}

/* code_lock. */
static void mark_page(TcgVcpu *v, CodePage *page)
{
    page->marked = page->unsettled = true;
    ram_set_has_code(page->ram_addr, true);
    watch_page_ask(v, page->ram_addr);
}

bool tcg_monitor(Cpu *cpu, uint64_t vaddr, unsigned priv)
{
    TcgAccel *t = tcg_accel;
    TcgVcpu *v = tcg_vcpu(cpu);
    const TlbPage *info = tlb_lookup(v, vaddr, TCG_ACCESS_LOAD, priv, false);
    if (!info) {
        return false;
    }
    cpu_clear_interrupt(cpu, CPU_INTERRUPT_LINE);
    g_mutex_lock(&t->code_lock);
    forget_line(t, v);
    CodePage *page = info->ram_addr == NO_RAM ? NULL : page_get(t, info->ram_addr);
    if (page) {
        v->monitored = (info->ram_addr | (vaddr & PAGE_MASK_LOW)) & ~UINT64_C(63);
        page->watched |= line_bit(v->monitored);
        if (!page->marked) {
            mark_page(v, page);
        }
        v->monitor_holds = vcpu_others_have_served(v);
    }
    g_mutex_unlock(&t->code_lock);
    return true;
}

bool tcg_monitor_waits(Cpu *cpu)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    g_mutex_lock(&tcg_accel->code_lock);
    bool waits = v->monitored != NO_RAM && v->monitor_holds;
    g_mutex_unlock(&tcg_accel->code_lock);
    return waits;
}

void monitor_wake(TcgAccel *t, CodePage *page, uint64_t lines)
{
    for (unsigned i = 0; i < t->vcpus->len; i++) {
        TcgVcpu *v = t->vcpus->pdata[i];
        if (v->monitored != NO_RAM && (v->monitored & ~PAGE_MASK_LOW) == page->ram_addr && (line_bit(v->monitored) & lines)) {
            v->monitored = NO_RAM;
            vcpu_interrupt(v->cpu, CPU_INTERRUPT_LINE);
        }
    }
    page->watched &= ~lines;
}

void monitor_woken(Cpu *cpu)
{
    cpu_clear_interrupt(cpu, CPU_INTERRUPT_LINE);
    /* The writer holds the lock until its store is done. */
    g_mutex_lock(&tcg_accel->code_lock);
    g_mutex_unlock(&tcg_accel->code_lock);
    atomic_store(&cpu->halted, false);
}

void monitor_end(TcgVcpu *v)
{
    g_mutex_lock(&tcg_accel->code_lock);
    forget_line(tcg_accel, v);
    g_mutex_unlock(&tcg_accel->code_lock);
}
