/*
 * SVE2.1: loads and stores of several vectors by a counter, and of elements of 128 bits.
 *
 * DDI 0487, C8.2 (LD1* and ST1* of two and four registers, LD1Q, LD2Q to LD4Q and their stores). That they are not to be cached (LDNT1*, STNT1*) makes no difference here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/sve21.h"

enum { QUAD = 16, QUAD_SIZE = 4 };

/* The first address: bytes are those of one step of the immediate. */
static uint64_t start(SveExec *s, const Sve21Operands *o, unsigned bytes)
{
    return o->scalar ? sve_base(s, o->rn) + (sve_x(s, o->rm) << o->msz) : sve_plain_base(s, o->rn) + (uint64_t)((int64_t)o->imm * bytes);
}

/* ---- several vectors, one behind the other ---- */

bool sve21_op_load_vectors(SveExec *s, const Sve21Operands *o)
{
    if (s->dry) {
        return true;
    }
    SveCounter c = sve21_counter(s, sve21_p8(o->pn8));
    SveVector r[4] = { { { 0 } } };
    uint64_t address = start(s, o, o->registers * s->vl);
    unsigned nr = sve_count(s, o->msz);
    for (unsigned i = 0; i < o->registers * nr; i++, address += 1u << o->msz) {
        if (sve21_counted(&c, o->msz, i)) {
            sve_set_of(r[i / nr].b, o->msz, i % nr, sve_load(s, address, o->msz));
        }
    }
    for (unsigned k = 0; k < (unsigned)o->registers; k++) {
        sve_write(s, o->rd + k, &r[k]);
    }
    return true;
}

bool sve21_op_store_vectors(SveExec *s, const Sve21Operands *o)
{
    if (s->dry) {
        return true;
    }
    SveCounter c = sve21_counter(s, sve21_p8(o->pn8));
    uint64_t address = start(s, o, o->registers * s->vl);
    unsigned nr = sve_count(s, o->msz);
    for (unsigned i = 0; i < o->registers * nr; i++, address += 1u << o->msz) {
        if (sve21_counted(&c, o->msz, i)) {
            sve_store(s, address, o->msz, sve_get(s, o->rd + i / nr, o->msz, i % nr));
        }
    }
    return true;
}

/* ---- elements of 128 bits; in memory they may have 32 or 64 ---- */

static void load_quad(SveExec *s, uint64_t address, unsigned msz, uint8_t *to)
{
    if (msz == QUAD_SIZE) {
        sve_load_quad(s, address, to);
    } else {
        sve_set_of(to, 3, 0, sve_load(s, address, msz));
    }
}

static void store_quad(SveExec *s, uint64_t address, unsigned msz, const uint8_t *from)
{
    if (msz == QUAD_SIZE) {
        sve_store_quad(s, address, from);
    } else {
        sve_store(s, address, msz, sve_get_of(from, msz, 0));
    }
}

bool sve21_op_load_quads(SveExec *s, const Sve21Operands *o)
{
    if (s->dry) {
        return true;
    }
    SveVector r[4] = { { { 0 } } };
    unsigned nr = s->vl / QUAD;
    uint64_t address = start(s, o, o->registers * nr << o->msz);
    for (unsigned i = 0; i < nr; i++) {
        for (unsigned k = 0; k < (unsigned)o->registers; k++, address += 1u << o->msz) {
            if (sve_active(s, o->pg, QUAD_SIZE, i)) {
                load_quad(s, address, o->msz, r[k].b + QUAD * i);
            }
        }
    }
    for (unsigned k = 0; k < (unsigned)o->registers; k++) {
        sve_write(s, (o->rd + k) % 32, &r[k]);
    }
    return true;
}

bool sve21_op_store_quads(SveExec *s, const Sve21Operands *o)
{
    if (s->dry) {
        return true;
    }
    unsigned nr = s->vl / QUAD;
    uint64_t address = start(s, o, o->registers * nr << o->msz);
    for (unsigned i = 0; i < nr; i++) {
        for (unsigned k = 0; k < (unsigned)o->registers; k++, address += 1u << o->msz) {
            if (sve_active(s, o->pg, QUAD_SIZE, i)) {
                store_quad(s, address, o->msz, s->cpu->v[(o->rd + k) % 32] + QUAD * i);
            }
        }
    }
    return true;
}

/* The address is in the lower half of each quadword of rn. */
static uint64_t quad_address(const SveExec *s, const Sve21Operands *o, unsigned i) { return sve_get(s, o->rn, 3, 2 * i) + sve_x(s, o->rm); }

bool sve21_op_gather_quads(SveExec *s, const Sve21Operands *o)
{
    if (s->dry) {
        return true;
    }
    SveVector r = { { 0 } };
    for (unsigned i = 0; i < s->vl / QUAD; i++) {
        if (sve_active(s, o->pg, QUAD_SIZE, i)) {
            sve_load_quad(s, quad_address(s, o, i), r.b + QUAD * i);
        }
    }
    sve_write(s, o->rd, &r);
    return true;
}

bool sve21_op_scatter_quads(SveExec *s, const Sve21Operands *o)
{
    for (unsigned i = 0; i < s->vl / QUAD && !s->dry; i++) {
        if (sve_active(s, o->pg, QUAD_SIZE, i)) {
            sve_store_quad(s, quad_address(s, o, i), s->cpu->v[o->rd] + QUAD * i);
        }
    }
    return true;
}
