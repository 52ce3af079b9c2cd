/*
 * Why KVM cannot be used here, and what helps: a sentence for each cause, from what the host says of itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/kvm.h"
#include "util/error.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct HostProcessor { bool intel, amd, flag; } HostProcessor;

static bool has_word(const char *line, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = line; (at = strstr(at, word)); at += length) {
        if (at > line && at[-1] == ' ' && (at[length] == ' ' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

static HostProcessor host_processor(void)
{
    HostProcessor host = { 0 };
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL)) {
        return host;
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", 64);       /* the first processor is enough */
    for (char **line = lines; *line; line++) {
        if (g_str_has_prefix(*line, "vendor_id")) {
            host.intel = strstr(*line, "GenuineIntel") || strstr(*line, "CentaurHauls") || strstr(*line, "Shanghai");
            host.amd = strstr(*line, "AuthenticAMD") || strstr(*line, "HygonGenuine");
        } else if (g_str_has_prefix(*line, "flags")) {
            host.flag = has_word(*line, "vmx") || has_word(*line, "svm");
        }
    }
    return host;
}

static bool exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

/* No such device: is there no module, or does the processor not offer it, or is the device only not here? */
static void explain_missing(GError **err, const char *path)
{
    HostProcessor host = host_processor();
    const char *module = host.amd ? "kvm_amd" : host.intel ? "kvm_intel" : NULL;
    g_autofree char *loaded = module ? g_strdup_printf("/sys/module/%s/parameters", module) : NULL;
    if (strcmp(path, "/dev/kvm")) {
        error_set_hint(err, "%s was asked for by device=; the kernel's own is /dev/kvm", path);
    } else if (module && exists(loaded)) {
        error_set_hint(err, "the module %s is loaded, but there is no %s here: a container has to be given the device (--device %s)", module, path, path);
    } else if (module && host.flag) {
        error_set_hint(err, "the kernel's module is not loaded: 'modprobe %s' as root; if that fails, virtualisation is disabled in the firmware (%s); "
                       "-accel tcg works without", module, host.amd ? "SVM Mode" : "Intel VT-x");
    } else if (module) {
        error_set_hint(err, "this processor shows no virtualisation (%s): it is switched off in the firmware (%s), or this system is itself a guest whose "
                       "host does not pass it on (nested virtualisation, for the module %s); -accel tcg works without", host.amd ? "svm" : "vmx",
                       host.amd ? "SVM Mode" : "Intel VT-x", module);
    } else {
        error_set_hint(err, "the kernel's KVM module for this processor is not loaded, or this processor has none; -accel tcg works without");
    }
}

static void explain_permission(GError **err, const char *path)
{
    struct stat st;
    const struct passwd *user = getpwuid(geteuid());
    const char *name = user ? user->pw_name : "$USER";
    if (stat(path, &st) != 0) {
        error_set_hint(err, "%s cannot be reached by user %s", path, name);
        return;
    }
    const struct group *group = getgrgid(st.st_gid);
    const char *group_name = group ? group->gr_name : "kvm";
    if ((st.st_mode & 0060) == 0060 && st.st_gid != 0) {
        error_set_hint(err, "%s belongs to the group %s, in which %s is not: 'usermod -aG %s %s' as root, then log in again", path, group_name, name,
                       group_name, name);
    } else {
        error_set_hint(err, "%s is not open to a group: 'chgrp kvm %s && chmod 660 %s' as root, and put %s into the group kvm ('usermod -aG kvm %s')",
                       path, path, path, name, name);
    }
}

void kvm_explain_open(GError **err, const char *path, int os_errno)
{
    switch (os_errno) {
    case ENOENT: case ENODEV: case ENXIO: case ENOTDIR:
        explain_missing(err, path);
        break;
    case EACCES: case EPERM:
        explain_permission(err, path);
        break;
    case EBUSY:
        kvm_explain_create(err, os_errno);
        break;
    }
}

void kvm_explain_device(GError **err, const char *path)
{
    error_set_hint(err, "%s is not KVM's device, or the kernel is older than Linux 2.6.22: the right one is a character device with major 10, minor 232", path);
}

void kvm_explain_create(GError **err, int os_errno)
{
    switch (os_errno) {
    case EBUSY:
        error_set_hint(err, "another hypervisor (VirtualBox, VMware ...) uses the processor's virtualisation: end its guests or unload its module");
        break;
    case ENOMEM:
        error_set_hint(err, "the kernel has no memory for another virtual machine");
        break;
    case EOPNOTSUPP: case EIO: case ENODEV:
        error_set_hint(err, "virtualisation is disabled in the firmware or absent from the processor; -accel tcg works without");
        break;
    }
}
