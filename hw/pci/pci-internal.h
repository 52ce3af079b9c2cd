/*
 * What the files of hw/pci share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PCI_PCI_INTERNAL_H
#define HW_PCI_PCI_INTERNAL_H

#include "hw/pci/pci.h"

/* Bits of PciDevice.capability_flags: properties. */
enum { PCI_FLAG_LNKSTA_DLLLA, PCI_FLAG_EXTCAP_INIT, PCI_FLAG_ERR_UNC_MASK, PCI_FLAG_ARI_NEXTFN_1, PCI_FLAG_EXT_TAG };

extern const PropertyKind property_kind_pci_devfn, property_kind_pci_busnr;

/* The first value that the device's type or an ancestor gives; see PciIdentity. */
const PciIdentity *pci_identity(const PciDevice *dev);

static inline bool ranges_overlap(uint32_t a, uint32_t a_len, uint32_t b, uint32_t b_len) { return a < b + b_len && b < a + a_len; }

/* By the device's hooks; addr + size within its configuration space. */
uint32_t pci_config_read(PciDevice *dev, uint32_t addr, unsigned size);
void pci_config_write(PciDevice *dev, uint32_t addr, uint32_t value, unsigned size);
void pci_update_bars(PciDevice *dev);
void pci_unmap_bars(PciDevice *dev);
void pci_update_bus_master(PciDevice *dev);
bool pci_rom_load(PciDevice *dev, bool is_default, GError **err);
void pci_rom_free(PciDevice *dev);
/* INTx as the command register and MSI let it through. */
void pci_update_intx(PciDevice *dev);
void pci_deassert_intx(PciDevice *dev);

void msi_config_written(PciDevice *dev, uint32_t addr, unsigned size);
void msi_reset(PciDevice *dev);
void msix_config_written(PciDevice *dev, uint32_t addr, unsigned size, bool was_masked);
bool msix_function_masked(const PciDevice *dev);
void msix_reset(PciDevice *dev);
/* The function's bus-master space, by what translates its bus. */
void pci_dma_space_init(PciBus *bus, PciDevice *dev);
void pci_dma_space_free(PciDevice *dev);
void pci_send_message(PciDevice *dev, uint64_t address, uint32_t data);

const char *pci_class_name(uint16_t class);         /* "Ethernet controller", or NULL */
const char *pci_class_firmware_name(uint16_t class);/* "ethernet", or NULL */
/* The secondary bus of a bridge, or NULL when the device is none. */
PciBus *pci_bridge_secondary(const PciDevice *dev);

#endif
