/*
 * Standing inside and outside guest code: what a vCPU has cached may be used inside only; what others ask of it is served when it comes in. And running
 * alone, for what must not be seen half done.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/internal.h"
#include "accel/cpu-internal.h"
#include "util/spin.h"

static GMutex alone_lock;
static GCond alone_cond;
static TcgVcpu *_Atomic alone;          /* who runs alone */
static Cpu *_Atomic turn;               /* thread=single: the one that is in guest code */

void vcpu_serve(TcgVcpu *v)
{
    uint64_t requested = atomic_load(&v->requested);
    uint32_t what = atomic_exchange(&v->pending, 0);
    if (what & PENDING_DOWNGRADE) {
        g_mutex_lock(&v->pending_lock);
        uint64_t first = v->downgrade_first, last = v->downgrade_last;
        v->downgrade_first = UINT64_MAX;
        v->downgrade_last = 0;
        bool dirty = v->downgrade_dirty;
        v->downgrade_dirty = false;
        g_mutex_unlock(&v->pending_lock);
        tlb_downgrade(v, first, last, dirty);
    }
    if (what & PENDING_FLUSH) {
        tlb_flush_everything(v);
        tlb_select_space(v);
    }
    if (what & PENDING_EPOCH) {
        fetch_forget_everything(v);
    }
    if (what & PENDING_TARGET) {
        v->target->serve(v->cpu);
    }
    /* A flush may have served what came meanwhile. */
    if ((int64_t)(requested - atomic_load(&v->served)) > 0) {
        atomic_store(&v->served, requested);
    }
}

void vcpu_enter(TcgVcpu *v)
{
    for (;;) {
        atomic_store(&v->in_guest, true);
        TcgVcpu *other = atomic_load(&alone);
        if (!other || other == v) {
            break;
        }
        vcpu_leave(v);
        g_mutex_lock(&alone_lock);
        while (atomic_load(&alone) && atomic_load(&alone) != v) {
            g_cond_wait(&alone_cond, &alone_lock);
        }
        g_mutex_unlock(&alone_lock);
    }
    atomic_store(&turn, v->cpu);
    if (atomic_load(&v->served) != atomic_load(&v->requested)) {
        vcpu_serve(v);
    }
}

void vcpu_leave(TcgVcpu *v)
{
    atomic_store(&turn, NULL);
    atomic_store(&v->in_guest, false);
}

/* ---- requests ---- */

/* In this order: who finds the request counted finds it pending, too. */
void vcpu_request(TcgVcpu *v, uint32_t what)
{
    atomic_fetch_or(&v->pending, what);
    atomic_fetch_add(&v->requested, 1);
    atomic_store(&v->hot->kick, 1);
}

void vcpu_request_downgrade(TcgVcpu *v, uint64_t first, uint64_t last, bool dirty)
{
    g_mutex_lock(&v->pending_lock);
    v->downgrade_first = MIN(v->downgrade_first, first);
    v->downgrade_last = MAX(v->downgrade_last, last);
    v->downgrade_dirty |= dirty;
    g_mutex_unlock(&v->pending_lock);
    vcpu_request(v, PENDING_DOWNGRADE);
}

static bool waits_for(const TcgVcpu *self, TcgVcpu *other)
{
    return other != self && atomic_load(&other->in_guest) && atomic_load(&other->served) != atomic_load(&other->requested);
}

bool vcpu_others_have_served(const TcgVcpu *self)
{
    for (unsigned i = 0; i < tcg_accel->vcpus->len; i++) {
        if (waits_for(self, tcg_accel->vcpus->pdata[i])) {
            return false;
        }
    }
    return true;
}

void tcg_ask(Cpu *other)
{
    vcpu_request(tcg_vcpu(other), PENDING_TARGET);
}

bool tcg_others_have_served(Cpu *self)
{
    return vcpu_others_have_served(tcg_vcpu(self));
}

bool vcpu_wait_for_others(TcgVcpu *self)
{
    bool was_inside = atomic_load(&self->in_guest), wanted = false;
    g_mutex_lock(&tcg_accel->code_lock);
    unsigned count = tcg_accel->vcpus->len;
    g_autofree TcgVcpu **others = g_memdup2(tcg_accel->vcpus->pdata, count * sizeof(*others));
    g_mutex_unlock(&tcg_accel->code_lock);
    vcpu_leave(self);
    Spin spin = { 0 };
    for (unsigned i = 0; i < count && !wanted; i++) {
        while (waits_for(self, others[i]) && !(wanted = atomic_load(&self->cpu->exit_request))) {
            spin_step(&spin);
        }
    }
    if (was_inside) {
        vcpu_enter(self);
    }
    return !wanted;
}

void vcpu_kick(Cpu *cpu)
{
    if (cpu->accel) {
        atomic_store(&tcg_vcpu(cpu)->hot->kick, 1);
    }
}

void vcpu_interrupt(Cpu *cpu, uint32_t mask)
{
    atomic_fetch_or(&cpu->interrupt_request, mask);
    if (cpu->accel) {
        atomic_store(&tcg_vcpu(cpu)->hot->kick, 1);
    }
    if (cpu != cpu_current()) {
        Cpu *running = tcg_accel->parent.single_thread ? atomic_load(&turn) : NULL;
        if (running && running != cpu && atomic_load(&cpu->halted)) {
            /* It sleeps on the thread that runs another: that one gives way. */
            atomic_store(&running->exit_request, true);
            vcpu_kick(running);
        }
        cpu_waiter_wake(cpu->waiter);
    }
}

/* ---- alone ---- */

static bool others_inside(TcgVcpu *v)
{
    bool any = false;
    g_mutex_lock(&tcg_accel->code_lock);
    for (unsigned i = 0; i < tcg_accel->vcpus->len; i++) {
        TcgVcpu *other = tcg_accel->vcpus->pdata[i];
        if (other != v && atomic_load(&other->in_guest)) {
            any = true;
            atomic_store(&other->hot->kick, 1);
        }
    }
    g_mutex_unlock(&tcg_accel->code_lock);
    return any;
}

void tcg_exclusive_begin(Cpu *cpu)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    if (v->exclusive) {
        return;
    }
    vcpu_leave(v);
    g_mutex_lock(&alone_lock);
    while (atomic_load(&alone)) {
        g_cond_wait(&alone_cond, &alone_lock);
    }
    atomic_store(&alone, v);
    g_mutex_unlock(&alone_lock);
    Spin spin = { 0 };
    while (others_inside(v)) {
        spin_step(&spin);
    }
    v->exclusive = true;
    vcpu_enter(v);
}

void tcg_exclusive_end(Cpu *cpu)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    if (!v->exclusive) {
        return;
    }
    v->exclusive = false;
    g_mutex_lock(&alone_lock);
    atomic_store(&alone, NULL);
    g_cond_broadcast(&alone_cond);
    g_mutex_unlock(&alone_lock);
}

bool tcg_runs(const Cpu *cpu)
{
    return tcg_accel && cpu->accel;
}
