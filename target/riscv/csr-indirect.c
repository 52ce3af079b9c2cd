/*
 * Registers reached by number beyond AIA's: the counters that M-mode has delegated, by siselect, sireg, sireg2, sireg4 and sireg5; and scountinhibit.
 *
 * The RISC-V Instruction Set Manual, volume II (20250508), 5 "Smcsrind/Sscsrind", 8 "Smcdeleg/Ssccfg".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/csr.h"

enum { SELECT_COUNTERS = 0x40, SELECT_COUNTERS_END = 0x5f };
enum { ALIAS_LOW = 1, ALIAS_CONFIG = 2, ALIAS_HIGH = 5, ALIAS_CONFIG_HIGH = 6 };     /* the last digit of sireg's number, and so on */
#define EVENT_MINH BIT(62)

bool riscv_is_indirect(const RiscvCpu *cpu, bool machine)
{
    return machine ? riscv_has(cpu, smaia) || riscv_has(cpu, smcsrind) : riscv_has(cpu, ssaia) || riscv_has(cpu, sscsrind);
}

bool riscv_selects_counter(uint64_t select) { return select >= SELECT_COUNTERS && select <= SELECT_COUNTERS_END; }

static bool delegates(const RiscvCpu *cpu) { return riscv_has(cpu, smcdeleg) && riscv_has(cpu, ssccfg) && (cpu->menvcfg & ENVCFG_CDE); }

static bool has_alias(const RiscvCpu *cpu, unsigned n, unsigned alias)
{
    bool config = alias == ALIAS_CONFIG || alias == ALIAS_CONFIG_HIGH, high = alias == ALIAS_HIGH || alias == ALIAS_CONFIG_HIGH;
    bool there = n == 0 || n == 2 ? !config || riscv_has(cpu, smcntrpmf) : n != 1 && (cpu->pmu_mask >> n & 1);
    return there && (!high || cpu->xlen == 32) && (config || high || alias == ALIAS_LOW);
}

/* The supervisor's registers have them; a guest's do not, and a guest's own attempt is the hypervisor's affair (8.1). */
int riscv_need_delegated(RiscvCpu *cpu, unsigned csr)
{
    unsigned n = (unsigned)(cpu->siselect - SELECT_COUNTERS);
    if (!delegates(cpu)) {
        return CSR_ILLEGAL;
    }
    if (cpu->virt) {
        return CSR_VIRTUAL;
    }
    return (csr & 0xff0) == 0x150 && (cpu->mcounteren >> n & 1) && has_alias(cpu, n, csr & 15) ? CSR_OK : CSR_ILLEGAL;
}

/* The machine's register behind an alias. */
static unsigned aliased(const RiscvCpu *cpu, unsigned csr)
{
    static const uint16_t first[] = { [ALIAS_LOW] = 0xb00, [ALIAS_CONFIG] = 0x320, [ALIAS_HIGH] = 0xb80, [ALIAS_CONFIG_HIGH] = 0x720 };
    unsigned n = (unsigned)(cpu->siselect - SELECT_COUNTERS), alias = csr & 15;
    bool fixed_config = n < 3 && (alias == ALIAS_CONFIG || alias == ALIAS_CONFIG_HIGH);
    return first[alias] + (fixed_config ? n / 2 + 1 : n);       /* mcyclecfg is 0x321, minstretcfg 0x322 */
}

/* What only M-mode may see and set: MINH. */
static uint64_t hidden(const RiscvCpu *cpu, unsigned csr)
{
    unsigned alias = csr & 15;
    return alias == ALIAS_CONFIG && cpu->xlen == 64 ? EVENT_MINH : alias == ALIAS_CONFIG_HIGH ? EVENT_MINH >> 32 : 0;
}

uint64_t riscv_read_delegated(RiscvCpu *cpu, unsigned csr)
{
    unsigned number = aliased(cpu, csr);
    return riscv_csr_entry(number)->read(cpu, number) & ~hidden(cpu, csr);
}

void riscv_write_delegated(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    unsigned number = aliased(cpu, csr);
    const RiscvCsr *r = riscv_csr_entry(number);
    uint64_t mask = hidden(cpu, csr);
    r->write(cpu, number, (value & ~mask) | (mask ? r->read(cpu, number) & mask : 0));
}

/* sireg2 to sireg6 and a guest's: delegated counters and control transfer records. */
static int need_more(RiscvCpu *cpu, unsigned csr)
{
    bool machine = csr >> 8 == 3, guest = csr >> 8 == 2 || cpu->virt;
    if (!riscv_is_indirect(cpu, machine) || (guest && !riscv_has(cpu, h))) {
        return CSR_ILLEGAL;
    }
    int enabled = riscv_state_enabled(cpu, 0, STATEEN_CSRIND);
    if (enabled != CSR_OK || machine) {
        return enabled == CSR_OK ? CSR_ILLEGAL : enabled;
    }
    uint64_t select = guest ? cpu->vsiselect : cpu->siselect;
    if (riscv_selects_ctr(select)) {
        return riscv_ctr_allowed(cpu);
    }
    return riscv_selects_counter(select) ? riscv_need_delegated(cpu, csr) : cpu->virt ? CSR_VIRTUAL : CSR_ILLEGAL;
}

static uint64_t selected_by(const RiscvCpu *cpu, unsigned csr) { return csr >> 8 == 2 ? cpu->vsiselect : cpu->siselect; }
static uint64_t read_more(RiscvCpu *cpu, unsigned csr)
{
    uint64_t select = selected_by(cpu, csr);
    return riscv_selects_ctr(select) ? riscv_read_ctr(cpu, select, csr) : riscv_read_delegated(cpu, csr);
}
static void write_more(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    uint64_t select = selected_by(cpu, csr);
    if (riscv_selects_ctr(select)) {
        riscv_write_ctr(cpu, select, csr, value);
    } else {
        riscv_write_delegated(cpu, csr, value);
    }
}

/* ---- scountinhibit: mcountinhibit as far as counters are delegated ---- */

static int need_inhibit(RiscvCpu *cpu, unsigned csr) { return !delegates(cpu) ? CSR_ILLEGAL : cpu->virt ? CSR_VIRTUAL : CSR_OK; }
static uint64_t read_inhibit(RiscvCpu *cpu, unsigned csr) { return riscv_read_inhibit(cpu, csr) & cpu->mcounteren & ~UINT64_C(2); }
static void write_inhibit(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    riscv_write_inhibit(cpu, csr, (cpu->mcountinhibit & ~cpu->mcounteren) | (value & cpu->mcounteren));
}

#define MORE(text) { .name = text, .need = need_more, .read = read_more, .write = write_more }
static const struct { uint16_t number; RiscvCsr csr; } csrs[] = {
    { 0x120, { .name = "scountinhibit", .need = need_inhibit, .read = read_inhibit, .write = write_inhibit } },
    { 0x152, MORE("sireg2") }, { 0x153, MORE("sireg3") }, { 0x155, MORE("sireg4") }, { 0x156, MORE("sireg5") }, { 0x157, MORE("sireg6") },
    { 0x252, MORE("vsireg2") }, { 0x253, MORE("vsireg3") }, { 0x255, MORE("vsireg4") }, { 0x256, MORE("vsireg5") }, { 0x257, MORE("vsireg6") },
    { 0x352, MORE("mireg2") }, { 0x353, MORE("mireg3") }, { 0x355, MORE("mireg4") }, { 0x356, MORE("mireg5") }, { 0x357, MORE("mireg6") },
};

const RiscvCsr *riscv_csr_indirect(unsigned csr)
{
    for (unsigned i = 0; i < ARRAY_SIZE(csrs); i++) {
        if (csrs[i].number == csr) {
            return &csrs[i].csr;
        }
    }
    return riscv_csr_rnmi(csr);
}
