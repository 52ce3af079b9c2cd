/*
 * The ISA bus: a place for ports, sixteen interrupt lines and the DMA channels.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/isa/isa.h"

#include "util/error.h"

#include <string.h>

enum { ISA_IRQ_COUNT = 16 };

/* "serial@03f8". */
static char *isa_firmware_path(const Device *device)
{
    const IsaDevice *dev = (const IsaDevice *)device;
    const char *name = device_firmware_name(device);
    return dev->first_port ? g_strdup_printf("%s@%04x", name, dev->first_port) : g_strdup(name);
}

static const BusType isa_bus_type = {
    .name = "ISA", .parent = "bus", .size = sizeof(IsaBus), .firmware_path = isa_firmware_path,
};
REGISTER_TYPE(isa_bus_type)

static const char *const targets[] = { "x86_64", "i386", NULL };
static const DeviceType isa_device_type = {
    .name = "isa-device", .parent = "device", .size = sizeof(IsaDevice), .abstract = true, .bus_type = "ISA", .not_hotpluggable = true, .targets = targets,
};
REGISTER_DEVICE(isa_device_type)

static const DeviceType isabus_bridge = {
    .name = "isabus-bridge", .parent = "sys-bus-device", .size = sizeof(SysBusDevice), .category = DEVICE_BRIDGE,
    .summary = "carries the ISA bus of a machine without PCI",
};
REGISTER_DEVICE(isabus_bridge)

IsaBus *isa_bus_new(Device *owner, MemoryRegion *memory, MemoryRegion *io)
{
    if (!owner) {
        owner = device_new("isabus-bridge");
        /* It has nothing to fail at. */
        device_realize(owner, NULL, NULL);
    }
    IsaBus *bus = (IsaBus *)bus_new(&isa_bus_type, owner, "isa.0");
    bus->memory = memory;
    bus->io = io;
    return bus;
}

void isa_bus_set_irqs(IsaBus *bus, Irq *const irqs[16])
{
    memcpy(bus->irqs, irqs, sizeof(bus->irqs));
}

Irq *isa_get_irq(IsaDevice *dev, unsigned n, GError **err)
{
    if (n >= ISA_IRQ_COUNT) {
        error_set(err, "%s: ISA interrupt %u does not exist (0 to %d)", dev->parent.parent.type->name, n, ISA_IRQ_COUNT - 1);
        return NULL;
    }
    return isa_bus_of(dev)->irqs[n];
}

void isa_register_ports(IsaDevice *dev, MemoryRegion *mr, uint16_t base)
{
    memory_region_add_subregion(isa_bus_of(dev)->io, base, mr);
    if (!dev->first_port || base < dev->first_port) {
        dev->first_port = base;
    }
}

Device *isa_create(IsaBus *bus, const char *type_name, GError **err)
{
    Device *dev = device_new(type_name);
    return device_realize(dev, &bus->parent, err) ? dev : NULL;
}
