/*
 * What the files of the local APIC share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_APIC_INTERNAL_H
#define HW_INTC_APIC_INTERNAL_H

#include "hw/i386/apic.h"
#include "util/timer.h"

enum { LVT_TIMER, LVT_THERMAL, LVT_PERFORM, LVT_LINT0, LVT_LINT1, LVT_ERROR, LVT_COUNT };
enum { LVT_TIMER_ONE_SHOT, LVT_TIMER_PERIODIC, LVT_TIMER_TSC_DEADLINE };
#define LVT_VECTOR          0xffu
#define LVT_DELIVERY_SHIFT  8
#define LVT_LOW_ACTIVE      (1u << 13)
#define LVT_REMOTE_IRR      (1u << 14)
#define LVT_LEVEL           (1u << 15)
#define LVT_MASKED          (1u << 16)
#define LVT_TIMER_MODE_SHIFT 17
enum { DELIVERY_FIXED, DELIVERY_LOWEST, DELIVERY_SMI, DELIVERY_RESERVED, DELIVERY_NMI, DELIVERY_INIT, DELIVERY_SIPI, DELIVERY_EXTINT };
#define SVR_ENABLED         (1u << 8)
#define SVR_SUPPRESS_EOI    (1u << 12)
enum { ESR_SEND_ILLEGAL_VECTOR = 1 << 5, ESR_RECEIVE_ILLEGAL_VECTOR = 1 << 6, ESR_ILLEGAL_REGISTER = 1 << 7 };
#define APIC_BASE_BSP       (1u << 8)
#define APIC_BASE_EXTD      (1u << 10)
#define APIC_BASE_ENABLE    (1u << 11)
#define APIC_BROADCAST_XAPIC 0xffu
#define APIC_BROADCAST_X2APIC UINT32_MAX

typedef struct Apic {
    ApicCommon common;
    uint64_t base;                      /* IA32_APIC_BASE */
    uint32_t id;                        /* as the guest may have changed it */
    uint8_t tpr, log_dest, dest_mode;   /* dest_mode: bits 31:28 of DFR: 0xf flat, 0 cluster */
    uint32_t svr, esr, esr_pending, icr[2];
    uint32_t lvt[LVT_COUNT];
    uint32_t isr[8], tmr[8], irr[8];
    uint32_t divide_config, initial_count;
    int64_t initial_count_ns, next_ns;
    uint64_t tsc_deadline;
    Timer timer;
    bool waits_for_sipi;
} Apic;
#define APIC(p) ((Apic *)(p))

static inline bool apic_is_x2apic(const Apic *apic) { return apic->base & APIC_BASE_EXTD; }
static inline bool apic_is_enabled(const Apic *apic) { return apic->base & APIC_BASE_ENABLE; }

/* apic.c */
void apic_update_interrupt(Apic *apic);
void apic_set_irr(Apic *apic, uint8_t vector, bool level);
void apic_local_deliver(Apic *apic, int lvt);
uint8_t apic_processor_priority(const Apic *apic);
void apic_report_error(Apic *apic, uint32_t bits);

/* apic-bus.c */
void apic_bus_add(Apic *apic);
void apic_bus_remove(Apic *apic);
void apic_write_icr(Apic *apic);
void apic_self_ipi(Apic *apic, uint8_t vector);
bool apic_pic_level(void);
void apic_end_of_level_interrupt(uint8_t vector);
bool apic_is_boot_processor(const Apic *apic);

/* apic-timer.c */
void apic_timer_init(Apic *apic);
void apic_timer_update(Apic *apic);
uint32_t apic_timer_current(const Apic *apic);
void apic_timer_set_initial(Apic *apic, uint32_t count);
void apic_timer_set_deadline(Apic *apic, uint64_t tsc);
void apic_timer_reset(Apic *apic);
static inline unsigned apic_timer_mode(const Apic *apic) { return apic->lvt[LVT_TIMER] >> LVT_TIMER_MODE_SHIFT & 3; }

#endif
