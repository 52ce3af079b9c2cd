/*
 * Firmware, kernel, device tree and reset vector (OpenSBI, docs/firmware/fw_dynamic.md and include/sbi/fw_dynamic.h; Linux, Documentation/arch/riscv/boot.rst).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "boot.h"

#include "hw/core/loader.h"
#include "softmmu/dma.h"
#include "target/riscv.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

#define FW_DYNAMIC_MAGIC 0x4942534fu        /* "OSBI" */
enum { FW_DYNAMIC_VERSION = 2, FW_DYNAMIC_NEXT_MODE_S = 1, RESET_WORDS = 10, INFO_FIELDS = 6, MACHINE_RISCV = 243 };

static AddressSpace *space_of(const RiscvBoot *boot) { return &boot->machine->system_memory.memory_space; }

static uint64_t ram_left(const RiscvBoot *boot, uint64_t addr)
{
    uint64_t offset = addr - boot->ram_base;
    return offset < boot->machine->ram_size ? boot->machine->ram_size - offset : 0;
}

/* true with *done: an ELF file was loaded; true without: it is none. */
static bool try_elf(const RiscvBoot *boot, const char *what, const char *path, ElfImage *image, bool *done, GError **err)
{
    bool not_elf = false;
    g_autoptr(GError) failure = NULL;
    *done = elf_load(path, space_of(boot), NULL, NULL, image, &not_elf, &failure);
    if (!*done && not_elf) {
        return true;
    }
    if (!*done) {
        return error_set(err, "could not load %s '%s': %s", what, path, failure->message);
    }
    if (image->machine != MACHINE_RISCV || image->is_64bit != (boot->xlen == 64)) {
        return error_set(err, "could not load %s '%s': it is no program for RV%u", what, path, boot->xlen);
    }
    return true;
}

/* ---- firmware ---- */

static char *find_firmware(const RiscvBoot *boot, GError **err)
{
    const char *name = boot->machine->firmware;
    if (name && strcmp(name, "default")) {
        char *path = firmware_find(name);
        if (!path) {
            error_set(err, "Unable to find the RISC-V BIOS \"%s\"", name);
        }
        return path;
    }
    /* As emulators package it, then as OpenSBI's own package has it. */
    g_autofree char *ours = g_strdup_printf("opensbi-riscv%u-generic-fw_dynamic.bin", boot->xlen);
    g_autofree char *theirs = g_strdup_printf("/usr/lib/riscv%u-linux-gnu/opensbi/generic/fw_dynamic.bin", boot->xlen);
    char *path = firmware_find(ours);
    path = path ? path : firmware_find(theirs);
    if (!path) {
        firmware_missing(ours, err);
    }
    return path;
}

bool riscv_load_firmware(RiscvBoot *boot, GError **err)
{
    boot->firmware_end = boot->start;
    bool none = !g_strcmp0(boot->machine->firmware, "none");
    if (accel_is("kvm") && boot->machine->firmware && !none) {
        return error_set(err, "Machine mode firmware is not supported in combination with KVM.");
    }
    if (none || accel_is("kvm")) {
        return true;
    }
    g_autofree char *path = find_firmware(boot, err);
    ElfImage image;
    bool is_elf;
    if (!path || !try_elf(boot, "firmware", path, &image, &is_elf, err)) {
        return false;
    }
    if (is_elf) {
        boot->start = image.entry;
        boot->firmware_end = image.high;
        return true;
    }
    gsize size;
    g_autofree char *data = boot_read_file("firmware", path, ram_left(boot, boot->start), &size, err);
    boot->firmware_end += data ? size : 0;
    return data && rom_add_blob(path, data, size, boot->start, space_of(boot), err);
}

/* ---- kernel ---- */

static bool load_initrd(RiscvBoot *boot, GError **err)
{
    const Machine *m = boot->machine;
    gsize size;
    if (!m->initrd) {
        return true;
    }
    /* Far enough behind the kernel that its unpacking does not touch it, and not behind the half of small memories. */
    uint64_t at = boot->kernel_entry + MIN(m->ram_size / 2, 512 * MiB);
    at = MAX(at, ROUND_UP(boot->kernel_end, 2 * MiB));
    g_autofree char *data = boot_read_file("ramdisk", m->initrd, ram_left(boot, at), &size, err);
    if (!data || !rom_add_blob(m->initrd, data, size, at, space_of(boot), err)) {
        return false;
    }
    boot->initrd = at;
    boot->initrd_end = at + size;
    return true;
}

bool riscv_load_kernel(RiscvBoot *boot, GError **err)
{
    const char *path = boot->machine->kernel;
    ElfImage image;
    bool is_elf;
    if (!path) {
        return true;
    }
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        return error_set(err, "could not load kernel '%s'", path);
    }
    if (!try_elf(boot, "kernel", path, &image, &is_elf, err)) {
        return false;
    }
    if (is_elf) {
        boot->kernel_entry = boot->xlen == 32 ? (uint32_t)image.entry : image.entry;
        boot->kernel_end = image.high;
        return load_initrd(boot, err);
    }
    uint64_t at = ROUND_UP(boot->firmware_end, boot->xlen == 32 ? 4 * MiB : 2 * MiB);
    gsize size;
    g_autofree char *data = boot_read_file("kernel", path, ram_left(boot, at), &size, err);
    if (!data || !rom_add_blob(path, data, size, at, space_of(boot), err)) {
        return false;
    }
    boot->kernel_entry = at;
    boot->kernel_end = at + size;
    return load_initrd(boot, err);
}

/* ---- the device tree ---- */

bool riscv_load_device_tree(RiscvBoot *boot, const DeviceTree *tree, uint64_t ram_top, GError **err)
{
    size_t size;
    g_autofree void *blob = device_tree_flatten(tree, &size, err);
    if (!blob) {
        return false;
    }
    if (size > ram_top - boot->ram_base) {
        return error_set(err, "the device tree of %zu bytes does not fit into the RAM", size);
    }
    boot->fdt_addr = ROUND_DOWN(ram_top - size, 2 * MiB);
    if (boot->fdt_addr < boot->ram_base) {
        return error_set(err, "the device tree of %zu bytes does not fit into the RAM", size);
    }
    return rom_add_blob("fdt", blob, size, boot->fdt_addr, space_of(boot), err);
}

void riscv_reseed_device_tree(const RiscvBoot *boot, DeviceTree *tree)
{
    size_t size;
    g_autofree void *blob = boot_reseed(tree, "/chosen") ? device_tree_flatten(tree, &size, NULL) : NULL;
    if (blob) {
        dma_write_rom(space_of(boot), boot->fdt_addr, blob, size);
    }
}

/* ---- the reset vector ---- */

/* struct fw_dynamic_info: magic, version, next_addr, next_mode, options, boot_hart; each an unsigned long. */
static size_t make_info(const RiscvBoot *boot, uint8_t *bytes)
{
    const uint64_t fields[INFO_FIELDS] = { FW_DYNAMIC_MAGIC, FW_DYNAMIC_VERSION, boot->kernel_entry, FW_DYNAMIC_NEXT_MODE_S, 0, 0 };
    for (unsigned n = 0; n < INFO_FIELDS; n++) {
        if (boot->xlen == 64) {
            store_le64(bytes + 8 * n, fields[n]);
        } else {
            store_le32(bytes + 4 * n, (uint32_t)fields[n]);
        }
    }
    return INFO_FIELDS * boot->xlen / 8;
}

bool riscv_add_reset_vector(const RiscvBoot *boot, uint64_t addr, GError **err)
{
    /* Under KVM the instructions below, which are M-mode's, are not run. */
    CPU_FOREACH (cpu) {
        riscv_hart_set_boot_state(cpu, boot->kernel_entry ? boot->kernel_entry : boot->start, boot->fdt_addr);
    }
    const uint32_t load = boot->xlen == 64 ? 0x3000 : 0x2000;      /* funct3 of ld or lw */
    const uint32_t words[RESET_WORDS] = {
        0x00000297,                                     /* auipc t0, 0 */
        0x02828613,                                     /* addi a2, t0, 40: the fw_dynamic_info behind these words */
        boot->has_zicsr ? 0xf1402573 : 0x00000513,      /* csrr a0, mhartid; there is one hart without CSRs: li a0, 0 */
        0x02028583 | load,                              /* ld a1, 32(t0): the device tree */
        0x01828283 | load,                              /* ld t0, 24(t0) */
        0x00028067,                                     /* jr t0 */
        (uint32_t)boot->start, (uint32_t)(boot->start >> 32), (uint32_t)boot->fdt_addr, (uint32_t)(boot->fdt_addr >> 32),
    };
    uint8_t code[RESET_WORDS * 4], info[INFO_FIELDS * 8];
    for (unsigned n = 0; n < RESET_WORDS; n++) {
        store_le32(code + 4 * n, words[n]);
    }
    size_t info_size = make_info(boot, info);
    return rom_add_blob("mrom.reset", code, sizeof(code), addr, space_of(boot), err) &&
           rom_add_blob("mrom.finfo", info, info_size, addr + sizeof(code), space_of(boot), err);
}
