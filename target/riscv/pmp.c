/*
 * Physical memory protection.
 *
 * The RISC-V Instruction Set Manual, volume II (20240411), 3.7 "Physical Memory Protection".
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

unsigned riscv_pmp_rights(const RiscvCpu *cpu, uint64_t paddr, bool machine, bool *uniform)
{
    const unsigned all = PMP_R | PMP_W | PMP_X;
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
            unsigned config = cpu->pmpcfg[n];
            return machine && !(config & PMP_L) ? all : config & all;
        }
    }
    return machine || cpu->num_pmp_regions == 0 ? all : 0;
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
    return cpu->pmpcfg[n] & PMP_L;
}

/* count entries from first on, a byte each. Locked ones stay. */
bool riscv_pmp_write_config(RiscvCpu *cpu, unsigned first, unsigned count, uint64_t value)
{
    bool changed = false;
    for (unsigned i = 0; i < count && first + i < cpu->num_pmp_regions; i++) {
        uint8_t config = value >> 8 * i & (PMP_R | PMP_W | PMP_X | 3 << PMP_A_SHIFT | PMP_L);
        if ((config & (PMP_R | PMP_W)) == PMP_W) {
            config &= ~PMP_W;       /* reserved */
        }
        if (!is_locked(cpu, first + i)) {
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
