/*
 * Which features a processor's identification registers show.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D19.2 and G8.2 (fields of the ID registers), A2 (features).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/features.h"
#include "util/bits.h"

static const struct { uint8_t id, shift, least; } fields[] = {
#define FEATURE(name, register, low, value) { ARM_##register, low, value },
#include "target/arm/features.def"
#undef FEATURE
};

static void add(ArmFeatureSet *set, ArmFeature feature, bool has)
{
    set->bits[feature / 64] |= (uint64_t)has << (feature % 64);
}

static unsigned field(const ArmIdRegisters *id, ArmIdRegister name, unsigned shift)
{
    return extract64(id->value[name], shift, 4);
}

/* Of an architecture and an implementation-defined algorithm, two fields of ISAR1 and one of ISAR2, the one that there is. */
unsigned arm_pauth_level(const ArmIdRegisters *id)
{
    unsigned a = field(id, ARM_ID_AA64ISAR1, 4), b = field(id, ARM_ID_AA64ISAR1, 8), c = field(id, ARM_ID_AA64ISAR2, 12), most = a > b ? a : b;
    return most > c ? most : c;
}

/* Granules whose descriptors have 52 bits: 4 KiB (1), 16 KiB (2). */
static bool has_lpa2(const ArmIdRegisters *id)
{
    return field(id, ARM_ID_AA64MMFR0, 28) == 1 || field(id, ARM_ID_AA64MMFR0, 20) == 2;
}

ArmFeatureSet arm_features_of(const ArmIdRegisters *id)
{
    ArmFeatureSet set = { { 0 } };
    bool aarch64 = field(id, ARM_ID_AA64PFR0, 0) != 0;
    for (unsigned f = 0; f < ARRAY_SIZE(fields); f++) {
        bool inverted = fields[f].id == ARM_ID_AA64PFR0 && (fields[f].shift == 16 || fields[f].shift == 20);
        unsigned value = field(id, fields[f].id, fields[f].shift);
        add(&set, f, inverted ? aarch64 && value != 15 && value >= fields[f].least : value >= fields[f].least);
    }
    unsigned pauth = arm_pauth_level(id), isa = field(id, ARM_ID_ISAR0, 24), mmu = field(id, ARM_ID_MMFR0, 0), thumb = field(id, ARM_ID_PFR0, 4);
    add(&set, ARM_FEAT_aarch64, aarch64);
    if (!aarch64) {
        add(&set, ARM_FEAT_el0_aarch32, true);
        add(&set, ARM_FEAT_el1_aarch32, true);
        add(&set, ARM_FEAT_el2_aarch32, true);
        add(&set, ARM_FEAT_el3_aarch32, true);
    }
    add(&set, ARM_FEAT_v8, aarch64 || field(id, ARM_MVFR2, 4) >= 1);
    add(&set, ARM_FEAT_v7, aarch64 || thumb >= 3);
    add(&set, ARM_FEAT_v6, aarch64 || thumb >= 3 || field(id, ARM_ID_ISAR3, 12) >= 1 || mmu >= 3);
    add(&set, ARM_FEAT_thumb2, aarch64 || thumb >= 3 || isa >= 1);
    add(&set, ARM_FEAT_pauth, pauth >= 1);
    add(&set, ARM_FEAT_pauth2, pauth >= 3);
    add(&set, ARM_FEAT_fpac, pauth >= 4);
    add(&set, ARM_FEAT_lpa2, has_lpa2(id));
    return set;
}
