/*
 * The ISA bus: ports, the sixteen interrupt lines, DMA channels.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ISA_ISA_H
#define HW_ISA_ISA_H

#include "hw/core/device.h"

typedef struct IsaDevice {
    Device parent;                  /* type "isa-device" */
    uint16_t first_port;            /* the lowest of its ports, for its firmware path; 0: none */
} IsaDevice;

/* A DMA controller as ISA devices see it (8237A); channel 0 to 7 of the pair. */
typedef int IsaDmaTransfer(void *device, int channel, int position, int len);   /* serves the channel: returns the new position */
typedef struct IsaDma {
    void (*request)(void *opaque, int channel, bool wanted);                    /* the device's DREQ */
    void (*register_channel)(void *opaque, int channel, IsaDmaTransfer *transfer, void *device);
    int (*read_memory)(void *opaque, int channel, void *buf, int position, int len);        /* memory -> device */
    int (*write_memory)(void *opaque, int channel, const void *buf, int position, int len);
    void *opaque;
} IsaDma;

typedef struct IsaBus {
    Bus parent;                     /* type "ISA" */
    MemoryRegion *memory, *io;
    Irq *irqs[16];
    IsaDma *dma[2];                 /* channels 0-3, 4-7 */
} IsaBus;

/* owner NULL: a machine without a bridge (isapc, microvm). */
IsaBus *isa_bus_new(Device *owner, MemoryRegion *memory, MemoryRegion *io);
void isa_bus_set_irqs(IsaBus *bus, Irq *const irqs[16]);
static inline IsaBus *isa_bus_of(IsaDevice *dev) { return (IsaBus *)dev->parent.bus; }
Irq *isa_get_irq(IsaDevice *dev, unsigned n, GError **err);     /* line 0 to 15; NULL with an error for others */
void isa_register_ports(IsaDevice *dev, MemoryRegion *mr, uint16_t base);
Device *isa_create(IsaBus *bus, const char *type_name, GError **err);   /* for boards: new and realized with defaults */

#endif
