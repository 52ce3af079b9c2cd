/*
 * The PC's ACPI tables, in their order. The firmware sizes the PCI windows first: they are made when it selects them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/acpi/tables.h"

#include "hw/acpi/cpu_hotplug.h"
#include "util/error.h"

enum { HEADER_SIZE = 36 };

bool acpi_is_q35(const AcpiBuild *b) { return object_is_a(OBJECT(acpi_pc(b)->southbridge), "ICH9-LPC"); }

uint32_t acpi_add_dsdt(AcpiBuild *b)
{
    uint32_t start = b->tables->len;
    const uint8_t *aml = acpi_is_q35(b) ? dsdt_q35 : dsdt_pc;
    size_t size = acpi_is_q35(b) ? dsdt_q35_size : dsdt_pc_size;
    acpi_table_begin(b, "DSDT", 1, false);
    g_byte_array_append(b->tables, aml + HEADER_SIZE, (guint)(size - HEADER_SIZE));
    acpi_table_end(b, start);
    return start;
}

static void add_tables(AcpiBuild *b)
{
    uint32_t facs = acpi_add_facs(b), dsdt = acpi_add_dsdt(b);
    acpi_add_fadt(b, facs, dsdt);
    acpi_add_ssdt(b);
    acpi_add_madt(b);
    acpi_add_hpet(b);
    acpi_add_mcfg(b);
    acpi_add_srat(b);
    acpi_add_slit(b, MACHINE(acpi_pc(b)));
    acpi_add_waet(b);
    acpi_add_user_tables(b);
}

static void tell_hotplug(const PcMachine *m)
{
    unsigned count;
    g_autofree uint32_t *ids = acpi_cpu_ids(m, &count, NULL);
    AcpiCpuHotplug *hotplug = acpi_cpu_hotplug_find();
    if (!hotplug) {
        return;
    }
    g_autofree uint64_t *arch_ids = g_new(uint64_t, count);
    for (unsigned n = 0; n < count; n++) {
        arch_ids[n] = ids[n];
    }
    acpi_cpu_hotplug_set_slots(hotplug, arch_ids, count);
    CPU_FOREACH(cpu) {
        if ((unsigned)cpu->index < count) {
            acpi_cpu_hotplug_plug(hotplug, ids[cpu->index], DEVICE(cpu), false);
        }
    }
}

bool acpi_setup(PcMachine *m, GError **err)
{
    if (!m->southbridge) {
        return true;
    }
    AcpiBoard *board = g_new(AcpiBoard, 1);                 /* as old as the machine */
    *board = (AcpiBoard){ .board = m, .oem_id = m->parent.oem_id, .oem_table_id = m->parent.oem_table_id, .add_tables = add_tables };
    acpi_add_files(m->parent.fw_cfg, board);
    tell_hotplug(m);
    return true;
}
