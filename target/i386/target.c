/*
 * The two x86 targets as descriptors: x86_64 and i386.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ostrich-config.h"
#include "target/i386/cpu-models.h"
#include "target/i386/dump.h"
#include "target/i386/internal.h"
#ifdef CONFIG_CAPSTONE
#include <capstone/capstone.h>
#endif

static const char *default_model_64(const TargetArch *arch, bool kvm)
{
    return "qemu64";
}

static const char *default_model_32(const TargetArch *arch, bool kvm)
{
    return "qemu32";
}

static uint64_t linear_pc(const Cpu *c)
{
    const X86Cpu *cpu = (const X86Cpu *)c;
    return x86_code64(cpu) ? cpu->pc : (uint32_t)(cpu->segs[R_CS].base + cpu->pc);
}

static void set_linear_pc(Cpu *c, uint64_t pc)
{
    X86Cpu *cpu = X86_CPU(c);
    cpu->last_jump = 0;
    cpu->pc = x86_code64(cpu) ? pc : (uint32_t)(pc - cpu->segs[R_CS].base);
}

static void disassembler(Cpu *c, int *cs_arch, int *cs_mode)
{
#ifdef CONFIG_CAPSTONE
    const X86Cpu *cpu = X86_CPU(c);
    *cs_arch = CS_ARCH_X86;
    *cs_mode = x86_code64(cpu) ? CS_MODE_64 : cpu->segs[R_CS].attributes & DESC_B_MASK ? CS_MODE_32 : CS_MODE_16;
#endif
}

static void inject_nmi(Cpu *cpu) { cpu_interrupt(cpu, CPU_INTERRUPT_NMI); }

static const char *const kvm_hosts[] = { "x86_64", "x86", NULL };
static const uint8_t int3 = 0xcc;
/* Its x87 is the host's (tcg/x87-host.h). */
#ifdef __x86_64__
#define X86_TCG (&x86_tcg_target)
#else
#define X86_TCG NULL
#endif

#define COMMON \
    .page_bits = 12, .kvm_hosts = kvm_hosts, .strong_memory_order = true, .list_cpus = x86_list_cpus, .new_cpu = x86_new_cpu, \
    .cpu_definitions = x86_cpu_definitions, .expand_cpu_model = x86_expand_cpu_model, \
    .dump_registers = x86_dump_registers, .get_pc = linear_pc, .set_pc = set_linear_pc, .debug_translate = x86_debug_translate, \
    .info_mem = x86_info_mem, .info_tlb = x86_info_tlb, .has_work = x86_has_work, .disassembler = disassembler, .inject_nmi = inject_nmi, .inject_mce = x86_inject_mce, .break_insn_bytes = 1, \
    .break_insn = &int3, .default_machine = "pc", .tcg = X86_TCG

const TargetArch x86_64_target = {
    .name = "x86_64", .summary = "x86-64 (AMD64, Intel 64)", .address_bits = 64, .cpu_type = "x86_64-cpu",
    .default_cpu = default_model_64, .gdb_arch = "i386:x86-64", .gdb_features = x86_64_gdb_features,
    .gdb_read = x86_64_gdb_read, .gdb_write = x86_64_gdb_write, COMMON,
};
const TargetArch i386_target = {
    .name = "i386", .summary = "x86, 32 bits", .address_bits = 32, .cpu_type = "i386-cpu",
    .default_cpu = default_model_32, .gdb_arch = "i386", .gdb_features = i386_gdb_features,
    .gdb_read = i386_gdb_read, .gdb_write = i386_gdb_write, COMMON,
};
REGISTER_TARGET(x86_64_target)
REGISTER_TARGET(i386_target)
