/*
 * A debugger's breakpoints and steps on x86 (api.rst, 4.87 KVM_SET_GUEST_DEBUG; SDM volume 3, 17.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/kvm/x86-kvm.h"
#include "util/bits.h"
#include "util/error.h"

enum { DR6_BS = 1 << 14 };

static unsigned length_code(uint64_t len)
{
    return len == 8 ? 2 : len == 4 ? 3 : len == 2 ? 1 : 0;
}

bool x86_kvm_check_breakpoint(Cpu *cpu, const Breakpoint *b, GError **err)
{
    if (kvm_count_breakpoints(cpu, BREAK_HW, WATCH_ACCESS) > 4) {
        return error_set(err, "the processor has four hardware breakpoints");
    }
    return b->kind != WATCH_READ || error_set(err, "the processor has no watchpoints for reads alone");
}

void x86_kvm_fill_debug(Cpu *cpu, struct kvm_guest_debug *debug)
{
    unsigned n = 0;
    if (kvm_any_software_breakpoint()) {
        debug->control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP;
    }
    /* Else each step of a kernel would end in its timer interrupt. */
    bool steps = debug->control & KVM_GUESTDBG_SINGLESTEP;
    if (steps && (cpu->singlestep & SSTEP_NOIRQ) && (kvm_capability(KVM_CAP_SET_GUEST_DEBUG2) & KVM_GUESTDBG_BLOCKIRQ)) {
        debug->control |= KVM_GUESTDBG_BLOCKIRQ;
    }
    for (unsigned i = 0; i < cpu->breakpoints->len && n < 4; i++) {
        const Breakpoint *b = &g_array_index(cpu->breakpoints, Breakpoint, i);
        if (b->kind == BREAK_SW) {
            continue;
        }
        unsigned type = b->kind == BREAK_HW ? 0 : b->kind == WATCH_WRITE ? 1 : 3;
        debug->control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP;
        debug->arch.debugreg[n] = b->addr;
        debug->arch.debugreg[7] |= UINT64_C(0x600) | UINT64_C(2) << 2 * n | (uint64_t)(type | (type ? length_code(b->len) : 0) << 2) << (16 + 4 * n);
        n++;
    }
}

/* Which of our hardware breakpoints it was; NULL: none. */
static const Breakpoint *hit(const Cpu *cpu, uint64_t dr6)
{
    unsigned n = 0;
    for (unsigned i = 0; i < cpu->breakpoints->len && n < 4; i++) {
        const Breakpoint *b = &g_array_index(cpu->breakpoints, Breakpoint, i);
        if (b->kind != BREAK_SW && (dr6 >> n++ & 1)) {
            return b;
        }
    }
    return NULL;
}

static bool debugger_wants_db(Cpu *cpu, uint64_t dr6)
{
    if (cpu->singlestep && (dr6 & DR6_BS)) {
        return true;
    }
    const Breakpoint *b = hit(cpu, dr6);
    if (b && b->kind != BREAK_HW) {
        cpu->watch_hit = true;
        cpu->watch_hit_addr = b->addr;
        cpu->watch_hit_kind = b->kind;
    }
    return b != NULL;
}

bool x86_kvm_debug_exit(Cpu *cpu, struct kvm_run *run)
{
    const struct kvm_debug_exit_arch *d = &run->debug.arch;
    if (d->exception == EXCP_DB ? debugger_wants_db(cpu, d->dr6) : d->exception == EXCP_BP && kvm_has_software_breakpoint(d->pc)) {
        kvm_vcpu_synchronize(cpu);
        return true;
    }
    /* It is the guest's own. */
    struct kvm_guest_debug debug = { .control = d->exception == EXCP_DB ? KVM_GUESTDBG_INJECT_DB : KVM_GUESTDBG_INJECT_BP };
    if (cpu->singlestep) {
        debug.control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP;
    }
    x86_kvm_fill_debug(cpu, &debug);
    kvm_vcpu_ioctl(cpu, KVM_SET_GUEST_DEBUG, &debug);
    return false;
}
