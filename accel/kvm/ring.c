/*
 * Dirty rings: each vCPU's list of pages that it has written, instead of bitmaps (api.rst, 8.29 KVM_CAP_DIRTY_LOG_RING).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/kvm.h"
#include "util/error.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef KVM_CAP_DIRTY_LOG_RING_ACQ_REL
#define KVM_CAP_DIRTY_LOG_RING_ACQ_REL 223
#endif

static size_t ring_bytes(void) { return kvm_accel()->ring_entries * sizeof(struct kvm_dirty_gfn); }

bool kvm_ring_start(KvmAccel *kvm, GError **err)
{
    if (!kvm->ring_entries) {
        return true;
    }
    uint64_t bytes = kvm->ring_entries * sizeof(struct kvm_dirty_gfn);
    uint32_t capability = KVM_CAP_DIRTY_LOG_RING_ACQ_REL;
    uint64_t most = kvm_capability(capability);
    if (!most) {
        capability = KVM_CAP_DIRTY_LOG_RING;
        most = kvm_capability(capability);
    }
    if (!most) {
        warn_report("KVM dirty ring not available, using bitmap method");
        kvm->ring_entries = 0;
        return true;
    }
    if (bytes > most) {
        return error_set(err, "KVM dirty ring size %u too big (maximum is %llu).  Please use a smaller value.", kvm->ring_entries,
                         (unsigned long long)(most / sizeof(struct kvm_dirty_gfn)));
    }
    int result = kvm_enable_capability(capability, bytes, 0);
    if (result < 0) {
        return error_set_errno(err, -result, "Enabling of KVM dirty ring failed");
    }
    return true;
}

bool kvm_ring_map(Cpu *cpu, GError **err)
{
    if (!kvm_accel()->ring_entries) {
        return true;
    }
    void *ring = mmap(NULL, ring_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, cpu->accel->fd, (off_t)getpagesize() * KVM_DIRTY_LOG_PAGE_OFFSET);
    if (ring == MAP_FAILED) {
        return error_set_errno(err, errno, "mmap'ing the vCPU's dirty ring failed");
    }
    cpu->accel->ring = ring;
    return true;
}

void kvm_ring_unmap(Cpu *cpu)
{
    if (cpu->accel->ring) {
        munmap(cpu->accel->ring, ring_bytes());
        cpu->accel->ring = NULL;
    }
}

/* Takes what the ring of a vCPU has. */
static bool reap_one(AccelCpu *vcpu)
{
    uint32_t entries = kvm_accel()->ring_entries;
    bool any = false;
    for (uint32_t n = 0; vcpu->ring && n < entries; n++) {
        struct kvm_dirty_gfn *gfn = &vcpu->ring[vcpu->ring_next & (entries - 1)];
        if (!(__atomic_load_n(&gfn->flags, __ATOMIC_ACQUIRE) & KVM_DIRTY_GFN_F_DIRTY)) {
            break;
        }
        kvm_slot_page_dirty(gfn->slot >> 16, gfn->slot & 0xffff, gfn->offset);
        __atomic_store_n(&gfn->flags, KVM_DIRTY_GFN_F_RESET, __ATOMIC_RELEASE);
        vcpu->ring_next++;
        any = true;
    }
    return any;
}

/* vCPUs leave guest code first: the processor may keep dirty pages in a buffer of its own until then. */
void kvm_ring_reap(void)
{
    bool any = false;
    CPU_FOREACH(cpu) {
        if (cpu->accel && cpu != cpu_current()) {
            kvm_vcpu_kick(cpu);
            for (unsigned i = 0; i < 1000 && atomic_load(&cpu->accel->inside); i++) {
                g_usleep(20);
            }
        }
    }
    CPU_FOREACH(cpu) {
        if (cpu->accel) {
            any |= reap_one(cpu->accel);
        }
    }
    if (any) {
        kvm_vm_ioctl(KVM_RESET_DIRTY_RINGS, NULL);
    }
}
