/*
 * The device property "drive": names a drive or a node and attaches the device to it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/drive.h"

#include "hw/core/device.h"
#include "util/error.h"

#define FIELD_BLK(object, p) (*PROPERTY_FIELD(object, p, BlockBackend *))

static void detach(Object *object, const Property *p)
{
    BlockBackend *blk = FIELD_BLK(object, p);
    if (blk) {
        FIELD_BLK(object, p) = NULL;
        blk_detach_device(blk, (Device *)object);
    }
}

static bool attach(Object *object, const Property *p, BlockBackend *blk, GError **err)
{
    if (!blk_attach_device(blk, (Device *)object)) {
        return error_set(err, "Drive '%s' is already in use by another device", blk_name(blk));
    }
    DriveInfo *drive = drive_get_by_blk(blk);
    if (drive) {
        drive->claimed = true;
    }
    detach(object, p);
    FIELD_BLK(object, p) = blk;
    return true;
}

static bool drive_set_text(Object *object, const Property *p, const char *text, GError **err)
{
    if (!*text) {
        detach(object, p);
        return true;
    }
    BlockBackend *blk = blk_find(text);
    if (blk) {
        return attach(object, p, blk, err);
    }
    BlockNode *node = block_node_find(text);
    if (!node) {
        return error_set(err, "Property '%s.%s' can't find value '%s'", object->type->name, p->name, text);
    }
    blk = blk_new(NULL, err);
    bool ok = blk && blk_insert(blk, node, err) && attach(object, p, blk, err);
    blk_unref(blk);
    return ok;
}

static bool drive_set(Object *object, const Property *p, GVariant *value, GError **err)
{
    if (!g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)) {
        return error_set(err, "Invalid parameter type for '%s', expected: string", p->name);
    }
    return drive_set_text(object, p, g_variant_get_string(value, NULL), err);
}

static char *drive_text(const Object *object, const Property *p)
{
    const BlockBackend *blk = FIELD_BLK(object, p);
    if (!blk) {
        return g_strdup("");
    }
    return g_strdup(*blk_name(blk) ? blk_name(blk) : blk_node(blk) ? blk_node(blk)->node_name : "");
}

static GVariant *drive_get_value(const Object *object, const Property *p, GError **err)
{
    return g_variant_ref_sink(g_variant_new_take_string(drive_text(object, p)));
}

static char *drive_print(const Object *object, const Property *p)
{
    g_autofree char *text = drive_text(object, p);
    return g_strdup_printf("\"%s\"", text);
}

static void drive_default(Object *object, const Property *p) { FIELD_BLK(object, p) = NULL; }

const PropertyKind property_kind_drive = { "str", drive_set, drive_set_text, drive_get_value, drive_print, drive_default, detach };

bool device_set_drive(Device *dev, const char *property, BlockBackend *blk, GError **err)
{
    const Property *p = object_type_find_property(dev->parent.type, property);
    if (!p || p->kind != &property_kind_drive) {
        return error_set(err, "Property '%s.%s' not found", dev->parent.type->name, property);
    }
    return attach(OBJECT(dev), p, blk, err);
}
