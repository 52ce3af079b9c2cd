/*
 * The loop of a vCPU: what is to be done first (exceptions, interrupts, requests), the unit for the program counter, running it, and what it came back with.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/internal.h"
#include "util/log.h"
#include "util/main-loop.h"
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

static inline uint64_t current_pc(const TcgVcpu *v)
{
    return *(const uint64_t *)((const char *)v->cpu + v->target->slots[v->target->slot_pc].offset);
}

/* ---- leaving from C code ---- */

void tcg_leave(Cpu *cpu)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    v->event = true;
    if (v->in_code) {
        v->runs->leave(cpu, TCG_LEAVE_LOOKUP);
    }
    siglongjmp(v->leave_point, 1);
}

/* ---- the host's floating-point mode ---- */

#if defined(__x86_64__)
enum { MXCSR_STICKY = 0x3f, MXCSR_MASKS = 0x1f80 };

static uint32_t fp_enter(TcgVcpu *v)
{
    uint32_t host = _mm_getcsr();
    if (v->target->host_fp_mode) {
        _mm_setcsr(v->target->host_fp_mode(v->cpu) | MXCSR_MASKS);
    }
    if (v->target->enter) {
        v->target->enter(v->cpu);
    }
    return host;
}

static void fp_leave(TcgVcpu *v, uint32_t host)
{
    if (v->target->store_fp_mode) {
        v->target->store_fp_mode(v->cpu, v->target->host_fp_mode(v->cpu) | (_mm_getcsr() & MXCSR_STICKY));
    }
    _mm_setcsr(host);
}
#else
static uint32_t fp_enter(TcgVcpu *v)
{
    return 0;
}

static void fp_leave(TcgVcpu *v, uint32_t host)
{
}
#endif

/* ---- what comes before code ---- */

typedef enum Next { NEXT_CODE, NEXT_AGAIN, NEXT_LEAVE } Next;

static bool interrupts_held_by_debugger(const Cpu *cpu)
{
    return (cpu->singlestep & SSTEP_ENABLE) && (cpu->singlestep & SSTEP_NOIRQ);
}

/* A watchpoint that the last instruction, or the delivery of an exception, has met. true: *exit. */
static bool report_watch(TcgVcpu *v, VcpuExit *exit)
{
    Cpu *cpu = v->cpu;
    v->watch_hit = false;
    if (v->watch_by_gdb) {
        cpu->watch_hit = true;
        cpu->watch_hit_addr = v->watch_addr;
        cpu->watch_hit_kind = v->watch_kind;
        *exit = VCPU_EXIT_DEBUG;
        return true;
    }
    if (v->target->guest_breakpoint) {
        v->target->guest_breakpoint(cpu, v->watch_kind, v->watch_addr);
    }
    return false;
}

static bool take_interrupt(TcgVcpu *v)
{
    Cpu *cpu = v->cpu;
    if (cpu->arch->has_work && !cpu->arch->has_work(cpu)) {
        return false;
    }
    machine_lock();
    bool took = v->target->interrupt(cpu);
    machine_unlock();
    return took;
}

/* A halted CPU whose requests have been looked at. true: *exit; else it runs, or there is something new to look at. */
static bool stay_halted(TcgVcpu *v, uint32_t seen, bool took, VcpuExit *exit)
{
    Cpu *cpu = v->cpu;
    if (!cpu->arch->has_work || !cpu->arch->has_work(cpu)) {
        *exit = VCPU_EXIT_HALTED;
        return true;
    }
    if (took || (atomic_load(&cpu->interrupt_request) & ~seen)) {
        v->event = true;                        /* a start-up IPI behind an INIT, say: without it there is nothing to run */
    } else {
        atomic_store(&cpu->halted, false);      /* awake without an interrupt being taken */
    }
    return false;
}

/* true: *exit. */
static bool look_at_requests(TcgVcpu *v, VcpuExit *exit)
{
    Cpu *cpu = v->cpu;
    uint32_t request = atomic_load(&cpu->interrupt_request);
    if (request & CPU_INTERRUPT_DEBUG) {
        cpu_clear_interrupt(cpu, CPU_INTERRUPT_DEBUG);
        *exit = VCPU_EXIT_DEBUG;
        return true;
    }
    if (request & CPU_INTERRUPT_EXITTB) {
        cpu_clear_interrupt(cpu, CPU_INTERRUPT_EXITTB);
    }
    if (request & CPU_INTERRUPT_LINE) {
        monitor_woken(cpu);
    }
    if (request & CPU_INTERRUPT_HALT) {
        cpu_clear_interrupt(cpu, CPU_INTERRUPT_HALT);
        atomic_store(&cpu->halted, true);
    }
    bool took = request && !interrupts_held_by_debugger(cpu) && take_interrupt(v);
    return atomic_load(&cpu->halted) && stay_halted(v, request, took, exit);
}

/* Lets others have their way, and the memory that nobody needs any more go. */
static void step_outside(TcgVcpu *v)
{
    memory_read_unlock();
    vcpu_leave(v);
    vcpu_enter(v);
    memory_read_lock();
    v->outside++;
}

/* true: *exit. */
static bool look_around(TcgVcpu *v, VcpuExit *exit)
{
    Cpu *cpu = v->cpu;
    if (v->exclusive) {
        tcg_exclusive_end(cpu);
    }
    if (v->watch_hit && report_watch(v, exit)) {
        return true;
    }
    v->event = false;
    if (atomic_exchange(&v->hot->kick, 0)) {
        step_outside(v);
    }
    if (v->target->exception_pending(cpu)) {
        v->target->deliver(cpu);
        v->event = v->watch_hit;
        if (cpu->singlestep & SSTEP_ENABLE) {
            *exit = VCPU_EXIT_DEBUG;
            return true;
        }
    }
    if (atomic_load(&cpu->exit_request)) {
        *exit = VCPU_EXIT_AGAIN;
        return true;
    }
    return look_at_requests(v, exit);
}

/* ---- the unit for the program counter ---- */

typedef struct Step {
    uint64_t pc, linear;
    bool single;                /* one instruction alone */
    UnitExit *from;             /* the exit that led here, to be linked; NULL: none */
    uint64_t from_pc_base, from_outside;
} Step;

static bool traces(void)
{
    return log_on(LOG_NOCHAIN | LOG_EXEC | LOG_CPU);
}

/* NULL: look around first. */
static TcgUnit *find_unit(TcgVcpu *v, Step *s)
{
    uint64_t ram_addr;
    uint32_t flags = s->single ? UNIT_SINGLE : 0;
    TcgUnit *unit = s->single ? NULL : fetch_cached(v, s->pc);
    if (unit) {
        return unit;
    }
    if (!fetch_page(v, s->linear, false, &ram_addr)) {
        return NULL;
    }
    unit = ram_addr == NO_RAM ? NULL : fetch_find(v, s->pc, s->linear, ram_addr, flags);
    if (!unit) {
        unit = unit_translate(v, s->pc, s->linear, ram_addr, flags);
    }
    if (!unit) {
        return NULL;
    }
    v->hot->pc_base = s->pc - (s->linear & PAGE_MASK_LOW);
    if (!s->single && !traces() && unit->valid && !(unit->flags & (UNIT_SELF_CHECK | UNIT_INTERP))) {
        fetch_remember(v, s->pc, unit);
    }
    return unit;
}

static void link_from(TcgVcpu *v, Step *s, TcgUnit *unit)
{
    UnitExit *from = s->from;
    s->from = NULL;
    if (from && s->from_outside == v->outside && !s->single && !traces()) {
        unit_link(v, from, unit, s->from_pc_base, v->hot->pc_base);
    }
}

/* A breakpoint at the program counter. true: stop there or look around (*exit AGAIN: nothing to stop for). */
static bool meet_breakpoint(TcgVcpu *v, const Step *s, VcpuExit *exit)
{
    const Breakpoint *b = debug_breakpoint_at(v, s->linear);
    if (!b) {
        return false;
    }
    if (b->by_gdb) {
        *exit = VCPU_EXIT_DEBUG;
        return true;
    }
    *exit = VCPU_EXIT_AGAIN;
    return v->target->guest_breakpoint && v->target->guest_breakpoint(v->cpu, BREAK_HW, s->linear);
}

/* ---- running ---- */

static TcgLeaveKind run_unit(TcgVcpu *v, TcgUnit *unit, bool single, UnitExit **exit)
{
    v->nr_runs++;
    v->runs = unit_backend(v->backend, unit);
    single |= (unit->flags & UNIT_INTERP) != 0;
    if (single) {
        v->singles++;
        v->single = true;
        fetch_stop(v);          /* what it goes on to is not cached */
    }
    uint32_t host = fp_enter(v);
    v->in_code = true;
    TcgLeaveKind kind = v->runs->run(v->cpu, unit, exit);
    v->in_code = false;
    fp_leave(v, host);
    v->leaves[kind]++;
    v->single = false;
    return kind;
}

/* What to do behind a run. */
static void after_run(TcgVcpu *v, Step *s, TcgLeaveKind kind, UnitExit *exit)
{
    bool was_single = s->single;
    s->single = v->want_single;
    v->want_single = false;
    s->from = NULL;
    switch (kind) {
    case TCG_LEAVE_GOTO:
        if (!was_single) {
            s->from = exit;
            s->from_pc_base = v->hot->pc_base;
            s->from_outside = v->outside;
        }
        break;
    case TCG_LEAVE_EVENT:
        if (v->target->after_block) {
            v->target->after_block(v->cpu);
        }
        v->event = true;
        break;
    case TCG_LEAVE_SINGLE:
        s->single = true;
        break;
    case TCG_LEAVE_KICK:
    case TCG_LEAVE_EXCEPTION:
        v->event = true;
        break;
    case TCG_LEAVE_LOOKUP:
        break;
    }
    v->event |= v->watch_hit;
}

static VcpuExit loop(TcgVcpu *v)
{
    Cpu *cpu = v->cpu;
    Step s = { 0 };
    for (;;) {
        VcpuExit why;
        if ((v->event || atomic_load_explicit(&v->hot->kick, memory_order_relaxed)) && look_around(v, &why)) {
            return why;
        }
        if (v->event) {
            continue;
        }
        fetch_select(v);
        s.pc = current_pc(v);
        s.linear = s.pc + v->delta;
        bool stepping = cpu->singlestep & SSTEP_ENABLE;
        if (__builtin_expect(cpu->breakpoints->len != 0, 0) && debug_page_has_breakpoint(v, s.linear)) {
            if (meet_breakpoint(v, &s, &why)) {
                if (why == VCPU_EXIT_DEBUG) {
                    return why;
                }
                v->event = true;
                continue;
            }
            s.single = true;
        }
        s.single |= stepping;
        TcgUnit *unit = find_unit(v, &s);
        if (!unit) {
            v->event = true;
            continue;
        }
        link_from(v, &s, unit);
        if (log_on(LOG_EXEC | LOG_CPU)) {
            log_exec(v, unit, s.linear);
        }
        UnitExit *exit = NULL;
        TcgLeaveKind kind = run_unit(v, unit, s.single, &exit);
        after_run(v, &s, kind, exit);
        if (stepping && !s.single && !v->target->exception_pending(cpu)) {
            return VCPU_EXIT_DEBUG;
        }
    }
}

VcpuExit tcg_vcpu_run(Cpu *cpu)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    machine_unlock();
    vcpu_enter(v);
    memory_read_lock();
    tlb_select_space(v);        /* the state may have been changed from outside */
    v->event = true;
    if (sigsetjmp(v->leave_point, 0)) {
        /* From C code of the target that ran outside translated code. */
        if (machine_lock_held()) {
            machine_unlock();
        }
    }
    VcpuExit exit = loop(v);
    memory_read_unlock();
    vcpu_leave(v);
    machine_lock();
    return exit;
}
