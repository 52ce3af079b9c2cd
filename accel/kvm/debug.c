/*
 * Breakpoints for a debugger: software ones as the architecture's break instruction in guest memory, hardware ones and single steps by
 * KVM_SET_GUEST_DEBUG (api.rst, 4.87).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/kvm.h"
#include "util/error.h"

#include <string.h>

typedef struct SoftBreak { uint64_t addr; uint8_t saved[8]; unsigned users; } SoftBreak;
static GArray *soft_breaks;             /* of SoftBreak; machine lock */

static SoftBreak *find_soft(uint64_t addr)
{
    for (unsigned i = 0; soft_breaks && i < soft_breaks->len; i++) {
        SoftBreak *b = &g_array_index(soft_breaks, SoftBreak, i);
        if (b->addr == addr) {
            return b;
        }
    }
    return NULL;
}

bool kvm_has_software_breakpoint(uint64_t address) { return find_soft(address) != NULL; }
bool kvm_any_software_breakpoint(void) { return soft_breaks && soft_breaks->len; }

static void all_stale(void)
{
    CPU_FOREACH(cpu) {
        kvm_debug_changed(cpu);
    }
}

static bool insert_soft(Cpu *cpu, uint64_t addr, GError **err)
{
    const TargetArch *arch = cpu->arch;
    SoftBreak *old = find_soft(addr), b = { .addr = addr, .users = 1 };
    if (old) {
        old->users++;
        return true;
    }
    if (!cpu_debug_rw(cpu, addr, b.saved, arch->break_insn_bytes, false) ||
        !cpu_debug_rw(cpu, addr, (void *)arch->break_insn, arch->break_insn_bytes, true)) {
        return error_set(err, "no memory at 0x%llx", (unsigned long long)addr);
    }
    if (!soft_breaks) {
        soft_breaks = g_array_new(FALSE, FALSE, sizeof(SoftBreak));
    }
    g_array_append_val(soft_breaks, b);
    all_stale();
    return true;
}

static bool remove_soft(Cpu *cpu, uint64_t addr, GError **err)
{
    SoftBreak *b = find_soft(addr);
    if (!b) {
        return error_set(err, "no breakpoint at 0x%llx", (unsigned long long)addr);
    }
    if (--b->users) {
        return true;
    }
    /* The guest may have put something else there meanwhile: that stays. */
    uint8_t now[8];
    unsigned bytes = cpu->arch->break_insn_bytes;
    if (cpu_debug_rw(cpu, addr, now, bytes, false) && !memcmp(now, cpu->arch->break_insn, bytes)) {
        cpu_debug_rw(cpu, addr, b->saved, bytes, true);
    }
    g_array_remove_index_fast(soft_breaks, b - (SoftBreak *)(void *)soft_breaks->data);
    all_stale();
    return true;
}

unsigned kvm_count_breakpoints(const Cpu *cpu, BreakpointKind first, BreakpointKind last)
{
    unsigned count = 0;
    for (unsigned i = 0; i < cpu->breakpoints->len; i++) {
        BreakpointKind kind = g_array_index(cpu->breakpoints, Breakpoint, i).kind;
        count += kind >= first && kind <= last;
    }
    return count;
}

bool kvm_breakpoint_insert(Cpu *cpu, const Breakpoint *b, GError **err)
{
    if (b->kind == BREAK_SW) {
        return insert_soft(cpu, b->addr, err);
    }
    if (!kvm_arch.check_breakpoint(cpu, b, err)) {
        return false;
    }
    kvm_debug_changed(cpu);
    return true;
}

bool kvm_breakpoint_remove(Cpu *cpu, const Breakpoint *b, GError **err)
{
    if (b->kind == BREAK_SW) {
        return remove_soft(cpu, b->addr, err);
    }
    kvm_debug_changed(cpu);
    return true;
}

/* Carried out on the vCPU's thread before it runs next. */
void kvm_debug_changed(Cpu *cpu)
{
    if (cpu->accel) {
        cpu->accel->debug_stale = true;
    }
}

void kvm_debug_apply(Cpu *cpu)
{
    struct kvm_guest_debug debug = { 0 };
    cpu->accel->debug_stale = false;
    if (cpu->singlestep) {
        debug.control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP;
    }
    kvm_arch.fill_debug(cpu, &debug);
    kvm_vcpu_ioctl(cpu, KVM_SET_GUEST_DEBUG, &debug);
}
