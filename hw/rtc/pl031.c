/*
 * Arm's PrimeCell real-time clock (PL031): seconds since 1970 in 32 bits, and one alarm (Arm DDI 0224C, chapter 3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/rtc/pl031.h"

#include "hw/core/machine.h"
#include "util/log.h"
#include "util/timer.h"

#include <inttypes.h>

enum { RTCDR = 0x00, RTCMR = 0x04, RTCLR = 0x08, RTCCR = 0x0c, RTCIMSC = 0x10, RTCRIS = 0x14, RTCMIS = 0x18, RTCICR = 0x1c, RTCPeriphID0 = 0xfe0 };
enum { CR_ENABLED = 1, INTERRUPT = 1 };

static const uint8_t identity[8] = { 0x31, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

typedef struct Pl031 {
    SysBusDevice parent;
    MemoryRegion mmio;
    Irq *irq;
    Timer timer;
    bool migrate_tick_offset;
    uint32_t offset;                    /* of what the guest set against the machine's clock, in seconds */
    uint32_t mr, lr, imsc, ris;
} Pl031;

/* ns: of the second, may be NULL. */
static uint32_t count(const Pl031 *s, int64_t *ns) { return (uint32_t)machine_rtc_time(ns) + s->offset; }
static void update_irq(Pl031 *s) { irq_set(s->irq, (s->ris & s->imsc) != 0); }

static void matched(void *opaque)
{
    Pl031 *s = opaque;
    s->ris = INTERRUPT;
    update_irq(s);
}

/* The alarm comes when the counter arrives at MR: what has passed comes again when the counter has wrapped. */
static void set_alarm(Pl031 *s)
{
    int64_t ns;
    uint32_t left = s->mr - count(s, &ns);
    if (!left) {
        timer_cancel(&s->timer);
        matched(s);
        return;
    }
    timer_set_ns(&s->timer, clock_get_ns(CLOCK_TYPE_VIRTUAL) + left * NS_PER_S - ns);
}

static uint64_t pl031_read(void *opaque, uint64_t addr, unsigned size)
{
    const Pl031 *s = opaque;
    switch (addr) {
    case RTCDR:
        return count(s, NULL);
    case RTCMR:
        return s->mr;
    case RTCLR:
        return s->lr;
    case RTCCR:
        return CR_ENABLED;              /* once on, it stays on */
    case RTCIMSC:
        return s->imsc;
    case RTCRIS:
        return s->ris;
    case RTCMIS:
        return s->ris & s->imsc;
    default:
        if (addr >= RTCPeriphID0 && !(addr & 3)) {
            return identity[(addr - RTCPeriphID0) / 4];
        }
        log_mask(LOG_GUEST_ERROR, "pl031: a read from 0x%03" PRIx64 ", where no register is\n", addr);
        return 0;
    }
}

static void pl031_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Pl031 *s = opaque;
    switch (addr) {
    case RTCMR:
        s->mr = (uint32_t)value;
        set_alarm(s);
        break;
    case RTCLR:
        s->lr = (uint32_t)value;
        s->offset += s->lr - count(s, NULL);
        set_alarm(s);
        break;
    case RTCCR:
        break;
    case RTCIMSC:
        s->imsc = value & INTERRUPT;
        update_irq(s);
        break;
    case RTCICR:
        s->ris &= ~(uint32_t)value;
        update_irq(s);
        break;
    default:
        log_mask(LOG_GUEST_ERROR, "pl031: a write to 0x%03" PRIx64 ", where no register that can be written is\n", addr);
    }
}

static const MemoryRegionOps pl031_ops = { .read = pl031_read, .write = pl031_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 8 }, .impl = { 4, 4 } };

static bool pl031_realize(Device *dev, GError **err)
{
    Pl031 *s = (Pl031 *)dev;
    timer_init(&s->timer, CLOCK_TYPE_VIRTUAL, matched, s);
    memory_region_init_io(&s->mmio, OBJECT(s), &pl031_ops, s, "pl031", PL031_SIZE);
    sysbus_add_mmio(&s->parent, &s->mmio);
    device_add_irq_outputs(dev, IRQ_GROUP_SYSBUS, &s->irq, 1);
    return true;
}

static void pl031_finalize(Object *object) { timer_cancel(&((Pl031 *)object)->timer); }

/* The time and the alarm outlive a reset, as those of a clock with a battery; the interrupt does not. */
static void pl031_reset(Device *dev)
{
    Pl031 *s = (Pl031 *)dev;
    s->imsc = s->ris = 0;
    update_irq(s);
}

static const Property pl031_properties[] = { PROP_BOOL("migrate-tick-offset", Pl031, migrate_tick_offset, true) };
static const StateField pl031_state[] = {
    STATE_UINT32(Pl031, offset), STATE_UINT32(Pl031, mr), STATE_UINT32(Pl031, lr), STATE_UINT32(Pl031, imsc), STATE_UINT32(Pl031, ris), STATE_TIMER(Pl031, timer),
};
static const DeviceType pl031 = {
    .name = "pl031", .parent = "sys-bus-device", .firmware_name = "rtc", .size = sizeof(Pl031), .category = DEVICE_MISC, .properties = PROPERTIES(pl031_properties),
    .state = STATE(pl031_state, .version = 1), .realize = pl031_realize, .finalize = pl031_finalize, .reset = pl031_reset,
};
REGISTER_DEVICE(pl031)

Device *pl031_create(MemoryRegion *memory, uint64_t addr, Irq *irq, GError **err)
{
    Device *dev = device_new("pl031");
    if (!device_realize(dev, NULL, err)) {
        return NULL;
    }
    sysbus_map((SysBusDevice *)dev, 0, memory, addr, 0);
    sysbus_connect_irq((SysBusDevice *)dev, 0, irq);
    return dev;
}
