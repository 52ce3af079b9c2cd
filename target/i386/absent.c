/*
 * Stand-ins for rooms that are not built yet (the executor, machines, KVM): weak, so that each gives way to the real function when that lands.
 * This file goes when the last of them is there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "hw/core/machine.h"
#include "system/runstate.h"
#include "target/i386/internal.h"

#define WEAK __attribute__((weak))

WEAK void system_reset_request(ShutdownCause cause) { }
WEAK uint64_t x86_kvm_supported_features(X86FeatureWord word) { return 0; }
WEAK void tcg_leave(Cpu *cpu) { g_assert_not_reached(); }
WEAK bool tcg_load(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv, uint64_t *value) { return false; }
WEAK bool tcg_store(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv, uint64_t value) { return false; }
WEAK uint64_t tcg_load_or_leave(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv) { g_assert_not_reached(); }
WEAK void tcg_store_or_leave(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv, uint64_t value) { g_assert_not_reached(); }
WEAK void tcg_tlb_flush_page(Cpu *cpu, uint64_t vaddr) { }
WEAK void tcg_tlb_flush_all(Cpu *cpu) { }
WEAK void tcg_tlb_flush_space(Cpu *cpu, uint64_t space_id) { }
WEAK void tcg_tlb_switch(Cpu *cpu, bool flush) { }
WEAK uint16_t x86_fpu_tag_full(const X86Cpu *cpu) { return 0; }
