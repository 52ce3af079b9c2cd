/*
 * -blockdev and blockdev-add, blockdev-del: nodes by their own names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/internal.h"

#include "util/bits.h"
#include "util/error.h"

#include <string.h>

static const char *const common_keys[] = {
    "driver", "node-name", "discard", "cache.direct", "cache.no-flush", "read-only", "auto-read-only", "force-share", "detect-zeroes", NULL
};

static bool needs_file(const BlockDriver *driver) { return !driver->is_protocol; }

static bool key_is_known(const BlockDriver *driver, const char *key)
{
    return g_strv_contains(common_keys, key) || (driver->runtime_options && g_strv_contains(driver->runtime_options, key)) ||
           (needs_file(driver) && (g_str_equal(key, "file") || g_str_has_prefix(key, "file.")));
}

/* The keys against what the drivers take, as a schema would say it. prefix: for messages. */
static bool check_keys(KeyVals *options, const char *prefix, GError **err)
{
    const char *name = keyvals_get(options, "driver");
    const BlockDriver *driver = name ? block_driver_find(name) : NULL;
    if (!driver) {
        return name ? error_set(err, "Parameter '%sdriver' does not accept value '%s'", prefix, name) : error_set(err, "Parameter '%sdriver' is missing", prefix);
    }
    for (unsigned n = 0; n < options->items->len; n++) {
        const KeyVal *item = g_ptr_array_index(options->items, n);
        if (!key_is_known(driver, item->key)) {
            g_autofree char *first = g_strndup(item->key, strcspn(item->key, "."));
            return error_set(err, "Parameter '%s%s' is unexpected", prefix, first);
        }
    }
    if (!needs_file(driver)) {
        return true;
    }
    if (!options_any_prefix(options, "file.")) {
        return keyvals_has(options, "file") || error_set(err, "Parameter '%sfile' is missing", prefix);
    }
    g_autoptr(KeyVals) all = keyvals_copy(options), sub = options_take_prefix(all, "file.");
    g_autofree char *longer = g_strdup_printf("%sfile.", prefix);
    return check_keys(sub, longer, err);
}

BlockNode *blockdev_add(KeyVals *options, GError **err)
{
    if (!check_keys(options, "", err)) {
        return NULL;
    }
    if (!keyvals_has(options, "node-name")) {
        error_set(err, "'node-name' must be specified for the root node");
        return NULL;
    }
    BlockNode *node = block_open(NULL, NULL, options, NULL, err);
    if (node) {
        node->monitor_owned = true;
    }
    return node;
}

bool blockdev_add_text(const char *text, GError **err)
{
    g_autoptr(KeyVals) options = NULL;
    if (*text == '{') {
        options = keyvals_new();
        if (!options_from_json(text, options, err)) {
            return false;
        }
    } else {
        options = keyvals_parse(text, "driver", NULL, err);
    }
    return options && blockdev_add(options, err);
}

bool blockdev_del(const char *node_name, GError **err)
{
    BlockNode *node = block_node_find(node_name);
    if (!node) {
        return error_set(err, "Failed to find node with node-name='%s'", node_name);
    }
    if (node->parents->len) {
        g_autofree char *who = child_parent_describe(g_ptr_array_index(node->parents, 0));
        return error_set(err, "Node '%s' is busy: node is used by %s", node_name, who);
    }
    if (!node->monitor_owned) {
        return error_set(err, "Node %s is not owned by the monitor", node_name);
    }
    node->monitor_owned = false;
    block_node_unref(node);
    return true;
}
