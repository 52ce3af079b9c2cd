/*
 * The machine's run state, and requests that end or restart it. Devices of any floor may call the requests: the main loop carries them out later.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_RUNSTATE_H
#define SYSTEM_RUNSTATE_H

#include <glib.h>
#include <stdbool.h>

typedef enum RunState {
    RUN_STATE_DEBUG, RUN_STATE_INMIGRATE, RUN_STATE_INTERNAL_ERROR, RUN_STATE_IO_ERROR, RUN_STATE_PAUSED, RUN_STATE_POSTMIGRATE,
    RUN_STATE_PRELAUNCH, RUN_STATE_FINISH_MIGRATE, RUN_STATE_RESTORE_VM, RUN_STATE_RUNNING, RUN_STATE_SAVE_VM, RUN_STATE_SHUTDOWN,
    RUN_STATE_SUSPENDED, RUN_STATE_WATCHDOG, RUN_STATE_GUEST_PANICKED, RUN_STATE_COLO, RUN_STATE_COUNT
} RunState;
extern const char *const run_state_names[RUN_STATE_COUNT];

/* Why a shutdown or reset was asked for (QMP's ShutdownCause). */
typedef enum ShutdownCause {
    SHUTDOWN_NONE, SHUTDOWN_HOST_ERROR, SHUTDOWN_HOST_QMP_QUIT, SHUTDOWN_HOST_QMP_SYSTEM_RESET, SHUTDOWN_HOST_SIGNAL, SHUTDOWN_HOST_UI,
    SHUTDOWN_GUEST_SHUTDOWN, SHUTDOWN_GUEST_RESET, SHUTDOWN_GUEST_PANIC, SHUTDOWN_SUBSYSTEM_RESET, SHUTDOWN_SNAPSHOT_LOAD,
} ShutdownCause;

RunState run_state(void);
bool run_state_is(RunState state);
static inline bool machine_is_running(void) { return run_state_is(RUN_STATE_RUNNING); }

/* Requests; any thread. -no-reboot, -no-shutdown, -action decide what comes of them. */
void system_reset_request(ShutdownCause cause);
void system_shutdown_request(ShutdownCause cause);
void system_shutdown_request_with_code(ShutdownCause cause, int exit_code);   /* isa-debug-exit: the process ends with that code */
void system_powerdown_request(void);            /* the power button */
void system_suspend_request(void);              /* ACPI S3 */
void system_wakeup_request(void);
void system_guest_panicked(void);
void system_guest_crash_loaded(void);           /* the guest panicked and runs its crash kernel */
void system_debug_request(void);                /* a vCPU hit a breakpoint */
void vm_stop_request(RunState state);

/* Machine lock held, main thread. */
void vm_start(void);
void vm_stop(RunState state);

/* Told when the machine starts or stops; machine lock held. In order of registration on start, in reverse on stop. */
typedef void RunStateChange(void *opaque, bool running, RunState state);
typedef struct RunStateHandler RunStateHandler;
RunStateHandler *run_state_add_handler(RunStateChange *fn, void *opaque);
void run_state_remove_handler(RunStateHandler *handler);
/* Told of the power button, of suspend, of wake-up, and of the process's end before it goes. */
typedef void Notify(void *opaque);
void powerdown_add_notifier(Notify *fn, void *opaque);
void suspend_add_notifier(Notify *fn, void *opaque);
void wakeup_add_notifier(Notify *fn, void *opaque);
void exit_add_notifier(Notify *fn, void *opaque);

#endif
