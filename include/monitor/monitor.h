/*
 * Monitors: the human one (HMP) and the machine's (QMP) on character devices.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H

#include <glib.h>
#include <stdbool.h>

/* -mon: "[chardev=]ID[,mode=readline|control][,pretty=on|off]". */
bool monitor_add(const char *options_text, GError **err);
/* -monitor (control false), -qmp (control), -qmp-pretty (control and pretty): the character device's short form. */
bool monitor_add_legacy(const char *spec, bool control, bool pretty, GError **err);
/* One HMP command line; what it prints. Caller frees. cpu: index of the vCPU for info registers and others. Machine lock held. */
char *monitor_hmp_command(const char *line, int cpu_index);
/* Monitors say their last words and give their terminals back; at the process's end. */
void monitor_cleanup(void);

/* Sends a QMP event: data is a{sv} (floating is taken) or NULL. Any thread. */
void qmp_event_send(const char *name, GVariant *data);

#endif
