/*
 * The interpreter's units: the recorded block copied, and what has to be stored at each exit worked out; slots put back where they belong.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "interp.h"
#include <stdlib.h>
#include <string.h>

/* ---- making ---- */

/* Lays arrays one behind the other into one allocation. */
typedef struct Layout { uint8_t *base; size_t used; } Layout;

static void *place(Layout *l, size_t size, size_t align)
{
    l->used = (l->used + align - 1) & ~(align - 1);
    void *p = l->base ? l->base + l->used : NULL;
    l->used += size;
    return p;
}

static void *place_copy(Layout *l, const void *from, size_t nr, size_t size)
{
    void *p = place(l, nr * size, 16);
    if (p && nr) {
        memcpy(p, from, nr * size);
    }
    return p;
}

static bool is_plain_exit(const IrBlock *b, const IrPoint *point)
{
    const IrInsn *insn = &b->insns[point->insn];
    return (ir_op_info[insn->op].flags & IROP_EXIT) && b->exits[insn->c].kind != IR_EXIT_FAULT;
}

/* Walks the points and hands out, for each plain exit, the slots that are not in their homes. Their number; stores NULL: counts only. */
static uint32_t list_stores(const IrBlock *b, InterpExit *exits, InterpStore *stores)
{
    IrRef now[TCG_MAX_SLOTS] = { 0 };
    uint32_t n = 0;
    for (uint32_t i = 0; i < b->nr_points; i++) {
        const IrPoint *point = &b->points[i];
        for (uint32_t d = 0; d < point->nr_deltas; d++) {
            const IrSlotDelta *delta = &b->deltas[point->first_delta + d];
            now[delta->slot] = delta->new_value;
        }
        if (!is_plain_exit(b, point)) {
            continue;
        }
        uint32_t first = n;
        for (unsigned slot = 0; slot < b->target->nr_slots; slot++) {
            if (now[slot]) {
                if (stores) {
                    const IrSlot *home = &b->target->slots[slot];
                    stores[n] = (InterpStore){ .offset = home->offset, .bytes = interp_slot_bytes(home), .value = now[slot] };
                }
                n++;
            }
        }
        if (exits) {
            exits[i] = (InterpExit){ .first_store = first, .nr_stores = n - first };
        }
    }
    return n;
}

static void list_steps(const IrBlock *b, uint32_t *steps)
{
    for (uint32_t i = 1; i < b->nr_insns; i++) {
        IrOp op = b->insns[i].op;
        if (op != IR_NOP && op != IR_INSN_START && op != IR_ACCESS_ARGS) {
            *steps++ = i;
        }
    }
}

static IrValue *place_consts(Layout *l, const IrBlock *b)
{
    IrValue *values = place(l, b->nr_consts * sizeof(IrValue), _Alignof(IrValue));
    for (uint32_t i = 0; values && i < b->nr_consts; i++) {
        values[i] = (IrValue){ .u64 = { b->consts[i].lo, b->consts[i].hi } };
    }
    return values;
}

static uint8_t *place_const_types(Layout *l, const IrBlock *b)
{
    uint8_t *types = place(l, b->nr_consts, 1);
    for (uint32_t i = 0; types && i < b->nr_consts; i++) {
        types[i] = b->consts[i].type;
    }
    return types;
}

/* Without a base: counts only, and fills `u` with nothing of use. */
static void lay_out(Layout *l, InterpUnit *u, const IrBlock *b, uint32_t nr_stores)
{
    place(l, sizeof(*u), 16);
    *u = (InterpUnit){ .target = b->target, .nr_insns = b->nr_insns, .address_bits = b->address_bits, .pc_bits = b->pc_bits };
    u->consts = place_consts(l, b);
    u->const_types = place_const_types(l, b);
    u->insns = place_copy(l, b->insns, b->nr_insns, sizeof(IrInsn));
    u->mems = place_copy(l, b->mems, b->nr_mems, sizeof(IrMem));
    u->calls = place_copy(l, b->calls, b->nr_calls, sizeof(IrCall));
    u->exits = place_copy(l, b->exits, b->nr_exits, sizeof(IrExit));
    u->points = place_copy(l, b->points, b->nr_points, sizeof(IrPoint));
    u->deltas = place_copy(l, b->deltas, b->nr_deltas, sizeof(IrSlotDelta));
    u->guest_insns = place_copy(l, b->guest_insns, b->nr_guest_insns, sizeof(IrGuestInsn));
    uint32_t *steps = place(l, b->nr_insns * sizeof(uint32_t), 16);
    uint32_t *point_of = place(l, b->nr_insns * sizeof(uint32_t), 16);
    InterpExit *exits = place(l, b->nr_points * sizeof(InterpExit), 16);
    InterpStore *stores = place(l, nr_stores * sizeof(InterpStore), 16);
    if (l->base) {
        for (uint32_t i = 0; i < b->nr_points; i++) {
            point_of[b->points[i].insn] = i;
        }
        list_stores(b, exits, stores);
        list_steps(b, steps);
    }
    u->steps = steps;
    u->point_of = point_of;
    u->exit_stores = exits;
    u->stores = stores;
}

TcgCompiled interp_compile(const IrBlock *b, CodeArea *area, TcgUnit *unit)
{
    uint32_t nr_stores = list_stores(b, NULL, NULL);
    Layout l = { 0 };
    InterpUnit none;
    lay_out(&l, &none, b, nr_stores);
    size_t size = (l.used + 31) & ~(size_t)31;
    l = (Layout){ .base = aligned_alloc(32, size) };
    if (!l.base) {
        return TCG_AREA_FULL;
    }
    unit->recorded = l.base;
    lay_out(&l, unit->recorded, b, nr_stores);
    unit->code = NULL;
    unit->code_size = 0;
    return TCG_COMPILED;
}

void interp_release(TcgUnit *unit)
{
    free(unit->recorded);
    unit->recorded = NULL;
}

/* ---- putting back ---- */

unsigned interp_slot_bytes(const IrSlot *slot)
{
    static const uint8_t bytes[IR_TYPE_COUNT] = { [IR_I32] = 4, [IR_I64] = 8, [IR_I128] = 16, [IR_F32] = 4, [IR_F64] = 8, [IR_V64] = 8, [IR_V128] = 16,
                                                  [IR_V256] = 32, [IR_FLAGS] = 2 };
    return bytes[slot->type];
}

static inline void store_bytes(Cpu *cpu, uint32_t offset, unsigned bytes, const IrValue *value)
{
    uint8_t *home = (uint8_t *)cpu + offset;
    switch (bytes) {
    case 2:
        memcpy(home, value, 2);
        break;
    case 4:
        memcpy(home, value, 4);
        break;
    case 8:
        memcpy(home, value, 8);
        break;
    case 16:
        memcpy(home, value, 16);
        break;
    default:
        memcpy(home, value, 32);
        break;
    }
}

void interp_store_slot(Cpu *cpu, const IrSlot *slot, const IrValue *value)
{
    store_bytes(cpu, slot->offset, interp_slot_bytes(slot), value);
}

static void store_pc(Cpu *cpu, const InterpUnit *u, uint64_t pc)
{
    pc &= u->pc_bits == 64 ? UINT64_MAX : (UINT64_C(1) << u->pc_bits) - 1;
    memcpy((uint8_t *)cpu + u->target->slots[u->target->slot_pc].offset, &pc, sizeof(pc));
}

void interp_recover(Cpu *cpu, const InterpUnit *u, const IrValue *values, uint32_t n)
{
    const IrPoint *point = &u->points[n];
    IrRef now[TCG_MAX_SLOTS] = { 0 };
    for (uint32_t i = 0; i < point->first_delta + point->nr_deltas; i++) {
        now[u->deltas[i].slot] = u->deltas[i].new_value;
    }
    for (unsigned slot = 0; slot < u->target->nr_slots; slot++) {
        if (now[slot]) {
            interp_store_slot(cpu, &u->target->slots[slot], interp_value(u, values, now[slot]));
        }
    }
    store_pc(cpu, u, tcg_hot(cpu)->pc_base + u->guest_insns[point->guest].offset);
}

void interp_store_exit(Cpu *cpu, const InterpUnit *u, const IrValue *values, uint32_t n)
{
    const InterpExit *exit = &u->exit_stores[n];
    for (uint32_t i = 0; i < exit->nr_stores; i++) {
        const InterpStore *store = &u->stores[exit->first_store + i];
        store_bytes(cpu, store->offset, store->bytes, interp_value(u, values, store->value));
    }
}
