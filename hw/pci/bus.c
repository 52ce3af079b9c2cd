/*
 * PCI buses: addresses, bus numbers, and the way of a configuration access to its device (PCI Local Bus 3.0, 3.2.2.3; PCI-to-PCI Bridge 1.2, 3.1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pci-internal.h"

#include "hw/core/machine.h"
#include "util/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static GPtrArray *root_buses;           /* of PciBus*, in order of creation */

/* ---- the properties addr and busnr ---- */
static bool devfn_parse(const char *text, int32_t *devfn)
{
    unsigned slot, function = 0;
    int end = 0;
    if (strchr(text, '-') || strchr(text, '+')) {
        return false;
    }
    if (sscanf(text, "%x.%x%n", &slot, &function, &end) < 2 || text[end]) {
        function = 0;
        end = 0;
        if (sscanf(text, "%x%n", &slot, &end) < 1 || text[end]) {
            return false;
        }
    }
    if (slot > 31 || function > 7) {
        return false;
    }
    *devfn = PCI_DEVFN(slot, function);
    return true;
}

static bool devfn_set_text(Object *object, const Property *p, const char *text, GError **err)
{
    if (!devfn_parse(text, PROPERTY_FIELD(object, p, int32_t))) {
        return error_set(err, "Property '%s.%s' doesn't take value '%s'", object->type->name, p->name, text);
    }
    return true;
}

static bool devfn_set(Object *object, const Property *p, GVariant *value, GError **err)
{
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)) {
        return devfn_set_text(object, p, g_variant_get_string(value, NULL), err);
    }
    int64_t number = -2;
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_INT64)) {
        number = g_variant_get_int64(value);
    } else if (g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64) && g_variant_get_uint64(value) <= 255) {
        number = g_variant_get_uint64(value);
    }
    if (number < -1 || number > 255) {
        return error_set(err, "Invalid parameter type for '%s', expected: string", p->name);
    }
    *PROPERTY_FIELD(object, p, int32_t) = number;
    return true;
}

static GVariant *devfn_get(const Object *object, const Property *p, GError **err)
{
    return g_variant_new_int64(*PROPERTY_FIELD(object, p, int32_t));
}

static char *devfn_print(const Object *object, const Property *p)
{
    int32_t devfn = *PROPERTY_FIELD(object, p, int32_t);
    return devfn == -1 ? g_strdup("<unset>") : g_strdup_printf("%02x.%x", devfn >> 3, devfn & 7);
}

static void devfn_default(Object *object, const Property *p)
{
    *PROPERTY_FIELD(object, p, int32_t) = p->initial.i;
}

const PropertyKind property_kind_pci_devfn = {
    .name = "str", .set = devfn_set, .set_text = devfn_set_text, .get = devfn_get, .print = devfn_print, .set_default = devfn_default,
};

static GVariant *busnr_get(const Object *object, const Property *p, GError **err)
{
    const PciDevice *dev = (const PciDevice *)object;
    return g_variant_new_int64(dev->parent.bus && dev->parent.realized ? pci_bus_number(pci_device_bus(dev)) : 0);
}

static char *busnr_print(const Object *object, const Property *p)
{
    const PciDevice *dev = (const PciDevice *)object;
    int number = dev->parent.bus && dev->parent.realized ? pci_bus_number(pci_device_bus(dev)) : 0;
    return g_strdup_printf("%d (0x%x)", number, number);
}

static void no_default(Object *object, const Property *p)
{
}

const PropertyKind property_kind_pci_busnr = { .name = "busnr", .get = busnr_get, .print = busnr_print, .set_default = no_default };

/* ---- addresses ---- */
static bool slot_reserved(const PciBus *bus, int devfn)
{
    return bus->slots_reserved >> PCI_SLOT(devfn) & 1;
}

/* Behind a port of PCI Express there is one device. */
static bool is_express_link(const PciBus *bus)
{
    return bus->bridge && object_is_a((const Object *)bus, "PCIE") && bus->bridge->exp_cap &&
        ((bus->bridge->config[bus->bridge->exp_cap + PCI_EXP_FLAGS] >> 4) == PCI_EXP_TYPE_ROOT_PORT ||
         (bus->bridge->config[bus->bridge->exp_cap + PCI_EXP_FLAGS] >> 4) == PCI_EXP_TYPE_DOWNSTREAM);
}

static bool pick_address(PciBus *bus, PciDevice *dev, GError **err)
{
    for (int devfn = bus->slots_min; devfn < 256; devfn += 8) {
        if (!bus->devices[devfn] && !slot_reserved(bus, devfn)) {
            dev->devfn = devfn;
            return true;
        }
    }
    return error_set(err, "PCI: no slot/function available for %s, all in use or reserved", dev->parent.parent.type->name);
}

static bool pci_bus_check_address(Bus *b, Device *device, GError **err)
{
    PciBus *bus = PCI_BUS(b);
    PciDevice *dev = PCI_DEVICE(device);
    const char *name = device->parent.type->name;

    if (dev->devfn < 0) {
        return pick_address(bus, dev, err);
    }
    int slot = PCI_SLOT(dev->devfn), function = PCI_FUNC(dev->devfn);
    const PciDevice *there = bus->devices[dev->devfn];
    if (slot_reserved(bus, dev->devfn)) {
        return error_set(err, "PCI: slot %d function %d not available for %s, reserved", slot, function, name);
    }
    if (there && there != dev) {
        return error_set(err, "PCI: slot %d function %d not available for %s, in use by %s,id=%s", slot, function, name,
                         there->parent.parent.type->name, there->parent.id ? there->parent.id : "(null)");
    }
    const PciDevice *first = bus->devices[PCI_DEVFN(slot, 0)];
    if (device->hotplugged && first && first != dev) {
        return error_set(err, "PCI: slot %d function 0 already occupied by %s, new func %s cannot be exposed to guest.", slot,
                         first->parent.parent.type->name, name);
    }
    if (is_express_link(bus) && slot > 0) {
        warn_report("PCI: slot %d is not valid for %s, parent device only allows plugging into slot 0.", slot, name);
    }
    return true;
}

/* ---- names ---- */
static char *pci_bus_device_path(const Device *device)
{
    /* The domain, then slot.function of each bridge down to the device: bus numbers are the guest's and change. */
    const PciDevice *dev = (const PciDevice *)device;
    GString *path = g_string_new(NULL);
    while (dev) {
        g_autofree char *step = g_strdup_printf(":%02x.%x", PCI_SLOT(dev->devfn), PCI_FUNC(dev->devfn));
        g_string_prepend(path, step);
        dev = pci_device_bus(dev)->bridge;
    }
    g_string_prepend(path, "0000:00");
    return g_string_free(path, FALSE);
}

static char *pci_bus_firmware_path(const Device *device)
{
    const PciDevice *dev = (const PciDevice *)device;
    const char *name = pci_class_firmware_name(pci_get_word(dev->config + PCI_CLASS_DEVICE));
    GString *path = g_string_new(NULL);
    if (name) {
        g_string_append(path, name);
    } else {
        g_string_append_printf(path, "pci%04x,%04x", pci_get_word(dev->config + PCI_VENDOR_ID), pci_get_word(dev->config + PCI_DEVICE_ID));
    }
    g_string_append_printf(path, "@%x", PCI_SLOT(dev->devfn));
    if (PCI_FUNC(dev->devfn)) {
        g_string_append_printf(path, ",%x", PCI_FUNC(dev->devfn));
    }
    return g_string_free(path, FALSE);
}

static void pci_bus_print_device(const Device *device, GString *out, int indent)
{
    const PciDevice *dev = (const PciDevice *)device;
    if (!dev->config) {
        return;
    }
    uint16_t class = pci_get_word(dev->config + PCI_CLASS_DEVICE);
    const char *class_name = pci_class_name(class);
    g_autofree char *number = g_strdup_printf("Class %04x", class);
    g_string_append_printf(out, "%*sclass %s, addr %02x:%02x.%x, pci id %04x:%04x (sub %04x:%04x)\n", indent, "", class_name ? class_name : number,
                           pci_bus_number(pci_device_bus(dev)), PCI_SLOT(dev->devfn), PCI_FUNC(dev->devfn),
                           pci_get_word(dev->config + PCI_VENDOR_ID), pci_get_word(dev->config + PCI_DEVICE_ID),
                           pci_get_word(dev->config + PCI_SUBSYSTEM_VENDOR_ID), pci_get_word(dev->config + PCI_SUBSYSTEM_ID));
    for (int i = 0; i < PCI_BAR_COUNT; i++) {
        const PciBar *bar = &dev->bars[i];
        if (bar->mr) {
            g_string_append_printf(out, "%*sbar %d: %s at 0x%" PRIx64 " [0x%" PRIx64 "]\n", indent, "", i,
                                   bar->type & PCI_BASE_ADDRESS_SPACE_IO ? "i/o" : "mem", bar->addr, bar->addr + bar->size - 1);
        }
    }
}

static void pci_bus_finalize(Object *object)
{
    PciBus *bus = PCI_BUS(object);
    if (root_buses) {
        g_ptr_array_remove(root_buses, bus);
    }
    g_free(bus->irq_count);
}

static const BusType pci_bus_type = {
    .name = "PCI", .parent = "bus", .size = sizeof(PciBus), .finalize = pci_bus_finalize,
    .check_address = pci_bus_check_address, .device_path = pci_bus_device_path, .firmware_path = pci_bus_firmware_path,
    .print_device = pci_bus_print_device,
};
REGISTER_TYPE(pci_bus_type)

static const BusType pcie_bus_type = { .name = "PCIE", .parent = "PCI", .size = sizeof(PciBus) };
REGISTER_TYPE(pcie_bus_type)

/* ---- making and finding ---- */
PciBus *pci_root_bus_new(Device *host, const char *name, const char *type, MemoryRegion *memory, MemoryRegion *io, uint8_t slots_min)
{
    PciBus *bus = PCI_BUS(bus_new((const BusType *)object_type_find(type), host, name));
    bus->memory = memory;
    bus->io = io;
    bus->slots_min = slots_min;
    if (machine_current()) {
        bus->dma_space = &machine_current()->system_memory.memory_space;
    }
    if (!root_buses) {
        root_buses = g_ptr_array_new();
    }
    g_ptr_array_add(root_buses, bus);
    return bus;
}

void pci_bus_set_routing(PciBus *bus, const PciIrqRouting *routing)
{
    bus->routing = *routing;
    g_free(bus->irq_count);
    bus->irq_count = g_new0(int, routing->nr_lines);
}

PciBus *pci_root_bus_first(void)
{
    return root_buses && root_buses->len ? root_buses->pdata[0] : NULL;
}

int pci_bus_number(const PciBus *bus)
{
    return bus->bridge ? bus->bridge->config[PCI_SECONDARY_BUS] : bus->bus_number;
}

/* The bus of that number at or below bus. Depth is bounded by the tree that the user built. */
static PciBus *find_bus(PciBus *bus, int number)
{
    if (pci_bus_number(bus) == number) {
        return bus;
    }
    for (int devfn = 0; devfn < 256; devfn++) {
        PciDevice *bridge = bus->devices[devfn];
        PciBus *below = bridge ? pci_bridge_secondary(bridge) : NULL;
        if (!below || number < bridge->config[PCI_SECONDARY_BUS] || number > bridge->config[PCI_SUBORDINATE_BUS] ||
            bridge->config[PCI_SECONDARY_BUS] == 0) {
            continue;
        }
        PciBus *found = find_bus(below, number);
        if (found) {
            return found;
        }
    }
    return NULL;
}

PciDevice *pci_find_device(PciBus *root, int bus_number, int devfn)
{
    PciBus *bus = find_bus(root, bus_number);
    return bus && devfn >= 0 && devfn < 256 ? bus->devices[devfn] : NULL;
}

void pci_foreach_device(PciBus *bus, void (*fn)(PciBus *bus, PciDevice *dev, void *opaque), void *opaque)
{
    for (int devfn = 0; devfn < 256; devfn++) {
        PciDevice *dev = bus->devices[devfn];
        if (!dev) {
            continue;
        }
        fn(bus, dev, opaque);
        PciBus *below = pci_bridge_secondary(dev);
        if (below) {
            pci_foreach_device(below, fn, opaque);
        }
    }
}

/* ---- configuration accesses ---- */
static uint32_t ones(unsigned size)
{
    return size >= 4 ? UINT32_MAX : (1u << size * 8) - 1;
}

static uint32_t config_read(PciDevice *dev, uint32_t offset, uint32_t limit, unsigned size)
{
    if (!dev || offset + size > MIN(limit, dev->config_size)) {
        return ones(size);
    }
    return pci_config_read(dev, offset, size) & ones(size);
}

static void config_write(PciDevice *dev, uint32_t offset, uint32_t limit, uint32_t value, unsigned size)
{
    if (dev && offset + size <= MIN(limit, dev->config_size)) {
        pci_config_write(dev, offset, value & ones(size), size);
    }
}

uint32_t pci_host_config_read(PciBus *root, uint32_t addr, unsigned size)
{
    return config_read(pci_find_device(root, addr >> 16 & 0xff, addr >> 8 & 0xff), addr & 0xff, PCI_CFG_SPACE_SIZE, size);
}

void pci_host_config_write(PciBus *root, uint32_t addr, uint32_t value, unsigned size)
{
    config_write(pci_find_device(root, addr >> 16 & 0xff, addr >> 8 & 0xff), addr & 0xff, PCI_CFG_SPACE_SIZE, value, size);
}

uint32_t pcie_host_config_read(PciBus *root, uint32_t ecam_offset, unsigned size)
{
    return config_read(pci_find_device(root, ecam_offset >> 20 & 0xff, ecam_offset >> 12 & 0xff), ecam_offset & 0xfff, PCI_CFG_SPACE_EXP_SIZE, size);
}

void pcie_host_config_write(PciBus *root, uint32_t ecam_offset, uint32_t value, unsigned size)
{
    config_write(pci_find_device(root, ecam_offset >> 20 & 0xff, ecam_offset >> 12 & 0xff), ecam_offset & 0xfff, PCI_CFG_SPACE_EXP_SIZE, value, size);
}
