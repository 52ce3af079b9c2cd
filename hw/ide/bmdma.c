/*
 * The bus master of a PCI IDE channel (Programming Interface for Bus Master IDE Controller, revision 1.0; Intel 82371SB datasheet, 2.6): a table of
 * pieces of memory in the guest, at most 64 KiB each, the last one marked.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ide/bmdma.h"

enum { CMD_START = 0x01, CMD_READ = 0x08 };                     /* read: from the drive to memory */
enum { STATUS_ACTIVE = 0x01, STATUS_ERROR = 0x02, STATUS_INT = 0x04, STATUS_DRIVES = 0x60 };
enum { PRD_BYTES = 8, PRD_LAST = 0x80, MOST_ENTRIES = 8192 };   /* a table does not cross 64 KiB */

/* ---- data ---- */
static bool next_piece(BusMaster *bm)
{
    uint8_t prd[PRD_BYTES];
    if (bm->last || bm->entries >= MOST_ENTRIES || pci_dma_read(bm->pci, bm->next, prd, sizeof(prd)) != MEM_OK) {
        return false;
    }
    bm->next += PRD_BYTES;
    bm->entries++;
    uint32_t len = load_le16(prd + 4) & 0xfffe;
    bm->piece_addr = load_le32(prd) & ~1u;
    bm->piece_left = len ? len : 0x10000;
    bm->last = prd[7] & PRD_LAST;
    return true;
}

static size_t dma_copy(void *opaque, void *buf, size_t len, bool to_guest)
{
    BusMaster *bm = opaque;
    size_t done = 0;
    while (done < len) {
        if (!bm->piece_left && !next_piece(bm)) {
            break;
        }
        uint32_t piece = (uint32_t)MIN(len - done, bm->piece_left);
        MemResult result = to_guest ? pci_dma_write(bm->pci, bm->piece_addr, (char *)buf + done, piece) : pci_dma_read(bm->pci, bm->piece_addr, (char *)buf + done, piece);
        if (result != MEM_OK) {
            bm->status |= STATUS_ERROR;
        }
        bm->piece_addr += piece;
        bm->piece_left -= piece;
        done += piece;
    }
    return done;
}

static void dma_start(void *opaque, IdeDrive *d)
{
    BusMaster *bm = opaque;
    bm->waiting = d;
    if (bm->status & STATUS_ACTIVE) {
        ide_dma_run(d);
    }
}

static void dma_end(void *opaque, bool short_list)
{
    BusMaster *bm = opaque;
    bm->waiting = NULL;
    /* With memory left over the engine stays active (1.0, "Status Bits"); else it is done. */
    if (short_list || (bm->last && !bm->piece_left) || (!bm->piece_left && bm->entries == 0)) {
        bm->status &= ~STATUS_ACTIVE;
    }
}

static void dma_reset(void *opaque)
{
    BusMaster *bm = opaque;
    bm->waiting = NULL;
    bm->command = 0;
    bm->status = 0;
    bm->address = bm->next = 0;
    bm->piece_addr = bm->piece_left = 0;
    bm->last = false;
    bm->entries = 0;
}

/* The drives' reset takes a transfer away, not the registers. */
static void drives_reset(void *opaque)
{
    BusMaster *bm = opaque;
    bm->waiting = NULL;
}

const IdeTransport bmdma_transport = { .dma_start = dma_start, .dma_copy = dma_copy, .dma_end = dma_end, .reset = drives_reset };

/* ---- the drive's interrupt ---- */
static void irq_set_level(void *opaque, int n, int level)
{
    BusMaster *bm = opaque;
    if (level) {
        bm->status |= STATUS_INT;
    }
    irq_set(bm->line, level);
}

/* ---- registers ---- */
static void begin_table(BusMaster *bm)
{
    bm->next = bm->address;
    bm->piece_left = 0;
    bm->last = false;
    bm->entries = 0;
}

static void write_command(BusMaster *bm, uint8_t value)
{
    bool was = bm->command & CMD_START, is = value & CMD_START;
    bm->command = value & (CMD_START | CMD_READ);
    if (is && !was) {
        begin_table(bm);
        bm->status |= STATUS_ACTIVE;
        if (bm->waiting) {
            ide_dma_run(bm->waiting);
        }
    } else if (was && !is) {
        /* Stopped in the middle: the drive's command does not end well. */
        IdeDrive *d = bm->waiting;
        bm->status &= ~STATUS_ACTIVE;
        if (d && d->request) {
            bm->waiting = NULL;
            ide_io_cancel(d);
            ide_command_abort(d);
        }
    }
}

static uint64_t io_read(void *opaque, uint64_t addr, unsigned size)
{
    BusMaster *bm = opaque;
    if (size != 1) {
        return 0xffffffff;
    }
    return addr == 0 ? bm->command : addr == 2 ? bm->status : 0xff;
}

static void io_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    BusMaster *bm = opaque;
    if (size != 1) {
        return;
    }
    if (addr == 0) {
        write_command(bm, (uint8_t)value);
    } else if (addr == 2) {
        bm->status = (value & STATUS_DRIVES) | (bm->status & STATUS_ACTIVE) | (bm->status & ~value & (STATUS_ERROR | STATUS_INT));
    }
}

static const MemoryRegionOps io_ops = { .read = io_read, .write = io_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 4 } };

static uint64_t address_read(void *opaque, uint64_t addr, unsigned size)
{
    return ((BusMaster *)opaque)->address >> (8 * addr) & MAKE_MASK(0, 8 * size);
}

static void address_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    BusMaster *bm = opaque;
    bm->address = (uint32_t)deposit64(bm->address, 8 * (unsigned)addr, 8 * size, value) & ~3u;
}

static const MemoryRegionOps address_ops = { .read = address_read, .write = address_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 4 } };

/* ---- life ---- */
void bmdma_init(BusMaster *bm, PciDevice *pci, MemoryRegion *container, unsigned offset, const char *name)
{
    bm->pci = pci;
    bm->irq = (Irq){ .handler = irq_set_level, .opaque = bm };
    memory_region_init_io(&bm->io, OBJECT(pci), &io_ops, bm, name, 4);
    memory_region_init_io(&bm->address_io, OBJECT(pci), &address_ops, bm, "bmdma", 4);
    memory_region_add_subregion(container, offset, &bm->io);
    memory_region_add_subregion(container, offset + 4, &bm->address_io);
}

void bmdma_reset(BusMaster *bm) { dma_reset(bm); }
