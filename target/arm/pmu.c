/*
 * The performance monitors: which counters count at the moment, how far they have come, and when the next one overflows. A cycle is a nanosecond of the virtual clock;
 * of the events that may be chosen, CPU_CYCLES alone comes by itself (SW_INCR is the guest's, stalls do not happen here).
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D13: D13.3 (overflow), D13.5 (filtering), D13.6 (EL2, EL3, prohibited regions), D13.8.1 (widths).
 *
 * Counters are brought up to date when somebody looks or the exception level changes; only the vCPU's own thread does it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/pmu.h"
#include "accel/accel.h"
#include "util/main-loop.h"

/* PMEVTYPER<n>_EL0, PMCCFILTR_EL0. */
enum { EVENT_CPU_CYCLES = 0x11 };
#define FILTER_P BIT(31)
#define FILTER_U BIT(30)
#define FILTER_NSK BIT(29)
#define FILTER_NSU BIT(28)
#define FILTER_NSH BIT(27)
#define FILTER_M BIT(26)
/* MDCR_EL2, MDCR_EL3. */
FIELD(MDCR2_HPMN, 0, 5);
#define MDCR2_HPME BIT(7)
#define MDCR2_HPMD BIT(17)
#define MDCR2_HCCD BIT(23)
#define MDCR2_HLP BIT(26)
#define MDCR3_SPME BIT(17)
#define MDCR3_SCCD BIT(23)

unsigned arm_pmu_counters(const ArmCpu *cpu) { return FIELD_GET(cpu->id.value[ARM_PMCR], PMCR_N); }

unsigned arm_pmu_lower_counters(const ArmCpu *cpu)
{
    unsigned all = arm_pmu_counters(cpu);
    return cpu->has_el2 ? MIN((unsigned)FIELD_GET(cpu->mdcr_el2, MDCR2_HPMN), all) : all;
}

static bool is_hypervisors(const ArmCpu *cpu, unsigned n) { return n != CYCLE_COUNTER && n >= arm_pmu_lower_counters(cpu); }

/* D13.5: the exception levels that a counter leaves out. */
static bool is_filtered(const ArmCpu *cpu, uint64_t filter)
{
    bool p = filter & FILTER_P, u = filter & FILTER_U, secure = arm_is_secure(cpu);
    switch (cpu->el) {
    case 0:
        return secure ? u : u != ((filter & FILTER_NSU) != 0);
    case 1:
        return secure ? p : p != ((filter & FILTER_NSK) != 0);
    case 2:
        return !(filter & FILTER_NSH);
    default:
        return p != ((filter & FILTER_M) != 0);
    }
}

/* D13.6: where counting is prohibited; of the cycle counter only if PMCR.DP or the bits of its own say so. */
static bool is_prohibited(const ArmCpu *cpu, unsigned n)
{
    bool secure = cpu->has_el3 && arm_is_secure(cpu), at_el2 = cpu->el == 2 && !secure;
    if (n == CYCLE_COUNTER && ((at_el2 && (cpu->mdcr_el2 & MDCR2_HCCD)) || (secure && (cpu->mdcr_el3 & MDCR3_SCCD)))) {
        return arm_has(cpu, pmuv3p5);
    }
    bool prohibited = (secure && !(cpu->mdcr_el3 & MDCR3_SPME)) || (at_el2 && !is_hypervisors(cpu, n) && (cpu->mdcr_el2 & MDCR2_HPMD) && arm_has(cpu, pmuv3p1));
    return prohibited && (n != CYCLE_COUNTER || (cpu->pmcr & PMCR_DP));
}

static bool is_enabled(const ArmCpu *cpu, unsigned n)
{
    return is_hypervisors(cpu, n) ? cpu->mdcr_el2 & MDCR2_HPME : cpu->pmcr & PMCR_E;
}

static uint64_t type_of(const ArmCpu *cpu, unsigned n) { return n == CYCLE_COUNTER ? cpu->pmccfiltr : cpu->pmevtyper[n]; }

bool arm_pmu_counts(const ArmCpu *cpu, unsigned n)
{
    return (cpu->pmcnten >> n & 1) && is_enabled(cpu, n) && !is_filtered(cpu, type_of(cpu, n)) && !is_prohibited(cpu, n);
}

static uint32_t running(const ArmCpu *cpu)
{
    uint32_t result = 0;
    for (uint64_t left = cpu->pmcnten; left; left &= left - 1) {
        unsigned n = (unsigned)__builtin_ctzll(left);
        bool cycles = n == CYCLE_COUNTER || (type_of(cpu, n) & 0xffff) == EVENT_CPU_CYCLES;
        result |= cycles && arm_pmu_counts(cpu, n) ? (uint32_t)BIT(n) : 0;
    }
    return result;
}

/* ---- counting ---- */

static uint64_t *counter(ArmCpu *cpu, unsigned n) { return n == CYCLE_COUNTER ? &cpu->pmccntr : &cpu->pmevcntr[n]; }

/* Overflows at 64 bits, not at 32. */
static bool is_long(const ArmCpu *cpu, unsigned n)
{
    if (n == CYCLE_COUNTER) {
        return cpu->pmcr & PMCR_LC;
    }
    return arm_has(cpu, pmuv3p5) && (is_hypervisors(cpu, n) ? cpu->mdcr_el2 & MDCR2_HLP : cpu->pmcr & PMCR_LP);
}

void arm_pmu_add(ArmCpu *cpu, unsigned n, uint64_t count)
{
    uint64_t *p = counter(cpu, n), old = *p;
    bool wide = n == CYCLE_COUNTER || arm_has(cpu, pmuv3p5), overflow = is_long(cpu, n) ? old + count < old : (uint32_t)old + count > UINT32_MAX;
    *p = wide ? old + count : (uint32_t)(old + count);
    cpu->pmovs |= overflow ? BIT(n) : 0;
}

/* PMCR.D: the cycle counter counts each 64th cycle, unless it is a long one. */
static unsigned divider(const ArmCpu *cpu, unsigned n)
{
    return n == CYCLE_COUNTER && (cpu->pmcr & PMCR_D) && !(cpu->pmcr & PMCR_LC) ? 64 : 1;
}

void arm_pmu_sync(ArmCpu *cpu)
{
    int64_t now = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    for (uint32_t left = cpu->pmu_running; left; left &= left - 1) {
        unsigned n = (unsigned)__builtin_ctz(left);
        uint64_t count = (uint64_t)(now - cpu->pmu_since);
        if (divider(cpu, n) > 1) {
            cpu->pmu_divided += count;
            count = cpu->pmu_divided / divider(cpu, n);
            cpu->pmu_divided %= divider(cpu, n);
        }
        arm_pmu_add(cpu, n, count);
    }
    cpu->pmu_since = now;
}

/* ---- overflow ---- */

static void update_line(ArmCpu *cpu)
{
    bool level = false;
    for (uint64_t left = cpu->pmovs & cpu->pminten & cpu->pmcnten; left && !level; left &= left - 1) {
        level = is_enabled(cpu, (unsigned)__builtin_ctzll(left));
    }
    if (level != cpu->pmu_level) {
        MACHINE_LOCK_GUARD();
        cpu->pmu_level = level;
        irq_set(cpu->pmu_line, level);
    }
}

/* When the first of those that may interrupt overflows, in nanoseconds of the virtual clock; INT64_MAX: none. */
static int64_t next_overflow(ArmCpu *cpu)
{
    uint64_t first = INT64_MAX;
    for (uint64_t left = cpu->pmu_running & cpu->pminten & ~cpu->pmovs; left; left &= left - 1) {
        unsigned n = (unsigned)__builtin_ctzll(left);
        uint64_t value = *counter(cpu, n), ticks = is_long(cpu, n) ? -value : (uint64_t)UINT32_MAX + 1 - (uint32_t)value;
        uint64_t ns = ticks > INT64_MAX / 64 ? INT64_MAX : ticks * divider(cpu, n);
        first = ticks && ns < first ? ns : first;
    }
    return first > (uint64_t)(INT64_MAX - cpu->pmu_since) ? INT64_MAX : cpu->pmu_since + (int64_t)first;
}

/* A timer that comes too early does no harm; so it is only ever brought forward. */
static void arm_timer(ArmCpu *cpu)
{
    int64_t due = next_overflow(cpu);
    if (due < cpu->pmu_due) {
        MACHINE_LOCK_GUARD();
        cpu->pmu_due = due;
        timer_set_ns(&cpu->pmu_timer, due);
    }
}

void arm_pmu_changed(ArmCpu *cpu)
{
    cpu->pmu_running = running(cpu);
    update_line(cpu);
    arm_timer(cpu);
}

void arm_pmu_mode_changed(ArmCpu *cpu)
{
    if (accel_is("kvm")) {
        return;             /* the kernel counts, and what we have is a copy of its registers */
    }
    arm_pmu_sync(cpu);
    arm_pmu_changed(cpu);
}

static void overflow_work(Cpu *c, void *opaque)
{
    ArmCpu *cpu = ARM_CPU(c);
    cpu->pmu_due = INT64_MAX;
    arm_pmu_mode_changed(cpu);
}

/* On the main thread: the counters are the vCPU's. */
static void due(void *opaque) { cpu_run_on_async(opaque, overflow_work, NULL); }

/* ---- the vCPU's ---- */

void arm_pmu_init(ArmCpu *cpu)
{
    timer_init(&cpu->pmu_timer, CLOCK_TYPE_VIRTUAL, due, cpu);
}

void arm_pmu_reset(ArmCpu *cpu)
{
    timer_cancel(&cpu->pmu_timer);
    cpu->pmcr = cpu->id.value[ARM_PMCR] & PMCR_LC;
    cpu->pmcnten = cpu->pmovs = cpu->pmuserenr = cpu->pmselr = cpu->pminten = cpu->pmccfiltr = cpu->pmccntr = 0;
    memset(cpu->pmevcntr, 0, sizeof(cpu->pmevcntr));
    memset(cpu->pmevtyper, 0, sizeof(cpu->pmevtyper));
    cpu->mdcr_el2 = cpu->has_el2 && cpu->has_pmu ? arm_pmu_counters(cpu) : 0;
    cpu->pmu_running = 0;
    cpu->pmu_divided = 0;
    cpu->pmu_due = INT64_MAX;
    update_line(cpu);
}
