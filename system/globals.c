/*
 * Property defaults from outside: what a versioned machine sets otherwise, then -global in the order of the command line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/startup-internal.h"

#include "util/error.h"

#include <string.h>

typedef struct Global { char *driver, *property, *value; bool used; } Global;
static GPtrArray *globals;                          /* of Global*, as the user gave them */
static const CompatProperty *const *compat;

void globals_set_compat(const CompatProperty *const *lists) { compat = lists; }

bool globals_add(const char *text, GError **err)
{
    Global *g = g_new0(Global, 1);
    const char *equals = strchr(text, '='), *dot = strchr(text, '.');
    if (dot && equals && dot < equals) {
        g->driver = g_strndup(text, (size_t)(dot - text));
        g->property = g_strndup(dot + 1, (size_t)(equals - dot - 1));
        g->value = g_strdup(equals + 1);
    } else {
        g_autoptr(KeyVals) kv = keyvals_parse(text, NULL, NULL, err);
        if (!kv) {
            g_free(g);
            return false;
        }
        g->driver = keyvals_take(kv, "driver");
        g->property = keyvals_take(kv, "property");
        g->value = keyvals_take(kv, "value");
        if (!g->driver || !g->property || !g->value) {
            return error_set(err, "Invalid 'global' option: expected DRIVER.PROPERTY=VALUE or driver=,property=,value=");
        }
    }
    if (!globals) {
        globals = g_ptr_array_new();
    }
    g_ptr_array_add(globals, g);
    return true;
}

/* The version tables name types and properties that a build may lack: those are passed over. */
static bool apply_compat(Object *object, GError **err)
{
    for (const CompatProperty *const *list = compat; list && *list; list++) {
        for (const CompatProperty *p = *list; p->driver; p++) {
            if (object_is_a(object, p->driver) && object_type_find_property(object->type, p->property) &&
                !object_set_text(object, p->property, p->value, err)) {
                return false;
            }
        }
    }
    return true;
}

static bool apply(Object *object, GError **err)
{
    if (!apply_compat(object, err)) {
        return false;
    }
    for (unsigned n = 0; globals && n < globals->len; n++) {
        Global *g = globals->pdata[n];
        if (!object_is_a(object, g->driver)) {
            continue;
        }
        g->used = true;
        if (!object_set_text(object, g->property, g->value, err)) {
            g_prefix_error(err, "can't apply global %s.%s=%s: ", g->driver, g->property, g->value);
            return false;
        }
    }
    return true;
}

void globals_install(void) { object_set_global_hook(apply); }

void globals_warn_unused(void)
{
    for (unsigned n = 0; globals && n < globals->len; n++) {
        const Global *g = globals->pdata[n];
        const ObjectType *type = object_type_find(g->driver);
        if (g->used) {
            continue;
        }
        if (!type) {
            warn_report("global %s.%s has invalid class name", g->driver, g->property);
        } else if (!object_type_is_a(type, "device")) {
            continue;
        } else {
            warn_report("global %s.%s=%s not used", g->driver, g->property, g->value);
        }
    }
}
