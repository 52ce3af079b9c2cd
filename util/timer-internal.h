/*
 * What the main loop needs of the timers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_TIMER_INTERNAL_H
#define UTIL_TIMER_INTERNAL_H

/* Makes the timers' source and attaches it to the default main context. Once. */
void timers_attach(void);

#endif
