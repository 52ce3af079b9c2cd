/*
 * Statistics that an accelerator keeps of the machine and its vCPUs, in the form of QMP's query-stats.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_STATS_H
#define ACCEL_STATS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* One statistic, as query-stats-schemas describes it. */
typedef struct AccelStat {
    char *name;
    const char *type;                   /* "cumulative", "instant", "peak", "linear-histogram", "log2-histogram" */
    const char *unit;                   /* "bytes", "seconds", "cycles", "boolean"; NULL: none */
    int base, exponent;                 /* of the unit: base 2 or 10; exponent 0: no base */
    uint32_t bucket_size;               /* linear histograms */
    unsigned count;                     /* values */
    uint64_t *values;                   /* NULL in a schema */
} AccelStat;
void accel_stats_free(GPtrArray *stats);

/* provider: "kvm". Answers are arrays of AccelStat* (accel_stats_free), or NULL with an error. vcpu_index -1: of the VM. Machine lock held. */
typedef struct AccelStatsProvider {
    const char *name;
    GPtrArray *(*schema)(bool of_vcpu, GError **err);
    GPtrArray *(*read)(int vcpu_index, GError **err);
} AccelStatsProvider;
/* NULL: the accelerator keeps none. */
const AccelStatsProvider *accel_stats_provider(void);
void accel_set_stats_provider(const AccelStatsProvider *provider);

#endif
