/*
 * The gdb server: the connection, stop replies, resuming.
 *
 * GDB manual, appendix E.3 "Stop Reply Packets".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gdbstub/gdbstub.h"
#include "gdbstub/internal.h"

#include "accel/accel.h"
#include "system/runstate.h"
#include "util/error.h"

#include <inttypes.h>
#include <string.h>

static GdbServer *server;

/* ---- sending ---- */

void gdb_send(GdbServer *g, const void *data, size_t len)
{
    g_string_truncate(g->last, 0);
    gdb_packet_append(g->last, data, len);
    char_write_all(&g->chr, g->last->str, g->last->len);
}

void gdb_send_text(GdbServer *g, const char *text) { gdb_send(g, text, strlen(text)); }

void gdb_send_error(GdbServer *g, int code)
{
    char text[8];
    g_snprintf(text, sizeof(text), "E%02x", code & 0xff);
    gdb_send_text(g, text);
}

/* ---- CPUs ---- */

Cpu *gdb_cpu_of_thread(uint64_t id) { return id && id <= INT32_MAX ? cpu_by_index((int)id - 1) : NULL; }

void gdb_send_stop_reply(GdbServer *g, int signal)
{
    static const char *const watch_names[] = { [WATCH_WRITE] = "watch", [WATCH_READ] = "rwatch", [WATCH_ACCESS] = "awatch" };
    Cpu *cpu = g->stopped ? g->stopped : g->general ? g->general : cpu_first();
    g_autoptr(GString) text = g_string_new(NULL);
    if (!cpu) {
        gdb_send_text(g, "W00");
        return;
    }
    g->general = g->control = cpu;
    g_string_printf(text, "T%02xthread:%02x;", signal, gdb_thread_id(cpu));
    if (cpu->watch_hit) {
        cpu->watch_hit = false;
        if (cpu->watch_hit_kind >= WATCH_WRITE) {
            g_string_append_printf(text, "%s:%" PRIx64 ";", watch_names[cpu->watch_hit_kind], cpu->watch_hit_addr);
        }
    }
    gdb_send_text(g, text->str);
}

static int signal_of_state(RunState state)
{
    switch (state) {
    case RUN_STATE_DEBUG:
        return GDB_SIGNAL_TRAP;
    case RUN_STATE_PAUSED:
        return GDB_SIGNAL_INT;
    case RUN_STATE_SHUTDOWN:
        return GDB_SIGNAL_QUIT;
    case RUN_STATE_IO_ERROR:
        return GDB_SIGNAL_STOP;
    case RUN_STATE_WATCHDOG:
        return GDB_SIGNAL_ALRM;
    case RUN_STATE_INTERNAL_ERROR:
        return GDB_SIGNAL_ABRT;
    case RUN_STATE_SAVE_VM:
    case RUN_STATE_RESTORE_VM:
        return -1;
    case RUN_STATE_FINISH_MIGRATE:
        return GDB_SIGNAL_XCPU;
    default:
        return GDB_SIGNAL_0;
    }
}

static void set_step(Cpu *cpu, int flags)
{
    if (cpu->singlestep != flags) {
        cpu->singlestep = flags;
        if (accel_type(accel_current())->debug_changed) {
            accel_type(accel_current())->debug_changed(cpu);
        }
    }
}

static void machine_changed(void *opaque, bool running, RunState state)
{
    GdbServer *g = opaque;
    if (running || !g->attached) {
        return;
    }
    CPU_FOREACH (cpu) {
        set_step(cpu, 0);
    }
    int signal = signal_of_state(state);
    if (!g->awaiting_stop || signal < 0 || gdb_file_io_send(g)) {
        return;
    }
    g->awaiting_stop = false;
    if (state != RUN_STATE_DEBUG) {
        g->stopped = NULL;
    }
    gdb_send_stop_reply(g, signal);
}

void gdbserver_cpu_stopped(Cpu *cpu)
{
    if (server) {
        server->stopped = cpu;
    }
}

void gdb_resume(GdbServer *g, const char *actions, int count)
{
    CPU_FOREACH (cpu) {
        char action = cpu->index < count ? actions[cpu->index] : 0;
        cpu->watch_hit = false;
        set_step(cpu, action == 's' ? g->step_flags : 0);
    }
    g_free(g->actions);
    g->actions = g_memdup2(actions, (gsize)count);
    g->nr_actions = count;
    g->awaiting_stop = true;
    g->stopped = NULL;
    vm_start();
    /* Those that are to stand still have not run yet: we have the machine lock. */
    CPU_FOREACH (cpu) {
        if (cpu->index < count ? !actions[cpu->index] : true) {
            cpu->stop_requested = true;
            cpu_kick(cpu);
        }
    }
}

/* ---- the connection ---- */

static void interrupt(GdbServer *g)
{
    if (machine_is_running()) {
        vm_stop(RUN_STATE_PAUSED);
    }
}

static void acknowledge(GdbServer *g, const char *how)
{
    if (!g->no_ack) {
        char_write_all(&g->chr, how, 1);
    }
}

static void take_byte(GdbServer *g, uint8_t byte)
{
    switch (gdb_reader_push(&g->reader, byte)) {
    case GDB_INPUT_PACKET:
        acknowledge(g, "+");
        interrupt(g);               /* gdb says nothing while the machine runs, unless it has given up waiting */
        gdb_command(g, (const char *)g->reader.data, g->reader.len);
        break;
    case GDB_INPUT_BAD:
        acknowledge(g, "-");
        break;
    case GDB_INPUT_NACK:
        char_write_all(&g->chr, g->last->str, g->last->len);
        break;
    case GDB_INPUT_INTERRUPT:
        interrupt(g);
        break;
    case GDB_INPUT_ACK:
    case GDB_INPUT_NONE:
        break;
    }
}

static int gdb_room(void *opaque) { return 4096; }

static void gdb_receive(void *opaque, const uint8_t *buf, int len)
{
    GdbServer *g = opaque;
    for (int n = 0; n < len && g == server; n++) {
        take_byte(g, buf[n]);
    }
}

static void gdb_event(void *opaque, CharEvent event)
{
    GdbServer *g = opaque;
    if (event == CHAR_EVENT_OPENED) {
        g->reader = (GdbReader){ 0 };
        g->no_ack = g->physical = g->awaiting_stop = false;
        g->step_flags = SSTEP_ENABLE | SSTEP_NOIRQ | SSTEP_NOTIMER;
        g->attached = true;
        g->general = g->control = cpu_first();
        g->stopped = NULL;
        g_string_truncate(g->last, 0);
        interrupt(g);
    } else if (event == CHAR_EVENT_CLOSED) {
        g->attached = false;
        if (gdb_file_io_abandon()) {
            vm_start();
        }
    } else if (event == CHAR_EVENT_BREAK) {
        interrupt(g);
    }
}

static const CharCallbacks gdb_callbacks = { gdb_room, gdb_receive, gdb_event };

/* ---- life ---- */

static void server_free(GdbServer *g)
{
    gdb_breakpoints_remove_all();
    gdb_file_io_end();
    run_state_remove_handler(g->handler);
    char_frontend_disconnect(&g->chr);
    if (g->own_chardev) {
        chardev_remove(g->own_chardev, NULL);
    }
    g_free(g->own_chardev);
    g_free(g->actions);
    g_string_free(g->last, TRUE);
    g_free(g);
}

bool gdbserver_start(const char *spec, GError **err)
{
    if (server) {
        GdbServer *old = server;
        server = NULL;
        server_free(old);
    }
    if (!strcmp(spec, "none")) {
        return true;
    }
    if (!cpu_first()) {
        return error_set(err, "gdbstub: meaningless to attach gdb to a machine without any CPU.");
    }
    if (!accel_type(accel_current())->breakpoint_insert) {
        return error_set(err, "gdbstub: current accelerator doesn't support guest debugging");
    }
    /* A listener that does not keep the machine from starting. */
    g_autofree char *whole = g_str_has_prefix(spec, "tcp:") ? g_strdup_printf("%s,wait=off,nodelay=on,server=on", spec) : g_strdup(spec);
    Chardev *chr = chardev_from_legacy("gdb", whole, false, err);
    if (!chr) {
        return false;
    }
    GdbServer *g = g_new0(GdbServer, 1);
    g->last = g_string_new(NULL);
    g->own_chardev = g_str_has_prefix(spec, "chardev:") ? NULL : g_strdup("gdb");
    if (!char_frontend_connect(&g->chr, chr, err)) {
        g_string_free(g->last, TRUE);
        g_free(g->own_chardev);
        g_free(g);
        return false;
    }
    server = g;
    gdb_file_io_begin(g);
    g->handler = run_state_add_handler(machine_changed, g);
    char_set_handlers(&g->chr, &gdb_callbacks, g);
    return true;
}

void gdbserver_exit(int code)
{
    if (server && server->attached) {
        char text[8];
        g_snprintf(text, sizeof(text), "W%02x", code & 0xff);
        gdb_send_text(server, text);
        server->attached = false;
    }
}
