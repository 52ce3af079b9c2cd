/*
 * The 8259A interrupt controller, master and slave, with the PC's edge/level registers (Intel 8259A datasheet, 231468; ICH9 datasheet, 13.4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/intc/i8259.h"

#include "hw/i386/apic.h"
#include "hw/i386/irqchip.h"
#include "util/bits.h"
#include "util/error.h"

#include <inttypes.h>

enum { IRQ_CASCADE = 2, IRQ_SPURIOUS = 7, PRIORITY_NONE = 8 };
enum { ICW1_IC4 = 0x01, ICW1_SNGL = 0x02, ICW1_LTIM = 0x08, ICW1_INIT = 0x10 };
enum { ICW4_AEOI = 0x02, ICW4_SFNM = 0x10 };
enum { OCW3_SELECT = 0x08, OCW3_RIS = 0x01, OCW3_RR = 0x02, OCW3_POLL = 0x04, OCW3_SMM = 0x20, OCW3_ESMM = 0x40 };
/* OCW2, bits 7 to 5. */
enum { ROTATE_AEOI_CLEAR, EOI, NO_OPERATION, EOI_SPECIFIC, ROTATE_AEOI_SET, ROTATE_EOI, SET_PRIORITY, ROTATE_EOI_SPECIFIC };
/* Which initialisation word is expected next. */
enum { READY, EXPECT_ICW2, EXPECT_ICW3, EXPECT_ICW4 };

typedef struct Pic {
    IsaDevice parent;
    MemoryRegion io, elcr_io;
    Irq *out;
    uint8_t last_irr;               /* levels, for edges */
    uint8_t irr, imr, isr;
    uint8_t priority_add;           /* the line of highest priority */
    uint8_t irq_base;
    uint8_t expect;                 /* of the initialisation */
    bool read_isr, poll, special_mask, auto_eoi, rotate_on_auto_eoi, special_fully_nested, icw4_wanted, single, level_triggered;
    uint8_t elcr;                   /* a bit a line: level-triggered */
    /* properties */
    uint32_t iobase, elcr_addr;
    uint8_t elcr_mask;
    bool master;
} Pic;

static Pic *pair[2];                /* master, slave: the machine's */
static uint64_t counts[16];         /* of rising lines, for info irq */

/* The distance of the highest of these lines from the top; PRIORITY_NONE. */
static int highest(const Pic *pic, uint8_t lines)
{
    int priority = 0;
    if (!lines) {
        return PRIORITY_NONE;
    }
    while (!(lines >> ((priority + pic->priority_add) & 7) & 1)) {
        priority++;
    }
    return priority;
}

/* The line to be acknowledged next, or -1. */
static int pending_line(const Pic *pic)
{
    int requested = highest(pic, pic->irr & ~pic->imr);
    if (requested == PRIORITY_NONE) {
        return -1;
    }
    uint8_t in_service = pic->isr;
    if (pic->special_mask) {
        in_service &= ~pic->imr;
    }
    if (pic->special_fully_nested && pic->master) {
        in_service &= ~(1u << IRQ_CASCADE);
    }
    return requested < highest(pic, in_service) ? (requested + pic->priority_add) & 7 : -1;
}

static void update(Pic *pic)
{
    irq_set(pic->out, pending_line(pic) >= 0);
}

static bool is_level(const Pic *pic, int line) { return pic->level_triggered || pic->elcr >> line & 1; }

static void set_line(void *opaque, int line, int level)
{
    Pic *pic = opaque;
    uint8_t bit = 1u << line;
    counts[pic->master ? line : line + 8] += level && !(pic->last_irr & bit);
    if (is_level(pic, line)) {
        pic->irr = level ? pic->irr | bit : pic->irr & ~bit;
    } else if (level && !(pic->last_irr & bit)) {
        pic->irr |= bit;
    } else if (!level && pic->master && line == IRQ_CASCADE) {
        pic->irr &= ~bit;           /* devices may pulse their lines; the slave takes its request back for good */
    }
    pic->last_irr = level ? pic->last_irr | bit : pic->last_irr & ~bit;
    update(pic);
}

static void acknowledge(Pic *pic, int line)
{
    if (pic->auto_eoi) {
        if (pic->rotate_on_auto_eoi) {
            pic->priority_add = (line + 1) & 7;
        }
    } else {
        pic->isr |= 1u << line;
    }
    if (!is_level(pic, line)) {
        pic->irr &= ~(1u << line);
    }
    update(pic);
}

int i8259_read_irq(void)
{
    Pic *master = pair[0], *slave = pair[1];
    if (!master) {
        return -1;
    }
    int line = pending_line(master);
    if (line < 0) {
        return master->irq_base + IRQ_SPURIOUS;
    }
    if (line != IRQ_CASCADE || !slave) {
        acknowledge(master, line);
        return master->irq_base + line;
    }
    int slave_line = pending_line(slave);
    acknowledge(master, line);
    if (slave_line < 0) {
        return slave->irq_base + IRQ_SPURIOUS;
    }
    acknowledge(slave, slave_line);
    return slave->irq_base + slave_line;
}

/* ICW1 starts over; what is level-triggered and still high is pending still. */
static void start_over(Pic *pic)
{
    pic->last_irr = 0;
    pic->irr &= pic->elcr;
    pic->imr = pic->isr = pic->priority_add = pic->irq_base = 0;
    pic->read_isr = pic->poll = pic->special_mask = pic->auto_eoi = pic->rotate_on_auto_eoi = pic->special_fully_nested = false;
    pic->icw4_wanted = pic->single = pic->level_triggered = false;
    pic->expect = READY;
    update(pic);
}

static void end_of_interrupt(Pic *pic, int line, bool rotate)
{
    pic->isr &= ~(1u << line);
    if (rotate) {
        pic->priority_add = (line + 1) & 7;
    }
    update(pic);
}

static void write_ocw2(Pic *pic, uint8_t value)
{
    int command = value >> 5, line = value & 7, priority;
    switch (command) {
    case ROTATE_AEOI_CLEAR:
    case ROTATE_AEOI_SET:
        pic->rotate_on_auto_eoi = command == ROTATE_AEOI_SET;
        break;
    case EOI:
    case ROTATE_EOI:
        priority = highest(pic, pic->isr);
        if (priority != PRIORITY_NONE) {
            end_of_interrupt(pic, (priority + pic->priority_add) & 7, command == ROTATE_EOI);
        }
        break;
    case EOI_SPECIFIC:
    case ROTATE_EOI_SPECIFIC:
        end_of_interrupt(pic, line, command == ROTATE_EOI_SPECIFIC);
        break;
    case SET_PRIORITY:
        pic->priority_add = (line + 1) & 7;
        update(pic);
        break;
    }
}

static void write_command(Pic *pic, uint8_t value)
{
    if (value & ICW1_INIT) {
        start_over(pic);
        pic->expect = EXPECT_ICW2;
        pic->icw4_wanted = value & ICW1_IC4;
        pic->single = value & ICW1_SNGL;
        pic->level_triggered = value & ICW1_LTIM;
    } else if (value & OCW3_SELECT) {
        if (value & OCW3_POLL) {
            pic->poll = true;
        }
        if (value & OCW3_RR) {
            pic->read_isr = value & OCW3_RIS;
        }
        if (value & OCW3_ESMM) {
            pic->special_mask = value & OCW3_SMM;
            update(pic);
        }
    } else {
        write_ocw2(pic, value);
    }
}

static void write_data(Pic *pic, uint8_t value)
{
    switch (pic->expect) {
    case READY:
        pic->imr = value;
        update(pic);
        break;
    case EXPECT_ICW2:
        pic->irq_base = value & 0xf8;
        pic->expect = !pic->single ? EXPECT_ICW3 : pic->icw4_wanted ? EXPECT_ICW4 : READY;
        break;
    case EXPECT_ICW3:
        pic->expect = pic->icw4_wanted ? EXPECT_ICW4 : READY;
        break;
    case EXPECT_ICW4:
        pic->special_fully_nested = value & ICW4_SFNM;
        pic->auto_eoi = value & ICW4_AEOI;
        pic->expect = READY;
        break;
    }
}

static void pic_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Pic *pic = opaque;
    if (addr == 0) {
        write_command(pic, value);
    } else {
        write_data(pic, value);
    }
}

static uint64_t pic_read(void *opaque, uint64_t addr, unsigned size)
{
    Pic *pic = opaque;
    if (pic->poll) {
        int line = pending_line(pic);
        pic->poll = false;
        if (line < 0) {
            return 0;
        }
        acknowledge(pic, line);
        return 0x80 | line;
    }
    return addr ? pic->imr : pic->read_isr ? pic->isr : pic->irr;
}

static const MemoryRegionOps pic_ops = { .read = pic_read, .write = pic_write, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 1, 1 } };

static uint64_t elcr_read(void *opaque, uint64_t addr, unsigned size)
{
    const Pic *pic = opaque;
    return pic->elcr;
}

static void elcr_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Pic *pic = opaque;
    pic->elcr = value & pic->elcr_mask;
}

static const MemoryRegionOps elcr_ops = { .read = elcr_read, .write = elcr_write, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 1, 1 } };

/* ---- the device ---- */
static void pic_reset(Device *device)
{
    Pic *pic = (Pic *)device;
    pic->elcr = 0;
    start_over(pic);
}

static bool pic_realize(Device *device, GError **err)
{
    Pic *pic = (Pic *)device;
    memory_region_init_io(&pic->io, OBJECT(pic), &pic_ops, pic, "pic", 2);
    memory_region_init_io(&pic->elcr_io, OBJECT(pic), &elcr_ops, pic, "elcr", 1);
    isa_register_ports(&pic->parent, &pic->io, pic->iobase);
    if (pic->elcr_addr != UINT32_MAX) {
        isa_register_ports(&pic->parent, &pic->elcr_io, pic->elcr_addr);
    }
    device_add_irq_outputs(device, NULL, &pic->out, 1);
    device_add_irq_inputs(device, NULL, set_line, pic, 8);
    return true;
}

static const Property pic_properties[] = {
    PROP_UINT32("iobase", Pic, iobase, UINT32_MAX),
    PROP_UINT32("elcr_addr", Pic, elcr_addr, UINT32_MAX),
    PROP_UINT8("elcr_mask", Pic, elcr_mask, 0xff),
    PROP_BOOL("master", Pic, master, false),
};
static const StateField pic_state[] = {
    STATE_UINT8(Pic, last_irr), STATE_UINT8(Pic, irr), STATE_UINT8(Pic, imr), STATE_UINT8(Pic, isr), STATE_UINT8(Pic, priority_add),
    STATE_UINT8(Pic, irq_base), STATE_UINT8(Pic, expect), STATE_BOOL(Pic, read_isr), STATE_BOOL(Pic, poll), STATE_BOOL(Pic, special_mask),
    STATE_BOOL(Pic, auto_eoi), STATE_BOOL(Pic, rotate_on_auto_eoi), STATE_BOOL(Pic, special_fully_nested), STATE_BOOL(Pic, icw4_wanted),
    STATE_BOOL(Pic, single), STATE_BOOL(Pic, level_triggered), STATE_UINT8(Pic, elcr),
};
static const DeviceType isa_i8259 = {
    .name = "isa-i8259", .parent = "isa-device", .size = sizeof(Pic), .summary = "8259A interrupt controller",
    .properties = PROPERTIES(pic_properties), .state = STATE(pic_state, .version = 1), .realize = pic_realize, .reset = pic_reset,
};
REGISTER_DEVICE(isa_i8259)

static bool create_chip(IsaBus *bus, bool master, GError **err)
{
    Pic *pic = (Pic *)device_new("isa-i8259");
    pic->iobase = master ? 0x20 : 0xa0;
    pic->elcr_addr = master ? 0x4d0 : 0x4d1;
    pic->elcr_mask = master ? 0xf8 : 0xde;      /* timer, keyboard, cascade, clock and numeric error are edges for ever */
    pic->master = master;
    pair[!master] = pic;
    return device_realize(&pic->parent.parent, &bus->parent, err);
}

bool i8259_create(IsaBus *bus, Irq *parent, Irq *inputs[16], GError **err)
{
    if (x86_irqchip()->create_pic) {
        return x86_irqchip()->create_pic(bus, parent, inputs, err);
    }
    if (!create_chip(bus, true, err) || !create_chip(bus, false, err)) {
        return false;
    }
    Device *master = (Device *)pair[0], *slave = (Device *)pair[1];
    device_connect_irq(master, NULL, 0, parent);
    device_connect_irq(slave, NULL, 0, device_irq_input(master, NULL, IRQ_CASCADE));
    for (int i = 0; i < 16; i++) {
        inputs[i] = device_irq_input(i < 8 ? master : slave, NULL, i & 7);
    }
    x86_set_pic_reader(i8259_read_irq);
    return true;
}

void i8259_describe_state(GString *out, int chip, const PicState *s)
{
    g_string_append_printf(out, "pic%d: irr=%02x imr=%02x isr=%02x hprio=%d irq_base=%02x rr_sel=%d elcr=%02x fnm=%d\n", chip, s->irr, s->imr, s->isr,
                           s->priority_add, s->irq_base, s->read_isr, s->elcr, s->special_fully_nested);
}

char *i8259_describe_counts(void)
{
    GString *out = g_string_new(NULL);
    if (x86_irqchip()->describe_pic) {
        g_string_append(out, "IRQ statistics not available for kvm-i8259.\n");
    } else if (pair[0]) {
        g_string_append(out, "IRQ statistics for isa-i8259:\n");
        for (unsigned line = 0; line < ARRAY_SIZE(counts); line++) {
            if (counts[line]) {
                g_string_append_printf(out, "%2u: %" PRIu64 "\n", line, counts[line]);
            }
        }
    }
    return g_string_free(out, FALSE);
}

char *i8259_describe(void)
{
    if (x86_irqchip()->describe_pic) {
        return x86_irqchip()->describe_pic();
    }
    GString *out = g_string_new(NULL);
    for (int i = 1; i >= 0; i--) {
        const Pic *pic = pair[i];
        if (pic) {
            PicState state = { pic->irr, pic->imr, pic->isr, pic->priority_add, pic->irq_base, pic->elcr, pic->read_isr, pic->special_fully_nested };
            i8259_describe_state(out, i, &state);
        }
    }
    return g_string_free(out, FALSE);
}
