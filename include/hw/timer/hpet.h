/*
 * The HPET (IA-PC HPET Specification 1.0a): type "hpet" on the system bus. Inputs: 0 the PIT's, 1 the RTC's interrupt (legacy routing sits between);
 * output: the PIT's enable. sysbus interrupts 0 to 31 are the machine's lines.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_TIMER_HPET_H
#define HW_TIMER_HPET_H

#include "hw/core/device.h"

#define HPET_BASE UINT64_C(0xfed00000)
#define HPET_INTCAP "hpet-intcap"
enum { HPET_LEGACY_PIT_INT = 0, HPET_LEGACY_RTC_INT = 1 };

/* What the firmware is told by fw_cfg (FW_CFG_HPET): the file's bytes. */
typedef struct __attribute__((packed)) HpetFwEntry { uint32_t event_timer_block_id; uint64_t address; uint16_t min_tick; uint8_t page_prot; } HpetFwEntry;
typedef struct __attribute__((packed)) HpetFwConfig { uint8_t count; HpetFwEntry hpet[8]; } HpetFwConfig;
extern HpetFwConfig hpet_fw_config;     /* count 0xff: none */
bool hpet_present(void);

#endif
