/*
 * Vector permutations: slides, gathers, compression.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 30.16.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/vector.h"

static bool overlaps(unsigned a, unsigned b, int emul)
{
    unsigned n = emul > 0 ? 1u << emul : 1;
    return a < b + n && b < a + n;
}

static bool aligned_both(const Vector *v) { return vector_aligned(v->vd, v->lmul) && vector_aligned(v->vs2, v->lmul) && vector_mask_ok(v); }

/* By a register or an immediate without a sign. */
static uint64_t amount(const Vector *v) { return v->funct3 == 3 ? v->vs1 : riscv_address(v->cpu, v->cpu->x[v->vs1]); }

static bool slide_up(Vector *v)
{
    uint64_t by = amount(v);
    if (!aligned_both(v) || overlaps(v->vd, v->vs2, v->lmul)) {
        return false;
    }
    for (uint64_t i = MAX(v->vstart, by); i < v->vl; i++) {
        if (vector_active(v, i)) {
            vector_set(v, v->vd, i, v->sew, vector_get(v, v->vs2, i - by, v->sew));
        }
    }
    return true;
}

static bool slide_down(Vector *v)
{
    uint64_t by = amount(v);
    if (!aligned_both(v)) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (vector_active(v, i)) {
            vector_set(v, v->vd, i, v->sew, by < v->vlmax && i + by < v->vlmax ? vector_get(v, v->vs2, i + by, v->sew) : 0);
        }
    }
    return true;
}

static bool slide_one(Vector *v, bool up, uint64_t value)
{
    if (!aligned_both(v) || (up && overlaps(v->vd, v->vs2, v->lmul))) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (!vector_active(v, i)) {
            continue;
        }
        bool end = up ? i == 0 : i == v->vl - 1;
        vector_set(v, v->vd, i, v->sew, end ? value : vector_get(v, v->vs2, up ? i - 1 : i + 1, v->sew));
    }
    return true;
}

/* index_bits 0: by a register or an immediate. */
static bool gather(Vector *v, unsigned index_bits)
{
    int index_lmul = v->lmul + (int)__builtin_ctz(index_bits ? index_bits : v->sew) - (int)v->log2_sew;
    if (!aligned_both(v) || overlaps(v->vd, v->vs2, v->lmul) || index_lmul < -3 || index_lmul > 3) {
        return false;
    }
    if (index_bits) {
        unsigned n = index_lmul > 0 ? 1u << index_lmul : 1, d = v->lmul > 0 ? 1u << v->lmul : 1;
        if (!vector_aligned(v->vs1, index_lmul) || (v->vd < v->vs1 + n && v->vs1 < v->vd + d)) {
            return false;
        }
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (vector_active(v, i)) {
            uint64_t index = index_bits ? vector_get(v, v->vs1, i, index_bits) : amount(v);
            vector_set(v, v->vd, i, v->sew, index < v->vlmax ? vector_get(v, v->vs2, index, v->sew) : 0);
        }
    }
    return true;
}

static bool compress(Vector *v)
{
    unsigned registers = v->lmul > 0 ? 1u << v->lmul : 1, at = 0;
    if (v->masked || v->vstart || !vector_aligned(v->vd, v->lmul) || !vector_aligned(v->vs2, v->lmul) || overlaps(v->vd, v->vs2, v->lmul)
        || (v->vs1 >= v->vd && v->vs1 < v->vd + registers)) {
        return false;
    }
    for (unsigned i = 0; i < v->vl; i++) {
        if (vector_mask_bit(v, v->vs1, i)) {
            vector_set(v, v->vd, at++, v->sew, vector_get(v, v->vs2, i, v->sew));
        }
    }
    return true;
}

bool vector_permute(Vector *v, bool *known)
{
    bool scalar = v->funct3 == 3 || v->funct3 == 4;
    *known = true;
    switch (v->funct3 << 8 | v->funct6) {
    case 0x00c: return gather(v, v->sew);
    case 0x00e: return gather(v, 16);
    case 0x30c: case 0x40c: return gather(v, 0);
    case 0x217: return compress(v);
    case 0x60e: return slide_one(v, true, v->cpu->x[v->vs1]);
    case 0x60f: return slide_one(v, false, v->cpu->x[v->vs1]);
    default: break;
    }
    if (scalar && v->funct6 == 0x0e) {
        return slide_up(v);
    }
    if (scalar && v->funct6 == 0x0f) {
        return slide_down(v);
    }
    if (v->funct3 == 5 && (v->funct6 == 0x0e || v->funct6 == 0x0f) && riscv_float_on(v->cpu) && (v->sew >= 32 || (v->sew == 16 && (v->altfmt || riscv_has(v->cpu, zvfh))))) {
        return slide_one(v, v->funct6 == 0x0e, riscv_vector_scalar(v->cpu, v->vs1, v->sew, v->altfmt));
    }
    *known = false;
    return false;
}
