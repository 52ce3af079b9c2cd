/*
 * Puts the tables together and hands them to the firmware with the loader's script, by which it places them and fills in addresses and checksums ("etc/table-loader" of
 * fw_cfg; the commands are those that SeaBIOS and OVMF document).
 *
 * The firmware sizes the PCI windows first: tables are made when it selects them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/acpi/tables.h"

#include "hw/acpi/cpu_hotplug.h"
#include "hw/acpi/vmgenid.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

#define TABLES_FILE "etc/acpi/tables"
#define RSDP_FILE "etc/acpi/rsdp"
#define LOADER_FILE "etc/table-loader"

enum {
    LOADER_ALLOCATE = 1, LOADER_ADD_POINTER = 2, LOADER_ADD_CHECKSUM = 3, LOADER_WRITE_POINTER = 4, LOADER_ENTRY_SIZE = 128, LOADER_NAME_SIZE = 56,
    ZONE_HIGH = 1, ZONE_FSEG = 2, TABLES_ALIGN = 64, RSDP_ALIGN = 16,
    HEADER_SIZE = 36, HEADER_LENGTH = 4, HEADER_CHECKSUM = 9, TABLES_FILE_STEP = 128 * 1024, LOADER_FILE_STEP = 4096,
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
    const X86Machine *m = &b->machine->parent;
    g_byte_array_append(b->tables, (const guint8 *)signature, 4);
    acpi_put(b, 0, 4);
    acpi_put(b, revision, 1);
    acpi_put(b, 0, 1);
    put_padded(b, m->oem_id, 6);
    put_padded(b, m->oem_table_id, 8);
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
    loader_checksum(b, TABLES_FILE, start + HEADER_CHECKSUM, start, length);
}

uint32_t acpi_add_dsdt(AcpiBuild *b)
{
    uint32_t start = b->tables->len;
    const uint8_t *aml = b->q35 ? dsdt_q35 : dsdt_pc;
    size_t size = b->q35 ? dsdt_q35_size : dsdt_pc_size;
    acpi_table_begin(b, "DSDT", 1, false);
    g_byte_array_append(b->tables, aml + HEADER_SIZE, (guint)(size - HEADER_SIZE));
    acpi_table_end(b, start);
    return start;
}

static uint32_t add_rsdt(AcpiBuild *b)
{
    uint32_t start = acpi_table_begin(b, "RSDT", 1, false);
    for (unsigned n = 0; n < b->offsets->len; n++) {
        acpi_loader_pointer(b, TABLES_FILE, TABLES_FILE, b->tables->len, 4);
        acpi_put(b, g_array_index(b->offsets, uint32_t, n), 4);
    }
    acpi_table_end(b, start);
    return start;
}

/* ACPI 1.0's root pointer: 20 bytes. */
static void add_rsdp(AcpiBuild *b, uint32_t rsdt)
{
    uint8_t rsdp[20] = "RSD PTR ";
    g_autofree char *oem = g_strdup_printf("%-6.6s", b->machine->parent.oem_id);
    memcpy(rsdp + 9, oem, 6);
    store_le32(rsdp + 16, rsdt);
    g_byte_array_append(b->rsdp, rsdp, sizeof(rsdp));
    acpi_loader_pointer(b, RSDP_FILE, TABLES_FILE, 16, 4);
    loader_checksum(b, RSDP_FILE, 8, 0, sizeof(rsdp));
}

static void pad(GByteArray *bytes, unsigned step)
{
    guint old = bytes->len, size = (guint)ROUND_UP(MAX(old, 1), step);
    g_byte_array_set_size(bytes, size);
    memset(bytes->data + old, 0, size - old);
}

static void build(AcpiBuild *b)
{
    b->tables = g_byte_array_new();
    b->loader = g_byte_array_new();
    b->rsdp = g_byte_array_new();
    b->offsets = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    loader_allocate(b, RSDP_FILE, RSDP_ALIGN, ZONE_FSEG);
    loader_allocate(b, TABLES_FILE, TABLES_ALIGN, ZONE_HIGH);
    if (vmgenid_find()) {
        loader_allocate(b, VMGENID_GUID_FW_CFG_FILE, 4096, ZONE_HIGH);
        loader_write_pointer(b, VMGENID_ADDR_FW_CFG_FILE, VMGENID_GUID_FW_CFG_FILE, 0, VMGENID_GUID_OFFSET, 8);
    }
    uint32_t facs = acpi_add_facs(b), dsdt = acpi_add_dsdt(b);
    acpi_add_fadt(b, facs, dsdt);
    acpi_add_ssdt(b);
    acpi_add_madt(b);
    acpi_add_hpet(b);
    acpi_add_mcfg(b);
    acpi_add_srat(b);
    acpi_add_slit(b);
    acpi_add_waet(b);
    acpi_add_user_tables(b);
    add_rsdp(b, add_rsdt(b));
    pad(b->tables, TABLES_FILE_STEP);
    pad(b->loader, LOADER_FILE_STEP);
    g_array_free(b->offsets, TRUE);
}

/* ---- the files ---- */

typedef struct AcpiFiles { PcMachine *machine; bool built; } AcpiFiles;

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
    AcpiBuild b = { .machine = files->machine, .q35 = object_is_a(OBJECT(files->machine->southbridge), "ICH9-LPC") };
    build(&b);
    FwCfg *fw_cfg = files->machine->parent.fw_cfg;
    give(fw_cfg, TABLES_FILE, b.tables);
    give(fw_cfg, LOADER_FILE, b.loader);
    give(fw_cfg, RSDP_FILE, b.rsdp);
}

static void forget(void *opaque) { ((AcpiFiles *)opaque)->built = false; }

bool acpi_setup(PcMachine *m, GError **err)
{
    if (!m->southbridge) {
        return true;
    }
    AcpiFiles *files = g_new0(AcpiFiles, 1);
    files->machine = m;
    FwCfg *fw_cfg = m->parent.fw_cfg;
    static const char *const names[] = { TABLES_FILE, LOADER_FILE, RSDP_FILE };
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
    unsigned count;
    g_autofree uint32_t *ids = acpi_cpu_ids(m, &count, NULL);
    AcpiCpuHotplug *hotplug = acpi_cpu_hotplug_find();
    if (hotplug) {
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
    reset_register(forget, files);
    return true;
}
