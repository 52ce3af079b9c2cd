/*
 * Single ports of a PC: 0x80 (diagnostics, written for delay), 0xf0 (numeric error), 0x92 (A20 and reset: device "port92", output "a20").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MISC_PC_PORTS_H
#define HW_MISC_PC_PORTS_H

#include "hw/core/device.h"

/* Maps 0x80 and 0xf0 in the machine's port space. numeric_error_cleared (may be NULL) is called when the guest writes 0xf0. */
void pc_ports_init(MemoryRegion *io, void (*numeric_error_cleared)(void));

#endif
