/*
 * The 8254 that KVM keeps in the kernel (api.rst, 4.71 KVM_CREATE_PIT2, 4.72, 4.73), and kvmclock as a device.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/kvm.h"
#include "hw/i386/kvm-irqchip.h"
#include "hw/timer/i8254.h"
#include "system/runstate.h"
#include "util/error.h"
#include "util/timer.h"

#include <time.h>

enum { POLICY_DISCARD, POLICY_DELAY, POLICY_SLEW };
static const char *const policy_words[] = { "discard", "delay", "slew", NULL };
static const EnumNames policy_names = { "LostTickPolicy", policy_words };

typedef struct KvmPit {
    IsaDevice parent;
    MemoryRegion io;
    uint32_t iobase;
    int lost_tick_policy;
    struct kvm_pit_state2 stopped;      /* as it was when the machine stopped */
    bool is_stopped;
} KvmPit;

static bool get_state(struct kvm_pit_state2 *state)
{
    *state = (struct kvm_pit_state2){ .flags = 0 };
    return kvm_vm_ioctl(KVM_GET_PIT2, state) >= 0;
}

static void put_state(const struct kvm_pit_state2 *state) { kvm_vm_ioctl(KVM_SET_PIT2, state); }

static void pit_set_gate(Device *device, int channel, int gate)
{
    struct kvm_pit_state2 state;
    /* Setting the state begins the counts anew: only where something changes. */
    if (get_state(&state) && state.channels[channel].gate != gate) {
        state.channels[channel].gate = gate != 0;
        put_state(&state);
    }
}

/* The kernel keeps times of the monotonic clock. */
static int64_t kernel_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void pit_get_channel(Device *device, int channel, PitChannelInfo *info)
{
    struct kvm_pit_state2 state;
    *info = (PitChannelInfo){ .gate = 0 };
    if (get_state(&state)) {
        const struct kvm_pit_channel_state *c = &state.channels[channel];
        int64_t elapsed = kernel_now() - c->count_load_time;
        *info = (PitChannelInfo){
            .gate = c->gate, .mode = c->mode, .initial_count = (int)c->count,
            .out = c->count ? pit_output(c->mode, (int32_t)c->count, elapsed > 0 ? (int64_t)muldiv64((uint64_t)elapsed, PIT_HZ, NS_PER_S) : 0) : 0,
        };
    }
}

/* The HPET takes interrupt 0 over and gives it back. */
static void irq_enable(void *opaque, int n, int level)
{
    struct kvm_pit_state2 state;
    if (get_state(&state)) {
        state.flags = level ? state.flags & ~(uint32_t)KVM_PIT_FLAGS_HPET_LEGACY : state.flags | KVM_PIT_FLAGS_HPET_LEGACY;
        put_state(&state);
    }
}

static void pit_reset(Device *device)
{
    KvmPit *pit = (KvmPit *)device;
    struct kvm_pit_state2 state = { .flags = 0 };
    if (!kvm_accel()->listening) {
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        state.channels[i] = (struct kvm_pit_channel_state){ .count = 0x10000, .mode = 3, .rw_mode = 3, .gate = i != 2 };
    }
    if (pit->is_stopped) {
        pit->stopped = state;
    } else {
        put_state(&state);
    }
}

static void run_state_changed(void *opaque, bool running, RunState state)
{
    KvmPit *pit = opaque;
    if (!running) {
        pit->is_stopped = get_state(&pit->stopped);
    } else if (pit->is_stopped) {
        pit->is_stopped = false;
        put_state(&pit->stopped);
    }
}

static uint64_t nobody_reads(void *opaque, uint64_t addr, unsigned size) { return 0xff; }
static void nobody_writes(void *opaque, uint64_t addr, uint64_t value, unsigned size) { }
static const MemoryRegionOps in_kernel_ops = { .read = nobody_reads, .write = nobody_writes, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 1, 1 } };

static bool set_policy(const KvmPit *pit, GError **err)
{
    if (pit->lost_tick_policy == POLICY_DELAY) {
        return true;                    /* the kernel's own */
    }
    if (pit->lost_tick_policy != POLICY_DISCARD) {
        return error_set(err, "Lost tick policy not supported");
    }
    struct kvm_reinject_control control = { .pit_reinject = 0 };
    int result = kvm_vm_ioctl(KVM_REINJECT_CONTROL, &control);
    return result >= 0 || error_set_errno(err, -result, "Can't disable in-kernel PIT reinjection");
}

static bool pit_realize(Device *device, GError **err)
{
    KvmPit *pit = (KvmPit *)device;
    struct kvm_pit_config config = { .flags = 0 };
    int result = kvm_vm_ioctl(KVM_CREATE_PIT2, &config);
    if (result < 0) {
        return error_set_errno(err, -result, "Create kernel PIC irqchip failed");
    }
    if (!set_policy(pit, err)) {
        return false;
    }
    memory_region_init_io(&pit->io, OBJECT(pit), &in_kernel_ops, pit, "kvm-pit", 4);
    isa_register_ports(&pit->parent, &pit->io, pit->iobase);
    device_add_irq_inputs(device, NULL, irq_enable, pit, 1);
    run_state_add_handler(run_state_changed, pit);
    return true;
}

static const Property pit_properties[] = {
    PROP_UINT32("iobase", KvmPit, iobase, UINT32_MAX),
    PROP_ENUM("lost_tick_policy", KvmPit, lost_tick_policy, policy_names, POLICY_DELAY),
};
static const PitType family = { .set_gate = pit_set_gate, .get_channel = pit_get_channel };
static const DeviceType kvm_pit = {
    .name = "kvm-pit", .parent = "isa-device", .size = sizeof(KvmPit), .summary = "8254 interval timer in the kernel", .family = &family,
    .properties = PROPERTIES(pit_properties), .realize = pit_realize, .reset = pit_reset,
};
REGISTER_DEVICE(kvm_pit)

/* ---- kvmclock: what it does is done by the accelerator (target/i386/kvm/clock.c) ---- */

typedef struct KvmClock { SysBusDevice parent; bool reliable_get_clock; } KvmClock;
static const Property clock_properties[] = { PROP_BOOL("x-mach-use-reliable-get-clock", KvmClock, reliable_get_clock, true) };
static const DeviceType kvmclock = {
    .name = "kvmclock", .parent = "sys-bus-device", .size = sizeof(KvmClock), .summary = "the guest's paravirtual clock",
    .properties = PROPERTIES(clock_properties),
};
REGISTER_DEVICE(kvmclock)

void x86_kvm_create_clock_device(void)
{
    g_autoptr(GError) error = NULL;
    if (!device_realize(device_new("kvmclock"), NULL, &error)) {
        warn_report("kvmclock: %s", error->message);
    }
}
