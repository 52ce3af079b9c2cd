/*
 * Interrupt lines outside devices.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/irq.h"

#include <glib.h>

Irq *irq_new(IrqHandler *handler, void *opaque, int n)
{
    Irq *irq = g_new(Irq, 1);
    *irq = (Irq){ handler, opaque, n };
    return irq;
}

void irq_free(Irq *irq)
{
    g_free(irq);
}

Irq *irq_new_array(IrqHandler *handler, void *opaque, int count)
{
    Irq *irqs = g_new(Irq, MAX(count, 1));
    for (int n = 0; n < count; n++) {
        irqs[n] = (Irq){ handler, opaque, n };
    }
    return irqs;
}

typedef struct SplitIrq { Irq irq; Irq *a, *b; } SplitIrq;

static void split_handler(void *opaque, int n, int level)
{
    SplitIrq *split = opaque;
    irq_set(split->a, level);
    irq_set(split->b, level);
}

Irq *irq_split(Irq *a, Irq *b)
{
    SplitIrq *split = g_new(SplitIrq, 1);
    *split = (SplitIrq){ { split_handler, split, 0 }, a, b };
    return &split->irq;
}

static void invert_handler(void *opaque, int n, int level)
{
    irq_set(opaque, !level);
}

Irq *irq_invert(Irq *irq)
{
    /* It is high as long as the other is low. */
    irq_raise(irq);
    return irq_new(invert_handler, irq, 0);
}

void irq_intercept(Irq *irq, IrqHandler *handler, void *opaque, Irq *saved)
{
    *saved = *irq;
    irq->handler = handler;
    irq->opaque = opaque;
}
