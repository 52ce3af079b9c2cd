/*
 * The gdb server, spoken to as gdb does. The guest is a few instructions at 1000:0, started by hand.
 *
 * GDB manual, appendix E. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qtest.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int line;

static Qtest *start(const char *more)
{
    int fd;
    line = qtest_socketpair(&fd);
    g_autofree char *args = g_strdup_printf("-M pc -S -chardev socket,id=g,fd=%d -gdb chardev:g %s", fd, more);
    return qtest_start_accel("tcg", args);
}

static void stop(Qtest *q)
{
    qtest_stop(q);
    close(line);
}

static char take_char(void)
{
    char c;
    struct pollfd pfd = { .fd = line, .events = POLLIN };
    if (poll(&pfd, 1, QTEST_LIMIT_MS) <= 0 || read(line, &c, 1) != 1) {
        g_error("the gdb server does not answer");
    }
    return c;
}

/* The next packet; acknowledgements are skipped and given. */
static char *take_packet(void)
{
    GString *text = g_string_new(NULL);
    char c;
    while ((c = take_char()) != '$') {
    }
    while ((c = take_char()) != '#') {
        g_string_append_c(text, c);
    }
    take_char();
    take_char();
    g_assert_cmpint(send(line, "+", 1, MSG_NOSIGNAL), ==, 1);
    return g_string_free(text, FALSE);
}

static void put_packet(const char *text)
{
    unsigned char sum = 0;
    for (const char *c = text; *c; c++) {
        sum += (unsigned char)*c;
    }
    g_autofree char *packet = g_strdup_printf("$%s#%02x", text, sum);
    g_assert_cmpint(send(line, packet, strlen(packet), MSG_NOSIGNAL), ==, (int)strlen(packet));
}

static char *ask(const char *text)
{
    put_packet(text);
    return take_packet();
}

static void assert_answer(const char *question, const char *answer)
{
    g_autofree char *got = ask(question);
    if (strcmp(got, answer)) {
        g_error("'%s' is answered by '%s', not '%s'", question, got, answer);
    }
}

static void assert_begins(const char *question, const char *answer)
{
    g_autofree char *got = ask(question);
    if (!g_str_has_prefix(got, answer)) {
        g_error("'%s' is answered by '%s', not '%s...'", question, got, answer);
    }
}

/* Real mode, CS:IP 0:8000; the code: inc ax; mov [9000], ax; jmp -6 ... */
static void load_program(void)
{
    assert_answer("?", "T05thread:01;");
    assert_answer("M8000,7:40a30090ebfa90", "OK");
    assert_answer("m8000,6", "40a30090ebfa");
    assert_answer("P12=00000000", "OK");         /* cs */
    assert_answer("P14=00000000", "OK");         /* ds */
    assert_answer("P10=0080000000000000", "OK"); /* rip */
    assert_answer("P0=0000000000000000", "OK");  /* rax */
}

static void test_queries(void)
{
    Qtest *q = start("-smp 2");
    assert_begins("qSupported:xmlRegisters=i386", "PacketSize=8000;QStartNoAckMode+;vContSupported+;qXfer:features:read+");
    assert_begins("qXfer:features:read:target.xml:0,ffb", "l<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target>"
                                                          "<architecture>i386:x86-64</architecture>");
    assert_answer("qXfer:features:read:none.xml:0,ffb", "E00");
    assert_answer("qXfer:features:read:target.xml:ffffffffffffffff,ffffffffffffffff", "l");
    assert_answer("qfThreadInfo", "m01");
    assert_answer("qsThreadInfo", "m02");
    assert_answer("qsThreadInfo", "l");
    assert_answer("T2", "OK");
    assert_answer("T3", "E16");
    assert_answer("Hg2", "OK");
    assert_answer("qC", "QC02");
    assert_answer("vCont?", "vCont;c;C;s;S");
    assert_answer("vMustReplyEmpty", "");
    assert_answer("qqemu.PhyMemMode", "0");
    assert_answer("Qqemu.sstep=ff", "E16");
    assert_answer("qAttached", "1");
    stop(q);
}

static void test_memory_and_registers(void)
{
    Qtest *q = start("");
    load_program();
    assert_answer("p10", "0080000000000000");
    assert_answer("X9000,2:ab", "OK");
    assert_answer("m9000,2", "6162");
    assert_begins("g", "0000000000000000");
    assert_answer("mzz", "E16");
    assert_answer("m0", "E16");
    assert_answer("M0,ffffffffffffffff:00", "E16");
    assert_answer("pffffffffffffffff", "E0e");
    assert_answer("P0=", "E16");
    assert_answer("P0=00", "E0e");
    assert_answer("Qqemu.PhyMemMode:1", "OK");
    assert_answer("mffff0,1", "ea");
    assert_begins("qRcmd,702f782031", "O3078310d0a");
    g_free(take_packet());                       /* OK */
    stop(q);
}

static void test_step_and_breakpoints(void)
{
    Qtest *q = start("");
    load_program();
    assert_answer("vCont;s:1", "T05thread:01;");
    assert_answer("p10", "0180000000000000");
    assert_answer("p0", "0100000000000000");
    assert_answer("Z0,8004,1", "OK");
    assert_answer("c", "T05thread:01;");
    assert_answer("p10", "0480000000000000");
    assert_answer("m9000,2", "0100");
    assert_answer("z0,8004,1", "OK");
    assert_answer("z0,8004,1", "E16");
    assert_answer("Z2,9000,2", "OK");
    assert_answer("vCont;c", "T05thread:01;watch:9000;");
    assert_answer("m9000,2", "0200");
    assert_answer("z2,9000,2", "OK");
    assert_answer("Z9,0,1", "");
    stop(q);
}

static void test_interrupt(void)
{
    Qtest *q = start("");
    load_program();
    put_packet("c");
    g_usleep(50000);
    g_assert_cmpint(send(line, "\003", 1, MSG_NOSIGNAL), ==, 1);
    g_autofree char *reply = take_packet();
    g_assert_cmpstr(reply, ==, "T02thread:01;");
    assert_answer("D", "OK");
    stop(q);
}

static void test_garbage(void)
{
    Qtest *q = start("");
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    static const char letters[] = "?!cCsSgGpPmMXHTZzqQv,;:=#$}*0123456789abcdef-";
    for (int round = 0; round < 300; round++) {
        g_autoptr(GString) text = g_string_new(NULL);
        for (int n = g_rand_int_range(rand, 1, 24); n > 0; n--) {
            char c = letters[g_rand_int_range(rand, 0, sizeof(letters) - 1)];
            if (c != '#' && c != '$' && c != '}' && c != '*') {
                g_string_append_c(text, c);
            }
        }
        /* What lets the machine run has no answer at once. */
        if (text->len && !strchr("cCsSv", text->str[0])) {
            g_free(ask(text->str));
        }
    }
    assert_answer("qAttached", "1");
    stop(q);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gdb/queries", test_queries);
    g_test_add_func("/gdb/memory-and-registers", test_memory_and_registers);
    g_test_add_func("/gdb/step-and-breakpoints", test_step_and_breakpoints);
    g_test_add_func("/gdb/interrupt", test_interrupt);
    g_test_add_func("/gdb/garbage", test_garbage);
    return g_test_run();
}
