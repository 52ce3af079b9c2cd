/*
 * The last steps of a PC board, when every device is there: ROMs, CMOS, firmware tables, boot order; and reset.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/pc.h"

#include "hw/core/loader.h"
#include "hw/nvram/boot-order.h"
#include "hw/smbios/smbios.h"
#include "util/bits.h"
#include "util/error.h"

enum { PC_ROM_BASE = 0xc0000, PC_ROM_SIZE = 0x20000 };

/* Without a host bridge that could put RAM over the ROMs, both are RAM that holds their contents. */
bool pc_load_roms(PcMachine *m, const char *default_firmware, GError **err)
{
    X86Machine *x86 = &m->parent;
    bool flash, shadow = !m->pci_bus && !x86->rom_memory;
    if (!pc_create_flash(m, &flash, err) || (!flash && !x86_load_firmware(x86, default_firmware, shadow, err))) {
        return false;
    }
    bool made = shadow ? memory_region_init_ram(&x86->option_roms, OBJECT(m), "pc.rom", PC_ROM_SIZE, err)
                       : memory_region_init_rom(&x86->option_roms, OBJECT(m), "pc.rom", PC_ROM_SIZE, err);
    if (!made) {
        return false;
    }
    MemoryRegion *memory = x86->rom_memory ? x86->rom_memory : &x86->parent.system_memory.memory;
    memory_region_add_subregion_overlap(memory, PC_ROM_BASE, &x86->option_roms, 1);
    return true;
}

static void add_boot_order(X86Machine *m)
{
    size_t size;
    char *text = boot_order_text(m->parent.boot.has_strict && m->parent.boot.strict, &size);
    g_free(fw_cfg_modify_file(m->fw_cfg, "bootorder", text, size));
}

uint8_t pc_pm_property(const PcMachine *m, const char *name)
{
    Object *pm = object_child(OBJECT(m->southbridge), "pm");
    GVariant *value = object_get(pm ? pm : OBJECT(m->southbridge), name, NULL);
    uint8_t byte = value && g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64) ? (uint8_t)g_variant_get_uint64(value) : 0;
    g_clear_pointer(&value, g_variant_unref);
    return byte;
}

/* Which sleep states there are, by number: bit 7 the state is there, below it its SLP_TYP. */
static void add_system_states(PcMachine *m)
{
    uint8_t states[] = { 0x80, 0x00, 0x00, 0x01, 0x00, 0x80 };
    states[3] |= pc_pm_property(m, "disable_s3") ? 0 : 0x80;
    states[4] = (uint8_t)(pc_pm_property(m, "s4_val") | (pc_pm_property(m, "disable_s4") ? 0 : 0x80));
    fw_cfg_add_file(m->parent.fw_cfg, "etc/system-states", g_memdup2(states, sizeof(states)), sizeof(states));
}

static bool add_smbios(PcMachine *m, GError **err)
{
    if (!m->pci_bus) {
        return true;    /* older than SMBIOS */
    }
    const X86Machine *x86 = &m->parent;
    SmbiosMachine facts = {
        .machine = MACHINE(m), .entry_point = m->smbios_entry_point, .nr_ranges = x86->above_4g_mem_size ? 2 : 1,
        .ranges = { { 0, x86->below_4g_mem_size }, { 4 * GiB, x86->above_4g_mem_size } },
    };
    return smbios_setup(&facts, x86->fw_cfg, err);
}

bool pc_finish(Machine *machine, GError **err)
{
    PcMachine *m = PC_MACHINE(machine);
    X86Machine *x86 = &m->parent;
    pc_set_cmos(m);
    if (m->southbridge) {
        add_system_states(m);
    }
    fw_cfg_add_file(x86->fw_cfg, "bios-geometry", g_strdup(""), 0);
    if (!x86_load_kernel(x86, err) || !add_smbios(m, err) || (x86_has_acpi(x86) && !acpi_setup(m, err))) {
        return false;
    }
    add_boot_order(x86);
    return true;
}

void pc_reset(Machine *machine)
{
    PcMachine *m = PC_MACHINE(machine);
    reset_all();
    rom_write_all();
    CPU_FOREACH(cpu) {
        cpu_reset(cpu);
    }
    /* "once" is for the first boot alone. */
    if (machine->boot.once && m->booted) {
        pc_set_boot_order(m, machine->boot.order);
    }
    m->booted = true;
}
