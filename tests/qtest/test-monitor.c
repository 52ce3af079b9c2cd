/*
 * QMP and the human monitor on a real machine. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qtest.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        g_error("'%s' is not in '%s'", part, text);
    }
}

static void assert_qmp(Qtest *q, const char *command, const char *expected)
{
    g_autofree char *line = qtest_qmp(q, "%s", command);
    assert_has(line, expected);
}

static void assert_hmp(Qtest *q, const char *command, const char *expected)
{
    g_autofree char *text = qtest_hmp(q, command);
    assert_has(text, expected);
}

static void test_qmp_basics(void)
{
    g_autoptr(Qtest) q = qtest_start("-M pc -name guest");
    assert_qmp(q, "{'execute': 'query-version'}", "\"qemu\": {\"micro\": ");
    assert_qmp(q, "{'execute': 'query-status', 'id': [1, {'a': null}]}", "{\"return\": {\"running\": true, \"status\": \"running\"}, \"id\": [1, {\"a\": null}]}");
    assert_qmp(q, "{'execute': 'query-name'}", "\"name\": \"guest\"");
    assert_qmp(q, "{'execute': 'query-kvm'}", "\"enabled\": false");
    assert_qmp(q, "{'execute': 'query-commands'}", "{\"name\": \"human-monitor-command\"}");
    assert_qmp(q, "{'execute': 'qom-get', 'arguments': {'path': '/machine', 'property': 'type'}}", "{\"return\": \"pc-i440fx-");
    assert_qmp(q, "{'execute': 'qom-list', 'arguments': {'path': '/machine'}}", "\"name\": \"peripheral\"");
    assert_qmp(q, "{'execute': 'device-list-properties', 'arguments': {'typename': 'isa-serial'}}", "\"name\": \"iobase\"");
}

static void test_qmp_errors(void)
{
    g_autoptr(Qtest) q = qtest_start("-M pc");
    assert_qmp(q, "{'execute': 'foo'}", "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command foo has not been found\"}}");
    assert_qmp(q, "{'execute': 'qom-get', 'arguments': {'path': '/machine'}}", "Parameter 'property' is missing");
    assert_qmp(q, "{'execute': 'stop', 'arguments': {'x': 1}}", "Parameter 'x' is unexpected");
    assert_qmp(q, "{'execute': 'screendump', 'arguments': {'filename': 1}}", "Invalid parameter type for 'filename', expected: string");
    assert_qmp(q, "{'foo': 1}", "QMP input member 'foo' is unexpected");
    assert_qmp(q, "{'arguments': {}}", "QMP input lacks member 'execute'");
    assert_qmp(q, "[1]", "QMP input must be a JSON object");
    assert_qmp(q, "{'execute': }", "JSON parse error");
    assert_qmp(q, "{'execute': 'device_del', 'arguments': {'id': 'none'}}", "\"class\": \"DeviceNotFound\"");
}

/* A key reaches the keyboard controller: make and break code of "a". */
static void test_keys(void)
{
    g_autoptr(Qtest) q = qtest_start("-M pc");
    qtest_outb(q, 0x64, 0x60);          /* command byte: translate to set 1 */
    qtest_outb(q, 0x60, 0x40);
    while (qtest_inb(q, 0x64) & 1) {
        qtest_inb(q, 0x60);
    }
    assert_qmp(q, "{'execute': 'input-send-event', 'arguments': {'events': [{'type': 'key', 'data': {'down': true, 'key': {'type': 'qcode', 'data': 'a'}}}]}}", "{\"return\": {}}");
    g_assert_cmphex(qtest_inb(q, 0x60), ==, 0x1e);
    assert_qmp(q, "{'execute': 'input-send-event', 'arguments': {'events': [{'type': 'key', 'data': {'down': false, 'key': {'type': 'number', 'data': 30}}}]}}", "{\"return\": {}}");
    g_assert_cmphex(qtest_inb(q, 0x60), ==, 0x9e);
    assert_qmp(q, "{'execute': 'send-key', 'arguments': {'keys': [{'type': 'qcode', 'data': 'ret'}], 'hold-time': 5}}", "{\"return\": {}}");
    g_assert_cmphex(qtest_inb(q, 0x60), ==, 0x1c);
    qtest_clock_step(q, 10000000);
    g_assert_cmphex(qtest_inb(q, 0x60), ==, 0x9c);
    assert_qmp(q, "{'execute': 'input-send-event', 'arguments': {'events': [{'type': 'btn', 'data': {'down': true, 'button': 'nix'}}]}}", "does not accept value 'nix'");
    assert_qmp(q, "{'execute': 'input-send-event', 'arguments': {'events': [1]}}", "error");
}

static void test_schema(void)
{
    g_autoptr(Qtest) q = qtest_start("-M pc");
    g_autofree char *schema = qtest_qmp(q, "{'execute': 'query-qmp-schema'}");
    assert_has(schema, "{\"name\": \"query-status\", \"meta-type\": \"command\", \"arg-type\": \"0\"");
    assert_has(schema, "{\"name\": \"0\", \"meta-type\": \"object\", \"members\": []}");
    assert_has(schema, "{\"name\": \"str\", \"meta-type\": \"builtin\", \"json-type\": \"string\"}");
    assert_has(schema, "{\"name\": \"SHUTDOWN\", \"meta-type\": \"event\"");
    assert_qmp(q, "{'execute': 'query-command-line-options', 'arguments': {'option': 'memory'}}", "{\"name\": \"slots\", \"type\": \"number\"}");
    assert_qmp(q, "{'execute': 'query-command-line-options', 'arguments': {'option': 'nix'}}", "invalid option name: nix");
}

static void test_qmp_deep(void)
{
    g_autoptr(Qtest) q = qtest_start("-M pc");
    g_autofree char *open = g_strnfill(5000, '['), *close = g_strnfill(5000, ']');
    g_autofree char *deep = g_strconcat(open, close, NULL);
    assert_qmp(q, deep, "nested too deeply");
    assert_qmp(q, "{'execute': 'query-status'}", "running");
}

static void test_events(void)
{
    g_autoptr(Qtest) q = qtest_start("-M pc");
    static const struct { const char *command, *event, *data; } steps[] = {
        { "stop", "STOP", "timestamp" }, { "cont", "RESUME", "timestamp" }, { "system_powerdown", "POWERDOWN", "timestamp" },
        { "system_reset", "RESET", "\"reason\": \"host-qmp-system-reset\"" }, { "quit", "SHUTDOWN", "\"reason\": \"host-qmp-quit\"" },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(steps); n++) {
        g_free(qtest_qmp(q, "{'execute': '%s'}", steps[n].command));
        g_autofree char *event = qtest_qmp_event(q, steps[n].event);
        g_assert_nonnull(event);
        assert_has(event, steps[n].data);
    }
    g_assert_cmpint(qtest_wait(q), ==, 0);
}

static void test_device_add(void)
{
    g_autoptr(Qtest) q = qtest_start("-M q35");
    assert_qmp(q, "{'execute': 'device_add', 'arguments': {'driver': 'nonesuch'}}", "is not a valid device model name");
    assert_qmp(q, "{'execute': 'object-add', 'arguments': {'qom-type': 'memory-backend-ram', 'id': 'm', 'size': 1048576}}", "{\"return\": {}}");
    assert_qmp(q, "{'execute': 'qom-get', 'arguments': {'path': '/objects/m', 'property': 'size'}}", "{\"return\": 1048576}");
    assert_qmp(q, "{'execute': 'object-del', 'arguments': {'id': 'm'}}", "{\"return\": {}}");
}

static void test_chardev(void)
{
    g_autoptr(Qtest) q = qtest_start("-M pc -serial null");
    assert_qmp(q, "{'execute': 'chardev-add', 'arguments': {'id': 'r', 'backend': {'type': 'ringbuf', 'data': {'size': 16}}}}", "{\"return\": {}}");
    assert_qmp(q, "{'execute': 'ringbuf-write', 'arguments': {'device': 'r', 'data': 'hello'}}", "{\"return\": {}}");
    assert_qmp(q, "{'execute': 'ringbuf-read', 'arguments': {'device': 'r', 'size': 9}}", "{\"return\": \"hello\"}");
    assert_qmp(q, "{'execute': 'query-chardev'}", "\"filename\": \"ringbuf\", \"label\": \"r\"");
    assert_qmp(q, "{'execute': 'chardev-remove', 'arguments': {'id': 'r'}}", "{\"return\": {}}");
    assert_qmp(q, "{'execute': 'chardev-remove', 'arguments': {'id': 'serial0'}}", "busy");
    /* A server does not wait unless asked to, and nothing hides behind a comma. */
    assert_qmp(q, "{'execute': 'chardev-add', 'arguments': {'id': 's', 'backend': {'type': 'socket', 'data': {'addr': {'type': 'inet', "
                  "'data': {'host': '127.0.0.1', 'port': '0'}}}}}}", "{\"return\": {}}");
    assert_qmp(q, "{'execute': 'query-chardev'}", "disconnected:tcp:127.0.0.1:");
    assert_qmp(q, "{'execute': 'chardev-add', 'arguments': {'id': 'a,id=b', 'backend': {'type': 'null', 'data': {}}}}", "expects an identifier");
    assert_qmp(q, "{'execute': 'chardev-add', 'arguments': {'id': 'p', 'backend': {'type': 'pty', 'data': {}}}}", "{\"return\": {\"pty\": \"/dev/pts/");
}

static void test_hmp(void)
{
    g_autoptr(Qtest) q = qtest_start("-M pc");
    static const char *const pairs[][2] = {
        { "info status", "VM status: running" }, { "foo", "unknown command: 'foo'" }, { "info foo", "unknown command: 'info foo'" },
        { "p/x (2+3)*4", "0x14" }, { "p/d -7/2", "-3" }, { "p/d 1<<2", "extraneous characters" }, { "p/x 5%0", "division by zero" },
        { "p/x ~0 & 0xff", "0xff" }, { "p/c 65", "'A'" }, { "p", "unexpected end of expression" }, { "p/x $eip", "0xfff0" }, { "p/q 1", "invalid char in format: 'q'" },
        { "xp/2wx 0xfffffff0", "00000000fffffff0: 0x00e05bea 0x2f3630f0" }, { "xp/1i 0xfffffff0", "ljmp" }, { "i/b 0x71", "portb[0x0071] = 0x" },
        { "info qtree", "bus: main-system-bus" }, { "info mtree", "address-space: memory" }, { "info qom-tree", "/machine (pc-i440fx" },
        { "info registers", "EIP=0000fff0" }, { "info pic", "pic0: irr=" }, { "info irq", "IRQ statistics for isa-i8259:" }, { "info roms", "mem=rom name=\"bios-256k.bin\"" }, { "info pci", "Host bridge" }, { "info cpus", "* CPU #0" },
        { "info ramblock", "pc.ram" }, { "sendkey nokey", "invalid parameter: nokey" }, { "sendkey ctrl-alt-f1", "" },
        { "x/5000xb 0", "0000000000000000: " }, { "savevm", "not implemented" }, { "stop\n", "" }, { "info history", "" },
        { "help cont", "cont|c" }, { "log", "log: string expected" }, { "info registers 7", "CPU#7 not available" },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(pairs); n++) {
        assert_hmp(q, pairs[n][0], pairs[n][1]);
    }
}

static void test_block(void)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("diskXXXXXX", &path, NULL);
    g_assert_cmpint(ftruncate(fd, 1 << 20), ==, 0);
    close(fd);
    Qtest *q = qtest_startf("-M pc -drive file=%s,format=raw,if=none,id=d0", path);
    assert_qmp(q, "{'execute': 'query-block'}", "\"device\": \"d0\"");
    assert_qmp(q, "{'execute': 'query-block'}", "\"virtual-size\": 1048576");
    assert_qmp(q, "{'execute': 'query-blockstats'}", "\"rd_bytes\": 0");
    assert_qmp(q, "{'execute': 'blockdev-add', 'arguments': {'driver': 'null-co', 'node-name': 'n', 'size': 4096}}", "{\"return\": {}}");
    assert_qmp(q, "{'execute': 'query-named-block-nodes'}", "\"node-name\": \"n\"");
    assert_qmp(q, "{'execute': 'blockdev-del', 'arguments': {'node-name': 'n'}}", "{\"return\": {}}");
    assert_qmp(q, "{'execute': 'block_resize', 'arguments': {'device': 'd0', 'size': 2097152}}", "{\"return\": {}}");
    assert_hmp(q, "info block -v", "virtual size: 2 MiB (2097152 bytes)");
    assert_hmp(q, "info blockstats", "d0: rd_bytes=0");
    assert_hmp(q, "eject nothing", "Error: Device 'nothing' not found");
    qtest_stop(q);
    unlink(path);
}

static char *read_for(int fd, const char *until)
{
    GString *text = g_string_new(NULL);
    struct pollfd pfd = { .fd = fd, .events = POLLIN };
    char buf[4096];
    ssize_t n;
    while (!strstr(text->str, until) && poll(&pfd, 1, QTEST_LIMIT_MS) > 0 && (n = read(fd, buf, sizeof(buf))) > 0) {
        g_string_append_len(text, buf, n);
    }
    assert_has(text->str, until);
    return g_string_free(text, FALSE);
}

static void type_line(int fd, const char *text, const char *until)
{
    g_assert_cmpint(send(fd, text, strlen(text), 0), ==, (int)strlen(text));
    g_free(read_for(fd, until));
}

/* On a terminal: editing, history, completion. */
static void test_readline(void)
{
    int fd, line = qtest_socketpair(&fd);
    g_autoptr(Qtest) q = qtest_startf("-M pc -chardev socket,id=hmp,fd=%d -mon chardev=hmp", fd);
    g_free(read_for(line, "monitor - type 'help' for more information\r\n(qemu) "));
    type_line(line, "info xx\b\bstat\t\r", "VM status: running\r\n(qemu) ");
    type_line(line, "\033[A\r", "VM status: running");
    type_line(line, "fo status\001in\r", "VM status: running");
    type_line(line, "quiz\027info status\013\r", "VM status: running");
    type_line(line, "info me\t\t", "memory_size_summary");
    type_line(line, "\025\001\013info st\t\r", "VM status: running");
    close(line);
}

/* -serial mon:stdio's mux: Ctrl-a c brings the monitor, Ctrl-a x ends everything. */
static void test_mux(void)
{
    int fd, line = qtest_socketpair(&fd);
    Qtest *q = qtest_startf("-M pc -chardev socket,id=term,fd=%d,mux=on -mon chardev=term -serial chardev:term", fd);
    qtest_outb(q, 0x3f8, '!');
    g_free(read_for(line, "!"));
    type_line(line, "\001c", "(qemu) ");
    type_line(line, "info status\r", "VM status");
    type_line(line, "\001x", "QEMU: Terminated");
    g_assert_cmpint(qtest_wait(q), ==, 0);
    qtest_stop(q);
    close(line);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qmp/basics", test_qmp_basics);
    g_test_add_func("/qmp/errors", test_qmp_errors);
    g_test_add_func("/qmp/keys", test_keys);
    g_test_add_func("/qmp/schema", test_schema);
    g_test_add_func("/qmp/deep-nesting", test_qmp_deep);
    g_test_add_func("/qmp/events", test_events);
    g_test_add_func("/qmp/objects-and-devices", test_device_add);
    g_test_add_func("/qmp/chardev", test_chardev);
    g_test_add_func("/qmp/block", test_block);
    g_test_add_func("/hmp/commands", test_hmp);
    g_test_add_func("/hmp/readline", test_readline);
    g_test_add_func("/hmp/mux", test_mux);
    return g_test_run();
}
