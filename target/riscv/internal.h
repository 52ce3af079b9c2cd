/*
 * What the files of target/riscv share: exceptions, interrupts, page walks, CSRs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_INTERNAL_H
#define TARGET_RISCV_INTERNAL_H

#include "target/riscv/cpu.h"
#include "tcg/target.h"

/* ---- cpu.c ---- */
bool riscv_settle_model(RiscvCpu *cpu, GError **err);
void riscv_cpu_reset_state(RiscvCpu *cpu);
/* ---- hart.c ---- */
void riscv_hart_init(RiscvCpu *cpu);

/* ---- exceptions.c ---- */
/* Records an exception of the current instruction (PC is its address); delivered when translated code has been left. */
void riscv_record(RiscvCpu *cpu, int cause, uint64_t tval);
/* The same and tcg_leave: from helpers with HELPER_FAULTS. */
G_NORETURN void riscv_raise(RiscvCpu *cpu, int cause, uint64_t tval);
bool riscv_exception_pending(Cpu *cpu);
void riscv_deliver(Cpu *cpu);
/* Takes the CPU to the handler of a cause (interrupt: bit 63 of RV64's xcause). */
void riscv_trap(RiscvCpu *cpu, int cause, bool interrupt);
/* Privilege and V change together. */
void riscv_set_privilege(RiscvCpu *cpu, unsigned priv, bool virt);
/* Zicfilp: whether the current privilege's indirect jumps need landing pads. */
bool riscv_needs_landing_pads(const RiscvCpu *cpu);
enum { SOFTWARE_CHECK_LANDING_PAD = 2, SOFTWARE_CHECK_SHADOW_STACK = 3 };       /* xtval of CAUSE_SOFTWARE_CHECK */
void riscv_return_m(RiscvCpu *cpu);     /* MRET, SRET: privilege, interrupt enables and PC */
void riscv_return_s(RiscvCpu *cpu);

/* ---- rnmi.c ---- */
void riscv_rnmi_reset(RiscvCpu *cpu);
void riscv_enter_rnmi(RiscvCpu *cpu, unsigned cause, bool interrupt);
void riscv_return_rnmi(RiscvCpu *cpu);  /* MNRET */

/* ---- ctr.c ---- */
/* ctrdata.TYPE. */
typedef enum RiscvTransfer {
    CTR_EXCEPTION = 1, CTR_INTERRUPT, CTR_TRAP_RETURN, CTR_NOT_TAKEN_BRANCH, CTR_TAKEN_BRANCH, CTR_INDIRECT_CALL = 8, CTR_DIRECT_CALL, CTR_INDIRECT_JUMP, CTR_DIRECT_JUMP,
    CTR_COROUTINE_SWAP, CTR_RETURN, CTR_OTHER_INDIRECT, CTR_OTHER_DIRECT,
} RiscvTransfer;
void riscv_ctr_reset(RiscvCpu *cpu);
void riscv_ctr_clear(RiscvCpu *cpu);                /* SCTRCLR */
int riscv_ctr_allowed(const RiscvCpu *cpu);         /* CSR_*: that and the registers, by state enables */
bool riscv_ctr_records(const RiscvCpu *cpu);        /* jumps of the current privilege */
/* One of them: where riscv_ctr_records(). */
void riscv_ctr_record(RiscvCpu *cpu, RiscvTransfer type, uint64_t source, uint64_t target);
/* Where a trap or a return from one came from; after it. */
typedef struct RiscvCtrPlace { uint8_t priv; bool virt; uint64_t pc; } RiscvCtrPlace;
RiscvCtrPlace riscv_ctr_place(const RiscvCpu *cpu);
void riscv_ctr_trap(RiscvCpu *cpu, const RiscvCtrPlace *from, unsigned cause, bool interrupt);
void riscv_ctr_return(RiscvCpu *cpu, const RiscvCtrPlace *from);

/* ---- interrupts.c ---- */
void riscv_interrupts_init(RiscvCpu *cpu);
uint64_t riscv_mip(const RiscvCpu *cpu);            /* all sources together. Any thread */
/* Whether one is pending that is enabled by itself, whatever mstatus says: what WFI waits for. Any thread */
bool riscv_interrupt_wakes(const RiscvCpu *cpu);
/* The interrupt to be taken now, or -1; *target: to PRIV_M, PRIV_S, 2 for VS, or RISCV_TARGET_RNMI. vCPU thread. */
enum { RISCV_TARGET_RNMI = 4 };
int riscv_pending_interrupt(const RiscvCpu *cpu, unsigned *target);
/* A source, mie or what lets interrupts through has changed: from any thread; by the vCPU itself. */
void riscv_interrupts_changed(RiscvCpu *cpu);
void riscv_own_interrupts_changed(RiscvCpu *cpu);
bool riscv_has_work(Cpu *cpu);
bool riscv_interrupt(Cpu *cpu);
uint64_t riscv_time(const RiscvCpu *cpu);
/* stimecmp, vstimecmp, the time or what enables them has changed. */
void riscv_timers_update(RiscvCpu *cpu);

/* ---- counters.c ---- */
void riscv_counters_init(RiscvCpu *cpu);
void riscv_counters_reset(RiscvCpu *cpu);
void riscv_counters_mode_changed(RiscvCpu *cpu);    /* privilege or V: some counters count in some modes only. vCPU thread */
void riscv_count_tlb_miss(RiscvCpu *cpu, TcgAccess access);

/* ---- triggers.c ---- */
void riscv_triggers_reset(RiscvCpu *cpu);
/* What may meet one in the current privilege. */
enum { RISCV_TRIGGERS_ACCESS = 1, RISCV_TRIGGERS_EXECUTE = 2 };
unsigned riscv_trigger_mode(const RiscvCpu *cpu);
/* Before a load or store of so many bytes, or both in one; before an instruction. true: the exception is recorded. */
enum { RISCV_TRIGGER_LOADS = 1, RISCV_TRIGGER_STORES = 2 };
bool riscv_trigger_access(RiscvCpu *cpu, uint64_t address, unsigned bytes, unsigned kinds);
bool riscv_trigger_execute(RiscvCpu *cpu, uint64_t address, unsigned bytes);
/* Before an interrupt; after a trap from a privilege: whether a breakpoint exception comes before the handler's first instruction. */
void riscv_trigger_interrupt(RiscvCpu *cpu);
bool riscv_trigger_trap(RiscvCpu *cpu, unsigned priv, bool virt, bool interrupt);

/* ---- pmp.c ---- */
void riscv_pmp_changed(RiscvCpu *cpu);              /* pmpcfg or pmpaddr: ranges are made anew. The caller flushes */
/* What a privilege may do at paddr: PMP_R | PMP_W | PMP_X; *uniform: the same on all of its 4 KiB page. */
unsigned riscv_pmp_rights(const RiscvCpu *cpu, uint64_t paddr, bool machine, bool *uniform);
bool riscv_pmp_uniform(const RiscvCpu *cpu, uint64_t paddr, unsigned bits);     /* on all of the 2^bits bytes around it */
bool riscv_pmp_write_config(RiscvCpu *cpu, unsigned first, unsigned count, uint64_t value);
/* The fields of mseccfg that are PMP's, as a write leaves them. */
uint64_t riscv_pmp_security(const RiscvCpu *cpu, uint64_t value);
void riscv_pmp_write_address(RiscvCpu *cpu, unsigned n, uint64_t value);

/* ---- mmu.c ---- */
bool riscv_translate_address(Cpu *cpu, uint64_t vaddr, TcgAccess access, unsigned priv, bool probe, TcgTranslation *out);
/* The same; EXEC_ONLY: a load by HLVX; SHADOW: of a shadow stack. */
typedef enum RiscvAccessKind { ACCESS_PLAIN, ACCESS_EXEC_ONLY, ACCESS_SHADOW } RiscvAccessKind;
bool riscv_translate_with(RiscvCpu *cpu, uint64_t vaddr, TcgAccess access, unsigned index, RiscvAccessKind kind, bool probe, TcgTranslation *out);
uint64_t riscv_space_id(Cpu *cpu);
uint64_t riscv_space_of(const RiscvCpu *cpu, bool virt, uint64_t atp, uint64_t hgatp);
bool riscv_debug_translate(Cpu *cpu, uint64_t vaddr, uint64_t *paddr, MemAttrs *attrs);
/* What instructions of a privilege fetch by, and load and store by. */
unsigned riscv_fetch_index(const RiscvCpu *cpu);
unsigned riscv_data_index(const RiscvCpu *cpu);
/* Pointer masking of loads and stores by an index: PMM_*, with PMM_ZEROES where the upper bits become zeroes rather than copies of the highest that is left. */
enum { PMM_OFF = 0, PMM_7 = 2, PMM_16 = 3, PMM_ZEROES = 4 };
unsigned riscv_pointer_mask(const RiscvCpu *cpu, unsigned index);
uint64_t riscv_mask_pointer(unsigned mask, uint64_t address);
/* What the current privilege's loads and stores make of an effective address. */
uint64_t riscv_data_address(const RiscvCpu *cpu, uint64_t address);
/* semihosting.c: EBREAK at PC as a call. false: it is none; else PC is where to go on. */
bool riscv_semihosting_call(RiscvCpu *cpu);
/* Everything that translations stand on has changed: on the vCPU's thread or while it stands still. */
void riscv_flush_translations(RiscvCpu *cpu);
void riscv_info_mem(Cpu *cpu, GString *out);

/* ---- csr.c ---- */
/* What a privilege may do with a register: use it, not; or not because a hypervisor keeps it back. */
enum { CSR_OK, CSR_ILLEGAL, CSR_VIRTUAL };
/* Zfinx: whether state enables let the current privilege at fcsr and what works with it. */
int riscv_finx_enabled(const RiscvCpu *cpu);
/* Zicfiss: whether the current privilege may use ssp and SSAMOSWAP; below M-mode, whether shadow stacks are in force. */
int riscv_shadow_stack_allowed(const RiscvCpu *cpu);
typedef enum RiscvCsrOp { CSR_RW, CSR_RS, CSR_RC } RiscvCsrOp;
/* false: an exception (*cause). write false: read alone (CSRRS with x0). read false: CSRRW to x0. */
bool riscv_csr_access(RiscvCpu *cpu, unsigned csr, RiscvCsrOp op, bool read, bool write, uint64_t value, uint64_t *old, int *cause);
const char *riscv_csr_name(unsigned csr);           /* NULL: none of ours */
uint64_t riscv_csr_peek(RiscvCpu *cpu, unsigned csr);   /* without side effects and checks, for debuggers; 0 where there is none */
bool riscv_csr_exists(const RiscvCpu *cpu, unsigned csr);
uint64_t riscv_read_mstatus(const RiscvCpu *cpu);
bool riscv_float_on(const RiscvCpu *cpu);

/* ---- gdb.c, dump.c ---- */
extern GdbFeature riscv64_gdb_features[], riscv32_gdb_features[];
int riscv_gdb_read(Cpu *cpu, int reg, uint8_t *buf);
int riscv_gdb_write(Cpu *cpu, int reg, const uint8_t *buf, int len);
void riscv_dump_registers(Cpu *cpu, GString *out, bool fpu);
extern const char *const riscv_x_names[32], *const riscv_f_names[32];

/* ---- tcg/ ---- */
uint64_t riscv_mode_key(Cpu *cpu);

#endif
