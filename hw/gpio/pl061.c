/*
 * Arm's PrimeCell general purpose input and output (PL061): eight lines, each of which can interrupt (Arm DDI 0190B, chapter 3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/gpio/pl061.h"

#include "util/bits.h"
#include "util/error.h"
#include "util/log.h"

#include <inttypes.h>

enum {
    GPIODATA_LAST = 0x3fc, GPIODIR = 0x400, GPIOIS = 0x404, GPIOIBE = 0x408, GPIOIEV = 0x40c, GPIOIE = 0x410, GPIORIS = 0x414, GPIOMIS = 0x418, GPIOIC = 0x41c,
    GPIOAFSEL = 0x420, GPIOPeriphID0 = 0xfe0,
};
static const uint8_t identity[8] = { 0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

typedef struct Pl061 {
    SysBusDevice parent;
    MemoryRegion mmio;
    Irq *irq, *out[PL061_LINES];
    uint32_t pullups, pulldowns;
    uint8_t inputs, driven;             /* what is driven from outside, and which of the lines are */
    uint8_t levels;                     /* of the lines as they were seen last */
    uint8_t data, dir, is, ibe, iev, ie, edges, afsel;
} Pl061;

static uint8_t lines_now(const Pl061 *s)
{
    uint8_t in = (uint8_t)((s->inputs & s->driven) | (s->pullups & ~s->driven));
    return (uint8_t)((s->data & s->dir) | (in & ~s->dir));
}

/* Interrupts by level follow the lines; edges are kept until they are cleared (3.3.3 to 3.3.6). */
static uint8_t raw_status(const Pl061 *s)
{
    uint8_t by_level = (uint8_t)~(s->levels ^ s->iev);
    return (uint8_t)((s->is & by_level) | (~s->is & s->edges));
}

static void update(Pl061 *s)
{
    uint8_t now = lines_now(s), changed = now ^ s->levels, wanted = (uint8_t)(s->ibe | ~(now ^ s->iev));
    s->edges |= (uint8_t)(changed & wanted & ~s->is);
    s->levels = now;
    for (unsigned n = 0; n < PL061_LINES; n++) {
        uint8_t bit = (uint8_t)(1u << n);
        if (s->dir & bit) {
            irq_set(s->out[n], (s->data & bit) != 0);
        } else if ((s->pullups | s->pulldowns) & bit) {
            irq_set(s->out[n], (s->pullups & bit) != 0);
        }
    }
    irq_set(s->irq, (raw_status(s) & s->ie) != 0);
}

static void input_changed(void *opaque, int n, int level)
{
    Pl061 *s = opaque;
    s->driven |= (uint8_t)(1u << n);
    s->inputs = (uint8_t)deposit64(s->inputs, (unsigned)n, 1, level != 0);
    update(s);
}

static uint64_t pl061_read(void *opaque, uint64_t addr, unsigned size)
{
    const Pl061 *s = opaque;
    if (addr <= GPIODATA_LAST) {
        return s->levels & addr >> 2;   /* the address says which lines */
    }
    switch (addr) {
    case GPIODIR:
        return s->dir;
    case GPIOIS:
        return s->is;
    case GPIOIBE:
        return s->ibe;
    case GPIOIEV:
        return s->iev;
    case GPIOIE:
        return s->ie;
    case GPIORIS:
        return raw_status(s);
    case GPIOMIS:
        return raw_status(s) & s->ie;
    case GPIOIC:
        return 0;
    case GPIOAFSEL:
        return s->afsel;
    default:
        if (addr >= GPIOPeriphID0 && !(addr & 3)) {
            return identity[(addr - GPIOPeriphID0) / 4];
        }
        log_mask(LOG_GUEST_ERROR, "pl061: a read from 0x%03" PRIx64 ", where no register is\n", addr);
        return 0;
    }
}

static void pl061_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Pl061 *s = opaque;
    uint8_t byte = (uint8_t)value;
    if (addr <= GPIODATA_LAST) {
        uint8_t mask = (uint8_t)(addr >> 2 & s->dir);
        s->data = (uint8_t)((s->data & ~mask) | (byte & mask));
        update(s);
        return;
    }
    switch (addr) {
    case GPIODIR:
        s->dir = byte;
        break;
    case GPIOIS:
        s->is = byte;
        break;
    case GPIOIBE:
        s->ibe = byte;
        break;
    case GPIOIEV:
        s->iev = byte;
        break;
    case GPIOIE:
        s->ie = byte;
        break;
    case GPIOIC:
        s->edges &= (uint8_t)~byte;
        break;
    case GPIOAFSEL:
        s->afsel = byte;
        break;
    default:
        log_mask(LOG_GUEST_ERROR, "pl061: a write to 0x%03" PRIx64 ", where no register that can be written is\n", addr);
    }
    update(s);
}

static const MemoryRegionOps pl061_ops = { .read = pl061_read, .write = pl061_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 8 }, .impl = { 4, 4 } };

static bool pl061_realize(Device *dev, GError **err)
{
    Pl061 *s = (Pl061 *)dev;
    if (s->pullups > 0xff || s->pulldowns > 0xff || (s->pullups & s->pulldowns)) {
        return error_set(err, "pl061: pullups 0x%x and pulldowns 0x%x: of eight lines, each is pulled one way at most", s->pullups, s->pulldowns);
    }
    memory_region_init_io(&s->mmio, OBJECT(s), &pl061_ops, s, "pl061", PL061_SIZE);
    sysbus_add_mmio(&s->parent, &s->mmio);
    device_add_irq_inputs(dev, NULL, input_changed, s, PL061_LINES);
    device_add_irq_outputs(dev, NULL, s->out, PL061_LINES);
    device_add_irq_outputs(dev, IRQ_GROUP_SYSBUS, &s->irq, 1);
    return true;
}

static void pl061_reset_enter(Device *dev)
{
    Pl061 *s = (Pl061 *)dev;
    s->data = s->dir = s->is = s->ibe = s->iev = s->ie = s->edges = s->afsel = 0;
    s->levels = lines_now(s);
}

static void pl061_reset(Device *dev) { update((Pl061 *)dev); }

static const Property pl061_properties[] = { PROP_UINT32("pullups", Pl061, pullups, 0), PROP_UINT32("pulldowns", Pl061, pulldowns, 0xff) };
static const StateField pl061_state[] = {
    STATE_UINT8(Pl061, inputs), STATE_UINT8(Pl061, driven), STATE_UINT8(Pl061, levels), STATE_UINT8(Pl061, data), STATE_UINT8(Pl061, dir), STATE_UINT8(Pl061, is),
    STATE_UINT8(Pl061, ibe), STATE_UINT8(Pl061, iev), STATE_UINT8(Pl061, ie), STATE_UINT8(Pl061, edges), STATE_UINT8(Pl061, afsel),
};
static const DeviceType pl061 = {
    .name = "pl061", .parent = "sys-bus-device", .size = sizeof(Pl061), .category = DEVICE_MISC, .properties = PROPERTIES(pl061_properties),
    .state = STATE(pl061_state, .version = 4), .realize = pl061_realize, .reset_enter = pl061_reset_enter, .reset = pl061_reset,
};
REGISTER_DEVICE(pl061)

Device *pl061_create(MemoryRegion *memory, uint64_t addr, Irq *irq, uint8_t pullups, uint8_t pulldowns, GError **err)
{
    Device *dev = device_new("pl061");
    ((Pl061 *)dev)->pullups = pullups;
    ((Pl061 *)dev)->pulldowns = pulldowns;
    if (!device_realize(dev, NULL, err)) {
        return NULL;
    }
    sysbus_map((SysBusDevice *)dev, 0, memory, addr, 0);
    sysbus_connect_irq((SysBusDevice *)dev, 0, irq);
    return dev;
}
