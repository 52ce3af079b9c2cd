/*
 * Back ends: what devices hold on to. Life, names, medium, the device at it, facts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/internal.h"

#include "hw/core/device.h"
#include "system/runstate.h"
#include "util/bits.h"
#include "util/error.h"

#include <errno.h>
#include <string.h>

static const char *const on_error_names[] = { "report", "ignore", "enospc", "stop", "auto", NULL };
const EnumNames block_on_error_names = { "BlockdevOnError", on_error_names };

static GPtrArray *backends;     /* all, in order of creation */

/* ---- the machine stops and ends ---- */
static void run_state_changed(void *opaque, bool running, RunState state)
{
    if (!running) {
        block_drain_all();
        block_flush_all();
    }
}

void block_close_all(void)
{
    block_drain_all();
    block_flush_all();
}

static void process_ends(void *opaque) { block_close_all(); }

static void watch_machine(void)
{
    static bool done;
    if (!done) {
        done = true;
        run_state_add_handler(run_state_changed, NULL);
        exit_add_notifier(process_ends, NULL);
    }
}

/* ---- life ---- */
BlockBackend *blk_new(const char *name, GError **err)
{
    if (name && blk_find(name)) {
        error_set(err, "Device with id '%s' already exists", name);
        return NULL;
    }
    if (name && block_node_find(name)) {
        error_set(err, "Device name '%s' conflicts with an existing node name", name);
        return NULL;
    }
    watch_machine();
    BlockBackend *blk = g_new0(BlockBackend, 1);
    blk->name = g_strdup(name);
    blk->ref_count = 1;
    blk->shared = BLOCK_PERM_ALL;
    blk->write_cache = true;
    blk->guest_block_size = SECTOR_SIZE;
    blk->on_read_error = BLOCK_ON_ERROR_REPORT;
    blk->on_write_error = BLOCK_ON_ERROR_ENOSPC;
    blk->stats.account_invalid = blk->stats.account_failed = true;
    if (!backends) {
        backends = g_ptr_array_new();
    }
    g_ptr_array_add(backends, blk);
    return blk;
}

BlockBackend *blk_ref(BlockBackend *blk)
{
    blk->ref_count++;
    return blk;
}

void blk_unref(BlockBackend *blk)
{
    if (!blk || --blk->ref_count > 0) {
        return;
    }
    blk->ref_count = 1;
    blk_drain(blk);
    if (blk->root) {
        blk_remove(blk);
    }
    g_ptr_array_remove(backends, blk);
    g_free(blk->name);
    g_free(blk);
}

BlockBackend *blk_find(const char *name)
{
    for (unsigned n = 0; backends && n < backends->len; n++) {
        BlockBackend *blk = g_ptr_array_index(backends, n);
        if (blk->name && g_str_equal(blk->name, name)) {
            return blk;
        }
    }
    return NULL;
}

BlockBackend *blk_next(BlockBackend *blk)
{
    unsigned index = 0;
    if (blk && g_ptr_array_find(backends, blk, &index)) {
        index++;
    }
    return backends && index < backends->len ? g_ptr_array_index(backends, index) : NULL;
}

const char *blk_name(const BlockBackend *blk) { return blk->name ? blk->name : ""; }
BlockNode *blk_node(const BlockBackend *blk) { return blk->root ? blk->root->node : NULL; }

/* ---- medium ---- */
bool blk_set_perm(BlockBackend *blk, unsigned perm, unsigned shared, GError **err)
{
    if (blk->root && !child_set_perm(blk->root, perm, shared, err)) {
        return false;
    }
    blk->perm = perm;
    blk->shared = shared;
    return true;
}

bool blk_insert(BlockBackend *blk, BlockNode *node, GError **err)
{
    if (blk->root) {
        return error_set(err, "Device '%s' has a medium already", blk_name(blk));
    }
    blk->root = node_attach(NULL, blk, block_node_ref(node), "root", blk->perm, blk->shared, err);
    return blk->root != NULL;
}

void blk_remove(BlockBackend *blk)
{
    if (blk->root) {
        blk_drain(blk);
        BlockChild *root = blk->root;
        blk->root = NULL;
        node_detach(root);
    }
}

static void tell_medium_changed(BlockBackend *blk, bool load)
{
    if (blk->ops && blk->ops->change_media) {
        bool was_open = blk_is_tray_open(blk);
        blk->ops->change_media(blk->ops_opaque, load);
        bool is_open = blk_is_tray_open(blk);
        if (was_open != is_open) {
            blk_tray_moved(blk, is_open);
        }
    }
}

static bool open_tray(BlockBackend *blk, bool force, GError **err)
{
    if (!blk_dev_is_removable(blk)) {
        return error_set(err, "Device '%s' is not removable", blk_name(blk));
    }
    if (blk_has_tray(blk) && blk_is_medium_locked(blk) && !blk_is_tray_open(blk)) {
        if (blk->ops->eject_request) {
            blk->ops->eject_request(blk->ops_opaque, force);
        }
        if (!force) {
            return error_set(err, "Device '%s' is locked and force was not specified, wait for tray to open and try again", blk_name(blk));
        }
    }
    return true;
}

bool blk_eject(BlockBackend *blk, bool force, GError **err)
{
    if (!open_tray(blk, force, err)) {
        return false;
    }
    /* A tray opens with the medium in it; what has none notices that the medium is gone. */
    if (blk_has_tray(blk)) {
        tell_medium_changed(blk, false);
        blk_remove(blk);
    } else {
        blk_remove(blk);
        tell_medium_changed(blk, false);
    }
    return true;
}

bool blk_change_medium(BlockBackend *blk, const char *filename, const char *format, bool force, const bool *read_only, GError **err)
{
    BlockNodeOptions options = blk->root_options;
    if (blk->root) {
        options.read_only = blk->root->node->options.read_only;
    }
    options.read_only = read_only ? *read_only : options.read_only;
    BlockNode *node = block_open(filename, format, NULL, &options, err);
    if (!node) {
        return false;
    }
    if (!blk_eject(blk, force, err)) {
        block_node_unref(node);
        return false;
    }
    bool ok = blk_insert(blk, node, err);
    block_node_unref(node);
    if (ok) {
        tell_medium_changed(blk, true);
    }
    return ok;
}

/* ---- device ---- */
bool blk_attach_device(BlockBackend *blk, Device *dev)
{
    if (blk->dev) {
        return false;
    }
    blk->dev = dev;
    blk_ref(blk);
    return true;
}

void blk_detach_device(BlockBackend *blk, Device *dev)
{
    if (blk->dev == dev) {
        blk->dev = NULL;
        blk->ops = NULL;
        blk->ops_opaque = NULL;
        blk_set_perm(blk, 0, BLOCK_PERM_ALL, NULL);
        blk_unref(blk);
    }
}

Device *blk_device(const BlockBackend *blk) { return blk->dev; }

void blk_set_device_ops(BlockBackend *blk, const BlockDeviceOps *ops, void *opaque)
{
    blk->ops = ops;
    blk->ops_opaque = opaque;
}

void blk_set_guest_block_size(BlockBackend *blk, unsigned bytes) { blk->guest_block_size = bytes; }
bool blk_has_tray(const BlockBackend *blk) { return blk->ops && blk->ops->is_tray_open; }
bool blk_is_tray_open(const BlockBackend *blk) { return blk_has_tray(blk) && blk->ops->is_tray_open(blk->ops_opaque); }
bool blk_is_medium_locked(const BlockBackend *blk) { return blk->ops && blk->ops->is_medium_locked && blk->ops->is_medium_locked(blk->ops_opaque); }
bool blk_dev_is_removable(const BlockBackend *blk) { return !blk->dev || (blk->ops && blk->ops->change_media); }

static GVariantBuilder *event_data(const BlockBackend *blk)
{
    GVariantBuilder *b = g_variant_builder_new(G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(b, "{sv}", "device", g_variant_new_string(blk_name(blk)));
    return b;
}

void blk_tray_moved(BlockBackend *blk, bool open)
{
    BlockNode *node = blk_node(blk);
    if (node && node->driver->eject) {
        node->driver->eject(node, open);
    }
    GVariantBuilder *b = event_data(blk);
    g_autofree char *path = blk->dev ? object_path(OBJECT(blk->dev)) : NULL;
    g_variant_builder_add(b, "{sv}", "id", g_variant_new_string(path ? path : ""));
    g_variant_builder_add(b, "{sv}", "tray-open", g_variant_new_boolean(open));
    block_send_event("DEVICE_TRAY_MOVED", g_variant_builder_end(b));
    g_variant_builder_unref(b);
}

void blk_lock_medium(BlockBackend *blk, bool locked)
{
    BlockNode *node = blk_node(blk);
    if (node && node->driver->lock_medium) {
        node->driver->lock_medium(node, locked);
    }
}

/* ---- facts ---- */
bool blk_is_inserted(const BlockBackend *blk)
{
    BlockNode *node = blk_node(blk);
    return node && (!node->driver->is_inserted || node->driver->is_inserted(node));
}

bool blk_is_available(const BlockBackend *blk) { return blk_is_inserted(blk) && !blk_is_tray_open(blk); }
bool blk_is_writable(const BlockBackend *blk) { return (blk->perm & BLOCK_PERM_WRITE) != 0; }
bool blk_supports_write_perm(const BlockBackend *blk) { return blk->root ? !blk->root->node->options.read_only : !blk->root_options.read_only; }
int64_t blk_getlength(const BlockBackend *blk) { return blk_is_inserted(blk) ? blk_node(blk)->length : -ENOMEDIUM; }
uint64_t blk_nr_sectors(const BlockBackend *blk) { return blk_is_inserted(blk) ? (uint64_t)blk_node(blk)->length / SECTOR_SIZE : 0; }
bool blk_write_cache_enabled(const BlockBackend *blk) { return blk->write_cache; }
void blk_set_write_cache(BlockBackend *blk, bool writeback) { blk->write_cache = writeback; }
BlockOnError blk_on_error(const BlockBackend *blk, bool is_read) { return is_read ? blk->on_read_error : blk->on_write_error; }

void blk_set_on_error(BlockBackend *blk, BlockOnError on_read_error, BlockOnError on_write_error)
{
    blk->on_read_error = on_read_error;
    blk->on_write_error = on_write_error;
}

BlockStats *blk_stats(BlockBackend *blk) { return &blk->stats; }

void blk_get_limits(const BlockBackend *blk, BlockLimits *limits)
{
    *limits = blk->root ? blk->root->node->limits : (BlockLimits){ .request_alignment = 1, .memory_alignment = 1 };
}

uint64_t blk_max_transfer(const BlockBackend *blk)
{
    BlockLimits l;
    blk_get_limits(blk, &l);
    return ROUND_DOWN(l.max_transfer ? MIN(l.max_transfer, BLOCK_MAX_REQUEST) : BLOCK_MAX_REQUEST, MAX(l.request_alignment, SECTOR_SIZE));
}

int blk_max_iov(const BlockBackend *blk)
{
    BlockLimits l;
    blk_get_limits(blk, &l);
    return l.max_iov ? l.max_iov : 1024;
}

/* ---- events ---- */
static void (*event_hook)(const char *event, GVariant *data);

void block_set_event_hook(void (*fn)(const char *event, GVariant *data)) { event_hook = fn; }

void block_send_event(const char *event, GVariant *data)
{
    g_autoptr(GVariant) own = g_variant_ref_sink(data);
    if (event_hook) {
        event_hook(event, own);
    }
}
