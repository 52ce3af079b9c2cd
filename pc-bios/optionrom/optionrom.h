/*
 * What our option ROMs share: the header with a bootstrap entry (Plug and Play BIOS Specification 1.0A, 3.2; BIOS Boot Specification 1.01, 3.2) and
 * reading fw_cfg by DMA in real mode. The checksum and the size are filled in by sign-rom.py.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define FW_CFG_KERNEL_ADDR   0x07
#define FW_CFG_KERNEL_SIZE   0x08
#define FW_CFG_INITRD_ADDR   0x0a
#define FW_CFG_INITRD_SIZE   0x0b
#define FW_CFG_KERNEL_ENTRY  0x10
#define FW_CFG_KERNEL_DATA   0x11
#define FW_CFG_INITRD_DATA   0x12
#define FW_CFG_CMDLINE_ADDR  0x13
#define FW_CFG_CMDLINE_SIZE  0x14
#define FW_CFG_CMDLINE_DATA  0x15
#define FW_CFG_SETUP_ADDR    0x16
#define FW_CFG_SETUP_SIZE    0x17
#define FW_CFG_SETUP_DATA    0x18

#define FW_CFG_DMA_PORT      0x514
#define DMA_SELECT_AND_READ  (8 | 2)
#define DMA_ERROR            1

    .code16
    .text
    .global _start
_start:
    .word 0xaa55
    .byte 0                     /* size in units of 512 bytes */
    lret                        /* nothing to do when the BIOS initialises the card */
    .org 0x18
    .word 0                     /* no PCI data structure */
    .word pnp_header
pnp_header:
    .ascii "$PnP"
    .byte 1, (pnp_end - pnp_header) / 16
    .word 0                     /* no further header */
    .byte 0, 0                  /* reserved, checksum of the header */
    .long 0                     /* device identifier */
    .word manufacturer
    .word product
    .byte 0, 0, 0, 0            /* device type; indicator */
    .word 0, 0                  /* no boot connection vector, no disconnect vector */
    .word bootstrap
    .word 0, 0                  /* reserved, no static resources */
    .balign 16
pnp_end:
manufacturer:
    .asciz "Ostrich"
product:
    .asciz PRODUCT
    .balign 2

/* Reads %ecx bytes of item %ax to the physical address %edi. Keeps all but the flags. */
read_item:
    pushal
    subw $16, %sp
    movw %sp, %bp
    shll $16, %eax
    movw $DMA_SELECT_AND_READ, %ax
    bswapl %eax
    movl %eax, 0(%bp)
    bswapl %ecx
    movl %ecx, 4(%bp)
    movl $0, 8(%bp)
    bswapl %edi
    movl %edi, 12(%bp)
    xorl %eax, %eax
    movw $FW_CFG_DMA_PORT, %dx
    outl %eax, %dx
    movw %ss, %ax
    shll $4, %eax
    movzwl %bp, %ebx
    addl %ebx, %eax
    bswapl %eax
    addw $4, %dx
    outl %eax, %dx
1:
    movl 0(%bp), %eax
    bswapl %eax
    testl $~DMA_ERROR, %eax
    jnz 1b
    addw $16, %sp
    popal
    ret

/* The 32 bits of item %ax in %eax. Keeps all others. */
read_number:
    pushl %edi
    pushl %ecx
    pushl %ebp
    subw $4, %sp
    movw %sp, %bp
    xorl %edi, %edi
    movw %ss, %di
    shll $4, %edi
    movzwl %bp, %ecx
    addl %ecx, %edi
    movl $4, %ecx
    call read_item
    movl 0(%bp), %eax
    addw $4, %sp
    popl %ebp
    popl %ecx
    popl %edi
    ret

/* Item `data` to the address that item `addr` says, as long as item `size` says. */
    .macro read_blob addr, size, data
    movw $\size, %ax
    call read_number
    movl %eax, %ecx
    movw $\addr, %ax
    call read_number
    movl %eax, %edi
    movw $\data, %ax
    call read_item
    .endm
