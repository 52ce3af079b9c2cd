/*
 * The processor's own breakpoints: DR0 to DR3 under DR7, kept in the CPU's list beside those of a debugger.
 *
 * Intel SDM volume 3, 17.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "target/i386/internal.h"

enum { DR7_EXECUTE = 0, DR7_WRITE = 1, DR7_IO = 2, DR7_ACCESS = 3 };

void x86_debug_registers_changed(X86Cpu *cpu)
{
    GArray *list = cpu->parent.breakpoints;
    if (!list || !accel_is("tcg")) {
        return;
    }
    for (unsigned i = list->len; i-- > 0;) {
        if (!g_array_index(list, Breakpoint, i).by_gdb) {
            g_array_remove_index(list, i);
        }
    }
    for (unsigned n = 0; n < 4; n++) {
        unsigned control = cpu->dr[7] >> (16 + 4 * n) & 15, kind = control & 3;
        if (!(cpu->dr[7] >> 2 * n & 3) || kind == DR7_IO) {
            continue;
        }
        static const uint8_t lengths[] = { 1, 2, 8, 4 };
        uint64_t len = kind == DR7_EXECUTE ? 1 : lengths[control >> 2];
        Breakpoint b = { .kind = kind == DR7_EXECUTE ? BREAK_HW : kind == DR7_WRITE ? WATCH_WRITE : WATCH_ACCESS,
                         .addr = cpu->dr[n] & ~(len - 1), .len = len };
        g_array_append_val(list, b);
    }
    const AccelType *type = accel_type(accel_current());
    if (type->debug_changed) {
        type->debug_changed(&cpu->parent);
    }
}

void x86_meet_io_breakpoints(X86Cpu *cpu, uint32_t port, uint32_t size)
{
    if (!(cpu->dr[7] & 0xff) || !(cpu->cr[4] & CR4_DE)) {
        return;
    }
    uint64_t hits = 0;
    for (unsigned n = 0; n < 4; n++) {
        static const uint8_t lengths[] = { 1, 2, 8, 4 };
        unsigned control = cpu->dr[7] >> (16 + 4 * n) & 15;
        uint64_t len = lengths[control >> 2], first = cpu->dr[n] & ~(len - 1);
        if ((cpu->dr[7] >> 2 * n & 3) && (control & 3) == DR7_IO && port < first + len && first < port + size) {
            hits |= BIT(n);
        }
    }
    if (hits) {
        cpu->dr[6] = (cpu->dr[6] & ~UINT64_C(15)) | hits;
        x86_record_exception(cpu, EXCP_DB);
    }
}

static uint64_t debug_hits(const X86Cpu *cpu, uint64_t address, bool execute)
{
    uint64_t hits = 0;
    for (unsigned n = 0; n < 4; n++) {
        unsigned control = cpu->dr[7] >> (16 + 4 * n) & 15;
        static const uint8_t lengths[] = { 1, 2, 8, 4 };
        uint64_t len = execute ? 1 : lengths[control >> 2];
        bool kind_fits = execute ? (control & 3) == DR7_EXECUTE : (control & 1) != 0;
        if ((cpu->dr[7] >> 2 * n & 3) && kind_fits && address - (cpu->dr[n] & ~(len - 1)) < len) {
            hits |= BIT(n);
        }
    }
    return hits;
}

bool x86_guest_breakpoint(Cpu *c, BreakpointKind kind, uint64_t addr)
{
    X86Cpu *cpu = X86_CPU(c);
    uint64_t hits = debug_hits(cpu, addr, kind == BREAK_HW);
    if (kind == BREAK_HW && (cpu->eflags & RF_MASK)) {
        cpu->eflags &= ~RF_MASK;        /* it covers one instruction: where IRET came back to */
        if (addr == cpu->resume_pc) {
            return false;
        }
    }
    if (!hits) {
        return false;
    }
    cpu->dr[6] = (cpu->dr[6] & ~UINT64_C(15)) | hits;
    x86_record_exception(cpu, EXCP_DB);
    return true;
}
