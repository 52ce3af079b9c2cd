/*
 * Buses: names, the tree below the main system bus, and finding one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device.h"
#include "util/error.h"

#include <string.h>

static void bus_finalize(Object *object)
{
    Bus *bus = BUS(object);
    if (bus->owner && bus->owner->buses) {
        g_ptr_array_remove(bus->owner->buses, bus);
    }
    for (unsigned i = 0; bus->devices && i < bus->devices->len; i++) {
        DEVICE(bus->devices->pdata[i])->bus = NULL;
    }
    g_clear_pointer(&bus->devices, g_ptr_array_unref);
    g_clear_pointer(&bus->bus_name, g_free);
}

static const BusType bus_type = { .name = "bus", .parent = "object", .size = sizeof(Bus), .abstract = true, .finalize = bus_finalize };
REGISTER_TYPE(bus_type)

const BusType *bus_type_parent(const BusType *type)
{
    return type == &bus_type ? NULL : (const BusType *)object_type_parent((const ObjectType *)type);
}

/* ---- the main system bus ---- */

static void print_sysbus_device(const Device *dev, GString *out, int indent)
{
    if (!object_is_a(&dev->parent, "sys-bus-device")) {
        return;
    }
    const SysBusDevice *s = (const SysBusDevice *)dev;
    for (int i = 0; i < s->nr_mmio; i++) {
        g_string_append_printf(out, "%*smmio %016" G_GINT64_MODIFIER "x/%016" G_GINT64_MODIFIER "x\n", indent, "", s->mmio_addr[i],
                               memory_region_size(s->mmio[i]));
    }
}

/* "pci@i0cf8" for a chip with ports, "name@00000000fed00000" for one with registers in memory. */
static char *sysbus_firmware_path(const Device *dev)
{
    const char *name = device_firmware_name(dev);
    const SysBusDevice *s = (const SysBusDevice *)dev;
    if (object_is_a(&dev->parent, "sys-bus-device") && s->nr_mmio && s->mmio_addr[0] != UINT64_MAX) {
        return g_strdup_printf("%s@%016" G_GINT64_MODIFIER "x", name, s->mmio_addr[0]);
    }
    if (object_is_a(&dev->parent, "sys-bus-device") && s->nr_ports) {
        return g_strdup_printf("%s@i%04x", name, s->ports[0]);
    }
    return g_strdup(name);
}

static const BusType system_bus_type = {
    .name = "System", .parent = "bus", .size = sizeof(Bus), .print_device = print_sysbus_device, .firmware_path = sysbus_firmware_path,
};
REGISTER_TYPE(system_bus_type)

Bus *bus_main_system(void)
{
    static Bus *bus;
    if (!bus) {
        bus = bus_new(&system_bus_type, NULL, "main-system-bus");
    }
    return bus;
}

/* ---- making ---- */

/* "ide.1": the lower-case name of the type, and how many had no better name before. */
static char *automatic_name(const BusType *type)
{
    static GHashTable *counts;
    if (!counts) {
        counts = g_hash_table_new(g_str_hash, g_str_equal);
    }
    unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, type->name));
    g_hash_table_insert(counts, (char *)type->name, GUINT_TO_POINTER(count + 1));
    g_autofree char *lower = g_ascii_strdown(type->name, -1);
    return g_strdup_printf("%s.%u", lower, count);
}

Bus *bus_new(const BusType *type, Device *owner, const char *name)
{
    Bus *bus = BUS(object_new((const ObjectType *)type));
    bus->owner = owner;
    bus->devices = g_ptr_array_new();
    if (name) {
        bus->bus_name = g_strdup(name);
    } else if (owner && owner->id) {
        bus->bus_name = g_strdup_printf("%s.%u", owner->id, owner->buses ? owner->buses->len : 0);
    } else {
        bus->bus_name = automatic_name(type);
    }
    if (owner) {
        if (!owner->buses) {
            owner->buses = g_ptr_array_new();
        }
        g_ptr_array_add(owner->buses, bus);
    }
    Object *parent = owner ? &owner->parent : object_container("/machine/unattached");
    if (!object_add_child(parent, owner ? bus->bus_name : "sysbus", &bus->parent, NULL)) {
        g_autofree char *numbered = g_strdup_printf("%s[*]", bus->bus_name);
        object_add_child(parent, numbered, &bus->parent, NULL);
    }
    object_unref(&bus->parent);     /* the tree holds it */
    return bus;
}

/* ---- finding ---- */

bool bus_is_full(const Bus *bus)
{
    const BusType *type;
    BUS_TYPE_WITH(bus, max_devices, type);
    return bus->full || (type && bus->devices->len >= (unsigned)type->max_devices);
}

/* Depth first, the newest first. *full: a match that has no room, when there is no other. */
static Bus *search(Bus *bus, const char *name, const char *type_name, Bus **full)
{
    if ((!name || !strcmp(bus->bus_name, name)) && (!type_name || object_is_a(&bus->parent, type_name))) {
        if (name || !bus_is_full(bus)) {
            return bus;
        }
        if (full && !*full) {
            *full = bus;
        }
    }
    for (unsigned d = bus->devices->len; d-- > 0;) {
        Device *dev = bus->devices->pdata[d];
        for (unsigned b = dev->buses ? dev->buses->len : 0; b-- > 0;) {
            Bus *found = search(dev->buses->pdata[b], name, type_name, full);
            if (found) {
                return found;
            }
        }
    }
    return NULL;
}

Bus *bus_find_by_type(const char *type_name)
{
    return search(bus_main_system(), NULL, type_name, NULL);
}

static Device *device_on_bus(const Bus *bus, const char *name)
{
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = bus->devices->len; i-- > 0;) {
            Device *dev = bus->devices->pdata[i];
            if (pass == 0 ? dev->id && !strcmp(dev->id, name) : !strcmp(dev->parent.type->name, name)) {
                return dev;
            }
        }
    }
    return NULL;
}

static void hint_devices(GError **err, const Bus *bus)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (unsigned i = bus->devices->len; i-- > 0;) {
        const Device *dev = bus->devices->pdata[i];
        g_string_append_printf(list, "%s\"%s\"", list->len ? ", " : "", dev->parent.type->name);
        if (dev->id) {
            g_string_append_printf(list, "/\"%s\"", dev->id);
        }
    }
    error_set_hint(err, "devices at \"%s\": %s", bus->bus_name, list->str);
}

static void hint_buses(GError **err, const Device *dev)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (unsigned i = dev->buses ? dev->buses->len : 0; i-- > 0;) {
        g_string_append_printf(list, "%s\"%s\"", list->len ? ", " : "", ((Bus *)dev->buses->pdata[i])->bus_name);
    }
    error_set_hint(err, "child buses at \"%s\": %s", dev->id ? dev->id : dev->parent.type->name, list->str);
}

static Bus *bus_of_device(const Device *dev, const char *device_name, const char *bus_name, GError **err)
{
    unsigned count = dev->buses ? dev->buses->len : 0;
    if (!bus_name) {
        if (count == 1) {
            return dev->buses->pdata[0];
        }
        if (count == 0) {
            error_set(err, "Device '%s' has no child bus", device_name);
        } else {
            error_set(err, "Device '%s' has multiple child buses", device_name);
            hint_buses(err, dev);
        }
        return NULL;
    }
    for (unsigned i = 0; i < count; i++) {
        Bus *bus = dev->buses->pdata[i];
        if (!strcmp(bus->bus_name, bus_name)) {
            return bus;
        }
    }
    error_set(err, "Bus '%s' not found", bus_name);
    hint_buses(err, dev);
    return NULL;
}

Bus *bus_find(const char *path, GError **err)
{
    g_auto(GStrv) names = g_strsplit(path, "/", -1);
    char **name = names;
    Bus *bus = bus_main_system();
    if (path[0] != '/') {
        bus = search(bus, *name, NULL, NULL);
        if (!bus) {
            error_set(err, "Bus '%s' not found", *name);
            return NULL;
        }
    }
    name++;
    while (bus) {
        while (*name && !**name) {
            name++;
        }
        if (!*name) {
            return bus;
        }
        const Device *dev = device_on_bus(bus, *name);
        if (!dev) {
            error_set(err, "Device '%s' not found", *name);
            hint_devices(err, bus);
            return NULL;
        }
        const char *device_name = *name++;
        while (*name && !**name) {
            name++;
        }
        bus = bus_of_device(dev, device_name, *name, err);
        name += *name != NULL;
    }
    return NULL;
}
