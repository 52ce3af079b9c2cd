/*
 * Between the files of the start-up: each step as a function, in the order in which system_run calls them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_STARTUP_INTERNAL_H
#define SYSTEM_STARTUP_INTERNAL_H

#include "system/options.h"

/* ---- globals.c ---- */
bool globals_add(const char *text, GError **err);
void globals_set_compat(const CompatProperty *const *lists);
void globals_install(void);
void globals_warn_unused(void);

/* ---- process.c ---- */
/* -daemonize: the child goes on, the parent waits until process_detach (status 0) or the child's end. */
bool process_daemonize(GError **err);
void process_detach(void);
bool process_write_pidfile(const char *path, GError **err);
/* SIGTERM, SIGINT and SIGHUP end the machine from now on. */
void process_catch_signals(void);

/* ---- machine-create.c ---- */
/* The machine object of -machine with its properties; the machine's accelerator settings stay in s->machine. */
Machine *machine_create(Settings *s, GError **err);
bool machine_init_accel(Settings *s, Machine *m, void (*message)(const char *line), GError **err);
/* All of -m as machine->ram. */
bool machine_create_ram(Settings *s, Machine *m, GError **err);

/* ---- defaults.c ---- */
/* What a machine has without being asked: serial, parallel, monitor, display, CD-ROM, floppy, network. Adds to the lists of s. */
void defaults_apply(Settings *s, const MachineType *type);

/* ---- create.c: options that make things, each in the order of the command line; errors carry the option's name ---- */
bool create_objects(Settings *s, bool late, GError **err);
bool create_fdsets(Settings *s, GError **err);
bool create_chardevs(Settings *s, GError **err);
bool create_serials(Settings *s, GError **err);
bool create_drives(Settings *s, const Machine *m, GError **err);
bool create_network(Settings *s, GError **err);
bool create_devices(Settings *s, GError **err);
bool create_monitors(Settings *s, GError **err);
bool create_fw_cfg_files(Settings *s, GError **err);
bool create_option_roms(Settings *s, GError **err);
bool create_debuggers(Settings *s, GError **err);
/* ---- semihosting-option.c: once the accelerator and the character devices are there ---- */
bool semihosting_apply(Settings *s, const Machine *m, GError **err);
/* -set GROUP.ID.ARG=VALUE changes the texts of later steps. */
bool apply_sets(Settings *s, GError **err);

#endif
