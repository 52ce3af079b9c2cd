/*
 * The part of the engine that runs blocks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_TCG_X86_ENGINE_H
#define TESTS_TCG_X86_ENGINE_H

#include "case.h"
#include "target/i386/cpu.h"
#include "tcg/target.h"

extern X86Cpu *engine_cpu;

/* Records the page fault of an access that the window does not allow: false. */
bool engine_check(Cpu *cpu, uint64_t vaddr, unsigned len, TcgAccess access);

/* What the page of an address allows: bit TCG_ACCESS_*. */
unsigned engine_page_rights(uint64_t vaddr);

/* A case's state into the CPU and memory; what has become of it. */
void engine_load_state(const X86Case *c);
void engine_save_state(const X86Case *c, X86Result *r);

void engine_backend_init(void);
/* Which of the back ends runs what comes. */
void engine_choose(unsigned n);
/* Translates and runs from the CPU's state until it leaves. */
void engine_run_block(int max_insns);
/* The same in blocks that are kept and linked as they come; first: what was kept goes. */
void engine_run_linked(bool first);
/* The same for many states: the code stays between runs, and so does the TLB. begin: it goes. Runs until there is an exception. */
void engine_keep_begin(void);
void engine_keep_run(int max_insns);
char *engine_ir(void);

#endif
