/*
 * Nodes and the edges between them: life, names, permissions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/internal.h"

#include "hw/core/device.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

const char *const block_perm_names[BLOCK_PERM_COUNT] = { "consistent read", "write", "write unchanged", "resize" };

static GPtrArray *nodes;        /* all, in order of creation */

/* ---- names ---- */
char *block_node_name_new(void)
{
    static unsigned count;
    return g_strdup_printf("#block%03u", count++);
}

BlockNode *block_node_find(const char *node_name)
{
    for (unsigned n = 0; nodes && n < nodes->len; n++) {
        BlockNode *node = g_ptr_array_index(nodes, n);
        if (g_str_equal(node->node_name, node_name)) {
            return node;
        }
    }
    return NULL;
}

BlockNode *block_node_next(BlockNode *node)
{
    unsigned index = 0;
    if (node && g_ptr_array_find(nodes, node, &index)) {
        index++;
    }
    return nodes && index < nodes->len ? g_ptr_array_index(nodes, index) : NULL;
}

static bool check_name(const char *node_name, GError **err)
{
    if (!object_id_valid(node_name)) {
        return error_set(err, "Invalid node-name: '%s'", node_name);
    }
    if (strlen(node_name) > 31) {
        return error_set(err, "Node name too long");
    }
    if (blk_find(node_name)) {
        return error_set(err, "node-name=%s is conflicting with a device id", node_name);
    }
    if (block_node_find(node_name)) {
        return error_set(err, "Duplicate nodes with node-name='%s'", node_name);
    }
    return true;
}

/* ---- life ---- */
BlockNode *node_new(const BlockDriver *driver, const char *node_name, const BlockNodeOptions *options, GError **err)
{
    if (node_name && !check_name(node_name, err)) {
        return NULL;
    }
    BlockNode *node = g_new0(BlockNode, 1);
    node->node_name = node_name ? g_strdup(node_name) : block_node_name_new();
    node->driver = driver;
    node->options = *options;
    node->state = driver->state_size ? g_malloc0(driver->state_size) : NULL;
    node->children = g_ptr_array_new();
    node->parents = g_ptr_array_new();
    node->limits.request_alignment = node->limits.memory_alignment = 1;
    node->ref_count = 1;
    if (!nodes) {
        nodes = g_ptr_array_new();
    }
    g_ptr_array_add(nodes, node);
    return node;
}

BlockNode *block_node_ref(BlockNode *node)
{
    node->ref_count++;
    return node;
}

static void node_free(BlockNode *node)
{
    g_ptr_array_remove(nodes, node);
    if (node->driver->close) {
        node->driver->close(node);
    }
    while (node->children->len) {
        node_detach(g_ptr_array_index(node->children, node->children->len - 1));
    }
    g_ptr_array_unref(node->children);
    g_ptr_array_unref(node->parents);
    g_free(node->state);
    g_free(node->filename);
    g_free(node->node_name);
    g_free(node);
}

void block_node_unref(BlockNode *node)
{
    if (!node || --node->ref_count > 0) {
        return;
    }
    /* Nobody uses it any more; what is still under way (a flush of a job) ends first. */
    node->ref_count = 1;
    while (node->in_flight) {
        block_wait_progress();
    }
    node_free(node);
}

bool block_node_is_read_only(const BlockNode *node) { return node->options.read_only; }

BlockNode *block_node_skip_filters(BlockNode *node)
{
    while (node && node->driver->is_filter && node->file) {
        node = node->file->node;
    }
    return node;
}

bool node_contains(const BlockNode *node, const BlockNode *below)
{
    if (node == below) {
        return true;
    }
    for (unsigned n = 0; n < node->children->len; n++) {
        const BlockChild *child = g_ptr_array_index(node->children, n);
        if (node_contains(child->node, below)) {
            return true;
        }
    }
    return false;
}

/* ---- permissions ---- */
static void cumulative_perms(const BlockNode *node, unsigned *perm, unsigned *shared)
{
    *perm = 0;
    *shared = BLOCK_PERM_ALL;
    for (unsigned n = 0; n < node->parents->len; n++) {
        const BlockChild *edge = g_ptr_array_index(node->parents, n);
        *perm |= edge->perm;
        *shared &= edge->shared;
    }
}

char *child_parent_describe(const BlockChild *child)
{
    if (child->parent) {
        return g_strdup_printf("node '%s'", child->parent->node_name);
    }
    if (child->blk->dev) {
        g_autofree char *path = child->blk->dev->id ? g_strdup(child->blk->dev->id) : object_path(OBJECT(child->blk->dev));
        return g_strdup_printf("block device '%s'", path ? path : "");
    }
    return *blk_name(child->blk) ? g_strdup_printf("block device '%s'", blk_name(child->blk)) : g_strdup("an unnamed block device");
}

static char *perm_list(unsigned perm)
{
    GString *text = g_string_new(NULL);
    for (int bit = 0; bit < BLOCK_PERM_COUNT; bit++) {
        if (perm & 1u << bit) {
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", block_perm_names[bit]);
        }
    }
    return g_string_free(text, FALSE);
}

static bool conflict_error(const BlockChild *needs, const BlockChild *forbids, GError **err)
{
    g_autofree char *perms = perm_list(needs->perm & ~forbids->shared), *a = child_parent_describe(needs), *b = child_parent_describe(forbids);
    return error_set(err, "Permission conflict on node '%s': permissions '%s' are both required by %s (uses node '%s' as '%s' child) and unshared by %s "
                     "(uses node '%s' as '%s' child).", needs->node->node_name, perms, a, needs->node->node_name, needs->name, b,
                     needs->node->node_name, forbids->name);
}

static bool check_conflicts(const BlockNode *node, GError **err)
{
    for (unsigned a = 0; a < node->parents->len; a++) {
        for (unsigned b = 0; b < node->parents->len; b++) {
            const BlockChild *needs = g_ptr_array_index(node->parents, a), *forbids = g_ptr_array_index(node->parents, b);
            if (a != b && (needs->perm & ~forbids->shared)) {
                return conflict_error(needs, forbids, err);
            }
        }
    }
    return true;
}

/* Filters hand on what is asked of them. A format reads its file, writes it when it is written to, and lets nobody else write. */
static void default_child_perm(const BlockNode *node, const BlockChild *child, unsigned perm, unsigned shared, unsigned *child_perm, unsigned *child_shared)
{
    if (node->driver->is_filter) {
        *child_perm = perm;
        *child_shared = shared;
    } else if (child == node->backing) {
        *child_perm = perm & BLOCK_PERM_CONSISTENT_READ;
        *child_shared = BLOCK_PERM_CONSISTENT_READ | BLOCK_PERM_WRITE_UNCHANGED;
    } else {
        *child_perm = BLOCK_PERM_CONSISTENT_READ | (node->options.read_only ? 0 : BLOCK_PERM_WRITE | BLOCK_PERM_RESIZE);
        *child_shared = BLOCK_PERM_CONSISTENT_READ | BLOCK_PERM_WRITE_UNCHANGED;
    }
}

typedef struct PermStep { BlockChild *child; unsigned perm, shared; BlockNode *checked; } PermStep;

static bool refresh_perms(BlockNode *node, GArray *undo, GError **err)
{
    unsigned perm, shared;
    cumulative_perms(node, &perm, &shared);
    if ((perm & (BLOCK_PERM_WRITE | BLOCK_PERM_WRITE_UNCHANGED | BLOCK_PERM_RESIZE)) && node->options.read_only) {
        return error_set(err, "Block node is read-only");
    }
    if (!check_conflicts(node, err)) {
        return false;
    }
    if (node->driver->check_perm) {
        if (!node->driver->check_perm(node, perm, shared, err)) {
            return false;
        }
        g_array_append_val(undo, ((PermStep){ .checked = node }));
    }
    for (unsigned n = 0; n < node->children->len; n++) {
        BlockChild *child = g_ptr_array_index(node->children, n);
        PermStep step = { .child = child, .perm = child->perm, .shared = child->shared };
        unsigned want, share;
        (node->driver->child_perm ? node->driver->child_perm : (void (*)(BlockNode *, const BlockChild *, unsigned, unsigned, unsigned *, unsigned *))default_child_perm)
            (node, child, perm, shared, &want, &share);
        g_array_append_val(undo, step);
        child->perm = want;
        child->shared = share;
        if (!refresh_perms(child->node, undo, err)) {
            return false;
        }
    }
    return true;
}

/* On failure everything is as it was. */
static bool refresh_or_undo(BlockNode *node, GArray *undo, GError **err)
{
    bool ok = refresh_perms(node, undo, err);
    for (unsigned n = undo->len; n-- > 0;) {
        PermStep *step = &g_array_index(undo, PermStep, n);
        if (step->child && !ok) {
            step->child->perm = step->perm;
            step->child->shared = step->shared;
        } else if (step->checked && !ok) {
            if (step->checked->driver->abort_perm) {
                step->checked->driver->abort_perm(step->checked);
            }
        } else if (step->checked && step->checked->driver->set_perm) {
            unsigned perm, shared;
            cumulative_perms(step->checked, &perm, &shared);
            step->checked->driver->set_perm(step->checked, perm, shared);
        }
    }
    return ok;
}

bool block_refresh_perms(BlockNode *node, GError **err)
{
    g_autoptr(GArray) undo = g_array_new(FALSE, FALSE, sizeof(PermStep));
    return refresh_or_undo(node, undo, err);
}

bool child_set_perm(BlockChild *child, unsigned perm, unsigned shared, GError **err)
{
    g_autoptr(GArray) undo = g_array_new(FALSE, FALSE, sizeof(PermStep));
    PermStep step = { .child = child, .perm = child->perm, .shared = child->shared };
    g_array_append_val(undo, step);
    child->perm = perm;
    child->shared = shared;
    return refresh_or_undo(child->node, undo, err);
}

/* ---- edges ---- */
BlockChild *node_attach(BlockNode *parent, BlockBackend *blk, BlockNode *node, const char *name, unsigned perm, unsigned shared, GError **err)
{
    if (parent && node_contains(node, parent)) {
        error_set(err, "Making '%s' a %s child of '%s' would create a cycle", node->node_name, name, parent->node_name);
        block_node_unref(node);
        return NULL;
    }
    BlockChild *child = g_new(BlockChild, 1);
    *child = (BlockChild){ .name = g_strdup(name), .node = node, .parent = parent, .blk = blk, .shared = BLOCK_PERM_ALL };
    g_ptr_array_add(node->parents, child);
    if (parent) {
        g_ptr_array_add(parent->children, child);
        if (g_str_equal(name, "file")) {
            parent->file = child;
        } else if (g_str_equal(name, "backing")) {
            parent->backing = child;
        }
        /* What the parent needs depends on what its own parents ask: found out from the top. */
        if (!block_refresh_perms(parent, err)) {
            node_detach(child);
            return NULL;
        }
    } else if (!child_set_perm(child, perm, shared, err)) {
        node_detach(child);
        return NULL;
    }
    return child;
}

void node_detach(BlockChild *child)
{
    BlockNode *node = child->node, *parent = child->parent;
    g_ptr_array_remove(node->parents, child);
    if (parent) {
        g_ptr_array_remove(parent->children, child);
        parent->file = parent->file == child ? NULL : parent->file;
        parent->backing = parent->backing == child ? NULL : parent->backing;
    }
    g_free(child->name);
    g_free(child);
    /* Fewer permissions never fail. */
    block_refresh_perms(node, NULL);
    block_node_unref(node);
}

BlockChild *block_attach_child(BlockNode *parent, BlockNode *node, const char *name, GError **err)
{
    return node_attach(parent, NULL, node, name, 0, BLOCK_PERM_ALL, err);
}

void block_detach_child(BlockNode *parent, BlockChild *child) { node_detach(child); }

/* ---- limits and length ---- */
void block_refresh_limits(BlockNode *node)
{
    BlockLimits limits = { .request_alignment = 1, .memory_alignment = 1 };
    if (node->file) {
        BlockNode *file = node->file->node;
        limits = file->limits;
        if (!node->driver->is_filter) {
            /* Holes and discards of a format are its own. */
            limits.max_discard = limits.max_write_zeroes = 0;
            limits.discard_alignment = limits.write_zeroes_alignment = 0;
        }
    }
    if (node->driver->refresh_limits) {
        node->driver->refresh_limits(node, &limits);
    }
    node->limits = limits;
}

void node_set_length(BlockNode *node, int64_t length)
{
    node->length = length;
    for (unsigned n = 0; n < node->parents->len; n++) {
        BlockChild *edge = g_ptr_array_index(node->parents, n);
        if (edge->parent && edge->parent->driver->getlength) {
            int64_t above = edge->parent->driver->getlength(edge->parent);
            if (above >= 0 && above != edge->parent->length) {
                node_set_length(edge->parent, above);
            }
        }
    }
}

int64_t block_getlength(BlockNode *node)
{
    if (node->driver->getlength) {
        int64_t length = node->driver->getlength(node);
        if (length < 0) {
            return length;
        }
        node->length = length;
    }
    return node->length;
}
