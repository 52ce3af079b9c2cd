/*
 * Task switches: by JMP, CALL, IRET, task gates and interrupts, with 32-bit and 16-bit TSSs; busy bits, links, NT, TS, the T bit, and what faults where.
 *
 * Intel SDM volume 3, chapter 7 (7.3 and table 7-1 the checks, table 7-2 busy bits and links), 6.12.2 (interrupt tasks).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { OTHER = FREE_SELECTOR, OTHER16 = FREE_SELECTOR + 8, GATE = FREE_SELECTOR + 16, FREE = FREE_SELECTOR + 24, LDT = FREE_SELECTOR + 32 };
enum { NT = 0x4000, T_EIP = 8, T_EFLAGS, T_EAX, T_ECX, T_EDX, T_EBX, T_ESP, T_EBP, T_ESI, T_EDI, T_ES, T_CS, T_SS, T_DS, T_FS, T_GS, T_LDT, T_TRAP };

static uint32_t other[32] __attribute__((aligned(128)));
static uint16_t other16[32] __attribute__((aligned(128)));
static uint8_t task_stack[4096] __attribute__((aligned(16)));

/* ---- what the other task does ---- */

typedef struct Seen { uint32_t eax, ebx, eflags, cs, tr, cr0; } Seen;
static volatile Seen seen;
enum { BACK_BY_IRET, BACK_BY_JMP };
extern volatile int way_back;
volatile int way_back;
extern struct FarPointer { uint32_t offset; uint16_t selector; } task_pointer;
struct FarPointer task_pointer;

void task_note(uint32_t *regs)
{
    seen.eax = regs[7];
    seen.ebx = regs[4];
    seen.eflags = regs[8];
    uint32_t v;
    __asm__ volatile("mov %%cs, %0" : "=r"(v));
    seen.cs = v;
    __asm__ volatile("str %0" : "=r"(v));
    seen.tr = v & 0xffff;
    seen.cr0 = read_cr0();
}

/* Runs in the other task for ever: notes what it finds and goes back. */
extern uint8_t task_entry[];
__asm__(".pushsection .text\n"
        "task_entry: pushfl; pushal; push %esp; call task_note; add $4, %esp; popal; popfl\n"
        "cmpl $0, way_back; jne 1f; iretl; jmp task_entry\n"
        "1: ljmpl *task_pointer; jmp task_entry\n"
        ".popsection");

/* Others: one that takes an error code off and skips the instruction, one that reads by its own page tables, one for double faults. */
extern volatile uint32_t fault_error, df_stack;
volatile uint32_t fault_error, df_stack;
extern uint8_t task_with_error[];
__asm__(".pushsection .text; task_with_error: popl fault_error; addl $2, tss + 0x20; iretl; jmp task_with_error; .popsection");
extern uint8_t reading_task[];
__asm__(".pushsection .text; reading_task: mov 0x40000000, %eax; mov %eax, fault_error; iretl; jmp reading_task; .popsection");
extern uint8_t df_task[];
__asm__(".pushsection .text; df_task: popl fault_error; movl $df_back, tss + 0x20; movl df_stack, %eax; movl %eax, tss + 0x38;"
        "iretl; jmp df_task; .popsection");

static void set_up_task(void)
{
    memset(other, 0, sizeof(other));
    other[7] = read_cr3();
    other[T_EIP] = (uint32_t)task_entry;
    other[T_EFLAGS] = 2;
    other[T_EAX] = 0x11111111;
    other[T_EBX] = 0x22222222;
    other[T_ESP] = (uint32_t)(task_stack + sizeof(task_stack) - 64);
    other[T_CS] = CODE;
    other[T_ES] = other[T_SS] = other[T_DS] = other[T_FS] = other[T_GS] = DATA;
    other[T_TRAP] = 104u << 16;
    set_selector(OTHER, descriptor((uint32_t)other, 103, 0x8900));
    set_selector(GATE, (uint64_t)0x8500 << 32 | (uint32_t)OTHER << 16);
    memset((void *)&seen, 0, sizeof(seen));
    way_back = BACK_BY_IRET;
}

static unsigned type_of(uint16_t selector)
{
    return gdt[selector / 8] >> 40 & 15;
}

static void go(bool call, uint16_t selector)
{
    /* The way back by JMP goes where the program's own task is. */
    static struct FarPointer there;
    there.selector = selector;
    task_pointer.selector = TSS;
    if (call) {
        __asm__ volatile("lcalll *%0" :: "m"(there) : "memory", "eax", "ecx", "edx", "ebx", "esi", "edi", "cc");
    } else {
        __asm__ volatile("ljmpl *%0" :: "m"(there) : "memory", "eax", "ecx", "edx", "ebx", "esi", "edi", "cc");
    }
}

/* ---- there and back ---- */

static void jumps(void)
{
    set_up_task();
    way_back = BACK_BY_JMP;
    write_cr0(read_cr0() & ~8ul);
    go(false, OTHER);
    check_is("JMP: registers are the task's", seen.eax, 0x11111111);
    check_is("EBX too", seen.ebx, 0x22222222);
    check_is("the task register", seen.tr, OTHER);
    check_is("CS", seen.cs, CODE);
    check_is("CR0.TS is set", seen.cr0 & 8, 8);
    check_is("NT is not", seen.eflags & NT, 0);
    check_is("after the way back the other is free", type_of(OTHER), 9);
    check_is("and the own busy", type_of(TSS), 11);
    check_is("the other's EIP was saved behind its jump", other[T_EIP] != (uint32_t)task_entry, 1);
    check_is("no link was written", other[0], 0);
    __asm__ volatile("clts");
    set_up_task();
    way_back = BACK_BY_JMP;
    go(false, GATE);
    check_is("JMP by a task gate", seen.tr, OTHER);
    __asm__ volatile("clts");
}

static void calls(void)
{
    set_up_task();
    go(true, OTHER);
    check_is("CALL: the task register", seen.tr, OTHER);
    check_is("NT is set", seen.eflags & NT, NT);
    check_is("the link is the caller", other[0] & 0xffff, TSS);
    check_is("after IRET the other is free", type_of(OTHER), 9);
    check_is("and the own busy", type_of(TSS), 11);
    check_is("NT of the saved flags is clear", other[T_EFLAGS] & NT, 0);
    check_is("NT is clear here", read_flags() & NT, 0);
    uint32_t eip = other[T_EIP];
    go(true, OTHER);
    check_is("the task goes on behind its IRET", other[T_EIP], eip);
    set_up_task();
    go(true, GATE);
    check_is("CALL by a task gate", seen.tr, OTHER);
    __asm__ volatile("clts");
}

static void by_interrupt(void)
{
    set_up_task();
    uint64_t old = idt[0x40];
    idt[0x40] = (uint64_t)0x8500 << 32 | (uint32_t)OTHER << 16;
    __asm__ volatile("int $0x40" ::: "memory");
    check_is("INT by a task gate", seen.tr, OTHER);
    check_is("the link", other[0] & 0xffff, TSS);
    idt[0x40] = old;
    /* #GP with an error code: it lies on the task's stack. The task takes it off. */
    set_up_task();
    other[T_EIP] = (uint32_t)task_with_error;
    old = idt[GP];
    idt[GP] = (uint64_t)0x8500 << 32 | (uint32_t)OTHER << 16;
    fault_error = 0;
    uint32_t sp = other[T_ESP];
    __asm__ volatile("mov %0, %%fs" :: "r"(0x408) : "memory");
    idt[GP] = old;
    check_is("a fault by a task gate has its error code on the task's stack", fault_error, 0x408);
    check_is("as a dword", other[T_ESP], sp);
    __asm__ volatile("clts; mov %0, %%fs" :: "r"(DATA));
}

/* ---- 16 bits ---- */

static void sixteen(void)
{
    /* The other task in 32-bit code by a TSS of 16 bits: IP below 64 KiB. */
    uint8_t *low = (uint8_t *)0x7000;
    static const uint8_t code[] = { 0xa3, 0, 0x71, 0, 0, 0x89, 0x25, 4, 0x71, 0, 0, 0xcf, 0xeb, 0xf2 };  /* mov %eax, 0x7100; mov %esp, 0x7104; iret; jmp */
    memcpy(low, code, sizeof(code));
    memset(other16, 0, sizeof(other16));
    other16[7] = 0x7000;
    other16[8] = 2;
    other16[9] = 0x1234;
    other16[13] = 0x6ff0;
    other16[17] = DATA;
    other16[18] = CODE;
    other16[19] = other16[20] = DATA;
    set_selector(OTHER16, descriptor((uint32_t)other16, 43, 0x8100));
    __asm__ volatile("mov %0, %%gs" :: "r"(DATA));
    int v = CATCH(go(true, OTHER16));
    check_fault("CALL to a 16-bit task", v, NONE, 0);
    check_is("AX is the task's", *(volatile uint32_t *)0x7100 & 0xffff, 0x1234);
    check_is("SP too", *(volatile uint32_t *)0x7104 & 0xffff, 0x6ff0);
    check_is("its link", other16[0], TSS);
    check_is("busy bits", type_of(OTHER16) << 4 | type_of(TSS), 0x1b);
    __asm__ volatile("clts");
    uint32_t gs;
    __asm__ volatile("mov %%gs, %0" : "=r"(gs));
    check_is("GS comes back", gs, DATA);
}

/* ---- refused before the switch ---- */

typedef struct Refusal { const char *name; uint16_t selector; uint32_t attributes, limit; int vector; uint32_t error; } Refusal;
static const Refusal refusals[] = {
    { "a task that is not there", FREE, 0x0900, 103, NP, FREE }, { "a busy task", FREE, 0x8b00, 103, GP, FREE },
    { "a TSS that is too short", FREE, 0x8900, 102, TS, FREE }, { "a 16-bit TSS that is too short", FREE, 0x8100, 42, TS, FREE },
    { "RPL above DPL", FREE | 3, 0x8900, 103, GP, FREE },
};

static void refused(void)
{
    set_up_task();
    for (unsigned i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const Refusal *r = &refusals[i];
        set_selector(FREE, descriptor((uint32_t)other, r->limit, r->attributes));
        for (unsigned call = 0; call < 2; call++) {
            detail = call ? "CALL" : "JMP";
            int v = CATCH(go(call, r->selector));
            check_fault(r->name, v, r->vector, r->error);
            uint32_t tr;
            __asm__ volatile("str %0" : "=r"(tr));
            if (tr != TSS || type_of(TSS) != 11) {
                check(false, "nothing has changed");
            }
        }
    }
    detail = "task gate";
    set_selector(FREE, (uint64_t)0x8500 << 32 | (uint32_t)DATA << 16);
    check_fault("to data", CATCH(go(true, FREE)), GP, DATA);
    set_selector(FREE, (uint64_t)0x8500 << 32 | (uint32_t)(OTHER | 4) << 16);
    check_fault("to the LDT", CATCH(go(true, FREE)), GP, OTHER | 4);
    set_selector(FREE, (uint64_t)0x0500 << 32 | (uint32_t)OTHER << 16);
    check_fault("absent", CATCH(go(true, FREE)), NP, FREE);
    set_selector(FREE, (uint64_t)0x8500 << 32 | (uint32_t)OTHER << 16);
    check_fault("of ring 0 in ring 3", USER(go(true, FREE | 3)), GP, FREE);
    detail = "IRET with NT";
    static const struct { const char *name; uint16_t link; uint32_t attributes; int vector; uint32_t error; } links[] = {
        { "to a task that is not busy", FREE, 0x8900, TS, FREE }, { "to data", DATA, 0, TS, DATA }, { "to the LDT", FREE | 4, 0x8b00, TS, FREE | 4 },
        { "to a task that is not there", FREE, 0x0b00, NP, FREE }, { "to null", 0, 0, TS, 0 },
    };
    for (unsigned i = 0; i < 5; i++) {
        set_selector(FREE, descriptor((uint32_t)other, 103, links[i].attributes));
        tss[0] = links[i].link;
        int v = CATCH(write_flags(NT | 2); __asm__ volatile("iretl"));
        check_fault(links[i].name, v, links[i].vector, links[i].error);
    }
    tss[0] = 0;
}

/* ---- faults in the new task ---- */

/* The fault comes in the other task: its handler's frame is on that task's stack. */
typedef struct Bad { const char *name; unsigned field; uint32_t value, attributes; int vector; uint32_t error; } Bad;
static const Bad bads[] = {
    { "a null CS", T_CS, 0, 0, TS, 0 }, { "data as CS", T_CS, FREE, DESC_DATA | DESC_BIG | DESC_GRANULAR, TS, FREE },
    { "an absent CS", T_CS, FREE, (DESC_CODE | DESC_BIG | DESC_GRANULAR) & ~DESC_PRESENT, NP, FREE },
    { "a CS of another ring", T_CS, FREE, DESC_CODE | DESC_BIG | DESC_GRANULAR | DESC_DPL3, TS, FREE },
    { "a null SS", T_SS, 0, 0, TS, 0 }, { "code as SS", T_SS, FREE, DESC_CODE, TS, FREE },
    { "an absent SS", T_SS, FREE, (DESC_DATA | DESC_BIG | DESC_GRANULAR) & ~DESC_PRESENT, SS, FREE },
    { "an SS of another ring", T_SS, FREE | 3, DESC_DATA | DESC_BIG | DESC_GRANULAR | DESC_DPL3, TS, FREE },
    { "execute-only code as DS", T_DS, FREE, DESC_CODE & ~DESC_READABLE, TS, FREE },
    { "an absent DS", T_DS, FREE, DESC_DATA & ~DESC_PRESENT, NP, FREE }, { "FS behind the table", T_FS, 0x408, 0, TS, 0x408 },
    { "an LDT that is none", T_LDT, DATA, 0, TS, DATA }, { "an absent LDT", T_LDT, FREE, 0x0200, TS, FREE }, { "an LDT of the LDT", T_LDT, 12, 0, TS, 12 },
};

static void back_to_own_task(void)
{
    /* The runtime has left the other task's stack, not the task. */
    other[0] = 0;
    gdt[TSS / 8] &= ~(0x20000000000ull);
    gdt[OTHER / 8] &= ~(0x20000000000ull);
    __asm__ volatile("ltr %w0; clts; mov %w1, %%fs; mov %w1, %%gs; lldt %w2" :: "r"(TSS), "r"(DATA), "r"(0));
}

static bool fault_in_task(Frame *f)
{
    (void)f;
    uint32_t tr;
    __asm__ volatile("str %0" : "=r"(tr));
    seen.tr = tr & 0xffff;
    return false;
}

static void in_new_task(void)
{
    for (unsigned i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        const Bad *b = &bads[i];
        set_up_task();
        set_selector(FREE, descriptor(0, 0xfffff, b->attributes));
        other[b->field] = b->value;
        hook = fault_in_task;
        int v = CATCH(go(false, OTHER));
        check_fault(b->name, v, b->vector, b->error);
        check_is("in the new task", seen.tr, OTHER);
        back_to_own_task();
        hook = NULL;
    }
    set_up_task();
    other[T_TRAP] |= 1;
    write_dr6(0xffff0ff0);
    int v = CATCH(go(false, OTHER));
    check_fault("the T bit traps", v, DB, 0);
    check_is("DR6.BT", fault.dr6 & 0x8000, 0x8000);
    check_is("before the task's first instruction", fault.ip, (uint32_t)task_entry);
    back_to_own_task();
}

/* ---- the rest of the state ---- */

static void others(void)
{
    /* CR3 is the task's. */
    uint32_t *directory = page_alloc(1);
    for (unsigned i = 0; i < 4; i++) {
        directory[i] = i << 22 | 0xe7;
    }
    write_cr4(read_cr4() | 0x10);
    set_up_task();
    uint32_t *second = page_alloc(1);
    memcpy(second, directory, 4096);
    second[0x40000000 >> 22] = 0xe7 | 0x800000;
    directory[0x40000000 >> 22] = 0xe7 | 0xc00000;
    *(volatile uint32_t *)0x800000 = 8;
    *(volatile uint32_t *)0xc00000 = 12;
    other[7] = (uint32_t)second;
    other[T_EIP] = (uint32_t)reading_task;
    tss[7] = (uint32_t)directory;
    write_cr3((uint32_t)directory);
    write_cr0(read_cr0() | 0x80000000);
    go(true, OTHER);
    uint32_t here = *(volatile uint32_t *)0x40000000, cr3 = read_cr3();
    write_cr0(read_cr0() & ~0x80000000ul);
    check_is("the other task has its page tables", fault_error, 8);
    check_is("and this one gets its own back", here, 12);
    check_is("CR3", cr3, (uint32_t)directory);
    __asm__ volatile("clts");
    write_cr4(read_cr4() & ~0x10ul);
    /* DR7's local bits go. */
    set_up_task();
    way_back = BACK_BY_JMP;
    write_dr7(0x4ff & ~0xfu);
    write_dr7(0x403);
    write_dr0(0xdead0000);
    go(false, OTHER);
    check_is("local breakpoints end with the task", read_dr7() & 0xff, 2);
    write_dr7(0x400);
    __asm__ volatile("clts");
    /* A double fault by a task gate, with a stack that is none. */
    set_up_task();
    other[T_EIP] = (uint32_t)df_task;
    uint64_t old = idt[DF];
    idt[DF] = (uint64_t)0x8500 << 32 | (uint32_t)OTHER << 16;
    set_selector(FREE, descriptor(0, 0xff, DESC_DATA | DESC_BIG));
    fault_error = 99;
    __asm__ volatile("mov %%esp, df_stack; mov %%ss, %%ecx; mov %w0, %%ss; mov $0x4000, %%esp; int3; .globl df_back; df_back: mov %%ecx, %%ss"
                     :: "r"(FREE) : "ecx", "eax", "memory");
    idt[DF] = old;
    check_is("a double fault by a task gate", fault_error, 0);
    check_is("came from here", other[0] & 0xffff, TSS);
    __asm__ volatile("clts");
}

const Subject subjects[] = {
    { "JMP", jumps }, { "CALL", calls }, { "interrupts", by_interrupt }, { "16-bit TSS", sixteen }, { "refused", refused }, { "faults", in_new_task }, { "state", others }, { 0 },
};
