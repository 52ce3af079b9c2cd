/*
 * Decoding (decode.c) and the opcode tables (opcodes.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_TCG_DECODE_H
#define TARGET_I386_TCG_DECODE_H

#include "target/i386/tcg/translate.h"

typedef enum X86Decoded {
    X86_DECODED,            /* s->op, s->flags and the operands are set */
    X86_DECODED_UD,         /* #UD */
    X86_DECODED_GP,         /* longer than 15 bytes: #GP(0) */
    X86_DECODED_NO_FETCH,   /* its bytes reach into a page that cannot be fetched */
} X86Decoded;

/* Decodes the instruction at s->start. */
X86Decoded x86_decode(X86Translate *s);

/* The entry of a VEX instruction, or NULL. */
const X86Opcode *x86_vex_opcode(unsigned map, unsigned opcode);

#endif
