/*
 * System registers of the performance monitors: the cycle counter counts the virtual clock's nanoseconds; event counters hold what is written to them.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D13 (Performance Monitors), D19.4.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/sysregs.h"
#include "util/main-loop.h"

enum { PMCR_E = 1, PMCR_P = 2, PMCR_C = 4, PMCR_WRITABLE = 0xf9, USER_EN = 1, USER_SW = 2, USER_CR = 4, USER_ER = 8 };
FIELD(PMCR_N, 11, 5);

static unsigned counters(const ArmCpu *cpu) { return FIELD_GET(cpu->id.value[ARM_PMCR], PMCR_N); }
static uint64_t counter_mask(const ArmCpu *cpu) { return BIT(31) | MAKE_MASK(0, counters(cpu)); }
static bool cycles_run(const ArmCpu *cpu) { return (cpu->pmcr & PMCR_E) && (cpu->pmcnten & BIT(31)); }

static uint64_t cycles(const ArmCpu *cpu)
{
    return cycles_run(cpu) ? (uint64_t)(clock_get_ns(CLOCK_TYPE_VIRTUAL) - cpu->pmccntr_offset) : cpu->pmccntr_stopped;
}

static void set_cycles(ArmCpu *cpu, uint64_t value)
{
    cpu->pmccntr_stopped = value;
    cpu->pmccntr_offset = clock_get_ns(CLOCK_TYPE_VIRTUAL) - (int64_t)value;
}

/* ---- who may ---- */

static ArmSysregResult user_needs(ArmCpu *cpu, const Sysreg *r, uint64_t bits)
{
    if (!cpu->has_pmu) {
        return SYSREG_UNDEFINED;
    }
    return cpu->el == 0 && !(cpu->pmuserenr & (bits | USER_EN)) ? arm_trap_to_el1(cpu) : SYSREG_OK;
}

static ArmSysregResult check_any(ArmCpu *cpu, const Sysreg *r, bool write) { return user_needs(cpu, r, 0); }
static ArmSysregResult check_cycles(ArmCpu *cpu, const Sysreg *r, bool write) { return user_needs(cpu, r, write ? 0 : USER_CR); }
static ArmSysregResult check_events(ArmCpu *cpu, const Sysreg *r, bool write) { return user_needs(cpu, r, write ? 0 : USER_ER); }
static ArmSysregResult check_select(ArmCpu *cpu, const Sysreg *r, bool write) { return user_needs(cpu, r, USER_ER); }
static ArmSysregResult check_increment(ArmCpu *cpu, const Sysreg *r, bool write) { return user_needs(cpu, r, USER_SW); }

static ArmSysregResult check_userenr(ArmCpu *cpu, const Sysreg *r, bool write)
{
    return !cpu->has_pmu || (cpu->el == 0 && write) ? SYSREG_UNDEFINED : SYSREG_OK;
}

/* ---- values ---- */

static uint64_t read_pmcr(ArmCpu *cpu, const Sysreg *r) { return (cpu->id.value[ARM_PMCR] & ~MAKE_MASK(0, 11)) | cpu->pmcr; }

static void write_pmcr(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    uint64_t now = cycles(cpu);
    cpu->pmcr = value & PMCR_WRITABLE;
    if (value & PMCR_P) {
        memset(cpu->pmevcntr, 0, sizeof(cpu->pmevcntr));
    }
    set_cycles(cpu, value & PMCR_C ? 0 : now);
}

static void change_enables(ArmCpu *cpu, uint64_t value)
{
    uint64_t now = cycles(cpu);
    cpu->pmcnten = value & counter_mask(cpu);
    set_cycles(cpu, now);
}

static void set_line(ArmCpu *cpu)
{
    MACHINE_LOCK_GUARD();
    irq_set(cpu->pmu_line, (cpu->pmcr & PMCR_E) && (cpu->pmovs & cpu->pminten & cpu->pmcnten) != 0);
}

static void write_enable_set(ArmCpu *cpu, const Sysreg *r, uint64_t value) { change_enables(cpu, cpu->pmcnten | value); }
static void write_enable_clear(ArmCpu *cpu, const Sysreg *r, uint64_t value) { change_enables(cpu, cpu->pmcnten & ~value); }

static void write_interrupt_set(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    cpu->pminten |= value & counter_mask(cpu);
    set_line(cpu);
}

static void write_interrupt_clear(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    cpu->pminten &= ~value;
    set_line(cpu);
}

static void write_overflow_set(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    cpu->pmovs |= value & counter_mask(cpu);
    set_line(cpu);
}

static void write_overflow_clear(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    cpu->pmovs &= ~value;
    set_line(cpu);
}

static uint64_t read_cycles(ArmCpu *cpu, const Sysreg *r) { return cycles(cpu); }
static void write_cycles(ArmCpu *cpu, const Sysreg *r, uint64_t value) { set_cycles(cpu, value); }

/* Software increment of the counters that count event 0 (SW_INCR). */
static void write_increment(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    for (unsigned i = 0; i < counters(cpu); i++) {
        if ((value & cpu->pmcnten) >> i & 1 && (cpu->pmcr & PMCR_E) && !(cpu->pmevtyper[i] & 0xffff)) {
            cpu->pmevcntr[i] = (uint32_t)(cpu->pmevcntr[i] + 1);
            cpu->pmovs |= cpu->pmevcntr[i] ? 0 : BIT(i);
        }
    }
    set_line(cpu);
}

static uint64_t *counter_of(ArmCpu *cpu, unsigned n) { return n < counters(cpu) ? &cpu->pmevcntr[n] : NULL; }

static uint64_t *type_of(ArmCpu *cpu, unsigned n)
{
    return n == 31 ? &cpu->pmccfiltr : n < counters(cpu) ? &cpu->pmevtyper[n] : NULL;
}

static unsigned number_of(const Sysreg *r) { return (r->encoding >> 3 & 3) << 3 | (r->encoding & 7); }

static uint64_t read_selected_type(ArmCpu *cpu, const Sysreg *r) { uint64_t *p = type_of(cpu, cpu->pmselr & 31); return p ? *p : 0; }
static uint64_t read_selected_counter(ArmCpu *cpu, const Sysreg *r) { uint64_t *p = counter_of(cpu, cpu->pmselr & 31); return p ? *p : 0; }
static uint64_t read_type(ArmCpu *cpu, const Sysreg *r) { uint64_t *p = type_of(cpu, number_of(r)); return p ? *p : 0; }
static uint64_t read_counter(ArmCpu *cpu, const Sysreg *r) { uint64_t *p = counter_of(cpu, number_of(r)); return p ? *p : 0; }

static void store(uint64_t *p, uint64_t value)
{
    if (p) {
        *p = (uint32_t)value;
    }
}

static void write_selected_type(ArmCpu *cpu, const Sysreg *r, uint64_t value) { store(type_of(cpu, cpu->pmselr & 31), value); }
static void write_selected_counter(ArmCpu *cpu, const Sysreg *r, uint64_t value) { store(counter_of(cpu, cpu->pmselr & 31), value); }
static void write_type(ArmCpu *cpu, const Sysreg *r, uint64_t value) { store(type_of(cpu, number_of(r)), value); }
static void write_counter(ArmCpu *cpu, const Sysreg *r, uint64_t value) { store(counter_of(cpu, number_of(r)), value); }

#define PMU SR_PMU
#define COUNTER(n) \
    { ARM_SYSREG(3, 3, 14, 8 + (n) / 8, (n) % 8), "PMEVCNTR" #n "_EL0", PMU, .check = check_events, .read = read_counter, .write = write_counter }, \
    { ARM_SYSREG(3, 3, 14, 12 + (n) / 8, (n) % 8), "PMEVTYPER" #n "_EL0", PMU, .check = check_any, .read = read_type, .write = write_type }

static const Sysreg rows[] = {
    { ARM_SYSREG(3, 3, 9, 12, 0), "PMCR_EL0", PMU, .check = check_any, .read = read_pmcr, .write = write_pmcr },
    { ARM_SYSREG(3, 3, 9, 12, 1), "PMCNTENSET_EL0", PMU, SYSREG_FIELD(pmcnten), .check = check_any, .write = write_enable_set },
    { ARM_SYSREG(3, 3, 9, 12, 2), "PMCNTENCLR_EL0", PMU, SYSREG_FIELD(pmcnten), .check = check_any, .write = write_enable_clear },
    { ARM_SYSREG(3, 3, 9, 12, 3), "PMOVSCLR_EL0", PMU, SYSREG_FIELD(pmovs), .check = check_any, .write = write_overflow_clear },
    { ARM_SYSREG(3, 3, 9, 14, 3), "PMOVSSET_EL0", PMU, SYSREG_FIELD(pmovs), .check = check_any, .write = write_overflow_set },
    { ARM_SYSREG(3, 3, 9, 12, 4), "PMSWINC_EL0", PMU | SR_WRITE_ONLY, .check = check_increment, .write = write_increment },
    { ARM_SYSREG(3, 3, 9, 12, 5), "PMSELR_EL0", PMU, SYSREG_FIELD(pmselr), .check = check_select, .mask = 31 },
    { ARM_SYSREG(3, 3, 9, 12, 6), "PMCEID0_EL0", PMU | SR_READ_ONLY, SYSREG_FIELD(id.value[ARM_PMCEID0]), .check = check_any },
    { ARM_SYSREG(3, 3, 9, 12, 7), "PMCEID1_EL0", PMU | SR_READ_ONLY, SYSREG_FIELD(id.value[ARM_PMCEID1]), .check = check_any },
    { ARM_SYSREG(3, 3, 9, 13, 0), "PMCCNTR_EL0", PMU, .check = check_cycles, .read = read_cycles, .write = write_cycles },
    { ARM_SYSREG(3, 3, 9, 13, 1), "PMXEVTYPER_EL0", PMU, .check = check_any, .read = read_selected_type, .write = write_selected_type },
    { ARM_SYSREG(3, 3, 9, 13, 2), "PMXEVCNTR_EL0", PMU, .check = check_events, .read = read_selected_counter, .write = write_selected_counter },
    { ARM_SYSREG(3, 3, 9, 14, 0), "PMUSERENR_EL0", PMU, SYSREG_FIELD(pmuserenr), .check = check_userenr, .mask = 15 },
    { ARM_SYSREG(3, 0, 9, 14, 1), "PMINTENSET_EL1", PMU, SYSREG_FIELD(pminten), .check = check_any, .write = write_interrupt_set },
    { ARM_SYSREG(3, 0, 9, 14, 2), "PMINTENCLR_EL1", PMU, SYSREG_FIELD(pminten), .check = check_any, .write = write_interrupt_clear },
    { ARM_SYSREG(3, 0, 9, 14, 6), "PMMIR_EL1", PMU | SR_READ_ONLY | SR_ZERO, .check = check_any, SYSREG_NEEDS(pmuv3p4) },
    { ARM_SYSREG(3, 3, 14, 15, 7), "PMCCFILTR_EL0", PMU, SYSREG_FIELD(pmccfiltr), .check = check_any, .mask = UINT64_C(0xfc000000) },
    COUNTER(0), COUNTER(1), COUNTER(2), COUNTER(3), COUNTER(4), COUNTER(5), COUNTER(6), COUNTER(7), COUNTER(8), COUNTER(9), COUNTER(10), COUNTER(11), COUNTER(12),
    COUNTER(13), COUNTER(14), COUNTER(15), COUNTER(16), COUNTER(17), COUNTER(18), COUNTER(19), COUNTER(20), COUNTER(21), COUNTER(22), COUNTER(23), COUNTER(24),
    COUNTER(25), COUNTER(26), COUNTER(27), COUNTER(28), COUNTER(29), COUNTER(30),
};
const SysregTable arm_pmu_sysregs = { rows, ARRAY_SIZE(rows) };
