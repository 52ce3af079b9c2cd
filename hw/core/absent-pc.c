/*
 * Stand-ins for rooms that the PC's chips lean on and that are not built yet: weak, so that each gives way to the real function when that lands.
 * This file goes when the last of them is there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/cpu.h"
#include "hw/core/loader.h"
#include "hw/core/machine.h"
#include "hw/nvram/fw_cfg.h"
#include "system/runstate.h"
#include "util/error.h"

#define WEAK __attribute__((weak))

WEAK Cpu *cpu_first(void) { return NULL; }
WEAK Cpu *cpu_next(Cpu *cpu) { return NULL; }
