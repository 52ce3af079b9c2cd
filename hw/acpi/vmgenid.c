/*
 * The VM generation id; the header has the document.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/acpi/vmgenid.h"

#include "hw/acpi/acpi.h"
#include "hw/core/machine.h"
#include "softmmu/dma.h"
#include "util/error.h"

#include <string.h>

typedef struct VmGenId {
    Device parent;
    char *guid_text;
    uint8_t guid[16];               /* as text has it: big-endian fields */
    uint8_t *address;               /* 8 bytes, little-endian, written by the firmware; owned by fw_cfg; NULL before */
} VmGenId;

static Device *the_device;

Device *vmgenid_find(void) { return the_device; }

/* In memory the first three fields are little-endian (ACPI's GUIDs). */
static void guid_to_memory(const uint8_t guid[16], uint8_t out[16])
{
    static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
    for (unsigned i = 0; i < 16; i++) {
        out[i] = guid[order[i]];
    }
}

static bool parse_guid(const char *text, uint8_t guid[16])
{
    if (!g_uuid_string_is_valid(text)) {
        return false;
    }
    for (unsigned i = 0; i < 16; i++) {
        if (*text == '-') {
            text++;
        }
        guid[i] = (uint8_t)(g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]));
        text += 2;
    }
    return true;
}

static void write_guid(VmGenId *v)
{
    uint64_t address = v->address ? load_le64(v->address) : 0;
    uint8_t bytes[16];
    if (!address || !machine_current()) {
        return;
    }
    guid_to_memory(v->guid, bytes);
    dma_write(&machine_current()->system_memory.memory_space, address + VMGENID_GUID_OFFSET, bytes, sizeof(bytes));
    acpi_send_event(ACPI_EVENT_VMGENID);
}

uint8_t *vmgenid_page(Device *vmgenid)
{
    uint8_t *page = g_malloc0(VMGENID_FW_CFG_SIZE);
    guid_to_memory(((VmGenId *)vmgenid)->guid, page + VMGENID_GUID_OFFSET);
    return page;
}

static void address_written(void *opaque, size_t offset, size_t len)
{
    write_guid(opaque);
}

void vmgenid_add_fw_cfg(Device *vmgenid, FwCfg *fw_cfg)
{
    VmGenId *v = (VmGenId *)vmgenid;
    v->address = g_malloc0(8);
    fw_cfg_add_file(fw_cfg, VMGENID_GUID_FW_CFG_FILE, vmgenid_page(vmgenid), VMGENID_FW_CFG_SIZE);
    fw_cfg_add_file_callback(fw_cfg, VMGENID_ADDR_FW_CFG_FILE, NULL, address_written, v, v->address, 8, false);
}

char *vmgenid_text(Device *vmgenid)
{
    const uint8_t *g = ((VmGenId *)vmgenid)->guid;
    return g_strdup_printf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7], g[8],
                           g[9], g[10], g[11], g[12], g[13], g[14], g[15]);
}

static bool vmgenid_realize(Device *device, GError **err)
{
    VmGenId *v = (VmGenId *)device;
    if (the_device) {
        return error_set(err, "at most one vmgenid device is permitted");
    }
    if (!v->guid_text || !strcmp(v->guid_text, "auto")) {
        g_autofree char *random = g_uuid_string_random();
        parse_guid(random, v->guid);
    } else if (!parse_guid(v->guid_text, v->guid)) {
        return error_set(err, "Property 'vmgenid.guid' doesn't take value '%s'", v->guid_text);
    }
    the_device = device;
    return true;
}

static void vmgenid_unrealize(Device *device)
{
    the_device = NULL;
}

/* The address is the firmware's: a new start places the page anew. */
static void forget_address(void *opaque)
{
    VmGenId *v = opaque;
    if (v->address) {
        memset(v->address, 0, 8);
    }
}

static bool vmgenid_after_realize(Device *device, GError **err)
{
    reset_register(forget_address, device);
    return true;
}

static const Property vmgenid_properties[] = {
    PROP_STRING("guid", VmGenId, guid_text, "auto", .description = "UUID (aka GUID) or \"auto\" for random value (default)"),
};
static const char *const targets[] = { "x86_64", "i386", NULL };
static const DeviceType vmgenid = {
    .name = "vmgenid", .parent = "device", .size = sizeof(VmGenId), .category = DEVICE_MISC, .user_creatable = true, .targets = targets, .not_hotpluggable = true,
    .properties = PROPERTIES(vmgenid_properties), .realize = vmgenid_realize, .after_realize = vmgenid_after_realize, .unrealize = vmgenid_unrealize,
};
REGISTER_DEVICE(vmgenid)
