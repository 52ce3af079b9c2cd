/*
 * The two 8237A DMA controllers of a PC with their page registers (Intel 8237A datasheet, 231466; IBM PC/AT Technical Reference, "DMA controller").
 * Transfers are made in one piece: a channel whose device asks and that is not masked is served from the main loop until the device stops asking.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/dma/i8257.h"

#include "softmmu/dma.h"
#include "util/error.h"
#include "util/log.h"
#include "util/main-loop.h"

#include <string.h>

enum { CMD_MEMORY_TO_MEMORY = 0x01, CMD_FIXED_ADDRESS = 0x02, CMD_BLOCK = 0x04, CMD_COMPRESSED = 0x08, CMD_ROTATE = 0x10, CMD_LONG_WRITE = 0x20,
       CMD_LOW_DREQ = 0x40, CMD_LOW_DACK = 0x80,
       CMD_NOT_THERE = CMD_MEMORY_TO_MEMORY | CMD_FIXED_ADDRESS | CMD_COMPRESSED | CMD_ROTATE | CMD_LONG_WRITE | CMD_LOW_DREQ | CMD_LOW_DACK };
enum { MODE_AUTO_INIT = 0x10, MODE_DECREMENT = 0x20 };
enum { REG_ADDRESS, REG_COUNT };

typedef struct DmaChannel {
    uint32_t now[2];            /* address in bytes (low 17 bits), bytes done */
    uint16_t base[2];           /* as the guest wrote them */
    uint8_t mode, page, page_high, dack, eop;
    IsaDmaTransfer *transfer;
    void *device;
} DmaChannel;

typedef struct I8257 {
    IsaDevice parent;
    IsaDma interface;
    MemoryRegion channel_io, control_io, page_io[2], page_high_io[2];
    AddressSpace *memory;
    int32_t base, page_base, page_high_base, shift;
    uint8_t status, command, mask, flip_flop;
    DmaChannel channels[4];
    BottomHalf *bh;
    bool running;
} I8257;

/* ---- transfers ---- */
static void run_channel(I8257 *d, int n)
{
    DmaChannel *c = &d->channels[n];
    int length = ((int)c->base[REG_COUNT] + 1) << d->shift;
    if (!c->transfer) {
        return;
    }
    int done = c->transfer(c->device, n + (d->shift ? 4 : 0), c->now[REG_COUNT], length);
    c->now[REG_COUNT] = done;
    if (done >= length) {
        d->status |= 1u << n;           /* terminal count */
        if (c->mode & MODE_AUTO_INIT) {
            c->now[REG_ADDRESS] = (uint32_t)c->base[REG_ADDRESS] << d->shift;
            c->now[REG_COUNT] = 0;
        }
    }
}

static uint8_t ready_channels(const I8257 *d)
{
    return d->status >> 4 & ~d->mask & 0xf;
}

static void run(void *opaque)
{
    I8257 *d = opaque;
    if (d->running) {
        return;
    }
    d->running = true;
    uint8_t ready = ready_channels(d);
    for (int n = 0; n < 4; n++) {
        if (ready >> n & 1) {
            run_channel(d, n);
        }
    }
    d->running = false;
    /* Whoever still asks is served in the next round of the main loop. */
    if (ready_channels(d)) {
        bottom_half_schedule(d->bh);
    }
}

static void schedule(I8257 *d)
{
    if (ready_channels(d)) {
        bottom_half_schedule(d->bh);
    }
}

static void request(void *opaque, int channel, bool wanted)
{
    I8257 *d = opaque;
    uint8_t bit = 0x10u << (channel & 3);
    d->status = wanted ? d->status | bit : d->status & ~bit;
    schedule(d);
}

static void register_channel(void *opaque, int channel, IsaDmaTransfer *transfer, void *device)
{
    I8257 *d = opaque;
    d->channels[channel & 3].transfer = transfer;
    d->channels[channel & 3].device = device;
}

/* A run of bytes from position of the transfer on, in the channel's direction; it never leaves the 64 KiB (128 KiB) that the page gives. */
static int copy(I8257 *d, int channel, uint8_t *buf, int position, int len, bool to_memory)
{
    const DmaChannel *c = &d->channels[channel & 3];
    uint32_t window = 0x10000u << d->shift;
    uint64_t page = (uint64_t)(c->page_high & 0x7f) << 24 | (uint64_t)(d->shift ? c->page & ~1u : c->page) << 16;
    if (len <= 0 || position < 0 || !d->memory) {
        return 0;
    }
    for (int i = 0; i < len;) {
        uint32_t offset;
        int piece;
        if (c->mode & MODE_DECREMENT) {
            offset = (c->now[REG_ADDRESS] - (uint32_t)(position + i)) & (window - 1);
            piece = 1;
        } else {
            offset = (c->now[REG_ADDRESS] + (uint32_t)(position + i)) & (window - 1);
            piece = MIN(len - i, (int)(window - offset));
        }
        if (to_memory) {
            dma_write(d->memory, page | offset, buf + i, piece);
        } else {
            dma_read(d->memory, page | offset, buf + i, piece);
        }
        i += piece;
    }
    return len;
}

static int read_memory(void *opaque, int channel, void *buf, int position, int len)
{
    return copy(opaque, channel, buf, position, len, false);
}

static int write_memory(void *opaque, int channel, const void *buf, int position, int len)
{
    return copy(opaque, channel, (uint8_t *)buf, position, len, true);
}

/* ---- registers ---- */
static uint8_t flip(I8257 *d)
{
    uint8_t before = d->flip_flop;
    d->flip_flop ^= 1;
    return before;
}

static uint64_t channel_read(void *opaque, uint64_t addr, unsigned size)
{
    I8257 *d = opaque;
    unsigned reg = addr >> d->shift, value;
    const DmaChannel *c = &d->channels[reg >> 1 & 3];
    if (reg & 1) {
        value = c->base[REG_COUNT] - (c->now[REG_COUNT] >> d->shift);
    } else {
        int direction = c->mode & MODE_DECREMENT ? -1 : 1;
        value = (c->now[REG_ADDRESS] + c->now[REG_COUNT] * direction) >> d->shift;
    }
    return flip(d) ? value >> 8 & 0xff : value & 0xff;
}

static void channel_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    I8257 *d = opaque;
    unsigned reg = addr >> d->shift;
    DmaChannel *c = &d->channels[reg >> 1 & 3];
    if (flip(d)) {
        c->base[reg & 1] = (c->base[reg & 1] & 0xff) | (value & 0xff) << 8;
        c->now[REG_ADDRESS] = (uint32_t)c->base[REG_ADDRESS] << d->shift;
        c->now[REG_COUNT] = 0;
    } else {
        c->base[reg & 1] = (c->base[reg & 1] & 0xff00) | (value & 0xff);
    }
}

static const MemoryRegionOps channel_ops = {
    .read = channel_read, .write = channel_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 1 },
};

enum { CTRL_COMMAND = 8, CTRL_REQUEST, CTRL_MASK_ONE, CTRL_MODE, CTRL_CLEAR_FLIP_FLOP, CTRL_MASTER_CLEAR, CTRL_CLEAR_MASK, CTRL_MASK_ALL };

static void control_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    I8257 *d = opaque;
    unsigned channel = value & 3;
    switch ((addr >> d->shift) + 8) {
    case CTRL_COMMAND:
        if (value & CMD_NOT_THERE) {
            log_mask(LOG_UNIMP, "i8257: command 0x%02x\n", (unsigned)value);
            return;
        }
        d->command = value;
        break;
    case CTRL_REQUEST:
        d->status = value & 4 ? d->status | 0x10u << channel : d->status & ~(0x10u << channel);
        schedule(d);
        break;
    case CTRL_MASK_ONE:
        d->mask = value & 4 ? d->mask | 1u << channel : d->mask & ~(1u << channel);
        schedule(d);
        break;
    case CTRL_MODE:
        d->channels[channel].mode = value;
        break;
    case CTRL_CLEAR_FLIP_FLOP:
        d->flip_flop = 0;
        break;
    case CTRL_MASTER_CLEAR:
        d->flip_flop = 0;
        d->mask = 0xf;
        d->status = d->command = 0;
        break;
    case CTRL_CLEAR_MASK:
        d->mask = 0;
        schedule(d);
        break;
    case CTRL_MASK_ALL:
        d->mask = value & 0xf;
        schedule(d);
        break;
    }
}

static uint64_t control_read(void *opaque, uint64_t addr, unsigned size)
{
    I8257 *d = opaque;
    uint8_t value;
    switch ((addr >> d->shift) + 8) {
    case CTRL_COMMAND:
        value = d->status;
        d->status &= 0xf0;
        return value;
    case CTRL_MASK_ALL:
        return d->mask;
    default:
        return 0;
    }
}

static const MemoryRegionOps control_ops = {
    .read = control_read, .write = control_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 1 },
};

/* The page registers' places tell their channels: 0x87 is channel 0, 0x83 1, 0x81 2, 0x82 3, and the same 8 further on. */
static const int8_t page_channel[8] = { -1, 2, 3, 1, -1, -1, -1, 0 };

/* Two runs of ports, at 1 to 3 and at 7; each for the low and the high page registers. */
#define DEFINE_PAGE_PORTS(fn, first, field) \
    static uint64_t fn##_read(void *opaque, uint64_t addr, unsigned size) \
    { return ((I8257 *)opaque)->channels[page_channel[(first + addr) & 7] & 3].field; } \
    static void fn##_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) \
    { ((I8257 *)opaque)->channels[page_channel[(first + addr) & 7] & 3].field = value; } \
    static const MemoryRegionOps fn##_ops = { .read = fn##_read, .write = fn##_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 1 } };
DEFINE_PAGE_PORTS(page_1_to_3, 1, page)
DEFINE_PAGE_PORTS(page_7, 7, page)
DEFINE_PAGE_PORTS(page_high_1_to_3, 1, page_high)
DEFINE_PAGE_PORTS(page_high_7, 7, page_high)

/* ---- the device ---- */
static void i8257_reset(Device *device)
{
    I8257 *d = (I8257 *)device;
    d->flip_flop = d->status = d->command = 0;
    d->mask = 0xf;
}

static void add_ports(I8257 *d, MemoryRegion *mr, const MemoryRegionOps *ops, const char *name, int base, unsigned size)
{
    memory_region_init_io(mr, OBJECT(d), ops, d, name, size);
    isa_register_ports(&d->parent, mr, base);
}

static bool i8257_realize(Device *device, GError **err)
{
    I8257 *d = (I8257 *)device;
    if (d->shift < 0 || d->shift > 1) {
        return error_set(err, "i8257: dshift is 0 or 1");
    }
    add_ports(d, &d->channel_io, &channel_ops, "dma-chan", d->base, 8u << d->shift);
    add_ports(d, &d->control_io, &control_ops, "dma-cont", d->base + (8 << d->shift), 8u << d->shift);
    add_ports(d, &d->page_io[0], &page_1_to_3_ops, "dma-page", d->page_base + 1, 3);
    add_ports(d, &d->page_io[1], &page_7_ops, "dma-page", d->page_base + 7, 1);
    if (d->page_high_base >= 0) {
        add_ports(d, &d->page_high_io[0], &page_high_1_to_3_ops, "dma-pageh", d->page_high_base + 1, 3);
        add_ports(d, &d->page_high_io[1], &page_high_7_ops, "dma-pageh", d->page_high_base + 7, 1);
    }
    d->bh = bottom_half_new(run, d);
    d->interface = (IsaDma){ .request = request, .register_channel = register_channel, .read_memory = read_memory, .write_memory = write_memory, .opaque = d };
    isa_bus_of(&d->parent)->dma[d->shift] = &d->interface;
    return true;
}

static void i8257_unrealize(Device *device)
{
    g_clear_pointer(&((I8257 *)device)->bh, bottom_half_free);
}

static const Property i8257_properties[] = {
    PROP_INT32("base", I8257, base, 0),
    PROP_INT32("page-base", I8257, page_base, 0x80),
    PROP_INT32("pageh-base", I8257, page_high_base, 0x480),
    PROP_INT32("dshift", I8257, shift, 0),
};
static const StateField channel_fields[] = {
    STATE_UINT32_ARRAY(DmaChannel, now), STATE_UINT16_ARRAY(DmaChannel, base), STATE_UINT8(DmaChannel, mode), STATE_UINT8(DmaChannel, page),
    STATE_UINT8(DmaChannel, page_high), STATE_UINT8(DmaChannel, dack), STATE_UINT8(DmaChannel, eop),
};
static const StateTable channel_state = STATE(channel_fields, .version = 1);
static const StateField i8257_state[] = {
    STATE_UINT8(I8257, command), STATE_UINT8(I8257, mask), STATE_UINT8(I8257, flip_flop), STATE_INT32(I8257, shift),
    STATE_STRUCT_ARRAY(I8257, channels, channel_state),
};
static const DeviceType i8257 = {
    .name = "i8257", .parent = "isa-device", .firmware_name = "dma-controller", .size = sizeof(I8257), .summary = "8237A DMA controller", .properties = PROPERTIES(i8257_properties),
    .state = STATE(i8257_state, .version = 1), .realize = i8257_realize, .unrealize = i8257_unrealize, .reset = i8257_reset,
};
REGISTER_DEVICE(i8257)

bool i8257_create_pair(IsaBus *bus, Object *parent, AddressSpace *memory, bool high_page, Device *dma[2], GError **err)
{
    for (int i = 0; i < 2; i++) {
        I8257 *d = (I8257 *)device_new("i8257");
        d->memory = memory;
        d->base = i ? 0xc0 : 0x00;
        d->page_base = i ? 0x88 : 0x80;
        d->page_high_base = high_page ? (i ? 0x488 : 0x480) : -1;
        d->shift = i;
        if (dma) {
            dma[i] = (Device *)d;
        }
        if ((parent && !object_add_child(parent, "dma[*]", OBJECT(d), err)) || !device_realize((Device *)d, &bus->parent, err)) {
            return false;
        }
    }
    return true;
}
