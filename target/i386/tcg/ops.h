/*
 * The functions that translate instructions, named in the opcode tables (opcodes.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_TCG_OPS_H
#define TARGET_I386_TCG_OPS_H

#include "target/i386/tcg/translate.h"

/* translate-alu.c */
X86TranslateFn x86_op_alu, x86_op_alu_immediate, x86_op_test, x86_op_inc_dec, x86_op_not, x86_op_neg, x86_op_mul, x86_op_imul, x86_op_imul_to_reg,
    x86_op_div, x86_op_idiv, x86_op_xchg, x86_op_xadd, x86_op_cmpxchg, x86_op_cmpxchg8b, x86_op_decimal, x86_op_aam, x86_op_aad;
/* translate-shift.c */
X86TranslateFn x86_op_shift, x86_op_double_shift;
/* translate-bits.c */
X86TranslateFn x86_op_bit_test, x86_op_bsf, x86_op_bsr, x86_op_popcnt, x86_op_bswap, x86_op_movbe_crc32, x86_op_adx, x86_op_andn, x86_op_cmpccxadd, x86_op_bls,
    x86_op_bzhi_pdep, x86_op_mulx, x86_op_bextr_shift, x86_op_rorx;
/* translate-move.c */
X86TranslateFn x86_op_mov, x86_op_mov_immediate, x86_op_mov_reg_immediate, x86_op_mov_offset, x86_op_movnti, x86_op_movdir64b, x86_op_lea, x86_op_movx, x86_op_movsxd_arpl,
    x86_op_cmov, x86_op_setcc, x86_op_cbw, x86_op_cwd, x86_op_xlat, x86_op_lahf, x86_op_sahf, x86_op_flag, x86_op_salc, x86_op_pushf, x86_op_popf,
    x86_op_push_reg, x86_op_pop_reg, x86_op_push_immediate, x86_op_push_rm, x86_op_pop_rm, x86_op_pusha, x86_op_popa, x86_op_enter, x86_op_leave,
    x86_op_mov_to_segment, x86_op_mov_from_segment, x86_op_push_segment, x86_op_pop_segment, x86_op_load_far_pointer;
/* translate-string.c */
X86TranslateFn x86_op_movs, x86_op_stos, x86_op_lods, x86_op_cmps, x86_op_scas, x86_op_ins, x86_op_outs;
/* translate-flow.c */
X86TranslateFn x86_op_jcc, x86_op_jmp, x86_op_call, x86_op_jmp_rm, x86_op_call_rm, x86_op_ret, x86_op_loop, x86_op_jcxz, x86_op_far_immediate,
    x86_op_far_rm, x86_op_far_ret, x86_op_iret, x86_op_int, x86_op_into, x86_op_bound, x86_op_syscall, x86_op_sysret, x86_op_sysenter, x86_op_sysexit;
/* translate-system.c */
X86TranslateFn x86_op_in, x86_op_out, x86_op_cli, x86_op_sti, x86_op_hlt, x86_op_nop_pause, x86_op_nop, x86_op_ud, x86_op_cpuid, x86_op_rdmsr, x86_op_wrmsr,
    x86_op_rdtsc, x86_op_rdpmc, x86_op_mov_cr, x86_op_mov_dr, x86_op_clts, x86_op_store_system, x86_op_lldt, x86_op_ltr, x86_op_verify, x86_op_lar,
    x86_op_arpl, x86_op_group7, x86_op_invpcid, x86_op_rsm, x86_op_group15, x86_op_group9;
/* translate-3dnow.c */
X86TranslateFn x86_op_3dnow, x86_op_femms;

#endif
