/*
 * Exceptions: recording one, finding its target, entry to AArch64, and the return from it.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D1.3 (exceptions, routing), D1.3.5 (illegal return), D1.4.2 (PSTATE on entry), D19.2.37 (ESR_EL1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/internal.h"
#include "util/log.h"
#include <inttypes.h>

/* ---- recording ---- */

unsigned arm_default_target(const ArmCpu *cpu)
{
    if (cpu->el != 0) {
        return cpu->el;
    }
    return arm_hcr(cpu) & HCR_TGE ? 2 : arm_regime_el(cpu, 0) == 3 ? 3 : 1;
}

void arm_record_return(ArmCpu *cpu, uint32_t syndrome, unsigned target_el, uint64_t return_pc)
{
    unsigned target = target_el ? target_el : arm_default_target(cpu);
    cpu->exception = ARM_EXC_SYNC;
    cpu->exception_el = MAX(target, cpu->el);
    cpu->exception_syndrome = syndrome;
    cpu->exception_syndrome2 = 0;
    cpu->exception_far_valid = false;
    cpu->exception_hpfar = 0;
    cpu->exception_return = return_pc;
    cpu->exception_returns_here = false;
}

/* Where an access of translated code faults, PC is made true only after it is recorded: what it is then counts. */
void arm_record(ArmCpu *cpu, uint32_t syndrome, unsigned target_el)
{
    arm_record_return(cpu, syndrome, target_el, 0);
    cpu->exception_returns_here = true;
}

void arm_record_far(ArmCpu *cpu, uint32_t syndrome, unsigned target_el, uint64_t far)
{
    arm_record(cpu, syndrome, target_el);
    cpu->exception_far = far;
    cpu->exception_far_valid = true;
}

void arm_raise(ArmCpu *cpu, uint32_t syndrome, unsigned target_el)
{
    arm_record(cpu, syndrome, target_el);
    tcg_leave(&cpu->parent);
}

void arm_raise_undefined(ArmCpu *cpu)
{
    arm_raise(cpu, ARM_SYNDROME(EC_UNKNOWN, 0), 0);
}

bool arm_exception_pending(Cpu *cpu)
{
    return ARM_CPU(cpu)->exception != ARM_EXC_NONE;
}

/* ---- entry ---- */

static unsigned vector_offset(const ArmCpu *cpu, unsigned target)
{
    static const uint16_t types[] = {
        [ARM_EXC_SYNC] = 0, [ARM_EXC_IRQ] = 0x80, [ARM_EXC_VIRQ] = 0x80, [ARM_EXC_FIQ] = 0x100, [ARM_EXC_VFIQ] = 0x100, [ARM_EXC_SERROR] = 0x180,
        [ARM_EXC_VSERROR] = 0x180,
    };
    unsigned from;
    if (target == cpu->el) {
        from = cpu->sp_sel ? 0x200 : 0;
    } else {
        /* The state of the level below the target. */
        bool aarch64 = target == 3 ? arm_el_is_aarch64(cpu, arm_el2_enabled(cpu) ? 2 : 1)
                                   : target == 2 && !(arm_hcr(cpu) & HCR_TGE) ? arm_el_is_aarch64(cpu, 1) : arm_el_is_aarch64(cpu, 0);
        from = aarch64 ? 0x400 : 0x600;
    }
    return from + types[cpu->exception];
}

static bool has_syndrome(ArmException e) { return e == ARM_EXC_SYNC || e == ARM_EXC_SERROR || e == ARM_EXC_VSERROR; }

/* Classes of which the next one is the same from the target's own level. */
static uint32_t adjust_class(uint32_t syndrome, bool same_el)
{
    unsigned ec = syndrome >> 26;
    bool pair = ec == EC_INSN_ABORT_LOWER || ec == EC_DATA_ABORT_LOWER || ec == EC_BREAKPOINT_LOWER || ec == EC_STEP_LOWER || ec == EC_WATCHPOINT_LOWER;
    return pair && same_el ? syndrome | UINT32_C(1) << 26 : syndrome;
}

static bool pan_on_entry(const ArmCpu *cpu, unsigned target)
{
    bool unprivileged_below = target == 1 || (target == 2 && arm_in_host(arm_hcr(cpu)));
    return cpu->pan || (arm_has(cpu, pan) && unprivileged_below && !(cpu->sctlr_el[target] & SCTLR_SPAN));
}

static void log_exception(const ArmCpu *cpu)
{
    static const char *const names[] = {
        [ARM_EXC_SYNC] = "Synchronous", [ARM_EXC_IRQ] = "IRQ", [ARM_EXC_FIQ] = "FIQ", [ARM_EXC_VIRQ] = "Virtual IRQ", [ARM_EXC_VFIQ] = "Virtual FIQ",
        [ARM_EXC_SERROR] = "SError", [ARM_EXC_VSERROR] = "Virtual SError",
    };
    log_printf("Taking exception [%s] on CPU %d\n...from EL%u to EL%u\n", names[cpu->exception], cpu->parent.index, cpu->el, cpu->exception_el);
    if (has_syndrome(cpu->exception)) {
        log_printf("...with ESR 0x%x/0x%" PRIx32 "\n", cpu->exception_syndrome >> 26, cpu->exception_syndrome);
    }
    if (cpu->exception_far_valid) {
        log_printf("...with FAR 0x%" PRIx64 "\n", cpu->exception_far);
    }
    log_printf("...with ELR 0x%" PRIx64 "\n", cpu->exception_return);
}

static void enter_aarch64(ArmCpu *cpu, unsigned target)
{
    uint64_t vector = cpu->vbar_el[target] + vector_offset(cpu, target), spsr = cpu->aarch64 ? arm_pstate(cpu) : arm_cpsr(cpu);
    bool same_el = target == cpu->el, pan = pan_on_entry(cpu, target);
    if (has_syndrome(cpu->exception)) {
        uint64_t iss2 = cpu->exception == ARM_EXC_SYNC ? cpu->exception_syndrome2 : 0;
        cpu->esr_el[target] = adjust_class(cpu->exception_syndrome, same_el) | iss2 << 32;
        if (cpu->exception_far_valid) {
            cpu->far_el[target] = cpu->exception_far;
            if (target == 2) {
                cpu->hpfar_el2 = cpu->exception_hpfar;
            }
        }
    }
    if (!cpu->aarch64) {
        arm_sync_to_aarch64(cpu);
        cpu->aarch64 = true;
        cpu->sp_sel = false;
        cpu->sp_el[0] = cpu->x[31];
    }
    cpu->elr_el[target] = cpu->exception_return;
    cpu->spsr_el[target] = spsr;
    cpu->daif = PSTATE_DAIF;
    cpu->btype = 0;
    cpu->il = cpu->ss = cpu->uao = false;
    cpu->pan = pan;
    cpu->tco = arm_has(cpu, mte);
    cpu->exlock = same_el && arm_exlock_enabled(cpu);
    cpu->allint = arm_has(cpu, nmi) && !(cpu->sctlr_el[target] & SCTLR_SPINTMASK);
    cpu->ssbs = arm_has(cpu, ssbs) && (cpu->sctlr_el[target] & SCTLR_DSSBS);
    arm_set_el(cpu, target, true);
    cpu->pc = vector;
    cpu->exclusive_address = UINT64_MAX;
}

void arm_take_exception(ArmCpu *cpu)
{
    unsigned target = cpu->exception_el;
    cpu->exception_return = cpu->exception_returns_here ? cpu->pc : cpu->exception_return;
    cpu->exception_returns_here = false;
    if (log_on(LOG_INT)) {
        log_exception(cpu);
    }
    if (arm_el_is_aarch64(cpu, target)) {
        enter_aarch64(cpu, target);
    } else {
        arm_take_aarch32(cpu);
    }
    cpu->exception = ARM_EXC_NONE;
    arm_state_changed(cpu);
}

void arm_deliver(Cpu *c)
{
    arm_take_exception(ARM_CPU(c));
}

/* ---- return ---- */

static bool valid_mode(const ArmCpu *cpu, unsigned mode)
{
    switch (mode) {
    case MODE_USR: case MODE_FIQ: case MODE_IRQ: case MODE_SVC: case MODE_ABT: case MODE_UND: case MODE_SYS:
        return true;
    case MODE_HYP:
        return arm_el2_enabled(cpu);
    default:
        return false;       /* Monitor is EL3's, which would have to be AArch32 */
    }
}

static bool aarch32_return_is_legal(const ArmCpu *cpu, uint64_t spsr)
{
    unsigned mode = FIELD_GET(spsr, CPSR_M), el = mode == MODE_USR ? 0 : mode == MODE_HYP ? 2 : 1;
    if (!valid_mode(cpu, mode) || el >= cpu->el || (el == 1 && (arm_hcr(cpu) & HCR_TGE))) {
        return false;
    }
    if (el == 0) {
        return arm_has(cpu, el0_aarch32) && (!arm_in_host(arm_hcr(cpu)) || cpu->el > 1);
    }
    return !arm_el_is_aarch64(cpu, el);
}

/* D1.3.5: the level and state that SPSR asks for are allowed. */
static bool return_is_legal(const ArmCpu *cpu, uint64_t spsr)
{
    if (spsr & PSTATE_AARCH32) {
        return aarch32_return_is_legal(cpu, spsr);
    }
    unsigned el = FIELD_GET(spsr, PSTATE_EL);
    if ((spsr & BIT(1)) || el > cpu->el || (el == 0 && (spsr & PSTATE_SP))) {
        return false;
    }
    /* A handler that locks what it returns to (GCSCR_ELx.EXLOCKEN) has it locked then. */
    if (el == cpu->el && arm_exlock_enabled(cpu) && !cpu->exlock) {
        return false;
    }
    if ((el == 2 && !arm_el2_enabled(cpu)) || (el == 3 && !cpu->has_el3) || (el == 1 && (arm_hcr(cpu) & HCR_TGE))) {
        return false;
    }
    /* EL0's state is EL1's (or the host's) or, below AArch64, chosen by SPSR. */
    return el == 0 ? arm_el_is_aarch64(cpu, arm_regime_el(cpu, 0)) : arm_el_is_aarch64(cpu, el);
}

static void illegal_return(ArmCpu *cpu, uint64_t spsr)
{
    arm_set_nzcv(cpu, spsr);
    cpu->daif = spsr & PSTATE_DAIF;
    cpu->pan = arm_has(cpu, pan) && (spsr & PSTATE_PAN);
    cpu->allint = arm_has(cpu, nmi) && (spsr & PSTATE_ALLINT);
    cpu->ss = false;
    cpu->il = true;
    log_mask(LOG_GUEST_ERROR, "illegal exception return at EL%u: SPSR is 0x%" PRIx64 "\n", cpu->el, spsr);
}

static void return_to_aarch32(ArmCpu *cpu, uint64_t spsr, uint64_t target)
{
    cpu->sp_el[cpu->sp_sel ? cpu->el : 0] = cpu->x[31];
    cpu->aarch64 = cpu->allint = cpu->exlock = false;
    cpu->btype = 0;
    cpu->mode = FIELD_GET(spsr, CPSR_M);
    cpu->el = cpu->mode == MODE_USR ? 0 : cpu->mode == MODE_HYP ? 2 : 1;
    arm_sync_to_aarch32(cpu);
    arm_set_cpsr(cpu, spsr, ~(uint32_t)FIELD_MASK(CPSR_M), true);
    cpu->pc = target & (cpu->thumb ? ~UINT64_C(1) : ~UINT64_C(3)) & UINT32_MAX;
}

void arm_exception_return(ArmCpu *cpu)
{
    uint64_t spsr = cpu->spsr_el[cpu->el], target = cpu->elr_el[cpu->el];
    cpu->exclusive_address = UINT64_MAX;
    cpu->event_register = true;
    if (!return_is_legal(cpu, spsr)) {
        cpu->pc = target;
        illegal_return(cpu, spsr);
    } else if (spsr & PSTATE_AARCH32) {
        return_to_aarch32(cpu, spsr, target);
    } else {
        arm_set_pstate(cpu, spsr);
        cpu->pc = arm_branch_target(cpu, target);
    }
    arm_state_changed(cpu);
}
