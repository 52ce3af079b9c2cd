/*
 * From the command line to a running machine, and to the end of the process.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/startup.h"

#include "chardev/char.h"
#include "gdbstub/gdbstub.h"
#include "hw/core/loader.h"
#include "monitor/monitor.h"
#include "net/net.h"
#include "system/lists.h"
#include "system/qtest.h"
#include "system/runstate-internal.h"
#include "system/startup-internal.h"
#include "util/error.h"
#include "util/guest-random.h"
#include "util/log.h"
#include "util/main-loop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *program_name;

/* What -msg puts in front of each message: the time, the guest's name. */
static bool with_time;
static const char *guest_name;

static void print_front(void)
{
    if (with_time) {
        g_autoptr(GDateTime) now = g_date_time_new_now_utc();
        g_autofree char *text = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");
        fprintf(stderr, "%s.%06dZ ", text, g_date_time_get_microsecond(now));
    }
    if (guest_name) {
        fprintf(stderr, "%s ", guest_name);
    }
}

static void print_line(const char *line)
{
    print_front();
    fprintf(stderr, "%s: %s\n", program_name, line);
}

static void print_report(const char *kind, const char *text)
{
    if (kind) {
        print_front();
        fprintf(stderr, "%s: %s: %s\n", program_name, kind, text);
    } else {
        fprintf(stderr, "%s\n", text);
    }
}

/* Each line of the error with the program's name, then the hint. */
static int fail(GError *error)
{
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", 0);
    for (unsigned n = 0; lines[n]; n++) {
        print_line(lines[n]);
    }
    if (error_hint_is_bare(error)) {
        fprintf(stderr, "%s\n", error_get_hint(error));
    } else if (error_get_hint(error)) {
        fprintf(stderr, "%s: hint: %s\n", program_name, error_get_hint(error));
    }
    g_error_free(error);
    return 1;
}

/* ---- options that need no machine ---- */

static bool apply_logging(const Settings *s, GError **err)
{
    return (!s->log_file || log_set_file(s->log_file, err)) && (!s->log_items || log_set_items(s->log_items, err)) &&
           (!s->log_filter || log_set_filter(s->log_filter, err));
}

/* What we know of but do not have: said, not passed over. */
static bool check_not_implemented(const Settings *s, GError **err)
{
    static const char *const displays[] = { "none", "egl-headless", NULL };
    if (s->display && !g_str_equal(s->display, "none")) {
        return error_set(err, g_strv_contains(displays, s->display) || strchr("gscv", s->display[0]) ? "-display %s is not implemented"
                                                                                                    : "-display %s: Parameter 'type' does not accept value '%s'",
                         s->display, s->display);
    }
    const struct { const char *name; bool given; } missing[] = {
        { "shim", s->shim != NULL },
    };
    for (size_t n = 0; n < G_N_ELEMENTS(missing); n++) {
        if (missing[n].given) {
            return error_set(err, "-%s is not implemented", missing[n].name);
        }
    }
    return true;
}

static bool apply_overcommit(Settings *s, GError **err)
{
    bool mem_lock = false, on_fault = g_strcmp0(keyvals_get(s->overcommit, "mem-lock"), "on-fault") == 0, cpu_pm = false;
    if ((!on_fault && !keyvals_get_bool(s->overcommit, "mem-lock", &mem_lock, err)) || !keyvals_get_bool(s->overcommit, "cpu-pm", &cpu_pm, err) ||
        !keyvals_check_all_used(s->overcommit, err)) {
        return false;
    }
    if (cpu_pm) {
        return error_set(err, "-overcommit cpu-pm=on is not implemented");
    }
    if ((mem_lock || on_fault) && mlockall(MCL_CURRENT | MCL_FUTURE | (on_fault ? MCL_ONFAULT : 0))) {
        return error_set(err, "locking memory failed: %s", g_strerror(errno));
    }
    return true;
}

/* -seed: what guests get as random is the same in every run. */
static bool apply_seed(const Settings *s, GError **err)
{
    uint64_t seed = 0;
    if (s->seed && !parse_uint64(s->seed, &seed)) {
        return error_set(err, "Invalid seed number: %s", s->seed);
    }
    if (s->seed) {
        guest_random_seed(seed);
    }
    return true;
}

/* -name and -msg. The process's name is what ps and top show; threads have names in any case. */
static bool apply_names(Settings *s, GError **err)
{
    const char *process = keyvals_get(s->name, "process"), *guest = keyvals_get(s->name, "guest");
    bool debug_threads = false;
    if (!keyvals_get_bool(s->name, "debug-threads", &debug_threads, err) || !keyvals_check_all_used(s->name, err)) {
        return false;
    }
    if (process) {
        prctl(PR_SET_NAME, process);
    }
    with_time = s->msg_timestamp;
    guest_name = s->msg_guest_name ? guest : NULL;
    return true;
}

static bool add_globals(Settings *s, GError **err)
{
    globals_install();
    for (unsigned n = 0; n < s->globals->len; n++) {
        const OptionText *o = s->globals->pdata[n];
        if (!globals_add(o->text, err)) {
            return false;
        }
    }
    return true;
}

/* ---- the machine ---- */

static bool build_machine(Settings *s, Machine *m, GError **err)
{
    if (!memory_apply(s, m, err) || !smp_apply(s, m, err) || !boot_apply(s, m, err) || !rtc_apply(s, m, err) || !machine_init_accel(s, m, print_line, err) ||
        !machine_create_ram(s, m, err)) {
        return false;
    }
    if (m->rtc_drift && !globals_add(g_str_equal(m->rtc_drift, "slew") ? "mc146818rtc.lost_tick_policy=slew" : "mc146818rtc.lost_tick_policy=discard", err)) {
        return false;
    }
    m->vga = s->vga;
    if (!create_serials(s, err) || !create_drives(s, m, err) || !create_network(s, err) || !create_objects(s, true, err) || !create_monitors(s, err)) {
        return false;
    }
    if (!machine_type(m)->build(m, err) || !create_fw_cfg_files(s, err) || !create_option_roms(s, err) || !create_devices(s, err)) {
        return false;
    }
    if (machine_type(m)->finish && !machine_type(m)->finish(m, err)) {
        return false;
    }
    return semihosting_apply(s, m, err) && create_debuggers(s, err);
}

static HotplugHandler *find_hotplug(Device *dev)
{
    Machine *m = machine_current();
    return m && machine_type(m)->hotplug_handler ? machine_type(m)->hotplug_handler(m, dev) : NULL;
}

static void cpu_stopped(Cpu *cpu, int exit)
{
    if (exit == VCPU_EXIT_DEBUG) {
        gdbserver_cpu_stopped(cpu);
        system_debug_request();
    } else {
        const AccelType *type = accel_type(accel_current());
        g_autofree char *text = type->error_text ? type->error_text(cpu) : NULL;
        fputs(text ? text : "", stderr);
        vm_stop_request(RUN_STATE_INTERNAL_ERROR);
    }
}

static bool start(Settings *s, GError **err)
{
    if (!apply_names(s, err) || !apply_logging(s, err) || !check_not_implemented(s, err) || !apply_overcommit(s, err) || !apply_seed(s, err) || !add_globals(s, err) || !apply_sets(s, err)) {
        return false;
    }
    if (s->daemonize && (s->nographic || (s->display && !g_str_equal(s->display, "none")))) {
        return error_set(err, "-nographic cannot be used with -daemonize");
    }
    if (s->daemonize && !process_daemonize(err)) {
        return false;
    }
    if (!create_fdsets(s, err)) {
        return false;
    }
    main_loop_init();
    process_catch_signals();
    if (s->pidfile && !process_write_pidfile(s->pidfile, err)) {
        return false;
    }
    Machine *m = machine_create(s, err);
    if (!m) {
        return false;
    }
    device_set_machine_hotplug(find_hotplug);
    cpu_set_stop_hook(cpu_stopped);
    defaults_apply(s, machine_type(m));
    if (!create_objects(s, false, err) || !create_chardevs(s, err) || (s->qtest && !qtest_server_start(s->qtest, s->qtest_log, err)) ||
        !build_machine(s, m, err)) {
        return false;
    }
    net_check_clients();
    globals_warn_unused();
    device_set_machine_ready();
    system_reset_machine();
    chardev_machine_ready();
    return true;
}

/* ---- the end ---- */

static void print_killer(void)
{
    int signal, pid;
    if (!system_was_killed(&signal, &pid)) {
        return;
    }
    g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", pid), *command = NULL;
    if (pid > 0 && g_file_get_contents(path, &command, NULL, NULL)) {
        fprintf(stderr, "%s: terminating on signal %d from pid %d (%s)\n", program_name, signal, pid, command);
    } else {
        fprintf(stderr, "%s: terminating on signal %d\n", program_name, signal);
    }
}

static int end(int status)
{
    print_killer();
    cpus_pause();
    run_state_notify_exit();
    gdbserver_exit(status);
    monitor_cleanup();
    net_cleanup();
    chardev_cleanup();
    return status;
}

static int run(const Settings *s)
{
    int status = 0;
    process_detach();
    if (s->stopped) {
        run_state_set(RUN_STATE_PRELAUNCH);
    } else {
        vm_start();
    }
    while (!run_state_do_requests(&status)) {
        main_loop_iterate(true);
    }
    return end(status);
}

int system_run(const char *program, const TargetArch *arch, int argc, char **argv)
{
    const char *slash = strrchr(program, '/');
    program_name = slash ? slash + 1 : program;
    report_set_sink(print_report);
    Settings settings;
    settings_init(&settings, program, arch);
    GError *error = NULL;
    if (!options_parse(&settings, argc, argv, &error)) {
        return fail(error);
    }
    if (settings.leave == LEAVE_HELP) {
        help_print(&settings);
        return 0;
    }
    if (settings.leave == LEAVE_VERSION) {
        version_print();
        return 0;
    }
    if (lists_print(&settings)) {
        return 0;
    }
    if (!start(&settings, &error)) {
        int status = fail(error);
        chardev_cleanup();
        return status;
    }
    const Machine *m = machine_current();
    if (m->dumpdtb) {
        int status = machine_dump_device_tree(m, m->dumpdtb, &error) ? 0 : fail(error);
        chardev_cleanup();
        return status;
    }
    return run(&settings);
}

bool system_build(const char *program, const TargetArch *arch, int argc, char **argv, GError **err)
{
    static Settings settings;
    program_name = program;
    settings_init(&settings, program, arch);
    return options_parse(&settings, argc, argv, err) && start(&settings, err);
}
