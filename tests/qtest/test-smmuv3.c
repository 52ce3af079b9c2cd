/*
 * The SMMUv3 of Arm's "virt" (IHI 0070): registers, queues, stream tables, both stages of translation, faults and their records, the caches. The device that makes
 * accesses is edu at 0000:00:01.0, whose StreamID is 8. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qtest.h"

#include <string.h>

#define GICD UINT64_C(0x08000000)
#define SMMU UINT64_C(0x09050000)
#define PAGE1 (SMMU + 0x10000)
#define ECAM UINT64_C(0x4010000000)
#define BAR UINT64_C(0x10000000)
#define RAM UINT64_C(0x40000000)
enum { IDR0 = 0x00, IDR1 = 0x04, IDR3 = 0x0c, IDR5 = 0x14, CR0 = 0x20, CR0ACK = 0x24, CR2 = 0x2c, GBPR = 0x44, IRQ_CTRL = 0x50, IRQ_CTRLACK = 0x54, GERROR = 0x60, GERRORN = 0x64,
       STRTAB_BASE = 0x80, STRTAB_BASE_CFG = 0x88, CMDQ_BASE = 0x90, CMDQ_PROD = 0x98, CMDQ_CONS = 0x9c, EVENTQ_BASE = 0xa0, EVENTQ_PROD = 0xa8, EVENTQ_CONS = 0xac };
enum { SMMUEN = 1, EVENTQEN = 4, CMDQEN = 8, ALL_ON = SMMUEN | EVENTQEN | CMDQEN };
enum { C_BAD_STREAMID = 2, F_STE_FETCH = 3, C_BAD_STE = 4, F_CD_FETCH = 9, C_BAD_CD = 0xa, F_WALK_EABT = 0xb, F_TRANSLATION = 0x10, F_ADDR_SIZE = 0x11, F_ACCESS = 0x12, F_PERMISSION = 0x13 };
enum { SPI_EVENTQ = 74, SPI_SYNC = 76, SPI_GERROR = 77, EDU = 8, QUEUE_BITS = 3 };

/* Places in RAM. */
#define COMMANDS (RAM + 0x10000)
#define EVENTS (RAM + 0x11000)
#define STREAMS (RAM + 0x20000)
#define CONTEXT (RAM + 0x30000)
#define TABLE(n) (RAM + 0x100000 + (n) * UINT64_C(0x10000))
#define SOURCE (RAM + 0x400000)
#define OTHER (RAM + 0x420000)
#define TARGET (RAM + 0x440000)
#define NOWHERE UINT64_C(0x0b000000)        /* no RAM */

/* Descriptors: valid, accessed; for programs of the user; not global. */
#define LEAF (UINT64_C(1) | 1 << 10 | 1 << 6 | 1 << 11)
#define PAGE (LEAF | 2)
#define READ_ONLY UINT64_C(0x80)
#define NEXT UINT64_C(3)
/* Of stage 2: normal memory, readable, writable. */
#define LEAF2 (UINT64_C(1) | 1 << 10 | 3 << 6 | 0xf << 2)
#define PAGE2 (LEAF2 | 2)

typedef struct Rig { Qtest *q; uint32_t commands, events; } Rig;

/* ---- the device ---- */

static void edu_copy(Qtest *q, uint64_t from, uint64_t to, uint64_t command)
{
    qtest_writeq(q, BAR + 0x80, from);
    qtest_writeq(q, BAR + 0x88, to);
    qtest_writeq(q, BAR + 0x90, 8);
    qtest_writeq(q, BAR + 0x98, command);
    qtest_clock_step(q, 200 * 1000 * 1000);
}
static void device_reads(const Rig *r, uint64_t from) { edu_copy(r->q, from, 0x40000, 1); }
static void device_writes(const Rig *r, uint64_t to) { edu_copy(r->q, 0x40000, to, 3); }

/* What the device finds there, as it writes it to TARGET while the SMMU is off; 0: nothing. */
static uint64_t found_at(const Rig *r, uint64_t address)
{
    device_reads(r, address);
    uint32_t on = qtest_readl(r->q, SMMU + CR0);
    qtest_writel(r->q, SMMU + CR0, on & ~SMMUEN);
    device_writes(r, TARGET);
    qtest_writel(r->q, SMMU + CR0, on);
    return qtest_readq(r->q, TARGET);
}

/* ---- the SMMU ---- */

static void place_device(Rig *r)
{
    uint64_t config = ECAM + (1 << 15);
    qtest_writel(r->q, config + 0x10, BAR);
    qtest_writew(r->q, config + 4, 6);
    qtest_writeq(r->q, SOURCE, UINT64_C(0x1111111122222222));
    qtest_writeq(r->q, OTHER, UINT64_C(0x3333333344444444));
}

static void set_up_queues(Rig *r)
{
    qtest_writel(r->q, GICD + 0xc00 + 4 * 5, 0xa0);             /* interrupts 82 and 83, 106 to 109 are edges */
    qtest_writel(r->q, GICD + 0xc00 + 4 * 6, 0x0aa00000);
    qtest_writeq(r->q, SMMU + STRTAB_BASE, STREAMS);
    qtest_writel(r->q, SMMU + STRTAB_BASE_CFG, 8);
    qtest_writeq(r->q, SMMU + CMDQ_BASE, COMMANDS | QUEUE_BITS);
    qtest_writeq(r->q, SMMU + EVENTQ_BASE, EVENTS | QUEUE_BITS);
    qtest_writel(r->q, SMMU + CR2, 2);
    qtest_writel(r->q, SMMU + IRQ_CTRL, 5);
    qtest_writel(r->q, SMMU + CR0, ALL_ON);
}

#define DEVICE "-m 128 -device edu,addr=1,dma_mask=0xffffffffffffffff"
static void smmu_off(Rig *r, const char *options)
{
    *r = (Rig){ .q = qtest_startf("-M virt,iommu=smmuv3%s " DEVICE, options) };
    place_device(r);
}

static void smmu_on(Rig *r)
{
    smmu_off(r, "");
    set_up_queues(r);
}

static void give_command(Rig *r, uint64_t word0, uint64_t word1)
{
    uint64_t at = COMMANDS + 16 * (r->commands & 7);
    qtest_writeq(r->q, at, word0);
    qtest_writeq(r->q, at + 8, word1);
    r->commands = (r->commands + 1) & 15;
    qtest_writel(r->q, SMMU + CMDQ_PROD, r->commands);
}

static void command(Rig *r, uint64_t word0, uint64_t word1)
{
    give_command(r, word0, word1);
    g_assert_cmphex(qtest_readl(r->q, SMMU + CMDQ_CONS), ==, r->commands);
}
static void forget_config(Rig *r) { command(r, 0x03 | (uint64_t)EDU << 32, 1); }

static void stream(Rig *r, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
    const uint64_t words[8] = { w0, w1, w2, w3 };
    for (int n = 0; n < 8; n++) {
        qtest_writeq(r->q, STREAMS + 64 * EDU + 8 * (uint64_t)n, words[n]);
    }
    forget_config(r);
}

/* Valid, AArch64, 44 bits out, faults abort and are recorded. */
static uint64_t cd_usual(void) { return UINT64_C(1) << 31 | UINT64_C(4) << 32 | UINT64_C(1) << 41 | UINT64_C(1) << 45 | UINT64_C(1) << 46; }
enum { ASID = 5, VMID = 9 };
#define NO_TTB1 (UINT64_C(1) << 30)

static void context(Rig *r, uint64_t w0, uint64_t ttb0, uint64_t ttb1)
{
    qtest_writeq(r->q, CONTEXT, w0 | (uint64_t)ASID << 48);
    qtest_writeq(r->q, CONTEXT + 8, ttb0);
    qtest_writeq(r->q, CONTEXT + 16, ttb1);
    for (unsigned n = 3; n < 8; n++) {
        qtest_writeq(r->q, CONTEXT + 8 * n, 0);
    }
    forget_config(r);
}

/* Stage 1 with 39 bits by 4 KiB: 0x1000 is SOURCE. */
static void stage1(Rig *r)
{
    qtest_writeq(r->q, TABLE(0), TABLE(1) | NEXT);
    qtest_writeq(r->q, TABLE(1), TABLE(2) | NEXT);
    qtest_writeq(r->q, TABLE(2) + 8, SOURCE | PAGE);
    context(r, cd_usual() | 25 | NO_TTB1, TABLE(0), 0);
    stream(r, 1 | 5 << 1 | CONTEXT, 0, 0, 0);
}

/* VMID 9, 40 bits (T0SZ 24) by 4 KiB from level 1, 44 bits out, faults recorded. */
#define STE2 ((uint64_t)VMID | UINT64_C(24) << 32 | UINT64_C(1) << 38 | UINT64_C(4) << 48 | UINT64_C(1) << 51 | UINT64_C(1) << 58)

/* The next record; all of it is 0 when there is none. */
typedef struct Event { uint64_t words[4]; } Event;
static Event next_event(Rig *r)
{
    Event e = { 0 };
    if ((qtest_readl(r->q, PAGE1 + EVENTQ_PROD) & 15) == r->events) {
        return e;
    }
    for (unsigned n = 0; n < 4; n++) {
        e.words[n] = qtest_readq(r->q, EVENTS + 32 * (r->events & 7) + 8 * n);
    }
    r->events = (r->events + 1) & 15;
    qtest_writel(r->q, PAGE1 + EVENTQ_CONS, r->events);
    return e;
}

enum { READ = 1 << 3, STAGE2 = 1 << 7, OF_CD = 0 << 8, OF_TABLE = 1 << 8, OF_INPUT = 2 << 8, TABLE_READ = 1 << 12 };
static void expect_event(Rig *r, uint64_t id, uint64_t flags, uint64_t input, uint64_t last)
{
    Event e = next_event(r);
    g_assert_cmphex(e.words[0], ==, id | (uint64_t)EDU << 32);
    g_assert_cmphex(e.words[1], ==, flags << 32);
    g_assert_cmphex(e.words[2], ==, input);
    g_assert_cmphex(e.words[3], ==, last);
}
static void expect_no_event(Rig *r) { g_assert_cmphex(next_event(r).words[0], ==, 0); }

static bool is_pending(const Rig *r, unsigned spi) { return qtest_readl(r->q, GICD + 0x200 + 4 * (1 + spi / 32)) >> spi % 32 & 1; }
static void end(Rig *r) { qtest_stop(r->q); }

/* ---- registers ---- */

static void test_registers(void)
{
    Rig r;
    smmu_off(&r, "");
    static const struct { uint32_t offset, value; } fixed[] = {
        { IDR0, 0x0d44101b }, { IDR1, 0x02730010 }, { 8, 0 }, { IDR3, 0x1414 }, { 0x10, 0 }, { IDR5, 0x74 }, { 0x18, 0 }, { 0x1c, 1 }, { CR0, 0 }, { GBPR, 0x1000 },
        { EVENTQ_BASE, 0x13 }, { 0xfd0, 4 }, { 0xfe0, 0x84 }, { 0xfec, 0x10 }, { 0xff0, 0x0d }, { 0xffc, 0xb1 }, { 0x10000, 0 }, { EVENTQ_PROD, 0 },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(fixed); n++) {
        qtest_writel(r.q, SMMU + IDR0, UINT32_MAX);
        g_assert_cmphex(qtest_readl(r.q, SMMU + fixed[n].offset), ==, fixed[n].value);
    }
    qtest_writel(r.q, SMMU + CR0, UINT32_MAX);
    g_assert_cmphex(qtest_readl(r.q, SMMU + CR0ACK), ==, ALL_ON);
    qtest_writeq(r.q, SMMU + STRTAB_BASE, UINT64_MAX);          /* not while it is on */
    g_assert_cmphex(qtest_readq(r.q, SMMU + STRTAB_BASE), ==, 0);
    qtest_writel(r.q, SMMU + CR0, 0);
    qtest_writeq(r.q, SMMU + STRTAB_BASE, UINT64_MAX);
    g_assert_cmphex(qtest_readq(r.q, SMMU + STRTAB_BASE), ==, UINT64_C(0x400fffffffffffc0));
    qtest_writel(r.q, SMMU + GBPR, 0x00100000);                 /* nothing without Update */
    g_assert_cmphex(qtest_readl(r.q, SMMU + GBPR), ==, 0x1000);
    qtest_writel(r.q, SMMU + GBPR, 0x80100000);
    g_assert_cmphex(qtest_readl(r.q, SMMU + GBPR), ==, 0x00100000);
    qtest_writel(r.q, SMMU + IRQ_CTRL, UINT32_MAX);
    g_assert_cmphex(qtest_readl(r.q, SMMU + IRQ_CTRLACK), ==, 5);
    g_free(qtest_qmp(r.q, "{\"execute\": \"system_reset\"}"));
    g_free(qtest_qmp_event(r.q, "RESET"));
    g_assert_cmphex(qtest_readl(r.q, SMMU + GBPR), ==, 0x1000);
    end(&r);
}

static void test_older_machines_have_stage_1_alone(void)
{
    static const struct { const char *machine; uint32_t idr0, idr3; } cases[] = { { "virt-9.1", 0x0d44101a, 0x1404 }, { "virt-9.2", 0x0d44101b, 0x1414 } };
    for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
        g_autoptr(Qtest) q = qtest_startf("-M %s,iommu=smmuv3", cases[n].machine);
        g_assert_cmphex(qtest_readl(q, SMMU + IDR0), ==, cases[n].idr0);
        g_assert_cmphex(qtest_readl(q, SMMU + IDR3), ==, cases[n].idr3);
    }
}

/* ---- without translation ---- */

static void test_off_it_bypasses_or_aborts(void)
{
    Rig r;
    smmu_off(&r, "");
    g_assert_cmphex(found_at(&r, SOURCE), ==, UINT64_C(0x1111111122222222));
    qtest_writel(r.q, SMMU + GBPR, 0x80101000);
    device_reads(&r, OTHER);
    qtest_writel(r.q, SMMU + GBPR, 0x80001000);
    device_writes(&r, TARGET);
    g_assert_cmphex(qtest_readq(r.q, TARGET), ==, 0);
    end(&r);
}

static void test_bypass_of_the_bus_goes_around_it(void)
{
    Rig r;
    smmu_off(&r, ",default-bus-bypass-iommu=on");
    qtest_writel(r.q, SMMU + GBPR, 0x80101000);
    device_reads(&r, OTHER);
    device_writes(&r, TARGET);
    g_assert_cmphex(qtest_readq(r.q, TARGET), ==, UINT64_C(0x3333333344444444));
    end(&r);
}

static void test_streams_bypass_abort_or_are_wrong(void)
{
    Rig r;
    smmu_on(&r);
    stream(&r, 1 | 4 << 1, 0, 0, 0);
    g_assert_cmphex(found_at(&r, SOURCE), ==, UINT64_C(0x1111111122222222));
    stream(&r, 1, 0, 0, 0);
    g_assert_cmphex(found_at(&r, SOURCE), ==, 0);
    expect_no_event(&r);
    static const struct { uint64_t words[4]; } wrong[] = {
        { { 0 } }, { { 1 | 5 << 1 | UINT64_C(1) << 59 } },          /* not valid; substreams */
        { { 1 | 6 << 1, 0, STE2 & ~(UINT64_C(1) << 51), TABLE(4) } }, { { 1 | 6 << 1, 0, STE2 | UINT64_C(3) << 38, TABLE(4) } },    /* AArch32; SL0 */
        { { 1 | 6 << 1, 0, STE2 | UINT64_C(63) << 32, TABLE(4) } }, { { 1 | 6 << 1, 0, STE2, UINT64_C(1) << 44 } },                 /* T0SZ; S2TTB */
        { { 1 | 6 << 1, 0, STE2 | UINT64_C(3) << 46, TABLE(4) } }, { { 1 | 6 << 1, 0, STE2 | UINT64_C(1) << 57, TABLE(4) } },       /* S2TG; S2S */
        { { 1 | 5 << 1 | CONTEXT, UINT64_C(2) << 30 } },                                                                            /* STRW */
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(wrong); n++) {
        const uint64_t *w = wrong[n].words;
        stream(&r, w[0], w[1], w[2], w[3]);
        device_reads(&r, SOURCE);
        expect_event(&r, C_BAD_STE, 0, 0, 0);
    }
    end(&r);
}

static void test_stream_tables(void)
{
    Rig r;
    smmu_on(&r);
    stream(&r, 1 | 4 << 1, 0, 0, 0);
    /* Linear: too short for the stream, then not in RAM. */
    qtest_writel(r.q, SMMU + CR0, EVENTQEN | CMDQEN);
    qtest_writel(r.q, SMMU + STRTAB_BASE_CFG, 3);
    qtest_writel(r.q, SMMU + CR0, ALL_ON);
    device_reads(&r, SOURCE);
    expect_event(&r, C_BAD_STREAMID, 0, 0, 0);
    qtest_writel(r.q, SMMU + CR0, EVENTQEN | CMDQEN);
    qtest_writel(r.q, SMMU + CR2, 0);
    qtest_writel(r.q, SMMU + CR0, ALL_ON);
    device_reads(&r, SOURCE);
    expect_no_event(&r);
    qtest_writel(r.q, SMMU + CR0, EVENTQEN | CMDQEN);
    qtest_writel(r.q, SMMU + STRTAB_BASE_CFG, 8);
    qtest_writel(r.q, SMMU + CR2, 2);
    qtest_writeq(r.q, SMMU + STRTAB_BASE, NOWHERE);
    qtest_writel(r.q, SMMU + CR0, ALL_ON);
    device_reads(&r, SOURCE);
    expect_event(&r, F_STE_FETCH, 0, 0, NOWHERE + 64 * EDU);
    /* Two levels: the first one's entry 0 leads to STREAMS. */
    qtest_writel(r.q, SMMU + CR0, EVENTQEN | CMDQEN);
    qtest_writel(r.q, SMMU + STRTAB_BASE_CFG, 1 << 16 | 8 << 6 | 16);
    qtest_writeq(r.q, SMMU + STRTAB_BASE, TABLE(7));
    qtest_writel(r.q, SMMU + CR0, ALL_ON);
    static const struct { uint64_t descriptor; uint64_t event; } cases[] = {
        { STREAMS | 9, 0 }, { STREAMS | 5, 0 }, { STREAMS | 4, C_BAD_STREAMID }, { STREAMS, C_BAD_STREAMID }, { STREAMS | 10, C_BAD_STREAMID }, { STREAMS | 31, C_BAD_STREAMID },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
        qtest_writeq(r.q, TABLE(7), cases[n].descriptor);
        forget_config(&r);
        g_assert_cmphex(found_at(&r, SOURCE), ==, cases[n].event ? 0 : UINT64_C(0x1111111122222222));
        g_assert_cmphex(next_event(&r).words[0] & 0xff, ==, cases[n].event);
    }
    end(&r);
}

/* Behind a port the StreamID has the number that the bus has at the moment. */
static void test_stream_ids_follow_the_bus_number(void)
{
    enum { BEHIND = 0x100 };
    Rig r = { .q = qtest_start("-M virt,iommu=smmuv3 -m 128 -device pcie-root-port,id=p,addr=1,chassis=1 -device edu,bus=p,addr=0,dma_mask=0xffffffffffffffff") };
    uint64_t port = ECAM + (1 << 15);
    qtest_writel(r.q, port + 0x18, 0x00ff0100);
    qtest_writel(r.q, port + 0x20, (uint32_t)(BAR >> 16 | (BAR & 0xfff00000)));
    qtest_writew(r.q, port + 4, 6);
    qtest_writel(r.q, ECAM + (1 << 20) + 0x10, BAR);
    qtest_writew(r.q, ECAM + (1 << 20) + 4, 6);
    qtest_writeq(r.q, SOURCE, UINT64_C(0x1111111122222222));
    set_up_queues(&r);
    qtest_writel(r.q, SMMU + CR0, EVENTQEN | CMDQEN);
    qtest_writel(r.q, SMMU + STRTAB_BASE_CFG, 9);
    qtest_writel(r.q, SMMU + CR0, ALL_ON);
    qtest_writeq(r.q, STREAMS + 64 * BEHIND, 1 | 4 << 1);
    g_assert_cmphex(found_at(&r, SOURCE), ==, UINT64_C(0x1111111122222222));
    qtest_writel(r.q, port + 0x18, 0x00ff0200);
    device_reads(&r, SOURCE);
    g_assert_cmphex(next_event(&r).words[0], ==, C_BAD_STREAMID | UINT64_C(0x200) << 32);
    end(&r);
}

/* ---- stage 1 ---- */

static void test_stage_1(void)
{
    Rig r;
    smmu_on(&r);
    stage1(&r);
    g_assert_cmphex(found_at(&r, 0x1000), ==, UINT64_C(0x1111111122222222));
    qtest_writeq(r.q, TABLE(2) + 16, OTHER | PAGE);
    device_reads(&r, 0x1000);
    device_writes(&r, 0x2008);
    g_assert_cmphex(qtest_readq(r.q, OTHER + 8), ==, UINT64_C(0x1111111122222222));
    /* A block of 2 MiB: the sources are in one. */
    qtest_writeq(r.q, TABLE(1) + 8, (SOURCE & ~UINT64_C(0x1fffff)) | LEAF);
    g_assert_cmphex(found_at(&r, 0x200000 + OTHER % 0x200000), ==, UINT64_C(0x3333333344444444));
    /* Two pages that do not lie together, in one access. */
    qtest_writeq(r.q, SOURCE + 0xff8, UINT64_C(0x5555555566666666));
    device_reads(&r, 0x1ffc);
    qtest_writel(r.q, SMMU + CR0, EVENTQEN | CMDQEN);
    device_writes(&r, TARGET);
    g_assert_cmphex(qtest_readq(r.q, TARGET), ==, UINT64_C(0x4444444455555555));
    end(&r);
}

static void test_granules_and_the_upper_table(void)
{
    Rig r;
    smmu_on(&r);
    stage1(&r);
    /* 16 KiB: 36 bits begin at level 2; page 3. */
    qtest_writeq(r.q, TABLE(3), TABLE(4) | NEXT);
    qtest_writeq(r.q, TABLE(4) + 8 * 3, SOURCE | PAGE);
    context(&r, cd_usual() | 28 | 2 << 6 | NO_TTB1, TABLE(3), 0);
    command(&r, 0x30, 0);
    g_assert_cmphex(found_at(&r, 3 * 0x4000), ==, UINT64_C(0x1111111122222222));
    /* 64 KiB: 42 bits begin at level 2; page 5. */
    qtest_writeq(r.q, TABLE(4) + 8 * 5, OTHER | PAGE);
    context(&r, cd_usual() | 22 | 1 << 6 | NO_TTB1, TABLE(3), 0);
    command(&r, 0x30, 0);
    g_assert_cmphex(found_at(&r, 5 * 0x10000), ==, UINT64_C(0x3333333344444444));
    /* TTB1 with 4 KiB (TG1 is 2): the top 39 bits; TTB0 is off. */
    qtest_writeq(r.q, TABLE(0) + 8 * 511, TABLE(1) | NEXT);
    qtest_writeq(r.q, TABLE(1) + 8 * 511, TABLE(2) | NEXT);
    context(&r, cd_usual() | 1 << 14 | 25 << 16 | UINT64_C(2) << 22, 0, TABLE(0));
    command(&r, 0x30, 0);
    g_assert_cmphex(found_at(&r, UINT64_C(0xffffffffffe01000)), ==, UINT64_C(0x1111111122222222));
    device_reads(&r, 0x1000);
    expect_event(&r, F_TRANSLATION, READ | OF_INPUT, 0x1000, 0);
    device_reads(&r, UINT64_C(0x00ffffffffe01000));              /* the top byte counts... */
    expect_event(&r, F_TRANSLATION, READ | OF_INPUT, UINT64_C(0x00ffffffffe01000), 0);
    context(&r, cd_usual() | 1 << 14 | 25 << 16 | UINT64_C(2) << 22 | UINT64_C(1) << 39, 0, TABLE(0));
    g_assert_cmphex(found_at(&r, UINT64_C(0x00ffffffffe01000)), ==, UINT64_C(0x1111111122222222));      /* ... unless TBI1 is set */
    end(&r);
}

static void test_faults_of_stage_1(void)
{
    Rig r;
    smmu_on(&r);
    stage1(&r);
    static const struct { uint64_t descriptor, event; bool is_write; } cases[] = {
        { 0, F_TRANSLATION, false }, { SOURCE | (PAGE & ~UINT64_C(2)), F_TRANSLATION, false }, { SOURCE | (PAGE & ~(UINT64_C(1) << 10)), F_ACCESS, false },
        { SOURCE | PAGE | READ_ONLY, F_PERMISSION, true }, { SOURCE | (PAGE & ~(UINT64_C(1) << 6)), F_PERMISSION, false },
        { UINT64_C(1) << 45 | PAGE, F_ADDR_SIZE, true },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
        qtest_writeq(r.q, TABLE(2) + 8 * 7, cases[n].descriptor);
        (cases[n].is_write ? device_writes : device_reads)(&r, 0x7008);
        expect_event(&r, cases[n].event, (cases[n].is_write ? 0 : READ) | OF_INPUT, 0x7008, 0);
    }
    qtest_writeq(r.q, TABLE(2) + 8 * 7, SOURCE | PAGE | READ_ONLY);
    g_assert_cmphex(found_at(&r, 0x7000), ==, UINT64_C(0x1111111122222222));
    device_writes(&r, 0x7000);                                  /* now from the cache */
    expect_event(&r, F_PERMISSION, OF_INPUT, 0x7000, 0);
    /* What the table above forbids. */
    qtest_writeq(r.q, TABLE(1) + 16, TABLE(2) | NEXT | UINT64_C(1) << 62);
    device_writes(&r, 0x401000);
    expect_event(&r, F_PERMISSION, OF_INPUT, 0x401000, 0);
    qtest_writeq(r.q, TABLE(1) + 24, NOWHERE | NEXT);
    device_reads(&r, 0x601000);
    expect_event(&r, F_WALK_EABT, READ | OF_TABLE | TABLE_READ, 0x601000, NOWHERE + 8);
    device_reads(&r, UINT64_C(1) << 39);                        /* beyond the table */
    expect_event(&r, F_TRANSLATION, READ | OF_INPUT, UINT64_C(1) << 39, 0);
    /* CD.R clear: nobody hears of it. */
    context(&r, (cd_usual() & ~(UINT64_C(1) << 45)) | 25 | NO_TTB1, TABLE(0), 0);
    device_reads(&r, 0x9000);
    expect_no_event(&r);
    end(&r);
}

static void test_context_descriptors_that_are_wrong(void)
{
    Rig r;
    smmu_on(&r);
    stage1(&r);
    const uint64_t wrong[] = {
        0, cd_usual() & ~(UINT64_C(1) << 41), cd_usual() | 1 << 15, cd_usual() | UINT64_C(1) << 44, cd_usual() & ~(UINT64_C(1) << 46), cd_usual() | 3 << 6,
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(wrong); n++) {
        context(&r, (wrong[n] & ~UINT64_C(0x3f)) | 25 | NO_TTB1, TABLE(0), 0);
        device_reads(&r, 0x1000);
        expect_event(&r, C_BAD_CD, 0, 0, 0);
    }
    context(&r, cd_usual() | 5 | NO_TTB1, TABLE(0), 0);           /* T0SZ */
    device_reads(&r, 0x1000);
    expect_event(&r, C_BAD_CD, 0, 0, 0);
    context(&r, cd_usual() | 25 | NO_TTB1, UINT64_C(1) << 44, 0);
    device_reads(&r, 0x1000);
    expect_event(&r, C_BAD_CD, 0, 0, 0);
    stream(&r, 1 | 5 << 1 | NOWHERE, 0, 0, 0);
    device_reads(&r, 0x1000);
    expect_event(&r, F_CD_FETCH, 0, 0, NOWHERE);
    end(&r);
}

/* ---- stage 2, and both ---- */

/* 40 bits from level 1: two tables that lie together; 0x5000 is OTHER, what the tables of stage 1 need is where it is. */
static void stage2_tables(Rig *r)
{
    qtest_writeq(r->q, TABLE(8), TABLE(10) | NEXT);
    qtest_writeq(r->q, TABLE(8) + 8 * 1, RAM | LEAF2);           /* a block of 1 GiB */
    qtest_writeq(r->q, TABLE(8) + 8 * 600, TABLE(10) | NEXT);    /* in the second of the two */
    qtest_writeq(r->q, TABLE(10), TABLE(11) | NEXT);
    qtest_writeq(r->q, TABLE(11) + 8 * 5, OTHER | PAGE2);
}

static void test_stage_2(void)
{
    Rig r;
    smmu_on(&r);
    stage2_tables(&r);
    stream(&r, 1 | 6 << 1, 0, STE2, TABLE(8));
    g_assert_cmphex(found_at(&r, 0x5000), ==, UINT64_C(0x3333333344444444));
    g_assert_cmphex(found_at(&r, SOURCE), ==, UINT64_C(0x1111111122222222));
    g_assert_cmphex(found_at(&r, UINT64_C(600) << 30 | 0x5000), ==, UINT64_C(0x3333333344444444));
    device_reads(&r, 0x6008);
    expect_event(&r, F_TRANSLATION, READ | STAGE2 | OF_INPUT, 0x6008, 0x6000);
    device_reads(&r, UINT64_C(1) << 40);
    expect_event(&r, F_TRANSLATION, READ | STAGE2 | OF_INPUT, UINT64_C(1) << 40, UINT64_C(1) << 40);
    qtest_writeq(r.q, TABLE(11) + 8 * 6, OTHER | (PAGE2 & ~UINT64_C(0x80)));
    device_writes(&r, 0x6000);
    expect_event(&r, F_PERMISSION, STAGE2 | OF_INPUT, 0x6000, 0x6000);
    stream(&r, 1 | 6 << 1, 0, STE2 & ~(UINT64_C(1) << 58), TABLE(8));
    device_writes(&r, 0x6000);
    expect_no_event(&r);
    end(&r);
}

static void test_both_stages(void)
{
    Rig r;
    smmu_on(&r);
    stage1(&r);
    stage2_tables(&r);
    qtest_writeq(r.q, TABLE(2) + 8 * 2, 0x5000 | PAGE);
    qtest_writeq(r.q, TABLE(2) + 8 * 3, 0x6000 | PAGE);
    stream(&r, 1 | 7 << 1 | CONTEXT, 0, STE2, TABLE(8));
    g_assert_cmphex(found_at(&r, 0x2000), ==, UINT64_C(0x3333333344444444));
    g_assert_cmphex(found_at(&r, 0x1000), ==, UINT64_C(0x1111111122222222));
    device_reads(&r, 0x3010);
    expect_event(&r, F_TRANSLATION, READ | STAGE2 | OF_INPUT, 0x3010, 0x6000);
    device_reads(&r, 0x4000);
    expect_event(&r, F_TRANSLATION, READ | OF_INPUT, 0x4000, 0);
    /* A table of stage 1 where stage 2 has nothing, and one in device memory. */
    qtest_writeq(r.q, TABLE(1) + 8, 0x7000 | NEXT);
    device_writes(&r, 0x200008);
    expect_event(&r, F_TRANSLATION, STAGE2 | OF_TABLE | TABLE_READ, 0x200008, 0x7000);
    qtest_writeq(r.q, TABLE(11) + 8 * 7, TABLE(2) | (PAGE2 & ~UINT64_C(0x3c)));
    stream(&r, 1 | 7 << 1 | CONTEXT, 0, STE2 | UINT64_C(1) << 54, TABLE(8));
    device_reads(&r, 0x201000);
    expect_event(&r, F_PERMISSION, READ | STAGE2 | OF_TABLE | TABLE_READ, 0x201000, 0x7000);
    stream(&r, 1 | 7 << 1 | CONTEXT, 0, STE2, TABLE(8));
    g_assert_cmphex(found_at(&r, 0x201000), ==, UINT64_C(0x1111111122222222));
    /* The context descriptor, too, is at an address between the stages. */
    stream(&r, 1 | 7 << 1 | 0x8000, 0, STE2, TABLE(8));
    device_reads(&r, 0x1000);
    g_assert_cmphex(next_event(&r).words[3], ==, 0x8000);
    qtest_writeq(r.q, TABLE(11) + 8 * 8, CONTEXT | PAGE2);
    forget_config(&r);
    g_assert_cmphex(found_at(&r, 0x1000), ==, UINT64_C(0x1111111122222222));
    end(&r);
}

/* ---- caches ---- */

#define TLBI(opcode, vmid, asid) ((opcode) | (uint64_t)(vmid) << 32 | (uint64_t)(asid) << 48)

static void test_translations_stay_until_they_are_dropped(void)
{
    static const struct { uint64_t words[2]; bool drops; } cases[] = {
        { { TLBI(0x12, 0, ASID), 0x1000 }, true }, { { TLBI(0x12, 0, ASID), 0x2000 }, false }, { { TLBI(0x12, 0, ASID + 1), 0x1000 }, false },
        { { TLBI(0x12, 1, ASID), 0x1000 }, false }, { { TLBI(0x13, 0, 0), 0x1000 }, true }, { { TLBI(0x13, 1, 0), 0x1000 }, false },
        { { TLBI(0x11, 0, ASID), 0 }, true }, { { TLBI(0x11, 0, ASID + 1), 0 }, false }, { { TLBI(0x10, 0, 0), 0 }, true }, { { TLBI(0x10, 1, 0), 0 }, false },
        { { TLBI(0x28, 0, 0), 0 }, true }, { { TLBI(0x28, 1, 0), 0 }, false }, { { TLBI(0x30, 0, 0), 0 }, true }, { { TLBI(0x2a, 0, 0), 0x1000 }, false },
        /* Ranges: 2 pages from 0; 1 page from 0; 4 * 2^5 of 64 KiB from 0; from 0x2000 on. */
        { { TLBI(0x12, 0, ASID) | 1 << 12, 1 << 10 }, true }, { { TLBI(0x12, 0, ASID), 1 << 10 }, false },
        { { TLBI(0x12, 0, ASID) | 3 << 12 | 5 << 20, 3 << 10 }, true }, { { TLBI(0x12, 0, ASID) | 31 << 12 | 31 << 20, 0x2000 | 1 << 10 }, false },
        { { 0x03 | (uint64_t)EDU << 32, 1 }, false }, { { 0x46, 0 }, false },
    };
    Rig r;
    smmu_on(&r);
    stage1(&r);
    for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
        qtest_writeq(r.q, TABLE(2) + 8, SOURCE | PAGE);
        command(&r, 0x30, 0);
        g_assert_cmphex(found_at(&r, 0x1000), ==, UINT64_C(0x1111111122222222));
        qtest_writeq(r.q, TABLE(2) + 8, OTHER | PAGE);
        g_assert_cmphex(found_at(&r, 0x1000), ==, UINT64_C(0x1111111122222222));
        command(&r, cases[n].words[0], cases[n].words[1]);
        g_assert_cmphex(found_at(&r, 0x1000), ==, cases[n].drops ? UINT64_C(0x3333333344444444) : UINT64_C(0x1111111122222222));
    }
    end(&r);
}

static void test_a_block_goes_as_a_whole_and_global_pages_for_all(void)
{
    Rig r;
    smmu_on(&r);
    stage1(&r);
    const uint64_t block = SOURCE & ~UINT64_C(0x1fffff), at = 0x200000 + SOURCE % 0x200000;
    qtest_writeq(r.q, TABLE(1) + 8, block | LEAF);
    g_assert_cmphex(found_at(&r, at), ==, UINT64_C(0x1111111122222222));
    qtest_writeq(r.q, TABLE(1) + 8, 0);
    command(&r, TLBI(0x12, 0, ASID), 0x200000);                  /* another page of the block */
    device_reads(&r, at);
    expect_event(&r, F_TRANSLATION, READ | OF_INPUT, at, 0);
    qtest_writeq(r.q, TABLE(2) + 8, SOURCE | (PAGE & ~(UINT64_C(1) << 11)));
    command(&r, 0x30, 0);
    g_assert_cmphex(found_at(&r, 0x1000), ==, UINT64_C(0x1111111122222222));
    qtest_writeq(r.q, TABLE(2) + 8, OTHER | PAGE);
    command(&r, TLBI(0x11, 0, ASID), 0);                         /* by its ASID alone a global one does not go */
    g_assert_cmphex(found_at(&r, 0x1000), ==, UINT64_C(0x1111111122222222));
    command(&r, TLBI(0x12, 0, ASID + 1), 0x1000);
    g_assert_cmphex(found_at(&r, 0x1000), ==, UINT64_C(0x3333333344444444));
    end(&r);
}

static void test_without_stage_2_there_are_no_vmids(void)
{
    Rig r = { .q = qtest_start("-M virt-9.1,iommu=smmuv3 " DEVICE) };
    place_device(&r);
    set_up_queues(&r);
    stage1(&r);
    qtest_writeq(r.q, STREAMS + 64 * EDU + 16, VMID);
    g_assert_cmphex(found_at(&r, 0x1000), ==, UINT64_C(0x1111111122222222));
    qtest_writeq(r.q, TABLE(2) + 8, OTHER | PAGE);
    command(&r, TLBI(0x12, VMID + 1, ASID), 0x1000);
    g_assert_cmphex(found_at(&r, 0x1000), ==, UINT64_C(0x3333333344444444));
    stream(&r, 1 | 6 << 1, 0, STE2, TABLE(8));
    device_reads(&r, SOURCE);
    expect_event(&r, C_BAD_STE, 0, 0, 0);
    give_command(&r, TLBI(0x2a, VMID, 0), 0);
    g_assert_cmphex(qtest_readl(r.q, SMMU + CMDQ_CONS) >> 24, ==, 1);
    end(&r);
}

static void test_stage_2_is_dropped_by_its_address(void)
{
    Rig r;
    smmu_on(&r);
    stage2_tables(&r);
    stream(&r, 1 | 6 << 1, 0, STE2, TABLE(8));
    g_assert_cmphex(found_at(&r, 0x5000), ==, UINT64_C(0x3333333344444444));
    qtest_writeq(r.q, TABLE(11) + 8 * 5, SOURCE | PAGE2);
    command(&r, TLBI(0x2a, VMID, 0), 0x6000);
    command(&r, TLBI(0x2a, VMID + 1, 0), 0x5000);
    command(&r, TLBI(0x10, VMID, 0), 0);
    g_assert_cmphex(found_at(&r, 0x5000), ==, UINT64_C(0x3333333344444444));
    command(&r, TLBI(0x2a, VMID, 0), 0x5000);
    g_assert_cmphex(found_at(&r, 0x5000), ==, UINT64_C(0x1111111122222222));
    end(&r);
}

static void test_configurations_stay_until_they_are_dropped(void)
{
    static const struct { uint64_t words[2]; bool drops; } cases[] = {
        { { 0x03 | (uint64_t)EDU << 32, 1 }, true }, { { 0x03 | (uint64_t)(EDU + 1) << 32, 1 }, false }, { { 0x04, 31 }, true }, { { 0x04, 2 }, false }, { { 0x04, 3 }, true },
        { { 0x05 | (uint64_t)EDU << 32, 1 }, true }, { { 0x06 | (uint64_t)EDU << 32, 0 }, true }, { { 0x30, 0 }, false },
    };
    Rig r;
    smmu_on(&r);
    for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
        stream(&r, 1 | 4 << 1, 0, 0, 0);
        device_reads(&r, SOURCE);
        qtest_writeq(r.q, STREAMS + 64 * EDU, 1);
        command(&r, cases[n].words[0], cases[n].words[1]);
        device_reads(&r, SOURCE);
        qtest_writel(r.q, SMMU + CR0, EVENTQEN | CMDQEN);
        device_writes(&r, TARGET);
        qtest_writel(r.q, SMMU + CR0, ALL_ON);
        g_assert_cmphex(qtest_readq(r.q, TARGET), ==, cases[n].drops ? 0 : UINT64_C(0x1111111122222222));
    }
    end(&r);
}

/* ---- queues and interrupts ---- */

static void test_a_wrong_command_stops_the_queue(void)
{
    static const uint8_t illegal[] = { 0x00, 0x07, 0x18, 0x20, 0x40, 0x41, 0x44, 0x45, 0x47, 0xff };
    Rig r;
    smmu_on(&r);
    for (unsigned n = 0; n < G_N_ELEMENTS(illegal); n++) {
        uint32_t at = r.commands, gerror = qtest_readl(r.q, SMMU + GERROR);
        give_command(&r, illegal[n], 0);
        g_assert_cmphex(qtest_readl(r.q, SMMU + CMDQ_CONS), ==, 1 << 24 | at);
        g_assert_cmphex(qtest_readl(r.q, SMMU + GERROR), ==, gerror ^ 1);
        g_assert_true(is_pending(&r, SPI_GERROR));
        give_command(&r, 0x46, 0);
        g_assert_cmphex(qtest_readl(r.q, SMMU + CMDQ_CONS), ==, 1 << 24 | at);
        qtest_writeq(r.q, COMMANDS + 16 * (at & 7), 0x46);       /* as drivers do: another command in its place */
        qtest_writel(r.q, SMMU + GERRORN, gerror ^ 1);
        g_assert_cmphex(qtest_readl(r.q, SMMU + CMDQ_CONS) & 0xfffff, ==, r.commands);
        qtest_writel(r.q, SMMU + CR0, SMMUEN | EVENTQEN);
        qtest_writel(r.q, SMMU + CMDQ_CONS, r.commands);
        qtest_writel(r.q, SMMU + CR0, ALL_ON);
    }
    end(&r);
}

static void test_hostile_queues(void)
{
    Rig r;
    smmu_on(&r);
    /* Commands from a device's registers, the SMMU's own among them. */
    const uint64_t places[] = { NOWHERE, SMMU, UINT64_C(0xfffffffffffe0) };
    for (unsigned n = 0; n < G_N_ELEMENTS(places); n++) {
        qtest_writel(r.q, SMMU + CR0, SMMUEN | EVENTQEN);
        qtest_writeq(r.q, SMMU + CMDQ_BASE, places[n] | 0x1f);
        qtest_writel(r.q, SMMU + CMDQ_CONS, 0);
        qtest_writel(r.q, SMMU + CMDQ_PROD, 0xfffff);
        qtest_writel(r.q, SMMU + CR0, ALL_ON);
        g_assert_cmphex(qtest_readl(r.q, SMMU + CMDQ_CONS), ==, 2 << 24);
        qtest_writel(r.q, SMMU + CR0, SMMUEN | EVENTQEN);
        qtest_writel(r.q, SMMU + GERRORN, qtest_readl(r.q, SMMU + GERROR));
    }
    /* Events into the SMMU's registers. */
    qtest_writel(r.q, SMMU + CR0, SMMUEN);
    qtest_writeq(r.q, SMMU + EVENTQ_BASE, SMMU | 3);
    qtest_writel(r.q, SMMU + CR0, SMMUEN | EVENTQEN);
    device_reads(&r, SOURCE);
    g_assert_cmphex((qtest_readl(r.q, SMMU + GERROR) ^ qtest_readl(r.q, SMMU + GERRORN)) & 4, ==, 4);
    g_assert_cmphex(qtest_readl(r.q, PAGE1 + EVENTQ_PROD), ==, 0);
    end(&r);
}

static void test_a_full_event_queue_overflows(void)
{
    Rig r;
    smmu_on(&r);
    for (unsigned n = 0; n < 8; n++) {
        device_reads(&r, SOURCE);
    }
    g_assert_cmphex(qtest_readl(r.q, PAGE1 + EVENTQ_PROD), ==, 8);
    device_reads(&r, SOURCE);
    device_reads(&r, SOURCE);
    g_assert_cmphex(qtest_readl(r.q, PAGE1 + EVENTQ_PROD), ==, 0x80000008);
    qtest_writel(r.q, PAGE1 + EVENTQ_CONS, 0x80000008);
    device_reads(&r, SOURCE);
    g_assert_cmphex(qtest_readl(r.q, PAGE1 + EVENTQ_PROD), ==, 0x80000009);
    end(&r);
}

static void test_interrupts(void)
{
    Rig r;
    smmu_on(&r);
    g_assert_false(is_pending(&r, SPI_SYNC));
    command(&r, 0x46, 0);
    g_assert_false(is_pending(&r, SPI_SYNC));
    command(&r, 0x46 | 1 << 12, 0);
    g_assert_true(is_pending(&r, SPI_SYNC));
    g_assert_false(is_pending(&r, SPI_EVENTQ));
    device_reads(&r, SOURCE);
    g_assert_true(is_pending(&r, SPI_EVENTQ));
    qtest_writel(r.q, GICD + 0x280 + 4 * 3, 1u << (32 + SPI_EVENTQ) % 32);
    qtest_writel(r.q, SMMU + IRQ_CTRL, 0);
    next_event(&r);
    device_reads(&r, SOURCE);
    g_assert_false(is_pending(&r, SPI_EVENTQ));
    g_assert_false(is_pending(&r, SPI_GERROR));
    end(&r);
}

/* The frame of GICv2m is at 0x08020000; its registers take the number of the interrupt. */
static void test_messages_are_translated(void)
{
    Rig r;
    smmu_on(&r);
    stage1(&r);
    qtest_writeq(r.q, TABLE(2) + 8 * 4, 0x08020000 | PAGE);
    uint64_t config = ECAM + (1 << 15), cap = config + qtest_readb(r.q, config + 0x34);
    qtest_writel(r.q, cap + 4, 0x4040);
    qtest_writel(r.q, cap + 8, 0);
    qtest_writew(r.q, cap + 12, 32 + 50);
    qtest_writew(r.q, cap + 2, 1);
    qtest_writel(r.q, BAR + 0x60, 1);
    g_assert_true(is_pending(&r, 50));
    qtest_writew(r.q, cap + 12, 32 + 51);
    qtest_writel(r.q, cap + 4, 0x08020040);
    qtest_writel(r.q, BAR + 0x60, 1);
    g_assert_false(is_pending(&r, 51));
    expect_event(&r, F_TRANSLATION, OF_INPUT, 0x08020040, 0);
    end(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smmuv3/registers", test_registers);
    g_test_add_func("/smmuv3/older-machines-have-stage-1-alone", test_older_machines_have_stage_1_alone);
    g_test_add_func("/smmuv3/off-it-bypasses-or-aborts", test_off_it_bypasses_or_aborts);
    g_test_add_func("/smmuv3/bypass-of-the-bus-goes-around-it", test_bypass_of_the_bus_goes_around_it);
    g_test_add_func("/smmuv3/streams-bypass-abort-or-are-wrong", test_streams_bypass_abort_or_are_wrong);
    g_test_add_func("/smmuv3/stream-tables", test_stream_tables);
    g_test_add_func("/smmuv3/stream-ids-follow-the-bus-number", test_stream_ids_follow_the_bus_number);
    g_test_add_func("/smmuv3/stage-1", test_stage_1);
    g_test_add_func("/smmuv3/granules-and-the-upper-table", test_granules_and_the_upper_table);
    g_test_add_func("/smmuv3/faults-of-stage-1", test_faults_of_stage_1);
    g_test_add_func("/smmuv3/context-descriptors-that-are-wrong", test_context_descriptors_that_are_wrong);
    g_test_add_func("/smmuv3/stage-2", test_stage_2);
    g_test_add_func("/smmuv3/both-stages", test_both_stages);
    g_test_add_func("/smmuv3/translations-stay-until-they-are-dropped", test_translations_stay_until_they_are_dropped);
    g_test_add_func("/smmuv3/a-block-goes-as-a-whole-and-global-pages-for-all", test_a_block_goes_as_a_whole_and_global_pages_for_all);
    g_test_add_func("/smmuv3/stage-2-is-dropped-by-its-address", test_stage_2_is_dropped_by_its_address);
    g_test_add_func("/smmuv3/without-stage-2-there-are-no-vmids", test_without_stage_2_there_are_no_vmids);
    g_test_add_func("/smmuv3/configurations-stay-until-they-are-dropped", test_configurations_stay_until_they_are_dropped);
    g_test_add_func("/smmuv3/a-wrong-command-stops-the-queue", test_a_wrong_command_stops_the_queue);
    g_test_add_func("/smmuv3/hostile-queues", test_hostile_queues);
    g_test_add_func("/smmuv3/a-full-event-queue-overflows", test_a_full_event_queue_overflows);
    g_test_add_func("/smmuv3/interrupts", test_interrupts);
    g_test_add_func("/smmuv3/messages-are-translated", test_messages_are_translated);
    return g_test_run();
}
