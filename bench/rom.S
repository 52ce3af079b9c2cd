/*
 * A firmware image of 64 KiB whose first instruction ends the machine: writes 0x10 to isa-debug-exit at port 0x501.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
    .code16
    .globl _start
_start:
    .org 0xfff0
    movb $0x10, %al
    movw $0x501, %dx
    outb %al, %dx
1:
    jmp 1b
    .org 0x10000
