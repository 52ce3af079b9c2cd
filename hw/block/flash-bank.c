/*
 * Banks of flash as "virt" boards have them: 16 bits by two chips, there without a drive, too.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/block/flash.h"

#include "util/error.h"

enum { SECTOR = 256 * 1024 };

/* The machine's property, or -drive if=pflash,unit=n. NULL: neither. */
static const char *drive_of(const char *property, int n)
{
    DriveInfo *drive = drive_get(IF_PFLASH, 0, n);
    if (drive) {
        drive->claimed = true;
    }
    return property ? property : drive ? drive->id : NULL;
}

Device *flash_bank_create(Object *board, int n, const char *property, uint64_t size, GError **err)
{
    const struct { const char *property; uint64_t value; } settings[] = {
        { "sector-length", SECTOR }, { "num-blocks", size / SECTOR }, { "width", 4 }, { "device-width", 2 }, { "id0", 0x89 }, { "id1", 0x18 },
    };
    Device *dev = device_new("cfi.pflash01");
    const char *drive = drive_of(property, n);
    g_autofree char *name = g_strdup_printf("virt.flash%d", n);
    if (!object_add_child(board, name, OBJECT(dev), err) || !object_set_string(OBJECT(dev), "name", name, err) ||
        (drive && !object_set_string(OBJECT(dev), "drive", drive, err))) {
        return NULL;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (!object_set_uint(OBJECT(dev), settings[i].property, settings[i].value, err)) {
            return NULL;
        }
    }
    return device_realize(dev, NULL, err) ? dev : NULL;
}
