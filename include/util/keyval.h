/*
 * "key=value,key=value" option strings, as the command line and HMP write them.
 *
 * A doubled comma stands for a comma in a value. The first word may have an implied key ("type" in -machine). A key without a
 * value means on; "nokey" means key=off where the grammar is the old one. Order and repetition are kept.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_KEYVAL_H
#define UTIL_KEYVAL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct KeyVal { char *key, *value; bool used; } KeyVal;
typedef struct KeyVals { GPtrArray *items; /* of KeyVal* */ } KeyVals;

/* text: the option's argument; implied_key: NULL or the key of a first word without '='.
 * Sets *help when "help" or "?" stands where a key is expected. */
KeyVals *keyvals_parse(const char *text, const char *implied_key, bool *help, GError **err);
KeyVals *keyvals_new(void);
KeyVals *keyvals_copy(const KeyVals *kv);
void keyvals_free(KeyVals *kv);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyVals, keyvals_free)
/* The last value of key, or NULL; marks it as used. */
const char *keyvals_get(KeyVals *kv, const char *key);
/* The same, and removes it: the caller frees. */
char *keyvals_take(KeyVals *kv, const char *key);
void keyvals_set(KeyVals *kv, const char *key, const char *value);
bool keyvals_has(const KeyVals *kv, const char *key);
/* Typed readers; absent: *value stays. Errors are the reference's: "Parameter 'KEY' expects a number" ... */
bool keyvals_get_bool(KeyVals *kv, const char *key, bool *value, GError **err);
bool keyvals_get_uint64(KeyVals *kv, const char *key, uint64_t *value, GError **err);
bool keyvals_get_size(KeyVals *kv, const char *key, uint64_t *value, GError **err); /* 4k, 2M, 1.5G; bytes */
/* Fails with "Invalid parameter 'KEY'" when a key was never asked for. */
bool keyvals_check_all_used(const KeyVals *kv, GError **err);

/* Parsers of single values, for all who need them. */
bool parse_bool(const char *text, bool *value);                /* on off yes no true false y n */
bool parse_uuid(const char *text, uint8_t uuid[16]);            /* 8-4-4-4-12 hexadecimal digits; bytes in their order */
bool parse_uint64(const char *text, uint64_t *value);          /* any C base, the whole text */
bool parse_int64(const char *text, int64_t *value);
bool parse_size(const char *text, char default_suffix, uint64_t *bytes); /* default_suffix 'B' or 'M' ... */

#endif
