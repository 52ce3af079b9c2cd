/*
 * -kernel for firmware that fetches it from fw_cfg.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/boot-files.h"
#include "hw/nvram/fw_cfg.h"

#include <string.h>

static bool give_file(FwCfg *fw_cfg, const char *what, const char *path, uint16_t size_key, uint16_t data_key, GError **err)
{
    gsize size;
    char *data = boot_read_file(what, path, UINT32_MAX, &size, err);
    if (data) {
        fw_cfg_add_u32(fw_cfg, size_key, (uint32_t)size);
        fw_cfg_add_bytes(fw_cfg, data_key, data, size);
    }
    return data != NULL;
}

bool fw_cfg_give_kernel(FwCfg *fw_cfg, const Machine *m, GError **err)
{
    if (!m->kernel) {
        return true;
    }
    if (!give_file(fw_cfg, "kernel", m->kernel, FW_CFG_KERNEL_SIZE, FW_CFG_KERNEL_DATA, err) ||
        (m->initrd && !give_file(fw_cfg, "ramdisk", m->initrd, FW_CFG_INITRD_SIZE, FW_CFG_INITRD_DATA, err))) {
        return false;
    }
    if (m->append) {
        fw_cfg_add_u32(fw_cfg, FW_CFG_CMDLINE_SIZE, (uint32_t)strlen(m->append) + 1);
        fw_cfg_add_string(fw_cfg, FW_CFG_CMDLINE_DATA, m->append);
    }
    return true;
}
