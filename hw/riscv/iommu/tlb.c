/*
 * The IOMMU's cache of translations (3.1.1): an entry a 4 KiB page of a device, with the page or superpage that it is from. Messages' pages are never in it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iommu.h"

#include <string.h>

enum { PAGE_BITS = 12 };

/* Neighbouring pages lie beside each other; address spaces, which allocate alike, do not. Devices of one address space share the place. */
static unsigned slot(const RiscvIommu *s, uint64_t page, uint32_t pscid, uint16_t gscid)
{
    unsigned entries = MIN(s->options.tlb_limit, RISCV_IOMMU_TLB_ENTRIES);
    return (unsigned)((page + pscid * UINT64_C(193) + gscid * UINT64_C(769)) % MAX(entries, 1u));
}

/* An address that names it may lead to another place of the cache. */
static bool is_irregular(const RiscvIommuTlbEntry *e) { return e->global || e->first_mask > MAKE_MASK(0, PAGE_BITS); }

const RiscvIommuTlbEntry *riscv_iommu_tlb_find(const RiscvIommu *s, const RiscvIommuContext *c, uint64_t iova)
{
    uint64_t page = iova >> PAGE_BITS;
    const RiscvIommuTlbEntry *e = &s->tlb[slot(s, page, c->pscid, c->gscid)];
    bool hit = e->valid && e->page == page && e->device_id == c->device_id && e->pscid == c->pscid && e->gscid == c->gscid && e->first == (c->first.scheme != NULL) &&
               e->second == (c->second.scheme != NULL);
    return hit ? e : NULL;
}

void riscv_iommu_tlb_add(RiscvIommu *s, const RiscvIommuContext *c, uint64_t iova, const RiscvIommuLeaf *leaf, uint64_t first_mask)
{
    uint64_t page = iova >> PAGE_BITS;
    if (!s->options.tlb_limit) {
        return;
    }
    RiscvIommuTlbEntry *e = &s->tlb[slot(s, page, c->pscid, c->gscid)];
    *e = (RiscvIommuTlbEntry){
        .page = page, .output = leaf->address, .mask = leaf->mask, .first_mask = first_mask, .device_id = c->device_id, .pscid = c->pscid, .gscid = c->gscid, .valid = true,
        .readable = leaf->readable, .writable = leaf->writable, .first = c->first.scheme != NULL, .second = c->second.scheme != NULL, .global = leaf->global,
    };
    s->irregular += is_irregular(e);
}

/* An address in any page of a superpage takes all of it. */
static bool matches(const RiscvIommuTlbEntry *e, const RiscvIommuTlbRange *r)
{
    uint64_t iova = e->page << PAGE_BITS;
    return e->valid && e->second == r->second && (!r->by_gscid || e->gscid == r->gscid) && (!r->by_pscid || (e->first && !e->global && e->pscid == r->pscid)) &&
           (!r->by_address || (e->first && !((iova ^ r->address) & ~e->first_mask)));
}

void riscv_iommu_tlb_drop(RiscvIommu *s, const RiscvIommuTlbRange *r)
{
    /* A page of one address space is looked for where it must be. */
    if (r->by_address && r->by_pscid && !s->irregular) {
        RiscvIommuTlbEntry *e = &s->tlb[slot(s, r->address >> PAGE_BITS, r->pscid, r->by_gscid ? r->gscid : 0)];
        e->valid = e->valid && !matches(e, r);
        return;
    }
    s->irregular = 0;
    for (unsigned n = 0; n < RISCV_IOMMU_TLB_ENTRIES; n++) {
        RiscvIommuTlbEntry *e = &s->tlb[n];
        e->valid = e->valid && !matches(e, r);
        s->irregular += e->valid && is_irregular(e);
    }
}

void riscv_iommu_tlb_drop_device(RiscvIommu *s, uint32_t device_id)
{
    for (unsigned n = 0; n < RISCV_IOMMU_TLB_ENTRIES; n++) {
        s->tlb[n].valid = s->tlb[n].valid && s->tlb[n].device_id != device_id;
    }
}

void riscv_iommu_tlb_clear(RiscvIommu *s)
{
    memset(s->tlb, 0, sizeof(s->tlb));
    s->irregular = 0;
}
