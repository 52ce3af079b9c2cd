/*
 * Reading an instruction: prefixes, REX, VEX, opcode, ModRM, SIB, displacement, immediates, as its table entry says.
 *
 * Intel SDM volume 2, chapter 2 (formats) and appendix A (opcode maps).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/decode.h"
#include <string.h>

enum { PAGE = 4096 };
#define MAX_LENGTH 15u

/* ---- bytes ---- */

/* Where not all n bytes behind s->next are there yet. */
static X86Decoded fetch(X86Translate *s, unsigned n)
{
    unsigned at = s->next - s->start;
    if (at + n > MAX_LENGTH) {
        return X86_DECODED_GP;
    }
    /* All that the page has, at once; what lies on the second page only as far as it is needed. */
    int32_t from = s->start + s->nr_bytes, left_on_page = PAGE - from;
    unsigned want = at + n - s->nr_bytes;
    if (left_on_page > 0) {
        want = MAX(want, MIN((unsigned)left_on_page, MAX_LENGTH - s->nr_bytes));
    }
    if (left_on_page > 0 && want > (unsigned)left_on_page) {
        if (!tcg_fetch(s->t->source, from, s->bytes + s->nr_bytes, left_on_page)) {
            return X86_DECODED_NO_FETCH;
        }
        s->nr_bytes += left_on_page;
        from += left_on_page;
        want -= left_on_page;
    }
    if (!tcg_fetch(s->t->source, from, s->bytes + s->nr_bytes, want)) {
        return X86_DECODED_NO_FETCH;
    }
    s->nr_bytes += want;
    return X86_DECODED;
}

/* Makes n more bytes behind s->next available. */
static inline X86Decoded need(X86Translate *s, unsigned n)
{
    return G_LIKELY(s->next - s->start + n <= s->nr_bytes) ? X86_DECODED : fetch(s, n);
}

/* Reads n bytes, little end first. A result that is not DECODED: *value is not set. */
static inline X86Decoded take(X86Translate *s, unsigned n, uint64_t *value)
{
    X86Decoded r = need(s, n);
    if (r == X86_DECODED) {
        *value = 0;
        memcpy(value, s->bytes + (s->next - s->start), n);
        s->next += n;
    }
    return r;
}

#define TAKE(n, value) \
    do { \
        X86Decoded r_ = take(s, n, value); \
        if (r_ != X86_DECODED) { \
            return r_; \
        } \
    } while (0)

static int64_t sign_extend(uint64_t value, unsigned bytes)
{
    unsigned shift = 64 - 8 * bytes;
    return (int64_t)(value << shift) >> shift;
}

/* ---- prefixes and opcode ---- */

enum { PREFIX_NONE, PREFIX_66, PREFIX_67, PREFIX_LOCK, PREFIX_REP, PREFIX_SEGMENT };
static const uint8_t prefix_kinds[256] = {
    [0x66] = PREFIX_66, [0x67] = PREFIX_67, [0xf0] = PREFIX_LOCK, [0xf2] = PREFIX_REP, [0xf3] = PREFIX_REP,
    [0x26] = PREFIX_SEGMENT + R_ES, [0x2e] = PREFIX_SEGMENT + R_CS, [0x36] = PREFIX_SEGMENT + R_SS, [0x3e] = PREFIX_SEGMENT + R_DS,
    [0x64] = PREFIX_SEGMENT + R_FS, [0x65] = PREFIX_SEGMENT + R_GS,
};

static void legacy_prefix(X86Translate *s, uint8_t byte)
{
    unsigned segment = prefix_kinds[byte] - PREFIX_SEGMENT;
    switch (prefix_kinds[byte]) {
    case PREFIX_66:
        s->has_66 = true;
        return;
    case PREFIX_67:
        s->has_67 = true;
        return;
    case PREFIX_LOCK:
        s->lock = true;
        return;
    case PREFIX_REP:
        s->rep = byte;
        return;
    default:
        /* In 64-bit code only FS and GS mean something. */
        if (!x86_in_64(s) || segment >= R_FS) {
            s->segment = segment;
            s->segment_override = true;
        }
        return;
    }
}

/* The bytes behind C4 or C5. */
static X86Decoded decode_vex(X86Translate *s, uint8_t first)
{
    uint64_t byte, last;
    unsigned map = 1;
    s->vex_w = false;
    if (s->has_66 || s->rep || s->lock || s->rex) {
        return X86_DECODED_UD;
    }
    TAKE(1, &byte);
    s->rex = byte & 0x80 ? 0 : 4;
    if (first == 0xc4) {
        s->rex |= (byte & 0x40 ? 0 : 2) | (byte & 0x20 ? 0 : 1);
        map = byte & 0x1f;
        TAKE(1, &last);
        s->vex_w = last & 0x80;
        s->rex |= s->vex_w ? 8 : 0;
    } else {
        last = byte;
    }
    static const uint8_t prefixes[4] = { 0, 0x66, 0xf3, 0xf2 };
    s->rex = x86_in_64(s) ? s->rex | 0x40 : 0;
    s->vex = true;
    s->vex_v = ~last >> 3 & (x86_in_64(s) ? 15 : 7);
    s->vex_l = last & 4;
    s->prefix = prefixes[last & 3];
    if (map < 1 || map > 3) {
        return X86_DECODED_UD;
    }
    TAKE(1, &byte);
    s->map = map;
    s->opcode = byte;
    s->op = x86_vex_opcode(map, byte);
    return s->op ? X86_DECODED : X86_DECODED_UD;
}

/* C4 and C5 are LES and LDS in 16- and 32-bit code when a memory operand follows. */
static X86Decoded is_vex(X86Translate *s, bool *vex)
{
    *vex = true;
    if (!x86_in_64(s)) {
        X86Decoded r = need(s, 1);
        if (r != X86_DECODED) {
            return r;
        }
        *vex = (s->mode & X86_MODE_PE) && s->bytes[s->next - s->start] >= 0xc0;
    }
    return X86_DECODED;
}

static X86Decoded decode_opcode(X86Translate *s)
{
    uint64_t byte;
    for (;;) {
        TAKE(1, &byte);
        if (G_UNLIKELY(prefix_kinds[byte])) {
            legacy_prefix(s, byte);
            s->rex = 0;
        } else if (x86_in_64(s) && (byte & 0xf0) == 0x40) {
            s->rex = byte;
        } else {
            break;
        }
    }
    if (byte == 0xc4 || byte == 0xc5) {
        bool vex;
        X86Decoded r = is_vex(s, &vex);
        if (r != X86_DECODED || vex) {
            return r != X86_DECODED ? r : decode_vex(s, byte);
        }
    }
    s->map = X86_MAP_ONE;
    if (byte == 0x0f) {
        s->map = X86_MAP_0F;
        TAKE(1, &byte);
        if (byte == 0x38 || byte == 0x3a) {
            s->map = byte == 0x38 ? X86_MAP_0F38 : X86_MAP_0F3A;
            TAKE(1, &byte);
        }
    }
    s->opcode = byte;
    s->prefix = s->rep ? s->rep : s->has_66 ? 0x66 : 0;
    s->op = &x86_opcodes[s->map][byte];
    return X86_DECODED;
}

/* ---- ModRM ---- */

static X86Decoded displacement(X86Translate *s, unsigned bytes)
{
    uint64_t value;
    TAKE(bytes, &value);
    s->displacement = sign_extend(value, bytes);
    return X86_DECODED;
}

static X86Decoded decode_address16(X86Translate *s)
{
    static const struct { uint8_t base, index, segment; } forms[8] = {
        { R_EBX, R_ESI, R_DS }, { R_EBX, R_EDI, R_DS }, { R_EBP, R_ESI, R_SS }, { R_EBP, R_EDI, R_SS },
        { R_ESI, X86_NO_REG, R_DS }, { R_EDI, X86_NO_REG, R_DS }, { R_EBP, X86_NO_REG, R_SS }, { R_EBX, X86_NO_REG, R_DS },
    };
    unsigned form = s->modrm & 7;
    s->ea_base = forms[form].base;
    s->ea_index = forms[form].index;
    unsigned segment = forms[form].segment;
    if (s->mod == 0 && form == 6) {
        s->ea_base = X86_NO_REG;
        segment = R_DS;
    }
    if (!s->segment_override) {
        s->segment = segment;
    }
    return s->ea_base == X86_NO_REG || s->mod == 2 ? displacement(s, 2) : s->mod == 1 ? displacement(s, 1) : X86_DECODED;
}

static X86Decoded decode_address(X86Translate *s)
{
    unsigned base = s->modrm & 7;
    bool sib = base == 4, no_base = false;
    if (sib) {
        uint64_t byte;
        TAKE(1, &byte);
        base = byte & 7;
        unsigned index = (byte >> 3 & 7) | (s->rex & 2) << 2;
        s->ea_scale = byte >> 6;
        s->ea_index = index == 4 ? X86_NO_REG : index;
    }
    no_base = base == 5 && s->mod == 0;
    if (no_base) {
        s->ea_base = !sib && x86_in_64(s) ? X86_REG_RIP : X86_NO_REG;
    } else {
        s->ea_base = base | (s->rex & 1) << 3;
    }
    if (!s->segment_override) {
        s->segment = s->ea_base == R_ESP || s->ea_base == R_EBP ? R_SS : R_DS;
    }
    return no_base || s->mod == 2 ? displacement(s, 4) : s->mod == 1 ? displacement(s, 1) : X86_DECODED;
}

static X86Decoded decode_modrm(X86Translate *s)
{
    uint64_t byte;
    TAKE(1, &byte);
    s->modrm = byte;
    s->mod = s->op->flags & X86_OP_NO_MOD ? 3 : byte >> 6;
    s->reg = (byte >> 3 & 7) | (s->rex & 4) << 1;
    s->rm = (byte & 7) | (s->rex & 1) << 3;
    s->is_memory = s->mod != 3;
    s->flags = s->op->flags;
    if (s->op->group) {
        s->op = &s->op->group[byte >> 3 & 7];
        s->flags |= s->op->flags;
    }
    if (!s->is_memory) {
        return X86_DECODED;
    }
    return s->address_log2 == 1 ? decode_address16(s) : decode_address(s);
}

/* ---- immediates ---- */

static X86Decoded immediate(X86Translate *s, unsigned bytes, bool sign, uint64_t *where)
{
    TAKE(bytes, where);
    if (sign) {
        *where = sign_extend(*where, bytes);
    }
    return X86_DECODED;
}

static X86Decoded decode_immediates(X86Translate *s)
{
    unsigned z = s->operand_log2 == 1 ? 2 : 4;
    X86Decoded r = X86_DECODED;
    if (s->flags & (X86_OP_IMM_B | X86_OP_IMM_UB)) {
        r = immediate(s, 1, s->flags & X86_OP_IMM_B, &s->immediate);
    } else if (s->flags & X86_OP_IMM_W) {
        r = immediate(s, 2, false, &s->immediate);
    } else if (s->flags & X86_OP_IMM_Z) {
        r = immediate(s, z, true, &s->immediate);
    } else if (s->flags & X86_OP_IMM_V) {
        r = immediate(s, 1 << s->operand_log2, true, &s->immediate);
    } else if (s->flags & X86_OP_IMM_A) {
        r = immediate(s, 1 << s->address_log2, false, &s->immediate);
    } else if (s->flags & X86_OP_IMM_FAR) {
        r = immediate(s, z, false, &s->immediate);
        return r == X86_DECODED ? immediate(s, 2, false, &s->immediate2) : r;
    }
    if (r == X86_DECODED && (s->flags & X86_OP_IMM_2B)) {
        r = immediate(s, 1, false, &s->immediate2);
    }
    return r;
}

/* ---- the whole ---- */

static void set_sizes(X86Translate *s)
{
    if (x86_in_64(s)) {
        s->address_log2 = s->has_67 ? 2 : 3;
    } else {
        s->address_log2 = (bool)(s->mode & X86_MODE_CODE32) != s->has_67 ? 2 : 1;
    }
}

static void set_operand_size(X86Translate *s)
{
    bool wide = s->rex & 8;
    if (s->flags & X86_OP_BYTE) {
        s->operand_log2 = 0;
    } else if (s->vex) {
        s->operand_log2 = wide ? 3 : 2;
    } else if (!x86_in_64(s)) {
        s->operand_log2 = (bool)(s->mode & X86_MODE_CODE32) != s->has_66 ? 2 : 1;
    } else if (s->flags & X86_OP_F64) {
        s->operand_log2 = 3;
    } else if (s->flags & X86_OP_D64) {
        s->operand_log2 = s->has_66 && !wide ? 1 : 3;
    } else {
        s->operand_log2 = wide ? 3 : s->has_66 ? 1 : 2;
    }
}

/* LOCK goes with some memory destinations, and makes a CR8 of the CR0 of a MOV (AMD's way to it outside 64-bit code). */
static bool lock_is_valid(const X86Translate *s)
{
    bool mov_cr0 = s->map == X86_MAP_0F && (s->opcode & 0xfd) == 0x20 && s->reg == 0;
    return ((s->flags & X86_OP_LOCK) && s->is_memory) || (mov_cr0 && x86_feature(s, FEAT_8000_0001_ECX, 4));
}

/* What the entry demands of the mode and of the form. */
static bool is_valid(const X86Translate *s)
{
    uint32_t flags = s->flags;
    bool invalid = !s->op->translate
        || ((flags & X86_OP_NO64) && x86_in_64(s)) || ((flags & X86_OP_ONLY64) && !x86_in_64(s))
        || ((flags & X86_OP_PROTECTED) && !(s->mode & X86_MODE_PE))
        || ((flags & X86_OP_MEMORY) && !s->is_memory) || ((flags & X86_OP_REGISTER) && s->is_memory)
        || (s->lock && !lock_is_valid(s))
        || ((s->flags & X86_OP_VEX) && s->vex_l) || (s->vex && !(s->mode & X86_MODE_PE));
    if (invalid || !s->op->feature) {
        return !invalid;
    }
    unsigned feature = s->op->feature - 1;
    return x86_feature(s, feature >> 6, feature & 63);
}

X86Decoded x86_decode(X86Translate *s)
{
    s->next = s->start;
    s->nr_bytes = 0;
    s->rep = s->rex = s->vex_v = 0;
    s->lock = s->has_66 = s->has_67 = s->vex = s->vex_l = s->segment_override = s->is_memory = false;
    s->segment = R_DS;
    s->ea_base = s->ea_index = X86_NO_REG;
    s->ea_scale = 0;
    s->displacement = 0;
    s->ea_extra = 0;
    s->ea_known = false;
    s->immediate = s->immediate2 = 0;
    X86Decoded r = decode_opcode(s);
    if (r != X86_DECODED) {
        return r;
    }
    s->flags = s->op->flags;
    set_sizes(s);
    if (s->flags & X86_OP_MODRM) {
        r = decode_modrm(s);
        if (r != X86_DECODED) {
            return r;
        }
    }
    set_operand_size(s);
    r = decode_immediates(s);
    if (r != X86_DECODED) {
        return r;
    }
    return is_valid(s) ? X86_DECODED : X86_DECODED_UD;
}
