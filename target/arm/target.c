/*
 * The two Arm targets as descriptors: aarch64 and arm.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ostrich-config.h"
#include "target/arm/cpu-models.h"
#ifdef CONFIG_CAPSTONE
#include <capstone/capstone.h>
#endif

static const char *default_model(const TargetArch *arch, bool kvm) { return kvm ? "host" : arch->address_bits == 64 ? "cortex-a57" : "cortex-a15"; }
static uint64_t get_pc(const Cpu *c) { return ARM_CPU(c)->pc; }

/* An address of AArch32 with bit 0 set is one of T32 code. */
static void set_pc(Cpu *c, uint64_t pc)
{
    ArmCpu *cpu = ARM_CPU(c);
    if (cpu->aarch64) {
        cpu->pc = pc;
    } else {
        cpu->thumb = pc & 1;
        cpu->pc = pc & ~UINT64_C(1) & UINT32_MAX;
    }
}

static void disassembler(Cpu *c, int *cs_arch, int *cs_mode)
{
#ifdef CONFIG_CAPSTONE
    const ArmCpu *cpu = ARM_CPU(c);
    *cs_arch = cpu->aarch64 ? CS_ARCH_ARM64 : CS_ARCH_ARM;
    *cs_mode = CS_MODE_LITTLE_ENDIAN | (cpu->aarch64 ? 0 : cpu->thumb ? CS_MODE_THUMB : CS_MODE_ARM) | (!cpu->aarch64 && arm_has(cpu, v8) ? CS_MODE_V8 : 0);
#else
    *cs_arch = *cs_mode = -1;
#endif
}

/* BRK #0; an instruction that A32 leaves undefined for good. */
static const uint8_t brk_0[] = { 0x00, 0x00, 0x20, 0xd4 }, undefined[] = { 0xf0, 0x01, 0xf0, 0xe7 };

static const char *const kvm_hosts[] = { "aarch64", NULL };

#define COMMON \
    .page_bits = 12, .cpu_type = "arm-cpu", .list_cpus = arm_list_cpus, .new_cpu = arm_new_cpu, .default_cpu = default_model, .cpu_definitions = arm_cpu_definitions, \
    .expand_cpu_model = arm_expand_cpu_model, .dump_registers = arm_dump_registers, .get_pc = get_pc, .set_pc = set_pc, .debug_translate = arm_debug_translate, \
    .has_work = arm_has_work, .disassembler = disassembler, .gdb_read = arm_gdb_read, .gdb_write = arm_gdb_write, .break_insn_bytes = 4, .has_semihosting = true, .tcg = &arm_tcg_target

const TargetArch aarch64_target = {
    .name = "aarch64", .summary = "Arm, 64 bits", .address_bits = 64, .gdb_arch = "aarch64", .gdb_features = aarch64_gdb_features, .gdb_features_of = aarch64_gdb_features_of,
    .kvm_hosts = kvm_hosts, .break_insn = brk_0, COMMON,
};
const TargetArch arm_target = {
    .name = "arm", .summary = "Arm, 32 bits", .address_bits = 32, .gdb_arch = "arm", .gdb_features = arm_gdb_features, .break_insn = undefined, COMMON,
};
REGISTER_TARGET(aarch64_target)
REGISTER_TARGET(arm_target)
