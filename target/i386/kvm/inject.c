/*
 * What a vCPU gets before it runs and gives after: interrupts of our own controllers, NMIs and SMIs (api.rst, 4.16 KVM_INTERRUPT, 4.64 KVM_NMI, 4.99
 * KVM_SMI; 5, ready_for_interrupt_injection).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/apic.h"
#include "target/i386/kvm/x86-kvm.h"
#include "util/error.h"
#include "util/main-loop.h"

static void deliver_nmi_and_smi(Cpu *cpu, uint32_t request)
{
    if (request & CPU_INTERRUPT_NMI) {
        cpu_clear_interrupt(cpu, CPU_INTERRUPT_NMI);
        if (kvm_vcpu_ioctl(cpu, KVM_NMI, NULL) < 0) {
            warn_report("KVM: injection failed, NMI lost");
        }
    }
    if (request & CPU_INTERRUPT_SMI) {
        cpu_clear_interrupt(cpu, CPU_INTERRUPT_SMI);
        if (x86_kvm_host.smm && kvm_vcpu_ioctl(cpu, KVM_SMI, NULL) < 0) {
            warn_report("KVM: injection failed, SMI lost");
        }
    }
}

/* The 8259 is ours: its vector is fetched when the processor is ready to take it. */
static void deliver_pic(Cpu *cpu)
{
    struct kvm_run *run = cpu->accel->run;
    if (run->ready_for_interrupt_injection && (atomic_load(&cpu->interrupt_request) & CPU_INTERRUPT_HARD)) {
        MACHINE_LOCK_GUARD();
        cpu_clear_interrupt(cpu, CPU_INTERRUPT_HARD);
        int vector = x86_read_pic();
        struct kvm_interrupt interrupt = { .irq = (uint32_t)vector };
        if (vector >= 0 && kvm_vcpu_ioctl(cpu, KVM_INTERRUPT, &interrupt) < 0) {
            warn_report("KVM: injection failed, interrupt lost");
        }
    }
    run->request_interrupt_window = (atomic_load(&cpu->interrupt_request) & CPU_INTERRUPT_HARD) != 0;
}

void x86_kvm_before_run(Cpu *cpu)
{
    uint32_t request = atomic_load(&cpu->interrupt_request);
    if (request & (CPU_INTERRUPT_NMI | CPU_INTERRUPT_SMI)) {
        deliver_nmi_and_smi(cpu, request);
    }
    if (!x86_kvm_host.kernel_pic) {
        deliver_pic(cpu);
    }
    if (!x86_kvm_host.kernel_apic) {
        atomic_store(&cpu->halted, false);
    }
}

void x86_kvm_after_run(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    const struct kvm_run *run = c->accel->run;
    /* Whether a halted vCPU has work to do is asked without reading the registers. */
    cpu->eflags = run->if_flag ? cpu->eflags | IF_MASK : cpu->eflags & ~IF_MASK;
}
