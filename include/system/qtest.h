/*
 * The server of the qtest protocol: a test program drives the machine over a character device.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_QTEST_H
#define SYSTEM_QTEST_H

#include <glib.h>
#include <stdbool.h>

/* -qtest SPEC -qtest-log FILE ("none": nowhere; NULL: stderr). Before the machine is built; the protocol starts when the main loop runs. */
bool qtest_server_start(const char *spec, const char *log, GError **err);
bool qtest_server_active(void);

#endif
