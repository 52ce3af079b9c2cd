/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/emit.h"
#include <string.h>

/* ---- buffers ---- */

enum { COLD_BYTES = 256 * 1024, MARGIN = 2048, FIXED_TARGET = 0xfffffffeu };

void emitter_start(Emitter *e, uint8_t *room, size_t bytes, intptr_t to_execute)
{
    if (!e->cold) {
        e->cold = g_malloc(COLD_BYTES);
        e->cold_end = e->cold + COLD_BYTES;
        e->max_labels = e->max_fixes = e->max_pool = 1024;
        e->labels = g_new(uint32_t, e->max_labels);
        e->fixes = g_new(Fix, e->max_fixes);
        e->pool = g_new(uint64_t, e->max_pool);
        e->max_relocs = 1024;
        e->relocs = g_new(TcgReloc, e->max_relocs);
    }
    e->p = e->hot = room;
    e->hot_end = room + bytes;
    e->other = e->cold;
    e->in_cold = false;
    e->full = bytes < 2 * MARGIN;
    e->nr_labels = e->nr_fixes = e->nr_pool = e->nr_relocs = 0;
    e->fixed_to_place = false;
    e->to_execute = to_execute;
}

bool emitter_area_full(const Emitter *e)
{
    const uint8_t *hot = e->in_cold ? e->other : e->p, *cold = e->in_cold ? e->p : e->other;
    return e->cold_end - cold >= MARGIN && e->hot_end - hot < MARGIN + (cold - e->cold) + 8 * (ptrdiff_t)e->nr_pool + 64;
}

bool emitter_check(Emitter *e)
{
    const uint8_t *hot = e->in_cold ? e->other : e->p, *cold = e->in_cold ? e->p : e->other;
    if (e->hot_end - hot < MARGIN || e->cold_end - cold < MARGIN) {
        e->full = true;
    }
    return e->full;
}

Label label_new(Emitter *e)
{
    if (e->nr_labels == e->max_labels) {
        e->max_labels *= 2;
        e->labels = g_renew(uint32_t, e->labels, e->max_labels);
    }
    e->labels[e->nr_labels] = LABEL_UNSET;
    return e->nr_labels++;
}

static void add_fix(Emitter *e, Fix fix)
{
    if (e->nr_fixes == e->max_fixes) {
        e->max_fixes *= 2;
        e->fixes = g_renew(Fix, e->fixes, e->max_fixes);
    }
    e->fixes[e->nr_fixes++] = fix;
}

void emit_distance(Emitter *e, Label l, int32_t add)
{
    add_fix(e, (Fix){ .at = here(e), .label = l, .add = add });
    emit32(e, 0);
}

/* At the next byte to be written. */
static void add_reloc(Emitter *e, unsigned kind, size_t value)
{
    if (e->nr_relocs == e->max_relocs) {
        e->max_relocs *= 2;
        e->relocs = g_renew(TcgReloc, e->relocs, e->max_relocs);
    }
    e->fixed_to_place |= value >= 1u << 30;
    e->relocs[e->nr_relocs++] = (TcgReloc){ .at = here(e), .kind = kind, .value = value };
}

void emit_reloc_behind(Emitter *e, unsigned kind, size_t value)
{
    e->p -= 4;
    add_reloc(e, kind, value);
    e->p += 4;
}

/* A distance to a fixed place: the cold buffer moves, so its own part is added at the end. */
static void emit_fixed_distance(Emitter *e, const void *target)
{
    if (e->in_cold) {
        add_fix(e, (Fix){ .at = here(e), .label = FIXED_TARGET });
    }
    add_reloc(e, TCG_RELOC_STUB, (const uint8_t *)target - e->fixed_base);
    intptr_t from = (intptr_t)(e->in_cold ? e->p - e->cold : (intptr_t)e->p + e->to_execute) + 4;
    emit32(e, (uint32_t)((intptr_t)target - from));
}

Place pool_place(Emitter *e, uint64_t lo, uint64_t hi)
{
    for (uint32_t i = 0; i < e->nr_pool; i += 2) {
        if (e->pool[i] == lo && e->pool[i + 1] == hi) {
            return (Place){ .kind = PLACE_POOL, .disp = i * 8 };
        }
    }
    if (e->nr_pool == e->max_pool) {
        e->max_pool *= 2;
        e->pool = g_renew(uint64_t, e->pool, e->max_pool);
    }
    e->pool[e->nr_pool] = lo;
    e->pool[e->nr_pool + 1] = hi;
    e->nr_pool += 2;
    return (Place){ .kind = PLACE_POOL, .disp = (e->nr_pool - 2) * 8 };
}

static size_t resolve(uint32_t at, size_t cold_at)
{
    return at & IN_COLD ? cold_at + (at & ~IN_COLD) : at;
}

size_t emitter_finish(Emitter *e)
{
    size_t hot = e->p - e->hot, cold = e->other - e->cold;
    size_t cold_at = (hot + 15) & ~(size_t)15, pool_at = (cold_at + cold + 15) & ~(size_t)15, end = pool_at + e->nr_pool * 8;
    if (e->full || end > (size_t)(e->hot_end - e->hot)) {
        return 0;
    }
    memset(e->p, 0xcc, cold_at - hot);
    memcpy(e->hot + cold_at, e->cold, cold);
    memset(e->hot + cold_at + cold, 0xcc, pool_at - cold_at - cold);
    memcpy(e->hot + pool_at, e->pool, e->nr_pool * 8);
    for (uint32_t i = 0; i < e->nr_fixes; i++) {
        const Fix *f = &e->fixes[i];
        size_t at = resolve(f->at, cold_at);
        int32_t distance;
        memcpy(&distance, e->hot + at, 4);
        if (f->label == FIXED_TARGET) {
            distance -= (int32_t)((intptr_t)(e->hot + cold_at) + e->to_execute);
        } else if (f->pool) {
            distance = (int32_t)(pool_at + f->label - (at + 4)) + f->add;
        } else {
            g_assert(e->labels[f->label] != LABEL_UNSET);
            distance = (int32_t)(resolve(e->labels[f->label], cold_at) - (at + 4)) + f->add;
        }
        memcpy(e->hot + at, &distance, 4);
    }
    for (uint32_t i = 0; i < e->nr_relocs; i++) {
        e->relocs[i].at = resolve(e->relocs[i].at, cold_at);
    }
    return (end + 15) & ~(size_t)15;
}

/* ---- operands ---- */

static void emit_operands(Emitter *e, unsigned reg, Place rm, unsigned imm_bytes)
{
    unsigned field = (reg & 7) << 3, base = rm.reg & 7;
    if (rm.kind == PLACE_REG) {
        emit8(e, 0xc0 | field | base);
        return;
    }
    if (rm.kind == PLACE_POOL) {
        emit8(e, field | 5);
        add_fix(e, (Fix){ .at = here(e), .label = rm.disp, .add = -(int32_t)imm_bytes, .pool = true });
        emit32(e, 0);
        return;
    }
    bool sib = rm.index != NO_REG || base == RSP;
    unsigned low = sib ? 4 : base;
    if (rm.reg == NO_REG) {         /* index * scale + disp32 */
        emit8(e, field | 4);
        emit8(e, rm.scale << 6 | (rm.index & 7) << 3 | 5);
        emit32(e, rm.disp);
        return;
    }
    unsigned mod = rm.disp == 0 && base != RBP ? 0 : rm.disp == (int8_t)rm.disp ? 1 : 2;
    emit8(e, mod << 6 | field | low);
    if (sib) {
        emit8(e, rm.scale << 6 | (rm.index == NO_REG ? 4 : rm.index & 7) << 3 | base);
    }
    if (mod == 1) {
        emit8(e, rm.disp);
    } else if (mod == 2) {
        emit32(e, rm.disp);
    }
}

static inline bool high_bit(unsigned reg)
{
    return reg != NO_REG && (reg & 8);
}

static inline unsigned extension_x(Place rm)
{
    return rm.kind == PLACE_MEM && rm.index != NO_REG && (rm.index & 8);
}

static inline unsigned extension_b(Place rm)
{
    return (rm.kind == PLACE_REG || rm.kind == PLACE_MEM) && high_bit(rm.reg);
}

void emit_op(Emitter *e, uint32_t op, unsigned reg, Place rm, unsigned imm_bytes)
{
    static const uint8_t prefixes[4] = { 0, 0x66, 0xf3, 0xf2 };
    unsigned rex = (op & OP_W ? 8 : 0) | (high_bit(reg) ? 4 : 0) | (extension_x(rm) ? 2 : 0) | (extension_b(rm) ? 1 : 0);
    bool byte_reg = ((op & OP_BYTE) && reg >= 4 && reg < 8) || ((op & OP_BYTE_RM) && rm.kind == PLACE_REG && rm.reg >= 4 && rm.reg < 8);
    if (op & OP_LOCK) {
        emit8(e, 0xf0);
    }
    if (op >> 10 & 3) {
        emit8(e, prefixes[op >> 10 & 3]);
    }
    if (rex || byte_reg) {
        emit8(e, 0x40 | rex);
    }
    unsigned map = op >> 8 & 3;
    if (map) {
        emit8(e, 0x0f);
        if (map > MAP_0F) {
            emit8(e, map == MAP_0F38 ? 0x38 : 0x3a);
        }
    }
    emit8(e, op);
    emit_operands(e, reg, rm, imm_bytes);
}

void emit_vex(Emitter *e, uint32_t op, bool wide, unsigned reg, unsigned v, Place rm, unsigned imm_bytes)
{
    unsigned map = op >> 8 & 3, pp = op >> 10 & 3, vvvv = v == NO_REG ? 15 : ~v & 15, r = high_bit(reg) ? 0 : 0x80;
    unsigned x = extension_x(rm) ? 0 : 0x40, b = extension_b(rm) ? 0 : 0x20;
    if (map == MAP_0F && x && b && !(op & OP_W)) {
        emit8(e, 0xc5);
        emit8(e, r | vvvv << 3 | wide << 2 | pp);
    } else {
        emit8(e, 0xc4);
        emit8(e, r | x | b | map);
        emit8(e, (op & OP_W ? 0x80 : 0) | vvvv << 3 | wide << 2 | pp);
    }
    emit8(e, op);
    emit_operands(e, reg, rm, imm_bytes);
}

void emit_evex_masked(Emitter *e, uint32_t op, bool wide, unsigned reg, unsigned mask, Place mem)
{
    unsigned r = high_bit(reg) ? 0 : 0x80, x = extension_x(mem) ? 0 : 0x40, b = extension_b(mem) ? 0 : 0x20;
    emit8(e, 0x62);
    emit8(e, r | x | b | 0x10 | (op >> 8 & 3));
    emit8(e, (op & OP_W ? 0x80 : 0) | 15 << 3 | 4 | (op >> 10 & 3));
    emit8(e, wide << 5 | 8 | mask);
    emit8(e, op);
    emit_operands(e, reg, mem, 0);
}

/* ---- integers ---- */

/* Adds to an opcode that exists for bytes and for words what the width asks for. */
static uint32_t sized(uint32_t opcode_of_byte, unsigned width)
{
    switch (width) {
    case 0:
        return OP_ONE(opcode_of_byte) | OP_BYTE | OP_BYTE_RM;
    case 1:
        return OP(MAP_ONE, PP_66, opcode_of_byte + 1);
    case 2:
        return OP_ONE(opcode_of_byte + 1);
    default:
        return OP_ONE(opcode_of_byte + 1) | OP_W;
    }
}

void emit_alu_imm(Emitter *e, unsigned alu, unsigned width, Place rm, int32_t imm)
{
    if (width == 0) {
        emit_op(e, OP_ONE(0x80) | OP_BYTE_RM, alu, rm, 1);
        emit8(e, imm);
    } else if (imm == (int8_t)imm) {
        emit_op(e, sized(0x82, width), alu, rm, 1);
        emit8(e, imm);
    } else {
        emit_op(e, sized(0x80, width), alu, rm, width == 1 ? 2 : 4);
        width == 1 ? emit16(e, imm) : emit32(e, imm);
    }
}

void emit_alu(Emitter *e, unsigned alu, unsigned width, unsigned reg, Place rm)
{
    if (rm.kind == PLACE_IMM) {
        emit_alu_imm(e, alu, width, at_reg(reg), rm.disp);
    } else {
        emit_op(e, sized(alu << 3 | 2, width), reg, rm, 0);
    }
}

void emit_alu_to(Emitter *e, unsigned alu, unsigned width, Place mem, unsigned reg)
{
    emit_op(e, sized(alu << 3, width), reg, mem, 0);
}

void emit_shift_imm(Emitter *e, unsigned shift, unsigned width, unsigned reg, unsigned count)
{
    if (count == 1) {
        emit_op(e, sized(0xd0, width), shift, at_reg(reg), 0);
    } else {
        emit_op(e, sized(0xc0, width), shift, at_reg(reg), 1);
        emit8(e, count);
    }
}

void emit_shift_cl(Emitter *e, unsigned shift, unsigned width, unsigned reg)
{
    emit_op(e, sized(0xd2, width), shift, at_reg(reg), 0);
}

void emit_unary(Emitter *e, unsigned n, unsigned width, Place rm)
{
    emit_op(e, sized(0xf6, width), n, rm, 0);
}

void emit_mov(Emitter *e, bool wide, unsigned to, unsigned from)
{
    if (to != from || !wide) {
        emit_op(e, OP_MOV_LOAD | (wide ? OP_W : 0), to, at_reg(from), 0);
    }
}

void emit_load(Emitter *e, bool wide, unsigned to, Place mem)
{
    emit_op(e, OP_MOV_LOAD | (wide ? OP_W : 0), to, mem, 0);
}

void emit_store(Emitter *e, unsigned width, Place mem, unsigned reg)
{
    emit_op(e, sized(0x88, width), reg, mem, 0);
}

void emit_store_imm(Emitter *e, unsigned width, Place mem, int32_t imm)
{
    emit_op(e, sized(0xc6, width), 0, mem, width == 0 ? 1 : width == 1 ? 2 : 4);
    if (width == 0) {
        emit8(e, imm);
    } else if (width == 1) {
        emit16(e, imm);
    } else {
        emit32(e, imm);
    }
}

void emit_imm(Emitter *e, unsigned reg, uint64_t value)
{
    if (value <= UINT32_MAX) {
        if (reg & 8) {
            emit8(e, 0x41);
        }
        emit8(e, 0xb8 | (reg & 7));
        emit32(e, value);
    } else if ((int64_t)value == (int32_t)value) {
        emit_op(e, OP_ONE(0xc7) | OP_W, 0, at_reg(reg), 4);
        emit32(e, value);
    } else {
        emit8(e, reg & 8 ? 0x49 : 0x48);
        emit8(e, 0xb8 | (reg & 7));
        emit64(e, value);
    }
}

void emit_lea(Emitter *e, bool wide, unsigned to, Place mem)
{
    emit_op(e, OP_LEA | (wide ? OP_W : 0), to, mem, 0);
}

static void one_byte(Emitter *e, unsigned opcode, unsigned reg)
{
    if (reg & 8) {
        emit8(e, 0x41);
    }
    emit8(e, opcode | (reg & 7));
}

void emit_push(Emitter *e, unsigned reg)
{
    one_byte(e, 0x50, reg);
}

void emit_pop(Emitter *e, unsigned reg)
{
    one_byte(e, 0x58, reg);
}

void emit_setcc(Emitter *e, unsigned cc, unsigned reg)
{
    emit_op(e, OP_0F(0x90 | cc) | OP_BYTE_RM, 0, at_reg(reg), 0);
}

void emit_cmov(Emitter *e, unsigned cc, bool wide, unsigned to, Place rm)
{
    emit_op(e, OP_0F(0x40 | cc) | (wide ? OP_W : 0), to, rm, 0);
}

/* ---- control ---- */

void emit_jcc(Emitter *e, unsigned cc, Label l)
{
    emit8(e, 0x0f);
    emit8(e, 0x80 | cc);
    emit_distance(e, l, 0);
}

void emit_jmp(Emitter *e, Label l)
{
    emit8(e, 0xe9);
    emit_distance(e, l, 0);
}

void emit_jmp_to(Emitter *e, const void *target)
{
    emit8(e, 0xe9);
    emit_fixed_distance(e, target);
}

void emit_call_to(Emitter *e, const void *target)
{
    emit8(e, 0xe8);
    emit_fixed_distance(e, target);
}

void emit_jcc_to(Emitter *e, unsigned cc, const void *target)
{
    emit8(e, 0x0f);
    emit8(e, 0x80 | cc);
    emit_fixed_distance(e, target);
}

void emit_address(Emitter *e, unsigned reg, const void *address, unsigned reloc_kind, size_t offset)
{
    emit8(e, reg & 8 ? 0x49 : 0x48);
    emit8(e, 0xb8 | (reg & 7));
    add_reloc(e, reloc_kind, offset);
    emit64(e, (uintptr_t)address);
}

/* The linker's: where the program's image starts. */
extern const char __executable_start;

void emit_call_c(Emitter *e, const void *function)
{
    emit_address(e, RAX, function, TCG_RELOC_FUNCTION, (const char *)function - &__executable_start);
    emit_op(e, OP_ONE(0xff), 2, at_reg(RAX), 0);
}

void emit_count(Emitter *e, const uint64_t *counter)
{
    emit_address(e, RAX, counter, TCG_RELOC_FUNCTION, (const char *)counter - &__executable_start);
    emit8(e, 0xf0);                     /* lock inc qword [rax] */
    emit_op(e, OP_ONE(0xff) | OP_W, 0, at_mem(RAX, 0), 0);
}

void emit_nops(Emitter *e, unsigned bytes)
{
    static const uint8_t nops[3][3] = { { 0x90 }, { 0x66, 0x90 }, { 0x0f, 0x1f, 0x00 } };
    while (bytes) {
        unsigned n = MIN(bytes, 3);
        memcpy(e->p, nops[n - 1], n);
        e->p += n;
        bytes -= n;
    }
}
