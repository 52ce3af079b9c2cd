/*
 * Character devices: what all back ends have in common, and the front end's side.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/internal.h"

#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static void chardev_init(Object *object)
{
    ((Chardev *)object)->log_fd = -1;
}

static void chardev_clean(Chardev *chr)
{
    for (const ChardevType *type = chardev_type(chr); type && !chr->cleaned; type = (const ChardevType *)object_type_parent((const ObjectType *)type)) {
        if (object_type_is_a((const ObjectType *)type, "chardev") && type->cleanup) {
            chr->cleaned = true;
            type->cleanup(chr);
        }
        if (!strcmp(type->name, "chardev")) {
            break;
        }
    }
}

static void chardev_finalize(Object *object)
{
    Chardev *chr = (Chardev *)object;
    if (chr->log_fd >= 0) {
        close(chr->log_fd);
    }
    g_free(chr->label);
    g_free(chr->filename);
    g_clear_pointer(&chr->queue, g_byte_array_unref);
}

static const ChardevType chardev_base = {
    .name = "chardev", .parent = "object", .size = sizeof(Chardev), .abstract = true, .init = chardev_init, .finalize = chardev_finalize,
};
REGISTER_TYPE(chardev_base)

/* ---- the registry ---- */

static Object *chardevs(void) { return object_container("/chardevs"); }

Chardev *chardev_find(const char *id)
{
    return (Chardev *)object_child(chardevs(), id);
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp((*(Chardev *const *)a)->label, (*(Chardev *const *)b)->label);
}

void chardev_foreach(void (*fn)(Chardev *chr, void *opaque), void *opaque)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    GPtrArray *children = chardevs()->children;
    for (unsigned n = 0; children && n < children->len; n++) {
        g_ptr_array_add(all, children->pdata[n]);
    }
    g_ptr_array_sort(all, compare_ids);
    for (unsigned n = 0; n < all->len; n++) {
        fn(all->pdata[n], opaque);
    }
}

bool chardev_remove(const char *id, GError **err)
{
    Chardev *chr = chardev_find(id);
    if (!chr) {
        return error_set(err, "Chardev '%s' not found", id);
    }
    if (chr->frontend || (chardev_is_mux(chr) && mux_has_frontend(chr))) {
        return error_set(err, "Chardev '%s' is busy", id);
    }
    chardev_clean(chr);
    object_unparent((Object *)chr);
    return true;
}

bool chardev_send_break(const char *id, GError **err)
{
    Chardev *chr = chardev_find(id);
    if (!chr) {
        return error_set(err, "Chardev '%s' not found", id);
    }
    chardev_event(chr, CHAR_EVENT_BREAK);
    return true;
}

static void clean_one(Chardev *chr, void *opaque) { chardev_clean(chr); }

void chardev_cleanup(void) { chardev_foreach(clean_one, NULL); }

static bool machine_is_ready;
bool chardev_machine_is_ready(void) { return machine_is_ready; }

static void announce_one(Chardev *chr, void *opaque)
{
    if (chardev_is_mux(chr)) {
        mux_announce(chr);
    }
}

void chardev_machine_ready(void)
{
    machine_is_ready = true;
    chardev_foreach(announce_one, NULL);
}

const char *chardev_id(const Chardev *chr) { return chr->label; }
const char *chardev_filename(const Chardev *chr) { return chr->filename ? chr->filename : chardev_type(chr)->backend; }
bool chardev_is_mux(const Chardev *chr) { return object_is_a((const Object *)chr, "chardev-mux"); }

bool chardev_frontend_open(const Chardev *chr)
{
    return chardev_is_mux(chr) ? mux_any_open(chr) : chr->frontend && chr->frontend->open;
}

void chardev_set_filename(Chardev *chr, char *filename)
{
    g_free(chr->filename);
    chr->filename = filename;
}

static void (*message_hook)(const char *text);
void chardev_set_message_hook(void (*hook)(const char *text)) { message_hook = hook; }

void chardev_message(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    if (message_hook) {
        message_hook(text);
    } else {
        info_report("%s", text);
    }
}

void chardev_set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && !(flags & O_NONBLOCK)) {
        fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    }
    signal(SIGPIPE, SIG_IGN);
}

/* ---- from the back end to the front end ---- */

int chardev_room(Chardev *chr)
{
    CharFrontend *fe = chr->frontend;
    return fe && fe->callbacks && fe->callbacks->can_receive ? MAX(fe->callbacks->can_receive(fe->opaque), 0) : 0;
}

void chardev_receive(Chardev *chr, const uint8_t *buf, size_t len)
{
    CharFrontend *fe = chr->frontend;
    if (len && fe && fe->callbacks && fe->callbacks->receive) {
        fe->callbacks->receive(fe->opaque, buf, (int)len);
    }
}

void chardev_event(Chardev *chr, CharEvent event)
{
    if (event == CHAR_EVENT_OPENED) {
        chr->peer_open = true;
    } else if (event == CHAR_EVENT_CLOSED) {
        chr->peer_open = false;
    }
    CharFrontend *fe = chr->frontend;
    if (fe && fe->callbacks && fe->callbacks->event) {
        fe->callbacks->event(fe->opaque, event);
    }
}

/* ---- output ---- */

static void log_output(Chardev *chr, const uint8_t *buf, size_t len)
{
    while (chr->log_fd >= 0 && len) {
        ssize_t n = write(chr->log_fd, buf, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return;         /* a full disk must not stop the guest */
        }
        buf += n;
        len -= n;
    }
}

static size_t queued(const Chardev *chr) { return chr->queue ? chr->queue->len - chr->queue_taken : 0; }

static size_t write_now(Chardev *chr, const uint8_t *buf, size_t len)
{
    size_t taken = chardev_type(chr)->write(chr, buf, len);
    log_output(chr, buf, taken);
    return taken;
}

static void queue_flush(Chardev *chr)
{
    if (!queued(chr)) {
        return;
    }
    chr->queue_taken += write_now(chr, chr->queue->data + chr->queue_taken, queued(chr));
    if (!queued(chr)) {
        chr->queue_taken = 0;
        g_byte_array_set_size(chr->queue, 0);
        if (chr->queue->len == 0) {
            g_clear_pointer(&chr->queue, g_byte_array_unref);
        }
    }
}

static void watch_output(Chardev *chr)
{
    if (chardev_type(chr)->watch_output) {
        chardev_type(chr)->watch_output(chr);
    }
}

void chardev_writable(Chardev *chr)
{
    queue_flush(chr);
    if (queued(chr)) {
        watch_output(chr);
        return;
    }
    if (chardev_is_mux(chr)) {
        mux_writable(chr);
        return;
    }
    CharFrontend *fe = chr->frontend;
    if (fe && fe->writable) {
        if (!fe->writable(fe->writable_opaque)) {
            fe->writable = NULL;
        } else {
            watch_output(chr);
        }
    }
}

size_t char_write(CharFrontend *fe, const void *buf, size_t len)
{
    if (!fe->chr) {
        return len;
    }
    queue_flush(fe->chr);
    return queued(fe->chr) ? 0 : write_now(fe->chr, buf, len);
}

bool char_write_all(CharFrontend *fe, const void *buf, size_t len)
{
    Chardev *chr = fe->chr;
    size_t taken = char_write(fe, buf, len);
    if (taken == len) {
        return true;
    }
    len -= taken;
    if (queued(chr) + len > CHARDEV_QUEUE_MAX) {
        return false;
    }
    if (!chr->queue) {
        chr->queue = g_byte_array_new();
        chr->queue_taken = 0;
    }
    if (chr->queue_taken > chr->queue->len / 2) {
        g_byte_array_remove_range(chr->queue, 0, (guint)chr->queue_taken);
        chr->queue_taken = 0;
    }
    g_byte_array_append(chr->queue, (const uint8_t *)buf + taken, (guint)len);
    watch_output(chr);
    return true;
}

bool char_printf(CharFrontend *fe, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    return char_write_all(fe, text, strlen(text));
}

size_t char_queued(const CharFrontend *fe) { return fe->chr ? queued(fe->chr) : 0; }

void char_set_writable(CharFrontend *fe, CharWritable *fn, void *opaque)
{
    fe->writable = fe->chr ? fn : NULL;
    fe->writable_opaque = opaque;
    if (fe->writable) {
        watch_output(fe->chr);
    }
}

/* ---- the front end's life ---- */

bool char_frontend_connect(CharFrontend *fe, Chardev *chr, GError **err)
{
    if (chardev_is_mux(chr)) {
        return mux_attach(chr, fe, err);
    }
    if (chr->frontend) {
        return error_set(err, "Device '%s' is in use", chr->label);
    }
    *fe = (CharFrontend){ .chr = (Chardev *)object_ref((Object *)chr) };
    chr->frontend = fe;
    return true;
}

void char_frontend_disconnect(CharFrontend *fe)
{
    Chardev *chr = fe->chr;
    if (!chr) {
        return;
    }
    char_set_open(fe, false);
    if (chardev_is_mux(chr)) {
        mux_detach(chr, fe);
    } else if (chr->frontend == fe) {
        chr->frontend = NULL;
    }
    *fe = (CharFrontend){ 0 };
    object_unref((Object *)chr);
}

void char_set_handlers(CharFrontend *fe, const CharCallbacks *callbacks, void *opaque)
{
    Chardev *chr = fe->chr;
    fe->callbacks = callbacks;
    fe->opaque = opaque;
    if (!chr) {
        return;
    }
    char_set_open(fe, callbacks != NULL);
    if (!callbacks) {
        return;
    }
    if (chardev_is_mux(chr)) {
        mux_focus(chr, fe);
    }
    if (chr->peer_open && callbacks->event) {
        callbacks->event(opaque, CHAR_EVENT_OPENED);
    }
    char_accept_input(fe);
}

void char_accept_input(CharFrontend *fe)
{
    if (fe->chr && chardev_type(fe->chr)->accept_input) {
        chardev_type(fe->chr)->accept_input(fe->chr);
    }
}

void char_set_open(CharFrontend *fe, bool open)
{
    if (!fe->chr || fe->open == open) {
        return;
    }
    fe->open = open;
    if (chardev_type(fe->chr)->set_open) {
        chardev_type(fe->chr)->set_open(fe->chr, open);
    }
}

void char_set_echo(CharFrontend *fe, bool echo)
{
    if (fe->chr && chardev_type(fe->chr)->set_echo) {
        chardev_type(fe->chr)->set_echo(fe->chr, echo);
    }
}

void char_take_focus(CharFrontend *fe)
{
    if (fe->chr && chardev_is_mux(fe->chr)) {
        mux_focus(fe->chr, fe);
    }
}

void char_drop_peer(CharFrontend *fe)
{
    if (fe->chr && chardev_type(fe->chr)->drop_peer) {
        chardev_type(fe->chr)->drop_peer(fe->chr);
    }
}

int char_take_fd(CharFrontend *fe)
{
    return fe->chr && chardev_type(fe->chr)->take_fd ? chardev_type(fe->chr)->take_fd(fe->chr) : -1;
}

bool char_set_serial_params(CharFrontend *fe, const CharSerialParams *params)
{
    return fe->chr && chardev_type(fe->chr)->set_serial_params && chardev_type(fe->chr)->set_serial_params(fe->chr, params);
}

bool char_set_break(CharFrontend *fe, bool on)
{
    return fe->chr && chardev_type(fe->chr)->set_break && chardev_type(fe->chr)->set_break(fe->chr, on);
}

bool char_get_lines(CharFrontend *fe, int *lines)
{
    return fe->chr && chardev_type(fe->chr)->get_lines && chardev_type(fe->chr)->get_lines(fe->chr, lines);
}

bool char_set_lines(CharFrontend *fe, int lines)
{
    return fe->chr && chardev_type(fe->chr)->set_lines && chardev_type(fe->chr)->set_lines(fe->chr, lines);
}
