/*
 * Monitors on character devices: making them, greeting, input and output.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/monitor.h"
#include "monitor/commands.h"
#include "monitor/internal.h"

#include "ostrich-config.h"
#include "system/runstate-internal.h"
#include "util/error.h"
#include "util/keyval.h"
#include "util/main-loop.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static GPtrArray *monitors;         /* of Monitor* */
static Monitor *current;            /* whose command runs */

/* ---- output ---- */

void monitor_puts(Monitor *mon, const char *text) { g_string_append(mon->out, text); }

void monitor_printf(Monitor *mon, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_string_append_vprintf(mon->out, format, args);
    va_end(args);
}

/* A terminal in raw mode wants a carriage return too. */
void monitor_flush(Monitor *mon)
{
    if (!mon->chr.chr || mon->muxed_out || !mon->out->len) {
        return;
    }
    g_autoptr(GString) raw = g_string_sized_new(mon->out->len + 64);
    for (size_t n = 0; n < mon->out->len; n++) {
        if (mon->out->str[n] == '\n') {
            g_string_append_c(raw, '\r');
        }
        g_string_append_c(raw, mon->out->str[n]);
    }
    char_write_all(&mon->chr, raw->str, raw->len);
    g_string_truncate(mon->out, 0);
}

void monitor_print_error(Monitor *mon, GError **err)
{
    if (*err) {
        monitor_printf(mon, "Error: %s\n", (*err)->message);
        if (error_get_hint(*err)) {
            monitor_printf(mon, "%s\n", error_get_hint(*err));
        }
        g_clear_error(err);
    }
}

Cpu *monitor_cpu(Monitor *mon)
{
    Cpu *cpu = mon->cpu_index >= 0 ? cpu_by_index(mon->cpu_index) : NULL;
    cpu = cpu ? cpu : cpu_first();
    if (cpu) {
        cpu_synchronize(cpu);
    }
    return cpu;
}

/* "char device redirected to ..." goes to whoever asked, or to standard output. */
static void print_message(const char *text)
{
    if (current) {
        monitor_printf(current, "%s\n", text);
    } else if (!qmp_request_runs()) {       /* QMP's answer has it */
        printf("%s\n", text);
        fflush(stdout);
    }
}

/* ---- the human monitor ---- */

static void run_line(Monitor *mon, const char *line)
{
    Monitor *outer = current;
    current = mon;
    hmp_run_line(mon, line);
    current = outer;
}

static void line_print(void *opaque, const char *text) { monitor_puts(opaque, text); }

static void line_entered(void *opaque, const char *line)
{
    Monitor *mon = opaque;
    run_line(mon, line);
    if (mon->readline && !mon->leaving) {
        readline_show_prompt(mon->readline);
    }
}

static void line_complete(void *opaque, const char *line, GPtrArray *words) { hmp_complete(opaque, line, words); }

static const ReadlineHooks line_hooks = { line_print, line_entered, line_complete };

static int monitor_room(void *opaque) { return 4096; }

static void hmp_receive(void *opaque, const uint8_t *buf, int len)
{
    Monitor *mon = opaque;
    for (int n = 0; n < len; n++) {
        readline_byte(mon->readline, buf[n]);
    }
    monitor_flush(mon);
}

static void hmp_event(void *opaque, CharEvent event)
{
    Monitor *mon = opaque;
    switch (event) {
    case CHAR_EVENT_OPENED:
        monitor_printf(mon, "QEMU %s monitor - type 'help' for more information\n", QEMU_VERSION);
        readline_show_prompt(mon->readline);
        mon->greeted = true;
        break;
    case CHAR_EVENT_MUX_IN:
        if (mon->greeted && mon->muxed_out) {
            mon->muxed_out = false;
            if (!mon->out->len) {
                readline_show_prompt(mon->readline);
            }
        }
        mon->muxed_out = false;
        break;
    case CHAR_EVENT_MUX_OUT:
        if (mon->greeted) {
            monitor_puts(mon, "\n");
            monitor_flush(mon);
        }
        mon->muxed_out = true;
        break;
    case CHAR_EVENT_CLOSED:
        mon->greeted = false;
        break;
    case CHAR_EVENT_BREAK:
        break;
    }
    monitor_flush(mon);
}

static const CharCallbacks hmp_callbacks = { monitor_room, hmp_receive, hmp_event };

/* ---- QMP ---- */

static void qmp_receive(void *opaque, const uint8_t *buf, int len)
{
    Monitor *outer = current;
    current = NULL;
    qmp_session_receive(((Monitor *)opaque)->qmp, buf, len);
    current = outer;
}

static void qmp_event(void *opaque, CharEvent event)
{
    Monitor *mon = opaque;
    if (event == CHAR_EVENT_OPENED) {
        qmp_session_opened(mon->qmp);
    } else if (event == CHAR_EVENT_CLOSED) {
        qmp_session_closed(mon->qmp);
    }
}

static const CharCallbacks qmp_callbacks = { monitor_room, qmp_receive, qmp_event };

/* Events come from any thread; the main loop passes them on in order. */
static void deliver_event(void *opaque)
{
    g_autoptr(GVariant) event = opaque;
    for (unsigned n = 0; monitors && n < monitors->len; n++) {
        Monitor *mon = monitors->pdata[n];
        if (mon->qmp) {
            qmp_session_event(mon->qmp, event);
        }
    }
}

void qmp_event_send(const char *name, GVariant *data)
{
    g_autoptr(GVariant) held = data ? g_variant_ref_sink(data) : NULL;
    if (!monitors) {
        return;
    }
    int64_t now_us = g_get_real_time();
    GVariantBuilder event, timestamp;
    g_variant_builder_init(&timestamp, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&timestamp, "{sv}", "seconds", g_variant_new_int64(now_us / 1000000));
    g_variant_builder_add(&timestamp, "{sv}", "microseconds", g_variant_new_int64(now_us % 1000000));
    g_variant_builder_init(&event, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&event, "{sv}", "timestamp", g_variant_builder_end(&timestamp));
    g_variant_builder_add(&event, "{sv}", "event", g_variant_new_string(name));
    if (held) {
        g_variant_builder_add(&event, "{sv}", "data", held);
    }
    GVariant *whole = g_variant_ref_sink(g_variant_builder_end(&event));
    if (machine_lock_held() && !cpu_current()) {
        deliver_event(whole);
    } else {
        main_loop_schedule(deliver_event, whole);
    }
}

/* ---- life ---- */

static Monitor *monitor_new(void)
{
    Monitor *mon = g_new0(Monitor, 1);
    mon->out = g_string_new(NULL);
    mon->cpu_index = -1;
    return mon;
}

static void monitor_free(void *p)
{
    Monitor *mon = p;
    char_frontend_disconnect(&mon->chr);
    readline_free(mon->readline);
    qmp_session_free(mon->qmp);
    g_string_free(mon->out, TRUE);
    g_free(mon);
}

static bool monitor_start(Chardev *chr, bool control, bool pretty, GError **err)
{
    Monitor *mon = monitor_new();
    if (!char_frontend_connect(&mon->chr, chr, err)) {
        monitor_free(mon);
        return false;
    }
    if (!monitors) {
        monitors = g_ptr_array_new_with_free_func(monitor_free);
        monitor_install_event_hooks();
    }
    g_ptr_array_add(monitors, mon);
    mon->pretty = pretty;
    if (control) {
        mon->qmp = qmp_session_new(mon);
        char_set_handlers(&mon->chr, &qmp_callbacks, mon);
    } else {
        mon->readline = readline_new(&line_hooks, mon, "(qemu) ");
        char_set_handlers(&mon->chr, &hmp_callbacks, mon);
    }
    return true;
}

bool monitor_add(const char *options_text, GError **err)
{
    bool help, pretty = false;
    g_autoptr(KeyVals) kv = keyvals_parse(options_text, "chardev", &help, err);
    if (!kv) {
        return false;
    }
    const char *id = keyvals_get(kv, "chardev"), *mode = keyvals_get(kv, "mode");
    keyvals_get(kv, "id");              /* a name for the monitor itself: nobody asks for it */
    if (!keyvals_get_bool(kv, "pretty", &pretty, err) || !keyvals_check_all_used(kv, err)) {
        return false;
    }
    if (!id) {
        return error_set(err, "Parameter 'chardev' is missing");
    }
    if (mode && strcmp(mode, "readline") && strcmp(mode, "control")) {
        return error_set(err, "Parameter 'mode' does not accept value '%s'", mode);
    }
    bool control = mode && !strcmp(mode, "control");
    if (!control && keyvals_has(kv, "pretty")) {
        return error_set(err, "'pretty' is not compatible with HMP monitors");
    }
    Chardev *chr = chardev_find(id);
    return chr ? monitor_start(chr, control, pretty, err) : error_set(err, "chardev \"%s\" not found", id);
}

bool monitor_add_legacy(const char *spec, bool control, bool pretty, GError **err)
{
    static int count;
    g_autofree char *label = g_strdup_printf("compat_monitor%d", count++);
    g_autoptr(GError) own = NULL;
    if (!strcmp(spec, "none")) {
        return true;
    }
    Chardev *chr = chardev_from_legacy(label, spec, false, &own);
    if (!chr) {
        return error_set(err, "%s\nparse error: %s", own ? own->message : "", spec);
    }
    return monitor_start(chr, control, pretty, err);
}

/* mon:SPEC */
static bool monitor_on_mux(Chardev *mux, GError **err) { return monitor_start(mux, false, false, err); }

static void mux_key(ChardevMuxKey key)
{
    if (key == CHARDEV_MUX_QUIT) {
        command_quit();
    }
}

char *monitor_hmp_command(const char *line, int cpu_index)
{
    Monitor *mon = monitor_new();
    mon->cpu_index = cpu_index;
    run_line(mon, line);
    /* As a terminal would get it: clients look for these line ends. */
    g_string_replace(mon->out, "\n", "\r\n", 0);
    char *text = g_strdup(mon->out->str);
    monitor_free(mon);
    return text;
}

void monitor_cleanup(void)
{
    g_clear_pointer(&monitors, g_ptr_array_unref);
}

static void __attribute__((constructor)) monitor_register_hooks(void)
{
    chardev_set_monitor_hook(monitor_on_mux);
    chardev_set_mux_key_hook(mux_key);
    chardev_set_message_hook(print_message);
}
