/*
 * Whose interrupt controllers and timer a PC has: ours, or an accelerator's that keeps them in the kernel. Boards make them by ioapic_new(),
 * i8259_create() and i8254_create(), which ask here; the local APIC comes with the processor.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_I386_IRQCHIP_H
#define HW_I386_IRQCHIP_H

#include "hw/isa/isa.h"

typedef struct X86Irqchip {
    const char *ioapic;                 /* type names; NULL: ours */
    const char *pit;
    /* Instead of ours, as i8259_create; NULL: ours. */
    bool (*create_pic)(IsaBus *bus, Irq *parent, Irq *inputs[16], GError **err);
    /* Texts for info pic of what is not ours; the caller frees. NULL: ours. */
    char *(*describe_pic)(void);
    char *(*describe_ioapic)(void);
    bool no_smm;                        /* the accelerator cannot run system management mode */
    /* RAM addresses that the accelerator needs for itself and that the firmware must be told of as reserved; size 0: none. */
    uint64_t reserved_address, reserved_size;
} X86Irqchip;

/* Set by the accelerator when it starts; kept by reference. */
void x86_irqchip_set(const X86Irqchip *irqchip);
/* Never NULL. */
const X86Irqchip *x86_irqchip(void);

#endif
