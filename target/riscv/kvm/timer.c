/*
 * The guest's time and its timer are the kernel's. What is ours: they stand still while the machine is stopped.
 *
 * asm/kvm.h of riscv (struct kvm_riscv_timer).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/kvm/riscv-kvm.h"

/* By index of the CPU. */
typedef struct StoppedTimer { uint64_t time, compare, state; bool valid; } StoppedTimer;
static GArray *stopped;

#define TIMER(name) RISCV_KVM_U64(KVM_REG_RISCV_TIMER, KVM_REG_RISCV_TIMER_REG(name))

static void stop(Cpu *cpu, StoppedTimer *t)
{
    riscv_kvm_get_one(cpu, TIMER(time), &t->time);
    riscv_kvm_get_one(cpu, TIMER(compare), &t->compare);
    riscv_kvm_get_one(cpu, TIMER(state), &t->state);
    t->valid = true;
}

/* The state last: setting it to on starts the timer with the comparison. */
static void resume(Cpu *cpu, StoppedTimer *t)
{
    if (!t->valid) {
        return;
    }
    riscv_kvm_set_one(cpu, TIMER(time), &t->time);
    riscv_kvm_set_one(cpu, TIMER(compare), &t->compare);
    if (t->state == KVM_RISCV_TIMER_STATE_ON) {
        riscv_kvm_set_one(cpu, TIMER(state), &t->state);
    }
    t->valid = false;
}

void riscv_kvm_clock_running(bool running)
{
    stopped = stopped ? stopped : g_array_new(FALSE, TRUE, sizeof(StoppedTimer));
    CPU_FOREACH (cpu) {
        if (!cpu->accel || cpu->accel->fd < 0) {
            continue;
        }
        if ((unsigned)cpu->index >= stopped->len) {
            g_array_set_size(stopped, (guint)cpu->index + 1);
        }
        (running ? resume : stop)(cpu, &g_array_index(stopped, StoppedTimer, cpu->index));
    }
}
