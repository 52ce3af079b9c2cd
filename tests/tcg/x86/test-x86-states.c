/*
 * Random sequences of x86 instructions with many random states each, natively and by the translator, compared. A case is a sequence and a state.
 *
 *   test-x86-states [--seed N|random] [--cases N] [--first N] [--jobs N] [--host-features MASK] [--long]
 * runs cases from one on, in as many processes (0: one a processor), and prints how it goes on every now and then. Every state runs by the host's back end in linked blocks;
 * one in INTERPRETED by the interpreter too, and one in SINGLE by the back end an instruction a block. --long: only with OSTRICH_LONG=1 in the environment. OSTRICH_TERMINAL
 * names a terminal that is told too.
 *
 *   test-x86-states --seed N --case N
 * runs the batch of one case, and prints that case in full where it differs, with its IR.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare.h"
#include "states.h"
#include "tcg/x86_64/x64.h"
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CASES_OF_BATCH = 8, VARIANTS = 256, OF_BATCH = CASES_OF_BATCH * VARIANTS, INTERPRETED = 16, SINGLE = 16, MAX_FAILURES = 20, REPORT_SECONDS = 30 };
enum { ENGINE_INTERPRETER, ENGINE_HOST };

/* Shared by all processes. */
typedef struct Progress { gint64 cases, interpreted, single, faults; int failures; } Progress;

typedef struct Run {
    uint64_t seed, first, count;
    unsigned nr_jobs;
    bool one;                           /* only the case `first` is printed */
    Progress *progress;
} Run;

/* ---- generation ---- */

/* Sequences of all kinds of instructions for the most part, and single instructions with all their forms of addresses. */
static void make_case(X86Random *r, X86Case *c)
{
    unsigned kind = random_below(r, 100);
    if (kind < 65) {
        generate_flow(r, c);
        return;
    }
    generate_case(r, kind < 78 ? GROUP_INTEGER : kind < 93 ? GROUP_SIMD : GROUP_X87, 64, NULL, c);
    c->uses_fpu = c->uses_ymm = true;
}

static void make_batch(const Run *run, uint64_t number, StateBatch *b)
{
    for (unsigned i = 0; i < b->nr_cases; i++) {
        X86Random r = random_of_case(run->seed, number * CASES_OF_BATCH + i);
        make_case(&r, &b->cases[i]);
        for (unsigned j = 0; j < b->nr_variants; j++) {
            variant_make(&r, &b->cases[i], &b->variants[i * b->nr_variants + j]);
        }
    }
}

/* ---- comparison ---- */

static bool same_fpu(const X86Case *c, const uint8_t *a, const uint8_t *b, int trap)
{
    /* #XM: compare.c says why. */
    uint32_t control[2], status = c->ignored_status, mxcsr[2], ignored_mxcsr = c->ignored_mxcsr | (trap == 19 ? 0x3f : 0);
    memcpy(&control[0], a, 4);
    memcpy(&control[1], b, 4);
    memcpy(&mxcsr[0], a + 24, 4);
    memcpy(&mxcsr[1], b + 24, 4);
    bool same = !((control[0] ^ control[1]) & ~(status << 16)) && a[4] == b[4] && !((mxcsr[0] ^ mxcsr[1]) & ~ignored_mxcsr);
    for (unsigned i = 32; i < 160; i += 16) {
        same &= !memcmp(a + i, b + i, 10);
    }
    return same && same_vectors(c, a + 160, b + 160, 256) && same_vectors(c, a + XSAVE_YMM_AT, b + XSAVE_YMM_AT, 256);
}

static bool same_outcome(const X86Case *c, const X86Outcome *a, const X86Outcome *b)
{
    X86Fault want = { a->trap, a->cr2, a->rip, a->regs[6], a->regs[7], a->image[0] }, got = { b->trap, b->cr2, b->rip, b->regs[6], b->regs[7], b->image[0] };
    if (results_may_differ(c, &want, &got)) {
        return true;
    }
    return a->trap == b->trap && a->rip == b->rip && a->error == b->error && a->cr2 == b->cr2 && !memcmp(a->regs, b->regs, sizeof(a->regs))
        && !((a->eflags ^ b->eflags) & case_defined_flags(c, a->trap, a->rip)) && a->hash == b->hash && !memcmp(a->changed, b->changed, sizeof(a->changed))
        && same_fpu(c, a->image, b->image, a->trap);
}

static void print_rows(GString *out, const char *name, unsigned first, const uint8_t *bytes, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (i % 32 == 0) {
            g_string_append_printf(out, "  %s %x:", name, first + i);
        }
        g_string_append_printf(out, " %02x%s", bytes[i], i % 32 == 31 ? "\n" : "");
    }
}

static void print_state(const X86State *s, uint32_t hot_at, GString *out)
{
    static const char *const names[16] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15" };
    for (unsigned i = 0; i < 16; i++) {
        g_string_append_printf(out, "  %s %016" G_GINT64_MODIFIER "x%s", names[i], s->regs[i], i % 4 == 3 ? "\n" : "");
    }
    g_string_append_printf(out, "  eflags %x\n", s->eflags);
    print_rows(out, "fxsave", 0, s->fx, 416);
    print_rows(out, "ymm high", 0, s->ymm_high[0], 256);
    print_rows(out, "memory", DATA_ADDRESS + hot_at, s->memory + hot_at, HOT_BYTES);
}

/* The outcomes differ: once more natively the other way (native.c), and all that there is to say. live: memory is as the translator has left it. */
static void examine(const Run *run, uint64_t number, const X86Case *c, const X86Variant *v, const char *how)
{
    X86Case *whole = g_new(X86Case, 1);
    X86Result *native = g_new(X86Result, 1), *translated = g_new(X86Result, 1);
    g_autoptr(GString) out = g_string_new(NULL);
    unsigned crashed;
    variant_expand(c, v, whole);
    states_result(whole, translated);
    if (!native_run(whole, native, 1, &crashed)) {
        g_string_append(out, "  the native run died\n");
    } else {
        compare_results(whole, native, translated, out);
    }
    if (out->len && g_atomic_int_add(&run->progress->failures, 1) < MAX_FAILURES) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_string_append_printf(text, "case %" G_GUINT64_FORMAT " differs by %s: ", number, how);
        describe_case(c, text);
        g_string_append(text, out->str);
        g_string_append_printf(text, "  again: test-x86-states --seed %" G_GUINT64_FORMAT " --case %" G_GUINT64_FORMAT "\n", run->seed, number);
        if (run->one) {
            print_state(&whole->before, v->hot_at, text);
            g_autofree char *ir = translated_ir(whole);
            g_string_append(text, ir);
        }
        fputs(text->str, stdout);
        fflush(stdout);
    }
    g_free(whole);
    g_free(native);
    g_free(translated);
}

/* ---- running ---- */

static void check_variants(const Run *run, uint64_t first, const StateBatch *b, unsigned i, unsigned engine, unsigned every, StateMode mode, const char *how)
{
    static StateWindow window;
    static X86Outcome outcome;
    const X86Case *c = &b->cases[i];
    states_begin(&window, c, engine);
    for (unsigned j = 0; j < b->nr_variants; j += every) {
        unsigned n = i * b->nr_variants + j;
        states_run(&window, c, &b->variants[n], mode, &outcome);
        bool wanted = !run->one || first + n == run->first;
        if (wanted && !same_outcome(c, &b->outcomes[n], &outcome)) {
            examine(run, first + n, c, &b->variants[n], how);
        }
        window_restore(&window, &outcome);
    }
}

static void run_batch(const Run *run, uint64_t number, StateBatch *b)
{
    unsigned crashed, faults = 0, done = b->nr_cases * b->nr_variants;
    uint64_t first = number * OF_BATCH;
    make_batch(run, number, b);
    if (!batch_run_native(b, &crashed)) {
        g_atomic_int_inc(&run->progress->failures);
        g_autoptr(GString) text = g_string_new(NULL);
        g_string_append_printf(text, "case %" G_GUINT64_FORMAT ": the native run died at: ", first + crashed);
        describe_case(&b->cases[crashed / b->nr_variants], text);
        fputs(text->str, stdout);
        return;
    }
    for (unsigned i = 0; i < done; i++) {
        faults += b->outcomes[i].trap >= 0;
    }
    for (unsigned i = 0; i < b->nr_cases; i++) {
        check_variants(run, first, b, i, ENGINE_HOST, 1, STATES_LINKED, "the host's back end");
        check_variants(run, first, b, i, ENGINE_HOST, SINGLE, STATES_SINGLE, "the host's back end, an instruction a block");
        check_variants(run, first, b, i, ENGINE_INTERPRETER, INTERPRETED, STATES_LINKED, "the interpreter");
    }
    g_atomic_pointer_add(&run->progress->cases, done);
    g_atomic_pointer_add(&run->progress->interpreted, done / INTERPRETED);
    g_atomic_pointer_add(&run->progress->single, done / SINGLE);
    g_atomic_pointer_add(&run->progress->faults, faults);
}

static void work(const Run *run, unsigned job)
{
    StateBatch *b = batch_new(CASES_OF_BATCH, VARIANTS);
    uint64_t end = (run->first + run->count + OF_BATCH - 1) / OF_BATCH;
    for (uint64_t n = run->first / OF_BATCH + job; n < end && g_atomic_int_get(&run->progress->failures) < MAX_FAILURES; n += run->nr_jobs) {
        run_batch(run, n, b);
    }
    batch_free(b);
}

/* ---- reports ---- */

static void say(const Run *run, double seconds)
{
    const Progress *p = run->progress;
    g_autofree char *line = g_strdup_printf("seed %" G_GUINT64_FORMAT ": %.1f of %.1f million cases (%.1f million by the interpreter too, %.1f an instruction a block, %.1f end in a"
                                            " fault), %d differences, %.0f s, %.0f a second\n",
                                            run->seed, p->cases / 1e6, run->count / 1e6, p->interpreted / 1e6, p->single / 1e6, p->faults / 1e6, p->failures, seconds,
                                            p->cases / MAX(seconds, 1e-6));
    fputs(line, stdout);
    fflush(stdout);
    const char *terminal = g_getenv("OSTRICH_TERMINAL");
    int fd = terminal ? open(terminal, O_WRONLY | O_NOCTTY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        if (write(fd, line, strlen(line)) < 0) {
            /* A terminal that has gone away is no reason to stop. */
            g_unsetenv("OSTRICH_TERMINAL");
        }
        close(fd);
    }
}

/* false: one of the processes has died. */
static bool run_jobs(const Run *run)
{
    gint64 begin = g_get_monotonic_time(), said = begin;
    unsigned left = run->nr_jobs;
    bool ok = true;
    for (unsigned job = 0; job < run->nr_jobs; job++) {
        pid_t pid = fork();
        g_assert(pid >= 0);
        if (pid == 0) {
            work(run, job);
            exit(0);
        }
    }
    while (left) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        gint64 now = g_get_monotonic_time();
        if (pid > 0) {
            left--;
            ok = ok && status == 0;
            continue;
        }
        if (now - said > REPORT_SECONDS * G_USEC_PER_SEC) {
            said = now;
            say(run, (now - begin) / 1e6);
        }
        g_usleep(100000);
    }
    say(run, (g_get_monotonic_time() - begin) / 1e6);
    return ok;
}

int main(int argc, char **argv)
{
    Run run = { .seed = 1, .count = 1000000, .nr_jobs = 1 };
    bool is_long = false;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "--long")) {
            is_long = true;
            continue;
        } else if (!strcmp(argv[i], "--seed")) {
            run.seed = strcmp(value, "random") ? strtoull(value, NULL, 0) : g_random_int();
        } else if (!strcmp(argv[i], "--cases")) {
            run.count = strtoull(value, NULL, 0);
        } else if (!strcmp(argv[i], "--first")) {
            run.first = strtoull(value, NULL, 0);
        } else if (!strcmp(argv[i], "--case")) {
            run.first = strtoull(value, NULL, 0);
            run.count = 1;
            run.one = true;
        } else if (!strcmp(argv[i], "--host-features")) {
            x64_allowed_features = strtoul(value, NULL, 0);
        } else if (!strcmp(argv[i], "--jobs")) {
            run.nr_jobs = strtoul(value, NULL, 0);
        } else {
            fprintf(stderr, "test-x86-states: %s is no option\n", argv[i]);
            return 2;
        }
        i++;
    }
    if (is_long && g_strcmp0(g_getenv("OSTRICH_LONG"), "1")) {
        printf("of the long set: `make check-long` runs it\n");
        return 77;
    }
    run.nr_jobs = run.nr_jobs ? run.nr_jobs : g_get_num_processors();
    run.progress = mmap(NULL, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_assert(run.progress != MAP_FAILED);
    translated_init();
    if (!native_runs_bits(64)) {
        printf("this host does not run code of 64 bits\n");
        return 77;
    }
    printf("seed %" G_GUINT64_FORMAT "\n", run.seed);
    fflush(stdout);
    bool ok = run_jobs(&run);
    return !ok || run.progress->failures;
}
