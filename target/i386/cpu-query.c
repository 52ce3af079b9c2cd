/*
 * CPU models as QMP shows them: query-cpu-definitions and query-cpu-model-expansion.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "target/i386/cpu-features.h"
#include "target/i386/cpu-models.h"
#include "util/error.h"

/* ---- definitions ---- */

typedef struct Definition { const TargetArch *arch; const char *name, *alias_of; bool is_static, migration_safe, needs_kvm; } Definition;

static void add_names(GVariantBuilder *b, const uint64_t words[FEAT_WORD_COUNT])
{
    for (unsigned word = 0; word < FEAT_WORD_COUNT; word++) {
        for (unsigned bit = 0; bit < 64; bit++) {
            const char *name = x86_feature_words[word].names[bit];
            if (name && (words[word] >> bit & 1)) {
                g_variant_builder_add(b, "s", name);
            }
        }
    }
}

/* The features of a model that the accelerator has not; settles a CPU of the type without a word. */
static GVariant *unavailable_features(const char *type_name, bool needs_kvm)
{
    GVariantBuilder b;
    g_variant_builder_init(&b, G_VARIANT_TYPE_STRING_ARRAY);
    if (needs_kvm && !accel_is("kvm")) {
        g_variant_builder_add(&b, "s", "kvm");
    } else {
        X86Cpu *cpu = X86_CPU(object_new_named(type_name));
        cpu->check = cpu->enforce = false;
        if (x86_expand_features(cpu, NULL)) {
            add_names(&b, cpu->filtered);
        }
        object_unref(OBJECT(cpu));
    }
    return g_variant_builder_end(&b);
}

static void add_definition(GVariantBuilder *list, Definition d)
{
    GVariantBuilder item;
    g_autofree char *type_name = g_strdup_printf("%s-%s", d.name, d.arch->cpu_type);
    g_variant_builder_init(&item, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&item, "{sv}", "name", g_variant_new_string(d.name));
    g_variant_builder_add(&item, "{sv}", "typename", g_variant_new_string(type_name));
    g_variant_builder_add(&item, "{sv}", "unavailable-features", unavailable_features(type_name, d.needs_kvm));
    if (d.alias_of) {
        g_variant_builder_add(&item, "{sv}", "alias-of", g_variant_new_string(d.alias_of));
    }
    g_variant_builder_add(&item, "{sv}", "static", g_variant_new_boolean(d.is_static));
    g_variant_builder_add(&item, "{sv}", "migration-safe", g_variant_new_boolean(d.migration_safe));
    g_variant_builder_add(&item, "{sv}", "deprecated", g_variant_new_boolean(false));
    g_variant_builder_add(list, "a{sv}", &item);
}

GVariant *x86_cpu_definitions(const TargetArch *arch)
{
    GVariantBuilder list;
    g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
    add_definition(&list, (Definition){ arch, "max" });
    add_definition(&list, (Definition){ arch, "host", .needs_kvm = true });
    add_definition(&list, (Definition){ arch, "base", .is_static = true, .migration_safe = true });
    for (unsigned i = 0; i < x86_nr_cpu_models; i++) {
        const X86CpuModel *m = &x86_cpu_models[i];
        g_autofree char *versioned = g_strdup_printf("%s-v%u", m->name, m->version);
        add_definition(&list, (Definition){ arch, versioned, .migration_safe = true });
        if (m->version == 1) {
            add_definition(&list, (Definition){ arch, m->name, .alias_of = versioned, .migration_safe = true });
        }
        if (m->alias) {
            add_definition(&list, (Definition){ arch, m->alias, .alias_of = versioned, .migration_safe = true });
        }
    }
    return g_variant_builder_end(&list);
}

/* ---- expansion ---- */

typedef struct Listing { Object *object; GVariantBuilder *props; GHashTable *seen; } Listing;

static void add_property(const ObjectType *owner, const Property *property, void *opaque)
{
    Listing *l = opaque;
    if ((property->flags & PROP_READ_ONLY) || !g_hash_table_add(l->seen, (char *)property->name)) {
        return;
    }
    GVariant *value = object_get(l->object, property->name, NULL);
    if (value) {
        g_variant_builder_add(l->props, "{sv}", property->name, value);
        g_variant_unref(value);
    }
}

static void add_one(Object *object, GVariantBuilder *props, const char *name)
{
    g_autoptr(GVariant) value = object_get(object, name, NULL);
    if (value) {
        g_variant_builder_add(props, "{sv}", name, value);
    }
}

static void add_static_properties(Object *object, GVariantBuilder *props)
{
    static const char *const names[] = { "min-level", "min-xlevel", "family", "model", "stepping", "model-id", "vendor", "lmce" };
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        add_one(object, props, names[i]);
    }
    for (unsigned word = 0; word < FEAT_WORD_COUNT; word++) {
        for (unsigned bit = 0; bit < 64; bit++) {
            const char *name = x86_feature_words[word].names[bit];
            if (name && g_hash_table_add(seen, (char *)name)) {
                add_one(object, props, name);
            }
        }
    }
}

static bool apply_properties(Object *cpu, GVariant *props, GError **err)
{
    GVariantIter iter;
    const char *name;
    GVariant *value;
    if (!props) {
        return true;
    }
    g_variant_iter_init(&iter, props);
    while (g_variant_iter_next(&iter, "{&sv}", &name, &value)) {
        bool ok = object_set(cpu, name, value, err);
        g_variant_unref(value);
        if (!ok) {
            return false;
        }
    }
    return true;
}

GVariant *x86_expand_cpu_model(const TargetArch *arch, bool full, const char *model, GVariant *props, GError **err)
{
    g_autofree char *type_name = g_strdup_printf("%s-%s", model, arch->cpu_type);
    g_autoptr(Object) object = object_new_named(type_name);
    if (!object) {
        error_set(err, "CPU model '%s' not found", model);
        return NULL;
    }
    X86Cpu *cpu = X86_CPU(object);
    cpu->check = false;
    if (!apply_properties(object, props, err) || !x86_expand_features(cpu, err)) {
        return NULL;
    }
    cpu->check = true;
    if (cpu->migratable && !x86_feature_is_on(cpu->user_features, "invtsc")) {
        /* To those who ask it says that a machine is bound to its host. The translator's, which "max" has, does not bind. */
        x86_feature_change(cpu->features, "invtsc", false);
    }
    GVariantBuilder all, result;
    g_variant_builder_init(&all, G_VARIANT_TYPE_VARDICT);
    if (full) {
        g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
        Listing l = { object, &all, seen };
        object_type_foreach_property(object->type, add_property, &l);
    } else {
        add_static_properties(object, &all);
    }
    g_variant_builder_init(&result, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&result, "{sv}", "name", g_variant_new_string(full ? model : "base"));
    g_variant_builder_add(&result, "{sv}", "props", g_variant_builder_end(&all));
    return g_variant_builder_end(&result);
}
