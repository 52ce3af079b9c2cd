/*
 * The accelerator type: its properties, opening /dev/kvm, making the VM, and what the kernel has to offer.
 *
 * Linux Documentation/virt/kvm/api.rst, 4.1 to 4.6, 4.37.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/kvm.h"
#include "ostrich-config.h"
#include "util/error.h"
#include "util/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static KvmAccel *current;

KvmAccel *kvm_accel(void) { return current; }

/* ---- ioctls ---- */

static int retry_ioctl(int fd, unsigned long request, const void *argument)
{
    int result;
    do {
        result = ioctl(fd, request, argument);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : result;
}

int kvm_system_ioctl(unsigned long request, const void *argument) { return retry_ioctl(current->fd, request, argument); }
int kvm_vm_ioctl(unsigned long request, const void *argument) { return retry_ioctl(current->vm_fd, request, argument); }
int kvm_vcpu_ioctl(Cpu *cpu, unsigned long request, const void *argument) { return retry_ioctl(cpu->accel->fd, request, argument); }

int kvm_capability(int capability)
{
    int result = kvm_vm_ioctl(KVM_CHECK_EXTENSION, (void *)(uintptr_t)capability);
    return MAX(result, 0);
}

int kvm_enable_capability(uint32_t capability, uint64_t argument0, uint64_t argument1)
{
    struct kvm_enable_cap cap = { .cap = capability, .args = { argument0, argument1 } };
    return kvm_vm_ioctl(KVM_ENABLE_CAP, &cap);
}

/* ---- start ---- */

static bool fail_line(GError **err, int os_errno, const char *first)
{
    return error_set(err, "%s\nfailed to initialize kvm: %s", first, g_strerror(os_errno));
}

static const char *device_path(const KvmAccel *kvm) { return kvm->device && *kvm->device ? kvm->device : "/dev/kvm"; }

static bool open_device(KvmAccel *kvm, GError **err)
{
    const char *path = device_path(kvm);
    kvm->fd = open(path, O_RDWR | O_CLOEXEC);
    if (kvm->fd < 0) {
        int os_errno = errno;
        g_autofree char *line = g_strdup_printf("Could not access KVM kernel module: %s", g_strerror(os_errno));
        fail_line(err, os_errno, line);
        kvm_explain_open(err, path, os_errno);
        return false;
    }
    int version = kvm_system_ioctl(KVM_GET_API_VERSION, NULL);
    if (version < KVM_API_VERSION) {
        fail_line(err, version < 0 ? -version : EINVAL, "kvm version too old");
        kvm_explain_device(err, path);
        return false;
    }
    if (version > KVM_API_VERSION) {
        return fail_line(err, EINVAL, "kvm version not supported");
    }
    return true;
}

static bool create_vm(KvmAccel *kvm, GError **err)
{
    unsigned long type = kvm_arch.vm_type ? kvm_arch.vm_type(kvm) : 0;
    int fd = kvm_system_ioctl(KVM_CREATE_VM, (void *)type);
    if (fd < 0) {
        g_autofree char *line = g_strdup_printf("ioctl(KVM_CREATE_VM) failed: %d %s", -fd, g_strerror(-fd));
        fail_line(err, -fd, line);
        kvm_explain_create(err, -fd);
        return false;
    }
    kvm->vm_fd = fd;
    return true;
}

/* What nothing here works without; all of it is there since Linux 4.13. */
static const struct { int capability; const char *name; } required[] = {
    { KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY" }, { KVM_CAP_DESTROY_MEMORY_REGION_WORKS, "KVM_CAP_DESTROY_MEMORY_REGION_WORKS" },
    { KVM_CAP_JOIN_MEMORY_REGIONS_WORKS, "KVM_CAP_JOIN_MEMORY_REGIONS_WORKS" }, { KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT" },
    { KVM_CAP_SIGNAL_MSI, "KVM_CAP_SIGNAL_MSI" }, { KVM_CAP_IOEVENTFD, "KVM_CAP_IOEVENTFD" }, { KVM_CAP_IRQFD, "KVM_CAP_IRQFD" },
};

static bool probe(KvmAccel *kvm, GError **err)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(required); i++) {
        if (!kvm_capability(required[i].capability)) {
            g_autofree char *line = g_strdup_printf("kvm does not support %s", required[i].name);
            fail_line(err, EINVAL, line);
            error_set_hint(err, "the host's kernel is too old: Linux 4.13 is the oldest that can be used");
            return false;
        }
    }
    int bytes = kvm_system_ioctl(KVM_GET_VCPU_MMAP_SIZE, NULL);
    if (bytes < (int)sizeof(struct kvm_run)) {
        return fail_line(err, bytes < 0 ? -bytes : EINVAL, "KVM_GET_VCPU_MMAP_SIZE failed");
    }
    kvm->run_bytes = bytes;
    return true;
}

static bool start_parts(KvmAccel *kvm, GError **err)
{
    return create_vm(kvm, err) && probe(kvm, err) && kvm_ring_start(kvm, err) && kvm_arch.start(kvm, err);
}

static bool kvm_start(Accel *accel, GError **err)
{
    KvmAccel *kvm = (KvmAccel *)accel;
    if (kvm->rapl) {
        return error_set(err, "rapl is not implemented");
    }
    if (kvm->xen_version) {
        return error_set(err, "xen-version is not implemented: Xen guests are not emulated");
    }
    current = kvm;
    if (!open_device(kvm, err) || !start_parts(kvm, err)) {
        current = NULL;
        return false;
    }
    kvm_memory_start(kvm);
    kvm_routes_start(kvm);
    kvm_arch.routes(kvm);
    kvm_vcpu_prepare_threads();
    kvm_stats_start();
    return true;
}

/* Slots and routes wait for the first time that guests run: while a machine is built its memory changes hundreds of times. */
static void kvm_run_state_changed(Accel *accel, bool running)
{
    KvmAccel *kvm = (KvmAccel *)accel;
    if (running && !kvm->listening) {
        kvm->listening = true;
        kvm_memory_listen(&accel->system_memory->memory_space, 0);
        kvm_io_listen(&accel->system_memory->io_space);
        kvm_arch.first_run(kvm);
        kvm_routes_commit();
    }
    if (kvm_arch.running) {
        kvm_arch.running(kvm, running);
    }
}

static bool kvm_supports(const TargetArch *arch)
{
    for (const char *const *host = arch->kvm_hosts; host && *host; host++) {
        if (!strcmp(*host, OSTRICH_HOST_ARCH)) {
            return true;
        }
    }
    return false;
}

static void kvm_info(Accel *accel, GString *out)
{
    const KvmAccel *kvm = (const KvmAccel *)accel;
    g_string_append_printf(out, "memory slots: %u at most\ninterrupt routes: %u at most\n", kvm->nr_slots, kvm->nr_gsis);
}

/* ---- the type ---- */

static void kvm_init(Object *object)
{
    KvmAccel *kvm = (KvmAccel *)object;
    kvm->fd = kvm->vm_fd = -1;
}

static void kvm_finalize(Object *object)
{
    KvmAccel *kvm = (KvmAccel *)object;
    if (kvm->vm_fd >= 0) {
        close(kvm->vm_fd);
    }
    if (kvm->fd >= 0) {
        close(kvm->fd);
    }
}

static const char *const irqchip_words[] = { "on", "off", "split", NULL };
static const EnumNames irqchip_names = { "on|off|split", irqchip_words };
#ifdef __riscv
static const char *const riscv_aia_words[] = { "emul", "hwaccel", "auto", NULL };
static const EnumNames riscv_aia_names = { "emul|hwaccel|auto", riscv_aia_words };
#endif
static const char *const notify_words[] = { "run", "internal-error", "disable", NULL };
static const EnumNames notify_names = { "NotifyVmexitOption", notify_words };

static bool set_ring_size(Object *object, const Property *p, GVariant *value, GError **err)
{
    g_autofree char *text = g_variant_print(value, false);
    uint64_t entries = g_ascii_strtoull(text, NULL, 0);
    if (entries > UINT32_MAX || (entries & (entries - 1))) {
        return error_set(err, "dirty-ring-size must be a power of two.");
    }
    ((KvmAccel *)object)->ring_entries = (uint32_t)entries;
    return true;
}

static const Property kvm_properties[] = {
#ifdef __riscv
    PROP_ENUM("riscv-aia", KvmAccel, riscv_aia, riscv_aia_names, KVM_RISCV_AIA_AUTO, .description = "Set KVM AIA mode. Valid values are 'emul', 'hwaccel' and 'auto'. Default is 'auto'."),
#endif
    PROP_ENUM("kernel-irqchip", KvmAccel, irqchip, irqchip_names, KVM_IRQCHIP_WANT_ON, .description = "Configure KVM in-kernel irqchip"),
    PROP_INT64("kvm-shadow-mem", KvmAccel, shadow_mem, -1, .description = "KVM shadow MMU size", .type_name = "int"),
    PROP_UINT32("dirty-ring-size", KvmAccel, ring_entries, 0, .description = "Size of KVM dirty page ring buffer (default: 0, i.e. use bitmap)",
                .set = set_ring_size),
    PROP_STRING("device", KvmAccel, device, NULL, .description = "Path to the device node to use (default: /dev/kvm)"),
    PROP_ENUM("notify-vmexit", KvmAccel, notify_vmexit, notify_names, KVM_NOTIFY_RUN, .description = "Enable notify VM exit"),
    PROP_UINT32("notify-window", KvmAccel, notify_window, 0,
                .description = "Clock cycles without an event window after which a notification VM exit occurs"),
    PROP_UINT32("xen-version", KvmAccel, xen_version, 0, .description = "Xen version to be emulated (in XENVER_version form e.g. 0x4000a for 4.10)"),
    PROP_UINT16("xen-gnttab-max-frames", KvmAccel, xen_gnttab_max_frames, 64, .description = "Maximum number of grant table frames"),
    PROP_UINT16("xen-evtchn-max-pirq", KvmAccel, xen_evtchn_max_pirq, 256, .description = "Maximum number of Xen PIRQs"),
    PROP_BOOL("rapl", KvmAccel, rapl, false, .description = "Allow energy related MSRs for RAPL interface in Guest"),
    PROP_STRING("rapl-helper-socket", KvmAccel, rapl_helper, NULL, .description = "Socket Path for comminucating with the Virtual MSR helper daemon"),
};

static const AccelType kvm_accel_type = {
    .name = "kvm-accel", .parent = "accel", .size = sizeof(KvmAccel), .accel_name = "kvm", .summary = "the host's processor, by Linux's KVM",
    .properties = PROPERTIES(kvm_properties), .init = kvm_init, .finalize = kvm_finalize, .supports = kvm_supports, .start = kvm_start,
    .vcpu_create = kvm_vcpu_create, .vcpu_init = kvm_vcpu_init, .vcpu_run = kvm_vcpu_run, .vcpu_exit = kvm_vcpu_exit, .vcpu_kick = kvm_vcpu_kick,
    .thread_per_vcpu = true, .synchronize = kvm_vcpu_synchronize, .post_reset = kvm_vcpu_post_reset, .breakpoint_insert = kvm_breakpoint_insert,
    .breakpoint_remove = kvm_breakpoint_remove, .debug_changed = kvm_debug_changed, .run_state_changed = kvm_run_state_changed, .info = kvm_info,
    .error_text = kvm_vcpu_error_text,
};
REGISTER_TYPE(kvm_accel_type)
