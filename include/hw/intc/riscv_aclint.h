/*
 * RISC-V software and timer interrupts in memory: "riscv.aclint.swi" and "riscv.aclint.mtimer". An SiFive CLINT is one of each, side by side.
 *
 * Output n of a device is the line of hart hartid_base + n.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_RISCV_ACLINT_H
#define HW_INTC_RISCV_ACLINT_H

#include "hw/core/device.h"

enum {
    ACLINT_SWI_SIZE = 0x4000, ACLINT_MTIMER_SIZE = 0x8000, ACLINT_MTIMECMP = 0, ACLINT_MTIME = 0x7ff8, ACLINT_TIMEBASE_HZ = 10000000, ACLINT_MAX_HARTS = 4095,
};

/* Made, realized and mapped at addr; NULL with an error. supervisor: SSWI, whose registers set SSIP and read 0. */
Device *riscv_aclint_swi_create(MemoryRegion *memory, uint64_t addr, uint32_t hartid_base, uint32_t num_harts, bool supervisor, GError **err);
/* mtime stands at addr + time_base, mtimecmp of hart n at addr + timecmp_base + 8 * n. */
typedef struct AclintMtimerLayout { uint64_t addr; uint32_t size, timecmp_base, time_base, timebase_hz; } AclintMtimerLayout;
Device *riscv_aclint_mtimer_create(MemoryRegion *memory, const AclintMtimerLayout *layout, uint32_t hartid_base, uint32_t num_harts, GError **err);

/* mtime. Any thread, no lock. */
uint64_t riscv_aclint_mtimer_time(void *mtimer);
/* Called (machine lock held) when mtime has jumped. */
void riscv_aclint_mtimer_set_jump_hook(Device *mtimer, void (*jumped)(void *opaque), void *opaque);

#endif
