/*
 * The text of `info mtree`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define RANGE "%016" PRIx64 "-%016" PRIx64

static const char *region_type(const MemoryRegion *mr)
{
    while (mr->kind == MR_ALIAS) {
        mr = mr->alias;
    }
    switch (mr->kind) {
    case MR_RAM:
        return mr->ram_device ? "ramd" : mr->readonly ? "rom" : "ram";
    case MR_ROM:
        return "rom";
    case MR_ROM_DEVICE:
        return mr->rom_mode ? "romd" : "i/o";
    default:
        return "i/o";
    }
}

static void append_object(GString *out, const char *what, const Object *object)
{
    if (!object) {
        return;
    }
    g_autofree char *path = object_path(object);
    if (object->parent && !strcmp(object->parent->name ? object->parent->name : "", "peripheral")) {
        g_string_append_printf(out, " %s:{dev id=%s}", what, object->name);
    } else {
        g_string_append_printf(out, " %s:{obj path=%s}", what, path ? path : "unknown");
    }
}

static void append_owner(GString *out, const MemoryRegion *mr)
{
    append_object(out, "owner", mr->owner);
    if (mr->parent.parent != mr->owner) {
        append_object(out, "parent", mr->parent.parent);
    }
}

/* ---- flat ---- */

static void describe_view(GString *out, const FlatView *view, bool dispatch_tree, bool owner)
{
    g_string_append_printf(out, " Root memory region: %s\n", view && view->root ? view->root->label : "(none)");
    if (!view || !view->count) {
        g_string_append(out, "  No rendered FlatView\n\n");
        return;
    }
    for (unsigned i = 0; i < view->count; i++) {
        const FlatRange *range = &view->ranges[i];
        const MemoryRegion *mr = range->mr;
        const char *type = range->readonly && range->ram && mr->kind == MR_RAM ? "rom" : region_type(mr);
        g_string_append_printf(out, "  " RANGE " (prio %d, %s%s): %s", range->first, range->last, mr->priority,
                               range->nonvolatile ? "nv-" : "", type, mr->label);
        if (range->offset) {
            g_string_append_printf(out, " @%016" PRIx64, range->offset);
        }
        if (owner) {
            append_owner(out, mr);
        }
        g_string_append_c(out, '\n');
    }
    if (dispatch_tree) {
        g_string_append_printf(out, "  Dispatch\n    Binary search over %u ranges, last hit #%u\n", view->count, view->last_hit);
    }
    g_string_append_c(out, '\n');
}

static void describe_flat(GString *out, bool dispatch_tree, bool owner)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    unsigned number = 0;
    for (AddressSpace *as = address_space_first(); as; as = as->next) {
        FlatView *view = address_space_view(as);
        /* All empty views count as one. */
        void *key = view->root ? (void *)view->root : (void *)&number;
        if (!g_hash_table_add(seen, key)) {
            continue;
        }
        g_string_append_printf(out, "FlatView #%u\n", number++);
        for (AddressSpace *other = as; other; other = other->next) {
            const FlatView *other_view = address_space_view(other);
            if (other_view->root == view->root) {
                g_string_append_printf(out, " AS \"%s\", root: %s", other->name, other->root->label);
                if (other->root->kind == MR_ALIAS) {
                    g_string_append_printf(out, ", alias %s", other->root->alias->label);
                }
                g_string_append_c(out, '\n');
            }
        }
        describe_view(out, view, dispatch_tree, owner);
    }
}

/* ---- tree ---- */

static int compare_by_address(const void *a_, const void *b_)
{
    const MemoryRegion *a = *(const MemoryRegion *const *)a_, *b = *(const MemoryRegion *const *)b_;
    if (a->addr != b->addr) {
        return a->addr < b->addr ? -1 : 1;
    }
    return a->priority == b->priority ? 0 : a->priority > b->priority ? -1 : 1;
}

typedef struct TreeText { GString *out; GPtrArray *aliased; bool owner, disabled; } TreeText;

static void describe_region(TreeText *t, const MemoryRegion *mr, uint64_t base, unsigned level)
{
    uint64_t first = base + mr->addr, last = mr->empty ? first : first + mr->size_minus_1;
    if (mr->kind == MR_ALIAS && !g_ptr_array_find(t->aliased, mr->alias, NULL)) {
        g_ptr_array_add(t->aliased, mr->alias);
    }
    if (level > 64) {
        return;
    }
    if (mr->enabled || t->disabled) {
        g_string_append_printf(t->out, "%*s" RANGE " (prio %d, %s%s): ", (int)level * 2, "", first, last, mr->priority,
                               mr->nonvolatile ? "nv-" : "", region_type(mr));
        if (mr->kind == MR_ALIAS) {
            g_string_append_printf(t->out, "alias %s @%s " RANGE, mr->label, mr->alias->label, mr->alias_offset,
                                   mr->alias_offset + (mr->empty ? 0 : mr->size_minus_1));
        } else {
            g_string_append(t->out, mr->label);
        }
        g_string_append(t->out, mr->enabled ? "" : " [disabled]");
        if (t->owner) {
            append_owner(t->out, mr);
        }
        g_string_append_c(t->out, '\n');
    }
    if (!mr->subregions || !mr->subregions->len) {
        return;
    }
    g_autoptr(GPtrArray) children = g_ptr_array_copy(mr->subregions, NULL, NULL);
    g_ptr_array_sort(children, compare_by_address);
    for (unsigned i = 0; i < children->len; i++) {
        describe_region(t, children->pdata[i], first, level + 1);
    }
}

static void describe_tree(GString *out, bool owner, bool disabled)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GPtrArray) aliased = g_ptr_array_new();
    TreeText text = { out, aliased, owner, disabled };
    for (AddressSpace *as = address_space_first(); as; as = as->next) {
        if (!g_hash_table_add(seen, as->root)) {
            continue;
        }
        for (AddressSpace *other = as; other; other = other->next) {
            if (other->root == as->root) {
                g_string_append_printf(out, "address-space: %s\n", other->name);
            }
        }
        describe_region(&text, as->root, 0, 1);
        g_string_append_c(out, '\n');
    }
    for (unsigned i = 0; i < aliased->len; i++) {
        const MemoryRegion *mr = aliased->pdata[i];
        g_string_append_printf(out, "memory-region: %s\n", mr->label);
        describe_region(&text, mr, 0, 1);
        g_string_append_c(out, '\n');
    }
}

char *memory_describe(bool flat, bool dispatch_tree, bool owner, bool disabled)
{
    GString *out = g_string_new(NULL);
    if (flat) {
        describe_flat(out, dispatch_tree, owner);
    } else {
        describe_tree(out, owner, disabled);
    }
    return g_string_free(out, FALSE);
}
