/*
 * Shadow stacks: pushes, checked pops and swaps, straight to physical memory. Nobody else can write their pages, so that one lock makes them atomic.
 *
 * The RISC-V Instruction Set Manual, volume I (20250508), 32.2 "Zicfiss"; volume II, 22.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/dma.h"
#include "target/riscv/csr.h"
#include "target/riscv/tcg/helpers.h"

static GMutex shadow_lock;

/* Where it lies; a fault is the store's, whatever the access does. */
static uint64_t locate(RiscvCpu *cpu, uint64_t address, unsigned size, TcgAccess access)
{
    TcgTranslation t;
    if (riscv_trigger_access(cpu, address, size, access == TCG_ACCESS_STORE ? RISCV_TRIGGER_STORES : RISCV_TRIGGER_LOADS)) {
        tcg_leave(&cpu->parent);
    }
    if (address & (size - 1)) {
        riscv_raise(cpu, CAUSE_STORE_ACCESS, address);
    }
    if (!riscv_translate_with(cpu, address, access, riscv_data_index(cpu), ACCESS_SHADOW, false, &t)) {
        cpu->exception = cpu->exception == CAUSE_LOAD_ACCESS ? CAUSE_STORE_ACCESS : cpu->exception == CAUSE_LOAD_PAGE_FAULT ? CAUSE_STORE_PAGE_FAULT : cpu->exception;
        tcg_leave(&cpu->parent);
    }
    return t.paddr | (address & 0xfff);
}

static uint64_t load(RiscvCpu *cpu, uint64_t address, unsigned size)
{
    uint64_t value = 0, paddr = locate(cpu, address, size, TCG_ACCESS_LOAD);
    if (address_space_load(cpu->parent.memory, paddr, &value, size, MEM_ATTRS_NONE) != MEM_OK) {
        riscv_raise(cpu, CAUSE_STORE_ACCESS, address);
    }
    return value;
}

void rv_helper_ss_push(Cpu *c, uint64_t value)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    unsigned size = cpu->xlen / 8;
    uint64_t address = riscv_address(cpu, cpu->ssp - size), paddr = locate(cpu, address, size, TCG_ACCESS_STORE);
    g_mutex_lock(&shadow_lock);
    MemResult r = address_space_store(cpu->parent.memory, paddr, value, size, MEM_ATTRS_NONE);
    g_mutex_unlock(&shadow_lock);
    if (r != MEM_OK) {
        riscv_raise(cpu, CAUSE_STORE_ACCESS, address);
    }
    cpu->ssp = address;
}

void rv_helper_ss_pop(Cpu *c, uint64_t expected)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    unsigned size = cpu->xlen / 8;
    if (load(cpu, riscv_address(cpu, cpu->ssp), size) != riscv_address(cpu, expected)) {
        riscv_raise(cpu, CAUSE_SOFTWARE_CHECK, SOFTWARE_CHECK_SHADOW_STACK);
    }
    cpu->ssp = riscv_address(cpu, cpu->ssp + size);
}

uint64_t rv_helper_ss_read(Cpu *c) { return riscv_to_xlen(RISCV_CPU(c), RISCV_CPU(c)->ssp); }

uint64_t rv_helper_ss_swap(Cpu *c, uint32_t size, uint64_t address, uint64_t value, uint64_t insn)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    int verdict = riscv_shadow_stack_allowed(cpu);
    if (verdict != CSR_OK) {
        riscv_raise(cpu, verdict == CSR_VIRTUAL ? CAUSE_VIRTUAL_INSTRUCTION : CAUSE_ILLEGAL_INSTRUCTION, insn);
    }
    address = riscv_data_address(cpu, address);
    if (address & (size - 1)) {
        riscv_raise(cpu, CAUSE_MISALIGNED_STORE, address);
    }
    uint64_t paddr = locate(cpu, address, size, TCG_ACCESS_STORE), old = 0;
    g_mutex_lock(&shadow_lock);
    MemResult r = address_space_load(cpu->parent.memory, paddr, &old, size, MEM_ATTRS_NONE);
    r = r == MEM_OK ? address_space_store(cpu->parent.memory, paddr, value, size, MEM_ATTRS_NONE) : r;
    g_mutex_unlock(&shadow_lock);
    if (r != MEM_OK) {
        riscv_raise(cpu, CAUSE_STORE_ACCESS, address);
    }
    return size == 4 ? (uint64_t)(int32_t)old : old;
}
