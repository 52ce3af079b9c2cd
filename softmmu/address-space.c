/*
 * Address spaces: transactions over the trees of regions, new views, and telling the listeners what is different.
 *
 * An address space that nobody has looked at or listens to is not rendered at all, so that building a machine costs one rendering at its end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/internal.h"
#include "util/epoch.h"
#include "util/main-loop.h"

#include <string.h>

static AddressSpace *spaces, **spaces_end = &spaces;
static unsigned transaction_depth;
static bool views_stale, ioeventfds_stale;

AddressSpace *address_space_first(void)
{
    return spaces;
}

void section_of_range(MemorySection *section, AddressSpace *as, const FlatRange *range)
{
    *section = (MemorySection){
        .mr = range->mr, .as = as, .offset_in_region = range->offset, .addr = range->first, .size_minus_1 = range->last - range->first,
        .readonly = range->readonly, .romd = range->romd, .dirty_log_mask = range->dirty_log_mask,
    };
}

/* ---- telling listeners ---- */

#define EACH_LISTENER(as, l) \
    for (unsigned l##_i = 0; l##_i < (as)->listeners->len; l##_i++) \
        for (MemoryListener *l = (as)->listeners->pdata[l##_i], *l##_once = l; l##_once; l##_once = NULL)
#define EACH_LISTENER_REVERSED(as, l) \
    for (unsigned l##_i = (as)->listeners->len; l##_i-- > 0;) \
        for (MemoryListener *l = (as)->listeners->pdata[l##_i], *l##_once = l; l##_once; l##_once = NULL)

/* Calls add or del for the coalesced parts of the region that the section shows. */
static void tell_coalesced(MemoryListener *l, const MemorySection *s, bool add)
{
    const GArray *coalesced = s->mr->coalesced;
    for (unsigned i = 0; coalesced && i < coalesced->len; i++) {
        const MemoryCoalesced *c = &g_array_index(coalesced, MemoryCoalesced, i);
        uint64_t first = MAX(c->offset, s->offset_in_region), last = MIN(c->offset + c->size - 1, s->offset_in_region + s->size_minus_1);
        void (*fn)(MemoryListener *, const MemorySection *, uint64_t, uint64_t) = add ? l->coalesced_add : l->coalesced_del;
        if (fn && first <= last) {
            fn(l, s, s->addr + (first - s->offset_in_region), last - first + 1);
        }
    }
}

static void tell_add(MemoryListener *l, const MemorySection *s)
{
    if (l->region_add) {
        l->region_add(l, s);
    }
    if (s->dirty_log_mask && l->log_start) {
        l->log_start(l, s, 0, s->dirty_log_mask);
    }
    tell_coalesced(l, s, true);
}

static void tell_del(MemoryListener *l, const MemorySection *s)
{
    tell_coalesced(l, s, false);
    if (s->dirty_log_mask && l->log_stop) {
        l->log_stop(l, s, s->dirty_log_mask, 0);
    }
    if (l->region_del) {
        l->region_del(l, s);
    }
}

static void tell_range(AddressSpace *as, const FlatRange *range, bool add)
{
    MemorySection section;
    section_of_range(&section, as, range);
    if (add) {
        EACH_LISTENER(as, l) {
            tell_add(l, &section);
        }
    } else {
        EACH_LISTENER_REVERSED(as, l) {
            tell_del(l, &section);
        }
    }
}

static void tell_unchanged(AddressSpace *as, const FlatRange *range, uint8_t old_mask)
{
    MemorySection section;
    uint8_t new_mask = range->dirty_log_mask;
    section_of_range(&section, as, range);
    EACH_LISTENER(as, l) {
        if (l->region_unchanged) {
            l->region_unchanged(l, &section);
        }
        if ((new_mask & ~old_mask) && l->log_start) {
            l->log_start(l, &section, old_mask, new_mask);
        }
        if ((old_mask & ~new_mask) && l->log_stop) {
            l->log_stop(l, &section, old_mask, new_mask);
        }
    }
}

/* Walks both views in order of address; one pass for what goes, one for what stays and comes. */
static void tell_difference(AddressSpace *as, const FlatView *old_view, const FlatView *new_view, bool adding)
{
    unsigned o = 0, n = 0;
    unsigned old_count = old_view ? old_view->count : 0;
    while (o < old_count || n < new_view->count) {
        const FlatRange *old_range = o < old_count ? &old_view->ranges[o] : NULL;
        const FlatRange *new_range = n < new_view->count ? &new_view->ranges[n] : NULL;
        if (old_range && new_range && flat_range_equal(old_range, new_range)) {
            if (adding) {
                tell_unchanged(as, new_range, old_range->dirty_log_mask);
            }
            o++;
            n++;
        } else if (old_range && (!new_range || old_range->first <= new_range->first)) {
            if (!adding) {
                tell_range(as, old_range, false);
            }
            o++;
        } else {
            if (adding) {
                tell_range(as, new_range, true);
            }
            n++;
        }
    }
}

/* ---- ioeventfds ---- */

static int compare_ioeventfds(const void *a_, const void *b_)
{
    const MemoryIoeventfd *a = a_, *b = b_;
    if (a->addr != b->addr) {
        return a->addr < b->addr ? -1 : 1;
    }
    if (a->size != b->size) {
        return a->size < b->size ? -1 : 1;
    }
    if (a->match_data != b->match_data) {
        return a->match_data ? 1 : -1;
    }
    if (a->match_data && a->data != b->data) {
        return a->data < b->data ? -1 : 1;
    }
    return a->fd - b->fd;
}

/* The ioeventfds of a view at their addresses, sorted. */
static GArray *view_ioeventfds(const FlatView *view)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(MemoryIoeventfd));
    for (unsigned r = 0; r < view->count; r++) {
        const FlatRange *range = &view->ranges[r];
        const GArray *list = range->mr->ioeventfds;
        for (unsigned i = 0; list && i < list->len; i++) {
            MemoryIoeventfd e = g_array_index(list, MemoryIoeventfd, i);
            uint64_t last = e.addr + MAX(e.size, 1) - 1;
            if (e.addr >= range->offset && last >= e.addr && last - range->offset <= range->last - range->first) {
                e.addr = range->first + (e.addr - range->offset);
                g_array_append_val(found, e);
            }
        }
    }
    g_array_sort(found, compare_ioeventfds);
    return found;
}

static void tell_ioeventfd(AddressSpace *as, const MemoryIoeventfd *e, bool add)
{
    const FlatRange *range = as->view ? flat_view_find(as->view, e->addr) : NULL;
    MemorySection section = { .as = as, .addr = e->addr };
    if (range) {
        section_of_range(&section, as, range);
    }
    EACH_LISTENER(as, l) {
        void (*fn)(MemoryListener *, const MemorySection *, const MemoryIoeventfd *) = add ? l->eventfd_add : l->eventfd_del;
        if (fn) {
            fn(l, &section, e);
        }
    }
}

/* Two passes: what went away before what is new at the same address. */
static void update_ioeventfds(AddressSpace *as)
{
    GArray *old_list = as->ioeventfds, *new_list = view_ioeventfds(as->view);
    for (int adding = 0; adding < 2; adding++) {
        unsigned o = 0, n = 0;
        while (o < old_list->len || n < new_list->len) {
            const MemoryIoeventfd *old_e = o < old_list->len ? &g_array_index(old_list, MemoryIoeventfd, o) : NULL;
            const MemoryIoeventfd *new_e = n < new_list->len ? &g_array_index(new_list, MemoryIoeventfd, n) : NULL;
            int order = !old_e ? 1 : !new_e ? -1 : compare_ioeventfds(old_e, new_e);
            if (order < 0 && !adding) {
                tell_ioeventfd(as, old_e, false);
            } else if (order > 0 && adding) {
                tell_ioeventfd(as, new_e, true);
            }
            o += order <= 0;
            n += order >= 0;
        }
    }
    g_array_unref(old_list);
    as->ioeventfds = new_list;
}

/* ---- views ---- */

/* The view of a root: one that an address space has got in this round already, or a new one. A reference for the caller. */
static FlatView *view_for(AddressSpace *as, AddressSpace *before)
{
    MemoryRegion *root = flat_view_root(as->root);
    for (AddressSpace *other = spaces; other != before; other = other->next) {
        if (other->in_use && other->view && other->view->root == root) {
            other->view->ref_count++;
            return other->view;
        }
    }
    return flat_view_render(root);
}

static void swap_view(AddressSpace *as, FlatView *new_view)
{
    FlatView *old_view = as->view;
    if (old_view == new_view || (old_view && flat_view_equal(old_view, new_view))) {
        /* A view that another address space got is still shared: one table less. */
        if (old_view != new_view) {
            __atomic_store_n(&as->view, new_view, __ATOMIC_RELEASE);
            flat_view_unref(old_view);
        } else {
            flat_view_unref(new_view);
        }
        return;
    }
    EACH_LISTENER(as, l) {
        if (l->begin) {
            l->begin(l);
        }
    }
    tell_difference(as, old_view, new_view, false);
    __atomic_store_n(&as->view, new_view, __ATOMIC_RELEASE);
    tell_difference(as, old_view, new_view, true);
    update_ioeventfds(as);
    EACH_LISTENER(as, l) {
        if (l->commit) {
            l->commit(l);
        }
    }
    flat_view_unref(old_view);
}

static void commit(void)
{
    if (views_stale) {
        views_stale = ioeventfds_stale = false;
        for (AddressSpace *as = spaces; as; as = as->next) {
            if (as->in_use) {
                swap_view(as, view_for(as, as));
            } else if (as->view) {
                FlatView *old_view = as->view;
                as->view = NULL;
                flat_view_unref(old_view);
            }
        }
    } else if (ioeventfds_stale) {
        ioeventfds_stale = false;
        for (AddressSpace *as = spaces; as; as = as->next) {
            if (as->view) {
                update_ioeventfds(as);
            }
        }
    }
}

void memory_transaction_begin(void)
{
    transaction_depth++;
}

void memory_transaction_commit(void)
{
    g_assert(transaction_depth);
    /* Listeners may change regions again: the depth keeps that for another round. */
    while (transaction_depth == 1 && (views_stale || ioeventfds_stale)) {
        commit();
    }
    transaction_depth--;
}

void memory_changed(void)
{
    views_stale = true;
    memory_transaction_begin();
    memory_transaction_commit();
}

void memory_ioeventfds_changed(void)
{
    ioeventfds_stale = true;
    memory_transaction_begin();
    memory_transaction_commit();
}

static __attribute__((noinline)) FlatView *first_view(AddressSpace *as)
{
    MACHINE_LOCK_GUARD();
    if (!as->in_use) {
        as->in_use = true;
        if (!as->view) {
            swap_view(as, flat_view_render(flat_view_root(as->root)));
        }
    }
    return as->view;
}

FlatView *address_space_view(AddressSpace *as)
{
    FlatView *view = __atomic_load_n(&as->view, __ATOMIC_ACQUIRE);
    return __builtin_expect(view != NULL, 1) ? view : first_view(as);
}

void address_space_init(AddressSpace *as, MemoryRegion *root, const char *name)
{
    *as = (AddressSpace){ .name = g_strdup(name), .root = root, .listeners = g_ptr_array_new(),
                          .ioeventfds = g_array_new(FALSE, FALSE, sizeof(MemoryIoeventfd)) };
    *spaces_end = as;
    spaces_end = &as->next;
}

static void free_array(void *array)
{
    g_array_unref(array);
}

void address_space_destroy(AddressSpace *as)
{
    AddressSpace **link = &spaces;
    while (*link != as) {
        link = &(*link)->next;
    }
    while (as->listeners->len) {
        memory_listener_unregister(as->listeners->pdata[0]);
    }
    *link = as->next;
    if (spaces_end == &as->next) {
        spaces_end = link;
    }
    FlatView *view = as->view;
    __atomic_store_n(&as->view, NULL, __ATOMIC_RELEASE);
    flat_view_unref(view);
    epoch_retire(free_array, as->ioeventfds);
    g_ptr_array_unref(as->listeners);
    g_clear_pointer(&as->name, g_free);
}

/* ---- listeners ---- */

static void replay(MemoryListener *l, AddressSpace *as, bool add)
{
    const FlatView *view = as->view;
    if (l->begin) {
        l->begin(l);
    }
    for (unsigned i = 0; i < view->count; i++) {
        MemorySection section;
        section_of_range(&section, as, &view->ranges[i]);
        if (add) {
            tell_add(l, &section);
        } else {
            tell_del(l, &section);
        }
    }
    void (*fn)(MemoryListener *, const MemorySection *, const MemoryIoeventfd *) = add ? l->eventfd_add : l->eventfd_del;
    for (unsigned i = 0; fn && i < as->ioeventfds->len; i++) {
        const MemoryIoeventfd *e = &g_array_index(as->ioeventfds, MemoryIoeventfd, i);
        const FlatRange *range = flat_view_find(as->view, e->addr);
        MemorySection section;
        section_of_range(&section, as, range);
        fn(l, &section, e);
    }
    if (l->commit) {
        l->commit(l);
    }
}

void memory_listener_register(MemoryListener *l, AddressSpace *as)
{
    address_space_view(as);
    l->as = as;
    unsigned at = 0;
    while (at < as->listeners->len && ((MemoryListener *)as->listeners->pdata[at])->priority <= l->priority) {
        at++;
    }
    g_ptr_array_insert(as->listeners, (int)at, l);
    replay(l, as, true);
}

void memory_listener_unregister(MemoryListener *l)
{
    AddressSpace *as = l->as;
    if (as) {
        replay(l, as, false);
        g_ptr_array_remove(as->listeners, l);
        l->as = NULL;
    }
}

/* ---- what regions ask of listeners ---- */

void memory_region_set_coalesced(MemoryRegion *mr, uint64_t offset, uint64_t size)
{
    MemoryCoalesced coalesced = { offset, size };
    if (!mr->coalesced) {
        mr->coalesced = g_array_new(FALSE, FALSE, sizeof(MemoryCoalesced));
    }
    /* Listeners forget the old parts and learn all of the new ones. */
    for (int add = 0; add < 2; add++) {
        for (AddressSpace *as = spaces; as; as = as->next) {
            for (unsigned i = 0; as->view && as->listeners->len && i < as->view->count; i++) {
                if (as->view->ranges[i].mr == mr) {
                    MemorySection section;
                    section_of_range(&section, as, &as->view->ranges[i]);
                    EACH_LISTENER(as, l) {
                        tell_coalesced(l, &section, add);
                    }
                }
            }
        }
        if (!add && size) {
            g_array_append_val(mr->coalesced, coalesced);
        }
    }
}

/* Calls log_sync or log_clear of every listener for the sections that show [addr, addr + size) of the region. */
static void tell_log(MemoryRegion *mr, uint64_t addr, uint64_t size, bool clear)
{
    for (AddressSpace *as = spaces; as; as = as->next) {
        for (unsigned i = 0; as->view && as->listeners->len && i < as->view->count; i++) {
            const FlatRange *range = &as->view->ranges[i];
            uint64_t length = range->last - range->first + 1;
            if (range->mr != mr || range->offset >= addr + size || addr >= range->offset + length) {
                continue;
            }
            MemorySection section;
            section_of_range(&section, as, range);
            EACH_LISTENER(as, l) {
                void (*fn)(MemoryListener *, const MemorySection *) = clear ? l->log_clear : l->log_sync;
                if (fn) {
                    fn(l, &section);
                }
            }
        }
    }
}

bool memory_region_test_and_clear_dirty(MemoryRegion *mr, uint64_t addr, uint64_t size, unsigned client, unsigned long *bitmap)
{
    while (mr->kind == MR_ALIAS) {
        addr += mr->alias_offset;
        mr = mr->alias;
    }
    if (!mr->ram) {
        return false;
    }
    tell_log(mr, addr, size, false);
    bool any = ram_test_and_clear_dirty(mr->ram->ram_addr + addr, size, client, bitmap);
    if (any) {
        tell_log(mr, addr, size, true);
    }
    return any;
}
