/*
 * Several processors: starting them, IPIs among them, locked operations, the order of memory, changes of mappings and of code that others run.
 *
 * Intel SDM volume 3, 8.1 (locked operations, 8.1.3 self- and cross-modifying code), 8.2 (memory ordering), 8.4 (start), 4.10.5 (shootdown), 11.6 (IPIs).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { CPUS = 4, ROUNDS = 3000 };

/* ---- work for all ---- */

static void (*volatile job)(unsigned number);
static volatile unsigned generation, nr_done;
static volatile unsigned nr_ipis[CPUS], nr_nmis[CPUS];

static void wait_for(volatile unsigned *value, unsigned wanted)
{
    while (*value < wanted) {
        pause_a_little();
    }
}

static void processor(unsigned number)
{
    for (unsigned seen = 0;;) {
        while (generation == seen) {
            pause_a_little();
        }
        seen++;
        job(number);
        __atomic_add_fetch(&nr_done, 1, __ATOMIC_SEQ_CST);
    }
}

/* Runs the function on all, number 0 here. */
static void on_all(void (*run)(unsigned number))
{
    job = run;
    nr_done = 0;
    generation++;
    run(0);
    wait_for(&nr_done, CPUS - 1);
}

static unsigned number_here(void)
{
    return APIC(0x20) >> 24;
}

static bool count_interrupt(Frame *f)
{
    if (f->vector == NMI) {
        __atomic_add_fetch(&nr_nmis[number_here()], 1, __ATOMIC_SEQ_CST);
        return true;
    }
    if (f->vector < 0x40 || f->vector == USER_RETURN) {
        return false;
    }
    __atomic_add_fetch(&nr_ipis[number_here()], 1, __ATOMIC_SEQ_CST);
    APIC(0xb0) = 0;
    return true;
}

/* ---- start, IPIs ---- */

static volatile unsigned mask_of_ids;
static void note_id(unsigned number)
{
    (void)number;
    __atomic_or_fetch(&mask_of_ids, 1u << number_here(), __ATOMIC_SEQ_CST);
}

static void start(void)
{
    check(start_processors(CPUS - 1, processor), "the others start");
    check_is("all that there are", nr_processors_up, CPUS - 1);
    on_all(note_id);
    check_is("each has an APIC id of its own", mask_of_ids, (1u << CPUS) - 1);
}

static void take_interrupts(unsigned number)
{
    __asm__ volatile("sti" ::: "memory");
    while (number && nr_ipis[number_here()] < 3) {
        pause_a_little();
    }
    __asm__ volatile("cli" ::: "memory");
}

static void sleep_once(unsigned number)
{
    if (number) {
        __asm__ volatile("sti; hlt; cli" ::: "memory");
    }
}

static void ipis(void)
{
    hook = count_interrupt;
    job = take_interrupts;
    nr_done = 0;
    generation++;
    for (unsigned n = 0; n < 3; n++) {
        APIC(0x300) = 0xc0051;          /* all but the sender */
        for (unsigned c = 1; c < CPUS; c++) {
            wait_for(&nr_ipis[c], n + 1);
        }
    }
    wait_for(&nr_done, CPUS - 1);
    check(nr_ipis[1] == 3 && nr_ipis[2] == 3 && nr_ipis[3] == 3 && nr_ipis[0] == 0, "IPIs to all others");
    send_ipi(2, 0x400);
    wait_for(&nr_nmis[2], 1);
    check(nr_nmis[1] + nr_nmis[3] == 0, "an NMI to one");
    job = sleep_once;
    nr_done = 0;
    generation++;
    for (volatile unsigned i = 0; i < 20000; i++) {
    }
    while (nr_done < CPUS - 1) {
        APIC(0x300) = 0xc0052;
        for (volatile unsigned i = 0; i < 1000; i++) {
        }
    }
    check(true, "an IPI wakes from HLT");
    __asm__ volatile("sti; nop; cli");
    hook = NULL;
}

/* ---- locked operations ---- */

static volatile uint64_t counters[8] __attribute__((aligned(64)));
static volatile uint8_t across[128] __attribute__((aligned(64)));
static volatile __uint128_t wide __attribute__((aligned(16)));
static volatile uint32_t lock, guarded;

static void add(unsigned number)
{
    (void)number;
    for (unsigned i = 0; i < ROUNDS; i++) {
        __asm__ volatile("lock incq %0" : "+m"(counters[0]));
        uint64_t one = 1;
        __asm__ volatile("lock xaddq %0, %1" : "+r"(one), "+m"(counters[1]));
        uint64_t old = counters[2];
        __asm__ volatile("1: lea 1(%%rax), %%rdx; lock cmpxchgq %%rdx, %1; jnz 1b" : "+a"(old), "+m"(counters[2]) :: "rdx", "cc");
        while (__atomic_exchange_n(&lock, 1, __ATOMIC_SEQ_CST)) {
            pause_a_little();
        }
        guarded = guarded + 1;
        lock = 0;
        uint64_t low = (uint64_t)wide, high = wide >> 64;
        __asm__ volatile("1: mov %%rax, %%rbx; mov %%rdx, %%rcx; add $1, %%rbx; adc $1, %%rcx; lock cmpxchg16b %2; jnz 1b"
                         : "+a"(low), "+d"(high), "+m"(wide) :: "rbx", "rcx", "cc");
        __asm__ volatile("lock negb %0" : "+m"(*(volatile uint8_t *)&counters[4]));
        __asm__ volatile("lock btcl %k1, %0" : "+m"(counters[5]) : "r"(i & 31) : "cc");
    }
}

static void locked(void)
{
    counters[4] = 1;
    on_all(add);
    enum { N = CPUS * ROUNDS };
    check_is("LOCK INC", counters[0], N);
    check_is("LOCK XADD", counters[1], N);
    check_is("CMPXCHG", counters[2], N);
    check_is("a lock by XCHG", guarded, N);
    check_is("CMPXCHG16B, low", (uint64_t)wide, N);
    check_is("CMPXCHG16B, high", (uint64_t)(wide >> 64), N);
    check_is("LOCK NEG", counters[4] & 0xff, 1);
    check_is("LOCK BTC", counters[5] & 0xffffffff, 0);
}

static void add_across(unsigned number)
{
    (void)number;
    for (unsigned i = 0; i < ROUNDS; i++) {
        __asm__ volatile("lock addl $3, %0" : "+m"(*(volatile uint32_t *)&across[62]));
    }
}

static void split_locks(void)
{
    memset((void *)across, 0, sizeof(across));
    on_all(add_across);
    check_is("LOCK ADD over a line's end", *(volatile uint32_t *)&across[62], 3 * CPUS * ROUNDS);
}

/* ---- the order of memory ---- */

static volatile uint32_t x __attribute__((aligned(64))), y __attribute__((aligned(64))), r[CPUS][2] __attribute__((aligned(64)));
static volatile unsigned arrived, round_number;
static unsigned nr_message, nr_buffered, nr_independent;

/* All of them meet; the last one begins the next round. */
static void meet(unsigned n)
{
    if (__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST) == CPUS) {
        arrived = 0;
        __atomic_store_n(&round_number, n, __ATOMIC_SEQ_CST);
    }
    while (round_number != n) {
        pause_a_little();
    }
}

static void litmus(unsigned number)
{
    unsigned n = round_number;
    for (unsigned i = 0; i < 300; i++) {
        meet(++n);
        /* Message passing: 0 writes x then y; 1 reads y then x. */
        if (number == 0) {
            x = 1;
            y = 1;
        } else if (number == 1) {
            r[1][0] = y;
            r[1][1] = x;
        }
        meet(++n);
        if (number == 0) {
            nr_message += r[1][0] == 1 && r[1][1] == 0;
            x = y = 0;
        }
        meet(++n);
        /* Store buffering with fences. */
        if (number == 0) {
            x = 1;
            __asm__ volatile("mfence" ::: "memory");
            r[0][0] = y;
        } else if (number == 1) {
            y = 1;
            __asm__ volatile("lock orl $0, (%%rsp)" ::: "memory");
            r[1][0] = x;
        }
        meet(++n);
        if (number == 0) {
            nr_buffered += r[0][0] == 0 && r[1][0] == 0;
            x = y = 0;
        }
        meet(++n);
        /* Independent reads of independent writes. */
        if (number == 0) {
            x = 1;
        } else if (number == 1) {
            y = 1;
        } else if (number == 2) {
            r[2][0] = x;
            r[2][1] = y;
        } else {
            r[3][0] = y;
            r[3][1] = x;
        }
        meet(++n);
        if (number == 0) {
            nr_independent += r[2][0] == 1 && r[2][1] == 0 && r[3][0] == 1 && r[3][1] == 0;
            x = y = 0;
        }
    }
}

static void memory_order(void)
{
    on_all(litmus);
    check_is("writes are seen in their order", nr_message, 0);
    check_is("fences order a write before a read", nr_buffered, 0);
    check_is("all see writes of two in one order", nr_independent, 0);
}

/* ---- mappings ---- */

#define MAPPED ((volatile uint32_t *)0x50000000ul)
static uint64_t *leaf;
static volatile unsigned flush_wanted, flush_done, nr_stale, stop;
static volatile uint32_t allowed;

/* 1 to 3: read for ever; flush when asked; behind that nothing old may be seen. */
static void read_mapped(unsigned number)
{
    unsigned seen = 0;
    while (number && !stop) {
        uint32_t before = allowed, value = *MAPPED;
        if (value < before) {
            nr_stale++;
        }
        if (flush_wanted != seen) {
            seen = flush_wanted;
            invlpg(MAPPED);
            __atomic_add_fetch(&flush_done, 1, __ATOMIC_SEQ_CST);
        }
    }
}

static void shootdown(void)
{
    extern uint64_t boot_pd[];
    uint64_t *table = page_alloc(1);
    uint32_t *frames[8];
    for (unsigned i = 0; i < 8; i++) {
        frames[i] = page_alloc(1);
    }
    leaf = table;
    *frames[0] = 0;
    *leaf = (Word)frames[0] | 7;
    boot_pd[0x50000000 >> 21] = (Word)table | 7;
    flush_tlb();
    job = read_mapped;
    nr_done = 0;
    generation++;
    for (unsigned i = 1; i < 60; i++) {
        uint32_t *frame = frames[i & 7];
        *frame = i;
        *(volatile uint64_t *)leaf = (Word)frame | 7;
        invlpg(MAPPED);
        flush_done = 0;
        flush_wanted = i;
        wait_for(&flush_done, CPUS - 1);
        allowed = i;            /* every frame that was mapped before holds less */
        if (*MAPPED != i) {
            nr_stale++;
        }
    }
    stop = 1;
    wait_for(&nr_done, CPUS - 1);
    stop = 0;
    check_is("nothing old is seen behind a shootdown", nr_stale, 0);
}

/* ---- code ---- */

static uint8_t *code;
static volatile uint32_t written, nr_bad, calls[CPUS];
static volatile unsigned agreed;

static uint32_t run_code(void)
{
    return ((uint32_t (*)(void))code)();
}

/* 0 writes the immediate (aligned, so that it changes at once); the others call: what they get never goes back. */
static void cross_modify(unsigned number)
{
    if (number == 0) {
        for (uint32_t i = 1; i <= 200; i++) {
            *(volatile uint32_t *)(code + 4) = i;
            written = i;
            for (unsigned k = 0; k < 50; k++) {
                pause_a_little();
            }
        }
        for (unsigned c = 1; c < CPUS; c++) {
            wait_for(&calls[c], 1);
        }
        stop = 1;
        return;
    }
    uint32_t last = 0;
    while (!stop) {
        uint32_t value = run_code();
        if (value < last || value > written + 1) {
            nr_bad++;
        }
        last = value;
        calls[number]++;
    }
    __asm__ volatile("cpuid" :: "a"(0), "c"(0) : "ebx", "edx", "memory");
    if (run_code() != 200) {
        nr_bad++;
    }
}

/* The same with a hand-shake: behind it the new code must run. */
static void agreed_modify(unsigned number)
{
    for (unsigned i = 1; i <= 100; i++) {
        if (number == 0) {
            *(volatile uint32_t *)(code + 4) = 1000 + i;
            agreed = i;
        } else {
            wait_for(&agreed, i);
            __asm__ volatile("cpuid" :: "a"(0), "c"(0) : "ebx", "edx", "memory");
            if (run_code() != 1000 + i) {
                nr_bad++;
            }
        }
        __atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
        wait_for(&arrived, CPUS * i);
    }
}

static void modifying(void)
{
    code = page_alloc(1);
    static const uint8_t bytes[] = { 0x90, 0x90, 0x90, 0xb8, 0, 0, 0, 0, 0xc3 };
    memcpy(code, bytes, sizeof(bytes));
    stop = 0;
    on_all(cross_modify);
    check_is("code that another processor changes", nr_bad, 0);
    check(calls[1] && calls[2] && calls[3], "was run meanwhile");
    nr_bad = arrived = agreed = 0;
    on_all(agreed_modify);
    check_is("with a hand-shake the new code runs", nr_bad, 0);
    /* And by itself: the next instruction, in a loop. */
    extern uint8_t own_loop[];
    uint8_t *own = page_alloc(1);
    memcpy(own, own_loop, 64);
    uint32_t sum = ((uint32_t (*)(uint32_t))own)(100);
    check_is("code that changes its next instruction", sum, 100 * 101 / 2);
}
/* for (edi..1) { patch the immediate of the next instruction with edi; add it } */
__asm__(".pushsection .text; own_loop: xor %eax, %eax; 1: mov %edi, 2f+1(%rip); jmp 2f; 2: mov $0x11111111, %edx; add %edx, %eax; dec %edi; jnz 1b; ret; .popsection");

/* ---- INIT ---- */

static void restart(void)
{
    unsigned before = nr_processors_up;
    send_ipi(1, 0x4500);
    for (volatile unsigned i = 0; i < 20000; i++) {
    }
    check_is("INIT stops a processor", nr_processors_up, before);
    send_ipi(1, 0x4608);
    wait_for(&nr_processors_up, before + 1);
    check(true, "a start-up IPI starts it again");
    send_ipi(1, 0x4608);
    for (volatile unsigned i = 0; i < 20000; i++) {
    }
    check_is("a second one does nothing", nr_processors_up, before + 1);
}

const Subject subjects[] = {
    { "start", start }, { "IPIs", ipis }, { "locked operations", locked }, { "split locks", split_locks }, { "memory order", memory_order },
    { "shootdown", shootdown }, { "modified code", modifying }, { "INIT", restart }, { 0 },
};
