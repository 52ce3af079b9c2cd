/*
 * The 440FX host bridge (Intel 82441FX PCI and Memory Controller, May 1996): type "i440FX-pcihost" on the system bus, which makes its "i440FX" at 00.0.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PCI_HOST_I440FX_H
#define HW_PCI_HOST_I440FX_H

#include "hw/pci-host/pci_host.h"

typedef struct I440fxHost {
    PciHost parent;
    PcHostConfig config;                    /* set before realize */
    MemoryRegion *smram;                    /* what only SMM sees; an alias of it goes over a CPU's memory in SMM. Valid after realize */
    PciDevice *pmc;                         /* the i440FX at 00.0 */
    uint64_t pci_hole64_size; bool pci_hole64_fix;
    char *pci_type;
} I440fxHost;
#define I440FX_HOST(p) ((I440fxHost *)(p))
PciHole i440fx_hole64(I440fxHost *host);

#endif
