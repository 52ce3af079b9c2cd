/*
 * Hyper-V's face of KVM: enlightenments that Windows uses (Hypervisor Top-Level Functional Specification 6.0b, 2.4). Those that the kernel carries out by
 * itself, told to the guest by CPUID.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/kvm/x86-kvm.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

/* Bits of X86Cpu.hyperv_features, in the order of the properties (cpu.c). */
enum { HV_RELAXED, HV_VAPIC, HV_VPINDEX, HV_RUNTIME, HV_CRASH, HV_TIME, HV_SYNIC, HV_STIMER, HV_FREQUENCIES, HV_REENLIGHTENMENT, HV_TLBFLUSH, HV_EVMCS,
       HV_IPI, HV_STIMER_DIRECT, HV_AVIC, HV_SYNDBG, HV_EMSR_BITMAP, HV_XMM_INPUT, HV_TLBFLUSH_EXT, HV_TLBFLUSH_DIRECT, HV_RESET };

/* What a property sets: leaf - 0x40000000, register, bits. */
static const struct HvBit { uint8_t property, leaf, reg; uint32_t bits; } hv_bits[] = {
    { HV_RELAXED, 4, 0, 1u << 5 },
    { HV_VAPIC, 3, 0, 1u << 4 }, { HV_VAPIC, 4, 0, 1u << 3 },
    { HV_VPINDEX, 3, 0, 1u << 6 },
    { HV_RUNTIME, 3, 0, 1u << 0 },
    { HV_CRASH, 3, 3, 1u << 10 },
    { HV_TIME, 3, 0, 1u << 1 | 1u << 9 },
    { HV_SYNIC, 3, 0, 1u << 2 },
    { HV_STIMER, 3, 0, 1u << 3 },
    { HV_FREQUENCIES, 3, 0, 1u << 11 }, { HV_FREQUENCIES, 3, 3, 1u << 8 },
    { HV_REENLIGHTENMENT, 3, 0, 1u << 13 },
    { HV_TLBFLUSH, 4, 0, 1u << 2 | 1u << 11 },
    { HV_IPI, 4, 0, 1u << 10 | 1u << 11 },
    { HV_STIMER_DIRECT, 3, 3, 1u << 19 },
    { HV_AVIC, 4, 0, 1u << 9 },
    { HV_XMM_INPUT, 3, 3, 1u << 4 },
    { HV_TLBFLUSH_EXT, 3, 3, 1u << 14 },
    { HV_RESET, 3, 0, 1u << 7 },
};

static const char hv_vendor[] = "Microsoft Hv";

static void fill_vendor(const X86Cpu *cpu, uint32_t regs[4])
{
    char text[12] = { 0 };
    const char *vendor = cpu->hv_vendor_id ? cpu->hv_vendor_id : hv_vendor;
    memcpy(text, vendor, MIN(strlen(vendor), sizeof(text)));
    regs[0] = 0x40000005;
    memcpy(&regs[1], text, sizeof(text));
}

static bool needs(const X86Cpu *cpu, unsigned property) { return cpu->hyperv_features >> property & 1; }

static void unsupported(const X86Cpu *cpu)
{
    static const struct { uint8_t property; const char *name; } none[] = {
        { HV_EVMCS, "hv-evmcs" }, { HV_SYNDBG, "hv-syndbg" }, { HV_EMSR_BITMAP, "hv-emsr-bitmap" }, { HV_TLBFLUSH_DIRECT, "hv-tlbflush-direct" },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(none); i++) {
        if (needs(cpu, none[i].property)) {
            warn_report("%s is not implemented", none[i].name);
        }
    }
}

uint32_t x86_kvm_hyperv_leaves(X86Cpu *cpu, struct kvm_cpuid2 *cpuid)
{
    uint32_t leaves[6][4] = { { 0 } };
    if (cpu->hyperv_passthrough) {
        warn_report("hv-passthrough is not implemented");
    }
    if (!cpu->hyperv_features && cpu->hv_spinlock_attempts == UINT32_MAX) {
        return 0x40000000;
    }
    unsupported(cpu);
    fill_vendor(cpu, leaves[0]);
    memcpy(&leaves[1][0], "Hv#1", 4);
    leaves[2][0] = cpu->hyperv_build;
    leaves[2][1] = (uint32_t)cpu->hyperv_major << 16 | cpu->hyperv_minor;
    leaves[2][2] = cpu->hyperv_spack;
    leaves[2][3] = (uint32_t)cpu->hyperv_sbranch << 24 | (cpu->hyperv_snumber & 0xffffff);
    leaves[3][0] = 1u << 5;                             /* the hypercall page */
    for (unsigned i = 0; i < ARRAY_SIZE(hv_bits); i++) {
        if (needs(cpu, hv_bits[i].property)) {
            leaves[hv_bits[i].leaf][hv_bits[i].reg] |= hv_bits[i].bits;
        }
    }
    leaves[4][1] = cpu->hv_spinlock_attempts;
    leaves[5][0] = cpu->hyperv_max_vps > 0 ? (uint32_t)cpu->hyperv_max_vps : 64 * 64;
    leaves[5][1] = 64;
    for (unsigned i = 0; i < ARRAY_SIZE(leaves); i++) {
        x86_kvm_add_leaf(cpuid, 0x40000000 + i, 0, false, leaves[i]);
    }
    if (needs(cpu, HV_SYNIC)) {
        struct kvm_enable_cap cap = { .cap = cpu->hyperv_synic_kvm_only ? KVM_CAP_HYPERV_SYNIC : KVM_CAP_HYPERV_SYNIC2 };
        if (kvm_vcpu_ioctl(&cpu->parent, KVM_ENABLE_CAP, &cap) < 0) {
            warn_report("hv-synic is not supported by this kernel");
        }
    }
    return 0x40000100;
}
