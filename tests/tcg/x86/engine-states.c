/*
 * Many states of one sequence by the translator: code, CPU and TLB are kept from one to the next.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "states.h"
#include "engine.h"
#include "target/i386/internal.h"
#include "tcg/hot.h"
#include <string.h>

void states_begin(StateWindow *w, const X86Case *c, unsigned number)
{
    X86Cpu *cpu = engine_cpu;
    engine_load_state(c);
    x86_load_segment(cpu, R_FS, 0, c->fs_base, UINT32_MAX, cpu->segs[R_FS].attributes);
    x86_load_segment(cpu, R_GS, 0, STATES_GS_BASE, UINT32_MAX, cpu->segs[R_GS].attributes);
    cpu->fpu_on_host = cpu->fpu_wanted = cpu->fpu_helped = 0;
    engine_choose(number);
    engine_keep_begin();
    window_begin(w, c);
}

static void load_variant(X86Cpu *cpu, const X86Case *c, const X86Variant *v)
{
    memcpy(cpu->regs, v->regs, sizeof(cpu->regs));
    cpu->pc = CODE_ADDRESS + c->code_offset;
    x86_set_eflags(cpu, v->eflags | IF_MASK);
    x86_fxrstor(cpu, v->image);
    for (int i = 0; i < 16; i++) {
        memcpy(cpu->ymm[i].b + 16, v->image + XSAVE_YMM_AT + 16 * i, 16);
    }
    cpu->exception = cpu->old_exception = -1;
    cpu->inhibit_irq = 0;
    tcg_hot(&cpu->parent)->pc_base = CODE_ADDRESS;
}

void states_run(StateWindow *w, const X86Case *c, const X86Variant *v, StateMode mode, X86Outcome *o)
{
    X86Cpu *cpu = engine_cpu;
    window_load(w, v);
    load_variant(cpu, c, v);
    engine_keep_run(mode == STATES_SINGLE ? 1 : 512);
    memcpy(o->regs, cpu->regs, sizeof(cpu->regs));
    o->rip = cpu->pc;
    o->eflags = x86_get_eflags(cpu) & 0xcd5;
    x86_fxsave(cpu, o->image);
    for (int i = 0; i < 16; i++) {
        memcpy(o->image + XSAVE_YMM_AT + 16 * i, cpu->ymm[i].b + 16, 16);
    }
    o->trap = cpu->exception;
    o->error = cpu->exception == EXCP_PF ? cpu->exception_error : 0;
    o->cr2 = cpu->exception == EXCP_PF ? cpu->cr[2] : 0;
    if (o->trap == EXCP_GP && cpu->pc == CODE_ADDRESS + c->code_offset + c->code_bytes - 1) {
        o->trap = -1;
    }
    window_scan(w, o);
}

void states_result(const X86Case *c, X86Result *r)
{
    engine_save_state(c, r);
}
