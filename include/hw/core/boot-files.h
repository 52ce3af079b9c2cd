/*
 * What boards do alike with the files that a machine starts from, and with what the device tree says of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_BOOT_FILES_H
#define HW_CORE_BOOT_FILES_H

#include "hw/core/machine.h"

/* The contents of a file of at most max bytes; what: "kernel", "ramdisk". The caller frees; NULL with the reference's error. */
char *boot_read_file(const char *what, const char *path, uint64_t max, gsize *size, GError **err);
/* /chosen: what kernel and initial RAM disk want to be told. initrd_end 0: there is no disk. */
void boot_describe_kernel(const Machine *machine, uint64_t initrd, uint64_t initrd_end, DeviceTree *tree);
/* New random numbers in the seeds of a node, for the next run; false when it has none. */
bool boot_reseed(DeviceTree *tree, const char *path);
/* /distance-map of machines with -numa dist. */
void boot_add_numa_distances(const Machine *machine, DeviceTree *tree);

#endif
