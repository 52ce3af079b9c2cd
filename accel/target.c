/*
 * The registry of guest architectures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/target.h"

#include <string.h>

static const TargetArch *targets[64];
static unsigned target_count;
static const TargetArch *current;

void target_register(const TargetArch *arch)
{
    g_assert(target_count < G_N_ELEMENTS(targets));
    targets[target_count++] = arch;
}

const TargetArch *target_find(const char *name)
{
    for (unsigned i = 0; i < target_count; i++) {
        if (!strcmp(targets[i]->name, name)) {
            return targets[i];
        }
    }
    return NULL;
}

void target_foreach(void (*fn)(const TargetArch *arch, void *opaque), void *opaque)
{
    for (unsigned i = 0; i < target_count; i++) {
        fn(targets[i], opaque);
    }
}

const TargetArch *target_current(void)
{
    return current;
}

void target_set_current(const TargetArch *arch)
{
    current = arch;
}
