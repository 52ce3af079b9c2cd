/*
 * Group 15 with a memory operand: FXSAVE, FXRSTOR, LDMXCSR, STMXCSR, XSAVE, XRSTOR, XSAVEOPT; of group 9 XSAVEC, XSAVES, XRSTORS.
 *
 * Intel SDM volume 2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers-simd.h"
#include "target/i386/tcg/simd.h"

enum { XSAVE_CHECKED_BYTES = 576 };

static IrRef linear(X86Translate *s, unsigned bytes, int access)
{
    X86Address a = x86_operand_address(s, bytes, access);
    IrRef address = a.offset ? ir_op2(s->b, IR_ADD, IR_I64, a.base, x86_i64(s, a.offset)) : a.base;
    return x86_in_64(s) ? address : ir_zext(s->b, IR_I64, 2, address);
}

/* #NM by EM too. */
static bool translate_fx(X86Translate *s, bool save)
{
    if (!x86_feature(s, FEAT_1_EDX, 24)) {
        return false;
    }
    if (!x86_require_x87(s)) {
        return true;
    }
    IrRef address = linear(s, 512, save ? X86_ACCESS_STORE : X86_ACCESS_LOAD), wide = x86_i32(s, s->rex & 8 ? 1 : 0);
    s->mf_checked = s->x87_on_host = false;
    if (save) {
        X86_CALL(s, fxsave, address, wide);
    } else {
        X86_CALL(s, fxrstor, address, wide);
        x86_end_lookup(s);
    }
    return true;
}

static bool translate_mxcsr(X86Translate *s, bool store)
{
    if (s->vex) {
        if (!x86_simd_has_feature(s, SIMD_AVX) || !(s->mode & X86_MODE_AVX) || s->vex_l || s->vex_v || s->prefix) {
            return false;
        }
        if (s->mode & X86_MODE_TS) {
            return x86_end_fault(s, X86_FAULT(EXCP_NM));
        }
    } else if (!x86_simd_has_feature(s, SIMD_SSE)) {
        return false;
    } else if (!x86_require_sse(s)) {
        return true;
    }
    X86Address a = x86_operand_address(s, 4, store ? X86_ACCESS_STORE : X86_ACCESS_LOAD);
    if (store) {
        x86_store(s, a, 2, X86_CALL0(s, stmxcsr));
    } else {
        X86_CALL(s, ldmxcsr, x86_load(s, a, IR_I32, 2));
        x86_end_lookup(s);
    }
    return true;
}

static IrRef read_edx_eax(X86Translate *s)
{
    IrRef low = ir_zext(s->b, IR_I64, 2, x86_read_reg64(s, R_EAX));
    return ir_op2(s->b, IR_OR, IR_I64, low, ir_op2(s->b, IR_SHL, IR_I64, x86_read_reg64(s, R_EDX), x86_i32(s, 32)));
}

/* variant: XSAVE_* but XSAVE_WIDE. */
static bool translate_xsave(X86Translate *s, bool restore, uint32_t variant)
{
    if (!x86_feature(s, FEAT_1_ECX, 26) || !(s->mode & X86_MODE_OSXSAVE)) {
        return false;
    }
    if ((variant & XSAVE_SUPERVISOR) && x86_cpl_of(s) != 0) {
        return x86_end_fault(s, X86_FAULT_0(EXCP_GP));
    }
    if (s->mode & X86_MODE_TS) {
        return x86_end_fault(s, X86_FAULT(EXCP_NM));
    }
    IrRef address = linear(s, XSAVE_CHECKED_BYTES, restore ? X86_ACCESS_LOAD : X86_ACCESS_STORE), mask = read_edx_eax(s);
    IrRef how = x86_i32(s, (s->rex & 8 ? XSAVE_WIDE : 0) | variant);
    s->mf_checked = s->x87_on_host = false;
    if (restore) {
        X86_CALL(s, xrstor, address, mask, how);
        x86_end_lookup(s);
    } else {
        X86_CALL(s, xsave, address, mask, how);
    }
    return true;
}

bool x86_translate_fxsave(X86Translate *s)
{
    unsigned n = s->modrm >> 3 & 7;
    if (!s->is_memory || s->prefix || (s->vex && n != 2 && n != 3)) {
        return false;
    }
    switch (n) {
    case 0:
    case 1:
        return translate_fx(s, n == 0);
    case 2:
    case 3:
        return translate_mxcsr(s, n == 3);
    case 4:
    case 5:
        return translate_xsave(s, n == 5, 0);
    case 6:
        return x86_feature(s, FEAT_XSAVE, 0) && translate_xsave(s, false, XSAVE_OPT);
    default:
        return false;
    }
}

bool x86_translate_xsave_compacted(X86Translate *s)
{
    unsigned n = s->modrm >> 3 & 7;
    if (!s->is_memory || s->prefix) {
        return false;
    }
    return n == 4 ? x86_feature(s, FEAT_XSAVE, 1) && translate_xsave(s, false, XSAVE_COMPACT)
        : x86_feature(s, FEAT_XSAVE, 3) && translate_xsave(s, n == 3, XSAVE_COMPACT | XSAVE_SUPERVISOR);
}
