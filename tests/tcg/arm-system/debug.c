/*
 * Self-hosted debugging at EL1: breakpoints, watchpoints, software step of EL0, what PSTATE.D masks.
 *
 * DDI 0487, D2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { MDE = 1 << 15, KDE = 1 << 13, SS = 1, SPSR_SS = 1 << 21, E = 1, EL1 = 1 << 1, EL0 = 2 << 1, WORD = 0xf << 5, BYTES8 = 0xff << 5, LOADS = 1 << 3, STORES = 2 << 3 };
enum { BREAKPOINT_LOWER = 0x30, BREAKPOINT = 0x31, STEP_LOWER = 0x32, WATCHPOINT = 0x35 };

static volatile u64 watched[4] __attribute__((aligned(32)));
static void target(u64 a) { __asm__ volatile("nop\n nop\n nop"); }
static void load8(u64 a) { (void)*(volatile uint8_t *)a; }
static void load64(u64 a) { (void)*(volatile u64 *)a; }
static void store32(u64 a) { *(volatile uint32_t *)a = 1; }

static void start(void)
{
    WRITE(oslar_el1, 0);
    WRITE(mdscr_el1, MDE | KDE);
    __asm__ volatile("msr daifclr, #8");
    isb();
}

static void stop(void)
{
    WRITE(dbgbcr0_el1, 0);
    WRITE(dbgwcr0_el1, 0);
    WRITE(mdscr_el1, 0);
    __asm__ volatile("msr daifset, #8");
    isb();
}

static void breakpoints(void)
{
    start();
    WRITE(dbgbvr0_el1, (u64)target);
    WRITE(dbgbcr0_el1, E | EL1 | WORD);
    isb();
    check_is("a breakpoint at EL1", CATCH_EC(target(0)), BREAKPOINT);
    check_is("returns to its instruction", fault.elr, (u64)target);
    check_is("its fault code", ISS(fault.esr), 0x22);
    __asm__ volatile("msr daifset, #8");
    check_is("PSTATE.D masks it", CATCH_EC(target(0)), (u64)NONE);
    __asm__ volatile("msr daifclr, #8");
    check_is("EL1's does not count at EL0", run_at(0, 0x3c0, target, 0), (u64)NONE);
    WRITE(dbgbcr0_el1, E | EL0 | WORD);
    isb();
    check_is("EL0's", run_at(0, 0x3c0, target, 0), BREAKPOINT_LOWER);
    check_is("does not count at EL1", CATCH_EC(target(0)), (u64)NONE);
    WRITE(oslar_el1, 1);
    isb();
    check_is("the OS lock stops all", run_at(0, 0x3c0, target, 0), (u64)NONE);
    stop();
}

static void watchpoints(void)
{
    start();
    watched[1] = 7;
    WRITE(dbgwvr0_el1, (u64)&watched[1]);
    WRITE(dbgwcr0_el1, E | EL1 | STORES | WORD);
    isb();
    check_is("a store", CATCH_EC(store32((u64)&watched[1])), WATCHPOINT);
    check_is("says WnR", ISS(fault.esr) & 0x7f, 0x62);
    check_is("FAR", fault.far, (u64)&watched[1]);
    check_is("was not done", watched[1], 7);
    check_is("a load is free", CATCH_EC(load64((u64)&watched[1])), (u64)NONE);
    check_is("a store beside it is free", CATCH_EC(store32((u64)&watched[1] + 4)), (u64)NONE);
    WRITE(dbgwcr0_el1, E | EL1 | LOADS | 0x80 << 5);
    isb();
    check_is("the last byte: a load of all eight", CATCH_EC(load64((u64)&watched[1])), WATCHPOINT);
    check_is("of the first", CATCH_EC(load8((u64)&watched[1])), (u64)NONE);
    check_is("of the last", CATCH_EC(load8((u64)&watched[1] + 7)), WATCHPOINT);
    WRITE(dbgwcr0_el1, 0);
    isb();
    check_is("off", CATCH_EC(load64((u64)&watched[1])), (u64)NONE);
    stop();
}

static void step(void)
{
    WRITE(oslar_el1, 0);
    WRITE(mdscr_el1, SS);
    isb();
    check_is("one instruction of EL0", run_at(0, 0x3c0 | SPSR_SS, target, 0), STEP_LOWER);
    check_is("and no more", fault.elr, (u64)target + 4);
    check_is("SPSR.SS is clear", fault.spsr >> 21 & 1, 0);
    check_is("with SS clear none at all", run_at(0, 0x3c0, target, 0), STEP_LOWER);
    check_is("its address", fault.elr, (u64)target);
    WRITE(mdscr_el1, 0);
    isb();
}

const Subject subjects[] = { { "breakpoints", breakpoints }, { "watchpoints", watchpoints }, { "software step", step }, { NULL, NULL } };
