/*
 * The debugger's breakpoints in the processor, and exits for them.
 *
 * DDI 0487, D2.8 and D2.10 (breakpoints, watchpoints), D19.3 (DBGBCR, DBGWCR); Linux Documentation/virt/kvm/api.rst, 4.87.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/kvm/arm-kvm.h"
#include "util/error.h"

enum { DBGCR_E = 1, DBGCR_PMC_ALL = 3 << 1, DBGBCR_BAS_ALL = 15 << 5, DBGCR_HMC = 1 << 13, DBGWCR_LSC_SHIFT = 3, DBGWCR_BAS_SHIFT = 5, DBGWCR_MASK_SHIFT = 24, DOUBLE_WORD = 8 };

static void add_watchpoint(const Breakpoint *b, __u64 *control, __u64 *address)
{
    unsigned direction = b->kind == WATCH_READ ? 1 : b->kind == WATCH_WRITE ? 2 : 3;
    *control = DBGCR_E | DBGCR_PMC_ALL | DBGCR_HMC | direction << DBGWCR_LSC_SHIFT;
    if (b->len <= DOUBLE_WORD) {
        uint64_t bytes = MAKE_MASK(0, (unsigned)MAX(b->len, 1)) << (b->addr & (DOUBLE_WORD - 1));
        *control |= (bytes & 0xff) << DBGWCR_BAS_SHIFT;
        *address = b->addr & ~(uint64_t)(DOUBLE_WORD - 1);
    } else {
        /* A power of two, at an address that is a multiple of it. */
        unsigned bits = 64 - (unsigned)__builtin_clzll(b->len - 1);
        *control |= UINT64_C(0xff) << DBGWCR_BAS_SHIFT | (uint64_t)bits << DBGWCR_MASK_SHIFT;
        *address = b->addr & ~MAKE_MASK(0, bits);
    }
}

bool arm_kvm_check_breakpoint(Cpu *cpu, const Breakpoint *b, GError **err)
{
    bool watches = b->kind >= WATCH_WRITE;
    unsigned most = watches ? arm_kvm_host.watchpoints : arm_kvm_host.breakpoints;
    if (kvm_count_breakpoints(cpu, watches ? WATCH_WRITE : BREAK_HW, watches ? WATCH_ACCESS : BREAK_HW) > most) {
        return error_set(err, "the processor has %u hardware %s", most, watches ? "watchpoints" : "breakpoints");
    }
    bool aligned = b->len <= DOUBLE_WORD ? (b->addr & (DOUBLE_WORD - 1)) + b->len <= DOUBLE_WORD : IS_POWER_OF_2(b->len) && !(b->addr & (b->len - 1));
    return !watches || aligned || error_set(err, "a watchpoint of %llu bytes cannot lie there", (unsigned long long)b->len);
}

void arm_kvm_fill_debug(Cpu *cpu, struct kvm_guest_debug *debug)
{
    unsigned breakpoints = 0, watchpoints = 0;
    if (kvm_any_software_breakpoint()) {
        debug->control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP;
    }
    for (unsigned i = 0; i < cpu->breakpoints->len; i++) {
        const Breakpoint *b = &g_array_index(cpu->breakpoints, Breakpoint, i);
        if (b->kind == BREAK_HW && breakpoints < arm_kvm_host.breakpoints) {
            debug->arch.dbg_bcr[breakpoints] = DBGCR_E | DBGCR_PMC_ALL | DBGCR_HMC | DBGBCR_BAS_ALL;
            debug->arch.dbg_bvr[breakpoints++] = b->addr & ~UINT64_C(3);
        } else if (b->kind >= WATCH_WRITE && watchpoints < arm_kvm_host.watchpoints) {
            add_watchpoint(b, &debug->arch.dbg_wcr[watchpoints], &debug->arch.dbg_wvr[watchpoints]);
            watchpoints++;
        }
    }
    if (breakpoints || watchpoints) {
        debug->control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW;
    }
}

/* The guest's own BRK, which the kernel gave to us because there are software breakpoints: taken to EL1 as the processor would have. */
static void give_back(ArmCpu *cpu, uint32_t syndrome)
{
    enum { VECTOR_CURRENT_SP0 = 0, VECTOR_CURRENT_SPX = 0x200, VECTOR_LOWER = 0x400, EL1H = 5 };
    uint64_t pstate = arm_pstate(cpu);
    unsigned vector = cpu->el == 0 ? VECTOR_LOWER : cpu->sp_sel ? VECTOR_CURRENT_SPX : VECTOR_CURRENT_SP0;
    cpu->esr_el[1] = syndrome;
    cpu->elr_el[1] = cpu->pc;
    cpu->spsr_el[1] = pstate;
    arm_set_pstate(cpu, (pstate & (PSTATE_NZCV | PSTATE_PAN | PSTATE_DIT)) | PSTATE_DAIF | EL1H);
    cpu->pc = cpu->vbar_el[1] + vector;
}

static bool hit_watchpoint(Cpu *cpu, uint64_t address)
{
    for (unsigned i = 0; i < cpu->breakpoints->len; i++) {
        const Breakpoint *b = &g_array_index(cpu->breakpoints, Breakpoint, i);
        if (b->kind >= WATCH_WRITE && address >= b->addr && address - b->addr < MAX(b->len, 1)) {
            cpu->watch_hit = true;
            cpu->watch_hit_addr = b->addr;
            cpu->watch_hit_kind = b->kind;
            return true;
        }
    }
    return false;
}

static bool has_breakpoint(const Cpu *cpu, uint64_t address)
{
    for (unsigned i = 0; i < cpu->breakpoints->len; i++) {
        const Breakpoint *b = &g_array_index(cpu->breakpoints, Breakpoint, i);
        if (b->kind == BREAK_HW && b->addr == address) {
            return true;
        }
    }
    return false;
}

bool arm_kvm_debug_exit(Cpu *c, struct kvm_run *run)
{
    enum { EC_BREAKPOINT_LOWER = 0x30, EC_STEP_LOWER = 0x32, EC_WATCHPOINT_LOWER = 0x34, EC_BRK = 0x3c };
    ArmCpu *cpu = ARM_CPU(c);
    kvm_vcpu_synchronize(c);
    switch (run->debug.arch.hsr >> 26) {
    case EC_STEP_LOWER:
        return c->singlestep != 0;
    case EC_BREAKPOINT_LOWER:
        return has_breakpoint(c, cpu->pc);
    case EC_WATCHPOINT_LOWER:
        return hit_watchpoint(c, run->debug.arch.far);
    case EC_BRK:
        if (kvm_has_software_breakpoint(cpu->pc)) {
            return true;
        }
        give_back(cpu, run->debug.arch.hsr);
        return false;
    default:
        return false;
    }
}
