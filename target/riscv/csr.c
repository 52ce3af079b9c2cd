/*
 * Control and status registers: a table by number, with what each needs, and how it is read and written.
 *
 * The RISC-V Instruction Set Manual, volume II (20240411), 2 "CSRs" (numbers, privileges), 3.1, 12.1, 18.2; volume I, 6, 7, 20.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/csr.h"
#include "util/main-loop.h"

/* ---- floating point ---- */

bool riscv_float_on(const RiscvCpu *cpu)
{
    return FIELD_GET(cpu->mstatus, MSTATUS_FS) && (!cpu->virt || FIELD_GET(cpu->vsstatus, MSTATUS_FS));
}

static void dirty_float(RiscvCpu *cpu)
{
    if (riscv_has(cpu, zfinx)) {
        return;                         /* mstatus.FS is 0 for good */
    }
    cpu->mstatus |= FIELD_MASK(MSTATUS_FS);
    if (cpu->virt) {
        cpu->vsstatus |= FIELD_MASK(MSTATUS_FS);
    }
}

static int need_float(RiscvCpu *cpu, unsigned csr)
{
    if (riscv_has(cpu, zfinx)) {
        return riscv_finx_enabled(cpu);
    }
    return riscv_has(cpu, f) && riscv_float_on(cpu) ? CSR_OK : CSR_ILLEGAL;
}

static uint64_t read_fflags(RiscvCpu *cpu, unsigned csr) { return cpu->fflags & 31; }
static uint64_t read_frm(RiscvCpu *cpu, unsigned csr) { return cpu->frm; }
static uint64_t read_fcsr(RiscvCpu *cpu, unsigned csr) { return (cpu->fflags & 31) | cpu->frm << 5; }
static void write_fflags(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->fflags = value & 31;
    dirty_float(cpu);
}
static void write_frm(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->frm = value & 7;
    dirty_float(cpu);
}
static void write_fcsr(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->fflags = value & 31;
    cpu->frm = value >> 5 & 7;
    dirty_float(cpu);
}

/* ---- vectors ---- */

static int need_vector(RiscvCpu *cpu, unsigned csr)
{
    bool on = FIELD_GET(cpu->mstatus, MSTATUS_VS) && (!cpu->virt || FIELD_GET(cpu->vsstatus, MSTATUS_VS));
    return riscv_has(cpu, zve32x) && on ? CSR_OK : CSR_ILLEGAL;
}

static void dirty_vector(RiscvCpu *cpu)
{
    cpu->mstatus |= FIELD_MASK(MSTATUS_VS);
    cpu->vsstatus |= cpu->virt ? FIELD_MASK(MSTATUS_VS) : 0;
}

static uint64_t read_vstart(RiscvCpu *cpu, unsigned csr) { return cpu->vstart; }
static uint64_t read_vxsat(RiscvCpu *cpu, unsigned csr) { return cpu->vxsat; }
static uint64_t read_vxrm(RiscvCpu *cpu, unsigned csr) { return cpu->vxrm; }
static uint64_t read_vcsr(RiscvCpu *cpu, unsigned csr) { return cpu->vxsat | cpu->vxrm << 1; }
static uint64_t read_vl(RiscvCpu *cpu, unsigned csr) { return cpu->vl; }
static uint64_t read_vtype(RiscvCpu *cpu, unsigned csr) { return cpu->xlen == 32 ? cpu->vtype >> 32 | (uint32_t)cpu->vtype : cpu->vtype; }
static uint64_t read_vlenb(RiscvCpu *cpu, unsigned csr) { return cpu->vlen / 8; }
static void write_vstart(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->vstart = value & (cpu->vlen - 1);
    dirty_vector(cpu);
}
static void write_vxsat(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->vxsat = value & 1;
    dirty_vector(cpu);
}
static void write_vxrm(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->vxrm = value & 3;
    dirty_vector(cpu);
}
static void write_vcsr(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->vxsat = value & 1;
    cpu->vxrm = value >> 1 & 3;
    dirty_vector(cpu);
}

/* ---- Zicfiss ---- */

int riscv_shadow_stack_allowed(const RiscvCpu *cpu)
{
    if (cpu->priv == PRIV_M) {
        return CSR_OK;
    }
    if (!(cpu->menvcfg & ENVCFG_SSE)) {
        return CSR_ILLEGAL;
    }
    if (cpu->virt && !(cpu->henvcfg & ENVCFG_SSE)) {
        return CSR_VIRTUAL;
    }
    return cpu->priv == PRIV_S || (cpu->senvcfg & ENVCFG_SSE) ? CSR_OK : cpu->virt ? CSR_VIRTUAL : CSR_ILLEGAL;
}

static int need_ssp(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, zicfiss) ? riscv_shadow_stack_allowed(cpu) : CSR_ILLEGAL; }
static uint64_t read_ssp(RiscvCpu *cpu, unsigned csr) { return cpu->ssp; }
static void write_ssp(RiscvCpu *cpu, unsigned csr, uint64_t value) { cpu->ssp = riscv_address(cpu, value) & ~(uint64_t)(cpu->xlen / 8 - 1); }

/* ---- Zcmt ---- */

static int need_jvt(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, zcmt) ? riscv_state_enabled(cpu, 0, STATEEN_JVT) : CSR_ILLEGAL; }

/* ---- identity ---- */

static uint64_t read_mvendorid(RiscvCpu *cpu, unsigned csr) { return cpu->mvendorid; }
static uint64_t read_marchid(RiscvCpu *cpu, unsigned csr) { return cpu->marchid; }
static uint64_t read_mimpid(RiscvCpu *cpu, unsigned csr) { return cpu->mimpid; }
static uint64_t read_mhartid(RiscvCpu *cpu, unsigned csr) { return cpu->hartid; }
static uint64_t read_zero(RiscvCpu *cpu, unsigned csr) { return 0; }
static void write_nothing(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
}
static uint64_t read_misa(RiscvCpu *cpu, unsigned csr) { return cpu->misa; }

/* ---- plain registers: a field, and which bits can be written ---- */

static uint64_t *field(RiscvCpu *cpu, const RiscvCsr *r)
{
    return (uint64_t *)((char *)cpu + r->offset);
}

/* ---- status ---- */

static uint64_t with_sd(const RiscvCpu *cpu, uint64_t status)
{
    bool dirty = FIELD_GET(status, MSTATUS_FS) == CONTEXT_DIRTY || FIELD_GET(status, MSTATUS_VS) == CONTEXT_DIRTY || FIELD_GET(status, MSTATUS_XS) == CONTEXT_DIRTY;
    return dirty ? status | (cpu->xlen == 32 ? BIT(31) : MSTATUS_SD) : status;
}

uint64_t riscv_read_mstatus(const RiscvCpu *cpu)
{
    return with_sd(cpu, cpu->mstatus);
}

static uint64_t read_mstatus(RiscvCpu *cpu, unsigned csr) { return with_sd(cpu, cpu->mstatus); }
static uint64_t read_mstatush(RiscvCpu *cpu, unsigned csr) { return cpu->mstatus >> 32; }

static uint64_t status_writable(const RiscvCpu *cpu)
{
    uint64_t mask = MSTATUS_MIE | MSTATUS_MPIE | FIELD_MASK(MSTATUS_MPP);
    mask |= riscv_has(cpu, u) ? MSTATUS_MPRV | MSTATUS_TW : 0;
    mask |= riscv_has(cpu, s) ? MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_SUM | MSTATUS_MXR | MSTATUS_TVM | MSTATUS_TSR : 0;
    mask |= (riscv_has(cpu, f) || riscv_has(cpu, s)) && !riscv_has(cpu, zfinx) ? FIELD_MASK(MSTATUS_FS) : 0;
    mask |= riscv_has(cpu, zve32x) ? FIELD_MASK(MSTATUS_VS) : 0;
    mask |= riscv_has(cpu, h) ? MSTATUS_MPV | MSTATUS_GVA : 0;
    mask |= riscv_has(cpu, smdbltrp) ? MSTATUS_MDT : 0;
    mask |= riscv_has(cpu, zicfilp) ? MSTATUS_MPELP | MSTATUS_SPELP : 0;
    return mask | (cpu->menvcfg & ENVCFG_DTE ? MSTATUS_SDT : 0);
}

/* Whoever could not bear another trap takes no interrupts (3.1.6.2). */
static uint64_t without_interrupts(uint64_t status)
{
    return status & ~((status & MSTATUS_SDT ? MSTATUS_SIE : 0) | (status & MSTATUS_MDT ? MSTATUS_MIE : 0));
}

/* What follows from a change of status bits that translations and interrupts stand on. */
static void status_changed(RiscvCpu *cpu, uint64_t changed)
{
    if (changed & MSTATUS_MXR) {
        riscv_flush_translations(cpu);
    }
    if (changed & (MSTATUS_SIE | MSTATUS_MIE)) {
        riscv_own_interrupts_changed(cpu);
    }
}

/* M-mode that loads and stores as a guest would. */
static bool accesses_as_guest(const RiscvCpu *cpu)
{
    return (cpu->mstatus & MSTATUS_MPRV) && (cpu->mstatus & MSTATUS_MPV) && FIELD_GET(cpu->mstatus, MSTATUS_MPP) != PRIV_M;
}

bool riscv_is_privilege(const RiscvCpu *cpu, unsigned priv)
{
    return priv == PRIV_M || (priv == PRIV_S && riscv_has(cpu, s)) || (priv == PRIV_U && riscv_has(cpu, u));
}

static void set_mstatus(RiscvCpu *cpu, uint64_t value, uint64_t mask)
{
    if (!riscv_is_privilege(cpu, FIELD_GET(value, MSTATUS_MPP))) {
        mask &= ~FIELD_MASK(MSTATUS_MPP);
    }
    uint64_t old = cpu->mstatus;
    bool as_guest = accesses_as_guest(cpu);
    cpu->mstatus = without_interrupts((old & ~mask) | (value & mask));
    if (accesses_as_guest(cpu) != as_guest) {
        riscv_flush_translations(cpu);      /* what is translated for it then is not of this space */
    }
    status_changed(cpu, old ^ cpu->mstatus);
}

static void write_mstatus(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t mask = status_writable(cpu);
    set_mstatus(cpu, value, cpu->xlen == 32 ? (uint32_t)mask : mask);
}

static void write_mstatush(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    set_mstatus(cpu, (cpu->mstatus & UINT32_MAX) | value << 32, status_writable(cpu) & ~(uint64_t)UINT32_MAX);
}

static uint64_t sstatus_mask(const RiscvCpu *cpu)
{
    return cpu->xlen == 32 ? (uint32_t)SSTATUS_MASK : SSTATUS_MASK;
}

static uint64_t read_sstatus(RiscvCpu *cpu, unsigned csr) { return with_sd(cpu, cpu->mstatus & sstatus_mask(cpu)); }
static void write_sstatus(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    set_mstatus(cpu, value, status_writable(cpu) & sstatus_mask(cpu) & ~FIELD_MASK(MSTATUS_MPP));
}

static uint64_t read_vsstatus(RiscvCpu *cpu, unsigned csr) { return with_sd(cpu, cpu->vsstatus & sstatus_mask(cpu)); }
static void write_vsstatus(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t old = cpu->vsstatus, mask = status_writable(cpu) & sstatus_mask(cpu) & ~FIELD_MASK(MSTATUS_MPP);
    mask &= cpu->henvcfg & ENVCFG_DTE ? UINT64_MAX : ~MSTATUS_SDT;
    cpu->vsstatus = without_interrupts((old & ~mask) | (value & mask));
    status_changed(cpu, old ^ cpu->vsstatus);
}

/* ---- trap set-up ---- */

static uint64_t own_interrupts(const RiscvCpu *cpu)
{
    uint64_t mask = MIP_MSIP | MIP_MTIP | MIP_MEIP;
    mask |= riscv_has(cpu, s) ? MIP_S : 0;
    mask |= riscv_has(cpu, h) ? MIP_VS | MIP_SGEIP : 0;
    mask |= riscv_has(cpu, sscofpmf) ? MIP_LCOFIP : 0;
    return mask;
}

static void write_mie(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->mie = value & own_interrupts(cpu);
    riscv_own_interrupts_changed(cpu);
}

static uint64_t read_mip(RiscvCpu *cpu, unsigned csr) { return riscv_mip(cpu); }

static uint64_t software_bits(const RiscvCpu *cpu)
{
    uint64_t mask = riscv_has(cpu, s) ? MIP_SSIP | MIP_STIP | MIP_SEIP : 0;
    if (cpu->menvcfg & ENVCFG_STCE) {
        mask &= ~MIP_STIP;
    }
    return mask | (riscv_has(cpu, sscofpmf) ? MIP_LCOFIP : 0);
}

static void write_mip(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t mask = software_bits(cpu);
    cpu->mip = (cpu->mip & ~mask) | (value & mask);
    if (riscv_has(cpu, h)) {
        cpu->hvip = (cpu->hvip & ~MIP_VSSIP) | (value & MIP_VSSIP);
    }
    riscv_own_interrupts_changed(cpu);
}

/* An SSWI raises SSIP's line for good; who looks at the bit to change it makes it software's, as the ACLINT has it. */
static void take_ssip(RiscvCpu *cpu)
{
    if (atomic_load(&cpu->lines) & MIP_SSIP) {
        atomic_fetch_and(&cpu->lines, ~MIP_SSIP);
        cpu->mip |= MIP_SSIP;
    }
}

/* What devices drive is not written back. */
static uint64_t mip_base(RiscvCpu *cpu, unsigned csr)
{
    take_ssip(cpu);
    return cpu->mip | (riscv_has(cpu, h) ? cpu->hvip & MIP_VSSIP : 0);
}

static void write_mideleg(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t mask = MIP_S | (riscv_has(cpu, sscofpmf) ? MIP_LCOFIP : 0), forced = riscv_has(cpu, h) ? MIP_VS | MIP_SGEIP : 0;
    cpu->mideleg = (value & mask) | forced;
    riscv_own_interrupts_changed(cpu);
}

enum { DELEGABLE = 1 << CAUSE_MISALIGNED_FETCH | 1 << CAUSE_FETCH_ACCESS | 1 << CAUSE_ILLEGAL_INSTRUCTION | 1 << CAUSE_BREAKPOINT | 1 << CAUSE_MISALIGNED_LOAD
           | 1 << CAUSE_LOAD_ACCESS | 1 << CAUSE_MISALIGNED_STORE | 1 << CAUSE_STORE_ACCESS | 1 << CAUSE_USER_ECALL | 1 << CAUSE_SUPERVISOR_ECALL
           | 1 << CAUSE_FETCH_PAGE_FAULT | 1 << CAUSE_LOAD_PAGE_FAULT | 1 << CAUSE_STORE_PAGE_FAULT,
       DELEGABLE_H = 1 << CAUSE_VIRTUAL_SUPERVISOR_ECALL | 1 << CAUSE_FETCH_GUEST_PAGE_FAULT | 1 << CAUSE_LOAD_GUEST_PAGE_FAULT
           | 1 << CAUSE_VIRTUAL_INSTRUCTION | 1 << CAUSE_STORE_GUEST_PAGE_FAULT };

static void write_medeleg(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->medeleg = value & (DELEGABLE | (riscv_has(cpu, h) ? DELEGABLE_H : 0) | (riscv_has(cpu, zicfilp) || riscv_has(cpu, zicfiss) ? 1 << CAUSE_SOFTWARE_CHECK : 0));
}

/* The mode field is 0 (direct) or 1 (vectored); others are not taken. */
static void write_tvec(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    if ((value & 3) < 2) {
        *field(cpu, riscv_csr_entry(csr)) = value;
    }
}

static uint64_t read_epc(RiscvCpu *cpu, unsigned csr)
{
    uint64_t mask = riscv_has(cpu, zca) ? ~UINT64_C(1) : ~UINT64_C(3);
    return *field(cpu, riscv_csr_entry(csr)) & mask;
}

static void write_epc(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    *field(cpu, riscv_csr_entry(csr)) = riscv_to_xlen(cpu, value & ~UINT64_C(1));
}

/* ---- supervisor views of mie and mip ---- */

static uint64_t read_sie(RiscvCpu *cpu, unsigned csr) { return cpu->mie & cpu->mideleg & (MIP_S | MIP_LCOFIP); }
static void write_sie(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t mask = cpu->mideleg & (MIP_S | MIP_LCOFIP);
    cpu->mie = (cpu->mie & ~mask) | (value & mask);
    riscv_own_interrupts_changed(cpu);
}
static uint64_t read_sip(RiscvCpu *cpu, unsigned csr) { return riscv_mip(cpu) & cpu->mideleg & (MIP_S | MIP_LCOFIP); }
static void write_sip(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t mask = cpu->mideleg & (MIP_SSIP | MIP_LCOFIP);
    cpu->mip = (cpu->mip & ~mask) | (value & mask);
    riscv_own_interrupts_changed(cpu);
}

/* ---- satp ---- */

static int need_satp(RiscvCpu *cpu, unsigned csr)
{
    if (cpu->priv == PRIV_S && !cpu->virt && (cpu->mstatus & MSTATUS_TVM)) {
        return CSR_ILLEGAL;
    }
    if (cpu->priv == PRIV_S && cpu->virt && (cpu->hstatus & HSTATUS_VTVM)) {
        return CSR_VIRTUAL;
    }
    return CSR_OK;
}

static bool valid_satp_mode(const RiscvCpu *cpu, uint64_t value)
{
    if (cpu->xlen == 32) {
        return !(value >> 31 & 1) || cpu->max_satp == SATP_SV32;
    }
    unsigned mode = value >> 60;
    return mode == SATP_BARE || (mode >= SATP_SV39 && mode <= cpu->max_satp && cpu->max_satp <= SATP_SV57);
}

static unsigned satp_mode(const RiscvCpu *cpu, uint64_t value) { return cpu->xlen == 32 ? value >> 31 & 1 : value >> 60; }

static void space_changed(RiscvCpu *cpu, bool other_mode)
{
    if (other_mode) {
        riscv_flush_translations(cpu);
    }
    if (tcg_runs(&cpu->parent)) {
        tcg_tlb_switch(&cpu->parent, false);
    }
}

static void write_satp(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    if (!valid_satp_mode(cpu, value) || value == cpu->satp) {
        return;
    }
    bool other_mode = satp_mode(cpu, value) != satp_mode(cpu, cpu->satp);
    cpu->satp = value;
    space_changed(cpu, other_mode);
}

/* ---- environment ---- */

static uint64_t menvcfg_writable(const RiscvCpu *cpu)
{
    uint64_t mask = ENVCFG_FIOM;
    mask |= riscv_has(cpu, zicbom) ? FIELD_MASK(ENVCFG_CBIE) | ENVCFG_CBCFE : 0;
    mask |= riscv_has(cpu, zicboz) ? ENVCFG_CBZE : 0;
    mask |= riscv_has(cpu, sstc) ? ENVCFG_STCE : 0;
    mask |= riscv_has(cpu, svadu) ? ENVCFG_ADUE : 0;
    mask |= riscv_has(cpu, svpbmt) ? ENVCFG_PBMTE : 0;
    mask |= riscv_has(cpu, smcdeleg) ? ENVCFG_CDE : 0;
    mask |= (riscv_has(cpu, zicfilp) ? ENVCFG_LPE : 0) | (riscv_has(cpu, zicfiss) ? ENVCFG_SSE : 0);
    mask |= riscv_has(cpu, ssdbltrp) ? ENVCFG_DTE : 0;
    return mask | (riscv_has(cpu, smnpm) && cpu->xlen == 64 ? FIELD_MASK(ENVCFG_PMM) : 0);
}

uint64_t riscv_checked_envcfg(uint64_t old, uint64_t value)
{
    value = FIELD_GET(value, ENVCFG_CBIE) == 2 ? FIELD_SET(value, ENVCFG_CBIE, FIELD_GET(old, ENVCFG_CBIE)) : value;
    return FIELD_GET(value, ENVCFG_PMM) == 1 ? FIELD_SET(value, ENVCFG_PMM, FIELD_GET(old, ENVCFG_PMM)) : value;
}

static void set_menvcfg(RiscvCpu *cpu, uint64_t value)
{
    uint64_t old = cpu->menvcfg;
    cpu->menvcfg = riscv_checked_envcfg(old, value) & menvcfg_writable(cpu);
    if (!(cpu->menvcfg & ENVCFG_DTE)) {
        cpu->mstatus &= ~MSTATUS_SDT;
        cpu->vsstatus &= ~MSTATUS_SDT;
    }
    if (!(cpu->menvcfg & ENVCFG_SSE)) {
        cpu->henvcfg &= ~ENVCFG_SSE;
        cpu->senvcfg &= ~ENVCFG_SSE;
    }
    if ((old ^ cpu->menvcfg) & (ENVCFG_ADUE | ENVCFG_PBMTE | ENVCFG_SSE)) {
        riscv_flush_translations(cpu);
    }
    if ((old ^ cpu->menvcfg) & ENVCFG_STCE) {
        riscv_timers_update(cpu);
    }
}

static uint64_t read_menvcfg(RiscvCpu *cpu, unsigned csr) { return cpu->menvcfg; }
static uint64_t read_menvcfgh(RiscvCpu *cpu, unsigned csr) { return cpu->menvcfg >> 32; }
static void write_menvcfg(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    set_menvcfg(cpu, cpu->xlen == 32 ? deposit64(cpu->menvcfg, 0, 32, value) : value);
}
static void write_menvcfgh(RiscvCpu *cpu, unsigned csr, uint64_t value) { set_menvcfg(cpu, deposit64(cpu->menvcfg, 32, 32, value)); }
static int need_senvcfg(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, s) ? riscv_state_enabled(cpu, 0, STATEEN_ENVCFG) : CSR_ILLEGAL; }
static uint64_t read_senvcfg(RiscvCpu *cpu, unsigned csr) { return cpu->senvcfg; }
static void write_senvcfg(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t mask = (menvcfg_writable(cpu) & MAKE_MASK(0, 8)) | (riscv_has(cpu, ssnpm) && cpu->xlen == 64 ? FIELD_MASK(ENVCFG_PMM) : 0);
    /* Who has no shadow stacks gives none: of a guest the hypervisor says so. */
    mask &= (cpu->virt ? cpu->henvcfg : cpu->menvcfg) & ENVCFG_SSE ? UINT64_MAX : ~ENVCFG_SSE;
    cpu->senvcfg = riscv_checked_envcfg(cpu->senvcfg, value) & mask;
}

/* ---- Sstc ---- */

static int need_stimecmp(RiscvCpu *cpu, unsigned csr)
{
    if (!riscv_has(cpu, sstc) || !cpu->time || ((csr & 0x10) && cpu->xlen != 32)) {
        return CSR_ILLEGAL;
    }
    if (cpu->priv == PRIV_M) {
        return CSR_OK;
    }
    if (!(cpu->mcounteren & 2) || !(cpu->menvcfg & ENVCFG_STCE)) {
        return CSR_ILLEGAL;
    }
    if (cpu->virt && (!(cpu->hcounteren & 2) || !(cpu->henvcfg & ENVCFG_STCE))) {
        return CSR_VIRTUAL;
    }
    return CSR_OK;
}

static uint64_t *timer_register(RiscvCpu *cpu, unsigned csr) { return (csr & 0xf00) == 0x200 ? &cpu->vstimecmp : &cpu->stimecmp; }
static uint64_t read_timecmp(RiscvCpu *cpu, unsigned csr) { return *timer_register(cpu, csr); }
static uint64_t read_timecmph(RiscvCpu *cpu, unsigned csr) { return *timer_register(cpu, csr) >> 32; }
static void write_timecmp(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t *r = timer_register(cpu, csr);
    *r = cpu->xlen == 32 ? deposit64(*r, 0, 32, value) : value;
    riscv_timers_update(cpu);
}
static void write_timecmph(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t *r = timer_register(cpu, csr);
    *r = deposit64(*r, 32, 32, value);
    riscv_timers_update(cpu);
}

/* ---- PMP ---- */

static int need_pmp(RiscvCpu *cpu, unsigned csr)
{
    if (csr < 0x3b0) {
        return cpu->num_pmp_regions && !(cpu->xlen == 64 && (csr & 1)) ? CSR_OK : CSR_ILLEGAL;
    }
    return cpu->num_pmp_regions ? CSR_OK : CSR_ILLEGAL;
}

static uint64_t read_pmpcfg(RiscvCpu *cpu, unsigned csr)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < cpu->xlen / 8; i++) {
        unsigned n = (csr - 0x3a0) * 4 + i;
        value |= (uint64_t)(n < RISCV_MAX_PMP ? cpu->pmpcfg[n] : 0) << 8 * i;
    }
    return value;
}

static void pmp_changed(RiscvCpu *cpu)
{
    riscv_pmp_changed(cpu);
    riscv_flush_translations(cpu);
}

static void write_pmpcfg(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    if (riscv_pmp_write_config(cpu, (csr - 0x3a0) * 4, cpu->xlen / 8, value)) {
        pmp_changed(cpu);
    }
}

static uint64_t read_pmpaddr(RiscvCpu *cpu, unsigned csr) { return cpu->pmpaddr[csr - 0x3b0]; }
static void write_pmpaddr(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t old = cpu->pmpaddr[csr - 0x3b0];
    riscv_pmp_write_address(cpu, csr - 0x3b0, value);
    if (old != cpu->pmpaddr[csr - 0x3b0]) {
        pmp_changed(cpu);
    }
}

/* ---- entropy ---- */

static int need_seed(RiscvCpu *cpu, unsigned csr)
{
    if (!riscv_has(cpu, zkr)) {
        return CSR_ILLEGAL;
    }
    if (cpu->priv == PRIV_M) {
        return CSR_OK;
    }
    uint64_t bit = cpu->priv == PRIV_S && !cpu->virt ? MSECCFG_SSEED : MSECCFG_USEED;
    return !cpu->virt && (cpu->mseccfg & bit) ? CSR_OK : cpu->virt && (cpu->mseccfg & MSECCFG_SSEED) ? CSR_VIRTUAL : CSR_ILLEGAL;
}

static uint64_t read_seed(RiscvCpu *cpu, unsigned csr) { return UINT64_C(2) << 30 | (g_random_int() & 0xffff); }   /* ES16 */

static int need_mseccfg(RiscvCpu *cpu, unsigned csr)
{
    return riscv_has(cpu, zkr) || riscv_has(cpu, smepmp) || riscv_has(cpu, smmpm) || riscv_has(cpu, zicfilp) ? CSR_OK : CSR_ILLEGAL;
}
static uint64_t read_mseccfg(RiscvCpu *cpu, unsigned csr) { return cpu->mseccfg; }
static void write_mseccfg(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t mask = (riscv_has(cpu, zkr) ? MSECCFG_USEED | MSECCFG_SSEED : 0) | (riscv_has(cpu, smmpm) && cpu->xlen == 64 ? FIELD_MASK(ENVCFG_PMM) : 0)
        | (riscv_has(cpu, zicfilp) ? MSECCFG_MLPE : 0);
    uint64_t old = cpu->mseccfg, pmp = MSECCFG_MML | MSECCFG_MMWP | MSECCFG_RLB;
    cpu->mseccfg = (riscv_checked_envcfg(old, value) & mask) | (riscv_has(cpu, smepmp) ? riscv_pmp_security(cpu, value) : 0);
    if ((old ^ cpu->mseccfg) & pmp) {
        riscv_flush_translations(cpu);
    }
}

/* ---- the table ---- */

static int need_rv32(RiscvCpu *cpu, unsigned csr) { return cpu->xlen == 32 ? CSR_OK : CSR_ILLEGAL; }
static int need_u(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, u) ? CSR_OK : CSR_ILLEGAL; }
static int need_s(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, s) ? CSR_OK : CSR_ILLEGAL; }
static int need_h(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, h) ? CSR_OK : CSR_ILLEGAL; }
static int need_u32(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, u) && cpu->xlen == 32 ? CSR_OK : CSR_ILLEGAL; }

#define PLAIN(n, text, member) [n] = { .name = text, .offset = offsetof(RiscvCpu, member), .writable = UINT64_MAX }
#define PLAIN_IF(n, text, member, condition) [n] = { .name = text, .offset = offsetof(RiscvCpu, member), .writable = UINT64_MAX, .need = condition }
#define CSR(n, text, condition, r, w) [n] = { .name = text, .need = condition, .read = r, .write = w }
#define TEN(macro, first, name, ...) \
    macro(first + 0, name "0", __VA_ARGS__), macro(first + 1, name "1", __VA_ARGS__), macro(first + 2, name "2", __VA_ARGS__), \
    macro(first + 3, name "3", __VA_ARGS__), macro(first + 4, name "4", __VA_ARGS__), macro(first + 5, name "5", __VA_ARGS__), \
    macro(first + 6, name "6", __VA_ARGS__), macro(first + 7, name "7", __VA_ARGS__), macro(first + 8, name "8", __VA_ARGS__), \
    macro(first + 9, name "9", __VA_ARGS__)
#define HPM(first, name, ...) \
    CSR(first + 3, name "3", __VA_ARGS__), CSR(first + 4, name "4", __VA_ARGS__), CSR(first + 5, name "5", __VA_ARGS__), CSR(first + 6, name "6", __VA_ARGS__), \
    CSR(first + 7, name "7", __VA_ARGS__), CSR(first + 8, name "8", __VA_ARGS__), CSR(first + 9, name "9", __VA_ARGS__), TEN(CSR, first + 10, name "1", __VA_ARGS__), \
    TEN(CSR, first + 20, name "2", __VA_ARGS__), CSR(first + 30, name "30", __VA_ARGS__), CSR(first + 31, name "31", __VA_ARGS__)

static const RiscvCsr csrs[4096] = {
    CSR(0x001, "fflags", need_float, read_fflags, write_fflags),
    CSR(0x002, "frm", need_float, read_frm, write_frm),
    CSR(0x003, "fcsr", need_float, read_fcsr, write_fcsr),
    CSR(0x008, "vstart", need_vector, read_vstart, write_vstart),
    CSR(0x009, "vxsat", need_vector, read_vxsat, write_vxsat),
    CSR(0x00a, "vxrm", need_vector, read_vxrm, write_vxrm),
    CSR(0x00f, "vcsr", need_vector, read_vcsr, write_vcsr),
    CSR(0xc20, "vl", need_vector, read_vl, NULL),
    CSR(0xc21, "vtype", need_vector, read_vtype, NULL),
    CSR(0xc22, "vlenb", need_vector, read_vlenb, NULL),
    CSR(0x011, "ssp", need_ssp, read_ssp, write_ssp),
    [0x017] = { .name = "jvt", .offset = offsetof(RiscvCpu, jvt), .writable = ~UINT64_C(63), .need = need_jvt },
    CSR(0x015, "seed", need_seed, read_seed, write_nothing),
    CSR(0xc00, "cycle", riscv_need_counter, riscv_read_counter, NULL),
    CSR(0xc01, "time", riscv_need_counter, riscv_read_counter, NULL),
    CSR(0xc02, "instret", riscv_need_counter, riscv_read_counter, NULL),
    CSR(0xc80, "cycleh", riscv_need_counter, riscv_read_counter_high, NULL),
    CSR(0xc81, "timeh", riscv_need_counter, riscv_read_counter_high, NULL),
    CSR(0xc82, "instreth", riscv_need_counter, riscv_read_counter_high, NULL),
    HPM(0xc00, "hpmcounter", riscv_need_counter, riscv_read_counter, NULL),
    HPM(0xc80, "hpmcounterh", riscv_need_counter, riscv_read_counter_high, NULL),

    CSR(0x100, "sstatus", need_s, read_sstatus, write_sstatus),
    CSR(0x104, "sie", need_s, read_sie, write_sie),
    [0x105] = { .name = "stvec", .offset = offsetof(RiscvCpu, stvec), .need = need_s, .write = write_tvec },
    CSR(0x106, "scounteren", need_s, riscv_read_counter_enable, riscv_write_counter_enable),
    CSR(0x10a, "senvcfg", need_senvcfg, read_senvcfg, write_senvcfg),
    PLAIN_IF(0x140, "sscratch", sscratch, need_s),
    [0x141] = { .name = "sepc", .offset = offsetof(RiscvCpu, sepc), .need = need_s, .read = read_epc, .write = write_epc },
    PLAIN_IF(0x142, "scause", scause, need_s),
    PLAIN_IF(0x143, "stval", stval, need_s),
    [0x144] = { .name = "sip", .need = need_s, .read = read_sip, .write = write_sip, .modify_base = mip_base },
    CSR(0x14d, "stimecmp", need_stimecmp, read_timecmp, write_timecmp),
    CSR(0x15d, "stimecmph", need_stimecmp, read_timecmph, write_timecmph),
    [0x180] = { .name = "satp", .offset = offsetof(RiscvCpu, satp), .need = need_satp, .write = write_satp },

    CSR(0x200, "vsstatus", need_h, read_vsstatus, write_vsstatus),
    CSR(0x606, "hcounteren", need_h, riscv_read_counter_enable, riscv_write_counter_enable),

    CSR(0xf11, "mvendorid", NULL, read_mvendorid, NULL),
    CSR(0xf12, "marchid", NULL, read_marchid, NULL),
    CSR(0xf13, "mimpid", NULL, read_mimpid, NULL),
    CSR(0xf14, "mhartid", NULL, read_mhartid, NULL),
    CSR(0xf15, "mconfigptr", NULL, read_zero, NULL),
    CSR(0x300, "mstatus", NULL, read_mstatus, write_mstatus),
    CSR(0x301, "misa", NULL, read_misa, write_nothing),
    [0x302] = { .name = "medeleg", .offset = offsetof(RiscvCpu, medeleg), .need = need_s, .write = write_medeleg },
    [0x303] = { .name = "mideleg", .offset = offsetof(RiscvCpu, mideleg), .need = need_s, .write = write_mideleg },
    [0x304] = { .name = "mie", .offset = offsetof(RiscvCpu, mie), .write = write_mie },
    [0x305] = { .name = "mtvec", .offset = offsetof(RiscvCpu, mtvec), .write = write_tvec },
    CSR(0x306, "mcounteren", need_u, riscv_read_counter_enable, riscv_write_counter_enable),
    CSR(0x30a, "menvcfg", need_u, read_menvcfg, write_menvcfg),
    CSR(0x310, "mstatush", need_rv32, read_mstatush, write_mstatush),
    CSR(0x31a, "menvcfgh", need_u32, read_menvcfgh, write_menvcfgh),
    CSR(0x320, "mcountinhibit", NULL, riscv_read_inhibit, riscv_write_inhibit),
    CSR(0x321, "mcyclecfg", riscv_need_counter_config, riscv_read_counter_config, riscv_write_counter_config),
    CSR(0x322, "minstretcfg", riscv_need_counter_config, riscv_read_counter_config, riscv_write_counter_config),
    CSR(0x721, "mcyclecfgh", riscv_need_counter_config, riscv_read_counter_config_high, riscv_write_counter_config_high),
    CSR(0x722, "minstretcfgh", riscv_need_counter_config, riscv_read_counter_config_high, riscv_write_counter_config_high),
    HPM(0x320, "mhpmevent", riscv_need_machine_counter, riscv_read_event, riscv_write_event),
    PLAIN(0x340, "mscratch", mscratch),
    [0x341] = { .name = "mepc", .offset = offsetof(RiscvCpu, mepc), .read = read_epc, .write = write_epc },
    PLAIN(0x342, "mcause", mcause),
    PLAIN(0x343, "mtval", mtval),
    [0x344] = { .name = "mip", .read = read_mip, .write = write_mip, .modify_base = mip_base },
    CSR(0x747, "mseccfg", need_mseccfg, read_mseccfg, write_mseccfg),
    TEN(CSR, 0x3a0, "pmpcfg", need_pmp, read_pmpcfg, write_pmpcfg),
    CSR(0x3aa, "pmpcfg10", need_pmp, read_pmpcfg, write_pmpcfg), CSR(0x3ab, "pmpcfg11", need_pmp, read_pmpcfg, write_pmpcfg),
    CSR(0x3ac, "pmpcfg12", need_pmp, read_pmpcfg, write_pmpcfg), CSR(0x3ad, "pmpcfg13", need_pmp, read_pmpcfg, write_pmpcfg),
    CSR(0x3ae, "pmpcfg14", need_pmp, read_pmpcfg, write_pmpcfg), CSR(0x3af, "pmpcfg15", need_pmp, read_pmpcfg, write_pmpcfg),
    TEN(CSR, 0x3b0, "pmpaddr", need_pmp, read_pmpaddr, write_pmpaddr), TEN(CSR, 0x3ba, "pmpaddr1", need_pmp, read_pmpaddr, write_pmpaddr),
    TEN(CSR, 0x3c4, "pmpaddr2", need_pmp, read_pmpaddr, write_pmpaddr), TEN(CSR, 0x3ce, "pmpaddr3", need_pmp, read_pmpaddr, write_pmpaddr),
    TEN(CSR, 0x3d8, "pmpaddr4", need_pmp, read_pmpaddr, write_pmpaddr), TEN(CSR, 0x3e2, "pmpaddr5", need_pmp, read_pmpaddr, write_pmpaddr),
    CSR(0x3ec, "pmpaddr60", need_pmp, read_pmpaddr, write_pmpaddr), CSR(0x3ed, "pmpaddr61", need_pmp, read_pmpaddr, write_pmpaddr),
    CSR(0x3ee, "pmpaddr62", need_pmp, read_pmpaddr, write_pmpaddr), CSR(0x3ef, "pmpaddr63", need_pmp, read_pmpaddr, write_pmpaddr),
    CSR(0x7a0, "tselect", riscv_need_trigger, riscv_read_trigger, riscv_write_trigger),
    CSR(0x7a1, "tdata1", riscv_need_trigger, riscv_read_trigger, riscv_write_trigger),
    CSR(0x7a2, "tdata2", riscv_need_trigger, riscv_read_trigger, riscv_write_trigger),
    CSR(0x7a3, "tdata3", riscv_need_trigger, riscv_read_trigger, riscv_write_trigger),
    CSR(0x7a4, "tinfo", riscv_need_trigger, riscv_read_trigger, riscv_write_trigger),
    CSR(0xb00, "mcycle", NULL, riscv_read_counter, riscv_write_counter),
    CSR(0xb02, "minstret", NULL, riscv_read_counter, riscv_write_counter),
    CSR(0xb80, "mcycleh", need_rv32, riscv_read_counter_high, riscv_write_counter_high),
    CSR(0xb82, "minstreth", need_rv32, riscv_read_counter_high, riscv_write_counter_high),
    HPM(0xb00, "mhpmcounter", riscv_need_machine_counter, riscv_read_counter, riscv_write_counter),
    HPM(0xb80, "mhpmcounterh", riscv_need_machine_counter, riscv_read_counter_high, riscv_write_counter_high),
    HPM(0x720, "mhpmeventh", riscv_need_event_high, riscv_read_event_high, riscv_write_event_high),
    CSR(0xda0, "scountovf", riscv_need_overflows, riscv_read_overflows, NULL),
};

const RiscvCsr *riscv_csr_entry(unsigned csr)
{
    const RiscvCsr *r = &csrs[csr & 0xfff];
    return r->name ? r : riscv_csr_hypervisor(csr & 0xfff);
}

const char *riscv_csr_name(unsigned csr)
{
    const RiscvCsr *r = riscv_csr_entry(csr);
    return r ? r->name : NULL;
}

static uint64_t read_csr(RiscvCpu *cpu, const RiscvCsr *r, unsigned csr)
{
    return r->read ? r->read(cpu, csr) : *field(cpu, r);
}

static void write_csr(RiscvCpu *cpu, const RiscvCsr *r, unsigned csr, uint64_t value)
{
    if (r->write) {
        r->write(cpu, csr, value);
    } else {
        uint64_t *p = field(cpu, r);
        *p = riscv_to_xlen(cpu, (*p & ~r->writable) | (value & r->writable));
    }
}

bool riscv_csr_exists(const RiscvCpu *cpu, unsigned csr)
{
    const RiscvCsr *r = riscv_csr_entry(csr);
    RiscvCpu *c = (RiscvCpu *)cpu;
    uint8_t priv = c->priv;
    bool virt = c->virt;
    c->priv = PRIV_M;
    c->virt = false;
    bool ok = r && (r->need == need_float ? riscv_has(c, f) || riscv_has(c, zfinx) : !r->need || r->need(c, csr) == CSR_OK);
    c->priv = priv;
    c->virt = virt;
    return ok;
}

uint64_t riscv_csr_peek(RiscvCpu *cpu, unsigned csr)
{
    const RiscvCsr *r = riscv_csr_entry(csr);
    return r && csr != 0x015 ? riscv_to_xlen(cpu, read_csr(cpu, r, csr)) : 0;
}

/* A guest's supervisor registers are the VS ones. */
static unsigned redirect(const RiscvCpu *cpu, unsigned csr)
{
    static const uint16_t swapped[] = { 0x100, 0x104, 0x105, 0x140, 0x141, 0x142, 0x143, 0x144, 0x14d, 0x14e, 0x15d, 0x180, 0x150, 0x151, 0x152, 0x153, 0x155, 0x156, 0x157, 0x15c,
                                       0xdb0 };
    for (unsigned i = 0; cpu->virt && i < ARRAY_SIZE(swapped); i++) {
        if (csr == swapped[i]) {
            return csr + 0x100;
        }
    }
    return csr;
}

static int check_privilege(const RiscvCpu *cpu, unsigned csr, bool write)
{
    unsigned lowest = csr >> 8 & 3, has = cpu->priv == PRIV_S && !cpu->virt && riscv_has(cpu, h) ? 2 : cpu->priv;
    if (write && (csr >> 10 & 3) == 3) {
        return CSR_ILLEGAL;
    }
    if (has < lowest) {
        /* A guest that asks for what HS-mode may have. */
        return cpu->virt && lowest <= 2 && riscv_csr_entry(csr) ? CSR_VIRTUAL : CSR_ILLEGAL;
    }
    return CSR_OK;
}

/* What the register had, where that is asked for. */
static uint64_t read_and_write(RiscvCpu *cpu, const RiscvCsr *r, unsigned number, RiscvCsrOp op, bool read, bool write, uint64_t value)
{
    uint64_t before = read || op != CSR_RW ? read_csr(cpu, r, number) : 0;
    if (write) {
        uint64_t base = r->modify_base ? r->modify_base(cpu, number) : before;
        uint64_t result = op == CSR_RW ? value : op == CSR_RS ? base | value : base & ~value;
        write_csr(cpu, r, number, cpu->xlen == 32 ? (uint32_t)result : result);
    }
    return riscv_to_xlen(cpu, before);
}

bool riscv_csr_access(RiscvCpu *cpu, unsigned csr, RiscvCsrOp op, bool read, bool write, uint64_t value, uint64_t *old, int *cause)
{
    const RiscvCsr *r = riscv_csr_entry(csr);
    int verdict = r ? check_privilege(cpu, csr, write) : CSR_ILLEGAL;
    if (verdict == CSR_OK) {
        if (r->need) {
            verdict = r->need(cpu, csr);
        }
    }
    if (verdict == CSR_OK && write && !r->write && !r->writable) {
        verdict = CSR_ILLEGAL;
    }
    if (verdict == CSR_OK && csr == 0x015 && !write) {
        verdict = CSR_ILLEGAL;      /* seed has to be written to be read */
    }
    if (verdict != CSR_OK) {
        *cause = verdict == CSR_VIRTUAL ? CAUSE_VIRTUAL_INSTRUCTION : CAUSE_ILLEGAL_INSTRUCTION;
        return false;
    }
    unsigned number = redirect(cpu, csr);
    r = riscv_csr_entry(number);
    if (r->shared) {
        MACHINE_LOCK_GUARD();
        *old = read_and_write(cpu, r, number, op, read, write, value);
    } else {
        *old = read_and_write(cpu, r, number, op, read, write, value);
    }
    return true;
}
