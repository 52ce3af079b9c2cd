/*
 * Devices and buses.
 *
 * A device type is one constant DeviceType. realize makes the device work or fails with nothing left behind; it is called for each type of the
 * chain of ancestors that has one, the most basic first; unrealize the other way round. Reset has three phases, each for the whole tree before
 * the next: enter (own state to reset values, touch nobody), hold (drive outputs), exit (may start working).
 *
 * All callbacks run under the machine lock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_DEVICE_H
#define HW_CORE_DEVICE_H

#include "hw/core/irq.h"
#include "hw/core/state.h"
#include "qom/object.h"
#include "softmmu/memory.h"

typedef struct Device Device;
typedef struct DeviceType DeviceType;
typedef struct Bus Bus;
typedef struct BusType BusType;

typedef enum DeviceCategory {
    DEVICE_BRIDGE, DEVICE_USB, DEVICE_STORAGE, DEVICE_NETWORK, DEVICE_INPUT, DEVICE_DISPLAY, DEVICE_SOUND, DEVICE_MISC, DEVICE_CPU,
    DEVICE_WATCHDOG, DEVICE_CATEGORY_COUNT
} DeviceCategory;
/* "Controller/Bridge/Hub", "USB", "Storage", ... as -device help has them. */
extern const char *const device_category_names[DEVICE_CATEGORY_COUNT];

/* What a PCI device says of itself; hw/pci reads it. */
typedef struct PciIdentity {
    uint16_t vendor, device;
    uint16_t subsystem_vendor, subsystem;   /* 0: the default 1af4:1100 */
    uint16_t class;                         /* base class and sub-class: 0x0200 */
    uint8_t interface;                      /* programming interface */
    uint8_t revision;
    bool bridge, express;
    const char *romfile;                    /* default of the property */
    uint32_t (*config_read)(Device *dev, uint32_t addr, unsigned size);             /* NULL: pci_default_config_read */
    void (*config_write)(Device *dev, uint32_t addr, uint32_t value, unsigned size);
} PciIdentity;

struct DeviceType {
    struct ObjectType;                      /* name, parent, summary, size, abstract, properties, init ... */
    DeviceCategory category;
    const char *bus_type;                   /* name of the kind of bus that it plugs into; NULL: inherited or none */
    const char *description;                /* -device help: desc "..." */
    const char *firmware_name;              /* in firmware paths ("fdc", "pci"); NULL: inherited, or the type's name */
    bool user_creatable;                    /* -device may make it */
    const char *const *targets;             /* names of the TargetArchs that know it, NULL-terminated; NULL: inherited, or all */
    bool not_hotpluggable;
    StateTable state;
    PciIdentity pci;
    bool (*realize)(Device *dev, GError **err);
    /* After the whole chain's realize (most basic first): what starts the device running. A failure unrealizes. */
    bool (*after_realize)(Device *dev, GError **err);
    void (*unrealize)(Device *dev);
    void (*reset_enter)(Device *dev);
    void (*reset)(Device *dev);             /* the hold phase; most devices have only this */
    void (*reset_exit)(Device *dev);
    const void *family;                     /* a family's own constant table (VirtioType, IdeDeviceType ...) */
};
#define REGISTER_DEVICE(variable) REGISTER_TYPE(variable)

/* order: among all groups of the device, as info qtree has them. */
typedef struct IrqInputs { char *name; Irq *irqs; int count; unsigned order; } IrqInputs;
typedef struct IrqOutputs { char *name; Irq **lines; int count; unsigned order; } IrqOutputs;

struct Device {
    Object parent;
    char *id;                       /* the user's, or NULL */
    Bus *bus;                       /* that it sits on, or NULL */
    bool realized, hotplugged, unplug_pending;
    bool in_reset;
    GPtrArray *buses;               /* of Bus*: that it offers */
    GArray *irq_inputs, *irq_outputs;   /* IrqInputs, IrqOutputs */
    GError *pending_error;          /* of a -global that did not fit; comes out at realize */
};
/* The firmware_name of the type or of an ancestor; else the type's name. */
const char *device_firmware_name(const Device *dev);
static inline const DeviceType *device_type(const Device *dev) { return (const DeviceType *)dev->parent.type; }
#define DEVICE(p) ((Device *)(p))

struct BusType {
    struct ObjectType;
    int max_devices;                /* 0: no limit */
    /* Puts the device at its address (property) or picks one; fails when it is taken. */
    bool (*check_address)(Bus *bus, Device *dev, GError **err);
    char *(*device_path)(const Device *dev);            /* for canonical paths in state sections; caller frees */
    char *(*firmware_path)(const Device *dev);          /* "pci8086,100e@3", for bootorder; caller frees */
    void (*print_device)(const Device *dev, GString *out, int indent);   /* info qtree */
    void (*reset)(Bus *bus);
};

/* Who plugs and unplugs devices of a bus or machine while it runs (or before). Callbacks may be NULL. */
typedef struct HotplugHandler {
    bool (*pre_plug)(void *opaque, Device *dev, GError **err);
    bool (*plug)(void *opaque, Device *dev, GError **err);
    bool (*unplug_request)(void *opaque, Device *dev, GError **err);    /* asks the guest */
    void (*unplug)(void *opaque, Device *dev);                          /* does it */
    void *opaque;
} HotplugHandler;

struct Bus {
    Object parent;
    char *bus_name;                 /* "pci.0" */
    Device *owner;                  /* the device that offers it; NULL: the main system bus */
    GPtrArray *devices;             /* of Device*, in the order in which they came */
    HotplugHandler *hotplug;        /* NULL: no hot-plug */
    bool full;
};
#define BUS(p) ((Bus *)(p))

static inline const BusType *bus_type_of(const Bus *bus) { return (const BusType *)bus->parent.type; }
/* The first type of the chain, from the bus's own up, for which the member is set; its type (or NULL) goes to *found. */
#define BUS_TYPE_WITH(bus, member, found) \
    for ((found) = bus_type_of(bus); (found) && !(found)->member; (found) = bus_type_parent(found)) { }
const BusType *bus_type_parent(const BusType *type);    /* NULL for "bus" */

/* ---- buses ---- */
/* name NULL: made from the owner's id or the bus type's lower-case name and a number. */
Bus *bus_new(const BusType *type, Device *owner, const char *name);
bool bus_is_full(const Bus *bus);
Bus *bus_main_system(void);         /* the System bus, on which machines put their chips */
Bus *bus_find(const char *path, GError **err);          /* "pci.0" or a path, as -device bus= has it */
Bus *bus_find_by_type(const char *type_name);           /* the first one that is not full, depth first; or NULL */

/* ---- life ---- */
Device *device_new(const char *type_name);              /* for boards: NULL never comes back (the type is there) */
Device *device_try_new(const char *type_name, GError **err);
/* Puts it on bus (NULL: main system bus where the type wants one, none for bus-less types), into the tree (if it is not: /machine/unattached) and
 * realizes it. The reference of device_new passes to the tree. After a failure the device is gone: off the bus, out of the tree, that reference
 * dropped. */
bool device_realize(Device *dev, Bus *bus, GError **err);
void device_unrealize(Device *dev);
/* unrealizes, takes off the bus and out of the tree; devices on its buses first. */
void device_unplug(Device *dev);
/* The guest has let the device go: the handler's unplug, then device_unplug. */
void device_complete_unplug(Device *dev);
/* What -device may make on this run's target, and lists show. */
bool device_type_offered(const DeviceType *type);
/* The name of the kind of bus that a device of this type plugs into, or NULL. */
const char *device_bus_type(const DeviceType *type);
bool device_hotpluggable(const Device *dev);
/* The type that -device NAME means (aliases as virtio-net included), or NULL with the reference's error. */
const DeviceType *device_type_for_user(const char *driver, GError **err);
/* Who plugs a device when its bus does not decide: the machine (set by system/). May return NULL. */
void device_set_machine_hotplug(HotplugHandler *(*find)(Device *dev));
/* Told after a device that had been realized is gone (DEVICE_DELETED); id may be NULL. */
void device_set_deleted_hook(void (*fn)(const char *id, const char *path));
/* -device and device_add in one: options as keyvals text or a{sv}; finds the bus, sets properties, globals, plugs. */
Device *device_add_from_text(const char *text, GError **err);
Device *device_add_from_dict(GVariant *dict, GError **err);
bool device_del(const char *id, GError **err);
Device *device_find(const char *id_or_path);            /* /machine/peripheral/ID, then a path */
/* True once the machine is built: later devices are hot-plugged. */
void device_set_machine_ready(void);
bool device_machine_ready(void);

/* ---- reset ---- */
/* All three phases for one device and what hangs below it. */
void device_cold_reset(Device *dev);
void bus_cold_reset(Bus *bus);
/* Everything else that wants to be told of a machine's reset, in order of registration, after all devices (phase hold). */
void reset_register(void (*fn)(void *opaque), void *opaque);
void reset_unregister(void (*fn)(void *opaque), void *opaque);
/* The whole machine: system bus tree, registered objects, then exit phases. */
void reset_all(void);

/* ---- pins ---- */
/* Adds count input pins to the group (NULL: the unnamed one). */
void device_add_irq_inputs(Device *dev, const char *group, IrqHandler *handler, void *opaque, int count);
Irq *device_irq_input(Device *dev, const char *group, int n);
/* lines: count pointers in the device's struct that device_connect_irq fills. The group of a chip's own interrupt lines is IRQ_GROUP_SYSBUS. */
#define IRQ_GROUP_SYSBUS "sysbus-irq"
void device_add_irq_outputs(Device *dev, const char *group, Irq **lines, int count);
void device_connect_irq(Device *dev, const char *group, int n, Irq *to);

/* ---- chips on the system bus: memory and port ranges that the board maps ---- */
typedef struct SysBusDevice {
    Device parent;
    MemoryRegion *mmio[24]; int nr_mmio; uint64_t mmio_addr[24];
    uint16_t ports[8]; int nr_ports;
} SysBusDevice;                     /* type "sys-bus-device" */
void sysbus_add_mmio(SysBusDevice *dev, MemoryRegion *mr);
void sysbus_map(SysBusDevice *dev, int n, MemoryRegion *container, uint64_t addr, int32_t priority);
void sysbus_connect_irq(SysBusDevice *dev, int n, Irq *to);

/* ---- properties that name back ends (defined in block/, net/, chardev/; kinds registered there) ---- */
/* The device's own properties are found in its table; "id"-like ones that every device has are not listed. */
char *device_describe_tree(void);   /* info qtree; caller frees */

#endif
