/*
 * CSRs of extensions that most harts have not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/csr.h"

const RiscvCsr *riscv_csr_hypervisor(unsigned csr)
{
    return NULL;
}
