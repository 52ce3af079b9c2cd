/*
 * Helpers of system instructions of A64, and the table of the helpers of helpers.def.
 *
 * DDI 0487, C6.2 (the instructions), D1.3 (WFE, WFI), D8.4.5 (branch targets).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/internal.h"
#include "target/arm/tcg/float-host.h"
#include "target/arm/tcg/helpers.h"
#include "target/arm/tcg/pauth.h"
#include "target/arm/tcg/slots.h"
#include "target/arm/tcg/translate.h"

#include <sched.h>

#define BITS(slot) (UINT64_C(1) << ((slot) - 64))
#define NONE SLOTS_NONE
#define ALL SLOTS_ALL
#define SYSTEM_SLOTS { { UINT64_C(1) << SLOT_SP, BITS(SLOT_FLAGS) | BITS(SLOT_DAIF) | BITS(SLOT_TPIDR_EL0) | BITS(SLOT_TPIDR_EL1) | BITS(SLOT_TPIDR_EL2) | BITS(SLOT_TPIDRRO_EL0) \
                     | BITS(SLOT_SP_EL0) | BITS(SLOT_ELR_EL1) | BITS(SLOT_SPSR_EL1) | BITS(SLOT_ESR_EL1) | BITS(SLOT_FAR_EL1) | BITS(SLOT_ELR_EL2) \
                     | BITS(SLOT_SPSR_EL2) | BITS(SLOT_ESR_EL2) | BITS(SLOT_FAR_EL2) | BITS(SLOT_QC) | BITS(SLOT_EXCLUSIVE_ADDRESS) } }
#define HELPER ARM_HELPER_DEFINITION
#include "target/arm/tcg/helpers.def"
#undef HELPER

/* ---- exceptions ---- */

void arm_helper_raise(Cpu *cpu, uint32_t syndrome, uint32_t target_el) { arm_raise(ARM_CPU(cpu), syndrome, target_el); }
void arm_helper_undefined(Cpu *cpu) { arm_raise_undefined(ARM_CPU(cpu)); }

static void leave_if_recorded(ArmCpu *cpu)
{
    if (cpu->exception != ARM_EXC_NONE) {
        tcg_leave(&cpu->parent);
    }
}

/* ---- registers ---- */

uint64_t arm_helper_mrs(Cpu *cpu, uint32_t sysreg)
{
    uint64_t value = 0;
    if (!arm_sysreg_read(ARM_CPU(cpu), sysreg, &value)) {
        tcg_leave(cpu);
    }
    return value;
}

void arm_helper_msr(Cpu *cpu, uint32_t sysreg, uint64_t value)
{
    if (!arm_sysreg_write(ARM_CPU(cpu), sysreg, value)) {
        tcg_leave(cpu);
    }
}

/* The flags that the host has gathered come first; what is written is all there is. */
uint64_t arm_helper_mrs_float(Cpu *c, uint32_t sysreg)
{
    ArmCpu *cpu = ARM_CPU(c);
    cpu->fpsr |= host_take_flags();
    return arm_helper_mrs(c, sysreg);
}

void arm_helper_msr_float(Cpu *c, uint32_t sysreg, uint64_t value)
{
    ArmCpu *cpu = ARM_CPU(c);
    cpu->fpsr |= host_take_flags();
    arm_helper_msr(c, sysreg, value);
    host_set_mode(cpu->fpcr);
}

void arm_helper_sys(Cpu *cpu, uint32_t sysreg, uint64_t value)
{
    if (!arm_sys_instruction(ARM_CPU(cpu), sysreg, value)) {
        tcg_leave(cpu);
    }
}

/* A cache operation that does nothing at EL1 and above: it is there, at least. */
void arm_helper_trap_check(Cpu *cpu, uint32_t sysreg) { arm_helper_sys(cpu, sysreg, 0); }

/* At EL0, without SCTLR.UMA. */
void arm_helper_daif_check(Cpu *c, uint32_t sysreg)
{
    ArmCpu *cpu = ARM_CPU(c);
    if (!(cpu->sctlr_el[arm_regime_el(cpu, 0)] & SCTLR_UMA)) {
        arm_raise(cpu, arm_trap_syndrome(cpu), 0);
    }
}

void arm_helper_pstate_field(Cpu *c, uint32_t field, uint32_t value)
{
    ArmCpu *cpu = ARM_CPU(c);
    enum { SPSEL = 5, UAO = 3, PAN = 4, SSBS = 3 << 3 | 1, DIT = 3 << 3 | 2, TCO = 3 << 3 | 4, ALLINT = 1 << 3 | 0 };
    switch (field) {
    case SPSEL: arm_set_el(cpu, cpu->el, value & 1); break;
    case UAO: cpu->uao = value & 1; break;
    case PAN: cpu->pan = value & 1; break;
    case SSBS: cpu->ssbs = value & 1; break;
    case DIT: cpu->dit = value & 1; break;
    case TCO: cpu->tco = value & 1; break;
    case ALLINT:
        if ((value & 1) && arm_allint_trapped(cpu)) {
            arm_raise(cpu, arm_trap_syndrome(cpu), 2);
        }
        cpu->allint = value & 1;
        arm_own_interrupts_changed(cpu);
        break;
    }
}

/* ---- calls ---- */

static void semihosting(ArmCpu *cpu, uint64_t next_pc)
{
    if (arm_semihosting_call(cpu, next_pc)) {
        cpu->it = arm_it_advance(cpu->it);
    }
}

/* AArch32 has semihosting calls here, too. */
void arm_helper_svc(Cpu *c, uint32_t imm)
{
    enum { SEMIHOSTING_A32 = 0x123456, SEMIHOSTING_T32 = 0xab };
    ArmCpu *cpu = ARM_CPU(c);
    if (!cpu->aarch64 && imm == (cpu->thumb ? SEMIHOSTING_T32 : SEMIHOSTING_A32) && arm_semihosting_enabled(cpu)) {
        semihosting(cpu, cpu->pc + (cpu->thumb ? 2 : 4));
        return;
    }
    cpu->it = arm_it_advance(cpu->it);
    arm_svc(cpu, imm);
    leave_if_recorded(cpu);
}

void arm_helper_hvc(Cpu *cpu, uint32_t imm16, uint64_t next_pc)
{
    arm_hvc(ARM_CPU(cpu), imm16, next_pc);
    leave_if_recorded(ARM_CPU(cpu));
}

void arm_helper_smc(Cpu *cpu, uint32_t imm16, uint64_t next_pc)
{
    arm_smc(ARM_CPU(cpu), imm16, next_pc);
    leave_if_recorded(ARM_CPU(cpu));
}

/* It returns to itself: the handler skips it. With MDCR_EL2.TDE or HCR_EL2.TGE to EL2. */
void arm_helper_brk(Cpu *c, uint32_t imm16)
{
    ArmCpu *cpu = ARM_CPU(c);
    bool to_el2 = cpu->el < 2 && arm_el2_enabled(cpu) && ((cpu->mdcr_el2 & BIT(8)) || (arm_hcr(cpu) & HCR_TGE));
    arm_raise(cpu, ARM_SYNDROME(EC_BRK64, imm16), to_el2 ? 2 : MAX(cpu->el, 1));
}

enum { SEMIHOSTING_IMMEDIATE = 0xf000 };

void arm_helper_hlt(Cpu *c, uint32_t imm16, uint64_t next_pc)
{
    ArmCpu *cpu = ARM_CPU(c);
    if (imm16 != SEMIHOSTING_IMMEDIATE || !arm_semihosting_enabled(cpu)) {
        arm_raise_undefined(cpu);
    }
    semihosting(cpu, next_pc);
}

void arm_helper_eret(Cpu *c, uint32_t authenticated)
{
    enum { ISS_ERETA = 2 };
    ArmCpu *cpu = ARM_CPU(c);
    if (arm_fine_traps_instruction(cpu, HFGITR_ERET)) {
        arm_raise(cpu, ARM_SYNDROME(EC_ERET, authenticated ? ISS_ERETA + authenticated - 1 : 0), 2);
    }
    if (authenticated) {
        cpu->elr_el[cpu->el] = arm_pauth_verify(cpu, cpu->elr_el[cpu->el], cpu->x[31], authenticated - 1);
    }
    arm_exception_return(cpu);
    leave_if_recorded(cpu);
}

/* ---- waiting ---- */

/* The exception level that a waiting instruction is trapped to, or 0. bit: of SCTLR, HCR, SCR for WFE and WFI. */
static unsigned wait_trap(const ArmCpu *cpu, bool is_wfe)
{
    uint64_t hcr = arm_hcr(cpu);
    if (cpu->el == 0 && !(cpu->sctlr_el[arm_regime_el(cpu, 0)] & (is_wfe ? SCTLR_NTWE : SCTLR_NTWI))) {
        return hcr & HCR_TGE ? 2 : 1;
    }
    if (cpu->el < 2 && !arm_in_host(hcr) && (hcr & (is_wfe ? HCR_TWE : HCR_TWI))) {
        return 2;
    }
    return cpu->el < 3 && cpu->has_el3 && (cpu->scr_el3 & (is_wfe ? SCR_TWE : SCR_TWI)) ? 3 : 0;
}

static void trap_wait(ArmCpu *cpu, unsigned instruction, unsigned trap_el)
{
    enum { ISS_CV = 1 << 24, COND_AL = 0xe << 20 };
    if (trap_el) {
        arm_raise(cpu, ARM_SYNDROME(EC_WFX, ISS_CV | COND_AL | instruction), trap_el);
    }
}

static void sleep_until_interrupt(ArmCpu *cpu)
{
    Cpu *c = &cpu->parent;
    if (!arm_has_work(c)) {
        atomic_store(&c->halted, true);
        /* It may have come in between. */
        if (arm_has_work(c)) {
            atomic_store(&c->halted, false);
        }
    }
}

/* WFE never sleeps: what it waits for may come without an event that we see. The thread lets others run. */
static void wait(ArmCpu *cpu, bool is_wfe, unsigned instruction, uint64_t next_pc)
{
    bool ready = is_wfe ? cpu->event_register : arm_has_work(&cpu->parent);
    if (!ready) {
        trap_wait(cpu, instruction, wait_trap(cpu, is_wfe));
    }
    cpu->pc = next_pc;
    if (is_wfe) {
        cpu->event_register = false;
        if (!ready) {
            sched_yield();
        }
    } else {
        sleep_until_interrupt(cpu);
    }
}

void arm_helper_wfx(Cpu *cpu, uint32_t is_wfe, uint64_t next_pc) { wait(ARM_CPU(cpu), is_wfe, is_wfe, next_pc); }

/* With a time to wait until: neither form sleeps. */
void arm_helper_wfxt(Cpu *c, uint32_t is_wfe, uint64_t until, uint64_t next_pc)
{
    ArmCpu *cpu = ARM_CPU(c);
    bool ready = arm_counter(cpu) - cpu->cntvoff_el2 >= until || (is_wfe ? cpu->event_register : arm_has_work(c));
    if (!ready) {
        trap_wait(cpu, 2 + is_wfe, wait_trap(cpu, is_wfe));
        sched_yield();
    }
    cpu->event_register = is_wfe ? false : cpu->event_register;
    cpu->pc = next_pc;
}

void arm_helper_sev(Cpu *c, uint32_t local)
{
    if (local) {
        ARM_CPU(c)->event_register = true;
        return;
    }
    CPU_FOREACH(cpu) {
        ARM_CPU(cpu)->event_register = true;
    }
}

void arm_helper_yield_now(Cpu *cpu, uint64_t next_pc)
{
    ARM_CPU(cpu)->pc = next_pc;
    sched_yield();
}

uint32_t arm_helper_dsb(Cpu *cpu) { return arm_flushes_done(ARM_CPU(cpu)); }

/* ---- branch targets ---- */

/* What may stand where an indirect branch goes to, by BTYPE: 1 BR X16 or X17, 2 BLR, 3 other BR. */
static bool accepts_branch(const ArmCpu *cpu, uint32_t insn, unsigned btype)
{
    enum { BTI = 0xd503241f, BTI_BITS = 0xffffff3f, PACIASP = 0xd503233f, PACIBSP = 0xd503237f };
    if ((insn & BTI_BITS) == BTI) {
        unsigned targets = insn >> 6 & 3;       /* bit 0: of calls, bit 1: of jumps */
        return btype == 1 ? targets != 0 : btype == 2 ? targets & 1 : targets & 2;
    }
    if (insn == PACIASP || insn == PACIBSP) {
        uint64_t sctlr = cpu->sctlr_el[arm_regime_el(cpu, cpu->el)];
        return btype != 3 || !(sctlr & (cpu->el == 0 ? SCTLR_BT0 : SCTLR_BT1));
    }
    return (insn & 0xffe0001f) == 0xd4200000 || (insn & 0xffe0001f) == 0xd4400000;     /* BRK, HLT */
}

void arm_helper_bti_branch(Cpu *c, uint64_t target, uint32_t btype)
{
    ArmCpu *cpu = ARM_CPU(c);
    uint32_t insn;
    if (!arm_page_guarded(cpu, target) || !arm_peek_insn(cpu, target, &insn) || accepts_branch(cpu, insn, btype)) {
        return;
    }
    if (btype == 2) {
        cpu->x[30] = cpu->pc + 4;
    }
    cpu->pc = target;
    cpu->btype = btype;
    arm_raise(cpu, ARM_SYNDROME(EC_BTI, btype), 0);
}
