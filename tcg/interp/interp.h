/*
 * The interpreter: a back end that keeps the IR as it was recorded and carries it out op by op. What an op means is written here once, plainly; host back ends are tested
 * against it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_INTERP_INTERP_H
#define TCG_INTERP_INTERP_H

#include "tcg/backend.h"

/* I32 and FLAGS zero-extended in u64[0]; I128, V128, V256 from byte 0 on. */
typedef union IrValue {
    uint64_t u64[4]; int64_t s64[4];
    uint32_t u32[8]; int32_t s32[8];
    uint16_t u16[16]; int16_t s16[16];
    uint8_t u8[32]; int8_t s8[32];
    float f32[8]; double f64[4];
} __attribute__((aligned(32))) IrValue;

/* A slot's value at an exit. */
typedef struct InterpStore { uint32_t offset; uint8_t bytes; IrRef value; } InterpStore;
typedef struct InterpExit { uint32_t first_store, nr_stores; } InterpExit;

/* TcgUnit.recorded: one allocation with all its arrays behind it. */
typedef struct InterpUnit {
    const TcgTarget *target;
    uint32_t nr_insns;
    uint8_t address_bits, pc_bits;
    const IrInsn *insns;
    const uint32_t *steps;              /* the instructions that do something, in order */
    const IrValue *consts;
    const uint8_t *const_types;
    const IrMem *mems;
    const IrCall *calls;
    const IrExit *exits;
    const IrPoint *points;
    const IrSlotDelta *deltas;
    const IrGuestInsn *guest_insns;
    const uint32_t *point_of;           /* by instruction: its point, where it has one */
    const InterpExit *exit_stores;      /* by point, of exits that are no faults */
    const InterpStore *stores;
} InterpUnit;

TcgCompiled interp_compile(const IrBlock *block, CodeArea *area, TcgUnit *unit);
void interp_release(TcgUnit *unit);

/* Puts slots into their homes: of a fault, as of the start of the instruction of that point, the program counter too; of an exit. */
void interp_recover(Cpu *cpu, const InterpUnit *unit, const IrValue *values, uint32_t point);
void interp_store_exit(Cpu *cpu, const InterpUnit *unit, const IrValue *values, uint32_t point);
void interp_store_slot(Cpu *cpu, const IrSlot *slot, const IrValue *value);
unsigned interp_slot_bytes(const IrSlot *slot);

/* Guest memory. address: truncated. false: leave, with the state recovered. */
bool interp_load(Cpu *cpu, const IrMem *mem, uint64_t address, IrType type, IrValue *value);
bool interp_store(Cpu *cpu, const IrMem *mem, uint64_t address, const IrValue *value);
/* The bytes whose bit in mask is set. */
bool interp_store_masked(Cpu *cpu, const IrMem *mem, uint64_t address, const IrValue *value, uint32_t mask);
bool interp_probe(Cpu *cpu, const IrMem *mem, uint64_t address);
/* op: IrAtomic, or -1: compare with `operand` and exchange for `desired`. */
bool interp_atomic(Cpu *cpu, const IrMem *mem, uint64_t address, int op, const IrValue *operand, const IrValue *desired, IrValue *old);

void interp_call(Cpu *cpu, const InterpUnit *unit, const IrCall *call, const IrValue *values, IrValue *result);
static inline const IrValue *interp_value(const InterpUnit *u, const IrValue *values, IrRef r)
{
    return ir_is_const(r) ? &u->consts[r & ~IR_CONST_BIT] : &values[r];
}

/* Floating point and vectors. */
typedef struct InterpOperands { const IrValue *a, *b, *c; IrType type_a, type_b; } InterpOperands;
void interp_float(const IrInsn *insn, const InterpOperands *v, IrValue *r);
void interp_vector(const IrInsn *insn, const InterpOperands *v, IrValue *r);
/* AES and carry-less products, of one 128-bit lane. */
void interp_aes_round(const uint8_t *in, const uint8_t *key, uint8_t *out, bool encrypt, bool last);
void interp_aes_imc(const uint8_t *in, uint8_t *out);
void interp_aes_keygen(const uint8_t *in, unsigned constant, uint8_t *out);
void interp_clmul(uint64_t x, uint64_t y, uint64_t *out);
void interp_gf2_multiply(const uint8_t *x, const uint8_t *y, uint8_t *out);
void interp_gf2_affine(const uint8_t *x, const uint64_t *matrices, unsigned constant, bool inverse, uint8_t *out);

#endif
