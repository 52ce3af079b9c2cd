/*
 * Coroutines: a stack with a guard page, taken from a pool of the thread, and a switch of the registers that a call preserves (x86-64 System V
 * ABI 3.2.1, AAPCS64 6.1; elsewhere ucontext). A coroutine woken by another one runs when that one has stopped, so that wake-ups do not nest.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/coroutine.h"
#include "util/coroutine-switch.h"
#include "util/main-loop.h"
#include "util/timer.h"

#include <glib.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
/* A coroutine that ends leaves its last frame's marks behind. */
#define STACK_FRESH(bottom, size) __asan_unpoison_memory_region(bottom, size)
#define FIBER_START(save, bottom, size) __sanitizer_start_switch_fiber(save, bottom, size)
#define FIBER_FINISH(save, bottom, size) __sanitizer_finish_switch_fiber(save, bottom, size)
#define STACK_BYTES (2u << 20)
#else
#define STACK_FRESH(bottom, size) ((void)0)
#define FIBER_START(save, bottom, size) ((void)(save))
#define FIBER_FINISH(save, bottom, size) ((void)(save))
#define STACK_BYTES (512u << 10)
#endif

#define POOL_STACKS 64      /* that a thread keeps */

struct Coroutine {
    SwitchContext context;
    CoroutineEntry *entry;
    void *opaque;
    Coroutine *caller;              /* who entered it; NULL: not running */
    GMainContext *main_context;     /* of the thread that runs it; NULL: the default one */
    Coroutine *next;                /* in a list of coroutines to enter, or in the pool */
    Coroutine *wake_first, *wake_last;  /* to be entered when this one stops */
    void *stack;                    /* lowest address, the guard page; NULL: the thread's own */
    void *fake_stack;               /* the address sanitizer's */
    bool ended;
};

typedef struct ThreadCoroutines {
    Coroutine leader;               /* stands for the thread's own stack */
    Coroutine *current;
    Coroutine *pool;
    unsigned pool_count;
    const void *leader_bottom;      /* of the thread's own stack, for the sanitizer */
    size_t leader_size;
} ThreadCoroutines;

static void thread_coroutines_free(void *p);
static GPrivate thread_cleanup = G_PRIVATE_INIT(thread_coroutines_free);
static _Thread_local ThreadCoroutines *thread_state;

/* Not inlined: a compiler must not keep a thread-local address across a switch. */
static __attribute__((noinline)) ThreadCoroutines *this_thread(void)
{
    if (!thread_state) {
        thread_state = g_new0(ThreadCoroutines, 1);
        thread_state->current = &thread_state->leader;
        g_private_set(&thread_cleanup, thread_state);
    }
    return thread_state;
}

static void stack_free(Coroutine *co)
{
    STACK_FRESH(co->stack, STACK_BYTES);
    munmap(co->stack, STACK_BYTES);
    g_free(co);
}

static void thread_coroutines_free(void *p)
{
    ThreadCoroutines *thread = p;
    while (thread->pool) {
        Coroutine *co = thread->pool;
        thread->pool = co->next;
        stack_free(co);
    }
    thread_state = NULL;
    g_free(thread);
}

/* ---- life ---- */

static void coroutine_main(void *argument);

static Coroutine *coroutine_with_stack(void)
{
    ThreadCoroutines *thread = this_thread();
    Coroutine *co = thread->pool;
    if (co) {
        thread->pool = co->next;
        thread->pool_count--;
        return co;
    }
    co = g_new0(Coroutine, 1);
    co->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (co->stack == MAP_FAILED || mprotect(co->stack, getpagesize(), PROT_NONE) < 0) {
        g_error("no memory for the stack of a coroutine");
    }
    return co;
}

Coroutine *coroutine_create(CoroutineEntry *entry, void *opaque)
{
    Coroutine *co = coroutine_with_stack();
    *co = (Coroutine){ .entry = entry, .opaque = opaque, .stack = co->stack };
    co->main_context = g_main_context_get_thread_default();
    char *bottom = (char *)co->stack + getpagesize();
    STACK_FRESH(bottom, (char *)co->stack + STACK_BYTES - bottom);
    switch_context_prepare(&co->context, bottom, (char *)co->stack + STACK_BYTES - bottom, coroutine_main, co);
    return co;
}

static void coroutine_recycle(Coroutine *co)
{
    ThreadCoroutines *thread = this_thread();
    if (thread->pool_count >= POOL_STACKS) {
        stack_free(co);
        return;
    }
    co->next = thread->pool;
    thread->pool = co;
    thread->pool_count++;
}

static void switch_to(Coroutine *from, Coroutine *to, bool from_ends)
{
    ThreadCoroutines *thread = this_thread();
    thread->current = to;
    FIBER_START(from_ends ? NULL : &from->fake_stack, to->stack ? (char *)to->stack + getpagesize() : thread->leader_bottom,
                to->stack ? STACK_BYTES - getpagesize() : thread->leader_size);
    switch_context(&from->context, &to->context);
    FIBER_FINISH(from->fake_stack, NULL, NULL);
}

static void coroutine_main(void *argument)
{
    Coroutine *co = argument;
#if defined(__SANITIZE_ADDRESS__)
    ThreadCoroutines *thread = this_thread();
    const void *bottom;
    size_t size;
    FIBER_FINISH(NULL, &bottom, &size);
    if (!co->caller->stack) {
        thread->leader_bottom = bottom;
        thread->leader_size = size;
    }
#endif
    co->entry(co->opaque);
    co->ended = true;
    Coroutine *caller = co->caller;
    co->caller = NULL;
    switch_to(co, caller, true);
    g_assert_not_reached();
}

/* ---- entering and yielding ---- */

void coroutine_enter(Coroutine *co)
{
    Coroutine *queue = co, *queue_last = co;
    co->next = NULL;
    while (queue) {
        co = queue;
        queue = co->next;
        if (!queue) {
            queue_last = NULL;
        }
        g_assert(!co->caller);
        Coroutine *self = this_thread()->current;
        co->caller = self;
        co->main_context = g_main_context_get_thread_default();
        switch_to(self, co, false);

        if (co->wake_first) {
            if (queue_last) {
                queue_last->next = co->wake_first;
            } else {
                queue = co->wake_first;
            }
            queue_last = co->wake_last;
            co->wake_first = co->wake_last = NULL;
        }
        if (co->ended) {
            coroutine_recycle(co);
        }
    }
}

void coroutine_yield(void)
{
    Coroutine *self = this_thread()->current;
    Coroutine *caller = self->caller;
    g_assert(caller);
    self->caller = NULL;
    switch_to(self, caller, false);
}

Coroutine *coroutine_self(void)
{
    return this_thread()->current;
}

bool in_coroutine(void)
{
    return thread_state && thread_state->current != &thread_state->leader;
}

/* Enters co when the coroutine that runs now has stopped; at once outside coroutines. */
static void coroutine_wake(Coroutine *co)
{
    if (co->main_context != g_main_context_get_thread_default()) {
        coroutine_schedule(co);
        return;
    }
    if (!in_coroutine()) {
        coroutine_enter(co);
        return;
    }
    Coroutine *self = coroutine_self();
    co->next = NULL;
    if (self->wake_last) {
        self->wake_last->next = co;
    } else {
        self->wake_first = co;
    }
    self->wake_last = co;
}

static void coroutine_enter_scheduled(void *opaque)
{
    coroutine_enter(opaque);
}

static gboolean coroutine_enter_from_source(void *opaque)
{
    coroutine_enter(opaque);
    return G_SOURCE_REMOVE;
}

void coroutine_schedule(Coroutine *co)
{
    if (!co->main_context) {
        main_loop_schedule(coroutine_enter_scheduled, co);
    } else {
        g_autoptr(GSource) source = g_idle_source_new();
        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        g_source_set_callback(source, coroutine_enter_from_source, co, NULL);
        g_source_attach(source, co->main_context);
    }
}

/* ---- waiting ---- */

struct CoWaiter { Coroutine *co; struct CoWaiter *next; };

static void waiters_add(struct CoWaiter **first, struct CoWaiter **last, struct CoWaiter *waiter)
{
    if (*last) {
        (*last)->next = waiter;
    } else {
        *first = waiter;
    }
    *last = waiter;
}

static Coroutine *waiters_take(struct CoWaiter **first, struct CoWaiter **last)
{
    struct CoWaiter *waiter = *first;
    if (!waiter) {
        return NULL;
    }
    *first = waiter->next;
    if (!*first) {
        *last = NULL;
    }
    return waiter->co;
}

void co_mutex_lock(CoMutex *mutex)
{
    if (!mutex->locked) {
        mutex->locked = true;
        return;
    }
    /* The one who unlocks hands it over: locked stays true. */
    struct CoWaiter self = { .co = coroutine_self() };
    waiters_add(&mutex->first, &mutex->last, &self);
    coroutine_yield();
}

void co_mutex_unlock(CoMutex *mutex)
{
    g_assert(mutex->locked);
    Coroutine *next = waiters_take(&mutex->first, &mutex->last);
    if (next) {
        coroutine_wake(next);
    } else {
        mutex->locked = false;
    }
}

void co_queue_wait(CoQueue *queue)
{
    struct CoWaiter self = { .co = coroutine_self() };
    waiters_add(&queue->first, &queue->last, &self);
    coroutine_yield();
}

bool co_queue_next(CoQueue *queue)
{
    Coroutine *next = waiters_take(&queue->first, &queue->last);
    if (!next) {
        return false;
    }
    coroutine_wake(next);
    return true;
}

void co_queue_all(CoQueue *queue)
{
    /* Those that wait again behind the last of now are for the next time. */
    CoQueue now = *queue;
    *queue = (CoQueue){ 0 };
    while (co_queue_next(&now)) {
    }
}

/* ---- the pool of threads ---- */

#define POOL_THREADS 64

typedef struct PoolWork { int (*work)(void *opaque); void *opaque; int result; Coroutine *co; } PoolWork;

static void pool_run(void *data, void *unused)
{
    PoolWork *work = data;
    work->result = work->work(work->opaque);
    coroutine_schedule(work->co);
}

int co_run_in_pool(int (*fn)(void *opaque), void *opaque)
{
    static gsize once;
    static GThreadPool *pool;
    if (g_once_init_enter(&once)) {
        pool = g_thread_pool_new(pool_run, NULL, POOL_THREADS, FALSE, NULL);
        g_once_init_leave(&once, 1);
    }
    PoolWork work = { .work = fn, .opaque = opaque, .co = coroutine_self() };
    g_thread_pool_push(pool, &work, NULL);
    coroutine_yield();
    return work.result;
}

static void sleep_over(void *opaque)
{
    coroutine_schedule(opaque);
}

void co_sleep_ns(long long ns)
{
    Timer timer;
    timer_init(&timer, CLOCK_TYPE_REALTIME, sleep_over, coroutine_self());
    timer_set_ns(&timer, clock_get_ns(CLOCK_TYPE_REALTIME) + ns);
    coroutine_yield();
}
