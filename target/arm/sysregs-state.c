/*
 * System registers that are views of process state and of floating point, and random numbers.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), C5.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/sysregs.h"
#include "util/guest-random.h"

/* ---- PSTATE ---- */

static uint64_t read_nzcv(ArmCpu *cpu, const Sysreg *r) { return arm_nzcv(cpu); }
static void write_nzcv(ArmCpu *cpu, const Sysreg *r, uint64_t value) { arm_set_nzcv(cpu, value); }
static uint64_t read_daif(ArmCpu *cpu, const Sysreg *r) { return cpu->daif; }
static uint64_t read_current_el(ArmCpu *cpu, const Sysreg *r) { return cpu->el << 2; }
static uint64_t read_sp_sel(ArmCpu *cpu, const Sysreg *r) { return cpu->sp_sel; }
static void write_sp_sel(ArmCpu *cpu, const Sysreg *r, uint64_t value) { arm_set_el(cpu, cpu->el, value & 1); }
static uint64_t read_sp_el0(ArmCpu *cpu, const Sysreg *r) { return cpu->sp_el[0]; }
static void write_sp_el0(ArmCpu *cpu, const Sysreg *r, uint64_t value) { cpu->sp_el[0] = value; }
static uint64_t read_pan(ArmCpu *cpu, const Sysreg *r) { return cpu->pan ? PSTATE_PAN : 0; }
static void write_pan(ArmCpu *cpu, const Sysreg *r, uint64_t value) { cpu->pan = value & PSTATE_PAN; }
static uint64_t read_uao(ArmCpu *cpu, const Sysreg *r) { return cpu->uao ? PSTATE_UAO : 0; }
static void write_uao(ArmCpu *cpu, const Sysreg *r, uint64_t value) { cpu->uao = value & PSTATE_UAO; }
static uint64_t read_dit(ArmCpu *cpu, const Sysreg *r) { return cpu->dit ? PSTATE_DIT : 0; }
static void write_dit(ArmCpu *cpu, const Sysreg *r, uint64_t value) { cpu->dit = value & PSTATE_DIT; }
static uint64_t read_allint(ArmCpu *cpu, const Sysreg *r) { return cpu->allint ? PSTATE_ALLINT : 0; }
static uint64_t read_ssbs(ArmCpu *cpu, const Sysreg *r) { return cpu->ssbs ? PSTATE_SSBS : 0; }
static void write_ssbs(ArmCpu *cpu, const Sysreg *r, uint64_t value) { cpu->ssbs = value & PSTATE_SSBS; }
static uint64_t read_tco(ArmCpu *cpu, const Sysreg *r) { return cpu->tco ? PSTATE_TCO : 0; }
static void write_tco(ArmCpu *cpu, const Sysreg *r, uint64_t value) { cpu->tco = value & PSTATE_TCO; }

static void write_daif(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    cpu->daif = value & PSTATE_DAIF;
    arm_own_interrupts_changed(cpu);
}

static ArmSysregResult check_daif(ArmCpu *cpu, const Sysreg *r, bool write)
{
    bool refused = cpu->el == 0 && !(cpu->sctlr_el[arm_regime_el(cpu, 0)] & SCTLR_UMA);
    return refused ? arm_trap_to_el1(cpu) : SYSREG_OK;
}

static void write_allint(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    cpu->allint = value & PSTATE_ALLINT;
    arm_own_interrupts_changed(cpu);
}

static ArmSysregResult check_allint(ArmCpu *cpu, const Sysreg *r, bool write) { return write && arm_allint_trapped(cpu) ? SYSREG_TRAP_EL2 : SYSREG_OK; }

static ArmSysregResult check_sp_el0(ArmCpu *cpu, const Sysreg *r, bool write) { return cpu->sp_sel ? SYSREG_OK : SYSREG_UNDEFINED; }

/* ---- floating point ---- */

/* ZCR_ELx are trapped as the instructions are. */
ArmSysregResult arm_check_zcr(ArmCpu *cpu, const Sysreg *r, bool write)
{
    unsigned el = arm_sve_trap_el(cpu);
    if (el) {
        arm_record(cpu, ARM_SYNDROME(EC_SVE_ACCESS, 0), el);
        return SYSREG_RECORDED;
    }
    return SYSREG_OK;
}

static ArmSysregResult check_float(ArmCpu *cpu, const Sysreg *r, bool write)
{
    unsigned el = arm_fp_trap_el(cpu);
    if (el) {
        enum { COND_AL = 0x1e << 20 };
        arm_record(cpu, ARM_SYNDROME(EC_FP_ACCESS, COND_AL), el);
        return SYSREG_RECORDED;
    }
    return SYSREG_OK;
}

/* Len and Stride are AArch32's FPSCR's, kept and without effect here. */
#define FPCR_SHORT_VECTORS MAKE_MASK(16, 3) | MAKE_MASK(20, 2)
static uint64_t read_fpcr(ArmCpu *cpu, const Sysreg *r) { return cpu->fpcr | (cpu->fpscr_len_stride & (FPCR_SHORT_VECTORS)); }

static void write_fpcr(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    uint64_t mask = FIELD_MASK(FPCR_RMODE) | FPCR_FZ | FPCR_DN | FPCR_AHP | (arm_has(cpu, fp16) ? FPCR_FZ16 : 0);
    mask |= arm_has(cpu, afp) ? FPCR_AH | FPCR_FIZ | FPCR_NEP : 0;
    mask |= arm_has(cpu, ebf16) ? FPCR_EBF : 0;
    cpu->fpcr = value & mask;
    cpu->fpscr_len_stride = (cpu->fpscr_len_stride & ~(uint32_t)(FPCR_SHORT_VECTORS)) | (value & (FPCR_SHORT_VECTORS));
}

static uint64_t read_fpsr(ArmCpu *cpu, const Sysreg *r) { return cpu->fpsr | (cpu->qc ? FPSR_QC : 0); }

static void write_fpsr(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    cpu->fpsr = value & (FPSR_IOC | FPSR_DZC | FPSR_OFC | FPSR_UFC | FPSR_IXC | FPSR_IDC);
    cpu->qc = (value & FPSR_QC) != 0;
}

/* ---- random numbers: flags say whether there was one ---- */

static uint64_t read_random(ArmCpu *cpu, const Sysreg *r)
{
    uint64_t value = 0;
    guest_random_bytes(&value, sizeof(value));
    arm_set_nzcv(cpu, 0);
    return value;
}

/* SCR_EL3.TRNDR: all reads are EL3's to answer. */
static ArmSysregResult check_random(ArmCpu *cpu, const Sysreg *r, bool write)
{
    return cpu->has_el3 && arm_has(cpu, rng_trap) && (cpu->scr_el3 & SCR_TRNDR) ? SYSREG_TRAP_EL3 : SYSREG_OK;
}

static const Sysreg rows[] = {
    { ARM_SYSREG(3, 3, 4, 2, 0), "NZCV", SR_QUIET, .read = read_nzcv, .write = write_nzcv },
    { ARM_SYSREG(3, 3, 4, 2, 1), "DAIF", 0, .check = check_daif, .read = read_daif, .write = write_daif },
    { ARM_SYSREG(3, 0, 4, 2, 2), "CurrentEL", SR_READ_ONLY, .read = read_current_el },
    { ARM_SYSREG(3, 0, 4, 2, 0), "SPSel", 0, .read = read_sp_sel, .write = write_sp_sel },
    { ARM_SYSREG(3, 0, 4, 1, 0), "SP_EL0", SR_QUIET, .check = check_sp_el0, .read = read_sp_el0, .write = write_sp_el0 },
    { ARM_SYSREG(3, 0, 4, 2, 3), "PAN", 0, .read = read_pan, .write = write_pan, SYSREG_NEEDS(pan) },
    { ARM_SYSREG(3, 0, 4, 2, 4), "UAO", 0, .read = read_uao, .write = write_uao, SYSREG_NEEDS(uao) },
    { ARM_SYSREG(3, 0, 4, 3, 0), "ALLINT", 0, .check = check_allint, .read = read_allint, .write = write_allint, SYSREG_NEEDS(nmi) },
    { ARM_SYSREG(3, 3, 4, 2, 5), "DIT", SR_QUIET, .read = read_dit, .write = write_dit, SYSREG_NEEDS(dit) },
    { ARM_SYSREG(3, 3, 4, 2, 6), "SSBS", SR_QUIET, .read = read_ssbs, .write = write_ssbs, SYSREG_NEEDS(ssbs2) },
    { ARM_SYSREG(3, 3, 4, 2, 7), "TCO", 0, .read = read_tco, .write = write_tco, SYSREG_NEEDS(mte) },
    { ARM_SYSREG(3, 3, 4, 4, 0), "FPCR", 0, .check = check_float, .read = read_fpcr, .write = write_fpcr },
    { ARM_SYSREG(3, 3, 4, 4, 1), "FPSR", 0, .check = check_float, .read = read_fpsr, .write = write_fpsr },
    { ARM_SYSREG(3, 3, 2, 4, 0), "RNDR", SR_READ_ONLY, .check = check_random, .read = read_random, SYSREG_NEEDS(rng) },
    { ARM_SYSREG(3, 3, 2, 4, 1), "RNDRRS", SR_READ_ONLY, .check = check_random, .read = read_random, SYSREG_NEEDS(rng) },
};
const SysregTable arm_state_sysregs = { rows, ARRAY_SIZE(rows) };
