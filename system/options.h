/*
 * The command line, parsed: what was asked for, not yet carried out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_OPTIONS_H
#define SYSTEM_OPTIONS_H

#include "hw/core/machine.h"
#include "semihosting/semihosting.h"
#include "util/keyval.h"

typedef struct Settings Settings;
typedef struct OptionInfo OptionInfo;

struct OptionInfo {
    const char *group;              /* a heading of -help instead of an option */
    const char *name;
    bool has_argument, x86_only;
    const char *forms;              /* syntax of the argument, one a line */
    const char *help;               /* NULL: another name of the option above, or not listed */
    /* Takes the option into the settings. false with an error that main prints behind the option's name. */
    bool (*apply)(Settings *s, const OptionInfo *option, const char *value, GError **err);
};
extern const OptionInfo option_table[];     /* ends with name and group NULL */

/* An option whose meaning is another room's: its text, in order of the command line. */
typedef struct OptionText { const OptionInfo *option; char *text; int index; } OptionText;

struct Settings {
    const char *program;            /* argv[0] */
    const TargetArch *arch;
    enum { LEAVE_NO, LEAVE_HELP, LEAVE_VERSION } leave;

    KeyVals *machine, *smp, *memory, *boot, *rtc, *name, *overcommit;   /* merged; never NULL */
    char *machine_name;             /* the last type= */
    const char *cpu, *uuid, *mem_path;
    GPtrArray *accels;              /* of const char *, the -accel arguments */
    GPtrArray *numa, *globals, *sets, *devices, *objects, *netdevs, *nics, *nets, *chardevs, *drives, *blockdevs, *serials, *parallels,
              *monitors, *qmps, *mons, *debugcons, *fw_cfgs, *smbios, *acpi_tables, *option_roms, *add_fds, *gdbs;   /* of OptionText* */
    SemihostSettings semihosting;
    GPtrArray *semihosting_args;    /* of char *: the words of arg= */
    const char *pidfile, *log_items, *log_file, *log_filter, *qtest, *qtest_log, *vga, *display, *shim, *seed;
    int echr;
    bool mem_prealloc, nographic, stopped, daemonize, nodefaults, snapshot, no_reboot, no_shutdown, perfmap, jitdump,
         msg_timestamp, msg_guest_name, usb, firmware_help;
    bool default_floppy, default_cdrom, default_net;    /* decided by defaults_apply */
};

/* Parses argv. false with an error as the reference words it; option_name (for the "-NAME VALUE: " in front) is in the text already. */
bool options_parse(Settings *s, int argc, char **argv, GError **err);
/* One option by its name without dashes, as if it were on the command line. */
bool option_apply_named(Settings *s, const char *name, const char *value, GError **err);
void settings_init(Settings *s, const char *program, const TargetArch *arch);

/* -help and -version. */
void help_print(const Settings *s);
void version_print(void);

/* The parsers of options with a grammar of their own: into the machine. */
bool smp_apply(const Settings *s, Machine *m, GError **err);
bool memory_apply(const Settings *s, Machine *m, GError **err);
bool boot_apply(const Settings *s, Machine *m, GError **err);
bool rtc_apply(const Settings *s, Machine *m, GError **err);
bool numa_apply(const Settings *s, Machine *m, GError **err);

#define DECLARE_OPTION(n) bool option_##n(Settings *s, const OptionInfo *option, const char *value, GError **err);
#define OPTIONS_ALL(X) \
    X(accel) X(acpitable) X(action) X(add_fd) X(append) X(bios) X(blockdev) X(boot) X(cdrom) X(chardev) X(compat) X(cpu) X(daemonize) \
    X(debugcon) X(device) X(disk) X(display) X(drive) X(dtb) X(echr) X(enable_kvm) X(firmware_path) X(floppy) X(fw_cfg) X(gdb) \
    X(gdb_default) X(global) X(help) X(initrd) X(jitdump) X(kernel) X(log) X(log_file) X(log_filter) X(machine) X(mem_path) \
    X(mem_prealloc) X(memory) X(mon) X(monitor) X(msg) X(name) X(net) X(netdev) X(nic) X(no_fd_bootchk) X(no_reboot) X(no_shutdown) \
    X(no_user_config) X(nodefaults) X(nographic) X(numa) X(object) X(option_rom) X(overcommit) X(parallel) X(perfmap) X(pflash) \
    X(pidfile) X(qmp) X(qtest) X(qtest_log) X(readconfig) X(rtc) X(seed) X(semihosting) X(semihosting_config) X(serial) X(set) X(shim) X(smbios) X(smp) X(snapshot) X(stopped) \
    X(unsupported) X(usb) X(uuid) X(version) X(vga) X(watchdog_action)
OPTIONS_ALL(DECLARE_OPTION)

#endif
