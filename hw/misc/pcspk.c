/*
 * Port 61; see the header. The speaker makes no sound: there is no audio back end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/misc/pcspk.h"

#include "hw/timer/i8254.h"
#include "util/error.h"

enum { PORT61_GATE2 = 0x01, PORT61_SPEAKER = 0x02, PORT61_MASK = 0x0f, PORT61_REFRESH_SHIFT = 4, PORT61_OUT2_SHIFT = 5 };

static uint64_t port61_read(void *opaque, uint64_t addr, unsigned size)
{
    PcSpeaker *s = opaque;
    PitChannelInfo channel = { 0 };
    pit_type(s->pit)->get_channel(s->pit, 2, &channel);
    s->dummy_refresh_clock ^= 1;            /* programs wait for it to toggle, and ask no more */
    return channel.gate | (s->data_on & ~PORT61_GATE2) | (uint64_t)s->dummy_refresh_clock << PORT61_REFRESH_SHIFT |
        (uint64_t)channel.out << PORT61_OUT2_SHIFT;
}

static void port61_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    PcSpeaker *s = opaque;
    s->data_on = value & PORT61_MASK;
    pit_type(s->pit)->set_gate(s->pit, 2, value & PORT61_GATE2);
}

static const MemoryRegionOps port61_ops = { .read = port61_read, .write = port61_write, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 1, 1 } };

static bool pcspk_realize(Device *device, GError **err)
{
    PcSpeaker *s = (PcSpeaker *)device;
    if (!s->pit) {
        return error_set(err, "isa-pcspk: there is no timer for it");
    }
    if (s->audiodev && *s->audiodev) {
        return error_set(err, "isa-pcspk: audiodev is not implemented");
    }
    memory_region_init_io(&s->io, OBJECT(s), &port61_ops, s, "pcspk", 1);
    isa_register_ports(&s->parent, &s->io, s->iobase);
    return true;
}

static const Property pcspk_properties[] = {
    PROP_STRING("audiodev", PcSpeaker, audiodev, NULL),
    PROP_UINT32("iobase", PcSpeaker, iobase, 0x61),
    PROP_BOOL("migrate", PcSpeaker, migrate, true),
};
static const StateField pcspk_state[] = { STATE_UINT8(PcSpeaker, data_on), STATE_UINT8(PcSpeaker, dummy_refresh_clock) };
static const DeviceType isa_pcspk = {
    .name = "isa-pcspk", .parent = "isa-device", .size = sizeof(PcSpeaker), .category = DEVICE_SOUND, .properties = PROPERTIES(pcspk_properties),
    .state = STATE(pcspk_state, .version = 1), .realize = pcspk_realize,
};
REGISTER_DEVICE(isa_pcspk)

Device *pcspk_create(IsaBus *bus, Device *pit, GError **err)
{
    PcSpeaker *s = (PcSpeaker *)device_new("isa-pcspk");
    s->pit = pit;
    return device_realize((Device *)s, &bus->parent, err) ? (Device *)s : NULL;
}
