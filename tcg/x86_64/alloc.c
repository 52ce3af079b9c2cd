/*
 * Where values are: registers, spill slots, homes of slots that have not been read yet; and how operands are had.
 *
 * A value is made once, so a copy of it in memory stays good. When no register is free the value that is wanted last goes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"
#include <string.h>

enum {
    GPRS = 0xffff & ~(1 << RAX | 1 << RSP | 1 << RBP | 1 << R14),
};
static const uint32_t XMMS = 0x3fff0000u;

void alloc_start(Compiler *c)
{
    memset(c->reg_value, 0, sizeof(c->reg_value));
    c->occupied = c->locked = c->temps = 0;
    memset(c->words_used, 0, sizeof(c->words_used));
    memset(c->vectors_used, 0, sizeof(c->vectors_used));
    memset(c->slot_reader, 0, sizeof(c->slot_reader));
    c->nr_spilled = 0;
}

void nowhere(const Compiler *c, IrRef r)
{
    g_autoptr(GString) text = g_string_new(NULL);
    ir_print(c->block, text);
    g_error("x86_64: %%%u is wanted by %%%u but is nowhere, in\n%s", r, c->at, text->str);
}

static inline IrType own_type(const Compiler *c, uint32_t root)
{
    return c->block->insns[root].type;
}

/* ---- spill slots ---- */

static bool in_vectors(IrType t)
{
    return is_vector(t) || t == IR_I128;
}

static int take_slot(uint64_t *used, unsigned nr)
{
    for (unsigned i = 0; i < nr; i += 64) {
        uint64_t unused = ~used[i / 64];
        if (unused) {
            unsigned n = i + __builtin_ctzll(unused);
            if (n < nr) {
                used[n / 64] |= UINT64_C(1) << (n % 64);
                return n;
            }
        }
    }
    return -1;
}

static void take_spill(Compiler *c, uint32_t root)
{
    Value *v = &c->v[root];
    if (v->spill >= 0) {
        return;
    }
    bool vector = in_vectors(own_type(c, root));
    /* The last few vector slots are for arguments of C code. */
    int n = vector ? take_slot(c->vectors_used, SPILL_VECTORS - 8) : take_slot(c->words_used, SPILL_WORDS);
    if (n < 0) {
        c->failed = true;
        n = 0;
    }
    v->spill = n;
    if (c->nr_spilled < G_N_ELEMENTS(c->spilled)) {
        c->spilled[c->nr_spilled++] = root;
    } else {
        c->failed = true;
    }
}

static void free_spill(Compiler *c, Value *v, uint32_t root)
{
    if (in_vectors(own_type(c, root))) {
        c->vectors_used[v->spill / 64] &= ~(UINT64_C(1) << (v->spill % 64));
    } else {
        c->words_used[v->spill / 64] &= ~(UINT64_C(1) << (v->spill % 64));
    }
    v->spill = -1;
}

Place spill_place(Compiler *c, IrRef r)
{
    uint32_t root = c->v[r].root;
    Value *v = &c->v[root];
    take_spill(c, root);
    return in_vectors(own_type(c, root)) ? at_mem(RSP, FRAME_VECTORS + 32 * v->spill) : at_mem(RSP, FRAME_WORDS + 8 * v->spill);
}

Place scratch_vector(Compiler *c, unsigned n)
{
    return at_mem(RSP, FRAME_VECTORS + 32 * (SPILL_VECTORS - 8 + n));
}

/* ---- registers ---- */

static void give_up(Compiler *c, unsigned reg)
{
    c->v[c->reg_value[reg]].reg = NO_REG;
    c->reg_value[reg] = 0;
    c->occupied &= ~(1u << reg);
}

static bool in_memory(const Value *v)
{
    return v->spill >= 0 || v->lazy >= 0;
}

static void store_spill(Compiler *c, unsigned reg)
{
    uint32_t root = c->reg_value[reg];
    Place place = spill_place(c, root);
    if (is_xmm(reg)) {
        vstore(c, place, reg, own_type(c, root) == IR_V256 || c->v[root].wide ? 32 : 16);
    } else {
        emit_store(&c->e, 3, place, reg);
    }
}

void spill(Compiler *c, unsigned reg)
{
    if (!in_memory(&c->v[c->reg_value[reg]])) {
        store_spill(c, reg);
    }
    give_up(c, reg);
}

static uint32_t unavailable(const Compiler *c)
{
    return c->occupied | c->temps | c->pin_locked;
}

static unsigned take(Compiler *c, unsigned reg)
{
    c->temps |= 1u << reg;
    c->locked |= 1u << reg;
    carry_lost(c, reg);
    return reg;
}

/* The register whose value is wanted last of those that may go. */
static unsigned choose_victim(Compiler *c, uint32_t mask)
{
    unsigned best = NO_REG;
    uint32_t furthest = 0;
    for (uint32_t left = mask & c->occupied & ~(c->locked | c->temps | c->pin_locked); left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left);
        uint32_t last = c->v[c->reg_value[reg]].last + (in_memory(&c->v[c->reg_value[reg]]) ? 64 : 0);
        if (best == NO_REG || last > furthest) {
            best = reg;
            furthest = last;
        }
    }
    return best;
}

static unsigned alloc_in(Compiler *c, uint32_t mask, unsigned hint)
{
    uint32_t usable = mask & ~unavailable(c);
    if (hint != NO_REG && (usable >> hint & 1)) {
        return take(c, hint);
    }
    if (usable) {
        uint32_t plain = usable & ~(x64.pins | c->carrying);
        return take(c, __builtin_ctz(plain ? plain : usable));
    }
    unsigned victim = choose_victim(c, mask);
    if (victim == NO_REG) {
        c->failed = true;
        return __builtin_ctz(mask);
    }
    spill(c, victim);
    return take(c, victim);
}

unsigned alloc_gpr(Compiler *c, unsigned hint)
{
    return alloc_in(c, GPRS, hint);
}

unsigned alloc_xmm(Compiler *c, unsigned hint)
{
    return alloc_in(c, XMMS, hint);
}

void evict(Compiler *c, unsigned reg)
{
    if (!(c->occupied >> reg & 1)) {
        return;
    }
    uint32_t root = c->reg_value[reg], usable = (is_xmm(reg) ? XMMS : GPRS) & ~unavailable(c);
    Value *v = &c->v[root];
    if (v->last < c->at) {
        give_up(c, reg);
    } else if (usable && !in_memory(v)) {
        uint32_t plain = usable & ~x64.pins;
        unsigned to = __builtin_ctz(plain ? plain : usable);
        carry_lost(c, to);
        if (is_xmm(reg)) {
            vmov(c, to, reg, own_type(c, root));
        } else {
            emit_mov(&c->e, true, to, reg);
        }
        c->locked |= c->locked >> reg & 1 ? 1u << to : 0;
        give_up(c, reg);
        v->reg = to;
        c->reg_value[to] = root;
        c->occupied |= 1u << to;
    } else {
        spill(c, reg);
    }
}

void alloc_fixed(Compiler *c, unsigned reg)
{
    evict(c, reg);
    take(c, reg);
}

void temp_free(Compiler *c, unsigned reg)
{
    c->temps &= ~(1u << reg);
    c->locked &= ~(1u << reg);
}

void define(Compiler *c, IrRef r, unsigned reg)
{
    uint32_t root = c->v[r].root;
    if ((c->occupied >> reg & 1) && c->reg_value[reg] != root) {
        c->v[c->reg_value[reg]].reg = NO_REG;
    }
    carry_lost(c, reg);
    c->v[root].reg = reg;
    c->reg_value[reg] = root;
    c->occupied |= 1u << reg;
    c->temps &= ~(1u << reg);
}

void define_spilled(Compiler *c, IrRef r)
{
    spill_place(c, r);
}

void end_op(Compiler *c)
{
    for (uint32_t left = c->occupied; left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left);
        if (c->v[c->reg_value[reg]].last <= c->at) {
            give_up(c, reg);
        }
    }
    for (uint32_t i = 0; i < c->nr_spilled;) {
        Value *v = &c->v[c->spilled[i]];
        if (v->last <= c->at) {
            free_spill(c, v, c->spilled[i]);
            c->spilled[i] = c->spilled[--c->nr_spilled];
        } else {
            i++;
        }
    }
    c->locked = c->temps = 0;
}

void spill_call(Compiler *c)
{
    for (uint32_t left = c->occupied; left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left);
        bool kept = !is_xmm(reg) && ((CALLEE_SAVED >> reg & 1) || ((x64.pins >> reg & 1) && c->home_end[reg] > c->at));
        if (!kept && c->v[c->reg_value[reg]].last > c->at && !in_memory(&c->v[c->reg_value[reg]])) {
            store_spill(c, reg);
        }
    }
}

bool pin_free_after(const Compiler *c, unsigned reg)
{
    bool pinned = x64.pins >> reg & 1;
    if ((c->temps >> reg & 1) || (pinned && c->home_end[reg] > c->at)) {
        return false;
    }
    return !(c->occupied >> reg & 1) || c->v[c->reg_value[reg]].last <= c->at;
}

/* ---- homes ---- */

void force(Compiler *c, IrRef r)
{
    Value *v = value_of(c, r);
    if (v->lazy < 0) {
        return;
    }
    if (v->reg == NO_REG && v->spill < 0 && v->last >= c->at) {
        if (is_memory_type(own_type(c, v->root))) {
            Place from = at_env(x64.target->slots[v->lazy].offset), to = spill_place(c, r);
            for (unsigned i = 0; i < slot_bytes(own_type(c, v->root)); i += 16) {
                vload(c, XMM15, (Place){ .kind = from.kind, .reg = from.reg, .index = NO_REG, .disp = from.disp + i }, 16);
                vstore(c, (Place){ .kind = to.kind, .reg = to.reg, .index = NO_REG, .disp = to.disp + i }, XMM15, 16);
            }
        } else if (is_vector(own_type(c, v->root))) {
            use_xmm(c, r);
        } else {
            use_gpr(c, r);
        }
    }
    if (v->lazy >= 0) {
        c->slot_reader[v->lazy] = 0;
        v->lazy = -1;
    }
    if (v->reg != NO_REG || v->spill >= 0) {
        return;
    }
}

void home_changes(Compiler *c, unsigned slot)
{
    const IrSlot *slots = x64.target->slots;
    if (c->slot_reader[slot]) {
        force(c, c->slot_reader[slot]);
    }
    if (slots[slot].overlap) {
        for (unsigned i = 0; i < x64.target->nr_slots; i++) {
            if (slots[i].overlap == slots[slot].overlap && c->slot_reader[i]) {
                force(c, c->slot_reader[i]);
            }
        }
    }
}

static Place home_place(const Value *v)
{
    return at_env(x64.target->slots[v->lazy].offset);
}

/* ---- loading ---- */

static void load_home(Compiler *c, unsigned reg, IrType t, bool wide, Place home)
{
    if (is_xmm(reg)) {
        vload(c, reg, home, slot_bytes(t));
    } else if (t == IR_FLAGS) {
        emit_op(&c->e, OP_MOVZX16, reg, home, 0);
    } else {
        emit_load(&c->e, wide && t == IR_I64, reg, home);
    }
}

void load_value(Compiler *c, unsigned reg, IrRef r, bool wide)
{
    uint64_t x;
    if (is_const(c, r, &x)) {
        emit_imm(&c->e, reg, x);
        return;
    }
    Value *v = value_of(c, r);
    if (v->reg != NO_REG) {
        emit_mov(&c->e, wide || v->reg == reg, reg, v->reg);
    } else if (v->spill >= 0) {
        emit_load(&c->e, wide, reg, spill_place(c, r));
    } else if (v->lazy >= 0) {
        load_home(c, reg, own_type(c, v->root), wide, home_place(v));
    } else {
        nowhere(c, r);
    }
}

void load_value_xmm(Compiler *c, unsigned reg, IrRef r)
{
    if (ir_is_const(r)) {
        const IrConst *k = ir_const_value(c->block, r);
        if (k->lo == 0 && k->hi == 0) {
            vop3(c, OP(MAP_0F, PP_66, 0xef), false, reg, reg, at_reg(reg), -1);
        } else {
            vload(c, reg, pool_place(&c->e, k->lo, k->hi), 16);
        }
        return;
    }
    Value *v = value_of(c, r);
    IrType t = own_type(c, v->root);
    if (v->reg != NO_REG) {
        vmov(c, reg, v->reg, t);
    } else if (v->spill >= 0) {
        vload(c, reg, spill_place(c, r), t == IR_V256 ? 32 : 16);
    } else if (v->lazy >= 0) {
        load_home(c, reg, t, true, home_place(v));
    } else {
        nowhere(c, r);
    }
}

static unsigned bring_in(Compiler *c, IrRef r, bool xmm)
{
    Value *v = value_of(c, r);
    if (v->reg != NO_REG) {
        c->locked |= 1u << v->reg;
        return v->reg;
    }
    unsigned reg = xmm ? alloc_xmm(c, v->hint) : alloc_gpr(c, v->hint);
    if (xmm) {
        load_value_xmm(c, reg, r);
    } else {
        load_value(c, reg, r, true);
    }
    define(c, r, reg);
    if (xmm && v->lazy >= 0 && v->spill < 0) {
        carry_loaded(c, reg, v->lazy);
    }
    return reg;
}

unsigned use_gpr(Compiler *c, IrRef r)
{
    if (ir_is_const(r)) {
        unsigned reg = alloc_gpr(c, NO_REG);
        load_value(c, reg, r, true);
        return reg;
    }
    Value *v = value_of(c, r);
    if (own_type(c, v->root) == IR_FLAGS && v->reg == NO_REG && !in_memory(v)) {
        return flags_to_gpr(c, r);
    }
    return bring_in(c, r, false);
}

unsigned use_xmm(Compiler *c, IrRef r)
{
    if (ir_is_const(r)) {
        unsigned reg = alloc_xmm(c, NO_REG);
        load_value_xmm(c, reg, r);
        return reg;
    }
    return bring_in(c, r, true);
}

Place use_place(Compiler *c, IrRef r, unsigned width, bool imm)
{
    uint64_t x;
    if (is_const(c, r, &x)) {
        int64_t n = width == 3 ? (int64_t)x : (int32_t)x;
        if (imm && n == (int32_t)n) {
            return at_imm(width == 0 ? (int8_t)n : width == 1 ? (int16_t)n : n);
        }
        return at_reg(use_gpr(c, r));
    }
    Value *v = value_of(c, r);
    if (v->reg == NO_REG && v->spill >= 0 && v->last <= c->at) {
        return spill_place(c, r);
    }
    if (v->reg == NO_REG && v->lazy >= 0 && v->last <= c->at && slot_bytes(own_type(c, v->root)) >= 1u << width) {
        return home_place(v);
    }
    return at_reg(use_gpr(c, r));
}

Place use_xmm_place(Compiler *c, IrRef r, unsigned bytes)
{
    if (ir_is_const(r)) {
        const IrConst *k = ir_const_value(c->block, r);
        return c->e.vex ? pool_place(&c->e, k->lo, k->hi) : at_reg(use_xmm(c, r));
    }
    Value *v = value_of(c, r);
    if (c->e.vex && v->reg == NO_REG && v->last <= c->at) {
        if (v->spill >= 0 && (bytes <= 16 || own_type(c, v->root) == IR_V256 || v->wide)) {
            return spill_place(c, r);
        }
        if (v->lazy >= 0 && slot_bytes(own_type(c, v->root)) >= bytes) {
            return home_place(v);
        }
    }
    return at_reg(use_xmm(c, r));
}

unsigned use_copy(Compiler *c, IrRef r, bool wide)
{
    if (!ir_is_const(r)) {
        Value *v = value_of(c, r);
        if (v->reg != NO_REG && v->last <= c->at && !(c->pin_locked >> v->reg & 1) && !(c->locked >> v->reg & 1)) {
            c->locked |= 1u << v->reg;
            return v->reg;
        }
        if (v->reg == NO_REG && own_type(c, v->root) == IR_FLAGS) {
            use_gpr(c, r);
        }
    }
    unsigned reg = alloc_gpr(c, hint_of(c, c->at));
    load_value(c, reg, r, wide);
    return reg;
}

unsigned use_copy_xmm(Compiler *c, IrRef r)
{
    if (!ir_is_const(r)) {
        Value *v = value_of(c, r);
        if (v->reg != NO_REG && v->last <= c->at && !(c->locked >> v->reg & 1)) {
            c->locked |= 1u << v->reg;
            return v->reg;
        }
    }
    unsigned reg = alloc_xmm(c, hint_of(c, c->at));
    load_value_xmm(c, reg, r);
    return reg;
}

static unsigned result_in(Compiler *c, uint32_t mask)
{
    unsigned hint = hint_of(c, c->at);
    if (hint != NO_REG && (mask >> hint & 1) && pin_free_after(c, hint)) {
        return hint;
    }
    for (uint32_t left = mask & c->occupied & c->locked & ~(c->temps | c->pin_locked | x64.pins); left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left);
        if (c->v[c->reg_value[reg]].last <= c->at) {
            return reg;
        }
    }
    return alloc_in(c, mask, hint);
}

unsigned result_gpr(Compiler *c)
{
    return result_in(c, GPRS);
}

unsigned result_xmm(Compiler *c)
{
    return result_in(c, XMMS);
}

Place peek_place(Compiler *c, IrRef r, unsigned width)
{
    uint64_t x;
    if (is_const(c, r, &x)) {
        int64_t n = width == 3 ? (int64_t)x : (int32_t)x;
        if (n == (int32_t)n) {
            return at_imm(width == 0 ? (int8_t)n : width == 1 ? (int16_t)n : n);
        }
        return pool_place(&c->e, x, 0);
    }
    Value *v = value_of(c, r);
    if (v->reg != NO_REG) {
        return at_reg(v->reg);
    }
    if (v->spill >= 0) {
        return spill_place(c, r);
    }
    if (v->lazy < 0) {
        nowhere(c, r);
    }
    return home_place(v);
}
