/*
 * MSI-X (PCI Local Bus 3.0, 6.8.2): a table of messages with masks, and pending bits, in memory of the device.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pci-internal.h"

#include "util/error.h"

#include <string.h>

enum { MSIX_MAX_VECTORS = 2048, MSIX_BAR_MIN = 4096 };

typedef struct PciMsix {
    PciDevice *dev;
    unsigned nr_vectors;
    uint8_t *table, *pending;               /* as the guest sees them */
    MemoryRegion table_mmio, pba_mmio;
    MemoryRegion *table_bar, *pba_bar;      /* of the caller, or ours */
    bool has_exclusive_bar;                 /* table_bar is ours */
    void (*unmask)(PciDevice *, unsigned), (*mask)(PciDevice *, unsigned);
} PciMsix;

static uint16_t flags(const PciDevice *dev) { return pci_get_word(dev->config + dev->msix_cap + PCI_MSIX_FLAGS); }

bool msix_present(const PciDevice *dev) { return dev->msix_cap != 0; }
bool msix_enabled(const PciDevice *dev) { return dev->msix_cap && flags(dev) & PCI_MSIX_FLAGS_ENABLE; }

bool msix_function_masked(const PciDevice *dev)
{
    return !dev->msix_cap || (flags(dev) & (PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL)) != PCI_MSIX_FLAGS_ENABLE;
}

static bool entry_masked(const PciMsix *msix, unsigned vector)
{
    return msix->table[vector * PCI_MSIX_ENTRY_SIZE + PCI_MSIX_ENTRY_VECTOR_CTRL] & PCI_MSIX_ENTRY_CTRL_MASKBIT;
}

bool msix_vector_masked(const PciDevice *dev, unsigned vector)
{
    return msix_function_masked(dev) || vector >= dev->msix->nr_vectors || entry_masked(dev->msix, vector);
}

void msix_get_message(const PciDevice *dev, unsigned vector, uint64_t *address, uint32_t *data)
{
    const uint8_t *entry = dev->msix->table + vector * PCI_MSIX_ENTRY_SIZE;
    *address = load_le64(entry + PCI_MSIX_ENTRY_LOWER_ADDR);
    *data = load_le32(entry + PCI_MSIX_ENTRY_DATA);
}

static bool is_pending(const PciMsix *msix, unsigned vector) { return msix->pending[vector / 8] >> vector % 8 & 1; }

void msix_notify(PciDevice *dev, unsigned vector)
{
    PciMsix *msix = dev->msix;
    if (!msix_enabled(dev) || vector >= msix->nr_vectors) {
        return;
    }
    if (msix_vector_masked(dev, vector)) {
        msix->pending[vector / 8] |= 1u << vector % 8;
        return;
    }
    uint64_t address;
    uint32_t data;
    msix_get_message(dev, vector, &address, &data);
    pci_send_message(dev, address, data);
}

/* A vector's mask as the outside sees it changed. */
static void mask_changed(PciMsix *msix, unsigned vector, bool was_masked)
{
    bool masked = msix_vector_masked(msix->dev, vector);
    if (masked == was_masked) {
        return;
    }
    if (masked) {
        if (msix->mask) {
            msix->mask(msix->dev, vector);
        }
        return;
    }
    if (msix->unmask) {
        msix->unmask(msix->dev, vector);
    }
    if (is_pending(msix, vector)) {
        msix->pending[vector / 8] &= ~(1u << vector % 8);
        msix_notify(msix->dev, vector);
    }
}

void msix_config_written(PciDevice *dev, uint32_t addr, unsigned size, bool was_masked)
{
    if (!dev->msix_cap || !ranges_overlap(addr, size, dev->msix_cap + PCI_MSIX_FLAGS, 2)) {
        return;
    }
    if (msix_enabled(dev)) {
        pci_deassert_intx(dev);
    }
    for (unsigned vector = 0; was_masked != msix_function_masked(dev) && vector < dev->msix->nr_vectors; vector++) {
        mask_changed(dev->msix, vector, was_masked || entry_masked(dev->msix, vector));
    }
}

/* ---- the table and the pending bits ---- */
static uint64_t table_read(void *opaque, uint64_t addr, unsigned size)
{
    const PciMsix *msix = opaque;
    uint64_t value = 0;
    memcpy(&value, msix->table + addr, size);
    return value;
}

static void table_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    PciMsix *msix = opaque;
    unsigned vector = addr / PCI_MSIX_ENTRY_SIZE;
    bool was_masked = msix_vector_masked(msix->dev, vector);
    memcpy(msix->table + addr, &value, size);
    mask_changed(msix, vector, was_masked);
}

static const MemoryRegionOps table_ops = {
    .read = table_read, .write = table_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 8 }, .impl = { 4, 4 },
};

static uint64_t pba_read(void *opaque, uint64_t addr, unsigned size)
{
    const PciMsix *msix = opaque;
    uint64_t value = 0;
    memcpy(&value, msix->pending + addr, size);
    return value;
}

static void pba_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    /* 6.8.2.9: software writes here have no defined effect. */
}

static const MemoryRegionOps pba_ops = {
    .read = pba_read, .write = pba_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 8 }, .impl = { 4, 4 },
};

static uint32_t pending_size(unsigned nr_vectors) { return ROUND_UP(nr_vectors, 64u) / 8; }

/* 6.8.2: after reset all vectors are masked and nothing is pending. */
static void clear_table(PciMsix *msix)
{
    memset(msix->table, 0, msix->nr_vectors * PCI_MSIX_ENTRY_SIZE);
    memset(msix->pending, 0, pending_size(msix->nr_vectors));
    for (unsigned vector = 0; vector < msix->nr_vectors; vector++) {
        msix->table[vector * PCI_MSIX_ENTRY_SIZE + PCI_MSIX_ENTRY_VECTOR_CTRL] = PCI_MSIX_ENTRY_CTRL_MASKBIT;
    }
}

bool msix_init(PciDevice *dev, unsigned nr_vectors, const MsixLayout *layout, GError **err)
{
    uint32_t table_size = nr_vectors * PCI_MSIX_ENTRY_SIZE, pba_size = pending_size(nr_vectors);
    if (nr_vectors < 1 || nr_vectors > MSIX_MAX_VECTORS) {
        return error_set(err, "The number of MSI-X vectors is invalid");
    }
    if ((layout->table_bar_nr == layout->pba_bar_nr && ranges_overlap(layout->table_offset, table_size, layout->pba_offset, pba_size)) ||
        layout->table_offset + table_size > memory_region_size(layout->table_bar) ||
        layout->pba_offset + pba_size > memory_region_size(layout->pba_bar) || (layout->table_offset | layout->pba_offset) & 7) {
        return error_set(err, "table & pba overlap, or they don't fit in BARs, or don't align");
    }
    uint8_t cap = pci_add_capability(dev, PCI_CAP_ID_MSIX, layout->cap_offset, PCI_CAP_MSIX_SIZEOF, err);
    if (!cap) {
        return false;
    }
    dev->msix_cap = cap;
    pci_set_word(dev->config + cap + PCI_MSIX_FLAGS, nr_vectors - 1);
    pci_set_long(dev->config + cap + PCI_MSIX_TABLE, layout->table_offset | layout->table_bar_nr);
    pci_set_long(dev->config + cap + PCI_MSIX_PBA, layout->pba_offset | layout->pba_bar_nr);
    pci_set_word(dev->write_mask + cap + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);

    PciMsix *msix = dev->msix = g_new0(PciMsix, 1);
    msix->dev = dev;
    msix->nr_vectors = nr_vectors;
    msix->table = g_malloc0(table_size);
    msix->pending = g_malloc0(pba_size);
    msix->table_bar = layout->table_bar;
    msix->pba_bar = layout->pba_bar;
    clear_table(msix);
    memory_region_init_io(&msix->table_mmio, OBJECT(dev), &table_ops, msix, "msix-table", table_size);
    memory_region_add_subregion(layout->table_bar, layout->table_offset, &msix->table_mmio);
    memory_region_init_io(&msix->pba_mmio, OBJECT(dev), &pba_ops, msix, "msix-pba", pba_size);
    memory_region_add_subregion(layout->pba_bar, layout->pba_offset, &msix->pba_mmio);
    return true;
}

bool msix_init_exclusive(PciDevice *dev, unsigned nr_vectors, uint8_t bar_nr, GError **err)
{
    /* Table in the lower half of a page and pending bits in the upper, as long as they fit. */
    uint32_t pba_offset = MAX(MSIX_BAR_MIN / 2u, nr_vectors * PCI_MSIX_ENTRY_SIZE), size = MSIX_BAR_MIN;
    if (nr_vectors < 1 || nr_vectors > MSIX_MAX_VECTORS) {
        return error_set(err, "The number of MSI-X vectors is invalid");
    }
    while (size < pba_offset + pending_size(nr_vectors)) {
        size <<= 1;
    }
    g_autofree char *name = g_strdup_printf("%s-msix", dev->parent.parent.type->name);
    MemoryRegion *bar = g_new0(MemoryRegion, 1);
    memory_region_init(bar, OBJECT(dev), name, size);
    MsixLayout layout = { .table_bar = bar, .pba_bar = bar, .table_bar_nr = bar_nr, .pba_bar_nr = bar_nr, .table_offset = 0, .pba_offset = pba_offset };
    if (!msix_init(dev, nr_vectors, &layout, err)) {
        memory_region_destroy(bar);
        g_free(bar);
        return false;
    }
    dev->msix->has_exclusive_bar = true;
    pci_register_bar(dev, bar_nr, PCI_BASE_ADDRESS_SPACE_MEMORY, bar);
    return true;
}

void msix_uninit(PciDevice *dev)
{
    PciMsix *msix = dev->msix;
    if (!msix) {
        return;
    }
    memory_region_del_subregion(msix->table_bar, &msix->table_mmio);
    memory_region_del_subregion(msix->pba_bar, &msix->pba_mmio);
    memory_region_destroy(&msix->table_mmio);
    memory_region_destroy(&msix->pba_mmio);
    if (msix->has_exclusive_bar) {
        pci_unmap_bars(dev);
        for (int i = 0; i < PCI_BAR_COUNT; i++) {
            if (dev->bars[i].mr == msix->table_bar) {
                dev->bars[i] = (PciBar){ .addr = PCI_BAR_UNMAPPED };
            }
        }
        memory_region_destroy(msix->table_bar);
        g_free(msix->table_bar);
    }
    g_free(msix->table);
    g_free(msix->pending);
    g_clear_pointer(&dev->msix, g_free);
    dev->msix_cap = 0;
}

void msix_reset(PciDevice *dev)
{
    if (!dev->msix) {
        return;
    }
    for (unsigned vector = 0; dev->msix->mask && vector < dev->msix->nr_vectors; vector++) {
        if (!msix_vector_masked(dev, vector)) {
            dev->msix->mask(dev, vector);
        }
    }
    uint8_t *f = dev->config + dev->msix_cap + PCI_MSIX_FLAGS;
    pci_set_word(f, pci_get_word(f) & ~(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL));
    clear_table(dev->msix);
}

void msix_set_vector_hooks(PciDevice *dev, void (*unmask)(PciDevice *, unsigned vector), void (*mask)(PciDevice *, unsigned vector))
{
    if (!dev->msix) {
        return;
    }
    dev->msix->unmask = unmask;
    dev->msix->mask = mask;
}
