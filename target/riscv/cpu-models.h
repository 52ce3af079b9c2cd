/*
 * CPU models as a table, and what becomes of one when options and implications are applied.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_CPU_MODELS_H
#define TARGET_RISCV_CPU_MODELS_H

#include "target/riscv/cpu.h"

struct RiscvModel {
    const char *name, *isa;             /* isa: letters, then names, with underscores between */
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
typedef struct RiscvExtInfo { const char *name; int kind; } RiscvExtInfo;
extern const RiscvExtInfo riscv_extensions[RISCV_EXT_COUNT];
int riscv_ext_find(const char *name, size_t length);        /* -1: none */

static inline const RiscvModel *riscv_model_of(const RiscvCpu *cpu) { return ((const Object *)cpu)->type->class_data; }
void riscv_apply_model(RiscvCpu *cpu, const RiscvModel *model);
/* What extensions bring others, what cannot be together, what is missing. */
bool riscv_settle_extensions(RiscvCpu *cpu, GError **err);

void riscv_list_cpus(GString *out);
Cpu *riscv_new_cpu(const TargetArch *arch, const char *text, GError **err);
GVariant *riscv_cpu_definitions(const TargetArch *arch);

#endif
