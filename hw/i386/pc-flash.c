/*
 * Firmware in flash: pflash0 ends at 4 GiB (its last 128 KiB are seen below 1 MiB too), pflash1 lies below it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/pc.h"

#include "hw/block/flash.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

enum { FLASHES = 2, SECTOR_BYTES = 4096 };

/* The machine's property, or -drive if=pflash,unit=n. NULL: neither. */
static const char *flash_drive(PcMachine *m, int n)
{
    DriveInfo *drive = drive_get(IF_PFLASH, 0, n);
    if (drive) {
        drive->claimed = true;
    }
    return m->pflash[n] ? m->pflash[n] : drive ? drive->id : NULL;
}

static int64_t drive_length(const char *name)
{
    BlockBackend *blk = blk_find(name);
    BlockNode *node = blk ? blk_node(blk) : block_node_find(name);
    return node ? node->length : -1;
}

static Device *create_flash(PcMachine *m, int n, const char *drive, uint64_t size, GError **err)
{
    Device *dev = device_new("cfi.pflash01");
    g_autofree char *name = g_strdup_printf("system.flash%d", n);
    if (!object_add_child(OBJECT(m), name, OBJECT(dev), err) || !object_set_uint(OBJECT(dev), "sector-length", SECTOR_BYTES, err) ||
        !object_set_uint(OBJECT(dev), "num-blocks", size / SECTOR_BYTES, err) || !object_set_uint(OBJECT(dev), "width", 1, err) ||
        !object_set_bool(OBJECT(dev), "secure", false, err) || !object_set_string(OBJECT(dev), "name", name, err) ||
        !object_set_string(OBJECT(dev), "drive", drive, err)) {
        return NULL;
    }
    return device_realize(dev, NULL, err) ? dev : NULL;
}

/* What the processor runs first, before the firmware has switched to its place below 4 GiB. */
static bool map_low_copy(X86Machine *m, Device *flash, uint64_t size, MemoryRegion *memory, GError **err)
{
    uint64_t low = MIN(size, 128 * KiB);
    if (!memory_region_init_rom(&m->isa_bios, OBJECT(m), "isa-bios", low, err)) {
        return false;
    }
    memcpy(memory_region_ram_ptr(&m->isa_bios), (char *)memory_region_ram_ptr(pflash_cfi01_memory(flash)) + size - low, low);
    memory_region_add_subregion_overlap(memory, MiB - low, &m->isa_bios, 1);
    return true;
}

bool pc_create_flash(PcMachine *m, bool *created, GError **err)
{
    X86Machine *x86 = &m->parent;
    MemoryRegion *memory = x86->rom_memory ? x86->rom_memory : &x86->parent.system_memory.memory;
    const char *drives[FLASHES];
    uint64_t total = 0;
    for (int n = 0; n < FLASHES; n++) {
        drives[n] = flash_drive(m, n);
    }
    *created = drives[0] != NULL;
    if (!drives[0]) {
        return !drives[1] || error_set(err, "pflash1 requires pflash0");
    }
    for (int n = 0; n < FLASHES && drives[n]; n++) {
        int64_t length = drive_length(drives[n]);
        if (length <= 0 || length % SECTOR_BYTES) {
            return error_set(err, "system firmware block device %s has invalid size %" G_GINT64_FORMAT ": its size must be a non-zero multiple of 0x%x", drives[n],
                             length, SECTOR_BYTES);
        }
        total += (uint64_t)length;
        if (total > m->max_fw_size) {
            return error_set(err, "combined size of system firmware exceeds %" G_GUINT64_FORMAT " bytes", m->max_fw_size);
        }
        Device *flash = create_flash(m, n, drives[n], (uint64_t)length, err);
        if (!flash) {
            return false;
        }
        sysbus_map((SysBusDevice *)flash, 0, memory, 4 * GiB - total, 0);
        if (n == 0 && !map_low_copy(x86, flash, (uint64_t)length, memory, err)) {
            return false;
        }
    }
    return true;
}
