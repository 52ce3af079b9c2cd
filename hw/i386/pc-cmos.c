/*
 * What a PC board writes into the RTC's memory for its firmware (IBM PC/AT Technical Reference, "Real-time clock/CMOS RAM"; SeaBIOS documentation for the
 * bytes from 0x34 on).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/pc.h"

#include "hw/block/fdc.h"
#include "hw/ide/ide.h"
#include "hw/rtc/mc146818.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

enum {
    CMOS_FLOPPY_TYPES = 0x10, CMOS_DISK_TYPES = 0x12, CMOS_EQUIPMENT = 0x14, CMOS_BASE_MEMORY = 0x15, CMOS_EXTENDED_MEMORY = 0x17,
    CMOS_DISK0_TYPE = 0x19, CMOS_DISK0_GEOMETRY = 0x1b, CMOS_DISK1_GEOMETRY = 0x24,
    CMOS_EXTENDED_MEMORY_POST = 0x30, CMOS_MEMORY_ABOVE_16M = 0x34, CMOS_CENTURY_PS2 = 0x37, CMOS_BOOT_HIGH = 0x38, CMOS_DISK_TRANSLATION = 0x39,
    CMOS_BOOT_LOW = 0x3d, CMOS_MEMORY_ABOVE_4G = 0x5b, CMOS_CPU_COUNT = 0x5f,
    EQUIPMENT_FPU = 0x02, EQUIPMENT_MOUSE = 0x04, BASE_MEMORY_KIB = 640,
};

static void set_word(Device *rtc, uint8_t addr, uint64_t value)
{
    rtc_set_cmos(rtc, addr, (uint8_t)value);
    rtc_set_cmos(rtc, addr + 1, (uint8_t)(value >> 8));
}

static void set_memory(PcMachine *m, Device *rtc)
{
    uint64_t below = m->parent.below_4g_mem_size, above = m->parent.above_4g_mem_size;
    uint64_t extended = below > MiB ? MIN((below - MiB) / KiB, 65535) : 0;
    set_word(rtc, CMOS_BASE_MEMORY, MIN(below / KiB, BASE_MEMORY_KIB));
    set_word(rtc, CMOS_EXTENDED_MEMORY, extended);
    set_word(rtc, CMOS_EXTENDED_MEMORY_POST, extended);
    set_word(rtc, CMOS_MEMORY_ABOVE_16M, below > 16 * MiB ? MIN((below - 16 * MiB) / (64 * KiB), 65535) : 0);
    for (unsigned n = 0; n < 3; n++) {
        rtc_set_cmos(rtc, (uint8_t)(CMOS_MEMORY_ABOVE_4G + n), (uint8_t)(above / (64 * KiB) >> (8 * n)));
    }
}

/* The firmware's number of a boot device: 1 floppy, 2 disk, 3 CD-ROM, 4 network. */
static unsigned boot_device(char letter)
{
    switch (letter) {
    case 'a': case 'b': return 1;
    case 'c': return 2;
    case 'd': return 3;
    case 'n': return 4;
    default: return 0;
    }
}

void pc_set_boot_order(PcMachine *m, const char *order)
{
    Device *rtc = m->parent.rtc;
    unsigned devices[3] = { 0 };
    for (unsigned n = 0; n < 3 && order[n]; n++) {
        devices[n] = boot_device(order[n]);
    }
    rtc_set_cmos(rtc, CMOS_BOOT_LOW, (uint8_t)(devices[1] << 4 | devices[0]));
    rtc_set_cmos(rtc, CMOS_BOOT_HIGH, (uint8_t)(devices[2] << 4 | !m->fd_bootchk));
}

bool pc_boot_set(Machine *machine, const char *order, GError **err)
{
    if (strlen(order) > 3) {
        return error_set(err, "Too many boot devices for PC");
    }
    for (const char *c = order; *c; c++) {
        if (!boot_device(*c)) {
            return error_set(err, "Invalid boot device for PC: '%c'", *c);
        }
    }
    pc_set_boot_order(PC_MACHINE(machine), order);
    return true;
}

/* Type 47 in the old bytes, cylinders, heads and sectors in nine bytes of the disk's own. */
static void set_disk(Device *rtc, int unit, const IdeGeometry *g)
{
    uint8_t at = unit ? CMOS_DISK1_GEOMETRY : CMOS_DISK0_GEOMETRY;
    rtc_set_cmos(rtc, CMOS_DISK0_TYPE + unit, 47);
    set_word(rtc, at, g->cylinders);
    rtc_set_cmos(rtc, at + 2, (uint8_t)g->heads);
    set_word(rtc, at + 3, 0xffff);
    rtc_set_cmos(rtc, at + 5, 0xc0 | (g->heads > 8) << 3);
    set_word(rtc, at + 6, g->cylinders);
    rtc_set_cmos(rtc, at + 8, (uint8_t)g->sectors);
}

static void set_disks(Device *rtc)
{
    uint8_t types = 0, translation = 0;
    for (int unit = 0; unit < 4; unit++) {
        IdeGeometry g;
        if (!ide_get_geometry(unit / 2, unit % 2, &g)) {
            continue;
        }
        if (unit < 2) {
            types |= 0xf0 >> (4 * unit);
            set_disk(rtc, unit, &g);
        }
        translation |= (uint8_t)((g.translation & 3) << (2 * unit));
    }
    rtc_set_cmos(rtc, CMOS_DISK_TYPES, types);
    rtc_set_cmos(rtc, CMOS_DISK_TRANSLATION, translation);
}

void pc_set_cmos(PcMachine *m)
{
    Device *rtc = m->parent.rtc;
    set_memory(m, rtc);
    rtc_set_cmos(rtc, CMOS_CPU_COUNT, (uint8_t)(m->parent.parent.smp.cpus - 1));
    rtc_set_cmos(rtc, CMOS_CENTURY_PS2, rtc_get_cmos(rtc, RTC_CENTURY));
    uint8_t floppies = (uint8_t)(fdc_cmos_type(0) << 4 | fdc_cmos_type(1));
    rtc_set_cmos(rtc, CMOS_FLOPPY_TYPES, floppies);
    rtc_set_cmos(rtc, CMOS_EQUIPMENT, EQUIPMENT_FPU | EQUIPMENT_MOUSE);
    set_disks(rtc);
    pc_set_boot_order(m, m->parent.parent.boot.once ? m->parent.parent.boot.once : m->parent.parent.boot.order);
}
