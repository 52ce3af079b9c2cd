/*
 * The server of the qtest protocol: a test drives ports, memory, interrupts and the virtual clock over a character device, one command a line, one reply a
 * line ("OK ...", "FAIL ..."), and hears of intercepted interrupts ("IRQ raise N").
 *
 * The commands are those that the QEMU documentation names (docs/devel/testing/qtest).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/qtest.h"

#include "accel/accel.h"
#include "chardev/char.h"
#include "hw/core/machine.h"
#include "softmmu/dma.h"
#include "util/error.h"
#include "util/keyval.h"
#include "util/timer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A line: room for the hexadecimal form of the largest block. */
#define BLOCK_MAX (UINT64_C(64) << 20)
#define LINE_MAX_BYTES (BLOCK_MAX * 2 + 256)

typedef struct QtestServer {
    CharFrontend chr;
    GString *line;
    bool overlong;                  /* the rest of the line is thrown away */
    FILE *log;
    int64_t start_ns;
    Device *intercepted;
    GByteArray *levels;             /* of intercepted lines, by number */
} QtestServer;
static QtestServer *server;

typedef struct QtestCommand {
    const char *name;
    int min_args, max_args;
    void (*run)(QtestServer *q, char **args);   /* args[0]: the command's name */
    int size;                       /* of an access; 'b' and so on decoded once */
} QtestCommand;

/* ---- replies ---- */

static void log_line(QtestServer *q, char kind, const char *text)
{
    if (q->log) {
        double seconds = (double)(clock_get_ns(CLOCK_TYPE_REALTIME) - q->start_ns) / 1e9;
        fprintf(q->log, "[%c %s%f] %s\n", kind, kind == 'I' ? "" : "+", seconds, text);
        fflush(q->log);
    }
}

static void G_GNUC_PRINTF(2, 3) reply(QtestServer *q, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    log_line(q, 'S', text);
    char_write_all(&q->chr, text, strlen(text));
    char_write_all(&q->chr, "\n", 1);
}

static bool number(QtestServer *q, const char *text, uint64_t *value)
{
    int64_t negative;
    if (parse_uint64(text, value)) {
        return true;
    }
    if (parse_int64(text, &negative)) {
        *value = (uint64_t)negative;
        return true;
    }
    reply(q, "FAIL '%s' is not a number", text);
    return false;
}

static bool block_size(QtestServer *q, const char *text, uint64_t *size)
{
    if (!number(q, text, size)) {
        return false;
    }
    if (*size > BLOCK_MAX) {
        reply(q, "FAIL %" G_GUINT64_FORMAT " bytes are too many", *size);
        return false;
    }
    return true;
}

/* ---- accesses ---- */

static AddressSpace *memory(void) { return &machine_current()->system_memory.memory_space; }
static AddressSpace *ports(void) { return &machine_current()->system_memory.io_space; }

static int size_of(char letter) { return letter == 'b' ? 1 : letter == 'w' ? 2 : letter == 'l' ? 4 : 8; }

static void run_out(QtestServer *q, char **args)
{
    uint64_t addr, value;
    if (number(q, args[1], &addr) && number(q, args[2], &value)) {
        address_space_store(ports(), addr & 0xffff, value, size_of(args[0][3]), MEM_ATTRS_NONE);
        reply(q, "OK");
    }
}

static void run_in(QtestServer *q, char **args)
{
    uint64_t addr, value;
    if (number(q, args[1], &addr)) {
        address_space_load(ports(), addr & 0xffff, &value, size_of(args[0][2]), MEM_ATTRS_NONE);
        reply(q, "OK 0x%04" PRIx64, value);
    }
}

static void run_store(QtestServer *q, char **args)
{
    uint64_t addr, value;
    if (number(q, args[1], &addr) && number(q, args[2], &value)) {
        address_space_store(memory(), addr, value, size_of(args[0][5]), MEM_ATTRS_NONE);
        reply(q, "OK");
    }
}

static void run_load(QtestServer *q, char **args)
{
    uint64_t addr, value;
    if (number(q, args[1], &addr)) {
        address_space_load(memory(), addr, &value, size_of(args[0][4]), MEM_ATTRS_NONE);
        reply(q, "OK 0x%016" PRIx64, value);
    }
}

static void run_read(QtestServer *q, char **args)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t addr, size;
    if (!number(q, args[1], &addr) || !block_size(q, args[2], &size)) {
        return;
    }
    g_autofree uint8_t *data = g_malloc(size + 1);
    g_autofree char *text = g_malloc(size * 2 + 1);
    dma_read(memory(), addr, data, size);
    for (uint64_t n = 0; n < size; n++) {
        text[n * 2] = digits[data[n] >> 4];
        text[n * 2 + 1] = digits[data[n] & 15];
    }
    text[size * 2] = '\0';
    reply(q, "OK 0x%s", text);
}

static void run_write(QtestServer *q, char **args)
{
    uint64_t addr, size;
    if (!number(q, args[1], &addr) || !block_size(q, args[2], &size)) {
        return;
    }
    const char *hex = args[3];
    if (hex[0] != '0' || hex[1] != 'x') {
        reply(q, "FAIL data does not begin with 0x");
        return;
    }
    /* What the text does not have is 0. */
    g_autofree uint8_t *data = g_malloc0(size + 1);
    hex += 2;
    for (uint64_t n = 0; n < size && g_ascii_isxdigit(hex[0]) && g_ascii_isxdigit(hex[1]); n++, hex += 2) {
        data[n] = (uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));
    }
    dma_write(memory(), addr, data, size);
    reply(q, "OK");
}

static void run_b64read(QtestServer *q, char **args)
{
    uint64_t addr, size;
    if (number(q, args[1], &addr) && block_size(q, args[2], &size)) {
        g_autofree uint8_t *data = g_malloc(size + 1);
        dma_read(memory(), addr, data, size);
        g_autofree char *text = g_base64_encode(data, size);
        reply(q, "OK %s", text);
    }
}

static void run_b64write(QtestServer *q, char **args)
{
    uint64_t addr, size;
    if (number(q, args[1], &addr) && block_size(q, args[2], &size)) {
        size_t len;
        g_autofree uint8_t *data = g_base64_decode(args[3], &len);
        dma_write(memory(), addr, data, MIN(len, size));
        reply(q, "OK");
    }
}

static void run_memset(QtestServer *q, char **args)
{
    uint64_t addr, size, byte;
    if (number(q, args[1], &addr) && number(q, args[2], &size) && number(q, args[3], &byte)) {
        dma_set(memory(), addr, (uint8_t)byte, MIN(size, BLOCK_MAX * 16));
        reply(q, "OK");
    }
}

static void run_endianness(QtestServer *q, char **args)
{
    reply(q, "OK %s", target_current()->big_endian ? "big" : "little");
}

/* ---- the clock ---- */

static void step_to(QtestServer *q, int64_t now_ns)
{
    if (!accel_is("qtest")) {
        clock_virtual_set_manual();
    }
    clock_virtual_step_to(now_ns);
    reply(q, "OK %" PRId64, clock_get_ns(CLOCK_TYPE_VIRTUAL));
}

static void run_clock_step(QtestServer *q, char **args)
{
    int64_t now = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    uint64_t ns;
    if (args[1]) {
        if (number(q, args[1], &ns)) {
            step_to(q, now + (int64_t)MIN(ns, (uint64_t)INT64_MAX - now));
        }
        return;
    }
    step_to(q, MAX(now, clock_next_deadline_ns(CLOCK_TYPE_VIRTUAL)));
}

static void run_clock_set(QtestServer *q, char **args)
{
    uint64_t ns;
    if (number(q, args[1], &ns)) {
        step_to(q, MAX(clock_get_ns(CLOCK_TYPE_VIRTUAL), (int64_t)MIN(ns, (uint64_t)INT64_MAX)));
    }
}

/* ---- interrupts ---- */

typedef struct Intercept { Irq saved, wrapper; } Intercept;

static Device *find_device(QtestServer *q, const char *path)
{
    Object *object = object_resolve(path, NULL);
    if (!object || !object_is_a(object, "device")) {
        reply(q, "FAIL Unknown device");
        return NULL;
    }
    return (Device *)object;
}

static void report_level(int n, int level)
{
    QtestServer *q = server;
    if (n < 0 || n > 0xffff) {
        return;
    }
    while (q->levels->len <= (unsigned)n) {
        g_byte_array_append(q->levels, (const uint8_t *)"", 1);
    }
    if (q->levels->data[n] != (level != 0)) {
        q->levels->data[n] = level != 0;
        reply(q, "IRQ %s %d", level ? "raise" : "lower", n);
    }
}

static void intercepted_in(void *opaque, int n, int level)
{
    Intercept *i = opaque;
    irq_set(&i->saved, level);
    report_level(n, level);
}

/* For outputs the reported number is the line's index, whatever it is connected to. */
static void intercepted_out(void *opaque, int n, int level)
{
    Intercept *i = opaque;
    irq_set(&i->saved, level);
    report_level(n, level);
}

static bool begin_intercept(QtestServer *q, const char *path, Device **dev)
{
    *dev = find_device(q, path);
    if (!*dev) {
        return false;
    }
    if (q->intercepted) {
        reply(q, q->intercepted == *dev ? "OK" : "FAIL IRQ intercept already enabled");
        return false;
    }
    return true;
}

static void run_intercept_in(QtestServer *q, char **args)
{
    Device *dev;
    if (!begin_intercept(q, args[1], &dev)) {
        return;
    }
    for (unsigned g = 0; dev->irq_inputs && g < dev->irq_inputs->len; g++) {
        IrqInputs *group = &g_array_index(dev->irq_inputs, IrqInputs, g);
        for (int n = 0; n < group->count && !group->name; n++) {
            Intercept *i = g_new0(Intercept, 1);
            irq_intercept(&group->irqs[n], intercepted_in, i, &i->saved);
        }
    }
    q->intercepted = dev;
    reply(q, "OK");
}

static void run_intercept_out(QtestServer *q, char **args)
{
    Device *dev;
    if (!begin_intercept(q, args[1], &dev)) {
        return;
    }
    const char *wanted = args[2] && strcmp(args[2], "unnamed-gpio-out") ? args[2] : NULL;
    for (unsigned g = 0; dev->irq_outputs && g < dev->irq_outputs->len; g++) {
        IrqOutputs *group = &g_array_index(dev->irq_outputs, IrqOutputs, g);
        bool all = !args[2] && (!group->name || !strcmp(group->name, IRQ_GROUP_SYSBUS));
        for (int n = 0; n < group->count && (all || !g_strcmp0(group->name, wanted)); n++) {
            Intercept *i = g_new0(Intercept, 1);
            i->saved = group->lines[n] ? *group->lines[n] : (Irq){ 0 };
            i->wrapper = (Irq){ intercepted_out, i, n };
            group->lines[n] = &i->wrapper;
        }
    }
    q->intercepted = dev;
    reply(q, "OK");
}

static void run_set_irq_in(QtestServer *q, char **args)
{
    uint64_t n, level;
    Device *dev = find_device(q, args[1]);
    if (!dev || !number(q, args[3], &n) || !number(q, args[4], &level)) {
        return;
    }
    const char *name = !strcmp(args[2], "unnamed-gpio-in") ? NULL : args[2];
    for (unsigned g = 0; dev->irq_inputs && g < dev->irq_inputs->len; g++) {
        IrqInputs *group = &g_array_index(dev->irq_inputs, IrqInputs, g);
        if (!g_strcmp0(group->name, name) && n < (uint64_t)group->count) {
            irq_set(&group->irqs[n], (int)level);
            reply(q, "OK");
            return;
        }
    }
    reply(q, "FAIL Unknown interrupt line");
}

/* ---- commands ---- */

static const QtestCommand commands[] = {
    { "outb", 2, 2, run_out }, { "outw", 2, 2, run_out }, { "outl", 2, 2, run_out }, { "inb", 1, 1, run_in }, { "inw", 1, 1, run_in }, { "inl", 1, 1, run_in },
    { "writeb", 2, 2, run_store }, { "writew", 2, 2, run_store }, { "writel", 2, 2, run_store }, { "writeq", 2, 2, run_store },
    { "readb", 1, 1, run_load }, { "readw", 1, 1, run_load }, { "readl", 1, 1, run_load }, { "readq", 1, 1, run_load },
    { "read", 2, 2, run_read }, { "write", 3, 3, run_write }, { "b64read", 2, 2, run_b64read }, { "b64write", 3, 3, run_b64write },
    { "memset", 3, 3, run_memset }, { "endianness", 0, 0, run_endianness }, { "clock_step", 0, 1, run_clock_step }, { "clock_set", 1, 1, run_clock_set },
    { "irq_intercept_in", 1, 1, run_intercept_in }, { "irq_intercept_out", 1, 2, run_intercept_out }, { "set_irq_in", 4, 4, run_set_irq_in },
};

static void run_line(QtestServer *q, char *line)
{
    log_line(q, 'R', line);
    g_auto(GStrv) args = g_strsplit_set(line, " ", -1);
    int count = 0;
    for (int n = 0; args[n]; n++) {         /* several blanks in a row are one */
        if (*args[n]) {
            args[count++] = args[n];
        } else {
            g_free(args[n]);
        }
    }
    args[count] = NULL;
    if (!count) {
        return;
    }
    for (unsigned n = 0; n < G_N_ELEMENTS(commands); n++) {
        const QtestCommand *c = &commands[n];
        if (!strcmp(args[0], c->name)) {
            if (count - 1 < c->min_args || count - 1 > c->max_args) {
                reply(q, "FAIL %s takes %d to %d arguments", c->name, c->min_args, c->max_args);
            } else {
                c->run(q, args);
            }
            return;
        }
    }
    reply(q, "FAIL Unknown command '%s'", args[0]);
}

static int qtest_room(void *opaque) { return 65536; }

static void qtest_receive(void *opaque, const uint8_t *buf, int len)
{
    QtestServer *q = opaque;
    for (int n = 0; n < len; n++) {
        if (buf[n] != '\n') {
            q->overlong |= q->line->len >= LINE_MAX_BYTES;
            if (!q->overlong && buf[n] != '\r') {
                g_string_append_c(q->line, (char)buf[n]);
            }
            continue;
        }
        if (q->overlong) {
            reply(q, "FAIL the line is too long");
        } else {
            run_line(q, q->line->str);
        }
        q->overlong = false;
        g_string_truncate(q->line, 0);
    }
}

static void qtest_event(void *opaque, CharEvent event)
{
    QtestServer *q = opaque;
    if (event == CHAR_EVENT_OPENED) {
        q->start_ns = clock_get_ns(CLOCK_TYPE_REALTIME);
        g_byte_array_set_size(q->levels, 0);
        log_line(q, 'I', "OPENED");
    } else if (event == CHAR_EVENT_CLOSED) {
        log_line(q, 'I', "CLOSED");
    }
}

static const CharCallbacks qtest_callbacks = { qtest_room, qtest_receive, qtest_event };

bool qtest_server_active(void) { return server != NULL; }

bool qtest_server_start(const char *spec, const char *log, GError **err)
{
    Chardev *chr = chardev_from_legacy("qtest", spec, false, err);
    if (!chr) {
        return err && *err ? false : error_set(err, "Failed to initialize device for qtest: \"%s\"", spec);
    }
    QtestServer *q = g_new0(QtestServer, 1);
    q->line = g_string_new(NULL);
    q->levels = g_byte_array_new();
    if (!log) {
        q->log = stderr;
    } else if (strcmp(log, "none")) {
        q->log = fopen(log, "we");
    }
    if (!char_frontend_connect(&q->chr, chr, err)) {
        return false;
    }
    server = q;
    accel_allow_qtest(true);
    char_set_handlers(&q->chr, &qtest_callbacks, q);
    char_set_echo(&q->chr, true);
    return true;
}
