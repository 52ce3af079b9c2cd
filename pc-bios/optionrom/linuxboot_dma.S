/*
 * Boots a Linux kernel that the machine hands over through fw_cfg (Linux, Documentation/arch/x86/boot.rst, "The real-mode kernel header" and "Running the
 * kernel"): the real-mode part, the protected-mode part, the command line and the initial RAM disk go where the machine says; then the real-mode part is entered.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define PRODUCT "Linux loader DMA"
#include "optionrom.h"

bootstrap:
    cld
    read_blob FW_CFG_CMDLINE_ADDR, FW_CFG_CMDLINE_SIZE, FW_CFG_CMDLINE_DATA
    read_blob FW_CFG_KERNEL_ADDR, FW_CFG_KERNEL_SIZE, FW_CFG_KERNEL_DATA
    read_blob FW_CFG_INITRD_ADDR, FW_CFG_INITRD_SIZE, FW_CFG_INITRD_DATA
    read_blob FW_CFG_SETUP_ADDR, FW_CFG_SETUP_SIZE, FW_CFG_SETUP_DATA

    /* The stack ends below the command line, in the segment of the real-mode part. */
    movw $FW_CFG_SETUP_ADDR, %ax
    call read_number
    movl %eax, %ebx
    movw $FW_CFG_CMDLINE_ADDR, %ax
    call read_number
    subl %ebx, %eax
    subl $16, %eax
    movl %eax, %ecx
    shrl $4, %ebx
    cli
    movw %bx, %ss
    movzwl %cx, %esp
    movw %bx, %ds
    movw %bx, %es
    movw %bx, %fs
    movw %bx, %gs
    addw $0x20, %bx
    pushw %bx
    pushw $0
    xorl %ebx, %ebx
    lretw
