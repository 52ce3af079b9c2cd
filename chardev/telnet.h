/*
 * The telnet protocol (RFC 854) as far as a console needs it. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CHARDEV_TELNET_H
#define CHARDEV_TELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct TelnetReader {
    enum { TELNET_DATA, TELNET_COMMAND, TELNET_OPTION, TELNET_SUB, TELNET_SUB_COMMAND } state;
    bool carriage_return;           /* CR came last: a NUL behind it is no data */
} TelnetReader;

/* What the server says first: we echo, character at a time, eight bits both ways. */
extern const uint8_t telnet_greeting[12];

/* Takes the protocol out of buf in place; returns how many bytes of data are left. *breaks counts BREAK commands. */
size_t telnet_read(TelnetReader *t, uint8_t *buf, size_t len, unsigned *breaks);

#endif
