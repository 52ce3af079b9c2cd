/*
 * A machine (board): what -M names. A board's type is a constant table; its init builds the hardware out of the settings below.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_MACHINE_H
#define HW_CORE_MACHINE_H

#include "accel/accel.h"
#include "hw/core/device.h"
#include "hw/core/device-tree.h"

typedef struct Machine Machine;
typedef struct MachineType MachineType;

/* What a versioned machine sets otherwise: applied before -global. */
typedef struct CompatProperty { const char *driver, *property, *value; } CompatProperty;

struct MachineType {
    struct ObjectType;                  /* name "pc-i440fx-10.0-machine" */
    const char *machine_name;           /* "pc-i440fx-10.0" */
    const char *alias;                  /* "pc", or NULL */
    const char *description;            /* -M help */
    const char *const *targets;         /* names of TargetArchs, NULL-terminated */
    bool is_default;
    const char *deprecation;            /* NULL, or the reason */
    int max_cpus, min_cpus, default_cpus;
    const char *const *smp_levels;      /* of -smp, beside sockets, cores and threads; NULL-terminated, or NULL */
    const char *default_cpu;            /* model; NULL: the target's */
    uint64_t default_ram;               /* bytes */
    const char *default_ram_id;         /* "pc.ram" */
    const char *default_nic;            /* "e1000" */
    const char *default_display;        /* "std" */
    int default_disk_interface;         /* BlockInterfaceType: what -hda means */
    const char *default_boot_order;     /* "cad" */
    int units_per_bus;                  /* of default_disk_interface: 2 for IDE, 1 for AHCI */
    bool no_serial, no_parallel, no_floppy, no_cdrom, no_vga, no_default_cpu;
    bool has_hotpluggable_cpus, numa_mem_supported;
    const CompatProperty *const *compat;    /* NULL-terminated list of arrays that end with driver NULL */
    /* Builds everything. settings are final. */
    bool (*build)(Machine *machine, GError **err);
    /* After -device: firmware tables and such. May be NULL. */
    bool (*finish)(Machine *machine, GError **err);
    void (*reset)(Machine *machine);    /* instead of reset_all; may be NULL */
    HotplugHandler *(*hotplug_handler)(Machine *machine, Device *dev);
    /* boot_set of the monitor: for the next reset. May be NULL. */
    bool (*set_boot_order)(Machine *machine, const char *order, GError **err);
};
#define MACHINE_TYPE_SUFFIX "-machine"

typedef struct SmpConfig { unsigned cpus, drawers, books, sockets, dies, clusters, modules, cores, threads, max_cpus; } SmpConfig;

#define MAX_NUMA_NODES 128
typedef struct NumaNode { bool present; uint64_t mem; Object *memdev; bool has_cpu; uint8_t distance[MAX_NUMA_NODES]; uint16_t initiator; } NumaNode;

typedef struct BootConfig { char *order, *once; bool has_menu, menu; char *splash; int64_t splash_time, reboot_timeout; /* -1: unset */ bool has_strict, strict; } BootConfig;

struct Machine {
    Object parent;
    Accel *accel;
    const TargetArch *arch;
    SystemMemory system_memory;

    /* settings, from the command line */
    uint64_t ram_size, max_ram_size; unsigned ram_slots;
    MemoryRegion *ram;                  /* all of -m; made before build */
    SmpConfig smp;
    char *cpu_model;                    /* "qemu64,+x": for arch->new_cpu */
    char *kernel, *initrd, *append, *dtb, *dumpdtb, *firmware, *shim;
    BootConfig boot;
    NumaNode *numa; int nr_numa_nodes; bool have_numa_distance;
    int *cpu_nodes;                     /* of each possible CPU, in order of index; NULL without NUMA */
    bool usb, usb_disabled, dump_guest_core, mem_merge, graphics, suppress_vmdesc, enforce_config_section;
    bool auxiliary_ram_share;
    char *memory_backend; Object *ram_backend;
    const char *vga;                    /* "std", "none", "cirrus" ...: what -vga says; NULL: the default */
    char *dt_compatible; char *memory_encryption, *confidential_guest_support;
    int64_t phandle_start;
    DeviceTree *device_tree;            /* as the guest gets it; NULL on boards without one */
    GPtrArray *possible_cpus;           /* of PossibleCpu*: made by the board */
    char *uuid_text; uint8_t uuid[16]; bool uuid_set;
    const char *name;                   /* -name, or NULL */
    const char *rtc_base; bool rtc_utc; const char *rtc_clock, *rtc_drift; int64_t rtc_offset_s; bool rtc_date_set;    /* rtc_base: see system/rtc */
    bool iommu;
};
#define MACHINE(p) ((Machine *)(p))
static inline const MachineType *machine_type(const Machine *m) { return (const MachineType *)m->parent.type; }
Machine *machine_current(void);         /* NULL before it is made */
void machine_set_current(Machine *machine);

/* The list of -M help for a target, sorted as the reference sorts it; look-up by name or alias. */
void machine_foreach(const TargetArch *arch, void (*fn)(const MachineType *type, void *opaque), void *opaque);
const MachineType *machine_find(const TargetArch *arch, const char *name_or_alias);
const MachineType *machine_default(const TargetArch *arch);
/* Versions of a board, newest first; the last row has version NULL. properties: what the machines of the version set otherwise than the next newer ones, or NULL. */
typedef struct MachineVersion { const char *version; const CompatProperty *properties; } MachineVersion;
/* Registers one machine type "FAMILY-VERSION" for each row; base gives everything but name, alias and compat. customize (may be NULL) changes what else differs. */
void machine_register_versions(const MachineType *base, const char *family, const char *alias, const MachineVersion *rows,
                               void (*customize)(MachineType *type, const char *version));
/* The guest's wall clock for its RTC: seconds since 1970 of now, by -rtc. */
int64_t machine_rtc_time(int64_t *ns);

/* Writes the machine's device tree (-machine dumpdtb, and the monitor's command). */
bool machine_dump_device_tree(const Machine *machine, const char *path, GError **err);

/* What the command line wants of serial ports, NICs and drives: asked by boards (made by system/ before build). */
struct Chardev;
struct Chardev *serial_hd(int index);   /* NULL: none */
struct Chardev *parallel_hd(int index);
/* A NIC that -nic, -net nic or the default asks for. */
typedef struct NicInfo { char *model, *name, *devaddr, *netdev_id; uint8_t mac[6]; bool used, instantiated; int nvectors; } NicInfo;
/* The next unused NIC that names this model (NULL: any), an alias of it, or none at all (when match_default); NULL: none. Marks it used. */
NicInfo *nic_take(const char *model, bool match_default, const char *alias);
/* Sets netdev, mac ... properties of a device to those of the NIC. */
bool nic_apply(NicInfo *nic, Device *dev, GError **err);
int nic_unused_count(void);

#endif
