/*
 * The base of all machines: the settings that every board has as properties, and finding machine types.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/machine.h"

#include "util/error.h"

#include <string.h>

static Machine *current;

Machine *machine_current(void) { return current; }

void machine_set_current(Machine *machine) { current = machine; }

bool machine_dump_device_tree(const Machine *machine, const char *path, GError **err)
{
    g_autoptr(GError) failure = NULL;
    if (!machine->device_tree) {
        error_set(err, "This machine doesn't have an FDT");
        error_set_bare_hint(err, "(Perhaps it doesn't support FDT at all, or perhaps you need to provide an FDT with the -fdt option?)");
        return false;
    }
    return device_tree_write(machine->device_tree, path, &failure) || error_set(err, "Error saving FDT to file %s: %s", path, failure->message);
}

/* ---- types ---- */

static bool serves(const MachineType *type, const TargetArch *arch) { return !type->targets || g_strv_contains(type->targets, arch->name); }

/* Families side by side; in a family the versions from new to old, as texts compare: 9.2 before 10.0 is the reference's own order turned round. */
static gint compare_types(gconstpointer a, gconstpointer b)
{
    const MachineType *x = *(const MachineType *const *)a, *y = *(const MachineType *const *)b;
    g_auto(GStrv) xs = g_strsplit_set(x->machine_name, "-.", 0), ys = g_strsplit_set(y->machine_name, "-.", 0);
    for (unsigned n = 0; xs[n] && ys[n]; n++) {
        if (g_ascii_isdigit(xs[n][0]) && g_ascii_isdigit(ys[n][0])) {
            guint64 xv = g_ascii_strtoull(xs[n], NULL, 10), yv = g_ascii_strtoull(ys[n], NULL, 10);
            if (xv != yv) {
                return xv < yv ? 1 : -1;
            }
        } else if (strcmp(xs[n], ys[n])) {
            return strcmp(xs[n], ys[n]);
        }
    }
    return (int)g_strv_length(ys) - (int)g_strv_length(xs);
}

static void collect(const ObjectType *type, void *opaque) { g_ptr_array_add(opaque, (void *)type); }

static GPtrArray *all_types(const TargetArch *arch)
{
    GPtrArray *types = g_ptr_array_new();
    object_type_foreach("machine", false, collect, types);
    for (unsigned n = 0; n < types->len;) {
        if (serves(types->pdata[n], arch)) {
            n++;
        } else {
            g_ptr_array_remove_index(types, n);
        }
    }
    g_ptr_array_sort(types, compare_types);
    return types;
}

void machine_foreach(const TargetArch *arch, void (*fn)(const MachineType *type, void *opaque), void *opaque)
{
    g_autoptr(GPtrArray) types = all_types(arch);
    for (unsigned n = 0; n < types->len; n++) {
        fn(types->pdata[n], opaque);
    }
}

const MachineType *machine_find(const TargetArch *arch, const char *name_or_alias)
{
    g_autoptr(GPtrArray) types = all_types(arch);
    for (unsigned n = 0; n < types->len; n++) {
        const MachineType *type = types->pdata[n];
        if (!strcmp(type->machine_name, name_or_alias) || (type->alias && !strcmp(type->alias, name_or_alias))) {
            return type;
        }
    }
    return NULL;
}

const MachineType *machine_default(const TargetArch *arch)
{
    if (arch->default_machine) {
        return machine_find(arch, arch->default_machine);
    }
    g_autoptr(GPtrArray) types = all_types(arch);
    for (unsigned n = 0; n < types->len; n++) {
        const MachineType *type = types->pdata[n];
        if (type->is_default) {
            return type;
        }
    }
    return NULL;
}

/* ---- the base type ---- */

static void machine_init(Object *object)
{
    Machine *m = MACHINE(object);
    m->boot.splash_time = m->boot.reboot_timeout = -1;
}

static void machine_finalize(Object *object)
{
    if (current == MACHINE(object)) {
        current = NULL;
    }
    g_clear_pointer(&MACHINE(object)->device_tree, device_tree_free);
}

static const Property machine_properties[] = {
    PROP_STRING("append", Machine, append, NULL, .description = "Linux kernel command line"),
    PROP_BOOL("aux-ram-share", Machine, auxiliary_ram_share, false, .description = "share RAM that is not the guest's main memory"),
    PROP_STRING("confidential-guest-support", Machine, confidential_guest_support, NULL, .type_name = "link<confidential-guest-support>",
                .description = "set confidential guest scheme to support"),
    PROP_STRING("dt-compatible", Machine, dt_compatible, NULL, .description = "overrides the \"compatible\" property of the device tree's root"),
    PROP_STRING("dtb", Machine, dtb, NULL, .description = "device tree file of the Linux kernel"),
    PROP_BOOL("dump-guest-core", Machine, dump_guest_core, true, .description = "include guest memory in a core dump"),
    PROP_STRING("dumpdtb", Machine, dumpdtb, NULL, .description = "write the device tree to a file and quit"),
    PROP_STRING("firmware", Machine, firmware, NULL, .description = "firmware image"),
    PROP_BOOL("graphics", Machine, graphics, true, .description = "set on/off to enable/disable graphics emulation"),
    PROP_STRING("initrd", Machine, initrd, NULL, .description = "Linux initial ramdisk file"),
    PROP_STRING("kernel", Machine, kernel, NULL, .description = "Linux kernel image file"),
    PROP_BOOL("mem-merge", Machine, mem_merge, true, .description = "enable/disable memory merge support"),
    PROP_STRING("memory-backend", Machine, memory_backend, NULL, .type_name = "link<memory-backend>", .description = "memory back end of the main RAM"),
    PROP_STRING("memory-encryption", Machine, memory_encryption, NULL, .description = "set memory encryption object to use"),
    PROP_INT64("phandle-start", Machine, phandle_start, 0, .description = "the first phandle ID we may generate dynamically"),
    PROP_STRING("shim", Machine, shim, NULL, .description = "shim image of a Linux kernel"),
    PROP_BOOL("suppress-vmdesc", Machine, suppress_vmdesc, false, .description = "set on to disable self-describing migration"),
    PROP_BOOL("usb", Machine, usb, false, .description = "set on/off to enable/disable usb"),
};

static const MachineType machine_base = {
    .name = "machine", .parent = "object", .size = sizeof(Machine), .abstract = true,
    .properties = PROPERTIES(machine_properties), .init = machine_init, .finalize = machine_finalize,
};
REGISTER_TYPE(machine_base)

/* ---- "none": nothing but the accelerator and monitors, and a processor where one is named ---- */

static bool none_build(Machine *m, GError **err)
{
    if (m->ram_size) {
        memory_region_add_subregion(&m->system_memory.memory, 0, m->ram);
    }
    if (!m->cpu_model) {
        return true;
    }
    Cpu *cpu = m->arch->new_cpu(m->arch, m->cpu_model, err);
    return cpu && device_realize(DEVICE(cpu), NULL, err);
}

static const MachineType none_machine = {
    .name = "none-machine", .parent = "machine", .size = sizeof(Machine), .machine_name = "none", .description = "empty machine", .max_cpus = 1,
    .default_ram_id = "ram", .no_serial = true, .no_parallel = true, .no_floppy = true, .no_cdrom = true, .no_vga = true, .no_default_cpu = true,
    .build = none_build,
};
REGISTER_TYPE(none_machine)
