/*
 * Operands of SSE that have to be aligned, on pages that the TLB knows: several accesses off one register share a look at it (tcg/x86_64/analyze.c, groups), and each must
 * still ask for its alignment.
 *
 * Intel SDM volume 2, MOVAPS: #GP(0).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "availability.h"
#include "states.h"
#include <glib.h>
#include <string.h>

static X86Case *sequence_of(const uint8_t *code, unsigned bytes)
{
    X86Case *c = g_new0(X86Case, 1);
    memset(c->code, 0xf4, sizeof(c->code));
    memcpy(c->code, code, bytes);
    c->code_bytes = bytes + 1;
    c->bits = 64;
    c->before.fx[0] = 0x7f;
    c->before.fx[1] = 0x03;
    c->before.fx[24] = 0x80;
    c->before.fx[25] = 0x1f;
    return c;
}

void test_alignment(void)
{
    /* movaps %xmm0, (%rax); movaps %xmm0, 16(%rax); movaps 32(%rax), %xmm1; and the load first. */
    static const uint8_t codes[2][11] = { { 0x0f, 0x29, 0x00, 0x0f, 0x29, 0x40, 0x10, 0x0f, 0x28, 0x48, 0x20 }, { 0x0f, 0x28, 0x48, 0x20, 0x0f, 0x28, 0x50, 0x30, 0x0f, 0x29, 0x00 } };
    static StateWindow window;
    static X86Variant v;
    static X86Outcome o;
    for (unsigned n = 0; n < G_N_ELEMENTS(codes) * translated_engines(); n++) {
        g_autofree X86Case *c = sequence_of(codes[n % 2], sizeof(codes[0]));
        X86Random r = { 1 };
        variant_make(&r, c, &v);
        states_begin(&window, c, n / 2);
        for (unsigned offset = 0; offset < 16; offset++) {
            v.regs[0] = DATA_ADDRESS + 0x800;
            states_run(&window, c, &v, STATES_LINKED, &o);
            window_restore(&window, &o);
            g_assert_cmpint(o.trap, ==, -1);
            v.regs[0] += offset;
            states_run(&window, c, &v, STATES_LINKED, &o);
            window_restore(&window, &o);
            g_assert_cmpint(o.trap, ==, offset ? 13 : -1);
            g_assert_cmphex(o.rip, ==, CODE_ADDRESS + (offset ? 0 : sizeof(codes[0])));
        }
    }
}
