/*
 * Guarded control stacks (FEAT_GCS): where they are on, their registers, and the lock of what exceptions return to. What calls, returns and the instructions do is in
 * tcg/helpers-gcs.c.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D11 (the Guarded Control Stack), D19.2 (GCSCR_ELx, GCSPR_ELx).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/sysregs.h"

/* ---- what the state means ---- */

bool arm_gcs_enabled(const ArmCpu *cpu)
{
    if (!arm_has(cpu, gcs) || !cpu->aarch64 || !(cpu->gcscr_el[cpu->el] & GCSCR_PCRSEL) || (cpu->el < 3 && cpu->has_el3 && !(cpu->scr_el3 & SCR_GCSEN))) {
        return false;
    }
    return cpu->el >= 2 || !arm_el2_enabled(cpu) || arm_in_host(arm_hcr(cpu)) || (arm_hcrx(cpu) & HCRX_GCSEN);
}

bool arm_exlock_enabled(const ArmCpu *cpu)
{
    return arm_has(cpu, gcs) && cpu->el > 0 && (cpu->gcscr_el[cpu->el] & GCSCR_EXLOCKEN);
}

void arm_raise_gcs(ArmCpu *cpu, uint32_t iss, unsigned target_el)
{
    arm_raise(cpu, ARM_SYNDROME(EC_GCS, iss), target_el);
}

/* ---- registers ---- */

/* Of the level that has the register, not of one above that looks after it. */
ArmSysregResult arm_check_exlock(ArmCpu *cpu, const Sysreg *r, bool write)
{
    static const uint8_t levels[8] = { [0] = 1, [4] = 2, [6] = 3 };
    if (!write || !cpu->exlock || cpu->el != levels[r->encoding >> 11 & 7] || !arm_exlock_enabled(cpu)) {
        return SYSREG_OK;
    }
    arm_record(cpu, ARM_SYNDROME(EC_GCS, ISS_GCS_EXLOCK), 0);
    return SYSREG_RECORDED;
}

/* GCSPR_EL0: EL0 reads it where GCSCRE0_EL1.nTR lets it. */
static ArmSysregResult check_pointer_el0(ArmCpu *cpu, const Sysreg *r, bool write)
{
    if (cpu->el > 0) {
        return SYSREG_OK;
    }
    return write ? SYSREG_UNDEFINED : cpu->gcscr_el[0] & GCSCRE0_NTR ? SYSREG_OK : arm_trap_to_el1(cpu);
}

#define CONTROL(f) SYSREG_FIELD(f), SYSREG_NEEDS(gcs), .write = arm_write_and_change, .mask = GCSCR_PCRSEL | GCSCR_RVCHKEN | GCSCR_EXLOCKEN | GCSCR_PUSHMEN | GCSCR_STREN
#define POINTER(f) SYSREG_FIELD(f), SYSREG_NEEDS(gcs), .mask = ~UINT64_C(7)

static const Sysreg rows[] = {
    { ARM_SYSREG(3, 0, 2, 5, 0), "GCSCR_EL1", SR_GCS | SR_ALIAS_EL12, .host = ARM_SYSREG(3, 4, 2, 5, 0), CONTROL(gcscr_el[1]) },
    { ARM_SYSREG(3, 4, 2, 5, 0), "GCSCR_EL2", SR_GCS | SR_EL2, CONTROL(gcscr_el[2]) },
    { ARM_SYSREG(3, 6, 2, 5, 0), "GCSCR_EL3", SR_EL3, CONTROL(gcscr_el[3]) },
    { ARM_SYSREG(3, 0, 2, 5, 2), "GCSCRE0_EL1", SR_GCS, SYSREG_FIELD(gcscr_el[0]), SYSREG_NEEDS(gcs), .write = arm_write_and_change,
      .mask = GCSCR_PCRSEL | GCSCR_RVCHKEN | GCSCR_PUSHMEN | GCSCR_STREN | GCSCRE0_NTR },
    { ARM_SYSREG(3, 3, 2, 5, 1), "GCSPR_EL0", SR_GCS | SR_QUIET, .check = check_pointer_el0, POINTER(gcspr_el[0]) },
    { ARM_SYSREG(3, 0, 2, 5, 1), "GCSPR_EL1", SR_GCS | SR_ALIAS_EL12 | SR_QUIET, .host = ARM_SYSREG(3, 4, 2, 5, 1), POINTER(gcspr_el[1]) },
    { ARM_SYSREG(3, 4, 2, 5, 1), "GCSPR_EL2", SR_GCS | SR_EL2 | SR_QUIET, POINTER(gcspr_el[2]) },
    { ARM_SYSREG(3, 6, 2, 5, 1), "GCSPR_EL3", SR_EL3 | SR_QUIET, POINTER(gcspr_el[3]) },
};
const SysregTable arm_gcs_sysregs = { rows, ARRAY_SIZE(rows) };
