/*
 * Files that a machine starts from; /chosen and /distance-map of device trees (Linux, Documentation/devicetree/bindings: chosen.txt, numa.txt).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/boot-files.h"

#include "util/bits.h"
#include "util/error.h"

#include <sys/random.h>

enum { SEED_MAX = 64 };

char *boot_read_file(const char *what, const char *path, uint64_t max, gsize *size, GError **err)
{
    char *data = NULL;
    if (!g_file_get_contents(path, &data, size, NULL)) {
        error_set(err, "could not load %s '%s'", what, path);
    } else if (*size > max) {
        g_clear_pointer(&data, g_free);
        error_set(err, "could not load %s '%s': it is larger than the RAM behind its place", what, path);
    }
    return data;
}

void boot_describe_kernel(const Machine *machine, uint64_t initrd, uint64_t initrd_end, DeviceTree *tree)
{
    const char *append = machine->append;
    if (!device_tree_has_node(tree, "/chosen") && (initrd_end || (append && *append))) {
        device_tree_add_node(tree, "/chosen");
    }
    if (append && *append) {
        device_tree_set_string(tree, "/chosen", "bootargs", append);
    }
    if (initrd_end) {
        DEVICE_TREE_CELLS(tree, "/chosen", "linux,initrd-start", DEVICE_TREE_CELLS64(initrd));
        DEVICE_TREE_CELLS(tree, "/chosen", "linux,initrd-end", DEVICE_TREE_CELLS64(initrd_end));
    }
}

bool boot_reseed(DeviceTree *tree, const char *path)
{
    static const char *const names[] = { "rng-seed", "kaslr-seed" };
    bool any = false;
    for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
        uint8_t seed[SEED_MAX];
        size_t size;
        if (device_tree_get(tree, path, names[n], &size) && size <= sizeof(seed) && getrandom(seed, size, 0) == (ssize_t)size) {
            device_tree_set_bytes(tree, path, names[n], seed, size);
            any = true;
        }
    }
    return any;
}

void boot_add_numa_distances(const Machine *m, DeviceTree *tree)
{
    g_autoptr(GArray) cells = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    if (!m->have_numa_distance) {
        return;
    }
    for (uint32_t from = 0; from < (uint32_t)m->nr_numa_nodes; from++) {
        for (uint32_t to = 0; to < (uint32_t)m->nr_numa_nodes; to++) {
            const uint32_t row[] = { from, to, m->numa[from].distance[to] };
            g_array_append_vals(cells, row, ARRAY_SIZE(row));
        }
    }
    device_tree_add_node(tree, "/distance-map");
    device_tree_set_string(tree, "/distance-map", "compatible", "numa-distance-map-v1");
    device_tree_set_cell_array(tree, "/distance-map", "distance-matrix", (const uint32_t *)cells->data, cells->len);
}
