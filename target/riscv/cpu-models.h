/*
 * CPU models as a table, and what becomes of one when options and implications are applied.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_CPU_MODELS_H
#define TARGET_RISCV_CPU_MODELS_H

#include "target/riscv/cpu.h"

/* GENERIC: users may change all of it. BARE: all but who made it. VENDOR: extensions can be turned off, and that is all. */
typedef enum RiscvModelKind { MODEL_GENERIC, MODEL_BARE, MODEL_VENDOR } RiscvModelKind;
struct RiscvModel {
    const char *name, *isa;             /* isa: letters, then names, with underscores between; without what follows from others (extensions-settle.c) */
    RiscvModelKind kind;
    const char *privileges;             /* beside M */
    unsigned xlen;
    uint8_t max_satp, pmp_regions;      /* regions 0: no PMP unless asked for */
    uint16_t vlen;                      /* 0: 128 */
    bool no_mmu, everything, by_kvm;    /* by_kvm: the host's own processor, which only KVM runs */
    uint32_t mvendorid; uint64_t marchid, mimpid;   /* marchid 0: the default */
    const char *priv_spec;
};
extern const RiscvModel riscv_models[];
extern const unsigned riscv_nr_models;

enum { EXT_DONE, EXT_FACT, EXT_MISSING };
typedef struct RiscvExtInfo { const char *name; int kind; uint8_t oldest; } RiscvExtInfo;
extern const RiscvExtInfo riscv_extensions[RISCV_EXT_COUNT];
int riscv_ext_find(const char *name, size_t length);        /* -1: none */

void riscv_apply_model(RiscvCpu *cpu, const RiscvModel *model);
/* The user turns an extension on or off: a newer one brings the version of the privileged architecture that has it. */
bool riscv_user_extension(RiscvCpu *cpu, RiscvExt e, bool on, GError **err);
/* A profile ("rva22u64"), as the model of that name has it. */
bool riscv_user_profile(RiscvCpu *cpu, const char *name, bool on, GError **err);
extern const char *const riscv_profiles[RISCV_NR_PROFILES];
/* Of those that are turned on: what of theirs was turned off again. */
void riscv_warn_of_profiles(const RiscvCpu *cpu);
/* ---- extensions-settle.c: what extensions bring others, what cannot be together, what is missing ---- */
bool riscv_settle_extensions(RiscvCpu *cpu, GError **err);

/* ---- cpu-properties.c ---- */
PropertyTable riscv_cpu_properties(void);
bool riscv_settle_paging(RiscvCpu *cpu, GError **err);
bool riscv_check_vector(const RiscvCpu *cpu, GError **err);
/* "v1.12.0" as 12; 0: none of that name. An empty name is the newest one's. */
uint8_t riscv_privileged_version(const char *name);

void riscv_list_cpus(GString *out);
Cpu *riscv_new_cpu(const TargetArch *arch, const char *text, GError **err);
GVariant *riscv_cpu_definitions(const TargetArch *arch);

#endif
