/*
 * The CPU model "host": the identification registers of the host's processor as KVM shows them to guests, read off a vCPU of a VM that is made for that and closed again.
 *
 * Linux Documentation/virt/kvm/api.rst, 4.82, 4.83; Documentation/virt/kvm/arm/vcpu-features.rst.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/cpu-models.h"
#include "target/arm/kvm/arm-kvm.h"
#include "util/error.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

static ArmIdRegisters host_registers;

static ArmModel models[] = {
    { .name = "host", .compatible = "arm,armv8", .aarch64 = true, .has_pmu = true, .by_kvm = true, .id = &host_registers },
};
const ArmModelTable arm_models_host = { models, ARRAY_SIZE(models) };

/* ID_AA64*: op0 3, op1 0, CRn 0, CRm 4 to 7. AArch32's: CRm 1 to 3. */
static const struct { uint8_t id; uint32_t sysreg; } registers[] = {
    { ARM_MIDR, ARM_SYSREG(3, 0, 0, 0, 0) }, { ARM_REVIDR, ARM_SYSREG(3, 0, 0, 0, 6) }, { ARM_AIDR, ARM_SYSREG(3, 1, 0, 0, 7) }, { ARM_CLIDR, ARM_SYSREG(3, 1, 0, 0, 1) },
    { ARM_CTR, ARM_SYSREG(3, 3, 0, 0, 1) }, { ARM_DCZID, ARM_SYSREG(3, 3, 0, 0, 7) },
    { ARM_ID_PFR0, ARM_SYSREG(3, 0, 0, 1, 0) }, { ARM_ID_PFR1, ARM_SYSREG(3, 0, 0, 1, 1) }, { ARM_ID_DFR0, ARM_SYSREG(3, 0, 0, 1, 2) }, { ARM_ID_AFR0, ARM_SYSREG(3, 0, 0, 1, 3) },
    { ARM_ID_MMFR0, ARM_SYSREG(3, 0, 0, 1, 4) }, { ARM_ID_MMFR1, ARM_SYSREG(3, 0, 0, 1, 5) }, { ARM_ID_MMFR2, ARM_SYSREG(3, 0, 0, 1, 6) }, { ARM_ID_MMFR3, ARM_SYSREG(3, 0, 0, 1, 7) },
    { ARM_ID_ISAR0, ARM_SYSREG(3, 0, 0, 2, 0) }, { ARM_ID_ISAR1, ARM_SYSREG(3, 0, 0, 2, 1) }, { ARM_ID_ISAR2, ARM_SYSREG(3, 0, 0, 2, 2) }, { ARM_ID_ISAR3, ARM_SYSREG(3, 0, 0, 2, 3) },
    { ARM_ID_ISAR4, ARM_SYSREG(3, 0, 0, 2, 4) }, { ARM_ID_ISAR5, ARM_SYSREG(3, 0, 0, 2, 5) }, { ARM_ID_MMFR4, ARM_SYSREG(3, 0, 0, 2, 6) }, { ARM_ID_ISAR6, ARM_SYSREG(3, 0, 0, 2, 7) },
    { ARM_MVFR0, ARM_SYSREG(3, 0, 0, 3, 0) }, { ARM_MVFR1, ARM_SYSREG(3, 0, 0, 3, 1) }, { ARM_MVFR2, ARM_SYSREG(3, 0, 0, 3, 2) }, { ARM_ID_PFR2, ARM_SYSREG(3, 0, 0, 3, 4) },
    { ARM_ID_DFR1, ARM_SYSREG(3, 0, 0, 3, 5) }, { ARM_ID_MMFR5, ARM_SYSREG(3, 0, 0, 3, 6) },
    { ARM_ID_AA64PFR0, ARM_SYSREG(3, 0, 0, 4, 0) }, { ARM_ID_AA64PFR1, ARM_SYSREG(3, 0, 0, 4, 1) }, { ARM_ID_AA64PFR2, ARM_SYSREG(3, 0, 0, 4, 2) },
    { ARM_ID_AA64ZFR0, ARM_SYSREG(3, 0, 0, 4, 4) }, { ARM_ID_AA64SMFR0, ARM_SYSREG(3, 0, 0, 4, 5) }, { ARM_ID_AA64FPFR0, ARM_SYSREG(3, 0, 0, 4, 7) },
    { ARM_ID_AA64DFR0, ARM_SYSREG(3, 0, 0, 5, 0) }, { ARM_ID_AA64DFR1, ARM_SYSREG(3, 0, 0, 5, 1) }, { ARM_ID_AA64AFR0, ARM_SYSREG(3, 0, 0, 5, 4) },
    { ARM_ID_AA64AFR1, ARM_SYSREG(3, 0, 0, 5, 5) }, { ARM_ID_AA64ISAR0, ARM_SYSREG(3, 0, 0, 6, 0) }, { ARM_ID_AA64ISAR1, ARM_SYSREG(3, 0, 0, 6, 1) },
    { ARM_ID_AA64ISAR2, ARM_SYSREG(3, 0, 0, 6, 2) }, { ARM_ID_AA64ISAR3, ARM_SYSREG(3, 0, 0, 6, 3) }, { ARM_ID_AA64MMFR0, ARM_SYSREG(3, 0, 0, 7, 0) },
    { ARM_ID_AA64MMFR1, ARM_SYSREG(3, 0, 0, 7, 1) }, { ARM_ID_AA64MMFR2, ARM_SYSREG(3, 0, 0, 7, 2) }, { ARM_ID_AA64MMFR3, ARM_SYSREG(3, 0, 0, 7, 3) },
    { ARM_ID_AA64MMFR4, ARM_SYSREG(3, 0, 0, 7, 4) },
};

static void set_feature(struct kvm_vcpu_init *init, unsigned feature) { init->features[feature / 32] |= 1u << feature % 32; }

/* Not KVM_ARM_VCPU_POWER_OFF: kernels before 6.2 want the same features at each reset; KVM_SET_MP_STATE says who is off. */
void arm_kvm_fill_features(const ArmCpu *cpu, struct kvm_vcpu_init *init)
{
    *init = (struct kvm_vcpu_init){ .target = arm_kvm_host.target };
    set_feature(init, KVM_ARM_VCPU_PSCI_0_2);
    if (!cpu->has_aarch64) {
        set_feature(init, KVM_ARM_VCPU_EL1_32BIT);
    }
    if (cpu->has_pmu && arm_kvm_host.pmu) {
        set_feature(init, KVM_ARM_VCPU_PMU_V3);
    }
    if (cpu->prop_sve && arm_kvm_host.sve) {
        set_feature(init, KVM_ARM_VCPU_SVE);
    }
    if (arm_kvm_host.pointer_authentication) {
        set_feature(init, KVM_ARM_VCPU_PTRAUTH_ADDRESS);
        set_feature(init, KVM_ARM_VCPU_PTRAUTH_GENERIC);
    }
}

/* Registers that an older kernel does not know stay 0: they say that nothing is there. */
static void read_registers(int vcpu)
{
    uint64_t frequency;
    __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
    models[0].cntfrq_hz = (uint32_t)frequency;
    for (unsigned i = 0; i < ARRAY_SIZE(registers); i++) {
        struct kvm_one_reg reg = { .id = arm_kvm_sysreg(registers[i].sysreg), .addr = (uintptr_t)&host_registers.value[registers[i].id] };
        ioctl(vcpu, KVM_GET_ONE_REG, &reg);
    }
    for (unsigned n = 0; n < ARRAY_SIZE(host_registers.ccsidr); n++) {
        uint32_t value = 0;
        struct kvm_one_reg reg = { .id = KVM_REG_ARM64 | KVM_REG_SIZE_U32 | KVM_REG_ARM_DEMUX | KVM_REG_ARM_DEMUX_ID_CCSIDR | n, .addr = (uintptr_t)&value };
        if (ioctl(vcpu, KVM_GET_ONE_REG, &reg) >= 0) {
            host_registers.ccsidr[n] = value;
        }
    }
}

static bool read_vcpu(int vm, GError **err)
{
    struct kvm_vcpu_init init = { 0 };
    const int sve = KVM_ARM_VCPU_SVE;
    int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    if (vcpu < 0) {
        return error_set_errno(err, errno, "KVM_CREATE_VCPU failed");
    }
    bool good = ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init) >= 0;
    arm_kvm_host.target = init.target;
    set_feature(&init, KVM_ARM_VCPU_PSCI_0_2);
    if (good && arm_kvm_host.sve) {
        set_feature(&init, KVM_ARM_VCPU_SVE);
    }
    if (good && arm_kvm_host.pmu) {
        set_feature(&init, KVM_ARM_VCPU_PMU_V3);
    }
    if (good && arm_kvm_host.pointer_authentication) {
        set_feature(&init, KVM_ARM_VCPU_PTRAUTH_ADDRESS);
        set_feature(&init, KVM_ARM_VCPU_PTRAUTH_GENERIC);
    }
    good = good && ioctl(vcpu, KVM_ARM_VCPU_INIT, &init) >= 0 && (!arm_kvm_host.sve || ioctl(vcpu, KVM_ARM_VCPU_FINALIZE, &sve) >= 0);
    if (good) {
        read_registers(vcpu);
    } else {
        error_set_errno(err, errno, "Failed to retrieve host CPU features");
    }
    close(vcpu);
    return good;
}

bool arm_kvm_read_host(int fd, GError **err)
{
    int vm = ioctl(fd, KVM_CREATE_VM, 0);
    if (vm < 0) {
        return error_set_errno(err, errno, "ioctl(KVM_CREATE_VM) failed");
    }
    bool good = read_vcpu(vm, err);
    close(vm);
    return good;
}
