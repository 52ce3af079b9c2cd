/*
 * Helpers of translated code: declarations for C and for the compiler.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_TCG_HELPERS_H
#define TARGET_RISCV_TCG_HELPERS_H

#include "target/riscv/cpu.h"
#include "tcg/helper.h"

uint64_t rv_helper_table_jump(Cpu *cpu, uint32_t index, uint64_t insn);
void rv_helper_ss_push(Cpu *cpu, uint64_t value);
void rv_helper_ss_pop(Cpu *cpu, uint64_t expected);
uint64_t rv_helper_ss_read(Cpu *cpu);
uint64_t rv_helper_ss_swap(Cpu *cpu, uint32_t size, uint64_t address, uint64_t value, uint64_t insn);
void rv_helper_finx_off(Cpu *cpu, uint64_t insn);
void rv_helper_raise(Cpu *cpu, uint32_t cause, uint64_t tval);
uint64_t rv_helper_csr(Cpu *cpu, uint32_t spec, uint64_t value, uint64_t insn);
uint64_t rv_helper_csr_float(Cpu *cpu, uint32_t spec, uint64_t value, uint64_t insn);
void rv_helper_sret(Cpu *cpu, uint64_t insn);
void rv_helper_mret(Cpu *cpu);
void rv_helper_mnret(Cpu *cpu);
void rv_helper_trigger_access(Cpu *cpu, uint64_t address, uint32_t bytes, uint32_t kinds);
void rv_helper_trigger_execute(Cpu *cpu, uint64_t address, uint32_t bytes);
void rv_helper_ctr_record(Cpu *cpu, uint32_t type, uint64_t source, uint64_t target);
void rv_helper_ctr_clear(Cpu *cpu, uint64_t insn);
void rv_helper_ebreak(Cpu *cpu);
void rv_helper_wfi(Cpu *cpu, uint64_t next_pc, uint64_t insn);
void rv_helper_pause(Cpu *cpu, uint64_t next_pc);
void rv_helper_sfence_vma(Cpu *cpu, uint32_t which, uint64_t address, uint64_t asid, uint64_t insn);
void rv_helper_cbo(Cpu *cpu, uint32_t op, uint64_t address, uint64_t insn);

uint64_t rv_helper_hlv(Cpu *cpu, uint32_t spec, uint64_t address, uint64_t insn);
void rv_helper_hsv(Cpu *cpu, uint32_t spec, uint64_t address, uint64_t value, uint64_t insn);
void rv_helper_hfence(Cpu *cpu, uint32_t guest_physical, uint64_t insn);

void rv_helper_vector(Cpu *cpu, uint64_t insn);
void rv_helper_vector_only(Cpu *cpu, uint64_t insn);

/* ---- floating point ---- */
typedef enum RvFormat { FMT_S, FMT_D, FMT_H, FMT_BF } RvFormat;
typedef enum RvFloatOp {
    FP_ADD, FP_SUB, FP_MUL, FP_DIV, FP_SQRT, FP_MADD, FP_MSUB, FP_NMSUB, FP_NMADD, FP_MIN, FP_MAX, FP_MINM, FP_MAXM, FP_EQ, FP_LT, FP_LE, FP_LTQ, FP_LEQ,
    FP_TO_W, FP_TO_WU, FP_TO_L, FP_TO_LU, FP_TO_W_MOD, FP_FROM_W, FP_FROM_WU, FP_FROM_L, FP_FROM_LU, FP_CONVERT, FP_ROUND, FP_ROUNDNX, FP_CLASS,
    FP_SGNJ, FP_SGNJN, FP_SGNJX,
} RvFloatOp;
/* rm: 0 to 4; from: the operand's format of FP_CONVERT. */
#define FLOAT_SPEC(op, fmt, rm, from) ((uint32_t)(op) | (fmt) << 8 | (rm) << 12 | (from) << 16)
uint64_t rv_helper_float_op(Cpu *cpu, uint32_t spec, uint64_t a, uint64_t b, uint64_t c);
uint64_t rv_helper_float_quiet(Cpu *cpu, uint32_t spec, uint64_t a, uint64_t b);
/* The same without a CPU: *flags gets what fflags gains. */
uint64_t riscv_float_compute(uint32_t spec, uint64_t a, uint64_t b, uint64_t c, uint32_t *flags);
/* The bits that FLI loads, NaN-boxed. */
uint64_t riscv_float_immediate(RvFormat fmt, unsigned index);

enum {
    CRYPTO_XPERM4, CRYPTO_XPERM8, CRYPTO_SHA256SUM0, CRYPTO_SHA256SUM1, CRYPTO_SHA256SIG0, CRYPTO_SHA256SIG1, CRYPTO_SHA512SUM0, CRYPTO_SHA512SUM1,
    CRYPTO_SHA512SIG0, CRYPTO_SHA512SIG1, CRYPTO_SHA512SUM0R, CRYPTO_SHA512SUM1R, CRYPTO_SHA512SIG0L, CRYPTO_SHA512SIG1L, CRYPTO_SHA512SIG0H,
    CRYPTO_SHA512SIG1H, CRYPTO_AES64ES, CRYPTO_AES64ESM, CRYPTO_AES64DS, CRYPTO_AES64DSM, CRYPTO_AES64IM, CRYPTO_AES64KS1I, CRYPTO_AES64KS2, CRYPTO_AES32ESI,
    CRYPTO_AES32ESMI, CRYPTO_AES32DSI, CRYPTO_AES32DSMI, CRYPTO_SM3P0, CRYPTO_SM3P1, CRYPTO_SM4ED, CRYPTO_SM4KS,
};
uint64_t rv_helper_crypto(Cpu *cpu, uint32_t spec, uint64_t a, uint64_t b);

#define HELPER(name, ...) extern IrHelper rv_ir_##name;
#include "target/riscv/tcg/helpers.def"
#undef HELPER

#endif
