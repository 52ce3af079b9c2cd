/*
 * A hart's registers between KVM and the struct. The guest is KVM's VS-mode: what it calls sstatus and so on are here those of S-mode.
 *
 * Linux Documentation/virt/kvm/api.rst, 4.68; asm/kvm.h of riscv (struct kvm_riscv_core, kvm_riscv_csr).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/kvm/riscv-kvm.h"

int riscv_kvm_get_one(Cpu *cpu, uint64_t id, void *value)
{
    struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };
    return kvm_vcpu_ioctl(cpu, KVM_GET_ONE_REG, &reg);
}

int riscv_kvm_set_one(Cpu *cpu, uint64_t id, const void *value)
{
    struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };
    return kvm_vcpu_ioctl(cpu, KVM_SET_ONE_REG, &reg);
}

uint64_t riscv_kvm_get_word(Cpu *cpu, uint64_t type, unsigned n)
{
    unsigned long value = 0;
    riscv_kvm_get_one(cpu, RISCV_KVM_WORD(type, n), &value);
    return value;
}

int riscv_kvm_set_word(Cpu *cpu, uint64_t type, unsigned n, uint64_t value)
{
    unsigned long word = (unsigned long)value;
    return riscv_kvm_set_one(cpu, RISCV_KVM_WORD(type, n), &word);
}

/* ---- CSRs ---- */

static const struct { uint32_t n, offset; } csrs[] = {
    { KVM_REG_RISCV_CSR_REG(stvec), offsetof(RiscvCpu, stvec) }, { KVM_REG_RISCV_CSR_REG(sscratch), offsetof(RiscvCpu, sscratch) }, { KVM_REG_RISCV_CSR_REG(sepc), offsetof(RiscvCpu, sepc) },
    { KVM_REG_RISCV_CSR_REG(scause), offsetof(RiscvCpu, scause) }, { KVM_REG_RISCV_CSR_REG(stval), offsetof(RiscvCpu, stval) }, { KVM_REG_RISCV_CSR_REG(satp), offsetof(RiscvCpu, satp) },
};
static uint64_t *csr_field(RiscvCpu *cpu, unsigned i) { return (uint64_t *)(void *)((char *)cpu + csrs[i].offset); }

/* Of mstatus what sstatus shows: the rest is M-mode's, which the guest has not. */
static const uint64_t sstatus_bits = MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_SUM | MSTATUS_MXR | FIELD_MASK(MSTATUS_FS) | FIELD_MASK(MSTATUS_VS);

static void get_csrs(RiscvCpu *cpu)
{
    Cpu *c = &cpu->parent;
    for (unsigned i = 0; i < ARRAY_SIZE(csrs); i++) {
        *csr_field(cpu, i) = riscv_kvm_get_word(c, KVM_REG_RISCV_CSR, csrs[i].n);
    }
    cpu->mstatus = (cpu->mstatus & ~sstatus_bits) | (riscv_kvm_get_word(c, KVM_REG_RISCV_CSR, KVM_REG_RISCV_CSR_REG(sstatus)) & sstatus_bits);
    cpu->mie = (cpu->mie & ~(uint64_t)MIP_S) | (riscv_kvm_get_word(c, KVM_REG_RISCV_CSR, KVM_REG_RISCV_CSR_REG(sie)) & MIP_S);
    cpu->mip = (cpu->mip & ~(uint64_t)MIP_S) | (riscv_kvm_get_word(c, KVM_REG_RISCV_CSR, KVM_REG_RISCV_CSR_REG(sip)) & MIP_S);
    cpu->scounteren = (uint32_t)riscv_kvm_get_word(c, KVM_REG_RISCV_CSR, KVM_REG_RISCV_CSR_REG(scounteren));
}

static void put_csrs(RiscvCpu *cpu)
{
    Cpu *c = &cpu->parent;
    for (unsigned i = 0; i < ARRAY_SIZE(csrs); i++) {
        riscv_kvm_set_word(c, KVM_REG_RISCV_CSR, csrs[i].n, *csr_field(cpu, i));
    }
    riscv_kvm_set_word(c, KVM_REG_RISCV_CSR, KVM_REG_RISCV_CSR_REG(sstatus), cpu->mstatus & sstatus_bits);
    riscv_kvm_set_word(c, KVM_REG_RISCV_CSR, KVM_REG_RISCV_CSR_REG(sie), cpu->mie & MIP_S);
    riscv_kvm_set_word(c, KVM_REG_RISCV_CSR, KVM_REG_RISCV_CSR_REG(sip), cpu->mip & MIP_S);
    riscv_kvm_set_word(c, KVM_REG_RISCV_CSR, KVM_REG_RISCV_CSR_REG(scounteren), cpu->scounteren);
}

/* What the struct does not hold is zero after a reset. By struct kvm_riscv_aia_csr and its subtype, which older headers lack. */
static void reset_aia_csrs(RiscvCpu *cpu)
{
    enum { SUBTYPE_AIA = 1 << 16, SISELECT = 0, IPRIO1 = 1, IPRIO2 = 2 };
    for (unsigned n = SISELECT; riscv_has(cpu, ssaia) && n <= IPRIO2; n++) {
        riscv_kvm_set_word(&cpu->parent, KVM_REG_RISCV_CSR | SUBTYPE_AIA, n, 0);
    }
}

/* ---- floating point: D's registers hold F's, NaN-boxed ---- */

static void get_float(RiscvCpu *cpu)
{
    enum { FCSR = 32, FRM_SHIFT = 5 };
    uint32_t fcsr = 0;
    if (!riscv_has(cpu, d)) {
        return;
    }
    for (unsigned n = 0; n < ARRAY_SIZE(cpu->f); n++) {
        riscv_kvm_get_one(&cpu->parent, RISCV_KVM_U64(KVM_REG_RISCV_FP_D, n), &cpu->f[n]);
    }
    riscv_kvm_get_one(&cpu->parent, KVM_REG_RISCV | KVM_REG_SIZE_U32 | KVM_REG_RISCV_FP_D | FCSR, &fcsr);
    cpu->fflags = fcsr & 31;
    cpu->frm = fcsr >> FRM_SHIFT & 7;
}

static void put_float(RiscvCpu *cpu)
{
    enum { FCSR = 32, FRM_SHIFT = 5 };
    uint32_t fcsr = cpu->fflags | cpu->frm << FRM_SHIFT;
    if (!riscv_has(cpu, d)) {
        return;
    }
    for (unsigned n = 0; n < ARRAY_SIZE(cpu->f); n++) {
        riscv_kvm_set_one(&cpu->parent, RISCV_KVM_U64(KVM_REG_RISCV_FP_D, n), &cpu->f[n]);
    }
    riscv_kvm_set_one(&cpu->parent, KVM_REG_RISCV | KVM_REG_SIZE_U32 | KVM_REG_RISCV_FP_D | FCSR, &fcsr);
}

/* ---- all of it ---- */

/* Register 0 of CORE is pc, 1 to 31 are x1 to x31 (struct user_regs_struct). */
void riscv_kvm_get(Cpu *c)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    struct kvm_mp_state mp = { 0 };
    cpu->pc = riscv_kvm_get_word(c, KVM_REG_RISCV_CORE, KVM_REG_RISCV_CORE_REG(regs.pc));
    for (unsigned n = 1; n < ARRAY_SIZE(cpu->x); n++) {
        cpu->x[n] = riscv_kvm_get_word(c, KVM_REG_RISCV_CORE, n);
    }
    cpu->priv = riscv_kvm_get_word(c, KVM_REG_RISCV_CORE, KVM_REG_RISCV_CORE_REG(mode)) == KVM_RISCV_MODE_S ? PRIV_S : PRIV_U;
    get_csrs(cpu);
    get_float(cpu);
    riscv_kvm_get_vectors(cpu);
    if (kvm_vcpu_ioctl(c, KVM_GET_MP_STATE, &mp) >= 0) {
        c->powered_off = mp.mp_state == KVM_MP_STATE_STOPPED;
    }
}

void riscv_kvm_put(Cpu *c, KvmPutLevel level)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    riscv_kvm_set_word(c, KVM_REG_RISCV_CORE, KVM_REG_RISCV_CORE_REG(regs.pc), cpu->pc);
    for (unsigned n = 1; n < ARRAY_SIZE(cpu->x); n++) {
        riscv_kvm_set_word(c, KVM_REG_RISCV_CORE, n, cpu->x[n]);
    }
    riscv_kvm_set_word(c, KVM_REG_RISCV_CORE, KVM_REG_RISCV_CORE_REG(mode), cpu->priv == PRIV_U ? KVM_RISCV_MODE_U : KVM_RISCV_MODE_S);
    put_csrs(cpu);
    put_float(cpu);
    riscv_kvm_put_vectors(cpu);
    if (level >= KVM_PUT_RESET) {
        reset_aia_csrs(cpu);
        struct kvm_mp_state mp = { .mp_state = c->powered_off ? KVM_MP_STATE_STOPPED : KVM_MP_STATE_RUNNABLE };
        kvm_vcpu_ioctl(c, KVM_SET_MP_STATE, &mp);
    }
}
