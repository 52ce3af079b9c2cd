/*
 * Model-specific registers as the translator's guests see them.
 *
 * Intel SDM volume 4; AMD APM volume 2, appendix A. Reading a register that does not exist gives 0 and writing it does nothing, as on
 * the reference's translator: systems probe families of registers that the CPU model's family suggests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/internal.h"
#include "hw/i386/apic.h"
#include "util/log.h"
#include <inttypes.h>
#include "util/main-loop.h"

enum {
    MSR_TSC = 0x10, MSR_APIC_BASE = 0x1b, MSR_FEATURE_CONTROL = 0x3a, MSR_TSC_ADJUST = 0x3b, MSR_SPEC_CTRL = 0x48, MSR_UCODE_REV = 0x8b,
    MSR_MTRR_CAP = 0xfe, MSR_ARCH_CAPABILITIES = 0x10a, MSR_CORE_THREAD_COUNT = 0x35, MSR_SYSENTER_CS = 0x174, MSR_SYSENTER_ESP = 0x175,
    MSR_SYSENTER_EIP = 0x176, MSR_MCG_CAP = 0x179, MSR_MCG_STATUS = 0x17a, MSR_MCG_CTL = 0x17b, MSR_PERF_STATUS = 0x198,
    MSR_MISC_ENABLE = 0x1a0, MSR_MTRR_PHYS_BASE0 = 0x200, MSR_MTRR_FIX64K = 0x250, MSR_MTRR_FIX16K_80000 = 0x258,
    MSR_MTRR_FIX16K_A0000 = 0x259, MSR_MTRR_FIX4K = 0x268, MSR_PAT = 0x277, MSR_MTRR_DEF_TYPE = 0x2ff, MSR_MC0_CTL = 0x400,
    MSR_TSC_DEADLINE = 0x6e0, MSR_PKRS = 0x6e1, MSR_X2APIC_FIRST = 0x800, MSR_X2APIC_LAST = 0x8ff, MSR_XSS = 0xda0, MSR_EFER = 0xc0000080,
    MSR_STAR = 0xc0000081, MSR_LSTAR = 0xc0000082, MSR_CSTAR = 0xc0000083, MSR_FMASK = 0xc0000084, MSR_FS_BASE = 0xc0000100,
    MSR_GS_BASE = 0xc0000101, MSR_KERNEL_GS_BASE = 0xc0000102, MSR_TSC_AUX = 0xc0000103,
    MSR_OSVW_ID_LENGTH = 0xc0010140, MSR_OSVW_STATUS = 0xc0010141,
};

/* Registers that are a field of the CPU without more ado. */
static const struct PlainMsr { uint32_t index; size_t offset; bool canonical; uint64_t writable; } plain_msrs[] = {
    { MSR_SYSENTER_CS, offsetof(X86Cpu, sysenter_cs), false, 0xffff },
    { MSR_SYSENTER_ESP, offsetof(X86Cpu, sysenter_esp), true, UINT64_MAX },
    { MSR_SYSENTER_EIP, offsetof(X86Cpu, sysenter_eip), true, UINT64_MAX },
    { MSR_FEATURE_CONTROL, offsetof(X86Cpu, feature_control), false, UINT64_MAX },
    { MSR_SPEC_CTRL, offsetof(X86Cpu, spec_ctrl), false, 7 },
    { MSR_MISC_ENABLE, offsetof(X86Cpu, misc_enable), false, UINT64_MAX },
    { MSR_MTRR_DEF_TYPE, offsetof(X86Cpu, mtrr_def_type), false, 0xcff },
    { MSR_MCG_STATUS, offsetof(X86Cpu, mcg_status), false, UINT64_MAX },
    { MSR_STAR, offsetof(X86Cpu, star), false, UINT64_MAX },
    { MSR_LSTAR, offsetof(X86Cpu, lstar), true, UINT64_MAX },
    { MSR_CSTAR, offsetof(X86Cpu, cstar), true, UINT64_MAX },
    { MSR_FMASK, offsetof(X86Cpu, fmask), false, UINT32_MAX },
    { MSR_KERNEL_GS_BASE, offsetof(X86Cpu, kernel_gs_base), true, UINT64_MAX },
    { MSR_FS_BASE, offsetof(X86Cpu, segs[R_FS].base), true, UINT64_MAX },
    { MSR_GS_BASE, offsetof(X86Cpu, segs[R_GS].base), true, UINT64_MAX },
    { MSR_TSC_AUX, offsetof(X86Cpu, tsc_aux), false, UINT32_MAX },
};

static const struct PlainMsr *find_plain(uint32_t index)
{
    for (unsigned i = 0; i < ARRAY_SIZE(plain_msrs); i++) {
        if (plain_msrs[i].index == index) {
            return &plain_msrs[i];
        }
    }
    return NULL;
}

/* The MTRR or machine-check register of that index; NULL: none. */
static uint64_t *find_banked(X86Cpu *cpu, uint32_t index)
{
    if (index >= MSR_MTRR_PHYS_BASE0 && index < MSR_MTRR_PHYS_BASE0 + 2 * X86_MTRR_COUNT) {
        unsigned n = (index - MSR_MTRR_PHYS_BASE0) / 2;
        return index & 1 ? &cpu->mtrr_var[n].mask : &cpu->mtrr_var[n].base;
    }
    if (index == MSR_MTRR_FIX64K) {
        return &cpu->mtrr_fixed[0];
    }
    if (index == MSR_MTRR_FIX16K_80000 || index == MSR_MTRR_FIX16K_A0000) {
        return &cpu->mtrr_fixed[1 + index - MSR_MTRR_FIX16K_80000];
    }
    if (index >= MSR_MTRR_FIX4K && index < MSR_MTRR_FIX4K + 8) {
        return &cpu->mtrr_fixed[3 + index - MSR_MTRR_FIX4K];
    }
    if (index >= MSR_MC0_CTL && index < MSR_MC0_CTL + 4 * (cpu->mcg_cap & 0xff) && index - MSR_MC0_CTL < 4 * X86_MCE_BANKS) {
        return &cpu->mce_banks[index - MSR_MC0_CTL];
    }
    return NULL;
}

static uint64_t apic_base(X86Cpu *cpu)
{
    MACHINE_LOCK_GUARD();
    return cpu->apic ? apic_type(cpu->apic)->get_base(cpu->apic) : 0;
}

bool x86_read_msr(X86Cpu *cpu, uint32_t index, uint64_t *value)
{
    *value = 0;
    const struct PlainMsr *plain = find_plain(index);
    if (plain) {
        *value = *(uint64_t *)((char *)cpu + plain->offset);
        return true;
    }
    uint64_t *banked = find_banked(cpu, index);
    if (banked) {
        *value = *banked;
        return true;
    }
    if (index >= MSR_X2APIC_FIRST && index <= MSR_X2APIC_LAST) {
        MACHINE_LOCK_GUARD();
        return cpu->apic && apic_type(cpu->apic)->read_msr(cpu->apic, index, value);
    }
    switch (index) {
    case MSR_TSC:
        *value = x86_read_tsc(cpu);
        break;
    case MSR_TSC_ADJUST:
        *value = cpu->tsc_adjust;
        break;
    case MSR_APIC_BASE:
        *value = apic_base(cpu);
        break;
    case MSR_CORE_THREAD_COUNT:
        *value = cpu->nr_cores * cpu->nr_threads * MAX(cpu->nr_dies, 1) * MAX(cpu->nr_modules, 1);
        *value |= (*value / MAX(cpu->nr_threads, 1)) << 16;
        break;
    case MSR_UCODE_REV:
        *value = cpu->ucode_rev;
        break;
    case MSR_MTRR_CAP:
        *value = x86_has(cpu, FEAT_1_EDX, 12) ? X86_MTRR_COUNT | BIT(8) | BIT(10) : 0;
        break;
    case MSR_ARCH_CAPABILITIES:
        if (!x86_has(cpu, FEAT_7_0_EDX, 29)) {
            return false;
        }
        *value = cpu->features[FEAT_ARCH_CAPABILITIES];
        break;
    case MSR_PERF_STATUS:
        *value = 1000 | UINT64_C(4) << 40;      /* some bus ratio: macOS wants one */
        break;
    case MSR_MCG_CAP:
        *value = cpu->mcg_cap;
        break;
    case MSR_MCG_CTL:
        *value = cpu->mcg_cap & BIT(8) ? cpu->mcg_ctl : 0;
        break;
    case MSR_PAT:
        *value = cpu->pat;
        break;
    case MSR_TSC_DEADLINE:
        *value = cpu->tsc_deadline;
        break;
    case MSR_PKRS:
        if (!x86_has(cpu, FEAT_7_0_ECX, 31)) {
            return false;
        }
        *value = cpu->pkrs;
        break;
    case MSR_XSS:
        *value = cpu->xss;
        break;
    case MSR_EFER:
        *value = cpu->efer;
        break;
    case MSR_OSVW_ID_LENGTH: case MSR_OSVW_STATUS:
        break;          /* nothing is known of errata: there are none */
    default:
        log_mask(LOG_UNIMP, "x86: read of MSR 0x%x\n", index);
    }
    return true;
}

static bool write_efer(X86Cpu *cpu, uint64_t value)
{
    uint64_t writable = 0;
    writable |= x86_has(cpu, FEAT_8000_0001_EDX, 11) ? EFER_SCE : 0;
    writable |= x86_has(cpu, FEAT_8000_0001_EDX, 29) ? EFER_LME : 0;
    writable |= x86_has(cpu, FEAT_8000_0001_EDX, 20) ? EFER_NXE : 0;
    writable |= x86_has(cpu, FEAT_8000_0001_EDX, 25) ? EFER_FFXSR : 0;
    if (x86_has(cpu, FEAT_8000_0001_ECX, 2)) {
        writable |= EFER_SVME;
    }
    if ((value & ~(writable | EFER_LMA)) || (((value ^ cpu->efer) & EFER_LME) && (cpu->cr[0] & CR0_PG))) {
        return false;
    }
    x86_set_efer(cpu, (cpu->efer & ~writable) | (value & writable));
    return true;
}

static bool pat_is_valid(uint64_t value)
{
    for (unsigned i = 0; i < 8; i++) {
        unsigned type = value >> 8 * i & 0xff;
        if (type > 7 || type == 2 || type == 3) {
            return false;
        }
    }
    return true;
}

/* IA32_APIC_BASE. */
enum { APIC_BASE_BSP = 1 << 8, APIC_BASE_EXTENDED = 1 << 10, APIC_BASE_ENABLED = 1 << 11 };

/* The modes go from disabled to xAPIC to x2APIC and from any to disabled (volume 3, 11.12.5). */
static bool apic_base_may_become(const X86Cpu *cpu, uint64_t old, uint64_t value)
{
    uint64_t known = APIC_BASE_BSP | APIC_BASE_ENABLED | MAKE_MASK(12, (cpu->phys_bits ? cpu->phys_bits : 36) - 12);
    known |= x86_has(cpu, FEAT_1_ECX, 21) ? APIC_BASE_EXTENDED : 0;
    if (value & ~known) {
        return false;
    }
    bool extended = value & APIC_BASE_EXTENDED, enabled = value & APIC_BASE_ENABLED;
    bool was_extended = old & APIC_BASE_EXTENDED, was_enabled = old & APIC_BASE_ENABLED;
    return extended ? enabled && was_enabled : !(was_extended && enabled);
}

static bool write_apic_base(X86Cpu *cpu, uint64_t value)
{
    if (!cpu->apic) {
        return true;
    }
    MACHINE_LOCK_GUARD();
    const ApicType *type = apic_type(cpu->apic);
    if (!apic_base_may_become(cpu, type->get_base(cpu->apic), value)) {
        return false;
    }
    type->set_base(cpu->apic, value);
    return true;
}

/* Anew too when the counter jumps. */
static void write_tsc_deadline(X86Cpu *cpu, uint64_t value)
{
    cpu->tsc_deadline = value;
    if (cpu->apic && x86_has(cpu, FEAT_1_ECX, 24)) {
        MACHINE_LOCK_GUARD();
        apic_type(cpu->apic)->set_tsc_deadline(cpu->apic, value);
    }
}

bool x86_apic_enabled(X86Cpu *cpu)
{
    return apic_base(cpu) & APIC_BASE_ENABLED;
}

bool x86_write_msr(X86Cpu *cpu, uint32_t index, uint64_t value)
{
    const struct PlainMsr *plain = find_plain(index);
    if (plain) {
        if (plain->canonical && x86_has(cpu, FEAT_8000_0001_EDX, 29) && !x86_canonical(cpu, value)) {
            return false;
        }
        *(uint64_t *)((char *)cpu + plain->offset) = value & plain->writable;
        return true;
    }
    uint64_t *banked = find_banked(cpu, index);
    if (banked) {
        /* Status and address of a bank can only be cleared. */
        bool clear_only = index >= MSR_MC0_CTL && (index & 3) != 0;
        if (clear_only && value) {
            return false;
        }
        *banked = value;
        return true;
    }
    if (index >= MSR_X2APIC_FIRST && index <= MSR_X2APIC_LAST) {
        MACHINE_LOCK_GUARD();
        return cpu->apic && apic_type(cpu->apic)->write_msr(cpu->apic, index, value);
    }
    switch (index) {
    case MSR_TSC:
        cpu->tsc_adjust += value - x86_read_tsc(cpu);
        cpu->tsc_offset = value - x86_raw_tsc(cpu);
        write_tsc_deadline(cpu, cpu->tsc_deadline);
        break;
    case MSR_TSC_ADJUST:
        cpu->tsc_offset += value - cpu->tsc_adjust;
        cpu->tsc_adjust = value;
        write_tsc_deadline(cpu, cpu->tsc_deadline);
        break;
    case MSR_APIC_BASE:
        return write_apic_base(cpu, value);
    case MSR_MCG_CTL:
        if (cpu->mcg_cap & BIT(8)) {
            cpu->mcg_ctl = value;
        }
        break;
    case MSR_PAT:
        if (!pat_is_valid(value)) {
            return false;
        }
        cpu->pat = value;
        break;
    case MSR_TSC_DEADLINE:
        write_tsc_deadline(cpu, value);
        break;
    case MSR_PKRS:
        if (!x86_has(cpu, FEAT_7_0_ECX, 31) || value >> 32) {
            return false;
        }
        if (cpu->pkrs != value) {
            cpu->pkrs = value;
            x86_flush_translations(cpu);
        }
        break;
    case MSR_XSS:
        return value == 0;
    case MSR_EFER:
        return write_efer(cpu, value);
    case MSR_UCODE_REV:
        break;          /* asks for the revision to be loaded */
    case MSR_ARCH_CAPABILITIES: case MSR_MTRR_CAP: case MSR_MCG_CAP: case MSR_CORE_THREAD_COUNT:
        return false;
    default:
        log_mask(LOG_UNIMP, "x86: write of MSR 0x%x: 0x%" PRIx64 "\n", index, value);
    }
    return true;
}
