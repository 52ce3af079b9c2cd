/*
 * Moves, conversions, conditional moves and sets, the stack, segment registers, flags as a byte or word.
 *
 * Intel SDM volume 2; volume 1, 6.2 (stacks).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/ops.h"

enum { MERGE_ALL_BUT_OF = 0x3e };

/* ---- moves ---- */

/* 88 to 8B. */
bool x86_op_mov(X86Translate *s)
{
    if (s->opcode & 2) {
        x86_write_g(s, s->operand_log2, x86_read_rm(s, s->operand_log2));
    } else {
        x86_write_rm(s, s->operand_log2, x86_read_g(s, s->operand_log2));
    }
    return true;
}

/* C6, C7. */
bool x86_op_mov_immediate(X86Translate *s)
{
    x86_write_rm(s, s->operand_log2, x86_constant(s, s->operand_log2, s->immediate));
    return true;
}

/* B0 to BF. */
bool x86_op_mov_reg_immediate(X86Translate *s)
{
    x86_write_reg(s, (s->opcode & 7) | (s->rex & 1) << 3, s->operand_log2, x86_constant(s, s->operand_log2, s->immediate));
    return true;
}

/* A0 to A3: the address is the immediate. */
bool x86_op_mov_offset(X86Translate *s)
{
    unsigned size = s->operand_log2;
    bool store = s->opcode & 2;
    X86Address a = x86_segment_address(s, s->segment, x86_i64(s, s->immediate), 0, s->address_log2, 1u << size,
                                       store ? X86_ACCESS_STORE : X86_ACCESS_LOAD);
    if (store) {
        x86_store(s, a, size, x86_read_reg(s, R_EAX, size));
    } else {
        x86_write_reg(s, R_EAX, size, x86_load(s, a, x86_type(size), size));
    }
    return true;
}

bool x86_op_movnti(X86Translate *s)
{
    unsigned size = s->rex & 8 ? 3 : 2;
    if (s->prefix) {
        return false;
    }
    x86_write_rm(s, size, x86_read_g(s, size));
    return true;
}

/* MOVDIR64B: 64 bytes to a line at ES and a register, which is an address. */
bool x86_op_movdir64b(X86Translate *s)
{
    if (s->prefix != 0x66 || s->lock) {
        return false;
    }
    X86Address to = x86_segment_address(s, R_ES, x86_read_reg64(s, s->reg), 0, s->address_log2, 64, X86_ACCESS_STORE);
    X86Address from = x86_operand_address(s, 64, X86_ACCESS_LOAD);
    IrRef parts[4], address = to.offset ? ir_op2(s->b, IR_ADD, IR_I64, to.base, x86_i64(s, to.offset)) : to.base;
    IrRef low = ir_op2(s->b, IR_AND, IR_I64, address, x86_i64(s, 63));
    for (unsigned i = 0; i < 4; i++, from.offset += 16) {
        parts[i] = x86_load(s, from, IR_V128, 4);
    }
    ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_NE, low, x86_i64(s, 0)), X86_FAULT_0(EXCP_GP));
    for (unsigned i = 0; i < 4; i++, to.offset += 16) {
        x86_store(s, to, 4, parts[i]);
    }
    return true;
}

bool x86_op_lea(X86Translate *s)
{
    IrRef address = x86_effective_address(s);
    x86_write_g(s, s->operand_log2, s->operand_log2 == 3 ? address : ir_trunc(s->b, address));
    return true;
}

/* MOVZX and MOVSX; param: log2 of the source, 4: with the sign. */
bool x86_op_movx(X86Translate *s)
{
    unsigned size = s->op->param & 3;
    IrRef x = x86_read_rm(s, size);
    IrType type = x86_type(s->operand_log2);
    x86_write_g(s, s->operand_log2, s->op->param & 4 ? ir_sext(s->b, type, size, x) : ir_zext(s->b, type, size, x));
    return true;
}

/* 63: MOVSXD in 64-bit code, ARPL elsewhere. */
bool x86_op_movsxd_arpl(X86Translate *s)
{
    if (!x86_in_64(s)) {
        return (s->mode & X86_MODE_PE) && x86_op_arpl(s);
    }
    unsigned size = s->operand_log2 == 1 ? 1 : 2;
    IrRef x = x86_read_rm(s, size);
    x86_write_g(s, s->operand_log2, s->operand_log2 == 3 ? ir_sext(s->b, IR_I64, 2, x) : x);
    return true;
}

bool x86_op_cmov(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrRef x = x86_read_rm(s, size), old = x86_read_g(s, size);
    x86_write_g(s, size, ir_op3(s->b, IR_SELECT, x86_type(size), x86_condition(s, s->opcode), x, old));
    return true;
}

bool x86_op_setcc(X86Translate *s)
{
    x86_write_rm(s, 0, x86_condition(s, s->opcode));
    return true;
}

/* 98: CBW, CWDE, CDQE. */
bool x86_op_cbw(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrRef x = x86_read_reg(s, R_EAX, size - 1);
    x86_write_reg(s, R_EAX, size, ir_sext(s->b, x86_type(size), size - 1, x));
    return true;
}

/* 99: CWD, CDQ, CQO. */
bool x86_op_cwd(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrRef x = x86_read_reg(s, R_EAX, size);
    x = size == 1 ? ir_sext(s->b, IR_I32, 1, x) : x;
    x86_write_reg(s, R_EDX, size, ir_op2(s->b, IR_SAR, x86_type(size), x, x86_i32(s, size == 3 ? 63 : 31)));
    return true;
}

bool x86_op_xlat(X86Translate *s)
{
    IrRef al = ir_zext(s->b, IR_I64, 0, x86_read_reg(s, R_EAX, 0));
    IrRef offset = ir_op2(s->b, IR_ADD, IR_I64, x86_read_reg64(s, R_EBX), al);
    X86Address a = x86_segment_address(s, s->segment, offset, 0, s->address_log2, 1, X86_ACCESS_LOAD);
    x86_write_reg(s, R_EAX, 0, x86_load(s, a, IR_I32, 0));
    return true;
}

/* ---- flags ---- */

static bool lahf_invalid(const X86Translate *s)
{
    return x86_in_64(s) && !x86_feature(s, FEAT_8000_0001_ECX, 0);
}

static void write_ah(X86Translate *s, IrRef value)
{
    IrRef rax = ir_emit(s->b, IR_DEPOSIT, IR_I64, 8, 8, x86_read_reg64(s, R_EAX), ir_zext(s->b, IR_I64, 2, value), 0);
    ir_write(s->b, SLOT_RAX, rax);
}

bool x86_op_lahf(X86Translate *s)
{
    if (lahf_invalid(s)) {
        return false;
    }
    IrRef packed = ir_op1(s->b, IR_FL_PACK, IR_I32, ir_read(s->b, SLOT_FLAGS));
    write_ah(s, ir_op2(s->b, IR_OR, IR_I32, packed, x86_i32(s, 2)));
    return true;
}

bool x86_op_sahf(X86Translate *s)
{
    if (lahf_invalid(s)) {
        return false;
    }
    IrRef ah = ir_op2(s->b, IR_SHR, IR_I32, x86_read_reg(s, R_EAX, 2), x86_i32(s, 8));
    IrRef flags = ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, ir_op2(s->b, IR_AND, IR_I32, ah, x86_i32(s, 0xff)));
    ir_write(s->b, SLOT_FLAGS, ir_emit(s->b, IR_FL_MERGE, IR_FLAGS, 0, MERGE_ALL_BUT_OF, ir_read(s->b, SLOT_FLAGS), flags, 0));
    return true;
}

/* CMC, CLC, STC, CLD, STD by the opcode. */
bool x86_op_flag(X86Translate *s)
{
    IrRef flags = ir_read(s->b, SLOT_FLAGS);
    switch (s->opcode) {
    case 0xf5:
        ir_write(s->b, SLOT_FLAGS, ir_op1(s->b, IR_FL_CMC, IR_FLAGS, flags));
        break;
    case 0xf8:
    case 0xf9:
        ir_write(s->b, SLOT_FLAGS, ir_emit(s->b, IR_FL_SET_CF, IR_FLAGS, 0, s->opcode & 1, flags, 0, 0));
        break;
    default:
        ir_write(s->b, SLOT_DF, x86_i32(s, s->opcode & 1 ? UINT32_MAX : 1));
        break;
    }
    return true;
}

/* D6: SALC. */
bool x86_op_salc(X86Translate *s)
{
    x86_write_reg(s, R_EAX, 0, ir_op1(s->b, IR_NEG, IR_I32, ir_test(s->b, IR_CC_LTU, ir_read(s->b, SLOT_FLAGS))));
    return true;
}

bool x86_op_pushf(X86Translate *s)
{
    IrRef value;
    if (s->mode & X86_MODE_VM86) {
        value = X86_CALL(s, read_eflags, x86_i32(s, 1u << s->operand_log2));
    } else {
        IrRef other = ir_op2(s->b, IR_AND, IR_I32, ir_read(s->b, SLOT_EFLAGS), x86_i32(s, ~(VM_MASK | RF_MASK)));
        IrRef direction = ir_op2(s->b, IR_AND, IR_I32, ir_read(s->b, SLOT_DF), x86_i32(s, DF_MASK));
        value = ir_op1(s->b, IR_FL_PACK, IR_I32, ir_read(s->b, SLOT_FLAGS));
        value = ir_op2(s->b, IR_OR, IR_I32, value, ir_op2(s->b, IR_OR, IR_I32, other, direction));
        value = ir_op2(s->b, IR_OR, IR_I32, value, x86_i32(s, 2));
    }
    x86_push(s, s->operand_log2, s->operand_log2 == 3 ? ir_zext(s->b, IR_I64, 2, value) : value);
    return true;
}

bool x86_op_popf(X86Translate *s)
{
    IrRef value = x86_pop_at(s, 0, s->operand_log2);
    X86_CALL(s, write_eflags, ir_trunc(s->b, value), x86_i32(s, 1u << s->operand_log2));
    x86_move_sp(s, 1 << s->operand_log2);
    x86_end_event(s);
    return true;
}

/* ---- the stack ---- */

/* 50 to 57. */
bool x86_op_push_reg(X86Translate *s)
{
    x86_push(s, s->operand_log2, x86_read_reg(s, (s->opcode & 7) | (s->rex & 1) << 3, s->operand_log2));
    return true;
}

/* 58 to 5F. */
bool x86_op_pop_reg(X86Translate *s)
{
    IrRef value = x86_pop_at(s, 0, s->operand_log2);
    x86_move_sp(s, 1 << s->operand_log2);
    x86_write_reg(s, (s->opcode & 7) | (s->rex & 1) << 3, s->operand_log2, value);
    return true;
}

/* 68, 6A. */
bool x86_op_push_immediate(X86Translate *s)
{
    x86_push(s, s->operand_log2, x86_constant(s, s->operand_log2, s->immediate));
    return true;
}

bool x86_op_push_rm(X86Translate *s)
{
    x86_push(s, s->operand_log2, x86_read_rm(s, s->operand_log2));
    return true;
}

bool x86_op_pop_rm(X86Translate *s)
{
    int bytes = 1 << s->operand_log2;
    IrRef value = x86_pop_at(s, 0, s->operand_log2);
    if (s->is_memory) {
        /* An address by the stack pointer is of the pointer behind the pop. */
        s->displacement += s->ea_base == R_ESP ? bytes : 0;
        x86_write_rm(s, s->operand_log2, value);
        x86_move_sp(s, bytes);
    } else {
        x86_move_sp(s, bytes);
        x86_write_rm(s, s->operand_log2, value);
    }
    return true;
}

bool x86_op_pusha(X86Translate *s)
{
    for (int i = 0; i < 8; i++) {
        x86_push_at(s, (i + 1) << s->operand_log2, s->operand_log2, x86_read_reg(s, i, s->operand_log2));
    }
    x86_move_sp(s, -(8 << s->operand_log2));
    return true;
}

bool x86_op_popa(X86Translate *s)
{
    IrRef values[8];
    for (int i = 0; i < 8; i++) {
        values[i] = x86_pop_at(s, (7 - i) << s->operand_log2, s->operand_log2);
    }
    x86_move_sp(s, 8 << s->operand_log2);
    for (int i = 0; i < 8; i++) {
        if (i != R_ESP) {
            x86_write_reg(s, i, s->operand_log2, values[i]);
        }
    }
    return true;
}

bool x86_op_enter(X86Translate *s)
{
    unsigned size = s->operand_log2, level = s->immediate2 & 31, stack = x86_stack_log2(s);
    int bytes = 1 << size;
    if (level) {
        X86_CALL(s, enter, x86_i32(s, s->immediate), x86_i32(s, level), x86_i32(s, bytes));
        return true;
    }
    x86_push_at(s, bytes, size, x86_read_reg(s, R_EBP, size));
    /* The last byte of the locals must be writable. */
    X86Address a = x86_segment_address(s, R_SS, x86_read_reg64(s, R_ESP), -(int64_t)s->immediate - bytes, stack, 1, X86_ACCESS_STORE);
    ir_probe_write(s->b, a.base, x86_mem(s, a, 0));
    x86_move_sp(s, -bytes);
    x86_write_reg(s, R_EBP, size, x86_read_reg(s, R_ESP, size));
    x86_move_sp(s, -(int64_t)s->immediate);
    return true;
}

bool x86_op_leave(X86Translate *s)
{
    unsigned stack = x86_stack_log2(s), size = s->operand_log2;
    X86Address a = x86_segment_address(s, R_SS, x86_read_reg64(s, R_EBP), 0, stack, 1u << size, X86_ACCESS_LOAD);
    IrRef value = x86_load(s, a, x86_type(size), size);
    x86_write_reg(s, R_ESP, stack, x86_read_reg(s, R_EBP, stack));
    x86_move_sp(s, 1 << size);
    x86_write_reg(s, R_EBP, size, value);
    return true;
}

/* ---- segment registers ---- */

static IrRef selector_of(X86Translate *s, int seg)
{
    return ir_zext(s->b, IR_I32, 1, ir_read(s->b, SLOT_ES_SELECTOR + seg));
}

/* Loads a segment register and does what has to follow. The caller has read all it needs and writes the rest before after_segment. */
static void load_segment(X86Translate *s, int seg, IrRef selector)
{
    if (s->mode & X86_MODE_PE) {
        X86_CALL(s, load_segment, x86_i32(s, seg), ir_zext(s->b, IR_I32, 1, selector));
        return;
    }
    /* Real and virtual-8086 mode: base and selector change, nothing else. */
    selector = ir_zext(s->b, IR_I32, 1, selector);
    ir_write(s->b, SLOT_ES_SELECTOR + seg, selector);
    ir_write(s->b, SLOT_ES_BASE + seg, ir_op2(s->b, IR_SHL, IR_I64, ir_zext(s->b, IR_I64, 2, selector), x86_i32(s, 4)));
}

static void after_segment(X86Translate *s, int seg, bool shadow)
{
    if (seg == R_SS && shadow) {
        ir_write(s->b, SLOT_INHIBIT, x86_i32(s, 2));
        s->casts_shadow = s->no_trap = true;
    }
    /* In 64-bit code and outside protected mode the key does not depend on what was loaded. */
    if ((s->mode & X86_MODE_PE) && !x86_in_64(s)) {
        x86_end_lookup(s);
    }
}

/* 8E. */
bool x86_op_mov_to_segment(X86Translate *s)
{
    unsigned seg = s->modrm >> 3 & 7;
    if (seg == R_CS || seg >= R_SEG_COUNT) {
        return false;
    }
    load_segment(s, seg, x86_read_rm(s, 1));
    after_segment(s, seg, true);
    return true;
}

/* 8C: to memory always a word. */
bool x86_op_mov_from_segment(X86Translate *s)
{
    unsigned seg = s->modrm >> 3 & 7;
    if (seg >= R_SEG_COUNT) {
        return false;
    }
    IrRef selector = selector_of(s, seg);
    unsigned size = s->is_memory ? 1 : s->operand_log2;
    x86_write_rm(s, size, size == 3 ? ir_zext(s->b, IR_I64, 2, selector) : selector);
    return true;
}

bool x86_op_push_segment(X86Translate *s)
{
    IrRef selector = selector_of(s, s->op->param);
    x86_push(s, s->operand_log2, s->operand_log2 == 3 ? ir_zext(s->b, IR_I64, 2, selector) : selector);
    return true;
}

bool x86_op_pop_segment(X86Translate *s)
{
    unsigned seg = s->op->param;
    IrRef selector = ir_trunc(s->b, x86_pop_at(s, 0, s->operand_log2));
    /* POP SS pops by the width of the old stack. */
    IrRef sp = x86_read_reg(s, R_ESP, x86_stack_log2(s));
    load_segment(s, seg, selector);
    sp = ir_op2(s->b, IR_ADD, x86_type(x86_stack_log2(s)), sp, x86_constant(s, x86_stack_log2(s), 1 << s->operand_log2));
    x86_write_reg(s, R_ESP, x86_stack_log2(s), sp);
    after_segment(s, seg, true);
    return true;
}

/* LES, LDS, LSS, LFS, LGS: offset, then selector. */
bool x86_op_load_far_pointer(X86Translate *s)
{
    unsigned size = s->operand_log2;
    X86Address a = x86_operand_address(s, (1u << size) + 2, X86_ACCESS_LOAD);
    IrRef offset = x86_load(s, a, x86_type(size), size);
    a.offset += 1 << size;
    load_segment(s, s->op->param, x86_load(s, a, IR_I32, 1));
    x86_write_g(s, size, offset);
    after_segment(s, s->op->param, false);
    return true;
}
