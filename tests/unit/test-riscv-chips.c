/* The chips of RISC-V boards, register by register. SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/intc/riscv_aclint.h"
#include "hw/intc/sifive_plic.h"
#include "hw/misc/sifive_test.h"
#include "hw/rtc/goldfish_rtc.h"
#include "riscv-fixture.h"

#define MSWI UINT64_C(0x2000000)
#define MTIMER UINT64_C(0x2004000)
#define SSWI UINT64_C(0x2f00000)
#define PLIC UINT64_C(0xc000000)
#define RTC UINT64_C(0x101000)
#define FINISHER UINT64_C(0x100000)
enum { HARTS = 2, LINE_MSWI = 0, LINE_MTIMER = 10, LINE_SSWI = 20, LINE_PLIC_S = 30, LINE_PLIC_M = 32, LINE_RTC = 40, SOURCES = 96 };

static Device *plic, *mtimer;
static int jumps;

static void time_jumped(void *opaque) { jumps++; }

static void connect(Device *dev, int first, int count)
{
    for (int n = 0; n < count; n++) {
        device_connect_irq(dev, NULL, n, &lines[first + n]);
    }
}

static void build(void)
{
    GError *err = NULL;
    board_build();
    MemoryRegion *memory = &board.memory;
    connect(riscv_aclint_swi_create(memory, MSWI, 0, HARTS, false, &err), LINE_MSWI, HARTS);
    connect(riscv_aclint_swi_create(memory, SSWI, 0, HARTS, true, &err), LINE_SSWI, HARTS);
    mtimer = riscv_aclint_mtimer_create(memory, &(AclintMtimerLayout){ MTIMER, ACLINT_MTIMER_SIZE, ACLINT_MTIMECMP, ACLINT_MTIME, ACLINT_TIMEBASE_HZ }, 0, HARTS, &err);
    connect(mtimer, LINE_MTIMER, HARTS);
    riscv_aclint_mtimer_set_jump_hook(mtimer, time_jumped, NULL);
    plic = sifive_plic_create(memory, PLIC, &(SifivePlicConfig){ "MS,MS", 0, SOURCES, 7, 0, 0x1000, 0x2000, 0x80, 0x200000, 0x1000, 0x600000 }, &err);
    connect(plic, LINE_PLIC_S, 2 * HARTS);
    g_assert_nonnull(goldfish_rtc_create(memory, RTC, &lines[LINE_RTC], &err));
    g_assert_nonnull(sifive_test_create(memory, FINISHER, &err));
    g_assert_no_error(err);
}

/* ---- software interrupts ---- */

static void test_msip_is_bit_0_and_drives_the_line(void)
{
    reset_all();
    store32(MSWI + 4, 0xfffffffe);
    g_assert_cmphex(load32(MSWI + 4), ==, 0);
    store32(MSWI + 4, 0xffffffff);
    g_assert_cmphex(load32(MSWI + 4), ==, 1);
    g_assert_cmpint(line_level[LINE_MSWI + 1], ==, 1);
    g_assert_cmpint(line_level[LINE_MSWI], ==, 0);
    store32(MSWI + 4 * HARTS, 1);
    g_assert_cmphex(load32(MSWI + 4 * HARTS), ==, 0);
    reset_all();
    g_assert_cmpint(line_level[LINE_MSWI + 1], ==, 0);
}

static void test_sswi_raises_and_reads_zero(void)
{
    reset_all();
    store32(SSWI, 0);
    g_assert_cmpint(line_level[LINE_SSWI], ==, 0);
    store32(SSWI, 1);
    store32(SSWI, 0);
    g_assert_cmpint(line_level[LINE_SSWI], ==, 1);          /* the bit is the hart's now */
    g_assert_cmphex(load32(SSWI), ==, 0);
}

/* ---- the timer ---- */

static void test_mtime_counts_and_can_be_set_by_halves(void)
{
    reset_all();
    g_assert_cmphex(load(MTIMER + 0x7ff8, 8), ==, 0);
    step_ns(1000);
    g_assert_cmphex(load(MTIMER + 0x7ff8, 8), ==, 10);
    jumps = 0;
    store(MTIMER + 0x7ff8, UINT64_C(0x123456789abcdef), 8);
    store32(MTIMER + 0x7ff8, 0x11111111);
    store32(MTIMER + 0x7ffc, 0x2222);
    g_assert_cmphex(load(MTIMER + 0x7ff8, 8), ==, UINT64_C(0x222211111111));
    g_assert_cmphex(load32(MTIMER + 0x7ffc), ==, 0x2222);
    g_assert_cmphex(riscv_aclint_mtimer_time(mtimer), ==, UINT64_C(0x222211111111));
    g_assert_cmpint(jumps, ==, 3);
}

static void test_mtip_is_the_level_of_the_comparison(void)
{
    reset_all();
    g_assert_cmpint(line_level[LINE_MTIMER], ==, 1);
    store(MTIMER, 100, 8);
    g_assert_cmpint(line_level[LINE_MTIMER], ==, 0);
    step_ns(9999);
    g_assert_cmpint(line_level[LINE_MTIMER], ==, 0);
    step_ns(1);
    g_assert_cmpint(line_level[LINE_MTIMER], ==, 1);
    store32(MTIMER + 4, 1);
    g_assert_cmphex(load(MTIMER, 8), ==, UINT64_C(0x100000064));
    g_assert_cmpint(line_level[LINE_MTIMER], ==, 0);
    store(MTIMER + 0x7ff8, UINT64_C(0x100000064), 8);
    g_assert_cmpint(line_level[LINE_MTIMER], ==, 1);
    store(MTIMER, UINT64_MAX, 8);
    step_ns(NS_PER_S);
    g_assert_cmpint(line_level[LINE_MTIMER], ==, 0);
}

/* ---- PLIC ---- */

enum { CLAIM0 = 0x200004, CLAIM1 = 0x201004 };

static void test_plic_fields_keep_the_bits_that_there_are(void)
{
    reset_all();
    store32(PLIC + 4, 0xffffffff);
    g_assert_cmphex(load32(PLIC + 4), ==, 7);
    store32(PLIC, 7);
    g_assert_cmphex(load32(PLIC), ==, 0);
    store32(PLIC + 0x200000, 0x15);
    g_assert_cmphex(load32(PLIC + 0x200000), ==, 5);
    for (int word = 0; word < 5; word++) {
        store32(PLIC + 0x2000 + 4 * (unsigned)word, 0xffffffff);
        g_assert_cmphex(load32(PLIC + 0x2000 + 4 * (unsigned)word), ==, word == 0 ? 0xfffffffe : word < 3 ? 0xffffffff : 0);
    }
    store32(PLIC + 0x1000, 0xffffffff);
    g_assert_cmphex(load32(PLIC + 0x1000), ==, 0);
}

/* Source n on context 1, hart 0's supervisor mode. */
static void enable_source(int n, uint32_t priority)
{
    store32(PLIC + 4 * (unsigned)n, priority);
    uint64_t word = PLIC + 0x2080 + 4 * (unsigned)(n / 32);
    store32(word, load32(word) | 1u << n % 32);
}

static void test_plic_claims_by_priority_then_number(void)
{
    reset_all();
    enable_source(33, 3);
    enable_source(10, 3);
    enable_source(11, 5);
    int sources[] = { 33, 10, 11 };
    for (int i = 0; i < 3; i++) {
        irq_raise(input(plic, sources[i]));
    }
    g_assert_cmpint(line_level[LINE_PLIC_S], ==, 1);
    g_assert_cmpint(line_level[LINE_PLIC_M], ==, 0);
    g_assert_cmpint(line_level[LINE_PLIC_S + 1], ==, 0);
    g_assert_cmpuint(load32(PLIC + CLAIM0), ==, 0);
    g_assert_cmpuint(load32(PLIC + CLAIM1), ==, 11);
    g_assert_cmpuint(load32(PLIC + CLAIM1), ==, 10);
    g_assert_cmpuint(load32(PLIC + CLAIM1), ==, 33);
    g_assert_cmpuint(load32(PLIC + CLAIM1), ==, 0);
    g_assert_cmpint(line_level[LINE_PLIC_S], ==, 0);
}

static void test_plic_threshold_and_priority_zero_hold_back(void)
{
    reset_all();
    enable_source(1, 5);
    irq_raise(input(plic, 1));
    store32(PLIC + 0x201000, 5);
    g_assert_cmpint(line_level[LINE_PLIC_S], ==, 0);
    g_assert_cmpuint(load32(PLIC + CLAIM1), ==, 0);
    store32(PLIC + 0x201000, 4);
    g_assert_cmpint(line_level[LINE_PLIC_S], ==, 1);
    store32(PLIC + 0x201000, 0);
    store32(PLIC + 4, 0);
    g_assert_cmpint(line_level[LINE_PLIC_S], ==, 0);
    g_assert_cmphex(load32(PLIC + 0x1000), ==, 2);
}

static void test_plic_gateway_opens_at_completion(void)
{
    reset_all();
    enable_source(1, 1);
    irq_raise(input(plic, 1));
    irq_lower(input(plic, 1));
    g_assert_cmphex(load32(PLIC + 0x1000), ==, 2);          /* a request once passed on stays */
    irq_raise(input(plic, 1));
    g_assert_cmpuint(load32(PLIC + CLAIM1), ==, 1);
    g_assert_cmphex(load32(PLIC + 0x1000), ==, 0);
    store32(PLIC + CLAIM0, 1);                              /* not enabled there: no completion */
    g_assert_cmpuint(load32(PLIC + CLAIM1), ==, 0);
    store32(PLIC + CLAIM1, 1);                              /* the line is still high */
    g_assert_cmpint(line_level[LINE_PLIC_S], ==, 1);
    g_assert_cmpuint(load32(PLIC + CLAIM1), ==, 1);
    irq_lower(input(plic, 1));
    store32(PLIC + CLAIM1, 1);
    g_assert_cmpint(line_level[LINE_PLIC_S], ==, 0);
    store32(PLIC + CLAIM1, 0xffffffff);
    store32(PLIC + CLAIM1, SOURCES);
}

static void test_plic_refuses_what_does_not_fit(void)
{
    static const SifivePlicConfig good = { "MS", 0, SOURCES, 7, 0, 0x1000, 0x2000, 0x80, 0x200000, 0x1000, 0x600000 };
    SifivePlicConfig bad[] = { good, good, good, good };
    bad[0].hart_config = "MX";
    bad[1].num_sources = 1025;
    bad[2].enable_stride = 0;
    bad[3].hart_config = "";
    for (size_t n = 0; n < G_N_ELEMENTS(bad); n++) {
        g_autoptr(GError) err = NULL;
        g_assert_null(sifive_plic_create(&board.memory, UINT64_C(0x40000000), &bad[n], &err));
        g_assert_nonnull(err);
    }
}

/* ---- the clock ---- */

static void test_rtc_latches_the_high_half(void)
{
    reset_all();
    uint64_t low = load32(RTC), high = load32(RTC + 4), now = (uint64_t)g_get_real_time() * 1000;
    uint64_t seen = high << 32 | low;
    g_assert_cmpuint(now - seen, <, 2 * NS_PER_S);
    store32(RTC, 0);
    store32(RTC + 4, 0x100);
    load32(RTC);
    g_assert_cmphex(load32(RTC + 4), ==, 0x100);
}

static void test_rtc_alarm_raises_the_line_when_enabled(void)
{
    reset_all();
    store32(RTC + 4, 0x100);
    store32(RTC, 0);
    store32(RTC + 0x10, 0xff);
    g_assert_cmphex(load32(RTC + 0x10), ==, 1);
    store32(RTC + 0xc, 0x101);
    store32(RTC + 8, 5);
    g_assert_cmphex(load32(RTC + 0x18), ==, 1);
    g_assert_cmphex(load32(RTC + 8), ==, 5);
    g_assert_cmphex(load32(RTC + 0xc), ==, 0x101);
    g_assert_cmpint(line_level[LINE_RTC], ==, 0);
    step_ns(INT64_C(0x100000000) + NS_PER_MS);
    g_assert_cmpint(line_level[LINE_RTC], ==, 1);
    g_assert_cmphex(load32(RTC + 0x18), ==, 0);
    store32(RTC + 0x1c, 1);
    g_assert_cmpint(line_level[LINE_RTC], ==, 0);
    store32(RTC + 0xc, 0);
    store32(RTC + 8, 0);                                    /* long past: at once */
    g_assert_cmpint(line_level[LINE_RTC], ==, 1);
    store32(RTC + 0x10, 0);
    g_assert_cmpint(line_level[LINE_RTC], ==, 0);
    store32(RTC + 0xc, 0xffffffff);
    store32(RTC + 8, 0xffffffff);
    store32(RTC + 0x14, 1);
    g_assert_cmphex(load32(RTC + 0x18), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    build();
    g_test_add_func("/riscv-chips/mswi/msip-is-bit-0-and-drives-the-line", test_msip_is_bit_0_and_drives_the_line);
    g_test_add_func("/riscv-chips/sswi/raises-and-reads-zero", test_sswi_raises_and_reads_zero);
    g_test_add_func("/riscv-chips/mtimer/mtime-counts-and-can-be-set-by-halves", test_mtime_counts_and_can_be_set_by_halves);
    g_test_add_func("/riscv-chips/mtimer/mtip-is-the-level-of-the-comparison", test_mtip_is_the_level_of_the_comparison);
    g_test_add_func("/riscv-chips/plic/fields-keep-the-bits-that-there-are", test_plic_fields_keep_the_bits_that_there_are);
    g_test_add_func("/riscv-chips/plic/claims-by-priority-then-number", test_plic_claims_by_priority_then_number);
    g_test_add_func("/riscv-chips/plic/threshold-and-priority-zero-hold-back", test_plic_threshold_and_priority_zero_hold_back);
    g_test_add_func("/riscv-chips/plic/gateway-opens-at-completion", test_plic_gateway_opens_at_completion);
    g_test_add_func("/riscv-chips/plic/refuses-what-does-not-fit", test_plic_refuses_what_does_not_fit);
    g_test_add_func("/riscv-chips/rtc/latches-the-high-half", test_rtc_latches_the_high_half);
    g_test_add_func("/riscv-chips/rtc/alarm-raises-the-line-when-enabled", test_rtc_alarm_raises_the_line_when_enabled);
    return g_test_run();
}
