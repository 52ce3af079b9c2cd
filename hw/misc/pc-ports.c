/*
 * Ports 0x80, 0xf0 and 0x92 (IBM PC/AT Technical Reference; IBM PS/2 Hardware Interface Technical Reference, "System Control Port A").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/misc/pc_ports.h"

#include "hw/isa/isa.h"
#include "system/runstate.h"

static uint64_t ones_read(void *opaque, uint64_t addr, unsigned size) { return UINT64_MAX; }
static void port80_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { }

static void (*numeric_error_hook)(void);
static void portf0_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    if (numeric_error_hook) {
        numeric_error_hook();
    }
}

static const MemoryRegionOps port80_ops = { .read = ones_read, .write = port80_write, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 1, 1 } };
static const MemoryRegionOps portf0_ops = { .read = ones_read, .write = portf0_write, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 1, 1 } };

void pc_ports_init(MemoryRegion *io, void (*numeric_error_cleared)(void))
{
    MemoryRegion *port80 = g_new0(MemoryRegion, 1), *portf0 = g_new0(MemoryRegion, 1);
    numeric_error_hook = numeric_error_cleared;
    memory_region_init_io(port80, NULL, &port80_ops, NULL, "ioport80", 1);
    memory_region_add_subregion(io, 0x80, port80);
    memory_region_init_io(portf0, NULL, &portf0_ops, NULL, "ioportF0", 1);
    memory_region_add_subregion(io, 0xf0, portf0);
}

/* ---- port 92 ---- */
enum { PORT92_RESET = 0x01, PORT92_A20 = 0x02 };
typedef struct Port92 { IsaDevice parent; MemoryRegion io; uint8_t outport; Irq *a20; } Port92;

static uint64_t port92_read(void *opaque, uint64_t addr, unsigned size) { return ((const Port92 *)opaque)->outport; }

static void port92_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Port92 *d = opaque;
    uint8_t old = d->outport;
    d->outport = value;
    irq_set(d->a20, value & PORT92_A20 ? 1 : 0);
    if (value & PORT92_RESET && !(old & PORT92_RESET)) {
        system_reset_request(SHUTDOWN_GUEST_RESET);
    }
}

static const MemoryRegionOps port92_ops = { .read = port92_read, .write = port92_write, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 1, 1 } };

static void port92_reset(Device *device)
{
    ((Port92 *)device)->outport &= ~PORT92_RESET;
}

static bool port92_realize(Device *device, GError **err)
{
    Port92 *d = (Port92 *)device;
    device_add_irq_outputs(device, "a20", &d->a20, 1);
    memory_region_init_io(&d->io, OBJECT(d), &port92_ops, d, "port92", 1);
    isa_register_ports(&d->parent, &d->io, 0x92);
    return true;
}

static const StateField port92_state[] = { STATE_UINT8(Port92, outport) };
static const DeviceType port92 = {
    .name = "port92", .parent = "isa-device", .size = sizeof(Port92), .state = STATE(port92_state, .version = 1),
    .realize = port92_realize, .reset = port92_reset,
};
REGISTER_DEVICE(port92)
