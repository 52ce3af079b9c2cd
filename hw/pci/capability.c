/*
 * Capabilities: the list in the first 256 bytes (PCI Local Bus 3.0, 6.7), the list in the extended space (PCI Express Base 3.0, 7.9), power management
 * (PCI Power Management 1.2, 3.2) and the PCI Express capability (7.8).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pci-internal.h"

#include "util/error.h"

#include <string.h>

static uint8_t find_space(const PciDevice *dev, unsigned size)
{
    unsigned run = 0;
    for (unsigned i = PCI_STD_HEADER_SIZEOF; i < PCI_CFG_SPACE_SIZE; i++) {
        if (dev->used[i]) {
            run = 0;
        } else if ((run || !(i & 3)) && ++run == size) {
            return i - size + 1;
        }
    }
    return 0;
}

uint8_t pci_add_capability(PciDevice *dev, uint8_t id, uint8_t offset, uint8_t size, GError **err)
{
    if (!offset) {
        offset = find_space(dev, size);
        if (!offset) {
            error_set(err, "%s: no room for PCI capability 0x%x", dev->parent.parent.type->name, id);
            return 0;
        }
    } else {
        for (unsigned i = offset; i < (unsigned)offset + size; i++) {
            if (i >= PCI_CFG_SPACE_SIZE || dev->used[i]) {
                error_set(err, "%s:%02x:%02x.%x Attempt to add PCI capability %x at offset %x overlaps existing capability %x at offset %x",
                          "0000", pci_bus_number(pci_device_bus(dev)), PCI_SLOT(dev->devfn), PCI_FUNC(dev->devfn), id, offset, 0, i);
                return 0;
            }
        }
    }
    uint8_t *cap = dev->config + offset;
    memset(cap, 0, size);
    cap[PCI_CAP_LIST_ID] = id;
    cap[PCI_CAP_LIST_NEXT] = dev->config[PCI_CAPABILITY_LIST];
    dev->config[PCI_CAPABILITY_LIST] = offset;
    pci_set_word(dev->config + PCI_STATUS, pci_get_word(dev->config + PCI_STATUS) | PCI_STATUS_CAP_LIST);
    memset(dev->used + offset, 0xff, ROUND_UP(size, 4u));
    memset(dev->write_mask + offset, 0, size);
    memset(dev->check_mask + offset, 0xff, size);
    return offset;
}

uint16_t pcie_add_capability(PciDevice *dev, uint16_t id, uint8_t version, uint16_t offset, uint16_t size)
{
    uint32_t header;
    uint16_t last = 0;

    if (offset < PCI_CFG_SPACE_SIZE || (uint32_t)offset + size > PCI_CFG_SPACE_EXP_SIZE) {
        return 0;
    }
    if (offset != PCI_CFG_SPACE_SIZE) {
        /* The list starts at 0x100: find its end and put the new one behind it. */
        uint16_t next = PCI_CFG_SPACE_SIZE;
        for (int guard = 0; next && guard < PCI_CFG_SPACE_EXP_SIZE / 4; guard++) {
            last = next;
            next = PCI_EXT_CAP_NEXT(pci_get_long(dev->config + last));
        }
        header = pci_get_long(dev->config + last);
        pci_set_long(dev->config + last, (header & 0x000fffff) | (uint32_t)offset << 20);
    }
    header = PCI_EXT_CAP_ID(id) | (uint32_t)version << 16;
    memset(dev->config + offset, 0, size);
    memset(dev->write_mask + offset, 0, size);
    memset(dev->write_1_clear_mask + offset, 0, size);
    memset(dev->used + offset, 0xff, size);
    pci_set_long(dev->config + offset, header);
    return offset;
}

bool pci_pm_init(PciDevice *dev, uint8_t offset, GError **err)
{
    offset = pci_add_capability(dev, PCI_CAP_ID_PM, offset, PCI_PM_SIZEOF, err);
    if (!offset) {
        return false;
    }
    dev->pm_cap = offset;
    pci_set_word(dev->config + offset + PCI_PM_PMC, 3);    /* version 1.2 */
    pci_set_word(dev->write_mask + offset + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK);
    return true;
}

bool pcie_cap_init(PciDevice *dev, uint8_t offset, uint8_t type, uint8_t port, GError **err)
{
    bool on_root = type == PCI_EXP_TYPE_RC_END;
    offset = pci_add_capability(dev, PCI_CAP_ID_EXP, offset, PCI_EXP_CAP_V2_SIZEOF, err);
    if (!offset) {
        return false;
    }
    uint8_t *cap = dev->config + offset, *mask = dev->write_mask + offset;
    dev->exp_cap = offset;
    dev->express = true;
    dev->config_size = PCI_CFG_SPACE_EXP_SIZE;

    pci_set_word(cap + PCI_EXP_FLAGS, 2 | type << 4);
    pci_set_long(cap + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER);
    if (type == PCI_EXP_TYPE_ENDPOINT || type == PCI_EXP_TYPE_LEG_END || on_root) {
        if (dev->capability_flags & 1u << PCI_FLAG_EXT_TAG) {
            pci_set_long(cap + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_EXT_TAG);
            pci_set_word(mask + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_EXT_TAG);
        }
    }
    if (!on_root) {
        /* One lane at 2.5 GT/s, as every link starts; ports with other speeds say so themselves. */
        pci_set_long(cap + PCI_EXP_LNKCAP, (uint32_t)port << 24 | PCI_EXP_LNKCAP_ASPM_L0S | 1 << 4 | 1);
        pci_set_word(cap + PCI_EXP_LNKSTA, 1 << 4 | 1);
    }
    if (dev->capability_flags & 1u << PCI_FLAG_LNKSTA_DLLLA && (type == PCI_EXP_TYPE_ROOT_PORT || type == PCI_EXP_TYPE_DOWNSTREAM)) {
        pci_set_word(cap + PCI_EXP_LNKSTA, pci_get_word(cap + PCI_EXP_LNKSTA) | PCI_EXP_LNKSTA_DLLLA);
    }
    /* End-to-end TLP prefixes. */
    pci_set_long(cap + PCI_EXP_DEVCAP2, 0x00300000);
    pci_set_word(mask + PCI_EXP_DEVCTL2, 0x8000);
    return true;
}
