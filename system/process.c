/*
 * The process: its pid file, going into the background, and the signals that end it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/startup-internal.h"

#include "system/runstate-internal.h"
#include "util/error.h"
#include "util/main-loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- background ---- */

static int ready_pipe = -1;

/* The parent's end: 0 when a byte came, 1 when the child closed the pipe without. */
static int wait_for_child(int fd)
{
    uint8_t status;
    ssize_t got;
    do {
        got = read(fd, &status, 1);
    } while (got < 0 && errno == EINTR);
    return got == 1 && status == 0 ? 0 : 1;
}

bool process_daemonize(GError **err)
{
    int fds[2];
    if (pipe(fds) < 0) {
        return error_set_errno(err, errno, "cannot daemonize");
    }
    pid_t pid = fork();
    if (pid < 0) {
        return error_set_errno(err, errno, "cannot daemonize");
    }
    if (pid > 0) {
        close(fds[1]);
        _exit(wait_for_child(fds[0]));
    }
    close(fds[0]);
    ready_pipe = fds[1];
    fcntl(ready_pipe, F_SETFD, FD_CLOEXEC);
    setsid();
    pid = fork();
    if (pid != 0) {
        _exit(pid < 0);
    }
    umask(027);
    signal(SIGTSTP, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);
    signal(SIGTTIN, SIG_IGN);
    return true;
}

void process_detach(void)
{
    if (ready_pipe < 0) {
        return;
    }
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (chdir("/") == 0 && null >= 0) {
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
    }
    uint8_t status = null < 0;
    while (write(ready_pipe, &status, 1) < 0 && errno == EINTR) { }
    close(ready_pipe);
    ready_pipe = -1;
}

/* ---- pid file ---- */

static char *pidfile_path;

static void remove_pidfile(void *opaque) { unlink(pidfile_path); }

bool process_write_pidfile(const char *path, GError **err)
{
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) {
        return error_set_errno(err, errno, "cannot create PID file: Could not create '%s'", path);
    }
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (fcntl(fd, F_SETLK, &lock) < 0) {
        error_set_errno(err, errno, "cannot create PID file: Cannot lock pid file");
        close(fd);
        return false;
    }
    char text[32];
    int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
    if (ftruncate(fd, 0) < 0 || write(fd, text, (size_t)len) != len) {
        error_set_errno(err, errno, "cannot create PID file: Failed to write pid file");
        close(fd);
        return false;
    }
    /* The descriptor stays open: it holds the lock. */
    pidfile_path = g_canonicalize_filename(path, NULL);
    exit_add_notifier(remove_pidfile, NULL);
    return true;
}

/* ---- signals ---- */

static bool signal_arrived(int fd, GIOCondition condition, void *opaque)
{
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof(info)) == sizeof(info)) {
        system_killed((int)info.ssi_signo, (int)info.ssi_pid);
    }
    return true;
}

void process_catch_signals(void)
{
    sigset_t set;
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    /* Before the first thread, so that all inherit the mask. */
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd >= 0) {
        fd_watch_add(fd, G_IO_IN, signal_arrived, NULL);
    }
}
