/*
 * The host-target interface of RISC-V simulators: two words in memory by which a program talks to its console and ends the simulation.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CHAR_RISCV_HTIF_H
#define HW_CHAR_RISCV_HTIF_H

#include "chardev/char.h"
#include "softmmu/memory.h"

enum { RISCV_HTIF_SIZE = 16 };

typedef struct RiscvHtif RiscvHtif;
/* Maps tohost and fromhost at these addresses (8 bytes each, aligned) over whatever is there. space: where system calls find their arguments. NULL with an error. */
RiscvHtif *riscv_htif_create(MemoryRegion *memory, AddressSpace *space, Object *owner, uint64_t tohost, uint64_t fromhost, Chardev *chr, GError **err);

#endif
