/*
 * x86 as the translator sees it: the constant TcgTarget.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/internal.h"
#include "target/i386/tcg/helpers-x87.h"
#include "target/i386/tcg/translate.h"

static uint64_t linear_pc(Cpu *c)
{
    const X86Cpu *cpu = X86_CPU(c);
    return x86_code64(cpu) ? cpu->pc : (uint32_t)(cpu->segs[R_CS].base + cpu->pc);
}

static unsigned priv(Cpu *c)
{
    return x86_priv(X86_CPU(c));
}

/* The operand that SSE wants aligned (#GP), or any where alignment is checked (#AC). */
static bool unaligned(Cpu *c, uint64_t vaddr, TcgAccess access, unsigned access_priv)
{
    X86Cpu *cpu = X86_CPU(c);
    bool checked = (cpu->cr[0] & CR0_AM) && (cpu->eflags & AC_MASK) && x86_cpl(cpu) == 3;
    cpu->exception_not_canonical = false;
    x86_record_exception_error(cpu, checked ? EXCP_AC : EXCP_GP, 0);
    return true;
}

/* Addresses that are not canonical: #SS by way of the stack segment. */
static bool access_failed(Cpu *c, const IrMem *mem)
{
    X86Cpu *cpu = X86_CPU(c);
    if (cpu->exception == EXCP_GP && cpu->exception_not_canonical && mem->extra == R_SS) {
        cpu->exception = EXCP_SS;
    }
    return false;
}

/* Nobody answers: reads give all ones, writes are lost. */
static bool bus_error(Cpu *c, uint64_t vaddr, uint64_t paddr, TcgAccess access, MemResult result)
{
    return false;
}

/* The page behind the one that the instruction begins on cannot be fetched from. */
static void raise_fetch(X86Cpu *cpu)
{
    TcgTranslation t;
    uint64_t next_page = (linear_pc(&cpu->parent) | 0xfff) + 1;
    if (x86_translate_address(&cpu->parent, next_page, TCG_ACCESS_FETCH, x86_priv(cpu), false, &t)) {
        /* Mapped meanwhile: the instruction is tried again. */
        cpu->exception = -1;
    }
}

/* After one instruction with the trap flag set that could not tell by itself. */
static void single_step(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    if (cpu->eflags & TF_MASK) {
        cpu->dr[6] |= BIT(14);
        x86_record_exception(cpu, EXCP_DB);
    }
}

static void raise_fault(Cpu *c, uint32_t reason)
{
    X86Cpu *cpu = X86_CPU(c);
    if (reason == TCG_REASON_DIVIDE) {
        x86_record_exception(cpu, EXCP_DE);
    } else if (reason == TCG_REASON_FETCH) {
        raise_fetch(cpu);
    } else if (reason >= X86_FAULT_NO_STORE(0, 0)) {
        cpu->fpu_ip = cpu->pc;
        x86_x87_no_store(cpu, (reason - X86_FAULT_NO_STORE(0, 0)) >> 4);
        cpu->pc += (reason - X86_FAULT_NO_STORE(0, 0)) & 15;
        single_step(c);
    } else if (reason >= X86_FAULT_X87_HELPED && reason <= X86_FAULT_X87_ENTER) {
        x86_x87_move(cpu, reason);
    } else if (reason == X86_FAULT(EXCP_MF)) {
        x86_x87_raise(cpu);
    } else if (reason >= X86_FAULT_INTO(0)) {
        x86_record_software_interrupt(cpu, EXCP_OF, cpu->pc + (reason - X86_FAULT_INTO(0)));
    } else if (reason >= X86_FAULT_0(0)) {
        x86_record_exception_error(cpu, reason - X86_FAULT_0(0), 0);
    } else if (reason != X86_FAULT_RETRY) {
        x86_record_exception(cpu, reason - X86_FAULT(0));
    }
}

/* The host never traps: where the guest's exceptions are not masked, its code looks at the flags itself (X86_MODE_XM). */
static uint32_t host_fp_mode(Cpu *c)
{
    return X86_CPU(c)->mxcsr | MXCSR_MASKS;
}

/* Only the sticky flags can have changed but by LDMXCSR and its like, which keep the field right themselves. */
static void store_fp_mode(Cpu *c, uint32_t value)
{
    X86_CPU(c)->mxcsr |= value & MXCSR_FLAGS;
    x86_x87_park(X86_CPU(c));
}

static void enter(Cpu *c)
{
    x86_x87_enter_host(X86_CPU(c));
}

static uint64_t constants(Cpu *c)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < FEAT_WORD_COUNT; i++) {
        n = (n ^ X86_CPU(c)->features[i]) * UINT64_C(0x9e3779b97f4a7c15);
        n ^= n >> 31;
    }
    return n;
}

const TcgTarget x86_tcg_target = {
    .name = "x86", .slots = x86_slots, .nr_slots = X86_NR_SLOTS, .slot_pc = SLOT_PC, .slot_pc_base = SLOT_PC_BASE, .nr_privs = X86_PRIV_COUNT,
    .mode = x86_mode_key, .constants = constants, .linear_pc = linear_pc, .priv = priv, .space_id = x86_space_id, .translate = x86_translate,
    .translate_address = x86_translate_address, .unaligned = unaligned, .access_failed = access_failed, .bus_error = bus_error, .raise = raise_fault,
    .exception_pending = x86_exception_pending, .deliver = x86_deliver, .interrupt = x86_interrupt, .after_block = x86_after_block,
    .guest_breakpoint = x86_guest_breakpoint, .single_step = single_step, .host_fp_mode = host_fp_mode, .store_fp_mode = store_fp_mode,
    .enter = enter,
};
