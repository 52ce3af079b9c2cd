/*
 * isa-serial: COM1 to COM4 of a PC.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/char/serial.h"
#include "hw/char/serial-port.h"

#include "hw/core/machine.h"
#include "util/error.h"

typedef struct IsaSerial { IsaDevice parent; uint32_t index, iobase, irq_number; SerialPort port; } IsaSerial;

static const struct { uint16_t iobase; uint8_t irq; } ports[SERIAL_MAX_ISA] = { { 0x3f8, 4 }, { 0x2f8, 3 }, { 0x3e8, 4 }, { 0x2e8, 3 } };

static uint32_t next_index;

static bool isa_serial_realize(Device *device, GError **err)
{
    IsaSerial *s = (IsaSerial *)device;
    if (s->index == UINT32_MAX) {
        s->index = next_index;
    }
    if (s->index >= SERIAL_MAX_ISA) {
        return error_set(err, "Max. supported number of ISA serial ports is %d.", SERIAL_MAX_ISA);
    }
    if (s->iobase == UINT32_MAX) {
        s->iobase = ports[s->index].iobase;
    }
    if (s->irq_number == UINT32_MAX) {
        s->irq_number = ports[s->index].irq;
    }
    if (s->iobase > 0xfff8) {
        return error_set(err, "isa-serial: ports at 0x%x do not fit into the port space", s->iobase);
    }
    Irq *irq = isa_get_irq(&s->parent, s->irq_number, err);
    if (!irq && s->irq_number >= 16) {
        return false;
    }
    next_index = s->index + 1;
    serial_port_realize(&s->port, OBJECT(s), irq);
    isa_register_ports(&s->parent, &s->port.io, (uint16_t)s->iobase);
    return true;
}

static void isa_serial_unrealize(Device *device) { serial_port_unrealize(&((IsaSerial *)device)->port); }
static void isa_serial_reset(Device *device) { serial_port_reset(&((IsaSerial *)device)->port); }
static void isa_serial_init(Object *object) { serial_port_init(&((IsaSerial *)object)->port, object); }

static const Property isa_serial_properties[] = {
    PROP_UINT32("index", IsaSerial, index, UINT32_MAX),
    PROP_UINT32("iobase", IsaSerial, iobase, UINT32_MAX),
    PROP_UINT32("irq", IsaSerial, irq_number, UINT32_MAX),
    SERIAL_PORT_PROPERTIES(IsaSerial, port),
};
static const StateField isa_serial_state[] = { STATE_STRUCT(IsaSerial, port, serial_port_state) };
static const DeviceType isa_serial = {
    .name = "isa-serial", .parent = "isa-device", .firmware_name = "serial", .size = sizeof(IsaSerial), .category = DEVICE_INPUT, .user_creatable = true,
    .summary = "16550A serial port", .properties = PROPERTIES(isa_serial_properties), .state = STATE(isa_serial_state, .version = 1),
    .init = isa_serial_init, .realize = isa_serial_realize, .unrealize = isa_serial_unrealize, .reset = isa_serial_reset,
};
REGISTER_DEVICE(isa_serial)

Device *serial_isa_create(IsaBus *bus, int index, Chardev *chr, GError **err)
{
    Device *dev = device_new("isa-serial");
    ((IsaSerial *)dev)->index = (uint32_t)index;
    if (!object_set_chardev((Object *)dev, "chardev", chr, err)) {
        object_unref((Object *)dev);
        return NULL;
    }
    return device_realize(dev, &bus->parent, err) ? dev : NULL;
}

bool serial_isa_create_all(IsaBus *bus, GError **err)
{
    for (int n = 0; n < SERIAL_MAX_ISA; n++) {
        Chardev *chr = serial_hd(n);
        if (chr && !serial_isa_create(bus, n, chr, err)) {
            return false;
        }
    }
    return true;
}
