/*
 * Double traps (volume II, "Ssdbltrp", "Smdbltrp"). The CPU has both; a hart that takes one in M-mode stops, which another looks at.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define SDT ((Word)1 << 24)
#define DTE ((uint64_t)1 << 59)
#define MDT ((uint64_t)1 << 42)
#define VSSTATUS 0x200
enum { DOUBLE_TRAP = 16 };

static void set_dte(unsigned csr_is_h, bool on)
{
#if RV64
    if (csr_is_h) {
        csr_clear(0x60a, DTE);
        csr_set(0x60a, on ? DTE : 0);
    } else {
        csr_clear(0x30a, DTE);
        csr_set(0x30a, on ? DTE : 0);
    }
#else
    if (csr_is_h) {
        csr_clear(0x61a, DTE >> 32);
        csr_set(0x61a, on ? DTE >> 32 : 0);
    } else {
        csr_clear(0x31a, DTE >> 32);
        csr_set(0x31a, on ? DTE >> 32 : 0);
    }
#endif
}
static void clear_mdt(void)
{
#if RV64
    csr_clear(mstatus, MDT);
#else
    csr_clear(0x310, MDT >> 32);
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

static Word illegal(Word a) { asm volatile(".word 0"); return a; }
static Word illegal_with_sdt(Word a) { csr_set(sstatus, SDT); asm volatile(".word 0"); return a; }
static Word set_both(Word a) { csr_set(sstatus, SDT | MSTATUS_SIE); return csr_read(sstatus) & (SDT | MSTATUS_SIE); }
static Word set_sie_later(Word a) { csr_set(sstatus, SDT); csr_set(sstatus, MSTATUS_SIE); return csr_read(sstatus) & (SDT | MSTATUS_SIE); }

static void supervisor(void)
{
    clear_mdt();
    set_dte(0, false);
    csr_set(mstatus, SDT);
    check(!(csr_read(mstatus) & SDT), "there is no SDT without menvcfg.DTE");
    set_dte(0, true);
    run_in(MODE_S, set_both, 0);
    check_returned("SDT keeps SIE from being set with it", SDT);
    csr_clear(mstatus, SDT);
    run_in(MODE_S, set_sie_later, 0);
    check_returned("and later", SDT);
    csr_clear(mstatus, SDT);
    delegate(1 << ILLEGAL, 0);
    run_in(MODE_S, illegal, 0);
    check(outcome.level == TO_S && outcome.cause == ILLEGAL && (outcome.status & SDT), "a trap to S sets SDT");
    check(csr_read(mstatus) & SDT, "it stays");
    clear_mdt();
    run_in(MODE_S, illegal, 0);
    check_trap("the next is a double trap, in M", TO_M, DOUBLE_TRAP, 0);
    check_is("mtval2 has its cause", outcome.tval2, ILLEGAL);
    clear_mdt();
    run_in(MODE_U, illegal, 0);
    check(outcome.level == TO_S && outcome.cause == ILLEGAL, "MRET to U clears SDT");
    csr_clear(mstatus, SDT);
    clear_mdt();
    run_in(MODE_S, illegal_with_sdt, 0);
    check_trap("with SDT by hand, too", TO_M, DOUBLE_TRAP, 0);
    clear_mdt();
    set_dte(0, false);
    check(!(csr_read(mstatus) & SDT), "SDT goes with DTE");
    run_in(MODE_S, illegal, 0);
    check(outcome.level == TO_S && !(csr_read(mstatus) & SDT), "without it there are no double traps");
}

static Word guest_sdt(Word a) { csr_set(sstatus, SDT); return csr_read(sstatus) & SDT; }

static void guest(void)
{
    if (!has_letter('H')) {
        return;
    }
    clear_mdt();
    set_dte(0, true);
    set_dte(1, false);
    run_in(MODE_VS, guest_sdt, 0);
    check_returned("a guest has no SDT without henvcfg.DTE", 0);
    set_dte(1, true);
    run_in(MODE_VS, guest_sdt, 0);
    check_returned("and has with it", SDT);
    csr_clear(VSSTATUS, SDT);
    delegate(1 << ILLEGAL | 1 << ECALL_VS, 0);
    csr_write(0x602, 1 << ILLEGAL);
    csr_write(0x205, supervisor_entry);
    csr_write(medeleg, 1 << ILLEGAL);
    run_in(MODE_VS, illegal, 0);
    check(outcome.level == TO_VS && outcome.cause == ILLEGAL && (csr_read(VSSTATUS) & SDT), "a trap to VS sets vsstatus.SDT");
    clear_mdt();
    run_in(MODE_VS, illegal, 0);
    check_trap("the next is M's", TO_M, DOUBLE_TRAP, 0);
    check_is("with its cause", outcome.tval2, ILLEGAL);
    csr_clear(VSSTATUS, SDT);
    csr_write(0x602, 0);
    clear_mdt();
}

/* ---- M-mode, on another hart ---- */

static volatile unsigned stage, had_mdt, mie_stuck;
static volatile Word other_cause;
asm(".balign 4\n.globl other_trap\nother_trap: la t0, other_cause\ncsrr t1, mcause\n"
#if RV64
    "sd t1, 0(t0)\n"
#else
    "sw t1, 0(t0)\n"
#endif
    "fence\n.word 0\nla t0, stage\nli t1, 9\nsw t1, 0(t0)\nfence\n1: j 1b\n");
extern char other_trap[];

static void other(unsigned n)
{
    had_mdt = has_mdt();
    csr_set(mstatus, MSTATUS_MIE);
    mie_stuck = !(csr_read(mstatus) & MSTATUS_MIE);
    clear_mdt();
    csr_write(mtvec, other_trap);
    stage = 1;
    asm volatile("fence\n.word 0" ::: "memory");
}

static void machine(void)
{
    clear_mdt();
    start_hart(1, other);
    wait_until(read_time() + 2000000);
    check(had_mdt, "a reset sets MDT");
    check(mie_stuck, "which keeps MIE from being set");
    check(stage == 1 && other_cause == ILLEGAL, "the first trap of a hart is taken, its next stops it");
    CATCH(illegal(0));
    check(outcome.level == TO_M && outcome.cause == ILLEGAL && has_mdt(), "a trap to M sets MDT");
    clear_mdt();
    run_in(MODE_M, illegal, 0);
    check(outcome.level == TO_M, "which can be cleared");
    clear_mdt();
}

const Subject subjects[] = { { "supervisor", supervisor }, { "guest", guest }, { "machine", machine }, { NULL, NULL } };
