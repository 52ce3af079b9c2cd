/*
 * Control and debug registers, TLB instructions, flags, descriptor-table registers.
 *
 * Intel SDM volume 3, 2.5 (control registers), 4.10.4 (INVLPG, INVPCID), 17.2 (debug registers), 20.3 (VME); volume 2 for the instructions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/system.h"
#include "hw/i386/apic.h"
#include "target/i386/internal.h"
#include "util/main-loop.h"

/* ---- control registers ---- */

/* CR4 bits by the feature that brings them. */
static const struct { uint32_t bit; X86FeatureWord word; unsigned feature; } cr4_features[] = {
    { CR4_VME | CR4_PVI, FEAT_1_EDX, 1 }, { CR4_TSD, FEAT_1_EDX, 4 }, { CR4_DE, FEAT_1_EDX, 2 }, { CR4_PSE, FEAT_1_EDX, 3 },
    { CR4_PAE, FEAT_1_EDX, 6 }, { CR4_MCE, FEAT_1_EDX, 7 }, { CR4_PGE, FEAT_1_EDX, 13 }, { CR4_OSFXSR, FEAT_1_EDX, 24 },
    { CR4_OSXMMEXCPT, FEAT_1_EDX, 25 }, { CR4_UMIP, FEAT_7_0_ECX, 2 }, { CR4_LA57, FEAT_7_0_ECX, 16 }, { CR4_FSGSBASE, FEAT_7_0_EBX, 0 },
    { CR4_PCIDE, FEAT_1_ECX, 17 }, { CR4_OSXSAVE, FEAT_1_ECX, 26 }, { CR4_SMEP, FEAT_7_0_EBX, 7 }, { CR4_SMAP, FEAT_7_0_EBX, 20 },
    { CR4_PKE, FEAT_7_0_ECX, 3 }, { CR4_PKS, FEAT_7_0_ECX, 31 }, { CR4_LAM_SUP, FEAT_7_1_EAX, 26 },
};

static uint64_t cr4_allowed(const X86Cpu *cpu)
{
    uint64_t bits = CR4_PCE;
    for (unsigned i = 0; i < ARRAY_SIZE(cr4_features); i++) {
        if (x86_has(cpu, cr4_features[i].word, cr4_features[i].feature)) {
            bits |= cr4_features[i].bit;
        }
    }
    return bits;
}

uint64_t x86_helper_read_cr(Cpu *c, uint32_t n)
{
    X86Cpu *cpu = X86_CPU(c);
    if (n == 8) {
        MACHINE_LOCK_GUARD();
        return cpu->apic ? apic_type(cpu->apic)->get_tpr(cpu->apic) : 0;
    }
    if (n > 4 || n == 1) {
        x86_raise(cpu, EXCP_UD);
    }
    return cpu->cr[n];
}

/* Whether PAE paging under these control registers would find good PDPTEs. */
static bool pdptes_are_good(X86Cpu *cpu, uint64_t cr0, uint64_t cr3, uint64_t cr4)
{
    uint64_t pdptes[4];
    bool pae = (cr0 & CR0_PG) && (cr4 & CR4_PAE) && !(cpu->efer & EFER_LME);
    return !pae || x86_read_pdptes(cpu, cr3, pdptes);
}

static void write_cr0(X86Cpu *cpu, uint64_t value)
{
    bool bad = value >> 32 || ((value & CR0_PG) && !(value & CR0_PE)) || ((value & CR0_NW) && !(value & CR0_CD));
    if ((value ^ cpu->cr[0]) & CR0_PG) {
        if (value & CR0_PG) {
            bad |= (cpu->efer & EFER_LME) && (!(cpu->cr[4] & CR4_PAE) || (cpu->segs[R_CS].attributes & DESC_L_MASK));
        } else {
            bad |= x86_code64(cpu) || (cpu->cr[4] & CR4_PCIDE);
        }
    }
    bad = bad || (((value ^ cpu->cr[0]) & (CR0_PG | CR0_CD | CR0_NW)) && !pdptes_are_good(cpu, value, cpu->cr[3], cpu->cr[4]));
    if (bad) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    x86_set_cr0(cpu, value);
}

static void write_cr3(X86Cpu *cpu, uint64_t value)
{
    if (x86_long_mode(cpu)) {
        uint64_t reserved = MAKE_MASK(cpu->phys_bits, 64 - cpu->phys_bits);
        reserved &= cpu->cr[4] & CR4_PCIDE ? ~BIT(63) : UINT64_MAX;
        reserved &= x86_has(cpu, FEAT_7_1_EAX, 26) ? ~(CR3_LAM_U48 | CR3_LAM_U57) : UINT64_MAX;
        if (value & reserved) {
            x86_raise_error(cpu, EXCP_GP, 0);
        }
    } else {
        value = (uint32_t)value;
        if (!pdptes_are_good(cpu, cpu->cr[0], value, cpu->cr[4])) {
            x86_raise_error(cpu, EXCP_GP, 0);
        }
    }
    x86_set_cr3(cpu, value);
}

static void write_cr4(X86Cpu *cpu, uint64_t value)
{
    uint64_t changed = value ^ cpu->cr[4];
    bool bad = (value & ~cr4_allowed(cpu)) != 0;
    if (x86_long_mode(cpu)) {
        bad |= !(value & CR4_PAE) || (changed & CR4_LA57);
    }
    if ((changed & value) & CR4_PCIDE) {
        bad |= !x86_long_mode(cpu) || (cpu->cr[3] & 0xfff);
    }
    bad = bad || ((changed & (CR4_PAE | CR4_PGE | CR4_PSE | CR4_SMEP)) && !pdptes_are_good(cpu, cpu->cr[0], cpu->cr[3], value));
    if (bad) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    x86_set_cr4(cpu, value);
}

void x86_helper_write_cr(Cpu *c, uint32_t n, uint64_t value)
{
    X86Cpu *cpu = X86_CPU(c);
    if (!x86_code64(cpu)) {
        value = (uint32_t)value;
    }
    switch (n) {
    case 0:
        write_cr0(cpu, value);
        break;
    case 2:
        cpu->cr[2] = value;
        break;
    case 3:
        write_cr3(cpu, value);
        break;
    case 4:
        write_cr4(cpu, value);
        break;
    case 8:
        if (value > 15) {
            x86_raise_error(cpu, EXCP_GP, 0);
        }
        if (cpu->apic) {
            MACHINE_LOCK_GUARD();
            apic_type(cpu->apic)->set_tpr(cpu->apic, value);
        }
        break;
    default:
        x86_raise(cpu, EXCP_UD);
    }
}

void x86_helper_lmsw(Cpu *c, uint32_t value)
{
    X86Cpu *cpu = X86_CPU(c);
    /* PE can be set but not cleared. */
    uint64_t cr0 = (cpu->cr[0] & ~(uint64_t)(CR0_MP | CR0_EM | CR0_TS)) | (value & (CR0_PE | CR0_MP | CR0_EM | CR0_TS));
    x86_set_cr0(cpu, cr0);
}

void x86_helper_clts(Cpu *c)
{
    X86_CPU(c)->cr[0] &= ~(uint64_t)CR0_TS;
}

void x86_helper_xsetbv(Cpu *c, uint32_t index, uint64_t value)
{
    X86Cpu *cpu = X86_CPU(c);
    uint64_t supported = cpu->features[FEAT_XSAVE_XCR0_LO] | cpu->features[FEAT_XSAVE_XCR0_HI] << 32;
    bool bad = index != 0 || !(value & 1) || (value & ~supported) || ((value & 4) && !(value & 2))
        || ((value & 0x18) != 0 && (value & 0x18) != 0x18);
    if (bad) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    cpu->xcr0 = value;
}

uint64_t x86_helper_xgetbv(Cpu *c, uint32_t index)
{
    X86Cpu *cpu = X86_CPU(c);
    if (index > 1 || (index == 1 && !x86_has(cpu, FEAT_XSAVE, 2))) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    return cpu->xcr0;
}

void x86_helper_wrpkru(Cpu *c, uint32_t ecx, uint32_t eax, uint32_t edx)
{
    X86Cpu *cpu = X86_CPU(c);
    if (!(cpu->cr[4] & CR4_PKE)) {
        x86_raise(cpu, EXCP_UD);
    }
    if (ecx || edx) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    if (cpu->pkru != eax) {
        cpu->pkru = eax;
        x86_flush_translations(cpu);
    }
}

uint64_t x86_helper_rdpkru(Cpu *c, uint32_t ecx)
{
    X86Cpu *cpu = X86_CPU(c);
    if (!(cpu->cr[4] & CR4_PKE)) {
        x86_raise(cpu, EXCP_UD);
    }
    if (ecx) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    return cpu->pkru;
}

/* ---- TLB ---- */

void x86_helper_invlpg(Cpu *c, uint64_t address)
{
    X86Cpu *cpu = X86_CPU(c);
    x86_walk_cache_flush(cpu);
    if (!x86_long_mode(cpu)) {
        address = (uint32_t)address;
    } else if (!x86_canonical(cpu, address)) {
        return;
    }
    tcg_tlb_flush_page(c, address);
}

void x86_helper_invpcid(Cpu *c, uint64_t type, uint64_t address)
{
    X86Cpu *cpu = X86_CPU(c);
    uint64_t pcid = tcg_load_or_leave(c, address, 8, x86_priv(cpu));
    uint64_t target = tcg_load_or_leave(c, address + 8, 8, x86_priv(cpu));
    bool bad = type > 3 || (type < 2 && pcid >> 12) || (type < 2 && pcid && !(cpu->cr[4] & CR4_PCIDE))
        || (type == 0 && !x86_canonical(cpu, target));
    if (bad) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    x86_walk_cache_flush(cpu);
    if (type >= 2 || !(cpu->cr[4] & CR4_PCIDE)) {
        tcg_tlb_flush_all(c);
    } else if (type == 0 && pcid == (cpu->cr[3] & 0xfff)) {
        tcg_tlb_flush_page(c, target);
    } else {
        tcg_tlb_flush_space(c, 1 + pcid);
    }
}

/* ---- debug registers ---- */

static unsigned debug_register(X86Cpu *cpu, uint32_t n)
{
    if (n == 4 || n == 5) {
        if (cpu->cr[4] & CR4_DE) {
            x86_raise(cpu, EXCP_UD);
        }
        n += 2;
    }
    if (n > 7) {
        x86_raise(cpu, EXCP_UD);
    }
    if (cpu->dr[7] & BIT(13)) {
        cpu->dr[6] |= BIT(13);
        x86_raise(cpu, EXCP_DB);
    }
    return n;
}

uint64_t x86_helper_read_dr(Cpu *c, uint32_t n)
{
    X86Cpu *cpu = X86_CPU(c);
    return cpu->dr[debug_register(cpu, n)];
}

void x86_helper_write_dr(Cpu *c, uint32_t n, uint64_t value)
{
    X86Cpu *cpu = X86_CPU(c);
    n = debug_register(cpu, n);
    if (!x86_code64(cpu)) {
        value = (uint32_t)value;
    }
    if (n >= 6 && value >> 32) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    if (n == 6) {
        value = (value & 0xe00f) | 0xffff0ff0;
    } else if (n == 7) {
        value = (value & 0xffff2bff) | 0x400;
    }
    cpu->dr[n] = value;
    x86_debug_registers_changed(cpu);
}

/* ---- descriptor tables ---- */

void x86_helper_lgdt(Cpu *c, uint64_t base, uint32_t limit)
{
    X86Cpu *cpu = X86_CPU(c);
    if (x86_code64(cpu) && !x86_canonical(cpu, base)) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    cpu->gdt = (DescriptorTable){ .base = base, .limit = limit };
}

void x86_helper_lidt(Cpu *c, uint64_t base, uint32_t limit)
{
    X86Cpu *cpu = X86_CPU(c);
    if (x86_code64(cpu) && !x86_canonical(cpu, base)) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    cpu->idt = (DescriptorTable){ .base = base, .limit = limit };
}

/* The base of a system segment: 16 bytes of descriptor in long mode. */
static uint64_t system_base(X86Cpu *cpu, uint16_t selector, Descriptor d)
{
    uint64_t base = descriptor_base(d);
    if (x86_long_mode(cpu)) {
        Descriptor upper;
        x86_or_leave(cpu, x86_fetch_descriptor(cpu, selector + 8, &upper, EXCP_GP));
        base |= (uint64_t)upper.low << 32;
        if (!x86_canonical(cpu, base)) {
            x86_raise_error(cpu, EXCP_GP, selector & 0xfffc);
        }
    }
    return base;
}

void x86_helper_lldt(Cpu *c, uint32_t selector)
{
    X86Cpu *cpu = X86_CPU(c);
    Descriptor d;
    selector &= 0xffff;
    if ((selector & 0xfffc) == 0) {
        cpu->ldt = (SegmentCache){ .selector = selector };
        return;
    }
    if (selector & 4) {
        x86_raise_error(cpu, EXCP_GP, selector & 0xfffc);
    }
    x86_or_leave(cpu, x86_fetch_descriptor(cpu, selector, &d, EXCP_GP));
    if ((d.high & DESC_S_MASK) || descriptor_type(d) != SYS_LDT) {
        x86_raise_error(cpu, EXCP_GP, selector & 0xfffc);
    }
    if (!(d.high & DESC_P_MASK)) {
        x86_raise_error(cpu, EXCP_NP, selector & 0xfffc);
    }
    cpu->ldt = (SegmentCache){ .selector = selector, .attributes = d.high & DESC_ATTRIBUTES, .limit = descriptor_limit(d),
                               .base = system_base(cpu, selector, d) };
}

void x86_helper_ltr(Cpu *c, uint32_t selector)
{
    X86Cpu *cpu = X86_CPU(c);
    Descriptor d;
    selector &= 0xffff;
    if ((selector & 0xfffc) == 0 || (selector & 4)) {
        x86_raise_error(cpu, EXCP_GP, selector & 0xfffc);
    }
    x86_or_leave(cpu, x86_fetch_descriptor(cpu, selector, &d, EXCP_GP));
    unsigned type = descriptor_type(d);
    if ((d.high & DESC_S_MASK) || (type != SYS_TSS32 && (type != SYS_TSS16 || x86_long_mode(cpu)))) {
        x86_raise_error(cpu, EXCP_GP, selector & 0xfffc);
    }
    if (!(d.high & DESC_P_MASK)) {
        x86_raise_error(cpu, EXCP_NP, selector & 0xfffc);
    }
    uint64_t base = system_base(cpu, selector, d), entry = cpu->gdt.base + (selector & 0xfff8) + 4;
    d.high |= 0x200;
    tcg_store_or_leave(c, x86_long_mode(cpu) ? entry : (uint32_t)entry, 4, X86_PRIV_SYSTEM, d.high);
    cpu->tr = (SegmentCache){ .selector = selector, .attributes = d.high & DESC_ATTRIBUTES, .limit = descriptor_limit(d), .base = base };
}

/* ---- LAR, LSL, VERR, VERW ---- */

/* The descriptor, if the selector is one that this ring may look at; false: ZF is cleared. */
static bool visible_descriptor(X86Cpu *cpu, uint16_t selector, Descriptor *d)
{
    bool outside;
    if ((selector & 0xfffc) == 0) {
        return false;
    }
    if (!x86_read_descriptor(cpu, selector, d, &outside)) {
        if (!outside) {
            tcg_leave(&cpu->parent);
        }
        return false;
    }
    bool conforming = descriptor_is_code(*d) && (d->high & DESC_C_MASK);
    return conforming || (descriptor_dpl(*d) >= x86_cpl(cpu) && descriptor_dpl(*d) >= (selector & 3u));
}

static bool system_type_in(Descriptor d, uint32_t set)
{
    return (d.high & DESC_S_MASK) || (set >> descriptor_type(d) & 1);
}

uint64_t x86_helper_lar(Cpu *c, uint32_t selector)
{
    X86Cpu *cpu = X86_CPU(c);
    Descriptor d;
    uint32_t types = x86_long_mode(cpu) ? 1u << 2 | 1u << 9 | 1u << 11 | 1u << 12 : 0x1a3e;
    if (!visible_descriptor(cpu, selector, &d) || !system_type_in(d, types)) {
        return 0;
    }
    return BIT(63) | (d.high & 0x00f0ff00);
}

uint64_t x86_helper_lsl(Cpu *c, uint32_t selector)
{
    X86Cpu *cpu = X86_CPU(c);
    Descriptor d;
    uint32_t types = x86_long_mode(cpu) ? 1u << 2 | 1u << 9 | 1u << 11 : 1u << 1 | 1u << 2 | 1u << 3 | 1u << 9 | 1u << 11;
    if (!visible_descriptor(cpu, selector, &d) || !system_type_in(d, types)) {
        return 0;
    }
    return BIT(63) | descriptor_limit(d);
}

uint32_t x86_helper_verr(Cpu *c, uint32_t selector)
{
    X86Cpu *cpu = X86_CPU(c);
    Descriptor d;
    if (!visible_descriptor(cpu, selector, &d) || !(d.high & DESC_S_MASK)) {
        return 0;
    }
    return !(d.high & DESC_CS_MASK) || (d.high & DESC_R_MASK);
}

uint32_t x86_helper_verw(Cpu *c, uint32_t selector)
{
    X86Cpu *cpu = X86_CPU(c);
    Descriptor d;
    return visible_descriptor(cpu, selector, &d) && (d.high & DESC_S_MASK) && !(d.high & DESC_CS_MASK) && (d.high & DESC_W_MASK);
}

/* ---- flags ---- */

void x86_helper_write_eflags(Cpu *c, uint32_t value, uint32_t bytes)
{
    X86Cpu *cpu = X86_CPU(c);
    unsigned cpl = x86_cpl(cpu), iopl = cpu->eflags >> 12 & 3;
    uint32_t old = x86_get_eflags(cpu), mask = CC_ALL | TF_MASK | DF_MASK | NT_MASK | AC_MASK | ID_MASK;
    if (!(cpu->cr[0] & CR0_PE)) {
        mask |= IF_MASK | IOPL_MASK;
    } else if (x86_vm86(cpu)) {
        if (iopl == 3) {
            mask |= IF_MASK;
        } else {
            bool vme = bytes == 2 && (cpu->cr[4] & CR4_VME);
            if (!vme || (value & TF_MASK) || ((value & IF_MASK) && (old & VIP_MASK))) {
                x86_raise_error(cpu, EXCP_GP, 0);
            }
            old = value & IF_MASK ? old | VIF_MASK : old & ~VIF_MASK;
        }
    } else {
        mask |= cpl <= iopl ? IF_MASK : 0;
        mask |= cpl == 0 ? IOPL_MASK : 0;
    }
    if (bytes == 2) {
        mask &= 0xffff;
    }
    x86_set_eflags(cpu, (old & ~mask & ~RF_MASK) | (value & mask));
}

uint32_t x86_helper_read_eflags(Cpu *c, uint32_t bytes)
{
    X86Cpu *cpu = X86_CPU(c);
    uint32_t eflags = x86_get_eflags(cpu) & ~(VM_MASK | RF_MASK);
    if (x86_vm86(cpu) && (cpu->eflags & IOPL_MASK) != IOPL_MASK) {
        if (bytes != 2 || !(cpu->cr[4] & CR4_VME)) {
            x86_raise_error(cpu, EXCP_GP, 0);
        }
        eflags = (eflags & ~IF_MASK) | IOPL_MASK | (eflags & VIF_MASK ? IF_MASK : 0);
    }
    return eflags;
}

/* Whether CLI and STI act on VIF (VME and PVI); raises #GP(0) where they are not allowed at all. */
static bool uses_virtual_if(X86Cpu *cpu)
{
    unsigned cpl = x86_cpl(cpu), iopl = cpu->eflags >> 12 & 3;
    if (!(cpu->cr[0] & CR0_PE) || cpl <= iopl) {
        return false;
    }
    bool virtual_if = cpl == 3 && (cpu->cr[4] & (x86_vm86(cpu) ? CR4_VME : CR4_PVI));
    if (!virtual_if) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    return true;
}

void x86_helper_cli(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    cpu->eflags &= uses_virtual_if(cpu) ? ~VIF_MASK : ~IF_MASK;
}

void x86_helper_sti(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    if (uses_virtual_if(cpu)) {
        if (cpu->eflags & VIP_MASK) {
            x86_raise_error(cpu, EXCP_GP, 0);
        }
        cpu->eflags |= VIF_MASK;
        return;
    }
    if (!(cpu->eflags & IF_MASK)) {
        cpu->inhibit_irq = 1;
    }
    cpu->eflags |= IF_MASK;
}
