/*
 * The firmware configuration device: how the machine hands tables, kernels and settings to firmware (public specification: "QEMU Firmware Configuration (fw_cfg) Device",
 * in the Linux documentation and elsewhere).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_NVRAM_FW_CFG_H
#define HW_NVRAM_FW_CFG_H

#include "hw/core/machine.h"

typedef struct FwCfg FwCfg;

enum {
    FW_CFG_SIGNATURE = 0x00, FW_CFG_ID = 0x01, FW_CFG_UUID = 0x02, FW_CFG_RAM_SIZE = 0x03, FW_CFG_NOGRAPHIC = 0x04, FW_CFG_NB_CPUS = 0x05,
    FW_CFG_MACHINE_ID = 0x06, FW_CFG_KERNEL_ADDR = 0x07, FW_CFG_KERNEL_SIZE = 0x08, FW_CFG_KERNEL_CMDLINE = 0x09, FW_CFG_INITRD_ADDR = 0x0a,
    FW_CFG_INITRD_SIZE = 0x0b, FW_CFG_BOOT_DEVICE = 0x0c, FW_CFG_NUMA = 0x0d, FW_CFG_BOOT_MENU = 0x0e, FW_CFG_MAX_CPUS = 0x0f, FW_CFG_KERNEL_ENTRY = 0x10,
    FW_CFG_KERNEL_DATA = 0x11, FW_CFG_INITRD_DATA = 0x12, FW_CFG_CMDLINE_ADDR = 0x13, FW_CFG_CMDLINE_SIZE = 0x14, FW_CFG_CMDLINE_DATA = 0x15,
    FW_CFG_SETUP_ADDR = 0x16, FW_CFG_SETUP_SIZE = 0x17, FW_CFG_SETUP_DATA = 0x18, FW_CFG_FILE_DIR = 0x19, FW_CFG_FILE_FIRST = 0x20, FW_CFG_ARCH_LOCAL = 0x8000,
};

/* Data is taken over (g_free'd by the device). Machine lock held or before the machine runs. */
void fw_cfg_add_bytes(FwCfg *s, uint16_t key, void *data, size_t len);
void fw_cfg_add_string(FwCfg *s, uint16_t key, const char *text);
void fw_cfg_add_u16(FwCfg *s, uint16_t key, uint16_t value);
void fw_cfg_add_u32(FwCfg *s, uint16_t key, uint32_t value);
void fw_cfg_add_u64(FwCfg *s, uint16_t key, uint64_t value);
void fw_cfg_modify_u16(FwCfg *s, uint16_t key, uint16_t value);
/* Named files. select: called when the guest selects it; write: after the guest wrote (both may be NULL). */
void fw_cfg_add_file(FwCfg *s, const char *name, void *data, size_t len);
void fw_cfg_add_file_callback(FwCfg *s, const char *name, void (*select)(void *opaque), void (*written)(void *opaque, size_t offset, size_t len),
                              void *opaque, void *data, size_t len, bool read_only);
/* Replaces a file's contents (made anew when it is not there); returns the old data for the caller to free. */
void *fw_cfg_modify_file(FwCfg *s, const char *name, void *data, size_t len);
bool fw_cfg_has_file(FwCfg *s, const char *name);
FwCfg *fw_cfg_find(void);               /* the machine's, or NULL */
/* Boards: ports 0x510 (and DMA at 0x514) on io; or MMIO. dma_space NULL: no DMA interface. */
FwCfg *fw_cfg_new_io(uint32_t iobase, uint32_t dma_iobase, MemoryRegion *io, AddressSpace *dma_space, GError **err);
FwCfg *fw_cfg_new_mmio(uint64_t ctl_addr, uint64_t data_addr, uint32_t data_width, uint64_t dma_addr, MemoryRegion *memory, AddressSpace *dma_space, GError **err);

/* -kernel, -initrd and -append, for firmware that starts them. */
bool fw_cfg_give_kernel(FwCfg *s, const Machine *machine, GError **err);

/* Boot order: a device says at realize under which firmware path it can be booted; the "bootorder" file is made of them. bootindex -1: none. */
bool boot_order_add(Device *dev, int32_t bootindex, const char *suffix, GError **err);
/* The same for what is no device, by its whole path (an option ROM: "/rom@genroms/NAME"). */
bool boot_order_add_path(const char *path, int32_t bootindex, GError **err);
void boot_order_remove(Device *dev);

#endif
