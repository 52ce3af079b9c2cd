/*
 * The main loop on GLib's default main context, the machine lock, bottom halves and watched file descriptors.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/main-loop.h"
#include "util/spin.h"
#include "util/timer-internal.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* ---- the machine lock ---- */

#define LOCK_TRIES 64           /* some ten microseconds */

static GMutex machine_mutex;
static _Thread_local bool machine_mutex_held;

/*
 * It is held for a few microseconds as a rule, and often asked for by whoever its holder has just called for (an interrupt between vCPUs). Going to sleep at once would put
 * that thread behind all others of a busy host, each time: so it tries for a while first.
 */
static void lock_patiently(void)
{
    for (unsigned tries = 0; !g_mutex_trylock(&machine_mutex); tries++) {
        if (tries == LOCK_TRIES) {
            g_mutex_lock(&machine_mutex);
            return;
        }
        for (unsigned i = 0; i < 16; i++) {
            spin_relax();
        }
    }
}

void machine_lock(void)
{
    g_assert(!machine_mutex_held);
    lock_patiently();
    machine_mutex_held = true;
}

void machine_unlock(void)
{
    g_assert(machine_mutex_held);
    machine_mutex_held = false;
    g_mutex_unlock(&machine_mutex);
}

bool machine_lock_held(void)
{
    return machine_mutex_held;
}

void machine_cond_wait(GCond *cond)
{
    machine_mutex_held = false;
    g_cond_wait(cond, &machine_mutex);
    machine_mutex_held = true;
}

bool machine_cond_wait_ns(GCond *cond, int64_t timeout_ns)
{
    machine_mutex_held = false;
    bool signalled = g_cond_wait_until(cond, &machine_mutex, g_get_monotonic_time() + MAX(timeout_ns, 0) / 1000);
    machine_mutex_held = true;
    return signalled;
}

/* ---- bottom halves ---- */

struct BottomHalf {
    MainLoopFunc *fn;
    void *opaque;
    BottomHalf *next;           /* in the pending list; guarded by pending_lock */
    bool pending, one_shot;
};

static GMutex pending_lock;
static BottomHalf *pending_first, **pending_last = &pending_first;
static _Atomic bool pending_any;
static int wake_fd = -1;

void main_loop_wake(void)
{
    if (wake_fd >= 0) {
        uint64_t one = 1;
        int saved_errno = errno;
        /* A full counter wakes as well: the result does not matter. */
        if (write(wake_fd, &one, sizeof(one)) < 0) {
            errno = saved_errno;
        }
    }
}

BottomHalf *bottom_half_new(MainLoopFunc *fn, void *opaque)
{
    BottomHalf *bh = g_new0(BottomHalf, 1);
    bh->fn = fn;
    bh->opaque = opaque;
    return bh;
}

void bottom_half_schedule(BottomHalf *bh)
{
    g_mutex_lock(&pending_lock);
    bool wake = false;
    if (!bh->pending) {
        bh->pending = true;
        bh->next = NULL;
        *pending_last = bh;
        pending_last = &bh->next;
        wake = !atomic_exchange(&pending_any, true);
    }
    g_mutex_unlock(&pending_lock);
    if (wake) {
        main_loop_wake();
    }
}

void bottom_half_cancel(BottomHalf *bh)
{
    g_mutex_lock(&pending_lock);
    if (bh->pending) {
        BottomHalf **link = &pending_first;
        while (*link != bh) {
            link = &(*link)->next;
        }
        *link = bh->next;
        if (pending_last == &bh->next) {
            pending_last = link;
        }
        bh->pending = false;
    }
    g_mutex_unlock(&pending_lock);
}

void bottom_half_free(BottomHalf *bh)
{
    if (bh) {
        bottom_half_cancel(bh);
        g_free(bh);
    }
}

void main_loop_schedule(MainLoopFunc *fn, void *opaque)
{
    BottomHalf *bh = bottom_half_new(fn, opaque);
    bh->one_shot = true;
    bottom_half_schedule(bh);
}

/* Runs what is pending now; what is asked for meanwhile waits for the next round. */
static void bottom_halves_run(void)
{
    g_mutex_lock(&pending_lock);
    atomic_store(&pending_any, false);
    unsigned count = 0;
    for (BottomHalf *bh = pending_first; bh; bh = bh->next) {
        count++;
    }
    while (count-- && pending_first) {
        BottomHalf *bh = pending_first;
        pending_first = bh->next;
        if (!pending_first) {
            pending_last = &pending_first;
        }
        bh->pending = false;
        MainLoopFunc *fn = bh->fn;
        void *opaque = bh->opaque;
        if (bh->one_shot) {
            g_free(bh);
        }
        g_mutex_unlock(&pending_lock);
        fn(opaque);
        g_mutex_lock(&pending_lock);
    }
    if (pending_first) {
        atomic_store(&pending_any, true);
    }
    g_mutex_unlock(&pending_lock);
}

/* ---- the loop's own source: wake-ups and bottom halves ---- */

static gboolean wake_source_prepare(GSource *source, int *timeout_ms)
{
    *timeout_ms = -1;
    return atomic_load(&pending_any);
}

static gboolean wake_source_check(GSource *source)
{
    uint64_t count;
    if (read(wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN) {
        return FALSE;
    }
    return atomic_load(&pending_any);
}

static gboolean wake_source_dispatch(GSource *source, GSourceFunc callback, void *opaque)
{
    bottom_halves_run();
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs wake_source_funcs = {
    .prepare = wake_source_prepare, .check = wake_source_check, .dispatch = wake_source_dispatch,
};

static GPollFD *poll_fds;
static int poll_fds_room;

void main_loop_init(void)
{
    if (wake_fd >= 0) {
        return;
    }
    wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wake_fd < 0) {
        g_error("eventfd: %s", g_strerror(errno));
    }
    GSource *source = g_source_new(&wake_source_funcs, sizeof(GSource));
    g_source_set_static_name(source, "bottom halves");
    g_source_add_unix_fd(source, wake_fd, G_IO_IN);
    /* A bottom half may iterate the loop again (a synchronous request inside). */
    g_source_set_can_recurse(source, TRUE);
    g_source_attach(source, NULL);
    g_source_unref(source);
    timers_attach();
    g_main_context_acquire(NULL);
    machine_lock();
}

void main_loop_iterate(bool may_block)
{
    GMainContext *context = g_main_context_default();
    int priority, timeout_ms, count;

    g_main_context_prepare(context, &priority);
    while ((count = g_main_context_query(context, priority, &timeout_ms, poll_fds, poll_fds_room)) > poll_fds_room) {
        poll_fds_room = count + 16;
        poll_fds = g_renew(GPollFD, poll_fds, poll_fds_room);
    }
    /* The loop may be entered again from a callback: each round polls its own copy. */
    g_autofree GPollFD *heap = count > 64 ? g_memdup2(poll_fds, count * sizeof(GPollFD)) : NULL;
    GPollFD stack[64], *fds = heap;
    if (!fds) {
        memcpy(stack, poll_fds, count * sizeof(GPollFD));
        fds = stack;
    }
    machine_unlock();
    g_poll(fds, count, may_block ? timeout_ms : 0);
    machine_lock();
    if (g_main_context_check(context, priority, fds, count)) {
        g_main_context_dispatch(context);
    }
}

/* ---- file descriptors ---- */

typedef struct FdWatch { FdWatchFunc *fn; void *opaque; } FdWatch;

static gboolean fd_watch_ready(int fd, GIOCondition condition, void *opaque)
{
    FdWatch *watch = opaque;
    return watch->fn(fd, condition, watch->opaque);
}

unsigned fd_watch_add(int fd, GIOCondition condition, FdWatchFunc *fn, void *opaque)
{
    FdWatch *watch = g_new(FdWatch, 1);
    *watch = (FdWatch){ fn, opaque };
    GSource *source = g_unix_fd_source_new(fd, condition);
    g_source_set_callback(source, G_SOURCE_FUNC(fd_watch_ready), watch, g_free);
    g_source_set_can_recurse(source, TRUE);
    unsigned id = g_source_attach(source, NULL);
    g_source_unref(source);
    return id;
}

void fd_watch_remove(unsigned id)
{
    if (id) {
        GSource *source = g_main_context_find_source_by_id(NULL, id);
        if (source) {
            g_source_destroy(source);
        }
    }
}
