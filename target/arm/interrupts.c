/*
 * Interrupts: what is pending, where it goes, whether it is masked; waking up.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D1.3.6 (asynchronous exceptions: routing, masking, virtual interrupts), D1.6 (WFI and WFE).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/internal.h"

enum { LINE_IRQ = 1 << ARM_IRQ_IRQ, LINE_FIQ = 1 << ARM_IRQ_FIQ, LINE_VIRQ = 1 << ARM_IRQ_VIRQ, LINE_VFIQ = 1 << ARM_IRQ_VFIQ,
       LINE_NMI = 1 << ARM_IRQ_NMI, LINE_VNMI = 1 << ARM_IRQ_VNMI };   /* IRQs with superpriority */

/* Which of the kinds are pending, masked or not: lines, and what HCR_EL2 makes pending. */
static uint32_t pending(const ArmCpu *cpu)
{
    uint32_t lines = atomic_load(&cpu->lines);
    if (!cpu->has_el2) {
        return lines & (LINE_IRQ | LINE_FIQ | LINE_NMI);
    }
    uint64_t hcr = cpu->hcr_el2;
    return lines | (hcr & HCR_VI ? LINE_VIRQ : 0) | (hcr & HCR_VF ? LINE_VFIQ : 0);
}

/* FEAT_NMI: superpriority is above PSTATE.I and F where SCTLR_ELx.NMI of the target is set; it is a usual priority elsewhere. */
bool arm_superpriority(const ArmCpu *cpu, unsigned el) { return arm_has(cpu, nmi) && (cpu->sctlr_el[el] & SCTLR_NMI); }

/* A virtual one with it: HCR_EL2.VI and VF with HCRX_EL2.VINMI and VFNMI. */
static bool virtual_is_nmi(const ArmCpu *cpu, uint32_t mask)
{
    uint64_t hcrx_bit = mask == PSTATE_I ? HCRX_VINMI : HCRX_VFNMI, hcr_bit = mask == PSTATE_I ? HCR_VI : HCR_VF;
    return mask != PSTATE_A && arm_superpriority(cpu, 1) && (arm_hcrx(cpu) & hcrx_bit) && (arm_hcr(cpu) & hcr_bit);
}

uint64_t arm_pending_interrupts(const ArmCpu *cpu)
{
    uint32_t lines = pending(cpu);
    uint64_t hcr = arm_hcr(cpu);
    bool virtual_irq = cpu->el == 1 && (hcr & HCR_IMO), virtual_fiq = cpu->el == 1 && (hcr & HCR_FMO), virtual_error = cpu->el == 1 && (hcr & HCR_AMO);
    enum { ISR_FS = 1 << 9, ISR_IS = 1 << 10 };
    bool irq_super = arm_has(cpu, nmi) && (lines & (virtual_irq ? LINE_VNMI : LINE_NMI));
    uint64_t super = (irq_super || (virtual_irq && virtual_is_nmi(cpu, PSTATE_I)) ? ISR_IS : 0) | (virtual_fiq && virtual_is_nmi(cpu, PSTATE_F) ? ISR_FS : 0);
    return super | (lines & (virtual_irq ? LINE_VIRQ | LINE_VNMI : LINE_IRQ | LINE_NMI) ? PSTATE_I : 0) | (lines & (virtual_fiq ? LINE_VFIQ : LINE_FIQ) ? PSTATE_F : 0)
        | ((virtual_error ? (hcr & HCR_VSE) != 0 : cpu->serror_pending) ? PSTATE_A : 0);
}

static bool anything(const ArmCpu *cpu)
{
    return pending(cpu) || cpu->serror_pending || (cpu->has_el2 && (cpu->hcr_el2 & HCR_VSE));
}

/* ---- routing ---- */

static unsigned target_of(const ArmCpu *cpu, uint64_t scr_bit, uint64_t hcr_bit)
{
    if (cpu->has_el3 && (cpu->scr_el3 & scr_bit)) {
        return 3;
    }
    return arm_hcr(cpu) & (hcr_bit | HCR_TGE) ? 2 : arm_regime_el(cpu, 0) == 3 ? 3 : 1;
}

/* FEAT_NMI: where SCTLR_ELx.NMI is set, PSTATE.ALLINT masks interrupts of any priority at that level, and so does SPINTMASK while the level's own stack is selected. */
static bool all_masked(const ArmCpu *cpu, unsigned target)
{
    bool stack = (cpu->sctlr_el[target] & SCTLR_SPINTMASK) && cpu->sp_sel;
    return target == cpu->el && arm_superpriority(cpu, target) && (cpu->allint || stack);
}

bool arm_allint_trapped(const ArmCpu *cpu) { return cpu->el == 1 && (arm_hcrx(cpu) & HCRX_TALLINT); }

/* A physical interrupt with that target is taken now. */
static bool lets_through(const ArmCpu *cpu, unsigned target, uint32_t mask, bool super)
{
    bool unmasked = (!(cpu->daif & mask) || (super && arm_superpriority(cpu, target))) && !(mask != PSTATE_A && all_masked(cpu, target));
    if (target < cpu->el) {
        return false;
    }
    if (target == cpu->el) {
        return unmasked;
    }
    /* EL2 without a host and EL3 are not masked from below; EL1 and a host are asked for by PSTATE even at EL0. */
    bool for_el0 = target == 1 || (target == 3 && !cpu->has_aarch64) || (target == 2 && arm_in_host(arm_hcr(cpu)));
    return !for_el0 || unmasked;
}

/* A virtual one: for EL1 and EL0 of a guest. */
static bool lets_virtual_through(const ArmCpu *cpu, uint64_t hcr_bit, uint32_t mask, bool super)
{
    uint64_t hcr = arm_hcr(cpu);
    bool masked = ((cpu->daif & mask) && !(super && arm_superpriority(cpu, 1))) || (mask != PSTATE_A && all_masked(cpu, 1));
    return cpu->el <= 1 && (hcr & hcr_bit) && !(hcr & HCR_TGE) && !masked;
}

typedef struct Kind {
    uint32_t line, mask;
    uint64_t scr_bit, hcr_bit;
    bool is_virtual, super;
    ArmException exception;
} Kind;

static const Kind kinds[] = {       /* in order of priority */
    { LINE_NMI, PSTATE_I, SCR_IRQ, HCR_IMO, false, true, ARM_EXC_IRQ }, { LINE_FIQ, PSTATE_F, SCR_FIQ, HCR_FMO, false, false, ARM_EXC_FIQ },
    { LINE_IRQ, PSTATE_I, SCR_IRQ, HCR_IMO, false, false, ARM_EXC_IRQ }, { LINE_VNMI, PSTATE_I, 0, HCR_IMO, true, true, ARM_EXC_VIRQ },
    { LINE_VFIQ, PSTATE_F, 0, HCR_FMO, true, false, ARM_EXC_VFIQ }, { LINE_VIRQ, PSTATE_I, 0, HCR_IMO, true, false, ARM_EXC_VIRQ },
};

/* The exception to take now, or none. */
static ArmException choose(const ArmCpu *cpu, unsigned *target)
{
    uint32_t lines = pending(cpu);
    for (unsigned i = 0; lines && i < ARRAY_SIZE(kinds); i++) {
        const Kind *k = &kinds[i];
        if (!(lines & k->line)) {
            continue;
        }
        *target = k->is_virtual ? 1 : target_of(cpu, k->scr_bit, k->hcr_bit);
        bool super = k->super || (k->is_virtual && virtual_is_nmi(cpu, k->mask));
        if (k->is_virtual ? lets_virtual_through(cpu, k->hcr_bit, k->mask, super) : lets_through(cpu, *target, k->mask, super)) {
            return k->exception;
        }
    }
    if (cpu->serror_pending) {
        *target = target_of(cpu, SCR_EA, HCR_AMO);
        if (lets_through(cpu, *target, PSTATE_A, false)) {
            return ARM_EXC_SERROR;
        }
    }
    *target = 1;
    return cpu->has_el2 && (cpu->hcr_el2 & HCR_VSE) && lets_virtual_through(cpu, HCR_AMO, PSTATE_A, false) ? ARM_EXC_VSERROR : ARM_EXC_NONE;
}

/* ---- requests ---- */

/* Nothing is pending: the request goes, unless a source came up meanwhile. */
static void withdraw_request(ArmCpu *cpu)
{
    cpu_clear_interrupt(&cpu->parent, CPU_INTERRUPT_HARD);
    if (anything(cpu)) {
        cpu_interrupt(&cpu->parent, CPU_INTERRUPT_HARD);
    }
}

void arm_interrupts_changed(ArmCpu *cpu)
{
    if (anything(cpu)) {
        cpu_interrupt(&cpu->parent, CPU_INTERRUPT_HARD);
    } else {
        withdraw_request(cpu);
    }
}

/* The vCPU itself looks only when one can be taken. */
void arm_own_interrupts_changed(ArmCpu *cpu)
{
    unsigned target;
    if (!anything(cpu)) {
        if (atomic_load(&cpu->parent.interrupt_request) & CPU_INTERRUPT_HARD) {
            withdraw_request(cpu);
        }
    } else if (choose(cpu, &target) != ARM_EXC_NONE) {
        cpu_interrupt(&cpu->parent, CPU_INTERRUPT_HARD);
    } else {
        atomic_fetch_or(&cpu->parent.interrupt_request, CPU_INTERRUPT_HARD);
    }
}

/* WFI ends for a pending interrupt whatever PSTATE masks; a virtual one only where the guest that waits would get it. */
bool arm_has_work(Cpu *c)
{
    const ArmCpu *cpu = ARM_CPU(c);
    if (atomic_load(&c->interrupt_request) & (CPU_INTERRUPT_RESET | CPU_INTERRUPT_DEBUG)) {
        return true;
    }
    if (c->powered_off) {
        return false;
    }
    uint32_t lines = pending(cpu);
    uint64_t hcr = arm_hcr(cpu);
    bool guest = cpu->el <= 1 && !(hcr & HCR_TGE);
    return (lines & (LINE_IRQ | LINE_FIQ | LINE_NMI)) || cpu->serror_pending || (guest && (((lines & (LINE_VIRQ | LINE_VNMI)) && (hcr & HCR_IMO)) || ((lines & LINE_VFIQ) && (hcr & HCR_FMO))))
        || (guest && (hcr & HCR_VSE) && (hcr & HCR_AMO));
}

/* ---- taking one ---- */

static uint32_t serror_syndrome(ArmCpu *cpu, ArmException e)
{
    if (e == ARM_EXC_SERROR) {
        cpu->serror_pending = false;
        return ARM_SYNDROME(EC_SERROR, 0);
    }
    cpu->hcr_el2 &= ~HCR_VSE;
    return ARM_SYNDROME(EC_SERROR, arm_has(cpu, ras) ? cpu->vsesr_el2 & MAKE_MASK(0, 25) : 0);
}

bool arm_interrupt(Cpu *c)
{
    ArmCpu *cpu = ARM_CPU(c);
    unsigned target;
    if (c->powered_off) {
        return false;
    }
    if (arm_has_work(c)) {
        atomic_store(&c->halted, false);
    }
    ArmException e = choose(cpu, &target);
    if (e == ARM_EXC_NONE) {
        if (!anything(cpu)) {
            withdraw_request(cpu);
        }
        return false;
    }
    cpu->exception = e;
    cpu->exception_el = MAX(target, cpu->el);
    cpu->exception_far_valid = false;
    cpu->exception_return = cpu->pc;
    cpu->exception_returns_here = false;
    cpu->exception_syndrome = e == ARM_EXC_SERROR || e == ARM_EXC_VSERROR ? serror_syndrome(cpu, e) : 0;
    arm_take_exception(cpu);
    return true;
}
