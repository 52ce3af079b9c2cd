/*
 * What every x86 board has: processors, RAM below and above 4 GiB, firmware at the top, interrupt lines.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/pc.h"

#include "hw/core/loader.h"
#include "hw/i386/apic.h"
#include "hw/i386/smm.h"
#include "hw/intc/i8259.h"
#include "hw/intc/ioapic.h"
#include "util/bits.h"
#include "util/error.h"

enum { ISA_BIOS_MAX = 128 * 1024, OPTION_ROM_BASE = 0xc0000, OPTION_ROM_SIZE = 0x20000 };

bool x86_has_acpi(const X86Machine *m) { return m->acpi != ON_OFF_AUTO_OFF; }

bool x86_has_smm(const X86Machine *m) { return m->smm == ON_OFF_AUTO_ON || (m->smm == ON_OFF_AUTO_AUTO && x86_smm_possible()); }

bool x86_create_cpus(X86Machine *m, GError **err)
{
    if (m->smm == ON_OFF_AUTO_ON && !x86_smm_possible()) {
        return error_set(err, "System Management Mode not supported by this hypervisor.");
    }
    Machine *machine = &m->parent;
    for (unsigned n = 0; n < machine->smp.cpus; n++) {
        Cpu *cpu = machine->arch->new_cpu(machine->arch, machine->cpu_model, err);
        if (cpu && machine->cpu_nodes && !object_set_int(OBJECT(cpu), "node-id", machine->cpu_nodes[n], err)) {
            return false;
        }
        if (!cpu || !device_realize(DEVICE(cpu), NULL, err)) {
            return false;
        }
        GVariant *id = object_get(OBJECT(cpu), "apic-id", err);
        if (!id) {
            return false;
        }
        uint32_t apic_id = g_variant_is_of_type(id, G_VARIANT_TYPE_UINT64) ? (uint32_t)g_variant_get_uint64(id) : n;
        m->apic_id_limit = MAX(m->apic_id_limit, apic_id + 1);
        g_variant_unref(id);
    }
    return true;
}

void x86_map_ram(X86Machine *m, uint64_t low_end)
{
    Machine *machine = &m->parent;
    MemoryRegion *memory = &machine->system_memory.memory;
    m->below_4g_mem_size = MIN(machine->ram_size, low_end);
    m->above_4g_mem_size = machine->ram_size - m->below_4g_mem_size;
    memory_region_init_alias(&m->ram_below_4g, OBJECT(m), "ram-below-4g", machine->ram, 0, m->below_4g_mem_size);
    memory_region_add_subregion(memory, 0, &m->ram_below_4g);
    if (m->above_4g_mem_size) {
        memory_region_init_alias(&m->ram_above_4g, OBJECT(m), "ram-above-4g", machine->ram, m->below_4g_mem_size, m->above_4g_mem_size);
        memory_region_add_subregion(memory, 4 * GiB, &m->ram_above_4g);
    }
}

bool x86_load_firmware(X86Machine *m, const char *default_name, bool writable, GError **err)
{
    const char *name = m->parent.firmware ? m->parent.firmware : default_name;
    g_autofree char *path = firmware_find(name);
    g_autofree char *data = NULL;
    gsize size;
    g_autoptr(GError) failure = NULL;
    if (!path) {
        return firmware_missing(name, err);
    }
    if (!g_file_get_contents(path, &data, &size, &failure)) {
        return error_set(err, "could not load PC BIOS '%s': %s", name, failure->message);
    }
    if (size == 0 || size % (64 * KiB) || size > 16 * MiB) {
        return error_set(err, "could not load PC BIOS '%s': its size is no multiple of 64 KiB up to 16 MiB", name);
    }
    MemoryRegion *memory = m->rom_memory ? m->rom_memory : &m->parent.system_memory.memory;
    bool made = writable ? memory_region_init_ram(&m->bios, OBJECT(m), "pc.bios", size, err) : memory_region_init_rom(&m->bios, OBJECT(m), "pc.bios", size, err);
    if (!made) {
        return false;
    }
    memcpy(memory_region_ram_ptr(&m->bios), data, size);
    uint64_t isa_size = MIN(size, ISA_BIOS_MAX);
    memory_region_init_alias(&m->isa_bios, OBJECT(m), "isa-bios", &m->bios, size - isa_size, isa_size);
    memory_region_add_subregion_overlap(memory, MiB - isa_size, &m->isa_bios, 1);
    memory_region_set_readonly(&m->isa_bios, !writable);
    memory_region_add_subregion(memory, 4 * GiB - size, &m->bios);
    g_autofree char *base = g_path_get_basename(path);
    if (writable) {
        /* A reset brings it back. */
        return rom_add_blob(base, data, size, 4 * GiB - size, &m->parent.system_memory.memory_space, err);
    }
    rom_note(base, size, 4 * GiB - size);
    return true;
}

/* ---- interrupts ---- */

static void gsi_set(void *opaque, int n, int level)
{
    X86Machine *m = opaque;
    if (n < 16 && m->pic_inputs[n]) {
        irq_set(m->pic_inputs[n], level);
    }
    if (m->ioapic) {
        irq_set(device_irq_input(m->ioapic, NULL, n), level);
    }
}

void x86_create_gsi(X86Machine *m) { m->gsi = irq_new_array(gsi_set, m, PC_GSI_COUNT); }

bool x86_create_ioapic(X86Machine *m, const char *parent_path, GError **err)
{
    m->ioapic = ioapic_new();
    if (parent_path && !object_add_child(object_resolve(parent_path, NULL), "ioapic", OBJECT(m->ioapic), err)) {
        return false;
    }
    if (!device_realize(m->ioapic, NULL, err)) {
        return false;
    }
    sysbus_map((SysBusDevice *)m->ioapic, 0, &m->parent.system_memory.memory, IOAPIC_DEFAULT_ADDRESS, 0);
    return true;
}

static void pic_output(void *opaque, int n, int level) { x86_pic_set_output(level); }

bool x86_create_pic(X86Machine *m, IsaBus *bus, GError **err)
{
    return i8259_create(bus, irq_new(pic_output, NULL, 0), m->pic_inputs, err);
}

/* ---- the type ---- */

static const Property x86_properties[] = {
    PROP_ON_OFF_AUTO("acpi", X86Machine, acpi, ON_OFF_AUTO_AUTO, .description = "Enable ACPI"),
    PROP_SIZE("bus-lock-ratelimit", X86Machine, bus_lock_ratelimit, 0, .type_name = "uint64_t", .description = "Set the ratelimit for the bus locks acquired in VMs"),
    PROP_BOOL("hmat", X86Machine, hmat, false, .description = "Set on/off to enable/disable ACPI Heterogeneous Memory Attribute Table (HMAT)"),
    PROP_ON_OFF_AUTO("pic", X86Machine, pic, ON_OFF_AUTO_AUTO, .description = "Enable i8259 PIC"),
    PROP_ON_OFF_AUTO("pit", X86Machine, pit, ON_OFF_AUTO_AUTO, .description = "Enable i8254 PIT"),
    PROP_ON_OFF_AUTO("smm", X86Machine, smm, ON_OFF_AUTO_AUTO, .description = "Enable SMM"),
    PROP_STRING("x-oem-id", X86Machine, oem_id, "BOCHS ", .description = "Override the default value of field OEMID in ACPI table header"),
    PROP_STRING("x-oem-table-id", X86Machine, oem_table_id, "BXPC    ", .description = "Override the default value of field OEM Table ID in ACPI table header"),
};
static const MachineType x86_machine = {
    .name = "x86-machine", .parent = "machine", .size = sizeof(X86Machine), .abstract = true, .properties = PROPERTIES(x86_properties),
};
REGISTER_TYPE(x86_machine)
