/*
 * JSON (RFC 8259) to and from GVariant: objects are a{sv}, arrays av, numbers x, t or d, null is an empty maybe (mv).
 *
 * Strings may stand in single quotes too, as QMP's clients write them. Depth and size are bounded.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_JSON_H
#define UTIL_JSON_H

#include <glib.h>
#include <stdbool.h>

#define JSON_MAX_DEPTH 256

/* The value of the whole text, a full reference; NULL with "JSON parse error, ...". */
GVariant *json_parse(const char *text, size_t len, GError **err);
/* Appends the text of a value of any basic type, array, dictionary with string keys, tuple, maybe or variant. pretty: indented by four blanks a level. */
void json_append(GString *out, GVariant *value, bool pretty);
char *json_to_text(GVariant *value, bool pretty);

/* Finds where a value ends in a stream. Zero-initialise. */
typedef struct JsonFramer { unsigned depth; char quote; bool escaped, bare; } JsonFramer;
/* Takes the next byte; true when a value is complete with it. A byte between values (white space) belongs to none. */
bool json_framer_push(JsonFramer *f, char c);

#endif
