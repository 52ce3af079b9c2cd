/*
 * Vectors under KVM: the kernel keeps a hart's registers, of the host's length.
 *
 * asm/kvm.h of riscv (KVM_REG_RISCV_VECTOR since Linux 6.5), asm/ptrace.h (struct __riscv_v_ext_state).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/cpu-models.h"
#include "target/riscv/kvm/riscv-kvm.h"
#include "util/error.h"

#include <string.h>

/* By number: older headers lack them. Words first, then the registers, each of a size of its own. */
#define TYPE_VECTOR (UINT64_C(9) << KVM_REG_RISCV_TYPE_SHIFT)
enum { VSTART = 0, VL = 1, VTYPE = 2, VCSR = 3, VLENB = 4, FIRST_REGISTER = 6 };
enum { VCSR_VXSAT = 1, VCSR_VXRM_SHIFT = 1, VCSR_VXRM = 3, DEFAULT_VLEN = 128 };

static uint64_t register_id(const RiscvCpu *cpu, unsigned n)
{
    return KVM_REG_RISCV | TYPE_VECTOR | (uint64_t)(unsigned)__builtin_ctz(cpu->vlen / 8u) << KVM_REG_SIZE_SHIFT | (FIRST_REGISTER + n);
}

/* Lengths that the struct has room for. */
static bool is_known_length(uint64_t bytes) { return bytes >= DEFAULT_VLEN / 8 && bytes <= RISCV_MAX_VLEN_BYTES && IS_POWER_OF_2(bytes); }

bool riscv_kvm_settle_vectors(RiscvCpu *cpu, bool *has, GError **err)
{
    uint64_t bytes = riscv_kvm_get_word(&cpu->parent, TYPE_VECTOR, VLENB);
    unsigned of_model = cpu->model->vlen ? cpu->model->vlen : DEFAULT_VLEN;
    *has = riscv_has(cpu, v) && is_known_length(bytes);
    if (*has && cpu->vlen != of_model && cpu->vlen != 8 * bytes) {
        return error_set(err, "KVM runs harts with vectors of the host's length only: vlen is %u, the host's %u bits", cpu->vlen, (unsigned)(8 * bytes));
    }
    cpu->vlen = *has ? (uint16_t)(8 * bytes) : cpu->vlen;
    return true;
}

void riscv_kvm_get_vectors(RiscvCpu *cpu)
{
    Cpu *c = &cpu->parent;
    if (!riscv_has(cpu, v)) {
        return;
    }
    cpu->vstart = riscv_kvm_get_word(c, TYPE_VECTOR, VSTART);
    cpu->vl = riscv_kvm_get_word(c, TYPE_VECTOR, VL);
    cpu->vtype = riscv_kvm_get_word(c, TYPE_VECTOR, VTYPE);
    uint64_t vcsr = riscv_kvm_get_word(c, TYPE_VECTOR, VCSR);
    cpu->vxsat = vcsr & VCSR_VXSAT;
    cpu->vxrm = vcsr >> VCSR_VXRM_SHIFT & VCSR_VXRM;
    for (unsigned n = 0; n < ARRAY_SIZE(cpu->v); n++) {
        riscv_kvm_get_one(c, register_id(cpu, n), cpu->v[n]);
    }
}

void riscv_kvm_put_vectors(RiscvCpu *cpu)
{
    Cpu *c = &cpu->parent;
    if (!riscv_has(cpu, v)) {
        return;
    }
    riscv_kvm_set_word(c, TYPE_VECTOR, VSTART, cpu->vstart);
    riscv_kvm_set_word(c, TYPE_VECTOR, VL, cpu->vl);
    riscv_kvm_set_word(c, TYPE_VECTOR, VTYPE, cpu->vtype);
    riscv_kvm_set_word(c, TYPE_VECTOR, VCSR, cpu->vxrm << VCSR_VXRM_SHIFT | cpu->vxsat);
    for (unsigned n = 0; n < ARRAY_SIZE(cpu->v); n++) {
        riscv_kvm_set_one(c, register_id(cpu, n), cpu->v[n]);
    }
}
