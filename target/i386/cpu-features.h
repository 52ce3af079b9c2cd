/*
 * Sets of CPU features by name (cpu-features.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_CPU_FEATURES_H
#define TARGET_I386_CPU_FEATURES_H

#include "target/i386/cpu.h"

/* X86FeatureWordInfo.reg. */
enum { X86_REG_EAX, X86_REG_EBX, X86_REG_ECX, X86_REG_EDX };

/* false: no such feature. */
bool x86_feature_change(uint64_t words[FEAT_WORD_COUNT], const char *name, bool on);
bool x86_feature_is_on(const uint64_t words[FEAT_WORD_COUNT], const char *name);
/* names: separated by spaces; unknown ones are passed over. */
void x86_features_change(uint64_t words[FEAT_WORD_COUNT], const char *names, bool on);
/* Appends a Property for each feature and each of its other names. */
void x86_feature_properties(GArray *table);
/* The flags' part of -cpu help. */
void x86_list_flags(GString *out);

#endif
