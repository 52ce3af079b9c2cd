/*
 * Resumable non-maskable interrupts: their registers, the way to their handler, and MNRET.
 *
 * A hart without them keeps mnstatus.NMIE set, so that whatever asks for it need not ask for the extension.
 *
 * The RISC-V Instruction Set Manual, volume II (20250508), "Smrnmi", "Smdbltrp"; 3.1.6.2 (double traps).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/csr.h"

/* From now on M-mode loads and stores by another privilege, if mstatus.MPRV says so. */
static void set_nmie(RiscvCpu *cpu, bool on)
{
    bool changes = on != !!(cpu->mnstatus & MNSTATUS_NMIE);
    cpu->mnstatus = (cpu->mnstatus & ~MNSTATUS_NMIE) | (on ? MNSTATUS_NMIE : 0);
    if (changes && (cpu->mstatus & MSTATUS_MPRV)) {
        riscv_flush_translations(cpu);
    }
}

void riscv_rnmi_reset(RiscvCpu *cpu)
{
    cpu->mnscratch = cpu->mnepc = cpu->mncause = 0;
    cpu->mnstatus = riscv_has(cpu, smrnmi) ? 0 : MNSTATUS_NMIE;
}

void riscv_enter_rnmi(RiscvCpu *cpu, unsigned cause, bool interrupt)
{
    cpu->mnepc = riscv_to_xlen(cpu, cpu->pc);
    cpu->mncause = riscv_to_xlen(cpu, cause | (interrupt ? BIT(cpu->xlen - 1) : 0));
    cpu->mnstatus = FIELD_SET(cpu->mnstatus & MNSTATUS_NMIE, MNSTATUS_MNPP, cpu->priv) | (cpu->virt ? MNSTATUS_MNPV : 0) | (cpu->elp ? MNSTATUS_MNPELP : 0);
    set_nmie(cpu, false);
    cpu->elp = 0;
    cpu->reserved_address = UINT64_MAX;
    cpu->pc = riscv_address(cpu, cpu->rnmi_interrupt_vector);
    riscv_set_privilege(cpu, PRIV_M, false);
}

/* As IALIGN has it. */
static uint64_t read_mnepc(RiscvCpu *cpu, unsigned csr) { return cpu->mnepc & (riscv_has(cpu, zca) ? ~UINT64_C(1) : ~UINT64_C(3)); }

void riscv_return_rnmi(RiscvCpu *cpu)
{
    RiscvCtrPlace from = riscv_ctr_place(cpu);
    unsigned priv = FIELD_GET(cpu->mnstatus, MNSTATUS_MNPP);
    bool virt = (cpu->mnstatus & MNSTATUS_MNPV) && priv != PRIV_M;
    cpu->pc = riscv_address(cpu, read_mnepc(cpu, 0x741));
    cpu->reserved_address = UINT64_MAX;
    set_nmie(cpu, true);
    if (priv != PRIV_M) {
        cpu->mstatus &= ~(MSTATUS_MPRV | MSTATUS_MDT | (virt || priv == PRIV_U ? MSTATUS_SDT : 0));
        cpu->vsstatus &= virt && priv == PRIV_U ? ~MSTATUS_SDT : UINT64_MAX;
    }
    riscv_set_privilege(cpu, priv, virt);
    cpu->elp = (cpu->mnstatus & MNSTATUS_MNPELP) && riscv_needs_landing_pads(cpu);
    cpu->mnstatus &= ~MNSTATUS_MNPELP;
    riscv_ctr_return(cpu, &from);
    riscv_own_interrupts_changed(cpu);
}

/* ---- CSRs ---- */

static int need_rnmi(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, smrnmi) ? CSR_OK : CSR_ILLEGAL; }
static void write_mnepc(RiscvCpu *cpu, unsigned csr, uint64_t value) { cpu->mnepc = riscv_to_xlen(cpu, value & ~UINT64_C(1)); }
static uint64_t read_mnstatus(RiscvCpu *cpu, unsigned csr) { return cpu->mnstatus; }

/* NMIE can be set; only an interrupt clears it. */
static void write_mnstatus(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t mask = (riscv_is_privilege(cpu, FIELD_GET(value, MNSTATUS_MNPP)) ? FIELD_MASK(MNSTATUS_MNPP) : 0) | (riscv_has(cpu, h) ? MNSTATUS_MNPV : 0)
        | (riscv_has(cpu, zicfilp) ? MNSTATUS_MNPELP : 0);
    cpu->mnstatus = (cpu->mnstatus & ~mask) | (value & mask);
    if (value & MNSTATUS_NMIE) {
        set_nmie(cpu, true);
        riscv_own_interrupts_changed(cpu);
    }
}

static const struct { uint16_t number; RiscvCsr csr; } csrs[] = {
    { 0x740, { .name = "mnscratch", .offset = offsetof(RiscvCpu, mnscratch), .writable = UINT64_MAX, .need = need_rnmi } },
    { 0x741, { .name = "mnepc", .need = need_rnmi, .read = read_mnepc, .write = write_mnepc } },
    { 0x742, { .name = "mncause", .offset = offsetof(RiscvCpu, mncause), .writable = UINT64_MAX, .need = need_rnmi } },
    { 0x744, { .name = "mnstatus", .need = need_rnmi, .read = read_mnstatus, .write = write_mnstatus } },
};

const RiscvCsr *riscv_csr_rnmi(unsigned csr)
{
    for (unsigned i = 0; i < ARRAY_SIZE(csrs); i++) {
        if (csrs[i].number == csr) {
            return &csrs[i].csr;
        }
    }
    return riscv_csr_ctr(csr);
}
