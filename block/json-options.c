/*
 * JSON objects as options: {"driver": "raw", "file": {"driver": "file"}} becomes driver=raw, file.driver=file (RFC 8259).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/internal.h"

#include "util/error.h"

#include <string.h>

enum { MOST_NESTING = 64 };

typedef struct Parser { const char *at; KeyVals *options; GError **err; int depth; } Parser;

static bool parse_value(Parser *p, const char *key);

static void skip_space(Parser *p) { p->at += strspn(p->at, " \t\r\n"); }

static bool fail(Parser *p)
{
    return *p->at ? error_set(p->err, "JSON parse error, invalid keyword or token near '%.20s'", p->at) : error_set(p->err, "JSON parse error, premature EOI");
}

static bool parse_hex4(Parser *p, gunichar *value)
{
    *value = 0;
    for (int n = 0; n < 4; n++) {
        int digit = g_ascii_xdigit_value(p->at[n]);
        if (digit < 0) {
            return fail(p);
        }
        *value = *value << 4 | (gunichar)digit;
    }
    p->at += 4;
    return true;
}

static bool parse_escape(Parser *p, GString *out)
{
    static const char from[] = "\"\\/'bfnrt", to[] = "\"\\/'\b\f\n\r\t";
    const char *found = *p->at ? strchr(from, *p->at) : NULL;
    gunichar c, low;
    if (found) {
        g_string_append_c(out, to[found - from]);
        p->at++;
        return true;
    }
    if (*p->at != 'u') {
        return fail(p);
    }
    p->at++;
    if (!parse_hex4(p, &c)) {
        return false;
    }
    if (c >= 0xd800 && c < 0xdc00 && p->at[0] == '\\' && p->at[1] == 'u') {
        p->at += 2;
        if (!parse_hex4(p, &low)) {
            return false;
        }
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    if (!c || !g_unichar_validate(c)) {
        return error_set(p->err, "JSON parse error, invalid escape in a string");
    }
    g_string_append_unichar(out, c);
    return true;
}

static char *parse_string(Parser *p)
{
    char quote = *p->at++;
    GString *out = g_string_new(NULL);
    while (*p->at && *p->at != quote) {
        if (*p->at == '\\') {
            p->at++;
            if (!parse_escape(p, out)) {
                g_string_free(out, TRUE);
                return NULL;
            }
        } else {
            g_string_append_c(out, *p->at++);
        }
    }
    if (!*p->at) {
        fail(p);
        g_string_free(out, TRUE);
        return NULL;
    }
    p->at++;
    return g_string_free(out, FALSE);
}

/* After a member: true and *more for ',', true and not *more for the closing one. */
static bool next_member(Parser *p, char closing, bool *more)
{
    skip_space(p);
    *more = *p->at == ',';
    if (*p->at != ',' && *p->at != closing) {
        return fail(p);
    }
    p->at++;
    return true;
}

static char *join(const char *key, const char *member) { return *key ? g_strdup_printf("%s.%s", key, member) : g_strdup(member); }

static bool parse_object(Parser *p, const char *key)
{
    p->at++;
    skip_space(p);
    if (*p->at == '}') {
        p->at++;
        return true;
    }
    for (bool more = true; more;) {
        skip_space(p);
        if (*p->at != '"' && *p->at != '\'') {
            return fail(p);
        }
        g_autofree char *member = parse_string(p);
        if (!member) {
            return false;
        }
        skip_space(p);
        if (*p->at != ':') {
            return fail(p);
        }
        p->at++;
        g_autofree char *path = join(key, member);
        if (!parse_value(p, path) || !next_member(p, '}', &more)) {
            return false;
        }
    }
    return true;
}

static bool parse_array(Parser *p, const char *key)
{
    p->at++;
    skip_space(p);
    if (*p->at == ']') {
        p->at++;
        return true;
    }
    unsigned index = 0;
    for (bool more = true; more;) {
        g_autofree char *number = g_strdup_printf("%u", index++), *path = join(key, number);
        if (!parse_value(p, path) || !next_member(p, ']', &more)) {
            return false;
        }
    }
    return true;
}

static bool parse_word(Parser *p, const char *key)
{
    static const struct { const char *word, *value; } words[] = { { "true", "on" }, { "false", "off" }, { "null", NULL } };
    for (unsigned n = 0; n < G_N_ELEMENTS(words); n++) {
        size_t len = strlen(words[n].word);
        if (strncmp(p->at, words[n].word, len) == 0 && !g_ascii_isalnum(p->at[len])) {
            p->at += len;
            if (words[n].value) {
                keyvals_set(p->options, key, words[n].value);
            }
            return true;
        }
    }
    size_t len = strspn(p->at, "+-.0123456789eE");
    if (!len || (!g_ascii_isdigit(*p->at) && *p->at != '-')) {
        return fail(p);
    }
    g_autofree char *number = g_strndup(p->at, len);
    keyvals_set(p->options, key, number);
    p->at += len;
    return true;
}

static bool parse_value(Parser *p, const char *key)
{
    skip_space(p);
    if (*p->at == '"' || *p->at == '\'') {
        g_autofree char *text = parse_string(p);
        if (text) {
            keyvals_set(p->options, key, text);
        }
        return text != NULL;
    }
    if (*p->at != '{' && *p->at != '[') {
        return parse_word(p, key);
    }
    if (++p->depth > MOST_NESTING) {
        return error_set(p->err, "JSON parse error, nested too deeply");
    }
    bool ok = *p->at == '{' ? parse_object(p, key) : parse_array(p, key);
    p->depth--;
    return ok;
}

bool options_from_json(const char *text, KeyVals *options, GError **err)
{
    Parser p = { .at = text, .options = options, .err = err };
    skip_space(&p);
    if (*p.at != '{') {
        return *p.at ? error_set(err, "JSON parse error, an object is expected") : fail(&p);
    }
    if (!parse_value(&p, "")) {
        return false;
    }
    skip_space(&p);
    return !*p.at || error_set(err, "JSON parse error, trailing characters");
}
