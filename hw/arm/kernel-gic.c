/*
 * Whether the accelerator has an interrupt controller of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/arm/kernel-gic.h"

static const ArmKernelGic *current;

void arm_kernel_gic_set(const ArmKernelGic *gic) { current = gic; }
const ArmKernelGic *arm_kernel_gic(void) { return current; }
