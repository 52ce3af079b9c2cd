/*
 * Instructions of x86, natively and by the translator, compared: registers, flags that are defined, memory, faults.
 *
 *   test-x86-insns [--seed N] [--cases N] [--only MNEMONIC] [--bits 16|32|64] [--simd|--x87|--sequence|--simd-sequence|--mixed] [--engine interp|x86_64] [--ir]
 * runs as many random cases of one kind and prints what differs (--interpreted: from the interpreter, not from the host) and how many a second it did; --case N: that one
 * of the seed alone, with its IR. Without arguments it is a GTest program over all kinds with fixed seeds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "availability.h"
#include "case.h"
#include "compare.h"
#include "tcg/x86_64/x64.h"
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 250 };

/* ---- running ---- */

typedef struct Run { uint64_t seed; unsigned start, count; X86Group group; unsigned bits; bool print_ir; const char *only, *engine; unsigned failures; GString *first; bool by_interpreter; } Run;

static void check_case(Run *run, unsigned number, const X86Case *c, const X86Result *native)
{
    static X86Result translated;
    static const char *const ways[TRANSLATED_MODES] = { "in one block", "one instruction a block", "in linked blocks" };
    for (unsigned mode = 0; mode < TRANSLATED_MODES * translated_engines(); mode++) {
        g_autoptr(GString) out = g_string_new(NULL);
        bool linked = mode % TRANSLATED_MODES == 2;
        if ((run->engine && strcmp(run->engine, translated_engine_name(mode / TRANSLATED_MODES))) || (linked && !c->sequence)) {
            continue;
        }
        translated_run(c, &translated, mode);
        compare_results(c, native, &translated, out);
        if (out->len == 0) {
            continue;
        }
        run->failures++;
        if (run->failures <= 20) {
            g_string_append_printf(run->first, "case %u: ", number);
            describe_case(c, run->first);
            g_string_append_printf(run->first, "  by %s, %s\n", translated_engine_name(mode / TRANSLATED_MODES), ways[mode % TRANSLATED_MODES]);
            g_string_append(run->first, out->str);
            g_autofree char *ir = run->print_ir ? translated_ir(c) : NULL;
            g_string_append(run->first, ir ? ir : "");
        }
        return;
    }
}

static void run_batch(Run *run, unsigned first, unsigned n)
{
    X86Case *cases = g_new(X86Case, n);
    X86Result *results = g_new(X86Result, n);
    unsigned crashed;
    for (unsigned i = 0; i < n; i++) {
        X86Random r = random_of_case(run->seed, first + i);
        if (run->group == GROUP_SEQUENCE) {
            generate_sequence(&r, run->bits, &cases[i]);
        } else if (run->group == GROUP_MIXED) {
            generate_mixed(&r, &cases[i]);
        } else {
            generate_case(&r, run->group, run->bits, run->only, &cases[i]);
        }
    }
    if (run->by_interpreter) {
        for (unsigned i = 0; i < n; i++) {
            translated_run(&cases[i], &results[i], 0);
        }
    } else if (!native_run(cases, results, n, &crashed)) {
        run->failures++;
        g_string_append(run->first, "the native run died at: ");
        describe_case(&cases[MIN(crashed, n - 1)], run->first);
        n = MIN(crashed, n);
    }
    for (unsigned i = 0; i < n; i++) {
        check_case(run, first + i, &cases[i], &results[i]);
    }
    g_free(cases);
    g_free(results);
}

static void run_cases(Run *run)
{
    run->first = g_string_new(NULL);
    for (unsigned done = 0; done < run->count && run->failures < 20; done += BATCH) {
        run_batch(run, run->start + done, MIN(run->count - done, (unsigned)BATCH));
    }
}

static void test_kind(const void *data)
{
    Run run = *(const Run *)data;
    if (!run.by_interpreter && !native_runs_bits(run.bits)) {
        g_test_skip("this host does not run code of so many bits");
        return;
    }
    run_cases(&run);
    if (run.failures) {
        g_test_message("%s", run.first->str);
        g_test_fail();
    }
    g_string_free(run.first, TRUE);
}

static const Run kinds[] = {
    { .seed = 1, .count = 20000, .group = GROUP_INTEGER, .bits = 64 },
    { .seed = 2, .count = 10000, .group = GROUP_INTEGER, .bits = 32 },
    { .seed = 3, .count = 10000, .group = GROUP_SEQUENCE, .bits = 64 },
    { .seed = 4, .count = 5000, .group = GROUP_SEQUENCE, .bits = 32 },
    { .seed = 5, .count = 10000, .group = GROUP_INTEGER, .bits = 16 },
    { .seed = 6, .count = 5000, .group = GROUP_SEQUENCE, .bits = 16 },
    { .seed = 9, .count = 15000, .group = GROUP_SIMD, .bits = 64 },
    { .seed = 10, .count = 10000, .group = GROUP_SIMD, .bits = 32 },
    { .seed = 11, .count = 5000, .group = GROUP_SIMD_SEQUENCE, .bits = 64 },
    { .seed = 13, .count = 5000, .group = GROUP_MIXED, .bits = 64 },
    { .seed = 7, .count = 20000, .group = GROUP_X87, .bits = 64 },
    { .seed = 8, .count = 10000, .group = GROUP_X87, .bits = 32 },
    { .seed = 9, .count = 10000, .group = GROUP_INTEGER, .bits = 32, .engine = "x86_64", .by_interpreter = true },
    { .seed = 10, .count = 10000, .group = GROUP_INTEGER, .bits = 16, .engine = "x86_64", .by_interpreter = true },
    { .seed = 11, .count = 5000, .group = GROUP_SEQUENCE, .bits = 32, .engine = "x86_64", .by_interpreter = true },
    { .seed = 12, .count = 10000, .group = GROUP_SIMD, .bits = 64, .engine = "x86_64", .by_interpreter = true },
};

int main(int argc, char **argv)
{
    Run run = { .seed = 1, .count = 10000, .bits = 64 };
    bool manual = false;
    for (int i = 1; i + 1 < argc; i++) {
        if (!strcmp(argv[i], "--host-features")) {
            x64_allowed_features = strtoul(argv[i + 1], NULL, 0);
        }
    }
    translated_init();
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "--seed")) {
            run.seed = strtoull(value, NULL, 0);
        } else if (!strcmp(argv[i], "--cases")) {
            run.count = strtoul(value, NULL, 0);
        } else if (!strcmp(argv[i], "--case")) {
            run.start = strtoul(value, NULL, 0);
            run.count = 1;
            run.print_ir = true;
        } else if (!strcmp(argv[i], "--only")) {
            run.only = value;
        } else if (!strcmp(argv[i], "--bits")) {
            run.bits = strtoul(value, NULL, 0);
        } else if (!strcmp(argv[i], "--engine")) {
            run.engine = value;
        } else if (!strcmp(argv[i], "--interpreted")) {
            run.by_interpreter = manual = true;
            continue;
        } else if (!strcmp(argv[i], "--simd")) {
            run.group = GROUP_SIMD;
            manual = true;
            continue;
        } else if (!strcmp(argv[i], "--x87")) {
            run.group = GROUP_X87;
            manual = true;
            continue;
        } else if (!strcmp(argv[i], "--simd-sequence")) {
            run.group = GROUP_SIMD_SEQUENCE;
            manual = true;
            continue;
        } else if (!strcmp(argv[i], "--mixed")) {
            run.group = GROUP_MIXED;
            manual = true;
            continue;
        } else if (!strcmp(argv[i], "--sequence")) {
            run.group = GROUP_SEQUENCE;
            manual = true;
            continue;
        } else if (!strcmp(argv[i], "--ir")) {
            run.print_ir = manual = true;
            continue;
        } else {
            continue;
        }
        manual = true;
        i++;
    }
    if (manual) {
        int64_t begin = g_get_monotonic_time();
        run_cases(&run);
        double seconds = (g_get_monotonic_time() - begin) / 1e6;
        printf("%s%u failures; %u cases in %.1f s, %.0f a second\n", run.first->str, run.failures, run.count, seconds, run.count / MAX(seconds, 1e-6));
        g_string_free(run.first, TRUE);
        return run.failures != 0;
    }
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        static const char *const groups[] = { [GROUP_INTEGER] = "integer", [GROUP_SIMD] = "simd", [GROUP_X87] = "x87", [GROUP_SEQUENCE] = "sequence",
                                              [GROUP_SIMD_SEQUENCE] = "simd-sequence", [GROUP_MIXED] = "mixed" };
        g_autofree char *path = g_strdup_printf("/x86/%s%s/%u", kinds[i].by_interpreter ? "interpreted/" : "", groups[kinds[i].group],
                                                 kinds[i].bits);
        g_test_add_data_func(path, &kinds[i], test_kind);
    }
    g_test_add_func("/x86/availability", test_availability);
    g_test_add_func("/x86/alignment", test_alignment);
    g_test_add_func("/x86/cmpccxadd", test_cmpccxadd);
    return g_test_run();
}
