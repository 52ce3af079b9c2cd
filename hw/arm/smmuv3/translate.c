/*
 * An access of a PCI function on its way through the SMMU: to memory, or to an event record (IHI 0070, 3.3.2, 3.4.1, 7.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "smmuv3.h"

#include "util/log.h"

#include <inttypes.h>

/* A function, and what stands between it and memory. */
typedef struct SmmuFunction { SmmuV3 *s; PciBus *bus; unsigned devfn; MemoryRegion region; } SmmuFunction;

/* ---- events (7.3) ---- */

FIELD(EVENT0_ID, 0, 8);
FIELD(EVENT0_STREAM, 32, 32);
#define EVENT1_PRIVILEGED BIT(33)
#define EVENT1_READ BIT(35)
#define EVENT1_STAGE2 BIT(39)
FIELD(EVENT1_CLASS, 40, 2);
#define EVENT1_TABLE_READ BIT(44)

/* config: NULL when there is none yet. */
static void record(SmmuV3 *s, uint16_t sid, const SmmuConfig *config, const SmmuFault *f, uint64_t address, bool is_write)
{
    bool of_access = f->event >= F_WALK_EABT;
    if (!f->event || (f->event == C_BAD_STREAMID && !(smmu_reg(s, CR2) & CR2_RECINVSID)) ||
        (config && f->event >= F_TRANSLATION && !(f->stage2 ? config->record2 : config->record1))) {
        return;
    }
    uint64_t words[4] = { FIELD_SET(FIELD_SET(UINT64_C(0), EVENT0_ID, f->event), EVENT0_STREAM, sid) };
    if (of_access) {
        words[1] = FIELD_SET((config && config->privileged ? EVENT1_PRIVILEGED : 0) | (is_write ? 0 : EVENT1_READ) | (f->stage2 ? EVENT1_STAGE2 : 0) |
                             (f->class == CLASS_TT ? EVENT1_TABLE_READ : 0), EVENT1_CLASS, f->class);
        words[2] = address;
    }
    words[3] = f->event < F_TRANSLATION ? f->fetch & SMMU_ADDRESS_MASK : f->ipa & SMMU_ADDRESS_MASK & ~UINT64_C(0xfff);
    smmu_record_event(s, words);
}

/* ---- translation ---- */

/* Bit 55 chooses the table; all above the table's part is like it, but for a top byte that is ignored. */
static const SmmuTable *choose_table(const SmmuConfig *config, uint64_t address)
{
    bool is_upper = address >> 55 & 1;
    const SmmuTable *t = is_upper ? &config->upper : &config->lower;
    unsigned end = t->top_byte_ignored ? 56 : 64;
    if (!t->enabled) {
        return NULL;
    }
    uint64_t above = extract64(address, t->input_bits, end - t->input_bits);
    return above == (is_upper ? MAKE_MASK(0, end - t->input_bits) : 0) ? t : NULL;
}

static bool walk_stage1(SmmuV3 *s, const SmmuConfig *config, uint64_t address, bool is_write, SmmuLeaf *leaf, SmmuFault *fault)
{
    const SmmuTable *t = choose_table(config, address);
    if (!t) {
        *fault = (SmmuFault){ .event = F_TRANSLATION, .class = CLASS_IN };
        return false;
    }
    return smmu_walk(s, config, t, address, is_write, leaf, fault);
}

static bool walk_stages(SmmuV3 *s, const SmmuConfig *config, uint64_t address, bool is_write, SmmuLeaf *leaf, SmmuFault *fault)
{
    if (!config->stage1) {
        return smmu_walk_stage2(s, config, address, is_write, CLASS_IN, leaf, fault);
    }
    SmmuLeaf second;
    if (!walk_stage1(s, config, address, is_write, leaf, fault)) {
        return false;
    }
    if (!config->stage2) {
        return true;
    }
    uint64_t between = leaf->address | (address & leaf->mask);
    if (!smmu_walk_stage2(s, config, between, is_write, CLASS_IN, &second, fault)) {
        return false;
    }
    leaf->mask = MIN(leaf->mask, second.mask);
    leaf->address = (second.address | (between & second.mask)) & ~leaf->mask;
    leaf->readable = leaf->readable && second.readable;
    leaf->writable = leaf->writable && second.writable;
    return true;
}

/* The entry that allows the access; NULL: aborted. */
static const SmmuTlbEntry *find_translation(SmmuV3 *s, const SmmuConfig *config, uint64_t address, bool is_write)
{
    const SmmuTlbEntry *e = smmu_tlb_find(s, config, address);
    if (e && (is_write ? e->writable : e->readable)) {
        return e;
    }
    SmmuLeaf leaf;
    SmmuFault fault;
    if (walk_stages(s, config, address, is_write, &leaf, &fault)) {
        return smmu_tlb_add(s, config, address, &leaf);
    }
    log_mask(LOG_GUEST_ERROR, "arm-smmuv3: stream 0x%04x, address 0x%" PRIx64 ": event 0x%02x of stage %d\n", config->sid, address, fault.event, fault.stage2 ? 2 : 1);
    record(s, config->sid, config, &fault, address, is_write);
    return NULL;
}

static IommuEntry everything(SmmuV3 *s, bool allowed)
{
    return (IommuEntry){ .target = s->memory, .mask = UINT64_MAX, .readable = allowed, .writable = allowed };
}

/* Under the SMMU's lock. */
static IommuEntry translate(SmmuV3 *s, uint16_t sid, uint64_t address, bool is_write)
{
    SmmuFault fault = { 0 };
    if (!(smmu_reg(s, CR0) & CR0_SMMUEN)) {
        return everything(s, !(smmu_reg(s, GBPR) & GBPR_ABORT));
    }
    const SmmuConfig *config = smmu_config(s, sid, &fault);
    if (!config) {
        record(s, sid, NULL, &fault, address, is_write);
        return everything(s, false);
    }
    if (config->action != SMMU_TRANSLATE) {
        return everything(s, config->action == SMMU_BYPASS);
    }
    const SmmuTlbEntry *e = find_translation(s, config, address, is_write);
    return e ? (IommuEntry){ .target = s->memory, .iova = address & ~e->mask, .translated = e->output, .mask = e->mask, .readable = e->readable, .writable = e->writable }
             : everything(s, false);
}

static IommuEntry translate_access(MemoryRegion *mr, uint64_t address, bool is_write, MemAttrs attrs)
{
    const SmmuFunction *f = container_of(mr, SmmuFunction, region);
    uint16_t sid = pci_requester_id(f->bus, f->devfn);
    g_mutex_lock(&f->s->lock);
    IommuEntry entry = translate(f->s, sid, address, is_write);
    g_mutex_unlock(&f->s->lock);
    smmu_deliver_irqs(f->s);
    return entry;
}

/* ---- functions ---- */

static MemoryRegion *requester_space(void *opaque, PciBus *bus, unsigned devfn)
{
    SmmuV3 *s = opaque;
    for (unsigned n = 0; n < s->functions->len; n++) {
        SmmuFunction *f = s->functions->pdata[n];
        if (f->bus == bus && f->devfn == devfn) {
            return &f->region;
        }
    }
    SmmuFunction *f = g_new0(SmmuFunction, 1);
    *f = (SmmuFunction){ .s = s, .bus = bus, .devfn = devfn };
    memory_region_init_iommu(&f->region, OBJECT(s), "arm-smmuv3-function", UINT64_MAX, translate_access);
    g_ptr_array_add(s->functions, f);
    return &f->region;
}

const PciIommuOps smmu_pci_ops = { .requester_space = requester_space };
