/*
 * Semihosting's call: EBREAK between two instructions that do nothing. Number in a0, parameter in a1, result in a0; operations are those of Arm's specification.
 *
 * RISC-V Semihosting 1.0, 2 (the sequence must be of uncompressed instructions).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "semihosting/semihosting.h"
#include "softmmu/dma.h"
#include "target/riscv/internal.h"

static void set_result(Cpu *c, uint64_t value) { RISCV_CPU(c)->x[10] = riscv_to_xlen(RISCV_CPU(c), value); }
static void forget_fault(Cpu *c) { RISCV_CPU(c)->exception = -1; }

static const SemihostFrontEnd front_end = { .set_result = set_result, .forget_fault = forget_fault };

static bool insn_is(RiscvCpu *cpu, uint64_t vaddr, uint32_t insn)
{
    TcgTranslation t;
    uint64_t value;
    return riscv_translate_address(&cpu->parent, vaddr, TCG_ACCESS_FETCH, riscv_fetch_index(cpu), true, &t) &&
           address_space_load(cpu->parent.memory, t.paddr | (vaddr & 0xfff), &value, 4, MEM_ATTRS_NONE) == MEM_OK && value == insn;
}

/* All three lie on one page. */
static bool is_sequence(RiscvCpu *cpu)
{
    enum { SLLI_X0_31 = 0x01f01013, SRAI_X0_7 = 0x40705013, PAGE_BYTES = 4096 };
    unsigned at = cpu->pc % PAGE_BYTES;
    return at >= 4 && at + 8 <= PAGE_BYTES && insn_is(cpu, cpu->pc - 4, SLLI_X0_31) && insn_is(cpu, cpu->pc + 4, SRAI_X0_7);
}

bool riscv_semihosting_call(RiscvCpu *cpu)
{
    if (!semihosting_enabled(cpu->priv == PRIV_U) || !is_sequence(cpu)) {
        return false;
    }
    const SemihostCall call = {
        .cpu = &cpu->parent, .front = &front_end, .operation = (uint32_t)cpu->x[10], .parameter = cpu->x[11], .word_bytes = cpu->xlen / 8, .priv = riscv_data_index(cpu),
    };
    if (semihosting_call(&call) != SEMIHOST_AGAIN) {
        cpu->pc = riscv_address(cpu, cpu->pc + 4);
    }
    return true;
}
