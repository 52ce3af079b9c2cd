/*
 * The guest's kernel: entry and return, address spaces, processes, faults, signals, files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t system_call(unsigned turns)
{
    uint64_t sum = 0;
    while (turns--) {
        sum += syscall(SYS_getppid) >= 0;
    }
    return sum;
}

static uint64_t clock_read(unsigned turns)
{
    uint64_t sum = 0;
    struct timespec t;
    while (turns--) {
        sum += clock_gettime(CLOCK_MONOTONIC, &t) == 0;
    }
    return sum;
}

/* A byte to and fro between two processes. */
static uint64_t process_switch(unsigned turns)
{
    int there[2], back[2];
    char c = 1;
    uint64_t sum = 0;
    if (pipe(there) || pipe(back)) {
        return 0;
    }
    pid_t child = fork();
    if (child == 0) {
        close(there[1]);
        while (read(there[0], &c, 1) == 1 && write(back[1], &c, 1) == 1) {
        }
        _exit(0);
    }
    while (turns--) {
        sum += write(there[1], &c, 1) == 1 && read(back[0], &c, 1) == 1;
    }
    close(there[1]);
    waitpid(child, NULL, 0);
    close(there[0]);
    close(back[0]);
    close(back[1]);
    return sum;
}

static uint64_t fork_work(unsigned turns)
{
    uint64_t sum = 0;
    while (turns--) {
        pid_t child = fork();
        int status = 1;
        if (child == 0) {
            _exit(7);
        }
        waitpid(child, &status, 0);
        sum += WEXITSTATUS(status);
    }
    return sum;
}

static uint64_t exec_work(unsigned turns)
{
    uint64_t sum = 0;
    while (turns--) {
        pid_t child = fork();
        int status = 1;
        if (child == 0) {
            execl("/proc/self/exe", "bench", CHILD_ARGUMENT, (char *)NULL);
            _exit(1);
        }
        waitpid(child, &status, 0);
        sum += WEXITSTATUS(status) == 0;
    }
    return sum;
}

static void *thread(void *argument)
{
    return argument;
}

static uint64_t thread_work(unsigned turns)
{
    uint64_t sum = 0;
    while (turns--) {
        pthread_t t;
        sum += pthread_create(&t, NULL, thread, NULL) == 0 && pthread_join(t, NULL) == 0;
    }
    return sum;
}

static uint64_t fault(unsigned turns)
{
    enum { SIZE = 1 << 20 };
    uint64_t sum = 0;
    while (turns--) {
        uint8_t *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        for (int i = 0; i < SIZE; i += 4096) {
            p[i] = 1;
            sum += p[i];
        }
        munmap(p, SIZE);
    }
    return sum;
}

static uint64_t protect(unsigned turns)
{
    uint8_t *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t sum = 0;
    while (turns--) {
        p[0]++;
        sum += mprotect(p, 4096, PROT_READ) == 0 && mprotect(p, 4096, PROT_READ | PROT_WRITE) == 0;
    }
    munmap(p, 4096);
    return sum;
}

static volatile sig_atomic_t caught;
static void on_signal(int number) { caught += number; }

static uint64_t signal_work(unsigned turns)
{
    caught = 0;
    signal(SIGUSR1, on_signal);
    while (turns--) {
        raise(SIGUSR1);
    }
    return caught;
}

static uint64_t file(unsigned turns)
{
    char data[4096] = "file";
    uint64_t sum = 0;
    while (turns--) {
        int fd = open("/tmp/bench-file", O_RDWR | O_CREAT | O_TRUNC, 0600);
        sum += write(fd, data, sizeof(data)) + pread(fd, data, sizeof(data), 0);
        close(fd);
        unlink("/tmp/bench-file");
    }
    return sum;
}

const Work os_works[] = {
    { "os.syscall", system_call, 666666, NULL }, { "os.clock", clock_read, 833333, NULL }, { "os.switch", process_switch, 5000, NULL }, { "os.fork", fork_work, 250, NULL },
    { "os.exec", exec_work, 116, NULL }, { "os.thread", thread_work, 1000, NULL }, { "os.fault", fault, 66, NULL }, { "os.protect", protect, 25000, NULL },
    { "os.signal", signal_work, 25000, NULL }, { "os.file", file, 5000, NULL }, { 0 },
};
