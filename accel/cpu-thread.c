/*
 * The threads of vCPUs: one each, or one for all in turn. A thread holds the machine lock except while it sleeps and inside vcpu_run.
 *
 * A thread sleeps on a flag of its own rather than on a condition of the machine lock, so that whoever wakes it need not hold that lock and no
 * wake-up is lost.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "accel/cpu-internal.h"
#include "util/error.h"
#include "util/main-loop.h"
#include "util/timer.h"

#include <sys/syscall.h>
#include <unistd.h>

#define TURN_NS (10 * NS_PER_MS)    /* of a vCPU where one thread runs all */

typedef struct CpuWork { CpuWorkFunc *fn; void *opaque; bool *done; bool exclusive; } CpuWork;

static GCond state_cond;            /* created, stopped, work done, left guest code; machine lock */
static bool all_running;
static unsigned exclusive_pending;  /* vCPUs that want to be alone */
static void (*stop_hook)(Cpu *cpu, int exit);

void cpu_set_stop_hook(void (*fn)(Cpu *cpu, int exit))
{
    stop_hook = fn;
}

bool cpus_running(void)
{
    return all_running;
}

/* ---- work ---- */

/* Waits until no other vCPU is in guest code; none enters it while exclusive_pending is set. */
static void exclusive_begin(Cpu *self)
{
    exclusive_pending++;
    for (;;) {
        bool alone = true;
        CPU_FOREACH(cpu) {
            if (cpu != self && cpu->running) {
                alone = false;
                cpu_kick(cpu);
            }
        }
        if (alone) {
            return;
        }
        machine_cond_wait(&state_cond);
    }
}

static void exclusive_end(void)
{
    exclusive_pending--;
    g_cond_broadcast(&state_cond);
}

static CpuWork *take_work(Cpu *cpu)
{
    g_mutex_lock(&cpu->work_lock);
    CpuWork *work = g_queue_pop_head(cpu->work);
    g_mutex_unlock(&cpu->work_lock);
    return work;
}

static bool has_work_queued(Cpu *cpu)
{
    g_mutex_lock(&cpu->work_lock);
    bool any = !g_queue_is_empty(cpu->work);
    g_mutex_unlock(&cpu->work_lock);
    return any;
}

static void do_work(Cpu *cpu)
{
    for (CpuWork *work; (work = take_work(cpu));) {
        if (work->exclusive) {
            exclusive_begin(cpu);
            work->fn(cpu, work->opaque);
            exclusive_end();
        } else {
            work->fn(cpu, work->opaque);
        }
        if (work->done) {
            *work->done = true;
            g_cond_broadcast(&state_cond);
        }
        g_free(work);
    }
}

static void queue_work(Cpu *cpu, CpuWork work)
{
    g_mutex_lock(&cpu->work_lock);
    g_queue_push_tail(cpu->work, g_memdup2(&work, sizeof(work)));
    g_mutex_unlock(&cpu->work_lock);
    cpu_kick(cpu);
}

void cpu_run_on(Cpu *cpu, CpuWorkFunc *fn, void *opaque)
{
    MACHINE_LOCK_GUARD();
    if (!cpu->thread || cpu->thread == g_thread_self()) {
        Cpu *before = cpu_current();
        cpu_set_current(cpu);
        fn(cpu, opaque);
        cpu_set_current(before);
        return;
    }
    bool done = false;
    queue_work(cpu, (CpuWork){ .fn = fn, .opaque = opaque, .done = &done });
    while (!done) {
        machine_cond_wait(&state_cond);
    }
}

void cpu_run_on_async(Cpu *cpu, CpuWorkFunc *fn, void *opaque)
{
    queue_work(cpu, (CpuWork){ .fn = fn, .opaque = opaque });
}

void cpu_run_exclusive_async(Cpu *cpu, CpuWorkFunc *fn, void *opaque)
{
    queue_work(cpu, (CpuWork){ .fn = fn, .opaque = opaque, .exclusive = true });
}

/* ---- the loop ---- */

static bool can_run(const Cpu *cpu)
{
    return !cpu->stop_requested && !cpu->stopped && !cpu->unplug && all_running;
}

/* Nothing to do but to sleep? */
static bool is_idle(Cpu *cpu, const AccelType *type)
{
    if (cpu->stop_requested || cpu->unplug || has_work_queued(cpu)) {
        return false;
    }
    if (!can_run(cpu) || !type->vcpu_run) {
        return true;
    }
    return atomic_load(&cpu->halted) && !accel_current()->halts_itself && !(cpu->arch && cpu->arch->has_work && cpu->arch->has_work(cpu));
}

/* The machine lock is free while it sleeps. */
static void sleep_until_woken(CpuWaiter *waiter)
{
    machine_unlock();
    g_mutex_lock(&waiter->lock);
    while (!waiter->wake) {
        g_cond_wait(&waiter->cond, &waiter->lock);
    }
    waiter->wake = false;
    g_mutex_unlock(&waiter->lock);
    machine_lock();
}

/* The same, for a moment. */
static void nap(Cpu *cpu)
{
    CpuWaiter *waiter = cpu->waiter;
    gint64 end = g_get_monotonic_time() + cpu->nap_us;
    cpu->nap_us = 0;
    machine_unlock();
    g_mutex_lock(&waiter->lock);
    while (!waiter->wake && g_cond_wait_until(&waiter->cond, &waiter->lock, end)) {
    }
    waiter->wake = false;
    g_mutex_unlock(&waiter->lock);
    machine_lock();
}

/* Requests of others: to stand still, to do work. */
static void look_at_requests(Cpu *cpu)
{
    atomic_store(&cpu->exit_request, false);
    if (cpu->stop_requested) {
        cpu->stop_requested = false;
        cpu->stopped = true;
        g_cond_broadcast(&state_cond);
    }
    do_work(cpu);
}

static void run_once(Cpu *cpu, const AccelType *type)
{
    while (exclusive_pending) {
        machine_cond_wait(&state_cond);
    }
    if (!can_run(cpu)) {
        return;
    }
    cpu->running = true;
    VcpuExit exit = type->vcpu_run(cpu);
    cpu->running = false;
    if (exclusive_pending) {
        g_cond_broadcast(&state_cond);
    }
    if (exit == VCPU_EXIT_DEBUG || exit == VCPU_EXIT_ERROR) {
        cpu->stopped = true;
        if (stop_hook) {
            stop_hook(cpu, exit);
        }
    }
}

typedef struct ThreadStart { Cpu *cpu; GError *error; bool failed; } ThreadStart;

/* On the vCPU's thread; start is gone behind it. */
static bool begin(ThreadStart *start)
{
    Cpu *cpu = start->cpu;
    const AccelType *type = accel_type(accel_current());
    cpu_set_current(cpu);
    bool ok = !type->vcpu_init || type->vcpu_init(cpu, &start->error);
    start->failed = !ok;
    cpu->thread_id = (int)syscall(SYS_gettid);
    cpu->created = true;
    g_cond_broadcast(&state_cond);
    return ok;
}

/* What is left to do for a vCPU that goes away. */
static void end(Cpu *cpu)
{
    const AccelType *type = accel_type(accel_current());
    do_work(cpu);
    if (type->vcpu_exit) {
        type->vcpu_exit(cpu);
    }
    cpu->created = false;
    g_cond_broadcast(&state_cond);
}

static void *vcpu_thread(void *opaque)
{
    ThreadStart *start = opaque;
    Cpu *cpu = start->cpu;
    const AccelType *type = accel_type(accel_current());

    machine_lock();
    if (begin(start)) {
        while (!cpu->unplug) {
            if (is_idle(cpu, type)) {
                sleep_until_woken(cpu->waiter);
            } else if (cpu->nap_us) {
                nap(cpu);
            }
            look_at_requests(cpu);
            if (!is_idle(cpu, type) && can_run(cpu)) {
                run_once(cpu, type);
            }
        }
        end(cpu);
    }
    machine_unlock();
    return NULL;
}

/* ---- one thread for all ---- */

static CpuWaiter turn_waiter;
static GThread *turn_thread;
static Cpu *turn_cpu;               /* that runs now; machine lock */
static ThreadStart *turn_start;     /* a vCPU that is to join */
static Timer turn_timer;            /* ends a turn where others wait for theirs */

static void turn_over(void *opaque)
{
    if (turn_cpu) {
        cpu_kick(turn_cpu);
    }
    timer_set_ns(&turn_timer, clock_get_ns(CLOCK_TYPE_REALTIME) + TURN_NS);
}

static bool all_idle(const AccelType *type)
{
    CPU_FOREACH(cpu) {
        if (cpu->created && (cpu->unplug || !is_idle(cpu, type))) {
            return false;
        }
    }
    return !turn_start;
}

static void take_turn(Cpu *cpu, const AccelType *type)
{
    cpu_set_current(cpu);
    if (cpu->unplug) {
        end(cpu);
        return;
    }
    look_at_requests(cpu);
    cpu->nap_us = 0;            /* the others have their turns anyway */
    if (can_run(cpu) && !is_idle(cpu, type)) {
        turn_cpu = cpu;
        run_once(cpu, type);
        turn_cpu = NULL;
    }
}

static void *turns(void *opaque)
{
    const AccelType *type = accel_type(accel_current());
    machine_lock();
    for (;;) {
        if (turn_start) {
            ThreadStart *start = turn_start;
            turn_start = NULL;
            begin(start);
        }
        CPU_FOREACH(cpu) {
            if (cpu->created) {
                take_turn(cpu, type);
            }
        }
        cpu_set_current(NULL);
        if (all_idle(type)) {
            sleep_until_woken(&turn_waiter);
        }
    }
    return NULL;
}

/* Joins the vCPU to the one thread, which begins with the first of them and goes on to the process's end. */
static void join_turns(ThreadStart *start)
{
    turn_start = start;
    start->cpu->waiter = &turn_waiter;
    if (!turn_thread) {
        turn_thread = g_thread_new("ALL CPUs", turns, NULL);
        timer_init(&turn_timer, CLOCK_TYPE_REALTIME, turn_over, NULL);
    }
    if (cpu_count() > 1 && !timer_pending(&turn_timer)) {
        turn_over(NULL);
    }
    start->cpu->thread = turn_thread;
    cpu_waiter_wake(&turn_waiter);
}

/* ---- making and ending ---- */

static bool in_turns(const Accel *accel)
{
    return accel->single_thread || !accel_type(accel)->thread_per_vcpu;
}

static void join_thread(Cpu *cpu)
{
    GThread *thread = g_steal_pointer(&cpu->thread);
    if (thread != turn_thread) {
        machine_unlock();
        g_thread_join(thread);
        machine_lock();
    }
}

bool cpu_register(Cpu *cpu, GError **err)
{
    Accel *accel = accel_current();
    if (!accel) {
        cpu->created = true;    /* tests of CPU types: nobody runs it */
        return true;
    }
    if (accel_type(accel)->vcpu_create && !accel_type(accel)->vcpu_create(accel, cpu, err)) {
        return false;
    }
    ThreadStart start = { .cpu = cpu };
    if (in_turns(accel)) {
        join_turns(&start);
    } else {
        g_autofree char *name = g_strdup_printf("CPU %d", cpu->index);
        cpu->thread = g_thread_new(name, vcpu_thread, &start);
    }
    while (!cpu->created) {
        machine_cond_wait(&state_cond);
    }
    if (start.failed) {
        cpu->created = false;
        join_thread(cpu);
        g_propagate_error(err, start.error);
        return false;
    }
    return true;
}

void cpu_unregister(Cpu *cpu)
{
    if (!cpu->thread) {
        return;
    }
    cpu->unplug = true;
    cpu_kick(cpu);
    while (cpu->created) {
        machine_cond_wait(&state_cond);
    }
    join_thread(cpu);
}

/* ---- run state ---- */

static bool all_stopped(void)
{
    CPU_FOREACH(cpu) {
        if (cpu->thread && !cpu->stopped) {
            return false;
        }
    }
    return true;
}

void cpus_pause(void)
{
    Accel *accel = accel_current();
    CPU_FOREACH(cpu) {
        if (!cpu->thread || cpu->thread == g_thread_self()) {
            cpu->stopped = true;
            cpu->stop_requested = false;
            atomic_store(&cpu->exit_request, true);     /* it leaves guest code when the caller is done */
        } else if (!cpu->stopped) {
            cpu->stop_requested = true;
            cpu_kick(cpu);
        }
    }
    while (!all_stopped()) {
        machine_cond_wait(&state_cond);
    }
    if (all_running) {
        all_running = false;
        if (accel && accel_type(accel)->run_state_changed) {
            accel_type(accel)->run_state_changed(accel, false);
        }
    }
}

void cpu_resume(Cpu *cpu)
{
    cpu->stop_requested = false;
    cpu->stopped = false;
    cpu_kick(cpu);
}

void cpus_resume(void)
{
    Accel *accel = accel_current();
    if (!all_running && accel && accel_type(accel)->run_state_changed) {
        accel_type(accel)->run_state_changed(accel, true);
    }
    all_running = true;
    CPU_FOREACH(cpu) {
        cpu_resume(cpu);
    }
}
