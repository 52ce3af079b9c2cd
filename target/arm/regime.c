/*
 * What the state means: security, effective controls of EL2, translation regimes, who may use floating point and vectors.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D1.1 (exception levels), D1.3 (security), D8.1 (translation regimes), D1.3.6 and D19.2 (CPACR, CPTR).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/internal.h"
#include "util/main-loop.h"

/* The security state of EL0 to EL2. */
static bool secure_below_el3(const ArmCpu *cpu)
{
    return cpu->has_el3 && !(cpu->scr_el3 & SCR_NS);
}

bool arm_is_secure(const ArmCpu *cpu)
{
    if (!cpu->has_el3) {
        return false;
    }
    return cpu->aarch64 ? cpu->el == 3 || secure_below_el3(cpu) : cpu->mode == MODE_MON || secure_below_el3(cpu);
}

bool arm_el2_enabled(const ArmCpu *cpu)
{
    return cpu->has_el2 && (!secure_below_el3(cpu) || (arm_has(cpu, sel2) && (cpu->scr_el3 & SCR_EEL2)));
}

uint64_t arm_hcr(const ArmCpu *cpu)
{
    return arm_el2_enabled(cpu) ? cpu->hcr_el2 : 0;
}

uint64_t arm_hcrx(const ArmCpu *cpu)
{
    return arm_el2_enabled(cpu) && (!cpu->has_el3 || (cpu->scr_el3 & SCR_HXEN)) ? cpu->hcrx_el2 : 0;
}

bool arm_el_is_aarch64(const ArmCpu *cpu, unsigned el)
{
    unsigned highest = cpu->has_el3 ? 3 : cpu->has_el2 ? 2 : 1;
    if (!cpu->has_aarch64) {
        return false;
    }
    if (el == 0) {
        return cpu->el == 0 ? cpu->aarch64 : arm_el_is_aarch64(cpu, 1);
    }
    if (el >= highest) {
        return true;
    }
    if (cpu->has_el3 && !(cpu->scr_el3 & SCR_RW)) {
        return el == 2 && !arm_el2_enabled(cpu);
    }
    return el == 2 || !arm_el2_enabled(cpu) || (cpu->hcr_el2 & HCR_RW) || arm_in_host(cpu->hcr_el2);
}

unsigned arm_regime_el(const ArmCpu *cpu, unsigned el)
{
    if (el != 0) {
        return el;
    }
    if (arm_in_host(arm_hcr(cpu))) {
        return 2;
    }
    return cpu->has_el3 && !cpu->has_aarch64 && secure_below_el3(cpu) ? 3 : 1;
}

/* ---- privilege indices ---- */

unsigned arm_fetch_index(const ArmCpu *cpu)
{
    static const uint8_t index[] = { ARM_TLB_EL0, ARM_TLB_EL1, ARM_TLB_EL2, ARM_TLB_EL3 };
    return index[cpu->el];
}

unsigned arm_data_index(const ArmCpu *cpu)
{
    switch (cpu->el) {
    case 0:
        return ARM_TLB_EL0;
    case 1:
        return cpu->pan ? ARM_TLB_EL1_PAN : ARM_TLB_EL1;
    case 2:
        return cpu->pan && arm_e2h(arm_hcr(cpu)) ? ARM_TLB_EL2_PAN : ARM_TLB_EL2;
    default:
        return ARM_TLB_EL3;
    }
}

unsigned arm_unprivileged_index(const ArmCpu *cpu)
{
    bool unprivileged = cpu->el == 1 || (cpu->el == 2 && arm_in_host(arm_hcr(cpu)));
    return unprivileged && !cpu->uao ? ARM_TLB_EL0 : arm_data_index(cpu);
}

/* ---- floating point and vectors ---- */

/* A field like CPACR_EL1.FPEN: 0 and 2 trap, 1 traps EL0, 3 lets through. */
static bool enable_traps(unsigned field, bool el0)
{
    return field == 3 ? false : field == 1 ? el0 : true;
}

typedef struct UnitControl { uint8_t enable_shift, el2_bit, el3_bit; bool el3_enables; } UnitControl;

static unsigned unit_trap_el(const ArmCpu *cpu, const UnitControl *c)
{
    uint64_t hcr = arm_hcr(cpu);
    bool el0 = cpu->el == 0;
    if (cpu->el <= 1 && !arm_in_host(hcr) && enable_traps(cpu->cpacr_el1 >> c->enable_shift & 3, el0)) {
        return el0 && (hcr & HCR_TGE) ? 2 : 1;
    }
    if (cpu->el <= 2 && arm_el2_enabled(cpu)) {
        if (arm_e2h(hcr) ? enable_traps(cpu->cptr_el2 >> c->enable_shift & 3, el0 && (hcr & HCR_TGE)) : cpu->cptr_el2 >> c->el2_bit & 1) {
            return 2;
        }
    }
    if (cpu->has_el3 && cpu->has_aarch64 && (cpu->cptr_el3 >> c->el3_bit & 1) != c->el3_enables) {
        return 3;
    }
    return 0;
}

unsigned arm_fp_trap_el(const ArmCpu *cpu)
{
    static const UnitControl fp = { .enable_shift = 20, .el2_bit = 10, .el3_bit = 10 };
    return unit_trap_el(cpu, &fp);
}

/* An instruction of AArch32 that AArch64 does not look after: EL1 (or the secure PL1 of an EL3) is AArch32. */
static bool fp_is_aarch32s(const ArmCpu *cpu) { return !cpu->aarch64 && (cpu->el != 0 || !arm_el_is_aarch64(cpu, arm_regime_el(cpu, 0))); }

static bool nsacr_counts(const ArmCpu *cpu) { return cpu->has_el3 && !cpu->has_aarch64 && !arm_is_secure(cpu); }

bool arm_fp_undefined(const ArmCpu *cpu, bool checks_fpexc)
{
    if (!fp_is_aarch32s(cpu)) {
        return false;
    }
    if ((nsacr_counts(cpu) && !(cpu->nsacr & NSACR_CP10)) || (cpu->el != 2 && enable_traps(FIELD_GET(cpu->cpacr_el1, CPACR_CP10), cpu->el == 0))) {
        return true;
    }
    return checks_fpexc && !(cpu->fpexc32_el2 & FPEXC_EN);
}

bool arm_simd_undefined(const ArmCpu *cpu)
{
    return fp_is_aarch32s(cpu) && cpu->el != 2 && ((cpu->cpacr_el1 & CPACR_ASEDIS) || (nsacr_counts(cpu) && (cpu->nsacr & NSACR_NSASEDIS)));
}

bool arm_simd_trapped(const ArmCpu *cpu)
{
    return !cpu->aarch64 && arm_el2_enabled(cpu) && cpu->el <= 2 && !arm_el_is_aarch64(cpu, 2)
        && ((cpu->cptr_el2 & HCPTR_TASE) || (nsacr_counts(cpu) && (cpu->nsacr & NSACR_NSASEDIS)));
}

unsigned arm_sve_trap_el(const ArmCpu *cpu)
{
    static const UnitControl sve = { .enable_shift = 16, .el2_bit = 8, .el3_bit = 8, .el3_enables = true };
    return unit_trap_el(cpu, &sve);
}

unsigned arm_sve_vq(const ArmCpu *cpu)
{
    unsigned vq = MAX(cpu->sve_max_vq, 1);
    if (cpu->el <= 1 && !arm_in_host(arm_hcr(cpu))) {
        vq = MIN(vq, (cpu->zcr_el[1] & 15) + 1);
    }
    if (cpu->el <= 2 && arm_el2_enabled(cpu)) {
        vq = MIN(vq, (cpu->zcr_el[2] & 15) + 1);
    }
    if (cpu->has_el3) {
        vq = MIN(vq, (cpu->zcr_el[3] & 15) + 1);
    }
    /* The longest that is implemented and not longer. */
    while (vq > 1 && !(cpu->sve_vq_map >> (vq - 1) & 1)) {
        vq--;
    }
    return vq;
}

/* ---- changes ---- */

/* The interrupt controller's view of the processor matters only where there is more than EL1 and EL0 in one security state. */
static void tell_gic(ArmCpu *cpu)
{
    if (!cpu->gic || !cpu->gic->view_changed || (!cpu->has_el2 && !cpu->has_el3)) {
        return;
    }
    ArmGicView view = arm_cpu_gic_view(&cpu->parent);
    uint64_t key = view.el | view.secure << 2 | view.aarch64 << 3, routes = (view.hcr_el2 & MAKE_MASK(0, 35)) | view.scr_el3 << 40;
    if (key == cpu->gic_view_key && routes == cpu->gic_view_routes) {
        return;
    }
    cpu->gic_view_key = key;
    cpu->gic_view_routes = routes;
    MACHINE_LOCK_GUARD();
    cpu->gic->view_changed(cpu->gic_opaque, &view);
}

void arm_state_changed(ArmCpu *cpu)
{
    if (tcg_runs(&cpu->parent) && cpu_current() == &cpu->parent) {
        uint64_t space = arm_space_id(&cpu->parent);
        if (space != cpu->current_space) {
            cpu->current_space = space;
            tcg_tlb_switch(&cpu->parent, false);
        }
    }
    tell_gic(cpu);
    arm_own_interrupts_changed(cpu);
}
