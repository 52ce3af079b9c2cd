/*
 * The MC146818A real-time clock and its CMOS memory (Motorola datasheet; the century register is the PC's, ACPI 6.4, 5.2.9).
 *
 * The clock's time is the machine's (-rtc) plus an offset that the guest sets by writing the registers. While the guest holds the clock (SET or the
 * divider in reset) the registers keep the time; else they are computed when they are read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/rtc/mc146818.h"

#include "hw/core/machine.h"
#include "system/runstate.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/timer.h"

#include <string.h>

enum {
    RTC_SECONDS, RTC_SECONDS_ALARM, RTC_MINUTES, RTC_MINUTES_ALARM, RTC_HOURS, RTC_HOURS_ALARM, RTC_DAY_OF_WEEK, RTC_DAY_OF_MONTH, RTC_MONTH,
    RTC_YEAR, RTC_REG_A, RTC_REG_B, RTC_REG_C, RTC_REG_D, RTC_PS2_CENTURY = 0x37
};
enum { REG_A_UIP = 0x80, REG_A_DV = 0x70, REG_A_DV_RUN = 0x20, REG_A_DV_RESET = 0x60, REG_A_RS = 0x0f };
enum { REG_B_SET = 0x80, REG_B_PIE = 0x40, REG_B_AIE = 0x20, REG_B_UIE = 0x10, REG_B_SQWE = 0x08, REG_B_DM = 0x04, REG_B_24H = 0x02 };
enum { REG_C_IRQF = 0x80, REG_C_PF = 0x40, REG_C_AF = 0x20, REG_C_UF = 0x10, REG_C_MASK = 0x70 };
enum { REG_D_VRT = 0x80 };
enum { RTC_CLOCK_HZ = 32768, ALARM_ANY = 0xc0, DAY_S = 86400, REINJECT_MAX = 20 };
/* UIP rises this long before the update (datasheet, table 5: tBUC). */
#define UIP_HOLD_NS (8 * NS_PER_S / RTC_CLOCK_HZ)

typedef enum LostTickPolicy { LOST_TICK_DISCARD, LOST_TICK_DELAY, LOST_TICK_SLEW } LostTickPolicy;
static const char *const lost_tick_names[] = { "discard", "delay", "slew", NULL };
static const EnumNames lost_tick_policy = { "LostTickPolicy", lost_tick_names };

typedef struct Rtc {
    IsaDevice parent;
    MemoryRegion io, index_io;
    uint8_t cmos[RTC_CMOS_SIZE];
    uint8_t index;
    int32_t base_year;
    uint16_t iobase;
    uint8_t isairq;
    int lost_tick;
    Irq *irq;
    ClockType clock;
    int64_t offset_ns;              /* guest's time minus the machine's */
    int64_t held_phase_ns;          /* part of the second that had passed when the clock was stopped */
    Timer periodic, update;         /* update: the next second that matters (update-ended or alarm) */
    int64_t period_ns, next_periodic_ns, periodic_read_ns;
    uint32_t coalesced, reinjected; /* periodic ticks that the guest missed */
} Rtc;

/* ---- time ---- */
static int64_t machine_time_ns(void)
{
    int64_t ns = 0;
    int64_t seconds = machine_rtc_time(&ns);
    return seconds * NS_PER_S + ns;
}

static int64_t guest_time_ns(const Rtc *rtc) { return machine_time_ns() + rtc->offset_ns; }

static bool is_running(const Rtc *rtc)
{
    return !(rtc->cmos[RTC_REG_B] & REG_B_SET) && (rtc->cmos[RTC_REG_A] & REG_A_DV) <= REG_A_DV_RUN;
}

static uint8_t to_register(const Rtc *rtc, unsigned n)
{
    return rtc->cmos[RTC_REG_B] & REG_B_DM ? n : (n / 10 % 10) << 4 | n % 10;
}

static unsigned from_register(const Rtc *rtc, uint8_t value)
{
    return rtc->cmos[RTC_REG_B] & REG_B_DM ? value : (value >> 4) * 10u + (value & 0x0f);
}

/* Hours with the PM bit when the guest wants twelve. */
static uint8_t hours_to_register(const Rtc *rtc, unsigned hour)
{
    if (rtc->cmos[RTC_REG_B] & REG_B_24H) {
        return to_register(rtc, hour);
    }
    return to_register(rtc, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? 0x80 : 0);
}

static unsigned hours_from_register(const Rtc *rtc, uint8_t value)
{
    if (rtc->cmos[RTC_REG_B] & REG_B_24H) {
        return from_register(rtc, value);
    }
    return from_register(rtc, value & 0x7f) % 12 + (value & 0x80 ? 12 : 0);
}

/* Days since 1970-01-01 of a date, and back (proleptic Gregorian; civil calendar by years that begin in March). */
static int64_t days_of_date(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    unsigned year_of_era = year - era * 400;
    unsigned day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void date_of_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned day_of_era = days - era * 146097;
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned shifted = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static void store_time(Rtc *rtc, int64_t seconds)
{
    int64_t days = floor_div(seconds, DAY_S), year;
    unsigned second_of_day = seconds - days * DAY_S, month, day;
    date_of_days(days, &year, &month, &day);
    unsigned register_year = (unsigned)(year - rtc->base_year) % 10000;

    rtc->cmos[RTC_SECONDS] = to_register(rtc, second_of_day % 60);
    rtc->cmos[RTC_MINUTES] = to_register(rtc, second_of_day / 60 % 60);
    rtc->cmos[RTC_HOURS] = hours_to_register(rtc, second_of_day / 3600);
    rtc->cmos[RTC_DAY_OF_WEEK] = to_register(rtc, (unsigned)(((days + 4) % 7 + 7) % 7) + 1);
    rtc->cmos[RTC_DAY_OF_MONTH] = to_register(rtc, day);
    rtc->cmos[RTC_MONTH] = to_register(rtc, month);
    rtc->cmos[RTC_YEAR] = to_register(rtc, register_year % 100);
    rtc->cmos[RTC_CENTURY] = to_register(rtc, register_year / 100);
}

static int64_t load_time(const Rtc *rtc)
{
    unsigned month = from_register(rtc, rtc->cmos[RTC_MONTH]);
    int64_t year = from_register(rtc, rtc->cmos[RTC_YEAR]) + rtc->base_year + (int64_t)from_register(rtc, rtc->cmos[RTC_CENTURY]) * 100;
    month = CLAMP(month, 1, 12);
    int64_t days = days_of_date(year, month, 1) + from_register(rtc, rtc->cmos[RTC_DAY_OF_MONTH]) - 1;
    return days * DAY_S + hours_from_register(rtc, rtc->cmos[RTC_HOURS]) * 3600 + from_register(rtc, rtc->cmos[RTC_MINUTES]) * 60 +
        from_register(rtc, rtc->cmos[RTC_SECONDS]);
}

int64_t rtc_get_seconds(Device *device)
{
    const Rtc *rtc = (const Rtc *)device;
    return is_running(rtc) ? floor_div(guest_time_ns(rtc), NS_PER_S) : load_time(rtc);
}

/* ---- interrupts ---- */
static void raise_flags(Rtc *rtc, uint8_t flags)
{
    rtc->cmos[RTC_REG_C] |= flags;
    if (rtc->cmos[RTC_REG_C] & rtc->cmos[RTC_REG_B] & REG_C_MASK) {
        rtc->cmos[RTC_REG_C] |= REG_C_IRQF;
        irq_raise(rtc->irq);
    }
}

/* ---- update-ended and alarm ---- */
static bool alarm_field_matches(const Rtc *rtc, uint8_t alarm, unsigned wanted, unsigned n)
{
    return (rtc->cmos[alarm] & ALARM_ANY) == ALARM_ANY || wanted == n;
}

/* Seconds from now (at least 1, at most a day) until the alarm's time of day; 0: never. */
static unsigned seconds_to_alarm(const Rtc *rtc, unsigned second_of_day)
{
    unsigned h = hours_from_register(rtc, rtc->cmos[RTC_HOURS_ALARM]), m = from_register(rtc, rtc->cmos[RTC_MINUTES_ALARM]);
    unsigned s = from_register(rtc, rtc->cmos[RTC_SECONDS_ALARM]);
    unsigned t = second_of_day + 1, end = second_of_day + DAY_S;
    while (t <= end) {
        unsigned now = t % DAY_S;
        if (!alarm_field_matches(rtc, RTC_HOURS_ALARM, h, now / 3600)) {
            t += 3600 - now % 3600;
        } else if (!alarm_field_matches(rtc, RTC_MINUTES_ALARM, m, now / 60 % 60)) {
            t += 60 - now % 60;
        } else if (!alarm_field_matches(rtc, RTC_SECONDS_ALARM, s, now % 60)) {
            t++;
        } else {
            return t - second_of_day;
        }
    }
    return 0;
}

/* Arms the update timer for the next second in which a flag can change; when none can before register C is read, there is nothing to wake up for. */
static void arm_update(Rtc *rtc)
{
    uint8_t c = rtc->cmos[RTC_REG_C];
    if (!is_running(rtc)) {
        timer_cancel(&rtc->update);
        return;
    }
    int64_t now = guest_time_ns(rtc), second = floor_div(now, NS_PER_S);
    unsigned wait = 1;
    if (c & REG_C_UF) {
        wait = c & REG_C_AF ? 0 : seconds_to_alarm(rtc, second - floor_div(second, DAY_S) * DAY_S);
    }
    if (wait) {
        timer_set_ns(&rtc->update, clock_get_ns(rtc->clock) + (second + wait) * NS_PER_S - now);
    } else {
        timer_cancel(&rtc->update);
    }
}

static void update_ended(void *opaque)
{
    Rtc *rtc = opaque;
    if (!is_running(rtc)) {
        return;
    }
    int64_t second = floor_div(guest_time_ns(rtc), NS_PER_S);
    unsigned before = second - 1 - floor_div(second - 1, DAY_S) * DAY_S;
    uint8_t flags = REG_C_UF;
    if (seconds_to_alarm(rtc, before) == 1) {
        flags |= REG_C_AF;
        if (rtc->cmos[RTC_REG_B] & REG_B_AIE && run_state_is(RUN_STATE_SUSPENDED)) {
            system_wakeup_request();
        }
    }
    raise_flags(rtc, flags);
    arm_update(rtc);
}

/* ---- the periodic interrupt ---- */
static int64_t period_of(const Rtc *rtc)
{
    unsigned rate = rtc->cmos[RTC_REG_A] & REG_A_RS;
    if (!rate || (rtc->cmos[RTC_REG_A] & REG_A_DV) > REG_A_DV_RUN) {
        return 0;
    }
    if (rate <= 2) {
        rate += 7;
    }
    return NS_PER_S * (INT64_C(1) << (rate - 1)) / RTC_CLOCK_HZ;
}

static void arm_periodic(Rtc *rtc)
{
    int64_t period = period_of(rtc), now = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    if (!period || !(rtc->cmos[RTC_REG_B] & REG_B_PIE)) {
        rtc->period_ns = period;
        rtc->coalesced = 0;
        timer_cancel(&rtc->periodic);
        return;
    }
    if (period == rtc->period_ns && timer_pending(&rtc->periodic)) {
        return;
    }
    rtc->period_ns = period;
    rtc->next_periodic_ns = now + period - now % period;
    timer_set_ns(&rtc->periodic, rtc->next_periodic_ns);
}

static void periodic_tick(void *opaque)
{
    Rtc *rtc = opaque;
    int64_t now = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    int64_t missed = MAX((now - rtc->next_periodic_ns) / rtc->period_ns, 0);
    if (rtc->lost_tick == LOST_TICK_SLEW) {
        rtc->coalesced = MIN(rtc->coalesced + missed + !!(rtc->cmos[RTC_REG_C] & REG_C_PF), RTC_CLOCK_HZ);
    }
    rtc->next_periodic_ns += (missed + 1) * rtc->period_ns;
    timer_set_ns(&rtc->periodic, rtc->next_periodic_ns);
    rtc->reinjected = 0;
    raise_flags(rtc, REG_C_PF);
}

/* With the interrupt off nobody keeps PF: it is set when a period has ended since register C was read. */
static void poll_periodic(Rtc *rtc)
{
    int64_t now = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    if (rtc->period_ns && !(rtc->cmos[RTC_REG_B] & REG_B_PIE) && now / rtc->period_ns != rtc->periodic_read_ns / rtc->period_ns) {
        rtc->cmos[RTC_REG_C] |= REG_C_PF;
    }
    rtc->periodic_read_ns = now;
}

/* ---- registers ---- */
static uint8_t read_flags(Rtc *rtc)
{
    poll_periodic(rtc);
    uint8_t value = rtc->cmos[RTC_REG_C];
    rtc->cmos[RTC_REG_C] = 0;
    irq_lower(rtc->irq);
    if (value & (REG_C_UF | REG_C_AF)) {
        arm_update(rtc);
    }
    if (rtc->coalesced && rtc->cmos[RTC_REG_B] & REG_B_PIE && rtc->reinjected < REINJECT_MAX) {
        rtc->coalesced--;
        rtc->reinjected++;
        raise_flags(rtc, REG_C_PF);
    }
    return value;
}

static bool update_in_progress(const Rtc *rtc)
{
    if (!is_running(rtc)) {
        return false;
    }
    int64_t now = guest_time_ns(rtc);
    return now - floor_div(now, NS_PER_S) * NS_PER_S >= NS_PER_S - UIP_HOLD_NS;
}

static bool is_time_register(unsigned index)
{
    return index <= RTC_YEAR ? index != RTC_SECONDS_ALARM && index != RTC_MINUTES_ALARM && index != RTC_HOURS_ALARM : index == RTC_CENTURY;
}

static uint8_t read_register(Rtc *rtc, unsigned index)
{
    if (index == RTC_PS2_CENTURY) {
        index = RTC_CENTURY;
    }
    if (index == RTC_REG_A) {
        return rtc->cmos[RTC_REG_A] | (update_in_progress(rtc) ? REG_A_UIP : 0);
    }
    if (index == RTC_REG_C) {
        return read_flags(rtc);
    }
    if (is_time_register(index) && is_running(rtc)) {
        store_time(rtc, floor_div(guest_time_ns(rtc), NS_PER_S));
    }
    return rtc->cmos[index];
}

/* The clock stops: the registers hold what it showed. */
static void hold(Rtc *rtc)
{
    int64_t now = guest_time_ns(rtc), second = floor_div(now, NS_PER_S);
    store_time(rtc, second);
    rtc->held_phase_ns = now - second * NS_PER_S;
}

static void release(Rtc *rtc)
{
    rtc->offset_ns = load_time(rtc) * NS_PER_S + rtc->held_phase_ns - machine_time_ns();
}

static void write_control(Rtc *rtc, unsigned index, uint8_t value)
{
    bool was_running = is_running(rtc);
    bool was_in_reset = (rtc->cmos[RTC_REG_A] & REG_A_DV_RESET) == REG_A_DV_RESET;
    if (was_running) {
        hold(rtc);
    }
    if (index == RTC_REG_A) {
        rtc->cmos[RTC_REG_A] = value & ~REG_A_UIP;
    } else {
        if (value & REG_B_SET) {
            value &= ~REG_B_UIE;                /* datasheet: SET clears UIE */
        }
        /* The registers change their form with DM and 24/12. */
        int64_t seconds = load_time(rtc);
        bool form_changes = (rtc->cmos[RTC_REG_B] ^ value) & (REG_B_DM | REG_B_24H);
        rtc->cmos[RTC_REG_B] = value;
        if (form_changes && was_running) {
            store_time(rtc, seconds);
        }
    }
    if (is_running(rtc)) {
        if (!was_running && was_in_reset) {
            rtc->held_phase_ns = NS_PER_S / 2;  /* the first update comes half a second after the divider starts */
        }
        release(rtc);
    }
    if (rtc->cmos[RTC_REG_C] & rtc->cmos[RTC_REG_B] & REG_C_MASK) {
        rtc->cmos[RTC_REG_C] |= REG_C_IRQF;
        irq_raise(rtc->irq);
    } else {
        rtc->cmos[RTC_REG_C] &= ~REG_C_IRQF;
        irq_lower(rtc->irq);
    }
    arm_periodic(rtc);
    arm_update(rtc);
}

static void write_register(Rtc *rtc, unsigned index, uint8_t value)
{
    if (index == RTC_PS2_CENTURY) {
        index = RTC_CENTURY;
    }
    switch (index) {
    case RTC_REG_A:
    case RTC_REG_B:
        write_control(rtc, index, value);
        return;
    case RTC_REG_C:
    case RTC_REG_D:
        return;                                 /* read-only */
    }
    bool live = is_time_register(index) && is_running(rtc);
    if (live) {
        hold(rtc);
    }
    rtc->cmos[index] = value;
    if (live) {
        release(rtc);
    }
    if (live || index == RTC_SECONDS_ALARM || index == RTC_MINUTES_ALARM || index == RTC_HOURS_ALARM) {
        arm_update(rtc);
    }
}

static uint64_t rtc_read(void *opaque, uint64_t addr, unsigned size)
{
    Rtc *rtc = opaque;
    return addr & 1 ? read_register(rtc, rtc->index) : 0xff;
}

static void rtc_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Rtc *rtc = opaque;
    if (addr & 1) {
        write_register(rtc, rtc->index, value);
    } else {
        rtc->index = value & (RTC_CMOS_SIZE - 1);
    }
}

static const MemoryRegionOps rtc_ops = { .read = rtc_read, .write = rtc_write, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 1, 1 } };

void rtc_set_cmos(Device *device, uint8_t addr, uint8_t value)
{
    ((Rtc *)device)->cmos[addr & (RTC_CMOS_SIZE - 1)] = value;
}

uint8_t rtc_get_cmos(Device *device, uint8_t addr)
{
    return ((Rtc *)device)->cmos[addr & (RTC_CMOS_SIZE - 1)];
}

/* ---- the device ---- */
static GVariant *get_date(const Object *object, const char *name, void *opaque, GError **err)
{
    int64_t seconds = rtc_get_seconds((Device *)object), days = floor_div(seconds, DAY_S), year;
    unsigned second_of_day = seconds - days * DAY_S, month, day;
    GVariantBuilder builder;
    date_of_days(days, &year, &month, &day);
    g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&builder, "{sv}", "tm_year", g_variant_new_int64(year - 1900));
    g_variant_builder_add(&builder, "{sv}", "tm_mon", g_variant_new_int64(month - 1));
    g_variant_builder_add(&builder, "{sv}", "tm_mday", g_variant_new_int64(day));
    g_variant_builder_add(&builder, "{sv}", "tm_hour", g_variant_new_int64(second_of_day / 3600));
    g_variant_builder_add(&builder, "{sv}", "tm_min", g_variant_new_int64(second_of_day / 60 % 60));
    g_variant_builder_add(&builder, "{sv}", "tm_sec", g_variant_new_int64(second_of_day % 60));
    return g_variant_builder_end(&builder);
}

static ClockType clock_of_machine(void)
{
    const char *name = machine_current() ? machine_current()->rtc_clock : NULL;
    if (name && !strcmp(name, "vm")) {
        return CLOCK_TYPE_VIRTUAL;
    }
    return name && !strcmp(name, "rt") ? CLOCK_TYPE_REALTIME : CLOCK_TYPE_HOST;
}

static void rtc_reset(Device *device)
{
    Rtc *rtc = (Rtc *)device;
    /* Datasheet, RESET pin: PIE, AIE, UIE, SQWE and the flags go; the time and the memory stay. */
    bool running = is_running(rtc);
    rtc->cmos[RTC_REG_B] &= ~(REG_B_PIE | REG_B_AIE | REG_B_UIE | REG_B_SQWE);
    rtc->cmos[RTC_REG_C] = 0;
    rtc->coalesced = 0;
    irq_lower(rtc->irq);
    if (running) {
        store_time(rtc, floor_div(guest_time_ns(rtc), NS_PER_S));
    }
    arm_periodic(rtc);
    arm_update(rtc);
}

static bool rtc_realize(Device *device, GError **err)
{
    Rtc *rtc = (Rtc *)device;
    if (rtc->isairq >= 16) {
        return error_set(err, "Maximum value for \"irq\" is: 15");
    }
    if (rtc->lost_tick == LOST_TICK_DELAY) {
        return error_set(err, "Invalid lost tick policy.");
    }
    rtc->cmos[RTC_REG_A] = 0x26;
    rtc->cmos[RTC_REG_B] = REG_B_24H;
    rtc->cmos[RTC_REG_D] = REG_D_VRT;
    rtc->clock = clock_of_machine();
    timer_init(&rtc->periodic, CLOCK_TYPE_VIRTUAL, periodic_tick, rtc);
    timer_init(&rtc->update, rtc->clock, update_ended, rtc);
    store_time(rtc, floor_div(guest_time_ns(rtc), NS_PER_S));

    memory_region_init_io(&rtc->io, OBJECT(rtc), &rtc_ops, rtc, "rtc", 2);
    isa_register_ports(&rtc->parent, &rtc->io, rtc->iobase);
    memory_region_init_io(&rtc->index_io, OBJECT(rtc), &rtc_ops, rtc, "rtc-index", 1);
    memory_region_add_subregion(&rtc->io, 0, &rtc->index_io);
    memory_region_set_coalesced(&rtc->index_io, 0, 1);
    device_add_irq_outputs(device, NULL, &rtc->irq, 1);
    rtc->irq = isa_bus_of(&rtc->parent)->irqs[rtc->isairq];
    object_add_dynamic_property(OBJECT(rtc), &(DynamicProperty){ .name = (char *)"date", .type_name = (char *)"struct tm", .get = get_date });
    return true;
}

static void rtc_unrealize(Device *device)
{
    Rtc *rtc = (Rtc *)device;
    timer_cancel(&rtc->periodic);
    timer_cancel(&rtc->update);
}

static const Property rtc_properties[] = {
    PROP_INT32("base_year", Rtc, base_year, 1980),
    PROP_UINT16("iobase", Rtc, iobase, 0x70),
    PROP_UINT8("irq", Rtc, isairq, RTC_ISA_IRQ),
    PROP_ENUM("lost_tick_policy", Rtc, lost_tick, lost_tick_policy, LOST_TICK_DISCARD),
};
static const StateField rtc_state[] = {
    STATE_BUFFER(Rtc, cmos), STATE_UINT8(Rtc, index), STATE_INT64(Rtc, offset_ns), STATE_INT64(Rtc, held_phase_ns), STATE_TIMER(Rtc, periodic),
    STATE_TIMER(Rtc, update), STATE_INT64(Rtc, period_ns), STATE_INT64(Rtc, next_periodic_ns), STATE_INT64(Rtc, periodic_read_ns),
    STATE_UINT32(Rtc, coalesced), STATE_UINT32(Rtc, reinjected),
};
static const DeviceType mc146818rtc = {
    .name = "mc146818rtc", .parent = "isa-device", .firmware_name = "rtc", .size = sizeof(Rtc), .category = DEVICE_MISC, .user_creatable = true,
    .summary = "real-time clock", .properties = PROPERTIES(rtc_properties), .state = STATE(rtc_state, .version = 1),
    .realize = rtc_realize, .unrealize = rtc_unrealize, .reset = rtc_reset,
};
REGISTER_DEVICE(mc146818rtc)

Device *mc146818_create(IsaBus *bus, int base_year, Irq *irq, GError **err)
{
    Rtc *rtc = (Rtc *)device_new("mc146818rtc");
    rtc->base_year = base_year;
    if (!device_realize((Device *)rtc, &bus->parent, err)) {
        return NULL;
    }
    if (irq) {
        device_connect_irq((Device *)rtc, NULL, 0, irq);
    }
    return (Device *)rtc;
}
