/*
 * SYSENTER, SYSEXIT, SYSCALL, SYSRET; model-specific registers that refuse values, unknown ones; what CPUID says of them.
 *
 * Intel SDM volume 3, 5.8.7, 5.8.8; volume 2 for the instructions; volume 4 for the registers. AMD APM volume 3, SYSCALL and SYSRET in legacy mode.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { SYSENTER_CS = 0x174, SYSENTER_ESP, SYSENTER_EIP, EFER = 0xc0000080, STAR, LSTAR, CSTAR, FMASK, KERNEL_GS = 0xc0000102 };
enum { IF = 0x200, DF_FLAG = 0x400, NT = 0x4000, AC_FLAG = 0x40000, KERNEL = FREE_SELECTOR };

/* Where system calls arrive: a breakpoint, for which the frame tells all. */
extern uint8_t arrive[];
__asm__(".pushsection .text; .balign 16; .skip 16, 0xcc; arrive: .skip 16, 0xcc; .popsection");

/* Selectors in the order that SYSENTER and SYSCALL want: code, stack, (32-bit) user's code, user's stack, 64-bit user's code and stack. */
static void set_up_selectors(void)
{
    uint32_t code = sizeof(Word) == 8 ? DESC_LONG : DESC_BIG;
    set_selector(KERNEL, descriptor(0, 0xfffff, DESC_CODE | DESC_GRANULAR | code));
    set_selector(KERNEL + 8, descriptor(0, 0xfffff, DESC_DATA | DESC_GRANULAR | DESC_BIG));
    set_selector(KERNEL + 16, descriptor(0, 0xfffff, DESC_CODE | DESC_GRANULAR | DESC_BIG | DESC_DPL3));
    set_selector(KERNEL + 24, descriptor(0, 0xfffff, DESC_DATA | DESC_GRANULAR | DESC_BIG | DESC_DPL3));
    set_selector(KERNEL + 32, descriptor(0, 0xfffff, DESC_CODE | DESC_GRANULAR | DESC_LONG | DESC_DPL3));
    set_selector(KERNEL + 40, descriptor(0, 0xfffff, DESC_DATA | DESC_GRANULAR | DESC_BIG | DESC_DPL3));
}

static uint8_t call_stack[1024] __attribute__((aligned(16)));
static volatile Frame last;
static volatile Word last_ss;
static bool note(Frame *f)
{
    Word ss;
    __asm__ volatile("mov %%ss, %0" : "=r"(ss));
    last = *f;
    last_ss = ss & 0xffff;
    return false;
}

/* Which of the two ways there is where: SYSENTER not in long mode of an AMD processor, SYSCALL in 64-bit code alone of an Intel one. */
static bool is_intel(void)
{
    return cpuid(0, 0).c == 0x6c65746e;
}

static void sysenter(void)
{
    set_up_selectors();
    if (sizeof(Word) == 8 && !is_intel()) {
        check_fault("SYSENTER in long mode", USER(__asm__ volatile("sysenter")), UD, 0);
        check_fault("SYSEXIT in long mode", CATCH(__asm__ volatile(".byte 0x0f, 0x35")), UD, 0);
        return;
    }
    write_msr(SYSENTER_CS, 0);
    check_fault("SYSENTER with a null CS", USER(__asm__ volatile("sysenter")), GP, 0);
    check_fault("SYSEXIT with a null CS", CATCH(__asm__ volatile(".byte 0x0f, 0x35")), GP, 0);
    write_msr(SYSENTER_CS, KERNEL);
    write_msr(SYSENTER_ESP, (Word)(call_stack + sizeof(call_stack)));
    write_msr(SYSENTER_EIP, (Word)arrive);
    hook = note;
    user_flags = 2 | IF | NT;
    int v = USER(__asm__ volatile("sysenter"));
    check_fault("SYSENTER arrives", v, BP, 0);
    check_is("at its address", last.ip, (Word)arrive + 1);
    check_is("in ring 0", last.cs, KERNEL);
    check_is("with the next selector as SS", last_ss, sizeof(Word) == 8 ? KERNEL + 8 : KERNEL + 8);
    check_is("clears IF and leaves NT", last.flags & (IF | NT), NT);
    check_is("on its stack", (Word)fault.sp, (Word)(call_stack + sizeof(call_stack)));
    user_flags = 2;
    v = CATCH(__asm__ volatile("sysenter"));
    check_fault("SYSENTER from ring 0", v, BP, 0);
    write_msr(SYSENTER_CS, KERNEL | 3);
    v = USER(__asm__ volatile("sysenter"));
    check_is("the RPL of its CS is passed over", last.cs, KERNEL);
    check_fault("SYSEXIT in ring 3", USER(__asm__ volatile(".byte 0x0f, 0x35")), GP, 0);
    /* Back by SYSEXIT: to INT 0x80. */
    extern uint8_t user_end[];
    v = CATCH(__asm__ volatile(".byte 0x0f, 0x35" :: "c"((Word)0x90000), "d"(user_end)));
    check_is("SYSEXIT arrives in ring 3", v, USER_RETURN);
    check_is("CS", last.cs, (KERNEL + 16) | 3);
    check_is("SS", last.ss, (KERNEL + 24) | 3);
    check_is("ESP", last.sp, 0x90000);
    check_is("EIP", last.ip, (Word)user_end + 2);
#ifdef LONG
    v = CATCH(__asm__ volatile(".byte 0x48, 0x0f, 0x35" :: "c"((Word)0x90000), "d"(user_end)));
    check_is("64-bit SYSEXIT arrives", v, USER_RETURN);
    check_is("CS", last.cs, (KERNEL + 32) | 3);
    check_is("SS", last.ss, (KERNEL + 40) | 3);
    check_fault("64-bit SYSEXIT to an address that is not canonical", CATCH(__asm__ volatile(".byte 0x48, 0x0f, 0x35" :: "c"((Word)0x90000), "d"(0x800000000000))), GP, 0);
    check_fault("or with such a stack", CATCH(__asm__ volatile(".byte 0x48, 0x0f, 0x35" :: "c"(0x800000000000), "d"(user_end))), GP, 0);
    check_fault("SYSENTER_EIP that is not canonical", CATCH(write_msr(SYSENTER_EIP, 0x800000000000)), GP, 0);
#endif
    hook = NULL;
}
__asm__(".pushsection .text; .globl user_end; user_end: int $0x80; hlt; .popsection");

static void syscall(void)
{
    extern uint8_t user_end[];
    set_up_selectors();
    uint64_t efer = read_msr(EFER);
    write_msr(EFER, efer & ~1ull);
    check_fault("SYSCALL without EFER.SCE", USER(__asm__ volatile("syscall" ::: "ecx")), UD, 0);
    check_fault("SYSRET without EFER.SCE", CATCH(__asm__ volatile(".byte 0x0f, 0x07")), UD, 0);
    write_msr(EFER, efer | 1);
    if (sizeof(Word) == 4 && is_intel()) {
        check_fault("SYSCALL outside 64-bit code", USER(__asm__ volatile("syscall" ::: "ecx")), UD, 0);
        check_fault("SYSRET outside 64-bit code", CATCH(__asm__ volatile(".byte 0x0f, 0x07")), UD, 0);
        write_msr(EFER, efer);
        return;
    }
    hook = note;
#ifdef LONG
    write_msr(STAR, (uint64_t)KERNEL << 32 | (uint64_t)(KERNEL + 16) << 48 | 0x12345678);
    write_msr(LSTAR, (Word)arrive);
    write_msr(CSTAR, (Word)arrive + 4);
    write_msr(FMASK, IF | DF_FLAG | AC_FLAG);
    user_flags = 2 | IF | NT | AC_FLAG | 1;
    int v = USER(__asm__ volatile("syscall; 1:" ::: "rcx", "r11", "memory"));
    check_fault("SYSCALL arrives", v, BP, 0);
    check_is("at LSTAR", last.ip, (Word)arrive + 1);
    check_is("in ring 0", last.cs, KERNEL);
    check_is("SS", last_ss, KERNEL + 8);
    check_is("R11 has the flags", last.r11 & 0xfffff, 2 | IF | NT | AC_FLAG | 1);
    check_is("FMASK has cleared some", last.flags & (IF | NT | AC_FLAG | 1), NT | 1);
    check(*(uint16_t *)(last.cx - 2) == 0x050f, "RCX is behind the instruction");
    user_flags = 2;
    Word r11 = 2 | IF | 1 | 0x10000 | 0x20000;
    v = CATCH(__asm__ volatile("mov %1, %%r11; .byte 0x48, 0x0f, 0x07" :: "c"(user_end), "r"(r11) : "r11"));
    check_is("SYSRET arrives in ring 3", v, USER_RETURN);
    check_is("CS", last.cs, (KERNEL + 32) | 3);
    check_is("SS", last.ss, (KERNEL + 24) | 3);
    check_is("flags of R11 without RF and VM", last.flags & 0x3ffff, 2 | IF | 1);
    r11 = 2;
    v = CATCH(__asm__ volatile("mov %1, %%r11; .byte 0x0f, 0x07" :: "c"(user_end), "r"(r11) : "r11"));
    check_is("32-bit SYSRET arrives", v, USER_RETURN);
    check_is("CS", last.cs, (KERNEL + 16) | 3);
    check_is("SS", last.ss, (KERNEL + 24) | 3);
    check_fault("SYSRET in ring 3", USER(__asm__ volatile("mov %1, %%r11; .byte 0x48, 0x0f, 0x07" :: "c"(user_end), "r"(r11) : "r11")), GP, 0);
    check_fault("SYSRET to an address that is not canonical", CATCH(__asm__ volatile("mov %1, %%r11; .byte 0x48, 0x0f, 0x07" :: "c"(0x800000000000), "r"(r11) : "r11")), GP, 0);
    check_is("comes in ring 0", fault.cs & 3, 0);
    check_fault("LSTAR that is not canonical", CATCH(write_msr(LSTAR, 0x800000000000)), GP, 0);
    /* With TF in R11: the trap comes behind the first instruction in ring 3; FMASK may clear TF on the way in. */
    write_dr6(0xffff0ff0);
    r11 = 0x102;
    v = CATCH(__asm__ volatile("mov %1, %%r11; .byte 0x48, 0x0f, 0x07" :: "c"(user_end), "r"(r11) : "r11"));
    check(v == USER_RETURN || v == DB, "SYSRET that sets TF (%d)", v);
#else
    write_msr(STAR, (uint64_t)KERNEL << 32 | (uint64_t)(KERNEL + 16) << 48 | (uint32_t)arrive);
    user_flags = 2 | IF;
    int v = USER(__asm__ volatile("syscall; 1:" ::: "ecx", "memory"));
    check_fault("SYSCALL in legacy mode arrives", v, BP, 0);
    check_is("at STAR", last.ip, (Word)arrive + 1);
    check_is("in ring 0", last.cs, KERNEL);
    check_is("IF is cleared", last.flags & IF, 0);
    check(*(uint16_t *)(last.cx - 2) == 0x050f, "ECX is behind the instruction");
    user_flags = 2;
    v = CATCH(__asm__ volatile(".byte 0x0f, 0x07" :: "c"(user_end)));
    check_is("SYSRET arrives in ring 3", v, USER_RETURN);
    check_is("CS", last.cs, (KERNEL + 16) | 3);
    check_is("IF is set", last.flags & IF, IF);
#endif
    hook = NULL;
    write_msr(EFER, efer);
}

/* ---- registers ---- */

static void registers(void)
{
    uint64_t efer = read_msr(EFER);
    static const struct { const char *name; uint32_t index; uint64_t value; int vector; } list[] = {
        { "PAT of good types", 0x277, 0x0007040600070406, NONE }, { "PAT of type 2", 0x277, 0x0007040600070402, GP }, { "PAT of type 8", 0x277, 0x0807040600070406, GP },
        { "EFER with an unknown bit", EFER, 1ull << 63, GP }, { "EFER bit 1", EFER, 2, GP },
        { "MTRRcap", 0xfe, 0, GP }, { "MCG_CAP", 0x179, 0, GP }, { "MC0_STATUS, clearing", 0x401, 0, NONE }, { "MC0_STATUS, setting", 0x401, 1, GP },
        { "TSC_AUX", 0xc0000103, 0x12345678, NONE }, { "an x2APIC register without x2APIC mode", 0x808, 0, GP },
        { "FS base that is not canonical", 0xc0000100, 0x8000000000000000, GP }, { "XSS", 0xda0, 1, GP },
    };
    for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        volatile uint64_t value = list[i].value;
        if (list[i].index == EFER) {
            value |= efer;
        }
        check_fault(list[i].name, CATCH(write_msr(list[i].index, value)), list[i].vector, 0);
    }
    check_fault("an x2APIC register is not read either", CATCH(read_msr(0x802)), GP, 0);
    check_is("TSC_AUX", read_msr(0xc0000103), 0x12345678);
    uint32_t aux;
    __asm__ volatile("rdtscp" : "=c"(aux) :: "eax", "edx");
    check_is("RDTSCP has it", aux, 0x12345678);
    uint64_t first = read_msr(0x10);
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    check((low | (uint64_t)high << 32) >= first, "the TSC goes on");
    write_msr(0x10, 0x100000000000);
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    check(high >= 0x1000 && high < 0x1100, "the TSC can be written");
    write_msr(0x3b, 0);
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    check(high < 0x1000, "TSC_ADJUST 0 takes that back");
#ifdef LONG
    check_fault("EFER.LME does not change with paging", CATCH(write_msr(EFER, efer & ~0x100ull)), GP, 0);
#endif
    check_fault("RDMSR in ring 3", USER(read_msr(EFER)), GP, 0);
    check_fault("RDPMC without counters", CATCH(__asm__ volatile("rdpmc" :: "c"(0x12345) : "eax", "edx")), GP, 0);
    write_msr(0x1b, read_msr(0x1b));
    check(read_msr(0x1b) >> 8 & 1, "the boot processor says so in APIC_BASE");
}

/* What CPUID says is there. */
static void identification(void)
{
    Cpuid zero = cpuid(0, 0), one = cpuid(1, 0), seven = cpuid(7, 0), ext = cpuid(0x80000000, 0), ext1 = cpuid(0x80000001, 0);
    check(zero.a >= 7, "leaves to 7 (%u)", zero.a);
    check(ext.a >= 0x80000008, "extended leaves to 8");
    check_is("an unknown leaf is the highest basic one", cpuid(0x4fffffff, 0).a, cpuid(zero.a, 0).a);
    check_is("OSXSAVE is CR4's", one.c >> 27 & 1, 0);
    write_cr4(read_cr4() | 0x40000);
    check_is("after setting it", cpuid(1, 0).c >> 27 & 1, 1);
    /* XCR0. */
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    check_is("XCR0 begins with x87", low, 1);
    Cpuid d = cpuid(13, 0);
    check_fault("XSETBV without x87", CATCH(__asm__ volatile("xsetbv" :: "c"(0), "a"(2), "d"(0))), GP, 0);
    check_fault("XSETBV with AVX and without SSE", CATCH(__asm__ volatile("xsetbv" :: "c"(0), "a"(5), "d"(0))), GP, 0);
    check_fault("XSETBV of register 1", CATCH(__asm__ volatile("xsetbv" :: "c"(1), "a"(1), "d"(0))), GP, 0);
    check_fault("XSETBV of an unknown part", CATCH(__asm__ volatile("xsetbv" :: "c"(0), "a"(1), "d"(0x40000000))), GP, 0);
    check_fault("XSETBV in ring 3", USER(__asm__ volatile("xsetbv" :: "c"(0), "a"(1), "d"(0))), GP, 0);
    check_fault("XSETBV of x87 and SSE", CATCH(__asm__ volatile("xsetbv" :: "c"(0), "a"(3), "d"(0))), NONE, 0);
    check_is("the size of what is enabled", cpuid(13, 0).b, 576);
    if (d.a & 4) {
        check_fault("XSETBV with AVX", CATCH(__asm__ volatile("xsetbv" :: "c"(0), "a"(7), "d"(0))), NONE, 0);
        check_is("its size", cpuid(13, 0).b, 832);
    }
    __asm__ volatile("xsetbv" :: "c"(0), "a"(1), "d"(0));
    write_cr4(read_cr4() & ~0x40000ul);
    /* Bits that name control bits and instructions. */
    static const struct { const char *name; unsigned leaf, bit; Word cr4; } bits[] = {
        { "PSE", 0, 3, 0x10 }, { "TSC", 0, 4, 4 }, { "DE", 0, 2, 8 }, { "PGE", 0, 13, 0x80 }, { "MCE", 0, 7, 0x40 }, { "VME", 0, 1, 1 },
        { "FSGSBASE", 1, 0, 0x10000 }, { "UMIP", 2, 2, 0x800 }, { "PKU", 2, 3, 0x400000 },
    };
    for (unsigned i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        uint32_t reg = bits[i].leaf == 0 ? one.d : bits[i].leaf == 1 ? seven.b : seven.c;
        Word cr4 = read_cr4();
        int v = CATCH(write_cr4(cr4 | bits[i].cr4));
        check((v == NONE) == (reg >> bits[i].bit & 1), "CPUID's %s is that of CR4", bits[i].name);
        write_cr4(cr4);
    }
    check_is("long mode", ext1.d >> 29 & 1, 1);
    check((cpuid(0x80000008, 0).a & 0xff) >= 36, "physical addresses");
    check_is("the APIC id", one.b >> 24, APIC(0x20) >> 24);
}

const Subject subjects[] = {
    { "SYSENTER", sysenter }, { "SYSCALL", syscall }, { "MSRs", registers }, { "CPUID", identification }, { 0 },
};
