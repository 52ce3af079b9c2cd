/*
 * How users name back ends: -chardev's options and the short forms of -serial, -monitor and others.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/internal.h"

#include "util/error.h"
#include "util/passed-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* Every key that some back end knows: all are accepted by all, as the reference does. */
static const char *const known_keys[] = {
    "backend", "id", "path", "input-path", "append", "host", "port", "localaddr", "localport", "to", "ipv4", "ipv6", "wait", "server", "delay", "nodelay",
    "reconnect", "reconnect-ms", "telnet", "tn3270", "tls-creds", "tls-authz", "websocket", "fd", "width", "height", "cols", "rows", "mux", "signal",
    "name", "debug", "size", "chardev", "logfile", "logappend", "mouse", "clipboard", "abstract", "tight", "encoding",
};

/* ---- the table of back ends ---- */

typedef struct Search { const char *name; const ChardevType *found; GPtrArray *names; } Search;

static void search_type(const ObjectType *type, void *opaque)
{
    Search *search = opaque;
    const ChardevType *t = (const ChardevType *)type;
    if (!t->backend) {
        return;
    }
    if (search->names && t->absent) {
        return;
    }
    if (search->names) {
        g_ptr_array_add(search->names, (void *)t->backend);
        if (t->alias) {
            g_ptr_array_add(search->names, (void *)t->alias);
        }
    } else if (!strcmp(search->name, t->backend) || (t->alias && !strcmp(search->name, t->alias))) {
        search->found = t;
    }
}

const ChardevType *chardev_type_find(const char *backend)
{
    Search search = { .name = backend };
    object_type_foreach("chardev", false, search_type, &search);
    return search.found;
}

static int compare_names(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

const char **chardev_backend_names(void)
{
    Search search = { .names = g_ptr_array_new() };
    object_type_foreach("chardev", false, search_type, &search);
    g_ptr_array_sort(search.names, compare_names);
    g_ptr_array_add(search.names, NULL);
    return (const char **)g_ptr_array_free(search.names, FALSE);
}

/* ---- making one ---- */

static bool open_log(Chardev *chr, KeyVals *kv, GError **err)
{
    const char *path = keyvals_get(kv, "logfile");
    bool append = false;
    if (!keyvals_get_bool(kv, "logappend", &append, err)) {
        return false;
    }
    if (!path) {
        return true;
    }
    chr->log_fd = passed_open(path, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), 0666);
    return chr->log_fd >= 0 || error_set_errno(err, errno, "Could not create '%s'", path);
}

static Chardev *make(const ChardevType *type, const char *label, KeyVals *kv, GError **err)
{
    if (chardev_find(label)) {
        error_set(err, "Chardev with id '%s' already exists", label);
        return NULL;
    }
    Chardev *chr = (Chardev *)object_new((const ObjectType *)type);
    chr->label = g_strdup(label);
    if (!open_log(chr, kv, err) || !type->open(chr, kv, err) || !object_add_child(object_container("/chardevs"), label, (Object *)chr, err)) {
        object_unref((Object *)chr);
        return NULL;
    }
    object_unref((Object *)chr);        /* the tree has it */
    if (!type->opens_itself) {
        chardev_event(chr, CHAR_EVENT_OPENED);
    }
    return chr;
}

static bool check_keys(KeyVals *kv, GError **err)
{
    for (unsigned n = 0; n < G_N_ELEMENTS(known_keys); n++) {
        keyvals_get(kv, known_keys[n]);
    }
    return keyvals_check_all_used(kv, err);
}

Chardev *chardev_new(KeyVals *kv, GError **err)
{
    const char *id = keyvals_get(kv, "id"), *backend = keyvals_get(kv, "backend");
    bool with_mux = false;
    if (!check_keys(kv, err) || (id && !object_id_check(id, err))) {
        return NULL;
    }
    if (!id) {
        error_set(err, "chardev: no id specified");
        return NULL;
    }
    if (!backend) {
        error_set(err, "chardev: \"%s\" missing backend", id);
        return NULL;
    }
    const ChardevType *type = chardev_type_find(backend);
    if (!type) {
        error_set(err, "'%s' is not a valid char driver name", backend);
        return NULL;
    }
    if (!keyvals_get_bool(kv, "mux", &with_mux, err)) {
        return NULL;
    }
    if (chardev_find(id)) {
        error_set(err, "Duplicate ID '%s' for chardev", id);
        return NULL;
    }
    if (!with_mux) {
        return make(type, id, kv, err);
    }
    g_autofree char *base_id = g_strconcat(id, "-base", NULL);
    if (!make(type, base_id, kv, err)) {
        return NULL;
    }
    g_autoptr(KeyVals) mux_options = keyvals_new();
    keyvals_set(mux_options, "chardev", base_id);
    Chardev *mux = make(chardev_type_find("mux"), id, mux_options, err);
    if (!mux) {
        chardev_remove(base_id, NULL);
    } else if (chardev_machine_is_ready()) {
        mux_announce(mux);
    }
    return mux;
}

Chardev *chardev_add(const char *options_text, GError **err)
{
    bool help;
    g_autoptr(KeyVals) kv = keyvals_parse(options_text, "backend", &help, err);
    return kv ? chardev_new(kv, err) : NULL;
}

/* ---- short forms ---- */

static bool after(const char *text, const char *prefix, const char **rest)
{
    if (!g_str_has_prefix(text, prefix)) {
        return false;
    }
    *rest = text + strlen(prefix);
    return true;
}

static bool bad_spec(const char *spec, const char *form, GError **err)
{
    return error_set(err, "'%s' does not have the form %s", spec, form);
}

/* "HOST:PORT" up to a comma; an IPv6 address stands in brackets. What follows the comma is left in *rest. */
static bool split_host_port(const char *text, const char *stop, char **host, char **port, const char **rest)
{
    const char *colon;
    if (*text == '[') {
        const char *end = strchr(text, ']');
        if (!end || end[1] != ':') {
            return false;
        }
        *host = g_strndup(text + 1, end - text - 1);
        colon = end + 1;
    } else {
        colon = strchr(text, ':');
        if (!colon || colon >= text + strcspn(text, stop)) {
            return false;
        }
        *host = g_strndup(text, colon - text);
    }
    size_t length = strcspn(colon + 1, stop);
    *port = g_strndup(colon + 1, length);
    *rest = colon + 1 + length;
    return length > 0;
}

static bool add_rest(KeyVals *kv, const char *rest, GError **err)
{
    if (*rest != ',') {
        return true;
    }
    g_autoptr(KeyVals) more = keyvals_parse(rest + 1, NULL, NULL, err);
    if (!more) {
        return false;
    }
    for (unsigned n = 0; n < more->items->len; n++) {
        const KeyVal *item = more->items->pdata[n];
        keyvals_set(kv, item->value ? item->key : item->key + 2, item->value ? item->value : "off");
    }
    return true;
}

static bool legacy_tcp(KeyVals *kv, const char *spec, GError **err)
{
    static const struct { const char *prefix, *key; } kinds[] = { { "tcp:", NULL }, { "telnet:", "telnet" }, { "tn3270:", "tn3270" }, { "websocket:", "websocket" } };
    const char *rest = spec;
    for (unsigned n = 0; n < G_N_ELEMENTS(kinds); n++) {
        if (after(spec, kinds[n].prefix, &rest) && kinds[n].key) {
            keyvals_set(kv, kinds[n].key, "on");
        }
    }
    g_autofree char *host = NULL, *port = NULL;
    if (!split_host_port(rest, ",", &host, &port, &rest)) {
        return bad_spec(spec, "PROTOCOL:[HOST]:PORT[,OPTION...]", err);
    }
    keyvals_set(kv, "backend", "socket");
    keyvals_set(kv, "host", host);
    keyvals_set(kv, "port", port);
    return add_rest(kv, rest, err);
}

static bool legacy_unix(KeyVals *kv, const char *spec, GError **err)
{
    const char *path = spec + strlen("unix:");
    g_autoptr(KeyVals) parsed = keyvals_parse(path, "path", NULL, err);
    if (!parsed || !*path) {
        return parsed ? bad_spec(spec, "unix:PATH[,OPTION...]", err) : false;
    }
    keyvals_set(kv, "backend", "socket");
    size_t length = strcspn(path, ",");
    g_autofree char *only_path = g_strndup(path, length);
    keyvals_set(kv, "path", only_path);
    return add_rest(kv, path + length, err);
}

static bool legacy_udp(KeyVals *kv, const char *spec, GError **err)
{
    const char *rest = spec + strlen("udp:");
    g_autofree char *host = NULL, *port = NULL, *local_host = NULL, *local_port = NULL;
    if (!split_host_port(rest, "@,", &host, &port, &rest) || (*rest == '@' && !split_host_port(rest + 1, ",", &local_host, &local_port, &rest))) {
        return bad_spec(spec, "udp:[HOST]:PORT[@[HOST]:PORT]", err);
    }
    keyvals_set(kv, "backend", "udp");
    if (*host) {
        keyvals_set(kv, "host", host);
    }
    keyvals_set(kv, "port", port);
    if (local_port) {
        keyvals_set(kv, "localaddr", local_host);
        keyvals_set(kv, "localport", local_port);
    }
    return add_rest(kv, rest, err);
}

/* vc, vc:WIDTHxHEIGHT in pixels, vc:COLUMNSCxROWSC in characters. */
static bool legacy_vc(KeyVals *kv, const char *spec, GError **err)
{
    keyvals_set(kv, "backend", "vc");
    const char *size;
    if (!after(spec, "vc:", &size)) {
        return true;
    }
    char *end;
    uint64_t width = g_ascii_strtoull(size, &end, 10), height;
    bool characters = *end == 'C';
    end += characters;
    if (end == size || *end != 'x') {
        return bad_spec(spec, "vc:WIDTHxHEIGHT", err);
    }
    height = g_ascii_strtoull(end + 1, &end, 10);
    g_autofree char *w = g_strdup_printf("%" G_GUINT64_FORMAT, width), *h = g_strdup_printf("%" G_GUINT64_FORMAT, height);
    keyvals_set(kv, characters ? "cols" : "width", w);
    keyvals_set(kv, characters ? "rows" : "height", h);
    return true;
}

static bool legacy_parse(KeyVals *kv, const char *spec, GError **err)
{
    static const char *const plain[] = { "null", "pty", "stdio", "msmouse", "wctablet", "braille", "testdev" };
    const char *rest;
    for (unsigned n = 0; n < G_N_ELEMENTS(plain); n++) {
        size_t length = strlen(plain[n]);
        if (!strncmp(spec, plain[n], length) && (spec[length] == '\0' || spec[length] == ',')) {
            keyvals_set(kv, "backend", plain[n]);
            return add_rest(kv, spec + length, err);
        }
    }
    static const char *const with_path[][2] = { { "file:", "file" }, { "pipe:", "pipe" }, { "pty:", "pty" } };
    for (unsigned n = 0; n < G_N_ELEMENTS(with_path); n++) {
        if (after(spec, with_path[n][0], &rest)) {
            size_t length = strcspn(rest, ",");
            g_autofree char *path = g_strndup(rest, length);
            keyvals_set(kv, "backend", with_path[n][1]);
            keyvals_set(kv, "path", path);
            return add_rest(kv, rest + length, err);
        }
    }
    if (!strcmp(spec, "vc") || g_str_has_prefix(spec, "vc:")) {
        return legacy_vc(kv, spec, err);
    }
    if (g_str_has_prefix(spec, "tcp:") || g_str_has_prefix(spec, "telnet:") || g_str_has_prefix(spec, "tn3270:") || g_str_has_prefix(spec, "websocket:")) {
        return legacy_tcp(kv, spec, err);
    }
    if (g_str_has_prefix(spec, "unix:")) {
        return legacy_unix(kv, spec, err);
    }
    if (g_str_has_prefix(spec, "udp:")) {
        return legacy_udp(kv, spec, err);
    }
    if (g_str_has_prefix(spec, "/dev/")) {
        keyvals_set(kv, "backend", g_str_has_prefix(spec, "/dev/parport") ? "parallel" : "serial");
        keyvals_set(kv, "path", spec);
        return true;
    }
    return error_set(err, "'%s' is not a valid char driver", spec);
}

static ChardevMonitorHook *monitor_hook;
void chardev_set_monitor_hook(ChardevMonitorHook *hook) { monitor_hook = hook; }

Chardev *chardev_from_legacy(const char *label, const char *spec, bool with_mux_monitor, GError **err)
{
    const char *rest;
    if (!strcmp(spec, "none")) {
        return NULL;
    }
    if (after(spec, "chardev:", &rest)) {
        Chardev *chr = chardev_find(rest);
        if (!chr) {
            error_set(err, "chardev \"%s\" not found", rest);
        }
        return chr;
    }
    g_autoptr(KeyVals) kv = keyvals_new();
    bool monitor = after(spec, "mon:", &rest);
    if (monitor) {
        if (!with_mux_monitor) {
            error_set(err, "'%s' is not a valid char driver: mon: not allowed here", spec);
            return NULL;
        }
        spec = rest;
        keyvals_set(kv, "mux", "on");
        if (!strcmp(spec, "stdio")) {
            keyvals_set(kv, "signal", "off");       /* Ctrl-C is the guest's */
        }
    }
    keyvals_set(kv, "id", label);
    if (!legacy_parse(kv, spec, err)) {
        return NULL;
    }
    Chardev *chr = chardev_new(kv, err);
    if (chr && monitor && monitor_hook && !monitor_hook(chr, err)) {
        return NULL;
    }
    return chr;
}
