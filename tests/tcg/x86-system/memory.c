/*
 * Memory as programs meet it: more pages than any TLB holds, changed mappings, accesses over two pages, several accesses off one register, repeated string
 * instructions that fault, overlap, go down or change code, 16-byte and split atomics, two processors.
 *
 * Intel SDM volume 1, 7.3.9 (strings); volume 2, REP, CMPXCHG16B; volume 3, 4.10.4 (invalidation), 9.1 (locked operations).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { P = 1, W = 2, U = 4, A = 0x20, DIRTY = 0x40, ALL = P | W | U | A | DIRTY };
#define AREA 0x8000000000ul     /* an entry of the top table that nobody uses */
enum { PAGES = 6000, FRAMES = 500 };

extern uint64_t boot_pml4[512];
static uint64_t *tables[PAGES / 512 + 1];
static uint8_t *frames;

static volatile uint8_t *at(unsigned page, unsigned offset)
{
    return (volatile uint8_t *)(AREA + 4096ul * page + offset);
}

static void map(unsigned page, unsigned frame, uint64_t rights)
{
    *(volatile uint64_t *)&tables[page / 512][page % 512] = rights ? (uint64_t)(frames + 4096ul * frame) | rights : 0;
}

static void remap(unsigned page, unsigned frame, uint64_t rights)
{
    map(page, frame, rights);
    invlpg(at(page, 0));
}

static uint64_t *id_of_frame(unsigned frame)
{
    return (uint64_t *)(frames + 4096ul * frame);
}

static void set_up(void)
{
    if (frames) {
        return;
    }
    uint64_t *directory = page_alloc(1), *pointers = page_alloc(1);
    frames = page_alloc(FRAMES);
    for (unsigned i = 0; i <= PAGES / 512; i++) {
        tables[i] = page_alloc(1);
        directory[i] = (uint64_t)tables[i] | ALL;
    }
    pointers[0] = (uint64_t)directory | ALL;
    boot_pml4[AREA >> 39] = (uint64_t)pointers | ALL;
    for (unsigned i = 0; i < FRAMES; i++) {
        *id_of_frame(i) = i + 1000;
    }
    for (unsigned i = 0; i < PAGES; i++) {
        map(i, i % FRAMES, ALL);
    }
    flush_tlb();
}

/* ---- many pages ---- */

static unsigned wrong_pages(unsigned shift, unsigned step)
{
    unsigned wrong = 0;
    for (unsigned n = 0, i = 0; n < PAGES; n++, i = (i + step) % PAGES) {
        wrong += *(volatile uint64_t *)at(i, 0) != (i + shift) % FRAMES + 1000;
    }
    return wrong;
}

static void many_pages(void)
{
    set_up();
    check_is("pages one after the other show their frames", wrong_pages(0, 1), 0);
    check_is("and again", wrong_pages(0, 1), 0);
    check_is("and in a wild order", wrong_pages(0, 1237), 0);
    unsigned wrong = 0;
    for (unsigned i = 0; i < PAGES; i++) {
        *(volatile uint64_t *)at(i, 8) = i;
        *(volatile uint64_t *)at((i + 4096) % PAGES, 16) = i;      /* of an equal index in many a TLB */
        wrong += id_of_frame(i % FRAMES)[1] != i || id_of_frame((i + 4096) % PAGES % FRAMES)[2] != i;
    }
    check_is("stores reach their frames", wrong, 0);
    for (unsigned i = 0; i < PAGES; i++) {
        remap(i, (i + 7) % FRAMES, ALL);
    }
    check_is("INVLPG shows each new frame", wrong_pages(7, 1), 0);
    for (unsigned i = 0; i < PAGES; i++) {
        remap(i, (i + 8) % FRAMES, ALL);
        wrong += *(volatile uint64_t *)at(i, 0) != (i + 8) % FRAMES + 1000;
    }
    check_is("and at once", wrong, 0);
    for (unsigned i = 0; i < PAGES; i++) {
        map(i, i % FRAMES, ALL);
    }
    flush_tlb();
    check_is("so does a load of CR3", wrong_pages(0, 1), 0);
    for (unsigned round = 0; round < 3000; round++) {
        remap(5, round % FRAMES, ALL);
        wrong += *(volatile uint64_t *)at(5, 0) != round % FRAMES + 1000;
        map(5, (round + 1) % FRAMES, ALL);
        flush_tlb();
        wrong += *(volatile uint64_t *)at(5, 0) != (round + 1) % FRAMES + 1000;
    }
    check_is("thousands of flushes lose nothing", wrong, 0);
    remap(5, 5, ALL);
}

static void rights_change(void)
{
    set_up();
    unsigned missed = 0;
    for (unsigned i = 0; i < 50; i++) {
        *at(i, 40) = 1;
        remap(i, i, ALL & ~W);
        write_cr0(read_cr0() | 0x10000);
        missed += CATCH(*at(i, 40) = 2) != PF;
        missed += *at(i, 40) != 1;
        remap(i, i, ALL);
        *at(i, 40) = 3;
        missed += id_of_frame(i)[5] != 3;
    }
    check_is("a page that may not be written any more is not", missed, 0);
    missed = 0;
    for (unsigned i = 0; i < 50; i++) {
        remap(i, i, P | W | U);
        (void)*at(i, 0);
        missed += (tables[0][i] & (A | DIRTY)) != A;
        *at(i, 40) = 4;
        missed += (tables[0][i] & (A | DIRTY)) != (A | DIRTY);
    }
    check_is("a store behind a load sets the dirty bit", missed, 0);
}

/* ---- over two pages ---- */

#define BOTH(type, value) ({ \
    unsigned bad_ = 0; \
    for (unsigned o = 4096 - sizeof(type) + 1; o < 4096; o++) { \
        *(volatile type *)at(20, o) = (type)(value); \
        type seen_ = 0; \
        for (unsigned b = 0; b < sizeof(type); b++) { \
            seen_ |= (type)(o + b < 4096 ? frames[4096 * 20 + o + b] : frames[4096 * 300 + o + b - 4096]) << 8 * b; \
        } \
        bad_ += seen_ != (type)(value) || *(volatile type *)at(20, o) != seen_; \
    } \
    bad_; })

static void crossing(void)
{
    set_up();
    remap(20, 20, ALL);
    remap(21, 300, ALL);
    check_is("2 bytes over two pages", BOTH(uint16_t, 0x1234), 0);
    check_is("4 bytes", BOTH(uint32_t, 0x12345678), 0);
    check_is("8 bytes", BOTH(uint64_t, 0x123456789abcdef0), 0);
    remap(21, 0, 0);
    *at(20, 4092) = 0x55;
    int v = CATCH(*(volatile uint64_t *)at(20, 4092) = 0);
    check_fault("a store whose second page is not there", v, PF, 2);
    check_is("CR2 is the second page", fault.cr2, (Word)at(21, 0));
    check_is("nothing is stored", *at(20, 4092), 0x55);
    v = CATCH((void)*(volatile uint64_t *)at(20, 4093));
    check_fault("a load", v, PF, 0);
    check_is("CR2 is the second page again", fault.cr2, (Word)at(21, 0));
    remap(21, 300, ALL & ~W);
    write_cr0(read_cr0() | 0x10000);
    v = CATCH(*(volatile uint32_t *)at(20, 4094) = 0);
    check_fault("a second page that may not be written", v, PF, 3);
    remap(21, 300, ALL);
    /* The 2 GiB border, where a page and the next may share much of their numbers. */
    uint64_t border = 0;
    __asm__ volatile("mov $0x7ffffffc, %%eax; mov (%%rax), %0; mov (%%rax), %0" : "=r"(border) :: "eax");
    check(true, "an access over 2 GiB comes back");
}

/* ---- several accesses off one register ---- */

static void one_base(void)
{
    set_up();
    remap(30, 30, ALL);
    remap(31, 310, ALL);
    uint64_t a = 0, b = 0, c = 0;
    for (unsigned o = 4000; o < 4096; o += 8) {
        __asm__ volatile("movq $11, (%3); movq $22, 8(%3); movq $33, 16(%3); mov (%3), %0; mov 8(%3), %1; mov 16(%3), %2"
                         : "=&r"(a), "=&r"(b), "=&r"(c) : "r"(at(30, o)) : "memory");
        if (a != 11 || b != 22 || c != 33) {
            break;
        }
    }
    check(a == 11 && b == 22 && c == 33, "stores and loads off one register, to and over a page's end");
    remap(31, 0, 0);
    *(volatile uint64_t *)at(30, 4080) = 5;
    int v = CATCH(__asm__ volatile("movq $1, (%0); movq $2, 8(%0); movq $3, 16(%0)" :: "r"(at(30, 4080)) : "memory"));
    check_fault("the third store goes into a page that is not there", v, PF, 2);
    check_is("its page is named", fault.cr2, (Word)at(31, 0));
    check(*(volatile uint64_t *)at(30, 4080) == 1 && *(volatile uint64_t *)at(30, 4088) == 2, "the two before it are done");
    remap(31, 310, ALL & ~W);
    write_cr0(read_cr0() | 0x10000);
    v = CATCH(__asm__ volatile("movq $7, -8(%0); mov (%0), %%rax; movq $3, (%0)" :: "r"(at(31, 0)) : "memory", "rax"));
    check_fault("a store behind a load of a read-only page", v, PF, 3);
    check_is("the one before both is done", *(volatile uint64_t *)at(30, 4088), 7);
    remap(31, 310, ALL);
    Word sum = 0;
    for (unsigned o = 4088; o >= 4056; o -= 8) {
        __asm__ volatile("mov %%rsp, %%rcx; lea (%1), %%rsp; push $1; push $2; push $4; push $8; pop %%rax; pop %%rdx; add %%rdx, %%rax; pop %%rdx; add %%rdx, %%rax;"
                         "pop %%rdx; add %%rdx, %%rax; mov %%rcx, %%rsp; mov %%rax, %0" : "=r"(sum) : "r"(at(31, o) - 4080) : "rax", "rcx", "rdx", "memory");
        if (sum != 15) {
            break;
        }
    }
    check_is("a stack that goes over a page's end", sum, 15);
}

/* ---- strings ---- */

static volatile Word hook_si, hook_di, hook_cx, hook_cr2;
static unsigned mend_page, mend_frame, mends;

static bool mend(Frame *frame)
{
    if (frame->vector != PF || mends == 0) {
        return false;
    }
    mends--;
    hook_si = frame->si;
    hook_di = frame->di;
    hook_cx = frame->cx;
    hook_cr2 = read_cr2();
    remap(mend_page, mend_frame, ALL);
    return true;
}

static void fill(volatile uint8_t *p, unsigned bytes, unsigned seed)
{
    for (unsigned i = 0; i < bytes; i++) {
        p[i] = i * 7 + seed + (i >> 8);
    }
}

static unsigned differs(volatile uint8_t *p, volatile uint8_t *q, unsigned bytes)
{
    unsigned n = 0;
    for (unsigned i = 0; i < bytes; i++) {
        n += p[i] != q[i];
    }
    return n;
}

#define REP(instruction, di, si, cx) ({ \
    Word d_ = (Word)(di), s_ = (Word)(si), c_ = (cx); \
    __asm__ volatile("cld; rep " instruction "; cld" : "+D"(d_), "+S"(s_), "+c"(c_) :: "memory", "cc"); d_; })

static void strings_fault(void)
{
    set_up();
    for (unsigned i = 40; i < 56; i++) {
        remap(i, 40 + i * 3 % 16, ALL);
    }
    fill(at(40, 0), 3 * 4096, 1);
    hook = mend;
    mend_page = 49;
    mend_frame = 400;
    mends = 1;
    remap(49, 0, 0);
    Word end = REP("movsb", at(48, 100), at(40, 100), 5000);
    check_is("REP MOVSB goes on behind a fault of the destination", end, (Word)at(48, 100) + 5000);
    check_is("which it reported with RDI at the fault", hook_di, (Word)at(49, 0));
    check_is("RSI", hook_si, (Word)at(41, 0));
    check_is("RCX", hook_cx, 5000 - 3996);
    check_is("CR2", hook_cr2, (Word)at(49, 0));
    check_is("all is copied", differs(at(48, 100), at(40, 100), 5000), 0);
    mend_page = 41;
    mend_frame = 40 + 41 * 3 % 16;
    mends = 1;
    remap(41, 0, 0);
    REP("movsq", at(51, 5), at(40, 4096 - 24), 12);
    check_is("REP MOVSQ, fault of the source: RCX", hook_cx, 9);
    check_is("all is copied, the source unaligned", differs(at(51, 5), at(40, 4096 - 24), 96), 0);
    mend_page = 53;
    mend_frame = 410;
    mends = 1;
    remap(53, 0, 0);
    Word di = (Word)at(52, 4096 - 20), cx = 6;
    __asm__ volatile("rep stosq" : "+D"(di), "+c"(cx) : "a"(0x1122334455667788ul) : "memory");
    check_is("REP STOSQ stops before the element that goes over the end", hook_cx, 4);
    check_is("its RDI", hook_di, (Word)at(52, 4096 - 4));
    check_is("and goes on", *(volatile uint64_t *)at(52, 4096 - 4), 0x1122334455667788ul);
    hook = NULL;
}

static void strings_overlap(void)
{
    set_up();
    remap(60, 60, ALL);
    remap(61, 320, ALL);
    static uint8_t want[6000];
    static const uint8_t distances[] = { 1, 2, 3, 7, 8, 15, 16, 31, 64, 200 };
    unsigned wrong = 0;
    for (unsigned k = 0; k < sizeof(distances); k++) {
        unsigned d = distances[k];
        fill(at(60, 0), 5000, k);
        for (unsigned i = 0; i < 5000; i++) {
            want[i] = *at(60, i);
        }
        for (unsigned i = 0; i < 4500; i++) {
            want[d + i] = want[i];
        }
        REP("movsb", at(60, d), at(60, 0), 4500);
        wrong += differs(at(60, 0), want, 5000);
    }
    check_is("REP MOVSB a little upwards repeats what lies between", wrong, 0);
    for (unsigned k = 0; k < sizeof(distances); k++) {
        unsigned d = distances[k];
        fill(at(60, 0), 5000, k);
        for (unsigned i = 0; i < 5000; i++) {
            want[i] = *at(60, i);
        }
        for (unsigned i = 0; i < 500; i++) {
            uint8_t eight[8];
            memcpy(eight, want + 8 * i, 8);
            memcpy(want + d + 8 * i, eight, 8);
        }
        REP("movsq", at(60, d), at(60, 0), 500);
        wrong += differs(at(60, 0), want, 5000);
    }
    check_is("REP MOVSQ by eight bytes", wrong, 0);
    fill(at(60, 0), 6000, 3);
    for (unsigned i = 0; i < 6000; i++) {
        want[i] = *at(60, i);
    }
    for (unsigned i = 5000; i-- > 0;) {
        want[i] = want[i + 5];
    }
    Word di = (Word)at(60, 4999), si = (Word)at(60, 5004), cx = 5000;
    __asm__ volatile("std; rep movsb; cld" : "+D"(di), "+S"(si), "+c"(cx) :: "memory", "cc");
    check_is("downwards with the source above, likewise", differs(at(60, 0), want, 6000), 0);
    check_is("RDI below the first", di, (Word)at(60, 0) - 1);
    di = (Word)at(60, 4992);
    cx = 625;
    __asm__ volatile("std; rep stosq; cld" : "+D"(di), "+c"(cx) : "a"(0x0807060504030201ul) : "memory", "cc");
    for (unsigned i = 0; i < 5000; i++) {
        wrong += *at(60, i) != i % 8 + 1;
    }
    check_is("REP STOSQ downwards", wrong, 0);
}

typedef struct Compared { Word di, si, cx, flags; } Compared;

#define COMPARE(name, instruction) \
    static Compared name(volatile void *di, volatile void *si, Word ax, Word cx) \
    { \
        Compared r = { (Word)di, (Word)si, cx, 0 }; \
        __asm__ volatile("cmp %%eax, %%eax; " instruction "; pushf; pop %3" : "+D"(r.di), "+S"(r.si), "+c"(r.cx), "=r"(r.flags) : "a"(ax) : "memory", "cc"); \
        return r; \
    }
COMPARE(compare_bytes, "repe cmpsb")
COMPARE(compare_words, "repe cmpsw")
COMPARE(compare_quads, "repe cmpsq")
COMPARE(find_byte, "repne scasb")
COMPARE(find_word, "repne scasw")
COMPARE(find_dword, "repne scasl")
COMPARE(skip_bytes, "repe scasb")
COMPARE(compare_until, "repne cmpsb")
enum { CF = 1, ZF = 0x40, SF = 0x80 };

static void strings_compare(void)
{
    set_up();
    for (unsigned i = 70; i < 78; i++) {
        remap(i, 70 + i * 5 % 8, ALL);
    }
    static const uint16_t places[] = { 0, 1, 7, 8, 15, 16, 31, 32, 33, 63, 64, 100, 1000, 4093, 4095, 4096, 4097, 6000 };
    unsigned wrong = 0;
    for (unsigned k = 0; k < sizeof(places) / 2; k++) {
        unsigned n = places[k];
        memset((void *)at(70, 3), 0x33, 6100);
        memset((void *)at(74, 50), 0x33, 6100);
        at(74, 50)[n] = 0x34;
        Compared r = compare_bytes(at(74, 50), at(70, 3), 0, 6100);
        wrong += r.cx != 6100 - n - 1 || r.si != (Word)at(70, 3) + n + 1 || r.di != (Word)at(74, 50) + n + 1 || (r.flags & (CF | ZF | SF)) != (CF | SF);
        r = compare_words(at(74, 50), at(70, 3), 0, 3050);
        wrong += r.cx != 3050 - n / 2 - 1 || (r.flags & ZF);
        r = compare_quads(at(74, 50), at(70, 3), 0, 762);
        wrong += r.cx != 762 - n / 8 - 1 || (r.flags & ZF);
        r = find_byte(at(74, 50), NULL, 0x34, 6100);
        wrong += r.cx != 6100 - n - 1 || r.di != (Word)at(74, 50) + n + 1 || !(r.flags & ZF);
        r = skip_bytes(at(74, 50), NULL, 0x33, 6100);
        wrong += r.cx != 6100 - n - 1 || (r.flags & (CF | ZF | SF)) != (CF | SF);
        r = find_word(at(74, 50), NULL, n % 2 ? 0x3433 : 0x3334, 3050);
        wrong += r.cx != 3050 - n / 2 - 1 || !(r.flags & ZF);
        r = find_dword(at(74, 50), NULL, 0x33333333 + (1u << n % 4 * 8), 1525);
        wrong += r.cx != 1525 - n / 4 - 1 || !(r.flags & ZF);
        memset((void *)at(70, 3), 0x44, 6100);
        at(70, 3)[n] = at(74, 50)[n];
        r = compare_until(at(74, 50), at(70, 3), 0, 6100);
        wrong += r.cx != 6100 - n - 1 || !(r.flags & ZF);
    }
    check_is("comparisons stop at the right element", wrong, 0);
    memset((void *)at(70, 0), 9, 5000);
    memset((void *)at(74, 0), 9, 5000);
    Compared r = compare_bytes(at(70, 0), at(74, 0), 0, 5000);
    check(r.cx == 0 && (r.flags & ZF), "equal ones come to their end");
    r = find_byte(at(70, 0), NULL, 8, 5000);
    check(r.cx == 0 && !(r.flags & ZF), "what is not there is not found");
    r = find_byte(at(70, 0), NULL, 8, 0);
    check(r.di == (Word)at(70, 0) && (r.flags & ZF), "a count of 0 leaves the flags alone");
    hook = mend;
    mend_page = 71;
    mend_frame = 430;
    memset(frames + 4096 * 430, 9, 4096);
    mends = 1;
    remap(71, 0, 0);
    r = find_byte(at(70, 10), NULL, 8, 4990);
    check_is("REPNE SCASB over a fault: RCX there", hook_cx, 4990 - 4086);
    check_is("and at the end", r.cx, 0);
    hook = NULL;
}

static void strings_code(void)
{
    set_up();
    remap(80, 80, ALL);
    static const uint8_t returns[2][6] = { { 0xb8, 1, 0, 0, 0, 0xc3 }, { 0xb8, 2, 0, 0, 0, 0xc3 } };     /* mov $N, %eax; ret */
    unsigned wrong = 0;
    for (unsigned i = 0; i < 100; i++) {
        REP("movsb", at(80, 64), returns[i % 2], 6);
        wrong += ((unsigned (*)(void))at(80, 64))() != i % 2 + 1;
        REP("movsb", frames + 4096 * 80 + 64, returns[(i + 1) % 2], 6);     /* by another address */
        wrong += ((unsigned (*)(void))at(80, 64))() != (i + 1) % 2 + 1;
    }
    check_is("code that REP MOVSB has changed", wrong, 0);
    /* rep stosb over the instruction behind itself: mov $1, %al becomes nop nop. */
    static const uint8_t own[] = { 0xf3, 0xaa, 0xb0, 1, 0xc3 };
    for (unsigned i = 0; i < 20; i++) {
        memcpy((void *)at(80, 512), own, sizeof(own));
        Word di = (Word)at(80, 514), cx = 2, ax = 0x90;
        __asm__ volatile("call *%3" : "+D"(di), "+c"(cx), "+a"(ax) : "r"(at(80, 512)) : "memory");
        wrong += (ax & 0xff) != 0x90;
    }
    check_is("the instruction behind REP STOSB that it changed", wrong, 0);
}

/* ---- atomics ---- */

static bool exchange16(volatile void *p, uint64_t *low, uint64_t *high, uint64_t new_low, uint64_t new_high)
{
    uint8_t equal;
    __asm__ volatile("lock cmpxchg16b (%3); sete %2" : "+a"(*low), "+d"(*high), "=&r"(equal) : "r"(p), "b"(new_low), "c"(new_high) : "memory", "cc");
    return equal;
}

static void atomics(void)
{
    set_up();
    remap(90, 90, ALL);
    remap(91, 330, ALL);
    volatile uint64_t *p = (volatile uint64_t *)at(90, 64);
    p[0] = 5;
    p[1] = 6;
    uint64_t low = 5, high = 6;
    check(exchange16(p, &low, &high, 7, 8) && p[0] == 7 && p[1] == 8, "CMPXCHG16B of what is there");
    check(!exchange16(p, &low, &high, 1, 1) && low == 7 && high == 8 && p[0] == 7 && p[1] == 8, "of something else");
    high = 9;
    check(!exchange16(p, &low, &high, 1, 1) && high == 8, "of the high half alone");
    int v = CATCH(exchange16((volatile uint8_t *)p + 8, &low, &high, 1, 1));
    check_fault("at an address that is not aligned", v, GP, 0);
    remap(90, 90, ALL & ~W);
    write_cr0(read_cr0() | 0x10000);
    v = CATCH(exchange16(p, &low, &high, 1, 1));
    check_fault("in a page that may not be written", v, PF, 3);
    v = CATCH(__asm__ volatile("lock cmpxchgl %1, %0" : "+m"(*(volatile uint32_t *)p) : "r"(0), "a"(12345) : "cc"));
    check_fault("a CMPXCHG that does not store needs the right to", v, PF, 3);
    remap(90, 90, ALL);
    unsigned wrong = 0;
    for (unsigned o = 4089; o < 4096; o++) {
        volatile uint64_t *q = (volatile uint64_t *)at(90, o);
        *q = 0x0123456789abcdef;
        uint64_t add = 0x1111111111111111;
        __asm__ volatile("lock xaddq %0, (%1)" : "+r"(add) : "r"(q) : "memory", "cc");
        wrong += add != 0x0123456789abcdef || *q != 0x0123456789abcdef + 0x1111111111111111;
        __asm__ volatile("lock orb $1, 3(%0); lock incq (%0); lock andq $-16, (%0); lock btsq $2, (%0)" :: "r"(q) : "memory", "cc");
        wrong += *q != ((((0x0123456789abcdef + 0x1111111111111111) | 1 << 24) + 1) & -16ul) + 4;
    }
    check_is("locked operations over two pages", wrong, 0);
}

/* ---- two processors ---- */

static volatile unsigned command, answer, seen;
static volatile uint32_t shared __attribute__((aligned(64)));

/* 1: look at page 100; 2: look without INVLPG; 3: count. */
static void other(unsigned number)
{
    (void)number;
    for (;;) {
        while (command == answer) {
            pause_a_little();
        }
        unsigned now = command;
        if (now % 4 == 1) {
            invlpg(at(100, 0));
            seen = *(volatile uint64_t *)at(100, 0);
        } else if (now % 4 == 2) {
            *(volatile uint64_t *)at(100, 24) += 1;
        } else {
            for (unsigned i = 0; i < 20000; i++) {
                __asm__ volatile("lock incl %0" : "+m"(shared) :: "cc");
            }
        }
        answer = now;
    }
}

static unsigned turn;

static void order(unsigned what)
{
    turn += 4;
    command = turn + what;
}

static void await(void)
{
    while (answer != command) {
        pause_a_little();
    }
}

static void two_processors(void)
{
    set_up();
    if (!start_processors(1, other)) {
        skip("two processors", "there is one");
        return;
    }
    unsigned wrong = 0;
    for (unsigned i = 0; i < 300; i++) {
        *id_of_frame(i) = i + 1000;
        map(100, i, ALL);
        order(1);
        await();
        wrong += seen != i + 1000;
        uint64_t before = id_of_frame(i)[3];
        order(2);
        await();
        wrong += id_of_frame(i)[3] != before + 1;
    }
    check_is("what one has mapped the other sees behind its INVLPG", wrong, 0);
    order(3);
    for (unsigned i = 0; i < 20000; i++) {
        uint32_t one = 1;
        __asm__ volatile("lock xaddl %0, %1" : "+r"(one), "+m"(shared) :: "cc");
    }
    await();
    check_is("both have counted", shared, 40000);
    /* Code on a page that the other writes to. */
    map(100, 100, ALL);
    static const uint8_t returns[] = { 0xb8, 1, 0, 0, 0, 0xc3 };
    memcpy(frames + 4096 * 100 + 1024, returns, sizeof(returns));
    order(1);
    await();
    for (unsigned i = 0; i < 100; i++) {
        wrong += ((unsigned (*)(void))(frames + 4096 * 100 + 1024))() != 1;
        uint64_t before = id_of_frame(100)[3];
        order(2);
        await();
        wrong += id_of_frame(100)[3] != before + 1;
    }
    check_is("stores beside code that another runs", wrong, 0);
}

const Subject subjects[] = {
    { "many pages", many_pages }, { "rights that change", rights_change }, { "over two pages", crossing }, { "off one register", one_base },
    { "strings that fault", strings_fault }, { "strings that overlap", strings_overlap }, { "comparing strings", strings_compare },
    { "strings over code", strings_code }, { "atomics", atomics }, { "two processors", two_processors }, { 0 },
};
