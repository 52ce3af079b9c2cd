/*
 * Calls of C code: helpers, and ops that have no code of their own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"
#include "tcg/evaluate.h"
#include "tcg/interp/interp.h"

static const uint8_t argument_regs[6] = { RDI, RSI, RDX, RCX, R8, R9 };

/* ---- slots around a call ---- */

void emit_slot_store(Compiler *c, const IrInsn *insn)
{
    unsigned slot = insn->b, pin = x64.pin_reg[slot];
    const IrSlot *s = &x64.target->slots[slot];
    Value *v = ir_is_const(insn->a) ? NULL : value_of(c, insn->a);
    if (pin == NO_REG) {
        if (v && v->lazy == (int)slot) {
            return;
        }
        home_changes(c, slot);
        carry_home_changed(c, slot);
        unsigned width = s->type == IR_I32 ? 2 : 3;
        Place home = at_env(s->offset);
        if (s->type == IR_FLAGS) {
            if (v && v->reg == NO_REG && v->last > c->at) {
                flags_to_gpr(c, insn->a);
            }
            flags_store(c, insn->a, home);
        } else if (is_memory_type(s->type)) {
            Place from = peek_place(c, insn->a, 3);
            for (unsigned i = 0; i < slot_bytes(s->type); i += 16, from.disp += 16, home.disp += 16) {
                vload(c, XMM15, from, 16);
                vstore(c, home, XMM15, 16);
            }
        } else if (is_vector(s->type)) {
            vstore(c, home, use_xmm(c, insn->a), slot_bytes(s->type));
        } else {
            Place value = use_place(c, insn->a, width, true);
            if (value.kind == PLACE_IMM) {
                emit_store_imm(&c->e, width, home, value.disp);
            } else if (value.kind == PLACE_REG) {
                emit_store(&c->e, width, home, value.reg);
            } else {
                emit_load(&c->e, true, RAX, value);
                emit_store(&c->e, width, home, RAX);
            }
        }
        return;
    }
    if (!v || v->reg != pin) {
        evict(c, pin);
        load_value(c, pin, insn->a, true);
        if (v && v->reg == NO_REG) {
            c->v[v->root].reg = pin;
            c->reg_value[pin] = v->root;
            c->occupied |= 1u << pin;
        }
    }
    c->home_end[pin] = c->v[c->at].last;
}

/* The pins that a call loses and that are read again behind it. */
static uint32_t pins_lost(const Compiler *c, const IrSlotSet *writes)
{
    uint32_t lost = 0;
    for (uint32_t left = x64.pins; left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left);
        bool written = writes && ir_slot_set_has(writes, x64.pin_slot[reg]);
        if (written || (!(CALLEE_SAVED >> reg & 1) && c->home_end[reg] > c->at)) {
            lost |= 1u << reg;
        }
    }
    return lost;
}

static void store_pins(Compiler *c, uint32_t regs)
{
    for (; regs; regs &= regs - 1) {
        unsigned reg = __builtin_ctz(regs);
        emit_store(&c->e, 3, at_env(x64.target->slots[x64.pin_slot[reg]].offset), reg);
    }
}

static void load_pins(Compiler *c, uint32_t regs)
{
    for (; regs; regs &= regs - 1) {
        unsigned reg = __builtin_ctz(regs);
        emit_load(&c->e, true, reg, at_env(x64.target->slots[x64.pin_slot[reg]].offset));
    }
}

/* Behind the call: what was in registers that C code does not keep is in memory only. kept: pins that are read again, and what they held with them. */
static void forget_registers(Compiler *c, uint32_t kept)
{
    c->carried = c->carrying = 0;
    for (uint32_t left = c->occupied & ~(uint32_t)CALLEE_SAVED & ~kept; left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left);
        c->v[c->reg_value[reg]].reg = NO_REG;
        c->reg_value[reg] = 0;
        c->occupied &= ~(1u << reg);
    }
    c->temps = c->locked = 0;
}

/* ---- arguments ---- */

static bool is_float(IrType t)
{
    return t == IR_F32 || t == IR_F64;
}

/* A vector argument's place in memory: where it is, or put aside as the n-th. */
static Place vector_place(Compiler *c, IrRef r, unsigned n)
{
    Value *v = ir_is_const(r) ? NULL : value_of(c, r);
    if (v && v->spill >= 0) {
        return spill_place(c, r);
    }
    Place place = scratch_vector(c, n);
    IrType t = type_of(c, r);
    if (is_memory_type(t)) {
        Place from = peek_place(c, r, 3), to = place;
        for (unsigned i = 0; i < slot_bytes(t); i += 16, from.disp += 16, to.disp += 16) {
            vload(c, XMM15, from, 16);
            vstore(c, to, XMM15, 16);
        }
        return place;
    }
    unsigned reg = v ? v->reg : NO_REG;
    if (reg == NO_REG) {
        load_value_xmm(c, XMM15, r);
        reg = XMM15;
    }
    vstore(c, place, reg, t == IR_V256 ? 32 : 16);
    return place;
}

/* Arguments behind Cpu * (and the result's place) into registers, what is left over onto the stack. */
static void emit_arguments(Compiler *c, const IrCall *call, unsigned first)
{
    Emitter *e = &c->e;
    Move moves[6];
    Place places[6];
    uint8_t place_regs[6];
    unsigned nr_moves = 0, nr_places = 0, n = first, nr_floats = 0, nr_stack = 0;
    for (unsigned i = 0; i < call->nargs; i++) {
        IrRef r = call->args[i];
        IrType t = type_of(c, r);
        if (is_float(t)) {
            vector_place(c, r, i);          /* loaded behind the moves */
            continue;
        }
        bool vector = is_vector(t);
        Place place = vector ? vector_place(c, r, i) : at_imm(0);
        if (n >= 6) {
            if (vector) {
                emit_lea(e, true, RAX, place);
            } else {
                load_value(c, RAX, r, true);
            }
            emit_store(e, 3, at_mem(RSP, FRAME_ARGS + 8 * nr_stack++), RAX);
        } else if (vector) {
            places[nr_places] = place;
            place_regs[nr_places++] = argument_regs[n++];
        } else {
            moves[nr_moves++] = (Move){ .to = argument_regs[n++], .from = NO_REG, .value = r };
        }
    }
    for (unsigned i = 0; i < call->nargs; i++) {
        IrType t = type_of(c, call->args[i]);
        if (is_float(t)) {
            Value *v = ir_is_const(call->args[i]) ? NULL : value_of(c, call->args[i]);
            vload(c, XMM0 + nr_floats++, v && v->spill >= 0 ? spill_place(c, call->args[i]) : scratch_vector(c, i), 16);
        }
    }
    move_all(c, moves, nr_moves);
    for (unsigned i = 0; i < nr_places; i++) {
        emit_lea(e, true, place_regs[i], places[i]);
    }
}

static void take_result(Compiler *c, IrType t)
{
    unsigned reg;
    if (is_memory_type(t)) {
        Place from = scratch_vector(c, 7), to = spill_place(c, c->at);
        for (unsigned i = 0; i < slot_bytes(t); i += 16, from.disp += 16, to.disp += 16) {
            vload(c, XMM15, from, 16);
            vstore(c, to, XMM15, 16);
        }
    } else if (is_float(t)) {
        reg = alloc_xmm(c, NO_REG);
        vmov(c, reg, XMM0, t);
        define(c, c->at, reg);
    } else if (is_vector(t)) {
        reg = alloc_xmm(c, NO_REG);
        vload(c, reg, scratch_vector(c, 7), slot_bytes(t));
        define(c, c->at, reg);
    } else if (t != IR_NONE) {
        reg = alloc_gpr(c, hint_of(c, c->at));
        if (t == IR_FLAGS) {
            emit_op(&c->e, OP_MOVZX16, reg, at_reg(RAX), 0);
        } else {
            emit_mov(&c->e, t == IR_I64, reg, RAX);
        }
        define(c, c->at, reg);
    }
}

static void reload_tlb(Compiler *c)
{
    if (c->last_memory > c->at) {
        emit_load(&c->e, true, REG_TLB, AT_HOT(tlb[c->tlb_priv]));
    }
}

void emit_call(Compiler *c, const IrInsn *insn)
{
    Emitter *e = &c->e;
    const IrCall *call = &c->block->calls[insn->a];
    const IrHelper *helper = call->helper;
    bool all = helper->flags & HELPER_FAULTS;
    if (emit_x87(c, call)) {
        return;
    }
    flags_clobber(c);
    for (unsigned i = 0; i < call->nargs; i++) {
        if (type_of(c, call->args[i]) == IR_FLAGS) {
            flags_to_gpr(c, call->args[i]);
        }
    }
    flags_clobber(c);
    for (unsigned slot = 0; slot < x64.target->nr_slots; slot++) {
        unsigned pin = x64.pin_reg[slot];
        if (!ir_slot_set_has(&helper->writes, slot)) {
            continue;
        }
        if (pin == NO_REG) {
            home_changes(c, slot);
        } else if ((c->occupied >> pin & 1) && c->v[c->reg_value[pin]].last > c->at) {
            c->pin_locked &= ~(1u << pin);
            uint32_t root = c->reg_value[pin];
            spill_place(c, root);
            emit_store(e, 3, spill_place(c, root), pin);
        }
    }
    spill_call(c);
    uint32_t lost = pins_lost(c, &helper->writes), stored = lost;
    for (uint32_t left = x64.pins; left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left), slot = x64.pin_slot[reg];
        bool written = ir_slot_set_has(&helper->writes, slot), read = all || ir_slot_set_has(&helper->reads, slot);
        if (read && c->home_end[reg] >= c->at) {
            stored |= 1u << reg;
        } else if (written) {
            stored &= ~(1u << reg);
        }
    }
    store_pins(c, stored);
    bool vector = is_vector(helper->result) && !is_float(helper->result);
    emit_arguments(c, call, vector ? 2 : 1);
    if (vector) {
        emit_lea(e, true, RSI, scratch_vector(c, 7));
    }
    emit_lea(e, true, RDI, at_mem(REG_ENV, -x64.bias));
    if (c->uses_ymm) {
        emit8(e, 0xc5);                 /* vzeroupper */
        emit8(e, 0xf8);
        emit8(e, 0x77);
    }
    if (x64.counts_helpers) {
        emit_count(e, &helper->calls);
    }
    emit_call_c(e, helper->function);
    uint32_t kept = 0;
    for (uint32_t left = lost; left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left);
        if (ir_slot_set_has(&helper->writes, x64.pin_slot[reg])) {
            /* What it held is not what its home is now. */
            if (c->occupied >> reg & 1) {
                c->v[c->reg_value[reg]].reg = NO_REG;
                c->reg_value[reg] = 0;
                c->occupied &= ~(1u << reg);
            }
            c->home_end[reg] = c->n;
            c->pin_locked |= 1u << reg;
        } else {
            kept |= 1u << reg;
        }
    }
    forget_registers(c, kept);
    load_pins(c, lost);
    take_result(c, helper->result);
    if (!(helper->flags & HELPER_PURE)) {
        reload_tlb(c);
    }
}

/* ---- ops without code ---- */

typedef struct FallbackInsn { IrInsn insn; uint8_t type_a, type_b, wide_result; } FallbackInsn;
enum { FALLBACK_RESULT = 3 };

/* record: a FallbackInsn at any address among the code's constants. */
static void compute(const void *record, IrValue *v)
{
    FallbackInsn f;
    memcpy(&f, record, sizeof(f));
    const IrInsn *insn = &f.insn;
    if (insn->op == IR_SELECT) {
        v[FALLBACK_RESULT] = v[0].u32[0] ? v[1] : v[2];
    } else if (insn->op == IR_VLOW) {
        v[FALLBACK_RESULT] = v[0];
    } else if (insn->op < IR_FADD) {
        ir_evaluate(insn->op, insn->type, f.type_a, insn->sub, insn->imm, (IrOperands){ v[0].u64[0], v[1].u64[0], v[2].u64[0] }, &v[FALLBACK_RESULT].u64[0]);
    } else {
        InterpOperands operands = { .a = &v[0], .b = &v[1], .c = &v[2], .type_a = f.type_a, .type_b = f.type_b };
        if (insn->op >= IR_VAND) {
            interp_vector(insn, &operands, &v[FALLBACK_RESULT]);
        } else {
            interp_float(insn, &operands, &v[FALLBACK_RESULT]);
        }
    }
}

static void put_operand(Compiler *c, IrRef r, unsigned n)
{
    IrType t = type_of(c, r);
    Place place = scratch_vector(c, n);
    if (is_memory_type(t)) {
        vector_place(c, r, n);
        Value *v = value_of(c, r);
        if (v->spill >= 0) {
            Place from = spill_place(c, r);
            for (unsigned i = 0; i < slot_bytes(t); i += 16, from.disp += 16, place.disp += 16) {
                vload(c, XMM15, from, 16);
                vstore(c, place, XMM15, 16);
            }
        }
    } else if (is_vector(t)) {
        Value *v = ir_is_const(r) ? NULL : value_of(c, r);
        unsigned reg = v ? v->reg : NO_REG;
        if (reg == NO_REG) {
            load_value_xmm(c, XMM15, r);
            reg = XMM15;
        }
        vstore(c, place, reg, t == IR_V256 ? 32 : 16);
    } else {
        load_value(c, RAX, r, t != IR_I32);
        emit_store(&c->e, 3, place, RAX);
    }
}

void emit_fallback(Compiler *c, const IrInsn *insn)
{
    Emitter *e = &c->e;
    const IrRef operands[3] = { insn->a, insn->b, insn->c };
    unsigned nargs = ir_op_info[insn->op].nargs;
    flags_clobber(c);
    for (unsigned i = 0; i < nargs; i++) {
        if (type_of(c, operands[i]) == IR_FLAGS) {
            flags_to_gpr(c, operands[i]);
        } else if (!ir_is_const(operands[i]) && value_of(c, operands[i])->form == FORM_FUSED) {
            /* A condition of a SELECT that has no code: it was to be made there. */
            unsigned cc = condition_to_host(c, operands[i]);
            emit_setcc(e, cc, RAX);
            emit_op(e, OP_MOVZX8, RAX, at_reg(RAX), 0);
            emit_store(e, 3, scratch_vector(c, i), RAX);
        }
    }
    flags_clobber(c);
    spill_call(c);
    uint32_t lost = pins_lost(c, NULL);
    store_pins(c, lost);
    for (unsigned i = 0; i < nargs; i++) {
        if (ir_is_const(operands[i]) || value_of(c, operands[i])->form != FORM_FUSED) {
            put_operand(c, operands[i], i);
        }
    }
    FallbackInsn f = { .insn = *insn, .type_a = nargs > 0 ? type_of(c, insn->a) : IR_NONE, .type_b = nargs > 1 ? type_of(c, insn->b) : IR_NONE };
    Label data = label_new(e);
    use_cold(e);
    label_here(e, data);
    for (unsigned i = 0; i < sizeof(f); i++) {
        emit8(e, ((const uint8_t *)&f)[i]);
    }
    use_hot(e);
    emit8(e, 0x48);                     /* lea rdi, [rip + data] */
    emit8(e, 0x8d);
    emit8(e, 0x3d);
    emit_distance(e, data, 0);
    emit_lea(e, true, RSI, scratch_vector(c, 0));
    if (c->uses_ymm) {
        emit8(e, 0xc5);
        emit8(e, 0xf8);
        emit8(e, 0x77);
    }
    emit_call_c(e, compute);
    forget_registers(c, lost);
    load_pins(c, lost);
    if (insn->type == IR_I32 || insn->type == IR_I64 || insn->type == IR_FLAGS) {
        unsigned reg = alloc_gpr(c, hint_of(c, c->at));
        emit_load(e, insn->type == IR_I64, reg, scratch_vector(c, FALLBACK_RESULT));
        define(c, c->at, reg);
    } else if (is_memory_type(insn->type)) {
        Place from = scratch_vector(c, FALLBACK_RESULT), to = spill_place(c, c->at);
        for (unsigned i = 0; i < slot_bytes(insn->type); i += 16, from.disp += 16, to.disp += 16) {
            vload(c, XMM15, from, 16);
            vstore(c, to, XMM15, 16);
        }
    } else {
        unsigned reg = alloc_xmm(c, NO_REG);
        vload(c, reg, scratch_vector(c, FALLBACK_RESULT), insn->type == IR_V256 ? 32 : 16);
        define(c, c->at, reg);
    }
}
