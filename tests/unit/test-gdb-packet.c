/*
 * Packets of the gdb remote protocol, good, bad and random. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gdbstub/packet.h"

#include <string.h>

static GdbInput feed(GdbReader *r, const char *text, size_t len)
{
    GdbInput last = GDB_INPUT_NONE;
    for (size_t n = 0; n < len; n++) {
        last = gdb_reader_push(r, (uint8_t)text[n]);
    }
    return last;
}

static void test_good(void)
{
    GdbReader *r = g_new0(GdbReader, 1);
    g_assert_cmpint(feed(r, "$g#67", 5), ==, GDB_INPUT_PACKET);
    g_assert_cmpstr((char *)r->data, ==, "g");
    g_assert_cmpint(feed(r, "noise$m1,2#fc", 13), ==, GDB_INPUT_PACKET);
    g_assert_cmpstr((char *)r->data, ==, "m1,2");
    g_assert_cmpint(feed(r, "+", 1), ==, GDB_INPUT_ACK);
    g_assert_cmpint(feed(r, "-", 1), ==, GDB_INPUT_NACK);
    g_assert_cmpint(feed(r, "\003", 1), ==, GDB_INPUT_INTERRUPT);
    /* "0* " stands for four zeroes. */
    g_assert_cmpint(feed(r, "$0* #7a", 7), ==, GDB_INPUT_PACKET);
    g_assert_cmpstr((char *)r->data, ==, "0000");
    g_free(r);
}

static void test_bad(void)
{
    static const char *const bad[] = { "$g#68", "$g#6x", "$* #4a", "$0*\037#79" };
    GdbReader *r = g_new0(GdbReader, 1);
    for (unsigned n = 0; n < G_N_ELEMENTS(bad); n++) {
        g_assert_cmpint(feed(r, bad[n], strlen(bad[n])), ==, GDB_INPUT_BAD);
        g_assert_cmpint(feed(r, "$g#67", 5), ==, GDB_INPUT_PACKET);
    }
    g_autofree char *longer = g_strnfill(3 * GDB_PACKET_MAX, 'a');
    g_assert_cmpint(feed(r, "$", 1), ==, GDB_INPUT_NONE);
    feed(r, longer, strlen(longer));
    g_assert_cmpint(feed(r, "#00", 3), ==, GDB_INPUT_BAD);
    g_assert_cmpint(feed(r, "$g#67", 5), ==, GDB_INPUT_PACKET);
    g_free(r);
}

/* What is written comes back, whatever the bytes. */
static void test_round_trip(void)
{
    GdbReader *r = g_new0(GdbReader, 1);
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    for (int round = 0; round < 500; round++) {
        uint8_t data[300];
        size_t len = (size_t)g_rand_int_range(rand, 0, sizeof(data));
        for (size_t n = 0; n < len; n++) {
            data[n] = (uint8_t)g_rand_int(rand);
        }
        g_autoptr(GString) wire = g_string_new(NULL);
        gdb_packet_append(wire, data, len);
        g_assert_cmpint(feed(r, wire->str, wire->len), ==, GDB_INPUT_PACKET);
        g_assert_cmpmem(r->data, r->len, data, len);
    }
    g_free(r);
}

static void test_random(void)
{
    static const char alphabet[] = "$#*}+-\003 ab0~";
    GdbReader *r = g_new0(GdbReader, 1);
    g_autoptr(GRand) rand = g_rand_new_with_seed(11);
    for (int n = 0; n < 2000000; n++) {
        uint8_t byte = n & 1 ? (uint8_t)g_rand_int(rand) : (uint8_t)alphabet[g_rand_int_range(rand, 0, sizeof(alphabet) - 1)];
        gdb_reader_push(r, byte);
        g_assert_cmpuint(r->len, <=, GDB_PACKET_MAX);
    }
    g_free(r);
}

static void test_numbers(void)
{
    uint64_t value;
    const char *text = "ffffffffffffffff,";
    g_assert_true(gdb_parse_number(&text, &value));
    g_assert_cmphex(value, ==, UINT64_MAX);
    g_assert_true(gdb_parse_char(&text, ','));
    text = "10000000000000000";
    g_assert_false(gdb_parse_number(&text, &value));
    text = "x";
    g_assert_false(gdb_parse_number(&text, &value));
    uint8_t bytes[4];
    g_assert_true(gdb_parse_hex("01ff", bytes, 2));
    g_assert_cmphex(bytes[1], ==, 0xff);
    g_assert_false(gdb_parse_hex("01f", bytes, 2));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gdb-packet/good", test_good);
    g_test_add_func("/gdb-packet/bad", test_bad);
    g_test_add_func("/gdb-packet/round-trip", test_round_trip);
    g_test_add_func("/gdb-packet/random", test_random);
    g_test_add_func("/gdb-packet/numbers", test_numbers);
    return g_test_run();
}
