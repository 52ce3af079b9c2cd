/*
 * Every exception that an instruction can cause: its vector, error code, the instruction pointer and flags that the handler sees.
 *
 * Intel SDM volume 3, 6.13 (error codes), 6.15 (exceptions), 6.9 (priorities); volume 2 for the instructions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define RF 0x10000

static void faults(void)
{
    Word zero = 0, at = 0;
    int v = CATCH(__asm__ volatile("lea 1f, %0; mov %0, %1; 1: divl %2" : "=&r"(zero), "=m"(at) : "r"(0) : "eax", "edx"));
    check_fault("DIV by zero is #DE", v, DE, 0);
    check_is("#DE points at the instruction", fault.ip, at);
    check_is("a fault's frame has RF set", fault.flags & RF, RF);
    v = CATCH(__asm__ volatile("idivl %0" :: "r"(-1), "a"(0x80000000), "d"(-1)));
    check_fault("IDIV that overflows is #DE", v, DE, 0);
    v = CATCH(__asm__ volatile("ud2"));
    check_fault("UD2 is #UD", v, UD, 0);
    v = CATCH(__asm__ volatile(".byte 0x0f, 0xff, 0xc0"));
    check_fault("UD0 is #UD", v, UD, 0);
    v = CATCH(__asm__ volatile(".byte 0xf0, 0x90"));
    check_fault("LOCK NOP is #UD", v, UD, 0);
    v = CATCH(__asm__ volatile(".byte 0xf0, 0x01, 0xc0"));
    check_fault("LOCK with a register destination is #UD", v, UD, 0);
    v = CATCH(__asm__ volatile(".byte 0x0f, 0x20, 0xc8"));
    check_fault("MOV from CR1 is #UD", v, UD, 0);
    v = CATCH(__asm__ volatile(".byte 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90"));
    check_fault("an instruction of 16 bytes is #GP(0)", v, GP, 0);
    v = CATCH(__asm__ volatile(".byte 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90"));
    check_fault("one of 15 bytes is not", v, NONE, 0);
}

static void traps(void)
{
    Word at = 0;
    int v = CATCH(__asm__ volatile("movl $1f, %0; int3; 1:" : "=m"(at)));
    check_fault("INT3 is #BP", v, BP, 0);
    check_is("#BP points behind the instruction", fault.ip, at);
    check_is("a trap's frame has RF clear", fault.flags & RF, 0);
    v = CATCH(__asm__ volatile(".byte 0xf1"));
    check_fault("INT1 is #DB", v, DB, 0);
    v = CATCH(__asm__ volatile("movl $1f, %0; int $14; 1:" : "=m"(at)));
    check(v == PF, "INT 14 goes to vector 14");
#ifndef LONG
    v = CATCH(__asm__ volatile("movb $0x7f, %%al; addb $1, %%al; movl $1f, %0; into; 1:" : "=m"(at) :: "eax"));
    check_fault("INTO with OF set is #OF", v, OF, 0);
    check_is("#OF points behind the instruction", fault.ip, at);
    v = CATCH(__asm__ volatile("xorl %%eax, %%eax; into" ::: "eax"));
    check_fault("INTO with OF clear is nothing", v, NONE, 0);
    static const int32_t bounds[2] = { -5, 7 };
    v = CATCH(__asm__ volatile("movl $1f, %0; 1: boundl %1, %2" : "=m"(at) : "r"(8), "m"(bounds)));
    check_fault("BOUND above is #BR", v, BR, 0);
    check_is("#BR points at the instruction", fault.ip, at);
    v = CATCH(__asm__ volatile("boundl %0, %1" :: "r"(-5), "m"(bounds)));
    check_fault("BOUND at the edge is nothing", v, NONE, 0);
#else
    static const uint8_t gone[] = { 0x06, 0x0e, 0x16, 0x1e, 0x27, 0x2f, 0x37, 0x3f, 0x60, 0x61, 0x82, 0x9a, 0xce, 0xd4, 0xd5, 0xea, 0xc4, 0xc5 };
    unsigned bad = 0;
    static uint8_t code[16];
    for (unsigned i = 0; i < sizeof(gone); i++) {
        memset(code, 0xc0, sizeof(code));
        code[0] = gone[i];
        v = CATCH(((void (*)(void))code)());
        if (v != UD && gone[i] != 0xc4 && gone[i] != 0xc5) {
            print("# opcode 0x%x: %d\n", gone[i], v);
            bad++;
        }
    }
    check_is("opcodes that long mode has taken away are #UD", bad, 0);
#endif
}

static void device_not_available(void)
{
    Word cr0 = read_cr0();
    write_cr0(cr0 | 8);
    int v = CATCH(__asm__ volatile("fninit"));
    check_fault("x87 with CR0.TS is #NM", v, NM, 0);
    v = CATCH(__asm__ volatile("movq %mm0, %mm1"));
    check_fault("MMX with CR0.TS is #NM", v, NM, 0);
    v = CATCH(__asm__ volatile("fwait"));
    check_fault("WAIT with TS and without MP is nothing", v, NONE, 0);
    write_cr0(cr0 | 8 | 2);
    v = CATCH(__asm__ volatile("fwait"));
    check_fault("WAIT with TS and MP is #NM", v, NM, 0);
    write_cr0((cr0 & ~8ul) | 4);
    v = CATCH(__asm__ volatile("fninit"));
    check_fault("x87 with CR0.EM is #NM", v, NM, 0);
    v = CATCH(__asm__ volatile("movq %mm0, %mm1"));
    check_fault("MMX with CR0.EM is #UD", v, UD, 0);
    write_cr0(cr0 & ~12ul);
    Word cr4 = read_cr4();
    write_cr4(cr4 & ~0x200ul);
    v = CATCH(__asm__ volatile("movaps %xmm0, %xmm1"));
    check_fault("SSE without CR4.OSFXSR is #UD", v, UD, 0);
    v = CATCH(__asm__ volatile("xor %%ecx, %%ecx; xgetbv" ::: "eax", "ecx", "edx"));
    check_fault("XGETBV without CR4.OSXSAVE is #UD", v, UD, 0);
    write_cr4(cr4 | 0x200);
    v = CATCH(__asm__ volatile("movaps %xmm0, %xmm1"));
    check_fault("SSE with CR4.OSFXSR runs", v, NONE, 0);
    write_cr0((cr0 & ~4ul) | 8);
    v = CATCH(__asm__ volatile("movaps %xmm0, %xmm1"));
    check_fault("SSE with CR0.TS is #NM", v, NM, 0);
    v = CATCH(__asm__ volatile("clts; movaps %xmm0, %xmm1"));
    check_fault("CLTS ends that", v, NONE, 0);
    write_cr0(cr0);
    write_cr4(cr4);
}

static void floating_point(void)
{
    Word cr0 = read_cr0(), cr4 = read_cr4(), at = 0;
    write_cr0((cr0 & ~12ul) | 0x20);
    write_cr4(cr4 | 0x600);
    static const uint16_t unmask_zero = 0x37b;
    int v = CATCH(__asm__ volatile("fninit; fldcw %1; fld1; fldz; fdivrp; movl $1f, %0; 1: fwait; fninit" : "=m"(at) : "m"(unmask_zero)));
    check_fault("an x87 exception shows at the next waiting instruction as #MF", v, MF, 0);
    check_is("#MF points at that", fault.ip, at);
    v = CATCH(__asm__ volatile("fninit"));
    check_fault("FNINIT does not wait", v, NONE, 0);
    static const uint32_t mxcsr = 0x1d80;
    v = CATCH(__asm__ volatile("ldmxcsr %0; xorps %%xmm0, %%xmm0; xorps %%xmm1, %%xmm1; pcmpeqd %%xmm2, %%xmm2; psrld $31, %%xmm2; cvtdq2ps %%xmm2, %%xmm2; divss %%xmm0, %%xmm2" :: "m"(mxcsr)));
    check_fault("an unmasked SSE exception is #XM", v, XM, 0);
    write_cr4((cr4 | 0x200) & ~0x400ul);
    v = CATCH(__asm__ volatile("xorps %%xmm0, %%xmm0; pcmpeqd %%xmm2, %%xmm2; psrld $31, %%xmm2; cvtdq2ps %%xmm2, %%xmm2; divss %%xmm0, %%xmm2" ::: "memory"));
    check_fault("and #UD without CR4.OSXMMEXCPT", v, UD, 0);
    static const uint32_t bad = 0x10000, usual = 0x1f80;
    v = CATCH(__asm__ volatile("ldmxcsr %0" :: "m"(bad)));
    check_fault("LDMXCSR with a reserved bit is #GP(0)", v, GP, 0);
    static uint8_t area[64] __attribute__((aligned(64)));
    v = CATCH(__asm__ volatile("movaps %%xmm0, %0" : "=m"(area[4])));
    check_fault("MOVAPS to an address that is not aligned is #GP(0)", v, GP, 0);
    __asm__ volatile("ldmxcsr %0" :: "m"(usual));
    write_cr0(cr0);
    write_cr4(cr4);
}

static void alignment(void)
{
    static volatile uint8_t bytes[16] __attribute__((aligned(16)));
    Word cr0 = read_cr0();
    write_cr0(cr0 | 0x40000);
    user_flags = 0x40002;
    int v = USER(__asm__ volatile("movl $0, %0" : "=m"(bytes[1])));
    check_fault("a dword at an odd address is #AC(0) in ring 3", v, AC, 0);
    v = USER(__asm__ volatile("movw $0, %0" : "=m"(bytes[3])));
    check_fault("a word at an odd address too", v, AC, 0);
    v = USER(__asm__ volatile("movb $0, %0" : "=m"(bytes[3])));
    check_fault("a byte is not", v, NONE, 0);
    v = USER(__asm__ volatile("movl $0, %0" : "=m"(bytes[4])));
    check_fault("nor a dword in its place", v, NONE, 0);
    write_cr0(cr0 & ~0x40000ul);
    v = USER(__asm__ volatile("movl $0, %0" : "=m"(bytes[1])));
    check_fault("nothing without CR0.AM", v, NONE, 0);
    write_cr0(cr0 | 0x40000);
    v = CATCH(write_flags(0x40002); __asm__ volatile("movl $0, %0" : "=m"(bytes[1])); write_flags(2));
    check_fault("nothing in ring 0", v, NONE, 0);
    user_flags = 2;
    v = USER(__asm__ volatile("movl $0, %0" : "=m"(bytes[1])));
    check_fault("nothing without EFLAGS.AC", v, NONE, 0);
    write_cr0(cr0);
}

static void privileged(void)
{
    static const struct { const char *name; uint8_t code[8]; } list[] = {
        { "HLT", { 0xf4 } }, { "CLTS", { 0x0f, 0x06 } }, { "INVD", { 0x0f, 0x08 } }, { "WBINVD", { 0x0f, 0x09 } }, { "WRMSR", { 0x0f, 0x30 } },
        { "RDMSR", { 0x0f, 0x32 } }, { "MOV from CR0", { 0x0f, 0x20, 0xc0 } }, { "MOV to CR3", { 0x0f, 0x22, 0xd8 } },
        { "MOV from DR7", { 0x0f, 0x21, 0xf8 } }, { "MOV to DR7", { 0x0f, 0x23, 0xf8 } }, { "LMSW", { 0x0f, 0x01, 0xf0 } },
        { "LLDT", { 0x0f, 0x00, 0xd0 } }, { "LTR", { 0x0f, 0x00, 0xd8 } }, { "CLI", { 0xfa } }, { "STI", { 0xfb } }, { "IN", { 0xe4, 0x80 } },
        { "OUT", { 0xe6, 0x80 } }, { "INSB", { 0x6c } }, { "OUTSB", { 0x6e } }, { "LGDT", { 0x0f, 0x01, 0x15, 0, 0, 0, 0 } },
        { "LIDT", { 0x0f, 0x01, 0x1d, 0, 0, 0, 0 } }, { "INVLPG", { 0x0f, 0x01, 0x3d, 0, 0, 0, 0 } }, { "INT 0x40", { 0xcd, 0x40 } },
    };
    static uint8_t code[16];
    for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        memset(code, 0xc3, sizeof(code));
        memcpy(code, list[i].code, 8);
        for (unsigned k = 0; k < 8 && !list[i].code[k]; k++) {
        }
        int v = USER(((void (*)(void))code)());
        check_fault(list[i].name, v, GP, i == sizeof(list) / sizeof(list[0]) - 1 ? 0x40 * 8 + 2 : 0);
    }
    user_flags = 0x3002;
    int v = USER(__asm__ volatile("cli; sti; in $0x80, %%al" ::: "eax"));
    check_fault("IOPL 3 allows CLI, STI and IN", v, NONE, 0);
    v = USER(write_flags(2); write_flags(0x1002 | 0x4000));
    check(v == NONE, "POPF in ring 3 raises nothing");
    volatile Word flags = 0;
    v = USER(write_flags(2); flags = read_flags());
    check_is("and leaves IOPL", flags & 0x3000, 0x3000);
    user_flags = 2;
    static const uint8_t rsm[] = { 0x0f, 0xaa, 0xc3 };
    v = CATCH(((void (*)(void))rsm)());
    check_fault("RSM outside system management mode is #UD", v, UD, 0);
}

static void io_bitmap(void)
{
    /* The bitmap lies behind the 104 bytes: ports 0x80 to 0x87 free but 0x83. */
    static uint32_t task[64] __attribute__((aligned(256)));
    memcpy(task, tss, 104);
    memset(task + 26, 0xff, 64);
    ((uint8_t *)task)[104 + 16] = 0x08;
    ((uint8_t *)task)[104 + 17] = 0xfe;
    task[25] = 104u << 16;
    gdt[TSS / 8] = descriptor((Word)task, 104 + 17, 0x8900);
    __asm__ volatile("ltr %w0" :: "r"(TSS));
    int v = USER(in8(0x80));
    check_fault("a port whose bit is 0", v, NONE, 0);
    v = USER(in8(0x83));
    check_fault("a port whose bit is 1", v, GP, 0);
    v = USER(__asm__ volatile("inl $0x80, %%eax" ::: "eax"));
    check_fault("an access over one whose bit is 1", v, GP, 0);
    v = USER(__asm__ volatile("inw $0x81, %%ax" ::: "eax"));
    check_fault("an access beside it", v, NONE, 0);
    v = USER(in8(0x88));
    check_fault("the last byte of the map counts for nothing", v, GP, 0);
    gdt[TSS / 8] = descriptor((Word)tss, 103, 0x8900);
    __asm__ volatile("ltr %w0" :: "r"(TSS));
    v = USER(in8(0x80));
    check_fault("no bitmap within the limit", v, GP, 0);
}

const Subject subjects[] = {
    { "faults", faults }, { "traps", traps }, { "device not available", device_not_available }, { "floating point", floating_point },
    { "alignment", alignment }, { "ring 3", privileged }, { "I/O bitmap", io_bitmap }, { 0 },
};
