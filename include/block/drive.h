/*
 * Drives: what -drive and its short forms name.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef BLOCK_DRIVE_H
#define BLOCK_DRIVE_H

#include <glib.h>
#include <stdbool.h>

typedef enum BlockInterface { IF_NONE, IF_IDE, IF_SCSI, IF_FLOPPY, IF_PFLASH, IF_MTD, IF_SD, IF_VIRTIO, IF_XEN } BlockInterface;
typedef struct DriveInfo DriveInfo;

DriveInfo *drive_add(const char *options_text, int default_interface, GError **err);
DriveInfo *drive_get(BlockInterface interface, int bus, int unit);
bool blockdev_add_text(const char *options_text, GError **err);

#endif
