/*
 * The guest's kvmclock stands still while the machine does (api.rst, 4.29 KVM_GET_CLOCK, 4.30, 4.68 KVM_KVMCLOCK_CTRL).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/kvm/x86-kvm.h"

static struct kvm_clock_data stopped_at;
static bool stopped;

void x86_kvm_clock_running(bool running)
{
    if (!running) {
        if (!stopped) {
            stopped_at = (struct kvm_clock_data){ 0 };
            stopped = kvm_vm_ioctl(KVM_GET_CLOCK, &stopped_at) >= 0;
        }
        return;
    }
    if (!stopped) {
        return;                 /* the first time: it begins by itself */
    }
    stopped = false;
    struct kvm_clock_data now = { .clock = stopped_at.clock };
    kvm_vm_ioctl(KVM_SET_CLOCK, &now);
    CPU_FOREACH(cpu) {
        /* The guest's watchdog learns that time was lost; a guest without kvmclock has nothing to tell (EINVAL). */
        if (x86_kvm_host.kvmclock_ctrl && cpu->accel) {
            kvm_vcpu_ioctl(cpu, KVM_KVMCLOCK_CTRL, NULL);
        }
    }
}
