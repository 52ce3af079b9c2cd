/*
 * Where test programs start, and where their traps arrive (runtime.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#if __riscv_xlen == 64
#define STORE sd
#define LOAD ld
#define BYTES 8
#else
#define STORE sw
#define LOAD lw
#define BYTES 4
#endif
#define HART_STACK_BYTES 4096

    .section .text.start, "ax"
    .globl _start
_start:
    csrr t0, mhartid
    bnez t0, idle
    la sp, machine_stack_top
    la t0, machine_entry
    csrw mtvec, t0
    li t0, 0x6600                   /* FS and VS dirty */
    csrs mstatus, t0
    call main
    call leave
    /* The other harts sleep until a software interrupt finds hart_entry set (start_hart), and then run that. */
idle:
    csrwi mie, 8
    wfi
    la t1, hart_entry
    LOAD t1, 0(t1)
    beqz t1, idle
    la sp, hart_stacks
    li t2, HART_STACK_BYTES
    mul t2, t2, t0
    add sp, sp, t2
    mv a0, t0
    fence
    jalr t1
    j idle

    .text
    /* A trap to M-mode: what a7 says, then C on a stack of its own. It never returns here. */
    .globl machine_entry
    .balign 4
machine_entry:
    la sp, trap_stack_top
    mv a1, a7
    j machine_trap

    /* A trap to S- or VS-mode: M-mode looks at what that left in the registers. */
    .globl supervisor_entry
    .balign 4
supervisor_entry:
    li a7, 2                        /* CALL_HANDLED */
    ecall

    /* Where functions of lower modes return to. */
    .globl lower_return
lower_return:
    li a7, 1                        /* CALL_RETURNED */
    ecall

    /* lower_enter(function, argument, stack, return address) with mstatus and mepc's place prepared. */
    .globl lower_enter
lower_enter:
    csrw mepc, a0
    mv a0, a1
    mv sp, a2
    mv ra, a3
    mret

    .globl context_save
context_save:
    la t0, context
    STORE ra, 0(t0)
    STORE sp, BYTES(t0)
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    STORE s\n, (\n + 2) * BYTES(t0)
    .endr
    li a0, 0
    ret

    .globl context_restore
context_restore:
    la t0, context
    LOAD ra, 0(t0)
    LOAD sp, BYTES(t0)
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    LOAD s\n, (\n + 2) * BYTES(t0)
    .endr
    li a0, 1
    ret

    .bss
    .balign 16
    .globl hart_entry
hart_entry:
    .zero BYTES
    .balign 16
hart_stacks:                        /* hart n's ends at n times the size */
    .zero 4 * HART_STACK_BYTES
context:
    .zero 14 * BYTES
    .balign 4096
    .zero 8192
machine_stack_top:
    .zero 4096
    .globl trap_stack_top
trap_stack_top:
    .globl lower_stack_top
    .zero 4096
lower_stack_top:

    /* The two words by which programs talk to the simulator's host. */
    .section .tohost, "aw"
    .balign 64
    .irp word, tohost, fromhost
    .balign 64
    .globl \word
    .type \word, @object
    .size \word, 8
\word: .dword 0
    .endr
