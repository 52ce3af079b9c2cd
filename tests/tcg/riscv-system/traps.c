/*
 * Traps: causes, values, delegation, the status stack, instructions that modes do not have (volume II, 3.1.6 to 3.1.16, 3.3; 12.1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

static Word do_ecall(Word a)
{
    asm volatile("li a7, 0\n ecall" ::: "a7");
    return a;
}
static Word do_ebreak(Word a)
{
    asm volatile(".option push\n .option norvc\n ebreak\n .option pop");
    return a;
}
static Word do_illegal(Word a)
{
    asm volatile(".word 0xffffffff");
    return a;
}
static Word do_csr_m(Word a) { return csr_read(mstatus); }
static Word do_csr_s(Word a) { return csr_read(sscratch); }
static Word do_csr_read_only(Word a)
{
    csr_write(cycle, a);
    return 0;
}
static Word do_mret(Word a)
{
    asm volatile("mret");
    return a;
}
static Word do_sret(Word a)
{
    asm volatile("sret");
    return a;
}
static Word do_wfi(Word a)
{
    asm volatile("wfi");
    return a;
}
static Word do_satp(Word a) { return csr_read(satp); }
static Word do_sfence(Word a)
{
    asm volatile("sfence.vma");
    return a;
}
static Word give_back(Word a) { return a + 1; }

static void calls(void)
{
    static const struct { Mode mode; Word cause; const char *name; } modes[] = {
        { MODE_U, ECALL_U, "ecall from U" }, { MODE_S, ECALL_S, "ecall from S" }, { MODE_M, ECALL_M, "ecall from M" },
    };
    for (unsigned i = 0; i < 3; i++) {
        run_in(modes[i].mode, do_ecall, 0);
        check_trap(modes[i].name, TO_M, modes[i].cause, 0);
        Mode was = (outcome.status & MSTATUS_MPP) == MSTATUS_MPP ? MODE_M : outcome.status & MSTATUS_MPP ? MODE_S : MODE_U;
        check(was == modes[i].mode, "MPP after %s", modes[i].name);
    }
    run_in(MODE_U, give_back, 41);
    check_returned("a function runs in U and returns", 42);
    run_in(MODE_S, give_back, 41);
    check_returned("a function runs in S and returns", 42);
}

static void causes(void)
{
    run_in(MODE_U, do_ebreak, 0);
    check(outcome.level == TO_M && outcome.cause == BREAKPOINT && outcome.tval == outcome.epc, "ebreak tells its address");
    run_in(MODE_U, do_illegal, 0);
    check_trap("an illegal instruction tells itself", TO_M, ILLEGAL, RV64 ? 0xffffffff : (Word)-1);
    CATCH(asm volatile(".insn 2, 0x0000"));
    check_trap("the 16-bit zero is illegal", TO_M, ILLEGAL, 0);
    CATCH(load_at(0x10));
    check_trap("a load where nothing answers", TO_M, LOAD_ACCESS, 0x10);
    CATCH(store_at(0x20, 1));
    check_trap("a store where nothing answers", TO_M, STORE_ACCESS, 0x20);
    CATCH(jump_to(0x10));
    check_trap("a jump to where nothing answers", TO_M, FETCH_ACCESS, 0x10);
}

static void privileges(void)
{
    run_in(MODE_U, do_csr_m, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "U reads no CSR of M");
    run_in(MODE_S, do_csr_m, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "S reads no CSR of M");
    run_in(MODE_U, do_csr_s, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "U reads no CSR of S");
    csr_write(sscratch, 77);
    run_in(MODE_S, do_csr_s, 0);
    check_returned("S reads its CSRs", 77);
    run_in(MODE_M, do_csr_read_only, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "a CSR that is read-only is not written");
    run_in(MODE_S, do_mret, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "S has no mret");
    run_in(MODE_U, do_sret, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "U has no sret");
    run_in(MODE_U, do_sfence, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "U has no sfence.vma");
}

static void traps_of_s(void)
{
    csr_set(mstatus, MSTATUS_TVM);
    run_in(MODE_S, do_satp, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "TVM keeps S from satp");
    run_in(MODE_S, do_sfence, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "TVM keeps S from sfence.vma");
    csr_clear(mstatus, MSTATUS_TVM);
    run_in(MODE_S, do_satp, 0);
    check_returned("without TVM, S reads satp", 0);
    csr_set(mstatus, MSTATUS_TSR);
    run_in(MODE_S, do_sret, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "TSR keeps S from sret");
    csr_clear(mstatus, MSTATUS_TSR);
    csr_set(mstatus, MSTATUS_TW);
    run_in(MODE_S, do_wfi, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "TW keeps S from wfi");
    csr_clear(mstatus, MSTATUS_TW);
}

static void delegation(void)
{
    delegate(1 << ILLEGAL | 1 << ECALL_U | 1 << BREAKPOINT, 0);
    run_in(MODE_U, do_illegal, 0);
    check_trap("a delegated cause goes to S", TO_S, ILLEGAL, RV64 ? 0xffffffff : (Word)-1);
    check(!(csr_read(mstatus) & MSTATUS_SPP), "SPP says that it came from U");
    run_in(MODE_S, do_illegal, 0);
    check_trap("and so from S itself", TO_S, ILLEGAL, RV64 ? 0xffffffff : (Word)-1);
    check(csr_read(mstatus) & MSTATUS_SPP, "SPP says that it came from S");
    CATCH(asm volatile(".word 0xffffffff"));
    check_trap("but not from M", TO_M, ILLEGAL, RV64 ? 0xffffffff : (Word)-1);
    csr_set(mstatus, MSTATUS_SIE);
    run_in(MODE_U, do_ebreak, 0);
    check(!(csr_read(mstatus) & MSTATUS_SIE) && (csr_read(mstatus) & MSTATUS_SPIE), "SIE moves to SPIE");
    csr_write(medeleg, -1);
    check(!(csr_read(medeleg) & 1 << ECALL_M), "a call from M is never delegated");
}

/* mret's and sret's own effects, seen from the mode that they lead to. */
static Word enter_u_by_sret(Word target)
{
    csr_write(sepc, target);
    csr_clear(sstatus, MSTATUS_SPP);
    csr_set(sstatus, MSTATUS_SPIE);
    asm volatile("sret");
    __builtin_unreachable();
}

static void returns(void)
{
    run_in(MODE_S, enter_u_by_sret, (Word)do_ecall);
    check_trap("sret leads to U", TO_M, ECALL_U, 0);
    check(outcome.status & MSTATUS_SIE, "SPIE moves to SIE");
    csr_set(mstatus, MSTATUS_MPRV);
    run_in(MODE_S, give_back, 1);
    check(!(outcome.status & MSTATUS_MPRV), "mret to a lower mode clears MPRV");
    csr_clear(mstatus, MSTATUS_MPP);
    csr_set(mstatus, (Word)2 << 11);
    check((csr_read(mstatus) & MSTATUS_MPP) != (Word)2 << 11, "MPP never holds the reserved mode");
}

static void context_status(void)
{
    csr_clear(mstatus, MSTATUS_FS);
    CATCH(asm volatile("fmv.w.x f0, x0"));
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "floating point is illegal with FS off");
    CATCH(csr_read(fcsr));
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "and so is fcsr");
    csr_set(mstatus, (Word)1 << 13);
    CATCH(asm volatile("fmv.w.x f0, x0"));
    check(outcome.level == NO_TRAP, "FS initial lets it through");
    check((csr_read(mstatus) & MSTATUS_FS) == MSTATUS_FS, "and a write makes it dirty");
    check(csr_read(mstatus) >> (XLEN - 1), "SD sums that up");
}

#define PROGRAM_START ((Word)0x80000000)

static void registers(void)
{
    csr_write(mscratch, 5);
    check_is("csrrw gives the old value", csr_swap(mscratch, 9), 5);
    csr_set(mscratch, 6);
    check_is("csrrs sets bits", csr_read(mscratch), 15);
    csr_clear(mscratch, 3);
    check_is("csrrc clears bits", csr_read(mscratch), 12);
    Word handler = csr_read(mtvec);
    csr_write(mtvec, PROGRAM_START | 1);
    check_is("mtvec has a vectored mode", csr_read(mtvec), PROGRAM_START | 1);
    csr_write(mtvec, PROGRAM_START | 2);
    check((csr_read(mtvec) & 3) < 2, "and none of the reserved ones");
    csr_write(mtvec, handler);
    csr_write(mepc, 0x80000003);
    check_is("mepc has no lowest bit", csr_read(mepc) & 1, 0);
}

const Subject subjects[] = {
    { "calls", calls }, { "causes", causes }, { "privileges", privileges }, { "traps of S", traps_of_s }, { "delegation", delegation }, { "returns", returns },
    { "context status", context_status }, { "registers", registers }, { NULL, NULL },
};
