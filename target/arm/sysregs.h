/*
 * System registers as tables: a row a register. Shared by sysregs.c and the tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_SYSREGS_H
#define TARGET_ARM_SYSREGS_H

#include "target/arm/internal.h"

typedef enum SysregFlags {
    SR_READ_ONLY  = 1 << 0,
    SR_WRITE_ONLY = 1 << 1,
    SR_ZERO       = 1 << 2,     /* reads as zero, writes are ignored */
    SR_QUIET      = 1 << 3,     /* a write decides nothing about code or interrupts */
    SR_HOST_EL0   = 1 << 4,     /* redirected for EL0 under a host, too */
    SR_EL2        = 1 << 5,     /* needs EL2 (RES0 from EL3 without it) */
    SR_EL3        = 1 << 6,     /* needs EL3 */
    SR_ALIAS_EL12 = 1 << 7,     /* has a name _EL12 (_EL02) */
    SR_VM         = 1 << 8,     /* HCR_EL2.TVM and TRVM trap EL1 */
    SR_TID1       = 1 << 9, SR_TID2 = 1 << 10, SR_TID3 = 1 << 11, SR_TACR = 1 << 12,
    SR_PAUTH      = 1 << 13,    /* HCR_EL2.APK, SCR_EL3.APK */
    SR_WORD       = 1 << 14,    /* 32 bits are kept */
    SR_DEBUG      = 1 << 15,    /* MDCR_EL2.TDA, MDCR_EL3.TDA */
    SR_DEBUG_OS   = 1 << 16,    /* MDCR_EL2.TDOSA, MDCR_EL3.TDOSA */
    SR_TAGS       = 1 << 18,    /* HCR_EL2.ATA, SCR_EL3.ATA */
    SR_GCS        = 1 << 19,    /* SCR_EL3.GCSEn */
    SR_PMU        = 1 << 17,    /* MDCR_EL2.TPM, MDCR_EL3.TPM; PMUSERENR_EL0 at EL0 */
} SysregFlags;

/* A check's answer beside those of ArmSysregResult: an exception of another kind has been recorded. */
#define SYSREG_RECORDED ((ArmSysregResult)(SYSREG_TRAP_EL3 + 1))

typedef struct Sysreg Sysreg;
struct Sysreg {
    uint32_t encoding;          /* ARM_SYSREG */
    const char *name;
    uint32_t flags;
    uint32_t offset;            /* of the field in ArmCpu; 0: none */
    uint32_t host;              /* what the name means at EL2 with HCR_EL2.E2H; 0: itself */
    uint16_t feature;           /* 1 + ARM_FEAT_*; 0: none is needed */
    uint64_t mask;              /* bits that can be written; 0: all */
    /* Who may? Beside what the encoding and flags say. */
    ArmSysregResult (*check)(ArmCpu *cpu, const Sysreg *r, bool write);
    uint64_t (*read)(ArmCpu *cpu, const Sysreg *r);
    void (*write)(ArmCpu *cpu, const Sysreg *r, uint64_t value);
};

#define SYSREG_FIELD(f) .offset = offsetof(ArmCpu, f)
#define SYSREG_NEEDS(f) .feature = 1 + ARM_FEAT_##f
#define ARM_FIELD64(cpu, r) (*(uint64_t *)((char *)(cpu) + (r)->offset))

typedef struct SysregTable { const Sysreg *rows; unsigned count; } SysregTable;
/* MDCR_EL2, MDCR_EL3, SDCR: the performance monitors look at them. */
void arm_write_mdcr(ArmCpu *cpu, const Sysreg *r, uint64_t value);

extern const SysregTable arm_control_sysregs, arm_id_sysregs, arm_timer_sysregs, arm_debug_sysregs, arm_hypervisor_sysregs, arm_pmu_sysregs, arm_state_sysregs, arm_gcs_sysregs;

/* To EL1, or EL2 where HCR_EL2.TGE routes what EL1 would get. */
ArmSysregResult arm_trap_to_el1(const ArmCpu *cpu);
/* An access of the current level; nothing is recorded but for SYSREG_RECORDED. */
ArmSysregResult arm_sysreg_access(ArmCpu *cpu, uint32_t sysreg, bool write, uint64_t *value);
/* SCTLR_ELx.TIDCP, HCR_EL2.TIDCP: of names that are the implementation's. */
ArmSysregResult arm_implementation_trap(const ArmCpu *cpu, uint32_t encoding);
/* Fine-grained traps (fine-traps.c): SYSREG_TRAP_EL2 where the name of a register or SYS instruction is trapped. */
ArmSysregResult arm_fine_trap(const ArmCpu *cpu, uint32_t encoding, bool write);
/* TLBI (tlbi.c), by the fields of the instruction. */
ArmSysregResult arm_tlbi(ArmCpu *cpu, unsigned op1, unsigned crn, unsigned crm, unsigned op2, uint64_t value);
/* The register of that name, or NULL. */
const Sysreg *arm_sysreg_find(uint32_t sysreg);
/* Writes of the counted kinds, for more than one table. */
void arm_write_and_change(ArmCpu *cpu, const Sysreg *r, uint64_t value);    /* keeps it, arm_state_changed */
void arm_write_and_flush(ArmCpu *cpu, const Sysreg *r, uint64_t value);     /* keeps it, translations go */
/* PIR_ELx, PIRE0_ELx: SCR_EL3.PIEn. */
ArmSysregResult arm_check_indirection(ArmCpu *cpu, const Sysreg *r, bool write);
/* MAIR2_ELx, AMAIR2_ELx: SCR_EL3.AIEn. */
ArmSysregResult arm_check_attributes(ArmCpu *cpu, const Sysreg *r, bool write);
/* ELR_ELx, SPSR_ELx: PSTATE.EXLOCK (gcs.c). */
ArmSysregResult arm_check_exlock(ArmCpu *cpu, const Sysreg *r, bool write);
/* What of TCR2_ELx is there. */
void arm_write_tcr2(ArmCpu *cpu, const Sysreg *r, uint64_t value);
ArmSysregResult arm_check_zcr(ArmCpu *cpu, const Sysreg *r, bool write);
/* timer.c */
#define CNTHCTL_ECV BIT(12)
uint64_t arm_physical_offset(const ArmCpu *cpu);    /* what EL1 and EL0 see the physical counter behind */
enum { TIMER_ENABLE = 1, TIMER_IMASK = 2, TIMER_ISTATUS = 4 };

#endif
