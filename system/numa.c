/*
 * -numa: nodes, their memory and processors, and distances.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/options.h"

#include "util/error.h"

bool numa_apply(const Settings *s, Machine *m, GError **err)
{
    return s->numa->len == 0 || error_set(err, "-numa is not implemented");
}
