/*
 * What a processor has: its identification registers, and the features that follow from them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_FEATURES_H
#define TARGET_ARM_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

/* The registers by which a processor tells what it is; names of the AArch64 ones without _EL1. */
#define ARM_ID_REGISTERS(R) \
    R(MIDR) R(REVIDR) R(AIDR) R(CTR) R(DCZID) R(CLIDR) R(RESET_FPSID) R(MVFR0) R(MVFR1) R(MVFR2) \
    R(ID_PFR0) R(ID_PFR1) R(ID_PFR2) R(ID_DFR0) R(ID_DFR1) R(ID_AFR0) R(ID_MMFR0) R(ID_MMFR1) R(ID_MMFR2) R(ID_MMFR3) R(ID_MMFR4) R(ID_MMFR5) \
    R(ID_ISAR0) R(ID_ISAR1) R(ID_ISAR2) R(ID_ISAR3) R(ID_ISAR4) R(ID_ISAR5) R(ID_ISAR6) R(DBGDIDR) R(DBGDEVID) R(DBGDEVID1) \
    R(ID_AA64PFR0) R(ID_AA64PFR1) R(ID_AA64PFR2) R(ID_AA64DFR0) R(ID_AA64DFR1) R(ID_AA64AFR0) R(ID_AA64AFR1) R(ID_AA64ISAR0) R(ID_AA64ISAR1) R(ID_AA64ISAR2) \
    R(ID_AA64ISAR3) R(ID_AA64MMFR0) R(ID_AA64MMFR1) R(ID_AA64MMFR2) R(ID_AA64MMFR3) R(ID_AA64MMFR4) R(ID_AA64ZFR0) R(ID_AA64SMFR0) R(ID_AA64FPFR0) \
    R(PMCEID0) R(PMCEID1) R(PMCR) R(GMID) R(RESET_SCTLR) R(RESET_CBAR) R(RESET_AUXCR)
typedef enum ArmIdRegister {
#define REGISTER(name) ARM_##name,
    ARM_ID_REGISTERS(REGISTER)
#undef REGISTER
    ARM_ID_COUNT
} ArmIdRegister;
enum { ARM_CACHE_LEVELS = 7 };
typedef struct ArmIdRegisters {
    uint64_t value[ARM_ID_COUNT];
    uint64_t ccsidr[2 * ARM_CACHE_LEVELS];      /* by CSSELR: level << 1 | instruction */
} ArmIdRegisters;

typedef enum ArmFeature {
#define FEATURE(name, id, shift, least) ARM_FEAT_##name,
#include "target/arm/features.def"
#undef FEATURE
    /* What no field shows. */
    ARM_FEAT_aarch64, ARM_FEAT_v6, ARM_FEAT_v7, ARM_FEAT_v8, ARM_FEAT_pauth, ARM_FEAT_pauth2, ARM_FEAT_fpac, ARM_FEAT_lpa2, ARM_FEAT_thumb2,
    ARM_FEAT_COUNT
} ArmFeature;
typedef struct ArmFeatureSet { uint64_t bits[(ARM_FEAT_COUNT + 63) / 64]; } ArmFeatureSet;
#define arm_has(cpu, name) ((cpu)->features.bits[ARM_FEAT_##name / 64] >> (ARM_FEAT_##name % 64) & 1)

/* Of pointer authentication by whatever algorithm: 0 none, 3 FEAT_PAuth2, 4 FEAT_FPAC, 5 FEAT_FPACCOMBINE. */
unsigned arm_pauth_level(const ArmIdRegisters *id);
/* The features that the registers show. */
ArmFeatureSet arm_features_of(const ArmIdRegisters *id);

#endif
