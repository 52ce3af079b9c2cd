/*
 * Calls that the host's x87 answers: while the guest's state is on it, a guest's instruction is the host's, with its memory operand in the frame.
 *
 * Intel SDM volume 2, appendix A.5 (the encodings).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"
#include "tcg/helper.h"

static Place operand_place(unsigned offset)
{
    return at_mem(RSP, FRAME_X87 + offset);
}

static unsigned number_of(const Compiler *c, const IrCall *call)
{
    return ir_const_value(c->block, call->args[0])->lo;
}

static void emit_register_form(Compiler *c, unsigned number)
{
    emit8(&c->e, 0xd8 + (number >> 6));
    emit8(&c->e, 0xc0 + (number & 63));
}

/* On the operand in the frame. */
static void emit_memory_form(Compiler *c, unsigned number)
{
    emit_op(&c->e, OP_ONE(0xd8 + (number >> 3)), number & 7, operand_place(0), 0);
}

static void put_operand(Compiler *c, IrRef r, unsigned offset, unsigned width)
{
    Place value = use_place(c, r, width, true);
    if (value.kind == PLACE_IMM) {
        emit_store_imm(&c->e, width, operand_place(offset), value.disp);
    } else if (value.kind == PLACE_REG) {
        emit_store(&c->e, width, operand_place(offset), value.reg);
    } else {
        emit_load(&c->e, width == 3, RAX, value);
        emit_store(&c->e, width, operand_place(offset), RAX);
    }
}

static void define_loaded(Compiler *c, uint32_t op, unsigned offset)
{
    unsigned reg = alloc_gpr(c, hint_of(c, c->at));
    emit_op(&c->e, op, reg, operand_place(offset), 0);
    define(c, c->at, reg);
}

bool emit_x87(Compiler *c, const IrCall *call)
{
    Emitter *e = &c->e;
    const IrHelper *helper = call->helper;
    switch (helper->x87) {
    case IR_X87_NONE:
        return false;
    case IR_X87_REGISTERS:
        emit_register_form(c, number_of(c, call));
        break;
    case IR_X87_LOAD:
        put_operand(c, call->args[1], 0, 3);
        emit_memory_form(c, number_of(c, call));
        break;
    case IR_X87_LOAD80:
        put_operand(c, call->args[1], 0, 3);
        put_operand(c, call->args[2], 8, 2);
        emit_memory_form(c, number_of(c, call));
        break;
    case IR_X87_STORE:
        emit_memory_form(c, number_of(c, call));
        define_loaded(c, OP_MOV_LOAD | OP_W, 0);
        break;
    case IR_X87_STORE_HIGH:
        define_loaded(c, OP_MOVZX16, 8);
        break;
    case IR_X87_COMPARE:
        flags_clobber(c);
        emit_register_form(c, number_of(c, call));
        c->host_flags = c->at;
        break;
    case IR_X87_MOVE_IF:
        flags_to_host(c, call->args[1]);
        emit_register_form(c, number_of(c, call));
        break;
    case IR_X87_STATUS: {
        emit8(e, 0xdf);                     /* fnstsw ax */
        emit8(e, 0xe0);
        unsigned reg = alloc_gpr(c, hint_of(c, c->at));
        emit_op(e, OP_MOVZX16, reg, at_reg(RAX), 0);
        define(c, c->at, reg);
        break;
    }
    case IR_X87_CONTROL:
        emit_op(e, OP_ONE(0xd9), 7, operand_place(0), 0);
        define_loaded(c, OP_MOVZX16, 0);
        break;
    case IR_X87_SET_CONTROL:
        put_operand(c, call->args[0], 0, 2);
        emit_op(e, OP_ONE(0xd9), 5, operand_place(0), 0);
        break;
    }
    return true;
}
