/*
 * -kernel for x86 boards.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/pc.h"

#include "util/error.h"

bool x86_load_kernel(X86Machine *m, GError **err)
{
    return !m->parent.kernel || error_set(err, "-kernel is not implemented");
}
