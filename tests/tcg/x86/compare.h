/*
 * Comparing two results of a case.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_TCG_X86_COMPARE_H
#define TESTS_TCG_X86_COMPARE_H

#include "case.h"
#include <glib.h>

/* Where the translator is known to differ: which byte of a long operand faults first, the wrap of 4 GiB in one access (#GP or #SS natively), and what processors differ in. */
typedef struct X86Fault { int trap; uint64_t cr2, rip, rsi, rdi; uint8_t control; /* the masks of the x87 control word */ } X86Fault;
bool results_may_differ(const X86Case *c, const X86Fault *want, const X86Fault *got);
/* The bits of EFLAGS that are defined when the case ends so. */
uint32_t case_defined_flags(const X86Case *c, int trap, uint64_t rip);
/* Vectors as the case's instruction leaves them. */
bool same_vectors(const X86Case *c, const uint8_t *a, const uint8_t *b, unsigned bytes);
/* What differs, a line each, behind out; nothing where they agree or may differ. */
void compare_results(const X86Case *c, const X86Result *want, const X86Result *got, GString *out);
/* Name, bits and bytes, a line. */
void describe_case(const X86Case *c, GString *out);

#endif
