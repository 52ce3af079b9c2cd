/*
 * VFP in C: arithmetic that the host does otherwise, conversions, comparison, FPSCR.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/slots.h"
#include "target/arm/tcg/translate-vfp.h"

#define BITS(slot) (UINT64_C(1) << ((slot) - 64))
#define NONE SLOTS_NONE
#define FPSCR { { 0, BITS(SLOT_FPSCR) | BITS(SLOT_QC) } }
#define HELPER ARM_HELPER_DEFINITION
#include "target/arm/tcg/helpers-vfp.def"
#undef HELPER

/* ---- arithmetic ---- */

static uint64_t compute(ArmCpu *cpu, uint32_t spec, uint64_t d, uint64_t n, uint64_t m)
{
    unsigned op = spec & 63, size = spec >> 6 & 3;
    ArmFloat f = arm_float_of(cpu);
    uint64_t result;
    if (op < VFP_CHAIN) {
        result = arm_float_op(&f, op - VFP_FLOAT, size, d, n, m);
    } else {
        uint64_t product = arm_float_mul(&f, size, n, m);
        product = (op - VFP_CHAIN) & 1 ? arm_float_neg(&f, size, product) : product;
        d = (op - VFP_CHAIN) & 2 ? arm_float_neg(&f, size, d) : d;
        result = arm_float_add(&f, size, d, product);
    }
    cpu->fpsr |= f.flags;
    return result;
}

uint64_t arm_helper_vfp(Cpu *cpu, uint32_t spec, uint64_t d, uint64_t n, uint64_t m) { return compute(ARM_CPU(cpu), spec, d, n, m); }

static uint64_t get(const ArmCpu *cpu, unsigned size, unsigned n)
{
    uint64_t value = 0;
    memcpy(&value, size == FLOAT_D ? &cpu->v[n >> 1][8 * (n & 1)] : &cpu->v[n >> 2][4 * (n & 3)], size == FLOAT_D ? 8 : size == FLOAT_S ? 4 : 2);
    return value;
}

static void set(ArmCpu *cpu, unsigned size, unsigned n, uint64_t value)
{
    memcpy(size == FLOAT_D ? &cpu->v[n >> 1][8 * (n & 1)] : &cpu->v[n >> 2][4 * (n & 3)], &value, size == FLOAT_D ? 8 : 4);
}

void arm_vfp_redo(ArmCpu *cpu, uint32_t reason)
{
    unsigned size = reason >> 6 & 3, d = reason >> 8 & 31, n = reason >> 13 & 31, m = reason >> 18 & 31;
    set(cpu, size, d, compute(cpu, reason & 0xff, get(cpu, size, d), get(cpu, size, n), get(cpu, size, m)));
    cpu->pc = (uint32_t)(cpu->pc + 4);
    cpu->it = arm_it_advance(cpu->it);
}

/* ---- comparison, conversion ---- */

uint32_t arm_helper_vfp_compare(Cpu *c, uint32_t how, uint64_t a, uint64_t b)
{
    ArmCpu *cpu = ARM_CPU(c);
    ArmFloat f = arm_float_of(cpu);
    uint32_t nzcv = arm_float_compare(&f, how & 15, a, b, how >> 4);
    cpu->fpsr |= f.flags;
    return nzcv << 28;
}

static uint64_t convert(ArmFloat *f, uint32_t how, uint64_t a)
{
    unsigned format = how >> 4 & 15, rounding = how >> 9 & 7, bits = how >> 12 & 1 ? 32 : 16, fraction = how >> 16;
    bool u = how >> 8 & 1, exact;
    uint64_t result;
    switch (how & 15) {
    case VFP_FROM_INT: return arm_float_from_fixed(f, format, u ? a : (uint64_t)(int32_t)a, 0, u, 32);
    case VFP_TO_INT: return arm_float_to_fixed(f, format, a, 0, u, rounding == VFP_ROUND_FPSCR ? f->rounding : rounding, 32);
    case VFP_FROM_FIXED:
        a = bits == 16 ? (u ? (uint16_t)a : (uint64_t)(int16_t)a) : u ? (uint32_t)a : (uint64_t)(int32_t)a;
        f->rounding = ROUND_NEAREST;
        return arm_float_from_fixed(f, format, a, fraction, u, bits);
    case VFP_TO_FIXED:
        result = arm_float_to_fixed(f, format, a, fraction, u, ROUND_ZERO, bits);
        return u ? result & MAKE_MASK(0, bits) : (uint64_t)((int64_t)(result << (64 - bits)) >> (64 - bits));
    case VFP_FORMAT: return arm_float_convert(f, how >> 8 & 15, format, a, f->rounding);
    default:
        result = arm_float_to_js(f, a, &exact);
        return result | (uint64_t)exact << 32;
    }
}

uint64_t arm_helper_vfp_convert(Cpu *c, uint32_t how, uint64_t a)
{
    ArmCpu *cpu = ARM_CPU(c);
    ArmFloat f = arm_float_of(cpu);
    uint64_t result = convert(&f, how, a);
    cpu->fpsr |= f.flags;
    return result;
}

/* ---- FPSCR: control and status together, and flags of its own ---- */

enum { FPSCR_FLAGS = 0xf0000000, FPSCR_STATUS = FPSR_IOC | FPSR_DZC | FPSR_OFC | FPSR_UFC | FPSR_IXC | FPSR_IDC, FPSCR_LEN_STRIDE = 0x00370000 };
#define FPSCR_CONTROL (FPCR_AHP | FPCR_DN | FPCR_FZ | FIELD_MASK(FPCR_RMODE) | FPCR_FZ16)

uint32_t arm_helper_vfp_read_fpscr(Cpu *c)
{
    ArmCpu *cpu = ARM_CPU(c);
    cpu->fpsr |= host_take_flags();
    return cpu->fpscr_len_stride | (cpu->fpcr & (uint32_t)FPSCR_CONTROL) | (cpu->fpsr & (FPSCR_STATUS | (uint32_t)FPSR_QC)) | (cpu->qc ? (uint32_t)FPSR_QC : 0);
}

void arm_helper_vfp_write_fpscr(Cpu *c, uint32_t value)
{
    ArmCpu *cpu = ARM_CPU(c);
    host_take_flags();
    uint32_t stride = arm_has(cpu, v8) ? 0 : value & FPSCR_LEN_STRIDE;
    cpu->fpscr_len_stride = (value & FPSCR_FLAGS) | stride;
    cpu->fpcr = value & (uint32_t)FPSCR_CONTROL & ~(arm_has(cpu, a32_fp16) ? 0 : (uint32_t)FPCR_FZ16);
    cpu->fpsr = value & FPSCR_STATUS;
    cpu->qc = (value & FPSR_QC) != 0;
    host_set_mode(cpu->fpcr);
}

/* ---- the others: they may be used where the unit may, even when FPEXC.EN turns it off ---- */

static void check_access(ArmCpu *cpu)
{
    enum { ISS_CV = 1 << 24, COND_AL = 0xe << 20, ISS_CP10 = 10 };
    unsigned trap = arm_fp_trap_el(cpu);
    if (arm_fp_undefined(cpu, false)) {
        arm_raise_undefined(cpu);
    }
    if (trap) {
        arm_raise(cpu, ARM_SYNDROME(EC_FP_ACCESS, ISS_CV | COND_AL | (trap == 2 && !cpu->has_aarch64 ? ISS_CP10 : 0)), trap);
    }
}

uint32_t arm_helper_vfp_mrs(Cpu *c, uint32_t reg)
{
    ArmCpu *cpu = ARM_CPU(c);
    check_access(cpu);
    switch (reg) {
    case 0: return (uint32_t)cpu->id.value[ARM_RESET_FPSID];
    case 5: return (uint32_t)cpu->id.value[ARM_MVFR2];
    case 6: return (uint32_t)cpu->id.value[ARM_MVFR1];
    case 7: return (uint32_t)cpu->id.value[ARM_MVFR0];
    case 8: return cpu->fpexc32_el2;
    default: arm_raise_undefined(cpu);
    }
}

void arm_helper_vfp_msr(Cpu *c, uint32_t reg, uint32_t value)
{
    ArmCpu *cpu = ARM_CPU(c);
    check_access(cpu);
    if (reg == 8) {
        cpu->fpexc32_el2 = value & FPEXC_EN;
    } else if (reg != 0) {
        arm_raise_undefined(cpu);
    }
}
