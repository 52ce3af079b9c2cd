/* Interrupt files and APLIC domains, register by register, without a hart: the test plays it. SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/intc/riscv_aia.h"
#include "riscv-fixture.h"

#define APLIC_M UINT64_C(0xc000000)
#define APLIC_S UINT64_C(0xd000000)
#define MSI_M UINT64_C(0x14000000)
#define MSI_S UINT64_C(0x15000000)
#define IMSIC_M UINT64_C(0x24000000)
#define IMSIC_S UINT64_C(0x28000000)
enum { HART_LINES = 127, DOMAINCFG = 0, SOURCECFG = 4, MMSIADDRCFG = 0x1bc0, SETIP = 0x1c00, SETIPNUM = 0x1cdc, IN_CLRIP = 0x1d00, CLRIPNUM = 0x1ddc, SETIE = 0x1e00, SETIENUM = 0x1edc,
       CLRIENUM = 0x1fdc, SETIPNUM_BE = 0x2004, GENMSI = 0x3000, TARGET = 0x3004, IDC = 0x4000, IDELIVERY = 0, IFORCE = 4, ITHRESHOLD = 8, TOPI = 0x18, CLAIMI = 0x1c };
enum { LINE_APLIC_M = 200, LINE_APLIC_S = 202 };

/* The hart: lines, and the ways to its files that the IMSIC gave. */
static const DeviceType fake_hart = { .name = "fake-hart", .parent = "sys-bus-device", .size = sizeof(SysBusDevice) };
REGISTER_DEVICE(fake_hart)
static const RiscvImsicOps *file_ops[4];
static void *file_opaque[4];

void riscv_hart_set_imsic(Cpu *cpu, unsigned file, const RiscvImsicOps *ops, void *opaque)
{
    file_ops[file] = ops;
    file_opaque[file] = opaque;
}

static Device *direct, *by_message;

static void build(void)
{
    GError *err = NULL;
    board_build();
    MemoryRegion *memory = &board.memory;
    Device *hart = device_new("fake-hart");
    device_add_irq_inputs(hart, NULL, line_set, NULL, HART_LINES);
    riscv_imsic_create(memory, IMSIC_M, &(RiscvImsicConfig){ true, 0, 1, 256 }, (Cpu *)hart, &err);
    riscv_imsic_create(memory, IMSIC_S, &(RiscvImsicConfig){ false, 0, 3, 256 }, (Cpu *)hart, &err);
    RiscvAplicConfig config = { .size = 0x8000, .num_harts = 2, .iprio_mask = 7, .num_irqs = 97, .machine_level = true };
    direct = riscv_aplic_create(memory, APLIC_M, &config, NULL, &err);
    config.machine_level = false;
    Device *child = riscv_aplic_create(memory, APLIC_S, &config, direct, &err);
    g_assert_no_error(err);
    for (int n = 0; n < 2; n++) {
        device_connect_irq(direct, NULL, n, &lines[LINE_APLIC_M + n]);
        device_connect_irq(child, NULL, n, &lines[LINE_APLIC_S + n]);
    }
    RiscvAplicConfig msi = { .size = 0x8000, .iprio_mask = 7, .num_irqs = 97, .by_message = true, .machine_level = true, .messages = &board.memory_space };
    by_message = riscv_aplic_create(memory, MSI_M, &msi, NULL, &err);
    msi.machine_level = false;
    riscv_aplic_create(memory, MSI_S, &msi, by_message, &err);
    g_assert_no_error(err);
}

static uint64_t file_change(unsigned file, unsigned select, uint64_t value, uint64_t mask)
{
    uint64_t old = 0;
    g_assert_true(file_ops[file]->access(file_opaque[file], file, select, 64, &old, value, mask));
    return old;
}
static uint64_t file_read(unsigned file, unsigned select) { return file_change(file, select, 0, 0); }
static void file_write(unsigned file, unsigned select, uint64_t value) { file_change(file, select, value, UINT64_MAX); }

/* ---- IMSIC ---- */

static void test_message_pends_and_interrupts_when_enabled(void)
{
    reset_all();
    store32(IMSIC_S, 5);
    g_assert_cmphex(file_read(RISCV_FILE_S, 0x80), ==, 1 << 5);
    g_assert_cmpint(line_level[RISCV_IRQ_S_EXT], ==, 0);
    file_write(RISCV_FILE_S, 0xc0, UINT64_MAX);
    file_write(RISCV_FILE_S, 0x70, 1);
    g_assert_cmphex(file_read(RISCV_FILE_S, 0xc0), ==, ~UINT64_C(1));
    g_assert_cmpint(line_level[RISCV_IRQ_S_EXT], ==, 1);
    g_assert_cmphex(file_ops[1]->topei(file_opaque[1], RISCV_FILE_S, false), ==, 5 << 16 | 5);
    g_assert_cmphex(file_ops[1]->topei(file_opaque[1], RISCV_FILE_S, true), ==, 5 << 16 | 5);
    g_assert_cmpint(line_level[RISCV_IRQ_S_EXT], ==, 0);
    g_assert_cmphex(file_ops[1]->topei(file_opaque[1], RISCV_FILE_S, true), ==, 0);
    g_assert_cmphex(load32(IMSIC_S), ==, 0);
}

static void test_big_endian_and_guest_pages(void)
{
    reset_all();
    store32(IMSIC_M + 4, 0x07000000);
    g_assert_cmphex(file_read(RISCV_FILE_M, 0x80), ==, 1 << 7);
    file_write(RISCV_FILE_GUEST_FIRST + 1, 0xc2, 1);
    file_write(RISCV_FILE_GUEST_FIRST + 1, 0x70, 1);
    store32(IMSIC_S + 0x2000, 64);
    g_assert_cmpint(line_level[RISCV_IRQ_GUEST_FIRST + 1], ==, 1);
    g_assert_cmpint(line_level[RISCV_IRQ_GUEST_FIRST], ==, 0);
    g_assert_cmpint(line_level[RISCV_IRQ_S_EXT], ==, 0);
}

static void test_threshold_and_bounds_of_identities(void)
{
    reset_all();
    file_write(RISCV_FILE_M, 0x70, 3);
    g_assert_cmphex(file_read(RISCV_FILE_M, 0x70), ==, 1);
    file_write(RISCV_FILE_M, 0xc0, UINT64_MAX);
    file_write(RISCV_FILE_M, 0x72, UINT64_MAX);
    g_assert_cmphex(file_read(RISCV_FILE_M, 0x72), ==, 255);
    file_write(RISCV_FILE_M, 0x72, 9);
    static const uint32_t wild[] = { 0, 256, 257, 2048, UINT32_MAX };
    for (size_t n = 0; n < G_N_ELEMENTS(wild); n++) {
        store32(IMSIC_M, wild[n]);
    }
    g_assert_cmpint(line_level[RISCV_IRQ_M_EXT], ==, 0);
    store32(IMSIC_M, 9);
    g_assert_cmpint(line_level[RISCV_IRQ_M_EXT], ==, 0);
    store32(IMSIC_M, 8);
    g_assert_cmpint(line_level[RISCV_IRQ_M_EXT], ==, 1);
    uint64_t old;
    g_assert_false(file_ops[0]->access(file_opaque[0], RISCV_FILE_M, 0x81, 64, &old, 0, 0));
    g_assert_true(file_ops[0]->access(file_opaque[0], RISCV_FILE_M, 0x81, 32, &old, 0, 0));
    g_assert_true(file_ops[0]->access(file_opaque[0], RISCV_FILE_M, 0xbe, 64, &old, UINT64_MAX, UINT64_MAX));
    g_assert_cmphex(old, ==, 0);
    g_assert_false(file_ops[0]->access(file_opaque[0], RISCV_FILE_M, 0x71, 64, &old, 0, 0));
    g_assert_false(file_ops[1]->access(file_opaque[1], RISCV_FILE_GUEST_FIRST + 2, 0x70, 64, &old, 0, 0));
}

/* ---- APLIC, direct ---- */

static void test_fixed_bits_and_legal_values(void)
{
    reset_all();
    store32(APLIC_M, 0xffffffff);
    g_assert_cmphex(load32(APLIC_M), ==, 0x80000100);
    g_assert_cmphex(load32(MSI_M), ==, 0x80000004);
    static const struct { uint32_t written, read; } modes[] = { { 0xffffffff, 0x7ff }, { 1, 1 }, { 2, 0 }, { 3, 0 }, { 4, 4 }, { 7, 7 }, { 0xf, 7 }, { 0, 0 } };
    for (size_t n = 0; n < G_N_ELEMENTS(modes); n++) {
        store32(APLIC_M + SOURCECFG, modes[n].written);
        g_assert_cmphex(load32(APLIC_M + SOURCECFG), ==, modes[n].read);
    }
    store32(APLIC_S + SOURCECFG, 6);
    g_assert_cmphex(load32(APLIC_S + SOURCECFG), ==, 0);        /* not delegated */
    store32(APLIC_M + SOURCECFG, 0x400);
    store32(APLIC_S + SOURCECFG, 6);
    g_assert_cmphex(load32(APLIC_S + SOURCECFG), ==, 6);
    store32(APLIC_S + SOURCECFG, 0x400);
    g_assert_cmphex(load32(APLIC_S + SOURCECFG), ==, 0);        /* a leaf has no child */
    store32(APLIC_M + SOURCECFG + 4 * 96, 6);
    g_assert_cmphex(load32(APLIC_M + SOURCECFG + 4 * 96), ==, 0);
    store32(APLIC_M + SOURCECFG + 4, 6);
    store32(APLIC_M + TARGET + 4, 0xffffffff);
    g_assert_cmphex(load32(APLIC_M + TARGET + 4), ==, 0xfffc0007);
    store32(APLIC_M + TARGET + 4, 0);
    g_assert_cmphex(load32(APLIC_M + TARGET + 4), ==, 1);
}

static void prepare_direct(void)
{
    reset_all();
    store32(APLIC_M, 0x100);
    store32(APLIC_M + IDC + IDELIVERY, 1);
    static const uint32_t modes[] = { 0, 4, 6, 7, 1 };          /* sources 1 to 4 */
    for (unsigned n = 1; n <= 4; n++) {
        store32(APLIC_M + SOURCECFG + 4 * (n - 1), modes[n]);
        store32(APLIC_M + TARGET + 4 * (n - 1), 5 - n);
    }
}

static void test_levels_follow_and_edges_stay(void)
{
    prepare_direct();
    g_assert_cmphex(load32(APLIC_M + SETIP), ==, 1 << 3);       /* level low, and the line is */
    irq_raise(input(direct, 1));
    irq_raise(input(direct, 2));
    irq_raise(input(direct, 3));
    g_assert_cmphex(load32(APLIC_M + IN_CLRIP), ==, 1 << 1 | 1 << 2);
    g_assert_cmphex(load32(APLIC_M + SETIP), ==, 1 << 1 | 1 << 2);
    irq_lower(input(direct, 1));
    irq_lower(input(direct, 2));
    g_assert_cmphex(load32(APLIC_M + SETIP), ==, 1 << 1);
    store32(APLIC_M + SETIPNUM, 2);
    store32(APLIC_M + SETIPNUM_BE, 0x04000000);
    store32(APLIC_M + SETIPNUM, 5000);
    g_assert_cmphex(load32(APLIC_M + SETIP), ==, 1 << 1 | 1 << 4);
    store32(APLIC_M + CLRIPNUM, 1);
    store32(APLIC_M + IN_CLRIP, 1 << 4);
    g_assert_cmphex(load32(APLIC_M + SETIP), ==, 0);
}

static void test_claim_takes_the_best_and_threshold_holds_back(void)
{
    prepare_direct();
    store32(APLIC_M + SETIE, 0xffffffff);
    g_assert_cmphex(load32(APLIC_M + SETIE), ==, 0x1e);
    store32(APLIC_M + CLRIENUM, 3);
    irq_raise(input(direct, 1));
    store32(APLIC_M + SETIPNUM, 4);
    g_assert_cmpint(line_level[LINE_APLIC_M], ==, 1);
    g_assert_cmpint(line_level[LINE_APLIC_M + 1], ==, 0);
    g_assert_cmphex(load32(APLIC_M + IDC + TOPI), ==, 4 << 16 | 1);
    store32(APLIC_M + IDC + ITHRESHOLD, 1);
    g_assert_cmphex(load32(APLIC_M + IDC + TOPI), ==, 0);
    g_assert_cmpint(line_level[LINE_APLIC_M], ==, 0);
    store32(APLIC_M + IDC + ITHRESHOLD, 0);
    g_assert_cmphex(load32(APLIC_M + IDC + CLAIMI), ==, 4 << 16 | 1);
    g_assert_cmphex(load32(APLIC_M + IDC + CLAIMI), ==, 1 << 16 | 4);
    g_assert_cmpint(line_level[LINE_APLIC_M], ==, 0);
    store32(APLIC_M + IDC + IFORCE, 1);
    g_assert_cmpint(line_level[LINE_APLIC_M], ==, 1);
    g_assert_cmphex(load32(APLIC_M + IDC + CLAIMI), ==, 0);
    g_assert_cmpint(line_level[LINE_APLIC_M], ==, 0);
    irq_raise(input(direct, 2));
    g_assert_cmphex(load32(APLIC_M + IDC + CLAIMI), ==, 2 << 16 | 3);
    g_assert_cmpint(line_level[LINE_APLIC_M], ==, 1);           /* the level is still there */
    store32(APLIC_M, 0);
    g_assert_cmpint(line_level[LINE_APLIC_M], ==, 0);
}

static void test_delegated_source_reaches_the_child_alone(void)
{
    reset_all();
    store32(APLIC_M + SOURCECFG, 0x400);
    store32(APLIC_S, 0x100);
    store32(APLIC_S + SOURCECFG, 6);
    store32(APLIC_S + TARGET, 1u << 18 | 1);
    store32(APLIC_S + SETIENUM, 1);
    store32(APLIC_S + IDC + 32 + IDELIVERY, 1);
    irq_raise(input(direct, 1));
    g_assert_cmpint(line_level[LINE_APLIC_S + 1], ==, 1);
    g_assert_cmphex(load32(APLIC_M + SETIP), ==, 0);
    store32(APLIC_M + SOURCECFG, 6);                            /* taken back */
    g_assert_cmpint(line_level[LINE_APLIC_S + 1], ==, 0);
    g_assert_cmphex(load32(APLIC_S + SOURCECFG), ==, 0);
    g_assert_cmphex(load32(APLIC_M + SETIP), ==, 2);
}

/* ---- APLIC, by messages ---- */

static void test_source_becomes_a_message(void)
{
    reset_all();
    static const uint32_t where[] = { 0x24000, 0, 0x28000, 0x200000 };  /* the S files are 4 pages apart */
    for (unsigned n = 0; n < 4; n++) {
        store32(MSI_M + MMSIADDRCFG + 4 * n, where[n]);
    }
    store32(MSI_M + SOURCECFG, 0x400);
    store32(MSI_S, 0x100);
    store32(MSI_S + SOURCECFG, 6);
    store32(MSI_S + TARGET, 1 << 12 | 42);                      /* guest 1 */
    irq_raise(input(by_message, 1));
    g_assert_cmphex(load32(MSI_S + SETIP), ==, 2);
    store32(MSI_S + SETIENUM, 1);
    g_assert_cmphex(load32(MSI_S + SETIP), ==, 0);
    g_assert_cmphex(file_read(RISCV_FILE_GUEST_FIRST, 0x80), ==, UINT64_C(1) << 42);
    file_write(RISCV_FILE_GUEST_FIRST, 0x80, 0);
    store32(MSI_S + SETIPNUM, 1);                               /* the line is high: once more */
    g_assert_cmphex(file_read(RISCV_FILE_GUEST_FIRST, 0x80), ==, UINT64_C(1) << 42);
    irq_lower(input(by_message, 1));
    file_write(RISCV_FILE_GUEST_FIRST, 0x80, 0);
    store32(MSI_S + SETIPNUM, 1);
    g_assert_cmphex(file_read(RISCV_FILE_GUEST_FIRST, 0x80), ==, 0);
    store32(MSI_M + GENMSI, 3);
    g_assert_cmphex(file_read(RISCV_FILE_M, 0x80), ==, 1 << 3);
    store32(MSI_M + MMSIADDRCFG + 4, 0x80000000);               /* locked from here */
    store32(MSI_M + MMSIADDRCFG, 0);
    g_assert_cmphex(load32(MSI_M + MMSIADDRCFG), ==, 0x24000);
    store32(MSI_S + GENMSI, 0xffffffff);                        /* a hart that is not there */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    build();
    g_test_add_func("/riscv-aia/imsic/message-pends-and-interrupts-when-enabled", test_message_pends_and_interrupts_when_enabled);
    g_test_add_func("/riscv-aia/imsic/big-endian-and-guest-pages", test_big_endian_and_guest_pages);
    g_test_add_func("/riscv-aia/imsic/threshold-and-bounds-of-identities", test_threshold_and_bounds_of_identities);
    g_test_add_func("/riscv-aia/aplic/fixed-bits-and-legal-values", test_fixed_bits_and_legal_values);
    g_test_add_func("/riscv-aia/aplic/levels-follow-and-edges-stay", test_levels_follow_and_edges_stay);
    g_test_add_func("/riscv-aia/aplic/claim-takes-the-best-and-threshold-holds-back", test_claim_takes_the_best_and_threshold_holds_back);
    g_test_add_func("/riscv-aia/aplic/delegated-source-reaches-the-child-alone", test_delegated_source_reaches_the_child_alone);
    g_test_add_func("/riscv-aia/aplic/source-becomes-a-message", test_source_becomes_a_message);
    return g_test_run();
}
