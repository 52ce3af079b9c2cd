/*
 * Interrupts: the CLINT, enables, delegation, priorities, vectors, wfi, timers of S-mode and of guests (volume II, 3.1.9, 3.2.1, 12.1.3, 17 "Sstc").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define MSIP ((Word)1 << IRQ_MSOFT)
#define SSIP ((Word)1 << IRQ_SSOFT)
#define STIP ((Word)1 << IRQ_STIMER)
#define MTIP ((Word)1 << IRQ_MTIMER)
#define SEIP ((Word)1 << IRQ_SEXT)
enum { TICKS = 200000 };    /* 20 ms: what has to come comes soon, what has not to come yet does not */

static Word wait_here(Word turns)
{
    while (turns--) {
        asm volatile("");
    }
    return 0;
}

/* Until something interrupts it. */
static Word wait_long(Word end)
{
    while (!end) {
        asm volatile("");
    }
    return end;
}

static void begin(void)
{
    *CLINT_MSIP = 0;
    csr_write(mie, 0);
    csr_write(mip, 0);
    csr_write(mideleg, 0);
}

static void software(void)
{
    begin();
    *CLINT_MSIP = 1;
    check(csr_read(mip) & MSIP, "MSIP shows what the CLINT says");
    csr_clear(mip, MSIP);
    check(csr_read(mip) & MSIP, "and is not written");
    run_in(MODE_S, wait_here, 10);
    check(outcome.level == NO_TRAP, "it waits for mie");
    csr_set(mie, MSIP);
    run_in(MODE_U, wait_long, 0);
    check_interrupt("it comes in U", TO_M, IRQ_MSOFT);
    run_in(MODE_S, wait_long, 0);
    check_interrupt("it comes in S", TO_M, IRQ_MSOFT);
    run_in(MODE_M, wait_here, 1000);
    check(outcome.level == NO_TRAP, "not in M with MIE off");
    CATCH(csr_set(mstatus, MSTATUS_MIE); wait_here(1000));
    check_interrupt("in M with MIE on", TO_M, IRQ_MSOFT);
    check(!(outcome.status & MSTATUS_MIE) && (outcome.status & MSTATUS_MPIE), "MIE moves to MPIE");
    *CLINT_MSIP = 0;
    check(!(csr_read(mip) & MSIP), "MSIP goes");
}

static void timer(void)
{
    begin();
    csr_set(mie, MTIP);
    set_timer(read_time() + TICKS);
    check(!(csr_read(mip) & MTIP), "the timer is not due");
    run_in(MODE_U, wait_long, 0);
    check_interrupt("then it is", TO_M, IRQ_MTIMER);
    check(csr_read(mip) & MTIP, "MTIP stays while mtime is not below mtimecmp");
    set_timer(UINT64_MAX);
    check(!(csr_read(mip) & MTIP), "and goes with a later mtimecmp");
    set_timer(read_time() + TICKS);
    asm volatile("wfi");
    check(csr_read(mip) & MTIP, "wfi ends when an enabled interrupt is pending, MIE off");
    set_timer(UINT64_MAX);
}

static void delegation(void)
{
    begin();
    delegate(0, SSIP | STIP | SEIP);
    csr_set(mip, SSIP);
    csr_set(mie, SSIP);
    run_in(MODE_U, wait_long, 0);
    check_interrupt("a delegated one goes to S", TO_S, IRQ_SSOFT);
    csr_clear(mstatus, MSTATUS_SIE);
    run_in(MODE_S, wait_here, 10);
    check(outcome.level == NO_TRAP, "not in S with SIE off");
    csr_set(mstatus, MSTATUS_SIE);
    run_in(MODE_S, wait_long, 0);
    check_interrupt("in S with SIE on", TO_S, IRQ_SSOFT);
    CATCH(csr_set(mstatus, MSTATUS_MIE); wait_here(1000); csr_clear(mstatus, MSTATUS_MIE));
    check(outcome.level == NO_TRAP, "never in M");
    csr_write(mideleg, SSIP);
    csr_set(mip, STIP);
    csr_set(mie, STIP);
    run_in(MODE_U, wait_long, 0);
    check_interrupt("M's come before S's", TO_M, IRQ_STIMER);
    csr_write(mideleg, SSIP | STIP | SEIP);
    csr_set(mip, SEIP);
    csr_set(mie, SEIP);
    run_in(MODE_U, wait_long, 0);
    check_interrupt("external before software before timer", TO_S, IRQ_SEXT);
    csr_clear(mip, SEIP);
    run_in(MODE_U, wait_long, 0);
    check_interrupt("software before timer", TO_S, IRQ_SSOFT);
    csr_clear(mip, SSIP);
    run_in(MODE_U, wait_long, 0);
    check_interrupt("timer", TO_S, IRQ_STIMER);
    csr_clear(mip, STIP);
}

/* ---- Sstc ---- */

#define STCE ((uint64_t)1 << 63)

static void set_stimecmp(uint64_t value)
{
#if RV64
    csr_write(0x14d, value);
#else
    csr_write(0x15d, -1);
    csr_write(0x14d, (uint32_t)value);
    csr_write(0x15d, value >> 32);
#endif
}

static bool enable_sstc(bool on)
{
#if RV64
    if (on) {
        csr_set(0x30a, STCE);
    } else {
        csr_clear(0x30a, STCE);
    }
    return !!(csr_read(0x30a) & STCE) == on;
#else
    if (on) {
        csr_set(0x31a, STCE >> 32);
    } else {
        csr_clear(0x31a, STCE >> 32);
    }
    return !!(csr_read(0x31a) & STCE >> 32) == on;
#endif
}

static Word read_stimecmp(Word a) { return csr_read(0x14d) & 0; }

static void own_timer(void)
{
    begin();
    if (!enable_sstc(true)) {
        skip("stimecmp", "no Sstc");
        return;
    }
    delegate(0, STIP);
    csr_write(mcounteren, 0);
    run_in(MODE_S, read_stimecmp, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "stimecmp needs mcounteren.TM");
    csr_write(mcounteren, 7);
    run_in(MODE_S, read_stimecmp, 0);
    check_returned("S has it then", 0);
    set_stimecmp(UINT64_MAX);
    check(!(csr_read(mip) & STIP), "STIP is not pending");
    csr_set(mip, STIP);
    check(!(csr_read(mip) & STIP), "nor can it be written");
    csr_set(mie, STIP);
    set_stimecmp(read_time() + TICKS);
    run_in(MODE_U, wait_long, 0);
    check_interrupt("it comes when the time is there", TO_S, IRQ_STIMER);
    set_stimecmp(UINT64_MAX);
    check(!(csr_read(mip) & STIP), "and goes with a later stimecmp");
    set_stimecmp(0);
    enable_sstc(false);
    check(!(csr_read(mip) & STIP), "without STCE it says nothing");
    set_stimecmp(UINT64_MAX);
}

/* mtime can be set; a mtimecmp at the end of time keeps still then, and other timers go on. */
static void time_set_back(void)
{
    volatile uint32_t *mtime = (volatile uint32_t *)0x200bff8;
    begin();
    wait_until(TICKS);
    set_timer(UINT64_MAX);
    mtime[0] = 0;
    mtime[1] = 0;
    check(read_time() < 100 * TICKS, "mtime starts anew");
    check(!(csr_read(mip) & MTIP), "a mtimecmp of all ones is not due");
    if (enable_sstc(true)) {
        csr_write(mcounteren, 7);
        delegate(0, STIP);
        csr_set(mie, STIP);
        set_stimecmp(read_time() + TICKS);
        run_in(MODE_U, wait_long, 0);
        check_interrupt("and another timer comes", TO_S, IRQ_STIMER);
        set_stimecmp(UINT64_MAX);
        enable_sstc(false);
    }
}

const Subject subjects[] = {
    { "software", software }, { "timer", timer }, { "delegation", delegation }, { "own timer", own_timer }, { "time set back", time_set_back }, { NULL, NULL },
};
