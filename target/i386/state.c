/*
 * Loading parts of the processor's state without checks: EFLAGS, segments, control registers, EFER, the A20 gate. Keeps true what depends on
 * them (long mode, the translator's TLBs).
 *
 * Intel SDM volume 3, 2.5 (control registers), 4.10.4 (what invalidates translations), 9.8.5 (switching to IA-32e mode).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/cpu.h"
#include "hw/i386/apic.h"
#include "accel/accel.h"
#include "target/i386/internal.h"
#include "tcg/target.h"

uint32_t x86_get_eflags(const X86Cpu *cpu)
{
    uint32_t arithmetic = (cpu->flags >> 8 & (CC_S | CC_Z | CC_A | CC_P | CC_C)) | (cpu->flags & 1 ? CC_O : 0);
    return cpu->eflags | arithmetic | (cpu->df != 1 ? DF_MASK : 0) | 2;
}

void x86_set_eflags(X86Cpu *cpu, uint32_t eflags)
{
    cpu->flags = (eflags & (CC_S | CC_Z | CC_A | CC_P | CC_C)) << 8 | 0x0200 | (eflags & CC_O ? 1 : 0);
    cpu->df = eflags & DF_MASK ? UINT32_MAX : 1;
    cpu->eflags = eflags & (TF_MASK | IF_MASK | IOPL_MASK | NT_MASK | RF_MASK | VM_MASK | AC_MASK | VIF_MASK | VIP_MASK | ID_MASK);
}

void x86_load_segment(X86Cpu *cpu, int seg, uint16_t selector, uint64_t base, uint32_t limit, uint32_t attributes)
{
    cpu->segs[seg] = (SegmentCache){ .selector = selector, .attributes = attributes, .limit = limit, .base = base };
}

/* ---- the translator's copies ---- */

static void flush_all_work(Cpu *cpu, void *opaque)
{
    x86_walk_cache_flush(X86_CPU(cpu));
    tcg_tlb_flush_all(cpu);
}

/* The translator runs this CPU and has seen it (not before its thread is there, where all is empty anyway). */
static bool has_translations(const X86Cpu *cpu)
{
    return cpu->parent.created && tcg_runs(&cpu->parent);
}

void x86_flush_translations(X86Cpu *cpu)
{
    if (!has_translations(cpu)) {
        return;
    }
    if (cpu_current() == &cpu->parent) {
        flush_all_work(&cpu->parent, NULL);
    } else {
        cpu_run_on_async(&cpu->parent, flush_all_work, NULL);
    }
}

/* ---- control registers ---- */

/* The PDPTEs are loaded with CR3 and by what switches PAE paging on; that they are good has been seen to. */
static void load_pdptes(X86Cpu *cpu)
{
    if ((cpu->cr[0] & CR0_PG) && (cpu->cr[4] & CR4_PAE) && !(cpu->efer & EFER_LMA) && accel_is("tcg")) {
        x86_read_pdptes(cpu, cpu->cr[3], cpu->pdptes);
    }
}

void x86_set_cr0(X86Cpu *cpu, uint64_t value)
{
    uint64_t changed = cpu->cr[0] ^ value;
    cpu->cr[0] = (uint32_t)value | CR0_ET;
    if ((changed & CR0_PG) && (cpu->efer & EFER_LME)) {
        if (value & CR0_PG) {
            cpu->efer |= EFER_LMA;
        } else {
            cpu->efer &= ~(uint64_t)EFER_LMA;
            cpu->pc = (uint32_t)cpu->pc;
        }
    }
    if (changed & (CR0_PG | CR0_CD | CR0_NW)) {
        load_pdptes(cpu);
    }
    if (changed & (CR0_PG | CR0_WP | CR0_PE)) {
        x86_flush_translations(cpu);
    }
}

void x86_set_cr3(X86Cpu *cpu, uint64_t value)
{
    bool keep = (value & BIT(63)) && (cpu->cr[4] & CR4_PCIDE);
    cpu->cr[3] = value & ~BIT(63);
    load_pdptes(cpu);
    if (!has_translations(cpu)) {
        return;
    }
    if (cpu_current() == &cpu->parent) {
        x86_walk_cache_flush(cpu);
        tcg_tlb_switch(&cpu->parent, !keep);
    } else {
        x86_flush_translations(cpu);
    }
}

void x86_set_cr4(X86Cpu *cpu, uint64_t value)
{
    uint64_t changed = cpu->cr[4] ^ value;
    cpu->cr[4] = value;
    if (changed & (CR4_PAE | CR4_PGE | CR4_PSE | CR4_SMEP)) {
        load_pdptes(cpu);
    }
    if (changed & (CR4_PSE | CR4_PAE | CR4_PGE | CR4_LA57 | CR4_PCIDE | CR4_SMEP | CR4_SMAP | CR4_PKE | CR4_PKS)) {
        x86_flush_translations(cpu);
    }
}

void x86_set_efer(X86Cpu *cpu, uint64_t value)
{
    uint64_t changed = cpu->efer ^ value;
    cpu->efer = value;
    if (changed & (EFER_NXE | EFER_LMA)) {
        x86_flush_translations(cpu);
    }
}

void x86_set_a20(X86Cpu *cpu, bool enabled)
{
    if (cpu->a20_mask_off == !enabled) {
        return;
    }
    cpu->a20_mask_off = !enabled;
    cpu->a20_mask = enabled ? UINT64_MAX : ~BIT(20);
    x86_flush_translations(cpu);
}

void x86_set_mxcsr(X86Cpu *cpu, uint32_t value)
{
    cpu->mxcsr = value & 0xffff;
}

static void set_a20_work(Cpu *cpu, void *opaque)
{
    x86_set_a20(X86_CPU(cpu), opaque != NULL);
}

void x86_set_a20_gate(int level)
{
    CPU_FOREACH(cpu) {
        if (cpu == cpu_current() || !cpu->created || !cpu->thread) {
            set_a20_work(cpu, GINT_TO_POINTER(level != 0));
        } else {
            cpu_run_on_async(cpu, set_a20_work, GINT_TO_POINTER(level != 0));
        }
    }
}
