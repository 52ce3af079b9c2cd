/*
 * Waiting for what the main loop or another thread brings about.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef OSTRICH_TESTS_WAIT_UNTIL_H
#define OSTRICH_TESTS_WAIT_UNTIL_H

#include <glib.h>
#include "util/main-loop.h"

/* Longer than any step takes on a loaded machine with sanitizers, and shorter than the limit of the whole test: then the assertion behind it says what did not come. */
enum { WAIT_LIMIT_S = 200 };

/* Runs the main loop until CONDITION holds. */
#define WAIT_UNTIL(condition) \
    for (int64_t wait_end_ = g_get_monotonic_time() + WAIT_LIMIT_S * G_USEC_PER_SEC; !(condition) && g_get_monotonic_time() < wait_end_; g_usleep(200)) \
        main_loop_iterate(false)

#endif
