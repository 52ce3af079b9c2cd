/*
 * Coroutines: functions with a stack of their own that can stop in the middle and go on later, so that a block driver reads
 * like straight-line code. A coroutine runs on the thread that enters it, and is entered again on the same thread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_COROUTINE_H
#define UTIL_COROUTINE_H

#include <stdbool.h>
#include <stddef.h>

/* Marks a function that may only be called inside a coroutine. */
#define coroutine_fn

typedef struct Coroutine Coroutine;
typedef void coroutine_fn CoroutineEntry(void *opaque);

/* A coroutine that will run entry(opaque) when first entered; it frees itself when entry returns. */
Coroutine *coroutine_create(CoroutineEntry *entry, void *opaque);
/* Runs it until it yields or ends. Not from inside itself. */
void coroutine_enter(Coroutine *co);
/* Back to who entered this coroutine; returns when somebody enters it again. */
void coroutine_fn coroutine_yield(void);
Coroutine *coroutine_self(void);
bool in_coroutine(void);

/* A mutex that makes the coroutine wait, not the thread. First come, first served. Zero-initialise. */
typedef struct CoMutex {
    bool locked;
    struct CoWaiter *first, *last;
} CoMutex;
void coroutine_fn co_mutex_lock(CoMutex *mutex);
void coroutine_fn co_mutex_unlock(CoMutex *mutex);

/* A queue of waiting coroutines. Zero-initialise. */
typedef struct CoQueue {
    struct CoWaiter *first, *last;
} CoQueue;
void coroutine_fn co_queue_wait(CoQueue *queue);
bool co_queue_next(CoQueue *queue);         /* schedules the first one; false when there is none */
void co_queue_all(CoQueue *queue);

/* Runs work(opaque) on a thread of the pool and returns its result here when it is done. */
int coroutine_fn co_run_in_pool(int (*work)(void *opaque), void *opaque);
/* Sleeps on the real-time clock. */
void coroutine_fn co_sleep_ns(long long ns);
/* Enters the coroutine from the main loop, soon. Any thread. */
void coroutine_schedule(Coroutine *co);

#endif
