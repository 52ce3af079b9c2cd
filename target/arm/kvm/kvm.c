/*
 * KVM on arm64: what is set up for the VM and for each vCPU, and the exits that only Arm has. PSCI, the timers and the interrupt controller are the kernel's.
 *
 * Linux Documentation/virt/kvm/api.rst, 4.82 (KVM_ARM_VCPU_INIT), 4.119 (KVM_ARM_VCPU_FINALIZE), 5 (KVM_EXIT_ARM_NISV), 8; Documentation/virt/kvm/devices/vcpu.rst.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/arm/kernel-gic.h"
#include "target/arm/cpu-models.h"
#include "target/arm/kvm/arm-kvm.h"
#include "util/error.h"
#include "util/log.h"
#include "util/main-loop.h"

#include <errno.h>

enum { DEFAULT_IPA_BITS = 40, PPI_PMU = 23 };

ArmKvmHost arm_kvm_host;

/* ---- the VM ---- */

/* The most that the kernel gives: the board's memory map reaches as high as the processor's physical addresses. 0: the kernel's 40 bits. */
static unsigned long arm_vm_type(KvmAccel *kvm)
{
    int most = kvm_system_ioctl(KVM_CHECK_EXTENSION, (void *)KVM_CAP_ARM_VM_IPA_SIZE);
    arm_kvm_host.ipa_bits = most > 0 ? (unsigned)most : DEFAULT_IPA_BITS;
    return most > 0 ? KVM_VM_TYPE_ARM_IPA_SIZE((unsigned long)most) : 0;
}

static bool arm_start(KvmAccel *kvm, GError **err)
{
    ArmKvmHost *h = &arm_kvm_host;
    if (kvm->irqchip != KVM_IRQCHIP_WANT_ON) {
        return error_set(err, "kernel-irqchip=%s is not implemented for Arm: the interrupt controller is the kernel's", kvm->irqchip == KVM_IRQCHIP_WANT_OFF ? "off" : "split");
    }
    if (!kvm_capability(KVM_CAP_ARM_PSCI_0_2)) {
        return error_set(err, "kvm does not support KVM_CAP_ARM_PSCI_0_2\nfailed to initialize kvm: %s", g_strerror(EINVAL));
    }
    h->pmu = kvm_capability(KVM_CAP_ARM_PMU_V3);
    h->sve = kvm_capability(KVM_CAP_ARM_SVE);
    h->pointer_authentication = kvm_capability(KVM_CAP_ARM_PTRAUTH_ADDRESS) && kvm_capability(KVM_CAP_ARM_PTRAUTH_GENERIC);
    h->vcpu_events = kvm_capability(KVM_CAP_VCPU_EVENTS);
    h->external_abort = kvm_capability(KVM_CAP_ARM_INJECT_EXT_DABT) && h->vcpu_events;
    h->breakpoints = (unsigned)kvm_capability(KVM_CAP_GUEST_DEBUG_HW_BPS);
    h->watchpoints = (unsigned)kvm_capability(KVM_CAP_GUEST_DEBUG_HW_WPS);
    kvm->coalesced_page = kvm_capability(KVM_CAP_COALESCED_MMIO);
    kvm->parent.halts_itself = true;
    if (kvm_capability(KVM_CAP_ARM_NISV_TO_USER)) {
        kvm_enable_capability(KVM_CAP_ARM_NISV_TO_USER, 0, 0);
    }
    return arm_kvm_read_host(kvm->fd, err) && arm_kvm_gic_start(err);
}

static void arm_routes(KvmAccel *kvm) { arm_kvm_gic_routes(); }

static void arm_running(KvmAccel *kvm, bool running) { arm_kvm_clock_running(running); }

/* ---- vCPUs ---- */

static unsigned long arm_vcpu_id(Cpu *cpu) { return (unsigned long)cpu->index; }

static int init_vcpu(ArmCpu *cpu)
{
    struct kvm_vcpu_init init;
    int feature = KVM_ARM_VCPU_SVE;
    arm_kvm_fill_features(cpu, &init);
    int result = kvm_vcpu_ioctl(&cpu->parent, KVM_ARM_VCPU_INIT, &init);
    if (result >= 0 && cpu->prop_sve) {
        result = kvm_vcpu_ioctl(&cpu->parent, KVM_ARM_VCPU_FINALIZE, &feature);
        result = result == -EPERM ? 0 : result;     /* it is final already: a reset */
    }
    return result;
}

/* A model by name runs only where the host's processor is that model. */
static bool check_model(ArmCpu *cpu, GError **err)
{
    if (cpu->model->by_kvm || cpu->model->everything) {
        return true;
    }
    const ArmModel *host = &arm_models_host.models[0];
    if (cpu->model->id->value[ARM_MIDR] >> 4 == host->id->value[ARM_MIDR] >> 4) {
        return true;
    }
    error_set(err, "CPU model '%s' is not the host's processor, and KVM runs no other", cpu->model->name);
    error_set_hint(err, "-cpu host runs as the host's processor; -accel tcg runs '%s'", cpu->model->name);
    return false;
}

static bool start_pmu(ArmCpu *cpu, GError **err)
{
    int irq = PPI_PMU;
    struct kvm_device_attr number = { .group = KVM_ARM_VCPU_PMU_V3_CTRL, .attr = KVM_ARM_VCPU_PMU_V3_IRQ, .addr = (uintptr_t)&irq };
    struct kvm_device_attr start = { .group = KVM_ARM_VCPU_PMU_V3_CTRL, .attr = KVM_ARM_VCPU_PMU_V3_INIT };
    if (!cpu->has_pmu || !arm_kvm_host.pmu) {
        return true;
    }
    int result = kvm_vcpu_ioctl(&cpu->parent, KVM_SET_DEVICE_ATTR, &number);
    result = result >= 0 ? kvm_vcpu_ioctl(&cpu->parent, KVM_SET_DEVICE_ATTR, &start) : result;
    return result >= 0 || error_set_errno(err, -result, "failed to set up the PMU of a vCPU");
}

static bool start_pmus(GError **err)
{
    CPU_FOREACH (cpu) {
        if (!start_pmu(ARM_CPU(cpu), err)) {
            return false;
        }
    }
    return true;
}

/* The PMU's interrupt wants a complete interrupt controller, and that wants all vCPUs. */
static void arm_first_run(KvmAccel *kvm)
{
    g_autoptr(GError) error = NULL;
    if (!arm_kvm_gic_finish(&error) || !start_pmus(&error)) {
        warn_report("%s", error->message);
    }
}

static bool arm_vcpu_init(Cpu *c, GError **err)
{
    ArmCpu *cpu = ARM_CPU(c);
    uint64_t mpidr;
    if (!cpu->prop_aarch64 && !kvm_capability(KVM_CAP_ARM_EL1_32BIT)) {
        return error_set(err, "'aarch64' feature cannot be disabled unless KVM is enabled and 32-bit EL1 is supported");
    }
    if (cpu->prop_sve && !arm_kvm_host.sve) {
        return error_set(err, "'sve' feature not supported by KVM on this host");
    }
    if (cpu->has_el2 || cpu->has_el3) {
        return error_set(err, "%s", cpu->has_el3 ? "KVM does not support providing Security extensions (TrustZone) to the guest CPU"
                                                 : "KVM does not support providing Virtualization extensions to the guest CPU");
    }
    if (!check_model(cpu, err)) {
        return false;
    }
    int result = init_vcpu(cpu);
    if (result < 0) {
        return error_set_errno(err, -result, "kvm_arch_init_vcpu failed");
    }
    /* The kernel gives the affinity, by the number of the vCPU. */
    if (arm_kvm_get_one(c, arm_kvm_sysreg(ARM_SYSREG(3, 0, 0, 0, 5)), &mpidr) >= 0) {
        arm_cpu_set_affinity(c, mpidr);
    }
    return true;
}

static void arm_vcpu_exit(Cpu *cpu) { }

/* Everything that only the kernel has goes to its reset values, too. */
static void arm_reset(Cpu *c)
{
    int result = init_vcpu(ARM_CPU(c));
    if (result < 0) {
        warn_report("KVM_ARM_VCPU_INIT failed: %s", g_strerror(-result));
    }
    atomic_store(&c->halted, false);        /* the kernel keeps one waiting that PSCI has not started */
}

static void nothing_to_do(Cpu *cpu) { }

/* ---- exits ---- */

/* An access to what is no memory by an instruction that the processor does not describe: an external abort, as where nothing answers. */
static VcpuExit exit_no_syndrome(Cpu *cpu, struct kvm_run *run)
{
    if (!arm_kvm_host.external_abort) {
        return kvm_vcpu_fail(cpu, "KVM: an access without a valid syndrome at 0x%llx, and this kernel cannot inject an abort", (unsigned long long)run->arm_nisv.fault_ipa);
    }
    struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };
    log_mask(LOG_GUEST_ERROR, "an access at 0x%llx by an instruction that cannot be emulated\n", (unsigned long long)run->arm_nisv.fault_ipa);
    MACHINE_LOCK_GUARD();
    kvm_vcpu_ioctl(cpu, KVM_SET_VCPU_EVENTS, &events);
    return VCPU_EXIT_AGAIN;
}

static VcpuExit arm_exit(Cpu *cpu, struct kvm_run *run)
{
    switch (run->exit_reason) {
    case KVM_EXIT_ARM_NISV:
        return exit_no_syndrome(cpu, run);
    case KVM_EXIT_FAIL_ENTRY:
        return kvm_vcpu_fail(cpu, "KVM: entry failed, hardware error 0x%llx", (unsigned long long)run->fail_entry.hardware_entry_failure_reason);
    default:
        return kvm_vcpu_fail(cpu, "KVM: unknown exit %u", run->exit_reason);
    }
}

const KvmArch kvm_arch = {
    .vm_type = arm_vm_type, .messages_have_devices = true, .start = arm_start, .routes = arm_routes, .first_run = arm_first_run, .vcpu_id = arm_vcpu_id, .vcpu_init = arm_vcpu_init, .vcpu_exit = arm_vcpu_exit,
    .get = arm_kvm_get, .put = arm_kvm_put, .reset = arm_reset, .before_run = nothing_to_do, .after_run = nothing_to_do, .exit = arm_exit, .debug_exit = arm_kvm_debug_exit,
    .check_breakpoint = arm_kvm_check_breakpoint, .fill_debug = arm_kvm_fill_debug, .running = arm_running,
};
