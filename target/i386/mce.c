/*
 * Machine checks: errors that the monitor puts into the banks of registers, and the exception that tells of those that are not corrected.
 *
 * Intel SDM volume 3, chapter 15 (15.3.1 IA32_MCG_*, 15.3.2 banks and the rules of overwriting, 15.10.4.1 broadcast).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "target/i386/internal.h"

#define MCG_CAP_BANKS   UINT64_C(0xff)
#define MCG_CAP_CTL     BIT(8)
#define MCG_STATUS_RIPV BIT(0)
#define MCG_STATUS_MCIP BIT(2)
#define MCI_STATUS_VAL  BIT(63)
#define MCI_STATUS_OVER BIT(62)
#define MCI_STATUS_UC   BIT(61)
enum { MCI_CTL, MCI_STATUS, MCI_ADDR, MCI_MISC, MCI_REGISTERS };

typedef struct Injection { const MachineCheck *check; GString *said; } Injection;

static void write_bank(uint64_t *bank, const MachineCheck *m)
{
    uint64_t over = bank[MCI_STATUS] & MCI_STATUS_VAL ? MCI_STATUS_OVER : 0;
    bank[MCI_STATUS] = m->status | over;
    bank[MCI_ADDR] = m->addr;
    bank[MCI_MISC] = m->misc;
}

/* NULL: it can be reported. */
static const char *find_obstacle(const X86Cpu *cpu)
{
    return !(cpu->cr[4] & CR4_MCE) ? "MCE capability is not enabled" : cpu->mcg_status & MCG_STATUS_MCIP ? "Previous MCE still in progress" : NULL;
}

static void inject_uncorrected(X86Cpu *cpu, uint64_t *bank, const Injection *i)
{
    int index = cpu->parent.index;
    if ((cpu->mcg_cap & MCG_CAP_CTL) && cpu->mcg_ctl != UINT64_MAX) {
        g_string_append_printf(i->said, "CPU %d: Uncorrected error reporting disabled\n", index);
        return;
    }
    if (bank[MCI_CTL] != UINT64_MAX) {
        g_string_append_printf(i->said, "CPU %d: Uncorrected error reporting disabled for bank %u\n", index, i->check->bank);
        return;
    }
    const char *obstacle = find_obstacle(cpu);
    if (obstacle) {
        g_string_append_printf(i->said, "CPU %d: %s, raising triple fault\n", index, obstacle);
        x86_shut_down(cpu);
        return;
    }
    write_bank(bank, i->check);
    cpu->mcg_status = i->check->mcg_status | MCG_STATUS_MCIP;
    cpu_interrupt(&cpu->parent, CPU_INTERRUPT_MCE);
}

/* On its thread. A corrected error does not take an uncorrected one's place, and tells of itself by polling alone. */
static void inject_here(Cpu *c, void *opaque)
{
    X86Cpu *cpu = X86_CPU(c);
    const Injection *i = opaque;
    uint64_t *bank = cpu->mce_banks + MCI_REGISTERS * i->check->bank;
    bool holds_uncorrected = (bank[MCI_STATUS] & (MCI_STATUS_VAL | MCI_STATUS_UC)) == (MCI_STATUS_VAL | MCI_STATUS_UC);
    if (i->check->status & MCI_STATUS_UC) {
        inject_uncorrected(cpu, bank, i);
    } else if (holds_uncorrected) {
        bank[MCI_STATUS] |= MCI_STATUS_OVER;
    } else {
        write_bank(bank, i->check);
    }
}

/* Intel's processors since family 6, model 14 send what one of them has found to all. */
static bool broadcasts(const X86Cpu *cpu)
{
    unsigned family = cpu->cpuid_version >> 8 & 15, model = (cpu->cpuid_version >> 4 & 15) | (cpu->cpuid_version >> 12 & 0xf0);
    return !strcmp(cpu->vendor, "GenuineIntel") && (family > 6 || (family == 6 && model >= 14));
}

void x86_inject_mce(Cpu *c, const MachineCheck *check, GString *said)
{
    X86Cpu *cpu = X86_CPU(c);
    const char *refusal = accel_is("kvm") ? "MCE injection is not implemented under KVM" : !cpu->mcg_cap ? "MCE injection not supported"
        : check->bank >= (cpu->mcg_cap & MCG_CAP_BANKS) || check->bank >= X86_MCE_BANKS ? "Invalid MCE bank number"
        : !(check->status & MCI_STATUS_VAL) ? "Invalid MCE status code" : check->broadcast && !broadcasts(cpu) ? "Guest CPU does not support MCA broadcast" : NULL;
    if (refusal) {
        g_string_append_printf(said, "%s\n", refusal);
        return;
    }
    Injection i = { .check = check, .said = said };
    cpu_run_on(c, inject_here, &i);
    if (!check->broadcast) {
        return;
    }
    const MachineCheck elsewhere = { .bank = 1, .status = MCI_STATUS_VAL | MCI_STATUS_UC, .mcg_status = MCG_STATUS_MCIP | MCG_STATUS_RIPV };
    Injection other = { .check = &elsewhere, .said = said };
    CPU_FOREACH (next) {
        if (next != c) {
            cpu_run_on(next, inject_here, &other);
        }
    }
}
