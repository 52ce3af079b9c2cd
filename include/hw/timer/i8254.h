/*
 * The 8254 interval timer (Intel 82C54 datasheet, 231244): type "isa-pit". Channel 0's output is interrupt 0, channel 2 belongs to the speaker.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_TIMER_I8254_H
#define HW_TIMER_I8254_H

#include "hw/isa/isa.h"

#define PIT_HZ 1193182

typedef struct PitChannelInfo { int gate, mode, initial_count, out; } PitChannelInfo;

/* The family table of timers ("isa-pit", "kvm-pit"): DeviceType.family. */
typedef struct PitType {
    void (*set_gate)(Device *pit, int channel, int gate);
    void (*get_channel)(Device *pit, int channel, PitChannelInfo *info);
} PitType;
static inline const PitType *pit_type(Device *pit) { return (const PitType *)device_type(pit)->family; }

/* The output of a channel in a mode, that many ticks of PIT_HZ after count (not 0) was loaded. */
bool pit_output(int mode, int32_t count, int64_t ticks);

/* The board's timer at base; its interrupt goes to ISA line isa_irq, or to alt_irq when that is not NULL. Input pin 0: enables interrupt 0 (HPET). */
Device *i8254_create(IsaBus *bus, uint16_t base, int isa_irq, Irq *alt_irq, GError **err);

#endif
