/*
 * The devices "ide-hd", "ide-cd" and "ide-cf", and what boards do with them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ide/internal.h"

#include "hw/nvram/fw_cfg.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

static IdeDrive *drive_of(const IdeDevice *dev) { return &IDE_BUS(dev->parent.bus)->drives[dev->unit]; }

static IdeKind kind_of(const Device *dev)
{
    return object_is_a(&dev->parent, "ide-cd") ? IDE_KIND_CD : object_is_a(&dev->parent, "ide-cf") ? IDE_KIND_CF : IDE_KIND_HD;
}

/* ---- realize ---- */
static bool check_sizes(IdeDevice *dev, IdeKind kind, GError **err)
{
    if (!block_conf_sizes(&dev->conf, err)) {
        return false;
    }
    if (dev->conf.logical_block_size != 512) {
        return error_set(err, "logical_block_size must be 512 for IDE");
    }
    if (dev->conf.discard_granularity == UINT32_MAX) {
        dev->conf.discard_granularity = 512;
    } else if (dev->conf.discard_granularity && dev->conf.discard_granularity != 512) {
        return error_set(err, "discard_granularity must be 512 for ide");
    }
    return kind == IDE_KIND_CD || block_conf_geometry(&dev->conf, &dev->translation, 65535, 16, 255, err);
}

static bool prepare_backend(IdeDevice *dev, IdeKind kind, GError **err)
{
    if (!dev->conf.blk) {
        if (kind != IDE_KIND_CD) {
            return error_set(err, "No drive specified");
        }
        /* An empty CD drive of its own. */
        BlockBackend *blk = blk_new(NULL, err);
        bool ok = device_set_drive(&dev->parent, "drive", blk, err);
        blk_unref(blk);
        if (!ok) {
            return false;
        }
    }
    if (kind != IDE_KIND_CD && !blk_is_inserted(dev->conf.blk)) {
        return error_set(err, "Device needs media, but drive is empty");
    }
    return true;
}

static void fill_name(char *to, size_t size, const char *from) { g_strlcpy(to, from, size); }

static void fill_drive(IdeDevice *dev, IdeKind kind, IdeDrive *d)
{
    static const char *const models[] = { [IDE_KIND_HD] = "QEMU HARDDISK", [IDE_KIND_CD] = "QEMU DVD-ROM", [IDE_KIND_CF] = "QEMU MICRODRIVE" };
    if (!dev->serial) {
        DriveInfo *info = drive_get_by_blk(dev->conf.blk);
        dev->serial = info && info->serial ? g_strdup(info->serial) : g_strdup_printf("QM%05d", IDE_BUS(dev->parent.bus)->first_serial + (int)dev->unit);
    }
    if (!dev->version) {
        dev->version = g_strdup("2.5+");
    }
    d->kind = kind;
    d->blk = dev->conf.blk;
    d->cyls = dev->conf.cyls;
    d->default_heads = dev->conf.heads;
    d->default_secs = dev->conf.secs;
    d->translation = dev->translation;
    d->nr_sectors = blk_nr_sectors(d->blk);
    d->wwn = dev->wwn;
    d->rotation_rate = dev->rotation_rate;
    d->physical_block_size = (uint32_t)dev->conf.physical_block_size;
    d->ncq = IDE_BUS(dev->parent.bus)->max_units == 1;
    fill_name(d->serial, sizeof(d->serial), dev->serial);
    fill_name(d->model, sizeof(d->model), dev->model ? dev->model : models[kind]);
    fill_name(d->version, sizeof(d->version), dev->version);
}

static void run_state_changed(void *opaque, bool running, RunState state)
{
    IdeDevice *dev = opaque;
    if (running) {
        ide_io_retry(drive_of(dev));
    }
}

static bool ide_device_realize(Device *device, GError **err)
{
    IdeDevice *dev = (IdeDevice *)device;
    IdeBus *bus = IDE_BUS(device->bus);
    IdeKind kind = kind_of(device);
    IdeDrive *d = &bus->drives[dev->unit];
    if (!prepare_backend(dev, kind, err) || !check_sizes(dev, kind, err) || !block_conf_apply(&dev->conf, kind == IDE_KIND_CD, kind != IDE_KIND_CD, err)) {
        return false;
    }
    if (!boot_order_add(device, dev->conf.bootindex, dev->unit ? "/disk@1" : "/disk@0", err)) {
        return false;
    }
    d->pio = block_memory_alloc(NULL, IDE_PIO_BYTES);
    if (!d->pio) {
        return error_set(err, "no memory for a disk's buffer");
    }
    memset(d->pio, 0, IDE_PIO_BYTES);
    d->smart_log = g_malloc0(512);
    fill_drive(dev, kind, d);
    ide_smart_reset(d);
    blk_set_device_ops(d->blk, kind == IDE_KIND_CD ? &atapi_device_ops : &ide_disk_ops, d);
    blk_set_guest_block_size(d->blk, kind == IDE_KIND_CD ? CD_SECTOR : 512);
    bus->devices[dev->unit] = device;
    ide_drive_reset(d);
    dev->run_state = run_state_add_handler(run_state_changed, dev);
    return true;
}

static void ide_device_unrealize(Device *device)
{
    IdeDevice *dev = (IdeDevice *)device;
    IdeDrive *d = drive_of(dev);
    g_clear_pointer(&dev->run_state, run_state_remove_handler);
    boot_order_remove(device);
    ide_io_cancel(d);
    blk_set_device_ops(dev->conf.blk, NULL, NULL);
    IDE_BUS(device->bus)->devices[dev->unit] = NULL;
    d->kind = IDE_KIND_NONE;
    d->blk = NULL;
    free(d->pio);
    free(d->buf);
    g_free(d->smart_log);
    d->pio = d->buf = NULL;
    d->smart_log = NULL;
    d->buf_bytes = 0;
}

/* ---- the types ---- */
#define IDE_BASE_PROPERTIES \
    BLOCK_PROPERTIES(IdeDevice, conf), BLOCK_ERROR_PROPERTIES(IdeDevice, conf), \
    PROP_STRING("ver", IdeDevice, version, NULL), \
    PROP_UINT64("wwn", IdeDevice, wwn, 0), \
    PROP_STRING("serial", IdeDevice, serial, NULL), \
    PROP_STRING("model", IdeDevice, model, NULL), \
    PROP_INT32("bootindex", IdeDevice, conf.bootindex, -1, .flags = PROP_NO_DEFAULT)

static const Property base_properties[] = {
    PROP_UINT32("unit", IdeDevice, unit, UINT32_MAX),
    PROP_BOOL("win2k-install-hack", IdeDevice, win2k_install_hack, false),
};
static const Property disk_properties[] = {
    IDE_BASE_PROPERTIES, BLOCK_CHS_PROPERTIES(IdeDevice, conf),
    PROP_ENUM("bios-chs-trans", IdeDevice, translation, bios_ata_translation_names, BIOS_ATA_TRANSLATION_AUTO),
    PROP_UINT16("rotation_rate", IdeDevice, rotation_rate, 0),
};
static const Property cd_properties[] = { IDE_BASE_PROPERTIES };

static const DeviceType ide_device = {
    .name = "ide-device", .parent = "device", .size = sizeof(IdeDevice), .abstract = true, .category = DEVICE_STORAGE, .bus_type = "IDE",
    .not_hotpluggable = true, .properties = PROPERTIES(base_properties),
};
REGISTER_DEVICE(ide_device)

#define IDE_DEVICE_TYPE(variable, type_name, text, table) \
    static const DeviceType variable = { \
        .name = type_name, .parent = "ide-device", .size = sizeof(IdeDevice), .category = DEVICE_STORAGE, .description = text, .firmware_name = "drive", \
        .user_creatable = true, .properties = PROPERTIES(table), .realize = ide_device_realize, .unrealize = ide_device_unrealize, \
    }; \
    REGISTER_DEVICE(variable)
IDE_DEVICE_TYPE(ide_hd, "ide-hd", "virtual IDE disk", disk_properties)
IDE_DEVICE_TYPE(ide_cd, "ide-cd", "virtual IDE CD-ROM", cd_properties)
IDE_DEVICE_TYPE(ide_cf, "ide-cf", "virtual CompactFlash card", disk_properties)

/* ---- boards ---- */
enum { BOARD_BUSES = 2 };
static Bus *board_buses[BOARD_BUSES];     /* of its first controller, or the first two on ISA */

void ide_set_board_bus(int n, Bus *bus)
{
    if (n >= 0 && n < BOARD_BUSES && !board_buses[n]) {
        board_buses[n] = bus;
    }
}

Bus *ide_controller_bus(Device *controller, int n)
{
    for (unsigned i = 0; controller->buses && i < controller->buses->len; i++) {
        Bus *bus = controller->buses->pdata[i];
        if (object_is_a(&bus->parent, "IDE") && IDE_BUS(bus)->number == n) {
            return bus;
        }
    }
    return NULL;
}

Device *ide_create_drive(Bus *bus, int unit, DriveInfo *drive, GError **err)
{
    Device *dev = device_new(drive->media_cdrom ? "ide-cd" : "ide-hd");
    ((IdeDevice *)dev)->unit = unit;
    drive->claimed = true;
    if (!device_set_drive(dev, "drive", drive->blk, err)) {
        object_unref(OBJECT(dev));
        return NULL;
    }
    return device_realize(dev, bus, err) ? dev : NULL;
}

bool ide_create_drives(Device *controller, GError **err)
{
    Bus *bus;
    for (int n = 0; (bus = ide_controller_bus(controller, n)); n++) {
        ide_set_board_bus(n, bus);
        for (int unit = 0; unit < IDE_BUS(bus)->max_units; unit++) {
            DriveInfo *drive = drive_get(IF_IDE, n, unit);
            if (drive && !drive->claimed && !ide_create_drive(bus, unit, drive, err)) {
                return false;
            }
        }
    }
    return true;
}

bool ide_get_geometry(int number, int unit, IdeGeometry *geometry)
{
    Bus *bus = number >= 0 && number < BOARD_BUSES ? board_buses[number] : NULL;
    /* AHCI's disks are none of the old firmware's business. */
    if (!bus || IDE_BUS(bus)->max_units < 2 || unit < 0 || unit > 1 || IDE_BUS(bus)->drives[unit].kind != IDE_KIND_HD) {
        return false;
    }
    const IdeDrive *d = &IDE_BUS(bus)->drives[unit];
    static const int codes[] = { [BIOS_ATA_TRANSLATION_NONE] = 0, [BIOS_ATA_TRANSLATION_LBA] = 1, [BIOS_ATA_TRANSLATION_LARGE] = 2, [BIOS_ATA_TRANSLATION_RECHS] = 3 };
    *geometry = (IdeGeometry){ .cylinders = d->cyls, .heads = d->default_heads, .sectors = d->default_secs, .translation = codes[d->translation] };
    return true;
}
