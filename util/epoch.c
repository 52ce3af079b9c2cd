/*
 * Epoch-based reclamation (Fraser, "Practical lock-freedom", 5.2.3), with membarrier(2) to take the fence out of the reader's way.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/epoch.h"
#include "util/timer.h"

#include <glib.h>
#include <linux/membarrier.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct Reader {
    _Atomic uint64_t epoch;     /* at which it entered; 0: outside */
    unsigned depth;
    struct Reader *next;
} Reader;

typedef struct Retired { EpochRelease *release; void *data; uint64_t epoch; struct Retired *next; } Retired;

static _Atomic uint64_t current_epoch = 1;
static GMutex readers_lock;
static Reader *readers;
static _Thread_local Reader *this_reader;
static bool have_membarrier;

static Retired *retired_first, **retired_last = &retired_first;    /* oldest first; machine lock */
static Timer retry_timer;

#define RETRY_NS (20 * NS_PER_MS)

static void __attribute__((constructor)) epoch_probe_membarrier(void)
{
    have_membarrier = syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

static void reader_free(void *p)
{
    Reader *reader = p;
    g_mutex_lock(&readers_lock);
    Reader **link = &readers;
    while (*link != reader) {
        link = &(*link)->next;
    }
    *link = reader->next;
    g_mutex_unlock(&readers_lock);
    g_free(reader);
    this_reader = NULL;
}

static GPrivate reader_cleanup = G_PRIVATE_INIT(reader_free);

static __attribute__((noinline)) Reader *reader_new(void)
{
    Reader *reader = g_new0(Reader, 1);
    g_mutex_lock(&readers_lock);
    reader->next = readers;
    readers = reader;
    g_mutex_unlock(&readers_lock);
    g_private_set(&reader_cleanup, reader);
    return this_reader = reader;
}

void epoch_enter(void)
{
    Reader *reader = this_reader ? this_reader : reader_new();
    if (reader->depth++ == 0) {
        atomic_store_explicit(&reader->epoch, atomic_load_explicit(&current_epoch, memory_order_relaxed), memory_order_relaxed);
        if (have_membarrier) {
            atomic_signal_fence(memory_order_seq_cst);
        } else {
            atomic_thread_fence(memory_order_seq_cst);
        }
    }
}

void epoch_leave(void)
{
    Reader *reader = this_reader;
    g_assert(reader && reader->depth);
    if (--reader->depth == 0) {
        atomic_store_explicit(&reader->epoch, 0, memory_order_release);
    }
}

bool epoch_inside(void)
{
    return this_reader && this_reader->depth;
}

/* The epoch of the reader that has been inside for longest. */
static uint64_t oldest_reader(void)
{
    uint64_t oldest = UINT64_MAX;
    if (have_membarrier) {
        syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
    } else {
        atomic_thread_fence(memory_order_seq_cst);
    }
    g_mutex_lock(&readers_lock);
    for (Reader *reader = readers; reader; reader = reader->next) {
        uint64_t epoch = atomic_load_explicit(&reader->epoch, memory_order_acquire);
        if (epoch && epoch < oldest) {
            oldest = epoch;
        }
    }
    g_mutex_unlock(&readers_lock);
    return oldest;
}

static void retry(void *opaque)
{
    epoch_reclaim();
}

void epoch_reclaim(void)
{
    if (!retired_first) {
        return;
    }
    uint64_t oldest = oldest_reader();
    while (retired_first && retired_first->epoch < oldest) {
        /* release may retire more, or reclaim again. */
        Retired *retired = retired_first;
        retired_first = retired->next;
        if (!retired_first) {
            retired_last = &retired_first;
        }
        retired->release(retired->data);
        g_free(retired);
    }
    if (retired_first) {
        if (!retry_timer.fn) {
            timer_init(&retry_timer, CLOCK_TYPE_REALTIME, retry, NULL);
        }
        timer_set_earlier_ns(&retry_timer, clock_get_ns(CLOCK_TYPE_REALTIME) + RETRY_NS);
    }
}

void epoch_retire(EpochRelease *release, void *data)
{
    Retired *retired = g_new(Retired, 1);
    *retired = (Retired){ release, data, atomic_fetch_add(&current_epoch, 1), NULL };
    *retired_last = retired;
    retired_last = &retired->next;
    epoch_reclaim();
}
