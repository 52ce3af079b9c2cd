/*
 * 3DNow! and its extensions: 0F 0F /r with the operation in a byte behind the operands, and FEMMS.
 *
 * AMD 3DNow! Technology Manual (21928); AMD Extensions to the 3DNow! and MMX Instruction Sets (22466); APM volume 5.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers-simd.h"
#include "target/i386/tcg/ops.h"
#include "target/i386/tcg/simd.h"

/* The operation bytes that there are; those of the extensions. */
static bool is_operation(const X86Translate *s, unsigned op)
{
    static const uint8_t first[] = { X86_3DNOW_PI2FD, X86_3DNOW_PF2ID, X86_3DNOW_PFCMPGE, X86_3DNOW_PFMIN, X86_3DNOW_PFRCP, X86_3DNOW_PFRSQRT, X86_3DNOW_PFSUB,
                                     X86_3DNOW_PFADD, X86_3DNOW_PFCMPGT, X86_3DNOW_PFMAX, X86_3DNOW_PFRCPIT1, X86_3DNOW_PFRSQIT1, X86_3DNOW_PFSUBR, X86_3DNOW_PFACC,
                                     X86_3DNOW_PFCMPEQ, X86_3DNOW_PFMUL, X86_3DNOW_PFRCPIT2, X86_3DNOW_PMULHRW, X86_3DNOW_PAVGUSB };
    static const uint8_t extended[] = { X86_3DNOW_PI2FW, X86_3DNOW_PF2IW, X86_3DNOW_PFNACC, X86_3DNOW_PFPNACC, X86_3DNOW_PSWAPD };
    return memchr(first, op, sizeof(first)) || (memchr(extended, op, sizeof(extended)) && x86_feature(s, FEAT_8000_0001_EDX, 30));
}

/* As before every instruction with MMX registers. false: a fault has been emitted. */
static bool prepare(X86Translate *s)
{
    if (!x86_require_mmx(s)) {
        return false;
    }
    x86_check_x87_error(s);
    x86_take_x87_from_host(s);
    return true;
}

bool x86_op_3dnow(X86Translate *s)
{
    unsigned op = s->immediate & 0xff;
    if (!is_operation(s, op)) {
        return false;
    }
    if (!prepare(s)) {
        return true;
    }
    IrRef y = s->is_memory ? x86_load(s, x86_operand_address(s, 8, X86_ACCESS_LOAD), IR_I64, 3) : simd_read_mmx(s, s->rm);
    simd_write_mmx(s, s->reg, X86_CALL(s, simd_3dnow, simd_read_mmx(s, s->reg), y, x86_i32(s, op)));
    ir_write(s->b, SLOT_FPU_TOP, x86_i32(s, 0));
    ir_write(s->b, SLOT_FPU_EMPTY, x86_i64(s, 0));
    return true;
}

bool x86_op_femms(X86Translate *s)
{
    return !prepare(s) || simd_emms(s, NULL);
}
