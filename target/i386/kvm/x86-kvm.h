/*
 * What the files of target/i386/kvm share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_KVM_X86_KVM_H
#define TARGET_I386_KVM_X86_KVM_H

#include "accel/kvm.h"
#include "target/i386/cpu.h"

/* The kernel's structures as they were read last: what our struct has no field for goes back unchanged. */
typedef struct X86Kvm {
    struct kvm_sregs2 sregs;
    struct kvm_vcpu_events events;
    struct kvm_xsave *xsave;            /* x86_kvm_xsave_bytes() */
    uint64_t apic_base;
    bool was_reset;                     /* nested state, MSRs without a field ... go to their reset values with the next put */
} X86Kvm;
static inline X86Kvm *x86_kvm(X86Cpu *cpu) { return cpu->kvm; }

/* What this kernel has; settled at start. */
typedef struct X86KvmHost {
    bool sregs2, xsave2, kvmclock_ctrl, smm, tsc_control, triple_fault_event, exception_payload, has_xcrs, debugregs, nested_state, tsc_deadline;
    uint32_t xsave_bytes, nested_bytes;
    bool kernel_pic, kernel_apic;
} X86KvmHost;
extern X86KvmHost x86_kvm_host;

/* cpuid.c: KVM_GET_SUPPORTED_CPUID, asked once. */
bool x86_kvm_supported_leaf(uint32_t leaf, uint32_t subleaf, uint32_t regs[4]);
bool x86_kvm_set_cpuid(X86Cpu *cpu, GError **err);
/* hyperv.c: adds leaves from 0x40000000 on; returns the base of KVM's own. */
uint32_t x86_kvm_hyperv_leaves(X86Cpu *cpu, struct kvm_cpuid2 *cpuid);
void x86_kvm_add_leaf(struct kvm_cpuid2 *cpuid, uint32_t leaf, uint32_t subleaf, bool indexed, const uint32_t regs[4]);
enum { X86_KVM_MAX_LEAVES = 200 };

/* registers.c */
void x86_kvm_get(Cpu *cpu);
void x86_kvm_put(Cpu *cpu, KvmPutLevel level);
/* msrs.c */
bool x86_kvm_msrs_start(GError **err);
bool x86_kvm_has_msr(uint32_t index);
void x86_kvm_get_msrs(X86Cpu *cpu);
void x86_kvm_put_msrs(X86Cpu *cpu, KvmPutLevel level);
void x86_kvm_put_tsc_deadline(X86Cpu *cpu);
uint64_t x86_kvm_feature_msr(uint32_t index);
/* xsave.c */
void x86_kvm_get_xsave(X86Cpu *cpu);
void x86_kvm_put_xsave(X86Cpu *cpu);
void x86_kvm_reset_xsave(X86Cpu *cpu);
/* inject.c */
void x86_kvm_before_run(Cpu *cpu);
void x86_kvm_after_run(Cpu *cpu);
/* debug.c */
bool x86_kvm_debug_exit(Cpu *cpu, struct kvm_run *run);
bool x86_kvm_check_breakpoint(Cpu *cpu, const Breakpoint *b, GError **err);
void x86_kvm_fill_debug(Cpu *cpu, struct kvm_guest_debug *debug);
/* clock.c */
void x86_kvm_clock_running(bool running);

#endif
