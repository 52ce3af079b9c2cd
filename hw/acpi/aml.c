/*
 * AML terms as bytes (ACPI 6.3, 20.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/acpi/aml.h"

#include "util/bits.h"

#include <string.h>

enum {
    OP_ZERO = 0x00, OP_ONE = 0x01, OP_NAME = 0x08, OP_BYTE = 0x0a, OP_WORD = 0x0b, OP_DWORD = 0x0c, OP_STRING = 0x0d, OP_QWORD = 0x0e, OP_SCOPE = 0x10,
    OP_BUFFER = 0x11, OP_PACKAGE = 0x12, OP_METHOD = 0x14, DUAL_NAME = 0x2e, MULTI_NAME = 0x2f, OP_EXT = 0x5b, OP_ARG0 = 0x68, OP_NOTIFY = 0x86,
    OP_LEQUAL = 0x93, OP_IF = 0xa0, OP_RETURN = 0xa4, EXT_DEVICE = 0x82,
};

static void put(Aml *a, uint8_t byte) { g_byte_array_append(a, &byte, 1); }
static void put_bytes(Aml *a, const void *data, size_t size) { g_byte_array_append(a, data, (guint)size); }

Aml *aml_list(void) { return g_byte_array_new(); }

void aml_append(Aml *to, Aml *term)
{
    put_bytes(to, term->data, term->len);
    g_byte_array_unref(term);
}

/* 20.2.2: a leading backslash, then one to many names of four characters, filled up with '_'. */
static void put_name(Aml *a, const char *name)
{
    if (*name == '\\') {
        put(a, '\\');
        name++;
    }
    g_auto(GStrv) parts = g_strsplit(name, ".", -1);
    unsigned count = g_strv_length(parts);
    if (count == 2) {
        put(a, DUAL_NAME);
    } else if (count > 2) {
        put(a, MULTI_NAME);
        put(a, (uint8_t)count);
    }
    for (unsigned n = 0; n < count; n++) {
        char segment[5] = "____";
        memcpy(segment, parts[n], MIN(strlen(parts[n]), 4));
        put_bytes(a, segment, 4);
    }
}

/* 20.2.4: the length counts its own bytes. */
static void put_with_length(Aml *a, const Aml *body)
{
    uint32_t size = body->len;
    unsigned follow = size + 1 < 0x40 ? 0 : size + 2 < 0x1000 ? 1 : size + 3 < 0x100000 ? 2 : 3;
    size += follow + 1;
    if (follow == 0) {
        put(a, (uint8_t)size);
    } else {
        put(a, (uint8_t)(follow << 6 | (size & 15)));
        for (unsigned n = 0; n < follow; n++) {
            put(a, (uint8_t)(size >> (4 + 8 * n)));
        }
    }
    put_bytes(a, body->data, body->len);
}

static Aml *block(uint8_t op, const char *name, int flags, Aml *body)
{
    Aml *a = aml_list(), *inner = aml_list();
    if (op == EXT_DEVICE) {
        put(a, OP_EXT);
    }
    put(a, op);
    if (name) {
        put_name(inner, name);
    }
    if (flags >= 0) {
        put(inner, (uint8_t)flags);
    }
    aml_append(inner, body);
    put_with_length(a, inner);
    g_byte_array_unref(inner);
    return a;
}

Aml *aml_scope(const char *name, Aml *body) { return block(OP_SCOPE, name, -1, body); }
Aml *aml_device(const char *name, Aml *body) { return block(EXT_DEVICE, name, -1, body); }
Aml *aml_method(const char *name, unsigned args, gboolean serialized, Aml *body) { return block(OP_METHOD, name, (int)args | serialized << 3, body); }

Aml *aml_name(const char *name, Aml *value)
{
    Aml *a = aml_list();
    put(a, OP_NAME);
    put_name(a, name);
    aml_append(a, value);
    return a;
}

Aml *aml_int(guint64 value)
{
    Aml *a = aml_list();
    unsigned size = value <= 0xff ? 1 : value <= 0xffff ? 2 : value <= 0xffffffff ? 4 : 8;
    static const uint8_t ops[] = { [1] = OP_BYTE, [2] = OP_WORD, [4] = OP_DWORD, [8] = OP_QWORD };
    if (value <= 1) {
        put(a, value ? OP_ONE : OP_ZERO);
        return a;
    }
    put(a, ops[size]);
    put_bytes(a, &value, size);
    return a;
}

Aml *aml_int64(guint64 value)
{
    Aml *a = aml_list();
    put(a, OP_QWORD);
    put_bytes(a, &value, 8);
    return a;
}

Aml *aml_string(const char *text)
{
    Aml *a = aml_list();
    put(a, OP_STRING);
    put_bytes(a, text, strlen(text) + 1);
    return a;
}

/* 19.3.4: three letters of five bits, four hexadecimal digits, big-endian. */
Aml *aml_eisa_id(const char *id)
{
    uint32_t value = (uint32_t)(id[0] - 0x40) << 26 | (uint32_t)(id[1] - 0x40) << 21 | (uint32_t)(id[2] - 0x40) << 16 | (uint32_t)g_ascii_strtoull(id + 3, NULL, 16);
    uint8_t bytes[4];
    store_be32(bytes, value);
    Aml *a = aml_list();
    put(a, OP_DWORD);
    put_bytes(a, bytes, 4);
    return a;
}

Aml *aml_buffer(const void *data, size_t size)
{
    Aml *body = aml_int(size);
    put_bytes(body, data, size);
    return block(OP_BUFFER, NULL, -1, body);
}

Aml *aml_package(const Aml *const *items, unsigned count)
{
    Aml *body = aml_list();
    for (unsigned n = 0; n < count; n++) {
        put_bytes(body, items[n]->data, items[n]->len);
    }
    return block(OP_PACKAGE, NULL, (int)count, body);
}

Aml *aml_arg(unsigned n)
{
    Aml *a = aml_list();
    put(a, (uint8_t)(OP_ARG0 + n));
    return a;
}

Aml *aml_call(const char *name, ...)
{
    Aml *a = aml_list(), *arg;
    va_list args;
    put_name(a, name);
    va_start(args, name);
    while ((arg = va_arg(args, Aml *))) {
        aml_append(a, arg);
    }
    va_end(args);
    return a;
}

Aml *aml_return(Aml *value)
{
    Aml *a = aml_list();
    put(a, OP_RETURN);
    aml_append(a, value);
    return a;
}

Aml *aml_if_equal(Aml *x, Aml *y, Aml *body)
{
    Aml *condition = aml_list();
    put(condition, OP_LEQUAL);
    aml_append(condition, x);
    aml_append(condition, y);
    aml_append(condition, body);
    return block(OP_IF, NULL, -1, condition);
}

Aml *aml_notify(const char *object, Aml *value)
{
    Aml *a = aml_list();
    put(a, OP_NOTIFY);
    put_name(a, object);
    aml_append(a, value);
    return a;
}
