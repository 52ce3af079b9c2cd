/*
 * What the files of target/arm share: exceptions, interrupts, page walks, system registers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_INTERNAL_H
#define TARGET_ARM_INTERNAL_H

#include "target/arm/cpu.h"
#include "tcg/target.h"

/* ---- cpu.c, cpu-models.c, processor.c ---- */
bool arm_settle_model(ArmCpu *cpu, GError **err);
void arm_cpu_reset_state(ArmCpu *cpu);
void arm_cpu_start(ArmCpu *cpu, const ArmBootState *state);     /* reset, and then that */
void arm_processor_init(ArmCpu *cpu);               /* lines and outputs: include/target/arm.h */
void arm_list_cpus(GString *out);
Cpu *arm_new_cpu(const TargetArch *arch, const char *model_and_features, GError **err);
GVariant *arm_cpu_definitions(const TargetArch *arch);
GVariant *arm_expand_cpu_model(const TargetArch *arch, bool full, const char *model, GVariant *props, GError **err);

/* ---- regime.c: what the state means ---- */
bool arm_is_secure(const ArmCpu *cpu);              /* of the current exception level */
bool arm_el2_enabled(const ArmCpu *cpu);            /* in the current security state */
uint64_t arm_hcr(const ArmCpu *cpu);                /* HCR_EL2 as it counts: 0 where EL2 is not enabled */
uint64_t arm_hcrx(const ArmCpu *cpu);               /* HCRX_EL2 the same */
bool arm_el_is_aarch64(const ArmCpu *cpu, unsigned el);
static inline bool arm_e2h(uint64_t hcr) { return (hcr & HCR_E2H) != 0; }
/* EL0 runs in EL2&0's regime. */
static inline bool arm_in_host(uint64_t hcr) { return (hcr & (HCR_E2H | HCR_TGE)) == (HCR_E2H | HCR_TGE); }
/* The exception level whose SCTLR, TCR, TTBR, MAIR, VBAR count for el: 1 or 2 for 0. */
unsigned arm_regime_el(const ArmCpu *cpu, unsigned el);
/* What loads and stores go by, and those of LDTR and STTR. */
unsigned arm_data_index(const ArmCpu *cpu);
unsigned arm_unprivileged_index(const ArmCpu *cpu);
unsigned arm_fetch_index(const ArmCpu *cpu);
/* 0: the instructions may be used; else the exception level that they trap to (FP and AdvSIMD; SVE). */
unsigned arm_fp_trap_el(const ArmCpu *cpu);
/* AArch32 below AArch32: FP and Advanced SIMD are UNDEFINED by CPACR, NSACR and, where that is asked for, FPEXC; Advanced SIMD is by CPACR or NSACR, or traps to Hyp by HCPTR. */
bool arm_fp_undefined(const ArmCpu *cpu, bool checks_fpexc);
bool arm_simd_undefined(const ArmCpu *cpu);
bool arm_simd_trapped(const ArmCpu *cpu);
unsigned arm_sve_trap_el(const ArmCpu *cpu);
unsigned arm_sve_vq(const ArmCpu *cpu);             /* effective vector length in units of 128 bits */
/* Everything that hangs on PSTATE, SCR, HCR, SCTLR ... may have changed: spaces, lines. On the vCPU's thread. */
void arm_state_changed(ArmCpu *cpu);

/* ---- pstate.c ---- */
uint64_t arm_pstate(const ArmCpu *cpu);             /* as SPSR_ELx of an exception from AArch64 holds it */
uint32_t arm_cpsr(const ArmCpu *cpu);               /* from AArch32 */
void arm_set_pstate(ArmCpu *cpu, uint64_t spsr);    /* exception level, SP and all else of AArch64 */
void arm_set_cpsr(ArmCpu *cpu, uint32_t cpsr, uint32_t mask, bool raw);     /* raw: the mode may change to any; else as MSR lets it */
void arm_set_el(ArmCpu *cpu, unsigned el, bool sp_sel);         /* with its stack pointer */
void arm_switch_mode(ArmCpu *cpu, unsigned mode);   /* AArch32: banks */
void arm_set_spsr32(ArmCpu *cpu, unsigned mode, uint32_t value);   /* SPSR of a mode of AArch32 */
void arm_sync_to_aarch64(ArmCpu *cpu);              /* x[] and banks of AArch32 as AArch64 sees them, and back */
unsigned arm_register_in_aarch64(const ArmCpu *cpu, unsigned n);     /* the number that AArch64 has for R<n> of the current mode */
void arm_sync_to_aarch32(ArmCpu *cpu);

/* ---- exceptions.c, exceptions-aarch32.c ---- */
/* Records an exception of the current instruction (PC is its address), taken to target_el: 0 means the one that the manual's rules give (at least 1; HCR_EL2.TGE and so
 * on). return_pc: what ELR gets. Delivered when translated code has been left. */
void arm_record(ArmCpu *cpu, uint32_t syndrome, unsigned target_el);
void arm_record_return(ArmCpu *cpu, uint32_t syndrome, unsigned target_el, uint64_t return_pc);
void arm_record_far(ArmCpu *cpu, uint32_t syndrome, unsigned target_el, uint64_t far);
/* The same and tcg_leave: from helpers with HELPER_FAULTS. */
G_NORETURN void arm_raise(ArmCpu *cpu, uint32_t syndrome, unsigned target_el);
G_NORETURN void arm_raise_undefined(ArmCpu *cpu);
/* The target of a synchronous exception from the current level that no trap asked for. */
unsigned arm_default_target(const ArmCpu *cpu);
bool arm_exception_pending(Cpu *cpu);
void arm_deliver(Cpu *cpu);
void arm_take_exception(ArmCpu *cpu);               /* the recorded one */
void arm_take_aarch32(ArmCpu *cpu);
void arm_exception_return(ArmCpu *cpu);             /* ERET: PSTATE and PC from SPSR and ELR of the current level, checked (illegal return) */

/* ---- gcs.c: guarded control stacks ---- */
bool arm_gcs_enabled(const ArmCpu *cpu);            /* calls and returns of the current level use one */
bool arm_exlock_enabled(const ArmCpu *cpu);         /* GCSCR_ELx.EXLOCKEN of the current level */
/* An exception of the stack at the current level (EC_GCS), to target_el or, with 0, where the manual's rules say. */
G_NORETURN void arm_raise_gcs(ArmCpu *cpu, uint32_t iss, unsigned target_el);

/* ---- interrupts.c ---- */
bool arm_has_work(Cpu *cpu);
bool arm_interrupt(Cpu *cpu);
void arm_interrupts_changed(ArmCpu *cpu);           /* a line, HCR_EL2.VI .. changed: any thread */
void arm_own_interrupts_changed(ArmCpu *cpu);       /* PSTATE or a register of the vCPU itself did */
uint64_t arm_pending_interrupts(const ArmCpu *cpu); /* ISR_EL1 */
/* FEAT_NMI: exceptions to that level tell interrupts with superpriority from others (SCTLR_ELx.NMI). */
bool arm_superpriority(const ArmCpu *cpu, unsigned el);
bool arm_allint_trapped(const ArmCpu *cpu);         /* HCRX_EL2.TALLINT: EL1 may not set PSTATE.ALLINT */

/* ---- pmu.c ---- */
void arm_pmu_init(ArmCpu *cpu);
void arm_pmu_reset(ArmCpu *cpu);
void arm_pmu_mode_changed(ArmCpu *cpu);             /* the exception level or the security state has changed, on the vCPU's thread */

/* ---- timer.c ---- */
void arm_timers_init(ArmCpu *cpu);
void arm_timers_reset(ArmCpu *cpu);
void arm_timers_update(ArmCpu *cpu);
uint64_t arm_counter(const ArmCpu *cpu);            /* CNTPCT_EL0 */
uint64_t arm_timer_offset(const ArmCpu *cpu, unsigned timer);   /* what a timer's count is behind the counter */
void arm_timer_update(ArmCpu *cpu, unsigned timer);

/* ---- mmu.c: page walks; mmu-short.c: the short-descriptor format ---- */
bool arm_translate_address(Cpu *cpu, uint64_t vaddr, TcgAccess access, unsigned index, bool probe, TcgTranslation *out);
uint64_t arm_space_id(Cpu *cpu);
uint64_t arm_space_of(const ArmCpu *cpu, unsigned asid);        /* the same, of another ASID */
uint64_t arm_branch_target(const ArmCpu *cpu, uint64_t target); /* its tag off, as the current level has it */
bool arm_debug_translate(Cpu *cpu, uint64_t vaddr, uint64_t *paddr, MemAttrs *attrs);
/* AT instructions: PAR_EL1's value. el: of the access; PAN: as PSTATE has it; UNCHECKED: permissions of stage 1 do not count. */
enum { AT_BOTH_STAGES = 1, AT_PAN = 2, AT_UNCHECKED = 4 };
uint64_t arm_address_translate(ArmCpu *cpu, uint64_t vaddr, TcgAccess access, unsigned el, unsigned how);
void arm_flush_translations(ArmCpu *cpu);           /* everything, own vCPU */
/* Records the fault of an access of translated code that is not aligned, or that no device answers. */
void arm_record_alignment(ArmCpu *cpu, uint64_t vaddr, TcgAccess access);
void arm_record_external(ArmCpu *cpu, uint64_t vaddr, TcgAccess access);
/* A tag check fault at an address (FEAT_MTE). */
void arm_record_tag_check(ArmCpu *cpu, uint64_t vaddr, TcgAccess access);
/* A tag cannot be stored where tags are canonical: a permission fault, if stage 1 is on. */
bool arm_record_tag_refused(ArmCpu *cpu, uint64_t vaddr, unsigned index);
bool arm_page_guarded(ArmCpu *cpu, uint64_t vaddr); /* the page of code has GP set */

/* ---- sysregs.c and its tables ---- */
/* An access by MRS, MSR (AArch64) as instruction bits name it (ARM_SYSREG). false: an exception has been recorded. */
bool arm_sysreg_read(ArmCpu *cpu, uint32_t sysreg, uint64_t *value);
bool arm_sysreg_write(ArmCpu *cpu, uint32_t sysreg, uint64_t value);
/* Whether code after a write to it must be looked up anew (what it holds decides how code is translated or which interrupts are taken). */
bool arm_sysreg_is_quiet(uint32_t sysreg);
/* fine-traps.c: HFGRTR_EL2 and the like count here; some bit of them is set, too; that bit of HFGITR_EL2 is. */
bool arm_fine_traps_enabled(const ArmCpu *cpu);
bool arm_fine_traps_any(const ArmCpu *cpu);
bool arm_fine_traps_instruction(const ArmCpu *cpu, uint64_t bit);
/* SYS instructions (op0 1): AT, DC, IC, TLBI, ...; SYSL reads. */
bool arm_sys_instruction(ArmCpu *cpu, uint32_t sysreg, uint64_t value);
/* What is no SYS instruction but done as one: the error synchronization barrier. */
enum { ARM_SYS_ESB = ARM_SYSREG(0, 3, 2, 2, 0) };
/* AArch32: coprocessors 14 and 15. insn_syndrome: ISS of a trap; is64: MRRC and MCRR. */
bool arm_coprocessor_read(ArmCpu *cpu, unsigned cp, unsigned op1, unsigned crn, unsigned crm, unsigned op2, bool is64, uint32_t syndrome, uint64_t *value);
bool arm_coprocessor_write(ArmCpu *cpu, unsigned cp, unsigned op1, unsigned crn, unsigned crm, unsigned op2, bool is64, uint32_t syndrome, uint64_t value);

/* ---- system.c: calls ---- */
void arm_svc(ArmCpu *cpu, uint32_t imm16);          /* record what SVC, HVC, SMC raise, or do what PSCI says */
void arm_hvc(ArmCpu *cpu, uint32_t imm16, uint64_t next_pc);
void arm_smc(ArmCpu *cpu, uint32_t imm16, uint64_t next_pc);
bool arm_psci_call(ArmCpu *cpu);                    /* psci.c: x0.. as registers stand; false: not a function of PSCI */
bool arm_semihosting_enabled(const ArmCpu *cpu);
/* semihosting.c. true: PC is next_pc now; false: it stays, for the instruction is to be run again. */
bool arm_semihosting_call(ArmCpu *cpu, uint64_t next_pc);
/* DSB: broadcast flushes have been done by all. false: not yet; the instruction is to be run again. */
bool arm_flushes_done(ArmCpu *cpu);
/* Does the flushes that others have broadcast: TcgTarget.serve. */
void arm_serve(Cpu *c);

/* ---- gdb.c, dump.c ---- */
extern GdbFeature aarch64_gdb_features[], arm_gdb_features[];
/* With SVE: its registers of the model's length in place of V. */
const GdbFeature *aarch64_gdb_features_of(Cpu *cpu);
int arm_gdb_read(Cpu *cpu, int reg, uint8_t *buf);
int arm_gdb_write(Cpu *cpu, int reg, const uint8_t *buf, int len);
void arm_dump_registers(Cpu *cpu, GString *out, bool fpu);

/* ---- debug.c ---- */
void arm_debug_changed(ArmCpu *cpu);                /* DBGB*, DBGW*, MDSCR: the vCPU's breakpoints are made anew */
bool arm_guest_breakpoint(Cpu *cpu, BreakpointKind kind, uint64_t addr);
void arm_single_step(Cpu *cpu);

/* ---- tcg/ ---- */
uint64_t arm_mode_key(Cpu *cpu);
/* The syndrome of a trapped access to a system register, or SYS instruction: the one at PC. */
uint32_t arm_trap_syndrome(ArmCpu *cpu);

#endif
