/*
 * Extensions of the system side: compacted XSAVE, protection keys of supervisor pages, linear-address masking, whole-line stores, the deadline timer.
 *
 * Intel SDM volume 1, chapter 13 (XSAVE); volume 2, XSAVEC, XRSTORS, MOVDIR64B; volume 3, Linear-Address Pre-Processing (LAM), 4.6.2 (keys), 11.5.4.1 (deadline).
 * AMD APM volume 3, CLZERO.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { X87 = 1, SSE = 2, AVX = 4, PKRU = 0x200, CR4_OSFXSR = 0x200, CR4_OSXSAVE = 0x40000, CR4_PKE = 0x400000, CR4_PKS = 0x1000000, CR4_LAM_SUP = 0x10000000,
       CR0_WP = 0x10000, CR0_TS = 8, XSS = 0xda0, PKRS = 0x6e1, DEADLINE = 0x6e0, TSC_ADJUST = 0x3b };
#define COMPACTED (1ull << 63)

static void xsetbv(uint32_t value) { __asm__ volatile("xsetbv" :: "a"(value), "d"(0), "c"(0)); }

/* ---- XSAVEC, XSAVES, XRSTOR, XRSTORS ---- */

static uint8_t *area;
static volatile uint64_t *header;

static void set_up_xsave(void)
{
    write_cr4(read_cr4() | CR4_OSFXSR | CR4_OSXSAVE | CR4_PKE);
    xsetbv(X87 | SSE | AVX | PKRU);
    area = area ? area : page_alloc(1);
    header = (volatile uint64_t *)(area + 512);
    for (unsigned i = 0; i < 4096; i++) {
        area[i] = 0xa5;
    }
}

#define SAVE(insn, mask) __asm__ volatile(insn " (%0)" :: "r"(area), "a"(mask), "d"(0) : "memory")
static uint64_t quad(unsigned offset) { return *(volatile uint64_t *)(area + offset); }
static void init_state(void)
{
    __asm__ volatile("fninit; vzeroall");
    uint32_t mxcsr = 0x1f80;
    __asm__ volatile("ldmxcsr %0" :: "m"(mxcsr));
    __asm__ volatile("wrpkru" :: "a"(0), "c"(0), "d"(0));
}
static void set_ymm1(uint64_t low, uint64_t high)
{
    uint64_t v[4] = { low, low, high, high };
    __asm__ volatile("vmovdqu %0, %%ymm1" :: "m"(v));
}
static void get_ymm1(uint64_t v[4]) { __asm__ volatile("vmovdqu %%ymm1, (%0)" :: "r"(v) : "memory"); }
static void write_pkru(uint32_t v) { __asm__ volatile("wrpkru" :: "a"(v), "c"(0), "d"(0)); }
static uint32_t read_pkru(void) { uint32_t a, d; __asm__ volatile("rdpkru" : "=a"(a), "=d"(d) : "c"(0)); return a; }

static void compacted_save(void)
{
    set_up_xsave();
    init_state();
    SAVE("xsavec", 0x207);
    check_is("nothing is in use but PKRU's place", header[0] & ~1ull, 0);
    check_is("XCOMP_BV names what was asked for", header[1], COMPACTED | 0x207);
    check_is("the rest of the header is left", header[2], 0xa5a5a5a5a5a5a5a5);
    check_is("nothing is written of a component as after a reset", quad(160), 0xa5a5a5a5a5a5a5a5);
    check_is("nor of MXCSR", quad(24), 0xa5a5a5a5a5a5a5a5);
    set_ymm1(0x1111, 0x2222);
    write_pkru(0x30);
    SAVE("xsavec", 0x207);
    check_is("in use: SSE, AVX, PKRU", header[0] & ~1ull, 0x206);
    check_is("the low half of YMM1", quad(160 + 16), 0x1111);
    check_is("the high half", quad(576 + 16), 0x2222);
    check_is("PKRU behind it", quad(576 + 256), 0x30);
    SAVE("xsavec", 0x200);
    check_is("alone PKRU lies behind the header", quad(576), 0x30);
    check_is("and XCOMP_BV says so", header[1], COMPACTED | 0x200);
    check_is("with XSTATE_BV", header[0], 0x200);
    init_state();
    uint32_t mxcsr = 0x1fa0;
    __asm__ volatile("ldmxcsr %0" :: "m"(mxcsr));
    SAVE("xsavec", 0x203);
    check_is("MXCSR alone makes SSE be in use", header[0] & SSE, SSE);
    check_is("MXCSR", (uint32_t)quad(24), 0x1fa0);
    mxcsr = 0x1f80;
    __asm__ volatile("ldmxcsr %0" :: "m"(mxcsr));
}

static void compacted_restore(void)
{
    uint64_t v[4];
    set_up_xsave();
    init_state();
    set_ymm1(0x3333, 0x4444);
    write_pkru(0x300);
    uint32_t mxcsr = 0x1fc0;
    __asm__ volatile("ldmxcsr %0" :: "m"(mxcsr));
    SAVE("xsaves", 0x206);
    for (unsigned i = 2; i < 8; i++) {
        header[i] = 0;
    }
    init_state();
    SAVE("xrstor", 0x206);
    get_ymm1(v);
    check(v[0] == 0x3333 && v[2] == 0x4444, "XRSTOR takes a compacted image");
    check_is("its PKRU", read_pkru(), 0x300);
    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    check_is("its MXCSR", mxcsr, 0x1fc0);
    SAVE("xrstors", 0x204);
    header[0] &= ~(uint64_t)SSE;
    SAVE("xrstors", 0x206);
    get_ymm1(v);
    check(v[0] == 0 && v[2] == 0x4444, "XRSTORS makes what is not in XSTATE_BV as after a reset");
    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    check_is("with SSE MXCSR", mxcsr, 0x1f80);
    init_state();
    check_fault("XSTATE_BV beyond XCOMP_BV", CATCH(header[0] |= 1; SAVE("xrstors", 7)), GP, 0);
    header[0] &= ~1ull;
    check_fault("XCOMP_BV beyond XCR0", CATCH(header[1] |= 8; SAVE("xrstor", 7)), GP, 0);
    header[1] &= ~8ull;
    check_fault("a header that is not 0 behind", CATCH(header[5] = 1; SAVE("xrstor", 7)), GP, 0);
    header[5] = 0;
    header[1] = 0;
    check_fault("XRSTORS of the standard form", CATCH(SAVE("xrstors", 7)), GP, 0);
    check_fault("XSAVEC off 64 bytes", CATCH(area += 16; SAVE("xsavec", 7)), GP, 0);
    area -= 16;
    check_fault("XSAVES in ring 3", USER(SAVE("xsaves", 7)), GP, 0);
    check_fault("XSAVEC in ring 3", USER(SAVE("xsavec", 7)), NONE, 0);
    write_cr0(read_cr0() | CR0_TS);
    check_fault("XSAVEC with TS", CATCH(SAVE("xsavec", 7)), NM, 0);
    write_cr0(read_cr0() & ~(Word)CR0_TS);
    check_fault("IA32_XSS has no component", CATCH(write_msr(XSS, 0x100)), GP, 0);
    check_is("its size now: AVX and PKRU", cpuid(0xd, 1).b, 576 + 256 + 8);
    xsetbv(X87 | SSE);
    check_is("of the legacy region alone", cpuid(0xd, 1).b, 576);
    xsetbv(X87 | SSE | AVX | PKRU);
    init_state();
    write_cr4(read_cr4() & ~(Word)CR4_PKE);
}

/* ---- stores of whole lines, SERIALIZE ---- */

static void lines(void)
{
    uint8_t *p = page_alloc(1);
    for (unsigned i = 0; i < 256; i++) {
        p[i] = i;
    }
    __asm__ volatile("movdir64b (%1), %0" :: "r"(p + 0x400), "r"(p + 1) : "memory");
    bool good = p[0x3ff] == 0 && p[0x440] == 0;
    for (unsigned i = 0; i < 64; i++) {
        good &= p[0x400 + i] == i + 1;
    }
    check(good, "MOVDIR64B");
    check_fault("to an address that is no line's", CATCH(__asm__ volatile("movdir64b (%1), %0" :: "r"(p + 0x410), "r"(p) : "memory")), GP, 0);
    __asm__ volatile("movdiri %1, (%0)" :: "r"(p + 0x500), "r"(0x12345678) : "memory");
    check_is("MOVDIRI", *(uint32_t *)(p + 0x500), 0x12345678);
    __asm__ volatile("clzero" :: "a"(p + 0x80 + 5) : "memory");
    good = p[0x7f] == 0x7f && p[0xc0] == 0xc0;
    for (unsigned i = 0; i < 64; i++) {
        good &= p[0x80 + i] == 0;
    }
    check(good, "CLZERO of the line around rAX");
    check_fault("SERIALIZE", USER(__asm__ volatile(".byte 0x0f, 0x01, 0xe8")), NONE, 0);
    check_fault("CLDEMOTE and PREFETCHIT of what is not there", USER(__asm__ volatile(".byte 0x0f, 0x1c, 0x00, 0x0f, 0x18, 0x38, 0x0f, 0x18, 0x30" :: "a"(-4096l))), NONE, 0);
}

/* ---- the deadline timer ---- */

static volatile unsigned nr_ticks;
static bool tick(Frame *f)
{
    if (f->vector != 0x71) {
        return false;
    }
    nr_ticks++;
    APIC(0xb0) = 0;
    return true;
}

static uint64_t rdtsc(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return low | (uint64_t)high << 32;
}

static bool wait_for_tick(unsigned n)
{
    for (unsigned i = 0; i < 100000000 && nr_ticks < n; i++) {
        pause_a_little();
    }
    return nr_ticks == n;
}

static void deadline(void)
{
    hook = tick;
    apic_enable();
    APIC(0x320) = 0x10000;
    write_msr(DEADLINE, rdtsc());
    check_is("outside of its mode the register is 0", read_msr(DEADLINE), 0);
    APIC(0x320) = 0x40071;
    __asm__ volatile("sti");
    uint64_t at = rdtsc() + 1000000;
    write_msr(DEADLINE, at);
    check(wait_for_tick(1), "an interrupt");
    check(rdtsc() >= at, "not before its time");
    check_is("then it is disarmed", read_msr(DEADLINE), 0);
    write_msr(DEADLINE, rdtsc() + (1ull << 50));
    write_msr(DEADLINE, 0);
    write_msr(DEADLINE, rdtsc() + (1ull << 50));
    check_is("far away: none", nr_ticks, 1);
    write_msr(TSC_ADJUST, read_msr(TSC_ADJUST) + (1ull << 51));
    check(wait_for_tick(2), "until the counter is moved on");
    write_msr(DEADLINE, 1);
    check(wait_for_tick(3), "one that is over fires at once");
    __asm__ volatile("cli");
    APIC(0x320) = 0x10000;
    hook = NULL;
}

#ifdef LONG
/* ---- keys of supervisor pages ---- */

extern uint64_t boot_pd[], boot_pdpt[], boot_pml4[];
#define WINDOW 0x70000000ul
static volatile uint64_t *table, *window;
static uint8_t *frame;

static void set_up_window(void)
{
    table = table ? table : page_alloc(1);
    frame = frame ? frame : page_alloc(1);
    window = (volatile uint64_t *)WINDOW;
    boot_pd[WINDOW >> 21] = (Word)table | 7;
    table[0] = (Word)frame | 7;
    flush_tlb();
}

static void supervisor_keys(void)
{
    set_up_window();
    check_fault("PKRS has 32 bits", CATCH(write_msr(PKRS, 1ull << 32)), GP, 0);
    table[0] = (Word)frame | 3 | 5ull << 59;
    flush_tlb();
    write_msr(PKRS, 3 << 10);
    check_fault("without CR4.PKS", CATCH(*window = 1), NONE, 0);
    write_cr4(read_cr4() | CR4_PKS);
    check_fault("no access: a read", CATCH((void)*window), PF, 0x21);
    check_fault("a write", CATCH(*window = 2), PF, 0x23);
    write_msr(PKRS, 2 << 10);
    check_fault("no writes: a read", CATCH((void)*window), NONE, 0);
    check_fault("a write without WP", CATCH(*window = 2), NONE, 0);
    write_cr0(read_cr0() | CR0_WP);
    check_fault("a write with WP", CATCH(*window = 3), PF, 0x23);
    write_msr(PKRS, 3 << 12);
    check_fault("another key's rights do not count", CATCH(*window = 4), NONE, 0);
    write_msr(PKRS, 3 << 10);
    frame[0x800] = 0xc3;
    check_fault("nor do keys for fetches", CATCH(((void (*)(void))(WINDOW + 0x800))()), NONE, 0);
    check_fault("ring 3 sees a supervisor page", USER((void)*window), PF, 5);
    table[0] = (Word)frame | 7 | 5ull << 59;
    flush_tlb();
    check_fault("a user page has no such key", CATCH((void)*window), NONE, 0);
    write_cr0(read_cr0() & ~(Word)CR0_WP);
    write_cr4(read_cr4() & ~(Word)CR4_PKS);
    write_msr(PKRS, 0);
}

/* ---- what CPUID 80000021H says of null selectors ---- */

enum { GS_BASE = 0xc0000101 };
static void null_selectors(void)
{
    check_is("the bit", cpuid(0x80000021, 0).a & 0x40, 0x40);
    set_selector(FREE_SELECTOR, descriptor(0x1234000, 0xfffff, DESC_DATA | DESC_GRANULAR | DESC_BIG));
    __asm__ volatile("mov %0, %%gs" :: "r"(FREE_SELECTOR));
    check_is("a base", read_msr(GS_BASE), 0x1234000);
    __asm__ volatile("mov %0, %%gs" :: "r"(0));
    check_is("a null selector clears it", read_msr(GS_BASE), 0);
    __asm__ volatile("mov %0, %%gs" :: "r"(FREE_SELECTOR));
    check_fault("ring 3, from which an inner segment is hidden", USER(), NONE, 0);
    check_is("so does one that comes of the way out", read_msr(GS_BASE), 0);
    write_msr(GS_BASE, 0x55000);
    check_fault("ring 3 with a null selector", USER(), NONE, 0);
    check_is("has the base of the register", read_msr(GS_BASE), 0x55000);
    write_msr(GS_BASE, 0);
}

/* ---- linear-address masking ---- */

enum { NO_LAM, U48, U57 };
static void set_lam(unsigned user, bool supervisor)
{
    write_cr3((read_cr3() & ~(3ul << 61)) | (user == U57 ? 1ul << 61 : user == U48 ? 1ul << 62 : 0));
    write_cr4((read_cr4() & ~(Word)CR4_LAM_SUP) | (supervisor ? CR4_LAM_SUP : 0));
}
static volatile uint64_t *with(unsigned long bits) { return (volatile uint64_t *)(WINDOW ^ bits); }

static void user_pointers(void)
{
    set_up_window();
    *window = 77;
    check_fault("without LAM", CATCH((void)*with(1ul << 60)), GP, 0);
    set_lam(U57, false);
    check_is("LAM57: a read", *with(0x2aul << 57), 77);
    *with(0x15ul << 57) = 78;
    check_is("a write", *window, 78);
    check_fault("bit 56 counts", CATCH((void)*with(1ul << 56)), GP, 0);
    check_fault("bit 48 counts", CATCH((void)*with(1ul << 48)), GP, 0);
    check_fault("bit 63 counts", CATCH((void)*with(1ul << 63)), GP, 0);
    check_fault("a jump is not masked", CATCH(((void (*)(void))with(1ul << 60))()), GP, 0);
    check_fault("in ring 3 too", USER(*with(0x3ful << 57) = 79), NONE, 0);
    set_lam(U48, false);
    check_is("LAM48: all fifteen bits", *with(0x7ffful << 48), 79);
    check_fault("bit 47 counts", CATCH((void)*with(1ul << 47)), GP, 0);
    volatile uint64_t *from = with(0x1234ul << 48), *to = with(0x4321ul << 48);
    from[0] = 1;
    from[1] = 2;
    unsigned long n = 2, si = (Word)from, di = (Word)(to + 8);
    __asm__ volatile("rep movsq" : "+S"(si), "+D"(di), "+c"(n) :: "memory");
    check(window[8] == 1 && window[9] == 2, "REP MOVS");
    check(di == (Word)(to + 10) && si == (Word)(from + 2), "leaves the bits in its registers");
    table[0] = 0;
    flush_tlb();
    check_fault("a page fault", CATCH((void)*with(0x55ul << 48)), PF, 0);
    check_is("tells of the address without them", fault.cr2, WINDOW);
    table[0] = (Word)frame | 7;
    flush_tlb();
    __asm__ volatile("lock incq (%0)" :: "r"(with(3ul << 50)) : "memory");
    check_is("a locked operation", *window, 2);
    __asm__ volatile("invlpg (%0)" :: "r"(with(3ul << 50)) : "memory");
    set_lam(NO_LAM, false);
    check_fault("and off again", CATCH((void)*with(1ul << 60)), GP, 0);
}

static void supervisor_pointers(void)
{
    set_up_window();
    boot_pml4[511] = boot_pml4[0];
    flush_tlb();
    unsigned long high = 0xffffff8000000000ul + WINDOW;
    *window = 99;
    check_is("the upper half", *(volatile uint64_t *)high, 99);
    check_fault("without LAM", CATCH((void)*(volatile uint64_t *)(high & ~(1ul << 50))), GP, 0);
    set_lam(NO_LAM, true);
    check_is("LAM_SUP", *(volatile uint64_t *)(high & ~(0x2aaaul << 48)), 99);
    check_fault("bit 47 counts", CATCH((void)*(volatile uint64_t *)(high & ~(1ul << 47))), GP, 0);
    check_fault("user pointers are not masked", CATCH((void)*with(1ul << 60)), GP, 0);
    set_lam(U48, true);
    check_is("both: a user pointer", *with(1ul << 60), 99);
    check_is("and a supervisor's", *(volatile uint64_t *)(high & ~(1ul << 48)), 99);
    set_lam(NO_LAM, false);
    boot_pml4[511] = 0;
    flush_tlb();
}
#endif

const Subject subjects[] = {
    { "compacted save", compacted_save }, { "compacted restore", compacted_restore }, { "lines", lines }, { "deadline timer", deadline },
#ifdef LONG
    { "supervisor keys", supervisor_keys }, { "null selectors", null_selectors }, { "LAM, user pointers", user_pointers }, { "LAM, supervisor pointers", supervisor_pointers },
#endif
    { 0 },
};
