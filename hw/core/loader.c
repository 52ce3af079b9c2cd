/*
 * Where firmware files are found, and images that come back into memory at every reset.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/loader.h"

#include "hw/nvram/fw_cfg.h"
#include "ostrich-config.h"
#include "softmmu/dma.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

/* ---- the search path ---- */

static GPtrArray *extra_directories;

/* Ours first, then where distributions put the firmware of their packages. */
static const char *const standard_directories[] = {
    OSTRICH_BUILD_PC_BIOS, OSTRICH_DATADIR, "/usr/share/qemu", "/usr/share/seabios", "/usr/lib/ipxe/qemu",
};

static const struct { const char *prefix, *package; } packages[] = {
    { "bios", "seabios" }, { "vgabios", "seabios" }, { "efi-", "ipxe-qemu" }, { "pxe-", "ipxe-qemu" }, { "OVMF", "ovmf" }, { "edk2", "ovmf" },
    { "opensbi-riscv64", "opensbi" },
};

void firmware_add_directory(const char *path)
{
    if (!extra_directories) {
        extra_directories = g_ptr_array_new();
    }
    g_ptr_array_add(extra_directories, g_strdup(path));
}

static char *find_in(const char *directory, const char *name)
{
    char *path = g_build_filename(directory, name, NULL);
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        return path;
    }
    g_free(path);
    return NULL;
}

char *firmware_find(const char *name)
{
    if (g_file_test(name, G_FILE_TEST_EXISTS) && !g_file_test(name, G_FILE_TEST_IS_DIR)) {
        return g_strdup(name);
    }
    char *path = NULL;
    for (unsigned n = 0; !path && extra_directories && n < extra_directories->len; n++) {
        path = find_in(extra_directories->pdata[n], name);
    }
    for (unsigned n = 0; !path && n < ARRAY_SIZE(standard_directories); n++) {
        path = find_in(standard_directories[n], name);
    }
    return path;
}

char *firmware_directories(void)
{
    GString *text = g_string_new(NULL);
    for (unsigned n = 0; extra_directories && n < extra_directories->len; n++) {
        g_string_append_printf(text, "%s\n", (char *)extra_directories->pdata[n]);
    }
    for (unsigned n = 0; n < ARRAY_SIZE(standard_directories); n++) {
        g_string_append_printf(text, "%s\n", standard_directories[n]);
    }
    return g_string_free(text, FALSE);
}

bool firmware_missing(const char *name, GError **err)
{
    error_set(err, "could not find firmware file '%s'", name);
    g_autofree char *base = g_path_get_basename(name);
    for (unsigned n = 0; n < ARRAY_SIZE(packages); n++) {
        if (g_str_has_prefix(base, packages[n].prefix)) {
            error_set_hint(err, "Debian's package %s has it; -L DIR adds a directory to the search", packages[n].package);
            return false;
        }
    }
    error_set_hint(err, "-L DIR adds a directory to the search; -L help lists those that are searched");
    return false;
}

/* ---- images ---- */

typedef struct Rom { char *name; uint8_t *data; size_t len; uint64_t addr; AddressSpace *as; char *fw_file; bool read_only; } Rom;
static GPtrArray *roms;         /* of Rom*, by address */

static Rom *add_rom(const char *name, void *data, size_t len)
{
    if (!roms) {
        roms = g_ptr_array_new();
    }
    Rom *rom = g_new0(Rom, 1);
    *rom = (Rom){ .name = g_strdup(name), .data = data, .len = len };
    g_ptr_array_add(roms, rom);
    return rom;
}

static gint compare_roms(gconstpointer a, gconstpointer b)
{
    const Rom *x = *(Rom *const *)a, *y = *(Rom *const *)b;
    return x->as != y->as ? (x->as > y->as) - (x->as < y->as) : (x->addr > y->addr) - (x->addr < y->addr);
}

static bool check_overlap(const Rom *rom, GError **err)
{
    for (unsigned n = 0; n < roms->len; n++) {
        const Rom *other = roms->pdata[n];
        if (other != rom && other->as == rom->as && other->addr < rom->addr + rom->len && rom->addr < other->addr + other->len) {
            return error_set(err, "Some ROM regions are overlapping: '%s' at 0x%" G_GINT64_MODIFIER "x and '%s' at 0x%" G_GINT64_MODIFIER "x", rom->name,
                             rom->addr, other->name, other->addr);
        }
    }
    return true;
}

bool rom_add_blob(const char *name, const void *data, size_t len, uint64_t addr, AddressSpace *as, GError **err)
{
    if (addr + len < addr) {
        return error_set(err, "'%s' does not fit into the address space at 0x%" G_GINT64_MODIFIER "x", name, addr);
    }
    Rom *rom = add_rom(name, g_memdup2(data, len), len);
    rom->addr = addr;
    rom->as = as;
    if (!check_overlap(rom, err)) {
        return false;
    }
    g_ptr_array_sort(roms, compare_roms);
    dma_write_rom(as, addr, rom->data, rom->len);
    return true;
}

void rom_note(const char *name, size_t len, uint64_t addr)
{
    Rom *rom = add_rom(name, NULL, len);
    rom->addr = addr;
    rom->read_only = true;
}

static bool read_file(const char *path, char **data, gsize *len, GError **err)
{
    g_autoptr(GError) failure = NULL;
    if (g_file_get_contents(path, data, len, &failure)) {
        return true;
    }
    return error_set(err, "could not load '%s': %s", path, failure->message);
}

bool rom_add_file(const char *path, uint64_t addr, AddressSpace *as, GError **err)
{
    g_autofree char *data = NULL;
    gsize len;
    return read_file(path, &data, &len, err) && rom_add_blob(path, data, len, addr, as, err);
}

/* A ROM that the firmware finds in a folder of fw_cfg. */
static bool add_firmware_file(const char *folder, const char *name, char **file, GError **err)
{
    g_autofree char *path = firmware_find(name);
    char *data = NULL;
    gsize len;
    FwCfg *fw_cfg = fw_cfg_find();
    if (!path) {
        return firmware_missing(name, err);
    }
    if (!fw_cfg) {
        return error_set(err, "option ROM '%s': this machine has no fw_cfg", name);
    }
    if (!read_file(path, &data, &len, err)) {
        return false;
    }
    g_autofree char *base = g_path_get_basename(path);
    *file = g_strdup_printf("%s/%s", folder, base);
    add_rom(base, NULL, len)->fw_file = g_strdup(*file);
    fw_cfg_add_file(fw_cfg, *file, data, len);
    return true;
}

bool rom_add_option(const char *name, int32_t bootindex, GError **err)
{
    g_autofree char *file = NULL, *entry = NULL;
    if (!add_firmware_file("genroms", name, &file, err)) {
        return false;
    }
    entry = g_strdup_printf("/rom@%s", file);
    return boot_order_add_path(entry, bootindex, err);
}

bool rom_add_vga(const char *name, GError **err)
{
    g_autofree char *file = NULL;
    return add_firmware_file("vgaroms", name, &file, err);
}

/* Where the first image begins behind `at`, at most `end`. */
static uint64_t next_image(uint64_t at, uint64_t end)
{
    for (unsigned n = 0; roms && n < roms->len; n++) {
        const Rom *rom = roms->pdata[n];
        if (rom->as && rom->len && rom->addr + rom->len > at && rom->addr < end) {
            end = MAX(rom->addr, at);
        }
    }
    return end;
}

void rom_find_gap(uint64_t base, uint64_t size, uint64_t *low, uint64_t *high)
{
    uint64_t end = base + size;
    *low = base;
    *high = next_image(base, end);
    for (unsigned n = 0; roms && n < roms->len; n++) {
        const Rom *rom = roms->pdata[n];
        uint64_t from = rom->addr + rom->len;
        if (rom->as && from > base && from < end && next_image(from, end) - from > *high - *low) {
            *low = from;
            *high = next_image(from, end);
        }
    }
}

void rom_write_all(void)
{
    for (unsigned n = 0; roms && n < roms->len; n++) {
        const Rom *rom = roms->pdata[n];
        if (rom->as) {
            dma_write_rom(rom->as, rom->addr, rom->data, rom->len);
        }
    }
}

char *rom_describe(void)
{
    GString *text = g_string_new(NULL);
    for (unsigned n = 0; roms && n < roms->len; n++) {
        const Rom *rom = roms->pdata[n];
        if (rom->fw_file) {
            g_string_append_printf(text, "fw=%s size=0x%06zx name=\"%s\"\n", rom->fw_file, rom->len, rom->name);
        } else {
            g_string_append_printf(text, "addr=%016" G_GINT64_MODIFIER "x size=0x%06zx mem=%s name=\"%s\"\n", rom->addr, rom->len, rom->read_only ? "rom" : "ram", rom->name);
        }
    }
    return g_string_free(text, FALSE);
}
