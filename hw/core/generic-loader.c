/*
 * "loader": puts a value, a file or an ELF image into memory at each reset, or sets where a processor begins.
 *
 * -device loader,addr=A,data=V,data-len=N[,data-be=on][,cpu-num=C]    a value
 * -device loader,file=F[,addr=A][,cpu-num=C][,force-raw=on]           an ELF image, or bytes at A
 * -device loader,addr=A,cpu-num=C                                     only the processor's program counter
 * With cpu-num a file's entry becomes that processor's program counter; its view of memory is written to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/target.h"
#include "hw/core/device.h"
#include "hw/core/loader.h"
#include "softmmu/dma.h"
#include "util/error.h"

#include <string.h>

enum { NO_CPU = -1 };

typedef struct Loader {
    Device parent;
    uint64_t addr, data;
    uint32_t cpu_num;
    uint8_t data_len;
    bool data_be, force_raw;
    char *file;

    Cpu *cpu;               /* whose program counter is set; may be NULL */
    AddressSpace *memory;
    uint64_t pc;
} Loader;
#define LOADER(p) ((Loader *)(p))

/* ---- the three kinds ---- */

static bool check_value(const Loader *l, GError **err)
{
    if (l->file) {
        return error_set(err, "Specifying a file is not supported when loading memory values");
    }
    if (l->force_raw) {
        return error_set(err, "Specifying force-raw is not supported when loading memory values");
    }
    if (!l->data_len) {
        return error_set(err, "Both data and data-len must be specified");
    }
    if (l->data_len > 8) {
        return error_set(err, "data-len cannot be greater then 8 bytes");
    }
    return true;
}

static bool load_file(Loader *l, GError **err)
{
    bool not_elf = true;
    ElfImage image;
    if (!l->force_raw) {
        g_autoptr(GError) why = NULL;
        if (elf_load(l->file, l->memory, NULL, NULL, &image, &not_elf, &why)) {
            l->pc = image.entry;
            return true;
        }
        if (!not_elf) {
            g_propagate_error(err, g_steal_pointer(&why));
            return false;
        }
    }
    if (!rom_add_file(l->file, l->addr, l->memory, NULL)) {
        return error_set(err, "Cannot load specified image %s", l->file);
    }
    l->pc = l->addr;
    return true;
}

static bool settle(Loader *l, GError **err)
{
    Cpu *first = cpu_first();
    if ((int32_t)l->cpu_num != NO_CPU) {
        l->cpu = cpu_by_index((int)MIN(l->cpu_num, (uint32_t)INT32_MAX));
        if (!l->cpu) {
            return error_set(err, "Specified boot CPU#%u is nonexistent", l->cpu_num);
        }
    }
    l->memory = l->cpu ? l->cpu->memory : first ? first->memory : (AddressSpace *)&machine_current()->system_memory.memory_space;
    l->pc = l->addr;
    if (l->data || l->data_len || l->data_be) {
        l->cpu = NULL;
        return check_value(l, err);
    }
    if (l->file) {
        return load_file(l, err);
    }
    if (l->force_raw) {
        return error_set(err, "Specifying a force-raw is not supported when loading memory values");
    }
    return l->cpu || error_set(err, "please include valid arguments");
}

/* ---- at each reset, when the processors have been reset ---- */

static void put_in_place(void *opaque)
{
    Loader *l = opaque;
    if (l->data_len) {
        uint8_t bytes[8];
        for (unsigned i = 0; i < l->data_len; i++) {
            bytes[i] = (uint8_t)(l->data >> 8 * (l->data_be ? l->data_len - 1 - i : i));
        }
        dma_write_rom(l->memory, l->addr, bytes, l->data_len);
    }
    if (l->cpu) {
        l->cpu->arch->set_pc(l->cpu, l->pc);
        l->cpu->register_state_dirty = true;
    }
}

static bool loader_realize(Device *dev, GError **err)
{
    if (!settle(LOADER(dev), err)) {
        return false;
    }
    reset_register(put_in_place, dev);
    return true;
}

static void loader_unrealize(Device *dev)
{
    reset_unregister(put_in_place, dev);
}

static const Property loader_properties[] = {
    PROP_UINT64("addr", Loader, addr, 0), PROP_UINT64("data", Loader, data, 0), PROP_UINT8("data-len", Loader, data_len, 0), PROP_BOOL("data-be", Loader, data_be, false),
    PROP_UINT32("cpu-num", Loader, cpu_num, (uint32_t)NO_CPU), PROP_BOOL("force-raw", Loader, force_raw, false), PROP_STRING("file", Loader, file, NULL),
};

static const DeviceType loader_type = {
    .name = "loader", .parent = "device", .size = sizeof(Loader), .category = DEVICE_MISC, .description = "Generic Loader", .user_creatable = true,
    .properties = PROPERTIES(loader_properties), .realize = loader_realize, .unrealize = loader_unrealize,
};
REGISTER_DEVICE(loader_type)
