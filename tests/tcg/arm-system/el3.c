/*
 * EL3: both security states, calls, what SCR_EL3 routes and traps, returns to lower levels.
 *
 * DDI 0487, D1.3, D19.2.110 (SCR_EL3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { NS = 1, IRQ = 2, FIQ = 4, SMD = 1 << 7, HCE = 1 << 8, RW = 1 << 10, ST = 1 << 11, TWI = 1 << 12, APK = 1 << 16, API = 1 << 17, DAIF = 0x3c0 };

static void do_smc(u64 a) { __asm__ volatile("smc #77"); }
static void do_hvc(u64 a) { __asm__ volatile("hvc #1"); }
static void do_nothing(u64 a) { }
static void do_wfi(u64 a) { __asm__ volatile("wfi"); }
static void do_fp(u64 a) { __asm__ volatile("fmov d0, xzr"); }
static void read_secure_timer(u64 a) { (void)READ(S3_7_C14_C2_1); }
static void read_scr(u64 a) { (void)READ(scr_el3); }
static void do_undefined(u64 a) { __asm__ volatile(".inst 0"); }
static volatile u64 result;

static void set_scr(u64 bits)
{
    WRITE(hcr_el2, 1ull << 31);
    WRITE(scr_el3, RW | bits);
    isb();
}

static void calls(void)
{
    check_is("the program begins at EL3", READ(CurrentEL), 12);
    set_scr(NS);
    check_is("non-secure EL1", run_at(1, DAIF, do_nothing, 0), (u64)NONE);
    check_is("SMC from there", run_at(1, DAIF, do_smc, 0), 0x17);
    check_is("its number", ISS(fault.esr), 77);
    check_is("it is taken to EL3", fault.level, 3);
    check_is("EL2", run_at(2, DAIF, do_nothing, 0), (u64)NONE);
    set_scr(0);
    check_is("secure EL1", run_at(1, DAIF, do_nothing, 0), (u64)NONE);
    check_is("SMC from secure EL1", run_at(1, DAIF, do_smc, 0), 0x17);
    check_is("EL2 in the secure state without EEL2 is illegal", run_at(2, DAIF, do_nothing, 0), 0xe);
    set_scr(NS | SMD);
    result = 0;
    set_scr(NS);
}

static bool at_el1(Frame *f)
{
    if (current_el() == 3) {
        return false;
    }
    result = f->esr >> 26;
    f->elr += 4;
    return true;
}

static void traps(void)
{
    hook = at_el1;
    set_scr(NS);
    result = 99;
    run_at(1, DAIF, read_scr, 0);
    check_is("SCR_EL3 is undefined at EL1", result, 0);
    result = 99;
    run_at(1, DAIF, read_secure_timer, 0);
    check_is("the secure timer is undefined at non-secure EL1", result, 0);
    set_scr(0);
    check_is("secure EL1's access to its timer is trapped without ST", run_at(1, DAIF, read_secure_timer, 0), 0x18);
    set_scr(ST);
    check_is("with ST it is free", run_at(1, DAIF, read_secure_timer, 0), (u64)NONE);
    set_scr(NS | TWI);
    check_is("TWI traps WFI", run_at(1, DAIF, do_wfi, 0), 1);
    check_is("to EL3", fault.level, 3);
    set_scr(NS);
    WRITE(cptr_el3, 1 << 10);
    isb();
    check_is("CPTR_EL3.TFP traps EL1", run_at(1, DAIF, do_fp, 0), 7);
    check_is("and EL3 itself", CATCH_EC(do_fp(0)), 7);
    WRITE(cptr_el3, 0);
    isb();
    result = 99;
    run_at(1, DAIF, do_hvc, 0);
    check_is("HVC is undefined without HCE", result, 0);
    result = 99;
    run_at(1, DAIF, do_undefined, 0);
    check_is("EL1's undefined instructions stay there", result, 0);
    hook = NULL;
}

static void timers(void)
{
    WRITE(S3_7_C14_C2_2, 0);
    WRITE(S3_7_C14_C2_1, 3);
    check_is("the secure timer", READ(S3_7_C14_C2_1), 7);
    WRITE(S3_7_C14_C2_1, 0);
}

/* What EL2 and EL1 have of newer registers, each by a bit of SCR_EL3. */
static void read_random(u64 a) { (void)READ(S3_3_C2_C4_0); }
static void read_hfgrtr(u64 a) { (void)READ(S3_4_C1_C1_4); }
static void read_hcrx(u64 a) { (void)READ(S3_4_C1_C2_2); }
static void read_cntpoff(u64 a) { (void)READ(S3_4_C14_C0_6); }
static void read_tcr2(u64 a) { (void)READ(S3_4_C2_C0_3); }
static void read_sctlr2(u64 a) { (void)READ(S3_4_C1_C0_3); }
static void read_scxtnum(u64 a) { (void)READ(S3_4_C13_C0_7); }
static void read_pir(u64 a) { (void)READ(S3_4_C10_C2_3); }
static void read_mair2(u64 a) { (void)READ(S3_4_C10_C1_1); }
static void read_tpidr(u64 a) { (void)READ(tpidr_el1); }

static void enables(void)
{
    static const struct { const char *name; void (*read)(u64); unsigned bit; } rows[] = {
        { "SCXTNUM_EL2 without EnSCXT", read_scxtnum, 25 }, { "HFGRTR_EL2 without FGTEn", read_hfgrtr, 27 }, { "CNTPOFF_EL2 without ECVEn", read_cntpoff, 28 },
        { "HCRX_EL2 without HXEn", read_hcrx, 38 }, { "TCR2_EL2 without TCR2En", read_tcr2, 43 }, { "SCTLR2_EL2 without SCTLR2En", read_sctlr2, 44 },
        { "PIR_EL2 without PIEn", read_pir, 45 }, { "MAIR2_EL2 without AIEn", read_mair2, 46 },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        set_scr(NS);
        int without = run_at(2, DAIF, rows[i].read, 0);
        unsigned level = fault.level;
        set_scr(NS | 1ull << rows[i].bit);
        check(without == 0x18 && level == 3 && run_at(2, DAIF, rows[i].read, 0) == NONE, rows[i].name);
    }
    /* Without FGTEn the bits of EL2 do not count. */
    set_scr(NS | 1 << 27);
    WRITE(S3_4_C1_C1_4, 1ull << 33);
    hook = NULL;
    set_scr(NS);
    check_is("HFGRTR_EL2.TPIDR_EL1 does not count then", run_at(1, DAIF, read_tpidr, 0), (u64)NONE);
    WRITE(S3_4_C1_C1_4, 0);
    check_is("random numbers", run_at(1, DAIF, read_random, 0), (u64)NONE);
    set_scr(NS | 1ull << 40);
    check_is("trap with TRNDR", run_at(1, DAIF, read_random, 0), 0x18);
    check_is("to EL3", fault.level, 3);
    check_is("and at EL3 itself", CATCH_EC(read_random(0)), 0x18);
    set_scr(NS);
}

const Subject subjects[] = { { "calls", calls }, { "traps", traps }, { "enables", enables }, { "timers", timers }, { NULL, NULL } };
