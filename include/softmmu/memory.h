/*
 * Memory as the guest sees it: a tree of regions with priorities, rendered into a flat view for each address space.
 *
 * The tree changes under the machine lock, between memory_transaction_begin and _commit. A rendered FlatView is immutable and is swapped
 * atomically; a look-up takes no lock but runs inside memory_read_lock()/memory_read_unlock() (an epoch), which vCPU threads
 * hold while guest code runs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SOFTMMU_MEMORY_H
#define SOFTMMU_MEMORY_H

#include "qom/object.h"
#include <stdint.h>

typedef struct MemoryRegion MemoryRegion;
typedef struct AddressSpace AddressSpace;
typedef struct FlatView FlatView;
typedef struct RamBlock RamBlock;

/* The result of an access: a set of these, 0 is success. */
typedef enum MemResult {
    MEM_OK = 0,
    MEM_ERROR = 1,              /* the device refused */
    MEM_DECODE_ERROR = 2,       /* nobody answers at that address */
    MEM_ACCESS_ERROR = 4,       /* permission (iommu) */
} MemResult;

/* Who makes an access. */
typedef struct MemAttrs {
    bool secure, user, debug;
    uint16_t requester_id;      /* PCI: bus << 8 | devfn */
    bool unspecified;
} MemAttrs;
#define MEM_ATTRS_NONE ((MemAttrs){ .unspecified = true })

typedef enum DeviceEndian { DEVICE_LITTLE_ENDIAN, DEVICE_BIG_ENDIAN } DeviceEndian;

typedef struct MemoryRegionOps {
    /* addr: offset in the region; size: 1, 2, 4 or 8 bytes. Under the machine lock unless lock_free. */
    uint64_t (*read)(void *opaque, uint64_t addr, unsigned size);
    void (*write)(void *opaque, uint64_t addr, uint64_t value, unsigned size);
    /* Instead of those, for devices that refuse accesses or ask who makes them. */
    MemResult (*read_checked)(void *opaque, uint64_t addr, uint64_t *value, unsigned size, MemAttrs attrs);
    MemResult (*write_checked)(void *opaque, uint64_t addr, uint64_t value, unsigned size, MemAttrs attrs);
    DeviceEndian endian;
    /* What the guest may do (0: 1 to 8, aligned or not refused as MEM_DECODE_ERROR) and what the callbacks take (0: the same, 1 to 4);
     * the memory layer splits and joins between the two. */
    struct { uint8_t min, max; bool unaligned; } valid, impl;
} MemoryRegionOps;

/* Translation by an IOMMU region. */
typedef struct IommuEntry {
    AddressSpace *target;
    uint64_t iova, translated, mask;    /* mask: page size - 1 */
    bool readable, writable;
} IommuEntry;

typedef enum MemoryRegionKind {
    MR_CONTAINER, MR_RAM, MR_ROM, MR_ROM_DEVICE, MR_IO, MR_ALIAS, MR_IOMMU
} MemoryRegionKind;

struct MemoryRegion {
    Object parent;                      /* type "memory-region" */
    const char *label;                  /* its name, owned */
    MemoryRegionKind kind;
    Object *owner;
    uint64_t size_minus_1;              /* so that 2^64 fits; size 0 is enabled = false for ever */
    bool empty;
    const MemoryRegionOps *ops;
    void *opaque;
    RamBlock *ram;                      /* RAM, ROM, ROM device */
    bool readonly, rom_mode, nonvolatile, lock_free, flush_coalesced, enabled, ram_device;
    uint8_t dirty_log_mask;             /* clients that watch this region (DIRTY_*) */
    MemoryRegion *alias; uint64_t alias_offset;
    IommuEntry (*iommu_translate)(MemoryRegion *mr, uint64_t addr, bool write, MemAttrs attrs);
    MemoryRegion *container; uint64_t addr; int32_t priority; bool mapped, may_overlap;
    GPtrArray *subregions;              /* by priority, highest first; later added first among equals */
    GArray *ioeventfds;                 /* of MemoryIoeventfd */
    GArray *coalesced;                  /* of MemoryCoalesced */
    GPtrArray *iommu_notifiers;
};

/* ---- making regions. mr is zeroed memory in its owner (or g_new0). size: bytes; UINT64_MAX stands for 2^64. ---- */
void memory_region_init(MemoryRegion *mr, Object *owner, const char *name, uint64_t size);
void memory_region_init_io(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops, void *opaque, const char *name, uint64_t size);
/* Fresh zeroed anonymous memory. */
bool memory_region_init_ram(MemoryRegion *mr, Object *owner, const char *name, uint64_t size, GError **err);
bool memory_region_init_rom(MemoryRegion *mr, Object *owner, const char *name, uint64_t size, GError **err);
/* Reads come from memory, writes go to ops (flash); memory_region_rom_device_set_romd switches reads to ops too. */
bool memory_region_init_rom_device(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops, void *opaque, const char *name, uint64_t size, GError **err);
/* Memory that somebody else owns. */
void memory_region_init_ram_ptr(MemoryRegion *mr, Object *owner, const char *name, uint64_t size, void *host);
/* The memory of an existing block (memory back ends). */
void memory_region_init_ram_block(MemoryRegion *mr, Object *owner, const char *name, RamBlock *block);
void memory_region_init_alias(MemoryRegion *mr, Object *owner, const char *name, MemoryRegion *orig, uint64_t offset, uint64_t size);
void memory_region_init_iommu(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                              IommuEntry (*translate)(MemoryRegion *, uint64_t, bool, MemAttrs));
/* Takes it out of the tree and releases what it holds. Needed for regions whose owner goes away. */
void memory_region_destroy(MemoryRegion *mr);

static inline bool memory_region_is_ram(const MemoryRegion *mr) { return mr->ram != NULL; }
uint64_t memory_region_size(const MemoryRegion *mr);        /* 2^64 comes back as UINT64_MAX */
/* The host address of a RAM region's first byte. */
void *memory_region_ram_ptr(const MemoryRegion *mr);

/* ---- the tree ---- */
void memory_transaction_begin(void);
void memory_transaction_commit(void);
void memory_region_add_subregion(MemoryRegion *mr, uint64_t offset, MemoryRegion *sub);
void memory_region_add_subregion_overlap(MemoryRegion *mr, uint64_t offset, MemoryRegion *sub, int32_t priority);
void memory_region_del_subregion(MemoryRegion *mr, MemoryRegion *sub);
void memory_region_set_enabled(MemoryRegion *mr, bool enabled);
void memory_region_set_address(MemoryRegion *mr, uint64_t addr);
void memory_region_set_size(MemoryRegion *mr, uint64_t size);
void memory_region_set_alias_offset(MemoryRegion *mr, uint64_t offset);
void memory_region_set_readonly(MemoryRegion *mr, bool readonly);
void memory_region_rom_device_set_romd(MemoryRegion *mr, bool romd);

/* A write of `size` bytes (0: any) at addr, with that value when match_data, signals the event file descriptor instead of calling the device. */
typedef struct MemoryIoeventfd { uint64_t addr; uint32_t size; bool match_data; uint64_t data; int fd; } MemoryIoeventfd;
void memory_region_add_ioeventfd(MemoryRegion *mr, const MemoryIoeventfd *e);
void memory_region_del_ioeventfd(MemoryRegion *mr, const MemoryIoeventfd *e);
typedef struct MemoryCoalesced { uint64_t offset, size; } MemoryCoalesced;
/* Writes to this range may be queued by the accelerator until the next other exit. size 0 changes nothing. */
void memory_region_set_coalesced(MemoryRegion *mr, uint64_t offset, uint64_t size);
/* Carries out what an accelerator has queued, before a region with flush_coalesced is read or written and for whoever asks. Machine lock held. */
void memory_flush_coalesced(void);
void memory_set_coalesced_flush(void (*flush)(void));   /* by the accelerator */

/* ---- dirty tracking: a bit a page and client ---- */
enum { DIRTY_DISPLAY, DIRTY_CODE, DIRTY_MIGRATION, DIRTY_CLIENT_COUNT };
void memory_region_set_log(MemoryRegion *mr, bool log, unsigned client);
void memory_region_set_dirty(MemoryRegion *mr, uint64_t addr, uint64_t size);
/* Fetches and clears the bits of [addr, addr + size) into bitmap (a bit a page of 4 KiB; may be NULL); true when any was set. Synchronises
 * with the accelerator first. */
bool memory_region_test_and_clear_dirty(MemoryRegion *mr, uint64_t addr, uint64_t size, unsigned client, unsigned long *bitmap);

/* ---- address spaces ---- */
struct AddressSpace {
    char *name;
    MemoryRegion *root;
    FlatView *view;                     /* swapped atomically */
    GPtrArray *listeners;               /* by priority */
    GArray *ioeventfds;                 /* of the view, sorted */
    bool in_use;                        /* looked up or listened to: rendered at every change from then on */
    AddressSpace *next;
};
void address_space_init(AddressSpace *as, MemoryRegion *root, const char *name);
void address_space_destroy(AddressSpace *as);

/* A flat piece of an address space. */
typedef struct MemorySection {
    MemoryRegion *mr;
    AddressSpace *as;
    uint64_t offset_in_region;
    uint64_t addr;                      /* in the address space */
    uint64_t size_minus_1;
    bool readonly;                      /* RAM that must not be written (ROM, or PAM) */
    bool romd;                          /* reads may go to memory directly */
    uint8_t dirty_log_mask;
} MemorySection;

/* Told of every change of the view, in the machine's thread under the lock. All callbacks may be NULL. */
typedef struct MemoryListener MemoryListener;
struct MemoryListener {
    const char *name;
    unsigned priority;                  /* lower first for add, last for del */
    void (*begin)(MemoryListener *l);
    void (*region_add)(MemoryListener *l, const MemorySection *s);
    void (*region_del)(MemoryListener *l, const MemorySection *s);
    void (*region_unchanged)(MemoryListener *l, const MemorySection *s);
    void (*log_start)(MemoryListener *l, const MemorySection *s, uint8_t old_mask, uint8_t new_mask);
    void (*log_stop)(MemoryListener *l, const MemorySection *s, uint8_t old_mask, uint8_t new_mask);
    void (*log_sync)(MemoryListener *l, const MemorySection *s);
    void (*log_clear)(MemoryListener *l, const MemorySection *s);
    void (*eventfd_add)(MemoryListener *l, const MemorySection *s, const MemoryIoeventfd *e);
    void (*eventfd_del)(MemoryListener *l, const MemorySection *s, const MemoryIoeventfd *e);
    void (*coalesced_add)(MemoryListener *l, const MemorySection *s, uint64_t addr, uint64_t size);
    void (*coalesced_del)(MemoryListener *l, const MemorySection *s, uint64_t addr, uint64_t size);
    void (*commit)(MemoryListener *l);
    AddressSpace *as;                   /* set by memory_listener_register */
};
void memory_listener_register(MemoryListener *l, AddressSpace *as);     /* replays region_add for what is there */
void memory_listener_unregister(MemoryListener *l);

/* ---- look-up ---- */
void memory_read_lock(void);            /* nests; any thread */
void memory_read_unlock(void);
/* The section that answers at addr (behind IOMMUs: the one that is meant in the end); false when none does. Inside memory_read_lock. */
bool address_space_find(AddressSpace *as, uint64_t addr, bool is_write, MemorySection *section, uint64_t *offset);
/* Host pointer of the 4 KiB guest frame at addr when it is plain RAM (for writing: without dirty tracking to do), else NULL. This is the
 * direct page table: no region dispatch. Inside memory_read_lock. *ram_addr (may be NULL) gets the RAM address. */
void *address_space_frame(AddressSpace *as, uint64_t addr, bool for_write, uint64_t *ram_addr);

/* One access of 1, 2, 4 or 8 bytes at the region level (MMIO dispatch): checks validity, splits, takes the lock if it must. Byte i of the access is
 * bits 8i to 8i + 7 of value, whatever the device's order: a big-endian CPU swaps. */
MemResult memory_region_dispatch_read(MemoryRegion *mr, uint64_t offset, uint64_t *value, unsigned size, MemAttrs attrs);
MemResult memory_region_dispatch_write(MemoryRegion *mr, uint64_t offset, uint64_t value, unsigned size, MemAttrs attrs);

/* The two address spaces of a machine, and what they are made of. */
typedef struct SystemMemory {
    MemoryRegion memory, io;
    AddressSpace memory_space, io_space;
} SystemMemory;
void system_memory_init(SystemMemory *m);

/* info mtree: the text of the regions (flat: the views; owner: with owners; disabled: also those). Caller frees. */
char *memory_describe(bool flat, bool dispatch_tree, bool owner, bool disabled);

#endif
