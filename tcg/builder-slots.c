/*
 * The builder: slots, recovery points, calls.
 *
 * A slot is known (its value is a value of the block), dirty (known, and not what its home holds), or in its home. Of slots that share memory at most one is dirty; a
 * value of the others that is known is what memory would give once that one is stored, their `home` what it holds before.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/builder-internal.h"

/* ---- changing a slot's state ---- */

static inline SlotState *change_slot(IrBuilder *b, unsigned slot)
{
    if (!ir_slot_set_has(&b->journaled, slot)) {
        BUILDER_ROOM_FOR(b, b->changes, b->nr_changes, b->max_changes);
        b->changes[b->nr_changes++] = (SlotChange){ .slot = slot, .before = b->slots[slot] };
        slot_set_add(&b->journaled, slot);
    }
    return &b->slots[slot];
}

static inline const IrSlot *slot_info(const IrBuilder *b, unsigned slot)
{
    return &b->block.target->slots[slot];
}

/* Puts a dirty slot's value into its home, and over those of the slots that share it. */
static void store_slot(IrBuilder *b, unsigned slot)
{
    for (unsigned other = b->partner[slot]; other != slot; other = b->partner[other]) {
        change_slot(b, other)->home = 0;
    }
    SlotState *s = change_slot(b, slot);
    builder_append(b, (IrInsn){ .op = IR_SLOT_STORE, .a = s->now, .b = slot });
    s->home = s->now;
    slot_set_remove(&b->dirty, slot);
    slot_set_add(&b->stale, slot);
}

/* Remembers what a slot was at the start of the guest instruction, before its first change in it. */
static void keep_start(IrBuilder *b, SlotState *s, unsigned slot)
{
    if (!ir_slot_set_has(&b->written, slot)) {
        s->start = ir_slot_set_has(&b->dirty, slot) ? s->now : 0;
        slot_set_add(&b->written, slot);
    }
}

/* The value is another one now: what the home will hold when another slot over it is stored. */
static void forget_slot(IrBuilder *b, unsigned slot)
{
    SlotState *s = change_slot(b, slot);
    keep_start(b, s, slot);
    s->now = 0;
    slot_set_remove(&b->dirty, slot);
    slot_set_add(&b->stale, slot);
}

/* ---- slots that share memory ---- */

static unsigned slot_bytes(const IrSlot *slot)
{
    static const uint8_t bytes[IR_TYPE_COUNT] = { [IR_I32] = 4, [IR_I64] = 8, [IR_I128] = 16, [IR_F32] = 4, [IR_F64] = 8, [IR_F80] = 16, [IR_V64] = 8,
                                                  [IR_V128] = 16, [IR_V256] = 32, [IR_V512] = 64, [IR_FLAGS] = 2 };
    return bytes[slot->type];
}

static bool covers(const IrSlot *outer, const IrSlot *inner)
{
    return outer->offset <= inner->offset && outer->offset + slot_bytes(outer) >= inner->offset + slot_bytes(inner);
}

/* `a` is the low half of `b`. */
static bool is_low_half(const IrSlot *a, const IrSlot *b)
{
    return a->type == IR_V128 && b->type == IR_V256 && a->offset == b->offset;
}

/* Before a slot is written: the others over the same memory. */
static void displace_partners(IrBuilder *b, unsigned slot)
{
    for (unsigned other = b->partner[slot]; other != slot; other = b->partner[other]) {
        if (ir_slot_set_has(&b->dirty, other) && !covers(slot_info(b, slot), slot_info(b, other))) {
            store_slot(b, other);
        }
        if (b->slots[other].now) {
            forget_slot(b, other);
        }
    }
}

static IrRef read_home(IrBuilder *b, unsigned slot)
{
    return builder_append(b, (IrInsn){ .op = IR_SLOT_READ, .type = slot_info(b, slot)->type, .a = slot });
}

/* What memory holds, whatever is still to be stored over it. */
static IrRef home_value(IrBuilder *b, unsigned slot)
{
    if (!b->slots[slot].home) {
        IrRef value = read_home(b, slot);
        change_slot(b, slot)->home = value;
    }
    return b->slots[slot].home;
}

/* A slot whose value follows from that of one over the same memory; 0: from its home. */
static IrRef read_from_partners(IrBuilder *b, unsigned slot)
{
    const IrSlot *self = slot_info(b, slot);
    for (unsigned other = b->partner[slot]; other != slot; other = b->partner[other]) {
        IrRef value = b->slots[other].now;
        if (value && is_low_half(self, slot_info(b, other))) {
            return ir_op1(b, IR_VLOW, IR_V128, value);
        }
        if (!ir_slot_set_has(&b->dirty, other)) {
            continue;
        }
        if (is_low_half(slot_info(b, other), self)) {
            return ir_op2(b, IR_VJOIN, IR_V256, value, ir_op1(b, IR_VHIGH, IR_V128, home_value(b, slot)));
        }
        store_slot(b, other);
    }
    return 0;
}

/* ---- reading and writing ---- */

static int64_t insn_offset(const IrBuilder *b)
{
    return b->block.nr_guest_insns ? b->block.guest_insns[b->block.nr_guest_insns - 1].offset : 0;
}

IrRef ir_read(IrBuilder *b, unsigned slot)
{
    IrRef value = b->slots[slot].now;
    if (value) {
        return value;
    }
    if (slot == b->block.target->slot_pc && !b->pc_in_home) {
        return ir_pc(b, insn_offset(b));
    }
    if (b->partner[slot] != slot) {
        value = read_from_partners(b, slot);
    }
    if (!value) {
        value = home_value(b, slot);
    }
    change_slot(b, slot)->now = value;
    return value;
}

void ir_write(IrBuilder *b, unsigned slot, IrRef value)
{
    if (b->partner[slot] != slot) {
        displace_partners(b, slot);
    }
    SlotState *s = change_slot(b, slot);
    keep_start(b, s, slot);
    s->now = value;
    if (value == s->home) {
        slot_set_remove(&b->dirty, slot);
    } else {
        slot_set_add(&b->dirty, slot);
    }
}

/* ---- without a slot ---- */

IrRef ir_state_read(IrBuilder *b, IrType type, uint32_t offset)
{
    return builder_append(b, (IrInsn){ .op = IR_STATE_READ, .type = type, .a = offset });
}

void ir_state_write(IrBuilder *b, uint32_t offset, IrRef value)
{
    builder_append(b, (IrInsn){ .op = IR_STATE_WRITE, .a = value, .b = offset });
}

/* ---- points ---- */

static void add_delta(IrBuilder *b, unsigned slot, IrRef value)
{
    IrBlock *block = &b->block;
    SlotState *s = change_slot(b, slot);
    BUILDER_ROOM_FOR(b, block->deltas, block->nr_deltas, b->max_deltas);
    block->deltas[block->nr_deltas++] = (IrSlotDelta){ .slot = slot, .old_value = s->last, .new_value = value };
    s->last = value;
    if (value) {
        slot_set_add(&b->deferred, slot);
    } else {
        slot_set_remove(&b->deferred, slot);
    }
}

void builder_point(IrBuilder *b, bool at_start)
{
    IrBlock *block = &b->block;
    uint32_t first = block->nr_deltas;
    for (unsigned i = 0; i < G_N_ELEMENTS(b->stale.bits); i++) {
        uint64_t written = b->written.bits[i], dirty = b->dirty.bits[i], differ = b->stale.bits[i] | (at_start ? 0 : written);
        for (; differ; differ &= differ - 1) {
            unsigned bit = __builtin_ctzll(differ), slot = 64 * i + bit;
            const SlotState *s = &b->slots[slot];
            IrRef value = at_start && (written >> bit & 1) ? (s->start == s->home ? 0 : s->start) : dirty >> bit & 1 ? s->now : 0;
            if (value != s->last) {
                add_delta(b, slot, value);
            }
        }
        b->stale.bits[i] = at_start ? 0 : written;
    }
    BUILDER_ROOM_FOR(b, block->points, block->nr_points, b->max_points);
    block->points[block->nr_points++] = (IrPoint){ .insn = block->nr_insns - 1, .guest = block->nr_guest_insns - 1, .first_delta = first,
                                                   .nr_deltas = block->nr_deltas - first };
}

/* ---- calls ---- */

static void store_set(IrBuilder *b, const IrSlotSet *set)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(set->bits); i++) {
        for (uint64_t left = set->bits[i] & b->dirty.bits[i]; left; left &= left - 1) {
            store_slot(b, 64 * i + __builtin_ctzll(left));
        }
    }
}

/* The slots over the same memory belong to it. */
static IrSlotSet with_partners(const IrBuilder *b, IrSlotSet set)
{
    IrSlotSet all = set;
    for (unsigned i = 0; i < G_N_ELEMENTS(set.bits); i++) {
        for (uint64_t left = set.bits[i]; left; left &= left - 1) {
            unsigned slot = 64 * i + __builtin_ctzll(left);
            for (unsigned other = b->partner[slot]; other != slot; other = b->partner[other]) {
                slot_set_add(&all, other);
            }
        }
    }
    return all;
}

static bool is_empty(const IrSlotSet *set)
{
    return !(set->bits[0] | set->bits[1]);
}

/* The helper may find out where the guest is. */
static void store_pc(IrBuilder *b)
{
    unsigned slot = b->block.target->slot_pc;
    if (b->pc_in_home) {
        ir_read(b, slot);
        b->pc_in_home = false;
    }
    IrRef pc = ir_pc(b, insn_offset(b));
    if (b->slots[slot].home == pc) {
        return;
    }
    builder_append(b, (IrInsn){ .op = IR_SLOT_STORE, .a = pc, .b = slot });
    SlotState *s = change_slot(b, slot);
    s->home = pc;
    if (s->now == pc) {
        slot_set_remove(&b->dirty, slot);
    } else if (s->now) {
        slot_set_add(&b->dirty, slot);
    }
    slot_set_add(&b->stale, slot);
}

static void store_for_helper(IrBuilder *b, const IrHelper *helper)
{
    if (helper->flags & HELPER_FAULTS) {
        /* Not the program counter, where it has been written: the helper wants that of the instruction. */
        IrSlotSet dirty = b->dirty;
        slot_set_remove(&dirty, b->block.target->slot_pc);
        store_set(b, &dirty);
        store_pc(b);
        return;
    }
    IrSlotSet set = { { helper->reads.bits[0] | helper->writes.bits[0], helper->reads.bits[1] | helper->writes.bits[1] } };
    if (!is_empty(&set)) {
        set = with_partners(b, set);
        store_set(b, &set);
    }
}

/* What a helper has written is what its home holds, and no fault of this instruction takes it back. */
static void forget_written(IrBuilder *b, const IrSlotSet *writes)
{
    IrSlotSet set = with_partners(b, *writes);
    unsigned nr_slots = b->block.target->nr_slots;
    for (unsigned i = 0; i < G_N_ELEMENTS(set.bits); i++) {
        for (uint64_t left = set.bits[i]; left; left &= left - 1) {
            unsigned slot = 64 * i + __builtin_ctzll(left);
            if (slot < nr_slots && (b->slots[slot].now || b->slots[slot].home || ir_slot_set_has(&b->written, slot))) {
                forget_slot(b, slot);
                b->slots[slot].home = 0;
                slot_set_remove(&b->written, slot);
            }
        }
    }
    if (ir_slot_set_has(&set, b->block.target->slot_pc)) {
        b->pc_in_home = true;
    }
}

IrRef ir_call(IrBuilder *b, const IrHelper *helper, const IrRef *args)
{
    IrBlock *block = &b->block;
    IrCall call = { .helper = helper, .nargs = helper->nargs };
    for (unsigned i = 0; i < helper->nargs; i++) {
        call.args[i] = args[i];
    }
    store_for_helper(b, helper);
    BUILDER_ROOM_FOR(b, block->calls, block->nr_calls, b->max_calls);
    block->calls[block->nr_calls] = call;
    IrRef r = builder_append(b, (IrInsn){ .op = IR_CALL, .type = helper->result, .a = block->nr_calls++ });
    if (!is_empty(&helper->writes)) {
        forget_written(b, &helper->writes);
    }
    return r;
}
