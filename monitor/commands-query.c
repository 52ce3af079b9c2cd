/*
 * Queries, in the shape of QMP's schema.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/commands.h"

#include "accel/accel.h"
#include "chardev/char.h"
#include "hw/core/machine.h"
#include "ostrich-config.h"
#include "system/runstate.h"

#include <stdio.h>
#include <string.h>

typedef GVariantBuilder Dict;

static void dict_begin(Dict *d) { g_variant_builder_init(d, G_VARIANT_TYPE_VARDICT); }
static void put_text(Dict *d, const char *key, const char *text) { g_variant_builder_add(d, "{sv}", key, g_variant_new_string(text)); }
static void put_int(Dict *d, const char *key, int64_t n) { g_variant_builder_add(d, "{sv}", key, g_variant_new_int64(n)); }
static void put_bool(Dict *d, const char *key, bool b) { g_variant_builder_add(d, "{sv}", key, g_variant_new_boolean(b)); }
static void put(Dict *d, const char *key, GVariant *value) { g_variant_builder_add(d, "{sv}", key, value); }
static GVariant *dict_end(Dict *d) { return g_variant_builder_end(d); }
static void list_begin(GVariantBuilder *l) { g_variant_builder_init(l, G_VARIANT_TYPE("aa{sv}")); }

GVariant *query_version(void)
{
    Dict version, all;
    int major = 0, minor = 0, micro = 0;
    sscanf(QEMU_VERSION, "%d.%d.%d", &major, &minor, &micro);
    dict_begin(&version);
    put_int(&version, "micro", micro);
    put_int(&version, "minor", minor);
    put_int(&version, "major", major);
    dict_begin(&all);
    put(&all, "qemu", dict_end(&version));
    put_text(&all, "package", "Ostrich " OSTRICH_VERSION);
    return dict_end(&all);
}

GVariant *query_status(void)
{
    Dict d;
    dict_begin(&d);
    put_bool(&d, "running", machine_is_running());
    put_text(&d, "status", run_state_names[run_state()]);
    return dict_end(&d);
}

GVariant *query_kvm(void)
{
    Dict d;
    dict_begin(&d);
    put_bool(&d, "enabled", accel_is("kvm"));
    put_bool(&d, "present", accel_find("kvm") != NULL);
    return dict_end(&d);
}

GVariant *query_accelerators(void)
{
    static const char *const names[] = { "kvm", "qtest", "tcg" };
    Dict d;
    GVariantBuilder present;
    dict_begin(&d);
    g_variant_builder_init(&present, G_VARIANT_TYPE_STRING_ARRAY);
    for (unsigned n = 0; n < G_N_ELEMENTS(names); n++) {
        if (accel_find(names[n])) {
            g_variant_builder_add(&present, "s", names[n]);
        }
    }
    put_text(&d, "enabled", accel_current() ? accel_type(accel_current())->accel_name : "tcg");
    put(&d, "present", g_variant_builder_end(&present));
    return dict_end(&d);
}

GVariant *query_name(void)
{
    Dict d;
    dict_begin(&d);
    if (machine_current() && machine_current()->name) {
        put_text(&d, "name", machine_current()->name);
    }
    return dict_end(&d);
}

GVariant *query_uuid(void)
{
    Dict d;
    char text[40];
    const uint8_t *u = machine_current()->uuid;
    snprintf(text, sizeof(text), "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7],
             u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
    dict_begin(&d);
    put_text(&d, "UUID", text);
    return dict_end(&d);
}

static GVariant *topology(const Cpu *cpu)
{
    static const char *const names[8] = { "node-id", "drawer-id", "book-id", "socket-id", "die-id", "cluster-id", "core-id", "thread-id" };
    Dict d;
    dict_begin(&d);
    for (int n = 0; n < 8; n++) {
        if (cpu->topology[n] >= 0) {
            put_int(&d, names[n], cpu->topology[n]);
        }
    }
    return dict_end(&d);
}

GVariant *query_cpus_fast(void)
{
    GVariantBuilder list;
    list_begin(&list);
    CPU_FOREACH (cpu) {
        Dict d;
        g_autofree char *path = object_path(OBJECT(cpu));
        dict_begin(&d);
        put_int(&d, "thread-id", cpu->thread_id);
        put(&d, "props", topology(cpu));
        put_text(&d, "qom-path", path ? path : "");
        put_text(&d, "qom-type", OBJECT(cpu)->type->name);
        put_text(&d, "target", cpu->arch->name);
        put_int(&d, "cpu-index", cpu->index);
        g_variant_builder_add_value(&list, dict_end(&d));
    }
    return g_variant_builder_end(&list);
}

static void add_chardev(Chardev *chr, void *opaque)
{
    Dict d;
    dict_begin(&d);
    put_bool(&d, "frontend-open", chardev_frontend_open(chr));
    put_text(&d, "filename", chardev_filename(chr));
    put_text(&d, "label", chardev_id(chr));
    g_variant_builder_add_value(opaque, dict_end(&d));
}

GVariant *query_chardev(void)
{
    GVariantBuilder list;
    list_begin(&list);
    chardev_foreach(add_chardev, &list);
    return g_variant_builder_end(&list);
}

GVariant *query_chardev_backends(void)
{
    GVariantBuilder list;
    g_autofree const char **names = chardev_backend_names();
    list_begin(&list);
    for (int n = 0; names[n]; n++) {
        Dict d;
        dict_begin(&d);
        put_text(&d, "name", names[n]);
        g_variant_builder_add_value(&list, dict_end(&d));
    }
    return g_variant_builder_end(&list);
}

static void add_mouse(const InputHandlerType *type, unsigned number, bool current, void *opaque)
{
    if (!(type->mask & (INPUT_MASK_REL | INPUT_MASK_ABS))) {
        return;
    }
    Dict d;
    dict_begin(&d);
    put_text(&d, "name", type->name);
    put_bool(&d, "absolute", type->mask & INPUT_MASK_ABS);
    put_bool(&d, "current", current);
    put_int(&d, "index", number);
    g_variant_builder_add_value(opaque, dict_end(&d));
}

GVariant *query_mice(void)
{
    GVariantBuilder list;
    list_begin(&list);
    input_handler_foreach(add_mouse, &list);
    return g_variant_builder_end(&list);
}

GVariant *query_memory_size_summary(void)
{
    Dict d;
    dict_begin(&d);
    put_int(&d, "base-memory", (int64_t)machine_current()->ram_size);
    put_int(&d, "plugged-memory", 0);
    return dict_end(&d);
}

GVariant *query_iothreads(void)
{
    GVariantBuilder list;
    list_begin(&list);
    return g_variant_builder_end(&list);
}

GVariant *query_target(void)
{
    Dict d;
    dict_begin(&d);
    put_text(&d, "arch", target_current()->name);
    return dict_end(&d);
}

static void add_machine(const MachineType *type, void *opaque)
{
    Dict d;
    dict_begin(&d);
    put_bool(&d, "hotpluggable-cpus", type->has_hotpluggable_cpus);
    put_text(&d, "name", type->machine_name);
    put_bool(&d, "numa-mem-supported", type->numa_mem_supported);
    put_int(&d, "cpu-max", type->max_cpus);
    put_bool(&d, "deprecated", type->deprecation != NULL);
    put_bool(&d, "acpi", object_type_find_property((const ObjectType *)type, "acpi") != NULL);
    if (type->default_ram_id) {
        put_text(&d, "default-ram-id", type->default_ram_id);
    }
    if (type->default_cpu) {
        g_autofree char *cpu = g_strdup_printf("%s-%s-cpu", type->default_cpu, target_current()->name);
        put_text(&d, "default-cpu-type", cpu);
    }
    if (type->is_default) {
        put_bool(&d, "is-default", true);
    }
    if (type->alias) {
        put_text(&d, "alias", type->alias);
    }
    g_variant_builder_add_value(opaque, dict_end(&d));
}

GVariant *query_machines(void)
{
    GVariantBuilder list;
    list_begin(&list);
    machine_foreach(target_current(), add_machine, &list);
    return g_variant_builder_end(&list);
}
