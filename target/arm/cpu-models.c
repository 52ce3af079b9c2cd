/*
 * The CPU models: which there are on a target, and what is left of one's identification registers where something is not implemented here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/cpu-models.h"

#include "accel/accel.h"

#include <string.h>

static const ArmModelTable *const tables[] = { &arm_models_aarch64, &arm_models_aarch32, &arm_models_host };

const ArmModel *arm_model_find(const TargetArch *arch, const char *name)
{
    for (unsigned t = 0; t < ARRAY_SIZE(tables); t++) {
        for (unsigned i = 0; i < tables[t]->count; i++) {
            const ArmModel *m = &tables[t]->models[i];
            if (!strcmp(m->name, name) && arm_model_is_offered(arch, m)) {
                return m;
            }
        }
    }
    return NULL;
}

/* qemu-system-arm has what knows AArch32 alone; qemu-system-aarch64 that too, but for the "max" of the other. */
bool arm_model_is_offered(const TargetArch *arch, const ArmModel *m)
{
    return arch->address_bits == 64 ? m->aarch64 || !m->everything : !m->aarch64;
}

void arm_model_foreach(void (*fn)(const ArmModel *m, void *opaque), void *opaque)
{
    for (unsigned t = 0; t < ARRAY_SIZE(tables); t++) {
        for (unsigned i = 0; i < tables[t]->count; i++) {
            fn(&tables[t]->models[i], opaque);
        }
    }
}

/* Models of the reference without an MMU: their profiles (M, R) are not implemented. */
bool arm_model_is_missing(const char *name)
{
    static const char *const missing[] = { "cortex-m0", "cortex-m3", "cortex-m33", "cortex-m4", "cortex-m55", "cortex-m7", "cortex-r5", "cortex-r52", "cortex-r5f", "arm946" };
    for (unsigned i = 0; i < ARRAY_SIZE(missing); i++) {
        if (!strcmp(missing[i], name)) {
            return true;
        }
    }
    return false;
}

/* The most that a field says here: what is more is not implemented. */
static const struct { uint8_t id, shift, most; } limits[] = {
    { ARM_ID_AA64PFR0, 32, 0 },         /* SVE: cpu-sve.c */
    { ARM_ID_AA64PFR0, 40, 0 },         /* MPAM */
    { ARM_ID_AA64PFR0, 52, 0 },         /* RME */
    { ARM_ID_AA64PFR1, 24, 0 },         /* SME */
    { ARM_ID_AA64PFR2, 0, 0 },          /* MTEPERM */
    { ARM_ID_AA64PFR2, 32, 0 },         /* FPMR */
    { ARM_ID_AA64MMFR2, 24, 0 },        /* NV */
    { ARM_ID_AA64MMFR3, 28, 0 },        /* MEC */
};
/* Registers of which nothing is implemented. */
static const uint8_t empty[] = { ARM_ID_AA64ZFR0, ARM_ID_AA64SMFR0, ARM_ID_AA64FPFR0 };

ArmIdRegisters arm_model_registers(const ArmModel *m)
{
    enum { PFR0_SVE = 32 };
    /* Under KVM the most that there can be is the host. */
    m = m->everything && m->aarch64 && arm_models_host.count && accel_is("kvm") ? &arm_models_host.models[0] : m;
    ArmIdRegisters id = *m->id;
    if (m->by_kvm) {
        id.value[ARM_ID_AA64PFR0] = deposit64(id.value[ARM_ID_AA64PFR0], PFR0_SVE, 4, 0);      /* until it is asked for */
        return id;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(limits); i++) {
        uint64_t *value = &id.value[limits[i].id];
        *value = deposit64(*value, limits[i].shift, 4, MIN(extract64(*value, limits[i].shift, 4), limits[i].most));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(empty); i++) {
        id.value[empty[i]] = 0;
    }
    return id;
}
