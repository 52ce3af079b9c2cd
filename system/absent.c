/*
 * Stand-ins for rooms that system/ leans on and that are not built yet: weak, so that each gives way to the real function when that lands.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/loader.h"
#include "hw/core/machine.h"

#define WEAK __attribute__((weak))
