/*
 * Self-hosted debugging: the guest's breakpoints and watchpoints. They are not implemented yet: the registers hold what is written to them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/internal.h"

void arm_debug_changed(ArmCpu *cpu)
{
}

bool arm_guest_breakpoint(Cpu *cpu, BreakpointKind kind, uint64_t addr)
{
    return false;
}

void arm_single_step(Cpu *cpu)
{
}
