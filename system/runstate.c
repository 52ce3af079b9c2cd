/*
 * The run state of the machine, and the requests that the main loop carries out: reset, shutdown, power button, suspend, stop.
 *
 * Requests may come from any thread; they are flags that the main loop takes one after the other, so that a guest that asks for several things at once gets
 * them in one fixed order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/runstate.h"
#include "system/runstate-internal.h"

#include "accel/cpu.h"
#include "hw/core/machine.h"
#include "monitor/monitor.h"
#include "util/main-loop.h"
#include "util/timer.h"

#include <stdatomic.h>

const char *const run_state_names[RUN_STATE_COUNT] = {
    [RUN_STATE_DEBUG] = "debug", [RUN_STATE_INMIGRATE] = "inmigrate", [RUN_STATE_INTERNAL_ERROR] = "internal-error",
    [RUN_STATE_IO_ERROR] = "io-error", [RUN_STATE_PAUSED] = "paused", [RUN_STATE_POSTMIGRATE] = "postmigrate",
    [RUN_STATE_PRELAUNCH] = "prelaunch", [RUN_STATE_FINISH_MIGRATE] = "finish-migrate", [RUN_STATE_RESTORE_VM] = "restore-vm",
    [RUN_STATE_RUNNING] = "running", [RUN_STATE_SAVE_VM] = "save-vm", [RUN_STATE_SHUTDOWN] = "shutdown",
    [RUN_STATE_SUSPENDED] = "suspended", [RUN_STATE_WATCHDOG] = "watchdog", [RUN_STATE_GUEST_PANICKED] = "guest-panicked",
    [RUN_STATE_COLO] = "colo",
};

RunActions run_actions = { .reboot = REBOOT_RESET, .shutdown = ACTION_SHUTDOWN_POWEROFF, .panic = PANIC_SHUTDOWN, .watchdog = WATCHDOG_RESET };

typedef struct Notifier { Notify *fn; void *opaque; } Notifier;

struct RunStateHandler { RunStateChange *fn; void *opaque; };

static RunState state = RUN_STATE_PRELAUNCH;
static GPtrArray *handlers;
static GArray *notifiers[4];
enum { NOTIFY_POWERDOWN, NOTIFY_SUSPEND, NOTIFY_WAKEUP, NOTIFY_EXIT };

/* What was asked for; ShutdownCause + 1 where 0 is nothing. */
static _Atomic int reset_requested, shutdown_requested, shutdown_code = -1;
static _Atomic bool powerdown_requested, suspend_requested, wakeup_requested, debug_requested, panic_requested;
static _Atomic int stop_requested;      /* RunState + 1 */
static int killed_by_signal; static int killed_by_pid;

RunState run_state(void) { return state; }
bool run_state_is(RunState wanted) { return state == wanted; }
void run_state_set(RunState new_state) { state = new_state; }

/* ---- those who are told ---- */

RunStateHandler *run_state_add_handler(RunStateChange *fn, void *opaque)
{
    RunStateHandler *handler = g_new(RunStateHandler, 1);
    *handler = (RunStateHandler){ .fn = fn, .opaque = opaque };
    if (!handlers) {
        handlers = g_ptr_array_new_with_free_func(g_free);
    }
    g_ptr_array_add(handlers, handler);
    return handler;
}

void run_state_remove_handler(RunStateHandler *handler)
{
    if (handler && handlers) {
        g_ptr_array_remove(handlers, handler);
    }
}

static void tell_handlers(bool running)
{
    for (unsigned n = 0; handlers && n < handlers->len; n++) {
        RunStateHandler *h = g_ptr_array_index(handlers, running ? n : handlers->len - 1 - n);
        h->fn(h->opaque, running, state);
    }
}

static void add_notifier(int list, Notify *fn, void *opaque)
{
    if (!notifiers[list]) {
        notifiers[list] = g_array_new(FALSE, FALSE, sizeof(Notifier));
    }
    g_array_append_vals(notifiers[list], &(Notifier){ fn, opaque }, 1);
}

static void notify(int list)
{
    for (unsigned n = 0; notifiers[list] && n < notifiers[list]->len; n++) {
        Notifier *notifier = &g_array_index(notifiers[list], Notifier, n);
        notifier->fn(notifier->opaque);
    }
}

void powerdown_add_notifier(Notify *fn, void *opaque) { add_notifier(NOTIFY_POWERDOWN, fn, opaque); }
void suspend_add_notifier(Notify *fn, void *opaque) { add_notifier(NOTIFY_SUSPEND, fn, opaque); }
void wakeup_add_notifier(Notify *fn, void *opaque) { add_notifier(NOTIFY_WAKEUP, fn, opaque); }
void exit_add_notifier(Notify *fn, void *opaque) { add_notifier(NOTIFY_EXIT, fn, opaque); }
void run_state_notify_exit(void) { notify(NOTIFY_EXIT); }

/* ---- requests ---- */

static void ask(_Atomic int *request, int value)
{
    atomic_store(request, value);
    Cpu *cpu = cpu_current();
    if (cpu) {
        atomic_store(&cpu->exit_request, true);     /* no more guest code before the request is looked at */
    }
    main_loop_wake();
}

static void ask_flag(_Atomic bool *request)
{
    atomic_store(request, true);
    main_loop_wake();
}

void system_reset_request(ShutdownCause cause)
{
    bool guests_own = cause == SHUTDOWN_GUEST_RESET;
    if (run_actions.reboot == REBOOT_SHUTDOWN && cause != SHUTDOWN_SUBSYSTEM_RESET && (guests_own || cause == SHUTDOWN_HOST_QMP_SYSTEM_RESET)) {
        ask(&shutdown_requested, cause + 1);
    } else {
        ask(&reset_requested, cause + 1);
    }
    Cpu *cpu = cpu_current();
    if (cpu) {
        cpu->stop_requested = true;     /* stands still until the main loop has reset the machine */
        cpu_kick(cpu);
    }
}

void system_shutdown_request(ShutdownCause cause) { ask(&shutdown_requested, cause + 1); }

void system_shutdown_request_with_code(ShutdownCause cause, int exit_code)
{
    atomic_store(&shutdown_code, exit_code & 0xff);
    system_shutdown_request(cause);
    Cpu *cpu = cpu_current();
    if (cpu) {
        cpu->stop_requested = true;
        cpu_kick(cpu);
    }
}

void system_killed(int signal, int pid)
{
    killed_by_signal = signal;
    killed_by_pid = pid;
    run_actions.shutdown = ACTION_SHUTDOWN_POWEROFF;        /* a signal ends the process whatever -no-shutdown says */
    atomic_store(&shutdown_requested, SHUTDOWN_HOST_SIGNAL + 1);
    main_loop_wake();
}

bool system_was_killed(int *signal, int *pid)
{
    *signal = killed_by_signal;
    *pid = killed_by_pid;
    return killed_by_signal != 0;
}

void system_powerdown_request(void) { ask_flag(&powerdown_requested); }
void system_suspend_request(void) { ask_flag(&suspend_requested); }
void system_wakeup_request(void) { ask_flag(&wakeup_requested); }
void system_debug_request(void) { ask_flag(&debug_requested); }
void system_guest_panicked(void) { ask_flag(&panic_requested); }
void system_guest_crash_loaded(void) { }        /* an event of QMP, nothing else */
void vm_stop_request(RunState new_state) { ask(&stop_requested, new_state + 1); }

/* ---- what QMP's clients hear ---- */

static const char *const cause_names[] = {
    [SHUTDOWN_NONE] = "none", [SHUTDOWN_HOST_ERROR] = "host-error", [SHUTDOWN_HOST_QMP_QUIT] = "host-qmp-quit",
    [SHUTDOWN_HOST_QMP_SYSTEM_RESET] = "host-qmp-system-reset", [SHUTDOWN_HOST_SIGNAL] = "host-signal", [SHUTDOWN_HOST_UI] = "host-ui",
    [SHUTDOWN_GUEST_SHUTDOWN] = "guest-shutdown", [SHUTDOWN_GUEST_RESET] = "guest-reset", [SHUTDOWN_GUEST_PANIC] = "guest-panic",
    [SHUTDOWN_SUBSYSTEM_RESET] = "subsystem-reset", [SHUTDOWN_SNAPSHOT_LOAD] = "snapshot-load",
};

static void send_cause(const char *event, ShutdownCause cause)
{
    bool guest = cause == SHUTDOWN_GUEST_SHUTDOWN || cause == SHUTDOWN_GUEST_RESET || cause == SHUTDOWN_GUEST_PANIC;
    GVariantBuilder d;
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&d, "{sv}", "guest", g_variant_new_boolean(guest));
    g_variant_builder_add(&d, "{sv}", "reason", g_variant_new_string(cause_names[cause]));
    qmp_event_send(event, g_variant_builder_end(&d));
}

static void send_panicked(const char *action)
{
    GVariantBuilder d;
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&d, "{sv}", "action", g_variant_new_string(action));
    qmp_event_send("GUEST_PANICKED", g_variant_builder_end(&d));
}

/* ---- starting and stopping ---- */

void vm_start(void)
{
    if (state == RUN_STATE_RUNNING) {
        return;
    }
    state = RUN_STATE_RUNNING;
    clock_virtual_enable(true);
    tell_handlers(true);
    qmp_event_send("RESUME", NULL);
    cpus_resume();
}

void vm_stop(RunState new_state)
{
    if (state != RUN_STATE_RUNNING) {
        if (state != RUN_STATE_SUSPENDED || new_state != RUN_STATE_PAUSED) {
            state = new_state;
        }
        return;
    }
    cpus_pause();
    clock_virtual_enable(false);
    state = new_state;
    tell_handlers(false);
    qmp_event_send("STOP", NULL);
}

void system_reset_machine(void)
{
    Machine *machine = machine_current();
    cpus_synchronize();
    if (machine && machine_type(machine)->reset) {
        machine_type(machine)->reset(machine);
    } else {
        reset_all();
    }
}

static bool take(_Atomic bool *request) { return atomic_exchange(request, false); }

static void do_reset(ShutdownCause cause)
{
    bool was_running = cpus_running();
    cpus_pause();
    system_reset_machine();
    send_cause("RESET", cause);
    if (state == RUN_STATE_INTERNAL_ERROR || state == RUN_STATE_SHUTDOWN || state == RUN_STATE_GUEST_PANICKED) {
        state = RUN_STATE_PAUSED;
    }
    if (was_running || state == RUN_STATE_RUNNING) {
        cpus_resume();
    }
}

static void do_suspend(void)
{
    cpus_pause();
    notify(NOTIFY_SUSPEND);
    state = RUN_STATE_SUSPENDED;
    qmp_event_send("SUSPEND", NULL);
}

static void do_wakeup(void)
{
    if (state != RUN_STATE_SUSPENDED) {
        return;
    }
    state = RUN_STATE_RUNNING;
    system_reset_machine();
    notify(NOTIFY_WAKEUP);
    qmp_event_send("WAKEUP", NULL);
    cpus_resume();
}

static bool do_shutdown(ShutdownCause cause, int *exit_code)
{
    int code = atomic_load(&shutdown_code);
    send_cause("SHUTDOWN", cause);
    *exit_code = code >= 0 ? code : 0;
    if (run_actions.shutdown == ACTION_SHUTDOWN_PAUSE && code < 0) {
        vm_stop(RUN_STATE_SHUTDOWN);
        return false;
    }
    return true;
}

static bool do_panic(int *exit_code)
{
    send_panicked(run_actions.panic == PANIC_NONE ? "run" : run_actions.panic == PANIC_PAUSE ? "pause" : "poweroff");
    switch (run_actions.panic) {
    case PANIC_NONE:
        return false;
    case PANIC_PAUSE:
        vm_stop(RUN_STATE_GUEST_PANICKED);
        return false;
    case PANIC_EXIT_FAILURE:
        *exit_code = 1;
        return true;
    case PANIC_SHUTDOWN:
        break;
    }
    atomic_store(&shutdown_requested, SHUTDOWN_GUEST_PANIC + 1);
    return false;
}

bool run_state_do_requests(int *exit_code)
{
    if (take(&debug_requested)) {
        vm_stop(RUN_STATE_DEBUG);
    }
    if (take(&panic_requested) && do_panic(exit_code)) {
        return true;
    }
    if (take(&suspend_requested)) {
        do_suspend();
    }
    int cause = atomic_exchange(&shutdown_requested, 0);
    if (cause && do_shutdown(cause - 1, exit_code)) {
        return true;
    }
    cause = atomic_exchange(&reset_requested, 0);
    if (cause) {
        do_reset(cause - 1);
    }
    if (take(&wakeup_requested)) {
        do_wakeup();
    }
    if (take(&powerdown_requested)) {
        qmp_event_send("POWERDOWN", NULL);
        notify(NOTIFY_POWERDOWN);
    }
    int stop = atomic_exchange(&stop_requested, 0);
    if (stop) {
        vm_stop(stop - 1);
    }
    return false;
}
