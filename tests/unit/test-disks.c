/* IDE, CD-ROM, AHCI and floppy by their registers. SPDX-License-Identifier: GPL-2.0-or-later */
#include "pc-fixture.h"

#include "block/drive.h"
#include "hw/block/fdc.h"
#include "hw/ide/ide.h"
#include "util/error.h"
#include "wait-until.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *dir, *disk_path, *cd_path, *floppy_path, *sata_path, *flash_path;
enum { DISK_SECTORS = 20480, CD_BLOCKS = 64 };

static char *image(const char *name, size_t bytes)
{
    char *path = g_build_filename(dir, name, NULL);
    g_autofree uint8_t *data = g_malloc(bytes);
    for (size_t n = 0; n < bytes; n++) {
        data[n] = (uint8_t)(n / 512 * 7 + n);
    }
    g_assert_true(g_file_set_contents(path, (char *)data, bytes, NULL));
    return path;
}

static uint8_t pattern(size_t n) { return (uint8_t)(n / 512 * 7 + n); }

static void attach(const char *format, const char *path)
{
    GError *err = NULL;
    g_autofree char *text = g_strdup_printf(format, path);
    drive_add(text, IF_IDE, &err);
    g_assert_no_error(err);
}

static void file_bytes(const char *path, long offset, void *buf, size_t len)
{
    int fd = open(path, O_RDONLY);
    g_assert_cmpint(pread(fd, buf, len, offset), ==, (ssize_t)len);
    close(fd);
}

/* ---- IDE ---- */
static uint8_t wait_ide(uint16_t base)
{
    WAIT_UNTIL(!(inb(base + 0x206) & 0x80));
    return inb(base + 7);
}

static void command(uint16_t base, uint8_t cmd, uint64_t lba, uint8_t count, uint8_t feature)
{
    outb(base + 6, 0xe0 | (lba >> 24 & 0xf));
    outb(base + 1, feature), outb(base + 2, count), outb(base + 3, (uint8_t)lba), outb(base + 4, (uint8_t)(lba >> 8)), outb(base + 5, (uint8_t)(lba >> 16));
    outb(base + 7, cmd);
}

static void ide_reset_channel(uint16_t base)
{
    outb(base + 0x206, 4);
    outb(base + 0x206, 0);
    outb(base + 6, 0xe0);
}

static void read_words(uint16_t base, void *buf, unsigned words)
{
    for (unsigned n = 0; n < words; n++) {
        store_le16((uint8_t *)buf + 2 * n, (uint16_t)in(base, 2));
    }
}

static void test_identify(void)
{
    reset_all();
    g_assert_cmphex(inb(0x1f1), ==, 0x01);
    g_assert_cmphex(inb(0x1f2), ==, 0x01);
    g_assert_cmphex(inb(0x1f7), ==, 0x50);
    command(0x1f0, 0xec, 0, 0, 0);
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x58);
    uint8_t id[512];
    read_words(0x1f0, id, 256);
    g_assert_cmphex(inb(0x1f7), ==, 0x50);
    static const struct { uint8_t word; uint16_t value; } words[] = {
        { 0, 0x0040 }, { 1, 20 }, { 3, 16 }, { 4, 0x7e00 }, { 6, 63 }, { 10, 0x514d }, { 23, 0x322e }, { 27, 0x5145 }, { 47, 0x8010 }, { 49, 0x0b00 },
        { 53, 7 }, { 57, 0x4ec0 }, { 59, 0x0110 }, { 60, 0x5000 }, { 63, 0x0007 }, { 69, 0x4000 }, { 80, 0xf0 }, { 82, 0x4021 }, { 83, 0x7400 },
        { 85, 0x4021 }, { 88, 0x203f }, { 100, 0x5000 }, { 106, 0x6000 }, { 169, 1 },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(words); n++) {
        g_assert_cmphex(load_le16(id + 2 * words[n].word), ==, words[n].value);
    }
    /* Nobody is unit 1; the other channel has the CD. */
    outb(0x1f6, 0xb0);
    g_assert_cmphex(inb(0x1f7), ==, 0);
    g_assert_cmphex(inb(0x174), ==, 0x14);
    g_assert_cmphex(inb(0x175), ==, 0xeb);
}

static void test_pio(void)
{
    reset_all();
    uint8_t buf[8192];
    command(0x1f0, 0x20, 100, 3, 0);            /* READ SECTORS: an interrupt each */
    for (int n = 0; n < 3; n++) {
        g_assert_cmphex(wait_ide(0x1f0), ==, 0x58);
        read_words(0x1f0, buf + 512 * n, 256);
    }
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x50);
    for (unsigned n = 0; n < 1536; n++) {
        g_assert_cmphex(buf[n], ==, pattern(51200 + n));
    }
    command(0x1f0, 0xc4, 200, 16, 0);           /* READ MULTIPLE: sixteen at once */
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x58);
    read_words(0x1f0, buf, 4096);
    g_assert_cmphex(inb(0x1f7), ==, 0x50);
    g_assert_cmphex(buf[8191], ==, pattern(200 * 512 + 8191));
    /* More than what is read ahead, and the registers say where the guest is, not where the image is. */
    command(0x1f0, 0x20, 50, 200, 0);
    for (unsigned s = 0; s < 200; s++) {
        g_assert_cmphex(wait_ide(0x1f0), ==, 0x58);
        g_assert_cmpuint(inb(0x1f2), ==, 199 - s);
        g_assert_cmpuint(inb(0x1f3), ==, 50 + s + 1);
        read_words(0x1f0, buf, 256);
        for (unsigned n = 0; n < 512; n++) {
            g_assert_cmphex(buf[n], ==, pattern((50 + s) * 512 + n));
        }
    }
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x50);
    /* WRITE SECTORS. */
    command(0x1f0, 0x30, 7, 2, 0);
    for (int s = 0; s < 2; s++) {
        g_assert_cmphex(wait_ide(0x1f0), ==, 0x58);
        for (int n = 0; n < 256; n++) {
            outw(0x1f0, (uint16_t)(0x1100 + s));
        }
    }
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x50);
    file_bytes(disk_path, 7 * 512, buf, 1536);
    g_assert_cmphex(buf[0], ==, 0x00);
    g_assert_cmphex(buf[1], ==, 0x11);
    g_assert_cmphex(buf[512], ==, 0x01);
    g_assert_cmphex(buf[1024], ==, pattern(9 * 512));
    /* Behind the end, in CHS sector 0, an unknown command. */
    command(0x1f0, 0x20, DISK_SECTORS - 1, 2, 0);
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x41);
    g_assert_cmphex(inb(0x1f1), ==, 0x04);
    outb(0x1f6, 0xa0), outb(0x1f3, 0), outb(0x1f7, 0x20);
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x41);
    command(0x1f0, 0xfe, 0, 0, 0);
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x41);
    /* A geometry of no sectors is not taken over, and nothing is divided by it. */
    outb(0x1f6, 0xa0), outb(0x1f2, 0), outb(0x1f7, 0x91);
    outb(0x1f6, 0xa0), outb(0x1f2, 1), outb(0x1f3, 1), outb(0x1f4, 0), outb(0x1f5, 0), outb(0x1f7, 0x20);
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x58);
    ide_reset_channel(0x1f0);
}

enum { BMDMA = 0xc000 };
static void enable_bmdma(void)
{
    config_write(9, 0x20, BMDMA, 4);
    config_write(9, 0x04, 5, 2);
}

static void set_prd(uint32_t at, uint32_t addr, uint16_t bytes, bool last)
{
    uint8_t prd[8];
    store_le32(prd, addr), store_le16(prd + 4, bytes), store_le16(prd + 6, last ? 0x8000 : 0);
    dma_write(&pc.system.memory_space, at, prd, 8);
}

static void test_bmdma(void)
{
    reset_all();
    enable_bmdma();
    g_assert_cmphex(config_read(9, 0, 4), ==, 0x70108086);
    g_assert_cmphex(config_read(9, 8, 4), ==, 0x01018000);
    /* Two pieces. */
    set_prd(0x1000, 0x10000, 512, false), set_prd(0x1008, 0x20000, 1024, true);
    outl(BMDMA + 4, 0x1000);
    outb(BMDMA + 2, 0x66);
    command(0x1f0, 0xc8, 300, 3, 0);
    outb(BMDMA, 9);
    wait_ide(0x1f0);
    g_assert_cmphex(inb(0x1f7), ==, 0x50);
    g_assert_cmphex(inb(BMDMA + 2), ==, 0x64);
    outb(BMDMA, 8);
    uint8_t buf[2048];
    dma_read(&pc.system.memory_space, 0x10000, buf, 512);
    dma_read(&pc.system.memory_space, 0x20000, buf + 512, 1024);
    for (unsigned n = 0; n < 1536; n++) {
        g_assert_cmphex(buf[n], ==, pattern(300 * 512 + n));
    }
    /* To the disk. */
    memset(buf, 0xc3, 512);
    dma_write(&pc.system.memory_space, 0x10000, buf, 512);
    set_prd(0x1000, 0x10000, 512, true);
    outl(BMDMA + 4, 0x1000), outb(BMDMA + 2, 0x66);
    command(0x1f0, 0xca, 400, 1, 0);
    outb(BMDMA, 1);
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x50);
    file_bytes(disk_path, 400 * 512, buf, 512);
    g_assert_cmphex(buf[511], ==, 0xc3);
    outb(BMDMA, 0);
    /* A list that is too short: the engine stops, no interrupt. */
    outl(BMDMA + 4, 0x1000), outb(BMDMA + 2, 0x66);
    command(0x1f0, 0xc8, 0, 8, 0);
    outb(BMDMA, 9);
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x50);
    g_assert_cmphex(inb(BMDMA + 2) & 7, ==, 0);
    outb(BMDMA, 0);
    /* Table and data at addresses that are nobody's. */
    outl(BMDMA + 4, 0xfffffff0), outb(BMDMA + 2, 0x66);
    command(0x1f0, 0xc8, 0, 8, 0);
    outb(BMDMA, 9);
    wait_ide(0x1f0);
    outb(BMDMA, 0);
    set_prd(0x1000, 0xf0000000, 4096, true);
    outl(BMDMA + 4, 0x1000), outb(BMDMA + 2, 0x66);
    command(0x1f0, 0xc8, 0, 8, 0);
    outb(BMDMA, 9);
    wait_ide(0x1f0);
    g_assert_cmphex(inb(BMDMA + 2) & 2, ==, 2);
    outb(BMDMA, 0);
    /* Reset, stop and a new command while data are under way. */
    for (int n = 0; n < 20; n++) {
        set_prd(0x1000, 0x10000, 0, true);
        outl(BMDMA + 4, 0x1000), outb(BMDMA + 2, 0x66);
        command(0x1f0, 0xc8, 0, 128, 0);
        outb(BMDMA, 9);
        if (n % 3 == 0) {
            ide_reset_channel(0x1f0);
        } else if (n % 3 == 1) {
            outb(BMDMA, 0);
        } else {
            reset_all();
            enable_bmdma();
        }
        main_loop_iterate(false);
    }
    ide_reset_channel(0x1f0);
    block_drain_all();
    command(0x1f0, 0x20, 100, 1, 0);
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x58);
    ide_reset_channel(0x1f0);
}

static void test_smart(void)
{
    reset_all();
    command(0x1f0, 0xb0, 0xc24f00, 1, 0xd0);
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x58);
    uint8_t data[512], sum = 0;
    read_words(0x1f0, data, 256);
    for (int n = 0; n < 512; n++) {
        sum += data[n];
    }
    g_assert_cmpint(sum, ==, 0);
    g_assert_cmphex(data[2], ==, 0x01);
    g_assert_cmphex(data[362], ==, 0x82);
    command(0x1f0, 0xb0, 0xc24f00, 1, 0xda);
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x50);
    g_assert_cmphex(inb(0x1f4), ==, 0x4f);
    command(0x1f0, 0xb0, 0, 1, 0xd8);
    g_assert_cmphex(wait_ide(0x1f0), ==, 0x41);
}

/* ---- CD-ROM, on the second channel ---- */
static size_t packet(const uint8_t *cdb, uint8_t *out, size_t room, uint16_t limit)
{
    size_t got = 0;
    outb(0x176, 0xa0), outb(0x171, 0), outb(0x174, (uint8_t)limit), outb(0x175, (uint8_t)(limit >> 8)), outb(0x177, 0xa0);
    g_assert_cmphex(wait_ide(0x170), ==, 0x58);
    g_assert_cmphex(inb(0x172), ==, 0x01);
    for (int n = 0; n < 12; n += 2) {
        outw(0x170, load_le16(cdb + n));
    }
    while (wait_ide(0x170) & 0x08) {
        size_t piece = inb(0x174) | inb(0x175) << 8;
        g_assert_cmphex(inb(0x172), ==, 0x02);
        g_assert_cmpint(got + piece, <=, room);
        for (size_t n = 0; n < piece; n += 2) {
            uint16_t word = (uint16_t)in(0x170, 2);
            out[got + n] = (uint8_t)word;
            if (n + 1 < piece) {
                out[got + n + 1] = (uint8_t)(word >> 8);
            }
        }
        got += piece;
    }
    g_assert_cmphex(inb(0x172), ==, 0x03);
    return got;
}
#define PACKET(out, room, limit, ...) packet((const uint8_t[12]){ __VA_ARGS__ }, out, room, limit)

static void expect_sense(uint8_t key, uint8_t asc)
{
    uint8_t sense[18];
    g_assert_cmphex(inb(0x177), ==, 0x41);
    g_assert_cmphex(inb(0x171), ==, key << 4);
    g_assert_cmpint(PACKET(sense, 18, 0xfffe, 3, 0, 0, 0, 18), ==, 18);
    g_assert_cmphex(sense[2], ==, key);
    g_assert_cmphex(sense[12], ==, asc);
}

static void test_cd(void)
{
    static uint8_t buf[90000];
    reset_all();
    command(0x170, 0xec, 0, 0, 0);
    g_assert_cmphex(wait_ide(0x170), ==, 0x41);
    command(0x170, 0xa1, 0, 0, 0);
    g_assert_cmphex(wait_ide(0x170), ==, 0x58);
    read_words(0x170, buf, 256);
    g_assert_cmphex(load_le16(buf), ==, 0x85c0);
    g_assert_cmpint(PACKET(buf, 36, 0xfffe, 0x12, 0, 0, 0, 36), ==, 36);
    g_assert_cmpmem(buf, 5, "\x05\x80\x00\x21\x1f", 5);
    g_assert_cmpmem(buf + 16, 12, "QEMU DVD-ROM", 12);
    g_assert_cmpint(PACKET(buf, 5, 0xfffe, 0x12, 0, 0, 0, 5), ==, 5);
    g_assert_cmpint(PACKET(buf, 8, 0xfffe, 0x25), ==, 8);
    g_assert_cmphex(load_be32(buf), ==, CD_BLOCKS - 1);
    g_assert_cmpint(PACKET(buf, 100, 0xfffe, 0x43, 2, 0, 0, 0, 0, 0, 0xff, 0xff), ==, 20);
    g_assert_cmpmem(buf, 12, "\x00\x12\x01\x01\x00\x14\x01\x00\x00\x00\x02\x00", 12);
    /* Sectors, whole and in small pieces. */
    g_assert_cmpint(PACKET(buf, sizeof(buf), 0xfffe, 0x28, 0, 0, 0, 0, 3, 0, 0, 2), ==, 4096);
    for (unsigned n = 0; n < 4096; n++) {
        g_assert_cmphex(buf[n], ==, pattern(3 * 2048 + n));
    }
    g_assert_cmpint(PACKET(buf, sizeof(buf), 510, 0xa8, 0, 0, 0, 0, 1, 0, 0, 0, 3), ==, 6144);
    g_assert_cmphex(buf[6143], ==, pattern(2048 + 6143));
    g_assert_cmpint(PACKET(buf, sizeof(buf), 0xfffe, 0x28, 0, 0, 0, 0, 0, 0, 0, 40), ==, 40 * 2048);
    g_assert_cmphex(buf[40 * 2048 - 1], ==, pattern(40 * 2048 - 1));
    g_assert_cmpint(PACKET(buf, sizeof(buf), 0xfffe, 0xbe, 0, 0, 0, 0, 2, 0, 0, 1, 0xf8), ==, 2352);
    g_assert_cmphex(buf[16], ==, pattern(4096));
    g_assert_cmpmem(buf + 12, 4, "\x00\x02\x02\x01", 4);
    PACKET(buf, sizeof(buf), 0xfffe, 0x28, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 2);
    expect_sense(5, 0x21);
    PACKET(buf, sizeof(buf), 0xfffe, 0xff);
    expect_sense(5, 0x20);
    /* Tray. */
    PACKET(buf, sizeof(buf), 0xfffe, 0x1e, 0, 0, 0, 1);
    PACKET(buf, sizeof(buf), 0xfffe, 0x1b, 0, 0, 0, 2);
    expect_sense(2, 0x53);
    GError *err = NULL;
    BlockBackend *blk = drive_get(IF_IDE, 1, 0)->blk;
    g_assert_false(blk_eject(blk, false, &err));
    g_clear_error(&err);
    g_assert_cmpint(PACKET(buf, 8, 0xfffe, 0x4a, 1, 0, 0, 0x10, 0, 0, 0xff, 0xff), ==, 8);
    g_assert_cmpmem(buf, 8, "\x00\x04\x04\x10\x01\x02\x00\x00", 8);     /* somebody wants the disc */
    PACKET(buf, sizeof(buf), 0xfffe, 0x1e);
    PACKET(buf, sizeof(buf), 0xfffe, 0x1b, 0, 0, 0, 2);
    PACKET(buf, sizeof(buf), 0xfffe, 0x00);
    expect_sense(2, 0x3a);
    PACKET(buf, sizeof(buf), 0xfffe, 0x1b, 0, 0, 0, 3);
    PACKET(buf, sizeof(buf), 0xfffe, 0x00);
    g_assert_cmphex(inb(0x177), ==, 0x50);
    /* Another disc: attention once. */
    g_autofree char *other = image("other.iso", 720 * 2048);
    g_assert_true(blk_change_medium(blk, other, "raw", false, NULL, &err));
    PACKET(buf, sizeof(buf), 0xfffe, 0x00);
    expect_sense(6, 0x28);
    g_assert_cmpint(PACKET(buf, 8, 0xfffe, 0x25), ==, 8);
    g_assert_cmphex(load_be32(buf), ==, 719);
    g_assert_true(blk_eject(blk, false, &err));
    PACKET(buf, sizeof(buf), 0xfffe, 0x25);
    expect_sense(2, 0x3a);
    g_assert_true(blk_change_medium(blk, cd_path, "raw", false, NULL, &err));
    PACKET(buf, sizeof(buf), 0xfffe, 0x00);
    expect_sense(6, 0x28);
}

/* ---- AHCI ---- */
enum { AHCI_DEVFN = 0x28, ABAR = 0xe0000000, CLB = 0x100000, FB = 0x110000, CT = 0x120000, DATA = 0x200000 };
static uint32_t mmio(uint32_t at)
{
    uint64_t value;
    address_space_load(&pc.system.memory_space, ABAR + at, &value, 4, MEM_ATTRS_NONE);
    return (uint32_t)value;
}
static void mmio_w(uint32_t at, uint32_t value) { address_space_store(&pc.system.memory_space, ABAR + at, value, 4, MEM_ATTRS_NONE); }

static void ahci_start(void)
{
    reset_all();
    config_write(AHCI_DEVFN, 0x24, ABAR, 4);
    config_write(AHCI_DEVFN, 0x04, 6, 2);
    mmio_w(0x04, 0x80000002);
    mmio_w(0x100, CLB), mmio_w(0x108, FB);
    mmio_w(0x118, 0x16), mmio_w(0x118, 0x17);
    mmio_w(0x110, 0xffffffff);
}

/* Puts a command into a slot; sectors of 512 bytes in one piece at DATA + slot * 64 KiB. */
static void ahci_command(int slot, uint8_t cmd, uint64_t lba, uint16_t count, uint16_t feature, uint32_t bytes)
{
    uint8_t header[32] = { 5 }, table[0x90] = { 0x27, 0x80, cmd, (uint8_t)feature };
    uint32_t at = CT + (uint32_t)slot * 0x400;
    header[2] = bytes ? 1 : 0;
    store_le32(header + 8, at);
    table[4] = (uint8_t)lba, table[5] = (uint8_t)(lba >> 8), table[6] = (uint8_t)(lba >> 16), table[7] = 0x40;
    table[8] = (uint8_t)(lba >> 24), table[9] = (uint8_t)(lba >> 32), table[10] = (uint8_t)(lba >> 40), table[11] = (uint8_t)(feature >> 8);
    store_le16(table + 12, count);
    store_le32(table + 0x80, DATA + (uint32_t)slot * 0x10000);
    store_le32(table + 0x8c, bytes - 1);
    dma_write(&pc.system.memory_space, at, table, sizeof(table));
    dma_write(&pc.system.memory_space, CLB + (uint32_t)slot * 32, header, sizeof(header));
}

static void ahci_wait(uint32_t reg, uint32_t bits)
{
    WAIT_UNTIL(!(mmio(reg) & bits));
}

static void ahci_run(int slot)
{
    mmio_w(0x138, 1u << slot);
    ahci_wait(0x138, 1u << slot);
}

static void test_ahci(void)
{
    ahci_start();
    g_assert_cmphex(config_read(AHCI_DEVFN, 0, 4), ==, 0x29228086);
    g_assert_cmphex(config_read(AHCI_DEVFN, 8, 4), ==, 0x01060102);
    g_assert_cmphex(config_read(AHCI_DEVFN, 0x34, 1), ==, 0x80);
    g_assert_cmphex(config_read(AHCI_DEVFN, 0x80, 4), ==, 0x0080a805);
    g_assert_cmphex(config_read(AHCI_DEVFN, 0xa8, 4), ==, 0x00100012);
    g_assert_cmphex(mmio(0), ==, 0xc0141f05);
    g_assert_cmphex(mmio(0x0c), ==, 0x3f);
    g_assert_cmphex(mmio(0x124), ==, 0x00000101);
    g_assert_cmphex(mmio(0x128), ==, 0x113);
    g_assert_cmphex(mmio(0x1a8), ==, 0);
    g_assert_cmphex(mmio(0x118), ==, 0xc017);
    uint8_t buf[4096];
    ahci_command(0, 0xec, 0, 0, 0, 512);
    ahci_run(0);
    g_assert_cmphex(mmio(0x110), ==, 3);
    g_assert_cmphex(mmio(0x120), ==, 0x50);
    dma_read(&pc.system.memory_space, DATA, buf, 512);
    g_assert_cmphex(load_le16(buf + 150), ==, 31);
    g_assert_cmphex(load_le16(buf + 152), ==, 0x100);
    /* READ DMA EXT; the count of bytes in the header. */
    mmio_w(0x110, 0xffffffff);
    ahci_command(3, 0x25, 50, 8, 0, 4096);
    ahci_run(3);
    g_assert_cmphex(mmio(0x110), ==, 1);
    dma_read(&pc.system.memory_space, DATA + 0x30000, buf, 4096);
    g_assert_cmphex(buf[4095], ==, pattern(50 * 512 + 4095));
    dma_read(&pc.system.memory_space, CLB + 3 * 32 + 4, buf, 4);
    g_assert_cmpint(load_le32(buf), ==, 4096);
    /* Interrupt lines. */
    mmio_w(0x114, 1);
    ahci_command(0, 0xe7, 0, 0, 0, 0);
    ahci_run(0);
    g_assert_cmphex(mmio(0x08), ==, 1);
    mmio_w(0x110, 0xffffffff), mmio_w(0x08, 1);
    g_assert_cmphex(mmio(0x08), ==, 0);
    /* An error keeps the slot and stops the list. */
    ahci_command(0, 0x25, DISK_SECTORS, 8, 0, 4096);
    ahci_command(1, 0xe7, 0, 0, 0, 0);
    mmio_w(0x138, 3);
    for (int n = 0; n < 20; n++) {
        main_loop_iterate(false);
    }
    g_assert_cmphex(mmio(0x110), ==, 0x40000001);
    g_assert_cmphex(mmio(0x120), ==, 0x0441);
    g_assert_cmphex(mmio(0x138), ==, 3);
    mmio_w(0x118, 0x16), mmio_w(0x118, 0x17);
    g_assert_cmphex(mmio(0x138), ==, 0);
}

static void test_ncq(void)
{
    ahci_start();
    uint8_t buf[8192], back[4096];
    /* Thirty-two at once, writes and reads. */
    for (int slot = 0; slot < 32; slot++) {
        memset(buf, 0x40 + slot, 4096);
        dma_write(&pc.system.memory_space, DATA + (uint32_t)slot * 0x10000, buf, 4096);
        ahci_command(slot, slot & 1 ? 0x61 : 0x60, 1000 + (uint64_t)slot * 8, (uint16_t)(slot << 3), 8, 4096);
    }
    mmio_w(0x134, 0xffffffff);
    mmio_w(0x138, 0xffffffff);
    g_assert_cmphex(mmio(0x138), ==, 0);
    ahci_wait(0x134, 0xffffffff);
    g_assert_cmphex(mmio(0x134), ==, 0);
    g_assert_cmphex(mmio(0x110), ==, 8);
    for (int slot = 0; slot < 32; slot++) {
        dma_read(&pc.system.memory_space, DATA + (uint32_t)slot * 0x10000, buf, 4096);
        if (slot & 1) {
            file_bytes(sata_path, (1000 + slot * 8) * 512, back, 4096);
            g_assert_cmphex(back[4095], ==, 0x40 + slot);
        } else {
            g_assert_cmphex(buf[4095], ==, pattern((1000 + (size_t)slot * 8) * 512 + 4095));
        }
    }
    /* Behind the end: the tag stays. */
    mmio_w(0x110, 0xffffffff);
    ahci_command(1, 0x60, DISK_SECTORS, 8, 8, 4096);
    mmio_w(0x134, 2), mmio_w(0x138, 2);
    main_loop_iterate(false);
    g_assert_cmphex(mmio(0x110), ==, 0x40000000);
    g_assert_cmphex(mmio(0x120), ==, 0x0441);
    g_assert_cmphex(mmio(0x134), ==, 2);
    mmio_w(0x118, 0x16), mmio_w(0x118, 0x17);
    /* Cut off while under way, in every way. */
    for (int n = 0; n < 20; n++) {
        for (int slot = 0; slot < 8; slot++) {
            ahci_command(slot, n & 1 ? 0x61 : 0x60, 2000, (uint16_t)(slot << 3), 128, 65536);
        }
        mmio_w(0x134, 0xff), mmio_w(0x138, 0xff);
        if (n % 4 == 0) {
            mmio_w(0x118, 0x16);
        } else if (n % 4 == 1) {
            mmio_w(0x12c, 0x301), mmio_w(0x12c, 0x300);
        } else if (n % 4 == 2) {
            mmio_w(0x04, 0x80000001);
        } else {
            reset_all();
        }
        main_loop_iterate(false);
        ahci_start();
    }
    block_drain_all();
    /* Lists that are nowhere, FIS of no known kind, descriptors at impossible places. */
    mmio_w(0x104, 0xffffffff), mmio_w(0x138, 1);
    main_loop_iterate(false);
    ahci_start();
    memset(buf, 0xff, sizeof(buf));
    dma_write(&pc.system.memory_space, CLB, buf, 1024);
    mmio_w(0x138, 0xffffffff);
    main_loop_iterate(false);
    ahci_start();
    dma_write(&pc.system.memory_space, CT, buf, 0x90);
    ahci_command(0, 0x25, 0, 8, 0, 4096);
    dma_write(&pc.system.memory_space, CT + 0x80, buf, 8);
    ahci_run(0);
    g_assert_cmphex(mmio(0x110) & 0x20000000, ==, 0x20000000);
    ahci_start();
    ahci_command(0, 0xe7, 0, 0, 0, 0);
    ahci_run(0);
    g_assert_cmphex(mmio(0x120), ==, 0x50);
}

/* ---- floppy ---- */
static void fdc_put(uint8_t value)
{
    g_assert_cmphex(inb(0x3f4) & 0xc0, ==, 0x80);
    outb(0x3f5, value);
}
static uint8_t fdc_get(void)
{
    g_assert_cmphex(inb(0x3f4) & 0xc0, ==, 0xc0);
    return inb(0x3f5);
}
#define FDC(...) do { static const uint8_t bytes_[] = { __VA_ARGS__ }; for (unsigned n_ = 0; n_ < sizeof(bytes_); n_++) { fdc_put(bytes_[n_]); } } while (0)

static void fdc_results(uint8_t result[7])
{
    for (int n = 0; n < 200 && !(inb(0x3f4) & 0x40); n++) {
        main_loop_iterate(false);
    }
    for (int n = 0; n < 7; n++) {
        result[n] = fdc_get();
    }
    g_assert_cmphex(inb(0x3f4), ==, 0x80);
}

static void fdc_start(void)
{
    reset_all();
    outb(0x3f2, 0x08), outb(0x3f2, 0x1c);
    for (int n = 0; n < 4; n++) {
        FDC(0x08);
        g_assert_cmphex(fdc_get(), ==, 0xc0 | n);
        fdc_get();
    }
    outb(0x3f7, 0);
    FDC(0x03, 0xdf, 0x02);
    FDC(0x07, 0x00);
    FDC(0x08);
    g_assert_cmphex(fdc_get(), ==, 0x20);
    g_assert_cmphex(fdc_get(), ==, 0);
}

static void dma_channel_2(uint8_t mode, uint32_t addr, uint16_t bytes)
{
    outb(0x0a, 0x06), outb(0x0c, 0), outb(0x0b, mode);
    outb(0x04, (uint8_t)addr), outb(0x04, (uint8_t)(addr >> 8)), outb(0x81, (uint8_t)(addr >> 16));
    outb(0x05, (uint8_t)(bytes - 1)), outb(0x05, (uint8_t)((bytes - 1) >> 8));
    outb(0x0a, 0x02);
}

static void test_floppy(void)
{
    uint8_t result[7], buf[9216];
    g_assert_cmphex(fdc_cmos_type(0), ==, 4);
    g_assert_cmphex(fdc_cmos_type(1), ==, 0);
    fdc_start();
    /* A track by DMA, over both heads. */
    dma_channel_2(0x46, 0x30000, 9216);
    FDC(0xe6, 0x00, 0, 0, 18, 2, 18, 0x1b, 0xff);
    fdc_results(result);
    g_assert_cmphex(result[0] & 0xc0, ==, 0);
    g_assert_cmphex(result[1], ==, 0);
    dma_read(&pc.system.memory_space, 0x30000, buf, 9216);
    for (unsigned n = 0; n < 9216; n++) {
        g_assert_cmphex(buf[n], ==, pattern(17 * 512 + n));
    }
    /* Without a seek another track is not found; with one it is. */
    dma_channel_2(0x46, 0x30000, 512);
    FDC(0x13, 0, 0x20, 0);
    FDC(0xe6, 0x00, 5, 0, 1, 2, 18, 0x1b, 0xff);
    fdc_results(result);
    g_assert_cmphex(result[0] & 0xc0, ==, 0x40);
    FDC(0x0f, 0, 5);
    FDC(0x08);
    fdc_get();
    g_assert_cmphex(fdc_get(), ==, 5);
    FDC(0x45, 0x04, 5, 1, 3, 2, 18, 0x1b, 0xff);        /* WRITE */
    dma_channel_2(0x4a, 0x30000, 512);
    memset(buf, 0x99, 512);
    dma_write(&pc.system.memory_space, 0x30000, buf, 512);
    fdc_results(result);
    g_assert_cmphex(result[0] & 0xc0, ==, 0);
    file_bytes(floppy_path, ((5 * 2 + 1) * 18 + 2) * 512, buf, 512);
    g_assert_cmphex(buf[511], ==, 0x99);
    /* The wrong rate, sector 19, an unknown command, an odd sector size. */
    outb(0x3f7, 2);
    FDC(0x46, 0, 5, 0, 1, 2, 18, 0x1b, 0xff);
    fdc_results(result);
    g_assert_cmphex(result[1], ==, 0x01);
    outb(0x3f7, 0);
    FDC(0x46, 0, 5, 0, 19, 2, 19, 0x1b, 0xff);
    fdc_results(result);
    g_assert_cmphex(result[1], ==, 0x04);
    FDC(0x1f);
    g_assert_cmphex(fdc_get(), ==, 0x80);
    FDC(0x46, 0, 5, 0, 1, 7, 18, 0x1b, 0xff);
    fdc_results(result);
    g_assert_cmphex(result[0] & 0xc0, ==, 0x40);
    /* By the FIFO. */
    FDC(0x03, 0xdf, 0x03);
    FDC(0x46, 0, 5, 0, 2, 2, 2, 0x1b, 0xff);
    for (unsigned n = 0; n < 512; n++) {
        g_assert_cmphex(inb(0x3f4) & 0xf0, ==, 0xf0);
        g_assert_cmphex(inb(0x3f5), ==, pattern((5 * 2 * 18 + 1) * 512 + n));
    }
    fdc_results(result);
    g_assert_cmphex(result[0] & 0xc0, ==, 0);
    /* Reset in the middle. */
    FDC(0x03, 0xdf, 0x02);
    dma_channel_2(0x46, 0x30000, 9216);
    FDC(0x46, 0, 5, 0, 1, 2, 18, 0x1b, 0xff);
    outb(0x3f2, 0x00), outb(0x3f2, 0x1c);
    main_loop_iterate(false);
    fdc_start();
    FDC(0x10);
    g_assert_cmphex(fdc_get(), ==, 0x90);
    FDC(0x04, 0);
    g_assert_cmphex(fdc_get(), ==, 0x38);
    /* Media change. */
    g_assert_cmphex(inb(0x3f7) & 0x80, ==, 0);
    GError *err = NULL;
    BlockBackend *blk = drive_get(IF_FLOPPY, 0, 0)->blk;
    g_assert_true(blk_eject(blk, false, &err));
    g_assert_cmphex(inb(0x3f7) & 0x80, ==, 0x80);
    FDC(0x4a, 0);
    fdc_results(result);
    g_assert_cmphex(result[0] & 0xc0, ==, 0x40);
    g_assert_true(blk_change_medium(blk, floppy_path, "raw", false, NULL, &err));
    FDC(0x07, 0);
    FDC(0x08);
    fdc_get(), fdc_get();
    g_assert_cmphex(inb(0x3f7) & 0x80, ==, 0);
}

/* ---- flash ---- */
enum { FLASH = 0xd0000000, FLASH_BYTES = 256 * 1024 };
static uint8_t flash_r(uint32_t at)
{
    uint64_t value;
    address_space_load(&pc.system.memory_space, FLASH + at, &value, 1, MEM_ATTRS_NONE);
    return (uint8_t)value;
}
static void flash_w(uint32_t at, uint8_t value) { address_space_store(&pc.system.memory_space, FLASH + at, value, 1, MEM_ATTRS_NONE); }

static void test_flash(void)
{
    reset_all();
    uint8_t byte;
    g_assert_cmphex(flash_r(5), ==, pattern(5));
    /* As firmware finds out that it is flash. */
    flash_w(5, 0x50), flash_w(5, 0x70);
    g_assert_cmphex(flash_r(5), ==, 0x00);
    flash_w(5, 0xff);
    g_assert_cmphex(flash_r(5), ==, pattern(5));
    /* A byte, and the image has it. */
    flash_w(5, 0x10), flash_w(5, 0x3c);
    g_assert_cmphex(flash_r(5), ==, 0x80);
    flash_w(0, 0xff);
    g_assert_cmphex(flash_r(5), ==, 0x3c);
    file_bytes(flash_path, 5, &byte, 1);
    g_assert_cmphex(byte, ==, 0x3c);
    /* A block. */
    flash_w(4096, 0x20), flash_w(4096, 0xd0), flash_w(4096, 0xff);
    g_assert_cmphex(flash_r(4096), ==, 0xff);
    g_assert_cmphex(flash_r(8191), ==, 0xff);
    g_assert_cmphex(flash_r(8192), ==, pattern(8192));
    /* The buffer: nothing is there before the confirmation. */
    flash_w(4096, 0xe8), flash_w(4096, 3);
    for (unsigned n = 0; n < 4; n++) {
        flash_w(4100 + n, (uint8_t)(0x50 + n));
    }
    file_bytes(flash_path, 4100, &byte, 1);
    g_assert_cmphex(byte, ==, 0xff);
    flash_w(4096, 0xd0), flash_w(4096, 0xff);
    file_bytes(flash_path, 4103, &byte, 1);
    g_assert_cmphex(byte, ==, 0x53);
    g_assert_cmphex(flash_r(4104), ==, 0xff);
    /* A count that no buffer has; data that leave the block; reset in the middle. */
    flash_w(0, 0xe8), flash_w(0, 0xff);
    flash_w(0, 0xe8), flash_w(0, 1), flash_w(FLASH_BYTES - 1, 1), flash_w(8190, 2), flash_w(0, 0xd0);
    flash_w(0, 0xe8), flash_w(0, 9), flash_w(0, 1);
    reset_all();
    g_assert_cmphex(flash_r(0), ==, pattern(0));
    flash_w(0x10, 0x98);
    g_assert_cmphex(flash_r(0x10), ==, 'Q');
    g_assert_cmphex(flash_r(0x27), ==, 18);
    flash_w(0, 0xff);
}

static void build(void)
{
    GError *err = NULL;
    disk_path = image("disk.img", DISK_SECTORS * 512), cd_path = image("cd.iso", CD_BLOCKS * 2048), floppy_path = image("floppy.img", 2880 * 512);
    sata_path = image("sata.img", DISK_SECTORS * 512);
    attach("file=%s,format=raw,if=ide,index=0", disk_path);
    attach("file=%s,format=raw,if=ide,index=2,media=cdrom", cd_path);
    attach("file=%s,format=raw,if=floppy", floppy_path);
    attach("file=%s,format=raw,if=none,id=sata", sata_path);
    g_assert_true(ide_create_drives(DEVICE(pc.piix->ide), &err));
    g_assert_true(fdc_create_isa(pc.piix->isa_bus, &err));
    PciDevice *ahci = pci_new(AHCI_DEVFN, "ich9-ahci");
    g_assert_true(pci_realize(ahci, pc.host->parent.bus, &err));
    Device *disk = device_new("ide-hd");
    g_assert_true(device_set_drive(disk, "drive", blk_find("sata"), &err));
    g_assert_true(device_realize(disk, ide_controller_bus(DEVICE(ahci), 0), &err));
    flash_path = image("flash.img", FLASH_BYTES);
    attach("file=%s,format=raw,if=pflash", flash_path);
    Device *flash = device_new("cfi.pflash01");
    g_assert_true(object_set_uint(OBJECT(flash), "sector-length", 4096, &err) && object_set_uint(OBJECT(flash), "num-blocks", FLASH_BYTES / 4096, &err));
    g_assert_true(object_set_string(OBJECT(flash), "name", "flash", &err) && object_set_string(OBJECT(flash), "drive", "pflash0", &err));
    g_assert_true(device_realize(flash, NULL, &err));
    sysbus_map((SysBusDevice *)flash, 0, &pc.system.memory, FLASH, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    dir = g_dir_make_tmp("test-disks-XXXXXX", NULL);
    pc_build();
    build();
    g_test_add_func("/ide/identify", test_identify);
    g_test_add_func("/ide/pio", test_pio);
    g_test_add_func("/ide/bus-master", test_bmdma);
    g_test_add_func("/ide/smart", test_smart);
    g_test_add_func("/ide/cd", test_cd);
    g_test_add_func("/ahci/commands", test_ahci);
    g_test_add_func("/ahci/queued", test_ncq);
    g_test_add_func("/fdc", test_floppy);
    g_test_add_func("/flash", test_flash);
    int result = g_test_run();
    g_autofree char *remove = g_strdup_printf("rm -rf '%s'", dir);
    return system(remove) ? 1 : result;
}
