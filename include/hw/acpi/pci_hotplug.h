/*
 * The registers by which the guest's ACPI code asks what was plugged into which PCI slot, and ejects (ports 0xae00 on the 440FX, 0xcc0 on Q35). Layout:
 * up 0, down 4, eject 8, removable 12, bus select 16, ACPI index 20, each 4 bytes; a bit a slot.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ACPI_PCI_HOTPLUG_H
#define HW_ACPI_PCI_HOTPLUG_H

#include "hw/acpi/acpi.h"
#include "hw/pci/pci.h"

enum { ACPI_PCIHP_SIZE = 0x18, ACPI_PCIHP_MAX_BUSES = 256, ACPI_PCIHP_IO_BASE_PIIX = 0xae00, ACPI_PCIHP_IO_BASE_ICH9 = 0x0cc0 };

typedef struct AcpiPciHotplug {
    MemoryRegion io;                        /* "acpi-pci-hotplug" */
    PciBus *root;
    struct { uint32_t up, down, hotplug_enable; } slots[ACPI_PCIHP_MAX_BUSES];
    uint32_t bus_select, acpi_index;
    bool root_enabled, bridges_enabled;     /* properties acpi-root-pci-hotplug, acpi-pci-hotplug-with-bridge-support */
    HotplugHandler handler;
} AcpiPciHotplug;

void acpi_pci_hotplug_init(AcpiPciHotplug *hp, Object *owner, PciBus *root, MemoryRegion *io, uint16_t base);
void acpi_pci_hotplug_destroy(AcpiPciHotplug *hp);
void acpi_pci_hotplug_reset(AcpiPciHotplug *hp);
/* The number under which the guest's code selects the bus (property acpi-pcihp-bsel), or -1: no ACPI hot-plug there. */
int acpi_pci_hotplug_bsel(const PciBus *bus);

#endif
