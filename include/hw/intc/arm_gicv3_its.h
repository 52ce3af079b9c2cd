/*
 * The Interrupt Translation Service of a GICv3 ("arm-gicv3-its"): makes LPIs of messages, by tables that the guest gives.
 *
 *     Device *its = arm_gicv3_its_create(memory, 0x08080000, gic, err);    128 KiB: control registers, then the page with the doorbell GITS_TRANSLATER (0x40 in it)
 *
 * The GIC must have LPIs. A device of PCI is known by its requester id (bus << 8 | devfn), which is the access's MemAttrs.requester_id. Device tree: "arm,gic-v3-its", with
 * msi-controller; a host bridge has msi-map = <0 &its 0 0x10000>.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_ARM_GICV3_ITS_H
#define HW_INTC_ARM_GICV3_ITS_H

#include "hw/core/device.h"

enum { ARM_GICV3_ITS_SIZE = 0x20000, ARM_GICV3_ITS_TRANSLATER = 0x10040 };

/* Realized and mapped. NULL with an error. */
Device *arm_gicv3_its_create(MemoryRegion *memory, uint64_t addr, Device *gic, GError **err);

#endif
