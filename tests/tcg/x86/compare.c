/*
 * What differs between two results of a case, in words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare.h"
#include <string.h>

static void print_bytes(GString *out, const uint8_t *p, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(out, "%02x%s", p[i], i + 1 < n ? " " : "");
    }
}

/* What differs, a line each; empty: nothing. */
static void compare_state(const X86Case *c, const X86Result *want, const X86Result *got, GString *out)
{
    static const char *const names[16] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15" };
    const X86State *a = &want->after, *b = &got->after;
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
    uint32_t flags = case_defined_flags(c, want->trap, want->after.rip);
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
            uint32_t unsure = strncmp(c->name, "dpp", 3) && !c->flow ? 0x20 : 0x3f;
            mxcsr[0] |= unsure;
            mxcsr[1] |= unsure;
        }
        bool differs = i == 0 ? memcmp(a->fx, b->fx, 2) || a->fx[4] != b->fx[4] || (status & ~c->ignored_status) : i == 16 ? ((mxcsr[0] ^ mxcsr[1]) & ~c->ignored_mxcsr) != 0 : i < 160 ? memcmp(a->fx + i, b->fx + i, 10) : !same_vectors(c, a->fx + i, b->fx + i, 16);
        if (differs) {
            g_string_append_printf(out, "  fxsave %u: ", i);
            print_bytes(out, a->fx + i, 16);
            g_string_append(out, "\n    translated ");
            print_bytes(out, b->fx + i, 16);
            g_string_append(out, "\n");
        }
    }
}

static void compare_high(const X86Case *c, const X86State *a, const X86State *b, GString *out)
{
    for (unsigned i = 0; i < 16; i++) {
        if (!same_vectors(c, a->ymm_high[i], b->ymm_high[i], 16)) {
            g_string_append_printf(out, "  ymm%u high: ", i);
            print_bytes(out, a->ymm_high[i], 16);
            g_string_append(out, "\n    translated ");
            print_bytes(out, b->ymm_high[i], 16);
            g_string_append(out, "\n");
        }
    }
}

void describe_case(const X86Case *c, GString *out)
{
    g_string_append_printf(out, "%s (%d bits): ", c->name, c->bits);
    print_bytes(out, c->code, c->code_bytes - 1);
    g_string_append(out, "\n");
}

void compare_results(const X86Case *c, const X86Result *want, const X86Result *got, GString *out)
{
    X86Fault wanted = { want->trap, want->cr2, want->after.rip, want->after.regs[6], want->after.regs[7], want->after.fx[0] };
    X86Fault gotten = { got->trap, got->cr2, got->after.rip, got->after.regs[6], got->after.regs[7], got->after.fx[0] };
    if (results_may_differ(c, &wanted, &gotten)) {
        return;
    }
    compare_state(c, want, got, out);
    if (c->uses_ymm) {
        compare_high(c, &want->after, &got->after, out);
    }
}
