/*
 * Self-hosted debugging: the guest's breakpoints, kept in the CPU's list beside those of a debugger, and its watchpoints, which the walker asks about. Software step is in
 * tcg/target.c.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D2.4 (routing), D2.8 (breakpoints), D2.10 (watchpoints), D19.3.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "target/arm/debug.h"

#define CONTROL_E BIT(0)
FIELD(CONTROL_PAC, 1, 2);
FIELD(CONTROL_LSC, 3, 2);
FIELD(CONTROL_BAS, 5, 8);
#define CONTROL_HMC BIT(13)
FIELD(CONTROL_SSC, 14, 2);
FIELD(CONTROL_LBN, 16, 4);
FIELD(CONTROL_BT, 20, 4);
FIELD(CONTROL_MASK, 24, 5);
#define MDSCR_KDE BIT(13)
#define MDSCR_MDE BIT(15)
#define MDCR_TDE BIT(8)
enum { FSC_DEBUG_EVENT = 0x22, BT_ADDRESS = 0, BT_ADDRESS_LINKED = 1 };

static unsigned nr_breakpoints(const ArmCpu *cpu) { return extract64(cpu->id.value[ARM_ID_AA64DFR0], 12, 4) + 1; }
static unsigned nr_watchpoints(const ArmCpu *cpu) { return extract64(cpu->id.value[ARM_ID_AA64DFR0], 20, 4) + 1; }

/* ---- who gets debug exceptions, and whether they are let through: D2.4 ---- */

static unsigned debug_target(const ArmCpu *cpu)
{
    return arm_el2_enabled(cpu) && ((cpu->mdcr_el2 & MDCR_TDE) || (arm_hcr(cpu) & HCR_TGE)) ? 2 : 1;
}

static bool debug_enabled(const ArmCpu *cpu)
{
    unsigned target = debug_target(cpu);
    if (!(cpu->mdscr_el1 & MDSCR_MDE) || cpu->oslar_locked || cpu->osdlr_el1 || cpu->el > target) {
        return false;
    }
    return cpu->el < target || ((cpu->mdscr_el1 & MDSCR_KDE) && !(cpu->daif & PSTATE_D)) || !cpu->aarch64;
}

/* The levels and security states that a control register names (D2.8.6). */
static bool level_matches(const ArmCpu *cpu, uint64_t control)
{
    unsigned pac = FIELD_GET(control, CONTROL_PAC), ssc = FIELD_GET(control, CONTROL_SSC);
    bool secure = arm_is_secure(cpu);
    if ((ssc == 1 && secure) || (ssc == 2 && !secure)) {
        return false;
    }
    return cpu->el == 0 ? pac >= 2 || (!cpu->aarch64 && pac == 0) : cpu->el == 1 ? pac & 1 : (control & CONTROL_HMC) != 0;
}

static bool context_matches(const ArmCpu *cpu, uint64_t control)
{
    unsigned linked = FIELD_GET(control, CONTROL_LBN);
    return linked < nr_breakpoints(cpu) && (cpu->dbgbcr[linked] & CONTROL_E) && (uint32_t)cpu->dbgbvr[linked] == (uint32_t)cpu->contextidr_el[1];
}

/* ---- breakpoints ---- */

static uint64_t breakpoint_address(const ArmCpu *cpu, unsigned n)
{
    uint64_t address = cpu->dbgbvr[n] & ~UINT64_C(3);
    return FIELD_GET(cpu->dbgbcr[n], CONTROL_BAS) == 0xc ? address + 2 : address;      /* the upper half of a word: T32 */
}

static bool is_address_breakpoint(const ArmCpu *cpu, unsigned n)
{
    unsigned type = FIELD_GET(cpu->dbgbcr[n], CONTROL_BT);
    return (cpu->dbgbcr[n] & CONTROL_E) && (type == BT_ADDRESS || type == BT_ADDRESS_LINKED);
}

void arm_debug_changed(ArmCpu *cpu)
{
    GArray *list = cpu->parent.breakpoints;
    bool watches = false;
    for (unsigned n = 0; n < nr_watchpoints(cpu); n++) {
        watches |= (cpu->dbgwcr[n] & CONTROL_E) && (cpu->mdscr_el1 & MDSCR_MDE);
    }
    if (watches || cpu->watches) {
        cpu->watches = watches;
        cpu->watch_passed[0] = cpu->watch_passed[1] = UINT64_MAX;
        arm_flush_translations(cpu);    /* what is fast now has to ask from now on, and the other way round */
    }
    if (!list || !accel_is("tcg")) {
        return;
    }
    for (unsigned i = list->len; i-- > 0;) {
        if (!g_array_index(list, Breakpoint, i).by_gdb) {
            g_array_remove_index(list, i);
        }
    }
    for (unsigned n = 0; n < nr_breakpoints(cpu) && (cpu->mdscr_el1 & MDSCR_MDE); n++) {
        if (is_address_breakpoint(cpu, n)) {
            Breakpoint b = { .kind = BREAK_HW, .addr = breakpoint_address(cpu, n), .len = 1 };
            g_array_append_val(list, b);
        }
    }
    const AccelType *type = accel_type(accel_current());
    if (type->debug_changed) {
        type->debug_changed(&cpu->parent);
    }
}

bool arm_guest_breakpoint(Cpu *c, BreakpointKind kind, uint64_t addr)
{
    ArmCpu *cpu = ARM_CPU(c);
    if (kind != BREAK_HW || !debug_enabled(cpu)) {
        return false;
    }
    for (unsigned n = 0; n < nr_breakpoints(cpu); n++) {
        uint64_t control = cpu->dbgbcr[n];
        bool linked = FIELD_GET(control, CONTROL_BT) == BT_ADDRESS_LINKED;
        if (is_address_breakpoint(cpu, n) && breakpoint_address(cpu, n) == addr && level_matches(cpu, control) && (!linked || context_matches(cpu, control))) {
            arm_record(cpu, ARM_SYNDROME(EC_BREAKPOINT_LOWER, FSC_DEBUG_EVENT), debug_target(cpu));
            return true;
        }
    }
    return false;
}

void arm_single_step(Cpu *cpu)
{
    /* Software step is a part of the translated code; a debugger's step needs nothing here. */
}

/* ---- watchpoints ---- */

/* The bytes watched: a run of a doubleword, or a power of 2. */
static void watched_range(const ArmCpu *cpu, unsigned n, uint64_t *first, uint64_t *bytes)
{
    unsigned mask = FIELD_GET(cpu->dbgwcr[n], CONTROL_MASK), bas = FIELD_GET(cpu->dbgwcr[n], CONTROL_BAS);
    if (mask >= 3) {
        *bytes = UINT64_C(1) << mask;
        *first = cpu->dbgwvr[n] & ~(*bytes - 1);
        return;
    }
    *first = (cpu->dbgwvr[n] & ~UINT64_C(3)) + (bas ? (unsigned)__builtin_ctz(bas) : 0);
    *bytes = (unsigned)__builtin_popcount(bas);
}

bool arm_watchpoint_on_page(const ArmCpu *cpu, uint64_t vaddr)
{
    for (unsigned n = 0; n < nr_watchpoints(cpu); n++) {
        uint64_t first, bytes, page = vaddr & ~UINT64_C(0xfff);
        watched_range(cpu, n, &first, &bytes);
        if ((cpu->dbgwcr[n] & CONTROL_E) && bytes && first < page + 0x1000 && first + bytes > page) {
            return true;
        }
    }
    return false;
}

/* The walker does not know how long an access is: at first it counts as of so many bytes. */
enum { LONGEST_ACCESS = 16 };

static bool overlaps(const ArmCpu *cpu, unsigned n, uint64_t vaddr, unsigned size, bool store)
{
    uint64_t control = cpu->dbgwcr[n], first, bytes;
    watched_range(cpu, n, &first, &bytes);
    return (control & CONTROL_E) && (FIELD_GET(control, CONTROL_LSC) & (store ? 2 : 1)) && vaddr < first + bytes && first < vaddr + size && level_matches(cpu, control);
}

static bool some_overlaps(const ArmCpu *cpu, uint64_t vaddr, unsigned size, bool store)
{
    for (unsigned n = 0; n < nr_watchpoints(cpu); n++) {
        if (overlaps(cpu, n, vaddr, size, store)) {
            return true;
        }
    }
    return false;
}

bool arm_watchpoint_hits(ArmCpu *cpu, uint64_t vaddr, bool store)
{
    enum { WNR = 1 << 6 };
    for (unsigned i = 0; i < ARRAY_SIZE(cpu->watch_passed); i++) {
        if (cpu->watch_passed[i] == vaddr) {
            return false;
        }
    }
    if (!debug_enabled(cpu) || !some_overlaps(cpu, vaddr, LONGEST_ACCESS, store)) {
        return false;
    }
    arm_record_far(cpu, ARM_SYNDROME(EC_WATCHPOINT_LOWER, FSC_DEBUG_EVENT | (store ? WNR : 0)), debug_target(cpu), vaddr);
    return true;
}

/* Now its length is known. Where it ends before the bytes that are watched, the instruction is run again and this access let through. */
bool arm_watchpoint_confirm(ArmCpu *cpu, unsigned size)
{
    uint64_t vaddr = cpu->exception_far;
    if (cpu->exception_syndrome >> 26 != EC_WATCHPOINT_LOWER) {
        return true;
    }
    if (some_overlaps(cpu, vaddr, size, cpu->exception_syndrome >> 6 & 1)) {
        cpu->watch_passed[0] = cpu->watch_passed[1] = UINT64_MAX;
        return true;
    }
    cpu->watch_passed[1] = cpu->watch_passed[0];
    cpu->watch_passed[0] = vaddr;
    cpu->exception = ARM_EXC_NONE;
    return false;
}
