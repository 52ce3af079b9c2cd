/*
 * The tables of fixed layout (ACPI 6.3, chapter 5.2; IA-PC HPET 1.0a, 3.2.4; PCI Firmware Specification 3.2, 4.1.2; Microsoft's WAET).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/acpi/tables.h"

#include "hw/acpi/apm.h"
#include "hw/intc/ioapic.h"
#include "hw/i386/apic.h"
#include "hw/pci-host/q35.h"
#include "hw/timer/hpet.h"
#include "util/bits.h"

#include <string.h>

uint32_t *acpi_cpu_ids(const PcMachine *m, unsigned *count, bool **present)
{
    const SmpConfig *smp = &m->parent.parent.smp;
    unsigned bits[4] = { 0 }, sizes[4] = { smp->threads, smp->cores, smp->modules, smp->dies };
    uint32_t *ids = g_new(uint32_t, smp->max_cpus);
    *count = smp->max_cpus;
    for (unsigned level = 0; level < 4; level++) {
        sizes[level] = MAX(sizes[level], 1);
        while (1u << bits[level] < sizes[level]) {
            bits[level]++;
        }
    }
    for (unsigned n = 0; n < smp->max_cpus; n++) {
        unsigned rest = n, shift = 0;
        ids[n] = 0;
        for (unsigned level = 0; level < 4; level++) {
            ids[n] |= rest % sizes[level] << shift;
            rest /= sizes[level];
            shift += bits[level];
        }
        ids[n] |= rest << shift;
    }
    if (present) {
        *present = g_new0(bool, smp->max_cpus);
        CPU_FOREACH(cpu) {
            if ((unsigned)cpu->index < smp->max_cpus) {
                (*present)[cpu->index] = true;
            }
        }
    }
    return ids;
}

/* ---- FACS, FADT ---- */

uint32_t acpi_add_facs(AcpiBuild *b)
{
    uint32_t start = b->tables->len;
    g_byte_array_append(b->tables, (const guint8 *)"FACS", 4);
    acpi_put(b, 64, 4);
    acpi_put_zeros(b, 56);
    return start;
}

enum {
    PM_BASE = 0x600, SCI = 9, GPE_PIIX = 0xafe0, GPE_ICH9 = PM_BASE + 0x20, RESET_PORT = 0xcf9, RESET_VALUE = 0x0f,
    FADT_WBINVD = 1 << 0, FADT_PROC_C1 = 1 << 2, FADT_SLP_BUTTON = 1 << 5, FADT_RTC_S4 = 1 << 7, FADT_RESET_REG = 1 << 10, FADT_PLATFORM_CLOCK = 1 << 15,
    IAPC_8042 = 1 << 1, SPACE_IO = 1,
};

/* Generic address structure (5.2.3.2); bits 0: not there. */
static void put_gas(AcpiBuild *b, uint64_t address, uint8_t bits)
{
    acpi_put(b, bits ? SPACE_IO : 0, 1);
    acpi_put(b, bits, 1);
    acpi_put(b, 0, 2);
    acpi_put(b, bits ? address : 0, 8);
}

static void put_table_pointer(AcpiBuild *b, uint32_t target, unsigned size)
{
    acpi_loader_pointer(b, ACPI_TABLES_FILE, ACPI_TABLES_FILE, b->tables->len, (uint8_t)size);
    acpi_put(b, target, size);
}

void acpi_add_fadt(AcpiBuild *b, uint32_t facs, uint32_t dsdt)
{
    uint32_t gpe = acpi_is_q35(b) ? GPE_ICH9 : GPE_PIIX;
    uint8_t gpe_len = acpi_is_q35(b) ? 16 : 4;
    uint32_t start = acpi_table_begin(b, "FACP", acpi_is_q35(b) ? 3 : 1, true);
    put_table_pointer(b, facs, 4);
    put_table_pointer(b, dsdt, 4);
    acpi_put(b, 1, 1);                                      /* model: dual 8259 */
    acpi_put(b, 0, 1);
    acpi_put(b, SCI, 2);
    acpi_put(b, APM_CONTROL_PORT, 4);
    acpi_put(b, acpi_is_q35(b) ? ICH9_ACPI_ENABLE : PIIX4_ACPI_ENABLE, 1);
    acpi_put(b, acpi_is_q35(b) ? ICH9_ACPI_DISABLE : PIIX4_ACPI_DISABLE, 1);
    acpi_put(b, 0, 2);
    const uint32_t blocks[] = { PM_BASE, 0, PM_BASE + 4, 0, 0, PM_BASE + 8, gpe, 0 };
    for (size_t n = 0; n < ARRAY_SIZE(blocks); n++) {
        acpi_put(b, blocks[n], 4);
    }
    const uint8_t lengths[] = { 4, 2, 0, 4, gpe_len, 0, 0, 0 };
    g_byte_array_append(b->tables, lengths, sizeof(lengths));
    acpi_put(b, 0xfff, 2);                                  /* C2 and C3 are not supported */
    acpi_put(b, 0xfff, 2);
    acpi_put_zeros(b, 8);                                   /* cache, duty cycle, RTC alarm */
    acpi_put(b, 0x32, 1);                                   /* century */
    acpi_put(b, acpi_is_q35(b) ? IAPC_8042 : 0, 2);
    acpi_put(b, 0, 1);
    uint32_t flags = FADT_WBINVD | FADT_PROC_C1 | FADT_SLP_BUTTON | FADT_RTC_S4 | FADT_PLATFORM_CLOCK | (acpi_is_q35(b) ? FADT_RESET_REG : 0);
    acpi_put(b, flags, 4);
    if (acpi_is_q35(b)) {
        put_gas(b, RESET_PORT, 8);
        acpi_put(b, RESET_VALUE, 1);
        acpi_put_zeros(b, 3);
        acpi_put(b, 0, 8);
        put_table_pointer(b, dsdt, 8);
        put_gas(b, PM_BASE, 32);
        put_gas(b, 0, 0);
        put_gas(b, PM_BASE + 4, 16);
        put_gas(b, 0, 0);
        put_gas(b, 0, 0);
        put_gas(b, PM_BASE + 8, 32);
        put_gas(b, gpe, (uint8_t)(gpe_len * 8));
        put_gas(b, 0, 0);
    }
    acpi_table_end(b, start);
}

/* ---- MADT (5.2.12) ---- */

enum { MADT_APIC = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2, MADT_LAPIC_NMI = 4, MADT_X2APIC = 9, MADT_X2APIC_NMI = 10, PCAT_COMPAT = 1, LEVEL_HIGH = 0x0d };

static void put_override(AcpiBuild *b, uint8_t source, uint32_t gsi, uint16_t flags)
{
    acpi_put(b, MADT_OVERRIDE, 1);
    acpi_put(b, 10, 1);
    acpi_put(b, 0, 1);
    acpi_put(b, source, 1);
    acpi_put(b, gsi, 4);
    acpi_put(b, flags, 2);
}

static void put_processor(AcpiBuild *b, unsigned uid, uint32_t id, bool enabled)
{
    if (id < 255) {
        acpi_put(b, MADT_APIC, 1);
        acpi_put(b, 8, 1);
        acpi_put(b, uid, 1);
        acpi_put(b, id, 1);
        acpi_put(b, enabled, 4);
        return;
    }
    acpi_put(b, MADT_X2APIC, 1);
    acpi_put(b, 16, 1);
    acpi_put(b, 0, 2);
    acpi_put(b, id, 4);
    acpi_put(b, enabled, 4);
    acpi_put(b, uid, 4);
}

void acpi_add_madt(AcpiBuild *b)
{
    unsigned count;
    bool *present, wide = false;
    g_autofree uint32_t *ids = acpi_cpu_ids(acpi_pc(b), &count, &present);
    uint32_t start = acpi_table_begin(b, "APIC", 3, true);
    acpi_put(b, APIC_DEFAULT_ADDRESS, 4);
    acpi_put(b, PCAT_COMPAT, 4);
    for (unsigned n = 0; n < count; n++) {
        put_processor(b, n, ids[n], present[n]);
        wide |= ids[n] >= 255;
    }
    g_free(present);
    acpi_put(b, MADT_IOAPIC, 1);
    acpi_put(b, 12, 1);
    acpi_put(b, 0, 2);
    acpi_put(b, IOAPIC_DEFAULT_ADDRESS, 4);
    acpi_put(b, 0, 4);
    put_override(b, 0, 2, 0);
    /* What the PCI links may use, and the SCI, is level-triggered; all else keeps the ISA bus's meaning. */
    static const uint8_t level[] = { 5, 9, 10, 11 };
    for (size_t n = 0; n < sizeof(level); n++) {
        put_override(b, level[n], level[n], LEVEL_HIGH);
    }
    acpi_put(b, wide ? MADT_X2APIC_NMI : MADT_LAPIC_NMI, 1);
    if (wide) {
        acpi_put(b, 12, 1);
        acpi_put(b, 0, 2);
        acpi_put(b, UINT32_MAX, 4);
        acpi_put(b, 1, 1);
        acpi_put_zeros(b, 3);
    } else {
        acpi_put(b, 6, 1);
        acpi_put(b, 0xff, 1);
        acpi_put(b, 0, 2);
        acpi_put(b, 1, 1);
    }
    acpi_table_end(b, start);
}

/* ---- small ones ---- */

void acpi_add_hpet(AcpiBuild *b)
{
    if (!hpet_present()) {
        return;
    }
    uint32_t start = acpi_table_begin(b, "HPET", 1, true);
    acpi_put(b, 0x8086a201, 4);
    acpi_put(b, 0, 4);                                      /* in memory */
    acpi_put(b, HPET_BASE, 8);
    acpi_put_zeros(b, 4);
    acpi_table_end(b, start);
}

void acpi_add_mcfg(AcpiBuild *b)
{
    uint64_t base, size;
    Object *host = object_resolve("/machine/q35", NULL);
    if (!acpi_is_q35(b) || !host || !q35_get_ecam(Q35_HOST(host), &base, &size)) {
        base = MCH_PCIEXBAR_DEFAULT;
        size = 256 * MiB;
    }
    if (!acpi_is_q35(b)) {
        return;
    }
    acpi_add_ecam(b, base, size);
}

/* The PM timer reads right at once. */
void acpi_add_waet(AcpiBuild *b)
{
    uint32_t start = acpi_table_begin(b, "WAET", 1, true);
    acpi_put(b, 2, 4);
    acpi_table_end(b, start);
}

/* ---- NUMA: SRAT (5.2.16) ---- */

static void put_affinity(AcpiBuild *b, uint32_t id, uint32_t node)
{
    if (id < 255) {
        acpi_put(b, 0, 1);
        acpi_put(b, 16, 1);
        acpi_put(b, node, 1);
        acpi_put(b, id, 1);
        acpi_put(b, 1, 4);
        acpi_put(b, 0, 8);
        return;
    }
    acpi_put(b, 2, 1);
    acpi_put(b, 24, 1);
    acpi_put(b, 0, 2);
    acpi_put(b, node, 4);
    acpi_put(b, id, 4);
    acpi_put(b, 1, 4);
    acpi_put(b, 0, 8);
}

/* A node's memory around the hole below 4 GiB. */
static void put_node_memory(AcpiBuild *b, uint32_t node, uint64_t *next, uint64_t size)
{
    uint64_t below = acpi_pc(b)->parent.below_4g_mem_size, end = *next + size;
    if (*next < below) {
        acpi_put_numa_memory(b, node, *next, MIN(end, below) - *next);
    }
    if (end > below) {
        uint64_t first = MAX(*next, below);
        acpi_put_numa_memory(b, node, first - below + 4 * GiB, end - first);
    }
    *next = end;
}

void acpi_add_srat(AcpiBuild *b)
{
    const Machine *m = &acpi_pc(b)->parent.parent;
    if (!m->nr_numa_nodes) {
        return;
    }
    unsigned count;
    g_autofree uint32_t *ids = acpi_cpu_ids(acpi_pc(b), &count, NULL);
    uint32_t start = acpi_table_begin(b, "SRAT", 1, true);
    acpi_put(b, 1, 4);
    acpi_put(b, 0, 8);
    for (unsigned n = 0; n < count; n++) {
        Cpu *cpu = cpu_by_index((int)n);
        put_affinity(b, ids[n], cpu && cpu->topology[0] >= 0 ? (uint32_t)cpu->topology[0] : 0);
    }
    uint64_t next = 0;
    for (int n = 0; n < m->nr_numa_nodes; n++) {
        if (m->numa[n].mem) {
            put_node_memory(b, (uint32_t)n, &next, m->numa[n].mem);
        }
    }
    acpi_table_end(b, start);
}
