/*
 * The switch between two stacks, for coroutine.c alone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_COROUTINE_SWITCH_H
#define UTIL_COROUTINE_SWITCH_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) || defined(__aarch64__)

typedef struct SwitchContext { void *stack_pointer; } SwitchContext;

/* Saves the registers that a call preserves on the stack of from and goes on with to. */
void switch_context(SwitchContext *from, const SwitchContext *to);

#else

#include <ucontext.h>
typedef struct SwitchContext { ucontext_t u; } SwitchContext;
static inline void switch_context(SwitchContext *from, const SwitchContext *to)
{
    swapcontext(&from->u, &to->u);
}

#endif

/* Makes the first switch to context call entry(argument), which never returns, on the given stack. */
void switch_context_prepare(SwitchContext *context, void *bottom, size_t size, void (*entry)(void *argument), void *argument);

#endif
