/*
 * Random blocks (fuzz.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_TCG_IR_FUZZ_H
#define TESTS_TCG_IR_FUZZ_H

#include "toy.h"

/* Builds and runs up to `count` random blocks, for `seconds` (0: no limit). What differed first, with the block, or NULL. Caller frees. */
char *fuzz_run(uint64_t seed, uint64_t count, unsigned seconds);

#endif
