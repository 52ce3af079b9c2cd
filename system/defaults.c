/*
 * What a machine has without being asked for it, unless -nodefaults or an option or device of that kind was given.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/startup-internal.h"

#include "net/net.h"
#include "util/bits.h"

#include <string.h>

typedef enum DefaultKind {
    DEFAULT_SERIAL, DEFAULT_PARALLEL, DEFAULT_MONITOR, DEFAULT_FLOPPY, DEFAULT_CDROM, DEFAULT_VGA, DEFAULT_NET, DEFAULT_COUNT
} DefaultKind;

/* A -device of these types (a whole name, or its beginning before a dash) takes the default's place. */
static const struct { const char *driver; DefaultKind kind; } replacements[] = {
    { "isa-serial", DEFAULT_SERIAL }, { "isa-parallel", DEFAULT_PARALLEL }, { "isa-fdc", DEFAULT_FLOPPY }, { "floppy", DEFAULT_FLOPPY },
    { "ide-cd", DEFAULT_CDROM }, { "ide-hd", DEFAULT_CDROM }, { "scsi-cd", DEFAULT_CDROM }, { "scsi-hd", DEFAULT_CDROM }, { "VGA", DEFAULT_VGA },
    { "isa-vga", DEFAULT_VGA }, { "cirrus-vga", DEFAULT_VGA }, { "isa-cirrus-vga", DEFAULT_VGA }, { "vmware-svga", DEFAULT_VGA },
    { "qxl-vga", DEFAULT_VGA }, { "virtio-vga", DEFAULT_VGA }, { "ati-vga", DEFAULT_VGA }, { "vhost-user-vga", DEFAULT_VGA },
    { "virtio-vga-gl", DEFAULT_VGA }, { "virtio-vga-rutabaga", DEFAULT_VGA },
};

static char *driver_of(const char *text)
{
    g_autoptr(KeyVals) kv = keyvals_parse(text, "driver", NULL, NULL);
    return kv ? keyvals_take(kv, "driver") : NULL;
}

static void find_replacements(const Settings *s, bool wanted[DEFAULT_COUNT])
{
    for (unsigned n = 0; n < s->devices->len; n++) {
        const OptionText *o = s->devices->pdata[n];
        g_autofree char *driver = driver_of(o->text);
        for (unsigned r = 0; driver && r < ARRAY_SIZE(replacements); r++) {
            if (!strcmp(replacements[r].driver, driver)) {
                wanted[replacements[r].kind] = false;
            }
        }
    }
}

static void add(GPtrArray *list, const char *text)
{
    static const OptionInfo made_up = { .name = "" };
    OptionText *o = g_new(OptionText, 1);
    *o = (OptionText){ .option = &made_up, .text = g_strdup(text), .index = (int)list->len };
    g_ptr_array_add(list, o);
}

static void decide(const Settings *s, const MachineType *type, bool wanted[DEFAULT_COUNT])
{
    for (int n = 0; n < DEFAULT_COUNT; n++) {
        wanted[n] = !s->nodefaults;
    }
    wanted[DEFAULT_SERIAL] &= !type->no_serial && !s->serials->len;
    wanted[DEFAULT_PARALLEL] &= !type->no_parallel && !s->parallels->len;
    wanted[DEFAULT_MONITOR] &= !s->monitors->len && !s->qmps->len && !s->mons->len;
    wanted[DEFAULT_FLOPPY] &= !type->no_floppy;
    wanted[DEFAULT_CDROM] &= !type->no_cdrom;
    wanted[DEFAULT_VGA] &= !type->no_vga && !s->vga;
    find_replacements(s, wanted);
}

/* The terminal goes to the serial port with the monitor behind its escape key; else all three go to consoles of the window. */
static void add_character_devices(Settings *s, const bool wanted[DEFAULT_COUNT])
{
    const char *console = "vc:80Cx24C";
    bool serial = wanted[DEFAULT_SERIAL], monitor = wanted[DEFAULT_MONITOR];
    if (!s->nographic) {
        if (serial) { add(s->serials, console); }
        if (wanted[DEFAULT_PARALLEL]) { add(s->parallels, console); }
        if (monitor) { add(s->monitors, console); }
        return;
    }
    if (wanted[DEFAULT_PARALLEL]) { add(s->parallels, "null"); }
    if (serial && monitor) {
        add(s->serials, "mon:stdio");
    } else if (serial) {
        add(s->serials, "stdio");
    } else if (monitor) {
        add(s->monitors, "stdio");
    }
}

void defaults_apply(Settings *s, const MachineType *type)
{
    bool wanted[DEFAULT_COUNT];
    decide(s, type, wanted);
    add_character_devices(s, wanted);
    s->default_floppy = wanted[DEFAULT_FLOPPY];
    s->default_cdrom = wanted[DEFAULT_CDROM];
    s->default_net = wanted[DEFAULT_NET];
    if (!s->vga && !wanted[DEFAULT_VGA]) {
        s->vga = "none";
    }
}
