/*
 * target/arm/kvm against a fake kernel: registers there and back, names that a kernel has, breakpoints.
 *
 * Linux Documentation/virt/kvm/api.rst, 4.68 (the table of core registers); DDI 0487, D1.20.1 (AArch32's registers in AArch64's), D19.3 (DBGBCR, DBGWCR).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fake-kernel.h"
#include "target/arm/kvm/arm-kvm.h"

#include <stdio.h>
#include <string.h>

ArmKvmHost arm_kvm_host = { .pointer_authentication = true, .breakpoints = 6, .watchpoints = 4 };
static bool software_breakpoint;

/* What the files under test take from others. */
bool (error_set)(GError **err, const char *format, ...) { return false; }
bool kvm_has_software_breakpoint(uint64_t address) { return software_breakpoint; }
bool kvm_any_software_breakpoint(void) { return software_breakpoint; }
void kvm_vcpu_synchronize(Cpu *cpu) { }
void arm_pmu_mode_changed(ArmCpu *cpu) { }
unsigned kvm_count_breakpoints(const Cpu *cpu, BreakpointKind first, BreakpointKind last)
{
    unsigned count = 0;
    for (unsigned n = 0; n < cpu->breakpoints->len; n++) {
        BreakpointKind kind = g_array_index(cpu->breakpoints, Breakpoint, n).kind;
        count += kind >= first && kind <= last;
    }
    return count;
}

/* Core registers by their offset in words of 32 bits (api.rst, 4.68); system registers: op0 is 2 or 3. */
bool fake_is_valid(uint64_t id, unsigned bytes)
{
    enum { VREGS = offsetof(struct kvm_regs, fp_regs.vregs) / 4, FPSR = offsetof(struct kvm_regs, fp_regs.fpsr) / 4, FPCR = offsetof(struct kvm_regs, fp_regs.fpcr) / 4 };
    unsigned low = id & 0xffff, kind = id & KVM_REG_ARM_COPROC_MASK;
    if ((id & KVM_REG_ARCH_MASK) != KVM_REG_ARM64) {
        return false;
    }
    if (kind == KVM_REG_ARM_CORE) {
        bool is_vector = low >= VREGS && low < VREGS + 32 * 4, is_status = low == FPSR || low == FPCR;
        return is_vector ? bytes == 16 && (low - VREGS) % 4 == 0 : is_status ? bytes == 4 : low < VREGS && low % 2 == 0 && bytes == 8;
    }
    return kind == KVM_REG_ARM64_SYSREG && bytes == 8 && low >> 14 >= 2;
}

static uint64_t core(uint64_t offset_bytes) { return KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | offset_bytes / 4; }
#define CORE_ID(field) core(offsetof(struct kvm_regs, field))
static uint64_t value_of(uint64_t id) { uint64_t value; memcpy(&value, fake_find(id)->value, sizeof(value)); return value; }
static void set_value(uint64_t id, uint64_t value) { memcpy(fake_find(id)->value, &value, sizeof(value)); }

static ArmCpu cpu;
static FakeRegister before[FAKE_MAX_REGISTERS];

/* What get has taken, put gives back, into a kernel that has forgotten it. */
static void there_and_back(const char *name, uint64_t pstate)
{
    char text[100];
    fake_clear();
    memset(&cpu, 0, sizeof(cpu));
    cpu.features.bits[0] = cpu.features.bits[1] = UINT64_MAX;
    cpu.aarch64 = true;
    set_value(CORE_ID(regs.pstate), pstate);
    if (pstate & PSTATE_AARCH32) {
        for (unsigned n = 0; n < 31; n++) {
            set_value(CORE_ID(regs.regs[0]) + 2 * n, (uint32_t)value_of(CORE_ID(regs.regs[0]) + 2 * n));
        }
    }
    arm_kvm_get(&cpu.parent);
    memcpy(before, fake_registers, sizeof(before));
    unsigned count = fake_count, wrong = 0;
    for (unsigned n = 0; n < count; n++) {
        memset(fake_registers[n].value, 0xee, sizeof(fake_registers[n].value));
    }
    arm_kvm_put(&cpu.parent, KVM_PUT_FULL);
    for (unsigned n = 0; n < count; n++) {
        bool same = !memcmp(before[n].value, fake_registers[n].value, before[n].bytes);
        wrong += !same;
        if (!same) {
            printf("# 0x%llx: 0x%llx became 0x%llx\n", (unsigned long long)before[n].id, *(unsigned long long *)(void *)before[n].value, *(unsigned long long *)(void *)fake_registers[n].value);
        }
    }
    snprintf(text, sizeof(text), "%s: all registers come back", name);
    check_is(text, wrong, 0);
    snprintf(text, sizeof(text), "%s: none is written that was not read", name);
    check_is(text, fake_count, count);
    snprintf(text, sizeof(text), "%s: the kernel has all names", name);
    check_is(text, fake_refused, 0);
}

static void test_registers(void)
{
    enum { EL1H = 5, EL1T = 4, EL0T = 0 };
    there_and_back("EL1h", PSTATE_N | PSTATE_C | PSTATE_DAIF | EL1H);
    check_is("the stack pointer is SP_EL1", cpu.x[31], value_of(CORE_ID(sp_el1)));
    check_is("x7", cpu.x[7], value_of(CORE_ID(regs.regs[7])));
    check_is("pc", cpu.pc, value_of(CORE_ID(regs.pc)));
    check_is("SCTLR_EL1", cpu.sctlr_el[1], value_of(ARM64_SYS_REG(3, 0, 1, 0, 0)));
    check_is("TTBR1_EL1", cpu.ttbr1_el[1], value_of(ARM64_SYS_REG(3, 0, 2, 0, 1)));
    check_is("TPIDR_EL0", cpu.tpidr_el[0], value_of(ARM64_SYS_REG(3, 3, 13, 0, 2)));
    check_is("APGAKeyHi", cpu.pauth_keys[4][1], value_of(ARM64_SYS_REG(3, 0, 2, 3, 1)));
    check_is("ELR_EL1", cpu.elr_el[1], value_of(CORE_ID(elr_el1)));
    check_is("N and C", arm_pstate(&cpu) & PSTATE_NZCV, PSTATE_N | PSTATE_C);
    check(!memcmp(cpu.v[3], fake_find(KVM_REG_ARM64 | KVM_REG_SIZE_U128 | KVM_REG_ARM_CORE | (offsetof(struct kvm_regs, fp_regs.vregs[3]) / 4))->value, 16), "V3");
    there_and_back("EL1t", PSTATE_Z | EL1T);
    check_is("the stack pointer is SP_EL0", cpu.x[31], value_of(CORE_ID(regs.sp)));
    there_and_back("EL0t", PSTATE_V | EL0T);
    check_is("the stack pointer is SP_EL0 at EL0", cpu.x[31], value_of(CORE_ID(regs.sp)));
    there_and_back("AArch32, User mode", PSTATE_AARCH32 | MODE_USR);
    check_is("r3", cpu.x[3], value_of(CORE_ID(regs.regs[3])));
    there_and_back("AArch32, Supervisor mode", PSTATE_AARCH32 | PSTATE_I | MODE_SVC);
    check_is("r13 is X19", cpu.x[13], value_of(CORE_ID(regs.regs[19])));
    there_and_back("AArch32, FIQ mode", PSTATE_AARCH32 | MODE_FIQ);
    check_is("r8 is X24", cpu.x[8], value_of(CORE_ID(regs.regs[24])));
}

static void test_power(void)
{
    fake_clear();
    cpu.parent.powered_off = true;
    cpu.aarch64 = true;
    arm_kvm_put(&cpu.parent, KVM_PUT_RUNTIME);
    check_is("a run of the guest does not change who is off", (uint64_t)fake_mp_state, KVM_MP_STATE_RUNNABLE);
    arm_kvm_put(&cpu.parent, KVM_PUT_RESET);
    check_is("a reset does", (uint64_t)fake_mp_state, KVM_MP_STATE_STOPPED);
    cpu.parent.powered_off = false;
    arm_kvm_get(&cpu.parent);
    check(cpu.parent.powered_off, "and it is told");
}

static void test_breakpoints(void)
{
    Breakpoint list[] = { { BREAK_HW, 0x1000, 4, true }, { WATCH_WRITE, 0x2004, 4, true }, { WATCH_READ, 0x3000, 64, true } };
    GArray array = { .data = (char *)list, .len = 3 };
    struct kvm_guest_debug debug = { 0 };
    cpu.parent.breakpoints = &array;
    arm_kvm_fill_debug(&cpu.parent, &debug);
    check_is("control", debug.control, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW);
    check_is("DBGBVR0", debug.arch.dbg_bvr[0], 0x1000);
    check_is("DBGBCR0: enabled, all levels, four bytes", debug.arch.dbg_bcr[0], 1 | 3 << 1 | 15 << 5 | 1 << 13);
    check_is("DBGWVR0: a double word's address", debug.arch.dbg_wvr[0], 0x2000);
    check_is("DBGWCR0: its upper bytes, stores", debug.arch.dbg_wcr[0], 1 | 3 << 1 | 2 << 3 | 0xf0 << 5 | 1 << 13);
    check_is("DBGWVR1", debug.arch.dbg_wvr[1], 0x3000);
    check_is("DBGWCR1: 64 bytes by the mask, loads", debug.arch.dbg_wcr[1], 1 | 3 << 1 | 1 << 3 | 0xff << 5 | 1 << 13 | 6 << 24);
    check(arm_kvm_check_breakpoint(&cpu.parent, &list[1], NULL), "two watchpoints fit");
    check(!arm_kvm_check_breakpoint(&cpu.parent, &(Breakpoint){ WATCH_WRITE, 0x2006, 4, true }, NULL), "none over the edge of a double word");
    arm_kvm_host.watchpoints = 1;
    check(!arm_kvm_check_breakpoint(&cpu.parent, &list[1], NULL), "nor more than there are");
    struct kvm_run run = { .debug.arch = { .hsr = 0x34u << 26, .far = 0x2005 } };
    check(arm_kvm_debug_exit(&cpu.parent, &run) && cpu.parent.watch_hit_addr == 0x2004, "a watchpoint that was hit is the debugger's");
    run.debug.arch.hsr = 0x3cu << 26 | 7;
    cpu.pc = 0x4444;
    cpu.el = 0;
    cpu.vbar_el[1] = 0x8000;
    check(!arm_kvm_debug_exit(&cpu.parent, &run), "a BRK of the guest's is not");
    check_is("it goes to the guest's vector", cpu.pc, 0x8400);
    check_is("with its address", cpu.elr_el[1], 0x4444);
    check_is("and its syndrome", cpu.esr_el[1], 0x3cu << 26 | 7);
    software_breakpoint = true;
    check(arm_kvm_debug_exit(&cpu.parent, &run), "one of the debugger's is");
}

int main(void)
{
    test_registers();
    test_power();
    test_breakpoints();
    return end_of_checks();
}
