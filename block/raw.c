/*
 * The raw format: the file's bytes as they are, or a window of them (options offset and size).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/internal.h"

#include "util/bits.h"
#include "util/error.h"

#include <errno.h>
#include <string.h>

typedef struct RawState { uint64_t offset, size; bool has_size; } RawState;

static bool raw_open(BlockNode *node, KeyVals *options, GError **err)
{
    RawState *s = node->state;
    if (!node->file && !block_open_child(node, options, "file", err)) {
        return false;
    }
    s->has_size = keyvals_has(options, "size");
    if (!keyvals_get_size(options, "offset", &s->offset, err) || !keyvals_get_size(options, "size", &s->size, err)) {
        return false;
    }
    node->supported_write_flags = node->file->node->supported_write_flags;
    node->supported_zero_flags = node->file->node->supported_zero_flags;
    if (!s->offset && !s->has_size) {
        return true;
    }
    int64_t length = block_getlength(node->file->node);
    if (length < 0) {
        return error_set_errno(err, (int)-length, "Could not get image size");
    }
    if (s->offset > (uint64_t)length) {
        return error_set(err, "Offset (%" G_GUINT64_FORMAT ") cannot be greater than size of the containing file (%" G_GINT64_FORMAT ")", s->offset,
                         length);
    }
    if (s->has_size && s->size > (uint64_t)length - s->offset) {
        return error_set(err, "The sum of offset (%" G_GUINT64_FORMAT ") and size (%" G_GUINT64_FORMAT ") has to be smaller or equal to the  actual size of "
                         "the containing file (%" G_GINT64_FORMAT ")", s->offset, s->size, length);
    }
    if (s->has_size && s->size % SECTOR_SIZE) {
        return error_set(err, "Specified size is not multiple of %" G_GUINT64_FORMAT, SECTOR_SIZE);
    }
    return true;
}

static int64_t raw_getlength(BlockNode *node)
{
    RawState *s = node->state;
    int64_t length = block_getlength(node->file->node);
    if (length < 0) {
        return length;
    }
    return s->has_size ? (int64_t)s->size : MAX(length - (int64_t)s->offset, 0);
}

static int64_t file_offset(BlockNode *node, int64_t offset) { return offset + (int64_t)((RawState *)node->state)->offset; }

static int coroutine_fn raw_co_preadv(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags)
{
    return block_co_preadv(node->file->node, file_offset(node, offset), bytes, qiov, flags);
}

static int coroutine_fn raw_co_pwritev(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags)
{
    uint8_t sector[512];
    if (node->probed && offset == 0 && io_vector_read(qiov, 0, sector, sizeof(sector)) == sizeof(sector) && block_probe_changes(sector)) {
        return -EPERM;
    }
    return block_co_pwritev(node->file->node, file_offset(node, offset), bytes, qiov, flags);
}

static int coroutine_fn raw_co_pwrite_zeroes(BlockNode *node, int64_t offset, int64_t bytes, unsigned flags)
{
    return block_co_pwrite_zeroes(node->file->node, file_offset(node, offset), bytes, flags);
}

static int coroutine_fn raw_co_pdiscard(BlockNode *node, int64_t offset, int64_t bytes)
{
    return block_co_pdiscard(node->file->node, file_offset(node, offset), bytes);
}

static int coroutine_fn raw_co_block_status(BlockNode *node, bool want_zero, int64_t offset, int64_t bytes, int64_t *pnum, int64_t *map, BlockNode **file)
{
    *pnum = bytes;
    *map = file_offset(node, offset);
    *file = node->file->node;
    return BLOCK_STATUS_RAW | BLOCK_STATUS_OFFSET_VALID;
}

static int coroutine_fn raw_co_truncate(BlockNode *node, int64_t length, bool exact, bool prealloc, unsigned flags, GError **err)
{
    RawState *s = node->state;
    if (s->has_size) {
        error_set(err, "Cannot resize fixed-size raw disks");
        return -ENOTSUP;
    }
    return block_co_truncate(node->file->node, length + (int64_t)s->offset, exact, prealloc, flags, err);
}

static int coroutine_fn raw_co_ioctl(BlockNode *node, unsigned long request, void *buf)
{
    BlockNode *file = node->file->node;
    return file->driver->co_ioctl && !((RawState *)node->state)->offset ? file->driver->co_ioctl(file, request, buf) : -ENOTSUP;
}

static void raw_refresh_limits(BlockNode *node, BlockLimits *limits)
{
    *limits = node->file->node->limits;
    if (node->probed) {
        /* So that a write to block 0 is seen whole. */
        limits->request_alignment = MAX(limits->request_alignment, 512);
    }
}

static bool raw_is_inserted(BlockNode *node)
{
    BlockNode *file = node->file->node;
    return !file->driver->is_inserted || file->driver->is_inserted(file);
}

static void raw_eject(BlockNode *node, bool eject)
{
    BlockNode *file = node->file->node;
    if (file->driver->eject) {
        file->driver->eject(file, eject);
    }
}

static void raw_lock_medium(BlockNode *node, bool locked)
{
    BlockNode *file = node->file->node;
    if (file->driver->lock_medium) {
        file->driver->lock_medium(file, locked);
    }
}

static void raw_child_perm(BlockNode *node, const BlockChild *child, unsigned perm, unsigned shared, unsigned *child_perm, unsigned *child_shared)
{
    *child_perm = perm;
    *child_shared = shared;
}

static int raw_probe(const uint8_t *buf, size_t len, const char *filename) { return 1; }

static int64_t raw_get_allocated_size(BlockNode *node)
{
    BlockNode *file = node->file->node;
    return file->driver->get_allocated_size ? file->driver->get_allocated_size(file) : -ENOTSUP;
}

static const char *const raw_options[] = { "offset", "size", NULL };
static const BlockDriver raw = {
    .name = "raw", .state_size = sizeof(RawState), .runtime_options = raw_options, .probe = raw_probe, .open = raw_open, .getlength = raw_getlength,
    .co_preadv = raw_co_preadv, .co_pwritev = raw_co_pwritev, .co_pwrite_zeroes = raw_co_pwrite_zeroes, .co_pdiscard = raw_co_pdiscard,
    .co_block_status = raw_co_block_status, .co_truncate = raw_co_truncate, .co_ioctl = raw_co_ioctl, .refresh_limits = raw_refresh_limits,
    .is_inserted = raw_is_inserted, .eject = raw_eject, .lock_medium = raw_lock_medium, .child_perm = raw_child_perm,
    .get_allocated_size = raw_get_allocated_size,
};
REGISTER_BLOCK_DRIVER(raw)
