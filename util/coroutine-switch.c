/*
 * The switch between two stacks. x86-64: System V ABI 3.2.1 (rbx, rbp, r12 to r15, and the control bits of MXCSR and of the x87 control word, which
 * no coroutine changes); AArch64: AAPCS64 6.1 (x19 to x30, d8 to d15).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/coroutine-switch.h"

/* switch_context_start is global: C code reaches it by a table of addresses, and a local symbol there is no more than its section's start. */

#if defined(__x86_64__)

__asm__(
    ".text\n"
    ".globl switch_context\n"
    ".type switch_context, @function\n"
    "switch_context:\n"
    "    pushq %rbp\n"
    "    pushq %rbx\n"
    "    pushq %r12\n"
    "    pushq %r13\n"
    "    pushq %r14\n"
    "    pushq %r15\n"
    "    movq %rsp, (%rdi)\n"
    "    movq (%rsi), %rsp\n"
    "    popq %r15\n"
    "    popq %r14\n"
    "    popq %r13\n"
    "    popq %r12\n"
    "    popq %rbx\n"
    "    popq %rbp\n"
    "    ret\n"
    ".size switch_context, . - switch_context\n"
    ".globl switch_context_start\n"
    ".hidden switch_context_start\n"
    ".type switch_context_start, @function\n"
    "switch_context_start:\n"
    "    movq %r12, %rdi\n"
    "    call *%r13\n"
    "    ud2\n"
    ".size switch_context_start, . - switch_context_start\n");

void switch_context_start(void);

void switch_context_prepare(SwitchContext *context, void *bottom, size_t size, void (*entry)(void *argument), void *argument)
{
    /* Behind the return address the stack pointer is a multiple of 16, as a call wants it. */
    uintptr_t *top = (uintptr_t *)(((uintptr_t)bottom + size) & ~(uintptr_t)15) - 2;
    *--top = (uintptr_t)switch_context_start;
    *--top = 0;                     /* rbp: the end of the chain of frames */
    *--top = 0;                     /* rbx */
    *--top = (uintptr_t)argument;   /* r12 */
    *--top = (uintptr_t)entry;      /* r13 */
    *--top = 0;                     /* r14 */
    *--top = 0;                     /* r15 */
    context->stack_pointer = top;
}

#elif defined(__aarch64__)

__asm__(
    ".text\n"
    ".globl switch_context\n"
    ".type switch_context, %function\n"
    "switch_context:\n"
    "    sub sp, sp, #160\n"
    "    stp x19, x20, [sp, #0]\n"
    "    stp x21, x22, [sp, #16]\n"
    "    stp x23, x24, [sp, #32]\n"
    "    stp x25, x26, [sp, #48]\n"
    "    stp x27, x28, [sp, #64]\n"
    "    stp x29, x30, [sp, #80]\n"
    "    stp d8, d9, [sp, #96]\n"
    "    stp d10, d11, [sp, #112]\n"
    "    stp d12, d13, [sp, #128]\n"
    "    stp d14, d15, [sp, #144]\n"
    "    mov x9, sp\n"
    "    str x9, [x0]\n"
    "    ldr x9, [x1]\n"
    "    mov sp, x9\n"
    "    ldp x19, x20, [sp, #0]\n"
    "    ldp x21, x22, [sp, #16]\n"
    "    ldp x23, x24, [sp, #32]\n"
    "    ldp x25, x26, [sp, #48]\n"
    "    ldp x27, x28, [sp, #64]\n"
    "    ldp x29, x30, [sp, #80]\n"
    "    ldp d8, d9, [sp, #96]\n"
    "    ldp d10, d11, [sp, #112]\n"
    "    ldp d12, d13, [sp, #128]\n"
    "    ldp d14, d15, [sp, #144]\n"
    "    add sp, sp, #160\n"
    "    ret\n"
    ".size switch_context, . - switch_context\n"
    ".globl switch_context_start\n"
    ".hidden switch_context_start\n"
    ".type switch_context_start, %function\n"
    "switch_context_start:\n"
    "    mov x0, x19\n"
    "    blr x20\n"
    "    brk #1\n"
    ".size switch_context_start, . - switch_context_start\n");

void switch_context_start(void);

void switch_context_prepare(SwitchContext *context, void *bottom, size_t size, void (*entry)(void *argument), void *argument)
{
    uintptr_t *frame = (uintptr_t *)(((uintptr_t)bottom + size) & ~(uintptr_t)15) - 160 / sizeof(uintptr_t);
    for (unsigned i = 0; i < 160 / sizeof(uintptr_t); i++) {
        frame[i] = 0;
    }
    frame[0] = (uintptr_t)argument;             /* x19 */
    frame[1] = (uintptr_t)entry;                /* x20 */
    frame[11] = (uintptr_t)switch_context_start;    /* x30 */
    context->stack_pointer = frame;
}

#else

static void start(unsigned entry_high, unsigned entry_low, unsigned argument_high, unsigned argument_low)
{
    void (*entry)(void *) = (void (*)(void *))(uintptr_t)(((uint64_t)entry_high << 32) | entry_low);
    entry((void *)(uintptr_t)(((uint64_t)argument_high << 32) | argument_low));
}

void switch_context_prepare(SwitchContext *context, void *bottom, size_t size, void (*entry)(void *argument), void *argument)
{
    uint64_t e = (uintptr_t)entry, a = (uintptr_t)argument;
    getcontext(&context->u);
    context->u.uc_stack.ss_sp = bottom;
    context->u.uc_stack.ss_size = size;
    context->u.uc_link = NULL;
    makecontext(&context->u, (void (*)(void))start, 4, (unsigned)(e >> 32), (unsigned)e, (unsigned)(a >> 32), (unsigned)a);
}

#endif
