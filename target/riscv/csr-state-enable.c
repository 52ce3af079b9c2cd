/*
 * State enables: what modes below M may reach of the state that extensions add, so that a supervisor that does not know of it leaves no channel between its programs.
 *
 * The RISC-V Instruction Set Manual, volume II (20240411), 4 "Smstateen/Ssstateen"; The RISC-V Advanced Interrupt Architecture 1.0, 2.5.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/csr.h"

#define USER_BITS (STATEEN_FCSR | STATEEN_JVT)

int riscv_state_enabled(const RiscvCpu *cpu, unsigned n, uint64_t bit)
{
    if (!riscv_has(cpu, smstateen) || cpu->priv == PRIV_M) {
        return CSR_OK;
    }
    if (!(cpu->mstateen[n] & bit)) {
        return CSR_ILLEGAL;
    }
    if (cpu->virt && !(cpu->hstateen[n] & bit)) {
        return CSR_VIRTUAL;
    }
    if ((bit & USER_BITS) && cpu->priv == PRIV_U && riscv_has(cpu, s) && !(cpu->sstateen[n] & bit)) {
        return cpu->virt ? CSR_VIRTUAL : CSR_ILLEGAL;
    }
    return CSR_OK;
}

int riscv_finx_enabled(const RiscvCpu *cpu) { return riscv_state_enabled(cpu, 0, STATEEN_FCSR); }

/* Bits that lead somewhere here; sstateen has those of user state alone. */
static uint64_t user_writable(const RiscvCpu *cpu, unsigned n)
{
    return n ? 0 : (riscv_has(cpu, zfinx) ? STATEEN_FCSR : 0) | (riscv_has(cpu, zcmt) ? STATEEN_JVT : 0);
}

static uint64_t writable(const RiscvCpu *cpu, unsigned n)
{
    uint64_t aia = (riscv_has(cpu, ssaia) ? STATEEN_IMSIC | STATEEN_AIA : 0) | (riscv_is_indirect(cpu, false) ? STATEEN_CSRIND : 0);
    uint64_t ctr = riscv_has_ctr(cpu) ? STATEEN_CTR : 0;
    return STATEEN_SE | user_writable(cpu, n) | (n == 0 ? STATEEN_ENVCFG | aia | ctr : 0);
}

/* ---- CSRs ---- */

static int need_m(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, smstateen) && (!(csr & 0x10) || cpu->xlen == 32) ? CSR_OK : CSR_ILLEGAL; }
static int need_h(RiscvCpu *cpu, unsigned csr)
{
    int there = riscv_has(cpu, h) ? need_m(cpu, csr) : CSR_ILLEGAL;
    return there == CSR_OK ? riscv_state_enabled(cpu, csr & 3, STATEEN_SE) : there;
}
static int need_s(RiscvCpu *cpu, unsigned csr)
{
    int there = riscv_has(cpu, s) ? need_m(cpu, csr) : CSR_ILLEGAL;
    return there == CSR_OK ? riscv_state_enabled(cpu, csr & 3, STATEEN_SE) : there;
}

static unsigned number_of(unsigned csr) { return csr & 3; }     /* 0x30c to 0x30f, and so on */

static uint64_t read_m(RiscvCpu *cpu, unsigned csr) { return cpu->mstateen[number_of(csr)]; }
static uint64_t read_m_high(RiscvCpu *cpu, unsigned csr) { return read_m(cpu, csr) >> 32; }
static void write_m(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t *r = &cpu->mstateen[number_of(csr)];
    *r = (cpu->xlen == 32 ? deposit64(*r, 0, 32, value) : value) & writable(cpu, number_of(csr));
}
static void write_m_high(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t *r = &cpu->mstateen[number_of(csr)];
    *r = deposit64(*r, 32, 32, value) & writable(cpu, number_of(csr));
}

/* A bit that M-mode keeps back reads as 0 and is not written. */
static uint64_t read_h(RiscvCpu *cpu, unsigned csr) { return cpu->hstateen[number_of(csr)] & cpu->mstateen[number_of(csr)]; }
static uint64_t read_h_high(RiscvCpu *cpu, unsigned csr) { return read_h(cpu, csr) >> 32; }
static void set_h(RiscvCpu *cpu, unsigned n, uint64_t value)
{
    uint64_t mask = cpu->mstateen[n] & writable(cpu, n);
    cpu->hstateen[n] = (cpu->hstateen[n] & ~mask) | (value & mask);
}
static void write_h(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    unsigned n = number_of(csr);
    set_h(cpu, n, cpu->xlen == 32 ? deposit64(cpu->hstateen[n], 0, 32, value) : value);
}
static void write_h_high(RiscvCpu *cpu, unsigned csr, uint64_t value) { set_h(cpu, number_of(csr), deposit64(cpu->hstateen[number_of(csr)], 32, 32, value)); }

static uint64_t visible_s(const RiscvCpu *cpu, unsigned n)
{
    return user_writable(cpu, n) & cpu->mstateen[n] & (cpu->virt ? cpu->hstateen[n] : UINT64_MAX);
}
static uint64_t read_s(RiscvCpu *cpu, unsigned csr) { return cpu->sstateen[number_of(csr)] & visible_s(cpu, number_of(csr)); }
static void write_s(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t mask = visible_s(cpu, number_of(csr)), *r = &cpu->sstateen[number_of(csr)];
    *r = (*r & ~mask) | (value & mask);
}

#define CSR(text, condition, r, w) { .name = text, .need = condition, .read = r, .write = w }
#define FOUR(name, high, condition, r, w) \
    CSR(name "0" high, condition, r, w), CSR(name "1" high, condition, r, w), CSR(name "2" high, condition, r, w), CSR(name "3" high, condition, r, w)
static const struct { uint16_t first; RiscvCsr csrs[4]; } groups[] = {
    { 0x10c, { FOUR("sstateen", "", need_s, read_s, write_s) } },
    { 0x30c, { FOUR("mstateen", "", need_m, read_m, write_m) } },
    { 0x31c, { FOUR("mstateen", "h", need_m, read_m_high, write_m_high) } },
    { 0x60c, { FOUR("hstateen", "", need_h, read_h, write_h) } },
    { 0x61c, { FOUR("hstateen", "h", need_h, read_h_high, write_h_high) } },
};

const RiscvCsr *riscv_csr_state_enable(unsigned csr)
{
    for (unsigned i = 0; i < ARRAY_SIZE(groups); i++) {
        if (csr >= groups[i].first && csr < groups[i].first + 4u) {
            return &groups[i].csrs[csr - groups[i].first];
        }
    }
    return riscv_csr_indirect(csr);
}
