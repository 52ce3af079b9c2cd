/*
 * Vector slots that go from unit to unit in registers. Their homes are as true as ever; but at a jump within the page each slot's value is also in the register that is
 * the slot's own, where it can be had cheaply, and a unit loads the slots that it wants at its start, one after the other: a jump from a unit that leaves the first few
 * in registers goes in behind these loads. So a loop's values do not go through memory from turn to turn.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"
#include <string.h>

enum { CARRY_REGS = 14 };       /* the first of the host's: the rest is scratch */

/* ---- which slot in which register ---- */

static bool can_be_carried(const IrSlot *s)
{
    return s->type == IR_V128 || s->type == IR_F64 || s->type == IR_F32 || (s->type == IR_V256 && (x64.host & HOST_AVX));
}

void carry_choose(const TcgTarget *target)
{
    uint32_t offsets[CARRY_REGS];
    unsigned nr_regs = 0, nr_bits = 0;
    memset(x64.carry_reg, NO_REG, sizeof(x64.carry_reg));
    memset(x64.carry_bits, 0, sizeof(x64.carry_bits));
    for (unsigned slot = 0; slot < target->nr_slots && nr_bits < 32; slot++) {
        const IrSlot *s = &target->slots[slot];
        unsigned reg = 0;
        if (!can_be_carried(s)) {
            continue;
        }
        while (reg < nr_regs && offsets[reg] != s->offset) {
            reg++;
        }
        if (reg == CARRY_REGS) {
            continue;
        }
        if (reg == nr_regs) {
            offsets[nr_regs++] = s->offset;
        }
        x64.carry_reg[slot] = XMM0 + reg;
        x64.carry_own[slot] = 1u << nr_bits++;
        x64.carry_bits[slot] = x64.carry_own[slot];
        x64.carry_of_reg[reg] |= x64.carry_own[slot];
        /* The narrower ones at the same place come with it. */
        for (unsigned other = 0; other < slot; other++) {
            if (x64.carry_reg[other] == XMM0 + reg && slot_bytes(target->slots[other].type) < slot_bytes(s->type)) {
                x64.carry_bits[slot] |= x64.carry_own[other];
            }
        }
    }
}

/* ---- what is in the registers ---- */

void carry_lost(Compiler *c, unsigned reg)
{
    if (is_xmm(reg) && reg - XMM0 < CARRY_REGS) {
        c->carried &= ~x64.carry_of_reg[reg - XMM0];
        c->carrying &= ~(1u << reg);
    }
}

void carry_loaded(Compiler *c, unsigned reg, unsigned slot)
{
    if (x64.carry_reg[slot] == reg) {
        c->carried |= x64.carry_bits[slot];
        c->carrying |= 1u << reg;
    }
}

void carry_home_changed(Compiler *c, unsigned slot)
{
    if (x64.carry_reg[slot] != NO_REG) {
        carry_lost(c, x64.carry_reg[slot]);
    }
}

/* ---- entries ---- */

static bool is_written(const Compiler *c, unsigned slot)
{
    for (uint32_t i = 0; i < c->block->nr_deltas; i++) {
        if (c->block->deltas[i].slot == slot && c->block->deltas[i].new_value) {
            return true;
        }
    }
    return false;
}

/* The reads of slots that are as they were at the entry; those first that the unit writes too: a loop's own. */
static unsigned find_wanted(const Compiler *c, IrRef *wanted)
{
    IrRef kept[TCG_QUICK_SLOTS];
    unsigned n = 0, nr_kept = 0;
    uint32_t regs = 0;
    for (uint32_t i = 1; i < c->n; i++) {
        const IrInsn *insn = insn_of(c, i);
        if (is_c_call(c, insn) || insn->op == IR_SLOT_STORE) {
            break;
        }
        if (insn->op != IR_SLOT_READ || x64.carry_reg[insn->a] == NO_REG || c->v[i].last <= i || (regs >> x64.carry_reg[insn->a] & 1)) {
            continue;
        }
        regs |= 1u << x64.carry_reg[insn->a];
        if (!is_written(c, insn->a)) {
            if (nr_kept < TCG_QUICK_SLOTS) {
                kept[nr_kept++] = i;
            }
        } else if (n < TCG_QUICK_SLOTS) {
            wanted[n++] = i;
        }
    }
    for (unsigned i = 0; i < nr_kept && n < TCG_QUICK_SLOTS; i++) {
        wanted[n++] = kept[i];
    }
    return n;
}

/* Where a jump backwards goes in: the look at the kick flag, then on behind the loads. */
static void emit_pad(Compiler *c, unsigned n, Label behind)
{
    Emitter *e = &c->e;
    use_cold(e);
    c->quick_pad[n] = here(e);
    emit_kick_check(c);
    emit_jmp(e, behind);
    use_hot(e);
}

void carry_entry(Compiler *c)
{
    IrRef wanted[TCG_QUICK_SLOTS];
    unsigned n = find_wanted(c, wanted), nr_written = 0;
    c->carried = c->carrying = 0;
    c->nr_quick = n;
    for (unsigned i = 0; i < n; i++) {
        unsigned slot = insn_of(c, wanted[i])->a, reg = x64.carry_reg[slot];
        vload(c, reg, at_env(x64.target->slots[slot].offset), slot_bytes(x64.target->slots[slot].type));
        c->quick_slot[i] = slot;
        c->quick_at[i] = here(&c->e);
        c->quick_pad[i] = 0;
        nr_written += is_written(c, slot);
        define(c, wanted[i], reg);
        c->v[wanted[i]].lazy = slot;
        c->slot_reader[slot] = wanted[i];
        carry_loaded(c, reg, slot);
        /* The entries that loops will want: all that go round, and all. */
        if (i + 1 == n || i + 1 == nr_written) {
            Label behind = label_new(&c->e);
            label_here(&c->e, behind);
            emit_pad(c, i, behind);
        }
    }
}

/* ---- exits ---- */

/* With all slots in their homes, where nothing else is wanted of the registers: the values go to their slots' own. What is there then. */
uint32_t carry_exit(Compiler *c)
{
    Move moves[CARRY_REGS];
    unsigned n = 0;
    uint32_t carried = c->carried;
    for (unsigned i = 0; i < G_N_ELEMENTS(c->active); i++) {
        for (uint64_t left = c->active[i]; left; left &= left - 1) {
            unsigned slot = 64 * i + __builtin_ctzll(left), reg = x64.carry_reg[slot];
            if (reg == NO_REG) {
                continue;
            }
            carried &= ~x64.carry_of_reg[reg - XMM0];
            IrRef r = c->slots[slot];
            const Value *v = ir_is_const(r) ? NULL : value_of(c, r);
            /* Of a value that is narrower than the slot nothing is known above. */
            if (!v || v->reg == NO_REG || (x64.target->slots[slot].type == IR_V256 && insn_of(c, v->root)->type != IR_V256 && !v->wide)) {
                continue;
            }
            carried |= x64.carry_bits[slot];
            if (v->reg != reg) {
                moves[n++] = (Move){ .to = reg, .from = v->reg };
            }
        }
    }
    /* A move overwrites what was carried there. */
    while (n) {
        unsigned k = 0;
        for (; k < n; k++) {
            bool is_source = false;
            for (unsigned i = 0; i < n; i++) {
                is_source |= i != k && moves[i].from == moves[k].to;
            }
            if (!is_source) {
                break;
            }
        }
        IrType type = x64.host & HOST_AVX ? IR_V256 : IR_V128;
        if (k == n) {
            /* A ring: one waits aside. */
            k = 0;
            vmov(c, XMM15, moves[0].to, type);
            for (unsigned i = 1; i < n; i++) {
                moves[i].from = moves[i].from == moves[0].to ? XMM15 : moves[i].from;
            }
        }
        vmov(c, moves[k].to, moves[k].from, type);
        moves[k] = moves[--n];
    }
    return carried;
}

/* ---- links ---- */

void carry_fill(const Compiler *c, TcgUnit *unit, uint32_t (*resolve)(const Emitter *e, uint32_t at))
{
    unit->nr_quick = 0;
    for (unsigned i = 0; i < c->nr_quick; i++) {
        uint32_t at = resolve(&c->e, c->quick_at[i]), pad = c->quick_pad[i] ? resolve(&c->e, c->quick_pad[i]) : 0;
        if (at > UINT16_MAX || pad > UINT16_MAX) {
            return;
        }
        unit->quick[i] = (TcgQuickEntry){ .at = at, .pad = pad, .slot = c->quick_slot[i] };
        unit->nr_quick++;
    }
}

const uint8_t *carry_entry_for(const UnitExit *exit, const TcgUnit *target, bool forwards)
{
    const uint8_t *entry = target->code + (forwards ? ENTRY_BYTES : ENTRY_BASE_BYTES);
    for (unsigned i = 0; i < target->nr_quick; i++) {
        const TcgQuickEntry *q = &target->quick[i];
        if (x64.carry_own[q->slot] & ~exit->carried) {
            break;
        }
        if (forwards || q->pad) {
            entry = target->code + (forwards ? q->at : q->pad);
        }
    }
    return entry;
}
