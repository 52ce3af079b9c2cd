/*
 * isa-debugcon: a port (0xe9, as Bochs has it) whose bytes go to a character device; reading tells a guest that it is there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char.h"
#include "hw/isa/isa.h"
#include "util/error.h"

#define QUEUE_BOUND (1u << 20)      /* bytes that a slow back end may owe; more are dropped */

typedef struct Debugcon { IsaDevice parent; CharFrontend chr; uint32_t iobase, readback; MemoryRegion io; } Debugcon;

static uint64_t debugcon_read(void *opaque, uint64_t addr, unsigned size) { return ((Debugcon *)opaque)->readback & 0xff; }

static void debugcon_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Debugcon *d = opaque;
    uint8_t byte = (uint8_t)value;
    if (char_queued(&d->chr) < QUEUE_BOUND) {
        char_write_all(&d->chr, &byte, 1);
    }
}

static const MemoryRegionOps debugcon_ops = {
    .read = debugcon_read, .write = debugcon_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 1 }, .impl = { 1, 1 },
};

static bool debugcon_realize(Device *device, GError **err)
{
    Debugcon *d = (Debugcon *)device;
    if (!char_is_connected(&d->chr)) {
        return error_set(err, "Can't create debugcon device, empty char device");
    }
    if (d->iobase > 0xffff) {
        return error_set(err, "isa-debugcon: 0x%x is no port", d->iobase);
    }
    memory_region_init_io(&d->io, OBJECT(d), &debugcon_ops, d, "isa-debugcon", 1);
    isa_register_ports(&d->parent, &d->io, (uint16_t)d->iobase);
    char_set_open(&d->chr, true);
    return true;
}

static const Property debugcon_properties[] = {
    PROP_UINT32("iobase", Debugcon, iobase, 0xe9),
    PROP_CHARDEV("chardev", Debugcon, chr),
    PROP_UINT32("readback", Debugcon, readback, 0xe9),
};
static const DeviceType isa_debugcon = {
    .name = "isa-debugcon", .parent = "isa-device", .size = sizeof(Debugcon), .category = DEVICE_MISC, .user_creatable = true,
    .summary = "console on a port for debugging", .properties = PROPERTIES(debugcon_properties), .realize = debugcon_realize,
};
REGISTER_DEVICE(isa_debugcon)
