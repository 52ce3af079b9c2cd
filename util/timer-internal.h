/*
 * What the main loop needs of the timers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_TIMER_INTERNAL_H
#define UTIL_TIMER_INTERNAL_H

#include <stdint.h>

/* Makes the timers' source and attaches it to the default main context. Once. */
void timers_attach(void);

/* CLOCK_MONOTONIC, read faster: never back, and within a few microseconds of it. Any thread. */
int64_t host_monotonic_fast_ns(void);

#endif
