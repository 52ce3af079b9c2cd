/*
 * A PCI host bridge: the root bus and the two ways to its configuration space (PCI Local Bus 3.0, 3.2.2.3.2: mechanism 1; PCI Express Base 3.0,
 * 7.2.2: the memory-mapped one).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PCI_HOST_PCI_HOST_H
#define HW_PCI_HOST_PCI_HOST_H

#include "hw/pci/pci.h"

/* Type "pci-host-bridge", abstract. */
typedef struct PciHost {
    SysBusDevice parent;
    PciBus *bus;
    uint32_t config_address;                /* port 0xcf8 */
    MemoryRegion conf_idx, conf_data;
    bool config_reg_migration, bypass_iommu;
} PciHost;
#define PCI_HOST(p) ((PciHost *)(p))

/* Type "pcie-host-bridge", abstract: with ECAM at a base that the guest or board sets. */
typedef struct PcieHost {
    PciHost parent;
    uint64_t ecam_base, ecam_size;          /* base PCI_BAR_UNMAPPED: off */
    MemoryRegion ecam;
} PcieHost;
#define PCIE_HOST(p) ((PcieHost *)(p))
/* Maps, moves or (enabled false) hides the window in memory. size: 1 MiB a bus, at most 256 MiB. */
void pcie_host_map_ecam(PcieHost *host, MemoryRegion *memory, bool enabled, uint64_t base, uint64_t size);

/* What both PC hosts know of the machine's memory; the board fills it in before realize. */
typedef struct PcHostConfig {
    MemoryRegion *system_memory, *ram;      /* the whole space; all of the RAM (PAM and SMRAM open it in places) */
    MemoryRegion *pci_memory, *io;          /* where BARs are mapped: pci_memory is the board's container at priority -1 */
    uint64_t below_4g_mem_size, above_4g_mem_size;
} PcHostConfig;

/* The ranges that the firmware tables give to BARs. end: last byte; start > end: none. */
typedef struct PciHole { uint64_t start, end; } PciHole;
/* Below 4 GiB and above: computed from the BARs as the firmware mapped them. */
PciHole pci_host_hole64(PciHost *host, uint64_t default_start, uint64_t size, bool fix);
PciHole pci_host_hole(PciHost *host, uint64_t low_end);

#endif
