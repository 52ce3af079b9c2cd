/*
 * What EL2 sees of a guest by newer means: fine-grained traps (FEAT_FGT), HCRX_EL2, virtual errors (FEAT_RAS), interrupts that PSTATE.ALLINT masks (FEAT_NMI), the
 * physical counter's offset (FEAT_ECV), names of the implementation (FEAT_TIDCP1).
 *
 * DDI 0487, D19.2 (HFGRTR_EL2, HFGWTR_EL2, HFGITR_EL2, HDFGRTR_EL2, HDFGWTR_EL2, HCRX_EL2, VSESR_EL2, VDISR_EL2), D1.3.6, D11.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { DAIF = 0x3c0, A = 0x100, I = 0x80, AMO = 1 << 5, IMO = 1 << 4, VI = 1 << 7, VSE = 1 << 8 };
#define BIT(n) (1ull << (n))
#define RW BIT(31)
#define TIDCP BIT(20)
#define GUEST (RW | BIT(40) | BIT(41) | BIT(53))        /* pointer authentication, SCXTNUM */
#define HFGRTR S3_4_C1_C1_4
#define HFGWTR S3_4_C1_C1_5
#define HFGITR S3_4_C1_C1_6
#define HDFGRTR S3_4_C3_C1_4
#define HDFGWTR S3_4_C3_C1_5
#define HCRX S3_4_C1_C2_2
#define ALLINT S3_0_C4_C3_0
/* By these names. */
#define GET(register) READ(register)
#define PUT(register, value) WRITE(register, value)

/* ---- one instruction at EL1 ---- */

static uint32_t code[4] __attribute__((aligned(64)));
static uint8_t target[256] __attribute__((aligned(256)));

static void call(u64 value) { ((u64 (*)(u64))code)(value); }

/* What EL1 gets is noted and left behind; the end of a function at EL0 goes on to EL2. */
static volatile int class_at_el1;
static bool (*next_hook)(Frame *frame);
static bool pass_on(Frame *f)
{
    enum { CALL_OF_RUNTIME = 0xfff };
    if (current_el() != 1 || (next_hook && next_hook(f))) {
        return current_el() == 1;
    }
    if (EC(f->esr) == 0x15 && (f->esr & 0xffff) == CALL_OF_RUNTIME) {
        __asm__ volatile("hvc #0xfff");
    }
    class_at_el1 = EC(f->esr);
    f->elr += EC(f->esr) == 0x15 ? 0 : 4;
    return true;
}

/* The class of what the function raised, by either level. */
static int at(unsigned level, void (*function)(u64), u64 argument)
{
    class_at_el1 = NONE;
    int ec = run_at(level, DAIF, function, argument);
    return ec == NONE ? class_at_el1 : ec;
}

static unsigned level_of(unsigned level, void (*function)(u64), u64 argument)
{
    int ec = at(level, function, argument);
    return ec == NONE ? 0 : class_at_el1 == NONE ? 2 : 1;
}

static int run(uint32_t first, uint32_t second, u64 value)
{
    code[0] = first;
    code[1] = second;
    code[2] = 0xd65f03c0;
    __asm__ volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb" :: "r"(code) : "memory");
    return at(1, call, value);
}

enum { NOP = 0xd503201f, MRS = 0xd5200000, MSR = 0xd5000000 };
enum { R = 1, W = 2, S = 4 };       /* it is read, written; a SYS instruction */

typedef struct Row { const char *name; uint8_t op0, op1, crn, crm, op2, how, debug, bit; } Row;
static const Row rows[] = {
    { "AFSR0_EL1", 3, 0, 5, 1, 0, R | W, 0, 0 }, { "AFSR1_EL1", 3, 0, 5, 1, 1, R | W, 0, 1 }, { "AIDR_EL1", 3, 1, 0, 0, 7, R, 0, 2 }, { "AMAIR_EL1", 3, 0, 10, 3, 0, R | W, 0, 3 },
    { "APDAKeyLo_EL1", 3, 0, 2, 2, 0, R | W, 0, 4 }, { "APDBKeyHi_EL1", 3, 0, 2, 2, 3, R | W, 0, 5 }, { "APGAKeyLo_EL1", 3, 0, 2, 3, 0, R | W, 0, 6 },
    { "APIAKeyHi_EL1", 3, 0, 2, 1, 1, R | W, 0, 7 }, { "APIBKeyLo_EL1", 3, 0, 2, 1, 2, R | W, 0, 8 }, { "CCSIDR_EL1", 3, 1, 0, 0, 0, R, 0, 9 }, { "CLIDR_EL1", 3, 1, 0, 0, 1, R, 0, 10 },
    { "CONTEXTIDR_EL1", 3, 0, 13, 0, 1, R | W, 0, 11 }, { "CPACR_EL1", 3, 0, 1, 0, 2, R | W, 0, 12 }, { "CSSELR_EL1", 3, 2, 0, 0, 0, R | W, 0, 13 }, { "CTR_EL0", 3, 3, 0, 0, 1, R, 0, 14 },
    { "DCZID_EL0", 3, 3, 0, 0, 7, R, 0, 15 }, { "ESR_EL1", 3, 0, 5, 2, 0, R | W, 0, 16 }, { "FAR_EL1", 3, 0, 6, 0, 0, R | W, 0, 17 }, { "ISR_EL1", 3, 0, 12, 1, 0, R, 0, 18 },
    { "LORC_EL1", 3, 0, 10, 4, 3, R | W, 0, 19 }, { "LOREA_EL1", 3, 0, 10, 4, 1, R | W, 0, 20 }, { "LORID_EL1", 3, 0, 10, 4, 7, R, 0, 21 }, { "LORN_EL1", 3, 0, 10, 4, 2, R | W, 0, 22 },
    { "LORSA_EL1", 3, 0, 10, 4, 0, R | W, 0, 23 }, { "MAIR_EL1", 3, 0, 10, 2, 0, R | W, 0, 24 }, { "MIDR_EL1", 3, 0, 0, 0, 0, R, 0, 25 }, { "MPIDR_EL1", 3, 0, 0, 0, 5, R, 0, 26 },
    { "PAR_EL1", 3, 0, 7, 4, 0, R | W, 0, 27 }, { "REVIDR_EL1", 3, 0, 0, 0, 6, R, 0, 28 }, { "SCTLR_EL1", 3, 0, 1, 0, 0, R | W, 0, 29 }, { "SCXTNUM_EL1", 3, 0, 13, 0, 7, R | W, 0, 30 },
    { "SCXTNUM_EL0", 3, 3, 13, 0, 7, R | W, 0, 31 }, { "TCR_EL1", 3, 0, 2, 0, 2, R | W, 0, 32 }, { "TPIDR_EL1", 3, 0, 13, 0, 4, R | W, 0, 33 }, { "TPIDRRO_EL0", 3, 3, 13, 0, 3, R | W, 0, 34 },
    { "TPIDR_EL0", 3, 3, 13, 0, 2, R | W, 0, 35 }, { "TTBR0_EL1", 3, 0, 2, 0, 0, R | W, 0, 36 }, { "TTBR1_EL1", 3, 0, 2, 0, 1, R | W, 0, 37 }, { "VBAR_EL1", 3, 0, 12, 0, 0, R | W, 0, 38 },
    { "ERRIDR_EL1", 3, 0, 5, 3, 0, R, 0, 40 },
    { "DBGBCR0_EL1", 2, 0, 0, 0, 5, R | W, 1, 0 }, { "DBGBVR1_EL1", 2, 0, 0, 1, 4, R | W, 1, 1 }, { "DBGWCR0_EL1", 2, 0, 0, 0, 7, R | W, 1, 2 }, { "DBGWVR2_EL1", 2, 0, 0, 2, 6, R | W, 1, 3 },
    { "MDSCR_EL1", 2, 0, 0, 2, 2, R | W, 1, 4 }, { "DBGCLAIMSET_EL1", 2, 0, 7, 8, 6, R | W, 1, 5 }, { "DBGCLAIMCLR_EL1", 2, 0, 7, 9, 6, R | W, 1, 5 }, { "DBGPRCR_EL1", 2, 0, 1, 4, 4, R | W, 1, 7 },
    { "OSLAR_EL1", 2, 0, 1, 0, 4, W, 1, 8 }, { "OSLSR_EL1", 2, 0, 1, 1, 4, R, 1, 9 }, { "OSECCR_EL1", 2, 0, 0, 6, 2, R | W, 1, 10 }, { "OSDLR_EL1", 2, 0, 1, 3, 4, R | W, 1, 11 },
    { "PMEVCNTR1_EL0", 3, 3, 14, 8, 1, R | W, 1, 12 }, { "PMXEVCNTR_EL0", 3, 3, 9, 13, 2, R | W, 1, 12 }, { "PMEVTYPER2_EL0", 3, 3, 14, 12, 2, R | W, 1, 13 },
    { "PMXEVTYPER_EL0", 3, 3, 9, 13, 1, R | W, 1, 13 }, { "PMCCFILTR_EL0", 3, 3, 14, 15, 7, R | W, 1, 14 }, { "PMCCNTR_EL0", 3, 3, 9, 13, 0, R | W, 1, 15 },
    { "PMCNTENSET_EL0", 3, 3, 9, 12, 1, R | W, 1, 16 }, { "PMINTENCLR_EL1", 3, 0, 9, 14, 2, R | W, 1, 17 }, { "PMOVSCLR_EL0", 3, 3, 9, 12, 3, R | W, 1, 18 },
    { "PMOVSSET_EL0", 3, 3, 9, 14, 3, R | W, 1, 18 }, { "PMSELR_EL0", 3, 3, 9, 12, 5, R | W, 1, 19 }, { "PMSWINC_EL0", 3, 3, 9, 12, 4, W, 1, 20 }, { "PMCR_EL0", 3, 3, 9, 12, 0, W, 1, 21 },
    { "PMMIR_EL1", 3, 0, 9, 14, 6, R, 1, 22 }, { "PMUSERENR_EL0", 3, 3, 9, 14, 0, R | W, 1, 57 }, { "PMCEID1_EL0", 3, 3, 9, 12, 7, R, 1, 58 },
    { "IC IALLUIS", 1, 0, 7, 1, 0, S, 0, 0 }, { "IC IALLU", 1, 0, 7, 5, 0, S, 0, 1 }, { "IC IVAU", 1, 3, 7, 5, 1, S, 0, 2 }, { "DC IVAC", 1, 0, 7, 6, 1, S, 0, 3 }, { "DC ISW", 1, 0, 7, 6, 2, S, 0, 4 },
    { "DC CSW", 1, 0, 7, 10, 2, S, 0, 5 }, { "DC CISW", 1, 0, 7, 14, 2, S, 0, 6 }, { "DC CVAU", 1, 3, 7, 11, 1, S, 0, 7 }, { "DC CVAP", 1, 3, 7, 12, 1, S, 0, 8 }, { "DC CVADP", 1, 3, 7, 13, 1, S, 0, 9 },
    { "DC CIVAC", 1, 3, 7, 14, 1, S, 0, 10 }, { "DC ZVA", 1, 3, 7, 4, 1, S, 0, 11 }, { "AT S1E1R", 1, 0, 7, 8, 0, S, 0, 12 }, { "AT S1E1W", 1, 0, 7, 8, 1, S, 0, 13 },
    { "AT S1E0R", 1, 0, 7, 8, 2, S, 0, 14 }, { "AT S1E0W", 1, 0, 7, 8, 3, S, 0, 15 }, { "AT S1E1RP", 1, 0, 7, 9, 0, S, 0, 16 }, { "AT S1E1WP", 1, 0, 7, 9, 1, S, 0, 17 },
    { "TLBI VMALLE1OS", 1, 0, 8, 1, 0, S, 0, 18 }, { "TLBI VAE1OS", 1, 0, 8, 1, 1, S, 0, 19 }, { "TLBI ASIDE1OS", 1, 0, 8, 1, 2, S, 0, 20 }, { "TLBI VAAE1OS", 1, 0, 8, 1, 3, S, 0, 21 },
    { "TLBI VALE1OS", 1, 0, 8, 1, 5, S, 0, 22 }, { "TLBI VAALE1OS", 1, 0, 8, 1, 7, S, 0, 23 }, { "TLBI RVAE1OS", 1, 0, 8, 5, 1, S, 0, 24 }, { "TLBI RVAAE1OS", 1, 0, 8, 5, 3, S, 0, 25 },
    { "TLBI RVALE1OS", 1, 0, 8, 5, 5, S, 0, 26 }, { "TLBI RVAALE1OS", 1, 0, 8, 5, 7, S, 0, 27 }, { "TLBI VMALLE1IS", 1, 0, 8, 3, 0, S, 0, 28 }, { "TLBI VAE1IS", 1, 0, 8, 3, 1, S, 0, 29 },
    { "TLBI ASIDE1IS", 1, 0, 8, 3, 2, S, 0, 30 }, { "TLBI VAAE1IS", 1, 0, 8, 3, 3, S, 0, 31 }, { "TLBI VALE1IS", 1, 0, 8, 3, 5, S, 0, 32 }, { "TLBI VAALE1IS", 1, 0, 8, 3, 7, S, 0, 33 },
    { "TLBI RVAE1IS", 1, 0, 8, 2, 1, S, 0, 34 }, { "TLBI RVAAE1IS", 1, 0, 8, 2, 3, S, 0, 35 }, { "TLBI RVALE1IS", 1, 0, 8, 2, 5, S, 0, 36 }, { "TLBI RVAALE1IS", 1, 0, 8, 2, 7, S, 0, 37 },
    { "TLBI RVAE1", 1, 0, 8, 6, 1, S, 0, 38 }, { "TLBI RVAAE1", 1, 0, 8, 6, 3, S, 0, 39 }, { "TLBI RVALE1", 1, 0, 8, 6, 5, S, 0, 40 }, { "TLBI RVAALE1", 1, 0, 8, 6, 7, S, 0, 41 },
    { "TLBI VMALLE1", 1, 0, 8, 7, 0, S, 0, 42 }, { "TLBI VAE1", 1, 0, 8, 7, 1, S, 0, 43 }, { "TLBI ASIDE1", 1, 0, 8, 7, 2, S, 0, 44 }, { "TLBI VAAE1", 1, 0, 8, 7, 3, S, 0, 45 },
    { "TLBI VALE1", 1, 0, 8, 7, 5, S, 0, 46 }, { "TLBI VAALE1", 1, 0, 8, 7, 7, S, 0, 47 }, { "TLBI VAE1NXS", 1, 0, 9, 7, 1, S, 0, 43 }, { "CFP RCTX", 1, 3, 7, 3, 4, S, 0, 48 },
    { "DVP RCTX", 1, 3, 7, 3, 5, S, 0, 49 }, { "CPP RCTX", 1, 3, 7, 3, 7, S, 0, 50 }, { "DC CVAC", 1, 3, 7, 10, 1, S, 0, 54 },
};

static void set_traps(const Row *r, bool write, u64 bits)
{
    PUT(HFGRTR, r->how != S && !write && !r->debug ? bits : 0);
    PUT(HFGWTR, r->how != S && write && !r->debug ? bits : 0);
    PUT(HDFGRTR, !write && r->debug ? bits : 0);
    PUT(HDFGWTR, write && r->debug ? bits : 0);
    PUT(HFGITR, r->how == S ? bits : 0);
    isb();
}

/* Of a write what was read comes back, so that nothing changes. */
static int attempt(const Row *r, bool write)
{
    uint32_t name = (uint32_t)r->op0 << 19 | r->op1 << 16 | r->crn << 12 | r->crm << 8 | r->op2 << 5;
    bool first_reads = write && (r->how & R);
    return run(first_reads ? MRS | name : NOP, write || r->how == S ? MSR | name : MRS | name, r->how == S && r->crn == 7 && r->crm != 3 && !(r->op1 == 0 && r->op2 == 2) ? (u64)target : 0);
}

/* The ISS of EC 0x18 of the instruction with X0. */
static unsigned iss_of(const Row *r, bool write)
{
    return (unsigned)r->op0 << 20 | r->op2 << 17 | r->op1 << 14 | (unsigned)r->crn << 10 | (unsigned)r->crm << 1 | (r->how != S && !write);
}

static void try_row(const Row *r, bool write)
{
    set_traps(r, write, 0);
    int plain = attempt(r, write);
    set_traps(r, write, BIT(r->bit));
    int trapped = attempt(r, write);
    unsigned iss = ISS(fault.esr), level = fault.level;
    /* The bits that let through when they are 1 stay clear: nobody asks for what they are for. */
    set_traps(r, write, ~BIT(r->bit) & (r->debug ? 0x07ffffffffffffffull : r->how == S ? 0x607fffffffffffffull : 0x0003ffffffffffffull));
    int others = attempt(r, write);
    if (plain != NONE || trapped != 0x18 || level != 2 || iss != iss_of(r, write) || others != NONE) {
        print("# %s %s: without %d, trapped %d at EL%u ISS %x (%x), by others %d\n", r->name, write ? "write" : "read", plain, trapped, level, iss, iss_of(r, write), others);
    }
    check(plain == NONE && trapped == 0x18 && level == 2 && iss == iss_of(r, write) && others == NONE, r->name);
}

static void clear(void)
{
    set_traps(&rows[0], false, 0);
    WRITE(hcr_el2, GUEST);
    WRITE(vbar_el1, READ(vbar_el2));
    hook = pass_on;
    next_hook = NULL;
    isb();
}

static void fine(void)
{
    clear();
    WRITE(mdcr_el2, READ(mdcr_el2) | 6);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].how & (R | S)) {
            try_row(&rows[i], false);
        }
        if (rows[i].how & W) {
            try_row(&rows[i], true);
        }
    }
    clear();
}

static void do_svc(u64 a) { __asm__ volatile("svc #3"); }
static void do_eret(u64 a) { WRITE(elr_el1, a); WRITE(spsr_el1, DAIF | 5); __asm__ volatile("eret\n 1: nop" ::: "memory"); }
static void do_eretaa(u64 a) { WRITE(elr_el1, a); WRITE(spsr_el1, DAIF | 5); __asm__ volatile("eretaa" ::: "memory"); }
static void read_tpidr(u64 a) { (void)READ(tpidr_el0); }
static void read_pir(u64 a) { (void)READ(S3_0_C10_C2_3); }
static void read_pire0(u64 a) { (void)READ(S3_0_C10_C2_2); }
static void read_mair2(u64 a) { (void)READ(S3_0_C10_C2_1); }
static void read_amair2(u64 a) { (void)READ(S3_0_C10_C3_1); }
static void zero_block(u64 a) { __asm__ volatile("dc zva, %0" :: "r"(a) : "memory"); }

static void instructions(void)
{
    clear();
    PUT(HFGITR, BIT(53));
    check_is("SVC_EL1", at(1, do_svc, 0), 0x15);
    check_is("is EL2's", fault.level, 2);
    check_is("and returns to SVC itself", *(uint32_t *)fault.elr, 0xd4000061);
    check_is("EL0's is EL1's", level_of(0, do_svc, 0), 1);
    PUT(HFGITR, BIT(52));
    check_is("SVC_EL0", level_of(0, do_svc, 0), 2);
    check_is("EL1's is EL1's", level_of(1, do_svc, 0), 1);
    PUT(HFGITR, BIT(51));
    check_is("ERET", at(1, do_eret, (u64)do_svc), 0x1a);
    check_is("its syndrome", ISS(fault.esr), 0);
    check_is("ERETAA", at(1, do_eretaa, (u64)do_svc), 0x1a);
    check_is("its syndrome", ISS(fault.esr), 2);
    PUT(HFGITR, BIT(11));
    WRITE(sctlr_el1, READ(sctlr_el1) & ~BIT(14));
    check_is("DC ZVA that EL0 may not is EL1's", level_of(0, zero_block, (u64)target), 1);
    WRITE(sctlr_el1, READ(sctlr_el1) | BIT(14));
    check_is("else EL2's", level_of(0, zero_block, (u64)target), 2);
    PUT(HFGITR, 0);
    PUT(HFGRTR, BIT(35));
    check_is("TPIDR_EL0 of EL0", at(0, read_tpidr, 0), 0x18);
    check_is("is EL2's", fault.level, 2);
    static const struct { const char *name; void (*read)(u64); unsigned bit; } let_through[] = {
        { "nPIRE0_EL1", read_pire0, 57 }, { "nPIR_EL1", read_pir, 58 }, { "nMAIR2_EL1", read_mair2, 62 }, { "nAMAIR2_EL1", read_amair2, 63 } };
    for (unsigned i = 0; i < ARRAY_SIZE(let_through); i++) {
        PUT(HFGRTR, ~BIT(let_through[i].bit) & (BIT(63) | BIT(62) | BIT(58) | BIT(57)));
        int trapped = at(1, let_through[i].read, 0);
        PUT(HFGRTR, BIT(let_through[i].bit));
        check(trapped == 0x18 && at(1, let_through[i].read, 0) == NONE, let_through[i].name);
    }
    PUT(HFGRTR, BIT(35));
    check_is("EL2 itself is not trapped", CATCH_EC(read_tpidr(0)), (u64)NONE);
    WRITE(hcr_el2, RW | BIT(34) | BIT(27));
    isb();
    check_is("nor is the EL0 of a host", at(0, read_tpidr, 0), (u64)NONE);
    clear();
}

/* ---- HCRX_EL2 and SCTLR2, TCR2 ---- */

static void read_tcr2(u64 a) { (void)READ(S3_0_C2_C0_3); }
static void read_sctlr2(u64 a) { (void)READ(S3_0_C1_C0_3); }
static void write_allint(u64 a) { PUT(ALLINT, 0); }
static void set_allint(u64 a) { __asm__ volatile(".inst 0xd501411f"); }     /* msr allint, #1 */
static void clear_allint(u64 a) { __asm__ volatile(".inst 0xd501401f"); }
static void read_allint(u64 a) { (void)GET(ALLINT); }
static void own_name(u64 a) { (void)READ(S3_1_C15_C5_5); }

static void extended(void)
{
    clear();
    PUT(HCRX, ~0ull);
    check_is("HCRX_EL2 has the bits of what is there", GET(HCRX) & 0xffff, 0xcfd8);
    PUT(HCRX, 0);
    isb();
    check_is("TCR2_EL1 traps without TCR2En", at(1, read_tcr2, 0), 0x18);
    check_is("SCTLR2_EL1 traps without SCTLR2En", at(1, read_sctlr2, 0), 0x18);
    PUT(HCRX, BIT(14));
    isb();
    check_is("TCR2En", at(1, read_tcr2, 0), (u64)NONE);
    PUT(HCRX, BIT(15));
    isb();
    check_is("SCTLR2En", at(1, read_sctlr2, 0), (u64)NONE);
    PUT(HCRX, 0);
    isb();
    check_is("ALLINT may be written", at(1, write_allint, 0), (u64)NONE);
    check_is("and set", at(1, set_allint, 0), (u64)NONE);
    PUT(HCRX, BIT(6));
    isb();
    check_is("TALLINT traps the register", at(1, write_allint, 0), 0x18);
    check_is("and that it is set", at(1, set_allint, 0), 0x18);
    check_is("not that it is cleared", at(1, clear_allint, 0), (u64)NONE);
    check_is("nor read", at(1, read_allint, 0), (u64)NONE);
    PUT(HCRX, 0);
    check_is("a name of the implementation is undefined at EL0", at(0, own_name, 0), 0);
    WRITE(sctlr_el1, READ(sctlr_el1) | BIT(63));
    check_is("SCTLR_EL1.TIDCP traps it", at(0, own_name, 0), 0x18);
    check_is("to EL1", class_at_el1, 0x18);
    WRITE(sctlr_el1, READ(sctlr_el1) & ~BIT(63));
    WRITE(hcr_el2, GUEST | TIDCP);
    isb();
    check_is("HCR_EL2.TIDCP traps EL1's", at(1, own_name, 0), 0x18);
    check_is("to EL2", fault.level, 2);
    clear();
}

/* ---- virtual interrupts and errors ---- */

static volatile unsigned taken;
static volatile u64 taken_esr, taken_vector;
static bool count(Frame *f)
{
    if (current_el() == 1 && (f->vector == 0x280 || f->vector == 0x380)) {
        taken++;
        taken_vector = f->vector;
        taken_esr = f->esr;
        f->spsr |= f->vector == 0x280 ? I | BIT(13) : A;
        return true;
    }
    return false;
}

static void unmask(u64 a) { __asm__ volatile("msr daifclr, #6\n isb\n nop\n nop\n nop\n msr daifset, #6"); }
static void unmask_after_esb(u64 a) { __asm__ volatile("esb\n msr daifclr, #6\n isb\n nop\n nop\n msr daifset, #6"); }
static volatile u64 result;
static void read_disr(u64 a) { result = READ(disr_el1); }
static void write_disr(u64 a) { WRITE(disr_el1, 0x55); }

static void errors(void)
{
    clear();
    next_hook = count;
    WRITE(vsesr_el2, 0x1abcdef);
    WRITE(S3_4_C12_C1_1, 0);
    WRITE(disr_el1, 0);
    WRITE(hcr_el2, GUEST | AMO | VSE);
    isb();
    taken = 0;
    at(1, unmask, 0);
    check_is("HCR_EL2.VSE comes to EL1 when it unmasks", taken, 1);
    check_is("as an error", taken_vector, 0x380);
    check_is("with VSESR_EL2 as its syndrome", taken_esr, 0xbf000000 | 0xabcdef);
    check_is("VSE is done with", READ(hcr_el2) & VSE, 0);
    WRITE(hcr_el2, GUEST | AMO | VSE);
    isb();
    taken = 0;
    at(1, unmask_after_esb, 0);
    check_is("ESB defers it", taken, 0);
    check_is("VSE is done with", READ(hcr_el2) & VSE, 0);
    check_is("VDISR_EL2 tells", READ(S3_4_C12_C1_1), 0x80000000 | 0x1abcdef);
    at(1, read_disr, 0);
    check_is("and is DISR_EL1 to the guest", result, 0x80000000 | 0x1abcdef);
    at(1, write_disr, 0);
    check_is("who writes it", READ(S3_4_C12_C1_1), 0x55);
    check_is("DISR_EL1 is another", READ(disr_el1), 0);
    WRITE(hcr_el2, GUEST);
    isb();
    check_is("ERRIDR_EL1 has no records", READ(erridr_el1), 0);
    clear();
}

/* ---- FEAT_NMI ---- */

static void unmask_with_allint(u64 a) { __asm__ volatile(".inst 0xd501411f\n msr daifclr, #2\n isb\n nop\n nop\n msr daifset, #2\n .inst 0xd501401f"); }
static void clear_allint_alone(u64 a) { __asm__ volatile(".inst 0xd501401f\n isb\n nop\n nop\n nop"); }
static void read_isr(u64 a) { result = READ(isr_el1); }
static volatile u64 seen_allint;
static bool look(Frame *f)
{
    if (current_el() == 1 && f->vector == 0x200 && EC(f->esr) == 0x15 && (f->esr & 0xffff) == 3) {
        seen_allint = GET(ALLINT);
        f->spsr &= ~BIT(13);
        return true;
    }
    return count(f);
}

static void all_interrupts(void)
{
    u64 sctlr = READ(sctlr_el1);
    clear();
    next_hook = look;
    WRITE(sctlr_el1, sctlr | BIT(61));
    WRITE(hcr_el2, GUEST | IMO | VI);
    isb();
    taken = 0;
    at(1, unmask, 0);
    check_is("SCTLR_EL1.NMI: an interrupt comes while ALLINT is clear", taken, 1);
    taken = 0;
    at(1, unmask_with_allint, 0);
    check_is("not while it is set", taken, 0);
    at(1, do_svc, 0);
    check_is("an exception sets it", seen_allint, 0x2000);
    WRITE(sctlr_el1, sctlr | BIT(61) | BIT(62));
    isb();
    at(1, do_svc, 0);
    check_is("not with SPINTMASK", seen_allint, 0);
    taken = 0;
    at(1, unmask, 0);
    check_is("which masks by the stack pointer", taken, 0);
    WRITE(sctlr_el1, sctlr | BIT(61));
    PUT(HCRX, BIT(7));
    isb();
    taken = 0;
    run_at(1, DAIF | BIT(13), clear_allint_alone, 0);
    check_is("HCRX_EL2.VINMI: it is above PSTATE.I", taken, 1);
    PUT(HCRX, BIT(7));
    WRITE(hcr_el2, GUEST | IMO | VI);
    isb();
    run_at(1, DAIF | BIT(13), read_isr, 0);
    check_is("ISR_EL1.IS and I", result, 1 << 10 | 1 << 7);
    PUT(HCRX, 0);
    isb();
    taken = 0;
    at(1, clear_allint_alone, 0);
    check_is("without it is not", taken, 0);
    WRITE(sctlr_el1, sctlr);
    isb();
    taken = 0;
    at(1, unmask_with_allint, 0);
    check_is("without SCTLR_EL1.NMI ALLINT masks nothing", taken, 1);
    clear();
}

/* ---- FEAT_ECV ---- */

static void read_counter(u64 a) { result = READ(cntpct_el0); }
static void read_control(u64 a) { WRITE(cntp_cval_el0, 1ull << 39); WRITE(cntp_ctl_el0, 3); isb(); result = READ(cntp_ctl_el0); WRITE(cntp_ctl_el0, 0); }
static void read_virtual(u64 a) { result = READ(cntvct_el0); }
static void read_virtual_timer(u64 a) { result = READ(cntv_ctl_el0); }

static void offset(void)
{
    clear();
    WRITE(cnthctl_el2, 3);
    WRITE(S3_4_C14_C0_6, -(1ull << 40));
    isb();
    at(1, read_counter, 0);
    check(result < 1ull << 39, "CNTPOFF_EL2 does not count without CNTHCTL_EL2.ECV");
    at(1, read_control, 0);
    check_is("nor for the timer", result, 3);
    WRITE(cnthctl_el2, 3 | 1 << 12);
    isb();
    at(1, read_counter, 0);
    check(result >> 40 == 1, "with it EL1's counter is ahead");
    at(1, read_control, 0);
    check_is("and its timer", result, 7);
    check(READ(cntpct_el0) < 1ull << 39, "EL2's is not");
    WRITE(cnthctl_el2, 3 | 1 << 14);
    isb();
    check_is("EL1TVCT traps the virtual counter", at(1, read_virtual, 0), 0x18);
    check_is("not its timer", at(1, read_virtual_timer, 0), (u64)NONE);
    WRITE(cnthctl_el2, 3 | 1 << 13);
    isb();
    check_is("EL1TVT traps the timer", at(1, read_virtual_timer, 0), 0x18);
    WRITE(cnthctl_el2, 3);
    WRITE(S3_4_C14_C0_6, 0);
}

const Subject subjects[] = { { "fine-grained traps", fine }, { "instructions", instructions }, { "HCRX_EL2", extended }, { "errors", errors }, { "ALLINT", all_interrupts },
                             { "offset", offset }, { NULL, NULL } };
