/*
 * The generic PCI Express host bridge: "gpex-pcihost" and the function 0:0.0 behind it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PCI_HOST_GPEX_H
#define HW_PCI_HOST_GPEX_H

#include "hw/pci-host/pci_host.h"

enum { GPEX_MAX_IRQS = 8, GPEX_ROOT_IRQS = 4 };

/* Where the board wants the parts. Low memory is seen at the same addresses by processors and on the bus, as is high memory; ports begin at 0. size 0: none. */
typedef struct GpexWindow { uint64_t base, size; } GpexWindow;
/* zero_bars: firmware may place BARs at address 0. */
typedef struct GpexConfig { GpexWindow ecam, pio, mmio32, mmio64; bool zero_bars; } GpexConfig;

/* Made, realized and mapped; its interrupt line n (INTA of slot 0 is line 0) goes to irqs[n]. NULL with an error. */
PciHost *gpex_create(MemoryRegion *memory, const GpexConfig *config, Irq *const irqs[GPEX_ROOT_IRQS], GError **err);

#endif
