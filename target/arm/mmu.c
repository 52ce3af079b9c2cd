/*
 * Address translation: which regime an access is made in, its stages, faults as the guest sees them, spaces of the translator's TLB.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D8.1 (regimes), D8.2.5 (stages off), D8.8 (tagged addresses), D8.15 (faults), D8.16 (TLB, ASID, VMID).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/mmu.h"
#include "softmmu/dma.h"
#include "target/arm/debug.h"

/* ---- spaces ---- */

/* The regime of EL1&0 goes by short descriptors. */
static bool is_short(const ArmCpu *cpu, unsigned regime)
{
    return !arm_el_is_aarch64(cpu, regime) && !(cpu->tcr_el[regime] >> 31 & 1);
}

static unsigned asid_in(const ArmCpu *cpu, unsigned regime, uint64_t ttbr) { return cpu->tcr_el[regime] >> 36 & 1 ? ttbr >> 48 : ttbr >> 48 & 0xff; }

static unsigned asid_of(const ArmCpu *cpu, unsigned regime)
{
    if (is_short(cpu, regime)) {
        return (regime == 3 ? cpu->contextidr_el[3] : cpu->contextidr_el[1]) & 0xff;
    }
    bool a1 = cpu->tcr_el[regime] >> 22 & 1;
    return asid_in(cpu, regime, a1 ? cpu->ttbr1_el[regime] : cpu->ttbr0_el[regime]);
}

/* Each range of addresses has an ASID of its own: TCR2_ELx.A2 (FEAT_ASID2). */
static bool has_two_asids(const ArmCpu *cpu, unsigned regime)
{
    return arm_has(cpu, asid2) && arm_el_is_aarch64(cpu, regime) && arm_extension_is_on(cpu, regime, TCR2_A2, 0);
}

static unsigned vmid_of(const ArmCpu *cpu)
{
    return arm_has(cpu, vmid16) && (cpu->vtcr_el2 >> 19 & 1) ? cpu->vttbr_el2 >> 48 : cpu->vttbr_el2 >> 48 & 0xff;
}

/* The regime that EL0 and EL1, or a host at EL2, run in; ASID and VMID as the architecture tags translations. Controls that switch stages are tags, too, so that a
 * hypervisor that turns them between host and guest flushes nothing. */
uint64_t arm_space_of(const ArmCpu *cpu, unsigned asid)
{
    uint64_t hcr = arm_hcr(cpu);
    bool host = arm_in_host(hcr) || (cpu->el == 2 && arm_e2h(hcr));
    uint64_t id = 1 | (uint64_t)asid << 8;
    id |= cpu->has_el3 && !(cpu->scr_el3 & SCR_NS) ? 2 : 0;
    if (host) {
        return id | 4;
    }
    unsigned regime = arm_regime_el(cpu, 0);
    if (is_short(cpu, regime)) {
        id |= (uint64_t)(regime == 3 ? cpu->dacr_s : (uint32_t)cpu->dacr32_el2) << 32;
    }
    if (hcr) {
        id |= 8 | (hcr & HCR_VM ? 16 : 0) | (hcr & HCR_DC ? 32 : 0) | (hcr & HCR_TGE ? 64 : 0) | (hcr & HCR_PTW ? 128 : 0) | (uint64_t)(is_short(cpu, regime) ? vmid_of(cpu) & 0xff : vmid_of(cpu)) << 24;
    }
    return id;
}

/* A space of two ASIDs is one of its own, whatever it shares with others. */
uint64_t arm_space_id(Cpu *c)
{
    enum { SECOND_ASID = 40 };
    const uint64_t two = BIT(56);
    ArmCpu *cpu = ARM_CPU(c);
    uint64_t hcr = arm_hcr(cpu);
    unsigned regime = arm_in_host(hcr) || (cpu->el == 2 && arm_e2h(hcr)) ? 2 : arm_regime_el(cpu, 0);
    if (has_two_asids(cpu, regime)) {
        cpu->two_asids_seen = true;
        return arm_space_of(cpu, asid_in(cpu, regime, cpu->ttbr0_el[regime])) | (uint64_t)asid_in(cpu, regime, cpu->ttbr1_el[regime]) << SECOND_ASID | two;
    }
    return arm_space_of(cpu, asid_of(cpu, regime));
}

static void flush_work(Cpu *cpu, void *opaque)
{
    ARM_CPU(cpu)->walk_cache_epoch++;
    tcg_tlb_flush_all(cpu);
}

void arm_flush_translations(ArmCpu *cpu)
{
    cpu->walk_cache_epoch++;
    if (!tcg_runs(&cpu->parent) || !cpu->parent.created) {
        return;
    }
    if (cpu_current() == &cpu->parent) {
        flush_work(&cpu->parent, NULL);
    } else {
        cpu_run_on_async(&cpu->parent, flush_work, NULL);
    }
}

/* ---- entries in memory ---- */

AddressSpace *arm_memory(const ArmCpu *cpu, bool secure)
{
    return secure && cpu->secure_memory ? cpu->secure_memory : cpu->parent.memory;
}

bool arm_read_descriptor(ArmCpu *cpu, uint64_t paddr, unsigned bytes, bool secure, bool big_endian, uint64_t *value)
{
    AddressSpace *as = arm_memory(cpu, secure);
    bool ok = true;
    *value = 0;
    memory_read_lock();
    uint8_t *frame = address_space_frame(as, paddr & ~UINT64_C(0xfff), false, NULL);
    if (frame) {
        void *p = frame + (paddr & 0xfff);
        *value = bytes == 8 ? __atomic_load_n((uint64_t *)p, __ATOMIC_RELAXED) : __atomic_load_n((uint32_t *)p, __ATOMIC_RELAXED);
    }
    memory_read_unlock();
    if (!frame) {
        ok = address_space_load(as, paddr, value, bytes, MEM_ATTRS_NONE) == MEM_OK;
    }
    if (big_endian) {
        *value = bytes == 8 ? __builtin_bswap64(*value) : __builtin_bswap32(*value);
    }
    return ok;
}

bool arm_replace_descriptor(ArmCpu *cpu, uint64_t paddr, uint64_t old, uint64_t value, bool secure, bool big_endian)
{
    AddressSpace *as = arm_memory(cpu, secure);
    bool same = true;
    if (big_endian) {
        old = __builtin_bswap64(old);
        value = __builtin_bswap64(value);
    }
    memory_read_lock();
    uint8_t *frame = address_space_frame(as, paddr & ~UINT64_C(0xfff), true, NULL);
    if (frame) {
        same = __atomic_compare_exchange_n((uint64_t *)(frame + (paddr & 0xfff)), &old, value, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
    }
    memory_read_unlock();
    if (!frame) {
        address_space_store(as, paddr, value, 8, MEM_ATTRS_NONE);
    }
    return same;
}

/* ---- stages ---- */

WalkResult arm_walk_fault(ArmWalk *w, unsigned fsc, int level)
{
    w->fsc = fsc;
    w->level = level;
    return WALK_FAULT;
}

ArmWalk arm_walk_for(const ArmCpu *cpu, TcgAccess access, unsigned index)
{
    uint64_t hcr = arm_hcr(cpu);
    static const uint8_t level_of_gcs[] = { ARM_TLB_EL0, ARM_TLB_EL1, ARM_TLB_EL2, ARM_TLB_EL3 };
    ArmWalk w = { .access = access, .secure = cpu->has_el3 && !(cpu->scr_el3 & SCR_NS), .gcs = index >= ARM_TLB_GCS_EL0 };
    index = w.gcs ? level_of_gcs[index - ARM_TLB_GCS_EL0] : index;
    switch (index) {
    case ARM_TLB_EL0:
        w.regime = arm_regime_el(cpu, 0);
        w.user = w.two_ranges = true;
        break;
    case ARM_TLB_EL1:
    case ARM_TLB_EL1_PAN:
        w.regime = 1;
        w.two_ranges = true;
        w.pan = index == ARM_TLB_EL1_PAN;
        break;
    case ARM_TLB_EL2:
    case ARM_TLB_EL2_PAN:
        w.regime = 2;
        w.two_ranges = arm_e2h(hcr);
        w.pan = index == ARM_TLB_EL2_PAN;
        break;
    default:
        w.regime = 3;
        w.two_ranges = !cpu->has_aarch64;
        w.secure = true;
        break;
    }
    w.stage2 = w.regime == 1 && (hcr & (HCR_VM | HCR_DC)) != 0;
    return w;
}

static bool stage1_is_on(const ArmCpu *cpu, const ArmWalk *w)
{
    uint64_t hcr = arm_hcr(cpu);
    if (w->regime == 1 && (hcr & (HCR_DC | HCR_TGE))) {
        return false;
    }
    return cpu->sctlr_el[w->regime] & SCTLR_M;
}

bool arm_mtx(const ArmCpu *cpu, unsigned regime, bool two_ranges, uint64_t vaddr)
{
    enum { MTX = 33, MTX0 = 60, MTX1 = 61 };
    return arm_has(cpu, mtx) && arm_el_is_aarch64(cpu, regime) && (cpu->tcr_el[regime] >> (!two_ranges ? MTX : vaddr >> 55 & 1 ? MTX1 : MTX0) & 1);
}

uint64_t arm_strip_tag(const ArmCpu *cpu, unsigned regime, bool two_ranges, uint64_t vaddr, bool fetch)
{
    uint64_t tcr = cpu->tcr_el[regime];
    bool high = two_ranges && (vaddr >> 55 & 1);
    bool tbi = two_ranges ? tcr >> (high ? 38 : 37) & 1 : tcr >> 20 & 1, tbid = two_ranges ? tcr >> (high ? 52 : 51) & 1 : tcr >> 29 & 1;
    if (!tbi || (fetch && tbid && arm_has(cpu, pauth))) {
        return !fetch && arm_mtx(cpu, regime, two_ranges, vaddr) ? deposit64(vaddr, 56, 4, high ? 15 : 0) : vaddr;
    }
    return two_ranges ? (uint64_t)sextract64(vaddr, 0, 56) : extract64(vaddr, 0, 56);
}

static uint64_t attribute(const ArmCpu *cpu, const ArmWalk *w)
{
    return extract64(w->attr_index < 8 ? cpu->mair_el[w->regime] : cpu->mair2_el[w->regime], 8 * (w->attr_index & 7), 8);
}

static WalkResult walk_stage1(ArmCpu *cpu, uint64_t vaddr, ArmWalk *w)
{
    enum { MAIR_TAGGED = 0xf0 };
    if (stage1_is_on(cpu, w)) {
        if (arm_el_is_aarch64(cpu, w->regime) || w->regime == 2 || (cpu->tcr_el[w->regime] >> 31 & 1 && arm_has(cpu, lpae))) {
            WalkResult r = arm_walk_stage1_long(cpu, vaddr, w);
            w->tagged_memory = attribute(cpu, w) == MAIR_TAGGED;
            return r;
        }
        return arm_walk_short(cpu, vaddr, w);
    }
    if (vaddr >> arm_physical_bits(cpu)) {
        return arm_walk_fault(w, FSC_ADDRESS_SIZE, 0);
    }
    w->paddr = vaddr;
    w->page_bits = 12;
    w->read = w->write = w->exec = true;
    w->global = true;
    w->attr_index = 0;
    w->tagged_memory = w->regime == 1 && (arm_hcr(cpu) & HCR_DC) && (arm_hcr(cpu) & HCR_DCT);
    return WALK_OK;
}

/* Stage 2 leaves memory Tagged that it calls Normal Write-Back, or (FWB) does not change. */
static bool stage2_keeps_tags(const ArmCpu *cpu, unsigned memory_attr)
{
    enum { WRITE_BACK = 15, FWB_WRITE_BACK = 6 };
    return arm_hcr(cpu) & HCR_FWB ? (memory_attr & 7) >= FWB_WRITE_BACK : memory_attr == WRITE_BACK;
}

WalkResult arm_walk(ArmCpu *cpu, uint64_t vaddr, ArmWalk *w)
{
    WalkResult r = walk_stage1(cpu, vaddr, w);
    if (r != WALK_OK || !w->stage2 || w->stage1_only || !(arm_hcr(cpu) & (HCR_VM | HCR_DC))) {
        return r;
    }
    ArmWalk second;
    if (arm_walk_stage2(cpu, w->paddr, w->access, w, &second) != WALK_OK) {
        w->fsc = second.fsc;
        w->level = second.level;
        w->ipa = w->paddr;
        w->fault_stage2 = true;
        return WALK_FAULT;
    }
    w->paddr = second.paddr;
    w->read &= second.read;
    w->write &= second.write;
    w->exec &= second.exec;
    w->tagged_memory &= !(arm_hcr(cpu) & HCR_VM) || stage2_keeps_tags(cpu, second.memory_attr);
    w->page_bits = MIN(w->page_bits, second.page_bits);
    return WALK_OK;
}

/* ---- faults ---- */

static unsigned fault_code(const ArmWalk *w)
{
    if (w->fsc >= FSC_EXTERNAL && w->fsc != FSC_EXTERNAL_WALK) {
        return w->fsc;
    }
    if (w->level < 0) {
        return w->fsc == FSC_ADDRESS_SIZE ? 0x29 : w->fsc == FSC_TRANSLATION ? 0x2b : 0x13;
    }
    return w->fsc | w->level;
}

uint32_t arm_fault_iss(const ArmWalk *w, bool write)
{
    return fault_code(w) | (write ? BIT(6) : 0) | (w->fault_on_walk ? BIT(7) : 0);
}

static void record_fault(ArmCpu *cpu, uint64_t vaddr, const ArmWalk *w)
{
    bool fetch = w->access == TCG_ACCESS_FETCH;
    unsigned target = w->fault_stage2 ? 2 : w->regime == 1 && (arm_hcr(cpu) & HCR_TGE) && cpu->el == 0 ? 2 : MAX(w->regime, cpu->el);
    uint32_t iss = arm_fault_iss(w, w->access == TCG_ACCESS_STORE && !(w->fault_on_walk && w->fault_stage2));
    arm_record_far(cpu, ARM_SYNDROME(fetch ? EC_INSN_ABORT_LOWER : EC_DATA_ABORT_LOWER, iss), target, vaddr);
    cpu->exception_domain = w->domain;
    cpu->exception_syndrome2 = w->gcs ? ISS2_GCS : 0;
    if (w->fault_stage2) {
        cpu->exception_hpfar = (w->ipa >> 12 & MAKE_MASK(0, 40)) << 4;
    }
}

static uint64_t own_tag_off(ArmCpu *cpu, const ArmWalk *w, uint64_t vaddr)
{
    uint64_t plain = arm_strip_tag(cpu, w->regime, w->two_ranges, vaddr, w->access == TCG_ACCESS_FETCH);
    if (plain != vaddr) {
        cpu->tagged_seen = true;
    }
    return plain;
}

bool arm_translate_address(Cpu *c, uint64_t vaddr, TcgAccess access, unsigned index, bool probe, TcgTranslation *out)
{
    ArmCpu *cpu = ARM_CPU(c);
    ArmWalk w = arm_walk_for(cpu, access, index);
    if (arm_walk(cpu, own_tag_off(cpu, &w, vaddr), &w) != WALK_OK) {
        if (!probe) {
            record_fault(cpu, vaddr, &w);
        }
        return false;
    }
    if (access == TCG_ACCESS_FETCH && w.guarded && arm_has(cpu, bti)) {
        cpu->guarded_seen = true;
    }
    if (cpu->watches && access != TCG_ACCESS_FETCH && arm_watchpoint_on_page(cpu, vaddr)) {
        w.once = true;
        if (!probe && arm_watchpoint_hits(cpu, vaddr, access == TCG_ACCESS_STORE)) {
            return false;
        }
    }
    /* Where there is one regime at EL1 alone, its global pages are those of all spaces. */
    bool global = w.global && ((index == ARM_TLB_EL3 && cpu->has_aarch64) || (!cpu->has_el2 && !cpu->has_el3));
    *out = (TcgTranslation){ .paddr = w.paddr & ~UINT64_C(0xfff), .page_bits = w.page_bits, .read = w.read, .write = w.write, .exec = w.exec, .global = global, .once = w.once,
                             .attrs = { .secure = w.secure, .user = w.user } };
    return true;
}

bool arm_debug_translate(Cpu *c, uint64_t vaddr, uint64_t *paddr, MemAttrs *attrs)
{
    ArmCpu *cpu = ARM_CPU(c);
    ArmWalk w = arm_walk_for(cpu, TCG_ACCESS_LOAD, arm_fetch_index(cpu));
    w.quiet = true;
    if (arm_walk(cpu, arm_strip_tag(cpu, w.regime, w.two_ranges, vaddr, false), &w) != WALK_OK) {
        return false;
    }
    *paddr = w.paddr;
    *attrs = (MemAttrs){ .secure = w.secure };
    return true;
}

/* An abort that no walk found: alignment, an access that nobody answers. */
static void record_other(ArmCpu *cpu, uint64_t vaddr, TcgAccess access, unsigned fsc)
{
    ArmWalk w = { .access = access, .fsc = fsc, .regime = arm_regime_el(cpu, cpu->el) };
    record_fault(cpu, vaddr, &w);
}

void arm_record_alignment(ArmCpu *cpu, uint64_t vaddr, TcgAccess access)
{
    record_other(cpu, vaddr, access, FSC_ALIGNMENT);
}

void arm_record_external(ArmCpu *cpu, uint64_t vaddr, TcgAccess access)
{
    record_other(cpu, vaddr, access, FSC_EXTERNAL);
}

void arm_record_tag_check(ArmCpu *cpu, uint64_t vaddr, TcgAccess access)
{
    record_other(cpu, vaddr, access, FSC_TAG_CHECK);
}

/* D10.3 (RVBFYY). ESR_ELx.ISS2.TnD tells it from others. */
bool arm_record_tag_refused(ArmCpu *cpu, uint64_t vaddr, unsigned index)
{
    enum { ISS2_TND = 1 << 10 };
    ArmWalk w = arm_walk_for(cpu, TCG_ACCESS_STORE, index);
    w.quiet = true;
    if (!stage1_is_on(cpu, &w) || arm_walk(cpu, arm_strip_tag(cpu, w.regime, w.two_ranges, vaddr, false), &w) != WALK_OK) {
        return false;
    }
    w.fsc = FSC_PERMISSION;
    record_fault(cpu, vaddr, &w);
    cpu->exception_syndrome2 = ISS2_TND;
    return true;
}

bool arm_page_guarded(ArmCpu *cpu, uint64_t vaddr)
{
    ArmWalk w = arm_walk_for(cpu, TCG_ACCESS_FETCH, arm_fetch_index(cpu));
    w.quiet = true;
    return arm_walk(cpu, arm_strip_tag(cpu, w.regime, w.two_ranges, vaddr, true), &w) == WALK_OK && w.guarded;
}

uint64_t arm_branch_target(const ArmCpu *cpu, uint64_t target)
{
    unsigned regime = arm_regime_el(cpu, cpu->el);
    bool two_ranges = regime == 1 || (regime == 2 && arm_e2h(arm_hcr(cpu)));
    return arm_strip_tag(cpu, regime, two_ranges, target, true);
}

/* ---- AT ---- */

/* PAR_EL1: D19.2.118. */
uint64_t arm_address_translate(ArmCpu *cpu, uint64_t vaddr, TcgAccess access, unsigned el, unsigned how)
{
    static const uint8_t index[] = { ARM_TLB_EL0, ARM_TLB_EL1, ARM_TLB_EL2, ARM_TLB_EL3 };
    ArmWalk w = arm_walk_for(cpu, access, el == 0 ? ARM_TLB_EL0 : index[el]);
    /* From EL3 or EL2 about EL1: the regime of EL1&0 whatever the current level is. */
    w.pan = how & AT_PAN;
    w.unchecked = how & AT_UNCHECKED;
    w.stage1_only = !(how & AT_BOTH_STAGES);
    if (arm_walk(cpu, arm_strip_tag(cpu, w.regime, w.two_ranges, vaddr, false), &w) != WALK_OK) {
        return 1 | (uint64_t)fault_code(&w) << 1 | (w.fault_on_walk ? BIT(8) : 0) | (w.fault_stage2 ? BIT(9) : 0) | BIT(11);
    }
    uint64_t attr = stage1_is_on(cpu, &w) ? attribute(cpu, &w) : 0;
    uint64_t sh = (attr & 0xf0) == 0 ? 2 : w.shareability;
    return (w.paddr & MAKE_MASK(12, 40)) | attr << 56 | sh << 7 | BIT(11) | (w.secure ? 0 : BIT(9));
}
