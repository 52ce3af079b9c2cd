/*
 * Writes that the kernel takes itself: event file descriptors in place of a device's register (api.rst, 4.59 KVM_IOEVENTFD), and queues of writes that can
 * wait (4.116 KVM_REGISTER_COALESCED_MMIO).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/kvm.h"
#include "softmmu/dma.h"
#include "util/error.h"
#include "util/main-loop.h"

#include <unistd.h>

static struct kvm_coalesced_mmio_ring *ring;    /* one for the VM */
static bool flushing;

/* ---- event file descriptors ---- */

static void ioeventfd(const MemoryIoeventfd *e, bool pio, bool add)
{
    struct kvm_ioeventfd request = {
        .datamatch = e->data, .addr = e->addr, .len = e->size, .fd = e->fd,
        .flags = (pio ? KVM_IOEVENTFD_FLAG_PIO : 0) | (e->match_data ? KVM_IOEVENTFD_FLAG_DATAMATCH : 0) | (add ? 0 : KVM_IOEVENTFD_FLAG_DEASSIGN),
    };
    int result = kvm_vm_ioctl(KVM_IOEVENTFD, &request);
    if (result < 0 && add) {
        /* The write comes as an exit then, and the memory layer signals the descriptor. */
        warn_report("KVM: ioeventfd at 0x%llx: %s", (unsigned long long)e->addr, g_strerror(-result));
    }
}

static void memory_eventfd_add(MemoryListener *l, const MemorySection *s, const MemoryIoeventfd *e) { ioeventfd(e, false, true); }
static void memory_eventfd_del(MemoryListener *l, const MemorySection *s, const MemoryIoeventfd *e) { ioeventfd(e, false, false); }
static void io_eventfd_add(MemoryListener *l, const MemorySection *s, const MemoryIoeventfd *e) { ioeventfd(e, true, true); }
static void io_eventfd_del(MemoryListener *l, const MemorySection *s, const MemoryIoeventfd *e) { ioeventfd(e, true, false); }

/* ---- queued writes ---- */

static void zone(uint64_t addr, uint64_t size, bool pio, bool add)
{
    const KvmAccel *kvm = kvm_accel();
    if (!kvm->coalesced_page || (pio && !kvm->coalesced_pio)) {
        return;
    }
    struct kvm_coalesced_mmio_zone request = { .addr = addr, .size = (uint32_t)MIN(size, UINT32_MAX), .pio = pio };
    kvm_vm_ioctl(add ? KVM_REGISTER_COALESCED_MMIO : KVM_UNREGISTER_COALESCED_MMIO, &request);
}

static void memory_coalesced_add(MemoryListener *l, const MemorySection *s, uint64_t addr, uint64_t size) { zone(addr, size, false, true); }
static void memory_coalesced_del(MemoryListener *l, const MemorySection *s, uint64_t addr, uint64_t size) { zone(addr, size, false, false); }
static void io_coalesced_add(MemoryListener *l, const MemorySection *s, uint64_t addr, uint64_t size) { zone(addr, size, true, true); }
static void io_coalesced_del(MemoryListener *l, const MemorySection *s, uint64_t addr, uint64_t size) { zone(addr, size, true, false); }

void kvm_coalesced_set_ring(struct kvm_run *run)
{
    if (!ring && kvm_accel()->coalesced_page) {
        ring = (struct kvm_coalesced_mmio_ring *)((char *)run + (size_t)kvm_accel()->coalesced_page * getpagesize());
    }
}

bool kvm_coalesced_any(void)
{
    return ring && __atomic_load_n(&ring->first, __ATOMIC_RELAXED) != __atomic_load_n(&ring->last, __ATOMIC_ACQUIRE);
}

void kvm_flush_coalesced(void)
{
    if (!kvm_coalesced_any()) {
        return;
    }
    MACHINE_LOCK_GUARD();
    unsigned most = (getpagesize() - sizeof(*ring)) / sizeof(ring->coalesced_mmio[0]);
    if (flushing) {
        return;             /* a device asks while its own write is carried out */
    }
    flushing = true;
    for (unsigned n = 0; n < most && kvm_coalesced_any(); n++) {
        uint32_t first = ring->first % most;
        struct kvm_coalesced_mmio entry = ring->coalesced_mmio[first];
        __atomic_store_n(&ring->first, (first + 1) % most, __ATOMIC_RELEASE);
        SystemMemory *system = kvm_accel()->parent.system_memory;
        dma_write(entry.pio ? &system->io_space : &system->memory_space, entry.phys_addr, entry.data, MIN(entry.len, sizeof(entry.data)));
    }
    flushing = false;
}

/* ---- listeners ---- */

static MemoryListener memory_listener = {
    .name = "kvm-doorbells", .priority = 11, .eventfd_add = memory_eventfd_add, .eventfd_del = memory_eventfd_del,
    .coalesced_add = memory_coalesced_add, .coalesced_del = memory_coalesced_del,
};
static MemoryListener io_listener = {
    .name = "kvm-io", .priority = 11, .eventfd_add = io_eventfd_add, .eventfd_del = io_eventfd_del, .coalesced_add = io_coalesced_add,
    .coalesced_del = io_coalesced_del,
};

void kvm_io_listen(AddressSpace *as)
{
    KvmAccel *kvm = kvm_accel();
    memory_set_coalesced_flush(kvm_flush_coalesced);
    memory_listener_register(&memory_listener, &kvm->parent.system_memory->memory_space);
    memory_listener_register(&io_listener, as);
}
