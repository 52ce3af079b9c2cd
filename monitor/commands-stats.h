/*
 * query-stats and query-stats-schemas (commands-stats.c). SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_COMMANDS_STATS_H
#define MONITOR_COMMANDS_STATS_H

#include <glib.h>

/* Floating lists (av), or NULL with an error. Filters may be NULL: no filter. */
GVariant *command_query_stats_schemas(const char *provider, GError **err);
GVariant *command_query_stats(const char *target, GVariant *vcpus, GVariant *providers, GError **err);

#endif
