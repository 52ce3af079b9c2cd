/*
 * Arm's System MMU, version 3, for a PCI root bus ("arm-smmuv3").
 *
 * Device tree: "arm,smmu-v3". A PCI requester id is the StreamID.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ARM_SMMUV3_H
#define HW_ARM_SMMUV3_H

#include "hw/pci/pci.h"

enum { SMMUV3_SIZE = 0x20000, SMMUV3_IRQS = 4 };

/* The lines, in the order of the device's outputs; edges. */
enum { SMMUV3_IRQ_EVENTQ, SMMUV3_IRQ_PRIQ, SMMUV3_IRQ_CMDQ_SYNC, SMMUV3_IRQ_GERROR };

/* Where and for whom: tables and queues are in memory_space, which translated accesses go to, too. root NULL: for nobody.
 * stage: "1", "2" or "nested". */
typedef struct Smmuv3Place { MemoryRegion *memory; uint64_t addr; AddressSpace *memory_space; PciBus *root; const char *stage; Irq *const *irqs; } Smmuv3Place;

/* Made, realized, mapped, and set before the bus. NULL with an error. */
Device *smmuv3_create(const Smmuv3Place *place, GError **err);

#endif
