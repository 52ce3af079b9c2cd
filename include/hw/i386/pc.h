/*
 * The PC boards: what pc (i440FX), q35, isapc and microvm have in common, and what their firmware tables are made from.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_I386_PC_H
#define HW_I386_PC_H

#include "hw/core/machine.h"
#include "hw/isa/isa.h"
#include "hw/nvram/fw_cfg.h"
#include "hw/pci/pci.h"

enum { PC_GSI_COUNT = 24 };

/* Type "x86-machine", abstract. */
typedef struct X86Machine {
    Machine parent;
    int acpi, smm, pic, pit;                /* OnOffAuto */
    bool hmat;
    char *oem_id, *oem_table_id;
    uint64_t bus_lock_ratelimit;

    uint64_t below_4g_mem_size, above_4g_mem_size;
    MemoryRegion ram_below_4g, ram_above_4g, bios, isa_bios, option_roms;
    MemoryRegion *rom_memory;               /* what ROMs lie in: PCI's space, over which the PAM puts RAM; NULL: the system's */
    FwCfg *fw_cfg;
    bool no_hypertransport_hole;            /* older than what keeps it */
    Device *rtc, *ioapic;
    Irq *gsi;                               /* PC_GSI_COUNT lines: 8259 and I/O APIC */
    Irq *pic_inputs[16];
    uint32_t apic_id_limit;                 /* one more than the largest APIC id that is possible */
} X86Machine;
#define X86_MACHINE(p) ((X86Machine *)(p))

/* Type "generic-pc-machine", abstract. */
typedef struct PcMachine {
    X86Machine parent;
    bool hpet, smbus, sata, i8042, fd_bootchk, cxl, nvdimm, default_bus_bypass_iommu;
    int vmport;                             /* OnOffAuto */
    uint64_t max_fw_size, max_ram_below_4g;
    char *smbios_entry_point, *pflash[2], *pcspk_audiodev, *nvdimm_persistence;

    PciBus *pci_bus;                        /* NULL: isapc */
    IsaBus *isa_bus;
    MemoryRegion pci_memory;
    Device *hpet_device;
    PciDevice *southbridge;                 /* PIIX3 or ICH9-LPC */
    bool booted;                            /* reset once */
    AddressSpace smm_space; MemoryRegion smm_memory, smram_alias, smm_system_alias;
} PcMachine;
#define PC_MACHINE(p) ((PcMachine *)(p))

/* ---- steps of a board's build, in this order ---- */
/* Makes the CPUs of -smp. */
bool x86_create_cpus(X86Machine *m, GError **err);
/* Puts all of -m below low_end and from 4 GiB on; e820 in fw_cfg follows from it. */
void x86_map_ram(X86Machine *m, uint64_t low_end);
/* The file of -bios (or name) below 4 GiB and its last 128 KiB below 1 MiB; writable: RAM, for firmware that keeps its variables
 * there. */
bool x86_load_firmware(X86Machine *m, const char *default_name, bool writable, GError **err);
/* Instead of that: flash for -drive if=pflash or the machine's pflash0 and pflash1. *created: the firmware is there. */
bool pc_create_flash(PcMachine *m, bool *created, GError **err);
/* fw_cfg with what every PC firmware asks for. */
bool x86_add_fw_cfg(X86Machine *m, GError **err);
/* gsi lines to the 8259 pair (when pic_inputs are filled) and the I/O APIC. */
void x86_create_gsi(X86Machine *m);
bool x86_create_ioapic(X86Machine *m, const char *parent_path, GError **err);
/* The 8259 pair on the bus; fills pic_inputs. */
bool x86_create_pic(X86Machine *m, IsaBus *bus, GError **err);
/* -kernel, -initrd, -append, -dtb by way of fw_cfg and option ROMs. */
bool x86_load_kernel(X86Machine *m, GError **err);
bool x86_has_acpi(const X86Machine *m);
bool x86_has_smm(const X86Machine *m);

/* ---- hw/i386/pc*.c ---- */
extern const char *const pc_smp_levels[];     /* of -smp, as MachineType has them */
/* Refuses what is not there yet, by name. */
bool pc_check_options(const PcMachine *m, GError **err);
/* RTC contents that the firmware reads (memory, boot order, floppies); after the drives are there. */
void pc_set_cmos(PcMachine *m);
/* "cad" into the RTC's memory. */
void pc_set_boot_order(PcMachine *m, const char *order);
bool pc_boot_set(Machine *machine, const char *order, GError **err);      /* the same, checked, for the monitor */
/* Timer, speaker, serial, parallel, floppy, keyboard, A20, port 92. */
bool pc_create_isa_devices(PcMachine *m, bool has_floppy_controller, GError **err);
bool pc_create_vga(PcMachine *m, GError **err);
bool pc_create_hpet(PcMachine *m, uint32_t intcap, GError **err);     /* when the machine has one */
/* Firmware (when nothing else is asked for: the file of that name) and the room for option ROMs. */
bool pc_load_roms(PcMachine *m, const char *default_firmware, GError **err);
/* MachineType.finish and reset. */
bool pc_finish(Machine *machine, GError **err);
void pc_reset(Machine *machine);
/* A number of the power management function (disable_s3 ...), PIIX4_PM or ICH9-LPC; 0 when it has none of that name. */
uint8_t pc_pm_property(const PcMachine *m, const char *name);
/* Memory as a CPU in SMM sees it, from the host bridge's SMRAM. */
void pc_open_smm(PcMachine *m, MemoryRegion *smram);

/* ---- firmware tables, made when everything is plugged ---- */
bool acpi_setup(PcMachine *m, GError **err);
/* -acpitable, before the machine is finished. */
bool acpi_table_add(const char *options_text, GError **err);

/* ---- versions ---- */
extern const MachineVersion pc_i440fx_compat[], pc_q35_compat[];

#endif
