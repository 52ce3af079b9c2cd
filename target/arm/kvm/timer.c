/*
 * The generic timers are the kernel's. What is ours: the guest's virtual counter stands still while the machine is stopped.
 *
 * Linux Documentation/virt/kvm/api.rst, 4.68 (KVM_REG_ARM_TIMER_CNT, whose name is another register's by an old mistake); a counter that is set is so for all vCPUs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/kvm/arm-kvm.h"

static uint64_t stopped_at;
static bool is_stopped;

void arm_kvm_clock_running(bool running)
{
    Cpu *cpu = cpu_first();
    if (!cpu || !cpu->accel || cpu->accel->fd < 0) {
        return;
    }
    if (running && is_stopped) {
        arm_kvm_set_one(cpu, KVM_REG_ARM_TIMER_CNT, &stopped_at);
    } else if (!running) {
        arm_kvm_get_one(cpu, KVM_REG_ARM_TIMER_CNT, &stopped_at);
    }
    is_stopped = !running;
}
