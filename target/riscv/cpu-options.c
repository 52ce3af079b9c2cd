/*
 * From -cpu to a CPU: "model,property=value", the -cpu help text, query-cpu-definitions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/cpu-models.h"
#include "util/error.h"
#include "util/keyval.h"

#include <stdlib.h>
#include <string.h>

/* The models of the other width are not offered by riscv32; riscv64 runs both. */
static bool offered(const TargetArch *arch, const RiscvModel *m)
{
    return arch->address_bits == 64 || (m->xlen == 32 && strcmp(m->name, "max32")) || m->everything;
}

static bool is_number(const ObjectType *type, const char *name)
{
    const Property *p = object_type_find_property(type, name);
    return p && (p->kind == &property_kind_uint8 || p->kind == &property_kind_uint16 || p->kind == &property_kind_uint32 || p->kind == &property_kind_uint64);
}

static bool apply_option(Object *cpu, char *option, GError **err)
{
    g_autoptr(GError) local = NULL;
    char *value = strchr(option, '=');
    if (*option == '+' || *option == '-') {
        return error_set(err, "Expected key=value format, found %s.", option);
    }
    if (!value) {
        return error_set(err, "Expected key=value format, found %s.", option);
    }
    *value++ = 0;
    if (is_number(cpu->type, option) && !parse_uint64(value, &(uint64_t){ 0 }) && !parse_int64(value, &(int64_t){ 0 })) {
        if (!strcmp(option, "pmu-num")) {
            warn_report("\"pmu-num\" property is deprecated; use \"pmu-mask\"");
        }
        return error_set(err, "can't apply global %s.%s=%s: Parameter '%s' expects uint64", cpu->type->name, option, value, option);
    }
    if (object_set_text(cpu, option, value, &local)) {
        return true;
    }
    return error_set(err, "can't apply global %s.%s=%s: %s", cpu->type->name, option, value, local->message);
}

Cpu *riscv_new_cpu(const TargetArch *arch, const char *text, GError **err)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    const char *model = parts[0] ? parts[0] : "";
    g_autofree char *name = g_strdup_printf("%s-riscv-cpu", model);
    const ObjectType *type = object_type_find(name);
    if (!type) {
        type = object_type_find(model);         /* the type's name may be given, too */
    }
    if (!type || type->abstract || !object_type_is_a(type, "riscv-cpu") || !offered(arch, type->class_data)) {
        error_set(err, "unable to find CPU model '%s'", model);
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
    return strcmp((*(const RiscvModel *const *)a)->name, (*(const RiscvModel *const *)b)->name);
}

static GPtrArray *sorted_models(const TargetArch *arch)
{
    GPtrArray *models = g_ptr_array_new();
    for (unsigned i = 0; i < riscv_nr_models; i++) {
        if (offered(arch, &riscv_models[i])) {
            g_ptr_array_add(models, (gpointer)&riscv_models[i]);
        }
    }
    qsort(models->pdata, models->len, sizeof(models->pdata[0]), compare_names);
    return models;
}

void riscv_list_cpus(GString *out)
{
    g_autoptr(GPtrArray) models = sorted_models(target_current() ? target_current() : &riscv64_target);
    g_string_append(out, "Available CPUs:\n");
    for (unsigned i = 0; i < models->len; i++) {
        g_string_append_printf(out, "  %s\n", ((const RiscvModel *)models->pdata[i])->name);
    }
}

GVariant *riscv_cpu_definitions(const TargetArch *arch)
{
    g_autoptr(GPtrArray) models = sorted_models(arch);
    GVariantBuilder list, item;
    g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
    for (unsigned i = 0; i < models->len; i++) {
        const RiscvModel *m = models->pdata[i];
        g_autofree char *type = g_strdup_printf("%s-riscv-cpu", m->name);
        g_variant_builder_init(&item, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&item, "{sv}", "name", g_variant_new_string(m->name));
        g_variant_builder_add(&item, "{sv}", "typename", g_variant_new_string(type));
        g_variant_builder_add(&item, "{sv}", "static", g_variant_new_boolean(!m->everything));
        g_variant_builder_add(&item, "{sv}", "deprecated", g_variant_new_boolean(false));
        g_variant_builder_add(&list, "a{sv}", &item);
    }
    return g_variant_builder_end(&list);
}
