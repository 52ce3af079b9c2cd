/*
 * The builder: blocks, constants, value numbering, marks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/builder-internal.h"
#include <string.h>

/* ---- life ---- */

static void link_partners(IrBuilder *b)
{
    const TcgTarget *target = b->block.target;
    for (unsigned i = 0; i < TCG_MAX_SLOTS; i++) {
        b->partner[i] = i;
    }
    for (unsigned i = 0; i < target->nr_slots; i++) {
        for (unsigned j = 0; j < i && target->slots[i].overlap; j++) {
            if (target->slots[j].overlap == target->slots[i].overlap) {
                b->partner[i] = b->partner[j];
                b->partner[j] = i;
                break;
            }
        }
    }
}

IrBuilder *ir_builder_new(const TcgTarget *target)
{
    IrBuilder *b = g_new0(IrBuilder, 1);
    g_assert(target->nr_slots <= TCG_MAX_SLOTS);
    b->block.target = target;
    b->max_insns = BUILDER_INSNS;
    b->max_consts = b->max_points = b->max_deltas = b->max_changes = 1024;
    b->max_mems = b->max_guest_insns = b->max_marks = 512;
    b->max_calls = b->max_exits = 128;
    b->block.insns = g_new(IrInsn, b->max_insns);
    b->next = g_new(uint16_t, b->max_insns);
    b->uses = g_new(uint8_t, b->max_insns);
    b->need = g_new(uint8_t, b->max_insns);
    b->block.consts = g_new(IrConst, b->max_consts);
    b->const_next = g_new(uint16_t, b->max_consts);
    b->block.points = g_new(IrPoint, b->max_points);
    b->block.deltas = g_new(IrSlotDelta, b->max_deltas);
    b->changes = g_new(SlotChange, b->max_changes);
    b->block.mems = g_new(IrMem, b->max_mems);
    b->block.guest_insns = g_new(IrGuestInsn, b->max_guest_insns);
    b->marks = g_new(MarkState, b->max_marks);
    b->block.calls = g_new(IrCall, b->max_calls);
    b->block.exits = g_new(IrExit, b->max_exits);
    link_partners(b);
    ir_begin(b, 64, 64);
    return b;
}

void ir_builder_free(IrBuilder *b)
{
    if (!b) {
        return;
    }
    void *const arrays[] = { b->block.insns, b->next, b->uses, b->need, b->block.consts, b->const_next, b->block.points, b->block.deltas, b->changes,
                             b->block.mems, b->block.guest_insns, b->marks, b->block.calls, b->block.exits };
    for (unsigned i = 0; i < G_N_ELEMENTS(arrays); i++) {
        g_free(arrays[i]);
    }
    g_free(b);
}

/* Every slot that is not as it was in the beginning has been changed. */
static void reset_slots(IrBuilder *b)
{
    if (b->nr_changes > b->block.target->nr_slots) {
        memset(b->slots, 0, sizeof(b->slots));
    } else {
        for (uint32_t i = 0; i < b->nr_changes; i++) {
            b->slots[b->changes[i].slot] = (SlotState){ 0 };
        }
    }
    b->dirty = b->written = b->stale = b->deferred = b->journaled = (IrSlotSet){ 0 };
    b->nr_changes = b->nr_marks = 0;
}

void ir_begin(IrBuilder *b, unsigned address_bits, unsigned pc_bits)
{
    IrBlock *block = &b->block;
    block->nr_insns = 1;
    block->insns[0] = (IrInsn){ 0 };
    b->uses[0] = 0;
    /* Constant 0 is not given out: a chain ends with it. */
    block->nr_consts = 1;
    block->consts[0] = (IrConst){ 0 };
    block->nr_mems = block->nr_calls = block->nr_exits = block->nr_points = block->nr_deltas = block->nr_guest_insns = 0;
    block->address_bits = address_bits;
    block->pc_bits = pc_bits;
    block->guest_bytes = 0;
    block->uses = b->uses;
    memset(b->heads, 0, sizeof(b->heads));
    memset(b->const_heads, 0, sizeof(b->const_heads));
    reset_slots(b);
    b->pc_in_home = false;
    b->first_end = 0;
}

const IrBlock *ir_block(const IrBuilder *b)
{
    return &b->block;
}

bool ir_full(const IrBuilder *b)
{
    return b->block.nr_insns > BUILDER_INSNS - BUILDER_ROOM;
}

/* ---- instructions ---- */

void builder_grow_insns(IrBuilder *b)
{
    if (b->max_insns > UINT16_MAX / 2) {
        g_error("a guest instruction of %s takes too much IR", b->block.target->name);
    }
    b->max_insns *= 2;
    b->block.insns = g_renew(IrInsn, b->block.insns, b->max_insns);
    b->next = g_renew(uint16_t, b->next, b->max_insns);
    b->uses = g_renew(uint8_t, b->uses, b->max_insns);
    b->need = g_renew(uint8_t, b->need, b->max_insns);
    b->block.uses = b->uses;
}

typedef struct InsnWords { uint64_t first, second; } InsnWords;

static inline InsnWords insn_words(const IrInsn *insn)
{
    InsnWords w;
    memcpy(&w, insn, sizeof(w));
    return w;
}

static inline unsigned insn_hash(InsnWords w)
{
    uint64_t h = (w.first * UINT64_C(0x9e3779b97f4a7c15)) ^ (w.second * UINT64_C(0xc2b2ae3d27d4eb4f));
    return (h >> 40 ^ h >> 52) % BUILDER_BUCKETS;
}

/* The instruction with these fields, made if there is none yet. */
static IrRef number(IrBuilder *b, const IrInsn *insn)
{
    InsnWords w = insn_words(insn);
    unsigned hash = insn_hash(w);
    for (IrRef i = b->heads[hash]; i; i = b->next[i]) {
        InsnWords other = insn_words(&b->block.insns[i]);
        if (other.first == w.first && other.second == w.second) {
            return i;
        }
    }
    IrRef r = builder_append(b, *insn);
    b->next[r] = b->heads[hash];
    b->heads[hash] = r;
    return r;
}

static inline bool is_numbered(const IrInsn *insn)
{
    return (ir_op_info[insn->op].flags & IROP_PURE) && insn->op != IR_ACCESS_ARGS && insn->op != IR_NOP;
}

IrRef ir_emit(IrBuilder *b, IrOp op, IrType type, unsigned sub, unsigned imm, IrRef x, IrRef y, IrRef z)
{
    IrInsn insn = { op, type, sub, imm, x, y, z };
    unsigned flags = ir_op_info[op].flags;
    /* Constants go second, then by age. */
    if ((flags & IROP_COMMUTES) && ((ir_is_const(x) && !ir_is_const(y)) || (x > y && !ir_is_const(y)))) {
        insn.a = y;
        insn.b = x;
    }
    IrRef simpler = fold(b, &insn);
    if (simpler) {
        return simpler;
    }
    if (is_numbered(&insn)) {
        return number(b, &insn);
    }
    IrRef r = builder_append(b, insn);
    if (flags & IROP_CAN_FAULT) {
        builder_point(b, true);
    }
    return r;
}

/* ---- constants ---- */

static inline unsigned const_hash(IrType type, uint64_t lo, uint64_t hi)
{
    return ((lo ^ hi * 31 ^ (uint64_t)type << 56) * UINT64_C(0x9e3779b97f4a7c15)) >> 57;
}
_Static_assert(BUILDER_CONST_BUCKETS == 128, "as const_hash has it");

IrRef builder_const(IrBuilder *b, IrType type, uint64_t lo, uint64_t hi)
{
    unsigned hash = const_hash(type, lo, hi);
    IrConst *consts = b->block.consts;
    for (uint32_t i = b->const_heads[hash]; i; i = b->const_next[i]) {
        if (consts[i].lo == lo && consts[i].hi == hi && consts[i].type == type) {
            return i | IR_CONST_BIT;
        }
    }
    if (G_UNLIKELY(b->block.nr_consts == b->max_consts)) {
        g_assert(b->max_consts < UINT16_MAX / 2);
        b->const_next = g_renew(uint16_t, b->const_next, 2 * b->max_consts);
        BUILDER_ROOM_FOR(b, b->block.consts, b->block.nr_consts, b->max_consts);
    }
    uint32_t i = b->block.nr_consts++;
    b->block.consts[i] = (IrConst){ .lo = lo, .hi = hi, .type = type };
    b->const_next[i] = b->const_heads[hash];
    b->const_heads[hash] = i;
    return i | IR_CONST_BIT;
}

IrRef ir_const(IrBuilder *b, IrType type, uint64_t value)
{
    bool narrow = type == IR_I32 || type == IR_F32;
    return builder_const(b, type, narrow ? (uint32_t)value : type == IR_FLAGS ? (value & FLAGS_ALL) | FLAGS_ONE : value, 0);
}

IrRef ir_const_v128(IrBuilder *b, uint64_t lo, uint64_t hi)
{
    return builder_const(b, IR_V128, lo, hi);
}

bool ir_get_const(const IrBuilder *b, IrRef r, uint64_t *value)
{
    IrType type = builder_type(b, r);
    return (type == IR_I32 || type == IR_I64) && builder_known(b, r, value);
}

IrType ir_type_of(const IrBuilder *b, IrRef r)
{
    return builder_type(b, r);
}

/* ---- widths ---- */

IrRef ir_zext(IrBuilder *b, IrType to, unsigned size_log2, IrRef x)
{
    IrType from = builder_type(b, x);
    if (from == to && size_log2 == (to == IR_I64 ? 3 : 2)) {
        return x;
    }
    if (to == IR_I32 && from == IR_I64 && size_log2 == 2) {
        return ir_trunc(b, x);
    }
    return ir_emit(b, IR_EXT_U, to, size_log2, 0, x, 0, 0);
}

IrRef ir_sext(IrBuilder *b, IrType to, unsigned size_log2, IrRef x)
{
    IrType from = builder_type(b, x);
    if (from == to && size_log2 == (to == IR_I64 ? 3 : 2)) {
        return x;
    }
    if (to == IR_I32 && from == IR_I64 && size_log2 == 2) {
        return ir_trunc(b, x);
    }
    return ir_emit(b, IR_EXT_S, to, size_log2, 0, x, 0, 0);
}

IrRef ir_trunc(IrBuilder *b, IrRef x)
{
    return builder_type(b, x) == IR_I32 ? x : ir_emit(b, IR_TRUNC, IR_I32, 0, 0, x, 0, 0);
}

/* ---- guest instructions, marks ---- */

void ir_insn_start(IrBuilder *b, int32_t offset, uint32_t extra)
{
    IrBlock *block = &b->block;
    BUILDER_ROOM_FOR(b, block->guest_insns, block->nr_guest_insns, b->max_guest_insns);
    uint32_t n = block->nr_guest_insns++;
    block->guest_insns[n] = (IrGuestInsn){ .offset = offset, .extra = extra, .first_insn = block->nr_insns };
    builder_append(b, (IrInsn){ .op = IR_INSN_START, .a = n });
    for (unsigned i = 0; i < G_N_ELEMENTS(b->written.bits); i++) {
        b->stale.bits[i] |= b->written.bits[i];
        b->written.bits[i] = 0;
    }
}

IrMark ir_mark(IrBuilder *b)
{
    const IrBlock *block = &b->block;
    BUILDER_ROOM_FOR(b, b->marks, b->nr_marks, b->max_marks);
    uint32_t n = b->nr_marks++;
    b->journaled = (IrSlotSet){ 0 };
    b->marks[n] = (MarkState){ .nr_changes = b->nr_changes, .first_end = b->first_end, .dirty = b->dirty, .written = b->written, .stale = b->stale,
                               .deferred = b->deferred, .pc_in_home = b->pc_in_home };
    return (IrMark){ .insns = block->nr_insns, .consts = block->nr_consts, .mems = block->nr_mems, .calls = block->nr_calls, .exits = block->nr_exits,
                     .points = block->nr_points, .deltas = block->nr_deltas, .guest_insns = block->nr_guest_insns, .slots = GUINT_TO_POINTER(n) };
}

static void unlink_numbers(IrBuilder *b, uint32_t first)
{
    for (uint32_t i = b->block.nr_insns; i-- > first;) {
        unsigned hash = insn_hash(insn_words(&b->block.insns[i]));
        if (b->heads[hash] == i) {
            b->heads[hash] = b->next[i];
        }
    }
}

static void unlink_consts(IrBuilder *b, uint32_t first)
{
    for (uint32_t i = b->block.nr_consts; i-- > first;) {
        const IrConst *c = &b->block.consts[i];
        b->const_heads[const_hash(c->type, c->lo, c->hi)] = b->const_next[i];
    }
}

void ir_rewind(IrBuilder *b, IrMark mark)
{
    IrBlock *block = &b->block;
    uint32_t n = GPOINTER_TO_UINT(mark.slots);
    const MarkState *state = &b->marks[n];
    unlink_numbers(b, mark.insns);
    unlink_consts(b, mark.consts);
    while (b->nr_changes > state->nr_changes) {
        const SlotChange *change = &b->changes[--b->nr_changes];
        b->slots[change->slot] = change->before;
    }
    block->nr_insns = mark.insns;
    block->nr_consts = mark.consts;
    block->nr_mems = mark.mems;
    block->nr_calls = mark.calls;
    block->nr_exits = mark.exits;
    block->nr_points = mark.points;
    block->nr_deltas = mark.deltas;
    block->nr_guest_insns = mark.guest_insns;
    b->journaled = (IrSlotSet){ 0 };
    b->dirty = state->dirty;
    b->written = state->written;
    b->stale = state->stale;
    b->deferred = state->deferred;
    b->pc_in_home = state->pc_in_home;
    b->first_end = state->first_end;
    b->nr_marks = n + 1;
}
