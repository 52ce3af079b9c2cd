/*
 * Multiboot kernels (Multiboot Specification 0.6.96): the image, its modules (-initrd "FILE ARGS,FILE ARGS") and the information structure. All as one piece from the load address on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/x86-kernel.h"

#include "hw/core/loader.h"
#include "util/bits.h"
#include "util/error.h"

#include <elf.h>
#include <string.h>

enum { SEARCH_SIZE = 8192, INFO_ADDR = 0x10000, INFO_SIZE = 0x1000, MODULE_ENTRY = 16, MODULES_MAX = 64 };
#define HEADER_MAGIC 0x1badb002u
enum { HEADER_HAS_ADDRESSES = 1u << 16 };
/* Fields of the information structure and its flags. */
enum { INFO_FLAGS = 0, INFO_BOOT_DEVICE = 12, INFO_CMDLINE = 16, INFO_MODS_COUNT = 20, INFO_MODS_ADDR = 24, INFO_LOADER_NAME = 64,
       FLAG_BOOT_DEVICE = 2, FLAG_CMDLINE = 4, FLAG_MODS = 8, FLAG_LOADER_NAME = 0x200 };

typedef struct Multiboot {
    GByteArray *memory;             /* from load_addr on */
    uint32_t load_addr, entry;
    uint8_t info[INFO_SIZE]; size_t strings;        /* strings: offset of the next free byte of the texts in info */
} Multiboot;

/* Puts text into the information's page and returns its address; 0 when it does not fit. */
static uint32_t add_text(Multiboot *mb, const char *text)
{
    size_t size = strlen(text) + 1;
    if (size > INFO_SIZE - mb->strings) {
        return 0;
    }
    memcpy(mb->info + mb->strings, text, size);
    mb->strings += size;
    return (uint32_t)(INFO_ADDR + INFO_SIZE + mb->strings - size);
}

static const uint8_t *find_header(const char *image, size_t size, size_t *offset)
{
    for (size_t n = 0; n + 12 <= size && n + 12 <= SEARCH_SIZE; n += 4) {
        const uint8_t *h = (const uint8_t *)image + n;
        if (load_le32(h) == HEADER_MAGIC && load_le32(h) + load_le32(h + 4) + load_le32(h + 8) == 0) {
            *offset = n;
            return h;
        }
    }
    return NULL;
}

/* The a.out kludge: addresses in the header. */
static bool load_by_header(Multiboot *mb, const char *image, size_t size, const uint8_t *header, size_t offset, GError **err)
{
    uint32_t header_addr = load_le32(header + 12), load_addr = load_le32(header + 16), load_end = load_le32(header + 20), bss_end = load_le32(header + 24);
    if (load_addr > header_addr || header_addr - load_addr > offset) {
        return error_set(err, "invalid load_addr address");
    }
    size_t start = offset - (header_addr - load_addr), length = load_end ? load_end - load_addr : size - start;
    if ((load_end && load_end < load_addr) || length > size - start) {
        return error_set(err, "invalid load_end_addr address");
    }
    if (bss_end && (bss_end < load_addr + length || bss_end - load_addr > GiB)) {
        return error_set(err, "invalid bss_end_addr address");
    }
    mb->load_addr = load_addr;
    mb->entry = load_le32(header + 28);
    g_byte_array_append(mb->memory, (const guint8 *)image + start, (guint)length);
    if (bss_end) {
        g_byte_array_set_size(mb->memory, bss_end - load_addr);
        memset(mb->memory->data + length, 0, bss_end - load_addr - length);
    }
    return true;
}

/* 32-bit ELF: the segments from the lowest to the highest address as one piece. */
static bool load_elf32(Multiboot *mb, const char *image, size_t size, GError **err)
{
    Elf32_Ehdr e;
    if (size < sizeof(e) || memcmp(image, ELFMAG, SELFMAG)) {
        return error_set(err, "multiboot kernel is neither ELF nor has addresses in its header");
    }
    memcpy(&e, image, sizeof(e));
    if (e.e_ident[EI_CLASS] != ELFCLASS32) {
        return error_set(err, "Cannot load x86-64 image, give a 32bit one.");
    }
    uint64_t low = UINT64_MAX, high = 0;
    if (e.e_phentsize < sizeof(Elf32_Phdr) || e.e_phnum > 64 || e.e_phoff > size || (uint64_t)e.e_phnum * e.e_phentsize > size - e.e_phoff) {
        return error_set(err, "multiboot kernel: the program headers are damaged");
    }
    for (int pass = 0; pass < 2; pass++) {
        for (unsigned n = 0; n < e.e_phnum; n++) {
            Elf32_Phdr p;
            memcpy(&p, image + e.e_phoff + n * e.e_phentsize, sizeof(p));
            if (p.p_type != PT_LOAD || !p.p_memsz) {
                continue;
            }
            if (p.p_offset > size || p.p_filesz > size - p.p_offset || p.p_filesz > p.p_memsz || (uint64_t)p.p_paddr + p.p_memsz > 4 * GiB) {
                return error_set(err, "multiboot kernel: a segment lies outside the file");
            }
            if (pass == 0) {
                low = MIN(low, p.p_paddr);
                high = MAX(high, (uint64_t)p.p_paddr + p.p_memsz);
            } else {
                memcpy(mb->memory->data + (p.p_paddr - low), image + p.p_offset, p.p_filesz);
            }
        }
        if (pass == 0) {
            if (low >= high || high - low > GiB) {
                return error_set(err, "multiboot kernel: it has no usable segments");
            }
            g_byte_array_set_size(mb->memory, (guint)(high - low));
            memset(mb->memory->data, 0, mb->memory->len);
        }
    }
    mb->load_addr = (uint32_t)low;
    mb->entry = e.e_entry;
    return true;
}

/* "FILE ARGS": the file on a page of its own behind what is there. */
static bool add_module(Multiboot *mb, const char *text, unsigned number, GError **err)
{
    g_autofree char *path = g_strndup(text, strcspn(text, " ")), *data = NULL;
    gsize size;
    if (!g_file_get_contents(path, &data, &size, NULL)) {
        return error_set(err, "Failed to open file '%s'", path);
    }
    if (size > GiB || mb->memory->len > GiB) {
        return error_set(err, "multiboot module '%s' is too large", path);
    }
    guint start = ROUND_UP(mb->load_addr + mb->memory->len, 4096u) - mb->load_addr, old = mb->memory->len;
    g_byte_array_set_size(mb->memory, start);
    memset(mb->memory->data + old, 0, start - old);
    g_byte_array_append(mb->memory, (const guint8 *)data, (guint)size);
    uint8_t *entry = mb->info + number * MODULE_ENTRY;
    store_le32(entry, mb->load_addr + start);
    store_le32(entry + 4, mb->load_addr + start + (uint32_t)size);
    uint32_t where = add_text(mb, text);
    store_le32(entry + 8, where);
    return where || error_set(err, "multiboot command lines are too long");
}

static bool add_modules(X86Machine *m, Multiboot *mb, unsigned *count, GError **err)
{
    if (!m->parent.initrd) {
        return true;
    }
    g_auto(GStrv) modules = g_strsplit(m->parent.initrd, ",", -1);
    for (*count = 0; modules[*count]; ++*count) {
        if (*count >= MODULES_MAX) {
            return error_set(err, "more than %d multiboot modules", MODULES_MAX);
        }
        if (!add_module(mb, g_strchug(modules[*count]), *count, err)) {
            return false;
        }
    }
    return true;
}

/* The structure itself; the ROM puts the memory map into the rest of its page. The next page has the module list and the texts. */
static bool add_info(X86Machine *m, Multiboot *mb, GError **err)
{
    unsigned modules = 0;
    g_autofree char *cmdline = g_strdup_printf("%s %s", m->parent.kernel, m->parent.append ? m->parent.append : "");
    mb->strings = MODULES_MAX * MODULE_ENTRY;
    if (!add_modules(m, mb, &modules, err)) {
        return false;
    }
    uint32_t cmdline_addr = add_text(mb, cmdline), name_addr = add_text(mb, "qemu");
    if (!cmdline_addr || !name_addr) {
        return error_set(err, "multiboot command lines are too long");
    }
    uint8_t *info = g_malloc0(2 * INFO_SIZE);
    store_le32(info + INFO_FLAGS, FLAG_BOOT_DEVICE | FLAG_CMDLINE | FLAG_MODS | FLAG_LOADER_NAME);
    store_le32(info + INFO_BOOT_DEVICE, 0x8000ffff);
    store_le32(info + INFO_CMDLINE, cmdline_addr);
    store_le32(info + INFO_MODS_COUNT, modules);
    store_le32(info + INFO_MODS_ADDR, INFO_ADDR + INFO_SIZE);
    store_le32(info + INFO_LOADER_NAME, name_addr);
    memcpy(info + INFO_SIZE, mb->info, INFO_SIZE);
    x86_kernel_add_blob(m->fw_cfg, &blob_initrd, INFO_ADDR, info, 2 * INFO_SIZE);
    return true;
}

bool x86_load_multiboot(X86Machine *m, const char *image, size_t size, bool *handled, GError **err)
{
    size_t offset;
    const uint8_t *header = find_header(image, size, &offset);
    if (!header) {
        return true;
    }
    *handled = true;
    Multiboot mb = { .memory = g_byte_array_new() };
    bool by_header = load_le32(header + 4) & HEADER_HAS_ADDRESSES && offset + 32 <= size;
    bool ok = (by_header ? load_by_header(&mb, image, size, header, offset, err) : load_elf32(&mb, image, size, err)) && add_info(m, &mb, err);
    if (ok) {
        size_t length = mb.memory->len;
        fw_cfg_add_u32(m->fw_cfg, FW_CFG_KERNEL_ENTRY, mb.entry);
        x86_kernel_add_blob(m->fw_cfg, &blob_kernel, mb.load_addr, g_byte_array_free(mb.memory, FALSE), length);
        ok = rom_add_option("multiboot_dma.bin", 0, err);
    } else {
        g_byte_array_free(mb.memory, TRUE);
    }
    return ok;
}
