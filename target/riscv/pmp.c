/*
 * Physical memory protection.
 *
 * The RISC-V Instruction Set Manual, volume II (20240411), 3.7 "Physical Memory Protection", 7 "Smepmp"; Smpmpmt 1.0 (types of memory, which are kept and change nothing).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/internal.h"

static RiscvPmpRange make_range(const RiscvCpu *cpu, unsigned n)
{
    uint64_t addr = cpu->pmpaddr[n];
    switch (cpu->pmpcfg[n] >> PMP_A_SHIFT & 3) {
    case PMP_TOR: {
        uint64_t first = n ? cpu->pmpaddr[n - 1] << 2 : 0, end = addr << 2;
        return (RiscvPmpRange){ .first = first, .last = end - 1, .active = first < end };
    }
    case PMP_NA4:
        return (RiscvPmpRange){ .first = addr << 2, .last = (addr << 2) + 3, .active = true };
    case PMP_NAPOT: {
        unsigned ones = addr == UINT64_MAX ? 64 : (unsigned)__builtin_ctzll(~addr);
        uint64_t size_1 = ones + 3 >= 64 ? UINT64_MAX : (UINT64_C(8) << ones) - 1, first = ones >= 61 ? 0 : (addr & ~MAKE_MASK(0, ones + 1)) << 2;
        return (RiscvPmpRange){ .first = first, .last = first + size_1, .active = true };
    }
    default:
        return (RiscvPmpRange){ 0 };
    }
}

void riscv_pmp_changed(RiscvCpu *cpu)
{
    cpu->pmp_used = 0;
    for (unsigned n = 0; n < cpu->num_pmp_regions; n++) {
        cpu->pmp_range[n] = make_range(cpu, n);
        if (cpu->pmp_range[n].active) {
            cpu->pmp_used = n + 1;
        }
    }
}

enum { ALL_RIGHTS = PMP_R | PMP_W | PMP_X };

/* Of a matching entry with mseccfg.MML (table 7.2, "the encoding of pmpcfg"): rules are M-mode's or others'; W without R is memory that both share. */
static unsigned rights_mml(unsigned config, bool machine)
{
    unsigned bits = config & ALL_RIGHTS;
    bool locked = config & PMP_L, shared = (bits & (PMP_R | PMP_W)) == PMP_W;
    if (locked && bits == ALL_RIGHTS) {
        return PMP_R;
    }
    if (!shared) {
        return locked == machine ? bits : 0;
    }
    if (locked) {
        return machine && (bits & PMP_X) ? PMP_R | PMP_X : PMP_X;
    }
    return machine || (bits & PMP_X) ? PMP_R | PMP_W : PMP_R;
}

static unsigned rights_of_entry(const RiscvCpu *cpu, unsigned config, bool machine)
{
    if (cpu->mseccfg & MSECCFG_MML) {
        return rights_mml(config, machine);
    }
    return machine && !(config & PMP_L) ? ALL_RIGHTS : config & ALL_RIGHTS;
}

static unsigned rights_without_entry(const RiscvCpu *cpu, bool machine)
{
    if (!machine) {
        return cpu->num_pmp_regions == 0 ? ALL_RIGHTS : 0;
    }
    return cpu->mseccfg & MSECCFG_MMWP ? 0 : cpu->mseccfg & MSECCFG_MML ? PMP_R | PMP_W : ALL_RIGHTS;
}

unsigned riscv_pmp_rights(const RiscvCpu *cpu, uint64_t paddr, bool machine, bool *uniform)
{
    uint64_t first = paddr & ~UINT64_C(0xfff), last = first | 0xfff;
    *uniform = true;
    for (unsigned n = 0; n < cpu->pmp_used; n++) {
        const RiscvPmpRange *r = &cpu->pmp_range[n];
        if (!r->active || r->first > last || r->last < first) {
            continue;
        }
        if (r->first > first || r->last < last) {
            *uniform = false;
        }
        if (paddr >= r->first && paddr <= r->last) {
            return rights_of_entry(cpu, cpu->pmpcfg[n], machine);
        }
    }
    return rights_without_entry(cpu, machine);
}

bool riscv_pmp_uniform(const RiscvCpu *cpu, uint64_t paddr, unsigned bits)
{
    uint64_t first = paddr & ~MAKE_MASK(0, bits), last = first | MAKE_MASK(0, bits);
    for (unsigned n = 0; n < cpu->pmp_used; n++) {
        const RiscvPmpRange *r = &cpu->pmp_range[n];
        if (r->active && r->first <= last && r->last >= first) {
            if (r->first > first || r->last < last) {
                return false;
            }
            return true;        /* the first that matches decides for all of it */
        }
    }
    return true;
}

/* ---- registers ---- */

static bool is_locked(const RiscvCpu *cpu, unsigned n)
{
    return (cpu->pmpcfg[n] & PMP_L) && !(cpu->mseccfg & MSECCFG_RLB);
}

/* A new rule by which M-mode would execute what it could not before: not with MML, unless rules may be edited. */
static bool adds_machine_code(const RiscvCpu *cpu, unsigned config)
{
    unsigned bits = config & ALL_RIGHTS;
    bool executes = (rights_mml(config, true) & PMP_X) && (config & PMP_L);
    return (cpu->mseccfg & MSECCFG_MML) && !(cpu->mseccfg & MSECCFG_RLB) && executes && bits != ALL_RIGHTS;
}

uint64_t riscv_pmp_security(const RiscvCpu *cpu, uint64_t value)
{
    uint64_t sticky = cpu->mseccfg & (MSECCFG_MML | MSECCFG_MMWP);
    bool any_locked = false;
    for (unsigned n = 0; n < cpu->num_pmp_regions; n++) {
        any_locked |= (cpu->pmpcfg[n] & PMP_L) != 0;
    }
    if (any_locked && !(cpu->mseccfg & MSECCFG_RLB)) {
        value &= ~MSECCFG_RLB;
    }
    return sticky | (value & (MSECCFG_MML | MSECCFG_MMWP | MSECCFG_RLB));
}

/* count entries from first on, a byte each. Locked ones stay. */
bool riscv_pmp_write_config(RiscvCpu *cpu, unsigned first, unsigned count, uint64_t value)
{
    bool changed = false;
    for (unsigned i = 0; i < count && first + i < cpu->num_pmp_regions; i++) {
        uint8_t types = riscv_has(cpu, smpmpmt) ? PMP_MT : 0, config = value >> 8 * i & (ALL_RIGHTS | 3 << PMP_A_SHIFT | PMP_L | types);
        if ((config & (PMP_R | PMP_W)) == PMP_W && !(cpu->mseccfg & MSECCFG_MML)) {
            config &= ~PMP_W;       /* reserved */
        }
        if ((config & PMP_MT) == PMP_MT) {
            config = (config & ~PMP_MT) | (cpu->pmpcfg[first + i] & PMP_MT);
        }
        if (!is_locked(cpu, first + i) && !adds_machine_code(cpu, config)) {
            changed |= cpu->pmpcfg[first + i] != config;
            cpu->pmpcfg[first + i] = config;
        }
    }
    return changed;
}

void riscv_pmp_write_address(RiscvCpu *cpu, unsigned n, uint64_t value)
{
    bool next_is_top = n + 1 < cpu->num_pmp_regions && is_locked(cpu, n + 1) && (cpu->pmpcfg[n + 1] >> PMP_A_SHIFT & 3) == PMP_TOR;
    if (n < cpu->num_pmp_regions && !is_locked(cpu, n) && !next_is_top) {
        cpu->pmpaddr[n] = cpu->xlen == 32 ? (uint32_t)value : value & MAKE_MASK(0, 54);
    }
}
