/*
 * From the command line to a running machine, and to the end of the process.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_STARTUP_H
#define SYSTEM_STARTUP_H

#include "accel/target.h"

/* Runs the program; returns its exit status. Prints errors as "PROGRAM: TEXT" and "PROGRAM: hint: TEXT". */
int system_run(const char *program, const TargetArch *arch, int argc, char **argv);

/* Builds and resets the machine that argv describes and does not run it: for programs that drive devices themselves (fuzzers). Once in a process, on its main
 * thread, which has the machine lock from then on. */
bool system_build(const char *program, const TargetArch *arch, int argc, char **argv, GError **err);

#endif
