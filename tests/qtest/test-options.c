/*
 * What options put into the machine: -readconfig, -smbios.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qtest.h"

#include <string.h>
#include <unistd.h>

enum { FW_CFG_SELECT = 0x510, FW_CFG_DATA = 0x511, FW_CFG_DIR = 0x19, FW_CFG_NAME = 56 };

static uint32_t read_be(Qtest *q, unsigned size)
{
    uint32_t value = 0;
    while (size--) {
        value = value << 8 | qtest_inb(q, FW_CFG_DATA);
    }
    return value;
}

/* A file of fw_cfg; fails when there is none. */
static GByteArray *read_file(Qtest *q, const char *name)
{
    qtest_outw(q, FW_CFG_SELECT, FW_CFG_DIR);
    for (uint32_t n = read_be(q, 4); n; n--) {
        char entry[FW_CFG_NAME];
        uint32_t size = read_be(q, 4), selector = read_be(q, 4) >> 16;
        for (int c = 0; c < FW_CFG_NAME; c++) {
            entry[c] = (char)qtest_inb(q, FW_CFG_DATA);
        }
        if (strcmp(entry, name)) {
            continue;
        }
        GByteArray *bytes = g_byte_array_new();
        qtest_outw(q, FW_CFG_SELECT, (uint16_t)selector);
        for (; size; size--) {
            uint8_t byte = qtest_inb(q, FW_CFG_DATA);
            g_byte_array_append(bytes, &byte, 1);
        }
        return bytes;
    }
    g_error("fw_cfg has no %s", name);
}

/* The n-th structure of a type. */
static const uint8_t *find_structure(const GByteArray *tables, uint8_t type, unsigned n)
{
    const uint8_t *p = tables->data, *end = p + tables->len;
    while (p + 4 < end) {
        if (p[0] == type && n-- == 0) {
            return p;
        }
        for (p += p[1]; p[0] || p[1]; p++) {
        }
        p += 2;
    }
    g_error("no structure of type %u", type);
}

/* Its string of a number (from 1). */
static const char *string_of(const uint8_t *structure, unsigned number)
{
    const char *text = (const char *)structure + structure[1];
    while (--number) {
        text += strlen(text) + 1;
    }
    return text;
}

static void test_smbios(void)
{
    g_autoptr(Qtest) q = qtest_start("-M pc -device e1000,id=lan,addr=0x11 -smbios type=8,external_reference=COM1,internal_reference=J1,connector_type=8,port_type=9 "
                                     "-smbios type=8,external_reference=COM2 -smbios type=9,slot_designation=PCI7,slot_type=6,slot_id=0x107,pci_device=lan "
                                     "-smbios type=41,designation=Onboard-LAN,instance=1,kind=ethernet,pcidev=lan");
    g_autoptr(GByteArray) tables = read_file(q, "etc/smbios/smbios-tables");
    const uint8_t *port = find_structure(tables, 8, 0), *slot = find_structure(tables, 9, 0), *onboard = find_structure(tables, 41, 0);
    const uint8_t *processor = find_structure(tables, 4, 0);
    static const uint8_t qemu64[8] = { 0xb1, 0x0f, 0x06, 0x00, 0xfd, 0xfb, 0x8b, 0x07 };
    g_assert_cmpmem(processor + 8, 8, qemu64, 8);
    g_assert_cmpuint(port[1], ==, 9);
    g_assert_cmpstr(string_of(port, port[4]), ==, "J1");
    g_assert_cmpstr(string_of(port, port[6]), ==, "COM1");
    g_assert_cmphex(port[7], ==, 8);
    g_assert_cmphex(port[8], ==, 9);
    port = find_structure(tables, 8, 1);
    g_assert_cmphex(port[4], ==, 0);
    g_assert_cmpstr(string_of(port, port[6]), ==, "COM2");
    g_assert_cmpuint(slot[1], ==, 17);
    g_assert_cmpstr(string_of(slot, slot[4]), ==, "PCI7");
    g_assert_cmphex(slot[5], ==, 6);
    g_assert_cmphex(slot[9] | slot[10] << 8, ==, 0x107);
    g_assert_cmphex(slot[15], ==, 0);
    g_assert_cmphex(slot[16], ==, 0x11 << 3);
    g_assert_cmpuint(onboard[1], ==, 11);
    g_assert_cmpstr(string_of(onboard, onboard[4]), ==, "Onboard-LAN");
    g_assert_cmphex(onboard[5], ==, 0x85);
    g_assert_cmphex(onboard[6], ==, 1);
    g_assert_cmphex(onboard[10], ==, 0x11 << 3);
}

static void test_readconfig(void)
{
    static const char text[] = "# a comment\n[name]\n  guest = \"from, a file\"\n\n[memory]\n  size = \"64M\"\n[device \"lan\"]\n  driver = \"e1000\"\n"
                               "  addr = \"0x11\"\n[global]\n  driver = \"e1000\"\n  property = \"mac\"\n  value = \"52:54:00:aa:bb:cc\"\n";
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("configXXXXXX", &path, NULL);
    close(fd);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    Qtest *q = qtest_startf("-M pc -readconfig %s", path);
    g_autofree char *name = qtest_hmp(q, "info name"), *tree = qtest_hmp(q, "info qtree"), *blocks = qtest_hmp(q, "info memory_size_summary");
    g_assert_nonnull(strstr(name, "from, a file"));
    g_assert_nonnull(strstr(tree, "dev: e1000, id \"lan\""));
    g_assert_nonnull(strstr(tree, "52:54:00:aa:bb:cc"));
    g_assert_nonnull(strstr(blocks, "67108864"));
    qtest_stop(q);
    unlink(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/options/-smbios types 8, 9 and 41", test_smbios);
    g_test_add_func("/options/-readconfig", test_readconfig);
    return g_test_run();
}
