/*
 * What KVM here offers of a CPU's features: KVM_GET_SUPPORTED_CPUID with what the kernel leaves to us (api.rst, 4.46; virt/kvm/x86/cpuid.rst), and its
 * feature MSRs (4.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/cpu-features.h"
#include "target/i386/cpu-models.h"
#include "target/i386/kvm/x86-kvm.h"
#include "util/bits.h"

static uint64_t leaf_word(const X86FeatureWordInfo *info)
{
    uint32_t regs[4];
    return x86_kvm_supported_leaf(info->leaf, info->has_subleaf ? info->subleaf : 0, regs) ? regs[info->reg] : 0;
}

/* VMX control words: the low half must be 1, the high half may be. What must be is no choice. */
static uint64_t vmx_controls(uint32_t index)
{
    uint64_t value = x86_kvm_feature_msr(index);
    return value >> 32 & ~value & UINT32_MAX;
}

static uint64_t msr_word(X86FeatureWord word, const X86FeatureWordInfo *info)
{
    bool vmx = x86_kvm_supported_features(FEAT_1_ECX) >> 5 & 1;
    switch (word) {
    case FEAT_VMX_PINBASED: case FEAT_VMX_PROCBASED: case FEAT_VMX_SECONDARY: case FEAT_VMX_EXIT: case FEAT_VMX_ENTRY:
        return vmx ? vmx_controls(info->msr) : 0;
    case FEAT_VMX_MISC: case FEAT_VMX_EPT_VPID: case FEAT_VMX_BASIC: case FEAT_VMX_VMFUNC:
        return vmx ? x86_kvm_feature_msr(info->msr) : 0;
    default:
        return x86_kvm_feature_msr(info->msr);
    }
}

static uint64_t basic_edx(uint64_t value)
{
    /* Ours to give whatever the processor: MTRRs, PAT and machine checks are the kernel's, the topology's flag ours. */
    return value | BIT(7) | BIT(12) | BIT(14) | BIT(16) | BIT(28);
}

static uint64_t basic_ecx(uint64_t value)
{
    value |= BIT(31);                                   /* hypervisor */
    value = x86_kvm_host.kernel_apic && x86_kvm_host.tsc_deadline ? value | BIT(24) : value & ~BIT(24);
    return x86_kvm_host.kernel_apic ? value : value & ~BIT(21);
}

static uint64_t kvm_word(uint64_t value)
{
    if (!x86_kvm_host.kernel_apic) {
        value &= ~BIT(7);                               /* wake-ups need the APIC in the kernel */
    }
    return x86_kvm_host.kernel_apic && !x86_kvm_host.kernel_pic ? value | BIT(15) : value & ~BIT(15);
}

static uint64_t find_word(X86FeatureWord word)
{
    const X86FeatureWordInfo *info = &x86_feature_words[word];
    if (info->msr) {
        return msr_word(word, info);
    }
    uint64_t value = leaf_word(info);
    switch (word) {
    case FEAT_1_EDX:
        return basic_edx(value);
    case FEAT_1_ECX:
        return basic_ecx(value);
    case FEAT_6_EAX:
        return value | BIT(2);                          /* the APIC's timer does not stop */
    case FEAT_8000_0001_EDX:
        return value | (x86_kvm_supported_features(FEAT_1_EDX) & X86_AMD_ALIASES);     /* Intel's leaf does not repeat them */
    case FEAT_8000_0001_ECX:
        return value | BIT(1);                          /* the topology's flag */
    case FEAT_8000_0007_EDX:
        return value | BIT(8);                          /* an invariant TSC blocks migration, no more */
    case FEAT_KVM:
        return kvm_word(value);
    case FEAT_KVM_HINTS:
        return BIT(0);
    default:
        return value;
    }
}

uint64_t x86_kvm_supported_features(X86FeatureWord word)
{
    static uint64_t words[FEAT_WORD_COUNT];
    static bool known[FEAT_WORD_COUNT];
    if (!known[word]) {
        words[word] = find_word(word);
        known[word] = true;
    }
    return words[word];
}

void x86_kvm_host_levels(uint32_t *level, uint32_t *xlevel, uint32_t *xlevel2)
{
    uint32_t regs[4];
    *level = x86_kvm_supported_leaf(0, 0, regs) ? regs[0] : *level;
    *xlevel = x86_kvm_supported_leaf(0x80000000, 0, regs) ? regs[0] : *xlevel;
    *xlevel2 = x86_kvm_supported_leaf(0xc0000000, 0, regs) ? regs[0] : *xlevel2;
}
