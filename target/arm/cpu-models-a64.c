/*
 * Identification registers of the models that begin in AArch64, as the reference's guests see them where all levels are there.
 *
 * Technical reference manuals of the processors; Arm Architecture Reference Manual for A-profile (DDI 0487), D19.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/cpu-models.h"

static const ArmIdRegisters cortex_a35_id = {
    .value = {
        [ARM_MIDR] = 0x411fd040, [ARM_CTR] = 0x84448004, [ARM_DCZID] = 0x4, [ARM_CLIDR] = 0xa200023, [ARM_MVFR0] = 0x10110222, [ARM_MVFR1] = 0x12111111,
        [ARM_MVFR2] = 0x43, [ARM_ID_PFR0] = 0x131, [ARM_ID_PFR1] = 0x11011, [ARM_ID_DFR0] = 0x3000066, [ARM_ID_MMFR0] = 0x10201105, [ARM_ID_MMFR1] = 0x40000000,
        [ARM_ID_MMFR2] = 0x1260000, [ARM_ID_MMFR3] = 0x2102211, [ARM_ID_ISAR0] = 0x2101110, [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232042,
        [ARM_ID_ISAR3] = 0x1112131, [ARM_ID_ISAR4] = 0x11142, [ARM_ID_ISAR5] = 0x11121, [ARM_ID_AA64PFR0] = 0x2222, [ARM_ID_AA64DFR0] = 0x10305106,
        [ARM_ID_AA64ISAR0] = 0x11120, [ARM_ID_AA64MMFR0] = 0x101122, [ARM_PMCEID0] = 0x20001, [ARM_PMCR] = 0x410a3000, [ARM_RESET_SCTLR] = 0xc50838,
    },
    .ccsidr = { [0] = 0x700fe01a, [1] = 0x200fe01a, [2] = 0x703fe07a },
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

static const ArmIdRegisters cortex_a55_id = {
    .value = {
        [ARM_MIDR] = 0x412fd050, [ARM_CTR] = 0x84448004, [ARM_DCZID] = 0x4, [ARM_CLIDR] = 0x82000023, [ARM_MVFR0] = 0x10110222, [ARM_MVFR1] = 0x13211111,
        [ARM_MVFR2] = 0x43, [ARM_ID_PFR0] = 0x10010131, [ARM_ID_PFR1] = 0x11011, [ARM_ID_PFR2] = 0x11, [ARM_ID_DFR0] = 0x4000088, [ARM_ID_MMFR0] = 0x10201105,
        [ARM_ID_MMFR1] = 0x40000000, [ARM_ID_MMFR2] = 0x1260000, [ARM_ID_MMFR3] = 0x2122211, [ARM_ID_MMFR4] = 0x21110, [ARM_ID_ISAR0] = 0x2101110,
        [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232042, [ARM_ID_ISAR3] = 0x1112131, [ARM_ID_ISAR4] = 0x11142, [ARM_ID_ISAR5] = 0x1011121,
        [ARM_ID_ISAR6] = 0x10, [ARM_ID_AA64PFR0] = 0x10112222, [ARM_ID_AA64PFR1] = 0x10, [ARM_ID_AA64DFR0] = 0x10305408,
        [ARM_ID_AA64ISAR0] = UINT64_C(0x100010211120), [ARM_ID_AA64ISAR1] = 0x100001, [ARM_ID_AA64MMFR0] = 0x101122, [ARM_ID_AA64MMFR1] = 0x10212122,
        [ARM_ID_AA64MMFR2] = 0x1011, [ARM_PMCEID0] = 0x20001, [ARM_PMCEID1] = 0x18, [ARM_PMCR] = 0x410b3000, [ARM_RESET_SCTLR] = 0x30c50838,
    },
    .ccsidr = { [0] = 0x700fe01a, [1] = 0x200fe01a, [2] = 0x703fe07a },
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

static const ArmIdRegisters cortex_a76_id = {
    .value = {
        [ARM_MIDR] = 0x414fd0b1, [ARM_CTR] = 0x8444c004, [ARM_DCZID] = 0x4, [ARM_CLIDR] = 0x82000023, [ARM_MVFR0] = 0x10110222, [ARM_MVFR1] = 0x13211111,
        [ARM_MVFR2] = 0x43, [ARM_ID_PFR0] = 0x10010131, [ARM_ID_PFR1] = 0x11010, [ARM_ID_PFR2] = 0x11, [ARM_ID_DFR0] = 0x4000088, [ARM_ID_MMFR0] = 0x10201105,
        [ARM_ID_MMFR1] = 0x40000000, [ARM_ID_MMFR2] = 0x1260000, [ARM_ID_MMFR3] = 0x2122211, [ARM_ID_MMFR4] = 0x21110, [ARM_ID_ISAR0] = 0x2101110,
        [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232042, [ARM_ID_ISAR3] = 0x1112131, [ARM_ID_ISAR4] = 0x10142, [ARM_ID_ISAR5] = 0x1011121,
        [ARM_ID_ISAR6] = 0x10, [ARM_ID_AA64PFR0] = UINT64_C(0x1100000010111112), [ARM_ID_AA64PFR1] = 0x10, [ARM_ID_AA64DFR0] = 0x10305408,
        [ARM_ID_AA64ISAR0] = UINT64_C(0x100010211120), [ARM_ID_AA64ISAR1] = 0x100001, [ARM_ID_AA64MMFR0] = 0x101122, [ARM_ID_AA64MMFR1] = 0x10212122,
        [ARM_ID_AA64MMFR2] = 0x1011, [ARM_PMCEID0] = 0x20001, [ARM_PMCEID1] = 0x18, [ARM_PMCR] = 0x410b3000, [ARM_RESET_SCTLR] = 0x30c50838,
    },
    .ccsidr = { [0] = 0x701fe01a, [1] = 0x201fe01a, [2] = 0x707fe03a },
};

static const ArmIdRegisters cortex_a78ae_id = {
    .value = {
        [ARM_MIDR] = 0x410fd423, [ARM_CTR] = 0x9444c004, [ARM_DCZID] = 0x4, [ARM_CLIDR] = 0x82000023, [ARM_MVFR0] = 0x10110222, [ARM_MVFR1] = 0x13211111,
        [ARM_MVFR2] = 0x43, [ARM_ID_PFR0] = 0x10010131, [ARM_ID_PFR1] = 0x11010, [ARM_ID_PFR2] = 0x11, [ARM_ID_DFR0] = 0x4000088, [ARM_ID_MMFR0] = 0x10201105,
        [ARM_ID_MMFR1] = 0x40000000, [ARM_ID_MMFR2] = 0x1260000, [ARM_ID_MMFR3] = 0x2122211, [ARM_ID_MMFR4] = 0x21110, [ARM_ID_ISAR0] = 0x2101110,
        [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232042, [ARM_ID_ISAR3] = 0x1112131, [ARM_ID_ISAR4] = 0x10142, [ARM_ID_ISAR5] = 0x1011121,
        [ARM_ID_ISAR6] = 0x10, [ARM_ID_AA64PFR0] = UINT64_C(0x1100000010111112), [ARM_ID_AA64PFR1] = 0x10, [ARM_ID_AA64DFR0] = 0x10305408,
        [ARM_ID_AA64ISAR0] = UINT64_C(0x10100010211120), [ARM_ID_AA64ISAR1] = 0x200001, [ARM_ID_AA64MMFR0] = 0x101125, [ARM_ID_AA64MMFR1] = 0x10212122,
        [ARM_ID_AA64MMFR2] = UINT64_C(0x100001011), [ARM_PMCEID0] = 0x20001, [ARM_PMCEID1] = 0x18, [ARM_PMCR] = 0x41223000, [ARM_RESET_SCTLR] = 0x30c50838,
    },
    .ccsidr = { [0] = 0x701fe01a, [1] = 0x201fe01a, [2] = 0x707fe03a },
};

static const ArmIdRegisters cortex_a710_id = {
    .value = {
        [ARM_MIDR] = 0x412fd471, [ARM_CTR] = UINT64_C(0x49444c004), [ARM_DCZID] = 0x4, [ARM_CLIDR] = UINT64_C(0x1482000023), [ARM_MVFR0] = 0x10110222,
        [ARM_MVFR1] = 0x13211111, [ARM_MVFR2] = 0x43, [ARM_ID_PFR0] = 0x21010131, [ARM_ID_PFR1] = 0x11010, [ARM_ID_PFR2] = 0x11, [ARM_ID_DFR0] = 0x6000099,
        [ARM_ID_MMFR0] = 0x10201105, [ARM_ID_MMFR1] = 0x40000000, [ARM_ID_MMFR2] = 0x1260000, [ARM_ID_MMFR3] = 0x2122211, [ARM_ID_MMFR4] = 0x21021110,
        [ARM_ID_ISAR0] = 0x2101110, [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232042, [ARM_ID_ISAR3] = 0x1112131, [ARM_ID_ISAR4] = 0x10142,
        [ARM_ID_ISAR5] = 0x11011121, [ARM_ID_ISAR6] = 0x1111111, [ARM_ID_AA64PFR0] = UINT64_C(0x1201001120111112), [ARM_ID_AA64PFR1] = 0x221, [ARM_GMID] = 0x4,
        [ARM_ID_AA64ZFR0] = UINT64_C(0x110100110021), [ARM_ID_AA64DFR0] = UINT64_C(0xf010305609), [ARM_ID_AA64ISAR0] = UINT64_C(0x221111110212120),
        [ARM_ID_AA64ISAR1] = UINT64_C(0x10111110211502), [ARM_ID_AA64MMFR0] = UINT64_C(0x22200101122), [ARM_ID_AA64MMFR1] = 0x10212122,
        [ARM_ID_AA64MMFR2] = UINT64_C(0x1221011110101011), [ARM_PMCEID0] = 0x20001, [ARM_PMCEID1] = 0x10000018, [ARM_PMCR] = 0xa000, [ARM_RESET_SCTLR] = 0x30c50838,
    },
    .ccsidr = { [0] = 0xff0000001a, [1] = 0xff0000001a, [2] = 0x3ff0000003a },
};

static const ArmIdRegisters neoverse_n1_id = {
    .value = {
        [ARM_MIDR] = 0x414fd0c1, [ARM_CTR] = 0x8444c004, [ARM_DCZID] = 0x4, [ARM_CLIDR] = 0x82000023, [ARM_MVFR0] = 0x10110222, [ARM_MVFR1] = 0x13211111,
        [ARM_MVFR2] = 0x43, [ARM_ID_PFR0] = 0x10010131, [ARM_ID_PFR1] = 0x11010, [ARM_ID_PFR2] = 0x11, [ARM_ID_DFR0] = 0x4000088, [ARM_ID_MMFR0] = 0x10201105,
        [ARM_ID_MMFR1] = 0x40000000, [ARM_ID_MMFR2] = 0x1260000, [ARM_ID_MMFR3] = 0x2122211, [ARM_ID_MMFR4] = 0x21110, [ARM_ID_ISAR0] = 0x2101110,
        [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232042, [ARM_ID_ISAR3] = 0x1112131, [ARM_ID_ISAR4] = 0x10142, [ARM_ID_ISAR5] = 0x1011121,
        [ARM_ID_ISAR6] = 0x10, [ARM_ID_AA64PFR0] = UINT64_C(0x1100000010111112), [ARM_ID_AA64PFR1] = 0x20, [ARM_ID_AA64DFR0] = 0x10305408,
        [ARM_ID_AA64ISAR0] = UINT64_C(0x100010211120), [ARM_ID_AA64ISAR1] = 0x100001, [ARM_ID_AA64MMFR0] = 0x101125, [ARM_ID_AA64MMFR1] = 0x10212122,
        [ARM_ID_AA64MMFR2] = 0x1011, [ARM_PMCEID0] = 0x20001, [ARM_PMCEID1] = 0x18, [ARM_PMCR] = 0x410c3000, [ARM_RESET_SCTLR] = 0x30c50838,
    },
    .ccsidr = { [0] = 0x701fe01a, [1] = 0x201fe01a, [2] = 0x70ffe03a },
};

static const ArmIdRegisters neoverse_n2_id = {
    .value = {
        [ARM_MIDR] = 0x410fd493, [ARM_CTR] = UINT64_C(0x4b444c004), [ARM_DCZID] = 0x4, [ARM_CLIDR] = UINT64_C(0x1482000023), [ARM_MVFR0] = 0x10110222,
        [ARM_MVFR1] = 0x13211111, [ARM_MVFR2] = 0x43, [ARM_ID_PFR0] = 0x21010131, [ARM_ID_PFR1] = 0x11010, [ARM_ID_PFR2] = 0x11, [ARM_ID_DFR0] = 0x6000099,
        [ARM_ID_MMFR0] = 0x10201105, [ARM_ID_MMFR1] = 0x40000000, [ARM_ID_MMFR2] = 0x1260000, [ARM_ID_MMFR3] = 0x2122211, [ARM_ID_MMFR4] = 0x1021110,
        [ARM_ID_ISAR0] = 0x2101110, [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232042, [ARM_ID_ISAR3] = 0x1112131, [ARM_ID_ISAR4] = 0x10142,
        [ARM_ID_ISAR5] = 0x11011121, [ARM_ID_ISAR6] = 0x1111111, [ARM_ID_AA64PFR0] = UINT64_C(0x1201001120111112), [ARM_ID_AA64PFR1] = 0x221, [ARM_GMID] = 0x4,
        [ARM_ID_AA64ZFR0] = UINT64_C(0x110100110021), [ARM_ID_AA64DFR0] = UINT64_C(0xf010305609), [ARM_ID_AA64ISAR0] = UINT64_C(0x1221111110212120),
        [ARM_ID_AA64ISAR1] = UINT64_C(0x11111110211502), [ARM_ID_AA64MMFR0] = UINT64_C(0x22200101125), [ARM_ID_AA64MMFR1] = 0x10212122,
        [ARM_ID_AA64MMFR2] = UINT64_C(0x1221011112101011), [ARM_PMCEID0] = 0x20001, [ARM_PMCEID1] = 0x10000018, [ARM_PMCR] = 0x3000, [ARM_RESET_SCTLR] = 0x30c50838,
    },
    .ccsidr = { [0] = 0xff0000001a, [1] = 0xff0000001a, [2] = 0x3ff0000003a },
};

static const ArmIdRegisters neoverse_v1_id = {
    .value = {
        [ARM_MIDR] = 0x411fd402, [ARM_CTR] = 0xb444c004, [ARM_DCZID] = 0x4, [ARM_CLIDR] = 0x82000023, [ARM_MVFR0] = 0x10110222, [ARM_MVFR1] = 0x13211111,
        [ARM_MVFR2] = 0x43, [ARM_ID_PFR0] = 0x21010131, [ARM_ID_PFR1] = 0x11010, [ARM_ID_PFR2] = 0x11, [ARM_ID_DFR0] = 0x5000099, [ARM_ID_MMFR0] = 0x10201105,
        [ARM_ID_MMFR1] = 0x40000000, [ARM_ID_MMFR2] = 0x1260000, [ARM_ID_MMFR3] = 0x2122211, [ARM_ID_MMFR4] = 0x1021110, [ARM_ID_ISAR0] = 0x2101110,
        [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232042, [ARM_ID_ISAR3] = 0x1112131, [ARM_ID_ISAR4] = 0x10142, [ARM_ID_ISAR5] = 0x11011121,
        [ARM_ID_ISAR6] = 0x1100111, [ARM_ID_AA64PFR0] = UINT64_C(0x1101000120111112), [ARM_ID_AA64PFR1] = 0x20, [ARM_ID_AA64ZFR0] = UINT64_C(0x100000100000),
        [ARM_ID_AA64DFR0] = UINT64_C(0xf010305509), [ARM_ID_AA64ISAR0] = UINT64_C(0x1011111110212120), [ARM_ID_AA64ISAR1] = UINT64_C(0x11000010211302),
        [ARM_ID_AA64MMFR0] = 0x101125, [ARM_ID_AA64MMFR1] = 0x10212122, [ARM_ID_AA64MMFR2] = UINT64_C(0x220011102101011), [ARM_PMCEID0] = 0x20001,
        [ARM_PMCEID1] = 0x10000018, [ARM_PMCR] = 0x41213000, [ARM_RESET_SCTLR] = 0x30c50838,
    },
    .ccsidr = { [0] = 0xff0000001a, [1] = 0xff0000001a, [2] = 0x7ff0000003a },
};

static const ArmIdRegisters a64fx_id = {
    .value = {
        [ARM_MIDR] = 0x461f0010, [ARM_CTR] = 0x86668006, [ARM_DCZID] = 0x6, [ARM_CLIDR] = 0x80000023, [ARM_ID_PFR1] = 0x1010,
        [ARM_ID_AA64PFR0] = UINT64_C(0x101111111), [ARM_ID_AA64DFR0] = 0x10305408, [ARM_ID_AA64ISAR0] = 0x10211120, [ARM_ID_AA64ISAR1] = 0x10001,
        [ARM_ID_AA64MMFR0] = 0x1122, [ARM_ID_AA64MMFR1] = 0x11212100, [ARM_ID_AA64MMFR2] = 0x1011, [ARM_PMCEID0] = 0x20001, [ARM_PMCEID1] = 0x18,
        [ARM_PMCR] = 0x46014040, [ARM_RESET_SCTLR] = 0x30000180,
    },
    .ccsidr = { [0] = 0x7007e01c, [1] = 0x2007e01c, [2] = 0x70ffe07c },
};

static const ArmIdRegisters max_id = {
    .value = {
        [ARM_MIDR] = 0xf0510, [ARM_CTR] = 0xb444c004, [ARM_DCZID] = 0x4, [ARM_CLIDR] = 0x123, [ARM_MVFR0] = 0x10110222, [ARM_MVFR1] = 0x13211111,
        [ARM_MVFR2] = 0x43, [ARM_ID_PFR0] = 0x11020131, [ARM_ID_PFR1] = 0x11011, [ARM_ID_PFR2] = 0x11, [ARM_ID_DFR0] = 0x60000aa, [ARM_ID_DFR1] = 0x10,
        [ARM_ID_MMFR0] = 0x10101105, [ARM_ID_MMFR1] = 0x40000000, [ARM_ID_MMFR2] = 0x1260000, [ARM_ID_MMFR3] = 0x2122211, [ARM_ID_MMFR4] = 0x20021110,
        [ARM_ID_MMFR5] = 0x2, [ARM_ID_ISAR0] = 0x2101110, [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232042, [ARM_ID_ISAR3] = 0x1112131,
        [ARM_ID_ISAR4] = 0x11142, [ARM_ID_ISAR5] = 0x11011121, [ARM_ID_ISAR6] = 0x1111111, [ARM_ID_AA64PFR0] = UINT64_C(0x1301001120112222),
        [ARM_ID_AA64PFR1] = UINT64_C(0x10101012000321), [ARM_GMID] = 0x6, [ARM_ID_AA64PFR2] = UINT64_C(0x100000111), [ARM_ID_AA64ZFR0] = UINT64_C(0x110110101210022),
        [ARM_ID_AA64SMFR0] = UINT64_C(0x92f15fff71800001), [ARM_ID_AA64FPFR0] = 0xfc000003, [ARM_ID_AA64DFR0] = UINT64_C(0x100000001030560a),
        [ARM_ID_AA64ISAR0] = UINT64_C(0x1221111110312120), [ARM_ID_AA64ISAR1] = UINT64_C(0x111211110211502), [ARM_ID_AA64ISAR2] = UINT64_C(0x1120000000110012),
        [ARM_ID_AA64ISAR3] = 0x10000010, [ARM_ID_AA64MMFR0] = UINT64_C(0x2100032310201126), [ARM_ID_AA64MMFR1] = UINT64_C(0x110112010312122),
        [ARM_ID_AA64MMFR2] = UINT64_C(0x1221011112011011), [ARM_ID_AA64MMFR3] = UINT64_C(0x1000000011001111), [ARM_ID_AA64MMFR4] = 0x100, [ARM_PMCEID0] = 0x20001,
        [ARM_PMCEID1] = 0x10000018, [ARM_PMCR] = 0x41013000, [ARM_RESET_SCTLR] = 0xc50838,
    },
    .ccsidr = { [0] = 0x701fe01a, [1] = 0x201fe01a, [2] = 0x70ffe03a, [4] = 0x71ffe03a },
};

#define HZ_62_5_M 62500000
#define HZ_1_G 1000000000

static const ArmModel models[] = {
    { .name = "cortex-a35", .compatible = "arm,cortex-a35", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .id = &cortex_a35_id },
    { .name = "cortex-a53", .compatible = "arm,cortex-a53", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .id = &cortex_a53_id },
    { .name = "cortex-a55", .compatible = "arm,cortex-a55", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .id = &cortex_a55_id },
    { .name = "cortex-a57", .compatible = "arm,cortex-a57", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .id = &cortex_a57_id },
    { .name = "cortex-a72", .compatible = "arm,cortex-a72", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .id = &cortex_a72_id },
    { .name = "cortex-a76", .compatible = "arm,cortex-a76", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .id = &cortex_a76_id },
    { .name = "cortex-a78ae", .compatible = "arm,cortex-a78ae", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_1_G, .id = &cortex_a78ae_id },
    { .name = "cortex-a710", .compatible = "arm,cortex-a710", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .sve_lengths = 0x0001, .id = &cortex_a710_id },
    { .name = "neoverse-n1", .compatible = "arm,neoverse-n1", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .id = &neoverse_n1_id },
    { .name = "neoverse-n2", .compatible = "arm,neoverse-n2", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .sve_lengths = 0x0001, .id = &neoverse_n2_id },
    { .name = "neoverse-v1", .compatible = "arm,neoverse-v1", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .sve_lengths = 0x0003, .id = &neoverse_v1_id },
    { .name = "a64fx", .compatible = "arm,a64fx", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .sve_lengths = 0x000b, .id = &a64fx_id },
    { .name = "max", .compatible = "arm,cortex-a57", .aarch64 = true, .has_el2 = true, .has_el3 = true, .has_pmu = true, .everything = true, .cntfrq_hz = HZ_1_G, .sve_lengths = 0xffff, .id = &max_id },
};
const ArmModelTable arm_models_aarch64 = { models, ARRAY_SIZE(models) };
