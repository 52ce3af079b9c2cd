/* The PrimeCells of Arm boards, register by register. SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/char/pl011.h"
#include "hw/gpio/pl061.h"
#include "hw/rtc/pl031.h"
#include "riscv-fixture.h"

#define UART UINT64_C(0x9000000)
#define RTC UINT64_C(0x9010000)
#define GPIO UINT64_C(0x9030000)
enum { LINE_UART = 0, LINE_UART_PARTS = 1, LINE_RTC = 10, LINE_GPIO = 20, LINE_GPIO_OUT = 24, LINE_UNPULLED = 40 };
enum { DR = 0x00, RSR = 0x04, FR = 0x18, IBRD = 0x24, FBRD = 0x28, LCR_H = 0x2c, CR = 0x30, IFLS = 0x34, IMSC = 0x38, RIS = 0x3c, MIS = 0x40, ICR = 0x44, DMACR = 0x48 };
enum { GDIR = 0x400, IS = 0x404, IBE = 0x408, IEV = 0x40c, IE = 0x410, GRIS = 0x414, GMIS = 0x418, IC = 0x41c, AFSEL = 0x420 };

static Device *gpio;
static Irq *key;

static void build(void)
{
    GError *err = NULL;
    board_build();
    Chardev *ring = chardev_add("ringbuf,id=line", &err);
    Device *uart = pl011_create(&board.memory, UART, &lines[LINE_UART], ring, &err);
    for (int n = 1; n < 6; n++) {
        sysbus_connect_irq((SysBusDevice *)uart, n, &lines[LINE_UART_PARTS + n]);
    }
    g_assert_nonnull(pl031_create(&board.memory, RTC, &lines[LINE_RTC], &err));
    gpio = pl061_create(&board.memory, GPIO, &lines[LINE_GPIO], 0x40, 0x80, &err);
    for (int n = 0; n < PL061_LINES; n++) {
        device_connect_irq(gpio, NULL, n, &lines[LINE_GPIO_OUT + n]);
    }
    key = device_irq_input(gpio_key_create(device_irq_input(gpio, NULL, 3), &err), NULL, 0);
    g_assert_no_error(err);
}

static void assert_primecell(uint64_t base, uint8_t part)
{
    static const uint8_t cell[] = { 0x0d, 0xf0, 0x05, 0xb1 };
    g_assert_cmphex(load32(base + 0xfe0), ==, part);
    g_assert_cmphex(load32(base + 0xfe4), ==, 0x10);
    for (unsigned n = 0; n < 4; n++) {
        g_assert_cmphex(load32(base + 0xff0 + 4 * n), ==, cell[n]);
    }
}

static void test_each_names_itself(void)
{
    assert_primecell(UART, 0x11);
    assert_primecell(RTC, 0x31);
    assert_primecell(GPIO, 0x61);
}

/* ---- the UART ---- */

static void assert_sent(const char *text)
{
    size_t len;
    g_autofree char *sent = chardev_ring_read("line", 100, &len, NULL);
    g_assert_cmpmem(sent, len, text, strlen(text));
}

static void test_uart_registers_have_the_manuals_reset_values(void)
{
    reset_all();
    g_assert_cmphex(load32(UART + FR), ==, 0x90);
    g_assert_cmphex(load32(UART + CR), ==, 0x300);
    g_assert_cmphex(load32(UART + IFLS), ==, 0x12);
    static const uint16_t zero[] = { RSR, 0x20, IBRD, FBRD, LCR_H, IMSC, RIS, MIS, DMACR };
    for (size_t n = 0; n < G_N_ELEMENTS(zero); n++) {
        g_assert_cmphex(load32(UART + zero[n]), ==, 0);
    }
}

static void test_uart_fields_keep_the_bits_that_there_are(void)
{
    reset_all();
    store32(UART + IBRD, 0x12345);
    store32(UART + FBRD, 0xfff);
    store32(UART + IMSC, 0xffffffff);
    store32(UART + DMACR, 4);
    g_assert_cmphex(load32(UART + IBRD), ==, 0x2345);
    g_assert_cmphex(load32(UART + FBRD), ==, 0x3f);
    g_assert_cmphex(load32(UART + IMSC), ==, 0x7ff);
    g_assert_cmphex(load32(UART + DMACR), ==, 4);
    store32(UART + FR, 0xffff);
    g_assert_cmphex(load32(UART + FR), ==, 0x90);
}

static void test_uart_sends_and_interrupts(void)
{
    reset_all();
    store(UART + DR, 'a', 1);
    g_assert_cmphex(load32(UART + RIS), ==, 0x20);
    g_assert_cmpint(line_level[LINE_UART], ==, 0);
    store32(UART + IMSC, 0x20);
    g_assert_cmpint(line_level[LINE_UART], ==, 1);
    g_assert_cmpint(line_level[LINE_UART_PARTS + 2], ==, 1);
    g_assert_cmpint(line_level[LINE_UART_PARTS + 1], ==, 0);
    g_assert_cmphex(load32(UART + MIS), ==, 0x20);
    store32(UART + ICR, 0x20);
    g_assert_cmpint(line_level[LINE_UART], ==, 0);
    store32(UART + DR, 'b');
    g_assert_cmpint(line_level[LINE_UART], ==, 1);
    assert_sent("ab");
}

/* Loop-back is the receiver's test bench: what is sent comes in. */
static void test_uart_receives_into_a_fifo_of_sixteen(void)
{
    reset_all();
    store32(UART + LCR_H, 0x70);
    store32(UART + CR, 0x381);
    store32(UART + IMSC, 0x10);
    for (uint32_t n = 0; n < 16; n++) {
        g_assert_cmphex(load32(UART + FR) & 0x40, ==, 0);
        store32(UART + DR, '0' + n);
    }
    g_assert_cmphex(load32(UART + FR) & 0x50, ==, 0x40);
    g_assert_cmpint(line_level[LINE_UART_PARTS + 1], ==, 1);
    store32(UART + DR, 'x');                                /* one too many */
    g_assert_cmphex(load32(UART + RIS) & 0x400, ==, 0x400);
    for (uint32_t n = 0; n < 16; n++) {
        g_assert_cmphex(load32(UART + DR), ==, ('0' + n) | (n == 15 ? 0x800 : 0));
    }
    g_assert_cmphex(load32(UART + RSR), ==, 8);
    store32(UART + RSR, 0);
    g_assert_cmphex(load32(UART + RSR), ==, 0);
    g_assert_cmphex(load32(UART + FR) & 0x50, ==, 0x10);
    g_assert_cmpint(line_level[LINE_UART_PARTS + 1], ==, 0);
    assert_sent("");
}

static void test_uart_without_fifos_holds_one(void)
{
    reset_all();
    store32(UART + CR, 0x380);
    store32(UART + DR, 'a');
    g_assert_cmphex(load32(UART + FR) & 0x50, ==, 0x40);
    store32(UART + LCR_H, 0x10);                            /* turning them on empties them */
    g_assert_cmphex(load32(UART + FR) & 0x50, ==, 0x10);
}

static void test_uart_loops_modem_lines(void)
{
    reset_all();
    store32(UART + CR, 0x380 | 0x800);                      /* RTS to CTS */
    g_assert_cmphex(load32(UART + FR) & 0x107, ==, 1);
    g_assert_cmphex(load32(UART + RIS) & 0xf, ==, 2);
    store32(UART + IMSC, 2);
    g_assert_cmpint(line_level[LINE_UART_PARTS + 4], ==, 1);
    store32(UART + ICR, 2);
    g_assert_cmpint(line_level[LINE_UART_PARTS + 4], ==, 0);
    store32(UART + CR, 0x380 | 0x3400);                     /* DTR, OUT1, OUT2 to DSR, DCD, RI */
    g_assert_cmphex(load32(UART + FR) & 0x107, ==, 0x106);
    g_assert_cmphex(load32(UART + RIS) & 0xf, ==, 0xf);
}

/* ---- the clock ---- */

static void test_rtc_alarm_comes_at_the_match(void)
{
    reset_all();
    store32(RTC + 8, 1000);
    g_assert_cmpuint(load32(RTC), ==, 1000);
    g_assert_cmpuint(load32(RTC + 8), ==, 1000);
    g_assert_cmphex(load32(RTC + 0xc), ==, 1);
    store32(RTC + 4, 1003);
    store32(RTC + 0x10, 0xff);
    g_assert_cmphex(load32(RTC + 0x10), ==, 1);
    step_ns(1900 * NS_PER_MS);
    g_assert_cmpint(line_level[LINE_RTC], ==, 0);
    step_ns(1200 * NS_PER_MS);
    g_assert_cmpint(line_level[LINE_RTC], ==, 1);
    g_assert_cmphex(load32(RTC + 0x18), ==, 1);
    store32(RTC + 0x1c, 1);
    g_assert_cmpint(line_level[LINE_RTC], ==, 0);
    store32(RTC + 4, load32(RTC) - 5);                      /* long past: after the counter has wrapped */
    g_assert_cmphex(load32(RTC + 0x14), ==, 0);
    store32(RTC + 0x10, 0);
    store32(RTC + 4, load32(RTC));
    g_assert_cmphex(load32(RTC + 0x14), ==, 1);
    g_assert_cmphex(load32(RTC + 0x18), ==, 0);
    g_assert_cmpint(line_level[LINE_RTC], ==, 0);
}

/* ---- the lines ---- */

static void test_gpio_addresses_mask_data(void)
{
    reset_all();
    store32(GPIO + GDIR, 0x0f);
    store32(GPIO + 0x3fc, 0xff);
    g_assert_cmphex(load32(GPIO + 0x3fc), ==, 0x4f);        /* line 6 is pulled up */
    store32(GPIO + (0x03 << 2), 0);
    g_assert_cmphex(load32(GPIO + 0x3fc), ==, 0x4c);
    g_assert_cmphex(load32(GPIO + (0x05 << 2)), ==, 0x04);
    g_assert_cmpint(line_level[LINE_GPIO_OUT], ==, 0);
    g_assert_cmpint(line_level[LINE_GPIO_OUT + 2], ==, 1);
    g_assert_cmpint(line_level[LINE_GPIO_OUT + 6], ==, 1);
    g_assert_cmphex(load32(GPIO + IC), ==, 0);
    store32(GPIO + AFSEL, 0x155);
    g_assert_cmphex(load32(GPIO + AFSEL), ==, 0x55);
}

static void test_gpio_edges_are_kept_and_levels_followed(void)
{
    Irq *line = device_irq_input(gpio, NULL, 1);
    reset_all();
    store32(GPIO + IEV, 2);
    store32(GPIO + IE, 2);
    irq_raise(line);
    irq_lower(line);
    g_assert_cmphex(load32(GPIO + GMIS), ==, 2);
    g_assert_cmpint(line_level[LINE_GPIO], ==, 1);
    store32(GPIO + IC, 2);
    g_assert_cmpint(line_level[LINE_GPIO], ==, 0);
    store32(GPIO + IBE, 2);
    store32(GPIO + IEV, 0);
    irq_raise(line);
    g_assert_cmphex(load32(GPIO + GRIS) & 2, ==, 2);
    store32(GPIO + IC, 2);
    store32(GPIO + IS, 2);
    store32(GPIO + IEV, 2);
    g_assert_cmpint(line_level[LINE_GPIO], ==, 1);
    store32(GPIO + IC, 2);                                  /* the line is still high */
    g_assert_cmpint(line_level[LINE_GPIO], ==, 1);
    irq_lower(line);
    g_assert_cmpint(line_level[LINE_GPIO], ==, 0);
}

static void test_key_is_pushed_for_a_tenth_of_a_second(void)
{
    reset_all();
    irq_pulse(key);
    g_assert_cmphex(load32(GPIO + 0x3fc) & 8, ==, 8);
    step_ns(99 * NS_PER_MS);
    g_assert_cmphex(load32(GPIO + 0x3fc) & 8, ==, 8);
    step_ns(2 * NS_PER_MS);
    g_assert_cmphex(load32(GPIO + 0x3fc) & 8, ==, 0);
}

static void test_gpio_refuses_a_line_pulled_both_ways(void)
{
    g_autoptr(GError) err = NULL;
    g_assert_null(pl061_create(&board.memory, GPIO + 0x10000, &lines[LINE_UNPULLED], 1, 1, &err));
    g_assert_nonnull(err);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    build();
    g_test_add_func("/arm-chips/each-names-itself", test_each_names_itself);
    g_test_add_func("/arm-chips/uart/registers-have-the-manuals-reset-values", test_uart_registers_have_the_manuals_reset_values);
    g_test_add_func("/arm-chips/uart/fields-keep-the-bits-that-there-are", test_uart_fields_keep_the_bits_that_there_are);
    g_test_add_func("/arm-chips/uart/sends-and-interrupts", test_uart_sends_and_interrupts);
    g_test_add_func("/arm-chips/uart/receives-into-a-fifo-of-sixteen", test_uart_receives_into_a_fifo_of_sixteen);
    g_test_add_func("/arm-chips/uart/without-fifos-holds-one", test_uart_without_fifos_holds_one);
    g_test_add_func("/arm-chips/uart/loops-modem-lines", test_uart_loops_modem_lines);
    g_test_add_func("/arm-chips/rtc/alarm-comes-at-the-match", test_rtc_alarm_comes_at_the_match);
    g_test_add_func("/arm-chips/gpio/addresses-mask-data", test_gpio_addresses_mask_data);
    g_test_add_func("/arm-chips/gpio/edges-are-kept-and-levels-followed", test_gpio_edges_are_kept_and_levels_followed);
    g_test_add_func("/arm-chips/gpio/key-is-pushed-for-a-tenth-of-a-second", test_key_is_pushed_for_a_tenth_of_a_second);
    g_test_add_func("/arm-chips/gpio/refuses-a-line-pulled-both-ways", test_gpio_refuses_a_line_pulled_both_ways);
    return g_test_run();
}
