/*
 * The I/O APIC (Intel 82093AA datasheet, 290566; ICH9 datasheet, 13.5): type "ioapic" on the system bus, 24 unnamed inputs, one page of registers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_IOAPIC_H
#define HW_INTC_IOAPIC_H

#include "hw/core/device.h"

enum { IOAPIC_PIN_COUNT = 24, IOAPIC_MAX = 8 };
#define IOAPIC_DEFAULT_ADDRESS UINT64_C(0xfec00000)
#define IOAPIC_SECONDARY_ADDRESS UINT64_C(0xfec10000)

/* A new one, ours or the accelerator's; not yet realized. For boards. */
Device *ioapic_new(void);
/* Told of a pin's message when its entry changes (pin of the first I/O APIC, masked: it is not sent now): an accelerator that has the local APICs alone learns
 * by this which vectors it must report the end of. */
typedef void IoApicEntryHook(unsigned pin, uint64_t address, uint32_t data, bool masked);
void ioapic_set_entry_hook(IoApicEntryHook *hook);

/* A local APIC ended the level-triggered interrupt of vector. Hooked to apic_set_eoi_hook by the first I/O APIC. */
void ioapic_eoi_broadcast(uint8_t vector);
char *ioapic_describe(void);            /* info pic; caller frees */
char *ioapic_describe_counts(void);     /* info irq: how often each input rose; caller frees */

/* The registers of one, as text: for those that are kept elsewhere. */
typedef struct IoApicState { uint8_t id, select, version; uint32_t irr; uint64_t table[IOAPIC_PIN_COUNT]; } IoApicState;
void ioapic_describe_state(GString *out, unsigned index, const IoApicState *state);

#endif
