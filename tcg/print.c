/*
 * IR as text, for -d op and for tests.
 *
 *   %5:i64 = ADD %3, i64:0x8        values and constants by type; FL_SUB.2: sub; FL_MERGE.0.2: sub and imm
 *   %6:i32 = LOAD [%3 + 0x10] 4     size in bytes, then what is not usual of the access
 *   EXIT_IF %7 goto 0x20 {$rax=%5 $rcx=home}      in braces: how the slots differ from the point before
 *   a value behind "?" is wanted by fault points only
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/text.h"
#include "tcg/target.h"
#include <inttypes.h>

const char *const ir_type_names[IR_TYPE_COUNT] = { "none", "i32", "i64", "i128", "f32", "f64", "f80", "v64", "v128", "v256", "v512", "flags" };
const char *const ir_cond_names[16] = { "eq", "ne", "ltu", "geu", "leu", "gtu", "lt", "ge", "le", "gt", "s", "ns", "o", "no", "p", "np" };
const char *const ir_atomic_names[10] = { "xchg", "add", "and", "or", "xor", "sub", "smin", "smax", "umin", "umax" };
const char *const ir_order_names[5] = { "plain", "acquire", "release", "seq", "tso" };
const char *const ir_exit_names[9] = { "goto", "indirect", "call", "call_indirect", "return", "lookup", "event", "fault", "event_at" };

static void print_hex(GString *out, int64_t x)
{
    g_string_append_printf(out, x < 0 ? "-0x%" PRIx64 : "0x%" PRIx64, x < 0 ? -(uint64_t)x : (uint64_t)x);
}

static void print_value(const IrBlock *b, IrRef r, GString *out)
{
    if (!ir_is_const(r)) {
        g_string_append_printf(out, "%%%u", r);
        return;
    }
    const IrConst *c = ir_const_value(b, r);
    g_string_append_printf(out, "%s:0x%" PRIx64, ir_type_names[c->type], c->lo);
    if (c->type == IR_V128) {
        g_string_append_printf(out, ":0x%" PRIx64, c->hi);
    }
}

static void print_mem(const IrBlock *b, const IrInsn *insn, GString *out)
{
    const IrMem *mem = &b->mems[insn->c];
    g_string_append(out, " [");
    print_value(b, insn->a, out);
    if (mem->offset) {
        g_string_append(out, mem->offset < 0 ? " - " : " + ");
        print_hex(out, mem->offset < 0 ? -mem->offset : mem->offset);
    }
    g_string_append_printf(out, "] %u", 1u << mem->size_log2);
    if (mem->sign) {
        g_string_append(out, " sign");
    }
    if (mem->big_endian) {
        g_string_append(out, " big");
    }
    if (mem->masked) {
        g_string_append(out, " masked");
    }
    if (mem->will_write) {
        g_string_append(out, " write");
    }
    if (mem->align_log2) {
        g_string_append_printf(out, " align=%u", 1u << mem->align_log2);
    }
    if (mem->order != IR_ORDER_TSO) {
        g_string_append_printf(out, " %s", ir_order_names[mem->order]);
    }
    if (mem->priv) {
        g_string_append_printf(out, " priv=%u", mem->priv);
    }
}

static void print_stored(const IrBlock *b, const IrInsn *insn, GString *out)
{
    if (insn->op == IR_CAS || insn->op == IR_STORE_MASKED) {
        const IrInsn *args = &b->insns[insn->b];
        g_string_append(out, ", ");
        print_value(b, args->a, out);
        g_string_append(out, ", ");
        print_value(b, args->b, out);
    } else if (ir_op_info[insn->op].nargs == 2) {
        g_string_append(out, ", ");
        print_value(b, insn->b, out);
    }
}

static void print_call(const IrBlock *b, const IrInsn *insn, GString *out)
{
    const IrCall *call = &b->calls[insn->a];
    g_string_append_printf(out, " %s(", call->helper->name);
    for (unsigned i = 0; i < call->nargs; i++) {
        g_string_append(out, i ? ", " : "");
        print_value(b, call->args[i], out);
    }
    g_string_append_c(out, ')');
}

static void print_exit(const IrBlock *b, const IrInsn *insn, GString *out)
{
    const IrExit *exit = &b->exits[insn->c];
    if (ir_op_info[insn->op].nargs) {
        g_string_append_c(out, ' ');
        print_value(b, insn->a, out);
    }
    g_string_append_printf(out, " %s", ir_exit_names[exit->kind]);
    if (exit->kind == IR_EXIT_FAULT) {
        g_string_append_printf(out, " %u", exit->reason);
    }
    if (exit->kind == IR_EXIT_GOTO || exit->kind == IR_EXIT_CALL || exit->kind == IR_EXIT_EVENT_AT) {
        g_string_append_c(out, ' ');
        print_hex(out, exit->target);
    }
    if (exit->kind == IR_EXIT_CALL || exit->kind == IR_EXIT_CALL_INDIRECT) {
        g_string_append(out, " back ");
        print_hex(out, exit->return_offset);
    }
}

static void print_operands(const IrBlock *b, const IrInsn *insn, GString *out)
{
    const IrRef operands[3] = { insn->a, insn->b, insn->c };
    for (unsigned i = 0; i < ir_op_info[insn->op].nargs; i++) {
        g_string_append(out, i ? ", " : " ");
        print_value(b, operands[i], out);
    }
}

static void print_fields(const IrInsn *insn, GString *out)
{
    switch (insn->op) {
    case IR_SETCC:
    case IR_TEST:
        g_string_append_printf(out, ".%s", ir_cond_names[insn->sub & 15]);
        return;
    case IR_ATOMIC:
        g_string_append_printf(out, ".%s", insn->sub < G_N_ELEMENTS(ir_atomic_names) ? ir_atomic_names[insn->sub] : "?");
        return;
    case IR_FENCE:
        g_string_append_printf(out, ".%s", insn->sub < G_N_ELEMENTS(ir_order_names) ? ir_order_names[insn->sub] : "?");
        return;
    default:
        break;
    }
    if (insn->sub || insn->imm) {
        g_string_append_printf(out, ".%u", insn->sub);
    }
    if (insn->imm) {
        g_string_append_printf(out, ".%u", insn->imm);
    }
}

static void print_point(const IrBlock *b, const IrPoint *point, GString *out)
{
    g_string_append(out, " {");
    for (uint32_t i = 0; i < point->nr_deltas; i++) {
        const IrSlotDelta *delta = &b->deltas[point->first_delta + i];
        g_string_append_printf(out, "%s$%s=", i ? " " : "", b->target->slots[delta->slot].name);
        if (delta->new_value) {
            print_value(b, delta->new_value, out);
        } else {
            g_string_append(out, "home");
        }
    }
    g_string_append_c(out, '}');
}

static void print_insn(const IrBlock *b, uint32_t n, GString *out)
{
    const IrInsn *insn = &b->insns[n];
    if (insn->type != IR_NONE) {
        g_string_append_printf(out, "%%%u:%s = ", n, ir_type_names[insn->type]);
    }
    g_string_append(out, ir_op_info[insn->op].name);
    print_fields(insn, out);
    switch (insn->op) {
    case IR_INSN_START:
        g_string_append_c(out, ' ');
        print_hex(out, b->guest_insns[insn->a].offset);
        break;
    case IR_SLOT_READ:
        g_string_append_printf(out, " $%s", b->target->slots[insn->a].name);
        break;
    case IR_SLOT_STORE:
        g_string_append_printf(out, " $%s, ", b->target->slots[insn->b].name);
        print_value(b, insn->a, out);
        break;
    case IR_STATE_READ:
        g_string_append_printf(out, " <%#x>", insn->a);
        break;
    case IR_STATE_WRITE:
        g_string_append_printf(out, " <%#x>, ", insn->b);
        print_value(b, insn->a, out);
        break;
    case IR_CALL:
        print_call(b, insn, out);
        break;
    case IR_LOAD:
    case IR_STORE:
    case IR_STORE_MASKED:
    case IR_PROBE_WRITE:
    case IR_ATOMIC:
    case IR_CAS:
        print_mem(b, insn, out);
        print_stored(b, insn, out);
        break;
    case IR_EXIT:
    case IR_EXIT_VALUE:
    case IR_EXIT_IF:
        print_exit(b, insn, out);
        break;
    default:
        print_operands(b, insn, out);
        break;
    }
}

void ir_print(const IrBlock *b, GString *out)
{
    uint32_t point = 0;
    for (uint32_t i = 1; i < b->nr_insns; i++) {
        const IrInsn *insn = &b->insns[i];
        if (insn->op == IR_NOP || insn->op == IR_ACCESS_ARGS) {
            continue;
        }
        print_insn(b, i, out);
        if (insn->type != IR_NONE && b->uses[i] == 0 && (ir_op_info[insn->op].flags & IROP_PURE)) {
            g_string_append(out, " ?");
        }
        if (point < b->nr_points && b->points[point].insn == i) {
            print_point(b, &b->points[point], out);
            point++;
        }
        g_string_append_c(out, '\n');
    }
}
