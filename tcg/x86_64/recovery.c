/*
 * Records: what C code has to know to do an access that the fast path did not take, or to put the slots back as of the start of an instruction that faults.
 *
 * A record lies in the cold code behind the call of the slow stub, which keeps all registers in the frame. Records are a good part of all code: a record has only
 * the fields that its kind wants. Where a value is, is an expression: a register, a place in the frame, a constant, a slot's home, or an op on others (flags that
 * nobody computed).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"
#include "tcg/evaluate.h"
#include <string.h>

enum { EXPR_NONE, EXPR_GPR, EXPR_XMM, EXPR_WORD, EXPR_VECTOR, EXPR_CONST, EXPR_CONST128, EXPR_HOME, EXPR_OP, EXPR_HOST_FLAGS, EXPR_NARROW = 0x80 };

/* What the fields of a record are, by kind. */
enum { FIELD_MEM = 1 << 0, FIELD_OP = 1 << 1, FIELD_REASON = 1 << 2, FIELD_RESULT = 1 << 3, FIELD_X = 1 << 4, FIELD_Y = 1 << 5, FIELD_Z = 1 << 6 };
static const uint8_t kind_fields[] = {
    [RECORD_LOAD] = FIELD_MEM | FIELD_RESULT, [RECORD_STORE] = FIELD_MEM | FIELD_RESULT | FIELD_X, [RECORD_STORE_MASKED] = FIELD_MEM | FIELD_X | FIELD_Y, [RECORD_PROBE] = FIELD_MEM,
    [RECORD_ATOMIC] = FIELD_MEM | FIELD_OP | FIELD_RESULT | FIELD_X, [RECORD_CAS] = FIELD_MEM | FIELD_OP | FIELD_RESULT | FIELD_X | FIELD_Y,
    [RECORD_DIVIDE] = FIELD_OP | FIELD_X | FIELD_Y | FIELD_Z, [RECORD_FAULT] = FIELD_REASON,
};

/* A record but for its expressions. */
typedef struct Head {
    uint8_t kind, type, tlb_priv, pc_bits;
    int32_t guest_offset;
    uint8_t address; IrMem mem;
    int8_t op;
    uint32_t reason;
    uint8_t result, result2; uint16_t result_spill;
} Head;

/* ---- making ---- */

static void put(Compiler *c, const void *bytes, size_t n)
{
    memcpy(c->e.p, bytes, n);
    c->e.p += n;
}

static void put_expr(Compiler *c, IrRef r, unsigned depth);

static void put_op(Compiler *c, unsigned op, IrType type, IrType operand_type, unsigned sub, unsigned imm, unsigned nargs, uint8_t narrow)
{
    const uint8_t bytes[7] = { EXPR_OP | narrow, op, type, operand_type, sub, imm, nargs };
    put(c, bytes, sizeof(bytes));
}

static void put_described(Compiler *c, uint32_t root, unsigned depth, uint8_t narrow)
{
    const IrInsn *insn = insn_of(c, root);
    const Value *v = &c->v[root];
    unsigned nargs = ir_op_info[insn->op].nargs;
    put_op(c, insn->op, insn->type, type_of(c, insn->a), insn->sub, insn->imm, nargs, narrow);
    if (v->pair_known && insn->type == IR_FLAGS) {
        /* The first operand is what the pair's result was made from. */
        IrType type = insn_of(c, v->pair)->type;
        put_op(c, insn->op == IR_FL_ADD ? IR_SUB : IR_ADD, type, type, 0, 0, 2, 0);
        put_expr(c, v->pair, depth + 1);
        put_expr(c, insn->b, depth + 1);
    } else if (nargs > 0) {
        put_expr(c, insn->a, depth + 1);
    }
    if (nargs > 1) {
        put_expr(c, insn->b, depth + 1);
    }
    if (nargs > 2) {
        put_expr(c, insn->c, depth + 1);
    }
}

static void put_const(Compiler *c, IrRef r)
{
    const IrConst *k = ir_const_value(c->block, r);
    bool wide = k->type == IR_V128 || k->type == IR_I128;
    emit8(&c->e, wide ? EXPR_CONST128 : EXPR_CONST);
    emit64(&c->e, k->lo);
    if (wide) {
        emit64(&c->e, k->hi);
    }
}

static void put_expr(Compiler *c, IrRef r, unsigned depth)
{
    if (emitter_check(&c->e) || depth > 64) {
        c->failed = true;
        return;
    }
    if (!r) {
        emit8(&c->e, EXPR_NONE);
        return;
    }
    if (ir_is_const(r)) {
        put_const(c, r);
        return;
    }
    uint8_t narrow = type_of(c, r) == IR_I32 ? EXPR_NARROW : 0;
    Value *v = value_of(c, r);
    if (v->reg != NO_REG) {
        emit8(&c->e, (is_xmm(v->reg) ? EXPR_XMM : EXPR_GPR) | narrow);
        emit8(&c->e, v->reg & 15);
    } else if (v->spill >= 0) {
        IrType t = c->block->insns[v->root].type;
        emit8(&c->e, (is_vector(t) || t == IR_I128 ? EXPR_VECTOR : EXPR_WORD) | narrow);
        emit16(&c->e, v->spill);
    } else if (v->lazy >= 0) {
        emit8(&c->e, EXPR_HOME | narrow);
        emit8(&c->e, v->lazy);
    } else if (c->host_flags == v->root) {
        emit8(&c->e, EXPR_HOST_FLAGS);
    } else if (v->form == FORM_RECIPE || v->form == FORM_FUSED || v->form == FORM_FLAGS) {
        put_described(c, v->root, depth, narrow);
    } else {
        nowhere(c, r);
    }
}

static void put_slots(Compiler *c)
{
    uint8_t *count = c->e.p++;
    unsigned n = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(c->active); i++) {
        for (uint64_t left = c->active[i]; left; left &= left - 1) {
            unsigned slot = 64 * i + __builtin_ctzll(left);
            emit8(&c->e, slot);
            put_expr(c, c->slots[slot], 0);
            n++;
        }
    }
    *count = n;
}

void use_places_for_record(Compiler *c, IrRef r)
{
    if (!ir_is_const(r) && c->block->insns[c->v[r].root].type == IR_FLAGS) {
        flags_to_gpr(c, r);
    }
}

void emit_record(Compiler *c, const Record *r)
{
    Emitter *e = &c->e;
    const IrPoint *point = &c->block->points[c->point - 1];
    bool vectors = (c->occupied | c->temps) >> 16 || c->carried;
    emit_call_to(e, vectors ? x64.slow_vectors : x64.slow);
    emit_distance(e, r->resume, 0);
    uint8_t fields = kind_fields[r->kind];
    emit8(e, r->kind | (c->block->pc_bits / 32) << 4);
    emit8(e, r->type);
    emit8(e, c->tlb_priv);
    emit32(e, c->block->guest_insns[point->guest].offset);
    if (fields & FIELD_MEM) {
        emit8(e, r->address);
        emit8(e, r->mem->size_log2 | r->mem->sign << 3 | r->mem->big_endian << 4 | r->mem->will_write << 5 | r->mem->masked << 6);
        emit8(e, r->mem->align_log2 | r->mem->order << 4);
        emit8(e, r->mem->priv);
        emit16(e, r->mem->extra);
    }
    if (fields & FIELD_OP) {
        emit8(e, r->op);
    }
    if (fields & FIELD_REASON) {
        emit32(e, r->reason);
    }
    if (fields & FIELD_RESULT) {
        emit8(e, r->result);
        emit8(e, r->result2);
        if (r->result == NO_REG) {
            emit16(e, r->kind == RECORD_STORE ? 0 : c->v[c->at].spill);
        }
    }
    if (fields & FIELD_X) {
        put_expr(c, r->x, 0);
    }
    if (fields & FIELD_Y) {
        put_expr(c, r->y, 0);
    }
    if (fields & FIELD_Z) {
        put_expr(c, r->z, 0);
    }
    put_slots(c);
}

/* ---- reading ---- */

typedef struct Reader { const uint8_t *at; uint8_t *frame; Cpu *cpu; } Reader;
typedef union Wide { uint64_t u64[4]; uint8_t bytes[32]; } Wide;

static uint64_t *frame_gpr(uint8_t *frame, unsigned reg)
{
    return (uint64_t *)(frame + FRAME_GPR) + reg;
}

static void get(Reader *r, void *to, size_t n)
{
    memcpy(to, r->at, n);
    r->at += n;
}

static unsigned get16(Reader *r)
{
    uint16_t n;
    get(r, &n, 2);
    return n;
}

static void get_head(Reader *r, Head *head)
{
    uint8_t first = *r->at++, fields = kind_fields[first & 15];
    head->kind = first & 15;
    head->pc_bits = first >> 4 ? first >> 4 << 5 : 16;
    head->type = *r->at++;
    head->tlb_priv = *r->at++;
    get(r, &head->guest_offset, 4);
    if (fields & FIELD_MEM) {
        head->address = r->at[0];
        head->mem = (IrMem){ .size_log2 = r->at[1] & 7, .sign = r->at[1] & 8, .big_endian = r->at[1] & 16, .will_write = r->at[1] & 32, .masked = r->at[1] & 64,
                             .align_log2 = r->at[2] & 15, .order = r->at[2] >> 4, .priv = r->at[3] };
        r->at += 4;
        head->mem.extra = get16(r);
    }
    if (fields & FIELD_OP) {
        head->op = *r->at++;
    }
    if (fields & FIELD_REASON) {
        get(r, &head->reason, 4);
    }
    if (fields & FIELD_RESULT) {
        head->result = *r->at++;
        head->result2 = *r->at++;
        head->result_spill = head->result == NO_REG ? get16(r) : 0;
    }
}

static void read_expr(Reader *r, Wide *value);

static void read_op(Reader *r, Wide *value)
{
    uint8_t b[6];
    uint64_t operands[3] = { 0 };
    get(r, b, sizeof(b));
    for (unsigned i = 0; i < b[5]; i++) {
        Wide w;
        read_expr(r, &w);
        operands[i] = w.u64[0];
    }
    if (!ir_evaluate(b[0], b[1], b[2], b[3], b[4], (IrOperands){ operands[0], operands[1], operands[2] }, &value->u64[0])) {
        value->u64[0] = 0;
    }
}

static void read_expr(Reader *r, Wide *value)
{
    uint8_t tag = *r->at++;
    *value = (Wide){ 0 };
    switch (tag & ~EXPR_NARROW) {
    case EXPR_NONE:
        break;
    case EXPR_GPR:
        value->u64[0] = *frame_gpr(r->frame, *r->at++);
        break;
    case EXPR_XMM:
        memcpy(value, r->frame + FRAME_YMM + 32 * *r->at++, 32);
        break;
    case EXPR_WORD:
        memcpy(value, r->frame + FRAME_WORDS + 8 * get16(r), 8);
        break;
    case EXPR_VECTOR:
        memcpy(value, r->frame + FRAME_VECTORS + 32 * get16(r), 32);
        break;
    case EXPR_CONST128:
        get(r, value, 16);
        break;
    case EXPR_CONST:
        get(r, value, 8);
        break;
    case EXPR_HOME: {
        const IrSlot *slot = &x64.target->slots[*r->at++];
        memcpy(value, (uint8_t *)r->cpu + slot->offset, slot_bytes(slot->type));
        break;
    }
    case EXPR_HOST_FLAGS:
        value->u64[0] = (uint16_t)*frame_gpr(r->frame, RAX);
        break;
    case EXPR_OP:
        read_op(r, value);
        break;
    }
    if (tag & EXPR_NARROW) {
        value->u64[0] = (uint32_t)value->u64[0];
    }
}

/* ---- recovery ---- */

/* The slots, from a reader at the record's list of them. */
static void recover(Reader *r, const Head *head)
{
    static __thread Wide values[TCG_MAX_SLOTS];
    uint8_t slots[TCG_MAX_SLOTS];
    uint64_t named[TCG_MAX_SLOTS / 64] = { 0 };
    const IrSlot *table = x64.target->slots;
    unsigned n = *r->at++;
    for (unsigned i = 0; i < n; i++) {
        slots[i] = *r->at++;
        named[slots[i] / 64] |= UINT64_C(1) << (slots[i] % 64);
        read_expr(r, &values[i]);
    }
    for (uint32_t left = x64.pins; left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left), slot = x64.pin_slot[reg];
        if (!(named[slot / 64] >> (slot % 64) & 1)) {
            memcpy((uint8_t *)r->cpu + table[slot].offset, frame_gpr(r->frame, reg), 8);
        }
    }
    for (unsigned i = 0; i < n; i++) {
        memcpy((uint8_t *)r->cpu + table[slots[i]].offset, &values[i], slot_bytes(table[slots[i]].type));
    }
    uint64_t pc = tcg_hot(r->cpu)->pc_base + head->guest_offset;
    pc &= head->pc_bits == 64 ? UINT64_MAX : (UINT64_C(1) << head->pc_bits) - 1;
    memcpy((uint8_t *)r->cpu + table[x64.target->slot_pc].offset, &pc, 8);
}

static uint64_t leave(Cpu *cpu, TcgLeaveKind kind)
{
    tcg_hot(cpu)->scratch[0] = kind;
    return 0;
}

static uint64_t leave_by_access(Reader *r, const Head *head)
{
    TcgHot *hot = tcg_hot(r->cpu);
    TcgLeaveKind kind = hot->pending_leave ? (TcgLeaveKind)hot->pending_leave : TCG_LEAVE_EXCEPTION;
    hot->pending_leave = 0;
    recover(r, head);
    return leave(r->cpu, kind);
}

static uint64_t leave_by_fault(Reader *r, const Head *head, uint32_t reason)
{
    recover(r, head);
    x64.target->raise(r->cpu, reason);
    return leave(r->cpu, TCG_LEAVE_EXCEPTION);
}

/* ---- what the records ask for ---- */

static void put_result(Reader *r, const Head *head, Wide *value)
{
    if (head->result == NO_REG) {
        memcpy(r->frame + FRAME_VECTORS + 32 * head->result_spill, value, 32);
    } else if (is_xmm(head->result)) {
        memcpy(r->frame + FRAME_YMM + 32 * (head->result & 15), value, 32);
    } else {
        *frame_gpr(r->frame, head->result) = head->type == IR_I32 ? (uint32_t)value->u64[0] : value->u64[0];
    }
}

static bool access_memory(Reader *r, const Head *head, const IrMem *mem, const Wide *x)
{
    uint64_t address = *frame_gpr(r->frame, head->address);
    Wide value = *x;
    if (head->kind == RECORD_PROBE) {
        return tcg_slow_access(r->cpu, address, mem, TCG_ACCESS_STORE, NULL);
    }
    if (head->kind == RECORD_STORE) {
        *frame_gpr(r->frame, head->result2) = 0;    /* as below */
        return tcg_slow_access(r->cpu, address, mem, TCG_ACCESS_STORE, &value);
    }
    value = (Wide){ 0 };
    if (!tcg_slow_access(r->cpu, address, mem, TCG_ACCESS_LOAD, &value)) {
        return false;
    }
    *frame_gpr(r->frame, head->result2) = 0;        /* no host address for the store behind it; or rax, of no meaning */
    put_result(r, head, &value);
    return true;
}

static bool access_atomically(Reader *r, const Head *head, const IrMem *mem, const Wide *x, const Wide *y)
{
    uint64_t address = *frame_gpr(r->frame, head->address);
    uint64_t values[3][2] = { { 0 }, { x->u64[0], x->u64[1] }, { y->u64[0], y->u64[1] } };
    if (!tcg_slow_atomic(r->cpu, address, mem, head->op, values)) {
        return false;
    }
    Wide old = { .u64 = { values[0][0], values[0][1] } };
    put_result(r, head, &old);
    return true;
}

static bool divide(Reader *r, const Head *head, const Wide v[3])
{
    bool is_signed = head->op == (int8_t)IR_DIVW_S || head->op == (int8_t)IR_REMW_S;
    IrOperands operands = { v[0].u64[0], v[1].u64[0], v[2].u64[0] };
    return ir_evaluate(is_signed ? IR_DIVW_S : IR_DIVW_U, head->type, head->type, 0, 0, operands, frame_gpr(r->frame, RAX))
        && ir_evaluate(is_signed ? IR_REMW_S : IR_REMW_U, head->type, head->type, 0, 0, operands, frame_gpr(r->frame, RDX));
}

uint64_t x64_slow(uint8_t *frame, const uint8_t *record, uint8_t *env)
{
    Reader r = { .at = record + 4, .frame = frame, .cpu = (Cpu *)(env - x64.bias) };
    int32_t distance;
    Head head;
    Wide v[3];
    memcpy(&distance, record, 4);
    get_head(&r, &head);
    for (unsigned i = 0; i < 3; i++) {
        if (kind_fields[head.kind] & FIELD_X << i) {
            read_expr(&r, &v[i]);
        }
    }
    bool done = true;
    switch (head.kind) {
    case RECORD_FAULT:
        return leave_by_fault(&r, &head, head.reason);
    case RECORD_DIVIDE:
        if (!divide(&r, &head, v)) {
            return leave_by_fault(&r, &head, TCG_REASON_DIVIDE);
        }
        break;
    case RECORD_ATOMIC:
    case RECORD_CAS:
        done = access_atomically(&r, &head, &head.mem, &v[0], head.kind == RECORD_CAS ? &v[1] : &v[0]);
        break;
    case RECORD_STORE_MASKED:
        done = tcg_slow_store_masked(r.cpu, *frame_gpr(frame, head.address), &head.mem, &v[0], (uint32_t)v[1].u64[0]);
        break;
    default:
        done = access_memory(&r, &head, &head.mem, &v[0]);
        break;
    }
    if (head.tlb_priv < TCG_MAX_PRIVS) {
        *frame_gpr(frame, REG_TLB) = (uintptr_t)tcg_hot(r.cpu)->tlb[head.tlb_priv];     /* may have changed */
    }
    return done ? (uint64_t)(uintptr_t)(record + 4 + distance) : leave_by_access(&r, &head);
}
