/*
 * Helpers of AdvSIMD and floating point: instructions that translated code leaves to C.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/helpers-simd.h"
#include "target/arm/tcg/simd.h"
#include "target/arm/tcg/slots.h"

#include <string.h>

#define HELPER ARM_HELPER_DEFINITION
#define NONE SLOTS_NONE
#define ALL SLOTS_ALL
#define QC { { 0, UINT64_C(1) << (SLOT_QC - 64) } }
#include "target/arm/tcg/helpers-simd.def"
#undef HELPER

static const ArmV nothing;

void arm_helper_simd3(Cpu *cpu, ArmV *result, uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m) { *result = arm_simd_run(ARM_CPU(cpu), spec, d, n, m); }
void arm_helper_simd2(Cpu *cpu, ArmV *result, uint32_t spec, const ArmV *n, const ArmV *m) { *result = arm_simd_run(ARM_CPU(cpu), spec, &nothing, n, m); }
void arm_helper_simd1(Cpu *cpu, ArmV *result, uint32_t spec, const ArmV *n) { *result = arm_simd_run(ARM_CPU(cpu), spec, &nothing, n, &nothing); }

uint64_t arm_helper_float_to_int(Cpu *c, uint32_t spec, uint64_t a)
{
    ArmCpu *cpu = ARM_CPU(c);
    ArmFloat f = arm_float_of(cpu);
    uint64_t r = arm_float_to_fixed(&f, spec & 3, a, spec >> 12 & 127, spec >> 4 & 1, spec >> 5 & 7, spec >> 3 & 1 ? 64 : 32);
    cpu->fpsr |= f.flags;
    return r;
}

uint64_t arm_helper_float_from_int(Cpu *c, uint32_t spec, uint64_t a)
{
    ArmCpu *cpu = ARM_CPU(c);
    ArmFloat f = arm_float_of(cpu);
    uint64_t r = arm_float_from_fixed(&f, spec & 3, a, spec >> 12 & 127, spec >> 4 & 1, spec >> 3 & 1 ? 64 : 32);
    cpu->fpsr |= f.flags;
    return r;
}

uint64_t arm_helper_float_convert(Cpu *c, uint32_t spec, uint64_t a)
{
    ArmCpu *cpu = ARM_CPU(c);
    ArmFloat f = arm_float_of(cpu);
    uint64_t r = arm_float_convert(&f, spec & 15, spec >> 4, a, f.rounding);
    cpu->fpsr |= f.flags;
    return r;
}

/* CF is the inverse of C. */
static uint32_t eflags_of(unsigned nzcv)
{
    return (nzcv & 8 ? 0x80 : 0) | (nzcv & 4 ? 0x40 : 0) | (nzcv & 2 ? 0 : 1) | (nzcv & 1 ? 0x800 : 0);
}

uint32_t arm_helper_float_compare(Cpu *c, uint32_t spec, uint64_t a, uint64_t b)
{
    ArmCpu *cpu = ARM_CPU(c);
    ArmFloat f = arm_float_of(cpu);
    unsigned nzcv = arm_float_compare(&f, spec & 3, a, b, spec >> 4);
    cpu->fpsr |= f.flags;
    return eflags_of(nzcv);
}

uint64_t arm_helper_float_to_js(Cpu *c, uint64_t a)
{
    ArmCpu *cpu = ARM_CPU(c);
    ArmFloat f = arm_float_of(cpu);
    bool exact;
    uint32_t r = arm_float_to_js(&f, a, &exact);
    cpu->fpsr |= f.flags;
    return r | (uint64_t)exact << 32;
}
