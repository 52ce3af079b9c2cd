/*
 * ACPI's fixed hardware (ACPI 6.4, 4.8): PM1 event, control and timer blocks, general purpose events, and the SCI that follows from them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ACPI_ACPI_H
#define HW_ACPI_ACPI_H

#include "hw/core/device.h"
#include "util/timer.h"

#define ACPI_PM_TIMER_HZ 3579545

/* PM1_STS and PM1_EN. */
#define ACPI_BITMASK_TIMER_STATUS           0x0001
#define ACPI_BITMASK_BUS_MASTER_STATUS      0x0010
#define ACPI_BITMASK_GLOBAL_LOCK_STATUS     0x0020
#define ACPI_BITMASK_POWER_BUTTON_STATUS    0x0100
#define ACPI_BITMASK_SLEEP_BUTTON_STATUS    0x0200
#define ACPI_BITMASK_RT_CLOCK_STATUS        0x0400
#define ACPI_BITMASK_WAKE_STATUS            0x8000
#define ACPI_BITMASK_PM1_COMMON_ENABLED     (ACPI_BITMASK_TIMER_STATUS | ACPI_BITMASK_GLOBAL_LOCK_STATUS | ACPI_BITMASK_POWER_BUTTON_STATUS | ACPI_BITMASK_RT_CLOCK_STATUS)
/* PM1_CNT. */
#define ACPI_BITMASK_SCI_ENABLE             0x0001
#define ACPI_BITMASK_SLEEP_TYPE             0x1c00
#define ACPI_BITMASK_SLEEP_ENABLE           0x2000

typedef enum AcpiEvent {        /* bits of GPE0 */
    ACPI_EVENT_PCI_HOTPLUG = 1 << 1, ACPI_EVENT_CPU_HOTPLUG = 1 << 2, ACPI_EVENT_MEMORY_HOTPLUG = 1 << 3, ACPI_EVENT_NVDIMM = 1 << 4, ACPI_EVENT_VMGENID = 1 << 5,
} AcpiEvent;

typedef struct AcpiPm1 AcpiPm1;
typedef struct AcpiGpe { uint8_t *sts, *en; unsigned len; /* bytes of the block: sts first half, en second */ } AcpiGpe;
struct AcpiPm1 {
    MemoryRegion evt, cnt, tmr;             /* "acpi-evt" 4 bytes, "acpi-cnt" 2, "acpi-tmr" 4 */
    uint16_t sts, en, control;
    Timer timer;                            /* the next overflow of the PM timer */
    int64_t overflow_ticks;                 /* of the PM timer */
    uint8_t disable_s3, disable_s4, s4_val; bool acpi_only;
    void (*update_sci)(AcpiPm1 *pm1);       /* something changed: the owner computes the level */
    Object *owner;
};
/* Adds the three blocks to container at offsets 0, 4 and 8. */
void acpi_pm1_init(AcpiPm1 *pm1, Object *owner, MemoryRegion *container, void (*update_sci)(AcpiPm1 *pm1));
void acpi_pm1_destroy(AcpiPm1 *pm1);
void acpi_pm1_reset(AcpiPm1 *pm1);
/* PM1_STS with the timer's bit as of now. */
uint16_t acpi_pm1_status(AcpiPm1 *pm1);
void acpi_pm1_power_button(AcpiPm1 *pm1);
void acpi_pm1_set_wake(AcpiPm1 *pm1, uint16_t reason);
/* SCI_EN: also what APM's enable and disable commands write. */
void acpi_pm1_enable(AcpiPm1 *pm1, bool sci_enabled);
uint32_t acpi_pm_timer_read(void);

void acpi_gpe_init(AcpiGpe *gpe, unsigned len);
void acpi_gpe_free(AcpiGpe *gpe);
void acpi_gpe_reset(AcpiGpe *gpe);
uint8_t acpi_gpe_read(const AcpiGpe *gpe, unsigned offset);
void acpi_gpe_write(AcpiGpe *gpe, unsigned offset, uint8_t value);
/* The level of the SCI. */
bool acpi_sci_level(AcpiPm1 *pm1, const AcpiGpe *gpe);

/* ---- events by name, for devices that raise them without knowing the chip (vmgenid, nvdimm, memory hot-plug) ---- */
typedef void AcpiEventSink(void *opaque, AcpiEvent event);
void acpi_set_event_sink(AcpiEventSink *sink, void *opaque);    /* by the power management chip */
void acpi_send_event(AcpiEvent event);

#endif
