/*
 * The SMMU's cache of translations (IHI 0070, 3.17): an entry a 4 KiB page, found by address, VMID and privilege, with the block that it is from.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "smmuv3.h"

#include <string.h>

enum { PAGE_BITS = 12, PROBED_PAGES = 64 };

/* Neighbouring pages lie beside each other; streams of different address spaces, which allocate alike, do not. */
static unsigned slot(uint64_t page, uint16_t asid, uint16_t vmid, bool privileged)
{
    return (unsigned)(page + asid * UINT64_C(193) + vmid * UINT64_C(769) + privileged) % SMMU_TLB_ENTRIES;
}

/* An address that names it may lead to another place of the cache. */
static bool is_irregular(const SmmuTlbEntry *e) { return e->global || e->mask > MAKE_MASK(0, PAGE_BITS); }

const SmmuTlbEntry *smmu_tlb_find(const SmmuV3 *s, const SmmuConfig *config, uint64_t address)
{
    uint64_t page = address >> PAGE_BITS;
    const SmmuTlbEntry *e = &s->tlb[slot(page, config->asid, config->vmid, config->privileged)];
    bool hit = e->valid && e->page == page && e->asid == config->asid && e->vmid == config->vmid && e->privileged == config->privileged && e->stage1 == config->stage1 &&
               e->stage2 == config->stage2;
    return hit ? e : NULL;
}

const SmmuTlbEntry *smmu_tlb_add(SmmuV3 *s, const SmmuConfig *config, uint64_t address, const SmmuLeaf *leaf)
{
    uint64_t page = address >> PAGE_BITS;
    SmmuTlbEntry *e = &s->tlb[slot(page, config->asid, config->vmid, config->privileged)];
    *e = (SmmuTlbEntry){
        .page = page, .output = leaf->address, .mask = leaf->mask, .asid = config->asid, .vmid = config->vmid, .valid = true, .readable = leaf->readable,
        .writable = leaf->writable, .privileged = config->privileged, .stage1 = config->stage1, .stage2 = config->stage2, .global = leaf->global,
    };
    s->irregular += is_irregular(e);
    return e;
}

/* An address in any page of a block takes the whole block with it. Global pages belong to all ASIDs, but those that are named alone leave them. */
static bool matches(const SmmuTlbEntry *e, const SmmuTlbRange *r)
{
    uint64_t first = (e->page << PAGE_BITS) & ~e->mask, last = first | e->mask;
    return e->valid && (!r->stage1 || e->stage1) && (!r->stage2 || e->stage2) && (!r->by_vmid || e->vmid == r->vmid) &&
           (!r->by_asid || (e->global ? r->by_address : e->asid == r->asid)) &&
           /* Stage 2 is named by the address between the stages, which an entry of both has lost. */
           (!r->by_address || (r->stage2 && e->stage1) || (r->first <= last && r->last >= first));
}

static void drop_page(SmmuV3 *s, const SmmuTlbRange *r, uint64_t page, bool privileged)
{
    SmmuTlbEntry *e = &s->tlb[slot(page, r->asid, r->vmid, privileged)];
    e->valid = e->valid && !matches(e, r);
}

void smmu_tlb_drop(SmmuV3 *s, const SmmuTlbRange *r)
{
    /* Few pages of one address space are looked for where they must be. */
    if (r->by_address && r->by_asid && r->by_vmid && !s->irregular && (r->last - r->first) >> PAGE_BITS < PROBED_PAGES) {
        for (uint64_t page = r->first >> PAGE_BITS; page <= r->last >> PAGE_BITS; page++) {
            drop_page(s, r, page, false);
            drop_page(s, r, page, true);
        }
        return;
    }
    s->irregular = 0;
    for (unsigned n = 0; n < SMMU_TLB_ENTRIES; n++) {
        SmmuTlbEntry *e = &s->tlb[n];
        e->valid = e->valid && !matches(e, r);
        s->irregular += e->valid && is_irregular(e);
    }
}

void smmu_tlb_clear(SmmuV3 *s)
{
    memset(s->tlb, 0, sizeof(s->tlb));
    s->irregular = 0;
}
