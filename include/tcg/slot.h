/*
 * Slots: the guest state that translated code reads and writes by name. Where a slot lives at a moment (its home in the CPU struct, a host register, a value
 * not yet stored) is the compiler's business.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_SLOT_H
#define TCG_SLOT_H

#include "tcg/ir.h"

#define TCG_MAX_SLOTS 128

typedef struct IrSlot {
    const char *name;
    IrType type;            /* I32, I64, F64, V128, V256, FLAGS (uint16_t) */
    uint32_t offset;        /* of its home in the CPU struct (from Cpu *) */
    uint8_t pin_priority;   /* 1: the first to be kept in a host register between blocks; 0: never */
    uint8_t overlap;        /* slots with the same number (not 0) share memory: writing one stores and forgets the others */
} IrSlot;

typedef struct IrSlotSet { uint64_t bits[TCG_MAX_SLOTS / 64]; } IrSlotSet;
static inline bool ir_slot_set_has(const IrSlotSet *s, unsigned slot) { return s->bits[slot / 64] >> (slot % 64) & 1; }
#define SLOT_BIT(slot) ((slot) < 64 ? (IrSlotSet){ { UINT64_C(1) << ((slot) & 63), 0 } } : (IrSlotSet){ { 0, UINT64_C(1) << ((slot) & 63) } })
#define SLOTS_NONE { { 0, 0 } }
#define SLOTS_ALL  { { ~UINT64_C(0), ~UINT64_C(0) } }

#endif
