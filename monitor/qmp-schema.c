/*
 * query-qmp-schema and query-command-line-options: what QMP has, out of a table in JSON (qmp-schema.json). Commands that are not in our table are left out, and
 * types that nobody then needs.
 *
 * The form of the answers is that of the QEMU documentation, "QMP introspection" (SchemaInfo).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/qmp-schema.h"
#include "monitor/qmp-commands.h"

#include "util/json.h"

#include <string.h>

extern const char qmp_schema_text[];

typedef struct Schema {
    GVariant *root;
    GHashTable *types;          /* "T1" -> GVariant */
    GHashTable *seen;           /* names of types that are listed */
    GQueue pending;             /* references (GVariant) whose types are still to be listed */
    GVariantBuilder *list;
} Schema;

static GVariant *schema_root(void)
{
    static GVariant *root;
    if (!root) {
        root = json_parse(qmp_schema_text, strlen(qmp_schema_text), NULL);
    }
    return root;
}

/* ---- names ---- */

/* "T12" is listed as "12", [T12] as "[12]"; nothing as "0", the empty object. */
static char *reference_name(GVariant *reference)
{
    if (!reference || g_variant_is_of_type(reference, G_VARIANT_TYPE_MAYBE)) {
        return g_strdup("0");
    }
    if (g_variant_is_of_type(reference, G_VARIANT_TYPE("av"))) {
        g_autoptr(GVariant) boxed = g_variant_get_child_value(reference, 0), element = g_variant_get_variant(boxed);
        g_autofree char *name = reference_name(element);
        return g_strdup_printf("[%s]", name);
    }
    const char *text = g_variant_get_string(reference, NULL);
    return g_strdup(text[0] == 'T' && g_ascii_isdigit(text[1]) ? text + 1 : text);
}

/* The name, and its type is listed later. */
static GVariant *use(Schema *s, GVariant *reference)
{
    char *name = reference_name(reference);
    if (g_hash_table_add(s->seen, g_strdup(name))) {
        g_queue_push_tail(&s->pending, reference ? g_variant_ref(reference) : NULL);
    }
    return g_variant_new_take_string(name);
}

static void begin(GVariantBuilder *d, const char *name, const char *meta_type)
{
    g_variant_builder_init(d, G_VARIANT_TYPE_VARDICT);
    if (name) {
        g_variant_builder_add(d, "{sv}", "name", g_variant_new_string(name));
    }
    if (meta_type) {
        g_variant_builder_add(d, "{sv}", "meta-type", g_variant_new_string(meta_type));
    }
}

static void add_features(GVariantBuilder *d, GVariant *from)
{
    g_autoptr(GVariant) features = g_variant_lookup_value(from, "features", G_VARIANT_TYPE("av"));
    if (features) {
        g_variant_builder_add(d, "{sv}", "features", features);
    }
}

/* ---- types ---- */

static GVariant *object_members(Schema *s, GVariant *type)
{
    g_autoptr(GVariant) members = g_variant_lookup_value(type, "members", G_VARIANT_TYPE_VARDICT);
    GVariantBuilder list;
    g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
    for (size_t n = 0; members && n < g_variant_n_children(members); n++) {
        const char *name;
        GVariant *member;
        GVariantBuilder d;
        gboolean optional = FALSE;
        g_variant_get_child(members, n, "{&sv}", &name, &member);
        g_autoptr(GVariant) held = member, reference = g_variant_lookup_value(member, "type", NULL);
        begin(&d, name, NULL);
        g_variant_lookup(member, "optional", "b", &optional);
        if (optional) {
            g_variant_builder_add(&d, "{sv}", "default", g_variant_new_maybe(G_VARIANT_TYPE_VARIANT, NULL));
        }
        add_features(&d, member);
        g_variant_builder_add(&d, "{sv}", "type", use(s, reference));
        g_variant_builder_add_value(&list, g_variant_builder_end(&d));
    }
    return g_variant_builder_end(&list);
}

static void add_variants(Schema *s, GVariantBuilder *d, GVariant *type)
{
    g_autoptr(GVariant) tag = g_variant_lookup_value(type, "tag", NULL), cases = g_variant_lookup_value(type, "cases", G_VARIANT_TYPE_VARDICT);
    if (!tag || !cases) {
        return;
    }
    GVariantBuilder list;
    g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
    for (size_t n = 0; n < g_variant_n_children(cases); n++) {
        const char *name;
        GVariant *reference;
        g_variant_get_child(cases, n, "{&sv}", &name, &reference);
        g_autoptr(GVariant) held = reference;
        g_variant_builder_open(&list, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&list, "{sv}", "case", g_variant_new_string(name));
        g_variant_builder_add(&list, "{sv}", "type", use(s, held));
        g_variant_builder_close(&list);
    }
    g_variant_builder_add(d, "{sv}", "tag", tag);
    g_variant_builder_add(d, "{sv}", "variants", g_variant_builder_end(&list));
}

static void list_enum(Schema *s, const char *name, GVariant *type, GVariant *values)
{
    GVariantBuilder d, members;
    begin(&d, name, "enum");
    g_autoptr(GVariant) features = g_variant_lookup_value(type, "features", G_VARIANT_TYPE_VARDICT);
    g_variant_builder_init(&members, G_VARIANT_TYPE("aa{sv}"));
    for (size_t n = 0; n < g_variant_n_children(values); n++) {
        g_autoptr(GVariant) boxed = g_variant_get_child_value(values, n), value = g_variant_get_variant(boxed);
        g_autoptr(GVariant) own = features ? g_variant_lookup_value(features, g_variant_get_string(value, NULL), NULL) : NULL;
        g_variant_builder_open(&members, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&members, "{sv}", "name", value);
        if (own) {
            g_variant_builder_add(&members, "{sv}", "features", own);
        }
        g_variant_builder_close(&members);
    }
    g_variant_builder_add(&d, "{sv}", "members", g_variant_builder_end(&members));
    g_variant_builder_add(&d, "{sv}", "values", values);
    g_variant_builder_add_value(s->list, g_variant_builder_end(&d));
}

static void list_alternate(Schema *s, const char *name, GVariant *choices)
{
    GVariantBuilder d, members;
    begin(&d, name, "alternate");
    g_variant_builder_init(&members, G_VARIANT_TYPE("aa{sv}"));
    for (size_t n = 0; n < g_variant_n_children(choices); n++) {
        g_autoptr(GVariant) boxed = g_variant_get_child_value(choices, n), reference = g_variant_get_variant(boxed);
        g_variant_builder_open(&members, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&members, "{sv}", "type", use(s, reference));
        g_variant_builder_close(&members);
    }
    g_variant_builder_add(&d, "{sv}", "members", g_variant_builder_end(&members));
    g_variant_builder_add_value(s->list, g_variant_builder_end(&d));
}

static void list_object(Schema *s, const char *name, GVariant *type)
{
    GVariantBuilder d;
    begin(&d, name, "object");
    if (type) {
        g_variant_builder_add(&d, "{sv}", "members", object_members(s, type));
        add_variants(s, &d, type);
    } else {
        g_variant_builder_add(&d, "{sv}", "members", g_variant_new_array(G_VARIANT_TYPE_VARDICT, NULL, 0));
    }
    g_variant_builder_add_value(s->list, g_variant_builder_end(&d));
}

static void list_builtin(Schema *s, const char *name)
{
    static const char *const json_types[][2] = {
        { "str", "string" }, { "int", "int" }, { "number", "number" }, { "bool", "boolean" }, { "any", "value" }, { "null", "null" },
    };
    GVariantBuilder d;
    begin(&d, name, "builtin");
    for (unsigned n = 0; n < G_N_ELEMENTS(json_types); n++) {
        if (!strcmp(json_types[n][0], name)) {
            g_variant_builder_add(&d, "{sv}", "json-type", g_variant_new_string(json_types[n][1]));
        }
    }
    g_variant_builder_add_value(s->list, g_variant_builder_end(&d));
}

static void list_type(Schema *s, GVariant *reference)
{
    g_autofree char *name = reference_name(reference);
    if (name[0] == '[') {
        GVariantBuilder d;
        g_autoptr(GVariant) boxed = g_variant_get_child_value(reference, 0), element = g_variant_get_variant(boxed);
        begin(&d, name, "array");
        g_variant_builder_add(&d, "{sv}", "element-type", use(s, element));
        g_variant_builder_add_value(s->list, g_variant_builder_end(&d));
        return;
    }
    if (!strcmp(name, "0")) {
        list_object(s, name, NULL);
        return;
    }
    GVariant *type = g_hash_table_lookup(s->types, g_variant_get_string(reference, NULL));
    if (!type) {
        list_builtin(s, name);
        return;
    }
    g_autoptr(GVariant) values = g_variant_lookup_value(type, "enum", NULL), choices = g_variant_lookup_value(type, "any", NULL);
    if (values) {
        list_enum(s, name, type, values);
    } else if (choices) {
        list_alternate(s, name, choices);
    } else {
        list_object(s, name, type);
    }
}

/* ---- commands and events ---- */

static void list_command(Schema *s, const char *name, GVariant *command)
{
    GVariantBuilder d;
    gboolean oob = FALSE;
    g_autoptr(GVariant) arguments = g_variant_lookup_value(command, "arguments", NULL), returns = g_variant_lookup_value(command, "returns", NULL);
    begin(&d, name, "command");
    g_variant_builder_add(&d, "{sv}", "arg-type", use(s, arguments));
    g_variant_builder_add(&d, "{sv}", "ret-type", use(s, returns));
    g_variant_lookup(command, "oob", "b", &oob);
    if (oob) {
        g_variant_builder_add(&d, "{sv}", "allow-oob", g_variant_new_boolean(TRUE));
    }
    add_features(&d, command);
    g_variant_builder_add_value(s->list, g_variant_builder_end(&d));
}

static void list_event(Schema *s, const char *name, GVariant *event)
{
    GVariantBuilder d;
    g_autoptr(GVariant) data = g_variant_lookup_value(event, "data", NULL);
    begin(&d, name, "event");
    g_variant_builder_add(&d, "{sv}", "arg-type", use(s, data));
    add_features(&d, event);
    g_variant_builder_add_value(s->list, g_variant_builder_end(&d));
}

static void foreach_entry(GVariant *root, const char *key, void (*fn)(const char *name, GVariant *value, void *opaque), void *opaque)
{
    g_autoptr(GVariant) dict = g_variant_lookup_value(root, key, G_VARIANT_TYPE_VARDICT);
    for (size_t n = 0; dict && n < g_variant_n_children(dict); n++) {
        const char *name;
        GVariant *value;
        g_variant_get_child(dict, n, "{&sv}", &name, &value);
        fn(name, value, opaque);
        g_variant_unref(value);
    }
}

static void take_type(const char *name, GVariant *value, void *opaque) { g_hash_table_insert(opaque, g_strdup(name), g_variant_ref(value)); }

static void take_command(const char *name, GVariant *value, void *opaque)
{
    if (qmp_command_find(name)) {
        list_command(opaque, name, value);
    }
}

static void take_event(const char *name, GVariant *value, void *opaque) { list_event(opaque, name, value); }

GVariant *query_qmp_schema(void)
{
    GVariantBuilder list;
    Schema s = {
        .root = schema_root(), .types = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_variant_unref),
        .seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), .pending = G_QUEUE_INIT, .list = &list,
    };
    g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
    foreach_entry(s.root, "types", take_type, s.types);
    foreach_entry(s.root, "commands", take_command, &s);
    foreach_entry(s.root, "events", take_event, &s);
    while (!g_queue_is_empty(&s.pending)) {
        GVariant *reference = g_queue_pop_head(&s.pending);
        list_type(&s, reference);
        if (reference) {
            g_variant_unref(reference);
        }
    }
    g_hash_table_unref(s.types);
    g_hash_table_unref(s.seen);
    return g_variant_builder_end(&list);
}

/* ---- options ---- */

typedef struct OptionList { GVariantBuilder builder; const char *only; } OptionList;

static void take_parameter(const char *name, GVariant *value, void *opaque)
{
    g_variant_builder_open(opaque, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(opaque, "{sv}", "name", g_variant_new_string(name));
    g_variant_builder_add(opaque, "{sv}", "type", value);
    g_variant_builder_close(opaque);
}

static void take_option(const char *name, GVariant *value, void *opaque)
{
    OptionList *list = opaque;
    GVariantBuilder parameters, d;
    if (list->only && strcmp(list->only, name)) {
        return;
    }
    g_variant_builder_init(&parameters, G_VARIANT_TYPE("aa{sv}"));
    for (size_t n = 0; n < g_variant_n_children(value); n++) {
        const char *parameter;
        GVariant *type;
        g_variant_get_child(value, n, "{&sv}", &parameter, &type);
        take_parameter(parameter, type, &parameters);
        g_variant_unref(type);
    }
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&d, "{sv}", "option", g_variant_new_string(name));
    g_variant_builder_add(&d, "{sv}", "parameters", g_variant_builder_end(&parameters));
    g_variant_builder_add_value(&list->builder, g_variant_builder_end(&d));
}

GVariant *query_command_line_options(const char *option)
{
    OptionList list = { .only = option };
    g_variant_builder_init(&list.builder, G_VARIANT_TYPE("aa{sv}"));
    foreach_entry(schema_root(), "options", take_option, &list);
    return g_variant_builder_end(&list.builder);
}
