/*
 * Random instructions from the translator's own opcode tables, with registers set so that their memory operands lie in the window (mostly).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "states.h"
#include "writer.h"
#include "target/i386/cpu.h"
#include <string.h>

uint64_t random64(X86Random *r)
{
    /* splitmix64 */
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

X86Random random_of_case(uint64_t seed, uint64_t number)
{
    X86Random r = { seed * UINT64_C(0xd1342543de82ef95) + number };
    return (X86Random){ random64(&r) };
}

bool random_chance(X86Random *r, unsigned percent)
{
    return random_below(r, 100) < percent;
}

/* Numbers at which arithmetic goes wrong, beside any. */
uint64_t random_interesting(X86Random *r)
{
    uint64_t any = random64(r);
    switch (random_below(r, 8)) {
    case 0:
        return any & 0xff;
    case 1:
        return UINT64_MAX << (any & 63);
    case 2:
        return UINT64_C(1) << (any & 63);
    case 3:
        return (UINT64_C(1) << (any & 63)) - 1;
    case 4:
        return -(any & 0xff);
    case 5:
        return (uint32_t)any;
    default:
        return any;
    }
}

void random_state(X86Random *r, X86Case *c)
{
    X86State *s = &c->before;
    for (int i = 0; i < 16; i++) {
        s->regs[i] = c->bits == 64 ? random_interesting(r) : i < 8 ? (uint32_t)random_interesting(r) : 0;
    }
    s->regs[R_ESP] = (c->bits == 16 ? 0 : DATA_ADDRESS) + 0x1800 + 8 * random_below(r, 16);
    s->eflags = random64(r) & CC_ALL;
    if (random_chance(r, 15)) {
        s->eflags |= DF_MASK;
    }
    if (random_chance(r, 5)) {
        s->eflags |= TF_MASK;
    }
    for (unsigned i = 0; i < DATA_WRITABLE; i += 8) {
        uint64_t v = random_chance(r, 50) ? random64(r) : random_interesting(r);
        memcpy(s->memory + i, &v, 8);
    }
    memset(s->fx, 0, sizeof(s->fx));
    s->fx[0] = 0x7f;
    s->fx[1] = 0x03;
    s->fx[24] = 0x80;
    s->fx[25] = 0x1f;
    for (unsigned i = 160; i < 416; i += 8) {
        uint64_t v = random_interesting(r);
        memcpy(s->fx + i, &v, 8);
    }
}

/* ---- writing an instruction ---- */

void writer_put(Writer *w, uint64_t value, unsigned bytes)
{
    memcpy(w->c->code + w->position, &value, bytes);
    w->position += bytes;
}

/* Where a memory operand shall lie: mostly well inside, now and then over the edges. */
uint64_t writer_target(Writer *w)
{
    X86Random *r = w->random;
    if (w->forced_target) {
        return w->forced_target;
    }
    unsigned percent = random_below(r, 100);
    uint64_t window = w->c->bits == 16 ? 0 : DATA_ADDRESS;
    if (percent < 82) {
        return window + 0x200 + (random_below(r, 0x1000) & (random_chance(r, 60) ? ~15u : ~0u));
    }
    if (percent < 90) {
        return window + 0x1000 - random_below(r, 16);
    }
    return window + (random_chance(r, 50) ? DATA_WRITABLE : DATA_READABLE) - random_below(r, 16);
}

static bool is_bit_by_register(const Writer *w)
{
    return w->map == X86_MAP_0F && (w->opcode & 0xe7) == 0xa3;
}

static uint64_t mask_of(const Writer *w)
{
    return (w->c->bits == 64) && !w->has_67 ? UINT64_MAX : UINT32_MAX;
}

/* The same in 16-bit addressing. */
static void put_memory16(Writer *w, unsigned reg)
{
    static const uint8_t bases[8] = { R_EBX, R_EBX, R_EBP, R_EBP, R_ESI, R_EDI, R_EBP, R_EBX }, indices[4] = { R_ESI, R_EDI, R_ESI, R_EDI };
    X86State *s = &w->c->before;
    uint64_t target = w->target = writer_target(w);
    unsigned rm = random_below(w->random, 8), mod = random_below(w->random, 3);
    writer_put(w, mod << 6 | reg << 3 | rm, 1);
    if (mod == 0 && rm == 6) {
        writer_put(w, target, 2);
        return;
    }
    int64_t displacement = mod == 1 ? (int8_t)random64(w->random) : mod == 2 ? (int16_t)random64(w->random) : 0;
    uint64_t *base = &s->regs[bases[rm]];
    uint64_t value = target - displacement - (rm < 4 ? s->regs[indices[rm]] : 0);
    *base = (*base & ~UINT64_C(0xffff)) | (value & 0xffff);
    if (mod) {
        writer_put(w, displacement, mod);
    }
}

/* ModRM, SIB and displacement of a memory operand at target; sets the base register to fit. imm_bytes: that follow. */
static void put_memory(Writer *w, unsigned reg, unsigned imm_bytes)
{
    X86Random *r = w->random;
    X86State *s = &w->c->before;
    uint64_t target = w->target = writer_target(w);
    unsigned form = random_below(r, 10), mod = random_below(r, 3);
    int64_t displacement = mod == 1 ? (int8_t)random64(r) : mod == 2 ? (int32_t)random64(r) >> random_below(r, 16) : 0;
    unsigned rm = (w->rex & 1) << 3;
    if (form == 0) {
        /* disp32: RIP-relative in 64-bit code. */
        writer_put(w, reg << 3 | 5, 1);
        uint64_t end = CODE_ADDRESS + w->c->code_offset + w->position + 4 + imm_bytes;
        writer_put(w, (w->c->bits == 64) ? target - end : target, 4);
        return;
    }
    unsigned base = random_below(r, 8);
    if (form < 5 || base == 4) {
        unsigned scale = random_below(r, 4), index = random_below(r, 8), whole_index = index | (w->rex & 2) << 2;
        bool no_base = mod == 0 && base == 5;
        writer_put(w, mod << 6 | reg << 3 | 4, 1);
        writer_put(w, scale << 6 | index << 3 | base, 1);
        if ((base | rm) == R_ESP && whole_index != 4) {
            /* A stack pointer that is not canonical may not survive the way there. */
            s->regs[whole_index] &= 0xffff;
        }
        uint64_t scaled = whole_index == 4 ? 0 : s->regs[whole_index] << scale;
        w->c->pinned_regs |= 1u << whole_index;
        if (whole_index == (base | rm) && !no_base) {
            /* The same register twice: set the other way round. */
            w->target = 0;
            s->regs[whole_index] = whole_index == R_ESP ? s->regs[R_ESP] : 16;
            scaled = 16ull << scale;
            displacement = (int32_t)(target - 16 - scaled);
        }
        if (no_base) {
            writer_put(w, target - scaled, 4);
            if ((w->c->bits == 64) && (uint64_t)(int64_t)(int32_t)(target - scaled) + scaled != target && whole_index != 4) {
                s->regs[whole_index] = 0;
                memcpy(w->c->code + w->position - 4, &(uint32_t){ target }, 4);
            }
            return;
        }
        if ((base | rm) == R_ESP && whole_index != R_ESP) {
            /* Not every kernel goes to a program whose stack pointer is not canonical. */
            s->regs[whole_index] = random_below(r, 256);
            scaled = s->regs[whole_index] << scale;
        }
        if (whole_index != (base | rm)) {
            s->regs[base | rm] = (target - scaled - displacement) & mask_of(w);
        }
    } else {
        mod = mod == 0 && base == 5 ? 1 : mod;
        writer_put(w, mod << 6 | reg << 3 | base, 1);
        s->regs[base | rm] = (target - displacement) & mask_of(w);
    }
    if (mod) {
        writer_put(w, displacement, mod == 1 ? 1 : 4);
    }
}

unsigned writer_immediate_bytes(const Writer *w)
{
    unsigned z = w->operand_bytes == 2 ? 2 : 4, n = 0;
    n += w->flags & (X86_OP_IMM_B | X86_OP_IMM_UB) ? 1 : 0;
    n += w->flags & X86_OP_IMM_W ? 2 : 0;
    n += w->flags & X86_OP_IMM_Z ? z : 0;
    n += w->flags & X86_OP_IMM_V ? w->operand_bytes : 0;
    n += w->flags & X86_OP_IMM_2B ? 1 : 0;
    return n;
}

/* ---- registers that an instruction uses without naming them ---- */

static void prepare_implicit(Writer *w)
{
    X86Random *r = w->random;
    X86State *s = &w->c->before;
    if (w->map != X86_MAP_ONE) {
        if (is_bit_by_register(w)) {
            for (int i = 0; i < 16; i++) {
                if (i != R_ESP && ((w->c->bits == 64) || i < 8)) {
                    s->regs[i] = (int64_t)random_below(r, 3000) - 1500;
                }
            }
        }
        return;
    }
    switch (w->opcode) {
    case 0xa4 ... 0xa7:
    case 0xaa ... 0xaf:
        s->regs[R_ESI] = writer_target(w);
        s->regs[R_EDI] = random_chance(r, 30) ? s->regs[R_ESI] + random_below(r, 32) - 16 : writer_target(w);
        s->regs[R_ECX] = random_chance(r, 10) ? 0 : random_below(r, 600);
        if (random_chance(r, 60)) {
            /* Long runs of equal elements, so that comparisons get somewhere. */
            memset(s->memory + random_below(r, 0x1000), s->regs[R_EAX], 0x800);
        }
        break;
    case 0xd7:
        s->regs[R_EBX] = writer_target(w);
        break;
    case 0xc8:
    case 0xc9:
        s->regs[R_EBP] = (w->c->bits == 16 ? 0 : DATA_ADDRESS) + 0x1000 + random_below(r, 0x400);
        break;
    case 0xf6:
    case 0xf7:
        if (random_chance(r, 60)) {
            /* Quotients that fit. */
            s->regs[R_EDX] = random_chance(r, 50) ? random_below(r, 200) : (s->regs[R_EAX] >> 63 ? UINT64_MAX : 0);
        }
        break;
    default:
        break;
    }
}

/* ---- flags ---- */

static const uint32_t flag_bits[6] = { CC_O, CC_C, CC_P, CC_A, CC_Z, CC_S };

uint32_t writer_defined_flags(const Writer *w)
{
    uint32_t defined = CC_ALL | DF_MASK;
    for (int i = 0; i < 6; i++) {
        if (w->flags >> (X86_OP_UNDEF_SHIFT + i) & 1) {
            defined &= ~flag_bits[i];
        }
    }
    return defined;
}

/* Shifts: OF counts after a shift by one alone, and CF not after one by more than the operand has bits. false: the result is undefined. */
static bool restrict_shift_flags(Writer *w, unsigned count)
{
    bool shift = w->map == X86_MAP_ONE && ((w->opcode & 0xfe) == 0xc0 || (w->opcode & 0xfc) == 0xd0);
    bool twice = w->map == X86_MAP_0F && ((w->opcode & 0xfe) == 0xa4 || (w->opcode & 0xfe) == 0xac);
    if (!shift && !twice) {
        return true;
    }
    count &= w->operand_bytes == 8 ? 63 : 31;
    if (count == 0) {
        w->c->defined_flags = CC_ALL | DF_MASK;
    } else if (count != 1) {
        w->c->defined_flags &= ~CC_O;
    }
    if (count > 8 * w->operand_bytes || (twice && count >= 8 * w->operand_bytes)) {
        w->c->defined_flags &= ~CC_ALL;
    }
    return !twice || count <= 8 * w->operand_bytes;
}

/* What the x87 leaves to the processor: FNSTENV and FNSAVE store pointers that not all of them keep; FCOMI clears C1 or not. */
static void ignore_x87(Writer *w, bool memory, unsigned reg)
{
    X86Case *c = w->c;
    if (memory && reg == 6 && (w->opcode == 0xd9 || w->opcode == 0xdd)) {
        bool wide = w->operand_bytes != 2;
        c->ignored_at = w->target - (c->bits == 16 ? 0 : DATA_ADDRESS) + (wide ? 12 : 6);
        c->ignored_bytes = wide ? 16 : 8;
        if (!w->target) {
            c->ignored_at = 0;
            c->ignored_bytes = DATA_WRITABLE;
        }
    }
    if (!memory && (w->opcode == 0xdb || w->opcode == 0xdf) && (reg == 5 || reg == 6)) {
        c->ignored_status = 0x200;
    }
}

/* ---- an instruction ---- */

bool writer_pick_opcode(Writer *w, X86Group group, const char *only)
{
    static const uint8_t map_share[8] = { 0, 0, 0, 0, 1, 1, 2, 3 };
    X86Random *r = w->random;
    if (group == GROUP_SIMD) {
        return simd_pick(w, only);
    }
    w->map = group == GROUP_X87 ? 0 : only ? random_below(r, 4) : map_share[random_below(r, 8)];
    w->opcode = group == GROUP_X87 ? 0xd8 | random_below(r, 8) : random_below(r, 256);
    w->op = &x86_opcodes[w->map][w->opcode];
    w->flags = w->op->flags;
    const X86Opcode *vex = group == GROUP_INTEGER && random_chance(r, w->map >= X86_MAP_0F38 ? 60 : 0) ? x86_vex_opcode(w->map, w->opcode) : NULL;
    w->vex = vex;
    if (vex) {
        w->op = vex;
        w->flags = vex->flags;
    }
    w->group_reg = random_below(r, 8);
    w->in_group = w->op->group;
    if (w->in_group) {
        w->op = &w->op->group[w->group_reg];
        w->flags |= w->op->flags;
    }
    bool fits = w->op->translate && !(w->flags & X86_OP_NO_TEST) && !(w->flags & ((w->c->bits == 64) ? X86_OP_NO64 : X86_OP_ONLY64))
        && !(w->flags & X86_OP_SIMD) == (group != GROUP_X87) && (!only || !strcmp(w->op->name, only));
    return fits;
}

void writer_put_prefixes(Writer *w)
{
    X86Random *r = w->random;
    bool string = w->map == X86_MAP_ONE && ((w->opcode >= 0xa4 && w->opcode <= 0xa7) || (w->opcode >= 0xaa && w->opcode <= 0xaf));
    bool needs_f3 = w->map == X86_MAP_0F && w->opcode == 0xb8;
    bool scan = w->map == X86_MAP_0F && (w->opcode == 0xbc || w->opcode == 0xbd);
    bool crc = w->map == X86_MAP_0F38 && w->opcode >= 0xf0;
    /* Processors disagree about MOVSXD of word size. */
    bool movsxd = w->map == X86_MAP_ONE && w->opcode == 0x63;
    if (random_chance(r, 20) && !movsxd) {
        writer_put(w, 0x66, 1);
        w->has_66 = true;
    }
    if (random_chance(r, 8) && !(w->flags & X86_OP_IMM_A) && w->c->bits != 32 && !w->no_67) {
        writer_put(w, 0x67, 1);
        w->has_67 = true;
    }
    if (needs_f3 || (string && random_chance(r, 60)) || (scan && random_chance(r, 50)) || (crc && random_chance(r, 60))) {
        bool f2 = crc ? random_chance(r, 70) : string && random_chance(r, 40);
        writer_put(w, f2 ? 0xf2 : 0xf3, 1);
    }
}

static bool wants_lock(Writer *w, bool memory)
{
    return memory && (w->flags & X86_OP_LOCK) && random_chance(w->random, 25);
}

static unsigned operand_bytes(const Writer *w, unsigned rex)
{
    if (w->flags & X86_OP_BYTE) {
        return 1;
    }
    if ((w->c->bits == 64) && ((w->flags & X86_OP_F64) || ((w->flags & X86_OP_D64) && !w->has_66))) {
        return 8;
    }
    return rex & 8 ? 8 : w->has_66 != (w->c->bits == 16) ? 2 : 4;
}

void writer_put_legacy_head(Writer *w, bool memory)
{
    static const uint8_t escapes[4][2] = { { 0, 0 }, { 0x0f, 0 }, { 0x0f, 0x38 }, { 0x0f, 0x3a } };
    if (wants_lock(w, memory)) {
        writer_put(w, 0xf0, 1);
    }
    if (w->rex) {
        writer_put(w, w->rex, 1);
    }
    w->operand_bytes = operand_bytes(w, w->rex);
    if (w->map != X86_MAP_ONE) {
        writer_put(w, escapes[w->map][0], 1);
    }
    if (w->map > X86_MAP_0F) {
        writer_put(w, escapes[w->map][1], 1);
    }
}

/* PUSH of a selector moves ESP by four, but some processors write two bytes alone (Intel SDM, volume 2, PUSH). */
static void ignore_pushed_segment(X86Case *c, unsigned operand_bytes)
{
    if (operand_bytes == 4 && g_str_has_prefix(c->name, "push ")) {
        c->ignored_at = (uint32_t)c->before.regs[R_ESP] - 2 - (c->bits == 16 ? 0 : DATA_ADDRESS);
        c->ignored_bytes = 2;
    }
}

void writer_put_vex(Writer *w, unsigned vvvv, unsigned pp)
{
    if (!(w->c->bits == 64)) {
        w->rex = 0;
        vvvv |= 8;
    }
    writer_put(w, 0xc4, 1);
    writer_put(w, (~w->rex & 7) << 5 | w->map, 1);
    writer_put(w, (w->rex & 8 ? 0x80 : 0) | vvvv << 3 | pp, 1);
    w->operand_bytes = w->rex & 8 ? 8 : 4;
}

/* Of what was picked. false: it cannot be tested after all; pick again. */
static bool write_instruction(Writer *w, X86Group group)
{
    X86Random *r = w->random;
    X86Case *c = w->c;
    unsigned reg = w->in_group ? w->group_reg : random_below(r, 8);
    bool modrm = w->flags & X86_OP_MODRM;
    bool memory = modrm && ((w->flags & X86_OP_MEMORY) || (!(w->flags & (X86_OP_REGISTER | X86_OP_NO_MOD)) && random_chance(r, 50)));
    w->rex = c->bits == 64 && random_chance(r, 50) ? 0x40 | random_below(r, 16) : 0;
    if (w->simd) {
        simd_put_head(w);
    } else if (w->vex) {
        unsigned vvvv = random_below(r, 16);
        writer_put_vex(w, vvvv, random_below(r, 4));
    } else {
        writer_put_prefixes(w);
        writer_put_legacy_head(w, memory);
    }
    writer_put(w, w->opcode, 1);
    if (w->simd) {
        simd_prepare(w, memory, reg);
    } else {
        prepare_implicit(w);
    }
    unsigned imm_bytes = writer_immediate_bytes(w);
    if (memory && w->vsib) {
        simd_put_vsib(w, reg);
    } else if (memory && c->bits == 16 && !w->has_67) {
        put_memory16(w, reg);
    } else if (memory) {
        put_memory(w, reg, imm_bytes);
    } else if (modrm) {
        writer_put(w, 0xc0 | reg << 3 | random_below(r, 8), 1);
    }
    uint64_t immediate = random_interesting(r);
    if (w->flags & X86_OP_IMM_2B) {
        immediate = random_below(r, 0x200) | (uint64_t)random_below(r, 6) << 16;
    }
    writer_put(w, immediate, imm_bytes);
    writer_put(w, 0xf4, 1);
    for (int i = 0; i < 16 && c->bits != 64; i++) {
        c->before.regs[i] = (uint32_t)c->before.regs[i];
    }
    c->code_bytes = w->position;
    c->name = w->op->name;
    if (group == GROUP_X87) {
        ignore_x87(w, memory, reg);
    }
    ignore_pushed_segment(c, w->operand_bytes);
    if (w->simd) {
        c->name = w->simd->name;
        if (!simd_accept(w)) {
            return false;
        }
    }
    c->defined_flags = writer_defined_flags(w);
    bool by_cl = w->map == X86_MAP_ONE ? (w->opcode & 0xfe) == 0xd2 : (w->opcode & 7) == 5;
    bool by_one = w->map == X86_MAP_ONE && (w->opcode & 0xfe) == 0xd0;
    return restrict_shift_flags(w, by_cl ? c->before.regs[R_ECX] & 0xff : by_one ? 1 : immediate & 0xff);
}

static void generate_simd_sequence(X86Random *r, unsigned bits, X86Case *c)
{
    memset(c, 0, offsetof(X86Case, before));
    c->bits = bits;
    c->code_offset = random_below(r, 1024);
    c->name = "simd sequence";
    c->sequence = c->uses_fpu = c->uses_ymm = true;
    c->defined_flags = CC_ALL | DF_MASK;
    random_state(r, c);
    random_simd(r, &c->before);
    c->before.fx[24] |= 0x80;
    c->before.fx[25] |= 0x1f;
    c->before.regs[15] = DATA_ADDRESS + 0x800;
    c->before.eflags &= ~TF_MASK;
    Writer w = { .random = r, .c = c };
    simd_put_sequence(&w);
    writer_put(&w, 0xf4, 1);
    c->code_bytes = w.position;
}

static uint64_t sum_of_memory(const X86State *s)
{
    uint64_t sum = 0, v;
    for (unsigned i = 0; i < DATA_WRITABLE; i += 8) {
        memcpy(&v, s->memory + i, 8);
        sum = (sum ^ v) * UINT64_C(0x9e3779b97f4a7c15);
    }
    return sum;
}

/* What the instruction wants as it is, because it was set for it: its variants leave it alone. */
static void pin_what_was_set(Writer *w, const uint64_t *regs, const uint8_t *vectors, uint64_t memory)
{
    X86Case *c = w->c;
    const X86State *s = &c->before;
    for (unsigned i = 0; i < 16; i++) {
        c->pinned_regs |= regs[i] != s->regs[i] ? 1u << i : 0;
        c->pinned_vectors |= w->vsib || memcmp(vectors + 160 + 16 * i, s->fx + 160 + 16 * i, 16) ? 1u << i : 0;
    }
    bool by_count = w->map == X86_MAP_ONE ? (w->opcode & 0xfc) == 0xd0 : w->map == X86_MAP_0F && (w->opcode & 0xf6) == 0xa4;
    c->pinned_regs |= 1u << R_ESP | (by_count ? 1u << R_ECX : 0);
    c->pinned_memory = memory != sum_of_memory(s);
    uint64_t target = (w->target ? w->target : s->regs[R_EDI]) - DATA_ADDRESS;
    c->hot_at = target < DATA_WRITABLE - HOT_BYTES ? target & ~UINT64_C(63) : DATA_WRITABLE - HOT_BYTES;
}

void generate_case(X86Random *r, X86Group group, unsigned bits, const char *only, X86Case *c)
{
    if (group == GROUP_SIMD_SEQUENCE) {
        generate_simd_sequence(r, bits, c);
        return;
    }
    for (;;) {
        memset(c, 0, offsetof(X86Case, before));
        c->bits = bits;
        c->uses_fpu = group == GROUP_SIMD || group == GROUP_X87;
        c->code_offset = random_below(r, 1024);
        Writer w;
        do {
            w = (Writer){ .random = r, .c = c };
        } while (!writer_pick_opcode(&w, group, only));
        random_state(r, c);
        if (group == GROUP_X87) {
            random_x87(r, &c->before);
        } else if (group == GROUP_SIMD) {
            random_simd(r, &c->before);
            c->uses_ymm = true;
        }
        X86State *drawn = &w.c->before;
        uint64_t regs[16];
        uint8_t vectors[512];
        memcpy(regs, drawn->regs, sizeof(regs));
        memcpy(vectors, drawn->fx, sizeof(vectors));
        uint64_t memory = sum_of_memory(drawn);
        if (write_instruction(&w, group)) {
            pin_what_was_set(&w, regs, vectors, memory);
            return;
        }
    }
}

/* ---- sequences ---- */

/* Instructions that define all flags but AF, or leave them alone, whatever their operands. */
static bool is_harmless(const Writer *w)
{
    static const struct { uint8_t map, first, last; } ranges[] = {
        { 0, 0x00, 0x05 }, { 0, 0x08, 0x0d }, { 0, 0x10, 0x15 }, { 0, 0x18, 0x1d }, { 0, 0x20, 0x25 }, { 0, 0x28, 0x2d }, { 0, 0x30, 0x35 },
        { 0, 0x38, 0x3d }, { 0, 0x80, 0x81 }, { 0, 0x83, 0x8b }, { 0, 0x8d, 0x8d }, { 0, 0x91, 0x93 }, { 0, 0x98, 0x99 }, { 0, 0xa8, 0xa9 },
        { 0, 0xb0, 0xb3 }, { 0, 0xb8, 0xbb }, { 0, 0xc6, 0xc7 }, { 0, 0xd0, 0xd1 }, { 0, 0xf5, 0xf9 }, { 0, 0xfe, 0xff },
        { 1, 0x40, 0x4f }, { 1, 0x90, 0x9f }, { 1, 0xb0, 0xb1 }, { 1, 0xb6, 0xb8 }, { 1, 0xbe, 0xc1 }, { 1, 0xc8, 0xcb }, { 2, 0xf0, 0xf1 }, { 2, 0xf6, 0xf6 },
    };
    bool unary = w->map == X86_MAP_ONE && (w->opcode & 0xfe) == 0xf6;
    bool incdec = w->map == X86_MAP_ONE && w->opcode >= 0xfe;
    if ((unary && (w->group_reg < 2 || w->group_reg > 3)) || (incdec && w->group_reg > 1)) {
        return false;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(ranges); i++) {
        if (ranges[i].map == w->map && w->opcode >= ranges[i].first && w->opcode <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

/* Registers that hold addresses stay: RSP and the last register, which is the base of memory operands. */
static void put_sequence_modrm(Writer *w)
{
    X86Random *r = w->random;
    bool code64 = w->c->bits == 64;
    unsigned reg = w->in_group ? w->group_reg : random_below(r, 4);
    bool memory = (w->flags & X86_OP_MEMORY) || (!(w->flags & X86_OP_REGISTER) && random_chance(r, 40));
    w->rex = code64 ? w->rex & ~5u : 0;
    if (memory) {
        w->rex |= code64 ? 0x41 : 0;
        writer_put_legacy_head(w, memory);
        writer_put(w, w->opcode, 1);
        /* [rdi + disp8], or [r15 + disp8] with REX.B. */
        writer_put(w, 0x40 | reg << 3 | (w->c->bits == 16 && !w->has_67 ? 5 : 7), 1);
        writer_put(w, random_below(r, 3) * 8 + (random_chance(r, 30) ? random_below(r, 8) : 0), 1);
    } else {
        writer_put_legacy_head(w, memory);
        writer_put(w, w->opcode, 1);
        writer_put(w, 0xc0 | reg << 3 | random_below(r, 4), 1);
    }
}

static void put_sequence_instruction(Writer *w)
{
    X86Random *r = w->random;
    do {
        w->has_66 = w->has_67 = w->vex = false;
    } while (!writer_pick_opcode(w, GROUP_SEQUENCE, NULL) || !is_harmless(w));
    w->rex = (w->c->bits == 64) && random_chance(r, 50) ? 0x40 | (random_below(r, 2) << 3) : 0;
    writer_put_prefixes(w);
    if (w->flags & X86_OP_MODRM) {
        put_sequence_modrm(w);
    } else {
        writer_put_legacy_head(w, false);
        writer_put(w, w->opcode, 1);
    }
    writer_put(w, random_interesting(r), writer_immediate_bytes(w));
}

/* ---- transfers of control within a sequence ---- */

/* The byte at `at` becomes the distance from behind it to the present position. */
static void patch_distance(Writer *w, unsigned at)
{
    w->c->code[at] = w->position - at - 1;
}

/* A jump over the next instruction, taken or not. */
static void put_skip(Writer *w)
{
    X86Random *r = w->random;
    unsigned kind = random_below(r, 8);
    writer_put(w, kind == 0 ? 0xeb : kind == 1 ? 0xe3 : 0x70 | random_below(r, 16), 1);
    writer_put(w, 0, 1);
    unsigned at = w->position - 1;
    put_sequence_instruction(w);
    patch_distance(w, at);
}

/* mov $n, %ecx; 1: instruction; loop 1b. The instruction may change the counter: it ends all the same, but for what this leaves out. */
static void put_loop(Writer *w)
{
    X86Random *r = w->random;
    static const uint8_t body[] = { 0x40, 0x42, 0x43, 0x48, 0x4a };
    writer_put(w, 0xb9, 1);
    writer_put(w, 1 + random_below(r, 5), w->c->bits == 16 ? 2 : 4);
    unsigned top = w->position;
    if (w->c->bits == 64) {
        writer_put(w, 0xff, 1);
        writer_put(w, 0xc0 | random_below(r, 2) << 3 | (random_below(r, 2) + 2), 1);
    } else {
        writer_put(w, body[random_below(r, 5)], 1);
    }
    writer_put(w, 0xe0 + random_below(r, 3), 1);
    writer_put(w, top - w->position - 1, 1);
}

/* call 1f; jmp 2f; 1: instruction; ret; 2: */
static void put_call(Writer *w)
{
    writer_put(w, 0xe8, 1);
    writer_put(w, 2, w->c->bits == 16 ? 2 : 4);
    writer_put(w, 0xeb, 1);
    writer_put(w, 0, 1);
    unsigned at = w->position - 1;
    put_sequence_instruction(w);
    writer_put(w, random_chance(w->random, 50) ? 0xc3 : 0xc2, 1);
    if (w->c->code[w->position - 1] == 0xc2) {
        writer_put(w, 0, 2);
    }
    patch_distance(w, at);
}

/* call 1f; 1: pop %rax; add $n, %rax; jmp *%rax, or push and ret; lands behind. */
static void put_indirect(Writer *w)
{
    bool by_ret = random_chance(w->random, 50);
    writer_put(w, 0xe8, 1);
    writer_put(w, 0, w->c->bits == 16 ? 2 : 4);
    unsigned base = w->position;
    writer_put(w, 0x58, 1);
    if (w->c->bits == 64) {
        writer_put(w, 0x48, 1);
    }
    writer_put(w, 0xc083, 2);
    writer_put(w, 0, 1);
    unsigned at = w->position - 1;
    writer_put(w, by_ret ? 0xc350 : 0xe0ff, 2);
    w->c->code[at] = w->position - base;
}

static void put_transfer(Writer *w)
{
    switch (random_below(w->random, 5)) {
    case 0:
        put_loop(w);
        break;
    case 1:
        put_call(w);
        break;
    case 2:
        put_indirect(w);
        break;
    default:
        put_skip(w);
        break;
    }
}

/* mov $n, %r13d; 1: instructions that leave it alone; dec %r13d; jnz 1b */
static void put_vector_loop(Writer *w)
{
    writer_put(w, 0xbd41, 2);
    writer_put(w, 1 + random_below(w->random, 6), 4);
    unsigned top = w->position;
    for (unsigned n = 1 + random_below(w->random, 4); n && w->position - top < 64; n--) {
        simd_put_one(w);
    }
    writer_put(w, 0xcdff41, 3);
    writer_put(w, 0x75, 1);
    writer_put(w, top - w->position - 1, 1);
}

/* FXSAVE, FNSAVE or FNSTENV at [r15 + 0x200], where what they write does not count. */
static void put_image(Writer *w)
{
    static const uint8_t insns[3][4] = { { 0x41, 0x0f, 0xae, 0x87 }, { 0x41, 0xdd, 0xb7 }, { 0x41, 0xd9, 0xb7 } };
    const uint8_t *insn = insns[random_below(w->random, 3)];
    for (unsigned i = 0; i < 4 && (i < 3 || insn[i]); i++) {
        writer_put(w, insn[i], 1);
    }
    writer_put(w, 0x200, 4);
    w->c->ignored_at = 0xa00;
    w->c->ignored_bytes = 512;
}

void generate_mixed(X86Random *r, X86Case *c)
{
    memset(c, 0, offsetof(X86Case, before));
    c->bits = 64;
    c->code_offset = random_below(r, 1024);
    c->name = "mixed sequence";
    c->sequence = c->uses_fpu = c->uses_ymm = true;
    c->defined_flags = (CC_ALL & ~CC_A) | DF_MASK;
    random_state(r, c);
    random_simd(r, &c->before);
    c->before.fx[24] |= 0x80;
    c->before.fx[25] |= 0x1f;
    c->before.regs[15] = DATA_ADDRESS + 0x800;
    c->before.eflags &= ~TF_MASK;
    Writer w = { .random = r, .c = c };
    for (unsigned n = 2 + random_below(r, 14); n && w.position < sizeof(c->code) - 112; n--) {
        unsigned kind = random_below(r, 100);
        if (kind < 3) {
            put_image(&w);
        } else if (kind < 10) {
            put_transfer(&w);
        } else if (kind < 25) {
            put_vector_loop(&w);
        } else if (kind < 50) {
            put_sequence_instruction(&w);
        } else {
            simd_put_one(&w);
        }
    }
    writer_put(&w, 0xf4, 1);
    c->code_bytes = w.position;
}

void generate_sequence(X86Random *r, unsigned bits, X86Case *c)
{
    memset(c, 0, offsetof(X86Case, before));
    c->bits = bits;
    c->code_offset = random_below(r, 1024);
    c->name = "sequence";
    c->sequence = true;
    c->defined_flags = (CC_ALL & ~CC_A) | DF_MASK;
    random_state(r, c);
    c->before.regs[bits == 64 ? 15 : R_EDI] = (bits == 16 ? 0 : DATA_ADDRESS) + 0x800;
    Writer w = { .random = r, .c = c };
    for (unsigned n = 2 + random_below(r, 12); n && w.position < sizeof(c->code) - 48; n--) {
        if (random_chance(r, 15)) {
            put_transfer(&w);
        } else {
            put_sequence_instruction(&w);
        }
    }
    writer_put(&w, 0xf4, 1);
    c->code_bytes = w.position;
    for (int i = 0; i < 16 && bits != 64; i++) {
        c->before.regs[i] = (uint32_t)c->before.regs[i];
    }
}
