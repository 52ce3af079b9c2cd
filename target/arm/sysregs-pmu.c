/*
 * System registers of the performance monitors: views of what pmu.c counts.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D13 (Performance Monitors), D19.4. What EL2 keeps for itself (MDCR_EL2.HPMN) is not there below: D13.6.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/pmu.h"
#include "target/arm/sysregs.h"

enum { PMCR_WRITABLE = 0xf9, USER_EN = 1, USER_SW = 2, USER_CR = 4, USER_ER = 8 };

/* Those that the current exception level has. */
static unsigned counters(const ArmCpu *cpu) { return cpu->el < 2 && arm_el2_enabled(cpu) ? arm_pmu_lower_counters(cpu) : arm_pmu_counters(cpu); }
static uint64_t counter_mask(const ArmCpu *cpu) { return BIT(CYCLE_COUNTER) | MAKE_MASK(0, counters(cpu)); }

/* ---- who may ---- */

static ArmSysregResult user_needs(ArmCpu *cpu, const Sysreg *r, uint64_t bits)
{
    if (!cpu->has_pmu) {
        return SYSREG_UNDEFINED;
    }
    return cpu->el == 0 && !(cpu->pmuserenr & (bits | USER_EN)) ? arm_trap_to_el1(cpu) : SYSREG_OK;
}

static ArmSysregResult check_any(ArmCpu *cpu, const Sysreg *r, bool write) { return user_needs(cpu, r, 0); }
static ArmSysregResult check_control(ArmCpu *cpu, const Sysreg *r, bool write)
{
    enum { TPMCR = 1 << 5 };
    ArmSysregResult result = user_needs(cpu, r, 0);
    return result == SYSREG_OK && cpu->el < 2 && arm_el2_enabled(cpu) && (cpu->mdcr_el2 & TPMCR) ? SYSREG_TRAP_EL2 : result;
}
static ArmSysregResult check_cycles(ArmCpu *cpu, const Sysreg *r, bool write) { return user_needs(cpu, r, write ? 0 : USER_CR); }
static ArmSysregResult check_events(ArmCpu *cpu, const Sysreg *r, bool write) { return user_needs(cpu, r, write ? 0 : USER_ER); }
static ArmSysregResult check_select(ArmCpu *cpu, const Sysreg *r, bool write) { return user_needs(cpu, r, USER_ER); }
static ArmSysregResult check_increment(ArmCpu *cpu, const Sysreg *r, bool write) { return user_needs(cpu, r, USER_SW); }

static ArmSysregResult check_userenr(ArmCpu *cpu, const Sysreg *r, bool write)
{
    return !cpu->has_pmu || (cpu->el == 0 && write) ? SYSREG_UNDEFINED : SYSREG_OK;
}

/* ---- values ---- */

static uint64_t read_pmcr(ArmCpu *cpu, const Sysreg *r)
{
    return (cpu->id.value[ARM_PMCR] & ~MAKE_MASK(0, 16)) | (uint64_t)counters(cpu) << 11 | cpu->pmcr;
}

static void write_pmcr(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    arm_pmu_sync(cpu);
    cpu->pmcr = value & (PMCR_WRITABLE & ~(arm_has(cpu, pmuv3p5) ? 0 : PMCR_LP));
    if (value & PMCR_P) {
        memset(cpu->pmevcntr, 0, sizeof(cpu->pmevcntr[0]) * counters(cpu));
    }
    if (value & PMCR_C) {
        cpu->pmccntr = 0;
    }
    arm_pmu_changed(cpu);
}

/* Registers of bits, a counter each: a write sets or clears those that are there for the level. */
static uint64_t read_bits(ArmCpu *cpu, const Sysreg *r)
{
    arm_pmu_sync(cpu);          /* an overflow of until now */
    return ARM_FIELD64(cpu, r) & counter_mask(cpu);
}

static void change_bits(ArmCpu *cpu, const Sysreg *r, uint64_t set, uint64_t clear)
{
    arm_pmu_sync(cpu);
    ARM_FIELD64(cpu, r) = (ARM_FIELD64(cpu, r) | (set & counter_mask(cpu))) & ~(clear & counter_mask(cpu));
    arm_pmu_changed(cpu);
}

static void write_set(ArmCpu *cpu, const Sysreg *r, uint64_t value) { change_bits(cpu, r, value, 0); }
static void write_clear(ArmCpu *cpu, const Sysreg *r, uint64_t value) { change_bits(cpu, r, 0, value); }

/* Software increment of the counters that count event 0 (SW_INCR). */
static void write_increment(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    arm_pmu_sync(cpu);
    for (unsigned i = 0; i < counters(cpu); i++) {
        if (value >> i & 1 && !(cpu->pmevtyper[i] & 0xffff) && arm_pmu_counts(cpu, i)) {
            arm_pmu_add(cpu, i, 1);
        }
    }
    arm_pmu_changed(cpu);
}

/* ---- counters and their types, by number; those that are not there read as zero ---- */

static unsigned number_of(const Sysreg *r) { return (r->encoding >> 3 & 3) << 3 | (r->encoding & 7); }
static unsigned selected(const ArmCpu *cpu) { return cpu->pmselr & 31; }

static uint64_t *type_of(ArmCpu *cpu, unsigned n)
{
    return n == CYCLE_COUNTER ? &cpu->pmccfiltr : n < counters(cpu) ? &cpu->pmevtyper[n] : NULL;
}

static uint64_t get_type(ArmCpu *cpu, unsigned n)
{
    uint64_t *p = type_of(cpu, n);
    return p ? *p : 0;
}

static void set_type(ArmCpu *cpu, unsigned n, uint64_t value)
{
    uint64_t *p = type_of(cpu, n), events = n == CYCLE_COUNTER ? 0 : arm_has(cpu, pmuv3p1) ? 0xffff : 0x3ff;
    if (p) {
        arm_pmu_sync(cpu);
        *p = value & (UINT64_C(0xfc000000) | events);
        arm_pmu_changed(cpu);
    }
}

static uint64_t get_counter(ArmCpu *cpu, unsigned n)
{
    arm_pmu_sync(cpu);
    return n < counters(cpu) ? cpu->pmevcntr[n] : 0;
}

static void set_counter(ArmCpu *cpu, unsigned n, uint64_t value)
{
    if (n < counters(cpu)) {
        arm_pmu_sync(cpu);
        cpu->pmevcntr[n] = arm_has(cpu, pmuv3p5) ? value : (uint32_t)value;
        arm_pmu_changed(cpu);
    }
}

static uint64_t read_cycles(ArmCpu *cpu, const Sysreg *r)
{
    arm_pmu_sync(cpu);
    return cpu->pmccntr;
}

static void write_cycles(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    arm_pmu_sync(cpu);
    cpu->pmccntr = value;
    arm_pmu_changed(cpu);
}

static uint64_t read_selected_type(ArmCpu *cpu, const Sysreg *r) { return get_type(cpu, selected(cpu)); }
static uint64_t read_selected_counter(ArmCpu *cpu, const Sysreg *r) { return get_counter(cpu, selected(cpu)); }
static uint64_t read_type(ArmCpu *cpu, const Sysreg *r) { return get_type(cpu, number_of(r)); }
static uint64_t read_counter(ArmCpu *cpu, const Sysreg *r) { return get_counter(cpu, number_of(r)); }
static void write_selected_type(ArmCpu *cpu, const Sysreg *r, uint64_t value) { set_type(cpu, selected(cpu), value); }
static void write_selected_counter(ArmCpu *cpu, const Sysreg *r, uint64_t value) { set_counter(cpu, selected(cpu), value); }
static void write_type(ArmCpu *cpu, const Sysreg *r, uint64_t value) { set_type(cpu, number_of(r), value); }
static void write_counter(ArmCpu *cpu, const Sysreg *r, uint64_t value) { set_counter(cpu, number_of(r), value); }

void arm_write_mdcr(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    arm_pmu_sync(cpu);
    ARM_FIELD64(cpu, r) = value;
    arm_pmu_changed(cpu);
}

#define PMU SR_PMU
#define COUNTER(n) \
    { ARM_SYSREG(3, 3, 14, 8 + (n) / 8, (n) % 8), "PMEVCNTR" #n "_EL0", PMU, .check = check_events, .read = read_counter, .write = write_counter }, \
    { ARM_SYSREG(3, 3, 14, 12 + (n) / 8, (n) % 8), "PMEVTYPER" #n "_EL0", PMU, .check = check_any, .read = read_type, .write = write_type }

static const Sysreg rows[] = {
    { ARM_SYSREG(3, 3, 9, 12, 0), "PMCR_EL0", PMU, .check = check_control, .read = read_pmcr, .write = write_pmcr },
    { ARM_SYSREG(3, 3, 9, 12, 1), "PMCNTENSET_EL0", PMU, SYSREG_FIELD(pmcnten), .check = check_any, .read = read_bits, .write = write_set },
    { ARM_SYSREG(3, 3, 9, 12, 2), "PMCNTENCLR_EL0", PMU, SYSREG_FIELD(pmcnten), .check = check_any, .read = read_bits, .write = write_clear },
    { ARM_SYSREG(3, 3, 9, 12, 3), "PMOVSCLR_EL0", PMU, SYSREG_FIELD(pmovs), .check = check_any, .read = read_bits, .write = write_clear },
    { ARM_SYSREG(3, 3, 9, 14, 3), "PMOVSSET_EL0", PMU, SYSREG_FIELD(pmovs), .check = check_any, .read = read_bits, .write = write_set },
    { ARM_SYSREG(3, 3, 9, 12, 4), "PMSWINC_EL0", PMU | SR_WRITE_ONLY, .check = check_increment, .write = write_increment },
    { ARM_SYSREG(3, 3, 9, 12, 5), "PMSELR_EL0", PMU, SYSREG_FIELD(pmselr), .check = check_select, .mask = 31 },
    { ARM_SYSREG(3, 3, 9, 12, 6), "PMCEID0_EL0", PMU | SR_READ_ONLY, SYSREG_FIELD(id.value[ARM_PMCEID0]), .check = check_any },
    { ARM_SYSREG(3, 3, 9, 12, 7), "PMCEID1_EL0", PMU | SR_READ_ONLY, SYSREG_FIELD(id.value[ARM_PMCEID1]), .check = check_any },
    { ARM_SYSREG(3, 3, 9, 13, 0), "PMCCNTR_EL0", PMU, .check = check_cycles, .read = read_cycles, .write = write_cycles },
    { ARM_SYSREG(3, 3, 9, 13, 1), "PMXEVTYPER_EL0", PMU, .check = check_any, .read = read_selected_type, .write = write_selected_type },
    { ARM_SYSREG(3, 3, 9, 13, 2), "PMXEVCNTR_EL0", PMU, .check = check_events, .read = read_selected_counter, .write = write_selected_counter },
    { ARM_SYSREG(3, 3, 9, 14, 0), "PMUSERENR_EL0", PMU, SYSREG_FIELD(pmuserenr), .check = check_userenr, .mask = 15 },
    { ARM_SYSREG(3, 0, 9, 14, 1), "PMINTENSET_EL1", PMU, SYSREG_FIELD(pminten), .check = check_any, .read = read_bits, .write = write_set },
    { ARM_SYSREG(3, 0, 9, 14, 2), "PMINTENCLR_EL1", PMU, SYSREG_FIELD(pminten), .check = check_any, .read = read_bits, .write = write_clear },
    { ARM_SYSREG(3, 0, 9, 14, 6), "PMMIR_EL1", PMU | SR_READ_ONLY | SR_ZERO, .check = check_any, SYSREG_NEEDS(pmuv3p4) },
    { ARM_SYSREG(3, 3, 14, 15, 7), "PMCCFILTR_EL0", PMU, .check = check_any, .read = read_type, .write = write_type },
    COUNTER(0), COUNTER(1), COUNTER(2), COUNTER(3), COUNTER(4), COUNTER(5), COUNTER(6), COUNTER(7), COUNTER(8), COUNTER(9), COUNTER(10), COUNTER(11), COUNTER(12),
    COUNTER(13), COUNTER(14), COUNTER(15), COUNTER(16), COUNTER(17), COUNTER(18), COUNTER(19), COUNTER(20), COUNTER(21), COUNTER(22), COUNTER(23), COUNTER(24),
    COUNTER(25), COUNTER(26), COUNTER(27), COUNTER(28), COUNTER(29), COUNTER(30),
};
const SysregTable arm_pmu_sysregs = { rows, ARRAY_SIZE(rows) };
