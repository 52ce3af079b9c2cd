/*
 * The Arm board "virt" as programs find it: memory map, interrupts through the GIC, flash, PCI, the power button, firmware tables. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qtest.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FLASH UINT64_C(0)
#define GICD UINT64_C(0x08000000)
#define GICR UINT64_C(0x080a0000)
#define UART UINT64_C(0x09000000)
#define RTC UINT64_C(0x09010000)
#define FW_CFG UINT64_C(0x09020000)
#define GPIO UINT64_C(0x09030000)
#define UART1 UINT64_C(0x09040000)
#define GED UINT64_C(0x09080000)
#define VIRTIO UINT64_C(0x0a000000)
#define RAM UINT64_C(0x40000000)
enum { GICD_ISPENDR = 0x200, UARTDR = 0, UARTFR = 0x18, UARTIMSC = 0x38, PRIMECELL_ID = 0xfe0 };

static bool is_pending(Qtest *q, unsigned spi) { return qtest_readl(q, GICD + GICD_ISPENDR + 4 * (1 + spi / 32)) >> spi % 32 & 1; }

static void test_uart_receives_and_interrupts_by_spi_1(void)
{
    int fd, line = qtest_socketpair(&fd);
    g_autoptr(Qtest) q = qtest_startf("-M virt -chardev socket,id=line,fd=%d -serial chardev:line", fd);
    g_assert_cmphex(qtest_readl(q, UART + PRIMECELL_ID), ==, 0x11);
    qtest_writel(q, UART + UARTIMSC, 0x10);
    g_assert_false(is_pending(q, 1));
    g_assert_cmpint(write(line, "q", 1), ==, 1);            /* taken although the UART is not enabled */
    QTEST_WAIT_UNTIL(!(qtest_readl(q, UART + UARTFR) & 0x10));
    g_assert_true(is_pending(q, 1));
    g_assert_cmphex(qtest_readl(q, UART + UARTDR), ==, 'q');
    g_assert_false(is_pending(q, 1));
    qtest_writel(q, UART + UARTDR, 'a');
    char sent;
    g_assert_cmpint(poll(&(struct pollfd){ line, POLLIN, 0 }, 1, QTEST_LIMIT_MS), ==, 1);
    g_assert_cmpint(read(line, &sent, 1), ==, 1);
    g_assert_cmpint(sent, ==, 'a');
    close(line);
}

static void test_rtc_interrupts_by_spi_2(void)
{
    g_autoptr(Qtest) q = qtest_start("-M virt");
    g_assert_cmphex(qtest_readl(q, RTC + PRIMECELL_ID), ==, 0x31);
    qtest_writel(q, RTC + 0x10, 1);
    qtest_writel(q, RTC + 8, 100);
    qtest_writel(q, RTC + 4, 100);
    g_assert_true(is_pending(q, 2));
    qtest_writel(q, RTC + 0x1c, 1);
    g_assert_false(is_pending(q, 2));
}

static void test_power_button_is_gpio_line_3(void)
{
    g_autoptr(Qtest) q = qtest_start("-M virt");
    qtest_writel(q, GPIO + 0x40c, 8);
    qtest_writel(q, GPIO + 0x410, 8);
    g_free(qtest_qmp(q, "{\"execute\": \"system_powerdown\"}"));
    g_free(qtest_qmp_event(q, "POWERDOWN"));
    g_assert_cmphex(qtest_readl(q, GPIO + 0x3fc), ==, 8);
    g_assert_true(is_pending(q, 7));
    qtest_clock_step(q, 200 * 1000 * 1000);
    g_assert_cmphex(qtest_readl(q, GPIO + 0x3fc), ==, 0);
}

static char *write_firmware(void)
{
    char *path;
    int fd = g_file_open_tmp("firmware-XXXXXX", &path, NULL);
    g_assert_cmpint(write(fd, "firmware", 8), ==, 8);
    close(fd);
    return path;
}

static void test_power_button_is_an_acpi_event_with_firmware(void)
{
    g_autofree char *path = write_firmware();
    g_autoptr(Qtest) q = qtest_startf("-M virt -cpu cortex-a72 -bios %s", path);
    char text[8];
    qtest_memread(q, FLASH, text, sizeof(text));
    g_assert_cmpmem(text, 8, "firmware", 8);
    g_assert_cmphex(qtest_readl(q, GED), ==, 0);
    g_free(qtest_qmp(q, "{\"execute\": \"system_powerdown\"}"));
    g_free(qtest_qmp_event(q, "POWERDOWN"));
    g_assert_cmphex(qtest_readl(q, GED), ==, 2);
    g_assert_cmphex(qtest_readl(q, GED), ==, 0);            /* reading took it */
    unlink(path);
}

static void test_tree_is_at_the_start_of_ram(void)
{
    g_autoptr(Qtest) q = qtest_start("-M virt");
    g_assert_cmphex(qtest_readl(q, RAM), ==, 0xedfe0dd0);   /* its magic, big-endian */
}

static void test_virtio_transports_fill_from_the_last(void)
{
    g_autoptr(Qtest) q = qtest_start("-M virt -device virtio-rng-device");
    for (unsigned n = 0; n < 32; n++) {
        g_assert_cmphex(qtest_readl(q, VIRTIO + 0x200 * n), ==, 0x74726976);
        g_assert_cmphex(qtest_readl(q, VIRTIO + 0x200 * n + 8), ==, n == 31 ? 4 : 0);
    }
}

static void test_flash_has_two_banks(void)
{
    g_autoptr(Qtest) q = qtest_start("-M virt");
    for (unsigned bank = 0; bank < 2; bank++) {
        uint64_t base = FLASH + bank * UINT64_C(0x4000000);
        qtest_writel(q, base + 0x154, 0x00980098);          /* CFI query of two chips side by side */
        g_assert_cmphex(qtest_readl(q, base + 0x40), ==, 0x00510051);
    }
}

static void test_ecam_is_high_or_low(void)
{
    g_autoptr(Qtest) high = qtest_start("-M virt -cpu cortex-a72");
    g_assert_cmphex(qtest_readl(high, UINT64_C(0x4010000000)), ==, 0x00081b36);
    g_autoptr(Qtest) low = qtest_start("-M virt,highmem=off -cpu cortex-a72");
    g_assert_cmphex(qtest_readl(low, 0x3f000000), ==, 0x00081b36);
}

/* edk2 puts the first I/O BAR there. */
static void test_bar_at_port_0_answers(void)
{
    const uint64_t config = UINT64_C(0x4010000000) + (1 << 15), ports = 0x3eff0000;
    enum { COMMAND = 4, BAR0 = 0x10, IO = 1, HOST_FEATURES = 0 };
    g_autoptr(Qtest) q = qtest_start("-M virt -device virtio-rng-pci,addr=1");
    qtest_writel(q, config + BAR0, 0);
    qtest_writew(q, config + COMMAND, IO);
    g_assert_cmphex(qtest_readl(q, ports + HOST_FEATURES), !=, UINT32_MAX);
}

static void test_secure_devices_are_out_of_sight(void)
{
    g_autoptr(Qtest) q = qtest_start("-M virt,secure=on -cpu cortex-a72");
    g_assert_cmphex(qtest_readl(q, UART1 + PRIMECELL_ID), !=, 0x11);
    g_assert_cmphex(qtest_readl(q, UART + PRIMECELL_ID), ==, 0x11);
    g_autoptr(Qtest) two = qtest_start("-M virt -serial null -serial null");
    g_assert_cmphex(qtest_readl(two, UART1 + PRIMECELL_ID), ==, 0x11);
}

static void test_redistributors_bear_their_processors_affinity(void)
{
    g_autoptr(Qtest) q = qtest_start("-M virt,gic-version=3 -cpu cortex-a72 -smp 18");
    g_assert_cmphex(qtest_readl(q, GICR + 0x20000 * 15 + 0xc), ==, 0x00f);
    g_assert_cmphex(qtest_readl(q, GICR + 0x20000 * 17 + 0xc), ==, 0x101);
}

/* With virtual LPIs each has four frames instead of two; the newest version has them where there is EL2. */
static void test_gicv4_has_redistributors_of_four_frames(void)
{
    static const char *const options[] = { "gic-version=4", "gic-version=max" };
    for (size_t n = 0; n < G_N_ELEMENTS(options); n++) {
        g_autoptr(Qtest) q = qtest_startf("-M virt,%s,virtualization=on -cpu cortex-a72 -smp 64", options[n]);
        g_assert_cmpint(qtest_readl(q, GICR + 0x40000 * 60 + 8) >> 8 & 0xffff, ==, 60);
        g_assert_cmphex(qtest_readl(q, GICR + 0x40000 * 60 + 8) & 0x13, ==, 0x13);
        g_assert_cmphex(qtest_readl(q, 0x4000000000 + 0x40000 * 2 + 8) & 0x13, ==, 0x13);
    }
    g_autoptr(Qtest) old = qtest_start("-M virt,gic-version=max -cpu cortex-a72 -smp 2");
    g_assert_cmphex(qtest_readl(old, GICR + 0x20000 + 8) & 0x13, ==, 0x11);
}

/* ---- fw_cfg ---- */

static void read_key(Qtest *q, uint16_t key, void *buf, size_t size)
{
    qtest_writew(q, FW_CFG + 8, GUINT16_SWAP_LE_BE(key));   /* the selector is big-endian */
    for (size_t n = 0; n < size; n++) {
        ((uint8_t *)buf)[n] = qtest_readb(q, FW_CFG);
    }
}

static uint16_t find_file(Qtest *q, const char *name)
{
    uint8_t count[4], entry[64];
    read_key(q, 0x19, count, sizeof(count));
    for (unsigned n = 0; n < count[3]; n++) {
        for (unsigned i = 0; i < sizeof(entry); i++) {
            entry[i] = qtest_readb(q, FW_CFG);
        }
        if (!strcmp((const char *)entry + 8, name)) {
            return (uint16_t)(entry[4] << 8 | entry[5]);
        }
    }
    return 0;
}

static void test_firmware_gets_acpi_and_smbios(void)
{
    static const char *const signatures[] = { "DSDT", "FACP", "APIC", "PPTT", "GTDT", "MCFG", "SPCR", "DBG2", "IORT", "XSDT" };
    g_autoptr(Qtest) q = qtest_start("-M virt,gic-version=3 -cpu cortex-a72 -smp 2");
    uint8_t rsdp[36], anchor[24], header[36];
    read_key(q, find_file(q, "etc/acpi/rsdp"), rsdp, sizeof(rsdp));
    g_assert_cmpmem(rsdp, 8, "RSD PTR ", 8);
    g_assert_cmphex(rsdp[15], ==, 2);
    read_key(q, find_file(q, "etc/smbios/smbios-anchor"), anchor, sizeof(anchor));
    g_assert_cmpmem(anchor, 5, "_SM3_", 5);
    read_key(q, find_file(q, "etc/acpi/tables"), NULL, 0);
    for (size_t n = 0; n < G_N_ELEMENTS(signatures); n++) {
        for (size_t i = 0; i < sizeof(header); i++) {
            header[i] = qtest_readb(q, FW_CFG);
        }
        g_assert_cmpmem(header, 4, signatures[n], 4);
        for (unsigned left = header[4] + header[5] * 256u - 36; left > 0; left--) {
            qtest_readb(q, FW_CFG);
        }
    }
}

/* DEN 0049E: the ITS at 0x30, the SMMU at 0x48, the root complex behind them; which of the two the root complex's ids go to. */
static void test_acpi_leads_pci_through_the_smmu(void)
{
    static const struct { const char *options; uint8_t target; } cases[] = { { "", 0x48 }, { ",default-bus-bypass-iommu=on", 0x30 } };
    static const uint8_t smmu[] = {
        4, 0x58, 0, 4, 1, 0, 0, 0, 1, 0, 0, 0, 0x44, 0, 0, 0, 0, 0, 5, 9, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0x6a, 0, 0, 0, 0x6b, 0, 0, 0, 0x6d, 0, 0, 0, 0x6c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0x30, 0, 0, 0, 0, 0, 0, 0,
    };
    for (size_t n = 0; n < G_N_ELEMENTS(cases); n++) {
        g_autoptr(Qtest) q = qtest_startf("-M virt,gic-version=3,iommu=smmuv3%s -cpu cortex-a72", cases[n].options);
        uint8_t tables[0x4000];
        read_key(q, find_file(q, "etc/acpi/tables"), tables, sizeof(tables));
        const uint8_t *iort = memmem(tables, sizeof(tables) - 0x100, "IORT\xd8", 5);
        g_assert_nonnull(iort);
        g_assert_cmphex(iort[0x30], ==, 0);
        g_assert_cmpmem(iort + 0x48, sizeof(smmu), smmu, sizeof(smmu));
        g_assert_cmphex(iort[0xa0], ==, 2);
        g_assert_cmphex(iort[0xd0], ==, cases[n].target);
    }
}

/* ---- what it refuses ---- */

static void assert_refused(const char *options, const char *message)
{
    g_autofree char *command = g_strdup_printf("%s -display none -accel tcg -S %s", g_getenv("OSTRICH_BINARY"), options), *errors = NULL;
    int status;
    g_assert_true(g_spawn_command_line_sync(command, NULL, &errors, &status, NULL));
    g_assert_cmpint(status, !=, 0);
    g_assert_nonnull(strstr(errors, message));
}

static void test_refuses_what_does_not_go_together(void)
{
    assert_refused("-M virt,gic-version=5", "Invalid gic-version value");
    assert_refused("-M virt,gic-version=host", "gic-version=host requires KVM");
    assert_refused("-M virt,gic-version=4", "tcg does not support GICv4 emulation, is virtualization=on?");
    assert_refused("-M virt,gic-version=2 -smp 9", "Number of SMP CPUs requested (9) exceeds max CPUs supported by machine 'mach-virt' (8)");
    assert_refused("-M virt,gic-version=3,highmem=off -cpu cortex-a72 -smp 124", "Try 'highmem-redists=on' for more CPUs");
    assert_refused("-M virt,highmem=off -m 4G", "Addressing limited to 32 bits, but memory exceeds it by 1073741824 bytes");
    assert_refused("-M virt,highmem-mmio-size=1000", "highmem-mmio-size is not a power of 2");
    assert_refused("-M virt,ras=on", "ras=on is not implemented");
    assert_refused("-M virt,mte=on -cpu cortex-a72", "MTE requested, but not supported by the guest CPU");
    assert_refused("-M virt -bios /nonexistent", "Could not find ROM image '/nonexistent'");
    assert_refused("-M virt,x-oem-id=1234567", "User specified oem-id value is bigger than 6 bytes in size");
}

/* ---- lengths of SVE's vectors ---- */

/* The lengths that a model shows after wishes, in bits with blanks between. */
static char *sve_lengths(Qtest *q, const char *model, const char *props)
{
    g_autofree char *reply = qtest_qmp(q, "{\"execute\": \"query-cpu-model-expansion\", \"arguments\": {\"type\": \"full\", \"model\": "
                                       "{\"name\": \"%s\", \"props\": {%s}}}}", model, props);
    GString *list = g_string_new(NULL);
    for (unsigned bits = 128; bits <= 2048; bits += 128) {
        g_autofree char *on = g_strdup_printf("\"sve%u\": true", bits);
        if (strstr(reply, on)) {
            g_string_append_printf(list, "%s%u", list->len ? " " : "", bits);
        }
    }
    return g_string_free(list, FALSE);
}

static void test_sve_lengths_follow_from_properties(void)
{
    static const struct { const char *model, *props, *lengths; } cases[] = {
        { "max", "", "128 256 384 512 640 768 896 1024 1152 1280 1408 1536 1664 1792 1920 2048" },
        { "max", "\"sve512\": true", "128 256 512" },
        { "max", "\"sve1920\": true", "128 256 512 1024 1920" },
        { "max", "\"sve512\": true, \"sve384\": true", "128 256 384 512" },
        { "max", "\"sve1024\": false", "128 256 384 512 640 768 896" },
        { "max", "\"sve256\": false", "128" },
        { "max", "\"sve\": false", "" },
        { "neoverse-v1", "", "128 256" },
        { "neoverse-n2", "", "128" },
        { "a64fx", "", "128 256 512" },
        { "a64fx", "\"sve512\": false", "128 256" },
        { "cortex-a72", "", "" },
    };
    g_autoptr(Qtest) q = qtest_start("-M virt");
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *lengths = sve_lengths(q, cases[i].model, cases[i].props);
        g_assert_cmpstr(lengths, ==, cases[i].lengths);
    }
}

static void test_sve_lengths_that_do_not_go_together(void)
{
    assert_refused("-M virt -cpu max,sve128=off", "cannot disable sve128\nDisabling sve128 results in all vector lengths being disabled.\n");
    assert_refused("-M virt -cpu max,sve256=off,sve512=on", "sve256 is required as it is a power-of-two length smaller than the maximum, sve512");
    assert_refused("-M virt -cpu max,sve=off,sve128=on", "cannot enable sve128\nSVE must be enabled to enable vector lengths.\nAdd sve=on to the CPU property list.");
    assert_refused("-M virt -cpu max,sve-max-vq=4,sve640=on", "sve640 is larger than the maximum vector length, sve-max-vq=4 (512 bits)");
    assert_refused("-M virt -cpu max,sve-max-vq=4,sve512=off", "The maximum vector length must be enabled, sve-max-vq=4 (512 bits)");
    assert_refused("-M virt -cpu max,sve-max-vq=17", "sve-max-vq=17: unsupported SVE vector length\nValid sve-max-vq in range [1-16]");
    assert_refused("-M virt -cpu neoverse-v1,sve512=on", "cannot enable sve512\nThis CPU does not support the vector length 512-bits.");
    assert_refused("-M virt -cpu cortex-a72,sve=on", "Property 'cortex-a72-arm-cpu.sve' not found");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arm/virt/uart-receives-and-interrupts-by-spi-1", test_uart_receives_and_interrupts_by_spi_1);
    g_test_add_func("/arm/virt/rtc-interrupts-by-spi-2", test_rtc_interrupts_by_spi_2);
    g_test_add_func("/arm/virt/power-button-is-gpio-line-3", test_power_button_is_gpio_line_3);
    g_test_add_func("/arm/virt/power-button-is-an-acpi-event-with-firmware", test_power_button_is_an_acpi_event_with_firmware);
    g_test_add_func("/arm/virt/tree-is-at-the-start-of-ram", test_tree_is_at_the_start_of_ram);
    g_test_add_func("/arm/virt/virtio-transports-fill-from-the-last", test_virtio_transports_fill_from_the_last);
    g_test_add_func("/arm/virt/flash-has-two-banks", test_flash_has_two_banks);
    g_test_add_func("/arm/virt/ecam-is-high-or-low", test_ecam_is_high_or_low);
    g_test_add_func("/arm/a BAR at port 0 answers", test_bar_at_port_0_answers);
    g_test_add_func("/arm/virt/secure-devices-are-out-of-sight", test_secure_devices_are_out_of_sight);
    g_test_add_func("/arm/virt/redistributors-bear-their-processors-affinity", test_redistributors_bear_their_processors_affinity);
    g_test_add_func("/arm/virt/gicv4-has-redistributors-of-four-frames", test_gicv4_has_redistributors_of_four_frames);
    g_test_add_func("/arm/virt/firmware-gets-acpi-and-smbios", test_firmware_gets_acpi_and_smbios);
    g_test_add_func("/arm/virt/acpi-leads-pci-through-the-smmu", test_acpi_leads_pci_through_the_smmu);
    g_test_add_func("/arm/virt/refuses-what-does-not-go-together", test_refuses_what_does_not_go_together);
    g_test_add_func("/arm/cpu/sve-lengths-follow-from-properties", test_sve_lengths_follow_from_properties);
    g_test_add_func("/arm/cpu/sve-lengths-that-do-not-go-together", test_sve_lengths_that_do_not_go_together);
    return g_test_run();
}
