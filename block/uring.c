/*
 * Linux io_uring (io_uring(7)): one ring for the main loop. Requests are put into the ring under the machine lock by any thread; the main thread
 * submits them, so that the kernel's completions interrupt no vCPU. Where the kernel has no io_uring (or forbids it), uring_available is false and the
 * thread pool does the work.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/internal.h"
#include "ostrich-config.h"

#include "util/main-loop.h"

#include <errno.h>

#ifdef CONFIG_LINUX_IO_URING
#include <liburing.h>

#define RING_ENTRIES 256

typedef struct UringRequest { Coroutine *co; int result; bool done; struct UringRequest *next; } UringRequest;

static struct io_uring ring;
static enum { RING_UNKNOWN, RING_READY, RING_ABSENT } ring_state;
static unsigned plugged;
static bool submit_pending;
static unsigned in_ring;            /* given to the kernel or about to be; never more than the completion queue holds */
static CoQueue room_waiters;
static BottomHalf *submit_bh;
static UringRequest *finished, **finished_last = &finished;
static bool entering;

/* Takes what has completed off the ring; the coroutines are entered by enter_finished. */
static void reap(void)
{
    struct io_uring_cqe *cqe;
    while (io_uring_peek_cqe(&ring, &cqe) == 0) {
        UringRequest *r = io_uring_cqe_get_data(cqe);
        r->result = cqe->res;
        r->done = true;
        io_uring_cqe_seen(&ring, cqe);
        in_ring--;
        if (r->co) {
            r->next = NULL;
            *finished_last = r;
            finished_last = &r->next;
        }
    }
}

static void enter_finished(void)
{
    if (entering || !g_main_context_is_owner(NULL)) {
        if (finished) {
            bottom_half_schedule(submit_bh);
        }
        return;
    }
    entering = true;
    while (finished) {
        UringRequest *r = finished;
        finished = r->next;
        if (!finished) {
            finished_last = &finished;
        }
        Coroutine *co = r->co;
        coroutine_enter(co);
    }
    entering = false;
    while (in_ring < RING_ENTRIES && co_queue_next(&room_waiters)) {
    }
}

static void submit(void)
{
    submit_pending = false;
    int result;
    do {
        result = io_uring_submit(&ring);
    } while (result == -EINTR);
    if (result < 0 && (result == -EAGAIN || result == -EBUSY)) {
        submit_pending = true;
        bottom_half_schedule(submit_bh);
    }
    reap();
}

static void submit_later(void *opaque)
{
    if (submit_pending) {
        submit();
    }
    enter_finished();
}

static bool ring_readable(int fd, GIOCondition condition, void *opaque)
{
    reap();
    enter_finished();
    return true;
}

bool uring_available(void)
{
    if (ring_state == RING_UNKNOWN) {
        ring_state = RING_ABSENT;
        if (io_uring_queue_init(RING_ENTRIES, &ring, 0) == 0) {
            ring_state = RING_READY;
            submit_bh = bottom_half_new(submit_later, NULL);
            fd_watch_add(ring.ring_fd, G_IO_IN, ring_readable, NULL);
        }
    }
    return ring_state == RING_READY;
}

static struct io_uring_sqe *coroutine_fn get_entry(void)
{
    struct io_uring_sqe *sqe;
    while (in_ring >= RING_ENTRIES || !(sqe = io_uring_get_sqe(&ring))) {
        if (submit_pending && g_main_context_is_owner(NULL)) {
            submit();
            if (in_ring < RING_ENTRIES) {
                continue;
            }
        }
        co_queue_wait(&room_waiters);
    }
    in_ring++;
    return sqe;
}

static int coroutine_fn run(struct io_uring_sqe *sqe)
{
    UringRequest r = { 0 };
    io_uring_sqe_set_data(sqe, &r);
    submit_pending = true;
    if (!plugged && g_main_context_is_owner(NULL)) {
        /* Reads from the page cache complete here. */
        submit();
        if (finished) {
            bottom_half_schedule(submit_bh);
        }
    } else if (!plugged) {
        bottom_half_schedule(submit_bh);
    }
    if (!r.done) {
        r.co = coroutine_self();
        coroutine_yield();
    }
    return r.result;
}

int coroutine_fn uring_readv(int fd, const struct iovec *iov, int count, int64_t offset)
{
    struct io_uring_sqe *sqe = get_entry();
    io_uring_prep_readv(sqe, fd, iov, count, offset);
    return run(sqe);
}

int coroutine_fn uring_writev(int fd, const struct iovec *iov, int count, int64_t offset)
{
    struct io_uring_sqe *sqe = get_entry();
    io_uring_prep_writev(sqe, fd, iov, count, offset);
    return run(sqe);
}

int coroutine_fn uring_fdatasync(int fd)
{
    struct io_uring_sqe *sqe = get_entry();
    io_uring_prep_fsync(sqe, fd, IORING_FSYNC_DATASYNC);
    return run(sqe);
}

void uring_plug(void) { plugged++; }

void uring_unplug(void)
{
    if (--plugged || !submit_pending) {
        return;
    }
    if (g_main_context_is_owner(NULL)) {
        submit();
        if (finished) {
            bottom_half_schedule(submit_bh);
        }
    } else {
        bottom_half_schedule(submit_bh);
    }
}

#else

bool uring_available(void) { return false; }
int coroutine_fn uring_readv(int fd, const struct iovec *iov, int count, int64_t offset) { return -ENOSYS; }
int coroutine_fn uring_writev(int fd, const struct iovec *iov, int count, int64_t offset) { return -ENOSYS; }
int coroutine_fn uring_fdatasync(int fd) { return -ENOSYS; }
void uring_plug(void) { }
void uring_unplug(void) { }

#endif
