/*
 * Packets of the gdb remote serial protocol: $data#checksum, with escapes, run lengths and acknowledgements.
 *
 * GDB manual, appendix E.1. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef GDBSTUB_PACKET_H
#define GDBSTUB_PACKET_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Bytes of data in one packet; told to gdb as PacketSize. */
#define GDB_PACKET_MAX 0x8000

typedef enum GdbInput { GDB_INPUT_NONE, GDB_INPUT_PACKET, GDB_INPUT_BAD, GDB_INPUT_ACK, GDB_INPUT_NACK, GDB_INPUT_INTERRUPT } GdbInput;

typedef struct GdbReader {
    enum { GDB_IDLE, GDB_DATA, GDB_ESCAPE, GDB_RUN, GDB_CHECK1, GDB_CHECK2 } state;
    uint8_t data[GDB_PACKET_MAX + 1];   /* ends with a 0 that is not counted */
    unsigned len;
    uint8_t sum;
    int first_digit;
    bool overlong;
} GdbReader;

/* Takes the next byte. PACKET: data and len hold it until the next byte. BAD: its checksum is wrong, or it was too long. */
GdbInput gdb_reader_push(GdbReader *r, uint8_t byte);

/* Appends $...#xx to out; data may hold anything. */
void gdb_packet_append(GString *out, const void *data, size_t len);

void gdb_append_hex(GString *out, const void *data, size_t len);
/* Exactly len bytes from 2 * len digits; false when there are fewer. */
bool gdb_parse_hex(const char *text, void *data, size_t len);
/* A number in hexadecimal without prefix; moves *text behind it; false when there is none or it does not fit. */
bool gdb_parse_number(const char **text, uint64_t *value);
/* Takes the character c from *text. */
bool gdb_parse_char(const char **text, char c);

#endif
