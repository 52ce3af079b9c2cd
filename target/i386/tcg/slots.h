/*
 * The slots of x86: what translated code reads and writes by number (tcg/slot.h).
 *
 * The order matters in one way: what helpers write (helpers.h) is named by a mask of the first 64.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_TCG_SLOTS_H
#define TARGET_I386_TCG_SLOTS_H

#include "tcg/slot.h"

enum {
    SLOT_RAX = 0,               /* I64, 16 of them in the order of R_EAX ... */
    SLOT_PC = 16,               /* I64 */
    SLOT_PC_BASE = 17,          /* I64 */
    SLOT_FLAGS = 18,            /* FLAGS: CF PF AF ZF SF OF */
    SLOT_DF = 19,               /* I32: 1 or -1 */
    SLOT_EFLAGS = 20,           /* I32: TF IF IOPL NT RF VM AC VIF VIP ID */
    SLOT_INHIBIT = 21,          /* I32: the interrupt shadow, 0, 1 (STI) or 2 (MOV SS) */
    SLOT_ES_BASE = 22,          /* I64, 6 of them in the order of R_ES ... */
    SLOT_ES_SELECTOR = 28,      /* I32, 6 of them: the low 16 bits count */
    SLOT_ES_LIMIT = 34,         /* I32, 6 of them */
    SLOT_MM0 = 40,              /* I64, 8 of them: the mantissas of the physical x87 registers */
    SLOT_XMM0 = 64,             /* V128, 16 of them */
    SLOT_YMM0 = 80,             /* V256, 16 of them, over the XMM */
    SLOT_FPE0 = 96,             /* I32, 8 of them: sign and exponent of the physical x87 registers in the low half */
    SLOT_FPU_TOP = 104,         /* I32 */
    SLOT_FPU_EMPTY = 105,       /* I64: a byte a physical register, 1 when it is empty */
    SLOT_FPU_PENDING = 106,     /* I32: 1 when an x87 exception waits */
    SLOT_FPU_NO_STORE = 107,    /* I32: 1 when an x87 store must not be done */
    SLOT_FPU_OPCODE = 108,      /* I32 */
    SLOT_FPU_IP = 109,          /* I64 */
    SLOT_FPU_DP = 110,          /* I64 */
    SLOT_FPU_CS = 111,          /* I32 */
    SLOT_FPU_DS = 112,          /* I32 */
    SLOT_FPU_ON_HOST = 113,     /* I32: 1 while the x87 is the host's */
    SLOT_REQUEST = 114,         /* I32, only read: interrupt_request, which others write */
    SLOT_KERNEL_GS_BASE = 115,  /* I64 */
    SLOT_LAST_JUMP = 116,       /* I32: X86_JUMP_*, of 64-bit code */
    X86_NR_SLOTS = 117,
};

/* Sets of the first 64 slots, as constant initializers. */
#define SLOT_MASK(slot) (UINT64_C(1) << (slot))
#define SLOT_MASK_SEGMENTS (UINT64_C(0x3ffff) << SLOT_ES_BASE)
#define SLOT_MASK_MM (UINT64_C(0xff) << SLOT_MM0)
#define SLOT_MASK_GPRS UINT64_C(0xffff)
/* What needs more than the first 64: all of XMM and YMM, the x87's. */
#define SLOT_SET(low) { { (low), 0 } }
#define SLOT_SET_XMM(low) { { (low), UINT64_C(0xffffffff) } }
#define SLOT_SET_X87 { { SLOT_MASK_MM, UINT64_C(0xfff) << (SLOT_FPE0 - 64) | UINT64_C(1) << (SLOT_FPU_ON_HOST - 64) } }   /* registers, TOP, tags, what waits */
#define SLOT_SET_FPU_ALL { { SLOT_MASK_MM, UINT64_C(0x3ffffffffffff) } }             /* all of it, XMM and YMM too */

extern const IrSlot x86_slots[X86_NR_SLOTS];

#endif
