/*
 * rvv_ta_all_1s, rvv_ma_all_1s: where vtype is agnostic, tail elements and masked elements become all ones, which shows programs that count on what was there.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 30.3.4 "vta and vma", 30.7 "tail and masked elements"; which instruction writes what: 30.11 to 30.16.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/vector.h"

#include <string.h>

enum { VTYPE_VTA = 1 << 6, VTYPE_VMA = 1 << 7 };
/* What an instruction writes. REST: the elements behind `count` are its tail, of VL's as well. */
typedef enum Kind { NOTHING, ELEMENTS, MASK, SCALAR, REST } Kind;
typedef struct Destination { Kind kind; unsigned bits, fields; int emul; bool by_mask; } Destination;

/* The tail of a mask is agnostic whatever vta says (30.3.4). */
bool riscv_vector_fills(const RiscvCpu *cpu, uint64_t vtype)
{
    return cpu->rvv_ta_all_1s || (cpu->rvv_ma_all_1s && (vtype & VTYPE_VMA));
}

/* ---- what is written ---- */

static Destination elements(const Vector *v, int wider)
{
    return (Destination){ ELEMENTS, v->sew << wider, 1, v->lmul + wider, v->masked };
}

static Destination of_memory(const Vector *v)
{
    static const uint8_t widths[8] = { [0] = 8, [5] = 16, [6] = 32, [7] = 64 };
    unsigned mop = v->insn >> 26 & 3, bits = widths[v->funct3], nf = (v->insn >> 29) + 1;
    if (mop == 0 && v->vs2 == 8) {
        return (Destination){ NOTHING };
    }
    if (mop == 0 && v->vs2 == 11) {
        return (Destination){ MASK, 8 };            /* whole bytes */
    }
    if (mop & 1) {
        return (Destination){ ELEMENTS, v->sew, nf, v->lmul, v->masked };
    }
    return (Destination){ ELEMENTS, bits, nf, v->lmul + (int)__builtin_ctz(bits) - (int)v->log2_sew, v->masked };
}

static Destination of_integer(const Vector *v)
{
    if (v->funct6 == 0x11 || v->funct6 == 0x13) {
        return (Destination){ MASK };               /* the mask is the carry */
    }
    if (v->funct6 >= 0x18 && v->funct6 <= 0x1f) {
        return (Destination){ MASK, .by_mask = v->masked };
    }
    if (v->funct6 == 0x27 && v->funct3 == 3) {
        return (Destination){ NOTHING };            /* VMVnR.V */
    }
    if (v->funct6 == 0x30 || v->funct6 == 0x31) {
        return (Destination){ SCALAR, 2 * v->sew, 1, 0, false };
    }
    Destination d = elements(v, v->funct6 == 0x35);
    d.by_mask = v->masked && v->funct6 != 0x10 && v->funct6 != 0x12 && v->funct6 != 0x17;      /* there the mask is an operand */
    return d;
}

static Destination of_multiply(const Vector *v)
{
    bool vectors = v->funct3 == 2;
    if (vectors && v->funct6 == 0x10) {
        return (Destination){ NOTHING };
    }
    if ((vectors && v->funct6 <= 7) || (!vectors && v->funct6 == 0x10)) {
        return (Destination){ SCALAR, v->sew, 1, 0, false };
    }
    if ((v->funct6 == 0x14 && v->vs1 < 16) || (vectors && v->funct6 >= 0x18 && v->funct6 <= 0x1f)) {
        return (Destination){ MASK, .by_mask = v->masked && v->funct6 == 0x14 };
    }
    if (v->funct6 == 0x17) {
        return (Destination){ REST, v->sew, 1, v->lmul, false };
    }
    return elements(v, v->funct6 >= 0x30);
}

static Destination of_float(const Vector *v)
{
    bool vectors = v->funct3 == 1;
    if (vectors && v->funct6 == 0x10) {
        return (Destination){ NOTHING };
    }
    if ((!vectors && v->funct6 == 0x10) || (vectors && v->funct6 <= 7 && (v->funct6 & 1))) {
        return (Destination){ SCALAR, v->sew, 1, 0, false };
    }
    if (vectors && (v->funct6 == 0x31 || v->funct6 == 0x33)) {
        return (Destination){ SCALAR, 2 * v->sew, 1, 0, false };
    }
    if (v->funct6 >= 0x18 && v->funct6 <= 0x1f) {
        return (Destination){ MASK, .by_mask = v->masked };
    }
    Destination d = elements(v, v->funct6 >= 0x30 || (v->funct6 == 0x12 && v->vs1 >= 8 && v->vs1 < 16));
    d.by_mask = v->masked && v->funct6 != 0x17;
    return d;
}

static Destination destination(const Vector *v)
{
    switch (v->insn & 0x7f) {
    case 0x07:
        return of_memory(v);
    case 0x57:
        return (v->funct3 & 3) == 1 ? of_float(v) : v->funct3 == 2 || v->funct3 == 6 ? of_multiply(v) : of_integer(v);
    case 0x77:
        return elements(v, 0);
    default:
        return (Destination){ NOTHING };
    }
}

/* ---- filling ---- */

/* The elements of a group of at least a register, from `first` on. */
static void fill(const Vector *v, unsigned reg, const Destination *d, unsigned first)
{
    unsigned registers = d->emul > 0 ? 1u << d->emul : 1, count = registers * v->vlenb * 8 / d->bits;
    for (unsigned i = first; i < count; i++) {
        vector_set(v, reg, i, d->bits, UINT64_MAX);
    }
}

static unsigned compressed(const Vector *v)
{
    unsigned count = 0;
    for (unsigned i = 0; i < v->vl; i++) {
        count += vector_mask_bit(v, v->vs1, i);
    }
    return count;
}

static void fill_tail(const Vector *v, const Destination *d, unsigned first)
{
    if (d->kind == MASK) {
        for (unsigned i = d->bits ? ROUND_UP(first, 8) : first; i < v->vlenb * 8; i++) {
            vector_set_mask(v, v->vd, i, true);
        }
        return;
    }
    unsigned step = d->emul > 0 ? 1u << d->emul : 1;
    for (unsigned f = 0; f < d->fields; f++) {
        fill(v, v->vd + f * step, d, first);
    }
}

/* VSLIDEUP leaves what is below its offset, masked or not (30.16.3). */
static uint64_t first_written(const Vector *v)
{
    bool slides_up = (v->insn & 0x7f) == 0x57 && v->funct6 == 0x0e && (v->funct3 == 3 || v->funct3 == 4);
    return MAX((uint64_t)v->vstart, !slides_up ? 0 : v->funct3 == 3 ? v->vs1 : riscv_address(v->cpu, v->cpu->x[v->vs1]));
}

static void fill_masked(const Vector *v, const Destination *d, const uint8_t *mask, unsigned vl)
{
    unsigned step = d->emul > 0 ? 1u << d->emul : 1;
    for (uint64_t n = first_written(v); n < vl; n++) {
        unsigned i = (unsigned)n;
        if (mask[i / 8] >> (i % 8) & 1) {
            continue;
        }
        if (d->kind == MASK) {
            vector_set_mask(v, v->vd, i, true);
        }
        for (unsigned f = 0; f < d->fields; f++) {
            vector_set(v, v->vd + f * step, i, d->bits, UINT64_MAX);
        }
    }
}

/* (VCOMPRESS does not write over vs1.) */
void riscv_vector_fill(const Vector *v, const uint8_t *mask)
{
    Destination d = destination(v);
    uint64_t vtype = v->cpu->vtype;
    bool ta = v->cpu->rvv_ta_all_1s && (vtype & VTYPE_VTA), ma = v->cpu->rvv_ma_all_1s && (vtype & VTYPE_VMA);
    unsigned vl = MIN(v->vl, (unsigned)v->cpu->vl);     /* a load may have shortened it */
    if (d.kind == NOTHING || v->vstart >= v->vl) {
        return;
    }
    if (ma && d.by_mask) {
        fill_masked(v, &d, mask, vl);
    }
    if (ta || (v->cpu->rvv_ta_all_1s && d.kind == MASK)) {
        fill_tail(v, &d, d.kind == SCALAR ? 1 : d.kind == REST ? compressed(v) : vl);
    }
}
