/*
 * Guest memory: the look at the TLB and the access; what it does not take goes off the path by a record (recovery.c).
 *
 *     rorx eax, address, 7 / and eax, index bits          the entry
 *     lea t, [address + size - align] / and t, page | align   the page of the last byte, and the alignment
 *     cmp t, [tlb + rax + tag] / jne slow
 *     mov t, [tlb + rax + addend] / access [t + address]
 *
 * Off the path a stub of t's looks into the second level first, with rax the entry; it leaves the addend in t and comes back equal.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"
#include <stddef.h>

enum { INDEX_BITS = (TLB_ENTRIES - 1) * sizeof(TlbEntry) };
_Static_assert(sizeof(TlbEntry) == 32, "the index is the page number times 32");

/* ---- addresses ---- */

static bool fits32(int64_t x)
{
    return x == (int32_t)x;
}

static void add_offset(Compiler *c, unsigned reg, int64_t offset)
{
    if (!fits32(offset)) {
        emit_alu(&c->e, ALU_ADD, 3, reg, pool_place(&c->e, offset, 0));
    }
}

/* The parts of a sum that the address takes in. */
static Place sum_place(Compiler *c, const IrInsn *sum, int32_t disp)
{
    uint64_t n;
    for (unsigned k = 0; k < 2; k++) {
        IrRef r = k ? sum->a : sum->b, other = k ? sum->b : sum->a;
        if (ir_is_const(r) || c->v[r].root != r || c->v[r].form != FORM_FUSED || insn_of(c, r)->op != IR_SHL) {
            continue;
        }
        const IrInsn *shift = insn_of(c, r);
        unsigned scale = ir_const_value(c->block, shift->b)->lo, index = use_gpr(c, shift->a);
        return at_index(use_gpr(c, other), index, scale, disp);
    }
    if (is_const(c, sum->b, &n)) {
        return at_index(use_gpr(c, sum->a), use_gpr(c, sum->b), 0, disp);
    }
    unsigned a = use_gpr(c, sum->a);
    return at_index(a, use_gpr(c, sum->b), 0, disp);
}

/* A register with the whole guest address. */
static unsigned make_address(Compiler *c, const IrInsn *insn, const IrMem *mem)
{
    bool wide = c->block->address_bits == 64;
    int64_t offset = mem->offset;
    int32_t disp = fits32(offset) ? offset : 0;
    uint64_t base;
    if (is_const(c, insn->a, &base)) {
        unsigned reg = alloc_gpr(c, NO_REG);
        emit_imm(&c->e, reg, wide ? base + offset : (uint32_t)(base + offset));
        return reg;
    }
    Place place;
    if (value_of(c, insn->a)->form == FORM_FUSED) {
        place = sum_place(c, insn_of(c, c->v[insn->a].root), disp);
    } else {
        unsigned reg = use_gpr(c, insn->a);
        if (offset == 0 && wide) {
            return reg;
        }
        place = at_mem(reg, disp);
    }
    unsigned reg = alloc_gpr(c, NO_REG);
    if (place.index == NO_REG && disp == 0) {
        emit_mov(&c->e, wide, reg, place.reg);
    } else {
        emit_lea(&c->e, wide, reg, place);
    }
    add_offset(c, reg, offset);
    return reg;
}

/* What it was made from may go from its register then. */
static unsigned address_of(Compiler *c, const IrInsn *insn, const IrMem *mem)
{
    uint32_t locked = c->locked;
    unsigned reg = make_address(c, insn, mem);
    c->locked = locked | 1u << reg;
    return reg;
}

/* ---- the look at the TLB ---- */

/* A look at the TLB: what is made off the path for it. */
typedef struct Look { Label slow, resume, found; unsigned t; bool write, refill; } Look;

static Look look_new(Compiler *c)
{
    return (Look){ .slow = label_new(&c->e), .resume = label_new(&c->e), .found = label_new(&c->e) };
}

/* Leaves the addend in t. */
static void check_bytes(Compiler *c, const IrMem *mem, unsigned address, unsigned t, bool write, int32_t size, int32_t align, Look *look)
{
    Label slow = look->slow;
    Emitter *e = &c->e;
    int32_t tag = write ? offsetof(TlbEntry, write) : offsetof(TlbEntry, read);
    int32_t addend = write ? offsetof(TlbEntry, write_addend) : offsetof(TlbEntry, read_addend);
    if (x64.host & HOST_BMI2) {
        emit_vex(e, OP(MAP_0F3A, PP_F2, 0xf0), false, RAX, NO_REG, at_reg(address), 1);
        emit8(e, 7);
    } else {
        emit_mov(e, false, RAX, address);
        emit_shift_imm(e, SHIFT_SHR, 2, RAX, 7);
    }
    emit_alu_imm(e, ALU_AND, 2, at_reg(RAX), INDEX_BITS);
    if (size > align) {
        emit_lea(e, true, t, at_mem(address, size - align));
    } else {
        emit_mov(e, true, t, address);
    }
    emit_alu_imm(e, ALU_AND, 3, at_reg(t), -4096 | (align - 1));
    if (mem->priv == c->tlb_priv) {
        emit_alu(e, ALU_CMP, 3, t, at_index(REG_TLB, RAX, 0, tag));
        emit_jcc(e, CC_NE, slow);
        emit_load(e, true, t, at_index(REG_TLB, RAX, 0, addend));
    } else {
        emit_alu(e, ALU_ADD, 3, RAX, AT_HOT(tlb[mem->priv]));
        emit_alu(e, ALU_CMP, 3, t, at_mem(RAX, tag));
        emit_jcc(e, CC_NE, slow);
        emit_load(e, true, t, at_mem(RAX, addend));
    }
    look->t = t;
    look->write = write;
    look->refill = mem->priv == c->tlb_priv;
    label_here(e, look->found);
}

static void check(Compiler *c, const IrMem *mem, unsigned address, unsigned t, bool write, bool natural, Look *look)
{
    int32_t size = 1 << mem->size_log2;
    check_bytes(c, mem, address, t, write, size, natural ? size : MIN(1 << mem->align_log2, 4096), look);
}

static void check_span(Compiler *c, const IrMem *mem, unsigned address, unsigned t, bool write, int32_t span, Look *look)
{
    check_bytes(c, mem, address, t, write, span, 1 << mem->align_log2, look);
}

/* ---- the slow path ---- */

/* Where a look has not found its page: the second level. */
static void emit_refill(Compiler *c, const Look *look)
{
    if (look->refill) {
        emit_call_to(&c->e, x64.refill[look->write][look->t]);
        emit_jcc(&c->e, CC_E, look->found);
    }
}

static void off_path(Compiler *c, const Look *look, const Record *record)
{
    use_cold(&c->e);
    label_here(&c->e, look->slow);
    emit_refill(c, look);
    emit_record(c, record);
    use_hot(&c->e);
    label_here(&c->e, look->resume);
}

static bool always_slow(const IrMem *mem, IrType t)
{
    return mem->big_endian || is_memory_type(t);
}

/* ---- loads ---- */

static void load_gpr(Compiler *c, const IrInsn *insn, const IrMem *mem, unsigned to, Place from)
{
    static const uint32_t zero[4] = { OP_MOVZX8, OP_MOVZX16, OP_MOV_LOAD, OP_MOV_LOAD | OP_W };
    static const uint32_t sign[4] = { OP_MOVSX8, OP_MOVSX16, OP_MOVSXD, OP_MOV_LOAD | OP_W };
    uint32_t op = zero[mem->size_log2];
    if (mem->sign && mem->size_log2 < (insn->type == IR_I64 ? 3 : 2)) {
        op = sign[mem->size_log2] | (insn->type == IR_I64 ? OP_W : 0);
    }
    emit_op(&c->e, op, to, from, 0);
}

/* The address of an access whose base is at hand, into a register, in cold code. */
static void address_again(Compiler *c, const IrInsn *insn, const IrMem *mem, unsigned reg)
{
    bool wide = c->block->address_bits == 64;
    load_value(c, reg, insn->a, true);
    if (fits32(mem->offset)) {
        emit_lea(&c->e, wide, reg, at_mem(reg, mem->offset));
    } else {
        add_offset(c, reg, mem->offset);
        emit_mov(&c->e, wide, reg, reg);
    }
}

/* reg: where to or where from; NO_REG: n is stored. */
static void access_by_pointer(Compiler *c, const IrInsn *insn, const IrMem *mem, Place at, unsigned reg, uint64_t n)
{
    if (insn->op == IR_LOAD) {
        is_vector(insn->type) ? vload(c, reg, at, 1 << mem->size_log2) : load_gpr(c, insn, mem, reg, at);
    } else if (is_vector(type_of(c, insn->b))) {
        vstore(c, at, reg, 1 << mem->size_log2);
    } else if (reg == NO_REG) {
        emit_store_imm(&c->e, mem->size_log2, at, n);
    } else {
        emit_store(&c->e, mem->size_log2, at, reg);
    }
}

/* Off the path, one of a group whose bytes do not lie on one page: its own may. pointer: its address; 0 behind it, for the others. */
static void access_alone(Compiler *c, const IrInsn *insn, const IrMem *mem, unsigned pointer, unsigned reg, uint64_t n, Label resume)
{
    Emitter *e = &c->e;
    if (mem->priv != c->tlb_priv) {
        return;
    }
    Label miss = label_new(e);
    if (mem->align_log2) {
        /* What is not aligned faults, wherever it lies. */
        emit_mov(e, false, RAX, pointer);
        emit_alu_imm(e, ALU_AND, 2, at_reg(RAX), (1 << mem->align_log2) - 1);
        emit_jcc(e, CC_NE, miss);
    }
    emit_mov(e, true, RAX, pointer);
    emit_call_to(e, x64.peek[insn->op == IR_STORE][mem->size_log2]);
    emit_jcc(e, CC_NE, miss);
    access_by_pointer(c, insn, mem, at_mem(RAX, 0), reg, n);
    emit_imm(e, pointer, 0);
    emit_jmp(e, resume);
    label_here(e, miss);
}

/* One of a group: the first looks at the TLB for all of them and leaves the host's address, or 0. value, n: of a store (value NO_REG: n). */
static void access_in_group(Compiler *c, const IrInsn *insn, const IrMem *mem, unsigned value, uint64_t n)
{
    Emitter *e = &c->e;
    uint32_t key = c->v[c->at].group;
    const Value *group = &c->v[key];
    bool first = group->pair == c->at, is_load = insn->op == IR_LOAD;
    Look look = look_new(c);
    unsigned pointer, to = NO_REG;
    if (first) {
        IrMem whole = *mem;
        whole.offset = group->group_low;
        unsigned address = address_of(c, insn, &whole);
        pointer = alloc_gpr(c, NO_REG);
        if (is_load) {
            to = is_vector(insn->type) ? alloc_xmm(c, hint_of(c, c->at)) : alloc_gpr(c, hint_of(c, c->at));
        }
        check_span(c, &whole, address, pointer, !is_load, group->group_span, &look);
        emit_alu(e, ALU_ADD, 3, pointer, at_reg(address));
    } else {
        pointer = use_gpr(c, key);
        unsigned hint = hint_of(c, c->at);
        if (is_load && !is_vector(insn->type) && hint != NO_REG && hint != pointer && pin_free_after(c, hint)) {
            to = hint;
        } else if (is_load) {
            to = is_vector(insn->type) ? alloc_xmm(c, hint) : alloc_gpr(c, hint);
        }
        emit_op(e, OP_TEST | OP_W, pointer, at_reg(pointer), 0);
        emit_jcc(e, CC_E, look.slow);
    }
    IrType type = is_load ? insn->type : type_of(c, insn->b);
    access_by_pointer(c, insn, mem, at_mem(pointer, mem->offset - group->group_low), is_load ? to : value, n);
    use_cold(e);
    label_here(e, look.slow);
    emit_refill(c, &look);
    address_again(c, insn, mem, pointer);
    access_alone(c, insn, mem, pointer, is_load ? to : value, n, look.resume);
    emit_record(c, &(Record){ .kind = is_load ? RECORD_LOAD : RECORD_STORE, .type = type, .mem = mem, .address = pointer, .result = to, .result2 = pointer,
                              .x = is_load ? 0 : insn->b, .resume = look.resume });
    use_hot(e);
    label_here(e, look.resume);
    if (first) {
        define(c, key, pointer);
    }
    if (is_load) {
        define(c, c->at, to);
    }
}

static void load(Compiler *c, const IrInsn *insn, const IrMem *mem)
{
    Emitter *e = &c->e;
    if (c->v[c->at].group) {
        flags_clobber(c);
        access_in_group(c, insn, mem, NO_REG, 0);
        return;
    }
    bool vector = is_vector(insn->type), in_memory = is_memory_type(insn->type);
    Look look = look_new(c);
    flags_clobber(c);
    unsigned address = address_of(c, insn, mem);
    uint32_t store_later = c->v[c->at].pair;
    unsigned t = alloc_gpr(c, vector || store_later ? NO_REG : hint_of(c, c->at)), to = t, hint = hint_of(c, c->at);
    if (in_memory) {
        to = NO_REG;
        spill_place(c, c->at);
    } else if (vector) {
        to = alloc_xmm(c, hint);
    } else if (hint != NO_REG && hint != t && pin_free_after(c, hint)) {
        to = hint;
    } else if (store_later) {
        to = alloc_gpr(c, NO_REG);
    }
    Record record = { .kind = RECORD_LOAD, .type = insn->type, .mem = mem, .address = address, .result = to,
                      .result2 = store_later ? t : RAX, .resume = look.resume };
    if (always_slow(mem, insn->type)) {
        emit_jmp(e, look.slow);
    } else {
        check(c, mem, address, t, mem->will_write, false, &look);
        Place from = at_index(t, address, 0, 0);
        if (store_later) {
            emit_alu(e, ALU_ADD, 3, t, at_reg(address));
            from = at_mem(t, 0);
        }
        if (vector) {
            vload(c, to, from, 1 << mem->size_log2);
        } else {
            load_gpr(c, insn, mem, to, from);
        }
    }
    off_path(c, &look, &record);
    if (to != NO_REG) {
        define(c, c->at, to);
    }
    if (store_later) {
        define(c, store_later, t);
    }
}

/* ---- stores ---- */

/* By the host's address that a load has left: 0 where that took the slow path. */
static void store_by_pointer(Compiler *c, const IrInsn *insn, const IrMem *mem, unsigned value, uint64_t constant)
{
    Emitter *e = &c->e;
    bool wide = c->block->address_bits == 64;
    Label slow = label_new(e), resume = label_new(e);
    unsigned pointer = use_gpr(c, c->at);
    emit_op(e, OP_TEST | OP_W, pointer, at_reg(pointer), 0);
    emit_jcc(e, CC_E, slow);
    if (value == NO_REG) {
        emit_store_imm(e, mem->size_log2, at_mem(pointer, 0), constant);
    } else {
        emit_store(e, mem->size_log2, at_mem(pointer, 0), value);
    }
    use_cold(e);
    label_here(e, slow);
    load_value(c, pointer, insn->a, true);
    if (fits32(mem->offset)) {
        emit_lea(e, wide, pointer, at_mem(pointer, mem->offset));
    } else {
        add_offset(c, pointer, mem->offset);
        emit_mov(e, wide, pointer, pointer);
    }
    emit_record(c, &(Record){ .kind = RECORD_STORE, .type = type_of(c, insn->b), .mem = mem, .address = pointer, .x = insn->b, .resume = resume });
    use_hot(e);
    label_here(e, resume);
}

static void store(Compiler *c, const IrInsn *insn, const IrMem *mem)
{
    Emitter *e = &c->e;
    IrType type = type_of(c, insn->b);
    Look look = look_new(c);
    bool vector = is_vector(type), in_memory = is_memory_type(type);
    uint64_t n = 0;
    flags_clobber(c);
    bool immediate = !vector && is_const(c, insn->b, &n) && (mem->size_log2 < 3 || (int64_t)n == (int32_t)n);
    unsigned value = immediate || in_memory ? NO_REG : vector ? use_xmm(c, insn->b) : use_gpr(c, insn->b);
    if (c->v[c->at].group) {
        access_in_group(c, insn, mem, value, n);
        return;
    }
    if (c->v[c->at].pair) {
        store_by_pointer(c, insn, mem, value, n);
        return;
    }
    unsigned address = address_of(c, insn, mem), t = alloc_gpr(c, NO_REG);
    if (always_slow(mem, type)) {
        emit_jmp(e, look.slow);
    } else {
        check(c, mem, address, t, true, false, &look);
        Place to = at_index(t, address, 0, 0);
        if (immediate) {
            emit_store_imm(e, mem->size_log2, to, n);
        } else if (vector) {
            vstore(c, to, value, 1 << mem->size_log2);
        } else {
            emit_store(e, mem->size_log2, to, value);
        }
    }
    off_path(c, &look, &(Record){ .kind = RECORD_STORE, .type = type, .mem = mem, .address = address, .x = insn->b, .resume = look.resume });
    if (mem->order == IR_ORDER_SEQ) {
        emit_op(e, OP_ONE(0x83) | OP_LOCK, ALU_OR, at_mem(RSP, FRAME_ARGS), 1);
        emit8(e, 0);
    }
}

/* vmovdqu8 [pointer + address]{mask}, value: of the bytes whose bit in the mask is set. */
static void emit_masked_store(Emitter *e, unsigned pointer, unsigned address, unsigned mask, unsigned value, bool wide)
{
    enum { K1 = 1 };
    emit_vex(e, OP(MAP_0F, PP_F2, 0x92), false, K1, NO_REG, at_reg(mask), 0);       /* kmovd k1, mask */
    emit_alu(e, ALU_ADD, 3, pointer, at_reg(address));
    emit_evex_masked(e, OP(MAP_0F, PP_F2, 0x7f), wide, value, K1, at_mem(pointer, 0));
}

/* All bytes: as any store. Some: the host's masked store, or off the path. */
static void store_masked(Compiler *c, const IrInsn *insn, const IrMem *mem)
{
    Emitter *e = &c->e;
    const IrInsn *args = insn_of(c, insn->b);
    IrType type = type_of(c, args->a);
    bool wide = type == IR_V256, in_memory = is_memory_type(type);
    Look look = look_new(c);
    Label partly = label_new(e), record = label_new(e);
    flags_clobber(c);
    unsigned value = in_memory ? NO_REG : use_xmm(c, args->a), mask = use_gpr(c, args->b), address = address_of(c, insn, mem), t = alloc_gpr(c, NO_REG);
    if (always_slow(mem, type)) {
        emit_jmp(e, look.slow);
    } else {
        check(c, mem, address, t, true, false, &look);
        emit_alu_imm(e, ALU_CMP, 2, at_reg(mask), wide ? -1 : 0xffff);
        emit_jcc(e, CC_NE, partly);
        vstore(c, at_index(t, address, 0, 0), value, wide ? 32 : 16);
    }
    use_cold(e);
    label_here(e, partly);
    if ((x64.host & HOST_AVX512) && !in_memory) {
        emit_masked_store(e, t, address, mask, value, wide);
        emit_jmp(e, look.resume);
    } else {
        emit_jmp(e, record);
    }
    label_here(e, look.slow);
    emit_refill(c, &look);
    label_here(e, record);
    emit_record(c, &(Record){ .kind = RECORD_STORE_MASKED, .type = type, .mem = mem, .address = address, .x = args->a, .y = args->b, .resume = look.resume });
    use_hot(e);
    label_here(e, look.resume);
}

static void probe(Compiler *c, const IrInsn *insn, const IrMem *mem)
{
    Look look = look_new(c);
    flags_clobber(c);
    unsigned address = address_of(c, insn, mem), t = alloc_gpr(c, NO_REG);
    check(c, mem, address, t, true, false, &look);
    off_path(c, &look, &(Record){ .kind = RECORD_PROBE, .mem = mem, .address = address, .resume = look.resume });
}

/* ---- atomics ---- */

/* What the host's instruction leaves above the width. */
static void zero_extend(Compiler *c, unsigned size_log2, unsigned to, unsigned from)
{
    if (size_log2 < 2) {
        emit_op(&c->e, size_log2 == 0 ? OP_MOVZX8 : OP_MOVZX16, to, at_reg(from), 0);
    } else {
        emit_mov(&c->e, size_log2 == 3, to, from);
    }
}

static uint32_t sized(uint32_t byte_op, unsigned size_log2)
{
    return size_log2 == 0 ? byte_op | OP_BYTE : size_log2 == 1 ? (byte_op + 1) | PP_66 << 10 : size_log2 == 2 ? byte_op + 1 : (byte_op + 1) | OP_W;
}

static void exchange_add(Compiler *c, const IrInsn *insn, const IrMem *mem, Place at, unsigned reg)
{
    load_value(c, reg, insn->b, true);
    if (insn->sub == IR_ATOMIC_XCHG) {
        emit_op(&c->e, sized(OP_ONE(0x86), mem->size_log2), reg, at, 0);
    } else {
        if (insn->sub == IR_ATOMIC_SUB) {
            emit_unary(&c->e, 3, 3, at_reg(reg));
        }
        emit_op(&c->e, sized(OP_0F(0xc0), mem->size_log2) | OP_LOCK, reg, at, 0);
    }
    if (mem->size_log2 < 2) {
        zero_extend(c, mem->size_log2, reg, reg);
    }
}

static const int8_t atomic_alu[IR_ATOMIC_UMAX + 1] = { [IR_ATOMIC_XCHG] = -1, [IR_ATOMIC_ADD] = ALU_ADD, [IR_ATOMIC_AND] = ALU_AND, [IR_ATOMIC_OR] = ALU_OR,
                                                       [IR_ATOMIC_XOR] = ALU_XOR, [IR_ATOMIC_SUB] = ALU_SUB, [IR_ATOMIC_SMIN] = -1, [IR_ATOMIC_SMAX] = -1,
                                                       [IR_ATOMIC_UMIN] = -1, [IR_ATOMIC_UMAX] = -1 };

static void compare_loop(Compiler *c, const IrInsn *insn, const IrMem *mem, unsigned pointer, unsigned reg)
{
    Emitter *e = &c->e;
    unsigned size = mem->size_log2;
    Place at = at_mem(pointer, 0);
    Label again = label_new(e);
    emit_op(e, size == 0 ? OP_MOVZX8 : size == 1 ? OP_MOVZX16 : OP_MOV_LOAD | (size == 3 ? OP_W : 0), RAX, at, 0);
    label_here(e, again);
    emit_mov(e, true, reg, RAX);
    emit_alu(e, atomic_alu[insn->sub], size == 3 ? 3 : 2, reg, peek_place(c, insn->b, size == 3 ? 3 : 2));
    emit_op(e, sized(OP_0F(0xb0), size) | OP_LOCK, reg, at, 0);
    emit_jcc(e, CC_NE, again);
    zero_extend(c, size, reg, RAX);
}

static void atomic(Compiler *c, const IrInsn *insn, const IrMem *mem)
{
    Emitter *e = &c->e;
    Value *v = &c->v[c->at];
    Look look = look_new(c);
    flags_clobber(c);
    unsigned value = use_gpr(c, insn->b), address = address_of(c, insn, mem), t = alloc_gpr(c, NO_REG), reg = alloc_gpr(c, hint_of(c, c->at));
    int alu = atomic_alu[insn->sub];
    bool odd = alu < 0 && insn->sub != IR_ATOMIC_XCHG;
    if (mem->big_endian || odd) {
        emit_jmp(e, look.slow);
    } else {
        check(c, mem, address, t, true, true, &look);
        emit_alu(e, ALU_ADD, 3, t, at_reg(address));
        if (alu >= 0 && !v->uses && !v->at_point) {
            emit_op(e, sized(OP_ONE(alu << 3), mem->size_log2) | OP_LOCK, value, at_mem(t, 0), 0);
        } else if (insn->sub == IR_ATOMIC_XCHG || insn->sub == IR_ATOMIC_ADD || insn->sub == IR_ATOMIC_SUB) {
            exchange_add(c, insn, mem, at_mem(t, 0), reg);
        } else {
            compare_loop(c, insn, mem, t, reg);
        }
    }
    off_path(c, &look, &(Record){ .kind = RECORD_ATOMIC, .type = insn->type, .mem = mem, .op = insn->sub, .address = address, .result = reg, .x = insn->b,
                                  .resume = look.resume });
    define(c, c->at, reg);
}

/* 16 bytes at t: the operands are in memory; what has to be in certain registers takes their places for a while. */
static void compare_exchange_pair(Compiler *c, const IrInsn *args, unsigned t)
{
    static const uint8_t kept[] = { RBX, RCX, RDX, RSI };
    Emitter *e = &c->e;
    Place old = spill_place(c, c->at);
    for (unsigned i = 0; i < G_N_ELEMENTS(kept); i++) {
        emit_store(e, 3, at_mem(RSP, FRAME_ARGS + 8 * i), kept[i]);
    }
    emit_mov(e, true, RSI, t);
    emit_load(e, true, RAX, peek_place(c, args->a, 3));
    emit_load(e, true, RDX, place_beyond(peek_place(c, args->a, 3), 8));
    emit_load(e, true, RBX, peek_place(c, args->b, 3));
    emit_load(e, true, RCX, place_beyond(peek_place(c, args->b, 3), 8));
    emit_op(e, OP_0F(0xc7) | OP_W | OP_LOCK, 1, at_mem(RSI, 0), 0);
    emit_store(e, 3, old, RAX);
    emit_store(e, 3, place_beyond(old, 8), RDX);
    for (unsigned i = 0; i < G_N_ELEMENTS(kept); i++) {
        emit_load(e, true, kept[i], at_mem(RSP, FRAME_ARGS + 8 * i));
    }
}

static void compare_exchange(Compiler *c, const IrInsn *insn, const IrMem *mem)
{
    Emitter *e = &c->e;
    const IrInsn *args = insn_of(c, insn->b);
    Look look = look_new(c);
    bool pair = insn->type == IR_I128;
    flags_clobber(c);
    unsigned desired = pair ? NO_REG : use_gpr(c, args->b), address = address_of(c, insn, mem);
    unsigned t = alloc_gpr(c, NO_REG), reg = pair ? NO_REG : alloc_gpr(c, hint_of(c, c->at));
    if (pair) {
        spill_place(c, c->at);
    }
    use_places_for_record(c, args->a);
    if ((pair && !(x64.host & HOST_CX16)) || mem->big_endian) {
        emit_jmp(e, look.slow);
    } else if (pair) {
        check(c, mem, address, t, true, true, &look);
        emit_alu(e, ALU_ADD, 3, t, at_reg(address));
        compare_exchange_pair(c, args, t);
    } else {
        check(c, mem, address, t, true, true, &look);
        emit_alu(e, ALU_ADD, 3, t, at_reg(address));
        load_value(c, RAX, args->a, true);
        emit_op(e, sized(OP_0F(0xb0), mem->size_log2) | OP_LOCK, desired, at_mem(t, 0), 0);
        zero_extend(c, mem->size_log2, reg, RAX);
    }
    off_path(c, &look, &(Record){ .kind = RECORD_CAS, .type = insn->type, .mem = mem, .op = -1, .address = address, .result = reg, .x = args->a, .y = args->b,
                                  .resume = look.resume });
    if (reg != NO_REG) {
        define(c, c->at, reg);
    }
}

/* ---- others ---- */

static void fence(Compiler *c, const IrInsn *insn)
{
    if (insn->sub == IR_ORDER_SEQ) {
        flags_clobber(c);
        emit_op(&c->e, OP_ONE(0x83) | OP_LOCK, ALU_OR, at_mem(RSP, FRAME_ARGS), 1);
        emit8(&c->e, 0);
    }
}

static void clock_value(Compiler *c)
{
    alloc_fixed(c, RDX);
    flags_clobber(c);
    unsigned reg = alloc_gpr(c, hint_of(c, c->at));
    emit8(&c->e, 0x0f);
    emit8(&c->e, 0x31);
    emit_shift_imm(&c->e, SHIFT_SHL, 3, RDX, 32);
    emit_lea(&c->e, true, reg, at_index(RDX, RAX, 0, 0));
    define(c, c->at, reg);
}

bool emit_memory(Compiler *c, const IrInsn *insn)
{
    const IrMem *mem = &c->block->mems[insn->c];          /* of no meaning for the last two */
    switch (insn->op) {
    case IR_LOAD:
        load(c, insn, mem);
        return true;
    case IR_STORE:
        store(c, insn, mem);
        return true;
    case IR_STORE_MASKED:
        store_masked(c, insn, mem);
        return true;
    case IR_PROBE_WRITE:
        probe(c, insn, mem);
        return true;
    case IR_ATOMIC:
        atomic(c, insn, mem);
        return true;
    case IR_CAS:
        compare_exchange(c, insn, mem);
        return true;
    case IR_FENCE:
        fence(c, insn);
        return true;
    case IR_CLOCK:
        clock_value(c);
        return true;
    default:
        return false;
    }
}
