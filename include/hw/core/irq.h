/*
 * Interrupt lines: an output pin calls the input that it is connected to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_IRQ_H
#define HW_CORE_IRQ_H

#include <stdbool.h>

/* n: the number of the input; level: 0 or 1 (or a vector, where both ends agree). Machine lock held. */
typedef void IrqHandler(void *opaque, int n, int level);
typedef struct Irq { IrqHandler *handler; void *opaque; int n; } Irq;

static inline void irq_set(Irq *irq, int level) { if (irq && irq->handler) { irq->handler(irq->opaque, irq->n, level); } }
static inline void irq_raise(Irq *irq) { irq_set(irq, 1); }
static inline void irq_lower(Irq *irq) { irq_set(irq, 0); }
static inline void irq_pulse(Irq *irq) { irq_set(irq, 1); irq_set(irq, 0); }

/* Lines outside any device (boards); freed with irq_free. */
Irq *irq_new(IrqHandler *handler, void *opaque, int n);
void irq_free(Irq *irq);
/* An array of count lines with n = 0, 1, ... (one allocation; g_free). */
Irq *irq_new_array(IrqHandler *handler, void *opaque, int count);
/* A line that drives both. */
Irq *irq_split(Irq *a, Irq *b);
Irq *irq_invert(Irq *irq);
/* Puts handler in front of an input (qtest's irq_intercept_in). */
void irq_intercept(Irq *irq, IrqHandler *handler, void *opaque, Irq *saved);

#endif
