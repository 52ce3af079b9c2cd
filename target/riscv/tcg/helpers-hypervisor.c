/*
 * Helpers of the hypervisor extension: loads and stores as a guest would do them, fences of its translations.
 *
 * The RISC-V Instruction Set Manual, volume II (20240411), 18.3 "Hypervisor instructions".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/dma.h"
#include "target/riscv/internal.h"
#include "target/riscv/tcg/helpers.h"

static void check(RiscvCpu *cpu, bool user_may, uint64_t insn)
{
    if (cpu->virt) {
        riscv_raise(cpu, CAUSE_VIRTUAL_INSTRUCTION, insn);
    }
    if (cpu->priv == PRIV_U && !user_may) {
        riscv_raise(cpu, CAUSE_ILLEGAL_INSTRUCTION, insn);
    }
}

static unsigned guest_index(const RiscvCpu *cpu)
{
    return !(cpu->hstatus & HSTATUS_SPVP) ? RV_TLB_VU : cpu->vsstatus & MSTATUS_SUM ? RV_TLB_VS_SUM : RV_TLB_VS;
}

/* Where U-mode uses them, HUPMM says how pointers are masked. */
static unsigned guest_mask(const RiscvCpu *cpu)
{
    if (cpu->priv != PRIV_U) {
        return riscv_pointer_mask(cpu, guest_index(cpu));
    }
    unsigned mask = FIELD_GET(cpu->hstatus, HSTATUS_HUPMM);
    return !mask || ((cpu->mstatus | cpu->vsstatus) & MSTATUS_MXR) ? PMM_OFF : mask | (cpu->vsatp >> (cpu->xlen == 64 ? 60 : 31) ? 0 : PMM_ZEROES);
}

/* One piece within a page, straight to physical memory: nothing of it is kept. */
static void access_piece(RiscvCpu *cpu, uint64_t vaddr, uint64_t *value, unsigned size, TcgAccess access, bool exec_only)
{
    TcgTranslation t;
    if (!riscv_translate_with(cpu, vaddr, access, guest_index(cpu), exec_only ? ACCESS_EXEC_ONLY : ACCESS_PLAIN, false, &t)) {
        tcg_leave(&cpu->parent);
    }
    uint64_t paddr = t.paddr | (vaddr & 0xfff);
    MemResult r = access == TCG_ACCESS_STORE ? address_space_store(cpu->parent.memory, paddr, *value, size, MEM_ATTRS_NONE)
        : address_space_load(cpu->parent.memory, paddr, value, size, MEM_ATTRS_NONE);
    if (r) {
        riscv_raise(cpu, access == TCG_ACCESS_STORE ? CAUSE_STORE_ACCESS : CAUSE_LOAD_ACCESS, vaddr);
    }
}

static uint64_t access_guest(RiscvCpu *cpu, uint64_t vaddr, uint64_t value, unsigned size, TcgAccess access, bool exec_only)
{
    vaddr = riscv_mask_pointer(exec_only ? PMM_OFF : guest_mask(cpu), riscv_address(cpu, vaddr));
    if (riscv_trigger_access(cpu, vaddr, size, access == TCG_ACCESS_STORE ? RISCV_TRIGGER_STORES : RISCV_TRIGGER_LOADS)) {
        tcg_leave(&cpu->parent);
    }
    if (!(vaddr & (size - 1))) {
        access_piece(cpu, vaddr, &value, size, access, exec_only);
        return value;
    }
    uint64_t result = 0;
    for (unsigned i = 0; i < size; i++) {
        uint64_t byte = value >> 8 * i & 0xff;
        access_piece(cpu, riscv_address(cpu, vaddr + i), &byte, 1, access, exec_only);
        result |= (byte & 0xff) << 8 * i;
    }
    return result;
}

uint64_t rv_helper_hlv(Cpu *c, uint32_t spec, uint64_t address, uint64_t insn)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    unsigned size = 1u << (spec & 3);
    bool is_signed = spec & 4, exec_only = spec & 8;
    check(cpu, cpu->hstatus & HSTATUS_HU, insn);
    uint64_t value = access_guest(cpu, address, 0, size, TCG_ACCESS_LOAD, exec_only);
    return riscv_to_xlen(cpu, is_signed ? (uint64_t)sextract64(value, 0, 8 * size) : value);
}

void rv_helper_hsv(Cpu *c, uint32_t spec, uint64_t address, uint64_t value, uint64_t insn)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    check(cpu, cpu->hstatus & HSTATUS_HU, insn);
    access_guest(cpu, address, value, 1u << (spec & 3), TCG_ACCESS_STORE, false);
}

void rv_helper_hfence(Cpu *c, uint32_t guest_physical, uint64_t insn)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    check(cpu, false, insn);
    if (guest_physical && cpu->priv == PRIV_S && (cpu->mstatus & MSTATUS_TVM)) {
        riscv_raise(cpu, CAUSE_ILLEGAL_INSTRUCTION, insn);
    }
    cpu->walk_cache_epoch++;
    tcg_tlb_flush_all(c);
}
