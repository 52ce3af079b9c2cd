/*
 * The table of QMP commands. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_QMP_COMMANDS_H
#define MONITOR_QMP_COMMANDS_H

#include <glib.h>
#include <stdbool.h>

/* args: "name:type,..." with types s string, i integer, b boolean, o object, l list, v any value; '?' behind it: may be absent; a last "*": others go through.
 * run: *result may stay NULL (an empty object) or gets a floating value. */
typedef struct QmpCommand {
    const char *name, *args;
    bool (*run)(GVariant *args, GVariant **result, GError **err);
    bool before_capabilities;
} QmpCommand;
extern const QmpCommand qmp_commands[];     /* ends with name NULL */

const QmpCommand *qmp_command_find(const char *name);
/* Checks the arguments (a{sv} or NULL) against the command's table and runs it. */
bool qmp_command_run(const QmpCommand *c, GVariant *args, GVariant **result, GError **err);

#endif
