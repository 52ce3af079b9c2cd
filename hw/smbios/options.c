/*
 * -smbios: fields of the machine's tables, or whole structures from a file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/smbios/smbios-internal.h"

#include "util/bits.h"
#include "util/error.h"
#include "util/keyval.h"

#include <string.h>

typedef struct TypeKeys { int type; const char *const *keys; } TypeKeys;
#define KEYS(...) (const char *const[]){ __VA_ARGS__, NULL }
static const TypeKeys type_keys[] = {
    { 0, KEYS("vendor", "version", "date", "release", "uefi") },
    { 1, KEYS("manufacturer", "product", "version", "serial", "uuid", "sku", "family") },
    { 2, KEYS("manufacturer", "product", "version", "serial", "asset", "location") },
    { 3, KEYS("manufacturer", "version", "serial", "asset", "sku") },
    { 4, KEYS("sock_pfx", "manufacturer", "version", "serial", "asset", "part", "max-speed", "current-speed", "processor-family", "processor-id") },
    { 8, KEYS("external_reference", "internal_reference", "connector_type", "port_type") },
    { 9, KEYS("slot_designation", "slot_type", "slot_data_bus_width", "current_usage", "slot_length", "slot_id", "slot_characteristics1", "slot_characteristics12",
              "pci_device") },
    { 11, KEYS("value") },
    { 17, KEYS("loc_pfx", "bank", "manufacturer", "serial", "asset", "part", "speed") },
    { 41, KEYS("designation", "kind", "instance", "pcidev") },
};

typedef struct Field { int type; char *key, *value; unsigned entry; /* which -smbios of this type, from 0 */ } Field;
static GPtrArray *fields;           /* of Field*, in order */
static GByteArray *file_structures;
static unsigned file_count, file_largest;
static unsigned given[128];         /* how often */

unsigned smbios_given(int type) { return given[type]; }

const char *smbios_entry_text(int type, unsigned entry, const char *key)
{
    for (unsigned n = fields ? fields->len : 0; n-- > 0;) {
        const Field *f = fields->pdata[n];
        if (f->type == type && f->entry == entry && !strcmp(f->key, key)) {
            return f->value;
        }
    }
    return NULL;
}

uint64_t smbios_entry_number(int type, unsigned entry, const char *key)
{
    const char *text = smbios_entry_text(type, entry, key);
    uint64_t value = 0;
    return text && parse_uint64(text, &value) ? value : 0;
}

const char *smbios_text(int type, const char *key, const char *standard)
{
    for (unsigned n = fields ? fields->len : 0; n-- > 0;) {
        const Field *f = fields->pdata[n];
        if (f->type == type && !strcmp(f->key, key)) {
            return f->value;
        }
    }
    return standard;
}

uint64_t smbios_number(int type, const char *key, uint64_t standard)
{
    const char *text = smbios_text(type, key, NULL);
    uint64_t value;
    return text && parse_uint64(text, &value) ? value : standard;
}

GPtrArray *smbios_texts(int type, const char *key)
{
    GPtrArray *texts = g_ptr_array_new();
    for (unsigned n = 0; fields && n < fields->len; n++) {
        const Field *f = fields->pdata[n];
        if (f->type == type && !strcmp(f->key, key)) {
            g_ptr_array_add(texts, f->value);
        }
    }
    return texts;
}

/* CPUID 1, EDX, by the names of its bits. */
static uint32_t feature_bits(Cpu *cpu)
{
    static const char *const names[32] = {
        "fpu", "vme", "de", "pse", "tsc", "msr", "pae", "mce", "cx8", "apic", NULL, "sep", "mtrr", "pge", "mca", "cmov", "pat", "pse36", "pn", "clflush", NULL, "ds",
        "acpi", "mmx", "fxsr", "sse", "sse2", "ss", "ht", "tm", "ia64", "pbe",
    };
    uint32_t bits = 0;
    for (unsigned n = 0; n < ARRAY_SIZE(names); n++) {
        GVariant *value = names[n] ? object_get(OBJECT(cpu), names[n], NULL) : NULL;
        if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN) && g_variant_get_boolean(value)) {
            bits |= 1u << n;
        }
        g_clear_pointer(&value, g_variant_unref);
    }
    return bits;
}

uint64_t smbios_processor_id(void)
{
    static const char *const bits[] = { "family", "model", "stepping" };
    uint64_t part[3] = { 0 };
    Cpu *cpu = cpu_first();
    for (int n = 0; cpu && n < 3; n++) {
        GVariant *value = object_get(OBJECT(cpu), bits[n], NULL);
        if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_INT64)) {
            part[n] = (uint64_t)g_variant_get_int64(value);
        }
        g_clear_pointer(&value, g_variant_unref);
    }
    uint64_t family = MIN(part[0], 15), extended = part[0] - family;
    uint64_t eax = part[2] | (part[1] & 15) << 4 | family << 8 | (part[1] >> 4 & 15) << 16 | extended << 20;
    return eax | (uint64_t)(cpu ? feature_bits(cpu) : 0) << 32;
}

/* A structure as the specification has it, strings and all; several in a row are taken too. */
static bool add_file(const char *path, GError **err)
{
    g_autofree char *data = NULL;
    gsize size, at = 0;
    if (!g_file_get_contents(path, &data, &size, NULL)) {
        return error_set(err, "Cannot read SMBIOS file %s", path);
    }
    if (!file_structures) {
        file_structures = g_byte_array_new();
    }
    while (at < size) {
        size_t length = size - at >= 4 ? (uint8_t)data[at + 1] : 0, end = at + length;
        while (length >= 4 && end + 1 < size && (data[end] || data[end + 1])) {
            end++;
        }
        if (length < 4 || end + 2 > size) {
            return error_set(err, "SMBIOS file %s is damaged", path);
        }
        file_largest = MAX(file_largest, (unsigned)(end + 2 - at));
        file_count++;
        at = end + 2;
    }
    g_byte_array_append(file_structures, (const guint8 *)data, (guint)size);
    return true;
}

void smbios_add_files(SmbiosTables *t)
{
    if (file_structures) {
        g_byte_array_append(t->bytes, file_structures->data, file_structures->len);
        t->count += file_count;
        t->largest = MAX(t->largest, file_largest);
    }
}

static bool add_field(int type, const char *const *keys, const KeyVal *item, GError **err)
{
    if (type == 11 && !strcmp(item->key, "path")) {
        Field *f = g_new0(Field, 1);
        gsize size;
        *f = (Field){ type, g_strdup("value"), NULL };
        g_ptr_array_add(fields, f);
        return g_file_get_contents(item->value, &f->value, &size, NULL) || error_set(err, "Unable to open %s", item->value);
    }
    if (!g_strv_contains(keys, item->key)) {
        return error_set(err, "Invalid parameter '%s'", item->key);
    }
    uint64_t number;
    static const char *const counts[] = { "connector_type", "port_type", "slot_type", "slot_data_bus_width", "current_usage", "slot_length", "slot_id",
                                          "slot_characteristics1", "slot_characteristics12", "instance", NULL };
    if ((strstr(item->key, "speed") || g_strv_contains(counts, item->key)) && (!parse_uint64(item->value, &number) || number > 0xffff)) {
        return error_set(err, "Parameter '%s' expects a number", item->key);
    }
    Field *f = g_new0(Field, 1);
    *f = (Field){ type, g_strdup(item->key), g_strdup(item->value ? item->value : "on"), given[type] };
    g_ptr_array_add(fields, f);
    return true;
}

bool smbios_entry_add(const char *options_text, GError **err)
{
    g_autoptr(KeyVals) kv = keyvals_parse(options_text, NULL, NULL, err);
    if (!kv) {
        return false;
    }
    if (!fields) {
        fields = g_ptr_array_new();
    }
    const char *file = keyvals_get(kv, "file"), *type_text = keyvals_get(kv, "type");
    uint64_t type = 0;
    if (file) {
        return add_file(file, err);
    }
    if (!type_text) {
        return error_set(err, "Must specify type= or file=");
    }
    if (!parse_uint64(type_text, &type) || type > 127) {
        return error_set(err, "Parameter 'type' expects a number");
    }
    for (size_t t = 0; t < ARRAY_SIZE(type_keys); t++) {
        if (type_keys[t].type != (int)type) {
            continue;
        }
        for (unsigned n = 0; n < kv->items->len; n++) {
            const KeyVal *item = kv->items->pdata[n];
            if (strcmp(item->key, "type") && !add_field((int)type, type_keys[t].keys, item, err)) {
                return false;
            }
        }
        given[type]++;
        return true;
    }
    return error_set(err, "Don't know how to build fields for SMBIOS type %s", type_text);
}
