/*
 * The part of the run state that system/ and monitor/ share: actions, carrying out requests, the end of the process.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_RUNSTATE_INTERNAL_H
#define SYSTEM_RUNSTATE_INTERNAL_H

#include "system/runstate.h"

/* What -action, -no-reboot and -no-shutdown say. */
typedef struct RunActions {
    enum { REBOOT_RESET, REBOOT_SHUTDOWN } reboot;
    enum { ACTION_SHUTDOWN_POWEROFF, ACTION_SHUTDOWN_PAUSE } shutdown;
    enum { PANIC_SHUTDOWN, PANIC_PAUSE, PANIC_EXIT_FAILURE, PANIC_NONE } panic;
    enum { WATCHDOG_RESET, WATCHDOG_SHUTDOWN, WATCHDOG_POWEROFF, WATCHDOG_INJECT_NMI, WATCHDOG_PAUSE, WATCHDOG_DEBUG, WATCHDOG_NONE } watchdog;
} RunActions;
extern RunActions run_actions;

void run_state_set(RunState state);
/* Carries out what was asked for; true: the process ends with *exit_code. Main thread, machine lock held. */
bool run_state_do_requests(int *exit_code);
void run_state_notify_exit(void);
/* A reset of the whole machine now; vCPUs stand still. */
void system_reset_machine(void);
/* A signal asks the process to end (from the signal's watch on the main loop). */
void system_killed(int signal, int pid);
bool system_was_killed(int *signal, int *pid);

#endif
