/*
 * Clocks and timers. Timers fire on the main thread under the machine lock, with nanosecond deadlines.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_TIMER_H
#define UTIL_TIMER_H

#include <stdbool.h>
#include <stdint.h>

typedef enum ClockType {
    CLOCK_TYPE_REALTIME,    /* the host's monotonic clock: user interfaces */
    CLOCK_TYPE_VIRTUAL,     /* the guest's time: stands still while the machine is stopped */
    CLOCK_TYPE_HOST,        /* the host's wall clock: follows jumps of the host's time */
    CLOCK_TYPE_COUNT
} ClockType;

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_US INT64_C(1000)

/* The time on a clock. Any thread, no lock. */
int64_t clock_get_ns(ClockType clock);
/* The virtual clock for those who read it all the time: never back, but a few microseconds off, so that no deadline is to be compared with it. Any thread. */
int64_t clock_read_virtual_fast_ns(void);
/* Stops and starts the virtual clock (run state changes). Machine lock held. */
void clock_virtual_enable(bool enable);
/* Tests and qtest: from now on the virtual clock moves only by clock_virtual_step_to. Machine lock held. */
void clock_virtual_set_manual(void);
/* Moves a manual virtual clock to now_ns and fires what is due on the way, in order. */
void clock_virtual_step_to(int64_t now_ns);
/* The next deadline of a clock, or -1. */
int64_t clock_next_deadline_ns(ClockType clock);

typedef void TimerFunc(void *opaque);
/* Embed one in the device; its layout is the timer module's business. */
typedef struct Timer {
    ClockType clock;
    TimerFunc *fn;
    void *opaque;
    int64_t expire_ns;      /* -1: not armed */
    unsigned heap_index;
} Timer;

/* All of these: any thread with the machine lock, or the main thread. */
void timer_init(Timer *timer, ClockType clock, TimerFunc *fn, void *opaque);
/* Arms it for an absolute time of its clock (a time in the past fires at once from the main loop). */
void timer_set_ns(Timer *timer, int64_t expire_ns);
/* Arms it only to fire earlier than it would. */
void timer_set_earlier_ns(Timer *timer, int64_t expire_ns);
void timer_cancel(Timer *timer);    /* also before the memory goes; harmless on a zeroed timer */
static inline bool timer_pending(const Timer *timer) { return timer->fn && timer->expire_ns >= 0; }
static inline int64_t timer_expire_ns(const Timer *timer) { return timer->expire_ns; }

/* a * b / c without losing bits, for converting between clock rates. c is not 0. */
static inline uint64_t muldiv64(uint64_t a, uint64_t b, uint64_t c)
{
    return (uint64_t)((unsigned __int128)a * b / c);
}

#endif
