/*
 * The vector extension by C code: what its files share. One helper does any instruction element by element, for those that are not done in IR (translate-vector.h). Tail
 * and masked elements keep what they hold, as the agnostic policies allow; rvv_ta_all_1s and rvv_ma_all_1s make them ones (vector-agnostic.c).
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 30 "V".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_TCG_VECTOR_H
#define TARGET_RISCV_TCG_VECTOR_H

#include "target/riscv/internal.h"
#include "target/riscv/tcg/helpers.h"
#include "target/riscv/tcg/mode.h"

#define VTYPE_VILL BIT(63)
#define VTYPE_ALTFMT BIT(8)         /* Zvfbfa: elements of 16 bits are BF16. C code alone does such, so that it is no part of the mode */

/* A floating-point register as an element of so many bits: NaN-boxed, or the canonical NaN; bf16: that of BF16. */
static inline uint64_t riscv_vector_scalar(const RiscvCpu *cpu, unsigned reg, unsigned bits, bool bf16)
{
    static const uint64_t nans[] = { 0xffffffffffff7e00, 0xffffffff7fc00000, 0xffffffffffff7fc0 };
    uint64_t f = cpu->f[reg];
    return bits < 64 && f >> bits != UINT64_MAX >> bits ? nans[bits == 32 ? 1 : bf16 ? 2 : 0] : f;
}

/* How many elements a group has. */
static inline uint64_t riscv_vlmax(const RiscvCpu *cpu, uint64_t vtype)
{
    int log2 = __builtin_ctz(cpu->vlen) + (int)sextract64(vtype, 0, 3) - (3 + (int)(vtype >> 3 & 7));
    return log2 < 0 ? 0 : UINT64_C(1) << log2;
}
bool riscv_valid_vtype(const RiscvCpu *cpu, uint64_t vtype);
/* No register gives operands of different widths (the mask's is one bit): of OPIVV to OPMVX. */
bool riscv_vector_sources_ok(uint32_t insn, uint64_t vtype);
/* Whether it writes registers of no other kind, nor vtype. */
bool riscv_vector_writes_vectors_only(uint32_t insn);

/* The unit's part of the mode key; state: FLOAT_*, of mstatus.VS. */
static inline uint64_t riscv_vector_mode(const RiscvCpu *cpu, unsigned state)
{
    if (state == FLOAT_OFF || !riscv_has(cpu, zve32x)) {
        return 0;
    }
    uint64_t key = (uint64_t)state << RV_MODE_VECTOR_SHIFT | (cpu->vstart ? RV_MODE_VSTART : 0);
    if (cpu->vtype & VTYPE_VILL) {
        return key | UINT64_C(0x100) << RV_MODE_VTYPE_SHIFT;
    }
    return key | (cpu->vtype & 0xff) << RV_MODE_VTYPE_SHIFT | (cpu->vl == riscv_vlmax(cpu, cpu->vtype) ? RV_MODE_VL_MAX : 0);
}

typedef unsigned __int128 Wide128;

/* One instruction under way. */
typedef struct Vector {
    RiscvCpu *cpu;
    uint32_t insn;
    unsigned vd, vs1, vs2, funct6, funct3;
    bool masked;                /* vm is 0 */
    bool altfmt;
    unsigned sew, log2_sew;     /* bits */
    int lmul;                   /* log2 */
    unsigned vlenb, vl, vstart, vlmax;
} Vector;

/* Element i, of that many bits, of the group that begins at reg. */
static inline uint8_t *vector_at(const Vector *v, unsigned reg, unsigned i, unsigned bits)
{
    unsigned offset = i * (bits / 8);
    return &v->cpu->v[(reg + offset / v->vlenb) & 31][offset % v->vlenb];
}
static inline uint64_t vector_get(const Vector *v, unsigned reg, unsigned i, unsigned bits)
{
    const uint8_t *p = vector_at(v, reg, i, bits);
    return bits == 8 ? *p : bits == 16 ? load_le16(p) : bits == 32 ? load_le32(p) : load_le64(p);
}
static inline int64_t vector_get_signed(const Vector *v, unsigned reg, unsigned i, unsigned bits) { return sextract64(vector_get(v, reg, i, bits), 0, bits); }
static inline void vector_set(const Vector *v, unsigned reg, unsigned i, unsigned bits, uint64_t value)
{
    __builtin_memcpy(vector_at(v, reg, i, bits), &value, bits / 8);
}
static inline bool vector_mask_bit(const Vector *v, unsigned reg, unsigned i) { return v->cpu->v[reg][i / 8] >> (i % 8) & 1; }
static inline void vector_set_mask(const Vector *v, unsigned reg, unsigned i, bool on)
{
    uint8_t *p = &v->cpu->v[reg][i / 8];
    *p = (*p & ~(1u << i % 8)) | (unsigned)on << i % 8;
}
/* The bits of each so many (8, or all of an element) in the other order; of 64. */
static inline uint64_t vector_reverse_bits(uint64_t a, unsigned bits)
{
    a = (a >> 1 & 0x5555555555555555) | (a & 0x5555555555555555) << 1;
    a = (a >> 2 & 0x3333333333333333) | (a & 0x3333333333333333) << 2;
    a = (a >> 4 & 0x0f0f0f0f0f0f0f0f) | (a & 0x0f0f0f0f0f0f0f0f) << 4;
    return bits == 8 ? a : __builtin_bswap64(a) >> (64 - bits);
}
static inline bool vector_active(const Vector *v, unsigned i) { return !v->masked || vector_mask_bit(v, 0, i); }

/* ---- vector-agnostic.c ---- */
bool riscv_vector_fills(const RiscvCpu *cpu, uint64_t vtype);  /* whether an agnostic element of that vtype becomes ones */
/* v: as it was before the instruction, which is done. mask: v0 of before (a compare may write over it). */
void riscv_vector_fill(const Vector *v, const uint8_t *mask);

/* ---- legality; false: an illegal instruction ---- */
/* A group of 2^emul registers may begin at reg. */
bool vector_aligned(unsigned reg, int emul);
/* A destination of elements of dest bits, 2^dest_emul registers, may lie over a source. */
bool vector_overlap_ok(unsigned vd, int dest_emul, unsigned dest, unsigned vs, int source_emul, unsigned source);
bool vector_mask_ok(const Vector *v);           /* vd is not v0 where that is the mask */

/* ---- by group; false: an illegal instruction, nothing is changed ---- */
bool vector_integer(Vector *v);                 /* OPIVV, OPIVX, OPIVI */
bool vector_multiply(Vector *v);                /* OPMVV, OPMVX */
bool vector_float(Vector *v);                   /* OPFVV, OPFVF */
bool vector_crypto(Vector *v);                  /* OP-VE */
bool vector_permute(Vector *v, bool *known);    /* slides, gathers, compress: of any of these */

#endif
