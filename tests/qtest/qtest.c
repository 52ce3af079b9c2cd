/*
 * The client's side of the qtest protocol. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qtest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IRQ_COUNT = 256 };

/* A connection that carries lines. */
typedef struct Channel { int fd; GString *input; } Channel;

struct Qtest {
    pid_t pid;
    Channel qtest, qmp;
    bool irq[IRQ_COUNT];
    bool qmp_ready;
    GQueue events;              /* of char * */
};

static GArray *inherited;       /* descriptors for the next emulator */

int qtest_socketpair(int *fd)
{
    int pair[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    if (!inherited) {
        inherited = g_array_new(FALSE, FALSE, sizeof(int));
    }
    g_array_append_val(inherited, pair[1]);
    *fd = pair[1];
    return pair[0];
}

static char *program(void)
{
    const char *given = g_getenv("OSTRICH_BINARY");
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL), *dir = g_path_get_dirname(self);
    return given ? g_strdup(given) : g_build_filename(dir, "..", "..", "qemu-system-x86_64", NULL);
}

static void run_child(char **argv, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(1);
    }
    for (unsigned n = 0; n < inherited->len; n++) {
        fcntl(g_array_index(inherited, int, n), F_SETFD, 0);
    }
    execv(argv[0], argv);
    _exit(127);
}

Qtest *qtest_start_accel(const char *accel, const char *args)
{
    Qtest *q = g_new0(Qtest, 1);
    int qtest_fd, qmp_fd;
    q->qtest = (Channel){ qtest_socketpair(&qtest_fd), g_string_new(NULL) };
    q->qmp = (Channel){ qtest_socketpair(&qmp_fd), g_string_new(NULL) };
    g_queue_init(&q->events);
    g_autofree char *binary = program();
    g_autofree char *line = g_strdup_printf("-nodefaults -display none -accel %s -chardev socket,id=qtest,fd=%d -qtest chardev:qtest -qtest-log none "
                                            "-chardev socket,id=qmp,fd=%d -mon chardev=qmp,mode=control %s", accel, qtest_fd, qmp_fd, args);
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, binary);
    for (int n = 0; words[n]; n++) {
        if (*words[n]) {
            g_ptr_array_add(argv, words[n]);
        }
    }
    g_ptr_array_add(argv, NULL);
    pid_t self = getpid();
    q->pid = fork();
    g_assert_cmpint(q->pid, >=, 0);
    if (q->pid == 0) {
        run_child((char **)argv->pdata, self);
    }
    for (unsigned n = 0; n < inherited->len; n++) {
        close(g_array_index(inherited, int, n));
    }
    g_array_set_size(inherited, 0);
    return q;
}

Qtest *qtest_start(const char *args) { return qtest_start_accel("qtest", args); }

Qtest *qtest_startf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    return qtest_start(text);
}

int qtest_wait(Qtest *q)
{
    int status = 0;
    for (int n = 0; n < QTEST_LIMIT_MS / 10; n++) {
        if (waitpid(q->pid, &status, WNOHANG) == q->pid) {
            q->pid = 0;
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        g_usleep(10000);
    }
    kill(q->pid, SIGKILL);
    waitpid(q->pid, &status, 0);
    g_error("the emulator does not end");
}

void qtest_stop(Qtest *q)
{
    if (!q) {
        return;
    }
    if (q->pid) {
        kill(q->pid, SIGTERM);
        g_assert_cmpint(qtest_wait(q), ==, 0);
    }
    close(q->qtest.fd);
    close(q->qmp.fd);
    g_string_free(q->qtest.input, TRUE);
    g_string_free(q->qmp.input, TRUE);
    g_queue_clear_full(&q->events, g_free);
    g_free(q);
}

/* ---- lines ---- */

static void channel_send(Channel *c, const char *text)
{
    for (size_t done = 0, len = strlen(text); done < len;) {
        ssize_t n = send(c->fd, text + done, len - done, MSG_NOSIGNAL);
        if (n <= 0 && errno != EINTR) {
            g_error("the emulator is gone");
        }
        done += MAX(n, 0);
    }
}

/* The next line, or NULL when none comes in time. */
static char *channel_line(Channel *c, int timeout_ms)
{
    for (;;) {
        char *end = memchr(c->input->str, '\n', c->input->len);
        if (end) {
            char *line = g_strndup(c->input->str, end - c->input->str);
            g_string_erase(c->input, 0, end - c->input->str + 1);
            g_strchomp(line);
            return line;
        }
        struct pollfd pfd = { .fd = c->fd, .events = POLLIN };
        if (poll(&pfd, 1, timeout_ms) <= 0) {
            return NULL;
        }
        char buf[65536];
        ssize_t n = read(c->fd, buf, sizeof(buf));
        if (n <= 0) {
            return NULL;
        }
        g_string_append_len(c->input, buf, n);
    }
}

/* ---- the protocol ---- */

static bool is_irq_line(Qtest *q, const char *line)
{
    unsigned n;
    if (sscanf(line, "IRQ raise %u", &n) == 1 && n < IRQ_COUNT) {
        q->irq[n] = true;
    } else if (sscanf(line, "IRQ lower %u", &n) == 1 && n < IRQ_COUNT) {
        q->irq[n] = false;
    } else {
        return g_str_has_prefix(line, "IRQ ");
    }
    return true;
}

static char *transact(Qtest *q, const char *command)
{
    channel_send(&q->qtest, command);
    channel_send(&q->qtest, "\n");
    for (;;) {
        char *line = channel_line(&q->qtest, QTEST_LIMIT_MS);
        if (!line) {
            g_error("no answer to '%s'", command);
        }
        if (!is_irq_line(q, line)) {
            if (!g_str_has_prefix(line, "OK")) {
                g_error("'%s': %s", command, line);
            }
            char *rest = g_strdup(line[2] ? line + 3 : "");
            g_free(line);
            return rest;
        }
        g_free(line);
    }
}

char *qtest_command(Qtest *q, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    return transact(q, text);
}

static uint64_t get_number(Qtest *q, const char *name, uint64_t addr)
{
    g_autofree char *answer = qtest_command(q, "%s 0x%" PRIx64, name, addr);
    return g_ascii_strtoull(answer, NULL, 0);
}

static void put_number(Qtest *q, const char *name, uint64_t addr, uint64_t value)
{
    g_free(qtest_command(q, "%s 0x%" PRIx64 " 0x%" PRIx64, name, addr, value));
}

uint8_t qtest_inb(Qtest *q, uint16_t port) { return (uint8_t)get_number(q, "inb", port); }
uint16_t qtest_inw(Qtest *q, uint16_t port) { return (uint16_t)get_number(q, "inw", port); }
uint32_t qtest_inl(Qtest *q, uint16_t port) { return (uint32_t)get_number(q, "inl", port); }
void qtest_outb(Qtest *q, uint16_t port, uint8_t value) { put_number(q, "outb", port, value); }
void qtest_outw(Qtest *q, uint16_t port, uint16_t value) { put_number(q, "outw", port, value); }
void qtest_outl(Qtest *q, uint16_t port, uint32_t value) { put_number(q, "outl", port, value); }
uint8_t qtest_readb(Qtest *q, uint64_t addr) { return (uint8_t)get_number(q, "readb", addr); }
uint16_t qtest_readw(Qtest *q, uint64_t addr) { return (uint16_t)get_number(q, "readw", addr); }
uint32_t qtest_readl(Qtest *q, uint64_t addr) { return (uint32_t)get_number(q, "readl", addr); }
uint64_t qtest_readq(Qtest *q, uint64_t addr) { return get_number(q, "readq", addr); }
void qtest_writeb(Qtest *q, uint64_t addr, uint8_t value) { put_number(q, "writeb", addr, value); }
void qtest_writew(Qtest *q, uint64_t addr, uint16_t value) { put_number(q, "writew", addr, value); }
void qtest_writel(Qtest *q, uint64_t addr, uint32_t value) { put_number(q, "writel", addr, value); }
void qtest_writeq(Qtest *q, uint64_t addr, uint64_t value) { put_number(q, "writeq", addr, value); }

void qtest_memread(Qtest *q, uint64_t addr, void *buf, size_t len)
{
    g_autofree char *answer = qtest_command(q, "b64read 0x%" PRIx64 " %zu", addr, len);
    size_t got;
    g_autofree uint8_t *data = g_base64_decode(answer, &got);
    g_assert_cmpuint(got, ==, len);
    memcpy(buf, data, len);
}

void qtest_memwrite(Qtest *q, uint64_t addr, const void *buf, size_t len)
{
    if (len) {
        g_autofree char *text = g_base64_encode(buf, len);
        g_free(qtest_command(q, "b64write 0x%" PRIx64 " %zu %s", addr, len, text));
    }
}

void qtest_memset(Qtest *q, uint64_t addr, uint8_t byte, size_t len)
{
    g_free(qtest_command(q, "memset 0x%" PRIx64 " %zu 0x%x", addr, len, byte));
}

int64_t qtest_clock_step(Qtest *q, int64_t ns)
{
    g_autofree char *answer = qtest_command(q, "clock_step %" PRId64, ns);
    return g_ascii_strtoll(answer, NULL, 10);
}

int64_t qtest_clock_step_next(Qtest *q)
{
    g_autofree char *answer = qtest_command(q, "clock_step");
    return g_ascii_strtoll(answer, NULL, 10);
}

void qtest_intercept_in(Qtest *q, const char *path) { g_free(qtest_command(q, "irq_intercept_in %s", path)); }
void qtest_intercept_out(Qtest *q, const char *path) { g_free(qtest_command(q, "irq_intercept_out %s", path)); }

bool qtest_irq(Qtest *q, unsigned n)
{
    g_free(transact(q, "endianness"));      /* what was raised before has been heard then */
    g_assert_cmpuint(n, <, IRQ_COUNT);
    return q->irq[n];
}

uint32_t qtest_pci_read(Qtest *q, unsigned devfn, unsigned offset, unsigned size)
{
    qtest_outl(q, 0xcf8, 0x80000000u | devfn << 8 | (offset & 0xfc));
    uint16_t port = (uint16_t)(0xcfc + (offset & 3));
    return size == 1 ? qtest_inb(q, port) : size == 2 ? qtest_inw(q, port) : qtest_inl(q, port);
}

void qtest_pci_write(Qtest *q, unsigned devfn, unsigned offset, uint32_t value, unsigned size)
{
    qtest_outl(q, 0xcf8, 0x80000000u | devfn << 8 | (offset & 0xfc));
    put_number(q, size == 1 ? "outb" : size == 2 ? "outw" : "outl", 0xcfc + (offset & 3), value);
}

/* ---- QMP ---- */

static char *qmp_result(Qtest *q)
{
    for (;;) {
        char *line = channel_line(&q->qmp, QTEST_LIMIT_MS);
        if (!line) {
            g_error("QMP does not answer");
        }
        if (!g_str_has_prefix(line, "{\"timestamp\"")) {
            return line;
        }
        g_queue_push_tail(&q->events, line);
    }
}

static void qmp_begin(Qtest *q)
{
    if (!q->qmp_ready) {
        q->qmp_ready = true;
        g_autofree char *greeting = qmp_result(q);
        g_assert_nonnull(strstr(greeting, "\"QMP\""));
        channel_send(&q->qmp, "{\"execute\": \"qmp_capabilities\"}\n");
        g_free(qmp_result(q));
    }
}

char *qtest_qmp(Qtest *q, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    qmp_begin(q);
    channel_send(&q->qmp, text);
    channel_send(&q->qmp, "\n");
    return qmp_result(q);
}

char *qtest_qmp_event(Qtest *q, const char *name)
{
    qmp_begin(q);
    g_autofree char *wanted = g_strdup_printf("\"event\": \"%s\"", name);
    for (GList *item = q->events.head; item; item = item->next) {
        char *line = item->data;
        if (strstr(line, wanted)) {
            g_queue_delete_link(&q->events, item);
            return line;
        }
    }
    char *line;
    while ((line = channel_line(&q->qmp, 10000))) {
        if (strstr(line, wanted)) {
            return line;
        }
        g_queue_push_tail(&q->events, line);
    }
    return NULL;
}

char *qtest_hmp(Qtest *q, const char *command)
{
    g_autofree char *escaped = g_strescape(command, NULL);
    g_autofree char *line = qtest_qmp(q, "{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": \"%s\"}}", escaped);
    const char *start = strstr(line, "\"return\": \"");
    g_assert_nonnull(start);
    g_autofree char *quoted = g_strdup(start + strlen("\"return\": \""));
    char *end = strrchr(quoted, '"');
    g_assert_nonnull(end);
    *end = '\0';
    return g_strcompress(quoted);
}
