/*
 * KVM on x86: what is set up for the VM and for each vCPU, and the exits that only x86 has.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/apic.h"
#include "hw/i386/kvm-irqchip.h"
#include "hw/i386/smm.h"
#include "hw/intc/ioapic.h"
#include "softmmu/ram.h"
#include "target/i386/internal.h"
#include "target/i386/kvm/x86-kvm.h"
#include "util/error.h"
#include "util/log.h"
#include "util/main-loop.h"

#include <errno.h>
#include <string.h>

/* Four pages below the firmware's place, which Intel processors without real mode in guests need (api.rst, 4.36, 4.44). */
#define IDENTITY_MAP UINT64_C(0xfeffc000)
#define TSS_PAGES (IDENTITY_MAP + 0x1000)

X86KvmHost x86_kvm_host;

/* ---- the VM ---- */

static bool probe(GError **err)
{
    X86KvmHost *h = &x86_kvm_host;
    static const struct { int capability; const char *name; } needed[] = {
        { KVM_CAP_SET_TSS_ADDR, "KVM_CAP_SET_TSS_ADDR" }, { KVM_CAP_EXT_CPUID, "KVM_CAP_EXT_CPUID" }, { KVM_CAP_MP_STATE, "KVM_CAP_MP_STATE" },
        { KVM_CAP_XSAVE, "KVM_CAP_XSAVE" }, { KVM_CAP_VCPU_EVENTS, "KVM_CAP_VCPU_EVENTS" },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(needed); i++) {
        if (!kvm_capability(needed[i].capability)) {
            return error_set(err, "kvm does not support %s\nfailed to initialize kvm: %s", needed[i].name, g_strerror(EINVAL));
        }
    }
    int xsave_bytes = kvm_capability(KVM_CAP_XSAVE2);
    h->xsave2 = xsave_bytes > (int)sizeof(struct kvm_xsave);
    h->xsave_bytes = h->xsave2 ? (uint32_t)xsave_bytes : sizeof(struct kvm_xsave);
    h->sregs2 = kvm_capability(KVM_CAP_SREGS2);
    h->has_xcrs = kvm_capability(KVM_CAP_XCRS);
    h->debugregs = kvm_capability(KVM_CAP_DEBUGREGS);
    h->nested_bytes = kvm_capability(KVM_CAP_NESTED_STATE);
    h->nested_state = h->nested_bytes != 0;
    h->smm = kvm_capability(KVM_CAP_X86_SMM);
    h->kvmclock_ctrl = kvm_capability(KVM_CAP_KVMCLOCK_CTRL);
    h->tsc_control = kvm_capability(KVM_CAP_TSC_CONTROL);
    h->tsc_deadline = kvm_capability(KVM_CAP_TSC_DEADLINE_TIMER);
    return x86_kvm_msrs_start(err);
}

static bool set_addresses(GError **err)
{
    uint64_t identity = IDENTITY_MAP;
    int result = kvm_vm_ioctl(KVM_SET_IDENTITY_MAP_ADDR, &identity);
    if (result >= 0) {
        result = kvm_vm_ioctl(KVM_SET_TSS_ADDR, (void *)TSS_PAGES);
    }
    return result >= 0 || error_set_errno(err, -result, "KVM_SET_TSS_ADDR failed");
}

static void message(uint64_t address, uint32_t data) { kvm_send_message(address, data); }

/* The I/O APIC is ours: the kernel learns which vectors it must report the end of. */
static void ioapic_entry(unsigned pin, uint64_t address, uint32_t data, bool masked)
{
    kvm_route_message(pin, address, data);
    if (kvm_accel()->listening) {
        kvm_routes_commit();
    }
}

static bool start_irqchip(KvmAccel *kvm, GError **err)
{
    static const X86Irqchip none = { .reserved_address = IDENTITY_MAP, .reserved_size = 0x4000, .no_smm = true };
    int result = 0;
    x86_kvm_host.kernel_pic = kvm->irqchip == KVM_IRQCHIP_WANT_ON;
    x86_kvm_host.kernel_apic = kvm->irqchip != KVM_IRQCHIP_WANT_OFF;
    kvm->parent.halts_itself = x86_kvm_host.kernel_apic;
    switch (kvm->irqchip) {
    case KVM_IRQCHIP_WANT_ON:
        result = kvm_vm_ioctl(KVM_CREATE_IRQCHIP, NULL);
        x86_irqchip_set(x86_kvm_irqchip_full(IDENTITY_MAP, 0x4000, !x86_kvm_host.smm));
        break;
    case KVM_IRQCHIP_WANT_SPLIT:
        result = kvm_enable_capability(KVM_CAP_SPLIT_IRQCHIP, IOAPIC_PIN_COUNT, 0);
        x86_irqchip_set(x86_kvm_irqchip_split(IDENTITY_MAP, 0x4000, !x86_kvm_host.smm));
        ioapic_set_entry_hook(ioapic_entry);
        break;
    default:
        x86_irqchip_set(&none);
        apic_set_refusal("KVM does not support userspace APIC");
        return true;
    }
    if (result < 0) {
        return error_set_errno(err, -result, kvm->irqchip == KVM_IRQCHIP_WANT_ON ? "Create kernel irqchip failed" : "Could not enable split irqchip mode");
    }
    apic_set_type_name("kvm-apic");
    apic_set_message_hook(message);
    return true;
}

static bool set_shadow_memory(KvmAccel *kvm, GError **err)
{
    uint64_t pages = (uint64_t)kvm->shadow_mem / 4096;
    int result = kvm->shadow_mem < 0 ? 0 : kvm_vm_ioctl(KVM_SET_NR_MMU_PAGES, (void *)pages);
    return result >= 0 || error_set_errno(err, -result, "KVM_SET_NR_MMU_PAGES failed");
}

static bool set_notify(KvmAccel *kvm, GError **err)
{
    if (kvm->notify_vmexit == KVM_NOTIFY_DISABLE || !(kvm_capability(KVM_CAP_X86_NOTIFY_VMEXIT) & KVM_X86_NOTIFY_VMEXIT_ENABLED)) {
        return true;
    }
    uint64_t flags = (uint64_t)kvm->notify_window << 32 | KVM_X86_NOTIFY_VMEXIT_ENABLED | KVM_X86_NOTIFY_VMEXIT_USER;
    int result = kvm_enable_capability(KVM_CAP_X86_NOTIFY_VMEXIT, flags, 0);
    return result >= 0 || error_set_errno(err, -result, "kvm: Failed to enable notify vmexit cap");
}

static bool x86_start(KvmAccel *kvm, GError **err)
{
    if (!probe(err) || !set_addresses(err) || !start_irqchip(kvm, err) || !set_shadow_memory(kvm, err) || !set_notify(kvm, err)) {
        return false;
    }
    kvm->coalesced_page = kvm_capability(KVM_CAP_COALESCED_MMIO);
    kvm->coalesced_pio = kvm->coalesced_page ? kvm_capability(KVM_CAP_COALESCED_PIO) : 0;
    x86_kvm_host.exception_payload = kvm_capability(KVM_CAP_EXCEPTION_PAYLOAD) && kvm_enable_capability(KVM_CAP_EXCEPTION_PAYLOAD, 1, 0) >= 0;
    x86_kvm_host.triple_fault_event =
        kvm_capability(KVM_CAP_X86_TRIPLE_FAULT_EVENT) && kvm_enable_capability(KVM_CAP_X86_TRIPLE_FAULT_EVENT, 1, 0) >= 0;
    return true;
}

/* ISA interrupts reach both kinds of controllers; interrupt 0 is pin 2 of the I/O APIC. */
static void set_routes(void)
{
    for (unsigned gsi = 0; gsi < 16; gsi++) {
        if (gsi != 2) {
            kvm_route_pin(gsi, gsi < 8 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE, gsi & 7);
        }
    }
    for (unsigned gsi = 0; gsi < IOAPIC_PIN_COUNT; gsi++) {
        if (gsi != 2) {
            kvm_route_pin(gsi, KVM_IRQCHIP_IOAPIC, gsi ? gsi : 2);
        }
    }
}

static void x86_first_run(KvmAccel *kvm)
{
    if (x86_smm_memory() && x86_kvm_host.smm && kvm->nr_address_spaces > 1) {
        kvm_memory_listen(x86_smm_memory(), 1);
    }
}

static void x86_running(KvmAccel *kvm, bool running) { x86_kvm_clock_running(running); }

/* ---- vCPUs ---- */

static void x86_first_vcpu(Cpu *cpu)
{
    if (x86_has(X86_CPU(cpu), FEAT_KVM, 0) || x86_has(X86_CPU(cpu), FEAT_KVM, 3)) {
        x86_kvm_create_clock_device();
    }
}

static unsigned long x86_vcpu_id(Cpu *cpu) { return X86_CPU(cpu)->apic_id; }

static bool set_tsc_frequency(X86Cpu *cpu, GError **err)
{
    int64_t wanted = cpu->tsc_frequency / 1000;
    if (wanted <= 0) {
        return true;
    }
    int now = kvm_vcpu_ioctl(&cpu->parent, KVM_GET_TSC_KHZ, NULL);
    int result = now == wanted ? 0 : x86_kvm_host.tsc_control ? kvm_vcpu_ioctl(&cpu->parent, KVM_SET_TSC_KHZ, (void *)(uintptr_t)wanted) : -ENOTSUP;
    if (result < 0) {
        warn_report("TSC frequency mismatch between VM (%" G_GINT64_FORMAT " kHz) and host (%d kHz), and TSC scaling unavailable", wanted, now);
        return error_set_errno(err, -result, "the TSC's frequency cannot be set");
    }
    cpu->tsc_khz = wanted;
    return true;
}

static void set_machine_check(X86Cpu *cpu)
{
    uint64_t supported = 0;
    if (!(cpu->mcg_cap & 0xff) || kvm_system_ioctl(KVM_X86_GET_MCE_CAP_SUPPORTED, &supported) < 0) {
        return;
    }
    uint64_t banks = MIN(cpu->mcg_cap & 0xff, (uint64_t)kvm_capability(KVM_CAP_MCE));
    cpu->mcg_cap = (cpu->mcg_cap & supported & ~UINT64_C(0xff)) | banks;
    kvm_vcpu_ioctl(&cpu->parent, KVM_X86_SETUP_MCE, &cpu->mcg_cap);
}

static bool x86_vcpu_init(Cpu *c, GError **err)
{
    X86Cpu *cpu = X86_CPU(c);
    cpu->kvm = cpu->kvm ? cpu->kvm : g_new0(X86Kvm, 1);
    if (cpu->kvm_pv_enforce_cpuid) {
        struct kvm_enable_cap cap = { .cap = KVM_CAP_ENFORCE_PV_FEATURE_CPUID, .args[0] = 1 };
        kvm_vcpu_ioctl(c, KVM_ENABLE_CAP, &cap);
    }
    if (!set_tsc_frequency(cpu, err) || !x86_kvm_set_cpuid(cpu, err)) {
        return false;
    }
    set_machine_check(cpu);
    return true;
}

static void x86_vcpu_exit(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    if (cpu->kvm) {
        g_free(x86_kvm(cpu)->xsave);
        g_clear_pointer(&cpu->kvm, g_free);
    }
}

static void x86_reset(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    X86Kvm *kvm = x86_kvm(cpu);
    uint64_t base = APIC_DEFAULT_ADDRESS | 1u << 11 | (x86_is_bsp(cpu) ? 1u << 8 : 0);
    memset(&kvm->sregs, 0, sizeof(kvm->sregs));
    memset(&kvm->events, 0, sizeof(kvm->events));
    kvm->apic_base = cpu->apic ? base : 0;
    kvm->was_reset = true;
    cpu->interrupt_injected = -1;
    cpu->soft_interrupt = cpu->nmi_injected = cpu->nmi_pending = cpu->smi_pending = cpu->exception_injected_kvm = cpu->exception_pending_kvm = false;
    x86_kvm_reset_xsave(cpu);
    cpu->mp_state = x86_is_bsp(cpu) ? KVM_MP_STATE_RUNNABLE : KVM_MP_STATE_UNINITIALIZED;
    if (x86_kvm_host.kernel_apic) {
        /* The kernel keeps a processor waiting that no SIPI has started. */
        c->powered_off = false;
        atomic_store(&c->halted, false);
    }
}

/* ---- exits ---- */

static VcpuExit exit_halt(Cpu *cpu, struct kvm_run *run)
{
    uint32_t request = atomic_load(&cpu->interrupt_request);
    if ((request & CPU_INTERRUPT_NMI) || ((request & CPU_INTERRUPT_HARD) && run->if_flag)) {
        return VCPU_EXIT_AGAIN;
    }
    atomic_store(&cpu->halted, true);
    return VCPU_EXIT_HALTED;
}

static VcpuExit exit_fail_entry(Cpu *cpu, struct kvm_run *run)
{
    unsigned long long reason = run->fail_entry.hardware_entry_failure_reason;
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "KVM: entry failed, hardware error 0x%llx\n", reason);
    if (reason == 0x80000021) {
        g_string_append(text, "\nIf you're running a guest on an Intel machine without unrestricted mode\nsupport, the failure can be most likely due to the "
                        "guest entering an invalid\nstate for Intel VT. For example, the guest maybe running in big real mode\nwhich is not supported on less "
                        "recent Intel processors.\n\n");
    }
    VcpuExit result = kvm_vcpu_fail(cpu, "%s", text->str);
    g_string_free(text, TRUE);
    return result;
}

static VcpuExit exit_notify(Cpu *cpu, struct kvm_run *run)
{
    static bool said;
    bool broken = run->notify.flags & KVM_NOTIFY_CONTEXT_INVALID;
    if (broken || kvm_accel()->notify_vmexit == KVM_NOTIFY_INTERNAL_ERROR) {
        return kvm_vcpu_fail(cpu, "KVM: encounter notify exit%s", broken ? " with invalid context in guest." : "");
    }
    if (!said) {
        said = true;
        warn_report("KVM received notify exit.  There can be possible notify attack in guest.");
    }
    return VCPU_EXIT_AGAIN;
}

static VcpuExit x86_exit(Cpu *cpu, struct kvm_run *run)
{
    switch (run->exit_reason) {
    case KVM_EXIT_HLT:
        return exit_halt(cpu, run);
    case KVM_EXIT_SET_TPR: case KVM_EXIT_TPR_ACCESS: case KVM_EXIT_HYPERCALL: case KVM_EXIT_AP_RESET_HOLD:
        return VCPU_EXIT_AGAIN;
    case KVM_EXIT_IOAPIC_EOI: {
        MACHINE_LOCK_GUARD();
        ioapic_eoi_broadcast(run->eoi.vector);
        return VCPU_EXIT_AGAIN;
    }
    case KVM_EXIT_FAIL_ENTRY:
        return exit_fail_entry(cpu, run);
    case KVM_EXIT_NOTIFY:
        return exit_notify(cpu, run);
    case KVM_EXIT_EXCEPTION:
        return kvm_vcpu_fail(cpu, "KVM: exception %u exit (error code 0x%x)", run->ex.exception, run->ex.error_code);
    case KVM_EXIT_HYPERV:
        log_mask(LOG_UNIMP, "KVM: a Hyper-V exit of type %u\n", run->hyperv.type);
        if (run->hyperv.type == KVM_EXIT_HYPERV_HCALL) {
            run->hyperv.u.hcall.result = 2;     /* HV_STATUS_INVALID_HYPERCALL_CODE */
        }
        return VCPU_EXIT_AGAIN;
    case KVM_EXIT_X86_RDMSR: case KVM_EXIT_X86_WRMSR:
        run->msr.error = 1;
        return VCPU_EXIT_AGAIN;
    case KVM_EXIT_X86_BUS_LOCK:
        return VCPU_EXIT_AGAIN;
    default:
        return kvm_vcpu_fail(cpu, "KVM: unknown exit reason %u", run->exit_reason);
    }
}

static void x86_before_first_routes(KvmAccel *kvm)
{
    if (x86_kvm_host.kernel_pic) {
        set_routes();
    } else if (x86_kvm_host.kernel_apic) {
        for (unsigned pin = 0; pin < IOAPIC_PIN_COUNT; pin++) {
            kvm_route_message(pin, APIC_DEFAULT_ADDRESS, 0);    /* the numbers of the pins are taken */
        }
    }
}

const KvmArch kvm_arch = {
    .start = x86_start, .routes = x86_before_first_routes, .first_run = x86_first_run, .first_vcpu = x86_first_vcpu, .vcpu_id = x86_vcpu_id, .vcpu_init = x86_vcpu_init,
    .vcpu_exit = x86_vcpu_exit, .get = x86_kvm_get, .put = x86_kvm_put, .reset = x86_reset, .before_run = x86_kvm_before_run,
    .after_run = x86_kvm_after_run, .exit = x86_exit, .debug_exit = x86_kvm_debug_exit, .check_breakpoint = x86_kvm_check_breakpoint,
    .fill_debug = x86_kvm_fill_debug, .running = x86_running,
};
