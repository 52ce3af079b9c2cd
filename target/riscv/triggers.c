/*
 * Triggers: addresses of instructions, loads and stores that raise breakpoint exceptions. mcontrol and mcontrol6, exact addresses, before the access.
 *
 * Instructions go by the CPU's list of breakpoints, beside a debugger's; loads and stores are seen by the walker, which is asked about each on such a page.
 *
 * The RISC-V Debug Specification 1.0, 5 "Sdtrig": 5.4 (native triggers), 5.7 (registers).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "target/riscv/csr.h"

enum { TYPE_MCONTROL = 2, TYPE_MCONTROL6 = 6 };
#define CONTROL_LOAD    BIT(0)
#define CONTROL_STORE   BIT(1)
#define CONTROL_EXECUTE BIT(2)
#define CONTROL_U       BIT(3)
#define CONTROL_S       BIT(4)
#define CONTROL_M       BIT(6)
#define CONTROL_VU      BIT(23)         /* of mcontrol6, as is VS */
#define CONTROL_VS      BIT(24)
#define CONTROL_PLAIN (CONTROL_LOAD | CONTROL_STORE | CONTROL_EXECUTE | CONTROL_U | CONTROL_S | CONTROL_M)

static unsigned count(const RiscvCpu *cpu) { return MIN(cpu->num_triggers, (unsigned)RISCV_MAX_TRIGGERS); }
static unsigned type_of(const RiscvCpu *cpu, uint64_t control) { return control >> (cpu->xlen - 4) & 15; }

/* ---- when they count ---- */

/* A handler of the privilege could not bear one before it has saved what it needs (5.4). */
static bool is_bearable(const RiscvCpu *cpu)
{
    bool to_s = cpu->medeleg >> CAUSE_BREAKPOINT & 1, to_vs = to_s && (cpu->hedeleg >> CAUSE_BREAKPOINT & 1);
    switch (cpu->priv) {
    case PRIV_M:
        return cpu->mstatus & MSTATUS_MIE;
    case PRIV_S:
        return cpu->virt ? !to_vs || (cpu->vsstatus & MSTATUS_SIE) : !to_s || (cpu->mstatus & MSTATUS_SIE);
    default:
        return true;
    }
}

static bool is_on(const RiscvCpu *cpu, const RiscvTrigger *t)
{
    uint64_t bit = cpu->priv == PRIV_M ? CONTROL_M : cpu->priv == PRIV_S ? (cpu->virt ? CONTROL_VS : CONTROL_S) : cpu->virt ? CONTROL_VU : CONTROL_U;
    return (t->control & bit) && is_bearable(cpu);
}

static bool hits(const RiscvCpu *cpu, uint64_t address, uint64_t what)
{
    for (unsigned n = 0; n < count(cpu); n++) {
        const RiscvTrigger *t = &cpu->triggers[n];
        if ((t->control & what) && t->address == address && is_on(cpu, t)) {
            return true;
        }
    }
    return false;
}

bool riscv_trigger_on_page(const RiscvCpu *cpu, uint64_t address)
{
    for (unsigned n = 0; n < count(cpu); n++) {
        if ((cpu->triggers[n].control & (CONTROL_LOAD | CONTROL_STORE)) && (cpu->triggers[n].address ^ address) < 4096) {
            return true;
        }
    }
    return false;
}

bool riscv_trigger_access(RiscvCpu *cpu, uint64_t address, bool store)
{
    if (!hits(cpu, address, store ? CONTROL_STORE : CONTROL_LOAD)) {
        return false;
    }
    riscv_record(cpu, CAUSE_BREAKPOINT, address);
    cpu->exception_gva = cpu->virt;
    return true;
}

bool riscv_guest_breakpoint(Cpu *c, BreakpointKind kind, uint64_t address)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    if (kind != BREAK_HW || !hits(cpu, address, CONTROL_EXECUTE)) {
        return false;
    }
    riscv_record(cpu, CAUSE_BREAKPOINT, address);
    cpu->exception_gva = cpu->virt;
    return true;
}

/* ---- registers ---- */

static void changed(RiscvCpu *cpu)
{
    GArray *list = cpu->parent.breakpoints;
    cpu->triggers_watch = false;
    for (unsigned n = 0; n < count(cpu); n++) {
        cpu->triggers_watch |= (cpu->triggers[n].control & (CONTROL_LOAD | CONTROL_STORE)) != 0;
    }
    riscv_flush_translations(cpu);      /* what is fast now may have to ask from now on, and the other way round */
    if (!list || !accel_is("tcg")) {
        return;
    }
    for (unsigned i = list->len; i-- > 0;) {
        if (!g_array_index(list, Breakpoint, i).by_gdb) {
            g_array_remove_index(list, i);
        }
    }
    for (unsigned n = 0; n < count(cpu); n++) {
        if (cpu->triggers[n].control & CONTROL_EXECUTE) {
            Breakpoint b = { .kind = BREAK_HW, .addr = cpu->triggers[n].address, .len = 1 };
            g_array_append_val(list, b);
        }
    }
    const AccelType *type = accel_type(accel_current());
    if (type->debug_changed) {
        type->debug_changed(&cpu->parent);
    }
}

void riscv_triggers_reset(RiscvCpu *cpu)
{
    bool were = false;
    for (unsigned n = 0; n < RISCV_MAX_TRIGGERS; n++) {
        were |= (cpu->triggers[n].control & CONTROL_PLAIN) != 0;
        cpu->triggers[n] = (RiscvTrigger){ .control = (uint64_t)TYPE_MCONTROL << (cpu->xlen - 4) };
    }
    cpu->trigger_select = 0;
    if (were) {
        changed(cpu);
    }
}

int riscv_need_trigger(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, sdtrig) ? CSR_OK : CSR_ILLEGAL; }

uint64_t riscv_read_trigger(RiscvCpu *cpu, unsigned csr)
{
    const RiscvTrigger *t = &cpu->triggers[cpu->trigger_select];
    bool there = cpu->trigger_select < count(cpu);
    switch (csr) {
    case 0x7a0:
        return cpu->trigger_select;
    case 0x7a1:
        return there ? t->control : 0;
    case 0x7a2:
        return there ? t->address : 0;
    case 0x7a4:
        return there ? 1 << TYPE_MCONTROL | 1 << TYPE_MCONTROL6 : 1;
    default:
        return 0;
    }
}

static uint64_t writable(const RiscvCpu *cpu, unsigned type)
{
    uint64_t modes = (riscv_has(cpu, u) ? CONTROL_U : 0) | (riscv_has(cpu, s) ? CONTROL_S : 0) | CONTROL_M;
    uint64_t guest = type == TYPE_MCONTROL6 && riscv_has(cpu, h) ? CONTROL_VU | CONTROL_VS : 0;
    return modes | guest | CONTROL_LOAD | CONTROL_STORE | CONTROL_EXECUTE | UINT64_C(15) << (cpu->xlen - 4);
}

void riscv_write_trigger(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    RiscvTrigger *t = &cpu->triggers[cpu->trigger_select];
    if (csr == 0x7a0) {
        cpu->trigger_select = value < count(cpu) ? value : cpu->trigger_select;
        return;
    }
    if (cpu->trigger_select >= count(cpu)) {
        return;
    }
    unsigned type = type_of(cpu, value);
    if (csr == 0x7a1 && (type == TYPE_MCONTROL || type == TYPE_MCONTROL6)) {
        t->control = value & writable(cpu, type);
        changed(cpu);
    } else if (csr == 0x7a2) {
        t->address = riscv_address(cpu, value);
        changed(cpu);
    }
}
