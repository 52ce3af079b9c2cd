/*
 * PCI Express ports: what root ports and switch ports have in common.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PCI_PCIE_PORT_H
#define HW_PCI_PCIE_PORT_H

#include "hw/pci/pci_bridge.h"

/* The places and kinds of a port's capabilities: PciBridgeType.port. An offset of 0: not there. */
typedef struct PciePortType {
    uint8_t exp_offset, exp_type;
    uint8_t ssvid_offset; uint16_t ssvid_vendor, ssvid_device;
    uint8_t msi_offset, msi_vectors; bool msi_64bit, msi_mask;
    bool msix;                                  /* one vector, at the next free place, in BAR 0 */
    uint16_t aer_offset, acs_offset;
    bool interrupt_pin, flr, root;
    uint32_t link_capabilities;                 /* 0: as pcie_cap_init has them */
} PciePortType;

typedef struct PciePort {
    PciBridge parent;                           /* type "pcie-port" */
    uint8_t port; uint16_t aer_log_max;
    /* pcie-slot */
    uint8_t chassis; uint16_t slot;
    bool hotplug, power_controller, hide_native_hotplug;
    bool unplug_asked;                          /* the attention button was pressed for an unplug */
    bool irq_level;
    HotplugHandler handler;
    /* pcie-root-port */
    int speed, width; PciBridgeReserve reserve;
} PciePort;
#define PCIE_PORT(p) ((PciePort *)(p))

/* Slots of Express ports: SLTCAP, SLTCTL and what follows from writes. */
bool pcie_slot_init(PciePort *port, GError **err);
void pcie_slot_exit(PciePort *port);
void pcie_slot_reset(PciePort *port);
void pcie_slot_config_written(PciePort *port, uint32_t addr, uint32_t value, unsigned size, uint16_t old_control);
void pcie_aer_init(PciDevice *dev, uint16_t offset, bool root);

#endif
