/*
 * Native command queuing: READ and WRITE FPDMA QUEUED (ATA8-ACS, 7.x; Serial ATA 3.0, 13.6). Each slot is a request of its own to the image.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ide/ahci.h"

#include "util/log.h"

#include <errno.h>
#include <stdlib.h>

enum { READ_FPDMA = 0x60, WRITE_FPDMA = 0x61, NCQ_NON_DATA = 0x63, SEND_FPDMA = 0x64, RECEIVE_FPDMA = 0x65, FIS_SET_DEVICE_BITS = 0xa1, RECEIVED_SDB = 0x58 };

typedef struct NcqRequest { NcqSlot *slot; /* NULL: cut off */ uint8_t *buf; IoVector qiov; } NcqRequest;

bool ahci_is_queued(uint8_t command) { return (command >= READ_FPDMA && command <= WRITE_FPDMA) || (command >= NCQ_NON_DATA && command <= RECEIVE_FPDMA); }

/* ---- the end of a command ---- */
static void send_device_bits(AhciPort *p, uint32_t finished)
{
    const IdeDrive *d = ahci_drive(p);
    uint8_t fis[8] = { FIS_SET_DEVICE_BITS, 0x40, d->status & 0x77, d->error };
    store_le32(fis + 4, finished);
    p->tfd = (uint32_t)d->error << 8 | (d->status & 0x77) | (p->tfd & (STATUS_BSY | STATUS_DRQ));
    if (p->cmd & PORT_CMD_FRE) {
        pci_dma_write(&p->ahci->parent, p->fb + RECEIVED_SDB, fis, sizeof(fis));
    }
    p->sactive &= ~finished;
    if (d->status & STATUS_ERR) {
        p->failed = true;
        ahci_raise(p, PORT_IS_TFES);
    } else {
        ahci_raise(p, PORT_IS_SDBS);
    }
}

static void finish(NcqSlot *n, bool ok)
{
    IdeDrive *d = ahci_drive(n->port);
    n->used = false;
    d->status = ok ? STATUS_DRDY | STATUS_DSC : STATUS_DRDY | STATUS_ERR;
    d->error = ok ? 0 : ERROR_ABRT;
    send_device_bits(n->port, ok ? 1u << n->slot : 0);
}

/* ---- pieces of at most IDE_CHUNK_BYTES ---- */
static void step(NcqSlot *n);

static uint32_t chunk(const NcqSlot *n) { return MIN(n->sectors_left, IDE_CHUNK_BYTES / (uint32_t)SECTOR_SIZE); }

static void request_free(NcqRequest *r)
{
    free(r->buf);
    g_free(r);
}

/* true: the request failed and that has been dealt with. */
static bool handle_error(NcqSlot *n, int result)
{
    BlockBackend *blk = ahci_drive(n->port)->blk;
    BlockErrorAction action = blk_error_action(blk, n->is_read, -result);
    blk_do_error_action(blk, action, n->is_read, -result);
    if (action == BLOCK_ERROR_ACTION_STOP) {
        n->retry = true;
    } else if (action == BLOCK_ERROR_ACTION_REPORT) {
        finish(n, false);
    }
    return action != BLOCK_ERROR_ACTION_IGNORE;
}

static void submit(NcqSlot *n);

static void complete(void *opaque, int result)
{
    NcqRequest *r = opaque;
    NcqSlot *n = r->slot;
    if (!n) {
        request_free(r);
        return;
    }
    if (result < 0 && handle_error(n, result)) {
        if (!n->retry) {
            n->request = NULL;
            request_free(r);
        }
        return;
    }
    n->request = NULL;
    uint32_t sectors = chunk(n);
    if (n->is_read) {
        ahci_data_copy(n->port, &n->data, r->buf, sectors * SECTOR_SIZE, true);
    }
    request_free(r);
    n->sector += sectors;
    n->sectors_left -= sectors;
    step(n);
}

static void submit(NcqSlot *n)
{
    BlockBackend *blk = ahci_drive(n->port)->blk;
    n->retry = false;
    if (n->is_read) {
        blk_aio_preadv(blk, (int64_t)(n->sector * SECTOR_SIZE), &n->request->qiov, 0, complete, n->request);
    } else {
        blk_aio_pwritev(blk, (int64_t)(n->sector * SECTOR_SIZE), &n->request->qiov, 0, complete, n->request);
    }
}

static void step(NcqSlot *n)
{
    size_t bytes = chunk(n) * SECTOR_SIZE;
    if (!bytes) {
        finish(n, true);
        return;
    }
    NcqRequest *r = g_new0(NcqRequest, 1);
    r->slot = n;
    r->buf = block_memory_alloc(blk_node(ahci_drive(n->port)->blk), bytes);
    if (!r->buf || (!n->is_read && ahci_data_copy(n->port, &n->data, r->buf, bytes, false) < bytes)) {
        request_free(r);
        finish(n, false);
        return;
    }
    io_vector_init_buffer(&r->qiov, r->buf, bytes);
    n->request = r;
    submit(n);
}

/* ---- the start ---- */
void ahci_ncq_start(AhciPort *p, int slot, const uint8_t *fis, uint64_t command_table, uint32_t entries)
{
    IdeDrive *d = ahci_drive(p);
    int tag = fis[12] >> 3;
    NcqSlot *n = &p->ncq[slot];
    p->ci &= ~(1u << slot);
    if (n->used || tag != slot) {
        log_mask(LOG_GUEST_ERROR, "ahci: port %d: tag %d in slot %d%s\n", p->number, tag, slot, n->used ? ", which is in use" : "");
        return;
    }
    /* Taken: the drive is not busy. */
    d->status = STATUS_DRDY | STATUS_DSC;
    d->error = 0;
    ahci_send_d2h(p, false);
    uint32_t count = (uint32_t)fis[11] << 8 | fis[3];
    n->used = true;
    n->retry = false;
    n->is_read = fis[2] == READ_FPDMA;
    n->sector = (uint64_t)fis[10] << 40 | (uint64_t)fis[9] << 32 | (uint64_t)fis[8] << 24 | (uint64_t)fis[6] << 16 | (uint64_t)fis[5] << 8 | fis[4];
    n->sectors_left = count ? count : 65536;
    ahci_data_init(&n->data, command_table, entries);
    bool allowed = d->kind == IDE_KIND_HD && (fis[2] == READ_FPDMA || (fis[2] == WRITE_FPDMA && blk_is_writable(d->blk)));
    if (!allowed || n->sector > d->nr_sectors || n->sectors_left > d->nr_sectors - n->sector) {
        finish(n, false);
        return;
    }
    step(n);
}

void ahci_ncq_cancel(AhciPort *p)
{
    for (int slot = 0; slot < AHCI_SLOTS; slot++) {
        NcqSlot *n = &p->ncq[slot];
        n->used = false;
        if (n->request && n->retry) {
            request_free(n->request);   /* not under way */
        } else if (n->request) {
            n->request->slot = NULL;
        }
        n->request = NULL;
        n->retry = false;
    }
}

void ahci_ncq_retry(AhciPort *p)
{
    for (int slot = 0; slot < AHCI_SLOTS; slot++) {
        if (p->ncq[slot].retry) {
            submit(&p->ncq[slot]);
        }
    }
}
