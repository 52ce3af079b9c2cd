/*
 * -acpitable: tables that users give, whole (file=) or as data behind a header made from the options (data=).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/acpi/tables.h"

#include "util/bits.h"
#include "util/error.h"
#include "util/keyval.h"

#include <string.h>

enum { HEADER = 36, TABLE_MAX = 64 * 1024 };
static GPtrArray *user_tables;      /* of GByteArray*, with header; checksums are made at the end */

typedef struct HeaderText { const char *key; unsigned offset, size; } HeaderText;
static const HeaderText texts[] = { { "sig", 0, 4 }, { "oem_id", 10, 6 }, { "oem_table_id", 16, 8 }, { "asl_compiler_id", 28, 4 } };
static const HeaderText numbers[] = { { "rev", 8, 1 }, { "oem_rev", 24, 4 }, { "asl_compiler_rev", 32, 4 } };

static bool read_files(GByteArray *table, const char *paths, GError **err)
{
    g_auto(GStrv) files = g_strsplit(paths, ":", -1);
    for (char **f = files; *f; f++) {
        g_autofree char *data = NULL;
        gsize size;
        if (!g_file_get_contents(*f, &data, &size, NULL)) {
            return error_set(err, "can't open file %s: No such file or directory", *f);
        }
        if (size + table->len > TABLE_MAX) {
            return error_set(err, "ACPI table is too big, requested: %zu, max: %d", size + table->len, TABLE_MAX);
        }
        g_byte_array_append(table, (const guint8 *)data, (guint)size);
    }
    return true;
}

static bool patch_header(KeyVals *kv, uint8_t *header, GError **err)
{
    for (size_t n = 0; n < ARRAY_SIZE(texts); n++) {
        const char *value = keyvals_get(kv, texts[n].key);
        if (value) {
            memset(header + texts[n].offset, 0, texts[n].size);
            memcpy(header + texts[n].offset, value, MIN(strlen(value), texts[n].size));
        }
    }
    for (size_t n = 0; n < ARRAY_SIZE(numbers); n++) {
        uint64_t value;
        if (keyvals_has(kv, numbers[n].key)) {
            if (!keyvals_get_uint64(kv, numbers[n].key, &value, err)) {
                return false;
            }
            memcpy(header + numbers[n].offset, &value, numbers[n].size);
        }
    }
    return true;
}

bool acpi_table_add(const char *options_text, GError **err)
{
    g_autoptr(KeyVals) kv = keyvals_parse(options_text, NULL, NULL, err);
    if (!kv) {
        return false;
    }
    const char *file = keyvals_get(kv, "file"), *data = keyvals_get(kv, "data");
    if (!file == !data) {
        return error_set(err, "'-acpitable' requires one of 'data' or 'file'");
    }
    g_autoptr(GByteArray) table = g_byte_array_new();
    if (data) {
        uint8_t header[HEADER] = { 0 };
        memcpy(header, "QEMU", 4);
        header[8] = 1;
        memcpy(header + 10, "QEMUQEQEMUQEMU", 14);
        g_byte_array_append(table, header, HEADER);
    }
    if (!read_files(table, file ? file : data, err)) {
        return false;
    }
    if (table->len < HEADER) {
        return error_set(err, "ACPI table claims to have header, but it is too short");
    }
    if (!patch_header(kv, table->data, err) || !keyvals_check_all_used(kv, err)) {
        return false;
    }
    if (!user_tables) {
        user_tables = g_ptr_array_new();
    }
    g_ptr_array_add(user_tables, g_steal_pointer(&table));
    return true;
}

void acpi_add_user_tables(AcpiBuild *b)
{
    for (unsigned n = 0; user_tables && n < user_tables->len; n++) {
        const GByteArray *table = user_tables->pdata[n];
        uint32_t start = b->tables->len;
        g_array_append_val(b->offsets, start);
        g_byte_array_append(b->tables, table->data, table->len);
        b->tables->data[start + 9] = 0;
        acpi_table_end(b, start);
    }
}
