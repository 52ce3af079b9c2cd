/*
 * The "pc" boards: i440FX host bridge, PIIX3 with IDE, USB and power management (Intel 290549 and 290550 data sheets).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/pc.h"

#include "block/drive.h"
#include "hw/i2c/i2c.h"
#include "hw/i386/apic.h"
#include "hw/ide/ide.h"
#include "hw/pci-host/i440fx.h"
#include "hw/southbridge/piix.h"
#include "hw/timer/hpet.h"
#include "util/bits.h"
#include "util/error.h"

enum { HPET_INTCAP_PIIX = 0x4, PIIX_SMB_IO_BASE = 0xb100 };
#define PIIX_LOW_MEMORY_MAX UINT64_C(0xe0000000)
#define PIIX_LOW_MEMORY_SPLIT UINT64_C(0xc0000000)

/* RAM that reaches 3.5 GiB is split at 3 GiB, so that the pieces lie on whole gigabytes. */
static bool choose_low_end(const PcMachine *m, uint64_t *low_end, GError **err)
{
    uint64_t ram = m->parent.parent.ram_size, max = m->max_ram_below_4g;
    if (max > 4 * GiB) {
        return error_set(err, "Machine option 'max-ram-below-4g=%" G_GUINT64_FORMAT "' expects size less than or equal to 4G", max);
    }
    if (max && max < MiB) {
        warn_report("Only %" G_GUINT64_FORMAT " bytes of RAM below the 4GiB boundary, BIOS may not work with less than 1MiB", max);
    }
    uint64_t low = max ? MIN(max, PIIX_LOW_MEMORY_MAX) : PIIX_LOW_MEMORY_MAX;
    *low_end = ram >= low ? MIN(low, max ? low : PIIX_LOW_MEMORY_SPLIT) : low;
    return true;
}

static I440fxHost *create_host(PcMachine *m, GError **err)
{
    Machine *machine = &m->parent.parent;
    SystemMemory *system = &machine->system_memory;
    memory_region_init(&m->pci_memory, OBJECT(m), "pci", UINT64_MAX);
    memory_region_add_subregion_overlap(&system->memory, 0, &m->pci_memory, -1);
    m->parent.rom_memory = &m->pci_memory;
    I440fxHost *host = I440FX_HOST(device_new("i440FX-pcihost"));
    host->config = (PcHostConfig){ &system->memory, machine->ram, &m->pci_memory, &system->io, m->parent.below_4g_mem_size, m->parent.above_4g_mem_size };
    if (!object_add_child(object_container("/machine"), "i440fx", OBJECT(host), err) || !device_realize(DEVICE(host), NULL, err)) {
        return NULL;
    }
    m->pci_bus = host->parent.bus;
    m->pci_bus->dma_space = &system->memory_space;
    if (x86_has_smm(&m->parent)) {
        pc_open_smm(m, host->smram);
    }
    return host;
}

static void smi_set(void *opaque, int n, int level)
{
    if (level) {
        x86_deliver_smi(false);
    }
}

static bool create_southbridge(PcMachine *m, GError **err)
{
    X86Machine *x86 = &m->parent;
    PiixState *piix = PIIX_STATE(pci_new_multifunction(PCI_DEVFN(1, 0), "PIIX3"));
    piix->has_pic = piix->has_pit = false;
    piix->has_usb = x86->parent.usb;
    piix->has_acpi = x86_has_acpi(x86);
    piix->smb_io_base = PIIX_SMB_IO_BASE;
    piix->smm_enabled = x86_has_smm(x86);
    if (m->hpet_device) {
        piix->rtc_irq = device_irq_input(m->hpet_device, NULL, HPET_LEGACY_RTC_INT);
    }
    for (int n = 0; n < 16; n++) {
        device_connect_irq(DEVICE(piix), "isa-irqs", n, &x86->gsi[n]);
    }
    if (!pci_realize(&piix->parent, m->pci_bus, err)) {
        return false;
    }
    if (piix->pm && piix->smm_enabled) {
        device_connect_irq(DEVICE(piix->pm), "smi-irq", 0, irq_new(smi_set, NULL, 0));
    }
    m->southbridge = &piix->parent;
    m->isa_bus = piix->isa_bus;
    x86->rtc = piix->rtc;
    return true;
}

bool pc_create_hpet(PcMachine *m, uint32_t intcap, GError **err)
{
    if (!m->hpet) {
        return true;
    }
    Device *hpet = device_new("hpet");
    if (!object_set_uint(OBJECT(hpet), HPET_INTCAP, intcap, err) || !device_realize(hpet, NULL, err)) {
        return false;
    }
    sysbus_map((SysBusDevice *)hpet, 0, &m->parent.parent.system_memory.memory, HPET_BASE, 0);
    for (int n = 0; n < PC_GSI_COUNT; n++) {
        device_connect_irq(hpet, IRQ_GROUP_SYSBUS, n, &m->parent.gsi[n]);
    }
    m->hpet_device = hpet;
    return true;
}

static bool create_disks_and_smbus(PcMachine *m, GError **err)
{
    PiixState *piix = PIIX_STATE(m->southbridge);
    if (piix->ide && !ide_create_drives(DEVICE(piix->ide), err)) {
        return false;
    }
    if (piix->pm && m->smbus) {
        I2cBus *bus = (I2cBus *)g_ptr_array_index(piix->pm->parent.buses, 0);
        return smbus_eeprom_create(bus, 8, NULL, 0, err);
    }
    return true;
}

static bool piix_build(Machine *machine, GError **err)
{
    PcMachine *m = PC_MACHINE(machine);
    X86Machine *x86 = &m->parent;
    uint64_t low_end;
    if (!pc_check_options(m, err) || !choose_low_end(m, &low_end, err)) {
        return false;
    }
    if (!x86_create_cpus(x86, err)) {
        return false;
    }
    x86_map_ram(x86, low_end);
    x86_create_gsi(x86);
    if (!create_host(m, err) || !pc_load_roms(m, "bios-256k.bin", err) || !pc_create_hpet(m, HPET_INTCAP_PIIX, err) || !create_southbridge(m, err)) {
        return false;
    }
    if (x86->pic != ON_OFF_AUTO_OFF && !x86_create_pic(x86, m->isa_bus, err)) {
        return false;
    }
    return x86_create_ioapic(x86, "/machine/i440fx", err) && x86_add_fw_cfg(x86, err) && pc_create_vga(m, err) && pc_create_isa_devices(m, true, err) &&
           pci_create_nics(m->pci_bus, machine_type(machine)->default_nic, err) && create_disks_and_smbus(m, err);
}

static const char *const targets[] = { "x86_64", "i386", NULL };
static const MachineType piix_machine = {
    .name = "pc", .parent = "generic-pc-machine", .size = sizeof(PcMachine), .description = "Standard PC (i440FX + PIIX, 1996)", .targets = targets,
    .is_default = true, .smp_levels = pc_smp_levels, .max_cpus = 255, .default_ram = 128 * MiB, .default_ram_id = "pc.ram", .default_nic = "e1000", .default_display = "std",
    .default_disk_interface = IF_IDE, .default_boot_order = "cad", .units_per_bus = 2, .has_hotpluggable_cpus = true,
    .build = piix_build, .finish = pc_finish, .reset = pc_reset, .set_boot_order = pc_boot_set,
};
static void __attribute__((constructor)) register_piix_machines(void) { machine_register_versions(&piix_machine, "pc-i440fx", "pc", pc_i440fx_compat, NULL); }
