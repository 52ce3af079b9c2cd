/*
 * A QMP connection: greeting, negotiation, requests and replies, events.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/internal.h"
#include "monitor/commands.h"
#include "monitor/qmp-commands.h"

#include "util/error.h"
#include "util/json.h"

#include <string.h>

#define REQUEST_MAX (64u << 20)

struct QmpSession {
    Monitor *mon;
    bool negotiated;
    JsonFramer framer;
    GString *request;
    bool overlong;
};

/* value: a floating one, or the caller's. */
static void send_value(QmpSession *s, GVariant *value)
{
    g_autoptr(GVariant) held = g_variant_ref_sink(value);
    g_autoptr(GString) text = g_string_new(NULL);
    json_append(text, held, s->mon->pretty);
    g_string_append(text, "\r\n");
    char_write_all(&s->mon->chr, text->str, text->len);
}

/* ---- replies ---- */

static const char *class_name(const GError *error)
{
    static const char *const names[] = {
        [ERROR_GENERIC] = "GenericError", [ERROR_COMMAND_NOT_FOUND] = "CommandNotFound", [ERROR_DEVICE_NOT_ACTIVE] = "DeviceNotActive",
        [ERROR_DEVICE_NOT_FOUND] = "DeviceNotFound", [ERROR_KVM_MISSING_CAP] = "KVMMissingCap",
    };
    return error->domain == OSTRICH_ERROR && error->code >= 0 && error->code < (int)G_N_ELEMENTS(names) ? names[error->code] : names[ERROR_GENERIC];
}

static void send_reply(QmpSession *s, GVariant *id, const char *key, GVariant *value)
{
    GVariantBuilder reply;
    g_variant_builder_init(&reply, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&reply, "{sv}", key, value);
    if (id) {
        g_variant_builder_add(&reply, "{sv}", "id", id);
    }
    send_value(s, g_variant_builder_end(&reply));
}

static void send_error(QmpSession *s, GVariant *id, const GError *error)
{
    GVariantBuilder d;
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&d, "{sv}", "class", g_variant_new_string(class_name(error)));
    g_variant_builder_add(&d, "{sv}", "desc", g_variant_new_string(error->message));
    send_reply(s, id, "error", g_variant_builder_end(&d));
}

/* ---- requests ---- */

static bool check_request(GVariant *request, const char **name, GVariant **args, GError **err)
{
    static const char *const known[] = { "execute", "exec-oob", "arguments", "id", NULL };
    if (!g_variant_is_of_type(request, G_VARIANT_TYPE_VARDICT)) {
        return error_set(err, "QMP input must be a JSON object");
    }
    GVariantIter iter;
    const char *key;
    GVariant *value;
    g_variant_iter_init(&iter, request);
    while (g_variant_iter_next(&iter, "{&sv}", &key, &value)) {
        g_autoptr(GVariant) held = value;
        if (!g_strv_contains(known, key)) {
            return error_set(err, "QMP input member '%s' is unexpected", key);
        }
        if (!strcmp(key, "arguments")) {
            if (!g_variant_is_of_type(held, G_VARIANT_TYPE_VARDICT)) {
                return error_set(err, "QMP input member 'arguments' must be an object");
            }
            *args = g_variant_ref(held);
        } else if (!strcmp(key, "execute") || !strcmp(key, "exec-oob")) {
            if (!g_variant_is_of_type(held, G_VARIANT_TYPE_STRING)) {
                return error_set(err, "QMP input member '%s' must be a string", key);
            }
            g_variant_lookup(request, key, "&s", name);
        }
    }
    return *name || error_set(err, "QMP input lacks member 'execute'");
}

static bool run_request(QmpSession *s, const char *name, GVariant *args, GVariant **result, GError **err)
{
    const QmpCommand *c = qmp_command_find(name);
    if (!s->negotiated && !(c && c->before_capabilities)) {
        return error_set_class(err, ERROR_COMMAND_NOT_FOUND, "Expecting capabilities negotiation with 'qmp_capabilities'");
    }
    if (!c || (s->negotiated && c->before_capabilities)) {
        return error_set_class(err, ERROR_COMMAND_NOT_FOUND, c ? "Capabilities negotiation is already complete, command ignored"
                                                               : "The command %s has not been found", name);
    }
    if (!qmp_command_run(c, args, result, err)) {
        return false;
    }
    s->negotiated |= c->before_capabilities;
    return true;
}

static QmpSession *running;

bool qmp_request_runs(void) { return running != NULL; }

int qmp_take_fd(void) { return running ? char_take_fd(&running->mon->chr) : -1; }

static void handle_request(QmpSession *s, const char *text, size_t len)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) request = json_parse(text, len, &error), args = NULL, id = NULL;
    GVariant *result = NULL;
    const char *name = NULL;
    if (request && g_variant_is_of_type(request, G_VARIANT_TYPE_VARDICT)) {
        id = g_variant_lookup_value(request, "id", NULL);
    }
    if (!request || !check_request(request, &name, &args, &error) || !run_request(s, name, args, &result, &error)) {
        send_error(s, id, error);
        return;
    }
    GVariantBuilder empty;
    g_variant_builder_init(&empty, G_VARIANT_TYPE_VARDICT);
    send_reply(s, id, "return", result ? result : g_variant_builder_end(&empty));
    if (result) {
        g_variant_builder_clear(&empty);
    }
}

void qmp_session_receive(QmpSession *s, const uint8_t *buf, int len)
{
    for (int n = 0; n < len; n++) {
        bool space = strchr(" \t\r\n", buf[n]) && buf[n];
        if (!s->request->len && space) {
            continue;
        }
        s->overlong |= s->request->len >= REQUEST_MAX;
        if (!s->overlong) {
            g_string_append_c(s->request, (char)buf[n]);
        }
        /* What begins with no bracket is no request: the error comes with the end of its line. */
        bool complete = json_framer_push(&s->framer, (char)buf[n]) || (!s->framer.depth && !s->framer.quote && buf[n] == '\n');
        if (!complete) {
            continue;
        }
        g_autoptr(GString) request = s->request;
        s->request = g_string_new(NULL);
        s->framer = (JsonFramer){ 0 };
        if (s->overlong) {
            g_autoptr(GError) error = NULL;
            error_set(&error, "JSON parse error, the request is too long");
            s->overlong = false;
            send_error(s, NULL, error);
        } else {
            running = s;
            handle_request(s, request->str, request->len);
            running = NULL;
        }
    }
}

/* ---- life ---- */

void qmp_session_opened(QmpSession *s)
{
    s->negotiated = false;
    s->framer = (JsonFramer){ 0 };
    g_string_truncate(s->request, 0);
    GVariantBuilder inner, outer, capabilities;
    g_variant_builder_init(&capabilities, G_VARIANT_TYPE_STRING_ARRAY);
    g_variant_builder_add(&capabilities, "s", "oob");
    g_variant_builder_init(&inner, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&inner, "{sv}", "version", query_version());
    g_variant_builder_add(&inner, "{sv}", "capabilities", g_variant_builder_end(&capabilities));
    g_variant_builder_init(&outer, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&outer, "{sv}", "QMP", g_variant_builder_end(&inner));
    send_value(s, g_variant_builder_end(&outer));
}

void qmp_session_closed(QmpSession *s) { s->negotiated = false; }

void qmp_session_event(QmpSession *s, GVariant *event)
{
    if (s->negotiated) {
        send_value(s, event);
    }
}

QmpSession *qmp_session_new(Monitor *mon)
{
    QmpSession *s = g_new0(QmpSession, 1);
    s->mon = mon;
    s->request = g_string_new(NULL);
    return s;
}

void qmp_session_free(QmpSession *s)
{
    if (s) {
        g_string_free(s->request, TRUE);
        g_free(s);
    }
}
