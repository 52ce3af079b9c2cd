/*
 * -kernel for x86 boards: Linux images by the boot protocol, ELF kernels with a PVH entry, multiboot kernels. The pieces go into fw_cfg; an option ROM puts them into
 * memory and starts them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/x86-kernel.h"

#include "hw/core/loader.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

/* The real-mode kernel header (Linux, Documentation/arch/x86/boot.rst). */
enum {
    HDR_SETUP_SECTS = 0x1f1, HDR_VID_MODE = 0x1fa, HDR_MAGIC = 0x202, HDR_VERSION = 0x206, HDR_TYPE_OF_LOADER = 0x210, HDR_LOADFLAGS = 0x211,
    HDR_RAMDISK_IMAGE = 0x218, HDR_RAMDISK_SIZE = 0x21c, HDR_HEAP_END_PTR = 0x224, HDR_CMD_LINE_PTR = 0x228, HDR_INITRD_ADDR_MAX = 0x22c,
    HDR_XLOADFLAGS = 0x236, HDR_CMDLINE_SIZE = 0x238, HDR_MIN_SIZE = 0x250,
    OLD_CMDLINE_MAGIC = 0x20, OLD_CMDLINE_OFFSET = 0x22, OLD_CMDLINE_MAGIC_VALUE = 0xa33f,
    LOADED_HIGH = 0x01, CAN_USE_HEAP = 0x80, XLF_CAN_BE_LOADED_ABOVE_4G = 0x02, LOADER_QEMU = 0xb0,
};
#define HDR_MAGIC_VALUE 0x53726448u     /* "HdrS" */

/* What the firmware keeps at the top of the memory below 4 GiB for ACPI tables. */
#define ACPI_DATA_SIZE (0x20000 + 0x8000)

static bool read_whole(const char *path, const char *what, char **data, gsize *size, GError **err)
{
    g_autoptr(GError) failure = NULL;
    if (!g_file_get_contents(path, data, size, &failure)) {
        return error_set(err, "could not open %s '%s': %s", what, path, failure->message);
    }
    return *size <= 2 * GiB || error_set(err, "%s '%s' is too large", what, path);
}

void x86_kernel_add_blob(FwCfg *f, const BlobKeys *keys, uint64_t addr, void *data, size_t size)
{
    fw_cfg_add_u32(f, keys->addr, (uint32_t)addr);
    fw_cfg_add_u32(f, keys->size, (uint32_t)size);
    fw_cfg_add_bytes(f, keys->data, data, size);
}
const BlobKeys blob_setup = { FW_CFG_SETUP_ADDR, FW_CFG_SETUP_SIZE, FW_CFG_SETUP_DATA },
    blob_kernel = { FW_CFG_KERNEL_ADDR, FW_CFG_KERNEL_SIZE, FW_CFG_KERNEL_DATA },
    blob_cmdline = { FW_CFG_CMDLINE_ADDR, FW_CFG_CMDLINE_SIZE, FW_CFG_CMDLINE_DATA },
    blob_initrd = { FW_CFG_INITRD_ADDR, FW_CFG_INITRD_SIZE, FW_CFG_INITRD_DATA };

/* The highest place for the initial RAM disk, on a page. */
static bool place_initrd(const X86Machine *m, size_t size, uint64_t max, uint64_t *addr, GError **err)
{
    uint64_t top = m->below_4g_mem_size > ACPI_DATA_SIZE ? m->below_4g_mem_size - ACPI_DATA_SIZE : 0;
    top = MIN(top, max >= UINT32_MAX ? 4 * GiB : max + 1);
    if (size >= top || top - size < 2 * MiB) {
        return error_set(err, "initrd is too large, cannot support. (max: %" G_GUINT64_FORMAT ", need %zu)", top, size);
    }
    *addr = ROUND_DOWN(top - size, 4096);
    return true;
}

bool x86_kernel_add_initrd(X86Machine *m, uint64_t max, uint64_t *addr, size_t *size, GError **err)
{
    *addr = 0;
    *size = 0;
    if (!m->parent.initrd) {
        return true;
    }
    char *data;
    gsize length;
    if (!read_whole(m->parent.initrd, "initrd", &data, &length, err)) {
        return false;
    }
    if (!place_initrd(m, length, max, addr, err)) {
        g_free(data);
        return false;
    }
    *size = length;
    x86_kernel_add_blob(m->fw_cfg, &blob_initrd, *addr, data, length);
    return true;
}

/* ---- Linux images ---- */

typedef struct LinuxLayout { uint64_t real_addr, cmdline_addr, prot_addr, initrd_max; unsigned protocol; } LinuxLayout;

static LinuxLayout choose_layout(const uint8_t *header, size_t cmdline_size)
{
    LinuxLayout l = { .protocol = load_le32(header + HDR_MAGIC) == HDR_MAGIC_VALUE ? load_le16(header + HDR_VERSION) : 0, .initrd_max = 0x37ffffff };
    if (l.protocol < 0x200 || !(header[HDR_LOADFLAGS] & LOADED_HIGH)) {
        l.real_addr = 0x90000;
        l.cmdline_addr = 0x9a000 - cmdline_size;
        l.prot_addr = 0x10000;
    } else {
        l.real_addr = l.protocol < 0x202 ? 0x90000 : 0x10000;
        l.cmdline_addr = l.protocol < 0x202 ? 0x9a000 - cmdline_size : 0x20000;
        l.prot_addr = 0x100000;
    }
    if (l.protocol >= 0x20c && (load_le16(header + HDR_XLOADFLAGS) & XLF_CAN_BE_LOADED_ABOVE_4G)) {
        /* Anything below 4 GiB will do; above, an option ROM cannot write. */
        l.initrd_max = UINT32_MAX;
    } else if (l.protocol >= 0x203) {
        l.initrd_max = load_le32(header + HDR_INITRD_ADDR_MAX);
    }
    return l;
}

/* vga=normal|ext|ask|NUMBER of the command line goes into the header. */
static void set_video_mode(uint8_t *header, const char *append)
{
    const char *vga = strstr(append, "vga=");
    if (!vga) {
        return;
    }
    vga += strlen("vga=");
    long mode = g_str_has_prefix(vga, "normal") ? 0xffff : g_str_has_prefix(vga, "ext") ? 0xfffe : g_str_has_prefix(vga, "ask") ? 0xfffd : strtol(vga, NULL, 0);
    store_le16(header + HDR_VID_MODE, (uint16_t)mode);
}

static bool check_cmdline(const uint8_t *header, const LinuxLayout *l, size_t size, GError **err)
{
    size_t max = l->protocol >= 0x206 ? load_le32(header + HDR_CMDLINE_SIZE) : 255;
    if (size > max + 1 || size > 64 * KiB) {
        return error_set(err, "-append: the command line of %zu bytes is longer than the kernel takes (%zu)", size - 1, max);
    }
    return true;
}

static bool load_linux(X86Machine *m, char *image, size_t size, GError **err)
{
    const char *append = m->parent.append ? m->parent.append : "";
    uint8_t *header = (uint8_t *)image;
    size_t cmdline_size = strlen(append) + 1, setup_size = ((header[HDR_SETUP_SECTS] ? header[HDR_SETUP_SECTS] : 4) + 1) * 512u;
    LinuxLayout l = choose_layout(header, ROUND_UP(cmdline_size, 16));
    if (!check_cmdline(header, &l, cmdline_size, err)) {
        return false;
    }
    if (setup_size >= size) {
        return error_set(err, "qemu: invalid kernel header");
    }
    uint64_t initrd_addr;
    size_t initrd_size;
    if (m->parent.initrd && l.protocol < 0x200) {
        return error_set(err, "linux kernel too old to load a ram disk");
    }
    if (!x86_kernel_add_initrd(m, l.initrd_max, &initrd_addr, &initrd_size, err)) {
        return false;
    }
    set_video_mode(header, append);
    if (l.protocol >= 0x200) {
        header[HDR_TYPE_OF_LOADER] = LOADER_QEMU;
        store_le32(header + HDR_RAMDISK_IMAGE, (uint32_t)initrd_addr);
        store_le32(header + HDR_RAMDISK_SIZE, (uint32_t)initrd_size);
    }
    if (l.protocol >= 0x201) {
        header[HDR_LOADFLAGS] |= CAN_USE_HEAP;
        store_le16(header + HDR_HEAP_END_PTR, (uint16_t)(l.cmdline_addr - l.real_addr - 0x200));
    }
    if (l.protocol >= 0x202) {
        store_le32(header + HDR_CMD_LINE_PTR, (uint32_t)l.cmdline_addr);
    } else {
        store_le16(header + OLD_CMDLINE_MAGIC, OLD_CMDLINE_MAGIC_VALUE);
        store_le16(header + OLD_CMDLINE_OFFSET, (uint16_t)(l.cmdline_addr - l.real_addr));
    }
    x86_kernel_add_blob(m->fw_cfg, &blob_cmdline, l.cmdline_addr, g_strdup(append), cmdline_size);
    x86_kernel_add_blob(m->fw_cfg, &blob_setup, l.real_addr, g_memdup2(image, setup_size), setup_size);
    x86_kernel_add_blob(m->fw_cfg, &blob_kernel, l.prot_addr, g_memdup2(image + setup_size, size - setup_size), size - setup_size);
    return rom_add_option("linuxboot_dma.bin", 0, err);
}

/* ---- ELF with a PVH note ---- */

enum { PVH_CMDLINE_ADDR = 0x20000 };

static bool load_pvh(X86Machine *m, GError **err)
{
    ElfImage image;
    bool not_elf;
    const char *append = m->parent.append ? m->parent.append : "";
    if (!elf_load(m->parent.kernel, &m->parent.system_memory.memory_space, NULL, NULL, &image, &not_elf, err)) {
        return false;
    }
    if (!image.pvh_entry || image.pvh_entry > UINT32_MAX) {
        return error_set(err, "Error loading uncompressed kernel without PVH ELF Note");
    }
    uint64_t initrd_addr;
    size_t initrd_size;
    if (!x86_kernel_add_initrd(m, UINT32_MAX, &initrd_addr, &initrd_size, err)) {
        return false;
    }
    if (!initrd_size) {
        fw_cfg_add_u32(m->fw_cfg, FW_CFG_INITRD_SIZE, 0);
    }
    fw_cfg_add_u32(m->fw_cfg, FW_CFG_KERNEL_ENTRY, (uint32_t)image.pvh_entry);
    x86_kernel_add_blob(m->fw_cfg, &blob_cmdline, PVH_CMDLINE_ADDR, g_strdup(append), strlen(append) + 1);
    return rom_add_option("pvh.bin", 0, err);
}

bool x86_load_kernel(X86Machine *m, GError **err)
{
    if (!m->parent.kernel) {
        return true;
    }
    if (m->parent.dtb) {
        return error_set(err, "-dtb is not implemented for this machine");
    }
    g_autofree char *image = NULL;
    gsize size;
    if (!read_whole(m->parent.kernel, "kernel file", &image, &size, err)) {
        return false;
    }
    bool handled = false;
    if (!x86_load_multiboot(m, image, size, &handled, err)) {
        return false;
    }
    if (handled) {
        return true;
    }
    if (size >= 4 && !memcmp(image, "\177ELF", 4)) {
        return load_pvh(m, err);
    }
    if (size < HDR_MIN_SIZE) {
        return error_set(err, "qemu: invalid kernel header");
    }
    return load_linux(m, image, size, err);
}
