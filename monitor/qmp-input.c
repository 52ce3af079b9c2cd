/*
 * Keys and pointers by QMP: send-key and input-send-event.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/qmp-input.h"
#include "monitor/commands.h"

#include "util/error.h"

#include <string.h>

enum { MAX_KEYS = 64, MAX_EVENTS = 256 };

/* {"type": "qcode", "data": "ctrl"} or {"type": "number", "data": 29} */
static bool parse_key(GVariant *dict, QKeyCode *key, GError **err)
{
    const char *type = NULL, *name = NULL;
    int64_t number = 0;
    if (!dict || !g_variant_is_of_type(dict, G_VARIANT_TYPE_VARDICT) || !g_variant_lookup(dict, "type", "&s", &type)) {
        return error_set(err, "Parameter 'type' is missing");
    }
    if (!strcmp(type, "number")) {
        if (!g_variant_lookup(dict, "data", "x", &number)) {
            return error_set(err, "Parameter 'data' expects an integer");
        }
        *key = input_key_from_number((unsigned)number);
        return true;
    }
    if (strcmp(type, "qcode")) {
        return error_set(err, "Parameter 'type' does not accept value '%s'", type);
    }
    *key = g_variant_lookup(dict, "data", "&s", &name) ? input_key_from_name(name) : Q_KEY_UNMAPPED;
    return *key != Q_KEY_UNMAPPED || error_set(err, "Parameter 'data' does not accept value '%s'", name ? name : "");
}

static GVariant *entry(GVariant *list, size_t n)
{
    g_autoptr(GVariant) boxed = g_variant_get_child_value(list, n);
    return g_variant_get_variant(boxed);
}

bool qmp_run_send_key(GVariant *args, GVariant **result, GError **err)
{
    g_autoptr(GVariant) list = g_variant_lookup_value(args, "keys", NULL);
    QKeyCode keys[MAX_KEYS];
    size_t count = g_variant_n_children(list);
    int64_t hold_ms = 0;
    if (count > MAX_KEYS) {
        return error_set(err, "Parameter 'keys' has more than %d entries", MAX_KEYS);
    }
    for (size_t n = 0; n < count; n++) {
        g_autoptr(GVariant) item = entry(list, n);
        if (!parse_key(item, &keys[n], err)) {
            return false;
        }
    }
    g_variant_lookup(args, "hold-time", "x", &hold_ms);
    return command_send_keys(keys, count, hold_ms, err);
}

/* ---- input-send-event ---- */

typedef struct InputEvent { enum { EVENT_KEY, EVENT_BUTTON, EVENT_REL, EVENT_ABS } kind; int what; int64_t value; } InputEvent;

static bool find_name(const char *const *names, const char *parameter, const char *name, int *index, GError **err)
{
    for (*index = 0; names[*index]; ++*index) {
        if (name && !strcmp(names[*index], name)) {
            return true;
        }
    }
    return error_set(err, "Parameter '%s' does not accept value '%s'", parameter, name ? name : "");
}

static bool parse_event(GVariant *dict, InputEvent *e, GError **err)
{
    static const char *const kinds[] = { "key", "btn", "rel", "abs", NULL }, *const axes[] = { "x", "y", NULL };
    static const char *const buttons[] = { "left", "middle", "right", "wheel-up", "wheel-down", "side", "extra", "wheel-left", "wheel-right", "touch", NULL };
    const char *type = NULL, *name = NULL;
    gboolean down = FALSE;
    int kind;
    if (!g_variant_is_of_type(dict, G_VARIANT_TYPE_VARDICT)) {
        return error_set(err, "Invalid parameter type for 'events', expected: object");
    }
    g_autoptr(GVariant) data = g_variant_lookup_value(dict, "data", G_VARIANT_TYPE_VARDICT);
    g_variant_lookup(dict, "type", "&s", &type);
    if (!data) {
        return error_set(err, "Parameter 'data' is missing");
    }
    if (!find_name(kinds, "type", type, &kind, err)) {
        return false;
    }
    e->kind = kind;
    if (kind == EVENT_KEY) {
        g_autoptr(GVariant) key = g_variant_lookup_value(data, "key", G_VARIANT_TYPE_VARDICT);
        QKeyCode code;
        g_variant_lookup(data, "down", "b", &down);
        e->value = down;
        if (!parse_key(key, &code, err)) {
            return false;
        }
        e->what = code;
        return true;
    }
    if (kind == EVENT_BUTTON) {
        g_variant_lookup(data, "down", "b", &down);
        g_variant_lookup(data, "button", "&s", &name);
        e->value = down;
        return find_name(buttons, "button", name, &e->what, err);
    }
    g_variant_lookup(data, "axis", "&s", &name);
    if (!g_variant_lookup(data, "value", "x", &e->value)) {
        return error_set(err, "Parameter 'value' is missing");
    }
    return find_name(axes, "axis", name, &e->what, err);
}

static void send_event(const InputEvent *e)
{
    switch (e->kind) {
    case EVENT_KEY:
        input_send_key((QKeyCode)e->what, e->value);
        break;
    case EVENT_BUTTON:
        input_send_button((InputButton)e->what, e->value);
        break;
    case EVENT_REL:
        input_send_rel((InputAxis)e->what, (int)CLAMP(e->value, -0x8000, 0x7fff));
        break;
    case EVENT_ABS:
        input_send_abs((InputAxis)e->what, (int)CLAMP(e->value, 0, INPUT_ABS_MAX));
        break;
    }
}

/* All are checked before the first is sent. */
bool qmp_run_input_send_event(GVariant *args, GVariant **result, GError **err)
{
    g_autoptr(GVariant) list = g_variant_lookup_value(args, "events", NULL);
    size_t count = g_variant_n_children(list);
    g_autofree InputEvent *events = g_new0(InputEvent, count + 1);
    if (count > MAX_EVENTS) {
        return error_set(err, "Parameter 'events' has more than %d entries", MAX_EVENTS);
    }
    for (size_t n = 0; n < count; n++) {
        g_autoptr(GVariant) item = entry(list, n);
        if (!parse_event(item, &events[n], err)) {
            return false;
        }
    }
    for (size_t n = 0; n < count; n++) {
        send_event(&events[n]);
    }
    input_sync();
    return true;
}
