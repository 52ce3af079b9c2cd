/*
 * The CD-ROM drive: packets over ATA (ATA/ATAPI-6, 9.8 and 9.9), commands of MMC-5 and SPC-3.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ide/internal.h"

#include <errno.h>
#include <string.h>

/* Sense keys, additional sense codes (SPC-3, annex D). */
enum { SENSE_NONE = 0, SENSE_NOT_READY = 2, SENSE_MEDIUM_ERROR = 3, SENSE_ILLEGAL_REQUEST = 5, SENSE_UNIT_ATTENTION = 6 };
enum { ASC_UNRECOVERED_READ = 0x11, ASC_ILLEGAL_OPCODE = 0x20, ASC_BLOCK_OUT_OF_RANGE = 0x21, ASC_INVALID_FIELD = 0x24, ASC_MEDIUM_CHANGED = 0x28,
       ASC_INCOMPATIBLE_FORMAT = 0x30, ASC_SAVING_NOT_SUPPORTED = 0x39, ASC_NO_MEDIUM = 0x3a, ASC_REMOVAL_PREVENTED = 0x53 };
enum { CD_MOST_SECTORS = 80 * 60 * 75, MSF_OFFSET = 150, LEAD_OUT = 0xaa };

static uint32_t nr_blocks(const IdeDrive *d) { return (uint32_t)MIN(blk_nr_sectors(d->blk) / 4, UINT32_MAX); }
static bool is_dvd(const IdeDrive *d) { return nr_blocks(d) > CD_MOST_SECTORS; }

/* ---- the end of a packet ---- */
static void set_sense(IdeDrive *d, uint8_t key, uint8_t asc)
{
    d->sense_key = key;
    d->asc = asc;
    d->ascq = 0;
}

static void packet_ok(IdeDrive *d)
{
    d->error = 0;
    d->count[0] = REASON_IO | REASON_CD;
    ide_command_ok(d);
}

static void packet_error(IdeDrive *d, uint8_t key, uint8_t asc)
{
    set_sense(d, key, asc);
    d->error = (uint8_t)(key << 4);
    d->count[0] = REASON_IO | REASON_CD;
    d->status = STATUS_DRDY | STATUS_ERR;
    d->data_at = d->data_end = 0;
    ide_command_end(d, true);
}

static void packet_io_error(IdeDrive *d, int result)
{
    if (result == -ENOMEDIUM) {
        packet_error(d, SENSE_NOT_READY, ASC_NO_MEDIUM);
    } else if (result == -EINVAL) {
        packet_error(d, SENSE_ILLEGAL_REQUEST, ASC_BLOCK_OUT_OF_RANGE);
    } else {
        packet_error(d, SENSE_MEDIUM_ERROR, ASC_UNRECOVERED_READ);
    }
}

/* ---- data to the guest: packet_left bytes of the PIO buffer from packet_at on, a byte limit at a time ---- */
static void feed(IdeDrive *d);
static void read_more(IdeDrive *d);

static uint32_t limit_for(const IdeDrive *d)
{
    uint32_t limit = d->byte_limit;
    if (limit == 0 || limit == 0xffff) {
        limit = 0xfffe;
    }
    if ((limit & 1) && d->packet_left > limit) {
        limit--;
    }
    return limit;
}

static void feed_next(IdeDrive *d)
{
    if (d->packet_left) {
        feed(d);
    } else if (d->sectors_left) {
        read_more(d);
    } else {
        packet_ok(d);
    }
}

static void feed(IdeDrive *d)
{
    uint32_t piece = MIN(d->packet_left, limit_for(d));
    if (d->packet_at) {
        memmove(d->pio, d->pio + d->packet_at, d->packet_left);
    }
    d->packet_at = piece;
    d->packet_left -= piece;
    d->lba_mid[0] = (uint8_t)piece;
    d->lba_high[0] = (uint8_t)(piece >> 8);
    d->count[0] = REASON_IO;
    ide_raise_irq(d->bus);
    ide_pio_start(d, piece, true, feed_next);
}

static void reply_by_dma(IdeDrive *d)
{
    bool fits = ide_dma_copy(d, d->pio, d->packet_left, true) == d->packet_left;
    d->status = STATUS_DRDY | STATUS_DSC;
    ide_dma_end(d, !fits);
    packet_ok(d);
}

static void reply(IdeDrive *d, uint32_t size, uint32_t allocation)
{
    d->packet_left = MIN(size, allocation);
    d->packet_at = 0;
    d->sectors_left = 0;
    if (!d->packet_left) {
        packet_ok(d);
    } else if (d->packet_dma) {
        ide_dma_begin(d, reply_by_dma);
    } else {
        feed(d);
    }
}

/* ---- reading sectors ---- */
static void to_msf(uint8_t *at, uint32_t lba)
{
    lba += MSF_OFFSET;
    at[0] = (uint8_t)(lba / 75 / 60);
    at[1] = lba / 75 % 60;
    at[2] = lba % 75;
}

/* Sync, header of mode 1 and room for the codes (ECMA-130, 14) around the user data at byte 16. */
static void frame_raw_sector(uint8_t *at, uint32_t lba)
{
    memset(at, 0xff, 12);
    at[0] = at[11] = 0;
    to_msf(at + 12, lba);
    at[15] = 1;
    memset(at + 16 + CD_SECTOR, 0, CD_RAW_SECTOR - 16 - CD_SECTOR);
}

static uint32_t sectors_at_once(const IdeDrive *d, uint32_t bytes) { return d->packet_raw ? 1 : MIN(d->sectors_left, bytes / CD_SECTOR); }

static void read_to_feed(IdeDrive *d, int result)
{
    if (result < 0) {
        packet_io_error(d, result);
        return;
    }
    uint32_t sectors = sectors_at_once(d, IDE_PIO_BYTES);
    d->packet_left = d->packet_raw ? CD_RAW_SECTOR : sectors * CD_SECTOR;
    d->packet_at = 0;
    if (d->packet_raw) {
        memmove(d->pio + 16, d->pio, CD_SECTOR);
        frame_raw_sector(d->pio, (uint32_t)d->sector);
    }
    d->sector += sectors;
    d->sectors_left -= sectors;
    feed(d);
}

static void read_more(IdeDrive *d)
{
    d->status = STATUS_DRDY | STATUS_DSC | STATUS_BSY;
    ide_io(d, IDE_IO_READ, (int64_t)d->sector * CD_SECTOR, (int64_t)sectors_at_once(d, IDE_PIO_BYTES) * CD_SECTOR, d->pio, read_to_feed);
}

static void read_by_dma(IdeDrive *d);

static void read_dma_done(IdeDrive *d, int result)
{
    if (result < 0) {
        d->status = STATUS_DRDY | STATUS_ERR;
        ide_dma_end(d, false);
        packet_io_error(d, result);
        return;
    }
    uint32_t sectors = sectors_at_once(d, IDE_CHUNK_BYTES), bytes = sectors * CD_SECTOR;
    if (d->packet_raw) {
        memmove(d->buf + 16, d->buf, CD_SECTOR);
        frame_raw_sector(d->buf, (uint32_t)d->sector);
        bytes = CD_RAW_SECTOR;
    }
    bool fits = ide_dma_copy(d, d->buf, bytes, true) == bytes;
    d->sector += sectors;
    d->sectors_left -= sectors;
    if (fits && d->sectors_left) {
        read_by_dma(d);
        return;
    }
    d->status = STATUS_DRDY | STATUS_DSC;
    ide_dma_end(d, !fits);
    packet_ok(d);
}

static void read_by_dma(IdeDrive *d)
{
    uint32_t bytes = sectors_at_once(d, IDE_CHUNK_BYTES) * CD_SECTOR;
    if (!ide_dma_buffer(d, MAX(bytes, CD_RAW_SECTOR))) {
        d->status = STATUS_DRDY | STATUS_ERR;
        ide_dma_end(d, false);
        packet_io_error(d, -ENOMEM);
        return;
    }
    ide_io(d, IDE_IO_READ, (int64_t)d->sector * CD_SECTOR, bytes, d->buf, read_dma_done);
}

static void read_sectors(IdeDrive *d, uint32_t lba, uint32_t count, bool raw)
{
    if (count == 0) {
        packet_ok(d);
        return;
    }
    uint32_t total = nr_blocks(d);
    if (lba >= total || count > total - lba) {
        packet_error(d, SENSE_ILLEGAL_REQUEST, ASC_BLOCK_OUT_OF_RANGE);
        return;
    }
    d->sector = lba;
    d->sectors_left = count;
    d->packet_raw = raw;
    d->packet_left = 0;
    if (d->packet_dma) {
        ide_dma_begin(d, read_by_dma);
    } else {
        read_more(d);
    }
}

static void cmd_read_10(IdeDrive *d) { read_sectors(d, load_be32(d->cdb + 2), load_be16(d->cdb + 7), false); }
static void cmd_read_12(IdeDrive *d) { read_sectors(d, load_be32(d->cdb + 2), load_be32(d->cdb + 6), false); }

static void cmd_read_cd(IdeDrive *d)
{
    uint32_t count = load_be32(d->cdb + 5) & 0xffffff;
    switch (d->cdb[9] & 0xf8) {
    case 0x00: packet_ok(d); break;
    case 0x10: read_sectors(d, load_be32(d->cdb + 2), count, false); break;
    case 0xf8: read_sectors(d, load_be32(d->cdb + 2), count, true); break;
    default: packet_error(d, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD);
    }
}

/* ---- what the drive is ---- */
static void cmd_test_unit_ready(IdeDrive *d) { packet_ok(d); }

static void put_padded(uint8_t *at, const char *text, size_t len)
{
    size_t have = MIN(strlen(text), len);
    memset(at, ' ', len);
    memcpy(at, text, have);
}

/* Device identification: the serial number; vendor, model and serial number; the world wide name. */
static uint32_t inquiry_identification(const IdeDrive *d, uint8_t *buf)
{
    uint8_t *at = buf + 4;
    at[0] = 2, at[3] = 20;
    put_padded(at + 4, d->serial, 20);
    at += 24;
    at[0] = 2, at[1] = 1, at[3] = 68;
    put_padded(at + 4, "ATA", 8);
    put_padded(at + 12, d->model, 40);
    put_padded(at + 52, d->serial, 20);
    at += 72;
    if (d->wwn) {
        at[0] = 1, at[1] = 3, at[3] = 8;
        store_be64(at + 4, d->wwn);
        at += 12;
    }
    return (uint32_t)(at - buf);
}

static void cmd_inquiry(IdeDrive *d)
{
    uint8_t *buf = d->pio;
    uint32_t len;
    memset(buf, 0, 256);
    buf[0] = 0x05;
    if (d->cdb[1] & 1) {
        buf[1] = d->cdb[2];
        if (d->cdb[2] == 0x00) {
            buf[5] = 0x83;
            len = 6;
        } else if (d->cdb[2] == 0x83) {
            len = inquiry_identification(d, buf);
        } else {
            packet_error(d, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD);
            return;
        }
        buf[3] = (uint8_t)(len - 4);
    } else {
        len = 36;
        buf[1] = 0x80;                  /* removable */
        buf[3] = 0x21;
        buf[4] = (uint8_t)(len - 5);
        put_padded(buf + 8, "QEMU", 8);
        put_padded(buf + 16, "QEMU DVD-ROM", 16);
        put_padded(buf + 32, d->version, 4);
    }
    reply(d, len, load_be16(d->cdb + 3));
}

static void cmd_request_sense(IdeDrive *d)
{
    memset(d->pio, 0, 18);
    d->pio[0] = 0xf0;
    d->pio[2] = d->sense_key;
    d->pio[7] = 10;
    d->pio[12] = d->asc;
    d->pio[13] = d->ascq;
    if (d->sense_key == SENSE_UNIT_ATTENTION) {
        set_sense(d, SENSE_NONE, 0);
    }
    reply(d, 18, d->cdb[4]);
}

static void cmd_read_capacity(IdeDrive *d)
{
    store_be32(d->pio, nr_blocks(d) - 1);
    store_be32(d->pio + 4, CD_SECTOR);
    reply(d, 8, 8);
}

/* ---- table of contents: one data track ---- */
static void put_address(uint8_t *at, bool msf, uint32_t lba)
{
    if (msf) {
        at[0] = 0;
        to_msf(at + 1, lba);
    } else {
        store_be32(at, lba);
    }
}

static uint32_t toc_tracks(const IdeDrive *d, uint8_t *buf, bool msf, uint8_t start)
{
    uint8_t *at = buf + 4;
    buf[2] = buf[3] = 1;
    if (start <= 1) {
        at[1] = 0x14, at[2] = 1;
        put_address(at + 4, msf, 0);
        at += 8;
    }
    at[1] = 0x16, at[2] = LEAD_OUT;
    put_address(at + 4, msf, nr_blocks(d));
    at += 8;
    return (uint32_t)(at - buf);
}

static uint32_t toc_raw(const IdeDrive *d, uint8_t *buf)
{
    static const uint8_t points[] = { 0xa0, 0xa1, 0xa2, 0x01 };
    uint8_t *at = buf + 4;
    buf[2] = buf[3] = 1;
    for (size_t n = 0; n < ARRAY_SIZE(points); n++, at += 11) {
        at[0] = 1, at[1] = 0x14, at[3] = points[n];
        if (points[n] == 0xa2) {
            to_msf(at + 8, nr_blocks(d));
        } else if (points[n] == 1) {
            to_msf(at + 8, 0);
        } else {
            at[8] = 1;
        }
    }
    return (uint32_t)(at - buf);
}

static void cmd_read_toc(IdeDrive *d)
{
    bool msf = d->cdb[1] & 2;
    uint8_t *buf = d->pio, start = d->cdb[6];
    uint32_t len;
    memset(buf, 0, 64);
    switch (d->cdb[9] >> 6) {
    case 0:
        if (start > 1 && start != LEAD_OUT) {
            packet_error(d, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD);
            return;
        }
        len = toc_tracks(d, buf, msf, start);
        break;
    case 1:
        buf[2] = buf[3] = 1;
        len = 12;
        break;
    case 2:
        len = toc_raw(d, buf);
        break;
    default:
        packet_error(d, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD);
        return;
    }
    store_be16(buf, (uint16_t)(len - 2));
    reply(d, len, load_be16(d->cdb + 7));
}

/* ---- features, modes, events ---- */
static void cmd_get_configuration(IdeDrive *d)
{
    uint8_t *buf = d->pio;
    bool present = blk_is_available(d->blk);
    memset(buf, 0, 20);
    buf[3] = 16;
    buf[7] = !present ? 0 : is_dvd(d) ? 0x10 : 0x08;
    buf[10] = 0x03, buf[11] = 8;        /* profile list: persistent, current */
    buf[13] = 0x10, buf[14] = present && is_dvd(d);
    buf[17] = 0x08, buf[18] = present && !is_dvd(d);
    reply(d, 20, load_be16(d->cdb + 7));
}

static const uint8_t page_error_recovery[] = { 0x01, 0x06, 0x00, 0x05, 0, 0, 0, 0 };
static const uint8_t page_audio[] = { 0x0e, 0x0e, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0x02, 0, 0x02, 0 };
static const uint8_t page_capabilities[] = { 0x2a, 0x14, 0x3b, 0x00, 0x71, 0x60, 0x29, 0x00, 0x02, 0xc0, 0x00, 0x02, 0x02, 0x00, 0x02, 0xc0, 0, 0, 0, 0, 0, 0 };
static const struct { uint8_t page; const uint8_t *data; uint8_t len; } mode_pages[] = {
    { 0x01, page_error_recovery, sizeof(page_error_recovery) }, { 0x0e, page_audio, sizeof(page_audio) }, { 0x2a, page_capabilities, sizeof(page_capabilities) },
};

static void cmd_mode_sense(IdeDrive *d)
{
    uint8_t page = d->cdb[2] & 0x3f, control = d->cdb[2] >> 6;
    if (control == 3) {
        packet_error(d, SENSE_ILLEGAL_REQUEST, ASC_SAVING_NOT_SUPPORTED);
        return;
    }
    for (size_t n = 0; control == 0 && n < ARRAY_SIZE(mode_pages); n++) {
        if (mode_pages[n].page != page) {
            continue;
        }
        uint8_t *buf = d->pio;
        uint32_t len = 8u + mode_pages[n].len;
        memset(buf, 0, 8);
        store_be16(buf, (uint16_t)(len - 2));
        buf[2] = 0x70;                  /* no medium type to tell */
        memcpy(buf + 8, mode_pages[n].data, mode_pages[n].len);
        if (page == 0x2a && d->tray_locked) {
            buf[8 + 6] |= 0x02;
        }
        reply(d, len, load_be16(d->cdb + 7));
        return;
    }
    packet_error(d, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD);
}

enum { EVENT_EJECT_REQUEST = 1, EVENT_NEW_MEDIA = 2, EVENT_CLASS_MEDIA = 4 };

static uint8_t take_event(IdeDrive *d)
{
    if (d->event_new_media) {
        d->event_new_media = false;
        return EVENT_NEW_MEDIA;
    }
    if (d->event_eject_request) {
        d->event_eject_request = false;
        return EVENT_EJECT_REQUEST;
    }
    return 0;
}

static void cmd_get_event_status(IdeDrive *d)
{
    uint8_t *buf = d->pio;
    uint32_t len = 4;
    if (!(d->cdb[1] & 1)) {             /* only polled */
        packet_error(d, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD);
        return;
    }
    memset(buf, 0, 8);
    buf[3] = 1u << EVENT_CLASS_MEDIA;
    if (d->cdb[4] & 1u << EVENT_CLASS_MEDIA) {
        buf[1] = 4;
        buf[2] = EVENT_CLASS_MEDIA;
        buf[4] = take_event(d);
        buf[5] = (d->tray_open ? 1 : 0) | (!d->tray_open && blk_is_inserted(d->blk) ? 2 : 0);
        len = 8;
    } else {
        buf[2] = 0x80;                  /* none of the classes asked for */
    }
    reply(d, len, load_be16(d->cdb + 7));
}

static void cmd_mechanism_status(IdeDrive *d)
{
    memset(d->pio, 0, 8);
    d->pio[5] = 1;
    reply(d, 8, load_be16(d->cdb + 8));
}

static void cmd_read_disc_information(IdeDrive *d)
{
    uint8_t *buf = d->pio;
    memset(buf, 0, 34);
    buf[1] = 32;
    buf[2] = 0x0e;                      /* finished, complete */
    buf[3] = buf[4] = buf[5] = buf[6] = 1;
    buf[7] = 0x20;                      /* unrestricted use */
    reply(d, 34, load_be16(d->cdb + 7));
}

static void cmd_read_dvd_structure(IdeDrive *d)
{
    static const uint8_t list[] = { 0x00, 0x12, 0, 0, 0x00, 0x40, 0x08, 0x04, 0x01, 0x40, 0x00, 0x08, 0x03, 0x40, 0x00, 0xc0, 0x04, 0x40, 0x08, 0x04 };
    uint8_t format = d->cdb[7], *buf = d->pio;
    uint32_t allocation = load_be16(d->cdb + 8), len;
    memset(buf, 0, 2052);
    if (format < 0xff && !is_dvd(d)) {
        packet_error(d, SENSE_ILLEGAL_REQUEST, ASC_INCOMPATIBLE_FORMAT);
        return;
    }
    if (format == 0xff) {
        memcpy(buf, list, len = sizeof(list));
    } else if (format == 0x00 && d->cdb[6] == 0) {
        len = 2052;
        buf[4] = 1;                     /* DVD-ROM, part version 1 */
        buf[5] = 0x0f;                  /* 120 mm, rate not given */
        buf[6] = 1;                     /* one layer, read only */
        store_be32(buf + 8, 0x30000);   /* of the data area */
        store_be32(buf + 12, 0x30000 + nr_blocks(d) - 1);
        store_be32(buf + 16, 0x30000 + nr_blocks(d) - 1);
    } else if (format == 0x01) {
        len = 8;                        /* no copyright data */
    } else if (format == 0x04) {
        len = 2052;
    } else {
        packet_error(d, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD);
        return;
    }
    if (format != 0xff) {
        store_be16(buf, (uint16_t)(len - 2));
    }
    reply(d, len, allocation);
}

/* ---- tray ---- */
static void cmd_prevent_removal(IdeDrive *d)
{
    d->tray_locked = d->cdb[4] & 1;
    blk_lock_medium(d->blk, d->tray_locked);
    packet_ok(d);
}

static void cmd_start_stop(IdeDrive *d)
{
    bool start = d->cdb[4] & 1, load_eject = d->cdb[4] & 2;
    if ((d->cdb[4] & 0xf0) || !load_eject) {
        packet_ok(d);                   /* power conditions, spinning */
        return;
    }
    if (!start && !d->tray_open && d->tray_locked) {
        packet_error(d, blk_is_inserted(d->blk) ? SENSE_NOT_READY : SENSE_ILLEGAL_REQUEST, ASC_REMOVAL_PREVENTED);
        return;
    }
    if (d->tray_open != !start) {
        d->tray_open = !start;
        blk_tray_moved(d->blk, d->tray_open);
    }
    packet_ok(d);
}

static void cmd_seek(IdeDrive *d)
{
    if (load_be32(d->cdb + 2) > nr_blocks(d)) {
        packet_error(d, SENSE_ILLEGAL_REQUEST, ASC_BLOCK_OUT_OF_RANGE);
    } else {
        packet_ok(d);
    }
}

/* ---- the table ---- */
enum { CHECK_READY = 1, DESPITE_ATTENTION = 2 };
typedef struct PacketCommand { IdeStep *run; uint8_t flags; } PacketCommand;

static const PacketCommand packets[256] = {
    [0x00] = { cmd_test_unit_ready, CHECK_READY },
    [0x03] = { cmd_request_sense, DESPITE_ATTENTION },
    [0x12] = { cmd_inquiry, DESPITE_ATTENTION },
    [0x1b] = { cmd_start_stop, 0 },
    [0x1e] = { cmd_prevent_removal, 0 },
    [0x25] = { cmd_read_capacity, CHECK_READY },
    [0x28] = { cmd_read_10, CHECK_READY },
    [0x2b] = { cmd_seek, CHECK_READY },
    [0x43] = { cmd_read_toc, CHECK_READY },
    [0x46] = { cmd_get_configuration, DESPITE_ATTENTION },
    [0x4a] = { cmd_get_event_status, DESPITE_ATTENTION },
    [0x51] = { cmd_read_disc_information, CHECK_READY },
    [0x5a] = { cmd_mode_sense, 0 },
    [0xa8] = { cmd_read_12, CHECK_READY },
    [0xad] = { cmd_read_dvd_structure, CHECK_READY },
    [0xbb] = { cmd_test_unit_ready, 0 },        /* SET CD SPEED */
    [0xbd] = { cmd_mechanism_status, 0 },
    [0xbe] = { cmd_read_cd, CHECK_READY },
};

static void packet_received(IdeDrive *d)
{
    memcpy(d->cdb, d->pio, sizeof(d->cdb));
    const PacketCommand *c = &packets[d->cdb[0]];
    d->status = STATUS_DRDY | STATUS_DSC | STATUS_BSY;
    if (d->media_changed && !(c->flags & DESPITE_ATTENTION)) {
        d->media_changed = false;
        packet_error(d, SENSE_UNIT_ATTENTION, ASC_MEDIUM_CHANGED);
    } else if (!c->run) {
        packet_error(d, SENSE_ILLEGAL_REQUEST, ASC_ILLEGAL_OPCODE);
    } else if ((c->flags & CHECK_READY) && !blk_is_available(d->blk)) {
        packet_error(d, SENSE_NOT_READY, ASC_NO_MEDIUM);
    } else {
        if (d->cdb[0] != 0x03) {
            set_sense(d, SENSE_NONE, 0);
        }
        c->run(d);
    }
}

void atapi_packet(IdeDrive *d)
{
    if (d->feature[0] & 2) {            /* overlapped */
        ide_command_abort(d);
        return;
    }
    d->packet_dma = d->feature[0] & 1;
    d->byte_limit = (uint32_t)d->lba_high[0] << 8 | d->lba_mid[0];
    d->count[0] = REASON_CD;
    ide_pio_start(d, sizeof(d->cdb), false, packet_received);
}

void atapi_reset(IdeDrive *d)
{
    set_sense(d, SENSE_NONE, 0);
    d->packet_left = d->packet_at = 0;
    d->tray_locked = false;
}

/* ---- what the back end tells ---- */
static void change_media(void *opaque, bool load)
{
    IdeDrive *d = opaque;
    d->tray_open = !load;
    d->nr_sectors = load ? blk_nr_sectors(d->blk) : 0;
    if (load) {
        d->media_changed = true;
        d->event_new_media = true;
        d->event_eject_request = false;
        ide_raise_irq(d->bus);
    }
}

static void eject_request(void *opaque, bool force)
{
    IdeDrive *d = opaque;
    d->event_eject_request = true;
    if (force) {
        d->tray_locked = false;
    }
}

static bool is_tray_open(void *opaque) { return ((IdeDrive *)opaque)->tray_open; }
static bool is_medium_locked(void *opaque) { return ((IdeDrive *)opaque)->tray_locked; }

const BlockDeviceOps atapi_device_ops = {
    .change_media = change_media, .eject_request = eject_request, .is_tray_open = is_tray_open, .is_medium_locked = is_medium_locked,
};

static void disk_resized(void *opaque)
{
    IdeDrive *d = opaque;
    d->nr_sectors = blk_nr_sectors(d->blk);
}
const BlockDeviceOps ide_disk_ops = { .resize = disk_resized };
