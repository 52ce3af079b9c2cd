/*
 * Machine checks: the registers, and what the monitor's command does to them. The lines "inject N" ask test-mce for it.
 *
 * Intel SDM volume 3, chapter 15.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { MCG_CAP = 0x179, MCG_STATUS, MCG_CTL, MC1_CTL = 0x404, MC1_STATUS, MC1_ADDR, MC1_MISC, MC5_STATUS = 0x415, CR4_MCE = 0x40 };
#define UNCORRECTED 0xb200000000000000ull
#define CORRECTED 0x9400000000000005ull
#define OVERFLOW (1ull << 62)

static volatile unsigned nr_checks[2];
static volatile uint64_t seen_status[2], seen_mcg[2];

static bool check_machine(Frame *f)
{
    unsigned n = APIC(0x20) >> 24;
    if (f->vector != MC) {
        return false;
    }
    seen_status[n] = read_msr(MC1_STATUS);
    seen_mcg[n] = read_msr(MCG_STATUS);
    write_msr(MC1_STATUS, 0);
    write_msr(MCG_STATUS, 0);
    nr_checks[n]++;
    return true;
}

static void wait_for(volatile unsigned *what, unsigned value)
{
    while (*what != value) {
        pause_a_little();
    }
}

static void inject(unsigned n)
{
    print("# inject %u\n", n);
}

static void registers(void)
{
    uint64_t cap = read_msr(MCG_CAP);
    check((cap & 0xff) == 10 && (cap & 0x100), "ten banks and MCG_CTL: 0x%llx", (unsigned long long)cap);
    check_is("MCG_CTL", read_msr(MCG_CTL), ~0ull);
    check_is("a bank's CTL", read_msr(MC1_CTL), ~0ull);
    check_fault("MCG_CAP is not written", CATCH(write_msr(MCG_CAP, cap)), GP, 0);
    check_fault("a bank's status is written with 0 alone", CATCH(write_msr(MC1_STATUS, 1)), GP, 0);
    check_fault("its address too", CATCH(write_msr(MC1_ADDR, 1)), GP, 0);
    check_is("CPUID has MCE and MCA", cpuid(1, 0).d & 0x4080, 0x4080);
}

static void corrected(void)
{
    inject(1);
    while (!read_msr(MC1_STATUS)) {
        pause_a_little();
    }
    check_is("the status is there", read_msr(MC1_STATUS), CORRECTED);
    check_is("the address", read_msr(MC1_ADDR), 0x12340);
    check_is("more", read_msr(MC1_MISC), 0x8c);
    check_is("nobody was interrupted", nr_checks[0], 0);
    inject(1);
    while (!(read_msr(MC1_STATUS) & OVERFLOW)) {
        pause_a_little();
    }
    check_is("a second one overflows", read_msr(MC1_STATUS), CORRECTED | OVERFLOW);
    write_msr(MC1_STATUS, 0);
    check_is("and it can be cleared", read_msr(MC1_STATUS), 0);
}

static void uncorrected(void)
{
    hook = check_machine;
    write_cr4(read_cr4() | CR4_MCE);
    inject(2);
    wait_for(&nr_checks[0], 1);
    check_is("#MC though IF is clear, and the status", seen_status[0], UNCORRECTED);
    check_is("RIPV and MCIP", seen_mcg[0], 5);
    write_msr(MC1_CTL, 0);
    inject(3);
    while (!read_msr(MC5_STATUS)) {
        pause_a_little();
    }
    check_is("a bank that is off says nothing", nr_checks[0], 1);
    write_msr(MC1_CTL, ~0ull);
    write_msr(MC5_STATUS, 0);
}

static void other(unsigned number)
{
    __asm__ volatile("cli");
    write_cr4(read_cr4() | CR4_MCE);
    nr_checks[number] = 100;
    for (;;) {
        __asm__ volatile("hlt");
    }
}

static void broadcast(void)
{
    hook = check_machine;
    check(start_processors(1, other), "another processor");
    wait_for(&nr_checks[1], 100);
    inject(4);
    wait_for(&nr_checks[0], 2);
    wait_for(&nr_checks[1], 101);
    check_is("it hears of what this one has", seen_status[1], 0xa000000000000000ull);
    check_is("with RIPV and MCIP", seen_mcg[1], 5);
    hook = NULL;
}

/* The machine is reset; nothing behind this is printed. */
static void within_another(void)
{
    write_msr(MCG_STATUS, 4);
    inject(5);
    for (;;) {
        __asm__ volatile("hlt");
    }
}

const Subject subjects[] = {
    { "registers", registers }, { "corrected", corrected }, { "uncorrected", uncorrected }, { "broadcast", broadcast }, { "within another", within_another }, { 0 },
};
