/*
 * The boot order: devices with a bootindex, as the firmware finds them in the file "bootorder": one OpenFirmware path a line (IEEE 1275 binding names; SeaBIOS
 * documentation, "Runtime_config": bootorder).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/nvram/boot-order.h"

#include "util/error.h"

#include <string.h>

typedef struct BootEntry { Device *dev; /* NULL: suffix is the whole path */ int32_t index; char *suffix; } BootEntry;
static GArray *entries;         /* of BootEntry, by index */

static void append_path(const Device *dev, GString *path)
{
    if (!dev->bus) {
        return;
    }
    if (dev->bus->owner) {
        append_path(dev->bus->owner, path);
    }
    const BusType *type;
    BUS_TYPE_WITH(dev->bus, firmware_path, type);
    g_autofree char *step = type ? type->firmware_path(dev) : g_strdup(device_firmware_name(dev));
    if (step && *step) {
        g_string_append_printf(path, "/%s", step);
    }
}

char *device_firmware_path(const Device *dev)
{
    GString *path = g_string_new(NULL);
    append_path(dev, path);
    return g_string_free(path, FALSE);
}

static bool add_entry(Device *dev, int32_t bootindex, const char *suffix, GError **err)
{
    if (bootindex < 0) {
        return true;
    }
    if (!entries) {
        entries = g_array_new(FALSE, FALSE, sizeof(BootEntry));
    }
    unsigned place = 0;
    for (; place < entries->len; place++) {
        const BootEntry *e = &g_array_index(entries, BootEntry, place);
        if (e->index == bootindex) {
            return error_set(err, "The bootindex %d has already been used", bootindex);
        }
        if (e->index > bootindex) {
            break;
        }
    }
    BootEntry entry = { dev, bootindex, g_strdup(suffix) };
    g_array_insert_val(entries, place, entry);
    return true;
}

bool boot_order_add(Device *dev, int32_t bootindex, const char *suffix, GError **err) { return add_entry(dev, bootindex, suffix, err); }

bool boot_order_add_path(const char *path, int32_t bootindex, GError **err) { return add_entry(NULL, bootindex, path, err); }

void boot_order_remove(Device *dev)
{
    for (unsigned n = 0; entries && n < entries->len; n++) {
        BootEntry *e = &g_array_index(entries, BootEntry, n);
        if (e->dev == dev) {
            g_free(e->suffix);
            g_array_remove_index(entries, n--);
        }
    }
}

char *boot_order_text(bool strict, size_t *size)
{
    GString *text = g_string_new(NULL);
    for (unsigned n = 0; entries && n < entries->len; n++) {
        const BootEntry *e = &g_array_index(entries, BootEntry, n);
        g_autofree char *path = e->dev ? device_firmware_path(e->dev) : g_strdup("");
        g_string_append_printf(text, "%s%s%s", n ? "\n" : "", path, e->suffix ? e->suffix : "");
    }
    if (strict) {
        g_string_append_printf(text, "%sHALT", text->len ? "\n" : "");
    }
    *size = text->len ? text->len + 1 : 0;
    return g_string_free(text, FALSE);
}
