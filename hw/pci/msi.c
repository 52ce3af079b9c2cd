/*
 * Message signalled interrupts (PCI Local Bus 3.0, 6.8.1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pci-internal.h"

#include "util/error.h"
#include "util/log.h"

enum { MSI_MAX_VECTORS = 32 };

static uint16_t flags(const PciDevice *dev) { return pci_get_word(dev->config + dev->msi_cap + PCI_MSI_FLAGS); }
static bool wide(uint16_t f) { return f & PCI_MSI_FLAGS_64BIT; }
static uint8_t data_offset(uint16_t f) { return wide(f) ? PCI_MSI_DATA_64 : PCI_MSI_DATA_32; }
static uint8_t mask_offset(uint16_t f) { return wide(f) ? PCI_MSI_MASK_64 : PCI_MSI_MASK_32; }
static uint8_t pending_offset(uint16_t f) { return wide(f) ? PCI_MSI_PENDING_64 : PCI_MSI_PENDING_32; }
static unsigned cap_size(uint16_t f)
{
    return f & PCI_MSI_FLAGS_MASKBIT ? (wide(f) ? 0x18 : 0x14) : (wide(f) ? 0x0e : 0x0a);
}
static unsigned vectors_capable(uint16_t f) { return 1u << ((f & PCI_MSI_FLAGS_QMASK) >> 1); }
static unsigned vectors_enabled(uint16_t f) { return 1u << ((f & PCI_MSI_FLAGS_QSIZE) >> 4); }

bool msi_init(PciDevice *dev, uint8_t offset, unsigned nr_vectors, bool is_64bit, bool per_vector_mask, GError **err)
{
    g_assert(nr_vectors && nr_vectors <= MSI_MAX_VECTORS && IS_POWER_OF_2(nr_vectors));
    uint16_t f = (uint16_t)__builtin_ctz(nr_vectors) << 1 | (is_64bit ? PCI_MSI_FLAGS_64BIT : 0) | (per_vector_mask ? PCI_MSI_FLAGS_MASKBIT : 0);
    offset = pci_add_capability(dev, PCI_CAP_ID_MSI, offset, cap_size(f), err);
    if (!offset) {
        return false;
    }
    uint8_t *mask = dev->write_mask + offset;
    dev->msi_cap = offset;
    pci_set_word(dev->config + offset + PCI_MSI_FLAGS, f);
    pci_set_word(mask + PCI_MSI_FLAGS, PCI_MSI_FLAGS_QSIZE | PCI_MSI_FLAGS_ENABLE);
    pci_set_long(mask + PCI_MSI_ADDRESS_LO, 0xfffffffc);
    if (is_64bit) {
        pci_set_long(mask + PCI_MSI_ADDRESS_HI, UINT32_MAX);
    }
    pci_set_word(mask + data_offset(f), 0xffff);
    if (per_vector_mask) {
        pci_set_long(mask + mask_offset(f), UINT32_MAX >> (MSI_MAX_VECTORS - nr_vectors));
    }
    return true;
}

void msi_uninit(PciDevice *dev)
{
    dev->msi_cap = 0;
}

bool msi_enabled(const PciDevice *dev)
{
    return dev->msi_cap && flags(dev) & PCI_MSI_FLAGS_ENABLE;
}

void msi_reset(PciDevice *dev)
{
    if (!dev->msi_cap) {
        return;
    }
    uint16_t f = flags(dev) & ~(PCI_MSI_FLAGS_QSIZE | PCI_MSI_FLAGS_ENABLE);
    uint8_t *cap = dev->config + dev->msi_cap;
    pci_set_word(cap + PCI_MSI_FLAGS, f);
    pci_set_long(cap + PCI_MSI_ADDRESS_LO, 0);
    if (wide(f)) {
        pci_set_long(cap + PCI_MSI_ADDRESS_HI, 0);
    }
    pci_set_word(cap + data_offset(f), 0);
    if (f & PCI_MSI_FLAGS_MASKBIT) {
        pci_set_long(cap + mask_offset(f), 0);
        pci_set_long(cap + pending_offset(f), 0);
    }
}

void pci_send_message(PciDevice *dev, uint64_t address, uint32_t data)
{
    MemAttrs attrs = { .requester_id = pci_requester_id(pci_device_bus(dev), (unsigned)dev->devfn) };
    address_space_store(&dev->bus_master_space, address, data, 4, attrs);
}

void msi_notify(PciDevice *dev, unsigned vector)
{
    if (!msi_enabled(dev)) {
        return;
    }
    uint16_t f = flags(dev);
    uint8_t *cap = dev->config + dev->msi_cap;
    unsigned enabled = MIN(vectors_enabled(f), vectors_capable(f));
    if (vector >= MSI_MAX_VECTORS) {
        return;
    }
    /* 6.8.3.4: a device that got fewer vectors than it has shares the last ones. */
    vector &= enabled - 1;
    if (f & PCI_MSI_FLAGS_MASKBIT && pci_get_long(cap + mask_offset(f)) >> vector & 1) {
        pci_set_long(cap + pending_offset(f), pci_get_long(cap + pending_offset(f)) | 1u << vector);
        return;
    }
    uint64_t address = pci_get_long(cap + PCI_MSI_ADDRESS_LO);
    if (wide(f)) {
        address |= (uint64_t)pci_get_long(cap + PCI_MSI_ADDRESS_HI) << 32;
    }
    uint32_t data = pci_get_word(cap + data_offset(f));
    pci_send_message(dev, address, (data & ~(enabled - 1)) | vector);
}

static void fire_unmasked(PciDevice *dev, uint16_t f)
{
    uint8_t *cap = dev->config + dev->msi_cap;
    uint32_t ready = pci_get_long(cap + pending_offset(f)) & ~pci_get_long(cap + mask_offset(f));
    pci_set_long(cap + pending_offset(f), pci_get_long(cap + pending_offset(f)) & ~ready);
    for (unsigned vector = 0; vector < MSI_MAX_VECTORS; vector++) {
        if (ready >> vector & 1) {
            msi_notify(dev, vector);
        }
    }
}

void msi_config_written(PciDevice *dev, uint32_t addr, unsigned size)
{
    if (!dev->msi_cap || !ranges_overlap(addr, size, dev->msi_cap, cap_size(flags(dev)))) {
        return;
    }
    uint16_t f = flags(dev);
    if (vectors_enabled(f) > vectors_capable(f)) {
        log_mask(LOG_GUEST_ERROR, "%s: more MSI vectors enabled (%u) than there are (%u)\n", dev->parent.parent.type->name, vectors_enabled(f),
                 vectors_capable(f));
        f = (f & ~PCI_MSI_FLAGS_QSIZE) | (f & PCI_MSI_FLAGS_QMASK) << 3;
        pci_set_word(dev->config + dev->msi_cap + PCI_MSI_FLAGS, f);
    }
    if (!(f & PCI_MSI_FLAGS_ENABLE)) {
        return;
    }
    pci_deassert_intx(dev);
    if (f & PCI_MSI_FLAGS_MASKBIT) {
        fire_unmasked(dev, f);
    }
}
