/*
 * Process state: PSTATE as SPSR_ELx holds it, CPSR, stack pointers of AArch64, banks of AArch32.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), C5.2.18 (SPSR_EL1), D1.4 (process state), D1.20.1 (registers between the states), G1.13 (AArch32).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/internal.h"

/* ---- flags: cpu->nzcv is as the IR's FLAGS lie in memory (tcg/ir.h), its carry the inverse of C ---- */

uint32_t arm_nzcv(const ArmCpu *cpu)
{
    return (cpu->nzcv & FLAGS_SF ? PSTATE_N : 0) | (cpu->nzcv & FLAGS_ZF ? PSTATE_Z : 0) | (cpu->nzcv & FLAGS_CF ? 0 : PSTATE_C) | (cpu->nzcv & FLAGS_OF ? PSTATE_V : 0);
}

void arm_set_nzcv(ArmCpu *cpu, uint32_t nzcv)
{
    cpu->nzcv = FLAGS_ONE | (nzcv & PSTATE_N ? FLAGS_SF : 0) | (nzcv & PSTATE_Z ? FLAGS_ZF : 0) | (nzcv & PSTATE_C ? 0 : FLAGS_CF) | (nzcv & PSTATE_V ? FLAGS_OF : 0);
}

/* ---- AArch64 ---- */

uint64_t arm_pstate(const ArmCpu *cpu)
{
    uint64_t p = arm_nzcv(cpu) | (cpu->daif & PSTATE_DAIF) | (uint64_t)cpu->el << PSTATE_EL_SHIFT | cpu->sp_sel | (uint64_t)cpu->btype << PSTATE_BTYPE_SHIFT;
    p |= (cpu->ssbs ? PSTATE_SSBS : 0) | (cpu->il ? PSTATE_IL : 0) | (cpu->ss ? PSTATE_SS : 0) | (cpu->pan ? PSTATE_PAN : 0);
    return p | (cpu->uao ? PSTATE_UAO : 0) | (cpu->dit ? PSTATE_DIT : 0) | (cpu->tco ? PSTATE_TCO : 0) | (cpu->allint ? PSTATE_ALLINT : 0) | (cpu->exlock ? PSTATE_EXLOCK : 0);
}

/* What counts may depend on it. */
static inline void tell_monitors(ArmCpu *cpu)
{
    if (__builtin_expect(cpu->pmcnten != 0, 0)) {
        arm_pmu_mode_changed(cpu);
    }
}

void arm_set_el(ArmCpu *cpu, unsigned el, bool sp_sel)
{
    cpu->sp_el[cpu->sp_sel ? cpu->el : 0] = cpu->x[31];
    cpu->el = el;
    cpu->sp_sel = sp_sel;
    cpu->x[31] = cpu->sp_el[sp_sel ? el : 0];
    tell_monitors(cpu);
}

void arm_set_pstate(ArmCpu *cpu, uint64_t spsr)
{
    arm_set_nzcv(cpu, spsr);
    cpu->daif = spsr & PSTATE_DAIF;
    cpu->btype = arm_has(cpu, bti) ? FIELD_GET(spsr, PSTATE_BTYPE) : 0;
    cpu->il = spsr & PSTATE_IL;
    cpu->ss = spsr & PSTATE_SS;
    cpu->ssbs = arm_has(cpu, ssbs) && (spsr & PSTATE_SSBS);
    cpu->pan = arm_has(cpu, pan) && (spsr & PSTATE_PAN);
    cpu->uao = arm_has(cpu, uao) && (spsr & PSTATE_UAO);
    cpu->dit = arm_has(cpu, dit) && (spsr & PSTATE_DIT);
    cpu->tco = arm_has(cpu, mte) && (spsr & PSTATE_TCO);
    cpu->allint = arm_has(cpu, nmi) && (spsr & PSTATE_ALLINT);
    cpu->exlock = arm_has(cpu, gcs) && (spsr & PSTATE_EXLOCK);
    arm_set_el(cpu, FIELD_GET(spsr, PSTATE_EL), spsr & PSTATE_SP);
}

/* ---- AArch32 ---- */

uint32_t arm_cpsr(const ArmCpu *cpu)
{
    uint32_t p = arm_nzcv(cpu) | (cpu->daif & (PSTATE_A | PSTATE_I | PSTATE_F)) | cpu->mode | (cpu->q_flag ? CPSR_Q : 0) | (cpu->ge & 15) << CPSR_GE_SHIFT;
    p |= (cpu->thumb ? CPSR_T : 0) | (cpu->big_endian ? CPSR_E : 0) | (cpu->j ? CPSR_J : 0) | (uint32_t)(cpu->it & 3) << 25 | (uint32_t)(cpu->it >> 2) << 10;
    p |= (cpu->il ? PSTATE_IL : 0) | (cpu->pan ? PSTATE_PAN : 0) | (cpu->ssbs ? CPSR_SSBS : 0) | (cpu->dit ? CPSR_DIT : 0);
    return p;
}

static unsigned bank_of(unsigned mode)
{
    static const uint8_t banks[16] = {
        [MODE_USR & 15] = BANK_USR, [MODE_SYS & 15] = BANK_USR, [MODE_FIQ & 15] = BANK_FIQ, [MODE_IRQ & 15] = BANK_IRQ, [MODE_SVC & 15] = BANK_SVC,
        [MODE_MON & 15] = BANK_MON, [MODE_ABT & 15] = BANK_ABT, [MODE_HYP & 15] = BANK_HYP, [MODE_UND & 15] = BANK_UND,
    };
    return banks[mode & 15];
}

/* Hyp mode shares User's LR. */
static unsigned lr_bank(unsigned mode) { return mode == MODE_HYP ? BANK_USR : bank_of(mode); }

static unsigned el_of_mode(const ArmCpu *cpu, unsigned mode)
{
    if (mode == MODE_USR) {
        return 0;
    }
    if (mode == MODE_HYP) {
        return 2;
    }
    bool secure_el3 = cpu->has_el3 && !cpu->has_aarch64 && !(cpu->scr_el3 & SCR_NS);
    return mode == MODE_MON || secure_el3 ? 3 : 1;
}

void arm_switch_mode(ArmCpu *cpu, unsigned mode)
{
    unsigned from = bank_of(cpu->mode), to = bank_of(mode);
    cpu->banked_sp[from] = cpu->x[13];
    cpu->banked_lr[lr_bank(cpu->mode)] = cpu->x[14];
    if ((from == BANK_FIQ) != (to == BANK_FIQ)) {
        memcpy(cpu->banked_high[from == BANK_FIQ], &cpu->x[8], sizeof(cpu->banked_high[0]));
        memcpy(&cpu->x[8], cpu->banked_high[to == BANK_FIQ], sizeof(cpu->banked_high[0]));
    }
    cpu->x[13] = cpu->banked_sp[to];
    cpu->x[14] = cpu->banked_lr[lr_bank(mode)];
    cpu->mode = mode;
    cpu->el = el_of_mode(cpu, mode);
    tell_monitors(cpu);
}

void arm_set_cpsr(ArmCpu *cpu, uint32_t cpsr, uint32_t mask, bool raw)
{
    if (mask & PSTATE_NZCV) {
        arm_set_nzcv(cpu, cpsr);
    }
    cpu->q_flag = mask & CPSR_Q ? (cpsr & CPSR_Q) != 0 : cpu->q_flag;
    cpu->ge = mask & FIELD_MASK(CPSR_GE) ? FIELD_GET(cpsr, CPSR_GE) : cpu->ge;
    cpu->thumb = mask & CPSR_T ? (cpsr & CPSR_T) != 0 : cpu->thumb;
    cpu->j = mask & CPSR_J ? (cpsr & CPSR_J) != 0 : cpu->j;
    cpu->big_endian = mask & CPSR_E ? (cpsr & CPSR_E) != 0 : cpu->big_endian;
    cpu->il = mask & PSTATE_IL ? (cpsr & PSTATE_IL) != 0 : cpu->il;
    cpu->pan = mask & PSTATE_PAN ? arm_has(cpu, a32_pan) && (cpsr & PSTATE_PAN) : cpu->pan;
    cpu->ssbs = mask & CPSR_SSBS ? arm_has(cpu, ssbs) && (cpsr & CPSR_SSBS) : cpu->ssbs;
    cpu->dit = mask & CPSR_DIT ? arm_has(cpu, dit) && (cpsr & CPSR_DIT) : cpu->dit;
    if (mask & CPSR_IT_LOW) {
        cpu->it = (cpu->it & ~3u) | (cpsr >> 25 & 3);
    }
    if (mask & FIELD_MASK(CPSR_IT_HIGH)) {
        cpu->it = (cpu->it & 3) | (cpsr >> 10 & 63) << 2;
    }
    uint32_t interrupts = mask & (PSTATE_A | PSTATE_I | PSTATE_F);
    cpu->daif = (cpu->daif & ~interrupts) | (cpsr & interrupts);
    unsigned mode = FIELD_GET(cpsr, CPSR_M);
    if ((mask & FIELD_MASK(CPSR_M)) && mode != cpu->mode && (raw || cpu->mode != MODE_USR)) {
        arm_switch_mode(cpu, mode);
    }
}

/* ---- between the states: D1.20.1 ---- */

/* Where AArch64 sees the banked registers of AArch32: x13 to x30. */
static const struct { uint8_t x, bank; bool lr; } mapped[] = {
    { 13, BANK_USR, false }, { 14, BANK_USR, true }, { 15, BANK_HYP, false }, { 16, BANK_IRQ, true }, { 17, BANK_IRQ, false }, { 18, BANK_SVC, true },
    { 19, BANK_SVC, false }, { 20, BANK_ABT, true }, { 21, BANK_ABT, false }, { 22, BANK_UND, true }, { 23, BANK_UND, false }, { 29, BANK_FIQ, false },
    { 30, BANK_FIQ, true },
};

unsigned arm_register_in_aarch64(const ArmCpu *cpu, unsigned n)
{
    if (n >= 8 && n <= 12 && cpu->mode == MODE_FIQ) {
        return n + 16;
    }
    if (n == 13 || n == 14) {
        unsigned bank = n == 14 ? lr_bank(cpu->mode) : bank_of(cpu->mode);
        for (unsigned i = 0; i < ARRAY_SIZE(mapped); i++) {
            if (mapped[i].bank == bank && mapped[i].lr == (n == 14)) {
                return mapped[i].x;
            }
        }
    }
    return n;
}

void arm_sync_to_aarch64(ArmCpu *cpu)
{
    bool fiq = cpu->mode == MODE_FIQ;
    cpu->banked_sp[bank_of(cpu->mode)] = cpu->x[13];
    cpu->banked_lr[lr_bank(cpu->mode)] = cpu->x[14];
    memcpy(cpu->banked_high[fiq], &cpu->x[8], sizeof(cpu->banked_high[0]));
    memcpy(&cpu->x[8], cpu->banked_high[0], sizeof(cpu->banked_high[0]));
    memcpy(&cpu->x[24], cpu->banked_high[1], sizeof(cpu->banked_high[0]));
    for (unsigned i = 0; i < ARRAY_SIZE(mapped); i++) {
        cpu->x[mapped[i].x] = mapped[i].lr ? cpu->banked_lr[mapped[i].bank] : cpu->banked_sp[mapped[i].bank];
    }
}

void arm_sync_to_aarch32(ArmCpu *cpu)
{
    bool fiq = cpu->mode == MODE_FIQ;
    for (unsigned i = 0; i < ARRAY_SIZE(mapped); i++) {
        uint64_t *bank = mapped[i].lr ? cpu->banked_lr : cpu->banked_sp;
        bank[mapped[i].bank] = (uint32_t)cpu->x[mapped[i].x];
    }
    for (unsigned i = 0; i < 5; i++) {
        cpu->banked_high[0][i] = (uint32_t)cpu->x[8 + i];
        cpu->banked_high[1][i] = (uint32_t)cpu->x[24 + i];
    }
    for (unsigned i = 0; i < 8; i++) {
        cpu->x[i] = (uint32_t)cpu->x[i];
    }
    memcpy(&cpu->x[8], cpu->banked_high[fiq], sizeof(cpu->banked_high[0]));
    cpu->x[13] = cpu->banked_sp[bank_of(cpu->mode)];
    cpu->x[14] = cpu->banked_lr[lr_bank(cpu->mode)];
}

/* ---- saved status of AArch32's modes ---- */

void arm_set_spsr32(ArmCpu *cpu, unsigned mode, uint32_t value)
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
