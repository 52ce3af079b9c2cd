/*
 * Boots a multiboot kernel (Multiboot Specification 0.6.96). The machine has made the image with its modules behind it, and the information structure without the
 * memory map, which only the BIOS knows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define PRODUCT "multiboot loader DMA"
#include "optionrom.h"
#include "flat.h"

#define LOADED_MAGIC 0x2badb002
/* Offsets in the information structure; the map lies 0x100 behind its start, where the machine leaves room. */
#define MBI_FLAGS    0
#define MBI_MEM_LOW  4
#define MBI_MEM_HIGH 8
#define MBI_MAP_LEN  44
#define MBI_MAP_ADDR 48
#define MAP          0x100
#define MAP_MAX      0xf00
#define FLAG_MEMORY_AND_MAP 0x41

bootstrap:
    cld
    read_blob FW_CFG_KERNEL_ADDR, FW_CFG_KERNEL_SIZE, FW_CFG_KERNEL_DATA
    read_blob FW_CFG_INITRD_ADDR, FW_CFG_INITRD_SIZE, FW_CFG_INITRD_DATA
    movl %edi, %esi             /* the structure, below 1 MiB */
    shrl $4, %edi
    movw %di, %es
    movw $MAP, %di
    xorl %ebx, %ebx
1:
    movl $20, %es:(%di)
    addw $4, %di
    movl $0xe820, %eax
    movl $0x534d4150, %edx
    movl $20, %ecx
    pushl %esi
    int $0x15
    popl %esi
    jc 3f
    cmpl $1, %es:16(%di)
    jne 2f
    cmpl $0x100000, %es:(%di)   /* RAM from 1 MiB on: the upper memory */
    jne 2f
    movl %es:8(%di), %eax
    shrl $10, %eax
    movl %eax, %es:MBI_MEM_HIGH
2:
    addw $20, %di
    cmpw $MAP_MAX, %di
    jae 4f
    testl %ebx, %ebx
    jnz 1b
    jmp 4f
3:
    subw $4, %di
4:
    subw $MAP, %di
    movzwl %di, %edi
    movl %edi, %es:MBI_MAP_LEN
    leal MAP(%esi), %eax
    movl %eax, %es:MBI_MAP_ADDR
    int $0x12
    movzwl %ax, %eax
    movl %eax, %es:MBI_MEM_LOW
    orl $FLAG_MEMORY_AND_MAP, %es:MBI_FLAGS
    movw $FW_CFG_KERNEL_ENTRY, %ax
    call read_number
    movl %eax, %edi
    movl %esi, %ebx
    movl $LOADED_MAGIC, %eax
    jmp enter_flat
