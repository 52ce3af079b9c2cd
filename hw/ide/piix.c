/*
 * The IDE function of the PIIX3 and PIIX4 (Intel 82371SB datasheet, 2.3 and 2.6): two channels at the ports of a PC/AT, with bus masters in BAR 4.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ide/bmdma.h"

#include "hw/isa/isa.h"
#include "util/error.h"

enum { CHANNELS = 2, BMIBA = 4, BMDMA_BYTES = 16 };
static const struct { uint16_t command, control; uint8_t irq; } ports[CHANNELS] = { { 0x1f0, 0x3f6, 14 }, { 0x170, 0x376, 15 } };

typedef struct PiixIde {
    PciDevice parent;
    IdeBus *buses[CHANNELS];
    MemoryRegion command[CHANNELS], control[CHANNELS], bmdma_container;
    BusMaster bmdma[CHANNELS];
    Irq *isa_irqs[CHANNELS];            /* outputs "isa-irq" */
} PiixIde;

static void piix_ide_reset(Device *device)
{
    PiixIde *s = (PiixIde *)device;
    for (int n = 0; n < CHANNELS; n++) {
        ide_bus_reset(s->buses[n]);
        bmdma_reset(&s->bmdma[n]);
    }
    pci_set_word(s->parent.config + PCI_STATUS, PCI_STATUS_DEVSEL_MEDIUM | PCI_STATUS_FAST_BACK);
}

/* The lines of the ISA bus, unless who made the device has connected them. */
static bool find_irqs(PiixIde *s, GError **err)
{
    if (s->isa_irqs[0] && s->isa_irqs[1]) {
        return true;
    }
    IsaBus *isa = (IsaBus *)bus_find_by_type("ISA");
    if (!isa) {
        return error_set(err, "No ISA bus found while %s requires one", s->parent.parent.parent.type->name);
    }
    for (int n = 0; n < CHANNELS; n++) {
        s->isa_irqs[n] = isa->irqs[ports[n].irq];
    }
    return true;
}

static void irq_forward(void *opaque, int n, int level)
{
    PiixIde *s = opaque;
    irq_set(s->isa_irqs[n], level);
}

static bool piix_ide_realize(Device *device, GError **err)
{
    PiixIde *s = (PiixIde *)device;
    PciBus *bus = pci_device_bus(&s->parent);
    if (!find_irqs(s, err)) {
        return false;
    }
    s->parent.config[PCI_CLASS_PROG] = 0x80;    /* bus master, both channels at the old ports */
    memory_region_init(&s->bmdma_container, OBJECT(s), "piix-bmdma-container", BMDMA_BYTES);
    for (int n = 0; n < CHANNELS; n++) {
        bmdma_init(&s->bmdma[n], &s->parent, &s->bmdma_container, 8 * n, "piix-bmdma");
    }
    pci_register_bar(&s->parent, BMIBA, PCI_BASE_ADDRESS_SPACE_IO, &s->bmdma_container);
    for (int n = 0; n < CHANNELS; n++) {
        s->buses[n] = ide_bus_new(device, n, 2, &bmdma_transport, &s->bmdma[n]);
        memory_region_init_io(&s->command[n], NULL, &ide_command_ops, s->buses[n], "ide", 8);
        memory_region_init_io(&s->control[n], NULL, &ide_control_ops, s->buses[n], "ide", 1);
        memory_region_add_subregion(bus->io, ports[n].command, &s->command[n]);
        memory_region_add_subregion(bus->io, ports[n].control, &s->control[n]);
        s->bmdma[n].line = irq_new(irq_forward, s, n);
        s->buses[n]->irq = &s->bmdma[n].irq;
    }
    return true;
}

static void piix_ide_unrealize(Device *device)
{
    PiixIde *s = (PiixIde *)device;
    for (int n = 0; n < CHANNELS; n++) {
        if (s->buses[n]) {
            ide_bus_release(s->buses[n]);
            memory_region_destroy(&s->command[n]);
            memory_region_destroy(&s->control[n]);
            g_clear_pointer(&s->bmdma[n].line, irq_free);
        }
    }
    pci_unregister_bar(&s->parent, BMIBA);
    memory_region_destroy(&s->bmdma_container);
}

static void piix_ide_init(Object *object)
{
    PiixIde *s = (PiixIde *)object;
    device_add_irq_outputs(&s->parent.parent, "isa-irq", s->isa_irqs, CHANNELS);
}

static const StateField bmdma_fields[] = { STATE_UINT8(BusMaster, command), STATE_UINT8(BusMaster, status), STATE_UINT32(BusMaster, address) };
static const StateTable bmdma_state = STATE(bmdma_fields, .version = 1);
static const StateField piix_ide_state[] = { STATE_STRUCT_ARRAY(PiixIde, bmdma, bmdma_state) };

static const char *const targets[] = { "x86_64", "i386", NULL };
#define PIIX_IDE(variable, type_name, device_id) \
    static const DeviceType variable = { \
        .name = type_name, .parent = "pci-device", .size = sizeof(PiixIde), .category = DEVICE_STORAGE, .user_creatable = true, .not_hotpluggable = true, .targets = targets, \
        .state = STATE(piix_ide_state, .version = 3), .init = piix_ide_init, .realize = piix_ide_realize, \
        .unrealize = piix_ide_unrealize, .reset = piix_ide_reset, \
        .pci = { .vendor = PCI_VENDOR_ID_INTEL, .device = device_id, .class = PCI_CLASS_STORAGE_IDE, .interface = 0x80 }, \
    }; \
    REGISTER_DEVICE(variable)
PIIX_IDE(piix3_ide, "piix3-ide", 0x7010)
PIIX_IDE(piix4_ide, "piix4-ide", 0x7111)
