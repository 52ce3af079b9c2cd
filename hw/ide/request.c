/*
 * A drive's request to its image. A drive has one at a time; one that a reset has cut off goes on with memory of its own and tells nobody.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ide/internal.h"

#include <errno.h>
#include <stdlib.h>

struct IdeRequest {
    IdeDrive *drive;        /* NULL: cut off */
    IoVector qiov;
    void *orphan;           /* the buffer, once the drive has let go of it */
};

static void submit(IdeDrive *d);

static void complete(void *opaque, int result)
{
    IdeRequest *r = opaque;
    IdeDrive *d = r->drive;
    free(r->orphan);
    g_free(r);
    if (!d) {
        return;
    }
    d->request = NULL;
    bool is_read = d->io.kind == IDE_IO_READ;
    if (result < 0) {
        BlockErrorAction action = blk_error_action(d->blk, is_read, -result);
        blk_do_error_action(d->blk, action, is_read, -result);
        if (action == BLOCK_ERROR_ACTION_STOP) {
            d->io.retry = true;
            return;
        }
        if (action == BLOCK_ERROR_ACTION_IGNORE) {
            result = 0;
        }
    }
    d->io.done(d, result);
}

static void submit(IdeDrive *d)
{
    IdeRequest *r = g_new0(IdeRequest, 1);
    r->drive = d;
    d->request = r;
    d->io.retry = false;
    io_vector_init_buffer(&r->qiov, d->io.buf, d->io.bytes);
    switch (d->io.kind) {
    case IDE_IO_READ:
        blk_aio_preadv(d->blk, d->io.offset, &r->qiov, 0, complete, r);
        break;
    case IDE_IO_WRITE:
        blk_aio_pwritev(d->blk, d->io.offset, &r->qiov, 0, complete, r);
        break;
    case IDE_IO_FLUSH:
        blk_aio_flush(d->blk, complete, r);
        break;
    case IDE_IO_DISCARD:
        blk_aio_pdiscard(d->blk, d->io.offset, d->io.bytes, complete, r);
        break;
    }
}

void ide_io(IdeDrive *d, IdeIo kind, int64_t offset, int64_t bytes, void *buf, IdeDone *done)
{
    d->io.kind = kind;
    d->io.offset = offset;
    d->io.bytes = bytes;
    d->io.buf = buf;
    d->io.done = done;
    submit(d);
}

void ide_io_retry(IdeDrive *d)
{
    if (d->io.retry) {
        submit(d);
    }
}

void ide_io_cancel(IdeDrive *d)
{
    d->io.retry = false;
    if (!d->request) {
        return;
    }
    /* Its memory goes with it. */
    d->request->drive = NULL;
    if (d->io.buf == d->pio) {
        d->request->orphan = d->pio;
        d->pio = block_memory_alloc(NULL, IDE_PIO_BYTES);
        if (!d->pio) {
            g_error("no memory for a disk's buffer");
        }
    } else {
        d->request->orphan = d->buf;
        d->buf = NULL;
        d->buf_bytes = 0;
    }
    d->request = NULL;
}

uint8_t *ide_dma_buffer(IdeDrive *d, size_t bytes)
{
    if (d->buf_bytes < bytes) {
        free(d->buf);
        d->buf = block_memory_alloc(blk_node(d->blk), bytes);
        d->buf_bytes = d->buf ? bytes : 0;
    }
    return d->buf;
}
