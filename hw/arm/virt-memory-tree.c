/*
 * Nodes that every tree of the board gets, a user's (-dtb), too: what RAM there is, and PSCI.
 *
 * Devicetree Specification 0.4, 3.4 (memory nodes); Linux, Documentation/devicetree/bindings/arm/psci.yaml, numa.txt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virt.h"

#include "hw/core/device-tree.h"
#include "util/bits.h"
#include "util/error.h"

#include <inttypes.h>

/* Numbers of functions, and what they are called by (Arm DEN 0022, 5.1). */
enum { PSCI_CPU_OFF = 2, PSCI_MIGRATE = 5, PSCI_CPU_SUSPEND = 1, PSCI_CPU_ON = 3 };
#define PSCI_CALL32 0x84000000u
#define PSCI_CALL64 0xc4000000u

/* ---- memory ---- */

/* Of the root: how many cells addresses and sizes of memory have. */
typedef struct Cells { uint32_t address, size; } Cells;

static bool read_cells(const DeviceTree *tree, const char *name, uint32_t *cells)
{
    size_t len;
    const void *data = device_tree_get(tree, "/", name, &len);
    *cells = data && len == 4 ? load_be32(data) : 0;
    return *cells == 1 || *cells == 2;
}

static void put_cells(uint32_t *reg, unsigned *count, uint64_t value, uint32_t cells)
{
    if (cells == 2) {
        reg[(*count)++] = (uint32_t)(value >> 32);
    }
    reg[(*count)++] = (uint32_t)value;
}

static bool add_memory_node(DeviceTree *tree, Cells cells, uint64_t base, uint64_t size, int node, GError **err)
{
    uint32_t reg[4];
    unsigned count = 0;
    if ((cells.address == 1 && base > UINT32_MAX) || (cells.size == 1 && size > UINT32_MAX)) {
        return error_set(err, "dtb file not compatible with RAM size > 4GB: RAM of 0x%" PRIx64 " bytes at 0x%" PRIx64, size, base);
    }
    put_cells(reg, &count, base, cells.address);
    put_cells(reg, &count, size, cells.size);
    g_autofree char *path = device_tree_add_nodef(tree, "/memory@%" PRIx64, base);
    device_tree_set_string(tree, path, "device_type", "memory");
    device_tree_set_cell_array(tree, path, "reg", reg, count);
    if (node >= 0) {
        DEVICE_TREE_CELLS(tree, path, "numa-node-id", (uint32_t)node);
    }
    return true;
}

bool arm_virt_describe_memory(const ArmVirt *m, DeviceTree *tree, GError **err)
{
    const Machine *machine = &m->parent;
    uint64_t base = m->map[VIRT_MEM].base;
    Cells cells;
    if (!read_cells(tree, "#address-cells", &cells.address) || !read_cells(tree, "#size-cells", &cells.size)) {
        return error_set(err, "dtb file invalid (#address-cells or #size-cells is not 1 or 2)");
    }
    device_tree_remove_children(tree, "memory");
    for (int n = 0; n < machine->nr_numa_nodes; n++) {
        if (machine->numa[n].mem && !add_memory_node(tree, cells, base, machine->numa[n].mem, n, err)) {
            return false;
        }
        base += machine->numa[n].mem;
    }
    return machine->nr_numa_nodes || add_memory_node(tree, cells, base, machine->ram_size, -1, err);
}

/* ---- PSCI ---- */

void arm_virt_describe_psci(const ArmVirt *m, DeviceTree *tree)
{
    uint32_t call = m->cpu_info.aarch64 ? PSCI_CALL64 : PSCI_CALL32;
    if (m->psci_conduit == PSCI_CONDUIT_NONE || device_tree_has_node(tree, "/psci")) {
        return;
    }
    device_tree_add_node(tree, "/psci");
    DEVICE_TREE_STRINGS(tree, "/psci", "compatible", "arm,psci-1.0\0arm,psci-0.2\0arm,psci");
    device_tree_set_string(tree, "/psci", "method", m->psci_conduit == PSCI_CONDUIT_SMC ? "smc" : "hvc");
    DEVICE_TREE_CELLS(tree, "/psci", "cpu_suspend", call | PSCI_CPU_SUSPEND);
    DEVICE_TREE_CELLS(tree, "/psci", "cpu_off", PSCI_CALL32 | PSCI_CPU_OFF);
    DEVICE_TREE_CELLS(tree, "/psci", "cpu_on", call | PSCI_CPU_ON);
    DEVICE_TREE_CELLS(tree, "/psci", "migrate", call | PSCI_MIGRATE);
}
