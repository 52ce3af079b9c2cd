/*
 * The host's monotonic clock read by its time-stamp counter: for a guest that reads its own at each system call, where asking the C library takes longer than the rest.
 *
 * A line through the last look at both, with a slope that leads back to the clock by the next look, so that what is read is never far from it and never goes back.
 *
 * Intel SDM volume 3, 17.17 (invariant TSC).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/timer-internal.h"

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

static int64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>

#define LOOK_NS INT64_C(50000000)       /* between two looks */
#define FIRST_NS INT64_C(10000000)      /* before the first slope */
#define FAR_NS INT64_C(20000000)        /* off by so much, it begins again */
#define LATEST 8                        /* a line that is older by so many looks proves nothing: the host may have slept */

/* A sequence lock: odd while the rest is changed, by the holder of `looking`. */
static _Atomic unsigned sequence;
static _Atomic uint64_t base_tsc, slope;        /* ns per count, by 2^32; 0: not known yet */
static _Atomic int64_t base_ns;
static _Atomic uint64_t look_counts;            /* from base_tsc to the next look */
static atomic_flag looking = ATOMIC_FLAG_INIT;
static uint64_t first_tsc; static int64_t first_ns;

static bool is_invariant(void)
{
    static _Atomic int known;       /* 0: not looked yet */
    if (!known) {
        uint32_t a = 0, b, c, d = 0;
        known = __get_cpuid(0x80000007, &a, &b, &c, &d) && (d >> 8 & 1) ? 1 : -1;
    }
    return known > 0;
}

static int64_t on_line(uint64_t tsc, uint64_t from, int64_t ns, uint64_t by)
{
    return tsc > from ? ns + (int64_t)((unsigned __int128)(tsc - from) * by >> 32) : ns;
}

/* Both at one moment; false: something came between. *tsc is from before, so that a line from here is ahead rather than behind. */
static bool look_at_both(uint64_t *tsc, int64_t *ns)
{
    *tsc = __rdtsc();
    *ns = monotonic_ns();
    return __rdtsc() - *tsc < 10000;
}

static void set_line(uint64_t tsc, int64_t ns, uint64_t by)
{
    atomic_fetch_add(&sequence, 1);
    atomic_store(&base_tsc, tsc);
    atomic_store(&base_ns, ns);
    atomic_store(&slope, by);
    atomic_store(&look_counts, by ? (uint64_t)(((unsigned __int128)LOOK_NS << 32) / by) : 0);
    atomic_fetch_add(&sequence, 1);
}

/* A new line, where it is time for one: true. The holder of `looking`. */
static bool look(void)
{
    uint64_t tsc, by = slope;
    int64_t ns;
    if (!look_at_both(&tsc, &ns)) {
        return false;
    }
    if (!first_tsc) {
        first_tsc = tsc;
        first_ns = ns;
    }
    if (ns - first_ns < FIRST_NS || tsc <= first_tsc) {
        return false;
    }
    uint64_t true_slope = ((unsigned __int128)(ns - first_ns) << 32) / (tsc - first_tsc);
    int64_t at = by ? on_line(tsc, base_tsc, base_ns, by) : ns, error = ns - at;
    if (error > FAR_NS || error < -FAR_NS) {
        /* The counter was set, or the host slept: only forwards at once, from what can have been read. */
        first_tsc = 0;
        set_line(tsc, MAX(by ? on_line(MIN(tsc, base_tsc + LATEST * look_counts), base_tsc, base_ns, by) : ns, ns), 0);
        return true;
    }
    int64_t steer = (int64_t)((__int128)error * (int64_t)true_slope / LOOK_NS), most = (int64_t)(true_slope / 2);
    set_line(tsc, at, true_slope + CLAMP(steer, -most, most));
    return true;
}

int64_t host_monotonic_fast_ns(void)
{
    if (!is_invariant()) {
        return monotonic_ns();
    }
    for (;;) {
        unsigned before = atomic_load_explicit(&sequence, memory_order_acquire);
        uint64_t from = atomic_load_explicit(&base_tsc, memory_order_relaxed), by = atomic_load_explicit(&slope, memory_order_relaxed);
        uint64_t counts = atomic_load_explicit(&look_counts, memory_order_relaxed);
        int64_t ns = atomic_load_explicit(&base_ns, memory_order_relaxed);
        uint64_t tsc = __rdtsc();
        atomic_thread_fence(memory_order_acquire);
        if ((before & 1) || before != atomic_load_explicit(&sequence, memory_order_relaxed)) {
            continue;
        }
        uint64_t passed = tsc > from ? tsc - from : 0;      /* another processor's counter may be a little behind */
        if (by && passed < counts) {
            return on_line(tsc, from, ns, by);
        }
        bool changed = false;
        if (!atomic_flag_test_and_set(&looking)) {
            changed = look();
            atomic_flag_clear(&looking);
        }
        if (changed) {
            continue;
        }
        if (by && passed < LATEST * counts) {
            return on_line(tsc, from, ns, by);
        }
        return MAX(monotonic_ns(), by ? on_line(from + LATEST * counts, from, ns, by) : ns);
    }
}
#else
int64_t host_monotonic_fast_ns(void)
{
    return monotonic_ns();
}
#endif
