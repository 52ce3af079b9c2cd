/*
 * serial-mm: a 16550A in memory, its registers 1 << regshift bytes apart.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/char/serial.h"
#include "hw/char/serial-port.h"

#include "util/error.h"

typedef struct MmSerial { SysBusDevice parent; uint8_t regshift, endianness; SerialPort port; MemoryRegion mmio; Irq *irq; Irq pin; } MmSerial;

static uint64_t mm_read(void *opaque, uint64_t addr, unsigned size)
{
    MmSerial *s = opaque;
    return serial_port_read(&s->port, addr >> s->regshift, 1);
}

static void mm_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    MmSerial *s = opaque;
    serial_port_write(&s->port, addr >> s->regshift, value & 0xff, 1);
}

static const MemoryRegionOps mm_ops[] = {
    { .read = mm_read, .write = mm_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 8 }, .impl = { 1, 8 } },
    { .read = mm_read, .write = mm_write, .endian = DEVICE_BIG_ENDIAN, .valid = { 1, 8 }, .impl = { 1, 8 } },
};

static void pin_set(void *opaque, int n, int level) { irq_set(((MmSerial *)opaque)->irq, level); }

static bool mm_realize(Device *device, GError **err)
{
    MmSerial *s = (MmSerial *)device;
    if (s->regshift > 3) {
        return error_set(err, "serial-mm: regshift %u is larger than 3", s->regshift);
    }
    s->pin = (Irq){ pin_set, s, 0 };
    serial_port_realize(&s->port, OBJECT(s), &s->pin);
    memory_region_init_io(&s->mmio, OBJECT(s), &mm_ops[s->endianness == 1], s, "serial", UINT64_C(8) << s->regshift);
    sysbus_add_mmio(&s->parent, &s->mmio);
    device_add_irq_outputs(device, IRQ_GROUP_SYSBUS, &s->irq, 1);
    return true;
}

static void mm_unrealize(Device *device) { serial_port_unrealize(&((MmSerial *)device)->port); }
static void mm_reset(Device *device) { serial_port_reset(&((MmSerial *)device)->port); }
static void mm_init(Object *object) { serial_port_init(&((MmSerial *)object)->port, object); }

static const Property mm_properties[] = {
    PROP_UINT8("regshift", MmSerial, regshift, 0),
    PROP_UINT8("endianness", MmSerial, endianness, 0, .description = "0: little, 1: big"),
    SERIAL_PORT_PROPERTIES(MmSerial, port),
};
static const StateField mm_state[] = { STATE_STRUCT(MmSerial, port, serial_port_state) };
static const DeviceType serial_mm = {
    .name = "serial-mm", .parent = "sys-bus-device", .firmware_name = "serial", .size = sizeof(MmSerial), .category = DEVICE_INPUT,
    .summary = "16550A serial port in memory", .properties = PROPERTIES(mm_properties), .state = STATE(mm_state, .version = 1), .init = mm_init,
    .realize = mm_realize, .unrealize = mm_unrealize, .reset = mm_reset,
};
REGISTER_DEVICE(serial_mm)

Device *serial_mm_create(MemoryRegion *memory, uint64_t addr, int shift, Irq *irq, int baud_base, Chardev *chr, DeviceEndian endian, GError **err)
{
    MmSerial *s = (MmSerial *)device_new("serial-mm");
    s->regshift = (uint8_t)shift;
    s->endianness = endian == DEVICE_BIG_ENDIAN;
    s->port.baudbase = (uint32_t)baud_base;
    if (!object_set_chardev((Object *)s, "chardev", chr, err)) {
        object_unref((Object *)s);
        return NULL;
    }
    if (!device_realize((Device *)s, NULL, err)) {
        return NULL;
    }
    sysbus_connect_irq(&s->parent, 0, irq);
    sysbus_map(&s->parent, 0, memory, addr, 0);
    return (Device *)s;
}
