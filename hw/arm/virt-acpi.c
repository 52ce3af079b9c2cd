/*
 * The ACPI tables of "virt" (ACPI 6.3, chapter 5.2; PCI Firmware Specification 3.2, 4.1.2; Microsoft's SPCR and DBG2; IO Remapping Table, DEN 0049).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virt.h"

#include "hw/acpi/reduced.h"
#include "hw/arm/smmuv3.h"
#include "hw/intc/arm_gicv3.h"
#include "hw/smbios/smbios.h"
#include "util/bits.h"

#include <string.h>

extern const uint8_t dsdt_virt[];
extern const size_t dsdt_virt_size;

enum { HEADER_SIZE = 36, SPI_FIRST = 32 };
/* Structures of the MADT (5.2.12). */
enum { MADT_GICC = 0x0b, MADT_GICD = 0x0c, MADT_GIC_MSI = 0x0d, MADT_GICR = 0x0e, MADT_ITS = 0x0f };
enum { PPTT_PACKAGE = 1, PPTT_ID_VALID = 2, PPTT_IS_THREAD = 4, PPTT_LEAF = 8, PPTT_NODE_SIZE = 20 };
enum { ARM_PSCI = 1, ARM_PSCI_HVC = 2, GTDT_ALWAYS_ON = 4 };

static const ArmVirt *virt_of(const AcpiBuild *b) { return b->board; }

/* ---- DSDT ---- */

static Aml *make_cpus(const ArmVirt *m)
{
    Aml *list = aml_list();
    for (unsigned n = 0; n < m->parent.smp.cpus; n++) {
        g_autofree char *name = g_strdup_printf("C%03X", n);
        Aml *body = aml_name("_HID", aml_string("ACPI0007"));
        aml_append(body, aml_name("_UID", aml_int(n)));
        aml_append(list, aml_device(name, body));
    }
    return list;
}

static uint32_t add_dsdt(AcpiBuild *b)
{
    const ArmVirt *m = virt_of(b);
    uint32_t start = acpi_table_begin(b, "DSDT", 2, false);
    Aml *chips = make_cpus(m), *list = aml_list();
    if (m->has_uart1 && !m->secure) {
        aml_append(chips, aml_device("COM1", acpi_simple_device("ARMH0011", 1, m->map[VIRT_UART1], SPI_FIRST + VIRT_SPI_UART1)));
    }
    aml_append(list, aml_scope("\\_SB", chips));
    g_byte_array_append(list, dsdt_virt + HEADER_SIZE, (guint)(dsdt_virt_size - HEADER_SIZE));
    aml_append(list, acpi_pci_windows(&(AcpiPciWindows){ m->map[virt_ecam(m)], m->map[VIRT_PCIE_PIO], m->map[VIRT_PCIE_MMIO], m->map[VIRT_HIGH_MMIO] }));
    g_byte_array_append(b->tables, list->data, list->len);
    g_byte_array_unref(list);
    acpi_table_end(b, start);
    return start;
}

/* ---- MADT (5.2.12.14 to 5.2.12.18) ---- */

static void put_gicc(AcpiBuild *b, unsigned n)
{
    const ArmVirt *m = virt_of(b);
    bool v2 = m->gic_version == VIRT_GIC_2;
    ACPI_PUT_VALUES(b, { MADT_GICC, 1 }, { 80, 1 }, { 0, 2 }, { n, 4 }, { n, 4 }, { 1, 4 }, { 0, 4 }, { m->cpu_info.has_pmu ? VIRT_PPI_PMU : 0, 4 }, { 0, 8 },
               { v2 ? m->map[VIRT_GIC_CPU].base : 0, 8 }, { v2 ? m->map[VIRT_GIC_VCPU].base : 0, 8 }, { v2 ? m->map[VIRT_GIC_HYP].base : 0, 8 },
               { m->virtualization ? VIRT_PPI_MAINTENANCE : 0, 4 }, { 0, 8 }, { arm_cpu_affinity(m->cpus[n]), 8 }, { 0, 2 }, { 0, 2 });
}

static void put_redistributors(AcpiBuild *b, const GpexWindow *region)
{
    ACPI_PUT_VALUES(b, { MADT_GICR, 1 }, { 16, 1 }, { 0, 2 }, { region->base, 8 }, { region->size, 4 });
}

static void add_madt(AcpiBuild *b)
{
    const ArmVirt *m = virt_of(b);
    unsigned version = m->gic_version == VIRT_GIC_2 ? 2 : m->gic_version == VIRT_GIC_3 ? 3 : 4;
    uint32_t start = acpi_table_begin(b, "APIC", 4, true);
    acpi_put_zeros(b, 8);                                   /* neither a local APIC's address nor flags */
    ACPI_PUT_VALUES(b, { MADT_GICD, 1 }, { 24, 1 }, { 0, 2 }, { 0, 4 }, { m->map[VIRT_GIC_DIST].base, 8 }, { 0, 4 }, { version, 1 }, { 0, 3 });
    for (unsigned n = 0; n < m->parent.smp.cpus; n++) {
        put_gicc(b, n);
    }
    if (m->gic_version == VIRT_GIC_2) {
        ACPI_PUT_VALUES(b, { MADT_GIC_MSI, 1 }, { 24, 1 }, { 0, 2 }, { 0, 4 }, { m->map[VIRT_GIC_V2M].base, 8 }, { 1, 4 }, { VIRT_V2M_SPIS, 2 }, { SPI_FIRST + VIRT_SPI_V2M, 2 });
    } else {
        put_redistributors(b, &m->map[VIRT_GIC_REDIST]);
        if (m->redist_counts[1]) {
            put_redistributors(b, &m->map[VIRT_HIGH_REDIST]);
        }
        if (m->has_its) {
            ACPI_PUT_VALUES(b, { MADT_ITS, 1 }, { 20, 1 }, { 0, 2 }, { 0, 4 }, { m->map[VIRT_GIC_ITS].base, 8 }, { 0, 4 });
        }
    }
    acpi_table_end(b, start);
}

/* ---- PPTT (5.2.29): each node points back at its parent ---- */

static uint32_t put_node(AcpiBuild *b, uint32_t start, uint32_t parent, uint32_t flags, uint32_t id)
{
    uint32_t at = b->tables->len - start;
    ACPI_PUT_VALUES(b, { 0, 1 }, { PPTT_NODE_SIZE, 1 }, { 0, 2 }, { flags, 4 }, { parent, 4 }, { id, 4 }, { 0, 4 });
    return at;
}

static void add_pptt(AcpiBuild *b)
{
    const SmpConfig *smp = &virt_of(b)->parent.smp;
    uint32_t start = acpi_table_begin(b, "PPTT", 2, true), socket = 0, cluster = 0, core = 0;
    unsigned per_cluster = smp->cores * smp->threads, per_socket = smp->clusters * per_cluster;
    for (unsigned n = 0; n < smp->cpus; n++) {
        if (n % per_socket == 0) {
            socket = cluster = put_node(b, start, 0, PPTT_PACKAGE, n / per_socket);
        }
        if (smp->clusters > 1 && n % per_cluster == 0) {
            cluster = put_node(b, start, socket, 0, n / per_cluster % smp->clusters);
        }
        if (smp->threads == 1) {
            put_node(b, start, cluster, PPTT_ID_VALID | PPTT_LEAF, n);
            continue;
        }
        if (n % smp->threads == 0) {
            core = put_node(b, start, cluster, 0, n / smp->threads % smp->cores);
        }
        put_node(b, start, core, PPTT_ID_VALID | PPTT_IS_THREAD | PPTT_LEAF, n);
    }
    acpi_table_end(b, start);
}

/* ---- GTDT (5.2.24), SPCR, DBG2, IORT ---- */

static void add_gtdt(AcpiBuild *b)
{
    const ArmVirt *m = virt_of(b);
    bool has_hypvirt = m->cpu_info.has_el2 && m->cpu_info.has_vhe && !virt_before(m, 9, 0);
    uint32_t start = acpi_table_begin(b, "GTDT", 3, true);
    ACPI_PUT_VALUES(b, { UINT64_MAX, 8 }, { 0, 4 }, { VIRT_PPI_TIMER_SEC, 4 }, { 0, 4 }, { VIRT_PPI_TIMER_PHYS, 4 }, { GTDT_ALWAYS_ON, 4 }, { VIRT_PPI_TIMER_VIRT, 4 }, { 0, 4 },
               { VIRT_PPI_TIMER_HYP, 4 }, { 0, 4 }, { UINT64_MAX, 8 }, { 0, 4 }, { 0, 4 }, { has_hypvirt ? VIRT_PPI_TIMER_HYPVIRT : 0, 4 }, { 0, 4 });
    acpi_table_end(b, start);
}

/* A Generic Address Structure (5.2.3.2) of the UART: in memory, 32 bits wide and read so. */
static void put_uart_address(AcpiBuild *b) { ACPI_PUT_VALUES(b, { 0, 1 }, { 32, 1 }, { 0, 1 }, { 3, 1 }, { virt_of(b)->map[VIRT_UART].base, 8 }); }

static void add_spcr(AcpiBuild *b)
{
    uint32_t start = acpi_table_begin(b, "SPCR", 2, true);
    ACPI_PUT_VALUES(b, { 3, 1 }, { 0, 3 });                      /* a PL011 */
    put_uart_address(b);
    ACPI_PUT_VALUES(b, { 8, 1 }, { 0, 1 }, { SPI_FIRST + VIRT_SPI_UART, 4 }, { 3, 1 }, { 0, 1 }, { 1, 1 }, { 2, 1 }, { 0, 1 }, { 0, 1 }, { 0xffff, 2 }, { 0xffff, 2 }, { 0, 8 }, { 0, 4 });
    acpi_table_end(b, start);
}

static void add_dbg2(AcpiBuild *b)
{
    static const char name[] = "COM0";
    uint32_t start = acpi_table_begin(b, "DBG2", 0, true);
    ACPI_PUT_VALUES(b, { 44, 4 }, { 1, 4 }, { 0, 1 }, { 38 + sizeof(name), 2 }, { 1, 1 }, { sizeof(name), 2 }, { 38, 2 }, { 0, 2 }, { 0, 2 }, { 0x8000, 2 }, { 3, 2 }, { 0, 2 }, { 22, 2 },
               { 34, 2 });
    put_uart_address(b);
    acpi_put(b, virt_of(b)->map[VIRT_UART].size, 4);
    g_byte_array_append(b->tables, (const guint8 *)name, sizeof(name));
    acpi_table_end(b, start);
}

/* A mapping of all requester ids to the node at that offset (DEN 0049E, 3.1). */
static void put_id_mapping(AcpiBuild *b, uint32_t node) { ACPI_PUT_VALUES(b, { 0, 4 }, { 0xffff, 4 }, { 0, 4 }, { node, 4 }, { 0, 4 }); }

/* An SMMUv3 (3.1.1.2), coherent; its StreamIDs are the ITS's device ids. */
static void put_smmu(AcpiBuild *b, uint32_t id, uint32_t its)
{
    enum { TYPE = 4, REVISION = 4, FIXED_SIZE = 68, MAPPING_SIZE = 20, COHERENT = 1, FIRST_IRQ = SPI_FIRST + VIRT_SPI_SMMU };
    uint32_t mappings = its ? 1 : 0;
    ACPI_PUT_VALUES(b, { TYPE, 1 }, { FIXED_SIZE + mappings * MAPPING_SIZE, 2 }, { REVISION, 1 }, { id, 4 }, { mappings, 4 }, { its ? FIXED_SIZE : 0, 4 },
                    { virt_of(b)->map[VIRT_SMMU].base, 8 }, { COHERENT, 4 }, { 0, 4 }, { 0, 8 }, { 0, 4 }, { FIRST_IRQ + SMMUV3_IRQ_EVENTQ, 4 },
                    { FIRST_IRQ + SMMUV3_IRQ_PRIQ, 4 }, { FIRST_IRQ + SMMUV3_IRQ_GERROR, 4 }, { FIRST_IRQ + SMMUV3_IRQ_CMDQ_SYNC, 4 }, { 0, 4 }, { 0, 4 });
    if (its) {
        put_id_mapping(b, its);
    }
}

/* PCI's requester ids are the SMMU's StreamIDs, where it translates them, and the ITS's device ids. */
static void add_iort(AcpiBuild *b)
{
    enum { FIRST_NODE = 48, ROOT_SIZE = 36, MAPPING_SIZE = 20, REVISION = 3, REVISION_SMMU = 5 };
    const ArmVirt *m = virt_of(b);
    uint32_t its = m->has_its ? FIRST_NODE : 0, smmu = 0, id = 0;
    if (!m->has_its && !m->smmu) {
        return;
    }
    uint32_t start = acpi_table_begin(b, "IORT", m->smmu ? REVISION_SMMU : REVISION, true);
    ACPI_PUT_VALUES(b, { 1u + (its ? 1 : 0) + (m->smmu ? 1 : 0), 4 }, { FIRST_NODE, 4 }, { 0, 4 });
    if (its) {
        ACPI_PUT_VALUES(b, { 0, 1 }, { 24, 2 }, { 1, 1 }, { id++, 4 }, { 0, 4 }, { 0, 4 }, { 1, 4 }, { 0, 4 });
    }
    if (m->smmu) {
        smmu = b->tables->len - start;
        put_smmu(b, id++, its);
    }
    uint32_t target = virt_smmu_translates(m) ? smmu : its, mappings = target ? 1 : 0;
    ACPI_PUT_VALUES(b, { 2, 1 }, { ROOT_SIZE + mappings * MAPPING_SIZE, 2 }, { 3, 1 }, { id, 4 }, { mappings, 4 }, { target ? ROOT_SIZE : 0, 4 }, { 1, 4 }, { 0, 1 }, { 0, 2 }, { 3, 1 },
                    { 0, 4 }, { 0, 4 }, { 64, 1 }, { 0, 3 });
    if (target) {
        put_id_mapping(b, target);
    }
    acpi_table_end(b, start);
}

/* ---- NUMA: SRAT (5.2.16) ---- */

static void add_srat(AcpiBuild *b)
{
    const Machine *m = &virt_of(b)->parent;
    uint64_t base = virt_of(b)->map[VIRT_MEM].base;
    if (!m->nr_numa_nodes) {
        return;
    }
    uint32_t start = acpi_table_begin(b, "SRAT", 3, true);
    ACPI_PUT_VALUES(b, { 1, 4 }, { 0, 8 });
    for (unsigned n = 0; n < m->smp.cpus; n++) {
        ACPI_PUT_VALUES(b, { 3, 1 }, { 18, 1 }, { (uint32_t)m->cpu_nodes[n], 4 }, { n, 4 }, { 1, 4 }, { 0, 4 });
    }
    for (int n = 0; n < m->nr_numa_nodes; n++) {
        if (m->numa[n].mem) {
            acpi_put_numa_memory(b, (uint32_t)n, base, m->numa[n].mem);
        }
        base += m->numa[n].mem;
    }
    acpi_table_end(b, start);
}

/* ---- all of them ---- */

static void add_tables(AcpiBuild *b)
{
    const ArmVirt *m = virt_of(b);
    uint16_t psci = m->psci_conduit == PSCI_CONDUIT_NONE ? 0 : m->psci_conduit == PSCI_CONDUIT_HVC ? ARM_PSCI | ARM_PSCI_HVC : ARM_PSCI;
    acpi_add_reduced_fadt(b, add_dsdt(b), 3, psci);
    add_madt(b);
    if (!virt_before(m, 6, 2)) {
        add_pptt(b);
    }
    add_gtdt(b);
    acpi_add_ecam(b, m->map[virt_ecam(m)].base, m->map[virt_ecam(m)].size);
    add_spcr(b);
    add_dbg2(b);
    add_srat(b);
    acpi_add_slit(b, &m->parent);
    add_iort(b);
}

bool arm_virt_add_firmware_tables(ArmVirt *m, GError **err)
{
    if (m->acpi != ON_OFF_AUTO_OFF) {
        AcpiBoard *board = g_new(AcpiBoard, 1);             /* as old as the machine */
        *board = (AcpiBoard){ .board = m, .oem_id = m->oem_id, .oem_table_id = m->oem_table_id, .wide = true, .add_tables = add_tables };
        acpi_add_files(m->fw_cfg, board);
    }
    SmbiosMachine facts = { .machine = &m->parent, .entry_point = "64", .nr_ranges = 1, .ranges = { { m->map[VIRT_MEM].base, m->map[VIRT_MEM].size } } };
    return smbios_setup(&facts, m->fw_cfg, err);
}
