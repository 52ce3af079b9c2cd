/*
 * The 82C54 programmable interval timer (Intel datasheet, 231244): three counters, six modes, latches and read-back. Counting is computed from the
 * guest's clock; only counter 0's output has a timer, as it alone interrupts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/timer/i8254.h"

#include "hw/i386/irqchip.h"
#include "util/bits.h"
#include "util/timer.h"

enum { CONTROL_PORT = 3, SELECT_READ_BACK = 3 };
enum { RW_LATCH, RW_LSB, RW_MSB, RW_WORD };
/* Read-back command. */
enum { READ_BACK_NO_STATUS = 0x10, READ_BACK_NO_COUNT = 0x20 };
enum { STATUS_OUT = 0x80, STATUS_NULL_COUNT = 0x40 };

typedef struct PitChannel {
    int32_t count;                  /* 1 to 0x10000 */
    uint16_t latched_count; uint8_t count_latched; /* RW_* still to be read; 0: not latched */
    bool status_latched; uint8_t status;
    bool read_msb_next, write_msb_next;
    uint8_t write_latch;
    uint8_t rw_mode, mode;
    bool bcd, gate;
    int64_t load_ns;                /* when counting began */
    int64_t next_transition_ns;     /* -1: none */
    Timer timer;
    bool irq_disabled;              /* by the HPET's legacy routing */
    Irq *irq;
} PitChannel;

typedef struct Pit {
    IsaDevice parent;
    MemoryRegion io;
    PitChannel channels[3];
    uint32_t iobase;
} Pit;

static int64_t ticks_since_load(const PitChannel *c, int64_t now)
{
    return now > c->load_ns ? (int64_t)muldiv64(now - c->load_ns, PIT_HZ, NS_PER_S) : 0;
}

static uint16_t to_guest(const PitChannel *c, uint32_t n)
{
    if (!c->bcd) {
        return n;
    }
    n %= 10000;
    return n / 1000 << 12 | n / 100 % 10 << 8 | n / 10 % 10 << 4 | n % 10;
}

static uint32_t from_guest(const PitChannel *c, uint16_t n)
{
    if (!c->bcd) {
        return n ? n : 0x10000;
    }
    uint32_t value = (n >> 12 & 15) * 1000 + (n >> 8 & 15) * 100 + (n >> 4 & 15) * 10 + (n & 15);
    return value ? value : 10000;
}

static uint32_t modulus(const PitChannel *c) { return c->bcd ? 10000 : 0x10000; }

static uint16_t current_count(const PitChannel *c)
{
    int64_t d = ticks_since_load(c, clock_get_ns(CLOCK_TYPE_VIRTUAL));
    int64_t n;
    switch (c->mode) {
    case 0: case 1: case 4: case 5:
        n = (c->count - d) % (int64_t)modulus(c);
        break;
    case 3:
        n = c->count - (2 * d) % c->count;
        break;
    default:
        n = c->count - d % c->count;
        break;
    }
    return to_guest(c, n < 0 ? n + modulus(c) : n);
}

bool pit_output(int mode, int32_t count, int64_t ticks)
{
    switch (mode) {
    case 0:
        return ticks >= count;
    case 1:
        return ticks < count;
    case 2:
        return ticks % count == 0 && ticks != 0;
    case 3:
        return ticks % count < (count + 1) >> 1;
    default:
        return ticks == count;
    }
}

static bool output(const PitChannel *c, int64_t now) { return pit_output(c->mode, c->count, ticks_since_load(c, now)); }

/* When the output changes next, or -1. */
static int64_t next_transition(const PitChannel *c, int64_t now)
{
    int64_t d = ticks_since_load(c, now), base, next;
    switch (c->mode) {
    case 0: case 1:
        if (d >= c->count) {
            return -1;
        }
        next = c->count;
        break;
    case 2:
        base = d / c->count * c->count;
        next = d == base && d != 0 ? base + 1 : base + c->count;
        break;
    case 3:
        base = d / c->count * c->count;
        next = d - base < (c->count + 1) >> 1 ? base + ((c->count + 1) >> 1) : base + c->count;
        break;
    default:
        if (d > c->count) {
            return -1;
        }
        next = d < c->count ? c->count : c->count + 1;
        break;
    }
    int64_t when = c->load_ns + (int64_t)muldiv64(next, NS_PER_S, PIT_HZ);
    /* Rounded down it may lie a tick early: never fire at the same time again. */
    while (ticks_since_load(c, when) < next) {
        when++;
    }
    return when <= now ? now + 1 : when;
}

static void update_irq(PitChannel *c, int64_t now)
{
    if (!c->timer.fn || c->irq_disabled) {
        return;
    }
    irq_set(c->irq, output(c, now));
    c->next_transition_ns = next_transition(c, now);
    if (c->next_transition_ns >= 0) {
        timer_set_ns(&c->timer, c->next_transition_ns);
    } else {
        timer_cancel(&c->timer);
    }
}

static void transition(void *opaque)
{
    PitChannel *c = opaque;
    update_irq(c, c->next_transition_ns);
}

static void load_count(PitChannel *c, uint16_t value)
{
    c->count = from_guest(c, value);
    c->load_ns = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    update_irq(c, c->load_ns);
}

static void latch_count(PitChannel *c)
{
    if (!c->count_latched) {
        c->latched_count = current_count(c);
        c->count_latched = c->rw_mode;
    }
}

static void latch_status(PitChannel *c)
{
    if (!c->status_latched) {
        c->status = (output(c, clock_get_ns(CLOCK_TYPE_VIRTUAL)) ? STATUS_OUT : 0) | c->rw_mode << 4 | c->mode << 1 | c->bcd;
        c->status_latched = true;
    }
}

static void write_control(Pit *pit, uint8_t value)
{
    unsigned select = value >> 6;
    if (select == SELECT_READ_BACK) {
        for (unsigned i = 0; i < 3; i++) {
            if (!(value >> (i + 1) & 1)) {
                continue;
            }
            if (!(value & READ_BACK_NO_COUNT)) {
                latch_count(&pit->channels[i]);
            }
            if (!(value & READ_BACK_NO_STATUS)) {
                latch_status(&pit->channels[i]);
            }
        }
        return;
    }
    PitChannel *c = &pit->channels[select];
    unsigned access = value >> 4 & 3;
    if (access == RW_LATCH) {
        latch_count(c);
        return;
    }
    c->rw_mode = access;
    c->read_msb_next = c->write_msb_next = access == RW_MSB;
    c->count_latched = 0;
    c->mode = value >> 1 & 7;
    if (c->mode > 5) {
        c->mode &= 3;               /* 6 and 7 are 2 and 3 */
    }
    c->bcd = value & 1;
}

static void write_count(PitChannel *c, uint8_t value)
{
    switch (c->rw_mode) {
    case RW_LSB:
        load_count(c, value);
        break;
    case RW_MSB:
        load_count(c, value << 8);
        break;
    case RW_WORD:
        if (c->write_msb_next) {
            load_count(c, c->write_latch | value << 8);
        } else {
            c->write_latch = value;
        }
        c->write_msb_next = !c->write_msb_next;
        break;
    }
}

static void pit_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Pit *pit = opaque;
    if ((addr & 3) == CONTROL_PORT) {
        write_control(pit, value);
    } else {
        write_count(&pit->channels[addr & 3], value);
    }
}

static uint8_t read_latched(PitChannel *c)
{
    switch (c->count_latched) {
    case RW_LSB:
        c->count_latched = 0;
        return c->latched_count & 0xff;
    case RW_WORD:
        c->count_latched = RW_MSB;
        return c->latched_count & 0xff;
    default:
        c->count_latched = 0;
        return c->latched_count >> 8;
    }
}

static uint64_t pit_read(void *opaque, uint64_t addr, unsigned size)
{
    Pit *pit = opaque;
    if ((addr & 3) == CONTROL_PORT) {
        return 0;
    }
    PitChannel *c = &pit->channels[addr & 3];
    if (c->status_latched) {
        c->status_latched = false;
        return c->status;
    }
    if (c->count_latched) {
        return read_latched(c);
    }
    uint16_t count = current_count(c);
    if (c->rw_mode == RW_WORD) {
        c->read_msb_next = !c->read_msb_next;
        return c->read_msb_next ? count & 0xff : count >> 8;
    }
    return c->rw_mode == RW_MSB ? count >> 8 : count & 0xff;
}

static const MemoryRegionOps pit_ops = { .read = pit_read, .write = pit_write, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 1, 1 } };

/* ---- what others ask ---- */
static void pit_set_gate(Device *device, int channel, int gate)
{
    PitChannel *c = &((Pit *)device)->channels[channel];
    bool rising = gate && !c->gate;
    /* Modes 1 and 5 are triggered by the gate, 2 and 3 start over with it; 0 and 4 would stand still, which nobody on a PC asks for. */
    if (rising && c->mode != 0 && c->mode != 4) {
        c->load_ns = clock_get_ns(CLOCK_TYPE_VIRTUAL);
        update_irq(c, c->load_ns);
    }
    c->gate = gate;
}

static void pit_get_channel(Device *device, int channel, PitChannelInfo *info)
{
    const PitChannel *c = &((Pit *)device)->channels[channel];
    *info = (PitChannelInfo){ .gate = c->gate, .mode = c->mode, .initial_count = c->count, .out = output(c, clock_get_ns(CLOCK_TYPE_VIRTUAL)) };
}

/* From the HPET: its legacy routing takes interrupt 0 away and gives it back. */
static void irq_enable(void *opaque, int n, int level)
{
    PitChannel *c = &((Pit *)opaque)->channels[0];
    if (level) {
        c->irq_disabled = false;
        update_irq(c, clock_get_ns(CLOCK_TYPE_VIRTUAL));
    } else {
        c->irq_disabled = true;
        timer_cancel(&c->timer);
    }
}

static void pit_reset(Device *device)
{
    Pit *pit = (Pit *)device;
    for (int i = 0; i < 3; i++) {
        PitChannel *c = &pit->channels[i];
        c->mode = 3;
        c->rw_mode = RW_WORD;
        c->bcd = c->read_msb_next = c->write_msb_next = c->status_latched = false;
        c->count_latched = 0;
        c->gate = i != 2;
        c->irq_disabled = false;
        c->count = 0x10000;
        c->load_ns = clock_get_ns(CLOCK_TYPE_VIRTUAL);
        update_irq(c, c->load_ns);
    }
}

static bool pit_realize(Device *device, GError **err)
{
    Pit *pit = (Pit *)device;
    PitChannel *first = &pit->channels[0];
    for (int i = 0; i < 3; i++) {
        pit->channels[i].count = 0x10000;
    }
    timer_init(&first->timer, CLOCK_TYPE_VIRTUAL, transition, first);
    memory_region_init_io(&pit->io, OBJECT(pit), &pit_ops, pit, "pit", 4);
    isa_register_ports(&pit->parent, &pit->io, pit->iobase);
    device_add_irq_outputs(device, NULL, &first->irq, 1);
    device_add_irq_inputs(device, NULL, irq_enable, pit, 1);
    return true;
}

static const Property pit_properties[] = {
    PROP_UINT32("iobase", Pit, iobase, UINT32_MAX),
};
static const StateField channel_fields[] = {
    STATE_INT32(PitChannel, count), STATE_UINT16(PitChannel, latched_count), STATE_UINT8(PitChannel, count_latched),
    STATE_BOOL(PitChannel, status_latched), STATE_UINT8(PitChannel, status), STATE_BOOL(PitChannel, read_msb_next),
    STATE_BOOL(PitChannel, write_msb_next), STATE_UINT8(PitChannel, write_latch), STATE_UINT8(PitChannel, rw_mode), STATE_UINT8(PitChannel, mode),
    STATE_BOOL(PitChannel, bcd), STATE_BOOL(PitChannel, gate), STATE_INT64(PitChannel, load_ns), STATE_INT64(PitChannel, next_transition_ns),
    STATE_BOOL(PitChannel, irq_disabled),
};
static const StateTable channel_state = STATE(channel_fields, .version = 1);
static const StateField pit_fields[] = { STATE_STRUCT_ARRAY(Pit, channels, channel_state) };

static const PitType pit_family = { .set_gate = pit_set_gate, .get_channel = pit_get_channel };
static const DeviceType isa_pit = {
    .name = "isa-pit", .parent = "isa-device", .size = sizeof(Pit), .summary = "8254 interval timer", .family = &pit_family,
    .properties = PROPERTIES(pit_properties), .state = STATE(pit_fields, .version = 1), .realize = pit_realize, .reset = pit_reset,
};
REGISTER_DEVICE(isa_pit)

Device *i8254_create(IsaBus *bus, uint16_t base, int isa_irq, Irq *alt_irq, GError **err)
{
    Device *dev = device_new(x86_irqchip()->pit ? x86_irqchip()->pit : "isa-pit");
    if (!object_set_uint(OBJECT(dev), "iobase", base, err)) {
        object_unref(OBJECT(dev));
        return NULL;
    }
    if (!device_realize(dev, &bus->parent, err)) {
        return NULL;
    }
    /* The kernel's interrupts by itself. */
    if (!x86_irqchip()->pit) {
        device_connect_irq(dev, NULL, 0, alt_irq ? alt_irq : bus->irqs[isa_irq & 15]);
    }
    return dev;
}
