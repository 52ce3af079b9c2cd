/*
 * Waiting for another thread that is likely to be at work on another processor: first without giving this one away, which would cost a turn of the host's scheduler each
 * time; then by yielding, as the other may have no processor to be at work on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_SPIN_H
#define UTIL_SPIN_H

#include <glib.h>

#define SPIN_US 100             /* before the first yield, and between two */
#define SPIN_GAP_US 10          /* steps that lie further apart belong to different waits */

/* All 0: nobody waits. */
typedef struct Spin { gint64 since_us, last_us; } Spin;

/* The processor's hint that a loop waits. */
static inline void spin_relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* A moment of waiting. true: has yielded. */
static inline bool spin_step(Spin *s)
{
    gint64 now = g_get_monotonic_time();
    if (now - s->last_us > SPIN_GAP_US) {
        s->since_us = now;
    }
    s->last_us = now;
    if (now - s->since_us < SPIN_US) {
        spin_relax();
        return false;
    }
    g_thread_yield();
    s->since_us = s->last_us = g_get_monotonic_time();
    return true;
}

#endif
