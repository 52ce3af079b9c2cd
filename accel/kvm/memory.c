/*
 * Guest memory as KVM's slots: a listener that follows an address space, and the kernel's dirty bitmaps (api.rst, 4.35 KVM_SET_USER_MEMORY_REGION, 4.8
 * KVM_GET_DIRTY_LOG, 4.115 KVM_CLEAR_DIRTY_LOG).
 *
 * Changes of one transaction are collected and carried out at its end, while no vCPU is in guest code: else one might find a hole where memory only
 * changes its kind.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/kvm.h"
#include "softmmu/ram.h"
#include "util/bits.h"
#include "util/error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define WORD_BITS (8 * sizeof(unsigned long))
#define LOG_CLIENTS (0xffu & ~(1u << DIRTY_CODE))

typedef struct Slot {
    uint32_t id, flags;                 /* KVM_MEM_* */
    uint64_t gpa, size;
    uint8_t *host;
    RamBlock *ram;
    uint64_t ram_offset;                /* of the first byte in its block */
    unsigned long *dirty;               /* as last fetched; made when first needed */
} Slot;

typedef struct SlotListener {
    MemoryListener listener;
    unsigned as_id;
    GPtrArray *slots;                   /* of Slot*, what the kernel has */
    GPtrArray *going, *coming;          /* of Slot*, in a transaction; going: also in slots */
} SlotListener;

static GPtrArray *spaces;               /* of SlotListener*, by as_id */
static unsigned long *ids_in_use;       /* by as_id, nr_slots bits each */

void kvm_memory_start(KvmAccel *kvm)
{
    kvm->nr_slots = kvm_capability(KVM_CAP_NR_MEMSLOTS);
    kvm->nr_slots = kvm->nr_slots ? kvm->nr_slots : 32;
    kvm->nr_address_spaces = MAX(kvm_capability(KVM_CAP_MULTI_ADDRESS_SPACE), 1);
    kvm->readonly_memory = kvm_capability(KVM_CAP_READONLY_MEM);
    if (!kvm->ring_entries) {
        uint64_t manual = kvm_capability(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2) & KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE;
        kvm->manual_dirty = manual && kvm_enable_capability(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, manual, 0) == 0;
    }
}

/* ---- slots ---- */

static unsigned long *ids_of(unsigned as_id)
{
    size_t words = (kvm_accel()->nr_slots + WORD_BITS - 1) / WORD_BITS;
    if (!ids_in_use) {
        ids_in_use = g_new0(unsigned long, words * kvm_accel()->nr_address_spaces);
    }
    return ids_in_use + words * as_id;
}

static bool take_id(unsigned as_id, uint32_t *id)
{
    unsigned long *ids = ids_of(as_id);
    for (uint32_t i = 0; i < kvm_accel()->nr_slots; i++) {
        if (!(ids[i / WORD_BITS] >> i % WORD_BITS & 1)) {
            ids[i / WORD_BITS] |= 1ul << i % WORD_BITS;
            *id = i;
            return true;
        }
    }
    return false;
}

static int tell_kernel(const SlotListener *l, const Slot *slot, uint64_t size)
{
    struct kvm_userspace_memory_region region = {
        .slot = l->as_id << 16 | slot->id, .flags = slot->flags, .guest_phys_addr = slot->gpa, .memory_size = size,
        .userspace_addr = (uintptr_t)slot->host,
    };
    return kvm_vm_ioctl(KVM_SET_USER_MEMORY_REGION, &region);
}

static void slot_free(Slot *slot)
{
    ram_block_unref(slot->ram);
    g_free(slot->dirty);
    g_free(slot);
}

/* What of a section can be a slot: whole host pages. NULL: nothing (its accesses come as MMIO). */
static Slot *slot_of_section(const MemorySection *s)
{
    MemoryRegion *mr = s->mr;
    bool rom_device = mr->kind == MR_ROM_DEVICE, readonly = s->readonly || rom_device;
    uint64_t page = getpagesize(), delta = -s->addr & (page - 1), size = s->size_minus_1 + 1;
    if (!memory_region_is_ram(mr) || (rom_device && !s->romd) || (readonly && !kvm_accel()->readonly_memory)) {
        return NULL;
    }
    if (size <= delta || ((s->offset_in_region + delta) & (page - 1))) {
        return NULL;
    }
    size = ROUND_DOWN(size - delta, page);
    if (!size) {
        return NULL;
    }
    Slot *slot = g_new0(Slot, 1);
    slot->gpa = s->addr + delta;
    slot->size = size;
    slot->ram = ram_block_ref(mr->ram);
    slot->ram_offset = s->offset_in_region + delta;
    slot->host = mr->ram->host + slot->ram_offset;
    slot->flags = (readonly ? KVM_MEM_READONLY : 0) | (s->dirty_log_mask & LOG_CLIENTS ? KVM_MEM_LOG_DIRTY_PAGES : 0);
    return slot;
}

static Slot *find_slot(const SlotListener *l, const Slot *wanted)
{
    for (unsigned i = 0; i < l->slots->len; i++) {
        Slot *slot = l->slots->pdata[i];
        if (slot->gpa == wanted->gpa && slot->size == wanted->size) {
            return slot;
        }
    }
    return NULL;
}

/* ---- dirty bitmaps ---- */

static size_t bitmap_words(const Slot *slot) { return (slot->size / getpagesize() + 63) / 64 * 64 / WORD_BITS; }

static void mark_pages(const Slot *slot, uint64_t page, uint64_t count)
{
    uint64_t bytes = getpagesize();
    ram_block_set_dirty(slot->ram, slot->ram_offset + page * bytes, count * bytes);
}

static void mark_bitmap(const Slot *slot)
{
    size_t words = bitmap_words(slot);
    for (size_t word = 0; word < words; word++) {
        unsigned long bits = slot->dirty[word];
        if (bits == ~0ul) {
            mark_pages(slot, word * WORD_BITS, WORD_BITS);
            continue;
        }
        for (; bits; bits &= bits - 1) {
            mark_pages(slot, word * WORD_BITS + (unsigned)__builtin_ctzl(bits), 1);
        }
    }
}

static void fetch_dirty(const SlotListener *l, Slot *slot)
{
    if (!(slot->flags & KVM_MEM_LOG_DIRTY_PAGES)) {
        return;
    }
    if (kvm_accel()->ring_entries) {
        kvm_ring_reap();
        return;
    }
    if (!slot->dirty) {
        slot->dirty = g_new0(unsigned long, bitmap_words(slot));
    }
    struct kvm_dirty_log log = { .slot = l->as_id << 16 | slot->id, .dirty_bitmap = slot->dirty };
    if (kvm_vm_ioctl(KVM_GET_DIRTY_LOG, &log) == 0) {
        mark_bitmap(slot);
    }
}

static void clear_dirty(const SlotListener *l, Slot *slot)
{
    if (!kvm_accel()->manual_dirty || !slot->dirty || !(slot->flags & KVM_MEM_LOG_DIRTY_PAGES)) {
        return;
    }
    struct kvm_clear_dirty_log log = {
        .slot = l->as_id << 16 | slot->id, .num_pages = slot->size / getpagesize(), .first_page = 0, .dirty_bitmap = slot->dirty,
    };
    kvm_vm_ioctl(KVM_CLEAR_DIRTY_LOG, &log);
    memset(slot->dirty, 0, bitmap_words(slot) * sizeof(*slot->dirty));
}

void kvm_slot_page_dirty(unsigned as_id, unsigned id, uint64_t page)
{
    SlotListener *l = as_id < spaces->len ? spaces->pdata[as_id] : NULL;
    for (unsigned i = 0; l && i < l->slots->len; i++) {
        const Slot *slot = l->slots->pdata[i];
        if (slot->id == id && page < slot->size / getpagesize()) {
            mark_pages(slot, page, 1);
            return;
        }
    }
}

/* ---- the listener ---- */

static void slots_begin(MemoryListener *listener) { }

static void slots_add(MemoryListener *listener, const MemorySection *s)
{
    SlotListener *l = (SlotListener *)listener;
    Slot *slot = slot_of_section(s);
    if (slot) {
        g_ptr_array_add(l->coming, slot);
    }
}

static void slots_del(MemoryListener *listener, const MemorySection *s)
{
    SlotListener *l = (SlotListener *)listener;
    Slot *wanted = slot_of_section(s), *slot = wanted ? find_slot(l, wanted) : NULL;
    if (slot) {
        g_ptr_array_add(l->going, slot);
    }
    if (wanted) {
        slot_free(wanted);
    }
}

static void remove_slot(SlotListener *l, Slot *slot)
{
    fetch_dirty(l, slot);
    if (tell_kernel(l, slot, 0) < 0) {
        warn_report("KVM: slot %u at 0x%llx could not be removed", slot->id, (unsigned long long)slot->gpa);
    }
    ids_of(l->as_id)[slot->id / WORD_BITS] &= ~(1ul << slot->id % WORD_BITS);
    g_ptr_array_remove_fast(l->slots, slot);
    slot_free(slot);
}

static void add_slot(SlotListener *l, Slot *slot)
{
    int result = -ENOSPC;
    if (take_id(l->as_id, &slot->id)) {
        result = tell_kernel(l, slot, slot->size);
    }
    if (result < 0) {
        warn_report("KVM: 0x%llx bytes of memory at 0x%llx could not be given to the kernel: %s", (unsigned long long)slot->size,
                    (unsigned long long)slot->gpa, g_strerror(-result));
        slot_free(slot);
        return;
    }
    g_ptr_array_add(l->slots, slot);
}

static void slots_commit(MemoryListener *listener)
{
    SlotListener *l = (SlotListener *)listener;
    bool hold = l->going->len && cpus_running();
    if (hold) {
        kvm_vcpus_hold();
    }
    for (unsigned i = 0; i < l->going->len; i++) {
        remove_slot(l, l->going->pdata[i]);
    }
    for (unsigned i = 0; i < l->coming->len; i++) {
        add_slot(l, l->coming->pdata[i]);
    }
    g_ptr_array_set_size(l->going, 0);
    g_ptr_array_set_size(l->coming, 0);
    if (hold) {
        kvm_vcpus_release();
    }
}

/* A section and its slot while the transaction is still under way, or after it. */
static Slot *slot_of(SlotListener *l, const MemorySection *s)
{
    Slot *wanted = slot_of_section(s), *slot = wanted ? find_slot(l, wanted) : NULL;
    if (wanted) {
        slot_free(wanted);
    }
    return slot;
}

static void set_logging(MemoryListener *listener, const MemorySection *s, bool log)
{
    SlotListener *l = (SlotListener *)listener;
    Slot *slot = slot_of(l, s);
    uint32_t flags = slot ? (slot->flags & ~KVM_MEM_LOG_DIRTY_PAGES) | (log ? KVM_MEM_LOG_DIRTY_PAGES : 0) : 0;
    if (!slot || flags == slot->flags) {
        return;             /* one that is coming has the flag already */
    }
    if (!log) {
        fetch_dirty(l, slot);
    }
    slot->flags = flags;
    tell_kernel(l, slot, slot->size);
    if (!log) {
        g_clear_pointer(&slot->dirty, g_free);
    }
}

static void slots_log_start(MemoryListener *listener, const MemorySection *s, uint8_t old_mask, uint8_t new_mask)
{
    set_logging(listener, s, new_mask & LOG_CLIENTS);
}

static void slots_log_stop(MemoryListener *listener, const MemorySection *s, uint8_t old_mask, uint8_t new_mask)
{
    set_logging(listener, s, new_mask & LOG_CLIENTS);
}

static void slots_log_sync(MemoryListener *listener, const MemorySection *s)
{
    SlotListener *l = (SlotListener *)listener;
    Slot *slot = slot_of(l, s);
    if (slot) {
        fetch_dirty(l, slot);
    }
}

static void slots_log_clear(MemoryListener *listener, const MemorySection *s)
{
    SlotListener *l = (SlotListener *)listener;
    Slot *slot = slot_of(l, s);
    if (slot) {
        clear_dirty(l, slot);
    }
}

void kvm_memory_listen(AddressSpace *as, unsigned as_id)
{
    SlotListener *l = g_new0(SlotListener, 1);
    l->listener = (MemoryListener){
        .name = as_id ? "kvm-smram" : "kvm-memory", .priority = 10, .begin = slots_begin, .region_add = slots_add, .region_del = slots_del,
        .log_start = slots_log_start, .log_stop = slots_log_stop, .log_sync = slots_log_sync, .log_clear = slots_log_clear, .commit = slots_commit,
    };
    l->as_id = as_id;
    l->slots = g_ptr_array_new();
    l->going = g_ptr_array_new();
    l->coming = g_ptr_array_new();
    if (!spaces) {
        spaces = g_ptr_array_new();
    }
    g_ptr_array_insert(spaces, MIN(as_id, spaces->len), l);
    memory_listener_register(&l->listener, as);
}
