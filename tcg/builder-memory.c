/*
 * The builder: guest memory, the program counter, exits.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/builder-internal.h"

/* ---- addresses ---- */

static bool fits32(int64_t x)
{
    return x == (int32_t)x;
}

/* x + or - a constant: its first operand. */
static bool is_sum(const IrBuilder *b, const IrInsn *insn, int64_t *constant)
{
    uint64_t value;
    if ((insn->op != IR_ADD && insn->op != IR_SUB) || !builder_known(b, insn->b, &value)) {
        return false;
    }
    int64_t x = insn->type == IR_I32 ? (int32_t)value : (int64_t)value;
    *constant = insn->op == IR_ADD ? x : -x;
    return true;
}

/* Constants go from the base into the offset, so that accesses off one value are seen as such; and what the access truncates by itself is not truncated before. */
static IrRef fold_base(IrBuilder *b, IrRef base, int64_t *offset)
{
    for (;;) {
        const IrInsn *insn = builder_insn(b, base);
        int64_t constant;
        if (is_sum(b, insn, &constant) && fits32(*offset + constant)) {
            *offset += constant;
            base = insn->a;
            continue;
        }
        if (insn->op != IR_EXT_U || insn->sub != 2 || b->block.address_bits != 32) {
            return base;
        }
        if (builder_type(b, insn->a) == IR_I64) {
            base = insn->a;
            continue;
        }
        const IrInsn *narrow = builder_insn(b, insn->a);
        if (!is_sum(b, narrow, &constant) || !fits32(*offset + constant)) {
            return base;
        }
        *offset += constant;
        base = ir_zext(b, IR_I64, 2, narrow->a);
    }
}

/* The access, with its base made simpler. */
static uint32_t add_mem(IrBuilder *b, IrRef *base, IrMem mem)
{
    IrBlock *block = &b->block;
    *base = fold_base(b, *base, &mem.offset);
    mem.site = block->nr_mems;
    BUILDER_ROOM_FOR(b, block->mems, block->nr_mems, b->max_mems);
    block->mems[block->nr_mems] = mem;
    return block->nr_mems++;
}

static IrRef add_access(IrBuilder *b, IrInsn insn, IrMem mem)
{
    insn.c = add_mem(b, &insn.a, mem);
    IrRef r = builder_append(b, insn);
    builder_point(b, true);
    return r;
}

IrRef ir_load(IrBuilder *b, IrType type, IrRef base, IrMem mem)
{
    return add_access(b, (IrInsn){ .op = IR_LOAD, .type = type, .a = base }, mem);
}

void ir_store(IrBuilder *b, IrRef base, IrRef value, IrMem mem)
{
    /* What is cut off need not be extended. */
    const IrInsn *insn = builder_insn(b, value);
    if ((insn->op == IR_EXT_U || insn->op == IR_EXT_S) && insn->sub >= mem.size_log2 && builder_type(b, insn->a) == insn->type) {
        value = insn->a;
    }
    add_access(b, (IrInsn){ .op = IR_STORE, .a = base, .b = value }, mem);
}

void ir_store_masked(IrBuilder *b, IrRef base, IrRef value, IrRef mask, IrMem mem)
{
    IrRef args = builder_append(b, (IrInsn){ .op = IR_ACCESS_ARGS, .type = IR_I64, .a = value, .b = mask });
    add_access(b, (IrInsn){ .op = IR_STORE_MASKED, .a = base, .b = args }, mem);
}

void ir_probe_write(IrBuilder *b, IrRef base, IrMem mem)
{
    add_access(b, (IrInsn){ .op = IR_PROBE_WRITE, .a = base }, mem);
}

IrRef ir_atomic(IrBuilder *b, IrAtomic op, IrType type, IrRef base, IrRef value, IrMem mem)
{
    return add_access(b, (IrInsn){ .op = IR_ATOMIC, .type = type, .sub = op, .a = base, .b = value }, mem);
}

IrRef ir_cas(IrBuilder *b, IrType type, IrRef base, IrRef expected, IrRef desired, IrMem mem)
{
    IrRef args = builder_append(b, (IrInsn){ .op = IR_ACCESS_ARGS, .type = IR_I64, .a = expected, .b = desired });
    return add_access(b, (IrInsn){ .op = IR_CAS, .type = type, .a = base, .b = args }, mem);
}

void ir_fence(IrBuilder *b, IrOrder order)
{
    builder_append(b, (IrInsn){ .op = IR_FENCE, .sub = order });
}

/* ---- the program counter ---- */

IrRef ir_pc(IrBuilder *b, int64_t offset)
{
    IrRef pc = ir_op2(b, IR_ADD, IR_I64, ir_read(b, b->block.target->slot_pc_base), ir_const(b, IR_I64, offset));
    unsigned bits = b->block.pc_bits;
    return bits == 64 ? pc : ir_zext(b, IR_I64, bits == 32 ? 2 : 1, pc);
}

/* ---- leaving ---- */

static uint32_t add_exit(IrBuilder *b, IrExit exit)
{
    IrBlock *block = &b->block;
    BUILDER_ROOM_FOR(b, block->exits, block->nr_exits, b->max_exits);
    block->exits[block->nr_exits] = exit;
    return block->nr_exits++;
}

/* What an exit puts into its home on a way that is no exception. */
static void use_deferred(IrBuilder *b)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(b->deferred.bits); i++) {
        for (uint64_t left = b->deferred.bits[i]; left; left &= left - 1) {
            IrRef value = b->slots[64 * i + __builtin_ctzll(left)].last;
            if (!ir_is_const(value)) {
                b->uses[value] |= IR_USE_EXIT;
            }
        }
    }
}

static void leave(IrBuilder *b, IrInsn insn, IrExit exit)
{
    bool fault = exit.kind == IR_EXIT_FAULT;
    insn.c = add_exit(b, exit);
    IrRef r = builder_append(b, insn);
    builder_point(b, fault);
    if (!fault) {
        use_deferred(b);
    }
    if (insn.op != IR_EXIT_IF && !b->first_end) {
        b->first_end = r;
    }
}

static IrExit to_target(IrExitKind kind, int64_t target, int64_t return_offset)
{
    return (IrExit){ .kind = kind, .same_page = target >= 0 && target <= 4096 - IR_NEAR_PAGE_END, .target = target, .return_offset = return_offset };
}

void ir_exit_goto(IrBuilder *b, int64_t target_offset)
{
    leave(b, (IrInsn){ .op = IR_EXIT }, to_target(IR_EXIT_GOTO, target_offset, 0));
}

void ir_exit_call(IrBuilder *b, int64_t target_offset, int64_t return_offset)
{
    leave(b, (IrInsn){ .op = IR_EXIT }, to_target(IR_EXIT_CALL, target_offset, return_offset));
}

static void leave_to_value(IrBuilder *b, IrExitKind kind, IrRef pc, int64_t return_offset)
{
    leave(b, (IrInsn){ .op = IR_EXIT_VALUE, .a = pc }, (IrExit){ .kind = kind, .return_offset = return_offset });
}

void ir_exit_indirect(IrBuilder *b, IrRef pc)
{
    leave_to_value(b, IR_EXIT_INDIRECT, pc, 0);
}

void ir_exit_call_indirect(IrBuilder *b, IrRef pc, int64_t return_offset)
{
    leave_to_value(b, IR_EXIT_CALL_INDIRECT, pc, return_offset);
}

void ir_exit_return(IrBuilder *b, IrRef pc)
{
    leave_to_value(b, IR_EXIT_RETURN, pc, 0);
}

void ir_exit_lookup(IrBuilder *b)
{
    leave(b, (IrInsn){ .op = IR_EXIT }, (IrExit){ .kind = IR_EXIT_LOOKUP });
}

void ir_exit_event(IrBuilder *b)
{
    leave(b, (IrInsn){ .op = IR_EXIT }, (IrExit){ .kind = IR_EXIT_EVENT });
}

void ir_exit_fault(IrBuilder *b, uint32_t reason)
{
    leave(b, (IrInsn){ .op = IR_EXIT }, (IrExit){ .kind = IR_EXIT_FAULT, .reason = reason });
}

static void leave_if(IrBuilder *b, IrRef cond, IrExit exit)
{
    uint64_t known;
    if (builder_known(b, cond, &known)) {
        if (known) {
            leave(b, (IrInsn){ .op = IR_EXIT }, exit);
        }
        return;
    }
    leave(b, (IrInsn){ .op = IR_EXIT_IF, .a = cond }, exit);
}

void ir_exit_goto_if(IrBuilder *b, IrRef cond, int64_t target_offset)
{
    leave_if(b, cond, to_target(IR_EXIT_GOTO, target_offset, 0));
}

void ir_exit_event_if(IrBuilder *b, IrRef cond, int64_t target_offset)
{
    leave_if(b, cond, (IrExit){ .kind = IR_EXIT_EVENT_AT, .target = target_offset });
}

void ir_exit_fault_if(IrBuilder *b, IrRef cond, uint32_t reason)
{
    leave_if(b, cond, (IrExit){ .kind = IR_EXIT_FAULT, .reason = reason });
}
