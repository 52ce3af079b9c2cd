/*
 * Runs litmus tests: in each round all processors of the test meet, wait for a few instructions more (a different number each time, so that they come upon each other at
 * every distance), and run. A test has a share of time; how many rounds fit into it is told, and checked by nobody.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "litmus.h"

enum { MAX_ROUNDS = 40000, MIN_ROUNDS = 100, SHARES_PER_SECOND = 10, SPINS = 500, MAX_DELAY = 64 };

static LitmusRound round;
static const LitmusTest *volatile current;      /* NULL: no more */
static volatile unsigned processors = 1;        /* that are in the test; tests are in the order of how many they want */
static volatile bool last_round;
static unsigned arrived;
static volatile unsigned meetings;

static void wait_until(volatile unsigned *word, unsigned value)
{
    for (unsigned spins = 0; *word != value; spins++) {
        if (spins >= SPINS) {
            litmus_yield();
        }
    }
}

/* Waits until all processors of the test are here. */
static void meet(void)
{
    unsigned next = meetings + 1;
    if (__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST) == processors) {
        __atomic_store_n(&arrived, 0, __ATOMIC_SEQ_CST);
        __atomic_store_n(&meetings, next, __ATOMIC_SEQ_CST);
    } else {
        wait_until(&meetings, next);
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void run_round(const LitmusTest *test, unsigned n, uint32_t *random)
{
    meet();
    *random = *random * 1664525 + 1013904223;
    for (unsigned delay = *random >> 16 & (MAX_DELAY - 1); delay; delay--) {
        __asm__ volatile("");
    }
    test->run[n](&round);
    meet();
}

/* The processors but the first: each is started by the first test that wants it, and has its part in all tests that follow. */
static void other(unsigned n)
{
    uint32_t random = n * 7919;
    for (;;) {
        meet();
        const LitmusTest *test = current;
        if (!test) {
            return;
        }
        for (bool last = false; !last;) {
            run_round(test, n, &random);
            meet();
            last = last_round;
        }
    }
}

static void run_test(const LitmusTest *test)
{
    uint32_t random = 1;
    unsigned rounds = 0, seen = 0;
    while (processors < test->threads) {
        unsigned n = processors++;      /* first: nobody is to meet without it */
        litmus_start(n, other);
    }
    uint64_t end = litmus_ticks() + litmus_ticks_per_second() / SHARES_PER_SECOND;
    round = (LitmusRound){ 0 };
    current = test;
    meet();
    last_round = false;         /* not before: until they have come here, others look at what it was */
    while (!last_round) {
        run_round(test, 0, &random);
        seen += test->seen(&round);
        rounds++;
        round = (LitmusRound){ 0 };
        last_round = rounds >= MAX_ROUNDS || (rounds >= MIN_ROUNDS && litmus_ticks() >= end);
        meet();
    }
    litmus_check(test->allowed || !seen, test->name, seen, rounds);
}

/* Each part once by itself, so that code is translated by one processor after the other: `fences` reads the log of that. */
static void rehearse(const LitmusTest *test)
{
    for (unsigned n = 0; n < test->threads; n++) {
        test->run[n](&round);
    }
}

void litmus_run_all(void)
{
    for (const LitmusTest *test = litmus_tests; test->name; test++) {
        rehearse(test);
    }
    for (const LitmusTest *test = litmus_tests; test->name; test++) {
        run_test(test);
    }
    current = (const LitmusTest *)0;
    meet();
}
