/*
 * CPU models (cpu-models.c) and what a name on the command line means.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_CPU_MODELS_H
#define TARGET_I386_CPU_MODELS_H

#include "target/i386/cpu.h"
#include <string.h>

/* One version of a model. Fields that are 0 or NULL are those of the version before. */
typedef struct X86CpuModel {
    const char *name;           /* "Haswell" */
    unsigned version;           /* 1, 2 ... */
    const char *vendor, *model_id;
    const char *alias;          /* "Haswell-noTSX" */
    const char *note;           /* "[no TSX]": behind the description in -cpu help */
    unsigned family, model, stepping;
    uint32_t level, xlevel, xlevel2;
    uint8_t avx10_version;
    const char *on, *off;       /* names of features */
} X86CpuModel;

/* Versions of a model stand together, 1 first. */
extern const X86CpuModel x86_cpu_models[];
extern const unsigned x86_nr_cpu_models;

/* Puts the values of a model's version into a CPU. */
void x86_apply_model(X86Cpu *cpu, const X86CpuModel *model);
/* Family, model and stepping as leaf 1 has them in EAX. */
uint32_t x86_make_version(unsigned family, unsigned model, unsigned stepping);
static inline bool x86_is_amd(const X86Cpu *cpu) { return !strcmp(cpu->vendor, "AuthenticAMD") || !strcmp(cpu->vendor, "HygonGenuine"); }
static inline bool x86_is_intel(const X86Cpu *cpu) { return !strcmp(cpu->vendor, "GenuineIntel"); }
/* The bits of leaf 1 EDX that AMD's leaf 0x80000001 EDX repeats. */
#define X86_AMD_ALIASES 0x0183f3ffu
/* The -cpu help text. */
void x86_list_cpus(GString *out);
/* A CPU by "model,+feature,-feature,property=value": TargetArch.new_cpu. */
Cpu *x86_new_cpu(const TargetArch *arch, const char *text, GError **err);
/* For QMP: TargetArch.cpu_definitions and expand_cpu_model (cpu-query.c). */
GVariant *x86_cpu_definitions(const TargetArch *arch);
GVariant *x86_expand_cpu_model(const TargetArch *arch, bool full, const char *model, GVariant *props, GError **err);
/* Settles features and levels, takes away what the accelerator has not; false: enforce was set and something was missing. */
bool x86_expand_features(X86Cpu *cpu, GError **err);
/* That, the topology and what follows from the features: all of realize that needs no machine. */
bool x86_settle_model(X86Cpu *cpu, GError **err);

#endif
