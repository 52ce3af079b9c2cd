/*
 * Nodes without an image: "null-co" and "null-aio" read as anything or zeroes and forget what is written; for measuring and for tests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/internal.h"

#include "util/bits.h"
#include "util/error.h"

#include <errno.h>

typedef struct NullState { uint64_t size, latency_ns; bool read_zeroes; } NullState;

static bool null_open(BlockNode *node, KeyVals *options, GError **err)
{
    NullState *s = node->state;
    s->size = GiB;
    keyvals_get(options, "filename");
    if (!keyvals_get_size(options, "size", &s->size, err) || !keyvals_get_uint64(options, "latency-ns", &s->latency_ns, err) ||
        !keyvals_get_bool(options, "read-zeroes", &s->read_zeroes, err)) {
        return false;
    }
    if (s->size > (uint64_t)BLOCK_MAX_LENGTH || s->latency_ns > INT64_MAX) {
        return error_set(err, "%s is invalid", s->size > (uint64_t)BLOCK_MAX_LENGTH ? "size" : "latency-ns");
    }
    node->supported_write_flags = node->supported_zero_flags = BLOCK_REQ_FUA;
    return true;
}

static bool null_parse_filename(const char *filename, KeyVals *options, GError **err)
{
    return *filename == 0 || g_str_equal(filename, "//") || error_set(err, "The only allowed filename for this driver is 'null-co://'");
}

static int64_t null_getlength(BlockNode *node) { return (int64_t)((NullState *)node->state)->size; }

static int coroutine_fn wait(BlockNode *node)
{
    NullState *s = node->state;
    if (s->latency_ns && !block_in_sync()) {
        co_sleep_ns((long long)s->latency_ns);
    }
    return 0;
}

static int coroutine_fn null_co_preadv(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags)
{
    if (((NullState *)node->state)->read_zeroes) {
        io_vector_set(qiov, 0, 0, bytes);
    }
    return wait(node);
}
static int coroutine_fn null_co_pwritev(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags) { return wait(node); }
static int coroutine_fn null_co_pwrite_zeroes(BlockNode *node, int64_t offset, int64_t bytes, unsigned flags) { return wait(node); }
static int coroutine_fn null_co_pdiscard(BlockNode *node, int64_t offset, int64_t bytes) { return wait(node); }
static int coroutine_fn null_co_flush(BlockNode *node) { return wait(node); }

static int coroutine_fn null_co_block_status(BlockNode *node, bool want_zero, int64_t offset, int64_t bytes, int64_t *pnum, int64_t *map, BlockNode **file)
{
    *pnum = bytes;
    *map = offset;
    *file = node;
    return BLOCK_STATUS_OFFSET_VALID | (((NullState *)node->state)->read_zeroes ? BLOCK_STATUS_ZERO : BLOCK_STATUS_DATA);
}

static const char *const null_options[] = { "filename", "size", "latency-ns", "read-zeroes", NULL };
#define NULL_DRIVER(variable, text) \
    static const BlockDriver variable = { \
        .name = text, .protocol = text, .state_size = sizeof(NullState), .is_protocol = true, .runtime_options = null_options, .open = null_open, \
        .parse_filename = null_parse_filename, .getlength = null_getlength, .co_preadv = null_co_preadv, .co_pwritev = null_co_pwritev, \
        .co_pwrite_zeroes = null_co_pwrite_zeroes, .co_pdiscard = null_co_pdiscard, .co_flush_to_disk = null_co_flush, \
        .co_block_status = null_co_block_status, \
    }; \
    REGISTER_BLOCK_DRIVER(variable)
NULL_DRIVER(null_co, "null-co")
NULL_DRIVER(null_aio, "null-aio")
