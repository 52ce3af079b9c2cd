/*
 * For ROMs that enter 32-bit code: the BIOS's memory map, and the way into protected mode.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define FLAT_CODE 0x08
#define FLAT_DATA 0x10

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff    /* code, 32 bits, base 0, 4 GiB */
    .quad 0x00cf93000000ffff    /* data */
gdt_end:

/* Enters %edi in flat 32-bit code with %eax and %ebx as they are; paging and interrupts off. Does not return. */
enter_flat:
    cli
    pushl %eax
    xorl %ecx, %ecx
    movw %cs, %cx
    shll $4, %ecx
    addl $gdt, %ecx
    subw $8, %sp
    movw %sp, %bp
    movw $(gdt_end - gdt - 1), 0(%bp)
    movl %ecx, 2(%bp)
    lgdtl 0(%bp)
    addw $8, %sp
    popl %edx
    xorl %esi, %esi
    movw %ss, %si
    shll $4, %esi
    movzwl %sp, %ecx
    addl %ecx, %esi
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    movw $FLAT_DATA, %cx
    movw %cx, %ds
    movw %cx, %es
    movw %cx, %fs
    movw %cx, %gs
    movw %cx, %ss
    movl %esi, %esp
    movl %edx, %eax
    pushl $FLAT_CODE
    pushl %edi
    lretl
