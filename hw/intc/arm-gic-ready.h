/*
 * Which interrupts could be taken by a processor now (pending, enabled, not active), and the best of them: kept at each change, so that nobody walks over all lines.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_ARM_GIC_READY_H
#define HW_INTC_ARM_GIC_READY_H

#include "util/bits.h"

enum { GIC_READY_NONE = 1023, GIC_IDLE_PRIORITY = 0xff };

typedef struct GicReady {
    uint32_t summary, words[32];        /* a bit an interrupt; summary: words that are not 0 */
    uint16_t best;                      /* of the lowest priority value, then of the lowest number; GIC_READY_NONE */
    uint16_t best_priority;             /* UINT16_MAX: none */
    uint16_t priority[1024];            /* of those that are ready, or what a GIC orders them by: the lowest is the best */
} GicReady;

static inline bool gic_ready_better(const GicReady *r, unsigned irq, unsigned priority)
{
    return priority < r->best_priority || (priority == r->best_priority && irq < r->best);
}

static inline void gic_ready_find_best(GicReady *r)
{
    r->best = GIC_READY_NONE;
    r->best_priority = UINT16_MAX;
    for (uint32_t summary = r->summary; summary; summary &= summary - 1) {
        unsigned w = (unsigned)__builtin_ctz(summary);
        for (uint32_t word = r->words[w]; word; word &= word - 1) {
            unsigned irq = w * 32 + (unsigned)__builtin_ctz(word);
            if (gic_ready_better(r, irq, r->priority[irq])) {
                r->best = (uint16_t)irq;
                r->best_priority = r->priority[irq];
            }
        }
    }
}

/* What irq is now. */
static inline void gic_ready_set(GicReady *r, unsigned irq, bool ready, uint16_t priority)
{
    uint32_t bit = 1u << irq % 32;
    bool was = r->words[irq / 32] & bit;
    if (was == ready && (!ready || r->priority[irq] == priority)) {
        return;
    }
    r->words[irq / 32] = ready ? r->words[irq / 32] | bit : r->words[irq / 32] & ~bit;
    r->summary = r->words[irq / 32] ? r->summary | 1u << irq / 32 : r->summary & ~(1u << irq / 32);
    r->priority[irq] = priority;
    if (r->best == irq) {
        gic_ready_find_best(r);
    } else if (ready && gic_ready_better(r, irq, priority)) {
        r->best = (uint16_t)irq;
        r->best_priority = priority;
    }
}

static inline void gic_ready_clear(GicReady *r)
{
    r->summary = 0;
    __builtin_memset(r->words, 0, sizeof(r->words));
    r->best = GIC_READY_NONE;
    r->best_priority = UINT16_MAX;
}

#endif
