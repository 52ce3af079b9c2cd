/*
 * The devices that stand for what KVM keeps in the kernel: kvm-apic, kvm-ioapic, kvm-i8259, kvm-pit, kvmclock (hw/i386/kvm).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_I386_KVM_IRQCHIP_H
#define HW_I386_KVM_IRQCHIP_H

#include "hw/i386/irqchip.h"

/* All controllers and the timer in the kernel; the local APICs alone. */
const X86Irqchip *x86_kvm_irqchip_full(uint64_t reserved_address, uint64_t reserved_size, bool no_smm);
const X86Irqchip *x86_kvm_irqchip_split(uint64_t reserved_address, uint64_t reserved_size, bool no_smm);
/* Puts "kvmclock" on the system bus. */
void x86_kvm_create_clock_device(void);

#endif
