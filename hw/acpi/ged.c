/*
 * The Generic Event Device (ACPI 6.3, 5.6.9): one register says which events have come, and its interrupt calls _EVT of the definition block, which reads it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/acpi/ged.h"

#include "system/runstate.h"

typedef struct AcpiGed { SysBusDevice parent; MemoryRegion mmio; Irq *irq; uint32_t events; } AcpiGed;

/* Reading takes the events. */
static uint64_t ged_read(void *opaque, uint64_t addr, unsigned size)
{
    AcpiGed *s = opaque;
    uint32_t events = s->events;
    s->events = 0;
    return events;
}

static void ged_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) {}

static const MemoryRegionOps ged_ops = { .read = ged_read, .write = ged_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 } };

static void power_button(void *opaque)
{
    AcpiGed *s = opaque;
    s->events |= ACPI_GED_POWER_BUTTON;
    irq_pulse(s->irq);
}

static bool ged_realize(Device *dev, GError **err)
{
    AcpiGed *s = (AcpiGed *)dev;
    memory_region_init_io(&s->mmio, OBJECT(s), &ged_ops, s, "acpi-ged", ACPI_GED_SIZE);
    sysbus_add_mmio(&s->parent, &s->mmio);
    device_add_irq_outputs(dev, IRQ_GROUP_SYSBUS, &s->irq, 1);
    powerdown_add_notifier(power_button, s);
    return true;
}

static void ged_reset(Device *dev) { ((AcpiGed *)dev)->events = 0; }

static const StateField ged_state[] = { STATE_UINT32(AcpiGed, events) };
static const DeviceType acpi_ged = {
    .name = "acpi-ged", .parent = "sys-bus-device", .size = sizeof(AcpiGed), .category = DEVICE_MISC, .state = STATE(ged_state, .version = 1),
    .realize = ged_realize, .reset = ged_reset,
};
REGISTER_DEVICE(acpi_ged)

Device *acpi_ged_create(MemoryRegion *memory, uint64_t addr, Irq *irq, GError **err)
{
    Device *dev = device_new("acpi-ged");
    if (!device_realize(dev, NULL, err)) {
        return NULL;
    }
    sysbus_map((SysBusDevice *)dev, 0, memory, addr, 0);
    sysbus_connect_irq((SysBusDevice *)dev, 0, irq);
    return dev;
}
