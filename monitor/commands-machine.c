/*
 * Commands that start, stop and prod the machine.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/commands.h"

#include "accel/target.h"
#include "hw/core/machine.h"
#include "softmmu/dma.h"
#include "system/runstate-internal.h"
#include "util/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- run state ---- */

bool command_cont(GError **err)
{
    switch (run_state()) {
    case RUN_STATE_INTERNAL_ERROR:
    case RUN_STATE_SHUTDOWN:
    case RUN_STATE_GUEST_PANICKED:
        return error_set(err, "Resetting the Virtual Machine is required");
    case RUN_STATE_SUSPENDED:
        return true;
    default:
        vm_start();
        return true;
    }
}

void command_stop(void) { vm_stop(RUN_STATE_PAUSED); }

void command_quit(void)
{
    run_actions.shutdown = ACTION_SHUTDOWN_POWEROFF;        /* whatever -no-shutdown says */
    system_shutdown_request(SHUTDOWN_HOST_QMP_QUIT);
}

bool command_system_wakeup(GError **err)
{
    if (!run_state_is(RUN_STATE_SUSPENDED)) {
        return error_set(err, "Unable to wake up: guest is not in suspended state");
    }
    system_wakeup_request();
    return true;
}

bool command_inject_nmi(GError **err)
{
    const TargetArch *arch = target_current();
    if (!arch->inject_nmi || !cpu_first()) {
        return error_set(err, "machine does not provide NMIs");
    }
    CPU_FOREACH (cpu) {
        arch->inject_nmi(cpu);
    }
    return true;
}

bool command_set_boot_order(const char *order, GError **err)
{
    Machine *machine = machine_current();
    if (!machine || !machine_type(machine)->set_boot_order) {
        return error_set(err, "no function defined to set boot device list for this architecture");
    }
    return machine_type(machine)->set_boot_order(machine, order, err);
}

/* ---- actions ---- */

static const char *const reboot_names[] = { "reset", "shutdown", NULL };
static const char *const shutdown_names[] = { "poweroff", "pause", NULL };
static const char *const panic_names[] = { "shutdown", "pause", "exit-failure", "none", NULL };
static const char *const watchdog_names[] = { "reset", "shutdown", "poweroff", "inject-nmi", "pause", "debug", "none", NULL };

static bool find_name(const char *const *names, const char *parameter, const char *name, int *index, GError **err)
{
    for (*index = 0; names[*index]; ++*index) {
        if (!strcmp(names[*index], name)) {
            return true;
        }
    }
    return error_set(err, "Parameter '%s' does not accept value '%s'", parameter, name);
}

bool command_set_watchdog_action(const char *action, GError **err)
{
    int index;
    if (!find_name(watchdog_names, "action", action, &index, NULL)) {
        return error_set(err, "invalid parameter value: %s", action);
    }
    run_actions.watchdog = index;
    return true;
}

bool command_set_action(const char *reboot, const char *shutdown, const char *panic, const char *watchdog, GError **err)
{
    int reboot_index = run_actions.reboot, shutdown_index = run_actions.shutdown, panic_index = run_actions.panic, watchdog_index = run_actions.watchdog;
    if ((reboot && !find_name(reboot_names, "reboot", reboot, &reboot_index, err)) ||
        (shutdown && !find_name(shutdown_names, "shutdown", shutdown, &shutdown_index, err)) ||
        (panic && !find_name(panic_names, "panic", panic, &panic_index, err)) ||
        (watchdog && !find_name(watchdog_names, "watchdog", watchdog, &watchdog_index, err))) {
        return false;
    }
    run_actions.reboot = reboot_index;
    run_actions.shutdown = shutdown_index;
    run_actions.panic = panic_index;
    run_actions.watchdog = watchdog_index;
    return true;
}

bool command_set_one_insn_per_tb(bool on, GError **err)
{
    Accel *accel = accel_current();
    if (!accel || !object_type_find_property(accel->parent.type, "one-insn-per-tb")) {
        return error_set(err, "This accelerator does not support setting one-insn-per-tb");
    }
    return object_set_bool((Object *)accel, "one-insn-per-tb", on, err);
}

/* ---- memory into files ---- */

typedef bool ReadMemory(Cpu *cpu, uint64_t addr, void *buf, uint64_t len, GError **err);

static bool read_virtual(Cpu *cpu, uint64_t addr, void *buf, uint64_t len, GError **err)
{
    return cpu_debug_rw(cpu, addr, buf, len, false) ||
           error_set(err, "Invalid addr 0x%016" G_GINT64_MODIFIER "x/size %" G_GUINT64_FORMAT " specified", addr, len);
}

static bool read_physical(Cpu *cpu, uint64_t addr, void *buf, uint64_t len, GError **err)
{
    dma_read(&machine_current()->system_memory.memory_space, addr, buf, len);
    return true;
}

static bool save(ReadMemory *read, Cpu *cpu, uint64_t addr, uint64_t size, const char *path, GError **err)
{
    uint8_t buf[4096];
    FILE *file = fopen(path, "we");
    if (!file) {
        return error_set_errno(err, errno, "Could not open '%s'", path);
    }
    bool good = true;
    while (good && size) {
        uint64_t part = MIN(size, sizeof(buf) - (addr & 4095));
        good = read(cpu, addr, buf, part, err) && (fwrite(buf, 1, part, file) == part || error_set_errno(err, errno, "writing to '%s' failed", path));
        addr += part;
        size -= part;
    }
    if (fclose(file) != 0 && good) {
        good = error_set_errno(err, errno, "writing to '%s' failed", path);
    }
    return good;
}

bool command_memsave(Cpu *cpu, uint64_t addr, uint64_t size, const char *path, GError **err)
{
    if (!cpu) {
        return error_set(err, "Parameter 'cpu-index' expects a CPU number");
    }
    cpu_synchronize(cpu);
    return save(read_virtual, cpu, addr, size, path, err);
}

bool command_dumpdtb(const char *path, GError **err) { return machine_dump_device_tree(machine_current(), path, err); }

bool command_pmemsave(uint64_t addr, uint64_t size, const char *path, GError **err) { return save(read_physical, NULL, addr, size, path, err); }
