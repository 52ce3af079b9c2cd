/*
 * The ACPI tables of "virt" (ACPI 6.6, chapter 5.2: MADT 5.2.12.24 to 5.2.12.27, RHCT 5.2.37, SRAT 5.2.16.8; Microsoft's SPCR, revision 4;
 * RISC-V IO Mapping Table Specification 1.0).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virt.h"

#include "hw/acpi/reduced.h"
#include "hw/intc/riscv_aclint.h"
#include "hw/riscv/riscv_iommu.h"
#include "hw/smbios/smbios.h"
#include "target/riscv.h"
#include "util/bits.h"

#include <string.h>

extern const uint8_t dsdt_riscv_virt[];
extern const size_t dsdt_riscv_virt_size;

enum { HEADER_SIZE = 36 };
/* Structures of the MADT, and their sizes. */
enum { MADT_RINTC = 0x18, MADT_IMSIC = 0x19, MADT_APLIC = 0x1a, MADT_PLIC = 0x1b, RINTC_SIZE = 36, IMSIC_SIZE = 16, APLIC_SIZE = 36, PLIC_SIZE = 36 };
enum { RHCT_ISA = 0, RHCT_CMO = 1, RHCT_MMU = 2, RHCT_HART = 0xffff, RHCT_NODES_AT = 56 };
enum { IMSIC_FILE_SIZE = 0x1000 };
#define IOMMU_HID "RSCV0004"

static const RiscvVirt *virt_of(const AcpiBuild *b) { return b->board; }

/* The number of a socket's first wired source among all interrupts. */
static uint32_t gsi_base(unsigned socket) { return socket * VIRT_SOURCES; }

/* A region of one socket. */
static GpexWindow socket_region(VirtRegion region, unsigned socket)
{
    return (GpexWindow){ virt_map[region].base + socket * virt_map[region].size, virt_map[region].size };
}

/* ---- harts ---- */

/* RISC-V Interrupt Controller structure: of the MADT, and of the hart's own _MAT. */
static void make_rintc(const RiscvVirt *m, unsigned socket, uint32_t hart, uint8_t out[RINTC_SIZE])
{
    uint32_t local = hart - m->sockets[socket].range.first_hart, external = socket << 24 | (m->aia == VIRT_AIA_NONE ? 2 * local + 1 : local);
    bool has_imsic = m->aia == VIRT_AIA_APLIC_IMSIC;
    uint64_t size = has_imsic ? (uint64_t)IMSIC_FILE_SIZE << virt_bits_for(m->aia_guests + 1u) : 0;
    memset(out, 0, RINTC_SIZE);
    out[0] = MADT_RINTC;
    out[1] = RINTC_SIZE;
    out[2] = 1;                         /* version */
    store_le32(out + 4, 1);             /* enabled */
    store_le64(out + 8, riscv_hart_id(m->sockets[socket].range.harts->harts[local]));
    store_le32(out + 16, hart);
    store_le32(out + 20, has_imsic ? 0 : external);
    store_le64(out + 24, has_imsic ? socket_region(VIRT_IMSIC_S, socket).base + local * size : 0);
    store_le32(out + 32, (uint32_t)size);
}

typedef void HartFunction(const RiscvVirt *m, unsigned socket, uint32_t hart, void *opaque);
static void for_each_hart(const RiscvVirt *m, HartFunction *function, void *opaque)
{
    for (unsigned n = 0; n < m->num_sockets; n++) {
        for (uint32_t i = 0; i < m->sockets[n].range.num_harts; i++) {
            function(m, n, m->sockets[n].range.first_hart + i, opaque);
        }
    }
}

/* ---- DSDT ---- */

static void add_hart_device(const RiscvVirt *m, unsigned socket, uint32_t hart, void *opaque)
{
    uint8_t rintc[RINTC_SIZE];
    g_autofree char *name = g_strdup_printf("C%03X", hart);
    Aml *body = aml_name("_HID", aml_string("ACPI0007"));
    make_rintc(m, socket, hart, rintc);
    aml_append(body, aml_name("_UID", aml_int(hart)));
    aml_append(body, aml_name("_MAT", aml_buffer(rintc, sizeof(rintc))));
    aml_append(opaque, aml_device(name, body));
}

static void add_controllers(const RiscvVirt *m, Aml *list)
{
    bool plic = m->aia == VIRT_AIA_NONE;
    for (unsigned n = 0; n < m->num_wired; n++) {
        GpexWindow region = socket_region(plic ? VIRT_PLIC : VIRT_APLIC_S, n);
        g_autofree char *name = g_strdup_printf("IC%02X", n);
        Aml *body = aml_name("_HID", aml_string(plic ? "RSCV0001" : "RSCV0002")), *resources = aml_list();
        aml_append(body, aml_name("_UID", aml_int(n)));
        aml_append(body, aml_name("_GSB", aml_int(gsi_base(n))));
        aml_put_memory32(resources, (uint32_t)region.base, (uint32_t)region.size);
        aml_append(body, aml_name("_CRS", aml_resource_template(resources)));
        aml_append(list, aml_device(name, body));
    }
}

static void add_virtio(const RiscvVirt *m, Aml *list)
{
    for (unsigned n = 0; n < VIRT_VIRTIO_COUNT; n++) {
        GpexWindow region = { virt_map[VIRT_VIRTIO].base + n * VIRT_VIRTIO_STRIDE, VIRT_VIRTIO_STRIDE };
        g_autofree char *name = g_strdup_printf("VR%02u", n);
        Aml *body = acpi_simple_device("LNRO0005", n, region, gsi_base(m->virtio_socket) + VIRT_IRQ_VIRTIO + n);
        aml_append(body, aml_name("_CCA", aml_int(1)));
        aml_append(list, aml_device(name, body));
    }
}

static void add_iommu(const RiscvVirt *m, Aml *list)
{
    GpexWindow region = virt_map[VIRT_IOMMU];
    if (m->iommu_sys != ON_OFF_AUTO_ON) {
        return;
    }
    Aml *body = aml_name("_HID", aml_string(IOMMU_HID)), *resources = aml_list();
    aml_append(body, aml_name("_UID", aml_int(0)));
    aml_put_memory32(resources, (uint32_t)region.base, (uint32_t)region.size);
    for (uint32_t n = 0; n < RISCV_IOMMU_IRQS; n++) {
        aml_put_edge_interrupt(resources, gsi_base(m->mmio_socket) + VIRT_IRQ_IOMMU + n);
    }
    aml_append(body, aml_name("_CRS", aml_resource_template(resources)));
    aml_append(list, aml_device("IMU0", body));
}

static Aml *one_interrupt(uint32_t number)
{
    Aml *resources = aml_list();
    aml_put_interrupt(resources, number);
    return aml_resource_template(resources);
}

/* What the four interrupts of PCI are linked to. */
static void add_links(const RiscvVirt *m, Aml *list)
{
    for (unsigned n = 0; n < GPEX_ROOT_IRQS; n++) {
        uint32_t number = gsi_base(m->pcie_socket) + VIRT_IRQ_PCIE + n;
        g_autofree char *name = g_strdup_printf("L%03u", n);
        Aml *body = aml_name("_HID", aml_eisa_id("PNP0C0F"));
        aml_append(body, aml_name("_UID", aml_int(n)));
        aml_append(body, aml_name("_PRS", one_interrupt(number)));
        aml_append(body, aml_name("_CRS", one_interrupt(number)));
        aml_append(body, aml_method("_SRS", 1, FALSE, aml_list()));
        aml_append(list, aml_device(name, body));
    }
}

static uint32_t add_dsdt(AcpiBuild *b)
{
    const RiscvVirt *m = virt_of(b);
    uint32_t start = acpi_table_begin(b, "DSDT", 2, false);
    Aml *chips = aml_list(), *list = aml_list();
    for_each_hart(m, add_hart_device, chips);
    add_controllers(m, chips);
    add_iommu(m, chips);
    add_virtio(m, chips);
    add_links(m, chips);
    aml_append(list, aml_scope("\\_SB", chips));
    g_byte_array_append(list, dsdt_riscv_virt + HEADER_SIZE, (guint)(dsdt_riscv_virt_size - HEADER_SIZE));
    aml_append(list, acpi_pci_windows(&(AcpiPciWindows){ virt_map[VIRT_PCIE_ECAM], virt_map[VIRT_PCIE_PIO], virt_map[VIRT_PCIE_MMIO], m->pcie_high }));
    g_byte_array_append(b->tables, list->data, list->len);
    g_byte_array_unref(list);
    acpi_table_end(b, start);
    return start;
}

/* ---- MADT ---- */

static void put_rintc(const RiscvVirt *m, unsigned socket, uint32_t hart, void *opaque)
{
    uint8_t rintc[RINTC_SIZE];
    make_rintc(m, socket, hart, rintc);
    g_byte_array_append(((AcpiBuild *)opaque)->tables, rintc, sizeof(rintc));
}

static void add_madt(AcpiBuild *b)
{
    const RiscvVirt *m = virt_of(b);
    uint32_t start = acpi_table_begin(b, "APIC", 7, true);
    acpi_put_zeros(b, 8);                                   /* neither a local APIC's address nor flags */
    for_each_hart(m, put_rintc, b);
    if (m->aia == VIRT_AIA_APLIC_IMSIC) {
        ACPI_PUT_VALUES(b, { MADT_IMSIC, 1 }, { IMSIC_SIZE, 1 }, { 1, 1 }, { 0, 1 }, { 0, 4 }, { VIRT_IMSIC_IDS, 2 }, { VIRT_IMSIC_IDS, 2 }, { virt_bits_for(m->aia_guests + 1u), 1 },
                        { virt_bits_for(virt_most_harts(m)), 1 }, { virt_bits_for(m->num_sockets), 1 }, { (uint64_t)__builtin_ctzll(virt_map[VIRT_IMSIC_S].size), 1 });
    }
    for (unsigned n = 0; n < m->num_wired; n++) {
        GpexWindow region = socket_region(m->aia == VIRT_AIA_NONE ? VIRT_PLIC : VIRT_APLIC_S, n);
        if (m->aia == VIRT_AIA_NONE) {
            ACPI_PUT_VALUES(b, { MADT_PLIC, 1 }, { PLIC_SIZE, 1 }, { 1, 1 }, { n, 1 }, { 0, 8 }, { VIRT_SOURCES - 1, 2 }, { 0, 2 }, { 0, 4 }, { region.size, 4 },
                            { region.base, 8 }, { gsi_base(n), 4 });
        } else {
            ACPI_PUT_VALUES(b, { MADT_APLIC, 1 }, { APLIC_SIZE, 1 }, { 1, 1 }, { n, 1 }, { 0, 4 }, { 0, 8 }, { m->aia == VIRT_AIA_APLIC ? m->sockets[n].range.num_harts : 0, 2 },
                            { VIRT_SOURCES, 2 }, { gsi_base(n), 4 }, { region.base, 8 }, { region.size, 4 });
        }
    }
    acpi_table_end(b, start);
}

/* ---- RHCT: what harts can do, once for all, and which hart can what ---- */

/* -1: no paging mode that has a number. */
static int mmu_number(const char *type)
{
    static const char *const types[] = { "riscv,sv39", "riscv,sv48", "riscv,sv57" };
    for (int n = 0; n < (int)G_N_ELEMENTS(types); n++) {
        if (!g_strcmp0(types[n], type)) {
            return n;
        }
    }
    return -1;
}

static unsigned log2_of(unsigned bytes) { return bytes ? (unsigned)__builtin_ctz(bytes) : 0; }

typedef struct HartNodes { AcpiBuild *b; const uint32_t *offsets; unsigned count; } HartNodes;

static void put_hart_node(const RiscvVirt *m, unsigned socket, uint32_t hart, void *opaque)
{
    const HartNodes *nodes = opaque;
    ACPI_PUT_VALUES(nodes->b, { RHCT_HART, 2 }, { 12 + 4 * nodes->count, 2 }, { 1, 2 }, { nodes->count, 2 }, { hart, 4 });
    for (unsigned n = 0; n < nodes->count; n++) {
        acpi_put(nodes->b, nodes->offsets[n], 4);
    }
}

static void add_rhct(AcpiBuild *b)
{
    const RiscvVirt *m = virt_of(b);
    RiscvHartInfo info = riscv_hart_info(virt_first_cpu(m));
    g_autofree char *isa = riscv_hart_isa_string(virt_first_cpu(m));
    size_t length = strlen(isa) + 1;
    int mmu = mmu_number(info.mmu_type);
    bool has_cmo = info.cbom_block_bytes || info.cboz_block_bytes;
    uint32_t start = acpi_table_begin(b, "RHCT", 1, true), offsets[3] = { RHCT_NODES_AT };
    unsigned count = 1 + has_cmo + (mmu >= 0), next = 1;
    ACPI_PUT_VALUES(b, { 0, 4 }, { ACLINT_TIMEBASE_HZ, 8 }, { count + m->parent.smp.cpus, 4 }, { RHCT_NODES_AT, 4 });
    ACPI_PUT_VALUES(b, { RHCT_ISA, 2 }, { ROUND_UP(8 + length, 2), 2 }, { 1, 2 }, { length, 2 });
    g_byte_array_append(b->tables, (const guint8 *)isa, (guint)length);
    acpi_put_zeros(b, length & 1);
    if (has_cmo) {
        offsets[next++] = b->tables->len - start;
        ACPI_PUT_VALUES(b, { RHCT_CMO, 2 }, { 10, 2 }, { 1, 2 }, { 0, 1 }, { log2_of(info.cbom_block_bytes), 1 }, { 0, 1 }, { log2_of(info.cboz_block_bytes), 1 });
    }
    if (mmu >= 0) {
        offsets[next++] = b->tables->len - start;
        ACPI_PUT_VALUES(b, { RHCT_MMU, 2 }, { 8, 2 }, { 1, 2 }, { 0, 1 }, { (unsigned)mmu, 1 });
    }
    for_each_hart(m, put_hart_node, &(HartNodes){ b, offsets, count });
    acpi_table_end(b, start);
}

/* ---- SPCR ---- */

static void add_spcr(AcpiBuild *b)
{
    enum { UART_16550_GAS = 0x12, INTERRUPT_PLIC = 0x10, AS_CONFIGURED = 0, BAUD_115200 = 7, TERMINAL_ANSI = 3, NAME_AT = 88 };
    static const char name[] = ".";
    uint32_t start = acpi_table_begin(b, "SPCR", 4, true);
    ACPI_PUT_VALUES(b, { UART_16550_GAS, 1 }, { 0, 3 }, { 0, 1 }, { 8, 1 }, { 0, 1 }, { 1, 1 }, { virt_map[VIRT_UART].base, 8 });
    ACPI_PUT_VALUES(b, { INTERRUPT_PLIC, 1 }, { 0, 1 }, { gsi_base(virt_of(b)->mmio_socket) + VIRT_IRQ_UART, 4 }, { BAUD_115200, 1 }, { 0, 1 }, { 1, 1 }, { 0, 1 }, { TERMINAL_ANSI, 1 }, { 0, 1 },
                    { 0xffff, 2 }, { 0xffff, 2 }, { 0, 3 }, { 0, 4 }, { 0, 1 }, { 0, 4 }, { AS_CONFIGURED, 4 }, { sizeof(name), 2 }, { NAME_AT, 2 });
    g_byte_array_append(b->tables, (const guint8 *)name, sizeof(name));
    acpi_table_end(b, start);
}

/* ---- RIMT: which IOMMU the requester ids of PCI go to ---- */

enum { RIMT_IOMMU = 0, RIMT_ROOT = 1, RIMT_NODES_AT = 48, RIMT_IOMMU_SIZE = 40, RIMT_ROOT_SIZE = 20, RIMT_MAPPING_SIZE = 20, REQUESTER_IDS = 0x10000, FUNCTIONS = 8 };

/* function: NULL, or the IOMMU that is one. */
static void put_rimt_iommu(AcpiBuild *b, const PciDevice *function)
{
    const char *id = function ? "00100014" : IOMMU_HID;         /* of a function, what the reference has there */
    ACPI_PUT_VALUES(b, { RIMT_IOMMU, 1 }, { 1, 1 }, { RIMT_IOMMU_SIZE, 2 }, { 0, 2 }, { 0, 2 });
    g_byte_array_append(b->tables, (const guint8 *)id, 8);
    ACPI_PUT_VALUES(b, { function ? 0 : virt_map[VIRT_IOMMU].base, 8 }, { function != NULL, 4 }, { 0, 4 }, { 0, 2 }, { function ? (uint32_t)function->devfn : 0, 2 }, { 0, 2 },
                    { RIMT_IOMMU_SIZE, 2 });
}

static void put_rimt_mapping(AcpiBuild *b, uint32_t first, uint32_t end) { ACPI_PUT_VALUES(b, { first, 4 }, { end - first, 4 }, { first, 4 }, { RIMT_NODES_AT, 4 }, { 0, 4 }); }

static void add_rimt(AcpiBuild *b)
{
    const RiscvVirt *m = virt_of(b);
    const PciDevice *function = riscv_iommu_find_pci(m->pci->bus);
    uint32_t devfn = function ? (uint32_t)function->devfn : 0;
    bool has_lower = devfn > FUNCTIONS;                         /* what comes before is the host bridge's, which makes no accesses */
    unsigned mappings = 1 + has_lower;
    if (!function && m->iommu_sys != ON_OFF_AUTO_ON) {
        return;
    }
    uint32_t start = acpi_table_begin(b, "RIMT", 1, true);
    ACPI_PUT_VALUES(b, { 2, 4 }, { RIMT_NODES_AT, 4 }, { 0, 4 });
    put_rimt_iommu(b, function);
    ACPI_PUT_VALUES(b, { RIMT_ROOT, 1 }, { 1, 1 }, { RIMT_ROOT_SIZE + mappings * RIMT_MAPPING_SIZE, 2 }, { 0, 2 }, { 1, 2 }, { 0, 4 }, { 0, 2 }, { 0, 2 }, { RIMT_ROOT_SIZE, 2 },
                    { mappings, 2 });
    if (has_lower) {
        put_rimt_mapping(b, 0, devfn - 1);                      /* one less, for Linux takes the number of ids for the last id, and the IOMMU would wait for itself */
    }
    put_rimt_mapping(b, function ? devfn + 1 : 0, REQUESTER_IDS);
    acpi_table_end(b, start);
}

/* ---- SRAT ---- */

static void put_hart_affinity(const RiscvVirt *m, unsigned socket, uint32_t hart, void *opaque)
{
    ACPI_PUT_VALUES((AcpiBuild *)opaque, { 7, 1 }, { 20, 1 }, { 0, 2 }, { socket, 4 }, { hart, 4 }, { 1, 4 }, { 0, 4 });
}

static void add_srat(AcpiBuild *b)
{
    const RiscvVirt *m = virt_of(b);
    if (!m->parent.nr_numa_nodes) {
        return;
    }
    uint32_t start = acpi_table_begin(b, "SRAT", 3, true);
    ACPI_PUT_VALUES(b, { 1, 4 }, { 0, 8 });
    for_each_hart(m, put_hart_affinity, b);
    for (unsigned n = 0; n < m->num_sockets; n++) {
        if (m->sockets[n].range.mem_size) {
            acpi_put_numa_memory(b, n, virt_map[VIRT_DRAM].base + m->sockets[n].range.mem_offset, m->sockets[n].range.mem_size);
        }
    }
    acpi_table_end(b, start);
}

/* ---- all of them ---- */

static void add_tables(AcpiBuild *b)
{
    const RiscvVirt *m = virt_of(b);
    acpi_add_reduced_fadt(b, add_dsdt(b), 6, 0);
    add_madt(b);
    add_rhct(b);
    add_rimt(b);
    add_spcr(b);
    acpi_add_ecam(b, virt_map[VIRT_PCIE_ECAM].base, virt_map[VIRT_PCIE_ECAM].size);
    add_srat(b);
    acpi_add_slit(b, &m->parent);
}

bool virt_add_firmware_tables(RiscvVirt *m, GError **err)
{
    if (m->acpi != ON_OFF_AUTO_OFF) {
        AcpiBoard *board = g_new(AcpiBoard, 1);             /* as old as the machine */
        *board = (AcpiBoard){ .board = m, .oem_id = "BOCHS ", .oem_table_id = "BXPC    ", .wide = true, .add_tables = add_tables };
        acpi_add_files(m->fw_cfg, board);
    }
    SmbiosMachine facts = { .machine = &m->parent, .entry_point = "64", .nr_ranges = 1, .ranges = { { virt_map[VIRT_DRAM].base, m->parent.ram_size } } };
    return smbios_setup(&facts, m->fw_cfg, err);
}
