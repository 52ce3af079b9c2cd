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
#include "tcg/x86_64/x64.h"
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 250 };

/* ---- comparison ---- */

static void print_bytes(GString *out, const uint8_t *p, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(out, "%02x%s", p[i], i + 1 < n ? " " : "");
    }
}

/* Where the translator is known to differ: which byte of a long operand faults first; the page of an x87 store that an unmasked
 * exception suppresses; the wrap of 4 GiB in one
 * access (#GP natively). */
static bool is_known_difference(const X86Case *c, const X86Result *want, const X86Result *got)
{
    if (c->uses_fpu && want->trap == 14 && got->trap == 14 && want->cr2 - got->cr2 < 512) {
        return true;
    }
    /* AMD's processors do not ask for aligned operands of SHA, against the manuals. */
    if (c->uses_ymm && g_str_has_prefix(c->name, "sha") && got->trap == 13) {
        return true;
    }
    /* Whether bytes that are masked out may fault is left to the processor. */
    if (c->uses_ymm && g_str_has_prefix(c->name, "maskmov") && want->trap == 14) {
        return true;
    }
    /* #XM: some enter MMX mode before it. */
    if (c->uses_ymm && g_str_has_prefix(c->name, "cvt") && strstr(c->name, "pi") && want->trap == 19 && got->trap == 19) {
        return true;
    }
    uint16_t control = c->before.fx[0] | c->before.fx[1] << 8;
    if (c->uses_fpu && want->trap == 14 && (got->trap < 0 || got->trap == 1) && (~control & 0x3f)) {
        return true;
    }
    bool wrap = c->bits != 64 && want->trap == 13 && got->trap == 14 && (got->cr2 >= 0xffffff00 || got->cr2 < 0x100);
    return wrap;
}

/* What differs, a line each; empty: nothing. */
static void compare(const X86Case *c, const X86Result *want, const X86Result *got, GString *out)
{
    static const char *const names[16] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15" };
    const X86State *a = &want->after, *b = &got->after;
    if (is_known_difference(c, want, got)) {
        return;
    }
    if (want->trap != got->trap || want->cr2 != got->cr2 || want->error != got->error) {
        g_string_append_printf(out, "  trap %d error %" G_GINT64_MODIFIER "x cr2 %" G_GINT64_MODIFIER "x, translated %d %" G_GINT64_MODIFIER "x %" G_GINT64_MODIFIER "x\n",
                               want->trap, want->error, want->cr2, got->trap, got->error, got->cr2);
    }
    for (int i = 0; i < (c->bits == 64 ? 16 : 8); i++) {
        if (a->regs[i] != b->regs[i]) {
            g_string_append_printf(out, "  %s %016" G_GINT64_MODIFIER "x, translated %016" G_GINT64_MODIFIER "x (before %016" G_GINT64_MODIFIER "x)\n", names[i],
                                   a->regs[i], b->regs[i], c->before.regs[i]);
        }
    }
    if (a->rip != b->rip) {
        g_string_append_printf(out, "  rip %" G_GINT64_MODIFIER "x, translated %" G_GINT64_MODIFIER "x\n", a->rip, b->rip);
    }
    bool fault = want->trap >= 0 && want->trap != 1;
    uint32_t flags = fault && !c->sequence ? 0xcd5 : c->defined_flags;
    if ((a->eflags ^ b->eflags) & flags) {
        g_string_append_printf(out, "  eflags %03x, translated %03x (before %03x, defined %03x)\n", a->eflags, b->eflags, c->before.eflags, flags);
    }
    for (unsigned i = 0; i < DATA_WRITABLE; i++) {
        if (a->memory[i] != b->memory[i] && i - c->ignored_at >= c->ignored_bytes) {
            g_string_append_printf(out, "  memory %x: %02x, translated %02x (before %02x)\n", DATA_ADDRESS + i, a->memory[i], b->memory[i], c->before.memory[i]);
            break;
        }
    }
    for (unsigned i = 0; c->uses_fpu && i < 416; i += 16) {
        /* The instruction and operand pointers are not kept. */
        uint16_t status = (a->fx[2] ^ b->fx[2]) | (a->fx[3] ^ b->fx[3]) << 8;
        uint32_t mxcsr[2];
        memcpy(&mxcsr[0], a->fx + 24, 4);
        memcpy(&mxcsr[1], b->fx + 24, 4);
        if (want->trap == 19) {
            /* Overflow that is not masked is inexact by the exponent that it would have had; sums of products raise what their steps do. */
            uint32_t unsure = strncmp(c->name, "dpp", 3) ? 0x20 : 0x3f;
            mxcsr[0] |= unsure;
            mxcsr[1] |= unsure;
        }
        bool differs = i == 0 ? memcmp(a->fx, b->fx, 2) || a->fx[4] != b->fx[4] || (status & ~c->ignored_status) : i == 16 ? ((mxcsr[0] ^ mxcsr[1]) & ~c->ignored_mxcsr) != 0 : memcmp(a->fx + i, b->fx + i, i < 160 ? 10 : 16);
        if (differs) {
            g_string_append_printf(out, "  fxsave %u: ", i);
            print_bytes(out, a->fx + i, 16);
            g_string_append(out, "\n    translated ");
            print_bytes(out, b->fx + i, 16);
            g_string_append(out, "\n");
        }
    }
}

static void compare_high(const X86State *a, const X86State *b, GString *out)
{
    for (unsigned i = 0; i < 16; i++) {
        if (memcmp(a->ymm_high[i], b->ymm_high[i], 16)) {
            g_string_append_printf(out, "  ymm%u high: ", i);
            print_bytes(out, a->ymm_high[i], 16);
            g_string_append(out, "\n    translated ");
            print_bytes(out, b->ymm_high[i], 16);
            g_string_append(out, "\n");
        }
    }
}

static void describe(const X86Case *c, GString *out)
{
    g_string_append_printf(out, "%s (%d bits): ", c->name, c->bits);
    print_bytes(out, c->code, c->code_bytes - 1);
    g_string_append(out, "\n");
}

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
        compare(c, native, &translated, out);
        if (c->uses_ymm && !is_known_difference(c, native, &translated)) {
            compare_high(&native->after, &translated.after, out);
        }
        if (out->len == 0) {
            continue;
        }
        run->failures++;
        if (run->failures <= 20) {
            g_string_append_printf(run->first, "case %u: ", number);
            describe(c, run->first);
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
        describe(&cases[MIN(crashed, n - 1)], run->first);
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
    g_test_add_func("/x86/cmpccxadd", test_cmpccxadd);
    return g_test_run();
}
