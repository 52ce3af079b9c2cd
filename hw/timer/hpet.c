/*
 * The high precision event timer (IA-PC HPET Specification 1.0a, chapter 2): a 64-bit counter at 100 MHz and up to 32 comparators, with legacy
 * replacement routing, per-comparator routing to the I/O APIC, and messages (FSB) where the property asks for them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/timer/hpet.h"

#include "hw/core/machine.h"
#include "softmmu/dma.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/log.h"
#include "util/timer.h"

enum { HPET_SIZE = 0x400, HPET_MAX_TIMERS = 32, HPET_MIN_TIMERS = 3, HPET_IRQ_COUNT = 32, HPET_MIN_TICKS = 100 };
enum { HPET_ID = 0x000, HPET_PERIOD = 0x004, HPET_CFG = 0x010, HPET_STATUS = 0x020, HPET_COUNTER = 0x0f0, HPET_TN_FIRST = 0x100, HPET_TN_SIZE = 0x20 };
enum { TN_CFG = 0x00, TN_CMP = 0x08, TN_ROUTE = 0x10 };
#define HPET_CLOCK_PERIOD_NS 10
#define HPET_PERIOD_FS (HPET_CLOCK_PERIOD_NS * 1000000)
#define CFG_ENABLE BIT(0)
#define CFG_LEGACY BIT(1)
#define TN_TYPE_LEVEL   BIT(1)
#define TN_ENABLE       BIT(2)
#define TN_PERIODIC     BIT(3)
#define TN_PERIODIC_CAP BIT(4)
#define TN_SIZE_CAP     BIT(5)
#define TN_SETVAL       BIT(6)
#define TN_32BIT        BIT(8)
FIELD(TN_INT_ROUTE, 9, 5);
#define TN_FSB_ENABLE   BIT(14)
#define TN_FSB_CAP      BIT(15)
#define TN_WRITE_MASK   UINT64_C(0x7f4e)
enum { LEGACY_ISA_IRQ_RTC = 8 };

HpetFwConfig hpet_fw_config = { .count = UINT8_MAX };

typedef struct HpetTimer {
    struct Hpet *hpet;
    unsigned n;
    uint64_t config, cmp, fsb, period;
    uint64_t cmp64;             /* the comparator without wrapping at 32 bits: when the timer fires next */
    Timer timer;
} HpetTimer;

typedef struct Hpet {
    SysBusDevice parent;
    MemoryRegion io;
    uint64_t offset_ns;         /* of the counter against the guest's clock, while it runs */
    bool offset_saved;
    Irq *irqs[HPET_IRQ_COUNT], *pit_enable;
    uint32_t flags;             /* bit 0: FSB delivery */
    uint8_t rtc_irq_level, nr_timers;
    uint32_t intcap;
    HpetTimer timers[HPET_MAX_TIMERS];
    uint64_t capability, config, isr, counter;
    unsigned id;
} Hpet;
enum { FLAG_MSI = 0 };

static bool is_enabled(const Hpet *s) { return s->config & CFG_ENABLE; }
static bool is_legacy(const Hpet *s) { return s->config & CFG_LEGACY; }
static bool is_32bit(const HpetTimer *t) { return t->config & TN_32BIT; }
static bool is_periodic(const HpetTimer *t) { return t->config & TN_PERIODIC; }

static uint64_t ticks_now(const Hpet *s) { return ((uint64_t)clock_get_ns(CLOCK_TYPE_VIRTUAL) + s->offset_ns) / HPET_CLOCK_PERIOD_NS; }
static uint64_t counter(const Hpet *s) { return is_enabled(s) ? ticks_now(s) : s->counter; }

/* ---- interrupts ---- */
static unsigned route_of(const HpetTimer *t)
{
    if (t->n <= 1 && is_legacy(t->hpet)) {
        return t->n == 0 ? 0 : LEGACY_ISA_IRQ_RTC;      /* 2.4.3.1: 0 replaces the PIT, 1 the RTC */
    }
    return FIELD_GET(t->config, TN_INT_ROUTE);
}

static void send_message(const HpetTimer *t)
{
    if (machine_current()) {
        dma_store_le32(&machine_current()->system_memory.memory_space, t->fsb >> 32, (uint32_t)t->fsb);
    }
}

static void set_irq(HpetTimer *t, bool level)
{
    Hpet *s = t->hpet;
    uint64_t bit = UINT64_C(1) << t->n;
    unsigned route = route_of(t);
    if (level && t->config & TN_TYPE_LEVEL) {
        s->isr |= bit;                  /* edge-triggered timers never show in the status register */
    } else if (!level) {
        s->isr &= ~bit;
    }
    if (!level || !(t->config & TN_ENABLE) || !is_enabled(s)) {
        irq_lower(s->irqs[route]);
    } else if (t->config & TN_FSB_ENABLE) {
        send_message(t);
    } else if (t->config & TN_TYPE_LEVEL) {
        irq_raise(s->irqs[route]);
    } else {
        irq_pulse(s->irqs[route]);
    }
}

/* ---- comparators ---- */
/* The first time not before current at which the (32-bit) counter will show cmp. */
static uint64_t next_match(const HpetTimer *t, uint64_t current, uint64_t cmp)
{
    if (!is_32bit(t)) {
        return cmp;
    }
    uint64_t next = deposit64(current, 0, 32, cmp);
    return next < current ? next + (UINT64_C(1) << 32) : next;
}

static void arm(HpetTimer *t, uint64_t when_ticks)
{
    const Hpet *s = t->hpet;
    uint64_t now = ticks_now(s);
    /* A comparator that has passed matches when the counter has gone round: practically never. One in the near past fires now. */
    t->cmp64 = when_ticks;
    uint64_t ticks = when_ticks > now ? when_ticks - now : 0;
    if (ticks > (uint64_t)INT64_MAX / HPET_CLOCK_PERIOD_NS / 2) {
        timer_cancel(&t->timer);
        return;
    }
    timer_set_ns(&t->timer, clock_get_ns(CLOCK_TYPE_VIRTUAL) + (int64_t)(ticks * HPET_CLOCK_PERIOD_NS));
}

static void start_timer(HpetTimer *t)
{
    uint64_t now = ticks_now(t->hpet);
    arm(t, next_match(t, now, t->cmp));
}

static void stop_timer(HpetTimer *t)
{
    set_irq(t, false);
    timer_cancel(&t->timer);
}

static void timer_expired(void *opaque)
{
    HpetTimer *t = opaque;
    uint64_t now = ticks_now(t->hpet);
    if (is_periodic(t) && t->period) {
        /* Ticks that nobody could take are lost, not made up for in a burst; a period below a microsecond runs as one of a microsecond. */
        uint64_t period = MAX(t->period, (uint64_t)HPET_MIN_TICKS);
        uint64_t next = t->cmp64 + period;
        if (next <= now) {
            next += (now - next) / period * period + period;
        }
        t->cmp = is_32bit(t) ? (uint32_t)next : next;
        arm(t, next);
    }
    set_irq(t, true);
}

/* ---- registers ---- */
static void enable_legacy(Hpet *s, bool legacy)
{
    irq_set(s->pit_enable, !legacy);
    if (legacy) {
        irq_lower(s->irqs[0]);
        irq_lower(s->irqs[LEGACY_ISA_IRQ_RTC]);
    } else {
        irq_lower(s->irqs[0]);
        irq_set(s->irqs[LEGACY_ISA_IRQ_RTC], s->rtc_irq_level);
    }
}

static void write_config(Hpet *s, uint64_t value)
{
    uint64_t old = s->config;
    s->config = value & (CFG_ENABLE | CFG_LEGACY);
    if (~old & s->config & CFG_ENABLE) {
        s->offset_ns = s->counter * HPET_CLOCK_PERIOD_NS - (uint64_t)clock_get_ns(CLOCK_TYPE_VIRTUAL);
        for (unsigned i = 0; i < s->nr_timers; i++) {
            HpetTimer *t = &s->timers[i];
            if (t->config & TN_ENABLE && s->isr >> i & 1) {
                set_irq(t, true);
            }
            if (t->config & TN_ENABLE) {
                start_timer(t);
            }
        }
    } else if (old & ~s->config & CFG_ENABLE) {
        s->counter = ((uint64_t)clock_get_ns(CLOCK_TYPE_VIRTUAL) + s->offset_ns) / HPET_CLOCK_PERIOD_NS;
        for (unsigned i = 0; i < s->nr_timers; i++) {
            stop_timer(&s->timers[i]);
        }
    }
    if ((old ^ s->config) & CFG_LEGACY) {
        enable_legacy(s, s->config & CFG_LEGACY);
    }
}

static void write_timer_config(HpetTimer *t, uint64_t value)
{
    Hpet *s = t->hpet;
    uint64_t old = t->config;
    uint64_t mask = TN_WRITE_MASK;
    if (value & TN_FSB_ENABLE && !(t->config & TN_FSB_CAP)) {
        value &= ~TN_FSB_ENABLE;
    }
    uint64_t new = (old & ~mask) | (value & mask);
    unsigned route = FIELD_GET(new, TN_INT_ROUTE);
    if (!(t->config >> (32 + route) & 1)) {
        new = FIELD_SET(new, TN_INT_ROUTE, FIELD_GET(old, TN_INT_ROUTE));   /* 2.3.8: an input that is not offered is not taken */
    }
    if (is_enabled(s) && old & TN_ENABLE) {
        irq_lower(s->irqs[route_of(t)]);
    }
    t->config = new;
    if (is_32bit(t)) {
        t->cmp = (uint32_t)t->cmp;
        t->period = (uint32_t)t->period;
    }
    if (is_enabled(s) && new & TN_ENABLE && s->isr >> t->n & 1) {
        set_irq(t, true);
    }
    if (is_enabled(s) && new & TN_ENABLE) {
        start_timer(t);
    } else {
        timer_cancel(&t->timer);
    }
}

/* part: 0 the whole or low half, 32 the upper half. */
static void write_comparator(HpetTimer *t, unsigned shift, unsigned length, uint64_t value)
{
    if (is_32bit(t)) {
        if (shift) {
            return;
        }
        value = (uint32_t)value;
        length = 64;
    }
    if (!is_periodic(t) || t->config & TN_SETVAL) {
        t->cmp = deposit64(t->cmp, shift, length, value);
    }
    if (is_periodic(t)) {
        t->period = deposit64(t->period, shift, length, value);
        if (is_32bit(t)) {
            t->period = (uint32_t)t->period;
        }
    }
    t->config &= ~TN_SETVAL;
    if (is_enabled(t->hpet) && t->config & TN_ENABLE) {
        start_timer(t);
    }
}

static uint64_t read_whole(const Hpet *s, uint64_t reg)
{
    if (reg >= HPET_TN_FIRST) {
        unsigned n = (reg - HPET_TN_FIRST) / HPET_TN_SIZE;
        if (n >= s->nr_timers) {
            return 0;
        }
        const HpetTimer *t = &s->timers[n];
        switch ((reg & (HPET_TN_SIZE - 1)) & ~7u) {
        case TN_CFG:
            return t->config;
        case TN_CMP:
            return t->cmp;
        case TN_ROUTE:
            return t->fsb;
        default:
            return 0;
        }
    }
    switch (reg & ~7u) {
    case HPET_ID:
        return s->capability;
    case HPET_CFG:
        return s->config;
    case HPET_STATUS:
        return s->isr;
    case HPET_COUNTER:
        return counter(s);
    default:
        return 0;
    }
}

static uint64_t hpet_read(void *opaque, uint64_t addr, unsigned size)
{
    return read_whole(opaque, addr) >> (addr & 4) * 8;
}

static void write_status(Hpet *s, uint64_t value)
{
    for (unsigned i = 0; i < s->nr_timers; i++) {
        if (value & s->isr & UINT64_C(1) << i) {
            set_irq(&s->timers[i], false);
        }
    }
}

static void hpet_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Hpet *s = opaque;
    unsigned shift = (addr & 4) * 8, length = size * 8;
    uint64_t merged = deposit64(read_whole(s, addr), shift, length, value);
    if (addr >= HPET_TN_FIRST) {
        unsigned n = (addr - HPET_TN_FIRST) / HPET_TN_SIZE;
        if (n >= s->nr_timers) {
            log_mask(LOG_GUEST_ERROR, "hpet: there is no timer %u\n", n);
            return;
        }
        switch ((addr & (HPET_TN_SIZE - 1)) & ~7u) {
        case TN_CFG:
            write_timer_config(&s->timers[n], merged);
            break;
        case TN_CMP:
            write_comparator(&s->timers[n], shift, length, value);
            break;
        case TN_ROUTE:
            s->timers[n].fsb = merged;
            break;
        }
        return;
    }
    switch (addr & ~7u) {
    case HPET_CFG:
        write_config(s, merged);
        break;
    case HPET_STATUS:
        write_status(s, shift ? 0 : value);
        break;
    case HPET_COUNTER:
        if (is_enabled(s)) {
            log_mask(LOG_GUEST_ERROR, "hpet: the counter is written while it runs\n");
        }
        s->counter = merged;
        break;
    }
}

static const MemoryRegionOps hpet_ops = {
    .read = hpet_read, .write = hpet_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 8 }, .impl = { 4, 8 },
};

/* ---- the PIT's and RTC's interrupts pass through here ---- */
static void legacy_irq(void *opaque, int n, int level)
{
    Hpet *s = opaque;
    if (n == HPET_LEGACY_PIT_INT) {
        if (!is_legacy(s)) {
            irq_set(s->irqs[0], level);
        }
        return;
    }
    s->rtc_irq_level = level;
    if (!is_legacy(s)) {
        irq_set(s->irqs[LEGACY_ISA_IRQ_RTC], level);
    }
}

/* ---- the device ---- */
static void hpet_reset(Device *device)
{
    Hpet *s = (Hpet *)device;
    for (unsigned i = 0; i < s->nr_timers; i++) {
        HpetTimer *t = &s->timers[i];
        timer_cancel(&t->timer);
        t->cmp = t->cmp64 = UINT64_MAX;
        t->config = TN_PERIODIC_CAP | TN_SIZE_CAP | (s->flags >> FLAG_MSI & 1 ? TN_FSB_CAP : 0) | (uint64_t)s->intcap << 32;
        t->period = t->fsb = 0;
    }
    s->counter = s->offset_ns = s->config = s->isr = 0;
    s->rtc_irq_level = 0;
    irq_raise(s->pit_enable);
    hpet_fw_config.hpet[s->id].event_timer_block_id = (uint32_t)s->capability;
    hpet_fw_config.hpet[s->id].address = s->parent.mmio_addr[0];
}

bool hpet_present(void) { return hpet_fw_config.count != UINT8_MAX; }

static void hpet_init(Object *object)
{
    Hpet *s = (Hpet *)object;
    device_add_irq_outputs(DEVICE(object), IRQ_GROUP_SYSBUS, s->irqs, HPET_IRQ_COUNT);
}

static bool hpet_realize(Device *device, GError **err)
{
    Hpet *s = (Hpet *)device;
    if (!s->intcap) {
        warn_report("Hpet's intcap not initialized");
    }
    if (hpet_fw_config.count == UINT8_MAX) {
        hpet_fw_config.count = 0;
    }
    if (hpet_fw_config.count == ARRAY_SIZE(hpet_fw_config.hpet)) {
        return error_set(err, "Only 8 instances of HPET are allowed");
    }
    s->id = hpet_fw_config.count++;
    s->nr_timers = CLAMP(s->nr_timers, HPET_MIN_TIMERS, HPET_MAX_TIMERS);
    for (unsigned i = 0; i < s->nr_timers; i++) {
        s->timers[i].hpet = s;
        s->timers[i].n = i;
        timer_init(&s->timers[i].timer, CLOCK_TYPE_VIRTUAL, timer_expired, &s->timers[i]);
    }
    /* 64-bit counter, legacy routing, Intel, revision 1. */
    s->capability = UINT64_C(0x8086a001) | (uint64_t)(s->nr_timers - 1) << 8 | (uint64_t)HPET_PERIOD_FS << 32;
    device_add_irq_inputs(device, NULL, legacy_irq, s, 2);
    device_add_irq_outputs(device, NULL, &s->pit_enable, 1);
    memory_region_init_io(&s->io, OBJECT(s), &hpet_ops, s, "hpet", HPET_SIZE);
    sysbus_add_mmio(&s->parent, &s->io);
    return true;
}

static const Property hpet_properties[] = {
    PROP_UINT8("timers", Hpet, nr_timers, HPET_MIN_TIMERS),
    PROP_BIT32("msi", Hpet, flags, FLAG_MSI, false),
    PROP_UINT32("hpet-intcap", Hpet, intcap, 0),
    PROP_BOOL("hpet-offset-saved", Hpet, offset_saved, true),
};
static const StateField timer_fields[] = {
    STATE_UINT64(HpetTimer, config), STATE_UINT64(HpetTimer, cmp), STATE_UINT64(HpetTimer, fsb), STATE_UINT64(HpetTimer, period),
    STATE_UINT64(HpetTimer, cmp64), STATE_TIMER(HpetTimer, timer),
};
static const StateTable timer_state = STATE(timer_fields, .version = 1);
static const StateField hpet_state[] = {
    STATE_UINT64(Hpet, config), STATE_UINT64(Hpet, isr), STATE_UINT64(Hpet, counter), STATE_UINT64(Hpet, offset_ns), STATE_UINT8(Hpet, rtc_irq_level),
    STATE_STRUCT_ARRAY(Hpet, timers, timer_state),
};
static const DeviceType hpet_type = {
    .name = "hpet", .parent = "sys-bus-device", .size = sizeof(Hpet), .properties = PROPERTIES(hpet_properties),
    .state = STATE(hpet_state, .version = 2), .init = hpet_init, .realize = hpet_realize, .reset = hpet_reset,
};
REGISTER_DEVICE(hpet_type)
