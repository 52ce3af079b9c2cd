/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MONITOR_QMP_INPUT_H
#define MONITOR_QMP_INPUT_H

#include <glib.h>
#include <stdbool.h>

bool qmp_run_send_key(GVariant *args, GVariant **result, GError **err);
bool qmp_run_input_send_event(GVariant *args, GVariant **result, GError **err);

#endif
