/*
 * target/riscv/kvm against a fake kernel: registers there and back, names that a kernel has, extensions, time, SBI.
 *
 * Linux Documentation/virt/kvm/api.rst, 4.68 (RISC-V's registers).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fake-kernel.h"
#include "target/riscv/cpu-models.h"
#include "target/riscv/kvm/riscv-kvm.h"
#include "util/log.h"

#include <string.h>

/* Of Linux 6.14, where the headers are older. */
enum { CONFIG_MVENDORID = 2, CONFIG_MIMPID = 4, CONFIG_ZICBOZ_BLOCK_SIZE = 5, ISA_SSTC = 8, ISA_SVPBMT = 7, ISA_COUNT = 62, VECTOR_VCSR = 3, VECTOR_VLENB = 4, VECTOR_REGISTERS = 6 };
#define VECTOR (UINT64_C(9) << KVM_REG_RISCV_TYPE_SHIFT)

static unsigned errors;
uint32_t log_enabled_items;
void log_printf(const char *format, ...) { }
bool (error_set)(GError **err, const char *format, ...) { errors++; return false; }

/* How many registers of a type there are, and their size. */
bool fake_is_valid(uint64_t id, unsigned bytes)
{
    unsigned low = id & 0xffffff;
    if ((id & KVM_REG_ARCH_MASK) != KVM_REG_RISCV) {
        return false;
    }
    switch (id & KVM_REG_RISCV_TYPE_MASK) {
    case KVM_REG_RISCV_CONFIG:
        return low <= CONFIG_ZICBOZ_BLOCK_SIZE && bytes == 8;
    case KVM_REG_RISCV_CORE:
        return low < sizeof(struct kvm_riscv_core) / 8 && bytes == 8;
    case KVM_REG_RISCV_CSR:
        return low < sizeof(struct kvm_riscv_csr) / 8 && bytes == 8;
    case KVM_REG_RISCV_TIMER:
        return low < sizeof(struct kvm_riscv_timer) / 8 && bytes == 8;
    case KVM_REG_RISCV_FP_D:
        return low < 32 ? bytes == 8 : low == 32 && bytes == 4;
    case KVM_REG_RISCV_ISA_EXT:
        return low < ISA_COUNT && bytes == 8;
    case VECTOR:
        return low <= VECTOR_VLENB ? bytes == 8 : low >= VECTOR_REGISTERS && low < VECTOR_REGISTERS + 32 && bytes == 32;
    default:
        return false;
    }
}

static uint64_t word(uint64_t type, unsigned n) { return RISCV_KVM_WORD(type, n); }
static uint64_t value_of(uint64_t id) { uint64_t value; memcpy(&value, fake_find(id)->value, sizeof(value)); return value; }
static void set_value(uint64_t id, uint64_t value) { memcpy(fake_find(id)->value, &value, sizeof(value)); }

static RiscvCpu cpu;

static void test_registers(void)
{
    static FakeRegister before[FAKE_MAX_REGISTERS];
    const uint64_t status = MSTATUS_SIE | MSTATUS_SPP | MSTATUS_SUM | FIELD_MASK(MSTATUS_FS);
    fake_clear();
    riscv_ext_set(&cpu.ext, RISCV_EXT_d, true);
    riscv_ext_set(&cpu.ext, RISCV_EXT_v, true);
    cpu.vlen = 256;
    cpu.mstatus = FIELD_MASK(MSTATUS_MPP);
    set_value(word(VECTOR, VECTOR_VCSR), 5);
    set_value(word(KVM_REG_RISCV_CORE, KVM_REG_RISCV_CORE_REG(mode)), KVM_RISCV_MODE_S);
    set_value(word(KVM_REG_RISCV_CSR, KVM_REG_RISCV_CSR_REG(sstatus)), status);
    set_value(word(KVM_REG_RISCV_CSR, KVM_REG_RISCV_CSR_REG(sie)), MIP_SEIP | MIP_STIP);
    set_value(word(KVM_REG_RISCV_CSR, KVM_REG_RISCV_CSR_REG(sip)), MIP_SSIP);
    set_value(word(KVM_REG_RISCV_CSR, KVM_REG_RISCV_CSR_REG(scounteren)), 7);
    uint32_t fcsr = 0x63;
    memcpy(fake_find(KVM_REG_RISCV | KVM_REG_SIZE_U32 | KVM_REG_RISCV_FP_D | 32)->value, &fcsr, sizeof(fcsr));
    riscv_kvm_get(&cpu.parent);
    check_is("pc is register 0", cpu.pc, value_of(word(KVM_REG_RISCV_CORE, 0)));
    check_is("x10 is a0's", cpu.x[10], value_of(word(KVM_REG_RISCV_CORE, KVM_REG_RISCV_CORE_REG(regs.a0))));
    check_is("x31 is t6's", cpu.x[31], value_of(word(KVM_REG_RISCV_CORE, KVM_REG_RISCV_CORE_REG(regs.t6))));
    check_is("satp", cpu.satp, value_of(word(KVM_REG_RISCV_CSR, KVM_REG_RISCV_CSR_REG(satp))));
    check_is("S-mode", cpu.priv, PRIV_S);
    check_is("sstatus is a part of mstatus", cpu.mstatus, status | FIELD_MASK(MSTATUS_MPP));
    check_is("frm", cpu.frm, 3);
    check_is("fflags", cpu.fflags, 3);
    check(cpu.vxsat == 1 && cpu.vxrm == 2, "vcsr");
    check(!memcmp(cpu.v[31], fake_find(KVM_REG_RISCV | VECTOR | KVM_REG_SIZE_U256 | (VECTOR_REGISTERS + 31))->value, 32), "v31 is of 256 bits");
    memcpy(before, fake_registers, sizeof(before));
    unsigned count = fake_count, wrong = 0;
    for (unsigned n = 0; n < count; n++) {
        memset(fake_registers[n].value, 0xee, sizeof(fake_registers[n].value));
    }
    riscv_kvm_put(&cpu.parent, KVM_PUT_FULL);
    for (unsigned n = 0; n < count; n++) {
        wrong += memcmp(before[n].value, fake_registers[n].value, before[n].bytes) != 0;
    }
    check_is("all registers come back", wrong, 0);
    check_is("none is written that was not read", fake_count, count);
    check_is("the kernel has all names", fake_refused, 0);
}

static void test_extensions(void)
{
    static const RiscvExt model[] = { RISCV_EXT_i, RISCV_EXT_m, RISCV_EXT_a, RISCV_EXT_f, RISCV_EXT_d, RISCV_EXT_c, RISCV_EXT_v, RISCV_EXT_zvbb, RISCV_EXT_zicbom, RISCV_EXT_sstc,
                                       RISCV_EXT_zicbop };
    static const RiscvModel named = { .name = "rv64" }, host = { .name = "host", .by_kvm = true };
    fake_clear();
    memset(&cpu, 0, sizeof(cpu));
    cpu.model = &named;
    for (unsigned n = 0; n < ARRAY_SIZE(model); n++) {
        riscv_ext_set(&cpu.ext, model[n], true);
    }
    for (unsigned n = 0; n < ISA_COUNT; n++) {
        set_value(word(KVM_REG_RISCV_ISA_EXT, n), n != ISA_SSTC);
    }
    cpu.vlen = 128;
    set_value(word(VECTOR, VECTOR_VLENB), 32);
    set_value(word(KVM_REG_RISCV_CONFIG, KVM_REG_RISCV_CONFIG_REG(zicbom_block_size)), 128);
    check(riscv_kvm_set_isa(&cpu, NULL), "a model's extensions are settled");
    check(riscv_has(&cpu, m) && riscv_has(&cpu, zicbom), "what both have is there");
    check_is("with the host's cache blocks", cpu.cbom_blocksize, 128);
    check(!riscv_has(&cpu, sstc), "what the host has not is gone");
    check(!riscv_has(&cpu, zicbop), "so is what KVM has no switch for");
    check(riscv_has(&cpu, v) && riscv_has(&cpu, zvbb) && cpu.vlen == 256, "vectors are of the host's length");
    check_is("what the model has not is switched off", value_of(word(KVM_REG_RISCV_ISA_EXT, ISA_SVPBMT)), 0);
    check_is("a model's maker is the model's", cpu.mvendorid, 0);
    cpu.model = &host;
    for (unsigned n = 0; n < ISA_COUNT; n++) {
        set_value(word(KVM_REG_RISCV_ISA_EXT, n), n != ISA_SSTC);
    }
    set_value(word(KVM_REG_RISCV_CONFIG, CONFIG_MVENDORID), 0x489);
    set_value(word(KVM_REG_RISCV_CONFIG, CONFIG_MIMPID), 7);
    check(riscv_kvm_set_isa(&cpu, NULL) && cpu.mvendorid == 0x489 && cpu.mimpid == 7, "the host's is the host's");
    check(riscv_has(&cpu, svnapot) && riscv_has(&cpu, zacas) && !riscv_has(&cpu, sstc) && !riscv_has(&cpu, ssaia), "it has what the host has, but for the board's");
    riscv_ext_set(&cpu.ext, RISCV_EXT_sstc, true);
    riscv_ext_set(&cpu.user_ext, RISCV_EXT_sstc, true);
    check(!riscv_kvm_set_isa(&cpu, NULL) && errors == 1, "what the user has named and the host has not is an error");
    riscv_ext_set(&cpu.ext, RISCV_EXT_sstc, false);
    cpu.vlen = 512;
    check(!riscv_kvm_set_isa(&cpu, NULL) && errors == 2, "so is a length that the host has not");
    set_value(word(VECTOR, VECTOR_VLENB), 3);
    check(riscv_kvm_set_isa(&cpu, NULL) && !riscv_has(&cpu, v) && !riscv_has(&cpu, zvbb), "of a length that is none there are no vectors");
}

static void test_sbi(void)
{
    static struct kvm_run run;
    run.riscv_sbi.extension_id = 0x02;
    check(riscv_kvm_sbi(&cpu.parent, &run) == VCPU_EXIT_AGAIN && (long)run.riscv_sbi.ret[0] == -1, "there is no input by SBI");
    run.riscv_sbi.extension_id = 0x4442434e;
    riscv_kvm_sbi(&cpu.parent, &run);
    check_is("an extension that is not there is not supported", run.riscv_sbi.ret[0], (uint64_t)-2);
}

int main(void)
{
    test_registers();
    test_extensions();
    test_sbi();
    return end_of_checks();
}
