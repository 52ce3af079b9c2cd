/*
 * Commands on disks and their images. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_COMMANDS_BLOCK_H
#define MONITOR_COMMANDS_BLOCK_H

#include "block/block.h"

GVariant *query_block(void);
GVariant *query_named_block_nodes(void);
GVariant *query_blockstats(void);
/* A disk by the id of its drive or by the device that has it; NULL with DeviceNotFound. */
BlockBackend *command_find_disk(const char *drive, const char *device, GError **err);
bool command_block_resize(const char *drive, const char *node_name, int64_t size, GError **err);
/* Arguments of blockdev-add, nested as QMP has them. */
bool command_blockdev_add(GVariant *dict, GError **err);
/* Writes overlays back; drive "all": every one. */
bool command_commit(const char *drive, GError **err);

#endif
