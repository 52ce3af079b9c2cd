/* Device trees. SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/core/device-tree.h"
#include "util/bits.h"

#include <glib/gstdio.h>
#include <libfdt.h>
#include <string.h>
#include <unistd.h>

static DeviceTree *example(void)
{
    DeviceTree *tree = device_tree_new();
    DEVICE_TREE_CELLS(tree, "/", "#address-cells", 2);
    device_tree_add_node(tree, "/soc");
    device_tree_set_flag(tree, "/soc", "ranges");
    DEVICE_TREE_STRINGS(tree, "/soc", "compatible", "b,c\0a");
    g_autofree char *first = device_tree_add_nodef(tree, "/soc/rtc@%x", 0x1000), *second = device_tree_add_nodef(tree, "/soc/uart@%x", 0x2000);
    DEVICE_TREE_CELLS(tree, first, "reg", DEVICE_TREE_CELLS64(UINT64_C(0x123456789a)), 7);
    device_tree_set_string(tree, second, "status", "okay");
    device_tree_set_string(tree, second, "status", "off");
    return tree;
}

static void check_example(const void *blob)
{
    int len, soc = fdt_path_offset(blob, "/soc"), rtc = fdt_path_offset(blob, "/soc/rtc@1000");
    g_assert_cmpint(soc, >, 0);
    g_assert_nonnull(fdt_getprop(blob, soc, "ranges", &len));
    g_assert_cmpint(len, ==, 0);
    const char *compatible = fdt_getprop(blob, soc, "compatible", &len);
    g_assert_cmpmem(compatible, len, "b,c\0a", 6);
    const uint8_t *reg = fdt_getprop(blob, rtc, "reg", &len);
    g_assert_cmpmem(reg, len, "\0\0\0\x12\x34\x56\x78\x9a\0\0\0\x07", 12);
    g_assert_cmpstr(fdt_getprop(blob, fdt_path_offset(blob, "/soc/uart@2000"), "status", &len), ==, "off");
}

static void test_flattened_tree_says_what_was_put_in(void)
{
    g_autoptr(DeviceTree) tree = example();
    GError *err = NULL;
    size_t size;
    g_autofree void *blob = device_tree_flatten(tree, &size, &err);
    g_assert_no_error(err);
    g_assert_cmpint(fdt_check_full(blob, size), ==, 0);
    check_example(blob);
}

static void test_later_nodes_come_first(void)
{
    g_autoptr(DeviceTree) tree = example();
    size_t size;
    g_autofree void *blob = device_tree_flatten(tree, &size, NULL);
    int soc = fdt_path_offset(blob, "/soc"), at = fdt_first_subnode(blob, soc);
    g_assert_cmpstr(fdt_get_name(blob, at, NULL), ==, "uart@2000");
    g_assert_cmpstr(fdt_get_name(blob, fdt_next_subnode(blob, at), NULL), ==, "rtc@1000");
    const char *name;
    int len;
    g_assert_nonnull(fdt_getprop_by_offset(blob, fdt_first_property_offset(blob, soc), &name, &len));
    g_assert_cmpstr(name, ==, "compatible");
}

static void test_large_tree_fits(void)
{
    g_autoptr(DeviceTree) tree = device_tree_new();
    g_autofree char *text = g_strnfill(2000, 'x');
    for (int n = 0; n < 512; n++) {
        g_autofree char *path = device_tree_add_nodef(tree, "/cpu@%x", n);
        device_tree_set_string(tree, path, "riscv,isa", text);
    }
    GError *err = NULL;
    size_t size;
    g_autofree void *blob = device_tree_flatten(tree, &size, &err);
    g_assert_no_error(err);
    g_assert_cmpuint(size, >, 1000000);
    g_assert_cmpint(fdt_path_offset(blob, "/cpu@1ff"), >, 0);
}

static void test_mistakes_come_out(void)
{
    static const struct { const char *path, *message; } cases[] = {
        { "/a/b", "device tree: no place for '/a/b'" }, { "soc", "device tree: no place for 'soc'" }, { "/soc", "device tree: there are two of '/soc'" },
    };
    for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
        g_autoptr(DeviceTree) tree = example();
        g_autoptr(GError) err = NULL;
        size_t size;
        device_tree_add_node(tree, cases[n].path);
        device_tree_set_string(tree, "/nowhere", "a", "b");
        g_assert_null(device_tree_flatten(tree, &size, &err));
        g_assert_cmpstr(err->message, ==, cases[n].message);
    }
}

static char *scratch(const void *data, gssize size)
{
    char *path = NULL;
    int fd = g_file_open_tmp("dtb-XXXXXX", &path, NULL);
    close(fd);
    g_assert_true(g_file_set_contents(path, data, size, NULL));
    return path;
}

static void test_file_comes_back_the_same(void)
{
    g_autoptr(DeviceTree) tree = example();
    size_t size, again_size;
    g_autofree void *blob = device_tree_flatten(tree, &size, NULL);
    g_autofree char *path = scratch(blob, (gssize)size);
    GError *err = NULL;
    g_autoptr(DeviceTree) loaded = device_tree_load(path, &err);
    g_assert_no_error(err);
    g_autofree void *again = device_tree_flatten(loaded, &again_size, NULL);
    g_assert_cmpmem(again, again_size, blob, size);
    size_t len;
    g_assert_cmpstr(device_tree_get(loaded, "/soc/uart@2000", "status", &len), ==, "off");
    g_assert_null(device_tree_get(loaded, "/soc", "nothing", &len));
    g_unlink(path);
}

/* Every truncation and every flipped byte of a good file is refused or read, and nothing else. */
static void test_damaged_files_do_no_harm(void)
{
    g_autoptr(DeviceTree) tree = example();
    size_t size;
    g_autofree uint8_t *blob = device_tree_flatten(tree, &size, NULL);
    for (size_t n = 0; n < size; n++) {
        g_autofree uint8_t *bad = g_memdup2(blob, size);
        bad[n] ^= 0xff;
        g_autofree char *path = scratch(bad, (gssize)size), *shorter = scratch(blob, (gssize)n);
        g_autoptr(DeviceTree) flipped = device_tree_load(path, NULL);
        g_autoptr(DeviceTree) cut = device_tree_load(shorter, NULL);
        g_assert_null(cut);
        g_unlink(path);
        g_unlink(shorter);
    }
}

static void test_children_of_a_name_go_with_what_is_below(void)
{
    g_autoptr(DeviceTree) tree = example();
    device_tree_add_node(tree, "/memory@1");
    device_tree_add_node(tree, "/memory@1/below");
    device_tree_add_node(tree, "/memories@10");
    device_tree_add_node(tree, "/soc/memory");
    device_tree_remove_children(tree, "memory");
    g_assert_false(device_tree_has_node(tree, "/memory@1") || device_tree_has_node(tree, "/memory@1/below"));
    g_assert_true(device_tree_has_node(tree, "/memories@10") && device_tree_has_node(tree, "/soc/memory") && device_tree_has_node(tree, "/soc/rtc@1000"));
    device_tree_add_node(tree, "/memory@1");
    size_t size;
    g_autofree uint8_t *blob = device_tree_flatten(tree, &size, NULL);
    g_assert_cmpint(fdt_path_offset(blob, "/memory@1"), >, 0);
    g_assert_cmpint(fdt_path_offset(blob, "/memory@1/below"), <, 0);
    check_example(blob);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/device-tree/flattened-tree-says-what-was-put-in", test_flattened_tree_says_what_was_put_in);
    g_test_add_func("/device-tree/later-nodes-come-first", test_later_nodes_come_first);
    g_test_add_func("/device-tree/large-tree-fits", test_large_tree_fits);
    g_test_add_func("/device-tree/mistakes-come-out", test_mistakes_come_out);
    g_test_add_func("/device-tree/file-comes-back-the-same", test_file_comes_back_the_same);
    g_test_add_func("/device-tree/damaged-files-do-no-harm", test_damaged_files_do_no_harm);
    g_test_add_func("/device-tree/children-of-a-name-go-with-what-is-below", test_children_of_a_name_go_with_what_is_below);
    return g_test_run();
}
