/*
 * Objects: everything that has a type name, properties and a place in the object tree (/machine, /objects, ...).
 *
 * A type is one constant table. An object is a C struct whose first member is its parent's struct, down to Object. Values travel as
 * GVariant (b, x, t, d, s, av, a{sv}), so that QMP, the command line and C share one path.
 *
 * Tree and properties are changed under the machine lock only (or before threads exist).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QOM_OBJECT_H
#define QOM_OBJECT_H

#include "qom/property.h"
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct Object Object;
typedef struct ObjectType ObjectType;

struct ObjectType {
    const char *name;               /* "edu" */
    const char *parent;             /* its parent's name; NULL only for "object" */
    const char *summary;            /* one line, for help; may be NULL */
    size_t size;                    /* of the C struct; 0: the parent's */
    bool abstract;
    bool user_creatable_object;     /* -object / object-add may make it */
    const char *const *interfaces;  /* names, NULL-terminated; or NULL */
    PropertyTable properties;
    void (*init)(Object *object);       /* ancestors' first; properties have their defaults before the first init */
    void (*finalize)(Object *object);   /* descendants' first */
    /* User-creatable objects: all properties are set; false with an error undoes the creation. Ancestors' first. */
    bool (*complete)(Object *object, GError **err);
    /* NULL, or why the object may not be deleted now. */
    bool (*can_be_deleted)(Object *object, GError **err);
    const void *class_data;         /* a family's own table (BusType, AccelType ...) where it does not embed ObjectType */
};

struct Object {
    const ObjectType *type;
    Object *parent;                 /* in the tree; NULL: not in it */
    char *name;                     /* the component of its path */
    GPtrArray *children;            /* of Object*, in the order in which they were added; may be NULL */
    GPtrArray *dynamic;             /* of DynamicProperty*; may be NULL */
    int ref_count;
    bool embedded;                  /* lives in another object's struct: the last reference does not free it */
    bool sealed;                    /* realized: only PROP_ANY_TIME properties may be set */
};

/* ---- types ---- */
/* Registers a type; before main() by way of the REGISTER_ macros. The table must live for ever. */
void object_type_register(const ObjectType *type);
#define REGISTER_CONSTRUCTOR(fn) static void __attribute__((constructor)) fn##_constructor(void) { fn; }
#define REGISTER_TYPE(variable) \
    static void __attribute__((constructor)) register_type_##variable(void) { object_type_register((const ObjectType *)&(variable)); }

const ObjectType *object_type_find(const char *name);           /* NULL when there is none */
const ObjectType *object_type_parent(const ObjectType *type);   /* NULL for "object" */
bool object_type_is_a(const ObjectType *type, const char *ancestor_or_interface);
/* Calls fn for every type that is_a `ancestor` (NULL: all), sorted by name. */
void object_type_foreach(const char *ancestor, bool with_abstract, void (*fn)(const ObjectType *type, void *opaque), void *opaque);
/* The property of a type or of an ancestor, or NULL. */
const Property *object_type_find_property(const ObjectType *type, const char *name);
/* Calls fn for each property, the most derived type's first. */
void object_type_foreach_property(const ObjectType *type, void (*fn)(const ObjectType *owner, const Property *property, void *opaque), void *opaque);

/* ---- objects ---- */
/* A new object with default properties, init run, one reference. type is not abstract. */
Object *object_new(const ObjectType *type);
Object *object_new_named(const char *type_name);    /* NULL when there is no such type or it is abstract */
/* The same in zeroed memory of type->size bytes that lies in another object's struct. */
void object_init_embedded(Object *object, const ObjectType *type);
Object *object_ref(Object *object);                 /* any thread, as object_unref unless it is the last one */
void object_unref(Object *object);                  /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Object, object_unref)
static inline bool object_is_a(const Object *object, const char *type_name) { return object_type_is_a(object->type, type_name); }
#define OBJECT(p) ((Object *)(p))

/* ---- the tree ---- */
Object *object_root(void);
/* The container /a/b, made when it is not there ("container" objects). */
Object *object_container(const char *path);
/* Takes a reference. name may end in "[*]": the first free index is used. Fails when the name is taken. */
bool object_add_child(Object *parent, const char *name, Object *child, GError **err);
/* Takes it (and what hangs below it) out of the tree and drops the tree's reference. */
void object_unparent(Object *object);
Object *object_child(const Object *parent, const char *name);
char *object_path(const Object *object);            /* "/machine/peripheral/x"; the caller frees; NULL outside the tree */
/* Absolute path, or partial path or id found anywhere; *ambiguous (may be NULL) when several match. */
Object *object_resolve(const char *path, bool *ambiguous);

/* ---- properties ---- */
bool object_set(Object *object, const char *name, GVariant *value, GError **err);   /* takes a floating value */
GVariant *object_get(const Object *object, const char *name, GError **err);         /* a full reference */
/* From text as the command line has it. */
bool object_set_text(Object *object, const char *name, const char *text, GError **err);
/* Convenience for code that wires machines; a failure there is a programming error and comes back as one. */
bool object_set_bool(Object *object, const char *name, bool value, GError **err);
bool object_set_uint(Object *object, const char *name, uint64_t value, GError **err);
bool object_set_int(Object *object, const char *name, int64_t value, GError **err);
bool object_set_string(Object *object, const char *name, const char *value, GError **err);
bool object_set_link(Object *object, const char *name, Object *target, GError **err);

/* A property that only this object has. get and set may be NULL. */
typedef struct DynamicProperty {
    char *name, *type_name, *description;
    GVariant *(*get)(const Object *object, const char *name, void *opaque, GError **err);
    bool (*set)(Object *object, const char *name, GVariant *value, void *opaque, GError **err);
    void *opaque;
} DynamicProperty;
void object_add_dynamic_property(Object *object, const DynamicProperty *property); /* copies */

/* Calls complete for each type of the chain that has one, the most basic first. */
bool object_complete(Object *object, GError **err);

/* ---- /objects: what users make ---- */
/* -object and object-add: makes an object of a user-creatable type, sets its properties (dict: a{sv} or NULL; text values are
 * parsed where from_text), completes it and puts it under /objects. The tree owns it. */
Object *object_add_user(const char *type_name, const char *id, GVariant *dict, bool from_text, GError **err);
bool object_delete_user(const char *id, GError **err);
Object *object_find_user(const char *id);
/* True for letters, digits, '-', '.', '_' that begin with a letter. */
bool object_id_valid(const char *id);
/* The same as an error: "Parameter 'id' expects an identifier" with a hint. */
bool object_id_check(const char *id, GError **err);

/* Applied to a new object before its own init's user can set anything: -global, machine compat. Set by system/. */
typedef bool GlobalPropertyHook(Object *object, GError **err);
void object_set_global_hook(GlobalPropertyHook *hook);
bool object_apply_globals(Object *object, GError **err);    /* called by device creation and object-add */

#endif
