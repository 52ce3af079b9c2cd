/*
 * Resumable non-maskable interrupts (volume II, "Smrnmi"), as far as a program can bring them about: by double traps (Smdbltrp). Lines are tests/qtest/test-riscv.c's.
 *
 * The CPU has its vectors where trampolines are made here (meson.build).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define MNSCRATCH 0x740
#define MNEPC 0x741
#define MNCAUSE 0x742
#define MNSTATUS 0x744
enum { NMIE = 1 << 3, MNPV = 1 << 7, MNPP_SHIFT = 11, MNPP = 3 << MNPP_SHIFT };
#define MDT ((uint64_t)1 << 42)
#define INTERRUPT_VECTOR ((uint32_t *)0x80400000)
#define EXCEPTION_VECTOR ((uint32_t *)0x80400040)

static void write_mdt(bool on)
{
#if RV64
    csr_clear(mstatus, MDT);
    csr_set(mstatus, on ? MDT : 0);
#else
    csr_clear(0x310, MDT >> 32);
    csr_set(0x310, on ? MDT >> 32 : 0);
#endif
}
static bool has_mdt(void)
{
#if RV64
    return csr_read(mstatus) & MDT;
#else
    return csr_read(0x310) & (MDT >> 32);
#endif
}

/* ---- where the vectors lead to ---- */

static volatile unsigned by_exception_vector, by_interrupt_vector;
asm(".balign 4\n.globl exception_entry\nexception_entry: la t0, by_exception_vector\nli t1, 1\nsw t1, 0(t0)\nj machine_entry\n"
    ".globl interrupt_entry\ninterrupt_entry: la sp, trap_stack_top\nj interrupted\n");
extern char exception_entry[], interrupt_entry[], lower_return[], lower_stack_top[];

void __attribute__((noreturn)) interrupted(void);
void interrupted(void)
{
    by_interrupt_vector = 1;
    catch_end();
    context_restore();
}

/* auipc t0, 0; l[wd] t0, 16(t0); jr t0; nop; the address. */
static void make_trampoline(uint32_t *at, const char *to)
{
    at[0] = 0x00000297;
    at[1] = RV64 ? 0x0102b283 : 0x0102a283;
    at[2] = 0x00028067;
    at[3] = 0x00000013;
    *(volatile Word *)(at + 4) = (Word)to;
    asm volatile("fence.i" ::: "memory");
}

static Word __attribute__((noinline, noclone)) illegal(Word a) { asm volatile(".globl the_illegal\nthe_illegal: .word 0"); return a; }
extern char the_illegal[];
static void forget(void) { by_exception_vector = by_interrupt_vector = 0; }

/* ---- before NMIE is set for the first time ---- */

static Word load_as_user(Word address)
{
    Word value;
    asm volatile("csrs mstatus, %1\n" LOAD_WORD " %0, 0(%2)\ncsrc mstatus, %1" : "=&r"(value) : "r"(MSTATUS_MPRV), "r"(address) : "memory");
    return value;
}

static Word secret = 42;
static void check_user_load(const char *name, bool faults)
{
    csr_write(pmpcfg0, 0);              /* nobody but M-mode reaches anything */
    csr_clear(mstatus, MSTATUS_MPP);
    CATCH(secret = load_as_user((Word)&secret));
    csr_clear(mstatus, MSTATUS_MPRV);
    write_mdt(false);
    csr_write(pmpcfg0, 0x1f);
    check(faults ? outcome.level == TO_M && outcome.cause == LOAD_ACCESS : outcome.level == NO_TRAP && secret == 42, "%s", name);
}

static void reset(void)
{
    make_trampoline(INTERRUPT_VECTOR, interrupt_entry);
    make_trampoline(EXCEPTION_VECTOR, exception_entry);
    write_mdt(false);
    check_is("a reset clears mnstatus", csr_read(MNSTATUS), 0);
    forget();
    CATCH(illegal(0));
    check_trap("an exception in M-mode", TO_M, ILLEGAL, 0);
    check(by_exception_vector, "goes to the exception vector without NMIE");
    check(has_mdt(), "and is a trap as any other");
    write_mdt(false);
    forget();
    run_in(MODE_U, illegal, 0);
    check_trap("one in U-mode", TO_M, ILLEGAL, 0);
    check(!by_exception_vector, "goes by mtvec");
    write_mdt(false);
    check_user_load("MPRV counts for nothing without NMIE", false);
    CLINT_MSIP[0] = 1;
    csr_write(mie, 1 << IRQ_MSOFT);
    CATCH(csr_set(mstatus, MSTATUS_MIE));
    check(outcome.level == NO_TRAP, "no interrupt is taken without NMIE");
    asm volatile("wfi");
    check(true, "though WFI does not wait");
    CATCH(csr_write(MNSTATUS, NMIE));
    check_interrupt("it is with NMIE", TO_M, IRQ_MSOFT);
    csr_write(mie, 0);
    CLINT_MSIP[0] = 0;
    write_mdt(false);
    check_user_load("MPRV counts with NMIE", true);
}

static void registers(void)
{
    csr_write(MNSCRATCH, 0x12345678);
    check_is("mnscratch", csr_read(MNSCRATCH), 0x12345678);
    csr_write(MNEPC, 0x80000007);
    check_is("mnepc is even", csr_read(MNEPC) & 0xff, 6);
    csr_write(MNCAUSE, 5);
    check_is("mncause", csr_read(MNCAUSE), 5);
    csr_write(MNSTATUS, MNPP);
    check_is("NMIE cannot be cleared", csr_read(MNSTATUS), NMIE | MNPP);
    csr_write(MNSTATUS, 2 << MNPP_SHIFT);
    check_is("MNPP holds privileges only", csr_read(MNSTATUS), NMIE | MNPP);
    csr_write(MNSTATUS, 1 << MNPP_SHIFT);
    check_is("S-mode, too", csr_read(MNSTATUS), NMIE | 1 << MNPP_SHIFT);
    write_mdt(false);
}

/* ---- in and out ---- */

static Word try_mnret(Word a) { asm volatile(".word 0x70200073"); return a; }
static Word read_mnscratch(Word a) { return csr_read(MNSCRATCH); }
static Word fence_guest(Word a) { asm volatile(".word 0x62000073" ::: "memory"); return a; }     /* HFENCE.GVMA */
static Word argument(Word a) { return a; }

/* As run_in(), by MNRET. */
static void return_into(Word status, Function *function, Word a)
{
    if (context_save()) {
        return;
    }
    catch_begin();
    csr_write(MNSTATUS, status);
    csr_write(MNEPC, function);
    register Word a0 asm("a0") = a, a1 asm("a1") = (Word)lower_stack_top, a2 asm("a2") = (Word)lower_return;
    asm volatile("mv sp, %1\nmv ra, %2\n.word 0x70200073" :: "r"(a0), "r"(a1), "r"(a2) : "memory");
    __builtin_unreachable();
}

static void double_trap(void)
{
    forget();
    write_mdt(true);
    csr_write(mcause, 77);
    CATCH(illegal(0));
    check(by_interrupt_vector && !by_exception_vector, "a double trap in M-mode goes to the vector");
    check_is("mncause", csr_read(MNCAUSE), ILLEGAL);
    check_is("mnepc", csr_read(MNEPC), (Word)the_illegal);
    check_is("mnstatus: M-mode, and NMIE clear", csr_read(MNSTATUS), MNPP);
    check_is("mcause is left alone", csr_read(mcause), 77);
    check(has_mdt(), "so is MDT");
    write_mdt(false);
    return_into(MNPP, argument, 5);
    check_returned("MNRET to M-mode", 5);
    check(csr_read(MNSTATUS) & NMIE, "sets NMIE");
    write_mdt(false);
}

static void returns(void)
{
    csr_set(mstatus, MSTATUS_MPRV);
    write_mdt(true);
    return_into(0, argument, 6);
    csr_clear(mstatus, MSTATUS_MPRV);
    check_returned("MNRET to U-mode", 6);
    check(!(outcome.status & MSTATUS_MPRV), "clears MPRV");
    write_mdt(false);
    return_into(0, illegal, 0);
    check_trap("where exceptions are as ever, for MDT is clear", TO_M, ILLEGAL, 0);
    check(!(outcome.status & MSTATUS_MPP), "U-mode's");
    write_mdt(false);
    return_into(1 << MNPP_SHIFT, illegal, 0);
    check_is("S-mode's", outcome.status & MSTATUS_MPP, MSTATUS_MPP / 3);
    write_mdt(false);
    if (has_letter('H')) {
        return_into(1 << MNPP_SHIFT | MNPV, fence_guest, 0);
        check(outcome.level == TO_M && outcome.cause == VIRTUAL, "MNRET to VS-mode");
        write_mdt(false);
    }
    run_in(MODE_S, try_mnret, 0);
    check_trap("S-mode has no MNRET", TO_M, ILLEGAL, 0x70200073);
    write_mdt(false);
    run_in(MODE_S, read_mnscratch, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "nor the registers");
    write_mdt(false);
}

const Subject subjects[] = { { "reset", reset }, { "registers", registers }, { "double trap", double_trap }, { "returns", returns }, { NULL, NULL } };
