/*
 * What the parts of softmmu/ know of each other: flat views and the list of address spaces.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SOFTMMU_INTERNAL_H
#define SOFTMMU_INTERNAL_H

#include "softmmu/memory.h"
#include "softmmu/ram.h"

/* A piece of an address space that one region answers. */
typedef struct FlatRange {
    uint64_t first, last;       /* addresses */
    MemoryRegion *mr;
    uint64_t offset;            /* in the region, of first */
    uint8_t *host;              /* of first, where reads go to memory directly; else NULL */
    bool readonly, romd, nonvolatile;
    uint8_t dirty_log_mask;
    RamBlock *ram;              /* held while the view lives, as the owner is; NULL: no RAM */
    Object *owner;
} FlatRange;

struct FlatView {
    int ref_count;              /* of address spaces; machine lock */
    MemoryRegion *root;         /* NULL: nothing visible */
    unsigned count, room;
    FlatRange *ranges;          /* sorted, disjoint */
    unsigned last_hit;          /* a hint for the next look-up; racy */
};

/* The region that decides what the address space shows: through containers and aliases that add nothing. NULL: nothing. */
MemoryRegion *flat_view_root(MemoryRegion *mr);
FlatView *flat_view_render(MemoryRegion *root);
bool flat_view_equal(const FlatView *a, const FlatView *b);
bool flat_range_equal(const FlatRange *a, const FlatRange *b);
void flat_view_unref(FlatView *view);       /* frees after the readers' epoch */

/* The view of an address space, rendered if it is not yet. Inside memory_read_lock, or machine lock held. */
FlatView *address_space_view(AddressSpace *as);
/* The range that holds addr, or NULL. */
const FlatRange *flat_view_find(FlatView *view, uint64_t addr);

/* Follows IOMMUs. *as, *addr: in: the request; out: where it leads. *len shrinks to what lies together. NULL: MEM_* is in *result. */
const FlatRange *address_space_translate(AddressSpace **as, uint64_t *addr, uint64_t *len, bool is_write, MemAttrs attrs, MemResult *result);

AddressSpace *address_space_first(void);
/* Something that views depend on has changed. */
void memory_changed(void);
/* Something that only ioeventfds depend on has changed. */
void memory_ioeventfds_changed(void);
void section_of_range(MemorySection *section, AddressSpace *as, const FlatRange *range);
/* The bigger one an access may be split into at the device: for accesses of any length. */
unsigned memory_region_access_size(const MemoryRegion *mr, uint64_t offset, uint64_t len);

#endif
