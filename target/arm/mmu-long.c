/*
 * Walks of tables of 64-bit descriptors: VMSAv8-64 stage 1 and stage 2, with granules of 4, 16 and 64 KiB, hierarchical permissions, hardware management of the access flag
 * and dirty state. Tables of the last level are remembered until the next invalidation.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D8.2 (translation process), D8.3 (descriptors), D8.4 (memory access control), D8.5 (HAFDBS), D8.7 (contiguous).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/mmu.h"

#define DESC_VALID BIT(0)
#define DESC_TABLE BIT(1)
#define DESC_NS BIT(5)
#define DESC_AP1 BIT(6)
#define DESC_AP2 BIT(7)
#define DESC_AF BIT(10)
#define DESC_NG BIT(11)
#define DESC_GP BIT(50)
#define DESC_DBM BIT(51)
#define DESC_CONTIGUOUS BIT(52)
#define DESC_PXN BIT(53)
#define DESC_UXN BIT(54)
#define DESC_PXN_TABLE BIT(59)
#define DESC_UXN_TABLE BIT(60)
#define DESC_NS_TABLE BIT(63)
FIELD(DESC_AP_TABLE, 61, 2);
FIELD(DESC_ATTR_INDEX, 2, 3);
FIELD(DESC_SH, 8, 2);
#define S2AP_READ BIT(6)
#define S2AP_WRITE BIT(7)
#define S2_XN1 BIT(54)
#define S2_XN0 BIT(53)

/* ---- parameters: TCR_ELx or VTCR_EL2 for an address ---- */

typedef struct Params {
    uint64_t table;             /* of the first level */
    unsigned granule;           /* bits of a page: 12, 14, 16 */
    unsigned input_bits, output_bits;
    int first_level;
    bool disabled;              /* EPD: translation fault */
    bool hierarchy_off;         /* HPD: table attributes do not count */
    bool update_access, update_dirty;
    bool high, big_endian;
    bool wide;                  /* LPA2: 52 bits in descriptors, which say nothing of shareability: */
    uint8_t shareability;       /* that is TCR's */
    bool more_attributes;       /* stage 1: AttrIndx has four bits (FEAT_AIE) */
    bool never_global;          /* TCR2_ELx.FNG0, FNG1 */
    bool indirect;              /* permissions by PIR_ELx and PIRE0_ELx, or S2PIR_EL2 */
} Params;

static unsigned granule_of(unsigned tg, bool second)
{
    static const uint8_t tg0[] = { 12, 16, 14, 16 }, tg1[] = { 16, 14, 12, 16 };
    return second ? tg1[tg] : tg0[tg];
}

static unsigned output_size(unsigned ps)
{
    static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48, 52, 52 };
    return bits[ps & 7];
}

unsigned arm_physical_bits(const ArmCpu *cpu)
{
    return output_size(cpu->id.value[ARM_ID_AA64MMFR0] & 15);
}

static bool granule_is_wide(const ArmCpu *cpu, unsigned granule, bool stage2)
{
    uint64_t mmfr0 = cpu->id.value[ARM_ID_AA64MMFR0];
    if (granule == 12) {
        unsigned s1 = extract64(mmfr0, 28, 4), s2 = extract64(mmfr0, 40, 4);
        return stage2 && s2 ? s2 == 3 : s1 == 1;
    }
    if (granule == 14) {
        unsigned s1 = extract64(mmfr0, 20, 4), s2 = extract64(mmfr0, 32, 4);
        return stage2 && s2 ? s2 == 3 : s1 == 2;
    }
    return false;
}

static int first_level_of(const Params *p)
{
    unsigned stride = p->granule - 3;
    return 3 - (int)((p->input_bits - p->granule - 1) / stride);
}

/* Of AArch32 with TTBCR.EAE, and Hyp mode: 4 KiB, 40 bits out, two ranges by TTBCR.T0SZ and T1SZ (G5.5.3). */
static Params stage1_params32(const ArmCpu *cpu, const ArmWalk *w, uint64_t vaddr)
{
    uint64_t tcr = cpu->tcr_el[w->regime];
    unsigned t0sz = tcr & 7, t1sz = w->two_ranges ? tcr >> 16 & 7 : 0;
    bool below = t0sz == 0 || !(vaddr >> (32 - t0sz)), above = w->two_ranges && (t1sz ? !(~vaddr & MAKE_MASK(32 - t1sz, t1sz)) : t0sz != 0);
    Params p = { .granule = 12, .output_bits = 40, .big_endian = cpu->sctlr_el[w->regime] & SCTLR_EE };
    p.high = above && !(t0sz == 0 && t1sz == 0) && (t1sz ? true : !below);
    p.input_bits = 32 - (p.high ? t1sz : t0sz);
    p.disabled = (!p.high && !below) || (w->two_ranges && (tcr >> (p.high ? 23 : 7) & 1));
    p.hierarchy_off = false;
    p.table = (p.high ? cpu->ttbr1_el[w->regime] : cpu->ttbr0_el[w->regime]) & MAKE_MASK(1, 39);
    p.first_level = first_level_of(&p);
    return p;
}

bool arm_extension_is_on(const ArmCpu *cpu, unsigned regime, uint64_t tcr2_bit, uint64_t tcr_el3_bit)
{
    if (regime == 3) {
        return cpu->tcr_el[3] & tcr_el3_bit;
    }
    bool let = (!cpu->has_el3 || (cpu->scr_el3 & SCR_TCR2EN)) && (regime == 2 || !arm_el2_enabled(cpu) || (arm_hcrx(cpu) & HCRX_TCR2EN));
    return let && (cpu->tcr2_el[regime] & tcr2_bit);
}

static Params stage1_params(const ArmCpu *cpu, const ArmWalk *w, uint64_t vaddr)
{
    uint64_t tcr = cpu->tcr_el[w->regime];
    Params p = { .high = w->two_ranges && (vaddr >> 55 & 1), .big_endian = cpu->sctlr_el[w->regime] & SCTLR_EE };
    unsigned half = p.high ? 16 : 0, ps = w->two_ranges ? extract64(tcr, 32, 3) : extract64(tcr, 16, 3);
    uint64_t ttbr = p.high ? cpu->ttbr1_el[w->regime] : cpu->ttbr0_el[w->regime];
    p.granule = granule_of(p.high ? extract64(tcr, 30, 2) : extract64(tcr, 14, 2), p.high);
    p.wide = (w->two_ranges ? tcr >> 59 & 1 : tcr >> 32 & 1) && granule_is_wide(cpu, p.granule, false);
    p.shareability = extract64(tcr, p.high ? 28 : 12, 2);
    unsigned tsz = extract64(tcr, half, 6), least = p.wide || (p.granule == 16 && arm_has(cpu, lva)) ? 12 : 16, most = arm_has(cpu, ttst) ? (p.granule == 16 ? 47 : 48) : 39;
    p.input_bits = 64 - MIN(MAX(tsz, least), most);
    p.disabled = w->two_ranges && (tcr >> (p.high ? 23 : 7) & 1);
    p.hierarchy_off = arm_has(cpu, hpds) && (w->two_ranges ? tcr >> (p.high ? 42 : 41) & 1 : tcr >> 24 & 1);
    p.update_access = arm_has(cpu, hafdbs) && (w->two_ranges ? tcr >> 39 & 1 : tcr >> 21 & 1);
    p.update_dirty = p.update_access && arm_has(cpu, haf_dirty) && (w->two_ranges ? tcr >> 40 & 1 : tcr >> 22 & 1);
    p.indirect = arm_has(cpu, s1pie) && arm_extension_is_on(cpu, w->regime, TCR2_PIE, TCR_EL3_PIE);
    p.more_attributes = arm_has(cpu, aie) && arm_extension_is_on(cpu, w->regime, TCR2_AIE, TCR_EL3_AIE);
    p.hierarchy_off |= p.indirect;
    p.never_global = arm_has(cpu, asid2) && w->two_ranges && arm_extension_is_on(cpu, w->regime, p.high ? TCR2_FNG1 : TCR2_FNG0, 0);
    /* E0PD: the unprivileged fault at once. */
    p.disabled |= w->user && w->two_ranges && arm_has(cpu, e0pd) && (tcr >> (p.high ? 56 : 55) & 1);
    p.output_bits = MIN(output_size(ps), arm_physical_bits(cpu));
    if (!p.wide && p.granule != 16) {
        p.output_bits = MIN(p.output_bits, 48);
    }
    p.table = ttbr & MAKE_MASK(1, 47);
    if (p.output_bits == 52) {
        p.table = (p.table & ~MAKE_MASK(0, 6)) | (ttbr >> 2 & 15) << 48;
    }
    p.first_level = first_level_of(&p);
    return p;
}

/* VTCR of an AArch32 Hyp mode: T0SZ is signed, 40 bits at most. */
static Params stage2_params32(const ArmCpu *cpu)
{
    uint64_t tcr = cpu->vtcr_el2;
    Params p = { .granule = 12, .output_bits = 40, .big_endian = cpu->sctlr_el[2] & SCTLR_EE, .hierarchy_off = true };
    p.input_bits = (unsigned)(32 - sextract64(tcr, 0, 4));
    p.table = cpu->vttbr_el2 & MAKE_MASK(1, 39);
    p.first_level = 2 - (int)MIN(extract64(tcr, 6, 2), 1);
    return p;
}

static Params stage2_params(const ArmCpu *cpu, bool secure)
{
    if (!arm_el_is_aarch64(cpu, 2)) {
        return stage2_params32(cpu);
    }
    uint64_t tcr = secure ? cpu->vstcr_el2 : cpu->vtcr_el2, ttbr = secure ? cpu->vsttbr_el2 : cpu->vttbr_el2, sizes = cpu->vtcr_el2;
    Params p = { .granule = granule_of(extract64(tcr, 14, 2), false), .big_endian = cpu->sctlr_el[2] & SCTLR_EE, .hierarchy_off = true };
    unsigned sl0 = extract64(tcr, 6, 2);
    p.wide = (sizes >> 32 & 1) && granule_is_wide(cpu, p.granule, true);
    p.shareability = extract64(sizes, 12, 2);
    p.input_bits = 64 - MAX(extract64(tcr, 0, 6), p.wide || p.granule == 16 ? 12u : 16u);
    p.output_bits = MIN(output_size(extract64(sizes, 16, 3)), arm_physical_bits(cpu));
    if (!p.wide && p.granule != 16) {
        p.output_bits = MIN(p.output_bits, 48);
    }
    p.indirect = arm_has(cpu, s2pie) && (sizes >> 36 & 1);
    p.update_access = arm_has(cpu, hafdbs) && (sizes >> 21 & 1);
    p.update_dirty = p.update_access && arm_has(cpu, haf_dirty) && (sizes >> 22 & 1);
    p.table = ttbr & MAKE_MASK(1, 47);
    if (p.output_bits == 52) {
        p.table = (p.table & ~MAKE_MASK(0, 6)) | (ttbr >> 2 & 15) << 48;
    }
    p.first_level = p.granule == 12 ? (sl0 == 3 ? 3 : 2 - (int)sl0) : 3 - (int)sl0;
    if (p.wide && p.granule == 12 && (tcr >> 33 & 1) && sl0 == 0) {
        p.first_level = -1;
    }
    return p;
}

/* ---- entries ---- */

static uint64_t output_address(const Params *p, uint64_t desc, unsigned low)
{
    uint64_t address = desc & MAKE_MASK(low, 48 - low);
    if (p->wide) {
        address = (desc & MAKE_MASK(low, 50 - low)) | extract64(desc, 8, 2) << 50;
    } else if (p->granule == 16 && p->output_bits == 52) {
        address |= extract64(desc, 12, 4) << 48;
    }
    return address;
}

/* The smallest level that may hold a block. */
static int least_block_level(const Params *p)
{
    return p->granule == 12 ? (p->wide ? 0 : 1) : p->granule == 14 ? (p->wide ? 1 : 2) : p->output_bits == 52 ? 1 : 2;
}

WalkResult arm_walk_table_address(ArmCpu *cpu, ArmWalk *w, uint64_t *address, bool for_write)
{
    if (!w->stage2) {
        return WALK_OK;
    }
    ArmWalk second;
    ArmWalk whom = *w;
    whom.user = false;
    whom.of_tables = true;
    if (arm_walk_stage2(cpu, *address, for_write ? TCG_ACCESS_STORE : TCG_ACCESS_LOAD, &whom, &second) != WALK_OK) {
        w->fsc = second.fsc;
        w->level = second.level;
        w->ipa = *address;
        w->fault_stage2 = w->fault_on_walk = true;
        return WALK_FAULT;
    }
    *address = second.paddr;
    return WALK_OK;
}

/* ---- permissions: D8.4 ---- */

typedef struct Rights { bool read, write, exec, gcs; } Rights;

static Rights stage1_rights(const ArmCpu *cpu, const ArmWalk *w, uint64_t desc)
{
    uint64_t sctlr = cpu->sctlr_el[w->regime];
    bool writable = !(desc & DESC_AP2), wxn = sctlr & SCTLR_WXN;
    if (!w->two_ranges) {
        return (Rights){ .read = true, .write = writable, .exec = !(desc & DESC_UXN) && !(wxn && writable) };
    }
    bool user_ok = desc & DESC_AP1, user_write = user_ok && writable;
    bool user_exec = !(desc & DESC_UXN) && !(wxn && user_write);
    if (w->user) {
        return (Rights){ .read = user_ok, .write = user_write, .exec = user_exec };
    }
    bool no_access = w->pan && (user_ok || (arm_has(cpu, pan3) && (sctlr & SCTLR_EPAN) && !(desc & DESC_UXN)));
    bool exec = !(desc & DESC_PXN) && !user_write && !(wxn && writable);
    return (Rights){ .read = !no_access, .write = writable && !no_access, .exec = exec };
}

static unsigned permission_index(uint64_t desc) { return (desc >> 54 & 1) << 3 | (desc >> 53 & 1) << 2 | (desc >> 51 & 1) << 1 | (desc >> 6 & 1); }

/* By index (D8.4.1): a field of PIR_ELx, and of PIRE0_ELx for the unprivileged. What EL0 may write or the privileged would run by the same page is neither's. */
static Rights indirect_rights(const ArmCpu *cpu, const ArmWalk *w, uint64_t desc)
{
    enum { R = 1, W = 2, X = 4, CONFLICTS = 8, GCS = 16 };        /* CONFLICTS: as executable (for the privileged), as writable (for EL0) */
    static const uint8_t privileged[16] = { 0, R, X | CONFLICTS, R | X | CONFLICTS, 0, R | W, R | W | CONFLICTS, R | W | X | CONFLICTS, R, R | CONFLICTS | GCS, R | X | CONFLICTS, 0, R | W, 0,
                                            R | W | X | CONFLICTS, 0 };
    static const uint8_t unprivileged[16] = { 0, R, X, R | X, 0, R | W | CONFLICTS, R | W | CONFLICTS, R | W | X | CONFLICTS, R, R | CONFLICTS | GCS, R | X, 0, R | W | CONFLICTS, 0,
                                              R | W | X | CONFLICTS, 0 };
    unsigned index = permission_index(desc);
    unsigned own = privileged[cpu->pir_el[w->regime] >> (4 * index) & 15], user = w->two_ranges ? unprivileged[cpu->pire0_el[w->regime] >> (4 * index) & 15] : 0;
    if (own & user & CONFLICTS) {
        own = user = 0;
    }
    if (w->pan && (user & (R | W | X))) {
        own &= X;
    }
    unsigned rights = w->user ? user : own;
    return (Rights){ .read = rights & R, .write = rights & W, .exec = rights & X, .gcs = rights & GCS };
}

/* A guarded control stack is read and written where its permission is. */
static Rights of_gcs(Rights r) { return (Rights){ .read = r.gcs, .write = r.gcs }; }

static Rights stage2_rights(const ArmCpu *cpu, const ArmWalk *w, uint64_t desc)
{
    bool xn1 = desc & S2_XN1, xn0 = arm_has(cpu, xnx) && (desc & S2_XN0);
    /* XN: 0 executable, 1 by EL0 alone, 2 by none, 3 by EL1 alone. */
    bool exec = !xn1 ? !xn0 || w->user : xn0 && !w->user;
    return (Rights){ .read = desc & S2AP_READ, .write = desc & S2AP_WRITE, .exec = exec && (desc & S2AP_READ) };
}

/* The field of S2PIR_EL2. Mostly read-only (2, 3, 6, 7): written by walks of stage 1 alone. */
static Rights indirect_stage2_rights(const ArmCpu *cpu, const ArmWalk *w, uint64_t desc)
{
    enum { R = 1, W = 2, USER_X = 4, OWN_X = 8, WALKS_W = 16 };
    static const uint8_t fields[16] = { 0, 0, R | WALKS_W, R | WALKS_W, W, 0, R | WALKS_W, R | WALKS_W, R, R | USER_X, R | OWN_X, R | USER_X | OWN_X, R | W, R | W | USER_X, R | W | OWN_X,
                                        R | W | USER_X | OWN_X };
    unsigned rights = fields[cpu->s2pir_el2 >> (4 * permission_index(desc)) & 15];
    return (Rights){ .read = rights & R, .write = rights & (w->of_tables ? W | WALKS_W : W), .exec = rights & (w->user ? USER_X : OWN_X) };
}

static bool allowed(const Rights *r, TcgAccess access)
{
    return access == TCG_ACCESS_LOAD ? r->read : access == TCG_ACCESS_STORE ? r->write : r->exec;
}

/* ---- the last descriptor ---- */

typedef struct Leaf { uint64_t desc, limits, address; int level; } Leaf;

static uint64_t apply_limits(uint64_t desc, uint64_t limits)
{
    return (desc & ~(limits & DESC_AP1)) | (limits & ~DESC_AP1);
}

/* updated: the descriptor as the walk leaves it. */
static Rights rights_of(const ArmCpu *cpu, const Params *p, const ArmWalk *w, const Leaf *leaf, uint64_t updated, bool second)
{
    if (second) {
        return p->indirect ? indirect_stage2_rights(cpu, w, leaf->desc) : stage2_rights(cpu, w, updated);
    }
    Rights r = p->indirect ? indirect_rights(cpu, w, leaf->desc) : stage1_rights(cpu, w, apply_limits(updated, leaf->limits));
    return w->gcs ? of_gcs(r) : r;
}

static WalkResult finish(ArmCpu *cpu, const Params *p, ArmWalk *w, uint64_t vaddr, Leaf leaf, bool second)
{
    unsigned bits = p->granule + (p->granule - 3) * (unsigned)(3 - leaf.level);
    uint64_t base = output_address(p, leaf.desc, bits), updated = leaf.desc, dirty = second ? S2AP_WRITE : DESC_AP2;
    if (p->output_bits < 52 && base >> p->output_bits) {
        return arm_walk_fault(w, FSC_ADDRESS_SIZE, leaf.level);
    }
    if (!(leaf.desc & DESC_AF)) {
        if (!p->update_access && !w->quiet) {
            return arm_walk_fault(w, FSC_ACCESS_FLAG, leaf.level);
        }
        updated |= DESC_AF;
    }
    /* A page with DBM (or of permissions by index) is one that may be written: the first store says so in its permissions. */
    bool marked = p->indirect || ((leaf.desc & DESC_DBM) && !(leaf.limits & DESC_AP2)), may_dirty = p->update_dirty && marked;
    bool clean = second ? !(leaf.desc & S2AP_WRITE) : (leaf.desc & DESC_AP2) != 0;
    if (may_dirty) {
        updated = second ? updated | dirty : updated & ~dirty;
    }
    Rights r = rights_of(cpu, p, w, &leaf, updated, second);
    if (!allowed(&r, w->access) && !w->quiet && (second || !w->unchecked)) {
        return arm_walk_fault(w, FSC_PERMISSION, leaf.level);
    }
    if (may_dirty && clean && w->access != TCG_ACCESS_STORE) {
        updated = (updated & ~dirty) | (leaf.desc & dirty);
        r.write = false;
    }
    if (updated != leaf.desc && !w->quiet) {
        uint64_t address = leaf.address;
        if (!second && arm_walk_table_address(cpu, w, &address, true) != WALK_OK) {
            return WALK_FAULT;
        }
        if (!arm_replace_descriptor(cpu, address, leaf.desc, updated, w->secure, p->big_endian)) {
            return WALK_AGAIN;
        }
    }
    w->level = (int8_t)leaf.level;
    w->page_bits = bits;
    w->paddr = base | (vaddr & MAKE_MASK(0, bits));
    w->read = r.read;
    w->write = r.write;
    w->exec = r.exec;
    w->contiguous = leaf.desc & DESC_CONTIGUOUS;
    w->shareability = p->wide ? p->shareability : FIELD_GET(leaf.desc, DESC_SH);
    if (!second) {
        w->global = !w->two_ranges || !((leaf.desc & DESC_NG) || p->never_global);
        w->guarded = leaf.desc & DESC_GP;
        w->attr_index = FIELD_GET(leaf.desc, DESC_ATTR_INDEX) | (p->more_attributes ? (leaf.desc >> 59 & 1) << 3 : 0);
        w->secure = w->secure && !((leaf.desc | leaf.limits) & DESC_NS);
    } else {
        w->memory_attr = extract64(leaf.desc, 2, 4);
    }
    return WALK_OK;
}

/* ---- the walk ---- */

/* What tables on the way take away, gathered as bits of a leaf: OR for these. */
static uint64_t table_limits(const ArmWalk *w, uint64_t desc)
{
    unsigned ap = FIELD_GET(desc, DESC_AP_TABLE);
    uint64_t limits = (ap & 2 ? DESC_AP2 : 0) | (desc & DESC_UXN_TABLE ? DESC_UXN : 0);
    if (w->two_ranges) {
        limits |= (desc & DESC_PXN_TABLE ? DESC_PXN : 0) | (ap & 1 ? DESC_AP1 : 0);     /* AP1: to be taken away */
    }
    return limits | (desc & DESC_NS_TABLE ? DESC_NS : 0);
}

static ArmWalkCacheEntry *cache_entry(ArmCpu *cpu, uint64_t tag)
{
    return &cpu->walk_cache[tag % ARM_WALK_CACHE_ENTRIES];
}

/* The low bits of a remembered table hold the limits. */
enum { CACHE_AP1 = 1, CACHE_AP2 = 2, CACHE_PXN = 4, CACHE_UXN = 8, CACHE_NS = 16 };

static uint64_t pack_limits(uint64_t l)
{
    return (l & DESC_AP1 ? CACHE_AP1 : 0) | (l & DESC_AP2 ? CACHE_AP2 : 0) | (l & DESC_PXN ? CACHE_PXN : 0) | (l & DESC_UXN ? CACHE_UXN : 0) | (l & DESC_NS ? CACHE_NS : 0);
}

static uint64_t unpack_limits(uint64_t c)
{
    return (c & CACHE_AP1 ? DESC_AP1 : 0) | (c & CACHE_AP2 ? DESC_AP2 : 0) | (c & CACHE_PXN ? DESC_PXN : 0) | (c & CACHE_UXN ? DESC_UXN : 0) | (c & CACHE_NS ? DESC_NS : 0);
}

static WalkResult walk(ArmCpu *cpu, const Params *p, uint64_t vaddr, ArmWalk *w, bool second, unsigned extra_bits)
{
    unsigned stride = p->granule - 3;
    uint64_t table = p->table, limits = 0, tag = vaddr >> (p->granule + stride), space = cpu->current_space | (uint64_t)w->regime << 60;
    int level = p->first_level;
    bool cached = !second && !w->stage2 && !w->quiet && cpu->current_space, secure = w->secure;
    ArmWalkCacheEntry *c = cache_entry(cpu, tag);
    if (cached && c->tag == tag && c->epoch == cpu->walk_cache_epoch && c->space == space) {
        table = c->table & ~UINT64_C(31);
        limits = unpack_limits(c->table);
        level = 3;
    }
    for (;; level++) {
        unsigned shift = p->granule + stride * (unsigned)(3 - level), width = level == p->first_level ? p->input_bits - shift + extra_bits : stride;
        uint64_t address = (table & ~MAKE_MASK(0, MIN(width, 16u) + 3)) | extract64(vaddr, shift, width) << 3, entry = address, desc;
        if (!second && arm_walk_table_address(cpu, w, &address, false) != WALK_OK) {
            return WALK_FAULT;
        }
        if (!arm_read_descriptor(cpu, address, 8, secure, p->big_endian, &desc)) {
            return arm_walk_fault(w, FSC_EXTERNAL_WALK, level);
        }
        bool table_or_page = desc & DESC_TABLE;
        if (!(desc & DESC_VALID) || (!table_or_page && (level == 3 || level < least_block_level(p)))) {
            return arm_walk_fault(w, FSC_TRANSLATION, level);
        }
        if (level == 3 || !table_or_page) {
            w->secure = secure;
            return finish(cpu, p, w, vaddr, (Leaf){ .desc = desc, .limits = limits, .address = entry, .level = level }, second);
        }
        table = output_address(p, desc, p->granule);
        if (p->output_bits < 52 && table >> p->output_bits) {
            return arm_walk_fault(w, FSC_ADDRESS_SIZE, level);
        }
        if (!p->hierarchy_off) {
            limits |= table_limits(w, desc);
        } else {
            limits |= desc & DESC_NS_TABLE && !second ? DESC_NS : 0;
        }
        secure = secure && !(limits & DESC_NS);
        if (level == 2 && cached) {
            *c = (ArmWalkCacheEntry){ .tag = tag, .epoch = cpu->walk_cache_epoch, .table = table | pack_limits(limits), .space = space };
        }
    }
}

WalkResult arm_walk_stage1_long(ArmCpu *cpu, uint64_t vaddr, ArmWalk *w)
{
    bool aarch32 = !arm_el_is_aarch64(cpu, w->regime);
    Params p = aarch32 ? stage1_params32(cpu, w, vaddr) : stage1_params(cpu, w, vaddr);
    uint64_t top = vaddr >> p.input_bits, wanted = p.high ? MAKE_MASK(0, (aarch32 ? 32 : 64) - p.input_bits) : 0;
    if (p.disabled || top != wanted) {
        return arm_walk_fault(w, FSC_TRANSLATION, aarch32 ? 1 : 0);
    }
    WalkResult r;
    for (int tries = 0; (r = walk(cpu, &p, vaddr, w, false, 0)) == WALK_AGAIN && tries < 16; tries++) {
    }
    return r == WALK_AGAIN ? arm_walk_fault(w, FSC_TRANSLATION, 3) : r;
}

WalkResult arm_walk_stage2(ArmCpu *cpu, uint64_t ipa, TcgAccess access, const ArmWalk *for_whom, ArmWalk *out)
{
    *out = (ArmWalk){ .access = access, .regime = 2, .user = for_whom->user, .secure = for_whom->secure, .quiet = for_whom->quiet, .of_tables = for_whom->of_tables };
    Params p = stage2_params(cpu, for_whom->secure);
    if (p.input_bits < 64 && ipa >> p.input_bits) {
        return arm_walk_fault(out, FSC_TRANSLATION, 0);
    }
    unsigned stride = p.granule - 3, below = p.granule + stride * (unsigned)(3 - p.first_level);
    if (p.first_level > 3 || p.input_bits <= below || p.input_bits - below > stride + 4) {
        return arm_walk_fault(out, FSC_TRANSLATION, 0);     /* VTCR_EL2 contradicts itself */
    }
    WalkResult r;
    for (int tries = 0; (r = walk(cpu, &p, ipa, out, true, 0)) == WALK_AGAIN && tries < 16; tries++) {
    }
    return r == WALK_AGAIN ? arm_walk_fault(out, FSC_TRANSLATION, 3) : r;
}
