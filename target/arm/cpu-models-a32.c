/*
 * Identification registers of the models that know AArch32 alone, as the reference's guests see them where all levels are there.
 *
 * Technical reference manuals of the processors; Arm Architecture Reference Manual for A-profile (DDI 0487), G8.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/cpu-models.h"

static const ArmIdRegisters arm926_id = {
    .value = {
        [ARM_MIDR] = 0x41069265, [ARM_CTR] = 0x1dd20d2, [ARM_RESET_SCTLR] = 0x50078, [ARM_RESET_FPSID] = 0x41011090,
    },
};

static const ArmIdRegisters arm1026_id = {
    .value = {
        [ARM_MIDR] = 0x4106a262, [ARM_CTR] = 0x1dd20d2, [ARM_RESET_SCTLR] = 0x50078, [ARM_RESET_AUXCR] = 0x1, [ARM_RESET_FPSID] = 0x410110a0,
    },
};

static const ArmIdRegisters arm1136_id = {
    .value = {
        [ARM_MIDR] = 0x4117b363, [ARM_CTR] = 0x1dd20d2, [ARM_ID_PFR0] = 0x111, [ARM_ID_PFR1] = 0x1, [ARM_ID_DFR0] = 0x2, [ARM_ID_AFR0] = 0x3,
        [ARM_ID_MMFR0] = 0x1130003, [ARM_ID_MMFR1] = 0x10030302, [ARM_ID_MMFR2] = 0x1222110, [ARM_ID_ISAR0] = 0x140011, [ARM_ID_ISAR1] = 0x12002111,
        [ARM_ID_ISAR2] = 0x11231111, [ARM_ID_ISAR3] = 0x1102131, [ARM_ID_ISAR4] = 0x141, [ARM_RESET_SCTLR] = 0x50078, [ARM_RESET_AUXCR] = 0x7,
        [ARM_RESET_FPSID] = 0x410120b4, [ARM_MVFR0] = 0x11111111,
    },
};

static const ArmIdRegisters arm1136_r2_id = {
    .value = {
        [ARM_MIDR] = 0x4107b362, [ARM_CTR] = 0x1dd20d2, [ARM_ID_PFR0] = 0x111, [ARM_ID_PFR1] = 0x1, [ARM_ID_DFR0] = 0x2, [ARM_ID_AFR0] = 0x3,
        [ARM_ID_MMFR0] = 0x1130003, [ARM_ID_MMFR1] = 0x10030302, [ARM_ID_MMFR2] = 0x1222110, [ARM_ID_ISAR0] = 0x140011, [ARM_ID_ISAR1] = 0x12002111,
        [ARM_ID_ISAR2] = 0x11231111, [ARM_ID_ISAR3] = 0x1102131, [ARM_ID_ISAR4] = 0x141, [ARM_RESET_SCTLR] = 0x50078, [ARM_RESET_AUXCR] = 0x7,
        [ARM_RESET_FPSID] = 0x410120b4,
    },
};

static const ArmIdRegisters arm1176_id = {
    .value = {
        [ARM_MIDR] = 0x410fb767, [ARM_CTR] = 0x1dd20d2, [ARM_ID_PFR0] = 0x111, [ARM_ID_PFR1] = 0x11, [ARM_ID_DFR0] = 0x3, [ARM_ID_MMFR0] = 0x1130003,
        [ARM_ID_MMFR1] = 0x10030302, [ARM_ID_MMFR2] = 0x1222100, [ARM_ID_ISAR0] = 0x140011, [ARM_ID_ISAR1] = 0x12002111, [ARM_ID_ISAR2] = 0x11231121,
        [ARM_ID_ISAR3] = 0x1102131, [ARM_ID_ISAR4] = 0x1141, [ARM_RESET_SCTLR] = 0x50078, [ARM_RESET_AUXCR] = 0x7, [ARM_RESET_FPSID] = 0x410120b5,
        [ARM_MVFR0] = 0x11111111,
    },
};

static const ArmIdRegisters arm11mpcore_id = {
    .value = {
        [ARM_MIDR] = 0x410fb022, [ARM_CTR] = 0x1d192992, [ARM_ID_PFR0] = 0x111, [ARM_ID_PFR1] = 0x1, [ARM_ID_AFR0] = 0x2, [ARM_ID_MMFR0] = 0x1100103,
        [ARM_ID_MMFR1] = 0x10020302, [ARM_ID_MMFR2] = 0x1222000, [ARM_ID_ISAR0] = 0x100011, [ARM_ID_ISAR1] = 0x12002111, [ARM_ID_ISAR2] = 0x11221011,
        [ARM_ID_ISAR3] = 0x1102131, [ARM_ID_ISAR4] = 0x141, [ARM_RESET_AUXCR] = 0x1, [ARM_RESET_FPSID] = 0x410120b4, [ARM_MVFR0] = 0x11111111,
    },
};

static const ArmIdRegisters cortex_a7_id = {
    .value = {
        [ARM_MIDR] = 0x410fc075, [ARM_CTR] = 0x84448003, [ARM_CLIDR] = 0xa200023, [ARM_ID_PFR0] = 0x1131, [ARM_ID_PFR1] = 0x11011, [ARM_ID_DFR0] = 0x2000505,
        [ARM_ID_MMFR0] = 0x10101105, [ARM_ID_MMFR1] = 0x40000000, [ARM_ID_MMFR2] = 0x1240000, [ARM_ID_MMFR3] = 0x2102211, [ARM_ID_ISAR0] = 0x2101110,
        [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232041, [ARM_ID_ISAR3] = 0x11112131, [ARM_ID_ISAR4] = 0x10011142, [ARM_RESET_SCTLR] = 0xc50078,
        [ARM_PMCR] = 0x41072000, [ARM_DBGDIDR] = 0x3515f005, [ARM_RESET_FPSID] = 0x41023075, [ARM_MVFR0] = 0x10110222, [ARM_MVFR1] = 0x11111111,
    },
    .ccsidr = { [0] = 0x701fe00a, [1] = 0x201fe00a, [2] = 0x711fe07a },
};

static const ArmIdRegisters cortex_a8_id = {
    .value = {
        [ARM_MIDR] = 0x410fc080, [ARM_CTR] = 0x82048004, [ARM_CLIDR] = 0xa000003, [ARM_ID_PFR0] = 0x1031, [ARM_ID_PFR1] = 0x11, [ARM_ID_DFR0] = 0x400,
        [ARM_ID_MMFR0] = 0x31100003, [ARM_ID_MMFR1] = 0x20000000, [ARM_ID_MMFR2] = 0x1202000, [ARM_ID_MMFR3] = 0x11, [ARM_ID_ISAR0] = 0x101111,
        [ARM_ID_ISAR1] = 0x12112111, [ARM_ID_ISAR2] = 0x21232031, [ARM_ID_ISAR3] = 0x11112131, [ARM_ID_ISAR4] = 0x111142, [ARM_RESET_SCTLR] = 0xc50078,
        [ARM_RESET_AUXCR] = 0x2, [ARM_PMCR] = 0x41002000, [ARM_DBGDIDR] = 0x15141000, [ARM_RESET_FPSID] = 0x410330c0, [ARM_MVFR0] = 0x11110222,
        [ARM_MVFR1] = 0x11111,
    },
    .ccsidr = { [0] = 0xe007e01a, [1] = 0x2007e01a, [2] = 0xf0000000 },
};

static const ArmIdRegisters cortex_a9_id = {
    .value = {
        [ARM_MIDR] = 0x410fc090, [ARM_CTR] = 0x80038003, [ARM_CLIDR] = 0x9000003, [ARM_ID_PFR0] = 0x1031, [ARM_ID_PFR1] = 0x11, [ARM_ID_MMFR0] = 0x100103,
        [ARM_ID_MMFR1] = 0x20000000, [ARM_ID_MMFR2] = 0x1230000, [ARM_ID_MMFR3] = 0x2111, [ARM_ID_ISAR0] = 0x101111, [ARM_ID_ISAR1] = 0x13112111,
        [ARM_ID_ISAR2] = 0x21232041, [ARM_ID_ISAR3] = 0x11112131, [ARM_ID_ISAR4] = 0x111142, [ARM_RESET_SCTLR] = 0xc50078, [ARM_PMCR] = 0x41093000,
        [ARM_DBGDIDR] = 0x35141000, [ARM_RESET_FPSID] = 0x41033090, [ARM_MVFR0] = 0x11110222, [ARM_MVFR1] = 0x1111111,
    },
    .ccsidr = { [0] = 0xe00fe019, [1] = 0x200fe019 },
};

static const ArmIdRegisters cortex_a15_id = {
    .value = {
        [ARM_MIDR] = 0x414fc0f0, [ARM_CTR] = 0x8444c004, [ARM_CLIDR] = 0xa200023, [ARM_ID_PFR0] = 0x1131, [ARM_ID_PFR1] = 0x11011, [ARM_ID_DFR0] = 0x2000505,
        [ARM_ID_MMFR0] = 0x10201105, [ARM_ID_MMFR1] = 0x20000000, [ARM_ID_MMFR2] = 0x1240000, [ARM_ID_MMFR3] = 0x2102211, [ARM_ID_ISAR0] = 0x2101110,
        [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232041, [ARM_ID_ISAR3] = 0x11112131, [ARM_ID_ISAR4] = 0x10011142, [ARM_RESET_SCTLR] = 0xc50078,
        [ARM_PMCR] = 0x410f3000, [ARM_DBGDIDR] = 0x3515f021, [ARM_RESET_FPSID] = 0x410430f0, [ARM_MVFR0] = 0x10110222, [ARM_MVFR1] = 0x11111111,
    },
    .ccsidr = { [0] = 0x701fe00a, [1] = 0x201fe00a, [2] = 0x711fe07a },
};

static const ArmIdRegisters sa1100_id = {
    .value = {
        [ARM_MIDR] = 0x4401a11b, [ARM_RESET_SCTLR] = 0x70,
    },
};

static const ArmIdRegisters sa1110_id = {
    .value = {
        [ARM_MIDR] = 0x6901b119, [ARM_RESET_SCTLR] = 0x70,
    },
};

static const ArmIdRegisters ti925t_id = {
    .value = {
        [ARM_MIDR] = 0x54029252, [ARM_CTR] = 0x5109149, [ARM_RESET_SCTLR] = 0x70,
    },
};

static const ArmIdRegisters max32_id = {
    .value = {
        [ARM_MIDR] = 0x411fd070, [ARM_CTR] = 0x8444c004, [ARM_CLIDR] = 0xa200023, [ARM_ID_PFR0] = 0x11020131, [ARM_ID_PFR1] = 0x11011, [ARM_ID_DFR0] = 0x600000a,
        [ARM_ID_MMFR0] = 0x10101105, [ARM_ID_MMFR1] = 0x40000000, [ARM_ID_MMFR2] = 0x1260000, [ARM_ID_MMFR3] = 0x2122211, [ARM_ID_ISAR0] = 0x2101110,
        [ARM_ID_ISAR1] = 0x13112111, [ARM_ID_ISAR2] = 0x21232042, [ARM_ID_ISAR3] = 0x1112131, [ARM_ID_ISAR4] = 0x11142, [ARM_ID_ISAR5] = 0x11011121,
        [ARM_ID_MMFR4] = 0x20021110, [ARM_ID_ISAR6] = 0x1111111, [ARM_ID_PFR2] = 0x11, [ARM_ID_DFR1] = 0x10, [ARM_ID_MMFR5] = 0x2, [ARM_RESET_SCTLR] = 0xc50838,
        [ARM_PMCR] = 0x41013000, [ARM_PMCEID0] = 0x20001, [ARM_PMCEID1] = 0x10000018, [ARM_DBGDIDR] = 0x351ad000, [ARM_RESET_FPSID] = 0x41034070,
        [ARM_MVFR0] = 0x10110222, [ARM_MVFR1] = 0x13211111, [ARM_MVFR2] = 0x43,
    },
    .ccsidr = { [0] = 0x700fe01a, [1] = 0x201fe012, [2] = 0x70ffe07a },
};

#define HZ_62_5_M 62500000

static const ArmModel models[] = {
    { .name = "arm926", .compatible = "arm,arm926", .cntfrq_hz = HZ_62_5_M, .id = &arm926_id },
    { .name = "arm1026", .compatible = "arm,arm1026", .cntfrq_hz = HZ_62_5_M, .id = &arm1026_id },
    { .name = "arm1136", .compatible = "arm,arm1136", .cntfrq_hz = HZ_62_5_M, .id = &arm1136_id },
    { .name = "arm1136-r2", .compatible = "arm,arm1136-r2", .cntfrq_hz = HZ_62_5_M, .id = &arm1136_r2_id },
    { .name = "arm1176", .compatible = "arm,arm1176", .has_el3 = true, .cntfrq_hz = HZ_62_5_M, .id = &arm1176_id },
    { .name = "arm11mpcore", .compatible = "arm,arm11mpcore", .cntfrq_hz = HZ_62_5_M, .id = &arm11mpcore_id },
    { .name = "cortex-a7", .compatible = "arm,cortex-a7", .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .id = &cortex_a7_id },
    { .name = "cortex-a8", .compatible = "arm,cortex-a8", .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .id = &cortex_a8_id },
    { .name = "cortex-a9", .compatible = "arm,cortex-a9", .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .id = &cortex_a9_id },
    { .name = "cortex-a15", .compatible = "arm,cortex-a15", .has_el2 = true, .has_el3 = true, .has_pmu = true, .cntfrq_hz = HZ_62_5_M, .id = &cortex_a15_id },
    { .name = "sa1100", .compatible = "arm,sa1100", .cntfrq_hz = HZ_62_5_M, .id = &sa1100_id },
    { .name = "sa1110", .compatible = "arm,sa1110", .cntfrq_hz = HZ_62_5_M, .id = &sa1110_id },
    { .name = "ti925t", .compatible = "arm,ti925t", .cntfrq_hz = HZ_62_5_M, .id = &ti925t_id },
    { .name = "max", .compatible = "arm,cortex-a15", .has_el2 = true, .has_el3 = true, .has_pmu = true, .everything = true, .cntfrq_hz = HZ_62_5_M, .id = &max32_id },
};
const ArmModelTable arm_models_aarch32 = { models, ARRAY_SIZE(models) };
