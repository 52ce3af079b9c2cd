/*
 * Whose interrupt controllers a PC has.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/irqchip.h"

static const X86Irqchip ours, *current = &ours;

void x86_irqchip_set(const X86Irqchip *irqchip) { current = irqchip ? irqchip : &ours; }

const X86Irqchip *x86_irqchip(void) { return current; }
