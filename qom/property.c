/*
 * The kinds of properties: how each is stored, parsed, shown and given its default.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qom/property.h"
#include "qom/object.h"
#include "util/error.h"
#include "util/keyval.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const EnumNames on_off_auto_names = { .name = "OnOffAuto", .names = (const char *const[]){ "auto", "on", "off", NULL } };

#define FIELD(type) (*PROPERTY_FIELD(object, p, type))

static bool error_expects(const Property *p, const char *what, GError **err)
{
    return error_set(err, "Parameter '%s' expects %s", p->name, what);
}

static bool error_value(const Object *object, const Property *p, const char *text, GError **err)
{
    return error_set(err, "Property '%s.%s' doesn't take value '%s'", object->type->name, p->name, text);
}

/* ---- numbers ---- */

static bool variant_to_int128(GVariant *value, __int128 *number)
{
    switch (g_variant_classify(value)) {
    case G_VARIANT_CLASS_INT64:
        *number = g_variant_get_int64(value);
        return true;
    case G_VARIANT_CLASS_UINT64:
        *number = g_variant_get_uint64(value);
        return true;
    case G_VARIANT_CLASS_INT32:
        *number = g_variant_get_int32(value);
        return true;
    case G_VARIANT_CLASS_UINT32:
        *number = g_variant_get_uint32(value);
        return true;
    case G_VARIANT_CLASS_INT16:
        *number = g_variant_get_int16(value);
        return true;
    case G_VARIANT_CLASS_UINT16:
        *number = g_variant_get_uint16(value);
        return true;
    case G_VARIANT_CLASS_BYTE:
        *number = g_variant_get_byte(value);
        return true;
    default:
        return false;
    }
}

typedef struct NumberRange { const char *name; __int128 minimum, maximum; } NumberRange;

static bool check_range(const Object *object, const Property *p, __int128 number, const NumberRange *range, GError **err)
{
    if (number < range->minimum || number > range->maximum) {
        return error_expects(p, range->name, err);
    }
    if (p->minimum || p->maximum) {
        bool is_signed = range->minimum < 0;
        __int128 minimum = is_signed ? (__int128)(int64_t)p->minimum : (__int128)p->minimum;
        __int128 maximum = is_signed ? (__int128)(int64_t)p->maximum : (__int128)p->maximum;
        if (number < minimum || number > maximum) {
            return error_set(err, "Property %s.%s doesn't take value %" PRId64 " (minimum: %" PRId64 ", maximum: %" PRId64 ")",
                             object->type->name, p->name, (int64_t)number, (int64_t)minimum, (int64_t)maximum);
        }
    }
    return true;
}

static bool set_number(Object *object, const Property *p, GVariant *value, const NumberRange *range, __int128 *number, GError **err)
{
    if (!variant_to_int128(value, number)) {
        return error_expects(p, "integer", err);
    }
    return check_range(object, p, *number, range, err);
}

static bool set_number_text(Object *object, const Property *p, const char *text, const NumberRange *range, __int128 *number, GError **err)
{
    uint64_t u;
    int64_t i;
    if (parse_uint64(text, &u)) {
        *number = u;
    } else if (parse_int64(text, &i)) {
        /* -1 is every bit of a 64-bit number, as C has it. */
        *number = range->maximum == UINT64_MAX ? (__int128)(uint64_t)i : (__int128)i;
    } else {
        return error_expects(p, "integer", err);
    }
    return check_range(object, p, *number, range, err);
}

#define DEFINE_NUMBER(kind, type, low, high, display, wide, member, variant_new) \
    static const NumberRange range_##kind = { display, low, high }; \
    static bool set_##kind(Object *object, const Property *p, GVariant *value, GError **err) \
    { \
        __int128 number; \
        if (!set_number(object, p, value, &range_##kind, &number, err)) { return false; } \
        FIELD(type) = (type)number; \
        return true; \
    } \
    static bool set_text_##kind(Object *object, const Property *p, const char *text, GError **err) \
    { \
        __int128 number; \
        if (!set_number_text(object, p, text, &range_##kind, &number, err)) { return false; } \
        FIELD(type) = (type)number; \
        return true; \
    } \
    static GVariant *get_##kind(const Object *object, const Property *p, GError **err) { return variant_new(FIELD(type)); } \
    static char *print_##kind(const Object *object, const Property *p) \
    { \
        wide n = FIELD(type); \
        return g_strdup_printf("%" member " (0x%" PRIx64 ")", n, (uint64_t)n); \
    } \
    static void default_##kind(Object *object, const Property *p) { FIELD(type) = (type)p->initial.u; } \
    const PropertyKind property_kind_##kind = { \
        #kind, set_##kind, set_text_##kind, get_##kind, print_##kind, default_##kind, NULL \
    };

DEFINE_NUMBER(uint8, uint8_t, 0, UINT8_MAX, "uint8_t", uint64_t, PRIu64, g_variant_new_uint64)
DEFINE_NUMBER(uint16, uint16_t, 0, UINT16_MAX, "uint16_t", uint64_t, PRIu64, g_variant_new_uint64)
DEFINE_NUMBER(uint32, uint32_t, 0, UINT32_MAX, "uint32_t", uint64_t, PRIu64, g_variant_new_uint64)
DEFINE_NUMBER(uint64, uint64_t, 0, UINT64_MAX, "uint64", uint64_t, PRIu64, g_variant_new_uint64)
DEFINE_NUMBER(int32, int32_t, INT32_MIN, INT32_MAX, "int32_t", int64_t, PRId64, g_variant_new_int64)
DEFINE_NUMBER(int64, int64_t, INT64_MIN, INT64_MAX, "int64", int64_t, PRId64, g_variant_new_int64)

/* ---- sizes ---- */

static bool set_size_text(Object *object, const Property *p, const char *text, GError **err)
{
    uint64_t bytes;
    if (!parse_size(text, 'B', &bytes)) {
        return error_expects(p, "a size value", err);
    }
    if (!check_range(object, p, bytes, &range_uint64, err)) {
        return false;
    }
    FIELD(uint64_t) = bytes;
    return true;
}

static char *print_size(const Object *object, const Property *p)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    uint64_t bytes = FIELD(uint64_t);
    double scaled = bytes;
    unsigned unit = 0;
    while (scaled >= 1000 && unit < G_N_ELEMENTS(units) - 1) {
        scaled /= 1024;
        unit++;
    }
    return g_strdup_printf("%" PRIu64 " (%0.3g %s)", bytes, scaled, units[unit]);
}

const PropertyKind property_kind_size = { "size", set_uint64, set_size_text, get_uint64, print_size, default_uint64, NULL };

/* ---- booleans and bits ---- */

static bool value_bool(const Property *p, GVariant *value, bool *truth, GError **err)
{
    if (!g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN)) {
        return error_expects(p, "boolean", err);
    }
    *truth = g_variant_get_boolean(value);
    return true;
}

static bool text_bool(const Property *p, const char *text, bool *truth, GError **err)
{
    return parse_bool(text, truth) || error_expects(p, "'on' or 'off'", err);
}

#define DEFINE_BOOLEAN(kind, load, store) \
    static bool set_##kind(Object *object, const Property *p, GVariant *value, GError **err) \
    { \
        bool truth; \
        if (!value_bool(p, value, &truth, err)) { return false; } \
        store; \
        return true; \
    } \
    static bool set_text_##kind(Object *object, const Property *p, const char *text, GError **err) \
    { \
        bool truth; \
        if (!text_bool(p, text, &truth, err)) { return false; } \
        store; \
        return true; \
    } \
    static GVariant *get_##kind(const Object *object, const Property *p, GError **err) { return g_variant_new_boolean(load); } \
    static char *print_##kind(const Object *object, const Property *p) { return g_strdup(load ? "true" : "false"); } \
    static void default_##kind(Object *object, const Property *p) { bool truth = p->initial.u != 0; store; } \
    const PropertyKind property_kind_##kind = { "bool", set_##kind, set_text_##kind, get_##kind, print_##kind, default_##kind, NULL };

#define BIT_STORE(type) FIELD(type) = (FIELD(type) & ~((type)1 << p->bit)) | ((type)truth << p->bit)
DEFINE_BOOLEAN(bool, FIELD(bool), FIELD(bool) = truth)
DEFINE_BOOLEAN(bit32, (FIELD(uint32_t) >> p->bit & 1), BIT_STORE(uint32_t))
DEFINE_BOOLEAN(bit64, (FIELD(uint64_t) >> p->bit & 1), BIT_STORE(uint64_t))

/* ---- strings ---- */

static const char *value_string(const Property *p, GVariant *value, GError **err)
{
    if (!g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)) {
        error_expects(p, "string", err);
        return NULL;
    }
    return g_variant_get_string(value, NULL);
}

/* set for the kinds whose values are text in QMP too. */
static bool set_as_text(Object *object, const Property *p, GVariant *value, GError **err)
{
    const char *text = value_string(p, value, err);
    return text && p->kind->set_text(object, p, text, err);
}

static bool set_text_string(Object *object, const Property *p, const char *text, GError **err)
{
    g_free(FIELD(char *));
    FIELD(char *) = g_strdup(text);
    return true;
}

static GVariant *get_string(const Object *object, const Property *p, GError **err)
{
    return g_variant_new_string(FIELD(char *) ? FIELD(char *) : "");
}

static char *print_quoted(const Object *object, const Property *p)
{
    g_autoptr(GVariant) value = g_variant_ref_sink(p->get ? p->get(object, p, NULL) : p->kind->get(object, p, NULL));
    return g_strdup_printf("\"%s\"", g_variant_get_string(value, NULL));
}

static void default_string(Object *object, const Property *p)
{
    FIELD(char *) = g_strdup(p->initial.s);
}

static void release_string(Object *object, const Property *p)
{
    g_clear_pointer(&FIELD(char *), g_free);
}

const PropertyKind property_kind_string = {
    "str", set_as_text, set_text_string, get_string, print_quoted, default_string, release_string
};

/* ---- lists of strings: comma-separated as text ---- */

static bool set_string_list(Object *object, const Property *p, GVariant *value, GError **err)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    if (!g_variant_is_of_type(value, G_VARIANT_TYPE_ARRAY)) {
        return error_expects(p, "array", err);
    }
    for (gsize i = 0; i < g_variant_n_children(value); i++) {
        g_autoptr(GVariant) child = g_variant_get_child_value(value, i);
        g_autoptr(GVariant) item = g_variant_is_of_type(child, G_VARIANT_TYPE_VARIANT) ? g_variant_get_variant(child)
                                                                                       : g_variant_ref(child);
        if (!g_variant_is_of_type(item, G_VARIANT_TYPE_STRING)) {
            return error_expects(p, "array of strings", err);
        }
        g_strv_builder_add(builder, g_variant_get_string(item, NULL));
    }
    g_strfreev(FIELD(char **));
    FIELD(char **) = g_strv_builder_end(builder);
    return true;
}

static bool set_text_string_list(Object *object, const Property *p, const char *text, GError **err)
{
    g_strfreev(FIELD(char **));
    FIELD(char **) = g_strsplit(text, ",", -1);
    return true;
}

static GVariant *get_string_list(const Object *object, const Property *p, GError **err)
{
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("av"));
    for (char **item = FIELD(char **); item && *item; item++) {
        g_variant_builder_add(&builder, "v", g_variant_new_string(*item));
    }
    return g_variant_builder_end(&builder);
}

static char *print_string_list(const Object *object, const Property *p)
{
    g_autofree char *items = FIELD(char **) ? g_strjoinv(", ", FIELD(char **)) : g_strdup("");
    return g_strdup_printf("[%s]", items);
}

static void default_nothing(Object *object, const Property *p)
{
}

static void release_string_list(Object *object, const Property *p)
{
    g_clear_pointer(&FIELD(char **), g_strfreev);
}

const PropertyKind property_kind_string_list = {
    "list", set_string_list, set_text_string_list, get_string_list, print_string_list, default_nothing, release_string_list
};

/* ---- enumerations ---- */

static bool set_text_enum(Object *object, const Property *p, const char *text, GError **err)
{
    for (int i = 0; p->enumeration->names[i]; i++) {
        if (!strcmp(p->enumeration->names[i], text)) {
            FIELD(int) = i;
            return true;
        }
    }
    return error_set(err, "Parameter '%s' does not accept value '%s'", p->name, text);
}

static GVariant *get_enum(const Object *object, const Property *p, GError **err)
{
    return g_variant_new_string(p->enumeration->names[FIELD(int)]);
}

static void default_enum(Object *object, const Property *p)
{
    FIELD(int) = (int)p->initial.u;
}

const PropertyKind property_kind_enum = { "enum", set_as_text, set_text_enum, get_enum, print_quoted, default_enum, NULL };

static bool set_on_off_auto(Object *object, const Property *p, GVariant *value, GError **err)
{
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN)) {
        FIELD(int) = g_variant_get_boolean(value) ? ON_OFF_AUTO_ON : ON_OFF_AUTO_OFF;
        return true;
    }
    return set_as_text(object, p, value, err);
}

const PropertyKind property_kind_on_off_auto = {
    "OnOffAuto", set_on_off_auto, set_text_enum, get_enum, print_quoted, default_enum, NULL
};

/* ---- links ---- */

static bool set_text_link(Object *object, const Property *p, const char *text, GError **err)
{
    Object *target = NULL;
    if (*text) {
        bool ambiguous = false;
        target = object_resolve(text, &ambiguous);
        if (ambiguous) {
            return error_set(err, "Path '%s' does not uniquely identify an object", text);
        }
        if (!target) {
            return error_set_class(err, ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", text);
        }
        if (p->link_type && !object_is_a(target, p->link_type)) {
            return error_set(err, "Invalid parameter type for '%s', expected: %s", p->name, p->link_type);
        }
        object_ref(target);
    }
    object_unref(FIELD(Object *));
    FIELD(Object *) = target;
    return true;
}

static GVariant *get_link(const Object *object, const Property *p, GError **err)
{
    g_autofree char *path = FIELD(Object *) ? object_path(FIELD(Object *)) : NULL;
    return g_variant_new_string(path ? path : "");
}

static void release_link(Object *object, const Property *p)
{
    g_clear_pointer(&FIELD(Object *), object_unref);
}

const PropertyKind property_kind_link = { "link", set_as_text, set_text_link, get_link, print_quoted, default_nothing, release_link };

/* ---- addresses of network cards, and UUIDs ---- */

static bool set_text_macaddr(Object *object, const Property *p, const char *text, GError **err)
{
    uint8_t mac[6];
    if (strlen(text) != 17) {
        return error_value(object, p, text, err);
    }
    for (int i = 0; i < 6; i++) {
        int high = g_ascii_xdigit_value(text[i * 3]), low = g_ascii_xdigit_value(text[i * 3 + 1]);
        char separator = text[i * 3 + 2];
        if (high < 0 || low < 0 || (i < 5 ? separator != ':' && separator != '-' : separator != 0)) {
            return error_value(object, p, text, err);
        }
        mac[i] = high << 4 | low;
    }
    memcpy(&FIELD(uint8_t), mac, sizeof(mac));
    return true;
}

static GVariant *get_macaddr(const Object *object, const Property *p, GError **err)
{
    const uint8_t *m = &FIELD(uint8_t);
    return g_variant_new_take_string(g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]));
}

const PropertyKind property_kind_macaddr = { "str", set_as_text, set_text_macaddr, get_macaddr, print_quoted, default_nothing, NULL };

static bool set_text_uuid(Object *object, const Property *p, const char *text, GError **err)
{
    g_autofree char *random = !strcmp(text, "auto") ? g_uuid_string_random() : NULL;
    return parse_uuid(random ? random : text, &FIELD(uint8_t)) || error_value(object, p, text, err);
}

static GVariant *get_uuid(const Object *object, const Property *p, GError **err)
{
    const uint8_t *u = &FIELD(uint8_t);
    return g_variant_new_take_string(g_strdup_printf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1], u[2],
                                                     u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]));
}

const PropertyKind property_kind_uuid = { "str", set_as_text, set_text_uuid, get_uuid, print_quoted, default_nothing, NULL };

/* ---- floating point ---- */

static bool set_double(Object *object, const Property *p, GVariant *value, GError **err)
{
    __int128 number;
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_DOUBLE)) {
        FIELD(double) = g_variant_get_double(value);
    } else if (variant_to_int128(value, &number)) {
        FIELD(double) = (double)number;
    } else {
        return error_expects(p, "number", err);
    }
    return true;
}

static bool set_text_double(Object *object, const Property *p, const char *text, GError **err)
{
    char *end;
    double number = g_ascii_strtod(text, &end);
    if (end == text || *end) {
        return error_expects(p, "number", err);
    }
    FIELD(double) = number;
    return true;
}

static GVariant *get_double(const Object *object, const Property *p, GError **err)
{
    return g_variant_new_double(FIELD(double));
}

static char *print_double(const Object *object, const Property *p)
{
    return g_strdup_printf("%f", FIELD(double));
}

static void default_double(Object *object, const Property *p)
{
    FIELD(double) = p->initial.d;
}

const PropertyKind property_kind_double = { "number", set_double, set_text_double, get_double, print_double, default_double, NULL };

/* ---- introspection ---- */

char *property_type_name(const Property *p)
{
    if (p->type_name || p->enumeration) {
        return g_strdup(p->type_name ? p->type_name : p->enumeration->name);
    }
    return p->link_type ? g_strdup_printf("link<%s>", p->link_type) : g_strdup(p->kind->name);
}

GVariant *property_default(const Property *p)
{
    const PropertyKind *k = p->kind->inner ? p->kind->inner : p->kind;
    GVariant *value = NULL;
    if (p->flags & PROP_NO_DEFAULT) {
        return NULL;
    }
    if (k == &property_kind_bool || k == &property_kind_bit32 || k == &property_kind_bit64) {
        value = g_variant_new_boolean(p->initial.u != 0);
    } else if (k == &property_kind_int32 || k == &property_kind_int64) {
        value = g_variant_new_int64(p->initial.i);
    } else if (p->enumeration) {
        value = g_variant_new_string(p->enumeration->names[p->initial.u]);
    } else if (k == &property_kind_string) {
        value = p->initial.s ? g_variant_new_string(p->initial.s) : NULL;
    } else if (k == &property_kind_double) {
        value = g_variant_new_double(p->initial.d);
    } else if (k == &property_kind_uint8 || k == &property_kind_uint16 || k == &property_kind_uint32 || k == &property_kind_uint64 ||
               k == &property_kind_size) {
        value = g_variant_new_uint64(p->initial.u);
    }
    return value ? g_variant_ref_sink(value) : NULL;
}

GVariant *property_value_from_text(const char *type_name, const char *name, const char *text, GError **err)
{
    bool truth;
    uint64_t u;
    int64_t i;
    if (!strcmp(type_name, "bool")) {
        if (!parse_bool(text, &truth)) {
            error_set(err, "Parameter '%s' expects 'on' or 'off'", name);
            return NULL;
        }
        return g_variant_new_boolean(truth);
    }
    if (!strcmp(type_name, "size")) {
        if (!parse_size(text, 'B', &u)) {
            error_set(err, "Parameter '%s' expects a size value", name);
            return NULL;
        }
        return g_variant_new_uint64(u);
    }
    if (!strcmp(type_name, "number")) {
        return g_variant_new_double(g_ascii_strtod(text, NULL));
    }
    if (g_str_has_prefix(type_name, "int") || g_str_has_prefix(type_name, "uint")) {
        if (parse_uint64(text, &u)) {
            return g_variant_new_uint64(u);
        }
        if (parse_int64(text, &i)) {
            return g_variant_new_int64(i);
        }
        error_set(err, "Parameter '%s' expects integer", name);
        return NULL;
    }
    return g_variant_new_string(text);
}

char *property_print(const Object *object, const Property *p)
{
    if (!p->get && p->kind->print) {
        return p->kind->print(object, p);
    }
    GVariant *raw = p->get ? p->get(object, p, NULL) : p->kind->get(object, p, NULL);
    if (!raw) {
        return g_strdup("");
    }
    g_autoptr(GVariant) value = g_variant_ref_sink(raw);
    __int128 number;
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)) {
        return g_strdup_printf("\"%s\"", g_variant_get_string(value, NULL));
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN)) {
        return g_strdup(g_variant_get_boolean(value) ? "true" : "false");
    }
    if (variant_to_int128(value, &number)) {
        return number < 0 ? g_strdup_printf("%" PRId64 " (0x%" PRIx64 ")", (int64_t)number, (uint64_t)number)
                          : g_strdup_printf("%" PRIu64 " (0x%" PRIx64 ")", (uint64_t)number, (uint64_t)number);
    }
    return g_variant_print(value, FALSE);
}
