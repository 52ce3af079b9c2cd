/*
 * The PS/2 keyboard with its three scan code sets (IBM PS/2 Hardware Interface Technical Reference, "Keyboards (101- and 102-Key)"; Microsoft
 * "Keyboard Scan Code Specification" 1.3a).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ps2.h"

#include "scancode.h"
#include "system/runstate.h"
#include "util/bits.h"

#include <string.h>

enum { CMD_SET_LEDS = 0xed, CMD_ECHO = 0xee, CMD_SCANCODE_SET = 0xf0, CMD_GET_ID = 0xf2, CMD_SET_RATE = 0xf3, CMD_ENABLE = 0xf4, CMD_DISABLE = 0xf5,
       CMD_SET_DEFAULT = 0xf6, CMD_ALL_TYPEMATIC = 0xf7, CMD_KEY_MAKE = 0xfd, CMD_KEY_FIRST = 0xfb, CMD_RESEND = 0xfe, CMD_RESET = 0xff };
enum { MOD_CTRL_L = 1, MOD_SHIFT_L = 2, MOD_ALT_L = 4, MOD_CTRL_R = 8, MOD_SHIFT_R = 16, MOD_ALT_R = 32 };

typedef struct Ps2Keyboard {
    Ps2Device parent;
    uint8_t set, modifiers, leds;
    bool scanning;
} Ps2Keyboard;

static void send(Ps2Keyboard *kbd, const uint8_t *bytes, unsigned count)
{
    if (ps2_has_room(&kbd->parent, count)) {
        ps2_queue(&kbd->parent, bytes, count);
    }
}
#define SEND(kbd, ...) send(kbd, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* Print Screen and Pause are not like other keys: they pretend that Shift or Ctrl is down. */
static bool send_special(Ps2Keyboard *kbd, QKeyCode key, bool down)
{
    bool set1 = kbd->set == 1;
    uint8_t m = kbd->modifiers;
    if (key == Q_KEY_PAUSE) {
        if (!down) {
            return true;            /* it has no break code */
        }
        if (m & (MOD_CTRL_L | MOD_CTRL_R)) {
            set1 ? SEND(kbd, 0xe0, 0x46, 0xe0, 0xc6) : SEND(kbd, 0xe0, 0x7e, 0xe0, 0xf0, 0x7e);
        } else {
            set1 ? SEND(kbd, 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5) : SEND(kbd, 0xe1, 0x14, 0x77, 0xe1, 0xf0, 0x14, 0xf0, 0x77);
        }
        return true;
    }
    if (key != Q_KEY_PRINT) {
        return false;
    }
    if (m & (MOD_ALT_L | MOD_ALT_R)) {
        if (down) {
            set1 ? SEND(kbd, 0x54) : SEND(kbd, 0x84);
        } else {
            set1 ? SEND(kbd, 0xd4) : SEND(kbd, 0xf0, 0x84);
        }
    } else if (m & (MOD_CTRL_L | MOD_CTRL_R | MOD_SHIFT_L | MOD_SHIFT_R)) {
        if (down) {
            set1 ? SEND(kbd, 0xe0, 0x37) : SEND(kbd, 0xe0, 0x7c);
        } else {
            set1 ? SEND(kbd, 0xe0, 0xb7) : SEND(kbd, 0xe0, 0xf0, 0x7c);
        }
    } else if (down) {
        set1 ? SEND(kbd, 0xe0, 0x2a, 0xe0, 0x37) : SEND(kbd, 0xe0, 0x12, 0xe0, 0x7c);
    } else {
        set1 ? SEND(kbd, 0xe0, 0xb7, 0xe0, 0xaa) : SEND(kbd, 0xe0, 0xf0, 0x7c, 0xe0, 0xf0, 0x12);
    }
    return true;
}

static void send_key(Ps2Keyboard *kbd, QKeyCode key, bool down)
{
    uint16_t set1 = input_key_scancode(key);
    uint8_t bytes[4];
    unsigned n = 0;
    if (kbd->set != 3 && send_special(kbd, key, down)) {
        return;
    }
    if (kbd->set == 3) {
        uint8_t code = scancode_set3(key);
        if (code && !down) {
            bytes[n++] = 0xf0;
        }
        bytes[n++] = code;
        if (code) {
            send(kbd, bytes, n);
        }
        return;
    }
    if (!set1) {
        return;
    }
    if (set1 >> 8) {
        bytes[n++] = 0xe0;
    }
    if (kbd->set == 1) {
        bytes[n++] = (set1 & 0x7f) | (down ? 0 : 0x80);
    } else {
        if (!down) {
            bytes[n++] = 0xf0;
        }
        bytes[n++] = scancode_set2(set1 & 0x7f);
    }
    send(kbd, bytes, n);
}

static uint8_t modifier_of(QKeyCode key)
{
    switch (key) {
    case Q_KEY_CTRL:    return MOD_CTRL_L;
    case Q_KEY_CTRL_R:  return MOD_CTRL_R;
    case Q_KEY_SHIFT:   return MOD_SHIFT_L;
    case Q_KEY_SHIFT_R: return MOD_SHIFT_R;
    case Q_KEY_ALT:     return MOD_ALT_L;
    case Q_KEY_ALT_R:   return MOD_ALT_R;
    default:            return 0;
    }
}

static void keyboard_event(void *opaque, QKeyCode key, bool down)
{
    Ps2Keyboard *kbd = opaque;
    uint8_t modifier = modifier_of(key);
    kbd->modifiers = down ? kbd->modifiers | modifier : kbd->modifiers & ~modifier;
    if (run_state_is(RUN_STATE_SUSPENDED) && down) {
        system_wakeup_request();
    }
    if (kbd->scanning) {
        send_key(kbd, key, down);
    }
}

static void set_defaults(Ps2Keyboard *kbd)
{
    kbd->set = 2;
    kbd->leds = 0;
    kbd->scanning = true;
    ps2_clear(&kbd->parent);
}

static void write_argument(Ps2Keyboard *kbd, uint8_t value)
{
    Ps2Device *dev = &kbd->parent;
    int command = dev->argument_of;
    dev->argument_of = -1;
    switch (command) {
    case CMD_SET_LEDS:
        kbd->leds = value & 7;
        ps2_queue_byte(dev, PS2_ACK);
        break;
    case CMD_SCANCODE_SET:
        if (value == 0) {
            ps2_queue_byte(dev, PS2_ACK);
            ps2_queue_byte(dev, kbd->set);
        } else if (value <= 3) {
            kbd->set = value;
            ps2_queue_byte(dev, PS2_ACK);
        } else {
            ps2_queue_byte(dev, PS2_RESEND);
        }
        break;
    default:
        ps2_queue_byte(dev, PS2_ACK);       /* typematic rate: there is no repeat here; the front end repeats */
        break;
    }
}

static void keyboard_write(Ps2Device *dev, uint8_t value)
{
    Ps2Keyboard *kbd = (Ps2Keyboard *)dev;
    if (dev->argument_of >= 0 && value < CMD_SET_LEDS) {
        write_argument(kbd, value);
        return;
    }
    dev->argument_of = -1;
    switch (value) {
    case CMD_SET_LEDS:
    case CMD_SCANCODE_SET:
    case CMD_SET_RATE:
    case CMD_KEY_FIRST ... CMD_KEY_MAKE:
        dev->argument_of = value;
        ps2_queue_byte(dev, PS2_ACK);
        break;
    case CMD_ECHO:
        ps2_queue_byte(dev, CMD_ECHO);
        break;
    case CMD_GET_ID:
        ps2_queue(dev, (const uint8_t[]){ PS2_ACK, 0xab, 0x83 }, 3);
        break;
    case CMD_ENABLE:
        kbd->scanning = true;
        ps2_queue_byte(dev, PS2_ACK);
        break;
    case CMD_DISABLE:
        set_defaults(kbd);
        kbd->scanning = false;
        ps2_queue_byte(dev, PS2_ACK);
        break;
    case CMD_SET_DEFAULT:
        set_defaults(kbd);
        ps2_queue_byte(dev, PS2_ACK);
        break;
    case CMD_ALL_TYPEMATIC ... CMD_KEY_FIRST - 1:
        ps2_queue_byte(dev, PS2_ACK);
        break;
    case CMD_RESEND:
        ps2_queue_byte(dev, dev->last);
        break;
    case CMD_RESET:
        set_defaults(kbd);
        ps2_queue(dev, (const uint8_t[]){ PS2_ACK, PS2_SELF_TEST_OK }, 2);
        break;
    case 0x00:
        ps2_queue_byte(dev, PS2_ACK);
        break;
    default:
        ps2_queue_byte(dev, PS2_RESEND);
        break;
    }
}

static void keyboard_reset(Device *device)
{
    Ps2Keyboard *kbd = (Ps2Keyboard *)device;
    kbd->modifiers = 0;
    set_defaults(kbd);
}

static const InputHandlerType keyboard_input = { .name = "QEMU PS/2 Keyboard", .mask = INPUT_MASK_KEY, .key = keyboard_event };

static bool keyboard_realize(Device *device, GError **err)
{
    PS2_DEVICE(device)->handler = input_handler_register(&keyboard_input, device);
    return true;
}

static const StateField keyboard_state[] = {
    STATE_UINT8(Ps2Keyboard, set), STATE_UINT8(Ps2Keyboard, modifiers), STATE_UINT8(Ps2Keyboard, leds), STATE_BOOL(Ps2Keyboard, scanning),
};
static const Ps2Type keyboard_family = { .write = keyboard_write };
static const DeviceType ps2_kbd = {
    .name = "ps2-kbd", .parent = "ps2-device", .size = sizeof(Ps2Keyboard), .family = &keyboard_family, .state = STATE(keyboard_state, .version = 3),
    .realize = keyboard_realize, .reset = keyboard_reset,
};
REGISTER_DEVICE(ps2_kbd)
