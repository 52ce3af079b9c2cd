/*
 * The options of nodes: flattened keys, prefixes, what every node takes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/internal.h"

#include "util/error.h"

#include <string.h>

KeyVals *options_take_prefix(KeyVals *options, const char *prefix)
{
    KeyVals *sub = keyvals_new();
    size_t len = strlen(prefix);
    for (unsigned n = 0; n < options->items->len;) {
        KeyVal *item = g_ptr_array_index(options->items, n);
        if (strncmp(item->key, prefix, len) != 0) {
            n++;
            continue;
        }
        keyvals_set(sub, item->key + len, item->value);
        g_ptr_array_remove_index(options->items, n);    /* frees the item */
    }
    return sub;
}

bool options_any_prefix(const KeyVals *options, const char *prefix)
{
    for (unsigned n = 0; n < options->items->len; n++) {
        const KeyVal *item = g_ptr_array_index(options->items, n);
        if (g_str_has_prefix(item->key, prefix)) {
            return true;
        }
    }
    return false;
}

const char *options_first_unused(const KeyVals *options)
{
    for (unsigned n = 0; n < options->items->len; n++) {
        const KeyVal *item = g_ptr_array_index(options->items, n);
        if (!item->used) {
            return item->key;
        }
    }
    return NULL;
}

void options_merge(KeyVals *into, KeyVals *from)
{
    for (unsigned n = 0; n < from->items->len; n++) {
        const KeyVal *item = g_ptr_array_index(from->items, n);
        keyvals_set(into, item->key, item->value);
    }
}

static bool parse_bool_key(KeyVals *options, const char *key, bool *value, GError **err)
{
    const char *text = keyvals_get(options, key);
    if (text && !parse_bool(text, value)) {
        return error_set(err, "Parameter '%s' expects 'on' or 'off'", key);
    }
    return true;
}

bool node_options_parse(KeyVals *options, BlockNodeOptions *o, GError **err)
{
    if (!parse_bool_key(options, "read-only", &o->read_only, err) || !parse_bool_key(options, "auto-read-only", &o->auto_read_only, err) ||
        !parse_bool_key(options, "force-share", &o->force_share, err) || !parse_bool_key(options, "cache.direct", &o->cache_direct, err) ||
        !parse_bool_key(options, "cache.no-flush", &o->cache_no_flush, err)) {
        return false;
    }
    const char *discard = keyvals_get(options, "discard"), *detect = keyvals_get(options, "detect-zeroes");
    if (discard) {
        bool unmap = g_str_equal(discard, "unmap") || g_str_equal(discard, "on");
        if (!unmap && !g_str_equal(discard, "ignore") && !g_str_equal(discard, "off")) {
            return error_set(err, "Invalid discard option");
        }
        o->discard = unmap;
    }
    if (detect) {
        if (g_str_equal(detect, "off")) {
            o->detect_zeroes = DETECT_ZEROES_OFF;
        } else if (g_str_equal(detect, "on")) {
            o->detect_zeroes = DETECT_ZEROES_ON;
        } else if (g_str_equal(detect, "unmap")) {
            o->detect_zeroes = DETECT_ZEROES_UNMAP;
        } else {
            return error_set(err, "invalid parameter value: %s", detect);
        }
    }
    if (o->detect_zeroes == DETECT_ZEROES_UNMAP && !o->discard) {
        return error_set(err, "setting detect-zeroes to unmap is not allowed without setting discard operation to unmap");
    }
    if (o->force_share && !o->read_only) {
        return error_set(err, "force-share=on can only be used with read-only images");
    }
    return true;
}
