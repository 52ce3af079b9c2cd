/*
 * "virt": a RISC-V board of devices that need no driver of a certain vendor: virtio, PCI Express, a 16550A, flash.
 *
 * The memory map and the wiring are the reference's, read from its device tree; guests learn them from ours (virt-device-tree.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virt.h"

#include "accel/accel.h"
#include "block/drive.h"
#include "hw/block/flash.h"
#include "hw/char/serial.h"
#include "hw/core/loader.h"
#include "hw/core/platform-bus.h"
#include "hw/misc/sifive_test.h"
#include "hw/nvram/boot-order.h"
#include "hw/riscv/kernel-aia.h"
#include "hw/riscv/riscv_iommu.h"
#include "hw/rtc/goldfish_rtc.h"
#include "target/riscv.h"
#include "util/bits.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

enum { UART_BAUD_BASE = 399193, RESET_VECTOR = 0x1000 };

const GpexWindow virt_map[VIRT_REGION_COUNT] = {
    [VIRT_MROM] = { 0x1000, 0xf000 }, [VIRT_TEST] = { 0x100000, 0x1000 }, [VIRT_RTC] = { 0x101000, 0x1000 }, [VIRT_CLINT] = { 0x2000000, 0x10000 },
    [VIRT_ACLINT_SSWI] = { 0x2f00000, 0x4000 }, [VIRT_PCIE_PIO] = { 0x3000000, 0x10000 }, [VIRT_IOMMU] = { 0x3010000, 0x1000 },
    [VIRT_PLATFORM_BUS] = { 0x4000000, 0x2000000 }, [VIRT_PLIC] = { 0xc000000, 0x600000 }, [VIRT_APLIC_M] = { 0xc000000, 0x8000 },
    [VIRT_APLIC_S] = { 0xd000000, 0x8000 }, [VIRT_UART] = { 0x10000000, 0x100 }, [VIRT_VIRTIO] = { 0x10001000, 0x8000 }, [VIRT_FW_CFG] = { 0x10100000, 0x18 },
    [VIRT_FLASH] = { 0x20000000, 0x4000000 }, [VIRT_IMSIC_M] = { 0x24000000, 0x1000000 }, [VIRT_IMSIC_S] = { 0x28000000, 0x1000000 },
    [VIRT_PCIE_ECAM] = { 0x30000000, 0x10000000 }, [VIRT_PCIE_MMIO] = { 0x40000000, 0x40000000 }, [VIRT_DRAM] = { 0x80000000, 0 },
};
/* High PCI memory: on RV64 behind the RAM, as large as its alignment; RV32 reaches little of it. */
#define PCIE_HIGH_RV64_SIZE (16 * GiB)
#define PCIE_HIGH_RV32_BASE UINT64_C(0x300000000)
#define PCIE_HIGH_RV32_SIZE (4 * GiB)
/* Programs of RV32 reach the tree by 32-bit addresses, below the high windows. */
#define RV32_TREE_TOP (3 * GiB)
enum { RV32_PHYSICAL_BITS = 34 };

/* ---- harts and memory ---- */

static bool check_options(const RiscvVirt *m, GError **err)
{
    if (m->parent.shim) {
        return error_set(err, "virt: shim is not implemented");
    }
    if (m->aia == VIRT_AIA_APLIC_IMSIC && accel_is("kvm") && !riscv_kernel_aia()) {
        return error_set(err, "virt: aia=aplic-imsic under KVM is the kernel's: it needs a host with the AIA, Linux 6.5 and kernel-irqchip=on or split");
    }
    return true;
}

static bool create_sockets(RiscvVirt *m, GError **err)
{
    RiscvSocket ranges[RISCV_SOCKETS_MAX];
    bool has_imsic = m->aia == VIRT_AIA_APLIC_IMSIC;
    m->supervisor_only = accel_is("kvm");
    RiscvHartFeatures features = { RESET_VECTOR, has_imsic, has_imsic ? m->aia_guests : 0 };
    if (!riscv_sockets_init(&m->parent, ranges, &m->num_sockets, err)) {
        return false;
    }
    for (unsigned n = 0; n < m->num_sockets; n++) {
        m->sockets[n].range = ranges[n];
        if (!riscv_socket_create_harts(&m->sockets[n].range, &m->parent, &features, err)) {
            return false;
        }
    }
    m->xlen = riscv_hart_info(virt_first_cpu(m)).xlen;
    return true;
}

static bool map_memory(RiscvVirt *m, GError **err)
{
    MemoryRegion *memory = &m->parent.system_memory.memory;
    uint64_t dram = virt_map[VIRT_DRAM].base;
    if (m->xlen == 32 && m->parent.ram_size > (UINT64_C(1) << RV32_PHYSICAL_BITS) - dram) {
        return error_set(err, "RV32 harts do not reach all of the RAM: at most 14 GiB");
    }
    memory_region_add_subregion(memory, dram, m->parent.ram);
    m->pcie_high = m->xlen == 32 ? (GpexWindow){ PCIE_HIGH_RV32_BASE, PCIE_HIGH_RV32_SIZE }
                                 : (GpexWindow){ ROUND_UP(dram + m->parent.ram_size, PCIE_HIGH_RV64_SIZE), PCIE_HIGH_RV64_SIZE };
    if (!memory_region_init_rom(&m->mrom, OBJECT(m), "riscv_virt_board.mrom", virt_map[VIRT_MROM].size, err)) {
        return false;
    }
    memory_region_add_subregion(memory, virt_map[VIRT_MROM].base, &m->mrom);
    return true;
}

/* ---- devices ---- */

static bool create_fw_cfg(RiscvVirt *m, GError **err)
{
    SystemMemory *memory = &m->parent.system_memory;
    uint64_t base = virt_map[VIRT_FW_CFG].base;
    m->fw_cfg = fw_cfg_new_mmio(base + 8, base, 8, base + 16, &memory->memory, &memory->memory_space, err);
    if (!m->fw_cfg) {
        return false;
    }
    fw_cfg_add_u16(m->fw_cfg, FW_CFG_NB_CPUS, (uint16_t)m->parent.smp.cpus);
    return true;
}

static bool create_virtio(RiscvVirt *m, GError **err)
{
    for (unsigned n = 0; n < VIRT_VIRTIO_COUNT; n++) {
        SysBusDevice *dev = (SysBusDevice *)device_new("virtio-mmio");
        if (!device_realize(DEVICE(dev), NULL, err)) {
            return false;
        }
        sysbus_map(dev, 0, &m->parent.system_memory.memory, virt_map[VIRT_VIRTIO].base + n * VIRT_VIRTIO_STRIDE, 0);
        sysbus_connect_irq(dev, 0, m->sockets[m->virtio_socket].sources[VIRT_IRQ_VIRTIO + n]);
    }
    return true;
}

static bool create_pci(RiscvVirt *m, GError **err)
{
    GpexConfig config = {
        .ecam = { virt_map[VIRT_PCIE_ECAM].base, virt_map[VIRT_PCIE_ECAM].size }, .pio = { virt_map[VIRT_PCIE_PIO].base, virt_map[VIRT_PCIE_PIO].size },
        .mmio32 = { virt_map[VIRT_PCIE_MMIO].base, virt_map[VIRT_PCIE_MMIO].size }, .mmio64 = m->pcie_high, .zero_bars = true,
    };
    m->pci = gpex_create(&m->parent.system_memory.memory, &config, &m->sockets[m->pcie_socket].sources[VIRT_IRQ_PCIE], err);
    return m->pci != NULL;
}

/* Before the PCI functions are there. */
static bool create_iommu(RiscvVirt *m, GError **err)
{
    if (m->iommu_sys != ON_OFF_AUTO_ON) {
        return true;
    }
    SystemMemory *memory = &m->parent.system_memory;
    RiscvIommuPlace place = { .memory = &memory->memory, .addr = virt_map[VIRT_IOMMU].base, .memory_space = &memory->memory_space, .root = m->pci->bus,
                              .irqs = &m->sockets[m->mmio_socket].sources[VIRT_IRQ_IOMMU], .first_irq = VIRT_IRQ_IOMMU, .pas_bits = m->xlen == 32 ? RV32_PHYSICAL_BITS : 0 };
    return riscv_iommu_create(&place, err) != NULL;
}

static bool create_platform_bus(RiscvVirt *m, GError **err)
{
    return platform_bus_create(&m->parent.system_memory.memory, virt_map[VIRT_PLATFORM_BUS].base, (uint32_t)virt_map[VIRT_PLATFORM_BUS].size,
                               &m->sockets[m->mmio_socket].sources[VIRT_IRQ_PLATFORM_BUS], VIRT_PLATFORM_BUS_IRQS, err) != NULL;
}

/* Two banks, which are there without a drive, too. */
static bool create_flash(RiscvVirt *m, GError **err)
{
    for (int n = 0; n < 2; n++) {
        m->flash[n] = flash_bank_create(OBJECT(m), n, m->pflash[n], VIRT_FLASH_SIZE, err);
        if (!m->flash[n]) {
            return false;
        }
        sysbus_map((SysBusDevice *)m->flash[n], 0, &m->parent.system_memory.memory, virt_map[VIRT_FLASH].base + (uint64_t)n * VIRT_FLASH_SIZE, 0);
    }
    return true;
}

static bool create_chips(RiscvVirt *m, GError **err)
{
    MemoryRegion *memory = &m->parent.system_memory.memory;
    Irq **sources = m->sockets[m->mmio_socket].sources;
    return sifive_test_create(memory, virt_map[VIRT_TEST].base, err) && create_virtio(m, err) && create_pci(m, err) && create_iommu(m, err) && create_platform_bus(m, err) &&
           serial_mm_create(memory, virt_map[VIRT_UART].base, 0, sources[VIRT_IRQ_UART], UART_BAUD_BASE, serial_hd(0), DEVICE_LITTLE_ENDIAN, err) &&
           goldfish_rtc_create(memory, virt_map[VIRT_RTC].base, sources[VIRT_IRQ_RTC], err) && create_flash(m, err);
}

static bool virt_build(Machine *machine, GError **err)
{
    RiscvVirt *m = RISCV_VIRT(machine);
    return check_options(m, err) && create_sockets(m, err) && virt_create_interrupts(m, err) && map_memory(m, err) && create_fw_cfg(m, err) &&
           create_chips(m, err) && pci_create_nics(m->pci->bus, "virtio-net-pci", err);
}

/* ---- what it starts with ---- */

static bool load(RiscvVirt *m, GError **err)
{
    Machine *machine = &m->parent;
    uint64_t dram = virt_map[VIRT_DRAM].base, flash = virt_map[VIRT_FLASH].base;
    m->boot = (RiscvBoot){ .machine = machine, .xlen = m->xlen, .has_zicsr = riscv_hart_has(virt_first_cpu(m), "zicsr"), .ram_base = dram, .start = dram };
    if (!riscv_load_firmware(&m->boot, err)) {
        return false;
    }
    bool no_bios = !g_strcmp0(machine->firmware, "none"), flashed = pflash_cfi01_blk(m->flash[0]) != NULL;
    if (flashed && !no_bios) {
        /* The flash holds what runs in supervisor mode, and fetches a kernel itself. */
        m->boot.kernel_entry = flash;
        return fw_cfg_give_kernel(m->fw_cfg, machine, err);
    }
    if (!riscv_load_kernel(&m->boot, err)) {
        return false;
    }
    m->boot.start = flashed ? flash : m->boot.start;
    return true;
}

static bool make_tree(RiscvVirt *m, GError **err)
{
    Machine *machine = &m->parent;
    m->own_tree = !machine->dtb;
    machine->device_tree = machine->dtb ? device_tree_load(machine->dtb, err) : virt_make_device_tree(m, err);
    if (!machine->device_tree) {
        return false;
    }
    boot_describe_kernel(machine, m->boot.initrd, m->boot.initrd_end, machine->device_tree);
    uint64_t top = virt_map[VIRT_DRAM].base + machine->ram_size;
    return riscv_load_device_tree(&m->boot, machine->device_tree, m->xlen == 32 ? MIN(top, RV32_TREE_TOP) : top, err);
}

static bool virt_finish(Machine *machine, GError **err)
{
    RiscvVirt *m = RISCV_VIRT(machine);
    size_t size;
    char *order = boot_order_text(machine->boot.has_strict && machine->boot.strict, &size);
    g_free(fw_cfg_modify_file(m->fw_cfg, "bootorder", order, size));
    fw_cfg_add_file(m->fw_cfg, "bios-geometry", g_strdup(""), 0);
    return virt_add_firmware_tables(m, err) && load(m, err) && make_tree(m, err) && riscv_add_reset_vector(&m->boot, RESET_VECTOR, err);
}

static void virt_reset(Machine *machine)
{
    RiscvVirt *m = RISCV_VIRT(machine);
    reset_all();
    rom_write_all();
    if (m->own_tree) {
        riscv_reseed_device_tree(&m->boot, machine->device_tree);
    }
    CPU_FOREACH(cpu) {
        cpu_reset(cpu);
    }
}

/* ---- the type ---- */

static const char *const aia_names[] = { "none", "aplic", "aplic-imsic", NULL };

/* The text is kept for whoever asks. */
static bool keep(char **text, const char *value)
{
    g_free(*text);
    *text = g_strdup(value);
    return true;
}

static bool set_aia(Object *object, const Property *p, GVariant *value, GError **err)
{
    const char *text = g_variant_get_string(value, NULL);
    for (int n = 0; aia_names[n]; n++) {
        if (!strcmp(text, aia_names[n])) {
            RISCV_VIRT(object)->aia = n;
            return keep(&RISCV_VIRT(object)->aia_text, text);
        }
    }
    error_set(err, "Invalid AIA interrupt controller type");
    error_set_bare_hint(err, "Valid values are none, aplic, and aplic-imsic.");
    return false;
}

static bool set_aia_guests(Object *object, const Property *p, GVariant *value, GError **err)
{
    const char *text = g_variant_get_string(value, NULL);
    char *end;
    unsigned long guests = strtoul(text, &end, 10);
    if (!*text || *end || guests > VIRT_IMSIC_GUESTS_MAX) {
        error_set(err, "Invalid number of AIA IMSIC guests");
        error_set_bare_hint(err, "Valid values be between 0 and 7.");
        return false;
    }
    RISCV_VIRT(object)->aia_guests = (uint8_t)guests;
    return keep(&RISCV_VIRT(object)->aia_guests_text, text);
}

static const Property virt_properties[] = {
    PROP_BOOL("aclint", RiscvVirt, aclint, false, .description = "(TCG only) Set on/off to enable/disable emulating ACLINT devices"),
    PROP_ON_OFF_AUTO("acpi", RiscvVirt, acpi, ON_OFF_AUTO_AUTO, .description = "Enable ACPI"),
    PROP_STRING("aia", RiscvVirt, aia_text, "none", .set = set_aia,
                .description = "Set type of AIA interrupt controller. Valid values are none, aplic, and aplic-imsic."),
    PROP_STRING("aia-guests", RiscvVirt, aia_guests_text, "0", .set = set_aia_guests,
                .description = "Set number of guest MMIO pages for AIA IMSIC. Valid value should be between 0 and 7."),
    PROP_ON_OFF_AUTO("iommu-sys", RiscvVirt, iommu_sys, ON_OFF_AUTO_AUTO, .description = "Enable IOMMU platform device"),
    PROP_STRING("pflash0", RiscvVirt, pflash[0], NULL, .flags = PROP_HIDDEN), PROP_STRING("pflash1", RiscvVirt, pflash[1], NULL, .flags = PROP_HIDDEN),
};
static const char *const targets[] = { "riscv64", "riscv32", NULL };
static const MachineType virt = {
    .name = "virt-machine", .parent = "machine", .size = sizeof(RiscvVirt), .machine_name = "virt", .description = "RISC-V VirtIO board", .targets = targets,
    .max_cpus = RISCV_HARTS_MAX, .default_ram = 128 * MiB, .default_ram_id = "riscv_virt_board.ram", .default_nic = "virtio-net-pci", .default_disk_interface = IF_VIRTIO,
    .units_per_bus = 1, .no_cdrom = true, .no_floppy = false, .no_parallel = false, .no_vga = true, .numa_mem_supported = true, .properties = PROPERTIES(virt_properties), .build = virt_build,
    .finish = virt_finish, .reset = virt_reset,
};
REGISTER_TYPE(virt)
