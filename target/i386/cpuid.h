/*
 * Facts of CPUID that others need (cpuid.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_CPUID_H
#define TARGET_I386_CPUID_H

#include "target/i386/cpu-models.h"

/* Bytes of the standard-form XSAVE area of these components. */
uint32_t x86_xsave_size(uint64_t components);
/* Of the compacted form; and where a component begins there. */
uint32_t x86_xsave_compacted_size(uint64_t components);
uint32_t x86_xsave_offset(uint64_t components, unsigned component);

/* The model has a description of its own for its caches (legacy-cache=off). */
bool x86_model_has_caches(const X86CpuModel *model);

#endif
