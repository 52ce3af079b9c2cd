/*
 * The pair of 8259A interrupt controllers (Intel 8259A datasheet, 231468).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_I8259_H
#define HW_INTC_I8259_H

#include "hw/isa/isa.h"

/* Makes master and slave ("isa-i8259") and connects them; parent is the line to the processor. inputs gets the sixteen interrupt lines (2 is the
 * cascade and not connected). Also makes itself the reader of x86_read_pic. */
bool i8259_create(IsaBus *bus, Irq *parent, Irq *inputs[16], GError **err);
/* INTA: the vector of the highest pending interrupt of the pair. */
int i8259_read_irq(void);
char *i8259_describe(void);             /* info pic: both chips; caller frees */
char *i8259_describe_counts(void);      /* info irq: how often each line rose; caller frees */
/* One chip's registers as text: for those that are kept elsewhere. chip: 0 master, 1 slave. */
typedef struct PicState { uint8_t irr, imr, isr, priority_add, irq_base, elcr; bool read_isr, special_fully_nested; } PicState;
void i8259_describe_state(GString *out, int chip, const PicState *state);

#endif
