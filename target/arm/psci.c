/*
 * The power state coordination interface, answered by the processor itself where the board has no firmware at EL3 to do it.
 *
 * Power State Coordination Interface (DEN 0022), 5; SMC Calling Convention (DEN 0028), 7.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/runstate.h"
#include "target/arm/internal.h"
#include "util/main-loop.h"

/* Function identifiers: these, and with bit 30 set those of 64-bit arguments. */
enum {
    FN_VERSION = 0x84000000, FN_CPU_SUSPEND = 0x84000001, FN_CPU_OFF = 0x84000002, FN_CPU_ON = 0x84000003, FN_AFFINITY_INFO = 0x84000004, FN_MIGRATE = 0x84000005,
    FN_MIGRATE_INFO_TYPE = 0x84000006, FN_SYSTEM_OFF = 0x84000008, FN_SYSTEM_RESET = 0x84000009, FN_FEATURES = 0x8400000a,
};
enum { SMC64 = 1 << 30, VERSION_1_1 = 0x10001, AFFINITY_ON = 0, AFFINITY_OFF = 1, MIGRATE_NOT_NEEDED = 2 };

/* ---- power ---- */

typedef struct PowerOn { uint64_t pc, context; unsigned el; bool aarch64; } PowerOn;

static void power_on_work(Cpu *c, void *opaque)
{
    ArmCpu *cpu = ARM_CPU(c);
    g_autofree PowerOn *p = opaque;
    ArmBootState state = { .pc = p->pc, .x = { p->context }, .el = p->el, .aarch64 = p->aarch64, .thumb = !p->aarch64 && (p->pc & 1), .secure = false };
    arm_cpu_start(cpu, &state);
    c->powered_off = false;
    atomic_store(&c->halted, false);
    atomic_store(&cpu->starting, false);
}

int arm_cpu_power_on(Cpu *c, uint64_t pc, uint64_t context, unsigned el, bool aarch64)
{
    ArmCpu *cpu = ARM_CPU(c);
    bool was_starting = false;
    if (!c->powered_off) {
        return PSCI_ALREADY_ON;
    }
    if ((el == 3 && !cpu->has_el3) || (el == 2 && !cpu->has_el2) || (aarch64 && !cpu->has_aarch64) || el < 1 || el > 3) {
        return PSCI_INVALID_PARAMETERS;
    }
    if (!atomic_compare_exchange_strong(&cpu->starting, &was_starting, true)) {
        return PSCI_ON_PENDING;
    }
    PowerOn *p = g_new(PowerOn, 1);
    *p = (PowerOn){ pc, context, el, aarch64 };
    cpu_run_on_async(c, power_on_work, p);
    return PSCI_SUCCESS;
}

static void power_off(ArmCpu *cpu)
{
    cpu->parent.powered_off = true;
    atomic_store(&cpu->parent.halted, true);
}

/* ---- functions ---- */

static uint64_t argument(const ArmCpu *cpu, unsigned n, bool wide) { return wide ? cpu->x[n] : (uint32_t)cpu->x[n]; }

static int64_t cpu_on(ArmCpu *cpu, bool wide)
{
    Cpu *target = arm_cpu_by_affinity(argument(cpu, 1, wide) & UINT64_C(0xff00ffffff));
    uint64_t entry = argument(cpu, 2, wide);
    if (!target) {
        return PSCI_INVALID_PARAMETERS;
    }
    if (cpu->aarch64 && (entry & 3)) {
        return PSCI_INVALID_ADDRESS;
    }
    /* At the highest level that is not secure, where the first processor was started, whoever asks now (5.6). */
    bool to_el2 = cpu->has_el2;
    return arm_cpu_power_on(target, entry, argument(cpu, 3, wide), to_el2 ? 2 : 1, to_el2 ? cpu->has_aarch64 : cpu->aarch64);
}

static int64_t affinity_info(ArmCpu *cpu, bool wide)
{
    Cpu *target = arm_cpu_by_affinity(argument(cpu, 1, wide) & UINT64_C(0xff00ffffff));
    if (argument(cpu, 2, wide) > 0) {
        return 0;       /* of higher levels all are on */
    }
    return !target ? PSCI_INVALID_PARAMETERS : target->powered_off ? AFFINITY_OFF : AFFINITY_ON;
}

/* Waits as WFI does: deeper states are entered as standby. */
static int64_t cpu_suspend(ArmCpu *cpu)
{
    if (!arm_has_work(&cpu->parent)) {
        atomic_store(&cpu->parent.halted, true);
        if (arm_has_work(&cpu->parent)) {
            atomic_store(&cpu->parent.halted, false);
        }
    }
    return PSCI_SUCCESS;
}

static bool is_known(uint32_t fn)
{
    switch (fn & ~SMC64) {
    case FN_CPU_SUSPEND: case FN_CPU_ON: case FN_AFFINITY_INFO:
        return true;
    case FN_VERSION: case FN_CPU_OFF: case FN_MIGRATE_INFO_TYPE: case FN_SYSTEM_OFF: case FN_SYSTEM_RESET: case FN_FEATURES:
        return !(fn & SMC64);
    default:
        return false;
    }
}

static int64_t system_request(ArmCpu *cpu, bool reset)
{
    MACHINE_LOCK_GUARD();
    if (reset) {
        system_reset_request(SHUTDOWN_GUEST_RESET);
    } else {
        system_shutdown_request(SHUTDOWN_GUEST_SHUTDOWN);
    }
    power_off(cpu);     /* it does not come back */
    return PSCI_INTERNAL_FAILURE;
}

static int64_t call(ArmCpu *cpu, uint32_t fn)
{
    bool wide = fn & SMC64;
    if (!is_known(fn)) {
        return PSCI_NOT_SUPPORTED;
    }
    switch (fn & ~SMC64) {
    case FN_VERSION: return VERSION_1_1;
    case FN_CPU_SUSPEND: return cpu_suspend(cpu);
    case FN_CPU_OFF: power_off(cpu); return PSCI_SUCCESS;
    case FN_CPU_ON: return cpu_on(cpu, wide);
    case FN_AFFINITY_INFO: return affinity_info(cpu, wide);
    case FN_MIGRATE_INFO_TYPE: return MIGRATE_NOT_NEEDED;
    case FN_SYSTEM_OFF: return system_request(cpu, false);
    case FN_SYSTEM_RESET: return system_request(cpu, true);
    default: return is_known(argument(cpu, 1, false)) ? PSCI_SUCCESS : PSCI_NOT_SUPPORTED;      /* FN_FEATURES */
    }
}

bool arm_psci_call(ArmCpu *cpu)
{
    int64_t result = call(cpu, cpu->x[0]);
    cpu->x[0] = cpu->aarch64 ? (uint64_t)result : (uint32_t)result;
    return true;
}
