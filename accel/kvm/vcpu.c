/*
 * vCPUs: making them, the loop around KVM_RUN, kicks, and the exits that all architectures share.
 *
 * A kick sets immediate_exit and, where the vCPU may be in KVM_RUN already, sends its thread a signal (api.rst, 5, immediate_exit): both ends look at the
 * other's flag after they have set their own, so that a kick is never lost.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/kvm.h"
#include "softmmu/dma.h"
#include "system/runstate.h"
#include "util/error.h"
#include "util/log.h"
#include "util/main-loop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIGNAL_KICK SIGUSR1

_Thread_local struct kvm_run *kvm_this_run;

/* ---- kicks ---- */

static void kicked(int signal)
{
    if (kvm_this_run) {
        kvm_this_run->immediate_exit = 1;
    }
}

void kvm_vcpu_prepare_threads(void)
{
    struct sigaction action = { .sa_handler = kicked };
    sigemptyset(&action.sa_mask);
    sigaction(SIGNAL_KICK, &action, NULL);
}

void kvm_vcpu_kick(Cpu *cpu)
{
    AccelCpu *vcpu = cpu->accel;
    if (!vcpu || !vcpu->has_thread) {
        return;
    }
    __atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
    if (atomic_load(&vcpu->inside) && !pthread_equal(vcpu->thread, pthread_self())) {
        pthread_kill(vcpu->thread, SIGNAL_KICK);
    }
}

/* ---- the gate: nobody goes in while memory slots change ---- */

static GMutex gate_lock;
static GCond gate_cond;
static _Atomic bool gate_closed;

void kvm_vcpus_hold(void)
{
    Cpu *self = cpu_current();
    atomic_store(&gate_closed, true);
    g_mutex_lock(&gate_lock);
    CPU_FOREACH(cpu) {
        while (cpu != self && cpu->accel && atomic_load(&cpu->accel->inside)) {
            kvm_vcpu_kick(cpu);
            g_cond_wait_until(&gate_cond, &gate_lock, g_get_monotonic_time() + 1000);
        }
    }
    g_mutex_unlock(&gate_lock);
}

void kvm_vcpus_release(void)
{
    g_mutex_lock(&gate_lock);
    atomic_store(&gate_closed, false);
    g_cond_broadcast(&gate_cond);
    g_mutex_unlock(&gate_lock);
}

static void go_inside(AccelCpu *vcpu)
{
    atomic_store(&vcpu->inside, true);
    while (G_UNLIKELY(atomic_load(&gate_closed))) {
        atomic_store(&vcpu->inside, false);
        g_mutex_lock(&gate_lock);
        g_cond_broadcast(&gate_cond);
        while (atomic_load(&gate_closed)) {
            g_cond_wait(&gate_cond, &gate_lock);
        }
        g_mutex_unlock(&gate_lock);
        atomic_store(&vcpu->inside, true);
    }
}

static void go_outside(AccelCpu *vcpu)
{
    atomic_store(&vcpu->inside, false);
    if (G_UNLIKELY(atomic_load(&gate_closed))) {
        g_mutex_lock(&gate_lock);
        g_cond_broadcast(&gate_cond);
        g_mutex_unlock(&gate_lock);
    }
}

/* ---- making and ending ---- */

/* The kernel cannot take a vCPU back: those of unplugged CPUs wait here for the next with the number. */
typedef struct ParkedVcpu { unsigned long id; int fd; } ParkedVcpu;
static GArray *parked;

static int take_parked(unsigned long id)
{
    for (unsigned i = 0; parked && i < parked->len; i++) {
        ParkedVcpu vcpu = g_array_index(parked, ParkedVcpu, i);
        if (vcpu.id == id) {
            g_array_remove_index_fast(parked, i);
            return vcpu.fd;
        }
    }
    return -1;
}

bool kvm_vcpu_create(Accel *accel, Cpu *cpu, GError **err)
{
    int most = kvm_capability(KVM_CAP_MAX_VCPUS);
    if (cpu->index >= (most ? most : 4)) {
        return error_set(err, "Number of SMP cpus requested (%d) exceeds the maximum number of VCPUs supported by KVM (%d)", cpu->index + 1, most);
    }
    cpu->accel = g_new0(AccelCpu, 1);
    cpu->accel->fd = -1;
    if (!cpu->index && kvm_arch.first_vcpu) {
        kvm_arch.first_vcpu(cpu);
    }
    return true;
}

static bool open_vcpu(Cpu *cpu, GError **err)
{
    AccelCpu *vcpu = cpu->accel;
    vcpu->id = kvm_arch.vcpu_id(cpu);
    vcpu->fd = take_parked(vcpu->id);
    if (vcpu->fd < 0) {
        int fd = kvm_vm_ioctl(KVM_CREATE_VCPU, (void *)vcpu->id);
        if (fd < 0) {
            return error_set_errno(err, -fd, "kvm_init_vcpu: kvm_get_vcpu failed (%lu)", vcpu->id);
        }
        vcpu->fd = fd;
    }
    void *run = mmap(NULL, kvm_accel()->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
    if (run == MAP_FAILED) {
        return error_set_errno(err, errno, "kvm_init_vcpu: mmap'ing vcpu state failed (%lu)", vcpu->id);
    }
    vcpu->run = run;
    kvm_coalesced_set_ring(run);
    return kvm_ring_map(cpu, err);
}

bool kvm_vcpu_init(Cpu *cpu, GError **err)
{
    AccelCpu *vcpu = cpu->accel;
    if (!open_vcpu(cpu, err) || !kvm_arch.vcpu_init(cpu, err)) {
        return false;
    }
    kvm_this_run = vcpu->run;
    vcpu->thread = pthread_self();
    vcpu->has_thread = true;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGNAL_KICK);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    /* The struct is as realize has reset it. */
    kvm_arch.reset(cpu);
    cpu->register_state_valid = cpu->register_state_dirty = true;
    vcpu->put_level = KVM_PUT_FULL;
    return true;
}

void kvm_vcpu_exit(Cpu *cpu)
{
    AccelCpu *vcpu = cpu->accel;
    kvm_this_run = NULL;
    vcpu->has_thread = false;
    kvm_arch.vcpu_exit(cpu);
    kvm_ring_unmap(cpu);
    munmap(vcpu->run, kvm_accel()->run_bytes);
    ParkedVcpu entry = { vcpu->id, vcpu->fd };
    if (!parked) {
        parked = g_array_new(FALSE, FALSE, sizeof(ParkedVcpu));
    }
    g_array_append_val(parked, entry);
    g_free(vcpu->error);
    g_clear_pointer(&cpu->accel, g_free);
}

/* ---- registers ---- */

static void synchronize_on(Cpu *cpu, void *opaque)
{
    if (!cpu->register_state_valid) {
        kvm_arch.get(cpu);
        cpu->register_state_valid = true;
    }
    /* Whoever asks may change them. */
    if (!cpu->register_state_dirty) {
        cpu->register_state_dirty = true;
        cpu->accel->put_level = KVM_PUT_RUNTIME;
    }
}

void kvm_vcpu_synchronize(Cpu *cpu)
{
    if (!cpu->accel || cpu->accel->fd < 0 || (cpu->register_state_valid && cpu->register_state_dirty)) {
        return;
    }
    if (atomic_load(&cpu->accel->inside)) {
        cpu_run_on(cpu, synchronize_on, NULL);
    } else {
        synchronize_on(cpu, NULL);
    }
}

static void put_registers(Cpu *cpu)
{
    kvm_arch.put(cpu, cpu->accel->put_level);
    cpu->register_state_dirty = false;
    cpu->accel->put_level = KVM_PUT_RUNTIME;
}

/* At once and not at the next run: another vCPU may run first and send this one interrupts. */
void kvm_vcpu_post_reset(Cpu *cpu)
{
    if (!cpu->accel || cpu->accel->fd < 0) {
        return;
    }
    kvm_arch.reset(cpu);
    cpu->accel->put_level = MAX(cpu->accel->put_level, KVM_PUT_RESET);
    cpu->register_state_valid = true;
    put_registers(cpu);
}

/* ---- failures ---- */

VcpuExit kvm_vcpu_fail(Cpu *cpu, const char *format, ...)
{
    MACHINE_LOCK_GUARD();
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    GString *out = g_string_new(text);
    if (!g_str_has_suffix(out->str, "\n")) {
        g_string_append_c(out, '\n');
    }
    kvm_vcpu_synchronize(cpu);
    cpu->arch->dump_registers(cpu, out, false);
    g_free(cpu->accel->error);
    cpu->accel->error = g_string_free(out, FALSE);
    return VCPU_EXIT_ERROR;
}

char *kvm_vcpu_error_text(Cpu *cpu)
{
    return cpu->accel ? g_steal_pointer(&cpu->accel->error) : NULL;
}

/* ---- exits ---- */

static VcpuExit exit_io(Cpu *cpu, struct kvm_run *run)
{
    uint8_t *data = (uint8_t *)run + run->io.data_offset;
    unsigned size = run->io.size;
    for (uint32_t i = 0; i < run->io.count; i++, data += size) {
        uint64_t value = 0;
        if (run->io.direction == KVM_EXIT_IO_OUT) {
            memcpy(&value, data, MIN(size, sizeof(value)));
            address_space_store(cpu->io, run->io.port, value, size, MEM_ATTRS_NONE);
        } else {
            address_space_load(cpu->io, run->io.port, &value, size, MEM_ATTRS_NONE);
            memcpy(data, &value, MIN(size, sizeof(value)));
        }
    }
    return VCPU_EXIT_AGAIN;
}

/* The kernel cuts accesses at 8 bytes; they may have any length up to that. */
static VcpuExit exit_mmio(Cpu *cpu, struct kvm_run *run)
{
    unsigned len = MIN(run->mmio.len, sizeof(run->mmio.data));
    uint64_t addr = run->mmio.phys_addr, value = 0;
    if (IS_POWER_OF_2(len) && !(addr & (len - 1))) {
        if (run->mmio.is_write) {
            memcpy(&value, run->mmio.data, len);
            address_space_store(cpu->memory, addr, value, len, MEM_ATTRS_NONE);
        } else {
            address_space_load(cpu->memory, addr, &value, len, MEM_ATTRS_NONE);
            memcpy(run->mmio.data, &value, len);
        }
    } else {
        dma_rw(cpu->memory, addr, run->mmio.data, len, run->mmio.is_write, MEM_ATTRS_NONE);
    }
    return VCPU_EXIT_AGAIN;
}

static VcpuExit exit_internal_error(Cpu *cpu, struct kvm_run *run)
{
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "KVM internal error. Suberror: %u\n", run->internal.suberror);
    for (unsigned i = 0; i < MIN(run->internal.ndata, G_N_ELEMENTS(run->internal.data)); i++) {
        g_string_append_printf(text, "extra data[%u]: 0x%016llx\n", i, (unsigned long long)run->internal.data[i]);
    }
    if (run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION) {
        g_string_append(text, "emulation failure\n");
    }
    VcpuExit result = kvm_vcpu_fail(cpu, "%s", text->str);
    g_string_free(text, TRUE);
    return result;
}

static VcpuExit exit_system_event(Cpu *cpu, struct kvm_run *run)
{
    MACHINE_LOCK_GUARD();
    switch (run->system_event.type) {
    case KVM_SYSTEM_EVENT_SHUTDOWN:
        system_shutdown_request(SHUTDOWN_GUEST_SHUTDOWN);
        return VCPU_EXIT_AGAIN;
    case KVM_SYSTEM_EVENT_RESET:
        system_reset_request(SHUTDOWN_GUEST_RESET);
        return VCPU_EXIT_AGAIN;
    case KVM_SYSTEM_EVENT_CRASH:
        kvm_vcpu_synchronize(cpu);
        system_guest_panicked();
        return VCPU_EXIT_AGAIN;
    default:
        return kvm_arch.exit(cpu, run);
    }
}

static VcpuExit exit_debug(Cpu *cpu, struct kvm_run *run)
{
    MACHINE_LOCK_GUARD();
    return kvm_arch.debug_exit(cpu, run) ? VCPU_EXIT_DEBUG : VCPU_EXIT_AGAIN;
}

static VcpuExit exit_ring_full(void)
{
    MACHINE_LOCK_GUARD();
    kvm_ring_reap();
    return VCPU_EXIT_AGAIN;
}

static VcpuExit handle_exit(Cpu *cpu, struct kvm_run *run)
{
    switch (run->exit_reason) {
    case KVM_EXIT_IO:
        return exit_io(cpu, run);
    case KVM_EXIT_MMIO:
        return exit_mmio(cpu, run);
    case KVM_EXIT_INTR: case KVM_EXIT_IRQ_WINDOW_OPEN:
        return VCPU_EXIT_AGAIN;
    case KVM_EXIT_SHUTDOWN: {
        MACHINE_LOCK_GUARD();
        system_reset_request(SHUTDOWN_GUEST_RESET);
        return VCPU_EXIT_AGAIN;
    }
    case KVM_EXIT_UNKNOWN:
        return kvm_vcpu_fail(cpu, "KVM: unknown exit, hardware reason %llx", (unsigned long long)run->hw.hardware_exit_reason);
    case KVM_EXIT_INTERNAL_ERROR:
        return exit_internal_error(cpu, run);
    case KVM_EXIT_SYSTEM_EVENT:
        return exit_system_event(cpu, run);
    case KVM_EXIT_DEBUG:
        return exit_debug(cpu, run);
    case KVM_EXIT_DIRTY_RING_FULL:
        return exit_ring_full();
    default:
        return kvm_arch.exit(cpu, run);
    }
}

/* ---- the loop ---- */

static VcpuExit run_failed(Cpu *cpu, int os_errno, bool *left)
{
    if (os_errno == EINTR) {
        *left = true;
        return VCPU_EXIT_AGAIN;
    }
    if (os_errno == EAGAIN) {
        return VCPU_EXIT_AGAIN;         /* a vCPU that waited for its start was woken */
    }
    return kvm_vcpu_fail(cpu, "error: kvm run failed %s", g_strerror(os_errno));
}

static VcpuExit run_once(Cpu *cpu, AccelCpu *vcpu, bool *left)
{
    struct kvm_run *run = vcpu->run;
    if (cpu->register_state_dirty) {
        put_registers(cpu);
        vcpu->debug_stale |= cpu->singlestep != 0;      /* a step belongs to an address: the kernel forgets it with new registers */
    }
    if (vcpu->debug_stale) {
        kvm_debug_apply(cpu);
    }
    kvm_arch.before_run(cpu);
    cpu->register_state_valid = false;
    go_inside(vcpu);
    if (atomic_load(&cpu->exit_request)) {
        __atomic_store_n(&run->immediate_exit, 1, __ATOMIC_RELAXED);
    }
    int result = ioctl(vcpu->fd, KVM_RUN, 0), os_errno = errno;
    __atomic_store_n(&run->immediate_exit, 0, __ATOMIC_SEQ_CST);
    go_outside(vcpu);
    kvm_arch.after_run(cpu);
    if (kvm_coalesced_any()) {
        kvm_flush_coalesced();
    }
    return result < 0 ? run_failed(cpu, os_errno, left) : handle_exit(cpu, run);
}

/* An exit for a read is complete only when KVM_RUN was entered again: the loop ends there, by immediate_exit, and nowhere between. */
VcpuExit kvm_vcpu_run(Cpu *cpu)
{
    VcpuExit exit;
    bool left = false;
    machine_unlock();
    do {
        exit = run_once(cpu, cpu->accel, &left);
    } while (exit == VCPU_EXIT_AGAIN && !left);
    machine_lock();
    return exit;
}
