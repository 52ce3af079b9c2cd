/*
 * "isapc": a PC/AT without PCI (IBM PC/AT Technical Reference): ISA devices, one processor, the 8259 pair alone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/pc.h"

#include "block/drive.h"
#include "hw/dma/i8257.h"
#include "hw/ide/ide.h"
#include "hw/rtc/mc146818.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

enum { NE2000_MAX = 6, IDE_CHANNELS = 2 };
#define ISA_RAM_MAX UINT64_C(0xe0000000)

static const struct { uint16_t command, control; uint8_t irq; } ide_channels[IDE_CHANNELS] = { { 0x1f0, 0x3f6, 14 }, { 0x170, 0x376, 15 } };
/* The jumpers of the first, second ... NE2000. */
static const struct { uint16_t iobase; uint8_t irq; } ne2000_places[NE2000_MAX] = { { 0x300, 9 }, { 0x320, 10 }, { 0x340, 11 }, { 0x360, 3 }, { 0x280, 4 }, { 0x380, 5 } };

static bool create_chips(PcMachine *m, GError **err)
{
    X86Machine *x86 = &m->parent;
    SystemMemory *system = &x86->parent.system_memory;
    Irq *lines[16];
    Device *dma[2];
    m->isa_bus = isa_bus_new(NULL, &system->memory, &system->io);
    for (int n = 0; n < 16; n++) {
        lines[n] = &x86->gsi[n];
    }
    isa_bus_set_irqs(m->isa_bus, lines);
    if (x86->pic != ON_OFF_AUTO_OFF && !x86_create_pic(x86, m->isa_bus, err)) {
        return false;
    }
    x86->rtc = mc146818_create(m->isa_bus, 0, NULL, err);
    return x86->rtc && i8257_create_pair(m->isa_bus, OBJECT(m), &system->memory_space, false, dma, err);
}

static bool create_vga(const PcMachine *m, GError **err)
{
    const char *vga = m->parent.parent.vga;
    if (vga && !strcmp(vga, "none")) {
        return true;
    }
    if (vga && strcmp(vga, "std")) {
        return error_set(err, "-vga %s: isapc has no such card, or it is not implemented; it has: std, none", vga);
    }
    return isa_create(m->isa_bus, "isa-vga", err) != NULL;
}

/* NICs of other models stay unused, which is warned of later. */
static bool create_nics(const PcMachine *m, GError **err)
{
    NicInfo *nic;
    for (unsigned n = 0; (nic = nic_take("ne2k_isa", true, NULL)); n++) {
        if (n == NE2000_MAX) {
            return error_set(err, "isapc has room for %d NICs", NE2000_MAX);
        }
        Device *dev = device_new("ne2k_isa");
        if (!object_set_uint(OBJECT(dev), "iobase", ne2000_places[n].iobase, err) || !object_set_uint(OBJECT(dev), "irq", ne2000_places[n].irq, err) ||
            !nic_apply(nic, dev, err) || !device_realize(dev, &m->isa_bus->parent, err)) {
            return false;
        }
    }
    return true;
}

static bool create_disks(const PcMachine *m, GError **err)
{
    for (int n = 0; n < IDE_CHANNELS; n++) {
        if (!isa_ide_create(m->isa_bus, ide_channels[n].command, ide_channels[n].control, ide_channels[n].irq, n, err)) {
            return false;
        }
    }
    return true;
}

static bool isapc_build(Machine *machine, GError **err)
{
    PcMachine *m = PC_MACHINE(machine);
    X86Machine *x86 = &m->parent;
    if (!pc_check_options(m, err)) {
        return false;
    }
    if (machine->ram_size > ISA_RAM_MAX) {
        return error_set(err, "Too much memory for this machine: %" G_GUINT64_FORMAT " MiB, maximum %" G_GUINT64_FORMAT " MiB", machine->ram_size / MiB, ISA_RAM_MAX / MiB);
    }
    /* It has neither: no chip of it could switch anything off. */
    x86->acpi = ON_OFF_AUTO_OFF;
    m->hpet = false;
    x86->no_hypertransport_hole = true;
    if (!x86_create_cpus(x86, err)) {
        return false;
    }
    x86_map_ram(x86, ISA_RAM_MAX);
    x86_create_gsi(x86);
    return pc_load_roms(m, "bios.bin", err) && create_chips(m, err) && x86_add_fw_cfg(x86, err) && create_vga(m, err) && pc_create_isa_devices(m, true, err) &&
           create_nics(m, err) && create_disks(m, err);
}

static const char *const targets[] = { "x86_64", "i386", NULL };
static const MachineType isapc = {
    .name = "isapc-machine", .parent = "generic-pc-machine", .size = sizeof(PcMachine), .machine_name = "isapc", .description = "ISA-only PC", .targets = targets,
    .smp_levels = pc_smp_levels, .max_cpus = 1, .default_cpu = "486", .default_ram = 128 * MiB, .default_ram_id = "pc.ram", .default_nic = "ne2k_isa", .default_display = "std",
    .default_disk_interface = IF_IDE, .default_boot_order = "cad", .units_per_bus = 2,
    .build = isapc_build, .finish = pc_finish, .reset = pc_reset, .set_boot_order = pc_boot_set,
};
REGISTER_TYPE(isapc)
