/*
 * The RISC-V IOMMU under random structures in memory, and under accesses of several threads.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/riscv/iommu/iommu.h"

#include <string.h>

enum { ROUNDS = 400, TRIES = 60, RAM_SIZE = 4 * 1024 * 1024, DEVICES = 0x1000, PROCESSES = 0x3000, MESSAGES = 0x4000, DIRECTORIES = 0x5000, QUEUES = 0x80000, TABLES = 0x100000,
       TABLES_SIZE = 0x40000, DEVFN = 8 };
#define BASE UINT64_C(0x03010000)

static SystemMemory memory;
static MemoryRegion ram;
static PciBus root, other_bus;
static AddressSpace space, other_space;
static Device *device;

static uint32_t any(uint32_t bound) { return (uint32_t)g_test_rand_int_range(0, INT32_MAX) % bound; }
static uint64_t any64(void) { return (uint64_t)(uint32_t)g_test_rand_int() << 32 | (uint32_t)g_test_rand_int(); }

static void put(uint64_t at, uint64_t word) { dma_store_le64(&memory.memory_space, at, word); }
static void write32(unsigned offset, uint32_t value) { address_space_store(&memory.memory_space, BASE + offset, value, 4, MEM_ATTRS_NONE); }
static void write64(unsigned offset, uint64_t value) { address_space_store(&memory.memory_space, BASE + offset, value, 8, MEM_ATTRS_NONE); }
static uint64_t read_register(unsigned offset, unsigned size)
{
    uint64_t value;
    address_space_load(&memory.memory_space, BASE + offset, &value, size, MEM_ATTRS_NONE);
    return value;
}

static void build(void)
{
    static Irq *irqs[RISCV_IOMMU_IRQS];
    GError *err = NULL;
    main_loop_init();
    clock_virtual_enable(true);
    system_memory_init(&memory);
    g_assert_true(memory_region_init_ram(&ram, NULL, "ram", RAM_SIZE, &err));
    memory_region_add_subregion(&memory.memory, 0, &ram);
    device = riscv_iommu_create(&(RiscvIommuPlace){ .memory = &memory.memory, .addr = BASE, .memory_space = &memory.memory_space, .root = &root, .irqs = irqs }, &err);
    g_assert_no_error(err);
    device_cold_reset(device);
    address_space_init(&space, root.iommu->requester_space(root.iommu_opaque, &root, DEVFN), "device");
    address_space_init(&other_space, root.iommu->requester_space(root.iommu_opaque, &other_bus, DEVFN + 1), "other device");
}

/* ---- random structures ---- */

#define PAGE_OF(address) ((uint64_t)(address) >> 12)
#define ENTRY(address, flags) (PAGE_OF(address) << 10 | (flags))

/* Mostly of the tables' memory, now and then anywhere, the IOMMU itself included. */
static uint64_t any_address(void)
{
    static const uint64_t bad[] = { 0, BASE, RAM_SIZE - 4096, RAM_SIZE, UINT64_C(0xfffffffffff000), UINT64_C(1) << 55, UINT64_C(0x80000000000) };
    return any(12) ? TABLES + (any64() % TABLES_SIZE & ~UINT64_C(0xfff)) : bad[any(ARRAY_SIZE(bad))];
}

static uint64_t any_entry(void)
{
    uint64_t flags = any(2) ? 1 : any(6) ? 0xd7 | any(2) << 5 | any(2) << 3 : any(256);
    return any(16) ? ENTRY(any_address(), flags) | (any(30) ? 0 : UINT64_C(1) << (54 + any(10))) : any64();
}

static void fill_tables(void)
{
    for (uint64_t at = TABLES; at < TABLES + TABLES_SIZE; at += 0x1000) {
        for (unsigned n = 0; n < 16; n++) {
            put(at + 8 * (any(4) ? n : any(512)), any_entry());
        }
    }
}

static uint64_t any_pointer(unsigned modes) { return any(20) ? PAGE_OF(any_address()) | (uint64_t)(any(4) ? 8 + any(modes) : 0) << 60 : any64(); }

static void fill_device(uint64_t at)
{
    bool has_processes = !any(3), is_32 = !any(4);
    put(at, any(30) ? 1u | has_processes << 5 | (has_processes && any(2)) << 9 | is_32 << 11 | (unsigned)!any(4) << 4 : any64());
    put(at + 8, any_pointer(is_32 ? 1 : 3) & ~(any(10) ? UINT64_C(3) : 0));
    put(at + 16, any(30) ? (uint64_t)any(4) << 12 : any64());
    put(at + 24, has_processes && any(20) ? PAGE_OF(PROCESSES) | UINT64_C(1) << 60 : any_pointer(is_32 ? 1 : 3));
    put(at + 32, any(20) ? PAGE_OF(MESSAGES) | (uint64_t)any(2) << 60 : any64());
    put(at + 40, any(20) ? any(256) : any64());
    put(at + 48, any(20) ? PAGE_OF(any_address()) : any64());
    put(at + 56, any(40) ? 0 : any64());
}

static void fill_structures(void)
{
    fill_tables();
    for (unsigned n = 0; n < 16; n++) {
        fill_device(DEVICES + 64 * n);
        put(PROCESSES + 16 * n, any(20) ? 1u | any(4) << 1 | any(4) << 12 : any64());
        put(PROCESSES + 16 * n + 8, any_pointer(3));
        put(DIRECTORIES + 8 * n, any(8) ? ENTRY(DEVICES, 1) : any64());
    }
    for (unsigned n = 0; n < 256; n++) {
        put(MESSAGES + 16 * n, any(20) ? any(2) ? ENTRY(any_address(), 7) : (uint64_t)(any64() % RAM_SIZE >> 9 << 7 | 3) : any64());
        put(MESSAGES + 16 * n + 8, any(20) ? ENTRY(any_address(), any(1024)) : any64());
    }
}

static void fill_commands(void)
{
    static const uint16_t kinds[] = { 0x001, 0x081, 0x002, 0x003, 0x083, 0x004, 0x084 };
    for (unsigned n = 0; n < 32; n++) {
        uint64_t kind = kinds[any(ARRAY_SIZE(kinds))], operands = any(10) ? (uint64_t)any(4) << 12 | (uint64_t)any(4) << 32 | (uint64_t)any(2) << 10 : any64();
        put(QUEUES + 16 * n, (operands & ~UINT64_C(0x3ff)) | kind | (any(40) ? 0 : any(1024)));
        put(QUEUES + 16 * n + 8, kind >= 0x003 && any(8) ? 0 : kind == 0x002 ? any_address() >> 2 : any64() & UINT64_C(0x3ffffffffffffc00));
    }
}

static void set_up(void)
{
    fill_structures();
    fill_commands();
    write32(FCTL, any(8) ? any(2) << 1 : FCTL_GXL | FCTL_WSI);
    write64(DDTP, any(20) ? any(2) ? ENTRY(DEVICES, 2) : ENTRY(DIRECTORIES, 3) : any64());
    write32(CQCSR, 0);
    write32(FQCSR, 0);
    write64(CQB, any(10) ? ENTRY(QUEUES, 4) : any64());
    write64(FQB, any(10) ? ENTRY(QUEUES + 0x4000, 4) : any64());
    write32(CQT, 0);
    write32(CQCSR, CSR_ENABLE | CSR_IRQ_ENABLE);
    write32(FQCSR, CSR_ENABLE | CSR_IRQ_ENABLE);
    write64(ICVEC, any64());
    for (unsigned n = 0; n < 4; n++) {
        write64(MSI_CFG_TBL + 16 * n, any_address());
        write64(MSI_CFG_TBL + 16 * n + 8, any(4) ? any(1000) : any64());
        write64(IOHPMEVT + 8 * n, any64() & ~UINT64_C(0x7ff0));
        write64(IOHPMCTR + 8 * n, UINT64_MAX - any(4));
    }
}

static uint64_t any_input(void)
{
    uint64_t low = any64() & (any(2) ? UINT64_C(0x1fffff) : UINT64_MAX >> any(64));
    return any(4) ? low : low | UINT64_MAX << 40;
}

static void poke(void)
{
    if (!any(6)) {
        write32(CQT, any(32));
    }
    if (!any(6)) {
        write64(TR_REQ_IOVA, any_input());
        write64(TR_REQ_CTL, (any64() & UINT64_C(0xffff00ffffffffff)) | 1 | (any(8) ? UINT64_C(0) : UINT64_C(0xff) << 40));
    }
    if (!any(20)) {
        write32(any(REGISTERS_END) & ~3u, any(2) ? any(64) : (uint32_t)any64());
    }
    if (!any(4)) {
        write32(CQCSR, CSR_ENABLE | CSR_IRQ_ENABLE | CSR_MEMORY_FAULT | CQCSR_CMD_ILL);
        write32(FQCSR, CSR_ENABLE | CSR_IRQ_ENABLE | CSR_MEMORY_FAULT | CSR_OVERFLOW);
        write32(FQH, (uint32_t)read_register(FQT, 4));
        write32(IPSR, UINT32_MAX);
    }
    main_loop_iterate(false);
}

static void test_random_structures(void)
{
    unsigned hits = 0, accesses = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        set_up();
        for (unsigned n = 0; n < TRIES; n++) {
            uint8_t buf[64];
            bool is_message = !any(3);
            accesses++;
            hits += dma_rw(any(2) ? &space : &other_space, any_input() & (is_message ? ~UINT64_C(0xfff) : UINT64_MAX), buf, is_message ? 4 : 1 + any(sizeof(buf)), any(2), MEM_ATTRS_NONE) == MEM_OK;
            poke();
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

/* Faults, whose interrupts go out by the main loop, and messages to interrupt files in memory. */
static void *writer(void *opaque)
{
    for (unsigned n = 0; n < 64 || __atomic_load_n(&go_on, __ATOMIC_RELAXED); n++) {
        uint8_t identity[4] = { 5 };
        dma_rw(opaque, 0x3000, identity, sizeof(identity), true, MEM_ATTRS_NONE);
        dma_rw(opaque, 0x5000, identity, sizeof(identity), true, MEM_ATTRS_NONE);
    }
    return NULL;
}

static void test_accesses_of_several_threads(void)
{
    enum { FIRST = 0x200000, SECOND = 0x300000, MRIF = 0x6000, NOTICE = 0x7000, CHANGES = 3000, LEAF = 0xd7 };
    GThread *threads[4];
    device_cold_reset(device);
    dma_set(&memory.memory_space, FIRST, 0x11, 0x1000);
    dma_set(&memory.memory_space, SECOND, 0x22, 0x1000);
    dma_set(&memory.memory_space, MRIF, 0, 0x2000);
    for (unsigned n = 0; n < 2; n++) {
        uint64_t dc = DEVICES + 64 * (DEVFN + n);
        const uint64_t words[8] = { 1, 0, 5 << 12, PAGE_OF(TABLES) | UINT64_C(8) << 60, PAGE_OF(MESSAGES) | UINT64_C(1) << 60, 0, PAGE_OF(0x8000), 0 };
        for (unsigned i = 0; i < 8; i++) {
            put(dc + 8 * i, words[i]);
        }
    }
    put(MESSAGES, 3 | MRIF >> 9 << 7), put(MESSAGES + 8, ENTRY(NOTICE, 9));
    put(TABLES, ENTRY(TABLES + 0x1000, 1)), put(TABLES + 0x1000, ENTRY(TABLES + 0x2000, 1));
    dma_set(&memory.memory_space, TABLES + 0x2000, 0, 0x1000);
    put(TABLES + 0x2000 + 8, ENTRY(FIRST, LEAF)), put(TABLES + 0x2000 + 16, ENTRY(SECOND, LEAF)), put(TABLES + 0x2000 + 24, ENTRY(0x8000, LEAF));
    write64(DDTP, ENTRY(DEVICES, 2));
    write64(CQB, ENTRY(QUEUES, 4));
    write64(FQB, ENTRY(QUEUES + 0x4000, 4));
    write32(CQT, 0);
    write32(CQCSR, CSR_ENABLE);
    write32(FQCSR, CSR_ENABLE | CSR_IRQ_ENABLE);
    go_on = 1;
    machine_unlock();
    for (unsigned n = 0; n < ARRAY_SIZE(threads); n++) {
        threads[n] = g_thread_new("accesses", n == 3 ? writer : reader, n % 2 ? &other_space : &space);
    }
    for (unsigned n = 0; n < CHANGES; n++) {
        put(TABLES + 0x2000 + 8, ENTRY(n & 1 ? FIRST : SECOND, LEAF));
        put(QUEUES + 16 * (n % 32), n % 3 ? 0x401 | UINT64_C(1) << 32 | 5 << 12 : 0x003), put(QUEUES + 16 * (n % 32) + 8, n % 3 ? 1 << 10 : 0);
        write32(CQT, (n + 1) & 31);
    }
    __atomic_store_n(&go_on, 0, __ATOMIC_RELAXED);
    for (unsigned n = 0; n < ARRAY_SIZE(threads); n++) {
        g_assert_null(g_thread_join(threads[n]));
    }
    machine_lock();
    main_loop_iterate(false);
    g_assert_cmphex(read_register(CQH, 4), ==, CHANGES & 31);
    uint64_t pending, notice;
    dma_load_le64(&memory.memory_space, MRIF, &pending), dma_load_le64(&memory.memory_space, NOTICE, &notice);
    g_assert_cmphex(pending, ==, 1 << 5);
    g_assert_cmphex(notice, ==, 9);
    g_assert_cmphex(read_register(FQCSR, 4) & CSR_OVERFLOW, ==, CSR_OVERFLOW);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    build();
    g_test_add_func("/riscv-iommu/random-structures", test_random_structures);
    g_test_add_func("/riscv-iommu/accesses-of-several-threads", test_accesses_of_several_threads);
    return g_test_run();
}
