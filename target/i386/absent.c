/*
 * Stand-ins for rooms that are not built yet (the executor, machines, KVM): weak, so that each gives way to the real function when that lands.
 * This file goes when the last of them is there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "hw/core/machine.h"
#include "system/runstate.h"
#include "target/i386/internal.h"

#define WEAK __attribute__((weak))

WEAK void system_reset_request(ShutdownCause cause) { }
