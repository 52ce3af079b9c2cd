/*
 * Helpers of translated code: declarations for C and for the compiler.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_HELPERS_H
#define TARGET_ARM_TCG_HELPERS_H

#include "target/arm/cpu.h"
#include "tcg/helper.h"

/* ---- helpers-system.c ---- */
void arm_helper_raise(Cpu *cpu, uint32_t syndrome, uint32_t target_el);
void arm_helper_undefined(Cpu *cpu);
uint64_t arm_helper_mrs(Cpu *cpu, uint32_t sysreg);
void arm_helper_msr(Cpu *cpu, uint32_t sysreg, uint64_t value);
uint64_t arm_helper_mrs_float(Cpu *cpu, uint32_t sysreg);
void arm_helper_msr_float(Cpu *cpu, uint32_t sysreg, uint64_t value);
void arm_helper_sys(Cpu *cpu, uint32_t sysreg, uint64_t value);
void arm_helper_daif_check(Cpu *cpu, uint32_t sysreg);
void arm_helper_pstate_field(Cpu *cpu, uint32_t field, uint32_t value);
void arm_helper_svc(Cpu *cpu, uint32_t imm16);
void arm_helper_hvc(Cpu *cpu, uint32_t imm16, uint64_t next_pc);
void arm_helper_smc(Cpu *cpu, uint32_t imm16, uint64_t next_pc);
void arm_helper_brk(Cpu *cpu, uint32_t imm16);
void arm_helper_hlt(Cpu *cpu, uint32_t imm16, uint64_t next_pc);
void arm_helper_eret(Cpu *cpu, uint32_t authenticated);
void arm_helper_wfx(Cpu *cpu, uint32_t is_wfe, uint64_t next_pc);
void arm_helper_wfxt(Cpu *cpu, uint32_t is_wfe, uint64_t until, uint64_t next_pc);
void arm_helper_sev(Cpu *cpu, uint32_t local);
void arm_helper_yield_now(Cpu *cpu, uint64_t next_pc);
uint32_t arm_helper_dsb(Cpu *cpu);
void arm_helper_bti_branch(Cpu *cpu, uint64_t target, uint32_t btype);
void arm_helper_step(Cpu *cpu);
void arm_helper_trap_check(Cpu *cpu, uint32_t sysreg);

/* ---- helpers-memory.c ---- */
void arm_helper_dc_zva(Cpu *cpu, uint64_t address, uint32_t sysreg);
void arm_helper_tag_check(Cpu *cpu, uint64_t address, uint32_t how);
uint64_t arm_helper_tag_load(Cpu *cpu, uint64_t address, uint64_t old);
void arm_helper_tag_store(Cpu *cpu, uint64_t address, uint64_t tagged, uint32_t how);
uint64_t arm_helper_tag_load_many(Cpu *cpu, uint64_t address);
void arm_helper_tag_store_many(Cpu *cpu, uint64_t address, uint64_t value, uint32_t zero);
uint64_t arm_helper_tag_add(Cpu *cpu, uint64_t address, uint32_t offset);
uint64_t arm_helper_tag_insert(Cpu *cpu, uint64_t address, uint64_t exclude);

/* Tags of [address, address + bytes), within a page, against the address's; unpriv: by EL0's controls. A difference may leave. */
void arm_check_tags(ArmCpu *cpu, uint64_t address, unsigned bytes, unsigned index, bool is_write, bool unpriv);
/* Whether they are the same; nothing faults. */
bool arm_tags_match(ArmCpu *cpu, uint64_t address, unsigned bytes, unsigned index);
/* SETG: the granule's tag becomes the address's, if tags may be stored. */
void arm_set_tag(ArmCpu *cpu, uint64_t address, unsigned index);

/* ---- helpers-gcs.c ---- */
void arm_helper_gcs_push(Cpu *cpu, uint64_t value);
uint64_t arm_helper_gcs_pop(Cpu *cpu, uint64_t target, uint32_t iss);
uint64_t arm_helper_gcs_sys(Cpu *cpu, uint32_t sysreg, uint64_t value, uint32_t rt);
void arm_helper_gcs_store(Cpu *cpu, uint64_t address, uint64_t value, uint32_t how);

/* ---- helpers-mops.c ---- */
uint32_t arm_helper_mops(Cpu *cpu, uint32_t insn, uint32_t how);

/* ---- helpers-integer.c, pauth.c ---- */
uint64_t arm_helper_pac(Cpu *cpu, uint64_t pointer, uint64_t modifier, uint32_t key);
uint64_t arm_helper_aut(Cpu *cpu, uint64_t pointer, uint64_t modifier, uint32_t key);
uint64_t arm_helper_xpac(Cpu *cpu, uint64_t pointer, uint32_t data);
uint64_t arm_helper_pacga(Cpu *cpu, uint64_t x, uint64_t y);
uint32_t arm_helper_crc32(Cpu *cpu, uint32_t accumulator, uint64_t data, uint32_t size_log2);

/* ---- helpers-a32.c ---- */
uint32_t arm_helper_a32_mrs(Cpu *cpu, uint32_t spsr);
void arm_helper_a32_msr(Cpu *cpu, uint32_t how, uint32_t value);
uint32_t arm_helper_a32_mrs_banked(Cpu *cpu, uint32_t which);
void arm_helper_a32_msr_banked(Cpu *cpu, uint32_t which, uint32_t value);
void arm_helper_a32_cps(Cpu *cpu, uint32_t how);
void arm_helper_a32_setend(Cpu *cpu, uint32_t big);
void arm_helper_a32_return(Cpu *cpu, uint32_t pc);
void arm_helper_a32_hyp_return(Cpu *cpu);
void arm_helper_a32_rfe(Cpu *cpu, uint32_t pc, uint32_t cpsr);
void arm_helper_a32_srs(Cpu *cpu, uint32_t how);
uint32_t arm_helper_a32_user_register(Cpu *cpu, uint32_t n);
void arm_helper_a32_set_user_register(Cpu *cpu, uint32_t n, uint32_t value);
void arm_helper_a32_bkpt(Cpu *cpu, uint32_t imm);
uint32_t arm_helper_a32_mrc(Cpu *cpu, uint32_t spec);
void arm_helper_a32_mcr(Cpu *cpu, uint32_t spec, uint32_t value);
uint64_t arm_helper_a32_mrrc(Cpu *cpu, uint32_t spec);
void arm_helper_a32_mcrr(Cpu *cpu, uint32_t spec, uint64_t value);
uint64_t arm_helper_a32_parallel(Cpu *cpu, uint32_t how, uint32_t a, uint32_t b);
/* ---- helpers-vfp.c ---- */
uint64_t arm_helper_vfp(Cpu *cpu, uint32_t spec, uint64_t d, uint64_t n, uint64_t m);
uint32_t arm_helper_vfp_compare(Cpu *cpu, uint32_t how, uint64_t a, uint64_t b);
uint64_t arm_helper_vfp_convert(Cpu *cpu, uint32_t how, uint64_t a);
uint32_t arm_helper_vfp_read_fpscr(Cpu *cpu);
void arm_helper_vfp_write_fpscr(Cpu *cpu, uint32_t value);
uint32_t arm_helper_vfp_mrs(Cpu *cpu, uint32_t reg);
void arm_helper_vfp_msr(Cpu *cpu, uint32_t reg, uint32_t value);

#define HELPER(name, ...) extern IrHelper arm_ir_##name;
#include "target/arm/tcg/helpers.def"
#include "target/arm/tcg/helpers-simd.def"
#include "target/arm/tcg/helpers-sve.def"
#include "target/arm/tcg/helpers-a32.def"
#include "target/arm/tcg/helpers-vfp.def"
#undef HELPER

/* For the .c files that define the rows of a .def file: HELPER as a definition. */
#define ARM_HELPER_DEFINITION(id, result_type, effects, written, ...) \
    IrHelper arm_ir_##id = { .name = "arm_helper_" #id, .function = arm_helper_##id, .result = result_type, \
                             .nargs = sizeof((IrType[]){ __VA_ARGS__ }) / sizeof(IrType), .args = { __VA_ARGS__ }, .flags = effects, .reads = SLOTS_NONE, \
                             .writes = written };

#endif
