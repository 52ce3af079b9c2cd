/*
 * More than one processor: PSCI, exclusive accesses, invalidations for all.
 *
 * DEN 0022; DDI 0487, B2.9, D8.16.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { PROCESSORS = 4, ROUNDS = 20000 };
enum { VERSION = 0x84000000, CPU_ON = 0xc4000003, AFFINITY_INFO = 0xc4000004, FEATURES = 0x8400000a, INVALID_PARAMETERS = -2, ALREADY_ON = -4, NOT_SUPPORTED = -1 };

static volatile unsigned up, done;
static volatile uint32_t counter, plain_lock;

static uint32_t add(volatile uint32_t *p, uint32_t n)
{
    uint32_t old, failed;
    __asm__ volatile("1: ldaxr %w0, [%3]\n add %w1, %w0, %w4\n stlxr %w2, %w1, [%3]\n cbnz %w2, 1b"
                     : "=&r"(old), "=&r"((uint32_t){ 0 }), "=&r"(failed) : "r"(p), "r"(n) : "memory");
    return old;
}

static void other(unsigned n)
{
    add(&up, 1);
    while (!plain_lock) {
        __asm__ volatile("yield");
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        add(&counter, 1);
    }
    __asm__ volatile("tlbi vmalle1is\n dsb ish\n isb" ::: "memory");
    add(&done, 1);
}

static void calls(void)
{
    check_is("the version is 1.1", psci(VERSION, 0, 0, 0), 0x10001);
    check_is("CPU_ON of nobody", psci(CPU_ON, 0x77, 0x40080000, 0), (u64)INVALID_PARAMETERS);
    check_is("CPU_ON of oneself", psci(CPU_ON, 0, 0x40080000, 0), (u64)ALREADY_ON);
    check_is("AFFINITY_INFO of oneself", psci(AFFINITY_INFO, 0, 0, 0), 0);
    check_is("AFFINITY_INFO of one that is off", psci(AFFINITY_INFO, 1, 0, 0), 1);
    check_is("FEATURES of CPU_ON", psci(FEATURES, CPU_ON, 0, 0), 0);
    check_is("FEATURES of nothing", psci(FEATURES, 0x84001234, 0, 0), (u64)NOT_SUPPORTED);
    check_is("an unknown function", psci(0x84001234, 0, 0, 0), (u64)NOT_SUPPORTED);
}

static void together(void)
{
    for (unsigned n = 1; n < PROCESSORS; n++) {
        check_is("CPU_ON", start_processor(n, other), 0);
        while (up < n) {
        }
    }
    plain_lock = 1;
    for (unsigned i = 0; i < ROUNDS; i++) {
        add(&counter, 1);
        if (i % 100 == 0) {
            __asm__ volatile("tlbi vmalle1is\n dsb ish\n isb" ::: "memory");
        }
    }
    while (done < PROCESSORS - 1) {
    }
    check_is("exclusive additions are not lost", counter, PROCESSORS * ROUNDS);
    while (psci(AFFINITY_INFO, 1, 0, 0) != 1) {
    }
    check(true, "a processor that called CPU_OFF is off");
    check_is("and can be started again", start_processor(1, other), 0);
    while (done < PROCESSORS) {
    }
}

const Subject subjects[] = { { "calls", calls }, { "together", together }, { NULL, NULL } };
