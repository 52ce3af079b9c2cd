/*
 * What the files of target/arm/kvm share.
 *
 * Linux Documentation/virt/kvm/api.rst, 4.68, 4.69 (one register at a time), 4.82, 4.83 (KVM_ARM_VCPU_INIT, KVM_ARM_PREFERRED_TARGET).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_KVM_ARM_KVM_H
#define TARGET_ARM_KVM_ARM_KVM_H

#include "accel/kvm.h"
#include "target/arm/internal.h"

/* What this kernel has; settled at start. */
typedef struct ArmKvmHost {
    bool pmu, sve, pointer_authentication, external_abort, vcpu_events;
    unsigned ipa_bits;                  /* of guest-physical addresses; 40 where the kernel has no choice */
    unsigned breakpoints, watchpoints;  /* of the debugger's */
    uint32_t target;                    /* KVM_ARM_TARGET_* that the host prefers */
} ArmKvmHost;
extern ArmKvmHost arm_kvm_host;

/* The name of a system register (ARM_SYSREG) as KVM has it. */
static inline uint64_t arm_kvm_sysreg(uint32_t sysreg) { return KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM64_SYSREG | sysreg; }

/* One register of any size; 0 or -errno. */
int arm_kvm_get_one(Cpu *cpu, uint64_t id, void *value);
int arm_kvm_set_one(Cpu *cpu, uint64_t id, const void *value);

/* host.c: the identification registers of "-cpu host", by a VM made for that. fd: of /dev/kvm. */
bool arm_kvm_read_host(int fd, GError **err);
/* The features of a vCPU of this CPU, for KVM_ARM_VCPU_INIT. */
void arm_kvm_fill_features(const ArmCpu *cpu, struct kvm_vcpu_init *init);

/* registers.c */
void arm_kvm_get(Cpu *cpu);
void arm_kvm_put(Cpu *cpu, KvmPutLevel level);
/* timer.c: the guest's virtual counter stands still while the machine does. */
void arm_kvm_clock_running(bool running);
/* debug.c */
bool arm_kvm_debug_exit(Cpu *cpu, struct kvm_run *run);
bool arm_kvm_check_breakpoint(Cpu *cpu, const Breakpoint *b, GError **err);
void arm_kvm_fill_debug(Cpu *cpu, struct kvm_guest_debug *debug);

#endif
