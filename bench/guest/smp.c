/*
 * Two processors at once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include "bench.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

static int has_two(void) { return sysconf(_SC_NPROCESSORS_ONLN) > 1; }

typedef struct Job { void (*run)(struct Job *); unsigned turns; int processor; uint64_t sum; } Job;

static void *run_job(void *opaque)
{
    Job *job = opaque;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(job->processor, &set);
    sched_setaffinity(0, sizeof(set), &set);
    job->run(job);
    return NULL;
}

static uint64_t on_two(void (*run)(Job *), unsigned turns)
{
    Job jobs[2] = { { run, turns, 0, 0 }, { run, turns, 1, 0 } };
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, run_job, &jobs[i]);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    return jobs[0].sum + jobs[1].sum;
}

static uint64_t shared;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void add_atomically(Job *job)
{
    for (unsigned i = 0; i < job->turns; i++) {
        __atomic_fetch_add(&shared, 1, __ATOMIC_SEQ_CST);
    }
}

static uint64_t atomic(unsigned turns)
{
    shared = 0;
    on_two(add_atomically, turns);
    return shared;
}

static void add_locked(Job *job)
{
    for (unsigned i = 0; i < job->turns; i++) {
        pthread_mutex_lock(&lock);
        shared++;
        pthread_mutex_unlock(&lock);
    }
}

static uint64_t mutex(unsigned turns)
{
    shared = 0;
    on_two(add_locked, turns);
    return shared;
}

static void compute_alone(Job *job)
{
    uint64_t state = job->processor + 1;
    for (unsigned i = 0; i < job->turns; i++) {
        job->sum = mix(job->sum, next_random(&state));
    }
}

static uint64_t compute(unsigned turns)
{
    return on_two(compute_alone, turns);
}

static uint8_t *page;
static _Atomic int done;

/* One changes rights, so that the other, which runs, has to forget them. */
static void shoot(Job *job)
{
    if (job->processor == 1) {
        while (!done) {
            job->sum++;
        }
        job->sum = 0;
        return;
    }
    for (unsigned i = 0; i < job->turns; i++) {
        page[0]++;
        mprotect(page, 4096, PROT_READ);
        mprotect(page, 4096, PROT_READ | PROT_WRITE);
    }
    job->sum = page[0];
    done = 1;
}

static uint64_t shootdown(unsigned turns)
{
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    done = 0;
    uint64_t sum = on_two(shoot, turns);
    munmap(page, 4096);
    return sum;
}

const Work smp_works[] = {
    { "smp.atomic", atomic, 7500000, has_two }, { "smp.mutex", mutex, 2000000, has_two }, { "smp.compute", compute, 30000000, has_two },
    { "smp.shootdown", shootdown, 2500, has_two }, { 0 },
};
