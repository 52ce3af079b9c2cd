/*
 * Arm as the translator sees it: the mode key, faults, and the constant TcgTarget.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/dma.h"
#include "target/arm/debug.h"
#include "target/arm/tcg/float-host.h"
#include "target/arm/tcg/translate-vfp.h"

/* ---- the mode key ---- */

static uint64_t float_bits(uint32_t fpcr)
{
    return FIELD_GET(fpcr, FPCR_RMODE) << ARM_MODE_FPCR_RMODE_SHIFT | (fpcr & FPCR_FZ ? ARM_MODE_FZ : 0) | (fpcr & FPCR_DN ? ARM_MODE_DN : 0)
        | (fpcr & FPCR_FZ16 ? ARM_MODE_FZ16 : 0) | (fpcr & FPCR_AHP ? ARM_MODE_AHP : 0) | (fpcr & (FPCR_AH | FPCR_FIZ) ? ARM_MODE_AH : 0);
}

/* Which tags of addresses of code are ignored: those with bit 55 clear (1) and set (2). */
static unsigned code_tbi(const ArmCpu *cpu, unsigned regime, bool two_ranges)
{
    uint64_t tcr = cpu->tcr_el[regime];
    if (!two_ranges) {
        return (tcr & BIT(20)) && !(tcr & BIT(29)) ? 3 : 0;
    }
    return ((tcr & BIT(37)) && !(tcr & BIT(51)) ? 1 : 0) | ((tcr & BIT(38)) && !(tcr & BIT(52)) ? 2 : 0);
}

static bool tags_checked(const ArmCpu *cpu, uint64_t sctlr, bool user)
{
    uint64_t hcr = arm_hcr(cpu);
    if (!arm_has(cpu, mte2) || cpu->tco || !(sctlr & (user ? SCTLR_ATA0 : SCTLR_ATA)) || !(user ? FIELD_GET(sctlr, SCTLR_TCF0) : FIELD_GET(sctlr, SCTLR_TCF))) {
        return false;
    }
    return (cpu->el == 3 || !cpu->has_el3 || (cpu->scr_el3 & SCR_ATA)) && (cpu->el >= 2 || !arm_el2_enabled(cpu) || arm_in_host(hcr) || (hcr & HCR_ATA));
}

/* Something that happens often is trapped by a higher level: C code looks before each. */
static bool traps_few(const ArmCpu *cpu, uint64_t sctlr)
{
    const uint64_t mask = HCR_TVM | HCR_TRVM | HCR_TACR | HCR_TSW | HCR_TPCP | HCR_TPU | HCR_TTLB | HCR_TDZ | HCR_TERR | HCR_NV | HCR_TICAB | HCR_TOCU | HCR_TID3;
    if ((cpu->el == 0 && !(sctlr & SCTLR_DZE)) || (cpu->exlock && arm_exlock_enabled(cpu))) {
        return true;
    }
    return cpu->el < 2 && arm_el2_enabled(cpu) && ((arm_hcr(cpu) & mask) || arm_fine_traps_any(cpu));
}

/* Software step (DDI 0487, D2.12): active at levels below the one that debug exceptions go to, or at that with MDSCR_EL1.KDE and PSTATE.D clear. */
static bool step_active(const ArmCpu *cpu)
{
    if (!(cpu->mdscr_el1 & 1) || cpu->oslar_locked || cpu->osdlr_el1) {
        return false;
    }
    unsigned target = arm_el2_enabled(cpu) && ((cpu->mdcr_el2 & BIT(8)) || (arm_hcr(cpu) & HCR_TGE)) ? 2 : 1;
    return cpu->el < target || (cpu->el == target && (cpu->mdscr_el1 & BIT(13)) && !(cpu->daif & PSTATE_D));
}

static uint64_t mode_aarch64(const ArmCpu *cpu)
{
    unsigned regime = arm_regime_el(cpu, cpu->el), sve_trap = arm_sve_trap_el(cpu);
    uint64_t sctlr = cpu->sctlr_el[regime];
    bool user = cpu->el == 0, e2h = regime == 2 && arm_e2h(cpu->hcr_el2);
    uint64_t key = (uint64_t)arm_unprivileged_index(cpu) << ARM_MODE_UNPRIV_SHIFT | (uint64_t)sve_trap << ARM_MODE_SVE_TRAP_SHIFT
        | (uint64_t)code_tbi(cpu, regime, regime == 1 || e2h) << ARM_MODE_TBI_SHIFT;
    key |= sve_trap ? 0 : (uint64_t)(arm_sve_vq(cpu) - 1) << ARM_MODE_VQ_SHIFT;
    key |= cpu->z_high ? ARM_MODE_Z_HIGH : 0;
    key |= cpu->fpcr & FPCR_NEP ? ARM_MODE_NEP : 0;
    key |= cpu->el == 2 && e2h ? ARM_MODE_E2H : 0;
    key |= !user && !cpu->sp_sel ? ARM_MODE_SP_EL0 : 0;
    key |= cpu->guarded_seen ? ARM_MODE_GUARDED : 0;
    key |= arm_gcs_enabled(cpu) ? ARM_MODE_GCS : 0;
    key |= tags_checked(cpu, sctlr, user) ? ARM_MODE_MTE : 0;
    key |= !user && tags_checked(cpu, sctlr, true) ? ARM_MODE_MTE_UNPRIV : 0;
    key |= sctlr & SCTLR_A ? ARM_MODE_ALIGN : 0;
    key |= sctlr & (user ? SCTLR_SA0 : SCTLR_SA) ? ARM_MODE_SP_ALIGN : 0;
    key |= sctlr & (user ? SCTLR_E0E : SCTLR_EE) ? ARM_MODE_BIG_ENDIAN : 0;
    key |= ((sctlr & SCTLR_ENIA ? UINT64_C(1) : 0) | (sctlr & SCTLR_ENIB ? 2 : 0) | (sctlr & SCTLR_ENDA ? 4 : 0) | (sctlr & SCTLR_ENDB ? 8 : 0)) << ARM_MODE_PAUTH_SHIFT;
    return key | (traps_few(cpu, sctlr) ? ARM_MODE_TRAP_FEW : 0);
}

static uint64_t mode_aarch32(const ArmCpu *cpu)
{
    enum { HSTR_T13 = 1 << 13 };
    uint64_t key = ARM_MODE_AARCH32 | (uint64_t)cpu->it << ARM_MODE_IT_SHIFT | FIELD_GET(cpu->fpscr_len_stride, FPSCR_LEN) << ARM_MODE_VECTOR_LEN_SHIFT;
    key |= cpu->thumb ? ARM_MODE_THUMB : 0;
    key |= cpu->mode == MODE_USR ? ARM_MODE_USER : 0;
    key |= cpu->mode == MODE_SYS ? ARM_MODE_SYS : 0;
    key |= cpu->mode == MODE_HYP ? ARM_MODE_HYP : 0;
    key |= cpu->big_endian ? ARM_MODE_BIG_ENDIAN : 0;
    key |= cpu->sctlr_el[arm_regime_el(cpu, cpu->el)] & SCTLR_A ? ARM_MODE_ALIGN : 0;
    key |= arm_fp_undefined(cpu, true) ? ARM_MODE_FP_UNDEFINED : 0;
    key |= arm_simd_undefined(cpu) ? ARM_MODE_SIMD_UNDEFINED : 0;
    key |= arm_simd_trapped(cpu) ? ARM_MODE_SIMD_TRAP : 0;
    key |= cpu->el < 2 && (cpu->hstr_el2 & HSTR_T13) && arm_el2_enabled(cpu) ? ARM_MODE_TRAP_FEW : 0;
    return key | (arm_is_secure(cpu) ? ARM_MODE_SECURE : 0);
}

uint64_t arm_mode_key(Cpu *c)
{
    const ArmCpu *cpu = ARM_CPU(c);
    uint64_t key = (uint64_t)cpu->el << ARM_MODE_EL_SHIFT | (uint64_t)arm_data_index(cpu) << ARM_MODE_DATA_SHIFT | (uint64_t)arm_fp_trap_el(cpu) << ARM_MODE_FP_TRAP_SHIFT;
    key |= float_bits(cpu->aarch64 ? cpu->fpcr : cpu->fpcr & ~(uint32_t)(FPCR_AH | FPCR_FIZ));
    key |= cpu->il ? ARM_MODE_ILLEGAL : 0;
    key |= step_active(cpu) ? ARM_MODE_SINGLE_STEP : 0;
    return key | (cpu->aarch64 ? mode_aarch64(cpu) : mode_aarch32(cpu));
}

static uint64_t constants(Cpu *c)
{
    const ArmCpu *cpu = ARM_CPU(c);
    uint64_t hash = cpu->id.value[ARM_DCZID];
    for (unsigned i = 0; i < ARRAY_SIZE(cpu->features.bits); i++) {
        hash = (hash ^ cpu->features.bits[i]) * UINT64_C(0x9e3779b97f4a7c15);
    }
    return hash;
}

static uint64_t linear_pc(Cpu *c) { return ARM_CPU(c)->pc; }
static unsigned priv(Cpu *c) { return arm_fetch_index(ARM_CPU(c)); }

/* ---- accesses ---- */

/* Where FEAT_LSE2 is, in AArch64, what lies within 16 bytes is as good as aligned for atomic and ordered accesses. */
static bool unaligned(Cpu *c, uint64_t vaddr, TcgAccess access, unsigned access_priv)
{
    ArmCpu *cpu = ARM_CPU(c);
    bool all_checked = cpu->sctlr_el[arm_regime_el(cpu, cpu->el)] & SCTLR_A;
    if (cpu->aarch64 && !all_checked && arm_has(cpu, lse2) && (vaddr & 15) <= 8) {
        return false;
    }
    arm_record_alignment(cpu, vaddr, access);
    return true;
}

static bool bus_error(Cpu *c, uint64_t vaddr, uint64_t paddr, TcgAccess access, MemResult result)
{
    arm_record_external(ARM_CPU(c), vaddr, access);
    return true;
}

/* Data aborts that stage 2 raises say which register was loaded or stored: a hypervisor emulates its devices by that. */
static uint32_t access_syndrome(const ArmCpu *cpu, uint32_t syndrome, unsigned extra)
{
    enum { SYNDROME_SHIFT = 14, SRT_SHIFT = 16, SRT = 31 };
    uint32_t access = (extra & ~(unsigned)ARM_ACCESS_SHORT) << SYNDROME_SHIFT;
    if (!cpu->aarch64 && arm_el_is_aarch64(cpu, 2)) {
        unsigned n = arm_register_in_aarch64(cpu, access >> SRT_SHIFT & SRT);
        access = (access & ~((uint32_t)SRT << SRT_SHIFT)) | n << SRT_SHIFT;
    }
    return (syndrome | access) & ~(extra & ARM_ACCESS_SHORT ? (uint32_t)ESR_IL : 0);
}

static bool access_failed(Cpu *c, const IrMem *mem)
{
    enum { S1PTW = 1 << 7 };
    ArmCpu *cpu = ARM_CPU(c);
    if (mem->masked) {
        cpu->exception = ARM_EXC_NONE;      /* perhaps of bytes that nobody wants: C code tells, element by element */
        return true;
    }
    if (!arm_watchpoint_confirm(cpu, 1u << mem->size_log2)) {
        return true;
    }
    if (mem->extra && cpu->exception_syndrome >> 26 == EC_DATA_ABORT_LOWER && cpu->exception_el == 2 && cpu->exception_hpfar && !(cpu->exception_syndrome & S1PTW)) {
        cpu->exception_syndrome = access_syndrome(cpu, cpu->exception_syndrome, mem->extra);
    }
    return false;
}

/* ---- faults of translated code ---- */

bool arm_peek_insn(ArmCpu *cpu, uint64_t vaddr, uint32_t *insn)
{
    TcgTranslation t;
    uint64_t value = 0;
    if (!arm_translate_address(&cpu->parent, vaddr, TCG_ACCESS_FETCH, arm_fetch_index(cpu), true, &t)) {
        return false;
    }
    address_space_load(cpu->parent.memory, t.paddr | (vaddr & 0xfff), &value, 4, t.attrs);
    *insn = (uint32_t)value;
    return true;
}

uint32_t arm_fetch_insn(ArmCpu *cpu)
{
    uint32_t insn = 0;
    arm_peek_insn(cpu, cpu->pc, &insn);
    return insn;
}

uint32_t arm_trap_syndrome(ArmCpu *cpu)
{
    uint32_t insn = arm_fetch_insn(cpu);
    uint32_t iss = (insn >> 19 & 3) << 20 | (insn >> 5 & 7) << 17 | (insn >> 16 & 7) << 14 | (insn >> 12 & 15) << 10 | (insn & 31) << 5 | (insn >> 8 & 15) << 1 | (insn >> 21 & 1);
    return ARM_SYNDROME(EC_SYSREG, iss);
}

/* The page behind the one that the instruction begins on cannot be fetched from, or was mapped meanwhile. */
static void raise_fetch(ArmCpu *cpu)
{
    TcgTranslation t;
    uint64_t next = (cpu->pc | 0xfff) + 1;
    arm_translate_address(&cpu->parent, cpu->aarch64 ? next : (uint32_t)next, TCG_ACCESS_FETCH, arm_fetch_index(cpu), false, &t);
}

/* A store-exclusive without the monitor: nothing is stored. */
static void fail_store(ArmCpu *cpu, unsigned status, unsigned length)
{
    cpu->exclusive_address = UINT64_MAX;
    if (status != 31) {
        cpu->x[status] = 1;
    }
    cpu->pc += length;
    cpu->it = arm_it_advance(cpu->it);
}

static void skip(ArmCpu *cpu, unsigned length)
{
    cpu->pc = (uint32_t)(cpu->pc + length);
    cpu->it = arm_it_advance(cpu->it);
}

static void raise_fault(Cpu *c, uint32_t reason)
{
    ArmCpu *cpu = ARM_CPU(c);
    if (reason & ARM_REASON_FLOAT) {
        if (cpu->aarch64) {
            arm_float_redo(cpu, arm_fetch_insn(cpu));
        } else if (reason == ARM_REASON_FLOAT) {
            arm_neon_redo(cpu);
        } else {
            arm_vfp_redo(cpu, reason);
        }
        return;
    }
    switch (reason & 0xff) {
    case TCG_REASON_FETCH: raise_fetch(cpu); break;
    case ARM_REASON_EXCLUSIVE_FAILS: fail_store(cpu, reason >> 8 & 0xff, reason >> 16); break;
    case ARM_REASON_PAIR_ALIGNMENT: arm_record_alignment(cpu, cpu->x[arm_fetch_insn(cpu) >> 5 & 31], TCG_ACCESS_LOAD); break;
    case ARM_REASON_SKIP: skip(cpu, reason >> 8); break;
    case ARM_REASON_SP_ALIGNMENT: arm_record(cpu, ARM_SYNDROME(EC_SP_ALIGNMENT, 0), 0); break;
    case ARM_REASON_PC_ALIGNMENT: arm_record_far(cpu, ARM_SYNDROME(EC_PC_ALIGNMENT, 0), 0, cpu->pc); break;
    case ARM_REASON_ILLEGAL_STATE: arm_record(cpu, ARM_SYNDROME(EC_ILLEGAL_STATE, 0), 0); break;
    default: arm_record(cpu, ARM_SYNDROME(EC_UNKNOWN, 0), 0); break;
    }
}

/* ---- events ---- */

/* What a software step does before its instruction (DDI 0487, D2.12.4): with PSTATE.SS clear the exception is due. */
void arm_helper_step(Cpu *c)
{
    ArmCpu *cpu = ARM_CPU(c);
    enum { DFSC_DEBUG = 0x22 };
    if (!cpu->ss) {
        bool lower = cpu->el == 0 || (cpu->el == 1 && arm_el2_enabled(cpu) && ((cpu->mdcr_el2 & BIT(8)) || (arm_hcr(cpu) & HCR_TGE)));
        bool to_el2 = arm_el2_enabled(cpu) && ((cpu->mdcr_el2 & BIT(8)) || (arm_hcr(cpu) & HCR_TGE));
        arm_raise(cpu, ARM_SYNDROME(lower ? EC_STEP_LOWER : EC_STEP, DFSC_DEBUG), to_el2 ? 2 : 1);
    }
    cpu->ss = false;
}

static void after_block(Cpu *c)
{
    /* WFI may have put it to sleep: the loop looks at that. */
}

static uint32_t host_fp_mode(Cpu *c) { return host_mode(ARM_CPU(c)->fpcr); }
static void store_fp_mode(Cpu *c, uint32_t value) { ARM_CPU(c)->fpsr |= fpsr_of_host(value); }

const TcgTarget arm_tcg_target = {
    .name = "arm", .slots = arm_slots, .nr_slots = ARM_NR_SLOTS, .slot_pc = SLOT_PC, .slot_pc_base = SLOT_PC_BASE, .nr_privs = ARM_TLB_COUNT,
    .mode = arm_mode_key, .constants = constants, .linear_pc = linear_pc, .priv = priv, .space_id = arm_space_id, .translate = arm_translate,
    .translate_address = arm_translate_address, .unaligned = unaligned, .access_failed = access_failed, .bus_error = bus_error, .raise = raise_fault,
    .exception_pending = arm_exception_pending, .deliver = arm_deliver, .interrupt = arm_interrupt, .after_block = after_block,
    .guest_breakpoint = arm_guest_breakpoint, .single_step = arm_single_step, .host_fp_mode = host_fp_mode, .store_fp_mode = store_fp_mode, .serve = arm_serve,
};
