/*
 * The real-time clock "goldfish_rtc".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_RTC_GOLDFISH_RTC_H
#define HW_RTC_GOLDFISH_RTC_H

#include "hw/core/device.h"

/* Made, realized and mapped at addr; NULL with an error. */
Device *goldfish_rtc_create(MemoryRegion *memory, uint64_t addr, Irq *irq, GError **err);

#endif
