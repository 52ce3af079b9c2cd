/*
 * I/O of back ends: in coroutines, with callbacks, and while the thread waits; drained sections; what becomes of errors.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/internal.h"

#include "system/runstate.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/main-loop.h"
#include "util/timer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- drained sections ---- */
unsigned block_drained_sections;

static bool node_is_quiesced(const BlockNode *node)
{
    if (node->quiesce) {
        return true;
    }
    for (unsigned n = 0; n < node->children->len; n++) {
        if (node_is_quiesced(((BlockChild *)g_ptr_array_index(node->children, n))->node)) {
            return true;
        }
    }
    return false;
}

bool blk_is_quiesced(const BlockBackend *blk) { return block_drained_sections && blk->root && node_is_quiesced(blk->root->node); }

static bool busy(const BlockNode *node)
{
    for (BlockBackend *blk = NULL; (blk = blk_next(blk));) {
        if (blk->in_flight && blk->root && node_contains(blk->root->node, node)) {
            return true;
        }
    }
    return node->in_flight != 0;
}

void block_drained_begin(BlockNode *node)
{
    block_drained_sections++;
    node->quiesce++;
    if (node->driver->drain_begin) {
        node->driver->drain_begin(node);
    }
    for (BlockBackend *blk = NULL; (blk = blk_next(blk));) {
        if (blk->ops && blk->ops->drained_begin && blk->root && node_contains(blk->root->node, node)) {
            blk->ops->drained_begin(blk->ops_opaque);
        }
    }
    while (busy(node)) {
        block_wait_progress();
    }
}

void block_drained_end(BlockNode *node)
{
    if (node->driver->drain_end) {
        node->driver->drain_end(node);
    }
    node->quiesce--;
    block_drained_sections--;
    for (BlockBackend *blk = NULL; (blk = blk_next(blk));) {
        if (blk->ops && blk->ops->drained_end && blk->root && node_contains(blk->root->node, node)) {
            blk->ops->drained_end(blk->ops_opaque);
        }
    }
    blk_wake_drained();
}

void blk_wake_drained(void)
{
    for (BlockBackend *blk = NULL; (blk = blk_next(blk));) {
        co_queue_all(&blk->drained_waiters);
    }
}

void blk_drain(BlockBackend *blk)
{
    while (blk->in_flight) {
        block_wait_progress();
    }
}

unsigned blk_in_flight(const BlockBackend *blk) { return blk->in_flight; }

void block_drain_all(void)
{
    for (BlockBackend *blk = NULL; (blk = blk_next(blk));) {
        blk_drain(blk);
    }
}

int block_flush_all(void)
{
    int result = 0;
    for (BlockBackend *blk = NULL; (blk = blk_next(blk));) {
        if (blk_is_inserted(blk)) {
            int one = blk_flush(blk);
            result = result < 0 ? result : one;
        }
    }
    return result;
}

/* ---- requests ---- */
static void coroutine_fn request_begin(BlockBackend *blk)
{
    while (blk_is_quiesced(blk)) {
        co_queue_wait(&blk->drained_waiters);
    }
    blk->in_flight++;
}

static void request_end(BlockBackend *blk)
{
    blk->in_flight--;
    block_progress();
}

static int check_medium(const BlockBackend *blk) { return blk_is_available(blk) ? 0 : -ENOMEDIUM; }

static int check_range(const BlockBackend *blk, int64_t offset, int64_t bytes)
{
    int result = check_medium(blk);
    if (result < 0) {
        return result;
    }
    int64_t length = blk->root->node->length;
    return offset < 0 || bytes < 0 || offset > length || bytes > length - offset ? -EIO : 0;
}

static int finish(BlockBackend *blk, int kind, int64_t bytes, int64_t start_ns, int result)
{
    BlockStats *s = &blk->stats;
    int64_t now = clock_get_ns(CLOCK_TYPE_REALTIME);
    if (result < 0) {
        s->failed[kind]++;
    } else {
        s->bytes[kind] += bytes;
        s->operations[kind]++;
    }
    if (result >= 0 || s->account_failed) {
        s->total_time_ns[kind] += now - start_ns;
        s->last_access_ns = now;
    }
    request_end(blk);
    return result;
}

/* check: an expression that is negative when the request cannot be; action: the request. */
#define REQUEST(blk, kind, bytes, check, action) \
    request_begin(blk); \
    int64_t start_ns = clock_get_ns(CLOCK_TYPE_REALTIME); \
    int result = (check); \
    if (result < 0) { \
        blk->stats.invalid[kind]++; \
        request_end(blk); \
        return result; \
    } \
    /* The medium stays while the request runs. */ \
    BlockNode *node = block_node_ref(blk->root->node); \
    result = (action); \
    result = finish(blk, kind, bytes, start_ns, result); \
    block_node_unref(node); \
    return result

int coroutine_fn blk_co_preadv(BlockBackend *blk, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags)
{
    REQUEST(blk, BLOCK_ACCT_READ, bytes, check_range(blk, offset, bytes), block_co_preadv(node, offset, bytes, qiov, flags));
}

int coroutine_fn blk_co_pwritev(BlockBackend *blk, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags)
{
    flags |= blk->write_cache ? 0 : BLOCK_REQ_FUA;
    REQUEST(blk, BLOCK_ACCT_WRITE, bytes, check_range(blk, offset, bytes), block_co_pwritev(node, offset, bytes, qiov, flags));
}

int coroutine_fn blk_co_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes, unsigned flags)
{
    flags |= blk->write_cache ? 0 : BLOCK_REQ_FUA;
    REQUEST(blk, BLOCK_ACCT_WRITE, bytes, check_range(blk, offset, bytes), block_co_pwrite_zeroes(node, offset, bytes, flags));
}

int coroutine_fn blk_co_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes)
{
    REQUEST(blk, BLOCK_ACCT_UNMAP, bytes, check_range(blk, offset, bytes), block_co_pdiscard(node, offset, bytes));
}

int coroutine_fn blk_co_flush(BlockBackend *blk)
{
    REQUEST(blk, BLOCK_ACCT_FLUSH, 0, check_medium(blk), block_co_flush(node));
}

int coroutine_fn blk_co_ioctl(BlockBackend *blk, unsigned long request, void *buf)
{
    request_begin(blk);
    int result = check_medium(blk);
    if (result == 0) {
        BlockNode *node = block_node_ref(blk->root->node);
        result = node->driver->co_ioctl ? node->driver->co_ioctl(node, request, buf) : -ENOTSUP;
        block_node_unref(node);
    }
    request_end(blk);
    return result;
}

/* ---- with callbacks ---- */
enum { AIO_READ, AIO_WRITE, AIO_ZEROES, AIO_DISCARD, AIO_FLUSH, AIO_IOCTL };

struct BlockAio {
    BlockBackend *blk;
    int kind;
    int64_t offset, bytes;
    IoVector *qiov;
    unsigned flags;
    unsigned long request;
    void *buf;
    BlockCompletion *done;
    void *opaque;
    int result;
    bool returned, completed;
};

static void aio_complete(void *opaque)
{
    BlockAio *aio = opaque;
    if (aio->done) {
        aio->done(aio->opaque, aio->result);
    }
    blk_unref(aio->blk);
    g_free(aio);
}

static int coroutine_fn aio_run(BlockAio *a)
{
    switch (a->kind) {
    case AIO_READ: return blk_co_preadv(a->blk, a->offset, a->bytes, a->qiov, a->flags);
    case AIO_WRITE: return blk_co_pwritev(a->blk, a->offset, a->bytes, a->qiov, a->flags);
    case AIO_ZEROES: return blk_co_pwrite_zeroes(a->blk, a->offset, a->bytes, a->flags);
    case AIO_DISCARD: return blk_co_pdiscard(a->blk, a->offset, a->bytes);
    case AIO_FLUSH: return blk_co_flush(a->blk);
    default: return blk_co_ioctl(a->blk, a->request, a->buf);
    }
}

static void coroutine_fn aio_entry(void *opaque)
{
    BlockAio *aio = opaque;
    aio->result = aio_run(aio);
    if (!aio->returned) {
        /* The callback comes later: blk_drain waits for it. */
        aio->blk->in_flight++;
        aio->completed = true;
        return;
    }
    aio_complete(aio);
    block_progress();
}

static void aio_complete_later(void *opaque)
{
    BlockAio *aio = opaque;
    aio->blk->in_flight--;
    aio_complete(aio);
    block_progress();
}

static BlockAio *aio_start(const BlockAio *request)
{
    BlockAio *aio = g_new(BlockAio, 1);
    *aio = *request;
    blk_ref(aio->blk);
    coroutine_enter(coroutine_create(aio_entry, aio));
    aio->returned = true;
    if (aio->completed) {
        main_loop_schedule(aio_complete_later, aio);
    }
    return aio;
}

BlockAio *blk_aio_preadv(BlockBackend *blk, int64_t offset, IoVector *qiov, unsigned flags, BlockCompletion *done, void *opaque)
{
    return aio_start(&(BlockAio){ .blk = blk, .kind = AIO_READ, .offset = offset, .bytes = qiov->size, .qiov = qiov, .flags = flags, .done = done, .opaque = opaque });
}

BlockAio *blk_aio_pwritev(BlockBackend *blk, int64_t offset, IoVector *qiov, unsigned flags, BlockCompletion *done, void *opaque)
{
    return aio_start(&(BlockAio){ .blk = blk, .kind = AIO_WRITE, .offset = offset, .bytes = qiov->size, .qiov = qiov, .flags = flags, .done = done, .opaque = opaque });
}

BlockAio *blk_aio_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes, unsigned flags, BlockCompletion *done, void *opaque)
{
    return aio_start(&(BlockAio){ .blk = blk, .kind = AIO_ZEROES, .offset = offset, .bytes = bytes, .flags = flags, .done = done, .opaque = opaque });
}

BlockAio *blk_aio_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes, BlockCompletion *done, void *opaque)
{
    return aio_start(&(BlockAio){ .blk = blk, .kind = AIO_DISCARD, .offset = offset, .bytes = bytes, .done = done, .opaque = opaque });
}

BlockAio *blk_aio_flush(BlockBackend *blk, BlockCompletion *done, void *opaque)
{
    return aio_start(&(BlockAio){ .blk = blk, .kind = AIO_FLUSH, .done = done, .opaque = opaque });
}

BlockAio *blk_aio_ioctl(BlockBackend *blk, unsigned long request, void *buf, BlockCompletion *done, void *opaque)
{
    return aio_start(&(BlockAio){ .blk = blk, .kind = AIO_IOCTL, .request = request, .buf = buf, .done = done, .opaque = opaque });
}

void blk_aio_forget(BlockAio *aio) { aio->done = NULL; }

void blk_io_plug(void) { uring_plug(); }
void blk_io_unplug(void) { uring_unplug(); }

/* ---- while the thread waits ---- */
typedef struct BlkCall { BlockBackend *blk; int64_t offset, bytes; void *buf; unsigned flags; int result; GError **err; } BlkCall;

static void coroutine_fn blk_pread_entry(void *opaque)
{
    BlkCall *c = opaque;
    IoVector v;
    io_vector_init_buffer(&v, c->buf, c->bytes);
    c->result = blk_co_preadv(c->blk, c->offset, c->bytes, &v, c->flags);
}

static void coroutine_fn blk_pwrite_entry(void *opaque)
{
    BlkCall *c = opaque;
    IoVector v;
    io_vector_init_buffer(&v, c->buf, c->bytes);
    c->result = blk_co_pwritev(c->blk, c->offset, c->bytes, &v, c->flags);
}

static void coroutine_fn blk_flush_entry(void *opaque)
{
    BlkCall *c = opaque;
    c->result = blk_co_flush(c->blk);
}

static void coroutine_fn blk_truncate_entry(void *opaque)
{
    BlkCall *c = opaque;
    c->result = block_co_truncate(c->blk->root->node, c->offset, false, false, 0, c->err);
}

static int run(CoroutineEntry *entry, BlkCall c)
{
    block_run_sync(entry, &c);
    return c.result;
}

int blk_pread(BlockBackend *blk, int64_t offset, int64_t bytes, void *buf, unsigned flags)
{
    return run(blk_pread_entry, (BlkCall){ blk, offset, bytes, buf, flags, 0, NULL });
}

int blk_pwrite(BlockBackend *blk, int64_t offset, int64_t bytes, const void *buf, unsigned flags)
{
    return run(blk_pwrite_entry, (BlkCall){ blk, offset, bytes, (void *)buf, flags, 0, NULL });
}

int blk_flush(BlockBackend *blk) { return run(blk_flush_entry, (BlkCall){ .blk = blk }); }

int blk_truncate(BlockBackend *blk, int64_t length, GError **err)
{
    if (!blk_is_available(blk)) {
        error_set(err, "No medium inserted");
        return -ENOMEDIUM;
    }
    int result = run(blk_truncate_entry, (BlkCall){ .blk = blk, .offset = length, .err = err });
    if (result >= 0 && blk->ops && blk->ops->resize) {
        blk->ops->resize(blk->ops_opaque);
    }
    return result;
}

/* ---- errors ---- */
BlockErrorAction blk_error_action(const BlockBackend *blk, bool is_read, int error)
{
    switch (blk_on_error(blk, is_read)) {
    case BLOCK_ON_ERROR_ENOSPC:
    case BLOCK_ON_ERROR_AUTO:
        return error == ENOSPC && !is_read ? BLOCK_ERROR_ACTION_STOP : BLOCK_ERROR_ACTION_REPORT;
    case BLOCK_ON_ERROR_STOP:
        return BLOCK_ERROR_ACTION_STOP;
    case BLOCK_ON_ERROR_IGNORE:
        return BLOCK_ERROR_ACTION_IGNORE;
    default:
        return BLOCK_ERROR_ACTION_REPORT;
    }
}

void blk_do_error_action(BlockBackend *blk, BlockErrorAction action, bool is_read, int error)
{
    static const char *const names[] = { "ignore", "report", "stop" };
    GVariantBuilder b;
    g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&b, "{sv}", "device", g_variant_new_string(blk_name(blk)));
    if (blk->root) {
        g_variant_builder_add(&b, "{sv}", "node-name", g_variant_new_string(blk->root->node->node_name));
    }
    g_variant_builder_add(&b, "{sv}", "operation", g_variant_new_string(is_read ? "read" : "write"));
    g_variant_builder_add(&b, "{sv}", "action", g_variant_new_string(names[action]));
    g_variant_builder_add(&b, "{sv}", "nospace", g_variant_new_boolean(error == ENOSPC));
    g_variant_builder_add(&b, "{sv}", "reason", g_variant_new_string(strerror(error)));
    block_send_event("BLOCK_IO_ERROR", g_variant_builder_end(&b));
    if (action == BLOCK_ERROR_ACTION_STOP) {
        vm_stop_request(RUN_STATE_IO_ERROR);
    }
}
