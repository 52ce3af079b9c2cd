/*
 * Helpers: C functions that translated code calls, declared with what they do to the guest state.
 *
 * A helper's C function takes Cpu * first, then its arguments: I32 as uint32_t, I64 as uint64_t, F32/F64 as float/double; V128/V256 as a pointer to
 * const (aligned 16/32). A V128/V256 result goes through a pointer that comes directly behind the Cpu *; others are returned.
 *
 * Before a call that HELPER_FAULTS, all slots are stored to their homes and the PC slot holds the address of the current guest instruction: such a helper may leave
 * by tcg_leave(cpu) (tcg/target.h), which does not return. Before others, the slots that they read are stored.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_HELPER_H
#define TCG_HELPER_H

#include "tcg/slot.h"

enum {
    HELPER_FAULTS   = 1 << 0,   /* may raise an exception or leave; implies that it reads all slots */
    HELPER_MEMORY   = 1 << 1,   /* touches guest memory */
    HELPER_HOST_FP  = 1 << 2,   /* runs with the guest's mode in the host's FP control register, and what it leaves there (LDMXCSR) holds from then on.
                                 * The others must not care which mode they run under, nor change it */
    HELPER_PURE     = 1 << 3,   /* result depends on the arguments alone: may be folded or dropped */
};

typedef struct IrHelper {
    const char *name;
    void *function;
    IrType result;
    uint8_t nargs;
    IrType args[6];
    uint32_t flags;
    IrSlotSet reads, writes;    /* writes: their values are read anew after the call */
    uint64_t calls;             /* counted in builds that count (info jit) */
} IrHelper;

#endif
