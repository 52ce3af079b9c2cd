/*
 * The translating accelerator on a machine of RAM and one or two processors: code in real, protected and long mode, devices, page faults, code that changes, kicks,
 * debuggers. Arguments: what stands behind -accel ("tcg,x-backend=interp").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg-exec-fixture.h"

/* ---- programs, at 0x5000; _at_N: N bytes further on ---- */

/*
 *   xor %ax,%ax
 *   mov $1000,%cx
 *   1: add %cx,%ax
 *   loop 1b
 *   mov %ax,(0x800)
 *   cli
 *   hlt
 */
static const uint8_t real_loop[] = {
    0x31, 0xc0, 0xb9, 0xe8, 0x03, 0x01, 0xc8, 0xe2, 0xfc, 0xa3, 0x00, 0x08, 0xfa, 0xf4,
};
/*
 *   mov $0, %eax
 *   mov $50000, %ecx
 *   1: call 2f
 *   dec %ecx
 *   jnz 1b
 *   mov %eax, 0x800
 *   mov $3f, %edx
 *   call *%edx
 *   mov %eax, 0x804
 *   cli
 *   hlt
 *   .org 0x1000
 *   2: push %ecx
 *   add %ecx, %eax
 *   lea 4f, %ebx
 *   jmp *%ebx
 *   .org 0x1ff4
 *   4: pop %ecx
 *   nop
 *   nop
 *   nop
 *   nop
 *   nop
 *   nop
 *   movl $0x11223344, 0x808
 *   ret
 *   .org 0x3000
 *   3: xor %eax, %eax
 *   lock xaddl %eax, 0x80c
 *   ret
 */
static const uint8_t calls32[] = {
    0xb8, 0x00, 0x00, 0x00, 0x00, 0xb9, 0x50, 0xc3, 0x00, 0x00, 0xe8, 0xf1, 0x0f, 0x00, 0x00, 0x49,
    0x75, 0xf8, 0xa3, 0x00, 0x08, 0x00, 0x00, 0xba, 0x00, 0x80, 0x00, 0x00, 0xff, 0xd2, 0xa3, 0x04,
    0x08, 0x00, 0x00, 0xfa, 0xf4,
};
static const uint8_t calls32_at_1000[] = {
    0x51, 0x01, 0xc8, 0x8d, 0x1d, 0xf4, 0x6f, 0x00, 0x00, 0xff, 0xe3,
};
static const uint8_t calls32_at_1ff4[] = {
    0x59, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xc7, 0x05, 0x08, 0x08, 0x00, 0x00, 0x44, 0x33, 0x22,
    0x11, 0xc3,
};
static const uint8_t calls32_at_3000[] = {
    0x31, 0xc0, 0xf0, 0x0f, 0xc1, 0x05, 0x0c, 0x08, 0x00, 0x00, 0xc3,
};
/*
 *   mov $100, %ecx
 *   1: mov %ecx, 0xe0000000
 *   mov 0xe0000004, %eax
 *   add %eax, %edx
 *   loop 1b
 *   mov %edx, 0x800
 *   movw $0x55aa, 0xe00007ff
 *   cli
 *   hlt
 */
static const uint8_t mmio32[] = {
    0xb9, 0x64, 0x00, 0x00, 0x00, 0x89, 0x0d, 0x00, 0x00, 0x00, 0xe0, 0xa1, 0x04, 0x00, 0x00, 0xe0,
    0x01, 0xc2, 0xe2, 0xf1, 0x89, 0x15, 0x00, 0x08, 0x00, 0x00, 0x66, 0xc7, 0x05, 0xff, 0x07, 0x00,
    0xe0, 0xaa, 0x55, 0xfa, 0xf4,
};
/*
 *   mov $64, %ecx
 *   mov $0x40000000, %rbx
 *   1: mov %rcx, (%rbx)
 *   add (%rbx), %rax
 *   mov %rax, 0xffe(%rbx)
 *   add $0x2000, %rbx
 *   loop 1b
 *   mov %rax, 0x800
 *   cli
 *   hlt
 */
static const uint8_t fault64[] = {
    0xb9, 0x40, 0x00, 0x00, 0x00, 0x48, 0xc7, 0xc3, 0x00, 0x00, 0x00, 0x40, 0x48, 0x89, 0x0b, 0x48,
    0x03, 0x03, 0x48, 0x89, 0x83, 0xfe, 0x0f, 0x00, 0x00, 0x48, 0x81, 0xc3, 0x00, 0x20, 0x00, 0x00,
    0xe2, 0xea, 0x48, 0x89, 0x04, 0x25, 0x00, 0x08, 0x00, 0x00, 0xfa, 0xf4,
};
/*
 *   push %rax
 *   push %rbx
 *   mov %cr2, %rax
 *   shr $12, %rax
 *   and $511, %eax
 *   lea 0x200(%rax), %rbx
 *   shl $12, %rbx
 *   or $7, %rbx
 *   mov %rbx, 0x110000(,%rax,8)
 *   incl 0x900
 *   pop %rbx
 *   pop %rax
 *   add $8, %rsp
 *   iretq
 */
static const uint8_t handler64[] = {
    0x50, 0x53, 0x0f, 0x20, 0xd0, 0x48, 0xc1, 0xe8, 0x0c, 0x25, 0xff, 0x01, 0x00, 0x00, 0x48, 0x8d,
    0x98, 0x00, 0x02, 0x00, 0x00, 0x48, 0xc1, 0xe3, 0x0c, 0x48, 0x83, 0xcb, 0x07, 0x48, 0x89, 0x1c,
    0xc5, 0x00, 0x00, 0x11, 0x00, 0xff, 0x04, 0x25, 0x00, 0x09, 0x00, 0x00, 0x5b, 0x58, 0x48, 0x83,
    0xc4, 0x08, 0x48, 0xcf,
};
/*
 *   mov $200, %ecx
 *   xor %edx, %edx
 *   1: mov %cl, 2f+1
 *   2: mov $0, %al
 *   movzbl %al, %eax
 *   add %eax, %edx
 *   loop 1b
 *   mov %edx, 0x800
 *   cli
 *   hlt
 */
static const uint8_t smc_next32[] = {
    0xb9, 0xc8, 0x00, 0x00, 0x00, 0x31, 0xd2, 0x88, 0x0d, 0x0e, 0x50, 0x00, 0x00, 0xb0, 0x00, 0x0f,
    0xb6, 0xc0, 0x01, 0xc2, 0xe2, 0xf1, 0x89, 0x15, 0x00, 0x08, 0x00, 0x00, 0xfa, 0xf4,
};
/*
 *   mov $300, %ecx
 *   xor %edx, %edx
 *   1: mov %ecx, 2f+1
 *   call 3f
 *   add %eax, %edx
 *   loop 1b
 *   mov %edx, 0x800
 *   cli
 *   hlt
 *   .org 0x1000
 *   3:
 *   2: mov $0, %eax
 *   ret
 */
static const uint8_t smc_fn32[] = {
    0xb9, 0x2c, 0x01, 0x00, 0x00, 0x31, 0xd2, 0x89, 0x0d, 0x01, 0x60, 0x00, 0x00, 0xe8, 0xee, 0x0f,
    0x00, 0x00, 0x01, 0xc2, 0xe2, 0xf1, 0x89, 0x15, 0x00, 0x08, 0x00, 0x00, 0xfa, 0xf4,
};
static const uint8_t smc_fn32_at_1000[] = {
    0xb8, 0x00, 0x00, 0x00, 0x00, 0xc3,
};
/*
 *   mov $20, %ebp
 *   xor %edx, %edx
 *   1: mov $3f, %esi
 *   test $1, %ebp
 *   jz 5f
 *   mov $4f, %esi
 *   5: mov $2f, %edi
 *   mov $5, %ecx
 *   rep movsb
 *   2: mov $0, %eax
 *   add %eax, %edx
 *   dec %ebp
 *   jnz 1b
 *   mov %edx, 0x800
 *   cli
 *   hlt
 *   3: mov $1, %eax
 *   4: mov $100, %eax
 */
static const uint8_t smc_string32[] = {
    0xbd, 0x14, 0x00, 0x00, 0x00, 0x31, 0xd2, 0xbe, 0x37, 0x50, 0x00, 0x00, 0xf7, 0xc5, 0x01, 0x00,
    0x00, 0x00, 0x74, 0x05, 0xbe, 0x3c, 0x50, 0x00, 0x00, 0xbf, 0x25, 0x50, 0x00, 0x00, 0xb9, 0x05,
    0x00, 0x00, 0x00, 0xf3, 0xa4, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x01, 0xc2, 0x4d, 0x75, 0xd8, 0x89,
    0x15, 0x00, 0x08, 0x00, 0x00, 0xfa, 0xf4, 0xb8, 0x01, 0x00, 0x00, 0x00, 0xb8, 0x64, 0x00, 0x00,
    0x00,
};
/*
 *   mov $100000, %ecx
 *   1: lock incq 0x800
 *   mov $1, %eax
 *   lock xadd %rax, 0x80f(%r8)
 *   loop 1b
 *   lock incl 0x900
 *   cli
 *   hlt
 */
static const uint8_t atomics64[] = {
    0xb9, 0xa0, 0x86, 0x01, 0x00, 0xf0, 0x48, 0xff, 0x04, 0x25, 0x00, 0x08, 0x00, 0x00, 0xb8, 0x01,
    0x00, 0x00, 0x00, 0xf0, 0x49, 0x0f, 0xc1, 0x80, 0x0f, 0x08, 0x00, 0x00, 0xe2, 0xe7, 0xf0, 0xff,
    0x04, 0x25, 0x00, 0x09, 0x00, 0x00, 0xfa, 0xf4,
};
/*
 *   movl $1, 0x800
 *   1: jmp 1b
 */
static const uint8_t spin32[] = {
    0xc7, 0x05, 0x00, 0x08, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0xeb, 0xfe,
};
/*
 *   incl 0x804
 *   cli
 *   hlt
 */
static const uint8_t nmi32[] = {
    0xff, 0x05, 0x04, 0x08, 0x00, 0x00, 0xfa, 0xf4,
};
/*
 *   mov $1, %eax
 *   mov $2, %ebx
 *   mov $3, %ecx
 *   movl $7, 0x800
 *   mov $4, %edx
 *   cli
 *   hlt
 */
static const uint8_t debug32[] = {
    0xb8, 0x01, 0x00, 0x00, 0x00, 0xbb, 0x02, 0x00, 0x00, 0x00, 0xb9, 0x03, 0x00, 0x00, 0x00, 0xc7,
    0x05, 0x00, 0x08, 0x00, 0x00, 0x07, 0x00, 0x00, 0x00, 0xba, 0x04, 0x00, 0x00, 0x00, 0xfa, 0xf4,
};
/*
 *   mov $1000, %ecx
 *   1: call *%rbx
 *   add %rax, %rdx
 *   mov 0x111000, %rax
 *   xchg 0x111008, %rax
 *   mov %rax, 0x111000
 *   invlpg (%rbx)
 *   call *%rbx
 *   add %rax, %rdx
 *   mov 0x111000, %rax
 *   xchg 0x111008, %rax
 *   mov %rax, 0x111000
 *   mov %cr3, %rax
 *   mov %rax, %cr3
 *   loop 1b
 *   mov %rdx, 0x800
 *   cli
 *   hlt
 */
static const uint8_t remap64[] = {
    0xb9, 0xe8, 0x03, 0x00, 0x00, 0xff, 0xd3, 0x48, 0x01, 0xc2, 0x48, 0x8b, 0x04, 0x25, 0x00, 0x10,
    0x11, 0x00, 0x48, 0x87, 0x04, 0x25, 0x08, 0x10, 0x11, 0x00, 0x48, 0x89, 0x04, 0x25, 0x00, 0x10,
    0x11, 0x00, 0x0f, 0x01, 0x3b, 0xff, 0xd3, 0x48, 0x01, 0xc2, 0x48, 0x8b, 0x04, 0x25, 0x00, 0x10,
    0x11, 0x00, 0x48, 0x87, 0x04, 0x25, 0x08, 0x10, 0x11, 0x00, 0x48, 0x89, 0x04, 0x25, 0x00, 0x10,
    0x11, 0x00, 0x0f, 0x20, 0xd8, 0x0f, 0x22, 0xd8, 0xe2, 0xbb, 0x48, 0x89, 0x14, 0x25, 0x00, 0x08,
    0x00, 0x00, 0xfa, 0xf4,
};
/*
 *   mov $12, %ebp
 *   1: mov $0x100000, %ebx
 *   call *%ebx
 *   dec %ebp
 *   jnz 1b
 *   mov %eax, 0x800
 *   cli
 *   hlt
 */
static const uint8_t tenants[] = {
    0xbd, 0x0c, 0x00, 0x00, 0x00, 0xbb, 0x00, 0x00, 0x10, 0x00, 0xff, 0xd3, 0x4d, 0x75, 0xf6, 0xa3,
    0x00, 0x08, 0x00, 0x00, 0xfa, 0xf4,
};
/*
 *   pushf
 *   orl $0x100, (%esp)
 *   popf
 *   nop
 *   nop
 *   pushf
 *   andl $0xfffffeff, (%esp)
 *   popf
 *   cli
 *   hlt
 */
static const uint8_t trap32[] = {
    0x9c, 0x81, 0x0c, 0x24, 0x00, 0x01, 0x00, 0x00, 0x9d, 0x90, 0x90, 0x9c, 0x81, 0x24, 0x24, 0xff,
    0xfe, 0xff, 0xff, 0x9d, 0xfa, 0xf4,
};

/*
 *   xor %ecx, %ecx
 *   test %edi, %edi
 *   jnz 5f
 *   1: inc %ecx
 *   mov %ecx, %eax
 *   and $255, %eax
 *   shl $12, %eax
 *   lea 0x300000(%rax), %rbx
 *   movb $0xb8, (%rbx)
 *   mov %ecx, 1(%rbx)
 *   movb $0xc3, 5(%rbx)
 *   mov %ecx, %eax
 *   xchg %eax, 0x800
 *   2: pause
 *   cmp %ecx, 0x808
 *   jne 2b
 *   cmp $3000, %ecx
 *   jne 1b
 *   cli
 *   hlt
 *   5: inc %ecx
 *   6: pause
 *   cmp %ecx, 0x800
 *   jne 6b
 *   mov %ecx, %eax
 *   and $255, %eax
 *   shl $12, %eax
 *   lea 0x300000(%rax), %rbx
 *   call *%rbx
 *   cmp %ecx, %eax
 *   je 7f
 *   incl 0x810
 *   7: mov %ecx, %eax
 *   xchg %eax, 0x808
 *   cmp $3000, %ecx
 *   jne 5b
 *   cli
 *   hlt
 */
static const uint8_t cross64[] = {
    0x31, 0xc9, 0x85, 0xff, 0x75, 0x3b, 0xff, 0xc1, 0x89, 0xc8, 0x25, 0xff, 0x00, 0x00, 0x00, 0xc1,
    0xe0, 0x0c, 0x48, 0x8d, 0x98, 0x00, 0x00, 0x30, 0x00, 0xc6, 0x03, 0xb8, 0x89, 0x4b, 0x01, 0xc6,
    0x43, 0x05, 0xc3, 0x89, 0xc8, 0x87, 0x04, 0x25, 0x00, 0x08, 0x00, 0x00, 0xf3, 0x90, 0x39, 0x0c,
    0x25, 0x08, 0x08, 0x00, 0x00, 0x75, 0xf5, 0x81, 0xf9, 0xb8, 0x0b, 0x00, 0x00, 0x75, 0xc7, 0xfa,
    0xf4, 0xff, 0xc1, 0xf3, 0x90, 0x39, 0x0c, 0x25, 0x00, 0x08, 0x00, 0x00, 0x75, 0xf5, 0x89, 0xc8,
    0x25, 0xff, 0x00, 0x00, 0x00, 0xc1, 0xe0, 0x0c, 0x48, 0x8d, 0x98, 0x00, 0x00, 0x30, 0x00, 0xff,
    0xd3, 0x39, 0xc8, 0x74, 0x07, 0xff, 0x04, 0x25, 0x10, 0x08, 0x00, 0x00, 0x89, 0xc8, 0x87, 0x04,
    0x25, 0x08, 0x08, 0x00, 0x00, 0x81, 0xf9, 0xb8, 0x0b, 0x00, 0x00, 0x75, 0xc4, 0xfa, 0xf4,
};
/* ---- tests ---- */

static void test_real_loop(void)
{
    real_mode();
    PUT(CODE, real_loop);
    run_to_halt();
    g_assert_cmphex(get32(0x800), ==, 1000 * 1001 / 2 & 0xffff);
}

static void test_calls(void)
{
    protected_mode();
    PUT(CODE, calls32);
    PUT(CODE + 0x1000, calls32_at_1000);
    PUT(CODE + 0x1ff4, calls32_at_1ff4);
    PUT(CODE + 0x3000, calls32_at_3000);
    run_to_halt();
    g_assert_cmphex(get32(0x800), ==, (uint32_t)(50000ull * 50001 / 2));
    g_assert_cmphex(get32(0x808), ==, 0x11223344);
}

static void test_mmio(void)
{
    protected_mode();
    PUT(CODE, mmio32);
    run_to_halt();
    g_assert_cmpuint(device_writes, ==, 101);
    g_assert_cmpuint(device_reads, ==, 100);
    g_assert_cmphex(device_sum, ==, 100 * 101 + 0x55aa);
    g_assert_cmpuint(get32(0x800), ==, 100 * 4 + 100 * 101 / 2);
}

static void test_page_faults(void)
{
    X86Cpu *cpu = long_mode();
    cpu->regs[R_EAX] = 0;
    PUT(CODE, fault64);
    PUT(HANDLER, handler64);
    put_gate64(EXCP_PF, HANDLER);
    run_to_halt();
    g_assert_cmpuint(get32(0x900), ==, 128);
    g_assert_cmpuint(get64(0x800), ==, 64 * 65 / 2);
    g_assert_cmpuint(get64(0x200000 + 0xffe), ==, 64);
    g_assert_cmpuint(load_le16(host(0x200000 + 0x2ffe)), ==, 64 + 63);
}

/* An instruction that reaches into a page which is not there yet. */
static void test_fetch_fault(void)
{
    static const uint8_t code[] = { 0xb8, 0x44, 0x33, 0x22, 0x11, 0xa3, 0, 8, 0, 0, 0, 0, 0, 0, 0xfa, 0xf4 };    /* mov $..., %eax; movabs %eax, 0x800; cli; hlt */
    X86Cpu *cpu = long_mode();
    PUT(HANDLER, handler64);
    PUT(0x200ffd, code);
    put_gate64(EXCP_PF, HANDLER);
    cpu->pc = 0x40000ffd;
    run_to_halt();
    g_assert_cmphex(get32(0x800), ==, 0x11223344);
    g_assert_cmpuint(get32(0x900), ==, 2);
}

static void test_code_changes_itself(void)
{
    protected_mode();
    PUT(CODE, smc_next32);
    run_to_halt();
    g_assert_cmpuint(get32(0x800), ==, 200 * 201 / 2);
    protected_mode();
    PUT(CODE, smc_fn32);
    PUT(CODE + 0x1000, smc_fn32_at_1000);
    run_to_halt();
    g_assert_cmpuint(get32(0x800), ==, 300 * 301 / 2);
    protected_mode();
    PUT(CODE, smc_string32);
    run_to_halt();
    g_assert_cmpuint(get32(0x800), ==, 1010);
}

static void test_two_cpus(void)
{
    X86Cpu *first = long_mode(), *second = ready(1);
    long_mode_on(second);
    first->regs[R_R8] = second->regs[R_R8] = 0x7ec;     /* xadd goes over the end of a page */
    second->regs[R_ESP] = STACK - 0x1000;
    PUT(CODE, atomics64);
    put64(0x800, 0);
    put64(0xffb, 0);
    put64(GDT, 0);
    first->gdt.base = second->gdt.base = 0x3000;
    run();
    g_assert_cmpuint(get64(0x800), ==, 200000);
    g_assert_cmpuint(get64(0xffb), ==, 200000);
    g_assert_cmpuint(get32(0x900), ==, 2);
}

/* One writes functions, the other runs them: on pages that are written for the first time, and on pages that have run before. */
static void test_cross_modifying(void)
{
    X86Cpu *writer = long_mode(), *runner = ready(1);
    put64(PD + 8, 0x200087);
    long_mode_on(runner);
    runner->regs[R_EDI] = 1;
    runner->regs[R_ESP] = STACK - 0x1000;
    writer->regs[R_EDI] = 0;
    PUT(CODE, cross64);
    run();
    g_assert_cmpuint(get32(0x800), ==, 3000);
    g_assert_cmpuint(get32(0x810), ==, 0);
}

static void test_kick(void)
{
    protected_mode();
    PUT(CODE, spin32);
    PUT(HANDLER, nmi32);
    put_gate32(EXCP_NMI, HANDLER);
    cpus_resume();
    while (__atomic_load_n((uint32_t *)host(0x800), __ATOMIC_RELAXED) != 1) {
        wait_a_little();
    }
    wait_a_little();
    cpus_pause();           /* stops a loop that leaves its code by nothing else */
    g_assert_false(atomic_load(&cpus[0]->halted));
    cpu_interrupt(cpus[0], CPU_INTERRUPT_NMI);
    run_to_halt();
    g_assert_cmpuint(get32(0x804), ==, 1);
}

static void test_breakpoint_and_step(void)
{
    X86Cpu *cpu = protected_mode();
    const AccelType *type = accel_type(accel_current());
    Breakpoint b = { .kind = BREAK_SW, .addr = CODE + 10, .len = 1, .by_gdb = true };
    PUT(CODE, debug32);
    g_assert_true(type->breakpoint_insert(cpus[0], &b, NULL));
    run();
    g_assert_cmpint(stops, ==, 1);
    g_assert_cmphex(cpu->pc, ==, CODE + 10);
    g_assert_cmphex(cpu->regs[R_EBX], ==, 2);
    g_assert_cmphex(cpu->regs[R_ECX], ==, 0);
    g_assert_true(type->breakpoint_remove(cpus[0], &b, NULL));
    cpus[0]->singlestep = SSTEP_ENABLE;
    run();
    g_assert_cmpint(stops, ==, 2);
    g_assert_cmphex(cpu->pc, ==, CODE + 15);
    g_assert_cmphex(cpu->regs[R_ECX], ==, 3);
    cpus[0]->singlestep = 0;
    run_to_halt();
    g_assert_cmphex(cpu->regs[R_EDX], ==, 4);
}

static void test_watchpoint(void)
{
    X86Cpu *cpu = protected_mode();
    const AccelType *type = accel_type(accel_current());
    Breakpoint b = { .kind = WATCH_WRITE, .addr = 0x802, .len = 2, .by_gdb = true };
    PUT(CODE, debug32);
    g_assert_true(type->breakpoint_insert(cpus[0], &b, NULL));
    run();
    g_assert_cmpint(stops, ==, 1);
    g_assert_true(cpus[0]->watch_hit);
    g_assert_cmphex(cpus[0]->watch_hit_addr, ==, 0x802);
    g_assert_cmphex(cpu->pc, ==, CODE + 25);
    g_assert_cmpuint(get32(0x800), ==, 7);
    g_assert_true(type->breakpoint_remove(cpus[0], &b, NULL));
    run_to_halt();
    g_assert_cmphex(cpu->regs[R_EDX], ==, 4);
}

/* Many pages full of small blocks, more than a small cache holds. */
static void test_many_units(void)
{
    enum { BLOCKS = 20000, START = 0x100000 };
    static const uint8_t block[] = { 0x83, 0xc0, 0x01, 0x85, 0xc0, 0x74, 0x00, 0x90, 0x90 };    /* add $1, %eax; test; jz 1f; 1: */
    protected_mode();
    PUT(CODE, tenants);
    for (unsigned i = 0; i < BLOCKS; i++) {
        memcpy(host(START + i * sizeof(block)), block, sizeof(block));
    }
    *host(START + BLOCKS * sizeof(block)) = 0xc3;
    run_to_halt();
    g_assert_cmpuint(get32(0x800), ==, 12 * BLOCKS);
}

/* The page below a call changes its frame, by INVLPG and by a load of CR3. */
static void test_remap(void)
{
    static const uint8_t one[] = { 0xb8, 1, 0, 0, 0, 0xc3 }, hundred[] = { 0xb8, 100, 0, 0, 0, 0xc3 };
    X86Cpu *cpu = long_mode();
    put64(PT_CODE, 0x300007 & ~0x100000);
    put64(PT_CODE + 8, 0x201007);
    PUT(0x200000, one);
    PUT(0x201000, hundred);
    cpu->regs[R_EBX] = 0x40200000;
    PUT(CODE, remap64);
    run_to_halt();
    g_assert_cmpuint(get64(0x800), ==, 1000 * 101);
}

static void test_dma_over_code(void)
{
    protected_mode();
    PUT(CODE, smc_fn32_at_1000);
    for (unsigned i = 1; i < 50; i++) {
        uint8_t code[] = { 0xb8, i, 0, 0, 0, 0xf4 };
        cpus_pause();
        X86Cpu *cpu = ready(0);
        PUT(CODE, code);
        cpu->pc = CODE;
        run_to_halt();
        g_assert_cmpuint(cpu->regs[R_EAX], ==, i);
    }
}

static void test_trap_flag(void)
{
    static const uint8_t count[] = { 0xff, 0x05, 0x04, 0x09, 0, 0, 0xcf };     /* incl 0x904; iret */
    protected_mode();
    PUT(CODE, trap32);
    PUT(HANDLER, count);
    put_gate32(EXCP_DB, HANDLER);
    run_to_halt();
    g_assert_cmpuint(get32(0x904), ==, 5);
}

static void test_memory_moves(void)
{
    static const uint8_t code[] = { 0xa1, 0, 0, 0xa0, 0, 0x01, 0xc2, 0xe2, 0xf7, 0x89, 0x15, 0, 8, 0, 0, 0xf4 };    /* 1: mov 0xa00000; add; loop */
    static MemoryRegion other;
    GError *err = NULL;
    if (!other.ram) {
        g_assert_true(memory_region_init_ram(&other, NULL, "other", 0x1000, &err));
    }
    for (unsigned i = 0; i < 2; i++) {
        X86Cpu *cpu = protected_mode();
        cpu->regs[R_ECX] = 10;
        PUT(CODE, code);
        memset(memory_region_ram_ptr(&other), 1, 0x1000);
        if (i) {
            memory_region_add_subregion_overlap(&memory.memory, 0xa00000, &other, 1);
        }
        run_to_halt();
        g_assert_cmphex(get32(0x800), ==, i ? 0x0a0a0a0a : 0);
    }
    memory_region_del_subregion(&memory.memory, &other);
}

static void test_info(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    accel_type(accel_current())->info(accel_current(), text);
    g_test_message("%s", text->str);
    g_assert_nonnull(strstr(text->str, "TB count"));
}

static void test_errors(void)
{
    static const char *const rows[][2] = {
        { "tcg,thread=foo", "-accel tcg,thread=foo: Invalid 'thread' setting foo" },
        { "tcg,foo=1", "-accel tcg,foo=1: Property 'tcg-accel.foo' not found" },
        { "tcg,split-wx=foo", "-accel tcg,split-wx=foo: Parameter 'split-wx' expects 'on' or 'off'" },
        { "tcg,tb-size=5000000000", "-accel tcg,tb-size=5000000000: Parameter 'tb-size' expects uint32_t" },
    };
    Accel *before = accel_current();
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autoptr(GError) err = NULL;
        const char *options[] = { rows[i][0], NULL };
        g_autoptr(GPtrArray) list = accel_resolve(&(AccelRequest){ .program = "test", .accel_options = options }, &err);
        g_assert_false(accel_init_first(list, &x86_64_target, NULL, &memory, message, &err));
        g_assert_cmpstr(err->message, ==, rows[i][1]);
    }
    accel_set_current(before);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (!build(argc > 1 ? argv[1] : "tcg")) {
        puts("1..0 # SKIP no such back end");
        return 0;
    }
    g_test_add_func("/tcg/real-loop", test_real_loop);
    g_test_add_func("/tcg/calls", test_calls);
    g_test_add_func("/tcg/mmio", test_mmio);
    g_test_add_func("/tcg/page-faults", test_page_faults);
    g_test_add_func("/tcg/fetch-fault", test_fetch_fault);
    g_test_add_func("/tcg/code-changes-itself", test_code_changes_itself);
    g_test_add_func("/tcg/two-cpus", test_two_cpus);
    g_test_add_func("/tcg/cross-modifying", test_cross_modifying);
    g_test_add_func("/tcg/kick", test_kick);
    g_test_add_func("/tcg/breakpoint-and-step", test_breakpoint_and_step);
    g_test_add_func("/tcg/watchpoint", test_watchpoint);
    g_test_add_func("/tcg/many-units", test_many_units);
    g_test_add_func("/tcg/remap", test_remap);
    g_test_add_func("/tcg/dma-over-code", test_dma_over_code);
    g_test_add_func("/tcg/trap-flag", test_trap_flag);
    g_test_add_func("/tcg/memory-moves", test_memory_moves);
    g_test_add_func("/tcg/info", test_info);
    g_test_add_func("/tcg/errors", test_errors);
    return g_test_run();
}
