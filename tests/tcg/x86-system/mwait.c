/*
 * MONITOR and MWAIT: sleeping until a line is written to or an interrupt comes, and through what does not concern the line.
 *
 * Intel SDM volume 2, MONITOR, MWAIT; volume 3, 9.10.4.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

static uint8_t *page;
static volatile uint32_t *line;         /* what the other processor watches */
static volatile unsigned wakes, woken_with, stage, arrived;
static volatile unsigned nr_ipis;

static void monitor(volatile void *p) { __asm__ volatile("monitor" :: "a"(p), "c"(0), "d"(0) : "memory"); }
static void mwait(uint32_t extensions) { __asm__ volatile("mwait" :: "a"(0), "c"(extensions) : "memory"); }

static bool count_ipi(Frame *f)
{
    if (f->vector != 0x62) {
        return false;
    }
    nr_ipis++;
    APIC(0xb0) = 0;
    return true;
}

static uint64_t rdtsc(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return low | (uint64_t)high << 32;
}

static void wait_ms(unsigned ms)
{
    uint64_t end = rdtsc() + ms * 1000000ull;
    while (rdtsc() < end) {
        pause_a_little();
    }
}

static void wait_until(volatile unsigned *what, unsigned value)
{
    while (*what != value) {
        pause_a_little();
    }
}

/* Stage n: sleeps until *line is n, counting how often it wakes; IF is clear. Stage 5: with MWAIT's extension, that interrupts end it all the same. */
static void sleeper(unsigned number)
{
    for (unsigned n = number; n <= 6; n++) {
        wait_until(&stage, n);
        wakes = 0;
        arrived = n;
        while (monitor(line), *line != n) {
            mwait(n == 5);
            wakes++;
        }
        woken_with = *line;
        arrived = n + 10;
    }
    for (;;) {
        __asm__ volatile("hlt");
    }
}

static void begin_stage(unsigned n)
{
    stage = n;
    wait_until(&arrived, n);
    wait_ms(10);
}

static void two_processors(void)
{
    page = page_alloc(1);
    line = (volatile uint32_t *)(page + 0x400);
    hook = count_ipi;
    check(start_processors(1, sleeper), "another processor");
    begin_stage(1);
    /* Once all processors know of the line. */
    unsigned before = wakes;
    wait_ms(10);
    check_is("it sleeps", wakes, before);
    *line = 1;
    wait_until(&arrived, 11);
    check_is("a store wakes it", woken_with, 1);

    begin_stage(2);
    before = wakes;
    for (unsigned i = 0; i < 2000; i++) {
        *(volatile uint32_t *)(page + 0x3c0 + i % 16 * 4) = i;
        *(volatile uint32_t *)(page + 0x440 + i % 16 * 4) = i;
    }
    wait_ms(10);
    check_is("writes to its neighbours let it sleep", wakes, before);
    __asm__ volatile("lock xaddl %1, %0" : "+m"(*line) : "r"(1) : "memory");
    wait_until(&arrived, 12);
    check_is("a locked operation wakes it", woken_with, 2);

    begin_stage(3);
    uint32_t words[32];
    for (unsigned i = 0; i < 32; i++) {
        words[i] = 3;
    }
    void *to = page + 0x3c0, *from = words;
    unsigned long n = 32;
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(n) :: "memory");
    wait_until(&arrived, 13);
    check_is("a string that goes over the line does", woken_with, 3);

    begin_stage(4);
    for (unsigned i = 0; i < 10000; i++) {
        *(volatile uint32_t *)(page + 0x800) = i;
    }
    *(volatile uint8_t *)line = 4;
    wait_until(&arrived, 14);
    check_is("and a byte, after many stores beside it", woken_with, 4);

    begin_stage(5);
    before = wakes;
    send_ipi(1, 0x62);
    wait_ms(10);
    check(wakes > before, "an interrupt that is held off ends it when asked to: %u times awake, then %u", before, wakes);
    *line = 5;
    wait_until(&arrived, 15);
    begin_stage(6);
    before = wakes;
    send_ipi(1, 0x62);
    wait_ms(10);
    check_is("else it does not", wakes, before);
    *line = 6;
    wait_until(&arrived, 16);
    check_is("and nobody has taken it", nr_ipis, 0);
    hook = NULL;
}

static void faults(void)
{
    page = page_alloc(1);
    check_fault("MONITOR with hints that there are not", CATCH(__asm__ volatile("monitor" :: "a"(page), "c"(1), "d"(0))), GP, 0);
    check_fault("MWAIT with extensions that there are not", CATCH(mwait(2)), GP, 0);
    check_fault("MONITOR in ring 3", USER(monitor(page)), UD, 0);
    check_fault("MWAIT in ring 3", USER(mwait(0)), UD, 0);
    mwait(0);
    check(true, "MWAIT without MONITOR ends");
    monitor(page);
    page[3] = 1;
    mwait(0);
    check(true, "so does one behind a write of its own");
    monitor((void *)0xfee00000);
    mwait(0);
    check(true, "and one that watches a device");
}

const Subject subjects[] = { { "faults", faults }, { "two processors", two_processors }, { 0 } };
