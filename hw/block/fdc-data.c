/*
 * The floppy controller's transfers: sectors between the drive and the guest's memory (by the 8237) or the FIFO (82077AA, 5.2, 6.1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/block/fdc-internal.h"

#include <string.h>

static bool to_guest(const Fdc *f) { return f->transfer == FDC_READ; }
static bool is_scan(const Fdc *f) { return f->transfer >= FDC_SCAN_EQUAL && f->transfer <= FDC_SCAN_HIGH; }

static void request_dma(Fdc *f, bool wanted)
{
    if (f->dma) {
        f->dma->request(f->dma->opaque, (int)f->dma_channel, wanted);
    }
}

static void finish(Fdc *f, uint8_t st0, uint8_t st1, uint8_t st2)
{
    request_dma(f, false);
    f->msr &= ~MSR_NON_DMA;
    fdc_end_transfer(f, st0, st1, st2);
}

/* ---- sectors ---- */
static bool load_sector(Fdc *f)
{
    FloppyDrive *d = fdc_drive(f, f->selected);
    if (blk_pread(d->blk, (int64_t)floppy_lba(d) * FDC_SECTOR, FDC_SECTOR, f->buf, 0) < 0) {
        finish(f, ST0_ABNORMAL, ST1_NO_DATA, 0);
        return false;
    }
    f->buf_valid = true;
    return true;
}

static bool store_sector(Fdc *f)
{
    FloppyDrive *d = fdc_drive(f, f->selected);
    if (blk_pwrite(d->blk, (int64_t)floppy_lba(d) * FDC_SECTOR, FDC_SECTOR, f->buf, 0) < 0) {
        finish(f, ST0_ABNORMAL, ST1_NOT_WRITABLE, 0);
        return false;
    }
    return true;
}

/* The sector behind; false at the end of the cylinder. */
static bool next_sector(Fdc *f)
{
    FloppyDrive *d = fdc_drive(f, f->selected);
    f->buf_at = 0;
    f->buf_valid = false;
    if (d->sector < f->end_track && d->sector < d->format.sectors) {
        d->sector++;
        return true;
    }
    d->sector = 1;
    if (f->multi_track && d->head == 0 && d->format.heads == 2) {
        d->head = 1;
        return true;
    }
    if (f->multi_track) {
        d->head = 0;
    }
    d->track++;
    return false;
}

static void compare(Fdc *f, const uint8_t *guest, unsigned len)
{
    for (unsigned n = 0; n < len && !f->scan_failed; n++) {
        uint8_t disk = f->buf[f->buf_at + n];
        if (guest[n] != 0xff && (f->transfer == FDC_SCAN_EQUAL ? disk != guest[n] : f->transfer == FDC_SCAN_LOW ? disk > guest[n] : disk < guest[n])) {
            f->scan_failed = true;
        }
    }
}

/* ---- by DMA: called by the 8237 until DREQ falls ---- */
static int move_piece(Fdc *f, int channel, int position, int len)
{
    int piece = MIN(len - position, (int)(FDC_SECTOR - f->buf_at));
    uint8_t guest[FDC_SECTOR];
    if (!f->buf_valid && f->transfer != FDC_WRITE && !load_sector(f)) {
        return -1;
    }
    switch (f->transfer) {
    case FDC_READ:
        f->dma->write_memory(f->dma->opaque, channel, f->buf + f->buf_at, position, piece);
        break;
    case FDC_WRITE:
        if (!f->buf_valid) {
            memset(f->buf, 0, sizeof(f->buf));
            f->buf_valid = true;
        }
        f->dma->read_memory(f->dma->opaque, channel, f->buf + f->buf_at, position, piece);
        break;
    case FDC_VERIFY:
        break;
    default:
        f->dma->read_memory(f->dma->opaque, channel, guest, position, piece);
        compare(f, guest, (unsigned)piece);
        break;
    }
    f->buf_at += (unsigned)piece;
    return piece;
}

int fdc_dma_transfer(void *device, int channel, int position, int len)
{
    Fdc *f = device;
    if (f->phase != FDC_EXECUTION) {
        request_dma(f, false);
        return position;
    }
    while (position < len) {
        int moved = move_piece(f, channel, position, len);
        if (moved < 0) {
            return position;
        }
        position += moved;
        bool full = f->buf_at == FDC_SECTOR, over = position >= len;
        if (f->transfer == FDC_WRITE && (full || over) && !store_sector(f)) {
            return position;
        }
        bool more = !full || next_sector(f);
        if (!more && !over) {
            finish(f, ST0_ABNORMAL, ST1_END_OF_CYLINDER, 0);
            return position;
        }
    }
    finish(f, 0, 0, is_scan(f) ? (f->scan_failed ? ST2_SCAN_FAILED : ST2_SCAN_MET) : 0);
    return position;
}

/* ---- by the FIFO ---- */
uint8_t fdc_data_read(Fdc *f)
{
    if (!to_guest(f) || (!f->buf_valid && !load_sector(f))) {
        return 0;
    }
    uint8_t value = f->buf[f->buf_at++];
    if (f->buf_at == FDC_SECTOR && !next_sector(f)) {
        finish(f, 0, 0, 0);
    }
    return value;
}

static void write_byte(Fdc *f, uint8_t value)
{
    if (is_scan(f)) {
        if (!f->buf_valid && !load_sector(f)) {
            return;
        }
        compare(f, &value, 1);
    } else {
        f->buf[f->buf_at] = value;
    }
    if (++f->buf_at < FDC_SECTOR) {
        return;
    }
    if (f->transfer == FDC_WRITE && !store_sector(f)) {
        return;
    }
    if (!next_sector(f)) {
        finish(f, 0, 0, is_scan(f) ? (f->scan_failed ? ST2_SCAN_FAILED : ST2_SCAN_MET) : 0);
    }
}

/* ---- formatting: four bytes a sector, its address ---- */
static void format_address(Fdc *f)
{
    FloppyDrive *d = fdc_drive(f, f->selected);
    if (floppy_seek(d, f->buf[0], f->buf[1], f->buf[2]) == 0) {
        memset(f->buf, f->fill, sizeof(f->buf));
        if (!store_sector(f)) {
            return;
        }
    }
    f->buf_at = 0;
    if (--f->format_left == 0) {
        finish(f, 0, 0, 0);
    }
}

static int format_by_dma(void *device, int channel, int position, int len)
{
    Fdc *f = device;
    while (f->phase == FDC_EXECUTION && position + 4 <= len) {
        f->dma->read_memory(f->dma->opaque, channel, f->buf, position, 4);
        position += 4;
        format_address(f);
    }
    if (f->phase == FDC_EXECUTION) {
        finish(f, 0, 0, 0);
    }
    return position;
}

void fdc_data_write(Fdc *f, uint8_t value)
{
    if (f->transfer == FDC_FORMAT) {
        f->buf[f->buf_at++] = value;
        if (f->buf_at == 4) {
            format_address(f);
        }
    } else if (!to_guest(f)) {
        write_byte(f, value);
    }
}

/* ---- the start ---- */
static bool dma_wanted(const Fdc *f) { return (f->dor & 0x08) && !(f->timer1 & 1) && f->dma; }

static void go(Fdc *f, IsaDmaTransfer *transfer)
{
    f->phase = FDC_EXECUTION;
    f->buf_at = 0;
    f->buf_valid = f->scan_failed = false;
    f->msr = MSR_BUSY;
    if (dma_wanted(f)) {
        f->dma->register_channel(f->dma->opaque, (int)f->dma_channel, transfer, f);
        request_dma(f, true);
        return;
    }
    f->msr |= MSR_RQM | MSR_NON_DMA | (to_guest(f) ? MSR_DIO : 0);
    fdc_raise_irq(f);
}

static bool writes(FdcTransfer t) { return t == FDC_WRITE || t == FDC_FORMAT; }

static bool check_drive(Fdc *f, FloppyDrive *d)
{
    if (!floppy_has_medium(d)) {
        fdc_end_transfer(f, ST0_ABNORMAL, ST1_MISSING_MARK, 0);
        return false;
    }
    if ((f->dsr & 3) != d->format.rate || f->size_code != 2) {
        fdc_end_transfer(f, ST0_ABNORMAL, ST1_MISSING_MARK, 0);
        return false;
    }
    if (writes(f->transfer) && d->read_only) {
        fdc_end_transfer(f, ST0_ABNORMAL, ST1_NOT_WRITABLE, 0);
        return false;
    }
    return true;
}

/* fifo: command, drive and head, C, H, R, N, EOT, GPL, DTL. */
void fdc_start_transfer(Fdc *f, FdcTransfer transfer)
{
    f->selected = f->fifo[1] & 3;
    FloppyDrive *d = fdc_drive(f, f->selected);
    f->transfer = transfer;
    f->multi_track = f->fifo[0] & 0x80;
    f->size_code = f->fifo[5];
    f->end_track = f->fifo[6];
    if (f->selected >= FDC_DRIVES) {
        fdc_end_transfer(f, ST0_ABNORMAL | ST0_NOT_READY, 0, 0);
        return;
    }
    if (!check_drive(f, d)) {
        return;
    }
    if (f->fifo[2] != d->track && !(f->config & 0x40)) {
        /* The head is elsewhere, and nobody said that a transfer implies a seek: the address is not found. */
        fdc_end_transfer(f, ST0_ABNORMAL, ST1_NO_DATA, ST2_WRONG_CYLINDER);
        return;
    }
    uint8_t wrong = floppy_seek(d, f->fifo[2], f->fifo[3], f->fifo[4]);
    if (wrong) {
        fdc_end_transfer(f, ST0_ABNORMAL, wrong, 0);
        return;
    }
    if (transfer == FDC_VERIFY && !dma_wanted(f)) {
        fdc_end_transfer(f, 0, 0, 0);
        return;
    }
    go(f, fdc_dma_transfer);
}

/* fifo: command, drive and head, N, SC, GPL, D. */
void fdc_start_format(Fdc *f)
{
    f->selected = f->fifo[1] & 3;
    f->transfer = FDC_FORMAT;
    f->size_code = f->fifo[2];
    f->format_left = f->fifo[3];
    f->fill = f->fifo[5];
    if (f->selected >= FDC_DRIVES) {
        fdc_end_transfer(f, ST0_ABNORMAL | ST0_NOT_READY, 0, 0);
    } else if (check_drive(f, fdc_drive(f, f->selected))) {
        if (!f->format_left) {
            fdc_end_transfer(f, 0, 0, 0);
        } else {
            go(f, format_by_dma);
        }
    }
}
