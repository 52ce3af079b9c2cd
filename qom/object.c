/*
 * Objects: life, the tree, and access to properties.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qom/object.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

static const ObjectType object_type = { .name = "object", .size = sizeof(Object), .abstract = true };
REGISTER_TYPE(object_type)
static const ObjectType container_type = { .name = "container", .parent = "object", .size = sizeof(Object) };
REGISTER_TYPE(container_type)

#define OBJECT_ALIGN 64     /* CPUs keep hot state on cache lines of their own */

/* ---- life ---- */

static size_t type_size(const ObjectType *type)
{
    while (!type->size) {
        type = object_type_parent(type);
    }
    return type->size;
}

static void set_defaults(Object *object, const ObjectType *type)
{
    const ObjectType *parent = object_type_parent(type);
    if (parent) {
        set_defaults(object, parent);
    }
    for (size_t i = 0; i < type->properties.count; i++) {
        const Property *p = &type->properties.items[i];
        if (p->kind->release) {
            p->kind->release(object, p);    /* a descendant may give another default to an ancestor's field */
        }
        p->kind->set_default(object, p);
    }
}

static void run_init(Object *object, const ObjectType *type)
{
    const ObjectType *parent = object_type_parent(type);
    if (parent) {
        run_init(object, parent);
    }
    if (type->init) {
        type->init(object);
    }
}

void object_init_embedded(Object *object, const ObjectType *type)
{
    object->type = type;
    object->ref_count = 1;
    object->embedded = true;
    set_defaults(object, type);
    run_init(object, type);
}

Object *object_new(const ObjectType *type)
{
    g_assert(!type->abstract);
    /* calloc leaves large objects untouched; what it returned is kept in front of the object. */
    char *block = calloc(1, type_size(type) + OBJECT_ALIGN + sizeof(void *));
    if (!block) {
        g_error("no memory for an object of type '%s'", type->name);
    }
    void **object = (void **)(((uintptr_t)block + sizeof(void *) + OBJECT_ALIGN - 1) & ~(uintptr_t)(OBJECT_ALIGN - 1));
    object[-1] = block;
    object_init_embedded((Object *)object, type);
    ((Object *)object)->embedded = false;
    return (Object *)object;
}

Object *object_new_named(const char *type_name)
{
    const ObjectType *type = object_type_find(type_name);
    return type && !type->abstract ? object_new(type) : NULL;
}

Object *object_ref(Object *object)
{
    if (object) {
        __atomic_add_fetch(&object->ref_count, 1, __ATOMIC_RELAXED);
    }
    return object;
}

static void dynamic_property_free(void *p)
{
    DynamicProperty *property = p;
    g_free(property->name);
    g_free(property->type_name);
    g_free(property->description);
    g_free(property);
}

static void object_finalize(Object *object)
{
    /* Whoever looks at it on the way down holds a reference that must not finalize it again. */
    object->ref_count = 1;
    while (object->children && object->children->len) {
        object_unparent(object->children->pdata[object->children->len - 1]);
    }
    g_clear_pointer(&object->children, g_ptr_array_unref);
    for (const ObjectType *type = object->type; type; type = object_type_parent(type)) {
        if (type->finalize) {
            type->finalize(object);
        }
    }
    for (const ObjectType *type = object->type; type; type = object_type_parent(type)) {
        for (size_t i = 0; i < type->properties.count; i++) {
            const Property *p = &type->properties.items[i];
            if (p->kind->release) {
                p->kind->release(object, p);
            }
        }
    }
    g_clear_pointer(&object->dynamic, g_ptr_array_unref);
    g_clear_pointer(&object->name, g_free);
    object->ref_count = 0;
    if (!object->embedded) {
        free(((void **)object)[-1]);
    }
}

void object_unref(Object *object)
{
    if (object && __atomic_sub_fetch(&object->ref_count, 1, __ATOMIC_ACQ_REL) == 0) {
        object_finalize(object);
    }
}

bool object_complete(Object *object, GError **err)
{
    g_autoptr(GPtrArray) chain = g_ptr_array_new();
    for (const ObjectType *type = object->type; type; type = object_type_parent(type)) {
        g_ptr_array_add(chain, (void *)type);
    }
    for (unsigned i = chain->len; i-- > 0;) {
        const ObjectType *type = chain->pdata[i];
        if (type->complete && !type->complete(object, err)) {
            return false;
        }
    }
    return true;
}

/* ---- the tree ---- */

Object *object_root(void)
{
    static Object *root;
    if (!root) {
        root = object_new(&container_type);
    }
    return root;
}

Object *object_child(const Object *parent, const char *name)
{
    for (unsigned i = 0; parent->children && i < parent->children->len; i++) {
        Object *child = parent->children->pdata[i];
        if (!strcmp(child->name, name)) {
            return child;
        }
    }
    return NULL;
}

/* The first free index for "stem[*]". Children come in order, so that it is mostly one more than the last one's. */
static char *numbered_name(Object *parent, const char *name)
{
    size_t stem = strlen(name) - strlen("[*]");
    unsigned next = 0;
    for (unsigned i = 0; parent->children && i < parent->children->len; i++) {
        const char *taken = ((Object *)parent->children->pdata[i])->name;
        if (!strncmp(taken, name, stem + 1) && (unsigned)atoi(taken + stem + 1) >= next) {
            next = (unsigned)atoi(taken + stem + 1) + 1;
        }
    }
    if (next) {
        /* A hole that an unplugged one has left? */
        unsigned count = 0;
        for (unsigned i = 0; i < parent->children->len; i++) {
            count += !strncmp(((Object *)parent->children->pdata[i])->name, name, stem + 1);
        }
        for (unsigned index = 0; count != next && index < next; index++) {
            g_autofree char *candidate = g_strdup_printf("%.*s[%u]", (int)stem, name, index);
            if (!object_child(parent, candidate)) {
                return g_steal_pointer(&candidate);
            }
        }
    }
    return g_strdup_printf("%.*s[%u]", (int)stem, name, next);
}

bool object_add_child(Object *parent, const char *name, Object *child, GError **err)
{
    g_assert(!child->parent);
    char *own_name;
    if (g_str_has_suffix(name, "[*]")) {
        own_name = numbered_name(parent, name);
    } else if (object_child(parent, name)) {
        return error_set(err, "attempt to add duplicate property '%s' to object (type '%s')", name, parent->type->name);
    } else {
        own_name = g_strdup(name);
    }
    g_free(child->name);
    child->name = own_name;
    child->parent = parent;
    if (!parent->children) {
        parent->children = g_ptr_array_new();
    }
    g_ptr_array_add(parent->children, object_ref(child));
    return true;
}

Object *object_container(const char *path)
{
    Object *object = object_root();
    g_auto(GStrv) names = g_strsplit(path, "/", -1);
    for (char **name = names; *name; name++) {
        if (!**name) {
            continue;
        }
        Object *child = object_child(object, *name);
        if (!child) {
            child = object_new(&container_type);
            object_add_child(object, *name, child, NULL);
            object_unref(child);
        }
        object = child;
    }
    return object;
}

void object_unparent(Object *object)
{
    Object *parent = object->parent;
    if (parent) {
        object->parent = NULL;
        g_ptr_array_remove(parent->children, object);
        object_unref(object);
    }
}

char *object_path(const Object *object)
{
    GString *path = g_string_new(NULL);
    for (; object->parent; object = object->parent) {
        g_string_prepend(path, object->name);
        g_string_prepend_c(path, '/');
    }
    if (object != object_root()) {
        g_string_free(path, TRUE);
        return NULL;
    }
    if (!path->len) {
        g_string_append_c(path, '/');
    }
    return g_string_free(path, FALSE);
}

static Object *object_walk(Object *object, char *const *names)
{
    for (; object && *names; names++) {
        if (**names) {
            Object *child = object_child(object, *names);
            if (!child) {
                /* A link on the way is followed. */
                const Property *p = object_type_find_property(object->type, *names);
                child = p && p->kind == &property_kind_link && !p->get ? *PROPERTY_FIELD(object, p, Object *) : NULL;
            }
            object = child;
        }
    }
    return object;
}

static void object_search(Object *from, char *const *names, Object **found, bool *ambiguous)
{
    Object *match = object_walk(from, names);
    if (match && match != *found) {
        *ambiguous |= *found != NULL;
        *found = match;
    }
    for (unsigned i = 0; from->children && i < from->children->len; i++) {
        object_search(from->children->pdata[i], names, found, ambiguous);
    }
}

Object *object_resolve(const char *path, bool *ambiguous)
{
    g_auto(GStrv) names = g_strsplit(path, "/", -1);
    Object *found = NULL;
    bool several = false;
    if (path[0] == '/') {
        found = object_walk(object_root(), names);
    } else if (path[0]) {
        object_search(object_root(), names, &found, &several);
    }
    if (ambiguous) {
        *ambiguous = several;
    }
    return several ? NULL : found;
}

/* ---- properties ---- */

static const DynamicProperty *dynamic_property(const Object *object, const char *name)
{
    for (unsigned i = 0; object->dynamic && i < object->dynamic->len; i++) {
        const DynamicProperty *property = object->dynamic->pdata[i];
        if (!strcmp(property->name, name)) {
            return property;
        }
    }
    return NULL;
}

static bool property_missing(const Object *object, const char *name, GError **err)
{
    return error_set(err, "Property '%s.%s' not found", object->type->name, name);
}

static bool property_read_only(const Object *object, const char *name, GError **err)
{
    return error_set(err, "Property '%s.%s' is not writable", object->type->name, name);
}

/* The table's property if it may be set now; NULL with an error. */
static const Property *property_to_set(const Object *object, const char *name, GError **err)
{
    const Property *p = object_type_find_property(object->type, name);
    if (!p) {
        if (!strcmp(name, "type") || object_child(object, name)) {
            property_read_only(object, name, err);
        } else {
            property_missing(object, name, err);
        }
        return NULL;
    }
    if (p->flags & PROP_READ_ONLY) {
        property_read_only(object, name, err);
        return NULL;
    }
    if (object->sealed && !(p->flags & PROP_ANY_TIME)) {
        if (!object_is_a(object, "device")) {
            error_set(err, "cannot change property value");
        } else if (object->name && !strchr(object->name, '[')) {
            error_set(err, "Attempt to set property '%s' on device '%s' (type '%s') after it was realized", name, object->name,
                      object->type->name);
        } else {
            error_set(err, "Attempt to set property '%s' on anonymous device (type '%s') after it was realized", name, object->type->name);
        }
        return NULL;
    }
    return p;
}

bool object_set(Object *object, const char *name, GVariant *value, GError **err)
{
    g_autoptr(GVariant) own = g_variant_ref_sink(value);
    const DynamicProperty *dynamic = dynamic_property(object, name);
    if (dynamic) {
        return dynamic->set ? dynamic->set(object, name, own, dynamic->opaque, err) : property_read_only(object, name, err);
    }
    const Property *p = property_to_set(object, name, err);
    if (!p) {
        return false;
    }
    return p->set ? p->set(object, p, own, err) : p->kind->set(object, p, own, err);
}

bool object_set_text(Object *object, const char *name, const char *text, GError **err)
{
    const DynamicProperty *dynamic = dynamic_property(object, name);
    const Property *p = dynamic ? NULL : property_to_set(object, name, err);
    if (!dynamic && !p) {
        return false;
    }
    if (p && !p->set) {
        return p->kind->set_text(object, p, text, err);
    }
    GVariant *value = property_value_from_text(dynamic ? dynamic->type_name : p->kind->name, name, text, err);
    return value && object_set(object, name, value, err);
}

GVariant *object_get(const Object *object, const char *name, GError **err)
{
    GVariant *value = NULL;
    GError *failure = NULL;
    const DynamicProperty *dynamic = dynamic_property(object, name);
    const Property *p = dynamic ? NULL : object_type_find_property(object->type, name);
    if (dynamic && dynamic->get) {
        value = dynamic->get(object, name, dynamic->opaque, &failure);
    } else if (p) {
        value = p->get ? p->get(object, p, &failure) : p->kind->get(object, p, &failure);
    } else if (!strcmp(name, "type")) {
        value = g_variant_new_string(object->type->name);
    } else if (!dynamic) {
        const Object *child = object_child(object, name);
        if (!child) {
            property_missing(object, name, err);
            return NULL;
        }
        g_autofree char *path = object_path(child);
        value = g_variant_new_string(path ? path : "");
    }
    if (!value) {
        if (failure) {
            g_propagate_error(err, failure);
        } else {
            error_set(err, "Property '%s.%s' is not readable", object->type->name, name);
        }
        return NULL;
    }
    return g_variant_take_ref(value);
}

bool object_set_bool(Object *object, const char *name, bool value, GError **err)
{
    return object_set(object, name, g_variant_new_boolean(value), err);
}

bool object_set_uint(Object *object, const char *name, uint64_t value, GError **err)
{
    return object_set(object, name, g_variant_new_uint64(value), err);
}

bool object_set_int(Object *object, const char *name, int64_t value, GError **err)
{
    return object_set(object, name, g_variant_new_int64(value), err);
}

bool object_set_string(Object *object, const char *name, const char *value, GError **err)
{
    return object_set(object, name, g_variant_new_string(value), err);
}

bool object_set_link(Object *object, const char *name, Object *target, GError **err)
{
    const Property *p = dynamic_property(object, name) ? NULL : object_type_find_property(object->type, name);
    if (!p || p->set || p->kind != &property_kind_link) {
        g_autofree char *path = target ? object_path(target) : g_strdup("");
        return path ? object_set_string(object, name, path, err) : error_set(err, "the target of '%s' is not in the object tree", name);
    }
    if (!property_to_set(object, name, err)) {
        return false;
    }
    if (target && p->link_type && !object_is_a(target, p->link_type)) {
        return error_set(err, "Invalid parameter type for '%s', expected: %s", name, p->link_type);
    }
    Object **field = PROPERTY_FIELD(object, p, Object *);
    object_ref(target);
    object_unref(*field);
    *field = target;
    return true;
}

void object_add_dynamic_property(Object *object, const DynamicProperty *property)
{
    DynamicProperty *copy = g_new(DynamicProperty, 1);
    *copy = *property;
    copy->name = g_strdup(property->name);
    copy->type_name = g_strdup(property->type_name);
    copy->description = g_strdup(property->description);
    if (!object->dynamic) {
        object->dynamic = g_ptr_array_new_with_free_func(dynamic_property_free);
    }
    g_ptr_array_add(object->dynamic, copy);
}

static GlobalPropertyHook *global_hook;

void object_set_global_hook(GlobalPropertyHook *hook)
{
    global_hook = hook;
}

bool object_apply_globals(Object *object, GError **err)
{
    return !global_hook || global_hook(object, err);
}
