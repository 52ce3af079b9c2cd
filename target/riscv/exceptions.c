/*
 * Exceptions: recording one, taking the hart to its handler in M, HS or VS mode, and the way back.
 *
 * The RISC-V Instruction Set Manual, volume II (20240411), 3.1.6 to 3.1.8, 3.3.2, 12.1.1 to 12.1.3, 18.6 (traps of the hypervisor extension);
 * (20250508) 3.1.6.2, 8.3 "Smdbltrp", "Ssdbltrp" (double traps).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/internal.h"
#include "util/log.h"
#include <inttypes.h>

void riscv_record(RiscvCpu *cpu, int cause, uint64_t tval)
{
    cpu->exception = cause;
    cpu->exception_tval = riscv_to_xlen(cpu, tval);
    cpu->exception_tval2 = cpu->exception_tinst = 0;
    cpu->exception_gva = false;
}

void riscv_raise(RiscvCpu *cpu, int cause, uint64_t tval)
{
    riscv_record(cpu, cause, tval);
    tcg_leave(&cpu->parent);
}

bool riscv_exception_pending(Cpu *cpu)
{
    return RISCV_CPU(cpu)->exception >= 0;
}

void riscv_set_privilege(RiscvCpu *cpu, unsigned priv, bool virt)
{
    bool other_space = virt != cpu->virt;
    cpu->priv = priv;
    cpu->virt = virt;
    riscv_counters_mode_changed(cpu);
    if (other_space && tcg_runs(&cpu->parent)) {
        tcg_tlb_switch(&cpu->parent, false);
    }
}

/* ---- to the handler ---- */

static uint64_t cause_register(const RiscvCpu *cpu, unsigned cause, bool interrupt)
{
    return riscv_to_xlen(cpu, cause | (interrupt ? BIT(cpu->xlen - 1) : 0));
}

static uint64_t vector(const RiscvCpu *cpu, uint64_t tvec, unsigned cause, bool interrupt)
{
    uint64_t base = tvec & ~UINT64_C(3);
    return riscv_address(cpu, (tvec & 3) == 1 && interrupt ? base + 4 * cause : base);
}

bool riscv_needs_landing_pads(const RiscvCpu *cpu)
{
    if (!riscv_has(cpu, zicfilp)) {
        return false;
    }
    switch (cpu->priv) {
    case PRIV_M:
        return cpu->mseccfg & MSECCFG_MLPE;
    case PRIV_S:
        return (cpu->virt ? cpu->henvcfg : cpu->menvcfg) & ENVCFG_LPE;
    default:
        return (riscv_has(cpu, s) ? cpu->senvcfg : cpu->menvcfg) & ENVCFG_LPE;
    }
}

/* A trap keeps what was expected in its previous-state bit; its handler begins anywhere. */
static uint64_t keep_expectation(RiscvCpu *cpu, uint64_t status, uint64_t bit)
{
    status = (status & ~bit) | (cpu->elp ? bit : 0);
    cpu->elp = 0;
    return status;
}

/* A return has it back, if it counts where it goes to: the privilege is that already. */
static void restore_expectation(RiscvCpu *cpu, uint64_t *status, uint64_t bit)
{
    cpu->elp = (*status & bit) && riscv_needs_landing_pads(cpu);
    *status &= ~bit;
}

static uint64_t enter_status(uint64_t status, unsigned priv)
{
    status = (status & ~MSTATUS_SPIE) | (status & MSTATUS_SIE ? MSTATUS_SPIE : 0);
    status = (status & ~(MSTATUS_SPP | MSTATUS_SIE)) | (priv == PRIV_S ? MSTATUS_SPP : 0);
    return status;
}

static void trap_to_vs(RiscvCpu *cpu, unsigned cause, bool interrupt)
{
    if (interrupt && (cause == RISCV_IRQ_VS_SOFT || cause == RISCV_IRQ_VS_TIMER || cause == RISCV_IRQ_VS_EXT)) {
        cause--;        /* it sees its own as a supervisor's */
    }
    cpu->vsstatus = keep_expectation(cpu, enter_status(cpu->vsstatus, cpu->priv), MSTATUS_SPELP);
    cpu->vsepc = riscv_to_xlen(cpu, cpu->pc);
    cpu->vscause = cause_register(cpu, cause, interrupt);
    cpu->vstval = cpu->exception_tval;
    cpu->pc = vector(cpu, cpu->vstvec, cause, interrupt);
    riscv_set_privilege(cpu, PRIV_S, true);
}

static void trap_to_s(RiscvCpu *cpu, unsigned cause, bool interrupt)
{
    if (riscv_has(cpu, h)) {
        cpu->hstatus &= ~(HSTATUS_SPV | HSTATUS_GVA);
        if (cpu->virt) {
            cpu->hstatus = (cpu->hstatus & ~HSTATUS_SPVP) | HSTATUS_SPV | (cpu->priv == PRIV_S ? HSTATUS_SPVP : 0);
        }
        cpu->hstatus |= cpu->exception_gva ? HSTATUS_GVA : 0;
        cpu->htval = cpu->exception_tval2 >> 2;
        cpu->htinst = cpu->exception_tinst;
    }
    cpu->mstatus = keep_expectation(cpu, enter_status(cpu->mstatus, cpu->priv), MSTATUS_SPELP);
    cpu->sepc = riscv_to_xlen(cpu, cpu->pc);
    cpu->scause = cause_register(cpu, cause, interrupt);
    cpu->stval = cpu->exception_tval;
    cpu->pc = vector(cpu, cpu->stvec, cause, interrupt);
    riscv_set_privilege(cpu, PRIV_S, false);
}

static void trap_to_m(RiscvCpu *cpu, unsigned cause, bool interrupt)
{
    uint64_t status = cpu->mstatus;
    status = (status & ~MSTATUS_MPIE) | (status & MSTATUS_MIE ? MSTATUS_MPIE : 0);
    status = FIELD_SET(status, MSTATUS_MPP, cpu->priv) & ~(MSTATUS_MIE | MSTATUS_MPV | MSTATUS_GVA);
    status |= (cpu->virt ? MSTATUS_MPV : 0) | (cpu->exception_gva ? MSTATUS_GVA : 0);
    cpu->mstatus = keep_expectation(cpu, status, MSTATUS_MPELP) | (riscv_has(cpu, smdbltrp) ? MSTATUS_MDT : 0);
    cpu->mtval2 = cpu->exception_tval2 >> 2;
    cpu->mtinst = cpu->exception_tinst;
    cpu->mepc = riscv_to_xlen(cpu, cpu->pc);
    cpu->mcause = cause_register(cpu, cause, interrupt);
    cpu->mtval = cpu->exception_tval;
    bool in_rnmi = cpu->priv == PRIV_M && !(cpu->mnstatus & MNSTATUS_NMIE);      /* its handler's own exceptions go elsewhere (Smrnmi, "RNMI Operation") */
    cpu->pc = in_rnmi ? riscv_address(cpu, cpu->rnmi_exception_vector) : vector(cpu, cpu->mtvec, cause, interrupt);
    riscv_set_privilege(cpu, PRIV_M, false);
}

/* A trap to S- or VS-mode from where it cannot be borne: M-mode's, with what it was in mtval2. */
static void double_trap(RiscvCpu *cpu, unsigned cause, bool interrupt)
{
    cpu->exception_tval = 0;
    trap_to_m(cpu, CAUSE_DOUBLE_TRAP, false);
    cpu->mtval2 = cause_register(cpu, cause, interrupt);
}

/*
 * One to M-mode that it cannot bear: the handler of non-maskable interrupts has it. Else there is nobody left: the hart stands still until it is reset, as "critical
 * error state" has it.
 */
static void unexpected_trap(RiscvCpu *cpu, unsigned cause, bool interrupt)
{
    if (riscv_has(cpu, smrnmi) && (cpu->mnstatus & MNSTATUS_NMIE)) {
        riscv_enter_rnmi(cpu, cause, interrupt);
        return;
    }
    log_mask(LOG_GUEST_ERROR, "riscv: hart %" PRIu64 " took trap %u in M-mode while mstatus.MDT was set: it is stopped\n", cpu->hartid, cause);
    cpu->parent.powered_off = true;
    atomic_store(&cpu->parent.halted, true);
}

/* Whether status has SDT; from now on it has, where envcfg says that it counts. */
static bool trapped_already(uint64_t *status, uint64_t envcfg)
{
    bool already = (envcfg & ENVCFG_DTE) && (*status & MSTATUS_SDT);
    *status |= envcfg & ENVCFG_DTE ? MSTATUS_SDT : 0;
    return already;
}

static const char *const exception_names[24] = {
    "misaligned_fetch", "fault_fetch", "illegal_instruction", "breakpoint", "misaligned_load", "fault_load", "misaligned_store", "fault_store",
    "user_ecall", "supervisor_ecall", "hypervisor_ecall", "machine_ecall", "exec_page_fault", "load_page_fault", "reserved", "store_page_fault",
    [CAUSE_FETCH_GUEST_PAGE_FAULT] = "guest_exec_page_fault", [CAUSE_LOAD_GUEST_PAGE_FAULT] = "guest_load_page_fault",
    [CAUSE_VIRTUAL_INSTRUCTION] = "virt_illegal_instruction", [CAUSE_STORE_GUEST_PAGE_FAULT] = "guest_store_page_fault",
};

static void log_trap(const RiscvCpu *cpu, unsigned cause, bool interrupt)
{
    const char *name = interrupt ? "interrupt" : cause < ARRAY_SIZE(exception_names) && exception_names[cause] ? exception_names[cause] : "reserved";
    log_printf("riscv_cpu_do_interrupt: hart:%" PRIu64 ", async:%d, cause:%016x, epc:0x%016" PRIx64 ", tval:0x%016" PRIx64 ", desc=%s\n", cpu->hartid, interrupt,
               cause, cpu->pc, cpu->exception_tval, name);
}

void riscv_trap(RiscvCpu *cpu, int cause, bool interrupt)
{
    uint64_t delegated = interrupt ? cpu->mideleg : cpu->medeleg, to_guest = interrupt ? cpu->hideleg : cpu->hedeleg;
    if (log_on(LOG_INT)) {
        log_trap(cpu, cause, interrupt);
    }
    if (interrupt) {
        cpu->exception_tval = cpu->exception_tval2 = cpu->exception_tinst = 0;
        cpu->exception_gva = false;
    }
    cpu->reserved_address = UINT64_MAX;
    RiscvCtrPlace from = riscv_ctr_place(cpu);
    if (interrupt) {
        riscv_trigger_interrupt(cpu);
    }
    bool to_m = cpu->priv > PRIV_S || !(delegated >> cause & 1), to_vs = !to_m && cpu->virt && (to_guest >> cause & 1);
    bool twice = !to_m && trapped_already(to_vs ? &cpu->vsstatus : &cpu->mstatus, to_vs ? cpu->henvcfg & cpu->menvcfg : cpu->menvcfg);
    if ((to_m || twice) && (cpu->mstatus & MSTATUS_MDT)) {
        unexpected_trap(cpu, twice ? CAUSE_DOUBLE_TRAP : (unsigned)cause, interrupt && !twice);
    } else if (twice) {
        double_trap(cpu, cause, interrupt);
    } else if (to_m) {
        trap_to_m(cpu, cause, interrupt);
    } else if (to_vs) {
        trap_to_vs(cpu, cause, interrupt);
    } else {
        trap_to_s(cpu, cause, interrupt);
    }
    riscv_ctr_trap(cpu, &from, (unsigned)cause, interrupt);
    if (riscv_trigger_trap(cpu, from.priv, from.virt, interrupt)) {
        riscv_record(cpu, CAUSE_BREAKPOINT, 0);
        cpu->exception = -1;
        riscv_trap(cpu, CAUSE_BREAKPOINT, false);      /* once more at most: the next handler's interrupts are off */
    }
}

void riscv_deliver(Cpu *c)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    int cause = cpu->exception;
    cpu->exception = -1;
    riscv_trap(cpu, cause, false);
    riscv_own_interrupts_changed(cpu);
}

/* ---- and back ---- */

void riscv_return_m(RiscvCpu *cpu)
{
    RiscvCtrPlace from = riscv_ctr_place(cpu);
    uint64_t status = cpu->mstatus;
    unsigned priv = FIELD_GET(status, MSTATUS_MPP);
    bool virt = (status & MSTATUS_MPV) && priv != PRIV_M;
    status = (status & ~MSTATUS_MIE) | (status & MSTATUS_MPIE ? MSTATUS_MIE : 0) | MSTATUS_MPIE;
    status = FIELD_SET(status, MSTATUS_MPP, riscv_has(cpu, u) ? PRIV_U : PRIV_M) & ~MSTATUS_MPV;
    if (priv != PRIV_M) {
        status &= ~MSTATUS_MPRV;
    }
    cpu->mstatus = status & ~(MSTATUS_MDT | (virt || priv == PRIV_U ? MSTATUS_SDT : 0));
    cpu->vsstatus &= virt && priv == PRIV_U ? ~MSTATUS_SDT : UINT64_MAX;
    cpu->pc = riscv_address(cpu, cpu->mepc);
    cpu->reserved_address = UINT64_MAX;
    riscv_set_privilege(cpu, priv, virt);
    restore_expectation(cpu, &cpu->mstatus, MSTATUS_MPELP);
    riscv_ctr_return(cpu, &from);
    riscv_own_interrupts_changed(cpu);
}

static uint64_t leave_status(uint64_t status)
{
    status = (status & ~MSTATUS_SIE) | (status & MSTATUS_SPIE ? MSTATUS_SIE : 0) | MSTATUS_SPIE;
    return status & ~(MSTATUS_SPP | MSTATUS_SDT);
}

void riscv_return_s(RiscvCpu *cpu)
{
    RiscvCtrPlace from = riscv_ctr_place(cpu);
    uint64_t *status = cpu->virt ? &cpu->vsstatus : &cpu->mstatus;
    unsigned priv = *status & MSTATUS_SPP ? PRIV_S : PRIV_U;
    bool virt = cpu->virt;
    cpu->pc = riscv_address(cpu, cpu->virt ? cpu->vsepc : cpu->sepc);
    *status = leave_status(*status);
    if (!cpu->virt) {
        virt = cpu->hstatus & HSTATUS_SPV;
        cpu->hstatus &= ~HSTATUS_SPV;
        cpu->mstatus &= ~(MSTATUS_MPRV | MSTATUS_MDT);
        cpu->vsstatus &= virt && priv == PRIV_U ? ~MSTATUS_SDT : UINT64_MAX;
    }
    cpu->reserved_address = UINT64_MAX;
    riscv_set_privilege(cpu, priv, virt);
    restore_expectation(cpu, status, MSTATUS_SPELP);
    riscv_ctr_return(cpu, &from);
    riscv_own_interrupts_changed(cpu);
}
