/*
 * The lists that options print instead of starting a machine, in the reference's form: management tools parse them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/lists.h"

#include "chardev/char.h"
#include "hw/core/loader.h"
#include "net/net.h"
#include "util/log.h"

#include <stdio.h>
#include <string.h>

static bool asks_for_help(const char *text) { return text && (g_str_equal(text, "help") || g_str_equal(text, "?")); }

static const char *first_text(const GPtrArray *list, bool (*matches)(const char *))
{
    for (unsigned n = 0; n < list->len; n++) {
        const OptionText *o = g_ptr_array_index(list, n);
        if (matches(o->text)) {
            return o->text;
        }
    }
    return NULL;
}

/* ---- -device help ---- */

static void collect_device(const ObjectType *type, void *opaque)
{
    const DeviceType *device = (const DeviceType *)type;
    if (device_type_offered(device)) {
        g_ptr_array_add(opaque, (void *)type);
    }
}

static void print_devices(void)
{
    g_autoptr(GPtrArray) types = g_ptr_array_new();
    object_type_foreach("device", false, collect_device, types);
    for (int category = 0; category < DEVICE_CATEGORY_COUNT; category++) {
        bool headed = false;
        for (unsigned n = 0; n < types->len; n++) {
            const DeviceType *type = g_ptr_array_index(types, n);
            if ((int)type->category != category) {
                continue;
            }
            if (!headed) {
                printf("%s%s devices:\n", category ? "\n" : "", device_category_names[category]);
                headed = true;
            }
            printf("name \"%s\"", type->name);
            const char *bus = device_bus_type(type);
            if (bus) {
                printf(", bus %s", bus);
            }
            if (type->description) {
                printf(", desc \"%s\"", type->description);
            }
            printf("\n");
        }
    }
}

/* ---- TYPE,help ---- */

static int compare_lines(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void collect_property(const ObjectType *owner, const Property *p, void *opaque)
{
    if (p->flags & PROP_HIDDEN) {
        return;
    }
    g_autofree char *type = property_type_name(p);
    GString *line = g_string_new(NULL);
    g_string_printf(line, "  %s=<%s>", p->name, type);
    g_autoptr(GVariant) value = property_default(p);
    if (p->description || value) {
        g_string_append_printf(line, "%*s - %s", MAX(0, 24 - (int)line->len), "", p->description ? p->description : "");
    }
    if (value) {
        g_autofree char *text = g_variant_print(value, FALSE);
        g_string_append_printf(line, "%s(default: %s)", p->description ? " " : "", text);
    }
    g_ptr_array_add(opaque, g_string_free(line, FALSE));
}

static void print_properties(const ObjectType *type, const char *what)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    object_type_foreach_property(type, collect_property, lines);
    if (!lines->len) {
        printf("There are no options for %s.\n", type->name);
        return;
    }
    qsort(lines->pdata, lines->len, sizeof(char *), compare_lines);
    printf("%s %s:\n", type->name, what);
    for (unsigned n = 0; n < lines->len; n++) {
        printf("%s\n", (char *)g_ptr_array_index(lines, n));
    }
}

static bool names_type_and_help(const char *text)
{
    const char *comma = strchr(text, ',');
    return asks_for_help(text) || (comma && (g_str_has_suffix(text, ",help") || g_str_has_suffix(text, ",?")));
}

static bool print_for_list(const GPtrArray *list, void (*all)(void), const char *ancestor, const char *what)
{
    const char *text = first_text(list, names_type_and_help);
    if (!text) {
        return false;
    }
    if (asks_for_help(text)) {
        all();
        return true;
    }
    g_autofree char *name = g_strndup(text, strcspn(text, ","));
    char *bare = g_str_has_prefix(name, "driver=") ? name + strlen("driver=") : g_str_has_prefix(name, "qom-type=") ? name + strlen("qom-type=") : name;
    const ObjectType *type = object_type_find(bare);
    if (!type || !object_type_is_a(type, ancestor)) {
        return false;       /* the option's own processing says what is wrong */
    }
    print_properties(type, what);
    return true;
}

/* ---- -netdev help, -nic model=help ---- */

static bool asks_for_models(const char *text)
{
    const char *model = strstr(text, "model=");
    return model && (model == text || model[-1] == ',') && (g_str_has_prefix(model + 6, "help") || model[6] == '?');
}

static void print_nic_model(const ObjectType *type, void *opaque)
{
    const DeviceType *device = (const DeviceType *)type;
    if (device_type_offered(device) && device->category == DEVICE_NETWORK) {
        printf("%s\n", type->name);
    }
}

static bool print_network(const Settings *s)
{
    if (first_text(s->netdevs, asks_for_help)) {
        g_autofree char *text = netdev_help();
        fputs(text, stdout);
        return true;
    }
    if (first_text(s->nics, asks_for_models) || first_text(s->nets, asks_for_models)) {
        printf("Supported NIC models:\n");
        object_type_foreach("pci-device", false, print_nic_model, NULL);
        return true;
    }
    return false;
}

/* ---- -object help ---- */

static void print_object_type(const ObjectType *type, void *opaque)
{
    if (type->user_creatable_object) {
        printf("  %s\n", type->name);
    }
}

static void print_objects(void)
{
    printf("List of user creatable objects:\n");
    object_type_foreach(NULL, false, print_object_type, NULL);
}

/* ---- -M help ---- */

static void print_machine(const MachineType *type, void *opaque)
{
    if (type->alias) {
        printf("%-20s %s (alias of %s)\n", type->alias, type->description, type->machine_name);
    }
    printf("%-20s %s%s%s\n", type->machine_name, type->description, type->is_default ? " (default)" : "", type->deprecation ? " (deprecated)" : "");
}

static bool print_machines(Settings *s)
{
    bool plain = asks_for_help(s->machine_name);
    if (!plain && !keyvals_has(s->machine, "help")) {
        return false;
    }
    const MachineType *type = plain || !s->machine_name ? NULL : machine_find(s->arch, s->machine_name);
    if (type) {
        print_properties((const ObjectType *)type, "options");
    } else {
        printf("Supported machines are:\n");
        machine_foreach(s->arch, print_machine, NULL);
    }
    return true;
}

static bool print_log_items(const Settings *s)
{
    if (!asks_for_help(s->log_items)) {
        return false;
    }
    printf("Log items (comma separated):\n");
    for (const LogItemInfo *item = log_items; item->name; item++) {
        printf("%-15s %s\n", item->name, item->help);
    }
    return true;
}

/* ---- -chardev help ---- */

static bool print_chardevs(const Settings *s)
{
    if (!first_text(s->chardevs, asks_for_help)) {
        return false;
    }
    g_autofree const char **names = chardev_backend_names();
    printf("Available chardev backend types: \n");
    for (int n = 0; names[n]; n++) {
        printf("  %s\n", names[n]);
    }
    return true;
}

bool lists_print(Settings *s)
{
    if (print_machines(s) || print_log_items(s)) {
        return true;
    }
    if (asks_for_help(s->cpu)) {
        g_autoptr(GString) text = g_string_new(NULL);
        s->arch->list_cpus(text);
        fputs(text->str, stdout);
        return true;
    }
    for (unsigned n = 0; n < s->accels->len; n++) {
        if (accel_option_is_help(g_ptr_array_index(s->accels, n))) {
            g_autofree char *text = accel_describe_all(s->arch);
            fputs(text, stdout);
            return true;
        }
    }
    if (s->firmware_help) {
        g_autofree char *text = firmware_directories();
        fputs(text, stdout);
        return true;
    }
    return print_chardevs(s) || print_network(s) || print_for_list(s->devices, print_devices, "device", "options") || print_for_list(s->objects, print_objects, "object", "options");
}
