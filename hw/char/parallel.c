/*
 * isa-parallel: a PC's parallel port with a printer that takes bytes: the standard mode (IEEE 1284-1994, compatibility mode; IBM PC/AT technical
 * reference, parallel printer adapter).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/char/parallel.h"

#include "hw/core/machine.h"
#include "util/error.h"

enum { REG_DATA, REG_STATUS, REG_CONTROL };
/* Status as the port shows it: BUSY is low active there, as are ERROR and ACK. */
enum { STATUS_TIMEOUT = 0x01, STATUS_ERROR_N = 0x08, STATUS_SELECT = 0x10, STATUS_PAPER_OUT = 0x20, STATUS_ACK_N = 0x40, STATUS_BUSY_N = 0x80 };
enum { CONTROL_STROBE = 0x01, CONTROL_AUTOFEED = 0x02, CONTROL_INIT_N = 0x04, CONTROL_SELECT = 0x08, CONTROL_INTERRUPT = 0x10, CONTROL_INPUT = 0x20,
       CONTROL_UNUSED = 0xc0 };

typedef struct IsaParallel {
    IsaDevice parent;
    CharFrontend chr;
    uint32_t index, iobase, irq_number;
    Irq *irq;
    MemoryRegion io;
    uint8_t data, status, control;
    bool byte_pending;              /* the printer has not taken data yet: BUSY */
} IsaParallel;

static void acknowledge(IsaParallel *p)
{
    p->byte_pending = false;
    p->status |= STATUS_BUSY_N;
    if (p->control & CONTROL_INTERRUPT) {
        irq_raise(p->irq);
    }
}

static bool print_pending(void *opaque)
{
    IsaParallel *p = opaque;
    if (p->byte_pending && char_write(&p->chr, &p->data, 1)) {
        acknowledge(p);
    }
    return p->byte_pending;
}

/* The strobe's leading edge: the printer takes the byte, or is busy until it can. */
static void strobe(IsaParallel *p)
{
    p->byte_pending = true;
    p->status &= ~STATUS_BUSY_N;
    if (print_pending(p)) {
        char_set_writable(&p->chr, print_pending, p);
    }
}

static void write_control(IsaParallel *p, uint8_t value)
{
    uint8_t rising = value & ~p->control;
    p->control = value & ~CONTROL_UNUSED;
    if (!(p->control & CONTROL_INIT_N)) {
        p->byte_pending = false;
        p->status = STATUS_BUSY_N | STATUS_ACK_N | STATUS_SELECT | STATUS_ERROR_N;
    } else if ((rising & CONTROL_STROBE) && (p->control & CONTROL_SELECT)) {
        strobe(p);
    }
    if (!(p->control & CONTROL_INTERRUPT)) {
        irq_lower(p->irq);
    }
}

static uint64_t parallel_read(void *opaque, uint64_t addr, unsigned size)
{
    IsaParallel *p = opaque;
    switch (addr) {
    case REG_DATA:
        return p->control & CONTROL_INPUT ? 0xff : p->data;
    case REG_STATUS:
        irq_lower(p->irq);
        return p->status;
    case REG_CONTROL:
        return p->control | CONTROL_UNUSED;
    default:
        return 0xff;
    }
}

static void parallel_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    IsaParallel *p = opaque;
    if (addr == REG_DATA) {
        p->data = p->byte_pending ? p->data : (uint8_t)value;
    } else if (addr == REG_CONTROL) {
        write_control(p, (uint8_t)value);
    }
}

static const MemoryRegionOps parallel_ops = {
    .read = parallel_read, .write = parallel_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4, true }, .impl = { 1, 1 },
};

static void parallel_reset(Device *device)
{
    IsaParallel *p = (IsaParallel *)device;
    p->data = 0xff;
    p->status = STATUS_BUSY_N | STATUS_ACK_N | STATUS_SELECT | STATUS_ERROR_N;
    p->control = CONTROL_SELECT | CONTROL_INIT_N;
    p->byte_pending = false;
    char_set_writable(&p->chr, NULL, NULL);
    irq_lower(p->irq);
}

static const uint16_t bases[PARALLEL_MAX] = { 0x378, 0x278, 0x3bc };
static uint32_t next_index;

static bool parallel_realize(Device *device, GError **err)
{
    IsaParallel *p = (IsaParallel *)device;
    if (!char_is_connected(&p->chr)) {
        return error_set(err, "Can't create parallel device, empty char device");
    }
    if (p->index == UINT32_MAX) {
        p->index = next_index;
    }
    if (p->index >= PARALLEL_MAX) {
        return error_set(err, "Max. supported number of parallel ports is %d.", PARALLEL_MAX);
    }
    if (p->iobase == UINT32_MAX) {
        p->iobase = bases[p->index];
    }
    if (p->iobase > 0xfff8) {
        return error_set(err, "isa-parallel: ports at 0x%x do not fit into the port space", p->iobase);
    }
    p->irq = isa_get_irq(&p->parent, p->irq_number, err);
    if (!p->irq && p->irq_number >= 16) {
        return false;
    }
    next_index = p->index + 1;
    memory_region_init_io(&p->io, OBJECT(p), &parallel_ops, p, "parallel", 8);
    isa_register_ports(&p->parent, &p->io, (uint16_t)p->iobase);
    char_set_open(&p->chr, true);
    return true;
}

static const Property parallel_properties[] = {
    PROP_UINT32("index", IsaParallel, index, UINT32_MAX),
    PROP_UINT32("iobase", IsaParallel, iobase, UINT32_MAX),
    PROP_UINT32("irq", IsaParallel, irq_number, 7),
    PROP_CHARDEV("chardev", IsaParallel, chr),
};
static const StateField parallel_state[] = {
    STATE_UINT8(IsaParallel, data), STATE_UINT8(IsaParallel, status), STATE_UINT8(IsaParallel, control), STATE_BOOL(IsaParallel, byte_pending),
};
static const DeviceType isa_parallel = {
    .name = "isa-parallel", .parent = "isa-device", .firmware_name = "parallel", .size = sizeof(IsaParallel), .category = DEVICE_INPUT, .user_creatable = true,
    .summary = "parallel port", .properties = PROPERTIES(parallel_properties), .state = STATE(parallel_state, .version = 1),
    .realize = parallel_realize, .reset = parallel_reset,
};
REGISTER_DEVICE(isa_parallel)

bool parallel_create_all(IsaBus *bus, GError **err)
{
    for (int n = 0; n < PARALLEL_MAX; n++) {
        Chardev *chr = parallel_hd(n);
        if (!chr) {
            continue;
        }
        Device *dev = device_new("isa-parallel");
        ((IsaParallel *)dev)->index = (uint32_t)n;
        if (!object_set_chardev((Object *)dev, "chardev", chr, err)) {
            object_unref((Object *)dev);
            return false;
        }
        if (!device_realize(dev, &bus->parent, err)) {
            return false;
        }
    }
    return true;
}
