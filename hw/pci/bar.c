/*
 * Base address registers: what they look like, and where they put a device's regions (PCI Local Bus 3.0, 6.2.5); the expansion ROM (6.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pci-internal.h"

#include "hw/core/loader.h"
#include "util/error.h"
#include "util/log.h"

#include <string.h>

static uint32_t bar_offset(const PciDevice *dev, int n)
{
    if (n == PCI_ROM_BAR) {
        return (dev->config[PCI_HEADER_TYPE] & PCI_HEADER_TYPE_MASK) == PCI_HEADER_TYPE_BRIDGE ? PCI_ROM_ADDRESS1 : PCI_ROM_ADDRESS;
    }
    return PCI_BASE_ADDRESS_0 + 4u * n;
}

static bool is_io(const PciBar *bar) { return bar->type & PCI_BASE_ADDRESS_SPACE_IO; }
static bool is_64bit(const PciBar *bar) { return !is_io(bar) && bar->type & PCI_BASE_ADDRESS_MEM_TYPE_64; }

void pci_register_bar(PciDevice *dev, int n, uint8_t type, MemoryRegion *mr)
{
    PciBus *bus = pci_device_bus(dev);
    PciBar *bar = &dev->bars[n];
    uint64_t size = memory_region_size(mr);
    uint32_t offset = bar_offset(dev, n);
    uint64_t mask = ~(size - 1);

    g_assert(n >= 0 && n < PCI_BAR_COUNT && IS_POWER_OF_2(size));
    *bar = (PciBar){ .mr = mr, .size = size, .type = type, .addr = PCI_BAR_UNMAPPED,
                     .container = type & PCI_BASE_ADDRESS_SPACE_IO ? bus->io : bus->memory };
    if (n == PCI_ROM_BAR) {
        mask |= PCI_ROM_ADDRESS_ENABLE;
    }
    pci_set_long(dev->config + offset, type);
    if (is_64bit(bar)) {
        store_le64(dev->write_mask + offset, mask);
        store_le64(dev->check_mask + offset, ~UINT64_C(0));
    } else {
        pci_set_long(dev->write_mask + offset, (uint32_t)mask);
        pci_set_long(dev->check_mask + offset, UINT32_MAX);
    }
}

void pci_unregister_bar(PciDevice *dev, int n)
{
    PciBar *bar = &dev->bars[n];
    if (bar->mr && bar->addr != PCI_BAR_UNMAPPED) {
        memory_region_del_subregion(bar->container, bar->mr);
    }
    *bar = (PciBar){ .addr = PCI_BAR_UNMAPPED };
}

/* Whether the BAR's registers that hold 0 mean that address. */
static bool may_be_zero(const PciDevice *dev)
{
    const PciBus *bus = PCI_BUS(dev->parent.bus);
    while (bus->bridge) {
        bus = PCI_BUS(bus->bridge->parent.bus);
    }
    return bus->zero_bars;
}

/* Where the registers put the BAR, or PCI_BAR_UNMAPPED. */
static uint64_t bar_address(const PciDevice *dev, int n)
{
    const PciBar *bar = &dev->bars[n];
    uint16_t command = pci_get_word(dev->config + PCI_COMMAND);
    uint32_t offset = bar_offset(dev, n);
    uint64_t addr, last;

    if (dev->pm_cap && pci_get_word(dev->config + dev->pm_cap + PCI_PM_CTRL) & PCI_PM_CTRL_STATE_MASK) {
        return PCI_BAR_UNMAPPED;        /* Power Management 1.2, 5.4: only D0 answers */
    }
    if (is_io(bar)) {
        if (!(command & PCI_COMMAND_IO)) {
            return PCI_BAR_UNMAPPED;
        }
        addr = pci_get_long(dev->config + offset) & ~(bar->size - 1);
        last = addr + bar->size - 1;
        return last <= addr || (addr == 0 && !may_be_zero(dev)) || last > UINT16_MAX ? PCI_BAR_UNMAPPED : addr;
    }
    if (!(command & PCI_COMMAND_MEMORY)) {
        return PCI_BAR_UNMAPPED;
    }
    if (is_64bit(bar)) {
        addr = load_le64(dev->config + offset);
    } else {
        addr = pci_get_long(dev->config + offset);
        if (n == PCI_ROM_BAR && !(addr & PCI_ROM_ADDRESS_ENABLE)) {
            return PCI_BAR_UNMAPPED;
        }
    }
    addr &= ~(bar->size - 1);
    last = addr + bar->size - 1;
    /* All ones is what sizing leaves behind; the top of memory, and 0 where the board says so, are nobody's. */
    if (last <= addr || (addr == 0 && !may_be_zero(dev)) || last == UINT64_MAX || (!is_64bit(bar) && last >= UINT32_MAX)) {
        return PCI_BAR_UNMAPPED;
    }
    return addr;
}

void pci_update_bars(PciDevice *dev)
{
    memory_transaction_begin();
    for (int n = 0; n < PCI_BAR_COUNT; n++) {
        PciBar *bar = &dev->bars[n];
        if (!bar->mr) {
            continue;
        }
        uint64_t addr = bar_address(dev, n);
        if (addr == bar->addr) {
            continue;
        }
        if (bar->addr != PCI_BAR_UNMAPPED) {
            memory_region_del_subregion(bar->container, bar->mr);
        }
        bar->addr = addr;
        if (addr != PCI_BAR_UNMAPPED) {
            memory_region_add_subregion_overlap(bar->container, addr, bar->mr, 1);
        }
    }
    memory_transaction_commit();
}

void pci_unmap_bars(PciDevice *dev)
{
    memory_transaction_begin();
    for (int n = 0; n < PCI_BAR_COUNT; n++) {
        PciBar *bar = &dev->bars[n];
        if (bar->mr && bar->addr != PCI_BAR_UNMAPPED) {
            memory_region_del_subregion(bar->container, bar->mr);
            bar->addr = PCI_BAR_UNMAPPED;
        }
    }
    memory_transaction_commit();
}

void pci_update_bus_master(PciDevice *dev)
{
    bool d0 = !dev->pm_cap || !(pci_get_word(dev->config + dev->pm_cap + PCI_PM_CTRL) & PCI_PM_CTRL_STATE_MASK);
    if (dev->bus_master_alias.container) {
        memory_region_set_enabled(&dev->bus_master_alias, d0 && pci_get_word(dev->config + PCI_COMMAND) & PCI_COMMAND_MASTER);
    }
}

/* ---- the expansion ROM ---- */
enum { ROM_MAX_BYTES = 64 * 1024 * 1024, ROM_PCIR_POINTER = 0x18, PCIR_VENDOR = 4, PCIR_DEVICE = 6, ROM_CHECKSUM = 6 };

/* PCI Firmware 3.0, 5.1.2: a ROM names the device that it is for. A default ROM serves several devices of a family: it gets this one's numbers. */
static void rom_set_ids(const PciDevice *dev, uint8_t *rom, uint32_t size)
{
    if (size < 0x1a || rom[0] != 0x55 || rom[1] != 0xaa) {
        return;
    }
    uint32_t pcir = load_le16(rom + ROM_PCIR_POINTER);
    if (pcir + 8 >= size || memcmp(rom + pcir, "PCIR", 4)) {
        return;
    }
    for (unsigned i = 0; i < 4; i++) {
        /* Vendor and device, in the order of the configuration space. */
        uint8_t wanted = dev->config[PCI_VENDOR_ID + i];
        rom[ROM_CHECKSUM] += rom[pcir + PCIR_VENDOR + i] - wanted;
        rom[pcir + PCIR_VENDOR + i] = wanted;
    }
}

static bool rom_read_file(PciDevice *dev, char **contents, gsize *length, GError **err)
{
    g_autofree char *path = firmware_find(dev->romfile);
    g_autoptr(GError) file_error = NULL;

    if (!path) {
        return error_set(err, "failed to find romfile \"%s\"", dev->romfile);
    }
    if (!g_file_get_contents(path, contents, length, &file_error)) {
        return error_set(err, "failed to load romfile \"%s\": %s", dev->romfile, file_error->message);
    }
    if (*length == 0) {
        return error_set(err, "romfile \"%s\" is empty", dev->romfile);
    }
    if (*length > ROM_MAX_BYTES) {
        return error_set(err, "romfile \"%s\" too large (size cannot exceed %u bytes)", dev->romfile, ROM_MAX_BYTES);
    }
    if (dev->romsize != UINT32_MAX && *length > dev->romsize) {
        return error_set(err, "romfile \"%s\" (%u bytes) is too large for ROM size %u", dev->romfile, (unsigned)*length, dev->romsize);
    }
    return true;
}

static uint32_t power_of_2_above(uint32_t n)
{
    uint32_t size = 1;
    while (size < n) {
        size <<= 1;
    }
    return size;
}

bool pci_rom_load(PciDevice *dev, bool is_default, GError **err)
{
    bool has_file = dev->romfile && *dev->romfile;
    g_autofree char *contents = NULL;
    gsize length = 0;

    if (!has_file && dev->romsize == UINT32_MAX) {
        return true;
    }
    if (has_file && dev->rombar == 0) {
        /* No BAR: the firmware gets the file from fw_cfg, which is read once, at its start. */
        if (dev->parent.hotplugged) {
            return error_set(err, "Hot-plugged device without ROM bar can't have an option ROM");
        }
        g_autofree char *path = firmware_find(dev->romfile);
        return path ? rom_add_option(path, -1, err) : error_set(err, "failed to find romfile \"%s\"", dev->romfile);
    }
    if (has_file && !rom_read_file(dev, &contents, &length, err)) {
        return false;
    }
    if (dev->romsize == UINT32_MAX) {
        dev->romsize = power_of_2_above(length);
    }
    g_autofree char *name = g_strdup_printf("%s.rom", dev->parent.parent.type->name);
    if (!memory_region_init_rom(&dev->rom, OBJECT(dev), name, dev->romsize, err)) {
        return false;
    }
    if (contents) {
        uint8_t *rom = memory_region_ram_ptr(&dev->rom);
        memcpy(rom, contents, length);
        if (is_default) {
            rom_set_ids(dev, rom, length);
        }
    }
    dev->has_rom = true;
    pci_register_bar(dev, PCI_ROM_BAR, 0, &dev->rom);
    return true;
}

void pci_rom_free(PciDevice *dev)
{
    if (dev->has_rom) {
        memory_region_destroy(&dev->rom);
        dev->has_rom = false;
    }
}
