/*
 * The extensions of a hart under KVM: those that a program may have are switched by registers, the rest is as the host has it.
 *
 * asm/kvm.h of riscv (struct kvm_riscv_config, enum KVM_RISCV_ISA_EXT_ID).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/cpu-models.h"
#include "target/riscv/kvm/riscv-kvm.h"
#include "util/error.h"

/* Of struct kvm_riscv_config, by number: older headers lack them. */
enum { CONFIG_MVENDORID = 2, CONFIG_MARCHID = 3, CONFIG_MIMPID = 4 };

static const struct { uint8_t kvm; uint8_t ext; const char *name; } extensions[] = {
    { KVM_RISCV_ISA_EXT_A, RISCV_EXT_a, "a" }, { KVM_RISCV_ISA_EXT_C, RISCV_EXT_c, "c" }, { KVM_RISCV_ISA_EXT_D, RISCV_EXT_d, "d" }, { KVM_RISCV_ISA_EXT_F, RISCV_EXT_f, "f" },
    { KVM_RISCV_ISA_EXT_H, RISCV_EXT_h, "h" }, { KVM_RISCV_ISA_EXT_M, RISCV_EXT_m, "m" }, { KVM_RISCV_ISA_EXT_SVPBMT, RISCV_EXT_svpbmt, "svpbmt" },
    { KVM_RISCV_ISA_EXT_SSTC, RISCV_EXT_sstc, "sstc" }, { KVM_RISCV_ISA_EXT_SVINVAL, RISCV_EXT_svinval, "svinval" },
    { KVM_RISCV_ISA_EXT_ZIHINTPAUSE, RISCV_EXT_zihintpause, "zihintpause" }, { KVM_RISCV_ISA_EXT_ZICBOM, RISCV_EXT_zicbom, "zicbom" },
};

/* What the model has and the host has not goes; unless the user has named it, then that is an error. */
static bool settle_extension(RiscvCpu *cpu, unsigned i, GError **err)
{
    Cpu *c = &cpu->parent;
    RiscvExt ext = extensions[i].ext;
    bool wanted = riscv_ext_in(&cpu->ext, ext), there = riscv_kvm_get_word(c, KVM_REG_RISCV_ISA_EXT, extensions[i].kvm) != 0;
    if (wanted && !there) {
        if (riscv_ext_in(&cpu->user_ext, ext)) {
            return error_set(err, "KVM does not support enabling extension %s on this host", extensions[i].name);
        }
        riscv_ext_set(&cpu->ext, ext, false);
    } else if (!wanted && there && riscv_kvm_set_word(c, KVM_REG_RISCV_ISA_EXT, extensions[i].kvm, 0) < 0) {
        riscv_ext_set(&cpu->ext, ext, true);        /* the host cannot hide it */
    }
    return true;
}

/* An extension that KVM has no switch for is not shown to the guest: its kernel may not keep the state that it needs. */
static void drop_others(RiscvCpu *cpu)
{
    for (unsigned ext = 0; ext < RISCV_EXT_rv32; ext++) {
        bool known = ext == RISCV_EXT_i || ext == RISCV_EXT_s || ext == RISCV_EXT_u || ext == RISCV_EXT_zicsr || ext == RISCV_EXT_zifencei;
        for (unsigned i = 0; i < ARRAY_SIZE(extensions); i++) {
            known |= extensions[i].ext == ext;
        }
        if (!known) {
            riscv_ext_set(&cpu->ext, (RiscvExt)ext, false);
        }
    }
}

/* "-cpu host" says who made the host; kernels before 6.2 do not tell. */
static void take_identity(RiscvCpu *cpu)
{
    Cpu *c = &cpu->parent;
    cpu->mvendorid = (uint32_t)riscv_kvm_get_word(c, KVM_REG_RISCV_CONFIG, CONFIG_MVENDORID);
    cpu->marchid = riscv_kvm_get_word(c, KVM_REG_RISCV_CONFIG, CONFIG_MARCHID);
    cpu->mimpid = riscv_kvm_get_word(c, KVM_REG_RISCV_CONFIG, CONFIG_MIMPID);
}

bool riscv_kvm_set_isa(RiscvCpu *cpu, GError **err)
{
    if (cpu->model->by_kvm) {
        take_identity(cpu);
    }
    drop_others(cpu);
    for (unsigned i = 0; i < ARRAY_SIZE(extensions); i++) {
        if (!settle_extension(cpu, i, err)) {
            return false;
        }
    }
    uint64_t block = riscv_kvm_get_word(&cpu->parent, KVM_REG_RISCV_CONFIG, KVM_REG_RISCV_CONFIG_REG(zicbom_block_size));
    if (riscv_has(cpu, zicbom) && block) {
        cpu->cbom_blocksize = (uint16_t)block;
    }
    return true;
}
