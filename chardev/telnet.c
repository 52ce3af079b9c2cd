/*
 * The telnet protocol (RFC 854, options of RFC 855 to 858 in the greeting only): what the peer answers is skipped.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/telnet.h"

enum { SE = 240, BRK = 243, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };
enum { OPTION_BINARY = 0, OPTION_ECHO = 1, OPTION_SUPPRESS_GO_AHEAD = 3 };

const uint8_t telnet_greeting[12] = {
    IAC, WILL, OPTION_ECHO, IAC, WILL, OPTION_SUPPRESS_GO_AHEAD, IAC, WILL, OPTION_BINARY, IAC, DO, OPTION_BINARY,
};

/* The byte behind IAC; true when it is data. */
static bool telnet_command(TelnetReader *t, uint8_t byte, unsigned *breaks)
{
    t->state = byte >= WILL && byte <= DONT ? TELNET_OPTION : byte == SB ? TELNET_SUB : TELNET_DATA;
    *breaks += byte == BRK;
    return byte == IAC;
}

size_t telnet_read(TelnetReader *t, uint8_t *buf, size_t len, unsigned *breaks)
{
    size_t kept = 0;
    for (size_t n = 0; n < len; n++) {
        uint8_t byte = buf[n];
        switch (t->state) {
        case TELNET_COMMAND:
            if (telnet_command(t, byte, breaks)) {
                buf[kept++] = byte;
            }
            break;
        case TELNET_OPTION:
            t->state = TELNET_DATA;
            break;
        case TELNET_SUB:
            t->state = byte == IAC ? TELNET_SUB_COMMAND : TELNET_SUB;
            break;
        case TELNET_SUB_COMMAND:
            t->state = byte == SE ? TELNET_DATA : TELNET_SUB;
            break;
        case TELNET_DATA:
            if (byte == IAC) {
                t->state = TELNET_COMMAND;
            } else if (!(t->carriage_return && byte == 0)) {
                buf[kept++] = byte;
            }
            t->carriage_return = byte == '\r';
            break;
        }
    }
    return kept;
}
