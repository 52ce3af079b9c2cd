/*
 * The hart's state as text: info registers and info mem, in the reference's layout.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/internal.h"
#include <inttypes.h>

static void dump_value(GString *out, const RiscvCpu *cpu, const char *name, uint64_t value)
{
    if (cpu->xlen == 64) {
        g_string_append_printf(out, " %-8s %016" PRIx64, name, value);
    } else {
        g_string_append_printf(out, " %-8s %08x", name, (uint32_t)value);
    }
}

static void dump_csrs(GString *out, RiscvCpu *cpu)
{
    static const struct { uint16_t csr; bool hypervisor; } shown[] = {
        { 0xf14, false }, { 0x300, false }, { 0x600, true }, { 0x200, true }, { 0x344, false }, { 0x304, false }, { 0x303, false }, { 0x603, true }, { 0x302, false },
        { 0x602, true }, { 0x305, false }, { 0x105, false }, { 0x205, true }, { 0x341, false }, { 0x141, false }, { 0x241, true }, { 0x342, false }, { 0x142, false },
        { 0x242, true }, { 0x343, false }, { 0x143, false }, { 0x643, true }, { 0x34b, true }, { 0x340, false }, { 0x140, false }, { 0x180, false },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(shown); i++) {
        const char *name = riscv_csr_name(shown[i].csr);
        if (name && riscv_csr_exists(cpu, shown[i].csr)) {
            dump_value(out, cpu, name, riscv_csr_peek(cpu, shown[i].csr));
            g_string_append_c(out, '\n');
        }
    }
}

void riscv_dump_registers(Cpu *c, GString *out, bool fpu)
{
    static const char *const names[32] = {
        "x0/zero", "x1/ra", "x2/sp", "x3/gp", "x4/tp", "x5/t0", "x6/t1", "x7/t2", "x8/s0", "x9/s1", "x10/a0", "x11/a1", "x12/a2", "x13/a3", "x14/a4", "x15/a5",
        "x16/a6", "x17/a7", "x18/s2", "x19/s3", "x20/s4", "x21/s5", "x22/s6", "x23/s7", "x24/s8", "x25/s9", "x26/s10", "x27/s11", "x28/t3", "x29/t4", "x30/t5",
        "x31/t6",
    };
    RiscvCpu *cpu = RISCV_CPU(c);
    if (riscv_has(cpu, h)) {
        g_string_append_printf(out, " V      =   %d\n", cpu->virt);
    }
    dump_value(out, cpu, "pc", cpu->pc);
    g_string_append_c(out, '\n');
    dump_csrs(out, cpu);
    for (unsigned i = 0; i < 32; i++) {
        dump_value(out, cpu, names[i], cpu->x[i]);
        if (i % 4 == 3) {
            g_string_append_c(out, '\n');
        }
    }
    for (unsigned i = 0; fpu && i < 32; i++) {
        g_string_append_printf(out, " f%u/%-*s %016" PRIx64 "%s", i, i < 10 ? 6 : 5, riscv_f_names[i], cpu->f[i], i % 4 == 3 ? "\n" : "");
    }
}

void riscv_info_mem(Cpu *c, GString *out)
{
    const RiscvCpu *cpu = RISCV_CPU(c);
    if (cpu->satp >> (cpu->xlen == 32 ? 31 : 60) == 0) {
        g_string_append(out, "No translation or protection\n");
        return;
    }
    g_string_append(out, "vaddr            paddr            size             attr\n");
    g_string_append(out, "(the list of mappings is not implemented)\n");
}
