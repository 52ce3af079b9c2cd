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

/* What a back end whose host has an x87 may do itself instead of the call. The guest's x87 is the host's then (the target sees to it: TcgTarget.enter), all exceptions
 * are masked, and the helper's C function does the same on a host that has none, or where it is called all the same. number: of a register form (opcode - D8) * 64 +
 * ModRM - C0, of a memory form (opcode - D8) * 8 + ModRM.reg: a constant. */
typedef enum IrX87 {
    IR_X87_NONE,
    IR_X87_REGISTERS,       /* (number): an instruction without other operands */
    IR_X87_LOAD,            /* (number, I64): with a memory operand of up to 8 bytes */
    IR_X87_LOAD80,          /* (number, I64 low, I32 high): of 10 bytes */
    IR_X87_STORE,           /* (number) I64: what it stores, the low 8 bytes at most */
    IR_X87_STORE_HIGH,      /* () I32: the upper 2 of 10 bytes, directly behind IR_X87_STORE */
    IR_X87_COMPARE,         /* (number) FLAGS: FCOMI and kin */
    IR_X87_MOVE_IF,         /* (number, FLAGS): FCMOV */
    IR_X87_STATUS,          /* () I32 */
    IR_X87_CONTROL,         /* () I32 */
    IR_X87_SET_CONTROL,     /* (I32) */
} IrX87;

typedef struct IrHelper {
    const char *name;
    void *function;
    IrType result;
    uint8_t nargs;
    IrType args[6];
    uint32_t flags;
    IrX87 x87;
    IrSlotSet reads, writes;    /* writes: their values are read anew after the call */
    uint64_t calls;             /* counted by the interpreter, and by code made with x-count-helpers=on (info jit) */
} IrHelper;

#endif
