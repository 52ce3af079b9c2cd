/*
 * Kernels for Arm by Linux's rules (Linux, Documentation/arch/arm64/booting.rst and Documentation/arch/arm/booting.rst; include/linux/efi's zboot header;
 * U-Boot, include/image.h for the legacy uImage).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "boot.h"

#include "hw/core/loader.h"
#include "softmmu/dma.h"
#include "util/bits.h"
#include "util/error.h"

#include <gio/gio.h>
#include <string.h>

enum { MACHINE_ARM = 40, MACHINE_AARCH64 = 183 };
enum { IMAGE64_TEXT_OFFSET = 8, IMAGE64_SIZE = 16, IMAGE64_MAGIC = 56, IMAGE64_HEADER = 64 };
enum { UIMAGE_LOAD = 16, UIMAGE_ENTRY = 20, UIMAGE_OS = 28, UIMAGE_TYPE = 30, UIMAGE_PACKED = 31, UIMAGE_HEADER = 64, UIMAGE_OS_LINUX = 5, UIMAGE_TYPE_KERNEL = 2,
       UIMAGE_TYPE_KERNEL_NOLOAD = 14, UIMAGE_GZIP = 1 };
enum { ZBOOT_MAGIC = 4, ZBOOT_OFFSET = 8, ZBOOT_SIZE = 12, ZBOOT_METHOD = 24, ZBOOT_HEADER = 64 };
#define IMAGE64_MAGIC_VALUE 0x644d5241u     /* "ARM\x64" */
#define UIMAGE_MAGIC 0x27051956u

/* Where kernels go that do not say. The first page is kept free. */
#define KERNEL64_OFFSET 0x80000
#define KERNEL32_OFFSET 0x10000
#define KEPT_FREE 4096
#define UNPACKED_MAX (256 * MiB)

static AddressSpace *space_of(const ArmBoot *boot) { return (AddressSpace *)&boot->machine->system_memory.memory_space; }

static uint64_t ram_left(const ArmBoot *boot, uint64_t addr)
{
    uint64_t offset = addr - boot->ram_base;
    return offset < boot->machine->ram_size ? boot->machine->ram_size - offset : 0;
}

/* ---- unpacking ---- */

/* What gzip packed, or NULL when it is no such thing or too large. */
static GByteArray *gunzip(const uint8_t *data, size_t size)
{
    g_autoptr(GZlibDecompressor) decompressor = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP);
    g_autoptr(GByteArray) out = g_byte_array_new();
    GConverterResult result = G_CONVERTER_CONVERTED;
    while (result != G_CONVERTER_FINISHED) {
        uint8_t part[64 * 1024];
        gsize taken, made;
        result = g_converter_convert(G_CONVERTER(decompressor), data, size, part, sizeof(part), G_CONVERTER_INPUT_AT_END, &taken, &made, NULL);
        if (result == G_CONVERTER_ERROR || out->len + made > UNPACKED_MAX) {
            return NULL;
        }
        g_byte_array_append(out, part, (guint)made);
        data += taken;
        size -= taken;
    }
    return g_steal_pointer(&out);
}

static bool is_gzip(const GByteArray *file) { return file->len > 2 && file->data[0] == 0x1f && file->data[1] == 0x8b; }

/* An EFI program that holds the packed kernel: the kernel takes its place. */
static bool unpack_zboot(GByteArray **file, GError **err)
{
    const GByteArray *f = *file;
    if (f->len < ZBOOT_HEADER || memcmp(f->data, "MZ", 2) || memcmp(f->data + ZBOOT_MAGIC, "zimg", 4)) {
        return true;
    }
    uint32_t offset = load_le32(f->data + ZBOOT_OFFSET), size = load_le32(f->data + ZBOOT_SIZE);
    if (memcmp(f->data + ZBOOT_METHOD, "gzip", 5)) {
        return error_set(err, "could not load kernel: an EFI zboot image that is packed by other than gzip is not implemented");
    }
    GByteArray *kernel = offset <= f->len && size <= f->len - offset ? gunzip(f->data + offset, size) : NULL;
    if (!kernel) {
        return error_set(err, "could not load kernel: the EFI zboot image is broken");
    }
    g_byte_array_unref(*file);
    *file = kernel;
    return true;
}

static GByteArray *read_kernel(const ArmBoot *boot, GError **err)
{
    gsize size;
    char *data = boot_read_file("kernel", boot->machine->kernel, UINT32_MAX, &size, err);
    g_autoptr(GByteArray) file = data ? g_byte_array_new_take((guint8 *)data, size) : NULL;
    GByteArray *unpacked = file && boot->aarch64 && is_gzip(file) ? gunzip(file->data, file->len) : NULL;
    if (unpacked) {
        g_byte_array_unref(file);
        file = unpacked;
    }
    return file && unpack_zboot(&file, err) ? g_steal_pointer(&file) : NULL;
}

/* ---- the kinds of kernels ---- */

static bool place(ArmBoot *boot, const GByteArray *file, uint64_t at, uint64_t entry, GError **err)
{
    if (file->len > ram_left(boot, at)) {
        return error_set(err, "could not load kernel '%s': it is larger than the RAM behind its place", boot->machine->kernel);
    }
    boot->entry = entry;
    boot->kernel_end = at + file->len;
    return rom_add_blob(boot->machine->kernel, file->data, file->len, at, space_of(boot), err);
}

static bool load_image64(ArmBoot *boot, const GByteArray *file, GError **err)
{
    uint64_t offset = KERNEL64_OFFSET, size = 0;
    if (file->len >= IMAGE64_HEADER && load_le32(file->data + IMAGE64_MAGIC) == IMAGE64_MAGIC_VALUE) {
        size = load_le64(file->data + IMAGE64_SIZE);
        /* Before image_size came, text_offset had no certain byte order. */
        offset = size ? load_le64(file->data + IMAGE64_TEXT_OFFSET) : offset;
        offset = offset < KEPT_FREE ? offset + 2 * MiB : offset;
    }
    if (offset > boot->machine->ram_size || size > boot->machine->ram_size) {
        return error_set(err, "could not load kernel '%s': its header asks for more than the RAM", boot->machine->kernel);
    }
    uint64_t at = boot->ram_base + offset;
    boot->is_linux = true;
    if (!place(boot, file, at, at, err)) {
        return false;
    }
    boot->kernel_end = MAX(boot->kernel_end, at + size);
    return true;
}

static bool load_image32(ArmBoot *boot, const GByteArray *file, GError **err)
{
    uint64_t at = boot->ram_base + KERNEL32_OFFSET;
    boot->is_linux = true;
    return place(boot, file, at, at, err);
}

static bool is_uimage(const GByteArray *file) { return file->len >= UIMAGE_HEADER && load_be32(file->data) == UIMAGE_MAGIC; }

static bool load_uimage(ArmBoot *boot, const GByteArray *file, GError **err)
{
    const uint8_t *h = file->data;
    if (h[UIMAGE_TYPE] != UIMAGE_TYPE_KERNEL && h[UIMAGE_TYPE] != UIMAGE_TYPE_KERNEL_NOLOAD) {
        return error_set(err, "could not load kernel '%s': the uImage is no kernel (type %u)", boot->machine->kernel, h[UIMAGE_TYPE]);
    }
    if (h[UIMAGE_PACKED] > UIMAGE_GZIP) {
        return error_set(err, "could not load kernel '%s': a uImage packed by method %u is not implemented", boot->machine->kernel, h[UIMAGE_PACKED]);
    }
    bool anywhere = h[UIMAGE_TYPE] == UIMAGE_TYPE_KERNEL_NOLOAD;
    uint64_t at = load_be32(h + UIMAGE_LOAD), entry = load_be32(h + UIMAGE_ENTRY), offset = boot->aarch64 ? KERNEL64_OFFSET : KERNEL32_OFFSET;
    g_autoptr(GByteArray) body = NULL;
    if (h[UIMAGE_PACKED] == UIMAGE_GZIP) {
        body = gunzip(h + UIMAGE_HEADER, file->len - UIMAGE_HEADER);
    } else {
        body = g_byte_array_append(g_byte_array_new(), h + UIMAGE_HEADER, file->len - UIMAGE_HEADER);
    }
    if (!body) {
        return error_set(err, "could not load kernel '%s': the uImage does not unpack", boot->machine->kernel);
    }
    boot->is_linux = h[UIMAGE_OS] == UIMAGE_OS_LINUX;
    return place(boot, body, anywhere ? boot->ram_base + offset : at, anywhere ? boot->ram_base + offset + entry : entry, err);
}

/* true with *done: it was an ELF file. */
static bool try_elf(ArmBoot *boot, bool *done, GError **err)
{
    ElfImage image;
    bool not_elf = false;
    g_autoptr(GError) failure = NULL;
    *done = elf_load(boot->machine->kernel, space_of(boot), NULL, NULL, &image, &not_elf, &failure);
    if (!*done && not_elf) {
        return true;
    }
    if (!*done) {
        return error_set(err, "could not load kernel '%s': %s", boot->machine->kernel, failure->message);
    }
    if (image.machine != (boot->aarch64 ? MACHINE_AARCH64 : MACHINE_ARM)) {
        return error_set(err, "could not load kernel '%s': it is no program for %s", boot->machine->kernel, boot->aarch64 ? "AArch64" : "AArch32");
    }
    boot->entry = image.entry;
    boot->kernel_end = image.high;
    return true;
}

/* ---- all of it ---- */

static bool load_initrd(ArmBoot *boot, GError **err)
{
    const Machine *m = boot->machine;
    gsize size;
    if (!m->initrd) {
        return true;
    }
    /* Far enough behind the kernel that its unpacking does not touch it, and not behind the half of small memories. */
    uint64_t at = MAX(boot->ram_base + MIN(m->ram_size / 2, 128 * MiB), ROUND_UP(boot->kernel_end, 4 * KiB));
    g_autofree char *data = boot_read_file("initrd", m->initrd, ram_left(boot, at), &size, err);
    boot->initrd = at;
    boot->initrd_end = at + size;
    return data && rom_add_blob(m->initrd, data, size, at, space_of(boot), err);
}

bool arm_load_kernel(ArmBoot *boot, GError **err)
{
    bool is_elf = false;
    if (!g_file_test(boot->machine->kernel, G_FILE_TEST_EXISTS)) {
        return error_set(err, "could not load kernel '%s'", boot->machine->kernel);
    }
    if (!try_elf(boot, &is_elf, err)) {
        return false;
    }
    if (is_elf) {
        return load_initrd(boot, err);
    }
    g_autoptr(GByteArray) file = read_kernel(boot, err);
    return file && (is_uimage(file) ? load_uimage(boot, file, err) : boot->aarch64 ? load_image64(boot, file, err) : load_image32(boot, file, err)) && load_initrd(boot, err);
}

bool arm_load_device_tree(ArmBoot *boot, const DeviceTree *tree, GError **err)
{
    size_t size;
    g_autofree void *blob = device_tree_flatten(tree, &size, err);
    if (!blob) {
        return false;
    }
    /* Firmware and programs look for it at the start of RAM; Linux is told. 2 MiB aligned, so that it can be mapped as one block with what is behind it. */
    uint64_t end = MAX(boot->initrd_end, boot->kernel_end);
    boot->tree_addr = boot->is_linux ? ROUND_UP(end, boot->aarch64 ? 2 * MiB : 4 * KiB) : boot->ram_base;
    if (size > ram_left(boot, boot->tree_addr)) {
        return error_set(err, "the device tree of %zu bytes does not fit into the RAM", size);
    }
    return rom_add_blob("dtb", blob, size, boot->tree_addr, space_of(boot), err);
}

void arm_rewrite_device_tree(const ArmBoot *boot, const DeviceTree *tree)
{
    size_t size;
    g_autofree void *blob = device_tree_flatten(tree, &size, NULL);
    if (blob) {
        dma_write_rom(space_of(boot), boot->tree_addr, blob, size);
    }
}

void arm_set_boot_state(const ArmBoot *boot)
{
    ArmBootState state = { .pc = boot->entry, .el = boot->has_el2 ? 2 : 1, .aarch64 = boot->aarch64 };
    if (!boot->is_linux && arm_cpu_info(boot->cpu).has_el3) {
        /* Other programs begin where the processor does, and answer the calls to it themselves. */
        state.el = 3;
        state.secure = true;
        CPU_FOREACH(cpu) {
            object_set_text(OBJECT(cpu), "psci-conduit", "0", NULL);
        }
    }
    if (boot->aarch64) {
        state.x[0] = boot->tree_addr;
    } else {
        state.x[1] = UINT32_MAX;        /* no machine number: the tree says what this is */
        state.x[2] = boot->tree_addr;
    }
    arm_cpu_set_boot_state(boot->cpu, &state);
}
