/*
 * EL2: calls and traps from EL1, stage 2, virtual interrupts, the host extensions (names of EL1 at EL2, EL0 of a host).
 *
 * DDI 0487, D1.3, D8.2 (stage 2), D19.2.48 (HCR_EL2), D8.15.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define RW (1ull << 31)
enum { VM = 1, FMO = 1 << 3, IMO = 1 << 4, VI = 1 << 7, DC = 1 << 12, TWI = 1 << 13, TID3 = 1 << 18, TSC = 1 << 19, TTLB = 1 << 25, TVM = 1 << 26, TGE = 1 << 27, HCD = 1 << 29, TRVM = 1 << 30 };
#define E2H (1ull << 34)
enum { DAIF = 0x3c0 };

static void do_hvc(u64 a) { __asm__ volatile("hvc #5"); }
static void do_smc(u64 a) { __asm__ volatile("smc #9"); }
static void do_svc(u64 a) { __asm__ volatile("svc #3"); }
static void write_ttbr(u64 a) { WRITE(ttbr0_el1, 0); }
static void read_ttbr(u64 a) { (void)READ(ttbr0_el1); }
static void read_id(u64 a) { (void)READ(id_aa64mmfr0_el1); }
static void do_tlbi(u64 a) { __asm__ volatile("tlbi vmalle1"); }
static void do_wfi(u64 a) { __asm__ volatile("wfi"); }
static void do_nothing(u64 a) { }
static void do_fp(u64 a) { __asm__ volatile("fmov d0, xzr"); }
static volatile u64 result;
static void load(u64 a) { __asm__ volatile("ldr w7, [%0]" :: "r"(a) : "x7", "memory"); }
static void store(u64 a) { __asm__ volatile("str x9, [%0]" :: "r"(a) : "memory"); }
static void read_midr(u64 a) { result = READ(midr_el1); }
static void read_mpidr(u64 a) { result = READ(mpidr_el1); }

static void set_hcr(u64 bits)
{
    WRITE(hcr_el2, RW | bits);
    isb();
}

static int at_el1(void (*f)(u64), u64 a) { return run_at(1, DAIF, f, a); }

static void traps(void)
{
    set_hcr(0);
    check_is("EL1 runs and comes back by HVC", at_el1(do_nothing, 0), (u64)NONE);
    check_is("HVC", at_el1(do_hvc, 0), 0x16);
    check_is("its number", ISS(fault.esr), 5);
    check_is("by the vector of a lower level", fault.vector, 0x400);
    set_hcr(TSC);
    check_is("TSC traps SMC", at_el1(do_smc, 0), 0x17);
    check_is("it returns to SMC itself", *(uint32_t *)fault.elr, 0xd4000123);
    set_hcr(TVM);
    check_is("TVM traps writes", at_el1(write_ttbr, 0), 0x18);
    check_is("TVM lets reads through", at_el1(read_ttbr, 0), (u64)NONE);
    set_hcr(TRVM);
    check_is("TRVM traps reads", at_el1(read_ttbr, 0), 0x18);
    set_hcr(TID3);
    check_is("TID3 traps identification", at_el1(read_id, 0), 0x18);
    check_is("the register is told", ISS(fault.esr) & ~0x3e0u, 3u << 20 | 0 << 17 | 0 << 14 | 0 << 10 | 7 << 1 | 1);
    set_hcr(TTLB);
    check_is("TTLB traps TLBI", at_el1(do_tlbi, 0), 0x18);
    set_hcr(TWI);
    check_is("TWI traps WFI", at_el1(do_wfi, 0), 1);
    set_hcr(0);
    WRITE(cptr_el2, 0x33ff | 1 << 10);
    isb();
    check_is("TFP traps floating point", at_el1(do_fp, 0), 7);
    WRITE(cptr_el2, 0x33ff);
    WRITE(vpidr_el2, 0x12345678);
    WRITE(vmpidr_el2, 0x80000099);
    isb();
    at_el1(read_midr, 0);
    check_is("EL1 reads VPIDR_EL2", result, 0x12345678);
    at_el1(read_mpidr, 0);
    check_is("and VMPIDR_EL2", result, 0x80000099);
    WRITE(vmpidr_el2, READ(mpidr_el1));
    set_hcr(TGE);
    check_is("TGE sends EL0's SVC to EL2", run_at(0, DAIF, do_svc, 0), 0x15);
    check_is("its level", fault.level, 2);
    check_is("with TGE a return to EL1 is illegal", at_el1(do_nothing, 0), 0xe);
    set_hcr(0);
}

/* ---- stage 2: 4 KiB, 40 bits, level 1 first ---- */

static u64 *s2, *s2_level2, *s2_level3;
static uint8_t *page;
enum { S2_NORMAL = 0xf << 2, S2_R = 1 << 6, S2_W = 2 << 6, S2_AF = 1 << 10, S2_TABLE = 3, S2_BLOCK = 1 };
#define IPA 0x80200000ull

static void flush_guest(void) { __asm__ volatile("dsb ishst\n tlbi vmalls12e1is\n dsb ish\n isb" ::: "memory"); }

static void prepare(void)
{
    s2 = pages(8192);
    s2_level2 = pages(4096);
    s2_level3 = pages(4096);
    page = pages(4096);
    s2[0] = 0 | S2_NORMAL | S2_R | S2_W | S2_AF | S2_BLOCK;
    s2[1] = 0x40000000 | S2_NORMAL | S2_R | S2_W | S2_AF | S2_BLOCK;
    s2[2] = (u64)s2_level2 | S2_TABLE;
    s2_level2[1] = (u64)s2_level3 | S2_TABLE;
    WRITE(vtcr_el2, 24 | 1 << 6 | 1 << 8 | 1 << 10 | 3 << 12 | 2 << 16 | 1ull << 31);
    WRITE(vttbr_el2, (u64)s2 | 1ull << 48);
    set_hcr(VM);
    flush_guest();
}

#define FAULT(ec, code) ((unsigned)(ec) << 8 | (code))
static unsigned try_guest(void (*f)(u64), u64 a)
{
    int ec = at_el1(f, a);
    return ec == NONE ? 0 : FAULT(ec, ISS(fault.esr) & 0x7f);
}

static void stage2(void)
{
    prepare();
    check_is("the guest runs on stage 2", try_guest(do_nothing, 0), 0);
    check_is("nothing mapped: translation fault, level 3", try_guest(load, IPA + 0x10), FAULT(0x24, 0x07));
    check_is("the fault is EL2's", fault.level, 2);
    check_is("FAR is the address", fault.far, IPA + 0x10);
    check_is("HPFAR is the page", READ(hpfar_el2), IPA >> 12 << 4);
    check_is("the syndrome tells the load: ISV, SAS 2, SRT 7", ISS(fault.esr) >> 14, 1 << 10 | 2 << 8 | 7 << 2);
    check_is("a store: of 64 bits, register 9", (try_guest(store, IPA), ISS(fault.esr) >> 14), 1 << 10 | 3 << 8 | 9 << 2 | 2);
    check_is("and WnR", ISS(fault.esr) >> 6 & 1, 1);
    check_is("level 2", try_guest(load, IPA + 0x400000), FAULT(0x24, 0x06));
    check_is("level 1", try_guest(load, IPA + 0x80000000), FAULT(0x24, 0x05));
    s2_level3[0] = (u64)page | S2_NORMAL | S2_R | S2_AF | S2_TABLE;
    flush_guest();
    *(volatile u64 *)page = 5;
    check_is("a read-only page: load", try_guest(load, IPA), 0);
    check_is("store: permission fault", try_guest(store, IPA), FAULT(0x24, 0x0f | 0x40));
    s2_level3[0] = (u64)page | S2_NORMAL | S2_R | S2_W | S2_TABLE;
    flush_guest();
    check_is("AF clear: access flag fault", try_guest(load, IPA), FAULT(0x24, 0x0b));
    s2_level3[0] = (u64)page | S2_NORMAL | S2_R | S2_W | S2_AF | S2_TABLE;
    flush_guest();
    check_is("a page", try_guest(store, IPA), 0);
    s2_level3[0] = 0;
    __asm__ volatile("dsb ishst\n tlbi ipas2e1is, %0\n dsb ish\n tlbi vmalle1is\n dsb ish\n isb" :: "r"(IPA >> 12) : "memory");
    check_is("an invalidation by IPA", try_guest(load, IPA), FAULT(0x24, 0x07));
    __asm__ volatile("at s12e1r, %0\n isb" :: "r"(IPA) : "memory");
    check_is("AT S12E1R tells stage 2", READ(par_el1) & 0x3ff, 1 | 0x07 << 1 | 1 << 9);
    s2_level3[0] = (u64)page | S2_NORMAL | S2_R | S2_AF | S2_TABLE;
    flush_guest();
    __asm__ volatile("at s12e1r, %0\n isb" :: "r"(IPA) : "memory");
    check_is("AT S12E1R finds the page", READ(par_el1) & 0xfffffffff001ull, (u64)page);
    set_hcr(0);
}

/* ---- virtual interrupts ---- */

static volatile unsigned virtual_taken;
static bool count(Frame *f)
{
    if (current_el() == 1 && f->vector == 0x280) {
        virtual_taken++;
        f->spsr |= 0x80;
        return true;
    }
    return false;
}

static void unmask(u64 a) { __asm__ volatile("msr daifclr, #2\n isb\n nop\n nop\n nop\n msr daifset, #2"); }

static void virtual_interrupts(void)
{
    hook = count;
    set_hcr(IMO | VI);
    at_el1(unmask, 0);
    check_is("HCR_EL2.VI comes to EL1 when it unmasks", virtual_taken, 1);
    virtual_taken = 0;
    set_hcr(VI);
    at_el1(unmask, 0);
    check_is("not without IMO", virtual_taken, 0);
    set_hcr(IMO);
    at_el1(unmask, 0);
    check_is("nor without VI", virtual_taken, 0);
    hook = NULL;
    set_hcr(0);
}

/* ---- the host extensions ---- */

static void host(void)
{
    if ((READ(id_aa64mmfr1_el1) >> 8 & 15) == 0) {
        skip("the host extensions", "the processor has none");
        return;
    }
    WRITE(vbar_el1, 0x800);
    WRITE(afsr0_el1, 11);
    WRITE(afsr0_el2, 22);
    u64 cptr = READ(cptr_el2);
    set_hcr(E2H);
    WRITE(cptr_el2, 3 << 20);
    isb();
    check_is("AFSR0_EL1 is AFSR0_EL2", READ(afsr0_el1), 22);
    check_is("AFSR0_EL12 is EL1's", READ(S3_5_C5_C1_0), 11);
    WRITE(S3_5_C5_C1_0, 33);
    check_is("CPACR_EL1 is CPTR_EL2", READ(cpacr_el1), 3 << 20);
    WRITE(cpacr_el1, 0);
    isb();
    check_is("FPEN 0 traps EL2 itself", CATCH_EC(do_fp(0)), 7);
    WRITE(cpacr_el1, 3 << 20);
    isb();
    set_hcr(E2H | TGE);
    check_is("SVC of a host's EL0 goes to EL2", run_at(0, DAIF, do_svc, 0), 0x15);
    check_is("its level", fault.level, 2);
    WRITE(cpacr_el1, 1 << 20);
    isb();
    check_is("FPEN 1 traps the host's EL0", run_at(0, DAIF, do_fp, 0), 7);
    check_is("to EL2", fault.level, 2);
    WRITE(cpacr_el1, 3 << 20);
    set_hcr(0);
    WRITE(cptr_el2, cptr);
    isb();
    check_is("without E2H the names are EL1's again", READ(afsr0_el1), 33);
    check_is("and _EL12 is undefined", CATCH_EC((void)READ(S3_5_C5_C1_0)), 0);
    WRITE(vbar_el1, READ(vbar_el2));
}

static void offsets(void)
{
    WRITE(cntvoff_el2, 0);
    u64 physical = READ(cntpct_el0);
    WRITE(cntvoff_el2, 1ull << 40);
    u64 virtual = READ(cntvct_el0);
    check((int64_t)(virtual - physical + (1ull << 40)) >= 0 && virtual - physical + (1ull << 40) < 1ull << 36, "CNTVOFF_EL2 is taken off the virtual counter");
    WRITE(cntvoff_el2, 0);
    WRITE(cnthp_cval_el2, 0);
    WRITE(cnthp_ctl_el2, 3);
    check_is("the timer of EL2", READ(cnthp_ctl_el2), 7);
    WRITE(cnthp_ctl_el2, 0);
}

const Subject subjects[] = { { "traps", traps }, { "stage 2", stage2 }, { "virtual interrupts", virtual_interrupts }, { "host", host }, { "timers", offsets }, { NULL, NULL } };
