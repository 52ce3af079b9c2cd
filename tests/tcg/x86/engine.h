/*
 * The part of the engine that runs blocks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_TCG_X86_ENGINE_H
#define TESTS_TCG_X86_ENGINE_H

#include "target/i386/cpu.h"
#include "tcg/target.h"

extern X86Cpu *engine_cpu;

/* Records the page fault of an access that the window does not allow: false. */
bool engine_check(Cpu *cpu, uint64_t vaddr, unsigned len, TcgAccess access);

/* What the page of an address allows: bit TCG_ACCESS_*. */
unsigned engine_page_rights(uint64_t vaddr);

void engine_backend_init(void);
/* Which of the back ends runs what comes. */
void engine_choose(unsigned n);
/* Translates and runs from the CPU's state until it leaves. */
void engine_run_block(int max_insns);
/* The same in blocks that are kept and linked as they come; first: what was kept goes. */
void engine_run_linked(bool first);
char *engine_ir(void);

#endif
