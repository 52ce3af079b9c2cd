/*
 * What the command line says about semihosting, and the debugger that may carry calls out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "semihosting/internal.h"

SemihostSettings semihost_settings;
static const SemihostDebugger *debugger;

bool semihosting_configure(const SemihostSettings *settings, GError **err)
{
    semihost_settings = *settings;
    semihost_settings.command_line = g_strdup(settings->command_line ? settings->command_line : "");
    semihost_settings.chardev = NULL;
    return semihost_console_connect(settings->chardev, err);
}

bool semihosting_enabled(bool unprivileged)
{
    return semihost_settings.enabled && (!unprivileged || semihost_settings.userspace);
}

void semihosting_set_debugger(const SemihostDebugger *d) { debugger = d; }
const SemihostDebugger *semihost_debugger(void) { return debugger; }

bool semihost_to_debugger(void)
{
    return semihost_settings.target != SEMIHOST_NATIVE && debugger && debugger->attached();
}
