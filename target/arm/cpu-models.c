/*
 * The CPU models by name: what each shows in its identification registers, as the reference's guests see them.
 *
 * Technical reference manuals of the processors; Arm Architecture Reference Manual for A-profile (DDI 0487), D19.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/cpu-models.h"

static const ArmIdRegisters max_id = {
    .value = {
        [ARM_MIDR] = 0xf0510, [ARM_CTR] = 0xb444c004, [ARM_DCZID] = 0x4, [ARM_CLIDR] = 0x123, [ARM_MVFR0] = 0x10110222, [ARM_MVFR1] = 0x13211111,
        [ARM_MVFR2] = 0x43, [ARM_ID_PFR0] = 0x11020131, [ARM_ID_PFR1] = 0x11011, [ARM_ID_PFR2] = 0x11, [ARM_ID_DFR0] = 0x60000aa, [ARM_ID_DFR1] = 0x10,
        [ARM_ID_MMFR0] = 0x10101105, [ARM_ID_MMFR1] = 0x40000000, [ARM_ID_MMFR2] = 0x1260000, [ARM_ID_MMFR3] = 0x2122211, [ARM_ID_MMFR4] = 0x20021110,
        [ARM_ID_MMFR5] = 0x2, [ARM_ID_ISAR0] = 0x2101110, [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232042, [ARM_ID_ISAR3] = 0x1112131,
        [ARM_ID_ISAR4] = 0x11142, [ARM_ID_ISAR5] = 0x11011121, [ARM_ID_ISAR6] = 0x1111111, [ARM_ID_AA64PFR0] = UINT64_C(0x1301001120112222),
        [ARM_ID_AA64PFR1] = UINT64_C(0x10101012000121), [ARM_ID_AA64PFR2] = UINT64_C(0x100000111), [ARM_ID_AA64ZFR0] = UINT64_C(0x110110101210022),
        [ARM_ID_AA64SMFR0] = UINT64_C(0x92f15fff71800001), [ARM_ID_AA64FPFR0] = 0xfc000003, [ARM_ID_AA64DFR0] = UINT64_C(0x100000001030560a),
        [ARM_ID_AA64ISAR0] = UINT64_C(0x1221111110312120), [ARM_ID_AA64ISAR1] = UINT64_C(0x111211110211502), [ARM_ID_AA64ISAR2] = UINT64_C(0x1120000000110012),
        [ARM_ID_AA64ISAR3] = 0x10000010, [ARM_ID_AA64MMFR0] = UINT64_C(0x2100032310201126), [ARM_ID_AA64MMFR1] = UINT64_C(0x110112010312122),
        [ARM_ID_AA64MMFR2] = UINT64_C(0x1221011112011011), [ARM_ID_AA64MMFR3] = UINT64_C(0x1000000011001111), [ARM_ID_AA64MMFR4] = 0x100, [ARM_PMCEID0] = 0x20001,
        [ARM_PMCEID1] = 0x10000018, [ARM_PMCR] = 0x41013000, [ARM_RESET_SCTLR] = 0xc50838,
    },
    .ccsidr = { [0] = 0x701fe01a, [1] = 0x201fe01a, [2] = 0x70ffe03a, [4] = 0x71ffe03a },
};

static const ArmIdRegisters cortex_a53_id = {
    .value = {
        [ARM_MIDR] = 0x410fd034, [ARM_REVIDR] = 0x100, [ARM_CTR] = 0x84448004, [ARM_DCZID] = 0x4, [ARM_CLIDR] = 0xa200023, [ARM_MVFR0] = 0x10110222,
        [ARM_MVFR1] = 0x12111111, [ARM_MVFR2] = 0x43, [ARM_ID_PFR0] = 0x131, [ARM_ID_PFR1] = 0x11011, [ARM_ID_DFR0] = 0x3000066, [ARM_ID_MMFR0] = 0x10101105,
        [ARM_ID_MMFR1] = 0x40000000, [ARM_ID_MMFR2] = 0x1260000, [ARM_ID_MMFR3] = 0x2102211, [ARM_ID_ISAR0] = 0x2101110, [ARM_ID_ISAR1] = 0x13112111,
        [ARM_ID_ISAR2] = 0x21232042, [ARM_ID_ISAR3] = 0x1112131, [ARM_ID_ISAR4] = 0x11142, [ARM_ID_ISAR5] = 0x11121, [ARM_ID_AA64PFR0] = 0x2222,
        [ARM_ID_AA64DFR0] = 0x10305106, [ARM_ID_AA64ISAR0] = 0x11120, [ARM_ID_AA64MMFR0] = 0x1122, [ARM_PMCEID0] = 0x20001, [ARM_PMCR] = 0x41033000,
        [ARM_RESET_SCTLR] = 0xc50838,
    },
    .ccsidr = { [0] = 0x700fe01a, [1] = 0x203fe002, [2] = 0x707fe07a },
};

static const ArmIdRegisters cortex_a57_id = {
    .value = {
        [ARM_MIDR] = 0x411fd070, [ARM_CTR] = 0x8444c004, [ARM_DCZID] = 0x4, [ARM_CLIDR] = 0xa200023, [ARM_MVFR0] = 0x10110222, [ARM_MVFR1] = 0x12111111,
        [ARM_MVFR2] = 0x43, [ARM_ID_PFR0] = 0x131, [ARM_ID_PFR1] = 0x11011, [ARM_ID_DFR0] = 0x3000066, [ARM_ID_MMFR0] = 0x10101105, [ARM_ID_MMFR1] = 0x40000000,
        [ARM_ID_MMFR2] = 0x1260000, [ARM_ID_MMFR3] = 0x2102211, [ARM_ID_ISAR0] = 0x2101110, [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232042,
        [ARM_ID_ISAR3] = 0x1112131, [ARM_ID_ISAR4] = 0x11142, [ARM_ID_ISAR5] = 0x11121, [ARM_ID_AA64PFR0] = 0x2222, [ARM_ID_AA64DFR0] = 0x10305106,
        [ARM_ID_AA64ISAR0] = 0x11120, [ARM_ID_AA64MMFR0] = 0x1124, [ARM_PMCEID0] = 0x20001, [ARM_PMCR] = 0x41013000, [ARM_RESET_SCTLR] = 0xc50838,
    },
    .ccsidr = { [0] = 0x700fe01a, [1] = 0x201fe012, [2] = 0x70ffe07a },
};

static const ArmIdRegisters cortex_a72_id = {
    .value = {
        [ARM_MIDR] = 0x410fd083, [ARM_CTR] = 0x8444c004, [ARM_DCZID] = 0x4, [ARM_CLIDR] = 0xa200023, [ARM_MVFR0] = 0x10110222, [ARM_MVFR1] = 0x12111111,
        [ARM_MVFR2] = 0x43, [ARM_ID_PFR0] = 0x131, [ARM_ID_PFR1] = 0x11011, [ARM_ID_DFR0] = 0x3000066, [ARM_ID_MMFR0] = 0x10201105, [ARM_ID_MMFR1] = 0x40000000,
        [ARM_ID_MMFR2] = 0x1260000, [ARM_ID_MMFR3] = 0x2102211, [ARM_ID_ISAR0] = 0x2101110, [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232042,
        [ARM_ID_ISAR3] = 0x1112131, [ARM_ID_ISAR4] = 0x11142, [ARM_ID_ISAR5] = 0x11121, [ARM_ID_AA64PFR0] = 0x2222, [ARM_ID_AA64DFR0] = 0x10305106,
        [ARM_ID_AA64ISAR0] = 0x11120, [ARM_ID_AA64MMFR0] = 0x1124, [ARM_PMCEID0] = 0x20001, [ARM_PMCR] = 0x41023000, [ARM_RESET_SCTLR] = 0xc50838,
    },
    .ccsidr = { [0] = 0x700fe01a, [1] = 0x201fe012, [2] = 0x707fe07a },
};

#define HZ_62_5_M 62500000
#define HZ_1_G 1000000000

const ArmModel arm_models[] = {
    { .name = "cortex-a53", .compatible = "arm,cortex-a53", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .id = &cortex_a53_id },
    { .name = "cortex-a57", .compatible = "arm,cortex-a57", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .id = &cortex_a57_id },
    { .name = "cortex-a72", .compatible = "arm,cortex-a72", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .id = &cortex_a72_id },
    { .name = "max", .compatible = "arm,cortex-a57", .aarch64 = true, .everything = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_1_G,
      .id = &max_id },
};
const unsigned arm_nr_models = ARRAY_SIZE(arm_models);

/* The most that a field says here: what is more is not implemented. */
static const struct { uint8_t id, shift, most; } limits[] = {
    { ARM_ID_AA64PFR0, 0, 1 }, { ARM_ID_AA64PFR0, 4, 1 }, { ARM_ID_AA64PFR0, 8, 1 }, { ARM_ID_AA64PFR0, 12, 1 },   /* AArch32 */
    { ARM_ID_AA64PFR0, 32, 0 },         /* SVE */
    { ARM_ID_AA64PFR0, 40, 0 },         /* MPAM */
    { ARM_ID_AA64PFR0, 52, 0 },         /* RME */
    { ARM_ID_AA64PFR1, 8, 1 },          /* MTE2 */
    { ARM_ID_AA64PFR1, 24, 0 },         /* SME */
    { ARM_ID_AA64PFR1, 28, 0 },         /* RNDR_trap */
    { ARM_ID_AA64PFR1, 36, 0 },         /* NMI */
    { ARM_ID_AA64PFR1, 44, 0 },         /* GCS */
    { ARM_ID_AA64PFR1, 52, 0 },         /* DF2 */
    { ARM_ID_AA64ISAR0, 20, 2 },        /* LSE128 */
    { ARM_ID_AA64ISAR1, 44, 1 },        /* EBF16 */
    { ARM_ID_AA64ISAR2, 4, 0 },         /* RPRES */
    { ARM_ID_AA64ISAR2, 52, 1 },        /* CMPBR */
    { ARM_ID_AA64ISAR2, 56, 0 },        /* LUT */
    { ARM_ID_AA64ISAR2, 60, 0 },        /* ATS1A */
    { ARM_ID_AA64MMFR1, 44, 0 },        /* AFP */
    { ARM_ID_AA64MMFR2, 24, 0 },        /* NV */
};
/* Registers of which nothing is implemented. */
static const uint8_t empty[] = { ARM_ID_AA64PFR2, ARM_ID_AA64ZFR0, ARM_ID_AA64SMFR0, ARM_ID_AA64FPFR0, ARM_ID_AA64ISAR3, ARM_ID_AA64MMFR3, ARM_ID_AA64MMFR4 };

ArmIdRegisters arm_model_registers(const ArmModel *m)
{
    ArmIdRegisters id = *m->id;
    for (unsigned i = 0; i < ARRAY_SIZE(limits); i++) {
        uint64_t *value = &id.value[limits[i].id];
        *value = deposit64(*value, limits[i].shift, 4, MIN(extract64(*value, limits[i].shift, 4), limits[i].most));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(empty); i++) {
        id.value[empty[i]] = 0;
    }
    return id;
}
