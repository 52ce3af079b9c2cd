/*
 * -device and device_add: from options to a plugged device, with the reference's messages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device.h"

#include "accel/target.h"
#include "util/error.h"
#include "util/keyval.h"

#include <string.h>

/* Names that users may give instead of the type's. */
static const struct { const char *alias, *type_name; } aliases[] = {
    { "ac97", "AC97" },
    { "ahci", "ich9-ahci" },
    { "e1000-82540em", "e1000" },
    { "es1370", "ES1370" },
    { "lsi", "lsi53c895a" },
    { "virtio-9p", "virtio-9p-pci" },
    { "virtio-balloon", "virtio-balloon-pci" },
    { "virtio-blk", "virtio-blk-pci" },
    { "virtio-gpu", "virtio-gpu-pci" },
    { "virtio-gpu-gl", "virtio-gpu-gl-pci" },
    { "virtio-input-host", "virtio-input-host-pci" },
    { "virtio-iommu", "virtio-iommu-pci" },
    { "virtio-keyboard", "virtio-keyboard-pci" },
    { "virtio-mouse", "virtio-mouse-pci" },
    { "virtio-net", "virtio-net-pci" },
    { "virtio-rng", "virtio-rng-pci" },
    { "virtio-scsi", "virtio-scsi-pci" },
    { "virtio-serial", "virtio-serial-pci" },
    { "virtio-sound", "virtio-sound-pci" },
    { "virtio-tablet", "virtio-tablet-pci" },
};

static const ObjectType *find_with_aliases(const char *driver)
{
    const ObjectType *type = object_type_find(driver);
    for (unsigned i = 0; !type && i < G_N_ELEMENTS(aliases); i++) {
        if (!strcmp(aliases[i].alias, driver)) {
            type = object_type_find(aliases[i].type_name);
        }
    }
    return type && object_type_is_a(type, "device") ? type : NULL;
}

/* Whether the run's target knows the type; without a target (tests) all are known. */
static bool known_here(const DeviceType *type)
{
    const TargetArch *arch = target_current();
    const ObjectType *t = (const ObjectType *)type;
    for (; arch && t && !g_str_equal(t->name, "device"); t = object_type_parent(t)) {
        if (((const DeviceType *)t)->targets) {
            return g_strv_contains(((const DeviceType *)t)->targets, arch->name);
        }
    }
    return true;
}

bool device_type_offered(const DeviceType *type) { return type->user_creatable && !type->abstract && known_here(type); }

const DeviceType *device_type_for_user(const char *driver, GError **err)
{
    const DeviceType *type = (const DeviceType *)find_with_aliases(driver);
    if (!type || !known_here(type)) {
        error_set(err, "'%s' is not a valid device model name", driver);
        return NULL;
    }
    if (type->abstract) {
        error_set(err, "Parameter 'driver' expects a non-abstract device type");
        return NULL;
    }
    if (!type->user_creatable || (device_machine_ready() && type->not_hotpluggable)) {
        error_set(err, "Parameter 'driver' expects a pluggable device type");
        return NULL;
    }
    return type;
}

/* The bus that the user names, or the first that fits. *bus is NULL for types that need none. */
static bool choose_bus(const DeviceType *type, const char *path, Bus **bus, GError **err)
{
    const char *wanted = device_bus_type(type);
    *bus = NULL;
    if (path) {
        *bus = bus_find(path, err);
        if (!*bus) {
            return false;
        }
        if (!wanted || !object_is_a(&(*bus)->parent, wanted)) {
            return error_set(err, "Device '%s' can't go on %s bus", type->name, (*bus)->parent.type->name);
        }
    } else if (wanted) {
        *bus = bus_find_by_type(wanted);
        if (!*bus) {
            return error_set(err, "No '%s' bus found for device '%s'", wanted, type->name);
        }
    }
    if (*bus && device_machine_ready() && !(*bus)->hotplug) {
        return error_set(err, "Bus '%s' does not support hotplugging", (*bus)->bus_name);
    }
    return true;
}

/* Under /machine/peripheral by its id, or nameless. */
static bool enter_tree(Device *dev, const char *id, GError **err)
{
    if (!id) {
        return object_add_child(object_container("/machine/peripheral-anon"), "device[*]", &dev->parent, err);
    }
    if (!object_id_check(id, err)) {
        return false;
    }
    if (object_child(object_container("/machine/peripheral"), id)) {
        return error_set(err, "Duplicate device ID '%s'", id);
    }
    dev->id = g_strdup(id);
    return object_add_child(object_container("/machine/peripheral"), id, &dev->parent, err);
}

typedef bool SetProperties(Device *dev, void *opaque, GError **err);

static Device *add(const char *driver, const char *id, const char *bus_path, SetProperties *set, void *opaque, GError **err)
{
    Bus *bus;
    if (!driver) {
        error_set(err, "Parameter 'driver' is missing");
        return NULL;
    }
    const DeviceType *type = device_type_for_user(driver, err);
    if (!type || !choose_bus(type, bus_path, &bus, err)) {
        return NULL;
    }
    Device *dev = device_try_new(type->name, err);
    if (!dev) {
        return NULL;
    }
    if (!enter_tree(dev, id, err) || !set(dev, opaque, err)) {
        object_unparent(&dev->parent);
        object_unref(&dev->parent);
        return NULL;
    }
    return device_realize(dev, bus, err) ? dev : NULL;
}

/* ---- from text ---- */

static bool set_from_keyvals(Device *dev, void *opaque, GError **err)
{
    KeyVals *kv = opaque;
    for (unsigned i = 0; i < kv->items->len; i++) {
        const KeyVal *item = kv->items->pdata[i];
        const char *name = item->key, *value = item->value;
        if (!value) {
            /* "noX" without a value: X off, unless the property is really called so. */
            bool negated = !object_type_find_property(dev->parent.type, name);
            value = negated ? "off" : "on";
            name += negated ? 2 : 0;
        }
        if (!object_set_text(&dev->parent, name, value, err)) {
            return false;
        }
    }
    return true;
}

Device *device_add_from_text(const char *text, GError **err)
{
    g_autoptr(KeyVals) kv = keyvals_parse(text, "driver", NULL, err);
    if (!kv) {
        return NULL;
    }
    g_autofree char *driver = keyvals_take(kv, "driver"), *id = keyvals_take(kv, "id"), *bus = keyvals_take(kv, "bus");
    if (id && object_id_valid(id) && object_child(object_container("/machine/peripheral"), id)) {
        error_set(err, "Duplicate ID '%s' for device", id);
        return NULL;
    }
    return add(driver, id, bus, set_from_keyvals, kv, err);
}

/* ---- from a dictionary ---- */

static bool set_from_dict(Device *dev, void *opaque, GError **err)
{
    static const char *const own[] = { "driver", "id", "bus", NULL };
    GVariantIter iter;
    const char *name;
    GVariant *value;
    g_variant_iter_init(&iter, opaque);
    while (g_variant_iter_next(&iter, "{&sv}", &name, &value)) {
        g_autoptr(GVariant) held = value;
        if (g_strv_contains(own, name)) {
            continue;
        }
        bool ok = g_variant_is_of_type(held, G_VARIANT_TYPE_STRING)
                      ? object_set_text(&dev->parent, name, g_variant_get_string(held, NULL), err)
                      : object_set(&dev->parent, name, held, err);
        if (!ok) {
            return false;
        }
    }
    return true;
}

Device *device_add_from_dict(GVariant *dict, GError **err)
{
    const char *driver = NULL, *id = NULL, *bus = NULL;
    g_variant_lookup(dict, "driver", "&s", &driver);
    g_variant_lookup(dict, "id", "&s", &id);
    g_variant_lookup(dict, "bus", "&s", &bus);
    return add(driver, id, bus, set_from_dict, dict, err);
}
