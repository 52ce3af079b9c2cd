/*
 * Stand-ins for rooms that system/ and the boards lean on and that are not built yet: weak, so that each gives way to the real function when that lands.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/drive.h"
#include "hw/block/fdc.h"
#include "hw/i386/pc.h"
#include "hw/ide/ide.h"
#include "util/error.h"

#define WEAK __attribute__((weak))

