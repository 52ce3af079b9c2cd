/*
 * Arm processors as boards and interrupt controllers see them: how one is made, its lines, who starts it, and the CPU interface of a GICv3.
 *
 * A board makes a processor by machine->arch->new_cpu(machine->arch, "cortex-a72,pmu=off", err), names it with arm_cpu_set_affinity, sets properties ("has_el3",
 * "has_el2", "psci-conduit", "rvbar", "cntfrq", "start-powered-off", "memory", "secure-memory", "reset-hivecs", "mp-affinity") and realizes it as any device. Types are
 * NAME-arm-cpu ("max-arm-cpu"), all of them children of "arm-cpu".
 *
 * Inputs: device_irq_input(DEVICE(cpu), NULL, ARM_IRQ_IRQ) and so on, levels. Outputs: device_connect_irq(DEVICE(cpu), NULL, ARM_TIMER_PHYS, line) for the timers;
 * groups "gicv3-maintenance-interrupt" and "pmu-interrupt" have one line each.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), G1, D1; GIC Architecture Specification (IHI 0069); Power State Coordination Interface (DEN 0022).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_H
#define TARGET_ARM_H

#include "accel/cpu.h"

/* Inputs by number. */
enum { ARM_IRQ_IRQ, ARM_IRQ_FIQ, ARM_IRQ_VIRQ, ARM_IRQ_VFIQ, ARM_IRQ_NMI, ARM_IRQ_VNMI, ARM_IRQ_LINES };
/* Timers by number: outputs of the unnamed group. Those that the processor has not (no EL2, no EL3) stay 0. */
enum { ARM_TIMER_PHYS, ARM_TIMER_VIRT, ARM_TIMER_HYP, ARM_TIMER_SEC, ARM_TIMER_HYPVIRT, ARM_TIMER_COUNT };

/* ---- identity ---- */
/* The affinity fields of MPIDR_EL1 (Aff3 in bits 39:32, Aff2, Aff1, Aff0 in 23:0). Before realize. */
void arm_cpu_set_affinity(Cpu *cpu, uint64_t affinity);
uint64_t arm_cpu_affinity(const Cpu *cpu);
/* The processor with that affinity, or NULL. */
Cpu *arm_cpu_by_affinity(uint64_t affinity);

/* ---- what a board asks; true once it is realized ---- */
typedef struct ArmCpuInfo {
    bool aarch64;                       /* it begins in AArch64 */
    bool has_el2, has_el3, has_pmu, has_mte, has_vhe, has_nmi;
    const char *compatible;             /* in a device tree: "arm,cortex-a72" */
    unsigned physical_bits;             /* of an address */
    uint64_t timer_hz;                  /* CNTFRQ_EL0 */
    unsigned gic_list_registers, gic_vpriority_bits, gic_vprebits, gic_priority_bits;    /* of the model's GICv3 CPU interface */
} ArmCpuInfo;
ArmCpuInfo arm_cpu_info(const Cpu *cpu);

/* ---- starting ---- */
/* Where the processor goes on after its next reset, instead of its reset vector: a Linux kernel that the board has put into memory. el: 1 to 3; secure: of EL3's and EL1's
 * state; registers x0 to x3 (r0 to r3). aarch64 false: in AArch32. NULL: as the hardware does. Machine lock held, before the machine's first reset or while it stands. */
typedef struct ArmBootState { uint64_t pc, x[4]; uint8_t el; bool aarch64, thumb, secure; } ArmBootState;
void arm_cpu_set_boot_state(Cpu *cpu, const ArmBootState *state);
/* Switches a processor that is powered off on: at pc with x0 = context, at the exception level el of the caller. PSCI's return values. Any thread. */
enum { PSCI_SUCCESS = 0, PSCI_NOT_SUPPORTED = -1, PSCI_INVALID_PARAMETERS = -2, PSCI_DENIED = -3, PSCI_ALREADY_ON = -4, PSCI_ON_PENDING = -5,
       PSCI_INTERNAL_FAILURE = -6, PSCI_INVALID_ADDRESS = -9 };
int arm_cpu_power_on(Cpu *cpu, uint64_t pc, uint64_t context, unsigned el, bool aarch64);
/* Property "psci-conduit" of a processor: which instruction calls the PSCI that the processor itself answers. */
enum { PSCI_CONDUIT_NONE, PSCI_CONDUIT_SMC, PSCI_CONDUIT_HVC };

/* ---- the CPU interface of a GICv3: its system registers ---- */
/* The name of a system register of AArch64: op0, op1, CRn, CRm, op2 as MRS encodes them. AArch32 accesses come under the name of the register that they are mapped to;
 * those of 64 bits (ICC_SGI1R) and ICH_LRC (upper halves: upper is set) too. */
#define ARM_SYSREG(op0, op1, crn, crm, op2) ((uint32_t)((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2)))
/* Who accesses: all the interface needs to know of the processor. */
typedef struct ArmGicView {
    uint8_t el;                         /* 0 to 3 */
    bool secure;                        /* the state of EL1 and EL0 (SCR_EL3.NS is 0), or of EL3's accesses as SCR_EL3.NS says */
    bool aarch64, has_el2, has_el3, upper;
    bool nmi;                           /* SCTLR_ELx.NMI of that level: interrupts with superpriority are told from others */
    uint64_t hcr_el2, scr_el3;          /* effective: 0 without EL2 (or in secure state), and NS without EL3 */
} ArmGicView;
ArmGicView arm_cpu_gic_view(const Cpu *cpu);
typedef enum ArmSysregResult { SYSREG_OK, SYSREG_UNDEFINED, SYSREG_TRAP_EL1, SYSREG_TRAP_EL2, SYSREG_TRAP_EL3 } ArmSysregResult;
/* An access to ICC_* or ICH_*, on the vCPU's thread with the machine lock held. write: *value is stored, else loaded. */
typedef struct ArmGicOps {
    ArmSysregResult (*access)(void *opaque, uint32_t sysreg, const ArmGicView *view, bool write, uint64_t *value);
    /* Exception level, security state, HCR_EL2 or SCR_EL3 changed what the pending interrupt means: lines are driven anew. May be NULL. */
    void (*view_changed)(void *opaque, const ArmGicView *view);
} ArmGicOps;
/* The device that holds the interface: the processor then has ID_AA64PFR0_EL1.GIC and these registers. ops lives as long as the processor. Before it is run. */
void arm_cpu_set_gic(Cpu *cpu, const ArmGicOps *ops, void *opaque);

#endif
