/*
 * What the files that translate RISC-V instructions share: the context of the block and of the instruction, registers, ways to end.
 *
 * The decoders are made from rv.table and rvc.table by scripts/make-decoder: rv_op_NAME below is what a row calls. Such a function emits IR and returns true, or
 * returns false for an illegal instruction (whatever it has emitted is undone). It reads operands before it writes slots: within one instruction all that can fault
 * comes before the first ir_write.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_TCG_TRANSLATE_H
#define TARGET_RISCV_TCG_TRANSLATE_H

#include "target/riscv/internal.h"
#include "target/riscv/tcg/helpers.h"
#include "target/riscv/tcg/mode.h"
#include "target/riscv/tcg/slots.h"
#include "tcg/target.h"

typedef struct RvTranslate RvTranslate;
#include "target/riscv/tcg/rv-decode.h"
#include "target/riscv/tcg/rvc-decode.h"

/* IrMem.extra: a load and a store in one; of a vector instruction, which is done again element by element where it faults. */
enum { RV_MEM_AMO = 1, RV_MEM_VECTOR };

struct RvTranslate {
    IrBuilder *b;
    TcgTranslate *t;
    const RiscvCpu *cpu;        /* features only */
    uint64_t mode;
    bool rv32;
    int32_t start, next;        /* offsets from the page start of the instruction and of the one behind */
    uint32_t insn;              /* its bits */
    bool ended;                 /* the block's last op is there */
    bool status_changed;        /* mstatus.FS or VS became dirty: the mode is another from here on */
    bool first;                 /* of the block */
    bool no_register;           /* the instruction names one that RV32E and RV64E have not: it is illegal */
    /* Registers whose value is known to be a single (NaN-boxed), as F32; 0: not known. */
    IrRef single[32];
    uint32_t boxed;             /* a bit a register: it was written so here */
};

#define NEEDS(name) riscv_has((s)->cpu, name)

/* Words of the tables. */
enum RvAlu {
    ALU_ADD, ALU_SUB, ALU_SLL, ALU_SLT, ALU_SLTU, ALU_XOR, ALU_SRL, ALU_SRA, ALU_OR, ALU_AND, ALU_MUL, ALU_MULH, ALU_MULHSU, ALU_MULHU,
    ALU_SH1ADD, ALU_SH2ADD, ALU_SH3ADD, ALU_ADD_UW, ALU_SH1ADD_UW, ALU_SH2ADD_UW, ALU_SH3ADD_UW, ALU_SLL_UW, ALU_ANDN, ALU_ORN, ALU_XNOR, ALU_ROL, ALU_ROR,
    ALU_MAX, ALU_MAXU, ALU_MIN, ALU_MINU, ALU_PACK, ALU_PACKH, ALU_BCLR, ALU_BEXT, ALU_BINV, ALU_BSET, ALU_CZERO_EQZ, ALU_CZERO_NEZ,
};
enum RvUnary { UNARY_REV8, UNARY_CLZ, UNARY_CTZ, UNARY_CPOP, UNARY_SEXT_B, UNARY_SEXT_H, UNARY_ORC_B, UNARY_ZEXT_B, UNARY_ZEXT_H, UNARY_BREV8, UNARY_ZIP, UNARY_UNZIP };
enum { CM_PUSH, CM_POP, CM_POPRETZ, CM_POPRET, CM_MVSA01, CM_MVA01S };
enum { CLMUL, CLMULH, CLMULR };
enum { CBO_INVAL, CBO_CLEAN, CBO_FLUSH, CBO_ZERO };
enum { HFENCE_VVMA, HFENCE_GVMA };

/* ---- registers ---- */
static inline IrRef rv_i64(RvTranslate *s, uint64_t value) { return ir_const(s->b, IR_I64, value); }
static inline IrRef rv_i32(RvTranslate *s, uint32_t value) { return ir_const(s->b, IR_I32, value); }
/* The base with 16 registers (volume I, 4). */
static inline unsigned rv_register(RvTranslate *s, unsigned n)
{
    s->no_register |= n >= 16 && NEEDS(e);
    return n;
}
static inline IrRef rv_x(RvTranslate *s, unsigned n) { return n ? ir_read(s->b, SLOT_X0 + rv_register(s, n)) : rv_i64(s, 0); }
static inline void rv_set_x(RvTranslate *s, unsigned n, IrRef value)
{
    if (n) {
        ir_write(s->b, SLOT_X0 + rv_register(s, n), value);
    }
}
/* The registers that return addresses are kept in by convention. */
static inline bool rv_is_link(unsigned n) { return n == 1 || n == 5; }
/* I32, as a register holds it. */
static inline void rv_set_x32(RvTranslate *s, unsigned n, IrRef value) { rv_set_x(s, n, ir_sext(s->b, IR_I64, 2, value)); }
static inline IrRef rv_x32(RvTranslate *s, unsigned n) { return ir_trunc(s->b, rv_x(s, n)); }
/* pc_base + offset as a register holds it. */
/* Floating-point registers: as a single (the canonical NaN where it is none), as bits; lane: I64, or I32 of a single. */
IrRef rv_f32(RvTranslate *s, unsigned n);
IrRef rv_f_bits(RvTranslate *s, unsigned n);
void rv_set_f_bits(RvTranslate *s, bool wide, unsigned n, IrRef bits);
/* The same operations on integer registers (Zfinx), by C code. rm: negative for a reserved one. */
bool rv_finx(RvTranslate *s, const RvOperands *o, int op, int rm);
IrRef rv_pc(RvTranslate *s, int64_t offset);
static inline unsigned rv_priv(const RvTranslate *s) { return FIELD_GET(s->mode, RV_MODE_PRIV); }
static inline unsigned rv_data_index(const RvTranslate *s) { return FIELD_GET(s->mode, RV_MODE_DATA); }

/* The base of an access. When pointers are masked: the offset is part of what is masked, and 0 from then on. It may meet a trigger: kinds are RISCV_TRIGGER_*; 0: not here. */
IrRef rv_base(RvTranslate *s, IrRef base, IrMem *mem, unsigned kinds);

/* ---- ends ---- */
/* To the next instruction: a plain jump; or what looks for another mode, or for events too. */
void rv_end_goto(RvTranslate *s, int64_t target);
void rv_end_next(RvTranslate *s);
void rv_end_lookup(RvTranslate *s);
void rv_end_event(RvTranslate *s);
/* Reasons of IR_EXIT_FAULT beyond causes. */
#define RV_FAULT(cause) ((uint32_t)TCG_REASON_TARGET + (cause))
enum { RV_REASON_SC_FAILS = TCG_REASON_TARGET + 64, RV_REASON_TARGET_MISALIGNED,
       RV_REASON_LANDING_PAD,  /* Zicfilp: there is none, or another's */
       RV_REASON_VECTOR };      /* no exception: C code does the vector instruction */
/* No exception: the floating-point instruction is done by C code, the rest of the word says which. */
#define RV_REASON_FLOAT BIT(31)
#define RV_REASON_FLOAT_OF(op, fmt, rm, rd, rs1, rs2, rs3) \
    ((uint32_t)(RV_REASON_FLOAT | (op) | (fmt) << 6 | (rm) << 8 | (rd) << 11 | (rs1) << 16 | (rs2) << 21 | (uint32_t)(rs3) << 26))
/* An exception of this instruction. Returns true. */
bool rv_fault(RvTranslate *s, uint32_t cause);
bool rv_illegal(RvTranslate *s);        /* with the instruction as xtval */
bool rv_virtual(RvTranslate *s);

/* The instruction where a landing pad is expected (Zicfilp): the pad itself, or an exception. */
bool rv_landing_pad(RvTranslate *s);

/* Control transfer records: one of this instruction, if they are on. taken: not 0 where it branches. */
void rv_record(RvTranslate *s, RiscvTransfer type, IrRef target);
void rv_record_branch(RvTranslate *s, IrRef taken, int64_t target);
RiscvTransfer rv_direct_transfer(unsigned rd);
RiscvTransfer rv_indirect_transfer(unsigned rd, unsigned rs1);

/* A call of the helper of that name. */
#define RV_CALL(s, name, ...) ir_calln((s)->b, &rv_ir_##name, __VA_ARGS__)
#define RV_CALL0(s, name) ir_call((s)->b, &rv_ir_##name, NULL)

void riscv_translate(TcgTranslate *t);

#endif
