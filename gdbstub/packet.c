/*
 * Packets of the gdb remote serial protocol.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gdbstub/packet.h"

#include <string.h>

enum { ESCAPE = '}', ESCAPE_XOR = 0x20, RUN = '*', RUN_BASE = 29, INTERRUPT = 3 };

static void put(GdbReader *r, uint8_t byte)
{
    if (r->len < GDB_PACKET_MAX) {
        r->data[r->len++] = byte;
    } else {
        r->overlong = true;
    }
}

static GdbInput push_idle(GdbReader *r, uint8_t byte)
{
    switch (byte) {
    case '$':
        r->state = GDB_DATA;
        r->len = 0;
        r->sum = 0;
        r->overlong = false;
        return GDB_INPUT_NONE;
    case '+':
        return GDB_INPUT_ACK;
    case '-':
        return GDB_INPUT_NACK;
    case INTERRUPT:
        return GDB_INPUT_INTERRUPT;
    default:
        return GDB_INPUT_NONE;
    }
}

static void push_data(GdbReader *r, uint8_t byte)
{
    if (byte == '#') {
        r->state = GDB_CHECK1;
        return;
    }
    r->sum += byte;
    if (byte == '$') {              /* a new packet in the middle of one that was cut off */
        r->len = 0;
        r->sum = 0;
    } else if (byte == ESCAPE) {
        r->state = GDB_ESCAPE;
    } else if (byte == RUN) {
        r->state = GDB_RUN;
    } else {
        put(r, byte);
    }
}

static void push_run(GdbReader *r, uint8_t byte)
{
    r->state = GDB_DATA;
    r->sum += byte;
    if (byte < RUN_BASE + 3 || byte > 126 || !r->len) {
        r->overlong = true;         /* no run length: the packet is bad */
        return;
    }
    uint8_t last = r->data[r->len - 1];
    for (int n = byte - RUN_BASE; n > 0; n--) {
        put(r, last);
    }
}

GdbInput gdb_reader_push(GdbReader *r, uint8_t byte)
{
    switch (r->state) {
    case GDB_IDLE:
        return push_idle(r, byte);
    case GDB_DATA:
        push_data(r, byte);
        return GDB_INPUT_NONE;
    case GDB_ESCAPE:
        r->sum += byte;
        put(r, byte ^ ESCAPE_XOR);
        r->state = GDB_DATA;
        return GDB_INPUT_NONE;
    case GDB_RUN:
        push_run(r, byte);
        return GDB_INPUT_NONE;
    case GDB_CHECK1:
        r->first_digit = g_ascii_xdigit_value((char)byte);
        r->state = GDB_CHECK2;
        return GDB_INPUT_NONE;
    default: {
        int second = g_ascii_xdigit_value((char)byte);
        r->state = GDB_IDLE;
        r->data[r->len] = '\0';
        bool good = !r->overlong && r->first_digit >= 0 && second >= 0 && (r->first_digit << 4 | second) == r->sum;
        return good ? GDB_INPUT_PACKET : GDB_INPUT_BAD;
    }
    }
}

void gdb_packet_append(GString *out, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    uint8_t sum = 0;
    g_string_append_c(out, '$');
    for (size_t n = 0; n < len; n++) {
        uint8_t c = bytes[n];
        if (c == '$' || c == '#' || c == ESCAPE || c == RUN) {
            g_string_append_c(out, ESCAPE);
            sum += ESCAPE;
            c ^= ESCAPE_XOR;
        }
        g_string_append_c(out, (char)c);
        sum += c;
    }
    g_string_append_printf(out, "#%02x", sum);
}

void gdb_append_hex(GString *out, const void *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = data;
    for (size_t n = 0; n < len; n++) {
        g_string_append_c(out, digits[bytes[n] >> 4]);
        g_string_append_c(out, digits[bytes[n] & 15]);
    }
}

bool gdb_parse_hex(const char *text, void *data, size_t len)
{
    uint8_t *bytes = data;
    for (size_t n = 0; n < len; n++, text += 2) {
        int high = g_ascii_xdigit_value(text[0]), low = high < 0 ? -1 : g_ascii_xdigit_value(text[1]);
        if (low < 0) {
            return false;
        }
        bytes[n] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool gdb_parse_number(const char **text, uint64_t *value)
{
    int digits = 0;
    *value = 0;
    for (; g_ascii_isxdigit(**text); ++*text) {
        if (*value >> 60) {
            return false;
        }
        *value = *value << 4 | (uint64_t)g_ascii_xdigit_value(**text);
        digits++;
    }
    return digits > 0;
}

bool gdb_parse_char(const char **text, char c)
{
    if (**text != c) {
        return false;
    }
    ++*text;
    return true;
}
