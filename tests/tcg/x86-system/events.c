/*
 * Interrupts from outside: the local APIC's priorities, IPIs to itself, timer, NMI and its blocking, what HLT wakes from, the shadow of STI, interrupt stacks,
 * the 8259s and the I/O APIC, system management interrupts, MONITOR and MWAIT, x2APIC mode.
 *
 * Intel SDM volume 3, 6.7 to 6.9, 6.14.5 (IST), chapter 11 (APIC), 8.10 (HLT, MWAIT), 31 (SMM); 82093AA (I/O APIC), 8259A, 8254 datasheets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { APIC_ID = 0x20, TPR = 0x80, PPR = 0xa0, EOI = 0xb0, LDR = 0xd0, DFR = 0xe0, SVR = 0xf0, ISR = 0x100, IRR = 0x200, ESR = 0x280, LVT_TIMER = 0x320, LINT0 = 0x350,
       LINT1 = 0x360, LVT_ERROR = 0x370, TIMER_INITIAL = 0x380, TIMER_CURRENT = 0x390, TIMER_DIVIDE = 0x3e0 };
enum { SELF = 0x40000, MASKED = 0x10000, APIC_BASE_MSR = 0x1b };

/* ---- a log of vectors ---- */

static volatile struct { uint8_t vector, depth; Word ip, sp; } got[64];
static volatile unsigned nr_got, depth;
static void (*volatile inside)(unsigned vector);        /* called in the handler, before EOI */

static bool log_vector(Frame *f)
{
    if (f->vector < 32 && f->vector != NMI) {
        return false;
    }
    if (f->vector == USER_RETURN) {
        return false;
    }
    unsigned n = nr_got++ & 63;
    got[n].vector = f->vector;
    got[n].depth = depth;
    got[n].ip = f->ip;
    got[n].sp = (Word)f;
    depth++;
    if (inside) {
        inside(f->vector);
    }
    depth--;
    if (f->vector >= 32 && f->vector != 0xff) {
        APIC(EOI) = 0;
    }
    return true;
}

static void begin(void)
{
    nr_got = depth = 0;
    inside = NULL;
    hook = log_vector;
}

static void sti(void)
{
    __asm__ volatile("sti; nop" ::: "memory");
}

static void cli(void)
{
    __asm__ volatile("cli" ::: "memory");
}

/* What a write to a device has brought is seen by now: an access to a port looks for it, a write to memory need not. */
static void settle(void)
{
    in8(0x80);
}

static void self(unsigned vector)
{
    APIC(0x300) = SELF | vector;
}

static bool bit(unsigned reg, unsigned vector)
{
    return APIC(reg + (Word)(vector / 32) * 16) >> vector % 32 & 1;
}

static void check_order(const char *name, const char *vectors)
{
    bool good = true;
    unsigned n = 0;
    for (; vectors[n]; n++) {
        good &= n < nr_got && got[n].vector == (uint8_t)vectors[n];
    }
    good &= n == nr_got;
    check(good, "%s", name);
    for (unsigned i = 0; !good && i < nr_got && i < 64; i++) {
        print("# vector 0x%x, depth %u\n", got[i].vector, got[i].depth);
    }
}

/* ---- the local APIC ---- */

static void send_higher(unsigned vector)
{
    if (vector == 0x51) {
        self(0x61);
        sti();
        cli();
    }
}

static void send_lower(unsigned vector)
{
    if (vector == 0x51) {
        self(0x41);
        sti();
        cli();
    }
}

static void ipis(void)
{
    apic_enable();
    APIC(TPR) = 0;
    begin();
    self(0x51);
    check(bit(IRR, 0x51), "an IPI waits in IRR");
    check_is("nothing comes with IF clear", nr_got, 0);
    sti();
    cli();
    check_order("it comes with IF set", "\x51");
    check(!bit(IRR, 0x51) && !bit(ISR, 0x51), "and is gone");
    begin();
    self(0x31);
    self(0x91);
    self(0x51);
    self(0x51);
    sti();
    cli();
    check_order("the highest comes first, each once", "\x91\x51\x31");
    begin();
    inside = send_higher;
    self(0x51);
    sti();
    cli();
    check_order("a higher one comes in the handler", "\x51\x61");
    check_is("nested", got[1].depth, 1);
    begin();
    inside = send_lower;
    self(0x51);
    sti();
    cli();
    check_order("a lower one behind EOI", "\x51\x41");
    check_is("not nested", got[1].depth, 0);
    begin();
    APIC(TPR) = 0x50;
    self(0x51);
    self(0x61);
    sti();
    check_order("TPR holds off its class", "\x61");
    check_is("PPR", APIC(PPR), 0x50);
    APIC(TPR) = 0x40;
    settle();
    cli();
    check_order("and lets it when it falls", "\x61\x51");
#ifdef LONG
    begin();
    APIC(TPR) = 0;
    __asm__ volatile("mov %0, %%cr8" :: "r"(6ul));
    check_is("CR8 is the TPR", APIC(TPR), 0x60);
    self(0x61);
    sti();
    check_is("holds off", nr_got, 0);
    __asm__ volatile("mov %0, %%cr8; nop" :: "r"(5ul));
    check_is("lets through", nr_got, 1);
    cli();
    Word cr8;
    APIC(TPR) = 0x7c;
    __asm__ volatile("mov %%cr8, %0" : "=r"(cr8));
    check_is("CR8 reads bits 7 to 4", cr8, 7);
#endif
    APIC(TPR) = 0;
    APIC(ESR) = 0;
    self(0x05);
    APIC(ESR) = 0;
    check(APIC(ESR) & 0x20, "an illegal vector is an error sent (0x%x)", APIC(ESR));
    APIC(ESR) = 0;
    begin();
    APIC(0x310) = APIC(APIC_ID);
    APIC(0x300) = 0x71;
    sti();
    cli();
    check_order("a physical destination", "\x71");
    begin();
    APIC(DFR) = 0xffffffff;
    APIC(LDR) = 0x04000000;
    APIC(0x310) = 0x06000000;
    APIC(0x300) = 0x872;
    sti();
    cli();
    check_order("a logical destination", "\x72");
    begin();
    APIC(0x310) = 0x02000000;
    APIC(0x300) = 0x873;
    sti();
    cli();
    check_is("another logical destination", nr_got, 0);
}

/* ---- the shadow, HLT ---- */

static void shadows(void)
{
    begin();
    self(0x51);
    Word first, second;
    __asm__ volatile("sti; 1: nop; 2: cli; mov $1b, %0; mov $2b, %1" : "=r"(first), "=r"(second) :: "memory");
    check_is("STI: one instruction runs", nr_got, 1);
    check_is("then it comes", got[0].ip, second);
    begin();
    self(0x51);
    __asm__ volatile("sti; cli" ::: "memory");
    check_is("STI, CLI: nothing comes between", nr_got, 0);
    __asm__ volatile("sti; nop; cli" ::: "memory");
    begin();
    self(0x51);
    __asm__ volatile("mov %%ss, %%eax; sti; nop; cli; mov $2f, %0; sti; mov %%eax, %%ss; 2: nop; cli" : "=r"(second) :: "eax", "memory");
    check_is("interrupt taken behind STI", nr_got, 1);
    /* POPF has no shadow. */
    begin();
    self(0x51);
    __asm__ volatile("pushf; pop %0; or $0x200, %0; push %0; popf; 1: nop; cli; mov $1b, %0" : "=&r"(first) :: "memory", "cc");
    check_is("POPF has no shadow", got[0].ip, first);
    begin();
    self(0x51);
    __asm__ volatile("sti; hlt; 1: cli; mov $1b, %0" : "=r"(first) :: "memory");
    check_is("STI, HLT: wakes", nr_got, 1);
    check_is("behind HLT", got[0].ip, first);
    begin();
    APIC(TIMER_DIVIDE) = 0xb;
    APIC(LVT_TIMER) = 0x52;
    APIC(TIMER_INITIAL) = 200000;
    __asm__ volatile("sti; hlt; cli" ::: "memory");
    check_order("the APIC's timer wakes HLT", "\x52");
    check_is("one shot", APIC(TIMER_CURRENT), 0);
    begin();
    APIC(LVT_TIMER) = 0x52 | 0x20000;
    APIC(TIMER_INITIAL) = 100000;
    for (unsigned i = 0; i < 5; i++) {
        __asm__ volatile("sti; hlt; cli" ::: "memory");
    }
    APIC(LVT_TIMER) = MASKED;
    APIC(TIMER_INITIAL) = 0;
    check(nr_got >= 5, "periodic (%u)", nr_got);
    sti();
    cli();
}

/* ---- NMI ---- */

static void nmi_inside(unsigned vector)
{
    if (vector == NMI && nr_got == 1) {
        APIC(0x300) = 0x400;
        settle();
    }
}

static void nmis(void)
{
    begin();
    APIC(0x310) = APIC(APIC_ID);
    APIC(0x300) = 0x400;
    settle();
    check_order("an NMI comes with IF clear", "\x02");
    begin();
    inside = nmi_inside;
    APIC(0x310) = APIC(APIC_ID);
    APIC(0x300) = 0x400;
    settle();
    inside = NULL;
    check_order("a second one waits for IRET", "\x02\x02");
    check_is("not nested", got[1].depth, 0);
    /* NMI and an interrupt at the same time. */
    begin();
    self(0x51);
    APIC(0x310) = APIC(APIC_ID);
    __asm__ volatile("sti" ::: "memory");
    APIC(0x300) = 0x400;
    settle();
    cli();
    check_is("both come", nr_got, 2);
}

/* ---- interrupt stacks ---- */

#ifdef LONG
static uint8_t ist_stack[4096] __attribute__((aligned(16)));
static void ist(void)
{
    ((uint64_t *)(tss + 1))[4] = (Word)(ist_stack + sizeof(ist_stack));
    idt[2 * 0x55] |= 1ull << 32;
    begin();
    self(0x55);
    sti();
    cli();
    check(got[0].sp >= (Word)ist_stack && got[0].sp < (Word)(ist_stack + sizeof(ist_stack)), "an interrupt takes its stack of the IST");
    check_is("whose frame begins at its top", got[0].sp + sizeof(Frame) - 4 * sizeof(Word), (Word)(ist_stack + sizeof(ist_stack)));
    idt[2 * 0x55] &= ~(1ull << 32);
    begin();
    self(0x55);
    sti();
    cli();
    check(got[0].sp < (Word)ist_stack || got[0].sp >= (Word)(ist_stack + sizeof(ist_stack)), "without one the current stack");
    /* A stack that is not a multiple of 16 is aligned. */
    Word sp;
    begin();
    self(0x55);
    __asm__ volatile("mov %%rsp, %0; sub $8, %%rsp; and $-16, %%rsp; add $-8, %%rsp; sti; nop; cli; mov %0, %%rsp" : "=&r"(sp) :: "memory");
    check_is("a frame is aligned to 16 bytes", (got[0].sp + sizeof(Frame) - 4 * sizeof(Word)) & 15, 0);
}
#endif

/* ---- the 8259s, the 8254, the I/O APIC ---- */

static void pic_end(unsigned vector)
{
    (void)vector;
    out8(0x20, 0x20);
}

static void pic_start(void)
{
    out8(0x20, 0x11), out8(0x21, 0x70), out8(0x21, 4), out8(0x21, 1), out8(0x21, 0xfe);
    out8(0xa0, 0x11), out8(0xa1, 0x78), out8(0xa1, 2), out8(0xa1, 1), out8(0xa1, 0xff);
}

static void pit_once(unsigned ticks)
{
    out8(0x43, 0x30);
    out8(0x40, ticks);
    out8(0x40, ticks >> 8);
}

static void legacy(void)
{
    begin();
    pic_start();
    APIC(LINT0) = 0x700;
    inside = pic_end;
    pit_once(3000);
    __asm__ volatile("sti; hlt; cli" ::: "memory");
    check_order("the 8254 by 8259 and LINT0", "\x70");
    begin();
    out8(0x21, 0xff);
    pit_once(1000);
    for (unsigned i = 0; i < 100; i++) {
        in8(0x80);
    }
    sti();
    cli();
    check_is("masked at the 8259", nr_got, 0);
    /* By the I/O APIC: pin 2. */
    volatile uint32_t *io = (volatile uint32_t *)0xfec00000u;
    APIC(LINT0) = MASKED;
    io[0] = 0x10 + 2 * 2 + 1, io[4] = 0;
    io[0] = 0x10 + 2 * 2, io[4] = 0x63;
    begin();
    pit_once(3000);
    __asm__ volatile("sti; hlt; cli" ::: "memory");
    check_order("the 8254 by the I/O APIC", "\x63");
    io[0] = 0x10 + 2 * 2, io[4] = MASKED;
}

/* ---- system management mode ---- */

extern uint8_t smi_start[], smi_end[];
/* Notes that it ran and what it sees, moves SMBASE when asked to, goes back. */
__asm__(".pushsection .text; .code16; smi_start:\n"
        "movl $0x9f00, %ebx; incl (%ebx); movw %cs, %ax; movl %eax, 4(%ebx); movl %cr0, %eax; movl %eax, 8(%ebx); pushfl; popl %eax; movl %eax, 12(%ebx)\n"
        "movl 16(%ebx), %eax; testl %eax, %eax; jz 1f; movl %cs:0xff00, %ecx; movl %ecx, 20(%ebx); movl %eax, %cs:0xff00; 1: rsm\n"
        "smi_end:\n"
#ifdef LONG
        ".code64;"
#else
        ".code32;"
#endif
        ".popsection");
#define SMI ((volatile uint32_t *)0x9f00)

static void smm(void)
{
    begin();
    memcpy((void *)0x38000, smi_start, smi_end - smi_start);
    memcpy((void *)0x48000, smi_start, smi_end - smi_start);
    memset((void *)0x9f00, 0, 64);
    Word keep = 0x12345678, cr4 = read_cr4(), cr0 = read_cr0(), cr3 = read_cr3();
    *(volatile uint32_t *)0x9000 = 0;
    APIC(0x310) = APIC(APIC_ID);
    __asm__ volatile("movl $0x200, (%1); inb $0x80, %%al" : "+b"(keep) : "r"(&APIC(0x300)) : "eax", "memory");
    check_is("an SMI is taken with IF clear", SMI[0], 1);
    check_is("registers come back", keep, 0x12345678);
    check_is("CR0 in SMM has neither PE nor PG", SMI[2] & 0x80000001, 0);
    check_is("CS is SMBASE / 16", SMI[1] & 0xffff, 0x3000);
    check_is("flags are 2", SMI[3], 2);
    check_is("CR0 comes back", read_cr0(), cr0);
    check_is("CR3 comes back", read_cr3(), cr3);
    check_is("CR4 comes back", read_cr4(), cr4);
    SMI[4] = 0x40000;
    APIC(0x300) = 0x200;
    settle();
    check_is("the next SMI", SMI[0], 2);
    check_is("finds SMBASE in its area", SMI[5], 0x30000);
    SMI[4] = 0;
    APIC(0x300) = 0x200;
    settle();
    check_is("after moving SMBASE", SMI[0], 3);
    check_is("CS is the new one's", SMI[1] & 0xffff, 0x4000);
    SMI[4] = 0x30000;
    APIC(0x300) = 0x200;
    settle();
    int v = CATCH(__asm__ volatile("ud2"));
    check_fault("exceptions go on as before", v, UD, 0);
    begin();
    APIC(0x300) = 0x200;
    settle();
    self(0x51);
    sti();
    cli();
    check_order("and interrupts", "\x51");
}

/* ---- MONITOR, MWAIT ---- */

static void waiting(void)
{
    if (!(cpuid(1, 0).c >> 3 & 1)) {
        skip("MONITOR", "the processor has none");
        return;
    }
    static volatile uint32_t line[32] __attribute__((aligned(64)));
    check_fault("MONITOR with ECX", CATCH(__asm__ volatile("monitor" :: "a"(line), "c"(1), "d"(0))), GP, 0);
    check_fault("MWAIT with an unknown ECX", CATCH(__asm__ volatile("mwait" :: "a"(0), "c"(2))), GP, 0);
    check_fault("MONITOR in ring 3", USER(__asm__ volatile("monitor" :: "a"(line), "c"(0), "d"(0))), UD, 0);
    check_fault("MWAIT in ring 3", USER(__asm__ volatile("mwait" :: "a"(0), "c"(0))), UD, 0);
    begin();
    self(0x51);
    __asm__ volatile("monitor" :: "a"(line), "c"(0), "d"(0));
    __asm__ volatile("sti; mwait; cli" :: "a"(0), "c"(0) : "memory");
    check_is("MWAIT ends by an interrupt", nr_got, 1);
    begin();
    APIC(LVT_TIMER) = 0x52;
    APIC(TIMER_DIVIDE) = 0xb;
    APIC(TIMER_INITIAL) = 200000;
    while (!nr_got) {
        __asm__ volatile("monitor" :: "a"(line), "c"(0), "d"(0));
        __asm__ volatile("sti; mwait; cli" :: "a"(0), "c"(0) : "memory");
    }
    check_is("the timer ends it", nr_got, 1);
    __asm__ volatile("monitor" :: "a"(line), "c"(0), "d"(0));
    *line = 1;
    __asm__ volatile("mwait" :: "a"(0), "c"(0) : "memory");
    check(true, "a write before MWAIT ends it at once");
    APIC(LVT_TIMER) = MASKED;
}

/* ---- x2APIC ---- */

static void x2apic(void)
{
    if (!(cpuid(1, 0).c >> 21 & 1)) {
        skip("x2APIC", "the processor has none");
        return;
    }
    uint64_t base = read_msr(APIC_BASE_MSR);
    check_is("the APIC is enabled", base >> 10 & 3, 2);
    write_msr(APIC_BASE_MSR, base | 0x400);
    check_is("the id", read_msr(0x802), 0);
    check_is("the spurious vector's register", read_msr(0x80f) & 0x1ff, 0x1ff);
    check_fault("a register that there is not", CATCH(read_msr(0x80e)), GP, 0);
    check_fault("DFR is not there", CATCH(write_msr(0x80e, 0)), GP, 0);
    check_fault("the id is read-only", CATCH(write_msr(0x802, 1)), GP, 0);
    check_fault("EOI takes 0 alone", CATCH(write_msr(0x80b, 1)), GP, 0);
    begin();
    hook = NULL;
    write_msr(0x83f, 0x51);
    check_is("SELF IPI waits in IRR", read_msr(0x822) >> 17 & 1, 1);
    check_fault("back to xAPIC mode at once", CATCH(write_msr(APIC_BASE_MSR, base)), GP, 0);
    write_msr(APIC_BASE_MSR, base & ~0xc00ull);
    check_is("CPUID without an APIC", cpuid(1, 0).d >> 9 & 1, 0);
    write_msr(APIC_BASE_MSR, base);
    check_is("and with it again", cpuid(1, 0).d >> 9 & 1, 1);
}

const Subject subjects[] = {
    { "APIC", ipis }, { "shadows", shadows }, { "NMI", nmis },
#ifdef LONG
    { "IST", ist },
#endif
    { "8259", legacy }, { "SMM", smm }, { "MONITOR", waiting }, { "x2APIC", x2apic }, { 0 },
};
