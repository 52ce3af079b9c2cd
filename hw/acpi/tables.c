/*
 * Puts the tables together and hands them to the firmware with the loader's script, by which it places them and fills in addresses and checksums ("etc/table-loader" of
 * fw_cfg; the commands are those that SeaBIOS and OVMF document).
 *
 * The firmware sizes the PCI windows first: tables are made when it selects them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/acpi/tables.h"

#include "hw/acpi/vmgenid.h"
#include "util/bits.h"

#include <string.h>

#define RSDP_FILE "etc/acpi/rsdp"
#define LOADER_FILE "etc/table-loader"

enum {
    LOADER_ALLOCATE = 1, LOADER_ADD_POINTER = 2, LOADER_ADD_CHECKSUM = 3, LOADER_WRITE_POINTER = 4, LOADER_ENTRY_SIZE = 128, LOADER_NAME_SIZE = 56,
    ZONE_HIGH = 1, ZONE_FSEG = 2, TABLES_ALIGN = 64, RSDP_ALIGN = 16, RSDP_SIZE_1 = 20, RSDP_SIZE = 36,
    HEADER_LENGTH = 4, HEADER_CHECKSUM = 9, TABLES_FILE_STEP = 128 * 1024, LOADER_FILE_STEP = 4096,
};

/* ---- the loader's script ---- */

static void loader_entry(AcpiBuild *b, uint32_t command, const char *name1, const char *name2, const void *rest, size_t rest_size)
{
    uint8_t entry[LOADER_ENTRY_SIZE] = { 0 };
    size_t at = 4;
    store_le32(entry, command);
    g_strlcpy((char *)entry + at, name1, LOADER_NAME_SIZE);
    at += LOADER_NAME_SIZE;
    if (name2) {
        g_strlcpy((char *)entry + at, name2, LOADER_NAME_SIZE);
        at += LOADER_NAME_SIZE;
    }
    memcpy(entry + at, rest, rest_size);
    g_byte_array_append(b->loader, entry, sizeof(entry));
}

static void loader_allocate(AcpiBuild *b, const char *file, uint32_t align, uint8_t zone)
{
    uint8_t rest[5];
    store_le32(rest, align);
    rest[4] = zone;
    loader_entry(b, LOADER_ALLOCATE, file, NULL, rest, sizeof(rest));
}

void acpi_loader_pointer(AcpiBuild *b, const char *in, const char *to, uint32_t offset, uint8_t size)
{
    uint8_t rest[5];
    store_le32(rest, offset);
    rest[4] = size;
    loader_entry(b, LOADER_ADD_POINTER, in, to, rest, sizeof(rest));
}

static void loader_checksum(AcpiBuild *b, const char *file, uint32_t offset, uint32_t start, uint32_t length)
{
    uint8_t rest[12];
    store_le32(rest, offset);
    store_le32(rest + 4, start);
    store_le32(rest + 8, length);
    loader_entry(b, LOADER_ADD_CHECKSUM, file, NULL, rest, sizeof(rest));
}

static void loader_write_pointer(AcpiBuild *b, const char *to, const char *of, uint32_t to_offset, uint32_t of_offset, uint8_t size)
{
    uint8_t rest[9];
    store_le32(rest, to_offset);
    store_le32(rest + 4, of_offset);
    rest[8] = size;
    loader_entry(b, LOADER_WRITE_POINTER, to, of, rest, sizeof(rest));
}

/* ---- tables ---- */

void acpi_put(AcpiBuild *b, uint64_t value, unsigned size)
{
    uint8_t bytes[8];
    store_le64(bytes, value);
    g_byte_array_append(b->tables, bytes, size);
}

void acpi_put_zeros(AcpiBuild *b, unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        acpi_put(b, 0, 1);
    }
}

static void put_padded(AcpiBuild *b, const char *text, size_t size)
{
    for (size_t n = 0, length = strlen(text); n < size; n++) {
        acpi_put(b, n < length ? (uint8_t)text[n] : ' ', 1);
    }
}

uint32_t acpi_table_begin(AcpiBuild *b, const char signature[4], uint8_t revision, bool listed)
{
    uint32_t start = b->tables->len;
    g_byte_array_append(b->tables, (const guint8 *)signature, 4);
    acpi_put(b, 0, 4);
    acpi_put(b, revision, 1);
    acpi_put(b, 0, 1);
    put_padded(b, b->oem_id, 6);
    put_padded(b, b->oem_table_id, 8);
    acpi_put(b, 1, 4);
    put_padded(b, "BXPC", 4);
    acpi_put(b, 1, 4);
    if (listed) {
        g_array_append_val(b->offsets, start);
    }
    return start;
}

void acpi_table_end(AcpiBuild *b, uint32_t start)
{
    uint32_t length = b->tables->len - start;
    store_le32(b->tables->data + start + HEADER_LENGTH, length);
    loader_checksum(b, ACPI_TABLES_FILE, start + HEADER_CHECKSUM, start, length);
}

/* RSDT of 32-bit addresses (5.2.7) or XSDT of 64-bit ones (5.2.8). */
static uint32_t add_root_table(AcpiBuild *b, bool wide)
{
    uint8_t size = wide ? 8 : 4;
    uint32_t start = acpi_table_begin(b, wide ? "XSDT" : "RSDT", 1, false);
    for (unsigned n = 0; n < b->offsets->len; n++) {
        acpi_loader_pointer(b, ACPI_TABLES_FILE, ACPI_TABLES_FILE, b->tables->len, size);
        acpi_put(b, g_array_index(b->offsets, uint32_t, n), size);
    }
    acpi_table_end(b, start);
    return start;
}

/* 5.2.5.3: ACPI 1.0's root pointer has 20 bytes. */
static void add_rsdp(AcpiBuild *b, uint32_t root, bool wide)
{
    uint8_t rsdp[RSDP_SIZE] = "RSD PTR ", at = wide ? 24 : 16;
    g_autofree char *oem = g_strdup_printf("%-6.6s", b->oem_id);
    memcpy(rsdp + 9, oem, 6);
    rsdp[15] = wide ? 2 : 0;
    store_le32(rsdp + 20, wide ? RSDP_SIZE : 0);
    store_le32(rsdp + at, root);
    g_byte_array_append(b->rsdp, rsdp, wide ? RSDP_SIZE : RSDP_SIZE_1);
    acpi_loader_pointer(b, RSDP_FILE, ACPI_TABLES_FILE, at, wide ? 8 : 4);
    loader_checksum(b, RSDP_FILE, 8, 0, RSDP_SIZE_1);
    if (wide) {
        loader_checksum(b, RSDP_FILE, 32, 0, RSDP_SIZE);
    }
}

static void pad(GByteArray *bytes, unsigned step)
{
    guint old = bytes->len, size = (guint)ROUND_UP(MAX(old, 1), step);
    g_byte_array_set_size(bytes, size);
    memset(bytes->data + old, 0, size - old);
}

static void build(AcpiBuild *b, const AcpiBoard *board)
{
    b->tables = g_byte_array_new();
    b->loader = g_byte_array_new();
    b->rsdp = g_byte_array_new();
    b->offsets = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    loader_allocate(b, RSDP_FILE, RSDP_ALIGN, ZONE_FSEG);
    loader_allocate(b, ACPI_TABLES_FILE, TABLES_ALIGN, ZONE_HIGH);
    if (vmgenid_find()) {
        loader_allocate(b, VMGENID_GUID_FW_CFG_FILE, 4096, ZONE_HIGH);
        loader_write_pointer(b, VMGENID_ADDR_FW_CFG_FILE, VMGENID_GUID_FW_CFG_FILE, 0, VMGENID_GUID_OFFSET, 8);
    }
    board->add_tables(b);
    add_rsdp(b, add_root_table(b, board->wide), board->wide);
    pad(b->tables, TABLES_FILE_STEP);
    pad(b->loader, LOADER_FILE_STEP);
    g_array_free(b->offsets, TRUE);
}

/* ---- tables that need nothing but the machine ---- */

void acpi_add_slit(AcpiBuild *b, const Machine *m)
{
    if (!m->have_numa_distance) {
        return;
    }
    uint32_t start = acpi_table_begin(b, "SLIT", 1, true);
    acpi_put(b, (uint64_t)m->nr_numa_nodes, 8);
    for (int i = 0; i < m->nr_numa_nodes; i++) {
        g_byte_array_append(b->tables, m->numa[i].distance, (guint)m->nr_numa_nodes);
    }
    acpi_table_end(b, start);
}

void acpi_add_ecam(AcpiBuild *b, uint64_t base, uint64_t size)
{
    uint32_t start = acpi_table_begin(b, "MCFG", 1, true);
    acpi_put(b, 0, 8);
    acpi_put(b, base, 8);
    acpi_put(b, 0, 3);                                      /* segment, first bus */
    acpi_put(b, size / MiB - 1, 1);
    acpi_put(b, 0, 4);
    acpi_table_end(b, start);
}

void acpi_put_numa_memory(AcpiBuild *b, uint32_t node, uint64_t base, uint64_t size)
{
    acpi_put(b, 1, 1);
    acpi_put(b, 40, 1);
    acpi_put(b, node, 4);
    acpi_put(b, 0, 2);
    acpi_put(b, base, 8);
    acpi_put(b, size, 8);
    acpi_put(b, 0, 4);
    acpi_put(b, 1, 4);                                      /* enabled */
    acpi_put(b, 0, 8);
}

/* ---- the files ---- */

typedef struct AcpiFiles { const AcpiBoard *board; FwCfg *fw_cfg; bool built; } AcpiFiles;

static void give(FwCfg *fw_cfg, const char *name, GByteArray *bytes)
{
    size_t size = bytes->len;
    g_free(fw_cfg_modify_file(fw_cfg, name, g_byte_array_free(bytes, FALSE), size));
}

/* Once after each reset, when the firmware asks for the first of the files. */
static void selected(void *opaque)
{
    AcpiFiles *files = opaque;
    if (files->built) {
        return;
    }
    files->built = true;
    AcpiBuild b = { .board = files->board->board, .oem_id = files->board->oem_id, .oem_table_id = files->board->oem_table_id };
    build(&b, files->board);
    give(files->fw_cfg, ACPI_TABLES_FILE, b.tables);
    give(files->fw_cfg, LOADER_FILE, b.loader);
    give(files->fw_cfg, RSDP_FILE, b.rsdp);
}

static void forget(void *opaque) { ((AcpiFiles *)opaque)->built = false; }

void acpi_add_files(FwCfg *fw_cfg, const AcpiBoard *board)
{
    static const char *const names[] = { ACPI_TABLES_FILE, LOADER_FILE, RSDP_FILE };
    AcpiFiles *files = g_new(AcpiFiles, 1);                 /* as old as the machine */
    *files = (AcpiFiles){ .board = board, .fw_cfg = fw_cfg };
    for (size_t n = 0; n < G_N_ELEMENTS(names); n++) {
        fw_cfg_add_file_callback(fw_cfg, names[n], selected, NULL, files, g_strdup(""), 0, true);
    }
    if (vmgenid_find()) {
        vmgenid_add_fw_cfg(vmgenid_find(), fw_cfg);
        g_free(fw_cfg_modify_file(fw_cfg, VMGENID_GUID_FW_CFG_FILE, vmgenid_page(vmgenid_find()), VMGENID_FW_CFG_SIZE));
    }
    /* The sizes of the files are in the directory before anything is selected. */
    selected(files);
    forget(files);
    reset_register(forget, files);
}
