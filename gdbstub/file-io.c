/*
 * Requests that the guest makes of the debugger's machine by semihosting: the machine stops, the request goes out instead of a stop reply, and with its answer the machine
 * goes on. Until then gdb reads and writes the guest's memory as at any stop.
 *
 * GDB manual, appendix E.13 "File-I/O Remote Protocol Extension".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gdbstub/internal.h"

#include "semihosting/semihosting.h"

typedef struct FileRequest { Cpu *cpu; char *text; SemihostAnswered *answered; void *opaque; } FileRequest;

/* Of the one server. Machine lock. */
static GdbServer *server;
static GQueue requests = G_QUEUE_INIT;      /* of FileRequest; the first is with gdb when `sent` */
static bool sent, answering;

/* gdb takes a request only while it waits for a stop. */
static bool attached(void) { return server && server->attached && server->awaiting_stop; }

static void request(Cpu *cpu, const char *text, SemihostAnswered *answered, void *opaque)
{
    if (!attached()) {
        answered(&(SemihostAnswer){ .result = -1 }, opaque);    /* a file that gdb had opened before it went */
        return;
    }
    FileRequest *r = g_new(FileRequest, 1);
    *r = (FileRequest){ .cpu = cpu, .text = g_strdup(text), .answered = answered, .opaque = opaque };
    if (answering) {
        g_queue_push_head(&requests, r);        /* the next part of a call: the machine stands still, and others wait their turn */
    } else {
        g_queue_push_tail(&requests, r);
        cpu_interrupt(cpu, CPU_INTERRUPT_DEBUG);
    }
}

static const SemihostDebugger debugger = { .attached = attached, .request = request };

void gdb_file_io_begin(GdbServer *g)
{
    server = g;
    semihosting_set_debugger(&debugger);
}

/* Answers the first request. */
static void answer(const SemihostAnswer *a)
{
    FileRequest *r = g_queue_pop_head(&requests);
    sent = false;
    answering = true;
    r->answered(a, r->opaque);
    answering = false;
    g_free(r->text);
    g_free(r);
}

bool gdb_file_io_send(GdbServer *g)
{
    const FileRequest *r = g_queue_peek_head(&requests);
    if (!r) {
        return false;
    }
    if (!sent) {
        sent = true;
        g->general = g->control = r->cpu;       /* by whose translation gdb gets at the memory */
        gdb_send_text(g, r->text);
    }
    return true;
}

/* true: gdb has gone with requests in its hands. */
bool gdb_file_io_abandon(void)
{
    bool any = !g_queue_is_empty(&requests);
    while (!g_queue_is_empty(&requests)) {
        answer(&(SemihostAnswer){ .result = -1 });
    }
    return any;
}

void gdb_file_io_end(void)
{
    gdb_file_io_abandon();
    server = NULL;
}

/* Fretcode[,errno[,C]]: numbers in hexadecimal, a negative one with a sign; C: the user wants it to stop. */
void gdb_file_io_reply(GdbServer *g, const char *args)
{
    uint64_t value = 0, error = 0;
    bool negative = gdb_parse_char(&args, '-');
    if (!sent || !gdb_parse_number(&args, &value)) {
        gdb_send_error(g, GDB_ERROR_SYNTAX);
        return;
    }
    if (gdb_parse_char(&args, ',')) {
        gdb_parse_number(&args, &error);
    }
    bool stop = gdb_parse_char(&args, ',') && *args == 'C';
    Cpu *cpu = ((const FileRequest *)g_queue_peek_head(&requests))->cpu;
    answer(&(SemihostAnswer){ .result = negative ? -(int64_t)value : (int64_t)value, .gdb_errno = (int)error });
    if (gdb_file_io_send(g)) {
        return;
    }
    /* A step that was the call is over with it. */
    bool stepped = cpu->index < g->nr_actions && g->actions[cpu->index] == 's';
    if (stop || stepped) {
        g->awaiting_stop = false;
        gdb_send_stop_reply(g, stop ? GDB_SIGNAL_INT : GDB_SIGNAL_TRAP);
    } else {
        g_autofree char *actions = g_memdup2(g->actions, (gsize)g->nr_actions);
        gdb_resume(g, actions, g->nr_actions);
    }
}
