/*
 * Exceptions taken to AArch32: modes, vectors, return addresses, fault status registers in both formats.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), G1.12 (exception handling), G5.10 and G5.11 (faults), G8.2 (DFSR, IFSR, HSR).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/mmu.h"

/* Where an exception goes to in other modes than Hyp: what is added to the instruction's address for LR in A32 and T32. */
typedef struct Entry { uint8_t mode, vector, lr_arm, lr_thumb; bool masks_abort, masks_fiq; } Entry;

static Entry entry_of(const ArmCpu *cpu)
{
    unsigned ec = cpu->exception_syndrome >> 26;
    switch (cpu->exception) {
    case ARM_EXC_IRQ:
    case ARM_EXC_VIRQ:
        return (Entry){ MODE_IRQ, 0x18, 4, 4, true, false };
    case ARM_EXC_FIQ:
    case ARM_EXC_VFIQ:
        return (Entry){ MODE_FIQ, 0x1c, 4, 4, true, true };
    case ARM_EXC_SERROR:
    case ARM_EXC_VSERROR:
        return (Entry){ MODE_ABT, 0x10, 8, 8, true, false };
    default:
        break;
    }
    switch (ec) {
    case EC_SVC32:
        return (Entry){ MODE_SVC, 0x08, 0, 0, false, false };
    case EC_SMC32:
        return (Entry){ MODE_MON, 0x08, 0, 0, true, true };
    case EC_INSN_ABORT_LOWER: case EC_INSN_ABORT: case EC_BKPT32: case EC_BREAKPOINT_LOWER: case EC_BREAKPOINT: case EC_PC_ALIGNMENT:
        return (Entry){ MODE_ABT, 0x0c, 4, 4, true, false };
    case EC_DATA_ABORT_LOWER: case EC_DATA_ABORT: case EC_WATCHPOINT_LOWER: case EC_WATCHPOINT:
        return (Entry){ MODE_ABT, 0x10, 8, 8, true, false };
    default:
        return (Entry){ MODE_UND, 0x04, 4, 2, false, false };
    }
}

/* ---- fault status ---- */

/* A status of the long format, with level, as that of the short one (G8.2.38): bit 4 apart. */
static uint32_t short_status(unsigned code)
{
    unsigned level = code & 3;
    switch (code & 0x3c) {
    case FSC_TRANSLATION: return level == 1 ? 0x05 : 0x07;
    case FSC_ACCESS_FLAG: return level == 1 ? 0x03 : 0x06;
    case FSC_PERMISSION: return level == 1 ? 0x0d : 0x0f;
    case FSC_EXTERNAL_WALK: return level == 1 ? 0x0c : 0x0e;
    default: break;
    }
    switch (code) {
    case FSC_ALIGNMENT: return 0x01;
    case FSC_DEBUG: return 0x02;
    case FSC_DOMAIN_SECTION: return 0x09;
    case FSC_DOMAIN_PAGE: return 0x0b;
    default: return 0x08;           /* external */
    }
}

static uint32_t fault_status(const ArmCpu *cpu, unsigned target, bool data)
{
    enum { LPAE = 1 << 9, WNR = 1 << 11, CM = 1 << 13, EAE = 31 };
    uint32_t iss = cpu->exception_syndrome, ec = iss >> 26;
    unsigned code = ec == EC_BKPT32 || ec == EC_BREAKPOINT || ec == EC_BREAKPOINT_LOWER || ec == EC_WATCHPOINT || ec == EC_WATCHPOINT_LOWER ? FSC_DEBUG
                  : ec == EC_PC_ALIGNMENT ? FSC_ALIGNMENT : cpu->exception == ARM_EXC_SYNC ? iss & 63 : FSC_EXTERNAL;
    uint32_t common = data ? (iss >> 6 & 1 ? WNR : 0) | (iss >> 8 & 1 ? CM : 0) : 0;
    if (cpu->tcr_el[target] >> EAE & 1) {
        return LPAE | code | common;
    }
    uint32_t status = short_status(code);
    return (status & 15) | (status & 16 ? 1 << 10 : 0) | common | (data ? (cpu->exception_domain & 15) << 4 : 0);
}

static void set_fault_registers(ArmCpu *cpu, unsigned target, const Entry *e)
{
    bool data = e->vector == 0x10;
    if (e->mode != MODE_ABT) {
        return;
    }
    uint32_t status = fault_status(cpu, target, data);
    if (data) {
        cpu->esr_el[target] = status;
    } else if (target == 3) {
        cpu->ifsr_s = status;
    } else {
        cpu->ifsr32_el2 = status;
    }
    if (cpu->exception_far_valid) {
        cpu->far_el[target] = deposit64(cpu->far_el[target], data ? 0 : 32, 32, (uint32_t)cpu->exception_far);
    }
}

/* ---- entry ---- */

static void enter_mode(ArmCpu *cpu, unsigned mode, uint32_t spsr, uint64_t sctlr)
{
    cpu->exclusive_address = UINT64_MAX;
    arm_switch_mode(cpu, mode);
    arm_set_spsr32(cpu, mode, spsr);
    cpu->it = 0;
    cpu->j = cpu->il = false;
    cpu->thumb = (sctlr & SCTLR_TE) != 0;
    cpu->big_endian = sctlr & SCTLR_EE;
}

static void enter_hyp(ArmCpu *cpu)
{
    bool from_hyp = cpu->el == 2;
    unsigned ec = cpu->exception_syndrome >> 26;
    Entry e = entry_of(cpu);
    bool interrupt = cpu->exception == ARM_EXC_IRQ || cpu->exception == ARM_EXC_FIQ;
    unsigned vector = interrupt || cpu->exception == ARM_EXC_SERROR ? e.vector : from_hyp ? (ec == EC_HVC32 ? 0x08 : e.vector) : 0x14;
    uint32_t spsr = arm_cpsr(cpu);
    if (cpu->exception == ARM_EXC_SYNC) {
        uint32_t syndrome = cpu->exception_syndrome;
        bool pair = ec == EC_INSN_ABORT_LOWER || ec == EC_DATA_ABORT_LOWER;
        cpu->esr_el[2] = from_hyp && pair ? syndrome | UINT32_C(1) << 26 : syndrome;
        if (cpu->exception_far_valid) {
            bool fetch = ec == EC_INSN_ABORT_LOWER;
            cpu->far_el[2] = deposit64(cpu->far_el[2], fetch ? 32 : 0, 32, (uint32_t)cpu->exception_far);
            cpu->hpfar_el2 = cpu->exception_hpfar;
        }
    }
    cpu->elr_el[2] = (uint32_t)cpu->exception_return;
    enter_mode(cpu, MODE_HYP, spsr, cpu->sctlr_el[2]);
    cpu->daif |= PSTATE_I | PSTATE_A | PSTATE_F;
    cpu->pc = (uint32_t)(cpu->vbar_el[2] + vector);
}

/* An interrupt or error that SCR sends to Monitor mode. */
static bool goes_to_monitor(const ArmCpu *cpu)
{
    switch (cpu->exception) {
    case ARM_EXC_IRQ: return cpu->has_el3 && (cpu->scr_el3 & SCR_IRQ);
    case ARM_EXC_FIQ: return cpu->has_el3 && (cpu->scr_el3 & SCR_FIQ);
    case ARM_EXC_SERROR: return cpu->has_el3 && (cpu->scr_el3 & SCR_EA);
    default: return false;
    }
}

void arm_take_aarch32(ArmCpu *cpu)
{
    unsigned target = cpu->exception_el;
    if (target == 2) {
        enter_hyp(cpu);
        return;
    }
    Entry e = entry_of(cpu);
    bool call = e.lr_arm == 0, monitor = e.mode == MODE_MON || goes_to_monitor(cpu);
    uint32_t spsr = arm_cpsr(cpu), lr = (uint32_t)(call ? cpu->exception_return : cpu->pc + (cpu->thumb ? e.lr_thumb : e.lr_arm));
    if (cpu->mode == MODE_MON) {
        cpu->scr_el3 &= ~SCR_NS;
    }
    set_fault_registers(cpu, target, &e);
    uint64_t sctlr = cpu->sctlr_el[target];
    enter_mode(cpu, monitor ? MODE_MON : e.mode, spsr, sctlr);
    cpu->x[14] = lr;
    cpu->daif |= PSTATE_I | (e.masks_abort || monitor ? PSTATE_A : 0) | (e.masks_fiq || monitor ? PSTATE_F : 0);
    cpu->pan = cpu->pan || (arm_has(cpu, a32_pan) && !(sctlr & SCTLR_SPAN));
    uint32_t base = monitor ? cpu->mvbar : sctlr & SCTLR_V ? UINT32_C(0xffff0000) : (uint32_t)cpu->vbar_el[target];
    cpu->pc = (uint32_t)(base + e.vector);
}
