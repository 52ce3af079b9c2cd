/*
 * The gdb remote protocol's server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef GDBSTUB_GDBSTUB_H
#define GDBSTUB_GDBSTUB_H

#include <glib.h>
#include <stdbool.h>

/* -gdb and the monitor's gdbserver: "tcp::1234", "unix:...", "chardev:ID", "stdio", "none" (closes it). After the machine has its CPUs. */
bool gdbserver_start(const char *spec, GError **err);
/* A vCPU stopped for the debugger; on its thread, machine lock held. */
struct Cpu;
void gdbserver_cpu_stopped(struct Cpu *cpu);
/* Tells the debugger that the process ends. */
void gdbserver_exit(int code);

#endif
