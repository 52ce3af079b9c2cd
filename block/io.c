/*
 * Requests to nodes: checks, alignment, order among overlapping requests, splitting, and what a driver cannot do itself.
 *
 * A request whose ends do not lie on the node's request alignment is padded: reads go through a buffer, writes read the blocks at the ends, change
 * them and write them back, and keep everybody else away from these blocks meanwhile ("serialise").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/internal.h"

#include "util/bits.h"
#include "util/error.h"
#include "util/main-loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BOUNCE_BYTES (1u << 20)     /* a piece of a request that goes through a buffer */
#define ZERO_BYTES (1u << 20)

struct TrackedRequest {
    TrackedRequest *next, **link;
    BlockNode *node;
    int64_t offset, bytes;          /* with the padding, when it serialises */
    bool serialising, is_write;
    TrackedRequest *waiting_for;
    Coroutine *co;
    CoQueue waiters;
};

/* ---- waiting for progress from outside coroutines ---- */
static GCond progress_cond;
static unsigned progress_waiters;

void block_progress(void)
{
    if (progress_waiters) {
        g_cond_broadcast(&progress_cond);
    }
}

void block_wait_progress(void)
{
    if (g_main_context_is_owner(NULL)) {
        main_loop_iterate(true);
        return;
    }
    progress_waiters++;
    machine_cond_wait_ns(&progress_cond, 50 * 1000 * 1000);
    progress_waiters--;
}

/* ---- synchronous calls ---- */
typedef struct SyncCall { CoroutineEntry *entry; void *opaque; Coroutine *co; bool done; struct SyncCall *next; } SyncCall;
static SyncCall *sync_calls;

static void coroutine_fn sync_entry(void *opaque)
{
    SyncCall *call = opaque;
    call->entry(call->opaque);
    call->done = true;
    block_progress();
    if (!g_main_context_is_owner(NULL)) {
        main_loop_wake();
    }
}

void block_run_sync(CoroutineEntry *entry, void *opaque)
{
    if (in_coroutine()) {
        entry(opaque);
        return;
    }
    SyncCall call = { .entry = entry, .opaque = opaque, .next = sync_calls };
    call.co = coroutine_create(sync_entry, &call);
    sync_calls = &call;
    coroutine_enter(call.co);
    while (!call.done) {
        block_wait_progress();
    }
    SyncCall **link = &sync_calls;
    while (*link != &call) {
        link = &(*link)->next;
    }
    *link = call.next;
}

bool block_in_sync(void)
{
    if (!sync_calls) {
        return false;
    }
    Coroutine *self = coroutine_self();
    for (SyncCall *call = sync_calls; call; call = call->next) {
        if (call->co == self) {
            return true;
        }
    }
    return false;
}

/* ---- requests in flight ---- */
static void tracked_begin(TrackedRequest *r, BlockNode *node, int64_t offset, int64_t bytes, bool is_write)
{
    *r = (TrackedRequest){ .next = node->tracked, .link = &node->tracked, .node = node, .offset = offset, .bytes = bytes, .is_write = is_write };
    r->co = coroutine_self();
    if (r->next) {
        r->next->link = &r->next;
    }
    node->tracked = r;
    node->in_flight++;
}

static void tracked_end(TrackedRequest *r)
{
    *r->link = r->next;
    if (r->next) {
        r->next->link = r->link;
    }
    if (r->serialising) {
        r->node->serialising--;
    }
    r->node->in_flight--;
    co_queue_all(&r->waiters);
    block_progress();
}

static bool overlaps(const TrackedRequest *a, const TrackedRequest *b)
{
    return a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes;
}

/* Waits while another request is in the way: one of the two serialises. Who waits for us already is not waited for. */
static void coroutine_fn wait_serialising(TrackedRequest *self)
{
    bool again = self->serialising || self->node->serialising;
    while (again) {
        again = false;
        for (TrackedRequest *r = self->node->tracked; r; r = r->next) {
            if (r == self || !(r->serialising || self->serialising) || !overlaps(r, self) || r->co == self->co) {
                continue;
            }
            if (r->waiting_for) {
                continue;
            }
            self->waiting_for = r;
            co_queue_wait(&r->waiters);
            self->waiting_for = NULL;
            again = true;
            break;
        }
    }
}

static void make_serialising(TrackedRequest *r, uint64_t align)
{
    int64_t end = ROUND_UP(r->offset + r->bytes, (int64_t)align);
    r->offset = ROUND_DOWN(r->offset, (int64_t)align);
    r->bytes = end - r->offset;
    if (!r->serialising) {
        r->serialising = true;
        r->node->serialising++;
    }
}

static int check_range(const BlockNode *node, int64_t offset, int64_t bytes)
{
    return offset < 0 || bytes < 0 || bytes > BLOCK_MAX_LENGTH - offset ? -EIO : !node->driver ? -ENOMEDIUM : 0;
}

void *block_memory_alloc(const BlockNode *node, size_t bytes)
{
    void *memory;
    size_t align = MAX(node ? node->limits.memory_alignment : 1, 4096);
    return posix_memalign(&memory, align, MAX(bytes, 1)) == 0 ? memory : NULL;
}

/* ---- the driver's reads and writes, with the memory that it wants; everything is aligned ---- */
typedef int coroutine_fn DriverRw(BlockNode *, int64_t, int64_t, IoVector *, unsigned);

static int coroutine_fn rw_bounced(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, size_t qiov_offset, unsigned flags, bool is_write)
{
    size_t room = MIN(bytes, (int64_t)BOUNCE_BYTES);
    void *buf = block_memory_alloc(node, room);
    if (!buf) {
        return -ENOMEM;
    }
    int result = 0;
    for (int64_t done = 0; done < bytes && result >= 0;) {
        int64_t piece = MIN(bytes - done, (int64_t)room);
        IoVector part;
        io_vector_init_buffer(&part, buf, piece);
        if (is_write) {
            io_vector_read(qiov, qiov_offset + done, buf, piece);
            result = node->driver->co_pwritev(node, offset + done, piece, &part, flags);
        } else {
            result = node->driver->co_preadv(node, offset + done, piece, &part, flags);
            if (result >= 0) {
                io_vector_write(qiov, qiov_offset + done, buf, piece);
            }
        }
        done += piece;
    }
    free(buf);
    return result;
}

static int coroutine_fn rw_part(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, size_t qiov_offset, unsigned flags, bool is_write)
{
    DriverRw *rw = is_write ? node->driver->co_pwritev : node->driver->co_preadv;
    if (!rw) {
        return -ENOTSUP;
    }
    bool whole = qiov_offset == 0 && (int64_t)qiov->size == bytes;
    IoVector part = { 0 }, *use = qiov;
    if (!whole) {
        io_vector_add_part(&part, qiov, qiov_offset, bytes);
        use = &part;
    }
    int result;
    if (node->limits.memory_alignment > 1 && !io_vector_is_aligned(use, node->limits.memory_alignment)) {
        result = rw_bounced(node, offset, bytes, use, 0, flags, is_write);
    } else {
        result = rw(node, offset, bytes, use, flags);
    }
    io_vector_clear(&part);
    return result;
}

static int coroutine_fn rw_aligned(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, size_t qiov_offset, unsigned flags, bool is_write)
{
    uint64_t max = node->limits.max_transfer ? node->limits.max_transfer : BLOCK_MAX_REQUEST;
    if ((uint64_t)bytes <= max) {
        return rw_part(node, offset, bytes, qiov, qiov_offset, flags, is_write);
    }
    for (int64_t done = 0; done < bytes;) {
        int64_t piece = MIN(bytes - done, (int64_t)max);
        int result = rw_part(node, offset + done, piece, qiov, qiov_offset + done, flags, is_write);
        if (result < 0) {
            return result;
        }
        done += piece;
    }
    return 0;
}

/* ---- reads ---- */
/* Through a buffer with aligned ends, a piece at a time. */
static int coroutine_fn read_unaligned(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags)
{
    int64_t align = node->limits.request_alignment, room = MAX(BOUNCE_BYTES, 2 * align);
    int64_t start = ROUND_DOWN(offset, align), end = ROUND_UP(offset + bytes, align);
    room = MIN(room, end - start);
    uint8_t *buf = block_memory_alloc(node, room);
    if (!buf) {
        return -ENOMEM;
    }
    int result = 0;
    for (int64_t at = start; at < end && result >= 0;) {
        int64_t piece = MIN(end - at, room);
        IoVector part;
        io_vector_init_buffer(&part, buf, piece);
        result = rw_aligned(node, at, piece, &part, 0, flags, false);
        if (result >= 0) {
            int64_t from = MAX(at, offset), to = MIN(at + piece, offset + bytes);
            io_vector_write(qiov, from - offset, buf + (from - at), to - from);
        }
        at += piece;
    }
    free(buf);
    return result;
}

int coroutine_fn block_co_preadv(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags)
{
    int result = check_range(node, offset, bytes);
    if (result < 0 || bytes == 0) {
        return result;
    }
    /* Behind the end there are zeroes. */
    int64_t align = node->limits.request_alignment, limit = ROUND_UP(node->length, align), have = bytes;
    if (offset + bytes > limit) {
        have = MAX(limit - offset, 0);
        io_vector_set(qiov, have, 0, bytes - have);
        if (!have) {
            return 0;
        }
    }
    TrackedRequest r;
    tracked_begin(&r, node, offset, have, false);
    wait_serialising(&r);
    if (((offset | have) & (align - 1)) == 0) {
        result = rw_aligned(node, offset, have, qiov, 0, flags, false);
    } else {
        result = read_unaligned(node, offset, have, qiov, flags);
    }
    tracked_end(&r);
    return result < 0 ? result : 0;
}

/* ---- writes ---- */
static void written(BlockNode *node, int64_t end)
{
    node->write_gen++;
    node->wr_highest_offset = MAX(node->wr_highest_offset, (uint64_t)end);
    if (end > node->length && node->driver->getlength) {
        node_set_length(node, end);
    }
}

/* Reads the aligned block at `at`, puts [from, to) of the request into it, writes it back. */
static int coroutine_fn write_block_part(BlockNode *node, int64_t at, int64_t from, int64_t to, IoVector *qiov, int64_t request_offset, unsigned flags)
{
    int64_t align = node->limits.request_alignment;
    uint8_t *buf = block_memory_alloc(node, align);
    if (!buf) {
        return -ENOMEM;
    }
    IoVector part;
    io_vector_init_buffer(&part, buf, align);
    int result = 0;
    if (at >= node->length) {
        memset(buf, 0, align);
    } else {
        result = rw_aligned(node, at, align, &part, 0, 0, false);
    }
    if (result >= 0) {
        if (qiov) {
            io_vector_read(qiov, from - request_offset, buf + (from - at), to - from);
        } else {
            memset(buf + (from - at), 0, to - from);
        }
        io_vector_init_buffer(&part, buf, align);
        result = rw_aligned(node, at, align, &part, 0, flags, true);
    }
    free(buf);
    return result;
}

static int coroutine_fn write_unaligned(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags)
{
    int64_t align = node->limits.request_alignment, end = offset + bytes, at = ROUND_DOWN(offset, align);
    int result = 0;
    if (offset != at || end < at + align) {
        int64_t to = MIN(end, at + align);
        result = write_block_part(node, at, offset, to, qiov, offset, flags);
        at += align;
    }
    int64_t middle_end = ROUND_DOWN(end, align);
    if (result >= 0 && middle_end > at) {
        result = rw_aligned(node, at, middle_end - at, qiov, at - offset, flags, true);
        at = middle_end;
    }
    if (result >= 0 && at < end) {
        result = write_block_part(node, at, at, end, qiov, offset, flags);
    }
    return result;
}

static int coroutine_fn zeroes_aligned(BlockNode *node, int64_t offset, int64_t bytes, unsigned flags);

static int coroutine_fn do_write(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags)
{
    int64_t align = node->limits.request_alignment;
    unsigned pass = flags & node->supported_write_flags;
    bool aligned = ((offset | bytes) & (align - 1)) == 0;
    if (aligned && node->options.detect_zeroes != DETECT_ZEROES_OFF && io_vector_is_zero(qiov, 0, bytes)) {
        unsigned zero_flags = flags | (node->options.detect_zeroes == DETECT_ZEROES_UNMAP ? BLOCK_REQ_MAY_UNMAP : 0);
        return zeroes_aligned(node, offset, bytes, zero_flags);
    }
    int result = aligned ? rw_aligned(node, offset, bytes, qiov, 0, pass, true) : write_unaligned(node, offset, bytes, qiov, pass);
    return result < 0 ? result : 0;
}

static int coroutine_fn finish_write(TrackedRequest *r, int64_t end, unsigned flags, unsigned supported, int result)
{
    BlockNode *node = r->node;
    if (result >= 0) {
        written(node, end);
    }
    tracked_end(r);
    if (result >= 0 && (flags & BLOCK_REQ_FUA) && !(supported & BLOCK_REQ_FUA)) {
        result = block_co_flush(node);
    }
    return result < 0 ? result : 0;
}

static int check_write(const BlockNode *node, int64_t offset, int64_t bytes)
{
    return node->options.read_only ? -EPERM : check_range(node, offset, bytes);
}

int coroutine_fn block_co_pwritev(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags)
{
    int result = check_write(node, offset, bytes);
    if (result < 0 || bytes == 0) {
        return result;
    }
    int64_t align = node->limits.request_alignment;
    TrackedRequest r;
    tracked_begin(&r, node, offset, bytes, true);
    if (((offset | bytes) & (align - 1)) || (flags & BLOCK_REQ_SERIALISING)) {
        make_serialising(&r, align);
    }
    wait_serialising(&r);
    result = do_write(node, offset, bytes, qiov, flags);
    return finish_write(&r, offset + bytes, flags, node->supported_write_flags, result);
}

/* ---- zeroes ---- */
static int coroutine_fn write_zero_buffers(BlockNode *node, int64_t offset, int64_t bytes, unsigned flags)
{
    int64_t room = MIN(bytes, (int64_t)ZERO_BYTES);
    uint8_t *buf = block_memory_alloc(node, room);
    if (!buf) {
        return -ENOMEM;
    }
    memset(buf, 0, room);
    int result = 0;
    for (int64_t done = 0; done < bytes && result >= 0;) {
        int64_t piece = MIN(bytes - done, room);
        IoVector part;
        io_vector_init_buffer(&part, buf, piece);
        result = rw_aligned(node, offset + done, piece, &part, 0, flags & node->supported_write_flags, true);
        done += piece;
    }
    free(buf);
    return result;
}

static int coroutine_fn zeroes_aligned(BlockNode *node, int64_t offset, int64_t bytes, unsigned flags)
{
    const BlockLimits *l = &node->limits;
    int64_t max = l->max_write_zeroes ? (int64_t)l->max_write_zeroes : bytes, align = MAX(l->write_zeroes_alignment, l->request_alignment);
    for (int64_t done = 0; done < bytes;) {
        int64_t at = offset + done, piece = bytes - done;
        int result = -ENOTSUP;
        /* Up to the driver's own alignment, then in steps of it. */
        if (at % align) {
            piece = MIN(piece, align - at % align);
        } else {
            if (piece > align) {
                piece = ROUND_DOWN(piece, align);
            }
            piece = MIN(piece, max);
            if (node->driver->co_pwrite_zeroes && piece % align == 0) {
                result = node->driver->co_pwrite_zeroes(node, at, piece, flags & (node->supported_zero_flags | BLOCK_REQ_MAY_UNMAP | BLOCK_REQ_NO_FALLBACK));
            }
        }
        if (result == -ENOTSUP) {
            result = flags & BLOCK_REQ_NO_FALLBACK ? -ENOTSUP : write_zero_buffers(node, at, piece, flags);
        }
        if (result < 0) {
            return result;
        }
        done += piece;
    }
    return 0;
}

int coroutine_fn block_co_pwrite_zeroes(BlockNode *node, int64_t offset, int64_t bytes, unsigned flags)
{
    int result = check_write(node, offset, bytes);
    if (result < 0 || bytes == 0) {
        return result;
    }
    if (!node->options.discard) {
        flags &= ~BLOCK_REQ_MAY_UNMAP;
    }
    int64_t align = node->limits.request_alignment, end = offset + bytes, at = ROUND_DOWN(offset, align);
    TrackedRequest r;
    tracked_begin(&r, node, offset, bytes, true);
    if ((offset | bytes) & (align - 1)) {
        make_serialising(&r, align);
    }
    wait_serialising(&r);
    if (offset != at || end < at + align) {
        result = write_block_part(node, at, offset, MIN(end, at + align), NULL, offset, 0);
        at += align;
    }
    int64_t middle_end = ROUND_DOWN(end, align);
    if (result >= 0 && middle_end > at) {
        result = zeroes_aligned(node, at, middle_end - at, flags);
        at = middle_end;
    }
    if (result >= 0 && at < end) {
        result = write_block_part(node, at, at, end, NULL, offset, 0);
    }
    return finish_write(&r, end, flags, node->supported_zero_flags & node->supported_write_flags, result);
}

/* ---- discard ---- */
int coroutine_fn block_co_pdiscard(BlockNode *node, int64_t offset, int64_t bytes)
{
    int result = check_write(node, offset, bytes);
    if (result < 0 || bytes == 0 || !node->options.discard || !node->driver->co_pdiscard) {
        return result;
    }
    const BlockLimits *l = &node->limits;
    int64_t align = MAX(MAX(l->discard_alignment, l->request_alignment), 1), max = l->max_discard ? (int64_t)l->max_discard : BLOCK_MAX_LENGTH;
    int64_t start = ROUND_UP(offset, align), end = offset + bytes;
    /* The image's last, partial block counts as whole. */
    end = end >= node->length ? node->length : ROUND_DOWN(end, align);
    TrackedRequest r;
    tracked_begin(&r, node, offset, bytes, true);
    wait_serialising(&r);
    while (start < end) {
        int64_t piece = MIN(end - start, max);
        result = node->driver->co_pdiscard(node, start, piece);
        if (result < 0 && result != -ENOTSUP) {
            break;
        }
        result = 0;
        start += piece;
    }
    node->write_gen++;
    tracked_end(&r);
    return result;
}

/* ---- flush ---- */
static int coroutine_fn flush_once(BlockNode *node)
{
    uint64_t gen = node->write_gen;
    int result = node->driver->co_flush_to_os ? node->driver->co_flush_to_os(node) : 0;
    if (result >= 0 && !node->options.cache_no_flush && gen != node->flushed_gen) {
        result = node->driver->co_flush_to_disk ? node->driver->co_flush_to_disk(node) : 0;
    }
    for (unsigned n = 0; n < node->children->len && result >= 0; n++) {
        BlockChild *child = g_ptr_array_index(node->children, n);
        if (!child->node->options.read_only) {
            result = block_co_flush(child->node);
        }
    }
    if (result >= 0) {
        node->flushed_gen = MAX(node->flushed_gen, gen);
    }
    return result;
}

int coroutine_fn block_co_flush(BlockNode *node)
{
    if (node->options.read_only) {
        return 0;
    }
    node->in_flight++;
    while (node->flush_active) {
        co_queue_wait(&node->flush_queue);
    }
    node->flush_active = true;
    int result = flush_once(node);
    node->flush_active = false;
    co_queue_next(&node->flush_queue);
    node->in_flight--;
    block_progress();
    return result < 0 ? result : 0;
}

/* ---- the rest ---- */
int coroutine_fn block_co_truncate(BlockNode *node, int64_t length, bool exact, bool prealloc, unsigned flags, GError **err)
{
    if (node->options.read_only) {
        error_set(err, "Image is read-only");
        return -EACCES;
    }
    if (length < 0 || length > BLOCK_MAX_LENGTH) {
        error_set(err, "Image size is out of range");
        return -EINVAL;
    }
    int result = -ENOTSUP;
    if (node->driver->co_truncate) {
        TrackedRequest r;
        tracked_begin(&r, node, MIN(length, node->length), BLOCK_MAX_LENGTH - MIN(length, node->length), true);
        make_serialising(&r, 1);
        wait_serialising(&r);
        result = node->driver->co_truncate(node, length, exact, prealloc, flags, err);
        node->write_gen++;
        tracked_end(&r);
    } else {
        error_set(err, "Image format driver does not support resize");
    }
    if (result >= 0) {
        int64_t now = block_getlength(node);
        node_set_length(node, now >= 0 ? now : node->length);
    }
    return result;
}

int coroutine_fn block_co_block_status(BlockNode *node, bool want_zero, int64_t offset, int64_t bytes, int64_t *pnum, int64_t *map, BlockNode **file)
{
    int64_t unused_map;
    BlockNode *unused_file;
    map = map ? map : &unused_map;
    file = file ? file : &unused_file;
    *pnum = 0;
    *file = NULL;
    if (offset >= node->length) {
        return 0;
    }
    bytes = MIN(bytes, node->length - offset);
    if (bytes <= 0) {
        return 0;
    }
    if (!node->driver->co_block_status) {
        *pnum = bytes;
        *map = offset;
        *file = node->driver->is_protocol ? node : NULL;
        return BLOCK_STATUS_DATA | BLOCK_STATUS_ALLOCATED | (node->driver->is_protocol ? BLOCK_STATUS_OFFSET_VALID : 0);
    }
    int result = node->driver->co_block_status(node, want_zero, offset, bytes, pnum, map, file);
    if (result < 0) {
        return result;
    }
    *pnum = CLAMP(*pnum, 1, bytes);
    if ((result & BLOCK_STATUS_RAW) && *file) {
        return block_co_block_status(*file, want_zero, *map, *pnum, pnum, map, file);
    }
    return result | (result & (BLOCK_STATUS_DATA | BLOCK_STATUS_ZERO) ? BLOCK_STATUS_ALLOCATED : 0);
}

int coroutine_fn block_co_pread(BlockNode *node, int64_t offset, int64_t bytes, void *buf, unsigned flags)
{
    IoVector v;
    io_vector_init_buffer(&v, buf, bytes);
    return block_co_preadv(node, offset, bytes, &v, flags);
}

int coroutine_fn block_co_pwrite(BlockNode *node, int64_t offset, int64_t bytes, const void *buf, unsigned flags)
{
    IoVector v;
    io_vector_init_buffer(&v, (void *)buf, bytes);
    return block_co_pwritev(node, offset, bytes, &v, flags);
}

/* ---- from outside coroutines ---- */
typedef struct NodeCall { BlockNode *node; int64_t offset, bytes; void *buf; unsigned flags; int result; } NodeCall;

static void coroutine_fn pread_entry(void *opaque)
{
    NodeCall *c = opaque;
    c->result = block_co_pread(c->node, c->offset, c->bytes, c->buf, c->flags);
}

static void coroutine_fn pwrite_entry(void *opaque)
{
    NodeCall *c = opaque;
    c->result = block_co_pwrite(c->node, c->offset, c->bytes, c->buf, c->flags);
}

static void coroutine_fn flush_entry(void *opaque)
{
    NodeCall *c = opaque;
    c->result = block_co_flush(c->node);
}

static int run(CoroutineEntry *entry, NodeCall c)
{
    block_run_sync(entry, &c);
    return c.result;
}

int block_pread(BlockNode *node, int64_t offset, int64_t bytes, void *buf, unsigned flags)
{
    return run(pread_entry, (NodeCall){ node, offset, bytes, buf, flags, 0 });
}

int block_pwrite(BlockNode *node, int64_t offset, int64_t bytes, const void *buf, unsigned flags)
{
    return run(pwrite_entry, (NodeCall){ node, offset, bytes, (void *)buf, flags, 0 });
}

int block_flush(BlockNode *node) { return run(flush_entry, (NodeCall){ .node = node }); }
