/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_TCG_X86_AVAILABILITY_H
#define TESTS_TCG_X86_AVAILABILITY_H

/* A GTest function: which exceptions keep SIMD and x87 instructions from running. */
void test_availability(void);
/* CMPccXADD against its description: the host may not have it. */
void test_cmpccxadd(void);

#endif
