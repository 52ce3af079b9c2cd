/*
 * The mode key (mode.h) from the state.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/mode.h"

/* How accesses through a segment are checked. */
static uint64_t limit_class(const X86Cpu *cpu, int seg)
{
    const SegmentCache *s = &cpu->segs[seg];
    if (cpu->cr[0] & CR0_PE) {
        uint32_t a = s->attributes;
        bool code = a & DESC_CS_MASK;
        bool plain = (a & DESC_P_MASK) && (a & DESC_S_MASK)
            && (code ? seg == R_CS && (a & DESC_R_MASK) : (a & DESC_W_MASK) && !(a & DESC_E_MASK));
        if (!plain && !(cpu->eflags & VM_MASK)) {
            return X86_LIMIT_ODD;
        }
    }
    return s->limit == UINT32_MAX ? X86_LIMIT_NONE : s->limit == 0xffff ? X86_LIMIT_64K : X86_LIMIT_UP;
}

/* Intel SDM volume 3, Linear-Address Pre-Processing: CR3.LAM_U57 goes before LAM_U48; for supervisor pointers the depth of the page tables decides. */
static unsigned lam(const X86Cpu *cpu, bool supervisor)
{
    if (supervisor) {
        return !(cpu->cr[4] & CR4_LAM_SUP) ? X86_LAM_NONE : cpu->cr[4] & CR4_LA57 ? X86_LAM_57 : X86_LAM_48;
    }
    return cpu->cr[3] & CR3_LAM_U57 ? X86_LAM_57 : cpu->cr[3] & CR3_LAM_U48 ? X86_LAM_48 : X86_LAM_NONE;
}

uint64_t x86_masked_pointer(const X86Cpu *cpu, uint64_t address)
{
    bool supervisor = address >> 63;
    uint64_t metadata = x86_code64(cpu) ? x86_lam_metadata(lam(cpu, supervisor)) : 0;
    return supervisor ? address | metadata : address & ~metadata;
}

static uint64_t segment_bits(const X86Cpu *cpu)
{
    if (x86_code64(cpu)) {
        return X86_MODE_CODE64 | X86_MODE_ADD_BASE(R_FS) | X86_MODE_ADD_BASE(R_GS) | (uint64_t)lam(cpu, false) << X86_MODE_LAM_USER_SHIFT
            | (uint64_t)lam(cpu, true) << X86_MODE_LAM_SUPERVISOR_SHIFT;
    }
    uint64_t key = 0;
    bool protected = x86_protected_mode(cpu);
    for (int seg = 0; seg < R_SEG_COUNT; seg++) {
        /* In real mode segments are loaded often and without a change of mode: their bases always count. */
        if (!protected || seg >= R_FS || cpu->segs[seg].base != 0) {
            key |= X86_MODE_ADD_BASE(seg);
        }
        key |= limit_class(cpu, seg) << (X86_MODE_LIMIT_SHIFT + 2 * seg);
    }
    bool code32 = cpu->segs[R_CS].attributes & DESC_B_MASK;
    key |= code32 ? X86_MODE_CODE32 : 0;
    key |= !code32 && (cpu->segs[R_CS].base & 0xfff) && limit_class(cpu, R_CS) == X86_LIMIT_64K ? X86_MODE_CS_END : 0;
    key |= cpu->segs[R_SS].attributes & DESC_B_MASK ? X86_MODE_SS32 : 0;
    return key;
}

static uint64_t control_bits(const X86Cpu *cpu)
{
    uint64_t cr0 = cpu->cr[0], cr4 = cpu->cr[4], key = 0;
    key |= cr0 & CR0_EM ? X86_MODE_EM : 0;
    key |= cr0 & CR0_TS ? X86_MODE_TS : 0;
    key |= cr0 & CR0_MP ? X86_MODE_MP : 0;
    key |= cr4 & CR4_OSFXSR ? X86_MODE_OSFXSR : 0;
    key |= cr4 & CR4_OSXSAVE ? X86_MODE_OSXSAVE : 0;
    key |= cr4 & CR4_FSGSBASE ? X86_MODE_FSGSBASE : 0;
    key |= cr4 & CR4_UMIP ? X86_MODE_UMIP : 0;
    key |= cr4 & CR4_SMAP ? X86_MODE_SMAP : 0;
    key |= ~cpu->mxcsr & 0x1f80 ? X86_MODE_XM : 0;
    key |= (~cpu->fpu_control & 0x3f) || cpu->fpu_helped ? X86_MODE_X87_HELPED : 0;
    key |= (cr4 & CR4_OSXSAVE) && (cpu->xcr0 & 6) == 6 ? X86_MODE_AVX : 0;
    return key;
}

uint64_t x86_mode_key(Cpu *c)
{
    const X86Cpu *cpu = X86_CPU(c);
    uint64_t key = segment_bits(cpu) | control_bits(cpu);
    unsigned cpl = x86_cpl(cpu);
    key |= (uint64_t)cpl << X86_MODE_CPL_SHIFT;
    key |= (uint64_t)(cpu->eflags >> 12 & 3) << X86_MODE_IOPL_SHIFT;
    key |= (uint64_t)x86_priv(cpu) << X86_MODE_PRIV_SHIFT;
    key |= x86_long_mode(cpu) ? X86_MODE_LMA : 0;
    key |= x86_protected_mode(cpu) ? X86_MODE_PE : 0;
    key |= x86_vm86(cpu) ? X86_MODE_VM86 : 0;
    key |= cpu->eflags & TF_MASK ? X86_MODE_TF : 0;
    key |= cpu->inhibit_irq ? X86_MODE_SHADOW : 0;
    key |= (cpu->eflags & RF_MASK) && (cpu->dr[7] & 0xff) ? X86_MODE_RF : 0;
    key |= (cpu->cr[0] & CR0_AM) && (cpu->eflags & AC_MASK) && cpl == 3 ? X86_MODE_AC : 0;
    return key;
}
