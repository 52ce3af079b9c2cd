/*
 * The main loop and the machine lock. The main loop is GLib's default main context, run by the main
 * thread, which holds the machine lock except while it waits. vCPU threads take the lock to touch devices.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_MAIN_LOOP_H
#define UTIL_MAIN_LOOP_H

#include <glib.h>
#include <stdbool.h>

/* The machine lock is not recursive: ask machine_lock_held() where the caller may hold it. */
void machine_lock(void);
void machine_unlock(void);
bool machine_lock_held(void);
/* Waits on cond with the machine lock released. */
void machine_cond_wait(GCond *cond);
/* The same for at most timeout_ns; false when the time ran out. */
bool machine_cond_wait_ns(GCond *cond, int64_t timeout_ns);

/* Takes the machine lock unless this thread has it, for the rest of the scope. */
typedef struct MachineLockGuard { bool taken; } MachineLockGuard;
static inline MachineLockGuard machine_lock_guard_enter(void)
{
    MachineLockGuard guard = { .taken = !machine_lock_held() };
    if (guard.taken) {
        machine_lock();
    }
    return guard;
}
static inline void machine_lock_guard_leave(MachineLockGuard *guard)
{
    if (guard->taken) {
        machine_unlock();
    }
}
#define MACHINE_LOCK_GUARD() \
    __attribute__((cleanup(machine_lock_guard_leave), unused)) MachineLockGuard machine_guard_ = machine_lock_guard_enter()

/* Once, on the main thread, before anything else here: takes the machine lock. */
void main_loop_init(void);
/* One round: waits for events (lock released), dispatches them (lock held). may_block false: only what is ready. */
void main_loop_iterate(bool may_block);
/* Makes a waiting main loop look again. Any thread, signal-safe. */
void main_loop_wake(void);

/* Runs fn(opaque) once on the main thread under the machine lock. Any thread. */
typedef void MainLoopFunc(void *opaque);
void main_loop_schedule(MainLoopFunc *fn, void *opaque);

/* A callback that can be asked for again and again and runs once per asking round ("bottom half"). */
typedef struct BottomHalf BottomHalf;
BottomHalf *bottom_half_new(MainLoopFunc *fn, void *opaque);
void bottom_half_schedule(BottomHalf *bh);   /* any thread */
void bottom_half_cancel(BottomHalf *bh);
void bottom_half_free(BottomHalf *bh);       /* a pending run is dropped; NULL is fine */

/* Watches a file descriptor on the main loop. condition is a set of G_IO_*; fn returns false to end the watch.
 * Returns a source id for fd_watch_remove. Main thread. */
typedef bool FdWatchFunc(int fd, GIOCondition condition, void *opaque);
unsigned fd_watch_add(int fd, GIOCondition condition, FdWatchFunc *fn, void *opaque);
void fd_watch_remove(unsigned id);           /* 0 is fine */

#endif
