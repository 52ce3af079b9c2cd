/*
 * Taking interrupts: INIT, SIPI, machine checks, NMI and what the local APIC or the 8259 has, in the order of priority and by what holds them off.
 *
 * Intel SDM volume 3, 6.8 (masking), 6.9 (priority), 10.8 (APIC), 8.4.4 (INIT-SIPI).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/internal.h"
#include "hw/i386/apic.h"

/* Requests that wake a CPU which nothing else may wake: one that waits for its start, or shut down. */
enum { ALWAYS_TAKEN = CPU_INTERRUPT_INIT | CPU_INTERRUPT_SIPI | CPU_INTERRUPT_RESET | CPU_INTERRUPT_DEBUG };

bool x86_has_work(Cpu *c)
{
    const X86Cpu *cpu = X86_CPU(c);
    uint32_t request = atomic_load(&c->interrupt_request);
    if (request & ALWAYS_TAKEN) {
        return true;
    }
    if (c->powered_off || cpu->shutdown) {
        return false;
    }
    if ((request & (CPU_INTERRUPT_POLL | CPU_INTERRUPT_MCE | CPU_INTERRUPT_LINE)) || ((request & CPU_INTERRUPT_NMI) && !cpu->nmi_blocked)
        || ((request & CPU_INTERRUPT_SMI) && !cpu->smm)) {
        return true;
    }
    return (request & CPU_INTERRUPT_HARD) && ((cpu->eflags & IF_MASK) || (cpu->mwait_breaks && atomic_load(&c->halted)));
}

static void take_event(X86Cpu *cpu, int vector)
{
    atomic_store(&cpu->parent.halted, false);
    x86_deliver_event(cpu, (X86Event){ .vector = vector, .external = true, .return_pc = cpu->pc });
}

/* The vector that the APIC, or through it (or without one) the 8259, presents; -1: it has gone meanwhile. */
static int acknowledge(X86Cpu *cpu)
{
    if (!cpu->apic) {
        return x86_read_pic();
    }
    const ApicType *apic = apic_type(cpu->apic);
    int vector = apic->get_interrupt(cpu->apic);
    /* The APIC has raised the request again where the 8259 holds its line: an idle 8259 must not be asked, it would give a spurious vector. */
    bool line = atomic_load(&cpu->parent.interrupt_request) & CPU_INTERRUPT_HARD;
    if (vector < 0 && line && apic->accepts_pic(cpu->apic)) {
        vector = x86_read_pic();
    }
    return vector;
}

static bool take_hard_interrupt(X86Cpu *cpu)
{
    /* Cleared first: whoever has another one raises it again. */
    cpu_clear_interrupt(&cpu->parent, CPU_INTERRUPT_HARD);
    int vector = acknowledge(cpu);
    if (cpu->apic && apic_type(cpu->apic)->has_interrupt(cpu->apic)) {
        cpu_interrupt(&cpu->parent, CPU_INTERRUPT_HARD);
    }
    if (vector < 0) {
        return false;
    }
    take_event(cpu, vector);
    return true;
}

bool x86_interrupt(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    uint32_t request = atomic_load(&c->interrupt_request);
    if (request & CPU_INTERRUPT_POLL) {
        cpu_clear_interrupt(c, CPU_INTERRUPT_POLL);
    }
    if (request & CPU_INTERRUPT_INIT) {
        cpu_clear_interrupt(c, CPU_INTERRUPT_INIT);
        x86_do_init(cpu);
        return true;
    }
    if (request & CPU_INTERRUPT_SIPI) {
        cpu_clear_interrupt(c, CPU_INTERRUPT_SIPI);
        x86_do_sipi(cpu);
        return true;
    }
    if ((request & CPU_INTERRUPT_SMI) && !x86_smm_offered()) {
        cpu_clear_interrupt(c, CPU_INTERRUPT_SMI);      /* as on a board that leaves SMI# open */
    }
    if (c->powered_off || cpu->shutdown || cpu->inhibit_irq) {
        return false;
    }
    if ((request & CPU_INTERRUPT_SMI) && !cpu->smm && x86_smm_offered()) {
        cpu_clear_interrupt(c, CPU_INTERRUPT_SMI);
        x86_enter_smm(cpu);
        return true;
    }
    if (request & CPU_INTERRUPT_MCE) {
        cpu_clear_interrupt(c, CPU_INTERRUPT_MCE);
        take_event(cpu, EXCP_MC);
        return true;
    }
    if ((request & CPU_INTERRUPT_NMI) && !cpu->nmi_blocked) {
        cpu_clear_interrupt(c, CPU_INTERRUPT_NMI);
        cpu->nmi_blocked = true;
        take_event(cpu, EXCP_NMI);
        return true;
    }
    if ((request & CPU_INTERRUPT_HARD) && (cpu->eflags & IF_MASK)) {
        return take_hard_interrupt(cpu);
    }
    return false;
}

/* The shadow of STI and MOV SS covers one instruction: the one that has just ended. */
void x86_after_block(Cpu *c)
{
    X86_CPU(c)->inhibit_irq = 0;
}
