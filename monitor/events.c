/*
 * QMP events of those who cannot know QMP: they call a hook.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/commands.h"
#include "monitor/monitor.h"

#include "block/block.h"
#include "hw/core/device.h"
#include "hw/virtio/balloon.h"
#include "net/net.h"

static void device_deleted(const char *id, const char *path)
{
    GVariantBuilder d;
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    if (id) {
        g_variant_builder_add(&d, "{sv}", "device", g_variant_new_string(id));
    }
    g_variant_builder_add(&d, "{sv}", "path", g_variant_new_string(path));
    qmp_event_send("DEVICE_DELETED", g_variant_builder_end(&d));
}

static void balloon_changed(uint64_t actual)
{
    GVariantBuilder d;
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&d, "{sv}", "actual", g_variant_new_int64(actual));
    qmp_event_send("BALLOON_CHANGE", g_variant_builder_end(&d));
}

void monitor_install_event_hooks(void)
{
    balloon_set_change_hook(balloon_changed);
    device_set_deleted_hook(device_deleted);
    net_set_event_hook(qmp_event_send);
    block_set_event_hook(qmp_event_send);
}
