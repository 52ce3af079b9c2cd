/*
 * Memory regions: making them, and changing their tree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/internal.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

static void region_finalize(Object *object);

static const ObjectType memory_region_type = {
    .name = "memory-region", .parent = "object", .size = sizeof(MemoryRegion), .finalize = region_finalize,
};
REGISTER_TYPE(memory_region_type)

/* ---- life ---- */

/* The name as a component of a path. */
static char *path_component(const char *name)
{
    GString *out = g_string_new(NULL);
    for (; *name; name++) {
        if (strchr("/[]\\", *name)) {
            g_string_append_printf(out, "\\x%02x", (unsigned char)*name);
        } else {
            g_string_append_c(out, *name);
        }
    }
    g_string_append(out, "[*]");
    return g_string_free(out, FALSE);
}

void memory_region_init(MemoryRegion *mr, Object *owner, const char *name, uint64_t size)
{
    memset(mr, 0, sizeof(*mr));
    object_init_embedded(&mr->parent, &memory_region_type);
    mr->label = g_strdup(name ? name : "");
    mr->owner = owner;
    mr->enabled = true;
    mr->empty = size == 0;
    mr->size_minus_1 = size == UINT64_MAX ? UINT64_MAX : size - 1;
    if (name) {
        g_autofree char *component = path_component(name);
        object_add_child(owner ? owner : object_container("/machine/unattached"), component, &mr->parent, NULL);
        object_unref(&mr->parent);      /* the tree holds it */
    }
}

void memory_region_init_io(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops, void *opaque, const char *name, uint64_t size)
{
    memory_region_init(mr, owner, name, size);
    mr->kind = MR_IO;
    mr->ops = ops;
    mr->opaque = opaque;
}

static bool region_init_ram(MemoryRegion *mr, Object *owner, MemoryRegionKind kind, const char *name, uint64_t size, GError **err)
{
    RamBlock *block = ram_block_new(&(RamRequest){ .name = name, .size = size, .fd = -1, .flags = RAM_DUMP }, err);
    if (!block) {
        return false;
    }
    memory_region_init(mr, owner, name, size);
    mr->kind = kind;
    mr->ram = block;
    mr->readonly = kind == MR_ROM;
    return true;
}

bool memory_region_init_ram(MemoryRegion *mr, Object *owner, const char *name, uint64_t size, GError **err)
{
    return region_init_ram(mr, owner, MR_RAM, name, size, err);
}

bool memory_region_init_rom(MemoryRegion *mr, Object *owner, const char *name, uint64_t size, GError **err)
{
    return region_init_ram(mr, owner, MR_ROM, name, size, err);
}

bool memory_region_init_rom_device(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops, void *opaque, const char *name, uint64_t size,
                                   GError **err)
{
    if (!region_init_ram(mr, owner, MR_ROM_DEVICE, name, size, err)) {
        return false;
    }
    mr->ops = ops;
    mr->opaque = opaque;
    mr->rom_mode = true;
    return true;
}

void memory_region_init_ram_ptr(MemoryRegion *mr, Object *owner, const char *name, uint64_t size, void *host)
{
    memory_region_init(mr, owner, name, size);
    mr->kind = MR_RAM;
    mr->ram = ram_block_new_foreign(name, host, size);
}

void memory_region_init_ram_block(MemoryRegion *mr, Object *owner, const char *name, RamBlock *block)
{
    memory_region_init(mr, owner, name, block->size);
    mr->kind = MR_RAM;
    mr->ram = ram_block_ref(block);
    mr->readonly = (block->flags & RAM_READONLY) != 0;
}

void memory_region_init_alias(MemoryRegion *mr, Object *owner, const char *name, MemoryRegion *orig, uint64_t offset, uint64_t size)
{
    memory_region_init(mr, owner, name, size);
    mr->kind = MR_ALIAS;
    mr->alias = orig;
    mr->alias_offset = offset;
}

void memory_region_init_iommu(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                              IommuEntry (*translate)(MemoryRegion *, uint64_t, bool, MemAttrs))
{
    memory_region_init(mr, owner, name, size);
    mr->kind = MR_IOMMU;
    mr->iommu_translate = translate;
}

static void region_finalize(Object *object)
{
    MemoryRegion *mr = (MemoryRegion *)object;
    memory_transaction_begin();
    if (mr->container) {
        memory_region_del_subregion(mr->container, mr);
    }
    while (mr->subregions && mr->subregions->len) {
        memory_region_del_subregion(mr, mr->subregions->pdata[0]);
    }
    mr->enabled = false;
    memory_transaction_commit();
    g_clear_pointer(&mr->subregions, g_ptr_array_unref);
    g_clear_pointer(&mr->ioeventfds, g_array_unref);
    g_clear_pointer(&mr->coalesced, g_array_unref);
    g_clear_pointer(&mr->iommu_notifiers, g_ptr_array_unref);
    ram_block_free(mr->ram);
    mr->ram = NULL;
    g_free((char *)mr->label);
    mr->label = NULL;
}

void memory_region_destroy(MemoryRegion *mr)
{
    if (!mr->parent.type || !mr->parent.ref_count) {
        return;     /* never initialised, or gone */
    }
    if (mr->parent.parent) {
        object_unparent(&mr->parent);
    } else {
        object_unref(&mr->parent);
    }
}

uint64_t memory_region_size(const MemoryRegion *mr)
{
    return mr->empty ? 0 : mr->size_minus_1 == UINT64_MAX ? UINT64_MAX : mr->size_minus_1 + 1;
}

void *memory_region_ram_ptr(const MemoryRegion *mr)
{
    uint64_t offset = 0;
    while (mr->kind == MR_ALIAS) {
        offset += mr->alias_offset;
        mr = mr->alias;
    }
    return mr->ram ? mr->ram->host + offset : NULL;
}

/* ---- the tree ---- */

/* Puts it in front of those of the same priority: the later one is seen. */
static void insert_by_priority(MemoryRegion *mr, MemoryRegion *sub)
{
    unsigned at = 0;
    if (!mr->subregions) {
        mr->subregions = g_ptr_array_new();
    }
    while (at < mr->subregions->len && ((MemoryRegion *)mr->subregions->pdata[at])->priority > sub->priority) {
        at++;
    }
    g_ptr_array_insert(mr->subregions, (int)at, sub);
}

static void add_subregion(MemoryRegion *mr, uint64_t offset, MemoryRegion *sub, int32_t priority, bool may_overlap)
{
    g_assert(!sub->container);
    sub->container = mr;
    sub->addr = offset;
    sub->priority = priority;
    sub->may_overlap = may_overlap;
    sub->mapped = true;
    insert_by_priority(mr, sub);
    memory_changed();
}

void memory_region_add_subregion(MemoryRegion *mr, uint64_t offset, MemoryRegion *sub)
{
    add_subregion(mr, offset, sub, 0, false);
}

void memory_region_add_subregion_overlap(MemoryRegion *mr, uint64_t offset, MemoryRegion *sub, int32_t priority)
{
    add_subregion(mr, offset, sub, priority, true);
}

void memory_region_del_subregion(MemoryRegion *mr, MemoryRegion *sub)
{
    g_assert(sub->container == mr);
    g_ptr_array_remove(mr->subregions, sub);
    sub->container = NULL;
    sub->mapped = false;
    memory_changed();
}

void memory_region_set_enabled(MemoryRegion *mr, bool enabled)
{
    if (mr->enabled != enabled) {
        mr->enabled = enabled;
        memory_changed();
    }
}

void memory_region_set_address(MemoryRegion *mr, uint64_t addr)
{
    if (mr->addr != addr) {
        mr->addr = addr;
        if (mr->container) {
            /* As if it were added again: it comes before its equals. */
            g_ptr_array_remove(mr->container->subregions, mr);
            insert_by_priority(mr->container, mr);
        }
        memory_changed();
    }
}

void memory_region_set_size(MemoryRegion *mr, uint64_t size)
{
    if (memory_region_size(mr) != size) {
        mr->empty = size == 0;
        mr->size_minus_1 = size == UINT64_MAX ? UINT64_MAX : size - 1;
        memory_changed();
    }
}

void memory_region_set_alias_offset(MemoryRegion *mr, uint64_t offset)
{
    if (mr->alias_offset != offset) {
        mr->alias_offset = offset;
        memory_changed();
    }
}

void memory_region_set_readonly(MemoryRegion *mr, bool readonly)
{
    if (mr->readonly != readonly) {
        mr->readonly = readonly;
        memory_changed();
    }
}

void memory_region_rom_device_set_romd(MemoryRegion *mr, bool romd)
{
    if (mr->rom_mode != romd) {
        mr->rom_mode = romd;
        memory_changed();
    }
}

void memory_region_add_ioeventfd(MemoryRegion *mr, const MemoryIoeventfd *e)
{
    if (!mr->ioeventfds) {
        mr->ioeventfds = g_array_new(FALSE, FALSE, sizeof(MemoryIoeventfd));
    }
    g_array_append_vals(mr->ioeventfds, e, 1);
    memory_ioeventfds_changed();
}

void memory_region_del_ioeventfd(MemoryRegion *mr, const MemoryIoeventfd *e)
{
    for (unsigned i = 0; mr->ioeventfds && i < mr->ioeventfds->len; i++) {
        const MemoryIoeventfd *o = &g_array_index(mr->ioeventfds, MemoryIoeventfd, i);
        if (o->addr == e->addr && o->size == e->size && o->match_data == e->match_data && (!e->match_data || o->data == e->data) &&
            o->fd == e->fd) {
            g_array_remove_index(mr->ioeventfds, i);
            memory_ioeventfds_changed();
            return;
        }
    }
}

/* ---- dirty tracking ---- */

void memory_region_set_log(MemoryRegion *mr, bool log, unsigned client)
{
    while (mr->kind == MR_ALIAS) {
        mr = mr->alias;
    }
    uint8_t mask = (uint8_t)(log ? mr->dirty_log_mask | 1u << client : mr->dirty_log_mask & ~(1u << client));
    if (mask != mr->dirty_log_mask) {
        mr->dirty_log_mask = mask;
        memory_changed();
    }
}

void memory_region_set_dirty(MemoryRegion *mr, uint64_t addr, uint64_t size)
{
    while (mr->kind == MR_ALIAS) {
        addr += mr->alias_offset;
        mr = mr->alias;
    }
    if (mr->ram) {
        ram_block_written(mr->ram, addr, size);
    }
}

/* ---- the machine's two spaces ---- */

/* A port that nobody answers reads as all ones. */
static uint64_t unassigned_port_read(void *opaque, uint64_t addr, unsigned size)
{
    return UINT64_MAX;
}

static void unassigned_port_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
}

static const MemoryRegionOps unassigned_port_ops = {
    .read = unassigned_port_read, .write = unassigned_port_write, .valid.unaligned = true, .impl = { .min = 1, .max = 8, .unaligned = true },
};

void system_memory_init(SystemMemory *m)
{
    memory_region_init(&m->memory, NULL, "system", UINT64_MAX);
    address_space_init(&m->memory_space, &m->memory, "memory");
    memory_region_init_io(&m->io, NULL, &unassigned_port_ops, NULL, "io", 64 * KiB);
    m->io.lock_free = true;
    address_space_init(&m->io_space, &m->io, "I/O");
}
