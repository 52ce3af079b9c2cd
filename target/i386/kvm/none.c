/*
 * Where KVM is not built in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/cpu.h"

void x86_kvm_host_levels(uint32_t *level, uint32_t *xlevel, uint32_t *xlevel2) { }
uint64_t x86_kvm_supported_features(X86FeatureWord word) { return 0; }
