/*
 * Commands on the tree of objects and on types.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/commands.h"

#include "hw/core/device.h"
#include "util/error.h"
#include "util/json.h"
#include "util/keyval.h"

#include <string.h>

static Object *resolve(const char *path, GError **err)
{
    bool ambiguous = false;
    Object *object = object_resolve(path, &ambiguous);
    if (!object) {
        if (ambiguous) {
            error_set(err, "Path '%s' is ambiguous", path);
        } else {
            error_set_class(err, ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", path);
        }
    }
    return object;
}

/* ---- qom-list ---- */

static void add_entry(GVariantBuilder *list, const char *name, const char *type)
{
    GVariantBuilder d;
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&d, "{sv}", "name", g_variant_new_string(name));
    g_variant_builder_add(&d, "{sv}", "type", g_variant_new_string(type));
    g_variant_builder_add_value(list, g_variant_builder_end(&d));
}

static void add_property(const ObjectType *owner, const Property *property, void *opaque)
{
    g_autofree char *type = property_type_name(property);
    add_entry(opaque, property->name, type);
}

GVariant *command_qom_list(const char *path, GError **err)
{
    Object *object = resolve(path, err);
    if (!object) {
        return NULL;
    }
    GVariantBuilder list;
    g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
    add_entry(&list, "type", "string");
    object_type_foreach_property(object->type, add_property, &list);
    for (unsigned n = 0; object->dynamic && n < object->dynamic->len; n++) {
        const DynamicProperty *p = object->dynamic->pdata[n];
        add_entry(&list, p->name, p->type_name);
    }
    for (unsigned n = 0; object->children && n < object->children->len; n++) {
        const Object *child = object->children->pdata[n];
        g_autofree char *type = g_strdup_printf("child<%s>", child->type->name);
        add_entry(&list, child->name, type);
    }
    return g_variant_builder_end(&list);
}

/* ---- qom-get, qom-set ---- */

GVariant *command_qom_get(const char *path, const char *property, GError **err)
{
    Object *object = resolve(path, err);
    if (!object) {
        return NULL;
    }
    if (!strcmp(property, "type")) {
        return g_variant_ref_sink(g_variant_new_string(object->type->name));
    }
    Object *child = object_child(object, property);
    if (child) {
        return g_variant_ref_sink(g_variant_new_take_string(object_path(child)));
    }
    return object_get(object, property, err);
}

bool command_qom_set(const char *path, const char *property, GVariant *value, GError **err)
{
    Object *object = resolve(path, err);
    return object && object_set(object, property, value, err);
}

bool command_qom_set_text(const char *path, const char *property, const char *text, GError **err)
{
    Object *object = resolve(path, err);
    return object && object_set_text(object, property, text, err);
}

/* ---- types ---- */

typedef struct TypeList { GVariantBuilder builder; } TypeList;

static void add_type(const ObjectType *type, void *opaque)
{
    TypeList *list = opaque;
    const ObjectType *parent = object_type_parent(type);
    GVariantBuilder d;
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&d, "{sv}", "name", g_variant_new_string(type->name));
    if (type->abstract) {
        g_variant_builder_add(&d, "{sv}", "abstract", g_variant_new_boolean(TRUE));
    }
    if (parent) {
        g_variant_builder_add(&d, "{sv}", "parent", g_variant_new_string(parent->name));
    }
    g_variant_builder_add_value(&list->builder, g_variant_builder_end(&d));
}

GVariant *command_qom_list_types(const char *implements, bool with_abstract, GError **err)
{
    TypeList list;
    g_variant_builder_init(&list.builder, G_VARIANT_TYPE("aa{sv}"));
    object_type_foreach(implements, with_abstract, add_type, &list);
    return g_variant_builder_end(&list.builder);
}

typedef struct PropertyList { GVariantBuilder builder; GHashTable *seen; bool devices_only; } PropertyList;

static void add_type_property(const ObjectType *owner, const Property *p, void *opaque)
{
    PropertyList *list = opaque;
    bool common = list->devices_only && (!strcmp(owner->name, "device") || !strcmp(owner->name, "object"));
    if (common || !g_hash_table_add(list->seen, (void *)p->name)) {
        return;
    }
    GVariantBuilder d;
    g_autofree char *type = property_type_name(p);
    g_autoptr(GVariant) initial = property_default(p);
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    if (initial) {
        g_variant_builder_add(&d, "{sv}", "default-value", initial);
    }
    g_variant_builder_add(&d, "{sv}", "name", g_variant_new_string(p->name));
    if (p->description) {
        g_variant_builder_add(&d, "{sv}", "description", g_variant_new_string(p->description));
    }
    g_variant_builder_add(&d, "{sv}", "type", g_variant_new_string(type));
    g_variant_builder_add_value(&list->builder, g_variant_builder_end(&d));
}

GVariant *command_list_properties(const char *type_name, bool devices_only, GError **err)
{
    const ObjectType *type = object_type_find(type_name);
    if (!type) {
        error_set_class(err, ERROR_DEVICE_NOT_FOUND, devices_only ? "Device '%s' not found" : "Class '%s' not found", type_name);
        return NULL;
    }
    if (devices_only && (!object_type_is_a(type, "device") || type->abstract)) {
        error_set(err, "Parameter 'typename' expects a non-abstract device type");
        return NULL;
    }
    PropertyList list = { .seen = g_hash_table_new(g_str_hash, g_str_equal), .devices_only = devices_only };
    g_variant_builder_init(&list.builder, G_VARIANT_TYPE("aa{sv}"));
    object_type_foreach_property(type, add_type_property, &list);
    g_hash_table_unref(list.seen);
    return g_variant_builder_end(&list.builder);
}

/* ---- info qom-tree ---- */

static int compare_children(const void *a, const void *b) { return strcmp((*(Object *const *)a)->name, (*(Object *const *)b)->name); }

static void describe_object(const Object *object, const char *name, int indent, GString *out)
{
    g_string_append_printf(out, "%*s/%s (%s)\n", indent, "", name, object->type->name);
    if (!object->children) {
        return;
    }
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    for (unsigned n = 0; n < object->children->len; n++) {
        g_ptr_array_add(sorted, object->children->pdata[n]);
    }
    g_ptr_array_sort(sorted, compare_children);
    for (unsigned n = 0; n < sorted->len; n++) {
        const Object *child = sorted->pdata[n];
        describe_object(child, child->name, indent + 2, out);
    }
}

void command_describe_qom_tree(const char *path, GString *out, GError **err)
{
    Object *object = resolve(path ? path : "/machine", err);
    if (object) {
        describe_object(object, object->name ? object->name : "", 0, out);
    }
}

/* ---- object_add ---- */

bool command_object_add(GVariant *dict, GError **err)
{
    const char *type = NULL, *id = NULL;
    g_variant_lookup(dict, "qom-type", "&s", &type);
    g_variant_lookup(dict, "id", "&s", &id);
    if (!type || !id) {
        return error_set(err, "Parameter '%s' is missing", type ? "id" : "qom-type");
    }
    GVariantDict rest;
    g_variant_dict_init(&rest, dict);
    g_variant_dict_remove(&rest, "qom-type");
    g_variant_dict_remove(&rest, "id");
    g_autoptr(GVariant) properties = g_variant_ref_sink(g_variant_dict_end(&rest));
    return object_add_user(type, id, properties, false, err) != NULL;
}

bool command_object_add_text(const char *text, GError **err)
{
    if (*text == '{') {
        g_autoptr(GVariant) dict = json_parse(text, strlen(text), err);
        if (!dict) {
            return false;
        }
        return g_variant_is_of_type(dict, G_VARIANT_TYPE_VARDICT) ? command_object_add(dict, err) : error_set(err, "an object is expected");
    }
    g_autoptr(KeyVals) kv = keyvals_parse(text, "qom-type", NULL, err);
    if (!kv) {
        return false;
    }
    g_autofree char *type = keyvals_take(kv, "qom-type"), *id = keyvals_take(kv, "id");
    if (!type || !id) {
        return error_set(err, "Parameter '%s' is missing", type ? "id" : "qom-type");
    }
    GVariantBuilder d;
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    for (unsigned n = 0; n < kv->items->len; n++) {
        const KeyVal *item = kv->items->pdata[n];
        g_variant_builder_add(&d, "{sv}", item->value ? item->key : item->key + 2, g_variant_new_string(item->value ? item->value : "off"));
    }
    g_autoptr(GVariant) properties = g_variant_ref_sink(g_variant_builder_end(&d));
    return object_add_user(type, id, properties, true, err) != NULL;
}
