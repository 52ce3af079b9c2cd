/*
 * The PM1 event, control and timer blocks and general purpose events (ACPI 6.4, 4.8.3 and 4.8.4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/acpi/acpi.h"

#include "system/runstate.h"
#include "util/bits.h"
#include "util/log.h"

#include <string.h>

FIELD(PM1_SLP_TYP, 10, 3);
/* SLP_TYP of the states as our tables name them; S4's is a property. */
enum { SLP_TYP_S5 = 0, SLP_TYP_S3 = 1 };
#define PM_TIMER_MASK UINT32_C(0x00ffffff)
/* TMR_STS is set whenever the timer's top bit changes. */
#define PM_TIMER_HALF INT64_C(0x00800000)

/* ---- timer ---- */
static int64_t timer_ticks(void) { return muldiv64(clock_get_ns(CLOCK_TYPE_VIRTUAL), ACPI_PM_TIMER_HZ, NS_PER_S); }

uint32_t acpi_pm_timer_read(void) { return timer_ticks() & PM_TIMER_MASK; }

static int64_t next_overflow(void) { return (timer_ticks() / PM_TIMER_HALF + 1) * PM_TIMER_HALF; }

static void arm_timer(AcpiPm1 *pm1)
{
    if (pm1->en & ACPI_BITMASK_TIMER_STATUS && !(pm1->sts & ACPI_BITMASK_TIMER_STATUS)) {
        timer_set_ns(&pm1->timer, muldiv64(pm1->overflow_ticks, NS_PER_S, ACPI_PM_TIMER_HZ) + 1);
    } else {
        timer_cancel(&pm1->timer);
    }
}

static void timer_overflow(void *opaque)
{
    AcpiPm1 *pm1 = opaque;
    pm1->update_sci(pm1);
}

uint16_t acpi_pm1_status(AcpiPm1 *pm1)
{
    if (timer_ticks() >= pm1->overflow_ticks) {
        pm1->sts |= ACPI_BITMASK_TIMER_STATUS;
        pm1->overflow_ticks = next_overflow();
    }
    return pm1->sts;
}

static uint64_t timer_read(void *opaque, uint64_t addr, unsigned size)
{
    return acpi_pm_timer_read();
}

static void timer_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    /* Read-only. */
}

static const MemoryRegionOps timer_ops = {
    .read = timer_read, .write = timer_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4, true }, .impl = { 4, 4 },
};

/* ---- events ---- */
static uint64_t event_read(void *opaque, uint64_t addr, unsigned size)
{
    AcpiPm1 *pm1 = opaque;
    return addr < 2 ? acpi_pm1_status(pm1) >> (addr & 1) * 8 : pm1->en >> (addr & 1) * 8;
}

static void event_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    AcpiPm1 *pm1 = opaque;
    unsigned shift = (addr & 1) * 8;
    uint16_t mask = (size == 1 ? 0xff : 0xffff) << shift;
    if (addr < 2) {
        uint16_t clear = (value << shift) & mask;
        if (acpi_pm1_status(pm1) & clear & ACPI_BITMASK_TIMER_STATUS) {
            pm1->overflow_ticks = next_overflow();
        }
        pm1->sts &= ~clear;
    } else {
        pm1->en = (pm1->en & ~mask) | ((value << shift) & mask);
    }
    arm_timer(pm1);
    pm1->update_sci(pm1);
}

static const MemoryRegionOps event_ops = {
    .read = event_read, .write = event_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 2 }, .impl = { 1, 2 },
};

/* ---- control ---- */
static void enter_sleep_state(AcpiPm1 *pm1, unsigned type)
{
    if (type == SLP_TYP_S5) {
        system_shutdown_request(SHUTDOWN_GUEST_SHUTDOWN);
    } else if (type == SLP_TYP_S3) {
        if (!pm1->disable_s3) {
            system_suspend_request();
        }
    } else if (type == pm1->s4_val && !pm1->disable_s4) {
        system_shutdown_request(SHUTDOWN_GUEST_SHUTDOWN);       /* the guest's image is on its disk */
    } else {
        log_mask(LOG_GUEST_ERROR, "acpi: sleep type %u is not offered\n", type);
    }
}

static uint64_t control_read(void *opaque, uint64_t addr, unsigned size)
{
    const AcpiPm1 *pm1 = opaque;
    return pm1->control >> addr * 8;
}

static void control_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    AcpiPm1 *pm1 = opaque;
    unsigned shift = addr * 8;
    uint16_t mask = (size == 1 ? 0xff : 0xffff) << shift, written = (value << shift) & mask;
    pm1->control = (pm1->control & ~mask) | (written & ~ACPI_BITMASK_SLEEP_ENABLE);
    if (written & ACPI_BITMASK_SLEEP_ENABLE) {
        enter_sleep_state(pm1, FIELD_GET(pm1->control, PM1_SLP_TYP));
    }
}

static const MemoryRegionOps control_ops = {
    .read = control_read, .write = control_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 2 }, .impl = { 1, 2 },
};

void acpi_pm1_enable(AcpiPm1 *pm1, bool sci_enabled)
{
    pm1->control = sci_enabled ? pm1->control | ACPI_BITMASK_SCI_ENABLE : pm1->control & ~ACPI_BITMASK_SCI_ENABLE;
}

/* ---- from outside ---- */
void acpi_pm1_power_button(AcpiPm1 *pm1)
{
    if (pm1->en & ACPI_BITMASK_POWER_BUTTON_STATUS) {
        pm1->sts |= ACPI_BITMASK_POWER_BUTTON_STATUS;
        pm1->update_sci(pm1);
    }
}

void acpi_pm1_set_wake(AcpiPm1 *pm1, uint16_t reason)
{
    pm1->sts |= ACPI_BITMASK_WAKE_STATUS | reason;
}

void acpi_pm1_reset(AcpiPm1 *pm1)
{
    pm1->sts = pm1->en = 0;
    pm1->control = pm1->acpi_only ? ACPI_BITMASK_SCI_ENABLE : 0;
    pm1->overflow_ticks = next_overflow();
    timer_cancel(&pm1->timer);
}

void acpi_pm1_init(AcpiPm1 *pm1, Object *owner, MemoryRegion *container, void (*update_sci)(AcpiPm1 *pm1))
{
    pm1->owner = owner;
    pm1->update_sci = update_sci;
    timer_init(&pm1->timer, CLOCK_TYPE_VIRTUAL, timer_overflow, pm1);
    memory_region_init_io(&pm1->evt, owner, &event_ops, pm1, "acpi-evt", 4);
    memory_region_add_subregion(container, 0, &pm1->evt);
    memory_region_init_io(&pm1->cnt, owner, &control_ops, pm1, "acpi-cnt", 2);
    memory_region_add_subregion(container, 4, &pm1->cnt);
    memory_region_init_io(&pm1->tmr, owner, &timer_ops, pm1, "acpi-tmr", 4);
    memory_region_add_subregion(container, 8, &pm1->tmr);
}

void acpi_pm1_destroy(AcpiPm1 *pm1)
{
    MemoryRegion *regions[] = { &pm1->evt, &pm1->cnt, &pm1->tmr };
    timer_cancel(&pm1->timer);
    for (unsigned i = 0; i < ARRAY_SIZE(regions); i++) {
        memory_region_del_subregion(regions[i]->container, regions[i]);
        memory_region_destroy(regions[i]);
    }
}

/* ---- general purpose events ---- */
void acpi_gpe_init(AcpiGpe *gpe, unsigned len)
{
    gpe->len = len;
    gpe->sts = g_malloc0(len / 2);
    gpe->en = g_malloc0(len / 2);
}

void acpi_gpe_free(AcpiGpe *gpe)
{
    g_clear_pointer(&gpe->sts, g_free);
    g_clear_pointer(&gpe->en, g_free);
}

void acpi_gpe_reset(AcpiGpe *gpe)
{
    memset(gpe->sts, 0, gpe->len / 2);
    memset(gpe->en, 0, gpe->len / 2);
}

uint8_t acpi_gpe_read(const AcpiGpe *gpe, unsigned offset)
{
    if (offset >= gpe->len) {
        return 0;
    }
    return offset < gpe->len / 2 ? gpe->sts[offset] : gpe->en[offset - gpe->len / 2];
}

void acpi_gpe_write(AcpiGpe *gpe, unsigned offset, uint8_t value)
{
    if (offset >= gpe->len) {
        return;
    }
    if (offset < gpe->len / 2) {
        gpe->sts[offset] &= ~value;
    } else {
        gpe->en[offset - gpe->len / 2] = value;
    }
}

bool acpi_sci_level(AcpiPm1 *pm1, const AcpiGpe *gpe)
{
    bool level = acpi_pm1_status(pm1) & pm1->en & ACPI_BITMASK_PM1_COMMON_ENABLED;
    for (unsigned i = 0; i < gpe->len / 2; i++) {
        level |= gpe->sts[i] & gpe->en[i];
    }
    arm_timer(pm1);
    return level;
}

/* ---- events by name ---- */
static AcpiEventSink *event_sink;
static void *event_sink_opaque;

void acpi_set_event_sink(AcpiEventSink *sink, void *opaque)
{
    event_sink = sink;
    event_sink_opaque = opaque;
}

void acpi_send_event(AcpiEvent event)
{
    if (event_sink) {
        event_sink(event_sink_opaque, event);
    }
}
