/*
 * Hard times for a translator: jumps everywhere, code that rewrites itself, more code than fits its cache, page faults within page faults, eight processors that
 * change code and mappings under each other. What comes out is compared with a model in C. LONG_RUN: the same for minutes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#ifdef LONG_RUN
enum { TIMES = 1200 };
#else
enum { TIMES = 1 };
#endif
enum { BLOCK = 64 };

/* ---- blocks that compute and jump to the next by what they have computed ---- */

typedef struct Machine { uint8_t *code; Word *table; uint32_t *immediates; uint32_t mask; bool rewrites; } Machine;

static uint8_t *emit(uint8_t *p, const char *bytes, unsigned n)
{
    memcpy(p, bytes, n);
    return p + n;
}

static uint8_t *emit32(uint8_t *p, uint32_t value)
{
    memcpy(p, &value, 4);
    return p + 4;
}

/* edi: state, esi: blocks left, rdx: table of addresses, r8: the code. */
static void make_block(const Machine *m, unsigned i)
{
    uint8_t *p = m->code + i * BLOCK;
    p = emit32(emit(p, "\xb8", 1), m->immediates[i]);           /* mov $immediate, %eax */
    p = emit(p, "\x31\xc7", 2);                                 /* xor %eax, %edi */
    p = emit32(emit(p, "\x69\xff", 2), 1664525);                /* imul $, %edi, %edi */
    p = emit32(emit(p, "\x81\xc7", 2), 1013904223);             /* add $, %edi */
    if (m->rewrites) {
        p = emit(p, "\x89\xf9\xc1\xe9\x10", 5);                 /* mov %edi, %ecx; shr $16, %ecx */
        p = emit32(emit(p, "\x81\xe1", 2), m->mask);            /* and $mask, %ecx */
        p = emit(p, "\xc1\xe1\x06\x41\x89\x7c\x08\x01", 8);     /* shl $6, %ecx; mov %edi, 1(%r8,%rcx) */
    }
    p = emit(p, "\xff\xce\x75\x01\xc3", 5);                     /* dec %esi; jnz 1f; ret; 1: */
    p = emit32(emit(p, "\x89\xf8\xc1\xe8\x08\x25", 6), m->mask);   /* mov %edi, %eax; shr $8, %eax; and $mask, %eax */
    emit(p, "\xff\x24\xc2", 3);                                 /* jmp *(%rdx,%rax,8) */
}

static Machine make_machine(unsigned nr_blocks, bool rewrites)
{
    Machine m = { .code = page_alloc(nr_blocks * BLOCK / 4096), .table = page_alloc((nr_blocks * 8 + 4095) / 4096),
                  .immediates = page_alloc((nr_blocks * 4 + 4095) / 4096), .mask = nr_blocks - 1, .rewrites = rewrites };
    for (unsigned i = 0; i < nr_blocks; i++) {
        m.immediates[i] = i * 2654435761u;
        m.table[i] = (Word)(m.code + i * BLOCK);
        make_block(&m, i);
    }
    return m;
}

static uint32_t run_machine(const Machine *m, uint32_t state, uint32_t count)
{
    uint32_t result;
    register Word base __asm__("r8") = (Word)m->code;
    __asm__ volatile("call *%%rax" : "=D"(result), "+S"(count) : "0"(state), "a"(m->code), "d"(m->table), "r"(base) : "rcx", "memory", "cc");
    return result;
}

static uint32_t model(const Machine *m, uint32_t state, uint32_t count)
{
    for (unsigned i = 0;; i = state >> 8 & m->mask) {
        state = (state ^ m->immediates[i]) * 1664525 + 1013904223;
        if (m->rewrites) {
            m->immediates[state >> 16 & m->mask] = state;
        }
        if (--count == 0) {
            return state;
        }
    }
}

static void jumps(void)
{
    Machine m = make_machine(4096, false);
    for (unsigned t = 0; t < TIMES; t++) {
        uint32_t got = run_machine(&m, t + 1, 300000), want = model(&m, t + 1, 300000);
        if (got != want || t == TIMES - 1) {
            check_is("300000 jumps among 4096 blocks", got, want);
        }
    }
}

static void rewriting(void)
{
    static const unsigned sizes[] = { 1, 8, 64, 1024 };
    static const char *const names[] = { "one block that rewrites itself", "8 blocks that rewrite each other", "64", "1024" };
    for (unsigned i = 0; i < 4; i++) {
        Machine m = make_machine(sizes[i] < 64 ? 64 : sizes[i], true);
        m.mask = sizes[i] - 1;
        for (unsigned k = 0; k < sizes[i]; k++) {
            make_block(&m, k);
        }
        for (unsigned t = 0; t < TIMES; t++) {
            uint32_t got = run_machine(&m, t + 1, 8000), want = model(&m, t + 1, 8000);
            if (got != want || t == TIMES - 1) {
                check_is(names[i], got, want);
            }
        }
    }
}

/* ---- more code than fits ---- */

static void much_code(void)
{
    enum { BLOCKS = 65536 };
    Machine m = make_machine(BLOCKS, false);
    uint32_t got = 1, want = 1;
    for (unsigned t = 0; t < (TIMES + 1) / 2 + 1; t++) {
        got = run_machine(&m, got, 60000);
        want = model(&m, want, 60000);
    }
    check_is("60000 jumps among 65536 blocks, again and again", got, want);
}

/* ---- page faults within page faults ---- */

#define REGION 0x60000000ul
enum { REGION_PAGES = 64 };
static uint64_t *region_table;
static volatile unsigned fault_depth, deepest, nr_faults;

static bool map_on_fault(Frame *f)
{
    Word at = read_cr2();
    if (f->vector != PF || at < REGION || at >= REGION + REGION_PAGES * 4096) {
        return false;
    }
    unsigned n = (at - REGION) / 4096;
    nr_faults++;
    if (++fault_depth > deepest) {
        deepest = fault_depth;
    }
    if (n % 16 != 15) {
        (void)*(volatile uint8_t *)(at + 4096);         /* which is not there either */
    }
    region_table[n] = 0x800000 + n * 4096 + 7;
    fault_depth--;
    return true;
}

static void nested_faults(void)
{
    extern uint64_t boot_pd[];
    region_table = page_alloc(1);
    boot_pd[REGION >> 21] = (Word)region_table | 7;
    flush_tlb();
    hook = map_on_fault;
    unsigned wrong = 0;
    for (unsigned t = 0; t < 50 * TIMES; t++) {
        memset(region_table, 0, 4096);
        flush_tlb();
        nr_faults = deepest = 0;
        for (unsigned n = 0; n < REGION_PAGES; n += 16) {
            *(volatile uint32_t *)(REGION + n * 4096 + 8) = t;
        }
        wrong += nr_faults != REGION_PAGES || deepest != 16;
    }
    hook = NULL;
    check_is("page faults sixteen deep, each counted", wrong, 0);
}

/* ---- eight processors ---- */

enum { CPUS = 8 };
static uint8_t *shared;                 /* a function a processor, 64 bytes apart: mov $n, %eax; ret */
static volatile uint32_t written[CPUS];
static volatile unsigned nr_wrong, nr_finished, nr_stopped, go, nr_interrupts[CPUS];
static uint64_t *window_table;
#define WINDOW 0x70000000ul

static bool invalidate_all(Frame *f)
{
    if (f->vector != 0x61) {
        return false;
    }
    nr_interrupts[APIC(0x20) >> 24]++;
    flush_tlb();
    APIC(0xb0) = 0;
    return true;
}

static void racer(unsigned number)
{
    uint32_t last[CPUS] = { 0 };
    while (!go) {
        pause_a_little();
    }
    __asm__ volatile("sti" ::: "memory");
    for (unsigned i = 1; i <= 300u * TIMES; i++) {
        *(volatile uint32_t *)(shared + number * 64 + 4) = i;
        written[number] = i;
        for (unsigned c = 0; c < CPUS; c++) {
            uint32_t value = ((uint32_t (*)(void))(shared + c * 64 + 3))();
            if (value < last[c] || value > written[c] + 1) {
                nr_wrong++;
            }
            last[c] = value;
        }
        /* A page of its own, seen through one of two frames. */
        volatile uint32_t *window = (volatile uint32_t *)(WINDOW + number * 4096);
        window_table[number] = 0x900000 + (number * 2 + (i & 1)) * 4096 + 7;
        invlpg(window);
        *window = i;
        if (*(volatile uint32_t *)(Word)(0x900000 + (number * 2 + (i & 1)) * 4096) != i) {
            nr_wrong++;
        }
        if (i % 64 == 0) {
            __asm__ volatile("cli" ::: "memory");
            APIC(0x300) = 0xc0061;
            __asm__ volatile("sti" ::: "memory");
        }
    }
    __asm__ volatile("cpuid" :: "a"(0), "c"(0) : "ebx", "edx", "memory");
    if (((uint32_t (*)(void))(shared + number * 64 + 3))() != 300u * TIMES) {
        nr_wrong++;
    }
    __atomic_add_fetch(&nr_finished, 1, __ATOMIC_SEQ_CST);
    while (nr_finished < CPUS) {
        pause_a_little();
    }
    __asm__ volatile("cli" ::: "memory");
    __atomic_add_fetch(&nr_stopped, 1, __ATOMIC_SEQ_CST);
    while (number) {
        __asm__ volatile("hlt");
    }
}

static void eight(void)
{
    extern uint64_t boot_pd[];
    shared = page_alloc(1);
    window_table = page_alloc(1);
    boot_pd[WINDOW >> 21] = (Word)window_table | 7;
    for (unsigned c = 0; c < CPUS; c++) {
        shared[c * 64 + 3] = 0xb8;
        shared[c * 64 + 8] = 0xc3;
    }
    hook = invalidate_all;
    check(start_processors(CPUS - 1, racer), "seven more start");
    go = 1;
    racer(0);
    while (nr_stopped < CPUS) {
        pause_a_little();
    }
    check_is("code and mappings that change under each other", nr_wrong, 0);
    unsigned least = 1000000;
    for (unsigned c = 0; c < CPUS; c++) {
        least = nr_interrupts[c] < least ? nr_interrupts[c] : least;
    }
    check(least > 0, "and interrupts all over");
}

const Subject subjects[] = {
    { "jumps", jumps }, { "rewriting", rewriting }, { "much code", much_code }, { "nested faults", nested_faults }, { "eight processors", eight }, { 0 },
};
