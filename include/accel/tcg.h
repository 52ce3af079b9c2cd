/*
 * What the command line asks of the translating accelerator beside its properties.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_H
#define ACCEL_TCG_H

#include <stdbool.h>

/* -perfmap: translated code is listed in /tmp/perf-PID.map. Before the accelerator is started. */
void tcg_set_perf_map(bool wanted);
/* -jitdump: it is dumped, with names, into jit-PID.dump in the working directory. Likewise. */
void tcg_set_jit_dump(bool wanted);
/* The monitor's one-insn-per-tb, at any time; machine lock held. */
void tcg_set_one_insn_per_tb(bool on);
bool tcg_one_insn_per_tb(void);

#endif
