/*
 * Semihosting's calls: HLT and SVC with its numbers. Number in X0 or R0, parameter in X1 or R1, result in X0 or R0.
 *
 * "Semihosting for AArch32 and AArch64", Release 2.0: 3 (trap instructions), 4 (registers).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "semihosting/semihosting.h"
#include "target/arm/internal.h"

bool arm_semihosting_enabled(const ArmCpu *cpu)
{
    return semihosting_enabled(cpu->el == 0);
}

static void set_result(Cpu *c, uint64_t value)
{
    ArmCpu *cpu = ARM_CPU(c);
    cpu->x[0] = cpu->aarch64 ? value : (uint32_t)value;
}

static void forget_fault(Cpu *c) { ARM_CPU(c)->exception = ARM_EXC_NONE; }

static const SemihostFrontEnd front_end = { .set_result = set_result, .forget_fault = forget_fault };

static bool data_is_big_endian(const ArmCpu *cpu)
{
    return cpu->aarch64 ? cpu->sctlr_el[arm_regime_el(cpu, cpu->el)] & (cpu->el == 0 ? SCTLR_E0E : SCTLR_EE) : cpu->big_endian;
}

bool arm_semihosting_call(ArmCpu *cpu, uint64_t next_pc)
{
    const SemihostCall call = {
        .cpu = &cpu->parent, .front = &front_end, .operation = (uint32_t)cpu->x[0], .parameter = cpu->x[1], .word_bytes = cpu->aarch64 ? 8 : 4,
        .big_endian = data_is_big_endian(cpu), .priv = arm_data_index(cpu),
    };
    bool again = semihosting_call(&call) == SEMIHOST_AGAIN;
    cpu->pc = again ? cpu->pc : next_pc;
    return !again;
}
