/*
 * What the files that translate Arm instructions share: the context of the block and of the instruction, registers, ways to end.
 *
 * The decoders are made from the tables by scripts/make-decoder: a64.table (integers, branches, memory, system), a64v.table (floating point and AdvSIMD), sve.table,
 * a32.table and so on. a64_op_NAME is what a row calls. Such a function emits IR and returns true, or returns false where the encoding is not allocated (whatever it has
 * emitted is undone, and the instruction is UNDEFINED). It reads operands before it writes slots: within one instruction all that can fault comes before the first ir_write.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_TRANSLATE_H
#define TARGET_ARM_TCG_TRANSLATE_H

#include "target/arm/internal.h"
#include "target/arm/tcg/helpers.h"
#include "target/arm/tcg/mode.h"
#include "target/arm/tcg/slots.h"
#include "tcg/target.h"

typedef struct ArmTranslate ArmTranslate;

/* What is known of the vectors and predicates beyond slots, in the block: 0: not known. z[][0] is not used: that is a slot. */
typedef struct ArmSveKnown { IrRef z[32][ARM_MAX_VL_BYTES / 32], p[17][ARM_MAX_VL_BYTES / 64]; } ArmSveKnown;

struct ArmTranslate {
    IrBuilder *b;
    TcgTranslate *t;
    const ArmCpu *cpu;          /* features only */
    uint64_t mode;
    int32_t start, next;        /* offsets from the page start of the instruction and of the one behind */
    uint32_t insn;              /* its bits */
    bool ended;                 /* the block's last op is there */
    bool first;                 /* of the block */
    IrType vector;              /* of vectors at hand: V128, or V256 of SVE */
    ArmSveKnown *sve; bool sve_known;   /* false: nothing is, *sve is not set up */
    /* AArch32 */
    uint8_t it;                 /* ITSTATE at this instruction */
    bool thumb, wide;           /* wide: 32-bit encoding of T32 */
    bool simd;                  /* Advanced SIMD: its own traps count */
};

#define NEEDS(name) arm_has((s)->cpu, name)
static inline unsigned arm_el(const ArmTranslate *s) { return FIELD_GET(s->mode, ARM_MODE_EL); }
static inline unsigned arm_data_of(const ArmTranslate *s) { return FIELD_GET(s->mode, ARM_MODE_DATA); }

/* ---- registers of AArch64 ---- */
static inline IrRef arm_i64(ArmTranslate *s, uint64_t value) { return ir_const(s->b, IR_I64, value); }
static inline IrRef arm_i32(ArmTranslate *s, uint32_t value) { return ir_const(s->b, IR_I32, value); }
/* Register 31 is ZR. */
static inline IrRef a64_x(ArmTranslate *s, unsigned n) { return n < 31 ? ir_read(s->b, SLOT_X0 + n) : arm_i64(s, 0); }
static inline IrRef a64_w(ArmTranslate *s, unsigned n) { return ir_trunc(s->b, a64_x(s, n)); }
/* The same as X or W (I64 or I32). */
static inline IrRef a64_reg(ArmTranslate *s, unsigned n, bool is64) { return is64 ? a64_x(s, n) : a64_w(s, n); }
static inline void a64_set_x(ArmTranslate *s, unsigned n, IrRef value)
{
    if (n < 31) {
        ir_write(s->b, SLOT_X0 + n, value);
    }
}
/* An I32 is zero-extended. */
static inline void a64_set_w(ArmTranslate *s, unsigned n, IrRef value) { a64_set_x(s, n, ir_zext(s->b, IR_I64, 2, value)); }
static inline void a64_set_reg(ArmTranslate *s, unsigned n, bool is64, IrRef value)
{
    if (is64) {
        a64_set_x(s, n, value);
    } else {
        a64_set_w(s, n, value);
    }
}
/* Register 31 is SP. */
static inline IrRef a64_sp(ArmTranslate *s, unsigned n) { return ir_read(s->b, SLOT_X0 + n); }
static inline void a64_set_sp(ArmTranslate *s, unsigned n, IrRef value) { ir_write(s->b, SLOT_X0 + n, value); }
/* A base register of an access: SP is checked for alignment where SCTLR wants it. */
IrRef a64_base(ArmTranslate *s, unsigned n);
/* I32: 1 when the condition (0 to 15) holds. */
IrRef arm_condition(ArmTranslate *s, unsigned cond);

/* The flags from bits 31 to 28 of an I32 or I64. */
void arm_write_nzcv(ArmTranslate *s, IrRef value);

/* ---- memory ---- */
/* IrMem.extra, for the syndrome of a data abort that stage 2 raises: bits 24 to 14 of the ISS (DDI 0487, D19.2.40), and whether the instruction has 16 bits. 0: not described. */
enum { ARM_ACCESS_SHORT = 1 << 11 };
static inline uint16_t arm_access_syndrome(unsigned size, bool sign, unsigned rt, bool sf, bool ordered)
{
    return 1 << 10 | size << 8 | sign << 7 | rt << 2 | sf << 1 | ordered;
}
/* A plain access of 1 << size_log2 bytes: endianness, alignment and privilege as the mode has them. */
IrMem arm_mem(ArmTranslate *s, unsigned size_log2);
/* Where tags are checked, the address is checked for size bytes (a helper call); returns the address. unpriv: LDTR's. */
enum { ARM_READS = 0, ARM_WRITES = 1, ARM_READS_AND_WRITES = 4 };
IrRef a64_checked(ArmTranslate *s, IrRef address, unsigned size_bytes, unsigned what, bool unpriv);
/* The same of base register rn: accesses relative to SP alone (plain: no register is added or written back) are not checked (DDI 0487, D10.8.1). */
static inline IrRef a64_checked_base(ArmTranslate *s, unsigned rn, bool plain, IrRef address, unsigned size_bytes, bool is_write)
{
    return rn == 31 && plain ? address : a64_checked(s, address, size_bytes, is_write, false);
}

static inline uint32_t arm_it_advance(uint32_t it) { return it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0; }

/* ---- ends ---- */
void arm_end_goto(ArmTranslate *s, int64_t target);     /* offset from the page's start */
void arm_end_lookup(ArmTranslate *s);                   /* on to the next instruction in whatever mode that is in now */
void arm_end_event(ArmTranslate *s);                    /* the same, and requests are looked at */
/* Helper calls have changed PC. */
void arm_end_changed(ArmTranslate *s);
/* An exception of this instruction. Returns true. */
bool arm_exception(ArmTranslate *s, uint32_t syndrome, unsigned target_el);
bool arm_undefined(ArmTranslate *s);
/* The instruction may be used (FP and AdvSIMD; SVE)? Else the exception is emitted and false returned: the caller returns true at once. */
bool arm_fp_access(ArmTranslate *s);
bool arm_sve_access(ArmTranslate *s);
/* Reasons of IR_EXIT_FAULT of the target: the low byte; EXCLUSIVE_FAILS: the status register << 8, the instruction's length << 16. */
enum {
    ARM_REASON_EXCLUSIVE_FAILS = TCG_REASON_TARGET, ARM_REASON_SP_ALIGNMENT, ARM_REASON_PC_ALIGNMENT, ARM_REASON_ILLEGAL_STATE,
    ARM_REASON_PAIR_ALIGNMENT,      /* A64: 128 bits at the address in Rn (or SP) */
    ARM_REASON_SKIP,        /* AArch32: the condition fails; the length of the instruction << 8 */
};
/* No exception: the floating-point instruction at PC is done wholly by C code (float.c decodes it again), which goes on to the next. */
#define ARM_REASON_FLOAT BIT(31)

/* A call of the helper of that name. */
#define ARM_CALL(s, name, ...) ir_calln((s)->b, &arm_ir_##name, __VA_ARGS__)
#define ARM_CALL0(s, name) ir_call((s)->b, &arm_ir_##name, NULL)

void arm_translate(TcgTranslate *t);
/* The instruction sets beside A64's own table. false: not allocated. */
bool a64v_translate(ArmTranslate *s);       /* translate-simd.c: floating point, AdvSIMD, cryptography */
bool sve_translate(ArmTranslate *s);
/* The 128 bits of a vector, and 0 above them. */
void sve_write_scalar_vector(ArmTranslate *s, unsigned n, IrRef v128);
/* Does the SVE instruction at PC by C code, and goes on to the next. */
void sve_redo(ArmCpu *cpu, uint32_t insn);
/* One instruction of AArch32, A32 or T32 (translate-a32.c). false: the fetch from the second page would fault and the block ends before it. */
bool a32_translate(ArmTranslate *s, bool *fetched);
/* The one that was not allocated. */
void a32_undefined(ArmTranslate *s);
/* The bits of the instruction at PC, for C code that decodes it again. */
uint32_t arm_fetch_insn(ArmCpu *cpu);
/* Those at vaddr; false: they cannot be fetched. */
bool arm_peek_insn(ArmCpu *cpu, uint64_t vaddr, uint32_t *insn);
/* The floating-point instruction at PC is done exactly, and PC goes on to the next. The second: one of AArch32's Advanced SIMD. */
void arm_float_redo(ArmCpu *cpu, uint32_t insn);
void arm_neon_redo(ArmCpu *cpu);

/* ---- vectors ---- */
/* Numbers of registers beyond V31, which are AArch32's: its Dn and Sn, parts of V0 to V15. They read as the low bits of the value, with anything or nothing above. */
enum { SIMD_D = 32, SIMD_S = 64 };
IrRef a64_v(ArmTranslate *s, unsigned n);
/* All 128 bits, what SVE has above them is cleared; or the low 64 into Dn. Not Sn. */
void a64_set_v(ArmTranslate *s, unsigned n, IrRef v128);

#endif
