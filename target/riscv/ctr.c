/*
 * Control transfer records: the buffer of the last jumps, branches, traps and returns from traps, and the registers that say which of them it takes.
 *
 * Translated code calls riscv_ctr_record() where the mode says that recording is on; traps and returns come by riscv_ctr_trap() and riscv_ctr_return(). There are no cycle
 * counts and no predictions that could be wrong: these fields read as 0.
 *
 * The RISC-V Instruction Set Manual, volume II (20250508), "Smctr".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/csr.h"

#include <string.h>

#define CTL_U       BIT(0)
#define CTL_S       BIT(1)
#define CTL_M       BIT(2)
#define CTL_RASEMU  BIT(7)
#define CTL_STE     BIT(8)
#define CTL_MTE     BIT(9)
#define CTL_BPFRZ   BIT(11)
#define CTL_LCOFIFRZ BIT(12)
/* The filter of a type is bit 32 + type: that of branches not taken lets them in, the others keep theirs out. */
#define CTL_FILTERS (UINT64_C(0xff3e) << 32)
#define CTL_NTBREN  BIT(32 + CTR_NOT_TAKEN_BRANCH)
#define CTL_GUEST   (CTL_U | CTL_S | CTL_RASEMU | CTL_STE | CTL_BPFRZ | CTL_LCOFIFRZ | CTL_FILTERS)
#define CTL_SUPERVISOR CTL_GUEST
#define CTL_MACHINE (CTL_SUPERVISOR | CTL_M | CTL_MTE)
#define STATUS_FROZEN BIT(31)
enum { MAX_DEPTH_CODE = 4, SELECT_ENTRIES = 0x200, SELECT_ENTRIES_END = 0x2ff, DATA_TYPE = 15, SOURCE_VALID = 1 };

bool riscv_has_ctr(const RiscvCpu *cpu) { return riscv_has(cpu, smctr) || riscv_has(cpu, ssctr); }
static unsigned depth(const RiscvCpu *cpu) { return 16u << cpu->sctrdepth; }
static unsigned write_pointer(const RiscvCpu *cpu) { return cpu->sctrstatus & (depth(cpu) - 1); }

static void move_write_pointer(RiscvCpu *cpu, int by)
{
    cpu->sctrstatus = (cpu->sctrstatus & STATUS_FROZEN) | ((write_pointer(cpu) + (unsigned)by) & (depth(cpu) - 1));
}

/* ---- what is recorded ---- */

static uint64_t control_of(const RiscvCpu *cpu, bool virt) { return virt ? cpu->vsctrctl : cpu->mctrctl; }

static bool is_enabled(const RiscvCpu *cpu, unsigned priv, bool virt)
{
    return control_of(cpu, virt) & (priv == PRIV_M ? CTL_M : priv == PRIV_S ? CTL_S : CTL_U);
}

bool riscv_ctr_records(const RiscvCpu *cpu)
{
    return (cpu->mctrctl | cpu->vsctrctl) && !(cpu->sctrstatus & STATUS_FROZEN) && is_enabled(cpu, cpu->priv, cpu->virt);
}

static bool is_inhibited(uint64_t control, RiscvTransfer type) { return ((control ^ CTL_NTBREN) >> (32 + type)) & 1; }

static void put_entry(RiscvCpu *cpu, unsigned at, RiscvTransfer type, uint64_t source, uint64_t target)
{
    cpu->ctr[at] = (RiscvCtrEntry){ .source = (source & ~UINT64_C(1)) | SOURCE_VALID, .target = target & ~UINT64_C(1), .data = type };
}

static void push(RiscvCpu *cpu, RiscvTransfer type, uint64_t source, uint64_t target)
{
    put_entry(cpu, write_pointer(cpu), type, source, target);
    move_write_pointer(cpu, 1);
}

/* The buffer as a stack of return addresses ("RAS Emulation Mode"): calls come, returns take them away, and nothing else counts. */
static void emulate_stack(RiscvCpu *cpu, RiscvTransfer type, uint64_t source, uint64_t target)
{
    if (type == CTR_INDIRECT_CALL || type == CTR_DIRECT_CALL) {
        push(cpu, type, source, target);
    } else if (type == CTR_RETURN) {
        move_write_pointer(cpu, -1);
        cpu->ctr[write_pointer(cpu)].source &= ~(uint64_t)SOURCE_VALID;
    } else if (type == CTR_COROUTINE_SWAP) {
        put_entry(cpu, (write_pointer(cpu) - 1) & (depth(cpu) - 1), type, source, target);
    }
}

static void record_by(RiscvCpu *cpu, uint64_t control, RiscvTransfer type, uint64_t source, uint64_t target)
{
    if (control & CTL_RASEMU) {
        emulate_stack(cpu, type, source, target);
    } else if (!is_inhibited(control, type)) {
        push(cpu, type, source, target);
    }
}

void riscv_ctr_record(RiscvCpu *cpu, RiscvTransfer type, uint64_t source, uint64_t target)
{
    record_by(cpu, control_of(cpu, cpu->virt), type, source, target);
}

/* ---- traps and returns: from one mode to another ---- */

RiscvCtrPlace riscv_ctr_place(const RiscvCpu *cpu) { return (RiscvCtrPlace){ .priv = cpu->priv, .virt = cpu->virt, .pc = cpu->pc }; }

/* A guest's control counts as soon as one side is a guest's. */
static uint64_t control_between(const RiscvCpu *cpu, const RiscvCtrPlace *from) { return control_of(cpu, from->virt || cpu->virt); }

/* A trap that leaves what is recorded: the mode that it goes to, and all in between, have to agree ("External Traps"). */
static bool takes_external(const RiscvCpu *cpu, const RiscvCtrPlace *from)
{
    bool by_guest = from->virt && from->priv == PRIV_U ? cpu->vsctrctl & CTL_STE : true;
    bool by_supervisor = from->virt || from->priv == PRIV_U ? cpu->mctrctl & CTL_STE : true;
    if (cpu->virt) {
        return by_guest;
    }
    return by_guest && by_supervisor && (cpu->priv == PRIV_S || (cpu->mctrctl & CTL_MTE));
}

static bool freezes(const RiscvCpu *cpu, unsigned cause, bool interrupt)
{
    uint64_t control = control_of(cpu, cpu->virt);
    return interrupt ? cause == RISCV_IRQ_COUNTER_OVERFLOW && (control & CTL_LCOFIFRZ) : cause == CAUSE_BREAKPOINT && (control & CTL_BPFRZ);
}

void riscv_ctr_trap(RiscvCpu *cpu, const RiscvCtrPlace *from, unsigned cause, bool interrupt)
{
    if (!(cpu->mctrctl | cpu->vsctrctl)) {
        return;
    }
    bool was = is_enabled(cpu, from->priv, from->virt), is = is_enabled(cpu, cpu->priv, cpu->virt);
    uint64_t control = control_between(cpu, from);
    RiscvTransfer type = interrupt ? CTR_INTERRUPT : CTR_EXCEPTION;
    if (freezes(cpu, cause, interrupt)) {
        cpu->sctrstatus |= STATUS_FROZEN;
    }
    if ((cpu->sctrstatus & STATUS_FROZEN) || (control & CTL_RASEMU)) {
        return;
    }
    if (is && !is_inhibited(control, type)) {
        push(cpu, type, was ? from->pc : 0, cpu->pc);
    } else if (was && !is && takes_external(cpu, from)) {
        push(cpu, type, from->pc, 0);
    }
}

void riscv_ctr_return(RiscvCpu *cpu, const RiscvCtrPlace *from)
{
    if (!(cpu->sctrstatus & STATUS_FROZEN) && is_enabled(cpu, from->priv, from->virt)) {
        record_by(cpu, control_between(cpu, from), CTR_TRAP_RETURN, from->pc, is_enabled(cpu, cpu->priv, cpu->virt) ? cpu->pc : 0);
    }
}

/* ---- registers ---- */

void riscv_ctr_clear(RiscvCpu *cpu) { memset(cpu->ctr, 0, sizeof(cpu->ctr)); }

void riscv_ctr_reset(RiscvCpu *cpu)
{
    cpu->mctrctl = cpu->vsctrctl = 0;
    cpu->sctrstatus = cpu->sctrdepth = 0;
    riscv_ctr_clear(cpu);
}

int riscv_ctr_allowed(const RiscvCpu *cpu) { return riscv_has_ctr(cpu) ? riscv_state_enabled(cpu, 0, STATEEN_CTR) : CSR_ILLEGAL; }

static int need_machine(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, smctr) ? CSR_OK : CSR_ILLEGAL; }
static int need_supervisor(RiscvCpu *cpu, unsigned csr) { return riscv_ctr_allowed(cpu); }
static int need_guest(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, h) ? riscv_ctr_allowed(cpu) : CSR_ILLEGAL; }
/* A hypervisor's affair, whatever it lets its guest have. */
static int need_depth(RiscvCpu *cpu, unsigned csr)
{
    int allowed = riscv_ctr_allowed(cpu);
    return allowed == CSR_OK && cpu->virt ? CSR_VIRTUAL : allowed;
}

/* RV32 has no names for the upper halves. */
static uint64_t merge(const RiscvCpu *cpu, uint64_t old, uint64_t value, uint64_t mask)
{
    mask &= cpu->xlen == 32 ? UINT32_MAX : UINT64_MAX;
    return (old & ~mask) | (value & mask);
}

static uint64_t read_mctrctl(RiscvCpu *cpu, unsigned csr) { return cpu->mctrctl; }
static void write_mctrctl(RiscvCpu *cpu, unsigned csr, uint64_t value) { cpu->mctrctl = merge(cpu, cpu->mctrctl, value, CTL_MACHINE); }
static uint64_t read_sctrctl(RiscvCpu *cpu, unsigned csr) { return cpu->mctrctl & CTL_SUPERVISOR; }
static void write_sctrctl(RiscvCpu *cpu, unsigned csr, uint64_t value) { cpu->mctrctl = merge(cpu, cpu->mctrctl, value, CTL_SUPERVISOR); }
static uint64_t read_vsctrctl(RiscvCpu *cpu, unsigned csr) { return cpu->vsctrctl; }
static void write_vsctrctl(RiscvCpu *cpu, unsigned csr, uint64_t value) { cpu->vsctrctl = merge(cpu, cpu->vsctrctl, value, CTL_GUEST); }

static uint64_t read_status(RiscvCpu *cpu, unsigned csr) { return cpu->sctrstatus; }
static void write_status(RiscvCpu *cpu, unsigned csr, uint64_t value) { cpu->sctrstatus = value & (STATUS_FROZEN | (depth(cpu) - 1)); }
static uint64_t read_depth(RiscvCpu *cpu, unsigned csr) { return cpu->sctrdepth; }
static void write_depth(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    if ((value & 7) <= MAX_DEPTH_CODE) {
        cpu->sctrdepth = value & 7;
        move_write_pointer(cpu, 0);
    }
}

static const struct { uint16_t number; RiscvCsr csr; } csrs[] = {
    { 0x14e, { .name = "sctrctl", .need = need_supervisor, .read = read_sctrctl, .write = write_sctrctl } },
    { 0x14f, { .name = "sctrstatus", .need = need_supervisor, .read = read_status, .write = write_status } },
    { 0x15f, { .name = "sctrdepth", .need = need_depth, .read = read_depth, .write = write_depth } },
    { 0x24e, { .name = "vsctrctl", .need = need_guest, .read = read_vsctrctl, .write = write_vsctrctl } },
    { 0x34e, { .name = "mctrctl", .need = need_machine, .read = read_mctrctl, .write = write_mctrctl } },
};

const RiscvCsr *riscv_csr_ctr(unsigned csr)
{
    for (unsigned i = 0; i < ARRAY_SIZE(csrs); i++) {
        if (csrs[i].number == csr) {
            return &csrs[i].csr;
        }
    }
    return NULL;
}

/* ---- entries, by number: 0 is the youngest ---- */

bool riscv_selects_ctr(uint64_t select) { return select >= SELECT_ENTRIES && select <= SELECT_ENTRIES_END; }

static RiscvCtrEntry *entry(RiscvCpu *cpu, uint64_t select)
{
    unsigned n = (unsigned)(select - SELECT_ENTRIES);
    return n < depth(cpu) ? &cpu->ctr[(write_pointer(cpu) - n - 1) & (depth(cpu) - 1)] : NULL;
}

/* The last digit of sireg's number, and so on, says which register of it. */
uint64_t riscv_read_ctr(RiscvCpu *cpu, uint64_t select, unsigned csr)
{
    const RiscvCtrEntry *e = entry(cpu, select);
    switch (e ? csr & 15 : 0) {
    case 1:
        return e->source;
    case 2:
        return e->target;
    case 3:
        return e->data;
    default:
        return 0;
    }
}

void riscv_write_ctr(RiscvCpu *cpu, uint64_t select, unsigned csr, uint64_t value)
{
    RiscvCtrEntry *e = entry(cpu, select);
    switch (e ? csr & 15 : 0) {
    case 1:
        e->source = value;
        break;
    case 2:
        e->target = value & ~UINT64_C(1);
        break;
    case 3:
        e->data = value & DATA_TYPE;
        break;
    }
}
