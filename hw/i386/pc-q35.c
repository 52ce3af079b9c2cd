/*
 * The "q35" boards: Q35 host bridge with PCI Express, ICH9 with AHCI and SMBus (Intel 316966 and 316972 data sheets).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/pc.h"

#include "block/drive.h"
#include "hw/i2c/i2c.h"
#include "hw/ide/ide.h"
#include "hw/pci-host/q35.h"
#include "hw/southbridge/ich9.h"
#include "hw/timer/hpet.h"
#include "util/bits.h"
#include "util/error.h"

enum { HPET_INTCAP_ICH9 = 0xff0104 };
#define Q35_LOW_MEMORY_MAX UINT64_C(0xb0000000)
#define Q35_LOW_MEMORY_SPLIT UINT64_C(0x80000000)

static Q35Host *create_host(PcMachine *m, GError **err)
{
    Machine *machine = &m->parent.parent;
    SystemMemory *system = &machine->system_memory;
    memory_region_init(&m->pci_memory, OBJECT(m), "pci", UINT64_MAX);
    memory_region_add_subregion_overlap(&system->memory, 0, &m->pci_memory, -1);
    m->parent.rom_memory = &m->pci_memory;
    Q35Host *host = Q35_HOST(device_new("q35-pcihost"));
    host->config = (PcHostConfig){ &system->memory, machine->ram, &m->pci_memory, &system->io, m->parent.below_4g_mem_size, m->parent.above_4g_mem_size };
    host->smm_ranges = x86_has_smm(&m->parent);
    if (!object_add_child(object_container("/machine"), "q35", OBJECT(host), err) || !device_realize(DEVICE(host), NULL, err)) {
        return NULL;
    }
    m->pci_bus = host->parent.parent.bus;
    m->pci_bus->dma_space = &system->memory_space;
    if (host->smm_ranges) {
        pc_open_smm(m, host->smram);
    }
    return host;
}

static bool create_southbridge(PcMachine *m, GError **err)
{
    X86Machine *x86 = &m->parent;
    Ich9Lpc *lpc = ICH9_LPC(pci_new_multifunction(PCI_DEVFN(ICH9_LPC_DEV, ICH9_LPC_FUNC), "ICH9-LPC"));
    lpc->smm_enabled = x86_has_smm(x86);
    if (m->hpet_device) {
        lpc->rtc_irq = device_irq_input(m->hpet_device, NULL, HPET_LEGACY_RTC_INT);
    }
    for (int n = 0; n < ICH9_GSI_COUNT; n++) {
        device_connect_irq(DEVICE(lpc), "gsi", n, &x86->gsi[n]);
    }
    if (!pci_realize(&lpc->parent, m->pci_bus, err)) {
        return false;
    }
    m->southbridge = &lpc->parent;
    m->isa_bus = lpc->isa_bus;
    x86->rtc = lpc->rtc;
    return true;
}

static bool create_sata(PcMachine *m, GError **err)
{
    if (!m->sata || !object_type_find("ich9-ahci")) {
        return true;
    }
    PciDevice *ahci = pci_new_multifunction(PCI_DEVFN(ICH9_LPC_DEV, ICH9_SATA_FUNC), "ich9-ahci");
    return pci_realize(ahci, m->pci_bus, err) && ide_create_drives(DEVICE(ahci), err);
}

static bool create_smbus(PcMachine *m, GError **err)
{
    if (!m->smbus) {
        return true;
    }
    PciDevice *smb = pci_new_multifunction(PCI_DEVFN(ICH9_LPC_DEV, ICH9_SMB_FUNC), "ICH9-SMB");
    return pci_realize(smb, m->pci_bus, err) && smbus_eeprom_create((I2cBus *)g_ptr_array_index(smb->parent.buses, 0), 8, NULL, 0, err);
}

static bool q35_build(Machine *machine, GError **err)
{
    PcMachine *m = PC_MACHINE(machine);
    X86Machine *x86 = &m->parent;
    uint64_t low = m->max_ram_below_4g ? MIN(m->max_ram_below_4g, Q35_LOW_MEMORY_MAX) : Q35_LOW_MEMORY_MAX;
    if (m->max_ram_below_4g > 4 * GiB) {
        return error_set(err, "Machine option 'max-ram-below-4g=%" G_GUINT64_FORMAT "' expects size less than or equal to 4G", m->max_ram_below_4g);
    }
    if (!pc_check_options(m, err) || !x86_create_cpus(x86, err)) {
        return false;
    }
    x86_map_ram(x86, machine->ram_size >= low && !m->max_ram_below_4g ? Q35_LOW_MEMORY_SPLIT : low);
    x86_create_gsi(x86);
    if (!create_host(m, err) || !pc_load_roms(m, "bios-256k.bin", err) || !pc_create_hpet(m, HPET_INTCAP_ICH9, err) || !create_southbridge(m, err)) {
        return false;
    }
    if (x86->pic != ON_OFF_AUTO_OFF && !x86_create_pic(x86, m->isa_bus, err)) {
        return false;
    }
    if (!x86_create_ioapic(x86, "/machine/q35", err) || !x86_add_fw_cfg(x86, err)) {
        return false;
    }
    ich9_lpc_add_fw_cfg(ICH9_LPC(m->southbridge), x86->fw_cfg);
    bool has_floppies = drive_get_max_bus(IF_FLOPPY) >= 0;     /* the chipset has no controller of them; one comes with the drives */
    return pc_create_vga(m, err) && pc_create_isa_devices(m, has_floppies, err) && create_sata(m, err) && create_smbus(m, err) &&
           pci_create_nics(m->pci_bus, machine_type(machine)->default_nic, err);
}

static const char *const targets[] = { "x86_64", "i386", NULL };
static const MachineType q35_machine = {
    .name = "q35", .parent = "generic-pc-machine", .size = sizeof(PcMachine), .description = "Standard PC (Q35 + ICH9, 2009)", .targets = targets,
    .smp_levels = pc_smp_levels, .max_cpus = 4096, .default_ram = 128 * MiB, .default_ram_id = "pc.ram", .default_nic = "e1000e", .default_display = "std",
    .default_disk_interface = IF_IDE, .default_boot_order = "cad", .units_per_bus = 1, .no_floppy = true, .has_hotpluggable_cpus = true,
    .build = q35_build, .finish = pc_finish, .reset = pc_reset, .set_boot_order = pc_boot_set,
};
static void __attribute__((constructor)) register_q35_machines(void) { machine_register_versions(&q35_machine, "pc-q35", "q35", pc_q35_compat, NULL); }
