/*
 * Stand-ins for the compiler and for the SIMD and x87 parts until they land: weak, so that each gives way to the real function. This file goes then.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/translate.h"

#define WEAK __attribute__((weak))
#define ABSENT { g_assert_not_reached(); }

WEAK void ir_begin(IrBuilder *b, unsigned address_bits, unsigned pc_bits) ABSENT
WEAK bool ir_full(const IrBuilder *b) ABSENT
WEAK void ir_insn_start(IrBuilder *b, int32_t offset, uint32_t extra) ABSENT
WEAK IrMark ir_mark(IrBuilder *b) ABSENT
WEAK void ir_rewind(IrBuilder *b, IrMark mark) ABSENT
WEAK IrRef ir_const(IrBuilder *b, IrType type, uint64_t value) ABSENT
WEAK bool ir_get_const(const IrBuilder *b, IrRef r, uint64_t *value) ABSENT
WEAK IrType ir_type_of(const IrBuilder *b, IrRef r) ABSENT
WEAK IrRef ir_emit(IrBuilder *b, IrOp op, IrType type, unsigned sub, unsigned imm, IrRef x, IrRef y, IrRef z) ABSENT
WEAK IrRef ir_zext(IrBuilder *b, IrType to, unsigned size_log2, IrRef x) ABSENT
WEAK IrRef ir_sext(IrBuilder *b, IrType to, unsigned size_log2, IrRef x) ABSENT
WEAK IrRef ir_trunc(IrBuilder *b, IrRef x) ABSENT
WEAK IrRef ir_read(IrBuilder *b, unsigned slot) ABSENT
WEAK void ir_write(IrBuilder *b, unsigned slot, IrRef value) ABSENT
WEAK IrRef ir_load(IrBuilder *b, IrType type, IrRef base, IrMem mem) ABSENT
WEAK void ir_store(IrBuilder *b, IrRef base, IrRef value, IrMem mem) ABSENT
WEAK void ir_probe_write(IrBuilder *b, IrRef base, IrMem mem) ABSENT
WEAK IrRef ir_atomic(IrBuilder *b, IrAtomic op, IrType type, IrRef base, IrRef value, IrMem mem) ABSENT
WEAK IrRef ir_cas(IrBuilder *b, IrType type, IrRef base, IrRef expected, IrRef desired, IrMem mem) ABSENT
WEAK void ir_fence(IrBuilder *b, IrOrder order) ABSENT
WEAK IrRef ir_call(IrBuilder *b, const IrHelper *helper, const IrRef *args) ABSENT
WEAK IrRef ir_pc(IrBuilder *b, int64_t offset) ABSENT
WEAK void ir_exit_goto(IrBuilder *b, int64_t target_offset) ABSENT
WEAK void ir_exit_call(IrBuilder *b, int64_t target_offset, int64_t return_offset) ABSENT
WEAK void ir_exit_indirect(IrBuilder *b, IrRef pc) ABSENT
WEAK void ir_exit_call_indirect(IrBuilder *b, IrRef pc, int64_t return_offset) ABSENT
WEAK void ir_exit_return(IrBuilder *b, IrRef pc) ABSENT
WEAK void ir_exit_lookup(IrBuilder *b) ABSENT
WEAK void ir_exit_event(IrBuilder *b) ABSENT
WEAK void ir_exit_fault(IrBuilder *b, uint32_t reason) ABSENT
WEAK void ir_exit_goto_if(IrBuilder *b, IrRef cond, int64_t target_offset) ABSENT
WEAK void ir_exit_fault_if(IrBuilder *b, IrRef cond, uint32_t reason) ABSENT
WEAK bool tcg_fetch(TcgSource *source, int32_t offset, void *bytes, unsigned len) ABSENT
WEAK void *tcg_host_pointer(Cpu *cpu, uint64_t vaddr, unsigned *len, TcgAccess access, unsigned priv) ABSENT
WEAK bool tcg_probe(Cpu *cpu, uint64_t vaddr, unsigned len, TcgAccess access, unsigned priv) ABSENT
WEAK bool x86_translate_sse(X86Translate *s) { return false; }
WEAK bool x86_translate_x87(X86Translate *s) { return false; }
WEAK void x86_fxsave(const X86Cpu *cpu, uint8_t image[512]) { }
WEAK void x86_fxrstor(X86Cpu *cpu, const uint8_t image[512]) { }
