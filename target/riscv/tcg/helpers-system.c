/*
 * Helpers of system instructions, and the table of all helpers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/dma.h"
#include "target/riscv/csr.h"
#include "target/riscv/tcg/float-host.h"
#include "target/riscv/tcg/helpers.h"
#include "target/riscv/tcg/slots.h"

#include <sched.h>
#include <string.h>

#define BITS(slot) (UINT64_C(1) << ((slot) - 64))
#define NONE SLOTS_NONE
#define ALL SLOTS_ALL
#define SYSTEM_SLOTS { { 0, BITS(SLOT_MSTATUS) | BITS(SLOT_VSSTATUS) | BITS(SLOT_SSCRATCH) | BITS(SLOT_MSCRATCH) | BITS(SLOT_SEPC) | BITS(SLOT_SCAUSE) | BITS(SLOT_STVAL) \
                     | BITS(SLOT_MEPC) | BITS(SLOT_MCAUSE) | BITS(SLOT_MTVAL) | BITS(SLOT_VL) | BITS(SLOT_VSTART) | BITS(SLOT_VTYPE) } }
#define VECTOR_SLOTS { { 0, BITS(SLOT_MSTATUS) | BITS(SLOT_VSSTATUS) | BITS(SLOT_VL) | BITS(SLOT_VSTART) | UINT64_C(0xffffffff) << (SLOT_V0 - 64) } }
#define HELPER(id, result_type, effects, written, ...) \
    IrHelper rv_ir_##id = { .name = "rv_helper_" #id, .function = rv_helper_##id, .result = result_type, \
                            .nargs = sizeof((IrType[]){ __VA_ARGS__ }) / sizeof(IrType), .args = { __VA_ARGS__ }, .flags = effects, .reads = SLOTS_NONE, \
                            .writes = written };
#include "target/riscv/tcg/helpers.def"
#undef HELPER

void rv_helper_raise(Cpu *cpu, uint32_t cause, uint64_t tval)
{
    riscv_raise(RISCV_CPU(cpu), cause, tval);
}

/* ---- CSRs ---- */

uint64_t rv_helper_csr(Cpu *c, uint32_t spec, uint64_t value, uint64_t insn)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    uint64_t old;
    int cause;
    if (!riscv_csr_access(cpu, spec & 0xfff, spec >> 12 & 3, spec >> 14 & 1, spec >> 15 & 1, value, &old, &cause)) {
        riscv_raise(cpu, cause, insn);
    }
    return old;
}

/* The flags that the host has gathered come first; what is written is all there is. The code behind may go on without leaving: the host rounds as it wants. */
uint64_t rv_helper_csr_float(Cpu *c, uint32_t spec, uint64_t value, uint64_t insn)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    cpu->fflags |= host_take_flags();
    uint64_t old = rv_helper_csr(c, spec, value, insn);
    host_set_mode(host_mode(cpu->frm));
    return old;
}

/* ---- returns ---- */

void rv_helper_sret(Cpu *c, uint64_t insn)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    if (cpu->virt && (cpu->hstatus & HSTATUS_VTSR)) {
        riscv_raise(cpu, CAUSE_VIRTUAL_INSTRUCTION, insn);
    }
    if (!cpu->virt && cpu->priv == PRIV_S && (cpu->mstatus & MSTATUS_TSR)) {
        riscv_raise(cpu, CAUSE_ILLEGAL_INSTRUCTION, insn);
    }
    riscv_return_s(cpu);
}

void rv_helper_mret(Cpu *cpu)
{
    riscv_return_m(RISCV_CPU(cpu));
}

void rv_helper_mnret(Cpu *cpu)
{
    riscv_return_rnmi(RISCV_CPU(cpu));
}

/* ---- triggers ---- */

void rv_helper_trigger_access(Cpu *cpu, uint64_t address, uint32_t bytes, uint32_t kinds)
{
    if (riscv_trigger_access(RISCV_CPU(cpu), address, bytes, kinds)) {
        tcg_leave(cpu);
    }
}

void rv_helper_trigger_execute(Cpu *cpu, uint64_t address, uint32_t bytes)
{
    if (riscv_trigger_execute(RISCV_CPU(cpu), address, bytes)) {
        tcg_leave(cpu);
    }
}

/* ---- control transfer records ---- */

void rv_helper_ctr_record(Cpu *cpu, uint32_t type, uint64_t source, uint64_t target)
{
    riscv_ctr_record(RISCV_CPU(cpu), type, source, target);
}

void rv_helper_ctr_clear(Cpu *c, uint64_t insn)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    int verdict = riscv_ctr_allowed(cpu);
    verdict = verdict == CSR_OK && cpu->priv == PRIV_U ? (cpu->virt ? CSR_VIRTUAL : CSR_ILLEGAL) : verdict;
    if (verdict != CSR_OK) {
        riscv_raise(cpu, verdict == CSR_VIRTUAL ? CAUSE_VIRTUAL_INSTRUCTION : CAUSE_ILLEGAL_INSTRUCTION, insn);
    }
    riscv_ctr_clear(cpu);
}

/* ---- breakpoints ---- */

void rv_helper_ebreak(Cpu *c)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    if (!riscv_semihosting_call(cpu)) {
        riscv_raise(cpu, CAUSE_BREAKPOINT, cpu->pc);
    }
}

/* ---- waiting ---- */

/*
 * A loop with WFI and an interrupt pending that nobody takes or clears waits for another hart, as OpenSBI's harts do until they are started: three that spin leave no host processor
 * to the one that they wait for. They sleep until something is raised once more, or for a while ("may be resumed for any reason": volume II, 3.3.3).
 * OpenSBI 1.1 depends on it: it marks a hart started (sbi_hsm_hart_start) before it has written where to and sends the interrupt, and one that looks in between runs away.
 */
static void wfi_in_vain(RiscvCpu *cpu)
{
    enum { PATIENCE = 64, NAP_US = 100000 };
    if (atomic_fetch_add(&cpu->wfi_in_vain, 1) >= PATIENCE) {
        cpu_nap(&cpu->parent, NAP_US);
    }
}

void rv_helper_wfi(Cpu *c, uint64_t next_pc, uint64_t insn)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    if (cpu->priv != PRIV_M && ((cpu->mstatus & MSTATUS_TW) || (cpu->priv == PRIV_U && !cpu->virt && riscv_has(cpu, s)))) {
        riscv_raise(cpu, CAUSE_ILLEGAL_INSTRUCTION, insn);
    }
    if (cpu->virt && (cpu->priv == PRIV_U || (cpu->hstatus & HSTATUS_VTW))) {
        riscv_raise(cpu, CAUSE_VIRTUAL_INSTRUCTION, insn);
    }
    cpu->pc = next_pc;
    if (riscv_interrupt_wakes(cpu)) {
        wfi_in_vain(cpu);
    } else {
        atomic_store(&c->halted, true);
        /* It may have come in between. */
        if (riscv_interrupt_wakes(cpu)) {
            atomic_store(&c->halted, false);
        }
    }
}

void rv_helper_pause(Cpu *c, uint64_t next_pc)
{
    RISCV_CPU(c)->pc = next_pc;
    sched_yield();
}

/* ---- translations ---- */

static void fence_page(RiscvCpu *cpu, bool any_space, uint64_t space, uint64_t address)
{
    if (any_space) {
        tcg_tlb_flush_page_everywhere(&cpu->parent, address);
    } else if (space == riscv_space_id(&cpu->parent)) {
        tcg_tlb_flush_page(&cpu->parent, address);
    } else {
        tcg_tlb_flush_space(&cpu->parent, space);
    }
}

void rv_helper_sfence_vma(Cpu *c, uint32_t which, uint64_t address, uint64_t asid, uint64_t insn)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    if (cpu->priv == PRIV_S && !cpu->virt && (cpu->mstatus & MSTATUS_TVM)) {
        riscv_raise(cpu, CAUSE_ILLEGAL_INSTRUCTION, insn);
    }
    if (cpu->virt && (cpu->hstatus & HSTATUS_VTVM)) {
        riscv_raise(cpu, CAUSE_VIRTUAL_INSTRUCTION, insn);
    }
    cpu->walk_cache_epoch++;
    uint64_t atp = cpu->virt ? cpu->vsatp : cpu->satp;
    atp = cpu->xlen == 32 ? deposit64(atp, 22, 9, asid) : deposit64(atp, 44, 16, asid);
    uint64_t space = riscv_space_of(cpu, cpu->virt, atp, cpu->hgatp);
    if (which & 1) {
        fence_page(cpu, !(which & 2), space, riscv_address(cpu, address));
    } else if (which & 2) {
        tcg_tlb_flush_space(c, space);
    } else {
        tcg_tlb_flush_all(c);
    }
}

/* ---- cache blocks ---- */

/* What an envcfg register lets through: the level is that of the privilege below it. */
static int cbo_allowed(const RiscvCpu *cpu, uint64_t (*allows)(uint64_t envcfg))
{
    if (cpu->priv < PRIV_M && !allows(cpu->menvcfg)) {
        return CAUSE_ILLEGAL_INSTRUCTION;
    }
    if (cpu->virt && !allows(cpu->henvcfg)) {
        return CAUSE_VIRTUAL_INSTRUCTION;
    }
    if (cpu->priv == PRIV_U && riscv_has(cpu, s) && !allows(cpu->senvcfg)) {
        return cpu->virt ? CAUSE_VIRTUAL_INSTRUCTION : CAUSE_ILLEGAL_INSTRUCTION;
    }
    return -1;
}

static uint64_t allows_inval(uint64_t envcfg) { return FIELD_GET(envcfg, ENVCFG_CBIE); }
static uint64_t allows_clean(uint64_t envcfg) { return envcfg & ENVCFG_CBCFE; }
static uint64_t allows_zero(uint64_t envcfg) { return envcfg & ENVCFG_CBZE; }

/* Within a page. */
static void zero_piece(RiscvCpu *cpu, uint64_t address, unsigned size)
{
    static const uint8_t zeroes[4096];
    unsigned priv = riscv_data_index(cpu), len = size;
    uint8_t *host = tcg_host_pointer(&cpu->parent, address, &len, TCG_ACCESS_STORE, priv);
    if (host && len == size) {
        memset(host, 0, size);
    } else if (cpu->exception >= 0 || !tcg_write_bytes(&cpu->parent, address, zeroes, size, priv)) {
        tcg_leave(&cpu->parent);
    }
}

/* Users may make blocks of any size. */
static void zero_block(RiscvCpu *cpu, uint64_t address)
{
    unsigned size = cpu->cboz_blocksize;
    address -= size ? address % size : 0;
    for (unsigned done = 0, piece; done < size; done += piece) {
        piece = MIN(size - done, 4096 - (unsigned)((address + done) & 4095));
        zero_piece(cpu, riscv_address(cpu, address + done), piece);
    }
}

void rv_helper_cbo(Cpu *c, uint32_t op, uint64_t address, uint64_t insn)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    enum { INVAL, CLEAN, FLUSH, ZERO };
    int cause = cbo_allowed(cpu, op == INVAL ? allows_inval : op == ZERO ? allows_zero : allows_clean);
    if (cause >= 0) {
        riscv_raise(cpu, cause, insn);
    }
    address = riscv_data_address(cpu, address);
    unsigned bytes = op == ZERO ? cpu->cboz_blocksize : cpu->cbom_blocksize;
    rv_helper_trigger_access(c, address - (bytes ? address % bytes : 0), bytes, RISCV_TRIGGER_STORES);
    if (op == ZERO) {
        zero_block(cpu, address);
        return;
    }
    /* Nothing is cached; whoever may read or write the block may do it. */
    TcgTranslation t;
    if (!riscv_translate_address(c, address, TCG_ACCESS_LOAD, riscv_data_index(cpu), true, &t) && !tcg_probe(c, address, 1, TCG_ACCESS_STORE, riscv_data_index(cpu))) {
        tcg_leave(c);
    }
}

void rv_helper_finx_off(Cpu *c, uint64_t insn)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    riscv_raise(cpu, riscv_finx_enabled(cpu) == CSR_VIRTUAL ? CAUSE_VIRTUAL_INSTRUCTION : CAUSE_ILLEGAL_INSTRUCTION, insn);
}

/* The table is fetched from, not read (28.14.3). */
uint64_t rv_helper_table_jump(Cpu *c, uint32_t index, uint64_t insn)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    unsigned bytes = cpu->xlen / 8;
    uint64_t address = riscv_address(cpu, cpu->jvt + (uint64_t)index * bytes), value = 0;
    TcgTranslation t;
    int verdict = riscv_state_enabled(cpu, 0, STATEEN_JVT);
    if (verdict != CSR_OK) {
        riscv_raise(cpu, verdict == CSR_VIRTUAL ? CAUSE_VIRTUAL_INSTRUCTION : CAUSE_ILLEGAL_INSTRUCTION, insn);
    }
    if (!riscv_translate_address(c, address, TCG_ACCESS_FETCH, riscv_fetch_index(cpu), false, &t)) {
        tcg_leave(c);
    }
    if (address_space_load(c->memory, t.paddr | (address & 0xfff), &value, bytes, MEM_ATTRS_NONE) != MEM_OK) {
        riscv_raise(cpu, CAUSE_FETCH_ACCESS, address);
    }
    return value;
}
