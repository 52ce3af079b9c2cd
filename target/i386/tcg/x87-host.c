/*
 * Any x87 instruction on a whole state of the host's x87 (x87-host.h): a stub for each encoding.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/x87-host.h"

/* Four bytes a stub: the instruction, RET, padding. ModRM 02 to 3a is (%rdx). */
__asm__(
    ".text\n"
    ".p2align 4\n"
    "x87_register_stubs:\n"
    ".set x87_opcode, 0xd8\n"
    ".rept 8\n"
    "  .set x87_modrm, 0xc0\n"
    "  .rept 64\n"
    "    .byte x87_opcode, x87_modrm, 0xc3, 0xcc\n"
    "    .set x87_modrm, x87_modrm + 1\n"
    "  .endr\n"
    "  .set x87_opcode, x87_opcode + 1\n"
    ".endr\n"
    "x87_memory_stubs:\n"
    ".set x87_opcode, 0xd8\n"
    ".rept 8\n"
    "  .set x87_modrm, 2\n"
    "  .rept 8\n"
    "    .byte x87_opcode, x87_modrm, 0xc3, 0xcc\n"
    "    .set x87_modrm, x87_modrm + 8\n"
    "  .endr\n"
    "  .set x87_opcode, x87_opcode + 1\n"
    ".endr\n"
    ".p2align 4\n"
    ".globl x87_run\n"
    ".hidden x87_run\n"
    ".type x87_run, @function\n"
    "x87_run:\n"
    "  frstor (%rdi)\n"
    "  pushq (%rcx)\n"
    "  popfq\n"
    "  call *%rsi\n"
    "  pushfq\n"
    "  popq (%rcx)\n"
    "  fnsave (%rdi)\n"
    "  ret\n"
    ".size x87_run, . - x87_run\n");

extern const uint8_t x87_register_stubs[] __attribute__((visibility("hidden")));
extern const uint8_t x87_memory_stubs[] __attribute__((visibility("hidden")));

const void *x87_stub_register(unsigned number)
{
    return x87_register_stubs + 4 * number;
}

const void *x87_stub_memory(unsigned number)
{
    return x87_memory_stubs + 4 * number;
}
