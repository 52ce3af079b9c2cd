/*
 * SVE2: loads and stores by vectors of bases. That they are not to be cached (LDNT1, STNT1) makes no difference here.
 *
 * DDI 0487, C8.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/sve2.h"

static uint64_t element_address(const SveExec *s, const Sve2Operands *o, unsigned i) { return sve_get(s, o->rn, o->size, i) + sve_x(s, o->rm); }

bool sve2_op_gather_by_bases(SveExec *s, const Sve2Operands *o)
{
    if (s->dry) {
        return true;
    }
    SveVector r = { { 0 } };
    for (unsigned i = 0; i < sve_count(s, o->size); i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set_of(r.b, o->size, i, (uint64_t)arm_extend(sve_load(s, element_address(s, o, i), o->msz), 8u << o->msz, o->u));
        }
    }
    sve_write(s, o->rd, &r);
    return true;
}

bool sve2_op_scatter_by_bases(SveExec *s, const Sve2Operands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_store(s, element_address(s, o, i), o->msz, sve_get(s, o->rd, o->size, i));
        }
    }
    return true;
}
