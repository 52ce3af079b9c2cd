/*
 * Where control goes between translated units: returns to code that has changed, that is in another mode or at another place by now; jumps between pages that are not
 * the same ones for all; the end of the interrupt shadow. Arguments: what stands behind -accel.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg-exec-fixture.h"
#include "hw/i386/apic.h"

/* ---- programs, at 0x5000 ---- */

/*
 *   mov $400,%ebp
 *   1: mov $a2,%edi
 *   call raise
 *   sti
 *   nop
 *   a2: nop
 *   mov $b2,%edi
 *   call raise
 *   sti
 *   jmp b2
 *   nop
 *   b2: nop
 *   mov $c2,%edi
 *   call raise
 *   xor %eax,%eax
 *   sti
 *   jz c2
 *   nop
 *   c2: mov $d2,%edi
 *   call raise
 *   xor %eax,%eax
 *   sti
 *   jnz d3
 *   d2: nop
 *   d3: mov $f,%edi
 *   call raise
 *   sti
 *   call f
 *   mov $g2,%edi
 *   push $g2
 *   call raise
 *   sti
 *   ret
 *   g2: dec %ebp
 *   jnz 1b
 *   cli
 *   hlt
 *   raise:
 *   cli
 *   mov %ebp, 0xe0000000
 *   mov $3,%esi
 *   2: dec %esi
 *   jnz 2b
 *   ret
 *   f: ret
 */
static const uint8_t shadow32[] = {
    0xbd, 0x90, 0x01, 0x00, 0x00, 0xbf, 0x11, 0x50, 0x00, 0x00, 0xe8, 0x58, 0x00, 0x00, 0x00, 0xfb,
    0x90, 0x90, 0xbf, 0x20, 0x50, 0x00, 0x00, 0xe8, 0x4b, 0x00, 0x00, 0x00, 0xfb, 0xeb, 0x01, 0x90,
    0x90, 0xbf, 0x31, 0x50, 0x00, 0x00, 0xe8, 0x3c, 0x00, 0x00, 0x00, 0x31, 0xc0, 0xfb, 0x74, 0x01,
    0x90, 0xbf, 0x40, 0x50, 0x00, 0x00, 0xe8, 0x2c, 0x00, 0x00, 0x00, 0x31, 0xc0, 0xfb, 0x75, 0x01,
    0x90, 0xbf, 0x77, 0x50, 0x00, 0x00, 0xe8, 0x1c, 0x00, 0x00, 0x00, 0xfb, 0xe8, 0x26, 0x00, 0x00,
    0x00, 0xbf, 0x62, 0x50, 0x00, 0x00, 0x68, 0x62, 0x50, 0x00, 0x00, 0xe8, 0x07, 0x00, 0x00, 0x00,
    0xfb, 0xc3, 0x4d, 0x75, 0xa0, 0xfa, 0xf4, 0xfa, 0x89, 0x2d, 0x00, 0x00, 0x00, 0xe0, 0xbe, 0x03,
    0x00, 0x00, 0x00, 0x4e, 0x75, 0xfd, 0xc3, 0xc3,
};
/*
 *   cmp %edi,(%esp)
 *   je 1f
 *   incl 0x804
 *   1: incl 0x800
 *   iret
 */
static const uint8_t shadow32_handler[] = {
    0x39, 0x3c, 0x24, 0x74, 0x06, 0xff, 0x05, 0x04, 0x08, 0x00, 0x00, 0xff, 0x05, 0x00, 0x08, 0x00,
    0x00, 0xcf,
};
/*
 *   mov %cr4,%rax
 *   or $0x200,%eax
 *   mov %rax,%cr4
 *   mov $1000,%ecx
 *   1: call f
 *   movaps %xmm0,%xmm1
 *   dec %ecx
 *   jnz 1b
 *   cli
 *   hlt
 *   f: mov %cr0,%rax
 *   and $-9,%eax
 *   test $1,%cl
 *   jz 2f
 *   or $8,%eax
 *   2: mov %rax,%cr0
 *   ret
 */
static const uint8_t modes64[] = {
    0x0f, 0x20, 0xe0, 0x0d, 0x00, 0x02, 0x00, 0x00, 0x0f, 0x22, 0xe0, 0xb9, 0xe8, 0x03, 0x00, 0x00,
    0xe8, 0x09, 0x00, 0x00, 0x00, 0x0f, 0x28, 0xc8, 0xff, 0xc9, 0x75, 0xf4, 0xfa, 0xf4, 0x0f, 0x20,
    0xc0, 0x83, 0xe0, 0xf7, 0xf6, 0xc1, 0x01, 0x74, 0x03, 0x83, 0xc8, 0x08, 0x0f, 0x22, 0xc0, 0xc3,
};
/*
 *   clts
 *   incl 0x800
 *   iretq
 */
static const uint8_t modes64_handler[] = {
    0x0f, 0x06, 0xff, 0x04, 0x25, 0x00, 0x08, 0x00, 0x00, 0x48, 0xcf,
};
/*
 *   mov $20000,%ecx
 *   1: call *%rbx
 *   add %rax,(%rdi)
 *   dec %ecx
 *   jnz 1b
 *   cli
 *   hlt
 */
static const uint8_t mapped64[] = {
    0xb9, 0x20, 0x4e, 0x00, 0x00, 0xff, 0xd3, 0x48, 0x01, 0x07, 0xff, 0xc9, 0x75, 0xf7, 0xfa, 0xf4,
};
/*
 *   jmp .+0x1000
 */
static const uint8_t mapped64_page[] = {
    0xe9, 0xfb, 0x0f, 0x00, 0x00,
};
/*
 *   mov $1200,%ecx
 *   mov $0x40200000,%ebx
 *   1: call *%rbx
 *   sub %rbx,%rax
 *   add %rax,0x800
 *   add $0x1000,%rbx
 *   cmp $0x40203000,%rbx
 *   jne 2f
 *   mov $0x40200000,%ebx
 *   2: cmp $600,%ecx
 *   jne 3f
 *   movb $5,0x200003
 *   3: dec %ecx
 *   jnz 1b
 *   cli
 *   hlt
 */
static const uint8_t aliases64[] = {
    0xb9, 0xb0, 0x04, 0x00, 0x00, 0xbb, 0x00, 0x00, 0x20, 0x40, 0xff, 0xd3, 0x48, 0x29, 0xd8, 0x48,
    0x01, 0x04, 0x25, 0x00, 0x08, 0x00, 0x00, 0x48, 0x81, 0xc3, 0x00, 0x10, 0x00, 0x00, 0x48, 0x81,
    0xfb, 0x00, 0x30, 0x20, 0x40, 0x75, 0x05, 0xbb, 0x00, 0x00, 0x20, 0x40, 0x81, 0xf9, 0x58, 0x02,
    0x00, 0x00, 0x75, 0x08, 0xc6, 0x04, 0x25, 0x03, 0x00, 0x20, 0x00, 0x05, 0xff, 0xc9, 0x75, 0xca,
    0xfa, 0xf4,
};
/*
 *   lea 2f(%rip),%rax
 *   2: ret
 */
static const uint8_t aliases64_page[] = {
    0x48, 0x8d, 0x05, 0x00, 0x00, 0x00, 0x00, 0xc3,
};
/*
 *   mov $100,%ecx
 *   1: call f
 *   site: add $0x7f,%edx
 *   dec %ecx
 *   jnz 1b
 *   mov %edx,0x800
 *   cli
 *   hlt
 *   f: mov %cl,site+2
 *   ret
 */
static const uint8_t site32[] = {
    0xb9, 0x64, 0x00, 0x00, 0x00, 0xe8, 0x0e, 0x00, 0x00, 0x00, 0x83, 0xc2, 0x7f, 0x49, 0x75, 0xf5,
    0x89, 0x15, 0x00, 0x08, 0x00, 0x00, 0xfa, 0xf4, 0x88, 0x0d, 0x0c, 0x50, 0x00, 0x00, 0xc3,
};
/*
 * At 0xfff0 of its segment, and at 0x10: the program counter wraps both ways.
 *   inc %bx
 *   jmp 0x10
 */
static const uint8_t wrap16_at_fff0[] = { 0x43, 0xeb, 0x1d };
/*
 *   dec %cx
 *   jz 1f
 *   jmp 0xfff0
 *   1: mov %bx,(0x800)
 *   cli
 *   hlt
 */
static const uint8_t wrap16_at_10[] = { 0x49, 0x74, 0x03, 0xe9, 0xda, 0xff, 0x89, 0x1e, 0x00, 0x08, 0xfa, 0xf4 };

/* ---- tests ---- */

static int take_vector(void)
{
    cpu_clear_interrupt(cpus[0], CPU_INTERRUPT_HARD);
    return 0x40;
}

static void raise_interrupt(void)
{
    cpu_interrupt(cpus[0], CPU_INTERRUPT_HARD);
}

/* An interrupt that waits while IF is clear comes behind the instruction after STI, whatever that is, and not later. */
static void test_shadow_ends(void)
{
    protected_mode();
    x86_set_pic_reader(take_vector);
    device_written = raise_interrupt;
    PUT(CODE, shadow32);
    PUT(HANDLER, shadow32_handler);
    put_gate32(0x40, HANDLER);
    run_to_halt();
    device_written = NULL;
    x86_set_pic_reader(NULL);
    g_assert_cmpuint(get32(0x800), ==, 6 * 400);
    g_assert_cmpuint(get32(0x804), ==, 0);
}

/* CR0.TS changes between a call and the return from it: the code behind the call is another one. */
static void test_mode_between_call_and_return(void)
{
    X86Cpu *cpu = long_mode();
    PUT(CODE, modes64);
    PUT(HANDLER, modes64_handler);
    put_gate64(EXCP_NM, HANDLER);
    cpu->regs[R_EAX] = 0;
    run_to_halt();
    g_assert_cmpuint(get32(0x800), ==, 500);
}

static void test_return_to_changed_code(void)
{
    protected_mode();
    PUT(CODE, site32);
    run_to_halt();
    g_assert_cmpuint(get32(0x800), ==, 100 * 101 / 2);
}

/* Both processors run the same page, which jumps to the next one: another frame for each of them. */
static void test_own_mappings(void)
{
    static const uint8_t one[] = { 0xb8, 1, 0, 0, 0, 0xc3 }, two[] = { 0xb8, 2, 0, 0, 0, 0xc3 };
    enum { PML4B = 0x120000, PDPTB = 0x121000, PDB = 0x122000, PTB = 0x123000 };
    X86Cpu *first = long_mode(), *second = ready(1);
    long_mode_on(second);
    put64(PML4B, PDPTB | 7);
    put64(PDPTB, PD | 7);
    put64(PDPTB + 8, PDB | 7);
    put64(PDB + 8, PTB | 7);
    put64(PT_CODE, 0x200007);
    put64(PTB, 0x200007);
    put64(PT_CODE + 8, 0x201007);
    put64(PTB + 8, 0x202007);
    x86_set_cr3(second, PML4B);
    PUT(0x200000, mapped64_page);
    PUT(0x201000, one);
    PUT(0x202000, two);
    PUT(CODE, mapped64);
    first->regs[R_EBX] = second->regs[R_EBX] = 0x40200000;
    first->regs[R_EDI] = 0x800;
    second->regs[R_EDI] = 0x808;
    second->regs[R_ESP] = STACK - 0x1000;
    run();
    g_assert_cmpuint(get64(0x800), ==, 20000);
    g_assert_cmpuint(get64(0x808), ==, 40000);
}

/* One frame at three places: its code knows at which of them it runs, and is forgotten at all of them when it changes. */
static void test_aliases(void)
{
    long_mode();
    for (unsigned i = 0; i < 3; i++) {
        put64(PT_CODE + 8 * i, 0x200007);
    }
    PUT(0x200000, aliases64_page);
    PUT(CODE, aliases64);
    run_to_halt();
    g_assert_cmpuint(get64(0x800), ==, 601 * 7 + 599 * 12);
}

static void test_wrap(void)
{
    X86Cpu *cpu = real_mode();
    x86_load_segment(cpu, R_CS, 0x1000, 0x10000, 0xffff, 0x9b00);
    cpu->pc = 0xfff0;
    cpu->regs[R_ECX] = 2000;
    PUT(0x1fff0, wrap16_at_fff0);
    PUT(0x10010, wrap16_at_10);
    run_to_halt();
    g_assert_cmpuint(get32(0x800), ==, 2000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (!build(argc > 1 ? argv[1] : "tcg")) {
        puts("1..0 # SKIP no such back end");
        return 0;
    }
    g_test_add_func("/tcg/flow/shadow-ends", test_shadow_ends);
    g_test_add_func("/tcg/flow/mode-between-call-and-return", test_mode_between_call_and_return);
    g_test_add_func("/tcg/flow/return-to-changed-code", test_return_to_changed_code);
    g_test_add_func("/tcg/flow/own-mappings", test_own_mappings);
    g_test_add_func("/tcg/flow/aliases", test_aliases);
    g_test_add_func("/tcg/flow/wrap", test_wrap);
    return g_test_run();
}
