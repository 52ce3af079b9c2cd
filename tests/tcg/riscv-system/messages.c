/*
 * Messages that arrive while a hart takes interrupts: what a CSR instruction reads and what it writes are of one moment, so none is lost. For "virt" with aia=aplic-imsic and
 * two harts: hart 1 looks into its file all the time, hart 0 sends.
 *
 * "The RISC-V Advanced Interrupt Architecture" 1.0, 3.8.1 (eip), 3.10 (mtopei: a write claims the interrupt that the same instruction reads).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { IMPORTANT = 1, OTHER = 5, CLEARED = 7, EIDELIVERY = 0x70, EIP0 = 0x80, EIE0 = 0xc0, MESSAGES = 500 };
#define FILE_OF(hart) (*(volatile uint32_t *)(0x24000000ul + (hart) * 0x1000ul))
#define SECOND_TICKS 10000000ul

static volatile unsigned taken[8];
static volatile bool ready, stop, stopped, clears;

static void take(void)
{
    unsigned identity = csr_swap(0x35c, 0) >> 16 & 0x7ff;
    if (identity < 8) {
        taken[identity]++;
    }
}

static void receiver(unsigned n)
{
    csr_write(0x350, EIDELIVERY);
    csr_write(0x351, 1);
    csr_write(0x350, EIE0);
    csr_write(0x351, 1 << IMPORTANT | 1 << OTHER);
    csr_write(0x350, EIP0);
    csr_write(0x351, 0);
    ready = true;
    while (!stop) {
        take();
        if (clears) {
            csr_clear(0x351, 1 << CLEARED);     /* eip0 as a whole is read, and written */
        }
    }
    stopped = true;
}

/* The next important one goes as soon as the last has been taken; others come all the time. Whether all were taken, or one not for too long. */
static void send(unsigned other)
{
    uint64_t late = read_time() + 30 * SECOND_TICKS;
    for (unsigned sent = 0; taken[IMPORTANT] < MESSAGES && read_time() < late;) {
        FILE_OF(1) = other;
        if (sent < MESSAGES && taken[IMPORTANT] == sent) {
            sent++;
            FILE_OF(1) = IMPORTANT;
            late = read_time() + 30 * SECOND_TICKS;
        }
    }
}

static void none_is_lost(unsigned other, bool with_clears)
{
    taken[IMPORTANT] = 0;
    ready = stop = stopped = false;
    clears = with_clears;
    start_hart(1, receiver);
    while (!ready) {
    }
    send(other);
    stop = true;
    while (!stopped) {
    }
    check_is("every message is taken", taken[IMPORTANT], MESSAGES);
}

static void claims(void) { none_is_lost(OTHER, false); }
static void changes_of_eip(void) { none_is_lost(CLEARED, true); }

const Subject subjects[] = { { "claims", claims }, { "changes of eip", changes_of_eip }, { NULL, NULL } };
