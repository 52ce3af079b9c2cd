/*
 * AArch32 at PL1, by a program of its own: exceptions and banked registers, short descriptors (sections, pages, domains, rights), fault status.
 *
 * DDI 0487, G1.12, G5.4 to G5.11, G8.2.38 (DFSR).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime32.h"

static void exceptions(void)
{
    check_is("an undefined instruction", TRY("udf #0"), UNDEFINED);
    check_is("Undefined mode", taken[3] & 0x1f, 0x1b);
    check_is("from Supervisor mode", taken[2] & 0x1f, 0x13);
    check_is("SVC", TRY("svc #1"), CALL);
    check_is("in Supervisor mode", taken[3] & 0x1f, 0x13);
    check_is("LR is the next instruction", *(uint32_t *)(taken[1] - 4), 0xef000001);
    check_is("BKPT", TRY("bkpt #2"), PREFETCH_ABORT);
    check_is("Abort mode", taken[3] & 0x1f, 0x17);
    check_is("LR is 4 behind it", *(uint32_t *)(taken[1] - 4), 0xe1200072);
    check_is("IFSR says a debug event", CP15(0, c5, c0, 1) & 0x40f, 2);
    check_is("User mode's registers are others", TRY("msr cpsr_c, #0xdf\n mov r4, sp\n ldr sp, =0x5678\n msr cpsr_c, #0xd3"), 0);
}

static uint32_t table[4096] __attribute__((aligned(16384))), second[256] __attribute__((aligned(1024))), page[1024] __attribute__((aligned(4096)));
enum { SECTION = 2, AP_FULL = 3 << 10, AP_PRIVILEGED = 1 << 10, READ_ONLY = 1 << 15, XN = 1 << 4, TABLE = 1, SMALL = 2, LARGE = 1 };
#define TEST 0x80300000u

static void flush(void)
{
    __asm__ volatile("dsb\n mcr p15, 0, %0, c8, c7, 0\n dsb\n isb" :: "r"(0) : "memory");
}

static unsigned load(void) { return TRY("ldr r2, [%[a]]", [a] "r"(TEST)); }
static unsigned store(void) { return TRY("str r2, [%[a]]", [a] "r"(TEST)); }
static unsigned load_user(void) { return TRY("ldrt r2, [%[a]]", [a] "r"(TEST)); }
static unsigned jump(void) { return TRY("adr lr, 9f\n bx %[a]", [a] "r"(TEST)); }
static uint32_t data_status(void) { return CP15(0, c5, c0, 0) & 0xcff; }

static void translation(void)
{
    for (unsigned i = 0; i < 4096; i++) {
        table[i] = i < 0x600 ? i << 20 | SECTION | AP_FULL : 0;
    }
    page[0] = 0xe12fff1e;       /* BX lr */
    SET15(0, c2, c0, 2, 0);
    SET15(0, c2, c0, 0, (uint32_t)table);
    SET15(0, c3, c0, 0, 1);     /* domain 0 is a client's */
    flush();
    SET15(0, c1, c0, 0, CP15(0, c1, c0, 0) | 1);
    __asm__ volatile("isb");
    check_is("the program runs one to one", page[0], 0xe12fff1e);
    check_is("no section: data abort", load(), DATA_ABORT);
    check_is("DFSR: translation fault, section", data_status(), 0x5);
    check_is("DFAR", CP15(0, c6, c0, 0), TEST);
    check_is("LR is 8 behind it", *(uint32_t *)(taken[1] - 8) & 0xfff00000, 0xe5900000 & 0xfff00000);
    check_is("a store says so", store(), DATA_ABORT);
    check_is("DFSR.WnR", data_status(), 0x805);
    check_is("a jump: prefetch abort", jump(), PREFETCH_ABORT);
    check_is("IFSR", CP15(0, c5, c0, 1) & 0x40f, 0x5);
    check_is("IFAR", CP15(0, c6, c0, 2), TEST);
    uint32_t section = ((uint32_t)page & 0xfff00000) | SECTION;
    table[TEST >> 20] = section | AP_FULL | 1 << 5;
    flush();
    check_is("domain 1 has no access", load(), DATA_ABORT);
    check_is("DFSR: domain fault, section, domain 1", data_status(), 0x19);
    SET15(0, c3, c0, 0, 1 | 3 << 2);
    __asm__ volatile("isb");
    table[TEST >> 20] = section | 1 << 5;
    flush();
    check_is("a manager's domain asks for no rights", load(), 0);
    table[TEST >> 20] = section | AP_PRIVILEGED;
    flush();
    check_is("AP 1: privileged", store(), 0);
    check_is("AP 1: not User", load_user(), DATA_ABORT);
    check_is("DFSR: permission fault, section", data_status(), 0xd);
    table[TEST >> 20] = section | AP_PRIVILEGED | READ_ONLY;
    flush();
    check_is("AP 5: read-only", store(), DATA_ABORT);
    check_is("loads are let through", load(), 0);
    table[TEST >> 20] = (uint32_t)second | TABLE;
    second[0] = 0;
    flush();
    check_is("no page", load(), DATA_ABORT);
    check_is("DFSR: translation fault, page", data_status(), 0x7);
    second[0] = (uint32_t)page | SMALL | 3 << 4;
    flush();
    check_is("a small page", load(), 0);
    check_is("can be run", jump(), 0);
    second[0] |= 1;
    flush();
    check_is("XN: not", jump(), PREFETCH_ABORT);
    check_is("IFSR: permission fault, page", CP15(0, c5, c0, 1) & 0x40f, 0xf);
    SET15(0, c7, c8, 0, TEST + 0x123);
    __asm__ volatile("isb");
    check_is("ATS1CPR", CP15(0, c7, c4, 0) & 0xfffff001, (uint32_t)page);
    SET15(0, c1, c0, 0, CP15(0, c1, c0, 0) & ~1u);
    __asm__ volatile("isb");
}

void run_tests(void)
{
    exceptions();
    translation();
}
