/*
 * The registry of types. Constructors only append to an array; the hash table is built at the first look-up.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qom/object.h"

#include <string.h>

typedef struct TypeEntry {
    const ObjectType *type;
    struct TypeEntry *parent;   /* resolved at the first use */
} TypeEntry;

static const ObjectType **registered;
static unsigned registered_count, registered_room, hashed_count;
static GHashTable *types;       /* name -> TypeEntry */
static GMutex types_lock;       /* look-ups may come from any thread */

void object_type_register(const ObjectType *type)
{
    if (registered_count == registered_room) {
        registered_room = MAX(256, registered_room * 2);
        registered = g_renew(const ObjectType *, registered, registered_room);
    }
    registered[registered_count++] = type;
}

static TypeEntry *type_entry(const char *name)
{
    g_mutex_lock(&types_lock);
    if (!types) {
        types = g_hash_table_new(g_str_hash, g_str_equal);
    }
    while (hashed_count < registered_count) {
        TypeEntry *entry = g_new0(TypeEntry, 1);
        entry->type = registered[hashed_count++];
        if (!g_hash_table_insert(types, (char *)entry->type->name, entry)) {
            g_error("type '%s' is registered twice", entry->type->name);
        }
    }
    TypeEntry *entry = g_hash_table_lookup(types, name);
    if (entry && !entry->parent && entry->type->parent) {
        entry->parent = g_hash_table_lookup(types, entry->type->parent);
        if (!entry->parent) {
            g_error("type '%s' has unknown parent '%s'", name, entry->type->parent);
        }
    }
    g_mutex_unlock(&types_lock);
    return entry;
}

static TypeEntry *entry_parent(TypeEntry *entry)
{
    if (entry->parent) {
        return entry->parent;
    }
    return entry->type->parent ? type_entry(entry->type->name)->parent : NULL;
}

const ObjectType *object_type_find(const char *name)
{
    TypeEntry *entry = type_entry(name);
    return entry ? entry->type : NULL;
}

const ObjectType *object_type_parent(const ObjectType *type)
{
    return type->parent ? object_type_find(type->parent) : NULL;
}

bool object_type_is_a(const ObjectType *type, const char *ancestor)
{
    if (type->name == ancestor || !strcmp(type->name, ancestor)) {
        return true;
    }
    /* The reference's interface of what -object makes; here a flag of the type. */
    if (type->user_creatable_object && !strcmp(ancestor, "user-creatable")) {
        return true;
    }
    for (TypeEntry *entry = type_entry(type->name); entry; entry = entry_parent(entry)) {
        if (!strcmp(entry->type->name, ancestor)) {
            return true;
        }
        for (const char *const *interface = entry->type->interfaces; interface && *interface; interface++) {
            if (!strcmp(*interface, ancestor)) {
                return true;
            }
        }
    }
    return false;
}

static int compare_type_names(const void *a, const void *b)
{
    return strcmp((*(const ObjectType *const *)a)->name, (*(const ObjectType *const *)b)->name);
}

void object_type_foreach(const char *ancestor, bool with_abstract, void (*fn)(const ObjectType *type, void *opaque), void *opaque)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    for (unsigned i = 0; i < registered_count; i++) {
        const ObjectType *type = registered[i];
        if ((with_abstract || !type->abstract) && (!ancestor || object_type_is_a(type, ancestor))) {
            g_ptr_array_add(found, (void *)type);
        }
    }
    g_ptr_array_sort(found, compare_type_names);
    for (unsigned i = 0; i < found->len; i++) {
        fn(found->pdata[i], opaque);
    }
}

const Property *object_type_find_property(const ObjectType *type, const char *name)
{
    for (; type; type = object_type_parent(type)) {
        for (size_t i = 0; i < type->properties.count; i++) {
            if (!strcmp(type->properties.items[i].name, name)) {
                return &type->properties.items[i];
            }
        }
    }
    return NULL;
}

void object_type_foreach_property(const ObjectType *type, void (*fn)(const ObjectType *owner, const Property *property, void *opaque),
                                  void *opaque)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (; type; type = object_type_parent(type)) {
        for (size_t i = 0; i < type->properties.count; i++) {
            const Property *p = &type->properties.items[i];
            if (g_hash_table_add(seen, (char *)p->name)) {
                fn(type, p, opaque);
            }
        }
    }
}
