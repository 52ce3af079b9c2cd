/*
 * What the tests of the RISC-V IOMMU share: places, entries of structures, and a machine with an IOMMU and edu at 0000:00:03.0, whose device_id is 24, that makes accesses.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_QTEST_RISCV_IOMMU_H
#define TESTS_QTEST_RISCV_IOMMU_H

#include "qtest.h"

#include <string.h>

#define SYS UINT64_C(0x3010000)
#define PLIC UINT64_C(0x0c000000)
#define ECAM UINT64_C(0x30000000)
#define BAR UINT64_C(0x40000000)
#define IOMMU_BAR UINT64_C(0x40100000)
#define RAM UINT64_C(0x80000000)
enum { CAP = 0x00, FCTL = 0x08, DDTP = 0x10, CQB = 0x18, CQH = 0x20, CQT = 0x24, FQB = 0x28, FQH = 0x30, FQT = 0x34, PQB = 0x38, CQCSR = 0x48, FQCSR = 0x4c, PQCSR = 0x50, IPSR = 0x54,
       OVF = 0x58, INH = 0x5c, CYCLES = 0x60, CTR1 = 0x68, EVT1 = 0x160, REQ_IOVA = 0x258, REQ_CTL = 0x260, RESPONSE = 0x268, ICVEC = 0x2f8, MSI_TABLE = 0x300 };
enum { OFF = 0, BARE = 1, LEVELS_1 = 2, LEVELS_2 = 3, LEVELS_3 = 4, WSI = 2, GXL = 4, ON = 1, IRQ_ON = 2, MEMORY_FAULT = 1 << 8, OVERFLOW = 1 << 9, ILLEGAL = 1 << 10, FENCED = 1 << 11 };
enum { EDU = 24, DC_SIZE = 64, QUEUE_BITS = 3, LINE = 36 };

/* Places in RAM. */
#define COMMANDS (RAM + 0x10000)
#define FAULTS (RAM + 0x11000)
#define DEVICES (RAM + 0x20000)
#define PROCESSES (RAM + 0x30000)
#define MESSAGES (RAM + 0x40000)
#define MRIF (RAM + 0x41200)
#define NOTICE (RAM + 0x42000)
#define TABLE(n) (RAM + 0x100000 + (n) * UINT64_C(0x10000))
#define SOURCE (RAM + 0x400000)
#define OTHER (RAM + 0x420000)
#define TARGET (RAM + 0x440000)
#define NOWHERE UINT64_C(0x0b000000)        /* no RAM */
#define WORD1 UINT64_C(0x1111111122222222)
#define WORD2 UINT64_C(0x3333333344444444)

/* Entries of page tables. */
enum { V = 1, R = 2, W = 4, X = 8, U = 0x10, G = 0x20, A = 0x40, D = 0x80, PAGE = V | R | W | U | A | D };
#define PTE(address, flags) ((uint64_t)(address) >> 12 << 10 | (flags))
#define NEXT(address) PTE(address, V)
#define NAPOT (UINT64_C(1) << 63)
/* iosatp, iohgatp, pdtp, msiptp. */
#define POINTER(mode, address) ((uint64_t)(mode) << 60 | (uint64_t)(address) >> 12)
enum { SV39 = 8, SV48 = 9, SV57 = 10, SV32 = 8, PD8 = 1, PSCID = 5, GSCID = 9 };
#define GUEST(mode, address) (POINTER(mode, address) | (uint64_t)GSCID << 44)

typedef struct Rig { Qtest *q; uint64_t base; uint32_t commands, faults; } Rig;

/* ---- the device ---- */

static inline void edu_copy(Qtest *q, uint64_t from, uint64_t to, uint64_t command)
{
    qtest_writeq(q, BAR + 0x80, from);
    qtest_writeq(q, BAR + 0x88, to);
    qtest_writeq(q, BAR + 0x90, 8);
    qtest_writeq(q, BAR + 0x98, command);
    qtest_clock_step(q, 200 * 1000 * 1000);
}
static inline void device_reads(const Rig *r, uint64_t from) { edu_copy(r->q, from, 0x40000, 1); }
static inline void device_writes(const Rig *r, uint64_t to) { edu_copy(r->q, 0x40000, to, 3); }

/* ---- the IOMMU ---- */

static inline uint32_t reg(const Rig *r, unsigned offset) { return qtest_readl(r->q, r->base + offset); }
static inline uint64_t reg64(const Rig *r, unsigned offset) { return qtest_readq(r->q, r->base + offset); }
static inline void set(const Rig *r, unsigned offset, uint32_t value) { qtest_writel(r->q, r->base + offset, value); }
static inline void set64(const Rig *r, unsigned offset, uint64_t value) { qtest_writeq(r->q, r->base + offset, value); }

/* What the device finds there, as it writes it to TARGET while the IOMMU lets all pass. */
static inline uint64_t found_at(const Rig *r, uint64_t address)
{
    device_reads(r, address);
    uint64_t ddtp = reg64(r, DDTP);
    set64(r, DDTP, BARE);
    device_writes(r, TARGET);
    set64(r, DDTP, ddtp);
    return qtest_readq(r->q, TARGET);
}

static inline void place_device(Rig *r)
{
    uint64_t config = ECAM + (EDU << 12);
    qtest_writel(r->q, config + 0x10, (uint32_t)BAR);
    qtest_writew(r->q, config + 4, 6);
    qtest_writeq(r->q, SOURCE, WORD1);
    qtest_writeq(r->q, OTHER, WORD2);
}

static inline void set_up_queues(Rig *r)
{
    set(r, FCTL, WSI);
    set64(r, CQB, PTE(COMMANDS, QUEUE_BITS - 1));
    set64(r, FQB, PTE(FAULTS, QUEUE_BITS - 1));
    set(r, CQCSR, ON | IRQ_ON);
    set(r, FQCSR, ON | IRQ_ON);
    set64(r, DDTP, PTE(DEVICES, LEVELS_1));
}

#define DEVICE "-m 128 -nodefaults -device edu,addr=3,dma_mask=0xffffffffffffffff"
static inline void iommu_off(Rig *r)
{
    *r = (Rig){ .q = qtest_start("-M virt,iommu-sys=on -bios none " DEVICE), .base = SYS };
    place_device(r);
}

static inline void iommu_on(Rig *r)
{
    iommu_off(r);
    set_up_queues(r);
}

/* options: of the device. */
static inline void pci_iommu(Rig *r, const char *options)
{
    uint64_t config = ECAM + (1 << 15);
    *r = (Rig){ .q = qtest_startf("-M virt,aia=aplic-imsic -bios none " DEVICE " -device riscv-iommu-pci,addr=1.0%s", options), .base = IOMMU_BAR };
    qtest_writel(r->q, config + 0x10, (uint32_t)IOMMU_BAR);
    qtest_writel(r->q, config + 0x14, 0);
    qtest_writew(r->q, config + 4, 6);
    place_device(r);
}

static inline void end(Rig *r) { qtest_stop(r->q); }

static inline void give_command(Rig *r, uint64_t word0, uint64_t word1)
{
    uint64_t at = COMMANDS + 16 * r->commands;
    qtest_writeq(r->q, at, word0);
    qtest_writeq(r->q, at + 8, word1);
    r->commands = (r->commands + 1) & 7;
    set(r, CQT, r->commands);
}

static inline void command(Rig *r, uint64_t word0, uint64_t word1)
{
    give_command(r, word0, word1);
    g_assert_cmphex(reg(r, CQH), ==, r->commands);
    g_assert_cmphex(reg(r, CQCSR) & (MEMORY_FAULT | ILLEGAL), ==, 0);
}
enum { VMA = 0x001, GVMA = 0x081, FENCE = 0x002, DDT = 0x003, PDT = 0x083, ATS_INVAL = 0x004, ATS_PRGR = 0x084, AV = 1 << 10, FENCE_WSI = 1 << 11 };
#define PSCV(pscid) (UINT64_C(1) << 32 | (uint64_t)(pscid) << 12)
#define GV(gscid) (UINT64_C(1) << 33 | (uint64_t)(gscid) << 44)
#define DV(device) (UINT64_C(1) << 33 | (uint64_t)(device) << 40)
#define ADDR(address) ((address) >> 12 << 10)
static inline void forget_device(Rig *r) { command(r, DDT | DV(EDU), 0); }

/* The context of edu: all words that are not named are 0. */
typedef struct Dc { uint64_t tc, iohgatp, ta, fsc, msiptp, msi_mask, msi_pattern, reserved; } Dc;
static inline void put_dc(Rig *r, uint64_t at, const Dc *dc)
{
    const uint64_t words[8] = { dc->tc, dc->iohgatp, dc->ta, dc->fsc, dc->msiptp, dc->msi_mask, dc->msi_pattern, dc->reserved };
    for (unsigned n = 0; n < 8; n++) {
        qtest_writeq(r->q, at + 8 * n, words[n]);
    }
}
static inline void device(Rig *r, Dc dc)
{
    put_dc(r, DEVICES + DC_SIZE * EDU, &dc);
    forget_device(r);
}

/* Sv39: 0x1000 is SOURCE. */
static inline void put_first_stage(Rig *r)
{
    qtest_writeq(r->q, TABLE(0), NEXT(TABLE(1)));
    qtest_writeq(r->q, TABLE(1), NEXT(TABLE(2)));
    qtest_writeq(r->q, TABLE(2) + 8, PTE(SOURCE, PAGE));
}
static inline void first_stage(Rig *r)
{
    put_first_stage(r);
    device(r, (Dc){ .tc = V, .ta = PSCID << 12, .fsc = POINTER(SV39, TABLE(0)) });
}

/* Sv39x4: guest pages 0 to 7 from 0x40000000 on are the tables' (TABLE(0) at 0x40000000, TABLE(1) at 0x40001000 ...), 0x5000 is SOURCE. */
#define GUEST_TABLE(n) (UINT64_C(0x40000000) + (n) * UINT64_C(0x1000))
static inline void put_second_stage(Rig *r)
{
    qtest_writeq(r->q, TABLE(8) + 8, NEXT(TABLE(9)));
    qtest_writeq(r->q, TABLE(9), NEXT(TABLE(10)));
    for (unsigned n = 0; n < 4; n++) {
        qtest_writeq(r->q, TABLE(10) + 8 * n, PTE(TABLE(n), PAGE));
    }
    qtest_writeq(r->q, TABLE(8), NEXT(TABLE(11)));
    qtest_writeq(r->q, TABLE(11), NEXT(TABLE(12)));
    qtest_writeq(r->q, TABLE(12) + 8 * 5, PTE(SOURCE, PAGE));
}

/* 0x1000 to 0x5000 to SOURCE. */
static inline void both_stages(Rig *r)
{
    put_second_stage(r);
    qtest_writeq(r->q, TABLE(0), NEXT(GUEST_TABLE(1)));
    qtest_writeq(r->q, TABLE(1), NEXT(GUEST_TABLE(2)));
    qtest_writeq(r->q, TABLE(2) + 8, PTE(0x5000, PAGE));
    device(r, (Dc){ .tc = V, .iohgatp = GUEST(SV39, TABLE(8)), .ta = PSCID << 12, .fsc = POINTER(SV39, GUEST_TABLE(0)) });
}

/* ---- fault records ---- */

typedef struct Fault { uint64_t words[4]; } Fault;
static inline Fault next_fault(Rig *r)
{
    Fault f = { 0 };
    if (reg(r, FQT) == r->faults) {
        return f;
    }
    for (unsigned n = 0; n < 4; n++) {
        f.words[n] = qtest_readq(r->q, FAULTS + 32 * r->faults + 8 * n);
    }
    r->faults = (r->faults + 1) & 7;
    set(r, FQH, r->faults);
    return f;
}

enum { EXECUTED = 1, READ = 2, WRITTEN = 3 };
static inline void expect_fault(Rig *r, uint64_t cause, uint64_t type, uint64_t iova, uint64_t iotval2)
{
    Fault f = next_fault(r);
    g_assert_cmphex(f.words[0], ==, cause | type << 34 | (uint64_t)EDU << 40);
    g_assert_cmphex(f.words[1], ==, 0);
    g_assert_cmphex(f.words[2], ==, iova);
    g_assert_cmphex(f.words[3], ==, iotval2);
}
static inline void expect_no_fault(Rig *r) { g_assert_cmphex(next_fault(r).words[0], ==, 0); }

/* ---- translations by request ---- */

enum { GO = 1, PRIV = 2, EXE = 4, NW = 8 };
#define PV(process) (UINT64_C(1) << 32 | (uint64_t)(process) << 12)
static inline uint64_t request(const Rig *r, uint64_t iova, uint64_t flags)
{
    set64(r, REQ_IOVA, iova);
    set64(r, REQ_CTL, GO | flags | (uint64_t)EDU << 40);
    g_assert_cmphex(reg(r, REQ_CTL) & GO, ==, 0);
    return reg64(r, RESPONSE);
}
/* The cause of the fault; 0: there is none. */
static inline uint64_t cause_of(Rig *r, uint64_t iova, uint64_t flags)
{
    uint64_t response = request(r, iova, flags);
    uint64_t cause = next_fault(r).words[0] & 0xfff;
    g_assert_cmphex(response & 1, ==, cause != 0);
    return cause;
}
static inline void expect_page(const Rig *r, uint64_t iova, uint64_t flags, uint64_t page) { g_assert_cmphex(request(r, iova, flags), ==, PTE(page, 0)); }

#endif
