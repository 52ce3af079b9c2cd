/*
 * "key=value,..." option strings and the parsers of single values.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/keyval.h"
#include "util/error.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void keyval_free(void *p)
{
    KeyVal *item = p;
    g_free(item->key);
    g_free(item->value);
    g_free(item);
}

KeyVals *keyvals_new(void)
{
    KeyVals *kv = g_new0(KeyVals, 1);
    kv->items = g_ptr_array_new_with_free_func(keyval_free);
    return kv;
}

static void keyvals_append(KeyVals *kv, char *key, char *value, bool used)
{
    KeyVal *item = g_new(KeyVal, 1);
    *item = (KeyVal){ .key = key, .value = value, .used = used };
    g_ptr_array_add(kv->items, item);
}

KeyVals *keyvals_copy(const KeyVals *kv)
{
    KeyVals *copy = keyvals_new();
    for (unsigned i = 0; i < kv->items->len; i++) {
        const KeyVal *item = kv->items->pdata[i];
        keyvals_append(copy, g_strdup(item->key), g_strdup(item->value), item->used);
    }
    return copy;
}

void keyvals_free(KeyVals *kv)
{
    if (kv) {
        g_ptr_array_unref(kv->items);
        g_free(kv);
    }
}

/* The text up to a single comma, with doubled ones made single; *end is left on the comma or the final 0. */
static char *take_value(const char *text, const char **end)
{
    GString *value = g_string_new(NULL);
    for (; *text; text++) {
        if (*text == ',') {
            if (text[1] != ',') {
                break;
            }
            text++;
        }
        g_string_append_c(value, *text);
    }
    *end = text;
    return g_string_free(value, FALSE);
}

static bool is_help(const char *word)
{
    return !strcmp(word, "help") || !strcmp(word, "?");
}

KeyVals *keyvals_parse(const char *text, const char *implied_key, bool *help, GError **err)
{
    KeyVals *kv = keyvals_new();
    bool first = true;
    if (help) {
        *help = false;
    }
    while (*text) {
        size_t key_length = strcspn(text, "=,");
        char *key, *value;
        if (text[key_length] == '=') {
            if (!key_length) {
                error_set(err, "Expected parameter before '%s'", text);
                keyvals_free(kv);
                return NULL;
            }
            key = g_strndup(text, key_length);
            value = take_value(text + key_length + 1, &text);
        } else {
            char *word = take_value(text, &text);
            if (is_help(word)) {
                if (help) {
                    *help = true;
                }
                g_free(word);
                key = NULL;
            } else if (first && implied_key) {
                key = g_strdup(implied_key);
                value = word;
            } else if (g_str_has_prefix(word, "no") && word[2]) {
                /* The old way to say off; a key that really begins with "no" is found by keyvals_get. */
                key = word;
                value = NULL;
            } else {
                key = word;
                value = g_strdup("on");
            }
        }
        if (key) {
            keyvals_append(kv, key, value, false);
        }
        first = false;
        if (*text == ',') {
            text++;
        }
    }
    return kv;
}

/* "nokey" without a value is both: key=off for who asks for key, nokey=on for who asks for nokey. */
static const char *keyval_match(const KeyVal *item, const char *key)
{
    if (item->value) {
        return strcmp(item->key, key) ? NULL : item->value;
    }
    return !strcmp(item->key, key) ? "on" : !strcmp(item->key + 2, key) ? "off" : NULL;
}

const char *keyvals_get(KeyVals *kv, const char *key)
{
    const char *found = NULL;
    for (unsigned i = 0; i < kv->items->len; i++) {
        KeyVal *item = kv->items->pdata[i];
        const char *value = keyval_match(item, key);
        if (value) {
            item->used = true;
            found = value;
        }
    }
    return found;
}

char *keyvals_take(KeyVals *kv, const char *key)
{
    char *found = g_strdup(keyvals_get(kv, key));
    for (unsigned i = kv->items->len; i-- > 0;) {
        if (keyval_match(kv->items->pdata[i], key)) {
            g_ptr_array_remove_index(kv->items, i);
        }
    }
    return found;
}

void keyvals_set(KeyVals *kv, const char *key, const char *value)
{
    keyvals_append(kv, g_strdup(key), g_strdup(value), false);
}

bool keyvals_has(const KeyVals *kv, const char *key)
{
    for (unsigned i = 0; i < kv->items->len; i++) {
        if (keyval_match(kv->items->pdata[i], key)) {
            return true;
        }
    }
    return false;
}

bool keyvals_get_bool(KeyVals *kv, const char *key, bool *value, GError **err)
{
    const char *text = keyvals_get(kv, key);
    if (text && !parse_bool(text, value)) {
        return error_set(err, "Parameter '%s' expects 'on' or 'off'", key);
    }
    return true;
}

bool keyvals_get_uint64(KeyVals *kv, const char *key, uint64_t *value, GError **err)
{
    const char *text = keyvals_get(kv, key);
    if (text && !parse_uint64(text, value)) {
        return error_set(err, "Parameter '%s' expects a number", key);
    }
    return true;
}

bool keyvals_get_size(KeyVals *kv, const char *key, uint64_t *value, GError **err)
{
    const char *text = keyvals_get(kv, key);
    if (text && !parse_size(text, 'B', value)) {
        error_set(err, "Parameter '%s' expects a non-negative number below 2^64", key);
        error_set_bare_hint(err, "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\nand exabytes, respectively.");
        return false;
    }
    return true;
}

bool keyvals_check_all_used(const KeyVals *kv, GError **err)
{
    for (unsigned i = 0; i < kv->items->len; i++) {
        const KeyVal *item = kv->items->pdata[i];
        if (!item->used) {
            return error_set(err, "Invalid parameter '%s'", item->key);
        }
    }
    return true;
}

/* ---- single values ---- */

bool parse_bool(const char *text, bool *value)
{
    static const char *const words[][4] = { { "off", "no", "false", "n" }, { "on", "yes", "true", "y" } };
    for (int truth = 0; truth < 2; truth++) {
        for (unsigned i = 0; i < 4; i++) {
            if (!strcmp(text, words[truth][i])) {
                *value = truth;
                return true;
            }
        }
    }
    return false;
}

bool parse_uint64(const char *text, uint64_t *value)
{
    char *end;
    errno = 0;
    uint64_t number = strtoull(text, &end, 0);
    if (end == text || *end || errno || strchr(text, '-')) {
        return false;
    }
    *value = number;
    return true;
}

bool parse_int64(const char *text, int64_t *value)
{
    char *end;
    errno = 0;
    int64_t number = strtoll(text, &end, 0);
    if (end == text || *end || errno) {
        return false;
    }
    *value = number;
    return true;
}

static int suffix_shift(char suffix)
{
    static const char suffixes[] = "BKMGTPE";
    const char *found = suffix ? strchr(suffixes, g_ascii_toupper(suffix)) : NULL;
    return found ? (int)(found - suffixes) * 10 : -1;
}

bool parse_size(const char *text, char default_suffix, uint64_t *bytes)
{
    char *end;
    errno = 0;
    uint64_t whole = strtoull(text, &end, 10);
    if (end == text || errno || strchr(text, '-')) {
        return false;
    }
    double fraction = 0;
    if (whole == 0 && (*end == 'x' || *end == 'X')) {
        whole = strtoull(text, &end, 16);
        if (errno || (end[0] && suffix_shift(*end) <= 0)) {
            return false;
        }
    } else if (*end == '.') {
        char *digits = end + 1;
        fraction = 0;
        double unit = 0.1;
        for (end = digits; g_ascii_isdigit(*end); end++, unit /= 10) {
            fraction += (*end - '0') * unit;
        }
    }
    int shift = suffix_shift(*end ? *end : default_suffix);
    if (shift < 0 || (*end && end[1]) || (fraction != 0 && shift == 0) || (shift && whole >> (64 - shift))) {
        return false;
    }
    uint64_t result = whole << shift;
    if (__builtin_add_overflow(result, (uint64_t)(fraction * (double)(UINT64_C(1) << shift)), &result)) {
        return false;
    }
    *bytes = result;
    return true;
}

bool parse_uuid(const char *text, uint8_t uuid[16])
{
    if (!g_uuid_string_is_valid(text)) {
        return false;
    }
    for (int n = 0; n < 16; n++) {
        text += *text == '-';
        uuid[n] = (uint8_t)(g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]));
        text += 2;
    }
    return true;
}
