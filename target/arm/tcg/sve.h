/*
 * SVE in C: one instruction at a time, from its bits, on the state of the processor.
 *
 * The decoder is used twice: while code is translated (dry: is the instruction allocated?) and when the helper does it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_SVE_H
#define TARGET_ARM_TCG_SVE_H

#include "target/arm/tcg/simd.h"
#include "target/arm/tcg/translate.h"

#include <string.h>

/* vl: bytes of a vector; memory: SVE_CHECKS_* and so on. */
typedef struct SveExec { ArmCpu *cpu; uint32_t insn; unsigned vl, memory; bool dry; } SveExec;

#include "target/arm/tcg/sve-decode.h"

enum { SHIFT_ASR, SHIFT_LSR, SHIFT_LSL, SHIFT_ASRD };
enum { COMPARE_EQ, COMPARE_NE, COMPARE_GE, COMPARE_GT, COMPARE_LT, COMPARE_LE, COMPARE_UNORDERED };
enum { SVE_FFR = 16 };
/* How the mode accesses memory where that is not the plain way; beside the length in the helper's last operand. */
enum { SVE_CHECKS_TAGS = 1 << 16, SVE_CHECKS_ALIGNMENT = 1 << 17, SVE_CHECKS_SP = 1 << 18, SVE_BIG_ENDIAN = 1 << 19, SVE_LENGTH = SVE_CHECKS_TAGS - 1 };

/* A vector, aside from the registers. */
typedef struct SveVector { _Alignas(16) uint8_t b[ARM_MAX_VL_BYTES]; } SveVector;
typedef struct SvePredicate { uint8_t b[ARM_MAX_VL_BYTES / 8]; } SvePredicate;

static inline unsigned sve_count(const SveExec *s, unsigned size) { return s->vl >> size; }
static inline uint64_t sve_get_of(const uint8_t *v, unsigned size, unsigned i)
{
    uint64_t value = 0;
    memcpy(&value, v + ((size_t)i << size), 1u << size);
    return value;
}
static inline void sve_set_of(uint8_t *v, unsigned size, unsigned i, uint64_t value) { memcpy(v + ((size_t)i << size), &value, 1u << size); }
static inline uint64_t sve_get(const SveExec *s, unsigned n, unsigned size, unsigned i) { return sve_get_of(s->cpu->v[n], size, i); }
static inline void sve_set(SveExec *s, unsigned n, unsigned size, unsigned i, uint64_t value) { sve_set_of(s->cpu->v[n], size, i, value); }
static inline SveVector sve_vector(const SveExec *s, unsigned n)
{
    SveVector v;
    memcpy(v.b, s->cpu->v[n], sizeof(v.b));
    return v;
}
static inline void sve_write(SveExec *s, unsigned n, const SveVector *v) { memcpy(s->cpu->v[n], v->b, s->vl); }
/* A scalar: all above it is 0. */
static inline void sve_write_scalar(SveExec *s, unsigned n, unsigned size, uint64_t value)
{
    memset(s->cpu->v[n], 0, ARM_MAX_VL_BYTES);
    sve_set(s, n, size, 0, value);
}

static inline bool sve_bit(const uint8_t *p, unsigned bit) { return p[bit / 8] >> (bit % 8) & 1; }
static inline void sve_set_bit(uint8_t *p, unsigned bit, bool value) { p[bit / 8] = (p[bit / 8] & ~(1u << (bit % 8))) | (unsigned)value << (bit % 8); }
static inline bool sve_active(const SveExec *s, unsigned p, unsigned size, unsigned i) { return sve_bit(s->cpu->p[p], i << size); }
static inline void sve_write_predicate(SveExec *s, unsigned n, const SvePredicate *p) { memcpy(s->cpu->p[n], p->b, s->vl / 8); }
/* N, Z, C, V of a predicate by another one (PredTest). mask NULL: all. */
void sve_test(SveExec *s, const uint8_t *mask, const uint8_t *result, unsigned size);
void sve_flags(SveExec *s, bool n, bool z, bool c, bool v);
/* X registers: 31 is ZR, or SP. */
static inline uint64_t sve_x(const SveExec *s, unsigned n) { return n == 31 ? 0 : s->cpu->x[n]; }
static inline uint64_t sve_sp(const SveExec *s, unsigned n) { return s->cpu->x[n]; }
static inline void sve_set_x(SveExec *s, unsigned n, uint64_t value)
{
    if (n != 31) {
        s->cpu->x[n] = value;
    }
}
static inline uint64_t sve_low(uint64_t value, unsigned size) { return value & MAKE_MASK(0, 8u << size); }
/* DecodeBitMasks; false: reserved. */
bool sve_bit_mask(unsigned imm13, uint64_t *mask);
/* dtype: sizes of what is loaded and of the element, and whether it is sign-extended. */
typedef struct SveLoadType { uint8_t memory, element; bool sign; } SveLoadType;
SveLoadType sve_load_type(unsigned dtype);
/* The second operand of FADD (immediate) and its like. */
uint64_t sve_float_constant(const SveOperands *o);
/* What takes part in a reduction for an element that is not active; FPReduce of a power of two of values. */
uint64_t sve_float_identity(const ArmFloat *f, unsigned op, unsigned size);
uint64_t sve_float_reduced(ArmFloat *f, unsigned op, unsigned size, const uint64_t *values, unsigned nr);
/* DecodePredCount */
unsigned sve_pattern_count(const SveExec *s, unsigned pattern, unsigned size);


/* ---- memory (sve-memory.c): elements of 1 << size bytes; faults leave ---- */
uint64_t sve_load(SveExec *s, uint64_t address, unsigned size);
void sve_store(SveExec *s, uint64_t address, unsigned size, uint64_t value);
/* Elements of 16 bytes. */
void sve_load_quad(SveExec *s, uint64_t address, uint8_t *to);
void sve_store_quad(SveExec *s, uint64_t address, const uint8_t *from);
/* A base register, or SP; plain: of accesses relative to it alone, where those to SP have no tag to be checked (DDI 0487, D10.8.1). */
uint64_t sve_base(SveExec *s, unsigned n);
uint64_t sve_plain_base(SveExec *s, unsigned n);

void arm_helper_sve(Cpu *cpu, uint32_t insn, uint32_t how);
void arm_helper_sve_dirty(Cpu *cpu);

#endif
