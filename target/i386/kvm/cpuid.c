/*
 * CPUID for the guest: the leaves of our model and KVM's own, as KVM_SET_CPUID2 takes them (api.rst, 4.46, 4.78).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/cpu-models.h"
#include "target/i386/kvm/x86-kvm.h"
#include "util/bits.h"
#include "util/error.h"

#include <errno.h>
#include <string.h>

/* ---- what the kernel supports ---- */

static struct kvm_cpuid2 *supported;

static struct kvm_cpuid2 *ask_supported(void)
{
    for (unsigned room = 256;; room *= 2) {
        struct kvm_cpuid2 *list = g_malloc0(sizeof(*list) + room * sizeof(list->entries[0]));
        list->nent = room;
        int result = kvm_system_ioctl(KVM_GET_SUPPORTED_CPUID, list);
        if (result >= 0) {
            return list;
        }
        if (result != -E2BIG || room > 4096) {
            list->nent = 0;
            return list;
        }
        g_free(list);
    }
}

bool x86_kvm_supported_leaf(uint32_t leaf, uint32_t subleaf, uint32_t regs[4])
{
    supported = supported ? supported : ask_supported();
    for (unsigned i = 0; i < supported->nent; i++) {
        const struct kvm_cpuid_entry2 *e = &supported->entries[i];
        if (e->function == leaf && (!(e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX) || e->index == subleaf)) {
            regs[0] = e->eax;
            regs[1] = e->ebx;
            regs[2] = e->ecx;
            regs[3] = e->edx;
            return true;
        }
    }
    memset(regs, 0, 4 * sizeof(regs[0]));
    return false;
}

/* ---- the guest's leaves ---- */

void x86_kvm_add_leaf(struct kvm_cpuid2 *cpuid, uint32_t leaf, uint32_t subleaf, bool indexed, const uint32_t regs[4])
{
    if (cpuid->nent < X86_KVM_MAX_LEAVES) {
        cpuid->entries[cpuid->nent++] = (struct kvm_cpuid_entry2){
            .function = leaf, .index = subleaf, .flags = indexed ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0,
            .eax = regs[0], .ebx = regs[1], .ecx = regs[2], .edx = regs[3],
        };
    }
}

static void model_leaf(X86Cpu *cpu, uint32_t leaf, uint32_t subleaf, uint32_t regs[4])
{
    x86_cpuid(cpu, leaf, subleaf, &regs[0], &regs[1], &regs[2], &regs[3]);
}

/* Whether the subleaf behind this one is still to be asked. */
static bool goes_on(uint32_t leaf, uint32_t subleaf, const uint32_t regs[4], uint32_t first_eax)
{
    switch (leaf) {
    case 4: case 0x8000001d:
        return regs[0] & 0x1f;              /* until the cache that is none */
    case 0xb: case 0x1f:
        return regs[2] & 0xff00;            /* until the level that is none */
    case 0xd:
        return subleaf < 63;
    case 0x12:
        return subleaf < 2;
    default:
        return subleaf < first_eax;         /* 7, 0x14, 0x1d, 0x1e, 0x24: the first one says */
    }
}

static bool has_subleaves(uint32_t leaf)
{
    static const uint32_t leaves[] = { 4, 7, 0xb, 0xd, 0x12, 0x14, 0x1d, 0x1e, 0x1f, 0x24, 0x8000001d };
    for (unsigned i = 0; i < ARRAY_SIZE(leaves); i++) {
        if (leaves[i] == leaf) {
            return true;
        }
    }
    return false;
}

/* Sizes and places of XSAVE's parts are the host's: its processor lays them out. */
static void adjust_xsave(uint32_t subleaf, uint32_t regs[4])
{
    uint32_t host[4];
    if (subleaf >= 2 && regs[0] && x86_kvm_supported_leaf(0xd, subleaf, host)) {
        memcpy(regs, host, sizeof(host));
    }
}

static void add_indexed(X86Cpu *cpu, struct kvm_cpuid2 *cpuid, uint32_t leaf)
{
    uint32_t regs[4], first_eax = 0, subleaf = 0;
    do {
        model_leaf(cpu, leaf, subleaf, regs);
        first_eax = subleaf ? first_eax : MIN(regs[0], 64);
        if (leaf == 0xd) {
            adjust_xsave(subleaf, regs);
        }
        bool empty = !(regs[0] | regs[1] | regs[2] | regs[3]);
        if (!empty || leaf != 0xd) {
            x86_kvm_add_leaf(cpuid, leaf, subleaf, true, regs);
        }
    } while (goes_on(leaf, subleaf++, regs, first_eax));
}

static void add_range(X86Cpu *cpu, struct kvm_cpuid2 *cpuid, uint32_t first, uint32_t last)
{
    uint32_t regs[4];
    for (uint32_t leaf = first; leaf <= last && leaf - first < 64; leaf++) {
        if (has_subleaves(leaf)) {
            add_indexed(cpu, cpuid, leaf);
        } else {
            model_leaf(cpu, leaf, 0, regs);
            x86_kvm_add_leaf(cpuid, leaf, 0, false, regs);
        }
    }
}

/* ---- KVM's leaves (virt/kvm/x86/cpuid.rst) ---- */

static bool tsc_is_stable_and_known(X86Cpu *cpu)
{
    if (!x86_has(cpu, FEAT_8000_0007_EDX, 8) && cpu->tsc_frequency <= 0) {
        return false;
    }
    if (!cpu->tsc_khz) {
        int khz = kvm_vcpu_ioctl(&cpu->parent, KVM_GET_TSC_KHZ, NULL);
        cpu->tsc_khz = MAX(khz, 0);
    }
    return cpu->tsc_khz > 0;
}

static void add_kvm_leaves(X86Cpu *cpu, struct kvm_cpuid2 *cpuid)
{
    if (!cpu->expose_kvm && !cpu->hyperv_features) {
        return;
    }
    uint32_t base = x86_kvm_hyperv_leaves(cpu, cpuid);
    if (!cpu->expose_kvm) {
        return;
    }
    bool frequency = cpu->vmware_cpuid_freq && base == 0x40000000 && tsc_is_stable_and_known(cpu);
    uint32_t signature[4] = { base + (frequency ? 0x10 : 1), 0, 0, 0 };
    memcpy(&signature[1], "KVMKVMKVM\0\0\0", 12);
    const uint32_t features[4] = { (uint32_t)cpu->features[FEAT_KVM], 0, 0, (uint32_t)cpu->features[FEAT_KVM_HINTS] };
    x86_kvm_add_leaf(cpuid, base, 0, false, signature);
    x86_kvm_add_leaf(cpuid, base + 1, 0, false, features);
    if (frequency) {
        static const uint32_t none[4];
        for (uint32_t leaf = base + 2; leaf < base + 0x10; leaf++) {
            x86_kvm_add_leaf(cpuid, leaf, 0, false, none);
        }
        const uint32_t khz[4] = { (uint32_t)cpu->tsc_khz, 1000000, 0, 0 };     /* of the TSC, of the APIC's bus */
        x86_kvm_add_leaf(cpuid, base + 0x10, 0, false, khz);
    }
}

bool x86_kvm_set_cpuid(X86Cpu *cpu, GError **err)
{
    g_autofree struct kvm_cpuid2 *cpuid = g_malloc0(sizeof(*cpuid) + X86_KVM_MAX_LEAVES * sizeof(cpuid->entries[0]));
    if (cpu->cpuid_level > 0x30) {
        warn_report("CPU has more leaves (0x%x) than KVM is told of", cpu->cpuid_level);
    }
    add_kvm_leaves(cpu, cpuid);
    add_range(cpu, cpuid, 0, cpu->cpuid_level);
    if (cpu->cpuid_xlevel >= 0x80000000) {
        add_range(cpu, cpuid, 0x80000000, cpu->cpuid_xlevel);
    }
    if (cpu->cpuid_xlevel2 >= 0xc0000000) {
        add_range(cpu, cpuid, 0xc0000000, cpu->cpuid_xlevel2);
    }
    int result = kvm_vcpu_ioctl(&cpu->parent, KVM_SET_CPUID2, cpuid);
    return result >= 0 || error_set_errno(err, -result, "KVM_SET_CPUID2 failed");
}
