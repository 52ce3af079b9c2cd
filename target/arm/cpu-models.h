/*
 * The table of CPU models.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_CPU_MODELS_H
#define TARGET_ARM_CPU_MODELS_H

#include "target/arm/internal.h"

struct ArmModel {
    const char *name, *compatible;
    bool aarch64, has_el2, has_el3, has_pmu;
    bool everything;                    /* max */
    bool by_kvm;                        /* host: what the processor shows under KVM */
    uint8_t gic_list_registers, gic_vpriority_bits, gic_vprebits, gic_priority_bits;       /* 0: those of most */
    uint32_t cntfrq_hz;
    uint16_t sve_lengths;               /* bit n: vectors of (n + 1) * 128 bits; 0: no SVE */
    const ArmIdRegisters *id;
};

typedef struct ArmModelTable { const ArmModel *models; unsigned count; } ArmModelTable;
extern const ArmModelTable arm_models_aarch64, arm_models_aarch32, arm_models_host;     /* host: where KVM runs Arm guests; else empty */

/* The model of that name on a target, or NULL. */
const ArmModel *arm_model_find(const TargetArch *arch, const char *name);
bool arm_model_is_offered(const TargetArch *arch, const ArmModel *m);
bool arm_model_is_missing(const char *name);        /* known, but not implemented */
void arm_model_foreach(void (*fn)(const ArmModel *m, void *opaque), void *opaque);

/* The ID registers of a model, without what is not implemented here. */
ArmIdRegisters arm_model_registers(const ArmModel *m);

/* ---- SVE: cpu-sve.c ---- */
/* Those of a model's own. */
PropertyTable arm_sve_properties(const ArmModel *m);
/* From the properties to the lengths and the ID registers. */
bool arm_settle_sve(ArmCpu *cpu, GError **err);

#endif
