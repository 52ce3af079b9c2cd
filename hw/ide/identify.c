/*
 * IDENTIFY DEVICE, IDENTIFY PACKET DEVICE (ATA/ATAPI-6, 8.15 and 8.16; ATA8-ACS for sector sizes and TRIM) and SMART (8.45).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ide/internal.h"

#include <string.h>

typedef struct Word { uint8_t n; uint16_t value; } Word;

static void put(uint8_t data[512], unsigned word, uint16_t value) { store_le16(data + 2 * word, value); }

/* Two characters a word, the first in the upper byte, padded with blanks. */
static void put_text(uint8_t data[512], unsigned word, const char *text, unsigned len)
{
    size_t have = strlen(text);
    for (unsigned i = 0; i < len; i++) {
        data[2 * word + (i ^ 1)] = i < have ? (uint8_t)text[i] : ' ';
    }
}

static void put_all(uint8_t data[512], const Word *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put(data, words[i].n, words[i].value);
    }
}

static void put_names(const IdeDrive *d, uint8_t data[512])
{
    put_text(data, 10, d->serial, 20);
    put(data, 20, 3);                   /* dual ported buffer with read ahead */
    put(data, 21, 512);
    put(data, 22, 4);
    put_text(data, 23, d->version, 8);
    put_text(data, 27, d->model, 40);
}

static void identify_cd(const IdeDrive *d, uint8_t data[512])
{
    static const Word words[] = {
        { 0, 0x85c0 },                  /* packet device, CD-ROM, removable, answers in 50 us, packets of 12 bytes */
        { 48, 1 }, { 49, 0x0300 }, { 53, 7 }, { 62, 7 }, { 64, 3 }, { 65, 0xb4 }, { 66, 0xb4 }, { 67, 0x12c }, { 68, 0xb4 }, { 71, 30 }, { 72, 30 },
        { 80, 0x1e },
    };
    put_names(d, data);
    put_all(data, words, ARRAY_SIZE(words));
    put(data, 63, d->mwdma);
    put(data, 88, d->udma);
}

static void put_sizes(const IdeDrive *d, uint8_t data[512])
{
    uint32_t chs = d->cyls * d->heads * d->secs;
    uint64_t lba28 = MIN(d->nr_sectors, (1u << 28) - 1);
    put(data, 1, (uint16_t)d->cyls);
    put(data, 3, (uint16_t)d->default_heads);
    put(data, 4, (uint16_t)(512 * d->default_secs));
    put(data, 5, 512);
    put(data, 6, (uint16_t)d->default_secs);
    put(data, 54, (uint16_t)d->cyls);
    put(data, 55, (uint16_t)d->heads);
    put(data, 56, (uint16_t)d->secs);
    put(data, 57, (uint16_t)chs);
    put(data, 58, (uint16_t)(chs >> 16));
    put(data, 60, (uint16_t)lba28);
    put(data, 61, (uint16_t)(lba28 >> 16));
    for (unsigned n = 0; n < 4; n++) {
        put(data, 100 + n, (uint16_t)(d->nr_sectors >> (16 * n)));
    }
    unsigned shift = 0;
    while ((SECTOR_SIZE << shift) < d->physical_block_size && shift < 15) {
        shift++;
    }
    put(data, 106, (uint16_t)(0x6000 | shift));
}

static void identify_disk(const IdeDrive *d, uint8_t data[512])
{
    static const Word words[] = {
        { 0, 0x0040 },                  /* fixed */
        { 47, 0x8000 | IDE_MAX_MULTIPLE }, { 48, 1 },
        { 49, 0x0b00 },                 /* LBA, DMA, IORDY */
        { 51, 0x0200 }, { 52, 0x0200 }, { 53, 7 }, { 62, 7 }, { 64, 3 }, { 65, 120 }, { 66, 120 }, { 67, 120 }, { 68, 120 },
        { 69, 0x4000 },                 /* what was trimmed reads alike */
        { 80, 0xf0 },                   /* ATA-4 to ATA-7 */
        { 81, 0x16 }, { 83, 0x7400 },   /* FLUSH CACHE (EXT), 48-bit addresses */
        { 86, 0x3400 }, { 93, 0x6001 }, { 169, 1 },
    };
    put_names(d, data);
    put_all(data, words, ARRAY_SIZE(words));
    put_sizes(d, data);
    put(data, 59, d->multiple ? 0x100 | d->multiple : 0);
    put(data, 63, d->mwdma);
    put(data, 82, 0x4021);              /* NOP, write cache, SMART */
    put(data, 84, d->wwn ? 0x4100 : 0x4000);
    put(data, 85, (uint16_t)(0x4000 | (blk_write_cache_enabled(d->blk) ? 0x20 : 0) | (d->smart_enabled ? 1 : 0)));
    put(data, 87, d->wwn ? 0x4100 : 0x4000);
    put(data, 88, d->udma);
    for (unsigned n = 0; d->wwn && n < 4; n++) {
        put(data, 108 + n, (uint16_t)(d->wwn >> (48 - 16 * n)));
    }
    put(data, 217, d->rotation_rate);
}

/* CompactFlash: True IDE mode. */
static void identify_cf(const IdeDrive *d, uint8_t data[512])
{
    identify_disk(d, data);
    put(data, 0, 0x848a);
    put(data, 7, (uint16_t)(d->nr_sectors >> 16));
    put(data, 8, (uint16_t)d->nr_sectors);
    put(data, 47, 0x8000 | 2);
    put(data, 49, 0x0a00);
    put(data, 82, 0x400c);
    put(data, 83, 0x7068);
    put(data, 86, 0x7000);
}

void ide_identify(IdeDrive *d, uint8_t data[512])
{
    memset(data, 0, 512);
    switch (d->kind) {
    case IDE_KIND_CD: identify_cd(d, data); break;
    case IDE_KIND_CF: identify_cf(d, data); break;
    default: identify_disk(d, data); break;
    }
    if (d->ncq) {
        put(data, 75, 31);              /* 32 commands */
        put(data, 76, d->kind == IDE_KIND_CD ? 0x0100 : 0x0100);
    }
}

/* ---- SMART ---- */
enum { SMART_READ_DATA = 0xd0, SMART_READ_THRESHOLDS, SMART_AUTOSAVE, SMART_OFFLINE = 0xd4, SMART_READ_LOG, SMART_ENABLE = 0xd8, SMART_DISABLE, SMART_STATUS };
enum { SMART_SUMMARY_ERROR_LOG = 1, SMART_SELFTEST_LOG = 6, SMART_LOG_BYTES = 512 };

typedef struct SmartAttribute { uint8_t id, flags, value, worst, raw[4], threshold; } SmartAttribute;
static const SmartAttribute attributes[] = {
    { 0x01, 0x03, 0x64, 0x64, { 0 }, 0x06 },                    /* read error rate */
    { 0x03, 0x03, 0x64, 0x64, { 0x10 }, 0x00 },                 /* spin-up time */
    { 0x04, 0x02, 0x64, 0x64, { 0x64 }, 0x14 },                 /* starts and stops */
    { 0x05, 0x03, 0x64, 0x64, { 0 }, 0x24 },                    /* remapped sectors */
    { 0x09, 0x03, 0x64, 0x64, { 0x01 }, 0x00 },                 /* hours of power */
    { 0x0c, 0x03, 0x64, 0x64, { 0 }, 0x00 },                    /* power cycles */
    { 0xbe, 0x03, 0x45, 0x45, { 0x1f, 0x00, 0x1f, 0x1f }, 0x32 },   /* temperature */
};

static void checksum(uint8_t data[512])
{
    uint8_t sum = 0;
    for (unsigned n = 0; n < 511; n++) {
        sum += data[n];
    }
    data[511] = -sum;
}

static void smart_data(const IdeDrive *d, uint8_t data[512])
{
    data[0] = 1;
    for (size_t n = 0; n < ARRAY_SIZE(attributes); n++) {
        const SmartAttribute *a = &attributes[n];
        uint8_t *at = data + 2 + 12 * n;
        at[0] = a->id, at[1] = a->flags, at[3] = a->value, at[4] = a->worst;
        memcpy(at + 5, a->raw, sizeof(a->raw));
    }
    data[362] = 0x02 | (d->smart_autosave ? 0x80 : 0);
    data[363] = d->smart_selftests ? d->smart_log[3] : 0;
    data[364] = 0x20, data[365] = 0x01;     /* seconds of an off-line collection */
    data[367] = 0x19;                       /* off-line immediate, self-tests */
    data[368] = 0x03, data[370] = 0x01;
    data[372] = 2, data[373] = 54, data[374] = 1;
}

static void smart_thresholds(uint8_t data[512])
{
    data[0] = 1;
    for (size_t n = 0; n < ARRAY_SIZE(attributes); n++) {
        data[2 + 12 * n] = attributes[n].id;
        data[3 + 12 * n] = attributes[n].threshold;
    }
}

static bool smart_log(IdeDrive *d, uint8_t log, uint8_t data[512])
{
    if (log == SMART_SUMMARY_ERROR_LOG) {
        data[0] = 1;
    } else if (log == SMART_SELFTEST_LOG) {
        data[0] = 1;
        memcpy(data + 2, d->smart_log + 2, 21 * 24);
        data[508] = d->smart_selftests;
    } else {
        return false;
    }
    return true;
}

/* A self-test passes at once; the log has 21 places of 24 bytes. */
static bool smart_offline(IdeDrive *d, uint8_t test)
{
    if (test > 2) {
        return false;
    }
    if (test == 0) {
        return true;
    }
    d->smart_selftests = d->smart_selftests >= 21 ? 1 : d->smart_selftests + 1;
    uint8_t *at = d->smart_log + 2 + (d->smart_selftests - 1) * 24;
    memset(at, 0, 24);
    at[0] = test, at[2] = 0x34, at[3] = 0x12;   /* passed, at 0x1234 hours */
    return true;
}

void ide_smart_reset(IdeDrive *d)
{
    d->smart_enabled = d->smart_autosave = true;
    d->smart_errors = d->smart_selftests = 0;
    memset(d->smart_log, 0, SMART_LOG_BYTES);
}

static void smart_sent(IdeDrive *d)
{
    d->status = STATUS_DRDY | STATUS_DSC;
    ide_command_end(d, false);
}

static bool smart_read(IdeDrive *d)
{
    memset(d->pio, 0, 512);
    switch (d->feature[0]) {
    case SMART_READ_DATA: smart_data(d, d->pio); break;
    case SMART_READ_THRESHOLDS: smart_thresholds(d->pio); break;
    default:
        if (!smart_log(d, d->lba_low[0], d->pio)) {
            return false;
        }
    }
    checksum(d->pio);
    ide_raise_irq(d->bus);
    ide_pio_start(d, 512, true, smart_sent);
    return true;
}

static bool smart_set_autosave(IdeDrive *d)
{
    if (d->count[0] != 0 && d->count[0] != 0xf1) {
        return false;
    }
    d->smart_autosave = d->count[0] == 0xf1;
    return true;
}

void ide_smart(IdeDrive *d)
{
    uint8_t feature = d->feature[0];
    bool ok = d->lba_mid[0] == 0x4f && d->lba_high[0] == 0xc2 && (d->smart_enabled || feature == SMART_ENABLE);
    if (ok && (feature == SMART_READ_DATA || feature == SMART_READ_THRESHOLDS || feature == SMART_READ_LOG)) {
        if (!smart_read(d)) {
            ide_command_abort(d);
        }
        return;
    }
    switch (ok ? feature : 0) {
    case SMART_ENABLE: d->smart_enabled = true; break;
    case SMART_DISABLE: d->smart_enabled = false; break;
    case SMART_AUTOSAVE: smart_set_autosave(d); break;
    case SMART_OFFLINE: ok = smart_offline(d, d->lba_low[0]); break;
    case SMART_STATUS: break;           /* 4f, c2: no threshold passed */
    default: ok = false; break;
    }
    if (ok) {
        ide_command_ok(d);
    } else {
        ide_command_abort(d);
    }
}
