/*
 * Clocks, and timers in a binary heap for each clock. A timerfd of the monotonic clock holds the earliest deadline of the real-time and
 * the virtual clock, another one (cancelled when the host's time is set) that of the host clock, so that timers fire with the
 * kernel's precision and a vCPU thread that arms a timer need not wake the main loop: it sets the timerfd itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/timer.h"
#include "util/timer-internal.h"

#include <errno.h>
#include <glib.h>
#include <glib-unix.h>
#include <stdatomic.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#ifndef TFD_TIMER_CANCEL_ON_SET
#define TFD_TIMER_CANCEL_ON_SET (1 << 1)
#endif

/* ---- clocks ---- */

typedef enum VirtualMode { VIRTUAL_STOPPED, VIRTUAL_RUNNING, VIRTUAL_MANUAL } VirtualMode;

/* A sequence lock: odd while it is changed. value: the time (stopped, manual) or what to add to the monotonic time (running). */
static _Atomic unsigned virtual_sequence;
static _Atomic VirtualMode virtual_mode;
static _Atomic int64_t virtual_value;

static int64_t host_clock_ns(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int64_t read_virtual_clock(int64_t (*monotonic)(void))
{
    for (;;) {
        unsigned sequence = atomic_load_explicit(&virtual_sequence, memory_order_acquire);
        VirtualMode mode = atomic_load_explicit(&virtual_mode, memory_order_relaxed);
        int64_t value = atomic_load_explicit(&virtual_value, memory_order_relaxed);
        atomic_thread_fence(memory_order_acquire);
        if (!(sequence & 1) && sequence == atomic_load_explicit(&virtual_sequence, memory_order_relaxed)) {
            return mode == VIRTUAL_RUNNING ? monotonic() + value : value;
        }
    }
}

static int64_t host_monotonic_ns(void)
{
    return host_clock_ns(CLOCK_MONOTONIC);
}

static int64_t virtual_clock_ns(void)
{
    return read_virtual_clock(host_monotonic_ns);
}

int64_t clock_read_virtual_fast_ns(void)
{
    return read_virtual_clock(host_monotonic_fast_ns);
}

static void virtual_clock_change(VirtualMode mode, int64_t value)
{
    atomic_fetch_add(&virtual_sequence, 1);
    atomic_store(&virtual_mode, mode);
    atomic_store(&virtual_value, value);
    atomic_fetch_add(&virtual_sequence, 1);
}

int64_t clock_get_ns(ClockType clock)
{
    switch (clock) {
    case CLOCK_TYPE_VIRTUAL:
        return virtual_clock_ns();
    case CLOCK_TYPE_HOST:
        return host_clock_ns(CLOCK_REALTIME);
    default:
        return host_clock_ns(CLOCK_MONOTONIC);
    }
}

/* ---- heaps ---- */

typedef struct TimerHeap { Timer **items; unsigned count, room; } TimerHeap;

static GMutex timers_lock;          /* guards the heaps, the timers in them and the timerfds */
static TimerHeap heaps[CLOCK_TYPE_COUNT];
static int monotonic_fd = -1, host_fd = -1;
static int64_t monotonic_fd_deadline = -1, host_fd_deadline = -1;  /* that the kernel knows of */
static GSource *timers_source;
static _Thread_local bool on_main_thread;

static void heap_put(TimerHeap *heap, unsigned index, Timer *timer)
{
    heap->items[index] = timer;
    timer->heap_index = index;
}

static void heap_sift_up(TimerHeap *heap, unsigned index)
{
    Timer *timer = heap->items[index];
    while (index && heap->items[(index - 1) / 2]->expire_ns > timer->expire_ns) {
        heap_put(heap, index, heap->items[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    heap_put(heap, index, timer);
}

static void heap_sift_down(TimerHeap *heap, unsigned index)
{
    Timer *timer = heap->items[index];
    for (;;) {
        unsigned child = index * 2 + 1;
        if (child >= heap->count) {
            break;
        }
        if (child + 1 < heap->count && heap->items[child + 1]->expire_ns < heap->items[child]->expire_ns) {
            child++;
        }
        if (heap->items[child]->expire_ns >= timer->expire_ns) {
            break;
        }
        heap_put(heap, index, heap->items[child]);
        index = child;
    }
    heap_put(heap, index, timer);
}

static void heap_insert(TimerHeap *heap, Timer *timer)
{
    if (heap->count == heap->room) {
        heap->room = MAX(16, heap->room * 2);
        heap->items = g_renew(Timer *, heap->items, heap->room);
    }
    heap_put(heap, heap->count++, timer);
    heap_sift_up(heap, timer->heap_index);
}

static void heap_remove(TimerHeap *heap, Timer *timer)
{
    unsigned index = timer->heap_index;
    Timer *last = heap->items[--heap->count];
    if (last != timer) {
        heap_put(heap, index, last);
        heap_sift_up(heap, index);
        heap_sift_down(heap, last->heap_index);
    }
}

static int64_t heap_first_deadline(const TimerHeap *heap)
{
    return heap->count ? heap->items[0]->expire_ns : -1;
}

/* ---- the kernel's timers ---- */

static void timerfd_arm(int fd, int64_t deadline, int flags)
{
    struct itimerspec spec = { 0 };
    if (deadline >= 0) {
        /* 0 would disarm it. */
        spec.it_value.tv_sec = deadline / NS_PER_S;
        spec.it_value.tv_nsec = MAX(deadline % NS_PER_S, deadline == 0 ? 1 : 0);
    }
    timerfd_settime(fd, flags, &spec, NULL);
}

/* The earliest deadline of the clocks that run with the monotonic clock, in its time. */
static int64_t monotonic_deadline(void)
{
    int64_t earliest = heap_first_deadline(&heaps[CLOCK_TYPE_REALTIME]);
    int64_t virtual_deadline = heap_first_deadline(&heaps[CLOCK_TYPE_VIRTUAL]);
    if (virtual_deadline >= 0 && atomic_load(&virtual_mode) == VIRTUAL_RUNNING) {
        /* Guests wait for the end of time: that is later than the monotonic clock has numbers for. */
        if (__builtin_sub_overflow(virtual_deadline, atomic_load(&virtual_value), &virtual_deadline)) {
            virtual_deadline = INT64_MAX;
        }
        virtual_deadline = MAX(virtual_deadline, 0);
        if (earliest < 0 || virtual_deadline < earliest) {
            earliest = virtual_deadline;
        }
    }
    return earliest;
}

/* timers_lock held. Tells the kernel of changed deadlines. */
static void timers_rearm(void)
{
    if (!timers_source) {
        return;
    }
    int64_t deadline = monotonic_deadline();
    if (deadline != monotonic_fd_deadline) {
        timerfd_arm(monotonic_fd, deadline, TFD_TIMER_ABSTIME);
        monotonic_fd_deadline = deadline;
    }
    deadline = heap_first_deadline(&heaps[CLOCK_TYPE_HOST]);
    if (deadline != host_fd_deadline) {
        if (host_fd < 0) {
            host_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
            g_source_add_unix_fd(timers_source, host_fd, G_IO_IN);
        }
        timerfd_arm(host_fd, deadline, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET);
        host_fd_deadline = deadline;
    }
}

/* Takes the first timer of the clock that is due at now, or NULL. */
static Timer *timers_take_due(ClockType clock, int64_t now, TimerFunc **fn, void **opaque)
{
    g_mutex_lock(&timers_lock);
    TimerHeap *heap = &heaps[clock];
    Timer *timer = heap->count && heap->items[0]->expire_ns <= now ? heap->items[0] : NULL;
    if (timer) {
        heap_remove(heap, timer);
        timer->expire_ns = -1;
        *fn = timer->fn;
        *opaque = timer->opaque;
    }
    g_mutex_unlock(&timers_lock);
    return timer;
}

/* Fires what is due now. A timer that arms itself for the past again waits for the next round of the loop. */
static void timers_run(ClockType clock)
{
    int64_t now = clock_get_ns(clock);
    g_mutex_lock(&timers_lock);
    unsigned bound = heaps[clock].count;
    g_mutex_unlock(&timers_lock);
    TimerFunc *fn;
    void *opaque;
    while (bound-- && timers_take_due(clock, now, &fn, &opaque)) {
        fn(opaque);
    }
}

static bool timers_due(void)
{
    int64_t deadline = monotonic_deadline();
    if (deadline >= 0 && deadline <= host_clock_ns(CLOCK_MONOTONIC)) {
        return true;
    }
    deadline = heap_first_deadline(&heaps[CLOCK_TYPE_HOST]);
    return deadline >= 0 && deadline <= host_clock_ns(CLOCK_REALTIME);
}

static gboolean timers_prepare(GSource *source, int *timeout_ms)
{
    *timeout_ms = -1;
    g_mutex_lock(&timers_lock);
    bool due = timers_due();
    if (!due) {
        timers_rearm();
    }
    g_mutex_unlock(&timers_lock);
    return due;
}

static gboolean timers_check(GSource *source)
{
    g_mutex_lock(&timers_lock);
    uint64_t ticks;
    if (host_fd >= 0 && read(host_fd, &ticks, sizeof(ticks)) < 0 && errno == ECANCELED) {
        host_fd_deadline = -2;  /* the host's time was set: arm it again */
    }
    bool due = timers_due();
    g_mutex_unlock(&timers_lock);
    return due;
}

static gboolean timers_dispatch(GSource *source, GSourceFunc callback, void *opaque)
{
    timers_run(CLOCK_TYPE_REALTIME);
    if (atomic_load(&virtual_mode) == VIRTUAL_RUNNING) {
        timers_run(CLOCK_TYPE_VIRTUAL);
    }
    timers_run(CLOCK_TYPE_HOST);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs timers_source_funcs = { .prepare = timers_prepare, .check = timers_check, .dispatch = timers_dispatch };

void timers_attach(void)
{
    on_main_thread = true;
    monotonic_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    timers_source = g_source_new(&timers_source_funcs, sizeof(GSource));
    g_source_set_static_name(timers_source, "timers");
    g_source_add_unix_fd(timers_source, monotonic_fd, G_IO_IN);
    g_source_set_can_recurse(timers_source, TRUE);
    g_source_attach(timers_source, NULL);
}

/* ---- timers ---- */

void timer_init(Timer *timer, ClockType clock, TimerFunc *fn, void *opaque)
{
    *timer = (Timer){ .clock = clock, .fn = fn, .opaque = opaque, .expire_ns = -1 };
}

/* timers_lock held. */
static void timer_arm(Timer *timer, int64_t expire_ns)
{
    TimerHeap *heap = &heaps[timer->clock];
    if (timer->expire_ns >= 0) {
        heap_remove(heap, timer);
    }
    timer->expire_ns = MAX(expire_ns, 0);
    heap_insert(heap, timer);
    /* The main thread itself arms the kernel's timer once before it waits. */
    if (heap->items[0] == timer && !on_main_thread) {
        timers_rearm();
    }
}

void timer_set_ns(Timer *timer, int64_t expire_ns)
{
    g_mutex_lock(&timers_lock);
    timer_arm(timer, expire_ns);
    g_mutex_unlock(&timers_lock);
}

void timer_set_earlier_ns(Timer *timer, int64_t expire_ns)
{
    g_mutex_lock(&timers_lock);
    if (timer->expire_ns < 0 || expire_ns < timer->expire_ns) {
        timer_arm(timer, expire_ns);
    }
    g_mutex_unlock(&timers_lock);
}

void timer_cancel(Timer *timer)
{
    if (!timer->fn) {
        return;
    }
    g_mutex_lock(&timers_lock);
    if (timer->expire_ns >= 0) {
        heap_remove(&heaps[timer->clock], timer);
        timer->expire_ns = -1;
    }
    g_mutex_unlock(&timers_lock);
}

/* ---- the virtual clock's run state ---- */

void clock_virtual_enable(bool enable)
{
    g_mutex_lock(&timers_lock);
    VirtualMode mode = atomic_load(&virtual_mode);
    if (enable && mode == VIRTUAL_STOPPED) {
        virtual_clock_change(VIRTUAL_RUNNING, virtual_clock_ns() - host_clock_ns(CLOCK_MONOTONIC));
    } else if (!enable && mode == VIRTUAL_RUNNING) {
        virtual_clock_change(VIRTUAL_STOPPED, virtual_clock_ns());
    }
    timers_rearm();
    g_mutex_unlock(&timers_lock);
}

void clock_virtual_set_manual(void)
{
    g_mutex_lock(&timers_lock);
    virtual_clock_change(VIRTUAL_MANUAL, virtual_clock_ns());
    timers_rearm();
    g_mutex_unlock(&timers_lock);
}

void clock_virtual_step_to(int64_t now_ns)
{
    for (;;) {
        int64_t deadline = clock_next_deadline_ns(CLOCK_TYPE_VIRTUAL);
        if (deadline < 0 || deadline > now_ns) {
            break;
        }
        g_mutex_lock(&timers_lock);
        virtual_clock_change(VIRTUAL_MANUAL, MAX(deadline, virtual_clock_ns()));
        g_mutex_unlock(&timers_lock);
        timers_run(CLOCK_TYPE_VIRTUAL);
    }
    g_mutex_lock(&timers_lock);
    virtual_clock_change(VIRTUAL_MANUAL, MAX(now_ns, virtual_clock_ns()));
    g_mutex_unlock(&timers_lock);
}

int64_t clock_next_deadline_ns(ClockType clock)
{
    g_mutex_lock(&timers_lock);
    int64_t deadline = heap_first_deadline(&heaps[clock]);
    g_mutex_unlock(&timers_lock);
    return deadline;
}
