/* Regions, views, listeners, dispatch, dirty tracking and DMA. SPDX-License-Identifier: GPL-2.0-or-later */
#include "softmmu/dma.h"
#include "softmmu/ram.h"
#include "util/main-loop.h"

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static GString *trace;

static uint64_t io_read(void *opaque, uint64_t addr, unsigned size)
{
    g_string_append_printf(trace, "r%u@%x ", size, (unsigned)addr);
    return 0x8877665544332211ull >> (8 * (addr & 7));
}

static void io_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    g_string_append_printf(trace, "w%u@%x=%x ", size, (unsigned)addr, (unsigned)value);
}

static void assert_trace(const char *text)
{
    g_assert_cmpstr(trace->str, ==, text);
    g_string_truncate(trace, 0);
}

static const MemoryRegionOps plain_ops = { .read = io_read, .write = io_write };
static const MemoryRegionOps byte_ops = { .read = io_read, .write = io_write, .impl = { .min = 1, .max = 1 } };
static const MemoryRegionOps word_ops = { .read = io_read, .write = io_write, .valid = { .min = 1, .max = 4 }, .impl = { .min = 4, .max = 4 } };
static const MemoryRegionOps big_ops = { .read = io_read, .write = io_write, .endian = DEVICE_BIG_ENDIAN, .impl = { .min = 1, .max = 2 } };
static const MemoryRegionOps strict_ops = { .read = io_read, .write = io_write, .valid = { .min = 4, .max = 4 } };

typedef struct World { MemoryRegion root, ram, io, alias; AddressSpace as; } World;

static void world_init(World *w)
{
    memset(w, 0, sizeof(*w));
    memory_region_init(&w->root, NULL, "root", UINT64_MAX);
    g_assert_true(memory_region_init_ram(&w->ram, NULL, "ram", 64 * KiB, NULL));
    memory_region_init_io(&w->io, NULL, &plain_ops, NULL, "io", 0x1000);
    address_space_init(&w->as, &w->root, "test");
}

static void world_done(World *w)
{
    memory_region_destroy(&w->alias);
    memory_region_destroy(&w->io);
    memory_region_destroy(&w->ram);
    address_space_destroy(&w->as);
    memory_region_destroy(&w->root);
}

static MemoryRegion *answers(World *w, uint64_t addr, uint64_t *offset)
{
    MemorySection section;
    memory_read_lock();
    bool found = address_space_find(&w->as, addr, false, &section, offset);
    memory_read_unlock();
    return found ? section.mr : NULL;
}

static void test_priorities(void)
{
    World w;
    uint64_t offset;
    world_init(&w);
    memory_region_add_subregion(&w.root, 0, &w.ram);
    memory_region_add_subregion_overlap(&w.root, 0x2000, &w.io, 1);
    g_assert_true(answers(&w, 0x1fff, &offset) == &w.ram && offset == 0x1fff);
    g_assert_true(answers(&w, 0x2000, &offset) == &w.io && offset == 0);
    g_assert_true(answers(&w, 0x3000, &offset) == &w.ram && offset == 0x3000);
    g_assert_null(answers(&w, 0x10000, &offset));
    memory_region_set_enabled(&w.io, false);
    g_assert_true(answers(&w, 0x2000, &offset) == &w.ram);
    memory_region_set_enabled(&w.io, true);
    memory_region_set_address(&w.io, UINT64_MAX - 0xfff);
    g_assert_true(answers(&w, UINT64_MAX, &offset) == &w.io && offset == 0xfff);
    g_assert_true(answers(&w, 0x2000, &offset) == &w.ram);
    memory_region_del_subregion(&w.root, &w.ram);
    g_assert_null(answers(&w, 0x2000, &offset));
    world_done(&w);
}

static void test_alias_and_readonly(void)
{
    World w;
    uint64_t offset, value = 0;
    world_init(&w);
    memory_region_add_subregion(&w.root, 0, &w.ram);
    memory_region_init_alias(&w.alias, NULL, "alias", &w.ram, 0x8000, 0x1000);
    memory_region_add_subregion(&w.root, 0x100000, &w.alias);
    g_assert_cmpint(dma_write(&w.as, 0x8010, "abc", 3), ==, MEM_OK);
    g_assert_true(answers(&w, 0x100010, &offset) == &w.ram && offset == 0x8010);
    memory_region_set_readonly(&w.alias, true);
    g_assert_cmpint(dma_write(&w.as, 0x100010, "xyz", 3), !=, MEM_OK);
    g_assert_cmpint(dma_write_rom(&w.as, 0x100011, "y", 1), ==, MEM_OK);
    g_assert_cmpint(dma_read(&w.as, 0x8010, &value, 3), ==, MEM_OK);
    g_assert_cmpmem(&value, 3, "ayc", 3);
    memory_region_set_alias_offset(&w.alias, 0x9000);
    dma_read(&w.as, 0x100010, &value, 3);
    g_assert_cmpmem(&value, 3, "\0\0\0", 3);
    world_done(&w);
}

static void test_dispatch_splits_and_joins(void)
{
    World w;
    uint64_t v;
    world_init(&w);
    memory_region_add_subregion(&w.root, 0, &w.io);
    MemoryRegion *io = &w.io;
    memory_region_dispatch_read(io, 0, &v, 4, MEM_ATTRS_NONE);
    g_assert_cmphex(v, ==, 0x44332211);
    assert_trace("r4@0 ");
    memory_region_dispatch_read(io, 0, &v, 8, MEM_ATTRS_NONE);
    g_assert_cmphex(v, ==, 0x8877665544332211);
    assert_trace("r4@0 r4@4 ");
    io->ops = &byte_ops;
    memory_region_dispatch_write(io, 2, 0xabcd, 2, MEM_ATTRS_NONE);
    assert_trace("w1@2=cd w1@3=ab ");
    io->ops = &word_ops;
    memory_region_dispatch_read(io, 2, &v, 1, MEM_ATTRS_NONE);
    g_assert_cmphex(v, ==, 0x33);
    assert_trace("r4@0 ");
    g_assert_cmpint(memory_region_dispatch_read(io, 1, &v, 4, MEM_ATTRS_NONE), ==, MEM_DECODE_ERROR);
    io->ops = &big_ops;
    memory_region_dispatch_read(io, 0, &v, 2, MEM_ATTRS_NONE);
    g_assert_cmphex(v, ==, 0x1122);
    memory_region_dispatch_write(io, 0, 0x11223344, 4, MEM_ATTRS_NONE);
    assert_trace("r2@0 w2@0=4433 w2@2=2211 ");
    io->ops = &strict_ops;
    g_assert_cmpint(memory_region_dispatch_write(io, 0, 0, 2, MEM_ATTRS_NONE), ==, MEM_DECODE_ERROR);
    assert_trace("");
    world_done(&w);
}

static void test_cpu_access_and_dma_cross_borders(void)
{
    World w;
    uint64_t v;
    uint8_t buf[16];
    world_init(&w);
    memory_region_add_subregion(&w.root, 0, &w.ram);
    memory_region_add_subregion(&w.root, 0x10000, &w.io);
    g_assert_cmpint(address_space_store(&w.as, 0xfffe, 0x44332211, 4, MEM_ATTRS_NONE), ==, MEM_OK);
    assert_trace("w2@0=4433 ");
    g_assert_cmpint(address_space_load(&w.as, 0x50000, &v, 2, MEM_ATTRS_NONE), ==, MEM_DECODE_ERROR);
    g_assert_cmphex(v, ==, 0xffff);
    memset(buf, 0xaa, sizeof(buf));
    g_assert_cmpint(dma_read(&w.as, 0x10ff8, buf, 16), ==, MEM_DECODE_ERROR);
    g_assert_cmpint(buf[15], ==, 0);
    assert_trace("r4@ff8 r4@ffc ");
    g_assert_true(dma_range_valid(&w.as, 0, 0x11000, true));
    g_assert_false(dma_range_valid(&w.as, 0, 0x11001, true));
    g_assert_false(dma_range_valid(&w.as, 16, UINT64_MAX, true));
    dma_set(&w.as, 0x100, 0x5a, 1000);
    dma_read(&w.as, 0x100 + 999, buf, 2);
    g_assert_cmpmem(buf, 2, "\x5a\0", 2);
    DmaList list;
    MemResult result;
    dma_list_init(&list, &w.as);
    dma_list_add(&list, 0x100, 10);
    dma_list_add(&list, 0x200, 10);
    g_assert_cmpuint(dma_list_write(&list, 8, "1234567890", 10, &result), ==, 10);
    dma_read(&w.as, 0x200, buf, 2);
    g_assert_cmpmem(buf, 2, "34", 2);
    g_assert_cmpuint(dma_list_read(&list, 19, buf, 10, &result), ==, 1);
    dma_list_clear(&list);
    uint64_t len = 0x20000;
    uint8_t *host = dma_map(&w.as, 0xff00, &len, true);
    g_assert_cmpuint(len, ==, 0x100);
    host[0] = 7;
    dma_unmap(&w.as, host, len, true, 1);
    g_assert_null(dma_map(&w.as, 0x10000, &len, true));
    world_done(&w);
}

static void on_add(MemoryListener *l, const MemorySection *s)
{
    g_string_append_printf(trace, "+%s@%x:%x%s ", s->mr->label, (unsigned)s->addr, (unsigned)s->size_minus_1, s->readonly ? "r" : "");
}
static void on_del(MemoryListener *l, const MemorySection *s)
{
    g_string_append_printf(trace, "-%s@%x:%x ", s->mr->label, (unsigned)s->addr, (unsigned)s->size_minus_1);
}
static void on_eventfd_add(MemoryListener *l, const MemorySection *s, const MemoryIoeventfd *e)
{
    g_string_append_printf(trace, "e+%x ", (unsigned)e->addr);
}
static void on_eventfd_del(MemoryListener *l, const MemorySection *s, const MemoryIoeventfd *e)
{
    g_string_append_printf(trace, "e-%x ", (unsigned)e->addr);
}
static void on_coalesced_add(MemoryListener *l, const MemorySection *s, uint64_t addr, uint64_t size)
{
    g_string_append_printf(trace, "c+%x:%x ", (unsigned)addr, (unsigned)size);
}
static void on_log_start(MemoryListener *l, const MemorySection *s, uint8_t old_mask, uint8_t new_mask)
{
    g_string_append_printf(trace, "log%d>%d ", old_mask, new_mask);
}
static void on_commit(MemoryListener *l)
{
    g_string_append(trace, "; ");
}

static void test_listeners(void)
{
    World w;
    MemoryListener l = { .name = "test", .region_add = on_add, .region_del = on_del, .eventfd_add = on_eventfd_add, .commit = on_commit,
                         .eventfd_del = on_eventfd_del, .coalesced_add = on_coalesced_add, .log_start = on_log_start };
    world_init(&w);
    memory_region_add_subregion(&w.root, 0, &w.ram);
    memory_listener_register(&l, &w.as);
    assert_trace("+ram@0:ffff ; ");
    memory_transaction_begin();
    memory_region_add_subregion_overlap(&w.root, 0x1000, &w.io, 1);
    memory_region_set_readonly(&w.ram, true);
    memory_region_set_readonly(&w.ram, false);
    assert_trace("");
    memory_transaction_commit();
    assert_trace("-ram@0:ffff +ram@0:fff +io@1000:fff +ram@2000:dfff ; ");
    MemoryIoeventfd e = { .addr = 4, .size = 2, .fd = eventfd(0, EFD_NONBLOCK) };
    memory_region_add_ioeventfd(&w.io, &e);
    assert_trace("e+1004 ");
    memory_region_dispatch_write(&w.io, 4, 1, 2, MEM_ATTRS_NONE);
    assert_trace("");
    uint64_t count = 0;
    g_assert_cmpint(read(e.fd, &count, 8), ==, 8);
    memory_region_dispatch_write(&w.io, 4, 1, 4, MEM_ATTRS_NONE);
    assert_trace("w4@4=1 ");
    memory_region_set_coalesced(&w.io, 0x10, 0x20);
    assert_trace("c+1010:20 ");
    memory_region_set_address(&w.io, 0x20000);
    assert_trace("-ram@0:fff -io@1000:fff -ram@2000:dfff +ram@0:ffff +io@20000:fff c+20010:20 e-1004 e+20004 ; ");
    memory_region_del_ioeventfd(&w.io, &e);
    assert_trace("e-20004 ");
    memory_region_set_log(&w.ram, true, DIRTY_DISPLAY);
    assert_trace("log0>1 ; ");
    memory_region_set_enabled(&w.io, true);
    assert_trace("");
    memory_listener_unregister(&l);
    close(e.fd);
    g_string_truncate(trace, 0);
    world_done(&w);
}

static uint64_t code_written;
static void on_code_write(uint64_t ram_addr, uint64_t size)
{
    code_written = ram_addr;
}

static void test_dirty(void)
{
    World w;
    unsigned long bitmap[1];
    world_init(&w);
    memory_region_add_subregion(&w.root, 0, &w.ram);
    uint64_t base = w.ram.ram->ram_addr;
    memory_region_set_log(&w.ram, true, DIRTY_DISPLAY);
    memory_read_lock();
    g_assert_nonnull(address_space_frame(&w.as, 0x3000, true, NULL));
    g_assert_true(memory_region_test_and_clear_dirty(&w.ram, 0, 64 * KiB, DIRTY_DISPLAY, NULL));
    g_assert_null(address_space_frame(&w.as, 0x3000, true, NULL));
    g_assert_nonnull(address_space_frame(&w.as, 0x3000, false, NULL));
    g_assert_false(memory_region_test_and_clear_dirty(&w.ram, 0, 64 * KiB, DIRTY_DISPLAY, NULL));
    dma_write(&w.as, 0x3fff, "ab", 2);
    g_assert_nonnull(address_space_frame(&w.as, 0x3000, true, NULL));
    g_assert_true(memory_region_test_and_clear_dirty(&w.ram, 0x2000, 0x8000, DIRTY_DISPLAY, bitmap));
    g_assert_cmphex(bitmap[0], ==, 0x6);
    ram_set_code_write_hook(on_code_write);
    ram_set_has_code(base + 0x5000, true);
    dma_write(&w.as, 0x4000, "ab", 2);
    g_assert_cmphex(code_written, ==, 0);
    dma_write(&w.as, 0x4fff, "ab", 2);
    g_assert_cmphex(code_written, ==, base + 0x4fff);
    g_assert_null(address_space_frame(&w.as, 0x5000, true, NULL));
    ram_set_has_code(base + 0x5000, false);
    g_assert_nonnull(address_space_frame(&w.as, 0x5000, true, NULL));
    memory_read_unlock();
    ram_set_code_write_hook(NULL);
    world_done(&w);
}

static IommuEntry translate(MemoryRegion *mr, uint64_t addr, bool write, MemAttrs attrs)
{
    World *w = container_of(mr, World, alias);
    return (IommuEntry){ .target = &w->as, .translated = (addr & ~0xfffull) + 0x2000, .mask = 0xfff, .readable = addr < 0x2000, .writable = addr < 0x1000 };
}

static void test_iommu(void)
{
    World w;
    uint8_t buf[3] = { 0 };
    AddressSpace device;
    world_init(&w);
    memory_region_add_subregion(&w.root, 0, &w.ram);
    memory_region_init_iommu(&w.alias, NULL, "iommu", UINT64_MAX, translate);
    address_space_init(&device, &w.alias, "device");
    g_assert_cmpint(dma_write(&device, 0x10, "abc", 3), ==, MEM_OK);
    dma_read(&w.as, 0x2010, buf, 3);
    g_assert_cmpmem(buf, 3, "abc", 3);
    g_assert_cmpint(dma_write(&device, 0xfff, "abc", 3), ==, MEM_ACCESS_ERROR);
    g_assert_cmpint(dma_read(&device, 0x1fff, buf, 1), ==, MEM_OK);
    g_assert_cmpint(dma_read(&device, 0x2000, buf, 1), ==, MEM_ACCESS_ERROR);
    address_space_destroy(&device);
    world_done(&w);
}

static void loop_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    dma_write(opaque, 0, &value, 4);
}

static void test_a_loop_of_accesses_ends(void)
{
    World w;
    static const MemoryRegionOps loop_ops = { .write = loop_write };
    world_init(&w);
    w.io.ops = &loop_ops;
    w.io.opaque = &w.as;
    memory_region_add_subregion(&w.root, 0, &w.io);
    g_assert_cmpint(dma_write(&w.as, 0, "abcd", 4), ==, MEM_OK);
    world_done(&w);
}

static void test_description(void)
{
    World w;
    world_init(&w);
    memory_region_add_subregion(&w.root, 0, &w.ram);
    memory_region_init_alias(&w.alias, NULL, "part", &w.ram, 0x1000, 0x1000);
    memory_region_set_readonly(&w.alias, true);
    memory_region_add_subregion_overlap(&w.root, 0x4000, &w.alias, 2);
    g_autofree char *flat = memory_describe(true, false, false, false);
    g_assert_cmpstr(flat, ==,
                    "FlatView #0\n AS \"test\", root: root\n Root memory region: root\n"
                    "  0000000000000000-0000000000003fff (prio 0, ram): ram\n"
                    "  0000000000004000-0000000000004fff (prio 0, rom): ram @0000000000001000\n"
                    "  0000000000005000-000000000000ffff (prio 0, ram): ram @0000000000005000\n\n");
    g_autofree char *tree = memory_describe(false, false, false, false);
    g_assert_cmpstr(tree, ==,
                    "address-space: test\n"
                    "  0000000000000000-ffffffffffffffff (prio 0, i/o): root\n"
                    "    0000000000000000-000000000000ffff (prio 0, ram): ram\n"
                    "    0000000000004000-0000000000004fff (prio 2, ram): alias part @ram 0000000000001000-0000000000001fff\n\n"
                    "memory-region: ram\n"
                    "  0000000000000000-000000000000ffff (prio 0, ram): ram\n\n");
    world_done(&w);
}

static void *reads_for_ever(void *opaque)
{
    World *w = opaque;
    uint32_t v = 0;
    for (int i = 0; i < 20000; i++) {
        if (dma_read(&w->as, 0x100, &v, 4) == MEM_OK) {
            g_assert_cmphex(v, ==, 0x5a5a5a5a);
        }
    }
    return NULL;
}

static void test_readers_while_views_change(void)
{
    World w;
    world_init(&w);
    memory_region_add_subregion(&w.root, 0, &w.ram);
    memory_region_add_subregion(&w.root, 0x20000, &w.io);
    dma_set(&w.as, 0x100, 0x5a, 4);
    GThread *reader = g_thread_new("reader", reads_for_ever, &w);
    for (int i = 0; i < 500; i++) {
        memory_region_set_address(&w.io, 0x20000 + (uint64_t)(i & 7) * 0x1000);
    }
    g_thread_join(reader);
    world_done(&w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    trace = g_string_new(NULL);
    main_loop_init();
    g_test_add_func("/memory/the highest priority is seen", test_priorities);
    g_test_add_func("/memory/aliases show another region, read-only if asked", test_alias_and_readonly);
    g_test_add_func("/memory/dispatch splits and joins", test_dispatch_splits_and_joins);
    g_test_add_func("/memory/accesses cross borders", test_cpu_access_and_dma_cross_borders);
    g_test_add_func("/memory/listeners hear what changes", test_listeners);
    g_test_add_func("/memory/dirty pages and code pages", test_dirty);
    g_test_add_func("/memory/iommu", test_iommu);
    g_test_add_func("/memory/a loop of accesses ends", test_a_loop_of_accesses_ends);
    g_test_add_func("/memory/description", test_description);
    g_test_add_func("/memory/readers while views change", test_readers_while_views_change);
    return g_test_run();
}
