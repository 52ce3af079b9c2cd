/*
 * The Generic Event Device of boards without ACPI's fixed hardware: "acpi-ged".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ACPI_GED_H
#define HW_ACPI_GED_H

#include "hw/core/device.h"

enum { ACPI_GED_SIZE = 4, ACPI_GED_POWER_BUTTON = 0x02 };

/* Made, realized, mapped and connected; the power button raises its event. NULL with an error. */
Device *acpi_ged_create(MemoryRegion *memory, uint64_t addr, Irq *irq, GError **err);

#endif
