/*
 * SVE and the system: traps by exception level, vector lengths, what writes of Vn leave of Zn; loads and stores at the border of what is mapped, the first-fault register.
 *
 * DDI 0487, B1.4.2 (registers), D19.2 (CPACR_EL1, CPTR_EL2, ZCR_ELx), C8.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define SVE(text, ...) __asm__ volatile(".arch_extension sve\n" text __VA_ARGS__)
enum { DAIF = 0x3c0, TZ = 1 << 8, TFP = 1 << 10, CPTR_RES1 = 0x32ff & ~TZ, EC_SVE = 0x19, EC_FP = 7, EC_ABORT = 0x25, VL = 64 };
#define RW (1ull << 31)
#define TGE (1ull << 27)
static uint8_t buffer[512] __attribute__((aligned(64)));
static volatile u64 result, trapped;

static u64 read_length(void)
{
    u64 bytes;
    SVE("rdvl %0, #1", : "=r"(bytes));
    return bytes;
}

static void do_rdvl(u64 a) { result = read_length(); }
static void do_fp(u64 a) { __asm__ volatile("fmov d0, xzr" ::: "memory"); }

/* ---- traps ---- */

static bool at_el1(Frame *f)
{
    if (current_el() == 2) {
        return false;
    }
    trapped = f->esr >> 26;
    f->elr += 4;
    return true;
}

static void open_all(void)
{
    WRITE(cptr_el2, CPTR_RES1);
    WRITE(cpacr_el1, 3 << 20 | 3 << 16);
    WRITE(S3_4_C1_C2_0, 15);        /* ZCR_EL2 */
    WRITE(S3_0_C1_C2_0, 15);        /* ZCR_EL1 */
    isb();
}

static void traps(void)
{
    check_is("SVE is shown", READ(id_aa64pfr0_el1) >> 32 & 15, 1);
    check_is("its identification register can be read", CATCH_EC((void)READ(S3_0_C0_C4_4)), (u64)NONE);
    WRITE(hcr_el2, RW);
    open_all();
    check_is("free at EL2", CATCH_EC(do_rdvl(0)), (u64)NONE);
    WRITE(cptr_el2, CPTR_RES1 | TZ);
    isb();
    check_is("TZ traps EL2", CATCH_EC(do_rdvl(0)), EC_SVE);
    check_is("not AdvSIMD", CATCH_EC(do_fp(0)), (u64)NONE);
    check_is("and EL1", run_at(1, DAIF, do_rdvl, 0), EC_SVE);
    check_is("to EL2", fault.level, 2);
    check_is("it traps ZCR_EL2 too", CATCH_EC((void)READ(S3_4_C1_C2_0)), EC_SVE);
    WRITE(cptr_el2, CPTR_RES1 | TFP);
    isb();
    check_is("TFP traps SVE as FP", CATCH_EC(do_rdvl(0)), EC_FP);
    open_all();
    check_is("free at EL1", run_at(1, DAIF, do_rdvl, 0), (u64)NONE);
    WRITE(hcr_el2, RW | TGE);
    check_is("and EL0", run_at(0, DAIF, do_rdvl, 0), (u64)NONE);
    WRITE(cpacr_el1, 3 << 20 | 1 << 16);
    isb();
    check_is("ZEN 1 traps EL0", run_at(0, DAIF, do_rdvl, 0), EC_SVE);
    check_is("which TGE routes to EL2", fault.level, 2);
    WRITE(hcr_el2, RW);
    isb();
    check_is("not EL1", run_at(1, DAIF, do_rdvl, 0), (u64)NONE);
    hook = at_el1;
    WRITE(cpacr_el1, 3 << 20);
    isb();
    run_at(1, DAIF, do_rdvl, 0);
    check_is("ZEN 0 traps EL1, to EL1", trapped, EC_SVE);
    hook = NULL;
    open_all();
}

/* ---- lengths ---- */

static void lengths(void)
{
    bool good = true, lower = true;
    open_all();
    for (u64 n = 0; n < 16; n++) {
        WRITE(S3_4_C1_C2_0, n);
        isb();
        good &= read_length() == 16 * (n + 1);
        WRITE(S3_0_C1_C2_0, 7);
        isb();
        result = 0;
        run_at(1, DAIF, do_rdvl, 0);
        lower &= result == 16 * (n < 7 ? n + 1 : 8);
    }
    check(good, "ZCR_EL2 gives each length");
    check(lower, "EL1 has the lesser of both");
    WRITE(S3_4_C1_C2_0, ~0ull);
    check_is("ZCR_EL2 has four bits", READ(S3_4_C1_C2_0), 15);
    open_all();
}

static void set_length(u64 bytes)
{
    WRITE(S3_4_C1_C2_0, bytes / 16 - 1);
    isb();
}

static void store_z0(void) { SVE("str z0, [%0]", :: "r"(buffer) : "memory"); }
static unsigned count(uint8_t value, unsigned from, unsigned to)
{
    unsigned n = 0;
    for (unsigned i = from; i < to; i++) {
        n += buffer[i] == value;
    }
    return n;
}

static void truncation(void)
{
    set_length(256);
    SVE("mov z0.b, #0x5a");
    set_length(64);
    __asm__ volatile("movi v0.16b, #3");
    store_z0();
    check_is("a write of V0", count(3, 0, 16), 16);
    check_is("clears the rest of Z0", count(0, 16, 64), 48);
    set_length(16);
    SVE("mov z0.b, #7");
    set_length(256);
    store_z0();
    check_is("what a short vector holds stays", count(7, 0, 16), 16);
    check_is("and what is behind is what it was, or 0", count(0, 16, 64) + count(0x5a, 64, 256) + count(0, 64, 256), 48 + 192);
    SVE("mov z0.b, #0x5a");
    __asm__ volatile("fmov d0, %0" :: "r"(0x1122334455667788));
    store_z0();
    check_is("a scalar", *(u64 *)buffer, 0x1122334455667788);
    check_is("clears all above", count(0, 8, 256), 248);
}

/* ---- at the border of a page ---- */

enum { PAGE = 0x42000000, HOLE = PAGE + 0x1000, BEHIND = PAGE + 0x2000, VALID_BLOCK = 0x701, VALID_TABLE = 3, VALID_PAGE = 0x703, AF_ATTR1 = 1 << 2, DEVICE_BLOCK = 0x401 };

static void map(void)
{
    u64 *first = pages(4096), *second = pages(4096), *third = pages(4096);
    first[0] = DEVICE_BLOCK;
    first[1] = (u64)second | VALID_TABLE;
    for (u64 i = 0; i < 512; i++) {
        second[i] = (0x40000000 + (i << 21)) | VALID_BLOCK | AF_ATTR1;
        third[i] = (PAGE + (i << 12)) | VALID_PAGE | AF_ATTR1;
    }
    second[16] = (u64)third | VALID_TABLE;
    third[1] = 0;
    WRITE(mair_el2, 0xff00);
    WRITE(tcr_el2, 0x80803519);             /* 39 bits, 4 KiB, cached */
    WRITE(ttbr0_el2, first);
    dsb();
    isb();
    WRITE(sctlr_el2, READ(sctlr_el2) | 1 | 4);
    isb();
    for (unsigned i = 0; i < 4096; i++) {
        ((volatile uint8_t *)PAGE)[i] = i;
        ((volatile uint8_t *)BEHIND)[i] = 0xaa;
    }
}

static void activate(u64 n) { SVE("whilelo p0.b, xzr, %0", :: "r"(n) : "cc"); }
static void set_ffr(void) { SVE("setffr"); }
static u64 ffr_count(void)
{
    u64 n;
    SVE("rdffr p1.b\n ptrue p2.b\n cntp %0, p2, p1.b", : "=r"(n));
    return n;
}
static void ld1(u64 a) { SVE("ld1b {z0.b}, p0/z, [%0]", :: "r"(a) : "memory"); }
static void ldff1(u64 a) { SVE("ldff1b {z0.b}, p0/z, [%0]", :: "r"(a) : "memory"); }
static void ldnf1(u64 a) { SVE("ldnf1b {z0.b}, p0/z, [%0]", :: "r"(a) : "memory"); }
static void ldnf1w(u64 a) { SVE("ldnf1b {z0.s}, p0/z, [%0]", :: "r"(a) : "memory"); }
static void st1(u64 a) { SVE("mov z1.b, #0x77\n st1b {z1.b}, p0, [%0]", :: "r"(a) : "memory"); }
static void ldr_z(u64 a) { SVE("ldr z0, [%0]", :: "r"(a) : "memory"); }
static void str_z(u64 a) { SVE("mov z1.b, #0x66\n str z1, [%0]", :: "r"(a) : "memory"); }

/* z0 holds what lies at address, n bytes, then 0. */
static bool holds(u64 address, unsigned n)
{
    store_z0();
    for (unsigned i = 0; i < VL; i++) {
        if (buffer[i] != (i < n ? (uint8_t)(address + i) : 0)) {
            return false;
        }
    }
    return true;
}

static void loads(void)
{
    map();
    set_length(VL);
    activate(VL);
    check_is("a load over the border faults", CATCH_EC(ld1(HOLE - 20)), EC_ABORT);
    check_is("where it is not mapped", fault.far, HOLE);
    activate(20);
    check_is("with as many bytes as there are it does not", CATCH_EC(ld1(HOLE - 20)), (u64)NONE);
    check(holds(HOLE - 20, 20), "and has them, then zeroes");
    activate(21);
    check_is("with one more it does", CATCH_EC(ld1(HOLE - 20)), EC_ABORT);
    activate(0);
    check_is("with none there is no access", CATCH_EC(ld1(HOLE + 8)), (u64)NONE);
    check(holds(HOLE, 0), "and all is 0");
    check_is("LDR of a register faults", CATCH_EC(ldr_z(HOLE - 16)), EC_ABORT);
    check_is("at the border", fault.far, HOLE);
    check_is("and just before it does not", CATCH_EC(ldr_z(HOLE - VL)), (u64)NONE);
    check(holds(HOLE - VL, VL), "its bytes");
    activate(1);
    check_is("a device is read for active bytes alone", CATCH_EC(ld1(0x09000018)), (u64)NONE);
    store_z0();
    check_is("with what a load of a byte gives", buffer[0], *(volatile uint8_t *)0x09000018);
}

static void first_fault(void)
{
    activate(VL);
    set_ffr();
    check_is("LDFF1 does not fault behind the first element", CATCH_EC(ldff1(HOLE - 20)), (u64)NONE);
    check_is("FFR tells how many there are", ffr_count(), 20);
    SVE("rdffr p0.b");
    check_is("with it the same load is one as any", CATCH_EC(ld1(HOLE - 20)), (u64)NONE);
    check(holds(HOLE - 20, 20), "of these bytes");
    activate(VL);
    set_ffr();
    check_is("LDFF1 within the page", CATCH_EC(ldff1(HOLE - VL)), (u64)NONE);
    check_is("has all", ffr_count(), VL);
    check(holds(HOLE - VL, VL), "and its bytes");
    check_is("its first element faults", CATCH_EC(ldff1(HOLE)), EC_ABORT);
    check_is("there", fault.far, HOLE);
    set_ffr();
    check_is("LDNF1 does not", CATCH_EC(ldnf1(HOLE)), (u64)NONE);
    check_is("and has none", ffr_count(), 0);
    set_ffr();
    SVE("ptrue p0.s");
    check_is("LDNF1 of bytes to words", CATCH_EC(ldnf1w(HOLE - 3)), (u64)NONE);
    check_is("three elements", ffr_count(), 12);
    SVE("wrffr p0.b");
    check_is("WRFFR", ffr_count(), VL / 4);
}

static uint8_t at(u64 address) { return *(volatile uint8_t *)address; }

static void stores(void)
{
    activate(20);
    check_is("a store of as many bytes as there are", CATCH_EC(st1(HOLE - 20)), (u64)NONE);
    check(at(HOLE - 21) == 0xeb && at(HOLE - 20) == 0x77 && at(HOLE - 1) == 0x77, "writes them alone");
    activate(21);
    check_is("one more faults", CATCH_EC(st1(HOLE - 20)), EC_ABORT);
    check_is("there", fault.far, HOLE);
    activate(0);
    check_is("none is no access", CATCH_EC(st1(HOLE + 8)), (u64)NONE);
    activate(7);
    check_is("some within a page", CATCH_EC(st1(PAGE + 0x100)), (u64)NONE);
    check(at(PAGE + 0x106) == 0x77 && at(PAGE + 0x107) == 7, "are written, the next is not");
    SVE("not p0.b, p1/z, p0.b" ::: "memory");
    check_is("STR of a register faults", CATCH_EC(str_z(HOLE - 16)), EC_ABORT);
    check_is("at the border", fault.far, HOLE);
}

static void gathers(void)
{
    u64 addresses[8] = { PAGE + 8, HOLE - 8, HOLE + 16, BEHIND, PAGE, PAGE + 16, PAGE + 24, HOLE }, n;
    SVE("ldr z2, [%0]\n ptrue p0.d, vl2", :: "r"(addresses) : "memory");
    check_is("a gather of two", CATCH_EC(SVE("ld1d {z0.d}, p0/z, [z2.d]", ::: "memory")), (u64)NONE);
    store_z0();
    check_is("has the second", *(u64 *)(buffer + 8), *(volatile u64 *)(HOLE - 8));
    check_is("and no third", *(u64 *)(buffer + 16), 0);
    SVE("ptrue p0.d, vl4");
    check_is("the third faults", CATCH_EC(SVE("ld1d {z0.d}, p0/z, [z2.d]", ::: "memory")), EC_ABORT);
    check_is("there", fault.far, HOLE + 16);
    set_ffr();
    check_is("a first-fault gather does not", CATCH_EC(SVE("ldff1d {z0.d}, p0/z, [z2.d]", ::: "memory")), (u64)NONE);
    check_is("and has two", ffr_count(), 16);
    check_is("a scatter to it faults", CATCH_EC(SVE("st1d {z0.d}, p0, [z2.d]", ::: "memory")), EC_ABORT);
    check_is("there", fault.far, HOLE + 16);
    SVE("ptrue p0.d, vl2\n mov z0.d, #5\n st1d {z0.d}, p0, [z2.d]\n ldr %0, [%1]", : "=r"(n) : "r"(PAGE + 8L) : "memory");
    check_is("to others it does not", n, 5);
}

const Subject subjects[] = { { "traps", traps }, { "lengths", lengths }, { "truncation", truncation }, { "loads", loads }, { "first fault", first_fault },
                             { "stores", stores }, { "gathers", gathers }, { NULL, NULL } };
