/*
 * The PCI device types of a virtio device: "NAME-base" with the common properties and those that are passed on to the virtio device inside, "NAME" (the user
 * chooses the layouts), "NAME-transitional" and "NAME-non-transitional".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virtio-pci-internal.h"
#include "util/error.h"

#include <string.h>

/* ---- properties that are passed on ---- */

static Object *backend(const Object *object) { return OBJECT(((const VirtioPci *)object)->vdev); }
static bool pass_set(Object *object, const Property *p, GVariant *value, GError **err) { return object_set(backend(object), p->name, value, err); }
static bool pass_set_text(Object *object, const Property *p, const char *text, GError **err) { return object_set_text(backend(object), p->name, text, err); }
static GVariant *pass_get(const Object *object, const Property *p, GError **err) { return object_get(backend(object), p->name, err); }
static void no_default(Object *object, const Property *p) { }

static char *pass_print(const Object *object, const Property *p)
{
    const Property *inner = object_type_find_property(backend(object)->type, p->name);
    return property_print(backend(object), inner);
}

static Property passed_on(const Property *p)
{
    PropertyKind *kind = g_new0(PropertyKind, 1);       /* lives as long as the type */
    *kind = (PropertyKind){ p->kind->name, pass_set, pass_set_text, pass_get, pass_print, no_default, NULL, p->kind };
    Property copy = *p;
    copy.kind = kind;
    copy.offset = 0;
    copy.set = NULL;
    copy.get = NULL;
    return copy;
}

/* ---- properties of the PCI device ---- */

static GVariant *get_backend_path(const Object *object, const Property *p, GError **err)
{
    g_autofree char *path = object_path(backend(object));
    return g_variant_new_string(path ? path : "");
}
static const PropertyKind path_kind = { .name = "str", .get = get_backend_path, .set_default = no_default };

static const Property class_property = PROP_UINT32("class", VirtioPci, class_code, 0);
static const Property generic_properties[] = {
    PROP_ON_OFF_AUTO("disable-legacy", VirtioPci, disable_legacy, ON_OFF_AUTO_AUTO),
    PROP_BOOL("disable-modern", VirtioPci, disable_modern, false),
};

static void append_table(GArray *all, const PropertyTable *table)
{
    for (size_t i = 0; i < table->count; i++) {
        Property p = passed_on(&table->items[i]);
        g_array_append_val(all, p);
    }
}

static PropertyTable base_properties(const VirtioPciInfo *info)
{
    GArray *all = g_array_new(FALSE, TRUE, sizeof(Property));
    Property vectors = PROP_UINT32("vectors", VirtioPci, nr_vectors, info->vectors);
    g_array_append_val(all, vectors);
    if (info->has_class_property) {
        g_array_append_val(all, class_property);
    }
    Property inside = { .name = "virtio-backend", .kind = &path_kind, .flags = PROP_READ_ONLY | PROP_NO_DEFAULT | PROP_HIDDEN,
                        .type_name = g_strdup_printf("child<%s>", info->backend->name) };
    g_array_append_val(all, inside);
    append_table(all, &info->backend->properties);
    append_table(all, &virtio_device_properties);
    PropertyTable table = { .count = all->len };
    table.items = (const Property *)g_array_free(all, FALSE);
    return table;
}

/* ---- types ---- */

static void init_transitional(Object *object)
{
    ((VirtioPci *)object)->disable_legacy = ON_OFF_AUTO_OFF;
    ((VirtioPci *)object)->disable_modern = false;
}

static void init_non_transitional(Object *object)
{
    ((VirtioPci *)object)->disable_legacy = ON_OFF_AUTO_ON;
    ((VirtioPci *)object)->disable_modern = false;
}

static void register_type(const VirtioPciInfo *info, const char *name, const char *parent, const DeviceType *more)
{
    DeviceType *type = g_new0(DeviceType, 1);           /* lives for ever */
    *type = *more;
    type->name = name;
    type->parent = parent;
    type->category = info->category;
    type->family = info;
    type->description = more->description;
    object_type_register((const ObjectType *)type);
}

void virtio_pci_register(const VirtioPciInfo *info)
{
    char *base = g_strdup_printf("%s-base", info->name), *transitional = g_strdup_printf("%s-transitional", info->name),
         *non_transitional = g_strdup_printf("%s-non-transitional", info->name);
    PciIdentity identity = { .vendor = PCI_VENDOR_ID_REDHAT_QUMRANET, .device = info->device_id, .class = info->class, .romfile = info->romfile,
                             .config_read = virtio_pci_config_read, .config_write = virtio_pci_config_write };
    register_type(info, base, "virtio-pci",
                  &(DeviceType){ .abstract = true, .size = sizeof(VirtioPci), .properties = base_properties(info), .pci = identity, .init = virtio_pci_init });
    register_type(info, info->name, base, &(DeviceType){ .user_creatable = true, .properties = PROPERTIES(generic_properties), .pci = identity });
    register_type(info, transitional, base, &(DeviceType){ .user_creatable = true, .pci = identity, .init = init_transitional });
    register_type(info, non_transitional, base, &(DeviceType){ .user_creatable = true, .pci = identity, .init = init_non_transitional });
}
