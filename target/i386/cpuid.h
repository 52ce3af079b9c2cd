/*
 * Facts of CPUID that others need (cpuid.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_CPUID_H
#define TARGET_I386_CPUID_H

#include "target/i386/cpu.h"

/* Bytes of the standard-form XSAVE area of these components. */
uint32_t x86_xsave_size(uint64_t components);

#endif
