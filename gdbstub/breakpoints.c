/*
 * The debugger's breakpoints and watchpoints: on all CPUs, by the accelerator.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gdbstub/internal.h"

#include "accel/accel.h"

enum { BREAKPOINTS_MAX = 4096 };

static bool kind_of(int kind, BreakpointKind *found)
{
    static const BreakpointKind kinds[] = { BREAK_SW, BREAK_HW, WATCH_WRITE, WATCH_READ, WATCH_ACCESS };
    if (kind < 0 || kind >= (int)G_N_ELEMENTS(kinds)) {
        return false;
    }
    *found = kinds[kind];
    return true;
}

static int find(const Cpu *cpu, const Breakpoint *b)
{
    for (unsigned n = 0; n < cpu->breakpoints->len; n++) {
        const Breakpoint *other = &g_array_index(cpu->breakpoints, Breakpoint, n);
        if (other->by_gdb && other->kind == b->kind && other->addr == b->addr && other->len == b->len) {
            return (int)n;
        }
    }
    return -1;
}

/* The list is the CPU's; an accelerator may look after it too. */
static bool insert_one(Cpu *cpu, const Breakpoint *b)
{
    if (find(cpu, b) >= 0) {
        return true;
    }
    if (cpu->breakpoints->len >= BREAKPOINTS_MAX) {
        return false;
    }
    g_array_append_val(cpu->breakpoints, *b);
    if (accel_type(accel_current())->breakpoint_insert(cpu, b, NULL)) {
        return true;
    }
    int index = find(cpu, b);
    if (index >= 0) {
        g_array_remove_index(cpu->breakpoints, (guint)index);
    }
    return false;
}

static bool remove_one(Cpu *cpu, const Breakpoint *b)
{
    int index = find(cpu, b);
    if (index < 0) {
        return false;
    }
    g_array_remove_index(cpu->breakpoints, (guint)index);
    return accel_type(accel_current())->breakpoint_remove(cpu, b, NULL);
}

static bool make(int kind, uint64_t addr, uint64_t len, Breakpoint *b, bool *supported)
{
    *b = (Breakpoint){ .addr = addr, .len = len, .by_gdb = true };
    *supported = kind_of(kind, &b->kind) && accel_current() && accel_type(accel_current())->breakpoint_insert;
    return *supported;
}

bool gdb_breakpoint_insert(int kind, uint64_t addr, uint64_t len, bool *supported)
{
    Breakpoint b;
    if (!make(kind, addr, len, &b, supported)) {
        return false;
    }
    CPU_FOREACH (cpu) {
        if (!insert_one(cpu, &b)) {
            for (Cpu *done = cpu_first(); done != cpu; done = cpu_next(done)) {
                remove_one(done, &b);
            }
            return false;
        }
    }
    return true;
}

bool gdb_breakpoint_remove(int kind, uint64_t addr, uint64_t len, bool *supported)
{
    Breakpoint b;
    bool good = make(kind, addr, len, &b, supported);
    if (good) {
        CPU_FOREACH (cpu) {
            good &= remove_one(cpu, &b);
        }
    }
    return good;
}

void gdb_breakpoints_remove_all(void)
{
    CPU_FOREACH (cpu) {
        for (unsigned n = cpu->breakpoints->len; n-- > 0;) {
            if (n < cpu->breakpoints->len) {
                Breakpoint b = g_array_index(cpu->breakpoints, Breakpoint, n);
                if (b.by_gdb) {
                    remove_one(cpu, &b);
                }
            }
        }
    }
}
