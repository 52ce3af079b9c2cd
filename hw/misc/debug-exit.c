/*
 * isa-debug-exit: a port that ends the emulator with status (value << 1) | 1. For tests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/isa/isa.h"
#include "system/runstate.h"
#include "util/error.h"

typedef struct DebugExit { IsaDevice parent; uint32_t iobase, iosize; MemoryRegion io; } DebugExit;

static uint64_t debug_exit_read(void *opaque, uint64_t addr, unsigned size) { return 0; }

static void debug_exit_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    system_shutdown_request_with_code(SHUTDOWN_GUEST_SHUTDOWN, (int)(value << 1) | 1);
}

static const MemoryRegionOps debug_exit_ops = { .read = debug_exit_read, .write = debug_exit_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 } };

static bool debug_exit_realize(Device *device, GError **err)
{
    DebugExit *d = (DebugExit *)device;
    if (d->iosize == 0 || d->iosize > 0x10000 || d->iobase > 0x10000 - d->iosize) {
        return error_set(err, "isa-debug-exit: %u ports at 0x%x do not fit into the port space", d->iosize, d->iobase);
    }
    memory_region_init_io(&d->io, OBJECT(d), &debug_exit_ops, d, "isa-debug-exit", d->iosize);
    isa_register_ports(&d->parent, &d->io, d->iobase);
    return true;
}

static const Property debug_exit_properties[] = {
    PROP_UINT32("iobase", DebugExit, iobase, 0x501),
    PROP_UINT32("iosize", DebugExit, iosize, 0x02),
};
static const DeviceType isa_debug_exit = {
    .name = "isa-debug-exit", .parent = "isa-device", .size = sizeof(DebugExit), .category = DEVICE_MISC, .user_creatable = true,
    .properties = PROPERTIES(debug_exit_properties), .realize = debug_exit_realize,
};
REGISTER_DEVICE(isa_debug_exit)
