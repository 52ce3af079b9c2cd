/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_TCG_X86_AVAILABILITY_H
#define TESTS_TCG_X86_AVAILABILITY_H

/* GTest functions. Which exceptions keep SIMD and x87 instructions from running. */
void test_availability(void);
/* CMPccXADD against its description: the host may not have it. */
void test_cmpccxadd(void);
/* #GP of operands that have to be aligned, on pages that the TLB knows (alignment.c). */
void test_alignment(void);

#endif
