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

/* A local APIC ended the level-triggered interrupt of vector. Hooked to apic_set_eoi_hook by the first I/O APIC. */
void ioapic_eoi_broadcast(uint8_t vector);
char *ioapic_describe(void);            /* info pic; caller frees */

#endif
