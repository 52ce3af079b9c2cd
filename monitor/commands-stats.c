/*
 * query-stats and query-stats-schemas: what the accelerator counts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/cpu.h"
#include "accel/stats.h"
#include "monitor/commands-stats.h"
#include "qom/object.h"
#include "util/error.h"

#include <string.h>

static GVariant *value_of(const AccelStat *s)
{
    if (s->unit && !strcmp(s->unit, "boolean") && s->count == 1) {
        return g_variant_new_boolean(s->values[0] != 0);
    }
    if (s->count == 1) {
        return g_variant_new_int64((int64_t)s->values[0]);
    }
    GVariantBuilder list;
    g_variant_builder_init(&list, G_VARIANT_TYPE("av"));
    for (unsigned i = 0; i < s->count; i++) {
        g_variant_builder_add(&list, "v", g_variant_new_int64((int64_t)s->values[i]));
    }
    return g_variant_builder_end(&list);
}

static GVariant *schema_of(const AccelStat *s)
{
    GVariantBuilder d;
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&d, "{sv}", "name", g_variant_new_string(s->name));
    g_variant_builder_add(&d, "{sv}", "type", g_variant_new_string(s->type));
    if (s->unit) {
        g_variant_builder_add(&d, "{sv}", "unit", g_variant_new_string(s->unit));
    }
    if (s->exponent) {
        g_variant_builder_add(&d, "{sv}", "base", g_variant_new_int64(s->base));
    }
    g_variant_builder_add(&d, "{sv}", "exponent", g_variant_new_int64(s->exponent));
    if (!strcmp(s->type, "linear-histogram")) {
        g_variant_builder_add(&d, "{sv}", "bucket-size", g_variant_new_int64(s->bucket_size));
    }
    return g_variant_builder_end(&d);
}

/* names: av of strings, or NULL for all. */
static bool is_wanted(GVariant *names, const char *name)
{
    for (gsize i = 0; names && i < g_variant_n_children(names); i++) {
        g_autoptr(GVariant) child = g_variant_get_child_value(names, i), text = g_variant_is_of_type(child, G_VARIANT_TYPE_VARIANT) ? g_variant_get_variant(child) : g_variant_ref(child);
        if (g_variant_is_of_type(text, G_VARIANT_TYPE_STRING) && !strcmp(g_variant_get_string(text, NULL), name)) {
            return true;
        }
    }
    return names == NULL;
}

static GVariant *stats_list(GPtrArray *stats, bool schema, GVariant *names)
{
    GVariantBuilder list;
    g_variant_builder_init(&list, G_VARIANT_TYPE("av"));
    for (unsigned i = 0; i < stats->len; i++) {
        const AccelStat *s = stats->pdata[i];
        if (schema) {
            g_variant_builder_add(&list, "v", schema_of(s));
        } else if (is_wanted(names, s->name)) {
            GVariantBuilder d;
            g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
            g_variant_builder_add(&d, "{sv}", "name", g_variant_new_string(s->name));
            g_variant_builder_add(&d, "{sv}", "value", value_of(s));
            g_variant_builder_add(&list, "v", g_variant_builder_end(&d));
        }
    }
    return g_variant_builder_end(&list);
}

GVariant *command_query_stats_schemas(const char *wanted, GError **err)
{
    const AccelStatsProvider *provider = accel_stats_provider();
    GVariantBuilder list;
    g_variant_builder_init(&list, G_VARIANT_TYPE("av"));
    for (int of_vcpu = 1; provider && (!wanted || !strcmp(wanted, provider->name)) && of_vcpu >= 0; of_vcpu--) {
        GPtrArray *stats = provider->schema(of_vcpu, err);
        if (!stats) {
            g_variant_builder_clear(&list);
            return NULL;
        }
        GVariantBuilder d;
        g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&d, "{sv}", "provider", g_variant_new_string(provider->name));
        g_variant_builder_add(&d, "{sv}", "target", g_variant_new_string(of_vcpu ? "vcpu" : "vm"));
        g_variant_builder_add(&d, "{sv}", "stats", stats_list(stats, true, NULL));
        g_variant_builder_add(&list, "v", g_variant_builder_end(&d));
        accel_stats_free(stats);
    }
    return g_variant_builder_end(&list);
}

/* What the request says of our provider: *names (a reference, or NULL: all); false: it does not want it. */
static bool wants_provider(GVariant *providers, const char *name, GVariant **names)
{
    *names = NULL;
    for (gsize i = 0; providers && i < g_variant_n_children(providers); i++) {
        g_autoptr(GVariant) child = g_variant_get_child_value(providers, i), d = g_variant_is_of_type(child, G_VARIANT_TYPE_VARIANT) ? g_variant_get_variant(child) : g_variant_ref(child);
        const char *provider = NULL;
        if (g_variant_is_of_type(d, G_VARIANT_TYPE_VARDICT) && g_variant_lookup(d, "provider", "&s", &provider) && !strcmp(provider, name)) {
            *names = g_variant_lookup_value(d, "names", NULL);
            return true;
        }
    }
    return providers == NULL;
}

static bool add_stats(GVariantBuilder *list, int vcpu, GVariant *names, GError **err)
{
    const AccelStatsProvider *provider = accel_stats_provider();
    GPtrArray *stats = provider->read(vcpu, err);
    if (!stats) {
        return false;
    }
    GVariantBuilder d;
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&d, "{sv}", "provider", g_variant_new_string(provider->name));
    if (vcpu >= 0) {
        g_autofree char *path = object_path(OBJECT(cpu_by_index(vcpu)));
        g_variant_builder_add(&d, "{sv}", "qom-path", g_variant_new_string(path ? path : ""));
    }
    g_variant_builder_add(&d, "{sv}", "stats", stats_list(stats, false, names));
    g_variant_builder_add(list, "v", g_variant_builder_end(&d));
    accel_stats_free(stats);
    return true;
}

GVariant *command_query_stats(const char *target, GVariant *vcpus, GVariant *providers, GError **err)
{
    const AccelStatsProvider *provider = accel_stats_provider();
    g_autoptr(GVariant) names = NULL;
    GVariantBuilder list;
    if (strcmp(target, "vm") && strcmp(target, "vcpu") && strcmp(target, "cryptodev")) {
        error_set(err, "Parameter 'target' does not accept value '%s'", target);
        return NULL;
    }
    g_variant_builder_init(&list, G_VARIANT_TYPE("av"));
    bool ok = true, wanted = provider && strcmp(target, "cryptodev") && wants_provider(providers, provider->name, &names);
    if (wanted && !strcmp(target, "vm")) {
        ok = add_stats(&list, -1, names, err);
    } else if (wanted) {
        CPU_FOREACH(cpu) {
            g_autofree char *path = object_path(OBJECT(cpu));
            if (ok && is_wanted(vcpus, path ? path : "")) {
                ok = add_stats(&list, cpu->index, names, err);
            }
        }
    }
    if (!ok) {
        g_variant_builder_clear(&list);
        return NULL;
    }
    return g_variant_builder_end(&list);
}
