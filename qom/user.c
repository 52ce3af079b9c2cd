/*
 * Objects that users make: -object, object-add, object-del.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qom/object.h"
#include "util/error.h"

#include <string.h>

bool object_id_valid(const char *id)
{
    if (!g_ascii_isalpha(id[0])) {
        return false;
    }
    return strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") == strlen(id);
}

bool object_id_check(const char *id, GError **err)
{
    if (object_id_valid(id)) {
        return true;
    }
    error_set(err, "Parameter 'id' expects an identifier");
    error_set_hint(err, "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.");
    return false;
}

static bool set_all(Object *object, GVariant *dict, bool from_text, GError **err)
{
    GVariantIter iter;
    const char *name;
    GVariant *value;
    g_variant_iter_init(&iter, dict);
    while (g_variant_iter_next(&iter, "{&sv}", &name, &value)) {
        g_autoptr(GVariant) own = value;
        /* The schema of object-add has no other members than the properties. */
        if (!object_type_find_property(object->type, name)) {
            return error_set(err, "Invalid parameter '%s'", name);
        }
        bool text = from_text && g_variant_is_of_type(own, G_VARIANT_TYPE_STRING);
        if (!(text ? object_set_text(object, name, g_variant_get_string(own, NULL), err) : object_set(object, name, own, err))) {
            return false;
        }
    }
    return true;
}

Object *object_add_user(const char *type_name, const char *id, GVariant *dict, bool from_text, GError **err)
{
    const ObjectType *type = type_name ? object_type_find(type_name) : NULL;
    if (!type_name || !id) {
        error_set(err, "Parameter '%s' is missing", type_name ? "id" : "qom-type");
        return NULL;
    }
    if (!type || type->abstract || !type->user_creatable_object) {
        error_set(err, "Parameter 'qom-type' does not accept value '%s'", type_name);
        return NULL;
    }
    if (!object_id_check(id, err)) {
        return NULL;
    }
    Object *objects = object_container("/objects");
    g_autoptr(Object) object = object_new(type);
    if (!object_apply_globals(object, err) || (dict && !set_all(object, dict, from_text, err)) ||
        !object_add_child(objects, id, object, err)) {
        return NULL;
    }
    if (!object_complete(object, err)) {
        object_unparent(object);
        return NULL;
    }
    return object;  /* the tree's reference keeps it */
}

Object *object_find_user(const char *id)
{
    return object_child(object_container("/objects"), id);
}

bool object_delete_user(const char *id, GError **err)
{
    Object *object = object_find_user(id);
    if (!object) {
        return error_set(err, "object '%s' not found", id);
    }
    for (const ObjectType *type = object->type; type; type = object_type_parent(type)) {
        if (type->can_be_deleted && !type->can_be_deleted(object, err)) {
            if (err && !*err) {
                error_set(err, "object '%s' is in use, can not be deleted", id);
            }
            return false;
        }
    }
    object_unparent(object);
    return true;
}
