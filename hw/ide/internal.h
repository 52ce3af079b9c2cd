/*
 * What the parts of the IDE model share: drives, their bus (a channel with two units, or an AHCI port with one), and the transport that moves data
 * by DMA.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_IDE_INTERNAL_H
#define HW_IDE_INTERNAL_H

#include "hw/block/block.h"
#include "hw/ide/ide.h"
#include "system/runstate.h"
#include "util/bits.h"

/* ---- the command block registers (ATA/ATAPI-6, 7) ---- */
enum { REG_DATA, REG_ERROR, REG_COUNT, REG_LBA_LOW, REG_LBA_MID, REG_LBA_HIGH, REG_DEVICE, REG_STATUS };
enum { ERROR_ABRT = 0x04 };
enum { STATUS_ERR = 0x01, STATUS_DRQ = 0x08, STATUS_DSC = 0x10, STATUS_DF = 0x20, STATUS_DRDY = 0x40, STATUS_BSY = 0x80 };
enum { DEVICE_DEV = 0x10, DEVICE_LBA = 0x40, DEVICE_OBSOLETE = 0xa0 };
enum { CONTROL_NIEN = 0x02, CONTROL_SRST = 0x04, CONTROL_HOB = 0x80 };
/* The sector count register of packet commands: interrupt reason. */
enum { REASON_CD = 0x01, REASON_IO = 0x02 };

enum { IDE_MAX_MULTIPLE = 16, IDE_PIO_BYTES = 32 * 2048, IDE_CHUNK_BYTES = 1 << 20, CD_SECTOR = 2048, CD_RAW_SECTOR = 2352 };

typedef enum IdeKind { IDE_KIND_NONE, IDE_KIND_HD, IDE_KIND_CD, IDE_KIND_CF } IdeKind;
typedef struct IdeBus IdeBus;
typedef struct IdeDrive IdeDrive;
typedef struct IdeRequest IdeRequest;
typedef void IdeStep(IdeDrive *d);
typedef void IdeDone(IdeDrive *d, int result);

typedef enum IdeIo { IDE_IO_READ, IDE_IO_WRITE, IDE_IO_FLUSH, IDE_IO_DISCARD } IdeIo;

/* How data moves besides by the guest's own reads and writes of the data register. */
typedef struct IdeTransport {
    /* A command has data to move by DMA: calls ide_dma_run when it can, now or later. */
    void (*dma_start)(void *opaque, IdeDrive *d);
    /* Moves len bytes between buf and the guest's list; returns how many there was room for. */
    size_t (*dma_copy)(void *opaque, void *buf, size_t len, bool to_guest);
    /* The data has moved, or a command gave up (the drive's status says it). short_list: the guest's list was too small. */
    void (*dma_end)(void *opaque, bool short_list);
    /* data_at to data_end of the drive's buffer want to be moved by PIO. NULL: by the guest. */
    void (*pio)(void *opaque, IdeDrive *d);
    /* The command is over. NULL: nobody wants to know. */
    void (*command_end)(void *opaque, IdeDrive *d);
    void (*reset)(void *opaque);
} IdeTransport;

struct IdeDrive {
    IdeBus *bus;
    int unit;
    IdeKind kind;                       /* IDE_KIND_NONE: nobody there */
    BlockBackend *blk;
    uint32_t cyls, heads, secs, default_heads, default_secs;
    int translation;
    uint64_t nr_sectors, wwn;
    uint32_t physical_block_size;
    uint16_t rotation_rate;
    char serial[21], model[41], version[9];
    bool ncq;                           /* behind AHCI */

    /* task file; [1]: the values before (48-bit commands) */
    uint8_t feature[2], count[2], lba_low[2], lba_mid[2], lba_high[2], error, device, status;
    bool lba48;
    uint8_t command;

    /* PIO */
    uint8_t *pio;                       /* IDE_PIO_BYTES */
    uint32_t data_at, data_end;
    bool data_in;                       /* to the guest */
    IdeStep *data_done;                 /* after the last byte */

    /* the transfer of a command */
    uint64_t sector; uint32_t sectors_left, block_sectors;
    uint32_t ahead_at, ahead_end;       /* bytes of pio that a PIO read has from the image already, and the guest not yet */
    bool no_read_ahead;                 /* of this command: an error wants its sector */
    IdeStep *dma_step;                  /* what ide_dma_run calls */

    /* the request to the image */
    IdeRequest *request;
    struct { IdeIo kind; int64_t offset, bytes; void *buf; IdeDone *done; bool retry; } io;
    uint8_t *buf; size_t buf_bytes;     /* for DMA */

    uint8_t multiple;                   /* sectors of READ/WRITE MULTIPLE */
    uint16_t mwdma, udma;               /* identify words 63 and 88 */
    bool smart_enabled, smart_autosave; uint8_t smart_errors, smart_selftests; uint8_t *smart_log;

    /* packets */
    uint8_t cdb[12];
    bool packet_dma, packet_raw;        /* raw: sectors of 2352 bytes */
    uint32_t packet_left, packet_at, byte_limit;
    uint8_t sense_key, asc, ascq;
    bool tray_open, tray_locked, media_changed, event_new_media, event_eject_request;
};

struct IdeBus {
    Bus parent;                         /* type "IDE" */
    IdeDrive drives[2];
    Device *devices[2];
    int number, max_units, first_serial;
    uint8_t selected, control;
    Irq *irq;
    const IdeTransport *transport;
    void *transport_opaque;
};
#define IDE_BUS(p) ((IdeBus *)(p))

/* The device at a drive. */
typedef struct IdeDevice {
    Device parent;
    uint32_t unit;
    BlockConf conf;
    int translation;
    char *version, *serial, *model;
    uint64_t wwn;
    uint16_t rotation_rate;
    bool win2k_install_hack;
    RunStateHandler *run_state;
} IdeDevice;

/* ---- bus.c ---- */
/* The board's n-th bus, for ide_get_geometry; the first one that is named stays. */
void ide_set_board_bus(int n, Bus *bus);
IdeBus *ide_bus_new(Device *owner, int number, int max_units, const IdeTransport *transport, void *opaque);
void ide_bus_release(IdeBus *bus);
uint32_t ide_register_read(IdeBus *bus, unsigned reg);
void ide_register_write(IdeBus *bus, unsigned reg, uint8_t value);
uint8_t ide_alternate_status(IdeBus *bus);
void ide_control_write(IdeBus *bus, uint8_t value);
uint32_t ide_data_read(IdeBus *bus, unsigned size);
void ide_data_write(IdeBus *bus, uint32_t value, unsigned size);
void ide_bus_reset(IdeBus *bus);
void ide_set_signature(IdeDrive *d);
void ide_drive_reset(IdeDrive *d);
void ide_raise_irq(IdeBus *bus);
static inline IdeDrive *ide_selected(IdeBus *bus) { return &bus->drives[bus->selected]; }
extern const MemoryRegionOps ide_command_ops, ide_control_ops;  /* opaque: the bus */

/* ---- ata.c ---- */
void ide_execute(IdeDrive *d, uint8_t command);
/* Ends a command: status, interrupt. */
void ide_command_ok(IdeDrive *d);
void ide_command_abort(IdeDrive *d);
void ide_command_end(IdeDrive *d, bool irq);
/* Lets the guest (or AHCI) move len bytes of the PIO buffer; done comes after the last. */
void ide_pio_start(IdeDrive *d, uint32_t len, bool to_guest, IdeStep *done);
void ide_pio_stop(IdeDrive *d);
void ide_dma_run(IdeDrive *d);
void ide_dma_begin(IdeDrive *d, IdeStep *step);
size_t ide_dma_copy(IdeDrive *d, void *buf, size_t len, bool to_guest);
void ide_dma_end(IdeDrive *d, bool short_list);

/* ---- request.c ---- */
/* bytes at offset from or to buf (which stays the drive's); done with 0 or a negative errno, unless the drive is reset before. */
void ide_io(IdeDrive *d, IdeIo kind, int64_t offset, int64_t bytes, void *buf, IdeDone *done);
void ide_io_cancel(IdeDrive *d);
void ide_io_retry(IdeDrive *d);
uint8_t *ide_dma_buffer(IdeDrive *d, size_t bytes);         /* NULL: no memory */

/* ---- identify.c ---- */
void ide_identify(IdeDrive *d, uint8_t data[512]);
void ide_smart(IdeDrive *d);
void ide_smart_reset(IdeDrive *d);

/* ---- atapi.c ---- */
void atapi_packet(IdeDrive *d);
void atapi_reset(IdeDrive *d);
extern const BlockDeviceOps atapi_device_ops, ide_disk_ops;

#endif
