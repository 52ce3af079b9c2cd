/*
 * Floppy disks and drives: formats by the image's size, the "floppy" device and its bus.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/block/fdc-internal.h"

#include "util/error.h"

static const char *const type_names[] = { "144", "288", "120", "none", "auto", NULL };
const EnumNames floppy_drive_type_names = { "FloppyDriveType", type_names };

/* In order of preference where a size could be more than one. */
static const FloppyFormat formats[] = {
    /* 3.5", high density */
    { FLOPPY_DRIVE_144, 18, 80, 2, 0 }, { FLOPPY_DRIVE_144, 20, 80, 2, 0 }, { FLOPPY_DRIVE_144, 21, 80, 2, 0 }, { FLOPPY_DRIVE_144, 21, 82, 2, 0 },
    { FLOPPY_DRIVE_144, 21, 83, 2, 0 }, { FLOPPY_DRIVE_144, 22, 80, 2, 0 }, { FLOPPY_DRIVE_144, 23, 80, 2, 0 }, { FLOPPY_DRIVE_144, 24, 80, 2, 0 },
    /* 3.5", extra density */
    { FLOPPY_DRIVE_288, 36, 80, 2, 3 }, { FLOPPY_DRIVE_288, 39, 80, 2, 3 }, { FLOPPY_DRIVE_288, 40, 80, 2, 3 }, { FLOPPY_DRIVE_288, 44, 80, 2, 3 },
    { FLOPPY_DRIVE_288, 48, 80, 2, 3 },
    /* 3.5", double density */
    { FLOPPY_DRIVE_144, 9, 80, 2, 2 }, { FLOPPY_DRIVE_144, 10, 80, 2, 2 }, { FLOPPY_DRIVE_144, 10, 82, 2, 2 }, { FLOPPY_DRIVE_144, 10, 83, 2, 2 },
    { FLOPPY_DRIVE_144, 13, 80, 2, 2 }, { FLOPPY_DRIVE_144, 14, 80, 2, 2 },
    /* 5.25", high density */
    { FLOPPY_DRIVE_120, 15, 80, 2, 0 }, { FLOPPY_DRIVE_120, 18, 82, 2, 0 }, { FLOPPY_DRIVE_120, 18, 83, 2, 0 },
    /* 5.25", double density, in a drive that turns faster */
    { FLOPPY_DRIVE_120, 9, 40, 2, 1 }, { FLOPPY_DRIVE_120, 9, 40, 1, 1 }, { FLOPPY_DRIVE_120, 8, 40, 2, 1 }, { FLOPPY_DRIVE_120, 8, 40, 1, 1 },
};

static bool fits(FloppyDriveType drive, FloppyDriveType medium)
{
    return drive == FLOPPY_DRIVE_AUTO || drive == medium || (drive == FLOPPY_DRIVE_288 && medium == FLOPPY_DRIVE_144);
}

/* The format of that size that the drive takes; a 5.25" drive is what an automatic one becomes last. */
static const FloppyFormat *find_format(FloppyDriveType drive, uint64_t nr_sectors)
{
    const FloppyFormat *any = NULL;
    for (size_t n = 0; n < G_N_ELEMENTS(formats); n++) {
        const FloppyFormat *f = &formats[n];
        if (fits(drive, f->drive) && !any) {
            any = f;
        }
        if (fits(drive, f->drive) && (uint64_t)f->sectors * f->tracks * f->heads == nr_sectors) {
            return f;
        }
    }
    return any;
}

void floppy_revalidate(FloppyDrive *d)
{
    d->format = (FloppyFormat){ 0 };
    if (!d->blk) {
        return;
    }
    d->read_only = !blk_is_writable(d->blk);
    if (!blk_is_inserted(d->blk) || d->type == FLOPPY_DRIVE_NONE) {
        return;
    }
    const FloppyFormat *f = find_format(d->type, blk_nr_sectors(d->blk));
    if (f) {
        d->format = *f;
        if (d->type == FLOPPY_DRIVE_AUTO) {
            d->type = f->drive;
        }
    }
}

uint32_t floppy_lba(const FloppyDrive *d) { return ((uint32_t)d->track * d->format.heads + d->head) * d->format.sectors + d->sector - 1; }

uint8_t floppy_seek(FloppyDrive *d, uint8_t track, uint8_t head, uint8_t sector)
{
    if (!floppy_has_medium(d)) {
        return ST1_MISSING_MARK;
    }
    if (track >= d->format.tracks || head >= d->format.heads) {
        return ST1_MISSING_MARK;
    }
    if (sector == 0 || sector > d->format.sectors) {
        return ST1_NO_DATA;
    }
    d->track = track;
    d->head = head;
    d->sector = sector;
    return floppy_lba(d) < blk_nr_sectors(d->blk) ? 0 : ST1_NO_DATA;
}

/* ---- bus ---- */
typedef struct FloppyDevice { Device parent; uint32_t unit; BlockConf conf; int type; } FloppyDevice;

static bool check_unit(Bus *bus, Device *device, GError **err)
{
    FloppyBus *floppy = (FloppyBus *)bus;
    FloppyDevice *dev = (FloppyDevice *)device;
    for (unsigned n = 0; dev->unit == UINT32_MAX && n < FDC_DRIVES; n++) {
        if (!floppy->devices[n]) {
            dev->unit = n;
        }
    }
    if (dev->unit >= FDC_DRIVES) {
        return error_set(err, "Can't create floppy unit %d, bus supports only %d units", (int)dev->unit, FDC_DRIVES);
    }
    return !floppy->devices[dev->unit] || error_set(err, "Floppy unit %u is in use", dev->unit);
}

static const BusType floppy_bus = { .name = "floppy-bus", .parent = "bus", .size = sizeof(FloppyBus), .max_devices = FDC_DRIVES, .check_address = check_unit };
REGISTER_TYPE(floppy_bus)

FloppyBus *floppy_bus_new(Device *owner, FloppyDriveType fallback, void (*changed)(void *opaque, int n), void *opaque)
{
    FloppyBus *bus = (FloppyBus *)bus_new(&floppy_bus, owner, NULL);
    bus->changed = changed;
    bus->opaque = opaque;
    for (int n = 0; n < FDC_DRIVES; n++) {
        bus->drives[n].type = FLOPPY_DRIVE_NONE;
        bus->drives[n].wanted_type = FLOPPY_DRIVE_AUTO;
        bus->drives[n].fallback = fallback;
    }
    return bus;
}

/* ---- the device ---- */
static FloppyDrive *drive_of(FloppyDevice *dev) { return &((FloppyBus *)dev->parent.bus)->drives[dev->unit]; }

static void change_media(void *opaque, bool load)
{
    FloppyDevice *dev = opaque;
    FloppyDrive *d = drive_of(dev);
    FloppyBus *bus = (FloppyBus *)dev->parent.bus;
    d->media_changed = true;
    if (load) {
        unsigned perm = BLOCK_PERM_CONSISTENT_READ | (blk_supports_write_perm(d->blk) ? BLOCK_PERM_WRITE : 0);
        blk_set_perm(d->blk, perm, BLOCK_PERM_ALL & ~BLOCK_PERM_WRITE, NULL);
    }
    floppy_revalidate(d);
    bus->changed(bus->opaque, (int)dev->unit);
}

static const BlockDeviceOps floppy_ops = { .change_media = change_media };

static bool floppy_realize(Device *device, GError **err)
{
    FloppyDevice *dev = (FloppyDevice *)device;
    FloppyBus *bus = (FloppyBus *)device->bus;
    FloppyDrive *d = drive_of(dev);
    if (!dev->conf.blk) {
        BlockBackend *blk = blk_new(NULL, err);
        bool ok = device_set_drive(device, "drive", blk, err);
        blk_unref(blk);
        if (!ok) {
            return false;
        }
    }
    if (!block_conf_sizes(&dev->conf, err)) {
        return false;
    }
    if (dev->conf.logical_block_size != 512 || dev->conf.physical_block_size != 512) {
        return error_set(err, "Physical and logical block size must be 512 for floppy");
    }
    if (!block_conf_apply(&dev->conf, !blk_supports_write_perm(dev->conf.blk), false, err)) {
        return false;
    }
    blk_set_on_error(dev->conf.blk, BLOCK_ON_ERROR_REPORT, BLOCK_ON_ERROR_REPORT);
    if (dev->type == FLOPPY_DRIVE_AUTO) {
        dev->type = d->wanted_type;
    }
    d->blk = dev->conf.blk;
    d->type = dev->type;
    floppy_revalidate(d);
    if (d->type == FLOPPY_DRIVE_AUTO) {
        d->type = d->fallback;
        floppy_revalidate(d);
    }
    dev->type = d->type;
    d->media_changed = true;
    bus->devices[dev->unit] = device;
    blk_set_device_ops(d->blk, &floppy_ops, dev);
    blk_set_guest_block_size(d->blk, FDC_SECTOR);
    return true;
}

static void floppy_unrealize(Device *device)
{
    FloppyDevice *dev = (FloppyDevice *)device;
    FloppyDrive *d = drive_of(dev);
    blk_set_device_ops(dev->conf.blk, NULL, NULL);
    ((FloppyBus *)device->bus)->devices[dev->unit] = NULL;
    d->blk = NULL;
    d->type = FLOPPY_DRIVE_NONE;
    floppy_revalidate(d);
}

static const Property floppy_properties[] = {
    PROP_UINT32("unit", FloppyDevice, unit, UINT32_MAX), BLOCK_PROPERTIES(FloppyDevice, conf),
    PROP_ENUM("drive-type", FloppyDevice, type, floppy_drive_type_names, FLOPPY_DRIVE_AUTO),
};
static const char *const targets[] = { "x86_64", "i386", NULL };
static const DeviceType floppy = {
    .name = "floppy", .parent = "device", .size = sizeof(FloppyDevice), .category = DEVICE_STORAGE, .bus_type = "floppy-bus", .targets = targets, .description = "virtual floppy drive",
    .user_creatable = true, .not_hotpluggable = true, .properties = PROPERTIES(floppy_properties), .realize = floppy_realize, .unrealize = floppy_unrealize,
};
REGISTER_DEVICE(floppy)
