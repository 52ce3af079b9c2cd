/*
 * The flash of "virt": two banks of 32 MiB, 16 bits by two chips; they are there without a drive, too.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virt.h"

#include "hw/block/flash.h"
#include "util/error.h"

#include <string.h>

/* The machine's property, or -drive if=pflash,unit=n. NULL: neither. */
static const char *drive_of(const RiscvVirt *m, int n)
{
    DriveInfo *drive = drive_get(IF_PFLASH, 0, n);
    if (drive) {
        drive->claimed = true;
    }
    return m->pflash[n] ? m->pflash[n] : drive ? drive->id : NULL;
}

static bool create_bank(RiscvVirt *m, int n, GError **err)
{
    static const struct { const char *property; uint64_t value; } settings[] = {
        { "sector-length", VIRT_FLASH_SECTOR }, { "num-blocks", VIRT_FLASH_SIZE / VIRT_FLASH_SECTOR }, { "width", 4 }, { "device-width", 2 }, { "id0", 0x89 },
        { "id1", 0x18 },
    };
    Device *dev = device_new("cfi.pflash01");
    const char *drive = drive_of(m, n);
    g_autofree char *name = g_strdup_printf("virt.flash%d", n);
    if (!object_add_child(OBJECT(m), name, OBJECT(dev), err) || !object_set_string(OBJECT(dev), "name", name, err) ||
        (drive && !object_set_string(OBJECT(dev), "drive", drive, err))) {
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (!object_set_uint(OBJECT(dev), settings[i].property, settings[i].value, err)) {
            return false;
        }
    }
    if (!device_realize(dev, NULL, err)) {
        return false;
    }
    sysbus_map((SysBusDevice *)dev, 0, &m->parent.system_memory.memory, virt_map[VIRT_FLASH].base + (uint64_t)n * VIRT_FLASH_SIZE, 0);
    m->flash[n] = dev;
    return true;
}

bool virt_create_flash(RiscvVirt *m, GError **err) { return create_bank(m, 0, err) && create_bank(m, 1, err); }

bool virt_flash_has_drive(const RiscvVirt *m, int n) { return pflash_cfi01_blk(m->flash[n]) != NULL; }
