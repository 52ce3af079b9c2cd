/*
 * From -cpu to a CPU: "model,property=value", the -cpu help text, query-cpu-definitions, query-cpu-model-expansion.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/cpu-models.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

static bool apply_option(Object *cpu, char *option, GError **err)
{
    g_autoptr(GError) local = NULL;
    char *value = strchr(option, '=');
    if (!value) {
        return error_set(err, "Expected key=value format, found %s.", option);
    }
    *value++ = 0;
    if (object_set_text(cpu, option, value, &local)) {
        return true;
    }
    error_set(err, "can't apply global %s.%s=%s: %s", cpu->type->name, option, value, local->message);
    if (error_get_hint(local)) {
        error_set_bare_hint(err, "%s", error_get_hint(local));
    }
    return false;
}

/* "cortex-a72", or the name of its type. */
static const ObjectType *find_type(const TargetArch *arch, const char *name)
{
    g_autofree char *model = g_str_has_suffix(name, "-arm-cpu") ? g_strndup(name, strlen(name) - strlen("-arm-cpu")) : g_strdup(name);
    g_autofree char *type = g_strdup_printf("%s-arm-cpu", model);
    return arm_model_find(arch, model) ? object_type_find(type) : NULL;
}

Cpu *arm_new_cpu(const TargetArch *arch, const char *text, GError **err)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    const char *model = parts[0] ? parts[0] : "";
    const ObjectType *type = find_type(arch, model);
    if (!type) {
        error_set(err, arm_model_is_missing(model) ? "CPU model '%s' is not implemented" : "unable to find CPU model '%s'", model);
        return NULL;
    }
    Object *cpu = object_new(type);
    bool ok = object_apply_globals(cpu, err);
    for (char **option = parts + 1; ok && parts[0] && *option; option++) {
        ok = apply_option(cpu, *option, err);
    }
    if (!ok) {
        object_unref(cpu);
        return NULL;
    }
    return CPU(cpu);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(const ArmModel *const *)a)->name, (*(const ArmModel *const *)b)->name);
}

typedef struct Listing { const TargetArch *arch; GPtrArray *models; } Listing;

static void add_model(const ArmModel *m, void *opaque)
{
    Listing *l = opaque;
    if (arm_model_is_offered(l->arch, m)) {
        g_ptr_array_add(l->models, (gpointer)m);
    }
}

static GPtrArray *sorted_models(const TargetArch *arch)
{
    Listing l = { arch, g_ptr_array_new() };
    arm_model_foreach(add_model, &l);
    qsort(l.models->pdata, l.models->len, sizeof(l.models->pdata[0]), compare_names);
    return l.models;
}

void arm_list_cpus(GString *out)
{
    g_autoptr(GPtrArray) models = sorted_models(target_current() ? target_current() : &aarch64_target);
    g_string_append(out, "Available CPUs:\n");
    for (unsigned i = 0; i < models->len; i++) {
        g_string_append_printf(out, "  %s\n", ((const ArmModel *)models->pdata[i])->name);
    }
}

GVariant *arm_cpu_definitions(const TargetArch *arch)
{
    g_autoptr(GPtrArray) models = sorted_models(arch);
    GVariantBuilder list, item;
    g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
    for (unsigned i = 0; i < models->len; i++) {
        const ArmModel *m = models->pdata[i];
        g_autofree char *type = g_strdup_printf("%s-arm-cpu", m->name);
        g_variant_builder_init(&item, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&item, "{sv}", "name", g_variant_new_string(m->name));
        g_variant_builder_add(&item, "{sv}", "typename", g_variant_new_string(type));
        g_variant_builder_add(&item, "{sv}", "static", g_variant_new_boolean(false));
        g_variant_builder_add(&item, "{sv}", "deprecated", g_variant_new_boolean(false));
        g_variant_builder_add(&list, "a{sv}", &item);
    }
    return g_variant_builder_end(&list);
}

/* ---- query-cpu-model-expansion: type full alone; what of these properties the model has after the wishes in props ---- */

static const char *const expanded[] = { "aarch64", "pauth", "pauth-impdef", "pauth-qarma3", "pauth-qarma5", "pmu", "sve",
                                         "sve128", "sve256", "sve384", "sve512", "sve640", "sve768", "sve896", "sve1024",
                                         "sve1152", "sve1280", "sve1408", "sve1536", "sve1664", "sve1792", "sve1920", "sve2048" };

static bool apply_wishes(Object *cpu, GVariant *props, GError **err)
{
    GVariantIter iter;
    const char *name;
    GVariant *value;
    bool ok = true;
    g_variant_iter_init(&iter, props);
    while (ok && g_variant_iter_next(&iter, "{&sv}", &name, &value)) {
        ok = object_set(cpu, name, value, err);
        g_variant_unref(value);
    }
    return ok;
}

GVariant *arm_expand_cpu_model(const TargetArch *arch, bool full, const char *model, GVariant *props, GError **err)
{
    const ObjectType *type = find_type(arch, model);
    if (!full) {
        error_set(err, "The requested expansion type is not supported");
        return NULL;
    }
    if (!type) {
        error_set(err, "The CPU type '%s' is not a recognized ARM CPU type", model);
        return NULL;
    }
    Object *cpu = object_new(type);
    if ((props && !apply_wishes(cpu, props, err)) || !arm_settle_model(ARM_CPU(cpu), err)) {
        object_unref(cpu);
        return NULL;
    }
    GVariantBuilder out, values;
    g_variant_builder_init(&out, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_init(&values, G_VARIANT_TYPE_VARDICT);
    for (unsigned i = 0; i < ARRAY_SIZE(expanded); i++) {
        g_autoptr(GVariant) value = object_get(cpu, expanded[i], NULL);
        if (value) {
            g_variant_builder_add(&values, "{sv}", expanded[i], value);
        }
    }
    g_variant_builder_add(&out, "{sv}", "name", g_variant_new_string(model));
    g_variant_builder_add(&out, "{sv}", "props", g_variant_builder_end(&values));
    object_unref(cpu);
    return g_variant_builder_end(&out);
}
