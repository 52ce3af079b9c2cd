/*
 * JSON to and from GVariant.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/json.h"
#include "util/error.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct Reader { const char *at, *end; unsigned depth; GError **err; } Reader;

static GVariant *parse_value(Reader *r);

static void *fail(Reader *r, const char *what)
{
    if (r->err && !*r->err) {
        error_set(r->err, "JSON parse error, %s", what);
    }
    return NULL;
}

static void skip_space(Reader *r)
{
    while (r->at < r->end && strchr(" \t\r\n", *r->at) && *r->at) {
        r->at++;
    }
}

static bool take(Reader *r, char c)
{
    skip_space(r);
    if (r->at < r->end && *r->at == c) {
        r->at++;
        return true;
    }
    return false;
}

/* ---- strings ---- */

static bool parse_hex4(Reader *r, unsigned *code)
{
    *code = 0;
    for (int n = 0; n < 4; n++) {
        int digit = r->at < r->end ? g_ascii_xdigit_value(*r->at) : -1;
        if (digit < 0) {
            return false;
        }
        *code = *code << 4 | (unsigned)digit;
        r->at++;
    }
    return true;
}

static bool parse_unicode(Reader *r, GString *out)
{
    unsigned code, low;
    if (!parse_hex4(r, &code)) {
        return false;
    }
    if (code >= 0xd800 && code < 0xdc00) {
        if (r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u') {
            return false;
        }
        r->at += 2;
        if (!parse_hex4(r, &low) || low < 0xdc00 || low >= 0xe000) {
            return false;
        }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if (!code || (code >= 0xdc00 && code < 0xe000)) {
        return false;
    }
    g_string_append_unichar(out, code);
    return true;
}

static bool parse_escape(Reader *r, GString *out)
{
    static const char from[] = "\"'\\/bfnrt", to[] = "\"'\\/\b\f\n\r\t";
    if (r->at >= r->end) {
        return false;
    }
    char c = *r->at++;
    if (c == 'u') {
        return parse_unicode(r, out);
    }
    const char *found = c ? strchr(from, c) : NULL;
    if (found) {
        g_string_append_c(out, to[found - from]);
    }
    return found != NULL;
}

static char *parse_string(Reader *r)
{
    char quote = *r->at++;
    GString *out = g_string_new(NULL);
    while (r->at < r->end && *r->at != quote) {
        char c = *r->at++;
        bool good = c == '\\' ? parse_escape(r, out) : (unsigned char)c >= 0x20;
        if (!good) {
            g_string_free(out, TRUE);
            return fail(r, "invalid escape sequence or control character in string");
        }
        if (c != '\\') {
            g_string_append_c(out, c);
        }
    }
    if (r->at >= r->end || !g_utf8_validate(out->str, (gssize)out->len, NULL)) {
        g_string_free(out, TRUE);
        return fail(r, "invalid UTF-8 or unterminated string");
    }
    r->at++;
    return g_string_free(out, FALSE);
}

/* ---- values ---- */

static GVariant *parse_number(Reader *r)
{
    const char *start = r->at;
    bool real = false;
    while (r->at < r->end && (g_ascii_isdigit(*r->at) || (*r->at && strchr("+-.eE", *r->at)))) {
        real |= strchr(".eE", *r->at) != NULL;
        r->at++;
    }
    g_autofree char *text = g_strndup(start, r->at - start);
    char *end;
    errno = 0;
    if (!real) {
        int64_t i = g_ascii_strtoll(text, &end, 10);
        if (!errno && !*end && end != text) {
            return g_variant_new_int64(i);
        }
        errno = 0;
        uint64_t u = text[0] == '-' ? (errno = ERANGE, 0) : g_ascii_strtoull(text, &end, 10);
        if (!errno && !*end && end != text) {
            return g_variant_new_uint64(u);
        }
    }
    double d = g_ascii_strtod(text, &end);
    if (*end || end == text || !isfinite(d)) {
        return fail(r, "invalid number");
    }
    return g_variant_new_double(d);
}

static GVariant *parse_array(Reader *r)
{
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("av"));
    r->at++;
    if (!take(r, ']')) {
        do {
            GVariant *value = parse_value(r);
            if (!value) {
                g_variant_builder_clear(&builder);
                return NULL;
            }
            g_variant_builder_add(&builder, "v", value);
        } while (take(r, ','));
        if (!take(r, ']')) {
            g_variant_builder_clear(&builder);
            return fail(r, "expected separator in list");
        }
    }
    return g_variant_builder_end(&builder);
}

static bool parse_member(Reader *r, GVariantBuilder *builder, GHashTable *seen)
{
    skip_space(r);
    if (r->at >= r->end || (*r->at != '"' && *r->at != '\'')) {
        return fail(r, "key is not a string in object");
    }
    char *key = parse_string(r);
    if (!key) {
        return false;
    }
    if (!g_hash_table_add(seen, key)) {
        return fail(r, "duplicate key");
    }
    if (!take(r, ':')) {
        return fail(r, "missing : in object pair");
    }
    GVariant *value = parse_value(r);
    if (value) {
        g_variant_builder_add(builder, "{sv}", key, value);
    }
    return value != NULL;
}

static GVariant *parse_object(Reader *r)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
    r->at++;
    if (!take(r, '}')) {
        do {
            if (!parse_member(r, &builder, seen)) {
                g_variant_builder_clear(&builder);
                return NULL;
            }
        } while (take(r, ','));
        if (!take(r, '}')) {
            g_variant_builder_clear(&builder);
            return fail(r, "expected separator in dict");
        }
    }
    return g_variant_builder_end(&builder);
}

static GVariant *parse_word(Reader *r)
{
    const char *start = r->at;
    while (r->at < r->end && g_ascii_isalpha(*r->at)) {
        r->at++;
    }
    g_autofree char *word = g_strndup(start, r->at - start);
    if (!strcmp(word, "true") || !strcmp(word, "false")) {
        return g_variant_new_boolean(word[0] == 't');
    }
    if (!strcmp(word, "null")) {
        return g_variant_new_maybe(G_VARIANT_TYPE_VARIANT, NULL);
    }
    g_autofree char *what = g_strdup_printf("invalid keyword '%s'", word);
    return fail(r, what);
}

static GVariant *parse_value(Reader *r)
{
    skip_space(r);
    if (r->at >= r->end) {
        return fail(r, "expecting value");
    }
    if (++r->depth > JSON_MAX_DEPTH) {
        return fail(r, "nested too deeply");
    }
    GVariant *value = NULL;
    char c = *r->at;
    if (c == '{') {
        value = parse_object(r);
    } else if (c == '[') {
        value = parse_array(r);
    } else if (c == '"' || c == '\'') {
        char *text = parse_string(r);
        value = text ? g_variant_new_take_string(text) : NULL;
    } else if (c == '-' || g_ascii_isdigit(c)) {
        value = parse_number(r);
    } else if (g_ascii_isalpha(c)) {
        value = parse_word(r);
    } else {
        fail(r, "expecting value");
    }
    r->depth--;
    return value;
}

GVariant *json_parse(const char *text, size_t len, GError **err)
{
    g_autoptr(GError) own = NULL;
    Reader r = { text, text + len, 0, &own };
    GVariant *floating = parse_value(&r);
    g_autoptr(GVariant) value = floating ? g_variant_ref_sink(floating) : NULL;
    if (value) {
        skip_space(&r);
        if (r.at < r.end) {
            fail(&r, "extra characters behind the value");
        }
    }
    if (own) {
        g_propagate_error(err, g_steal_pointer(&own));
        return NULL;
    }
    /* In one piece from now on: a look-up that made it so later would leave texts that were borrowed before (&s) dangling. */
    g_variant_get_data(value);
    return g_steal_pointer(&value);
}

/* ---- writing ---- */

static void append_string(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *c = text; *c; c = g_utf8_next_char(c)) {
        gunichar code = g_utf8_get_char(c);
        if (code == '"' || code == '\\') {
            g_string_append_printf(out, "\\%c", (char)code);
        } else if (code == '\n' || code == '\r' || code == '\t' || code == '\b' || code == '\f') {
            g_string_append_printf(out, "\\%c", code == '\n' ? 'n' : code == '\r' ? 'r' : code == '\t' ? 't' : code == '\b' ? 'b' : 'f');
        } else if (code < 0x20 || code == 0x7f) {
            g_string_append_printf(out, "\\u%04X", code);
        } else if (code < 0x7f) {
            g_string_append_c(out, (char)code);
        } else if (code < 0x10000) {
            g_string_append_printf(out, "\\u%04X", code);
        } else {
            g_string_append_printf(out, "\\u%04X\\u%04X", 0xd800 + ((code - 0x10000) >> 10), 0xdc00 + (code & 0x3ff));
        }
    }
    g_string_append_c(out, '"');
}

/* Text that may come from anywhere is made valid first. */
static void append_any_string(GString *out, const char *text)
{
    g_autofree char *valid = g_utf8_validate(text, -1, NULL) ? NULL : g_utf8_make_valid(text, -1);
    append_string(out, valid ? valid : text);
}

static void new_line(GString *out, int indent)
{
    if (indent >= 0) {
        g_string_append_printf(out, "\n%*s", indent * 4, "");
    }
}

static void append_value(GString *out, GVariant *value, int indent);

static void append_container(GString *out, GVariant *value, int indent)
{
    bool dict = g_variant_is_of_type(value, G_VARIANT_TYPE_DICTIONARY);
    int inner = indent < 0 ? -1 : indent + 1;
    g_string_append_c(out, dict ? '{' : '[');
    size_t count = g_variant_n_children(value);
    for (size_t n = 0; n < count; n++) {
        g_autoptr(GVariant) child = g_variant_get_child_value(value, n);
        g_string_append(out, n == 0 ? "" : indent < 0 ? ", " : ",");
        new_line(out, inner);
        if (dict) {
            g_autoptr(GVariant) key = g_variant_get_child_value(child, 0), item = g_variant_get_child_value(child, 1);
            append_any_string(out, g_variant_get_string(key, NULL));
            g_string_append(out, ": ");
            append_value(out, item, inner);
        } else {
            append_value(out, child, inner);
        }
    }
    if (count) {
        new_line(out, indent);
    }
    g_string_append_c(out, dict ? '}' : ']');
}

static void append_double(GString *out, double d)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append(out, isfinite(d) ? g_ascii_formatd(text, sizeof(text), "%.17g", d) : "null");
}

static void append_value(GString *out, GVariant *value, int indent)
{
    switch (g_variant_classify(value)) {
    case G_VARIANT_CLASS_BOOLEAN:
        g_string_append(out, g_variant_get_boolean(value) ? "true" : "false");
        break;
    case G_VARIANT_CLASS_BYTE:
        g_string_append_printf(out, "%u", g_variant_get_byte(value));
        break;
    case G_VARIANT_CLASS_INT16:
        g_string_append_printf(out, "%d", g_variant_get_int16(value));
        break;
    case G_VARIANT_CLASS_UINT16:
        g_string_append_printf(out, "%u", g_variant_get_uint16(value));
        break;
    case G_VARIANT_CLASS_INT32:
        g_string_append_printf(out, "%d", g_variant_get_int32(value));
        break;
    case G_VARIANT_CLASS_UINT32:
        g_string_append_printf(out, "%u", g_variant_get_uint32(value));
        break;
    case G_VARIANT_CLASS_INT64:
        g_string_append_printf(out, "%" PRId64, g_variant_get_int64(value));
        break;
    case G_VARIANT_CLASS_UINT64:
        g_string_append_printf(out, "%" PRIu64, g_variant_get_uint64(value));
        break;
    case G_VARIANT_CLASS_DOUBLE:
        append_double(out, g_variant_get_double(value));
        break;
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
        append_any_string(out, g_variant_get_string(value, NULL));
        break;
    case G_VARIANT_CLASS_VARIANT: {
        g_autoptr(GVariant) inner = g_variant_get_variant(value);
        append_value(out, inner, indent);
        break;
    }
    case G_VARIANT_CLASS_MAYBE: {
        g_autoptr(GVariant) inner = g_variant_get_maybe(value);
        if (inner) {
            append_value(out, inner, indent);
        } else {
            g_string_append(out, "null");
        }
        break;
    }
    default:
        append_container(out, value, indent);
    }
}

void json_append(GString *out, GVariant *value, bool pretty) { append_value(out, value, pretty ? 0 : -1); }

char *json_to_text(GVariant *value, bool pretty)
{
    GString *out = g_string_new(NULL);
    json_append(out, value, pretty);
    return g_string_free(out, FALSE);
}

/* ---- framing ---- */

bool json_framer_push(JsonFramer *f, char c)
{
    if (f->quote) {
        if (f->escaped) {
            f->escaped = false;
        } else if (c == '\\') {
            f->escaped = true;
        } else if (c == f->quote) {
            f->quote = 0;
            return f->depth == 0;
        }
        return false;
    }
    if (c == '"' || c == '\'') {
        f->quote = c;
        f->bare = false;
        return false;
    }
    if (c == '{' || c == '[') {
        f->depth++;
        f->bare = false;
        return false;
    }
    if (c == '}' || c == ']') {
        f->depth -= f->depth > 0;
        f->bare = false;
        return f->depth == 0;
    }
    if (f->depth == 0) {
        /* A number or word ends with white space. */
        bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n', ended = f->bare && space;
        f->bare = !space;
        return ended;
    }
    return false;
}
