/*
 * The platform bus: a window of memory and some interrupt lines that a board sets aside for chips that the user adds. No such chip is there yet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/platform-bus.h"

#include "util/error.h"

enum { PLATFORM_BUS_MAX_IRQS = 1024 };

typedef struct PlatformBus { SysBusDevice parent; MemoryRegion mmio; uint32_t num_irqs, mmio_size; Irq **irqs; } PlatformBus;

static bool platform_bus_realize(Device *dev, GError **err)
{
    PlatformBus *bus = (PlatformBus *)dev;
    if (bus->num_irqs > PLATFORM_BUS_MAX_IRQS) {
        return error_set(err, "platform-bus-device: num_irqs is %u, more than %d", bus->num_irqs, PLATFORM_BUS_MAX_IRQS);
    }
    memory_region_init(&bus->mmio, OBJECT(bus), "platform bus", bus->mmio_size);
    sysbus_add_mmio(&bus->parent, &bus->mmio);
    bus->irqs = g_new0(Irq *, bus->num_irqs + 1);
    device_add_irq_outputs(dev, IRQ_GROUP_SYSBUS, bus->irqs, (int)bus->num_irqs);
    return true;
}

static void platform_bus_finalize(Object *object) { g_free(((PlatformBus *)object)->irqs); }

static const Property platform_bus_properties[] = {
    PROP_UINT32("num_irqs", PlatformBus, num_irqs, 0), PROP_UINT32("mmio_size", PlatformBus, mmio_size, 0),
};
static const DeviceType platform_bus = {
    .name = "platform-bus-device", .parent = "sys-bus-device", .size = sizeof(PlatformBus), .properties = PROPERTIES(platform_bus_properties),
    .realize = platform_bus_realize, .finalize = platform_bus_finalize,
};
REGISTER_DEVICE(platform_bus)

Device *platform_bus_create(MemoryRegion *memory, uint64_t addr, uint32_t size, Irq *const *irqs, uint32_t num_irqs, GError **err)
{
    PlatformBus *bus = (PlatformBus *)device_new("platform-bus-device");
    bus->parent.parent.id = g_strdup("platform-bus-device");
    bus->num_irqs = num_irqs;
    bus->mmio_size = size;
    if (!device_realize(DEVICE(bus), NULL, err)) {
        return NULL;
    }
    sysbus_map(&bus->parent, 0, memory, addr, 0);
    for (uint32_t n = 0; n < num_irqs; n++) {
        sysbus_connect_irq(&bus->parent, (int)n, irqs[n]);
    }
    return DEVICE(bus);
}
