/*
 * The builder's state, shared by its files: builder.c (blocks, numbering), builder-slots.c (slots, points, calls), builder-memory.c (memory and exits), fold*.c,
 * finish.c.
 *
 * Everything lives in arrays that grow once and are used again for the next block. What ir_rewind has to undo is kept in a journal.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_BUILDER_INTERNAL_H
#define TCG_BUILDER_INTERNAL_H

#include "tcg/target.h"

/* A block is full beyond this many instructions; one guest instruction may take the rest. */
enum { BUILDER_INSNS = 4096, BUILDER_ROOM = 768, BUILDER_BUCKETS = 256, BUILDER_CONST_BUCKETS = 128 };

typedef struct SlotState {
    IrRef now;          /* the slot's value; 0: what its home holds, not known */
    IrRef home;         /* what its home holds, when that is known */
    IrRef start;        /* of a slot in `written`: its value at the start of the guest instruction, 0: in its home */
    IrRef last;         /* as the last point has it: 0: in its home */
} SlotState;

typedef struct SlotChange { uint32_t slot; SlotState before; } SlotChange;

/* What an IrMark stands for, beside the lengths in it. */
typedef struct MarkState {
    uint32_t nr_changes, first_end;
    IrSlotSet dirty, written, stale, deferred;
    bool pc_in_home;
} MarkState;

struct IrBuilder {
    IrBlock block;
    uint32_t max_insns, max_consts, max_mems, max_calls, max_exits, max_points, max_deltas, max_guest_insns;

    /* Numbering: chains of pure instructions and of constants by hash. */
    uint16_t *next, *const_next;
    uint16_t heads[BUILDER_BUCKETS], const_heads[BUILDER_CONST_BUCKETS];
    uint8_t *uses, *need;       /* by instruction; need: see finish.c */

    SlotState slots[TCG_MAX_SLOTS];
    IrSlotSet dirty;            /* the value is not the home's */
    IrSlotSet written;          /* in this guest instruction */
    IrSlotSet stale;            /* may differ from what the last point says */
    IrSlotSet deferred;         /* what the last point says is not 0 */
    uint8_t partner[TCG_MAX_SLOTS];     /* ring of the slots that share memory; its own number: none */
    bool pc_in_home;            /* a helper has put the program counter there */
    uint32_t first_end;         /* the op that ends the block, or 0: what comes behind it is lost */

    SlotChange *changes; uint32_t nr_changes, max_changes;
    IrSlotSet journaled;        /* changed since the last mark */
    MarkState *marks; uint32_t nr_marks, max_marks;
};

/* Makes room for one more element. */
#define BUILDER_ROOM_FOR(b, array, nr, max) \
    do { \
        if (G_UNLIKELY((nr) == (max))) { \
            (max) *= 2; \
            (array) = g_renew(__typeof__(*(array)), array, max); \
        } \
    } while (0)

void builder_grow_insns(IrBuilder *b);
/* Appends an instruction as it is. */
static inline IrRef builder_append(IrBuilder *b, IrInsn insn)
{
    uint32_t n = b->block.nr_insns;
    if (G_UNLIKELY(n == b->max_insns)) {
        builder_grow_insns(b);
    }
    b->block.insns[n] = insn;
    b->uses[n] = 0;
    b->block.nr_insns = n + 1;
    return n;
}
IrRef builder_const(IrBuilder *b, IrType type, uint64_t lo, uint64_t hi);
static inline const IrInsn *builder_insn(const IrBuilder *b, IrRef r) { return &b->block.insns[ir_is_const(r) ? 0 : r]; }
static inline IrType builder_type(const IrBuilder *b, IrRef r) { return ir_type(&b->block, r); }
static inline bool builder_known(const IrBuilder *b, IrRef r, uint64_t *value)
{
    if (!ir_is_const(r)) {
        return false;
    }
    *value = b->block.consts[r & ~IR_CONST_BIT].lo;
    return true;
}

/* A simpler value that the op with these fields has, or 0. The operands may be changed to equivalent ones. */
IrRef fold(IrBuilder *b, IrInsn *insn);
IrRef fold_flags(IrBuilder *b, IrInsn *insn);
/* Looks through ops that leave the low `bits` bits as they are; the value may have another type. */
IrRef fold_strip_to_low_bits(const IrBuilder *b, IrRef r, unsigned bits);
IrRef fold_vector(IrBuilder *b, IrInsn *insn);

/* Records the point of the last instruction: with the slots as of the guest instruction's start, or as they are. */
void builder_point(IrBuilder *b, bool at_start);

static inline void slot_set_add(IrSlotSet *s, unsigned slot) { s->bits[slot / 64] |= UINT64_C(1) << (slot % 64); }
static inline void slot_set_remove(IrSlotSet *s, unsigned slot) { s->bits[slot / 64] &= ~(UINT64_C(1) << (slot % 64)); }

#endif
