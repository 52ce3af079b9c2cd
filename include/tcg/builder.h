/*
 * The builder: how a front end makes IR. It folds constants, numbers values within the block and remembers which value each slot holds, so that a slot that
 * was read or written before costs nothing.
 *
 * One builder a vCPU thread, reset for every block. Calls never fail; when a block grows beyond its bounds ir_full() says so and the front end ends
 * the block before the current instruction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_BUILDER_H
#define TCG_BUILDER_H

#include "tcg/helper.h"
#include "tcg/ir.h"

typedef struct IrBuilder IrBuilder;
struct TcgTarget;

IrBuilder *ir_builder_new(const struct TcgTarget *target);
void ir_builder_free(IrBuilder *b);
/* Starts a new block. address_bits: width of data addresses (32 or 64); pc_bits: of the program counter (16, 32, 64). */
void ir_begin(IrBuilder *b, unsigned address_bits, unsigned pc_bits);
/* Dead code goes; the block is ready for a back end. The last op must be an exit. Valid until the next ir_begin. */
const IrBlock *ir_finish(IrBuilder *b);
/* The block as it stands (before or after ir_finish), for printing. */
const IrBlock *ir_block(const IrBuilder *b);
/* True when there is no room for one more guest instruction of the largest kind. */
bool ir_full(const IrBuilder *b);

/* Marks the start of a guest instruction; offset: from the start of the block's first page. */
void ir_insn_start(IrBuilder *b, int32_t offset, uint32_t extra);
/* A place to come back to: undoes all that was built since (an instruction turned out not to fit). */
typedef struct IrMark { uint32_t insns, consts, mems, calls, exits, points, deltas, guest_insns; void *slots; } IrMark;
IrMark ir_mark(IrBuilder *b);
void ir_rewind(IrBuilder *b, IrMark mark);

/* ---- values ---- */
IrRef ir_const(IrBuilder *b, IrType type, uint64_t value);      /* I32 (low bits), I64, F32/F64 (bits) */
IrRef ir_const_v128(IrBuilder *b, uint64_t lo, uint64_t hi);
bool ir_get_const(const IrBuilder *b, IrRef r, uint64_t *value);    /* when it is a known integer */
IrType ir_type_of(const IrBuilder *b, IrRef r);

/* Any op without side table: fields as ops.def says. Folds and numbers. */
IrRef ir_emit(IrBuilder *b, IrOp op, IrType type, unsigned sub, unsigned imm, IrRef x, IrRef y, IrRef z);
static inline IrRef ir_op1(IrBuilder *b, IrOp op, IrType t, IrRef x) { return ir_emit(b, op, t, 0, 0, x, 0, 0); }
static inline IrRef ir_op2(IrBuilder *b, IrOp op, IrType t, IrRef x, IrRef y) { return ir_emit(b, op, t, 0, 0, x, y, 0); }
static inline IrRef ir_op3(IrBuilder *b, IrOp op, IrType t, IrRef x, IrRef y, IrRef z) { return ir_emit(b, op, t, 0, 0, x, y, z); }
static inline IrRef ir_setcc(IrBuilder *b, IrCond cc, IrRef x, IrRef y) { return ir_emit(b, IR_SETCC, IR_I32, cc, 0, x, y, 0); }
static inline IrRef ir_test(IrBuilder *b, IrCond cc, IrRef flags) { return ir_emit(b, IR_TEST, IR_I32, cc, 0, flags, 0, 0); }
static inline IrRef ir_flags(IrBuilder *b, IrOp op, unsigned width_log2, IrRef x, IrRef y, IrRef z) { return ir_emit(b, op, IR_FLAGS, width_log2, 0, x, y, z); }
/* Integers between types and widths. size_log2: 0 to 3, how many low bytes count. */
IrRef ir_zext(IrBuilder *b, IrType to, unsigned size_log2, IrRef x);
IrRef ir_sext(IrBuilder *b, IrType to, unsigned size_log2, IrRef x);
IrRef ir_trunc(IrBuilder *b, IrRef x);                          /* to I32; an I32 stays */

/* ---- slots ---- */
IrRef ir_read(IrBuilder *b, unsigned slot);
void ir_write(IrBuilder *b, unsigned slot, IrRef value);

/* ---- state that no slot lies over, by its offset in the CPU struct: I64, V128, V256. Written at once: behind all of the guest instruction that can fault ---- */
IrRef ir_state_read(IrBuilder *b, IrType type, uint32_t offset);
void ir_state_write(IrBuilder *b, uint32_t offset, IrRef value);

/* ---- guest memory ---- */
typedef enum IrAtomic { IR_ATOMIC_XCHG, IR_ATOMIC_ADD, IR_ATOMIC_AND, IR_ATOMIC_OR, IR_ATOMIC_XOR, IR_ATOMIC_SUB,
                        IR_ATOMIC_SMIN, IR_ATOMIC_SMAX, IR_ATOMIC_UMIN, IR_ATOMIC_UMAX } IrAtomic;
IrRef ir_load(IrBuilder *b, IrType type, IrRef base, IrMem mem);
void ir_store(IrBuilder *b, IrRef base, IrRef value, IrMem mem);
/* V128 or V256, whole. mask: I32, a bit for each byte: those with 0 are not touched. */
void ir_store_masked(IrBuilder *b, IrRef base, IrRef value, IrRef mask, IrMem mem);
void ir_probe_write(IrBuilder *b, IrRef base, IrMem mem);
IrRef ir_atomic(IrBuilder *b, IrAtomic op, IrType type, IrRef base, IrRef value, IrMem mem);
IrRef ir_cas(IrBuilder *b, IrType type, IrRef base, IrRef expected, IrRef desired, IrMem mem);
void ir_fence(IrBuilder *b, IrOrder order);

/* ---- calls ---- */
IrRef ir_call(IrBuilder *b, const IrHelper *helper, const IrRef *args);
#define ir_calln(b, helper, ...) ir_call(b, helper, (const IrRef[]){ __VA_ARGS__ })

/* ---- the program counter ---- */
/* pc_base + offset as I64, truncated to pc_bits: the address of the instruction at that offset. */
IrRef ir_pc(IrBuilder *b, int64_t offset);

/* ---- leaving ---- */
void ir_exit_goto(IrBuilder *b, int64_t target_offset);
void ir_exit_call(IrBuilder *b, int64_t target_offset, int64_t return_offset);
void ir_exit_indirect(IrBuilder *b, IrRef pc);
void ir_exit_call_indirect(IrBuilder *b, IrRef pc, int64_t return_offset);
void ir_exit_return(IrBuilder *b, IrRef pc);
/* The PC slot has been written by ir_write (or a helper). */
void ir_exit_lookup(IrBuilder *b);
void ir_exit_event(IrBuilder *b);
/* Ends the block with a fault of the current instruction; the state is as of its start. */
void ir_exit_fault(IrBuilder *b, uint32_t reason);
/* The conditional forms: leave when cond (I32) is not 0, else go on. */
void ir_exit_goto_if(IrBuilder *b, IrRef cond, int64_t target_offset);
void ir_exit_fault_if(IrBuilder *b, IrRef cond, uint32_t reason);
void ir_exit_event_if(IrBuilder *b, IrRef cond, int64_t target_offset);

#endif
