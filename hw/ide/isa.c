/*
 * An IDE channel on the ISA bus: "isa-ide". No DMA.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ide/internal.h"

#include "util/error.h"

typedef struct IsaIde { IsaDevice parent; IdeBus *bus; MemoryRegion command, control; uint32_t iobase, iobase2, irq; } IsaIde;

static void isa_ide_reset(Device *device) { ide_bus_reset(((IsaIde *)device)->bus); }

static bool isa_ide_realize(Device *device, GError **err)
{
    IsaIde *s = (IsaIde *)device;
    if (s->iobase > 0xfff8 || s->iobase2 > 0xffff) {
        return error_set(err, "isa-ide: iobase is out of range");
    }
    GError *error = NULL;
    Irq *irq = isa_get_irq(&s->parent, s->irq, &error);
    if (error) {
        g_propagate_error(err, error);
        return false;
    }
    s->bus = ide_bus_new(device, 0, 2, NULL, NULL);
    s->bus->irq = irq;
    memory_region_init_io(&s->command, NULL, &ide_command_ops, s->bus, "ide", 8);
    memory_region_init_io(&s->control, NULL, &ide_control_ops, s->bus, "ide", 1);
    isa_register_ports(&s->parent, &s->command, (uint16_t)s->iobase);
    isa_register_ports(&s->parent, &s->control, (uint16_t)s->iobase2);
    return true;
}

static void isa_ide_unrealize(Device *device)
{
    IsaIde *s = (IsaIde *)device;
    ide_bus_release(s->bus);
    memory_region_destroy(&s->command);
    memory_region_destroy(&s->control);
}

static const Property isa_ide_properties[] = {
    PROP_UINT32("iobase", IsaIde, iobase, 0x1f0), PROP_UINT32("iobase2", IsaIde, iobase2, 0x3f6), PROP_UINT32("irq", IsaIde, irq, 14),
};
static const DeviceType isa_ide = {
    .name = "isa-ide", .parent = "isa-device", .size = sizeof(IsaIde), .category = DEVICE_STORAGE, .user_creatable = true, .firmware_name = "ide",
    .properties = PROPERTIES(isa_ide_properties), .realize = isa_ide_realize, .unrealize = isa_ide_unrealize, .reset = isa_ide_reset,
};
REGISTER_DEVICE(isa_ide)

Device *isa_ide_create(IsaBus *bus, uint32_t iobase, uint32_t iobase2, uint32_t irq, int drives, GError **err)
{
    Device *dev = device_new("isa-ide");
    IsaIde *s = (IsaIde *)dev;
    s->iobase = iobase;
    s->iobase2 = iobase2;
    s->irq = irq;
    if (!device_realize(dev, &bus->parent, err)) {
        return NULL;
    }
    ide_set_board_bus(drives, &s->bus->parent);
    for (int unit = 0; unit < 2; unit++) {
        DriveInfo *drive = drive_get(IF_IDE, drives, unit);
        if (drive && !drive->claimed && !ide_create_drive(&s->bus->parent, unit, drive, err)) {
            return NULL;
        }
    }
    return dev;
}
