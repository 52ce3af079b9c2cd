/*
 * Watchpoints as the walker asks about them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_DEBUG_H
#define TARGET_ARM_DEBUG_H

#include "target/arm/internal.h"

/* Some watchpoint lies on that 4 KiB page. */
bool arm_watchpoint_on_page(const ArmCpu *cpu, uint64_t vaddr);
/* An access meets one, if it is long enough: the exception is recorded. */
bool arm_watchpoint_hits(ArmCpu *cpu, uint64_t vaddr, bool store);
/* The access that has recorded an exception is of so many bytes. false: it meets no watchpoint after all, and the exception is taken back. */
bool arm_watchpoint_confirm(ArmCpu *cpu, unsigned size);

#endif
