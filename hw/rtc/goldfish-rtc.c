/*
 * The real-time clock of the Android emulator's board: nanoseconds since 1970, and one alarm (Linux, drivers/rtc/rtc-goldfish.c; Android's
 * "Goldfish virtual hardware", the section on the RTC).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/machine.h"
#include "hw/rtc/goldfish_rtc.h"

#include "util/bits.h"
#include "util/log.h"
#include "util/timer.h"

enum {
    TIMER_TIME_LOW = 0x00, TIMER_TIME_HIGH = 0x04, TIMER_ALARM_LOW = 0x08, TIMER_ALARM_HIGH = 0x0c, TIMER_IRQ_ENABLED = 0x10, TIMER_CLEAR_ALARM = 0x14,
    TIMER_ALARM_STATUS = 0x18, TIMER_CLEAR_INTERRUPT = 0x1c, REGION_SIZE = 0x24,
};

typedef struct GoldfishRtc {
    SysBusDevice parent;
    MemoryRegion mmio;
    Irq *irq;
    Timer timer;
    int64_t offset_ns;                  /* what the guest set, against the machine's clock */
    uint64_t alarm;
    uint32_t time_high;                 /* as it was when TIME_LOW was read */
    bool alarm_running, irq_pending, irq_enabled, big_endian;
} GoldfishRtc;

static uint64_t time_ns(const GoldfishRtc *s)
{
    int64_t ns, seconds = machine_rtc_time(&ns);
    return (uint64_t)seconds * NS_PER_S + (uint64_t)ns + (uint64_t)s->offset_ns;
}

static void update_irq(GoldfishRtc *s) { irq_set(s->irq, s->irq_pending && s->irq_enabled); }

static void clear_alarm(GoldfishRtc *s)
{
    timer_cancel(&s->timer);
    s->alarm_running = false;
}

static void alarm_due(void *opaque)
{
    GoldfishRtc *s = opaque;
    s->alarm_running = false;
    s->irq_pending = true;
    update_irq(s);
}

static void set_alarm(GoldfishRtc *s)
{
    uint64_t now = time_ns(s);
    int64_t here = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    if (s->alarm <= now) {
        timer_cancel(&s->timer);
        alarm_due(s);
        return;
    }
    uint64_t left = s->alarm - now;
    s->alarm_running = true;
    timer_set_ns(&s->timer, left > (uint64_t)(INT64_MAX - here) ? INT64_MAX : here + (int64_t)left);
}

static uint64_t rtc_read(void *opaque, uint64_t addr, unsigned size)
{
    GoldfishRtc *s = opaque;
    uint64_t now;
    switch (addr) {
    case TIMER_TIME_LOW:
        now = time_ns(s);
        s->time_high = (uint32_t)(now >> 32);
        return (uint32_t)now;
    case TIMER_TIME_HIGH:
        return s->time_high;
    case TIMER_ALARM_LOW:
        return (uint32_t)s->alarm;
    case TIMER_ALARM_HIGH:
        return s->alarm >> 32;
    case TIMER_IRQ_ENABLED:
        return s->irq_enabled;
    case TIMER_ALARM_STATUS:
        return s->alarm_running;
    default:
        log_mask(LOG_UNIMP, "goldfish_rtc: a read from 0x%02x, where no register is\n", (unsigned)addr);
        return 0;
    }
}

static void rtc_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    GoldfishRtc *s = opaque;
    uint64_t now;
    switch (addr) {
    case TIMER_TIME_LOW: case TIMER_TIME_HIGH:
        now = time_ns(s);
        s->offset_ns += (int64_t)(deposit64(now, addr == TIMER_TIME_HIGH ? 32 : 0, 32, value) - now);
        break;
    case TIMER_ALARM_LOW:
        s->alarm = deposit64(s->alarm, 0, 32, value);
        set_alarm(s);
        break;
    case TIMER_ALARM_HIGH:
        s->alarm = deposit64(s->alarm, 32, 32, value);
        break;
    case TIMER_IRQ_ENABLED:
        s->irq_enabled = value & 1;
        update_irq(s);
        break;
    case TIMER_CLEAR_ALARM:
        clear_alarm(s);
        break;
    case TIMER_CLEAR_INTERRUPT:
        s->irq_pending = false;
        update_irq(s);
        break;
    default:
        log_mask(LOG_UNIMP, "goldfish_rtc: a write to 0x%02x, where no register is\n", (unsigned)addr);
    }
}

static const MemoryRegionOps rtc_ops[] = {
    { .read = rtc_read, .write = rtc_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 } },
    { .read = rtc_read, .write = rtc_write, .endian = DEVICE_BIG_ENDIAN, .valid = { 4, 4 } },
};

static bool rtc_realize(Device *dev, GError **err)
{
    GoldfishRtc *s = (GoldfishRtc *)dev;
    timer_init(&s->timer, CLOCK_TYPE_VIRTUAL, alarm_due, s);
    memory_region_init_io(&s->mmio, OBJECT(s), &rtc_ops[s->big_endian], s, "goldfish_rtc", REGION_SIZE);
    sysbus_add_mmio(&s->parent, &s->mmio);
    device_add_irq_outputs(dev, IRQ_GROUP_SYSBUS, &s->irq, 1);
    return true;
}

static void rtc_finalize(Object *object) { timer_cancel(&((GoldfishRtc *)object)->timer); }

/* The time that the guest set outlives a reset, as that of a clock with a battery. */
static void rtc_reset(Device *dev)
{
    GoldfishRtc *s = (GoldfishRtc *)dev;
    clear_alarm(s);
    s->alarm = 0;
    s->time_high = 0;
    s->irq_pending = s->irq_enabled = false;
    update_irq(s);
}

static const Property rtc_properties[] = { PROP_BOOL("big-endian", GoldfishRtc, big_endian, false) };
static const StateField rtc_state[] = {
    STATE_INT64(GoldfishRtc, offset_ns), STATE_UINT64(GoldfishRtc, alarm), STATE_UINT32(GoldfishRtc, time_high), STATE_BOOL(GoldfishRtc, alarm_running),
    STATE_BOOL(GoldfishRtc, irq_pending), STATE_BOOL(GoldfishRtc, irq_enabled), STATE_TIMER(GoldfishRtc, timer),
};
static const DeviceType goldfish_rtc = {
    .name = "goldfish_rtc", .parent = "sys-bus-device", .size = sizeof(GoldfishRtc), .category = DEVICE_MISC, .properties = PROPERTIES(rtc_properties),
    .state = STATE(rtc_state, .version = 2), .realize = rtc_realize, .finalize = rtc_finalize, .reset = rtc_reset,
};
REGISTER_DEVICE(goldfish_rtc)

Device *goldfish_rtc_create(MemoryRegion *memory, uint64_t addr, Irq *irq, GError **err)
{
    Device *dev = device_new("goldfish_rtc");
    if (!device_realize(dev, NULL, err)) {
        return NULL;
    }
    sysbus_map((SysBusDevice *)dev, 0, memory, addr, 0);
    sysbus_connect_irq((SysBusDevice *)dev, 0, irq);
    return dev;
}
