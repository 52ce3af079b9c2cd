/*
 * pci-serial, pci-serial-2x, pci-serial-4x: one, two or four 16550As behind a BAR of ports (docs/specs of the QEMU project, "QEMU PCI serial devices").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/char/serial-port.h"
#include "hw/pci/pci.h"

enum { MAX_PORTS = 4, PORT_BYTES = 8 };

typedef struct PciSerial {
    PciDevice parent;
    SerialPort ports[MAX_PORTS];
    Irq pins[MAX_PORTS];
    uint8_t levels, prog_if;
    MemoryRegion bar;
} PciSerial;

static unsigned port_count(const void *device)
{
    const char *name = ((const Object *)device)->type->name;
    return g_str_has_suffix(name, "4x") ? 4 : g_str_has_suffix(name, "2x") ? 2 : 1;
}

static void pin_set(void *opaque, int n, int level)
{
    PciSerial *s = opaque;
    s->levels = (uint8_t)((s->levels & ~(1u << n)) | (unsigned)(level != 0) << n);
    pci_set_irq(&s->parent, s->levels != 0);
}

static bool pci_serial_realize(Device *device, GError **err)
{
    PciSerial *s = (PciSerial *)device;
    unsigned count = port_count(s);
    s->parent.config[PCI_CLASS_PROG] = s->prog_if;
    pci_set_interrupt_pin(&s->parent, 1);
    memory_region_init(&s->bar, OBJECT(s), "multiserial", PORT_BYTES * count);
    for (unsigned n = 0; n < count; n++) {
        s->pins[n] = (Irq){ pin_set, s, (int)n };
        serial_port_realize(&s->ports[n], OBJECT(s), &s->pins[n]);
        memory_region_add_subregion(&s->bar, PORT_BYTES * n, &s->ports[n].io);
    }
    pci_register_bar(&s->parent, 0, PCI_BASE_ADDRESS_SPACE_IO, &s->bar);
    return true;
}

static void pci_serial_unrealize(Device *device)
{
    PciSerial *s = (PciSerial *)device;
    pci_unregister_bar(&s->parent, 0);
    for (unsigned n = 0; n < port_count(s); n++) {
        serial_port_unrealize(&s->ports[n]);
        memory_region_del_subregion(&s->bar, &s->ports[n].io);
        memory_region_destroy(&s->ports[n].io);
    }
    memory_region_destroy(&s->bar);
}

static void pci_serial_reset(Device *device)
{
    PciSerial *s = (PciSerial *)device;
    for (unsigned n = 0; n < port_count(s); n++) {
        serial_port_reset(&s->ports[n]);
    }
}

static void pci_serial_init(Object *object)
{
    PciSerial *s = (PciSerial *)object;
    for (unsigned n = 0; n < port_count(s); n++) {
        serial_port_init(&s->ports[n], object);
    }
}

static const StateField pci_serial_state[] = { STATE_UINT8(PciSerial, levels), STATE_STRUCT_ARRAY(PciSerial, ports, serial_port_state) };

#define PCI_SERIAL(variable, type_name, device_id, text, table) \
    static const DeviceType variable = { \
        .name = type_name, .parent = "pci-device", .size = sizeof(PciSerial), .category = DEVICE_INPUT, .user_creatable = true, .summary = text, \
        .pci = { .vendor = 0x1b36, .device = device_id, .revision = 1, .class = 0x0700 }, .properties = PROPERTIES(table), \
        .state = STATE(pci_serial_state, .version = 1), .init = pci_serial_init, .realize = pci_serial_realize, .unrealize = pci_serial_unrealize, \
        .reset = pci_serial_reset, \
    }; \
    REGISTER_DEVICE(variable)
#define PROG_IF PROP_UINT8("prog_if", PciSerial, prog_if, 0x02)

static const Property one_properties[] = { PROG_IF, SERIAL_PORT_PROPERTIES(PciSerial, ports[0]) };
static const Property two_properties[] = { PROP_CHARDEV("chardev1", PciSerial, ports[0].chr), PROP_CHARDEV("chardev2", PciSerial, ports[1].chr), PROG_IF };
static const Property four_properties[] = {
    PROP_CHARDEV("chardev1", PciSerial, ports[0].chr), PROP_CHARDEV("chardev2", PciSerial, ports[1].chr),
    PROP_CHARDEV("chardev3", PciSerial, ports[2].chr), PROP_CHARDEV("chardev4", PciSerial, ports[3].chr), PROG_IF,
};
PCI_SERIAL(pci_serial, "pci-serial", 0x0002, "16550A serial port on PCI", one_properties)
PCI_SERIAL(pci_serial_2x, "pci-serial-2x", 0x0003, "two 16550A serial ports on PCI", two_properties)
PCI_SERIAL(pci_serial_4x, "pci-serial-4x", 0x0004, "four 16550A serial ports on PCI", four_properties)
