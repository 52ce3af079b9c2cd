/*
 * PCI-to-PCI bridges (PCI-to-PCI Bridge 1.2): type "base-pci-bridge", whose realize makes the secondary bus and the windows onto it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PCI_PCI_BRIDGE_H
#define HW_PCI_PCI_BRIDGE_H

#include "hw/pci/pci.h"

/* The family table of bridges (DeviceType.family). */
typedef struct PciBridgeType {
    const char *secondary_type;                 /* "PCI" or "PCIE" */
    int (*map_irq)(PciDevice *dev, int pin);    /* of a device on the secondary bus; NULL: the standard swizzle */
    const void *port;                           /* Express ports: their own table */
} PciBridgeType;

typedef struct PciBridge {
    PciDevice parent;
    PciBus *secondary;
    MemoryRegion memory, io;                    /* what the secondary bus's devices are mapped into */
    MemoryRegion window_memory, window_prefetch, window_io, window_vga[3];
    bool writeable_slt_bug;
} PciBridge;
#define PCI_BRIDGE(p) ((PciBridge *)(p))

/* Default configuration write and what follows from it; for hooks of derived types. */
void pci_bridge_config_write(Device *dev, uint32_t addr, uint32_t value, unsigned size);
/* Another than the port's own hot-plug handler changed what is behind it. */
void pcie_slot_presence_changed(PciBus *bus);
/* Reset values of the windows: all closed. */
void pci_bridge_close_windows(PciDevice *dev);
/* The subsystem id capability of bridges. */
bool pci_bridge_add_ssvid(PciDevice *dev, uint8_t offset, uint16_t vendor, uint16_t id, GError **err);
/* What firmware shall set aside for hot-plug behind the bridge (a vendor capability that SeaBIOS and OVMF read). All ones: not given. */
typedef struct PciBridgeReserve { uint32_t bus; uint64_t io, mem, pref32, pref64; } PciBridgeReserve;
bool pci_bridge_add_reserve(PciDevice *dev, uint8_t offset, const PciBridgeReserve *reserve, GError **err);

#endif
