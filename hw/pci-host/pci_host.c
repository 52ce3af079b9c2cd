/*
 * Host bridges' common part: ports 0xcf8 and 0xcfc (PCI Local Bus 3.0, 3.2.2.3.2), the memory-mapped configuration space (PCI Express Base 3.0,
 * 7.2.2), and the ranges of addresses that BARs live in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/pci-host/pci_host.h"

#include "util/bits.h"

enum { CONFIG_ADDRESS_PORT = 0xcf8, CONFIG_ENABLE_SHIFT = 31, ECAM_MAX_SIZE = 256 * 1024 * 1024 };

static uint64_t index_read(void *opaque, uint64_t addr, unsigned size)
{
    const PciHost *host = opaque;
    return host->config_address;
}

static void index_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    PciHost *host = opaque;
    if (addr == 0 && size == 4) {
        host->config_address = value;
    }
}

static const MemoryRegionOps index_ops = { .read = index_read, .write = index_write, .endian = DEVICE_LITTLE_ENDIAN };

static uint64_t data_read(void *opaque, uint64_t addr, unsigned size)
{
    const PciHost *host = opaque;
    if (!(host->config_address >> CONFIG_ENABLE_SHIFT)) {
        return UINT32_MAX;
    }
    return pci_host_config_read(host->bus, (host->config_address & 0x00fffffc) | (addr & 3), size);
}

static void data_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    PciHost *host = opaque;
    if (host->config_address >> CONFIG_ENABLE_SHIFT) {
        pci_host_config_write(host->bus, (host->config_address & 0x00fffffc) | (addr & 3), value, size);
    }
}

static const MemoryRegionOps data_ops = { .read = data_read, .write = data_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 } };

static bool host_realize(Device *device, GError **err)
{
    PciHost *host = PCI_HOST(device);
    memory_region_init_io(&host->conf_idx, OBJECT(host), &index_ops, host, "pci-conf-idx", 4);
    memory_region_init_io(&host->conf_data, OBJECT(host), &data_ops, host, "pci-conf-data", 4);
    host->parent.ports[host->parent.nr_ports++] = CONFIG_ADDRESS_PORT;
    return true;
}

static void host_unrealize(Device *device)
{
    PciHost *host = PCI_HOST(device);
    MemoryRegion *regions[] = { &host->conf_idx, &host->conf_data };
    for (unsigned i = 0; i < ARRAY_SIZE(regions); i++) {
        if (regions[i]->container) {
            memory_region_del_subregion(regions[i]->container, regions[i]);
        }
        memory_region_destroy(regions[i]);
    }
}

static void host_reset(Device *device)
{
    PCI_HOST(device)->config_address = 0;
}

static const Property host_properties[] = {
    PROP_BOOL("x-config-reg-migration-enabled", PciHost, config_reg_migration, true),
    PROP_BOOL("bypass-iommu", PciHost, bypass_iommu, false),
};
static const StateField host_state[] = { STATE_UINT32(PciHost, config_address) };

static const DeviceType pci_host_bridge = {
    .name = "pci-host-bridge", .parent = "sys-bus-device", .size = sizeof(PciHost), .abstract = true, .category = DEVICE_BRIDGE, .firmware_name = "pci",
    .properties = PROPERTIES(host_properties), .state = STATE(host_state, .version = 1),
    .realize = host_realize, .unrealize = host_unrealize, .reset = host_reset,
};
REGISTER_DEVICE(pci_host_bridge)

/* ---- ECAM ---- */
static uint64_t ecam_read(void *opaque, uint64_t addr, unsigned size)
{
    const PcieHost *host = opaque;
    return pcie_host_config_read(host->parent.bus, addr, size);
}

static void ecam_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    PcieHost *host = opaque;
    pcie_host_config_write(host->parent.bus, addr, value, size);
}

static const MemoryRegionOps ecam_ops = { .read = ecam_read, .write = ecam_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 } };

void pcie_host_map_ecam(PcieHost *host, MemoryRegion *memory, bool enabled, uint64_t base, uint64_t size)
{
    memory_transaction_begin();
    if (host->ecam.container) {
        memory_region_del_subregion(host->ecam.container, &host->ecam);
    }
    host->ecam_base = PCI_BAR_UNMAPPED;
    if (enabled) {
        host->ecam_base = base;
        host->ecam_size = size;
        memory_region_set_size(&host->ecam, size);
        memory_region_add_subregion(memory, base, &host->ecam);
    }
    memory_transaction_commit();
}

static bool pcie_host_realize(Device *device, GError **err)
{
    PcieHost *host = PCIE_HOST(device);
    host->ecam_base = PCI_BAR_UNMAPPED;
    memory_region_init_io(&host->ecam, OBJECT(host), &ecam_ops, host, "pcie-mmcfg-mmio", ECAM_MAX_SIZE);
    return true;
}

static void pcie_host_unrealize(Device *device)
{
    PcieHost *host = PCIE_HOST(device);
    if (host->ecam.container) {
        memory_region_del_subregion(host->ecam.container, &host->ecam);
    }
    memory_region_destroy(&host->ecam);
}

static const DeviceType pcie_host_bridge = {
    .name = "pcie-host-bridge", .parent = "pci-host-bridge", .size = sizeof(PcieHost), .abstract = true,
    .realize = pcie_host_realize, .unrealize = pcie_host_unrealize,
};
REGISTER_DEVICE(pcie_host_bridge)

/* ---- holes ---- */
PciHole pci_host_hole(PciHost *host, uint64_t low_end)
{
    return (PciHole){ low_end, UINT64_C(0xfebfffff) };
}

typedef struct HoleSearch { uint64_t low, high; bool found; } HoleSearch;

static void extend(HoleSearch *s, uint64_t start, uint64_t last)
{
    if (start < 4 * GiB || last < start) {
        return;
    }
    s->low = s->found ? MIN(s->low, start) : start;
    s->high = s->found ? MAX(s->high, last) : last;
    s->found = true;
}

static void look_at_device(PciBus *bus, PciDevice *dev, void *opaque)
{
    HoleSearch *s = opaque;
    const uint8_t *c = dev->config;
    for (int i = 0; i < PCI_BAR_COUNT; i++) {
        const PciBar *bar = &dev->bars[i];
        if (bar->mr && !(bar->type & PCI_BASE_ADDRESS_SPACE_IO) && bar->addr != PCI_BAR_UNMAPPED) {
            extend(s, bar->addr, bar->addr + bar->size - 1);
        }
    }
    if ((c[PCI_HEADER_TYPE] & PCI_HEADER_TYPE_MASK) == PCI_HEADER_TYPE_BRIDGE && pci_get_word(c + PCI_COMMAND) & PCI_COMMAND_MEMORY) {
        extend(s, (uint64_t)(pci_get_word(c + PCI_PREF_MEMORY_BASE) & 0xfff0) << 16 | (uint64_t)pci_get_long(c + PCI_PREF_BASE_UPPER32) << 32,
               (uint64_t)(pci_get_word(c + PCI_PREF_MEMORY_LIMIT) & 0xfff0) << 16 | 0xfffff | (uint64_t)pci_get_long(c + PCI_PREF_LIMIT_UPPER32) << 32);
    }
}

PciHole pci_host_hole64(PciHost *host, uint64_t default_start, uint64_t size, bool fix)
{
    HoleSearch s = { 0 };
    pci_foreach_device(host->bus, look_at_device, &s);
    uint64_t start = s.found ? s.low : 0, end = s.found ? s.high + 1 : 0;
    /* With nothing mapped there by the firmware, the guest still gets room behind the RAM. */
    if (!s.found && fix) {
        start = default_start;
    }
    uint64_t wanted_end = ROUND_UP(start + size, GiB);
    if (fix && end < wanted_end) {
        end = wanted_end;
    }
    return end > start ? (PciHole){ start, end - 1 } : (PciHole){ 1, 0 };
}
