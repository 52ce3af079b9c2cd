/* Memory back ends. SPDX-License-Identifier: GPL-2.0-or-later */
#include "softmmu/backend.h"
#include "util/main-loop.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* options: "key=value key=value". */
static MemoryBackend *add(const char *type, const char *options, const char *error)
{
    g_autoptr(GError) err = NULL;
    g_auto(GStrv) words = g_strsplit(options, " ", -1);
    GVariantDict dict;
    g_variant_dict_init(&dict, NULL);
    for (char **word = words; *word && **word; word++) {
        char *value = strchr(*word, '=');
        *value++ = 0;
        g_variant_dict_insert(&dict, *word, "s", value);
    }
    g_autoptr(GVariant) v = g_variant_ref_sink(g_variant_dict_end(&dict));
    Object *object = object_add_user(type, "m", v, true, &err);
    if (error) {
        g_assert_null(object);
        g_assert_cmpstr(err->message, ==, error);
        g_assert_null(object_find_user("m"));
    } else {
        g_assert_no_error(err);
        g_assert_nonnull(object);
    }
    return memory_backend_from(object);
}

static void test_messages(void)
{
    add("memory-backend-ram", "", "Parameter 'size' is missing");
    add("memory-backend-ram", "size=0", "property 'size' of memory-backend-ram doesn't take value '0'");
    add("memory-backend-ram", "size=foo", "Parameter 'size' expects a size value");
    add("memory-backend-ram", "size=1M foo=1", "Invalid parameter 'foo'");
    add("memory-backend-ram", "size=1M share=bar", "Parameter 'share' expects 'on' or 'off'");
    add("memory-backend-ram", "size=1M policy=bar", "Parameter 'policy' does not accept value 'bar'");
    add("memory-backend-ram", "size=1M policy=bind", "host-nodes must be set for policy bind");
    add("memory-backend-ram", "size=1M host-nodes=0",
        "host-nodes must be empty for policy default, or you should explicitly specify a policy other than default");
    add("memory-backend-ram", "size=1M host-nodes=900", "Invalid host-nodes value: 900");
    add("memory-backend-ram", "size=1M host-nodes=x", "Parameter 'host-nodes' expects a uint64 value or range");
    add("memory-backend-ram", "size=1M prealloc-threads=0", "property 'prealloc-threads' of memory-backend-ram doesn't take value '0'");
    add("memory-backend-ram", "size=1M prealloc-context=foo", "Device 'foo' not found");
    add("memory-backend-ram", "size=1M prealloc=on reserve=off", "'prealloc=on' and 'reserve=off' are incompatible");
    add("memory-backend-file", "size=1M", "Parameter 'mem-path' is missing");
    add("memory-backend-file", "size=1M mem-path=/nonexistent/x",
        "can't open backing store /nonexistent/x for guest RAM: No such file or directory");
    add("memory-backend-file", "size=1M mem-path=/tmp align=3", "alignment 0x3 must be multiples of page size 0x1000");
    add("memory-backend-file", "size=1M mem-path=/tmp align=12k", "alignment 0x3000 must be a power of two");
    add("memory-backend-memfd", "size=1M hugetlb=on hugetlbsize=3M", "Hugepage size must be a power of 2");
    add("memory-backend-shm", "size=1M share=off", "Cannot set 'share' to off");
}

static void test_ram(void)
{
    g_autoptr(GError) err = NULL;
    MemoryBackend *m = add("memory-backend-ram", "size=3M prealloc=on prealloc-threads=3", NULL);
    MemoryRegion *mr = memory_backend_region(m);
    g_assert_cmpuint(memory_region_size(mr), ==, 3 << 20);
    memset(memory_region_ram_ptr(mr), 1, 3 << 20);
    g_assert_false(object_set_uint(&m->parent, "size", 5, &err));
    g_assert_cmpstr(err->message, ==, "cannot change property value");
    g_clear_error(&err);
    g_assert_true(object_set_bool(&m->parent, "merge", false, &err));
    memory_backend_set_mapped(m, true);
    g_assert_false(object_delete_user("m", &err));
    g_assert_cmpstr(err->message, ==, "object 'm' is in use, can not be deleted");
    memory_backend_set_mapped(m, false);
    g_assert_true(object_delete_user("m", NULL));
    g_assert_null(ram_block_first());
}

static void test_file_is_shared_or_private(void)
{
    g_autofree char *directory = g_dir_make_tmp(NULL, NULL), *path = g_build_filename(directory, "ram", NULL);
    g_autofree char *options = g_strdup_printf("size=1M mem-path=%s share=on", path);
    g_autofree char *small = g_strdup_printf("size=2M mem-path=%s", path), *private_options = g_strdup_printf("size=1M mem-path=%s", path);
    g_autofree char *offset = g_strdup_printf("size=4k offset=4k readonly=on mem-path=%s", path);
    MemoryBackend *m = add("memory-backend-file", options, NULL);
    strcpy((char *)m->block->host + 4096, "shared");
    object_delete_user("m", NULL);
    m = add("memory-backend-file", private_options, NULL);
    g_assert_cmpstr((char *)m->block->host + 4096, ==, "shared");
    strcpy((char *)m->block->host + 4096, "private");
    object_delete_user("m", NULL);
    m = add("memory-backend-file", offset, NULL);
    g_assert_cmpstr((char *)m->block->host, ==, "shared");
    g_assert_true(memory_backend_region(m)->readonly);
    object_delete_user("m", NULL);
    add("memory-backend-file", small, "backing store size 0x100000 does not match 'size' option 0x200000");
    g_unlink(path);
    g_rmdir(directory);
}

static void test_descriptors(void)
{
    MemoryBackend *m = add("memory-backend-memfd", "size=1M", NULL);
    g_assert_cmpint(fcntl(m->block->fd, F_GET_SEALS) & F_SEAL_SHRINK, !=, 0);
    g_assert_true(m->share);
    object_delete_user("m", NULL);
    m = add("memory-backend-shm", "size=1M", NULL);
    g_assert_cmpint(m->block->fd, >=, 0);
    object_delete_user("m", NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    main_loop_init();
    g_test_add_func("/backend/messages", test_messages);
    g_test_add_func("/backend/anonymous memory", test_ram);
    g_test_add_func("/backend/a file is shared or private", test_file_is_shared_or_private);
    g_test_add_func("/backend/memfd and shm have descriptors", test_descriptors);
    return g_test_run();
}
