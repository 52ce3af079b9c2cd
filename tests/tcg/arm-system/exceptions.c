/*
 * Exceptions between EL0 and EL1: classes, syndromes, return addresses, PSTATE on entry and on return, what EL0 may not do.
 *
 * DDI 0487, D1.3, D1.4, D19.2.37 (ESR_EL1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { SPSR_D = 0x200, SPSR_A = 0x100, SPSR_I = 0x80, SPSR_F = 0x40, DAIF = 0x3c0 };
#define N (1u << 31)
#define Z (1u << 30)
#define C (1u << 29)
#define V (1u << 28)

/* ---- from EL0 ---- */

static void do_svc(u64 a) { __asm__ volatile("svc #0x1234"); }
static void do_nothing(u64 a) { }
static void do_undefined(u64 a) { __asm__ volatile(".inst 0"); }
static void do_brk(u64 a) { __asm__ volatile("brk #7"); }
static void read_sctlr(u64 a) { (void)READ(sctlr_el1); }
static void read_ctr(u64 a) { (void)READ(ctr_el0); }
static void mask_interrupts(u64 a) { __asm__ volatile("msr daifset, #2"); }
static void do_wfi(u64 a) { __asm__ volatile("wfi"); }
static void do_hvc(u64 a) { __asm__ volatile("hvc #0"); }
static void do_eret(u64 a) { __asm__ volatile("eret"); }
static void do_fp(u64 a) { __asm__ volatile("fmov d0, xzr"); }
static void jump(u64 a) { ((void (*)(void))a)(); }
static void misalign_sp(u64 a) { __asm__ volatile("mov x9, sp\n add sp, x9, #8\n ldr x1, [sp]\n mov sp, x9" ::: "x1", "x9", "memory"); }

static void from_el0(void)
{
    check_is("a function runs at EL0 and comes back", run_at(0, 0, do_nothing, 0), (u64)NONE);
    check_is("SVC has its class", run_at(0, N | C, do_svc, 0), 0x15);
    check_is("SVC tells its immediate", fault.esr, 0x15u << 26 | 1u << 25 | 0x1234);
    check_is("SVC comes in by the vector of a lower level", fault.vector, 0x400);
    check_is("SVC keeps flags in SPSR", fault.spsr & 0xf00003cf, N | C);
    check_is("SVC returns behind itself", *(uint32_t *)(fault.elr - 4), 0xd4024681);
    check_is("an undefined instruction has class 0", run_at(0, 0, do_undefined, 0), 0);
    check_is("its syndrome is IL alone", fault.esr, 1u << 25);
    check_is("it is the return address", *(uint32_t *)fault.elr, 0);
    check_is("BRK has its class", run_at(0, 0, do_brk, 0), 0x3c);
    check_is("BRK tells its immediate", ISS(fault.esr), 7);
    check_is("a register of EL1 is undefined at EL0", run_at(0, 0, read_sctlr, 0), 0);
    check_is("CTR_EL0 is trapped without UCT", run_at(0, 0, read_ctr, 0), 0x18);
    check_is("the trap tells the register and direction", ISS(fault.esr) & ~0x3e0u, 3u << 20 | 1 << 17 | 3 << 14 | 0 << 10 | 0 << 1 | 1);
    WRITE(sctlr_el1, READ(sctlr_el1) | 1 << 15);
    check_is("CTR_EL0 is read with UCT", run_at(0, 0, read_ctr, 0), (u64)NONE);
    check_is("DAIFSet is trapped at EL0", run_at(0, 0, mask_interrupts, 0), 0x18);
    WRITE(sctlr_el1, READ(sctlr_el1) & ~(1ull << 16));
    check_is("WFI is trapped without nTWI", run_at(0, 0, do_wfi, 0), 1);
    check_is("HVC is undefined at EL0", run_at(0, 0, do_hvc, 0), 0);
    check_is("ERET is undefined at EL0", run_at(0, 0, do_eret, 0), 0);
    check_is("a jump to an odd address has class 22h", run_at(0, 0, jump, (u64)do_nothing + 2), 0x22);
    check_is("FAR is that address", fault.far, (u64)do_nothing + 2);
    WRITE(sctlr_el1, READ(sctlr_el1) | 1 << 4);
    check_is("a stack pointer that is not aligned has class 26h", run_at(0, 0, misalign_sp, 0), 0x26);
    WRITE(sctlr_el1, READ(sctlr_el1) & ~(1ull << 4));
    check_is("it is let through without SA0", run_at(0, 0, misalign_sp, 0), (u64)NONE);
    WRITE(cpacr_el1, 0);
    isb();
    check_is("floating point is trapped by CPACR", run_at(0, 0, do_fp, 0), 7);
    check_is("the trap says COND", ISS(fault.esr), 0x1e00000);
    WRITE(cpacr_el1, 1 << 20);
    isb();
    check_is("FPEN 1 traps EL0", run_at(0, 0, do_fp, 0), 7);
    check_is("FPEN 1 lets EL1 through", CATCH_EC(do_fp(0)), (u64)NONE);
    WRITE(cpacr_el1, 3 << 20);
    isb();
}

/* ---- at EL1 ---- */

static volatile u64 seen_daif, seen_sp;
static bool look(Frame *f)
{
    seen_daif = READ(daif);
    seen_sp = READ(spsel);
    f->elr += 4;
    return true;
}

static bool step_over_svc(Frame *f)
{
    seen_daif = READ(daif);
    seen_sp = READ(spsel);
    return true;
}

static void at_el1(void)
{
    check_is("UDF at EL1 comes in by the vector of this level", CATCH_EC(__asm__ volatile(".inst 0")), 0);
    check_is("with SP_EL1", fault.vector, 0x200);
    hook = step_over_svc;
    __asm__ volatile("msr daifclr, #0xf\n svc #0\n msr daifset, #0xf" ::: "memory");
    hook = NULL;
    check_is("all is masked on entry", seen_daif, DAIF);
    check_is("SP_EL1 is selected on entry", seen_sp, 1);
    hook = look;
    __asm__ volatile("mov x9, sp\n msr spsel, #0\n mov sp, x9\n .inst 0\n msr spsel, #1" ::: "x9", "memory");
    hook = NULL;
    check(true, "SP_EL0 at EL1 comes in by the first vector and goes back");
    check_is("an unknown system register is undefined", CATCH_EC((void)READ(S3_0_C15_C15_7)), 0);
    check_is("EL2's registers are undefined at EL1", CATCH_EC((void)READ(hcr_el2)), 0);
    check_is("the reserved space of identification reads as zero", CATCH_EC((void)READ(S3_0_C0_C7_7)), (u64)NONE);
    check_is("CurrentEL is 1", READ(CurrentEL), 4);
}

/* ---- illegal returns ---- */

static void __attribute__((noinline)) eret_to(u64 spsr)
{
    __asm__ volatile("msr spsr_el1, %0\n adr x9, 1f\n msr elr_el1, x9\n eret\n1: nop" :: "r"(spsr) : "x9", "memory");
}

static void illegal(void)
{
    static const struct { u64 spsr; const char *name; } cases[] = {
        { 0x9, "to a higher level" }, { 0x1, "to EL0 with SP_EL1" }, { 0x6, "with bit 1 set" }, { 0x1f | 0x100000, "to an AArch32 mode that has no level" }, { 0xd, "to EL3" },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        print("# %s\n", cases[i].name);
        check_is("an illegal return has class 0Eh", CATCH_EC(eret_to(cases[i].spsr | DAIF)), 0xe);
        check_is("PSTATE.IL is saved", fault.spsr >> 20 & 1, 1);
        check_is("the level did not change", fault.spsr & 0xf, 5);
    }
    check_is("a legal return clears IL", CATCH_EC(eret_to(5 | DAIF)), (u64)NONE);
}

const Subject subjects[] = { { "from EL0", from_el0 }, { "at EL1", at_el1 }, { "illegal returns", illegal }, { NULL, NULL } };
