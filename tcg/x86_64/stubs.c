/*
 * The stubs that all units share: entering and leaving, the slow path, the look-up of code.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"
#include <stddef.h>

static const uint8_t saved[6] = { RBP, RBX, R12, R13, R14, R15 };

static const uint8_t *mark(const Emitter *e)
{
    return e->p + e->to_execute;
}

static void move_pins(Emitter *e, bool load)
{
    for (uint32_t left = x64.pins; left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left);
        Place home = at_env(x64.target->slots[x64.pin_slot[reg]].offset);
        if (load) {
            emit_load(e, true, reg, home);
        } else {
            emit_store(e, 3, home, reg);
        }
    }
}

static void emit_enter(Emitter *e)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(saved); i++) {
        emit_push(e, saved[i]);
    }
    emit_mov(e, true, RAX, RSP);
    emit_alu_imm(e, ALU_SUB, 3, at_reg(RSP), FRAME_BYTES);
    emit_alu_imm(e, ALU_AND, 3, at_reg(RSP), -64);
    emit_store(e, 3, at_mem(RSP, FRAME_OLD_RSP), RAX);
    emit_mov(e, true, RBP, RDI);
    emit_store(e, 3, AT_HOT(host_stack), RSP);
    emit_mov(e, true, RAX, RSI);
    move_pins(e, true);
    emit_op(e, OP_ONE(0xff), 4, at_reg(RAX), 0);
}

/* eax: the kind. */
static void emit_leave(Emitter *e)
{
    if (e->vex) {
        emit8(e, 0xc5);                 /* vzeroupper */
        emit8(e, 0xf8);
        emit8(e, 0x77);
    }
    emit_load(e, true, RSP, at_mem(RSP, FRAME_OLD_RSP));
    for (unsigned i = G_N_ELEMENTS(saved); i-- > 0;) {
        emit_pop(e, saved[i]);
    }
    emit8(e, 0xc3);
}

static void move_vectors(Emitter *e, bool load)
{
    for (unsigned i = 0; i < 16; i++) {
        Place place = at_mem(RSP, FRAME_YMM + 32 * i);
        if (e->vex) {
            emit_vex(e, OP(MAP_0F, PP_NONE, load ? 0x10 : 0x11), true, i, NO_REG, place, 0);
        } else {
            emit_op(e, OP(MAP_0F, PP_NONE, load ? 0x10 : 0x11), i, place, 0);
        }
    }
}

static const uint32_t frame_regs = 0xffff & ~(1u << RAX | 1u << RSP | 1u << RBP);

/* Called with a record behind the call. */
static void emit_slow(Emitter *e, bool vectors, const void *leave)
{
    emit8(e, 0x9f);                     /* lahf */
    emit_setcc(e, CC_O, RAX);
    emit_store(e, 3, at_mem(RSP, 8 + FRAME_GPR + 8 * RAX), RAX);
    emit_pop(e, RAX);
    for (uint32_t left = frame_regs; left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left);
        emit_store(e, 3, at_mem(RSP, FRAME_GPR + 8 * reg), reg);
    }
    if (vectors) {
        move_vectors(e, false);
        if (e->vex) {
            emit8(e, 0xc5);
            emit8(e, 0xf8);
            emit8(e, 0x77);
        }
    }
    emit_mov(e, true, RDI, RSP);
    emit_mov(e, true, RSI, RAX);
    emit_mov(e, true, RDX, RBP);
    emit_call_c(e, x64_slow);
    emit_op(e, OP_TEST | OP_W, RAX, at_reg(RAX), 0);
    Label done = label_new(e);
    emit_jcc(e, CC_NE, done);
    emit_load(e, true, RAX, AT_HOT(scratch[0]));
    emit_jmp_to(e, leave);
    label_here(e, done);
    if (vectors) {
        move_vectors(e, true);
    }
    for (uint32_t left = frame_regs; left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left);
        emit_load(e, true, reg, at_mem(RSP, FRAME_GPR + 8 * reg));
    }
    emit_store(e, 3, at_mem(RSP, FRAME_GPR + 8 * RSP), RAX);
    emit_load(e, true, RAX, at_mem(RSP, FRAME_GPR + 8 * RAX));
    emit_op(e, OP_ONE(0xff), 4, at_mem(RSP, FRAME_GPR + 8 * RSP), 0);
}

/* Into r: the record's place for the page; s is scratch. */
static void emit_record_place(Emitter *e, unsigned page, unsigned r, unsigned s, int32_t salt)
{
    emit_mov(e, true, r, page);
    emit_shift_imm(e, SHIFT_SHR, 3, r, 7);
    emit_mov(e, true, s, page);
    emit_shift_imm(e, SHIFT_SHR, 3, s, 18);
    emit_alu(e, ALU_XOR, 3, r, at_reg(s));
    emit_alu(e, ALU_XOR, 3, r, at_mem(REG_TLB, salt));
    emit_alu(e, ALU_AND, 3, r, AT_HOT(second_mask));
    emit_alu(e, ALU_ADD, 3, r, AT_HOT(second));
}

/* Equal when the record there is the page's. */
static void emit_record_compare(Emitter *e, unsigned page, unsigned r, unsigned s, int32_t set_tag, int32_t record_tag)
{
    emit_load(e, true, s, at_mem(REG_TLB, set_tag));
    emit_alu(e, ALU_ADD, 3, s, at_reg(page));
    emit_alu(e, ALU_CMP, 3, s, at_mem(r, record_tag));
}

/*
 * A page, in a register, that the first level does not know: from the second level into the first. rax: the entry, as an offset, of the access's first byte.
 * Equal: the register has the addend; rax has changed. The page may be that of the last byte, with bits below that say that it is not aligned.
 */
static void emit_refill(Emitter *e, unsigned page, bool write)
{
    Label found = label_new(e), fail = label_new(e);
    int32_t tag = write ? offsetof(TlbRecord, write) : offsetof(TlbRecord, read);
    int32_t entry_tag = write ? offsetof(TlbEntry, write) : offsetof(TlbEntry, read);
    int32_t entry_addend = write ? offsetof(TlbEntry, write_addend) : offsetof(TlbEntry, read_addend);
    unsigned r = page == RCX ? RDX : RCX, s = page == RSI ? RDX : RSI;
    emit_push(e, r);
    emit_push(e, s);
    emit_mov(e, false, r, page);
    emit_shift_imm(e, SHIFT_ROR, 2, r, 7);
    emit_alu_imm(e, ALU_AND, 2, at_reg(r), (int32_t)0xfe007fff);
    emit_alu(e, ALU_CMP, 2, r, at_reg(RAX));
    emit_jcc(e, CC_NE, fail);
    emit_record_place(e, page, r, s, offsetof(TlbSet, salt));
    emit_record_compare(e, page, r, s, offsetof(TlbSet, tag), tag);
    emit_jcc(e, CC_E, found);
    emit_record_place(e, page, r, s, offsetof(TlbSet, global_salt));
    emit_record_compare(e, page, r, s, offsetof(TlbSet, global_tag), tag);
    emit_jcc(e, CC_NE, fail);
    label_here(e, found);
    if (write) {
        emit_load(e, true, s, at_mem(r, offsetof(TlbRecord, write_turn)));
        emit_alu(e, ALU_CMP, 3, s, AT_HOT(write_turn));
        emit_jcc(e, CC_NE, fail);
    }
    emit_store(e, 3, at_index(REG_TLB, RAX, 0, entry_tag), page);
    emit_load(e, true, page, at_mem(r, offsetof(TlbRecord, addend)));
    emit_store(e, 3, at_index(REG_TLB, RAX, 0, entry_addend), page);
    emit_shift_imm(e, SHIFT_SHR, 2, RAX, 9);
    emit_store_imm(e, 0, at_index(REG_TLB, RAX, 0, offsetof(TlbSet, touched)), 1);
    emit_alu_imm(e, ALU_ADD, 3, AT_HOT(refills), 1);
    emit_alu(e, ALU_XOR, 2, RAX, at_reg(RAX));
    label_here(e, fail);
    emit_pop(e, s);
    emit_pop(e, r);
    emit8(e, 0xc3);
}

static void emit_refills(Emitter *e)
{
    for (unsigned write = 0; write < 2; write++) {
        for (unsigned reg = 0; reg < 16; reg++) {
            if (reg != RAX && reg != RSP && reg != REG_ENV && reg != REG_TLB) {
                x64.refill[write][reg] = mark(e);
                emit_refill(e, reg, write);
            }
        }
    }
}
_Static_assert(sizeof(TlbEntry) == 32 && TLB_ENTRIES == 1024 && TLB_TOUCH == 16 && sizeof(TlbRecord) == 32, "as the stub counts");

/* rax: the guest's address of so many bytes; equal: the host's. What the first level knows. */
static void emit_peek(Emitter *e, bool write, int32_t bytes)
{
    Label out = label_new(e);
    emit_push(e, RCX);
    emit_push(e, RDX);
    emit_mov(e, false, RCX, RAX);
    emit_shift_imm(e, SHIFT_SHR, 2, RCX, 7);
    emit_alu_imm(e, ALU_AND, 2, at_reg(RCX), (TLB_ENTRIES - 1) * sizeof(TlbEntry));
    emit_lea(e, true, RDX, at_mem(RAX, bytes - 1));
    emit_alu_imm(e, ALU_AND, 3, at_reg(RDX), -4096);
    emit_alu(e, ALU_CMP, 3, RDX, at_index(REG_TLB, RCX, 0, write ? offsetof(TlbEntry, write) : offsetof(TlbEntry, read)));
    emit_jcc(e, CC_NE, out);
    emit_alu(e, ALU_ADD, 3, RAX, at_index(REG_TLB, RCX, 0, write ? offsetof(TlbEntry, write_addend) : offsetof(TlbEntry, read_addend)));
    emit_alu(e, ALU_XOR, 2, RDX, at_reg(RDX));
    label_here(e, out);
    emit_pop(e, RDX);
    emit_pop(e, RCX);
    emit8(e, 0xc3);
}

/* rax: the program counter, to be cut to so many bytes. */
static void emit_leave_at(Emitter *e, unsigned bytes_log2, TcgLeaveKind kind)
{
    if (bytes_log2 < 3) {
        emit_op(e, bytes_log2 == 1 ? OP_MOVZX16 : OP_MOV_LOAD, RAX, at_reg(RAX), 0);
    }
    emit_store(e, 3, at_env(x64.target->slots[x64.target->slot_pc].offset), RAX);
    emit_imm(e, RAX, kind);
    emit_jmp_to(e, x64.leave_pins);
}

static void emit_ways_out(Emitter *e)
{
    for (unsigned i = 0; i < 3; i++) {
        x64.way_out[i] = mark(e);
        emit_store(e, 3, AT_HOT(scratch[1]), RAX);
        emit_load(e, true, RAX, at_mem(RAX, offsetof(UnitExit, target)));
        emit_alu(e, ALU_ADD, 3, RAX, AT_HOT(pc_base));
        emit_leave_at(e, i + 1, TCG_LEAVE_GOTO);
        x64.kicked[i] = mark(e);
        emit_alu(e, ALU_ADD, 3, RAX, AT_HOT(pc_base));
        emit_leave_at(e, i + 1, TCG_LEAVE_KICK);
    }
}

/* rcx: the program counter. */
static void emit_lookup(Emitter *e, const void *leave)
{
    emit_store(e, 3, at_env(x64.target->slots[x64.target->slot_pc].offset), RCX);
    move_pins(e, false);
    emit_lea(e, true, RDI, at_mem(REG_ENV, -x64.bias));
    emit_mov(e, true, RSI, RCX);
    if (e->vex) {
        emit8(e, 0xc5);
        emit8(e, 0xf8);
        emit8(e, 0x77);
    }
    emit_call_c(e, tcg_lookup_code);
    emit_op(e, OP_TEST | OP_W, RAX, at_reg(RAX), 0);
    Label none = label_new(e);
    emit_jcc(e, CC_E, none);
    move_pins(e, true);
    emit_op(e, OP_ONE(0xff), 4, at_reg(RAX), 0);
    label_here(e, none);
    emit_imm(e, RAX, TCG_LEAVE_LOOKUP);
    emit_jmp_to(e, leave);
}

/* rax: the kind of the exit, to be left with where the executor has to look. */
static void emit_next(Emitter *e, const void *leave)
{
    move_pins(e, false);
    emit_store(e, 3, AT_HOT(scratch[2]), RAX);
    emit_lea(e, true, RDI, at_mem(REG_ENV, -x64.bias));
    emit_mov(e, true, RSI, RAX);
    if (e->vex) {
        emit8(e, 0xc5);
        emit8(e, 0xf8);
        emit8(e, 0x77);
    }
    emit_call_c(e, tcg_next_code);
    emit_op(e, OP_TEST | OP_W, RAX, at_reg(RAX), 0);
    Label none = label_new(e);
    emit_jcc(e, CC_E, none);
    move_pins(e, true);
    emit_op(e, OP_ONE(0xff), 4, at_reg(RAX), 0);
    label_here(e, none);
    emit_load(e, true, RAX, AT_HOT(scratch[2]));
    emit_jmp_to(e, leave);
}

bool x64_make_stubs(CodeArea *area, GError **err)
{
    static Emitter e;
    area->used = (area->used + 63) & ~(size_t)63;
    emitter_start(&e, area->write + area->used, area->size - area->used, area->execute - area->write);
    e.vex = x64.host & HOST_AVX;
    x64.enter = mark(&e);
    emit_enter(&e);
    x64.leave_pins = mark(&e);
    move_pins(&e, false);
    x64.leave_now = mark(&e);
    emit_leave(&e);
    x64.leave_from_c = mark(&e);
    emit_mov(&e, true, RSP, RDI);
    emit_mov(&e, true, RAX, RSI);
    emit_jmp_to(&e, x64.leave_now);
    x64.slow = mark(&e);
    emit_slow(&e, false, x64.leave_now);
    x64.slow_vectors = mark(&e);
    emit_slow(&e, true, x64.leave_now);
    emit_refills(&e);
    for (unsigned i = 0; i < 12; i++) {
        x64.peek[i / 6][i % 6] = mark(&e);
        emit_peek(&e, i / 6, 1 << i % 6);
    }
    emit_ways_out(&e);
    x64.lookup = mark(&e);
    emit_lookup(&e, x64.leave_now);
    x64.next = mark(&e);
    emit_next(&e, x64.leave_now);
    size_t used = emitter_finish(&e);
    if (!used) {
        g_set_error_literal(err, g_quark_from_static_string("tcg"), 0, "no room for the stubs of translated code");
        return false;
    }
    area->used += used;
    return true;
}
