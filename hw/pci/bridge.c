/*
 * PCI-to-PCI bridges: the secondary bus and the three windows, VGA forwarding, bus reset (PCI-to-PCI Bridge 1.2, chapters 3 and 4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/pci/pci_bridge.h"

#include "pci-internal.h"
#include "util/error.h"

#include <string.h>

PciBus *pci_bridge_secondary(const PciDevice *dev)
{
    return object_is_a((const Object *)dev, "base-pci-bridge") ? ((const PciBridge *)dev)->secondary : NULL;
}

static const PciBridgeType *bridge_type(const PciBridge *bridge)
{
    return device_type((const Device *)bridge)->family;
}

typedef struct Window { uint64_t base, limit; } Window;

static Window io_window(const uint8_t *c)
{
    return (Window){ (uint64_t)(c[PCI_IO_BASE] & PCI_IO_RANGE_MASK) << 8, (uint64_t)(c[PCI_IO_LIMIT] & PCI_IO_RANGE_MASK) << 8 | 0xfff };
}

static Window memory_window(const uint8_t *c)
{
    return (Window){ (uint64_t)(pci_get_word(c + PCI_MEMORY_BASE) & PCI_MEMORY_RANGE_MASK) << 16,
                     (uint64_t)(pci_get_word(c + PCI_MEMORY_LIMIT) & PCI_MEMORY_RANGE_MASK) << 16 | 0xfffff };
}

static Window prefetch_window(const uint8_t *c)
{
    Window w = { (uint64_t)(pci_get_word(c + PCI_PREF_MEMORY_BASE) & PCI_PREF_RANGE_MASK) << 16,
                 (uint64_t)(pci_get_word(c + PCI_PREF_MEMORY_LIMIT) & PCI_PREF_RANGE_MASK) << 16 | 0xfffff };
    if ((c[PCI_PREF_MEMORY_BASE] & PCI_PREF_RANGE_TYPE_MASK) == PCI_PREF_RANGE_TYPE_64) {
        w.base |= (uint64_t)pci_get_long(c + PCI_PREF_BASE_UPPER32) << 32;
        w.limit |= (uint64_t)pci_get_long(c + PCI_PREF_LIMIT_UPPER32) << 32;
    }
    return w;
}

/* An alias of the secondary bus's space at the same addresses of the primary's. */
static void window_set(MemoryRegion *alias, Window w, bool enabled)
{
    enabled = enabled && w.limit >= w.base;
    if (enabled) {
        memory_region_set_size(alias, w.limit - w.base + 1);
        memory_region_set_alias_offset(alias, w.base);
        memory_region_set_address(alias, w.base);
    }
    memory_region_set_enabled(alias, enabled);
}

static void update_windows(PciBridge *bridge)
{
    const uint8_t *c = bridge->parent.config;
    uint16_t command = pci_get_word(c + PCI_COMMAND);
    bool vga = pci_get_word(c + PCI_BRIDGE_CONTROL) & PCI_BRIDGE_CTL_VGA;

    memory_transaction_begin();
    window_set(&bridge->window_io, io_window(c), command & PCI_COMMAND_IO);
    window_set(&bridge->window_memory, memory_window(c), command & PCI_COMMAND_MEMORY);
    window_set(&bridge->window_prefetch, prefetch_window(c), command & PCI_COMMAND_MEMORY);
    memory_region_set_enabled(&bridge->window_vga[0], vga && command & PCI_COMMAND_IO);
    memory_region_set_enabled(&bridge->window_vga[1], vga && command & PCI_COMMAND_IO);
    memory_region_set_enabled(&bridge->window_vga[2], vga && command & PCI_COMMAND_MEMORY);
    memory_transaction_commit();
}

void pci_bridge_config_write(Device *device, uint32_t addr, uint32_t value, unsigned size)
{
    PciBridge *bridge = PCI_BRIDGE(device);
    uint8_t *c = bridge->parent.config;
    uint16_t old_control = pci_get_word(c + PCI_BRIDGE_CONTROL);

    pci_default_config_write(device, addr, value, size);
    if (ranges_overlap(addr, size, PCI_COMMAND, 2) || ranges_overlap(addr, size, PCI_IO_BASE, 2) ||
        ranges_overlap(addr, size, PCI_MEMORY_BASE, 20) || ranges_overlap(addr, size, PCI_BRIDGE_CONTROL, 2)) {
        update_windows(bridge);
    }
    if (~old_control & pci_get_word(c + PCI_BRIDGE_CONTROL) & PCI_BRIDGE_CTL_BUS_RESET) {
        bus_cold_reset(&bridge->secondary->parent);
    }
}

void pci_bridge_close_windows(PciDevice *dev)
{
    /* Base above limit. */
    uint8_t *c = dev->config;
    c[PCI_IO_BASE] = (c[PCI_IO_BASE] & 0x0f) | 0xf0;
    c[PCI_IO_LIMIT] &= 0x0f;
    pci_set_word(c + PCI_MEMORY_BASE, 0xfff0);
    pci_set_word(c + PCI_MEMORY_LIMIT, 0);
    pci_set_word(c + PCI_PREF_MEMORY_BASE, 0xfff0 | (c[PCI_PREF_MEMORY_BASE] & 0xf));
    pci_set_word(c + PCI_PREF_MEMORY_LIMIT, c[PCI_PREF_MEMORY_LIMIT] & 0xf);
    pci_set_long(c + PCI_PREF_BASE_UPPER32, 0);
    pci_set_long(c + PCI_PREF_LIMIT_UPPER32, 0);
}

static void bridge_reset_enter(Device *device)
{
    PciBridge *bridge = PCI_BRIDGE(device);
    uint8_t *c = bridge->parent.config;
    c[PCI_PRIMARY_BUS] = c[PCI_SECONDARY_BUS] = c[PCI_SUBORDINATE_BUS] = c[PCI_SEC_LATENCY_TIMER] = 0;
    c[PCI_IO_BASE] &= 0x0f;
    c[PCI_IO_LIMIT] &= 0x0f;
    pci_set_word(c + PCI_MEMORY_BASE, 0);
    pci_set_word(c + PCI_MEMORY_LIMIT, 0);
    pci_set_word(c + PCI_PREF_MEMORY_BASE, c[PCI_PREF_MEMORY_BASE] & 0xf);
    pci_set_word(c + PCI_PREF_MEMORY_LIMIT, c[PCI_PREF_MEMORY_LIMIT] & 0xf);
    pci_set_long(c + PCI_PREF_BASE_UPPER32, 0);
    pci_set_long(c + PCI_PREF_LIMIT_UPPER32, 0);
    pci_set_word(c + PCI_BRIDGE_CONTROL, 0);
    if (object_is_a(OBJECT(device), "pcie-root-port-base")) {
        pci_bridge_close_windows(&bridge->parent);
    }
    update_windows(bridge);
}

static void window_init(PciBridge *bridge, MemoryRegion *alias, const char *name, MemoryRegion *target, uint64_t base, uint64_t size, MemoryRegion *parent)
{
    memory_region_init_alias(alias, OBJECT(bridge), name, target, base, size);
    memory_region_set_enabled(alias, false);
    memory_region_add_subregion_overlap(parent, base, alias, 1);
}

static bool bridge_realize(Device *device, GError **err)
{
    PciBridge *bridge = PCI_BRIDGE(device);
    PciBus *primary = pci_device_bus(&bridge->parent);
    const PciBridgeType *type = bridge_type(bridge);
    Object *owner = OBJECT(bridge);

    memory_region_init(&bridge->memory, owner, "pci_bridge_pci", UINT64_MAX);
    memory_region_init(&bridge->io, owner, "pci_bridge_io", 0x10000);
    window_init(bridge, &bridge->window_prefetch, "pci_bridge_pref_mem", &bridge->memory, 0, 0x100000, primary->memory);
    window_init(bridge, &bridge->window_memory, "pci_bridge_mem", &bridge->memory, 0, 0x100000, primary->memory);
    window_init(bridge, &bridge->window_io, "pci_bridge_io", &bridge->io, 0, 0x1000, primary->io);
    window_init(bridge, &bridge->window_vga[0], "pci_bridge_vga_io_lo", &bridge->io, 0x3b0, 0xc, primary->io);
    window_init(bridge, &bridge->window_vga[1], "pci_bridge_vga_io_hi", &bridge->io, 0x3c0, 0x20, primary->io);
    window_init(bridge, &bridge->window_vga[2], "pci_bridge_vga_mem", &bridge->memory, 0xa0000, 0x20000, primary->memory);

    const char *id = device->id && *device->id ? device->id : NULL;
    PciBus *bus = PCI_BUS(bus_new((const BusType *)object_type_find(type->secondary_type), device, id));
    bus->bridge = &bridge->parent;
    bus->memory = &bridge->memory;
    bus->io = &bridge->io;
    bus->dma_space = primary->dma_space;
    bus->routing.map = type->map_irq;
    bridge->secondary = bus;
    return true;
}

static void bridge_unrealize(Device *device)
{
    PciBridge *bridge = PCI_BRIDGE(device);
    MemoryRegion *windows[] = { &bridge->window_prefetch, &bridge->window_memory, &bridge->window_io, &bridge->window_vga[0],
                                &bridge->window_vga[1], &bridge->window_vga[2] };
    for (unsigned i = 0; i < ARRAY_SIZE(windows); i++) {
        memory_region_del_subregion(windows[i]->container, windows[i]);
        memory_region_destroy(windows[i]);
    }
    /* The devices behind are gone already: unrealize goes from the leaves to the root. */
    bridge->secondary = NULL;
    memory_region_destroy(&bridge->io);
    memory_region_destroy(&bridge->memory);
}

static const Property bridge_properties[] = {
    PROP_BOOL("x-pci-express-writeable-slt-bug", PciBridge, writeable_slt_bug, false),
};

static const DeviceType base_pci_bridge = {
    .name = "base-pci-bridge", .parent = "pci-device", .size = sizeof(PciBridge), .abstract = true, .category = DEVICE_BRIDGE,
    .properties = PROPERTIES(bridge_properties), .realize = bridge_realize, .unrealize = bridge_unrealize, .reset_enter = bridge_reset_enter,
};
REGISTER_DEVICE(base_pci_bridge)

bool pci_bridge_add_ssvid(PciDevice *dev, uint8_t offset, uint16_t vendor, uint16_t id, GError **err)
{
    offset = pci_add_capability(dev, PCI_CAP_ID_SSVID, offset, 8, err);
    if (!offset) {
        return false;
    }
    pci_set_word(dev->config + offset + PCI_SSVID_VENDOR_ID, vendor);
    pci_set_word(dev->config + offset + PCI_SSVID_DEVICE_ID, id);
    return true;
}

/* The vendor capability that firmware reads: length 32, type 1, bus, io, mem, prefetchable 32-bit and 64-bit. */
enum { RESERVE_LEN = 32, RESERVE_TYPE = 1 };

bool pci_bridge_add_reserve(PciDevice *dev, uint8_t offset, const PciBridgeReserve *r, GError **err)
{
    if (r->mem != UINT64_MAX && r->mem > UINT32_MAX) {
        return error_set(err, "PCI resource reserve cap: mem must be less than 4G");
    }
    if (r->pref32 != UINT64_MAX && r->pref64 != UINT64_MAX) {
        return error_set(err, "PCI resource reserve cap: PREF32 and PREF64 conflict");
    }
    if (r->pref32 != UINT64_MAX && r->pref32 > UINT32_MAX) {
        return error_set(err, "PCI resource reserve cap: pref32 must be less than 4G");
    }
    if (r->bus == UINT32_MAX && r->io == UINT64_MAX && r->mem == UINT64_MAX && r->pref32 == UINT64_MAX && r->pref64 == UINT64_MAX) {
        return true;
    }
    offset = pci_add_capability(dev, PCI_CAP_ID_VNDR, offset, RESERVE_LEN, err);
    if (!offset) {
        return false;
    }
    uint8_t *cap = dev->config + offset;
    cap[2] = RESERVE_LEN;
    cap[3] = RESERVE_TYPE;
    store_le32(cap + 4, r->bus);
    store_le64(cap + 8, r->io);
    store_le32(cap + 16, (uint32_t)r->mem);
    store_le32(cap + 20, (uint32_t)r->pref32);
    store_le64(cap + 24, r->pref64);
    return true;
}
