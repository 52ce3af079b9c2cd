/*
 * Helpers of AArch32: status registers and banks, returns from exceptions, coprocessor accesses, parallel arithmetic.
 *
 * DDI 0487, F5.2, G1.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/internal.h"
#include "target/arm/tcg/helpers.h"
#include "target/arm/tcg/slots.h"

#define BITS(slot) (UINT64_C(1) << ((slot) - 64))
#define NONE SLOTS_NONE
#define ALL SLOTS_ALL
#define SYSTEM { { 0, ~UINT64_C(0) } }
#define HELPER ARM_HELPER_DEFINITION
#include "target/arm/tcg/helpers-a32.def"
#undef HELPER

/* ---- saved status ---- */

static uint32_t spsr_of(const ArmCpu *cpu, unsigned mode)
{
    switch (mode) {
    case MODE_FIQ: return cpu->spsr_fiq;
    case MODE_IRQ: return cpu->spsr_irq;
    case MODE_ABT: return cpu->spsr_abt;
    case MODE_UND: return cpu->spsr_und;
    case MODE_HYP: return (uint32_t)cpu->spsr_el[2];
    case MODE_MON: return (uint32_t)cpu->spsr_el[3];
    default: return (uint32_t)cpu->spsr_el[1];
    }
}

static void set_spsr(ArmCpu *cpu, unsigned mode, uint32_t value)
{
    switch (mode) {
    case MODE_FIQ: cpu->spsr_fiq = value; break;
    case MODE_IRQ: cpu->spsr_irq = value; break;
    case MODE_ABT: cpu->spsr_abt = value; break;
    case MODE_UND: cpu->spsr_und = value; break;
    case MODE_HYP: cpu->spsr_el[2] = value; break;
    case MODE_MON: cpu->spsr_el[3] = value; break;
    default: cpu->spsr_el[1] = value; break;
    }
}

uint32_t arm_helper_a32_mrs(Cpu *c, uint32_t spsr)
{
    enum { HIDDEN = (1 << 24) | (1 << 5) | 0x0600fc00 };       /* J, T, IT read as 0 */
    ArmCpu *cpu = ARM_CPU(c);
    return spsr ? spsr_of(cpu, cpu->mode) : arm_cpsr(cpu) & ~(uint32_t)HIDDEN;
}

static uint32_t byte_mask(unsigned fields)
{
    return (fields & 1 ? 0xff : 0) | (fields & 2 ? 0xff00 : 0) | (fields & 4 ? 0xff0000 : 0) | (fields & 8 ? 0xff000000 : 0);
}

void arm_helper_a32_msr(Cpu *c, uint32_t how, uint32_t value)
{
    enum { EXECUTION_STATE = (1 << 24) | (1 << 5) | 0x0600fc00, USER_BITS = 0xf80f0000 };
    ArmCpu *cpu = ARM_CPU(c);
    uint32_t mask = byte_mask(how >> 8 & 15);
    if (how & 1) {
        set_spsr(cpu, cpu->mode, (spsr_of(cpu, cpu->mode) & ~mask) | (value & mask));
        return;
    }
    mask &= ~(uint32_t)EXECUTION_STATE;
    arm_set_cpsr(cpu, value, cpu->mode == MODE_USR ? mask & USER_BITS : mask, false);
    arm_own_interrupts_changed(cpu);
}

void arm_helper_a32_cps(Cpu *c, uint32_t how)
{
    ArmCpu *cpu = ARM_CPU(c);
    uint32_t mask = (how >> 2 & 7) << 6, value = (how & 3) == 3 ? mask : 0;
    mask = how & 2 ? mask : 0;
    if (how >> 5 & 1) {
        mask |= 0x1f;
        value |= how >> 6 & 0x1f;
    }
    arm_set_cpsr(cpu, value, mask, false);
    arm_own_interrupts_changed(cpu);
}

void arm_helper_a32_setend(Cpu *c, uint32_t big) { ARM_CPU(c)->big_endian = big; }

/* ---- returns ---- */

static void return_to(ArmCpu *cpu, uint32_t pc, uint32_t cpsr)
{
    cpu->exclusive_address = UINT64_MAX;
    arm_set_cpsr(cpu, cpsr, UINT32_MAX, true);
    cpu->pc = pc & (cpu->thumb ? ~1u : ~3u);
    arm_state_changed(cpu);
    arm_own_interrupts_changed(cpu);
}

void arm_helper_a32_return(Cpu *c, uint32_t pc)
{
    ArmCpu *cpu = ARM_CPU(c);
    return_to(cpu, pc, spsr_of(cpu, cpu->mode));
}

void arm_helper_a32_hyp_return(Cpu *c)
{
    ArmCpu *cpu = ARM_CPU(c);
    return_to(cpu, (uint32_t)cpu->elr_el[2], (uint32_t)cpu->spsr_el[2]);
}

void arm_helper_a32_rfe(Cpu *c, uint32_t pc, uint32_t cpsr) { return_to(ARM_CPU(c), pc, cpsr); }

/* ---- banks ---- */

static unsigned bank_of(unsigned mode)
{
    switch (mode) {
    case MODE_FIQ: return BANK_FIQ;
    case MODE_IRQ: return BANK_IRQ;
    case MODE_SVC: return BANK_SVC;
    case MODE_MON: return BANK_MON;
    case MODE_ABT: return BANK_ABT;
    case MODE_HYP: return BANK_HYP;
    case MODE_UND: return BANK_UND;
    default: return BANK_USR;
    }
}

/* SP (13) of a mode, LR (14), or r8 to r12. NULL: the registers of today. */
static uint64_t *banked(ArmCpu *cpu, unsigned mode, unsigned n)
{
    bool here = bank_of(mode) == bank_of(cpu->mode);
    if (n >= 13) {
        return here ? &cpu->x[n] : n == 13 ? &cpu->banked_sp[bank_of(mode)] : &cpu->banked_lr[bank_of(mode)];
    }
    return (mode == MODE_FIQ) == (cpu->mode == MODE_FIQ) ? &cpu->x[n] : &cpu->banked_high[mode == MODE_FIQ][n - 8];
}

uint32_t arm_helper_a32_user_register(Cpu *c, uint32_t n) { return (uint32_t)*banked(ARM_CPU(c), MODE_USR, n); }
void arm_helper_a32_set_user_register(Cpu *c, uint32_t n, uint32_t value) { *banked(ARM_CPU(c), MODE_USR, n) = value; }

/* SRS: LR and SPSR to the stack of a mode. */
void arm_helper_a32_srs(Cpu *c, uint32_t how)
{
    ArmCpu *cpu = ARM_CPU(c);
    uint64_t *sp = banked(cpu, how & 0x1f, 13);
    bool before = how >> 8 & 1, up = how >> 9 & 1;
    uint32_t start = (uint32_t)*sp + (up ? (before ? 4 : 0) : (before ? -8 : -4));
    unsigned index = arm_data_index(cpu);
    bool swap = cpu->big_endian;
    uint32_t lr = (uint32_t)cpu->x[14], spsr = spsr_of(cpu, cpu->mode);
    tcg_store_or_leave(c, start, 4, index, swap ? __builtin_bswap32(lr) : lr);
    tcg_store_or_leave(c, start + 4, 4, index, swap ? __builtin_bswap32(spsr) : spsr);
    if (how >> 10 & 1) {
        *sp = (uint32_t)(*sp + (up ? 8 : -8));
    }
}

/* MRS and MSR of banked registers (DDI 0487, F5.1.121): where the number says. NULL: an SPSR, or none. */
static uint64_t *banked_by_number(ArmCpu *cpu, unsigned number)
{
    static const uint8_t modes[] = { MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND };
    if (number < 7) {
        return banked(cpu, MODE_USR, 8 + number);
    }
    if (number >= 8 && number < 15) {
        return banked(cpu, MODE_FIQ, number);
    }
    if (number >= 16 && number < 24) {
        return banked(cpu, modes[(number - 16) / 2], number & 1 ? 13 : 14);
    }
    switch (number) {
    case 28: return banked(cpu, MODE_MON, 14);
    case 29: return banked(cpu, MODE_MON, 13);
    case 30: return &cpu->elr_el[2];
    case 31: return banked(cpu, MODE_HYP, 13);
    default: return NULL;
    }
}

static unsigned spsr_mode(unsigned number)
{
    switch (number) {
    case 14: return MODE_FIQ;
    case 16: return MODE_IRQ;
    case 18: return MODE_SVC;
    case 20: return MODE_ABT;
    case 22: return MODE_UND;
    case 28: return MODE_MON;
    case 30: return MODE_HYP;
    default: return 0;
    }
}

/* Monitor's and Hyp's registers only from there up. */
static bool may_reach(const ArmCpu *cpu, unsigned number)
{
    if (number == 28 || number == 29) {
        return cpu->mode == MODE_MON || (cpu->has_el3 && arm_is_secure(cpu));
    }
    return number < 30 || cpu->mode == MODE_MON || cpu->mode == MODE_HYP;
}

uint32_t arm_helper_a32_mrs_banked(Cpu *c, uint32_t which)
{
    ArmCpu *cpu = ARM_CPU(c);
    unsigned number = which & 31;
    uint64_t *home = which >> 5 ? NULL : banked_by_number(cpu, number);
    if (!may_reach(cpu, number) || (which >> 5 ? !spsr_mode(number) : !home)) {
        arm_raise_undefined(cpu);
    }
    return home ? (uint32_t)*home : spsr_of(cpu, spsr_mode(number));
}

void arm_helper_a32_msr_banked(Cpu *c, uint32_t which, uint32_t value)
{
    ArmCpu *cpu = ARM_CPU(c);
    unsigned number = which & 31;
    uint64_t *home = which >> 5 ? NULL : banked_by_number(cpu, number);
    if (!may_reach(cpu, number) || (which >> 5 ? !spsr_mode(number) : !home)) {
        arm_raise_undefined(cpu);
    }
    if (home) {
        *home = value;
    } else {
        set_spsr(cpu, spsr_mode(number), value);
    }
}

/* ---- breakpoints ---- */

void arm_helper_a32_bkpt(Cpu *c, uint32_t imm)
{
    arm_raise(ARM_CPU(c), ARM_SYNDROME(EC_BKPT32, imm & 0xffff), 0);
}

/* ---- coprocessors ---- */

/* A trap from a mode of EL1 goes to EL2 or EL3, and names the registers as that sees them (DDI 0487, D17.2.37: "the AArch64 view of the register"). */
static unsigned trapped_register(const ArmCpu *cpu, unsigned n)
{
    return arm_el_is_aarch64(cpu, cpu->has_el2 ? 2 : 3) ? arm_register_in_aarch64(cpu, n) : n;
}

static uint32_t trap_iss(const ArmCpu *cpu, uint32_t spec, bool is64, bool reads)
{
    enum { CV = 1 << 24, COND_AL = 14 << 20 };
    unsigned opc1 = spec >> 4 & 15, crn = spec >> 8 & 15, crm = spec >> 12 & 15, opc2 = spec >> 16 & 7;
    unsigned rt = trapped_register(cpu, spec >> 20 & 15), rt2 = trapped_register(cpu, spec >> 24 & 15);
    return is64 ? CV | COND_AL | opc1 << 16 | rt2 << 10 | rt << 5 | crm << 1 | reads : CV | COND_AL | opc2 << 17 | opc1 << 14 | crn << 10 | rt << 5 | crm << 1 | reads;
}

static uint32_t syndrome_of(Cpu *c, uint32_t spec, bool is64, bool reads)
{
    unsigned ec = (spec & 15) == 15 ? (is64 ? EC_CP15_RRT : EC_CP15_RT) : is64 ? EC_CP14_RRT : EC_CP14_RT;
    return ARM_SYNDROME(ec, trap_iss(ARM_CPU(c), spec, is64, reads));
}

static uint64_t read_register(Cpu *c, uint32_t spec, bool is64)
{
    uint64_t value = 0;
    if (!arm_coprocessor_read(ARM_CPU(c), spec & 15, spec >> 4 & 15, spec >> 8 & 15, spec >> 12 & 15, spec >> 16 & 7, is64, syndrome_of(c, spec, is64, true), &value)) {
        tcg_leave(c);
    }
    return value;
}

static void write_register(Cpu *c, uint32_t spec, bool is64, uint64_t value)
{
    if (!arm_coprocessor_write(ARM_CPU(c), spec & 15, spec >> 4 & 15, spec >> 8 & 15, spec >> 12 & 15, spec >> 16 & 7, is64, syndrome_of(c, spec, is64, false), value)) {
        tcg_leave(c);
    }
}

uint32_t arm_helper_a32_mrc(Cpu *cpu, uint32_t spec) { return (uint32_t)read_register(cpu, spec, false); }
void arm_helper_a32_mcr(Cpu *cpu, uint32_t spec, uint32_t value) { write_register(cpu, spec, false, value); }
uint64_t arm_helper_a32_mrrc(Cpu *cpu, uint32_t spec) { return read_register(cpu, spec, true); }
void arm_helper_a32_mcrr(Cpu *cpu, uint32_t spec, uint64_t value) { write_register(cpu, spec, true, value); }

/* ---- parallel arithmetic ---- */

enum { KIND_S, KIND_Q, KIND_SH, KIND_U, KIND_UQ, KIND_UH };

static int32_t lane(uint32_t word, unsigned bits, unsigned n, bool is_signed)
{
    uint32_t field = word >> (bits * n) & (uint32_t)MAKE_MASK(0, bits);
    return is_signed ? (int32_t)(field << (32 - bits)) >> (32 - bits) : (int32_t)field;
}

/* A lane's result, and its GE. */
static uint32_t one(unsigned kind, unsigned bits, int32_t a, int32_t b, bool subtracts, bool *ge)
{
    int32_t sum = subtracts ? a - b : a + b, low = kind == KIND_Q ? -(1 << (bits - 1)) : 0, high = kind == KIND_Q ? (1 << (bits - 1)) - 1 : (1 << bits) - 1;
    switch (kind) {
    case KIND_Q:
    case KIND_UQ:
        sum = MIN(MAX(sum, low), high);
        break;
    case KIND_SH:
    case KIND_UH:
        sum >>= 1;
        break;
    }
    *ge = kind == KIND_U && !subtracts ? sum >> bits : sum >= 0;
    return (uint32_t)sum & (uint32_t)MAKE_MASK(0, bits);
}

uint64_t arm_helper_a32_parallel(Cpu *c, uint32_t how, uint32_t a, uint32_t b)
{
    enum { OP_ADD16, OP_ASX, OP_SAX, OP_SUB16, OP_ADD8, OP_SUB8 = 7 };
    unsigned kind = how & 0xff, op = how >> 8, bits = op == OP_ADD8 || op == OP_SUB8 ? 8 : 16, lanes = 32 / bits;
    bool is_signed = kind <= KIND_SH, crossed = op == OP_ASX || op == OP_SAX;
    uint32_t result = 0, ge = 0;
    for (unsigned n = 0; n < lanes; n++) {
        bool set, subtracts = op == OP_SUB16 || op == OP_SUB8 || (op == OP_ASX && n == 0) || (op == OP_SAX && n == 1);
        unsigned other = crossed ? 1 - n : n;
        result |= one(kind, bits, lane(a, bits, n, is_signed), lane(b, bits, other, is_signed), subtracts, &set) << (bits * n);
        ge |= (set ? (uint32_t)MAKE_MASK(0, bits / 8) : 0) << (bits / 8 * n);
    }
    return (uint64_t)ge << 32 | result;
}
