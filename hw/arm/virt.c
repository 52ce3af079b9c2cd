/*
 * "virt": an Arm board of devices that need no driver of a certain vendor: virtio, PCI Express, PrimeCells, flash.
 *
 * The memory map and the wiring are the reference's, read from its device trees; guests learn them from ours (virt-device-tree.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virt.h"

#include "block/drive.h"
#include "hw/block/flash.h"
#include "hw/core/loader.h"
#include "hw/nvram/boot-order.h"
#include "util/bits.h"
#include "util/error.h"

#include <stdio.h>
#include <string.h>

/* ---- what it is built of ---- */

/* Processors answer PSCI themselves by the instruction that leads to the exception level above what the guest begins in; firmware that begins in that level answers it. */
static bool setup_psci(ArmVirt *m, GError **err)
{
    bool is_kernel = m->parent.kernel && !m->has_firmware;
    unsigned begins_in = m->secure && !is_kernel ? 3 : m->virtualization ? 2 : 1, answers_in = m->virtualization ? 3 : 2;
    m->psci_conduit = begins_in >= answers_in ? PSCI_CONDUIT_NONE : m->virtualization ? PSCI_CONDUIT_SMC : PSCI_CONDUIT_HVC;
    for (unsigned n = 0; n < m->parent.smp.cpus && m->psci_conduit != PSCI_CONDUIT_NONE; n++) {
        if (!object_set_uint(OBJECT(m->cpus[n]), "psci-conduit", m->psci_conduit, err) || !object_set_bool(OBJECT(m->cpus[n]), "start-powered-off", n > 0, err)) {
            return false;
        }
    }
    return true;
}

static bool virt_build(Machine *machine, GError **err)
{
    ArmVirt *m = ARM_VIRT(machine);
    arm_virt_init_map(m);
    return arm_virt_check_options(m, err) && arm_virt_create_cpus(m, err) && arm_virt_make_map(m, err) && arm_virt_create_gic(m, err) && arm_virt_create_devices(m, err) && setup_psci(m, err);
}

/* ---- what it starts with ---- */

static bool load_firmware(ArmVirt *m, GError **err)
{
    const char *name = m->parent.firmware;
    MemoryRegion *flash = pflash_cfi01_memory(m->flash[0]);
    gsize size;
    if (!name) {
        return true;
    }
    if (pflash_cfi01_blk(m->flash[0])) {
        return error_set(err, "The contents of the first flash device may be specified with -bios or with -drive if=pflash... but you cannot use both options at once");
    }
    g_autofree char *path = firmware_find(name), *data = NULL;
    if (!path) {
        return error_set(err, "Could not find ROM image '%s'", name);
    }
    if (!g_file_get_contents(path, &data, &size, NULL) || size > memory_region_size(flash)) {
        return error_set(err, "Could not load ROM image '%s'", name);
    }
    memcpy(memory_region_ram_ptr(flash), data, size);
    rom_note(name, size, m->map[VIRT_FLASH].base);
    return true;
}

static bool load(ArmVirt *m, GError **err)
{
    Machine *machine = &m->parent;
    m->boot = (ArmBoot){ .machine = machine, .cpu = m->cpus[0], .aarch64 = m->cpu_info.aarch64, .has_el2 = m->cpu_info.has_el2, .ram_base = m->map[VIRT_MEM].base };
    if (m->has_firmware) {
        return load_firmware(m, err) && fw_cfg_give_kernel(m->fw_cfg, machine, err);
    }
    return !machine->kernel || arm_load_kernel(&m->boot, err);
}

static bool make_tree(ArmVirt *m, GError **err)
{
    Machine *machine = &m->parent;
    m->own_tree = !machine->dtb;
    machine->device_tree = machine->dtb ? device_tree_load(machine->dtb, err) : arm_virt_make_device_tree(m, err);
    if (!machine->device_tree || (machine->dtb && !arm_virt_describe_memory(m, machine->device_tree, err))) {
        return false;
    }
    arm_virt_describe_psci(m, machine->device_tree);
    if (!m->has_firmware) {
        boot_describe_kernel(machine, m->boot.initrd, m->boot.initrd_end, machine->device_tree);
    }
    return arm_load_device_tree(&m->boot, machine->device_tree, err);
}

static bool virt_finish(Machine *machine, GError **err)
{
    ArmVirt *m = ARM_VIRT(machine);
    size_t size;
    char *order = boot_order_text(machine->boot.has_strict && machine->boot.strict, &size);
    g_free(fw_cfg_modify_file(m->fw_cfg, "bootorder", order, size));
    fw_cfg_add_file(m->fw_cfg, "bios-geometry", g_strdup(""), 0);
    if (!load(m, err) || !make_tree(m, err) || !arm_virt_add_firmware_tables(m, err)) {
        return false;
    }
    if (m->boot.kernel_end) {
        arm_set_boot_state(&m->boot);
    }
    if (m->secure && m->boot.kernel_end && m->boot.is_linux) {
        arm_virt_open_gic(m);
    }
    return true;
}

static void virt_reset(Machine *machine)
{
    ArmVirt *m = ARM_VIRT(machine);
    reset_all();
    rom_write_all();
    bool seeded = m->own_tree && boot_reseed(machine->device_tree, "/chosen");
    if (seeded && m->secure) {
        boot_reseed(machine->device_tree, "/secure-chosen");
    }
    if (seeded) {
        arm_rewrite_device_tree(&m->boot, machine->device_tree);
    }
    CPU_FOREACH(cpu) {
        cpu_reset(cpu);
    }
}

/* ---- properties ---- */

/* The text is kept for whoever asks. */
static bool keep(char **text, const char *value)
{
    g_free(*text);
    *text = g_strdup(value);
    return true;
}

static bool set_gic_version(Object *object, const Property *p, GVariant *value, GError **err)
{
    static const struct { const char *name; VirtGic version; } versions[] = {
        { "2", VIRT_GIC_2 }, { "3", VIRT_GIC_3 }, { "4", VIRT_GIC_4 }, { "host", VIRT_GIC_HOST }, { "max", VIRT_GIC_MAX },
    };
    const char *text = g_variant_get_string(value, NULL);
    for (size_t n = 0; n < ARRAY_SIZE(versions); n++) {
        if (!strcmp(text, versions[n].name)) {
            ARM_VIRT(object)->gic_version = versions[n].version;
            return keep(&ARM_VIRT(object)->gic_text, text);
        }
    }
    error_set(err, "Invalid gic-version value");
    error_set_bare_hint(err, "Valid values are 2, 3, 4, host, and max.");
    return false;
}

static bool set_iommu(Object *object, const Property *p, GVariant *value, GError **err)
{
    const char *text = g_variant_get_string(value, NULL);
    if (strcmp(text, "none") && strcmp(text, "smmuv3")) {
        error_set(err, "Invalid iommu value");
        error_set_bare_hint(err, "Valid values are none, smmuv3.");
        return false;
    }
    return keep(&ARM_VIRT(object)->iommu_text, text);
}

static bool set_highmem_mmio_size(Object *object, const Property *p, GVariant *value, GError **err)
{
    uint64_t size = g_variant_get_uint64(value);
    if (!IS_POWER_OF_2(size)) {
        return error_set(err, "highmem-mmio-size is not a power of 2");
    }
    if (size < 512 * GiB) {
        return error_set(err, "highmem-mmio-size cannot be set to a lower value than the default (512 GiB)");
    }
    ARM_VIRT(object)->highmem_mmio_size = size;
    return true;
}

static bool set_oem_id(Object *object, const Property *p, GVariant *value, GError **err)
{
    const char *text = g_variant_get_string(value, NULL);
    return strlen(text) <= 6 ? keep(&ARM_VIRT(object)->oem_id, text) : error_set(err, "User specified oem-id value is bigger than 6 bytes in size");
}

static bool set_oem_table_id(Object *object, const Property *p, GVariant *value, GError **err)
{
    const char *text = g_variant_get_string(value, NULL);
    return strlen(text) <= 8 ? keep(&ARM_VIRT(object)->oem_table_id, text) : error_set(err, "User specified oem-table-id value is bigger than 8 bytes in size");
}

static const Property virt_properties[] = {
    PROP_ON_OFF_AUTO("acpi", ArmVirt, acpi, ON_OFF_AUTO_AUTO, .description = "Enable ACPI"),
    PROP_BOOL("compact-highmem", ArmVirt, compact_highmem, true, .description = "Set on/off to enable/disable compact layout for high memory regions"),
    PROP_BOOL("default-bus-bypass-iommu", ArmVirt, bypass_iommu, false,
              .description = "Set on/off to enable/disable bypass_iommu for default root bus"),
    PROP_BOOL("dtb-kaslr-seed", ArmVirt, dtb_randomness, true, .description = "Deprecated synonym of dtb-randomness"),
    PROP_BOOL("dtb-randomness", ArmVirt, dtb_randomness, true,
              .description = "Set off to disable passing random or non-deterministic dtb nodes to guest"),
    PROP_STRING("gic-version", ArmVirt, gic_text, NULL, .set = set_gic_version, .description = "Set GIC version. Valid values are 2, 3, 4, host and max"),
    PROP_BOOL("highmem", ArmVirt, highmem, true, .description = "Set on/off to enable/disable using physical address space above 32 bits"),
    PROP_BOOL("highmem-ecam", ArmVirt, highmem_ecam, true, .description = "Set on/off to enable/disable high memory region for PCI ECAM"),
    PROP_BOOL("highmem-mmio", ArmVirt, highmem_mmio, true, .description = "Set on/off to enable/disable high memory region for PCI MMIO"),
    PROP_SIZE("highmem-mmio-size", ArmVirt, highmem_mmio_size, 512 * GiB, .set = set_highmem_mmio_size,
              .description = "Set the high memory region size for PCI MMIO"),
    PROP_BOOL("highmem-redists", ArmVirt, highmem_redists, true,
              .description = "Set on/off to enable/disable high memory region for GICv3 or GICv4 redistributor"),
    PROP_STRING("iommu", ArmVirt, iommu_text, "none", .set = set_iommu, .description = "Set the IOMMU type. Valid values are none and smmuv3"),
    PROP_BOOL("its", ArmVirt, its, true, .description = "Set on/off to enable/disable ITS instantiation"),
    PROP_BOOL("mte", ArmVirt, mte, false,
              .description = "Set on/off to enable/disable emulating a guest CPU which implements the ARM Memory Tagging Extension"),
    PROP_BOOL("ras", ArmVirt, ras, false,
              .description = "Set on/off to enable/disable reporting host memory errors to a KVM guest using ACPI and guest external abort exceptions"),
    PROP_BOOL("secure", ArmVirt, secure, false, .description = "Set on/off to enable/disable the ARM Security Extensions (TrustZone)"),
    PROP_BOOL("virtualization", ArmVirt, virtualization, false,
              .description = "Set on/off to enable/disable emulating a guest CPU which implements the ARM Virtualization Extensions"),
    PROP_STRING("x-oem-id", ArmVirt, oem_id, "BOCHS ", .set = set_oem_id,
                .description = "Override the default value of field OEMID in ACPI table header.The string may be up to 6 bytes in size"),
    PROP_STRING("x-oem-table-id", ArmVirt, oem_table_id, "BXPC    ", .set = set_oem_table_id,
                .description = "Override the default value of field OEM Table ID in ACPI table header.The string may be up to 8 bytes in size"),
    PROP_STRING("pflash0", ArmVirt, pflash[0], NULL, .flags = PROP_HIDDEN), PROP_STRING("pflash1", ArmVirt, pflash[1], NULL, .flags = PROP_HIDDEN),
};

/* ---- the types ---- */

static void virt_init(Object *object)
{
    ArmVirt *m = ARM_VIRT(object);
    unsigned major = 0, minor = 0;
    sscanf(machine_type(&m->parent)->machine_name, "virt-%u.%u", &major, &minor);
    m->version = major * 100 + minor;
    m->compact_highmem = !virt_before(m, 7, 2);
    m->highmem_ecam = !virt_before(m, 3, 0);
    m->its = !virt_before(m, 2, 8);
}

static const char *const smp_levels[] = { "clusters", NULL };

static void describe_version(MachineType *type, const char *version)
{
    unsigned major = (unsigned)g_ascii_strtoull(version, NULL, 10);
    bool before_5_1 = major < 5 || g_str_equal(version, "5.0");
    type->description = g_strdup_printf("QEMU %s ARM Virtual Machine", version);
    type->max_cpus = major < 3 ? 255 : VIRT_CPUS_MAX;
    type->smp_levels = smp_levels;
    type->numa_mem_supported = before_5_1;
    type->deprecation = major < 7 || g_str_equal(version, "7.0") ? "machines more than 3 years old are subject to deletion after 6 years" : NULL;
}

static const char *const targets[] = { "aarch64", "arm", NULL };
static const MachineType virt_base = {
    .name = "virt-machine-base", .parent = "machine", .size = sizeof(ArmVirt), .targets = targets, .default_cpu = "cortex-a15", .default_ram = 128 * MiB,
    .default_ram_id = "mach-virt.ram", .default_nic = "virtio-net-pci", .default_disk_interface = IF_VIRTIO, .units_per_bus = 1, .no_cdrom = true, .no_vga = true,
    .properties = PROPERTIES(virt_properties), .init = virt_init, .build = virt_build, .finish = virt_finish, .reset = virt_reset,
};
static void __attribute__((constructor)) register_virt_machines(void) { machine_register_versions(&virt_base, "virt", "virt", arm_virt_versions, describe_version); }
