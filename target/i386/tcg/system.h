/*
 * The system instructions as helpers of translated code: all of them HELPER_FAULTS (they leave by tcg_leave when they raise) unless they say "plain".
 * Those that change what code runs next say "ends": PC is written, the block must end with ir_exit_lookup or ir_exit_event behind the call.
 *
 * bytes: operand size 2, 4 or 8. next_pc: address of the instruction behind.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_TCG_SYSTEM_H
#define TARGET_I386_TCG_SYSTEM_H

#include "target/i386/cpu.h"

/* ---- exceptions ---- */
void x86_helper_raise(Cpu *cpu, uint32_t vector);
void x86_helper_raise_error(Cpu *cpu, uint32_t vector, uint32_t error);
/* INT n (kind 0: in virtual-8086 mode by IOPL or the redirection bitmap), INT3 and INTO (kind 1), INT1 (kind 2: no privilege check). Always leaves. */
void x86_helper_software_interrupt(Cpu *cpu, uint32_t vector, uint64_t next_pc, uint32_t kind);

/* ---- segments and far transfers ---- */
void x86_helper_load_segment(Cpu *cpu, uint32_t seg, uint32_t selector);        /* MOV, POP, LDS ... not CS */
void x86_helper_far_jump(Cpu *cpu, uint32_t selector, uint64_t offset, uint64_t next_pc);                   /* ends: lookup */
void x86_helper_far_call(Cpu *cpu, uint32_t selector, uint64_t offset, uint32_t bytes, uint64_t next_pc);   /* ends: lookup */
void x86_helper_far_return(Cpu *cpu, uint32_t bytes, uint32_t release);                                     /* ends: lookup */
void x86_helper_iret(Cpu *cpu, uint32_t bytes, uint64_t next_pc);                                           /* ends: event */
void x86_helper_lldt(Cpu *cpu, uint32_t selector);
void x86_helper_ltr(Cpu *cpu, uint32_t selector);
void x86_helper_lgdt(Cpu *cpu, uint64_t base, uint32_t limit);
void x86_helper_lidt(Cpu *cpu, uint64_t base, uint32_t limit);
/* The access rights or limit with bit 63 set when ZF is to be set (else the destination stays). */
uint64_t x86_helper_lar(Cpu *cpu, uint32_t selector);
uint64_t x86_helper_lsl(Cpu *cpu, uint32_t selector);
uint32_t x86_helper_verr(Cpu *cpu, uint32_t selector);      /* ZF: 1 or 0 */
uint32_t x86_helper_verw(Cpu *cpu, uint32_t selector);

/* ---- system calls; ends: lookup (event for the returns) ---- */
void x86_helper_syscall(Cpu *cpu, uint64_t next_pc);
void x86_helper_sysret(Cpu *cpu, uint32_t bytes);
void x86_helper_sysenter(Cpu *cpu);
void x86_helper_sysexit(Cpu *cpu, uint32_t bytes);

/* ---- control and debug registers; CPL 0 is checked by the translator ---- */
uint64_t x86_helper_read_cr(Cpu *cpu, uint32_t n);                  /* 0, 2, 3, 4, 8 */
void x86_helper_write_cr(Cpu *cpu, uint32_t n, uint64_t value);     /* ends: PC of the next instruction is written by the translator before the exit */
void x86_helper_lmsw(Cpu *cpu, uint32_t value);                     /* ditto */
void x86_helper_clts(Cpu *cpu);                                     /* ditto */
uint64_t x86_helper_read_dr(Cpu *cpu, uint32_t n);
void x86_helper_write_dr(Cpu *cpu, uint32_t n, uint64_t value);     /* ditto */
void x86_helper_invlpg(Cpu *cpu, uint64_t address);                 /* linear; ditto */
void x86_helper_invpcid(Cpu *cpu, uint64_t type, uint64_t address); /* linear address of the descriptor; ditto */
void x86_helper_xsetbv(Cpu *cpu, uint32_t index, uint64_t value);
uint64_t x86_helper_xgetbv(Cpu *cpu, uint32_t index);
void x86_helper_wrpkru(Cpu *cpu, uint32_t ecx, uint32_t eax, uint32_t edx);
uint64_t x86_helper_rdpkru(Cpu *cpu, uint32_t ecx);
/* WRFSBASE and WRGSBASE check that the base is canonical. */
void x86_helper_write_base(Cpu *cpu, uint32_t seg, uint64_t base);

/* ---- identification, MSRs, counters ---- */
void x86_helper_cpuid(Cpu *cpu);                                    /* EAX, ECX to EAX .. EDX */
void x86_helper_rdmsr(Cpu *cpu);                                    /* ECX to EDX:EAX */
void x86_helper_wrmsr(Cpu *cpu);                                    /* ends: event */
uint64_t x86_helper_rdtsc(Cpu *cpu);                                /* CR4.TSD checked here */
uint64_t x86_helper_rdtscp(Cpu *cpu);                               /* also ECX */
void x86_helper_rdpmc(Cpu *cpu);
uint64_t x86_helper_rdrand(Cpu *cpu);                               /* plain: 64 random bits (RDSEED too) */
uint32_t x86_helper_rdpid(Cpu *cpu);                                /* plain */

/* RSM: #UD outside SMM. */
void x86_helper_rsm(Cpu *cpu);                                      /* ends: event */

/* ---- waiting ---- */
void x86_helper_hlt(Cpu *cpu, uint64_t next_pc);                    /* always leaves, halted */
void x86_helper_monitor(Cpu *cpu, uint64_t address);
void x86_helper_mwait(Cpu *cpu, uint64_t next_pc);                  /* always leaves */
void x86_helper_pause(Cpu *cpu, uint64_t next_pc);                  /* always leaves, so that others get their turn */

/* ---- ports: permission by IOPL and the TSS's bitmap is checked here; size 1, 2, 4; end the block with an event exit ---- */
uint32_t x86_helper_in(Cpu *cpu, uint32_t port, uint32_t size);
void x86_helper_out(Cpu *cpu, uint32_t port, uint32_t value, uint32_t size);
/* Only the permission: #GP(0) or nothing. */
void x86_helper_check_io(Cpu *cpu, uint32_t port, uint32_t size);

/* ---- flags ---- */
/* POPF and kin: what the mode lets change. bytes: 2, 4 or 8. In virtual-8086 mode IOPL and VME are checked here. */
void x86_helper_write_eflags(Cpu *cpu, uint32_t value, uint32_t bytes);
uint32_t x86_helper_read_eflags(Cpu *cpu, uint32_t bytes);          /* PUSHF */
/* CLI and STI with their checks (IOPL, VME, PVI). STI: the shadow when IF was clear. */
void x86_helper_cli(Cpu *cpu);
void x86_helper_sti(Cpu *cpu);

#endif
