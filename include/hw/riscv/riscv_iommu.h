/*
 * The RISC-V IOMMU for a PCI root bus: as a chip ("riscv-iommu-device") and as a PCI function ("riscv-iommu-pci").
 *
 * Device tree: "riscv,iommu", "riscv,pci-iommu". A PCI requester id is the device_id.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_RISCV_RISCV_IOMMU_H
#define HW_RISCV_RISCV_IOMMU_H

#include "hw/pci/pci.h"

enum { RISCV_IOMMU_SIZE = 0x1000, RISCV_IOMMU_IRQS = 4 };

/* The chip: tables and queues are in memory_space, which translated accesses go to, too. irqs: a line a vector. pas_bits: of a physical address; 0: 56. */
typedef struct RiscvIommuPlace { MemoryRegion *memory; uint64_t addr; AddressSpace *memory_space; PciBus *root; Irq *const *irqs; uint32_t first_irq, pas_bits; } RiscvIommuPlace;

/* Made, realized, mapped, and set before the bus. NULL with an error. */
Device *riscv_iommu_create(const RiscvIommuPlace *place, GError **err);
/* The IOMMU that is a function of this bus, which itself is not translated; NULL: there is none. */
PciDevice *riscv_iommu_find_pci(PciBus *root);

#endif
