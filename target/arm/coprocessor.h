/*
 * Registers of coprocessors 14 and 15 as tables: a row a register. Shared by coprocessor.c and the tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_COPROCESSOR_H
#define TARGET_ARM_COPROCESSOR_H

#include "target/arm/sysregs.h"

/* Names of MRC and MCR, and of MRRC and MCRR. */
#define CP(cp, op1, crn, crm, op2) ((uint32_t)((cp) | (op1) << 4 | (crn) << 8 | (crm) << 12 | (op2) << 16))
#define CP64(cp, op1, crm) ((uint32_t)((cp) | (op1) << 4 | (crm) << 12 | 1 << 19))

typedef enum CpFlags {
    CP_READ_ONLY = 1 << 0, CP_WRITE_ONLY = 1 << 1,
    CP_EL0 = 1 << 2, CP_EL0_WRITE = 1 << 3,     /* EL0 may read; may write */
    CP_LOW = 1 << 4, CP_HIGH = 1 << 5,          /* a half of a register of 64 bits */
    CP_BANKED = 1 << 6,                         /* secure_sysreg or the name of EL3 where EL3 is AArch32 and the state secure */
    CP_FIELD32 = 1 << 7,                        /* offset is of a uint32_t */
    CP_V6 = 1 << 8, CP_V7 = 1 << 9, CP_V8 = 1 << 10, CP_OLD = 1 << 11,      /* from that version on; before ARMv7 alone */
    CP_TIMER = 1 << 12, CP_LPAE = 1 << 13, CP_HYP = 1 << 14, CP_SECURITY = 1 << 15,
} CpFlags;

typedef struct CpRegister CpRegister;
struct CpRegister {
    uint32_t key;
    const char *name;
    uint32_t flags;
    uint32_t sysreg, secure_sysreg;             /* what it is a view of; 0: of none */
    uint32_t offset, secure_offset;             /* or a field */
    uint64_t (*read)(ArmCpu *cpu, const CpRegister *r);
    void (*write)(ArmCpu *cpu, const CpRegister *r, uint64_t value);
};
typedef struct CpTable { const CpRegister *rows; unsigned count; } CpTable;
/* Names of banked registers mean the secure ones: EL3 is AArch32 and the state secure, but for Monitor mode's look at the others by SCR.NS. */
bool arm_cp_secure_bank(const ArmCpu *cpu);
extern const CpTable arm_cp_control, arm_cp_memory, arm_cp_maintenance, arm_cp_monitors;

#endif
