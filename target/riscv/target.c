/*
 * The two RISC-V targets as descriptors: riscv64 and riscv32.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ostrich-config.h"
#include "target/riscv/cpu-models.h"
#include "target/riscv/internal.h"
#ifdef CONFIG_CAPSTONE
#include <capstone/capstone.h>
#endif

static const char *default_model_64(const TargetArch *arch, bool kvm) { return "rv64"; }
static const char *default_model_32(const TargetArch *arch, bool kvm) { return "rv32"; }
static uint64_t get_pc(const Cpu *c) { return RISCV_CPU(c)->pc; }
static void set_pc(Cpu *c, uint64_t pc) { RISCV_CPU(c)->pc = riscv_address(RISCV_CPU(c), pc); }

static void disassembler(Cpu *c, int *cs_arch, int *cs_mode)
{
#if defined(CONFIG_CAPSTONE) && CS_API_MAJOR >= 5
    *cs_arch = CS_ARCH_RISCV;
    *cs_mode = (RISCV_CPU(c)->xlen == 32 ? CS_MODE_RISCV32 : CS_MODE_RISCV64) | CS_MODE_RISCVC;
#else
    *cs_arch = *cs_mode = -1;       /* the library does not know it */
#endif
}

static const uint8_t c_ebreak[] = { 0x02, 0x90 };

static const char *const kvm_hosts[] = { "riscv64", NULL };

#define COMMON \
    .page_bits = 12, .cpu_type = "riscv-cpu", .list_cpus = riscv_list_cpus, .new_cpu = riscv_new_cpu, .cpu_definitions = riscv_cpu_definitions, \
    .dump_registers = riscv_dump_registers, .get_pc = get_pc, .set_pc = set_pc, .debug_translate = riscv_debug_translate, .info_mem = riscv_info_mem, \
    .has_work = riscv_has_work, .disassembler = disassembler, .gdb_read = riscv_gdb_read, .gdb_write = riscv_gdb_write, .break_insn_bytes = 2, \
    .break_insn = c_ebreak, .default_machine = "spike", .has_semihosting = true, .tcg = &riscv_tcg_target

const TargetArch riscv64_target = {
    .name = "riscv64", .summary = "RISC-V, 64 bits", .address_bits = 64, .kvm_hosts = kvm_hosts, .default_cpu = default_model_64, .gdb_arch = "riscv:rv64",
    .gdb_features = riscv64_gdb_features, COMMON,
};
const TargetArch riscv32_target = {
    .name = "riscv32", .summary = "RISC-V, 32 bits", .address_bits = 32, .default_cpu = default_model_32, .gdb_arch = "riscv:rv32",
    .gdb_features = riscv32_gdb_features, COMMON,
};
REGISTER_TARGET(riscv64_target)
REGISTER_TARGET(riscv32_target)
