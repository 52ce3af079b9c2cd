/*
 * Resource descriptors (ACPI 6.3, 6.4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/acpi/aml.h"

enum { TAG_END = 0x79, TAG_MEMORY32_FIXED = 0x86, TAG_DWORD = 0x87, TAG_WORD = 0x88, TAG_INTERRUPT = 0x89, TAG_QWORD = 0x8a, MIN_AND_MAX_FIXED = 0x0c,
       CONSUMER_LEVEL_HIGH = 0x01, CONSUMER_EDGE_HIGH = 0x03, READ_WRITE = 1 };

static void put(Aml *a, guint64 value, unsigned size)
{
    value = GUINT64_TO_LE(value);
    g_byte_array_append(a, (const guint8 *)&value, size);
}

/* 6.4.3.5.1 to 6.4.3.5.3: the same fields of eight, four or two bytes. */
void aml_put_window(Aml *a, AmlWindow kind, unsigned size, guint64 base, guint64 length, guint64 translation)
{
    static const guint8 type_flags[] = { [AML_WINDOW_MEMORY] = 1 /* read and write, not cached */, [AML_WINDOW_IO] = 3 /* the entire range */, [AML_WINDOW_BUS] = 0 };
    put(a, size == 8 ? TAG_QWORD : size == 4 ? TAG_DWORD : TAG_WORD, 1);
    put(a, 3 + 5 * size, 2);
    put(a, kind, 1);
    put(a, MIN_AND_MAX_FIXED, 1);
    put(a, type_flags[kind], 1);
    const guint64 fields[] = { 0, base, base + length - 1, translation, length };
    for (gsize n = 0; n < G_N_ELEMENTS(fields); n++) {
        put(a, fields[n], size);
    }
}

void aml_put_memory32(Aml *a, guint32 base, guint32 length)
{
    put(a, TAG_MEMORY32_FIXED, 1);
    put(a, 9, 2);
    put(a, READ_WRITE, 1);
    put(a, base, 4);
    put(a, length, 4);
}

static void put_interrupt(Aml *a, guint32 number, guint8 flags)
{
    put(a, TAG_INTERRUPT, 1);
    put(a, 6, 2);
    put(a, flags, 1);
    put(a, 1, 1);
    put(a, number, 4);
}

void aml_put_interrupt(Aml *a, guint32 number) { put_interrupt(a, number, CONSUMER_LEVEL_HIGH); }
void aml_put_edge_interrupt(Aml *a, guint32 number) { put_interrupt(a, number, CONSUMER_EDGE_HIGH); }

Aml *aml_resource_template(Aml *descriptors)
{
    put(descriptors, TAG_END, 1);
    put(descriptors, 0, 1);                 /* no checksum */
    Aml *buffer = aml_buffer(descriptors->data, descriptors->len);
    g_byte_array_unref(descriptors);
    return buffer;
}
