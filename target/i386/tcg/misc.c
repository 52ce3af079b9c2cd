/*
 * Helpers of ports, identification, MSRs, counters, waiting.
 *
 * Intel SDM volume 1, 19.5 (I/O permission bitmap); volume 2 for the instructions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/system.h"
#include "accel/accel.h"
#include "softmmu/dma.h"
#include "target/i386/internal.h"
#include "util/guest-random.h"
#include "util/main-loop.h"
#include "util/spin.h"

/* ---- ports ---- */

static bool bitmap_allows(X86Cpu *cpu, uint32_t port, uint32_t size)
{
    uint64_t map, bits;
    uint64_t base = cpu->tr.base;
    unsigned type = cpu->tr.attributes >> DESC_TYPE_SHIFT & 15;
    if (!(cpu->tr.attributes & DESC_P_MASK) || !(type & 8) || cpu->tr.limit < 103) {
        return false;
    }
    x86_or_leave(cpu, tcg_load(&cpu->parent, base + 0x66, 2, X86_PRIV_SYSTEM, &map));
    uint32_t offset = map + port / 8;
    if (offset + 1 > cpu->tr.limit) {
        return false;
    }
    x86_or_leave(cpu, tcg_load(&cpu->parent, base + offset, 2, X86_PRIV_SYSTEM, &bits));
    return (bits >> port % 8 & MAKE_MASK(0, size)) == 0;
}

void x86_helper_check_io(Cpu *c, uint32_t port, uint32_t size)
{
    X86Cpu *cpu = X86_CPU(c);
    if (!(cpu->cr[0] & CR0_PE)) {
        return;
    }
    unsigned iopl = cpu->eflags >> 12 & 3;
    if ((x86_vm86(cpu) || x86_cpl(cpu) > iopl) && !bitmap_allows(cpu, port & 0xffff, size)) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
}

uint32_t x86_helper_in(Cpu *c, uint32_t port, uint32_t size)
{
    x86_helper_check_io(c, port, size);
    uint64_t value = UINT32_MAX;
    address_space_load(c->io, port & 0xffff, &value, size, MEM_ATTRS_NONE);
    x86_meet_io_breakpoints(X86_CPU(c), port & 0xffff, size);
    return value & MAKE_MASK(0, 8 * size);
}

void x86_helper_out(Cpu *c, uint32_t port, uint32_t value, uint32_t size)
{
    x86_helper_check_io(c, port, size);
    address_space_store(c->io, port & 0xffff, value & MAKE_MASK(0, 8 * size), size, MEM_ATTRS_NONE);
    x86_meet_io_breakpoints(X86_CPU(c), port & 0xffff, size);
}

/* ---- identification, MSRs ---- */

void x86_helper_cpuid(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    uint32_t eax, ebx, ecx, edx, leaf = cpu->regs[R_EAX];
    x86_cpuid(cpu, cpu->regs[R_EAX], cpu->regs[R_ECX], &eax, &ebx, &ecx, &edx);
    if (leaf == 1 && !x86_apic_enabled(cpu)) {
        edx &= ~BIT(9);
    }
    cpu->regs[R_EAX] = eax;
    cpu->regs[R_EBX] = ebx;
    cpu->regs[R_ECX] = ecx;
    cpu->regs[R_EDX] = edx;
}

void x86_helper_rdmsr(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    uint64_t value;
    if (!x86_read_msr(cpu, cpu->regs[R_ECX], &value)) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    cpu->regs[R_EAX] = (uint32_t)value;
    cpu->regs[R_EDX] = value >> 32;
}

void x86_helper_wrmsr(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    uint64_t value = (uint32_t)cpu->regs[R_EAX] | cpu->regs[R_EDX] << 32;
    if (!x86_write_msr(cpu, cpu->regs[R_ECX], value)) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
}

void x86_helper_write_base(Cpu *c, uint32_t seg, uint64_t base)
{
    X86Cpu *cpu = X86_CPU(c);
    if (!x86_canonical(cpu, base)) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    cpu->segs[seg].base = base;
}

/* ---- counters, random numbers ---- */

uint64_t x86_helper_rdtsc(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    if ((cpu->cr[4] & CR4_TSD) && (cpu->cr[0] & CR0_PE) && x86_cpl(cpu) != 0) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    return x86_read_tsc(cpu);
}

uint64_t x86_helper_rdtscp(Cpu *c)
{
    uint64_t tsc = x86_helper_rdtsc(c);
    X86_CPU(c)->regs[R_ECX] = (uint32_t)X86_CPU(c)->tsc_aux;
    return tsc;
}

uint32_t x86_helper_rdpid(Cpu *c)
{
    return X86_CPU(c)->tsc_aux;
}

void x86_helper_rdpmc(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    /* There are no performance counters: any index is out of range. */
    x86_raise_error(cpu, EXCP_GP, 0);
}

uint64_t x86_helper_rdrand(Cpu *c)
{
    uint64_t value;
    guest_random_bytes(&value, sizeof(value));
    return value;
}

/* ---- waiting ---- */

void x86_helper_hlt(Cpu *c, uint64_t next_pc)
{
    X86Cpu *cpu = X86_CPU(c);
    cpu->pc = next_pc;
    cpu->inhibit_irq = 0;
    cpu->mwait_breaks = false;
    atomic_store(&c->halted, true);
    tcg_leave(c);
}

void x86_helper_monitor(Cpu *c, uint64_t address)
{
    X86Cpu *cpu = X86_CPU(c);
    if ((uint32_t)cpu->regs[R_ECX]) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    x86_or_leave(cpu, tcg_monitor(c, address, x86_priv(cpu)));
}

/* Sleeps until the line is written to or an interrupt comes; where that cannot be promised it ends at once, as it is allowed to. */
void x86_helper_mwait(Cpu *c, uint64_t next_pc)
{
    X86Cpu *cpu = X86_CPU(c);
    if ((uint32_t)cpu->regs[R_ECX] > 1) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    if (!tcg_monitor_waits(c)) {
        x86_helper_pause(c, next_pc);
    }
    cpu->pc = next_pc;
    cpu->inhibit_irq = 0;
    cpu->mwait_breaks = cpu->regs[R_ECX] & 1;
    atomic_store(&c->halted, true);
    tcg_leave(c);
}

/* Most who wait by PAUSE wait for a processor that is just about to answer (an IPI, a lock): the host's scheduler is asked only when that takes long. */
void x86_helper_pause(Cpu *c, uint64_t next_pc)
{
    static _Thread_local Spin spin;
    const Accel *accel = accel_current();
    X86_CPU(c)->pc = next_pc;
    if (accel && accel->single_thread) {
        atomic_store(&c->exit_request, true);   /* the others run on this thread: its turn is over */
    } else {
        spin_step(&spin);
    }
    tcg_leave(c);
}
