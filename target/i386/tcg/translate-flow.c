/*
 * Jumps, calls, returns, loops, far transfers, software interrupts and system calls.
 *
 * Intel SDM volume 1, chapter 6; volume 2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/cpu-models.h"
#include "target/i386/tcg/ops.h"

/* ---- targets ---- */

/* The code segment may be shorter than a program counter of this operand size reaches. */
static bool has_limit(const X86Translate *s)
{
    unsigned class = x86_mode_limit(s->mode, R_CS);
    return class != X86_LIMIT_NONE && !(class == X86_LIMIT_64K && s->operand_log2 == 1);
}

/* I32: whether a program counter lies behind the code segment's end. */
static IrRef is_outside(X86Translate *s, IrRef pc)
{
    IrRef limit = ir_zext(s->b, IR_I64, 2, ir_read(s->b, SLOT_ES_LIMIT + R_CS));
    return ir_setcc(s->b, IR_CC_GTU, pc, limit);
}

/* A new program counter must lie within the code segment. */
static void check_target(X86Translate *s, IrRef pc)
{
    if (has_limit(s)) {
        ir_exit_fault_if(s->b, is_outside(s, pc), X86_FAULT_0(EXCP_GP));
    }
}

/* An operand as program counter: I64 of the operand size. */
static IrRef as_pc(X86Translate *s, IrRef value)
{
    return s->operand_log2 == 3 ? value : ir_zext(s->b, IR_I64, s->operand_log2, value);
}

/* Jumps of word size in 32-bit code truncate the program counter: their targets are no constant distance away. */
static bool truncates(const X86Translate *s)
{
    return s->operand_log2 == 1 && (s->mode & (X86_MODE_CODE32 | X86_MODE_CODE64));
}

static int64_t relative_target(const X86Translate *s)
{
    return s->next + (int64_t)s->immediate;
}

static IrRef relative_pc(X86Translate *s)
{
    IrRef pc = ir_pc(s->b, relative_target(s));
    return truncates(s) ? ir_zext(s->b, IR_I64, 1, pc) : pc;
}

/* The same for a relative jump that is taken if cond. */
static void check_target_if(X86Translate *s, IrRef cond)
{
    if (has_limit(s)) {
        ir_exit_fault_if(s->b, ir_op2(s->b, IR_AND, IR_I32, cond, is_outside(s, relative_pc(s))), X86_FAULT_0(EXCP_GP));
    }
}

static void jump_relative_if(X86Translate *s, IrRef cond)
{
    if (truncates(s)) {
        x86_end_indirect(s, IR_EXIT_INDIRECT, ir_op3(s->b, IR_SELECT, IR_I64, cond, relative_pc(s), x86_next_pc(s)));
        return;
    }
    x86_end_goto_if(s, cond, relative_target(s));
}

/* ---- near ---- */

bool x86_op_jcc(X86Translate *s)
{
    IrRef cond = x86_condition(s, s->opcode);
    check_target_if(s, cond);
    jump_relative_if(s, cond);
    return true;
}

bool x86_op_jmp(X86Translate *s)
{
    if (truncates(s)) {
        x86_end_indirect(s, IR_EXIT_INDIRECT, relative_pc(s));
        return true;
    }
    check_target(s, relative_pc(s));
    x86_jump(s, relative_target(s));
    return true;
}

static void push_next(X86Translate *s)
{
    IrRef next = x86_next_pc(s);
    x86_push(s, s->operand_log2, s->operand_log2 == 3 ? next : ir_trunc(s->b, next));
}

bool x86_op_call(X86Translate *s)
{
    check_target(s, relative_pc(s));
    push_next(s);
    if (truncates(s)) {
        x86_end_indirect(s, IR_EXIT_CALL_INDIRECT, relative_pc(s));
    } else {
        x86_end_call(s, relative_target(s));
    }
    return true;
}

bool x86_op_jmp_rm(X86Translate *s)
{
    IrRef pc = as_pc(s, x86_read_rm(s, s->operand_log2));
    check_target(s, pc);
    x86_end_indirect(s, IR_EXIT_INDIRECT, pc);
    return true;
}

bool x86_op_call_rm(X86Translate *s)
{
    IrRef pc = as_pc(s, x86_read_rm(s, s->operand_log2));
    check_target(s, pc);
    push_next(s);
    x86_end_indirect(s, IR_EXIT_CALL_INDIRECT, pc);
    return true;
}

/* C2, C3. */
bool x86_op_ret(X86Translate *s)
{
    IrRef pc = as_pc(s, x86_pop_at(s, 0, s->operand_log2));
    check_target(s, pc);
    x86_move_sp(s, (1 << s->operand_log2) + (int64_t)s->immediate);
    x86_end_indirect(s, IR_EXIT_RETURN, pc);
    return true;
}

/* The counter (CX, ECX, RCX by address size) compared with 0, as I32. */
static IrRef counter_is(X86Translate *s, IrCond cc, IrRef counter)
{
    if (s->address_log2 == 1) {
        counter = ir_zext(s->b, IR_I32, 1, counter);
    }
    return ir_setcc(s->b, cc, counter, x86_constant(s, s->address_log2, 0));
}

/* E0 to E2: LOOPNE, LOOPE, LOOP. */
bool x86_op_loop(X86Translate *s)
{
    unsigned size = s->address_log2;
    IrRef counter = ir_op2(s->b, IR_SUB, x86_type(size), x86_read_reg(s, R_ECX, size), x86_constant(s, size, 1));
    IrRef cond = counter_is(s, IR_CC_NE, counter);
    if (s->opcode != 0xe2) {
        IrRef zero = ir_test(s->b, s->opcode == 0xe1 ? IR_CC_EQ : IR_CC_NE, ir_read(s->b, SLOT_FLAGS));
        cond = ir_op2(s->b, IR_AND, IR_I32, cond, zero);
    }
    check_target_if(s, cond);
    x86_write_reg(s, R_ECX, size, counter);
    jump_relative_if(s, cond);
    return true;
}

bool x86_op_jcxz(X86Translate *s)
{
    IrRef cond = counter_is(s, IR_CC_EQ, x86_read_reg(s, R_ECX, s->address_log2));
    check_target_if(s, cond);
    jump_relative_if(s, cond);
    return true;
}

/* ---- far ---- */

bool x86_op_far_immediate(X86Translate *s)
{
    IrRef selector = x86_i32(s, s->immediate2), offset = x86_i64(s, s->immediate);
    if (s->opcode == 0xea) {
        X86_CALL(s, far_jump, selector, offset, x86_next_pc(s));
    } else {
        X86_CALL(s, far_call, selector, offset, x86_i32(s, 1u << s->operand_log2), x86_next_pc(s));
    }
    x86_end_after_transfer(s, false);
    return true;
}

/* FF /3 and /5. */
bool x86_op_far_rm(X86Translate *s)
{
    unsigned size = s->operand_log2;
    X86Address a = x86_operand_address(s, (1u << size) + 2, X86_ACCESS_LOAD);
    IrRef offset = as_pc(s, x86_load(s, a, x86_type(size), size));
    a.offset += 1 << size;
    IrRef selector = x86_load(s, a, IR_I32, 1);
    if (s->op->param == 5) {
        X86_CALL(s, far_jump, selector, offset, x86_next_pc(s));
    } else {
        X86_CALL(s, far_call, selector, offset, x86_i32(s, 1u << size), x86_next_pc(s));
    }
    x86_end_after_transfer(s, false);
    return true;
}

/* CA, CB. */
bool x86_op_far_ret(X86Translate *s)
{
    X86_CALL(s, far_return, x86_i32(s, 1u << s->operand_log2), x86_i32(s, s->immediate));
    x86_end_after_transfer(s, false);
    return true;
}

bool x86_op_iret(X86Translate *s)
{
    X86_CALL(s, iret, x86_i32(s, 1u << s->operand_log2), x86_next_pc(s));
    x86_end_after_transfer(s, true);
    return true;
}

/* ---- software interrupts ---- */

bool x86_op_int(X86Translate *s)
{
    static const struct { uint8_t opcode, vector, kind; } forms[] = { { 0xcc, EXCP_BP, 1 }, { 0xf1, EXCP_DB, 2 } };
    unsigned vector = s->immediate, kind = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(forms); i++) {
        if (s->opcode == forms[i].opcode) {
            vector = forms[i].vector;
            kind = forms[i].kind;
        }
    }
    X86_CALL(s, software_interrupt, x86_i32(s, vector), x86_next_pc(s), x86_i32(s, kind));
    x86_end_left(s);
    return true;
}

bool x86_op_into(X86Translate *s)
{
    ir_exit_fault_if(s->b, ir_test(s->b, IR_CC_O, ir_read(s->b, SLOT_FLAGS)), X86_FAULT_INTO(s->next - s->start));
    return true;
}

bool x86_op_bound(X86Translate *s)
{
    unsigned size = s->operand_log2;
    X86Address a = x86_operand_address(s, 2u << size, X86_ACCESS_LOAD);
    IrRef lower = ir_sext(s->b, IR_I32, size, x86_load(s, a, IR_I32, size));
    a.offset += 1 << size;
    IrRef upper = ir_sext(s->b, IR_I32, size, x86_load(s, a, IR_I32, size));
    IrRef index = ir_sext(s->b, IR_I32, size, x86_read_g(s, size));
    IrRef outside = ir_op2(s->b, IR_OR, IR_I32, ir_setcc(s->b, IR_CC_LT, index, lower), ir_setcc(s->b, IR_CC_GT, index, upper));
    ir_exit_fault_if(s->b, outside, X86_FAULT(EXCP_BR));
    return true;
}

/* ---- system calls: an AMD processor has no SYSENTER in long mode, an Intel one SYSCALL in 64-bit code alone ---- */

static bool has_sysenter(const X86Translate *s)
{
    return !(s->mode & X86_MODE_LMA) || x86_is_intel(s->cpu);
}

static bool has_syscall(const X86Translate *s)
{
    return x86_in_64(s) || !x86_is_intel(s->cpu);
}

bool x86_op_syscall(X86Translate *s)
{
    if (!has_syscall(s)) {
        return false;
    }
    X86_CALL(s, syscall, x86_next_pc(s));
    x86_end_after_transfer(s, false);
    return true;
}

bool x86_op_sysret(X86Translate *s)
{
    if (!has_syscall(s)) {
        return false;
    }
    X86_CALL(s, sysret, x86_i32(s, s->rex & 8 ? 8 : 4));
    x86_end_after_transfer(s, true);
    return true;
}

bool x86_op_sysenter(X86Translate *s)
{
    if (!has_sysenter(s)) {
        return false;
    }
    X86_CALL0(s, sysenter);
    x86_end_after_transfer(s, false);
    return true;
}

bool x86_op_sysexit(X86Translate *s)
{
    if (!has_sysenter(s)) {
        return false;
    }
    X86_CALL(s, sysexit, x86_i32(s, s->rex & 8 ? 8 : 4));
    x86_end_after_transfer(s, true);
    return true;
}
