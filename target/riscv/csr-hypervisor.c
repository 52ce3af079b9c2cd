/*
 * CSRs of the hypervisor extension.
 *
 * The RISC-V Instruction Set Manual, volume II (20240411), 18.2 "Hypervisor and virtual supervisor CSRs".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/csr.h"

static int need_h(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, h) ? CSR_OK : CSR_ILLEGAL; }
static int need_h32(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, h) && cpu->xlen == 32 ? CSR_OK : CSR_ILLEGAL; }

/* ---- control ---- */

static void write_hstatus(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t mask = HSTATUS_GVA | HSTATUS_SPV | HSTATUS_SPVP | HSTATUS_HU | FIELD_MASK(HSTATUS_VGEIN) | HSTATUS_VTVM | HSTATUS_VTW | HSTATUS_VTSR;
    mask |= riscv_has(cpu, ssnpm) && cpu->xlen == 64 && FIELD_GET(value, HSTATUS_HUPMM) != 1 ? FIELD_MASK(HSTATUS_HUPMM) : 0;
    if (FIELD_GET(value, HSTATUS_VGEIN) > cpu->guest_files) {
        mask &= ~FIELD_MASK(HSTATUS_VGEIN);
    }
    cpu->hstatus = (cpu->hstatus & ~mask) | (value & mask);
    riscv_own_interrupts_changed(cpu);
}

enum { HEDELEG_MASK = 1 << CAUSE_MISALIGNED_FETCH | 1 << CAUSE_FETCH_ACCESS | 1 << CAUSE_ILLEGAL_INSTRUCTION | 1 << CAUSE_BREAKPOINT | 1 << CAUSE_MISALIGNED_LOAD
           | 1 << CAUSE_LOAD_ACCESS | 1 << CAUSE_MISALIGNED_STORE | 1 << CAUSE_STORE_ACCESS | 1 << CAUSE_USER_ECALL | 1 << CAUSE_FETCH_PAGE_FAULT
           | 1 << CAUSE_LOAD_PAGE_FAULT | 1 << CAUSE_STORE_PAGE_FAULT };

static void write_hedeleg(RiscvCpu *cpu, unsigned csr, uint64_t value) { cpu->hedeleg = value & (HEDELEG_MASK | (riscv_has(cpu, zicfilp) || riscv_has(cpu, zicfiss) ? 1 << CAUSE_SOFTWARE_CHECK : 0)); }
static void write_hideleg(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->hideleg = value & MIP_VS;
    riscv_own_interrupts_changed(cpu);
}

static uint64_t henvcfg_writable(const RiscvCpu *cpu)
{
    uint64_t mask = ENVCFG_FIOM | (riscv_has(cpu, zicbom) ? FIELD_MASK(ENVCFG_CBIE) | ENVCFG_CBCFE : 0) | (riscv_has(cpu, zicboz) ? ENVCFG_CBZE : 0);
    mask |= riscv_has(cpu, ssnpm) && cpu->xlen == 64 ? FIELD_MASK(ENVCFG_PMM) : 0;
    mask |= (riscv_has(cpu, zicfilp) ? ENVCFG_LPE : 0) | (cpu->menvcfg & ENVCFG_SSE);
    return mask | (cpu->menvcfg & (ENVCFG_STCE | ENVCFG_ADUE | ENVCFG_PBMTE | ENVCFG_DTE));
}

static void set_henvcfg(RiscvCpu *cpu, uint64_t value)
{
    cpu->henvcfg = riscv_checked_envcfg(cpu->henvcfg, value) & henvcfg_writable(cpu);
    if (!(cpu->henvcfg & ENVCFG_DTE)) {
        cpu->vsstatus &= ~MSTATUS_SDT;
    }
    riscv_flush_translations(cpu);
    riscv_timers_update(cpu);
}
static int need_henvcfg(RiscvCpu *cpu, unsigned csr)
{
    return riscv_has(cpu, h) && ((csr & 0x10) == 0 || cpu->xlen == 32) ? riscv_state_enabled(cpu, 0, STATEEN_ENVCFG) : CSR_ILLEGAL;
}
static uint64_t read_henvcfg(RiscvCpu *cpu, unsigned csr)
{
    return cpu->henvcfg & (~(ENVCFG_STCE | ENVCFG_ADUE | ENVCFG_PBMTE | ENVCFG_DTE) | cpu->menvcfg);
}
static uint64_t read_henvcfgh(RiscvCpu *cpu, unsigned csr) { return read_henvcfg(cpu, csr) >> 32; }
static void write_henvcfg(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    set_henvcfg(cpu, cpu->xlen == 32 ? deposit64(cpu->henvcfg, 0, 32, value) : value);
}
static void write_henvcfgh(RiscvCpu *cpu, unsigned csr, uint64_t value) { set_henvcfg(cpu, deposit64(cpu->henvcfg, 32, 32, value)); }

/* ---- interrupts ---- */

static uint64_t read_hie(RiscvCpu *cpu, unsigned csr) { return cpu->mie & (MIP_VS | MIP_SGEIP); }
static void write_hie(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t mask = MIP_VS | MIP_SGEIP;
    cpu->mie = (cpu->mie & ~mask) | (value & mask);
    riscv_own_interrupts_changed(cpu);
}
static uint64_t read_hip(RiscvCpu *cpu, unsigned csr) { return riscv_mip(cpu) & (MIP_VS | MIP_SGEIP); }
static uint64_t hvip_base(RiscvCpu *cpu, unsigned csr) { return cpu->hvip; }
static void write_hip(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->hvip = (cpu->hvip & ~MIP_VSSIP) | (value & MIP_VSSIP);
    riscv_own_interrupts_changed(cpu);
}
static void write_hvip(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->hvip = value & MIP_VS;
    riscv_own_interrupts_changed(cpu);
}
static uint64_t read_hgeip(RiscvCpu *cpu, unsigned csr) { return atomic_load(&cpu->guest_lines); }
static void write_hgeie(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->hgeie = value & MAKE_MASK(1, cpu->guest_files);
    riscv_own_interrupts_changed(cpu);
}

/* A guest sees its own at the places of a supervisor's. */
static uint64_t read_vsie(RiscvCpu *cpu, unsigned csr) { return (cpu->mie & cpu->hideleg & MIP_VS) >> 1; }
static void write_vsie(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t mask = cpu->hideleg & MIP_VS;
    cpu->mie = (cpu->mie & ~mask) | (value << 1 & mask);
    riscv_own_interrupts_changed(cpu);
}
static uint64_t read_vsip(RiscvCpu *cpu, unsigned csr) { return (riscv_mip(cpu) & cpu->hideleg & MIP_VS) >> 1; }
static uint64_t vsip_base(RiscvCpu *cpu, unsigned csr) { return (cpu->hvip & cpu->hideleg & MIP_VS) >> 1; }
static void write_vsip(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t mask = cpu->hideleg & MIP_VSSIP;
    cpu->hvip = (cpu->hvip & ~mask) | (value << 1 & mask);
    riscv_own_interrupts_changed(cpu);
}

/* ---- time ---- */

static uint64_t read_htimedelta(RiscvCpu *cpu, unsigned csr) { return cpu->htimedelta; }
static uint64_t read_htimedeltah(RiscvCpu *cpu, unsigned csr) { return cpu->htimedelta >> 32; }
static void set_htimedelta(RiscvCpu *cpu, uint64_t value)
{
    cpu->htimedelta = value;
    riscv_timers_update(cpu);
}
static void write_htimedelta(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    set_htimedelta(cpu, cpu->xlen == 32 ? deposit64(cpu->htimedelta, 0, 32, value) : value);
}
static void write_htimedeltah(RiscvCpu *cpu, unsigned csr, uint64_t value) { set_htimedelta(cpu, deposit64(cpu->htimedelta, 32, 32, value)); }

static int need_vstimecmp(RiscvCpu *cpu, unsigned csr)
{
    bool half = csr & 0x10;
    if (!riscv_has(cpu, h) || !riscv_has(cpu, sstc) || !cpu->time || (half && cpu->xlen != 32)) {
        return CSR_ILLEGAL;
    }
    return cpu->priv == PRIV_M || ((cpu->mcounteren & 2) && (cpu->menvcfg & ENVCFG_STCE)) ? CSR_OK : CSR_ILLEGAL;
}
static uint64_t read_vstimecmp(RiscvCpu *cpu, unsigned csr) { return cpu->vstimecmp; }
static uint64_t read_vstimecmph(RiscvCpu *cpu, unsigned csr) { return cpu->vstimecmp >> 32; }
static void write_vstimecmp(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->vstimecmp = cpu->xlen == 32 ? deposit64(cpu->vstimecmp, 0, 32, value) : value;
    riscv_timers_update(cpu);
}
static void write_vstimecmph(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->vstimecmp = deposit64(cpu->vstimecmp, 32, 32, value);
    riscv_timers_update(cpu);
}

/* ---- address spaces ---- */

static unsigned mode_of(const RiscvCpu *cpu, uint64_t value) { return cpu->xlen == 32 ? value >> 31 & 1 : value >> 60; }

static bool valid_mode(const RiscvCpu *cpu, uint64_t value)
{
    unsigned mode = mode_of(cpu, value);
    return mode == SATP_BARE || (cpu->xlen == 32 ? cpu->max_satp == SATP_SV32 : mode >= SATP_SV39 && mode <= cpu->max_satp);
}

static int need_hgatp(RiscvCpu *cpu, unsigned csr)
{
    if (!riscv_has(cpu, h)) {
        return CSR_ILLEGAL;
    }
    return cpu->priv == PRIV_S && !cpu->virt && (cpu->mstatus & MSTATUS_TVM) ? CSR_ILLEGAL : CSR_OK;
}

static void write_hgatp(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t mask = cpu->xlen == 32 ? 0x9fffffff & ~UINT64_C(3) : (UINT64_C(0xf) << 60 | MAKE_MASK(0, 58)) & ~UINT64_C(3);
    if (!valid_mode(cpu, value)) {
        return;
    }
    bool other = mode_of(cpu, value) != mode_of(cpu, cpu->hgatp);
    cpu->hgatp = value & mask;
    if (other) {
        riscv_flush_translations(cpu);
    }
}

static void write_vsatp(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    if (!valid_mode(cpu, value)) {
        return;
    }
    bool other = mode_of(cpu, value) != mode_of(cpu, cpu->vsatp);
    cpu->vsatp = value;
    if (other) {
        riscv_flush_translations(cpu);
    }
    if (cpu->virt && tcg_runs(&cpu->parent)) {
        tcg_tlb_switch(&cpu->parent, false);
    }
}

/* ---- trap registers of the guest ---- */

static void write_vstvec(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    if ((value & 3) < 2) {
        cpu->vstvec = value;
    }
}
static void write_vsepc(RiscvCpu *cpu, unsigned csr, uint64_t value) { cpu->vsepc = riscv_to_xlen(cpu, value & ~UINT64_C(1)); }

#define PLAIN(text, member) { .name = text, .offset = offsetof(RiscvCpu, member), .writable = UINT64_MAX, .need = need_h }
#define CSR(text, condition, r, w) { .name = text, .need = condition, .read = r, .write = w }
#define HOME(text, condition, member, w) { .name = text, .offset = offsetof(RiscvCpu, member), .need = condition, .write = w }

static const struct { uint16_t number; RiscvCsr csr; } csrs[] = {
    { 0x204, CSR("vsie", need_h, read_vsie, write_vsie) },
    { 0x205, HOME("vstvec", need_h, vstvec, write_vstvec) },
    { 0x240, PLAIN("vsscratch", vsscratch) },
    { 0x241, HOME("vsepc", need_h, vsepc, write_vsepc) },
    { 0x242, PLAIN("vscause", vscause) },
    { 0x243, PLAIN("vstval", vstval) },
    { 0x244, { .name = "vsip", .need = need_h, .read = read_vsip, .write = write_vsip, .modify_base = vsip_base } },
    { 0x24d, CSR("vstimecmp", need_vstimecmp, read_vstimecmp, write_vstimecmp) },
    { 0x25d, CSR("vstimecmph", need_vstimecmp, read_vstimecmph, write_vstimecmph) },
    { 0x280, HOME("vsatp", need_h, vsatp, write_vsatp) },
    { 0x34a, PLAIN("mtinst", mtinst) },
    { 0x34b, PLAIN("mtval2", mtval2) },
    { 0x600, HOME("hstatus", need_h, hstatus, write_hstatus) },
    { 0x602, HOME("hedeleg", need_h, hedeleg, write_hedeleg) },
    { 0x603, HOME("hideleg", need_h, hideleg, write_hideleg) },
    { 0x604, CSR("hie", need_h, read_hie, write_hie) },
    { 0x605, CSR("htimedelta", need_h, read_htimedelta, write_htimedelta) },
    { 0x607, HOME("hgeie", need_h, hgeie, write_hgeie) },
    { 0x60a, CSR("henvcfg", need_henvcfg, read_henvcfg, write_henvcfg) },
    { 0x615, CSR("htimedeltah", need_h32, read_htimedeltah, write_htimedeltah) },
    { 0x61a, CSR("henvcfgh", need_henvcfg, read_henvcfgh, write_henvcfgh) },
    { 0x643, PLAIN("htval", htval) },
    { 0x644, { .name = "hip", .need = need_h, .read = read_hip, .write = write_hip, .modify_base = hvip_base } },
    { 0x645, HOME("hvip", need_h, hvip, write_hvip) },
    { 0x64a, PLAIN("htinst", htinst) },
    { 0x680, HOME("hgatp", need_hgatp, hgatp, write_hgatp) },
    { 0xe12, CSR("hgeip", need_h, read_hgeip, NULL) },
};

const RiscvCsr *riscv_csr_hypervisor(unsigned csr)
{
    for (unsigned i = 0; i < ARRAY_SIZE(csrs); i++) {
        if (csrs[i].number == csr) {
            return &csrs[i].csr;
        }
    }
    return riscv_csr_aia(csr);
}
