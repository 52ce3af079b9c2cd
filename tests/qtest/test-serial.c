/*
 * Serial and parallel ports and the debug console, against the PC16550D data sheet. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qtest.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COM1 = 0x3f8, DATA = COM1, IER = COM1 + 1, IIR = COM1 + 2, FCR = COM1 + 2, LCR = COM1 + 3, MCR = COM1 + 4, LSR = COM1 + 5, MSR = COM1 + 6, SCR = COM1 + 7 };

static int line_fd;

static Qtest *start(const char *more)
{
    int fd;
    line_fd = qtest_socketpair(&fd);
    Qtest *q = qtest_startf("-M pc -chardev socket,id=line,fd=%d -serial chardev:line %s", fd, more);
    qtest_intercept_in(q, "ioapic");
    return q;
}

static void stop(Qtest *q)
{
    qtest_stop(q);
    close(line_fd);
}

static void assert_sent(const char *text)
{
    char buf[256] = "";
    size_t got = 0;
    struct pollfd pfd = { .fd = line_fd, .events = POLLIN };
    while (got < strlen(text) && poll(&pfd, 1, QTEST_LIMIT_MS) > 0) {
        ssize_t n = read(line_fd, buf + got, sizeof(buf) - 1 - got);
        if (n <= 0) {
            break;
        }
        got += n;
    }
    g_assert_cmpstr(buf, ==, text);
}

/* Sends to the port and waits until it has come. */
static void send_line(Qtest *q, const char *text)
{
    g_assert_cmpint(send(line_fd, text, strlen(text), 0), ==, (int)strlen(text));
    QTEST_WAIT_UNTIL(qtest_inb(q, LSR) & 1);
    g_usleep(20000);
}

static void test_reset_values(void)
{
    Qtest *q = start("");
    g_assert_cmphex(qtest_inb(q, IER), ==, 0);
    g_assert_cmphex(qtest_inb(q, IIR), ==, 1);
    g_assert_cmphex(qtest_inb(q, LCR), ==, 0);
    g_assert_cmphex(qtest_inb(q, LSR), ==, 0x60);
    g_assert_cmphex(qtest_inb(q, MSR), ==, 0xb0);
    qtest_outb(q, SCR, 0xa5);
    g_assert_cmphex(qtest_inb(q, SCR), ==, 0xa5);
    qtest_outb(q, LCR, 0x83);
    g_assert_cmphex(qtest_inb(q, DATA), ==, 12);
    qtest_outb(q, DATA, 1);
    qtest_outb(q, IER, 2);
    g_assert_cmphex(qtest_inb(q, DATA), ==, 1);
    g_assert_cmphex(qtest_inb(q, IER), ==, 2);
    qtest_outb(q, LCR, 0x03);
    g_assert_cmphex(qtest_inb(q, IER), ==, 0);
    stop(q);
}

static void test_transmit(void)
{
    Qtest *q = start("");
    qtest_outb(q, IER, 2);
    g_assert_true(qtest_irq(q, 4));             /* the holding register is empty already */
    g_assert_cmphex(qtest_inb(q, IIR), ==, 0x02);
    g_assert_false(qtest_irq(q, 4));
    qtest_outb(q, DATA, 'A');
    g_assert_true(qtest_irq(q, 4));
    for (const char *c = "bcd"; *c; c++) {
        qtest_outb(q, DATA, (uint8_t)*c);
    }
    assert_sent("Abcd");
    stop(q);
}

static void test_receive_fifo(void)
{
    Qtest *q = start("");
    qtest_outb(q, FCR, 0x41);                   /* trigger level 4 */
    qtest_outb(q, IER, 1);
    g_assert_cmphex(qtest_inb(q, IIR), ==, 0xc1);
    send_line(q, "xyz");
    g_assert_false(qtest_irq(q, 4));
    qtest_clock_step(q, 10000000);              /* four characters' time without another: time-out */
    g_assert_true(qtest_irq(q, 4));
    g_assert_cmphex(qtest_inb(q, IIR), ==, 0xcc);
    g_assert_cmphex(qtest_inb(q, DATA), ==, 'x');
    g_assert_false(qtest_irq(q, 4));
    send_line(q, "12");
    g_assert_true(qtest_irq(q, 4));             /* four in the FIFO */
    g_assert_cmphex(qtest_inb(q, IIR), ==, 0xc4);
    for (const char *c = "yz12"; *c; c++) {
        g_assert_cmphex(qtest_inb(q, LSR) & 1, ==, 1);
        g_assert_cmphex(qtest_inb(q, DATA), ==, (uint8_t)*c);
    }
    g_assert_cmphex(qtest_inb(q, LSR), ==, 0x60);
    g_assert_false(qtest_irq(q, 4));
    stop(q);
}

static void test_loopback(void)
{
    Qtest *q = start("");
    qtest_outb(q, MCR, 0x1b);                   /* loop, OUT2, RTS, DTR */
    g_assert_cmphex(qtest_inb(q, MSR) & 0xf0, ==, 0xb0);
    qtest_outb(q, MCR, 0x1e);                   /* OUT1 and no DTR */
    g_assert_cmphex(qtest_inb(q, MSR), ==, 0xd2);
    g_assert_cmphex(qtest_inb(q, MSR), ==, 0xd0);
    qtest_outb(q, MCR, 0x12);
    g_assert_cmphex(qtest_inb(q, MSR), ==, 0x1c);   /* the ring indicator's trailing edge */
    qtest_outb(q, DATA, 0x5a);
    g_assert_cmphex(qtest_inb(q, LSR), ==, 0x61);
    qtest_outb(q, DATA, 0xa5);
    g_assert_cmphex(qtest_inb(q, LSR), ==, 0x63);   /* overrun */
    g_assert_cmphex(qtest_inb(q, LSR), ==, 0x61);
    g_assert_cmphex(qtest_inb(q, DATA), ==, 0xa5);
    stop(q);
}

static void test_line_status_interrupt(void)
{
    Qtest *q = start("");
    qtest_outb(q, IER, 5);
    qtest_outb(q, MCR, 0x10);
    qtest_outb(q, DATA, 1);
    g_assert_cmphex(qtest_inb(q, IIR), ==, 0x04);
    qtest_outb(q, DATA, 2);
    g_assert_cmphex(qtest_inb(q, IIR), ==, 0x06);   /* the overrun comes first */
    qtest_inb(q, LSR);
    g_assert_cmphex(qtest_inb(q, IIR), ==, 0x04);
    qtest_inb(q, DATA);
    g_assert_cmphex(qtest_inb(q, IIR), ==, 0x01);
    stop(q);
}

static void test_fifo_reset(void)
{
    Qtest *q = start("");
    qtest_outb(q, FCR, 1);
    send_line(q, "abc");
    qtest_outb(q, FCR, 3);
    g_assert_cmphex(qtest_inb(q, LSR), ==, 0x60);
    send_line(q, "q");
    g_assert_cmphex(qtest_inb(q, DATA), ==, 'q');
    stop(q);
}

/* A reader that does not read must not stop the guest for ever, and loses nothing when it does. */
static void test_back_pressure(void)
{
    Qtest *q = start("");
    int sent = 0;
    while ((qtest_inb(q, LSR) & 0x20) && sent < 4000000) {
        g_autofree char *none = NULL;
        for (int n = 0; n < 200 && (n % 20 || (qtest_inb(q, LSR) & 0x20)); n++) {
            qtest_outb(q, DATA, 'x');
            sent++;
        }
    }
    if (!(qtest_inb(q, LSR) & 0x20)) {
        char buf[65536];
        struct pollfd pfd = { .fd = line_fd, .events = POLLIN };
        while (poll(&pfd, 1, 100) > 0 && read(line_fd, buf, sizeof(buf)) > 0) {
        }
        g_assert_cmphex(qtest_inb(q, LSR), ==, 0x60);
    }
    stop(q);
}

static void test_pci_serial(void)
{
    int fd;
    line_fd = qtest_socketpair(&fd);
    Qtest *q = qtest_startf("-M pc -chardev null,id=n -chardev socket,id=line,fd=%d -device pci-serial-2x,addr=4,chardev1=n,chardev2=line", fd);
    unsigned devfn = 4 << 3;
    g_assert_cmphex(qtest_pci_read(q, devfn, 0, 4), ==, 0x00031b36);
    g_assert_cmphex(qtest_pci_read(q, devfn, 8, 4), ==, 0x07000201);
    qtest_pci_write(q, devfn, 0x10, 0xc000, 4);
    qtest_pci_write(q, devfn, 4, 1, 2);
    qtest_outb(q, 0xc008, 'P');
    assert_sent("P");
    stop(q);
}

static void test_parallel(void)
{
    int fd;
    line_fd = qtest_socketpair(&fd);
    Qtest *q = qtest_startf("-M pc -chardev socket,id=line,fd=%d -parallel chardev:line", fd);
    qtest_intercept_in(q, "ioapic");
    g_assert_cmphex(qtest_inb(q, 0x379), ==, 0xd8);
    g_assert_cmphex(qtest_inb(q, 0x37a), ==, 0xcc);
    qtest_outb(q, 0x378, 'L');
    g_assert_cmphex(qtest_inb(q, 0x378), ==, 'L');
    qtest_outb(q, 0x37a, 0x1d);
    qtest_outb(q, 0x37a, 0x1c);
    assert_sent("L");
    g_assert_true(qtest_irq(q, 7));
    qtest_inb(q, 0x379);
    g_assert_false(qtest_irq(q, 7));
    stop(q);
}

static void test_debugcon(void)
{
    int fd;
    line_fd = qtest_socketpair(&fd);
    Qtest *q = qtest_startf("-M pc -chardev socket,id=line,fd=%d -device isa-debugcon,chardev=line", fd);
    g_assert_cmphex(qtest_inb(q, 0xe9), ==, 0xe9);
    qtest_outb(q, 0xe9, 'D');
    assert_sent("D");
    stop(q);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/serial/reset-values", test_reset_values);
    g_test_add_func("/serial/transmit", test_transmit);
    g_test_add_func("/serial/receive-fifo-and-timeout", test_receive_fifo);
    g_test_add_func("/serial/loopback", test_loopback);
    g_test_add_func("/serial/line-status-comes-first", test_line_status_interrupt);
    g_test_add_func("/serial/fifo-reset", test_fifo_reset);
    g_test_add_func("/serial/back-pressure", test_back_pressure);
    g_test_add_func("/serial/pci", test_pci_serial);
    g_test_add_func("/parallel/strobe", test_parallel);
    g_test_add_func("/debugcon/write", test_debugcon);
    return g_test_run();
}
