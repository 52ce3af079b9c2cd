/*
 * The VGA core's life: memory, regions, reset.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/display/vga.h"

#include "util/bits.h"
#include "util/error.h"

#include <string.h>

enum { WINDOW_BASE = 0xa0000, WINDOW_SIZE = 0x20000, VBE_PORT = 0x1ce, MEMORY_MIN_MIB = 1, MEMORY_MAX_MIB = 512 };

bool vga_init(VgaState *s, Object *owner, GError **err)
{
    if (s->vgamem_mb < MEMORY_MIN_MIB || s->vgamem_mb > MEMORY_MAX_MIB) {
        return error_set(err, "vgamem_mb=%u: a size from %d to %d MiB is needed", s->vgamem_mb, MEMORY_MIN_MIB, MEMORY_MAX_MIB);
    }
    uint64_t size = MiB;
    while (size < s->vgamem_mb * MiB) {
        size *= 2;
    }
    s->vgamem_mb = (uint32_t)(size / MiB);
    s->memory_size = (uint32_t)size;
    if (!memory_region_init_ram(&s->vram, owner, "vga.vram", size, err)) {
        return false;
    }
    s->memory = memory_region_ram_ptr(&s->vram);
    memory_region_init_io(&s->lowmem, owner, &vga_memory_ops, s, "vga-lowmem", WINDOW_SIZE);
    memory_region_set_coalesced(&s->lowmem, 0, WINDOW_SIZE);
    memory_region_init_io(&s->vbe_ports, owner, &vbe_port_ops, s, "vbe", 4);
    vga_add_ports(s, owner);
    s->console = console_new(&vga_console_type, s, owner, 0);
    return true;
}

void vga_map_legacy(VgaState *s, MemoryRegion *memory, MemoryRegion *io, bool vbe_ports)
{
    memory_region_add_subregion_overlap(memory, WINDOW_BASE, &s->lowmem, 1);
    vga_map_ports(s, io);
    if (vbe_ports) {
        memory_region_add_subregion(io, VBE_PORT, &s->vbe_ports);
    }
}

void vga_destroy(VgaState *s)
{
    console_free(s->console);
    memory_region_destroy(&s->lowmem);
    memory_region_destroy(&s->vbe_ports);
    for (unsigned n = 0; n < G_N_ELEMENTS(s->ports); n++) {
        memory_region_destroy(&s->ports[n]);
        g_free(s->port_opaque[n]);
    }
    memory_region_destroy(&s->vram);
}

void vga_reset(VgaState *s)
{
    memset(s->seq, 0, sizeof(s->seq));
    memset(s->gr, 0, sizeof(s->gr));
    memset(s->ar, 0, sizeof(s->ar));
    memset(s->cr, 0, sizeof(s->cr));
    memset(s->palette, 0, sizeof(s->palette));
    memset(s->vbe, 0, sizeof(s->vbe));
    memset(s->dac_cache, 0, sizeof(s->dac_cache));
    s->seq_index = s->gr_index = s->ar_index = s->cr_index = s->misc = s->feature = s->status0 = s->status1 = 0;
    s->dac_state = s->dac_sub_index = s->dac_read_index = s->dac_write_index = 0;
    s->ar_data_next = false;
    s->latch = s->bank_offset = s->vbe_start = s->vbe_line = 0;
    s->vbe_index = 0;
    s->vbe[VBE_ID] = VBE_ID5;
}
