/*
 * The MC146818 real-time clock with CMOS memory (Motorola MC146818A datasheet; ACPI 6.4, 4.8.2.4 for the century): type "mc146818rtc".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_RTC_MC146818_H
#define HW_RTC_MC146818_H

#include "hw/isa/isa.h"

enum { RTC_ISA_IRQ = 8, RTC_CENTURY = 0x32, RTC_CMOS_SIZE = 128 };

/* CMOS contents by the board; addr 0 to 127. */
void rtc_set_cmos(Device *rtc, uint8_t addr, uint8_t value);
uint8_t rtc_get_cmos(Device *rtc, uint8_t addr);
/* Boards without a PIIX or ICH9: made and realized; its interrupt goes to ISA line 8, or to irq when that is not NULL. */
Device *mc146818_create(IsaBus *bus, int base_year, Irq *irq, GError **err);
/* The guest's clock of the first RTC as seconds since 1970 (qom "date" and QMP). */
int64_t rtc_get_seconds(Device *rtc);

#endif
