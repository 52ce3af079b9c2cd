/*
 * Operands: registers by size, effective and linear addresses with the checks of their segments, memory, the stack.
 *
 * Intel SDM volume 1, 3.7 (addressing), volume 3, 5.3 (limits) and 5.4 (type checks).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/translate.h"

/* ---- registers ---- */

static bool is_high_byte(const X86Translate *s, unsigned reg, unsigned size_log2)
{
    return size_log2 == 0 && !s->rex && reg >= 4 && reg < 8;
}

IrRef x86_read_reg64(X86Translate *s, unsigned reg)
{
    return ir_read(s->b, SLOT_RAX + reg);
}

IrRef x86_read_reg(X86Translate *s, unsigned reg, unsigned size_log2)
{
    if (is_high_byte(s, reg, size_log2)) {
        return ir_emit(s->b, IR_EXTRACT, IR_I32, 8, 8, ir_trunc(s->b, x86_read_reg64(s, reg - 4)), 0, 0);
    }
    IrRef whole = x86_read_reg64(s, reg);
    return size_log2 == 3 ? whole : ir_trunc(s->b, whole);
}

void x86_write_reg(X86Translate *s, unsigned reg, unsigned size_log2, IrRef value)
{
    unsigned position = 0;
    if (is_high_byte(s, reg, size_log2)) {
        reg -= 4;
        position = 8;
    }
    if (size_log2 != 3) {
        value = ir_zext(s->b, IR_I64, 2, value);
    }
    if (size_log2 < 2) {
        value = ir_emit(s->b, IR_DEPOSIT, IR_I64, 8 << size_log2, position, x86_read_reg64(s, reg), value, 0);
    }
    ir_write(s->b, SLOT_RAX + reg, value);
}

/* ---- effective addresses ---- */

/* Base, scaled index and what BT adds, as I64, not truncated; *constant: what is to be added still. */
static IrRef address_sum(X86Translate *s, int64_t *constant)
{
    IrRef sum = 0;
    *constant = s->displacement;
    if (s->ea_base == X86_REG_RIP) {
        sum = ir_pc(s->b, s->next + s->displacement);
        *constant = 0;
    } else if (s->ea_base != X86_NO_REG) {
        sum = x86_read_reg64(s, s->ea_base);
    }
    if (s->ea_index != X86_NO_REG) {
        IrRef index = x86_read_reg64(s, s->ea_index);
        if (s->ea_scale) {
            index = ir_op2(s->b, IR_SHL, IR_I64, index, x86_i32(s, s->ea_scale));
        }
        sum = sum ? ir_op2(s->b, IR_ADD, IR_I64, sum, index) : index;
    }
    if (s->ea_extra) {
        sum = sum ? ir_op2(s->b, IR_ADD, IR_I64, sum, s->ea_extra) : s->ea_extra;
    }
    return sum ? sum : x86_i64(s, 0);
}

/* sum + constant, truncated to 1 << log2 bytes. */
static IrRef truncated_sum(X86Translate *s, IrRef sum, int64_t constant, unsigned log2)
{
    if (constant) {
        sum = ir_op2(s->b, IR_ADD, IR_I64, sum, x86_i64(s, constant));
    }
    return log2 == 3 ? sum : ir_zext(s->b, IR_I64, log2, sum);
}

IrRef x86_effective_address(X86Translate *s)
{
    int64_t constant;
    IrRef sum = address_sum(s, &constant);
    return truncated_sum(s, sum, constant, s->address_log2);
}

/* ---- linear addresses ---- */

/* offset: truncated. */
static void check_limit(X86Translate *s, int seg, IrRef offset, unsigned offset_log2, unsigned size_bytes, int access)
{
    uint32_t reason = X86_FAULT_0(seg == R_SS ? EXCP_SS : EXCP_GP);
    switch (x86_mode_limit(s->mode, seg)) {
    case X86_LIMIT_64K:
        if (offset_log2 > 1 || size_bytes > 1) {
            ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_GTU, offset, x86_i64(s, 0x10000 - size_bytes)), reason);
        }
        break;
    case X86_LIMIT_UP: {
        IrRef last = ir_op2(s->b, IR_ADD, IR_I64, offset, x86_i64(s, size_bytes - 1));
        IrRef limit = ir_zext(s->b, IR_I64, 2, ir_read(s->b, SLOT_ES_LIMIT + seg));
        ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_GTU, last, limit), reason);
        break;
    }
    case X86_LIMIT_ODD:
        X86_CALL(s, check_segment, x86_i32(s, seg), offset, x86_i32(s, size_bytes | (access == X86_ACCESS_STORE ? 1u << 31 : 0)));
        break;
    default:
        break;
    }
}

/* Linear-address masking: the bits of a pointer that do not count become as its bit 63 is. */
static IrRef masked_pointer(X86Translate *s, IrRef address)
{
    uint64_t user = x86_lam_metadata(x86_mode_lam(s->mode, false)), supervisor = x86_lam_metadata(x86_mode_lam(s->mode, true));
    IrRef sign = ir_op2(s->b, IR_SAR, IR_I64, address, x86_i32(s, 63));
    IrRef kept = user ? ir_op2(s->b, IR_AND, IR_I64, address, ir_op2(s->b, IR_OR, IR_I64, sign, x86_i64(s, ~user))) : address;
    return supervisor ? ir_op2(s->b, IR_OR, IR_I64, kept, ir_op2(s->b, IR_AND, IR_I64, sign, x86_i64(s, supervisor))) : kept;
}

X86Address x86_segment_address(X86Translate *s, int seg, IrRef offset, int64_t constant, unsigned offset_log2, unsigned size_bytes, int access)
{
    bool checked = x86_mode_limit(s->mode, seg) != X86_LIMIT_NONE;
    bool masked = x86_mode_lam(s->mode, false) || x86_mode_lam(s->mode, true);
    unsigned width_log2 = x86_in_64(s) ? 3 : 2;
    /* Accesses wrap at the width of linear addresses by themselves. */
    if (offset_log2 < width_log2 || checked || masked) {
        offset = truncated_sum(s, offset, constant, offset_log2);
        constant = 0;
    }
    if (checked) {
        check_limit(s, seg, offset, offset_log2, size_bytes, access);
    }
    if (access == X86_ACCESS_STORE && seg == R_CS && (s->mode & X86_MODE_PE) && !x86_in_64(s)) {
        ir_exit_fault_if(s->b, x86_i32(s, 1), X86_FAULT_0(EXCP_GP));
    }
    if (s->mode & X86_MODE_ADD_BASE(seg)) {
        offset = ir_op2(s->b, IR_ADD, IR_I64, offset, ir_read(s->b, SLOT_ES_BASE + seg));
    }
    offset = masked ? masked_pointer(s, offset) : offset;
    return (X86Address){ .base = offset, .offset = constant, .segment = seg };
}

X86Address x86_operand_address(X86Translate *s, unsigned size_bytes, int access)
{
    bool write = access == X86_ACCESS_STORE;
    if (!s->ea_known || size_bytes > s->ea_checked || (write && !s->ea_checked_write)) {
        int64_t constant;
        IrRef sum = address_sum(s, &constant);
        s->ea = x86_segment_address(s, s->segment, sum, constant, s->address_log2, size_bytes, access);
        s->ea_known = true;
        s->ea_checked = size_bytes;
        s->ea_checked_write = write;
    }
    return s->ea;
}

/* ---- memory ---- */

IrMem x86_mem(X86Translate *s, X86Address a, unsigned size_log2)
{
    return (IrMem){ .offset = a.offset, .size_log2 = size_log2, .align_log2 = s->mode & X86_MODE_AC ? size_log2 : 0,
                    .order = IR_ORDER_TSO, .priv = x86_mode_priv(s->mode), .extra = a.segment };
}

IrRef x86_load(X86Translate *s, X86Address a, IrType type, unsigned size_log2)
{
    return ir_load(s->b, type, a.base, x86_mem(s, a, size_log2));
}

void x86_store(X86Translate *s, X86Address a, unsigned size_log2, IrRef value)
{
    ir_store(s->b, a.base, value, x86_mem(s, a, size_log2));
}

IrRef x86_load_aligned(X86Translate *s, X86Address a, IrType type, unsigned size_log2)
{
    IrMem mem = x86_mem(s, a, size_log2);
    mem.align_log2 = size_log2;
    return ir_load(s->b, type, a.base, mem);
}

void x86_store_aligned(X86Translate *s, X86Address a, unsigned size_log2, IrRef value)
{
    IrMem mem = x86_mem(s, a, size_log2);
    mem.align_log2 = size_log2;
    ir_store(s->b, a.base, value, mem);
}

IrRef x86_read_rm(X86Translate *s, unsigned size_log2)
{
    if (!s->is_memory) {
        return x86_read_reg(s, s->rm, size_log2);
    }
    return x86_load(s, x86_operand_address(s, 1u << size_log2, X86_ACCESS_LOAD), x86_type(size_log2), size_log2);
}

IrRef x86_read_rm_to_write(X86Translate *s, unsigned size_log2)
{
    if (!s->is_memory) {
        return x86_read_reg(s, s->rm, size_log2);
    }
    X86Address a = x86_operand_address(s, 1u << size_log2, X86_ACCESS_STORE);
    IrMem mem = x86_mem(s, a, size_log2);
    mem.will_write = true;
    return ir_load(s->b, x86_type(size_log2), a.base, mem);
}

void x86_write_rm(X86Translate *s, unsigned size_log2, IrRef value)
{
    if (s->is_memory) {
        x86_store(s, x86_operand_address(s, 1u << size_log2, X86_ACCESS_STORE), size_log2, value);
    } else {
        x86_write_reg(s, s->rm, size_log2, value);
    }
}

IrRef x86_atomic_rm(X86Translate *s, IrAtomic op, unsigned size_log2, IrRef value)
{
    X86Address a = x86_operand_address(s, 1u << size_log2, X86_ACCESS_STORE);
    return ir_atomic(s->b, op, x86_type(size_log2), a.base, value, x86_mem(s, a, size_log2));
}

void x86_replace_rm(X86Translate *s, unsigned size_log2, IrRef old, IrRef value)
{
    X86Address a = x86_operand_address(s, 1u << size_log2, X86_ACCESS_STORE);
    IrRef seen = ir_cas(s->b, x86_type(size_log2), a.base, old, value, x86_mem(s, a, size_log2));
    IrRef differs = ir_setcc(s->b, IR_CC_NE, seen, old);
    if (s->mode == s->entry_mode) {
        ir_exit_goto_if(s->b, differs, s->start);
    } else {
        ir_exit_fault_if(s->b, differs, X86_FAULT_RETRY);
    }
}

/* ---- conditions ---- */

IrRef x86_condition_of(X86Translate *s, unsigned cc, IrRef flags)
{
    static const uint8_t conditions[16] = { IR_CC_O, IR_CC_NO, IR_CC_LTU, IR_CC_GEU, IR_CC_EQ, IR_CC_NE, IR_CC_LEU, IR_CC_GTU,
                                            IR_CC_S, IR_CC_NS, IR_CC_P, IR_CC_NP, IR_CC_LT, IR_CC_GE, IR_CC_LE, IR_CC_GT };
    return ir_test(s->b, conditions[cc & 15], flags);
}

IrRef x86_condition(X86Translate *s, unsigned cc)
{
    return x86_condition_of(s, cc, ir_read(s->b, SLOT_FLAGS));
}

/* ---- the stack ---- */

void x86_push_at(X86Translate *s, int64_t depth, unsigned size_log2, IrRef value)
{
    X86Address a = x86_segment_address(s, R_SS, x86_read_reg64(s, R_ESP), -depth, x86_stack_log2(s), 1u << size_log2, X86_ACCESS_STORE);
    x86_store(s, a, size_log2, value);
}

IrRef x86_pop_at(X86Translate *s, int64_t height, unsigned size_log2)
{
    X86Address a = x86_segment_address(s, R_SS, x86_read_reg64(s, R_ESP), height, x86_stack_log2(s), 1u << size_log2, X86_ACCESS_LOAD);
    return x86_load(s, a, x86_type(size_log2), size_log2);
}

void x86_move_sp(X86Translate *s, int64_t by)
{
    unsigned log2 = x86_stack_log2(s);
    IrRef old = x86_read_reg(s, R_ESP, log2);
    x86_write_reg(s, R_ESP, log2, ir_op2(s->b, IR_ADD, x86_type(log2), old, x86_constant(s, log2, by)));
}

void x86_push(X86Translate *s, unsigned size_log2, IrRef value)
{
    x86_push_at(s, 1 << size_log2, size_log2, value);
    x86_move_sp(s, -(1 << size_log2));
}
