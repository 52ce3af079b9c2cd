/*
 * Drives: what -drive, -hda, -cdrom, -fda ... ask for, found by interface, bus and unit; and the device property "drive".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef BLOCK_DRIVE_H
#define BLOCK_DRIVE_H

#include "block/block.h"
#include "qom/property.h"

typedef enum BlockInterface {
    IF_DEFAULT = -1,        /* only as an argument: the machine's */
    IF_NONE, IF_IDE, IF_SCSI, IF_FLOPPY, IF_PFLASH, IF_MTD, IF_SD, IF_VIRTIO, IF_XEN, IF_COUNT
} BlockInterface;
extern const char *const block_interface_names[IF_COUNT];   /* "none", "ide", ... */

typedef struct DriveInfo {
    BlockBackend *blk;
    BlockInterface interface;
    int bus, unit;
    bool media_cdrom;
    bool claimed;           /* a board or device has taken it */
    char *serial, *devaddr; /* devaddr: if=virtio,addr= */
    char *id;               /* the blk's name */
    char *text;             /* of the option, for messages */
} DriveInfo;

/* -drive TEXT. default_interface: the machine's, whose MachineType says how many units a bus has. NULL with the reference's error. */
DriveInfo *drive_add(const char *options_text, int default_interface, GError **err);
DriveInfo *drive_get(BlockInterface interface, int bus, int unit);
DriveInfo *drive_get_by_index(BlockInterface interface, int index);
DriveInfo *drive_get_by_blk(const BlockBackend *blk);
int drive_get_max_bus(BlockInterface interface);            /* -1: none */
DriveInfo *drive_next(DriveInfo *drive);                    /* NULL: first */
/* Devices for the drives of if=virtio, at the end of the machine's own devices and before -device. */
bool drive_create_virtio(GError **err);
/* Drives whose interface the machine has not, or has not so many of: false with a line each. After -device. */
bool drive_check_orphans(GError **err);
bool drive_del(const char *id, GError **err);

/* Property kind for "drive": a drive's id or a node name; attaches the device. Storage BlockBackend *. */
extern const PropertyKind property_kind_drive;
#define PROP_DRIVE(n, S, f, ...) PROP_(n, S, f, drive, .type_name = "str", ##__VA_ARGS__)
/* For boards: device.drive = blk (a board's drive). */
bool device_set_drive(struct Device *dev, const char *property, BlockBackend *blk, GError **err);

#endif
