/*
 * A vCPU's registers between KVM and the struct. What the struct has no field for stays in the kernel, which resets it by KVM_ARM_VCPU_INIT.
 *
 * Linux Documentation/virt/kvm/api.rst, 4.68 (names of registers), 4.38 (KVM_GET_MP_STATE), 4.31 (KVM_GET_VCPU_EVENTS). KVM has AArch32's registers in AArch64's, as DDI 0487,
 * D1.20.1 maps them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/kvm/arm-kvm.h"
#include "util/error.h"

#include <string.h>

#define CORE(size, name) (KVM_REG_ARM64 | KVM_REG_SIZE_##size | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(name))
#define CORE64(name) CORE(U64, name)

int arm_kvm_get_one(Cpu *cpu, uint64_t id, void *value)
{
    struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };
    return kvm_vcpu_ioctl(cpu, KVM_GET_ONE_REG, &reg);
}

int arm_kvm_set_one(Cpu *cpu, uint64_t id, const void *value)
{
    struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };
    return kvm_vcpu_ioctl(cpu, KVM_SET_ONE_REG, &reg);
}

static uint64_t get64(Cpu *cpu, uint64_t id)
{
    uint64_t value = 0;
    arm_kvm_get_one(cpu, id, &value);
    return value;
}

static void set64(Cpu *cpu, uint64_t id, uint64_t value) { arm_kvm_set_one(cpu, id, &value); }

/* ---- system registers with a field of 64 bits ---- */

typedef struct SystemField { uint32_t sysreg; uint32_t offset; } SystemField;
#define SYSTEM(op0, op1, crn, crm, op2, field) { ARM_SYSREG(op0, op1, crn, crm, op2), offsetof(ArmCpu, field) }
#define PAUTH(crn, crm, op2, n) SYSTEM(3, 0, crn, crm, op2, pauth_keys[n][0]), SYSTEM(3, 0, crn, crm, (op2) + 1, pauth_keys[n][1])

static const SystemField system_fields[] = {
    SYSTEM(3, 0, 1, 0, 0, sctlr_el[1]), SYSTEM(3, 0, 1, 0, 1, actlr_el[1]), SYSTEM(3, 0, 1, 0, 2, cpacr_el1),
    SYSTEM(3, 0, 2, 0, 0, ttbr0_el[1]), SYSTEM(3, 0, 2, 0, 1, ttbr1_el[1]), SYSTEM(3, 0, 2, 0, 2, tcr_el[1]),
    SYSTEM(3, 0, 5, 1, 0, afsr0_el[1]), SYSTEM(3, 0, 5, 1, 1, afsr1_el[1]), SYSTEM(3, 0, 5, 2, 0, esr_el[1]), SYSTEM(3, 0, 6, 0, 0, far_el[1]),
    SYSTEM(3, 0, 7, 4, 0, par_el1), SYSTEM(3, 0, 10, 2, 0, mair_el[1]), SYSTEM(3, 0, 10, 3, 0, amair_el[1]), SYSTEM(3, 0, 12, 0, 0, vbar_el[1]),
    SYSTEM(3, 0, 13, 0, 1, contextidr_el[1]), SYSTEM(3, 0, 13, 0, 4, tpidr_el[1]), SYSTEM(3, 3, 13, 0, 2, tpidr_el[0]), SYSTEM(3, 3, 13, 0, 3, tpidrro_el0),
    SYSTEM(3, 0, 14, 1, 0, cntkctl_el1), SYSTEM(3, 2, 0, 0, 0, csselr_el1), SYSTEM(2, 0, 0, 2, 2, mdscr_el1),
    SYSTEM(3, 4, 3, 0, 0, dacr32_el2), SYSTEM(3, 4, 5, 0, 1, ifsr32_el2), SYSTEM(3, 4, 5, 3, 0, fpexc32_el2), SYSTEM(2, 4, 0, 7, 0, dbgvcr32_el2),
};
static const SystemField pauth_fields[] = { PAUTH(2, 1, 0, 0), PAUTH(2, 1, 2, 1), PAUTH(2, 2, 0, 2), PAUTH(2, 2, 2, 3), PAUTH(2, 3, 0, 4) };

static void move_fields(ArmCpu *cpu, const SystemField *fields, unsigned count, bool put)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t *field = (uint64_t *)(void *)((char *)cpu + fields[i].offset), id = arm_kvm_sysreg(fields[i].sysreg);
        if (put) {
            set64(&cpu->parent, id, *field);
        } else {
            *field = get64(&cpu->parent, id);
        }
    }
}

static void move_breakpoints(ArmCpu *cpu, bool put)
{
    for (unsigned n = 0; n < ARM_MAX_BREAKPOINTS; n++) {
        const struct { unsigned op2; uint64_t *field; } registers[] = { { 4, &cpu->dbgbvr[n] }, { 5, &cpu->dbgbcr[n] }, { 6, &cpu->dbgwvr[n] }, { 7, &cpu->dbgwcr[n] } };
        for (unsigned i = 0; i < ARRAY_SIZE(registers); i++) {
            uint64_t id = arm_kvm_sysreg(ARM_SYSREG(2, 0, 0, n, registers[i].op2));
            if (put) {
                arm_kvm_set_one(&cpu->parent, id, registers[i].field);
            } else {
                arm_kvm_get_one(&cpu->parent, id, registers[i].field);
            }
        }
    }
}

static void move_system(ArmCpu *cpu, bool put)
{
    move_fields(cpu, system_fields, ARRAY_SIZE(system_fields), put);
    if (arm_kvm_host.pointer_authentication) {
        move_fields(cpu, pauth_fields, ARRAY_SIZE(pauth_fields), put);
    }
    move_breakpoints(cpu, put);
}

/* ---- general and vector registers ---- */

static const struct { uint64_t id; uint32_t offset; } spsr_fields[] = {
    { CORE64(spsr[KVM_SPSR_EL1]), offsetof(ArmCpu, spsr_el[1]) }, { CORE64(spsr[KVM_SPSR_ABT]), offsetof(ArmCpu, spsr_abt) }, { CORE64(spsr[KVM_SPSR_UND]), offsetof(ArmCpu, spsr_und) },
    { CORE64(spsr[KVM_SPSR_IRQ]), offsetof(ArmCpu, spsr_irq) }, { CORE64(spsr[KVM_SPSR_FIQ]), offsetof(ArmCpu, spsr_fiq) },
};

static uint64_t *spsr_field(ArmCpu *cpu, unsigned i) { return (uint64_t *)(void *)((char *)cpu + spsr_fields[i].offset); }

/* The stack pointers go to their homes first: setting PSTATE takes the current one from there. */
static void get_pstate(ArmCpu *cpu, uint64_t pstate, const uint64_t sp[2])
{
    cpu->sp_el[0] = sp[0];
    cpu->sp_el[1] = sp[1];
    cpu->aarch64 = !(pstate & PSTATE_AARCH32);
    if (cpu->aarch64) {
        cpu->x[31] = sp[cpu->sp_sel && cpu->el ? 1 : 0];
        arm_set_pstate(cpu, pstate);
    } else {
        arm_set_cpsr(cpu, (uint32_t)pstate, UINT32_MAX, true);
    }
}

static void get_vectors(ArmCpu *cpu)
{
    Cpu *c = &cpu->parent;
    for (unsigned n = 0; n < ARRAY_SIZE(cpu->v); n++) {
        arm_kvm_get_one(c, CORE(U128, fp_regs.vregs[0]) + n * (sizeof(__uint128_t) / sizeof(uint32_t)), cpu->v[n]);
    }
    arm_kvm_get_one(c, CORE(U32, fp_regs.fpsr), &cpu->fpsr);
    arm_kvm_get_one(c, CORE(U32, fp_regs.fpcr), &cpu->fpcr);
}

static void put_vectors(ArmCpu *cpu)
{
    Cpu *c = &cpu->parent;
    for (unsigned n = 0; n < ARRAY_SIZE(cpu->v); n++) {
        arm_kvm_set_one(c, CORE(U128, fp_regs.vregs[0]) + n * (sizeof(__uint128_t) / sizeof(uint32_t)), cpu->v[n]);
    }
    arm_kvm_set_one(c, CORE(U32, fp_regs.fpsr), &cpu->fpsr);
    arm_kvm_set_one(c, CORE(U32, fp_regs.fpcr), &cpu->fpcr);
}

/* With SVE the kernel has Z registers in place of V, in slices of 256 bytes; predicates and FFR likewise. */
static void move_sve(ArmCpu *cpu, bool put)
{
    int (*move)(Cpu *cpu, uint64_t id, void *value) = put ? (int (*)(Cpu *, uint64_t, void *))arm_kvm_set_one : arm_kvm_get_one;
    for (unsigned n = 0; n < KVM_ARM64_SVE_NUM_ZREGS; n++) {
        move(&cpu->parent, KVM_REG_ARM64_SVE_ZREG(n, 0), cpu->v[n]);
    }
    for (unsigned n = 0; n < KVM_ARM64_SVE_NUM_PREGS; n++) {
        move(&cpu->parent, KVM_REG_ARM64_SVE_PREG(n, 0), cpu->p[n]);
    }
    move(&cpu->parent, KVM_REG_ARM64_SVE_FFR(0), cpu->p[KVM_ARM64_SVE_NUM_PREGS]);
    move(&cpu->parent, CORE(U32, fp_regs.fpsr), &cpu->fpsr);
    move(&cpu->parent, CORE(U32, fp_regs.fpcr), &cpu->fpcr);
}

/* ---- events and the power state ---- */

static void get_events(ArmCpu *cpu)
{
    struct kvm_vcpu_events events = { 0 };
    struct kvm_mp_state mp = { 0 };
    if (arm_kvm_host.vcpu_events && kvm_vcpu_ioctl(&cpu->parent, KVM_GET_VCPU_EVENTS, &events) >= 0) {
        cpu->serror_pending = events.exception.serror_pending;
    }
    if (kvm_vcpu_ioctl(&cpu->parent, KVM_GET_MP_STATE, &mp) >= 0) {
        cpu->parent.powered_off = mp.mp_state == KVM_MP_STATE_STOPPED;
    }
}

static void put_events(ArmCpu *cpu)
{
    struct kvm_vcpu_events events = { .exception.serror_pending = cpu->serror_pending };
    struct kvm_mp_state mp = { .mp_state = cpu->parent.powered_off ? KVM_MP_STATE_STOPPED : KVM_MP_STATE_RUNNABLE };
    if (arm_kvm_host.vcpu_events) {
        kvm_vcpu_ioctl(&cpu->parent, KVM_SET_VCPU_EVENTS, &events);
    }
    kvm_vcpu_ioctl(&cpu->parent, KVM_SET_MP_STATE, &mp);
}

/* ---- all of it ---- */

void arm_kvm_get(Cpu *c)
{
    ArmCpu *cpu = ARM_CPU(c);
    uint64_t sp[2] = { get64(c, CORE64(regs.sp)), get64(c, CORE64(sp_el1)) };
    /* First: a change of AArch32's mode moves registers between banks. */
    get_pstate(cpu, get64(c, CORE64(regs.pstate)), sp);
    for (unsigned n = 0; n < 31; n++) {
        cpu->x[n] = get64(c, CORE64(regs.regs[0]) + n * 2);
    }
    cpu->pc = get64(c, CORE64(regs.pc));
    cpu->elr_el[1] = get64(c, CORE64(elr_el1));
    for (unsigned i = 0; i < ARRAY_SIZE(spsr_fields); i++) {
        *spsr_field(cpu, i) = get64(c, spsr_fields[i].id);
    }
    if (!cpu->aarch64) {
        arm_sync_to_aarch32(cpu);
    }
    if (cpu->prop_sve) {
        move_sve(cpu, false);
    } else {
        get_vectors(cpu);
    }
    move_system(cpu, false);
    get_events(cpu);
}

void arm_kvm_put(Cpu *c, KvmPutLevel level)
{
    ArmCpu *cpu = ARM_CPU(c);
    uint64_t x[31], current[4] = { 0 };
    memcpy(current, cpu->sp_el, sizeof(current));
    if (cpu->aarch64) {
        current[cpu->sp_sel ? cpu->el : 0] = cpu->x[31];
    } else {
        arm_sync_to_aarch64(cpu);
    }
    memcpy(x, cpu->x, sizeof(x));
    if (!cpu->aarch64) {
        arm_sync_to_aarch32(cpu);
    }
    for (unsigned n = 0; n < 31; n++) {
        set64(c, CORE64(regs.regs[0]) + n * 2, x[n]);
    }
    set64(c, CORE64(regs.sp), current[0]);
    set64(c, CORE64(sp_el1), current[1]);
    set64(c, CORE64(regs.pstate), cpu->aarch64 ? arm_pstate(cpu) : arm_cpsr(cpu));
    set64(c, CORE64(regs.pc), cpu->pc);
    set64(c, CORE64(elr_el1), cpu->elr_el[1]);
    for (unsigned i = 0; i < ARRAY_SIZE(spsr_fields); i++) {
        set64(c, spsr_fields[i].id, *spsr_field(cpu, i));
    }
    if (cpu->prop_sve) {
        move_sve(cpu, true);
    } else {
        put_vectors(cpu);
    }
    move_system(cpu, true);
    if (level >= KVM_PUT_RESET) {
        put_events(cpu);
    }
}
