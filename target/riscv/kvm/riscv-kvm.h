/*
 * What the files of target/riscv/kvm share.
 *
 * Linux Documentation/virt/kvm/api.rst, 4.68 (names of RISC-V's registers).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_KVM_RISCV_KVM_H
#define TARGET_RISCV_KVM_RISCV_KVM_H

#include "accel/kvm.h"
#include "target/riscv/internal.h"

/* A register of a host's word (CONFIG, CORE, CSR, ISA_EXT), and of 64 bits (TIMER, FP_D). */
#define RISCV_KVM_WORD(type, n) (KVM_REG_RISCV | (sizeof(long) == 8 ? KVM_REG_SIZE_U64 : KVM_REG_SIZE_U32) | (type) | (uint64_t)(n))
#define RISCV_KVM_U64(type, n) (KVM_REG_RISCV | KVM_REG_SIZE_U64 | (type) | (uint64_t)(n))

/* One register; 0 or -errno. A word that cannot be read is 0. */
int riscv_kvm_get_one(Cpu *cpu, uint64_t id, void *value);
int riscv_kvm_set_one(Cpu *cpu, uint64_t id, const void *value);
uint64_t riscv_kvm_get_word(Cpu *cpu, uint64_t type, unsigned n);
int riscv_kvm_set_word(Cpu *cpu, uint64_t type, unsigned n, uint64_t value);

/* registers.c */
void riscv_kvm_get(Cpu *cpu);
void riscv_kvm_put(Cpu *cpu, KvmPutLevel level);
/* timer.c: the guest's time stands still while the machine does. */
void riscv_kvm_clock_running(bool running);
/* isa.c: the hart's extensions, set or found to be there. The vCPU's thread, before it has run. */
bool riscv_kvm_set_isa(RiscvCpu *cpu, GError **err);
/* vector.c. settle: *has is whether the hart keeps V; its length is the host's then. */
bool riscv_kvm_settle_vectors(RiscvCpu *cpu, bool *has, GError **err);
void riscv_kvm_get_vectors(RiscvCpu *cpu);
void riscv_kvm_put_vectors(RiscvCpu *cpu);
/* sbi.c */
VcpuExit riscv_kvm_sbi(Cpu *cpu, struct kvm_run *run);

#endif
