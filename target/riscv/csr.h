/*
 * The table of CSRs, for the files that fill it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_CSR_H
#define TARGET_RISCV_CSR_H

#include "target/riscv/internal.h"

typedef struct RiscvCsr {
    const char *name;
    size_t offset;                      /* of its uint64_t, where read or write is NULL */
    uint64_t writable;                  /* bits, where write is NULL; 0: read-only */
    int (*need)(RiscvCpu *cpu, unsigned csr);           /* beside privilege: CSR_*. NULL: nothing */
    uint64_t (*read)(RiscvCpu *cpu, unsigned csr);
    void (*write)(RiscvCpu *cpu, unsigned csr, uint64_t value);
    uint64_t (*modify_base)(RiscvCpu *cpu, unsigned csr);   /* what CSRRS and CSRRC change, where it is not what they read */
    bool shared;                        /* devices change it, too: what an instruction reads and writes is one, under the machine lock */
} RiscvCsr;
const RiscvCsr *riscv_csr_entry(unsigned csr);
/* Those of the hypervisor extension, AIA, vectors and state enables; NULL: none. */
const RiscvCsr *riscv_csr_hypervisor(unsigned csr);
const RiscvCsr *riscv_csr_aia(unsigned csr);
const RiscvCsr *riscv_csr_state_enable(unsigned csr);
const RiscvCsr *riscv_csr_indirect(unsigned csr);
const RiscvCsr *riscv_csr_rnmi(unsigned csr);
const RiscvCsr *riscv_csr_ctr(unsigned csr);

/* ---- csr-indirect.c: counters behind siselect ---- */
bool riscv_is_indirect(const RiscvCpu *cpu, bool machine);     /* whether there are miselect and mireg, siselect and sireg */
bool riscv_selects_counter(uint64_t select);
int riscv_need_delegated(RiscvCpu *cpu, unsigned csr);
uint64_t riscv_read_delegated(RiscvCpu *cpu, unsigned csr);
void riscv_write_delegated(RiscvCpu *cpu, unsigned csr, uint64_t value);

/* ---- ctr.c: records behind siselect and vsiselect ---- */
bool riscv_has_ctr(const RiscvCpu *cpu);
bool riscv_selects_ctr(uint64_t select);
uint64_t riscv_read_ctr(RiscvCpu *cpu, uint64_t select, unsigned csr);
void riscv_write_ctr(RiscvCpu *cpu, uint64_t select, unsigned csr, uint64_t value);

/* Whether the hart has it: what MPP and its kin can hold. */
bool riscv_is_privilege(const RiscvCpu *cpu, unsigned priv);

/* What becomes of the fields of xenvcfg and mseccfg that not every number may be written to. */
uint64_t riscv_checked_envcfg(uint64_t old, uint64_t value);

/* ---- csr-state-enable.c ---- */
#define STATEEN_FCSR   BIT(1)
#define STATEEN_JVT    BIT(2)
#define STATEEN_CTR    BIT(54)
#define STATEEN_IMSIC  BIT(58)
#define STATEEN_AIA    BIT(59)
#define STATEEN_CSRIND BIT(60)
#define STATEEN_ENVCFG BIT(62)
#define STATEEN_SE     BIT(63)
/* Whether a bit of mstateenN, for a guest of hstateenN, and for U-mode of sstateenN lets the current privilege at the state behind it: CSR_*. */
int riscv_state_enabled(const RiscvCpu *cpu, unsigned n, uint64_t bit);

/* ---- triggers.c ---- */
int riscv_need_trigger(RiscvCpu *cpu, unsigned csr);
uint64_t riscv_read_trigger(RiscvCpu *cpu, unsigned csr);
void riscv_write_trigger(RiscvCpu *cpu, unsigned csr, uint64_t value);

/* ---- counters.c: CSRs by number ---- */
int riscv_need_counter(RiscvCpu *cpu, unsigned csr);
int riscv_need_machine_counter(RiscvCpu *cpu, unsigned csr);
int riscv_need_event_high(RiscvCpu *cpu, unsigned csr);
int riscv_need_counter_config(RiscvCpu *cpu, unsigned csr);
uint64_t riscv_read_counter_config(RiscvCpu *cpu, unsigned csr);
void riscv_write_counter_config(RiscvCpu *cpu, unsigned csr, uint64_t value);
uint64_t riscv_read_counter_config_high(RiscvCpu *cpu, unsigned csr);
void riscv_write_counter_config_high(RiscvCpu *cpu, unsigned csr, uint64_t value);
int riscv_need_overflows(RiscvCpu *cpu, unsigned csr);
uint64_t riscv_read_counter(RiscvCpu *cpu, unsigned csr);
uint64_t riscv_read_counter_high(RiscvCpu *cpu, unsigned csr);
void riscv_write_counter(RiscvCpu *cpu, unsigned csr, uint64_t value);
void riscv_write_counter_high(RiscvCpu *cpu, unsigned csr, uint64_t value);
uint64_t riscv_read_inhibit(RiscvCpu *cpu, unsigned csr);
void riscv_write_inhibit(RiscvCpu *cpu, unsigned csr, uint64_t value);
uint64_t riscv_read_event(RiscvCpu *cpu, unsigned csr);
void riscv_write_event(RiscvCpu *cpu, unsigned csr, uint64_t value);
uint64_t riscv_read_event_high(RiscvCpu *cpu, unsigned csr);
void riscv_write_event_high(RiscvCpu *cpu, unsigned csr, uint64_t value);
uint64_t riscv_read_overflows(RiscvCpu *cpu, unsigned csr);
/* mcounteren, scounteren, hcounteren. */
uint64_t riscv_read_counter_enable(RiscvCpu *cpu, unsigned csr);
void riscv_write_counter_enable(RiscvCpu *cpu, unsigned csr, uint64_t value);

#endif
