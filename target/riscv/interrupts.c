/*
 * Interrupts: what is pending, which is taken, and the timers that a hart has itself (Sstc).
 *
 * The RISC-V Instruction Set Manual, volume II (20240411), 3.1.9, 12.1.3, 17 "Sstc", 18.3.1 (priorities with the hypervisor extension).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "target/riscv/internal.h"
#include "util/main-loop.h"

uint64_t riscv_mip(const RiscvCpu *cpu)
{
    uint64_t hardware = atomic_load(&cpu->lines) & MAKE_MASK(0, 16), timers = atomic_load(&cpu->timer_lines), pending = cpu->mip | hardware | timers;
    if (riscv_has(cpu, h)) {
        uint64_t guests = atomic_load(&cpu->guest_lines);
        pending |= cpu->hvip & MIP_VS;
        pending |= guests & cpu->hgeie ? MIP_SGEIP : 0;
        pending |= guests >> FIELD_GET(cpu->hstatus, HSTATUS_VGEIN) & 1 && FIELD_GET(cpu->hstatus, HSTATUS_VGEIN) ? MIP_VSEIP : 0;
    }
    return pending;
}

static int most_important(uint64_t pending)
{
    static const uint8_t order[] = { 11, 3, 7, 9, 1, 5, 12, 10, 2, 6, 13 };
    for (unsigned i = 0; i < ARRAY_SIZE(order); i++) {
        if (pending >> order[i] & 1) {
            return order[i];
        }
    }
    return -1;
}

static uint64_t rnmi_pending(const RiscvCpu *cpu) { return riscv_has(cpu, smrnmi) ? atomic_load(&cpu->rnmi_lines) : 0; }

bool riscv_interrupt_wakes(const RiscvCpu *cpu) { return (riscv_mip(cpu) & cpu->mie) || rnmi_pending(cpu); }

int riscv_pending_interrupt(const RiscvCpu *cpu, unsigned *target)
{
    uint64_t rnmi = rnmi_pending(cpu);
    if (!(cpu->mnstatus & MNSTATUS_NMIE)) {
        return -1;
    }
    if (rnmi) {
        *target = RISCV_TARGET_RNMI;
        return __builtin_ctzll(rnmi);
    }
    uint64_t pending = riscv_mip(cpu) & cpu->mie;
    if (!pending) {
        return -1;
    }
    uint64_t to_m = pending & ~cpu->mideleg, to_s = pending & cpu->mideleg & ~cpu->hideleg, to_vs = pending & cpu->mideleg & cpu->hideleg;
    if (to_m && (cpu->priv < PRIV_M || (cpu->mstatus & MSTATUS_MIE))) {
        *target = PRIV_M;
        return most_important(to_m);
    }
    if (to_s && (cpu->virt || cpu->priv < PRIV_S || (cpu->priv == PRIV_S && (cpu->mstatus & MSTATUS_SIE)))) {
        *target = PRIV_S;
        return most_important(to_s);
    }
    if (to_vs && cpu->virt && (cpu->priv < PRIV_S || (cpu->vsstatus & MSTATUS_SIE))) {
        *target = 2;
        return most_important(to_vs);
    }
    return -1;
}

/* Nothing is pending: the request goes, unless a source came up meanwhile. */
static void withdraw_request(RiscvCpu *cpu)
{
    cpu_clear_interrupt(&cpu->parent, CPU_INTERRUPT_HARD);
    if (riscv_interrupt_wakes(cpu)) {
        cpu_interrupt(&cpu->parent, CPU_INTERRUPT_HARD);
    }
}

void riscv_interrupts_changed(RiscvCpu *cpu)
{
    atomic_store(&cpu->wfi_in_vain, 0);
    if (accel_is("kvm")) {
        cpu_kick(&cpu->parent);         /* what is enabled only the kernel knows: it is told of the line before the hart runs on */
        return;
    }
    if (riscv_interrupt_wakes(cpu)) {
        cpu_interrupt(&cpu->parent, CPU_INTERRUPT_HARD);
    } else {
        withdraw_request(cpu);
    }
}

/* The same by the vCPU itself, which looks only when one can be taken. */
void riscv_own_interrupts_changed(RiscvCpu *cpu)
{
    unsigned target;
    atomic_store(&cpu->wfi_in_vain, 0);
    if (riscv_pending_interrupt(cpu, &target) >= 0) {
        cpu_interrupt(&cpu->parent, CPU_INTERRUPT_HARD);
    } else if (riscv_interrupt_wakes(cpu)) {
        atomic_fetch_or(&cpu->parent.interrupt_request, CPU_INTERRUPT_HARD);
    } else {
        withdraw_request(cpu);
    }
}

/* A hart that waits goes on when an interrupt is pending and enabled by itself, whatever mstatus says. */
bool riscv_has_work(Cpu *c)
{
    const RiscvCpu *cpu = RISCV_CPU(c);
    if (atomic_load(&c->interrupt_request) & (CPU_INTERRUPT_RESET | CPU_INTERRUPT_DEBUG)) {
        return true;
    }
    return !c->powered_off && riscv_interrupt_wakes(cpu);
}

bool riscv_interrupt(Cpu *c)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    unsigned target;
    if (c->powered_off) {
        return false;
    }
    atomic_store(&c->halted, false);
    int cause = riscv_pending_interrupt(cpu, &target);
    if (cause < 0) {
        return false;
    }
    if (target == RISCV_TARGET_RNMI) {
        RiscvCtrPlace from = riscv_ctr_place(cpu);
        riscv_enter_rnmi(cpu, (unsigned)cause, true);
        riscv_ctr_trap(cpu, &from, (unsigned)cause, true);
    } else {
        riscv_trap(cpu, cause, true);
    }
    riscv_own_interrupts_changed(cpu);
    return true;
}

/* ---- time ---- */

uint64_t riscv_time(const RiscvCpu *cpu)
{
    return cpu->time ? cpu->time->read(cpu->time->opaque) : (uint64_t)clock_get_ns(CLOCK_TYPE_VIRTUAL);
}

/* Sets the line or arms the timer. */
static void update_timer(RiscvCpu *cpu, Timer *timer, uint64_t line, bool enabled, uint64_t now, uint64_t compare)
{
    if (!enabled) {
        atomic_fetch_and(&cpu->timer_lines, ~line);
        timer_cancel(timer);
        return;
    }
    if (now >= compare) {
        atomic_fetch_or(&cpu->timer_lines, line);
        timer_cancel(timer);
        return;
    }
    atomic_fetch_and(&cpu->timer_lines, ~line);
    uint64_t frequency = cpu->time ? cpu->time->frequency_hz : (uint64_t)NS_PER_S, ticks = compare - now;
    int64_t now_ns = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    if (ticks / frequency > (UINT64_C(1) << 31)) {
        timer_cancel(timer);        /* not in our lifetime */
    } else {
        timer_set_ns(timer, now_ns + (int64_t)muldiv64(ticks, NS_PER_S, frequency) + 1);
    }
}

void riscv_timers_update(RiscvCpu *cpu)
{
    MACHINE_LOCK_GUARD();
    uint64_t now = riscv_time(cpu);
    bool s = cpu->menvcfg & ENVCFG_STCE;
    update_timer(cpu, &cpu->stimer, MIP_STIP, s, now, cpu->stimecmp);
    update_timer(cpu, &cpu->vstimer, MIP_VSTIP, s && (cpu->henvcfg & ENVCFG_STCE), now + cpu->htimedelta, cpu->vstimecmp);
    riscv_interrupts_changed(cpu);
}

static void timer_expired(void *opaque)
{
    riscv_timers_update(opaque);
}

void riscv_interrupts_init(RiscvCpu *cpu)
{
    timer_init(&cpu->stimer, CLOCK_TYPE_VIRTUAL, timer_expired, cpu);
    timer_init(&cpu->vstimer, CLOCK_TYPE_VIRTUAL, timer_expired, cpu);
}
