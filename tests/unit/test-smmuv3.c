/*
 * The SMMUv3 under random structures in memory, and under accesses of several threads.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/arm/smmuv3/smmuv3.h"
#include "util/main-loop.h"

#include <string.h>

enum { ROUNDS = 400, TRIES = 60, RAM_SIZE = 4 * 1024 * 1024, STREAMS = 0x1000, CONTEXTS = 0x8000, TABLES = 0x100000, TABLES_SIZE = 0x40000, QUEUES = 0x80000, DEVFN = 8 };
#define BASE UINT64_C(0x09050000)

static SystemMemory memory;
static MemoryRegion ram;
static SmmuV3 *smmu;
static PciBus bus, other_bus;
static AddressSpace space, other_space;

static uint32_t any(uint32_t bound) { return (uint32_t)g_test_rand_int_range(0, INT32_MAX) % bound; }
static uint64_t any64(void) { return (uint64_t)(uint32_t)g_test_rand_int() << 32 | (uint32_t)g_test_rand_int(); }

static void put(uint64_t at, uint64_t word) { dma_store_le64(&memory.memory_space, at, word); }
static void write32(unsigned offset, uint32_t value) { address_space_store(&memory.memory_space, BASE + offset, value, 4, MEM_ATTRS_NONE); }
static void write64(unsigned offset, uint64_t value)
{
    write32(offset, (uint32_t)value);
    write32(offset + 4, (uint32_t)(value >> 32));
}
static uint32_t read32(unsigned offset)
{
    uint64_t value;
    address_space_load(&memory.memory_space, BASE + offset, &value, 4, MEM_ATTRS_NONE);
    return (uint32_t)value;
}

static void build(void)
{
    static Irq *irqs[SMMUV3_IRQS];
    GError *err = NULL;
    main_loop_init();
    system_memory_init(&memory);
    g_assert_true(memory_region_init_ram(&ram, NULL, "ram", RAM_SIZE, &err));
    memory_region_add_subregion(&memory.memory, 0, &ram);
    smmu = (SmmuV3 *)smmuv3_create(&(Smmuv3Place){ .memory = &memory.memory, .addr = BASE, .memory_space = &memory.memory_space, .stage = "nested", .irqs = irqs }, &err);
    g_assert_no_error(err);
    device_cold_reset(DEVICE(smmu));
    address_space_init(&space, smmu_pci_ops.requester_space(smmu, &bus, DEVFN), "device");
    address_space_init(&other_space, smmu_pci_ops.requester_space(smmu, &other_bus, DEVFN + 1), "other device");
}

/* ---- random structures ---- */

/* Mostly of the tables' memory, now and then anywhere, the SMMU itself included. */
static uint64_t any_address(void)
{
    static const uint64_t bad[] = { 0, BASE, BASE + 0x10000, RAM_SIZE - 8, RAM_SIZE, UINT64_C(0xfffffffffffff), UINT64_C(1) << 44, UINT64_C(1) << 43 };
    return any(8) ? TABLES + (any64() % TABLES_SIZE & ~UINT64_C(0xfff)) : bad[any(ARRAY_SIZE(bad))];
}

static uint64_t any_descriptor(void)
{
    uint64_t attributes = any(4) ? UINT64_C(0xffc) & ~(any(8) ? 0 : UINT64_C(0x80)) : any64() & UINT64_C(0xfff0000000000ffc);
    return any(16) ? any_address() | attributes | (any(10) ? 3 : any(4)) : any64();
}

static void fill_tables(void)
{
    for (uint64_t at = TABLES; at < TABLES + TABLES_SIZE; at += 0x1000) {
        for (unsigned n = 0; n < 16; n++) {
            put(at + 8 * (any(4) ? n : any(512)), any_descriptor());
        }
    }
}

static void fill_stream(uint64_t at)
{
    uint64_t stage2 = any(1 << 16) | (uint64_t)(20 + any(20)) << 32 | (uint64_t)any(4) << 38 | (uint64_t)any(4) << 46 | (uint64_t)any(8) << 48 | BIT(51) | BIT(58) | (uint64_t)any(2) << 54;
    put(at, any(20) ? (uint64_t)(CONTEXTS + 64 * any(8)) | 1 | (4 + any(4)) << 1 : any64());
    put(at + 8, any(8) ? 0 : any64());
    put(at + 16, any(20) ? stage2 : any64());
    put(at + 24, any(10) ? any_address() : any64());
}

static void fill_context(uint64_t at)
{
    uint64_t low = (16 + any(24)) | any(4) << 6 | any(2) << 14 | (16 + any(24)) << 16 | (uint64_t)any(4) << 22 | (uint64_t)any(2) << 30 | BIT(31);
    put(at, any(20) ? low | (uint64_t)any(8) << 32 | (uint64_t)any(2) << 35 | (uint64_t)any(4) << 38 | BIT(41) | BIT(45) | BIT(46) | (uint64_t)any(4) << 48 : any64());
    put(at + 8, any(10) ? any_address() | any(2) << 1 : any64());
    put(at + 16, any(10) ? any_address() | any(2) << 1 : any64());
}

static void fill_commands(void)
{
    static const uint8_t opcodes[] = { 1, 2, 3, 4, 5, 6, 0x10, 0x11, 0x12, 0x13, 0x28, 0x2a, 0x30, 0x46 };
    for (unsigned n = 0; n < 32; n++) {
        put(QUEUES + 16 * n, (any64() & ~UINT64_C(0x4ff)) | opcodes[any(ARRAY_SIZE(opcodes))] | (any(30) ? 0 : any(256)));
        put(QUEUES + 16 * n + 8, any64());
    }
}

static void set_up(void)
{
    fill_tables();
    for (unsigned n = 0; n < 16; n++) {
        fill_stream(STREAMS + 64 * n);
        put(STREAMS + 0x800 + 8 * n, any(4) ? STREAMS | (1 + any(7)) : any64());
    }
    for (unsigned n = 0; n < 8; n++) {
        fill_context(CONTEXTS + 64 * n);
    }
    fill_commands();
    write32(CR0, 0);
    bool is_linear = any(3);
    write64(STRTAB_BASE, any(20) ? (is_linear ? STREAMS : STREAMS + 0x800) : any64());
    write32(STRTAB_BASE_CFG, any(20) ? (is_linear ? 6 : 1 << 16 | 6 << 6 | 16) : (uint32_t)any64());
    write64(CMDQ_BASE, any(10) ? QUEUES | 5 : any64());
    write64(EVENTQ_BASE, any(10) ? (QUEUES + 0x4000) | 5 : any64());
    write32(CMDQ_CONS, 0);
    write32(CR0, CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN);
}

static uint64_t any_input(void)
{
    uint64_t low = any64() & (any(2) ? UINT64_C(0x1fffff) : UINT64_MAX >> any(64));
    return any(4) ? low : low | UINT64_MAX << 40;
}

static void test_random_structures(void)
{
    unsigned hits = 0, accesses = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        set_up();
        for (unsigned n = 0; n < TRIES; n++) {
            uint8_t buf[64];
            accesses++;
            hits += dma_rw(any(2) ? &space : &other_space, any_input(), buf, 1 + any(sizeof(buf)), false, MEM_ATTRS_NONE) == MEM_OK;
            if (!any(6)) {
                write32(CMDQ_PROD, any(64));
            }
            if (!any(20)) {
                write32(any(4) ? any(REGISTERS_END) & ~3u : PAGE1 + EVENTQ_CONS, any(2) ? any(64) : (uint32_t)any64());
            }
            write32(GERRORN, read32(GERROR));
        }
    }
    /* Neither everything nor nothing got through: the structures were good enough to get somewhere. */
    g_test_message("%u of %u", hits, accesses);
    g_assert_cmpint(hits, >, accesses / 100);
    g_assert_cmpint(hits, <, accesses);
}

/* ---- threads ---- */

static int go_on;

/* Both pages have the same in all bytes: whichever it is that an access goes to, it is one of them. */
static void *reader(void *opaque)
{
    uintptr_t wrong = 0;
    while (__atomic_load_n(&go_on, __ATOMIC_RELAXED)) {
        uint8_t buf[256];
        MemResult result = dma_rw(opaque, 0x1f80, buf, sizeof(buf), false, MEM_ATTRS_NONE);
        bool same = buf[0] == buf[127] && buf[128] == buf[255] && (buf[0] == 0x11 || buf[0] == 0x22) && (buf[128] == 0x11 || buf[128] == 0x22);
        wrong += result != MEM_OK || !same;
    }
    return (void *)wrong;
}

static void test_accesses_of_several_threads(void)
{
    enum { FIRST = 0x200000, SECOND = 0x300000, PAGE = 0x400 | 0x840 | 3, CHANGES = 3000 };
    GThread *threads[3];
    device_cold_reset(DEVICE(smmu));
    dma_set(&memory.memory_space, FIRST, 0x11, 0x1000);
    dma_set(&memory.memory_space, SECOND, 0x22, 0x1000);
    for (unsigned n = 0; n < 2; n++) {
        uint64_t ste = STREAMS + 64 * (DEVFN + n);
        put(ste, CONTEXTS | 1 | 5 << 1), put(ste + 8, 0), put(ste + 16, 0);
    }
    put(CONTEXTS, BIT(31) | BIT(30) | UINT64_C(4) << 32 | BIT(41) | BIT(45) | BIT(46) | 34), put(CONTEXTS + 8, TABLES);
    put(TABLES, (TABLES + 0x1000) | 3);
    put(TABLES + 0x1000 + 8, FIRST | PAGE), put(TABLES + 0x1000 + 16, SECOND | PAGE);
    write64(STRTAB_BASE, STREAMS);
    write32(STRTAB_BASE_CFG, 6);
    write64(CMDQ_BASE, QUEUES | 5);
    write32(CR0, CR0_SMMUEN | CR0_CMDQEN);
    go_on = 1;
    machine_unlock();
    for (unsigned n = 0; n < ARRAY_SIZE(threads); n++) {
        threads[n] = g_thread_new("reader", reader, n % 2 ? &other_space : &space);
    }
    for (unsigned n = 0; n < CHANGES; n++) {
        put(TABLES + 0x1000 + 8, (n & 1 ? FIRST : SECOND) | PAGE);
        put(QUEUES + 16 * (n % 32), n % 3 ? 0x12 : 0x04), put(QUEUES + 16 * (n % 32) + 8, n % 3 ? 0x1000 : 31);
        write32(CMDQ_PROD, (n + 1) & 63);
    }
    __atomic_store_n(&go_on, 0, __ATOMIC_RELAXED);
    for (unsigned n = 0; n < ARRAY_SIZE(threads); n++) {
        g_assert_null(g_thread_join(threads[n]));
    }
    machine_lock();
    g_assert_cmphex(read32(CMDQ_CONS), ==, CHANGES & 63);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    build();
    g_test_add_func("/smmuv3/random-structures", test_random_structures);
    g_test_add_func("/smmuv3/accesses-of-several-threads", test_accesses_of_several_threads);
    return g_test_run();
}
