/*
 * The accelerators that this program has, and starting the first one that works.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "ostrich-config.h"
#include "util/error.h"
#include "util/keyval.h"

#include <string.h>

static const ObjectType accel_base_type = { .name = "accel", .parent = "object", .size = sizeof(Accel), .abstract = true };
REGISTER_TYPE(accel_base_type)

static Accel *current;
static bool qtest_allowed;

Accel *accel_current(void)
{
    return current;
}

void accel_set_current(Accel *accel)
{
    current = accel;
}

bool accel_is(const char *name)
{
    return current && !strcmp(accel_type(current)->accel_name, name);
}

void accel_allow_qtest(bool allow)
{
    qtest_allowed = allow;
}

const AccelType *accel_find(const char *name)
{
    if (!strcmp(name, "qtest") && !qtest_allowed) {
        return NULL;
    }
    g_autofree char *type_name = g_strdup_printf("%s-accel", name);
    const ObjectType *type = object_type_find(type_name);
    return type && object_type_is_a(type, "accel") ? (const AccelType *)type : NULL;
}

/* ---- -accel help ---- */

char *accel_describe_all(const TargetArch *arch)
{
    static const char *const names[] = { "tcg", "kvm" };    /* in the reference's order */
    GString *out = g_string_new("Accelerators supported in QEMU binary:\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        const AccelType *type = accel_find(names[i]);
        if (type && (!type->supports || type->supports(arch))) {
            g_string_append_printf(out, "%s\n", names[i]);
        }
    }
    return g_string_free(out, FALSE);
}

/* ---- starting ---- */

static bool set_properties(Accel *accel, const char *properties, GError **err)
{
    if (!properties) {
        return true;
    }
    g_autoptr(KeyVals) kv = keyvals_parse(properties, NULL, NULL, err);
    for (unsigned i = 0; kv && i < kv->items->len; i++) {
        const KeyVal *item = kv->items->pdata[i];
        if (!object_set_text(&accel->parent, item->key, item->value ? item->value : "on", err)) {
            return false;
        }
    }
    return kv != NULL;
}

/* Puts the prefix in front of each line of an error; the hint stays. */
static void add_prefix(GError **err, const char *prefix)
{
    if (!prefix || !*err) {
        return;
    }
    g_auto(GStrv) lines = g_strsplit((*err)->message, "\n", -1);
    g_autofree char *separator = g_strdup_printf("\n%s: ", prefix), *body = g_strjoinv(separator, lines);
    g_free((*err)->message);
    (*err)->message = g_strdup_printf("%s: %s", prefix, body);
}

static void say(void (*message)(const char *line), const GError *err)
{
    g_auto(GStrv) lines = g_strsplit(err->message, "\n", -1);
    for (char **line = lines; *line; line++) {
        message(*line);
    }
    if (error_get_hint(err)) {
        g_autofree char *hint = g_strdup_printf("hint: %s", error_get_hint(err));
        message(hint);
    }
}

static bool start_candidate(const AccelCandidate *candidate, const AccelType *type, const Accel *where, bool *fatal, GError **err)
{
    Accel *accel = (Accel *)object_new((const ObjectType *)type);
    accel->arch = where->arch;
    accel->machine = where->machine;
    accel->system_memory = where->system_memory;
    *fatal = !object_apply_globals(&accel->parent, err) || !set_properties(accel, candidate->properties, err);
    if (!*fatal) {
        current = accel;
        if (!type->start || type->start(accel, err)) {
            return true;
        }
        current = NULL;
    }
    add_prefix(err, candidate->prefix);
    object_unref(&accel->parent);
    return false;
}

/* An accelerator that cannot be had here but is known elsewhere. */
static void explain_unsupported(GError **err, const char *name, const TargetArch *arch)
{
    if (strcmp(name, "kvm")) {
        return;
    }
    if (arch->kvm_hosts && g_strv_contains(arch->kvm_hosts, OSTRICH_HOST_ARCH)) {
        error_set_hint(err, "this program was built without KVM; -accel tcg runs %s", arch->name);
    } else {
        error_set_hint(err, "KVM runs guests of the host's own architecture, which is %s here; -accel tcg runs %s", OSTRICH_HOST_ARCH, arch->name);
    }
}

bool accel_init_first(GPtrArray *candidates, const TargetArch *arch, struct Machine *machine, SystemMemory *memory,
                      void (*message)(const char *line), GError **err)
{
    const Accel where = { .arch = arch, .machine = machine, .system_memory = memory };
    g_autoptr(GError) failure = NULL;
    for (unsigned i = 0; i < candidates->len; i++) {
        const AccelCandidate *candidate = candidates->pdata[i];
        const AccelType *type = accel_find(candidate->name);
        bool fatal = false;
        if (failure) {
            say(message, failure);
        }
        if (!type || (type->supports && !type->supports(arch))) {
            if (candidate->implied && i + 1 < candidates->len) {
                continue;
            }
            g_clear_error(&failure);
            error_set(&failure, "invalid accelerator %s", candidate->name);
            explain_unsupported(&failure, candidate->name, arch);
            add_prefix(&failure, candidate->prefix);
            continue;
        }
        bool fell_back = failure != NULL;
        g_clear_error(&failure);
        if (start_candidate(candidate, type, &where, &fatal, &failure)) {
            if (fell_back) {
                g_autofree char *line = g_strdup_printf("falling back to %s", candidate->name);
                message(line);
            }
            return true;
        }
        if (fatal) {
            break;
        }
    }
    g_propagate_error(err, g_steal_pointer(&failure));
    return false;
}
