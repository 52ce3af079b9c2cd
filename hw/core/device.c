/*
 * Devices: making, realizing, unplugging, and their pins.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device.h"
#include "util/error.h"

#include <string.h>

const char *const device_category_names[DEVICE_CATEGORY_COUNT] = {
    "Controller/Bridge/Hub", "USB", "Storage", "Network", "Input", "Display", "Sound", "Misc", "CPU", "Watchdog",
};

/* ---- the base type ---- */

static void device_finalize(Object *object)
{
    Device *dev = DEVICE(object);
    if (dev->bus) {
        g_ptr_array_remove(dev->bus->devices, dev);
    }
    for (unsigned i = 0; dev->irq_inputs && i < dev->irq_inputs->len; i++) {
        IrqInputs *group = &g_array_index(dev->irq_inputs, IrqInputs, i);
        g_free(group->name);
        g_free(group->irqs);
    }
    for (unsigned i = 0; dev->irq_outputs && i < dev->irq_outputs->len; i++) {
        g_free(g_array_index(dev->irq_outputs, IrqOutputs, i).name);
    }
    g_clear_pointer(&dev->irq_inputs, g_array_unref);
    g_clear_pointer(&dev->irq_outputs, g_array_unref);
    g_clear_pointer(&dev->buses, g_ptr_array_unref);
    g_clear_pointer(&dev->id, g_free);
    g_clear_error(&dev->pending_error);
}

static GVariant *get_hotpluggable(const Object *object, const Property *p, GError **err)
{
    return g_variant_new_boolean(device_hotpluggable((const Device *)object));
}

static GVariant *get_parent_bus(const Object *object, const Property *p, GError **err)
{
    const Device *dev = (const Device *)object;
    g_autofree char *path = dev->bus ? object_path(&dev->bus->parent) : NULL;
    return g_variant_new_string(path ? path : "");
}

static void no_default(Object *object, const Property *p)
{
}

/* The bus pointer is no reference: the bus outlives its devices. */
static const PropertyKind parent_bus_kind = { .name = "link<bus>", .set_default = no_default };

static const Property device_properties[] = {
    { .name = "parent_bus", .kind = &parent_bus_kind, .get = get_parent_bus, .flags = PROP_HIDDEN | PROP_READ_ONLY },
    PROP_BOOL("realized", Device, realized, false, .flags = PROP_HIDDEN | PROP_READ_ONLY),
    PROP_BOOL("hotplugged", Device, hotplugged, false, .flags = PROP_HIDDEN | PROP_READ_ONLY),
    PROP_BOOL("hotpluggable", Device, hotplugged, false, .get = get_hotpluggable, .flags = PROP_HIDDEN | PROP_READ_ONLY),
};

static const DeviceType device_base_type = {
    .name = "device", .parent = "object", .size = sizeof(Device), .abstract = true, .properties = PROPERTIES(device_properties),
    .finalize = device_finalize,
};
REGISTER_DEVICE(device_base_type)

/* The types from "device" to the device's own. */
#define CHAIN_MAX 16
typedef struct Chain { const DeviceType *types[CHAIN_MAX]; int count; } Chain;

static Chain device_chain(const Device *dev)
{
    Chain chain = { .count = 0 };
    const ObjectType *type = dev->parent.type;
    for (; type && chain.count < CHAIN_MAX; type = object_type_parent(type)) {
        chain.types[chain.count++] = (const DeviceType *)type;
        if (type == (const ObjectType *)&device_base_type) {
            break;
        }
    }
    for (int i = 0; i < chain.count / 2; i++) {
        const DeviceType *swapped = chain.types[i];
        chain.types[i] = chain.types[chain.count - 1 - i];
        chain.types[chain.count - 1 - i] = swapped;
    }
    return chain;
}

const char *device_bus_type(const DeviceType *type)
{
    while (type && type != &device_base_type) {
        if (type->bus_type) {
            return type->bus_type;
        }
        type = (const DeviceType *)object_type_parent((const ObjectType *)type);
    }
    return NULL;
}

const char *device_firmware_name(const Device *dev)
{
    Chain chain = device_chain(dev);
    for (int i = chain.count - 1; i >= 0; i--) {
        if (chain.types[i]->firmware_name) {
            return chain.types[i]->firmware_name;
        }
    }
    return dev->parent.type->name;
}

bool device_hotpluggable(const Device *dev)
{
    Chain chain = device_chain(dev);
    for (int i = 0; i < chain.count; i++) {
        if (chain.types[i]->not_hotpluggable) {
            return false;
        }
    }
    return true;
}

/* ---- making ---- */

static bool machine_ready;

void device_set_machine_ready(void)
{
    machine_ready = true;
}

bool device_machine_ready(void)
{
    return machine_ready;
}

Device *device_try_new(const char *type_name, GError **err)
{
    const ObjectType *type = object_type_find(type_name);
    if (!type || !object_type_is_a(type, "device")) {
        error_set(err, "'%s' is not a valid device model name", type_name);
        return NULL;
    }
    if (type->abstract) {
        error_set(err, "Parameter 'driver' expects a non-abstract device type");
        return NULL;
    }
    Device *dev = DEVICE(object_new(type));
    dev->hotplugged = machine_ready;
    object_apply_globals(&dev->parent, &dev->pending_error);
    return dev;
}

Device *device_new(const char *type_name)
{
    g_autoptr(GError) err = NULL;
    Device *dev = device_try_new(type_name, &err);
    if (!dev) {
        g_error("%s", err->message);    /* a board that names a device which is not built in */
    }
    return dev;
}

/* ---- hot-plug handlers ---- */

static HotplugHandler *(*machine_hotplug)(Device *dev);
static void (*deleted_hook)(const char *id, const char *path);

void device_set_machine_hotplug(HotplugHandler *(*find)(Device *dev))
{
    machine_hotplug = find;
}

void device_set_deleted_hook(void (*fn)(const char *id, const char *path))
{
    deleted_hook = fn;
}

static HotplugHandler *hotplug_handler(Device *dev)
{
    HotplugHandler *handler = machine_hotplug ? machine_hotplug(dev) : NULL;
    return handler ? handler : dev->bus ? dev->bus->hotplug : NULL;
}

/* ---- realize ---- */

static void leave_bus(Device *dev)
{
    if (dev->bus) {
        g_ptr_array_remove(dev->bus->devices, dev);
        dev->bus = NULL;
    }
}

static bool enter_bus(Device *dev, Bus *bus, GError **err)
{
    const char *wanted = device_bus_type(device_type(dev));
    if (!bus) {
        if (!wanted) {
            return true;
        }
        if (strcmp(wanted, "System")) {
            return error_set(err, "Device '%s' needs a '%s' bus", dev->parent.type->name, wanted);
        }
        bus = bus_main_system();
    }
    if (!wanted || !object_is_a(&bus->parent, wanted)) {
        return error_set(err, "Device '%s' can't go on %s bus", dev->parent.type->name, bus->parent.type->name);
    }
    const BusType *type;
    BUS_TYPE_WITH(bus, check_address, type);
    if (bus_is_full(bus)) {
        return error_set(err, "Bus '%s' is full", bus->bus_name);
    }
    if (type && !type->check_address(bus, dev, err)) {
        return false;
    }
    dev->bus = bus;
    g_ptr_array_add(bus->devices, dev);
    return true;
}

static void unrealize_chain(Device *dev, const Chain *chain, int count)
{
    while (count-- > 0) {
        if (chain->types[count]->unrealize) {
            chain->types[count]->unrealize(dev);
        }
    }
}

static bool realize_chain(Device *dev, GError **err)
{
    Chain chain = device_chain(dev);
    for (int i = 0; i < chain.count; i++) {
        if (chain.types[i]->realize && !chain.types[i]->realize(dev, err)) {
            unrealize_chain(dev, &chain, i);
            return false;
        }
    }
    for (int i = 0; i < chain.count; i++) {
        if (chain.types[i]->after_realize && !chain.types[i]->after_realize(dev, err)) {
            unrealize_chain(dev, &chain, chain.count);
            return false;
        }
    }
    return true;
}

static bool realize(Device *dev, Bus *bus, GError **err)
{
    if (dev->pending_error) {
        g_propagate_error(err, g_steal_pointer(&dev->pending_error));
        return false;
    }
    if (!dev->parent.parent && !object_add_child(object_container("/machine/unattached"), "device[*]", &dev->parent, err)) {
        return false;
    }
    if (!enter_bus(dev, bus, err)) {
        return false;
    }
    HotplugHandler *handler = hotplug_handler(dev);
    if ((handler && handler->pre_plug && !handler->pre_plug(handler->opaque, dev, err)) || !realize_chain(dev, err)) {
        return false;
    }
    dev->realized = true;
    dev->parent.sealed = true;
    if (dev->hotplugged) {
        device_cold_reset(dev);
    }
    if (handler && handler->plug && !handler->plug(handler->opaque, dev, err)) {
        device_unrealize(dev);
        return false;
    }
    return true;
}

bool device_realize(Device *dev, Bus *bus, GError **err)
{
    bool ok = realize(dev, bus, err);
    if (!ok) {
        leave_bus(dev);
        object_unparent(&dev->parent);
    }
    object_unref(&dev->parent);
    return ok;
}

void device_unrealize(Device *dev)
{
    if (!dev->realized) {
        return;
    }
    for (unsigned b = dev->buses ? dev->buses->len : 0; b-- > 0;) {
        Bus *bus = dev->buses->pdata[b];
        for (unsigned d = bus->devices->len; d-- > 0;) {
            device_unrealize(bus->devices->pdata[d]);
        }
    }
    Chain chain = device_chain(dev);
    unrealize_chain(dev, &chain, chain.count);
    dev->realized = false;
    dev->parent.sealed = false;
}

void device_unplug(Device *dev)
{
    g_autofree char *path = object_path(&dev->parent);
    g_autofree char *id = g_strdup(dev->id);
    bool was_realized = dev->realized;
    for (unsigned b = dev->buses ? dev->buses->len : 0; b-- > 0;) {
        Bus *bus = dev->buses->pdata[b];
        while (bus->devices->len) {
            device_unplug(bus->devices->pdata[bus->devices->len - 1]);
        }
    }
    device_unrealize(dev);
    leave_bus(dev);
    object_unparent(&dev->parent);
    if (was_realized && deleted_hook) {
        deleted_hook(id, path);
    }
}

void device_complete_unplug(Device *dev)
{
    HotplugHandler *handler = hotplug_handler(dev);
    if (handler && handler->unplug) {
        handler->unplug(handler->opaque, dev);
    }
    device_unplug(dev);
}

Device *device_find(const char *id_or_path)
{
    Object *object = NULL;
    if (id_or_path[0] != '/') {
        object = object_child(object_container("/machine/peripheral"), id_or_path);
    }
    if (!object) {
        object = object_resolve(id_or_path, NULL);
    }
    return object && object_is_a(object, "device") ? DEVICE(object) : NULL;
}

bool device_del(const char *id, GError **err)
{
    Device *dev = device_find(id);
    if (!dev) {
        return error_set_class(err, ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", id);
    }
    if (dev->unplug_pending) {
        return error_set(err, "Device %s is already in the process of unplug", id);
    }
    HotplugHandler *handler = hotplug_handler(dev);
    if (!device_hotpluggable(dev)) {
        return error_set(err, "Device '%s' does not support hotplugging", dev->parent.type->name);
    }
    if (!handler || (!handler->unplug_request && !handler->unplug)) {
        return dev->bus ? error_set(err, "Bus '%s' does not support hotplugging", dev->bus->bus_name)
                        : error_set(err, "Device '%s' does not support hotplugging", dev->parent.type->name);
    }
    if (!handler->unplug_request) {
        device_complete_unplug(dev);
        return true;
    }
    object_ref(&dev->parent);
    dev->unplug_pending = true;
    bool ok = handler->unplug_request(handler->opaque, dev, err);
    if (!ok) {
        dev->unplug_pending = false;
    }
    object_unref(&dev->parent);
    return ok;
}

/* ---- pins ---- */

static bool same_group(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

static unsigned groups_so_far(const Device *dev)
{
    return (dev->irq_inputs ? dev->irq_inputs->len : 0) + (dev->irq_outputs ? dev->irq_outputs->len : 0);
}

/* A second call for the same group makes another entry: pins that were handed out keep their place in memory. */
void device_add_irq_inputs(Device *dev, const char *group, IrqHandler *handler, void *opaque, int count)
{
    int before = 0;
    if (!dev->irq_inputs) {
        dev->irq_inputs = g_array_new(FALSE, FALSE, sizeof(IrqInputs));
    }
    for (unsigned i = 0; i < dev->irq_inputs->len; i++) {
        const IrqInputs *other = &g_array_index(dev->irq_inputs, IrqInputs, i);
        before += same_group(other->name, group) ? other->count : 0;
    }
    IrqInputs inputs = { g_strdup(group), irq_new_array(handler, opaque, count), count, groups_so_far(dev) };
    for (int n = 0; n < count; n++) {
        inputs.irqs[n].n = before + n;
    }
    g_array_append_val(dev->irq_inputs, inputs);
}

Irq *device_irq_input(Device *dev, const char *group, int n)
{
    for (unsigned i = 0; dev->irq_inputs && i < dev->irq_inputs->len; i++) {
        IrqInputs *inputs = &g_array_index(dev->irq_inputs, IrqInputs, i);
        if (same_group(inputs->name, group)) {
            if (n >= 0 && n < inputs->count) {
                return &inputs->irqs[n];
            }
            n -= inputs->count;
        }
    }
    return NULL;
}

void device_add_irq_outputs(Device *dev, const char *group, Irq **lines, int count)
{
    if (!dev->irq_outputs) {
        dev->irq_outputs = g_array_new(FALSE, FALSE, sizeof(IrqOutputs));
    }
    IrqOutputs outputs = { g_strdup(group), lines, count, groups_so_far(dev) };
    g_array_append_val(dev->irq_outputs, outputs);
}

void device_connect_irq(Device *dev, const char *group, int n, Irq *to)
{
    for (unsigned i = 0; dev->irq_outputs && i < dev->irq_outputs->len; i++) {
        IrqOutputs *outputs = &g_array_index(dev->irq_outputs, IrqOutputs, i);
        if (same_group(outputs->name, group)) {
            if (n >= 0 && n < outputs->count) {
                outputs->lines[n] = to;
                return;
            }
            n -= outputs->count;
        }
    }
    g_error("device '%s' has no output pin %d in group '%s'", dev->parent.type->name, n, group ? group : "");
}

/* ---- chips on the system bus ---- */

static const DeviceType sysbus_device_type = {
    .name = "sys-bus-device", .parent = "device", .size = sizeof(SysBusDevice), .abstract = true, .bus_type = "System",
};
REGISTER_DEVICE(sysbus_device_type)

void sysbus_add_mmio(SysBusDevice *dev, MemoryRegion *mr)
{
    g_assert(dev->nr_mmio < (int)G_N_ELEMENTS(dev->mmio));
    dev->mmio_addr[dev->nr_mmio] = UINT64_MAX;
    dev->mmio[dev->nr_mmio++] = mr;
}

void sysbus_map(SysBusDevice *dev, int n, MemoryRegion *container, uint64_t addr, int32_t priority)
{
    g_assert(n < dev->nr_mmio);
    if (dev->mmio[n]->container) {
        memory_region_del_subregion(dev->mmio[n]->container, dev->mmio[n]);
    }
    dev->mmio_addr[n] = addr;
    memory_region_add_subregion_overlap(container, addr, dev->mmio[n], priority);
}

void sysbus_connect_irq(SysBusDevice *dev, int n, Irq *to)
{
    device_connect_irq(&dev->parent, IRQ_GROUP_SYSBUS, n, to);
}
