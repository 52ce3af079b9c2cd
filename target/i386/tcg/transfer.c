/*
 * Helpers of instructions that go elsewhere: software interrupts, far transfers, SYSCALL, SYSENTER and their returns.
 *
 * Intel SDM volume 2 (pseudo-code), volume 3, 5.8.7 and 5.8.8 (fast system calls), 20.3 (INT n in virtual-8086 mode).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/far.h"
#include "target/i386/tcg/system.h"

void x86_helper_raise(Cpu *cpu, uint32_t vector)
{
    x86_raise(X86_CPU(cpu), vector);
}

void x86_helper_raise_error(Cpu *cpu, uint32_t vector, uint32_t error)
{
    x86_raise_error(X86_CPU(cpu), vector, error);
}

/* INT n of a virtual-8086 task that the redirection bitmap sends to the task's own handler (VME): as in real mode. false: not redirected. */
static bool redirected_to_vm86(X86Cpu *cpu, uint32_t vector, uint64_t next_pc)
{
    uint64_t io_map, redirection;
    if (!(cpu->cr[4] & CR4_VME) || !(cpu->tr.attributes & 0x800) || cpu->tr.limit < 0x67) {
        return false;
    }
    x86_or_leave(cpu, tcg_load(&cpu->parent, (uint32_t)(cpu->tr.base + 0x66), 2, X86_PRIV_SYSTEM, &io_map));
    if (io_map < 32 || io_map > cpu->tr.limit) {
        return false;
    }
    uint32_t byte = cpu->tr.base + io_map - 32 + vector / 8;
    x86_or_leave(cpu, tcg_load(&cpu->parent, byte, 1, X86_PRIV_SYSTEM, &redirection));
    if (redirection >> vector % 8 & 1) {
        return false;
    }
    uint64_t entry;
    x86_or_leave(cpu, tcg_load(&cpu->parent, vector * 4, 4, X86_PRIV_USER, &entry));
    bool own_if = (cpu->eflags & IOPL_MASK) == IOPL_MASK;
    uint32_t flags = x86_get_eflags(cpu);
    if (!own_if) {
        flags = (flags & ~IF_MASK) | IOPL_MASK | (flags & VIF_MASK ? IF_MASK : 0);
    }
    X86Stack s = x86_stack(cpu, cpu->segs[R_SS].base, cpu->regs[R_ESP], 0xffff, X86_PRIV_USER);
    x86_stack_push(&s, flags, 2);
    x86_stack_push(&s, cpu->segs[R_CS].selector, 2);
    x86_stack_push(&s, next_pc, 2);
    x86_or_leave(cpu, !s.failed);
    set_stack_pointer(cpu, s.mask, s.sp);
    x86_load_segment_vm86(cpu, R_CS, entry >> 16);
    cpu->pc = entry & 0xffff;
    cpu->eflags &= ~(TF_MASK | NT_MASK | (own_if ? IF_MASK : VIF_MASK));
    return true;
}

void x86_helper_software_interrupt(Cpu *c, uint32_t vector, uint64_t next_pc, uint32_t kind)
{
    X86Cpu *cpu = X86_CPU(c);
    if (kind == 0 && x86_vm86(cpu)) {
        if (redirected_to_vm86(cpu, vector, next_pc)) {
            tcg_leave(c);
        }
        if ((cpu->eflags & IOPL_MASK) != IOPL_MASK) {
            x86_raise_error(cpu, EXCP_GP, 0);
        }
    }
    if (kind == 2) {
        /* INT1: a trap, without the check of the gate's DPL. */
        cpu->pc = next_pc;
        x86_raise(cpu, vector);
    }
    x86_record_software_interrupt(cpu, vector, next_pc);
    tcg_leave(c);
}

/* ---- segments, far transfers ---- */

void x86_helper_load_segment(Cpu *c, uint32_t seg, uint32_t selector)
{
    X86Cpu *cpu = X86_CPU(c);
    x86_or_leave(cpu, x86_move_to_segment(cpu, seg, selector));
}

void x86_helper_far_jump(Cpu *c, uint32_t selector, uint64_t offset, uint64_t next_pc)
{
    X86Cpu *cpu = X86_CPU(c);
    x86_or_leave(cpu, x86_far_jump(cpu, selector, offset, next_pc) && cpu->exception < 0);
}

void x86_helper_far_call(Cpu *c, uint32_t selector, uint64_t offset, uint32_t bytes, uint64_t next_pc)
{
    X86Cpu *cpu = X86_CPU(c);
    x86_or_leave(cpu, x86_far_call(cpu, selector, offset, bytes, next_pc) && cpu->exception < 0);
}

void x86_helper_far_return(Cpu *c, uint32_t bytes, uint32_t release)
{
    X86Cpu *cpu = X86_CPU(c);
    x86_or_leave(cpu, x86_far_return(cpu, bytes, release));
}

void x86_helper_iret(Cpu *c, uint32_t bytes, uint64_t next_pc)
{
    X86Cpu *cpu = X86_CPU(c);
    x86_or_leave(cpu, x86_iret(cpu, bytes, next_pc) && cpu->exception < 0);
}

void x86_helper_rsm(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    if (!cpu->smm) {
        x86_raise(cpu, EXCP_UD);
    }
    x86_leave_smm(cpu);
}

/* ---- fast system calls ---- */

enum { FLAT_DATA = DESC_G_MASK | DESC_B_MASK | DESC_P_MASK | DESC_S_MASK | DESC_W_MASK | DESC_A_MASK,
       FLAT_CODE32 = DESC_G_MASK | DESC_B_MASK | DESC_P_MASK | DESC_S_MASK | DESC_CS_MASK | DESC_R_MASK | DESC_A_MASK,
       FLAT_CODE64 = (FLAT_CODE32 & ~DESC_B_MASK) | DESC_L_MASK };

static void load_flat(X86Cpu *cpu, uint16_t cs, uint16_t ss, bool code64, unsigned cpl)
{
    x86_load_segment(cpu, R_CS, cs, 0, UINT32_MAX, (code64 ? FLAT_CODE64 : FLAT_CODE32) | cpl << DESC_DPL_SHIFT);
    x86_load_segment(cpu, R_SS, ss, 0, UINT32_MAX, FLAT_DATA | cpl << DESC_DPL_SHIFT);
}

void x86_helper_syscall(Cpu *c, uint64_t next_pc)
{
    X86Cpu *cpu = X86_CPU(c);
    if (!(cpu->efer & EFER_SCE) || !(cpu->cr[0] & CR0_PE)) {
        x86_raise(cpu, EXCP_UD);
    }
    uint16_t selector = cpu->star >> 32 & 0xfffc;
    cpu->regs[R_ECX] = next_pc;
    if (x86_long_mode(cpu)) {
        uint32_t eflags = x86_get_eflags(cpu) & ~RF_MASK;
        cpu->regs[R_R11] = eflags;
        cpu->pc = x86_code64(cpu) ? cpu->lstar : cpu->cstar;
        x86_set_eflags(cpu, eflags & ~(uint32_t)cpu->fmask);
        load_flat(cpu, selector, selector + 8, true, 0);
    } else {
        cpu->pc = (uint32_t)cpu->star;
        cpu->eflags &= ~(IF_MASK | RF_MASK | VM_MASK);
        load_flat(cpu, selector, selector + 8, false, 0);
    }
}

void x86_helper_sysret(Cpu *c, uint32_t bytes)
{
    X86Cpu *cpu = X86_CPU(c);
    if (!(cpu->efer & EFER_SCE)) {
        x86_raise(cpu, EXCP_UD);
    }
    if (!(cpu->cr[0] & CR0_PE) || x86_cpl(cpu) != 0) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    uint16_t selector = cpu->star >> 48;
    if (x86_long_mode(cpu)) {
        if (bytes == 8 && !x86_canonical(cpu, cpu->regs[R_ECX])) {
            x86_raise_error(cpu, EXCP_GP, 0);
        }
        x86_set_eflags(cpu, cpu->regs[R_R11] & (CC_ALL | TF_MASK | IF_MASK | DF_MASK | IOPL_MASK | NT_MASK | AC_MASK | VIF_MASK | VIP_MASK | ID_MASK));
        cpu->pc = bytes == 8 ? cpu->regs[R_ECX] : (uint32_t)cpu->regs[R_ECX];
        load_flat(cpu, (selector + (bytes == 8 ? 16 : 0)) | 3, (selector + 8) | 3, bytes == 8, 3);
    } else {
        cpu->eflags |= IF_MASK;
        cpu->pc = (uint32_t)cpu->regs[R_ECX];
        load_flat(cpu, selector | 3, (selector + 8) | 3, false, 3);
    }
}

void x86_helper_sysenter(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    if (!(cpu->cr[0] & CR0_PE) || (cpu->sysenter_cs & 0xfffc) == 0) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    bool long_mode = x86_long_mode(cpu);
    uint16_t selector = cpu->sysenter_cs & 0xfffc;
    cpu->eflags &= ~(IF_MASK | VM_MASK | RF_MASK);
    load_flat(cpu, selector, selector + 8, long_mode, 0);
    cpu->regs[R_ESP] = long_mode ? cpu->sysenter_esp : (uint32_t)cpu->sysenter_esp;
    cpu->pc = long_mode ? cpu->sysenter_eip : (uint32_t)cpu->sysenter_eip;
}

void x86_helper_sysexit(Cpu *c, uint32_t bytes)
{
    X86Cpu *cpu = X86_CPU(c);
    bool to64 = bytes == 8;
    bool bad = (cpu->sysenter_cs & 0xfffc) == 0 || x86_cpl(cpu) != 0 || !(cpu->cr[0] & CR0_PE)
        || (to64 && (!x86_canonical(cpu, cpu->regs[R_ECX]) || !x86_canonical(cpu, cpu->regs[R_EDX])));
    if (bad) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    uint16_t selector = (cpu->sysenter_cs & 0xfffc) + (to64 ? 32 : 16);
    load_flat(cpu, selector | 3, (selector + 8) | 3, to64, 3);
    cpu->pc = to64 ? cpu->regs[R_EDX] : (uint32_t)cpu->regs[R_EDX];
    cpu->regs[R_ESP] = to64 ? cpu->regs[R_ECX] : (uint32_t)cpu->regs[R_ECX];
}
