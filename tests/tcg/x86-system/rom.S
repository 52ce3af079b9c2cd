/*
 * The first instructions of a test program: from the reset vector in the ROM to main() in RAM, in protected mode (LONG not defined) or long mode; the entries
 * of all 256 vectors; the two ways back from a fault.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "selectors.h"

/* ---- in the ROM, at its linked address below 4 GiB ---- */

    .section .reset, "ax"
    .code16
    .globl reset16
reset16:
    cli
    lgdtl %cs:(reset_gdtr - reset16 + 0xf000)
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl $CODE32, $reset32

    .code32
reset32:
    movw $DATA, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw %ax, %fs
    movw %ax, %gs
    movb $2, %al
    outb %al, $0x92
    movl $image_in_rom, %esi
    movl $image_start, %edi
    movl $image_bytes, %ecx
    rep movsb
    movl $bss_start, %edi
    movl $bss_bytes, %ecx
    xorl %eax, %eax
    rep stosb
    movl $stack_top, %esp
    ljmpl $CODE32, $start32

    .balign 8
reset_gdt:
    .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
reset_gdtr:
    .word 23
    .long reset_gdt

    .section .vector, "ax"
    .code16
    .byte 0xe9
    .word 0xf000 - 0xfff3       /* jmp reset16 */

/* ---- in RAM ---- */

    .text
    .code32
start32:
#ifdef LONG
    /* 4 GiB one to one by pages of 2 MiB, for both privileges. */
    movl $boot_pdpt + 7, boot_pml4
    movl $boot_pd + 7, %eax
    movl $boot_pdpt, %edi
    movl $4, %ecx
1:  movl %eax, (%edi)
    addl $0x1000, %eax
    addl $8, %edi
    loop 1b
    movl $0x87, %eax
    movl $boot_pd, %edi
    movl $2048, %ecx
1:  movl %eax, (%edi)
    addl $0x200000, %eax
    addl $8, %edi
    loop 1b
    movl %cr4, %eax
    orl $0x20, %eax
    movl %eax, %cr4
    movl $boot_pml4, %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx
    rdmsr
    orl $0x100, %eax
    wrmsr
    movl %cr0, %eax
    orl $0x80000000, %eax
    movl %eax, %cr0
    lgdtl start_gdtr
    ljmpl $CODE, $start64
start_gdtr:
    .word 1023
    .long gdt
    .code64
start64:
    movl $DATA, %eax
    movl %eax, %ss
    xorl %ebp, %ebp
    call runtime_main
#else
    lgdtl start_gdtr
    ljmpl $CODE, $1f
start_gdtr:
    .word 1023
    .long gdt
1:  xorl %ebp, %ebp
    call runtime_main
#endif
1:  hlt
    jmp 1b

/* ---- vectors: sixteen bytes each ---- */

    .balign 16
    .globl vector_entries
vector_entries:
    .set n, 0
    .rept 256
    .balign 16
    .if (n == 8) || ((n >= 10) && (n <= 14)) || (n == 17) || (n == 21)
    .else
    push $0
    .endif
    .byte 0x68
    .long n
    jmp vector_common
    .set n, n + 1
    .endr

#ifdef LONG
vector_common:
    push %rax
    push %rcx
    push %rdx
    push %rbx
    push %rbp
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
    push %r12
    push %r13
    push %r14
    push %r15
    cld
    mov %rsp, %rdi
    mov %rsp, %rbx
    and $-16, %rsp
    call runtime_vector
    mov %rbx, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rdi
    pop %rsi
    pop %rbp
    pop %rbx
    pop %rdx
    pop %rcx
    pop %rax
    add $16, %rsp
    iretq

/* int context_save(void): 0, and again with another value from context_restore(). */
    .globl context_save, context_restore
context_save:
    mov %rbx, context
    mov %rbp, context + 8
    mov %r12, context + 16
    mov %r13, context + 24
    mov %r14, context + 32
    mov %r15, context + 40
    mov %rsp, context + 48
    mov (%rsp), %rax
    mov %rax, context + 56
    xor %eax, %eax
    ret
context_restore:
    mov %edi, %eax
    mov $DATA, %ecx
    mov %ecx, %ss
    mov %ecx, %ds
    mov %ecx, %es
    mov context, %rbx
    mov context + 8, %rbp
    mov context + 16, %r12
    mov context + 24, %r13
    mov context + 32, %r14
    mov context + 40, %r15
    mov context + 48, %rsp
    mov context + 56, %rcx
    mov %rcx, (%rsp)
    pushq $2
    popfq
    ret
/* Goes on in ring 3 with the same stack pointer. */
    .globl user_enter
user_enter:
    pop %rcx
    mov %rsp, %rax
    pushq $USER_DATA
    push %rax
    pushq user_flags
    pushq $USER_CODE
    push %rcx
    iretq
#else
vector_common:
    push %eax
    push %ecx
    push %edx
    push %ebx
    push %ebp
    push %esi
    push %edi
    push %ds
    push %es
    movl $DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    cld
    movl %esp, %ebx
    push %ebx
    call runtime_vector
    movl %ebx, %esp
    pop %es
    pop %ds
    pop %edi
    pop %esi
    pop %ebp
    pop %ebx
    pop %edx
    pop %ecx
    pop %eax
    addl $8, %esp
    iretl

    .globl context_save, context_restore
context_save:
    movl %ebx, context
    movl %ebp, context + 4
    movl %esi, context + 8
    movl %edi, context + 12
    movl %esp, context + 16
    movl (%esp), %eax
    movl %eax, context + 20
    xorl %eax, %eax
    ret
context_restore:
    movl 4(%esp), %eax
    movl $DATA, %ecx
    movl %ecx, %ss
    movl context + 16, %esp
    movl %ecx, %ds
    movl %ecx, %es
    movl %ecx, %fs
    movl %ecx, %gs
    movl context, %ebx
    movl context + 4, %ebp
    movl context + 8, %esi
    movl context + 12, %edi
    movl context + 20, %ecx
    movl %ecx, (%esp)
    pushl $2
    popfl
    ret
    .globl user_enter
user_enter:
    pop %ecx
    movl $USER_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %esp, %edx
    pushl %eax
    pushl %edx
    pushl user_flags
    pushl $USER_CODE
    pushl %ecx
    iretl
#endif

/* ---- another processor: copied to 0x8000 ---- */

    .code16
    .globl ap_start, ap_end
ap_start:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    lgdtl ap_gdtr - ap_start + 0x8000
    movl %cr0, %eax
    andl $0x9fffffff, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl $CODE32, $ap32
ap_gdtr:
    .word 1023
    .long gdt
ap_end:
    .code32
ap32:
    movw $DATA, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw %ax, %fs
    movw %ax, %gs
    movl $1, %eax
    lock xaddl %eax, ap_number
    shll $12, %eax
    leal ap_stacks + 4096(%eax), %esp
#ifdef LONG
    movl %cr4, %eax
    orl $0x20, %eax
    movl %eax, %cr4
    movl $boot_pml4, %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx
    rdmsr
    orl $0x100, %eax
    wrmsr
    movl %cr0, %eax
    orl $0x80000000, %eax
    movl %eax, %cr0
    ljmpl $CODE, $1f
    .code64
1:  movl $DATA, %eax
    movl %eax, %ss
    movl %esp, %esp
#endif
    call runtime_ap
1:  hlt
    jmp 1b

    .bss
    .globl context, boot_pml4, boot_pdpt, boot_pd, stack_top
    .balign 4096
#ifdef LONG
boot_pml4:
    .skip 4096
boot_pdpt:
    .skip 4096
boot_pd:
    .skip 16384
#endif
    .skip 16384
stack_top:
ap_stacks:
    .skip 8 * 4096
context:
    .skip 64
    .section .note.GNU-stack, "", @progbits
