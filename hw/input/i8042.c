/*
 * The keyboard controller: ports 0x60 and 0x64, the output port with A20 and reset, translation to set 1 (IBM PS/2 Hardware Interface Technical
 * Reference, "Keyboard and Auxiliary Device Controller").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/input/i8042.h"

#include "ps2.h"
#include "scancode.h"
#include "system/runstate.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/log.h"
#include "util/timer.h"

enum { CMD_READ_MODE = 0x20, CMD_WRITE_MODE = 0x60, CMD_MOUSE_DISABLE = 0xa7, CMD_MOUSE_ENABLE = 0xa8, CMD_TEST_MOUSE = 0xa9, CMD_SELF_TEST = 0xaa,
       CMD_TEST_KBD = 0xab, CMD_KBD_DISABLE = 0xad, CMD_KBD_ENABLE = 0xae, CMD_READ_INPORT = 0xc0, CMD_READ_OUTPORT = 0xd0, CMD_WRITE_OUTPORT = 0xd1,
       CMD_WRITE_KBD_OUT = 0xd2, CMD_WRITE_AUX_OUT = 0xd3, CMD_WRITE_MOUSE = 0xd4, CMD_A20_OFF = 0xdd, CMD_A20_ON = 0xdf, CMD_PULSE_FIRST = 0xf0,
       CMD_NONE = 0 };
enum { STAT_OBF = 0x01, STAT_IBF = 0x02, STAT_SELFTEST = 0x04, STAT_CMD = 0x08, STAT_UNLOCKED = 0x10, STAT_MOUSE_OBF = 0x20 };
enum { MODE_KBD_INT = 0x01, MODE_MOUSE_INT = 0x02, MODE_SYS = 0x04, MODE_DISABLE_KBD = 0x10, MODE_DISABLE_MOUSE = 0x20, MODE_TRANSLATE = 0x40 };
enum { OUT_RESET = 0x01, OUT_A20 = 0x02, OUT_OBF = 0x10, OUT_MOUSE_OBF = 0x20, OUT_ONES = 0xcc };
#define THROTTLE_NS (1000 * NS_PER_US)

typedef struct I8042 {
    IsaDevice parent;
    MemoryRegion data_io, command_io;
    Ps2Device *kbd, *mouse;
    Irq *irqs[2], *a20;
    uint8_t command;                /* that waits for its argument; CMD_NONE */
    uint8_t status, mode, outport, data;
    int16_t reply; bool reply_is_mouse;     /* of the controller itself; -1: none */
    bool filling;                   /* a device's line that moves while it is read is no news */
    bool break_prefix;              /* 0xf0 was read from the keyboard: the next code is a break code */
    bool throttled;
    Timer throttle;
    bool extended_state, kbd_throttle;
    uint8_t kbd_irq, mouse_irq;
} I8042;

static void update_irqs(I8042 *k)
{
    bool obf = k->status & STAT_OBF, mouse = k->status & STAT_MOUSE_OBF;
    irq_set(k->irqs[0], obf && !mouse && k->mode & MODE_KBD_INT);
    irq_set(k->irqs[1], obf && mouse && k->mode & MODE_MOUSE_INT);
    k->outport = (k->outport & ~(OUT_OBF | OUT_MOUSE_OBF)) | (obf ? (mouse ? OUT_MOUSE_OBF : OUT_OBF) : 0);
}

static void fill(I8042 *k, uint8_t byte, bool is_mouse)
{
    k->data = byte;
    k->status |= STAT_OBF | (is_mouse ? STAT_MOUSE_OBF : 0);
}

/* Set 2 to set 1: 0xf0 goes away and becomes the break bit of what follows. false: there is no byte to show yet. */
static bool translate(I8042 *k, uint8_t *byte)
{
    if (!(k->mode & MODE_TRANSLATE)) {
        return true;
    }
    if (*byte == 0xf0) {
        k->break_prefix = true;
        return false;
    }
    *byte = scancode_translate(*byte) | (k->break_prefix ? 0x80 : 0);
    k->break_prefix = false;
    return true;
}

/* Fills the output buffer when it is empty: replies of the controller first, then the keyboard, then the mouse. */
static void refill(I8042 *k)
{
    if (!(k->status & STAT_OBF)) {
        k->filling = true;
        k->status &= ~STAT_MOUSE_OBF;
        if (k->reply >= 0) {
            fill(k, k->reply, k->reply_is_mouse);
            k->reply = -1;
        } else if (!(k->mode & MODE_DISABLE_KBD) && ps2_has_data(k->kbd) && !k->throttled) {
            while (ps2_has_data(k->kbd)) {
                uint8_t byte = ps2_read(k->kbd);
                if (translate(k, &byte)) {
                    fill(k, byte, false);
                    break;
                }
            }
        } else if (!(k->mode & MODE_DISABLE_MOUSE) && ps2_has_data(k->mouse)) {
            fill(k, ps2_read(k->mouse), true);
        }
        k->filling = false;
    }
    update_irqs(k);
}

static void throttle_over(void *opaque)
{
    I8042 *k = opaque;
    k->throttled = false;
    refill(k);
}

static void device_has_data(void *opaque, int n, int level)
{
    I8042 *k = opaque;
    if (level && !k->filling && !(k->status & STAT_OBF)) {
        refill(k);
    }
}

static void reply(I8042 *k, uint8_t byte, bool is_mouse)
{
    k->reply = byte;
    k->reply_is_mouse = is_mouse;
    refill(k);
}

static void write_outport(I8042 *k, uint8_t value)
{
    k->outport = (value & ~(OUT_OBF | OUT_MOUSE_OBF)) | (k->outport & (OUT_OBF | OUT_MOUSE_OBF));
    irq_set(k->a20, value & OUT_A20 ? 1 : 0);
    if (!(value & OUT_RESET)) {
        system_reset_request(SHUTDOWN_GUEST_RESET);
    }
}

static void set_mode(I8042 *k, uint8_t mode)
{
    k->mode = mode;
    k->status = mode & MODE_SYS ? k->status | STAT_SELFTEST : k->status & ~STAT_SELFTEST;
    refill(k);
}

static void write_controller(I8042 *k, uint8_t value)
{
    /* Pulses of the output port's low bits: bit 0 low is the reset line. */
    if (value >= CMD_PULSE_FIRST) {
        if (!(value & 1)) {
            system_reset_request(SHUTDOWN_GUEST_RESET);
        }
        return;
    }
    switch (value) {
    case CMD_READ_MODE:
        reply(k, k->mode, false);
        break;
    case CMD_WRITE_MODE:
    case CMD_WRITE_KBD_OUT:
    case CMD_WRITE_AUX_OUT:
    case CMD_WRITE_MOUSE:
    case CMD_WRITE_OUTPORT:
        k->command = value;
        break;
    case CMD_MOUSE_DISABLE:
        k->mode |= MODE_DISABLE_MOUSE;
        break;
    case CMD_MOUSE_ENABLE:
        k->mode &= ~MODE_DISABLE_MOUSE;
        refill(k);
        break;
    case CMD_TEST_MOUSE:
    case CMD_TEST_KBD:
        reply(k, 0x00, false);
        break;
    case CMD_SELF_TEST:
        k->status |= STAT_SELFTEST;
        reply(k, 0x55, false);
        break;
    case CMD_KBD_DISABLE:
        k->mode |= MODE_DISABLE_KBD;
        break;
    case CMD_KBD_ENABLE:
        k->mode &= ~MODE_DISABLE_KBD;
        refill(k);
        break;
    case CMD_READ_INPORT:
        reply(k, 0x80, false);
        break;
    case CMD_READ_OUTPORT:
        reply(k, k->outport, false);
        break;
    case CMD_A20_ON:
    case CMD_A20_OFF:
        irq_set(k->a20, value == CMD_A20_ON);
        k->outport = value == CMD_A20_ON ? k->outport | OUT_A20 : k->outport & ~OUT_A20;
        break;
    default:
        log_mask(LOG_GUEST_ERROR, "i8042: command 0x%02x\n", value);
        break;
    }
}

static void write_data(I8042 *k, uint8_t value)
{
    uint8_t command = k->command;
    k->command = CMD_NONE;
    switch (command) {
    case CMD_WRITE_MODE:
        set_mode(k, value);
        break;
    case CMD_WRITE_KBD_OUT:
        reply(k, value, false);
        break;
    case CMD_WRITE_AUX_OUT:
        reply(k, value, true);
        break;
    case CMD_WRITE_OUTPORT:
        write_outport(k, value);
        break;
    case CMD_WRITE_MOUSE:
        k->mode &= ~MODE_DISABLE_MOUSE;
        ps2_write(k->mouse, value);
        refill(k);
        break;
    default:
        k->mode &= ~MODE_DISABLE_KBD;
        ps2_write(k->kbd, value);
        refill(k);
        break;
    }
}

static uint64_t read_data(I8042 *k)
{
    if (k->status & STAT_OBF) {
        bool was_kbd = !(k->status & STAT_MOUSE_OBF);
        k->status &= ~(STAT_OBF | STAT_MOUSE_OBF);
        update_irqs(k);
        if (was_kbd && k->kbd_throttle) {
            k->throttled = true;
            timer_set_ns(&k->throttle, clock_get_ns(CLOCK_TYPE_VIRTUAL) + THROTTLE_NS);
        }
        uint8_t byte = k->data;
        refill(k);
        return byte;
    }
    return k->data;
}

static uint64_t data_read(void *opaque, uint64_t addr, unsigned size) { return read_data(opaque); }

static void data_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    I8042 *k = opaque;
    k->status &= ~STAT_CMD;
    write_data(k, value);
}

static uint64_t command_read(void *opaque, uint64_t addr, unsigned size) { return ((I8042 *)opaque)->status; }

static void command_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    I8042 *k = opaque;
    k->status |= STAT_CMD;
    write_controller(k, value);
}

static const MemoryRegionOps data_ops = { .read = data_read, .write = data_write, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 1, 1 } };
static const MemoryRegionOps command_ops = { .read = command_read, .write = command_write, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 1, 1 } };

void i8042_mouse_fake_event(Device *device) { ps2_mouse_wake(((I8042 *)device)->mouse); }

/* ---- the device ---- */
static void i8042_reset(Device *device)
{
    I8042 *k = (I8042 *)device;
    k->mode = MODE_KBD_INT | MODE_MOUSE_INT;
    k->status = STAT_CMD | STAT_UNLOCKED;
    k->outport = OUT_RESET | OUT_A20 | OUT_ONES;
    k->command = CMD_NONE;
    k->reply = -1;
    k->break_prefix = k->throttled = false;
    timer_cancel(&k->throttle);
    update_irqs(k);
}

static bool make_child(I8042 *k, Ps2Device **child, const char *type, const char *name, const char *input, GError **err)
{
    Device *dev = device_new(type);
    *child = PS2_DEVICE(dev);
    if (!object_add_child(OBJECT(k), name, OBJECT(dev), err) || !device_realize(dev, NULL, err)) {
        return false;
    }
    device_add_irq_inputs((Device *)k, input, device_has_data, k, 1);
    device_connect_irq(dev, NULL, 0, device_irq_input((Device *)k, input, 0));
    return true;
}

static bool i8042_realize(Device *device, GError **err)
{
    I8042 *k = (I8042 *)device;
    if (k->kbd_irq >= 16 || k->mouse_irq >= 16) {
        return error_set(err, "Maximum value for \"%s\" is: 15", k->kbd_irq >= 16 ? "kbd-irq" : "mouse-irq");
    }
    timer_init(&k->throttle, CLOCK_TYPE_VIRTUAL, throttle_over, k);
    k->reply = -1;
    device_add_irq_outputs(device, I8042_A20_LINE, &k->a20, 1);
    device_add_irq_outputs(device, NULL, k->irqs, 2);
    if (!make_child(k, &k->kbd, "ps2-kbd", "ps2kbd", "ps2-kbd-input-irq", err) ||
        !make_child(k, &k->mouse, "ps2-mouse", "ps2mouse", "ps2-mouse-input-irq", err)) {
        return false;
    }
    k->irqs[0] = isa_get_irq(&k->parent, k->kbd_irq, NULL);
    k->irqs[1] = isa_get_irq(&k->parent, k->mouse_irq, NULL);
    memory_region_init_io(&k->data_io, OBJECT(k), &data_ops, k, "i8042-data", 1);
    isa_register_ports(&k->parent, &k->data_io, 0x60);
    memory_region_init_io(&k->command_io, OBJECT(k), &command_ops, k, "i8042-cmd", 1);
    isa_register_ports(&k->parent, &k->command_io, 0x64);
    return true;
}

static const Property i8042_properties[] = {
    PROP_BOOL("extended-state", I8042, extended_state, true),
    PROP_BOOL("kbd-throttle", I8042, kbd_throttle, false),
    PROP_UINT8("kbd-irq", I8042, kbd_irq, 1),
    PROP_UINT8("mouse-irq", I8042, mouse_irq, 12),
};
static const StateField i8042_state[] = {
    STATE_UINT8(I8042, command), STATE_UINT8(I8042, status), STATE_UINT8(I8042, mode), STATE_UINT8(I8042, outport), STATE_UINT8(I8042, data),
    STATE_BOOL(I8042, break_prefix), STATE_BOOL(I8042, throttled),
};
static const DeviceType i8042 = {
    .name = "i8042", .parent = "isa-device", .size = sizeof(I8042), .category = DEVICE_INPUT, .user_creatable = true,
    .properties = PROPERTIES(i8042_properties), .state = STATE(i8042_state, .version = 3), .realize = i8042_realize, .reset = i8042_reset,
};
REGISTER_DEVICE(i8042)
