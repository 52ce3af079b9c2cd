/*
 * Memory tags (FEAT_MTE).
 *
 * DDI 0487, D10 (the memory tagging extension), C6.2 (IRG, LDG, STG), J1 (ChooseNonExcludedTag, AddTag).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tags.h"
#include "target/arm/tcg/helpers.h"
#include "util/guest-random.h"

enum { GRANULE = ARM_TAG_GRANULE, LINE_ZERO = 1, LINE_TAGS = 2 };

static uint64_t with_tag(uint64_t address, unsigned tag) { return deposit64(address, ARM_TAG_SHIFT, 4, tag); }

/* ---- choosing tags ---- */

static unsigned choose_tag(unsigned tag, unsigned offset, unsigned excluded)
{
    if (excluded == 0xffff) {
        return 0;
    }
    if (offset == 0) {
        while (excluded >> tag & 1) {
            tag = (tag + 1) & 15;
        }
    }
    while (offset-- > 0) {
        tag = (tag + 1) & 15;
        while (excluded >> tag & 1) {
            tag = (tag + 1) & 15;
        }
    }
    return tag;
}

static bool allocation_enabled(const ArmCpu *cpu)
{
    unsigned regime = arm_regime_el(cpu, cpu->el);
    if (cpu->el < 3 && cpu->has_el3 && !(cpu->scr_el3 & SCR_ATA)) {
        return false;
    }
    if (cpu->el < 2 && arm_el2_enabled(cpu) && !arm_in_host(arm_hcr(cpu)) && !(arm_hcr(cpu) & HCR_ATA)) {
        return false;
    }
    return cpu->sctlr_el[regime] & (cpu->el == 0 ? SCTLR_ATA0 : SCTLR_ATA);
}

uint64_t arm_helper_tag_add(Cpu *c, uint64_t address, uint32_t offset)
{
    ArmCpu *cpu = ARM_CPU(c);
    return allocation_enabled(cpu) ? choose_tag(arm_tag_of(address), offset, cpu->gcr_el1 & 0xffff) : 0;
}

/* A step of the register that RGSR_EL1.SEED is (RandomAllocationTag). */
static unsigned next_bit(ArmCpu *cpu)
{
    unsigned seed = cpu->rgsr_el1 >> 8 & 0xffff, top = (seed >> 5 ^ seed >> 3 ^ seed >> 2 ^ seed) & 1;
    cpu->rgsr_el1 = (cpu->rgsr_el1 & ~UINT64_C(0xffff00)) | (uint64_t)(top << 15 | seed >> 1) << 8;
    return top;
}

static unsigned any_tag(void)
{
    uint8_t byte;
    guest_random_bytes(&byte, 1);
    return byte & 15;
}

static unsigned next_tag(ArmCpu *cpu)
{
    unsigned tag = 0;
    for (unsigned i = 0; i < 4; i++) {
        tag |= next_bit(cpu) << i;
    }
    return tag;
}

uint64_t arm_helper_tag_insert(Cpu *c, uint64_t address, uint64_t exclude)
{
    ArmCpu *cpu = ARM_CPU(c);
    unsigned excluded = (exclude | cpu->gcr_el1) & 0xffff, tag = 0;
    if (!allocation_enabled(cpu)) {
        return with_tag(address, 0);
    }
    if (cpu->gcr_el1 & GCR_RRND) {
        tag = choose_tag(any_tag(), 0, excluded);
    } else {
        tag = choose_tag(cpu->rgsr_el1 & 15, next_tag(cpu), excluded);
        cpu->rgsr_el1 = (cpu->rgsr_el1 & ~UINT64_C(15)) | tag;
    }
    return with_tag(address, tag);
}

/* ---- stored tags ---- */

/* Tags are stored at these granules: canonical ones cannot be. */
static void check_stored(ArmCpu *cpu, uint64_t address, unsigned bytes, unsigned index)
{
    const uint64_t ends[] = { address, address + bytes - 1 };
    for (unsigned i = 0; i < ARRAY_SIZE(ends); i++) {
        uint64_t at = ends[i] & ~(uint64_t)(GRANULE - 1);
        if (arm_tag_page(cpu, at, index)->canonical >= 0 && allocation_enabled(cpu) && arm_record_tag_refused(cpu, at, index)) {
            tcg_leave(&cpu->parent);
        }
    }
}

static void probe(ArmCpu *cpu, uint64_t address, unsigned bytes, TcgAccess access)
{
    if (!tcg_probe(&cpu->parent, address, bytes, access, arm_data_index(cpu))) {
        tcg_leave(&cpu->parent);
    }
}

uint64_t arm_helper_tag_load(Cpu *c, uint64_t address, uint64_t old)
{
    ArmCpu *cpu = ARM_CPU(c);
    unsigned tag = 0;
    uint64_t at = address & ~(uint64_t)(GRANULE - 1);
    probe(cpu, at, GRANULE, TCG_ACCESS_LOAD);
    if (allocation_enabled(cpu)) {
        arm_load_tag(cpu, at, arm_data_index(cpu), &tag);
    }
    return with_tag(old, tag);
}

static void store_granule(ArmCpu *cpu, uint64_t at, unsigned tag, bool zero)
{
    Cpu *c = &cpu->parent;
    unsigned index = arm_data_index(cpu);
    if (zero) {
        tcg_store_or_leave(c, at, 8, index, 0);
        tcg_store_or_leave(c, at + 8, 8, index, 0);
    }
    if (allocation_enabled(cpu)) {
        arm_store_tag(cpu, at, index, tag);
    }
}

void arm_set_tag(ArmCpu *cpu, uint64_t address, unsigned index)
{
    if (allocation_enabled(cpu)) {
        check_stored(cpu, address, GRANULE, index);
        arm_store_tag(cpu, address, index, arm_tag_of(address));
    }
}

void arm_helper_tag_store(Cpu *c, uint64_t address, uint64_t tagged, uint32_t how)
{
    ArmCpu *cpu = ARM_CPU(c);
    unsigned count = how & 0xff;
    if (address & (GRANULE - 1)) {
        arm_record_alignment(cpu, address, TCG_ACCESS_STORE);
        tcg_leave(c);
    }
    probe(cpu, address, GRANULE * count, TCG_ACCESS_STORE);
    check_stored(cpu, address, GRANULE * count, arm_data_index(cpu));
    for (unsigned i = 0; i < count; i++) {
        store_granule(cpu, address + (uint64_t)i * GRANULE, arm_tag_of(tagged), how >> 8);
    }
}

/* As many granules as GMID_EL1.BS says: 2^BS words of 4 bytes have their tags in one register. */
static unsigned block_bytes(const ArmCpu *cpu) { return 4u << (cpu->id.value[ARM_GMID] & 15); }
/* Of DC ZVA, GVA, GZVA. */
static unsigned line_bytes(const ArmCpu *cpu) { return 4u << (cpu->id.value[ARM_DCZID] & 15); }

uint64_t arm_helper_tag_load_many(Cpu *c, uint64_t address)
{
    ArmCpu *cpu = ARM_CPU(c);
    unsigned size = block_bytes(cpu), index = arm_data_index(cpu);
    uint64_t start = address & ~(uint64_t)(size - 1), tags = 0;
    probe(cpu, start, size, TCG_ACCESS_LOAD);
    for (unsigned i = 0; i < size / GRANULE && allocation_enabled(cpu); i++) {
        uint64_t at = start + (uint64_t)i * GRANULE;
        unsigned tag = 0;
        arm_load_tag(cpu, at, index, &tag);
        tags |= (uint64_t)tag << 4 * (at >> 4 & 15);
    }
    return tags;
}

void arm_helper_tag_store_many(Cpu *c, uint64_t address, uint64_t value, uint32_t zero)
{
    ArmCpu *cpu = ARM_CPU(c);
    unsigned size = zero ? line_bytes(cpu) : block_bytes(cpu);
    uint64_t start = address & ~(uint64_t)(size - 1);
    probe(cpu, start, size, TCG_ACCESS_STORE);
    check_stored(cpu, start, size, arm_data_index(cpu));
    for (unsigned i = 0; i < size / GRANULE; i++) {
        uint64_t at = start + (uint64_t)i * GRANULE;
        store_granule(cpu, at, (zero ? value : value >> 4 * (at >> 4 & 15)) & 15, zero);
    }
}

/* ---- checking ---- */

/* A difference: what SCTLR_ELx.TCF says. */
static void tags_differ(ArmCpu *cpu, uint64_t address, bool is_write, bool unpriv)
{
    unsigned regime = arm_regime_el(cpu, unpriv ? 0 : cpu->el);
    uint64_t sctlr = cpu->sctlr_el[regime];
    bool user = cpu->el == 0 || unpriv;
    unsigned how = user ? FIELD_GET(sctlr, SCTLR_TCF0) : FIELD_GET(sctlr, SCTLR_TCF);
    enum { SYNCHRONOUS = 1, ASYNCHRONOUS = 2, ASYMMETRIC = 3 };
    if (how == SYNCHRONOUS || (how == ASYMMETRIC && !is_write)) {
        arm_record_tag_check(cpu, address, is_write ? TCG_ACCESS_STORE : TCG_ACCESS_LOAD);
        tcg_leave(&cpu->parent);
    }
    uint64_t bit = address >> 55 & 1 ? 2 : 1;
    if (user) {
        cpu->tfsre0_el1 |= bit;
    } else {
        cpu->tfsr_el[regime] |= bit;
    }
}

/* SCTLR_ELx.TCSO, TCSO0: loads are not checked (FEAT_MTE_STORE_ONLY). */
static bool stores_alone(const ArmCpu *cpu, bool unpriv)
{
    uint64_t sctlr = cpu->sctlr_el[arm_regime_el(cpu, unpriv ? 0 : cpu->el)];
    return arm_has(cpu, mte_store_only) && (sctlr & (cpu->el == 0 || unpriv ? SCTLR_TCSO0 : SCTLR_TCSO));
}

/* Tags are checked where the upper byte (TBI) or the tag alone (MTX) is ignored and, with TCMA, not for the tag of an untagged pointer. */
static bool is_checked(const ArmCpu *cpu, uint64_t address)
{
    unsigned regime = arm_regime_el(cpu, cpu->el);
    uint64_t tcr = cpu->tcr_el[regime];
    bool upper = address >> 55 & 1;
    if (regime == 3 || (regime == 2 && !arm_e2h(cpu->hcr_el2))) {
        return ((tcr >> 20 & 1) || arm_mtx(cpu, regime, false, address)) && !((tcr >> 30 & 1) && arm_tag_of(address) == 0);
    }
    return ((tcr >> (upper ? 38 : 37) & 1) || arm_mtx(cpu, regime, true, address)) && !((tcr >> (upper ? 58 : 57) & 1) && arm_tag_of(address) == (upper ? 15 : 0));
}

/* The first byte whose tag is not the address's. */
static bool find_difference(ArmCpu *cpu, uint64_t address, unsigned bytes, unsigned index, uint64_t *where)
{
    unsigned tag;
    if (!is_checked(cpu, address)) {
        return false;
    }
    for (*where = address; *where - address < bytes; *where = (*where | (GRANULE - 1)) + 1) {
        if (arm_load_tag(cpu, *where, index, &tag) && tag != arm_tag_of(address)) {
            return true;
        }
    }
    return false;
}

bool arm_tags_match(ArmCpu *cpu, uint64_t address, unsigned bytes, unsigned index)
{
    uint64_t where;
    return stores_alone(cpu, false) || !find_difference(cpu, address, bytes, index, &where);
}

/* An access that would fault for another reason does that first. */
void arm_check_tags(ArmCpu *cpu, uint64_t address, unsigned bytes, unsigned index, bool is_write, bool unpriv)
{
    uint64_t where;
    if ((is_write || !stores_alone(cpu, unpriv)) && find_difference(cpu, address, bytes, index, &where)) {
        if (!tcg_probe(&cpu->parent, address, bytes, is_write ? TCG_ACCESS_STORE : TCG_ACCESS_LOAD, index)) {
            tcg_leave(&cpu->parent);
        }
        tags_differ(cpu, where, is_write, unpriv);
    }
}

/* What happens nearly always: a page that was looked up before, and no more than two granules, with the right tags. */
void arm_helper_tag_check(Cpu *c, uint64_t address, uint32_t how)
{
    ArmCpu *cpu = ARM_CPU(c);
    unsigned bytes = how >> 8, index = how >> 4 & 15;
    uint64_t last = address + bytes - 1;
    if (bytes <= GRANULE && (address ^ last) < ARM_TAG_PAGE) {
        const ArmTagPage *page = arm_tag_page(cpu, address, index);
        if (page->tags ? (arm_page_tag(page, address) == arm_tag_of(address) && arm_page_tag(page, last) == arm_tag_of(address)) : page->canonical < 0) {
            return;
        }
    }
    /* What reads and writes is a read, if reads are checked. */
    bool unpriv = how & 2, is_write = (how & 1) || ((how & 4) && stores_alone(cpu, unpriv));
    arm_check_tags(cpu, address, bytes, index, is_write, unpriv);
}

/* ---- DC ZVA, GVA, GZVA, where translated code does not do it ---- */

void arm_helper_dc_zva(Cpu *c, uint64_t address, uint32_t sysreg)
{
    static const uint8_t what[] = { [1] = LINE_ZERO, [3] = LINE_TAGS, [4] = LINE_ZERO | LINE_TAGS };
    ArmCpu *cpu = ARM_CPU(c);
    unsigned bytes = line_bytes(cpu), how = what[sysreg & 7];
    uint64_t start = address & ~(uint64_t)(bytes - 1);
    if (!arm_sys_instruction(cpu, sysreg, address)) {
        tcg_leave(c);
    }
    probe(cpu, start, bytes, TCG_ACCESS_STORE);
    if (how & LINE_TAGS) {
        check_stored(cpu, start, bytes, arm_data_index(cpu));
    } else {
        arm_check_tags(cpu, start, bytes, arm_data_index(cpu), true, false);
    }
    for (unsigned i = 0; i < bytes / GRANULE; i++) {
        uint64_t at = start + (uint64_t)i * GRANULE;
        if (how & LINE_TAGS) {
            store_granule(cpu, at, arm_tag_of(address), how & LINE_ZERO);
        } else {
            tcg_store_or_leave(c, at, 8, arm_data_index(cpu), 0);
            tcg_store_or_leave(c, at + 8, 8, arm_data_index(cpu), 0);
        }
    }
}
