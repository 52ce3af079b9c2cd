/*
 * Random bytes for guests: the operating system's, or, after -seed, a sequence that is the same in every run.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_GUEST_RANDOM_H
#define UTIL_GUEST_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* From now on a sequence that follows from seed. Before any other thread asks. */
void guest_random_seed(uint64_t seed);
/* Fills buf. Any thread. */
void guest_random_bytes(void *buf, size_t len);

#endif
