/*
 * The processor's state as text: info registers, in the reference's layout.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/internal.h"
#include <inttypes.h>

static void dump_aarch64(const ArmCpu *cpu, GString *out, bool fpu)
{
    uint64_t p = arm_pstate(cpu);
    g_string_append_printf(out, " PC=%016" PRIx64 " ", cpu->pc);
    for (unsigned i = 0; i < 32; i++) {
        if (i == 31) {
            g_string_append_printf(out, " SP=%016" PRIx64 "\n", cpu->x[i]);
        } else {
            g_string_append_printf(out, "X%02u=%016" PRIx64 "%s", i, cpu->x[i], (i + 2) % 3 ? " " : "\n");
        }
    }
    g_string_append_printf(out, "PSTATE=%08x %c%c%c%c %sEL%u%c\n", (uint32_t)p, p & PSTATE_N ? 'N' : '-', p & PSTATE_Z ? 'Z' : '-', p & PSTATE_C ? 'C' : '-',
                           p & PSTATE_V ? 'V' : '-', cpu->has_el3 && cpu->el != 3 ? (cpu->scr_el3 & SCR_NS ? "NS " : "S ") : "", cpu->el, cpu->sp_sel ? 'h' : 't');
    if (!fpu) {
        return;
    }
    g_string_append_printf(out, "FPCR=%08x FPSR=%08x\n", cpu->fpcr, cpu->fpsr | (cpu->qc ? (uint32_t)FPSR_QC : 0));
    for (unsigned i = 0; i < 32; i++) {
        g_string_append_printf(out, "Q%02u=%016" PRIx64 ":%016" PRIx64 "%s", i, load_le64(cpu->v[i] + 8), load_le64(cpu->v[i]), i & 1 ? "\n" : " ");
    }
}

static void dump_aarch32(const ArmCpu *cpu, GString *out)
{
    static const char *const modes[16] = { "usr", "fiq", "irq", "svc", "???", "???", "mon", "abt", "???", "???", "hyp", "und", "???", "???", "???", "sys" };
    uint32_t p = arm_cpsr(cpu);
    for (unsigned i = 0; i < 16; i++) {
        g_string_append_printf(out, "R%02u=%08x%c", i, (uint32_t)(i == 15 ? cpu->pc : cpu->x[i]), i % 4 == 3 ? '\n' : ' ');
    }
    g_string_append_printf(out, "PSR=%08x %c%c%c%c %c %s%s32\n", p, p & PSTATE_N ? 'N' : '-', p & PSTATE_Z ? 'Z' : '-', p & PSTATE_C ? 'C' : '-', p & PSTATE_V ? 'V' : '-',
                           cpu->thumb ? 'T' : 'A', cpu->has_el3 ? (arm_is_secure(cpu) ? "S " : "NS ") : "", modes[cpu->mode & 15]);
}

void arm_dump_registers(Cpu *c, GString *out, bool fpu)
{
    const ArmCpu *cpu = ARM_CPU(c);
    if (cpu->aarch64) {
        dump_aarch64(cpu, out, fpu);
    } else {
        dump_aarch32(cpu, out);
    }
}
