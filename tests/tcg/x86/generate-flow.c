/*
 * Sequences of any instructions of the tables, made so that most states get to their end: memory operands lie at R15 (by way of DS, FS or GS), counters of loops in R13, and
 * flags that an instruction leaves undefined (opcodes.c; Intel SDM volume 1, appendix A) are not read by a later one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "states.h"
#include "writer.h"
#include "target/i386/cpu.h"
#include <asm/prctl.h>
#include <glib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ROOM = 112, R13_LOOP = 13 };

typedef struct Flow { Writer w; X86Random *r; uint32_t undefined; } Flow;

/* Before each instruction: what is not defined should it fault. */
static void mark(Flow *f)
{
    f->w.c->undefined_at[f->w.position] = f->undefined;
}

static void put(Flow *f, uint64_t value, unsigned bytes)
{
    writer_put(&f->w, value, bytes);
}

/* A register that sequences may change. */
static unsigned any_register(Flow *f)
{
    static const uint8_t some[] = { 0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 14, 0, 1, 2, 3 };
    return some[random_below(f->r, G_N_ELEMENTS(some))];
}

/* ---- operands ---- */

typedef enum Place { PLACE_REGISTER, PLACE_BASE, PLACE_FAR, PLACE_FS, PLACE_GS, PLACE_INDEXED } Place;
typedef struct Operands { Place place; unsigned reg, rm, index; } Operands;

/* Instructions and prefixes that come before the instruction's own; sets REX but for W. */
static Operands begin_operands(Flow *f, bool memory, unsigned reg, unsigned rm)
{
    static const uint8_t places[] = { PLACE_BASE, PLACE_BASE, PLACE_BASE, PLACE_BASE, PLACE_FAR, PLACE_FS, PLACE_GS, PLACE_INDEXED };
    Operands o = { .place = memory ? places[random_below(f->r, G_N_ELEMENTS(places))] : PLACE_REGISTER, .reg = reg, .rm = rm };
    if (o.place == PLACE_INDEXED) {
        /* movzbl */
        o.index = random_below(f->r, 4);
        mark(f);
        put(f, 0xb60f, 2);
        put(f, 0xc0 | o.index << 3 | o.index, 1);
    }
    f->w.no_67 = o.place == PLACE_FS;
    mark(f);
    if (o.place == PLACE_FS || o.place == PLACE_GS) {
        put(f, o.place == PLACE_FS ? 0x64 : 0x65, 1);
    }
    unsigned rex = (reg & 8) >> 1 | (memory || rm & 8 ? 1 : 0);
    f->w.rex = rex ? 0x40 | rex | (f->w.rex & 8) : f->w.rex;
    return o;
}

static void put_modrm(Flow *f, const Operands *o, unsigned displacement)
{
    unsigned reg = (o->reg & 7) << 3;
    switch (o->place) {
    case PLACE_REGISTER:
        put(f, 0xc0 | reg | (o->rm & 7), 1);
        break;
    case PLACE_BASE:
        put(f, 0x47 | reg, 1);
        put(f, displacement, 1);
        break;
    case PLACE_FAR:
        put(f, 0x87 | reg, 1);
        put(f, displacement, 4);
        break;
    case PLACE_FS:
        put(f, 0x44 | reg, 1);
        put(f, 0x24, 1);
        put(f, displacement, 1);
        break;
    case PLACE_GS:
        put(f, 0x87 | reg, 1);
        put(f, displacement - STATES_GS_BASE, 4);
        break;
    case PLACE_INDEXED:
        put(f, 0x44 | reg, 1);
        put(f, o->index << 3 | 7, 1);
        put(f, displacement, 1);
        break;
    }
}

/* ---- flags ---- */

static uint32_t flags_of_condition(unsigned cc)
{
    static const uint32_t flags[8] = { CC_O, CC_C, CC_Z, CC_C | CC_Z, CC_S, CC_P, CC_S | CC_O, CC_S | CC_O | CC_Z };
    return flags[(cc & 15) >> 1];
}

static bool is_shift(const Writer *w)
{
    return w->map == X86_MAP_ONE && ((w->opcode & 0xfe) == 0xc0 || (w->opcode & 0xfc) == 0xd0);
}

static bool is_double_shift(const Writer *w)
{
    return w->map == X86_MAP_0F && (w->opcode & 0xf6) == 0xa4;
}

static uint32_t flags_read(const Writer *w)
{
    unsigned op = w->opcode;
    if (w->vex) {
        return 0;
    }
    if (w->map == X86_MAP_0F) {
        return (op & 0xf0) == 0x40 || (op & 0xf0) == 0x90 ? flags_of_condition(op) : 0;
    }
    if (w->map == X86_MAP_0F38) {
        return op == 0xf6 ? CC_C | CC_O : 0;
    }
    bool with_carry = (op & 0xf8) == 0x10 || (op & 0xf8) == 0x18 || op == 0xf5 || (((op & 0xfc) == 0x80 || is_shift(w)) && (w->group_reg & 6) == 2);
    return w->map != X86_MAP_ONE ? 0 : op == 0x9c ? CC_ALL : op == 0x9f ? CC_ALL & ~CC_O : with_carry ? CC_C : 0;
}

/* What is certain to be written; an entry's undefined ones count apart. */
static uint32_t flags_written(const Writer *w)
{
    unsigned op = w->opcode, reg = w->group_reg;
    if (w->vex) {
        return op == 0xf2 || op == 0xf3 ? CC_ALL : 0;
    }
    if (w->map == X86_MAP_0F) {
        return op == 0xb0 || op == 0xb1 || op == 0xc0 || op == 0xc1 || op == 0xb8 ? CC_ALL : op == 0xaf ? CC_C | CC_O
            : (op & 0xe7) == 0xa3 || op == 0xba ? CC_C : op == 0xbc || op == 0xbd ? CC_Z : 0;
    }
    if (w->map != X86_MAP_ONE) {
        return 0;
    }
    if ((op < 0x40 && (op & 7) < 6) || (op & 0xfc) == 0x80 || (op & 0xfe) == 0x84 || (op & 0xfe) == 0xa8) {
        return CC_ALL;
    }
    switch (op) {
    case 0xfe:
    case 0xff:
        return reg < 2 ? CC_ALL & ~CC_C : 0;
    case 0xf6:
    case 0xf7:
        return reg < 2 || reg == 3 ? CC_ALL : reg == 4 || reg == 5 ? CC_C | CC_O : 0;
    case 0xd0:
    case 0xd1:
        return reg < 4 ? CC_C | CC_O : CC_ALL;
    case 0xf5:
    case 0xf8:
    case 0xf9:
        return CC_C;
    case 0x9e:
        return CC_ALL & ~CC_O;
    case 0x69:
    case 0x6b:
        return CC_C | CC_O;
    default:
        return 0;
    }
}

/* SHL and its like, SDM volume 2: OF is undefined but for counts of 1, the others where the count is larger than the operand. */
static uint32_t flags_undefined(const Writer *w, unsigned count)
{
    uint32_t undefined = CC_ALL & ~writer_defined_flags(w);
    bool by_one = is_shift(w) && (w->opcode & 0xfe) == 0xd0;
    if ((!is_shift(w) && !is_double_shift(w)) || by_one) {
        return undefined;
    }
    bool by_cl = is_shift(w) ? (w->opcode & 0xfe) == 0xd2 : w->opcode & 1;
    count &= w->operand_bytes == 8 ? 63 : 31;
    if (by_cl ? w->operand_bytes < 4 : count >= 8 * w->operand_bytes) {
        return CC_ALL;
    }
    return by_cl || count > 1 ? undefined | CC_O : undefined;
}

/* cmp of two registers, so that all flags are defined. */
static void put_compare(Flow *f)
{
    mark(f);
    put(f, 0x39, 1);
    put(f, 0xc0 | random_below(f->r, 4) << 3 | random_below(f->r, 4), 1);
    f->undefined = 0;
}

static void want_flags(Flow *f, uint32_t read)
{
    if (f->undefined & read) {
        put_compare(f);
    }
}

/* ---- integer instructions of the tables ---- */

/* Not those that need registers of their own, or lose the stack. */
static bool fits(const Writer *w)
{
    unsigned op = w->opcode;
    if (w->map == X86_MAP_ONE) {
        bool string = (op >= 0xa4 && op <= 0xa7) || (op >= 0xaa && op <= 0xaf);
        return !string && op != 0xc8 && op != 0xc9 && op != 0xd7 && op != 0x5c && op != 0xf4;
    }
    return true;
}

static bool has_register_in_opcode(const Writer *w)
{
    unsigned op = w->opcode;
    return (w->map == X86_MAP_ONE && ((op & 0xf0) == 0x50 || (op & 0xf8) == 0x90 || (op & 0xf0) == 0xb0)) || (w->map == X86_MAP_0F && (op & 0xf8) == 0xc8);
}

/* The prefix by which VEX instructions of general registers differ. */
static unsigned vex_prefix(Flow *f)
{
    unsigned op = f->w.opcode;
    if (random_chance(f->r, 2)) {
        return random_below(f->r, 4);
    }
    return op == 0xf5 ? (unsigned[]){ 0, 2, 3 }[random_below(f->r, 3)] : op == 0xf6 || op == 0xf0 ? 3 : op == 0xf7 ? random_below(f->r, 4) : 0;
}

static void prepare_division(Flow *f)
{
    if (random_chance(f->r, 90)) {
        mark(f);
        if (f->w.opcode == 0xf6) {
            put(f, 0xc0b60f, 3);
        } else {
            put(f, 0xd231, 2);
            f->undefined = CC_A;
        }
    }
}

static void put_integer(Flow *f)
{
    Writer *w = &f->w;
    X86Random *r = f->r;
    do {
        w->has_66 = w->has_67 = w->vex = false;
        w->simd = NULL;
    } while (!writer_pick_opcode(w, GROUP_INTEGER, NULL) || !fits(w));
    bool division = w->map == X86_MAP_ONE && (w->opcode & 0xfe) == 0xf6 && w->group_reg >= 6;
    bool bit_by_register = w->map == X86_MAP_0F && (w->opcode & 0xe7) == 0xa3;
    if (division) {
        prepare_division(f);
    }
    want_flags(f, flags_read(w));
    bool modrm = w->flags & X86_OP_MODRM;
    bool memory = modrm && !bit_by_register && ((w->flags & X86_OP_MEMORY) || (!(w->flags & (X86_OP_REGISTER | X86_OP_NO_MOD)) && random_chance(r, 40)));
    w->rex = random_chance(r, 50) ? 0x40 | (random_below(r, 2) << 3) : 0;
    bool plain_bytes = (w->flags & X86_OP_BYTE) && !w->rex && !memory && random_chance(r, 50);
    unsigned reg = w->in_group ? w->group_reg : plain_bytes ? random_below(r, 8) : any_register(f);
    unsigned rm = plain_bytes ? random_below(r, 8) : any_register(f);
    if (w->vex && w->opcode == 0xf3) {
        reg = random_chance(r, 98) ? 1 + random_below(r, 3) : 0;
    }
    if (!modrm && has_register_in_opcode(w)) {
        unsigned number = any_register(f);
        w->opcode = (w->opcode & ~7u) | (number & 7);
        w->op = &x86_opcodes[w->map][w->opcode];
        w->rex |= number & 8 ? 0x41 : 0;
        mark(f);
    }
    Operands o = { 0 };
    if (modrm) {
        o = begin_operands(f, memory, reg, rm);
    } else {
        mark(f);
    }
    if (w->vex) {
        unsigned vvvv = any_register(f);
        writer_put_vex(w, w->opcode == 0xf0 ? 15 : 15 ^ vvvv, vex_prefix(f));
    } else {
        writer_put_prefixes(w);
        writer_put_legacy_head(w, memory);
    }
    put(f, w->opcode, 1);
    if (modrm) {
        put_modrm(f, &o, random_below(r, 12) * 8 + (random_chance(r, 30) ? random_below(r, 8) : 0));
    }
    uint64_t immediate = random_interesting(r);
    if (is_double_shift(w)) {
        immediate &= w->operand_bytes == 2 ? 0xef : 0xff;
        immediate &= w->operand_bytes == 2 ? ~UINT64_C(16) : UINT64_MAX;
    }
    put(f, immediate, writer_immediate_bytes(w));
    f->undefined = (f->undefined & ~flags_written(w)) | flags_undefined(w, immediate & 0xff);
}

/* The result of a double shift of a word by CL is undefined for counts above 16: not in sequences. */
static void put_defined_integer(Flow *f)
{
    unsigned position = f->w.position;
    uint32_t undefined = f->undefined;
    for (;;) {
        put_integer(f);
        if (!is_double_shift(&f->w) || !(f->w.opcode & 1) || f->w.operand_bytes > 2) {
            return;
        }
        f->w.position = position;
        f->undefined = undefined;
    }
}

/* ---- vectors ---- */

/* An operand of it is a general register. */
static bool has_general_register(const X86Simd *i)
{
    X86SimdFn *const some[] = { simd_movd_to, simd_movd_from, simd_movmsk, simd_pinsr, simd_pextr, simd_pextr_old, simd_cvt_int_to_float, simd_cvt_float_to_int };
    for (unsigned n = 0; n < G_N_ELEMENTS(some); n++) {
        if (i->translate == some[n]) {
            return true;
        }
    }
    return false;
}

/* Those of which processors make different things at faults are left to test-x86-insns.c. */
static bool is_certain(const Writer *w)
{
    bool enters_mmx = (w->simd->flags & SIMD_TOUCHES_MMX) && (w->simd->flags & SIMD_FP);
    bool dot_product = w->simd->translate == simd_dot;
    return !simd_is_group15(w) && !w->vsib && !enters_mmx && !dot_product && w->simd->translate != simd_maskmov_bytes && w->simd->translate != avx_mask_move;
}

static void put_simd(Flow *f)
{
    Writer *w = &f->w;
    X86Random *r = f->r;
    do {
        w->has_66 = w->has_67 = false;
    } while (!simd_pick(w, NULL) || !is_certain(w));
    bool sha = w->simd->feature == SIMD_SHA;
    bool memory = !sha && ((w->flags & X86_OP_MEMORY) || (!(w->flags & X86_OP_REGISTER) && random_chance(r, 30)));
    bool general = has_general_register(w->simd);
    unsigned reg = general ? any_register(f) : random_below(r, random_chance(r, 50) ? 16 : 8);
    unsigned rm = general ? any_register(f) : random_below(r, random_chance(r, 50) ? 16 : 8);
    bool modrm = w->flags & X86_OP_MODRM;
    w->rex = random_chance(r, 25) ? 0x48 : 0;
    Operands o = { 0 };
    if (modrm) {
        o = begin_operands(f, memory, reg, rm);
    } else {
        mark(f);
    }
    simd_put_head(w);
    put(f, w->opcode, 1);
    if (modrm) {
        put_modrm(f, &o, random_below(r, 8) * 16 + (random_chance(r, 6) ? random_below(r, 16) : 0));
    }
    put(f, random64(r), w->flags & X86_OP_IMM_2B ? 2 : w->flags & X86_OP_IMM_UB ? 1 : 0);
}

/* Encodings of the escapes that are #UD, by opcode and ModRM (SDM volume 2, appendix A.5). */
static bool is_reserved_x87(unsigned opcode, unsigned modrm)
{
    static const struct { uint8_t opcode, first, last; } reserved[] = {
        { 0xd9, 0xd1, 0xd7 }, { 0xd9, 0xe2, 0xe3 }, { 0xd9, 0xe6, 0xe7 }, { 0xd9, 0xef, 0xef }, { 0xda, 0xe0, 0xe8 }, { 0xda, 0xea, 0xff }, { 0xde, 0xd8, 0xd8 },
        { 0xde, 0xda, 0xdf }, { 0xdd, 0xf0, 0xff },
    };
    if (modrm < 0xc0) {
        unsigned reg = modrm >> 3 & 7;
        return (opcode == 0xd9 && reg == 1) || (opcode == 0xdb && (reg == 4 || reg == 6)) || (opcode == 0xdd && reg == 5);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(reserved); i++) {
        if (reserved[i].opcode == opcode && modrm >= reserved[i].first && modrm <= reserved[i].last) {
            return true;
        }
    }
    return false;
}

static void put_x87(Flow *f)
{
    /* FCMOV. */
    want_flags(f, CC_C | CC_Z | CC_P);
    unsigned start = f->w.position;
    const uint8_t *code;
    do {
        f->w.position = start;
        mark(f);
        simd_put_x87(&f->w);
        code = f->w.c->code + start;
        code += *code == 0x41;
    } while (is_reserved_x87(code[0], code[1]) && random_chance(f->r, 98));
}

/* A vector of small indices, then a gather by it. R15 stays where nothing faults: how far one has got is left to the processor. */
static void put_gather(Flow *f)
{
    X86Random *r = f->r;
    unsigned index = random_below(r, 8), reg = (index + 1 + random_below(r, 3)) & 7, mask = (index + 4 + random_below(r, 4)) & 7, opcode = 0x90 + random_below(r, 4);
    bool wide = opcode & 1, l = random_chance(r, 50);
    f->w.c->pinned_regs |= 1u << 15;
    /* vpsrld, vpsrlq */
    mark(f);
    put(f, 0xc5, 1);
    put(f, 0x80 | (~index & 15) << 3 | 4 | 1, 1);
    put(f, wide ? 0x73 : 0x72, 1);
    put(f, 0xd0 | index, 1);
    put(f, wide ? 57 : 25, 1);
    mark(f);
    put(f, 0xc4, 1);
    put(f, 0xc0 | 2, 1);
    put(f, (random64(r) & 0x80) | (~mask & 15) << 3 | l << 2 | 1, 1);
    put(f, opcode, 1);
    put(f, 0x44 | reg << 3, 1);
    put(f, random_below(r, 2) << 6 | index << 3 | 7, 1);
    put(f, random_below(r, 64), 1);
}

/* ---- control registers ---- */

/* movl $value, n(%r15); then an instruction with that operand, whose opcode and ModRM.reg are given. */
static void put_by_memory(Flow *f, uint32_t value, unsigned opcode, unsigned opcode_bytes, unsigned reg)
{
    unsigned at = random_below(f->r, 16) * 4;
    mark(f);
    put(f, 0x47c741, 3);
    put(f, at, 1);
    put(f, value, 4);
    mark(f);
    put(f, 0x41, 1);
    put(f, opcode, opcode_bytes);
    put(f, 0x47 | reg << 3, 1);
    put(f, at, 1);
}

static void put_control(Flow *f)
{
    X86Random *r = f->r;
    uint32_t bits = random64(r);
    switch (random_below(r, 3)) {
    case 0:
        /* LDMXCSR */
        put_by_memory(f, (random_chance(r, 95) ? 0x1f80 : bits & 0x1f80) | (bits & 0x6000) | (random_chance(r, 40) ? bits & 0x803f : 0) | (random_chance(r, 40) ? bits & 0x40 : 0),
                      0xae0f, 2, 2);
        break;
    case 1:
        /* FLDCW */
        put_by_memory(f, 0x40 | (random_chance(r, 95) ? 0x3f : bits & 0x3f) | (bits & 0xf00), 0xd9, 1, 5);
        break;
    default:
        /* FNINIT */
        mark(f);
        put(f, 0xe3db, 2);
        break;
    }
}

/* FXSAVE, FNSAVE or FNSTENV at [r15 + 0x200], where what they write does not count. */
static void put_image(Flow *f)
{
    static const uint32_t insns[3] = { 0x87ae0f41, 0xb7dd41, 0xb7d941 };
    unsigned kind = random_below(f->r, 3);
    X86Case *c = f->w.c;
    c->pinned_regs |= 1u << 15;
    c->ignored_at = 0xa00;
    c->ignored_bytes = 512;
    mark(f);
    put(f, insns[kind], kind ? 3 : 4);
    put(f, 0x200, 4);
}

/* ---- strings, wide exchanges ---- */

/* lea n(%r15), %rsi or %rdi; by GS: less its base. */
static void put_pointer(Flow *f, unsigned reg, bool by_gs)
{
    mark(f);
    put(f, 0x8d49, 2);
    put(f, 0x87 | reg << 3, 1);
    put(f, random_below(f->r, 128) - (by_gs ? STATES_GS_BASE : 0), 4);
}

static void put_string(Flow *f)
{
    static const uint8_t opcodes[] = { 0xa4, 0xa6, 0xaa, 0xac, 0xae };
    X86Random *r = f->r;
    unsigned opcode = opcodes[random_below(r, G_N_ELEMENTS(opcodes))];
    bool compares = opcode == 0xa6 || opcode == 0xae, by_gs = opcode != 0xaa && opcode != 0xae && random_chance(r, 15);
    unsigned rep = random_below(r, 4), width = random_below(r, 4);
    put_pointer(f, R_ESI, by_gs);
    put_pointer(f, R_EDI, false);
    mark(f);
    put(f, 0xb9, 1);
    put(f, 1 + random_below(r, random_chance(r, 80) ? 16 : 40), 4);
    if (random_chance(r, 60)) {
        mark(f);
        put(f, random_chance(r, 85) ? 0xfc : 0xfd, 1);
    }
    if (compares && rep) {
        /* At a fault: those of the last element. */
        f->undefined = CC_ALL;
    }
    mark(f);
    if (by_gs) {
        put(f, 0x65, 1);
    }
    if (width == 1) {
        put(f, 0x66, 1);
    }
    if (rep) {
        put(f, rep == 1 ? 0xf2 : 0xf3, 1);
    }
    if (width == 3) {
        put(f, 0x48, 1);
    }
    put(f, opcode | (width ? 1 : 0), 1);
    f->undefined = compares ? 0 : f->undefined;
}

/* CMPXCHG8B, CMPXCHG16B */
static void put_exchange(Flow *f)
{
    mark(f);
    if (random_chance(f->r, 50)) {
        put(f, 0xf0, 1);
    }
    put(f, 0x41 | (random64(f->r) & 8), 1);
    put(f, 0xc70f, 2);
    put(f, 0x4f, 1);
    put(f, random_below(f->r, 8) * 16, 1);
}

/* ---- control flow ---- */

static void put_straight(Flow *f)
{
    unsigned kind = random_below(f->r, 100);
    if (kind < 45) {
        put_defined_integer(f);
    } else if (kind < 82) {
        put_simd(f);
    } else {
        put_x87(f);
    }
}

static void patch(Flow *f, unsigned at)
{
    f->w.c->code[at] = f->w.position - at - 1;
}

/* A jump over an instruction, taken or not. */
static void put_skip(Flow *f)
{
    X86Random *r = f->r;
    unsigned kind = random_below(r, 8), cc = random_below(r, 16);
    if (kind > 1) {
        want_flags(f, flags_of_condition(cc));
    }
    mark(f);
    put(f, kind == 0 ? 0xeb : kind == 1 ? 0xe3 : 0x70 | cc, 1);
    put(f, 0, 1);
    unsigned at = f->w.position - 1;
    uint32_t before = f->undefined;
    put_straight(f);
    f->undefined |= before;
    patch(f, at);
}

/* mov $n, %r13d; 1: instructions; dec %r13d; jnz 1b. Every time but the first, flags are what the last time left. */
static void put_loop(Flow *f)
{
    X86Random *r = f->r;
    mark(f);
    put(f, 0xbd41, 2);
    put(f, 1 + random_below(r, 6), 4);
    unsigned top = f->w.position;
    f->undefined = CC_ALL;
    for (unsigned n = 1 + random_below(r, 4); n && f->w.position - top < 64; n--) {
        put_straight(f);
    }
    mark(f);
    put(f, 0xcdff41, 3);
    f->undefined &= CC_C;
    mark(f);
    put(f, 0x75, 1);
    put(f, top - f->w.position - 1, 1);
}

/* mov $n, %ecx; 1: inc or dec of another register; loop, loope or loopne 1b */
static void put_counted(Flow *f)
{
    X86Random *r = f->r;
    mark(f);
    put(f, 0xb9, 1);
    put(f, 1 + random_below(r, 5), 4);
    unsigned top = f->w.position;
    mark(f);
    put(f, 0xff, 1);
    put(f, 0xc0 | random_below(r, 2) << 3 | (random_below(r, 2) + 2), 1);
    f->undefined &= CC_C;
    mark(f);
    put(f, 0xe0 + random_below(r, 3), 1);
    put(f, top - f->w.position - 1, 1);
}

/* call 1f; jmp 2f; 1: instruction; ret; 2: */
static void put_call(Flow *f)
{
    mark(f);
    put(f, 0xe8, 1);
    put(f, 2, 4);
    mark(f);
    put(f, 0xeb, 1);
    put(f, 0, 1);
    unsigned at = f->w.position - 1;
    /* Not one that moves the stack pointer. */
    put_simd(f);
    mark(f);
    bool with_count = random_chance(f->r, 50);
    put(f, with_count ? 0xc2 : 0xc3, 1);
    put(f, 0, with_count ? 2 : 0);
    patch(f, at);
}

/* call 1f; 1: pop %rax; add $n, %rax; jmp *%rax, or push and ret; lands behind. */
static void put_indirect(Flow *f)
{
    bool by_ret = random_chance(f->r, 50);
    mark(f);
    put(f, 0xe8, 1);
    put(f, 0, 4);
    unsigned base = f->w.position;
    mark(f);
    put(f, 0x58, 1);
    mark(f);
    put(f, 0xc08348, 3);
    put(f, 0, 1);
    unsigned at = f->w.position - 1;
    f->undefined = 0;
    mark(f);
    put(f, by_ret ? 0xc350 : 0xe0ff, 2);
    f->w.c->code[at] = f->w.position - base;
}

static void put_piece(Flow *f)
{
    static const struct { uint8_t below; void (*put)(Flow *f); } pieces[] = {
        { 2, put_image }, { 6, put_control }, { 10, put_gather }, { 18, put_string }, { 21, put_exchange }, { 27, put_skip }, { 33, put_loop }, { 35, put_counted },
        { 38, put_call }, { 40, put_indirect }, { 100, put_straight },
    };
    unsigned kind = random_below(f->r, 100), i = 0;
    while (kind >= pieces[i].below) {
        i++;
    }
    pieces[i].put(f);
}

void generate_flow(X86Random *r, X86Case *c)
{
    memset(c, 0, offsetof(X86Case, before));
    c->bits = 64;
    c->code_offset = random_below(r, 1024);
    c->name = "flow";
    c->sequence = c->uses_fpu = c->uses_ymm = c->flow = true;
    syscall(SYS_arch_prctl, ARCH_GET_FS, &c->fs_base);
    random_state(r, c);
    random_simd(r, &c->before);
    c->before.eflags &= ~TF_MASK;
    c->before.regs[15] = DATA_ADDRESS + 0x800;
    c->pinned_regs = 1u << R_ESP | 1u << 12;
    c->hot_at = 0x800;
    Flow f = { .w = { .random = r, .c = c, .valid = true }, .r = r };
    for (unsigned n = 1 + random_below(r, 16); n && f.w.position < sizeof(c->code) - ROOM; n--) {
        put_piece(&f);
    }
    mark(&f);
    put(&f, 0xf4, 1);
    c->code_bytes = f.w.position;
    c->defined_flags = (CC_ALL & ~f.undefined) | DF_MASK;
}
