/*
 * Rendering a tree of regions into a flat view, and finding an address in one.
 *
 * Regions are painted in order of importance: children before their parent, the highest priority first; each paints only where nothing is yet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/internal.h"
#include "util/epoch.h"

#include <string.h>

typedef __int128 Address;       /* aliases can begin below 0 and end above 2^64 */

typedef struct Clip { Address first, last; bool readonly, nonvolatile; } Clip;

/* ---- the root ---- */

MemoryRegion *flat_view_root(MemoryRegion *mr)
{
    while (mr && mr->enabled && !mr->empty) {
        if (mr->kind == MR_ALIAS) {
            if (mr->alias_offset || mr->alias->size_minus_1 > mr->size_minus_1 || mr->readonly) {
                return mr;
            }
            mr = mr->alias;
            continue;
        }
        if (mr->kind != MR_CONTAINER) {
            return mr;
        }
        MemoryRegion *only = NULL;
        for (unsigned i = 0; mr->subregions && i < mr->subregions->len; i++) {
            MemoryRegion *child = mr->subregions->pdata[i];
            if (child->enabled && !child->empty) {
                if (only) {
                    return mr;
                }
                only = child;
            }
        }
        if (!only) {
            return NULL;
        }
        if (only->addr || only->size_minus_1 > mr->size_minus_1 || mr->readonly) {
            return mr;
        }
        mr = only;
    }
    return NULL;
}

/* ---- rendering ---- */

static void view_insert(FlatView *view, unsigned at, const FlatRange *range)
{
    if (view->count == view->room) {
        view->room = MAX(32, view->room * 2);
        view->ranges = g_renew(FlatRange, view->ranges, view->room);
    }
    memmove(&view->ranges[at + 1], &view->ranges[at], (view->count - at) * sizeof(FlatRange));
    view->ranges[at] = *range;
    view->count++;
}

/* Paints the region itself into the holes of [first, last]. */
static void paint(FlatView *view, MemoryRegion *mr, Address base, const Clip *clip)
{
    uint64_t first = (uint64_t)clip->first, last = (uint64_t)clip->last;
    FlatRange range = {
        .mr = mr, .readonly = clip->readonly, .nonvolatile = clip->nonvolatile, .dirty_log_mask = mr->dirty_log_mask,
        .romd = mr->kind == MR_ROM_DEVICE && mr->rom_mode,
    };
    unsigned low = 0, high = view->count;
    while (low < high) {                /* the first range that ends at or behind `first` */
        unsigned middle = (low + high) / 2;
        if (view->ranges[middle].last < first) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (unsigned i = low;; i++) {
        uint64_t hole_last = last;
        if (i < view->count && view->ranges[i].first <= last) {
            if (view->ranges[i].first <= first) {
                if (view->ranges[i].last >= last) {
                    return;
                }
                first = view->ranges[i].last + 1;
                continue;
            }
            hole_last = view->ranges[i].first - 1;
        }
        range.first = first;
        range.last = hole_last;
        range.offset = (uint64_t)(first - base);
        view_insert(view, i, &range);
        if (hole_last == last) {
            return;
        }
        first = hole_last + 1;
    }
}

#define RENDER_DEPTH 64     /* of containers and aliases: a loop of aliases ends here */

/* base: the address of the region's offset 0. */
static void render(FlatView *view, MemoryRegion *mr, Address base, Clip clip, unsigned depth)
{
    if (!mr->enabled || mr->empty || depth > RENDER_DEPTH) {
        return;
    }
    clip.first = MAX(clip.first, base);
    clip.last = MIN(clip.last, base + mr->size_minus_1);
    if (clip.first > clip.last) {
        return;
    }
    clip.readonly |= mr->readonly;
    clip.nonvolatile |= mr->nonvolatile;
    if (mr->kind == MR_ALIAS) {
        render(view, mr->alias, base - mr->alias_offset, clip, depth + 1);
        return;
    }
    for (unsigned i = 0; mr->subregions && i < mr->subregions->len; i++) {
        MemoryRegion *child = mr->subregions->pdata[i];
        render(view, child, base + child->addr, clip, depth + 1);
    }
    if (mr->kind != MR_CONTAINER) {
        paint(view, mr, base, &clip);
    }
}

static bool range_continues(const FlatRange *a, const FlatRange *b)
{
    return a->mr == b->mr && a->last + 1 == b->first && a->offset + (a->last - a->first) + 1 == b->offset && a->readonly == b->readonly &&
           a->romd == b->romd && a->nonvolatile == b->nonvolatile && a->dirty_log_mask == b->dirty_log_mask;
}

/* Joins what lies together, and fills in what the look-up wants. */
static void finish(FlatView *view)
{
    unsigned to = 0;
    for (unsigned i = 0; i < view->count; i++) {
        if (to && range_continues(&view->ranges[to - 1], &view->ranges[i])) {
            view->ranges[to - 1].last = view->ranges[i].last;
        } else {
            view->ranges[to++] = view->ranges[i];
        }
    }
    view->count = to;
    for (unsigned i = 0; i < view->count; i++) {
        FlatRange *range = &view->ranges[i];
        MemoryRegion *mr = range->mr;
        if (mr->ram && !mr->ram_device && (mr->kind != MR_ROM_DEVICE || range->romd)) {
            range->host = mr->ram->host + range->offset;
        }
        range->owner = object_ref(mr->owner);
        range->ram = mr->ram ? ram_block_ref(mr->ram) : NULL;
    }
}

FlatView *flat_view_render(MemoryRegion *root)
{
    FlatView *view = g_new0(FlatView, 1);
    view->ref_count = 1;
    view->root = root;
    if (root) {
        render(view, root, 0, (Clip){ .first = 0, .last = UINT64_MAX }, 0);
        finish(view);
    }
    return view;
}

bool flat_range_equal(const FlatRange *a, const FlatRange *b)
{
    return a->first == b->first && a->last == b->last && a->mr == b->mr && a->offset == b->offset && a->host == b->host &&
           a->readonly == b->readonly && a->romd == b->romd && a->nonvolatile == b->nonvolatile;
}

bool flat_view_equal(const FlatView *a, const FlatView *b)
{
    if (a->root != b->root || a->count != b->count) {
        return false;
    }
    for (unsigned i = 0; i < a->count; i++) {
        if (!flat_range_equal(&a->ranges[i], &b->ranges[i]) || a->ranges[i].dirty_log_mask != b->ranges[i].dirty_log_mask) {
            return false;
        }
    }
    return true;
}

static void view_release(void *data)
{
    FlatView *view = data;
    for (unsigned i = 0; i < view->count; i++) {
        ram_block_free(view->ranges[i].ram);
        object_unref(view->ranges[i].owner);
    }
    g_free(view->ranges);
    g_free(view);
}

void flat_view_unref(FlatView *view)
{
    if (view && --view->ref_count == 0) {
        epoch_retire(view_release, view);
    }
}

/* ---- looking up ---- */

const FlatRange *flat_view_find(FlatView *view, uint64_t addr)
{
    unsigned hit = __atomic_load_n(&view->last_hit, __ATOMIC_RELAXED);
    if (hit < view->count && addr >= view->ranges[hit].first && addr <= view->ranges[hit].last) {
        return &view->ranges[hit];
    }
    unsigned low = 0, high = view->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        const FlatRange *range = &view->ranges[middle];
        if (addr < range->first) {
            high = middle;
        } else if (addr > range->last) {
            low = middle + 1;
        } else {
            __atomic_store_n(&view->last_hit, middle, __ATOMIC_RELAXED);
            return range;
        }
    }
    return NULL;
}
