/*
 * Commands on disks and their images.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/commands-block.h"

#include "block/drive.h"
#include "hw/core/device.h"
#include "util/error.h"
#include "util/json.h"
#include "util/timer.h"

#include <string.h>

typedef GVariantBuilder Dict;
static void dict_begin(Dict *d) { g_variant_builder_init(d, G_VARIANT_TYPE_VARDICT); }
static void put_text(Dict *d, const char *key, const char *text) { g_variant_builder_add(d, "{sv}", key, g_variant_new_string(text)); }
static void put_int(Dict *d, const char *key, int64_t n) { g_variant_builder_add(d, "{sv}", key, g_variant_new_int64(n)); }
static void put_bool(Dict *d, const char *key, bool b) { g_variant_builder_add(d, "{sv}", key, g_variant_new_boolean(b)); }

/* ---- images ---- */

static BlockNode *backing_of(const BlockNode *node) { return node->backing ? node->backing->node : NULL; }

enum { CHAIN_MAX = 200 };

static GVariant *image_info(BlockNode *node, int depth)
{
    Dict d;
    BlockSpecificInfo info = { 0 };
    int64_t allocated = node->driver->get_allocated_size ? node->driver->get_allocated_size(node) : -1;
    BlockNode *backing = backing_of(node);
    bool specific = node->driver->get_info && node->driver->get_info(node, &info);
    dict_begin(&d);
    put_int(&d, "virtual-size", node->length);
    put_text(&d, "filename", node->filename ? node->filename : "");
    put_text(&d, "format", node->driver->name);
    if (allocated >= 0) {
        put_int(&d, "actual-size", allocated);
    }
    put_bool(&d, "dirty-flag", specific && info.is_dirty);
    if (specific && info.cluster_size) {
        put_int(&d, "cluster-size", info.cluster_size);
    }
    if (specific && info.format_specific) {
        g_variant_builder_add(&d, "{sv}", "format-specific", info.format_specific);
    }
    if (backing) {
        put_text(&d, "backing-filename", backing->filename ? backing->filename : "");
        put_text(&d, "full-backing-filename", backing->filename ? backing->filename : "");
        put_text(&d, "backing-filename-format", backing->driver->name);
        if (depth < CHAIN_MAX) {
            g_variant_builder_add(&d, "{sv}", "backing-image", image_info(backing, depth + 1));
        }
    }
    return g_variant_builder_end(&d);
}

static int chain_depth(const BlockNode *node)
{
    int depth = 0;
    for (const BlockNode *at = node; (at = backing_of(at)) && depth < CHAIN_MAX;) {
        depth++;
    }
    return depth;
}

static GVariant *node_info(BlockNode *node, const BlockBackend *blk)
{
    static const char *const zeroes[] = { "off", "on", "unmap" }, *const limits[] = { "iops", "iops_rd", "iops_wr", "bps", "bps_rd", "bps_wr" };
    Dict d, cache;
    dict_begin(&cache);
    put_bool(&cache, "no-flush", node->options.cache_no_flush);
    put_bool(&cache, "direct", node->options.cache_direct);
    put_bool(&cache, "writeback", !blk || blk_write_cache_enabled(blk));
    dict_begin(&d);
    put_text(&d, "file", node->filename ? node->filename : "");
    put_text(&d, "node-name", node->node_name);
    put_text(&d, "drv", node->driver->name);
    put_bool(&d, "ro", block_node_is_read_only(node));
    put_bool(&d, "encrypted", node->encrypted);
    put_bool(&d, "active", true);
    put_text(&d, "detect_zeroes", zeroes[node->options.detect_zeroes]);
    put_int(&d, "write_threshold", (int64_t)node->write_threshold);
    put_int(&d, "backing_file_depth", chain_depth(node));
    if (backing_of(node) && backing_of(node)->filename) {
        put_text(&d, "backing_file", backing_of(node)->filename);
    }
    for (unsigned n = 0; n < G_N_ELEMENTS(limits); n++) {
        put_int(&d, limits[n], 0);
    }
    g_variant_builder_add(&d, "{sv}", "cache", g_variant_builder_end(&cache));
    g_variant_builder_add(&d, "{sv}", "children", g_variant_new_array(G_VARIANT_TYPE_VARDICT, NULL, 0));
    g_variant_builder_add(&d, "{sv}", "image", image_info(node, 0));
    return g_variant_builder_end(&d);
}

GVariant *query_named_block_nodes(void)
{
    GVariantBuilder list;
    g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
    for (BlockNode *node = block_node_next(NULL); node; node = block_node_next(node)) {
        g_variant_builder_add_value(&list, node_info(node, NULL));
    }
    return g_variant_builder_end(&list);
}

/* ---- disks ---- */

static char *device_path(const BlockBackend *blk)
{
    struct Device *dev = blk_device(blk);
    return dev ? object_path((Object *)dev) : NULL;
}

static GVariant *disk_info(BlockBackend *blk)
{
    Dict d;
    g_autofree char *path = device_path(blk);
    dict_begin(&d);
    put_text(&d, "device", blk_name(blk));
    if (path) {
        put_text(&d, "qdev", path);
    }
    put_text(&d, "type", "unknown");
    put_bool(&d, "removable", blk_dev_is_removable(blk));
    put_bool(&d, "locked", blk_is_medium_locked(blk));
    if (blk_has_tray(blk)) {
        put_bool(&d, "tray_open", blk_is_tray_open(blk));
    }
    if (blk_device(blk)) {
        put_text(&d, "io-status", "ok");
    }
    if (blk_node(blk)) {
        g_variant_builder_add(&d, "{sv}", "inserted", node_info(blk_node(blk), blk));
    }
    return g_variant_builder_end(&d);
}

/* Anonymous ones are told of while a device has them. */
static bool is_listed(const BlockBackend *blk) { return *blk_name(blk) || blk_device(blk); }

GVariant *query_block(void)
{
    GVariantBuilder list;
    g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
    for (BlockBackend *blk = blk_next(NULL); blk; blk = blk_next(blk)) {
        if (is_listed(blk)) {
            g_variant_builder_add_value(&list, disk_info(blk));
        }
    }
    return g_variant_builder_end(&list);
}

static GVariant *stats_info(BlockBackend *blk)
{
    static const char *const names[BLOCK_ACCT_COUNT] = { "rd", "wr", "flush", "unmap" };
    const BlockStats *s = blk_stats(blk);
    Dict d;
    dict_begin(&d);
    for (int n = 0; n < BLOCK_ACCT_COUNT; n++) {
        const struct { const char *format; uint64_t value; bool flush_too; } counts[] = {
            { "%s_bytes", s->bytes[n], false }, { "%s_operations", s->operations[n], true }, { "failed_%s_operations", s->failed[n], true },
            { "invalid_%s_operations", s->invalid[n], true }, { "%s_merged", s->merged[n], false }, { "%s_total_time_ns", s->total_time_ns[n], true },
        };
        for (unsigned k = 0; k < G_N_ELEMENTS(counts); k++) {
            if (n != BLOCK_ACCT_FLUSH || counts[k].flush_too) {
                g_autoptr(GString) key = g_string_new(counts[k].format);
                g_string_replace(key, "%s", names[n], 1);
                put_int(&d, key->str, (int64_t)counts[k].value);
            }
        }
    }
    put_int(&d, "wr_highest_offset", blk_node(blk) ? (int64_t)blk_node(blk)->wr_highest_offset : 0);
    if (s->last_access_ns) {
        put_int(&d, "idle_time_ns", clock_get_ns(CLOCK_TYPE_REALTIME) - s->last_access_ns);
    }
    put_bool(&d, "account_invalid", s->account_invalid);
    put_bool(&d, "account_failed", s->account_failed);
    g_variant_builder_add(&d, "{sv}", "timed_stats", g_variant_new_array(G_VARIANT_TYPE_VARDICT, NULL, 0));
    return g_variant_builder_end(&d);
}

GVariant *query_blockstats(void)
{
    GVariantBuilder list;
    g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
    for (BlockBackend *blk = blk_next(NULL); blk; blk = blk_next(blk)) {
        if (!is_listed(blk)) {
            continue;
        }
        Dict d;
        g_autofree char *path = device_path(blk);
        dict_begin(&d);
        put_text(&d, "device", blk_name(blk));
        if (path) {
            put_text(&d, "qdev", path);
        }
        if (blk_node(blk)) {
            put_text(&d, "node-name", blk_node(blk)->node_name);
        }
        g_variant_builder_add(&d, "{sv}", "stats", stats_info(blk));
        g_variant_builder_add_value(&list, g_variant_builder_end(&d));
    }
    return g_variant_builder_end(&list);
}

/* ---- changing ---- */

BlockBackend *command_find_disk(const char *drive, const char *device, GError **err)
{
    BlockBackend *blk = drive ? blk_find(drive) : NULL;
    Device *dev = !blk ? device_find(device ? device : drive ? drive : "") : NULL;
    for (BlockBackend *b = dev ? blk_next(NULL) : NULL; b && !blk; b = blk_next(b)) {
        blk = blk_device(b) == dev ? b : NULL;
    }
    if (!blk) {
        error_set_class(err, ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", drive ? drive : device ? device : "");
    }
    return blk;
}

static int coroutine_fn truncate_node(BlockNode *node, int64_t size, GError **err) { return block_co_truncate(node, size, false, false, 0, err); }

typedef struct Resize { BlockNode *node; int64_t size; GError *error; int result; } Resize;

static void coroutine_fn run_resize(void *opaque)
{
    Resize *r = opaque;
    r->result = truncate_node(r->node, r->size, &r->error);
}

bool command_block_resize(const char *drive, const char *node_name, int64_t size, GError **err)
{
    BlockBackend *blk = drive ? blk_find(drive) : NULL;
    BlockNode *node = blk ? blk_node(blk) : node_name ? block_node_find(node_name) : drive ? block_node_find(drive) : NULL;
    if (!node) {
        return error_set_class(err, ERROR_DEVICE_NOT_FOUND, "Cannot find device='%s' nor node-name='%s'", drive ? drive : "", node_name ? node_name : "");
    }
    if (size < 0) {
        return error_set(err, "Parameter 'size' expects a >0 size");
    }
    if (blk) {
        return blk_truncate(blk, size, err) >= 0;
    }
    Resize r = { .node = node, .size = size };
    block_run_sync(run_resize, &r);
    if (r.error) {
        g_propagate_error(err, r.error);
    }
    return r.result >= 0 || (err && *err ? false : error_set_errno(err, -r.result, "Could not resize"));
}

bool command_blockdev_add(GVariant *dict, GError **err)
{
    g_autofree char *text = json_to_text(dict, false);
    return blockdev_add_text(text, err);
}

bool command_commit(const char *drive, GError **err)
{
    if (strcmp(drive, "all") && !blk_find(drive)) {
        return error_set_class(err, ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", drive);
    }
    return error_set(err, "commit: not implemented");
}
