/*
 * The RISC-V boards as programs find them: memory map, interrupts through the wired controllers, flash, PCI, HTIF, and the ways to end. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qtest.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TEST UINT64_C(0x100000)
#define PLIC UINT64_C(0xc000000)
#define UART UINT64_C(0x10000000)
#define VIRTIO UINT64_C(0x10001000)
#define FW_CFG UINT64_C(0x10100000)
#define FLASH UINT64_C(0x20000000)
#define ECAM UINT64_C(0x30000000)
#define HTIF_FROMHOST UINT64_C(0x1000000)
#define HTIF_TOHOST UINT64_C(0x1000008)

static void test_reset_vector_names_firmware_and_tree(void)
{
    g_autoptr(Qtest) q = qtest_start("-M virt -m 512 -bios none");
    static const uint32_t code[] = { 0x00000297, 0x02828613, 0xf1402573, 0x0202b583, 0x0182b283, 0x00028067 };
    for (unsigned n = 0; n < G_N_ELEMENTS(code); n++) {
        g_assert_cmphex(qtest_readl(q, 0x1000 + 4 * n), ==, code[n]);
    }
    g_assert_cmphex(qtest_readq(q, 0x1018), ==, 0x80000000);
    uint64_t tree = qtest_readq(q, 0x1020);
    g_assert_cmphex(tree, ==, 0x9fe00000);
    g_assert_cmphex(qtest_readl(q, tree), ==, 0xedfe0dd0);          /* the tree's magic, big-endian */
    g_assert_cmphex(qtest_readq(q, 0x1028), ==, 0x4942534f);        /* fw_dynamic_info: magic, version, next address and mode */
    g_assert_cmphex(qtest_readq(q, 0x1030), ==, 2);
    g_assert_cmphex(qtest_readq(q, 0x1038), ==, 0);
    g_assert_cmphex(qtest_readq(q, 0x1040), ==, 1);
    qtest_writel(q, 0x1000, 0);
    g_assert_cmphex(qtest_readl(q, 0x1000), ==, code[0]);
}

static void test_uart_interrupts_by_source_10(void)
{
    g_autoptr(Qtest) q = qtest_start("-M virt -bios none -serial null");
    qtest_writel(q, PLIC + 4 * 10, 1);
    qtest_writel(q, PLIC + 0x2000, 1 << 10);
    qtest_writeb(q, UART + 1, 2);                                   /* the transmitter is empty */
    g_assert_cmphex(qtest_readl(q, PLIC + 0x1000), ==, 1 << 10);
    g_assert_cmphex(qtest_readl(q, PLIC + 0x200004), ==, 10);
    g_assert_cmphex(qtest_readb(q, UART + 2), ==, 0xc2 & 0x0f);
}

static void test_virtio_transports_fill_from_the_last(void)
{
    g_autoptr(Qtest) q = qtest_start("-M virt -bios none -device virtio-rng-device");
    for (unsigned n = 0; n < 8; n++) {
        g_assert_cmphex(qtest_readl(q, VIRTIO + 0x1000 * n), ==, 0x74726976);
        g_assert_cmphex(qtest_readl(q, VIRTIO + 0x1000 * n + 8), ==, n == 7 ? 4 : 0);
    }
}

static void test_fw_cfg_answers(void)
{
    g_autoptr(Qtest) q = qtest_start("-M virt -bios none -smp 3");
    char text[5] = "";
    qtest_writew(q, FW_CFG + 8, 0);
    for (unsigned n = 0; n < 4; n++) {
        text[n] = (char)qtest_readb(q, FW_CFG);
    }
    g_assert_cmpstr(text, ==, "QEMU");
    qtest_writew(q, FW_CFG + 8, 0x0500);                            /* the number of CPUs; the selector is big-endian */
    g_assert_cmphex(qtest_readb(q, FW_CFG), ==, 3);
    g_assert_cmphex(qtest_readq(q, FW_CFG + 16), ==, GUINT64_SWAP_LE_BE(UINT64_C(0x51454d5520434647)));
}

static void test_flash_has_two_banks(void)
{
    g_autoptr(Qtest) q = qtest_start("-M virt -bios none");
    for (unsigned bank = 0; bank < 2; bank++) {
        uint64_t base = FLASH + bank * UINT64_C(0x2000000);
        g_assert_cmphex(qtest_readl(q, base), ==, 0);              /* without an image, as the reference has it */
        qtest_writel(q, base + 0x154, 0x00980098);                  /* CFI query of two chips side by side */
        g_assert_cmphex(qtest_readl(q, base + 0x40), ==, 0x00510051);
        qtest_writel(q, base, 0x00ff00ff);
        g_assert_cmphex(qtest_readl(q, base + 0x1fffffc), ==, 0);
    }
}

static void test_pci_windows(void)
{
    g_autoptr(Qtest) q = qtest_start("-M virt -bios none -device virtio-rng-pci,addr=2");
    g_assert_cmphex(qtest_readl(q, ECAM), ==, 0x00081b36);
    g_assert_cmphex(qtest_readl(q, ECAM + 8) >> 8, ==, 0x060000);
    g_assert_cmphex(qtest_readl(q, ECAM + (2 << 15)) & 0xffff, ==, 0x1af4);
    g_assert_cmphex(qtest_readl(q, ECAM + (3 << 15)), ==, 0xffffffff);
    g_assert_cmphex(qtest_readl(q, UINT64_C(0x40000000)), ==, 0xffffffff);
    g_assert_cmphex(qtest_readl(q, UINT64_C(0x400000000)), ==, 0xffffffff);
    g_assert_cmphex(qtest_readw(q, UINT64_C(0x3000000)), ==, 0xffff);
    qtest_writel(q, ECAM + (2 << 15) + 0x14, 0x40000000);           /* BAR 1: the MSI-X table; a BAR that is mapped answers, and is found again in the aperture */
    qtest_writew(q, ECAM + (2 << 15) + 4, 2);
    g_assert_cmphex(qtest_readl(q, UINT64_C(0x40000000) + 12), ==, 1);
}

static void end_by_finisher(uint32_t value, int status)
{
    Qtest *q = qtest_start("-M virt -bios none");
    g_free(qtest_command(q, "writel 0x%x 0x%x", (unsigned)TEST, value));
    g_assert_cmpint(qtest_wait(q), ==, status);
}

static void test_finisher_ends_with_the_status(void)
{
    end_by_finisher(0x5555, 0);
    end_by_finisher(0x00073333, 7);
}

/* ---- spike ---- */

static void test_htif_writes_and_reads_characters(void)
{
    int fd, line = qtest_socketpair(&fd);
    g_autoptr(Qtest) q = qtest_startf("-M spike -bios none -chardev socket,id=line,fd=%d -serial chardev:line", fd);
    char text[2] = "";
    qtest_writeq(q, HTIF_TOHOST, UINT64_C(0x0101000000000041));
    g_assert_cmphex(qtest_readq(q, HTIF_TOHOST), ==, 0);
    g_assert_cmphex(qtest_readq(q, HTIF_FROMHOST), ==, UINT64_C(0x0101000000000141));
    g_assert_cmpint(read(line, text, 1), ==, 1);
    g_assert_cmpstr(text, ==, "A");
    qtest_writeq(q, HTIF_FROMHOST, 0);
    qtest_writel(q, HTIF_TOHOST, 0);                                /* a read, by halves */
    qtest_writel(q, HTIF_TOHOST + 4, 0x01000000);
    g_assert_cmphex(qtest_readq(q, HTIF_FROMHOST), ==, 0);
    g_assert_cmpint(send(line, "z", 1, 0), ==, 1);
    QTEST_WAIT_UNTIL(qtest_readq(q, HTIF_FROMHOST));
    g_assert_cmphex(qtest_readq(q, HTIF_FROMHOST), ==, UINT64_C(0x010000000000017a));
    close(line);
}

static void test_htif_system_calls_are_bounded(void)
{
    int fd, line = qtest_socketpair(&fd);
    g_autoptr(Qtest) q = qtest_startf("-M spike -bios none -chardev socket,id=line,fd=%d -serial chardev:line", fd);
    char text[6] = "";
    uint64_t call = UINT64_C(0x80100000), arguments[] = { 64, 1, UINT64_C(0x80200000), 5 };
    qtest_memwrite(q, arguments[2], "hello", 5);
    for (unsigned n = 0; n < 4; n++) {
        qtest_writeq(q, call + 8 * n, arguments[n]);
    }
    qtest_writeq(q, HTIF_TOHOST, call);
    g_assert_cmpint(recv(line, text, 5, MSG_WAITALL), ==, 5);
    g_assert_cmpstr(text, ==, "hello");
    g_assert_cmphex(qtest_readq(q, call), ==, 5);
    qtest_writeq(q, call, 64);
    qtest_writeq(q, call + 16, UINT64_C(0x10));                     /* a buffer where nothing is */
    qtest_writeq(q, call + 24, UINT64_MAX);
    qtest_writeq(q, HTIF_TOHOST, call);
    g_assert_cmphex(qtest_readq(q, call), ==, UINT64_MAX);
    qtest_writeq(q, HTIF_TOHOST, UINT64_C(0xfffffffffff0));         /* arguments where nothing is */
    qtest_writeq(q, HTIF_TOHOST, UINT64_C(0x7f00000000000000));     /* a device that is not there */
    g_assert_cmphex(qtest_readq(q, HTIF_TOHOST), ==, 0);
    close(line);
}

static void test_htif_ends_with_the_status(void)
{
    Qtest *q = qtest_start("-M spike -bios none");
    g_free(qtest_command(q, "writeq 0x%x 0x%x", (unsigned)HTIF_TOHOST, 5 << 1 | 1));
    g_assert_cmpint(qtest_wait(q), ==, 5);
}

/* Smrnmi: sets mnstatus.NMIE, and counts how often WFI is woken; the handler, at 0x80000040, stores mncause and mnstatus and counts its calls. */
static const uint32_t rnmi_program[] = {
    0x00800293, 0x7442a073, 0x10500073, 0x00140413, 0x00001317, 0x0e833823, 0xff1ff06f,     /* li t0, 8; csrs mnstatus, t0; 1: wfi; addi s0, s0, 1; sd s0, 0x80001100; j 1b */
    [16] = 0x00001317, 0x742023f3, 0x0c733423, 0x744023f3, 0x0c733823, 0x00148493, 0x0c933c23, 0x70200073,  /* the same way: mncause, mnstatus, ++s1; mnret */
};
enum { RNMI_WOKEN = 0x1100, RNMI_CAUSE = 0x1108, RNMI_STATUS = 0x1110, RNMI_COUNT = 0x1118 };

static void test_lines_raise_non_maskable_interrupts(void)
{
    g_autoptr(Qtest) q = qtest_start_accel("tcg", "-M virt -bios none -S -cpu rv64,smrnmi=on -global driver=riscv.hart_array,property=rnmi-interrupt-vector,value=0x80000040");
    uint64_t ram = UINT64_C(0x80000000);
    qtest_memwrite(q, ram, rnmi_program, sizeof(rnmi_program));
    g_free(qtest_qmp(q, "{'execute': 'cont'}"));
    g_free(qtest_command(q, "set_irq_in /machine/soc0/harts[0] riscv.cpu.rnmi 5 1"));
    QTEST_WAIT_UNTIL(qtest_readq(q, ram + RNMI_COUNT) > 1);
    g_assert_cmphex(qtest_readq(q, ram + RNMI_COUNT), >, 1);                /* a level */
    g_assert_cmphex(qtest_readq(q, ram + RNMI_CAUSE), ==, UINT64_C(1) << 63 | 5);
    g_assert_cmphex(qtest_readq(q, ram + RNMI_STATUS), ==, 3 << 11);        /* from M-mode, NMIE clear */
    g_free(qtest_command(q, "set_irq_in /machine/soc0/harts[0] riscv.cpu.rnmi 5 0"));
    g_free(qtest_command(q, "set_irq_in /machine/soc0/harts[0] riscv.cpu.rnmi 15 1"));
    QTEST_WAIT_UNTIL((uint8_t)qtest_readq(q, ram + RNMI_CAUSE) == 15);
    g_assert_cmphex(qtest_readq(q, ram + RNMI_CAUSE), ==, UINT64_C(1) << 63 | 15);
    for (int wait_ms = 0; wait_ms < QTEST_LIMIT_MS && !qtest_readq(q, ram + RNMI_WOKEN); wait_ms++) {       /* one of them comes while the hart waits */
        g_free(qtest_command(q, "set_irq_in /machine/soc0/harts[0] riscv.cpu.rnmi 15 0"));
        g_usleep(1000);
        g_free(qtest_command(q, "set_irq_in /machine/soc0/harts[0] riscv.cpu.rnmi 15 1"));
    }
    g_assert_cmphex(qtest_readq(q, ram + RNMI_WOKEN), >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/riscv/virt/reset-vector-names-firmware-and-tree", test_reset_vector_names_firmware_and_tree);
    g_test_add_func("/riscv/virt/uart-interrupts-by-source-10", test_uart_interrupts_by_source_10);
    g_test_add_func("/riscv/virt/virtio-transports-fill-from-the-last", test_virtio_transports_fill_from_the_last);
    g_test_add_func("/riscv/virt/fw-cfg-answers", test_fw_cfg_answers);
    g_test_add_func("/riscv/virt/flash-has-two-banks", test_flash_has_two_banks);
    g_test_add_func("/riscv/virt/pci-windows", test_pci_windows);
    g_test_add_func("/riscv/virt/lines-raise-non-maskable-interrupts", test_lines_raise_non_maskable_interrupts);
    g_test_add_func("/riscv/virt/finisher-ends-with-the-status", test_finisher_ends_with_the_status);
    g_test_add_func("/riscv/spike/htif-writes-and-reads-characters", test_htif_writes_and_reads_characters);
    g_test_add_func("/riscv/spike/htif-system-calls-are-bounded", test_htif_system_calls_are_bounded);
    g_test_add_func("/riscv/spike/htif-ends-with-the-status", test_htif_ends_with_the_status);
    return g_test_run();
}
