/*
 * The table of CSRs, for the files that fill it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_CSR_H
#define TARGET_RISCV_CSR_H

#include "target/riscv/internal.h"

enum { CSR_OK, CSR_ILLEGAL, CSR_VIRTUAL };
typedef struct RiscvCsr {
    const char *name;
    size_t offset;                      /* of its uint64_t, where read or write is NULL */
    uint64_t writable;                  /* bits, where write is NULL; 0: read-only */
    int (*need)(RiscvCpu *cpu, unsigned csr);           /* beside privilege: CSR_*. NULL: nothing */
    uint64_t (*read)(RiscvCpu *cpu, unsigned csr);
    void (*write)(RiscvCpu *cpu, unsigned csr, uint64_t value);
    uint64_t (*modify_base)(RiscvCpu *cpu, unsigned csr);   /* what CSRRS and CSRRC change, where it is not what they read */
} RiscvCsr;
const RiscvCsr *riscv_csr_entry(unsigned csr);
/* Those of the hypervisor extension, AIA, vectors and state enables; NULL: none. */
const RiscvCsr *riscv_csr_hypervisor(unsigned csr);
const RiscvCsr *riscv_csr_aia(unsigned csr);

#endif
