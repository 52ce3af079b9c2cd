/*
 * The IOMMU of RISC-V's "virt" (RISC-V IOMMU Architecture Specification 1.0): registers, device directories, queues and commands, interrupts, counters, the PCI function.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "riscv-iommu.h"

/* ---- registers ---- */

static void test_registers(void)
{
    Rig r;
    iommu_off(&r);
    g_assert_cmphex(reg64(&r, CAP), ==, UINT64_C(0x78e2cf4f10));
    static const struct { unsigned offset; uint64_t value; } wide[] = {
        { CAP, UINT64_C(0x78e2cf4f10) }, { DDTP, 0 }, { CQB, UINT64_C(0x3ffffffffffc1f) }, { FQB, UINT64_C(0x3ffffffffffc1f) }, { PQB, UINT64_C(0x3ffffffffffc1f) },
        { CTR1, UINT64_MAX }, { EVT1, UINT64_C(0xffffffffffff8000) }, { REQ_CTL, UINT64_MAX - 1 }, { ICVEC, 0x3333 }, { MSI_TABLE, UINT64_C(0xfffffffffffffc) },
        { MSI_TABLE + 8, UINT64_C(0x1ffffffff) },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(wide); n++) {
        set64(&r, wide[n].offset, UINT64_MAX);
        g_assert_cmphex(reg64(&r, wide[n].offset), ==, wide[n].value);
    }
    static const struct { unsigned offset; uint32_t value; } narrow[] = { { FCTL, 6 }, { CQH, 0 }, { FQT, 0 }, { FQCSR, 0xfffdfcff }, { PQCSR, 0xfffdfcff }, { CQCSR, 0xfffdf0ff }, { INH, UINT32_MAX } };
    for (unsigned n = 0; n < G_N_ELEMENTS(narrow); n++) {
        set(&r, narrow[n].offset, UINT32_MAX);
        g_assert_cmphex(reg(&r, narrow[n].offset), ==, narrow[n].value);
    }
    set(&r, CQCSR, 0);
    set64(&r, CQB, 2);
    set(&r, CQT, UINT32_MAX);           /* as many bits as the queue has */
    g_assert_cmphex(reg(&r, CQT), ==, 7);
    g_free(qtest_qmp(r.q, "{\"execute\": \"system_reset\"}"));
    g_free(qtest_qmp_event(r.q, "RESET"));
    g_assert_cmphex(reg(&r, FCTL), ==, 0);
    g_assert_cmphex(reg64(&r, CAP), ==, UINT64_C(0x78e2cf4f10));
    end(&r);
}

static void test_properties_take_capabilities_away(void)
{
    static const struct { const char *options; uint64_t capabilities, ddtp; } cases[] = {
        { "", UINT64_C(0x78c2cf4f10), OFF }, { ",ats=off", UINT64_C(0x78c0cf4f10), OFF }, { ",g-stage=off", UINT64_C(0x78c2c00f10), OFF }, { ",s-stage=off", UINT64_C(0x78c2cf4010), OFF },
        { ",intremap=off", UINT64_C(0x78c20f4f10), OFF }, { ",hpm-counters=0", UINT64_C(0x7882cf4f10), OFF }, { ",off=off", UINT64_C(0x78c2cf4f10), BARE },
        { ",pas-bits=40", UINT64_C(0x68c2cf4f10), OFF }, { ",version=17", UINT64_C(0x78c2cf4f11), OFF },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
        Rig r;
        pci_iommu(&r, cases[n].options);
        g_assert_cmphex(reg64(&r, CAP), ==, cases[n].capabilities);
        g_assert_cmphex(reg64(&r, DDTP), ==, cases[n].ddtp);
        end(&r);
    }
}

static void test_rv32_has_physical_addresses_of_34_bits(void)
{
    Rig r = { .q = qtest_start("-M virt,iommu-sys=on -cpu rv32 -bios none"), .base = SYS };
    g_assert_cmphex(reg64(&r, CAP), ==, UINT64_C(0x62e2cf4f10));
    end(&r);
}

/* ---- without translation ---- */

static void test_off_refuses_and_bare_passes(void)
{
    Rig r;
    iommu_on(&r);
    set64(&r, DDTP, OFF);
    g_assert_cmphex(found_at(&r, SOURCE), ==, 0);
    expect_fault(&r, 256, READ, SOURCE, 0);
    set64(&r, DDTP, BARE);
    g_assert_cmphex(found_at(&r, SOURCE), ==, WORD1);
    expect_no_fault(&r);
    expect_page(&r, SOURCE, NW, SOURCE);
    end(&r);
}

static void test_a_device_without_stages_passes(void)
{
    Rig r;
    iommu_on(&r);
    device(&r, (Dc){ .tc = V });
    g_assert_cmphex(found_at(&r, SOURCE), ==, WORD1);
    expect_no_fault(&r);
    end(&r);
}

/* ---- the device directory ---- */

static void test_device_directories(void)
{
    Rig r;
    iommu_on(&r);
    /* Device 24 is entry 24 of the last level, which the first entries of the others lead to. */
    put_dc(&r, DEVICES + DC_SIZE * EDU, &(Dc){ .tc = V });
    qtest_writeq(r.q, TABLE(6), NEXT(DEVICES));
    qtest_writeq(r.q, TABLE(7), NEXT(TABLE(6)));
    set64(&r, DDTP, PTE(TABLE(6), LEVELS_2));
    g_assert_cmphex(found_at(&r, SOURCE), ==, WORD1);
    set64(&r, DDTP, PTE(TABLE(7), LEVELS_3));
    g_assert_cmphex(found_at(&r, OTHER), ==, WORD2);
    expect_no_fault(&r);
    static const struct { uint64_t entry, cause; } wrong[] = { { 0, 258 }, { NEXT(DEVICES) | 2, 259 }, { NEXT(DEVICES) | UINT64_C(1) << 54, 259 }, { NEXT(NOWHERE), 257 } };
    for (unsigned n = 0; n < G_N_ELEMENTS(wrong); n++) {
        qtest_writeq(r.q, TABLE(6), wrong[n].entry);
        command(&r, DDT, 0);
        device_reads(&r, SOURCE);
        expect_fault(&r, wrong[n].cause, READ, SOURCE, 0);
    }
    set64(&r, DDTP, PTE(NOWHERE, LEVELS_1));
    device_writes(&r, SOURCE);
    expect_fault(&r, 257, WRITTEN, SOURCE, 0);
    /* Numbers that one level has no place for. */
    set64(&r, DDTP, PTE(DEVICES, LEVELS_1));
    set64(&r, REQ_CTL, GO | NW | UINT64_C(64) << 40);
    g_assert_cmphex(next_fault(&r).words[0], ==, 260 | UINT64_C(2) << 34 | UINT64_C(64) << 40);
    end(&r);
}

static void test_contexts_that_are_wrong(void)
{
    Rig r;
    iommu_on(&r);
    static const Dc wrong[] = {
        { .tc = V | 1 << 12 }, { .tc = V | UINT64_C(1) << 32 }, { .tc = V | 1 << 2 }, { .tc = V | 3 << 1 | 1 << 3 }, { .tc = V | 1 << 6 }, { .tc = V | 1 << 7 }, { .tc = V | 1 << 8 },
        { .tc = V | 1 << 9 }, { .tc = V | 1 << 10 }, { .tc = V, .ta = 1 }, { .tc = V, .ta = UINT64_C(1) << 40 }, { .tc = V, .fsc = UINT64_C(1) << 44 },
        { .tc = V, .fsc = POINTER(7, 0) }, { .tc = V, .fsc = POINTER(11, 0) }, { .tc = V | 1 << 11, .fsc = POINTER(9, 0) }, { .tc = V | 1 << 5, .fsc = POINTER(2, 0) },
        { .tc = V, .iohgatp = POINTER(7, 0) }, { .tc = V, .iohgatp = POINTER(8, 0x1000) }, { .tc = V, .msiptp = POINTER(2, 0) }, { .tc = V, .msiptp = UINT64_C(1) << 44 },
        { .tc = V, .msi_mask = UINT64_C(1) << 52 }, { .tc = V, .msi_pattern = UINT64_C(1) << 63 }, { .tc = V, .reserved = 1 },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(wrong); n++) {
        device(&r, wrong[n]);
        device_reads(&r, SOURCE);
        expect_fault(&r, 259, READ, SOURCE, 0);
    }
    device(&r, (Dc){ .tc = ~(uint64_t)V });
    device_reads(&r, SOURCE);
    expect_fault(&r, 258, READ, SOURCE, 0);
    device(&r, (Dc){ .tc = V | 7 << 1 << 23 | 3 << 1 });        /* custom bits; ATS and page requests */
    device_reads(&r, SOURCE);
    expect_no_fault(&r);
    set(&r, FCTL, GXL | WSI);                 /* then the first stage is of 32 bits, too */
    device_reads(&r, SOURCE);
    expect_fault(&r, 259, READ, SOURCE, 0);
    end(&r);
}

static void test_contexts_stay_until_they_are_dropped(void)
{
    Rig r;
    iommu_on(&r);
    device(&r, (Dc){ .tc = V });
    g_assert_cmphex(found_at(&r, SOURCE), ==, WORD1);       /* writing ddtp forgets it */
    device_reads(&r, SOURCE);
    put_dc(&r, DEVICES + DC_SIZE * EDU, &(Dc){ 0 });
    device_reads(&r, SOURCE);
    expect_no_fault(&r);
    command(&r, DDT | DV(EDU + 1), 0);
    device_reads(&r, SOURCE);
    expect_no_fault(&r);
    forget_device(&r);
    device_reads(&r, SOURCE);
    expect_fault(&r, 258, READ, SOURCE, 0);
    end(&r);
}

/* The base format: a context of 32 bytes, 128 of them in a page. */
static void test_the_base_format(void)
{
    Rig r;
    pci_iommu(&r, ",intremap=off");
    set_up_queues(&r);
    put_first_stage(&r);
    qtest_writeq(r.q, DEVICES + 32 * EDU, V);
    qtest_writeq(r.q, DEVICES + 32 * EDU + 16, PSCID << 12);
    qtest_writeq(r.q, DEVICES + 32 * EDU + 24, POINTER(SV39, TABLE(0)));
    qtest_writeq(r.q, DEVICES + 32 * EDU + 32, UINT64_MAX);
    g_assert_cmphex(found_at(&r, 0x1000), ==, WORD1);
    expect_no_fault(&r);
    set64(&r, REQ_CTL, GO | NW | UINT64_C(127) << 40);
    g_assert_cmphex(next_fault(&r).words[0] & 0xfff, ==, 258);
    set64(&r, REQ_CTL, GO | NW | UINT64_C(128) << 40);
    g_assert_cmphex(next_fault(&r).words[0] & 0xfff, ==, 260);
    end(&r);
}

/* ---- commands ---- */

static void test_a_wrong_command_stops_the_queue(void)
{
    Rig r;
    iommu_on(&r);
    set(&r, FCTL, 0);                   /* no wires: fences cannot ask for them */
    static const struct { uint64_t word0, word1; } wrong[] = {
        { 0, 0 }, { 5, 0 }, { 64, 0 }, { VMA | 1 << 11, 0 }, { VMA | UINT64_C(1) << 34, 0 }, { VMA | UINT64_C(1) << 60, 0 }, { VMA, 1 << 9 }, { VMA, UINT64_C(1) << 62 }, { VMA | 2 << 7, 0 },
        { GVMA | PSCV(1), 0 }, { FENCE | 1 << 14, 0 }, { FENCE | 1 << 7, 0 }, { FENCE | FENCE_WSI, 0 }, { DDT | 1 << 12, 0 }, { DDT, 1 }, { DDT | UINT64_C(1) << 32, 0 }, { PDT, 0 },
        { PDT | DV(EDU) | 256 << 12, 0 }, { ATS_INVAL | 1 << 10, 0 }, { ATS_INVAL | 2 << 7, 0 },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(wrong); n++) {
        uint32_t before = r.commands;
        give_command(&r, wrong[n].word0, wrong[n].word1);
        g_assert_cmphex(reg(&r, CQH), ==, before);
        g_assert_cmphex(reg(&r, CQCSR) & (MEMORY_FAULT | ILLEGAL), ==, ILLEGAL);
        qtest_writeq(r.q, COMMANDS + 16 * before, VMA);
        qtest_writeq(r.q, COMMANDS + 16 * before + 8, 0);
        set(&r, CQT, r.commands);
        g_assert_cmphex(reg(&r, CQH), ==, before);
        set(&r, CQCSR, ON | IRQ_ON | ILLEGAL);
        g_assert_cmphex(reg(&r, CQH), ==, r.commands);
    }
    command(&r, ATS_INVAL | DV(EDU), 0);
    command(&r, ATS_PRGR | DV(EDU), 0);
    /* Switched on again, the queue begins anew. */
    set(&r, CQCSR, 0);
    g_assert_cmphex(reg(&r, CQCSR), ==, 0);
    set(&r, CQT, 0);
    set(&r, CQCSR, ON);
    g_assert_cmphex(reg(&r, CQH), ==, 0);
    end(&r);
}

static void test_fences_store(void)
{
    Rig r;
    iommu_on(&r);
    command(&r, FENCE | AV | UINT64_C(0x12345678) << 32, (TARGET + 4) >> 2);
    g_assert_cmphex(qtest_readq(r.q, TARGET), ==, UINT64_C(0x1234567800000000));
    give_command(&r, FENCE | AV, NOWHERE >> 2);
    g_assert_cmphex(reg(&r, CQCSR) & (MEMORY_FAULT | ILLEGAL), ==, MEMORY_FAULT);
    g_assert_cmphex(reg(&r, CQH), ==, r.commands - 1);
    g_assert_cmphex(reg(&r, IPSR), ==, 1);
    set(&r, CQCSR, 0);
    set(&r, CQT, r.commands = 0);
    set(&r, CQCSR, ON);
    /* Into its own registers: the tail stays where it is. */
    command(&r, FENCE | AV | UINT64_C(5) << 32, (SYS + CQT) >> 2);
    g_assert_cmphex(reg(&r, CQT), ==, 1);
    end(&r);
}

static void test_hostile_queues(void)
{
    Rig r;
    iommu_on(&r);
    const uint64_t places[] = { NOWHERE, SYS, UINT64_C(0xfffffffffff000) };
    for (unsigned n = 0; n < G_N_ELEMENTS(places); n++) {
        set(&r, CQCSR, 0);
        set(&r, FQCSR, 0);
        set64(&r, CQB, PTE(places[n], 31));
        set64(&r, FQB, PTE(places[n], 31));
        set(&r, CQT, UINT32_MAX);
        set(&r, CQCSR, ON);
        set(&r, FQCSR, ON);
        g_assert_cmphex(reg(&r, CQH), ==, 0);
        g_assert_cmphex(reg(&r, CQCSR), ==, 1 << 16 | MEMORY_FAULT | ON);
        device_reads(&r, SOURCE);
        g_assert_cmphex(reg(&r, FQCSR), ==, 1 << 16 | MEMORY_FAULT | ON);
        g_assert_cmphex(reg(&r, FQT), ==, 0);
    }
    /* A queue as long as memory: some of it at a time, until it ends or is switched off. */
    set(&r, CQCSR, 0);
    set64(&r, CQB, PTE(RAM + 0x1000000, 19));
    for (unsigned n = 0; n < 4096; n++) {
        qtest_writeq(r.q, RAM + 0x1000000 + 16 * n, VMA);
    }
    set(&r, CQT, 4096);
    set(&r, CQCSR, ON);
    QTEST_WAIT_UNTIL(reg(&r, CQH) == 4096);
    g_assert_cmphex(reg(&r, CQH), ==, 4096);
    end(&r);
}

static void test_a_full_fault_queue_overflows(void)
{
    Rig r;
    iommu_on(&r);
    for (unsigned n = 0; n < 7; n++) {
        device_reads(&r, SOURCE);
    }
    g_assert_cmphex(reg(&r, FQT), ==, 7);
    g_assert_cmphex(reg(&r, FQCSR) & OVERFLOW, ==, 0);
    device_reads(&r, SOURCE);
    g_assert_cmphex(reg(&r, FQT), ==, 7);
    g_assert_cmphex(reg(&r, FQCSR) & OVERFLOW, ==, OVERFLOW);
    set(&r, FQH, 7);
    device_reads(&r, SOURCE);           /* none until that is cleared */
    g_assert_cmphex(reg(&r, FQT), ==, 7);
    set(&r, FQCSR, ON | OVERFLOW);
    device_reads(&r, SOURCE);
    g_assert_cmphex(reg(&r, FQT), ==, 0);
    end(&r);
}

/* ---- interrupts ---- */

static bool is_pending(const Rig *r, unsigned source) { return qtest_readl(r->q, PLIC + 0x1000 + 4 * (source / 32)) >> source % 32 & 1; }

static void test_wires(void)
{
    Rig r;
    iommu_on(&r);
    set64(&r, ICVEC, 0x21);             /* commands at wire 1, faults at 2 */
    command(&r, FENCE, 0);
    g_assert_cmphex(reg(&r, IPSR), ==, 0);
    command(&r, FENCE | FENCE_WSI, 0);
    g_assert_cmphex(reg(&r, CQCSR) & FENCED, ==, FENCED);
    g_assert_cmphex(reg(&r, IPSR), ==, 1);
    g_assert_true(is_pending(&r, LINE + 1));
    g_assert_false(is_pending(&r, LINE + 2));
    device_reads(&r, SOURCE);
    g_assert_cmphex(reg(&r, IPSR), ==, 3);
    g_assert_true(is_pending(&r, LINE + 2));
    set(&r, IPSR, 3);
    g_assert_cmphex(reg(&r, IPSR), ==, 1);      /* there is still a reason for the one */
    set(&r, CQCSR, ON | IRQ_ON | FENCED);
    set(&r, IPSR, 1);
    g_assert_cmphex(reg(&r, IPSR), ==, 0);
    end(&r);
}

static void test_messages_of_the_iommu(void)
{
    Rig r;
    iommu_on(&r);
    set(&r, FCTL, 0);
    set64(&r, ICVEC, 0x12);             /* faults at vector 1, commands at 2 */
    set64(&r, MSI_TABLE + 0x10, TARGET);
    set64(&r, MSI_TABLE + 0x18, 0x77);
    device_reads(&r, SOURCE);
    g_assert_cmphex(qtest_readq(r.q, TARGET), ==, 0x77);
    qtest_writeq(r.q, TARGET, 0);
    device_reads(&r, SOURCE);           /* pending already */
    g_assert_cmphex(qtest_readq(r.q, TARGET), ==, 0);
    set(&r, MSI_TABLE + 0x1c, 1);
    set(&r, IPSR, 2);
    device_reads(&r, SOURCE);
    g_assert_cmphex(qtest_readq(r.q, TARGET), ==, 0);
    set(&r, MSI_TABLE + 0x1c, 0);       /* it was kept */
    g_assert_cmphex(qtest_readq(r.q, TARGET), ==, 0x77);
    /* One that goes nowhere is a fault of the IOMMU's own. */
    set64(&r, MSI_TABLE + 0x20, NOWHERE);
    give_command(&r, 0, 0);
    next_fault(&r), next_fault(&r), next_fault(&r);
    Fault f = next_fault(&r);
    g_assert_cmphex(f.words[0], ==, 273);
    g_assert_cmphex(f.words[2], ==, NOWHERE);
    end(&r);
}

/* ---- the PCI function ---- */

static void test_the_pci_function(void)
{
    Rig r;
    pci_iommu(&r, "");
    uint64_t config = ECAM + (1 << 15);
    g_assert_cmphex(qtest_readl(r.q, config), ==, 0x00141b36);
    g_assert_cmphex(qtest_readl(r.q, config + 8), ==, 0x08060001);
    g_assert_cmphex(qtest_readl(r.q, config + 0x7c), ==, 0x00044011);
    g_assert_cmphex(qtest_readl(r.q, config + 0x80), ==, MSI_TABLE);
    g_assert_cmphex(reg(&r, MSI_TABLE + 12), ==, 1);
    set_up_queues(&r);
    first_stage(&r);
    g_assert_cmphex(found_at(&r, 0x1000), ==, WORD1);
    /* Its messages are those of MSI-X, and are not translated. */
    set(&r, MSI_TABLE, (uint32_t)TARGET);
    set(&r, MSI_TABLE + 8, 0x55);
    set(&r, MSI_TABLE + 12, 0);
    qtest_writew(r.q, config + 0x7e, 0x8000);
    qtest_writeq(r.q, TARGET, 0);
    device_reads(&r, 0x9000);
    expect_fault(&r, 13, READ, 0x9000, 0);
    g_assert_cmphex(qtest_readq(r.q, TARGET), ==, 0x55);
    end(&r);
}

/* ---- firmware ---- */

#define FW_CFG UINT64_C(0x10100000)

static void read_key(Qtest *q, uint16_t key, void *buf, size_t size)
{
    qtest_writew(q, FW_CFG + 8, GUINT16_SWAP_LE_BE(key));   /* the selector is big-endian */
    for (size_t n = 0; n < size; n++) {
        ((uint8_t *)buf)[n] = qtest_readb(q, FW_CFG);
    }
}

static uint16_t find_tables(Qtest *q)
{
    uint8_t files[4 + 64 * 32];
    read_key(q, 0x19, files, sizeof(files));
    for (unsigned n = 0; n < MIN(files[3], 32); n++) {
        const uint8_t *entry = files + 4 + 64 * n;
        if (!strcmp((const char *)entry + 8, "etc/acpi/tables")) {
            return (uint16_t)(entry[4] << 8 | entry[5]);
        }
    }
    return 0;
}

/* RIMT 1.0: the IOMMU at 0x30, the root complex behind it with what ids go there. */
static void test_acpi_leads_pci_through_the_iommu(void)
{
    static const uint8_t sys[] = {
        0, 1, 0x28, 0, 0, 0, 0, 0, 'R', 'S', 'C', 'V', '0', '0', '0', '4', 0, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x28, 0,
        1, 1, 0x28, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x30, 0, 0, 0, 0, 0, 0, 0,
    };
    static const uint8_t pci[] = {
        0, 1, 0x28, 0, 0, 0, 0, 0, '0', '0', '1', '0', '0', '0', '1', '4', 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0x28, 0,
        1, 1, 0x28, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 1, 0, 9, 0, 0, 0, 0xf7, 0xff, 0, 0, 9, 0, 0, 0, 0x30, 0, 0, 0, 0, 0, 0, 0,
    };
    static const struct { const char *options; const uint8_t *nodes; } cases[] = {
        { "-M virt,iommu-sys=on -bios none", sys }, { "-M virt,aia=aplic-imsic -bios none -nic none -device riscv-iommu-pci,addr=1", pci },
    };
    for (size_t n = 0; n < G_N_ELEMENTS(cases); n++) {
        g_autoptr(Qtest) q = qtest_start(cases[n].options);
        uint8_t tables[0x4000];
        read_key(q, find_tables(q), tables, sizeof(tables));
        const uint8_t *rimt = memmem(tables, sizeof(tables) - 128, "RIMT\x80", 5);
        g_assert_nonnull(rimt);
        g_assert_cmpmem(rimt + 0x30, sizeof(sys), cases[n].nodes, sizeof(sys));
    }
}

/* Functions in front of an IOMMU that is one go there, too. */
static void test_acpi_leads_all_functions_but_the_iommu(void)
{
    static const uint8_t mappings[] = {
        0, 0, 0, 0, 0x27, 0, 0, 0, 0, 0, 0, 0, 0x30, 0, 0, 0, 0, 0, 0, 0, 0x29, 0, 0, 0, 0xd7, 0xff, 0, 0, 0x29, 0, 0, 0, 0x30, 0, 0, 0, 0, 0, 0, 0,
    };
    g_autoptr(Qtest) q = qtest_start("-M virt,aia=aplic-imsic -bios none -nic none -device riscv-iommu-pci,addr=5");
    uint8_t tables[0x4000];
    read_key(q, find_tables(q), tables, sizeof(tables));
    const uint8_t *rimt = memmem(tables, sizeof(tables) - 0x94, "RIMT\x94", 5);
    g_assert_nonnull(rimt);
    g_assert_cmphex(rimt[0x6a], ==, 2);
    g_assert_cmpmem(rimt + 0x6c, sizeof(mappings), mappings, sizeof(mappings));
}

/* ---- counters ---- */

static void test_counters(void)
{
    enum { REQUESTS = 1, MISSES = 4, DIRECTORY = 5, FIRST = 7, SECOND = 8 };
    Rig r;
    iommu_on(&r);
    both_stages(&r);
    static const struct { uint64_t selector, per_read, after; } cases[] = {
        { REQUESTS, 1, 1 }, { MISSES, 1, 0 }, { DIRECTORY, 1, 0 }, { FIRST, 1, 0 }, { SECOND, 4, 0 }, { REQUESTS | UINT64_C(1) << 61 | (uint64_t)EDU << 36, 1, 1 },
        { REQUESTS | UINT64_C(1) << 61 | UINT64_C(25) << 36, 0, 0 }, { REQUESTS | UINT64_C(1) << 61 | UINT64_C(27) << 36 | 1 << 15, 1, 1 },
        { MISSES | UINT64_C(3) << 61 | (uint64_t)GSCID << 36, 1, 0 }, { MISSES | UINT64_C(3) << 61 | UINT64_C(1) << 36, 0, 0 }, { MISSES | UINT64_C(5) << 60 | PSCID << 16, 1, 0 },
        { REQUESTS | UINT64_C(1) << 62, 0, 0 },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
        set64(&r, EVT1 + 8 * n, cases[n].selector);
    }
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
            set64(&r, CTR1 + 8 * n, 100);
        }
        device_reads(&r, 0x1000);
        for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
            g_assert_cmpint(reg64(&r, CTR1 + 8 * n), ==, 100 + (round ? cases[n].after : cases[n].per_read));
        }
    }
    set(&r, INH, 2);
    device_reads(&r, 0x1000);
    g_assert_cmpint(reg64(&r, CTR1), ==, 101);
    set(&r, INH, 0);
    set64(&r, CTR1, UINT64_MAX);
    g_assert_cmphex(reg(&r, OVF), ==, 0);
    device_reads(&r, 0x1000);
    g_assert_cmpint(reg64(&r, CTR1), ==, 0);
    g_assert_cmphex(reg(&r, OVF), ==, 2);
    g_assert_cmphex(reg(&r, IPSR), ==, 4);
    end(&r);
}

static void test_cycles(void)
{
    Rig r;
    iommu_off(&r);
    set64(&r, CYCLES, 1000);
    qtest_clock_step(r.q, 500);
    g_assert_cmpint(reg64(&r, CYCLES), ==, 1500);
    set(&r, INH, 1);
    qtest_clock_step(r.q, 500);
    g_assert_cmpint(reg64(&r, CYCLES), ==, 1500);
    set64(&r, CYCLES, (UINT64_C(1) << 63) - 100);
    set(&r, INH, 0);
    qtest_clock_step(r.q, 99);
    g_assert_cmphex(reg(&r, IPSR), ==, 0);
    qtest_clock_step(r.q, 10);          /* the interrupt comes by itself */
    g_assert_cmphex(reg(&r, IPSR), ==, 4);
    g_assert_cmphex(reg(&r, OVF), ==, 1);
    g_assert_cmphex(reg64(&r, CYCLES), ==, UINT64_C(1) << 63 | 9);
    end(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/riscv-iommu/registers", test_registers);
    g_test_add_func("/riscv-iommu/properties-take-capabilities-away", test_properties_take_capabilities_away);
    g_test_add_func("/riscv-iommu/rv32-has-physical-addresses-of-34-bits", test_rv32_has_physical_addresses_of_34_bits);
    g_test_add_func("/riscv-iommu/off-refuses-and-bare-passes", test_off_refuses_and_bare_passes);
    g_test_add_func("/riscv-iommu/a-device-without-stages-passes", test_a_device_without_stages_passes);
    g_test_add_func("/riscv-iommu/device-directories", test_device_directories);
    g_test_add_func("/riscv-iommu/contexts-that-are-wrong", test_contexts_that_are_wrong);
    g_test_add_func("/riscv-iommu/contexts-stay-until-they-are-dropped", test_contexts_stay_until_they_are_dropped);
    g_test_add_func("/riscv-iommu/the-base-format", test_the_base_format);
    g_test_add_func("/riscv-iommu/a-wrong-command-stops-the-queue", test_a_wrong_command_stops_the_queue);
    g_test_add_func("/riscv-iommu/fences-store", test_fences_store);
    g_test_add_func("/riscv-iommu/hostile-queues", test_hostile_queues);
    g_test_add_func("/riscv-iommu/a-full-fault-queue-overflows", test_a_full_fault_queue_overflows);
    g_test_add_func("/riscv-iommu/wires", test_wires);
    g_test_add_func("/riscv-iommu/messages-of-the-iommu", test_messages_of_the_iommu);
    g_test_add_func("/riscv-iommu/the-pci-function", test_the_pci_function);
    g_test_add_func("/riscv-iommu/acpi-leads-pci-through-the-iommu", test_acpi_leads_pci_through_the_iommu);
    g_test_add_func("/riscv-iommu/acpi-leads-all-functions-but-the-iommu", test_acpi_leads_all_functions_but_the_iommu);
    g_test_add_func("/riscv-iommu/counters", test_counters);
    g_test_add_func("/riscv-iommu/cycles", test_cycles);
    return g_test_run();
}
