/*
 * Entries and exits of units: slots into their homes and pins, jumps that can be linked, guards of other pages, the inline jump cache.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"
#include <stddef.h>

/* ---- moves ---- */

static bool is_source(const Move *moves, unsigned n, unsigned reg, unsigned but)
{
    for (unsigned i = 0; i < n; i++) {
        if (i != but && moves[i].from == reg) {
            return true;
        }
    }
    return false;
}

static void move_registers(Compiler *c, Move *m, unsigned n, uint32_t narrowed)
{
    while (n) {
        unsigned i = 0;
        while (i < n && is_source(m, n, m[i].to, i)) {
            i++;
        }
        if (i < n) {
            emit_mov(&c->e, !m[i].narrow, m[i].to, m[i].from);
        } else {
            /* A ring: two of them change places. */
            i = 0;
            emit_op(&c->e, OP_XCHG | OP_W, m[0].to, at_reg(m[0].from), 0);
            narrowed |= m[0].narrow ? 1u << m[0].to : 0;
            for (unsigned k = 1; k < n; k++) {
                m[k].from = m[k].from == m[0].to ? m[0].from : m[k].from == m[0].from ? m[0].to : m[k].from;
            }
        }
        m[i] = m[--n];
    }
    for (; narrowed; narrowed &= narrowed - 1) {
        emit_mov(&c->e, false, __builtin_ctz(narrowed), __builtin_ctz(narrowed));
    }
}

/* What an exit puts somewhere: the value, or the low half of the one that is left in *r. */
static bool is_narrowed(Compiler *c, IrRef *r)
{
    if (!*r || ir_is_const(*r) || value_of(c, *r)->form != FORM_RECIPE) {
        return false;
    }
    *r = insn_of(c, c->v[*r].root)->a;
    return true;
}

void move_all(Compiler *c, Move *moves, unsigned n)
{
    Move registers[16], others[16];
    unsigned nr_registers = 0, nr_others = 0;
    uint32_t narrowed = 0;
    for (unsigned i = 0; i < n; i++) {
        moves[i].narrow = is_narrowed(c, &moves[i].value);
        unsigned from = moves[i].from;
        if (moves[i].value) {
            from = ir_is_const(moves[i].value) ? NO_REG : value_of(c, moves[i].value)->reg;
        }
        if (from == NO_REG) {
            others[nr_others++] = moves[i];
        } else if (from != moves[i].to) {
            registers[nr_registers++] = (Move){ .to = moves[i].to, .from = from, .narrow = moves[i].narrow };
        } else if (moves[i].narrow) {
            narrowed |= 1u << from;
        }
    }
    move_registers(c, registers, nr_registers, narrowed);
    for (unsigned i = 0; i < nr_others; i++) {
        load_value(c, others[i].to, others[i].value, !others[i].narrow);
    }
}

/* ---- slots at an exit ---- */

static void store_vector_home(Compiler *c, IrRef r, const IrSlot *slot)
{
    Place home = at_env(slot->offset);
    unsigned bytes = slot_bytes(slot->type);
    Value *v = ir_is_const(r) ? NULL : value_of(c, r);
    if (v && v->reg != NO_REG) {
        vstore(c, home, v->reg, bytes);
        return;
    }
    if (bytes <= 16 || (x64.host & HOST_AVX)) {
        load_value_xmm(c, XMM15, r);
        vstore(c, home, XMM15, bytes);
        return;
    }
    Place from = peek_place(c, r, 3);
    for (unsigned i = 0; i < bytes; i += 16) {
        vload(c, XMM15, from, 16);
        vstore(c, home, XMM15, 16);
        from.disp += 16;
        home.disp += 16;
    }
}

static void store_home(Compiler *c, IrRef r, const IrSlot *slot)
{
    Place home = at_env(slot->offset);
    unsigned width = slot->type == IR_I32 ? 2 : 3;
    if (slot->type == IR_FLAGS) {
        flags_store(c, r, home);
    } else if (is_vector(slot->type) || slot->type == IR_I128) {
        store_vector_home(c, r, slot);
    } else {
        bool narrow = is_narrowed(c, &r);
        Place from = peek_place(c, r, width);
        if (from.kind == PLACE_IMM) {
            emit_store_imm(&c->e, width, home, from.disp);
        } else if (from.kind == PLACE_REG && !narrow) {
            emit_store(&c->e, width, home, from.reg);
        } else {
            load_value(c, RAX, r, width == 3 && !narrow);
            emit_store(&c->e, width, home, RAX);
        }
    }
}

/* Values that are still to be read from homes that are about to be written. There may be more of them than registers: none has to stay in its own. */
static void read_endangered(Compiler *c)
{
    uint32_t locked = c->locked;
    for (unsigned i = 0; i < G_N_ELEMENTS(c->active); i++) {
        for (uint64_t left = c->active[i]; left; left &= left - 1) {
            unsigned slot = 64 * i + __builtin_ctzll(left);
            if (x64.pin_reg[slot] == NO_REG) {
                home_changes(c, slot);
                c->locked = locked;
            }
        }
    }
}

/* All slots go where the next unit has them. Registers but the pins, rax, xmm15 and the extra one keep what they hold. */
static void emit_slots(Compiler *c, IrRef extra, unsigned extra_reg)
{
    const IrSlot *table = x64.target->slots;
    Move moves[9];
    unsigned n = 0;
    for (int flags = 1; flags >= 0; flags--) {
        for (unsigned i = 0; i < G_N_ELEMENTS(c->active); i++) {
            for (uint64_t left = c->active[i]; left; left &= left - 1) {
                unsigned slot = 64 * i + __builtin_ctzll(left), pin = x64.pin_reg[slot];
                if ((table[slot].type == IR_FLAGS) != flags) {
                    continue;
                }
                if (pin != NO_REG) {
                    moves[n++] = (Move){ .to = pin, .from = NO_REG, .value = c->slots[slot] };
                } else {
                    store_home(c, c->slots[slot], &table[slot]);
                }
            }
        }
    }
    if (extra) {
        moves[n++] = (Move){ .to = extra_reg, .from = NO_REG, .value = extra };
    }
    move_all(c, moves, n);
}

/* ---- the program counter ---- */

static void truncate_rax(Compiler *c)
{
    if (c->block->pc_bits == 32) {
        emit_mov(&c->e, false, RAX, RAX);
    } else if (c->block->pc_bits == 16) {
        emit_op(&c->e, OP_MOVZX16, RAX, at_reg(RAX), 0);
    }
}

static void store_pc(Compiler *c, int64_t offset)
{
    emit_load(&c->e, true, RAX, AT_HOT(pc_base));
    if (offset == (int32_t)offset) {
        emit_lea(&c->e, true, RAX, at_mem(RAX, offset));
    } else {
        emit_alu(&c->e, ALU_ADD, 3, RAX, pool_place(&c->e, offset, 0));
    }
    truncate_rax(c);
    emit_store(&c->e, 3, at_env(x64.target->slots[x64.target->slot_pc].offset), RAX);
}

/* Which of the stubs that make a program counter. */
static unsigned pc_width(const Compiler *c)
{
    return c->block->pc_bits == 64 ? 2 : c->block->pc_bits == 32 ? 1 : 0;
}

/* ---- entries ---- */

void emit_kick_check(Compiler *c)
{
    Emitter *e = &c->e;
    const uint8_t *start = e->p;
    emit8(e, 0x83);                     /* cmp dword [rbp + kick], 0, always with 32 bits of displacement */
    emit8(e, 0x80 | 7 << 3 | REG_ENV);
    emit32(e, env_offset(TCG_HOT_OFFSET(kick)));
    emit8(e, 0);
    emit_jcc(e, CC_NE, c->kick);
    g_assert(e->p - start == ENTRY_CHECK_BYTES);
}

void emit_entry(Compiler *c)
{
    Emitter *e = &c->e;
    const uint8_t *start = e->p;
    c->kick = label_new(e);
    /* With 32 bits of displacement always, so that the length is known. */
    emit8(e, 0x48);                     /* lea rcx, [rcx - offset] */
    emit8(e, 0x8d);
    emit8(e, 0x80 | RCX << 3 | RCX);
    emit32(e, -c->block->guest_insns[0].offset);
    emit8(e, 0x48);                     /* mov [rbp + pc_base], rcx */
    emit8(e, 0x89);
    emit8(e, 0x80 | RCX << 3 | REG_ENV);
    emit32(e, env_offset(TCG_HOT_OFFSET(pc_base)));
    g_assert(e->p - start == ENTRY_BASE_BYTES);
    emit_kick_check(c);
    use_cold(e);
    label_here(e, c->kick);
    emit_imm(e, RAX, c->block->guest_insns[0].offset);
    emit_jmp_to(e, x64.kicked[pc_width(c)]);
    use_hot(e);
    carry_entry(c);
    c->body = label_new(e);
    label_here(e, c->body);
    c->tlb_priv = UINT32_MAX;
    if (c->last_memory) {
        c->tlb_priv = c->block->mems[0].priv;
        emit_load(e, true, REG_TLB, AT_HOT(tlb[c->tlb_priv]));
    }
}

/* ---- jumps that can be linked ---- */

/* The way out of an exit that is not linked. */
static Label emit_way_out(Compiler *c, uint32_t number)
{
    Emitter *e = &c->e;
    bool cold = e->in_cold;
    Label stub = c->exit_stub[number];
    if (!cold) {
        use_cold(e);
    }
    label_here(e, stub);
    emit_address(e, RAX, (const uint8_t *)&c->unit->exits[number], TCG_RELOC_EXIT, number * sizeof(UnitExit));
    emit_jmp_to(e, x64.way_out[pc_width(c)]);
    if (!cold) {
        use_hot(e);
    }
    return stub;
}

/* A jump whose distance can be changed at one stroke. cc: -1 for always. */
static void emit_linked_jump(Compiler *c, uint32_t number, int cc)
{
    Emitter *e = &c->e;
    unsigned opcode_bytes = cc < 0 ? 1 : 2;
    emit_nops(e, -(here(e) + opcode_bytes) & 3);
    if (cc < 0) {
        emit8(e, 0xe9);
    } else {
        emit8(e, 0x0f);
        emit8(e, 0x80 | cc);
    }
    c->exit_patch[number] = here(e);
    emit_distance(e, c->exit_stub[number], 0);
}

/* Through the vCPU's cell of an exit to another page: right for this place in this space only. */
static void emit_cell_jump(Compiler *c, uint32_t number)
{
    Emitter *e = &c->e;
    int64_t pages = c->block->exits[number].target & ~INT64_C(0xfff);
    uint32_t cell = c->unit->exits[number].cell;
    if (!cell || pages != (int32_t)pages) {
        emit_jmp(e, c->exit_stub[number]);
        return;
    }
    emit_load(e, true, RAX, AT_HOT(pc_base));
    emit_load(e, true, RCX, AT_HOT(cells));
    emit_alu(e, ALU_XOR, 3, RAX, AT_HOT(fetch_epoch));
    emit_alu(e, ALU_CMP, 3, RAX, at_mem(RCX, cell * sizeof(JumpCell) + offsetof(JumpCell, tag)));
    emit_reloc_behind(e, TCG_RELOC_CELL, number * sizeof(JumpCell) + offsetof(JumpCell, tag));
    emit_jcc(e, CC_NE, c->exit_stub[number]);
    emit_alu_imm(e, ALU_ADD, 3, AT_HOT(pc_base), pages);
    emit_op(e, OP_ONE(0xff), 4, at_mem(RCX, cell * sizeof(JumpCell) + offsetof(JumpCell, code)), 0);
    emit_reloc_behind(e, TCG_RELOC_CELL, number * sizeof(JumpCell) + offsetof(JumpCell, code));
}

/* With all slots where they belong; carried: vector slots that are in registers too. cc -1: always; else jumps on, or falls through. */
static void emit_goto(Compiler *c, uint32_t number, int cc, uint32_t carried)
{
    Emitter *e = &c->e;
    c->exit_stub[number] = label_new(e);
    c->exit_carried[number] = carried;
    if (c->block->exits[number].same_page) {
        emit_linked_jump(c, number, cc);
    } else if (cc < 0) {
        emit_cell_jump(c, number);
    } else {
        Label guard = label_new(e);
        emit_jcc(e, cc, guard);
        use_cold(e);
        label_here(e, guard);
        emit_cell_jump(c, number);
        use_hot(e);
    }
    emit_way_out(c, number);
}

/* ---- the jump cache ---- */

/* rcx: the program counter. */
static void emit_indirect(Compiler *c)
{
    Emitter *e = &c->e;
    emit_op(e, OP_MOVZX16, RAX, at_reg(RCX), 0);
    emit_shift_imm(e, SHIFT_SHL, 2, RAX, 4);
    emit_load(e, true, RDX, AT_HOT(fetch_epoch));
    emit_alu(e, ALU_ADD, 3, RAX, AT_HOT(jump_cache));
    emit_alu(e, ALU_XOR, 3, RDX, at_reg(RCX));
    emit_alu(e, ALU_CMP, 3, RDX, at_mem(RAX, offsetof(JumpCell, tag)));
    emit_jcc_to(e, CC_NE, x64.lookup);
    emit_op(e, OP_ONE(0xff), 4, at_mem(RAX, offsetof(JumpCell, code)), 0);
}
_Static_assert(sizeof(JumpCell) == 16 && JUMP_CACHE_ENTRIES == 65536, "as the shift and the move have it");

/* ---- exits ---- */

static void emit_fault(Compiler *c, const IrExit *exit)
{
    emit_record(c, &(Record){ .kind = RECORD_FAULT, .result = NO_REG, .reason = exit->reason, .resume = c->body });
}

static bool is_goto(const IrExit *exit)
{
    return exit->kind == IR_EXIT_GOTO || exit->kind == IR_EXIT_CALL;
}

static void emit_leaving(Compiler *c, const IrInsn *insn, const IrExit *exit)
{
    bool value = insn->op == IR_EXIT_VALUE;
    emit_slots(c, value ? insn->a : 0, RCX);
    if (value) {
        emit_indirect(c);
    } else if (is_goto(exit)) {
        emit_goto(c, insn->c, -1, exit->same_page ? carry_exit(c) : 0);
    } else {
        if (exit->kind == IR_EXIT_EVENT_AT) {
            store_pc(c, exit->target);
        }
        emit_imm(&c->e, RAX, exit->kind == IR_EXIT_LOOKUP ? TCG_LEAVE_LOOKUP : TCG_LEAVE_EVENT);
        emit_jmp_to(&c->e, x64.next);
    }
}

/* Two exits in a row to known targets: the slots are put away once, before the jumps. */
static bool emit_two_exits(Compiler *c, const IrInsn *insn, const IrExit *exit)
{
    uint32_t next = next_insn(c, c->at);
    const IrInsn *other = insn_of(c, next);
    if (!is_goto(exit) || other->op != IR_EXIT || !is_goto(&c->block->exits[other->c]) || c->block->points[c->point].nr_deltas) {
        return false;
    }
    /* Flags for a slot that are not those of the condition would come between. */
    unsigned flags_slot = x64.first_flags_slot;
    IrRef flags = flags_slot < TCG_MAX_SLOTS ? c->slots[flags_slot] : 0;
    IrRef root = flags ? root_of(c, flags) : 0, tested = 0;
    if (!ir_is_const(insn->a) && value_of(c, insn->a)->form == FORM_FUSED && insn_of(c, c->v[insn->a].root)->op == IR_TEST) {
        tested = root_of(c, insn_of(c, c->v[insn->a].root)->a);
    }
    if (flags && !ir_is_const(flags) && root != tested) {
        flags_to_gpr(c, flags);
    }
    read_endangered(c);
    if (root && root == tested) {
        flags_to_host(c, flags);
    }
    unsigned cc = condition_to_host(c, insn->a);
    emit_slots(c, 0, NO_REG);
    uint32_t carried = exit->same_page || c->block->exits[other->c].same_page ? carry_exit(c) : 0;
    emit_goto(c, insn->c, cc, carried);
    emit_goto(c, other->c, -1, carried);
    c->skip = next;
    return true;
}

static void emit_exit_if(Compiler *c, const IrInsn *insn, const IrExit *exit)
{
    Emitter *e = &c->e;
    if (emit_two_exits(c, insn, exit)) {
        return;
    }
    if (exit->kind != IR_EXIT_FAULT) {
        read_endangered(c);
    }
    Label away = label_new(e);
    unsigned cc = condition_to_host(c, insn->a);
    emit_jcc(e, cc, away);
    IrRef host_flags = c->host_flags;
    use_cold(e);
    label_here(e, away);
    if (exit->kind == IR_EXIT_FAULT) {
        emit_fault(c, exit);
    } else {
        /* What only the straight path wants of the host's flags is not kept here. */
        IrRef flags = x64.first_flags_slot < TCG_MAX_SLOTS ? c->slots[x64.first_flags_slot] : 0;
        c->host_flags = flags && root_of(c, flags) == host_flags ? host_flags : 0;
        emit_leaving(c, insn, exit);
    }
    use_hot(e);
    c->host_flags = host_flags;
}

void emit_exit(Compiler *c, const IrInsn *insn)
{
    const IrExit *exit = &c->block->exits[insn->c];
    if (insn->op == IR_EXIT_IF) {
        emit_exit_if(c, insn, exit);
        return;
    }
    if (exit->kind == IR_EXIT_FAULT) {
        emit_fault(c, exit);
        return;
    }
    read_endangered(c);
    emit_leaving(c, insn, exit);
}
