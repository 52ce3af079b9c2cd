/*
 * The IOMMU of RISC-V's "virt" (RISC-V IOMMU Architecture Specification 1.0): both stages of translation, the cache of them, processes, messages, faults.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "riscv-iommu.h"

/* ---- the first stage ---- */

static void test_the_first_stage(void)
{
    Rig r;
    iommu_on(&r);
    first_stage(&r);
    g_assert_cmphex(found_at(&r, 0x1000), ==, WORD1);
    qtest_writeq(r.q, TABLE(2) + 16, PTE(OTHER, PAGE));
    device_reads(&r, 0x1000);
    device_writes(&r, 0x2008);
    g_assert_cmphex(qtest_readq(r.q, OTHER + 8), ==, WORD1);
    expect_no_fault(&r);
    expect_page(&r, 0x1000, NW, SOURCE);
    /* A superpage of 2 MiB, whose size is in the answer: SOURCE is in one. */
    qtest_writeq(r.q, TABLE(1) + 8, PTE(SOURCE & ~UINT64_C(0x1fffff), PAGE));
    g_assert_cmphex(found_at(&r, 0x200000 + (SOURCE & 0x1fffff)), ==, WORD1);
    g_assert_cmphex(request(&r, 0x205000, NW), ==, PTE((SOURCE & ~UINT64_C(0x1fffff)) | 0xff000, 0) | 1 << 9);
    /* 16 pages of one entry, which is there 16 times. */
    qtest_writeq(r.q, TABLE(2) + 8 * 0x13, PTE(SOURCE | 0x8000, PAGE) | NAPOT);
    g_assert_cmphex(found_at(&r, 0x13000), ==, 0);
    qtest_writeq(r.q, SOURCE + 0x3000, WORD2);
    g_assert_cmphex(found_at(&r, 0x13000), ==, WORD2);
    g_assert_cmphex(request(&r, 0x13000, NW), ==, PTE(SOURCE | 0x7000, 0) | 1 << 9);
    end(&r);
}

static void test_schemes_of_the_first_stage(void)
{
    Rig r;
    iommu_on(&r);
    qtest_writeq(r.q, TABLE(2) + 8, PTE(SOURCE, PAGE));
    qtest_writeq(r.q, TABLE(1), NEXT(TABLE(2)));
    qtest_writeq(r.q, TABLE(0) + 8 * 0x1ff, NEXT(TABLE(1)));
    qtest_writeq(r.q, TABLE(3) + 8 * 0x1ff, NEXT(TABLE(0)));
    qtest_writeq(r.q, TABLE(4) + 8 * 0x1ff, NEXT(TABLE(3)));
    static const struct { uint64_t fsc; unsigned bits; } cases[] = { { POINTER(SV39, TABLE(0)), 39 }, { POINTER(SV48, TABLE(3)), 48 }, { POINTER(SV57, TABLE(4)), 57 } };
    for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
        uint64_t iova = -(UINT64_C(1) << 30) | 0x1000;          /* the last entry of every level but two */
        device(&r, (Dc){ .tc = V, .fsc = cases[n].fsc });
        g_assert_cmphex(found_at(&r, iova), ==, WORD1);
        expect_no_fault(&r);
        device_reads(&r, iova & ((UINT64_C(1) << cases[n].bits) - 1));      /* its high bits are not those of the highest */
        expect_fault(&r, 13, READ, iova & ((UINT64_C(1) << cases[n].bits) - 1), 0);
    }
    /* Sv32: entries of 4 bytes, of both halves of a doubleword. */
    qtest_writel(r.q, TABLE(5) + 4 * 0x3ff, (uint32_t)NEXT(TABLE(6)));
    qtest_writel(r.q, TABLE(6) + 4 * 1, (uint32_t)PTE(SOURCE, PAGE));
    device(&r, (Dc){ .tc = V | 1 << 11, .fsc = POINTER(SV32, TABLE(5)) });
    g_assert_cmphex(found_at(&r, 0xffc01000), ==, WORD1);
    device_reads(&r, UINT64_C(0x1ffc01000));
    expect_fault(&r, 13, READ, UINT64_C(0x1ffc01000), 0);
    end(&r);
}

static void test_faults_of_the_first_stage(void)
{
    Rig r;
    iommu_on(&r);
    first_stage(&r);
    static const struct { uint64_t pte, flags, cause; } cases[] = {
        { PTE(SOURCE, PAGE), NW, 0 }, { PTE(SOURCE, PAGE), 0, 0 }, { PTE(SOURCE, PAGE), NW | EXE, 12 }, { PTE(SOURCE, PAGE | X), NW | EXE, 0 }, { PTE(SOURCE, PAGE & ~V), NW, 13 },
        { PTE(SOURCE, PAGE & ~V), 0, 15 }, { PTE(SOURCE, PAGE & ~W), 0, 15 }, { PTE(SOURCE, PAGE & ~W), NW, 0 }, { PTE(SOURCE, PAGE & ~R), 0, 15 }, { PTE(SOURCE, (PAGE & ~(R | W)) | X), NW, 13 },
        { PTE(SOURCE, PAGE & ~U), NW, 13 }, { PTE(SOURCE, PAGE & ~A), NW, 13 }, { PTE(SOURCE, PAGE & ~D), 0, 15 }, { PTE(SOURCE, PAGE & ~D), NW, 0 }, { PTE(SOURCE, PAGE) | UINT64_C(1) << 54, NW, 13 },
        { PTE(SOURCE, PAGE) | UINT64_C(1) << 59, NW, 0 }, { PTE(SOURCE, PAGE) | UINT64_C(1) << 61, NW, 13 }, { PTE(SOURCE, PAGE) | NAPOT, NW, 13 }, { NEXT(TABLE(3)), NW, 13 },
        { PTE(SOURCE, PAGE | X | 0x300), EXE, 0 }, { PTE(SOURCE, (PAGE & ~W) | X), EXE, 15 }, { PTE(UINT64_C(1) << 55, PAGE), NW, 0 },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
        qtest_writeq(r.q, TABLE(2) + 8, cases[n].pte);
        g_assert_cmphex(cause_of(&r, 0x1000, cases[n].flags), ==, cases[n].cause);
    }
    static const struct { uint64_t pte, cause; } tables[] = {
        { NEXT(TABLE(2)), 0 }, { NEXT(TABLE(2)) | A, 13 }, { NEXT(TABLE(2)) | D, 13 }, { NEXT(TABLE(2)) | U, 13 }, { NEXT(TABLE(2)) | G, 0 }, { NEXT(TABLE(2)) | NAPOT, 13 }, { NEXT(NOWHERE), 5 },
        { PTE(SOURCE, PAGE), 0 }, { PTE(SOURCE + 0x1000, PAGE), 13 }, { 0, 13 },
    };
    qtest_writeq(r.q, TABLE(2) + 8, PTE(SOURCE, PAGE));
    for (unsigned n = 0; n < G_N_ELEMENTS(tables); n++) {
        qtest_writeq(r.q, TABLE(1), tables[n].pte);
        g_assert_cmphex(cause_of(&r, 0x1000, NW), ==, tables[n].cause);
    }
    device_writes(&r, 0x1000);
    expect_fault(&r, 15, WRITTEN, 0x1000, 0);
    end(&r);
}

/* DTF: silence about translations, but not about the directory. */
static void test_faults_can_be_disabled(void)
{
    Rig r;
    iommu_on(&r);
    device(&r, (Dc){ .tc = V | 1 << 4, .fsc = POINTER(SV39, TABLE(0)) });
    g_assert_cmphex(found_at(&r, 0x1000), ==, 0);
    expect_no_fault(&r);
    device(&r, (Dc){ .tc = V | 1 << 4 | 1 << 12 });
    device_reads(&r, 0x1000);
    expect_fault(&r, 259, READ, 0x1000, 0);
    end(&r);
}

static void test_addresses_beyond_pas_bits(void)
{
    Rig r;
    pci_iommu(&r, ",pas-bits=40");
    set_up_queues(&r);
    first_stage(&r);
    qtest_writeq(r.q, TABLE(2) + 8, PTE(UINT64_C(1) << 40, PAGE));
    g_assert_cmphex(cause_of(&r, 0x1000, NW), ==, 5);
    g_assert_cmphex(cause_of(&r, 0x1000, 0), ==, 7);
    qtest_writeq(r.q, TABLE(2) + 8, PTE(UINT64_C(1) << 39, PAGE));
    g_assert_cmphex(cause_of(&r, 0x1000, NW), ==, 0);
    end(&r);
}

/* ---- the second stage ---- */

static void test_the_second_stage(void)
{
    Rig r;
    iommu_on(&r);
    put_second_stage(&r);
    device(&r, (Dc){ .tc = V, .iohgatp = GUEST(SV39, TABLE(8)) });
    g_assert_cmphex(found_at(&r, 0x5000), ==, WORD1);
    expect_no_fault(&r);
    device_reads(&r, 0x6004);
    expect_fault(&r, 21, READ, 0x6004, 0x6004);
    device_writes(&r, 0x6008);
    expect_fault(&r, 23, WRITTEN, 0x6008, 0x6008);
    qtest_writeq(r.q, TABLE(12) + 8 * 5, PTE(SOURCE, PAGE & ~U));       /* all pages are the user's */
    g_assert_cmphex(cause_of(&r, 0x5000, NW), ==, 21);
    g_assert_cmphex(cause_of(&r, 0x5000, NW | EXE), ==, 20);
    qtest_writeq(r.q, TABLE(12) + 8 * 5, PTE(SOURCE, PAGE | G));
    g_assert_cmphex(cause_of(&r, 0x5000, NW), ==, 0);
    /* 41 bits: the first table is four pages long. */
    qtest_writeq(r.q, TABLE(8) + 8 * 2047, NEXT(TABLE(11)));
    g_assert_cmphex(found_at(&r, UINT64_C(2047) << 30 | 0x5000), ==, WORD1);
    g_assert_cmphex(cause_of(&r, UINT64_C(1) << 41 | 0x5000, NW), ==, 21);
    end(&r);
}

static void test_schemes_of_the_second_stage(void)
{
    Rig r;
    iommu_on(&r);
    put_second_stage(&r);
    qtest_writeq(r.q, TABLE(13) + 8 * 2047, NEXT(TABLE(8)));
    qtest_writeq(r.q, TABLE(14), NEXT(TABLE(13)));
    qtest_writeq(r.q, TABLE(13), NEXT(TABLE(8)));
    device(&r, (Dc){ .tc = V, .iohgatp = GUEST(SV48, TABLE(13)) });
    g_assert_cmphex(found_at(&r, UINT64_C(2047) << 39 | 0x5000), ==, WORD1);
    g_assert_cmphex(cause_of(&r, UINT64_C(1) << 50 | 0x5000, NW), ==, 21);
    device(&r, (Dc){ .tc = V, .iohgatp = GUEST(SV57, TABLE(14)) });
    g_assert_cmphex(found_at(&r, 0x5000), ==, WORD1);
    g_assert_cmphex(cause_of(&r, UINT64_C(1) << 59 | 0x5000, NW), ==, 21);
    device(&r, (Dc){ .tc = V | 1 << 11, .iohgatp = GUEST(SV57, TABLE(14)) });
    g_assert_cmphex(cause_of(&r, 0x5000, NW), ==, 0);
    qtest_writeq(r.q, TABLE(8) + 8 * 16, NEXT(TABLE(11)));
    g_assert_cmphex(cause_of(&r, UINT64_C(1) << 34 | 0x5000, NW), ==, 21);      /* SXL: no more than 34 bits */
    device(&r, (Dc){ .tc = V, .iohgatp = GUEST(SV57, TABLE(14)) });
    g_assert_cmphex(cause_of(&r, UINT64_C(1) << 34 | 0x5000, NW), ==, 0);
    /* Sv32x4, of guests of 32 bits. */
    set(&r, FCTL, GXL | WSI);
    qtest_writel(r.q, TABLE(15) + 4 * 4095, (uint32_t)NEXT(TABLE(7)));
    qtest_writel(r.q, TABLE(7) + 4 * 5, (uint32_t)PTE(SOURCE, PAGE));
    device(&r, (Dc){ .tc = V | 1 << 11, .iohgatp = GUEST(SV32, TABLE(15)) });
    g_assert_cmphex(found_at(&r, UINT64_C(4095) << 22 | 0x5000), ==, WORD1);
    g_assert_cmphex(cause_of(&r, UINT64_C(1) << 34 | 0x5000, NW), ==, 21);
    end(&r);
}

static void test_both_stages(void)
{
    Rig r;
    iommu_on(&r);
    both_stages(&r);
    g_assert_cmphex(found_at(&r, 0x1000), ==, WORD1);
    device_writes(&r, 0x1010);
    g_assert_cmphex(qtest_readq(r.q, SOURCE + 0x10), ==, WORD1);
    expect_no_fault(&r);
    /* The guest's page is not there, or may not be written; then a table of it. */
    qtest_writeq(r.q, TABLE(2) + 8, PTE(0x6000, PAGE));
    command(&r, VMA | GV(GSCID), 0);
    g_assert_cmphex(found_at(&r, 0x1008), ==, 0);
    expect_fault(&r, 21, READ, 0x1008, 0x6008);
    qtest_writeq(r.q, TABLE(2) + 8, PTE(0x5000, PAGE));
    qtest_writeq(r.q, TABLE(12) + 8 * 5, PTE(SOURCE, PAGE & ~W));
    command(&r, GVMA | GV(GSCID), 0);
    g_assert_cmphex(cause_of(&r, 0x1000, NW), ==, 0);
    device_writes(&r, 0x1000);
    expect_fault(&r, 23, WRITTEN, 0x1000, 0x5000);
    qtest_writeq(r.q, TABLE(10) + 8, 0);
    g_assert_cmphex(found_at(&r, 0x1000), ==, 0);
    expect_fault(&r, 21, READ, 0x1000, GUEST_TABLE(1) | 1);
    device_writes(&r, 0x1000);
    expect_fault(&r, 23, WRITTEN, 0x1000, GUEST_TABLE(1) | 1);
    /* The first stage's own. */
    qtest_writeq(r.q, TABLE(10) + 8, PTE(TABLE(1), PAGE & ~(W | D)));   /* tables are read alone */
    qtest_writeq(r.q, TABLE(2) + 8, 0);
    device_writes(&r, 0x1000);
    expect_fault(&r, 15, WRITTEN, 0x1000, 0);
    end(&r);
}

/* ---- the cache of translations ---- */

static void change_page(Rig *r, uint64_t address) { qtest_writeq(r->q, TABLE(2) + 8, PTE(address, PAGE)); }
/* Where the device's writes to 0x1000 go: without another write of ddtp, which forgets all. */
static bool writes_go_to(Rig *r, uint64_t address)
{
    qtest_writeq(r->q, SOURCE + 0x800, 0);
    qtest_writeq(r->q, OTHER + 0x800, 0);
    device_writes(r, 0x1800);
    return qtest_readq(r->q, address + 0x800) != 0 && qtest_readq(r->q, (address ^ SOURCE ^ OTHER) + 0x800) == 0;
}

static void test_translations_stay_until_they_are_dropped(void)
{
    Rig r;
    iommu_on(&r);
    first_stage(&r);
    g_assert_cmphex(found_at(&r, 0x1000), ==, WORD1);
    static const struct { uint64_t word0, word1; bool drops; } cases[] = {
        { VMA, 0, true }, { VMA | PSCV(PSCID), 0, true }, { VMA | PSCV(PSCID + 1), 0, false }, { VMA | AV, ADDR(0x1000), true }, { VMA | AV, ADDR(0x2000), false },
        { VMA | AV | PSCV(PSCID), ADDR(0x1000), true }, { VMA | AV | PSCV(PSCID), ADDR(0x2000), false }, { VMA | AV | PSCV(6), ADDR(0x1000), false }, { VMA | GV(0), 0, false },
        { GVMA, 0, false }, { DDT | DV(EDU), 0, true }, { FENCE, 0, false },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
        change_page(&r, SOURCE);
        command(&r, VMA, 0);
        g_assert_true(writes_go_to(&r, SOURCE));
        change_page(&r, OTHER);
        g_assert_true(writes_go_to(&r, SOURCE));
        command(&r, cases[n].word0, cases[n].word1);
        g_assert_true(writes_go_to(&r, cases[n].drops ? OTHER : SOURCE));
    }
    end(&r);
}

static void test_superpages_go_as_a_whole_and_global_pages_for_all(void)
{
    Rig r;
    iommu_on(&r);
    first_stage(&r);
    g_assert_cmphex(found_at(&r, 0x1000), ==, WORD1);
    /* All of 2 MiB is one entry. */
    qtest_writeq(r.q, TABLE(1), PTE(RAM + 0x400000, PAGE));
    command(&r, VMA, 0);
    device_writes(&r, 0x1000);
    first_stage(&r);
    device_writes(&r, 0x1000);
    qtest_writeq(r.q, RAM + 0x401000, 0);
    qtest_writeq(r.q, TABLE(1), PTE(RAM + 0x400000, PAGE));
    command(&r, VMA, 0);
    device_writes(&r, 0x1000);
    g_assert_cmphex(qtest_readq(r.q, RAM + 0x401000), ==, WORD1);
    qtest_writeq(r.q, TABLE(1), NEXT(TABLE(2)));
    qtest_writeq(r.q, RAM + 0x401000, 0);
    command(&r, VMA | AV | PSCV(PSCID), ADDR(0x5000));
    g_assert_true(writes_go_to(&r, SOURCE));
    g_assert_cmphex(qtest_readq(r.q, RAM + 0x401000), ==, 0);
    /* Global pages are nobody's in particular. */
    qtest_writeq(r.q, TABLE(2) + 8, PTE(SOURCE, PAGE | G));
    command(&r, VMA, 0);
    g_assert_true(writes_go_to(&r, SOURCE));
    change_page(&r, OTHER);
    command(&r, VMA | PSCV(PSCID), 0);
    g_assert_true(writes_go_to(&r, SOURCE));
    command(&r, VMA | AV | PSCV(PSCID), ADDR(0x1000));
    g_assert_true(writes_go_to(&r, SOURCE));
    command(&r, VMA | AV, ADDR(0x1000));
    g_assert_true(writes_go_to(&r, OTHER));
    end(&r);
}

static void test_guests_translations(void)
{
    Rig r;
    iommu_on(&r);
    both_stages(&r);
    g_assert_cmphex(found_at(&r, 0x1000), ==, WORD1);
    static const struct { uint64_t word0; bool drops; } cases[] = {
        { VMA, false }, { VMA | GV(GSCID), true }, { VMA | GV(GSCID + 1), false }, { VMA | GV(GSCID) | PSCV(PSCID), true }, { VMA | GV(GSCID) | PSCV(1), false }, { GVMA, true },
        { GVMA | GV(GSCID), true }, { GVMA | GV(1), false }, { GVMA | AV | GV(GSCID), true },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
        qtest_writeq(r.q, TABLE(12) + 8 * 5, PTE(SOURCE, PAGE));
        command(&r, GVMA, 0);
        g_assert_true(writes_go_to(&r, SOURCE));
        qtest_writeq(r.q, TABLE(12) + 8 * 5, PTE(OTHER, PAGE));
        command(&r, cases[n].word0, ADDR(UINT64_C(0x5000)));
        g_assert_true(writes_go_to(&r, cases[n].drops ? OTHER : SOURCE));
    }
    end(&r);
}

/* ---- processes ---- */

static void process(Rig *r, unsigned n, uint64_t ta, uint64_t fsc)
{
    qtest_writeq(r->q, PROCESSES + 16 * n, ta);
    qtest_writeq(r->q, PROCESSES + 16 * n + 8, fsc);
}

static void test_processes(void)
{
    enum { PDTV = 1 << 5, DPE = 1 << 9, ENS = 2, SUM = 4 };
    Rig r;
    iommu_on(&r);
    put_first_stage(&r);
    process(&r, 0, V | PSCID << 12, POINTER(SV39, TABLE(0)));
    process(&r, 7, V | PSCID << 12, POINTER(SV39, TABLE(0)));
    process(&r, 8, V | ENS, POINTER(SV39, TABLE(0)));
    process(&r, 9, V | ENS | SUM, POINTER(SV39, TABLE(0)));
    process(&r, 10, V | 8, 0);
    process(&r, 11, V, POINTER(1, 0));
    process(&r, 12, 0, 0);
    qtest_writeq(r.q, TABLE(2) + 16, PTE(OTHER, (PAGE & ~U) | X));
    qtest_writeq(r.q, TABLE(2) + 24, PTE(OTHER, PAGE | X));
    device(&r, (Dc){ .tc = V | PDTV, .fsc = POINTER(PD8, PROCESSES) });
    g_assert_cmphex(found_at(&r, SOURCE), ==, WORD1);           /* who has no process is not translated */
    static const struct { uint64_t iova, flags, cause; } cases[] = {
        { 0x1000, PV(7), 0 }, { 0x2000, PV(7), 15 }, { 0x1000, PV(7) | PRIV, 260 }, { 0x2000, PV(8) | PRIV, 0 }, { 0x2000, PV(8) | PRIV | EXE, 0 }, { 0x1000, PV(8) | PRIV, 15 },
        { 0x1000, PV(9) | PRIV, 0 }, { 0x3000, PV(9) | PRIV | EXE, 12 }, { 0x3000, PV(9) | EXE, 0 }, { 0x1000, PV(10), 267 }, { 0x1000, PV(11), 267 }, { 0x1000, PV(12), 266 }, { 0x1000, PV(256), 260 },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
        g_assert_cmphex(cause_of(&r, cases[n].iova, cases[n].flags), ==, cases[n].cause);
    }
    request(&r, 0x1000, PV(12) | NW);
    g_assert_cmphex(next_fault(&r).words[0], ==, 266 | 12 << 12 | UINT64_C(1) << 32 | (uint64_t)READ << 34 | (uint64_t)EDU << 40);
    device(&r, (Dc){ .tc = V | PDTV | DPE, .fsc = POINTER(PD8, PROCESSES) });
    g_assert_cmphex(found_at(&r, 0x1000), ==, WORD1);           /* or is number 0 */
    process(&r, 0, 0, 0);
    device_reads(&r, 0x1000);
    expect_fault(&r, 266, READ, 0x1000, 0);
    process(&r, 0, V, 0);
    device_reads(&r, SOURCE);
    process(&r, 0, 0, 0);
    device_reads(&r, SOURCE);                                   /* it is remembered */
    expect_no_fault(&r);
    command(&r, PDT | DV(EDU), 0);
    device_reads(&r, SOURCE);
    expect_fault(&r, 266, READ, SOURCE, 0);
    device(&r, (Dc){ .tc = V | PDTV | DPE, .fsc = POINTER(PD8, NOWHERE) });
    device_reads(&r, 0x1000);
    expect_fault(&r, 265, READ, 0x1000, 0);
    /* The directory of a guest is at addresses of the guest. */
    put_second_stage(&r);
    process(&r, 0, V, 0);
    device(&r, (Dc){ .tc = V | PDTV | DPE, .iohgatp = GUEST(SV39, TABLE(8)), .fsc = POINTER(PD8, 0x7000) });
    device_reads(&r, 0x5000);
    expect_fault(&r, 21, READ, 0x5000, 0x7001);
    qtest_writeq(r.q, TABLE(12) + 8 * 7, PTE(PROCESSES, PAGE));
    g_assert_cmphex(found_at(&r, 0x5000), ==, WORD1);
    device(&r, (Dc){ .tc = V });
    g_assert_cmphex(cause_of(&r, 0x1000, PV(7)), ==, 260);
    end(&r);
}

/* ---- messages ---- */

/* Guest page 0x28000 and each second one behind it: files 0 to 3. */
static void messages(Rig *r, uint64_t iohgatp)
{
    device(r, (Dc){ .tc = V, .iohgatp = iohgatp, .msiptp = POINTER(1, MESSAGES), .msi_mask = 0xa, .msi_pattern = 0x28000 });
}
static void message_entry(Rig *r, unsigned file, uint64_t word0, uint64_t word1)
{
    qtest_writeq(r->q, MESSAGES + 16 * file, word0);
    qtest_writeq(r->q, MESSAGES + 16 * file + 8, word1);
}
#define FILE_PAGE(n) (UINT64_C(0x28000000) + ((n) & 1) * UINT64_C(0x2000) + ((n) >> 1) * UINT64_C(0x8000))
static void send_message(Rig *r, uint64_t address, uint16_t data)
{
    uint64_t config = ECAM + (EDU << 12), cap = config + qtest_readb(r->q, config + 0x34);
    while (qtest_readb(r->q, cap) != 5) {
        cap = config + qtest_readb(r->q, cap + 1);
    }
    qtest_writel(r->q, cap + 4, (uint32_t)address);
    qtest_writel(r->q, cap + 8, (uint32_t)(address >> 32));
    qtest_writew(r->q, cap + 12, data);
    qtest_writew(r->q, cap + 2, 1);
    qtest_writel(r->q, BAR + 0x60, 1);
    qtest_writel(r->q, BAR + 0x64, 1);
}

static void test_messages_go_by_their_own_table(void)
{
    Rig r;
    iommu_on(&r);
    put_second_stage(&r);
    messages(&r, GUEST(SV39, TABLE(8)));
    message_entry(&r, 3, PTE(TARGET, V | 3 << 1), 0);
    send_message(&r, FILE_PAGE(3) + 0x10, 0x123);
    g_assert_cmphex(qtest_readq(r.q, TARGET + 0x10), ==, 0x123);
    expect_no_fault(&r);
    expect_page(&r, FILE_PAGE(3), NW, TARGET);
    static const struct { uint64_t word0, cause; } wrong[] = {
        { 0, 262 }, { PTE(TARGET, V), 263 }, { PTE(TARGET, V | 2 << 1), 263 }, { PTE(TARGET, V | 3 << 1 | 8), 263 }, { PTE(TARGET, V | 3 << 1) | UINT64_C(1) << 54, 263 },
        { PTE(TARGET, V | 3 << 1) | UINT64_C(1) << 63, 263 },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(wrong); n++) {
        message_entry(&r, 3, wrong[n].word0, 0);
        send_message(&r, FILE_PAGE(3), 1);
        expect_fault(&r, wrong[n].cause, WRITTEN, FILE_PAGE(3), 0);
    }
    message_entry(&r, 3, PTE(TARGET, V | 3 << 1), 0);
    g_assert_cmphex(cause_of(&r, FILE_PAGE(3), NW | EXE), ==, 1);
    g_assert_cmphex(cause_of(&r, FILE_PAGE(3) + 0x1000, NW), ==, 21);   /* not a file's */
    device(&r, (Dc){ .tc = V, .msiptp = POINTER(1, NOWHERE), .msi_mask = 0xa, .msi_pattern = 0x28000 });
    g_assert_cmphex(cause_of(&r, FILE_PAGE(0), NW), ==, 261);
    g_assert_cmphex(cause_of(&r, FILE_PAGE(0) + 0x1000, NW), ==, 0);
    device(&r, (Dc){ .tc = V, .msiptp = POINTER(1, MESSAGES), .msi_mask = (UINT64_C(1) << 52) - 1 });   /* all there is */
    g_assert_cmphex(cause_of(&r, ~UINT64_C(0xfff), NW), ==, 261);
    end(&r);
}

static void test_interrupt_files_in_memory(void)
{
    Rig r;
    iommu_on(&r);
    messages(&r, 0);
    message_entry(&r, 1, V | 1 << 1 | MRIF >> 9 << 7, PTE(NOTICE, 0x3ff) | UINT64_C(1) << 60);
    send_message(&r, FILE_PAGE(1), 70);
    g_assert_cmphex(qtest_readq(r.q, MRIF + 16), ==, 1 << 6);
    g_assert_cmphex(qtest_readq(r.q, NOTICE), ==, 0x7ff);
    qtest_writeq(r.q, NOTICE, 0);
    send_message(&r, FILE_PAGE(1), 71);
    g_assert_cmphex(qtest_readq(r.q, MRIF + 16), ==, 3 << 6);
    g_assert_cmphex(qtest_readq(r.q, NOTICE), ==, 0x7ff);
    expect_no_fault(&r);
    /* What is no message is swallowed. */
    qtest_writeq(r.q, NOTICE, 0);
    send_message(&r, FILE_PAGE(1) + 8, 72);
    send_message(&r, FILE_PAGE(1), 2048);
    g_assert_cmphex(qtest_readq(r.q, NOTICE), ==, 0);
    g_assert_cmphex(qtest_readq(r.q, MRIF + 16), ==, 3 << 6);
    expect_no_fault(&r);
    g_assert_cmphex(cause_of(&r, FILE_PAGE(1), NW), ==, 260);
    message_entry(&r, 1, V | 1 << 1 | NOWHERE >> 9 << 7, PTE(NOTICE, 0));
    send_message(&r, FILE_PAGE(1), 70);
    expect_fault(&r, 264, WRITTEN, FILE_PAGE(1), 0);
    static const struct { uint64_t word0, word1; } wrong[] = { { 8, 0 }, { UINT64_C(1) << 54, 0 }, { 0, UINT64_C(1) << 54 }, { 0, UINT64_C(1) << 61 } };
    for (unsigned n = 0; n < G_N_ELEMENTS(wrong); n++) {
        message_entry(&r, 1, V | 1 << 1 | MRIF >> 9 << 7 | wrong[n].word0, wrong[n].word1);
        send_message(&r, FILE_PAGE(1), 70);
        expect_fault(&r, 263, WRITTEN, FILE_PAGE(1), 0);
    }
    end(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/riscv-iommu/the-first-stage", test_the_first_stage);
    g_test_add_func("/riscv-iommu/schemes-of-the-first-stage", test_schemes_of_the_first_stage);
    g_test_add_func("/riscv-iommu/faults-of-the-first-stage", test_faults_of_the_first_stage);
    g_test_add_func("/riscv-iommu/faults-can-be-disabled", test_faults_can_be_disabled);
    g_test_add_func("/riscv-iommu/addresses-beyond-pas-bits", test_addresses_beyond_pas_bits);
    g_test_add_func("/riscv-iommu/the-second-stage", test_the_second_stage);
    g_test_add_func("/riscv-iommu/schemes-of-the-second-stage", test_schemes_of_the_second_stage);
    g_test_add_func("/riscv-iommu/both-stages", test_both_stages);
    g_test_add_func("/riscv-iommu/translations-stay-until-they-are-dropped", test_translations_stay_until_they_are_dropped);
    g_test_add_func("/riscv-iommu/superpages-go-as-a-whole-and-global-pages-for-all", test_superpages_go_as_a_whole_and_global_pages_for_all);
    g_test_add_func("/riscv-iommu/guests-translations", test_guests_translations);
    g_test_add_func("/riscv-iommu/processes", test_processes);
    g_test_add_func("/riscv-iommu/messages-go-by-their-own-table", test_messages_go_by_their_own_table);
    g_test_add_func("/riscv-iommu/interrupt-files-in-memory", test_interrupt_files_in_memory);
    return g_test_run();
}
