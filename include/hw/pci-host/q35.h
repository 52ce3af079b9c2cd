/*
 * The Q35 host bridge (Intel 3 Series Express Chipset Family datasheet, 316966): type "q35-pcihost" on the system bus, which makes its "mch" at 00.0.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PCI_HOST_Q35_H
#define HW_PCI_HOST_Q35_H

#include "hw/pci-host/pci_host.h"

#define MCH_PCIEXBAR_DEFAULT UINT64_C(0xb0000000)

typedef struct Q35Host {
    PcieHost parent;
    PcHostConfig config;                    /* set before realize */
    MemoryRegion *smram;                    /* as for the 440FX */
    PciDevice *mch;
    uint64_t pci_hole64_size; bool pci_hole64_fix, smm_ranges;
} Q35Host;
#define Q35_HOST(p) ((Q35Host *)(p))
PciHole q35_hole64(Q35Host *host);
/* Where ECAM is now; false when the guest has it off. */
bool q35_get_ecam(Q35Host *host, uint64_t *base, uint64_t *size);

#endif
