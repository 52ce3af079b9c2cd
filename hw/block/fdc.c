/*
 * The floppy controller 82077AA (Intel 290166) at the ports of a PC: registers, the command table, interrupts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/block/fdc-internal.h"

#include "hw/nvram/fw_cfg.h"
#include "util/error.h"
#include "util/log.h"

#include <string.h>

enum { REG_SRA, REG_SRB, REG_DOR, REG_TDR, REG_MSR, REG_FIFO, REG_UNUSED, REG_DIR };
enum { DOR_SELECT = 0x03, DOR_NOT_RESET = 0x04, DOR_DMA = 0x08, DOR_MOTOR_A = 0x10, DSR_RESET = 0x80, DSR_POWER_DOWN = 0x40, SRA_INT_PENDING = 0x80, DIR_CHANGED = 0x80 };
enum { CONFIG_POLL_OFF = 0x10, CONFIG_DEFAULT = 0x60, LOCKED = 0x10 };

/* ---- interrupts and phases ---- */
void fdc_raise_irq(Fdc *f)
{
    f->sra |= SRA_INT_PENDING;
    if (f->dor & DOR_DMA) {
        irq_raise(f->irq);
    }
}

static void lower_irq(Fdc *f)
{
    f->sra &= ~SRA_INT_PENDING;
    irq_lower(f->irq);
}

static void command_phase(Fdc *f)
{
    f->phase = FDC_COMMAND;
    f->fifo_at = 0;
    f->fifo_need = 0;
    f->msr = MSR_RQM | (f->msr & 0x0f);
}

void fdc_result(Fdc *f, unsigned len)
{
    f->phase = FDC_RESULT;
    f->fifo_at = 0;
    f->fifo_need = len;
    f->msr = MSR_RQM | MSR_DIO | MSR_BUSY | (f->msr & 0x0f);
}

void fdc_end_transfer(Fdc *f, uint8_t st0, uint8_t st1, uint8_t st2)
{
    const FloppyDrive *d = fdc_drive(f, f->selected);
    f->status0 = st0 | (uint8_t)(d->head << 2) | f->selected;
    uint8_t result[7] = { f->status0, st1, st2, d->track, d->head, d->sector, 2 };
    memcpy(f->fifo, result, sizeof(result));
    fdc_result(f, 7);
    fdc_raise_irq(f);
}

/* ---- commands ---- */

static void cmd_specify(Fdc *f)
{
    f->timer0 = f->fifo[1] >> 4;
    f->timer1 = f->fifo[2];
    command_phase(f);
}

static void cmd_sense_drive_status(Fdc *f)
{
    unsigned n = f->fifo[1] & 3;
    const FloppyDrive *d = fdc_drive(f, n);
    f->fifo[0] = 0x28 | (d->read_only ? 0x40 : 0) | (d->track == 0 ? 0x10 : 0) | (f->fifo[1] & 7);
    fdc_result(f, 1);
}

static void seek_ended(Fdc *f, unsigned n, bool present)
{
    f->selected = (uint8_t)n;
    f->status0 = ST0_SEEK_END | (present ? 0 : ST0_ABNORMAL | ST0_EQUIPMENT) | (uint8_t)n;
    command_phase(f);
    fdc_raise_irq(f);
}

static void move_head(Fdc *f, unsigned n, uint8_t track)
{
    if (n < FDC_DRIVES) {
        FloppyDrive *d = fdc_drive(f, n);
        d->track = track;
        if (floppy_has_medium(d)) {
            d->media_changed = false;       /* a step with a disk in the drive */
        }
    }
}

static void cmd_recalibrate(Fdc *f)
{
    unsigned n = f->fifo[1] & 3;
    move_head(f, n, 0);
    seek_ended(f, n, n < FDC_DRIVES && fdc_drive(f, n)->blk);
}

static void cmd_seek(Fdc *f)
{
    unsigned n = f->fifo[1] & 3;
    if (n < FDC_DRIVES) {
        fdc_drive(f, n)->head = f->fifo[1] >> 2 & 1;
    }
    move_head(f, n, f->fifo[2]);
    seek_ended(f, n, true);
}

static void relative_seek(Fdc *f, int direction)
{
    unsigned n = f->fifo[1] & 3;
    if (n < FDC_DRIVES) {
        const FloppyDrive *d = fdc_drive(f, n);
        int most = d->format.tracks ? d->format.tracks - 1 : 79;
        move_head(f, n, (uint8_t)CLAMP(d->track + direction * f->fifo[2], 0, most));
    }
    seek_ended(f, n, true);
}

static void cmd_seek_in(Fdc *f) { relative_seek(f, 1); }
static void cmd_seek_out(Fdc *f) { relative_seek(f, -1); }

/* After a reset each of four drives reports once. */
static void cmd_sense_interrupt(Fdc *f)
{
    if (f->sense_after_reset > 0) {
        f->fifo[0] = 0xc0 | (uint8_t)(4 - f->sense_after_reset);
        f->sense_after_reset--;
    } else if (!(f->sra & SRA_INT_PENDING)) {
        f->fifo[0] = ST0_INVALID;
        fdc_result(f, 1);
        return;
    } else {
        f->fifo[0] = f->status0;
    }
    f->fifo[1] = fdc_drive(f, f->selected)->track;
    fdc_result(f, 2);
    lower_irq(f);
    f->status0 = 0xc0;
}

static void cmd_configure(Fdc *f)
{
    f->config = f->fifo[2];
    f->precomp = f->fifo[3];
    command_phase(f);
}

static void cmd_perpendicular(Fdc *f)
{
    if (f->fifo[1] & 0x80) {
        fdc_drive(f, f->selected)->perpendicular = f->fifo[1] & 7;
    }
    command_phase(f);
}

static void cmd_lock(Fdc *f)
{
    f->lock = f->fifo[0] & 0x80;
    f->fifo[0] = f->lock ? LOCKED : 0;
    fdc_result(f, 1);
}

static void cmd_version(Fdc *f)
{
    f->fifo[0] = 0x90;          /* an enhanced controller */
    fdc_result(f, 1);
}

static void cmd_part_id(Fdc *f)
{
    f->fifo[0] = 0x41;
    fdc_result(f, 1);
}

static void cmd_dump_registers(Fdc *f)
{
    const FloppyDrive *d = fdc_drive(f, f->selected);
    uint8_t result[10] = { fdc_drive(f, 0)->track, fdc_drive(f, 1)->track, 0, 0, f->timer0, f->timer1, d->format.sectors,
                           (f->lock ? 0x80 : 0) | (d->perpendicular ? 4 : 0), f->config, f->precomp };
    memcpy(f->fifo, result, sizeof(result));
    fdc_result(f, 10);
}

/* The next address mark under the head. */
static void cmd_read_id(Fdc *f)
{
    f->selected = f->fifo[1] & 3;
    FloppyDrive *d = fdc_drive(f, f->selected);
    d->head = f->fifo[1] >> 2 & 1;
    if (f->selected >= FDC_DRIVES || !floppy_has_medium(d) || (f->dsr & 3) != d->format.rate || d->head >= d->format.heads || d->track >= d->format.tracks) {
        fdc_end_transfer(f, ST0_ABNORMAL, ST1_MISSING_MARK, 0);
        return;
    }
    d->sector = d->sector >= d->format.sectors ? 1 : d->sector + 1;
    fdc_end_transfer(f, 0, 0, 0);
}

static void cmd_option(Fdc *f) { command_phase(f); }

static void cmd_power_down(Fdc *f)
{
    f->power_down = f->fifo[1];
    f->fifo[0] = f->fifo[1];
    fdc_result(f, 1);
}

/* Parameters until one with bit 7; the last of them is given back when bit 6 asks for no results. */
static void cmd_drive_specification(Fdc *f)
{
    if (f->fifo[f->fifo_at - 1] & 0x40) {
        command_phase(f);
        return;
    }
    f->fifo[0] = f->fifo[1];
    f->fifo[2] = f->fifo[3] = 0;
    fdc_result(f, 4);
}

static void cmd_read(Fdc *f) { fdc_start_transfer(f, FDC_READ); }
static void cmd_write(Fdc *f) { fdc_start_transfer(f, FDC_WRITE); }
static void cmd_verify(Fdc *f) { fdc_start_transfer(f, FDC_VERIFY); }
static void cmd_scan_equal(Fdc *f) { fdc_start_transfer(f, FDC_SCAN_EQUAL); }
static void cmd_scan_low(Fdc *f) { fdc_start_transfer(f, FDC_SCAN_LOW); }
static void cmd_scan_high(Fdc *f) { fdc_start_transfer(f, FDC_SCAN_HIGH); }

/* From the first sector of the track on, whatever R says. */
static void cmd_read_track(Fdc *f)
{
    f->fifo[4] = 1;
    f->fifo[0] &= 0x7f;
    fdc_start_transfer(f, FDC_READ);
}

/* mask, value: which first bytes it is; length: bytes with the first. */
typedef struct FdcCommand { uint8_t mask, value, length; void (*run)(Fdc *f); } FdcCommand;
static const FdcCommand commands[] = {
    { 0x1f, 0x06, 9, cmd_read }, { 0x3f, 0x05, 9, cmd_write }, { 0xff, 0x07, 2, cmd_recalibrate }, { 0xff, 0x08, 1, cmd_sense_interrupt },
    { 0xff, 0x0f, 3, cmd_seek }, { 0xbf, 0x0a, 2, cmd_read_id }, { 0xff, 0x03, 3, cmd_specify }, { 0xff, 0x04, 2, cmd_sense_drive_status },
    { 0x1f, 0x02, 9, cmd_read_track }, { 0x1f, 0x0c, 9, cmd_read }, { 0x3f, 0x09, 9, cmd_write }, { 0xbf, 0x0d, 6, fdc_start_format },
    { 0xff, 0x0e, 1, cmd_dump_registers }, { 0xff, 0x10, 1, cmd_version }, { 0x1f, 0x11, 9, cmd_scan_equal }, { 0x1f, 0x19, 9, cmd_scan_low },
    { 0x1f, 0x1d, 9, cmd_scan_high }, { 0x1f, 0x16, 9, cmd_verify }, { 0xff, 0x12, 2, cmd_perpendicular }, { 0xff, 0x13, 4, cmd_configure },
    { 0x7f, 0x14, 1, cmd_lock }, { 0xff, 0x17, 2, cmd_power_down }, { 0xff, 0x18, 1, cmd_part_id }, { 0xff, 0x33, 2, cmd_option },
    { 0xff, 0x8e, 6, cmd_drive_specification }, { 0xff, 0x8f, 3, cmd_seek_out }, { 0xff, 0xcf, 3, cmd_seek_in },
};

static const FdcCommand *find_command(uint8_t first)
{
    for (size_t n = 0; n < G_N_ELEMENTS(commands); n++) {
        if ((first & commands[n].mask) == commands[n].value) {
            return &commands[n];
        }
    }
    return NULL;
}

static void write_command_byte(Fdc *f, uint8_t value)
{
    if (f->fifo_at == 0) {
        const FdcCommand *c = find_command(value);
        if (!c) {
            log_mask(LOG_UNIMP, "fdc: command 0x%02x is not implemented\n", value);
            f->fifo[0] = ST0_INVALID;
            fdc_result(f, 1);
            return;
        }
        f->fifo_need = c->length;
        f->msr |= MSR_BUSY;
    }
    f->fifo[f->fifo_at++] = value;
    bool specification_ends = f->fifo[0] == 0x8e && f->fifo_at > 1 && (value & 0x80);
    if (f->fifo_at >= f->fifo_need || specification_ends) {
        find_command(f->fifo[0])->run(f);
    }
}

/* ---- reset ---- */
/* by_guest: through DOR or DSR, with the interrupt that follows. */
static void reset_controller(Fdc *f, bool by_guest)
{
    lower_irq(f);
    if (f->dma && f->phase == FDC_EXECUTION) {
        f->dma->request(f->dma->opaque, (int)f->dma_channel, false);
    }
    f->sra = 0;
    f->srb = 0xc0;
    f->msr = 0;
    f->status0 = 0;
    f->selected = 0;
    f->sense_after_reset = 0;
    if (!f->lock) {
        f->config = CONFIG_DEFAULT;
        f->precomp = 0;
    }
    for (int n = 0; n < FDC_DRIVES; n++) {
        fdc_drive(f, n)->track = fdc_drive(f, n)->head = 0;
        fdc_drive(f, n)->sector = 1;
    }
    command_phase(f);
    if (by_guest) {
        f->status0 = 0xc0;
        f->sense_after_reset = 4;
        fdc_raise_irq(f);
    }
}

static void isa_fdc_reset(Device *device)
{
    Fdc *f = (Fdc *)device;
    f->dor = DOR_NOT_RESET | DOR_DMA;
    f->lock = 0;
    f->tdr = 0;
    f->dsr = 0;
    f->timer0 = f->timer1 = 0;
    reset_controller(f, false);
}

/* ---- registers ---- */
static void write_dor(Fdc *f, uint8_t value)
{
    bool was_running = f->dor & DOR_NOT_RESET, runs = value & DOR_NOT_RESET;
    f->dor = value;
    if (was_running && !runs) {
        reset_controller(f, false);
        f->msr = 0;
    } else if (!was_running && runs) {
        reset_controller(f, true);
    }
    f->srb = (f->srb & ~0x20) | (value & 1 ? 0x20 : 0);
}

static void write_dsr(Fdc *f, uint8_t value)
{
    if (!(f->dor & DOR_NOT_RESET)) {
        return;
    }
    f->dsr = value & ~DSR_RESET;
    if (value & DSR_RESET) {
        reset_controller(f, true);
    }
}

static uint8_t read_fifo(Fdc *f)
{
    if (!(f->msr & MSR_RQM) || !(f->msr & MSR_DIO)) {
        return 0;
    }
    if (f->phase == FDC_EXECUTION) {
        return fdc_data_read(f);
    }
    if (f->phase != FDC_RESULT || f->fifo_at >= f->fifo_need) {
        return 0;
    }
    uint8_t value = f->fifo[f->fifo_at++];
    if (f->fifo_at == 1 && f->fifo_need == 7) {
        lower_irq(f);
    }
    if (f->fifo_at == f->fifo_need) {
        command_phase(f);
    }
    return value;
}

static void write_fifo(Fdc *f, uint8_t value)
{
    if (!(f->dor & DOR_NOT_RESET) || !(f->msr & MSR_RQM) || (f->msr & MSR_DIO)) {
        return;
    }
    if (f->phase == FDC_EXECUTION) {
        fdc_data_write(f, value);
    } else if (f->phase == FDC_COMMAND) {
        write_command_byte(f, value);
    }
}

static uint8_t read_dir(Fdc *f)
{
    unsigned n = f->dor & DOR_SELECT;
    return n < FDC_DRIVES && fdc_drive(f, n)->blk && fdc_drive(f, n)->media_changed ? DIR_CHANGED : 0;
}

static uint64_t register_read(Fdc *f, unsigned reg)
{
    switch (reg) {
    case REG_SRA: return f->sra;
    case REG_SRB: return f->srb;
    case REG_DOR: return f->dor;
    case REG_TDR: return f->tdr;
    case REG_MSR: return f->msr;
    case REG_FIFO: return read_fifo(f);
    case REG_DIR: return read_dir(f);
    default: return 0xff;
    }
}

static void register_write(Fdc *f, unsigned reg, uint8_t value)
{
    switch (reg) {
    case REG_DOR: write_dor(f, value); break;
    case REG_TDR: f->tdr = value & 3; break;
    case REG_MSR: write_dsr(f, value); break;
    case REG_FIFO: write_fifo(f, value); break;
    case REG_DIR: f->dsr = (f->dsr & ~3) | (value & 3); break;
    default: break;
    }
}

static uint64_t io1_read(void *opaque, uint64_t addr, unsigned size) { return register_read(opaque, (unsigned)addr + 1); }
static void io1_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { register_write(opaque, (unsigned)addr + 1, (uint8_t)value); }
static uint64_t io7_read(void *opaque, uint64_t addr, unsigned size) { return register_read(opaque, REG_DIR); }
static void io7_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { register_write(opaque, REG_DIR, (uint8_t)value); }
static const MemoryRegionOps io1_ops = { .read = io1_read, .write = io1_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 1 } };
static const MemoryRegionOps io7_ops = { .read = io7_read, .write = io7_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 1 } };

/* ---- the device ---- */
static void disk_changed(void *opaque, int n) { }

static bool isa_fdc_realize(Device *device, GError **err)
{
    Fdc *f = (Fdc *)device;
    GError *error = NULL;
    f->irq = isa_get_irq(&f->parent, f->irq_number, &error);
    if (error) {
        g_propagate_error(err, error);
        return false;
    }
    if (f->dma_channel > 7 || f->iobase > 0xfff8) {
        return error_set(err, "isa-fdc: dma or iobase is out of range");
    }
    for (int n = 0; n < FDC_DRIVES; n++) {
        if (!boot_order_add(device, f->bootindex[n], n ? "/floppy@1" : "/floppy@0", err)) {
            return false;
        }
    }
    f->dma = isa_bus_of(&f->parent)->dma[f->dma_channel >> 2];
    if (f->dma) {
        f->dma->register_channel(f->dma->opaque, (int)f->dma_channel, fdc_dma_transfer, f);
    }
    memory_region_init_io(&f->io1, OBJECT(f), &io1_ops, f, "fdc", 5);
    memory_region_init_io(&f->io7, OBJECT(f), &io7_ops, f, "fdc", 1);
    isa_register_ports(&f->parent, &f->io1, (uint16_t)(f->iobase + 1));
    isa_register_ports(&f->parent, &f->io7, (uint16_t)(f->iobase + 7));
    f->parent.first_port = (uint16_t)f->iobase;
    f->bus = floppy_bus_new(device, f->fallback, disk_changed, f);
    for (int n = 0; n < FDC_DRIVES; n++) {
        f->bus->drives[n].wanted_type = f->types[n];
    }
    return true;
}

static void isa_fdc_unrealize(Device *device)
{
    Fdc *f = (Fdc *)device;
    boot_order_remove(device);
    memory_region_destroy(&f->io1);
    memory_region_destroy(&f->io7);
}

static const Property isa_fdc_properties[] = {
    PROP_UINT32("iobase", Fdc, iobase, 0x3f0), PROP_UINT32("irq", Fdc, irq_number, 6), PROP_UINT32("dma", Fdc, dma_channel, 2),
    PROP_ENUM("fdtypeA", Fdc, types[0], floppy_drive_type_names, FLOPPY_DRIVE_AUTO),
    PROP_ENUM("fdtypeB", Fdc, types[1], floppy_drive_type_names, FLOPPY_DRIVE_AUTO),
    PROP_ENUM("fallback", Fdc, fallback, floppy_drive_type_names, FLOPPY_DRIVE_288),
    PROP_INT32("bootindexA", Fdc, bootindex[0], -1, .flags = PROP_NO_DEFAULT),
    PROP_INT32("bootindexB", Fdc, bootindex[1], -1, .flags = PROP_NO_DEFAULT),
};
static const StateField isa_fdc_state[] = {
    STATE_UINT8(Fdc, sra), STATE_UINT8(Fdc, srb), STATE_UINT8(Fdc, dor), STATE_UINT8(Fdc, tdr), STATE_UINT8(Fdc, dsr), STATE_UINT8(Fdc, msr),
    STATE_UINT8(Fdc, status0), STATE_BUFFER(Fdc, fifo), STATE_BUFFER(Fdc, buf), STATE_UINT8(Fdc, config), STATE_UINT8(Fdc, lock),
};
static const DeviceType isa_fdc = {
    .name = "isa-fdc", .parent = "isa-device", .size = sizeof(Fdc), .category = DEVICE_STORAGE, .description = "virtual floppy controller", .firmware_name = "fdc",
    .user_creatable = true, .properties = PROPERTIES(isa_fdc_properties), .state = STATE(isa_fdc_state, .version = 2), .realize = isa_fdc_realize,
    .unrealize = isa_fdc_unrealize, .reset = isa_fdc_reset,
};
REGISTER_DEVICE(isa_fdc)

/* ---- boards ---- */
static Device *board_fdc;

FloppyDriveType fdc_drive_type(Device *fdc, int drive) { return drive >= 0 && drive < FDC_DRIVES ? ((Fdc *)fdc)->bus->drives[drive].type : FLOPPY_DRIVE_NONE; }

uint8_t fdc_cmos_type(int drive)
{
    static const uint8_t codes[] = { [FLOPPY_DRIVE_144] = 4, [FLOPPY_DRIVE_288] = 5, [FLOPPY_DRIVE_120] = 2, [FLOPPY_DRIVE_NONE] = 0, [FLOPPY_DRIVE_AUTO] = 0 };
    return board_fdc ? codes[fdc_drive_type(board_fdc, drive)] : 0;
}

bool fdc_create_isa(IsaBus *bus, GError **err)
{
    Device *fdc = isa_create(bus, "isa-fdc", err);
    if (!fdc) {
        return false;
    }
    board_fdc = fdc;
    for (int n = 0; n < FDC_DRIVES; n++) {
        DriveInfo *drive = drive_get(IF_FLOPPY, 0, n);
        if (!drive) {
            continue;
        }
        Device *dev = device_new("floppy");
        drive->claimed = true;
        if (!object_set_uint(OBJECT(dev), "unit", (uint64_t)n, err) || !device_set_drive(dev, "drive", drive->blk, err)) {
            object_unref(OBJECT(dev));
            return false;
        }
        if (!device_realize(dev, &((Fdc *)fdc)->bus->parent, err)) {
            return false;
        }
    }
    return true;
}
