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

#include <string.h>

/* Of struct kvm_riscv_config, by number: older headers lack them. */
enum { CONFIG_ZICBOM_BLOCK_SIZE = 1, CONFIG_MVENDORID = 2, CONFIG_MARCHID = 3, CONFIG_MIMPID = 4, CONFIG_ZICBOZ_BLOCK_SIZE = 5 };

/* By the numbers of enum KVM_RISCV_ISA_EXT_ID, of which older headers have the first few. Not here: the counters' overflow, whose state is not kept in step. */
#define KVM_EXTENSION(number, extension) { number, RISCV_EXT_##extension, #extension }
static const struct { uint8_t kvm; uint8_t ext; const char *name; } extensions[] = {
    KVM_EXTENSION(0, a), KVM_EXTENSION(1, c), KVM_EXTENSION(2, d), KVM_EXTENSION(3, f), KVM_EXTENSION(4, h), KVM_EXTENSION(6, m), KVM_EXTENSION(7, svpbmt), KVM_EXTENSION(8, sstc),
    KVM_EXTENSION(9, svinval), KVM_EXTENSION(10, zihintpause), KVM_EXTENSION(11, zicbom), KVM_EXTENSION(12, zicboz), KVM_EXTENSION(13, zbb), KVM_EXTENSION(14, ssaia),
    KVM_EXTENSION(15, v), KVM_EXTENSION(16, svnapot), KVM_EXTENSION(17, zba), KVM_EXTENSION(18, zbs), KVM_EXTENSION(19, zicntr), KVM_EXTENSION(22, zihpm), KVM_EXTENSION(24, zicond), KVM_EXTENSION(25, zbc),
    KVM_EXTENSION(26, zbkb), KVM_EXTENSION(27, zbkc), KVM_EXTENSION(28, zbkx), KVM_EXTENSION(29, zknd), KVM_EXTENSION(30, zkne), KVM_EXTENSION(31, zknh), KVM_EXTENSION(32, zkr),
    KVM_EXTENSION(33, zksed), KVM_EXTENSION(34, zksh), KVM_EXTENSION(35, zkt), KVM_EXTENSION(36, zvbb), KVM_EXTENSION(37, zvbc), KVM_EXTENSION(38, zvkb), KVM_EXTENSION(39, zvkg),
    KVM_EXTENSION(40, zvkned), KVM_EXTENSION(41, zvknha), KVM_EXTENSION(42, zvknhb), KVM_EXTENSION(43, zvksed), KVM_EXTENSION(44, zvksh), KVM_EXTENSION(45, zvkt), KVM_EXTENSION(46, zfh),
    KVM_EXTENSION(47, zfhmin), KVM_EXTENSION(48, zihintntl), KVM_EXTENSION(49, zvfh), KVM_EXTENSION(50, zvfhmin), KVM_EXTENSION(51, zfa),
    KVM_EXTENSION(53, zacas), KVM_EXTENSION(55, zimop), KVM_EXTENSION(56, zca), KVM_EXTENSION(57, zcb), KVM_EXTENSION(58, zcd), KVM_EXTENSION(60, zcmop), KVM_EXTENSION(61, zawrs),
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

/* Without V nothing that stands on it is there. */
static bool settle_vectors(RiscvCpu *cpu, GError **err)
{
    bool has;
    if (!riscv_kvm_settle_vectors(cpu, &has, err)) {
        return false;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(extensions) && !has; i++) {
        if (extensions[i].ext == RISCV_EXT_v || !strncmp(extensions[i].name, "zv", 2)) {
            riscv_ext_set(&cpu->ext, extensions[i].ext, false);
        }
    }
    return true;
}

/* "-cpu host" has what the host has and the user has not taken away; the AIA is the board's to ask for. */
static void take_extensions(RiscvCpu *cpu)
{
    for (unsigned i = 0; i < ARRAY_SIZE(extensions); i++) {
        RiscvExt ext = extensions[i].ext;
        if (ext != RISCV_EXT_ssaia && !riscv_ext_in(&cpu->user_ext, ext)) {
            riscv_ext_set(&cpu->ext, ext, riscv_kvm_get_word(&cpu->parent, KVM_REG_RISCV_ISA_EXT, extensions[i].kvm) != 0);
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

static void take_block_size(RiscvCpu *cpu, unsigned config, bool has, uint16_t *bytes)
{
    uint64_t block = riscv_kvm_get_word(&cpu->parent, KVM_REG_RISCV_CONFIG, config);
    *bytes = has && block ? (uint16_t)block : *bytes;
}

bool riscv_kvm_set_isa(RiscvCpu *cpu, GError **err)
{
    if (cpu->model->by_kvm) {
        take_identity(cpu);
        take_extensions(cpu);
    }
    drop_others(cpu);
    for (unsigned i = 0; i < ARRAY_SIZE(extensions); i++) {
        if (!settle_extension(cpu, i, err)) {
            return false;
        }
    }
    if (!settle_vectors(cpu, err)) {
        return false;
    }
    take_block_size(cpu, CONFIG_ZICBOM_BLOCK_SIZE, riscv_has(cpu, zicbom), &cpu->cbom_blocksize);
    take_block_size(cpu, CONFIG_ZICBOZ_BLOCK_SIZE, riscv_has(cpu, zicboz), &cpu->cboz_blocksize);
    return true;
}
