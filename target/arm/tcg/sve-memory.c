/*
 * SVE: loads and stores. Nothing is written to registers before all that may fault has been loaded.
 *
 * DDI 0487, C8.2 (LD1*, LDFF1*, LDNF1*, LD2* .. ST4*, LDR, STR, gathers and scatters).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/sve.h"

/* ---- elements ---- */

/* Alignment counts before what translation says, and that before tags (DDI 0487, J1, AArch64.MemSingleRead). */
static void check(SveExec *s, uint64_t address, unsigned bytes, unsigned alignment, TcgAccess access)
{
    if ((s->memory & SVE_CHECKS_ALIGNMENT) && (address & (alignment - 1))) {
        arm_record_alignment(s->cpu, address, access);
        tcg_leave(&s->cpu->parent);
    }
    if (s->memory & SVE_CHECKS_TAGS) {
        arm_check_tags(s->cpu, address, bytes, arm_data_index(s->cpu), access == TCG_ACCESS_STORE, false);
    }
}

static uint64_t ordered(const SveExec *s, uint64_t value, unsigned bytes) { return s->memory & SVE_BIG_ENDIAN ? __builtin_bswap64(value) >> (64 - 8 * bytes) : value; }

uint64_t sve_load(SveExec *s, uint64_t address, unsigned size)
{
    unsigned bytes = 1u << size;
    check(s, address, bytes, bytes, TCG_ACCESS_LOAD);
    return ordered(s, tcg_load_or_leave(&s->cpu->parent, address, bytes, arm_data_index(s->cpu)), bytes);
}

void sve_store(SveExec *s, uint64_t address, unsigned size, uint64_t value)
{
    unsigned bytes = 1u << size;
    check(s, address, bytes, bytes, TCG_ACCESS_STORE);
    tcg_store_or_leave(&s->cpu->parent, address, bytes, arm_data_index(s->cpu), ordered(s, sve_low(value, size), bytes));
}

/* In big-endian order the halves change places, too. */
void sve_load_quad(SveExec *s, uint64_t address, uint8_t *to)
{
    unsigned first = s->memory & SVE_BIG_ENDIAN ? 1 : 0, index = arm_data_index(s->cpu);
    check(s, address, 16, 16, TCG_ACCESS_LOAD);
    uint64_t low = tcg_load_or_leave(&s->cpu->parent, address, 8, index), high = tcg_load_or_leave(&s->cpu->parent, address + 8, 8, index);
    sve_set_of(to, 3, first, ordered(s, low, 8));
    sve_set_of(to, 3, !first, ordered(s, high, 8));
}

void sve_store_quad(SveExec *s, uint64_t address, const uint8_t *from)
{
    unsigned first = s->memory & SVE_BIG_ENDIAN ? 1 : 0, index = arm_data_index(s->cpu);
    check(s, address, 16, 16, TCG_ACCESS_STORE);
    tcg_store_or_leave(&s->cpu->parent, address, 8, index, ordered(s, sve_get_of(from, 3, first), 8));
    tcg_store_or_leave(&s->cpu->parent, address + 8, 8, index, ordered(s, sve_get_of(from, 3, !first), 8));
}

/* Whether a load would not fault; of tags, not even where a difference would be noted for later. */
static bool may_load(SveExec *s, uint64_t address, unsigned size)
{
    TcgTranslation t;
    unsigned index = arm_data_index(s->cpu), bytes = 1u << size;
    Cpu *cpu = &s->cpu->parent;
    if ((s->memory & SVE_CHECKS_ALIGNMENT) && (address & (bytes - 1))) {
        return false;
    }
    if (!arm_translate_address(cpu, address, TCG_ACCESS_LOAD, index, true, &t) || !arm_translate_address(cpu, address + bytes - 1, TCG_ACCESS_LOAD, index, true, &t)) {
        return false;
    }
    return !(s->memory & SVE_CHECKS_TAGS) || arm_tags_match(s->cpu, address, bytes, index);
}

uint64_t sve_base(SveExec *s, unsigned n)
{
    if (n == 31 && (s->memory & SVE_CHECKS_SP) && (sve_sp(s, n) & 15)) {
        arm_raise(s->cpu, ARM_SYNDROME(EC_SP_ALIGNMENT, 0), 0);
    }
    return sve_sp(s, n);
}

uint64_t sve_plain_base(SveExec *s, unsigned n)
{
    if (n == 31) {
        s->memory &= ~(unsigned)SVE_CHECKS_TAGS;
    }
    return sve_base(s, n);
}

/* Elements from i on have not been loaded. */
static void stop_at(SveExec *s, unsigned size, unsigned i)
{
    for (; i < sve_count(s, size); i++) {
        for (unsigned bit = 0; bit < 1u << size; bit++) {
            sve_set_bit(s->cpu->p[SVE_FFR], (i << size) + bit, false);
        }
    }
}

static const SveLoadType load_types[16] = {
    { 0, 0, false }, { 0, 1, false }, { 0, 2, false }, { 0, 3, false }, { 2, 3, true }, { 1, 1, false }, { 1, 2, false }, { 1, 3, false },
    { 1, 3, true }, { 1, 2, true }, { 2, 2, false }, { 2, 3, false }, { 0, 3, true }, { 0, 2, true }, { 0, 1, true }, { 3, 3, false },
};

SveLoadType sve_load_type(unsigned dtype) { return load_types[dtype]; }

/* ---- contiguous ---- */

static uint64_t start(SveExec *s, const SveOperands *o, unsigned memory_size, unsigned bytes)
{
    return o->scalar ? sve_base(s, o->rn) + (sve_x(s, o->rm) << memory_size) : sve_plain_base(s, o->rn) + (uint64_t)((int64_t)o->imm * bytes);
}

bool sve_op_load_contiguous(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SveLoadType t = sve_load_type(o->dtype);
    SveVector r = { { 0 } };
    unsigned nr = sve_count(s, t.element);
    uint64_t address = start(s, o, t.memory, nr << t.memory);
    bool first = o->first_fault == 1;
    for (unsigned i = 0; i < nr; i++, address += 1u << t.memory) {
        if (sve_active(s, o->pg, t.element, i)) {
            if (o->first_fault && !first && !may_load(s, address, t.memory)) {
                stop_at(s, t.element, i);
                break;
            }
            first = false;
            sve_set_of(r.b, t.element, i, (uint64_t)arm_extend(sve_load(s, address, t.memory), 8u << t.memory, !t.sign));
        }
    }
    sve_write(s, o->rd, &r);
    return true;
}

bool sve_op_store_contiguous(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    unsigned nr = sve_count(s, o->size);
    uint64_t address = start(s, o, o->msz, nr << o->msz);
    for (unsigned i = 0; i < nr; i++, address += 1u << o->msz) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_store(s, address, o->msz, sve_get(s, o->rd, o->size, i));
        }
    }
    return true;
}

/* Of structures of several elements. */
bool sve_op_load_group(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SveVector r[4] = { { { 0 } } };
    uint64_t address = start(s, o, o->msz, o->registers * s->vl);
    for (unsigned i = 0; i < sve_count(s, o->msz); i++) {
        for (int k = 0; k < o->registers; k++, address += 1u << o->msz) {
            if (sve_active(s, o->pg, o->msz, i)) {
                sve_set_of(r[k].b, o->msz, i, sve_load(s, address, o->msz));
            }
        }
    }
    for (int k = 0; k < o->registers; k++) {
        sve_write(s, (o->rd + k) % 32, &r[k]);
    }
    return true;
}

bool sve_op_store_group(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    uint64_t address = start(s, o, o->msz, o->registers * s->vl);
    for (unsigned i = 0; i < sve_count(s, o->msz); i++) {
        for (int k = 0; k < o->registers; k++, address += 1u << o->msz) {
            if (sve_active(s, o->pg, o->msz, i)) {
                sve_store(s, address, o->msz, sve_get(s, (o->rd + k) % 32, o->msz, i));
            }
        }
    }
    return true;
}

/* 16 or 32 bytes, again and again. */
bool sve_op_load_replicated(SveExec *s, const SveOperands *o)
{
    unsigned bytes = o->bytes;
    if (s->vl < bytes) {
        return false;
    }
    if (s->dry) {
        return true;
    }
    SveVector r = { { 0 } };
    uint64_t address = start(s, o, o->msz, bytes);
    for (unsigned i = 0; i < bytes >> o->msz; i++, address += 1u << o->msz) {
        if (sve_active(s, o->pg, o->msz, i)) {
            sve_set_of(r.b, o->msz, i, sve_load(s, address, o->msz));
        }
    }
    for (unsigned at = bytes; at < s->vl; at += bytes) {
        memcpy(r.b + at, at + bytes <= s->vl ? r.b : (const uint8_t[32]){ 0 }, MIN(bytes, s->vl - at));
    }
    sve_write(s, o->rd, &r);
    return true;
}

bool sve_op_load_broadcast(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SveLoadType t = sve_load_type(o->dtype);
    SveVector r = { { 0 } };
    uint64_t address = sve_plain_base(s, o->rn) + ((uint64_t)o->imm6 << t.memory), value = 0;
    bool loaded = false;
    for (unsigned i = 0; i < sve_count(s, t.element); i++) {
        if (sve_active(s, o->pg, t.element, i)) {
            value = loaded ? value : (uint64_t)arm_extend(sve_load(s, address, t.memory), 8u << t.memory, !t.sign);
            loaded = true;
            sve_set_of(r.b, t.element, i, value);
        }
    }
    sve_write(s, o->rd, &r);
    return true;
}

/* ---- registers whole ---- */

/* Bytes in the order of memory, whatever that of elements; two are checked at once: they lie in one granule, or where alignment is not asked for, in two. */
static void load_bytes(SveExec *s, uint64_t address, uint8_t *to, unsigned bytes, unsigned alignment)
{
    uint8_t r[ARM_MAX_VL_BYTES];
    for (unsigned at = 0; at < bytes; at += 2) {
        check(s, address + at, 2, at ? 1 : alignment, TCG_ACCESS_LOAD);
        uint64_t value = tcg_load_or_leave(&s->cpu->parent, address + at, 2, arm_data_index(s->cpu));
        memcpy(r + at, &value, 2);
    }
    memcpy(to, r, bytes);
}

static void store_bytes(SveExec *s, uint64_t address, const uint8_t *from, unsigned bytes, unsigned alignment)
{
    for (unsigned at = 0; at < bytes; at += 2) {
        check(s, address + at, 2, at ? 1 : alignment, TCG_ACCESS_STORE);
        tcg_store_or_leave(&s->cpu->parent, address + at, 2, arm_data_index(s->cpu), sve_get_of(from + at, 1, 0));
    }
}

static bool whole(SveExec *s, const SveOperands *o, uint8_t *home, unsigned bytes, unsigned alignment)
{
    if (s->dry) {
        return true;
    }
    uint64_t address = sve_plain_base(s, o->rn) + (uint64_t)(arm_extend(o->imm, 9, false) * (int64_t)bytes);
    if (o->load) {
        load_bytes(s, address, home, bytes, alignment);
    } else {
        store_bytes(s, address, home, bytes, alignment);
    }
    return true;
}

bool sve_op_whole_vector(SveExec *s, const SveOperands *o) { return whole(s, o, s->cpu->v[o->rd], s->vl, 16); }
bool sve_op_whole_predicate(SveExec *s, const SveOperands *o) { return whole(s, o, s->cpu->p[o->pd], s->vl / 8, 2); }

/* ---- gathers and scatters ---- */

/* The address of an element: a base register and an offset of each element, or a base of each and an immediate. */
static uint64_t element_address(SveExec *s, const SveOperands *o, unsigned i, bool by_vector)
{
    if (by_vector) {
        return sve_get(s, o->rn, o->size, i) + ((uint64_t)o->imm5 << o->msz);
    }
    uint64_t offset = sve_get(s, o->rm, o->size, i);
    offset = o->offset_bits == 64 ? offset : o->xs ? (uint64_t)(int32_t)offset : (uint32_t)offset;
    return sve_base(s, o->rn) + (offset << (o->scaled ? o->msz : 0));
}

static bool gather(SveExec *s, const SveOperands *o, bool by_vector)
{
    if (!o->u && o->msz >= o->size) {
        return false;       /* nothing to extend */
    }
    if (s->dry) {
        return true;
    }
    SveVector r = { { 0 } };
    bool first = true;
    for (unsigned i = 0; i < sve_count(s, o->size); i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            uint64_t address = element_address(s, o, i, by_vector);
            if (o->ff && !first && !may_load(s, address, o->msz)) {
                stop_at(s, o->size, i);
                break;
            }
            first = false;
            sve_set_of(r.b, o->size, i, (uint64_t)arm_extend(sve_load(s, address, o->msz), 8u << o->msz, o->u));
        }
    }
    sve_write(s, o->rd, &r);
    return true;
}

static bool scatter(SveExec *s, const SveOperands *o, bool by_vector)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_store(s, element_address(s, o, i, by_vector), o->msz, sve_get(s, o->rd, o->size, i));
        }
    }
    return true;
}

bool sve_op_gather(SveExec *s, const SveOperands *o) { return gather(s, o, false); }
bool sve_op_gather_imm(SveExec *s, const SveOperands *o) { return gather(s, o, true); }
bool sve_op_scatter(SveExec *s, const SveOperands *o) { return scatter(s, o, false); }
bool sve_op_scatter_imm(SveExec *s, const SveOperands *o) { return scatter(s, o, true); }
bool sve_op_prefetch(SveExec *s, const SveOperands *o) { return true; }
