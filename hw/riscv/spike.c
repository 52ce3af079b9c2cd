/*
 * "spike": what the RISC-V ISA simulator looks like to its programs: harts, timers, memory, and HTIF for console and exit (riscv-isa-sim; OpenSBI, platform generic).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "boot.h"
#include "sockets.h"

#include "block/drive.h"
#include "hw/char/riscv_htif.h"
#include "hw/core/loader.h"
#include "target/riscv.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

enum { SPIKE_MROM = 0x1000, SPIKE_MROM_SIZE = 0xf000, SPIKE_HTIF = 0x1000000, SPIKE_HTIF_SIZE = 0x1000, SPIKE_CLINT = 0x2000000, SPIKE_CLINT_SIZE = 0x10000, CLINT_MTIMER = 0x4000 };
#define SPIKE_DRAM UINT64_C(0x80000000)
#define RV32_TREE_TOP (3 * GiB)

typedef struct Spike {
    Machine parent;
    char *signature;
    uint8_t signature_granularity;
    unsigned xlen, num_sockets;
    RiscvSocket sockets[RISCV_SOCKETS_MAX];
    MemoryRegion mrom;
    RiscvBoot boot;
} Spike;

static bool create_sockets(Spike *m, GError **err)
{
    MemoryRegion *memory = &m->parent.system_memory.memory;
    if (!riscv_sockets_init(&m->parent, m->sockets, &m->num_sockets, err)) {
        return false;
    }
    for (unsigned n = 0; n < m->num_sockets; n++) {
        RiscvSocket *s = &m->sockets[n];
        uint64_t clint = SPIKE_CLINT + (uint64_t)n * SPIKE_CLINT_SIZE;
        if (!riscv_socket_create_harts(s, &m->parent, &(RiscvHartFeatures){ .resetvec = SPIKE_MROM }, err) || !riscv_socket_create_swi(s, memory, clint, false, err) ||
            !riscv_socket_create_mtimer(s, memory, clint + CLINT_MTIMER, err)) {
            return false;
        }
    }
    m->xlen = riscv_hart_info(m->sockets[0].harts->harts[0]).xlen;
    return true;
}

static bool spike_build(Machine *machine, GError **err)
{
    Spike *m = (Spike *)machine;
    MemoryRegion *memory = &machine->system_memory.memory;
    if (m->signature) {
        return error_set(err, "spike: signature is not implemented");
    }
    if (!create_sockets(m, err) || !memory_region_init_rom(&m->mrom, OBJECT(m), "riscv.spike.mrom", SPIKE_MROM_SIZE, err)) {
        return false;
    }
    memory_region_add_subregion(memory, SPIKE_MROM, &m->mrom);
    memory_region_add_subregion(memory, SPIKE_DRAM, machine->ram);
    return true;
}

/* Programs say by symbols where their two words are; the kernel's count before the firmware's. */
static bool find_htif(const Spike *m, uint64_t *tohost, uint64_t *fromhost)
{
    const char *files[] = { m->parent.kernel, m->parent.firmware };
    for (size_t n = 0; n < ARRAY_SIZE(files); n++) {
        if (files[n] && elf_find_symbol(files[n], "tohost", tohost) && elf_find_symbol(files[n], "fromhost", fromhost)) {
            return true;
        }
    }
    *fromhost = SPIKE_HTIF;         /* as OpenSBI expects them behind the node's address */
    *tohost = SPIKE_HTIF + 8;
    return false;
}

static DeviceTree *make_tree(const Spike *m, bool own_htif)
{
    DeviceTree *tree = device_tree_new();
    g_autofree RiscvTree *harts = g_new0(RiscvTree, 1);
    *harts = (RiscvTree){ .tree = tree, .has_numa = m->parent.nr_numa_nodes > 0 };
    device_tree_set_string(tree, "/", "model", "ucbbar,spike-bare,qemu");
    device_tree_set_string(tree, "/", "compatible", "ucbbar,spike-bare-dev");
    DEVICE_TREE_CELLS(tree, "/", "#size-cells", 2);
    DEVICE_TREE_CELLS(tree, "/", "#address-cells", 2);
    device_tree_add_node(tree, "/soc");
    device_tree_set_flag(tree, "/soc", "ranges");
    device_tree_set_string(tree, "/soc", "compatible", "simple-bus");
    DEVICE_TREE_CELLS(tree, "/soc", "#size-cells", 2);
    DEVICE_TREE_CELLS(tree, "/soc", "#address-cells", 2);
    device_tree_add_node(tree, "/htif");
    device_tree_set_string(tree, "/htif", "compatible", "ucb,htif0");
    if (!own_htif) {
        riscv_tree_set_reg(harts, "/htif", SPIKE_HTIF, SPIKE_HTIF_SIZE);
    }
    riscv_tree_add_cpus(harts);
    for (unsigned n = m->num_sockets; n-- > 0;) {
        riscv_tree_add_harts(harts, &m->sockets[n]);
        riscv_tree_add_memory(harts, &m->sockets[n], SPIKE_DRAM);
        riscv_tree_add_clint(harts, &m->sockets[n], SPIKE_CLINT + (uint64_t)n * SPIKE_CLINT_SIZE);
    }
    device_tree_add_node(tree, "/chosen");
    device_tree_set_string(tree, "/chosen", "stdout-path", "/htif");
    return tree;
}

static bool spike_finish(Machine *machine, GError **err)
{
    Spike *m = (Spike *)machine;
    uint64_t tohost, fromhost, top = SPIKE_DRAM + machine->ram_size;
    bool own_htif = find_htif(m, &tohost, &fromhost);
    m->boot = (RiscvBoot){ .machine = machine, .xlen = m->xlen, .has_zicsr = riscv_hart_has(m->sockets[0].harts->harts[0], "zicsr"), .ram_base = SPIKE_DRAM,
                           .start = SPIKE_DRAM };
    if (!riscv_load_firmware(&m->boot, err) || !riscv_load_kernel(&m->boot, err)) {
        return false;
    }
    machine->device_tree = machine->dtb ? device_tree_load(machine->dtb, err) : make_tree(m, own_htif);
    if (!machine->device_tree) {
        return false;
    }
    boot_describe_kernel(machine, m->boot.initrd, m->boot.initrd_end, machine->device_tree);
    return riscv_load_device_tree(&m->boot, machine->device_tree, m->xlen == 32 ? MIN(top, RV32_TREE_TOP) : top, err) &&
           riscv_add_reset_vector(&m->boot, SPIKE_MROM, err) &&
           riscv_htif_create(&machine->system_memory.memory, &machine->system_memory.memory_space, OBJECT(m), tohost, fromhost, serial_hd(0), err);
}

static void spike_reset(Machine *machine)
{
    reset_all();
    rom_write_all();
    CPU_FOREACH(cpu) {
        cpu_reset(cpu);
    }
}

static const Property spike_properties[] = {
    PROP_STRING("signature", Spike, signature, NULL, .description = "File to write ACT test signature"),
    PROP_UINT8("signature-granularity", Spike, signature_granularity, 16, .description = "Size of each line in ACT signature file"),
};
static const char *const targets[] = { "riscv64", "riscv32", NULL };
static const MachineType spike = {
    .name = "spike-machine", .parent = "machine", .size = sizeof(Spike), .machine_name = "spike", .description = "RISC-V Spike board", .targets = targets,
    .max_cpus = RISCV_SOCKETS_MAX, .default_ram = 128 * MiB, .default_ram_id = "riscv.spike.ram", .default_disk_interface = IF_NONE, .no_vga = true,
    .numa_mem_supported = true, .properties = PROPERTIES(spike_properties), .build = spike_build, .finish = spike_finish, .reset = spike_reset,
};
REGISTER_TYPE(spike)
