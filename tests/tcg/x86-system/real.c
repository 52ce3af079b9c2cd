/*
 * Real mode, reached from protected mode: limits, interrupts, what is not there, big segments, A20; and virtual-8086 mode with and without VME.
 *
 * Intel SDM volume 3, 20.1 (real mode), 20.2 and 20.3 (virtual-8086, VME), 20.4 (PVI), 9.9 (switching); volume 2, POPF, INT n.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

/* Low memory: results at 0x5000, the way into and out of real mode at 0x6000, the code that is tried at 0x7000, its stack below 0x9000. */
enum { RESULT = 0x5000, WAY = 0x6000, TRIED = 0x7000, STACK_TOP = 0x9000, CODE16 = FREE_SELECTOR, DATA16 = FREE_SELECTOR + 8, BIG = FREE_SELECTOR + 16 };

typedef struct Result { uint32_t vector, ip, cs, flags, eax, ebx, ecx, edx, esp; } Result;
#define result ((volatile Result *)RESULT)

/* ---- the way ---- */

extern uint8_t way_start[], way_end[], way_code16[], way_real[], way_vectors[], way_back[];
/* 32-bit: to the copy of way_code16 in a 16-bit segment; back at real_return. AX of the data segments in bx, the limit's segment. */
void enter_real(uint32_t data_selector);
__asm__(".pushsection .text\n"
        ".globl enter_real; enter_real:\n"
        "movl 4(%esp), %ebx; pushal; movl %esp, real_sp\n"
        "ljmpl *real_pointer\n"
        "real_return:\n"
        "movl $0x10, %eax; mov %eax, %ds; mov %eax, %es; mov %eax, %ss; mov %eax, %fs; mov %eax, %gs; movl real_sp, %esp; lidtl real_idt; popal; ret\n"
        ".balign 4; real_pointer: .long way_code16 - way_start + 0x6000; .word 0x100\n"
        ".balign 4; real_sp: .long 0; real_idt: .word 2047; .long idt\n"
        ".balign 8; .code16; way_start:\n"
        "way_code16: mov %bx, %ds; mov %bx, %es; mov %bx, %ss; mov %bx, %fs; mov %bx, %gs; lidtl %cs:(way_idt - way_start + 0x6000)\n"
        "movl %cr0, %eax; andl $~1, %eax; movl %eax, %cr0; ljmp $0x600, $(way_real - way_start)\n"
        "way_real: xorl %eax, %eax; mov %ax, %ds; mov %ax, %es; mov %ax, %fs; mov %ax, %gs; mov %ax, %ss; movl $0x9000, %esp; xorl %ebx, %ebx; xorl %ecx, %ecx; xorl %edx, %edx\n"
        "pushl $0; popfl; ljmp $0x700, $0\n"
        /* The code has come to its end by a jump here. */
        "way_back: pushl %eax; xorw %ax, %ax; movw %ax, %ds; popl %eax; movl %eax, 0x5010; movl $-1, 0x5000; jmp way_leave\n"
        "way_leave: movl %ebx, 0x5014; movl %ecx, 0x5018; movl %edx, 0x501c; movl %esp, 0x5020\n"
        "lgdtl %cs:(way_gdt - way_start); movl %cr0, %eax; orl $1, %eax; movl %eax, %cr0; ljmpl $8, $real_return\n"
        /* Interrupt entries: four bytes each. */
        ".balign 8; way_vectors: .set n, 0\n .rept 32; .balign 8; push $n; jmp way_taken; .set n, n + 1; .endr\n"
        "way_taken: pushw %ds; pushl %eax; xorw %ax, %ax; movw %ax, %ds; popl %eax; movl %eax, 0x5010; popw %ax\n"
        "popw %ax; movzwl %ax, %eax; movl %eax, 0x5000; popw %ax; movl %eax, 0x5004; popw %ax; movl %eax, 0x5008; popw %ax; movl %eax, 0x500c; jmp way_leave\n"
        ".balign 4; way_idt: .word 0x3ff; .long 0; way_gdt: .word 1023; .long gdt; way_end: .code32; .popsection");

static void set_up_way(void)
{
    memcpy((void *)WAY, way_start, way_end - way_start);
    set_selector(CODE16, descriptor(0, 0xffff, DESC_CODE));
    set_selector(DATA16, descriptor(0, 0xffff, DESC_DATA));
    set_selector(BIG, descriptor(0, 0xfffff, DESC_DATA | DESC_GRANULAR));
    for (unsigned v = 0; v < 32; v++) {
        *(volatile uint32_t *)(4 * v) = 0x600 << 16 | (uint16_t)(way_vectors - way_start + 8 * v);
    }
}

/* ---- pieces of 16-bit code ---- */

#define PIECE(name, text) extern uint8_t name##_s[], name##_e[]; __asm__(".pushsection .text; .code16; " #name "_s: " text "; " #name "_e: .code32; .popsection");
#define END "; ljmp $0x600, $(way_back - way_start)"

PIECE(fine, "movw $0x1234, %ax" END)
PIECE(word_end, "movw 0xfffe, %ax" END)
PIECE(word_over, "movw 0xffff, %ax" END)
PIECE(dword_over, "movl 0xfffd, %eax" END)
PIECE(store_over, "movl %eax, 0xfffd" END)
PIECE(stack_over, "movw $0xffff, %bp; movw (%bp), %ax" END)
PIECE(pop_at_end, "movw $0xffff, %sp; popw %ax" END)
PIECE(push_at_0, "movw $0, %sp; pushw %ax; movw $0x8000, %sp" END)
PIECE(long_offset, "movl $0x10000, %ebx; movw (%ebx), %ax" END)
PIECE(divide, "xorw %cx, %cx; nop; divw %cx" END)
PIECE(undefined, "ud2" END)
PIECE(into, "movb $0x7f, %al; incb %al; into" END)
PIECE(bound, "movw $5, %ax; movl $0x00040001, 0x5100; boundw %ax, 0x5100" END)
PIECE(breakpoint, "int3" END)
PIECE(interrupt, "pushfw; orw $0x7000, (%esp); popfw; sti; int $0x10" END)
PIECE(step, "pushfw; orb $1, 1(%esp); popfw; nop" END)
PIECE(lldt, "lldt %ax" END)
PIECE(sldt, "sldt %ax" END)
PIECE(ltr, "ltr %ax" END)
PIECE(str, "str %ax" END)
PIECE(arpl, ".byte 0x63, 0xc0" END)
PIECE(lar, "lar %ax, %bx" END)
PIECE(verr, "verr %ax" END)
PIECE(sgdt, "sgdtl 0x5100" END)
PIECE(smsw, "smsw %ax" END)
PIECE(sysenter, "sysenter" END)
PIECE(mov_cr, "movl %cr0, %eax" END)
PIECE(cli_sti, "sti; cli; clts; movl %dr7, %ebx" END)
PIECE(mov_cs, ".byte 0x8e, 0xc8" END)
PIECE(lock, ".byte 0xf0, 0x90" END)
PIECE(far_call, "lcall $0x700, $(1f - far_call_s); movw %sp, %bx; jmp 2f; 1: movw %sp, %cx; lret; 2:" END)
PIECE(long_jump, "ljmpl $0x700, $0x12345" END)
PIECE(long_near, "jmpl *%cs:(1f - long_near_s); 1: .long 0x10000" END)
PIECE(call_wraps, "movw $0, %sp; call 1f; 1: movw %sp, %bx; movw $0x8000, %sp" END)
PIECE(rep_wraps, "movw $0x4100, %ax; movw %ax, %es; movw $0xfff8, %di; movw $16, %cx; cld; rep stosb; movw %di, %bx" END)
PIECE(rep_long_over, "movl $0xfff8, %edi; movl $16, %ecx; cld; addr32 rep stosb" END)
PIECE(popf_iopl, "pushl $0x7000; popfl; pushfl; popl %ebx" END)
PIECE(iret, "pushw $0x7246; pushw %cs; pushw $(1f - iret_s); iretw; 1: pushfw; popw %bx; pushw $0; popfw" END)
PIECE(above, "movl $0x200000, %ebx; movl $0xabcd, (%ebx); movl (%ebx), %ecx" END)
PIECE(high, "movw $0xffff, %ax; movw %ax, %es; movw $0x10, %di; movw %es:(%di), %bx" END)
PIECE(idt_moved, "movl $0x700, 0x5100; movw $0x3ff, 0x5108; movl $0x1000, 0x510a; lidtl 0x5108; movl $0x07000000 + (1f - idt_moved_s), 0x1040; int $0x10; 1: movw $0x77, %bx" END)
PIECE(wide_push, "movl $0x12345678, %eax; pushl %eax; popl %ebx; pushw $-2; popw %cx; push %fs; movw %sp, %dx" END)
PIECE(loop32, "movl $0x10002, %ecx; loop 1f; 1: movl %ecx, %ebx; movl $0x10002, %ecx; addr32 loop 2f; 2:" END)
PIECE(pusha, "movl $0xaaaa1111, %eax; pushaw; popaw; movw %sp, %bx; pushal; popal; movw %sp, %cx" END)
PIECE(far_return_imm, "pushw $5; pushw %cs; pushw $(1f - far_return_imm_s); lretw $2; 1: movw %sp, %bx" END)

typedef struct Try { const char *name; uint8_t *start, *end; int vector, offset; uint32_t ebx, ecx, edx; bool regs; } Try;
#define T(name, piece, vector, offset) { name, piece##_s, piece##_e, vector, offset, 0, 0, 0, false }
#define TR(name, piece, b, c, d) { name, piece##_s, piece##_e, NONE, -1, b, c, d, true }
/* offset: of the instruction pointer in the frame, -1 not looked at. */
static const Try tries[] = {
    T("plain code", fine, NONE, -1), T("a word at the end", word_end, NONE, -1), T("a word over the end", word_over, GP, 0),
    T("a dword over the end", dword_over, GP, 0), T("a store over the end", store_over, GP, 0), T("the stack segment's end", stack_over, SS, 3),
    T("POP with SP 0xffff", pop_at_end, SS, -1), T("PUSH with SP 0", push_at_0, NONE, -1),
    T("an offset above 64 KiB", long_offset, GP, 6), T("DIV by zero", divide, DE, 3), T("UD2", undefined, UD, 0), T("INTO", into, OF, 5),
    T("BOUND", bound, BR, 12), T("INT3", breakpoint, BP, 1), T("INT 0x10", interrupt, 0x10, -1), T("a single step", step, DB, -1),
    T("LLDT", lldt, UD, 0), T("SLDT", sldt, UD, 0), T("LTR", ltr, UD, 0), T("STR", str, UD, 0), T("ARPL", arpl, UD, 0), T("LAR", lar, UD, 0), T("VERR", verr, UD, 0),
    T("SGDT", sgdt, NONE, -1), T("SMSW", smsw, NONE, -1), T("SYSENTER", sysenter, GP, 0), T("MOV from CR0", mov_cr, NONE, -1), T("CLI, STI, CLTS, MOV from DR", cli_sti, NONE, -1),
    T("MOV to CS", mov_cs, UD, 0), T("LOCK NOP", lock, UD, 0), T("a jump above 64 KiB", long_jump, GP, 0), T("a near jump above 64 KiB", long_near, GP, 0),
    TR("far call and return", far_call, 0x9000, 0x8ffc, 0), TR("CALL with SP 0 wraps", call_wraps, 0xfffe, 0, 0),
    TR("REP STOSB wraps at 64 KiB", rep_wraps, 8, 0, 0), T("with 32-bit addresses it does not", rep_long_over, GP, -1),
    TR("POPF sets IOPL and NT", popf_iopl, 0x7002, 0, 0), TR("IRET too", iret, 0x7246, 0, 0),
    TR("PUSH of two sizes", wide_push, 0x12345678, 0xfffe, 0x8ffe),
    TR("LOOP by address size", loop32, 0x10001, 0x10001, 0), TR("PUSHA and POPA", pusha, 0x9000, 0x9000, 0), TR("RETF n", far_return_imm, 0x9000, 0, 0),
};

static void run_piece(const uint8_t *start, const uint8_t *end, uint32_t data)
{
    memset((void *)RESULT, 0, 64);
    memcpy((void *)TRIED, start, end - start);
    enter_real(data);
}

static void real_mode(void)
{
    set_up_way();
    for (unsigned i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        const Try *t = &tries[i];
        run_piece(t->start, t->end, DATA16);
        bool good = (int)result->vector == t->vector && (t->offset < 0 || result->ip == (uint32_t)t->offset);
        if (t->regs) {
            good &= result->ebx == t->ebx && result->ecx == t->ecx && result->edx == t->edx;
        }
        check(good, "%s", t->name);
        if (!good) {
            print("# vector %d at 0x%x:0x%x, flags 0x%x, eax 0x%x ebx 0x%x ecx 0x%x edx 0x%x\n", (int)result->vector, result->cs, result->ip, result->flags, result->eax,
                  result->ebx, result->ecx, result->edx);
        }
    }
    run_piece(interrupt_s, interrupt_e, DATA16);
    check_is("INT pushes the flags as they were", result->flags & 0x7fff, 0x7202);
    run_piece(step_s, step_e, DATA16);
    check_is("a single step's flags have TF", result->flags & 0x100, 0x100);
}

static void big_segments(void)
{
    set_up_way();
    run_piece(above_s, above_e, BIG);
    check(result->vector == (uint32_t)NONE && result->ecx == 0xabcd, "limits of protected mode stay (%d)", (int)result->vector);
    run_piece(above_s, above_e, DATA16);
    check_is("and so do those of 64 KiB", result->vector, GP);
    *(volatile uint16_t *)0x100000 = *(volatile uint16_t *)0x100000;
    uint16_t high_word = *(volatile uint16_t *)0x100000;
    *(volatile uint16_t *)0 = 0x4321;
    run_piece(high_s, high_e, DATA16);
    check_is("0xffff:0x10 is 1 MiB", result->ebx, high_word);
    run_piece(idt_moved_s, idt_moved_e, DATA16);
    check(result->vector == (uint32_t)NONE && result->ebx == 0x77, "LIDT moves the vectors");
}

/* ---- virtual-8086 mode ---- */

static uint32_t vm_task[64] __attribute__((aligned(256)));      /* redirection bitmap at 0x68, I/O bitmap at 0x88 */
enum { VM = 0x20000, VIF = 0x80000, VIP = 0x100000, IOPL3 = 0x3000, FLAG_IF = 0x200, CR4_VME = 1, CR4_PVI = 2 };

static void set_up_vm(void)
{
    memcpy(vm_task, tss, 104);
    memset(vm_task + 26, 0xff, 32);
    memset((uint8_t *)vm_task + 0x88, 0, 17);
    ((uint8_t *)vm_task)[0x88 + 16] = 0x0f;     /* ports 0x80 to 0x83 are refused */
    ((uint8_t *)vm_task)[0x88 + 17] = 0xff;
    vm_task[25] = 0x88u << 16;
    gdt[TSS / 8] = descriptor((uint32_t)vm_task, 0x88 + 17, 0x8900);
    __asm__ volatile("ltr %w0" :: "r"(TSS));
}

extern void enter_vm(uint32_t flags);
__asm__(".pushsection .text; enter_vm: movl 4(%esp), %eax; pushl $0x44; pushl $0x33; pushl $0x22; pushl $0x11; pushl $0; pushl $0x9000; pushl %eax; pushl $0x700; pushl $0\n"
        "xorl %ebx, %ebx; xorl %ecx, %ecx; iretl; .popsection");

static volatile Frame last;
static bool note(Frame *f)
{
    last = *f;
    return false;
}

static int vm(const uint8_t *start, const uint8_t *end, uint32_t flags)
{
    memcpy((void *)TRIED, start, end - start);
    hook = note;
    int v = CATCH(enter_vm(flags | VM | 2));
    hook = NULL;
    return v;
}

#undef END
#define END "; int3"
PIECE(v_nothing, "movw $0x55, %bx" END)
PIECE(v_cli, "cli; movw $1, %bx" END)
PIECE(v_sti, "sti; movw $1, %bx" END)
PIECE(v_pushf, "pushfw; popw %bx" END)
PIECE(v_pushfl, "pushfl; popl %ebx" END)
PIECE(v_popf, "pushw $0x3246; popfw; movw $1, %bx" END)
PIECE(v_popf_if, "pushw $0x0202; popfw; movw $1, %bx" END)
PIECE(v_popf_tf, "pushw $0x0102; popfw; movw $1, %bx" END)
PIECE(v_popfl, "pushl $0x3246; popfl; movw $1, %bx" END)
PIECE(v_int, "int $0x80; movw $1, %bx" END)
PIECE(v_int20, "int $0x20; movw $1, %bx" END)
PIECE(v_iret, "pushw $0x3202; pushw %cs; pushw $(1f - v_iret_s); iretw; 1: movw $1, %bx" END)
PIECE(v_in80, "inb $0x80, %al; movw $1, %bx" END)
PIECE(v_in70, "inb $0x70, %al; movw $1, %bx" END)
PIECE(v_hlt, "hlt" END)
PIECE(v_mov_cr, "movl %cr0, %eax" END)
PIECE(v_lgdt, "lgdtl 0x5100" END)
PIECE(v_clts, "clts" END)
PIECE(v_lldt, "lldt %ax" END)
PIECE(v_sldt, "sldt %ax" END)
PIECE(v_arpl, ".byte 0x63, 0xc0" END)
PIECE(v_verr, "verr %ax" END)
PIECE(v_sgdt, "sgdtl 0x5100" END)
PIECE(v_over, "movw 0xffff, %ax" END)
PIECE(v_stack_over, "movw $0xffff, %bp; movw (%bp), %ax" END)
PIECE(v_segments, "movw $0x5000, %ax; movw %ax, %ds; movw %ax, %fs; movw $1, %bx" END)
PIECE(v_far, "lcall $0x700, $(1f - v_far_s); movw $1, %bx; int3; 1: lret" END)
PIECE(v_ud, "ud2" END)
PIECE(v_sysenter, "sysenter" END)
PIECE(v_wrmsr, "wrmsr" END)

typedef struct VmTry { const char *name; uint8_t *start, *end; uint32_t flags, cr4; int vector; uint32_t error; } VmTry;
#define V(name, piece, flags, cr4, vector) { name, piece##_s, piece##_e, flags, cr4, vector, 0 }
static const VmTry vm_tries[] = {
    V("plain code", v_nothing, 0, 0, BP), V("CLI, IOPL 0", v_cli, 0, 0, GP), V("CLI, IOPL 3", v_cli, IOPL3, 0, BP), V("STI, IOPL 0", v_sti, 0, 0, GP),
    V("STI, IOPL 3", v_sti, IOPL3, 0, BP), V("PUSHF, IOPL 0", v_pushf, 0, 0, GP), V("PUSHF, IOPL 3", v_pushf, IOPL3, 0, BP), V("POPF, IOPL 0", v_popf, 0, 0, GP),
    V("POPF, IOPL 3", v_popf, IOPL3, 0, BP), V("INT, IOPL 0", v_int, 0, 0, GP), V("INT, IOPL 3, gate of ring 3", v_int, IOPL3, 0, USER_RETURN),
    { "INT, IOPL 3, gate of ring 0", v_int20_s, v_int20_e, IOPL3, 0, GP, 0x102 },
    V("IRET, IOPL 0", v_iret, 0, 0, GP), V("IRET, IOPL 3", v_iret, IOPL3, 0, BP), V("IN of a port that is refused", v_in80, IOPL3, 0, GP), V("IN of one that is not", v_in70, 0, 0, BP),
    V("HLT", v_hlt, IOPL3, 0, GP), V("MOV from CR0", v_mov_cr, IOPL3, 0, GP), V("LGDT", v_lgdt, IOPL3, 0, GP), V("CLTS", v_clts, IOPL3, 0, GP), V("WRMSR", v_wrmsr, IOPL3, 0, GP),
    V("LLDT", v_lldt, IOPL3, 0, UD), V("SLDT", v_sldt, IOPL3, 0, UD), V("ARPL", v_arpl, IOPL3, 0, UD), V("VERR", v_verr, IOPL3, 0, UD), V("SGDT", v_sgdt, 0, 0, BP),
    V("a word over the end", v_over, 0, 0, GP), V("a word over the stack's end", v_stack_over, 0, 0, SS), V("segment loads", v_segments, 0, 0, BP), V("far call and return", v_far, 0, 0, BP),
    V("UD2", v_ud, 0, 0, UD), V("SYSENTER", v_sysenter, 0, 0, GP),
    V("VME: CLI", v_cli, VIF, CR4_VME, BP), V("VME: STI", v_sti, 0, CR4_VME, BP), V("VME: STI with VIP", v_sti, VIP, CR4_VME, GP), V("VME: PUSHF", v_pushf, 0, CR4_VME, BP),
    V("VME: 32-bit PUSHF", v_pushfl, 0, CR4_VME, GP), V("VME: POPF", v_popf_if, 0, CR4_VME, BP), V("VME: POPF that sets TF", v_popf_tf, 0, CR4_VME, GP),
    V("VME: POPF that sets IF with VIP", v_popf_if, VIP, CR4_VME, GP), V("VME: 32-bit POPF", v_popfl, 0, CR4_VME, GP), V("VME: IRET", v_iret, 0, CR4_VME, BP),
    V("VME: IRET that sets IF with VIP", v_iret, VIP, CR4_VME, GP), V("VME: INT that is not redirected, IOPL 0", v_int, 0, CR4_VME, GP),
};

static void virtual_8086(void)
{
    set_up_vm();
    for (unsigned i = 0; i < sizeof(vm_tries) / sizeof(vm_tries[0]); i++) {
        const VmTry *t = &vm_tries[i];
        write_cr4((read_cr4() & ~3ul) | t->cr4);
        check_fault(t->name, vm(t->start, t->end, t->flags), t->vector, t->error);
    }
    write_cr4(read_cr4() & ~3ul);
    vm(v_nothing_s, v_nothing_e, 0);
    check_is("the frame has ES", last.vm_es, 0x11);
    check_is("DS", last.vm_ds, 0x22);
    check_is("FS", last.vm_fs, 0x33);
    check_is("GS", last.vm_gs, 0x44);
    check_is("SS:SP", last.ss << 16 | last.sp, 0x9000);
    check_is("CS", last.cs, 0x700);
    check_is("VM", last.flags & VM, VM);
    check_is("DS of the handler is null", last.ds, 0);
    vm(v_pushf_s, v_pushf_e, IOPL3 | FLAG_IF);
    check_is("PUSHF with IOPL 3", last.bx, 0x3202);
    vm(v_popf_s, v_popf_e, IOPL3);
    check_is("POPF with IOPL 3 sets IF", last.flags & FLAG_IF, FLAG_IF);
    write_cr4(read_cr4() | CR4_VME);
    vm(v_pushf_s, v_pushf_e, VIF);
    check_is("VME: PUSHF has VIF as IF and IOPL 3", last.bx, 0x3202);
    vm(v_pushf_s, v_pushf_e, 0);
    check_is("VME: and without VIF", last.bx, 0x3002);
    vm(v_cli_s, v_cli_e, VIF | FLAG_IF);
    check_is("VME: CLI clears VIF alone", last.flags & (VIF | FLAG_IF), FLAG_IF);
    vm(v_sti_s, v_sti_e, 0);
    check_is("VME: STI sets VIF alone", last.flags & (VIF | FLAG_IF), VIF);
    vm(v_popf_if_s, v_popf_if_e, 0);
    check_is("VME: POPF sets VIF", last.flags & (VIF | FLAG_IF), VIF);
    vm(v_iret_s, v_iret_e, 0);
    check_is("VME: IRET sets VIF", last.flags & (VIF | FLAG_IF | IOPL3), VIF);
    vm(v_cli_s, v_cli_e, VIF | IOPL3 | FLAG_IF);
    check_is("VME with IOPL 3: CLI clears IF", last.flags & (VIF | FLAG_IF), VIF);
    /* A redirected INT: vector 0x20 by the table at 0. */
    ((uint8_t *)vm_task)[0x68 + 4] = 0xfe;
    *(volatile uint32_t *)0x80 = 0x0700u << 16 | 0x100;
    *(volatile uint8_t *)(TRIED + 0x100) = 0xcc;
    int v = vm(v_int20_s, v_int20_e, VIF | FLAG_IF);
    check(v == BP && last.ip == 0x101 && last.cs == 0x700, "VME: a redirected INT goes to the task's own handler");
    check_is("with VIF clear and IF as it is", last.flags & (VIF | FLAG_IF), FLAG_IF);
    check_is("the frame lies on its stack", last.sp, 0x9000 - 6);
    check_is("with VIF as IF", *(volatile uint16_t *)(0x9000 - 2) & 0x3200, 0x3200);
    check_is("and the address behind", *(volatile uint32_t *)(0x9000 - 6), 0x07000002);
    v = vm(v_int20_s, v_int20_e, IOPL3 | FLAG_IF);
    check(v == BP && last.ip == 0x101, "VME: with IOPL 3 too");
    check_is("where IF is cleared", last.flags & FLAG_IF, 0);
    write_cr4(read_cr4() & ~3ul);
    /* A handler must be of ring 0. */
    uint64_t old = idt[UD];
    set_selector(FREE_SELECTOR + 24, descriptor(0, 0xfffff, DESC_CODE | DESC_BIG | DESC_GRANULAR | DESC_CONFORMING));
    idt[UD] = (idt[UD] & ~0xffff0000ull) | (uint32_t)(FREE_SELECTOR + 24) << 16;
    check_fault("a handler in conforming code", vm(v_ud_s, v_ud_e, 0), GP, (FREE_SELECTOR + 24) | 1);
    idt[UD] = old;
    /* IRET in ring 3 does not reach virtual-8086 mode. */
    user_flags = 2 | IOPL3;
    v = USER(__asm__ volatile("pushl %0; pushl %1; pushl $1f; iretl; 1: pushfl; popl %%ecx; ud2" :: "r"(VM | 2), "r"(USER_CODE) : "ecx", "memory"));
    check_is("IRET in ring 3 leaves VM", fault.flags & VM, 0);
}

static void protected_virtual_interrupts(void)
{
    write_cr4(read_cr4() | CR4_PVI);
    user_flags = 2 | FLAG_IF;
    int v = USER(__asm__ volatile("sti; ud2"));
    check_fault("STI in ring 3", v, UD, 0);
    check_is("sets VIF", fault.flags & (VIF | FLAG_IF), VIF | FLAG_IF);
    v = USER(__asm__ volatile("sti; cli; ud2"));
    check_is("CLI clears it", fault.flags & (VIF | FLAG_IF), FLAG_IF);
    user_flags = 2 | VIP;
    check_fault("STI with VIP", USER(__asm__ volatile("sti")), GP, 0);
    user_flags = 2 | VIF;
    v = USER(__asm__ volatile("pushfl; popl %%ecx; ud2" ::: "ecx"));
    check_is("PUSHF does not show it", fault.cx & FLAG_IF, 0);
    write_cr4(read_cr4() & ~(Word)CR4_PVI);
    user_flags = 2;
    check_fault("CLI without PVI", USER(__asm__ volatile("cli")), GP, 0);
}

const Subject subjects[] = {
    { "real mode", real_mode }, { "big segments", big_segments }, { "virtual-8086", virtual_8086 }, { "PVI", protected_virtual_interrupts }, { 0 },
};
