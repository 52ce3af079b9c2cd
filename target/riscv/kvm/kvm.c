/*
 * KVM on riscv64: what is set up for each vCPU, the external interrupt line, and the exits that only RISC-V has. The guest begins in S-mode; SBI and timers are the kernel's.
 * The interrupt controllers of the board are ours, but for the AIA with interrupt files (hw/riscv/kvm).
 *
 * Linux Documentation/virt/kvm/api.rst, 4.17 (KVM_INTERRUPT), 5 (KVM_EXIT_RISCV_SBI, KVM_EXIT_RISCV_CSR).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/riscv/kernel-aia.h"
#include "target/riscv/kvm/riscv-kvm.h"
#include "util/error.h"
#include "util/guest-random.h"
#include "util/log.h"

#include <errno.h>

/* ---- the VM ---- */

static bool riscv_start(KvmAccel *kvm, GError **err)
{
    if (kvm->irqchip != KVM_IRQCHIP_WANT_OFF) {
        riscv_kvm_aia_start(kvm->irqchip == KVM_IRQCHIP_WANT_ON);
    }
    kvm->irqchip = KVM_IRQCHIP_WANT_OFF;        /* until the board takes the AIA */
    kvm->parent.halts_itself = true;            /* the kernel waits in WFI, and for the hart's start by SBI */
    kvm->coalesced_page = kvm_capability(KVM_CAP_COALESCED_MMIO);
    return true;
}

static void no_routes(KvmAccel *kvm) { }

static void riscv_first_run(KvmAccel *kvm)
{
    g_autoptr(GError) error = NULL;
    if (!riscv_kvm_aia_finish(&error)) {
        warn_report("%s", error->message);
    }
}

static void riscv_running(KvmAccel *kvm, bool running) { riscv_kvm_clock_running(running); }

/* ---- vCPUs ---- */

static unsigned long riscv_vcpu_id(Cpu *cpu) { return (unsigned long)RISCV_CPU(cpu)->hartid; }

static bool riscv_vcpu_init(Cpu *c, GError **err)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    if (cpu->xlen != 8 * sizeof(long)) {
        return error_set(err, "KVM runs harts of the host's width only, %zu bits", 8 * sizeof(long));
    }
    riscv_kvm_get_one(c, RISCV_KVM_U64(KVM_REG_RISCV_TIMER, KVM_REG_RISCV_TIMER_REG(frequency)), &cpu->host_timebase_hz);
    return riscv_kvm_set_isa(cpu, err);
}

static void riscv_vcpu_exit(Cpu *cpu) { }

/* Firmware does not run here: a guest begins where it would have handed over, in S-mode with the hart's number in a0. The others wait for SBI's hart_start. */
static void riscv_reset(Cpu *c)
{
    enum { A0 = 10, A1 = 11, CYCLE_TIME_INSTRET = 7 };
    RiscvCpu *cpu = RISCV_CPU(c);
    cpu->priv = PRIV_S;
    cpu->scounteren = CYCLE_TIME_INSTRET;       /* as the kernel has it at reset, and firmware leaves it: a guest without SBI's PMU counts on that */
    cpu->virt = false;
    cpu->pc = cpu->boot_pc;
    cpu->x[A0] = cpu->hartid;
    cpu->x[A1] = cpu->boot_device_tree;
    c->powered_off = c->index != 0;
    atomic_store(&c->halted, false);
}

/* ---- the line of external interrupts ---- */

static void riscv_before_run(Cpu *c)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    if (riscv_kvm_aia_used()) {
        return;
    }
    int line = atomic_load(&cpu->lines) >> RISCV_IRQ_S_EXT & 1 ? (int)KVM_INTERRUPT_SET : (int)KVM_INTERRUPT_UNSET;
    struct kvm_interrupt request = { .irq = (uint32_t)line };
    kvm_vcpu_ioctl(c, KVM_INTERRUPT, &request);
}

static void riscv_after_run(Cpu *cpu) { }

/* ---- exits ---- */

/* The entropy source is the only CSR that we answer. */
static VcpuExit exit_csr(Cpu *cpu, struct kvm_run *run)
{
    enum { CSR_SEED = 0x015 };
    const uint32_t status_es16 = UINT32_C(2) << 30;
    if (run->riscv_csr.csr_num != CSR_SEED) {
        return kvm_vcpu_fail(cpu, "KVM: an access to CSR 0x%lx that nobody answers", run->riscv_csr.csr_num);
    }
    uint16_t entropy;
    guest_random_bytes(&entropy, sizeof(entropy));
    run->riscv_csr.ret_value = status_es16 | entropy;
    return VCPU_EXIT_AGAIN;
}

static VcpuExit riscv_exit(Cpu *cpu, struct kvm_run *run)
{
    switch (run->exit_reason) {
    case KVM_EXIT_RISCV_SBI:
        return riscv_kvm_sbi(cpu, run);
    case KVM_EXIT_RISCV_CSR:
        return exit_csr(cpu, run);
    case KVM_EXIT_FAIL_ENTRY:
        return kvm_vcpu_fail(cpu, "KVM: entry failed, hardware error 0x%llx", (unsigned long long)run->fail_entry.hardware_entry_failure_reason);
    default:
        return kvm_vcpu_fail(cpu, "KVM: unknown exit %u", run->exit_reason);
    }
}

/* ---- debugging: software breakpoints; the kernel has no others ---- */

static bool riscv_debug_exit(Cpu *cpu, struct kvm_run *run)
{
    kvm_vcpu_synchronize(cpu);
    return kvm_has_software_breakpoint(RISCV_CPU(cpu)->pc) || cpu->singlestep;
}

static bool riscv_check_breakpoint(Cpu *cpu, const Breakpoint *b, GError **err) { return error_set(err, "KVM has no hardware breakpoints for RISC-V"); }

static void riscv_fill_debug(Cpu *cpu, struct kvm_guest_debug *debug)
{
    if (kvm_any_software_breakpoint()) {
        debug->control |= KVM_GUESTDBG_ENABLE;
    }
}

const KvmArch kvm_arch = {
    .start = riscv_start, .routes = no_routes, .first_run = riscv_first_run, .vcpu_id = riscv_vcpu_id, .vcpu_init = riscv_vcpu_init, .vcpu_exit = riscv_vcpu_exit, .get = riscv_kvm_get,
    .put = riscv_kvm_put, .reset = riscv_reset, .before_run = riscv_before_run, .after_run = riscv_after_run, .exit = riscv_exit, .debug_exit = riscv_debug_exit,
    .check_breakpoint = riscv_check_breakpoint, .fill_debug = riscv_fill_debug, .running = riscv_running,
};
