/*
 * IR from text, by the builder: for tests. The form is that of print.c, and beside it
 *
 *   $rax := %5                      writes a slot
 *   # ...                           a comment, to the end of the line
 *
 * Values may have any name. What stands behind "?" and in braces is passed over: points come of themselves. CALL cannot be written.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/builder.h"
#include "tcg/target.h"
#include "tcg/text.h"
#include "util/error.h"
#include <string.h>

typedef struct Parser {
    IrBuilder *b;
    const char *at;             /* in the line */
    const char *fault;
    GHashTable *values;         /* name -> IrRef */
} Parser;

/* ---- words ---- */

static void skip_blanks(Parser *p)
{
    while (*p->at == ' ' || *p->at == '\t') {
        p->at++;
    }
}

static bool accept(Parser *p, const char *word)
{
    size_t n = strlen(word);
    skip_blanks(p);
    if (strncmp(p->at, word, n)) {
        return false;
    }
    p->at += n;
    return true;
}

static void fail(Parser *p, const char *fault)
{
    p->fault = p->fault ? p->fault : fault;
}

static void expect(Parser *p, const char *word)
{
    if (!accept(p, word)) {
        fail(p, "unexpected text");
    }
}

static bool at_end(Parser *p)
{
    skip_blanks(p);
    return *p->at == 0 || strchr("?{#", *p->at);
}

/* Letters, digits and underlines. */
static char *parse_word(Parser *p)
{
    skip_blanks(p);
    const char *start = p->at;
    while (g_ascii_isalnum(*p->at) || *p->at == '_') {
        p->at++;
    }
    if (p->at == start) {
        fail(p, "a word is missing");
    }
    return g_strndup(start, p->at - start);
}

static uint64_t parse_number(Parser *p)
{
    skip_blanks(p);
    bool negative = accept(p, "-");
    char *end;
    uint64_t x = g_ascii_strtoull(p->at, &end, 0);
    if (end == p->at) {
        fail(p, "a number is missing");
    }
    p->at = end;
    return negative ? -x : x;
}

static int find_name(const char *const *names, unsigned n, const char *word)
{
    for (unsigned i = 0; i < n; i++) {
        if (!strcmp(names[i], word)) {
            return i;
        }
    }
    return -1;
}

static IrType parse_type(Parser *p)
{
    g_autofree char *word = parse_word(p);
    int type = find_name(ir_type_names, IR_TYPE_COUNT, word);
    if (type < 0) {
        fail(p, "no such type");
    }
    return type < 0 ? IR_NONE : type;
}

static unsigned parse_slot(Parser *p)
{
    const TcgTarget *target = ir_block(p->b)->target;
    expect(p, "$");
    g_autofree char *word = parse_word(p);
    for (unsigned i = 0; i < target->nr_slots; i++) {
        if (target->slots[i].name && !strcmp(target->slots[i].name, word)) {
            return i;
        }
    }
    fail(p, "no such slot");
    return 0;
}

static IrRef parse_value(Parser *p)
{
    if (accept(p, "%")) {
        g_autofree char *name = parse_word(p);
        IrRef r = GPOINTER_TO_UINT(g_hash_table_lookup(p->values, name));
        if (!r) {
            fail(p, "no such value");
        }
        return r ? r : ir_const(p->b, IR_I32, 0);
    }
    IrType type = parse_type(p);
    expect(p, ":");
    uint64_t lo = parse_number(p);
    if (type == IR_V128) {
        return ir_const_v128(p->b, lo, accept(p, ":") ? parse_number(p) : 0);
    }
    return ir_const(p->b, type, lo);
}

/* ---- accesses ---- */

static IrRef parse_address(Parser *p, IrMem *mem)
{
    *mem = (IrMem){ .order = IR_ORDER_TSO };
    expect(p, "[");
    IrRef base = parse_value(p);
    if (accept(p, "+")) {
        mem->offset = parse_number(p);
    } else if (accept(p, "-")) {
        mem->offset = -parse_number(p);
    }
    expect(p, "]");
    uint64_t bytes = parse_number(p);
    mem->size_log2 = bytes ? __builtin_ctzll(bytes) : 0;
    for (;;) {
        if (accept(p, "sign")) {
            mem->sign = true;
        } else if (accept(p, "big")) {
            mem->big_endian = true;
        } else if (accept(p, "masked")) {
            mem->masked = true;
        } else if (accept(p, "write")) {
            mem->will_write = true;
        } else if (accept(p, "align=")) {
            mem->align_log2 = __builtin_ctzll(parse_number(p) | UINT64_C(1) << 63);
        } else if (accept(p, "plain")) {
            mem->order = IR_ORDER_PLAIN;
        } else if (accept(p, "priv=")) {
            mem->priv = parse_number(p);
        } else {
            return base;
        }
    }
}

static IrRef parse_access(Parser *p, IrOp op, IrType type, unsigned sub)
{
    IrMem mem;
    IrRef base = parse_address(p, &mem), x = 0, y = 0;
    if (accept(p, ",")) {
        x = parse_value(p);
    }
    if (op == IR_CAS || op == IR_STORE_MASKED) {
        expect(p, ",");
        y = parse_value(p);
    }
    if (p->fault) {
        return 0;
    }
    switch (op) {
    case IR_LOAD:
        return ir_load(p->b, type, base, mem);
    case IR_STORE:
        ir_store(p->b, base, x, mem);
        return 0;
    case IR_STORE_MASKED:
        ir_store_masked(p->b, base, x, y, mem);
        return 0;
    case IR_PROBE_WRITE:
        ir_probe_write(p->b, base, mem);
        return 0;
    case IR_ATOMIC:
        return ir_atomic(p->b, sub, type, base, x, mem);
    default:
        return ir_cas(p->b, type, base, x, y, mem);
    }
}

/* ---- exits ---- */

static void parse_plain_exit(Parser *p)
{
    g_autofree char *kind = parse_word(p);
    int64_t target;
    if (!strcmp(kind, "goto")) {
        ir_exit_goto(p->b, parse_number(p));
    } else if (!strcmp(kind, "call")) {
        target = parse_number(p);
        expect(p, "back");
        ir_exit_call(p->b, target, parse_number(p));
    } else if (!strcmp(kind, "lookup")) {
        ir_exit_lookup(p->b);
    } else if (!strcmp(kind, "event")) {
        ir_exit_event(p->b);
    } else if (!strcmp(kind, "fault")) {
        ir_exit_fault(p->b, parse_number(p));
    } else {
        fail(p, "no such exit");
    }
}

static void parse_exit_if(Parser *p)
{
    IrRef cond = parse_value(p);
    if (accept(p, "goto")) {
        ir_exit_goto_if(p->b, cond, parse_number(p));
    } else if (accept(p, "event_at")) {
        ir_exit_event_if(p->b, cond, parse_number(p));
    } else {
        expect(p, "fault");
        ir_exit_fault_if(p->b, cond, parse_number(p));
    }
}

static void parse_exit_value(Parser *p)
{
    IrRef pc = parse_value(p);
    g_autofree char *kind = parse_word(p);
    if (!strcmp(kind, "indirect")) {
        ir_exit_indirect(p->b, pc);
    } else if (!strcmp(kind, "return")) {
        ir_exit_return(p->b, pc);
    } else {
        expect(p, "back");
        ir_exit_call_indirect(p->b, pc, parse_number(p));
    }
}

/* ---- ops ---- */

static IrOp parse_op(Parser *p)
{
    g_autofree char *word = parse_word(p);
    for (unsigned i = 0; i < IR_OP_COUNT; i++) {
        if (!strcmp(ir_op_info[i].name, word)) {
            return i;
        }
    }
    fail(p, "no such op");
    return IR_NOP;
}

/* .sub.imm, or a name in its place. */
static void parse_fields(Parser *p, IrOp op, unsigned *sub, unsigned *imm)
{
    *sub = *imm = 0;
    if (!accept(p, ".")) {
        return;
    }
    if (op == IR_SETCC || op == IR_TEST || op == IR_ATOMIC || op == IR_FENCE) {
        g_autofree char *word = parse_word(p);
        int n = op == IR_ATOMIC ? find_name(ir_atomic_names, 10, word) : op == IR_FENCE ? find_name(ir_order_names, 5, word) : find_name(ir_cond_names, 16, word);
        if (n < 0) {
            fail(p, "no such condition");
        }
        *sub = n < 0 ? 0 : n;
        return;
    }
    *sub = parse_number(p);
    if (accept(p, ".")) {
        *imm = parse_number(p);
    }
}

static IrRef parse_operation(Parser *p, IrOp op, IrType type, unsigned sub, unsigned imm)
{
    IrRef operands[3] = { 0 };
    for (unsigned i = 0; i < ir_op_info[op].nargs && !p->fault; i++) {
        if (i) {
            expect(p, ",");
        }
        operands[i] = parse_value(p);
    }
    return p->fault ? 0 : ir_emit(p->b, op, type, sub, imm, operands[0], operands[1], operands[2]);
}

/* From the op on: its value. */
static IrRef parse_insn(Parser *p, IrType type)
{
    IrOp op = parse_op(p);
    unsigned sub, imm;
    parse_fields(p, op, &sub, &imm);
    if (p->fault) {
        return 0;
    }
    switch (op) {
    case IR_INSN_START:
        ir_insn_start(p->b, parse_number(p), 0);
        return 0;
    case IR_SLOT_READ:
        return ir_read(p->b, parse_slot(p));
    case IR_LOAD:
    case IR_STORE:
    case IR_STORE_MASKED:
    case IR_PROBE_WRITE:
    case IR_ATOMIC:
    case IR_CAS:
        return parse_access(p, op, type, sub);
    case IR_EXIT:
        parse_plain_exit(p);
        return 0;
    case IR_EXIT_IF:
        parse_exit_if(p);
        return 0;
    case IR_EXIT_VALUE:
        parse_exit_value(p);
        return 0;
    case IR_FENCE:
        ir_fence(p->b, sub);
        return 0;
    case IR_CALL:
    case IR_SLOT_STORE:
    case IR_STATE_READ:
    case IR_STATE_WRITE:
    case IR_ACCESS_ARGS:
        fail(p, "cannot be written");
        return 0;
    default:
        return parse_operation(p, op, type, sub, imm);
    }
}

static void parse_slot_write(Parser *p)
{
    unsigned slot = parse_slot(p);
    expect(p, ":=");
    IrRef value = parse_value(p);
    if (!p->fault && ir_type_of(p->b, value) != ir_block(p->b)->target->slots[slot].type) {
        fail(p, "not the slot's type");
    }
    if (!p->fault) {
        ir_write(p->b, slot, value);
    }
}

static void parse_definition(Parser *p)
{
    expect(p, "%");
    char *name = parse_word(p);
    expect(p, ":");
    IrType type = parse_type(p);
    expect(p, "=");
    IrRef value = p->fault ? 0 : parse_insn(p, type);
    if (!value) {
        fail(p, "no value");
    }
    g_hash_table_replace(p->values, name, GUINT_TO_POINTER(value));
}

static void parse_line(Parser *p)
{
    if (at_end(p)) {
        return;
    }
    if (*p->at == '$') {
        parse_slot_write(p);
    } else if (*p->at == '%') {
        parse_definition(p);
    } else {
        parse_insn(p, IR_NONE);
    }
    if (!at_end(p)) {
        fail(p, "more than a line should have");
    }
}

bool ir_parse(IrBuilder *b, const char *text, GError **err)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    Parser p = { .b = b, .values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) };
    for (unsigned i = 0; lines[i] && !p.fault; i++) {
        p.at = lines[i];
        parse_line(&p);
        if (p.fault) {
            error_set(err, "line %u: %s: '%s'", i + 1, p.fault, lines[i]);
        }
    }
    g_hash_table_destroy(p.values);
    return !p.fault;
}
