/*
 * What the processor holds after RESET, INIT and a start-up IPI, and the time-stamp counter.
 *
 * Intel SDM volume 3, 9.1 (table 9-1), 8.4 (multiple-processor initialisation), 17.17 (time-stamp counter).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/internal.h"
#include "hw/i386/apic.h"
#include "util/log.h"
#include "util/timer.h"

enum { MISC_ENABLE_FAST_STRING = 1, MTRR_DEFAULT = 0 };
#define PAT_RESET UINT64_C(0x0007040600070406)

bool x86_is_bsp(const X86Cpu *cpu)
{
    return cpu->parent.index == 0;
}

static void reset_segments(X86Cpu *cpu)
{
    for (int seg = 0; seg < R_SEG_COUNT; seg++) {
        x86_load_segment(cpu, seg, 0, 0, 0xffff, DESC_P_MASK | DESC_S_MASK | DESC_W_MASK | DESC_A_MASK);
    }
    x86_load_segment(cpu, R_CS, 0xf000, 0xffff0000, 0xffff, DESC_P_MASK | DESC_S_MASK | DESC_CS_MASK | DESC_R_MASK | DESC_A_MASK);
    cpu->ldt = (SegmentCache){ .limit = 0xffff, .attributes = DESC_P_MASK | 2u << DESC_TYPE_SHIFT };
    cpu->tr = (SegmentCache){ .limit = 0xffff, .attributes = DESC_P_MASK | 11u << DESC_TYPE_SHIFT };
    cpu->gdt = (DescriptorTable){ .limit = 0xffff };
    cpu->idt = (DescriptorTable){ .limit = 0xffff };
}

/* What RESET and INIT both do. */
static void reset_common(X86Cpu *cpu)
{
    memset(cpu->regs, 0, sizeof(cpu->regs));
    cpu->regs[R_EDX] = cpu->cpuid_version;
    cpu->pc = 0xfff0;
    x86_set_eflags(cpu, 2);
    reset_segments(cpu);
    uint64_t kept = cpu->cr[0] & (CR0_CD | CR0_NW);
    cpu->efer = 0;
    cpu->cr[0] = CR0_ET | kept;
    cpu->cr[2] = cpu->cr[3] = cpu->cr[4] = 0;
    memset(cpu->dr, 0, 4 * sizeof(cpu->dr[0]));
    cpu->dr[6] = 0xffff0ff0;
    cpu->dr[7] = 0x400;
    cpu->exception = cpu->old_exception = -1;
    cpu->inhibit_irq = 0;
    cpu->nmi_blocked = false;
    if (cpu->smm) {
        cpu->smm = 0;
        cpu->parent.memory = cpu->normal_memory;
    }
    cpu->shutdown = false;
    x86_walk_cache_flush(cpu);
}

static void reset_fpu(X86Cpu *cpu)
{
    memset(cpu->fpr, 0, sizeof(cpu->fpr));
    x86_fpu_init(cpu);
    memset(cpu->ymm, 0, sizeof(cpu->ymm));
    cpu->mxcsr = MXCSR_RESET;
    cpu->xcr0 = 1;
    cpu->pkru = 0;
    cpu->pkrs = 0;
}

static void reset_msrs(X86Cpu *cpu)
{
    cpu->star = cpu->lstar = cpu->cstar = cpu->fmask = cpu->kernel_gs_base = 0;
    cpu->sysenter_cs = cpu->sysenter_esp = cpu->sysenter_eip = 0;
    cpu->tsc_aux = cpu->tsc_adjust = cpu->tsc_deadline = 0;
    cpu->pat = PAT_RESET;
    cpu->misc_enable = MISC_ENABLE_FAST_STRING;
    if (cpu->features[FEAT_1_ECX] & BIT(3)) {
        cpu->misc_enable |= BIT(18);        /* MONITOR */
    }
    cpu->feature_control = cpu->spec_ctrl = cpu->xss = 0;
    cpu->smbase = 0x30000;
    memset(cpu->mtrr_fixed, 0, sizeof(cpu->mtrr_fixed));
    memset(cpu->mtrr_var, 0, sizeof(cpu->mtrr_var));
    cpu->mtrr_def_type = MTRR_DEFAULT;
    cpu->mcg_status = 0;
    cpu->kvm_system_time_msr = cpu->kvm_wall_clock_msr = cpu->kvm_async_pf_en_msr = cpu->kvm_async_pf_int_msr = 0;
    cpu->kvm_pv_eoi_msr = cpu->kvm_steal_time_msr = 0;
    cpu->kvm_poll_control_msr = 1;
    cpu->interrupt_injected = -1;
}

static void wait_for_start(X86Cpu *cpu, bool wait)
{
    cpu->parent.powered_off = wait;
    atomic_store(&cpu->parent.halted, wait);
}

void x86_cpu_reset_state(X86Cpu *cpu)
{
    cpu->cr[0] = CR0_CD | CR0_NW;
    reset_common(cpu);
    reset_fpu(cpu);
    reset_msrs(cpu);
    cpu->a20_mask_off = false;
    cpu->a20_mask = UINT64_MAX;
    cpu->tsc_valid = false;
    cpu->tsc = 0;
    cpu->tsc_offset = 0;        /* the same for all CPUs, whenever each was reset */
    atomic_store(&cpu->parent.interrupt_request, 0);
    wait_for_start(cpu, !x86_is_bsp(cpu) || cpu->start_powered_off);
    log_mask(LOG_CPU_RESET, "CPU Reset (CPU %d)\n", cpu->parent.index);
}

void x86_do_init(X86Cpu *cpu)
{
    uint32_t sipi = atomic_load(&cpu->parent.interrupt_request) & CPU_INTERRUPT_SIPI;
    reset_common(cpu);
    x86_flush_translations(cpu);
    atomic_store(&cpu->parent.interrupt_request, sipi);
    if (cpu->apic) {
        apic_type(cpu->apic)->init_reset(cpu->apic);
    }
    wait_for_start(cpu, !x86_is_bsp(cpu));
}

void x86_do_sipi(X86Cpu *cpu)
{
    if (!cpu->parent.powered_off) {
        return;         /* only the first start-up IPI after INIT counts */
    }
    x86_load_segment(cpu, R_CS, (uint16_t)(cpu->sipi_vector << 8), (uint64_t)cpu->sipi_vector << 12, cpu->segs[R_CS].limit,
                     cpu->segs[R_CS].attributes);
    cpu->pc = 0;
    wait_for_start(cpu, false);
}

/* The TSC follows the guest's clock, which stands still while the machine is stopped: 1 GHz unless tsc-frequency says otherwise. */
uint64_t x86_raw_tsc(const X86Cpu *cpu)
{
    uint64_t now = clock_read_virtual_fast_ns();
    return cpu->tsc_frequency > 0 ? muldiv64(now, cpu->tsc_frequency, NS_PER_S) : now;
}

uint64_t x86_read_tsc(X86Cpu *cpu)
{
    return x86_raw_tsc(cpu) + cpu->tsc_offset;
}
