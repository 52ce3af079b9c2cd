/*
 * Between the vCPU's list and its thread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_CPU_INTERNAL_H
#define ACCEL_CPU_INTERNAL_H

#include "accel/cpu.h"

/* Ends the sleep of the thread, or its next one. Any thread. */
void cpu_waiter_wake(CpuWaiter *waiter);

#endif
