/*
 * Device trees: how boards of many architectures tell a guest what there is (Devicetree Specification 0.4). A tree is built in memory, node by node, and
 * written as a blob in the flattened format.
 *
 * What is added comes before what is there already, nodes among nodes and properties among properties: guests number devices in the tree's order, and the reference
 * builds its trees so.
 *
 * A mistake of a call (no such node; a name twice) is kept, and comes out once, when the blob is made. Main thread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_DEVICE_TREE_H
#define HW_CORE_DEVICE_TREE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct DeviceTree DeviceTree;

/* A tree with nothing but a root. */
DeviceTree *device_tree_new(void);
/* The tree of a file in the flattened format, which is checked; NULL with an error. */
DeviceTree *device_tree_load(const char *path, GError **err);
void device_tree_free(DeviceTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DeviceTree, device_tree_free)

/* Numbers that nodes are pointed at by: 1, 2, ... or from first on. */
uint32_t device_tree_new_phandle(DeviceTree *tree);
void device_tree_set_first_phandle(DeviceTree *tree, uint32_t first);

/* path: "/soc/serial@10000000"; the parent must be there. */
void device_tree_add_node(DeviceTree *tree, const char *path);
/* The same with a path made of a format; returns it, the caller frees. */
char *device_tree_add_nodef(DeviceTree *tree, const char *format, ...) G_GNUC_PRINTF(2, 3) G_GNUC_WARN_UNUSED_RESULT;
bool device_tree_has_node(const DeviceTree *tree, const char *path);
/* Takes out the root's children of that name, with or without an address ("memory", "memory@80000000"), and all below them. */
void device_tree_remove_children(DeviceTree *tree, const char *name);

/* Properties of the node at path: new, or with another value. len: bytes. */
void device_tree_set_bytes(DeviceTree *tree, const char *path, const char *name, const void *data, size_t len);
void device_tree_set_flag(DeviceTree *tree, const char *path, const char *name);
void device_tree_set_string(DeviceTree *tree, const char *path, const char *name, const char *text);
/* count 32-bit cells. */
void device_tree_set_cell_array(DeviceTree *tree, const char *path, const char *name, const uint32_t *cells, size_t count);
#define DEVICE_TREE_CELLS(tree, path, name, ...) \
    device_tree_set_cell_array(tree, path, name, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))
/* A list of strings, given as one literal: "riscv,plic0\0sifive,plic". */
#define DEVICE_TREE_STRINGS(tree, path, name, literal) device_tree_set_bytes(tree, path, name, literal, sizeof(literal))
/* An address or a size of two cells. */
#define DEVICE_TREE_CELLS64(value) (uint32_t)((uint64_t)(value) >> 32), (uint32_t)(value)

/* The bytes of a property and their number; NULL when it is not there. Valid until the next change. */
const void *device_tree_get(const DeviceTree *tree, const char *path, const char *name, size_t *len);

/* The flattened tree; the caller frees. NULL with the first mistake that was made. */
void *device_tree_flatten(const DeviceTree *tree, size_t *size, GError **err);
bool device_tree_write(const DeviceTree *tree, const char *file, GError **err);

#endif
