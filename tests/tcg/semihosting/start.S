/*
 * Where the program starts, its trap, and the way to unprivileged code, for each architecture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
    .section .text.start, "ax"
    .global _start, user_enter
#if defined(__aarch64__)
_start:
    ldr x0, =stack_top
    mov sp, x0
    adr x0, vectors
    msr vbar_el1, x0
    bl main
user_enter:
    msr elr_el1, x0
    mov x1, #0x3c0
    msr spsr_el1, x1
    ldr x1, =user_stack_top
    msr sp_el0, x1
    eret
    .balign 2048
vectors:
    .rept 16
    b trap
    .balign 128
    .endr
#elif defined(__arm__)
    .arm
_start:
    ldr sp, =stack_top
    ldr r0, =vectors
    mcr p15, 0, r0, c12, c0, 0
    cps #0x1b                       /* Undefined and Abort share a stack */
    ldr sp, =trap_stack_top
    cps #0x13
    ldr r0, =main
    bx r0
    .type user_enter, %function
user_enter:
    ldr r1, =user_stack_top
    cps #0x10
    mov sp, r1
    bx r0
    .balign 32
vectors:
    .rept 8
    b to_trap
    .endr
to_trap:
    ldr sp, =trap_stack_top
    ldr r0, =trap
    bx r0
    .ltorg
#else
_start:
    csrr t0, mhartid
1:  bnez t0, 1b
    la sp, stack_top
    la t0, to_trap
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    call main
user_enter:
    csrw mepc, a0
    li t0, 0x1800
    csrc mstatus, t0
    la sp, user_stack_top
    mret
    .balign 4
to_trap:
    la sp, trap_stack_top
    j trap
#endif
    .bss
    .balign 16
    .zero 16384
stack_top:
    .zero 4096
trap_stack_top:
    .zero 4096
user_stack_top:
