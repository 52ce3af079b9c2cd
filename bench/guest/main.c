/*
 * Picks the work: by arguments, or in a guest by bench=NAME,GROUP on the kernel's command line. In a guest it switches the machine off at the end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include "bench.h"

#include <inttypes.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const Work *const groups[] = { int_works, crypto_works, fp_works, simd_works, mem_works, os_works, code_works, smp_works };

/* Whether the list "int,os.fork" names it, itself or its group. */
static int is_wanted(const char *name, const char *list)
{
    size_t group = strcspn(name, ".");
    if (!*list) {
        return 1;
    }
    for (const char *at = list; *at;) {
        size_t n = strcspn(at, ",");
        if ((n == strlen(name) || n == group) && !strncmp(at, name, n)) {
            return 1;
        }
        at += n + (at[n] == ',');
    }
    return 0;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void set_processors(int first_only)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int i = 0; i < (first_only ? 1 : CPU_SETSIZE); i++) {
        CPU_SET(i, &set);
    }
    sched_setaffinity(0, sizeof(set), &set);
}

static void run(const Work *w)
{
    if (w->available && !w->available()) {
        printf("BENCH %s skipped\n", w->name);
        return;
    }
    set_processors(strncmp(w->name, "smp.", 4) != 0);
    printf("START %s\n", w->name);
    fflush(stdout);
    double start = now();
    uint64_t sum = w->run(w->turns);
    printf("BENCH %s %.6f %016" PRIx64 "\n", w->name, now() - start, sum);
    fflush(stdout);
}

static void read_command_line(char *list, size_t size)
{
    char line[4096] = "";
    mount("proc", "/proc", "proc", 0, NULL);
    mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
    FILE *f = fopen("/proc/cmdline", "r");
    const char *found = f && fgets(line, sizeof(line), f) ? strstr(line, "bench=") : NULL;
    snprintf(list, size, "%.*s", found ? (int)strcspn(found + 6, " \n") : 0, found ? found + 6 : "");
    if (f) {
        fclose(f);
    }
}

int main(int argc, char **argv)
{
    char list[1024] = "";
    if (argc > 1 && !strcmp(argv[1], CHILD_ARGUMENT)) {
        return 0;
    }
    int in_guest = getpid() == 1;
    if (in_guest) {
        read_command_line(list, sizeof(list));
    } else if (argc > 1) {
        snprintf(list, sizeof(list), "%s", argv[1]);
    }
    printf("BENCH-START\n");
    for (unsigned g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
        for (const Work *w = groups[g]; w->name; w++) {
            if (is_wanted(w->name, list)) {
                run(w);
            }
        }
    }
    printf("BENCH-END\n");
    fflush(stdout);
    if (in_guest) {
        sync();
        reboot(RB_POWER_OFF);
    }
    return 0;
}
