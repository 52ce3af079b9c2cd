/*
 * Loading ELF executables (System V ABI, "Object Files"; the PVH note: Xen public/elfnote.h, XEN_ELFNOTE_PHYS32_ENTRY).
 *
 * The file is hostile: every offset and size is checked against its length before it is used.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/loader.h"

#include "util/bits.h"
#include "util/error.h"

#include <elf.h>
#include <string.h>

enum { XEN_ELFNOTE_PHYS32_ENTRY = 18, ELF_MAX_SEGMENTS = 256 };

typedef struct ElfReader { const uint8_t *data; size_t len; bool is_64bit, big_endian; } ElfReader;

static uint64_t field(const ElfReader *r, uint64_t offset, unsigned size)
{
    const uint8_t *p = r->data + offset;
    switch (size) {
    case 2: return r->big_endian ? load_be16(p) : load_le16(p);
    case 4: return r->big_endian ? load_be32(p) : load_le32(p);
    default: return r->big_endian ? load_be64(p) : load_le64(p);
    }
}

static bool in_file(const ElfReader *r, uint64_t offset, uint64_t size) { return offset <= r->len && size <= r->len - offset; }

#define READ(r, base, type, member) \
    ((r)->is_64bit ? field(r, (base) + offsetof(Elf64_##type, member), sizeof(((Elf64_##type *)0)->member)) \
                   : field(r, (base) + offsetof(Elf32_##type, member), sizeof(((Elf32_##type *)0)->member)))

/* A note segment: namesz, descsz, type, name, desc, each padded to 4 bytes. */
static void read_notes(const ElfReader *r, uint64_t offset, uint64_t size, ElfImage *image)
{
    uint64_t end = offset + size;
    while (end - offset >= 12) {
        uint64_t name_size = ROUND_UP(field(r, offset, 4), 4), desc_size = field(r, offset + 4, 4), type = field(r, offset + 8, 4);
        uint64_t name = offset + 12, desc = name + name_size;
        if (name_size > end - name || desc_size > end - desc) {
            return;
        }
        if (type == XEN_ELFNOTE_PHYS32_ENTRY && name_size == 4 && !memcmp(r->data + name, "Xen", 4) && desc_size >= 4) {
            image->pvh_entry = field(r, desc, desc_size >= 8 ? 8 : 4);
        }
        offset = desc + ROUND_UP(desc_size, 4);
        if (offset > end) {
            return;
        }
    }
}

typedef struct ElfTarget { AddressSpace *as; uint64_t (*translate)(void *opaque, uint64_t addr); void *opaque; const char *path; } ElfTarget;

static bool load_segment(const ElfReader *r, uint64_t header, const ElfTarget *to, ElfImage *image, GError **err)
{
    uint64_t type = READ(r, header, Phdr, p_type), offset = READ(r, header, Phdr, p_offset), file_size = READ(r, header, Phdr, p_filesz);
    uint64_t mem_size = READ(r, header, Phdr, p_memsz), addr = READ(r, header, Phdr, p_paddr);
    if (type != PT_LOAD && type != PT_NOTE) {
        return true;
    }
    if (!in_file(r, offset, file_size)) {
        return error_set(err, "'%s': a segment lies outside the file", to->path);
    }
    if (type == PT_NOTE) {
        read_notes(r, offset, file_size, image);
        return true;
    }
    if (mem_size == 0) {
        return true;
    }
    if (mem_size < file_size || addr + mem_size < addr || mem_size > 2 * GiB) {
        return error_set(err, "'%s': a segment of %" G_GUINT64_FORMAT " bytes at 0x%" G_GINT64_MODIFIER "x is not usable", to->path, mem_size, addr);
    }
    addr = to->translate ? to->translate(to->opaque, addr) : addr;
    g_autofree uint8_t *bytes = g_malloc0(mem_size);
    memcpy(bytes, r->data + offset, file_size);
    g_autofree char *name = g_strdup_printf("%s ELF program header segment", to->path);
    image->low = MIN(image->low, addr);
    image->high = MAX(image->high, addr + mem_size);
    return rom_add_blob(name, bytes, mem_size, addr, to->as, err);
}

static bool read_header(ElfReader *r, ElfImage *image, uint64_t *table, unsigned *entry_size, unsigned *count)
{
    if (r->len < sizeof(Elf32_Ehdr) || memcmp(r->data, ELFMAG, SELFMAG)) {
        return false;
    }
    r->is_64bit = r->data[EI_CLASS] == ELFCLASS64;
    r->big_endian = r->data[EI_DATA] == ELFDATA2MSB;
    if (r->is_64bit && r->len < sizeof(Elf64_Ehdr)) {
        return false;
    }
    *image = (ElfImage){ .entry = READ(r, 0, Ehdr, e_entry), .low = UINT64_MAX, .is_64bit = r->is_64bit, .big_endian = r->big_endian,
                         .machine = (uint16_t)READ(r, 0, Ehdr, e_machine) };
    *table = READ(r, 0, Ehdr, e_phoff);
    *entry_size = (unsigned)READ(r, 0, Ehdr, e_phentsize);
    *count = (unsigned)READ(r, 0, Ehdr, e_phnum);
    return true;
}

bool elf_load(const char *path, AddressSpace *as, uint64_t (*translate)(void *opaque, uint64_t addr), void *opaque, ElfImage *image, bool *not_elf, GError **err)
{
    g_autoptr(GError) failure = NULL;
    *not_elf = false;
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, &failure);
    if (!file) {
        return error_set(err, "could not load '%s': %s", path, failure->message);
    }
    ElfReader r = { (const uint8_t *)g_mapped_file_get_contents(file), g_mapped_file_get_length(file), false, false };
    uint64_t table;
    unsigned entry_size, count;
    if (!read_header(&r, image, &table, &entry_size, &count)) {
        *not_elf = true;
        return error_set(err, "'%s' is no ELF file", path);
    }
    size_t least = r.is_64bit ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    if (count > ELF_MAX_SEGMENTS || entry_size < least || !in_file(&r, table, (uint64_t)entry_size * count)) {
        return error_set(err, "'%s': the program headers are damaged", path);
    }
    ElfTarget to = { as, translate, opaque, path };
    for (unsigned n = 0; n < count; n++) {
        if (!load_segment(&r, table + (uint64_t)n * entry_size, &to, image, err)) {
            return false;
        }
    }
    return true;
}

/* ---- symbols ---- */

/* The string at offset of a string table is name. */
static bool is_name(const ElfReader *r, uint64_t table, uint64_t table_size, uint64_t offset, const char *name)
{
    size_t len = strlen(name) + 1;
    return offset < table_size && len <= table_size - offset && !memcmp(r->data + table + offset, name, len);
}

static bool search_symbols(const ElfReader *r, uint64_t header, uint64_t strings_header, const char *name, uint64_t *value)
{
    uint64_t offset = READ(r, header, Shdr, sh_offset), size = READ(r, header, Shdr, sh_size), entry = r->is_64bit ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    uint64_t strings = READ(r, strings_header, Shdr, sh_offset), strings_size = READ(r, strings_header, Shdr, sh_size);
    if (!in_file(r, offset, size) || !in_file(r, strings, strings_size)) {
        return false;
    }
    for (uint64_t at = offset; at + entry <= offset + size; at += entry) {
        if (is_name(r, strings, strings_size, READ(r, at, Sym, st_name), name)) {
            *value = READ(r, at, Sym, st_value);
            return true;
        }
    }
    return false;
}

bool elf_find_symbol(const char *path, const char *name, uint64_t *value)
{
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
    if (!file) {
        return false;
    }
    ElfReader r = { (const uint8_t *)g_mapped_file_get_contents(file), g_mapped_file_get_length(file), false, false };
    ElfImage image;
    uint64_t unused;
    unsigned unused_size, unused_count;
    if (!read_header(&r, &image, &unused, &unused_size, &unused_count)) {
        return false;
    }
    uint64_t table = READ(&r, 0, Ehdr, e_shoff), size = READ(&r, 0, Ehdr, e_shentsize), count = READ(&r, 0, Ehdr, e_shnum);
    if (size < (r.is_64bit ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr)) || !in_file(&r, table, size * count)) {
        return false;
    }
    for (uint64_t n = 0; n < count; n++) {
        uint64_t header = table + n * size, link = READ(&r, header, Shdr, sh_link);
        if (READ(&r, header, Shdr, sh_type) == SHT_SYMTAB && link < count && search_symbols(&r, header, table + link * size, name, value)) {
            return true;
        }
    }
    return false;
}
