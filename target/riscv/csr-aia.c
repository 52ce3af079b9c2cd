/*
 * CSRs of the advanced interrupt architecture: the most important interrupt, and registers reached by number, those of an IMSIC's interrupt files among them.
 *
 * Priorities of the major interrupts are the default ones; the numbers in iprio registers are kept and not used.
 *
 * The RISC-V Advanced Interrupt Architecture 1.0, 2 (CSRs), 3.8 (interrupt files), 5.1 to 5.4, 6.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/csr.h"
#include "util/main-loop.h"

enum { SELECT_IPRIO = 0x30, SELECT_IPRIO_END = 0x3f, SELECT_IMSIC = 0x70, SELECT_IMSIC_END = 0xff };

static int need_smaia(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, smaia) ? CSR_OK : CSR_ILLEGAL; }
static int need_ssaia(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, ssaia) ? riscv_state_enabled(cpu, 0, STATEEN_AIA) : CSR_ILLEGAL; }
static int need_h_aia(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, h) ? need_ssaia(cpu, csr) : CSR_ILLEGAL; }
static int need_miselect(RiscvCpu *cpu, unsigned csr) { return riscv_is_indirect(cpu, true) ? CSR_OK : CSR_ILLEGAL; }
static int need_select(RiscvCpu *cpu, unsigned csr)
{
    bool guests = (csr >> 8 & 3) == 2;
    return riscv_is_indirect(cpu, false) && (!guests || riscv_has(cpu, h)) ? riscv_state_enabled(cpu, 0, STATEEN_CSRIND) : CSR_ILLEGAL;
}

/* ---- which file ---- */

enum { LEVEL_M, LEVEL_S, LEVEL_VS };
static int level_of(unsigned csr) { return (csr >> 8 & 3) == 3 ? LEVEL_M : (csr >> 8 & 3) == 1 ? LEVEL_S : LEVEL_VS; }

/* The interrupt file of a level, or -1. */
static int file_of(const RiscvCpu *cpu, int level)
{
    unsigned guest = FIELD_GET(cpu->hstatus, HSTATUS_VGEIN);
    int file = level == LEVEL_M ? RISCV_FILE_M : level == LEVEL_S ? RISCV_FILE_S : guest ? (int)(RISCV_FILE_GUEST_FIRST + guest - 1) : -1;
    return file >= 0 && cpu->files[file].ops ? file : -1;
}

static int need_file(RiscvCpu *cpu, unsigned csr)
{
    int level = cpu->virt && level_of(csr) == LEVEL_S ? LEVEL_VS : level_of(csr);
    if (!riscv_has(cpu, ssaia) || (level == LEVEL_VS && !riscv_has(cpu, h))) {
        return CSR_ILLEGAL;
    }
    int enabled = riscv_state_enabled(cpu, 0, STATEEN_IMSIC);
    if (enabled != CSR_OK) {
        return enabled;
    }
    return file_of(cpu, level) >= 0 ? CSR_OK : cpu->virt ? CSR_VIRTUAL : CSR_ILLEGAL;
}

/* ---- registers by number ---- */

static uint64_t selected(const RiscvCpu *cpu, int level)
{
    return level == LEVEL_M ? cpu->miselect : level == LEVEL_S ? cpu->siselect : cpu->vsiselect;
}

static int need_selected(RiscvCpu *cpu, unsigned csr)
{
    int level = cpu->virt && level_of(csr) == LEVEL_S ? LEVEL_VS : level_of(csr);
    uint64_t select = selected(cpu, level), old;
    if (!riscv_is_indirect(cpu, level == LEVEL_M) || (level == LEVEL_VS && !riscv_has(cpu, h))) {
        return CSR_ILLEGAL;
    }
    bool imsic = select >= SELECT_IMSIC && select <= SELECT_IMSIC_END;
    int enabled = riscv_state_enabled(cpu, 0, STATEEN_CSRIND);
    enabled = enabled == CSR_OK && imsic ? riscv_state_enabled(cpu, 0, STATEEN_IMSIC) : enabled;
    if (enabled != CSR_OK) {
        return enabled;
    }
    if (level != LEVEL_M && riscv_selects_ctr(select)) {
        return riscv_ctr_allowed(cpu);
    }
    if (level != LEVEL_M && riscv_selects_counter(select)) {
        return riscv_need_delegated(cpu, csr);
    }
    if (select >= SELECT_IPRIO && select <= SELECT_IPRIO_END && level != LEVEL_VS && riscv_has(cpu, ssaia)) {
        return cpu->xlen == 64 && (select & 1) ? CSR_ILLEGAL : CSR_OK;
    }
    int file = file_of(cpu, level);
    if (imsic && file >= 0) {
        MACHINE_LOCK_GUARD();
        if (cpu->files[file].ops->access(cpu->files[file].opaque, file, select, cpu->xlen, &old, 0, 0)) {
            return CSR_OK;
        }
    }
    return cpu->virt ? CSR_VIRTUAL : CSR_ILLEGAL;
}

static uint64_t access_selected(RiscvCpu *cpu, unsigned csr, uint64_t value, uint64_t mask)
{
    int level = level_of(csr), file = file_of(cpu, level);
    uint64_t select = selected(cpu, level), old = 0;
    if (select <= SELECT_IPRIO_END) {
        uint8_t *priorities = (level == LEVEL_M ? cpu->miprio : cpu->siprio) + (select - SELECT_IPRIO) * 4;
        for (unsigned i = 0; i < cpu->xlen / 8; i++) {
            old |= (uint64_t)priorities[i] << 8 * i;
            priorities[i] = (mask >> 8 * i & 0xff) ? value >> 8 * i : priorities[i];
        }
        return old;
    }
    if (file >= 0) {
        MACHINE_LOCK_GUARD();
        cpu->files[file].ops->access(cpu->files[file].opaque, file, select, cpu->xlen, &old, value, mask);
    }
    return old;
}

static bool is_delegated(const RiscvCpu *cpu, int level) { return level == LEVEL_S && riscv_selects_counter(cpu->siselect); }
static bool is_record(const RiscvCpu *cpu, int level) { return level != LEVEL_M && riscv_selects_ctr(selected(cpu, level)); }
static uint64_t read_ireg(RiscvCpu *cpu, unsigned csr)
{
    int level = level_of(csr);
    if (is_record(cpu, level)) {
        return riscv_read_ctr(cpu, selected(cpu, level), csr);
    }
    return is_delegated(cpu, level) ? riscv_read_delegated(cpu, csr) : access_selected(cpu, csr, 0, 0);
}
static void write_ireg(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    int level = level_of(csr);
    if (is_record(cpu, level)) {
        riscv_write_ctr(cpu, selected(cpu, level), csr, value);
    } else if (is_delegated(cpu, level)) {
        riscv_write_delegated(cpu, csr, value);
    } else {
        access_selected(cpu, csr, value, MAKE_MASK(0, cpu->xlen));
    }
}

/* ---- the most important one ---- */

/* Reading tells; writing, with whatever value, takes it. */
static uint64_t read_topei(RiscvCpu *cpu, unsigned csr)
{
    int file = file_of(cpu, level_of(csr));
    MACHINE_LOCK_GUARD();
    return file >= 0 ? cpu->files[file].ops->topei(cpu->files[file].opaque, file, false) : 0;
}

static void write_topei(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    int file = file_of(cpu, level_of(csr));
    MACHINE_LOCK_GUARD();
    if (file >= 0) {
        cpu->files[file].ops->topei(cpu->files[file].opaque, file, true);
    }
}

/* Identity << 16 | priority: 1 for all, as for a register of priorities that is all zeroes. */
static uint64_t read_topi(RiscvCpu *cpu, unsigned csr)
{
    static const uint8_t order[] = { 11, 3, 7, 9, 1, 5, 12, 10, 2, 6, 13 };
    uint64_t pending = riscv_mip(cpu) & cpu->mie;
    int level = level_of(csr);
    pending &= level == LEVEL_M ? ~cpu->mideleg : level == LEVEL_S ? cpu->mideleg & ~cpu->hideleg : cpu->hideleg;
    for (unsigned i = 0; i < ARRAY_SIZE(order); i++) {
        if (pending >> order[i] & 1) {
            unsigned number = level == LEVEL_VS && (order[i] == 2 || order[i] == 6 || order[i] == 10) ? order[i] - 1u : order[i];
            return (uint64_t)number << 16 | 1;
        }
    }
    return 0;
}

static uint64_t read_zero(RiscvCpu *cpu, unsigned csr) { return 0; }
static void write_nothing(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
}

#define PLAIN(text, member, condition, mask) { .name = text, .offset = offsetof(RiscvCpu, member), .writable = mask, .need = condition }
#define CSR(text, condition, r, w) { .name = text, .need = condition, .read = r, .write = w }
/* Of interrupt files, where messages arrive at any time. */
#define SHARED(text, condition, r, w) { .name = text, .need = condition, .read = r, .write = w, .shared = true }

static const struct { uint16_t number; RiscvCsr csr; } csrs[] = {
    { 0x150, PLAIN("siselect", siselect, need_select, 0xfff) },
    { 0x151, SHARED("sireg", need_selected, read_ireg, write_ireg) },
    { 0x15c, SHARED("stopei", need_file, read_topei, write_topei) },
    { 0xdb0, CSR("stopi", need_ssaia, read_topi, NULL) },
    { 0x250, PLAIN("vsiselect", vsiselect, need_select, 0xfff) },
    { 0x251, SHARED("vsireg", need_selected, read_ireg, write_ireg) },
    { 0x25c, SHARED("vstopei", need_file, read_topei, write_topei) },
    { 0xeb0, CSR("vstopi", need_h_aia, read_topi, NULL) },
    { 0x308, CSR("mvien", need_smaia, read_zero, write_nothing) },
    { 0x309, CSR("mvip", need_smaia, read_zero, write_nothing) },
    { 0x350, PLAIN("miselect", miselect, need_miselect, 0xfff) },
    { 0x351, SHARED("mireg", need_selected, read_ireg, write_ireg) },
    { 0x35c, SHARED("mtopei", need_file, read_topei, write_topei) },
    { 0xfb0, CSR("mtopi", need_smaia, read_topi, NULL) },
    { 0x608, CSR("hvien", need_h_aia, read_zero, write_nothing) },
    { 0x609, CSR("hvictl", need_h_aia, read_zero, write_nothing) },
    { 0x646, PLAIN("hviprio1", hviprio[0], need_h_aia, UINT64_MAX) },
    { 0x647, PLAIN("hviprio2", hviprio[1], need_h_aia, UINT64_MAX) },
};

const RiscvCsr *riscv_csr_aia(unsigned csr)
{
    for (unsigned i = 0; i < ARRAY_SIZE(csrs); i++) {
        if (csrs[i].number == csr) {
            return &csrs[i].csr;
        }
    }
    return riscv_csr_state_enable(csr);
}
