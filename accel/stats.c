/*
 * Who keeps statistics.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/stats.h"

static const AccelStatsProvider *current;

const AccelStatsProvider *accel_stats_provider(void) { return current; }
void accel_set_stats_provider(const AccelStatsProvider *provider) { current = provider; }

void accel_stats_free(GPtrArray *stats)
{
    for (unsigned i = 0; stats && i < stats->len; i++) {
        AccelStat *s = stats->pdata[i];
        g_free(s->name);
        g_free(s->values);
        g_free(s);
    }
    if (stats) {
        g_ptr_array_unref(stats);
    }
}
