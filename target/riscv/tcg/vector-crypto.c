/*
 * Vector cryptography by element groups: AES, SHA-2, SM3, SM4, GHASH (Zvkned, Zvknha, Zvknhb, Zvksh, Zvksed, Zvkg).
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 34 "Cryptography Extensions: Vector Instructions": 34.3 gives each as pseudocode; FIPS 197, FIPS 180-4,
 * GB/T 32905, GB/T 32907, NIST SP 800-38D.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/crypto.h"
#include "target/riscv/tcg/vector.h"

enum { GROUP_WORDS_MAX = 8 };
/* An element group: words of 32 bits, or four of 64. */
typedef union Group { uint8_t byte[64]; uint32_t word[GROUP_WORDS_MAX]; uint64_t dword[4]; } Group;

/* What is done to a group of vd, given those of vs2 and vs1; immediate: the vs1 field. */
typedef void GroupFunction(Group *d, const Group *s2, const Group *s1, unsigned immediate);

/* ---- AES ---- */

static void shifted_rows(Group *d, const uint8_t box[256], bool inverse)
{
    Group from = *d;
    for (unsigned column = 0; column < 4; column++) {
        for (unsigned row = 0; row < 4; row++) {
            d->byte[4 * column + row] = box[from.byte[4 * ((column + (inverse ? 4 - row : row)) % 4) + row]];
        }
    }
}

static void mix_columns(Group *d, const uint8_t row[4])
{
    for (unsigned i = 0; i < 4; i++) {
        d->word[i] = riscv_aes_mix_column(d->word[i], row);
    }
}

static void xor_words(Group *d, const Group *s)
{
    for (unsigned i = 0; i < 4; i++) {
        d->word[i] ^= s->word[i];
    }
}

static void vaesz(Group *d, const Group *key, const Group *s1, unsigned immediate) { xor_words(d, key); }

static void vaesef(Group *d, const Group *key, const Group *s1, unsigned immediate)
{
    shifted_rows(d, riscv_aes_sbox, false);
    xor_words(d, key);
}

static void vaesem(Group *d, const Group *key, const Group *s1, unsigned immediate)
{
    shifted_rows(d, riscv_aes_sbox, false);
    mix_columns(d, riscv_aes_mix);
    xor_words(d, key);
}

static void vaesdf(Group *d, const Group *key, const Group *s1, unsigned immediate)
{
    shifted_rows(d, riscv_aes_inverse_sbox, true);
    xor_words(d, key);
}

static void vaesdm(Group *d, const Group *key, const Group *s1, unsigned immediate)
{
    vaesdf(d, key, s1, immediate);
    mix_columns(d, riscv_aes_inverse_mix);
}

/* Four words, each the exclusive or of the one before (first: of this one) and the old key's. */
static void chain(Group *d, uint32_t first, const Group *old)
{
    Group key = *old;
    for (unsigned i = 0; i < 4; i++) {
        d->word[i] = first ^= key.word[i];
    }
}

/* Rounds out of range have their top bit turned. */
static void vaeskf1(Group *d, const Group *key, const Group *s1, unsigned immediate)
{
    unsigned round = immediate & 15;
    round ^= round == 0 || round > 10 ? 8 : 0;
    chain(d, riscv_substitute_word(ror32(key->word[3], 8), riscv_aes_sbox) ^ riscv_aes_round_constant(round), key);
}

static void vaeskf2(Group *d, const Group *key, const Group *s1, unsigned immediate)
{
    unsigned round = immediate & 15;
    round ^= round < 2 || round > 14 ? 8 : 0;
    uint32_t word = key->word[3];
    chain(d, round & 1 ? riscv_substitute_word(word, riscv_aes_sbox)
          : riscv_substitute_word(ror32(word, 8), riscv_aes_sbox) ^ riscv_aes_round_constant(round / 2), d);
}

/* ---- SHA-2 ---- */

static uint32_t choose32(uint32_t x, uint32_t y, uint32_t z) { return (x & y) ^ (~x & z); }
static uint32_t majority32(uint32_t x, uint32_t y, uint32_t z) { return (x & y) ^ (x & z) ^ (y & z); }
static uint64_t choose64(uint64_t x, uint64_t y, uint64_t z) { return (x & y) ^ (~x & z); }
static uint64_t majority64(uint64_t x, uint64_t y, uint64_t z) { return (x & y) ^ (x & z) ^ (y & z); }

/* W[0] to W[3] are in vd, W[4] and W[9] to W[11] in vs2, W[12] to W[15] in vs1. Two rounds: {a, b, e, f} are in vs2 from the highest on, {c, d, g, h} in vd. */
#define SHA2(bits, type, member, sum0, sum1, sig0, sig1)                                                                        \
    static void schedule##bits(Group *d, const Group *s2, const Group *s1, unsigned immediate)                                  \
    {                                                                                                                           \
        type w[20] = { d->member[0], d->member[1], d->member[2], d->member[3], s2->member[0], 0, 0, 0, 0,                       \
                       s2->member[1], s2->member[2], s2->member[3], s1->member[0], s1->member[1], s1->member[2], s1->member[3] }; \
        for (unsigned i = 16; i < 20; i++) {                                                                                    \
            w[i] = sig1(w[i - 2]) + w[i - 7] + sig0(w[i - 15]) + w[i - 16];                                                     \
            d->member[i - 16] = w[i];                                                                                           \
        }                                                                                                                       \
    }                                                                                                                           \
    static void rounds##bits(Group *d, const Group *s2, const type *message)                                                    \
    {                                                                                                                           \
        type a = s2->member[3], b = s2->member[2], e = s2->member[1], f = s2->member[0];                                        \
        type c = d->member[3], dd = d->member[2], g = d->member[1], h = d->member[0];                                           \
        for (unsigned i = 0; i < 2; i++) {                                                                                      \
            type t1 = h + sum1(e) + choose##bits(e, f, g) + message[i], t2 = sum0(a) + majority##bits(a, b, c);                 \
            h = g, g = f, f = e, e = dd + t1, dd = c, c = b, b = a, a = t1 + t2;                                                \
        }                                                                                                                       \
        d->member[3] = a, d->member[2] = b, d->member[1] = e, d->member[0] = f;                                                 \
    }                                                                                                                           \
    static void low##bits(Group *d, const Group *s2, const Group *s1, unsigned immediate) { rounds##bits(d, s2, s1->member); }  \
    static void high##bits(Group *d, const Group *s2, const Group *s1, unsigned immediate) { rounds##bits(d, s2, s1->member + 2); }
SHA2(32, uint32_t, word, sha256_sum0, sha256_sum1, sha256_sig0, sha256_sig1)
SHA2(64, uint64_t, dword, sha512_sum0, sha512_sum1, sha512_sig0, sha512_sig1)

/* ---- SM3: its words are big-endian ---- */

static void vsm3me(Group *d, const Group *s2, const Group *s1, unsigned immediate)
{
    uint32_t w[24];
    for (unsigned i = 0; i < 8; i++) {
        w[i] = __builtin_bswap32(s1->word[i]);
        w[8 + i] = __builtin_bswap32(s2->word[i]);
    }
    for (unsigned i = 16; i < 24; i++) {
        w[i] = sm3_p1(w[i - 16] ^ w[i - 9] ^ rol32(w[i - 3], 15)) ^ rol32(w[i - 13], 7) ^ w[i - 6];
        d->word[i - 16] = __builtin_bswap32(w[i]);
    }
}

/* Two rounds; a to h are words 0 to 7. */
static void vsm3c(Group *d, const Group *s2, const Group *s1, unsigned immediate)
{
    uint32_t s[8];
    for (unsigned i = 0; i < 8; i++) {
        s[i] = __builtin_bswap32(d->word[i]);
    }
    for (unsigned n = 0; n < 2; n++) {
        unsigned j = 2 * immediate + n;
        bool early = j < 16;
        uint32_t w = __builtin_bswap32(s2->word[n]), x = w ^ __builtin_bswap32(s2->word[4 + n]);
        uint32_t a12 = rol32(s[0], 12), ss1 = rol32(a12 + s[4] + rol32(early ? 0x79cc4519 : 0x7a879d8a, j), 7);
        uint32_t tt1 = (early ? s[0] ^ s[1] ^ s[2] : majority32(s[0], s[1], s[2])) + s[3] + (ss1 ^ a12) + x;
        uint32_t tt2 = (early ? s[4] ^ s[5] ^ s[6] : choose32(s[4], s[5], s[6])) + s[7] + ss1 + w;
        s[3] = s[2], s[2] = rol32(s[1], 9), s[1] = s[0], s[0] = tt1;
        s[7] = s[6], s[6] = rol32(s[5], 19), s[5] = s[4], s[4] = sm3_p0(tt2);
    }
    for (unsigned i = 0; i < 8; i++) {
        d->word[i] = __builtin_bswap32(s[i]);
    }
}

/* ---- SM4 ---- */

static void vsm4k(Group *d, const Group *s2, const Group *s1, unsigned immediate)
{
    uint32_t rk[8] = { s2->word[0], s2->word[1], s2->word[2], s2->word[3] };
    for (unsigned i = 0; i < 4; i++) {
        uint32_t constant = 0, n = 4 * (immediate & 7) + i;
        for (unsigned k = 0; k < 4; k++) {
            constant = constant << 8 | ((4 * n + k) * 7 & 0xff);
        }
        uint32_t b = riscv_substitute_word(rk[i + 1] ^ rk[i + 2] ^ rk[i + 3] ^ constant, riscv_sm4_sbox);
        d->word[i] = rk[i + 4] = rk[i] ^ b ^ rol32(b, 13) ^ rol32(b, 23);
    }
}

static void vsm4r(Group *d, const Group *s2, const Group *s1, unsigned immediate)
{
    uint32_t x[8] = { d->word[0], d->word[1], d->word[2], d->word[3] };
    for (unsigned i = 0; i < 4; i++) {
        uint32_t b = riscv_substitute_word(x[i + 1] ^ x[i + 2] ^ x[i + 3] ^ s2->word[i], riscv_sm4_sbox);
        d->word[i] = x[i + 4] = x[i] ^ b ^ rol32(b, 2) ^ rol32(b, 10) ^ rol32(b, 18) ^ rol32(b, 24);
    }
}

/* ---- GHASH ---- */

static void reverse_bits_in_bytes(Group *g)
{
    for (unsigned i = 0; i < 2; i++) {
        g->dword[i] = vector_reverse_bits(g->dword[i], 8);
    }
}

/* d * s2 in GF(2^128) modulo x^128 + x^7 + x^2 + x + 1. */
static void vgmul(Group *d, const Group *s2, const Group *s1, unsigned immediate)
{
    Group y = *d, h = *s2, z = { .dword = { 0, 0 } };
    reverse_bits_in_bytes(&y);
    reverse_bits_in_bytes(&h);
    for (unsigned bit = 0; bit < 128; bit++) {
        uint64_t take = -(y.dword[bit / 64] >> (bit % 64) & 1), carry = h.dword[1] >> 63;
        z.dword[0] ^= h.dword[0] & take;
        z.dword[1] ^= h.dword[1] & take;
        h.dword[1] = h.dword[1] << 1 | h.dword[0] >> 63;
        h.dword[0] = h.dword[0] << 1 ^ (carry ? 0x87 : 0);
    }
    reverse_bits_in_bytes(&z);
    *d = z;
}

static void vghsh(Group *d, const Group *s2, const Group *s1, unsigned immediate)
{
    xor_words(d, s1);
    vgmul(d, s2, s1, immediate);
}

/* ---- the instructions ---- */

/* Which fields are registers, and may not lie over vd. */
enum { USES_VS1 = 1, SINGLE_VS2 = 2, APART_VS1 = 4, APART_VS2 = 8 };
typedef struct GroupInsn { GroupFunction *function; RiscvExt needs; uint8_t elements, flags; } GroupInsn;

/* Those told apart by the vs1 field: vs2 is a vector, or its first group for all. */
static GroupInsn unary_insn(unsigned vs1, bool single)
{
    uint8_t flags = single ? SINGLE_VS2 | APART_VS2 : 0;
    switch (vs1) {
    case 0: return (GroupInsn){ vaesdm, RISCV_EXT_zvkned, 4, flags };
    case 1: return (GroupInsn){ vaesdf, RISCV_EXT_zvkned, 4, flags };
    case 2: return (GroupInsn){ vaesem, RISCV_EXT_zvkned, 4, flags };
    case 3: return (GroupInsn){ vaesef, RISCV_EXT_zvkned, 4, flags };
    case 7: return single ? (GroupInsn){ vaesz, RISCV_EXT_zvkned, 4, flags } : (GroupInsn){ 0 };
    case 16: return (GroupInsn){ vsm4r, RISCV_EXT_zvksed, 4, flags };
    case 17: return single ? (GroupInsn){ 0 } : (GroupInsn){ vgmul, RISCV_EXT_zvkg, 4, 0 };
    default: return (GroupInsn){ 0 };
    }
}

static GroupInsn insn_of(const Vector *v)
{
    const uint8_t sha2 = USES_VS1 | APART_VS1 | APART_VS2;
    bool wide = v->sew == 64;
    RiscvExt hash = wide || !riscv_has(v->cpu, zvknha) ? RISCV_EXT_zvknhb : RISCV_EXT_zvknha;
    switch (v->funct6) {
    case 0x20: return (GroupInsn){ vsm3me, RISCV_EXT_zvksh, 8, USES_VS1 | APART_VS2 };
    case 0x21: return (GroupInsn){ vsm4k, RISCV_EXT_zvksed, 4, 0 };
    case 0x22: return (GroupInsn){ vaeskf1, RISCV_EXT_zvkned, 4, 0 };
    case 0x28: return unary_insn(v->vs1, false);
    case 0x29: return unary_insn(v->vs1, true);
    case 0x2a: return (GroupInsn){ vaeskf2, RISCV_EXT_zvkned, 4, 0 };
    case 0x2b: return (GroupInsn){ vsm3c, RISCV_EXT_zvksh, 8, APART_VS2 };
    case 0x2c: return (GroupInsn){ vghsh, RISCV_EXT_zvkg, 4, USES_VS1 };
    case 0x2d: return (GroupInsn){ wide ? schedule64 : schedule32, hash, 4, sha2 };
    case 0x2e: return (GroupInsn){ wide ? high64 : high32, hash, 4, sha2 };
    case 0x2f: return (GroupInsn){ wide ? low64 : low32, hash, 4, sha2 };
    default: return (GroupInsn){ 0 };
    }
}

static bool apart(const Vector *v, unsigned reg, unsigned registers)
{
    unsigned d = v->lmul > 0 ? 1u << v->lmul : 1;
    return v->vd + d <= reg || reg + registers <= v->vd;
}

static void read_group(const Vector *v, unsigned reg, unsigned first, unsigned elements, Group *g)
{
    for (unsigned i = 0; i < elements; i++) {
        if (v->sew == 64) {
            g->dword[i] = vector_get(v, reg, first + i, 64);
        } else {
            g->word[i] = (uint32_t)vector_get(v, reg, first + i, 32);
        }
    }
}

bool vector_crypto(Vector *v)
{
    GroupInsn insn = insn_of(v);
    bool hashes = v->funct6 >= 0x2d, single = insn.flags & SINGLE_VS2;
    unsigned registers = v->lmul > 0 ? 1u << v->lmul : 1;
    if (!insn.function || !riscv_ext_in(&v->cpu->ext, insn.needs) || v->funct3 != 2 || v->masked || !(v->sew == 32 || (hashes && v->sew == 64))
        || v->vlmax < insn.elements || v->vl % insn.elements || v->vstart % insn.elements) {
        return false;
    }
    if (!vector_aligned(v->vd, v->lmul) || (!single && !vector_aligned(v->vs2, v->lmul)) || ((insn.flags & USES_VS1) && !vector_aligned(v->vs1, v->lmul))
        || ((insn.flags & APART_VS2) && !apart(v, v->vs2, single ? 1 : registers)) || ((insn.flags & APART_VS1) && !apart(v, v->vs1, registers))) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i += insn.elements) {
        Group d, s2, s1 = { .dword = { 0 } };
        read_group(v, v->vd, i, insn.elements, &d);
        read_group(v, v->vs2, single ? 0 : i, insn.elements, &s2);
        if (insn.flags & USES_VS1) {
            read_group(v, v->vs1, i, insn.elements, &s1);
        }
        insn.function(&d, &s2, &s1, v->vs1);
        for (unsigned k = 0; k < insn.elements; k++) {
            vector_set(v, v->vd, i + k, v->sew, v->sew == 64 ? d.dword[k] : d.word[k]);
        }
    }
    return true;
}
