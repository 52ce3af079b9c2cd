/*
 * The temporary overlay of snapshot=on: what is written goes to an unlinked file and is gone at the end; everything else is read from the image below.
 * Blocks of 4 KiB are the node's request alignment, so that a block lies in one of the two as a whole and the request layer does the copying.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/internal.h"

#include "util/bits.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { BLOCK_BITS = 12, BLOCK_BYTES = 1 << BLOCK_BITS, MAP_BLOCKS = 4096 };

/* Which blocks are in the overlay: a bit each, in pieces made when they are needed. */
typedef struct OverlayState { GHashTable *maps; /* index of a piece -> uint64_t[MAP_BLOCKS / 64] */ } OverlayState;

static uint64_t *map_of(OverlayState *s, int64_t block, bool make)
{
    gint64 index = block / MAP_BLOCKS;
    uint64_t *map = g_hash_table_lookup(s->maps, &index);
    if (!map && make) {
        map = g_new0(uint64_t, MAP_BLOCKS / 64);
        g_hash_table_insert(s->maps, g_memdup2(&index, sizeof(index)), map);
    }
    return map;
}

static bool block_is_here(OverlayState *s, int64_t block)
{
    const uint64_t *map = map_of(s, block, false);
    return map && (map[block % MAP_BLOCKS / 64] >> (block % 64) & 1);
}

static void mark(OverlayState *s, int64_t offset, int64_t bytes)
{
    for (int64_t block = offset >> BLOCK_BITS; block < (offset + bytes) >> BLOCK_BITS; block++) {
        map_of(s, block, true)[block % MAP_BLOCKS / 64] |= BIT(block % 64);
    }
}

/* How many bytes from offset on lie in the same place. */
static int64_t run_length(OverlayState *s, int64_t offset, int64_t bytes, bool *here)
{
    int64_t block = offset >> BLOCK_BITS, end = (offset + bytes + BLOCK_BYTES - 1) >> BLOCK_BITS, at = block + 1;
    *here = block_is_here(s, block);
    while (at < end && block_is_here(s, at) == *here) {
        if (!*here && at % MAP_BLOCKS == 0 && !map_of(s, at, false)) {
            at += MAP_BLOCKS;       /* a whole piece that was never written */
        } else {
            at++;
        }
    }
    return MIN((at << BLOCK_BITS) - offset, bytes);
}

static int coroutine_fn overlay_co_preadv(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags)
{
    OverlayState *s = node->state;
    for (int64_t done = 0; done < bytes;) {
        bool here;
        int64_t piece = run_length(s, offset + done, bytes - done, &here);
        IoVector part = { 0 };
        io_vector_add_part(&part, qiov, done, piece);
        int result = block_co_preadv(here ? node->file->node : node->backing->node, offset + done, piece, &part, 0);
        io_vector_clear(&part);
        if (result < 0) {
            return result;
        }
        done += piece;
    }
    return 0;
}

static int coroutine_fn overlay_co_pwritev(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags)
{
    int result = block_co_pwritev(node->file->node, offset, bytes, qiov, 0);
    if (result >= 0) {
        mark(node->state, offset, bytes);
    }
    return result;
}

static int coroutine_fn overlay_co_pwrite_zeroes(BlockNode *node, int64_t offset, int64_t bytes, unsigned flags)
{
    int result = block_co_pwrite_zeroes(node->file->node, offset, bytes, BLOCK_REQ_MAY_UNMAP);
    if (result >= 0) {
        mark(node->state, offset, bytes);
    }
    return result;
}

static int coroutine_fn overlay_co_block_status(BlockNode *node, bool want_zero, int64_t offset, int64_t bytes, int64_t *pnum, int64_t *map, BlockNode **file)
{
    bool here;
    *pnum = run_length(node->state, offset, bytes, &here);
    *map = offset;
    *file = here ? node->file->node : node->backing->node;
    return here ? BLOCK_STATUS_DATA | BLOCK_STATUS_OFFSET_VALID | BLOCK_STATUS_ALLOCATED : BLOCK_STATUS_RAW;
}

static int64_t overlay_getlength(BlockNode *node) { return node->backing ? node->backing->node->length : 0; }

static void overlay_refresh_limits(BlockNode *node, BlockLimits *limits)
{
    limits->request_alignment = BLOCK_BYTES;
    limits->memory_alignment = node->backing ? MAX(limits->memory_alignment, node->backing->node->limits.memory_alignment) : limits->memory_alignment;
}

static void overlay_close(BlockNode *node) { g_hash_table_unref(((OverlayState *)node->state)->maps); }

static const BlockDriver overlay = {
    .name = "temporary-overlay", .state_size = sizeof(OverlayState), .supports_backing = true, .close = overlay_close, .getlength = overlay_getlength,
    .co_preadv = overlay_co_preadv, .co_pwritev = overlay_co_pwritev, .co_pwrite_zeroes = overlay_co_pwrite_zeroes,
    .co_block_status = overlay_co_block_status, .refresh_limits = overlay_refresh_limits,
};

static int temporary_file(const char **dir)
{
    const char *tmpdir = g_getenv("TMPDIR");
    *dir = tmpdir && *tmpdir ? tmpdir : "/var/tmp";
    int fd = open(*dir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (fd >= 0) {
        return fd;
    }
    /* File systems without O_TMPFILE. */
    g_autofree char *name = g_strdup_printf("%s/vl.XXXXXX", *dir);
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0) {
        unlink(name);
    }
    return fd < 0 ? -errno : fd;
}

BlockNode *block_overlay_new(BlockNode *backing, GError **err)
{
    const char *dir;
    int fd = temporary_file(&dir);
    if (fd < 0) {
        error_set_errno(err, -fd, "Could not create a temporary file in '%s'", dir);
        block_node_unref(backing);
        return NULL;
    }
    BlockNodeOptions options = { .cache_no_flush = true, .discard = true };
    BlockNode *node = node_new(&overlay, NULL, &options, err), *file = block_file_from_fd(fd, "temporary file", false, err);
    OverlayState *s = node->state;
    s->maps = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    node->temporary = true;
    node->filename = g_strdup(backing->filename);
    if (!block_attach_child(node, file, "file", err)) {
        block_node_unref(backing);
        block_node_unref(node);
        return NULL;
    }
    if (!block_attach_child(node, backing, "backing", err)) {
        block_node_unref(node);
        return NULL;
    }
    block_refresh_limits(node);
    block_getlength(node);
    return node;
}
