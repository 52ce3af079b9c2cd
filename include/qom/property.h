/*
 * Properties: named, typed values of an object, described by constant tables. Parsing, ranges, help, introspection and reading come
 * from the table; a device never parses a property.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QOM_PROPERTY_H
#define QOM_PROPERTY_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct Object;
typedef struct Property Property;

/* How a kind of property is stored and converted. */
typedef struct PropertyKind {
    const char *name;           /* as introspection shows it: "uint32", "bool", "str", "size" ... */
    bool (*set)(struct Object *object, const Property *p, GVariant *value, GError **err);
    bool (*set_text)(struct Object *object, const Property *p, const char *text, GError **err);
    GVariant *(*get)(const struct Object *object, const Property *p, GError **err);
    char *(*print)(const struct Object *object, const Property *p); /* info qtree; NULL: from get */
    void (*set_default)(struct Object *object, const Property *p);
    void (*release)(struct Object *object, const Property *p);      /* frees what the field holds */
    const struct PropertyKind *inner;   /* of a kind that passes values on to another object: whose defaults introspection shows */
} PropertyKind;

/* Names of an enumeration; value = index unless values is given. */
typedef struct EnumNames {
    const char *name;           /* "OnOffAuto" */
    const char *const *names;   /* NULL-terminated */
} EnumNames;

typedef enum PropertyFlags {
    PROP_READ_ONLY      = 1 << 0,
    PROP_ANY_TIME       = 1 << 1,   /* may be set after realize too */
    PROP_NO_DEFAULT     = 1 << 2,   /* help shows no default */
    PROP_DEPRECATED     = 1 << 3,
    PROP_HIDDEN         = 1 << 4,
} PropertyFlags;

struct Property {
    const char *name;
    const char *description;        /* one line, for help; may be NULL */
    const PropertyKind *kind;
    size_t offset;                  /* of the field in the object's struct */
    union { uint64_t u; int64_t i; double d; const char *s; } initial;
    uint64_t minimum, maximum;      /* unsigned and size kinds; both 0: the kind's range (signed kinds: cast) */
    unsigned bit;                   /* bit kinds */
    const EnumNames *enumeration;   /* enum kinds */
    const char *link_type;          /* link kinds: the type of the target */
    PropertyFlags flags;
    const char *type_name;          /* for introspection instead of the kind's; may be NULL */
    /* Instead of the kind's: a value that is computed or checked further. */
    bool (*set)(struct Object *object, const Property *p, GVariant *value, GError **err);
    GVariant *(*get)(const struct Object *object, const Property *p, GError **err);
};

typedef struct PropertyTable { const Property *items; size_t count; } PropertyTable;
#define PROPERTIES(array) { .items = (array), .count = sizeof(array) / sizeof((array)[0]) }

extern const PropertyKind property_kind_bool, property_kind_uint8, property_kind_uint16, property_kind_uint32,
    property_kind_uint64, property_kind_int32, property_kind_int64, property_kind_size, property_kind_string,
    property_kind_bit32, property_kind_bit64, property_kind_enum, property_kind_link, property_kind_macaddr,
    property_kind_uuid, property_kind_on_off_auto, property_kind_double, property_kind_string_list;

/* Storage of the kinds: bool; uintN_t; int32_t, int64_t; uint64_t (size); char * (string, owned); a bit of a uint32_t or uint64_t; int (enum,
 * on_off_auto: OnOffAuto); struct Object * (link, not counted until set: counted); uint8_t[6] (macaddr); uint8_t[16] (uuid); char ** (string list). */
typedef enum OnOffAuto { ON_OFF_AUTO_AUTO, ON_OFF_AUTO_ON, ON_OFF_AUTO_OFF } OnOffAuto;
extern const EnumNames on_off_auto_names;

#define PROP_(n, S, f, k, ...) { .name = n, .offset = offsetof(S, f), .kind = &property_kind_##k, ##__VA_ARGS__ }
/* (name, struct, field, default[, .description = "...", .minimum = , .maximum = , .flags = ...]) */
#define PROP_BOOL(n, S, f, d, ...)   PROP_(n, S, f, bool, .initial.u = (d), ##__VA_ARGS__)
#define PROP_UINT8(n, S, f, d, ...)  PROP_(n, S, f, uint8, .initial.u = (d), ##__VA_ARGS__)
#define PROP_UINT16(n, S, f, d, ...) PROP_(n, S, f, uint16, .initial.u = (d), ##__VA_ARGS__)
#define PROP_UINT32(n, S, f, d, ...) PROP_(n, S, f, uint32, .initial.u = (d), ##__VA_ARGS__)
#define PROP_UINT64(n, S, f, d, ...) PROP_(n, S, f, uint64, .initial.u = (d), ##__VA_ARGS__)
#define PROP_INT32(n, S, f, d, ...)  PROP_(n, S, f, int32, .initial.i = (d), ##__VA_ARGS__)
#define PROP_INT64(n, S, f, d, ...)  PROP_(n, S, f, int64, .initial.i = (d), ##__VA_ARGS__)
#define PROP_SIZE(n, S, f, d, ...)   PROP_(n, S, f, size, .initial.u = (d), ##__VA_ARGS__)
#define PROP_STRING(n, S, f, d, ...) PROP_(n, S, f, string, .initial.s = (d), ##__VA_ARGS__)
#define PROP_BIT32(n, S, f, b, d, ...) PROP_(n, S, f, bit32, .bit = (b), .initial.u = (d), ##__VA_ARGS__)
#define PROP_BIT64(n, S, f, b, d, ...) PROP_(n, S, f, bit64, .bit = (b), .initial.u = (d), ##__VA_ARGS__)
#define PROP_ENUM(n, S, f, e, d, ...) PROP_(n, S, f, enum, .enumeration = &(e), .initial.u = (d), ##__VA_ARGS__)
#define PROP_ON_OFF_AUTO(n, S, f, d, ...) PROP_(n, S, f, on_off_auto, .enumeration = &on_off_auto_names, .initial.u = (d), ##__VA_ARGS__)
#define PROP_LINK(n, S, f, t, ...)   PROP_(n, S, f, link, .link_type = (t), ##__VA_ARGS__)
#define PROP_MACADDR(n, S, f, ...)   PROP_(n, S, f, macaddr, ##__VA_ARGS__)
#define PROP_UUID(n, S, f, ...)      PROP_(n, S, f, uuid, ##__VA_ARGS__)

#define PROP_STRING_LIST(n, S, f, ...) PROP_(n, S, f, string_list, ##__VA_ARGS__)
#define PROP_DOUBLE(n, S, f, v, ...) PROP_(n, S, f, double, .initial.d = (v), ##__VA_ARGS__)

/* The name of the property's type for introspection: "uint32", "OnOffAuto", "link<chardev>". The caller frees. */
char *property_type_name(const Property *p);
/* The default as a value for introspection (a full reference), or NULL where there is none to show. */
GVariant *property_default(const Property *p);
/* Text as a value of the kind of property that is called type_name ("bool", "uint32", "size", "str"); NULL with an error that names the property. */
GVariant *property_value_from_text(const char *type_name, const char *name, const char *text, GError **err);
/* The value as info qtree prints it: 5 (0x5), "text", true. The caller frees. */
char *property_print(const struct Object *object, const Property *p);

#define PROPERTY_FIELD(object, p, type) ((type *)((char *)(object) + (p)->offset))

#endif
