/*
 * RISC-V as the translator sees it: the mode key, faults, and the constant TcgTarget.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/dma.h"
#include "target/riscv/tcg/float-host.h"
#include "target/riscv/tcg/translate.h"
#include "target/riscv/tcg/vector.h"

/* ---- the mode key ---- */

static unsigned unit_state(const RiscvCpu *cpu, unsigned shift)
{
    unsigned own = cpu->mstatus >> shift & 3, guest = cpu->virt ? cpu->vsstatus >> shift & 3 : own;
    return !own || !guest ? FLOAT_OFF : own == CONTEXT_DIRTY && guest == CONTEXT_DIRTY ? FLOAT_DIRTY : FLOAT_CLEAN;
}

static unsigned float_state(const RiscvCpu *cpu)
{
    if (riscv_has(cpu, zfinx)) {
        return riscv_finx_enabled(cpu) == CSR_OK ? FLOAT_DIRTY : FLOAT_OFF;
    }
    return unit_state(cpu, MSTATUS_FS_SHIFT);
}

static uint64_t trigger_key(const RiscvCpu *cpu)
{
    unsigned mode = riscv_trigger_mode(cpu);
    return (mode & RISCV_TRIGGERS_ACCESS ? RV_MODE_TRIGGERS_ACCESS : 0) | (mode & RISCV_TRIGGERS_EXECUTE ? RV_MODE_TRIGGERS_EXECUTE : 0);
}

uint64_t riscv_mode_key(Cpu *c)
{
    const RiscvCpu *cpu = RISCV_CPU(c);
    uint64_t key = cpu->priv | (uint64_t)riscv_data_index(cpu) << RV_MODE_DATA_SHIFT | (uint64_t)(cpu->frm & 7) << RV_MODE_FRM_SHIFT;
    key |= (uint64_t)float_state(cpu) << RV_MODE_FLOAT_SHIFT;
    key |= cpu->virt ? RV_MODE_VIRT : 0;
    key |= (uint64_t)riscv_pointer_mask(cpu, riscv_data_index(cpu)) << RV_MODE_PMM_SHIFT;
    key |= cpu->xlen == 32 ? RV_MODE_RV32 : 0;
    key |= (riscv_needs_landing_pads(cpu) ? RV_MODE_LPE : 0) | (cpu->elp ? RV_MODE_ELP : 0);
    key |= cpu->priv < PRIV_M && riscv_has(cpu, zicfiss) && riscv_shadow_stack_allowed(cpu) == CSR_OK ? RV_MODE_SSE : 0;
    key |= riscv_ctr_records(cpu) ? RV_MODE_CTR : 0;
    key |= trigger_key(cpu);
    return key | riscv_vector_mode(cpu, unit_state(cpu, MSTATUS_VS_SHIFT));
}

/* What translate() asks of the CPU beside the mode: extensions, and how its vectors are. */
static uint64_t constants(Cpu *c)
{
    const RiscvCpu *cpu = RISCV_CPU(c);
    uint64_t hash = cpu->vlen | (uint64_t)cpu->elen << 16 | (uint64_t)cpu->rvv_ta_all_1s << 32 | (uint64_t)cpu->rvv_ma_all_1s << 33 | (uint64_t)cpu->rvv_vl_half_avl << 34
        | (uint64_t)cpu->rvv_vsetvl_x0_vill << 35;
    for (unsigned i = 0; i < ARRAY_SIZE(cpu->ext.bits); i++) {
        hash = (hash ^ cpu->ext.bits[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 31;
    }
    return hash;
}

static uint64_t linear_pc(Cpu *c) { return RISCV_CPU(c)->pc; }
static unsigned priv(Cpu *c) { return riscv_fetch_index(RISCV_CPU(c)); }

/* ---- accesses ---- */

/* A TLB miss, counted where it finds something. */
static bool translate_address(Cpu *c, uint64_t vaddr, TcgAccess access, unsigned index, bool probe, TcgTranslation *out)
{
    bool found = riscv_translate_address(c, vaddr, access, index, probe, out);
    if (found && RISCV_CPU(c)->hpm_tlb_events) {
        riscv_count_tlb_miss(RISCV_CPU(c), access);
    }
    return found;
}

/* Atomic ones only. */
static bool unaligned(Cpu *c, uint64_t vaddr, TcgAccess access, unsigned access_priv)
{
    riscv_record(RISCV_CPU(c), access == TCG_ACCESS_LOAD ? CAUSE_MISALIGNED_LOAD : CAUSE_MISALIGNED_STORE, vaddr);
    RISCV_CPU(c)->exception_gva = access_priv >= RV_TLB_VU;
    return true;
}

static bool bus_error(Cpu *c, uint64_t vaddr, uint64_t paddr, TcgAccess access, MemResult result)
{
    riscv_record(RISCV_CPU(c), access == TCG_ACCESS_STORE ? CAUSE_STORE_ACCESS : access == TCG_ACCESS_LOAD ? CAUSE_LOAD_ACCESS : CAUSE_FETCH_ACCESS, vaddr);
    RISCV_CPU(c)->exception_gva = access == TCG_ACCESS_FETCH ? RISCV_CPU(c)->virt : riscv_data_index(RISCV_CPU(c)) >= RV_TLB_VU;
    return true;
}

/* An AMO's faults are a store's, on whichever half they come up (8.4: "store/AMO"). At which element a vector's is is found out one by one. */
static bool access_failed(Cpu *c, const IrMem *mem)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    if (mem->extra == RV_MEM_VECTOR) {
        cpu->exception = -1;
        return true;
    }
    if (mem->extra == RV_MEM_AMO && cpu->exception == CAUSE_LOAD_ACCESS) {
        cpu->exception = CAUSE_STORE_ACCESS;
    }
    return false;
}

/* ---- faults of translated code ---- */

static uint32_t fetch_insn(RiscvCpu *cpu)
{
    uint8_t bytes[4] = { 0 };
    for (unsigned i = 0; i < 4; i += 2) {
        TcgTranslation t;
        uint64_t value = 0, vaddr = cpu->pc + i;
        if (riscv_translate_address(&cpu->parent, vaddr, TCG_ACCESS_FETCH, riscv_fetch_index(cpu), true, &t)) {
            address_space_load(cpu->parent.memory, t.paddr | (vaddr & 0xfff), &value, 2, MEM_ATTRS_NONE);
        }
        memcpy(bytes + i, &value, 2);
    }
    return load_le32(bytes);
}

/* The page behind the one that the instruction begins on cannot be fetched from, or was mapped meanwhile. */
static void raise_fetch(RiscvCpu *cpu)
{
    TcgTranslation t;
    riscv_translate_address(&cpu->parent, riscv_address(cpu, (cpu->pc | 0xfff) + 1), TCG_ACCESS_FETCH, riscv_fetch_index(cpu), false, &t);
}

/* RV_REASON_FLOAT: the whole instruction, and on to the next. */
static void do_float(RiscvCpu *cpu, uint32_t r)
{
    RvFloatOp op = r & 63;
    unsigned rd = r >> 11 & 31, rs1 = r >> 16 & 31;
    uint64_t a = op >= FP_FROM_W && op <= FP_FROM_LU ? cpu->x[rs1] : cpu->f[rs1];
    unsigned fmt = r >> 6 & 3, from = fmt == FMT_S ? FMT_D : FMT_S;
    uint64_t result = riscv_float_compute(FLOAT_SPEC(op, fmt, r >> 8 & 7, from), a, cpu->f[r >> 21 & 31], cpu->f[r >> 26 & 31], &cpu->fflags);
    if ((op >= FP_TO_W && op <= FP_TO_LU) || (op >= FP_EQ && op <= FP_LEQ)) {
        cpu->x[rd] = rd ? riscv_to_xlen(cpu, result) : 0;
    } else {
        cpu->f[rd] = result;
    }
    cpu->mstatus |= FIELD_MASK(MSTATUS_FS);
    cpu->vsstatus |= cpu->virt ? FIELD_MASK(MSTATUS_FS) : 0;
    cpu->pc += 4;
}

/* SC without a reservation: nothing is stored. */
static void fail_store(RiscvCpu *cpu)
{
    unsigned rd = fetch_insn(cpu) >> 7 & 31;
    cpu->x[rd] = rd ? 1 : 0;
    cpu->reserved_address = UINT64_MAX;
    cpu->pc += 4;
}

/* A jump or taken branch to where no instruction can begin. */
static void raise_target(RiscvCpu *cpu)
{
    uint32_t insn = fetch_insn(cpu);
    uint64_t target;
    if ((insn & 0x7f) == 0x67) {
        target = (cpu->x[insn >> 15 & 31] + (int64_t)((int32_t)insn >> 20)) & ~UINT64_C(1);
    } else {
        int32_t offset = (insn >> 8 & 15) << 1 | (insn >> 25 & 63) << 5 | (insn >> 7 & 1) << 11 | ((int32_t)insn >> 31) * 4096;
        target = cpu->pc + offset;
    }
    riscv_record(cpu, CAUSE_MISALIGNED_FETCH, riscv_address(cpu, target));
}

static void raise_fault(Cpu *c, uint32_t reason)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    if (reason & RV_REASON_FLOAT) {
        do_float(cpu, reason);
    } else if (reason == TCG_REASON_FETCH) {
        raise_fetch(cpu);
    } else if (reason == RV_REASON_VECTOR) {
        rv_helper_vector(c, fetch_insn(cpu));
        cpu->pc += 4;
    } else if (reason == RV_REASON_LANDING_PAD) {
        riscv_record(cpu, CAUSE_SOFTWARE_CHECK, SOFTWARE_CHECK_LANDING_PAD);
    } else if (reason == RV_REASON_SC_FAILS) {
        fail_store(cpu);
    } else if (reason == RV_REASON_TARGET_MISALIGNED) {
        raise_target(cpu);
    } else {
        unsigned cause = reason - TCG_REASON_TARGET;
        riscv_record(cpu, cause, cause == CAUSE_BREAKPOINT ? cpu->pc : 0);
        cpu->exception_gva = cause == CAUSE_BREAKPOINT && cpu->virt;
    }
}

/* ---- events ---- */

static void after_block(Cpu *c)
{
    /* WFI may have put it to sleep: the loop looks at that. */
}

static void single_step(Cpu *c)
{
}

static uint32_t host_fp_mode(Cpu *c) { return host_mode(RISCV_CPU(c)->frm); }
static void store_fp_mode(Cpu *c, uint32_t value) { RISCV_CPU(c)->fflags |= fflags_of_host(value); }

const TcgTarget riscv_tcg_target = {
    .name = "riscv", .slots = riscv_slots, .nr_slots = RISCV_NR_SLOTS, .slot_pc = SLOT_PC, .slot_pc_base = SLOT_PC_BASE, .nr_privs = RV_TLB_COUNT,
    .mode = riscv_mode_key, .constants = constants, .linear_pc = linear_pc, .priv = priv, .space_id = riscv_space_id, .translate = riscv_translate,
    .translate_address = translate_address, .unaligned = unaligned, .bus_error = bus_error, .access_failed = access_failed, .raise = raise_fault,
    .exception_pending = riscv_exception_pending, .deliver = riscv_deliver, .interrupt = riscv_interrupt, .after_block = after_block,
    .single_step = single_step, .host_fp_mode = host_fp_mode, .store_fp_mode = store_fp_mode,
};
