/*
 * What monitors can ask for, as typed C functions: HMP and QMP are two faces of these. All: main thread, machine lock held; errors carry QMP's class.
 *
 * Queries return GVariants in the shape of QMP's schema (floating).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_COMMANDS_H
#define MONITOR_COMMANDS_H

#include "accel/cpu.h"
#include "ui/input.h"

/* ---- run state (commands-machine.c) ---- */
bool command_cont(GError **err);
void command_stop(void);
void command_quit(void);
bool command_system_wakeup(GError **err);
bool command_inject_nmi(GError **err);
bool command_set_boot_order(const char *order, GError **err);
bool command_set_watchdog_action(const char *action, GError **err);
/* reboot, shutdown, panic, watchdog: NULL: stays. */
bool command_set_action(const char *reboot, const char *shutdown, const char *panic, const char *watchdog, GError **err);
bool command_set_one_insn_per_tb(bool on, GError **err);
/* Guest memory into a file: by virtual address of a CPU, or physical. */
bool command_memsave(Cpu *cpu, uint64_t addr, uint64_t size, const char *path, GError **err);
bool command_dumpdtb(const char *path, GError **err);
bool command_pmemsave(uint64_t addr, uint64_t size, const char *path, GError **err);

/* ---- queries (commands-query.c) ---- */
GVariant *query_version(void);
GVariant *query_status(void);
GVariant *query_kvm(void);
GVariant *query_accelerators(void);
GVariant *query_name(void);
GVariant *query_uuid(void);
GVariant *query_cpus_fast(void);
GVariant *query_chardev(void);
GVariant *query_chardev_backends(void);
GVariant *query_mice(void);
GVariant *query_memory_size_summary(void);
GVariant *query_iothreads(void);
GVariant *query_target(void);
GVariant *query_machines(void);

/* ---- objects (commands-qom.c) ---- */
GVariant *command_qom_list(const char *path, GError **err);                     /* aa{sv} */
GVariant *command_qom_get(const char *path, const char *property, GError **err);
bool command_qom_set(const char *path, const char *property, GVariant *value, GError **err);
bool command_qom_set_text(const char *path, const char *property, const char *text, GError **err);
GVariant *command_qom_list_types(const char *implements, bool with_abstract, GError **err);
GVariant *command_list_properties(const char *type_name, bool devices_only, GError **err);
void command_describe_qom_tree(const char *path, GString *out, GError **err);
bool command_object_add_text(const char *text, GError **err);
bool command_object_add(GVariant *dict, GError **err);

/* ---- input and screen (commands-ui.c) ---- */
/* Presses all keys in order, and lets them go after hold_ms (0: 100). */
bool command_send_keys(const QKeyCode *keys, size_t count, int64_t hold_ms, GError **err);
bool command_screendump(const char *path, const char *device, unsigned head, const char *format, GError **err);
void command_mouse_move(int dx, int dy, int dz);
void command_mouse_button(unsigned state);

/* ---- QMP events of everybody ---- */
void monitor_install_event_hooks(void);

#endif
