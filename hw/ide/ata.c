/*
 * The ATA command set (ATA/ATAPI-6, 8; ATA8-ACS for DATA SET MANAGEMENT): a table of commands, and how the data of reads and writes moves by PIO and by
 * DMA.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ide/internal.h"

#include "util/log.h"

#include <errno.h>
#include <string.h>

enum { MOST_CHS_LBA28 = 0x0fffffff, DSM_TRIM = 0x01, DSM_ENTRY = 8 };

/* ---- the end of a command ---- */
void ide_command_end(IdeDrive *d, bool irq)
{
    IdeBus *bus = d->bus;
    d->data_done = NULL;
    d->dma_step = NULL;
    d->sectors_left = 0;
    if (irq) {
        ide_raise_irq(bus);
    }
    if (bus->transport && bus->transport->command_end) {
        bus->transport->command_end(bus->transport_opaque, d);
    }
}

void ide_command_ok(IdeDrive *d)
{
    d->status = STATUS_DRDY | STATUS_DSC;
    ide_command_end(d, true);
}

void ide_command_abort(IdeDrive *d)
{
    d->status = STATUS_DRDY | STATUS_ERR;
    d->error = ERROR_ABRT;
    d->data_at = d->data_end = 0;
    ide_command_end(d, true);
}

/* ---- PIO ---- */
static void pio_start_at(IdeDrive *d, uint32_t at, uint32_t len, bool to_guest, IdeStep *done)
{
    IdeBus *bus = d->bus;
    d->data_at = at;
    d->data_end = at + len;
    d->data_in = to_guest;
    d->data_done = done;
    d->status = (d->status & ~STATUS_BSY) | STATUS_DRDY | STATUS_DSC | STATUS_DRQ;
    if (bus->transport && bus->transport->pio) {
        bus->transport->pio(bus->transport_opaque, d);
    }
}

void ide_pio_start(IdeDrive *d, uint32_t len, bool to_guest, IdeStep *done) { pio_start_at(d, 0, len, to_guest, done); }

/* ---- DMA ---- */
void ide_dma_begin(IdeDrive *d, IdeStep *step)
{
    const IdeTransport *t = d->bus->transport;
    if (!t || !t->dma_start) {
        ide_command_abort(d);
        return;
    }
    d->dma_step = step;
    d->status = STATUS_DRDY | STATUS_DSC | STATUS_DRQ | STATUS_BSY;
    t->dma_start(d->bus->transport_opaque, d);
}

void ide_dma_run(IdeDrive *d)
{
    if (d->dma_step && !d->request) {
        d->dma_step(d);
    }
}

size_t ide_dma_copy(IdeDrive *d, void *buf, size_t len, bool to_guest)
{
    return d->bus->transport->dma_copy(d->bus->transport_opaque, buf, len, to_guest);
}

void ide_dma_end(IdeDrive *d, bool short_list)
{
    d->dma_step = NULL;
    d->bus->transport->dma_end(d->bus->transport_opaque, short_list);
}

/* ---- addresses ---- */
static bool geometry_valid(const IdeDrive *d) { return d->heads && d->secs; }

static bool get_sector(const IdeDrive *d, uint64_t *sector)
{
    if (d->device & DEVICE_LBA) {
        uint64_t low = (uint64_t)d->lba_high[0] << 16 | (uint64_t)d->lba_mid[0] << 8 | d->lba_low[0];
        *sector = d->lba48 ? (uint64_t)d->lba_high[1] << 40 | (uint64_t)d->lba_mid[1] << 32 | (uint64_t)d->lba_low[1] << 24 | low
                           : (uint64_t)(d->device & 0x0f) << 24 | low;
        return true;
    }
    if (!geometry_valid(d) || d->lba_low[0] == 0) {
        return false;
    }
    uint64_t cylinder = (uint64_t)d->lba_high[0] << 8 | d->lba_mid[0];
    *sector = (cylinder * d->heads + (d->device & 0x0f)) * d->secs + d->lba_low[0] - 1;
    return true;
}

static void set_sector(IdeDrive *d, uint64_t sector)
{
    if ((d->device & DEVICE_LBA) && d->lba48) {
        d->lba_low[0] = (uint8_t)sector, d->lba_mid[0] = (uint8_t)(sector >> 8), d->lba_high[0] = (uint8_t)(sector >> 16);
        d->lba_low[1] = (uint8_t)(sector >> 24), d->lba_mid[1] = (uint8_t)(sector >> 32), d->lba_high[1] = (uint8_t)(sector >> 40);
    } else if (d->device & DEVICE_LBA) {
        d->device = (d->device & 0xf0) | (sector >> 24 & 0x0f);
        d->lba_high[0] = (uint8_t)(sector >> 16), d->lba_mid[0] = (uint8_t)(sector >> 8), d->lba_low[0] = (uint8_t)sector;
    } else if (geometry_valid(d)) {
        uint64_t track = sector / d->secs, cylinder = track / d->heads;
        d->lba_high[0] = (uint8_t)(cylinder >> 8), d->lba_mid[0] = (uint8_t)cylinder;
        d->device = (d->device & 0xf0) | (track % d->heads & 0x0f);
        d->lba_low[0] = sector % d->secs + 1;
    }
}

/* Takes address and length off the registers; false: the command is aborted. */
static bool set_up_transfer(IdeDrive *d, bool lba48)
{
    d->lba48 = lba48;
    uint32_t count = lba48 ? (uint32_t)d->count[1] << 8 | d->count[0] : d->count[0];
    d->sectors_left = count ? count : lba48 ? 65536 : 256;
    if (!get_sector(d, &d->sector) || d->sector > d->nr_sectors || d->sectors_left > d->nr_sectors - d->sector) {
        ide_command_abort(d);
        return false;
    }
    return true;
}

static void advance(IdeDrive *d, uint32_t sectors)
{
    d->sector += sectors;
    d->sectors_left -= sectors;
    set_sector(d, d->sector);
    d->count[0] = (uint8_t)d->sectors_left;
    d->count[1] = d->lba48 ? (uint8_t)(d->sectors_left >> 8) : d->count[1];
}

/* ---- reads and writes by PIO ---- */
static void pio_read_next(IdeDrive *d);

/* The next block out of what was read. The interrupt says that data are there; the last one's transfer ends the command without another. */
static void pio_read_block(IdeDrive *d)
{
    uint32_t sectors = MIN(d->sectors_left, d->block_sectors), at = d->ahead_at;
    advance(d, sectors);
    d->ahead_at += sectors * SECTOR_SIZE;
    d->status &= ~STATUS_BSY;
    ide_raise_irq(d->bus);
    pio_start_at(d, at, sectors * SECTOR_SIZE, true, pio_read_next);
}

static void pio_read_ready(IdeDrive *d, int result)
{
    if (result < 0 && d->ahead_end > d->block_sectors * SECTOR_SIZE) {
        d->no_read_ahead = true;
        d->ahead_end = 0;
        pio_read_next(d);
    } else if (result < 0) {
        ide_command_abort(d);
    } else {
        pio_read_block(d);
    }
}

/* As many whole blocks as the buffer holds are read at once: a request to the image for each sector would make firmware, which reads by PIO, slow. */
static uint32_t read_ahead_sectors(const IdeDrive *d)
{
    uint32_t room = d->no_read_ahead ? d->block_sectors : IDE_PIO_BYTES / (uint32_t)SECTOR_SIZE / d->block_sectors * d->block_sectors;
    return MIN(d->sectors_left, room);
}

static void pio_read_next(IdeDrive *d)
{
    if (!d->sectors_left) {
        d->status = STATUS_DRDY | STATUS_DSC;
        ide_command_end(d, false);
        return;
    }
    if (d->ahead_at < d->ahead_end) {
        pio_read_block(d);
        return;
    }
    d->status = STATUS_DRDY | STATUS_DSC | STATUS_BSY;
    d->ahead_at = 0;
    d->ahead_end = read_ahead_sectors(d) * SECTOR_SIZE;
    ide_io(d, IDE_IO_READ, (int64_t)d->sector * SECTOR_SIZE, d->ahead_end, d->pio, pio_read_ready);
}

static void pio_write_next(IdeDrive *d);

static void flush_after_write(IdeDrive *d, int result)
{
    if (result < 0) {
        ide_command_abort(d);
    } else {
        ide_command_ok(d);
    }
}

static void pio_write_done(IdeDrive *d, int result)
{
    if (result < 0) {
        ide_command_abort(d);
        return;
    }
    advance(d, MIN(d->sectors_left, d->block_sectors));
    if (!d->sectors_left) {
        ide_command_ok(d);
        return;
    }
    ide_raise_irq(d->bus);
    pio_write_next(d);
}

static void pio_write_filled(IdeDrive *d)
{
    d->status = STATUS_DRDY | STATUS_DSC | STATUS_BSY;
    ide_io(d, IDE_IO_WRITE, (int64_t)d->sector * SECTOR_SIZE, MIN(d->sectors_left, d->block_sectors) * SECTOR_SIZE, d->pio, pio_write_done);
}

static void pio_write_next(IdeDrive *d)
{
    ide_pio_start(d, MIN(d->sectors_left, d->block_sectors) * SECTOR_SIZE, false, pio_write_filled);
}

static void read_pio(IdeDrive *d, bool lba48, uint32_t block)
{
    d->block_sectors = block;
    d->ahead_at = d->ahead_end = 0;
    d->no_read_ahead = false;
    if (!block) {
        ide_command_abort(d);
    } else if (set_up_transfer(d, lba48)) {
        pio_read_next(d);
    }
}

static void write_pio(IdeDrive *d, bool lba48, uint32_t block)
{
    d->block_sectors = block;
    if (!block || !blk_is_writable(d->blk)) {
        ide_command_abort(d);
    } else if (set_up_transfer(d, lba48)) {
        pio_write_next(d);
    }
}

static void cmd_read_pio(IdeDrive *d) { read_pio(d, false, 1); }
static void cmd_read_pio_ext(IdeDrive *d) { read_pio(d, true, 1); }
static void cmd_read_multiple(IdeDrive *d) { read_pio(d, false, d->multiple); }
static void cmd_read_multiple_ext(IdeDrive *d) { read_pio(d, true, d->multiple); }
static void cmd_write_pio(IdeDrive *d) { write_pio(d, false, 1); }
static void cmd_write_pio_ext(IdeDrive *d) { write_pio(d, true, 1); }
static void cmd_write_multiple(IdeDrive *d) { write_pio(d, false, d->multiple); }
static void cmd_write_multiple_ext(IdeDrive *d) { write_pio(d, true, d->multiple); }

/* ---- reads and writes by DMA: pieces of at most IDE_CHUNK_BYTES ---- */
static uint32_t chunk(const IdeDrive *d) { return MIN(d->sectors_left, IDE_CHUNK_BYTES / (uint32_t)SECTOR_SIZE); }

static void dma_abort(IdeDrive *d)
{
    d->status = STATUS_DRDY | STATUS_ERR;
    d->error = ERROR_ABRT;
    ide_dma_end(d, false);
    ide_command_end(d, true);
}

static void dma_finished(IdeDrive *d, bool short_list)
{
    d->status = STATUS_DRDY | STATUS_DSC;
    ide_dma_end(d, short_list);
    ide_command_end(d, !short_list);
}

static void dma_read_step(IdeDrive *d);
static void dma_write_step(IdeDrive *d);

static void dma_read_done(IdeDrive *d, int result)
{
    uint32_t sectors = chunk(d);
    if (result < 0) {
        dma_abort(d);
        return;
    }
    if (ide_dma_copy(d, d->buf, sectors * SECTOR_SIZE, true) < sectors * SECTOR_SIZE) {
        dma_finished(d, true);
        return;
    }
    advance(d, sectors);
    dma_read_step(d);
}

static void dma_read_step(IdeDrive *d)
{
    uint32_t sectors = chunk(d);
    if (!sectors) {
        dma_finished(d, false);
    } else if (!ide_dma_buffer(d, sectors * SECTOR_SIZE)) {
        dma_abort(d);
    } else {
        ide_io(d, IDE_IO_READ, (int64_t)d->sector * SECTOR_SIZE, sectors * SECTOR_SIZE, d->buf, dma_read_done);
    }
}

static void dma_write_done(IdeDrive *d, int result)
{
    if (result < 0) {
        dma_abort(d);
        return;
    }
    advance(d, chunk(d));
    dma_write_step(d);
}

static void dma_write_step(IdeDrive *d)
{
    uint32_t sectors = chunk(d);
    if (!sectors) {
        dma_finished(d, false);
    } else if (!ide_dma_buffer(d, sectors * SECTOR_SIZE)) {
        dma_abort(d);
    } else if (ide_dma_copy(d, d->buf, sectors * SECTOR_SIZE, false) < sectors * SECTOR_SIZE) {
        dma_finished(d, true);
    } else {
        ide_io(d, IDE_IO_WRITE, (int64_t)d->sector * SECTOR_SIZE, sectors * SECTOR_SIZE, d->buf, dma_write_done);
    }
}

static void read_dma(IdeDrive *d, bool lba48)
{
    if (set_up_transfer(d, lba48)) {
        ide_dma_begin(d, dma_read_step);
    }
}

static void write_dma(IdeDrive *d, bool lba48)
{
    if (!blk_is_writable(d->blk)) {
        ide_command_abort(d);
    } else if (set_up_transfer(d, lba48)) {
        ide_dma_begin(d, dma_write_step);
    }
}

static void cmd_read_dma(IdeDrive *d) { read_dma(d, false); }
static void cmd_read_dma_ext(IdeDrive *d) { read_dma(d, true); }
static void cmd_write_dma(IdeDrive *d) { write_dma(d, false); }
static void cmd_write_dma_ext(IdeDrive *d) { write_dma(d, true); }

/* ---- TRIM: blocks of 64 entries, 48 bits of address and 16 of length each ---- */
static void trim_next(IdeDrive *d);

static void trim_done(IdeDrive *d, int result)
{
    if (result < 0) {
        dma_abort(d);
        return;
    }
    trim_next(d);
}

/* data_at walks over the entries in the buffer. */
static void trim_next(IdeDrive *d)
{
    while (d->data_at + DSM_ENTRY <= d->data_end) {
        uint64_t entry = load_le64(d->buf + d->data_at), sector = entry & MAKE_MASK(0, 48), count = entry >> 48;
        d->data_at += DSM_ENTRY;
        if (!count) {
            continue;
        }
        if (sector > d->nr_sectors || count > d->nr_sectors - sector) {
            dma_abort(d);
            return;
        }
        ide_io(d, IDE_IO_DISCARD, (int64_t)(sector * SECTOR_SIZE), (int64_t)(count * SECTOR_SIZE), d->buf, trim_done);
        return;
    }
    d->data_at = d->data_end = 0;
    d->count[0] = d->count[1] = 0;
    dma_finished(d, false);
}

static void trim_step(IdeDrive *d)
{
    size_t bytes = d->sectors_left * SECTOR_SIZE;
    if (!ide_dma_buffer(d, bytes)) {
        dma_abort(d);
    } else if (ide_dma_copy(d, d->buf, bytes, false) < bytes) {
        dma_finished(d, true);
    } else {
        d->data_at = 0;
        d->data_end = (uint32_t)bytes;
        trim_next(d);
    }
}

static void cmd_data_set_management(IdeDrive *d)
{
    uint32_t blocks = (uint32_t)d->count[1] << 8 | d->count[0];
    if (!(d->feature[0] & DSM_TRIM) || !blk_is_writable(d->blk) || !blocks || blocks * SECTOR_SIZE > IDE_CHUNK_BYTES) {
        ide_command_abort(d);
        return;
    }
    d->sectors_left = blocks;
    ide_dma_begin(d, trim_step);
}

/* ---- the others ---- */
static void identify_done(IdeDrive *d)
{
    d->status = STATUS_DRDY | STATUS_DSC;
    ide_command_end(d, false);
}

static void cmd_identify(IdeDrive *d)
{
    if (d->kind == IDE_KIND_CD) {
        ide_set_signature(d);
        ide_command_abort(d);
        return;
    }
    ide_identify(d, d->pio);
    ide_raise_irq(d->bus);
    ide_pio_start(d, 512, true, identify_done);
}

static void cmd_identify_packet(IdeDrive *d)
{
    ide_identify(d, d->pio);
    ide_raise_irq(d->bus);
    ide_pio_start(d, 512, true, identify_done);
}

/* READ SECTORS, of a packet device: the signature tells what it is. */
static void cmd_packet_signature(IdeDrive *d)
{
    ide_set_signature(d);
    ide_command_abort(d);
}

static void cmd_nop(IdeDrive *d) { ide_command_abort(d); }
static void cmd_ok(IdeDrive *d) { ide_command_ok(d); }

/* Ready, but the heads are parked. */
static void cmd_power_mode(IdeDrive *d)
{
    d->status = STATUS_DRDY;
    ide_command_end(d, true);
}

static void cmd_check_power_mode(IdeDrive *d)
{
    d->count[0] = 0xff;         /* active or idle */
    ide_command_ok(d);
}

static void cmd_diagnostic(IdeDrive *d)
{
    IdeBus *bus = d->bus;
    for (int unit = 0; unit < 2; unit++) {
        ide_io_cancel(&bus->drives[unit]);
        bus->drives[unit].device = DEVICE_OBSOLETE;
        ide_set_signature(&bus->drives[unit]);
        bus->drives[unit].error = 0x01;
    }
    bus->selected = 0;
    d->status = d->kind == IDE_KIND_CD ? 0 : STATUS_DRDY | STATUS_DSC;
    ide_command_end(d, true);
}

static void cmd_device_reset(IdeDrive *d)
{
    ide_io_cancel(d);
    if (d->bus->transport && d->bus->transport->reset && !d->bus->transport->command_end) {
        d->bus->transport->reset(d->bus->transport_opaque);
    }
    atapi_reset(d);
    ide_set_signature(d);
    d->error = 0x01;
    d->status = 0;
    d->data_at = d->data_end = 0;
    ide_command_end(d, false);
}

static void cmd_initialize_parameters(IdeDrive *d)
{
    /* The geometry that the guest wants to address by; nonsense is not taken over. */
    if (d->count[0]) {
        d->secs = d->count[0];
        d->heads = (d->device & 0x0f) + 1u;
    }
    ide_command_ok(d);
}

static void cmd_set_multiple(IdeDrive *d)
{
    if (d->kind == IDE_KIND_CF && d->count[0] == 0) {
        d->multiple = 0;
    } else if (d->count[0] > IDE_MAX_MULTIPLE || (d->count[0] & (d->count[0] - 1))) {
        ide_command_abort(d);
        return;
    } else {
        d->multiple = d->count[0];
    }
    ide_command_ok(d);
}

static void read_native_max(IdeDrive *d, bool lba48)
{
    if (!d->nr_sectors) {
        ide_command_abort(d);
        return;
    }
    d->lba48 = lba48;
    uint64_t last = d->nr_sectors - 1;
    if (!lba48) {
        last = MIN(last, MOST_CHS_LBA28 - 1);
    }
    set_sector(d, last);
    ide_command_ok(d);
}

static void cmd_read_native_max(IdeDrive *d) { read_native_max(d, false); }
static void cmd_read_native_max_ext(IdeDrive *d) { read_native_max(d, true); }

static void cmd_verify(IdeDrive *d)
{
    if (set_up_transfer(d, false)) {
        advance(d, 0);
        ide_command_ok(d);
    }
}

static void cmd_verify_ext(IdeDrive *d)
{
    if (set_up_transfer(d, true)) {
        ide_command_ok(d);
    }
}

static void cmd_flush(IdeDrive *d)
{
    if (!blk_is_available(d->blk)) {
        ide_command_ok(d);
        return;
    }
    d->status = STATUS_DRDY | STATUS_DSC | STATUS_BSY;
    ide_io(d, IDE_IO_FLUSH, 0, 0, NULL, flush_after_write);
}

/* Transfer modes: the upper five bits the kind, the lower the number (6.x, table "SET FEATURES transfer mode"). */
static bool set_transfer_mode(IdeDrive *d, uint8_t mode)
{
    uint8_t number = mode & 7;
    switch (mode >> 3) {
    case 0x00:      /* PIO */
    case 0x01:      /* PIO with flow control */
        d->mwdma = 0x07;
        d->udma = 0x3f;
        return true;
    case 0x02:      /* single word DMA */
        d->mwdma = 0x07;
        d->udma = 0x3f;
        return true;
    case 0x04:
        d->mwdma = 0x07 | 1u << (number + 8);
        d->udma = 0x3f;
        return number <= 2;
    case 0x08:
        d->mwdma = 0x07;
        d->udma = 0x3f | 1u << (number + 8);
        return number <= 6;
    default:
        return false;
    }
}

enum { FEATURE_WRITE_CACHE_ON = 0x02, FEATURE_TRANSFER_MODE = 0x03, FEATURE_WRITE_CACHE_OFF = 0x82 };

static void cmd_set_features(IdeDrive *d)
{
    static const uint8_t accepted[] = { 0x05, 0x42, 0x55, 0x66, 0x67, 0x69, 0x85, 0x96, 0x9a, 0xaa, 0xc2, 0xcc };
    switch (d->feature[0]) {
    case FEATURE_WRITE_CACHE_ON:
        blk_set_write_cache(d->blk, true);
        ide_command_ok(d);
        return;
    case FEATURE_WRITE_CACHE_OFF:
        blk_set_write_cache(d->blk, false);
        cmd_flush(d);
        return;
    case FEATURE_TRANSFER_MODE:
        if (set_transfer_mode(d, d->count[0])) {
            ide_command_ok(d);
        } else {
            ide_command_abort(d);
        }
        return;
    default:
        if (memchr(accepted, d->feature[0], sizeof(accepted))) {
            ide_command_ok(d);
        } else {
            ide_command_abort(d);
        }
    }
}

/* ---- CompactFlash ---- */
static void cmd_cfa_request_error(IdeDrive *d)
{
    d->error = 0x09;            /* miscellaneous error */
    d->status = STATUS_DRDY | STATUS_DSC;
    ide_command_end(d, true);
}

static void cmd_cfa_erase(IdeDrive *d)
{
    d->error = 0;
    d->status = STATUS_DRDY | STATUS_DSC;
    ide_command_end(d, true);
}

static void cmd_cfa_translate(IdeDrive *d)
{
    memset(d->pio, 0, 512);
    d->pio[0] = d->lba_high[0];
    d->pio[1] = d->lba_mid[0];
    d->pio[2] = d->device;
    d->pio[3] = d->lba_low[0];
    ide_raise_irq(d->bus);
    ide_pio_start(d, 512, true, identify_done);
}

/* ---- the table ---- */
enum { HD = 1 << IDE_KIND_HD, CD = 1 << IDE_KIND_CD, CF = 1 << IDE_KIND_CF, DISKS = HD | CF, ALL = HD | CD | CF };
typedef struct IdeCommand { IdeStep *run; uint8_t kinds; } IdeCommand;

static const IdeCommand commands[256] = {
    [0x00] = { cmd_nop, ALL },
    [0x03] = { cmd_cfa_request_error, CF },
    [0x06] = { cmd_data_set_management, DISKS },
    [0x08] = { cmd_device_reset, CD },
    [0x10 ... 0x1f] = { cmd_ok, DISKS },                        /* RECALIBRATE */
    [0x20] = { cmd_read_pio, DISKS }, [0x21] = { cmd_read_pio, DISKS },
    [0x24] = { cmd_read_pio_ext, DISKS }, [0x25] = { cmd_read_dma_ext, DISKS }, [0x27] = { cmd_read_native_max_ext, DISKS },
    [0x29] = { cmd_read_multiple_ext, DISKS },
    [0x30] = { cmd_write_pio, DISKS }, [0x31] = { cmd_write_pio, DISKS }, [0x34] = { cmd_write_pio_ext, DISKS }, [0x35] = { cmd_write_dma_ext, DISKS },
    [0x38] = { cmd_write_pio, CF }, [0x39] = { cmd_write_multiple_ext, DISKS }, [0x3c] = { cmd_write_pio, DISKS },
    [0x40] = { cmd_verify, DISKS }, [0x41] = { cmd_verify, DISKS }, [0x42] = { cmd_verify_ext, DISKS },
    [0x70 ... 0x7f] = { cmd_ok, DISKS },                        /* SEEK */
    [0x87] = { cmd_cfa_translate, CF },
    [0x90] = { cmd_diagnostic, ALL },
    [0x91] = { cmd_initialize_parameters, DISKS },
    [0x94] = { cmd_power_mode, ALL }, [0x95] = { cmd_power_mode, ALL }, [0x96] = { cmd_power_mode, ALL }, [0x97] = { cmd_power_mode, ALL },
    [0x98] = { cmd_check_power_mode, DISKS }, [0x99] = { cmd_power_mode, ALL },
    [0xa0] = { atapi_packet, CD }, [0xa1] = { cmd_identify_packet, CD },
    [0xb0] = { ide_smart, DISKS },
    [0xc0] = { cmd_cfa_erase, CF },
    [0xc4] = { cmd_read_multiple, DISKS }, [0xc5] = { cmd_write_multiple, DISKS }, [0xc6] = { cmd_set_multiple, DISKS },
    [0xc8] = { cmd_read_dma, DISKS }, [0xc9] = { cmd_read_dma, DISKS }, [0xca] = { cmd_write_dma, DISKS }, [0xcb] = { cmd_write_dma, DISKS },
    [0xcd] = { cmd_write_multiple, CF },
    [0xe0] = { cmd_power_mode, ALL }, [0xe1] = { cmd_power_mode, ALL }, [0xe2] = { cmd_power_mode, ALL }, [0xe3] = { cmd_power_mode, ALL },
    [0xe5] = { cmd_check_power_mode, DISKS }, [0xe6] = { cmd_power_mode, ALL }, [0xe7] = { cmd_flush, ALL }, [0xea] = { cmd_flush, ALL },
    [0xec] = { cmd_identify, ALL }, [0xef] = { cmd_set_features, ALL },
    [0xf5] = { cmd_ok, CF },
    [0xf8] = { cmd_read_native_max, DISKS },
};

void ide_execute(IdeDrive *d, uint8_t command)
{
    if (!d->kind) {
        return;
    }
    /* While a command runs only a packet device's reset is heard. */
    if ((d->status & (STATUS_BSY | STATUS_DRQ)) && !(command == 0x08 && d->kind == IDE_KIND_CD)) {
        return;
    }
    irq_lower(d->bus->irq);
    const IdeCommand *c = &commands[command];
    d->command = command;
    d->status = STATUS_DRDY | STATUS_BSY;
    d->error = 0;
    d->data_at = d->data_end = 0;
    if (command == 0x20 && d->kind == IDE_KIND_CD) {
        cmd_packet_signature(d);
        return;
    }
    if (!c->run || !(c->kinds & 1u << d->kind)) {
        log_mask(LOG_GUEST_ERROR, "ide: command 0x%02x is not one of this drive's\n", command);
        ide_command_abort(d);
        return;
    }
    c->run(d);
}
