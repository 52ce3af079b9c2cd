/*
 * Disks in QMP: the faces that the table of qmp-commands.c names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/qmp-block.h"
#include "monitor/commands-block.h"

#include "util/error.h"

#include <string.h>

static const char *text_of(GVariant *args, const char *key)
{
    const char *text = NULL;
    if (args) {
        g_variant_lookup(args, key, "&s", &text);
    }
    return text;
}

static bool flag(GVariant *args, const char *key)
{
    gboolean value = FALSE;
    if (args) {
        g_variant_lookup(args, key, "b", &value);
    }
    return value;
}

#define RUN(n) bool qmp_run_##n(GVariant *args, GVariant **result, GError **err)
#define TEXT(key) text_of(args, key)

RUN(query_block) { *result = query_block(); return true; }
RUN(query_named_block_nodes) { *result = query_named_block_nodes(); return true; }
RUN(query_blockstats) { *result = query_blockstats(); return true; }
RUN(blockdev_add) { return command_blockdev_add(args, err); }
RUN(blockdev_del) { return blockdev_del(TEXT("node-name"), err); }

RUN(block_resize)
{
    int64_t size = 0;
    g_variant_lookup(args, "size", "x", &size);
    return command_block_resize(TEXT("device"), TEXT("node-name"), size, err);
}

static BlockBackend *disk(GVariant *args, GError **err) { return command_find_disk(TEXT("device"), TEXT("id"), err); }

RUN(eject)
{
    BlockBackend *blk = disk(args, err);
    return blk && blk_eject(blk, flag(args, "force"), err);
}

RUN(blockdev_change_medium)
{
    const char *mode = TEXT("read-only-mode");
    bool read_only = mode && !strcmp(mode, "read-only");
    BlockBackend *blk = disk(args, err);
    if (mode && !read_only && strcmp(mode, "retain") && strcmp(mode, "read-write")) {
        return blk ? error_set(err, "Parameter 'read-only-mode' does not accept value '%s'", mode) : false;
    }
    return blk && blk_change_medium(blk, TEXT("filename"), TEXT("format"), flag(args, "force"), mode && strcmp(mode, "retain") ? &read_only : NULL, err);
}

RUN(blockdev_remove_medium)
{
    BlockBackend *blk = disk(args, err);
    if (!blk) {
        return false;
    }
    if (blk_has_tray(blk) && !blk_is_tray_open(blk)) {
        return error_set(err, "Tray of device '%s' is not open", TEXT("id") ? TEXT("id") : TEXT("device"));
    }
    blk_remove(blk);
    return true;
}

RUN(blockdev_insert_medium)
{
    BlockBackend *blk = disk(args, err);
    BlockNode *node = blk ? block_node_find(TEXT("node-name")) : NULL;
    if (blk && !node) {
        return error_set(err, "Node '%s' not found", TEXT("node-name"));
    }
    if (blk && blk_node(blk)) {
        return error_set(err, "There already is a medium in device '%s'", TEXT("id") ? TEXT("id") : TEXT("device"));
    }
    return blk && blk_insert(blk, node, err);
}
