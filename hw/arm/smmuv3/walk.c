/*
 * Translation tables of AArch64, of either stage (Arm DDI 0487, D8.2 to D8.5; IHI 0070, 3.4, 3.12).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "smmuv3.h"

/* A descriptor. */
#define DESC_VALID BIT(0)
#define DESC_TABLE BIT(1)               /* at the last level: a page */
#define DESC_AP_USER BIT(6)
#define DESC_AP_READ_ONLY BIT(7)
#define DESC_S2AP_READ BIT(6)
#define DESC_S2AP_WRITE BIT(7)
#define DESC_S2_NOT_DEVICE (BIT(4) | BIT(5))
#define DESC_ACCESSED BIT(10)
#define DESC_NOT_GLOBAL BIT(11)
#define DESC_TABLE_NO_USER BIT(61)
#define DESC_TABLE_READ_ONLY BIT(62)
enum { LAST_LEVEL = 3, DESC_ADDRESS_BITS = 48, DESC_BITS = 3 };

/* Where a walk is. */
typedef struct Walk {
    SmmuV3 *s;
    const SmmuConfig *config;
    const SmmuTable *table;
    SmmuFault *fault;
    uint64_t address;
    bool no_user, read_only;            /* by the tables that were passed */
} Walk;

static bool fail(const Walk *w, uint8_t event)
{
    *w->fault = (SmmuFault){ .event = event, .class = CLASS_IN, .stage2 = w->table->stage2, .ipa = w->table->stage2 ? w->address : 0 };
    return false;
}

static unsigned shift_of(const SmmuTable *t, unsigned level) { return t->granule_bits + (LAST_LEVEL - level) * (t->granule_bits - DESC_BITS); }

/* Tables of stage 1 lie at addresses that stage 2, where there is one, translates. */
static bool read_descriptor(const Walk *w, uint64_t at, uint64_t *descriptor)
{
    if (!w->table->stage2 && w->config->stage2) {
        SmmuLeaf leaf;
        if (!smmu_walk_stage2(w->s, w->config, at, false, CLASS_TT, &leaf, w->fault)) {
            return false;
        }
        if (leaf.device && w->config->second.protect_walks) {
            *w->fault = (SmmuFault){ .event = F_PERMISSION, .class = CLASS_TT, .stage2 = true, .ipa = at };
            return false;
        }
        at = leaf.address | (at & leaf.mask);
    }
    if (!smmu_read_words(w->s, at, descriptor, 1)) {
        fail(w, F_WALK_EABT);
        w->fault->class = CLASS_TT;
        w->fault->fetch = at;
        return false;
    }
    return true;
}

/* Blocks are there from level 1 on with a granule of 4 KiB, else at level 2 alone. */
static bool is_leaf(const SmmuTable *t, unsigned level, uint64_t descriptor)
{
    return level == LAST_LEVEL ? (descriptor & DESC_TABLE) != 0 : !(descriptor & DESC_TABLE) && level >= (t->granule_bits == 12 ? 1 : 2);
}

static void set_permissions(const Walk *w, uint64_t descriptor, SmmuLeaf *leaf)
{
    if (w->table->stage2) {
        leaf->readable = descriptor & DESC_S2AP_READ;
        leaf->writable = descriptor & DESC_S2AP_WRITE;
        leaf->device = !(descriptor & DESC_S2_NOT_DEVICE);
        return;
    }
    bool user = descriptor & DESC_AP_USER && !w->no_user, read_only = descriptor & DESC_AP_READ_ONLY || w->read_only;
    leaf->readable = w->config->privileged ? !(user && w->config->privileged_never) : user;
    leaf->writable = leaf->readable && !read_only;
    leaf->global = !(descriptor & DESC_NOT_GLOBAL);
}

static bool finish(const Walk *w, uint64_t descriptor, unsigned shift, bool is_write, SmmuLeaf *leaf)
{
    *leaf = (SmmuLeaf){ .address = descriptor & MAKE_MASK(shift, DESC_ADDRESS_BITS - shift), .mask = MAKE_MASK(0, shift) };
    if (leaf->address >> w->table->output_bits) {
        return fail(w, F_ADDR_SIZE);
    }
    if (!(descriptor & DESC_ACCESSED) && !w->table->ignore_access_flag) {
        return fail(w, F_ACCESS);
    }
    set_permissions(w, descriptor, leaf);
    return (is_write ? leaf->writable : leaf->readable) || fail(w, F_PERMISSION);
}

bool smmu_walk(SmmuV3 *s, const SmmuConfig *config, const SmmuTable *t, uint64_t address, bool is_write, SmmuLeaf *leaf, SmmuFault *fault)
{
    Walk w = { .s = s, .config = config, .table = t, .fault = fault, .address = address };
    if (!t->enabled) {
        return fail(&w, F_TRANSLATION);
    }
    uint64_t table = t->base, inside = address & MAKE_MASK(0, t->input_bits);
    unsigned end = t->input_bits;
    for (unsigned level = t->start_level; level <= LAST_LEVEL; level++) {
        unsigned shift = shift_of(t, level);
        uint64_t descriptor, index = extract64(inside, shift, end - shift);
        if (!read_descriptor(&w, (table & ~MAKE_MASK(0, end - shift + DESC_BITS)) + (index << DESC_BITS), &descriptor)) {
            return false;
        }
        if (!(descriptor & DESC_VALID)) {
            break;
        }
        if (is_leaf(t, level, descriptor)) {
            return finish(&w, descriptor, shift, is_write, leaf);
        }
        if (!(descriptor & DESC_TABLE)) {
            break;
        }
        table = descriptor & MAKE_MASK(t->granule_bits, DESC_ADDRESS_BITS - t->granule_bits);
        if (table >> t->output_bits) {
            return fail(&w, F_ADDR_SIZE);
        }
        if (!t->stage2 && !t->flat_attributes) {
            w.no_user |= (descriptor & DESC_TABLE_NO_USER) != 0;
            w.read_only |= (descriptor & DESC_TABLE_READ_ONLY) != 0;
        }
        end = shift;
    }
    return fail(&w, F_TRANSLATION);
}

bool smmu_walk_stage2(SmmuV3 *s, const SmmuConfig *config, uint64_t ipa, bool is_write, uint8_t class, SmmuLeaf *leaf, SmmuFault *fault)
{
    bool fits = !(ipa >> config->second.input_bits);
    if (fits && smmu_walk(s, config, &config->second, ipa, is_write, leaf, fault)) {
        return true;
    }
    if (!fits) {
        *fault = (SmmuFault){ .event = F_TRANSLATION, .stage2 = true, .ipa = ipa };
    }
    fault->class = fault->event == F_WALK_EABT ? CLASS_TT : class;
    return false;
}
