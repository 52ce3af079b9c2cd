/*
 * A group of harts with ids in a row: "riscv.hart_array".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_RISCV_HART_ARRAY_H
#define HW_RISCV_HART_ARRAY_H

#include "hw/core/machine.h"

typedef struct RiscvHartArray {
    SysBusDevice parent;
    uint32_t num_harts, hartid_base;
    uint64_t resetvec;
    char *cpu_type, *rnmi_interrupt_vector, *rnmi_exception_vector;     /* the vectors: a list, a number a hart */
    bool has_imsic;                         /* the harts have the extensions that reach interrupt files */
    unsigned guest_files;                   /* of those, for guests, of each hart */
    Cpu **harts;
} RiscvHartArray;

typedef struct RiscvHartArrayConfig { uint32_t hartid_base, num_harts; uint64_t resetvec; bool has_imsic; unsigned guest_files; } RiscvHartArrayConfig;
/* The harts, of the model that the machine names, as the machine's child name; NULL with an error. */
RiscvHartArray *riscv_hart_array_create(Machine *machine, const char *name, const RiscvHartArrayConfig *config, GError **err);

#endif
