/*
 * Arm's PrimeCell real-time clock: "pl031".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_RTC_PL031_H
#define HW_RTC_PL031_H

#include "hw/core/device.h"

enum { PL031_SIZE = 0x1000 };

/* Made, realized, mapped and connected; NULL with an error. */
Device *pl031_create(MemoryRegion *memory, uint64_t addr, Irq *irq, GError **err);

#endif
