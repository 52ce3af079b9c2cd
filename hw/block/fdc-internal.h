/*
 * The floppy controller (fdc.c: registers and commands; fdc-data.c: the transfer of sectors) and its drives (floppy.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_BLOCK_FDC_INTERNAL_H
#define HW_BLOCK_FDC_INTERNAL_H

#include "hw/block/block.h"
#include "hw/block/fdc.h"

enum { FDC_DRIVES = 2, FDC_SECTOR = 512 };
/* Status register 0, 1 and 2 (82077AA, 6.0). */
enum { ST0_ABNORMAL = 0x40, ST0_INVALID = 0x80, ST0_SEEK_END = 0x20, ST0_EQUIPMENT = 0x10, ST0_NOT_READY = 0x08,
       ST1_END_OF_CYLINDER = 0x80, ST1_NO_DATA = 0x04, ST1_NOT_WRITABLE = 0x02, ST1_MISSING_MARK = 0x01, ST2_WRONG_CYLINDER = 0x10, ST2_SCAN_MET = 0x08,
       ST2_SCAN_FAILED = 0x04 };
enum { MSR_RQM = 0x80, MSR_DIO = 0x40, MSR_NON_DMA = 0x20, MSR_BUSY = 0x10 };

/* A format of disks, found by the image's size. rate: 0 500, 1 300, 2 250, 3 1000 kbit/s. */
typedef struct FloppyFormat { FloppyDriveType drive; uint8_t sectors, tracks, heads, rate; } FloppyFormat;

typedef struct FloppyDrive {
    BlockBackend *blk;                  /* NULL: no drive */
    FloppyDriveType type, wanted_type, fallback;
    FloppyFormat format;                /* sectors 0: no medium */
    uint8_t track, head, sector;
    bool media_changed, read_only, perpendicular;
} FloppyDrive;

typedef struct FloppyBus { Bus parent; FloppyDrive drives[FDC_DRIVES]; Device *devices[FDC_DRIVES]; void (*changed)(void *opaque, int n); void *opaque; } FloppyBus;

typedef enum FdcPhase { FDC_COMMAND, FDC_EXECUTION, FDC_RESULT } FdcPhase;
typedef enum FdcTransfer { FDC_READ, FDC_WRITE, FDC_VERIFY, FDC_SCAN_EQUAL, FDC_SCAN_LOW, FDC_SCAN_HIGH, FDC_FORMAT } FdcTransfer;

typedef struct Fdc {
    IsaDevice parent;                   /* "isa-fdc" */
    MemoryRegion io1, io7;
    FloppyBus *bus;
    Irq *irq;
    IsaDma *dma;
    uint32_t iobase, irq_number, dma_channel;
    int fallback, types[FDC_DRIVES];
    int32_t bootindex[FDC_DRIVES];

    uint8_t sra, srb, dor, tdr, dsr, msr, status0;
    uint8_t config, precomp, timer0, timer1, lock, power_down;
    int sense_after_reset;
    FdcPhase phase;
    uint8_t fifo[16];                   /* parameters, results */
    unsigned fifo_at, fifo_need;

    /* the transfer */
    FdcTransfer transfer;
    uint8_t selected, end_track, multi_track, size_code, fill;
    unsigned format_left;
    uint8_t buf[FDC_SECTOR];
    unsigned buf_at;                    /* bytes of the sector that have moved */
    bool buf_valid, scan_failed;
} Fdc;

/* ---- floppy.c ---- */
extern const EnumNames floppy_drive_type_names;
FloppyBus *floppy_bus_new(Device *owner, FloppyDriveType fallback, void (*changed)(void *opaque, int n), void *opaque);
void floppy_revalidate(FloppyDrive *d);
static inline bool floppy_has_medium(const FloppyDrive *d) { return d->blk && d->format.sectors != 0; }
/* The image's sector at the drive's place. */
uint32_t floppy_lba(const FloppyDrive *d);
/* To track, head and sector: 0, or the bits of ST1 that say what is wrong. */
uint8_t floppy_seek(FloppyDrive *d, uint8_t track, uint8_t head, uint8_t sector);

/* ---- fdc-data.c ---- */
void fdc_start_transfer(Fdc *f, FdcTransfer transfer);
void fdc_start_format(Fdc *f);
int fdc_dma_transfer(void *device, int channel, int position, int len);
uint8_t fdc_data_read(Fdc *f);
void fdc_data_write(Fdc *f, uint8_t value);

/* ---- fdc.c ---- */
static inline FloppyDrive *fdc_drive(Fdc *f, unsigned n) { return &f->bus->drives[n & 1]; }
void fdc_result(Fdc *f, unsigned len);
void fdc_raise_irq(Fdc *f);
/* The seven result bytes of a transfer. */
void fdc_end_transfer(Fdc *f, uint8_t st0, uint8_t st1, uint8_t st2);

#endif
