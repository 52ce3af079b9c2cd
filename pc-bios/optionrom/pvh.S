/*
 * Boots an ELF kernel by its PVH entry point (Xen, docs/misc/pvh.pandoc; public/arch-x86/hvm/start_info.h). The machine has put the segments in place; the start info, the
 * memory map, the module list and the command line are made here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define PRODUCT "PVH loader"
#include "optionrom.h"
#include "flat.h"

#define INFO_SEGMENT 0x1000
/* Offsets in that segment. */
#define INFO     0x000
#define MODULES  0x080
#define MAP      0x100
#define MAP_MAX  0x4000
#define START_MAGIC 0x336ec578

bootstrap:
    cld
    movw $INFO_SEGMENT, %ax
    movw %ax, %es
    xorw %di, %di
    xorl %eax, %eax
    movw $0x40, %cx
    rep stosl

    movl $START_MAGIC, %es:INFO
    movl $1, %es:INFO + 4
    read_blob FW_CFG_CMDLINE_ADDR, FW_CFG_CMDLINE_SIZE, FW_CFG_CMDLINE_DATA
    movl %edi, %es:INFO + 24
    movw $FW_CFG_INITRD_SIZE, %ax
    call read_number
    testl %eax, %eax
    jz map_memory
    movl %eax, %es:MODULES + 8
    read_blob FW_CFG_INITRD_ADDR, FW_CFG_INITRD_SIZE, FW_CFG_INITRD_DATA
    movl %edi, %es:MODULES
    movl $1, %es:INFO + 12
    movl $((INFO_SEGMENT << 4) + MODULES), %es:INFO + 16

map_memory:
    movl $((INFO_SEGMENT << 4) + MAP), %es:INFO + 40
    movw $MAP, %di
    xorl %ebx, %ebx
1:
    movl $0xe820, %eax
    movl $0x534d4150, %edx      /* "SMAP" */
    movl $20, %ecx
    int $0x15
    jc 2f
    cmpl $0x534d4150, %eax
    jne 2f
    movl $0, %es:20(%di)
    addw $24, %di
    incl %es:INFO + 48
    cmpw $MAP_MAX, %di
    jae 2f
    testl %ebx, %ebx
    jnz 1b
2:
    /* The RSDP lies on a 16-byte boundary of the BIOS area (ACPI 6.3, 5.2.5.1). */
    movw $0xe000, %ax
3:
    movw %ax, %ds
    cmpl $0x20445352, 0         /* "RSD " */
    jne 4f
    cmpl $0x20525450, 4         /* "PTR " */
    jne 4f
    movzwl %ax, %eax
    shll $4, %eax
    movl %eax, %es:INFO + 32
    jmp 5f
4:
    incw %ax
    jnz 3b
5:
    movw $FW_CFG_KERNEL_ENTRY, %ax
    call read_number
    movl %eax, %edi
    movl $(INFO_SEGMENT << 4), %ebx
    jmp enter_flat
