/*
 * The PS/2 mouse, with the wheel of the IntelliMouse and the five buttons of its explorer (IBM PS/2 Hardware Interface Technical Reference, "Mouse";
 * Microsoft "IntelliMouse Explorer" protocol).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ps2.h"

#include "system/runstate.h"
#include "util/bits.h"

enum { CMD_SCALE_11 = 0xe6, CMD_SCALE_21 = 0xe7, CMD_SET_RESOLUTION = 0xe8, CMD_GET_STATUS = 0xe9, CMD_SET_STREAM = 0xea, CMD_POLL = 0xeb,
       CMD_RESET_WRAP = 0xec, CMD_SET_WRAP = 0xee, CMD_SET_REMOTE = 0xf0, CMD_GET_ID = 0xf2, CMD_SET_SAMPLE = 0xf3, CMD_ENABLE = 0xf4,
       CMD_DISABLE = 0xf5, CMD_SET_DEFAULT = 0xf6, CMD_RESEND = 0xfe, CMD_RESET = 0xff };
enum { STATUS_REMOTE = 0x40, STATUS_ENABLED = 0x20, STATUS_SCALE_21 = 0x10 };
enum { ID_PLAIN = 0, ID_WHEEL = 3, ID_FIVE_BUTTONS = 4 };

typedef struct Ps2Mouse {
    Ps2Device parent;
    uint8_t status, resolution, sample_rate, id, buttons;
    uint8_t detect_state;           /* progress of the sample rates that switch the protocol: 200 100 80, 200 200 80 */
    bool wrap, changed;
    int32_t dx, dy, dz, dw;
} Ps2Mouse;

static bool has_motion(const Ps2Mouse *m) { return m->dx || m->dy || m->dz || m->dw; }

/* One packet; what does not fit stays for the next. */
static void send_packet(Ps2Mouse *m)
{
    uint8_t packet[4];
    unsigned length = m->id ? 4 : 3;
    int dx = CLAMP(m->dx, -127, 127), dy = CLAMP(m->dy, -127, 127), dz = 0;

    if (!ps2_has_room(&m->parent, length)) {
        return;
    }
    packet[0] = 0x08 | (dx < 0) << 4 | (dy < 0) << 5 | (m->buttons & 7);
    packet[1] = dx;
    packet[2] = dy;
    if (m->id == ID_WHEEL) {
        dz = CLAMP(m->dz, -127, 127);
        packet[3] = dz;
    } else if (m->id == ID_FIVE_BUTTONS) {
        dz = CLAMP(m->dz, -7, 7);
        packet[3] = (dz & 0x0f) | (m->buttons & 0x18) << 1;
    } else {
        m->dz = m->dw = 0;
    }
    m->dx -= dx;
    m->dy -= dy;
    m->dz -= dz;
    ps2_queue(&m->parent, packet, length);
}

static void mouse_rel(void *opaque, InputAxis axis, int delta)
{
    Ps2Mouse *m = opaque;
    if (m->status & STATUS_ENABLED) {
        /* Bounded: an idle guest shall not find the motion of hours. */
        if (axis == INPUT_AXIS_X) {
            m->dx = CLAMP((int64_t)m->dx + delta, -32768, 32767);
        } else {
            m->dy = CLAMP((int64_t)m->dy - delta, -32768, 32767);
        }
        m->changed = true;
    }
}

static void mouse_button(void *opaque, InputButton button, bool down)
{
    static const uint8_t bits[INPUT_BUTTON_COUNT] = {
        [INPUT_BUTTON_LEFT] = 1, [INPUT_BUTTON_RIGHT] = 2, [INPUT_BUTTON_MIDDLE] = 4, [INPUT_BUTTON_SIDE] = 8, [INPUT_BUTTON_EXTRA] = 16,
    };
    Ps2Mouse *m = opaque;
    m->buttons = down ? m->buttons | bits[button] : m->buttons & ~bits[button];
    if (down && (button == INPUT_BUTTON_WHEEL_UP || button == INPUT_BUTTON_WHEEL_DOWN)) {
        m->dz = CLAMP(m->dz + (button == INPUT_BUTTON_WHEEL_UP ? -1 : 1), -127, 127);
    }
    m->changed = true;
}

static void mouse_sync(void *opaque)
{
    Ps2Mouse *m = opaque;
    if (!(m->status & STATUS_ENABLED) || !m->changed) {
        return;
    }
    m->changed = false;
    if (run_state_is(RUN_STATE_SUSPENDED) && m->buttons) {
        system_wakeup_request();
    }
    if (m->status & STATUS_REMOTE) {
        return;
    }
    do {
        unsigned before = m->parent.count;
        send_packet(m);
        if (m->parent.count == before) {
            break;                      /* no room: with the next motion */
        }
    } while (has_motion(m));
}

void ps2_mouse_wake(Ps2Device *dev)
{
    Ps2Mouse *m = (Ps2Mouse *)dev;
    m->dx++;
    m->changed = true;
    mouse_sync(m);
}

static void set_defaults(Ps2Mouse *m)
{
    m->sample_rate = 100;
    m->resolution = 2;
    m->status = 0;
    m->dx = m->dy = m->dz = m->dw = 0;
    ps2_clear(&m->parent);
}

static void detect(Ps2Mouse *m, uint8_t rate)
{
    if (rate == 200) {
        m->detect_state = m->detect_state == 1 ? 3 : 1;
    } else if (rate == 100 && m->detect_state == 1) {
        m->detect_state = 2;
    } else {
        if (rate == 80 && m->detect_state == 2) {
            m->id = ID_WHEEL;
        } else if (rate == 80 && m->detect_state == 3) {
            m->id = ID_FIVE_BUTTONS;
        }
        m->detect_state = 0;
    }
}

static void reply(Ps2Mouse *m, uint8_t byte) { ps2_queue_byte(&m->parent, byte); }

static void write_argument(Ps2Mouse *m, uint8_t value)
{
    int command = m->parent.argument_of;
    m->parent.argument_of = -1;
    if (command == CMD_SET_SAMPLE) {
        m->sample_rate = value;
        detect(m, value);
    } else {
        m->resolution = value;
    }
    reply(m, PS2_ACK);
}

static void write_command(Ps2Mouse *m, uint8_t value)
{
    switch (value) {
    case CMD_SCALE_11:
        m->status &= ~STATUS_SCALE_21;
        reply(m, PS2_ACK);
        break;
    case CMD_SCALE_21:
        m->status |= STATUS_SCALE_21;
        reply(m, PS2_ACK);
        break;
    case CMD_SET_STREAM:
        m->status &= ~STATUS_REMOTE;
        reply(m, PS2_ACK);
        break;
    case CMD_SET_REMOTE:
        m->status |= STATUS_REMOTE;
        reply(m, PS2_ACK);
        break;
    case CMD_SET_WRAP:
        m->wrap = true;
        reply(m, PS2_ACK);
        break;
    case CMD_GET_ID:
        reply(m, PS2_ACK);
        reply(m, m->id);
        break;
    case CMD_SET_RESOLUTION:
    case CMD_SET_SAMPLE:
        m->parent.argument_of = value;
        reply(m, PS2_ACK);
        break;
    case CMD_GET_STATUS:
        ps2_queue(&m->parent, (const uint8_t[]){ PS2_ACK, m->status, m->resolution, m->sample_rate }, 4);
        break;
    case CMD_POLL:
        reply(m, PS2_ACK);
        send_packet(m);
        break;
    case CMD_ENABLE:
        m->status |= STATUS_ENABLED;
        reply(m, PS2_ACK);
        break;
    case CMD_DISABLE:
        m->status &= ~STATUS_ENABLED;
        reply(m, PS2_ACK);
        break;
    case CMD_SET_DEFAULT:
        set_defaults(m);
        reply(m, PS2_ACK);
        break;
    case CMD_RESEND:
        reply(m, m->parent.last);
        break;
    case CMD_RESET:
        set_defaults(m);
        m->id = ID_PLAIN;
        m->detect_state = 0;
        ps2_queue(&m->parent, (const uint8_t[]){ PS2_ACK, PS2_SELF_TEST_OK, ID_PLAIN }, 3);
        break;
    default:
        break;
    }
}

static void mouse_write(Ps2Device *dev, uint8_t value)
{
    Ps2Mouse *m = (Ps2Mouse *)dev;
    if (dev->argument_of >= 0) {
        write_argument(m, value);
    } else if (m->wrap && value == CMD_RESET_WRAP) {
        m->wrap = false;
        reply(m, PS2_ACK);
    } else if (m->wrap && value != CMD_RESET) {
        reply(m, value);
    } else {
        m->wrap = false;
        write_command(m, value);
    }
}

static void mouse_reset(Device *device)
{
    Ps2Mouse *m = (Ps2Mouse *)device;
    set_defaults(m);
    m->id = ID_PLAIN;
    m->detect_state = m->buttons = 0;
    m->wrap = m->changed = false;
}

static const InputHandlerType mouse_input = {
    .name = "QEMU PS/2 Mouse", .mask = INPUT_MASK_BUTTON | INPUT_MASK_REL, .button = mouse_button, .rel = mouse_rel, .sync = mouse_sync,
};

static bool mouse_realize(Device *device, GError **err)
{
    PS2_DEVICE(device)->handler = input_handler_register(&mouse_input, device);
    return true;
}

static const StateField mouse_state[] = {
    STATE_UINT8(Ps2Mouse, status), STATE_UINT8(Ps2Mouse, resolution), STATE_UINT8(Ps2Mouse, sample_rate), STATE_BOOL(Ps2Mouse, wrap),
    STATE_UINT8(Ps2Mouse, id), STATE_UINT8(Ps2Mouse, detect_state), STATE_INT32(Ps2Mouse, dx), STATE_INT32(Ps2Mouse, dy), STATE_INT32(Ps2Mouse, dz),
    STATE_UINT8(Ps2Mouse, buttons),
};
static const Ps2Type mouse_family = { .write = mouse_write };
static const DeviceType ps2_mouse = {
    .name = "ps2-mouse", .parent = "ps2-device", .size = sizeof(Ps2Mouse), .family = &mouse_family, .state = STATE(mouse_state, .version = 2),
    .realize = mouse_realize, .reset = mouse_reset,
};
REGISTER_DEVICE(ps2_mouse)
