/*
 * Whether the accelerator has interrupt controllers of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/riscv/kernel-aia.h"

static const RiscvKernelAia *current;

void riscv_kernel_aia_set(const RiscvKernelAia *aia) { current = aia; }
const RiscvKernelAia *riscv_kernel_aia(void) { return current; }
