/*
 * What boards and interrupt controllers see of a processor: include/target/arm.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/cpu-models.h"
#include "target/arm/mmu.h"

void arm_cpu_set_affinity(Cpu *cpu, uint64_t affinity)
{
    ARM_CPU(cpu)->affinity = affinity & UINT64_C(0xff00ffffff);
}

uint64_t arm_cpu_affinity(const Cpu *cpu)
{
    return ARM_CPU(cpu)->affinity;
}

Cpu *arm_cpu_by_affinity(uint64_t affinity)
{
    CPU_FOREACH(cpu) {
        if (ARM_CPU(cpu)->affinity == affinity) {
            return cpu;
        }
    }
    return NULL;
}

/* Processors without AArch64 have 40 bits with the large physical address extension (ID_MMFR0.VMSA), else 32. */
static unsigned physical_bits(const ArmCpu *cpu)
{
    return cpu->has_aarch64 ? arm_physical_bits(cpu) : extract64(cpu->id.value[ARM_ID_MMFR0], 0, 4) >= 5 ? 40 : 32;
}

ArmCpuInfo arm_cpu_info(const Cpu *c)
{
    const ArmCpu *cpu = ARM_CPU(c);
    const ArmModel *m = cpu->model;
    return (ArmCpuInfo){
        .aarch64 = cpu->has_aarch64, .has_el2 = cpu->has_el2, .has_el3 = cpu->has_el3, .has_pmu = cpu->has_pmu, .has_mte = arm_has(cpu, mte2),
        .has_vhe = cpu->has_el2 && arm_has(cpu, vhe), .has_nmi = arm_has(cpu, nmi), .compatible = m ? m->compatible : NULL, .physical_bits = physical_bits(cpu), .timer_hz = cpu->cntfrq_hz,
        .gic_list_registers = m && m->gic_list_registers ? m->gic_list_registers : 4, .gic_vpriority_bits = m && m->gic_vpriority_bits ? m->gic_vpriority_bits : 5,
        .gic_vprebits = m && m->gic_vprebits ? m->gic_vprebits : 5, .gic_priority_bits = m && m->gic_priority_bits ? m->gic_priority_bits : 5,
    };
}

void arm_cpu_set_boot_state(Cpu *c, const ArmBootState *state)
{
    ArmCpu *cpu = ARM_CPU(c);
    cpu->boot_set = state != NULL;
    if (state) {
        cpu->boot = *state;
    }
}

ArmGicView arm_cpu_gic_view(const Cpu *c)
{
    const ArmCpu *cpu = ARM_CPU(c);
    bool secure = cpu->has_el3 && !(cpu->scr_el3 & SCR_NS);
    return (ArmGicView){ .el = cpu->el, .secure = secure, .aarch64 = cpu->aarch64, .has_el2 = cpu->has_el2, .has_el3 = cpu->has_el3, .hcr_el2 = arm_hcr(cpu),
                         .scr_el3 = cpu->has_el3 ? cpu->scr_el3 : SCR_NS, .nmi = arm_superpriority(cpu, cpu->el) };
}

/* ID_AA64PFR0_EL1.GIC and ID_PFR1_EL1.GIC: a GICv3's registers are there. */
void arm_cpu_set_gic(Cpu *c, const ArmGicOps *ops, void *opaque)
{
    ArmCpu *cpu = ARM_CPU(c);
    cpu->gic = ops;
    cpu->gic_opaque = opaque;
    cpu->gic_view_key = UINT64_MAX;
    cpu->id.value[ARM_ID_AA64PFR0] = deposit64(cpu->id.value[ARM_ID_AA64PFR0], 24, 4, ops ? 1 : 0);
    cpu->id.value[ARM_ID_PFR1] = deposit64(cpu->id.value[ARM_ID_PFR1], 28, 4, ops ? 1 : 0);
}

/* ---- lines ---- */

static void set_line(void *opaque, int n, int level)
{
    ArmCpu *cpu = opaque;
    if (level) {
        atomic_fetch_or(&cpu->lines, BIT(n));
    } else {
        atomic_fetch_and(&cpu->lines, ~(uint32_t)BIT(n));
    }
    arm_interrupts_changed(cpu);
}

void arm_processor_init(ArmCpu *cpu)
{
    Device *dev = &cpu->parent.parent;
    device_add_irq_inputs(dev, NULL, set_line, cpu, ARM_IRQ_LINES);
    arm_timers_init(cpu);
    arm_pmu_init(cpu);
    device_add_irq_outputs(dev, "gicv3-maintenance-interrupt", &cpu->maintenance_line, 1);
    device_add_irq_outputs(dev, "pmu-interrupt", &cpu->pmu_line, 1);
}
