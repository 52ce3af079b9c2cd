/*
 * Device trees in memory, and their flattened form by libfdt (Devicetree Specification 0.4, chapter 5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device-tree.h"

#include "util/bits.h"
#include "util/error.h"

#include <libfdt.h>
#include <string.h>

enum { BLOB_START_SIZE = 64 * 1024, BLOB_MAX_SIZE = 64 * 1024 * 1024, DEPTH_MAX = 64 };

typedef struct TreeProperty { char *name; void *data; size_t len; } TreeProperty;
typedef struct TreeNode { char *name; GQueue properties, children; } TreeNode;      /* of TreeProperty *, TreeNode *, as they are written */
typedef struct Reservation { uint64_t addr, size; } Reservation;

struct DeviceTree {
    TreeNode *root;
    GHashTable *nodes;          /* path -> TreeNode */
    GArray *reserved;           /* of Reservation */
    uint32_t next_phandle;
    GError *mistake;
};

/* ---- nodes ---- */

static void property_free(gpointer data)
{
    TreeProperty *p = data;
    g_free(p->name);
    g_free(p->data);
    g_free(p);
}

static void node_free(gpointer data)
{
    TreeNode *node = data;
    g_queue_clear_full(&node->properties, property_free);
    g_queue_clear_full(&node->children, node_free);
    g_free(node->name);
    g_free(node);
}

static TreeNode *node_new(const char *name)
{
    TreeNode *node = g_new0(TreeNode, 1);
    node->name = g_strdup(name);
    return node;
}

static TreeProperty *property_new(const char *name, const void *data, size_t len)
{
    TreeProperty *p = g_new(TreeProperty, 1);
    *p = (TreeProperty){ g_strdup(name), g_memdup2(data, len), len };
    return p;
}

DeviceTree *device_tree_new(void)
{
    DeviceTree *tree = g_new0(DeviceTree, 1);
    tree->root = node_new("");
    tree->nodes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_insert(tree->nodes, g_strdup("/"), tree->root);
    tree->reserved = g_array_new(FALSE, FALSE, sizeof(Reservation));
    tree->next_phandle = 1;
    return tree;
}

void device_tree_free(DeviceTree *tree)
{
    g_hash_table_destroy(tree->nodes);
    node_free(tree->root);
    g_array_free(tree->reserved, TRUE);
    g_clear_error(&tree->mistake);
    g_free(tree);
}

uint32_t device_tree_new_phandle(DeviceTree *tree) { return tree->next_phandle++; }
void device_tree_set_first_phandle(DeviceTree *tree, uint32_t first) { tree->next_phandle = first; }

static void mistake(DeviceTree *tree, const char *what, const char *path)
{
    if (!tree->mistake) {
        error_set(&tree->mistake, "device tree: %s '%s'", what, path);
    }
}

void device_tree_add_node(DeviceTree *tree, const char *path)
{
    const char *slash = strrchr(path, '/');
    g_autofree char *parent_path = slash && slash > path ? g_strndup(path, (gsize)(slash - path)) : g_strdup("/");
    TreeNode *parent = g_hash_table_lookup(tree->nodes, parent_path);
    if (!slash || !slash[1] || !parent) {
        mistake(tree, "no place for", path);
    } else if (g_hash_table_contains(tree->nodes, path)) {
        mistake(tree, "there are two of", path);
    } else {
        TreeNode *node = node_new(slash + 1);
        g_queue_push_head(&parent->children, node);
        g_hash_table_insert(tree->nodes, g_strdup(path), node);
    }
}

char *device_tree_add_nodef(DeviceTree *tree, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *path = g_strdup_vprintf(format, args);
    va_end(args);
    device_tree_add_node(tree, path);
    return path;
}

bool device_tree_has_node(const DeviceTree *tree, const char *path) { return g_hash_table_contains(tree->nodes, path); }

/* ---- properties ---- */

static TreeProperty *find_property(const TreeNode *node, const char *name)
{
    for (const GList *l = node->properties.head; l; l = l->next) {
        TreeProperty *p = l->data;
        if (!strcmp(p->name, name)) {
            return p;
        }
    }
    return NULL;
}

void device_tree_set_bytes(DeviceTree *tree, const char *path, const char *name, const void *data, size_t len)
{
    TreeNode *node = g_hash_table_lookup(tree->nodes, path);
    if (!node || len > BLOB_MAX_SIZE) {
        mistake(tree, node ? "too large a property of" : "there is no", path);
        return;
    }
    TreeProperty *p = find_property(node, name);
    if (p) {
        g_free(p->data);
        p->data = g_memdup2(data, len);
        p->len = len;
    } else {
        g_queue_push_head(&node->properties, property_new(name, data, len));
    }
}

void device_tree_set_flag(DeviceTree *tree, const char *path, const char *name) { device_tree_set_bytes(tree, path, name, NULL, 0); }

void device_tree_set_string(DeviceTree *tree, const char *path, const char *name, const char *text)
{
    device_tree_set_bytes(tree, path, name, text, strlen(text) + 1);
}

void device_tree_set_cell_array(DeviceTree *tree, const char *path, const char *name, const uint32_t *cells, size_t count)
{
    g_autofree uint32_t *bytes = g_new(uint32_t, MAX(count, 1));
    for (size_t n = 0; n < count; n++) {
        store_be32(&bytes[n], cells[n]);
    }
    device_tree_set_bytes(tree, path, name, bytes, count * sizeof(uint32_t));
}

const void *device_tree_get(const DeviceTree *tree, const char *path, const char *name, size_t *len)
{
    const TreeNode *node = g_hash_table_lookup(tree->nodes, path);
    const TreeProperty *p = node ? find_property(node, name) : NULL;
    *len = p ? p->len : 0;
    return p && !p->data ? "" : p ? p->data : NULL;
}

/* ---- nodes that go ---- */

static bool is_called(const TreeNode *node, const char *name)
{
    size_t len = strlen(name);
    return !strncmp(node->name, name, len) && (node->name[len] == '@' || !node->name[len]);
}

static gboolean lies_below(gpointer path, gpointer node, gpointer top)
{
    return g_str_has_prefix(path, top) && (((const char *)path)[strlen(top)] == '/' || !((const char *)path)[strlen(top)]);
}

void device_tree_remove_children(DeviceTree *tree, const char *name)
{
    for (GList *l = tree->root->children.head, *next; l; l = next) {
        TreeNode *node = l->data;
        next = l->next;
        if (is_called(node, name)) {
            g_autofree char *path = g_strconcat("/", node->name, NULL);
            g_hash_table_foreach_remove(tree->nodes, lies_below, path);
            g_queue_delete_link(&tree->root->children, l);
            node_free(node);
        }
    }
}

/* ---- the flattened form ---- */

static int write_node(void *blob, const TreeNode *node)
{
    int status = fdt_begin_node(blob, node->name);
    for (const GList *l = node->properties.head; l && !status; l = l->next) {
        const TreeProperty *p = l->data;
        status = fdt_property(blob, p->name, p->data ? p->data : "", (int)p->len);
    }
    for (const GList *l = node->children.head; l && !status; l = l->next) {
        status = write_node(blob, l->data);
    }
    return status ? status : fdt_end_node(blob);
}

static int write_blob(const DeviceTree *tree, void *blob, int size)
{
    int status = fdt_create(blob, size);
    for (unsigned n = 0; n < tree->reserved->len && !status; n++) {
        const Reservation *r = &g_array_index(tree->reserved, Reservation, n);
        status = fdt_add_reservemap_entry(blob, r->addr, r->size);
    }
    status = status ? status : fdt_finish_reservemap(blob);
    status = status ? status : write_node(blob, tree->root);
    return status ? status : fdt_finish(blob);
}

void *device_tree_flatten(const DeviceTree *tree, size_t *size, GError **err)
{
    if (tree->mistake) {
        g_propagate_error(err, g_error_copy(tree->mistake));
        return NULL;
    }
    for (int room = BLOB_START_SIZE; room <= BLOB_MAX_SIZE; room *= 2) {
        g_autofree void *blob = g_malloc0((gsize)room);
        int status = write_blob(tree, blob, room);
        if (!status) {
            *size = fdt_totalsize(blob);
            return g_steal_pointer(&blob);
        }
        if (status != -FDT_ERR_NOSPACE) {
            error_set(err, "device tree: %s", fdt_strerror(status));
            return NULL;
        }
    }
    error_set(err, "device tree: it is larger than %d MiB", (int)(BLOB_MAX_SIZE / MiB));
    return NULL;
}

bool device_tree_write(const DeviceTree *tree, const char *file, GError **err)
{
    size_t size;
    g_autofree char *blob = device_tree_flatten(tree, &size, err);
    g_autoptr(GError) failure = NULL;
    if (!blob) {
        return false;
    }
    return g_file_set_contents(file, blob, (gssize)size, &failure) || error_set(err, "%s", failure->message);
}

/* ---- reading one ---- */

static bool read_node(DeviceTree *tree, const void *blob, int offset, TreeNode *node, const char *path, int depth)
{
    int at;
    if (depth > DEPTH_MAX) {
        return false;
    }
    fdt_for_each_property_offset(at, blob, offset) {
        const char *name;
        int len;
        const void *data = fdt_getprop_by_offset(blob, at, &name, &len);
        if (!data || find_property(node, name)) {
            return false;
        }
        g_queue_push_tail(&node->properties, property_new(name, data, (size_t)len));
    }
    fdt_for_each_subnode(at, blob, offset) {
        const char *name = fdt_get_name(blob, at, NULL);
        g_autofree char *child_path = name ? g_strdup_printf("%s/%s", depth ? path : "", name) : NULL;
        if (!name || !*name || g_hash_table_contains(tree->nodes, child_path)) {
            return false;
        }
        TreeNode *child = node_new(name);
        g_queue_push_tail(&node->children, child);
        g_hash_table_insert(tree->nodes, g_strdup(child_path), child);
        if (!read_node(tree, blob, at, child, child_path, depth + 1)) {
            return false;
        }
    }
    return true;
}

DeviceTree *device_tree_load(const char *path, GError **err)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *data = NULL;
    gsize size;
    if (!g_file_get_contents(path, &data, &size, &failure)) {
        error_set(err, "could not load dtb file '%s': %s", path, failure->message);
        return NULL;
    }
    if (size < sizeof(struct fdt_header) || fdt_check_full(data, size)) {
        error_set(err, "could not load dtb file '%s': it is no flattened device tree", path);
        return NULL;
    }
    g_autoptr(DeviceTree) tree = device_tree_new();
    uint32_t highest = 0;
    if (!read_node(tree, data, 0, tree->root, "/", 0) || fdt_find_max_phandle(data, &highest)) {
        error_set(err, "could not load dtb file '%s': its nodes are damaged", path);
        return NULL;
    }
    tree->next_phandle = highest + 1;
    for (int n = 0; n < fdt_num_mem_rsv(data); n++) {
        Reservation r;
        if (!fdt_get_mem_rsv(data, n, &r.addr, &r.size)) {
            g_array_append_val(tree->reserved, r);
        }
    }
    return g_steal_pointer(&tree);
}
