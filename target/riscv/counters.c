/*
 * Counters: cycles, retired instructions, events; who may read them; overflows that interrupt.
 *
 * Cycles and instructions are counted as nanoseconds of the virtual clock. Other events are TLB misses, by the numbers of the SBI's performance monitoring extension
 * (SBI 1.0, 11.2), which firmware writes into mhpmevent.
 *
 * mcycle and minstret are kept as the others are; their mhpmevent has the modes of Smcntrpmf alone.
 *
 * The RISC-V Instruction Set Manual, volume II (20240411), 3.1.10 to 3.1.12, 7 "Smcntrpmf", 12.1.5, 15 "Sscofpmf".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/csr.h"
#include "util/main-loop.h"

#define EVENT_OF    BIT(63)
#define EVENT_MINH  BIT(62)
#define EVENT_SINH  BIT(61)
#define EVENT_UINH  BIT(60)
#define EVENT_VSINH BIT(59)
#define EVENT_VUINH BIT(58)
#define EVENT_MODES (EVENT_MINH | EVENT_SINH | EVENT_UINH | EVENT_VSINH | EVENT_VUINH)
enum { EVENT_CYCLES = 1, EVENT_INSTRUCTIONS = 2, EVENT_DTLB_READ_MISS = 0x10019, EVENT_DTLB_WRITE_MISS = 0x1001b, EVENT_ITLB_MISS = 0x10021 };
#define NEVER UINT64_MAX
enum { CYCLE, TIME, INSTRET, FIRST_EVENT };
enum { FIXED = BIT(CYCLE) | BIT(INSTRET) };

static uint64_t now(void) { return (uint64_t)clock_get_ns(CLOCK_TYPE_VIRTUAL); }
static uint64_t selected(const RiscvCpu *cpu, unsigned n) { return cpu->mhpmevent[n] & ~(EVENT_OF | EVENT_MODES); }

/* ---- which counters count ---- */

static bool inhibited(const RiscvCpu *cpu, unsigned n)
{
    uint64_t bit = cpu->priv == PRIV_M ? EVENT_MINH : cpu->priv == PRIV_S ? (cpu->virt ? EVENT_VSINH : EVENT_SINH) : cpu->virt ? EVENT_VUINH : EVENT_UINH;
    return (cpu->mcountinhibit >> n & 1) || (cpu->mhpmevent[n] & bit);
}

static bool counts_time(const RiscvCpu *cpu, unsigned n)
{
    uint64_t event = selected(cpu, n);
    return n == CYCLE || n == INSTRET || event == EVENT_CYCLES || event == EVENT_INSTRUCTIONS;
}

/* One that runs is kept as its distance from the clock. */
static uint64_t event_count(const RiscvCpu *cpu, unsigned n) { return cpu->mhpmcounter[n] + (cpu->hpm_running >> n & 1 ? now() : 0); }
static void set_event_count(RiscvCpu *cpu, unsigned n, uint64_t value) { cpu->mhpmcounter[n] = value - (cpu->hpm_running >> n & 1 ? now() : 0); }

/* ---- overflows ---- */

/* OF and the interrupt, unless OF was set already (15.3). vCPU thread. */
static void overflow(RiscvCpu *cpu, unsigned n)
{
    if (riscv_has(cpu, sscofpmf) && !(cpu->mhpmevent[n] & EVENT_OF)) {
        cpu->mhpmevent[n] |= EVENT_OF;
        cpu->mip |= MIP_LCOFIP;
        riscv_own_interrupts_changed(cpu);
    }
}

static void see_overflows(RiscvCpu *cpu)
{
    for (unsigned n = 3; n < 32; n++) {
        if (cpu->hpm_wraps_ns[n] != NEVER && now() >= cpu->hpm_wraps_ns[n]) {
            cpu->hpm_wraps_ns[n] = NEVER;
            overflow(cpu, n);
        }
    }
}

/* When those that count time come to their end, and the timer for the first of them. */
static void arm(RiscvCpu *cpu)
{
    uint64_t first = NEVER, start = now();
    for (unsigned n = 3; n < 32; n++) {
        uint64_t left = 0 - event_count(cpu, n);
        bool waits = (cpu->hpm_running >> n & 1) && !(cpu->mhpmevent[n] & EVENT_OF) && left && left < (uint64_t)INT64_MAX - start;
        cpu->hpm_wraps_ns[n] = waits ? start + left : NEVER;
        first = MIN(first, cpu->hpm_wraps_ns[n]);
    }
    if (riscv_has(cpu, sscofpmf) && first != NEVER) {
        timer_set_ns(&cpu->hpm_timer, (int64_t)first);
    } else {
        timer_cancel(&cpu->hpm_timer);
    }
}

static void settle(RiscvCpu *cpu)
{
    see_overflows(cpu);
    cpu->hpm_filtered = false;
    for (unsigned n = 0; n < 32; n++) {
        bool should = ((cpu->pmu_mask | FIXED) >> n & 1) && counts_time(cpu, n) && !inhibited(cpu, n), does = cpu->hpm_running >> n & 1;
        cpu->hpm_filtered |= counts_time(cpu, n) && (cpu->mhpmevent[n] & EVENT_MODES);
        if (should != does) {
            uint64_t value = event_count(cpu, n);
            cpu->hpm_running ^= 1u << n;
            set_event_count(cpu, n, value);
        }
    }
    arm(cpu);
}

void riscv_counters_mode_changed(RiscvCpu *cpu)
{
    if (cpu->hpm_filtered) {
        settle(cpu);
    }
}

static void expired_work(Cpu *cpu, void *opaque)
{
    see_overflows(RISCV_CPU(cpu));
    arm(RISCV_CPU(cpu));
}

static void timer_expired(void *opaque)
{
    RiscvCpu *cpu = opaque;
    cpu_run_on_async(&cpu->parent, expired_work, NULL);
}

void riscv_counters_init(RiscvCpu *cpu) { timer_init(&cpu->hpm_timer, CLOCK_TYPE_VIRTUAL, timer_expired, cpu); }

void riscv_counters_reset(RiscvCpu *cpu)
{
    memset(cpu->mhpmcounter, 0, sizeof(cpu->mhpmcounter));
    memset(cpu->mhpmevent, 0, sizeof(cpu->mhpmevent));
    memset(cpu->hpm_wraps_ns, 0xff, sizeof(cpu->hpm_wraps_ns));
    cpu->hpm_running = FIXED;
    cpu->hpm_tlb_events = 0;
    cpu->hpm_filtered = false;
    timer_cancel(&cpu->hpm_timer);
}

void riscv_count_tlb_miss(RiscvCpu *cpu, TcgAccess access)
{
    uint64_t event = access == TCG_ACCESS_LOAD ? EVENT_DTLB_READ_MISS : access == TCG_ACCESS_STORE ? EVENT_DTLB_WRITE_MISS : EVENT_ITLB_MISS;
    for (unsigned n = 3; n < 32; n++) {
        if ((cpu->hpm_tlb_events >> n & 1) && selected(cpu, n) == event && !inhibited(cpu, n) && !++cpu->mhpmcounter[n]) {
            overflow(cpu, n);
        }
    }
}

/* ---- reading ---- */

int riscv_need_counter(RiscvCpu *cpu, unsigned csr)
{
    unsigned bit = csr & 31;
    bool has = bit < 3 ? riscv_has(cpu, zicntr) : riscv_has(cpu, zihpm) && (cpu->pmu_mask >> bit & 1);
    if (!has || ((csr & 0x80) && cpu->xlen != 32) || (bit == 1 && !cpu->time)) {
        return CSR_ILLEGAL;
    }
    if (cpu->priv < PRIV_M && !(cpu->mcounteren >> bit & 1)) {
        return CSR_ILLEGAL;
    }
    if (cpu->virt && !(cpu->hcounteren >> bit & 1)) {
        return CSR_VIRTUAL;
    }
    if (cpu->priv == PRIV_U && riscv_has(cpu, s) && !(cpu->scounteren >> bit & 1)) {
        return cpu->virt ? CSR_VIRTUAL : CSR_ILLEGAL;
    }
    return CSR_OK;
}

int riscv_need_machine_counter(RiscvCpu *cpu, unsigned csr)
{
    bool half = csr & 0x80;
    return (cpu->pmu_mask >> (csr & 31) & 1) && (!half || cpu->xlen == 32) ? CSR_OK : CSR_ILLEGAL;
}

static uint64_t count(const RiscvCpu *cpu, unsigned index)
{
    return index == TIME ? riscv_time(cpu) + (cpu->virt ? cpu->htimedelta : 0) : event_count(cpu, index);
}

uint64_t riscv_read_counter(RiscvCpu *cpu, unsigned csr) { return count(cpu, csr & 31); }
uint64_t riscv_read_counter_high(RiscvCpu *cpu, unsigned csr) { return count(cpu, csr & 31) >> 32; }

/* ---- writing ---- */

static void set_count(RiscvCpu *cpu, unsigned index, uint64_t value)
{
    set_event_count(cpu, index, value);
    arm(cpu);
}

void riscv_write_counter(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    set_count(cpu, csr & 31, cpu->xlen == 32 ? deposit64(count(cpu, csr & 31), 0, 32, value) : value);
}

void riscv_write_counter_high(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    set_count(cpu, csr & 31, deposit64(count(cpu, csr & 31), 32, 32, value));
}

uint64_t riscv_read_inhibit(RiscvCpu *cpu, unsigned csr) { return cpu->mcountinhibit; }
void riscv_write_inhibit(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    cpu->mcountinhibit = value & (FIXED | cpu->pmu_mask);
    settle(cpu);
}

/* ---- events ---- */

static uint64_t modes_of(const RiscvCpu *cpu)
{
    return EVENT_MINH | (riscv_has(cpu, s) ? EVENT_SINH : 0) | (riscv_has(cpu, u) ? EVENT_UINH : 0) | (riscv_has(cpu, h) ? EVENT_VSINH | EVENT_VUINH : 0);
}

static void set_event(RiscvCpu *cpu, unsigned n, uint64_t value)
{
    uint64_t special = riscv_has(cpu, sscofpmf) ? EVENT_OF | modes_of(cpu) : 0;
    see_overflows(cpu);
    cpu->mhpmevent[n] = (value & ~(EVENT_OF | EVENT_MODES)) | (value & special);
    uint64_t event = selected(cpu, n);
    bool tlb = event == EVENT_DTLB_READ_MISS || event == EVENT_DTLB_WRITE_MISS || event == EVENT_ITLB_MISS;
    cpu->hpm_tlb_events = (cpu->hpm_tlb_events & ~(1u << n)) | (tlb ? 1u << n : 0);
    settle(cpu);
}

int riscv_need_event_high(RiscvCpu *cpu, unsigned csr)
{
    return riscv_has(cpu, sscofpmf) && cpu->xlen == 32 && (cpu->pmu_mask >> (csr & 31) & 1) ? CSR_OK : CSR_ILLEGAL;
}
uint64_t riscv_read_event(RiscvCpu *cpu, unsigned csr)
{
    see_overflows(cpu);
    return cpu->mhpmevent[csr & 31];
}
uint64_t riscv_read_event_high(RiscvCpu *cpu, unsigned csr) { return riscv_read_event(cpu, csr) >> 32; }
void riscv_write_event(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    set_event(cpu, csr & 31, cpu->xlen == 32 ? deposit64(cpu->mhpmevent[csr & 31], 0, 32, value) : value);
}
void riscv_write_event_high(RiscvCpu *cpu, unsigned csr, uint64_t value) { set_event(cpu, csr & 31, deposit64(cpu->mhpmevent[csr & 31], 32, 32, value)); }

/* mcyclecfg, minstretcfg and their halves: the modes in which the counter stands still. */
int riscv_need_counter_config(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, smcntrpmf) && (!(csr & 0x400) || cpu->xlen == 32) ? CSR_OK : CSR_ILLEGAL; }
static unsigned configured(unsigned csr) { return (csr & 3) == 1 ? CYCLE : INSTRET; }       /* 0x321, 0x322, 0x721, 0x722 */
static void set_config(RiscvCpu *cpu, unsigned n, uint64_t value)
{
    cpu->mhpmevent[n] = value & modes_of(cpu);
    settle(cpu);
}
uint64_t riscv_read_counter_config(RiscvCpu *cpu, unsigned csr) { return cpu->mhpmevent[configured(csr)]; }
uint64_t riscv_read_counter_config_high(RiscvCpu *cpu, unsigned csr) { return riscv_read_counter_config(cpu, csr) >> 32; }
void riscv_write_counter_config(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    set_config(cpu, configured(csr), cpu->xlen == 32 ? deposit64(cpu->mhpmevent[configured(csr)], 0, 32, value) : value);
}
void riscv_write_counter_config_high(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    set_config(cpu, configured(csr), deposit64(cpu->mhpmevent[configured(csr)], 32, 32, value));
}

int riscv_need_overflows(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, sscofpmf) && riscv_has(cpu, s) ? CSR_OK : CSR_ILLEGAL; }
uint64_t riscv_read_overflows(RiscvCpu *cpu, unsigned csr)
{
    uint32_t set = 0;
    see_overflows(cpu);
    for (unsigned n = 3; n < 32; n++) {
        set |= cpu->mhpmevent[n] & EVENT_OF ? 1u << n : 0;
    }
    return set & (cpu->priv < PRIV_M ? cpu->mcounteren : UINT32_MAX) & (cpu->virt ? cpu->hcounteren : UINT32_MAX);
}

/* ---- enables ---- */

static uint32_t *enable_register(RiscvCpu *cpu, unsigned csr) { return csr == 0x106 ? &cpu->scounteren : csr == 0x306 ? &cpu->mcounteren : &cpu->hcounteren; }
uint64_t riscv_read_counter_enable(RiscvCpu *cpu, unsigned csr) { return *enable_register(cpu, csr); }
void riscv_write_counter_enable(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t there = (riscv_has(cpu, zicntr) ? 7u : 0u) | (riscv_has(cpu, zihpm) ? cpu->pmu_mask & ~7u : 0u);
    *enable_register(cpu, csr) = value & there;
}
