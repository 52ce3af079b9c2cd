/*
 * PCI hot-plug by ACPI: registers, and the hot-plug handler of the buses that the firmware's tables describe; the header has the layout.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/acpi/pci_hotplug.h"

#include "hw/pci/pci_bridge.h"
#include "util/error.h"
#include "util/log.h"

#include <string.h>

enum { REG_UP = 0x00, REG_DOWN = 0x04, REG_EJECT = 0x08, REG_REMOVABLE = 0x0c, REG_SELECT = 0x10, REG_INDEX = 0x14 };

/* The buses in order of their numbers; one machine has one set. */
static PciBus *numbered[ACPI_PCIHP_MAX_BUSES];
static int numbered_count;

int acpi_pci_hotplug_bsel(const PciBus *bus)
{
    for (int i = 0; i < numbered_count; i++) {
        if (numbered[i] == bus) {
            return i;
        }
    }
    return -1;
}

static void number_bus(AcpiPciHotplug *hp, PciBus *bus)
{
    if (acpi_pci_hotplug_bsel(bus) < 0 && numbered_count < ACPI_PCIHP_MAX_BUSES) {
        numbered[numbered_count++] = bus;
        bus->parent.hotplug = &hp->handler;         /* instead of a port's own: the tables keep the guest from using that */
    }
}

/* A port of PCI Express says whether its slot is for hot-plug; other bridges always are. */
static bool is_hotpluggable(const PciDevice *bridge)
{
    if (!object_is_a((const Object *)bridge, "pcie-slot")) {
        return !object_is_a((const Object *)bridge, "pcie-port");
    }
    g_autoptr(GVariant) value = object_get((const Object *)bridge, "hotplug", NULL);
    return value && g_variant_get_boolean(value);
}

static void number_bridge(PciBus *bus, PciDevice *dev, void *opaque)
{
    AcpiPciHotplug *hp = opaque;
    if (object_is_a(OBJECT(dev), "base-pci-bridge") && !dev->parent.hotplugged && PCI_BRIDGE(dev)->secondary &&
        is_hotpluggable(dev)) {
        number_bus(hp, PCI_BRIDGE(dev)->secondary);
    }
}

static uint32_t removable(const PciBus *bus)
{
    uint32_t slots = UINT32_MAX;
    for (int devfn = 0; devfn < 256; devfn++) {
        const PciDevice *dev = bus->devices[devfn];
        bool cold_bridge = dev && object_is_a((const Object *)dev, "base-pci-bridge") && !dev->parent.hotplugged;
        if (dev && (device_type(&dev->parent)->not_hotpluggable || cold_bridge)) {
            slots &= ~(1u << PCI_SLOT(devfn));
        }
    }
    return slots;
}

static PciBus *selected(const AcpiPciHotplug *hp)
{
    return hp->bus_select < (uint32_t)numbered_count ? numbered[hp->bus_select] : NULL;
}

static void eject(AcpiPciHotplug *hp, uint32_t slots)
{
    PciBus *bus = selected(hp);
    if (!bus || !slots) {
        return;
    }
    int slot = __builtin_ctz(slots);
    if (!(hp->slots[hp->bus_select].down >> slot & 1)) {
        log_mask(LOG_GUEST_ERROR, "acpi: eject of PCI slot %d, which nobody asked for\n", slot);
    }
    hp->slots[hp->bus_select].down &= ~(1u << slot);
    hp->slots[hp->bus_select].up &= ~(1u << slot);
    for (int function = 7; function >= 0; function--) {
        PciDevice *dev = bus->devices[PCI_DEVFN(slot, function)];
        if (dev && removable(bus) >> slot & 1) {
            device_unplug(&dev->parent);
        }
    }
    pcie_slot_presence_changed(bus);
}

static uint32_t acpi_index_of_slot(const AcpiPciHotplug *hp)
{
    PciBus *bus = selected(hp);
    const PciDevice *dev = bus && hp->acpi_index < 32 ? bus->devices[PCI_DEVFN(hp->acpi_index, 0)] : NULL;
    return dev ? dev->acpi_index : 0;
}

static uint64_t hotplug_read(void *opaque, uint64_t addr, unsigned size)
{
    AcpiPciHotplug *hp = opaque;
    PciBus *bus = selected(hp);
    uint32_t value = 0;
    if (!bus && addr != REG_SELECT) {
        return 0;
    }
    switch (addr) {
    case REG_UP:
        value = hp->slots[hp->bus_select].up;
        hp->slots[hp->bus_select].up = 0;
        return value;
    case REG_DOWN:
        return hp->slots[hp->bus_select].down;
    case REG_REMOVABLE:
        return removable(bus);
    case REG_SELECT:
        return hp->bus_select;
    case REG_INDEX:
        return acpi_index_of_slot(hp);
    default:
        return 0;
    }
}

static void hotplug_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    AcpiPciHotplug *hp = opaque;
    switch (addr) {
    case REG_EJECT:
        eject(hp, value);
        break;
    case REG_SELECT:
        hp->bus_select = value;
        break;
    case REG_INDEX:
        hp->acpi_index = (uint32_t)value ? (uint32_t)__builtin_ctz((uint32_t)value) : 0;      /* a bit a slot */
        break;
    }
}

static const MemoryRegionOps hotplug_ops = {
    .read = hotplug_read, .write = hotplug_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 }, .impl = { 4, 4 },
};

/* ---- plugging ---- */
static bool pre_plug(void *opaque, Device *dev, GError **err)
{
    if (dev->hotplugged && acpi_pci_hotplug_bsel((PciBus *)dev->bus) < 0) {
        return error_set(err, "Unsupported bus. Bus doesn't have property 'acpi-pcihp-bsel' set");
    }
    return true;
}

static bool plug(void *opaque, Device *device, GError **err)
{
    AcpiPciHotplug *hp = opaque;
    PciDevice *dev = PCI_DEVICE(device);
    int bsel = acpi_pci_hotplug_bsel((PciBus *)device->bus);
    pcie_slot_presence_changed((PciBus *)device->bus);
    /* The guest is told with function 0, when all of the slot's functions are there. */
    if (device->hotplugged && bsel >= 0 && PCI_FUNC(dev->devfn) == 0) {
        hp->slots[bsel].up |= 1u << PCI_SLOT(dev->devfn);
        acpi_send_event(ACPI_EVENT_PCI_HOTPLUG);
    }
    return true;
}

static bool unplug_request(void *opaque, Device *device, GError **err)
{
    AcpiPciHotplug *hp = opaque;
    int bsel = acpi_pci_hotplug_bsel((PciBus *)device->bus);
    if (bsel < 0) {
        return error_set(err, "Unsupported bus. Bus doesn't have property 'acpi-pcihp-bsel' set");
    }
    device->unplug_pending = true;
    hp->slots[bsel].down |= 1u << PCI_SLOT(PCI_DEVICE(device)->devfn);
    acpi_send_event(ACPI_EVENT_PCI_HOTPLUG);
    return true;
}

static void unplug(void *opaque, Device *device)
{
    device_unplug(device);
}

void acpi_pci_hotplug_init(AcpiPciHotplug *hp, Object *owner, PciBus *root, MemoryRegion *io, uint16_t base)
{
    hp->root = root;
    hp->handler = (HotplugHandler){ .pre_plug = pre_plug, .plug = plug, .unplug_request = unplug_request, .unplug = unplug, .opaque = hp };
    memory_region_init_io(&hp->io, owner, &hotplug_ops, hp, "acpi-pci-hotplug", ACPI_PCIHP_SIZE);
    memory_region_add_subregion(io, base, &hp->io);
    if (hp->root_enabled) {
        number_bus(hp, root);
    }
}

void acpi_pci_hotplug_destroy(AcpiPciHotplug *hp)
{
    memory_region_del_subregion(hp->io.container, &hp->io);
    memory_region_destroy(&hp->io);
    numbered_count = 0;
}

void acpi_pci_hotplug_reset(AcpiPciHotplug *hp)
{
    memset(hp->slots, 0, sizeof(hp->slots));
    hp->bus_select = hp->acpi_index = 0;
    if (hp->bridges_enabled) {
        pci_foreach_device(hp->root, number_bridge, hp);
    }
}
